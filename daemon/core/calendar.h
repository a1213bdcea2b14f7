/*
 * The opening calendar: on which days the pharmacy is open (rules.md, section 1 "open day").
 * A half-day is an open day (hazard H08). Pure; the lists are borrowed and must be sorted.
 */
#ifndef INSTALMENT_CORE_CALENDAR_H
#define INSTALMENT_CORE_CALENDAR_H

#include "day.h"

enum calendar_state {
    CALENDAR_OPEN,
    CALENDAR_CLOSED_WEEKLY,   /* closed every week on that weekday */
    CALENDAR_CLOSED_DATED,    /* a confirmed bank holiday, or a closure known in advance */
    CALENDAR_CLOSED_UNPLANNED /* closed at short notice: nothing could be moved in advance */
};

struct calendar {
    weekday_set weekly_closed;
    struct day_list bank_holidays; /* confirmed ones only */
    struct day_list closures;
    struct day_list unplanned;
    struct day_list opened; /* in fact open, whatever the other members say */
};

/*
 * The state of a day. `opened` wins over everything; a day that was closed in advance anyway (weekly
 * first, then dated) stays so where it is also named as unplanned.
 */
enum calendar_state calendar_on(const struct calendar *calendar, day_t day);

/*
 * The nearest day before `day` that is open or only unplanned-closed (D4); DAY_NONE where the 400 days
 * before it have none, or where `day` is no day.
 */
day_t calendar_open_before(const struct calendar *calendar, day_t day);

/* The nearest day after `day` that is open; DAY_NONE where the 400 days after it have none, or for no day. */
day_t calendar_open_after(const struct calendar *calendar, day_t day);

#endif
