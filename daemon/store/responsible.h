/* Who is the responsible pharmacist, as facts: each signing on, signing off, and absence is a row. */
#ifndef INSTALMENT_STORE_RESPONSIBLE_H
#define INSTALMENT_STORE_RESPONSIBLE_H

#include "tx.h"

struct responsible_row {
    int64_t seq;
    const char *staff; /* sign-in name */
    const char *kind;  /* "sign_on", "sign_off", "absent_from", "absent_to" */
    int64_t at;
};

/*
 * Up to `limit` rows before seq `before` (TX_NOW: from the newest), newest first, as of tx->as_of, in the arena. False
 * where memory is short or the store failed.
 */
bool responsible_rows(struct tx *tx, int64_t before, int32_t limit, struct responsible_row **rows,
                      size_t *count);

/* The same for rows at an instant from `since` on, oldest first: a day's absences. */
bool responsible_since(struct tx *tx, int64_t since, struct responsible_row **rows, size_t *count);

/* The newest row. False where there is none, or the store failed (tx->db says which). */
bool responsible_newest(struct tx *tx, struct responsible_row *out);

/* Appends a row under tx->seq; row->seq is not looked at. */
void responsible_append(struct tx *tx, const struct responsible_row *row);

#endif
