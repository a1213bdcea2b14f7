/*
 * The day's list reads of each patient only what is recent (desk/patient_case.h). Random lives are told to the store, row
 * by row, and each is loaded twice: whole, and as the list does. Every decision must be the same, and so must what
 * stands in place of a supply; and most lives must really have been loaded in part, or nothing was shown.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/decide.h"
#include "desk/calendar.h"
#include "desk/instalments.h"
#include "desk/patient_case.h"
#include "desk/prescription_rules.h"
#include "embed/embed.h"
#include "store/opening.h"
#include "store/prescription.h"
#include "store/staff.h"
#include "store/store.h"

EMBED_DECLARE(config_catalogue_conf);

#define TODAY 20780 /* 2026-11-23, a Monday */
#define LIVES 700
#define FORMS_MAX 9
#define DAYS_MAX 40
#define RECENT_DAYS 7

struct life {
    struct job job; /* first */
    struct arena *arena;
    struct tx *tx;
    uint64_t dice;
    const char *patient;
    struct prescription_row forms[FORMS_MAX];
    size_t form_count;
    struct calendar calendar;
    /* what was found */
    size_t in_part, whole, decisions, different;
};

/* ---- dice: splitmix64, the same on every machine ---- */

static uint32_t roll(struct life *life, uint32_t sides) {
    uint64_t z = (life->dice += 0x9E3779B97F4A7C15U);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBU;
    return (uint32_t)((z ^ (z >> 31)) % sides);
}

static bool chance(struct life *life, uint32_t percent) {
    return roll(life, 100) < percent;
}

/* ---- telling a life ---- */

static const char *told(struct life *life, const char *prefix) {
    return tx_new_id(life->tx, prefix);
}

static struct dose_run *make_runs(struct life *life, day_t first, int32_t days, quantity_t dose,
                                  size_t *count) {
    struct dose_run *runs = arena_take(life->arena, 2, sizeof *runs);
    runs[0] = (struct dose_run){.from = first, .days = days, .dose = dose, .supervised_part = QUANTITY_NONE};
    *count = 1;
    if (days > 4 && chance(life, 30)) {
        runs[0].days = days / 2;
        runs[1] = runs[0];
        runs[1].from = first + days / 2 + (day_t)roll(life, 2);
        runs[1].dose = dose + (quantity_t)(roll(life, 3) * 1000) - 1000;
        *count = 2;
    }
    return runs;
}

static struct prescription_row *make_form(struct life *life, day_t first, int32_t days, bool opioid) {
    static const char *const opioids[] = {"methadone-1mg-ml-sf", "methadone-1mg-ml", "buprenorphine-8mg-sl"};
    static const char *const stages[] = {"titration", "stable", "reduction"};
    struct prescription_row *form = &life->forms[life->form_count++];
    struct prescription_item_row *item = arena_take(life->arena, 1, sizeof *item);
    const char *code = opioid ? opioids[roll(life, 3)] : "diazepam-5mg";
    const struct product *product = catalogue_find(desk_catalogue(), code, strlen(code));
    *item = (struct prescription_item_row){.product = product->code,
                                           .schedule = product->schedule,
                                           .micrograms = product->micrograms,
                                           .total = 10000000,
                                           .total_on_form = 10000000,
                                           .total_in_words = true,
                                           .total_in_figures = true};
    item->runs = make_runs(life, first, days, (quantity_t)(2 + roll(life, 3)) * 1000, &item->run_count);
    *form = (struct prescription_row){
        .id = told(life, "rx"),
        .patient = life->patient,
        .service = "sv-1",
        .form = "GP10",
        .drug_class = opioid ? "opioid" : "benzodiazepine",
        .signed_on = first - (day_t)roll(life, 6),
        .start_on = DAY_NONE,
        .entered_on = first - 3 + (day_t)roll(life, chance(life, 20) ? 40 : 5),
        .prescriber_name = "Dr Hester Vale",
        .stage = stages[roll(life, 3)],
        .wording = roll(life, 32),
        .collect_kind = chance(life, 30) ? "every_days" : "weekdays",
        .collect_weekdays = (weekday_set)(1 + roll(life, 127)),
        .collect_every = 1 + (int32_t)roll(life, 4),
        .supervised_kind = chance(life, 50) ? "collection_days" : "none",
        .replaces_from = DAY_NONE,
        .items = item,
        .item_count = 1,
    };
    return form;
}

static void supply(struct life *life, const struct prescription_row *form, day_t on, const day_t *days,
                   size_t count, bool irregular) {
    const struct supply_row row = {
        .id = told(life, "su"),
        .patient = life->patient,
        .prescription = form->id,
        .kind = irregular ? "irregular" : "lawful",
        .on = on,
        .at = clock_at(on, 600),
        .supervised_at = chance(life, 50) ? clock_at(on, 600) : 0,
        .collector_role = "patient",
        .identity_requested = -1,
        .identity_provided = -1,
        .verdict = "supply",
        .last_dosed = DAY_NONE,
        .next_due = DAY_NONE,
        .rules = "x",
        .covers = {.days = days, .count = count},
    };
    tx_audit(life->tx, "supplied", life->patient, row.id, NULL);
    supply_append(life->tx, &row);
    if (chance(life, 5)) {
        tx_audit(life->tx, "reversed", life->patient, row.id, NULL);
        supply_reverse(life->tx, row.id, "recorded in error");
    }
}

static void outcome(struct life *life, const struct prescription_row *form, day_t collect, day_t on,
                    enum outcome_kind kind) {
    const struct outcome_row row = {.id = told(life, "oc"),
                                    .patient = life->patient,
                                    .prescription = form->id,
                                    .collect = collect,
                                    .on = on,
                                    .at = clock_at(on, 700),
                                    .kind = kind,
                                    .minutes_after = -1,
                                    .quantity = QUANTITY_NONE};
    tx_audit(life->tx, "outcome", life->patient, form->id, NULL);
    history_add_outcome(life->tx, &row);
}

/* What became of one instalment: collected on its day or late, in part, or not, with what stands in its place. */
static void tell_instalment(struct life *life, const struct prescription_row *form, const struct plan *plan,
                            const struct instalment *one, uint32_t faithful) {
    day_t days[DAYS_MAX];
    size_t count = 0;
    day_t on =
        (one->due == DAY_NONE ? one->collect : one->due) + (chance(life, 10) ? (day_t)roll(life, 3) : 0);
    if (on > TODAY || (on == TODAY && chance(life, 70)))
        return;
    if (!chance(life, faithful)) {
        if (chance(life, 50))
            outcome(life, form, one->collect, on, (enum outcome_kind)roll(life, OUTCOME_COUNT));
        return;
    }
    for (day_t day = on > one->collect ? on : one->collect; day <= one->last && count < DAYS_MAX; day++) {
        if (plan_has_dose(plan, day))
            days[count++] = day;
    }
    if (count == 0)
        return;
    supply(life, form, on, days, count, false);
    if (chance(life, 5))
        outcome(life, form, one->collect, on, OUTCOME_VOMITED + (enum outcome_kind)roll(life, 4));
}

static void tell_form(struct life *life, const struct prescription_row *form, uint32_t faithful) {
    struct prescription rules;
    struct plan plan;
    assert_true(prescription_rules(life->tx, form, &rules));
    assert_true(plan_build(&plan, &rules, &life->calendar));
    for (size_t i = 0; i < plan.instalment_count; i++)
        tell_instalment(life, form, &plan, &plan.instalments[i], faithful);
    plan_release(&plan);
}

static void consult(struct life *life, const struct prescription_row *form) {
    const struct consultation_row row = {
        .id = told(life, "cn"),
        .patient = life->patient,
        .prescription = form->id,
        .asked = "Dr Hester Vale",
        .role = (enum consulted_role)roll(life, CONSULTED_ROLE_COUNT),
        .channel = "telephone",
        .on = TODAY - (day_t)roll(life, 30),
        .outcome = (enum consultation_outcome)roll(life, CONSULTED_COUNT),
        .resume_on = chance(life, 50) ? TODAY - 5 + (day_t)roll(life, 10) : DAY_NONE,
        .for_day = TODAY - (day_t)roll(life, 2),
    };
    tx_audit(life->tx, "consulted", life->patient, form->id, NULL);
    history_add_consultation(life->tx, &row);
}

static void change(struct life *life, const struct prescription_row *form) {
    const struct change_row row = {.prescription = form->id,
                                   .kind = (enum change_kind)roll(life, CHANGE_COUNT),
                                   .from = TODAY - 20 + (day_t)roll(life, 25)};
    tx_audit(life->tx, "changed", life->patient, form->id, NULL);
    history_add_change(life->tx, &row);
}

static void elsewhere(struct life *life) {
    day_t from = TODAY - (day_t)roll(life, 60);
    const struct elsewhere_row row = {.id = told(life, "el"),
                                      .patient = life->patient,
                                      .drug_class = CLASS_OPIOID,
                                      .from = from,
                                      .to = from + (day_t)roll(life, 10),
                                      .on = from + (day_t)roll(life, 5),
                                      .confirmed_by = "ward",
                                      .unlike = chance(life, 30)};
    tx_audit(life->tx, "elsewhere", life->patient, NULL, NULL);
    history_add_elsewhere(life->tx, &row);
}

/* Prescriptions one after the other up to today or beyond, with gaps, overlaps, pairs and replacements. */
static void make_forms(struct life *life) {
    day_t first = TODAY - 40 - (day_t)roll(life, 60);
    while (life->form_count + 1 < FORMS_MAX && first < TODAY + 3) {
        int32_t days = 1 + (int32_t)roll(life, chance(life, 20) ? 28 : 14);
        bool opioid = chance(life, 80);
        const struct prescription_row *before =
            life->form_count == 0 ? NULL : &life->forms[life->form_count - 1];
        struct prescription_row *form = make_form(life, first, days, opioid);
        bool same = before != NULL && strcmp(before->drug_class, form->drug_class) == 0;
        if (same && chance(life, 20)) {
            form->replaces = before->id;
            form->replaces_from = first;
        } else if (same && chance(life, 20)) {
            form->together_with = before->id;
            day_t shift = before->items[0].runs[0].from - form->items[0].runs[0].from;
            for (size_t i = 0; i < form->items[0].run_count; i++)
                form->items[0].runs[i].from += shift;
        }
        first += days + (chance(life, 20) ? (day_t)roll(life, 25) - 6 : 0);
        first = first < TODAY - 100 ? TODAY - 100 : first;
    }
}

static bool tell(struct job *job, struct tx *tx) {
    struct life *life = (struct life *)job;
    tx->arena = life->arena;
    tx->now = clock_moment(clock_at(TODAY, 600));
    life->tx = tx;
    life->form_count = 0;
    life->patient = told(life, "pt");
    tx_audit(tx, "entered", life->patient, NULL, NULL);
    const struct patient_row patient = {.id = life->patient,
                                        .name = "Zephyrine Copperbeech",
                                        .name_folded = "zephyrine copperbeech",
                                        .born_on = 3000,
                                        .sharing_agreed_on = DAY_NONE};
    patient_append(tx, &patient);
    assert_true(desk_calendar(tx, &life->calendar));
    make_forms(life);
    for (size_t i = 0; i < life->form_count; i++) {
        tx_audit(tx, "prescribed", life->patient, life->forms[i].id, NULL);
        prescription_append(tx, &life->forms[i]);
    }
    for (size_t i = 0; i < life->form_count; i++) {
        tell_form(life, &life->forms[i], chance(life, 70) ? 92 : chance(life, 50) ? 55 : 5);
        if (chance(life, 15))
            consult(life, &life->forms[i]);
        if (chance(life, 8))
            change(life, &life->forms[i]);
    }
    if (chance(life, 5))
        elsewhere(life);
    if (chance(life, 5)) {
        day_t day = TODAY - (day_t)roll(life, 30);
        supply(life, &life->forms[roll(life, (uint32_t)life->form_count)], day, &day, 1, true);
    }
    return db_state(tx->db) == DB_FINE;
}

/* ---- looking at it twice ---- */

static bool same_decision(const struct decision *a, const struct decision *b) {
    bool same = a->verdict == b->verdict && a->cover_count == b->cover_count &&
                a->item_count == b->item_count && a->reason_count == b->reason_count &&
                a->missed_days == b->missed_days && a->missed_pickups == b->missed_pickups &&
                a->last_dosed == b->last_dosed && a->next_due == b->next_due && a->rest == b->rest;
    for (size_t i = 0; same && i < a->cover_count; i++)
        same = a->covers[i] == b->covers[i];
    for (size_t i = 0; same && i < a->item_count; i++)
        same =
            a->items[i].quantity == b->items[i].quantity && a->items[i].supervised == b->items[i].supervised;
    for (size_t i = 0; same && i < a->reason_count; i++)
        same = a->reasons[i].code == b->reasons[i].code && a->reasons[i].severity == b->reasons[i].severity &&
               a->reasons[i].number == b->reasons[i].number && a->reasons[i].day == b->reasons[i].day;
    return same;
}

/* What the list shows in place of a supply, for each instalment that is due today or was to be collected today. */
static bool same_outcomes(const struct patient_case *part, size_t p, const struct patient_case *whole) {
    const struct plan *plan = &part->rules.courses[p].plan;
    bool same = true;
    for (size_t i = 0; same && i < plan->instalment_count; i++) {
        const struct instalment *one = &plan->instalments[i];
        if (one->due != TODAY && one->collect != TODAY)
            continue;
        const struct outcome_row *a =
            instalment_outcome(part->outcomes, part->outcome_count, part->rows[p].id, one->collect);
        const struct outcome_row *b =
            instalment_outcome(whole->outcomes, whole->outcome_count, part->rows[p].id, one->collect);
        same = (a == NULL) == (b == NULL) && (a == NULL || strcmp(a->id, b->id) == 0);
    }
    return same;
}

static void compare(struct life *life, const struct patient_case *part, const struct patient_case *whole) {
    struct decision a, b;
    decision_init(&a);
    decision_init(&b);
    for (size_t p = 0; p < part->rules.input.prescription_count; p++) {
        size_t w = patient_case_index(whole, part->rows[p].id);
        assert_true(w != PRESCRIPTION_NONE);
        struct request request = {.prescription = p, .on = TODAY};
        assert_true(decide(&part->rules, &request, &a));
        request.prescription = w;
        assert_true(decide(&whole->rules, &request, &b));
        life->decisions++;
        if (!same_decision(&a, &b) || !same_outcomes(part, p, whole))
            life->different++;
    }
    decision_release(&a);
    decision_release(&b);
}

static bool look(struct job *job, struct tx *tx) {
    struct life *life = (struct life *)job;
    struct patient_case part, whole;
    struct recent_row *rows = NULL;
    const char *mine[FORMS_MAX];
    size_t count = 0, mine_count = 0;
    tx->arena = life->arena;
    tx->now = clock_moment(clock_at(TODAY, 600));
    assert_true(prescription_recent(tx, TODAY - RECENT_DAYS, &rows, &count));
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rows[i].patient, life->patient) == 0 && mine_count < FORMS_MAX)
            mine[mine_count++] = rows[i].id;
    }
    const struct recent recent = {.prescriptions = mine, .count = mine_count, .since = TODAY - RECENT_DAYS};
    assert_int_equal(patient_case_load(tx, life->patient, &whole), DESK_OK);
    assert_int_equal(patient_case_load_recent(tx, life->patient, &recent, TODAY, &part), DESK_OK);
    if (part.rules.input.prescription_count < whole.rules.input.prescription_count)
        life->in_part++;
    else
        life->whole++;
    compare(life, &part, &whole);
    patient_case_close(&part);
    patient_case_close(&whole);
    return true;
}

static bool open_pharmacy(struct job *job, struct tx *tx) {
    struct life *life = (struct life *)job;
    tx->arena = life->arena;
    tx->now = clock_moment(clock_at(TODAY, 540));
    tx_audit(tx, "set up", NULL, NULL, NULL);
    for (int day = 0; day < 7; day++) {
        bool closed = day == 6;
        const struct opening_hours_row hours = {.weekday = (enum weekday)day,
                                                .opens = closed ? OPENING_NO_MINUTE : 540,
                                                .closes = closed ? OPENING_NO_MINUTE : 1080};
        opening_hours_append(tx, &hours);
    }
    return db_state(tx->db) == DB_FINE;
}

/* ---- which prescriptions are recent ---- */

#define SINCE (TODAY - RECENT_DAYS)

static struct prescription_row *form_of_days(struct life *life, day_t first, day_t last, day_t entered) {
    struct prescription_row *form = make_form(life, first, 1, true);
    form->items[0].runs[0] = (struct dose_run){
        .from = first, .days = last - first + 1, .dose = 1000, .supervised_part = QUANTITY_NONE};
    form->items[0].run_count = 1;
    form->entered_on = entered;
    return form;
}

static bool tell_bound(struct job *job, struct tx *tx) {
    struct life *life = (struct life *)job;
    tx->arena = life->arena;
    tx->now = clock_moment(clock_at(TODAY, 600));
    life->tx = tx;
    life->patient = told(life, "pt");
    struct prescription_row *old = form_of_days(life, SINCE - 60, SINCE - 40, SINCE - 60);
    form_of_days(life, SINCE - 30, SINCE - 1, SINCE - 30); /* ended the day before */
    struct prescription_row *live = form_of_days(life, SINCE - 20, SINCE, SINCE - 20);
    live->together_with = old->id;
    form_of_days(life, SINCE - 20, SINCE - 10, SINCE); /* entered late */
    struct prescription_row *stops = form_of_days(life, SINCE - 10, SINCE - 5, SINCE - 10);
    stops->replaces = live->id;
    stops->replaces_from = SINCE - 10;
    struct prescription_row *with = form_of_days(life, SINCE - 10, SINCE - 5, SINCE - 10);
    with->together_with = live->id;
    for (size_t i = 0; i < life->form_count; i++) {
        tx_audit(tx, "prescribed", life->patient, life->forms[i].id, NULL);
        prescription_append(tx, &life->forms[i]);
    }
    return db_state(tx->db) == DB_FINE;
}

static bool look_bound(struct job *job, struct tx *tx) {
    static const size_t expected[] = {0, 2, 3, 4, 5};
    struct life *life = (struct life *)job;
    struct recent_row *rows = NULL;
    size_t count = 0;
    tx->arena = life->arena;
    assert_true(prescription_recent(tx, SINCE, &rows, &count));
    assert_int_equal(count, 5);
    for (size_t i = 0; i < count; i++) {
        assert_string_equal(rows[i].id, life->forms[expected[i]].id);
        assert_string_equal(rows[i].patient, life->patient);
    }
    assert_int_equal(prescription_count(tx, life->patient), 6);
    return true;
}

static struct store *open_memory(struct life *life, struct catalogue **catalogue) {
    enum store_open_error error = STORE_OPEN;
    const char *message = NULL;
    struct catalogue_error wrong;
    *catalogue = catalogue_parse(embed_config_catalogue_conf, embed_config_catalogue_conf_size, &wrong);
    assert_non_null(*catalogue);
    desk_set_catalogue(*catalogue);
    assert_true(clock_init("Europe/London", true, 1795424400));
    struct store *store =
        store_open(&(struct store_options){.path = ":memory:", .demo = true}, &error, &message);
    assert_non_null(store);
    life->job.run = open_pharmacy;
    assert_int_equal(store_write_now(store, &life->job), JOB_DONE);
    return store;
}

/* ---- the tests ---- */

/* What ended or was entered since, what stops one of those, and what is given together with one, either way. */
static void what_is_bound_to_the_recent_is_recent(void **state) {
    struct life life = {.arena = arena_new((size_t)64 << 20), .dice = 1};
    struct catalogue *catalogue = NULL;
    (void)state;
    struct store *store = open_memory(&life, &catalogue);
    life.job.run = tell_bound;
    assert_int_equal(store_write_now(store, &life.job), JOB_DONE);
    life.job.run = look_bound;
    assert_int_equal(store_read_now(store, &life.job), JOB_DONE);
    store_close(&store);
    catalogue_free(&catalogue);
    arena_free(&life.arena);
}

static void what_is_recent_decides_as_the_whole_life(void **state) {
    struct life life = {.arena = arena_new((size_t)256 << 20), .dice = 20261123};
    struct catalogue *catalogue = NULL;
    (void)state;
    struct store *store = open_memory(&life, &catalogue);
    for (size_t i = 0; i < LIVES; i++) {
        arena_reset(life.arena);
        life.job.run = tell;
        assert_int_equal(store_write_now(store, &life.job), JOB_DONE);
        life.job.run = look;
        assert_int_equal(store_read_now(store, &life.job), JOB_DONE);
    }
    printf("  %zu lives in part, %zu whole, %zu decisions compared, %zu different\n", life.in_part,
           life.whole, life.decisions, life.different);
    assert_int_equal(life.different, 0);
    assert_true(life.in_part > LIVES / 5);
    store_close(&store);
    catalogue_free(&catalogue);
    arena_free(&life.arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_bound_to_the_recent_is_recent),
                                       cmocka_unit_test(what_is_recent_decides_as_the_whole_life)};
    return cmocka_run_group_tests_name("recent", tests, NULL, NULL);
}
