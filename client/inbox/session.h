/*
 * Who is signed in, in memory alone: a restart signs everybody out. And the brake on guessing passwords.
 */
#ifndef INSTALMENT_INBOX_SESSION_H
#define INSTALMENT_INBOX_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "store.h"

#define SESSIONS_MAX 128
#define TOKEN_SIZE 44 /* 32 bytes in base64url, and a NUL */

struct session {
    unsigned char token_hash[32];
    unsigned char password[32]; /* digest of the password's hash with which it began */
    char csrf[TOKEN_SIZE];
    char name[STORE_NAME_SIZE];
    int64_t began_ms, used_ms;
    bool there;
};

struct sessions;

struct sessions *sessions_new(int64_t idle_ms, int64_t life_ms);
void sessions_free(struct sessions **sessions);

/* A new one; the one longest unused goes where there is no room. token: what the browser keeps. */
const struct session *session_begin(struct sessions *sessions, const struct store_keyworker *person,
                                    int64_t now, char token[TOKEN_SIZE]);
/* May this person still sign in, and with the same password? */
bool session_holds(const struct session *session, const struct store_keyworker *person);
/* The one of this token, NULL: none, or it has ended. It lives on from now, unless the request came by itself. */
struct session *session_find(struct sessions *sessions, const char *token, int64_t now, bool by_itself);
void session_end(struct session *session);

/* ---- the brake: failures of one thing ("name", an address) in a row make it wait */

struct throttle;

/* After `free` failures the wait doubles from 1 s, up to most_ms; ten quiet minutes forget them. */
struct throttle *throttle_new(int32_t free, int64_t most_ms);
void throttle_free(struct throttle **throttle);
/* How long it must still wait, in milliseconds; 0: it may try. */
int64_t throttle_wait(struct throttle *throttle, const char *what, int64_t now);
void throttle_failed(struct throttle *throttle, const char *what, int64_t now);
void throttle_right(struct throttle *throttle, const char *what);

#endif
