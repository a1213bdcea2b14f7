/*
 * D20: a person confirmed that the clock is right.
 */
#ifndef INSTALMENT_STORE_CONFIRMED_H
#define INSTALMENT_STORE_CONFIRMED_H

#include "tx.h"

/* Appends that the time of tx->now was confirmed, under tx->seq. */
void confirmed_append(struct tx *tx);

/* When the row with this seq says that the time was confirmed, and by whom (arena). False where there is none. */
bool confirmed_find(struct tx *tx, int64_t seq, int64_t *at, const char **staff);

#endif
