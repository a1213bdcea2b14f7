/*
 * Alerts to the prescribing service are born here, in the transaction of the fact behind them (A9). Sending them is
 * the alert layer's. `about` makes an alert unique: the same fact seen twice makes it once.
 */
#ifndef INSTALMENT_STORE_ALERT_H
#define INSTALMENT_STORE_ALERT_H

#include "core/quantity.h"
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

/* What it says besides: as it was known when it was raised. NULL, -1 and DAY_NONE: not said (migration 0002). */
struct alert_detail_row {
    int64_t accept_by; /* not accepted by then: telephone the service */
    int64_t due_by;    /* not acknowledged by then: the same */
    int32_t missed_pickups;
    day_t last_dosed;
    const char *last_dose;
    day_t next_collection;
    bool on_hold;
    const char *signs; /* one a line */
    const char *concern;
    const char *decision;
    const char *outcome;
    const char *swallowed;
    int32_t minutes_after;
    const char *note;
    const char *why;
    const char *why_codes;
    const char *where_to_go;
    day_t first_day;
    day_t last_day;
    const char *source;
    struct alert_instalment_row *instalments;
    size_t instalment_count;
};

struct alert_instalment_row {
    day_t due;
    int32_t item;
    quantity_t quantity;
    const char *reason; /* "not_collected", "withheld", "text" */
    const char *reason_text;
};

/* A detail that says nothing. */
extern const struct alert_detail_row alert_detail_none;

void alert_detail_append(struct tx *tx, const char *alert, const struct alert_detail_row *row);
/* False where it has none (raised by an earlier version), or the store failed. */
bool alert_detail_find(struct tx *tx, const char *alert, struct alert_detail_row *out);

/* One alert. False where there is none, or the store failed. *seq: of its audit row (NULL: not wanted). */
bool alert_find(struct tx *tx, const char *id, struct alert_row *out, int64_t *seq);

/*
 * Ids, newest first, at most `limit`, smaller than `before` (NULL: from the newest on); of one patient, or of all where
 * patient is NULL. False where memory is short or the store failed.
 */
bool alert_page(struct tx *tx, const char *patient, const char *before, int32_t limit, const char ***ids,
                size_t *count);

/* Alerts of a prescription about one day; those of a kind about a day; those about whose `about` begins with a text. */
bool alerts_of_prescription(struct tx *tx, const char *prescription, day_t on, struct alert_row **rows,
                            size_t *count);
bool alerts_of_day(struct tx *tx, day_t on, const char *kind, struct alert_row **rows, size_t *count);
bool alerts_of_patient(struct tx *tx, const char *patient, const char *kind, day_t from, day_t to,
                       struct alert_row **rows, size_t *count);

/* Is there a correction of this alert? */
bool alert_is_corrected(struct tx *tx, const char *id);

/* The alerts that hang on one audit row, in the arena. */
struct alert_row *alerts_of_seq(struct tx *tx, int64_t seq, size_t *count);

#endif
