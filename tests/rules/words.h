/*
 * The words of one column of a rule table: dates, quantities, weekdays, phrases. See README.md for the
 * grammar as a person writes it.
 */
#ifndef TESTS_RULES_WORDS_H
#define TESTS_RULES_WORDS_H

#include "core/day.h"
#include "core/quantity.h"

#define WORDS_MAX 256
#define DAYS_MAX 160
#define PROBLEM_SIZE 200

/* A list of days, in the order in which they were written. */
struct days {
    day_t list[DAYS_MAX];
    size_t count;
};

struct words {
    const char *word[WORDS_MAX];
    size_t count;
    size_t at;
    day_t near;                 /* the date before: a day without month or year is the nearest to it */
    char problem[PROBLEM_SIZE]; /* what is wrong, or empty; only the first is kept */
};

/* Cuts text (in place) at blanks, commas, brackets and colons before a blank. `near`: see struct words. */
void words_cut(struct words *words, char *text, day_t near);

/* The next word, or "" behind the last. */
const char *words_peek(const struct words *words);
bool words_end(const struct words *words);

/* Takes the next words where they are this phrase, letter case disregarded. */
bool words_take(struct words *words, const char *phrase);

/* Notes what is wrong at the next word; returns false. */
bool words_fail(struct words *words, const char *problem);

/*
 * Each takes what it names where the next words are that, else takes nothing and returns false. A date whose
 * weekday or day does not exist is a problem as well.
 */
bool words_date(struct words *words, day_t *out);
bool words_weekdays(struct words *words, weekday_set *out);
bool words_number(struct words *words, int32_t *out);
bool words_clock(struct words *words, int64_t *seconds); /* 14:30 */
bool words_quantity(struct words *words, quantity_t *out, const char *unit);

/* Days and ranges of days ("Mon 23, Wed 25 to Fri 27"), added to the list. */
bool words_days(struct words *words, struct days *out);

bool days_add(struct days *days, day_t day);

#endif
