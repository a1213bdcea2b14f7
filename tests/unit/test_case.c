/* core/case: what happened to which day, and when a prescription stops (rules.md, D1, M6, M8, P2, P7). */
/* link: -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free */
#include "build.h"
#include "torture.h"

static struct rules_case opened(const struct scene *s) {
    struct rules_case c;
    assert_true(scene_open(s, &c));
    return c;
}

/* A day is supplied from the day on which it was collected, not before. */
static void supplied_from_the_day_of_supply(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    scene_rx(&s, &methadone, MON, 7, 60);
    scene_supply(&s, 0, MON + 1, MON + 1, MON + 3);
    struct rules_case c = opened(&s);
    for (day_t d = -1; d < 8; d++) {
        assert_false(case_supplied(&c.courses[0], MON + d, MON));
        assert_int_equal(case_supplied(&c.courses[0], MON + d, MON + 1), d >= 1 && d <= 3);
        assert_int_equal(case_taken(&c.courses[0], MON + d, MON + 9), d >= 1 && d <= 3);
    }
    assert_int_equal(c.courses[0].first_supplied_on, MON + 1);
    case_close(&c);
}

static void the_first_supply_of_a_day_counts(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    scene_rx(&s, &methadone, MON, 7, 60);
    scene_supply(&s, 0, MON + 2, MON + 2, MON + 3);
    scene_supply(&s, 0, MON + 1, MON + 1, MON + 2)->kind = EVENT_IRREGULAR;
    scene_supply(&s, 0, MON + 4, MON + 2, MON + 4);
    struct rules_case c = opened(&s);
    assert_true(case_supplied(&c.courses[0], MON + 2, MON + 1));
    assert_false(case_supplied(&c.courses[0], MON + 3, MON + 1));
    assert_true(case_supplied(&c.courses[0], MON + 3, MON + 2));
    assert_true(case_supplied(&c.courses[0], MON + 4, MON + 4));
    assert_int_equal(c.courses[0].first_supplied_on, MON + 1);
    case_close(&c);
}

/* M6: left, vomited, spilled or taken in part: dosed, but not taken; only the dose of the visit itself. */
static void m6_incomplete_dose(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    scene_rx(&s, &methadone, MON, 7, 60);
    scene_supply(&s, 0, MON, MON, MON + 1)->incomplete = true;
    struct rules_case c = opened(&s);
    assert_true(case_supplied(&c.courses[0], MON, MON));
    assert_false(case_taken(&c.courses[0], MON, MON));
    assert_true(case_supplied(&c.courses[0], MON + 1, MON));
    assert_true(case_taken(&c.courses[0], MON + 1, MON));
    assert_false(case_taken(&c.courses[0], MON + 2, MON + 2));
    assert_false(case_taken(&c.courses[0], MON + 1, MON - 1)); /* not known yet */
    assert_false(case_taken(&c.courses[0], MON + 9, MON + 9));
    case_close(&c);
    /* Events have no order within a day: of two supplies, the one that was taken whole counts. */
    scene_supply(&s, 0, MON, MON, MON)->incomplete = true;
    c = opened(&s);
    assert_false(case_taken(&c.courses[0], MON, MON));
    case_close(&c);
    scene_supply(&s, 0, MON, MON, MON);
    c = opened(&s);
    assert_true(case_taken(&c.courses[0], MON, MON));
    case_close(&c);
}

/* Section 6: an irregular supply may dose days that the plan does not have. */
static void days_outside_the_plan(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    scene_rx(&s, &methadone, MON, 3, 60);
    scene_rx(&s, &methadone, MON, 3, 0);
    scene_supply(&s, 0, MON - 2, MON - 2, MON - 1);
    scene_supply(&s, 0, MON + 5, MON + 5, MON + 5)->incomplete = true;
    scene_supply(&s, 0, MON + 6, MON + 5, MON + 6);
    scene_supply(&s, 1, MON, MON, MON);
    struct rules_case c = opened(&s);
    assert_true(case_taken(&c.courses[0], MON - 2, MON - 2));
    assert_true(case_taken(&c.courses[0], MON - 1, MON - 2));
    assert_false(case_supplied(&c.courses[0], MON + 5, MON + 4));
    assert_true(case_supplied(&c.courses[0], MON + 5, MON + 5));
    assert_false(case_taken(&c.courses[0], MON + 5, MON + 6));
    assert_true(case_taken(&c.courses[0], MON + 6, MON + 6));
    assert_false(case_supplied(&c.courses[0], MON + 7, MON + 7));
    assert_true(case_supplied(&c.courses[1], MON, MON));
    case_close(&c);
}

static void last_supplied_day(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    scene_rx(&s, &methadone, MON, 7, 60);
    struct rules_case c = opened(&s);
    assert_int_equal(case_last_supplied(&c.courses[0], MON + 9, MON + 9), DAY_NONE);
    assert_int_equal(case_last_supplied(&c.courses[0], MON - 1, MON + 9), DAY_NONE);
    case_close(&c);
    scene_supply(&s, 0, MON, MON, MON + 1);
    scene_supply(&s, 0, MON + 4, MON + 4, MON + 4);
    c = opened(&s);
    assert_int_equal(case_last_supplied(&c.courses[0], MON + 9, MON + 9), MON + 4);
    assert_int_equal(case_last_supplied(&c.courses[0], MON + 4, MON + 9), MON + 1);
    assert_int_equal(case_last_supplied(&c.courses[0], MON + 9, MON + 3), MON + 1);
    assert_int_equal(case_last_supplied(&c.courses[0], MON + 1, MON + 9), MON);
    assert_int_equal(case_last_supplied(&c.courses[0], MON, MON + 9), DAY_NONE);
    case_close(&c);
}

static void last_supplied_day_outside_the_plan(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    scene_rx(&s, &methadone, MON, 7, 60);
    scene_rx(&s, &methadone, MON, 7, 0);
    scene_supply(&s, 0, MON + 3, MON + 3, MON + 3);
    scene_supply(&s, 0, MON + 8, MON + 8, MON + 9);
    scene_supply(&s, 0, MON - 5, MON - 5, MON - 5);
    scene_supply(&s, 0, MON - 6, MON - 6, MON - 6);
    scene_supply(&s, 1, MON + 2, MON + 2, MON + 2);
    struct rules_case c = opened(&s);
    assert_int_equal(case_last_supplied(&c.courses[0], MON + 20, MON + 20), MON + 9);
    assert_int_equal(case_last_supplied(&c.courses[0], MON + 9, MON + 20), MON + 8);
    assert_int_equal(case_last_supplied(&c.courses[0], MON + 20, MON + 7), MON + 3);
    assert_int_equal(case_last_supplied(&c.courses[0], MON + 3, MON + 20), MON - 5);
    assert_int_equal(case_last_supplied(&c.courses[0], MON - 5, MON + 20), MON - 6);
    assert_int_equal(case_last_supplied(&c.courses[0], MON - 6, MON + 20), DAY_NONE);
    assert_int_equal(case_last_supplied(&c.courses[1], MON + 20, MON + 20), MON + 2);
    assert_int_equal(case_last_supplied(&c.courses[1], MON + 2, MON + 20), DAY_NONE);
    case_close(&c);
}

/* M8: from when it is recorded, whatever days it names; of its class. */
static void m8_dosed_elsewhere(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    scene_rx(&s, &methadone, MON, 7, 60);
    scene_supply(&s, 0, MON, MON, MON);
    scene_elsewhere(&s, CLASS_OPIOID, MON + 4, MON + 1, MON + 3);
    struct rules_case c = opened(&s);
    for (day_t d = 0; d < 6; d++) {
        assert_int_equal(case_dosed_elsewhere(&c, CLASS_OPIOID, MON + d, MON + 4), d >= 1 && d <= 3);
        assert_false(case_dosed_elsewhere(&c, CLASS_OPIOID, MON + d, MON + 3));
        assert_false(case_dosed_elsewhere(&c, CLASS_BENZODIAZEPINE, MON + d, MON + 4));
    }
    case_close(&c);
}

/* D1: stopped by hand, replaced from a named day, consulted `stop`: the earliest of them. */
static void d1_stop_day(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    scene_rx(&s, &methadone, MON, 14, 60);
    scene_rx(&s, &methadone, MON + 7, 14, 60);
    struct rules_case c = opened(&s);
    assert_int_equal(case_stop_day(&c, 0, MON + 20), DAY_NEVER);
    case_close(&c);
    s.rx[0].stopped_from = MON + 9;
    s.rx[1].replaces = 0;
    s.rx[1].replaces_from = MON + 10;
    c = opened(&s);
    assert_int_equal(case_stop_day(&c, 0, MON), MON + 9);
    assert_int_equal(case_stop_day(&c, 1, MON), DAY_NEVER);
    case_close(&c);
    s.rx[1].replaces_from = MON + 7;
    c = opened(&s);
    assert_int_equal(case_stop_day(&c, 0, MON), MON + 7);
    case_close(&c);
    s.rx[1].replaces_from = DAY_NONE;
    c = opened(&s);
    assert_int_equal(case_stop_day(&c, 0, MON), MON + 9);
    case_close(&c);
}

/* D1: a consultation stops from its own day on, as known on the day asked; other outcomes do not. */
static void d1_consulted_stop(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    scene_rx(&s, &methadone, MON, 14, 60)->stopped_from = MON + 9;
    scene_rx(&s, &methadone, MON + 7, 14, 60);
    scene_supply(&s, 0, MON, MON, MON);
    scene_consulted(&s, 0, CONSULTED_CONTINUE, MON + 2);
    scene_consulted(&s, 0, CONSULTED_STOP, MON + 4);
    scene_consulted(&s, 0, CONSULTED_STOP, MON + 6);
    scene_consulted(&s, 1, CONSULTED_STOP, MON + 3);
    struct rules_case c = opened(&s);
    assert_int_equal(case_stop_day(&c, 0, MON + 3), MON + 9);
    assert_int_equal(case_stop_day(&c, 0, MON + 4), MON + 4);
    assert_int_equal(case_stop_day(&c, 0, MON + 6), MON + 4);
    assert_int_equal(case_stop_day(&c, 1, MON + 3), MON + 3);
    case_close(&c);
}

/* P2, D1: a plan reaches from its first day, or its entry, to its last day or the day before its stop. */
static void p2_days_that_a_plan_covers(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    scene_rx(&s, &methadone, MON, 7, 60);
    scene_rx(&s, &methadone, MON, 7, 60)->entered_on = MON + 2;
    scene_rx(&s, &methadone, MON, 7, 60)->stopped_from = MON + 4;
    scene_rx(&s, &methadone, MON, 7, 0);
    struct rules_case c = opened(&s);
    for (day_t d = -1; d < 9; d++) {
        assert_int_equal(case_plan_covers(&c, 0, MON + d, MON), d >= 0 && d <= 6);
        assert_int_equal(case_plan_covers(&c, 1, MON + d, MON), d >= 2 && d <= 6);
        assert_int_equal(case_plan_covers(&c, 2, MON + d, MON), d >= 0 && d <= 3);
        assert_false(case_plan_covers(&c, 3, MON + d, MON));
    }
    case_close(&c);
}

/* P7: `together_with`, two forms that make one dose; also three that name one another in a chain. */
static void p7_given_together(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    for (int i = 0; i < 4; i++)
        scene_rx(&s, &bup_8mg, MON, 7, 1);
    s.rx[1].together_with = 3;
    s.rx[2].together_with = 1;
    struct rules_case c = opened(&s);
    assert_false(c.courses[0].grouped);
    for (size_t i = 1; i < 4; i++) {
        assert_true(c.courses[i].grouped);
        assert_int_equal(c.courses[i].group, c.courses[3].group);
        assert_int_not_equal(c.courses[i].group, c.courses[0].group);
    }
    case_close(&c);
    s.rx[3].together_with = 2; /* a circle is one group too, whoever names whom */
    c = opened(&s);
    assert_false(c.courses[0].grouped);
    for (size_t i = 1; i < 4; i++) {
        assert_true(c.courses[i].grouped);
        assert_int_equal(c.courses[i].group, c.courses[3].group);
    }
    case_close(&c);
}

/* A dose that ends every look back, in each class and without what is given together. */
static void how_far_back_a_case_is_asked(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    scene_rx(&s, &bup_8mg, MON - 30, 40, 1);
    struct rules_case c = opened(&s);
    assert_false(case_reaches(&c, MON - 7, MON));
    case_close(&c);
    scene_supply(&s, 0, MON - 7, MON - 7, MON - 7);
    scene_supply(&s, 0, MON, MON, MON);
    c = opened(&s);
    assert_true(case_reaches(&c, MON - 7, MON));
    assert_false(case_reaches(&c, MON - 6, MON)); /* the dose of the day itself is no look back */
    case_close(&c);
    /* Given together with another whose own doses are all older. */
    scene_rx(&s, &bup_2mg, MON - 30, 40, 1);
    s.rx[1].together_with = 0;
    scene_supply(&s, 1, MON - 9, MON - 9, MON - 9);
    c = opened(&s);
    assert_false(case_reaches(&c, MON - 7, MON));
    assert_true(case_reaches(&c, MON - 9, MON));
    case_close(&c);
    /* Another class asks for a dose of its own. */
    scene_rx(&s, &diazepam, MON - 30, 40, 1);
    c = opened(&s);
    assert_false(case_reaches(&c, MON - 9, MON));
    case_close(&c);
    scene_supply(&s, 2, MON - 1, MON - 1, MON - 1);
    c = opened(&s);
    assert_true(case_reaches(&c, MON - 9, MON));
    case_close(&c);
    /* Not taken whole: the walk of M2 goes on. */
    s.events[s.event_count - 1].incomplete = true;
    c = opened(&s);
    assert_false(case_reaches(&c, MON - 9, MON));
    case_close(&c);
}

static void the_first_day_of_each_class(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    struct rules_case c = opened(&s);
    assert_int_equal(c.earliest[CLASS_OPIOID], DAY_NEVER);
    case_close(&c);
    scene_rx(&s, &methadone, MON + 3, 7, 60);
    scene_rx(&s, &bup_8mg, MON + 1, 7, 1);
    scene_rx(&s, &methadone, MON + 2, 7, 60);
    scene_rx(&s, &methadone, MON, 7, 0);
    c = opened(&s);
    assert_int_equal(c.earliest[CLASS_OPIOID], MON + 1);
    assert_int_equal(c.earliest[CLASS_BENZODIAZEPINE], DAY_NEVER);
    case_close(&c);
}

static void a_plan_too_long(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    scene_rx(&s, &methadone, MON, 7, 60);
    scene_rx(&s, &methadone, MON, PLAN_DAYS_MAX, 60);
    scene_run(&s, 1, MON + PLAN_DAYS_MAX, 1, 60);
    struct rules_case c;
    torture_begin(0);
    assert_false(scene_open(&s, &c));
    assert_null(c.courses);
    assert_int_equal(torture_held, 0);
    case_close(&c); /* an empty case is allowed */
}

static void memory_runs_out(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    scene_rx(&s, &methadone, MON, 7, 60);
    scene_rx(&s, &methadone, MON, 7, 0);
    scene_rx(&s, &diazepam, MON, 7, 2);
    scene_supply(&s, 0, MON - 2, MON - 2, MON - 1);
    scene_supply(&s, 2, MON, MON, MON);
    int fails = 1;
    for (bool came = true; came; fails++) {
        struct rules_case c;
        torture_begin(fails);
        bool ok = scene_open(&s, &c);
        came = torture_end();
        assert_int_equal(ok, !came);
        assert_int_equal(c.courses != NULL, ok);
        case_close(&c);
        assert_int_equal(torture_held, 0);
    }
    assert_int_equal(fails, 1 + 2 * 3 + 2 + 2); /* courses; plan and dosing twice; two strays; none */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(supplied_from_the_day_of_supply),
        cmocka_unit_test(the_first_supply_of_a_day_counts),
        cmocka_unit_test(m6_incomplete_dose),
        cmocka_unit_test(days_outside_the_plan),
        cmocka_unit_test(last_supplied_day),
        cmocka_unit_test(last_supplied_day_outside_the_plan),
        cmocka_unit_test(m8_dosed_elsewhere),
        cmocka_unit_test(d1_stop_day),
        cmocka_unit_test(d1_consulted_stop),
        cmocka_unit_test(p2_days_that_a_plan_covers),
        cmocka_unit_test(p7_given_together),
        cmocka_unit_test(how_far_back_a_case_is_asked),
        cmocka_unit_test(the_first_day_of_each_class),
        cmocka_unit_test(a_plan_too_long),
        cmocka_unit_test(memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
