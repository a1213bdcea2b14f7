#include "words.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static bool is_blank_at(const char *at) {
    return *at == ' ' || *at == '\t' || *at == ',' || *at == '(' || *at == ')' ||
           (*at == ':' && (at[1] == ' ' || at[1] == '\0'));
}

void words_cut(struct words *words, char *text, day_t near) {
    words->count = 0;
    words->at = 0;
    words->near = near;
    words->problem[0] = '\0';
    bool inside = false;
    for (char *at = text; *at != '\0'; at++) {
        if (is_blank_at(at)) {
            *at = '\0';
            inside = false;
        } else if (!inside && words->count < WORDS_MAX) {
            words->word[words->count++] = at;
            inside = true;
        }
    }
}

const char *words_peek(const struct words *words) {
    return words->at < words->count ? words->word[words->at] : "";
}

bool words_end(const struct words *words) {
    return words->at == words->count;
}

bool words_take(struct words *words, const char *phrase) {
    size_t at = words->at;
    for (const char *rest = phrase; *rest != '\0'; at++) {
        size_t len = strcspn(rest, " ");
        if (at == words->count || strlen(words->word[at]) != len ||
            strncasecmp(words->word[at], rest, len) != 0) {
            return false;
        }
        rest += len + (rest[len] == ' ');
    }
    words->at = at;
    return true;
}

bool words_fail(struct words *words, const char *problem) {
    if (words->problem[0] == '\0') {
        (void)snprintf(words->problem, sizeof words->problem, "%s, at \"%.60s\"", problem, words_peek(words));
    }
    return false;
}

/* ---- dates ---- */

/* The weekday of a word of three letters or more ("Mon", "Monday"), or -1. */
static int weekday_of(const char *word) {
    static const char *const names[] = {"monday", "tuesday",  "wednesday", "thursday",
                                        "friday", "saturday", "sunday"};
    size_t len = strlen(word);
    for (int i = 0; len >= 3 && i < 7; i++) {
        if (len <= strlen(names[i]) && strncasecmp(word, names[i], len) == 0) {
            return i;
        }
    }
    return -1;
}

/* 1 to 12, or 0. */
static int month_of(const char *word) {
    static const char *const names[] = {"january",   "february", "march",    "april",
                                        "may",       "june",     "july",     "august",
                                        "september", "october",  "november", "december"};
    size_t len = strlen(word);
    for (int i = 0; len >= 3 && i < 12; i++) {
        if (len <= strlen(names[i]) && strncasecmp(word, names[i], len) == 0) {
            return i + 1;
        }
    }
    return 0;
}

/* A whole number of at most `digits` digits, or -1. */
static int number_of(const char *word, size_t digits) {
    size_t len = strlen(word);
    int value = 0;
    if (len == 0 || len > digits) {
        return -1;
    }
    for (; *word != '\0'; word++) {
        if (!isdigit((unsigned char)*word)) {
            return -1;
        }
        value = value * 10 + (*word - '0');
    }
    return value;
}

static bool is_unit(const char *word) {
    static const char *const units[] = {"ml",           "tablet",        "tablets",    "film", "films",
                                        "lyophilisate", "lyophilisates", "supervised", "days", "day"};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        if (strcasecmp(word, units[i]) == 0) {
            return true;
        }
    }
    return false;
}

static const char *word_at(const struct words *words, size_t at) {
    return at < words->count ? words->word[at] : "";
}

/* The date nearest to the one before, in the month and year where they are given (0: not). */
static day_t nearest_date(const struct words *words, int year, int month, int day) {
    struct civil_date near = day_to_civil(words->near);
    if (month == 0) {
        return day_from_civil(year != 0 ? year : near.year, near.month, day);
    }
    if (year != 0) {
        return day_from_civil(year, month, day);
    }
    day_t best = DAY_NONE;
    for (int y = near.year - 1; y <= near.year + 1; y++) {
        day_t one = day_from_civil(y, month, day);
        int32_t distance = one > words->near ? one - words->near : words->near - one;
        if (one != DAY_NONE &&
            (best == DAY_NONE || distance < (best > words->near ? best - words->near : words->near - best))) {
            best = one;
        }
    }
    return best;
}

bool words_date(struct words *words, day_t *out) {
    size_t at = words->at;
    day_t day = DAY_NONE;
    int weekday = weekday_of(word_at(words, at));
    at += weekday >= 0 ? 1 : 0;
    const char *text = word_at(words, at);
    if (!day_parse(text, strlen(text), &day)) {
        int number = number_of(text, 2);
        if (number < 0 || is_unit(word_at(words, at + 1))) {
            return false;
        }
        int month = month_of(word_at(words, at + 1));
        at += month > 0 ? 1 : 0;
        const char *next = word_at(words, at + 1);
        int year = strlen(next) == 4 ? number_of(next, 4) : -1;
        at += year > 0 ? 1 : 0;
        day = nearest_date(words, year > 0 ? year : 0, month, number);
    }
    if (day == DAY_NONE) {
        return words_fail(words, "there is no such date");
    }
    if (weekday >= 0 && (int)day_weekday(day) != weekday) {
        return words_fail(words, "the date falls on another weekday");
    }
    words->at = at + 1;
    words->near = day;
    *out = day;
    return true;
}

bool days_add(struct days *days, day_t day) {
    if (days->count == DAYS_MAX) {
        return false;
    }
    days->list[days->count++] = day;
    return true;
}

bool words_days(struct words *words, struct days *out) {
    day_t from = DAY_NONE;
    bool any = false;
    while (words_date(words, &from)) {
        day_t to = from;
        if (words_take(words, "to") && !words_date(words, &to)) {
            return words_fail(words, "a date must follow 'to'");
        }
        for (day_t day = from; day <= to; day++) {
            if (!days_add(out, day)) {
                return words_fail(words, "too many days");
            }
        }
        any = true;
    }
    return any && words->problem[0] == '\0';
}

bool words_weekdays(struct words *words, weekday_set *out) {
    weekday_set set = 0;
    for (;;) {
        int first = weekday_of(words_peek(words));
        if (first < 0 || isdigit((unsigned char)word_at(words, words->at + 1)[0])) {
            break;
        }
        words->at++;
        int last = first;
        if (words_take(words, "to")) {
            last = weekday_of(words_peek(words));
            if (last < 0) {
                return words_fail(words, "a weekday must follow 'to'");
            }
            words->at++;
        }
        for (int day = first;; day = (day + 1) % 7) {
            set = (weekday_set)(set | 1U << day);
            if (day == last) {
                break;
            }
        }
    }
    if (set == 0) {
        return false;
    }
    *out = set;
    return true;
}

/* ---- numbers ---- */

bool words_number(struct words *words, int32_t *out) {
    int number = number_of(words_peek(words), 6);
    if (number < 0) {
        return false;
    }
    words->at++;
    *out = number;
    return true;
}

bool words_clock(struct words *words, int64_t *seconds) {
    const char *text = words_peek(words);
    char hour[3] = {0};
    if (strlen(text) != 5 || text[2] != ':') {
        return words_fail(words, "a time must be written 14:30");
    }
    memcpy(hour, text, 2);
    int hours = number_of(hour, 2);
    int minutes = number_of(text + 3, 2);
    if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) {
        return words_fail(words, "there is no such time");
    }
    *seconds = hours * 3600 + minutes * 60;
    words->at++;
    return true;
}

bool words_quantity(struct words *words, quantity_t *out, const char *unit) {
    const char *next = word_at(words, words->at + 1);
    const char *text = words_peek(words);
    size_t len = strlen(unit);
    bool plural = strlen(next) == len + 1 && next[len] == 's';
    if ((strlen(next) != len && !plural) || strncasecmp(next, unit, len) != 0 ||
        !quantity_parse(text, strlen(text), out)) {
        return false;
    }
    words->at += 2;
    return true;
}
