/* C7: medicines that patients brought back, destroyed before a witness. As of tx->as_of, in its arena. */
#ifndef INSTALMENT_STORE_PATIENT_RETURN_H
#define INSTALMENT_STORE_PATIENT_RETURN_H

#include "core/quantity.h"
#include "tx.h"

struct patient_return_row {
    const char *id;
    int64_t seq;
    day_t on;
    int64_t at;
    const char *patient;
    const char *product;
    const char *description;
    quantity_t quantity; /* QUANTITY_NONE: not counted */
    const char *brought_by;
    const char *witness;
    const char *note;
    const char *by; /* read only: who recorded it */
};

/* Appends it under tx->seq; row->id is made by the caller. */
void patient_return_append(struct tx *tx, const struct patient_return_row *row);
bool patient_return_find(struct tx *tx, const char *id, struct patient_return_row *out);
/* Newest first, before the one with seq `before` (TX_NOW: the newest). False: memory, or the store failed. */
bool patient_returns(struct tx *tx, int64_t before, int32_t limit, struct patient_return_row **rows,
                     size_t *count);
/* Those of one day, oldest first. */
bool patient_returns_of_day(struct tx *tx, day_t on, struct patient_return_row **rows, size_t *count);

#endif
