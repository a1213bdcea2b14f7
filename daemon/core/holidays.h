/*
 * Bank holidays of the four nations, as data (config/bank-holidays.conf), embedded at build and readable
 * from a file. What is here only proposes: a bank holiday counts as closed once a manager has confirmed it
 * (rules.md, section 1 "open day"). Pure but for the one allocation that holidays_parse returns.
 */
#ifndef INSTALMENT_CORE_HOLIDAYS_H
#define INSTALMENT_CORE_HOLIDAYS_H

#include <stdbool.h>
#include <stddef.h>

#include "day.h"

enum nation { NATION_ENGLAND, NATION_WALES, NATION_SCOTLAND, NATION_NORTHERN_IRELAND, NATION_COUNT };

/* One nation's bank holidays. names[i] is the name of days.days[i]: "Boxing Day (substitute day)". */
struct holiday_list {
    struct day_list days; /* sorted, never empty; all of them from Monday to Friday */
    const char *const *names;
};

struct holidays {
    const char *version; /* the data's own version line */
    day_t known_until;   /* the last day that the data speaks of: later days are not known, not "none" */
    struct holiday_list nations[NATION_COUNT];
};

struct holidays_error {
    int line;            /* 1-based; 0 where no line is at fault: out of memory, or longer than is taken */
    const char *message; /* constant text */
};

/*
 * Reads the data (len bytes, no NUL needed; its form stands at the head of config/bank-holidays.conf).
 * Strict: each nation exactly once, days ascending, none on a Saturday or Sunday (there the substitute
 * day is the bank holiday), none after known_until. Returns new holidays, to be freed with holidays_free,
 * or NULL with *error filled. Strings live inside; text need not outlive the call.
 */
struct holidays *holidays_parse(const char *text, size_t len, struct holidays_error *error);

/* Frees *holidays and sets it to NULL; NULL inside is allowed. */
void holidays_free(struct holidays **holidays);

/* The name of the nation's bank holiday on this day, or NULL where it is none. */
const char *holidays_name(const struct holidays *holidays, enum nation nation, day_t day);

/* "england", "wales", "scotland", "northern_ireland". The parser leaves *out untouched on any other text. */
const char *nation_code(enum nation nation);
bool nation_parse(const char *text, size_t len, enum nation *out);

#endif
