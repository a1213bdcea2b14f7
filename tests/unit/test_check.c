/* core/check: the form itself. P1 to P5, P11, P13 of rules.md, each both ways. */
#include "check_setup.h"

static void a_good_form(void **state) {
    (void)state;
    struct setup s;
    set_up(&s);
    EXPECT_NONE(&s);
    assert_false(s.found.blocked);
    assert_false(s.found.dose_warned);
    assert_false(s.found.overflow);
    assert_null(findings_find(&s.found, FINDING_OVERLAP));
}

/* ---- P1, P2 ---- */

static void appropriate_date(void **state) {
    (void)state;
    struct prescription rx = {.signed_on = SIGNED, .start_on = DAY_NONE};
    assert_int_equal(check_appropriate_date(&rx), SIGNED);
    rx.start_on = TODAY;
    assert_int_equal(check_appropriate_date(&rx), TODAY);
    rx.start_on = SIGNED - 1;
    assert_int_equal(check_appropriate_date(&rx), SIGNED);
}

static void first_day_before_the_appropriate_date(void **state) {
    (void)state;
    struct setup s;
    set_up(&s);
    s.forms[0].start_on = TODAY + 1;
    EXPECT(&s, FINDING_BEFORE_APPROPRIATE_DATE);
    const struct finding *one = found(&s, FINDING_BEFORE_APPROPRIATE_DATE);
    assert_int_equal(one->day, TODAY);
    assert_int_equal(one->other_day, TODAY + 1);
    assert_int_equal(one->item, 0);
    assert_int_equal(one->index, 0);
    assert_int_equal(one->kind, FINDING_REFUSES);
    assert_true(s.found.blocked);
    /* A run without a dose does not begin a plan; the finding names the run that does. */
    set_up(&s);
    s.forms[0].start_on = TODAY + 2;
    set_item(&s, 0, 0, MTD_SF, TODAY, 1, 0);
    add_run(&s, 0, TODAY + 1, 10, 30 * ML);
    add_run(&s, 0, TODAY + 11, 1, 30 * ML);
    EXPECT(&s, FINDING_BEFORE_APPROPRIATE_DATE);
    assert_int_equal(found(&s, FINDING_BEFORE_APPROPRIATE_DATE)->index, 1);
    s.runs[0][0][0].from = TODAY + 1;
    s.runs[0][0][1].from = TODAY + 1;
    EXPECT(&s, FINDING_BEFORE_APPROPRIATE_DATE);
    assert_int_equal(found(&s, FINDING_BEFORE_APPROPRIATE_DATE)->index, 1);
}

static void signed_tomorrow(void **state) {
    (void)state;
    struct setup s;
    set_up(&s);
    s.forms[0].signed_on = s.forms[0].start_on = TODAY + 1;
    set_item(&s, 0, 0, MTD_SF, TODAY + 1, 10, 30 * ML);
    EXPECT(&s, FINDING_SIGNED_IN_FUTURE);
    assert_false(s.found.blocked);
}

static void days_before_entry(void **state) {
    (void)state;
    struct setup s;
    set_up(&s);
    s.entry.today = TODAY + 2;
    EXPECT(&s, FINDING_PLAN_BEFORE_ENTRY);
    assert_int_equal(found(&s, FINDING_PLAN_BEFORE_ENTRY)->number, 2);
    s.entry.today = TODAY + 20;
    EXPECT(&s, FINDING_PLAN_BEFORE_ENTRY);
    assert_int_equal(found(&s, FINDING_PLAN_BEFORE_ENTRY)->number, 14);
    /* A gap in the plan is no day. */
    set_item(&s, 0, 0, MTD_SF, TODAY, 1, 30 * ML);
    add_run(&s, 0, TODAY + 5, 1, 30 * ML);
    EXPECT(&s, FINDING_PLAN_BEFORE_ENTRY);
    assert_int_equal(found(&s, FINDING_PLAN_BEFORE_ENTRY)->number, 2);
}

static void first_instalment_expired(void **state) {
    (void)state;
    struct setup s;
    set_up(&s);
    s.entry.today = TODAY + 28;
    EXPECT(&s, FINDING_PLAN_BEFORE_ENTRY);
    s.entry.today = TODAY + 29;
    EXPECT(&s, FINDING_PLAN_BEFORE_ENTRY, FINDING_FIRST_INSTALMENT_EXPIRED);
    assert_int_equal(found(&s, FINDING_FIRST_INSTALMENT_EXPIRED)->day, TODAY + 28);
    struct earlier_supply supply = {
        .on = TODAY, .covers = {(const day_t[]){TODAY}, 1}, .confirmed_by = "A. Khan"};
    s.entry.supplied_before = &supply;
    s.entry.supplied_before_count = 1;
    EXPECT(&s, FINDING_PLAN_BEFORE_ENTRY);
}

static void supplied_before(void **state) {
    (void)state;
    struct setup s;
    set_up(&s);
    struct earlier_supply supplies[] = {
        {.on = TODAY, .covers = {(const day_t[]){TODAY}, 1}, .confirmed_by = "A. Khan"},
        {.on = TODAY + 1, .covers = {(const day_t[]){TODAY + 1, TODAY + 2}, 2}, .confirmed_by = "A. Khan"},
    };
    s.entry.today = TODAY + 1;
    s.entry.supplied_before = supplies;
    s.entry.supplied_before_count = 2;
    EXPECT(&s, FINDING_PLAN_BEFORE_ENTRY);
    supplies[1].on = TODAY + 2;
    EXPECT(&s, FINDING_PLAN_BEFORE_ENTRY, FINDING_SUPPLIED_BEFORE_ON);
    assert_int_equal(found(&s, FINDING_SUPPLIED_BEFORE_ON)->index, 1);
    supplies[1].on = SIGNED - 1;
    EXPECT(&s, FINDING_PLAN_BEFORE_ENTRY, FINDING_SUPPLIED_BEFORE_ON);
    supplies[1].on = SIGNED;
    supplies[1].confirmed_by = " ";
    EXPECT(&s, FINDING_PLAN_BEFORE_ENTRY, FINDING_SUPPLIED_BEFORE_UNCONFIRMED);
    supplies[1].confirmed_by = "A. Khan";
    supplies[1].covers = (struct day_list){(const day_t[]){TODAY, TODAY + 1}, 2};
    EXPECT(&s, FINDING_PLAN_BEFORE_ENTRY, FINDING_SUPPLIED_BEFORE_COVERS);
    supplies[1].covers = (struct day_list){(const day_t[]){TODAY + 14}, 1};
    EXPECT(&s, FINDING_PLAN_BEFORE_ENTRY, FINDING_SUPPLIED_BEFORE_COVERS);
    supplies[1].covers.count = 0;
    EXPECT(&s, FINDING_PLAN_BEFORE_ENTRY, FINDING_SUPPLIED_BEFORE_COVERS);
}

/* ---- P3, P4 ---- */

static void how_long(void **state) {
    (void)state;
    struct setup s;
    for (enum prescription_form form = FORM_FP10MDA; form < FORM_FP10; form++) {
        bool limited = form == FORM_FP10MDA || form == FORM_FP10HMDA || form == FORM_WP10MDA;
        set_up(&s);
        s.forms[0].form = form;
        EXPECT_NONE(&s);
        set_item(&s, 0, 0, MTD_SF, TODAY, 15, 30 * ML);
        if (limited) {
            EXPECT(&s, FINDING_TOO_LONG);
            assert_int_equal(found(&s, FINDING_TOO_LONG)->number, 15);
        } else {
            EXPECT_NONE(&s);
        }
        set_item(&s, 0, 0, MTD_SF, TODAY, 30, 30 * ML);
        run_check(&s);
        assert_null(findings_find(&s.found, FINDING_OVER_30_DAYS));
        set_item(&s, 0, 0, MTD_SF, TODAY, 31, 30 * ML);
        run_check(&s);
        assert_int_equal(found(&s, FINDING_OVER_30_DAYS)->kind, FINDING_IS_WARNING);
        assert_int_equal(s.found.blocked, limited);
    }
    /* Days without a dose inside the plan are days of treatment too. */
    set_up(&s);
    set_item(&s, 0, 0, MTD_SF, TODAY, 1, 30 * ML);
    add_run(&s, 0, TODAY + 14, 1, 30 * ML);
    EXPECT(&s, FINDING_TOO_LONG);
}

static void one_single_instalment(void **state) {
    (void)state;
    struct setup s;
    for (enum prescription_form form = FORM_FP10; form <= FORM_FP10PCD; form++) {
        set_up(&s);
        s.forms[0].form = form;
        EXPECT(&s, FINDING_INSTALMENTS_NOT_ALLOWED, FINDING_WORDING_NOT_ALLOWED);
        assert_int_equal(found(&s, FINDING_INSTALMENTS_NOT_ALLOWED)->number, 12);
        s.forms[0].collect = (struct collection){.kind = COLLECT_DATES};
        EXPECT(&s, FINDING_WORDING_NOT_ALLOWED);
        s.forms[0].wording = 0;
        EXPECT_NONE(&s);
        s.entry.wording_text = "Dispense daily doses in separate containers.";
        EXPECT(&s, FINDING_WORDING_NOT_ALLOWED, FINDING_WORDING_NOT_TICKED);
    }
}

static void drugs_of_a_form(void **state) {
    (void)state;
    static const struct {
        enum prescription_form form;
        int product;
        bool allowed;
    } rows[] = {
        {FORM_FP10MDA, BUP_8, true},  {FORM_FP10MDA, BUPNX_2, true}, {FORM_FP10MDA, ESPRANOR_8, true},
        {FORM_FP10MDA, DZP_5, true},  {FORM_FP10MDA, NZP_5, false},  {FORM_FP10HMDA, NZP_5, false},
        {FORM_FP10HMDA, DZP_5, true}, {FORM_WP10MDA, NZP_5, true},   {FORM_WP10MDA, PCT, false},
        {FORM_GP10, NZP_5, true},     {FORM_HS21, PCT, true},        {FORM_HBP, NZP_5, true},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct setup s;
        set_up(&s);
        s.forms[0].form = rows[i].form;
        set_item(&s, 0, 0, rows[i].product, TODAY, 14, ML);
        if (rows[i].allowed) {
            EXPECT_NONE(&s);
        } else {
            EXPECT(&s, FINDING_DRUG_NOT_ON_FORM);
        }
    }
    struct product future = products[NZP_5];
    struct product oxazepam = products[NZP_5];
    struct setup s;
    set_up(&s);
    set_item(&s, 0, 0, DZP_5, TODAY, 14, ML);
    oxazepam.drug = "oxazepam"; /* as long as diazepam */
    s.items[0][0].product = &oxazepam;
    EXPECT(&s, FINDING_DRUG_NOT_ON_FORM);
    set_up(&s);
    set_item(&s, 0, 0, NZP_5, TODAY, 14, ML);
    s.forms[0].form = FORM_WP10MDA;
    s.items[0][0].product = &future;
    future.schedule = 5;
    EXPECT_NONE(&s);
    future.schedule = 6;
    EXPECT(&s, FINDING_DRUG_NOT_ON_FORM);
}

/* ---- P5 ---- */

static void what_is_missing_is_named(void **state) {
    (void)state;
    static const struct {
        unsigned item;
        unsigned form;
        enum finding_code code;
        const char *field;
    } rows[] = {
        {PAPER_DOSE, 0, FINDING_DOSE_MISSING, "items[0].doses"},
        {PAPER_FORM, 0, FINDING_FORM_MISSING, "items[0].product"},
        {PAPER_STRENGTH, 0, FINDING_STRENGTH_MISSING, "items[0].product"},
        {PAPER_AMOUNT, 0, FINDING_AMOUNT_MISSING, "items[0].doses"},
        {0, PAPER_INTERVAL, FINDING_INTERVAL_MISSING, "collect"},
        {0, PAPER_SIGNATURE, FINDING_SIGNATURE_MISSING, "prescriber"},
        {0, PAPER_DATE, FINDING_DATE_MISSING, "signed_on"},
    };
    static const int by_schedule[] = {MTD_SF, BUP_8, DZP_5};
    for (size_t p = 0; p < COUNT(by_schedule); p++) {
        for (size_t i = 0; i < COUNT(rows); i++) {
            struct setup s;
            set_up(&s);
            set_item(&s, 0, 0, by_schedule[p], TODAY, 14, ML);
            s.papers[0].missing = rows[i].item;
            s.entry.missing = rows[i].form;
            EXPECT(&s, rows[i].code);
            bool milder = by_schedule[p] == DZP_5;
            assert_int_equal(s.found.list[0].kind, milder ? FINDING_IS_WARNING : FINDING_REFUSES);
            assert_int_equal(s.found.blocked, !milder);
            char field[FINDING_FIELD_SIZE];
            finding_field(&s.found.list[0], field);
            assert_string_equal(field, rows[i].field);
        }
    }
}

static void total_in_words_and_figures(void **state) {
    (void)state;
    struct setup s;
    set_up(&s);
    s.papers[0].total_in_words = false;
    EXPECT(&s, FINDING_TOTAL_IN_WORDS_MISSING);
    assert_int_equal(s.found.list[0].kind, FINDING_NEEDS_ACCEPT);
    assert_true(s.found.blocked);
    s.entry.accept = finding_set_of("total_in_words_missing", 22);
    EXPECT(&s, FINDING_TOTAL_IN_WORDS_MISSING);
    assert_true(s.found.list[0].accepted);
    assert_false(s.found.blocked);
    s.papers[0].total_in_figures = false;
    EXPECT(&s, FINDING_TOTAL_MISSING);
    assert_true(s.found.blocked);
    s.papers[0].total_in_words = true;
    EXPECT(&s, FINDING_TOTAL_IN_FIGURES_MISSING);
    assert_true(s.found.blocked);
    s.papers[0].total_in_figures = true;
    s.items[0][0].total = QUANTITY_NONE;
    EXPECT(&s, FINDING_TOTAL_MISSING);
    set_item(&s, 0, 0, DZP_5, TODAY, 14, ML);
    s.papers[0].total_in_figures = false;
    EXPECT(&s, FINDING_TOTAL_IN_FIGURES_MISSING);
    assert_int_equal(s.found.list[0].kind, FINDING_IS_WARNING);
}

static void no_dose_at_all(void **state) {
    (void)state;
    struct setup s;
    set_up(&s);
    set_item(&s, 0, 0, DZP_5, TODAY, 14, 0);
    s.forms[0].start_on = TODAY + 1;
    EXPECT(&s, FINDING_DOSE_MISSING);
    assert_int_equal(s.found.list[0].kind, FINDING_REFUSES);
    s.forms[0].collect = (struct collection){.kind = COLLECT_DATES, .dates = {(const day_t[]){TODAY}, 1}};
    EXPECT(&s, FINDING_DOSE_MISSING);
    /* One item of two. */
    set_up(&s);
    set_item(&s, 0, 1, MTD, TODAY, 14, 0);
    EXPECT(&s, FINDING_DOSE_MISSING);
    assert_int_equal(s.found.list[0].item, 1);
}

static void no_day_of_collection(void **state) {
    (void)state;
    struct setup s;
    set_up(&s);
    s.forms[0].collect = (struct collection){.kind = COLLECT_DATES};
    EXPECT(&s, FINDING_INTERVAL_MISSING);
    s.forms[0].collect.dates = (struct day_list){(const day_t[]){TODAY}, 1};
    EXPECT_NONE(&s);
    s.forms[0].collect = (struct collection){.kind = COLLECT_WEEKDAYS};
    EXPECT(&s, FINDING_INTERVAL_MISSING);
    s.forms[0].collect = (struct collection){.kind = COLLECT_EVERY_DAYS, .every_days = 2};
    s.calendar.weekly_closed = 0;
    EXPECT_NONE(&s);
    s.forms[0].collect = (struct collection){.kind = COLLECT_DATES};
    set_item(&s, 0, 0, MTD_SF, TODAY, 1, 30 * ML);
    EXPECT_NONE(&s);
}

static void the_strictest_item_makes_the_form(void **state) {
    (void)state;
    struct setup s;
    set_up(&s);
    s.forms[0].form = FORM_GP10;
    set_item(&s, 0, 0, DZP_5, TODAY, 14, ML);
    set_item(&s, 0, 1, MTD_SF, TODAY, 14, ML);
    s.entry.missing = PAPER_SIGNATURE;
    run_check(&s);
    assert_int_equal(found(&s, FINDING_SIGNATURE_MISSING)->kind, FINDING_REFUSES);
    set_item(&s, 0, 0, MTD_SF, TODAY, 14, ML);
    set_item(&s, 0, 1, DZP_5, TODAY, 14, ML);
    run_check(&s);
    assert_int_equal(found(&s, FINDING_SIGNATURE_MISSING)->kind, FINDING_REFUSES);
}

static void amendments(void **state) {
    (void)state;
    struct setup s;
    struct amendment one = {
        .kind = AMENDMENT_SPELLING, .by = "A. Khan", .before = "Methdone", .after = "Methadone"};
    set_up(&s);
    s.entry.amendments = &one;
    s.entry.amendment_count = 1;
    EXPECT_NONE(&s);
    one.before = "";
    EXPECT(&s, FINDING_AMENDMENT_INCOMPLETE);
    one.before = "Methdone";
    one.by = NULL;
    EXPECT(&s, FINDING_AMENDMENT_INCOMPLETE);
    one.by = "A. Khan";
    one.after = "\t";
    EXPECT(&s, FINDING_AMENDMENT_INCOMPLETE);
    one.after = "Methadone";
    one.kind = AMENDMENT_OTHER;
    EXPECT(&s, FINDING_AMENDMENT_NOT_ALLOWED);
    /* A total that is there is not amended; one that is missing is, where the other is there. */
    one = (struct amendment){.kind = AMENDMENT_TOTAL_IN_WORDS, .by = "A. Khan", .after = "four hundred"};
    EXPECT(&s, FINDING_AMENDMENT_NOT_ALLOWED);
    s.papers[0].total_in_words = false;
    EXPECT_NONE(&s);
    one.by = "";
    EXPECT(&s, FINDING_AMENDMENT_INCOMPLETE, FINDING_TOTAL_IN_WORDS_MISSING);
    one.by = "A. Khan";
    one.kind = AMENDMENT_TOTAL_IN_FIGURES;
    EXPECT(&s, FINDING_AMENDMENT_NOT_ALLOWED, FINDING_TOTAL_IN_WORDS_MISSING);
    s.papers[0] = (struct entry_item){.total_in_words = true};
    EXPECT_NONE(&s);
    one.item = 1;
    EXPECT(&s, FINDING_AMENDMENT_NOT_ALLOWED, FINDING_TOTAL_IN_FIGURES_MISSING);
    one.item = 0;
    s.papers[0].total_in_words = false;
    EXPECT(&s, FINDING_AMENDMENT_NOT_ALLOWED, FINDING_TOTAL_MISSING);
    one.kind = AMENDMENT_SPELLING;
    one.before = "a";
    s.papers[0].total_in_words = true;
    EXPECT(&s, FINDING_TOTAL_IN_FIGURES_MISSING);
    /* The other item's total is not this one's. */
    set_item(&s, 0, 1, MTD, TODAY, 1, ML);
    s.papers[1].total_in_words = false;
    s.papers[0].total_in_figures = true;
    one = (struct amendment){.kind = AMENDMENT_TOTAL_IN_WORDS, .item = 1, .by = "A. Khan", .after = "one"};
    EXPECT(&s, FINDING_DOSE_FIRST);
}

/* ---- P11 ---- */

static void people(void **state) {
    (void)state;
    struct setup s;
    set_up(&s);
    s.entry.prescriber_address = " ";
    EXPECT(&s, FINDING_ADDRESS_MISSING);
    s.entry.prescriber_address = NULL;
    EXPECT(&s, FINDING_ADDRESS_MISSING);
    s.entry.prescriber_address = "PO Box 7, Anytown";
    EXPECT(&s, FINDING_PRESCRIBER_ADDRESS_PO_BOX);
    assert_true(s.found.blocked);
    set_up(&s);
    static const char *const good[] = {NULL, "", "7654321", "98A1234B", "2012345", "12 B 3456 c"};
    for (size_t i = 0; i < COUNT(good); i++) {
        s.entry.prescriber_number = good[i];
        if (i < 5) {
            EXPECT_NONE(&s);
        }
    }
    s.entry.prescriber_number = "12345";
    EXPECT(&s, FINDING_PRESCRIBER_NUMBER_UNUSUAL);
    assert_false(s.found.blocked);
    set_up(&s);
    s.entry.patient_address = "no fixed abode";
    s.entry.identifier = "943 476 5919";
    s.entry.identifier_kind = IDENTIFIER_NHS;
    EXPECT_NONE(&s);
    s.entry.patient_address = "P.O. Box 12";
    EXPECT(&s, FINDING_PATIENT_ADDRESS_PO_BOX);
    s.entry.patient_address = "";
    s.entry.identifier = "943 476 5918";
    EXPECT(&s, FINDING_IDENTIFIER_INVALID);
    assert_true(s.found.blocked);
}

/* ---- wording, P13 ---- */

static void wording_and_its_text(void **state) {
    (void)state;
    struct setup s;
    set_up(&s);
    s.entry.wording_text = "Supervise consumption on collection days.";
    EXPECT_NONE(&s);
    s.entry.wording_text = "Dispense daily doses in separate containers.";
    EXPECT(&s, FINDING_WORDING_NOT_TICKED);
    s.entry.wording_text = "Please telephone us before 10.";
    EXPECT(&s, FINDING_WORDING_KEPT_AS_TEXT);
    assert_int_equal(s.found.list[0].kind, FINDING_IS_NOTE);
    s.entry.wording_text = " \n";
    EXPECT_NONE(&s);
}

static void supervision_as_worded(void **state) {
    (void)state;
    struct setup s;
    set_up(&s);
    s.forms[0].supervised = (struct supervision){.kind = SUPERVISED_WEEKDAYS, .weekdays = 0x05};
    EXPECT(&s, FINDING_COLLECTION_NOT_SUPERVISED);
    assert_int_equal(s.found.list[0].day, TODAY + 1);
    assert_true(s.found.blocked);
    static const struct {
        const char *text;
        bool limits;
        bool approved;
    } texts[] = {
        {"Supervise consumption on collection days. SUPERVISED on Monday and Wednesday only.", true, true},
        {"Supervise consumption on collection days\n\nUnsupervised on other days", true, true},
        {"Mondays and Wednesdays observed; else nothing", true, false},
        {"Tuesdays to take home", true, false},
        {"Tuesdays: take-home", true, false},
        {"Supervise consumption on collection days.", false, true},
        {"Supervise consumption on collection days. Before noon.", false, true},
        {"Before noon\n\nplease", false, false},
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        s.entry.wording_text = texts[i].text;
        enum finding_code code =
            texts[i].limits ? FINDING_SUPERVISION_LIMITED_BY_TEXT : FINDING_COLLECTION_NOT_SUPERVISED;
        if (texts[i].approved) {
            EXPECT(&s, code);
        } else {
            EXPECT(&s, code, FINDING_WORDING_KEPT_AS_TEXT);
        }
        assert_int_equal(s.found.blocked, !texts[i].limits);
    }
    /* The text alone asks for it as well; without either nothing does. */
    s.forms[0].wording = 0;
    s.entry.wording_text = "Supervise consumption on collection days.";
    EXPECT(&s, FINDING_WORDING_NOT_TICKED, FINDING_COLLECTION_NOT_SUPERVISED);
    s.entry.wording_text = NULL;
    EXPECT_NONE(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_form),
        cmocka_unit_test(appropriate_date),
        cmocka_unit_test(first_day_before_the_appropriate_date),
        cmocka_unit_test(signed_tomorrow),
        cmocka_unit_test(days_before_entry),
        cmocka_unit_test(first_instalment_expired),
        cmocka_unit_test(supplied_before),
        cmocka_unit_test(how_long),
        cmocka_unit_test(one_single_instalment),
        cmocka_unit_test(drugs_of_a_form),
        cmocka_unit_test(what_is_missing_is_named),
        cmocka_unit_test(total_in_words_and_figures),
        cmocka_unit_test(no_dose_at_all),
        cmocka_unit_test(no_day_of_collection),
        cmocka_unit_test(the_strictest_item_makes_the_form),
        cmocka_unit_test(amendments),
        cmocka_unit_test(people),
        cmocka_unit_test(wording_and_its_text),
        cmocka_unit_test(supervision_as_worded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
