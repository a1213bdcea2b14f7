/* Made-up facts for tests of the store: a prescription, and all the rows that one supply writes, by a number. */
#ifndef INSTALMENT_TESTS_FACTS_H
#define INSTALMENT_TESTS_FACTS_H

#include <stdbool.h>

#include "store/store.h"

/* 1: audit, supply, dosed day, register entry, alert, print job, key. */
#define FACTS_SUPPLY_ROWS 7

/* The prescription "rx-1" that supplies hang on. */
void facts_prescription(struct tx *tx);

/*
 * Everything of the supply with this number (from 1), in the order in which a supply writes it. True where the
 * database took it.
 */
bool facts_supply(struct tx *tx, int64_t number);

/* How many of the rows of that supply are there: 0, or FACTS_SUPPLY_ROWS, or something is half there. */
int64_t facts_count(struct tx *tx, int64_t number);

/* Is its idempotency key there? */
bool facts_key_known(struct tx *tx, int64_t number);

/* How many supplies there are in all. */
int64_t facts_supplies(struct tx *tx);

/* One of the above as a job: set `number`, run it with facts_job(). */
struct facts_job {
    struct job job; /* first */
    int64_t number;
    int64_t counted;
    bool known;
    struct arena *arena;
    enum job_result result;
};

/* A job that writes the prescription (number 0) or a supply; one that asks for its key first, and writes unless it is
 * known (known says which); one that reads counted and known. done() keeps the result. */
struct facts_job facts_write(int64_t number, struct arena *arena);
struct facts_job facts_retry(int64_t number, struct arena *arena);
struct facts_job facts_read(int64_t number, struct arena *arena);

#endif
