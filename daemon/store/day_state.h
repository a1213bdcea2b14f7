/*
 * Facts about whole days and the clock: closed days (D21), how far the sweep has looked (M1), the clock (D20).
 */
#ifndef INSTALMENT_STORE_DAY_STATE_H
#define INSTALMENT_STORE_DAY_STATE_H

#include "tx.h"

/* Who closed the day, as the interface says it: "signed", "unsigned"; NULL: it is open. */
const char *day_state_closed(struct tx *tx, day_t day);

/* "closed_signed", "closed_unsigned" or "opened_again", under tx->seq. */
void day_state_append(struct tx *tx, day_t day, const char *kind);

/* Up to which instant the sweep has looked; INT64_MIN: never. And noting it, under tx->seq. */
int64_t swept_until(struct tx *tx);
void swept_append(struct tx *tx, int64_t until);

/* The latest instant of any recorded thing, and the latest at which a person confirmed the time; INT64_MIN: none. */
int64_t last_recorded_at(struct tx *tx);
int64_t clock_confirmed_at(struct tx *tx);

/* The earliest instant of anything that a person recorded; INT64_MIN: nobody has worked here yet. */
int64_t first_recorded_at(struct tx *tx);

/* A number that changes with every supply and reversal of a prescription: part of the supply key. */
int64_t supply_state(struct tx *tx, const char *prescription);

#endif
