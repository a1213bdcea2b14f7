/* The opening calendar: see calendar.h. */
#include "calendar.h"

enum { SEARCH_DAYS = 400 };

enum calendar_state calendar_on(const struct calendar *calendar, day_t day) {
    if (day_list_has(calendar->opened, day))
        return CALENDAR_OPEN;
    if (day_in_weekdays(day, calendar->weekly_closed))
        return CALENDAR_CLOSED_WEEKLY;
    if (day_list_has(calendar->bank_holidays, day) || day_list_has(calendar->closures, day))
        return CALENDAR_CLOSED_DATED;
    return day_list_has(calendar->unplanned, day) ? CALENDAR_CLOSED_UNPLANNED : CALENDAR_OPEN;
}

day_t calendar_open_before(const struct calendar *calendar, day_t day) {
    if (day <= DAY_MIN)
        return DAY_NONE;
    for (day_t earlier = day - 1; earlier >= DAY_MIN && earlier >= day - SEARCH_DAYS; earlier--) {
        enum calendar_state state = calendar_on(calendar, earlier);
        if (state == CALENDAR_OPEN || state == CALENDAR_CLOSED_UNPLANNED)
            return earlier;
    }
    return DAY_NONE;
}

day_t calendar_open_after(const struct calendar *calendar, day_t day) {
    if (day < DAY_MIN || day > DAY_MAX)
        return DAY_NONE;
    for (day_t later = day + 1; later <= DAY_MAX && later <= day + SEARCH_DAYS; later++) {
        if (calendar_on(calendar, later) == CALENDAR_OPEN)
            return later;
    }
    return DAY_NONE;
}
