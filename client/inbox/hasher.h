/*
 * Passwords are checked by Argon2id, which takes 80 ms on purpose: one thread does nothing else, one at a time, so
 * that messages do not wait for somebody who signs in.
 */
#ifndef INSTALMENT_INBOX_HASHER_H
#define INSTALMENT_INBOX_HASHER_H

#include <event2/event.h>
#include <stdbool.h>

#define PASSWORD_MIN 12
#define PASSWORD_MAX 128

struct hasher;

/* NULL: no memory, or no thread. libevent's threads are switched on before. */
struct hasher *hasher_new(struct event_base *base);
/* Waits for the one at hand; those after it are never told. */
void hasher_free(struct hasher **hasher);

/*
 * Is this the password of the hash? hash "": of nobody: takes as long, is never right. `then` is called from the loop.
 * False: too many wait already; `then` is not called.
 */
bool hasher_post(struct hasher *hasher, const char *hash, const char *password,
                 void (*then)(void *context, bool right), void *context);

/* The hash of a new password, in libsodium's string form (crypto_pwhash_STRBYTES). At once. False: no memory. */
bool hasher_make(const char *password, char *out);

#endif
