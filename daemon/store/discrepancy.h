/* C4: where the register and what is there do not agree, until an entry explains it. As of tx->as_of, in its arena. */
#ifndef INSTALMENT_STORE_DISCREPANCY_H
#define INSTALMENT_STORE_DISCREPANCY_H

#include "core/quantity.h"
#include "tx.h"

struct discrepancy_row {
    const char *id;
    const char *section;
    int64_t number;      /* the entry that showed it */
    const char *kind;    /* "below_zero", "count" */
    quantity_t quantity; /* the balance; what was found less what was expected */
    day_t on;
    int64_t explained; /* the number of the entry that explains it; 0: open */
};

/* Opens one under tx->seq; the id is made here. Returns it, in the arena. */
const char *discrepancy_open(struct tx *tx, const struct discrepancy_row *row);

/* Under tx->seq. DB_CONFLICT where it was explained before. */
void discrepancy_explain(struct tx *tx, const char *id, int64_t number);

/* One; false where there is none, or the store failed. */
bool discrepancy_find(struct tx *tx, const char *id, struct discrepancy_row *out);

/* A section's (NULL: of all), oldest first; open ones alone where `open`. False: memory, or the store failed. */
bool discrepancies(struct tx *tx, const char *section, bool open, struct discrepancy_row **rows,
                   size_t *count);

#endif
