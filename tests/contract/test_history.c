/* What happened besides supplies: recorded through the desk, in a store in memory, and what the rules make of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "desk/change.h"
#include "desk/concern.h"
#include "desk/consultation.h"
#include "desk/elsewhere.h"
#include "desk/outcome.h"
#include "desk/preparation.h"
#include "desk/supply.h"
#include "embed/embed.h"
#include "store/alert.h"
#include "store/patient.h"
#include "store/prescription.h"
#include "store/store.h"
#include "store/supply.h"

EMBED_DECLARE(config_catalogue_conf);

#define MON 20780 /* Monday 2026-11-23 */
#define NINE 32400
#define ML 1000
#define RX "rx-1"
#define PATIENT "pa-1"

static const struct identity pharmacist = {.staff = "a.khan", .role = ROLE_PHARMACIST, .registration = "1"};
static const struct identity technician = {.staff = "t.lee", .role = ROLE_TECHNICIAN};
static const struct identity counter = {.staff = "c.may", .role = ROLE_COUNTER};
static const struct identity manager = {.staff = "m.fox", .role = ROLE_MANAGER};

/* ---- a store with one patient and one prescription: 60 ml a day for 14 days from Monday, Mondays to Saturdays ---- */

struct step {
    struct job job; /* first */
    void (*run)(struct tx *tx);
    struct arena *arena;
    day_t day;
};

static struct store *store;
static struct catalogue *catalogue;
static struct arena *arena;

static bool run_step(struct job *job, struct tx *tx) {
    struct step *step = (struct step *)job;
    tx->arena = step->arena;
    tx->staff = "a.khan";
    tx->now = (struct moment){.at = (int64_t)step->day * 86400 + NINE, .day = step->day, .minute = NINE / 60};
    step->run(tx);
    return db_state(tx->db) == DB_FINE;
}

static void done_step(struct job *job, enum job_result result) {
    (void)job;
    (void)result;
}

/* Runs and commits a step on a day at nine o'clock. */
static void on_day(day_t day, void (*run)(struct tx *tx)) {
    struct step step = {.job = {.run = run_step, .done = done_step}, .run = run, .arena = arena, .day = day};
    assert_int_equal(store_write_now(store, &step.job), JOB_DONE);
    arena_reset(arena);
}

static void enter_facts(struct tx *tx) {
    struct dose_run run = {
        .from = MON, .days = 14, .dose = 60 * (quantity_t)ML, .supervised_part = QUANTITY_NONE};
    struct prescription_item_row item = {.product = "methadone-1mg-ml-sf",
                                         .schedule = 2,
                                         .micrograms = 1000,
                                         .total = 840 * (quantity_t)ML,
                                         .total_on_form = 840 * (quantity_t)ML,
                                         .total_in_words = true,
                                         .total_in_figures = true,
                                         .runs = &run,
                                         .run_count = 1};
    const struct prescription_row rx = {.id = RX,
                                        .patient = PATIENT,
                                        .service = "se-1",
                                        .form = "FP10MDA",
                                        .drug_class = "opioid",
                                        .signed_on = MON - 3,
                                        .start_on = MON,
                                        .entered_on = MON - 3,
                                        .prescriber_name = "Dr A. Sample",
                                        .stage = "stable",
                                        .wording = WORDING_W1 | WORDING_W2 | WORDING_W3,
                                        .collect_kind = "weekdays",
                                        .collect_weekdays = 0x3f,
                                        .collect_every = 0,
                                        .supervised_kind = "collection_days",
                                        .replaces_from = DAY_NONE,
                                        .items = &item,
                                        .item_count = 1};
    tx_audit(tx, "enter patient", PATIENT, PATIENT, NULL);
    patient_append(tx, &(struct patient_row){.id = PATIENT,
                                             .name = "Robin Sample",
                                             .name_folded = "robin sample",
                                             .born_on = 7000,
                                             .sharing_agreed_on = DAY_NONE});
    tx_audit(tx, "enter prescription", PATIENT, RX, NULL);
    prescription_append(tx, &rx);
}

static int set_up(void **state) {
    const char *message = NULL;
    enum store_open_error error = STORE_OPEN;
    struct catalogue_error wrong;
    (void)state;
    catalogue = catalogue_parse(embed_config_catalogue_conf, embed_config_catalogue_conf_size, &wrong);
    desk_set_catalogue(catalogue);
    arena = arena_new((size_t)16 << 20);
    store = store_open(&(struct store_options){.path = ":memory:"}, &error, &message);
    assert_non_null(store);
    on_day(MON - 3, enter_facts);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    store_close(&store);
    arena_free(&arena);
    desk_set_catalogue(NULL);
    catalogue_free(&catalogue);
    return 0;
}

/* ---- short forms ---- */

static bool decides(struct tx *tx, day_t on, enum reason_code code) {
    struct desk_problem problem = {.code = NULL};
    struct decided decided;
    bool found = false;
    assert_int_equal(
        desk_decide(tx, &(struct decide_request){.prescription = RX, .on = on}, &decided, &problem), DESK_OK);
    for (size_t i = 0; i < decided.decision.reason_count; i++) {
        found = found || decided.decision.reasons[i].code == code;
    }
    decided_release(&decided);
    return found;
}

/* Days that a test leaves out are not given. */
static enum desk_result consults(struct tx *tx, struct consult_request r, struct desk_problem *problem) {
    const struct consultation_row *made = NULL;
    *problem = (struct desk_problem){.code = NULL};
    r.prescription = RX;
    r.asked = "Dr A. Sample";
    r.on = r.on == 0 ? DAY_NONE : r.on;
    r.resume_on = r.resume_on == 0 ? DAY_NONE : r.resume_on;
    r.for_day = r.for_day == 0 ? DAY_NONE : r.for_day;
    return desk_consult(tx, &pharmacist, &r, &made, problem);
}

#define CONSULT(...) ((struct consult_request){__VA_ARGS__})

static void assert_field(const struct desk_problem *problem, const char *field) {
    assert_int_equal(problem->field_count, 1);
    assert_string_equal(problem->fields[0].field, field);
}

static const char *refused_code;

/* Records an outcome and says what came of it; refused_code is the problem's. */
static enum desk_result records(struct tx *tx, const struct identity *who, enum outcome_kind kind) {
    struct desk_problem problem = {.code = NULL};
    const struct outcome_row *made = NULL;
    const struct outcome_request r = {.prescription = RX,
                                      .on = DAY_NONE,
                                      .kind = kind,
                                      .minutes_after = -1,
                                      .quantity = QUANTITY_NONE,
                                      .note = "as seen"};
    enum desk_result result = desk_outcome(tx, who, &r, &made, &problem);
    refused_code = problem.code;
    return result;
}

static void supplies(struct tx *tx, const char *id) {
    struct supply_item_row item = {
        .product = "methadone-1mg-ml-sf", .quantity = 60 * (quantity_t)ML, .supervised = 60 * (quantity_t)ML};
    tx_audit(tx, "supply", PATIENT, id, NULL);
    supply_append(tx, &(struct supply_row){.id = id,
                                           .patient = PATIENT,
                                           .prescription = RX,
                                           .kind = "lawful",
                                           .on = tx->now.day,
                                           .at = tx->now.at,
                                           .supervised_at = tx->now.at,
                                           .collector_role = "patient",
                                           .identity_requested = -1,
                                           .identity_provided = -1,
                                           .verdict = "supply",
                                           .last_dosed = DAY_NONE,
                                           .next_due = DAY_NONE,
                                           .rules = "test",
                                           .items = &item,
                                           .item_count = 1,
                                           .covers = {&tx->now.day, 1}});
}

/* ---- consultations ---- */

static void ask_what_is_not_asked(struct tx *tx) {
    struct desk_problem problem;
    const day_t later[] = {MON + 1};
    const day_t outside[] = {MON + 20};
    assert_int_equal(consults(tx, CONSULT(.on = MON + 1), &problem), DESK_INVALID);
    assert_field(&problem, "on");
    assert_int_equal(consults(tx, CONSULT(.resume_on = MON - 1), &problem), DESK_INVALID);
    assert_field(&problem, "resume_on");
    assert_int_equal(consults(tx, CONSULT(.outcome = CONSULTED_ALLOW_REPRESENTATIVE), &problem),
                     DESK_INVALID);
    assert_field(&problem, "for_day");
    assert_int_equal(consults(tx, CONSULT(.for_day = MON), &problem), DESK_INVALID);
    assert_field(&problem, "for_day");
    assert_int_equal(consults(tx, CONSULT(.outcome = CONSULTED_ALLOW_ONCE, .for_day = MON), &problem),
                     DESK_INVALID);
    assert_field(&problem, "covers");
    assert_int_equal(consults(tx, CONSULT(.covers = {later, 1}), &problem), DESK_INVALID);
    assert_field(&problem, "covers");
    assert_int_equal(
        consults(tx, CONSULT(.outcome = CONSULTED_ALLOW_ONCE, .for_day = MON, .covers = {outside, 1}),
                 &problem),
        DESK_INVALID);
    assert_field(&problem, "covers");
}

static void not_a_pharmacist(struct tx *tx) {
    struct desk_problem problem = {.code = NULL};
    const struct consultation_row *made = NULL;
    struct consult_request r = CONSULT(.prescription = RX, .asked = "Dr A. Sample");
    assert_int_equal(desk_consult(tx, &technician, &r, &made, &problem), DESK_FORBIDDEN);
    assert_int_equal(desk_consult(tx, &manager, &r, &made, &problem), DESK_FORBIDDEN);
    r.prescription = "rx-none";
    assert_int_equal(desk_consult(tx, &pharmacist, &r, &made, &problem), DESK_NOT_FOUND);
}

static void consultation_is_checked(void **state) {
    (void)state;
    on_day(MON, ask_what_is_not_asked);
    on_day(MON, not_a_pharmacist);
}

static void keyworker_continues(struct tx *tx) {
    struct desk_problem problem;
    assert_true(decides(tx, MON + 3, REASON_THREE_DAY_RULE));
    assert_int_equal(consults(tx, CONSULT(.role = CONSULTED_KEYWORKER), &problem), DESK_OK);
    assert_true(decides(tx, MON + 3, REASON_THREE_DAY_RULE));
    assert_int_equal(consults(tx, CONSULT(.role = CONSULTED_KEYWORKER, .outcome = CONSULTED_STOP), &problem),
                     DESK_OK);
    assert_false(decides(tx, MON + 3, REASON_NOT_ACTIVE));
}

static void prescriber_continues(struct tx *tx) {
    struct desk_problem problem;
    assert_int_equal(consults(tx, CONSULT(.role = CONSULTED_DEPUTY), &problem), DESK_OK);
    assert_false(decides(tx, MON + 3, REASON_THREE_DAY_RULE));
    assert_true(decides(tx, MON + 3, REASON_CONSULTED));
    assert_true(decides(tx, MON + 5, REASON_THREE_DAY_RULE)); /* it lapses after the next open day */
}

static void prescriber_stops(struct tx *tx) {
    struct desk_problem problem;
    struct consultation_row *rows = NULL;
    size_t count = 0;
    assert_int_equal(consults(tx, CONSULT(.outcome = CONSULTED_STOP), &problem), DESK_OK);
    assert_true(decides(tx, MON + 3, REASON_NOT_ACTIVE));
    assert_true(history_consultations(tx, PATIENT, &rows, &count));
    assert_int_equal(count, 4);
    assert_false(rows[0].counts);
    assert_true(rows[2].counts);
    assert_string_equal(rows[2].recorded.by, "a.khan");
    tx->as_of = rows[2].recorded.seq;
    assert_true(history_consultations(tx, PATIENT, &rows, &count));
    assert_int_equal(count, 3);
    assert_null(history_consultation(tx, "co-none"));
    assert_non_null(history_consultation(tx, rows[2].id));
}

static void keyworker_lifts_nothing(void **state) {
    (void)state;
    on_day(MON + 3, keyworker_continues);
    on_day(MON + 3, prescriber_continues);
    on_day(MON + 3, prescriber_stops);
}

static void allows_a_sunday(struct tx *tx) {
    struct desk_problem problem;
    const day_t days[] = {MON + 1, MON + 2};
    struct consultation_row *rows = NULL;
    size_t count = 0;
    assert_int_equal(
        consults(tx, CONSULT(.outcome = CONSULTED_ALLOW_ONCE, .for_day = MON, .covers = {days, 2}), &problem),
        DESK_OK);
    assert_true(history_consultations(tx, PATIENT, &rows, &count));
    assert_int_equal(rows[0].covers.count, 2);
    assert_int_equal(rows[0].covers.days[1], MON + 2);
    assert_true(decides(tx, MON, REASON_EXCEPTION_AGREED));
}

static void allow_once_keeps_its_days(void **state) {
    (void)state;
    on_day(MON, allows_a_sunday);
}

/* ---- stopped, put on hold, released ---- */

static enum desk_result changes(struct tx *tx, enum change_kind kind, day_t from,
                                struct desk_problem *problem) {
    const struct change_row *made = NULL;
    *problem = (struct desk_problem){.code = NULL};
    const struct change_request r = {.prescription = RX, .kind = kind, .from = from, .reason = "asked to"};
    enum desk_result result = desk_change(tx, &pharmacist, &r, &made, problem);
    if (result == DESK_OK) {
        const struct change_row *again = desk_change_of(tx, change_id(tx, made));
        assert_non_null(again);
        assert_int_equal(again->kind, kind);
        assert_string_equal(again->reason, "asked to");
    }
    return result;
}

static void hold_and_release(struct tx *tx) {
    struct desk_problem problem;
    assert_int_equal(changes(tx, CHANGE_RELEASE, DAY_NONE, &problem), DESK_CONFLICT);
    assert_string_equal(problem.code, "not_on_hold");
    assert_int_equal(changes(tx, CHANGE_HOLD, MON + 2, &problem), DESK_INVALID);
    assert_int_equal(changes(tx, CHANGE_HOLD, DAY_NONE, &problem), DESK_OK);
    assert_true(decides(tx, MON, REASON_MANUAL_HOLD));
    assert_int_equal(changes(tx, CHANGE_HOLD, DAY_NONE, &problem), DESK_CONFLICT);
    assert_string_equal(problem.code, "already_on_hold");
    assert_int_equal(changes(tx, CHANGE_RELEASE, MON, &problem), DESK_OK);
    assert_false(decides(tx, MON, REASON_MANUAL_HOLD));
    assert_null(desk_change_of(tx, "ch-"));
    assert_null(desk_change_of(tx, "ch-1x"));
    assert_null(desk_change_of(tx, "rx-1"));
}

static void stop_from_a_day(struct tx *tx) {
    struct desk_problem problem;
    assert_int_equal(changes(tx, CHANGE_STOP, MON - 1, &problem), DESK_INVALID);
    assert_field(&problem, "from");
    assert_int_equal(changes(tx, CHANGE_STOP, MON + 3, &problem), DESK_OK);
    assert_false(decides(tx, MON + 2, REASON_NOT_ACTIVE));
    assert_true(decides(tx, MON + 3, REASON_NOT_ACTIVE));
    assert_int_equal(changes(tx, CHANGE_STOP, MON + 4, &problem), DESK_CONFLICT);
    assert_string_equal(problem.code, "already_stopped");
    assert_int_equal(changes(tx, CHANGE_STOP, DAY_NONE, &problem), DESK_OK); /* sooner than was said */
    assert_true(decides(tx, MON, REASON_NOT_ACTIVE));
}

static void changes_turn_over(void **state) {
    (void)state;
    on_day(MON, hold_and_release);
    on_day(MON, stop_from_a_day);
}

/* ---- outcomes ---- */

static void record_in_place(struct tx *tx) {
    assert_int_equal(records(tx, &counter, OUTCOME_WITHHELD), DESK_FORBIDDEN);
    assert_int_equal(records(tx, &technician, OUTCOME_DEFERRED), DESK_FORBIDDEN);
    assert_int_equal(records(tx, &counter, OUTCOME_VOMITED), DESK_FORBIDDEN);
    assert_int_equal(records(tx, &technician, OUTCOME_VOMITED), DESK_CONFLICT);
    assert_string_equal(refused_code, "not_supplied");
    assert_int_equal(records(tx, &pharmacist, OUTCOME_DEFERRED), DESK_OK);
    assert_int_equal(records(tx, &pharmacist, OUTCOME_DEFERRED), DESK_CONFLICT);
    assert_string_equal(refused_code, "already_recorded");
    assert_true(decides(tx, MON, REASON_WITHHELD_TODAY));
    assert_int_equal(records(tx, &pharmacist, OUTCOME_WITHHELD), DESK_OK);
    assert_int_equal(records(tx, &counter, OUTCOME_ATTENDED_NOT_SUPPLIED), DESK_OK);
    assert_int_equal(records(tx, &counter, OUTCOME_ATTENDED_NOT_SUPPLIED), DESK_OK);
    assert_non_null(alert_about(tx, "attended_not_supplied/" RX "/2026-11-23/1"));
    assert_non_null(alert_about(tx, "attended_not_supplied/" RX "/2026-11-23/2"));
    assert_null(alert_about(tx, "attended_not_supplied/" RX "/2026-11-23/3"));
}

static void look_at_outcomes(struct tx *tx) {
    struct outcome_row *rows = NULL;
    size_t count = 0;
    assert_true(history_outcomes(tx, PATIENT, &rows, &count));
    assert_int_equal(count, 4);
    assert_int_equal(rows[0].kind, OUTCOME_DEFERRED);
    assert_int_equal(rows[0].collect, MON);
    assert_int_equal(rows[0].minutes_after, -1);
    assert_int_equal(rows[0].quantity, QUANTITY_NONE);
    assert_null(rows[0].reason);
    assert_non_null(strstr(rows[2].reason, "no_responsible_pharmacist"));
    assert_string_equal(history_outcome(tx, rows[1].id)->note, "as seen");
}

static void in_place_of_a_supply(void **state) {
    (void)state;
    on_day(MON, record_in_place);
    on_day(MON, look_at_outcomes);
}

static void another_day(struct tx *tx) {
    struct desk_problem problem = {.code = NULL};
    const struct outcome_row *made = NULL;
    struct outcome_request r = {.prescription = RX,
                                .on = MON - 1,
                                .kind = OUTCOME_DECLINED,
                                .minutes_after = -1,
                                .quantity = QUANTITY_NONE};
    assert_int_equal(desk_outcome(tx, &counter, &r, &made, &problem), DESK_CONFLICT);
    assert_string_equal(problem.code, "not_today");
    r.on = MON;
    r.minutes_after = 5;
    assert_int_equal(desk_outcome(tx, &counter, &r, &made, &problem), DESK_INVALID);
    assert_field(&problem, "minutes_after");
}

static void only_today(void **state) {
    (void)state;
    on_day(MON, another_day);
}

static void several_due(struct tx *tx) {
    struct outcome_row *rows = NULL;
    size_t count = 0;
    assert_int_equal(records(tx, &counter, OUTCOME_DECLINED), DESK_OK);
    assert_true(history_outcomes(tx, PATIENT, &rows, &count));
    assert_int_equal(count, 1);
    assert_int_equal(rows[0].collect, MON + 5);
}

static void nothing_due(struct tx *tx) {
    struct outcome_row *rows = NULL;
    size_t count = 0;
    assert_int_equal(records(tx, &counter, OUTCOME_ATTENDED_NOT_SUPPLIED), DESK_OK);
    assert_true(history_outcomes(tx, PATIENT, &rows, &count));
    assert_int_equal(rows[count - 1].collect, DAY_NONE);
    assert_non_null(strstr(rows[count - 1].reason, "not_due"));
}

static void the_instalment_is_named(void **state) {
    (void)state;
    on_day(MON + 5, several_due); /* Saturday, for Saturday and Sunday */
    on_day(MON + 20, nothing_due);
}

static void note_on_supply(struct tx *tx) {
    struct desk_problem problem = {.code = NULL};
    const struct outcome_row *made = NULL;
    struct outcome_request r = {.prescription = RX,
                                .on = MON,
                                .kind = OUTCOME_PART,
                                .minutes_after = 2,
                                .quantity = 61 * (quantity_t)ML};
    supplies(tx, "su-1");
    assert_int_equal(records(tx, &pharmacist, OUTCOME_WITHHELD), DESK_CONFLICT);
    assert_string_equal(refused_code, "already_supplied");
    assert_int_equal(desk_outcome(tx, &pharmacist, &r, &made, &problem), DESK_INVALID);
    assert_field(&problem, "quantity");
    r.quantity = 20 * (quantity_t)ML;
    problem = (struct desk_problem){.code = NULL};
    assert_int_equal(desk_outcome(tx, &pharmacist, &r, &made, &problem), DESK_OK);
    assert_int_equal(made->collect, MON);
    assert_int_equal(records(tx, &counter, OUTCOME_LEFT), DESK_OK);
    assert_int_equal(records(tx, &counter, OUTCOME_LEFT), DESK_CONFLICT);
    assert_non_null(alert_about(tx, "dose_not_completed/su-1/part"));
    assert_non_null(alert_about(tx, "dose_not_completed/su-1/left"));
}

static void after_the_note(struct tx *tx) {
    struct patient_case c;
    size_t index = 0;
    assert_int_equal(patient_case_load_for(tx, RX, &c, &index), DESK_OK);
    assert_true(case_supplied(&c.rules.courses[index], MON, MON));
    assert_false(case_taken(&c.rules.courses[index], MON, MON));
    patient_case_close(&c);
    tx_audit(tx, "reverse", PATIENT, "su-1", NULL);
    supply_reverse(tx, "su-1", "the wrong bottle was scanned");
    supplies(tx, "su-2");
    assert_int_equal(patient_case_load_for(tx, RX, &c, &index), DESK_OK);
    assert_true(case_taken(&c.rules.courses[index], MON, MON));
    patient_case_close(&c);
}

static void note_makes_it_incomplete(void **state) {
    (void)state;
    on_day(MON, note_on_supply);
    on_day(MON, after_the_note);
}

static void told_of_a_missed_collection(struct tx *tx) {
    tx_audit(tx, "missed", PATIENT, RX, NULL);
    alert_append(tx, &(struct alert_row){.kind = "missed_pickup",
                                         .priority = "routine",
                                         .patient = PATIENT,
                                         .prescription = RX,
                                         .service = "se-1",
                                         .raised_at = tx->now.at,
                                         .on = tx->now.day,
                                         .about = "missed_pickup/" RX "/2026-11-23",
                                         .number = 1});
    assert_int_equal(records(tx, &counter, OUTCOME_DECLINED), DESK_OK);
    size_t count = 0;
    const struct alert_row *rows = alerts_of_seq(tx, tx->seq, &count);
    assert_int_equal(count, 1);
    assert_string_equal(rows[0].kind, "correction");
    assert_string_equal(rows[0].corrects, alert_about(tx, "missed_pickup/" RX "/2026-11-23"));
}

static void late_outcome_corrects(void **state) {
    (void)state;
    on_day(MON, told_of_a_missed_collection);
}

/* ---- elsewhere ---- */

static bool is_unlike(struct tx *tx, const char *product, const char *dose, const char *where) {
    struct desk_problem problem = {.code = NULL};
    const struct elsewhere_row *made = NULL;
    const struct elsewhere_request r = {.patient = PATIENT,
                                        .drug_class = CLASS_OPIOID,
                                        .from = MON,
                                        .to = MON + 1,
                                        .product = product,
                                        .dose = dose,
                                        .where = where,
                                        .confirmed_by = "Ward sister"};
    assert_int_equal(desk_elsewhere(tx, &pharmacist, &r, &made, &problem), DESK_OK);
    assert_int_equal(desk_elsewhere_of(tx, made->id)->unlike, made->unlike);
    return made->unlike;
}

static void compare_elsewhere(struct tx *tx) {
    assert_false(is_unlike(tx, "methadone-1mg-ml-sf", "60", "Sample Hospital"));
    assert_true(decides(tx, MON + 2, REASON_RETURNED_FROM_ELSEWHERE));
    assert_false(is_unlike(tx, "methadone-1mg-ml-sf", "60 ml", "Sample Hospital"));
    assert_false(is_unlike(tx, "methadone-1mg-ml-sf", "60mg", "Custody suite"));
    assert_true(is_unlike(tx, "methadone-1mg-ml-sf", "50 mg", "Sample Hospital"));
    assert_true(is_unlike(tx, "methadone-1mg-ml-sf", "sixty", "Sample Hospital"));
    assert_true(is_unlike(tx, "buprenorphine-8mg-sl", "60 mg", "Sample Hospital"));
    assert_true(is_unlike(tx, NULL, "60 ml", "Sample Hospital"));
    assert_true(is_unlike(tx, "methadone-1mg-ml-sf", NULL, "Sample Hospital"));
    assert_true(is_unlike(tx, "methadone-1mg-ml-sf", "60", "HMP Sample"));
    assert_true(is_unlike(tx, "methadone-1mg-ml-sf", "60", "Sample Prison"));
    assert_true(is_unlike(tx, "methadone-1mg-ml-sf", "60", NULL));
}

static void elsewhere_refused(struct tx *tx) {
    struct desk_problem problem = {.code = NULL};
    const struct elsewhere_row *made = NULL;
    struct elsewhere_request r = {
        .patient = PATIENT, .from = MON, .to = MON - 1, .confirmed_by = "Ward sister"};
    assert_int_equal(desk_elsewhere(tx, &technician, &r, &made, &problem), DESK_FORBIDDEN);
    assert_int_equal(desk_elsewhere(tx, &pharmacist, &r, &made, &problem), DESK_INVALID);
    r.from = MON + 400; /* taken home, but not for as long as that */
    r.to = MON + 401;
    assert_int_equal(desk_elsewhere(tx, &pharmacist, &r, &made, &problem), DESK_INVALID);
    r.from = MON;
    r.to = MON + 400;
    assert_int_equal(desk_elsewhere(tx, &pharmacist, &r, &made, &problem), DESK_INVALID);
    r.to = MON;
    r.patient = "pa-none";
    assert_int_equal(desk_elsewhere(tx, &pharmacist, &r, &made, &problem), DESK_NOT_FOUND);
}

static void elsewhere_is_compared(void **state) {
    (void)state;
    on_day(MON + 2, compare_elsewhere);
    on_day(MON + 2, elsewhere_refused);
}

static void entered_twice(struct tx *tx) {
    struct elsewhere_row *rows = NULL;
    size_t count = 0;
    tx_audit(tx, "enter patient", "pa-0", "pa-0", NULL);
    patient_append(tx, &(struct patient_row){.id = "pa-0",
                                             .name = "R. Sample",
                                             .name_folded = "r sample",
                                             .born_on = 7000,
                                             .sharing_agreed_on = DAY_NONE});
    tx_audit(tx, "dosed elsewhere", "pa-0", "de-0", NULL);
    history_add_elsewhere(tx, &(struct elsewhere_row){.id = "de-0",
                                                      .patient = "pa-0",
                                                      .from = MON,
                                                      .to = MON + 1,
                                                      .on = MON + 2,
                                                      .confirmed_by = "Ward sister",
                                                      .unlike = true});
    assert_true(history_elsewhere(tx, PATIENT, &rows, &count));
    assert_int_equal(count, 0);
    tx_audit(tx, "merge patients", "pa-0", PATIENT, NULL);
    patient_merge(tx, "pa-0", PATIENT);
    assert_true(history_elsewhere(tx, PATIENT, &rows, &count));
    assert_int_equal(count, 1);
    assert_true(decides(tx, MON + 2, REASON_RETURNED_FROM_ELSEWHERE));
}

static void merged_records_count(void **state) {
    (void)state;
    on_day(MON + 2, entered_twice);
}

/* ---- concerns ---- */

static const struct concern_row *concerned(struct tx *tx, const struct identity *who,
                                           struct concern_request r, enum desk_result expected) {
    struct desk_problem problem = {.code = NULL};
    const struct concern_row *made = NULL;
    r.patient = PATIENT;
    assert_int_equal(desk_concern(tx, who, &r, &made, &problem), expected);
    return made;
}

static void withhold_for_a_concern(struct tx *tx) {
    const struct concern_request r = {.prescription = RX,
                                      .decision = DECIDED_WITHHELD,
                                      .signs = {"drowsy", "slurred_speech"},
                                      .sign_count = 2};
    struct outcome_row *rows = NULL;
    size_t count = 0;
    concerned(tx, &counter, r, DESK_FORBIDDEN);
    const struct concern_row *made = concerned(tx, &pharmacist, r, DESK_OK);
    assert_string_equal(concern_find(tx, made->id)->signs, "drowsy,slurred_speech");
    assert_true(history_outcomes(tx, PATIENT, &rows, &count));
    assert_int_equal(count, 1);
    assert_int_equal(rows[0].kind, OUTCOME_WITHHELD);
    size_t alert_count = 0;
    const struct alert_row *alerts = alerts_of_seq(tx, made->recorded.seq, &alert_count);
    assert_int_equal(alert_count, 1);
    assert_string_equal(alerts[0].kind, "possible_intoxication");
    assert_string_equal(alerts[0].priority, "urgent");
    assert_string_equal(alerts[0].service, "se-1");
}

static void concern_without_prescription(struct tx *tx) {
    size_t count = 0;
    struct concern_row *rows = NULL;
    const struct concern_row *made = concerned(
        tx, &counter,
        (struct concern_request){.kind = CONCERN_WELFARE, .decision = DECIDED_NONE, .note = "no coat"},
        DESK_OK);
    const struct alert_row *alerts = alerts_of_seq(tx, made->recorded.seq, &count);
    assert_int_equal(count, 1);
    assert_string_equal(alerts[0].kind, "other_concern");
    assert_string_equal(alerts[0].priority, "routine");
    assert_string_equal(alerts[0].service, "se-1");
    assert_true(concern_list(tx, PATIENT, TX_NOW, 10, &rows, &count));
    assert_int_equal(count, 2);
    assert_string_equal(rows[0].id, made->id);
    assert_true(concern_list(tx, NULL, rows[0].recorded.seq, 10, &rows, &count));
    assert_int_equal(count, 1);
}

static void concern_refused(struct tx *tx) {
    concerned(tx, &counter, (struct concern_request){.decision = DECIDED_SUPPLIED}, DESK_INVALID);
    concerned(tx, &counter,
              (struct concern_request){.decision = DECIDED_SUPPLIED, .signs = {"looks_bad"}, .sign_count = 1},
              DESK_INVALID);
    concerned(tx, &counter,
              (struct concern_request){
                  .decision = DECIDED_SUPPLIED, .signs = {"drowsy", "drowsy"}, .sign_count = 2},
              DESK_INVALID);
    concerned(tx, &counter,
              (struct concern_request){.decision = DECIDED_NONE, .signs = {"drowsy"}, .sign_count = 1},
              DESK_INVALID);
    concerned(
        tx, &counter,
        (struct concern_request){.decision = DECIDED_SUPPLIED, .note = "seen", .prescription = "rx-none"},
        DESK_NOT_FOUND);
}

static void concern_raises_its_alert(void **state) {
    (void)state;
    on_day(MON, withhold_for_a_concern);
    on_day(MON, concern_without_prescription);
    on_day(MON, concern_refused);
}

/* ---- bagged in advance ---- */

static enum desk_result bags(struct tx *tx, const char *instalment, bool prepare) {
    struct desk_problem problem = {.code = NULL};
    const struct preparation_row *made = NULL;
    const struct preparation_request r = {.instalment = instalment,
                                          .prepare = prepare,
                                          .containers = prepare ? 1 : -1,
                                          .expiry = prepare ? MON + 300 : DAY_NONE};
    enum desk_result result = desk_prepare(tx, &technician, &r, &made, &problem);
    refused_code = problem.code;
    return result;
}

static void bag(struct tx *tx) {
    assert_int_equal(bags(tx, RX ".2026-11-24", false), DESK_CONFLICT);
    assert_int_equal(bags(tx, RX ".2026-11-24", true), DESK_OK);
    assert_true(preparation_stands(tx, RX, MON + 1));
    assert_int_equal(bags(tx, RX ".2026-11-24", true), DESK_CONFLICT);
    assert_string_equal(refused_code, "already_prepared");
    assert_int_equal(bags(tx, RX ".2026-11-24", false), DESK_OK);
    assert_false(preparation_stands(tx, RX, MON + 1));
    assert_int_equal(desk_preparation(tx, RX ".2026-11-24")->containers, -1);
    assert_int_equal(bags(tx, RX ".2026-11-29", true), DESK_NOT_FOUND); /* a Sunday */
    assert_int_equal(bags(tx, "nothing", true), DESK_NOT_FOUND);
    assert_int_equal(bags(tx, "rx-none.2026-11-24", true), DESK_NOT_FOUND);
    supplies(tx, "su-1");
    assert_int_equal(bags(tx, RX ".2026-11-23", true), DESK_CONFLICT);
    assert_string_equal(refused_code, "already_supplied");
}

static void bag_too_late(struct tx *tx) {
    assert_int_equal(bags(tx, RX ".2026-11-24", true), DESK_CONFLICT);
    assert_string_equal(refused_code, "not_due");
}

static void bagged_and_put_back(void **state) {
    (void)state;
    on_day(MON, bag);
    on_day(MON + 3, bag_too_late);
}

int main(void) {
#define STORE_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        STORE_TEST(consultation_is_checked),   STORE_TEST(keyworker_lifts_nothing),
        STORE_TEST(allow_once_keeps_its_days), STORE_TEST(changes_turn_over),
        STORE_TEST(in_place_of_a_supply),      STORE_TEST(only_today),
        STORE_TEST(the_instalment_is_named),   STORE_TEST(note_makes_it_incomplete),
        STORE_TEST(late_outcome_corrects),     STORE_TEST(elsewhere_is_compared),
        STORE_TEST(concern_raises_its_alert),  STORE_TEST(bagged_and_put_back),
        STORE_TEST(merged_records_count),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
