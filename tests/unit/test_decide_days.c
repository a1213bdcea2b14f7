/* core/decide_days: which days are supplied (rules.md, D1 to D8, D10, D24). */
/* link: -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free */
#include "build.h"
#include "torture.h"

static void on_its_day(void **state) {
    (void)state;
    struct scene s;
    scene_stable(&s, MON - 1);
    EXPECT(&s, MON, "supply", "", "0");
    assert_int_equal(s.decision.instalment_count, 1);
    assert_int_equal(s.decision.next_due, MON + 1);
    assert_int_equal(s.decision.last_dosed, MON - 1);
    scene_end(&s);
}

/* ---- D1 ---- */

static void d1_stopped(void **state) {
    (void)state;
    struct scene s;
    struct prescription *rx = scene_stable(&s, MON - 1);
    rx->stopped_from = MON + 1;
    EXPECT(&s, MON, "supply", "", "0");
    assert_int_equal(s.decision.next_due, DAY_NONE);
    EXPECT(&s, MON + 1, "refuse", "missed_recent note 1, not_active refuse @1", "");
    rx->stopped_from = MON;
    EXPECT(&s, MON, "refuse", "not_active refuse @0", "");
    scene_end(&s);
}

static void d1_stopped_by_a_consultation(void **state) {
    (void)state;
    struct scene s;
    scene_stable(&s, MON - 1);
    scene_consulted(&s, 0, CONSULTED_STOP, MON);
    EXPECT(&s, MON, "refuse", "not_active refuse @0", "");
    s.events[s.event_count - 1].on = MON + 1;
    EXPECT(&s, MON, "supply", "", "0");
    scene_end(&s);
}

static void d1_replaced(void **state) {
    (void)state;
    struct scene s;
    scene_stable(&s, MON - 1);
    struct prescription *next = scene_rx(&s, &methadone, MON, 14, 60);
    next->replaces = 0;
    next->replaces_from = MON;
    EXPECT(&s, MON, "refuse", "not_active refuse @0", "");
    s.request.prescription = 1;
    EXPECT(&s, MON, "supply", "", "0");
    scene_end(&s);
}

/* An instalment supplied before the stop leaves out its days from the stop on. */
static void d1_days_from_the_stop_on(void **state) {
    (void)state;
    struct scene s;
    struct prescription *rx = scene_stable(&s, MON - 1);
    rx->collect.weekdays = ON(MON) | ON(THU);
    EXPECT(&s, MON, "supply", "", "0 1 2");
    rx->stopped_from = MON + 2;
    EXPECT(&s, MON, "supply", "", "0 1");
    scene_end(&s);
}

/* A stop that leaves an instalment no dose: nothing of it on the day to which D4 moved it. */
static void d1_nothing_left_before_the_stop(void **state) {
    (void)state;
    struct scene s;
    struct prescription *rx = scene_stable(&s, MON + 4);
    rx->wording = WORDING_W1;
    rx->collect.weekdays = (weekday_set)(EVERY_DAY & ~ON(MON) & ~ON(TUE));
    s.calendar.weekly_closed = ON(SUN);
    s.runs[0][0][0].days = 13; /* to Saturday; Sunday's instalment has a dose on Tuesday only */
    scene_run(&s, 0, MON + 8, 2, 60);
    EXPECT(&s, MON + 5, "supply", "closed_day_advance note @6, weekly_closed_advance note @6", "5 8");
    rx->stopped_from = MON + 9;
    EXPECT(&s, MON + 5, "supply", "closed_day_advance note @6, weekly_closed_advance note @6", "5 8");
    rx->stopped_from = MON + 8;
    EXPECT(&s, MON + 5, "supply", "", "5");
    rx->stopped_from = MON + 6;
    EXPECT(&s, MON + 5, "supply", "", "5");
    scene_end(&s);
}

/* ---- D2, D3 ---- */

static void d2_before_the_appropriate_date(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    struct prescription *rx = scene_rx(&s, &methadone, MON, 7, 60);
    rx->signed_on = MON + 1;
    EXPECT(&s, MON, "refuse", "before_start refuse @1, first_dose check", "");
    rx->start_on = MON + 2; /* P1: the later of the two */
    EXPECT_REASON(&s, MON + 1, BEFORE_START, "refuse @2");
    EXPECT_REASON(&s, MON + 2, BEFORE_START, "none");
    rx->start_on = MON - 1;
    EXPECT_REASON(&s, MON, BEFORE_START, "refuse @1");
    EXPECT_REASON(&s, MON + 1, BEFORE_START, "none");
    EXPECT(&s, MON - 1, "refuse", "before_start refuse @1, not_due refuse @0", "");
    rx->stopped_from = MON;
    EXPECT(&s, MON, "refuse", "before_start refuse @1, not_active refuse @0", "");
    scene_end(&s);
}

/* Moved by D4 before the start date, though never before the signature; nothing else with it. */
static void d2_moved_before_the_start(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    struct prescription *rx = scene_rx(&s, &methadone, MON + 6, 7, 60);
    rx->wording = WORDING_W1 | WORDING_W2;
    rx->start_on = MON + 6;
    s.calendar.weekly_closed = ON(SUN);
    EXPECT(&s, MON + 5, "check",
           "closed_day_advance note @6, first_dose check, weekly_closed_advance note @6", "6");
    rx->signed_on = MON + 5;
    EXPECT_REASON(&s, MON + 5, BEFORE_START, "none");
    rx->signed_on = MON + 6;
    EXPECT(&s, MON + 5, "refuse", "before_start refuse @6, not_due refuse @7", "");
    rx->signed_on = MON + 3;
    s.runs[0][0][0].from = MON + 5; /* that day's own instalment stays where it is */
    EXPECT_REASON(&s, MON + 5, BEFORE_START, "refuse @6");
    scene_end(&s);
}

/* The same on U; never before the signature, even where the plan begins before it. */
static void d2_usual_day_before_the_start(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    struct prescription *rx = scene_rx(&s, &methadone, MON + 2, 6, 60);
    rx->collect.weekdays = ON(SUN);
    rx->wording = WORDING_W1;
    rx->start_on = MON + 6;
    s.calendar.weekly_closed = ON(SUN);
    scene_supply(&s, 0, MON + 1, MON + 2, MON + 5);
    s.request.advance = true;
    EXPECT(&s, MON + 2, "check", "advance_on_usual_day check @6, first_dose check", "6 7");
    rx->signed_on = MON + 3;
    EXPECT_REASON(&s, MON + 2, BEFORE_START, "refuse @6");
    scene_end(&s);
}

/* An exception does not come before the start either: D24 names D5 and D8 only. */
static void d2_exception_before_the_start(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    struct prescription *rx = scene_rx(&s, &methadone, MON + 6, 7, 60);
    rx->wording = WORDING_W1;
    rx->start_on = MON + 6;
    s.calendar.weekly_closed = ON(SUN);
    struct event *agreed = scene_consulted(&s, 0, CONSULTED_ALLOW_ONCE, MON + 5);
    agreed->for_day = MON + 5;
    agreed->covers = DAYS(MON + 7);
    EXPECT_REASON(&s, MON + 5, BEFORE_START, "refuse @6");
    scene_end(&s);
}

/* Nothing supplied yet: until the appropriate date + 28, that day included. */
static void d3_first_instalment(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    struct prescription *rx = scene_rx(&s, &methadone, MON, 60, 60);
    rx->start_on = MON;
    EXPECT_REASON(&s, MON + 28, FIRST_INSTALMENT_EXPIRED, "none");
    EXPECT_REASON(&s, MON + 29, FIRST_INSTALMENT_EXPIRED, "refuse @28");
    assert_int_equal(s.decision.verdict, VERDICT_REFUSE);
    rx->start_on = DAY_NONE;
    EXPECT_REASON(&s, MON + 25, FIRST_INSTALMENT_EXPIRED, "none");
    EXPECT_REASON(&s, MON + 26, FIRST_INSTALMENT_EXPIRED, "refuse @25");
    scene_supply(&s, 0, MON + 29, MON + 29, MON + 29); /* what comes later is not known yet */
    EXPECT_REASON(&s, MON + 28, FIRST_INSTALMENT_EXPIRED, "refuse @25");
    EXPECT_REASON(&s, MON + 29, FIRST_INSTALMENT_EXPIRED, "none");
    scene_end(&s);
}

static void d3_later_instalments(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    scene_rx(&s, &methadone, MON, 60, 60);
    scene_daily(&s, 0, MON + 20, MON + 32);
    EXPECT(&s, MON + 33, "supply", "", "33");
    scene_end(&s);
}

/* ---- D4 ---- */

/* A stable patient who collects on weekdays; Sundays closed, W1 and W1old as told. */
static struct prescription *closed_sundays(struct scene *s, unsigned wording) {
    struct prescription *rx = scene_stable(s, MON + 4);
    rx->wording = wording;
    s->calendar.weekly_closed = ON(SUN);
    return rx;
}

static void d4_on_the_day_before(void **state) {
    (void)state;
    struct scene s;
    struct prescription *rx = closed_sundays(&s, WORDING_W1);
    EXPECT(&s, MON + 5, "supply", "closed_day_advance note @6, weekly_closed_advance note @6", "5 6");
    assert_int_equal(s.decision.instalment_count, 2);
    assert_int_equal(s.decision.next_due, DAY_NONE);
    rx->wording = WORDING_W1OLD;
    EXPECT(&s, MON + 5, "supply", "closed_day_advance note @6, weekly_closed_advance note @6", "5 6");
    rx->wording = WORDING_W2;
    EXPECT(&s, MON + 5, "supply", "", "5");
    s.calendar.weekly_closed = 0;
    s.calendar.bank_holidays = DAYS(MON + 6);
    rx->wording = WORDING_W1;
    EXPECT(&s, MON + 5, "supply", "closed_day_advance note @6", "5 6");
    scene_end(&s);
}

/* Two closed days: the nearest earlier open day takes both. */
static void d4_two_closed_days(void **state) {
    (void)state;
    struct scene s;
    closed_sundays(&s, WORDING_W1);
    s.calendar.bank_holidays = DAYS(MON + 5);
    s.event_count--;
    EXPECT(&s, MON + 4, "supply", "closed_day_advance note @5, weekly_closed_advance note @6", "4 5 6");
    scene_end(&s);
}

/* Mondays, Wednesdays, Sundays are collected; Sundays closed: E is Saturday, U is Wednesday. */
static void d4_usual_day(void **state) {
    (void)state;
    struct scene s;
    struct prescription *rx = closed_sundays(&s, WORDING_W1);
    rx->collect.weekdays = ON(MON) | ON(WED) | ON(SUN);
    s.event_count -= 3;
    EXPECT(&s, MON + 2, "supply", "advance_available note @6", "2 3 4 5");
    s.request.advance = true;
    EXPECT(&s, MON + 2, "check", "advance_on_usual_day check @6", "2 3 4 5 6");
    rx->wording = WORDING_W1OLD;
    EXPECT(&s, MON + 2, "supply", "", "2 3 4 5");
    rx->wording = WORDING_W1;
    scene_supply(&s, 0, MON + 2, MON + 2, MON + 5);
    EXPECT(&s, MON + 2, "check", "advance_on_usual_day check @6", "6");
    EXPECT(&s, MON + 5, "supply", "closed_day_advance note @6, weekly_closed_advance note @6", "6");
    s.request.advance = false;
    EXPECT(&s, MON + 2, "refuse", "advance_available note @6, already_supplied refuse @5", "");
    scene_end(&s);
}

/* ---- D5, D6 ---- */

static void d5_not_due(void **state) {
    (void)state;
    struct scene s;
    struct prescription *rx = scene_stable(&s, MON - 1);
    EXPECT(&s, MON + 7, "refuse", "not_due refuse, three_day_rule hold 7", "");
    rx->collect.weekdays = ON(MON) | ON(WED);
    s.runs[0][0][0].days = 8;
    scene_run(&s, 0, MON + 2, 1, 60);
    EXPECT(&s, MON + 1, "refuse", "missed_recent note 1, not_due refuse @2", "");
    s.runs[0][0][0].days = 7;
    EXPECT(&s, MON + 1, "refuse", "not_due refuse @2", "");
    assert_int_equal(s.decision.next_due, MON + 2);
    scene_end(&s);
}

/* The next due day: the earliest one, moved or not, that is neither supplied nor stopped. */
static void d5_next_due(void **state) {
    (void)state;
    struct scene s;
    struct prescription *rx = closed_sundays(&s, WORDING_W1);
    rx->collect.weekdays = ON(SAT) | ON(SUN);
    s.event_count = 0;
    ask(&s, MON + 4);
    assert_int_equal(s.decision.next_due, MON + 5);
    scene_supply(&s, 0, MON + 4, MON + 5, MON + 5);
    ask(&s, MON + 4);
    assert_int_equal(s.decision.next_due, MON + 5); /* Sunday's, due on Saturday too */
    scene_supply(&s, 0, MON + 4, MON + 6, MON + 6);
    ask(&s, MON + 4);
    assert_int_equal(s.decision.next_due, DAY_NONE);
    s.event_count = 0;
    rx->stopped_from = MON + 5;
    ask(&s, MON + 4);
    assert_int_equal(s.decision.next_due, DAY_NONE);
    scene_end(&s);
}

static void d6_already_supplied(void **state) {
    (void)state;
    struct scene s;
    struct prescription *rx = scene_stable(&s, MON);
    EXPECT(&s, MON, "refuse", "already_supplied refuse @1", "");
    rx->collect.weekdays = ON(MON) | ON(THU);
    s.event_count--;
    scene_supply(&s, 0, MON, MON, MON + 2);
    EXPECT(&s, MON + 2, "refuse", "already_supplied refuse @3", ""); /* one of its late days */
    EXPECT(&s, MON + 3, "supply", "", "3 4 5 6");
    rx->stopped_from = MON + 2;
    EXPECT(&s, MON + 1, "refuse", "already_supplied refuse", "");
    scene_end(&s);
}

/* D4, D6: two that were supplied together on the day before the closed one. */
static void d6_supplied_together(void **state) {
    (void)state;
    struct scene s;
    closed_sundays(&s, WORDING_W1);
    struct event *both = scene_supply(&s, 0, MON + 5, MON + 5, MON + 6);
    EXPECT(&s, MON + 5, "refuse", "already_supplied refuse", "");
    both->covers.count = 1; /* Sunday's dose is still to come */
    EXPECT(&s, MON + 5, "supply", "closed_day_advance note @6, weekly_closed_advance note @6", "6");
    scene_end(&s);
}

/* An irregular supply of a day without dose does not make the instalment around it supplied. */
static void d6_a_day_without_dose(void **state) {
    (void)state;
    struct scene s;
    struct prescription *rx = scene_stable(&s, MON - 1);
    rx->collect.weekdays = ON(MON);
    s.runs[0][0][0].days = 8;
    scene_run(&s, 0, MON + 2, 2, 60);
    scene_supply(&s, 0, MON - 1, MON + 1, MON + 1)->kind = EVENT_IRREGULAR;
    scene_consulted(&s, 0, CONSULTED_CONTINUE, MON - 1);
    ask(&s, MON);
    assert_string_equal(covers(&s), "0 2 3");
    scene_end(&s);
}

/* ---- D7, D8 ---- */

static void d7_d8_after_the_due_day(void **state) {
    (void)state;
    struct scene s;
    struct prescription *rx = scene_stable(&s, MON - 1);
    rx->collect.weekdays = ON(MON) | ON(THU);
    EXPECT(&s, MON + 2, "refuse", "forfeited refuse @3, missed_recent note 2", "");
    rx->wording = WORDING_W2;
    EXPECT(&s, MON + 1, "supply", "missed_recent note 1, missed_remainder note", "1 2");
    EXPECT(&s, MON + 2, "supply", "missed_recent note 2, missed_remainder note", "2");
    EXPECT(&s, MON + 3, "hold", "three_day_rule hold 3", "3 4 5 6");
    rx->stopped_from = MON + 2;
    EXPECT(&s, MON + 1, "supply", "missed_recent note 1, missed_remainder note", "1");
    scene_end(&s);
}

/* Moved: late from E on; before C only C's days are left to give, all of them. Due on no day: late from C. */
static void d7_after_a_closed_day(void **state) {
    (void)state;
    struct scene s;
    struct prescription *rx = closed_sundays(&s, WORDING_W1 | WORDING_W2);
    rx->collect.weekdays = ON(FRI) | ON(SUN);
    s.calendar.closures = DAYS(MON + 5);
    s.runs[0][0][0].days = 16;
    scene_supply(&s, 0, MON + 4, MON + 4, MON + 5);
    EXPECT(&s, MON + 5, "supply", "missed_remainder note", "6 7 8");
    EXPECT(&s, MON + 6, "supply", "missed_remainder note", "6 7 8");
    EXPECT(&s, MON + 7, "supply", "missed_recent note 1, missed_remainder note", "7 8");
    rx->wording = WORDING_W2;
    EXPECT(&s, MON + 6, "refuse", "not_due refuse", "");
    EXPECT(&s, MON + 7, "supply", "missed_recent note 1, missed_remainder note", "7 8");
    rx->wording = 0;
    EXPECT(&s, MON + 7, "refuse", "forfeited refuse, missed_recent note 1", "");
    scene_end(&s);
}

/* D8: a note where another instalment is due on T: Monday's, which is moved to Sunday by a closure. */
static void d8_beside_one_that_is_due(void **state) {
    (void)state;
    struct scene s;
    struct prescription *rx = scene_stable(&s, MON + 4);
    rx->wording = WORDING_W1;
    rx->collect.weekdays = ON(SAT) | ON(MON);
    scene_run(&s, 0, MON + 7, 7, 60);
    EXPECT(&s, MON + 6, "refuse", "forfeited refuse @7, missed_recent note 1", "");
    s.calendar.closures = DAYS(MON + 7);
    EXPECT(&s, MON + 6, "supply", "closed_day_advance note @7, forfeited note @12, missed_recent note 1",
           "7 8 9 10 11");
    scene_end(&s);
}

/* ---- D10 ---- */

static void d10_elsewhere(void **state) {
    (void)state;
    struct scene s;
    struct prescription *rx = scene_stable(&s, MON - 1);
    rx->collect.weekdays = ON(MON) | ON(THU);
    scene_elsewhere(&s, CLASS_OPIOID, MON, MON + 1, MON + 1);
    EXPECT(&s, MON, "check", "day_left_out check", "0 2");
    s.events[s.event_count - 1].drug_class = CLASS_BENZODIAZEPINE;
    EXPECT(&s, MON, "supply", "", "0 1 2");
    scene_elsewhere(&s, CLASS_OPIOID, MON, MON, MON + 2);
    EXPECT(&s, MON, "refuse", "duplicate_day refuse", "");
    s.events[s.event_count - 1].on = MON + 1; /* M8: not known yet */
    EXPECT(&s, MON, "supply", "", "0 1 2");
    scene_end(&s);
}

static void d10_another_prescription(void **state) {
    (void)state;
    struct scene s;
    scene_stable(&s, MON - 1);
    scene_rx(&s, &methadone, MON - 7, 14, 60);
    scene_supply(&s, 1, MON, MON, MON);
    EXPECT(&s, MON, "refuse", "duplicate_day refuse", "");
    s.rx[1].together_with = 0;
    EXPECT(&s, MON, "supply", "", "0");
    scene_end(&s);
    scene_stable(&s, MON - 1);
    scene_rx(&s, &diazepam, MON, 7, 2);
    scene_supply(&s, 1, MON, MON, MON);
    EXPECT(&s, MON, "supply", "opioid_with_benzodiazepine note", "0");
    scene_end(&s);
}

/* ---- D22 ---- */

/* The rest of a part supply may still be given the same day, and lapses at midnight. */
static void d22_rest_of_a_part(void **state) {
    (void)state;
    static const quantity_t rest[] = {20 * ML};
    struct scene s;
    scene_stable(&s, MON - 1);
    struct event *part = scene_supply(&s, 0, MON, MON, MON);
    EXPECT(&s, MON, "refuse", "already_supplied refuse @1", "");
    assert_false(s.decision.rest);
    part->rest = rest;
    EXPECT(&s, MON, "check", "part_supply check", "0");
    assert_true(s.decision.rest);
    assert_string_equal(quantities(&s), "0+20");
    s.rx[0].supervised.kind = SUPERVISED_COLLECTION_DAYS;
    ask(&s, MON);
    assert_string_equal(quantities(&s), "20+0");
    s.runs[0][0][0].supervised_part = 30 * ML; /* swallowed before: what is left is taken home */
    ask(&s, MON);
    assert_string_equal(quantities(&s), "0+20");
    s.items[0][0].total = 8 * 60 * ML; /* D9: the days are counted in full already */
    EXPECT(&s, MON, "check", "part_supply check", "0");
    EXPECT(&s, MON + 1, "refuse", "exceeds_total refuse", "");
    s.items[0][0].total = QUANTITY_NONE;
    EXPECT(&s, MON + 1, "supply", "", "1"); /* lapsed */
    assert_false(s.decision.rest);
    part->prescription = 1;
    scene_rx(&s, &diazepam, MON, 7, 2);
    part->covers = DAYS(MON);
    EXPECT(&s, MON, "supply", "opioid_with_benzodiazepine note", "0"); /* another prescription's rest */
    scene_end(&s);
}

/* ---- D24 ---- */

static struct event *allowed_once(struct scene *s, day_t for_day, struct day_list days) {
    struct event *event = scene_consulted(s, 0, CONSULTED_ALLOW_ONCE, for_day - 1);
    event->for_day = for_day;
    event->covers = days;
    return event;
}

static void d24_days_named(void **state) {
    (void)state;
    struct scene s;
    scene_stable(&s, MON - 1);
    struct event *agreed = allowed_once(&s, MON, DAYS(MON + 2, MON + 1));
    EXPECT(&s, MON, "check", "exception_agreed check", "0 1 2");
    EXPECT(&s, MON + 1, "supply", "missed_recent note 1", "1");
    agreed->on = MON + 1; /* not known yet */
    EXPECT(&s, MON, "supply", "", "0");
    agreed->on = MON;
    agreed->outcome = CONSULTED_ALLOW_REPRESENTATIVE;
    EXPECT(&s, MON, "supply", "", "0");
    agreed->outcome = CONSULTED_ALLOW_ONCE;
    agreed->covers.count = 0;
    EXPECT(&s, MON, "supply", "", "0");
    scene_rx(&s, &diazepam, MON + 1, 7, 2);
    agreed->covers.count = 2;
    agreed->prescription = 1;
    EXPECT(&s, MON, "supply", "", "0");
    scene_end(&s);
}

/* Events have no order within a day: every consultation for T counts. */
static void d24_agreed_twice(void **state) {
    (void)state;
    struct scene s;
    scene_stable(&s, MON - 1);
    allowed_once(&s, MON, DAYS(MON + 30));
    allowed_once(&s, MON, DAYS(MON + 1));
    allowed_once(&s, MON, DAYS(MON + 2));
    EXPECT(&s, MON, "check", "exception_agreed check", "0 1 2");
    scene_end(&s);
}

/* D2: days that a moved instalment holds anyway keep it lawful before the start; another instalment's do not. */
static void d24_before_the_start(void **state) {
    (void)state;
    struct scene s;
    scene_begin(&s);
    struct prescription *rx = scene_rx(&s, &methadone, MON, 7, 60);
    rx->start_on = MON;
    rx->wording = WORDING_W1;
    s.calendar.closures = DAYS(MON);
    EXPECT(&s, MON - 1, "check", "closed_day_advance note @0, first_dose check", "0");
    struct event *agreed = allowed_once(&s, MON - 1, DAYS(MON));
    EXPECT(&s, MON - 1, "check", "closed_day_advance note @0, exception_agreed check, first_dose check", "0");
    agreed->covers = DAYS(MON + 1);
    EXPECT(&s, MON - 1, "refuse",
           "before_start refuse @0, closed_day_advance note @0, exception_agreed check, first_dose check",
           "");
    agreed->covers = DAYS(MON + 1, MON);
    EXPECT(&s, MON - 1, "refuse",
           "before_start refuse @0, closed_day_advance note @0, exception_agreed check, first_dose check",
           "");
    scene_end(&s);
}

/* In place of D5, D6 and D8. */
static void d24_where_nothing_is_due(void **state) {
    (void)state;
    struct scene s;
    struct prescription *rx = scene_stable(&s, MON - 1);
    rx->collect.weekdays = ON(MON) | ON(THU);
    allowed_once(&s, MON + 1, DAYS(MON + 1, MON + 2));
    EXPECT(&s, MON + 1, "check", "exception_agreed check, missed_recent note 1", "1 2");
    scene_supply(&s, 0, MON, MON, MON);
    EXPECT(&s, MON + 1, "check", "exception_agreed check", "1 2");
    scene_supply(&s, 0, MON + 1, MON + 1, MON + 2);
    EXPECT(&s, MON + 1, "refuse", "not_due refuse @3", "");
    scene_end(&s);
}

/* One that names no day takes the place of nothing. */
static void d24_no_day_named(void **state) {
    (void)state;
    struct scene s;
    struct prescription *rx = scene_stable(&s, MON);
    allowed_once(&s, MON, (struct day_list){0});
    EXPECT(&s, MON, "refuse", "already_supplied refuse @1", "");
    allowed_once(&s, MON + 2, (struct day_list){0});
    rx->collect.weekdays = ON(TUE) | ON(THU);
    EXPECT(&s, MON + 2, "refuse", "forfeited refuse @3, missed_recent note 1", "");
    scene_end(&s);
}

/* Never: days gone by, without a dose, from the stop on, dosed here, on another prescription or elsewhere. */
static void d24_only_what_is_still_to_be_dosed(void **state) {
    (void)state;
    struct scene s;
    struct prescription *rx = scene_stable(&s, MON - 2);
    scene_rx(&s, &methadone, MON - 7, 14, 60)->signed_on = MON - 7;
    struct event *agreed =
        allowed_once(&s, MON, DAYS(MON - 1, MON + 1, MON + 2, MON + 3, MON + 4, MON + 5, MON + 7));
    rx->stopped_from = MON + 5;
    scene_supply(&s, 0, MON, MON + 1, MON + 1);
    scene_supply(&s, 1, MON, MON + 2, MON + 2);
    scene_elsewhere(&s, CLASS_OPIOID, MON, MON + 3, MON + 3);
    EXPECT(&s, MON, "check", "exception_agreed check, missed_recent note 1", "0 4");
    agreed->covers = DAYS(MON - 1, MON + 1, MON + 2, MON + 3, MON + 5, MON + 7);
    EXPECT(&s, MON, "supply", "missed_recent note 1", "0");
    rx->stopped_from = DAY_NONE;
    EXPECT(&s, MON, "check", "exception_agreed check, missed_recent note 1", "0 5");
    scene_end(&s);
}

/* A day named that is due anyway stands once; one before a moved instalment's days stands before them. */
static void d24_in_order_and_once(void **state) {
    (void)state;
    struct scene s;
    struct prescription *rx = closed_sundays(&s, WORDING_W1);
    rx->collect.weekdays = ON(FRI) | ON(SUN);
    allowed_once(&s, MON + 5, DAYS(MON + 5, MON + 6));
    EXPECT(&s, MON + 5, "check",
           "closed_day_advance note @6, exception_agreed check, weekly_closed_advance note @6", "5 6");
    scene_end(&s);
}

/* ---- the answer itself ---- */

/* A form of many days at once, over more than the first room for them; asked again in the same place. */
static void many_days_at_once(void **state) {
    (void)state;
    struct scene s;
    scene_stable(&s, MON - 1)->collect = (struct collection){.kind = COLLECT_DATES, .dates = DAYS(MON)};
    s.runs[0][0][0].days = 77;
    ask(&s, MON);
    assert_int_equal(s.decision.cover_count, 70);
    for (int i = 0; i < 70; i++)
        assert_int_equal(s.decision.covers[i], MON + i);
    EXPECT(&s, MON - 1, "refuse", "already_supplied refuse @0", "");
    scene_end(&s);
}

/* The last day dosed up to T: here, on what is given together, or elsewhere; of this class and as known then. */
static void last_dosed(void **state) {
    (void)state;
    struct scene s;
    scene_stable(&s, MON - 4);
    scene_rx(&s, &bup_2mg, MON - 7, 14, 2)->together_with = 0;
    ask(&s, MON);
    assert_int_equal(s.decision.last_dosed, MON - 4);
    assert_int_equal(s.decision.missed_days, 3);
    assert_int_equal(s.decision.missed_pickups, 3);
    scene_supply(&s, 1, MON - 3, MON - 3, MON - 3);
    scene_elsewhere(&s, CLASS_OPIOID, MON, MON - 2, MON - 2);
    scene_elsewhere(&s, CLASS_OPIOID, MON, MON - 6, MON - 5);
    scene_elsewhere(&s, CLASS_BENZODIAZEPINE, MON - 1, MON - 1, MON - 1);
    ask(&s, MON - 1);
    assert_int_equal(s.decision.last_dosed, MON - 3);
    ask(&s, MON);
    assert_int_equal(s.decision.last_dosed, MON - 2);
    scene_elsewhere(&s, CLASS_OPIOID, MON - 1, MON + 2, MON + 3); /* a dose to come is none yet */
    ask(&s, MON);
    assert_int_equal(s.decision.last_dosed, MON - 2);
    scene_supply(&s, 0, MON, MON, MON + 1); /* tomorrow's is in the patient's hands, not yet taken */
    ask(&s, MON);
    assert_int_equal(s.decision.last_dosed, MON);
    scene_end(&s);
}

/* Every allocation of a decision fails once: false, nothing leaked, and the next answer is whole. */
static void memory_runs_out(void **state) {
    (void)state;
    struct scene s;
    scene_stable(&s, MON - 1)->collect = (struct collection){.kind = COLLECT_DATES, .dates = DAYS(MON)};
    scene_item(&s, 0, &bup_2mg, MON, 7, 2);
    s.runs[0][0][0].days = 60;
    s.rx[0].collect.dates = DAYS(MON, MON + 20);
    s.rx[0].wording = WORDING_W1;
    s.calendar.bank_holidays = DAYS(MON + 20);
    s.calendar.closures =
        DAYS(MON + 1, MON + 2, MON + 3, MON + 4, MON + 5, MON + 6, MON + 7, MON + 8, MON + 9, MON + 10,
             MON + 11, MON + 12, MON + 13, MON + 14, MON + 15, MON + 16, MON + 17, MON + 18, MON + 19);
    s.request.on = MON;
    struct rules_case c;
    assert_true(scene_open(&s, &c));
    int fails = 1;
    for (bool came = true; came; fails++) {
        struct decision decision;
        memset(&decision, 0x55, sizeof decision);
        decision_init(&decision);
        torture_begin(fails);
        bool ok = decide(&c, &s.request, &decision);
        came = torture_end();
        assert_int_equal(ok, !came);
        assert_true(decide(&c, &s.request, &decision));
        assert_int_equal(decision.cover_count, 53);
        assert_int_equal(decision.item_count, 2);
        assert_int_equal(decision.instalment_count, 2);
        decision_release(&decision);
        decision_release(&decision); /* an empty one is allowed */
        assert_int_equal(torture_held, 0);
    }
    assert_int_equal(fails, 6); /* instalments, days, more days, items; none */
    case_close(&c);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(on_its_day),
        cmocka_unit_test(d1_stopped),
        cmocka_unit_test(d1_stopped_by_a_consultation),
        cmocka_unit_test(d1_replaced),
        cmocka_unit_test(d1_days_from_the_stop_on),
        cmocka_unit_test(d1_nothing_left_before_the_stop),
        cmocka_unit_test(d2_before_the_appropriate_date),
        cmocka_unit_test(d2_moved_before_the_start),
        cmocka_unit_test(d2_usual_day_before_the_start),
        cmocka_unit_test(d2_exception_before_the_start),
        cmocka_unit_test(d3_first_instalment),
        cmocka_unit_test(d3_later_instalments),
        cmocka_unit_test(d4_on_the_day_before),
        cmocka_unit_test(d4_two_closed_days),
        cmocka_unit_test(d4_usual_day),
        cmocka_unit_test(d5_not_due),
        cmocka_unit_test(d5_next_due),
        cmocka_unit_test(d6_already_supplied),
        cmocka_unit_test(d6_supplied_together),
        cmocka_unit_test(d6_a_day_without_dose),
        cmocka_unit_test(d7_d8_after_the_due_day),
        cmocka_unit_test(d7_after_a_closed_day),
        cmocka_unit_test(d8_beside_one_that_is_due),
        cmocka_unit_test(d10_elsewhere),
        cmocka_unit_test(d10_another_prescription),
        cmocka_unit_test(d22_rest_of_a_part),
        cmocka_unit_test(d24_days_named),
        cmocka_unit_test(d24_agreed_twice),
        cmocka_unit_test(d24_before_the_start),
        cmocka_unit_test(d24_where_nothing_is_due),
        cmocka_unit_test(d24_no_day_named),
        cmocka_unit_test(d24_only_what_is_still_to_be_dosed),
        cmocka_unit_test(d24_in_order_and_once),
        cmocka_unit_test(many_days_at_once),
        cmocka_unit_test(last_dosed),
        cmocka_unit_test(memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
