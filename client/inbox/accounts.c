#include "accounts.h"

#include <sodium.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "hasher.h"

#define LINE_SIZE 512

static bool fail(const char *sentence) {
    fprintf(stderr, "instalment-inbox: %s\n", sentence);
    return false;
}

/* The first line of standard input; on a terminal it is asked for and not shown. */
static bool read_password(char line[LINE_SIZE]) {
    struct termios shown;
    bool terminal = tcgetattr(STDIN_FILENO, &shown) == 0;
    if (terminal) {
        struct termios hidden = shown;
        hidden.c_lflag &= ~(tcflag_t)ECHO;
        fputs("Password: ", stderr);
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    }
    bool good = fgets(line, LINE_SIZE, stdin) != NULL;
    if (terminal) {
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
        fputc('\n', stderr);
    }
    if (good) {
        line[strcspn(line, "\r\n")] = '\0';
    }
    return good;
}

static bool is_name(const char *name) {
    size_t len = strlen(name);
    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)name[i] < ' ' || name[i] == 0x7F) {
            return false;
        }
    }
    return len > 0 && len < STORE_NAME_SIZE && name[0] != ' ' && name[len - 1] != ' ';
}

static bool add(struct store *store, const char *name) {
    char line[LINE_SIZE];
    char hash[crypto_pwhash_STRBYTES];
    if (!is_name(name)) {
        return fail(
            "A name has 1 to 80 bytes and no blank at its ends. Pharmacies see it: use the full name.");
    }
    if (!read_password(line)) {
        return fail("There is no password on standard input.");
    }
    size_t len = strlen(line);
    bool fits = len >= PASSWORD_MIN && len <= PASSWORD_MAX;
    bool made = fits && hasher_make(line, hash);
    sodium_memzero(line, sizeof line);
    if (!fits) {
        return fail("A password has 12 to 128 bytes. Three or four words are easy to remember.");
    }
    return (made && store_set_keyworker(store, name, hash) == STORE_DONE && store_commit(store)) ||
           fail("The account could not be stored.");
}

static bool remove_one(struct store *store, const char *name) {
    struct store_keyworker person;
    if (store_keyworker(store, name, &person) != STORE_DONE || person.hash[0] == '\0') {
        return fail("Nobody of that name may sign in.");
    }
    return (store_set_keyworker(store, person.name, NULL) == STORE_DONE && store_commit(store)) ||
           fail("The account could not be stored.");
}

static void print_name(void *context, const char *name) {
    (void)context;
    printf("%s\n", name);
}

bool accounts_run(struct store *store, const struct options *options) {
    const char *why = NULL;
    switch (options->mode) {
    case RUN_ADD_KEYWORKER: return add(store, options->keyworker);
    case RUN_REMOVE_KEYWORKER: return remove_one(store, options->keyworker);
    case RUN_KEYWORKERS: return store_keyworkers(store, print_name, NULL) == STORE_DONE;
    case RUN_BACKUP: why = store_backup(store, options->backup); return why == NULL || fail(why);
    case RUN_SERVE:
    case RUN_CHECK_CONFIG:
    case RUN_SAMPLE_CONFIG:
    case RUN_HELP:
    case RUN_VERSION: break;
    }
    return false;
}
