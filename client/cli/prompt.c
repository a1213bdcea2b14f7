/* Asking a person, and reading what a program gives instead. See cli.h. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <termios.h>
#include <unistd.h>

#include "cli.h"
#include "files.h"

#define JSON_MAX ((size_t)1 << 20)

bool cli_can_ask(void) {
    return isatty(STDIN_FILENO) != 0;
}

/* The PIN lines that stood in front of JSON on standard input, until they are asked for. */
static char held[4 * CLI_PIN_SIZE];
static size_t held_at;

static int read_held(char *out, size_t size) {
    char *from = held + held_at;
    size_t whole = strcspn(from, "\n"), len = strcspn(from, "\r\n");
    (void)snprintf(out, size, "%.*s", (int)len, from);
    explicit_bzero(from, whole);
    held_at += whole + 1;
    return len < size ? 1 : -1;
}

/* One line without its end; bytes beyond `size` are an error. 1: a line, 0: the end, -1: too long. */
static int read_line(char *out, size_t size) {
    size_t len = 0;
    char byte = 0;
    if (held_at < sizeof held && held[held_at] != '\0')
        return read_held(out, size);
    for (;;) {
        ssize_t got = read(STDIN_FILENO, &byte, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            out[len] = '\0';
            return len > 0 ? 1 : 0;
        }
        if (byte == '\n')
            break;
        if (len + 1 == size)
            return -1;
        out[len++] = byte;
    }
    if (len > 0 && out[len - 1] == '\r')
        len--;
    out[len] = '\0';
    return strlen(out) == len ? 1 : -1;
}

static bool nobody_to_ask(struct cli *cli, const char *question) {
    (void)cli_fail(cli, CLI_USAGE, "%s: there is no terminal to ask at.", question);
    cli_hint("Run it in a terminal, or give everything with --from FILE (\"-\": standard input).");
    return false;
}

static bool read_answer(struct cli *cli, char **answer) {
    char line[CLI_LINE_SIZE];
    switch (read_line(line, sizeof line)) {
    case 1: break;
    case 0:
        (void)fputc('\n', stderr);
        (void)cli_fail(cli, CLI_FAILED, "input ended; nothing was sent.");
        return false;
    default: (void)cli_fail(cli, CLI_FAILED, "the line is too long; nothing was sent."); return false;
    }
    *answer = strdup(line);
    explicit_bzero(line, sizeof line);
    return *answer != NULL || (cli_fail(cli, CLI_FAILED, "there is not enough memory"), false);
}

bool cli_ask(struct cli *cli, const char *question, char **answer) {
    *answer = NULL;
    if (!cli_can_ask())
        return nobody_to_ask(cli, question);
    (void)fflush(stdout);
    (void)fprintf(stderr, "%s: ", question);
    (void)fflush(stderr);
    return read_answer(cli, answer);
}

bool cli_ask_default(struct cli *cli, const char *question, const char *otherwise, char **answer) {
    char whole[CLI_LINE_SIZE];
    (void)snprintf(whole, sizeof whole, "%s [%s]", question, otherwise);
    if (!cli_ask(cli, whole, answer))
        return false;
    if ((*answer)[0] != '\0')
        return true;
    free(*answer);
    *answer = strdup(otherwise);
    return *answer != NULL;
}

static const char *choose(const char *const *words, const char *said) {
    const char *found = NULL;
    size_t hits = 0;
    for (size_t i = 0; words[i] != NULL; i++) {
        if (strcasecmp(words[i], said) == 0)
            return words[i];
        if (said[0] != '\0' && strncasecmp(words[i], said, strlen(said)) == 0) {
            found = words[i];
            hits++;
        }
    }
    return hits == 1 ? found : NULL;
}

bool cli_ask_choice(struct cli *cli, const char *question, const char *const *words, const char *otherwise,
                    char **answer) {
    char whole[CLI_LINE_SIZE];
    size_t len = (size_t)snprintf(whole, sizeof whole, "%s (", question);
    for (size_t i = 0; words[i] != NULL && len < sizeof whole; i++)
        len += (size_t)snprintf(whole + len, sizeof whole - len, "%s%s", i == 0 ? "" : ", ", words[i]);
    if (len < sizeof whole)
        (void)snprintf(whole + len, sizeof whole - len, ")%s%s%s", otherwise == NULL ? "" : " [",
                       otherwise == NULL ? "" : otherwise, otherwise == NULL ? "" : "]");
    for (;;) {
        if (!cli_ask(cli, whole, answer))
            return false;
        const char *chosen = (*answer)[0] == '\0' && otherwise != NULL ? otherwise : choose(words, *answer);
        free(*answer);
        *answer = chosen == NULL ? NULL : strdup(chosen);
        if (*answer != NULL)
            return true;
        (void)fputs("  One of these, please.\n", stderr);
    }
}

bool cli_ask_yes(struct cli *cli, const char *question, bool *yes) {
    static const char *const words[] = {"yes", "no", NULL};
    char *answer = NULL;
    if (!cli_ask_choice(cli, question, words, "no", &answer))
        return false;
    *yes = strcmp(answer, "yes") == 0;
    free(answer);
    return true;
}

/* ---- PINs */

/* The terminal as it was before a PIN is typed, for whatever ends the program meanwhile. */
static struct termios before;
static volatile sig_atomic_t hidden;

static void give_back(int number) {
    if (hidden != 0)
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &before);
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

static void hide(void) {
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    struct termios quiet;
    if (tcgetattr(STDIN_FILENO, &before) != 0)
        return;
    quiet = before;
    quiet.c_lflag &= ~(tcflag_t)(ECHO);
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        (void)signal(signals[i], give_back);
    hidden = 1;
    (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
}

static void show(void) {
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    if (hidden != 0)
        (void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
    hidden = 0;
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        (void)signal(signals[i], SIG_DFL);
    (void)fputc('\n', stderr);
}

/* 1: a line, 0: the end, -1: too long; -2: nobody to ask. */
static int read_hidden(struct cli *cli, const char *question, char *out, size_t size) {
    if (cli->pin_stdin)
        return read_line(out, size);
    if (!cli_can_ask())
        return -2;
    (void)fflush(stdout);
    (void)fprintf(stderr, "%s: ", question);
    (void)fflush(stderr);
    hide();
    int got = read_line(out, size);
    show();
    return got;
}

bool cli_secret(struct cli *cli, const char *question, char *out, size_t size) {
    int got = read_hidden(cli, question, out, size);
    if (got == 1 && out[0] != '\0')
        return true;
    explicit_bzero(out, size);
    if (got == -2) {
        (void)cli_fail(cli, CLI_USAGE, "%s: it is needed, and there is no terminal to ask at.", question);
        cli_hint("With --pin-stdin it is read from the first line of standard input.");
    } else {
        (void)cli_fail(cli, CLI_FAILED, "%s: nothing usable was given; nothing was sent.", question);
    }
    return false;
}

bool cli_pin(struct cli *cli, const char *staff, char out[CLI_PIN_SIZE]) {
    char question[CLI_PIN_SIZE + 64];
    (void)snprintf(question, sizeof question, "PIN of %.64s", staff);
    return cli_secret(cli, question, out, CLI_PIN_SIZE);
}

bool cli_new_pin(struct cli *cli, const char *staff, char out[CLI_PIN_SIZE]) {
    char question[CLI_PIN_SIZE + 64], again[CLI_PIN_SIZE];
    (void)snprintf(question, sizeof question, "New PIN of %.64s", staff);
    for (;;) {
        if (!cli_secret(cli, question, out, CLI_PIN_SIZE))
            return false;
        if (cli->pin_stdin)
            return true;
        if (!cli_secret(cli, "The same again", again, sizeof again)) {
            explicit_bzero(out, CLI_PIN_SIZE);
            return false;
        }
        bool same = strcmp(out, again) == 0;
        explicit_bzero(again, sizeof again);
        if (same)
            return true;
        (void)fputs("  These two are not the same. Once more, please.\n", stderr);
    }
}

static bool add_pin_of(struct cli *cli, cJSON *object, const char *staff) {
    char pin[CLI_PIN_SIZE];
    if (!cli_pin(cli, staff, pin))
        return false;
    cJSON_AddStringToObject(object, "pin", pin);
    explicit_bzero(pin, sizeof pin);
    return true;
}

bool cli_add_pin(struct cli *cli, cJSON *body, bool always) {
    const char *by = cli_option(cli, "by");
    if (cli_member(body, "pin") != NULL || (by == NULL && !always))
        return true;
    if (by != NULL && cli_member(body, "confirmed_by") == NULL)
        cJSON_AddStringToObject(body, "confirmed_by", by);
    const char *who = cli_text(body, "confirmed_by");
    return add_pin_of(cli, body, who[0] != '\0' ? who : cli->staff);
}

bool cli_add_second(struct cli *cli, cJSON *body) {
    const char *second = cli_option(cli, "second");
    if (second == NULL || cli_member(body, "second") != NULL)
        return true;
    cJSON *person = cJSON_AddObjectToObject(body, "second");
    cJSON_AddStringToObject(person, "staff", second);
    return add_pin_of(cli, person, second);
}

/* ---- what a program gives */

bool cli_read_line(struct cli *cli, char **line) {
    *line = NULL;
    return read_answer(cli, line);
}

/* All the rest of standard input. */
static char *read_rest(size_t *len) {
    char *bytes = malloc(JSON_MAX + 2);
    *len = 0;
    while (bytes != NULL && *len <= JSON_MAX) {
        ssize_t got = read(STDIN_FILENO, bytes + *len, JSON_MAX + 1 - *len);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        *len += (size_t)got;
    }
    if (bytes != NULL)
        bytes[*len] = '\0';
    return bytes;
}

/* Keeps the lines in front of the first one that begins JSON; where that is. */
static char *hold_pins(char *text) {
    char *json = text;
    while (*json != '\0' && json[strspn(json, " \t\r")] != '{' && json[strspn(json, " \t\r")] != '[') {
        json += strcspn(json, "\n");
        json += *json == '\n';
    }
    size_t len = (size_t)(json - text);
    if (*json == '\0' || len >= sizeof held)
        return text;
    memcpy(held, text, len);
    held_at = 0;
    explicit_bzero(text, len);
    return json;
}

static void say_place(const char *text, const char *where, size_t *line, size_t *column) {
    *line = 1;
    *column = 1;
    for (; text < where && *text != '\0'; text++) {
        *line += *text == '\n';
        *column = *text == '\n' ? 1 : *column + 1;
    }
}

cJSON *cli_read_json(struct cli *cli, const char *path) {
    bool standard = strcmp(path, "-") == 0;
    const char *name = standard ? "standard input" : path;
    const char *end = NULL;
    size_t len = 0, line = 0, column = 0;
    errno = 0;
    char *text = standard ? read_rest(&len) : files_read(path, JSON_MAX, &len);
    if (text == NULL || len > JSON_MAX) {
        (void)cli_fail(cli, CLI_FAILED, "%s: %s", name,
                       errno != 0 ? strerror(errno) : "longer than a megabyte, which no entry is");
        free(text);
        return NULL;
    }
    char *json = standard && cli->pin_stdin ? hold_pins(text) : text;
    cJSON *tree = cJSON_ParseWithOpts(json, &end, true);
    if (!cJSON_IsObject(tree)) {
        say_place(json, end == NULL ? json : end, &line, &column);
        (void)cli_fail(cli, CLI_FAILED, "%s:%zu:%zu: this is not %s.", name, line, column,
                       tree == NULL ? "JSON" : "a JSON object");
        cli_hint("It must be one object with the members of the interface (instalment(1) has examples).");
        cJSON_Delete(tree);
        tree = NULL;
    }
    explicit_bzero(text, len);
    free(text);
    return tree;
}

cJSON *cli_from(struct cli *cli, bool *good) {
    const char *path = cli_option(cli, "from");
    *good = true;
    if (path == NULL)
        return NULL;
    cJSON *tree = cli_read_json(cli, path);
    *good = tree != NULL;
    return tree;
}
