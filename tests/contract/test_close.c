/*
 * Days that close by themselves (rules.md, section 6), what the report says of a register that was bypassed, and the
 * canonical form of an entry against its golden file (UPDATE_GOLDEN=1 writes it anew).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk/reconcile.h"
#include "desk/sweep.h"
#include "embed/embed.h"
#include "store/controlled.h"
#include "store/day_state.h"
#include "store/opening.h"
#include "store/staff.h"
#include "store/store.h"

EMBED_DECLARE(config_catalogue_conf);

#define MONDAY 20780 /* 2026-11-23 */
#define GOLDEN "tests/golden/register-entry.txt"

static const struct identity pharmacist = {"p.quill", "Petra Quill", ROLE_PHARMACIST, "2099991"};
static const struct identity counter = {"c.reed", "Colin Reed", ROLE_COUNTER, NULL};

static struct {
    struct store *store;
    struct catalogue *catalogue;
    struct arena *arena;
    int64_t now;
    int64_t until;
    size_t closed;
} scene;

typedef void play_fn(struct tx *tx);
struct play_job {
    struct job job; /* first */
    play_fn *play;
};

static bool play_run(struct job *job, struct tx *tx) {
    tx->arena = scene.arena;
    tx->now = clock_moment(scene.now);
    ((struct play_job *)job)->play(tx);
    return true;
}

static void play(play_fn *what) {
    struct play_job job = {.job = {.run = play_run}, .play = what};
    assert_int_equal(store_write_now(scene.store, &job.job), JOB_DONE);
}

/* A pharmacy where somebody has worked since Monday morning; open Monday to Saturday. */
static void enter_pharmacy(struct tx *tx) {
    const struct staff_row staff = {
        pharmacist.staff, pharmacist.name, "pharmacist", pharmacist.registration, "x", true, DAY_NONE};
    tx->staff = pharmacist.staff;
    tx_audit(tx, "set up", NULL, NULL, NULL);
    staff_append(tx, &staff);
    for (int day = 0; day < 7; day++) {
        const struct opening_hours_row hours = {.weekday = (enum weekday)day,
                                                .opens = day == 6 ? OPENING_NO_MINUTE : 540,
                                                .closes = day == 6 ? OPENING_NO_MINUTE : 1080};
        opening_hours_append(tx, &hours);
    }
    policy_append(tx, "cutoff_grace_minutes", 15);
    policy_append(tx, "day_close_minutes", 45);
}

static int set_up(void **state) {
    enum store_open_error error = STORE_OPEN;
    const char *message = NULL;
    struct catalogue_error wrong;
    (void)state;
    scene.arena = arena_new(64U << 20);
    scene.catalogue = catalogue_parse(embed_config_catalogue_conf, embed_config_catalogue_conf_size, &wrong);
    desk_set_catalogue(scene.catalogue);
    assert_true(clock_init("Europe/London", false, 0));
    scene.store = store_open(&(struct store_options){.path = ":memory:"}, &error, &message);
    assert_non_null(scene.store);
    scene.now = clock_at(MONDAY, 540);
    play(enter_pharmacy);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    store_close(&scene.store);
    arena_free(&scene.arena);
    catalogue_free(&scene.catalogue);
    assert_true(clock_init("Europe/London", false, 0));
    return 0;
}

static void close_by_itself(struct tx *tx) {
    assert_int_equal(desk_close_by_itself(tx, scene.until, &scene.closed), DESK_OK);
}

static size_t closed_at(int64_t until) {
    scene.now = scene.until = until;
    play(close_by_itself);
    return scene.closed;
}

static void see_times(struct tx *tx) {
    /* Cut-off 18:15, closed 45 minutes later; Sunday never. */
    assert_int_equal(desk_close_time(tx, MONDAY), clock_at(MONDAY, 1140));
    assert_int_equal(desk_close_time(tx, MONDAY + 6), INT64_MIN);
    assert_int_equal(desk_next_deadline(tx, clock_at(MONDAY, 600)), clock_at(MONDAY, 1095));
    assert_int_equal(desk_next_deadline(tx, clock_at(MONDAY, 1095)), clock_at(MONDAY, 1140));
    assert_int_equal(desk_next_deadline(tx, clock_at(MONDAY, 1140)), clock_at(MONDAY + 1, 0));
}

static void see_monday(struct tx *tx) {
    struct desk_problem problem = {.code = NULL};
    struct report report;
    assert_string_equal(day_state_closed(tx, MONDAY), "unsigned");
    assert_int_equal(desk_report(tx, MONDAY, 0, &report, &problem), DESK_OK);
    assert_string_equal(report.state, "closed_unsigned");
    assert_null(report.by);
    assert_int_equal(report.number, 1);
}

static void it_closes_by_itself_once(void **state) {
    (void)state;
    play(see_times);
    assert_int_equal(closed_at(clock_at(MONDAY, 1139)), 0);
    assert_int_equal(closed_at(clock_at(MONDAY, 1140)), 1);
    assert_int_equal(closed_at(clock_at(MONDAY, 1140)), 0);
    assert_int_equal(closed_at(clock_at(MONDAY + 1, 600)), 0);
    play(see_monday);
}

/* The computer was off: each open day is closed, none twice; days before anybody worked here are left. */
static void days_behind_are_closed_at_the_start(void **state) {
    (void)state;
    assert_int_equal(closed_at(clock_at(MONDAY + 8, 540)), 6); /* Tuesday to Saturday, and Monday after */
    assert_int_equal(closed_at(clock_at(MONDAY + 8, 540)), 0);
}

static void open_again(struct tx *tx) {
    tx->staff = pharmacist.staff;
    tx_audit(tx, "supply", NULL, NULL, NULL);
    day_state_append(tx, MONDAY + 7, "opened_again");
}

/* What was opened again waits for a person. */
static void opened_again_waits_for_a_person(void **state) {
    (void)state;
    play(open_again);
    assert_int_equal(closed_at(clock_at(MONDAY + 8, 600)), 0);
}

static void close_by_hand(struct tx *tx) {
    struct desk_problem problem = {.code = NULL};
    struct report report;
    int32_t number = 0;
    tx->staff = pharmacist.staff;
    assert_int_equal(desk_close(tx, MONDAY + 7, &counter, NULL, &report, &number, &problem), DESK_FORBIDDEN);
    assert_int_equal(desk_close(tx, MONDAY + 8, &pharmacist, NULL, &report, &number, &problem),
                     DESK_CONFLICT);
    assert_string_equal(problem.code, "day_not_over");
    assert_int_equal(desk_close(tx, MONDAY + 7, &pharmacist, NULL, &report, &number, &problem), DESK_OK);
    assert_int_equal(number, 2);
    assert_int_equal(desk_close(tx, MONDAY + 7, &pharmacist, NULL, &report, &number, &problem),
                     DESK_CONFLICT);
    assert_string_equal(problem.code, "already_closed");
}

static void a_person_signs_the_next_report(void **state) {
    (void)state;
    play(close_by_hand);
}

static void a_demonstration_never_closes_by_itself(void **state) {
    (void)state;
    assert_true(clock_init("Europe/London", true, clock_at(MONDAY + 9, 540)));
    assert_int_equal(closed_at(clock_at(MONDAY + 20, 540)), 0);
    assert_true(clock_init("Europe/London", false, 0));
}

/* ---- a register that was bypassed ---- */

/* An entry without its move of the stock: the day does not add up, and that stands in the way. */
static void bypass(struct tx *tx) {
    struct desk_problem problem = {.code = NULL};
    struct report report;
    int32_t number = 0;
    struct register_row row = {.section = "methadone-1mg-ml",
                               .kind = "supplied",
                               .on = MONDAY + 9,
                               .entered_at = clock_at(MONDAY + 9, 600),
                               .quantity = -60000,
                               .by_staff = pharmacist.staff,
                               REGISTER_ROW_NONE};
    tx->staff = pharmacist.staff;
    tx_audit(tx, "supply", NULL, NULL, NULL);
    register_append(tx, &row);
    tx->now = clock_moment(clock_at(MONDAY + 9, 1200));
    assert_int_equal(desk_close(tx, MONDAY + 9, &pharmacist, NULL, &report, &number, &problem),
                     DESK_CONFLICT);
    assert_string_equal(problem.code, "open_items");
    bool named = false;
    for (size_t i = 0; i < report.open.count; i++) {
        named = named ||
                (strcmp(report.open.items[i].code, "does_not_add_up") == 0 && report.open.items[i].blocks);
    }
    assert_true(named);
    /* With a reason it is closed, and the report that stays says what it said: Tuesday is still open. */
    assert_int_equal(desk_close(tx, MONDAY + 9, &pharmacist, "looked at", &report, &number, &problem),
                     DESK_OK);
    assert_int_equal(desk_report(tx, MONDAY + 9, number, &report, &problem), DESK_OK);
    assert_string_equal(report.state, "signed");
    assert_string_equal(report.reason, "looked at");
    bool tuesday = false;
    for (size_t i = 0; i < report.open.count; i++) {
        tuesday = tuesday || (strcmp(report.open.items[i].code, "day_not_closed") == 0 &&
                              report.open.items[i].on == MONDAY + 8);
    }
    assert_true(tuesday);
}

static void a_bypassed_register_is_named(void **state) {
    (void)state;
    play(bypass);
}

/* ---- the canonical form ---- */

static void the_canonical_form_is_the_golden_one(void **state) {
    static const struct register_row row = {
        .section = "methadone-1mg-ml-sf",
        .number = 17,
        .kind = "destroyed",
        .on = MONDAY,
        .entered_at = 1795424400,
        .quantity = -62500,
        .balance = -500,
        .supply = "su-1",
        .corrects = 12,
        .person_name = "Ren\xc3\xa9 O'Neil",
        .person_address = "1 Larkspur Row\nTestham 100%",
        .authority = "Dr Hester Vale",
        .collector_role = "representative",
        .collector_name = "=A. Sister",
        .collector_address = "2 Larkspur Row\tTestham",
        .identity_requested = 1,
        .identity_provided = 0,
        .by_staff = "p.quill",
        .note = "Out of date\x7f",
        .reason = "spillage",
        .witness = "t.sedge",
        .authorised_by = "B. Officer, liaison officer",
        .reference = "INV 1",
        .packs = "1 x 500 AB12 2027-05-31",
        .counted = 440000,
        .previous = {0xAB, 0x01},
    };
    struct buffer out;
    char golden[4096] = "";
    (void)state;
    buffer_init(&out, sizeof golden);
    register_canonical(&out, &row);
    assert_true(buffer_ok(&out));
    if (getenv("UPDATE_GOLDEN") != NULL) {
        FILE *file = fopen(GOLDEN, "we");
        assert_non_null(file);
        assert_int_equal(fwrite(out.bytes, 1, out.len, file), out.len);
        assert_int_equal(fclose(file), 0);
    }
    FILE *file = fopen(GOLDEN, "re");
    assert_non_null(file);
    golden[fread(golden, 1, sizeof golden - 1, file)] = '\0';
    fclose(file);
    assert_string_equal(out.bytes, golden);
    buffer_release(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_closes_by_itself_once),
        cmocka_unit_test(days_behind_are_closed_at_the_start),
        cmocka_unit_test(opened_again_waits_for_a_person),
        cmocka_unit_test(a_person_signs_the_next_report),
        cmocka_unit_test(a_demonstration_never_closes_by_itself),
        cmocka_unit_test(a_bypassed_register_is_named),
        cmocka_unit_test(the_canonical_form_is_the_golden_one),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
