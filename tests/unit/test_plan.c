/* core/plan: doses, collection days, instalments and where D4 moves them (rules.md, sections 1 to 3). */
/* link: -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free */
#include "build.h"
#include "torture.h"

static struct plan laid(const struct scene *s) {
    struct plan plan;
    assert_true(plan_build(&plan, &s->rx[0], &s->calendar));
    return plan;
}

static void say_day(struct scene *s, day_t day) {
    if (day == DAY_NONE)
        say(s, " -");
    else
        say(s, " %d", day - MON);
}

/* Each instalment as "collect last due usual", DAY_NONE as "-". */
static const char *instalments(struct scene *s) {
    struct plan plan = laid(s);
    s->text[0] = '\0';
    for (size_t i = 0; i < plan.instalment_count; i++) {
        const struct instalment *one = &plan.instalments[i];
        say(s, "%s%d", i > 0 ? ", " : "", one->collect - MON);
        say_day(s, one->last);
        say_day(s, one->due);
        say_day(s, one->usual);
    }
    plan_release(&plan);
    return s->text;
}

/* Section 1, "plan": doses change from day to day; a day written as 0 or left out has none. */
static void doses_of_each_day(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    scene_rx(&s, &methadone, MON, 2, 0);
    scene_run(&s, 0, MON + 2, 2, 30);
    scene_run(&s, 0, MON + 6, 1, 40);
    scene_item(&s, 0, &bup_2mg, MON + 5, 3, 2);
    struct plan plan = laid(&s);
    assert_int_equal(plan.first, MON + 2);
    assert_int_equal(plan.last, MON + 7);
    assert_int_equal(plan.length, 6);
    const int want[2][10] = {{0, 0, 30, 30, 0, 0, 40, 0, 0, 0}, {0, 0, 0, 0, 0, 2, 2, 2, 0, 0}};
    for (int d = 0; d < 10; d++) {
        assert_int_equal(plan_dose(&plan, 0, MON + d), want[0][d] * ML);
        assert_int_equal(plan_dose(&plan, 1, MON + d), want[1][d] * ML);
        assert_int_equal(plan_has_dose(&plan, MON + d), want[0][d] + want[1][d] > 0);
        assert_int_equal(plan_micrograms(&plan, MON + d), want[0][d] * 1000 + want[1][d] * 2000);
    }
    assert_int_equal(plan_dose(&plan, 0, MON - 1), 0);
    plan_release(&plan);
}

static void no_dose_at_all(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    scene_rx(&s, &methadone, MON, 5, 0)->supervised.kind = SUPERVISED_COLLECTION_DAYS;
    struct plan plan = laid(&s);
    assert_int_equal(plan.length, 0);
    assert_int_equal(plan.instalment_count, 0);
    assert_true(plan.last < plan.first);
    assert_int_equal(plan_dose(&plan, 0, MON), 0);
    assert_false(plan_has_dose(&plan, MON));
    assert_false(plan_supervised_on(&plan, MON));
    assert_null(plan_instalment_of(&plan, MON));
    plan_release(&plan);
}

static void the_longest_plan(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    scene_rx(&s, &methadone, MON, PLAN_DAYS_MAX, 60);
    struct plan plan = laid(&s);
    assert_int_equal(plan.length, PLAN_DAYS_MAX);
    assert_int_equal(plan_dose(&plan, 0, MON + PLAN_DAYS_MAX - 1), 60 * ML);
    plan_release(&plan);
    scene_run(&s, 0, MON + PLAN_DAYS_MAX, 1, 60);
    memset(&plan, 0x55, sizeof plan);
    assert_false(plan_build(&plan, &s.rx[0], &s.calendar));
    assert_int_equal(plan.length, 0);
    assert_int_equal(plan.instalment_count, 0);
    assert_null(plan.doses);
    plan_release(&plan);
}

/* Section 1, "instalment": C up to the day before the next collection day; the first day always is one. */
static void collected_on_weekdays(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    struct prescription *rx = scene_rx(&s, &methadone, MON, 9, 60);
    assert_string_equal(instalments(&s), "0 0 0 -, 1 1 1 -, 2 2 2 -, 3 3 3 -, 4 4 4 -, 5 5 5 -, 6 6 6 -, "
                                         "7 7 7 -, 8 8 8 -");
    rx->collect.weekdays = ON(WED) | ON(FRI);
    assert_string_equal(instalments(&s), "0 1 0 -, 2 3 2 -, 4 8 4 -");
}

static void collected_every_third_day(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    scene_rx(&s, &methadone, MON + 1, 8, 60)->collect =
        (struct collection){.kind = COLLECT_EVERY_DAYS, .every_days = 3};
    assert_string_equal(instalments(&s), "1 3 1 -, 4 6 4 -, 7 8 7 -");
}

static void collected_on_dates(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    scene_rx(&s, &methadone, MON, 6, 60)->collect =
        (struct collection){.kind = COLLECT_DATES, .dates = DAYS(MON + 1, MON + 4, MON + 30)};
    assert_string_equal(instalments(&s), "0 0 0 -, 1 3 1 -, 4 5 4 -");
}

/* Section 1, "instalment": its days are those with a dose; without any, there is none. */
static void days_without_dose(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    scene_rx(&s, &methadone, MON, 1, 60)->collect.weekdays = ON(MON) | ON(WED) | ON(FRI);
    scene_run(&s, 0, MON + 6, 2, 60);
    assert_string_equal(instalments(&s), "0 0 0 -, 4 6 4 -, 7 7 7 -");
    struct plan plan = laid(&s);
    const int want[] = {-1, 0, -1, -1, -1, 4, 4, 4, 7, -1};
    for (int i = 0; i < 10; i++) {
        const struct instalment *one = plan_instalment_of(&plan, MON + i - 1);
        if (want[i] < 0)
            assert_null(one);
        else
            assert_int_equal(one->collect, MON + want[i]);
    }
    plan_release(&plan);
}

/* D4: with W1 or W1old due on the nearest earlier open day, without either on no day. */
static void d4_closed_collection_day(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    struct prescription *rx = scene_rx(&s, &methadone, MON + 5, 3, 60);
    s.calendar.weekly_closed = ON(SUN);
    assert_string_equal(instalments(&s), "5 5 5 -, 6 6 - -, 7 7 7 -");
    rx->wording = WORDING_W2 | WORDING_W3 | WORDING_W4 | WORDING_W5;
    assert_string_equal(instalments(&s), "5 5 5 -, 6 6 - -, 7 7 7 -");
    rx->wording = WORDING_W1;
    assert_string_equal(instalments(&s), "5 5 5 -, 6 6 5 -, 7 7 7 -");
    rx->wording = WORDING_W1OLD;
    assert_string_equal(instalments(&s), "5 5 5 -, 6 6 5 -, 7 7 7 -");
    s.calendar.closures = DAYS(MON + 5, MON + 7);
    assert_string_equal(instalments(&s), "5 5 4 -, 6 6 4 -, 7 7 4 -");
    struct plan plan = laid(&s);
    assert_int_equal(plan.instalments[0].state, CALENDAR_CLOSED_DATED);
    assert_int_equal(plan.instalments[1].state, CALENDAR_CLOSED_WEEKLY);
    plan_release(&plan);
}

/* D4: an unplanned closure moves nothing, and is a day to which something can have been moved. */
static void d4_unplanned_closure(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    scene_rx(&s, &methadone, MON + 4, 3, 60)->wording = WORDING_W1;
    s.calendar.weekly_closed = ON(SUN);
    s.calendar.unplanned = DAYS(MON + 5);
    assert_string_equal(instalments(&s), "4 4 4 -, 5 5 5 -, 6 6 5 4");
}

/* D4: E before the signature date: due on no day; on the signature date it is allowed. */
static void d4_not_before_the_signature(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    struct prescription *rx = scene_rx(&s, &methadone, MON + 6, 2, 60);
    rx->wording = WORDING_W1;
    s.calendar.weekly_closed = ON(SUN);
    rx->signed_on = MON + 5;
    assert_string_equal(instalments(&s), "6 6 5 -, 7 7 7 -");
    rx->signed_on = MON + 6;
    assert_string_equal(instalments(&s), "6 6 - -, 7 7 7 -");
}

static void d4_never_open(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    scene_rx(&s, &methadone, MON, 1, 60)->wording = WORDING_W1;
    s.calendar.weekly_closed = EVERY_DAY;
    assert_string_equal(instalments(&s), "0 0 - -");
}

/* D4: U, the last open collection day before C, where that is earlier than E and W1 stands there. */
static void d4_usual_day(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    struct prescription *rx = scene_rx(&s, &methadone, MON, 8, 60);
    rx->collect.weekdays = ON(MON) | ON(WED) | ON(SUN);
    rx->wording = WORDING_W1;
    s.calendar.weekly_closed = ON(SUN);
    assert_string_equal(instalments(&s), "0 1 0 -, 2 5 2 -, 6 6 5 2, 7 7 7 -");
    rx->wording = WORDING_W1OLD;
    assert_string_equal(instalments(&s), "0 1 0 -, 2 5 2 -, 6 6 5 -, 7 7 7 -");
    rx->wording = WORDING_W1 | WORDING_W1OLD;
    assert_string_equal(instalments(&s), "0 1 0 -, 2 5 2 -, 6 6 5 2, 7 7 7 -");
    s.calendar.closures = DAYS(MON + 2); /* U is a day that is itself open */
    assert_string_equal(instalments(&s), "0 1 0 -, 2 5 1 0, 6 6 5 0, 7 7 7 -");
    s.calendar.closures = DAYS(MON, MON + 2);
    assert_string_equal(instalments(&s), "0 1 -2 -, 2 5 1 -, 6 6 5 -, 7 7 7 -");
}

/* Section 1, "supervised". */
static void supervised_days(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    struct prescription *rx = scene_rx(&s, &methadone, MON + 1, 7, 60);
    rx->collect.weekdays = ON(THU);
    for (enum supervision_kind kind = SUPERVISED_NONE; kind <= SUPERVISED_WEEKDAYS; kind++) {
        rx->supervised = (struct supervision){.kind = kind, .weekdays = ON(FRI)};
        struct plan plan = laid(&s);
        for (day_t d = -4; d < 12; d++) {
            bool collection = kind == SUPERVISED_COLLECTION_DAYS && (d == 1 || d == 3);
            bool weekday = kind == SUPERVISED_WEEKDAYS && (d == -3 || d == 4 || d == 11);
            assert_int_equal(plan_supervised_on(&plan, MON + d), collection || weekday);
        }
        plan_release(&plan);
    }
}

/* Section 1, "plan": a split dose; what is written as more than the dose is the whole dose. */
static void supervised_parts(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    scene_rx(&s, &methadone, MON, 2, 60);
    scene_run(&s, 0, MON + 2, 2, 50)->supervised_part = 30 * ML;
    scene_run(&s, 0, MON + 4, 1, 40)->supervised_part = 40 * ML;
    scene_item(&s, 0, &bup_2mg, MON, 2, 4);
    s.runs[0][1][0].supervised_part = 0;
    struct plan plan = laid(&s);
    const int want[] = {0, 60, 60, 30, 30, 40, 0};
    for (int i = 0; i < 7; i++)
        assert_int_equal(plan_supervised_part(&plan, 0, MON + i - 1), want[i] * ML);
    assert_int_equal(plan_supervised_part(&plan, 1, MON), 0);
    assert_int_equal(plan_dose(&plan, 1, MON), 4 * ML);
    plan_release(&plan);
    s.runs[0][0][2].supervised_part = 41 * ML;
    plan = laid(&s);
    assert_int_equal(plan_supervised_part(&plan, 0, MON + 4), 40 * ML);
    plan_release(&plan);
}

static void memory_runs_out(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    scene_rx(&s, &methadone, MON, 14, 60);
    int fails = 1;
    for (bool came = true; came; fails++) {
        struct plan plan;
        torture_begin(fails);
        bool built = plan_build(&plan, &s.rx[0], &s.calendar);
        came = torture_end();
        assert_int_equal(built, !came);
        assert_int_equal(plan.instalment_count, built ? 14 : 0);
        plan_release(&plan);
        assert_int_equal(torture_held, 0);
        plan_release(&plan); /* an empty plan is allowed */
    }
    assert_true(fails > 3);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(doses_of_each_day),
        cmocka_unit_test(no_dose_at_all),
        cmocka_unit_test(the_longest_plan),
        cmocka_unit_test(collected_on_weekdays),
        cmocka_unit_test(collected_every_third_day),
        cmocka_unit_test(collected_on_dates),
        cmocka_unit_test(days_without_dose),
        cmocka_unit_test(d4_closed_collection_day),
        cmocka_unit_test(d4_unplanned_closure),
        cmocka_unit_test(d4_not_before_the_signature),
        cmocka_unit_test(d4_never_open),
        cmocka_unit_test(d4_usual_day),
        cmocka_unit_test(supervised_days),
        cmocka_unit_test(supervised_parts),
        cmocka_unit_test(memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
