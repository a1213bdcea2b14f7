/* core/decide_history: holds and checks from the history (D11, D12, D14, D16, D18, D19, D23, D26, D27, section 6). */
#include "build.h"

/* ---- D11, D16 ---- */

static void d11_opioid(void **state) {
    (void)state;
    struct scene s;
    scene_stable(&s, MON - 1);
    EXPECT(&s, MON, "supply", "", "0");
    EXPECT(&s, MON + 1, "supply", "missed_recent note 1", "1");
    EXPECT(&s, MON + 2, "supply", "missed_recent note 2", "2");
    EXPECT(&s, MON + 3, "hold", "three_day_rule hold 3", "3");
    EXPECT(&s, MON + 4, "hold", "three_day_rule hold 4", "4");
    assert_int_equal(s.decision.missed_days, 4);
    scene_end(&s);
}

/* The policy's figure; with W3 never more than 3. */
static void d11_figure(void **state) {
    (void)state;
    struct scene s;
    struct prescription *rx = scene_stable(&s, MON - 1);
    s.policy.hold_after_missed_days = 5;
    EXPECT(&s, MON + 4, "supply", "missed_recent note 4", "4");
    EXPECT(&s, MON + 5, "hold", "three_day_rule hold 5", "5");
    rx->wording = WORDING_W3;
    EXPECT(&s, MON + 2, "supply", "missed_recent note 2", "2");
    EXPECT(&s, MON + 3, "hold", "three_day_rule hold 3", "3");
    s.policy.hold_after_missed_days = 2;
    EXPECT(&s, MON + 1, "supply", "missed_recent note 1", "1");
    EXPECT(&s, MON + 2, "hold", "three_day_rule hold 2", "2");
    rx->wording = WORDING_W1 | WORDING_W2 | WORDING_W4 | WORDING_W5;
    EXPECT(&s, MON + 2, "hold", "three_day_rule hold 2", "2");
    scene_end(&s);
}

static void d11_benzodiazepine(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    struct prescription *rx = scene_rx(&s, &diazepam, MON - 1, 28, 2);
    scene_supply(&s, 0, MON - 1, MON - 1, MON - 1);
    EXPECT(&s, MON + 2, "supply", "missed_recent note 2", "2");
    EXPECT(&s, MON + 3, "check", "missed_run_benzodiazepine check 3", "3");
    EXPECT(&s, MON + 6, "check", "missed_run_benzodiazepine check 6", "6");
    EXPECT(&s, MON + 7, "hold", "three_day_rule hold 7", "7");
    rx->wording = WORDING_W3;
    EXPECT(&s, MON + 2, "supply", "missed_recent note 2", "2");
    EXPECT(&s, MON + 3, "hold", "three_day_rule hold 3", "3");
    s.policy.hold_after_missed_days = 1; /* of opioids */
    EXPECT(&s, MON + 2, "supply", "missed_recent note 2", "2");
    scene_end(&s);
}

/* The days are counted from the signature on; only the whole run reaches the figure: a check. */
static void d11_days_before_the_signature(void **state) {
    (void)state;
    struct scene s;
    scene_stable(&s, MON - 4);
    scene_rx(&s, &methadone, MON, 14, 60)->signed_on = MON - 1;
    s.request.prescription = 1;
    s.rx[0].stopped_from = MON;
    EXPECT(&s, MON, "check", "missed_before_signature check 3", "0");
    EXPECT(&s, MON + 1, "check", "missed_before_signature check 4", "1");
    EXPECT(&s, MON + 2, "hold", "three_day_rule hold 5", "2");
    scene_supply(&s, 0, MON - 3, MON - 3, MON - 3);
    EXPECT(&s, MON, "supply", "missed_recent note 2", "0");
    scene_end(&s);
}

static void d11_benzodiazepine_before_the_signature(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    scene_rx(&s, &diazepam, MON - 9, 9, 2);
    struct prescription *rx = scene_rx(&s, &diazepam, MON, 14, 2);
    scene_supply(&s, 0, MON - 9, MON - 9, MON - 3);
    rx->signed_on = MON;
    s.request.prescription = 1;
    EXPECT(&s, MON, "supply", "missed_recent note 2", "0");
    EXPECT(&s, MON + 1, "check", "missed_before_signature check 3", "1");
    EXPECT(&s, MON + 3, "check", "missed_run_benzodiazepine check 5", "3");
    EXPECT(&s, MON + 5, "check", "missed_before_signature check 7, missed_run_benzodiazepine check 7", "5");
    EXPECT(&s, MON + 7, "hold", "three_day_rule hold 9", "7");
    scene_end(&s);
}

static void d16_in_titration(void **state) {
    (void)state;
    struct scene s;
    struct prescription *rx = scene_stable(&s, MON - 1);
    EXPECT(&s, MON + 1, "supply", "missed_recent note 1", "1");
    rx->stage = STAGE_TITRATION;
    EXPECT(&s, MON, "supply", "", "0");
    EXPECT(&s, MON + 1, "check", "missed_recent check 1", "1");
    rx->stage = STAGE_REDUCTION;
    EXPECT(&s, MON + 1, "supply", "missed_recent note 1", "1");
    scene_end(&s);
}

/* ---- what a consultation lifts ---- */

/* From its day up to resume_on, then it lapses. */
static void consulted_until_resume_on(void **state) {
    (void)state;
    struct scene s;
    scene_stable(&s, MON - 4);
    struct event *said_continue = scene_consulted(&s, 0, CONSULTED_CONTINUE, MON);
    said_continue->resume_on = MON + 2;
    EXPECT(&s, MON - 1, "supply", "missed_recent note 2", "-1");
    EXPECT(&s, MON, "supply", "consulted note", "0");
    EXPECT(&s, MON + 2, "supply", "consulted note", "2");
    EXPECT(&s, MON + 3, "hold", "three_day_rule hold 6", "3");
    said_continue->on = MON + 1;
    EXPECT(&s, MON, "hold", "three_day_rule hold 3", "0");
    scene_end(&s);
}

/* By default its day, or the next open day after it. */
static void consulted_until_the_next_open_day(void **state) {
    (void)state;
    struct scene s;
    scene_stable(&s, MON - 4);
    scene_consulted(&s, 0, CONSULTED_CONTINUE, MON);
    EXPECT(&s, MON, "supply", "consulted note", "0");
    EXPECT(&s, MON + 1, "supply", "consulted note", "1");
    EXPECT(&s, MON + 2, "hold", "three_day_rule hold 5", "2");
    s.calendar.unplanned = DAYS(MON + 1, MON + 2);
    EXPECT(&s, MON + 3, "supply", "consulted note", "3");
    EXPECT(&s, MON + 4, "hold", "three_day_rule hold 7", "4");
    scene_end(&s);
}

/* Only `continue`, only of the prescription asked about; without a hold it says nothing. */
static void consulted_of_another_kind(void **state) {
    (void)state;
    struct scene s;
    scene_stable(&s, MON - 4);
    struct event *event = scene_consulted(&s, 0, CONSULTED_CONTINUE, MON);
    EXPECT(&s, MON, "supply", "consulted note", "0");
    event->outcome = CONSULTED_ALLOW_REPRESENTATIVE;
    EXPECT(&s, MON, "hold", "three_day_rule hold 3", "0");
    event->outcome = CONSULTED_CONTINUE;
    scene_rx(&s, &methadone, MON + 1, 7, 60);
    event->prescription = 1;
    EXPECT(&s, MON, "hold", "three_day_rule hold 3", "0");
    event->prescription = 0;
    scene_daily(&s, 0, MON - 3, MON - 1);
    EXPECT(&s, MON, "supply", "", "0");
    scene_end(&s);
}

/* D11, D16's step and D23's hold are lifted, checks are not, nor D12. */
static void consulted_lifts_three_holds(void **state) {
    (void)state;
    struct scene s;
    struct prescription *rx = scene_stable(&s, MON - 4);
    rx->stage = STAGE_TITRATION;
    s.runs[0][0][0].days = 7;
    scene_run(&s, 0, MON, 7, 70);
    EXPECT(&s, MON, "hold", "dose_changed check, three_day_rule hold 3, titration_step_after_missed hold",
           "0");
    struct event *asked = scene_consulted(&s, 0, CONSULTED_CONTINUE, MON);
    EXPECT(&s, MON, "check", "consulted note, dose_changed check", "0");
    rx->on_hold = true;
    EXPECT(&s, MON, "hold", "consulted note, dose_changed check, manual_hold hold", "0");
    rx->on_hold = false;
    struct event *away = scene_elsewhere(&s, CLASS_OPIOID, MON, MON - 3, MON - 1);
    EXPECT(&s, MON, "check", "consulted note, dose_changed check", "0");
    away->from = MON - 2;
    EXPECT(&s, MON, "check", "dose_changed check, returned_from_elsewhere check 2", "0");
    away->from = MON - 3;
    asked->on = MON + 1;
    EXPECT(&s, MON, "hold", "dose_changed check, returned_from_elsewhere hold 3", "0");
    scene_end(&s);
}

/* ---- D12, D14 ---- */

static void d12_on_hold(void **state) {
    (void)state;
    struct scene s;
    scene_stable(&s, MON - 1)->on_hold = true;
    EXPECT(&s, MON, "hold", "manual_hold hold", "0");
    scene_rx(&s, &methadone, MON - 7, 14, 60)->signed_on = MON - 7;
    s.request.prescription = 1;
    EXPECT_REASON(&s, MON, MANUAL_HOLD, "none");
    scene_end(&s);
}

/* Any of the patient's prescriptions, today; once, however often. */
static void d14_withheld_today(void **state) {
    (void)state;
    struct scene s;
    scene_stable(&s, MON - 1);
    scene_rx(&s, &diazepam, MON + 1, 7, 2);
    scene_event(&s, EVENT_WITHHELD, 1, MON - 1);
    struct event *second = scene_event(&s, EVENT_DEFERRED, 0, MON + 1);
    EXPECT(&s, MON, "supply", "", "0");
    second->on = MON;
    EXPECT(&s, MON, "check", "withheld_today check", "0");
    s.events[s.event_count - 2].on = MON;
    EXPECT(&s, MON, "check", "withheld_today check", "0");
    second->on = MON + 1;
    EXPECT(&s, MON, "check", "withheld_today check", "0");
    scene_end(&s);
}

/* ---- D18, D19 ---- */

static void d18_other_class(void **state) {
    (void)state;
    struct scene s;
    scene_stable(&s, MON - 1);
    scene_rx(&s, &diazepam, MON, 7, 2);
    EXPECT(&s, MON, "supply", "opioid_with_benzodiazepine note", "0");
    EXPECT(&s, MON - 1, "refuse", "already_supplied refuse @0", "");
    s.request.prescription = 1;
    EXPECT(&s, MON, "check", "first_dose check, opioid_with_benzodiazepine note", "0");
    s.rx[0].stopped_from = MON;
    EXPECT(&s, MON, "check", "first_dose check", "0");
    scene_end(&s);
}

static void d19_other_class_missed(void **state) {
    (void)state;
    struct scene s;
    scene_stable(&s, MON - 1);
    scene_rx(&s, &diazepam, MON - 3, 3, 2)->signed_on = MON - 1; /* the whole run counts */
    EXPECT(&s, MON, "check", "other_class_missed check 3", "0");
    scene_supply(&s, 1, MON - 3, MON - 3, MON - 2);
    EXPECT(&s, MON, "check", "other_class_missed check 1", "0");
    struct event *last = scene_supply(&s, 1, MON - 1, MON - 1, MON - 1);
    EXPECT(&s, MON, "supply", "", "0");
    last->on = MON + 1;
    s.rx[1].stopped_from = MON - 1; /* its plan does not cover the day before T any more */
    s.events[s.event_count - 2].covers.count = 1;
    EXPECT(&s, MON, "supply", "", "0");
    scene_end(&s);
}

/* ---- D23 ---- */

/* One or two days just before T: a check; three or more: a hold. Of this class, and as known on T. */
static void d23_days_elsewhere(void **state) {
    (void)state;
    struct scene s;
    scene_stable(&s, MON - 4);
    struct event *away = scene_elsewhere(&s, CLASS_OPIOID, MON, MON - 1, MON - 1);
    EXPECT(&s, MON, "check", "returned_from_elsewhere check 1", "0");
    away->from = MON - 2;
    EXPECT(&s, MON, "check", "returned_from_elsewhere check 2", "0");
    EXPECT(&s, MON + 1, "supply", "missed_recent note 1", "1");
    away->from = MON - 3;
    EXPECT(&s, MON, "hold", "returned_from_elsewhere hold 3", "0");
    away->on = MON + 1;
    EXPECT(&s, MON, "hold", "three_day_rule hold 3", "0");
    away->on = MON;
    away->drug_class = CLASS_BENZODIAZEPINE;
    EXPECT(&s, MON, "hold", "three_day_rule hold 3", "0");
    scene_end(&s);
}

/* A day that was dosed here too ends the count, whichever prescription of the class dosed it. */
static void d23_dosed_here_as_well(void **state) {
    (void)state;
    struct scene s;
    scene_stable(&s, MON - 3);
    scene_elsewhere(&s, CLASS_OPIOID, MON, MON - 5, MON - 1);
    EXPECT(&s, MON, "check", "returned_from_elsewhere check 2", "0");
    scene_rx(&s, &methadone, MON - 7, 7, 60)->signed_on = MON - 7;
    scene_supply(&s, 1, MON - 2, MON - 2, MON - 2);
    EXPECT(&s, MON, "check", "returned_from_elsewhere check 1", "0");
    s.rx[1].drug_class = CLASS_BENZODIAZEPINE;
    EXPECT_REASON(&s, MON, RETURNED_FROM_ELSEWHERE, "check 2");
    scene_end(&s);
}

/* Prison, or product or dose unknown or different, within those days: a hold. */
static void d23_unlike(void **state) {
    (void)state;
    struct scene s;
    scene_stable(&s, MON - 2);
    scene_elsewhere(&s, CLASS_OPIOID, MON, MON - 1, MON - 1);
    struct event *unlike = scene_elsewhere(&s, CLASS_OPIOID, MON, MON - 1, MON - 1);
    EXPECT(&s, MON, "check", "returned_from_elsewhere check 1", "0");
    unlike->unlike = true;
    EXPECT(&s, MON, "hold", "returned_from_elsewhere hold 1", "0");
    unlike->from = MON - 6; /* before those days */
    unlike->to = MON - 2;
    EXPECT(&s, MON, "check", "returned_from_elsewhere check 1", "0");
    unlike->from = unlike->to = MON + 1; /* after them */
    EXPECT(&s, MON, "check", "returned_from_elsewhere check 1", "0");
    unlike->from = MON - 1;
    unlike->on = MON + 1; /* not known yet */
    EXPECT(&s, MON, "check", "returned_from_elsewhere check 1", "0");
    unlike->on = MON;
    unlike->to = MON - 1;
    unlike->drug_class = CLASS_BENZODIAZEPINE;
    EXPECT(&s, MON, "check", "returned_from_elsewhere check 1", "0");
    scene_end(&s);
}

/* ---- D26 ---- */

/* Days of no plan and missed days reach 3 together; at least one of no plan. */
static void d26_days_of_no_plan(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    scene_rx(&s, &methadone, MON - 7, 4, 60); /* to MON - 4 */
    scene_rx(&s, &methadone, MON - 1, 14, 60);
    scene_daily(&s, 0, MON - 7, MON - 4);
    s.request.prescription = 1;
    EXPECT(&s, MON - 1, "supply", "", "-1");
    EXPECT(&s, MON, "check", "missed_recent note 1, restart_after_gap check 3", "0");
    s.rx[0].stopped_from = MON - 6; /* nothing but no plan, and the doses there were */
    s.event_count = 2;
    EXPECT(&s, MON - 1, "check", "restart_after_gap check 4", "-1");
    scene_end(&s);
}

static void d26_long_gap(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    scene_rx(&s, &methadone, MON - 21, 7, 60); /* to MON - 15 */
    scene_rx(&s, &methadone, MON, 14, 60);
    s.request.prescription = 1;
    EXPECT_REASON(&s, MON, RESTART_AFTER_GAP, "check 21");
    s.runs[0][0][0].days = 6;
    EXPECT(&s, MON, "check", "first_dose check, restart_after_gap check 0", "0");
    scene_end(&s);
}

/* ---- D27, section 6 ---- */

/* The last word of the prescriber on this prescription; of one day the stricter. */
static void d27_new_prescription(void **state) {
    (void)state;
    struct scene s;
    scene_stable(&s, MON - 1);
    struct event *new_one = scene_consulted(&s, 0, CONSULTED_NEW_PRESCRIPTION, MON - 2);
    EXPECT(&s, MON, "hold", "awaiting_new_prescription hold @-2", "0");
    struct event *go_on = scene_consulted(&s, 0, CONSULTED_CONTINUE, MON - 2);
    EXPECT(&s, MON, "hold", "awaiting_new_prescription hold @-2", "0");
    go_on->on = MON - 1;
    EXPECT(&s, MON, "supply", "", "0");
    scene_consulted(&s, 0, CONSULTED_CONTINUE, MON - 4);
    EXPECT(&s, MON, "supply", "", "0");
    go_on->on = MON + 1; /* not known yet */
    EXPECT(&s, MON, "hold", "awaiting_new_prescription hold @-2", "0");
    go_on->on = MON;
    scene_rx(&s, &methadone, MON + 1, 7, 60);
    go_on->prescription = 1;
    EXPECT(&s, MON, "hold", "awaiting_new_prescription hold @-2", "0");
    new_one->prescription = 1;
    EXPECT(&s, MON, "supply", "", "0");
    scene_end(&s);
}

/* A supply outside the rules holds its class until a consultation, on any prescription of the class. */
static void s6_irregular_supply(void **state) {
    (void)state;
    struct scene s;
    scene_stable(&s, MON - 1);
    scene_rx(&s, &diazepam, MON + 1, 7, 2);
    scene_rx(&s, &methadone, MON + 1, 7, 60);
    struct event *wrong = &s.events[s.event_count - 1];
    wrong->kind = EVENT_IRREGULAR;
    EXPECT(&s, MON, "hold", "irregular_supply hold @-1", "0");
    scene_supply(&s, 0, MON - 5, MON - 5, MON - 5)->kind = EVENT_IRREGULAR; /* the last one is named */
    EXPECT(&s, MON, "hold", "irregular_supply hold @-1", "0");
    struct event *asked = scene_consulted(&s, 2, CONSULTED_CONTINUE, MON);
    EXPECT(&s, MON, "supply", "", "0");
    asked->on = MON - 2;
    EXPECT(&s, MON, "hold", "irregular_supply hold @-1", "0");
    asked->on = MON;
    asked->prescription = 1;
    EXPECT(&s, MON, "hold", "irregular_supply hold @-1", "0");
    asked->outcome = CONSULTED_ALLOW_ONCE;
    asked->prescription = 0;
    EXPECT(&s, MON, "hold", "irregular_supply hold @-1", "0");
    scene_end(&s);
}

/* Of the other class, or still to come: no hold. */
static void s6_irregular_supply_of_the_other_class(void **state) {
    (void)state;
    struct scene s;
    scene_stable(&s, MON - 1);
    scene_rx(&s, &diazepam, MON + 1, 7, 2);
    scene_supply(&s, 1, MON - 1, MON - 1, MON - 1)->kind = EVENT_IRREGULAR;
    scene_supply(&s, 0, MON + 1, MON + 1, MON + 1)->kind = EVENT_IRREGULAR;
    EXPECT(&s, MON, "supply", "", "0");
    scene_end(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(d11_opioid),
        cmocka_unit_test(d11_figure),
        cmocka_unit_test(d11_benzodiazepine),
        cmocka_unit_test(d11_days_before_the_signature),
        cmocka_unit_test(d11_benzodiazepine_before_the_signature),
        cmocka_unit_test(d16_in_titration),
        cmocka_unit_test(consulted_until_resume_on),
        cmocka_unit_test(consulted_until_the_next_open_day),
        cmocka_unit_test(consulted_of_another_kind),
        cmocka_unit_test(consulted_lifts_three_holds),
        cmocka_unit_test(d12_on_hold),
        cmocka_unit_test(d14_withheld_today),
        cmocka_unit_test(d18_other_class),
        cmocka_unit_test(d19_other_class_missed),
        cmocka_unit_test(d23_days_elsewhere),
        cmocka_unit_test(d23_dosed_here_as_well),
        cmocka_unit_test(d23_unlike),
        cmocka_unit_test(d26_days_of_no_plan),
        cmocka_unit_test(d26_long_gap),
        cmocka_unit_test(d27_new_prescription),
        cmocka_unit_test(s6_irregular_supply),
        cmocka_unit_test(s6_irregular_supply_of_the_other_class),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
