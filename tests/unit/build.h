/*
 * A made-up patient for the tests of the rules: begin a scene, add prescriptions and what happened, ask.
 * Everything starts as plain as can be: open every day, one methadone form, collected daily, nothing
 * supervised, no wording. Days are written as MON + n; in answers they stand as n alone.
 */
#ifndef INSTALMENT_TESTS_BUILD_H
#define INSTALMENT_TESTS_BUILD_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/decide.h"

#define MON 20780 /* Monday 2026-11-23 */
#define ML 1000   /* thousandths of one ml or tablet */
#define EVERY_DAY 0x7f
#define ON(weekday) ((weekday_set)(1 << WEEKDAY_##weekday))
#define DAYS(...)                                            \
    ((struct day_list){.days = (const day_t[]){__VA_ARGS__}, \
                       .count = sizeof((day_t[]){__VA_ARGS__}) / sizeof(day_t)})

#define SCENE_RX 4
#define SCENE_EVENTS 64

static const struct product methadone = {
    .code = "methadone-1", .drug = "methadone", .drug_class = CLASS_OPIOID, .micrograms = 1000};
static const struct product concentrate = {.code = "methadone-10",
                                           .drug = "methadone",
                                           .drug_class = CLASS_OPIOID,
                                           .micrograms = 10000,
                                           .concentrate = true};
static const struct product bup_8mg = {
    .code = "bup-8", .drug = "buprenorphine", .drug_class = CLASS_OPIOID, .micrograms = 8000};
static const struct product bup_2mg = {
    .code = "bup-2", .drug = "buprenorphine", .drug_class = CLASS_OPIOID, .micrograms = 2000};
static const struct product diazepam = {
    .code = "diazepam-2", .drug = "diazepam", .drug_class = CLASS_BENZODIAZEPINE, .micrograms = 2000};

struct scene {
    struct calendar calendar;
    struct policy policy;
    struct prescription rx[SCENE_RX];
    struct item items[SCENE_RX][2];
    struct dose_run runs[SCENE_RX][2][3];
    size_t rx_count;
    struct event events[SCENE_EVENTS];
    size_t event_count;
    day_t covered[SCENE_EVENTS][40];
    struct request request; /* ask sets the day */
    struct decision decision;
    char text[2048];
};

static inline void scene_begin(struct scene *s) {
    memset(s, 0, sizeof *s);
    s->policy.hold_after_missed_days = POLICY_HOLD_DEFAULT;
    decision_init(&s->decision);
}

static inline void scene_end(struct scene *s) {
    decision_release(&s->decision);
}

/* Another run of the first item of a prescription; `dose` in whole ml or tablets. */
static inline struct dose_run *scene_run(struct scene *s, size_t rx, day_t from, int32_t days, int dose) {
    struct dose_run *run = &s->runs[rx][0][s->items[rx][0].run_count++];
    *run = (struct dose_run){
        .from = from, .days = days, .dose = (quantity_t)dose * ML, .supervised_part = QUANTITY_NONE};
    return run;
}

/* A second item beside the first. */
static inline struct item *scene_item(struct scene *s, size_t rx, const struct product *product, day_t from,
                                      int32_t days, int dose) {
    s->runs[rx][1][0] = (struct dose_run){
        .from = from, .days = days, .dose = (quantity_t)dose * ML, .supervised_part = QUANTITY_NONE};
    s->items[rx][1] =
        (struct item){.product = product, .runs = s->runs[rx][1], .run_count = 1, .total = QUANTITY_NONE};
    s->rx[rx].item_count = 2;
    return &s->items[rx][1];
}

/* A prescription, signed three days before its plan. */
static inline struct prescription *scene_rx(struct scene *s, const struct product *product, day_t from,
                                            int32_t days, int dose) {
    size_t index = s->rx_count++;
    s->items[index][0] = (struct item){.product = product, .runs = s->runs[index][0], .total = QUANTITY_NONE};
    scene_run(s, index, from, days, dose);
    s->rx[index] = (struct prescription){
        .drug_class = product->drug_class,
        .form = FORM_FP10MDA,
        .stage = STAGE_STABLE,
        .signed_on = from - 3,
        .start_on = DAY_NONE,
        .entered_on = DAY_NONE,
        .stopped_from = DAY_NONE,
        .items = s->items[index],
        .item_count = 1,
        .collect = {.kind = COLLECT_WEEKDAYS, .weekdays = EVERY_DAY},
        .replaces = PRESCRIPTION_NONE,
        .replaces_from = DAY_NONE,
        .together_with = PRESCRIPTION_NONE,
        .double_checked = true,
    };
    return &s->rx[index];
}

static inline struct event *scene_event(struct scene *s, enum event_kind kind, size_t rx, day_t on) {
    struct event *event = &s->events[s->event_count++];
    *event = (struct event){
        .kind = kind, .prescription = rx, .on = on, .resume_on = DAY_NONE, .for_day = DAY_NONE};
    return event;
}

/* Supplied on a day: the days from `from` to `to`. */
static inline struct event *scene_supply(struct scene *s, size_t rx, day_t on, day_t from, day_t to) {
    day_t *covered = s->covered[s->event_count];
    struct event *event = scene_event(s, EVENT_SUPPLIED, rx, on);
    size_t count = 0;
    for (day_t day = from; day <= to; day++)
        covered[count++] = day;
    event->covers = (struct day_list){.days = covered, .count = count};
    return event;
}

/* Each day's dose supplied on its day. */
static inline void scene_daily(struct scene *s, size_t rx, day_t from, day_t to) {
    for (day_t day = from; day <= to; day++)
        scene_supply(s, rx, day, day, day);
}

static inline struct event *scene_elsewhere(struct scene *s, enum drug_class drug_class, day_t on, day_t from,
                                            day_t to) {
    struct event *event = scene_event(s, EVENT_DOSED_ELSEWHERE, 0, on);
    event->drug_class = drug_class;
    event->from = from;
    event->to = to;
    return event;
}

static inline struct event *scene_consulted(struct scene *s, size_t rx, enum consultation_outcome outcome,
                                            day_t on) {
    struct event *event = scene_event(s, EVENT_CONSULTATION, rx, on);
    event->outcome = outcome;
    return event;
}

/* A stable patient: 60 ml a day from MON - 7 for two weeks, supplied daily up to `last`. */
static inline struct prescription *scene_stable(struct scene *s, day_t last) {
    scene_begin(s);
    struct prescription *rx = scene_rx(s, &methadone, MON - 7, 14, 60);
    scene_daily(s, 0, MON - 7, last);
    return rx;
}

static inline bool scene_open(const struct scene *s, struct rules_case *c) {
    const struct case_input input = {
        .prescriptions = s->rx,
        .prescription_count = s->rx_count,
        .events = s->events,
        .event_count = s->event_count,
        .calendar = &s->calendar,
        .policy = s->policy,
    };
    return case_open(c, &input);
}

/* Asks for a supply on a day. What the decision borrows from the case is gone afterwards. */
static inline void ask(struct scene *s, day_t day) {
    struct rules_case c;
    s->request.on = day;
    if (!scene_open(s, &c) || !decide(&c, &s->request, &s->decision))
        fail_msg("no memory");
    case_close(&c);
}

static inline void say(struct scene *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
static inline void say(struct scene *s, const char *format, ...) {
    size_t len = strlen(s->text);
    va_list args;
    va_start(args, format);
    vsnprintf(s->text + len, sizeof s->text - len, format, args);
    va_end(args);
}

static inline void say_reason(struct scene *s, const struct reason *reason) {
    say(s, "%s", severity_text(reason->severity));
    if (reason->number >= 0)
        say(s, " %d", reason->number);
    if (reason->day != DAY_NONE)
        say(s, " @%d", reason->day - MON);
}

/* The reasons, each with its severity, its number, and @ its day: "forfeited note @2, missed_recent note 1". */
static inline const char *reasons(struct scene *s) {
    s->text[0] = '\0';
    for (size_t i = 0; i < s->decision.reason_count; i++) {
        say(s, "%s%s ", i > 0 ? ", " : "", reason_code_text(s->decision.reasons[i].code));
        say_reason(s, &s->decision.reasons[i]);
    }
    return s->text;
}

/* The days covered: "0 1 2". */
static inline const char *covers(struct scene *s) {
    s->text[0] = '\0';
    for (size_t i = 0; i < s->decision.cover_count; i++)
        say(s, "%s%d", i > 0 ? " " : "", s->decision.covers[i] - MON);
    return s->text;
}

/* What is supplied of each item, in whole ml or tablets, supervised + take-home: "60+0, 2+4". */
static inline const char *quantities(struct scene *s) {
    s->text[0] = '\0';
    for (size_t i = 0; i < s->decision.item_count; i++) {
        const struct decided_item *one = &s->decision.items[i];
        assert_int_equal(one->quantity, one->supervised + one->take_home);
        say(s, "%s%d+%d", i > 0 ? ", " : "", (int)(one->supervised / ML), (int)(one->take_home / ML));
    }
    return s->text;
}

/* One reason alone, asked on a day: "hold 3", or "none". */
static inline const char *said(struct scene *s, day_t day, enum reason_code code) {
    ask(s, day);
    s->text[0] = '\0';
    for (size_t i = 0; i < s->decision.reason_count; i++) {
        if (s->decision.reasons[i].code == code)
            say_reason(s, &s->decision.reasons[i]);
    }
    return s->text[0] != '\0' ? s->text : "none";
}

/* The whole answer to a question: verdict, all reasons, the days covered. */
#define EXPECT(scene, day, verdict_wanted, reasons_wanted, days_wanted)               \
    do {                                                                              \
        ask(scene, day);                                                              \
        assert_string_equal(reasons(scene), reasons_wanted);                          \
        assert_string_equal(covers(scene), days_wanted);                              \
        assert_string_equal(verdict_text((scene)->decision.verdict), verdict_wanted); \
    } while (0)

/* One reason of the answer. */
#define EXPECT_REASON(scene, day, code, wanted) assert_string_equal(said(scene, day, REASON_##code), wanted)

#endif
