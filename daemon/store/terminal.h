/*
 * Terminals: the browsers and programs that may talk to the daemon at all. One is enrolled once with a manager's
 * code, and keeps a token of its own, of which only the hash is stored. Revoked is for ever.
 */
#ifndef INSTALMENT_STORE_TERMINAL_H
#define INSTALMENT_STORE_TERMINAL_H

#include "tx.h"

#define TERMINAL_HASH_SIZE 32
#define TERMINAL_TOKEN_SIZE 44 /* 32 random bytes in base64url, and the NUL */
#define TERMINAL_CODE_SIZE 13  /* "XXXX-XXXX-XX" and the NUL */

struct terminal_row {
    const char *id;
    const char *name;
    int64_t enrolled_at;
    const char *enrolled_by; /* who made the code; NULL: the program itself */
    bool revoked;
};

/* BLAKE2b of a token or a code, as stored. */
void terminal_hash(const char *secret, unsigned char out[TERMINAL_HASH_SIZE]);

/* 32 random bytes in base64url. */
void terminal_token(char out[TERMINAL_TOKEN_SIZE]);

/* A new code under tx->seq, good for one enrolment until `expires_at`. In the arena; NULL where memory is short. */
const char *terminal_code_new(struct tx *tx, int64_t expires_at);

/* Is the code known, not used and not expired at tx->now? Small letters and missing dashes are forgiven. */
bool terminal_code_good(struct tx *tx, const char *code, unsigned char hash[TERMINAL_HASH_SIZE]);

/*
 * Appends a terminal under tx->seq. code_hash: the code that enrols it, NULL in a demonstration. Returns its id, in the
 * arena; NULL where memory is short.
 */
const char *terminal_enrol(struct tx *tx, const char *name, const char *token,
                           const unsigned char code_hash[TERMINAL_HASH_SIZE]);

/* The terminal of a token's hash, revoked or not. False where there is none. Texts in the arena. */
bool terminal_find(struct tx *tx, const unsigned char token_hash[TERMINAL_HASH_SIZE],
                   struct terminal_row *out);

/* All of them in the order of enrolment, in the arena. NULL with *count 0 where there is none. */
struct terminal_row *terminal_all(struct tx *tx, size_t *count);

/* Revokes under tx->seq. */
void terminal_revoke(struct tx *tx, const char *id);

#endif
