/*
 * What idempotency keys have made (hazard H02). A row is written in the transaction of what it made, or not at all.
 */
#ifndef INSTALMENT_STORE_IDEMPOTENCY_H
#define INSTALMENT_STORE_IDEMPOTENCY_H

#include "tx.h"

#define IDEMPOTENCY_DIGEST_SIZE 32

struct idempotency_row {
    int64_t seq;
    const char *route; /* "POST /supplies" */
    unsigned char digest[IDEMPOTENCY_DIGEST_SIZE];
    int status;
    const char *subject; /* id of what was made */
    const char *staff;   /* who; NULL: the program itself */
    int64_t at;
};

/* What the key has made; false where it is free. Texts in the arena. */
bool idempotency_find(struct tx *tx, const char *key, struct idempotency_row *out);

/* Binds a key to what this job has made, under tx->seq. Of the row: route, digest, status, subject. */
void idempotency_bind(struct tx *tx, const char *key, const struct idempotency_row *row);

/*
 * The key that bodies are digested with (setting 'body_digest_key'), made at the first use. Writer only. False where it
 * cannot be read.
 */
bool idempotency_digest_key(struct tx *tx, unsigned char out[IDEMPOTENCY_DIGEST_SIZE]);

#endif
