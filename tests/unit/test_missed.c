/* core/missed: the missed-day run and what the walk back meets (rules.md, section 4, M2 to M8). */
#include "build.h"

/* "days/pickups since no_plan", and "gap" where that ended the walk. */
static const char *run_of(struct scene *s, enum drug_class drug_class, day_t day, day_t since) {
    struct rules_case c;
    assert_true(scene_open(s, &c));
    struct missed_run run = missed_run_at(&c, drug_class, day, since);
    case_close(&c);
    s->text[0] = '\0';
    say(s, "%d/%d %d %d%s", run.days, run.pickups, run.since, run.no_plan, run.ended_by_gap ? " gap" : "");
    return s->text;
}

#define EXPECT_RUN(scene, day, wanted) assert_string_equal(run_of(scene, CLASS_OPIOID, day, DAY_MIN), wanted)

/* M2: back from the day before T to the last dosed day; T's own dose is not looked at. */
static void m2_back_to_the_last_dosed_day(void **state) {
    (void)state;
    struct scene s;
    scene_stable(&s, MON - 4);
    EXPECT_RUN(&s, MON - 3, "0/0 0 0");
    EXPECT_RUN(&s, MON - 2, "1/1 1 0");
    EXPECT_RUN(&s, MON, "3/3 3 0");
    scene_supply(&s, 0, MON, MON, MON);
    EXPECT_RUN(&s, MON, "3/3 3 0");
    EXPECT_RUN(&s, MON + 1, "0/0 0 0");
}

/* M2: not before the first day of the earliest prescription, and not after the plan's end. */
static void m2_from_the_first_to_the_last_day(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    scene_rx(&s, &methadone, MON, 4, 60);
    EXPECT_RUN(&s, MON - 1, "0/0 0 0");
    EXPECT_RUN(&s, MON, "0/0 0 0");
    EXPECT_RUN(&s, MON + 2, "2/2 2 0");
    EXPECT_RUN(&s, MON + 30, "4/4 4 0");
}

/* M2: of the same class only. */
static void m2_of_one_class(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    scene_rx(&s, &methadone, MON, 7, 60);
    scene_rx(&s, &diazepam, MON, 7, 2);
    scene_supply(&s, 1, MON + 2, MON + 2, MON + 2);
    EXPECT_RUN(&s, MON + 4, "4/4 4 0");
    assert_string_equal(run_of(&s, CLASS_BENZODIAZEPINE, MON + 4, DAY_MIN), "1/1 1 0");
    scene_elsewhere(&s, CLASS_BENZODIAZEPINE, MON + 3, MON + 3, MON + 3);
    EXPECT_RUN(&s, MON + 4, "4/4 4 0");
    assert_string_equal(run_of(&s, CLASS_BENZODIAZEPINE, MON + 4, DAY_MIN), "0/0 0 0");
}

/* M2: over earlier prescriptions too, and over those given at the same time. */
static void m2_over_earlier_prescriptions(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    scene_rx(&s, &methadone, MON - 7, 7, 60);
    scene_rx(&s, &methadone, MON, 7, 60);
    scene_daily(&s, 0, MON - 7, MON - 3);
    EXPECT_RUN(&s, MON + 2, "4/4 4 0");
    scene_rx(&s, &bup_2mg, MON, 7, 2);
    EXPECT_RUN(&s, MON + 2, "4/4 4 0");
    scene_supply(&s, 2, MON, MON, MON);
    EXPECT_RUN(&s, MON + 2, "1/1 1 0");
}

/* D11: the days from a signature on are counted apart, that day included. */
static void d11_days_since_the_signature(void **state) {
    (void)state;
    struct scene s;
    scene_stable(&s, MON - 4);
    assert_string_equal(run_of(&s, CLASS_OPIOID, MON + 2, MON - 1), "5/5 3 0");
    assert_string_equal(run_of(&s, CLASS_OPIOID, MON + 2, MON + 1), "5/5 1 0");
    assert_string_equal(run_of(&s, CLASS_OPIOID, MON + 2, MON + 2), "5/5 0 0");
}

/* M2: doses of 0 do not count and do not end the walk; they are no days of no plan either (D26). */
static void m2_doses_of_zero(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    scene_rx(&s, &methadone, MON, 2, 60);
    scene_run(&s, 0, MON + 5, 3, 60);
    EXPECT_RUN(&s, MON + 6, "3/3 3 0");
    scene_supply(&s, 0, MON + 1, MON + 1, MON + 1);
    EXPECT_RUN(&s, MON + 6, "1/1 1 0");
}

/* M3: one missed three-day collection is three missed days. */
static void m3_days_and_collections(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    scene_rx(&s, &methadone, MON, 14, 60)->collect.weekdays = ON(MON) | ON(WED) | ON(FRI);
    scene_supply(&s, 0, MON, MON, MON + 1);
    EXPECT_RUN(&s, MON + 4, "2/1 2 0");
    EXPECT_RUN(&s, MON + 7, "5/2 5 0");
    EXPECT_RUN(&s, MON + 8, "6/3 6 0");
}

/* M4: collected in advance is dosed. M5, M11: withheld is not. */
static void m4_advance_m5_withheld(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    scene_rx(&s, &methadone, MON, 14, 60);
    scene_supply(&s, 0, MON + 1, MON + 1, MON + 2);
    EXPECT_RUN(&s, MON + 3, "0/0 0 0");
    scene_event(&s, EVENT_WITHHELD, 0, MON + 3);
    scene_event(&s, EVENT_DEFERRED, 0, MON + 4);
    EXPECT_RUN(&s, MON + 5, "2/2 2 0");
}

/* M6: vomited, spilled, left, in part: it counts in the run. A supply outside the rules ends it. */
static void m6_incomplete_dose(void **state) {
    (void)state;
    struct scene s;
    scene_stable(&s, MON - 3);
    scene_supply(&s, 0, MON - 2, MON - 2, MON - 2)->incomplete = true;
    EXPECT_RUN(&s, MON, "2/2 2 0");
    scene_supply(&s, 0, MON - 1, MON - 1, MON - 1)->kind = EVENT_IRREGULAR;
    EXPECT_RUN(&s, MON, "0/0 0 0");
}

/* M8: confirmed elsewhere: dosed, from when it is recorded. */
static void m8_dosed_elsewhere(void **state) {
    (void)state;
    struct scene s;
    scene_stable(&s, MON - 6);
    scene_elsewhere(&s, CLASS_OPIOID, MON, MON - 4, MON - 2);
    EXPECT_RUN(&s, MON - 1, "4/4 4 0");
    EXPECT_RUN(&s, MON, "1/1 1 0");
}

/* Two prescriptions of three days with `gap` days of no plan between them; nothing was supplied. */
static void two_with_a_gap(struct scene *s, int gap) {
    scene_begin(s);
    scene_rx(s, &methadone, MON - gap - 3, 3, 60);
    scene_rx(s, &methadone, MON, 3, 60);
}

/* M2: a gap of more than 14 days of no plan ends the walk, and those days are not counted. */
static void m2_gap(void **state) {
    (void)state;
    struct scene s;
    two_with_a_gap(&s, 14);
    EXPECT_RUN(&s, MON, "3/3 3 14");
    EXPECT_RUN(&s, MON + 1, "4/4 4 14");
    two_with_a_gap(&s, 15);
    EXPECT_RUN(&s, MON, "0/0 0 0 gap");
    EXPECT_RUN(&s, MON + 1, "1/1 1 0 gap");
    two_with_a_gap(&s, 40);
    EXPECT_RUN(&s, MON + 2, "2/2 2 0 gap");
}

/* M2: two gaps parted by a missed day are two. */
static void m2_two_gaps(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    scene_rx(&s, &methadone, MON - 30, 5, 60);
    scene_rx(&s, &methadone, MON - 15, 2, 60);
    scene_rx(&s, &methadone, MON, 3, 60);
    EXPECT_RUN(&s, MON, "7/7 7 23");
}

/* The same, parted by a day of dose 0: of four planned days the entry and the stop leave only that one. */
static void m2_two_gaps_and_a_dose_of_zero(void **state) {
    (void)state;
    struct scene s;
    two_with_a_gap(&s, 27); /* the first one ends on MON - 28 */
    scene_rx(&s, &methadone, MON - 17, 1, 60);
    scene_run(&s, 2, MON - 14, 1, 60);
    s.rx[2].entered_on = MON - 15;
    s.rx[2].stopped_from = MON - 14;
    EXPECT_RUN(&s, MON, "3/3 3 26"); /* 12 days of no plan before MON - 15 and 14 after it */
    s.rx[2].stopped_from = MON - 15;
    EXPECT_RUN(&s, MON, "0/0 0 0 gap");
}

/* M2, D26: without a later prescription that has begun, a day of no plan says nothing. */
static void m2_no_plan_and_nothing_later(void **state) {
    (void)state;
    struct scene s;
    two_with_a_gap(&s, 20);
    s.rx[1].signed_on = MON - 1;
    EXPECT_RUN(&s, MON - 1, "3/3 3 0");
    EXPECT_RUN(&s, MON, "0/0 0 0 gap");
    scene_begin(&s);
    scene_rx(&s, &methadone, MON - 3, 3, 60);
    scene_rx(&s, &diazepam, MON + 2, 3, 2);
    scene_rx(&s, &methadone, MON + 2, 3, 0);
    EXPECT_RUN(&s, MON + 2, "3/3 3 0");
}

/* M2: after a stop. */
static void m2_after_a_stop(void **state) {
    (void)state;
    struct scene s;
    two_with_a_gap(&s, 2);
    s.rx[0].stopped_from = MON - 4;
    EXPECT_RUN(&s, MON, "1/1 1 4");
    EXPECT_RUN(&s, MON - 1, "1/1 1 0");
}

/* P2, M2: plan days before the entry are days of no plan, met once the entry has come. */
static void p2_before_the_entry(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    scene_rx(&s, &methadone, MON, 14, 60)->entered_on = MON + 3;
    EXPECT_RUN(&s, MON + 2, "0/0 0 0");
    EXPECT_RUN(&s, MON + 3, "0/0 0 3");
    EXPECT_RUN(&s, MON + 5, "2/2 2 3");
    scene_supply(&s, 0, MON + 1, MON + 1, MON + 1);
    EXPECT_RUN(&s, MON + 5, "2/2 2 1");
    s.rx[0].stopped_from = MON + 4;
    EXPECT_RUN(&s, MON + 6, "1/1 1 1");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(m2_back_to_the_last_dosed_day),
        cmocka_unit_test(m2_from_the_first_to_the_last_day),
        cmocka_unit_test(m2_of_one_class),
        cmocka_unit_test(m2_over_earlier_prescriptions),
        cmocka_unit_test(d11_days_since_the_signature),
        cmocka_unit_test(m2_doses_of_zero),
        cmocka_unit_test(m3_days_and_collections),
        cmocka_unit_test(m4_advance_m5_withheld),
        cmocka_unit_test(m6_incomplete_dose),
        cmocka_unit_test(m8_dosed_elsewhere),
        cmocka_unit_test(m2_gap),
        cmocka_unit_test(m2_two_gaps),
        cmocka_unit_test(m2_two_gaps_and_a_dose_of_zero),
        cmocka_unit_test(m2_no_plan_and_nothing_later),
        cmocka_unit_test(m2_after_a_stop),
        cmocka_unit_test(p2_before_the_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
