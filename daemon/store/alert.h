/*
 * Alerts to the prescribing service are born here, in the transaction of the fact behind them (A9). Sending them is
 * the alert layer's. `about` makes an alert unique: the same fact seen twice makes it once.
 */
#ifndef INSTALMENT_STORE_ALERT_H
#define INSTALMENT_STORE_ALERT_H

#include "tx.h"

struct alert_row {
    const char *id;
    const char *kind;     /* "missed_pickup", "supply_on_hold", ... (alerts.md) */
    const char *priority; /* "routine", "urgent" */
    const char *patient;
    const char *prescription;
    const char *service;
    int64_t raised_at;
    day_t on;
    const char *about;
    int32_t number; /* missed days, where it counts some; -1: none */
    const char *corrects;
};

/* Appends it under tx->seq, with a new id, unless `about` is known. The id (new or known), in the arena. */
const char *alert_append(struct tx *tx, const struct alert_row *row);

/* The id of the alert with this `about`, or NULL; in the arena. */
const char *alert_about(struct tx *tx, const char *about);

/* The alerts that hang on one audit row, in the arena. */
struct alert_row *alerts_of_seq(struct tx *tx, int64_t seq, size_t *count);

#endif
