/*
 * One job's hold on the facts: a savepoint on the writer's connection, or a read transaction on a reader's.
 * Everything in store/ takes one. Lives on the stack of the thread that runs the job.
 */
#ifndef INSTALMENT_STORE_TX_H
#define INSTALMENT_STORE_TX_H

#include <stdint.h>

#include "db.h"
#include "sys/arena.h"
#include "sys/clock.h"

#define TX_NOW INT64_MAX

struct tx {
    struct db *db;
    struct arena *arena;  /* what operations return lives here, until the job's answer has been made */
    struct moment now;    /* one now for the whole job */
    int64_t as_of;        /* reading: facts up to this seq; TX_NOW: all */
    int64_t seq;          /* writing: the audit row that facts hang on, made by tx_audit; 0: none yet */
    const char *staff;    /* who, for the audit; NULL: the program itself */
    const char *terminal; /* where from; NULL: the program itself or the local socket */
    struct opening_read
        *opening; /* opening.c's: the pharmacy's days as read before in this job; NULL: not yet */
};

/* An id's room with its NUL: a letter or two, a dash, 26 characters. */
#define TX_ID_SIZE 32

/*
 * Writes the audit row of this job; tx->seq becomes its number. `action` is of the fixed vocabulary, the others
 * may be NULL; detail holds codes only. May be called more than once in a job: later facts hang on the later row.
 */
void tx_audit(struct tx *tx, const char *action, const char *patient, const char *subject,
              const char *detail);

/* A new opaque id with a prefix: "rx-01J…". Ordered by time of making. In the arena; NULL where memory is short. */
const char *tx_new_id(struct tx *tx, const char *prefix);

/* Copies a column's text (NULL stays NULL) into the arena. */
const char *tx_keep(struct tx *tx, const char *text);

/* The newest single setting, or NULL; and a new value for it. */
const char *tx_setting(struct tx *tx, const char *name);
void tx_set_setting(struct tx *tx, const char *name, const char *value);

#endif
