/*
 * Concerns at collection: what was seen, in codes of a fixed list and in the writer's words, and what was decided (A4, A5).
 */
#ifndef INSTALMENT_STORE_CONCERN_H
#define INSTALMENT_STORE_CONCERN_H

#include "history.h"

struct concern_row {
    const char *id;
    struct recorded recorded;
    const char *patient;
    const char *prescription; /* NULL: none named */
    const char *kind;
    const char *signs; /* codes with commas; "": none */
    const char *note;
    const char *decision;
    const char *prescriber_contacted; /* opaque here: the interface's own text; NULL: not given */
    int64_t at;
};

/* Appends it under tx->seq. */
void concern_add(struct tx *tx, const struct concern_row *row);

/* One by its id, or NULL. */
const struct concern_row *concern_find(struct tx *tx, const char *id);

/*
 * Newest first, at most `limit`, those recorded before the seq `before` (TX_NOW: from the newest on); of one patient, or of
 * all where patient is NULL. False where memory is short or the store failed.
 */
bool concern_list(struct tx *tx, const char *patient, int64_t before, int32_t limit,
                  struct concern_row **rows, size_t *count);

#endif
