/*
 * What came in place of a supply, and what was noted on one (rules.md, M5, M6, M10, M11), with the alerts that belong to it:
 * A10 at once where the patient came and could not be supplied, A5 where a dose was not completed.
 */
#ifndef INSTALMENT_DESK_OUTCOME_H
#define INSTALMENT_DESK_OUTCOME_H

#include "patient_case.h"
#include "store/history.h"

struct outcome_request {
    const char *prescription;
    day_t on; /* DAY_NONE: today, and no other day may be named */
    enum outcome_kind kind;
    int32_t minutes_after; /* after the dose; notes on a supply only; -1: not given */
    quantity_t quantity;   /* what was swallowed; notes on a supply only; QUANTITY_NONE: not given */
    const char *reason;    /* attended_not_supplied: no_form, no_stock, closed, other; NULL: not said */
    const char *note;
};

/*
 * Records it. *made is the row as recorded, in the arena; where several instalments are due that day, each has a row, and
 * this is the first one's. DESK_FORBIDDEN: not this person's. DESK_CONFLICT: `not_today`, `already_supplied`,
 * `not_supplied` (a note without a supply that day), `already_recorded`. DESK_NOT_FOUND, DESK_INVALID, DESK_FAILED.
 */
enum desk_result desk_outcome(struct tx *tx, const struct identity *who,
                              const struct outcome_request *request, const struct outcome_row **made,
                              struct desk_problem *problem);

/*
 * Appends rows for an outcome in place of a supply without asking whether it may be: one for each instalment due on the
 * day, or one without an instalment. For the concern that withholds or defers. NULL where memory is short.
 */
const struct outcome_row *outcome_in_place(struct tx *tx, const struct patient_case *c, size_t index,
                                           const struct outcome_request *request, const char *reason);

/*
 * A6: what the alert about this missed collection said is no longer so, by what hangs on tx->seq; `why` is a
 * whole sentence for the service. Does nothing where there is no such alert.
 */
void outcome_correct(struct tx *tx, const struct patient_case *c, size_t index, day_t collect,
                     const char *why);

/* One as of tx->as_of, or NULL. */
const struct outcome_row *desk_outcome_of(struct tx *tx, const char *id);

/* A closed day is open again once something of it is recorded (D21). */
void desk_day_opens_again(struct tx *tx, day_t day);

#endif
