/* sys/clock: civil days and instants over the changes of clocks, texts, the demonstration's clock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <string.h>

#include "sys/clock.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define HOUR 3600
#define DAY 86400

static int london(void **state) {
    (void)state;
    return clock_init("Europe/London", false, 0) ? 0 : -1;
}

/* The last Sunday of a month, at 01:00 UTC: when clocks change in Britain. */
static int64_t change(int year, int month) {
    day_t day = day_from_civil(year, month, 31);
    day -= ((int)day_weekday(day) + 1) % 7;
    return (int64_t)day * DAY + HOUR;
}

static void assert_moment(int64_t at, day_t day, int32_t minute) {
    struct moment moment = clock_moment(at);
    if (moment.at != at || moment.day != day || moment.minute != minute)
        fail_msg("%lld: day %d minute %d, not day %d minute %d", (long long)at, moment.day, moment.minute,
                 day, minute);
}

static void forward_in_march_skips_an_hour(void **state) {
    (void)state;
    for (int year = 2024; year <= 2040; year++) {
        int64_t at = change(year, 3);
        day_t day = (day_t)(at / DAY);
        assert_moment(at - 1, day, 59);
        assert_moment(at, day, 120);
        assert_int_equal(clock_at(day, 59), at - 60);
        for (int32_t minute = 60; minute <= 120; minute++)
            assert_int_equal(clock_at(day, minute), at); /* there is no 01:30 */
        assert_int_equal(clock_at(day, 121), at + 60);
        assert_int_equal(clock_at(day + 1, 0) - clock_at(day, 0), 23 * HOUR);
    }
}

static void back_in_october_has_an_hour_twice(void **state) {
    (void)state;
    for (int year = 2024; year <= 2040; year++) {
        int64_t at = change(year, 10);
        day_t day = (day_t)(at / DAY);
        assert_moment(at - 1, day, 119);
        assert_moment(at, day, 60);
        assert_moment(at + HOUR, day, 120);
        assert_int_equal(clock_at(day, 60), at - HOUR); /* the first 01:00 */
        assert_int_equal(clock_at(day, 90), at - HOUR / 2);
        assert_int_equal(clock_at(day, 120), at + HOUR);
        assert_int_equal(clock_at(day + 1, 0) - clock_at(day, 0), 25 * HOUR);
    }
}

/* Each day of the years has a midnight, a nine o'clock and a last minute, and they lead back to it. */
static void every_day_round_trips(void **state) {
    (void)state;
    static const int32_t minutes[] = {0, 1, 59, 540, 1080, 1439};
    day_t end = day_from_civil(2040, 12, 31);
    for (day_t day = day_from_civil(2024, 1, 1); day <= end; day++) {
        for (size_t i = 0; i < COUNT(minutes); i++)
            assert_moment(clock_at(day, minutes[i]), day, minutes[i]);
        assert_moment(clock_at(day, 0) - 1, day - 1, 1439);
    }
}

static void leap_days_are_days(void **state) {
    (void)state;
    day_t leap = day_from_civil(2028, 2, 29);
    assert_int_equal(clock_at(leap, 0), (int64_t)leap * DAY);
    assert_moment(clock_at(leap, 1439) + 60, day_from_civil(2028, 3, 1), 0);
    assert_int_equal(clock_at(leap, 1440), clock_at(leap + 1, 0));
}

static void instants_outside_the_calendar_are_brought_inside(void **state) {
    (void)state;
    assert_true(clock_moment(INT64_MAX).day <= DAY_MAX);
    assert_true(clock_moment(INT64_MIN).day >= DAY_MIN);
    char text[CLOCK_TEXT_SIZE];
    clock_format(INT64_MAX, text);
    assert_int_equal(strlen(text), CLOCK_TEXT_SIZE - 1);
    clock_format(INT64_MIN, text);
    assert_int_equal(strlen(text), CLOCK_TEXT_SIZE - 1);
    (void)clock_at(DAY_MAX, 1439);
    (void)clock_at(DAY_MIN, 0);
    (void)clock_at(DAY_NONE, INT32_MIN);
}

static void texts_are_read_and_written(void **state) {
    (void)state;
    static const struct {
        const char *text;
        const char *same; /* as it is written */
    } cases[] = {
        {"2026-11-23T09:14:05+00:00", "2026-11-23T09:14:05+00:00"},
        {"2026-11-23T09:14:05Z", "2026-11-23T09:14:05+00:00"},
        {"2026-11-23t09:14:05z", "2026-11-23T09:14:05+00:00"},
        {"2026-11-23T09:14:05-00:00", "2026-11-23T09:14:05+00:00"},
        {"2026-11-23T09:14:05", "2026-11-23T09:14:05+00:00"},
        {"2026-07-01T09:14:05", "2026-07-01T09:14:05+01:00"},
        {"2026-07-01T09:14:05.123456789Z", "2026-07-01T10:14:05+01:00"},
        {"2026-06-30T23:30:00Z", "2026-07-01T00:30:00+01:00"},
        {"2026-07-01T00:30:00+05:45", "2026-06-30T19:45:00+01:00"},
        {"2026-12-31T23:59:59-11:00", "2027-01-01T10:59:59+00:00"},
        {"2028-02-29T12:00:00", "2028-02-29T12:00:00+00:00"},
        {"2026-03-29T01:30:30", "2026-03-29T02:00:00+01:00"}, /* not there: the first instant after it */
        {"2026-10-25T01:30:30", "2026-10-25T01:30:30+01:00"}, /* twice: the first */
        {"2026-10-25T01:30:30+00:00", "2026-10-25T01:30:30+00:00"},
        {"1968-06-01T12:00:00Z", "1968-06-01T13:00:00+01:00"},
        {"1950-01-01T12:00:00Z", "1950-01-01T12:00:00+00:00"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t at = INT64_MIN;
        char text[CLOCK_TEXT_SIZE];
        if (!clock_parse(cases[i].text, &at))
            fail_msg("%s is not read", cases[i].text);
        clock_format(at, text);
        assert_string_equal(text, cases[i].same);
        int64_t again = 0;
        assert_true(clock_parse(text, &again));
        assert_int_equal(again, at);
    }
}

static void bad_texts_are_refused(void **state) {
    (void)state;
    static const char *const cases[] = {
        "",
        "2026-11-23",
        "2026-11-23T",
        "2026-11-23T09",
        "2026-11-23T09:14",
        "2026-11-23T09:14Z",
        "2026-11-23 09:14:05",
        "2026-11-23T09:14:05 ",
        " 2026-11-23T09:14:05",
        "2026-11-23T9:14:05",
        "2026-11-23T24:00:00",
        "2026-11-23T09:60:00",
        "2026-11-23T09:14:60",
        "2026-11-23T09:14:05.",
        "2026-11-23T09:14:05.Z",
        "2026-11-23T09:14:05.1234567890Z",
        "2026-11-23T09:14:05,5Z",
        "2026-11-23T09:14:05ZZ",
        "2026-11-23T09:14:05+",
        "2026-11-23T09:14:05+1",
        "2026-11-23T09:14:05+01",
        "2026-11-23T09:14:05+0100",
        "2026-11-23T09:14:05+01:0",
        "2026-11-23T09:14:05+24:00",
        "2026-11-23T09:14:05+01:60",
        "2026-11-23T09:14:05+01:00x",
        "2026-02-29T09:14:05",
        "2026-13-01T09:14:05",
        "2026-11-31T09:14:05",
        "26-11-23T09:14:05",
        "+2026-11-23T09:14:05",
        "2026-11-23T-9:14:05",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59Z",
        "0000-01-01T00:00:00Z",
        "now",
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t at = 42;
        if (clock_parse(cases[i], &at) || at != 42)
            fail_msg("\"%s\" is read", cases[i]);
    }
}

static void unknown_zones_are_refused(void **state) {
    static const char *const cases[] = {
        "",       "Europe/Atlantis", "/etc/passwd",    "../../../etc/passwd",
        "Europe", "zone.tab",        "Europe/London ", "Europe/London\n",
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        if (clock_init(cases[i], false, 0))
            fail_msg("\"%s\" is a zone", cases[i]);
    }
    char longer[200];
    memset(longer, 'a', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    assert_false(clock_init(longer, false, 0));
    assert_int_equal(london(state), 0);
}

/* Other rules than Britain's: half an hour, east and west, a day that was left out. */
static void other_zones_keep_their_own_rules(void **state) {
    char text[CLOCK_TEXT_SIZE];
    assert_true(clock_init("Australia/Lord_Howe", false, 0)); /* moves by half an hour */
    int64_t at = 0;
    assert_true(clock_parse("2026-10-04T02:15:00", &at));
    clock_format(at, text);
    assert_string_equal(text, "2026-10-04T02:30:00+11:00");
    assert_true(clock_init("Pacific/Apia", false, 0)); /* 2011-12-30 did not happen */
    day_t lost = day_from_civil(2011, 12, 30);
    assert_int_equal(clock_at(lost, 720), clock_at(lost + 1, 0));
    assert_true(clock_init("America/St_Johns", false, 0));
    clock_format(clock_at(day_from_civil(2026, 1, 1), 0), text);
    assert_string_equal(text, "2026-01-01T00:00:00-03:30");
    assert_int_equal(london(state), 0);
}

static void the_system_clock_runs(void **state) {
    (void)state;
    assert_false(clock_is_demo());
    assert_false(clock_demo_move(INT64_MAX));
    struct moment now = clock_now();
    assert_true(now.day >= day_from_civil(2024, 1, 1));
    assert_moment(now.at, now.day, now.minute);
    int64_t first = clock_elapsed_ms();
    assert_true(first > 0);
    assert_true(clock_elapsed_ms() >= first);
}

static void the_demonstrations_clock_stands_still(void **state) {
    const int64_t start = clock_at(day_from_civil(2026, 11, 23), 540);
    assert_true(clock_init("Europe/London", true, start));
    assert_true(clock_is_demo());
    assert_int_equal(clock_now().at, start);
    assert_int_equal(clock_now().minute, 540);
    assert_true(clock_demo_move(start));
    assert_true(clock_demo_move(start + 1));
    assert_false(clock_demo_move(start));
    assert_int_equal(clock_now().at, start + 1);
    assert_int_equal(london(state), 0);
}

/* Two threads move it at the same time: it ends at the later of all. */
static void *mover(void *context) {
    for (int64_t at = *(const int64_t *)context; at <= 200000; at += 2)
        (void)clock_demo_move(at);
    return NULL;
}

static void the_demonstrations_clock_is_safe_in_threads(void **state) {
    int64_t starts[] = {0, 1};
    pthread_t threads[COUNT(starts)];
    assert_true(clock_init("Europe/London", true, 0));
    for (size_t i = 0; i < COUNT(starts); i++)
        assert_int_equal(pthread_create(&threads[i], NULL, mover, &starts[i]), 0);
    int64_t last = 0;
    for (int i = 0; i < 1000; i++) {
        int64_t now = clock_now().at;
        assert_true(now >= last);
        last = now;
    }
    for (size_t i = 0; i < COUNT(starts); i++)
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    assert_int_equal(clock_now().at, 200000);
    assert_int_equal(london(state), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(forward_in_march_skips_an_hour),
        cmocka_unit_test(back_in_october_has_an_hour_twice),
        cmocka_unit_test(every_day_round_trips),
        cmocka_unit_test(leap_days_are_days),
        cmocka_unit_test(instants_outside_the_calendar_are_brought_inside),
        cmocka_unit_test(texts_are_read_and_written),
        cmocka_unit_test(bad_texts_are_refused),
        cmocka_unit_test(unknown_zones_are_refused),
        cmocka_unit_test(other_zones_keep_their_own_rules),
        cmocka_unit_test(the_system_clock_runs),
        cmocka_unit_test(the_demonstrations_clock_stands_still),
        cmocka_unit_test(the_demonstrations_clock_is_safe_in_threads),
    };
    return cmocka_run_group_tests_name("clock", tests, london, NULL);
}
