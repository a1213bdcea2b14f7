/*
 * Civil days.
 *
 * A day is a civil date at the pharmacy, held as the number of days since 1970-01-01 (rules.md,
 * section 1). Nothing here knows hours, time zones or clocks: a clock change cannot make a day
 * longer or shorter. All functions are pure and safe in any thread.
 */
#ifndef INSTALMENT_CORE_DAY_H
#define INSTALMENT_CORE_DAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Days since 1970-01-01; always between DAY_MIN and DAY_MAX, or DAY_NONE. */
typedef int32_t day_t;

#define DAY_NONE INT32_MIN
#define DAY_MIN (-719162) /* 0001-01-01 */
#define DAY_MAX 2932896   /* 9999-12-31 */

/* "2026-11-23" and "Tue 05 May 2026", each with its final NUL. */
#define DAY_TEXT_SIZE 11
#define DAY_LABEL_SIZE 16

enum weekday { WEEKDAY_MON, WEEKDAY_TUE, WEEKDAY_WED, WEEKDAY_THU, WEEKDAY_FRI, WEEKDAY_SAT, WEEKDAY_SUN };

/* A set of weekdays: bit (1 << WEEKDAY_x). */
typedef uint8_t weekday_set;

struct civil_date {
    int year;  /* 1 .. 9999 */
    int month; /* 1 .. 12 */
    int day;   /* 1 .. 31 */
};

/* The day of a civil date; DAY_NONE where there is no such date. */
day_t day_from_civil(int year, int month, int day);

/*
 * The civil date of a day between DAY_MIN and DAY_MAX. Month and day are in range for any other value
 * too (DAY_NONE), so that nothing is ever indexed with them out of bounds; the date means nothing then.
 */
struct civil_date day_to_civil(day_t day);

enum weekday day_weekday(day_t day);

/* Is the day's weekday in the set? */
bool day_in_weekdays(day_t day, weekday_set set);

/* Reads exactly "YYYY-MM-DD" (len bytes, no NUL needed). False, and *out untouched, on anything else. */
bool day_parse(const char *text, size_t len, day_t *out);

/* Writes "2026-11-23". */
void day_format(day_t day, char out[DAY_TEXT_SIZE]);

/* Writes "Tue 05 May 2026", as labels show a day (rules.md, section 8). */
void day_format_label(day_t day, char out[DAY_LABEL_SIZE]);

/* Easter Sunday of a Gregorian year from 1583 to 9999. */
day_t day_easter(int year);

/* "mon" .. "sun". The parser returns false, and leaves *out untouched, on any other text. */
const char *weekday_code(enum weekday weekday);
bool weekday_parse(const char *text, size_t len, enum weekday *out);

/* A sorted list of distinct days, borrowed. */
struct day_list {
    const day_t *days;
    size_t count;
};

/* Is the day in the list? */
bool day_list_has(struct day_list list, day_t day);

/* Sorts days in place and drops repeats; returns how many are left. */
size_t day_sort(day_t *days, size_t count);

#endif
