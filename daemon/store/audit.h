/* Who did or read what: the rows that tx_audit wrote, for reading. */
#ifndef INSTALMENT_STORE_AUDIT_H
#define INSTALMENT_STORE_AUDIT_H

#include "tx.h"

struct audit_row {
    int64_t seq;
    int64_t at;
    day_t on;
    const char *staff;    /* NULL: the program itself */
    const char *terminal; /* NULL: the program itself or the local socket */
    const char *action;
    const char *patient;
    const char *subject;
    const char *detail;
};

/* What is asked for: NULL and DAY_NONE ask for everything. */
struct audit_query {
    const char *patient;
    const char *staff;
    day_t from;
    day_t to;
    int64_t before; /* only rows before this seq; TX_NOW: from the newest */
    int32_t limit;
};

/* Newest first, in the arena. A patient's rows include those of records merged into it. False where memory is short or
 * the store failed. */
bool audit_rows(struct tx *tx, const struct audit_query *query, struct audit_row **rows, size_t *count);

/* Who did what was written with this seq: the sign-in name, in the arena; NULL: the program itself, or no such row. */
const char *audit_staff(struct tx *tx, int64_t seq);

#endif
