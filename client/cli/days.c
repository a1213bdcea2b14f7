/* See days.h. */
#include "days.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define YEAR_LEAST 1800
#define YEAR_MOST 9999

static const char *const months[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                     "jul", "aug", "sep", "oct", "nov", "dec"};

/* By eras of 400 years, which all have the same days; years begin in March, so that the leap day is the last. */
static int number_of(int year, int month, int day) {
    year -= month <= 2;
    int era = year / 400;
    int of_era = year - era * 400;
    int of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

void days_text(int number, char out[DAYS_TEXT_SIZE]) {
    int shifted = number + 719468;
    int era = shifted / 146097;
    int of_era = shifted - era * 146097;
    int year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int of_year = of_era - (365 * year + year / 4 - year / 100);
    int month = (5 * of_year + 2) / 153;
    int day = of_year - (153 * month + 2) / 5 + 1;
    month += month < 10 ? 3 : -9;
    year += era * 400 + (month <= 2);
    (void)snprintf(out, DAYS_TEXT_SIZE, "%04u-%02u-%02u", (unsigned)year % 10000U, (unsigned)month % 100U,
                   (unsigned)day % 100U);
}

static bool is_day(long year, long month, long day, int *number) {
    char again[DAYS_TEXT_SIZE], meant[DAYS_TEXT_SIZE];
    if (year < YEAR_LEAST || year > YEAR_MOST || month < 1 || month > 12 || day < 1 || day > 31)
        return false;
    *number = number_of((int)year, (int)month, (int)day);
    days_text(*number, again);
    (void)snprintf(meant, sizeof meant, "%04u-%02u-%02u", (unsigned)year % 10000U, (unsigned)month % 100U,
                   (unsigned)day % 100U);
    return strcmp(again, meant) == 0;
}

bool days_number(const char *text, int *number) {
    char *end = NULL;
    if (strlen(text) != 10 || strspn(text, "0123456789-") != 10 || text[4] != '-' || text[7] != '-')
        return false;
    return is_day(strtol(text, &end, 10), strtol(text + 5, &end, 10), strtol(text + 8, &end, 10), number);
}

int days_weekday(int number) {
    return ((number + 3) % 7 + 7) % 7;
}

const char *days_short(int number) {
    static char texts[4][16];
    static size_t turn;
    char text[DAYS_TEXT_SIZE], *end = NULL;
    char *out = texts[turn++ % 4];
    days_text(number, text);
    long month = strtol(text + 5, &end, 10);
    (void)snprintf(out, sizeof texts[0], "%ld %c%s", strtol(text + 8, &end, 10),
                   toupper((unsigned char)months[month - 1][0]), months[month - 1] + 1);
    return out;
}

/* A month as a number or by its first three letters and whatever letters follow; 0: none. */
static long month_said(const char **at) {
    char *end = NULL;
    long month = 0;
    if (isdigit((unsigned char)**at)) {
        month = strtol(*at, &end, 10);
        *at = end;
        return month;
    }
    for (size_t i = 0; i < 12 && month == 0; i++) {
        if (strncasecmp(*at, months[i], 3) == 0)
            month = (long)i + 1;
    }
    while (isalpha((unsigned char)**at))
        ++*at;
    return month;
}

bool days_said(const char *said, const char *today, char out[DAYS_TEXT_SIZE]) {
    static const char between[] = "/.- ";
    int number = 0;
    char *end = NULL;
    if (today != NULL && strcasecmp(said, "today") == 0)
        said = today;
    if (!days_number(said, &number)) {
        long day = strtol(said, &end, 10);
        const char *at = end;
        if (at == said || strspn(at, between) == 0)
            return false;
        at += strspn(at, between);
        long month = month_said(&at);
        if (strspn(at, between) == 0)
            return false;
        at += strspn(at, between);
        if (strspn(at, "0123456789") != 4 || at[4] != '\0' ||
            !is_day(strtol(at, &end, 10), month, day, &number))
            return false;
    }
    days_text(number, out);
    return true;
}
