/* For the tests of the checks at entry: a form without fault, to be spoiled in one place. */
#ifndef INSTALMENT_TESTS_CHECK_SETUP_H
#define INSTALMENT_TESTS_CHECK_SETUP_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "core/check.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define ML INT64_C(1000)

/* 2026-11-23, a Monday. */
#define TODAY 20780
#define SIGNED (TODAY - 3)
#define SUNDAY (TODAY + 6)

enum { MTD, MTD_SF, MTD_10, LINCTUS, BUP_8, BUPNX_2, ESPRANOR_8, DZP_5, NZP_5, PCT, PRODUCTS };

static const struct product products[PRODUCTS] = {
    [MTD] = {.code = "methadone-1mg-ml",
             .name = "Methadone 1mg/ml oral solution",
             .drug = "methadone",
             .unit = "ml",
             .drug_class = CLASS_OPIOID,
             .schedule = 2,
             .micrograms = 1000,
             .warn_first = 30000,
             .warn_first_strong = 40000,
             .warn_daily = 120000,
             .warn_rise_day = 10000,
             .warn_rise_week = 30000},
    [MTD_SF] = {.code = "methadone-1mg-ml-sf",
                .name = "Methadone 1mg/ml oral solution sugar free",
                .drug = "methadone",
                .unit = "ml",
                .drug_class = CLASS_OPIOID,
                .schedule = 2,
                .micrograms = 1000,
                .warn_first = 30000,
                .warn_first_strong = 40000,
                .warn_daily = 120000,
                .warn_rise_day = 10000,
                .warn_rise_week = 30000},
    [MTD_10] = {.code = "methadone-10mg-ml",
                .name = "Methadone 10mg/ml oral solution",
                .drug = "methadone",
                .unit = "ml",
                .drug_class = CLASS_OPIOID,
                .schedule = 2,
                .micrograms = 10000,
                .concentrate = true,
                .warn_first = 30000,
                .warn_first_strong = 40000,
                .warn_daily = 120000,
                .warn_rise_day = 10000,
                .warn_rise_week = 30000},
    [LINCTUS] = {.code = "methadone-2mg-5ml-linctus",
                 .name = "Methadone 2mg/5ml linctus",
                 .drug = "methadone",
                 .unit = "ml",
                 .drug_class = CLASS_OPIOID,
                 .schedule = 2,
                 .micrograms = 400,
                 .not_for_dependence = true},
    [BUP_8] = {.code = "buprenorphine-8mg-sl",
               .name = "Buprenorphine 8mg sublingual tablets",
               .drug = "buprenorphine",
               .unit = "tablet",
               .drug_class = CLASS_OPIOID,
               .schedule = 3,
               .micrograms = 8000,
               .warn_daily = 24000,
               .warn_daily_strong = 32000},
    [BUPNX_2] = {.code = "buprenorphine-naloxone-2mg-0.5mg-sl",
                 .name = "Buprenorphine with naloxone 2mg/500microgram sublingual tablets",
                 .drug = "buprenorphine with naloxone",
                 .unit = "tablet",
                 .drug_class = CLASS_OPIOID,
                 .schedule = 3,
                 .micrograms = 2000,
                 .warn_daily = 24000,
                 .warn_daily_strong = 32000},
    [ESPRANOR_8] = {.code = "buprenorphine-8mg-oral-lyophilisate",
                    .name = "Buprenorphine 8mg oral lyophilisates sugar free",
                    .drug = "buprenorphine oral lyophilisate",
                    .unit = "lyophilisate",
                    .drug_class = CLASS_OPIOID,
                    .schedule = 3,
                    .micrograms = 8000,
                    .warn_daily = 18000},
    [DZP_5] = {.code = "diazepam-5mg",
               .name = "Diazepam 5mg tablets",
               .drug = "diazepam",
               .unit = "tablet",
               .drug_class = CLASS_BENZODIAZEPINE,
               .schedule = 4,
               .micrograms = 5000,
               .warn_daily = 30000},
    [NZP_5] = {.code = "nitrazepam-5mg",
               .name = "Nitrazepam 5mg tablets",
               .drug = "nitrazepam",
               .unit = "tablet",
               .drug_class = CLASS_BENZODIAZEPINE,
               .schedule = 4,
               .micrograms = 5000},
    [PCT] = {.code = "paracetamol-500mg",
             .name = "Paracetamol 500mg tablets",
             .drug = "paracetamol",
             .unit = "tablet",
             .drug_class = CLASS_OPIOID,
             .schedule = 0,
             .micrograms = 500000},
};

/* The form that is entered is forms[0]. */
struct setup {
    struct prescription forms[3];
    struct item items[3][3];
    struct dose_run runs[3][3][3];
    struct entry_item papers[3];
    struct event events[2];
    struct calendar calendar;
    struct case_input input;
    struct rules_case c;
    struct entry entry;
    struct findings found;
};

/* Gives an item one run, and the total that follows. */
static inline void set_item(struct setup *s, size_t form, size_t item, int product, day_t from, int32_t days,
                            quantity_t dose) {
    s->runs[form][item][0] =
        (struct dose_run){.from = from, .days = days, .dose = dose, .supervised_part = QUANTITY_NONE};
    s->items[form][item] = (struct item){
        .product = &products[product], .runs = s->runs[form][item], .run_count = 1, .total = dose * days};
    s->forms[form].drug_class = products[product].drug_class;
    if (s->forms[form].item_count <= item) {
        s->forms[form].item_count = item + 1;
    }
}

/* Adds a further run to an item; the total grows with it. */
static inline void add_run(struct setup *s, size_t item, day_t from, int32_t days, quantity_t dose) {
    struct item *one = &s->items[0][item];
    s->runs[0][item][one->run_count++] =
        (struct dose_run){.from = from, .days = days, .dose = dose, .supervised_part = QUANTITY_NONE};
    one->total += dose * days;
}

/* 30 ml of methadone on 14 days, collected daily but on Sundays, supervised; closed on Sundays. */
static inline void set_up(struct setup *s) {
    memset(s, 0, sizeof *s);
    for (size_t f = 0; f < COUNT(s->forms); f++) {
        s->forms[f] = (struct prescription){.form = FORM_FP10MDA,
                                            .stage = STAGE_STABLE,
                                            .signed_on = SIGNED,
                                            .start_on = TODAY,
                                            .entered_on = DAY_NONE,
                                            .stopped_from = DAY_NONE,
                                            .items = s->items[f],
                                            .collect = {.kind = COLLECT_WEEKDAYS, .weekdays = 0x3f},
                                            .supervised = {.kind = SUPERVISED_COLLECTION_DAYS},
                                            .replaces = PRESCRIPTION_NONE,
                                            .replaces_from = DAY_NONE,
                                            .together_with = PRESCRIPTION_NONE};
        s->papers[f] = (struct entry_item){.total_in_words = true, .total_in_figures = true};
    }
    s->forms[0].wording = WORDING_W1 | WORDING_W2 | WORDING_W4;
    set_item(s, 0, 0, MTD_SF, TODAY, 14, 30 * ML);
    s->calendar.weekly_closed = 1U << WEEKDAY_SUN;
    s->input = (struct case_input){.prescriptions = s->forms,
                                   .prescription_count = 1,
                                   .events = s->events,
                                   .calendar = &s->calendar,
                                   .policy = {.hold_after_missed_days = POLICY_HOLD_DEFAULT}};
    s->entry = (struct entry){.c = &s->c,
                              .today = TODAY,
                              .items = s->papers,
                              .prescriber_number = "1234567",
                              .prescriber_address = "1 High Street, Anytown"};
}

static inline void run_check(struct setup *s) {
    assert_true(case_open(&s->c, &s->input));
    check_prescription(&s->entry, &s->found);
    case_close(&s->c);
}

/* Checks the form; exactly these findings, in whatever order. */
static inline void expect_codes(struct setup *s, const enum finding_code *codes, size_t count, int line) {
    run_check(s);
    char text[FINDING_TEXT_SIZE];
    for (size_t i = 0; i < s->found.count; i++) {
        size_t wanted = 0;
        for (size_t j = 0; j < count; j++) {
            wanted += codes[j] == s->found.list[i].code;
        }
        if (wanted == 0) {
            finding_text(&s->found.list[i], text);
            fail_msg("line %d: not expected: %s", line, text);
        }
    }
    if (s->found.count != count)
        fail_msg("line %d: %zu findings, not %zu", line, s->found.count, count);
}

#define EXPECT(s, ...)                                          \
    expect_codes((s), (const enum finding_code[]){__VA_ARGS__}, \
                 COUNT(((const enum finding_code[]){__VA_ARGS__})), __LINE__)
#define EXPECT_NONE(s) expect_codes((s), NULL, 0, __LINE__)

/* The finding of a code; it must be there. */
static inline const struct finding *found(const struct setup *s, enum finding_code code) {
    const struct finding *one = findings_find(&s->found, code);
    assert_non_null(one);
    return one;
}

#endif
