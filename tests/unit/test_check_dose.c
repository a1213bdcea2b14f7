/* core/check: how much, and when. P6 to P10 of rules.md, each both ways, and the hazards H12, H16, H17. */
#include "check_setup.h"

/* Looks at a finding's code, field and sentence. */
static void reads(const struct finding *one, const char *code, const char *field, const char *part) {
    char text[FINDING_TEXT_SIZE];
    char where[FINDING_FIELD_SIZE];
    finding_text(one, text);
    finding_field(one, where);
    assert_string_equal(finding_code_text(one->code), code);
    assert_string_equal(where, field);
    if (strstr(text, part) == NULL)
        fail_msg("\"%s\" is not in: %s", part, text);
}

/* ---- P6 ---- */

static void total_and_plan(void **state) {
    (void)state;
    struct setup s;
    set_up(&s);
    s.items[0][0].total = 840 * ML;
    EXPECT(&s, FINDING_TOTAL_MISMATCH);
    reads(&s.found.list[0], "total_mismatch", "items[0].total",
          "The total on the form is 840 ml; the doses of the plan add up to 420 ml.");
    assert_true(s.found.blocked);
    s.entry.accept = finding_set_of("total_mismatch", 14);
    EXPECT(&s, FINDING_TOTAL_MISMATCH);
    assert_false(s.found.blocked);
    assert_true(s.found.list[0].accepted);
    /* Nothing above the smaller figure is ever supplied. */
    assert_true(case_open(&s.c, &s.input));
    assert_int_equal(check_plan_total(&s.c.courses[0].plan, 0), 420 * ML);
    assert_int_equal(check_effective_total(&s.c.courses[0].plan, 0), 420 * ML);
    s.items[0][0].total = 400 * ML;
    assert_int_equal(check_effective_total(&s.c.courses[0].plan, 0), 400 * ML);
    s.items[0][0].total = QUANTITY_NONE;
    assert_int_equal(check_effective_total(&s.c.courses[0].plan, 0), 420 * ML);
    case_close(&s.c);
}

static void total_item_by_item(void **state) {
    (void)state;
    struct setup s;
    set_up(&s);
    set_item(&s, 0, 0, BUP_8, TODAY, 14, ML);
    set_item(&s, 0, 1, BUPNX_2, TODAY, 14, 2 * ML);
    s.items[0][0].total += ML;
    s.items[0][1].total -= ML;
    EXPECT(&s, FINDING_TOTAL_MISMATCH, FINDING_TOTAL_MISMATCH);
    reads(&s.found.list[0], "total_mismatch", "items[0].total",
          "is 15 tablets; the doses of the plan add up to 14 tablets");
    reads(&s.found.list[1], "total_mismatch", "items[1].total", "is 27 tablets");
}

/* H12: 90 ml recorded for 30 ml, the total of three days read as the daily dose. */
static void total_read_as_daily_dose(void **state) {
    (void)state;
    struct setup s;
    set_up(&s);
    set_item(&s, 0, 0, MTD_SF, TODAY, 3, 90 * ML);
    s.items[0][0].total = 90 * ML;
    EXPECT(&s, FINDING_TOTAL_MISMATCH, FINDING_TOTAL_AS_DAILY_DOSE, FINDING_DOSE_FIRST_STRONG);
    reads(found(&s, FINDING_TOTAL_AS_DAILY_DOSE), "total_as_daily_dose", "items[0].doses[0].dose", "90 ml");
    assert_true(s.found.dose_warned);
    /* With the total typed to fit, the first dose is still seen. */
    s.items[0][0].total = 270 * ML;
    EXPECT(&s, FINDING_DOSE_FIRST_STRONG);
    assert_true(s.found.dose_warned);
    /* One single day is its total. */
    set_item(&s, 0, 0, MTD_SF, TODAY, 1, 30 * ML);
    EXPECT_NONE(&s);
}

static void supervised_part(void **state) {
    (void)state;
    struct setup s;
    set_up(&s);
    s.runs[0][0][0].supervised_part = 30 * ML;
    EXPECT_NONE(&s);
    s.runs[0][0][0].supervised_part = 30 * ML + 1;
    EXPECT(&s, FINDING_SUPERVISED_PART_TOO_LARGE);
    reads(&s.found.list[0], "supervised_part_too_large", "items[0].doses[0].supervised_part",
          "30.001 ml is more than the day's dose of 30 ml");
}

/* ---- P9 ---- */

/* H16: 60 ml of 10 mg/ml keyed for 1 mg/ml. */
static void tenfold_strength(void **state) {
    (void)state;
    struct setup s;
    set_up(&s);
    set_item(&s, 0, 0, MTD_10, TODAY, 14, 60 * ML);
    EXPECT(&s, FINDING_CONCENTRATE, FINDING_DOSE_FIRST_STRONG, FINDING_DOSE_DAILY);
    reads(found(&s, FINDING_DOSE_DAILY), "dose_warning", "items[0].doses",
          "600 mg on Mon 23 Nov 2026 is more than 120 mg");
    /* Stored all the same: a second person keys it, and D17 asks at its first supply. */
    assert_false(s.found.blocked);
    assert_int_equal(found(&s, FINDING_CONCENTRATE)->kind, FINDING_IS_WARNING);
    /* A pharmacist's acceptance is not a second person's. */
    s.entry.accept = ~(finding_set)0;
    EXPECT(&s, FINDING_CONCENTRATE, FINDING_DOSE_FIRST_STRONG, FINDING_DOSE_DAILY);
    s.entry.second_person = true;
    EXPECT(&s, FINDING_DOSE_FIRST_STRONG, FINDING_DOSE_DAILY);
}

static void linctus(void **state) {
    (void)state;
    struct setup s;
    set_up(&s);
    set_item(&s, 0, 0, LINCTUS, TODAY, 14, 30 * ML);
    EXPECT(&s, FINDING_NOT_FOR_DEPENDENCE);
    reads(&s.found.list[0], "not_for_dependence", "items[0].product", "Methadone 2mg/5ml linctus");
    assert_true(s.found.blocked);
}

/* ---- P8 ---- */

static void first_dose(void **state) {
    (void)state;
    static const struct {
        quantity_t dose;
        int code; /* FINDING_COUNT: none */
    } rows[] = {{30 * ML, FINDING_COUNT},
                {30 * ML + 1, FINDING_DOSE_FIRST},
                {40 * ML, FINDING_DOSE_FIRST},
                {40 * ML + 1, FINDING_DOSE_FIRST_STRONG},
                {54 * ML, FINDING_DOSE_FIRST_STRONG}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct setup s;
        set_up(&s);
        set_item(&s, 0, 0, MTD_SF, TODAY, 14, rows[i].dose);
        if (rows[i].code == FINDING_COUNT) {
            EXPECT_NONE(&s);
            continue;
        }
        EXPECT(&s, (enum finding_code)rows[i].code);
        assert_int_equal(s.found.list[0].day, TODAY);
        assert_int_equal(s.found.list[0].figure, rows[i].dose);
        assert_false(s.found.blocked);
        assert_true(s.found.dose_warned);
    }
}

/* A patient who took 60 ml here until some days ago. */
static void carried_on(struct setup *s, day_t last_supplied) {
    static day_t covers[1];
    covers[0] = last_supplied;
    set_up(s);
    set_item(s, 0, 0, MTD_SF, TODAY, 14, 60 * ML);
    set_item(s, 1, 0, MTD, TODAY - 20, 20, 60 * ML);
    s->forms[1].signed_on = s->forms[1].start_on = TODAY - 20;
    s->input.prescription_count = 2;
    s->events[0] =
        (struct event){.kind = EVENT_SUPPLIED, .prescription = 1, .on = last_supplied, .covers = {covers, 1}};
    s->input.event_count = 1;
}

static void restart(void **state) {
    (void)state;
    struct setup s;
    carried_on(&s, TODAY - 1);
    EXPECT_NONE(&s);
    carried_on(&s, TODAY - 3);
    EXPECT_NONE(&s);
    carried_on(&s, TODAY - 4);
    EXPECT(&s, FINDING_DOSE_FIRST_STRONG);
    /* Another drug before: the first dose of this one. */
    carried_on(&s, TODAY - 1);
    s.items[1][0].product = &products[BUP_8];
    EXPECT(&s, FINDING_DOSE_FIRST_STRONG);
    /* Dosed elsewhere. */
    carried_on(&s, TODAY - 4);
    s.events[1] = (struct event){.kind = EVENT_DOSED_ELSEWHERE,
                                 .drug_class = CLASS_OPIOID,
                                 .from = TODAY - 2,
                                 .to = TODAY - 2,
                                 .on = TODAY};
    s.input.event_count = 2;
    EXPECT_NONE(&s);
}

static void entered_ahead(void **state) {
    (void)state;
    struct setup s;
    carried_on(&s, TODAY - 10);
    s.entry.today = TODAY - 1; /* the last planned day is today: it is taken to be collected */
    s.entry.supplied_before_count = 0;
    EXPECT_NONE(&s);
    s.forms[1].stopped_from = TODAY - 1;
    EXPECT(&s, FINDING_DOSE_FIRST_STRONG);
    /* The old form alone, after its end: the days gone by were not supplied. */
    s.forms[1].stopped_from = DAY_NONE;
    s.entry.today = TODAY;
    EXPECT(&s, FINDING_DOSE_FIRST_STRONG);
}

static void carried_on_from_elsewhere(void **state) {
    (void)state;
    struct setup s;
    set_up(&s);
    set_item(&s, 0, 0, MTD_SF, TODAY, 14, 60 * ML);
    s.entry.today = TODAY + 2;
    EXPECT(&s, FINDING_PLAN_BEFORE_ENTRY, FINDING_DOSE_FIRST_STRONG);
    assert_int_equal(found(&s, FINDING_DOSE_FIRST_STRONG)->day, TODAY + 2);
    struct earlier_supply supplies[] = {
        {.on = TODAY, .covers = {(const day_t[]){TODAY}, 1}, .confirmed_by = "A. Khan"},
        {.on = TODAY + 1, .covers = {(const day_t[]){TODAY + 1}, 1}, .confirmed_by = "A. Khan"}};
    s.entry.supplied_before = supplies;
    s.entry.supplied_before_count = 2;
    EXPECT(&s, FINDING_PLAN_BEFORE_ENTRY);
    /* Nothing is left of the plan: nothing is a first dose. */
    s.entry.today = TODAY + 14;
    EXPECT(&s, FINDING_PLAN_BEFORE_ENTRY);
    /* The first day from today on without a dose is passed over. */
    set_up(&s);
    set_item(&s, 0, 0, MTD_SF, TODAY, 1, 20 * ML);
    add_run(&s, 0, TODAY + 5, 1, 35 * ML);
    s.entry.today = TODAY + 1;
    EXPECT(&s, FINDING_PLAN_BEFORE_ENTRY, FINDING_DOSE_FIRST);
    assert_int_equal(found(&s, FINDING_DOSE_FIRST)->day, TODAY + 5);
}

static void daily_dose(void **state) {
    (void)state;
    static const struct {
        int product;
        quantity_t dose;
        int code; /* FINDING_COUNT: none */
    } rows[] = {
        {BUP_8, 3 * ML, FINDING_COUNT},      {BUP_8, 3 * ML + 1, FINDING_DOSE_DAILY},
        {BUP_8, 4 * ML, FINDING_DOSE_DAILY}, {BUP_8, 4 * ML + 1, FINDING_DOSE_DAILY_STRONG},
        {BUPNX_2, 12 * ML, FINDING_COUNT},   {BUPNX_2, 13 * ML, FINDING_DOSE_DAILY},
        {ESPRANOR_8, 2 * ML, FINDING_COUNT}, {ESPRANOR_8, 3 * ML, FINDING_DOSE_DAILY},
        {DZP_5, 6 * ML, FINDING_COUNT},      {DZP_5, 7 * ML, FINDING_DOSE_DAILY},
        {NZP_5, 100 * ML, FINDING_COUNT},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct setup s;
        set_up(&s);
        s.forms[0].form = FORM_GP10;
        set_item(&s, 0, 0, rows[i].product, TODAY, 14, rows[i].dose);
        if (rows[i].code == FINDING_COUNT) {
            EXPECT_NONE(&s);
        } else {
            EXPECT(&s, (enum finding_code)rows[i].code);
        }
    }
    struct setup s;
    carried_on(&s, TODAY - 1);
    set_item(&s, 0, 0, MTD_SF, TODAY, 2, 120 * ML);
    EXPECT_NONE(&s);
    add_run(&s, 0, TODAY + 2, 1, 120 * ML + 1);
    EXPECT(&s, FINDING_DOSE_DAILY);
    assert_int_equal(s.found.list[0].day, TODAY + 2);
    reads(&s.found.list[0], "dose_warning", "items[0].doses", "120.001 mg on Wed 25 Nov 2026");
}

/* Tablets of one drug add up, with naloxone and on two forms given together too. */
static void daily_dose_adds_up(void **state) {
    (void)state;
    struct setup s;
    set_up(&s);
    set_item(&s, 0, 0, BUP_8, TODAY, 14, 3 * ML);
    set_item(&s, 0, 1, BUPNX_2, TODAY, 14, ML);
    EXPECT(&s, FINDING_DOSE_DAILY);
    assert_int_equal(s.found.list[0].figure, 26000);
    /* The lowest limit of those on the form. */
    set_item(&s, 0, 0, BUP_8, TODAY, 14, ML);
    set_item(&s, 0, 1, ESPRANOR_8, TODAY, 14, 2 * ML);
    EXPECT(&s, FINDING_DOSE_DAILY);
    assert_int_equal(s.found.list[0].other_figure, 18000);
    set_up(&s);
    set_item(&s, 0, 0, BUP_8, TODAY, 14, 3 * ML);
    set_item(&s, 1, 0, BUPNX_2, TODAY, 14, ML);
    s.input.prescription_count = 2;
    s.forms[0].together_with = 1;
    EXPECT(&s, FINDING_DOSE_DAILY, FINDING_GIVEN_TOGETHER);
    s.forms[1].stopped_from = TODAY;
    EXPECT(&s, FINDING_GIVEN_TOGETHER);
}

static void rise_in_titration(void **state) {
    (void)state;
    struct setup s;
    set_up(&s);
    s.forms[0].stage = STAGE_TITRATION;
    set_item(&s, 0, 0, MTD_SF, TODAY, 3, 20 * ML);
    add_run(&s, 0, TODAY + 3, 3, 30 * ML);
    EXPECT_NONE(&s);
    s.runs[0][0][1].dose = 31 * ML;
    s.items[0][0].total = 153 * ML;
    EXPECT(&s, FINDING_DOSE_RISE_DAY);
    reads(&s.found.list[0], "dose_warning", "items[0].doses",
          "rises by 11 mg to Thu 26 Nov 2026, more than 10 mg");
    assert_string_equal(finding_about(s.found.list[0].code), "rise_in_a_day");
    s.forms[0].stage = STAGE_STABLE;
    EXPECT_NONE(&s);
    /* 30 mg in a week and no more: by steps, over a day without a dose. */
    set_up(&s);
    s.forms[0].stage = STAGE_TITRATION;
    set_item(&s, 0, 0, MTD_SF, TODAY, 7, 30 * ML);
    add_run(&s, 0, TODAY + 8, 1, 61 * ML);
    EXPECT(&s, FINDING_DOSE_RISE_DAY, FINDING_DOSE_RISE_WEEK);
    assert_int_equal(found(&s, FINDING_DOSE_RISE_WEEK)->figure, 31000);
    s.runs[0][0][1].dose = 60 * ML;
    s.items[0][0].total -= ML;
    EXPECT(&s, FINDING_DOSE_RISE_DAY);
    /* Each once, on the first day; a fall is none. */
    set_item(&s, 0, 0, MTD_SF, TODAY, 1, 10 * ML);
    add_run(&s, 0, TODAY + 1, 1, 50 * ML);
    add_run(&s, 0, TODAY + 2, 1, 100 * ML);
    EXPECT(&s, FINDING_DOSE_RISE_DAY, FINDING_DOSE_RISE_WEEK);
    assert_int_equal(found(&s, FINDING_DOSE_RISE_DAY)->day, TODAY + 1);
    set_item(&s, 0, 0, MTD_SF, TODAY, 1, 30 * ML);
    add_run(&s, 0, TODAY + 1, 1, 10 * ML);
    EXPECT_NONE(&s);
}

/* The form before counts: 60 ml there, then 71 ml here. */
static void rise_from_the_form_before(void **state) {
    (void)state;
    struct setup s;
    carried_on(&s, TODAY - 1);
    s.forms[0].stage = STAGE_TITRATION;
    set_item(&s, 0, 0, MTD_SF, TODAY, 14, 70 * ML);
    EXPECT_NONE(&s);
    set_item(&s, 0, 0, MTD_SF, TODAY, 14, 71 * ML);
    EXPECT(&s, FINDING_DOSE_RISE_DAY);
    assert_int_equal(s.found.list[0].day, TODAY);
}

static void two_drugs_at_once(void **state) {
    (void)state;
    struct setup s;
    set_up(&s);
    s.forms[0].form = FORM_GP10;
    set_item(&s, 0, 0, DZP_5, TODAY, 2, ML);
    set_item(&s, 0, 1, NZP_5, TODAY + 2, 2, ML);
    EXPECT_NONE(&s);
    s.runs[0][1][0].from = TODAY + 1;
    EXPECT(&s, FINDING_DOSE_TWO_DRUGS);
    reads(&s.found.list[0], "dose_warning", "items[0].product", "On Tue 24 Nov 2026 two different medicines");
    /* On two forms. */
    set_up(&s);
    set_item(&s, 0, 0, DZP_5, TODAY, 2, ML);
    set_item(&s, 1, 0, NZP_5, TODAY, 14, ML);
    s.input.prescription_count = 2;
    s.forms[0].together_with = 1;
    EXPECT(&s, FINDING_DOSE_TWO_DRUGS, FINDING_GIVEN_TOGETHER);
    s.forms[1].stopped_from = TODAY;
    EXPECT(&s, FINDING_GIVEN_TOGETHER);
}

/* ---- P7 ---- */

static void two_forms(struct setup *s, int product, day_t from) {
    set_up(s);
    set_item(s, 1, 0, product, from, 14, 30 * ML);
    s->forms[1].signed_on = s->forms[1].start_on = from;
    s->input.prescription_count = 2;
}

static void overlap(void **state) {
    (void)state;
    struct setup s;
    two_forms(&s, MTD, TODAY - 4);
    EXPECT(&s, FINDING_OVERLAP);
    assert_int_equal(s.found.list[0].index, 1);
    reads(&s.found.list[0], "overlap", "replaces", "in force from Mon 23 Nov 2026 to Wed 02 Dec 2026");
    assert_true(s.found.blocked);
    two_forms(&s, MTD, TODAY + 4);
    EXPECT(&s, FINDING_OVERLAP);
    assert_int_equal(s.found.list[0].day, TODAY + 4);
    assert_int_equal(s.found.list[0].other_day, TODAY + 13);
    /* One ends the day before the other begins. */
    two_forms(&s, MTD, TODAY - 14);
    EXPECT_NONE(&s);
    two_forms(&s, MTD, TODAY + 14);
    EXPECT_NONE(&s);
    /* The other class is another matter. */
    two_forms(&s, DZP_5, TODAY);
    EXPECT_NONE(&s);
    /* Days before entry are of no plan. */
    two_forms(&s, MTD, TODAY - 13);
    EXPECT(&s, FINDING_OVERLAP);
    s.entry.today = TODAY + 1;
    EXPECT(&s, FINDING_PLAN_BEFORE_ENTRY);
    /* No dose on either form: nothing to overlap. */
    two_forms(&s, MTD, TODAY);
    s.runs[1][0][0].dose = 0;
    EXPECT_NONE(&s);
    two_forms(&s, MTD, TODAY);
    set_item(&s, 0, 0, MTD_SF, TODAY, 14, 0);
    EXPECT(&s, FINDING_DOSE_MISSING);
}

static void replaced_or_stopped(void **state) {
    (void)state;
    struct setup s;
    two_forms(&s, MTD, TODAY - 4);
    s.forms[0].replaces = 1;
    s.forms[0].replaces_from = TODAY;
    EXPECT_NONE(&s);
    s.forms[0].replaces_from = TODAY + 1;
    EXPECT(&s, FINDING_OVERLAP);
    assert_int_equal(s.found.list[0].other_day, TODAY);
    two_forms(&s, MTD, TODAY - 4);
    s.forms[1].stopped_from = TODAY;
    EXPECT_NONE(&s);
    two_forms(&s, DZP_5, TODAY);
    s.forms[0].replaces = 1;
    s.forms[0].replaces_from = TODAY;
    EXPECT(&s, FINDING_REPLACES_OTHER_CLASS);
    assert_true(s.found.blocked);
}

static void given_together(void **state) {
    (void)state;
    struct setup s;
    two_forms(&s, MTD, TODAY);
    s.runs[1][0][0].dose = 0;
    s.forms[0].together_with = 1;
    EXPECT(&s, FINDING_GIVEN_TOGETHER);
    assert_false(s.found.blocked);
    two_forms(&s, DZP_5, TODAY);
    s.forms[0].together_with = 1;
    EXPECT(&s, FINDING_TOGETHER_WITH_OTHER_CLASS);
    assert_true(s.found.blocked);
}

/* ---- P10 ---- */

/* Collected daily, Sundays too, 7 days from Monday. */
static void with_a_sunday(struct setup *s, unsigned wording) {
    set_up(s);
    set_item(s, 0, 0, MTD_SF, TODAY, 7, 30 * ML);
    s->forms[0].collect = (struct collection){.kind = COLLECT_EVERY_DAYS, .every_days = 1};
    s->forms[0].wording = wording;
}

static void closed_every_week(void **state) {
    (void)state;
    struct setup s;
    with_a_sunday(&s, WORDING_W1);
    EXPECT(&s, FINDING_CLOSED_MOVED, FINDING_WEEKLY_CLOSED_ADVANCE);
    reads(found(&s, FINDING_CLOSED_MOVED), "collection_on_closed_day", "collect",
          "closed on Sun 29 Nov 2026: that collection is due on Sat 28 Nov 2026");
    reads(found(&s, FINDING_WEEKLY_CLOSED_ADVANCE), "weekly_closed_advance", "wording",
          "1 collection of this plan, the first on Sun 29 Nov 2026");
    assert_false(s.found.blocked);
    assert_int_equal(found(&s, FINDING_WEEKLY_CLOSED_ADVANCE)->kind, FINDING_IS_WARNING);
    /* Two weeks, two Sundays, confirmed once. */
    set_item(&s, 0, 0, MTD_SF, TODAY, 14, 30 * ML);
    EXPECT(&s, FINDING_CLOSED_MOVED, FINDING_CLOSED_MOVED, FINDING_WEEKLY_CLOSED_ADVANCE);
    reads(found(&s, FINDING_WEEKLY_CLOSED_ADVANCE), "weekly_closed_advance", "wording", "2 collections of");
    assert_int_equal(found(&s, FINDING_WEEKLY_CLOSED_ADVANCE)->day, SUNDAY);
    with_a_sunday(&s, 0);
    EXPECT(&s, FINDING_CLOSED_NO_DAY);
    assert_int_equal(s.found.list[0].kind, FINDING_IS_WARNING);
    assert_int_equal(s.found.list[0].day, SUNDAY);
    with_a_sunday(&s, WORDING_W2); /* its only day is the closed one */
    EXPECT(&s, FINDING_CLOSED_NO_DAY);
}

static void closed_on_a_date(void **state) {
    (void)state;
    struct setup s;
    const day_t thursday = TODAY + 3;
    with_a_sunday(&s, WORDING_W1 | WORDING_W1OLD);
    s.calendar.weekly_closed = 0;
    s.calendar.closures = (struct day_list){&thursday, 1};
    EXPECT(&s, FINDING_CLOSED_MOVED);
    assert_int_equal(s.found.list[0].kind, FINDING_IS_NOTE);
    /* Collected on Monday and Thursday: Wednesday is the nearest open day, Monday the usual one. */
    s.forms[0].collect.every_days = 3;
    EXPECT(&s, FINDING_CLOSED_MOVED_OR_USUAL);
    reads(&s.found.list[0], "collection_on_closed_day", "collect",
          "due on Wed 25 Nov 2026, to take home. If the patient wishes it may also be supplied on Mon 23 Nov "
          "2026");
    /* The usual day has gone by. */
    s.entry.today = TODAY + 1;
    EXPECT(&s, FINDING_CLOSED_MOVED, FINDING_PLAN_BEFORE_ENTRY);
    /* The day itself is today, or past. */
    s.entry.today = TODAY + 3;
    EXPECT(&s, FINDING_CLOSED_NO_DAY, FINDING_PLAN_BEFORE_ENTRY);
    s.entry.today = TODAY + 4;
    EXPECT(&s, FINDING_PLAN_BEFORE_ENTRY);
    /* Closed at short notice: nothing is moved, nothing was asked of the plan. */
    s.entry.today = TODAY;
    s.calendar.closures.count = 0;
    s.calendar.unplanned = (struct day_list){&thursday, 1};
    EXPECT_NONE(&s);
    /* Gone by on the same weekly closed day. */
    with_a_sunday(&s, WORDING_W1);
    s.entry.today = SUNDAY;
    EXPECT(&s, FINDING_CLOSED_NO_DAY, FINDING_PLAN_BEFORE_ENTRY);
    s.entry.today = SUNDAY + 1;
    EXPECT(&s, FINDING_PLAN_BEFORE_ENTRY);
}

static void later_days(void **state) {
    (void)state;
    struct setup s;
    const day_t closed[] = {TODAY + 3, TODAY + 4, TODAY + 5};
    with_a_sunday(&s, WORDING_W2);
    s.calendar.weekly_closed = 0;
    s.forms[0].collect.every_days = 3; /* Monday, Thursday to Saturday, Sunday */
    s.calendar.closures = (struct day_list){closed, 1};
    EXPECT(&s, FINDING_CLOSED_LATER_DAYS);
    reads(&s.found.list[0], "collection_on_closed_day", "collect", "supplied from Fri 27 Nov 2026 on");
    s.forms[0].wording = 0;
    EXPECT(&s, FINDING_CLOSED_NO_DAY);
    /* All its days are closed. */
    s.forms[0].wording = WORDING_W2;
    s.calendar.closures.count = 3;
    EXPECT(&s, FINDING_CLOSED_NO_DAY);
    /* Closed for good. */
    with_a_sunday(&s, WORDING_W2);
    s.calendar.weekly_closed = 0x7f;
    run_check(&s);
    assert_int_equal(s.found.count, 7);
    assert_int_equal(s.found.list[0].code, FINDING_CLOSED_NO_DAY);
}

static void collection_outside_the_plan(void **state) {
    (void)state;
    struct setup s;
    const day_t dates[] = {TODAY - 1, TODAY, TODAY + 13, TODAY + 14};
    set_up(&s);
    s.calendar.weekly_closed = 0;
    s.forms[0].collect = (struct collection){.kind = COLLECT_DATES, .dates = {dates + 1, 2}};
    EXPECT_NONE(&s);
    s.forms[0].collect.dates = (struct day_list){dates, 4};
    EXPECT(&s, FINDING_COLLECTION_OUTSIDE_PLAN, FINDING_COLLECTION_OUTSIDE_PLAN);
    reads(&s.found.list[1], "collection_outside_plan", "collect.dates", "Mon 07 Dec 2026");
}

/* More than the list holds: said so, and what blocks is not lost. */
static void too_many_to_list(void **state) {
    (void)state;
    struct setup s;
    with_a_sunday(&s, 0);
    s.forms[0].form = FORM_HBP;
    s.calendar.weekly_closed = 0x7f;
    set_item(&s, 0, 0, MTD_SF, TODAY, FINDINGS_MAX - 1, 30 * ML);
    run_check(&s);
    assert_int_equal(s.found.count, FINDINGS_MAX); /* and over_30_days */
    assert_false(s.found.overflow);
    set_item(&s, 0, 0, MTD_SF, TODAY, FINDINGS_MAX, 30 * ML);
    run_check(&s);
    assert_int_equal(s.found.count, FINDINGS_MAX);
    assert_true(s.found.overflow);
    assert_false(s.found.blocked);
    findings_add(&s.found, FINDING_OVERLAP, FINDING_REFUSES, true);
    assert_true(s.found.blocked);
    assert_int_equal(s.found.count, FINDINGS_MAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(total_and_plan),
        cmocka_unit_test(total_item_by_item),
        cmocka_unit_test(total_read_as_daily_dose),
        cmocka_unit_test(supervised_part),
        cmocka_unit_test(tenfold_strength),
        cmocka_unit_test(linctus),
        cmocka_unit_test(first_dose),
        cmocka_unit_test(restart),
        cmocka_unit_test(entered_ahead),
        cmocka_unit_test(carried_on_from_elsewhere),
        cmocka_unit_test(daily_dose),
        cmocka_unit_test(daily_dose_adds_up),
        cmocka_unit_test(rise_in_titration),
        cmocka_unit_test(rise_from_the_form_before),
        cmocka_unit_test(two_drugs_at_once),
        cmocka_unit_test(overlap),
        cmocka_unit_test(replaced_or_stopped),
        cmocka_unit_test(given_together),
        cmocka_unit_test(closed_every_week),
        cmocka_unit_test(closed_on_a_date),
        cmocka_unit_test(later_days),
        cmocka_unit_test(collection_outside_the_plan),
        cmocka_unit_test(too_many_to_list),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
