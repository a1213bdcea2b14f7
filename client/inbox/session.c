#include "session.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* ---- sessions -------------------------------------------------------------------------------------------- */

struct sessions {
    struct session slots[SESSIONS_MAX];
    int64_t idle_ms, life_ms;
};

struct sessions *sessions_new(int64_t idle_ms, int64_t life_ms) {
    struct sessions *sessions = calloc(1, sizeof *sessions);
    if (sessions != NULL) {
        sessions->idle_ms = idle_ms;
        sessions->life_ms = life_ms;
    }
    return sessions;
}

void sessions_free(struct sessions **sessions) {
    if (*sessions != NULL) {
        sodium_memzero(*sessions, sizeof **sessions);
        free(*sessions);
        *sessions = NULL;
    }
}

static void make_token(char out[TOKEN_SIZE]) {
    unsigned char bytes[32];
    randombytes_buf(bytes, sizeof bytes);
    (void)sodium_bin2base64(out, TOKEN_SIZE, bytes, sizeof bytes, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(bytes, sizeof bytes);
}

static void hash_token(const char *token, unsigned char out[32]) {
    (void)crypto_generichash(out, 32, (const unsigned char *)token, strlen(token), NULL, 0);
}

static bool alive(const struct sessions *sessions, const struct session *session, int64_t now) {
    return session->there && now - session->used_ms < sessions->idle_ms &&
           now - session->began_ms < sessions->life_ms;
}

const struct session *session_begin(struct sessions *sessions, const struct store_keyworker *person,
                                    int64_t now, char token[TOKEN_SIZE]) {
    struct session *slot = &sessions->slots[0];
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        struct session *one = &sessions->slots[i];
        if (!alive(sessions, one, now)) {
            slot = one;
            break;
        }
        slot = one->used_ms < slot->used_ms ? one : slot;
    }
    session_end(slot);
    make_token(token);
    make_token(slot->csrf);
    hash_token(token, slot->token_hash);
    hash_token(person->hash, slot->password);
    memcpy(slot->name, person->name, sizeof slot->name);
    slot->began_ms = slot->used_ms = now;
    slot->there = true;
    return slot;
}

bool session_holds(const struct session *session, const struct store_keyworker *person) {
    unsigned char password[32];
    hash_token(person->hash, password);
    return person->hash[0] != '\0' && sodium_memcmp(password, session->password, sizeof password) == 0;
}

struct session *session_find(struct sessions *sessions, const char *token, int64_t now, bool by_itself) {
    unsigned char hash[32];
    struct session *found = NULL;
    hash_token(token, hash);
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        struct session *one = &sessions->slots[i];
        if (alive(sessions, one, now) && sodium_memcmp(one->token_hash, hash, sizeof hash) == 0) {
            found = one;
        }
    }
    if (found != NULL && !by_itself) {
        found->used_ms = now;
    }
    return found;
}

void session_end(struct session *session) {
    sodium_memzero(session, sizeof *session);
}

/* ---- the brake --------------------------------------------------------------------------------------------- */

#define SLOTS 512
#define FORGET_MS (INT64_C(10) * 60 * 1000)
#define DOUBLINGS_MAX 20

struct slot {
    unsigned char what[16];
    int32_t failures;
    int64_t last_ms, until_ms;
};

struct throttle {
    struct slot slots[SLOTS];
    int32_t free;
    int64_t most_ms;
};

struct throttle *throttle_new(int32_t free_tries, int64_t most_ms) {
    struct throttle *throttle = calloc(1, sizeof *throttle);
    if (throttle != NULL) {
        throttle->free = free_tries;
        throttle->most_ms = most_ms;
    }
    return throttle;
}

void throttle_free(struct throttle **throttle) {
    free(*throttle);
    *throttle = NULL;
}

/* The slot of this, or NULL. */
static struct slot *find(struct throttle *throttle, const unsigned char what[16]) {
    for (size_t i = 0; i < SLOTS; i++) {
        if (memcmp(throttle->slots[i].what, what, 16) == 0) {
            return &throttle->slots[i];
        }
    }
    return NULL;
}

static void name_of(const char *what, unsigned char out[16]) {
    (void)crypto_generichash(out, 16, (const unsigned char *)what, strlen(what), NULL, 0);
}

int64_t throttle_wait(struct throttle *throttle, const char *what, int64_t now) {
    unsigned char name[16];
    name_of(what, name);
    const struct slot *slot = find(throttle, name);
    return slot == NULL || slot->until_ms <= now ? 0 : slot->until_ms - now;
}

void throttle_failed(struct throttle *throttle, const char *what, int64_t now) {
    unsigned char name[16];
    name_of(what, name);
    struct slot *slot = find(throttle, name);
    if (slot == NULL) {
        slot = &throttle->slots[0];
        for (size_t i = 0; i < SLOTS; i++) {
            slot = throttle->slots[i].last_ms < slot->last_ms ? &throttle->slots[i] : slot;
        }
        memset(slot, 0, sizeof *slot);
        memcpy(slot->what, name, sizeof name);
    }
    slot->failures = now - slot->last_ms > FORGET_MS ? 1 : slot->failures + 1;
    slot->last_ms = now;
    int32_t over = slot->failures - throttle->free;
    if (over > 0) {
        int64_t wait = INT64_C(500) << (over < DOUBLINGS_MAX ? over : DOUBLINGS_MAX);
        slot->until_ms = now + (wait < throttle->most_ms ? wait : throttle->most_ms);
    }
}

void throttle_right(struct throttle *throttle, const char *what) {
    unsigned char name[16];
    name_of(what, name);
    struct slot *slot = find(throttle, name);
    if (slot != NULL) {
        memset(slot, 0, sizeof *slot);
    }
}
