/* Civil days: see day.h. The calendar arithmetic counts in eras of 400 years, 146,097 days each. */
#include "day.h"

#include <stdlib.h>
#include <string.h>

enum {
    ERA_DAYS = 146097,   /* days in 400 Gregorian years */
    ERA_OFFSET = 719468, /* from 0000-03-01 to 1970-01-01 */
    BAD_DIGITS = 10000   /* out of range as a month, a day, and as either half of a year */
};

static bool is_leap(int year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int month_length(int year, int month) {
    static const uint8_t lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return month == 2 && is_leap(year) ? 29 : lengths[month - 1];
}

day_t day_from_civil(int year, int month, int day) {
    if (year < 1 || year > 9999 || month < 1 || month > 12 || day < 1 || day > month_length(year, month))
        return DAY_NONE;
    /* Years begin in March here, so that a leap day is the last day of its year. */
    int y = month > 2 ? year : year - 1;
    int month_from_march = (month + 9) % 12;
    int day_of_year = (153 * month_from_march + 2) / 5 + day - 1;
    int year_of_era = y % 400;
    int day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return y / 400 * ERA_DAYS + day_of_era - ERA_OFFSET;
}

struct civil_date day_to_civil(day_t day) {
    unsigned shifted = (unsigned)day + ERA_OFFSET;
    unsigned day_of_era = shifted % ERA_DAYS;
    unsigned year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    unsigned day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    unsigned month_from_march = (5 * day_of_year + 2) / 153;
    unsigned month = (month_from_march + 2) % 12 + 1;
    unsigned year = shifted / ERA_DAYS * 400 + year_of_era + (month <= 2);
    return (struct civil_date){
        .year = (int)year,
        .month = (int)month,
        .day = (int)(day_of_year - (153 * month_from_march + 2) / 5 + 1),
    };
}

enum weekday day_weekday(day_t day) {
    return (enum weekday)(((unsigned)day - (unsigned)DAY_MIN) % 7); /* 0001-01-01 was a Monday */
}

bool day_in_weekdays(day_t day, weekday_set set) {
    return ((unsigned)set >> day_weekday(day)) & 1U;
}

/* The number that two digits write, or BAD_DIGITS. */
static inline int two_digits(const char *text) {
    unsigned tens = (unsigned)text[0] - '0';
    unsigned ones = (unsigned)text[1] - '0';
    return tens > 9 || ones > 9 ? BAD_DIGITS : (int)(tens * 10 + ones);
}

bool day_parse(const char *text, size_t len, day_t *out) {
    if (len != DAY_TEXT_SIZE - 1 || text[4] != '-' || text[7] != '-')
        return false;
    int year = two_digits(text) * 100 + two_digits(text + 2);
    day_t day = day_from_civil(year, two_digits(text + 5), two_digits(text + 8));
    if (day == DAY_NONE)
        return false;
    *out = day;
    return true;
}

/* Writes the last two digits of a number. */
static void put_two_digits(char *out, int number) {
    out[0] = (char)('0' + number / 10 % 10);
    out[1] = (char)('0' + number % 10);
}

void day_format(day_t day, char out[DAY_TEXT_SIZE]) {
    struct civil_date date = day_to_civil(day);
    put_two_digits(out, date.year / 100);
    put_two_digits(out + 2, date.year);
    out[4] = '-';
    put_two_digits(out + 5, date.month);
    out[7] = '-';
    put_two_digits(out + 8, date.day);
    out[10] = '\0';
}

void day_format_label(day_t day, char out[DAY_LABEL_SIZE]) {
    static const char weekdays[7][4] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    static const char months[12][4] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    struct civil_date date = day_to_civil(day);
    memcpy(out, weekdays[day_weekday(day)], 3);
    out[3] = ' ';
    put_two_digits(out + 4, date.day);
    out[6] = ' ';
    memcpy(out + 7, months[date.month - 1], 3);
    out[10] = ' ';
    put_two_digits(out + 11, date.year / 100);
    put_two_digits(out + 13, date.year);
    out[15] = '\0';
}

/* The anonymous Gregorian algorithm (Nature, 1876; Meeus, Astronomical Algorithms, chapter 8). */
day_t day_easter(int year) {
    int golden = year % 19;
    int century = year / 100;
    int moon_drift = (century - (century + 8) / 25 + 1) / 3;
    int epact = (19 * golden + century - century / 4 - moon_drift + 15) % 30;
    int to_sunday = (32 + 2 * (century % 4) + 2 * (year % 100 / 4) - epact - year % 100 % 4) % 7;
    int correction = (golden + 11 * epact + 22 * to_sunday) / 451;
    int sum = epact + to_sunday - 7 * correction + 114;
    return day_from_civil(year, sum / 31, sum % 31 + 1);
}

static const char weekday_codes[7][4] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

const char *weekday_code(enum weekday weekday) {
    return weekday_codes[weekday];
}

bool weekday_parse(const char *text, size_t len, enum weekday *out) {
    if (len != 3)
        return false;
    for (enum weekday weekday = WEEKDAY_MON; weekday <= WEEKDAY_SUN; weekday++) {
        if (memcmp(text, weekday_codes[weekday], 3) == 0) {
            *out = weekday;
            return true;
        }
    }
    return false;
}

bool day_list_has(struct day_list list, day_t day) {
    size_t low = 0;
    size_t high = list.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (list.days[middle] < day)
            low = middle + 1;
        else
            high = middle;
    }
    return low < list.count && list.days[low] == day;
}

static int compare_days(const void *left, const void *right) {
    const day_t *a = left;
    const day_t *b = right;
    return (*a > *b) - (*a < *b);
}

size_t day_sort(day_t *days, size_t count) {
    if (count == 0)
        return 0;
    qsort(days, count, sizeof *days, compare_days);
    size_t kept = 1;
    for (size_t i = 1; i < count; i++) {
        if (days[i] != days[kept - 1])
            days[kept++] = days[i];
    }
    return kept;
}
