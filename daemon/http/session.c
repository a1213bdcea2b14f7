#include "session.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "desk/terminal.h"
#include "sys/clock.h"

/* What nobody may read from a swapped page or a core file. */
struct locked {
    unsigned char key[crypto_generichash_KEYBYTES];
    unsigned char pins[SESSIONS_MAX][32];
};

struct sessions {
    struct session slots[SESSIONS_MAX];
    struct locked *locked;
    int64_t idle_ms, life_ms;
    uint64_t last_handle;
};

struct sessions *sessions_new(int64_t idle_ms, int64_t life_ms) {
    struct sessions *sessions = calloc(1, sizeof *sessions);
    if (sessions == NULL) {
        return NULL;
    }
    sessions->locked = sodium_malloc(sizeof *sessions->locked);
    if (sessions->locked == NULL) {
        free(sessions);
        return NULL;
    }
    crypto_generichash_keygen(sessions->locked->key);
    sessions->idle_ms = idle_ms;
    sessions->life_ms = life_ms;
    return sessions;
}

void sessions_free(struct sessions **sessions) {
    if (*sessions == NULL) {
        return;
    }
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        session_end(*sessions, &(*sessions)->slots[i]);
    }
    sodium_free((*sessions)->locked);
    free(*sessions);
    *sessions = NULL;
}

/* Keyed, and bound to the slot's person: the same PIN of two people is not seen to be the same. */
static void session_pin_hash(const struct sessions *sessions, const char *staff, const char *pin,
                             unsigned char out[32]) {
    crypto_generichash_state state;
    crypto_generichash_init(&state, sessions->locked->key, sizeof sessions->locked->key, 32);
    crypto_generichash_update(&state, (const unsigned char *)staff, strlen(staff) + 1);
    crypto_generichash_update(&state, (const unsigned char *)pin, strlen(pin));
    crypto_generichash_final(&state, out, 32);
    sodium_memzero(&state, sizeof state);
}

static void stamp_text(crypto_generichash_state *state, const char *text) {
    static const unsigned char none = 1;
    if (text == NULL) {
        crypto_generichash_update(state, &none, 1);
    } else {
        crypto_generichash_update(state, (const unsigned char *)text, strlen(text) + 1);
    }
}

void session_stamp_of(const struct staff_row *row, struct session_stamp *out) {
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, sizeof out->bytes);
    stamp_text(&state, row->role);
    stamp_text(&state, row->registration);
    stamp_text(&state, row->pin_hash);
    const unsigned char active = row->active ? 1 : 0;
    crypto_generichash_update(&state, &active, 1);
    crypto_generichash_final(&state, out->bytes, sizeof out->bytes);
}

/* An empty slot, or the one that has not been used for longest. */
static struct session *session_slot(struct sessions *sessions) {
    struct session *oldest = &sessions->slots[0];
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        struct session *slot = &sessions->slots[i];
        if (session_of(sessions, slot->handle) == NULL) {
            session_end(sessions, slot);
            return slot;
        }
        if (slot->used_ms < oldest->used_ms) {
            oldest = slot;
        }
    }
    session_end(sessions, oldest);
    return oldest;
}

static char *session_copy(const char *text) {
    return text == NULL ? NULL : strdup(text);
}

struct session *session_begin(struct sessions *sessions, const struct staff_row *row, const char *pin,
                              const char *terminal, char token[SESSION_TOKEN_SIZE]) {
    struct session *session = session_slot(sessions);
    enum role role;
    if (!role_from_text(row->role, &role)) {
        return NULL;
    }
    session->who = (struct identity){.staff = session_copy(row->id),
                                     .name = session_copy(row->name),
                                     .role = role,
                                     .registration = session_copy(row->registration)};
    session->handle = ++sessions->last_handle;
    if (session->who.staff == NULL || session->who.name == NULL ||
        (row->registration != NULL && session->who.registration == NULL) ||
        (terminal != NULL && strlen(terminal) >= sizeof session->terminal)) {
        session_end(sessions, session);
        return NULL;
    }
    session_stamp_of(row, &session->stamp);
    if (terminal != NULL) {
        memcpy(session->terminal, terminal, strlen(terminal) + 1);
    }
    terminal_token(token);
    terminal_token(session->csrf);
    terminal_hash(token, session->token_hash);
    session_pin_hash(sessions, row->id, pin, sessions->locked->pins[session - sessions->slots]);
    session->began_ms = session->used_ms = clock_elapsed_ms();
    return session;
}

static bool session_alive(const struct sessions *sessions, const struct session *session, int64_t now) {
    return session->handle != 0 && now - session->used_ms < sessions->idle_ms &&
           now - session->began_ms < sessions->life_ms;
}

struct session *session_find(struct sessions *sessions, const char *token) {
    unsigned char hash[32];
    terminal_hash(token, hash);
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        struct session *session = &sessions->slots[i];
        if (session->handle != 0 && sodium_memcmp(session->token_hash, hash, sizeof hash) == 0) {
            return session_of(sessions, session->handle);
        }
    }
    return NULL;
}

struct session *session_of(struct sessions *sessions, uint64_t handle) {
    int64_t now = clock_elapsed_ms();
    for (size_t i = 0; handle != 0 && i < SESSIONS_MAX; i++) {
        struct session *session = &sessions->slots[i];
        if (session->handle == handle) {
            if (session_alive(sessions, session, now)) {
                return session;
            }
            session_end(sessions, session);
        }
    }
    return NULL;
}

void session_touch(struct session *session) {
    session->used_ms = clock_elapsed_ms();
}

bool session_pin_right(struct sessions *sessions, const struct session *session, const char *pin) {
    unsigned char hash[32];
    session_pin_hash(sessions, session->who.staff, pin, hash);
    bool right = sodium_memcmp(hash, sessions->locked->pins[session - sessions->slots], sizeof hash) == 0;
    sodium_memzero(hash, sizeof hash);
    return right;
}

/* The identity's texts are the session's own copies. */
static void session_release(const char **text) {
    char *own = NULL;
    memcpy(&own, text, sizeof own);
    free(own);
    *text = NULL;
}

void session_end(struct sessions *sessions, struct session *session) {
    session_release(&session->who.staff);
    session_release(&session->who.name);
    session_release(&session->who.registration);
    sodium_memzero(sessions->locked->pins[session - sessions->slots], sizeof sessions->locked->pins[0]);
    sodium_memzero(session, sizeof *session);
}

void sessions_end_terminal(struct sessions *sessions, const char *terminal,
                           void (*ended)(void *context, uint64_t handle), void *context) {
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        struct session *session = &sessions->slots[i];
        if (session->handle != 0 && strcmp(session->terminal, terminal) == 0) {
            uint64_t handle = session->handle;
            session_end(sessions, session);
            ended(context, handle);
        }
    }
}

size_t sessions_count(struct sessions *sessions) {
    size_t count = 0;
    int64_t now = clock_elapsed_ms();
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        count += session_alive(sessions, &sessions->slots[i], now) ? 1 : 0;
    }
    return count;
}
