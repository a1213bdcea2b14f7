/*
 * The people who work here, by their sign-in names. Versions are appended, the newest counts.
 */
#ifndef INSTALMENT_STORE_STAFF_H
#define INSTALMENT_STORE_STAFF_H

#include "tx.h"

struct staff_row {
    const char *id; /* sign-in name */
    const char *name;
    const char *role;         /* "counter", "technician", "pharmacist", "manager", "inspector" */
    const char *registration; /* GPhC; NULL: none */
    const char *pin_hash;     /* Argon2id, libsodium's string form */
    bool active;
    day_t valid_until; /* DAY_NONE: no end */
};

/* The newest version as of the tx. False where there is none. Texts in the arena. */
bool staff_find(struct tx *tx, const char *id, struct staff_row *out);

/* All of them by id, newest versions; the array is in the arena. NULL with *count 0 where there is none. */
struct staff_row *staff_all(struct tx *tx, size_t *count);

/* Appends a version under tx->seq. */
void staff_append(struct tx *tx, const struct staff_row *row);

#endif
