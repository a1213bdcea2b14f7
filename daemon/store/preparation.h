/* Instalments bagged in advance, and put back to stock: the newest row of an instalment is what is true. */
#ifndef INSTALMENT_STORE_PREPARATION_H
#define INSTALMENT_STORE_PREPARATION_H

#include "history.h"

struct preparation_row {
    struct recorded recorded;
    const char *prescription;
    day_t collect;
    bool prepared;      /* false: put back to stock */
    int32_t containers; /* -1: not given */
    const char *batch;
    day_t expiry;
};

/* Appends it under tx->seq. */
void preparation_add(struct tx *tx, const struct preparation_row *row);

/* The newest of an instalment, or NULL: it was never prepared. */
const struct preparation_row *preparation_newest(struct tx *tx, const char *prescription, day_t collect);

/* Does the newest say that it is bagged? */
bool preparation_stands(struct tx *tx, const char *prescription, day_t collect);

#endif
