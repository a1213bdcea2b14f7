#include "demo.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hasher.h"

#define SECRET_BYTES 32

static const char *const names[DEMO_PEOPLE] = {"Sam Taylor", "Priya Nair"};

/* A new file with a new secret; one that is there stays. */
static bool make_secret(const char *path) {
    unsigned char bytes[SECRET_BYTES];
    char text[DEMO_SECRET_SIZE];
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return errno == EEXIST;
    }
    randombytes_buf(bytes, sizeof bytes);
    (void)sodium_bin2base64(text, sizeof text, bytes, sizeof bytes, sodium_base64_VARIANT_ORIGINAL);
    bool good = dprintf(fd, "whsec_%s\n", text) > 0;
    return close(fd) == 0 && good;
}

static bool read_secret(const char *path, char secret[DEMO_SECRET_SIZE]) {
    FILE *file = fopen(path, "re");
    bool good = file != NULL && fgets(secret, DEMO_SECRET_SIZE, file) != NULL;
    if (file != NULL) {
        (void)fclose(file);
    }
    if (good) {
        secret[strcspn(secret, "\r\n")] = '\0';
    }
    return good;
}

bool demo_secret(struct config *config, char secret[DEMO_SECRET_SIZE], char error[CONFIG_ERROR_SIZE]) {
    secret[0] = '\0';
    if (config->pharmacy_count > 0) {
        return true;
    }
    char *path = config_below(config, DEMO_SECRET);
    bool good = path != NULL && make_secret(path) && read_secret(path, secret) &&
                config_add_pharmacy(config, "demo", path);
    (void)snprintf(error, CONFIG_ERROR_SIZE, "%s: cannot be made or read", path == NULL ? DEMO_SECRET : path);
    free(path);
    return good;
}

/* Four groups of letters and digits that are not mistaken for each other. */
static void make_password(char out[DEMO_PASSWORD_SIZE]) {
    static const char letters[] = "abcdefghjkmnpqrstuvwxyz23456789";
    size_t at = 0;
    for (size_t i = 0; i < 16; i++) {
        if (i > 0 && i % 4 == 0) {
            out[at++] = '-';
        }
        out[at++] = letters[randombytes_uniform(sizeof letters - 1)];
    }
    out[at] = '\0';
}

bool demo_people(struct store *store, struct demo_person people[DEMO_PEOPLE]) {
    char hash[crypto_pwhash_STRBYTES];
    for (size_t i = 0; i < DEMO_PEOPLE; i++) {
        people[i].name = names[i];
        make_password(people[i].password);
        if (!hasher_make(people[i].password, hash) ||
            store_set_keyworker(store, names[i], hash) != STORE_DONE) {
            return false;
        }
    }
    return store_commit(store);
}
