/* core/day: civil days, weekdays, Easter, sorted lists of days. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "core/day.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static bool leap(int year) {
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int last_of_month(int year, int month) {
    if (month == 2)
        return leap(year) ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/* Counts the days one by one from 0001-01-01 to 9999-12-31 and looks at each. */
static void every_day_round_trips(void **state) {
    (void)state;
    day_t day = DAY_MIN;
    for (int year = 1; year <= 9999; year++) {
        for (int month = 1; month <= 12; month++) {
            for (int date = 1; date <= last_of_month(year, month); date++, day++) {
                struct civil_date civil = day_to_civil(day);
                if (day_from_civil(year, month, date) != day || civil.year != year || civil.month != month ||
                    civil.day != date || (day - DAY_MIN) % 7 != (int)day_weekday(day))
                    fail_msg("%04d-%02d-%02d", year, month, date);
            }
        }
    }
    assert_int_equal(day - 1, DAY_MAX);
}

static void known_days(void **state) {
    (void)state;
    assert_int_equal(day_from_civil(1970, 1, 1), 0);
    assert_int_equal(day_weekday(0), WEEKDAY_THU);
    assert_int_equal(day_from_civil(2026, 11, 23), 20780);
    assert_int_equal(day_weekday(20780), WEEKDAY_MON);
    assert_int_equal(day_weekday(day_from_civil(2000, 2, 29)), WEEKDAY_TUE);
    assert_int_equal(day_from_civil(1969, 12, 31), -1);
}

static void there_is_no_such_date(void **state) {
    (void)state;
    for (int year = 1896; year <= 2104; year++) {
        for (int month = 1; month <= 12; month++) {
            assert_int_equal(day_from_civil(year, month, 0), DAY_NONE);
            assert_int_equal(day_from_civil(year, month, last_of_month(year, month) + 1), DAY_NONE);
        }
    }
    assert_int_equal(day_from_civil(0, 12, 31), DAY_NONE);
    assert_int_equal(day_from_civil(10000, 1, 1), DAY_NONE);
    assert_int_equal(day_from_civil(2026, 0, 1), DAY_NONE);
    assert_int_equal(day_from_civil(2026, 13, 1), DAY_NONE);
    assert_int_equal(day_from_civil(INT32_MIN, INT32_MIN, INT32_MIN), DAY_NONE);
    assert_int_equal(day_from_civil(INT32_MAX, INT32_MAX, INT32_MAX), DAY_NONE);
    assert_int_equal(day_from_civil(1900, 2, 29), DAY_NONE);
    assert_int_equal(day_from_civil(2100, 2, 29), DAY_NONE);
    assert_int_not_equal(day_from_civil(2000, 2, 29), DAY_NONE);
    assert_int_not_equal(day_from_civil(2028, 2, 29), DAY_NONE);
}

static void text_round_trips(void **state) {
    (void)state;
    char text[DAY_TEXT_SIZE];
    for (day_t day = day_from_civil(1890, 1, 1); day <= day_from_civil(2150, 12, 31); day++) {
        day_t back = DAY_NONE;
        day_format(day, text);
        assert_true(day_parse(text, strlen(text), &back));
        assert_int_equal(back, day);
    }
    day_format(DAY_MIN, text);
    assert_string_equal(text, "0001-01-01");
    day_format(DAY_MAX, text);
    assert_string_equal(text, "9999-12-31");
    day_format(20780, text);
    assert_string_equal(text, "2026-11-23");
}

static void text_that_is_no_day(void **state) {
    (void)state;
    static const char *const texts[] = {
        "",           "2026-11-2",  "2026-11-233", "2026/11/23", "2026-11/23", "20261123",     " 2026-11-23",
        "2026-02-29", "2026-04-31", "2026-13-01",  "2026-00-01", "2026-01-00", "2026-01-32",   "0000-01-01",
        "+026-01-01", "-026-01-01", "2026-1-001",  "202a-01-01", "2a26-01-01", "a026-01-01",   "20a6-01-01",
        "2026-a1-01", "2026-1a-01", "2026-01-a1",  "2026-01-1a", "2026-01- 1", "2026-01-01\n",
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        day_t day = 12345;
        assert_false(day_parse(texts[i], strlen(texts[i]), &day));
        assert_int_equal(day, 12345);
    }
}

/* Every byte at every place of a good text: taken where it is a digit that still makes a date, else not. */
static void every_byte_at_every_place(void **state) {
    (void)state;
    for (size_t place = 0; place < 10; place++) {
        for (int byte = 0; byte < 256; byte++) {
            char text[] = "2026-11-23";
            text[place] = (char)byte;
            int year = 0;
            bool digits = true;
            for (size_t i = 0; i < 10; i++)
                digits = digits && (i == 4 || i == 7 ? text[i] == '-' : text[i] >= '0' && text[i] <= '9');
            for (size_t i = 0; i < 4; i++)
                year = year * 10 + text[i] - '0';
            int month = (text[5] - '0') * 10 + text[6] - '0';
            int date = (text[8] - '0') * 10 + text[9] - '0';
            day_t want = digits ? day_from_civil(year, month, date) : DAY_NONE;
            day_t got = DAY_NONE;
            assert_int_equal(day_parse(text, 10, &got), want != DAY_NONE);
            assert_int_equal(got, want);
        }
    }
}

static void labels(void **state) {
    (void)state;
    static const struct {
        int year, month, day;
        const char *label;
    } cases[] = {
        {2026, 5, 5, "Tue 05 May 2026"},   {2026, 11, 23, "Mon 23 Nov 2026"},
        {2028, 2, 29, "Tue 29 Feb 2028"},  {2026, 1, 1, "Thu 01 Jan 2026"},
        {2026, 3, 29, "Sun 29 Mar 2026"},  {2026, 4, 3, "Fri 03 Apr 2026"},
        {2026, 6, 6, "Sat 06 Jun 2026"},   {2026, 7, 15, "Wed 15 Jul 2026"},
        {2026, 8, 31, "Mon 31 Aug 2026"},  {2026, 9, 10, "Thu 10 Sep 2026"},
        {2026, 10, 25, "Sun 25 Oct 2026"}, {2026, 12, 28, "Mon 28 Dec 2026"},
        {1, 1, 1, "Mon 01 Jan 0001"},      {9999, 12, 31, "Fri 31 Dec 9999"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char label[DAY_LABEL_SIZE];
        day_format_label(day_from_civil(cases[i].year, cases[i].month, cases[i].day), label);
        assert_string_equal(label, cases[i].label);
    }
}

static void no_day_is_harmless(void **state) {
    (void)state;
    static const day_t strange[] = {DAY_NONE, INT32_MAX, DAY_MIN - 1, DAY_MAX + 1, -719469};
    for (size_t i = 0; i < COUNT(strange); i++) {
        char text[DAY_TEXT_SIZE];
        char label[DAY_LABEL_SIZE];
        struct civil_date civil = day_to_civil(strange[i]);
        assert_in_range(civil.month, 1, 12);
        assert_in_range(civil.day, 1, 31);
        assert_in_range(day_weekday(strange[i]), WEEKDAY_MON, WEEKDAY_SUN);
        day_format(strange[i], text);
        day_format_label(strange[i], label);
        assert_int_equal(strlen(text), DAY_TEXT_SIZE - 1);
        assert_int_equal(strlen(label), DAY_LABEL_SIZE - 1);
    }
}

static void easter_table(void **state) {
    (void)state;
    static const char *const sundays[] = {
        "2024-03-31",
        "2025-04-20",
        "2026-04-05",
        "2027-03-28",
        "2028-04-16",
        "2029-04-01",
        "2030-04-21",
        "2031-04-13",
        "2032-03-28",
        "2033-04-17",
        "2034-04-09",
        "2035-03-25",
        "2036-04-13",
        "2037-04-05",
        "2038-04-25",
        "2039-04-10",
        "2040-04-01",
        /* the earliest, the latest and the exceptions of simpler formulas */
        "1818-03-22",
        "2285-03-22",
        "1886-04-25",
        "1943-04-25",
        "1954-04-18",
        "1981-04-19",
        "2049-04-18",
        "2076-04-19",
    };
    for (size_t i = 0; i < COUNT(sundays); i++) {
        day_t want = DAY_NONE;
        assert_true(day_parse(sundays[i], 10, &want));
        assert_int_equal(day_easter(day_to_civil(want).year), want);
    }
}

/* Another algorithm (Oudin, 1940) for every year there is. */
static void easter_every_year(void **state) {
    (void)state;
    for (int year = 1583; year <= 9999; year++) {
        int g = year % 19;
        int c = year / 100;
        int h = (c - c / 4 - (8 * c + 13) / 25 + 19 * g + 15) % 30;
        int i = h - h / 28 * (1 - 29 / (h + 1) * ((21 - g) / 11));
        int j = (year + year / 4 + i + 2 - c + c / 4) % 7;
        int month = 3 + (i - j + 40) / 44;
        int date = i - j + 28 - 31 * (month / 4);
        assert_int_equal(day_easter(year), day_from_civil(year, month, date));
        assert_int_equal(day_weekday(day_easter(year)), WEEKDAY_SUN);
    }
}

static void weekdays(void **state) {
    (void)state;
    static const char *const codes[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    for (size_t i = 0; i < COUNT(codes); i++) {
        enum weekday weekday = WEEKDAY_MON;
        assert_string_equal(weekday_code((enum weekday)i), codes[i]);
        assert_true(weekday_parse(codes[i], 3, &weekday));
        assert_int_equal(weekday, i);
    }
    static const char *const wrong[] = {"", "mo", "Mon", "mond", "xyz", "MON", "su", "sun "};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        enum weekday weekday = WEEKDAY_WED;
        assert_false(weekday_parse(wrong[i], strlen(wrong[i]), &weekday));
        assert_int_equal(weekday, WEEKDAY_WED);
    }
}

static void weekday_sets(void **state) {
    (void)state;
    for (int bit = 0; bit < 7; bit++) {
        for (day_t day = 20780; day < 20787; day++) {
            assert_int_equal(day_in_weekdays(day, (weekday_set)(1 << bit)), day - 20780 == bit);
            assert_true(day_in_weekdays(day, 0x7f));
            assert_false(day_in_weekdays(day, 0));
        }
    }
}

static void lists(void **state) {
    (void)state;
    day_t days[] = {-7, 0, 3, 4, 90, 20780, DAY_MAX};
    for (size_t count = 0; count <= COUNT(days); count++) {
        struct day_list list = {.days = days, .count = count};
        for (size_t i = 0; i < COUNT(days); i++) {
            assert_int_equal(day_list_has(list, days[i]), i < count);
            assert_false(day_list_has(list, days[i] - 2));
        }
        assert_false(day_list_has(list, 5));
        assert_false(day_list_has(list, DAY_NONE));
    }
    assert_false(day_list_has((struct day_list){.days = NULL, .count = 0}, 0));
}

static void sorting(void **state) {
    (void)state;
    assert_int_equal(day_sort(NULL, 0), 0);
    day_t one[] = {5};
    assert_int_equal(day_sort(one, 1), 1);
    assert_int_equal(one[0], 5);
    day_t same[] = {5, 5, 5};
    assert_int_equal(day_sort(same, 3), 1);
    day_t many[] = {9, -3, 9, DAY_MAX, 0, -3, DAY_MIN, 1, 0};
    static const day_t want[] = {DAY_MIN, -3, 0, 1, 9, DAY_MAX};
    assert_int_equal(day_sort(many, COUNT(many)), COUNT(want));
    assert_memory_equal(many, want, sizeof want);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_day_round_trips),
        cmocka_unit_test(known_days),
        cmocka_unit_test(there_is_no_such_date),
        cmocka_unit_test(text_round_trips),
        cmocka_unit_test(text_that_is_no_day),
        cmocka_unit_test(every_byte_at_every_place),
        cmocka_unit_test(labels),
        cmocka_unit_test(no_day_is_harmless),
        cmocka_unit_test(easter_table),
        cmocka_unit_test(easter_every_year),
        cmocka_unit_test(weekdays),
        cmocka_unit_test(weekday_sets),
        cmocka_unit_test(lists),
        cmocka_unit_test(sorting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
