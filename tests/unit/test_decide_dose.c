/* core/decide_dose: how much, supervised or taken home, by whom, against the last dose (D7, D9, D13, D16, D17). */
#include "build.h"

#define EXPECT_QUANTITIES(scene, day, wanted)           \
    do {                                                \
        ask(scene, day);                                \
        assert_string_equal(quantities(scene), wanted); \
    } while (0)

/* ---- quantities ---- */

/* Section 1, "supervised": the dose of the day of the visit; the other covered days' are take-home. */
static void supervised_and_take_home(void **state) {
    (void)state;
    struct scene s;
    struct prescription *rx = scene_stable(&s, MON - 1);
    rx->collect.weekdays = ON(MON) | ON(THU);
    EXPECT_QUANTITIES(&s, MON, "0+180");
    rx->supervised.kind = SUPERVISED_COLLECTION_DAYS;
    EXPECT_QUANTITIES(&s, MON, "60+120");
    s.runs[0][0][0].supervised_part = 20 * ML;
    EXPECT_QUANTITIES(&s, MON, "20+160");
    rx->supervised = (struct supervision){.kind = SUPERVISED_WEEKDAYS, .weekdays = ON(TUE)};
    EXPECT_QUANTITIES(&s, MON, "0+180");
    scene_end(&s);
}

/* D4: a dose supplied in advance is take-home. */
static void d4_in_advance(void **state) {
    (void)state;
    struct scene s;
    struct prescription *rx = scene_stable(&s, MON + 4);
    rx->wording = WORDING_W1;
    rx->supervised.kind = SUPERVISED_COLLECTION_DAYS;
    s.calendar.weekly_closed = ON(SUN);
    EXPECT_QUANTITIES(&s, MON + 5, "60+60");
    scene_elsewhere(&s, CLASS_OPIOID, MON + 5, MON + 5, MON + 5); /* only Sunday's is left */
    EXPECT_QUANTITIES(&s, MON + 5, "0+60");
    scene_end(&s);
}

/* D7: the dose of T is supervised where T or C is a supervised day. */
static void d7_remainder(void **state) {
    (void)state;
    struct scene s;
    struct prescription *rx = scene_stable(&s, MON - 1);
    rx->wording = WORDING_W2;
    rx->collect.weekdays = ON(MON) | ON(THU);
    const struct {
        weekday_set supervised;
        const char *want;
    } rows[] = {{ON(MON), "60+60"}, {ON(TUE), "60+60"}, {ON(WED), "0+120"}};
    for (size_t i = 0; i < 3; i++) {
        rx->supervised = (struct supervision){.kind = SUPERVISED_WEEKDAYS, .weekdays = rows[i].supervised};
        EXPECT_QUANTITIES(&s, MON + 1, rows[i].want);
    }
    scene_end(&s);
}

/* Item by item, in the order of the form; an item without a dose on the covered days is left out. */
static void two_items(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    scene_rx(&s, &bup_8mg, MON, 7, 2)->supervised.kind = SUPERVISED_COLLECTION_DAYS;
    scene_item(&s, 0, &bup_2mg, MON + 1, 6, 3);
    s.rx[0].collect.weekdays = ON(MON) | ON(WED) | ON(SUN);
    EXPECT_QUANTITIES(&s, MON, "2+2, 0+3");
    assert_ptr_equal(s.decision.items[0].item, &s.items[0][0]);
    assert_ptr_equal(s.decision.items[1].item, &s.items[0][1]);
    EXPECT_QUANTITIES(&s, MON + 6, "2+0, 3+0");
    s.runs[0][0][0].days = 2;
    EXPECT_QUANTITIES(&s, MON + 2, "3+9");
    assert_ptr_equal(s.decision.items[0].item, &s.items[0][1]);
    scene_end(&s);
}

/* ---- D9 ---- */

static void d9_total_on_the_form(void **state) {
    (void)state;
    struct scene s;
    scene_stable(&s, MON - 1);
    s.items[0][0].total = 480 * ML;
    EXPECT(&s, MON, "supply", "", "0");
    s.items[0][0].total = 480 * ML - 1;
    EXPECT(&s, MON, "refuse", "exceeds_total refuse", "");
    s.event_count--;
    EXPECT_REASON(&s, MON, EXCEEDS_TOTAL, "none");
    EXPECT(&s, MON + 7, "refuse", "not_due refuse, three_day_rule hold 8", "");
    scene_end(&s);
}

/* Any item; where nothing is supplied it is not asked. */
static void d9_of_the_second_item(void **state) {
    (void)state;
    struct scene s;
    scene_stable(&s, MON - 1);
    scene_item(&s, 0, &bup_2mg, MON, 7, 2)->total = 2 * ML;
    EXPECT_REASON(&s, MON, EXCEEDS_TOTAL, "none");
    scene_supply(&s, 0, MON, MON, MON);
    EXPECT_REASON(&s, MON, EXCEEDS_TOTAL, "none");
    EXPECT_REASON(&s, MON + 1, EXCEEDS_TOTAL, "refuse");
    s.items[0][1].total = 1 * ML;
    EXPECT_REASON(&s, MON, EXCEEDS_TOTAL, "none");
    scene_end(&s);
}

/* ---- D13 ---- */

static void d13_somebody_else(void **state) {
    (void)state;
    struct scene s;
    struct prescription *rx = scene_stable(&s, MON - 1);
    const enum collector others[] = {COLLECTOR_REPRESENTATIVE, COLLECTOR_PROFESSIONAL};
    for (size_t i = 0; i < 2; i++) {
        s.request.collector = others[i];
        rx->supervised.kind = SUPERVISED_NONE;
        EXPECT(&s, MON, "check", "representative check", "0");
        rx->supervised.kind = SUPERVISED_COLLECTION_DAYS;
        EXPECT(&s, MON, "refuse", "representative_supervised refuse", "");
    }
    s.request.collector = COLLECTOR_PATIENT;
    EXPECT(&s, MON, "supply", "", "0");
    s.request.collector = COLLECTOR_REPRESENTATIVE;
    EXPECT(&s, MON - 1, "refuse", "already_supplied refuse @0", "");
    scene_end(&s);
}

/* T's own dose alone decides: left out, or due on another day, nothing of the supply is supervised. */
static void d13_own_dose_not_supplied(void **state) {
    (void)state;
    struct scene s;
    struct prescription *rx = scene_stable(&s, MON - 1);
    rx->collect.weekdays = ON(MON);
    rx->supervised.kind = SUPERVISED_COLLECTION_DAYS;
    s.request.collector = COLLECTOR_REPRESENTATIVE;
    EXPECT_REASON(&s, MON, REPRESENTATIVE_SUPERVISED, "refuse");
    scene_elsewhere(&s, CLASS_OPIOID, MON, MON, MON);
    EXPECT(&s, MON, "check", "day_left_out check, representative check", "1 2 3 4 5 6");
    scene_end(&s);
}

static void d13_allowed_by_a_consultation(void **state) {
    (void)state;
    struct scene s;
    scene_stable(&s, MON - 1)->supervised.kind = SUPERVISED_COLLECTION_DAYS;
    s.request.collector = COLLECTOR_REPRESENTATIVE;
    struct event *allowed = scene_consulted(&s, 0, CONSULTED_ALLOW_REPRESENTATIVE, MON - 1);
    allowed->for_day = MON;
    EXPECT(&s, MON, "check", "representative check", "0");
    allowed->for_day = MON + 1;
    EXPECT(&s, MON, "refuse", "representative_supervised refuse", "");
    scene_end(&s);
}

/* ---- D16's hold, D17 ---- */

static void d17_first_dose(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    scene_rx(&s, &methadone, MON, 14, 60);
    scene_rx(&s, &diazepam, MON - 7, 14, 2);
    scene_daily(&s, 1, MON - 7, MON - 1);
    EXPECT(&s, MON, "check", "first_dose check, opioid_with_benzodiazepine note", "0");
    EXPECT(&s, MON - 1, "refuse", "not_due refuse @0, opioid_with_benzodiazepine note", "");
    scene_supply(&s, 0, MON, MON, MON);
    EXPECT_REASON(&s, MON + 1, FIRST_DOSE, "none");
    s.request.prescription = 1;
    EXPECT_REASON(&s, MON, FIRST_DOSE, "none");
    scene_end(&s);
}

/* Another prescription of the class counts as supplied here, also one given together. */
static void d17_first_dose_of_the_class(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    scene_rx(&s, &bup_8mg, MON, 14, 1);
    scene_rx(&s, &bup_2mg, MON, 14, 2);
    scene_supply(&s, 1, MON, MON, MON);
    EXPECT_REASON(&s, MON + 1, FIRST_DOSE, "none");
    s.rx[0].together_with = 1;
    EXPECT_REASON(&s, MON + 1, FIRST_DOSE, "none");
    EXPECT_REASON(&s, MON, FIRST_DOSE, "check");
    scene_end(&s);
}

/* The first day supplied now against the last day supplied here: more is a check, less a note. */
static void d17_dose_changed(void **state) {
    (void)state;
    struct scene s;
    scene_stable(&s, MON - 1);
    s.runs[0][0][0].days = 7;
    struct dose_run *now = scene_run(&s, 0, MON, 7, 60);
    EXPECT_REASON(&s, MON, DOSE_CHANGED, "none");
    now->dose = 60 * ML + 1;
    EXPECT(&s, MON, "check", "dose_changed check", "0");
    now->dose = 60 * ML - 1;
    EXPECT(&s, MON, "supply", "dose_changed note", "0");
    scene_end(&s);
}

/* The mass counts, not the product: 1 mg/ml against 10 mg/ml. */
static void d17_mass_of_drug(void **state) {
    (void)state;
    struct scene s;
    scene_stable(&s, MON - 1);
    scene_rx(&s, &concentrate, MON, 7, 6);
    s.request.prescription = 1;
    EXPECT(&s, MON, "supply", "", "0");
    s.runs[1][0][0].dose = 7 * ML;
    EXPECT(&s, MON, "check", "dose_changed check", "0");
    scene_end(&s);
}

/* Another drug is a check, whether more or less of it; one more drug beside it too, and one less. */
static void d17_another_drug(void **state) {
    (void)state;
    struct scene s;
    scene_stable(&s, MON - 1);
    scene_rx(&s, &bup_2mg, MON, 7, 1);
    s.request.prescription = 1;
    EXPECT(&s, MON, "check", "dose_changed check", "0");
    s.runs[1][0][0].dose = 30 * ML; /* the same mass */
    EXPECT(&s, MON, "check", "dose_changed check", "0");
    scene_end(&s);
    scene_stable(&s, MON - 1);
    scene_item(&s, 0, &bup_2mg, MON, 7, 1);
    EXPECT(&s, MON, "check", "dose_changed check", "0");
    s.runs[0][1][0] = (struct dose_run){.from = MON - 7, .days = 7, .dose = 1 * ML};
    EXPECT(&s, MON, "check", "dose_changed check", "0");
    s.runs[0][1][0].days = 14;
    EXPECT(&s, MON, "supply", "", "0");
    scene_end(&s);
}

/* On two prescriptions of the class, both supplied on the last day: their doses are added. */
static void d17_two_prescriptions_before(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    scene_rx(&s, &bup_8mg, MON - 7, 7, 1);
    scene_rx(&s, &bup_2mg, MON - 7, 7, 2);
    scene_rx(&s, &bup_2mg, MON, 7, 6);
    scene_rx(&s, &diazepam, MON - 7, 7, 2);
    scene_daily(&s, 0, MON - 7, MON - 1);
    scene_daily(&s, 1, MON - 7, MON - 1);
    scene_daily(&s, 3, MON - 7, MON - 1);
    s.request.prescription = 2;
    EXPECT(&s, MON, "supply", "", "0");
    s.runs[2][0][0].dose = 5 * ML;
    EXPECT(&s, MON, "supply", "dose_changed note", "0");
    s.items[0][0].product = &methadone; /* one of the two is another drug */
    EXPECT(&s, MON, "check", "dose_changed check", "0");
    scene_end(&s);
}

/* Not asked of prescriptions given together. */
/* Drug by drug: less of one does not make up for more of another. */
static void d17_drug_by_drug(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    scene_rx(&s, &methadone, MON - 1, 1, 45);
    scene_run(&s, 0, MON, 1, 40);
    struct item *second = scene_item(&s, 0, &bup_2mg, MON - 1, 2, 1);
    scene_daily(&s, 0, MON - 1, MON - 1);
    EXPECT(&s, MON, "supply", "dose_changed note", "0");
    s.runs[0][1][0].days = 1;
    s.runs[0][1][1] = (struct dose_run){MON, 1, 3 * ML, QUANTITY_NONE};
    second->run_count = 2;
    EXPECT(&s, MON, "check", "dose_changed check", "0");
    scene_end(&s);
}

/* A day supplied outside its plan has no known dose, whatever another form gave that day. */
static void d17_unknown_dose(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    scene_rx(&s, &methadone, MON - 5, 2, 60);
    scene_rx(&s, &methadone, MON - 2, 7, 60);
    scene_daily(&s, 1, MON - 2, MON - 1);
    s.request.prescription = 1;
    EXPECT(&s, MON, "supply", "", "0");
    scene_supply(&s, 0, MON - 1, MON - 1, MON - 1);
    EXPECT(&s, MON, "check", "dose_changed check", "0");
    scene_end(&s);
}

static void d17_given_together(void **state) {
    (void)state;
    struct scene s;
    scene_stable(&s, MON - 1);
    s.runs[0][0][0].days = 7;
    scene_run(&s, 0, MON, 7, 80);
    EXPECT_REASON(&s, MON, DOSE_CHANGED, "check");
    scene_rx(&s, &concentrate, MON - 7, 14, 6)->together_with = 0;
    scene_daily(&s, 1, MON - 7, MON - 1);
    EXPECT(&s, MON, "supply", "", "0");
    scene_end(&s);
}

/* In titration, a run of at least 1, and more than the last dose supplied here: hold. */
static void d16_step_after_a_missed_day(void **state) {
    (void)state;
    struct scene s;
    struct prescription *rx = scene_stable(&s, MON - 2);
    s.runs[0][0][0].days = 7;
    struct dose_run *now = scene_run(&s, 0, MON, 7, 70);
    EXPECT_REASON(&s, MON, TITRATION_STEP_AFTER_MISSED, "none");
    rx->stage = STAGE_REDUCTION;
    EXPECT_REASON(&s, MON, TITRATION_STEP_AFTER_MISSED, "none");
    rx->stage = STAGE_TITRATION;
    EXPECT(&s, MON, "hold", "dose_changed check, missed_recent check 1, titration_step_after_missed hold",
           "0");
    now->dose = 60 * ML;
    EXPECT(&s, MON, "check", "missed_recent check 1", "0");
    now->dose = 70 * ML;
    scene_supply(&s, 0, MON - 1, MON - 1, MON - 1);
    EXPECT(&s, MON, "check", "dose_changed check", "0");
    scene_end(&s);
}

/* Nothing supplied here yet: above the plan's first dose. */
static void d16_step_before_the_first_supply(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    scene_rx(&s, &methadone, MON, 1, 20)->stage = STAGE_TITRATION;
    scene_run(&s, 0, MON + 1, 1, 20);
    scene_run(&s, 0, MON + 2, 1, 25);
    EXPECT(&s, MON + 1, "check", "first_dose check, missed_recent check 1", "1");
    EXPECT(&s, MON + 2, "hold", "first_dose check, missed_recent check 2, titration_step_after_missed hold",
           "2");
    scene_end(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(supervised_and_take_home),
        cmocka_unit_test(d4_in_advance),
        cmocka_unit_test(d7_remainder),
        cmocka_unit_test(two_items),
        cmocka_unit_test(d9_total_on_the_form),
        cmocka_unit_test(d9_of_the_second_item),
        cmocka_unit_test(d13_somebody_else),
        cmocka_unit_test(d13_own_dose_not_supplied),
        cmocka_unit_test(d13_allowed_by_a_consultation),
        cmocka_unit_test(d17_first_dose),
        cmocka_unit_test(d17_first_dose_of_the_class),
        cmocka_unit_test(d17_dose_changed),
        cmocka_unit_test(d17_mass_of_drug),
        cmocka_unit_test(d17_another_drug),
        cmocka_unit_test(d17_two_prescriptions_before),
        cmocka_unit_test(d17_drug_by_drug),
        cmocka_unit_test(d17_unknown_dose),
        cmocka_unit_test(d17_given_together),
        cmocka_unit_test(d16_step_after_a_missed_day),
        cmocka_unit_test(d16_step_before_the_first_supply),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
