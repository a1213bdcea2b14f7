/*
 * The pharmacy's days: what a manager sets, and what the rules are told (patient_case.h: desk_calendar, desk_hours,
 * desk_policy). What is set never changes what was: a day that is past keeps the hours that it had (hazard H09).
 */
#ifndef INSTALMENT_DESK_CALENDAR_H
#define INSTALMENT_DESK_CALENDAR_H

#include "core/calendar.h"
#include "core/holidays.h"
#include "desk.h"
#include "store/opening.h"

/* A bank holiday is asked about from 60 days before, and red from 14 (rules.md, section 1). */
#define CALENDAR_ASK_DAYS 60
#define CALENDAR_RED_DAYS 14
#define CALENDAR_REASON_MAX 200
/* How far a range of days may reach. */
#define CALENDAR_RANGE_MAX 400

enum holiday_state { HOLIDAY_PROPOSED, HOLIDAY_CONFIRMED, HOLIDAY_DECLINED };

struct holiday_view {
    day_t day;
    const char *name;
    enum holiday_state state;
    bool red; /* proposed, and 14 days away or less */
};

struct day_view {
    day_t day;
    enum calendar_state state;
    int32_t opens; /* minutes after local midnight; OPENING_NO_MINUTE where it is closed */
    int32_t closes;
};

struct calendar_view {
    enum nation nation;
    bool hours_set; /* false: nobody has set hours yet, these are the defaults */
    struct opening_hours_row hours[7];
    struct holiday_view *holidays; /* in the range, and all that are asked about */
    size_t holiday_count;
    struct opening_day_row *singles; /* closures, unplanned and opened days in the range */
    size_t single_count;
    struct day_view *days; /* the range, day by day */
    size_t day_count;
    const char *holidays_version;
    day_t holidays_known_until;
    bool holidays_running_out; /* the data ends within 60 days: bank holidays after it are not known */
};

/* The calendar of from .. to (at most CALENDAR_RANGE_MAX days), in the arena. DESK_OK or DESK_FAILED. */
enum desk_result desk_calendar_read(struct tx *tx, day_t from, day_t to, struct calendar_view *out);

/*
 * What a manager sets. Each writes an audit row and the fact; DESK_INVALID names the member. Days that are past cannot be
 * set, and an instalment is not moved away behind anybody's back: a weekday, bank holiday or closure closes from
 * tomorrow on at the earliest (for today there is `unplanned`), and an unplanned closure can be told up to 14 days late.
 * An unplanned closure of today or later raises `pharmacy_closed` for everybody who was still due then (A10).
 */
enum desk_result desk_calendar_set_hours(struct tx *tx, const struct opening_hours_row *rows, size_t count,
                                         struct desk_problem *problem);
enum desk_result desk_calendar_set_holiday(struct tx *tx, day_t day, bool confirmed,
                                           struct desk_problem *problem);

/* kind: OPENING_CLOSURE, OPENING_UNPLANNED (both with a reason), OPENING_OPENED or OPENING_REGULAR. */
enum desk_result desk_calendar_set_day(struct tx *tx, const struct opening_day_row *row,
                                       struct desk_problem *problem);
enum desk_result desk_calendar_set_nation(struct tx *tx, enum nation nation);

/* Confirms every bank holiday of the nation after today and up to `until`: for the demonstration. */
enum desk_result desk_calendar_confirm_all(struct tx *tx, day_t until);

/* The figures that a pharmacy may tune, by name, ended by a row without one. */
struct policy_figure {
    const char *name;
    int32_t usual; /* where nothing was set */
    int32_t min;
    int32_t max;
};
extern const struct policy_figure policy_figures[];

enum desk_result desk_policy_set(struct tx *tx, const char *name, int32_t value,
                                 struct desk_problem *problem);

#endif
