/*
 * The pharmacy's days, as facts: regular hours, single days, and the figures of policy. Read as of tx->as_of, in the
 * transaction's arena. What they mean for the rules is desk/calendar.h.
 */
#ifndef INSTALMENT_STORE_OPENING_H
#define INSTALMENT_STORE_OPENING_H

#include "tx.h"

#define OPENING_NO_MINUTE (-1)

/* Hours of a weekday as they were set on a day. Minutes after local midnight; opens OPENING_NO_MINUTE: closed. */
struct opening_hours_row {
    enum weekday weekday;
    int32_t opens;
    int32_t closes;
    day_t set_on; /* reading: the pharmacy's day on which it was set */
};

enum opening_kind {
    OPENING_BANK_HOLIDAY,     /* confirmed by a manager: closed */
    OPENING_NOT_BANK_HOLIDAY, /* a bank holiday on which the pharmacy keeps its regular hours */
    OPENING_CLOSURE,          /* closed, known in advance */
    OPENING_UNPLANNED,        /* closed at short notice */
    OPENING_OPENED,           /* open, whatever else is said */
    OPENING_REGULAR,          /* what was said of the day before is taken back */
    OPENING_KIND_COUNT
};

struct opening_day_row {
    day_t day;
    enum opening_kind kind;
    int32_t opens; /* OPENING_OPENED: its hours; OPENING_NO_MINUTE: the regular ones */
    int32_t closes;
    const char *reason;
};

struct opening_hours_list {
    struct opening_hours_row *rows;
    size_t count;
};

struct opening_day_list {
    struct opening_day_row *rows;
    size_t count;
};

/* All that was ever set, oldest first. False where memory is short or the store failed; so the others. */
bool opening_hours_all(struct tx *tx, struct opening_hours_list *out);

/* What counts of each single day (the newest row), in the order of days. */
bool opening_days_all(struct tx *tx, struct opening_day_list *out);

/* Append under tx->seq: one row a weekday and seq, one row a day and seq, one row a name and seq. */
void opening_hours_append(struct tx *tx, const struct opening_hours_row *row);
void opening_day_append(struct tx *tx, const struct opening_day_row *row);
void policy_append(struct tx *tx, const char *name, int64_t value);

/* The newest value of a figure. False where it was never set, or the store failed. */
bool policy_find(struct tx *tx, const char *name, int64_t *out);

#endif
