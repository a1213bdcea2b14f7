/* core/decide_situation, core/decide: what is true at the pharmacy now, and the verdict (rules.md, D15, D17, D20 to
 * D29, P12, M1). */
#include "build.h"

/* ---- the strictest reason wins ---- */

static void the_verdict(void **state) {
    (void)state;
    struct scene s;
    struct prescription *rx = scene_stable(&s, MON - 1);
    s.request.situation.after_cut_off = true;
    EXPECT(&s, MON, "supply", "supplied_after_cut_off note", "0");
    assert_string_equal(quantities(&s), "0+60");
    scene_event(&s, EVENT_WITHHELD, 0, MON);
    EXPECT(&s, MON, "check", "supplied_after_cut_off note, withheld_today check", "0");
    rx->on_hold = true;
    EXPECT(&s, MON, "hold", "manual_hold hold, supplied_after_cut_off note, withheld_today check", "0");
    assert_string_equal(quantities(&s), "0+60");
    s.request.situation.deceased = true;
    EXPECT(&s, MON, "refuse",
           "manual_hold hold, patient_deceased refuse, supplied_after_cut_off note, withheld_today check",
           "");
    assert_int_equal(s.decision.item_count, 0);
    assert_int_equal(s.decision.instalment_count, 0);
    scene_end(&s);
}

static void the_words_of_the_verdicts(void **state) {
    (void)state;
    assert_string_equal(verdict_text(VERDICT_SUPPLY), "supply");
    assert_string_equal(verdict_text(VERDICT_CHECK), "check");
    assert_string_equal(verdict_text(VERDICT_HOLD), "hold");
    assert_string_equal(verdict_text(VERDICT_REFUSE), "refuse");
}

/* ---- D20, D21, D22, D25, D28, D29, P12, M1 ---- */

static void each_alone(void **state) {
    (void)state;
    const struct {
        struct situation now;
        const char *verdict, *reasons;
    } rows[] = {
        {{0}, "supply", ""},
        {{.clock_suspect = true}, "refuse", "clock refuse"},
        {{.no_pharmacist = true}, "refuse", "no_responsible_pharmacist refuse"},
        {{.deceased = true}, "refuse", "patient_deceased refuse"},
        {{.supply = true, .today = MON}, "supply", ""},
        {{.supply = true, .today = MON + 1}, "refuse", "not_today refuse @1"},
        {{.supply = true, .today = MON - 1}, "refuse", "not_today refuse @-1"},
        {{.today = MON + 1}, "supply", ""}, /* a question may be asked for any day */
        {{.day_closed = true, .today = MON}, "check", "day_closed check"},
        {{.day_closed = true, .today = MON + 1}, "refuse", "day_closed refuse"},
        {{.part = true}, "refuse", "part_supply refuse"},
        {{.part = true, .part_agreed = true}, "check", "part_supply check"},
        {{.part_agreed = true}, "supply", ""},
        {{.after_cut_off = true}, "supply", "supplied_after_cut_off note"},
        {{.entry_checks = true}, "supply", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct scene s;
        scene_stable(&s, MON - 1);
        s.request.situation = rows[i].now;
        ask(&s, MON);
        assert_string_equal(reasons(&s), rows[i].reasons);
        assert_string_equal(verdict_text(s.decision.verdict), rows[i].verdict);
        scene_end(&s);
    }
}

/* M1: a note on a supply; where nothing is supplied there is nothing to note. */
static void m1_after_the_cut_off(void **state) {
    (void)state;
    struct scene s;
    scene_stable(&s, MON);
    s.request.situation.after_cut_off = true;
    EXPECT(&s, MON, "refuse", "already_supplied refuse @1", "");
    scene_end(&s);
}

static void p12_second_person(void **state) {
    (void)state;
    struct scene s;
    struct prescription *rx = scene_stable(&s, MON - 1);
    rx->double_checked = false;
    EXPECT(&s, MON, "supply", "", "0");
    s.request.situation.entry_checks = true;
    EXPECT(&s, MON, "check", "not_double_checked check", "0");
    EXPECT(&s, MON + 7, "refuse", "not_double_checked check, not_due refuse, three_day_rule hold 7", "");
    rx->double_checked = true;
    EXPECT(&s, MON, "supply", "", "0");
    scene_end(&s);
}

/* ---- D17: what P8 and P9 warned of ---- */

static void d17_concentrate(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    scene_rx(&s, &methadone, MON, 7, 60);
    EXPECT(&s, MON, "check", "first_dose check", "0");
    s.request.situation.entry_checks = true;
    EXPECT(&s, MON, "check", "first_dose check", "0");
    s.items[0][0].product = &concentrate;
    EXPECT(&s, MON, "check", "concentrate check, first_dose check", "0");
    EXPECT(&s, MON - 1, "refuse", "not_due refuse @0", "");
    scene_supply(&s, 0, MON, MON, MON);
    EXPECT(&s, MON + 1, "supply", "", "1");
    s.request.situation.entry_checks = false;
    s.event_count = 0;
    EXPECT(&s, MON, "check", "first_dose check", "0");
    scene_end(&s);
}

/* Beside another product too. */
static void d17_concentrate_as_second_item(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    scene_rx(&s, &methadone, MON, 7, 60);
    scene_item(&s, 0, &concentrate, MON, 7, 1);
    s.request.situation.entry_checks = true;
    EXPECT(&s, MON, "check", "concentrate check, first_dose check", "0");
    s.items[0][0].product = &concentrate;
    s.items[0][1].product = &methadone;
    EXPECT(&s, MON, "check", "concentrate check, first_dose check", "0");
    scene_end(&s);
}

static void d17_dose_warning(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    scene_rx(&s, &methadone, MON, 7, 130)->dose_warned = true;
    EXPECT(&s, MON, "check", "first_dose check", "0");
    s.request.situation.entry_checks = true;
    EXPECT(&s, MON, "check", "dose_warning check, first_dose check", "0");
    EXPECT(&s, MON - 1, "refuse", "not_due refuse @0", "");
    scene_supply(&s, 0, MON, MON, MON);
    EXPECT(&s, MON + 1, "supply", "", "1");
    EXPECT(&s, MON, "refuse", "already_supplied refuse @1", "");
    scene_end(&s);
}

/* ---- D15 ---- */

#define HOUR 3600
#define NOW INT64_C(1795428000)

/* Yesterday's dose was supervised so many seconds before now. */
static struct prescription *supervised_before(struct scene *s, int64_t seconds) {
    struct prescription *rx = scene_stable(s, MON - 1);
    s->events[s->event_count - 1].at = NOW - seconds;
    s->request.situation.now = NOW;
    return rx;
}

static void d15_hours_since_the_last_dose(void **state) {
    (void)state;
    struct scene s;
    const struct {
        int64_t seconds;
        const char *stable, *titration;
    } rows[] = {
        {24 * HOUR, "none", "none"},
        {20 * HOUR, "none", "none"},
        {20 * HOUR - 1, "note 19", "check 19"},
        {12 * HOUR, "note 12", "check 12"},
        {12 * HOUR - 1, "check 11", "check 11"},
        {0, "check 0", "check 0"},
        {-1, "none", "none"}, /* still to come */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct prescription *rx = supervised_before(&s, rows[i].seconds);
        EXPECT_REASON(&s, MON, INTERVAL_SHORT, rows[i].stable);
        rx->stage = STAGE_TITRATION;
        EXPECT_REASON(&s, MON, INTERVAL_SHORT, rows[i].titration);
        scene_end(&s);
    }
}

/* Not asked: without an hour, where nothing is supplied, or of a dose that was not supervised. */
static void d15_not_asked(void **state) {
    (void)state;
    struct scene s;
    supervised_before(&s, 10 * HOUR);
    EXPECT(&s, MON, "check", "interval_short check 10", "0");
    EXPECT(&s, MON - 1, "refuse", "already_supplied refuse @0", "");
    s.request.situation.now = 0;
    EXPECT(&s, MON, "supply", "", "0");
    s.request.situation.now = NOW;
    s.events[s.event_count - 1].at = 0;
    EXPECT(&s, MON, "supply", "", "0");
    scene_end(&s);
}

/* The last one counts, an irregular supply too; no other kind of event. */
static void d15_the_last_of_several(void **state) {
    (void)state;
    struct scene s;
    supervised_before(&s, 15 * HOUR);
    s.events[s.event_count - 2].at = NOW - 16 * HOUR;
    EXPECT_REASON(&s, MON, INTERVAL_SHORT, "note 15");
    s.events[s.event_count - 2].at = NOW - 13 * HOUR;
    EXPECT_REASON(&s, MON, INTERVAL_SHORT, "note 13");
    s.events[s.event_count - 2].kind = EVENT_IRREGULAR;
    EXPECT_REASON(&s, MON, INTERVAL_SHORT, "note 13");
    s.events[s.event_count - 2].kind = EVENT_DEFERRED;
    EXPECT_REASON(&s, MON, INTERVAL_SHORT, "note 15");
    scene_end(&s);
}

/* Opioids only, of any prescription but those given together. */
static void d15_of_another_prescription(void **state) {
    (void)state;
    struct scene s;
    supervised_before(&s, 10 * HOUR);
    scene_rx(&s, &methadone, MON - 7, 14, 60)->signed_on = MON - 7;
    s.request.prescription = 1;
    EXPECT_REASON(&s, MON, INTERVAL_SHORT, "check 10");
    s.rx[1].together_with = 0;
    EXPECT_REASON(&s, MON, INTERVAL_SHORT, "none");
    s.request.prescription = 0;
    EXPECT_REASON(&s, MON, INTERVAL_SHORT, "check 10");
    scene_rx(&s, &diazepam, MON, 7, 2);
    s.request.prescription = 2;
    EXPECT_REASON(&s, MON, INTERVAL_SHORT, "none");
    scene_supply(&s, 2, MON - 1, MON - 1, MON - 1)->at = NOW - 5 * HOUR;
    s.request.prescription = 0;
    EXPECT_REASON(&s, MON, INTERVAL_SHORT, "check 10");
    scene_end(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_verdict),
        cmocka_unit_test(the_words_of_the_verdicts),
        cmocka_unit_test(each_alone),
        cmocka_unit_test(m1_after_the_cut_off),
        cmocka_unit_test(p12_second_person),
        cmocka_unit_test(d17_concentrate),
        cmocka_unit_test(d17_concentrate_as_second_item),
        cmocka_unit_test(d17_dose_warning),
        cmocka_unit_test(d15_hours_since_the_last_dose),
        cmocka_unit_test(d15_not_asked),
        cmocka_unit_test(d15_the_last_of_several),
        cmocka_unit_test(d15_of_another_prescription),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
