/* core/calendar: which days are open, and the nearest open day on either side (D4). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/calendar.h"

#define MONDAY 20780 /* 2026-11-23 */
#define SUNDAY (1 << WEEKDAY_SUN)
#define DAYS(...)                                            \
    ((struct day_list){.days = (const day_t[]){__VA_ARGS__}, \
                       .count = sizeof((day_t[]){__VA_ARGS__}) / sizeof(day_t)})

static void each_kind_of_day(void **state) {
    (void)state;
    struct calendar calendar = {
        .weekly_closed = SUNDAY,
        .bank_holidays = DAYS(MONDAY + 1, MONDAY + 30),
        .closures = DAYS(MONDAY + 2),
        .unplanned = DAYS(MONDAY + 3),
    };
    assert_int_equal(calendar_on(&calendar, MONDAY), CALENDAR_OPEN);
    assert_int_equal(calendar_on(&calendar, MONDAY + 1), CALENDAR_CLOSED_DATED);
    assert_int_equal(calendar_on(&calendar, MONDAY + 2), CALENDAR_CLOSED_DATED);
    assert_int_equal(calendar_on(&calendar, MONDAY + 3), CALENDAR_CLOSED_UNPLANNED);
    assert_int_equal(calendar_on(&calendar, MONDAY + 4), CALENDAR_OPEN);
    assert_int_equal(calendar_on(&calendar, MONDAY + 6), CALENDAR_CLOSED_WEEKLY);
    assert_int_equal(calendar_on(&calendar, MONDAY + 13), CALENDAR_CLOSED_WEEKLY);
    assert_int_equal(calendar_on(&calendar, MONDAY + 30), CALENDAR_CLOSED_DATED);
}

/* A day in every combination of the five members: opened, then weekly, then dated, then unplanned. */
static void which_kind_wins(void **state) {
    (void)state;
    struct day_list none = {.days = NULL, .count = 0};
    struct day_list today = DAYS(MONDAY);
    for (int bits = 0; bits < 32; bits++) {
        bool opened = bits & 1, weekly = bits & 2, holiday = bits & 4, closure = bits & 8,
             unplanned = bits & 16;
        struct calendar calendar = {
            .weekly_closed = weekly ? 1 << WEEKDAY_MON : 0,
            .bank_holidays = holiday ? today : none,
            .closures = closure ? today : none,
            .unplanned = unplanned ? today : none,
            .opened = opened ? today : none,
        };
        enum calendar_state want = CALENDAR_OPEN;
        if (!opened && weekly)
            want = CALENDAR_CLOSED_WEEKLY;
        else if (!opened && (holiday || closure))
            want = CALENDAR_CLOSED_DATED;
        else if (!opened && unplanned)
            want = CALENDAR_CLOSED_UNPLANNED;
        assert_int_equal(calendar_on(&calendar, MONDAY), want);
    }
}

/* Christmas 2026: Friday the 25th, Saturday open, Sunday, Monday 28th a bank holiday. */
static void christmas(void **state) {
    (void)state;
    day_t friday = day_from_civil(2026, 12, 25);
    struct calendar calendar = {.weekly_closed = SUNDAY, .bank_holidays = DAYS(friday, friday + 3)};
    assert_int_equal(calendar_open_before(&calendar, friday), friday - 1);
    assert_int_equal(calendar_open_before(&calendar, friday + 1), friday - 1);
    assert_int_equal(calendar_open_before(&calendar, friday + 3), friday + 1);
    assert_int_equal(calendar_open_before(&calendar, friday + 4), friday + 1);
    assert_int_equal(calendar_open_after(&calendar, friday - 1), friday + 1);
    assert_int_equal(calendar_open_after(&calendar, friday + 1), friday + 4);
    calendar.closures = DAYS(friday - 1, friday + 1);
    assert_int_equal(calendar_open_before(&calendar, friday + 3), friday - 2);
    assert_int_equal(calendar_open_after(&calendar, friday - 2), friday + 4);
}

/* Nothing could be moved away from an unplanned closure, but nobody can be asked to come on it. */
static void unplanned_counts_backwards_only(void **state) {
    (void)state;
    struct calendar calendar = {.unplanned = DAYS(MONDAY)};
    assert_int_equal(calendar_open_before(&calendar, MONDAY + 1), MONDAY);
    assert_int_equal(calendar_open_after(&calendar, MONDAY - 1), MONDAY + 1);
}

static void four_hundred_days(void **state) {
    (void)state;
    struct calendar calendar = {.weekly_closed = 0x7f};
    assert_int_equal(calendar_open_before(&calendar, MONDAY), DAY_NONE);
    assert_int_equal(calendar_open_after(&calendar, MONDAY), DAY_NONE);
    calendar.opened = DAYS(MONDAY - 400, MONDAY + 400);
    assert_int_equal(calendar_open_before(&calendar, MONDAY), MONDAY - 400);
    assert_int_equal(calendar_open_after(&calendar, MONDAY), MONDAY + 400);
    calendar.opened = DAYS(MONDAY - 401, MONDAY + 401);
    assert_int_equal(calendar_open_before(&calendar, MONDAY), DAY_NONE);
    assert_int_equal(calendar_open_after(&calendar, MONDAY), DAY_NONE);
}

static void the_ends_of_time(void **state) {
    (void)state;
    struct calendar open = {.weekly_closed = 0};
    struct calendar closed = {.weekly_closed = 0x7f};
    assert_int_equal(calendar_open_before(&open, DAY_MIN + 1), DAY_MIN);
    assert_int_equal(calendar_open_before(&open, DAY_MIN), DAY_NONE);
    assert_int_equal(calendar_open_before(&closed, DAY_MIN + 1), DAY_NONE);
    assert_int_equal(calendar_open_before(&open, DAY_NONE), DAY_NONE);
    assert_int_equal(calendar_open_after(&open, DAY_MAX - 1), DAY_MAX);
    assert_int_equal(calendar_open_after(&open, DAY_MAX), DAY_NONE);
    assert_int_equal(calendar_open_after(&closed, DAY_MAX - 1), DAY_NONE);
    assert_int_equal(calendar_open_after(&open, DAY_NONE), DAY_NONE);
    assert_int_equal(calendar_open_after(&open, INT32_MAX), DAY_NONE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_of_day),  cmocka_unit_test(which_kind_wins),
        cmocka_unit_test(christmas),         cmocka_unit_test(unplanned_counts_backwards_only),
        cmocka_unit_test(four_hundred_days), cmocka_unit_test(the_ends_of_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
