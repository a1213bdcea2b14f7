/* core/holidays: the shipped bank holidays against the law's own rules, and the ways to get the file wrong. */
/* link: -Wl,--wrap=malloc */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/holidays.h"
#include "data_file.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static bool no_memory;

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

void *__wrap_malloc(size_t size) {
    return no_memory ? NULL : __real_malloc(size);
}

/* Parses a text that ends where its memory does. */
static struct holidays *parse(const char *text, size_t len, struct holidays_error *error) {
    char *exact = malloc(len + !len);
    assert_non_null(exact);
    memcpy(exact, text, len);
    struct holidays *holidays = holidays_parse(exact, len, error);
    free(exact);
    return holidays;
}

static void check_error(const char *text, int line, const char *part) {
    struct holidays_error error = {.line = -1, .message = ""};
    struct holidays *holidays = parse(text, strlen(text), &error);
    if (holidays != NULL || error.line != line || strstr(error.message, part) == NULL)
        fail_msg("line %d: %s; not line %d: %s", error.line, error.message, line, part);
}

static struct holidays *shipped(void) {
    struct holidays_error error = {.line = -1, .message = ""};
    const char *text = data_file_read("config/bank-holidays.conf");
    struct holidays *holidays = parse(text, strlen(text), &error);
    if (holidays == NULL)
        fail_msg("config/bank-holidays.conf:%d: %s", error.line, error.message);
    return holidays;
}

/* The first day of this weekday on or after a date, and the last one on or before it. */
static day_t first_on(enum weekday weekday, int year, int month, int date) {
    day_t day = day_from_civil(year, month, date);
    return day + ((int)weekday - (int)day_weekday(day) + 7) % 7;
}

static day_t last_on(enum weekday weekday, int year, int month, int date) {
    day_t day = day_from_civil(year, month, date);
    return day - ((int)day_weekday(day) - (int)weekday + 7) % 7;
}

struct expected {
    day_t days[16];
    size_t count;
};

static void expect_day(struct expected *expected, day_t day) {
    expected->days[expected->count++] = day;
}

/* Two fixed days in a row, each moved to the next working day where it falls on a weekend. */
static void expect_pair(struct expected *expected, day_t first, bool second_too) {
    day_t day = first;
    while (day_weekday(day) >= WEEKDAY_SAT)
        day++;
    expect_day(expected, day);
    if (!second_too)
        return;
    day_t second = first + 1 > day ? first + 1 : day + 1;
    while (day_weekday(second) >= WEEKDAY_SAT)
        second++;
    expect_day(expected, second);
}

/* What the Banking and Financial Dealings Act 1971, schedule 1, and the proclamations make of a year. */
static struct expected by_law(enum nation nation, int year) {
    struct expected expected = {.count = 0};
    day_t easter = day_easter(year);
    bool scotland = nation == NATION_SCOTLAND;
    bool ireland = nation == NATION_NORTHERN_IRELAND;
    expect_pair(&expected, day_from_civil(year, 1, 1), scotland);
    if (ireland)
        expect_pair(&expected, day_from_civil(year, 3, 17), false);
    expect_day(&expected, easter - 2);
    if (!scotland)
        expect_day(&expected, easter + 1);
    expect_day(&expected, first_on(WEEKDAY_MON, year, 5, 1));
    expect_day(&expected, last_on(WEEKDAY_MON, year, 5, 31));
    if (scotland && year == 2026)
        expect_day(&expected, day_from_civil(2026, 6, 15));
    if (ireland)
        expect_pair(&expected, day_from_civil(year, 7, 12), false);
    expect_day(&expected, scotland ? first_on(WEEKDAY_MON, year, 8, 1) : last_on(WEEKDAY_MON, year, 8, 31));
    if (scotland)
        expect_pair(&expected, day_from_civil(year, 11, 30), false);
    expect_pair(&expected, day_from_civil(year, 12, 25), true);
    return expected;
}

static void the_shipped_days_follow_the_law(void **state) {
    (void)state;
    struct holidays *holidays = shipped();
    assert_int_equal(holidays->known_until, day_from_civil(2028, 12, 31));
    assert_non_null(holidays->version);
    for (enum nation nation = NATION_ENGLAND; nation < NATION_COUNT; nation++) {
        const struct day_list *days = &holidays->nations[nation].days;
        size_t at = 0;
        for (int year = 2026; year <= 2028; year++) {
            struct expected expected = by_law(nation, year);
            for (size_t i = 0; i < expected.count; i++, at++) {
                char want[DAY_LABEL_SIZE];
                char got[DAY_LABEL_SIZE];
                assert_true(at < days->count);
                day_format_label(expected.days[i], want);
                day_format_label(days->days[at], got);
                assert_string_equal(got, want);
            }
        }
        assert_int_equal(at, days->count);
    }
    holidays_free(&holidays);
    assert_null(holidays);
    holidays_free(&holidays);
}

/* By hand, from the published lists: those that move, and those that only one nation has. */
static void the_shipped_names(void **state) {
    (void)state;
    static const struct {
        enum nation nation;
        const char *date;
        const char *name; /* NULL: none */
    } cases[] = {
        {NATION_ENGLAND, "2026-04-03", "Good Friday"},
        {NATION_ENGLAND, "2026-04-06", "Easter Monday"},
        {NATION_ENGLAND, "2026-12-25", "Christmas Day"},
        {NATION_ENGLAND, "2026-12-26", NULL},
        {NATION_ENGLAND, "2026-12-28", "Boxing Day (substitute day)"},
        {NATION_ENGLAND, "2027-12-27", "Christmas Day (substitute day)"},
        {NATION_ENGLAND, "2028-01-03", "New Year's Day (substitute day)"},
        {NATION_ENGLAND, "2026-01-02", NULL},
        {NATION_ENGLAND, "2026-11-30", NULL},
        {NATION_WALES, "2026-08-31", "Summer bank holiday"},
        {NATION_WALES, "2026-08-03", NULL},
        {NATION_SCOTLAND, "2026-08-03", "Summer bank holiday"},
        {NATION_SCOTLAND, "2026-08-31", NULL},
        {NATION_SCOTLAND, "2026-01-02", "2nd January"},
        {NATION_SCOTLAND, "2027-01-04", "2nd January (substitute day)"},
        {NATION_SCOTLAND, "2026-04-06", NULL},
        {NATION_SCOTLAND, "2026-06-15", "World Cup bank holiday"},
        {NATION_SCOTLAND, "2027-06-15", NULL},
        {NATION_SCOTLAND, "2026-11-30", "St Andrew's Day"},
        {NATION_NORTHERN_IRELAND, "2027-03-17", "St Patrick's Day"},
        {NATION_NORTHERN_IRELAND, "2026-07-13", "Battle of the Boyne (Orangemen's Day) (substitute day)"},
        {NATION_NORTHERN_IRELAND, "2026-07-12", NULL},
        {NATION_NORTHERN_IRELAND, "2028-07-12", "Battle of the Boyne (Orangemen's Day)"},
        {NATION_NORTHERN_IRELAND, "2029-07-12", NULL},
    };
    struct holidays *holidays = shipped();
    for (size_t i = 0; i < COUNT(cases); i++) {
        day_t day = DAY_NONE;
        assert_true(day_parse(cases[i].date, 10, &day));
        const char *name = holidays_name(holidays, cases[i].nation, day);
        assert_int_equal(name == NULL, cases[i].name == NULL);
        if (name != NULL)
            assert_string_equal(name, cases[i].name);
    }
    holidays_free(&holidays);
}

static void nations(void **state) {
    (void)state;
    static const char *const codes[] = {"england", "wales", "scotland", "northern_ireland"};
    for (size_t i = 0; i < COUNT(codes); i++) {
        enum nation nation = NATION_COUNT;
        assert_string_equal(nation_code((enum nation)i), codes[i]);
        assert_true(nation_parse(codes[i], strlen(codes[i]), &nation));
        assert_int_equal(nation, i);
    }
    static const char *const wrong[] = {"", "England", "englan", "englandx", "northern ireland", "ireland"};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        enum nation nation = NATION_WALES;
        assert_false(nation_parse(wrong[i], strlen(wrong[i]), &nation));
        assert_int_equal(nation, NATION_WALES);
    }
}

static const char small[] = "version = 1\n"              /* 1 */
                            "known_until = 2026-12-31\n" /* 2 */
                            "# comment \xC3\xA9\n"       /* 3 */
                            "[scotland]\n"               /* 4 */
                            "2026-01-01 = One\n"         /* 5 */
                            "2026-01-02 = Two\n"         /* 6 */
                            "[england]\n"                /* 7 */
                            "2026-01-01 = One\n"         /* 8 */
                            "[wales]\n"                  /* 9 */
                            "2026-12-31 = Last\n"        /* 10 */
                            "[northern_ireland]\n"       /* 11 */
                            "2026-03-17 = Green\n";      /* 12 */

static void check_edit(const char *from, const char *to, int line, const char *part) {
    check_error(data_file_edit(small, from, to), line, part);
}

static void a_small_one(void **state) {
    (void)state;
    struct holidays_error error = {.line = -1, .message = ""};
    struct holidays *holidays = parse(small, strlen(small), &error);
    assert_non_null(holidays);
    assert_string_equal(holidays->version, "1");
    assert_int_equal(holidays->nations[NATION_SCOTLAND].days.count, 2);
    assert_string_equal(holidays->nations[NATION_SCOTLAND].names[1], "Two");
    assert_string_equal(holidays->nations[NATION_WALES].names[0], "Last");
    assert_true(day_list_has(holidays->nations[NATION_ENGLAND].days, day_from_civil(2026, 1, 1)));
    assert_string_equal(holidays_name(holidays, NATION_SCOTLAND, day_from_civil(2026, 1, 2)), "Two");
    holidays_free(&holidays);
}

static void errors(void **state) {
    (void)state;
    check_error("", 1, "version and known_until");
    check_error("[england]\n", 1, "version and known_until");
    check_error("version = 1\n[england]\n", 2, "version and known_until");
    check_error("version = 1\nknown_until = 2026-12-31\n", 2, "nations is missing");
    check_edit("version = 1\n", "", 3, "version and known_until");
    check_edit("version = 1\n", "version = 1\nversion = 2\n", 2, "once each");
    check_edit("[scotland]", "known_until = 2026-12-31\n[scotland]", 4, "once each");
    check_edit("[scotland]", "2026-01-01 = One\n[scotland]", 4, "once each");
    check_edit("2026-12-31\n", "2026-12-32\n", 2, "not a date");
    check_edit("[scotland]", "[Scotland]", 4, "a nation is");
    check_edit("[scotland]", "[scotland", 4, "a nation is");
    check_edit("[scotland]", "scotland", 4, "neither");
    check_edit("[wales]", "[scotland]", 9, "second time");
    check_edit("2026-01-01 = One\n", "2026-02-30 = One\n", 5, "not a date");
    check_edit("2026-01-01 = One\n", "version = One\n", 5, "not a date");
    check_edit("2026-01-01 = One\n", "2026-01-01 =\n", 5, "empty");
    check_edit("2026-01-01 = One\n", "2026-01-01 = \xC3\xA9\n", 5, "plain");
    check_edit("2026-01-02", "2026-01-03", 6, "Saturday");
    check_edit("2026-01-02", "2026-01-04", 6, "Saturday");
    check_edit("2026-01-02", "2026-01-01", 6, "not later");
    check_edit("2026-01-02", "2025-12-31", 6, "not later");
    check_edit("2026-01-02", "2027-01-01", 6, "known_until");
    check_edit("2026-12-31 = Last\n", "", 10, "without bank holidays");
    check_edit("2026-03-17 = Green\n", "", 11, "without bank holidays");
    check_edit("[northern_ireland]\n", "", 11, "not later");
    check_edit("[northern_ireland]\n2026-03-17 = Green\n", "", 10, "nations is missing");
}

/* Cut anywhere but in the last line it is refused; nothing is read behind its end. */
static void cut_anywhere(void **state) {
    (void)state;
    for (size_t cut = 0; cut < strlen(small) - strlen("Green\n"); cut++) {
        struct holidays_error error = {.line = -1, .message = NULL};
        assert_null(parse(small, cut, &error));
        assert_non_null(error.message);
        assert_true(error.line >= 1);
    }
}

static void too_long(void **state) {
    (void)state;
    static char text[65537];
    struct holidays_error error = {.line = -1, .message = ""};
    memset(text, '\n', sizeof text);
    assert_null(holidays_parse(text, sizeof text, &error));
    assert_int_equal(error.line, 0);
    assert_null(holidays_parse(text, sizeof text - 1, &error));
    assert_int_equal(error.line, 1);
}

static void out_of_memory(void **state) {
    (void)state;
    struct holidays_error error = {.line = -1, .message = ""};
    no_memory = true;
    struct holidays *holidays = holidays_parse(small, strlen(small), &error);
    no_memory = false;
    assert_null(holidays);
    assert_int_equal(error.line, 0);
    assert_string_equal(error.message, "out of memory");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_shipped_days_follow_the_law),
        cmocka_unit_test(the_shipped_names),
        cmocka_unit_test(nations),
        cmocka_unit_test(a_small_one),
        cmocka_unit_test(errors),
        cmocka_unit_test(cut_anywhere),
        cmocka_unit_test(too_long),
        cmocka_unit_test(out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
