/*
 * The main journey through the use cases, on a store in memory: enter, key twice, decide, supply; what must not happen,
 * and what belongs to a supply (design.md, "Two journeys"; rules.md, sections 3, 4, 6, 7).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "desk/day.h"
#include "desk/demo_patients.h"
#include "desk/patient.h"
#include "desk/prescribe.h"
#include "desk/responsible.h"
#include "desk/service.h"
#include "desk/supply.h"
#include "desk/sweep.h"
#include "embed/embed.h"
#include "store/alert.h"
#include "store/controlled.h"
#include "store/day_state.h"
#include "store/opening.h"
#include "store/print_job.h"
#include "store/staff.h"
#include "store/store.h"
#include "store/supply.h"

EMBED_DECLARE(config_catalogue_conf);

#define MONDAY 20780 /* 2026-11-23 */
#define ML 1000

static const struct identity pharmacist = {"p.quill", "Petra Quill", ROLE_PHARMACIST, "2099991"};
static const struct identity technician = {"t.sedge", "Tobias Sedge", ROLE_TECHNICIAN, NULL};

struct scene {
    struct store *store;
    struct catalogue *catalogue;
    struct arena *arena;
    struct tx *tx; /* of the job that runs */
    day_t day;
    int32_t minute;
    const char *service;
    const char *patient;
    const char *prescription;
    const char *supply;
    struct desk_problem problem;
    enum desk_result result;
};

/* ---- running jobs ---- */

typedef enum desk_result play_fn(struct scene *s);

struct scene_job {
    struct job job; /* first */
    struct scene *scene;
    play_fn *play;
};

static bool job_run(struct job *job, struct tx *tx) {
    struct scene_job *mine = (struct scene_job *)job;
    struct scene *s = mine->scene;
    tx->arena = s->arena;
    tx->staff = pharmacist.staff;
    tx->now = clock_moment(clock_at(s->day, s->minute));
    s->tx = tx;
    s->problem = (struct desk_problem){.code = NULL};
    s->result = mine->play(s);
    return s->result == DESK_OK;
}

static enum desk_result run(struct scene *s, play_fn *play) {
    struct scene_job job = {.job = {.run = job_run}, .scene = s, .play = play};
    enum job_result result = store_write_now(s->store, &job.job);
    assert_int_equal(result, s->result == DESK_OK ? JOB_DONE : JOB_UNDONE);
    return s->result;
}

/* ---- the pharmacy ---- */

static enum desk_result enter_pharmacy(struct scene *s) {
    const struct staff_row staff[] = {
        {pharmacist.staff, pharmacist.name, "pharmacist", pharmacist.registration, "x", true, DAY_NONE},
        {technician.staff, technician.name, "technician", NULL, "x", true, DAY_NONE},
    };
    const struct service_row service = {.name = "Testham Service", .kind = "drug_service"};
    const struct identity nobody = {.staff = NULL};
    struct patient_row patient = {.name = "Zephyrine Copperbeech",
                                  .born_on = 3000,
                                  .identifier_system = "nhs",
                                  .identifier_value = "9990001847",
                                  .address = "1 Larkspur Row, Testham",
                                  .sharing_agreed_on = DAY_NONE};
    tx_audit(s->tx, "set up", NULL, NULL, NULL);
    for (size_t i = 0; i < 2; i++) {
        staff_append(s->tx, &staff[i]);
    }
    for (int day = 0; day < 7; day++) {
        const struct opening_hours_row hours = {.weekday = (enum weekday)day,
                                                .opens = day == 6 ? OPENING_NO_MINUTE : 540,
                                                .closes =
                                                    day == 6 ? OPENING_NO_MINUTE : (day == 5 ? 780 : 1080)};
        opening_hours_append(s->tx, &hours);
    }
    const struct responsible_row signed_on = {
        .staff = pharmacist.staff, .kind = "sign_on", .at = s->tx->now.at};
    responsible_append(s->tx, &signed_on);
    policy_append(s->tx, "cutoff_grace_minutes", 0);
    enum desk_result result = desk_service_enter(s->tx, &service, &nobody, true, &s->service, &s->problem);
    return result == DESK_OK ? desk_patient_enter(s->tx, &patient, &s->patient, &s->problem) : result;
}

static const struct dose_run one_run = {
    .from = MONDAY, .days = 14, .dose = 60 * ML, .supervised_part = QUANTITY_NONE};

static enum desk_result prescribe(struct scene *s) {
    static const struct entry_item paper = {.total_in_words = true, .total_in_figures = true};
    const char product[] = "methadone-1mg-ml-sf";
    const struct item item = {.product = catalogue_find(s->catalogue, product, strlen(product)),
                              .runs = &one_run,
                              .run_count = 1,
                              .total = 840 * ML};
    struct prescribe_answer answer;
    const struct prescribe_request request = {
        .rules = {.drug_class = CLASS_OPIOID,
                  .form = FORM_FP10MDA,
                  .stage = STAGE_STABLE,
                  .wording = WORDING_W1 | WORDING_W2 | WORDING_W3 | WORDING_W4,
                  .signed_on = MONDAY - 3,
                  .start_on = MONDAY,
                  .entered_on = DAY_NONE,
                  .stopped_from = DAY_NONE,
                  .items = &item,
                  .item_count = 1,
                  .collect = {.kind = COLLECT_WEEKDAYS, .weekdays = 0x3F},
                  .supervised = {.kind = SUPERVISED_COLLECTION_DAYS},
                  .replaces = PRESCRIPTION_NONE,
                  .replaces_from = DAY_NONE,
                  .together_with = PRESCRIPTION_NONE},
        .items = &paper,
        .patient = s->patient,
        .service = s->service,
        .prescriber_name = "Dr Hester Vale",
        .prescriber_address = "1 Weir Street, Testham",
        .who = &technician,
    };
    s->tx->staff = technician.staff;
    enum desk_result result = desk_prescribe(s->tx, &request, false, &answer, &s->problem);
    s->prescription = answer.id;
    case_close(&answer.rules);
    const struct second_keying keying = {.rules = request.rules, .staff = pharmacist.staff};
    s->tx->staff = pharmacist.staff;
    return result == DESK_OK ? desk_second_keying(s->tx, s->prescription, &keying, &s->problem) : result;
}

static int scene_set_up(void **state) {
    static struct scene scene;
    enum store_open_error error = STORE_OPEN;
    const char *message = NULL;
    struct catalogue_error wrong;
    scene = (struct scene){.day = MONDAY, .minute = 540, .arena = arena_new(64U << 20)};
    scene.catalogue = catalogue_parse(embed_config_catalogue_conf, embed_config_catalogue_conf_size, &wrong);
    assert_non_null(scene.catalogue);
    desk_set_catalogue(scene.catalogue);
    assert_true(clock_init("Europe/London", true, 1795424400));
    scene.store = store_open(&(struct store_options){.path = ":memory:", .demo = true}, &error, &message);
    assert_non_null(scene.store);
    assert_int_equal(run(&scene, enter_pharmacy), DESK_OK);
    assert_int_equal(run(&scene, prescribe), DESK_OK);
    *state = &scene;
    return 0;
}

static int scene_tear_down(void **state) {
    struct scene *s = *state;
    store_close(&s->store);
    arena_free(&s->arena);
    catalogue_free(&s->catalogue);
    return 0;
}

/* ---- supplying ---- */

static const char *const first_checks[] = {"first_dose", "dose_warning"};

/* What a pharmacist at the counter sends for today's dose. */
static struct supply_request todays(struct scene *s, const struct expected_item *item) {
    return (struct supply_request){
        .decide = {.prescription = s->prescription, .on = s->tx->now.day},
        .identity_requested = -1,
        .identity_provided = -1,
        .expect = item,
        .expect_count = 1,
        .supervised_by = pharmacist.staff,
        .confirm = first_checks,
        .confirm_count = 2,
        .who = &pharmacist,
        .confirmer = &pharmacist,
    };
}

static const struct expected_item sixty = {"methadone-1mg-ml-sf", 60 * ML, 60 * ML, 0};

static enum desk_result supply_with(struct scene *s, const struct supply_request *request) {
    struct decided decided;
    enum desk_result result = desk_supply(s->tx, request, &decided, &s->supply, &s->problem);
    decided_release(&decided);
    return result;
}

static enum desk_result supply_today(struct scene *s) {
    struct supply_request request = todays(s, &sixty);
    return supply_with(s, &request);
}

static enum desk_result look(struct scene *s) {
    struct supply_row row;
    size_t entries = 0;
    size_t labels = 0;
    assert_true(supply_find(s->tx, s->supply, &row));
    assert_int_equal(row.covers.count, 1);
    assert_int_equal(row.covers.days[0], MONDAY);
    assert_int_equal(row.items[0].supervised, 60 * ML);
    assert_int_equal(row.reason_count, 2);
    assert_true(row.reasons[0].confirmed);
    const struct register_row *entry = register_of_supply(s->tx, s->supply, &entries);
    assert_int_equal(entries, 1);
    assert_int_equal(entry[0].number, 1);
    assert_int_equal(entry[0].quantity, -60 * ML);
    assert_int_equal(entry[0].balance, -60 * ML); /* C4: nothing was booked in, and that stops no supply */
    assert_string_equal(entry[0].person_name, "Zephyrine Copperbeech");
    assert_string_equal(entry[0].authority, "Dr Hester Vale");
    assert_int_equal(entry[0].identity_requested, -1); /* C1: as asked, no default */
    print_jobs_of_supply(s->tx, s->supply, &labels);
    assert_int_equal(labels, 1);
    return DESK_OK;
}

static void a_supervised_dose(void **state) {
    struct scene *s = *state;
    assert_int_equal(run(s, supply_today), DESK_OK);
    assert_int_equal(run(s, look), DESK_OK);
    /* H01: the second attempt is refused, whatever is confirmed, and leaves nothing. */
    const char *first = s->supply;
    assert_int_equal(run(s, supply_today), DESK_REFUSED);
    assert_string_equal(s->problem.code, "refused");
    assert_ptr_equal(s->supply, first);
}

static enum desk_result supply_unconfirmed(struct scene *s) {
    struct supply_request request = todays(s, &sixty);
    request.confirm_count = 0;
    return supply_with(s, &request);
}

static enum desk_result supply_by_technician(struct scene *s) {
    struct supply_request request = todays(s, &sixty);
    request.confirmer = &technician;
    return supply_with(s, &request);
}

static enum desk_result supply_stale(struct scene *s) {
    static const struct expected_item fifty = {"methadone-1mg-ml-sf", 50 * ML, 50 * ML, 0};
    struct supply_request request = todays(s, &fifty);
    return supply_with(s, &request);
}

static enum desk_result supply_unseen(struct scene *s) {
    struct supply_request request = todays(s, &sixty);
    request.supervised_by = NULL;
    return supply_with(s, &request);
}

static enum desk_result supply_tomorrow(struct scene *s) {
    struct supply_request request = todays(s, &sixty);
    request.decide.on++;
    return supply_with(s, &request);
}

static enum desk_result supply_part(struct scene *s) {
    static const struct expected_item thirty = {"methadone-1mg-ml-sf", 30 * ML, 0, 0};
    static const char *const codes[] = {"first_dose", "dose_warning", "part_supply"};
    struct supply_request request = todays(s, &sixty);
    request.part = &thirty;
    request.part_count = 1;
    request.confirm = codes;
    request.confirm_count = 3;
    request.part_reason = s->minute == 541 ? NULL : "The patient wishes less today.";
    return supply_with(s, &request);
}

static enum desk_result count_supplies(struct scene *s) {
    size_t count = 0;
    struct supply_brief *rows = NULL;
    assert_true(supply_history(s->tx, s->patient, &rows, &count));
    assert_int_equal(count, 0);
    return DESK_OK;
}

static void what_is_not_recorded(void **state) {
    struct scene *s = *state;
    assert_int_equal(run(s, supply_unconfirmed), DESK_REFUSED);
    assert_string_equal(s->problem.code, "checks_not_confirmed");
    assert_int_equal(run(s, supply_by_technician), DESK_FORBIDDEN);
    assert_int_equal(run(s, supply_stale), DESK_CHANGED); /* H29 */
    assert_int_equal(run(s, supply_unseen), DESK_INVALID);
    assert_int_equal(run(s, supply_tomorrow), DESK_REFUSED); /* D29 */
    s->minute = 541;
    assert_int_equal(run(s, supply_part), DESK_REFUSED); /* D22: without a reason */
    s->minute = 540;
    assert_int_equal(run(s, count_supplies), DESK_OK);
}

static enum desk_result look_part(struct scene *s) {
    struct supply_row row;
    size_t alerts = 0;
    size_t entries = 0;
    assert_true(supply_find(s->tx, s->supply, &row));
    assert_int_equal(row.items[0].quantity, 30 * ML);
    assert_int_equal(row.items[0].supervised, 30 * ML);
    alerts_of_seq(s->tx, row.seq, &alerts);
    assert_int_equal(alerts, 1); /* D22: the prescriber is told */
    assert_int_equal(register_of_supply(s->tx, s->supply, &entries)->quantity, -30 * ML);
    return DESK_OK;
}

static void a_part(void **state) {
    struct scene *s = *state;
    assert_int_equal(run(s, supply_part), DESK_OK);
    assert_int_equal(run(s, look_part), DESK_OK);
}

/* ---- recorded in error, and what should not have happened ---- */

static enum desk_result reverse(struct scene *s) {
    return desk_reverse(s->tx, s->supply, "Recorded for the wrong person.", &s->problem);
}

static enum desk_result look_reversed(struct scene *s) {
    struct supply_row row;
    size_t entries = 0;
    assert_true(supply_find(s->tx, s->supply, &row));
    assert_true(row.reversed_seq != 0);
    const struct register_row *entry = register_of_supply(s->tx, s->supply, &entries);
    assert_int_equal(entries, 2);
    assert_int_equal(entry[1].quantity, 60 * ML);
    assert_int_equal(entry[1].corrects, entry[0].number);
    assert_memory_equal(entry[1].previous, entry[0].hash, REGISTER_HASH_SIZE);
    assert_int_equal(entry[1].balance, 0);
    /* As of the supply it stands as it was: what a replay of its key renders. */
    s->tx->as_of = row.seq;
    assert_true(supply_find(s->tx, s->supply, &row));
    assert_true(row.reversed_seq == 0);
    register_of_supply(s->tx, s->supply, &entries);
    assert_int_equal(entries, 1);
    s->tx->as_of = TX_NOW;
    return DESK_OK;
}

static void a_reversal(void **state) {
    struct scene *s = *state;
    assert_int_equal(run(s, supply_today), DESK_OK);
    assert_int_equal(run(s, reverse), DESK_OK);
    assert_int_equal(run(s, look_reversed), DESK_OK);
    assert_int_equal(run(s, reverse), DESK_CONFLICT);
    assert_int_equal(run(s, supply_today), DESK_OK); /* M11: due again that day, in the next turn */
    assert_int_equal(run(s, supply_today), DESK_REFUSED);
}

static enum desk_result irregular(struct scene *s) {
    static const struct expected_item ninety = {"methadone-1mg-ml-sf", 90 * ML, 90 * ML, 0};
    struct supply_request request = todays(s, &ninety);
    request.reason = "90 ml was poured for 60.";
    request.told = "Dr Hester Vale, by telephone";
    return desk_irregular(s->tx, &request, &s->supply, &s->problem);
}

static enum desk_result decide_tomorrow(struct scene *s) {
    struct decided decided;
    const struct decide_request request = {.prescription = s->prescription, .on = MONDAY + 1};
    enum desk_result result = desk_decide(s->tx, &request, &decided, &s->problem);
    bool held = false;
    for (size_t i = 0; i < decided.decision.reason_count; i++) {
        held = held || decided.decision.reasons[i].code == REASON_IRREGULAR_SUPPLY;
    }
    assert_true(held);
    assert_int_equal(decided.decision.verdict, VERDICT_HOLD);
    decided_release(&decided);
    return result;
}

/* Section 6: recorded as what it was; it enters the register, raises an alert, and holds the class. */
static void what_should_not_have_happened(void **state) {
    struct scene *s = *state;
    assert_int_equal(run(s, supply_today), DESK_OK);
    assert_int_equal(run(s, irregular), DESK_OK);
    assert_int_equal(run(s, decide_tomorrow), DESK_OK);
}

/* ---- the clock ---- */

static size_t swept;

static enum desk_result sweep(struct scene *s) {
    return desk_sweep(s->tx, s->tx->now.at, &swept);
}

static enum desk_result look_missed(struct scene *s) {
    struct day_list_answer day;
    assert_int_equal(desk_day(s->tx, MONDAY, &day), DESK_OK);
    assert_int_equal(day.count, 1);
    assert_int_equal(day.rows[0].status, DAY_STATUS_MISSED);
    char about[128];
    snprintf(about, sizeof about, "missed_pickup/%s/2026-11-23", s->prescription);
    assert_non_null(alert_about(s->tx, about));
    return DESK_OK;
}

static enum desk_result look_on_hold(struct scene *s) {
    char about[128];
    snprintf(about, sizeof about, "supply_on_hold/%s/%d", s->prescription, DAY_NONE);
    assert_non_null(alert_about(s->tx, about));
    return DESK_OK;
}

/* M1, A1, A2: found by the clock, exactly once; on the third day the next supply would be on hold. */
static void a_missed_collection(void **state) {
    struct scene *s = *state;
    assert_int_equal(run(s, sweep), DESK_OK);
    s->minute = 1079;
    assert_int_equal(run(s, sweep), DESK_OK);
    assert_int_equal(swept, 0);
    s->minute = 1080;
    assert_int_equal(run(s, sweep), DESK_OK);
    assert_int_equal(swept, 1);
    assert_int_equal(run(s, sweep), DESK_OK);
    assert_int_equal(swept, 0);
    assert_int_equal(run(s, look_missed), DESK_OK);
    /* The computer was off for two days: the same sweep finds both. */
    s->day = MONDAY + 2;
    s->minute = 1200;
    assert_int_equal(run(s, sweep), DESK_OK);
    assert_int_equal(swept, 2);
    assert_int_equal(run(s, look_on_hold), DESK_OK);
    s->day = MONDAY + 3;
    s->minute = 540;
    assert_int_equal(run(s, supply_today), DESK_REFUSED);
    assert_string_equal(s->problem.code, "on_hold"); /* H05 */
}

static enum desk_result look_correction(struct scene *s) {
    struct supply_row row;
    size_t count = 0;
    assert_true(supply_find(s->tx, s->supply, &row));
    const struct alert_row *alerts = alerts_of_seq(s->tx, row.seq, &count);
    assert_int_equal(count, 1);
    assert_string_equal(alerts[0].kind, "correction");
    assert_non_null(alerts[0].corrects);
    return DESK_OK;
}

/* M1, A6: until midnight a pharmacist may still supply it; the service is told that what it read is no longer so. */
static void late_in_the_evening(void **state) {
    struct scene *s = *state;
    assert_int_equal(run(s, sweep), DESK_OK);
    s->minute = 1100;
    assert_int_equal(run(s, sweep), DESK_OK);
    assert_int_equal(swept, 1);
    assert_int_equal(run(s, supply_today), DESK_OK);
    assert_int_equal(run(s, look_correction), DESK_OK);
}

static enum desk_result deadlines(struct scene *s) {
    int64_t cut = clock_at(MONDAY, 1080);
    assert_int_equal(desk_next_deadline(s->tx, cut - 1), cut);
    assert_int_equal(desk_next_deadline(s->tx, cut), clock_at(MONDAY + 1, 0));
    assert_int_equal(desk_next_deadline(s->tx, clock_at(MONDAY + 6, 0)),
                     clock_at(MONDAY + 7, 0)); /* Sunday */
    return DESK_OK;
}

static void when_to_wake(void **state) {
    assert_int_equal(run(*state, deadlines), DESK_OK);
}

/* ---- the demonstration's people ---- */

static enum desk_result fill_demo(struct scene *s) {
    const struct demo_hands hands = {.manager = {"m", "M", ROLE_MANAGER, NULL},
                                     .pharmacist = pharmacist,
                                     .second_pharmacist = pharmacist,
                                     .technician = technician};
    return demo_patients_fill(s->tx, &hands);
}

static enum desk_result look_demo(struct scene *s) {
    struct day_list_answer day;
    size_t holds = 0;
    assert_int_equal(desk_day(s->tx, s->day, &day), DESK_OK);
    for (size_t i = 0; i < day.count; i++) {
        holds += day.rows[i].verdict == VERDICT_HOLD ? 1 : 0;
        assert_int_equal(day.rows[i].status, DAY_STATUS_DUE);
    }
    assert_in_range(day.count, 11, 13);
    assert_int_equal(holds, 2); /* three days missed; a step in titration after missed days */
    return DESK_OK;
}

static void people_of_the_demonstration(void **state) {
    struct scene *s = *state;
    s->day = MONDAY + 28; /* the two weeks that it plays lie after everything that the scene recorded */
    enum desk_result result = run(s, fill_demo);
    for (size_t i = 0; i < s->problem.field_count; i++) {
        print_message("# %s: %s\n", s->problem.fields[i].field, s->problem.fields[i].message);
    }
    print_message("# %s\n", s->problem.code == NULL ? "" : s->problem.code);
    assert_int_equal(result, DESK_OK);
    assert_int_equal(run(s, look_demo), DESK_OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scene_set_up, scene_tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_supervised_dose),
        TEST(what_is_not_recorded),
        TEST(a_part),
        TEST(a_reversal),
        TEST(what_should_not_have_happened),
        TEST(a_missed_collection),
        TEST(late_in_the_evening),
        TEST(when_to_wake),
        TEST(people_of_the_demonstration),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
