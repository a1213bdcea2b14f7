/*
 * Alerts on their way, on a store in memory: when each is tried again, what an answer means, when a person telephones,
 * which wait for a person, and what ends them (alerts.md, "States"; rules.md, A7 and A9).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "alert/backoff.h"
#include "alert/verdict.h"
#include "desk/alert.h"
#include "desk/alert_policy.h"
#include "desk/service.h"
#include "store/opening.h"
#include "store/patient.h"
#include "store/store.h"

#define MONDAY 20780 /* 2026-11-23 */
#define SECRET "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define URL "https://service.example.org/fhir"
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* ---- when it is tried again ---- */

static void the_schedule(void **state) {
    static const int64_t seconds[] = {5, 30, 120, 300, 600, 900, 900, 900};
    (void)state;
    for (int32_t attempt = 1; attempt <= (int32_t)COUNT(seconds); attempt++) {
        int64_t usual = seconds[attempt - 1] * 1000;
        int64_t least = INT64_MAX;
        int64_t most = 0;
        for (uint32_t chance = 0; chance < 2000; chance++) {
            int64_t ms = backoff_ms(attempt, chance, 0);
            least = ms < least ? ms : least;
            most = ms > most ? ms : most;
        }
        assert_int_equal(least, usual * 8 / 10);
        assert_int_equal(most, usual * 12 / 10);
    }
    assert_in_range(backoff_ms(100000, 7, 0), 720000, 1080000); /* for ever */
}

static void what_the_service_asks_for(void **state) {
    (void)state;
    assert_int_equal(backoff_ms(1, 200, 90000), 90000);
    assert_int_equal(backoff_ms(1, 200, 2000), 5000);      /* never sooner than the schedule */
    assert_int_equal(backoff_ms(1, 200, 3600000), 600000); /* up to ten minutes */
    assert_int_equal(backoff_probe_ms(5, 200), 5000);
    assert_int_equal(backoff_probe_ms(6, 200), 30000);
    assert_int_equal(backoff_probe_ms(500, 200), 900000);
}

/* ---- what an answer means ---- */

#define ID "01a207a2-3280-7419-b66b-e3a1c31f8da9"
#define TASK(status)                                                                                   \
    "{\"resourceType\":\"Task\",\"identifier\":[{\"system\":\"urn:instalmentd:alert\",\"value\":\"" ID \
    "\"}],"                                                                                            \
    "\"status\":\"" status "\",\"owner\":{\"display\":\"Sam Taylor\"},\"note\":[{\"text\":\"on it\"}]}"
#define HEADER(code)                                                                                \
    "{\"resourceType\":\"Bundle\",\"type\":\"message\",\"entry\":[{\"resource\":{\"resourceType\":" \
    "\"MessageHeader\","                                                                            \
    "\"response\":{\"identifier\":\"" ID "\",\"code\":\"" code "\"}}}]}"

static const struct {
    long status;
    const char *body;
    bool conflict_before;
    enum send_result result;
    enum alert_task task;
} answers[] = {
    {200, "", false, SEND_ACCEPTED, ALERT_TASK_NONE},
    {201, "", false, SEND_ACCEPTED, ALERT_TASK_NONE},
    {202, "thank you", false, SEND_ACCEPTED, ALERT_TASK_NONE},
    {204, "", false, SEND_ACCEPTED, ALERT_TASK_NONE},
    {200, TASK("requested"), false, SEND_ACCEPTED, ALERT_TASK_OPEN},
    {200, TASK("accepted"), false, SEND_ACCEPTED, ALERT_TASK_ACKNOWLEDGED},
    {200, TASK("completed"), false, SEND_ACCEPTED, ALERT_TASK_ACKNOWLEDGED},
    {200, TASK("rejected"), false, SEND_ACCEPTED, ALERT_TASK_REJECTED},
    {200, HEADER("ok"), false, SEND_ACCEPTED, ALERT_TASK_NONE},
    {200, HEADER("transient-error"), false, SEND_RETRY, ALERT_TASK_NONE},
    {200, HEADER("fatal-error"), false, SEND_REFUSED, ALERT_TASK_NONE},
    {200, "{\"resourceType\":\"Bun", false, SEND_RETRY, ALERT_TASK_NONE},
    {206, "", false, SEND_RETRY, ALERT_TASK_NONE},
    {301, "", false, SEND_REFUSED, ALERT_TASK_NONE},
    {307, "", false, SEND_REFUSED, ALERT_TASK_NONE},
    {400, "", false, SEND_REFUSED, ALERT_TASK_NONE},
    {401, "", false, SEND_REFUSED, ALERT_TASK_NONE},
    {404, "", false, SEND_REFUSED, ALERT_TASK_NONE},
    {408, "", false, SEND_RETRY, ALERT_TASK_NONE},
    {409, "", false, SEND_RETRY, ALERT_TASK_NONE},
    {409, "", true, SEND_UNCONFIRMED, ALERT_TASK_NONE},
    {410, "", false, SEND_GONE, ALERT_TASK_NONE},
    {422, TASK("accepted"), false, SEND_REFUSED, ALERT_TASK_NONE},
    {425, "", false, SEND_RETRY, ALERT_TASK_NONE},
    {429, "", false, SEND_RETRY, ALERT_TASK_NONE},
    {500, "", false, SEND_RETRY, ALERT_TASK_NONE},
    {503, TASK("accepted"), false, SEND_RETRY, ALERT_TASK_NONE},
};

static void the_answers(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(answers); i++) {
        struct send_verdict verdict;
        verdict_of(ID, TRANSFER_ANSWERED, answers[i].status, answers[i].body, strlen(answers[i].body),
                   answers[i].conflict_before, &verdict);
        if (verdict.result != answers[i].result || verdict.answer.task != answers[i].task)
            fail_msg("%ld %s: %s, task %d", answers[i].status, answers[i].body,
                     send_result_text(verdict.result), (int)verdict.answer.task);
        assert_int_equal(verdict.conflict, answers[i].status == 409 && !answers[i].conflict_before);
        assert_int_equal(verdict.error == NULL, verdict.result == SEND_ACCEPTED);
    }
}

static void no_answer(void **state) {
    static const enum transfer_end ends[] = {TRANSFER_CONNECT, TRANSFER_TLS, TRANSFER_TIMEOUT, TRANSFER_CUT,
                                             TRANSFER_CONFIGURATION};
    (void)state;
    for (size_t i = 0; i < COUNT(ends); i++) {
        struct send_verdict verdict;
        verdict_of(ID, ends[i], 200, TASK("accepted"), strlen(TASK("accepted")), false, &verdict);
        assert_int_equal(verdict.result, ends[i] == TRANSFER_CONFIGURATION ? SEND_REFUSED : SEND_RETRY);
        assert_int_equal(verdict.answer.task, ALERT_TASK_NONE);
        assert_non_null(verdict.error);
    }
}

/* ---- a pharmacy with one service and two patients ---- */

struct scene {
    struct store *store;
    struct arena *arena;
    struct tx *tx;
    day_t day;
    int32_t minute;
    const char *service;
    const char *shares;  /* a patient with an agreement */
    const char *private; /* one without */
    struct desk_problem problem;
};

typedef void play_fn(struct scene *s);

struct scene_job {
    struct job job; /* first */
    struct scene *scene;
    play_fn *play;
};

static const struct identity pharmacist = {"p.quill", "Petra Quill", ROLE_PHARMACIST, "2099991"};
static const struct identity counter = {"c.reed", "Clemency Reed", ROLE_COUNTER, NULL};

static bool job_run(struct job *job, struct tx *tx) {
    struct scene_job *mine = (struct scene_job *)job;
    struct scene *s = mine->scene;
    tx->arena = s->arena;
    tx->staff = pharmacist.staff;
    tx->now = clock_moment(clock_at(s->day, s->minute));
    s->tx = tx;
    s->problem = (struct desk_problem){.code = NULL};
    mine->play(s);
    return true;
}

static void run(struct scene *s, play_fn *play) {
    struct scene_job job = {.job = {.run = job_run}, .scene = s, .play = play};
    assert_int_equal(store_write_now(s->store, &job.job), JOB_DONE);
}

static const char *enter_patient(struct scene *s, const char *name, const char *nhs, const char *service) {
    const char *id = NULL;
    struct patient_row row = {.name = name,
                              .born_on = 3000,
                              .identifier_system = "nhs",
                              .identifier_value = nhs,
                              .sharing_service = service,
                              .sharing_agreed_on = service == NULL ? DAY_NONE : MONDAY - 10};
    tx_audit(s->tx, "enter patient", NULL, NULL, NULL);
    row.id = id = tx_new_id(s->tx, "pt");
    row.name_folded = "x";
    patient_append(s->tx, &row);
    return id;
}

static void enter_pharmacy(struct scene *s) {
    const struct identity second = {"m.hale", "Mona Hale", ROLE_MANAGER, NULL};
    const struct service_row service = {
        .name = "Testham Service", .kind = "drug_service", .endpoint_url = URL, .endpoint_secret = SECRET};
    tx_audit(s->tx, "set up", NULL, NULL, NULL);
    for (int day = 0; day < 7; day++) {
        const struct opening_hours_row hours = {.weekday = (enum weekday)day,
                                                .opens = day == 6 ? OPENING_NO_MINUTE : 540,
                                                .closes =
                                                    day == 6 ? OPENING_NO_MINUTE : (day == 5 ? 780 : 1080)};
        opening_hours_append(s->tx, &hours);
    }
    assert_int_equal(desk_service_enter(s->tx, &service, &second, true, &s->service, &s->problem), DESK_OK);
    s->shares = enter_patient(s, "Zephyrine Copperbeech", "9990001847", s->service);
    s->private = enter_patient(s, "Leander Mossgrove", "9990001006", NULL);
}

static int set_up(void **state) {
    static struct scene scene;
    enum store_open_error error = STORE_OPEN;
    const char *message = NULL;
    scene = (struct scene){.day = MONDAY, .minute = 600, .arena = arena_new(64U << 20)};
    assert_true(clock_init("Europe/London", true, 1795424400));
    scene.store = store_open(&(struct store_options){.path = ":memory:", .demo = true}, &error, &message);
    assert_non_null(scene.store);
    run(&scene, enter_pharmacy);
    *state = &scene;
    return 0;
}

static int tear_down(void **state) {
    struct scene *s = *state;
    store_close(&s->store);
    arena_free(&s->arena);
    return 0;
}

/* Raises one and returns its id; `about` is made of its number. */
static const char *raise_kind(struct scene *s, const char *kind, const char *priority, const char *patient) {
    static int number;
    char about[64];
    snprintf(about, sizeof about, "%s/%d", kind, ++number);
    tx_audit(s->tx, "missed", patient, NULL, NULL);
    const char *id = desk_alert_raise(s->tx,
                                      &(struct alert_row){.kind = kind,
                                                          .priority = priority,
                                                          .patient = patient,
                                                          .service = s->service,
                                                          .raised_at = s->tx->now.at,
                                                          .on = s->tx->now.day,
                                                          .about = tx_keep(s->tx, about),
                                                          .number = 1},
                                      NULL);
    assert_non_null(id);
    return id;
}

static void expect_state(struct scene *s, const char *id, const char *state, const char *why) {
    struct alert_view view;
    assert_int_equal(desk_alert_read(s->tx, id, &view), DESK_OK);
    assert_string_equal(view.state, state);
    if (why == NULL)
        assert_true(view.open.alert == NULL || view.open.why == NULL);
    else
        assert_string_equal(view.open.why, why);
}

static void expect_phone(struct scene *s, const char *id, const char *why) {
    struct outbox_row row;
    assert_true(outbox_find(s->tx, id, &row));
    if (why == NULL)
        assert_null(row.phone);
    else
        assert_string_equal(row.phone, why);
}

static const char *test_route(struct scene *s) {
    const char *id = NULL;
    assert_int_equal(desk_alert_test(s->tx, s->service, &id, &s->problem), DESK_OK);
    return id;
}

static void acknowledge(struct scene *s, const char *id, const char *how) {
    tx_audit(s->tx, "alerts", NULL, NULL, NULL);
    outbox_acknowledge(
        s->tx, &(struct event_row){
                   .alert = id, .kind = "acknowledged", .how = how, .person = "Sam Taylor", .note = "on it"});
}

/* ---- when a person telephones ---- */

static const struct {
    int day; /* from Monday */
    int32_t minute;
    bool urgent;
    int accept_day;
    int32_t accept_minute;
    int due_day;
    int32_t due_minute;
} deadlines[] = {
    {0, 600, true, 0, 610, 0, 660},     /* urgent: ten minutes, an hour */
    {0, 1080, true, 0, 1090, 0, 1140},  /* also after closing */
    {5, 1380, true, 5, 1390, 6, 0},     /* and at night */
    {0, 600, false, 0, 630, 0, 840},    /* routine: half an hour, four hours */
    {0, 900, false, 0, 930, 0, 1065},   /* in any case before closing at 18:00 */
    {0, 1019, false, 0, 1049, 0, 1065}, /* more than an hour before closing */
    {0, 1020, false, 1, 600, 1, 600},   /* an hour before closing: next morning */
    {0, 1080, false, 1, 600, 1, 600},   /* at closing */
    {1, 60, false, 1, 600, 1, 600},     /* at night: this morning's opening */
    {1, 530, false, 1, 600, 1, 600},    /* before opening */
    {4, 1080, false, 5, 600, 5, 600},   /* Friday evening: Saturday */
    {5, 780, false, 7, 600, 7, 600},    /* Saturday's closing: Monday, Sunday is closed */
    {5, 600, false, 5, 630, 5, 765},    /* Saturday morning: before 13:00 */
    {6, 600, false, 7, 600, 7, 600},    /* Sunday */
};

static void look_deadlines(struct scene *s) {
    for (size_t i = 0; i < COUNT(deadlines); i++) {
        int64_t accept = 0;
        int64_t due = 0;
        desk_alert_deadlines(s->tx, NULL, deadlines[i].urgent,
                             clock_at(MONDAY + deadlines[i].day, deadlines[i].minute), &accept, &due);
        int64_t accept_wanted = clock_at(MONDAY + deadlines[i].accept_day, deadlines[i].accept_minute);
        int64_t due_wanted = clock_at(MONDAY + deadlines[i].due_day, deadlines[i].due_minute);
        if (accept != accept_wanted || due != due_wanted)
            fail_msg("line %zu: accept %+d s, due %+d s", i, (int)(accept - accept_wanted),
                     (int)(due - due_wanted));
    }
}

static void look_deadlines_of_a_service(struct scene *s) {
    const struct service_figure figures[] = {{"urgent_accept_minutes", 5},
                                             {"routine_acknowledge_minutes", 60}};
    const struct service_row service = {.figures = figures, .figure_count = COUNT(figures)};
    int64_t at = clock_at(MONDAY, 600);
    int64_t accept = 0;
    int64_t due = 0;
    desk_alert_deadlines(s->tx, &service, true, at, &accept, &due);
    assert_int_equal(accept, at + 300);
    assert_int_equal(due, at + 3600);
    desk_alert_deadlines(s->tx, &service, false, at, &accept, &due);
    assert_int_equal(due, at + 3600);
}

static void a_person_telephones(void **state) {
    run(*state, look_deadlines);
    run(*state, look_deadlines_of_a_service);
}

/* ---- what waits for a person (A7) ---- */

static void play_agreement(struct scene *s) {
    const char *test = test_route(s);
    expect_state(s, test, "queued", NULL);
    acknowledge(s, test, "answer");
    expect_state(s, raise_kind(s, "missed_pickup", "routine", s->shares), "queued", NULL);
    const char *held = raise_kind(s, "possible_intoxication", "urgent", s->private);
    expect_state(s, held, "waiting", "no_agreement");
    expect_phone(s, held, "no_agreement");
    /* Consulting the prescriber of this very prescription needs none. */
    static const char *const free_kinds[] = {"supply_on_hold", "missed_run", "attended_not_supplied",
                                             "pharmacy_closed"};
    for (size_t i = 0; i < COUNT(free_kinds); i++)
        expect_state(s, raise_kind(s, free_kinds[i], "urgent", s->private), "queued", NULL);
    static const char *const bound[] = {"missed_pickup",    "intermittent", "dose_not_completed",
                                        "other_concern",    "ending_soon",  "collection_on_closed_day",
                                        "irregular_supply", "patient_away"};
    for (size_t i = 0; i < COUNT(bound); i++)
        expect_state(s, raise_kind(s, bound[i], "routine", s->private), "waiting", "no_agreement");
    /* For a vital interest: a pharmacist, once. */
    assert_int_equal(desk_alert_release(s->tx, &counter, held, "danger", &s->problem), DESK_FORBIDDEN);
    assert_int_equal(desk_alert_release(s->tx, &pharmacist, held, "danger", &s->problem), DESK_OK);
    expect_state(s, held, "queued", NULL);
    expect_phone(s, held, NULL);
    assert_int_equal(desk_alert_release(s->tx, &pharmacist, held, "danger", &s->problem), DESK_CONFLICT);
    assert_int_equal(desk_alert_look_again(s->tx, s->service, NULL), DESK_OK);
    expect_state(s, held, "queued", NULL); /* and it stays so */
}

static void play_agreement_comes(struct scene *s) {
    struct patient_row row;
    acknowledge(s, test_route(s), "answer");
    const char *held = raise_kind(s, "missed_pickup", "routine", s->private);
    assert_true(patient_find(s->tx, s->private, &row));
    row.sharing_service = s->service;
    row.sharing_agreed_on = MONDAY;
    tx_audit(s->tx, "change patient", NULL, NULL, NULL);
    patient_append(s->tx, &row);
    assert_int_equal(desk_alert_look_again(s->tx, NULL, s->private), DESK_OK);
    expect_state(s, held, "queued", NULL);
    row.sharing_service = NULL; /* withdrawn before it left */
    tx_audit(s->tx, "change patient", NULL, NULL, NULL);
    patient_append(s->tx, &row);
    assert_int_equal(desk_alert_look_again(s->tx, NULL, s->private), DESK_OK);
    expect_state(s, held, "waiting", "no_agreement");
}

static void an_agreement(void **state) {
    run(*state, play_agreement);
}

static void an_agreement_comes_and_goes(void **state) {
    run(*state, play_agreement_comes);
}

/* ---- endpoints ---- */

static void play_confirmation(struct scene *s) {
    int64_t changed = 0;
    const char *held = raise_kind(s, "missed_pickup", "routine", s->shares);
    expect_state(s, held, "waiting", "not_confirmed");
    const char *test = test_route(s);
    /* A person on the telephone confirms no route. */
    assert_int_equal(desk_alert_phoned(s->tx, test, "Sam", 0, NULL, &s->problem), DESK_OK);
    expect_state(s, held, "waiting", "not_confirmed");
    test = test_route(s);
    acknowledge(s, test, "poll");
    assert_int_equal(endpoint_state_of(s->tx, s->service, &changed), ENDPOINT_CONFIRMED);
    expect_state(s, held, "queued", NULL);
    expect_phone(s, held, NULL);
}

static void play_change(struct scene *s) {
    const struct identity second = {"m.hale", "Mona Hale", ROLE_MANAGER, NULL};
    struct service_row row;
    const char *early = test_route(s);
    acknowledge(s, test_route(s), "answer");
    const char *queued = raise_kind(s, "missed_pickup", "routine", s->shares);
    expect_state(s, queued, "queued", NULL);
    assert_true(service_find(s->tx, s->service, &row));
    row.endpoint_url = "https://other.example.org/fhir";
    assert_int_equal(
        desk_service_change(s->tx, &row, &(const struct identity){.staff = NULL}, true, &s->problem),
        DESK_FORBIDDEN);
    assert_int_equal(desk_service_change(s->tx, &row, &second, true, &s->problem), DESK_OK);
    expect_state(s, queued, "waiting", "not_confirmed");
    acknowledge(s, early, "answer"); /* of the endpoint as it was before */
    expect_state(s, queued, "waiting", "not_confirmed");
    acknowledge(s, test_route(s), "answer");
    expect_state(s, queued, "queued", NULL);
}

static void play_gone(struct scene *s) {
    acknowledge(s, test_route(s), "answer");
    const char *one = raise_kind(s, "missed_pickup", "routine", s->shares);
    tx_audit(s->tx, "alerts", NULL, NULL, NULL);
    outbox_switch_off(s->tx, s->service, one);
    expect_state(s, one, "waiting", "switched_off");
    expect_phone(s, one, "switched_off");
    const char *other = raise_kind(s, "supply_on_hold", "urgent", s->shares);
    expect_state(s, other, "waiting", "switched_off");
    acknowledge(s, test_route(s), "answer");
    expect_state(s, one, "queued", NULL);
    expect_state(s, other, "queued", NULL);
}

static void play_no_endpoint(struct scene *s) {
    const struct identity second = {"m.hale", "Mona Hale", ROLE_MANAGER, NULL};
    const char *id = NULL;
    struct service_row row;
    acknowledge(s, test_route(s), "answer");
    assert_true(service_find(s->tx, s->service, &row));
    row.endpoint_url = row.endpoint_secret = NULL;
    assert_int_equal(desk_service_change(s->tx, &row, &second, true, &s->problem), DESK_OK);
    expect_state(s, raise_kind(s, "missed_pickup", "routine", s->shares), "waiting", "no_endpoint");
    assert_int_equal(desk_alert_test(s->tx, s->service, &id, &s->problem), DESK_CONFLICT);
    assert_int_equal(desk_alert_test(s->tx, "sv-none", &id, &s->problem), DESK_NOT_FOUND);
}

static void an_endpoint_is_confirmed(void **state) {
    run(*state, play_confirmation);
}

static void an_endpoint_changes(void **state) {
    run(*state, play_change);
}

static void an_endpoint_is_gone(void **state) {
    run(*state, play_gone);
}

static void no_endpoint(void **state) {
    run(*state, play_no_endpoint);
}

/* ---- at the counter ---- */

static void play_telephone(struct scene *s) {
    struct alert_view view;
    const char *one = raise_kind(s, "missed_pickup", "routine", s->private);
    assert_int_equal(desk_alert_retry(s->tx, one, &s->problem), DESK_CONFLICT);
    assert_int_equal(desk_alert_phoned(s->tx, one, "Sam Taylor", s->tx->now.at + 60, NULL, &s->problem),
                     DESK_INVALID);
    s->problem = (struct desk_problem){.code = NULL};
    assert_int_equal(desk_alert_phoned(s->tx, one, "Sam Taylor", s->tx->now.at - 60, NULL, &s->problem),
                     DESK_INVALID); /* before it was raised */
    assert_int_equal(desk_alert_phoned(s->tx, one, "Sam Taylor", 0, "will visit", &s->problem), DESK_OK);
    expect_state(s, one, "acknowledged", NULL);
    assert_int_equal(desk_alert_read(s->tx, one, &view), DESK_OK);
    assert_string_equal(view.acknowledged->how, "telephone");
    assert_string_equal(view.acknowledged->person, "Sam Taylor");
    assert_string_equal(view.acknowledged->note, "will visit");
    assert_string_equal(view.acknowledged->staff, pharmacist.staff);
    assert_int_equal(desk_alert_phoned(s->tx, one, "Sam Taylor", 0, NULL, &s->problem), DESK_CONFLICT);
    assert_int_equal(desk_alert_phoned(s->tx, "none", "Sam Taylor", 0, NULL, &s->problem), DESK_NOT_FOUND);
}

static void a_person_told_them(void **state) {
    run(*state, play_telephone);
}

/* ---- digests ---- */

static void play_digest(struct scene *s) {
    acknowledge(s, test_route(s), "answer");
    const char *one = raise_kind(s, "missed_pickup", "routine", s->shares);
    const char *other = raise_kind(s, "missed_pickup", "routine", s->shares);
    const char *digest = raise_kind(s, "digest", "routine", s->shares);
    part_append(s->tx, digest, one);
    part_append(s->tx, digest, other);
    outbox_set_digest(s->tx, one, digest);
    outbox_set_digest(s->tx, other, digest);
    acknowledge(s, digest, "answer");
    expect_state(s, digest, "acknowledged", NULL);
    expect_state(s, one, "acknowledged", NULL);
    expect_state(s, other, "acknowledged", NULL);
}

static void a_digest_ends_with_its_parts(void **state) {
    run(*state, play_digest);
}

/* ---- policy ---- */

static void play_policy(struct scene *s) {
    const struct identity nobody = {.staff = NULL};
    const struct service_figure figures[] = {{"priority_ending_soon", ALERT_WISH_QUIET},
                                             {"priority_missed_pickup", ALERT_WISH_URGENT},
                                             {"opens_mon", 540},
                                             {"closes_mon", 1020}};
    struct service_row row;
    struct alert_view view;
    acknowledge(s, test_route(s), "answer");
    assert_true(service_find(s->tx, s->service, &row));
    row.figures = figures;
    row.figure_count = COUNT(figures);
    assert_int_equal(desk_service_change(s->tx, &row, &nobody, true, &s->problem), DESK_OK);
    expect_state(s, raise_kind(s, "ending_soon", "routine", s->shares), "closed", NULL);
    const char *id = raise_kind(s, "missed_pickup", "routine", s->shares);
    assert_int_equal(desk_alert_read(s->tx, id, &view), DESK_OK);
    assert_string_equal(view.row.priority, "urgent");
    assert_int_equal(view.service.figure_count, COUNT(figures));
    assert_int_equal(alert_at_work(&view.service, clock_moment(clock_at(MONDAY, 600))), 1);
    assert_int_equal(alert_at_work(&view.service, clock_moment(clock_at(MONDAY, 1020))), 0);
    assert_int_equal(alert_at_work(&view.service, clock_moment(clock_at(MONDAY + 1, 600))), 0);
    assert_int_equal(alert_at_work(NULL, clock_moment(clock_at(MONDAY, 600))), -1);
}

static void a_services_policy(void **state) {
    run(*state, play_policy);
}

/* ---- what is open is what the facts say ---- */

static void play_lists(struct scene *s) {
    const char **ids = NULL;
    size_t count = 0;
    acknowledge(s, test_route(s), "answer");
    const char *first = raise_kind(s, "missed_pickup", "routine", s->shares);
    const char *held = raise_kind(s, "missed_pickup", "routine", s->private);
    const char *urgent = raise_kind(s, "possible_intoxication", "urgent", s->private);
    assert_int_equal(desk_alerts(s->tx, "open", NULL, NULL, 10, &ids, &count), DESK_OK);
    assert_int_equal(count, 3);
    assert_string_equal(ids[0], urgent);
    assert_string_equal(ids[2], first);
    assert_int_equal(desk_alerts(s->tx, "open", NULL, ids[0], 1, &ids, &count), DESK_OK);
    assert_int_equal(count, 1);
    assert_string_equal(ids[0], held);
    assert_int_equal(desk_alerts(s->tx, "phone", NULL, NULL, 10, &ids, &count), DESK_OK);
    assert_int_equal(count, 2);
    assert_string_equal(ids[0], urgent);
    assert_int_equal(desk_alerts(s->tx, "queued", s->shares, NULL, 10, &ids, &count), DESK_OK);
    assert_int_equal(count, 1);
    assert_int_equal(desk_alerts(s->tx, "acknowledged", NULL, NULL, 10, &ids, &count), DESK_OK);
    assert_int_equal(count, 1);
    assert_int_equal(desk_alerts(s->tx, NULL, NULL, NULL, 3, &ids, &count), DESK_OK);
    assert_int_equal(count, 3);
    assert_int_equal(desk_alerts(s->tx, NULL, NULL, ids[2], 3, &ids, &count), DESK_OK);
    assert_int_equal(count, 1);
    assert_false(desk_alert_state_known("lost"));
}

static void the_lists(void **state) {
    run(*state, play_lists);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_schedule),
        cmocka_unit_test(what_the_service_asks_for),
        cmocka_unit_test(the_answers),
        cmocka_unit_test(no_answer),
        TEST(a_person_telephones),
        TEST(an_agreement),
        TEST(an_agreement_comes_and_goes),
        TEST(an_endpoint_is_confirmed),
        TEST(an_endpoint_changes),
        TEST(an_endpoint_is_gone),
        TEST(no_endpoint),
        TEST(a_person_told_them),
        TEST(a_digest_ends_with_its_parts),
        TEST(a_services_policy),
        TEST(the_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
