/*
 * Who is signed in, in memory: a restart signs everybody out. Times are real elapsed milliseconds (hazard H42). The
 * PIN's keyed hash lies in locked memory, so that a supply can ask for the PIN again without Argon2id. Loop thread.
 */
#ifndef INSTALMENT_HTTP_SESSION_H
#define INSTALMENT_HTTP_SESSION_H

#include "desk/staff.h"

#define SESSIONS_MAX 256
#define SESSION_TOKEN_SIZE 44 /* 32 random bytes in base64url, and the NUL */

struct sessions;

/* A digest of what must not change while somebody is signed in: role, registration, PIN, activity. */
struct session_stamp {
    unsigned char bytes[16];
};

struct session {
    uint64_t handle; /* never used twice; 0: an empty slot */
    struct identity who;
    struct session_stamp stamp;
    char terminal[TX_ID_SIZE]; /* "": the local socket */
    char csrf[SESSION_TOKEN_SIZE];
    unsigned char token_hash[32];
    int64_t began_ms, used_ms;
    bool locked;
    size_t streams; /* event streams that it has open */
};

struct sessions *sessions_new(int64_t idle_ms, int64_t life_ms);
void sessions_free(struct sessions **sessions);

/* Signs a person in: the token is written to `token`. NULL where memory is short. The oldest goes where all are taken. */
struct session *session_begin(struct sessions *sessions, const struct staff_row *row, const char *pin,
                              const char *terminal, char token[SESSION_TOKEN_SIZE]);

/* The session of a token or a handle that has not come to its end; NULL otherwise. */
struct session *session_find(struct sessions *sessions, const char *token);
struct session *session_of(struct sessions *sessions, uint64_t handle);

/* A request came: its idle time begins again. */
void session_touch(struct session *session);

/* Is this the PIN of the person signed in? Constant time. */
bool session_pin_right(struct sessions *sessions, const struct session *session, const char *pin);

void session_end(struct sessions *sessions, struct session *session);
/* Ends what is signed in at a terminal; calls `ended` with each handle. */
void sessions_end_terminal(struct sessions *sessions, const char *terminal,
                           void (*ended)(void *context, uint64_t handle), void *context);
size_t sessions_count(struct sessions *sessions);

void session_stamp_of(const struct staff_row *row, struct session_stamp *out);

#endif
