/* schedule: which instants are swept, in which order, and who is told. The desk's sweep is a stand-in here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "desk/sweep.h"
#include "schedule/schedule.h"
#include "store/store.h"

#define SWEEPS_MAX 64

/* ---- the stand-in: open from 09:00 to 18:00 but on Sundays; written on the store's thread, read when it is idle ---- */

static int64_t sweeps[SWEEPS_MAX];
static int64_t sweep_clocks[SWEEPS_MAX];
static size_t sweep_count;
static bool sweep_fails;
static int64_t soon; /* not 0: the only deadline */

int64_t desk_next_deadline(struct tx *tx, int64_t after) {
    (void)tx;
    if (soon != 0)
        return after < soon ? soon : after + 86400;
    struct moment moment = clock_moment(after);
    int64_t cut = clock_at(moment.day, 1080);
    return day_weekday(moment.day) != WEEKDAY_SUN && cut > after ? cut : clock_at(moment.day + 1, 0);
}

enum desk_result desk_sweep(struct tx *tx, int64_t until, size_t *found) {
    assert_true(sweep_count < SWEEPS_MAX);
    sweep_clocks[sweep_count] = tx->now.at;
    sweeps[sweep_count++] = until;
    *found = 2;
    return sweep_fails ? DESK_FAILED : DESK_OK;
}

/* ---- the scene ---- */

struct scene {
    struct event_base *base;
    struct store *store;
    struct schedule *schedule;
    size_t told; /* moves that have ended */
    enum clock_moved results[8];
    size_t expected; /* leave the loop when so many have */
    size_t found;
};

static int64_t local(const char *text) {
    int64_t at = 0;
    assert_true(clock_parse(text, &at));
    return at;
}

static struct scene *scene_new(bool demo) {
    const struct store_options options = {.path = ":memory:", .demo = demo};
    enum store_open_error error = STORE_OPEN;
    const char *message = NULL;
    struct scene *scene = calloc(1, sizeof *scene);
    assert_true(clock_init("Europe/London", false, 0));
    if (demo)
        assert_true(clock_init("Europe/London", true, local("2026-11-23T09:00:00")));
    memset(sweeps, 0, sizeof sweeps);
    sweep_count = 0;
    sweep_fails = false;
    soon = 0;
    scene->base = event_base_new();
    scene->store = store_open(&options, &error, &message);
    assert_non_null(scene->store);
    return scene;
}

static void found(void *context, size_t count) {
    struct scene *scene = context;
    scene->found += count;
    if (scene->expected == 0)
        event_base_loopbreak(scene->base);
}

static void scene_start(struct scene *scene) {
    assert_true(store_start(scene->store));
    scene->schedule = schedule_new(scene->base, scene->store);
    assert_non_null(scene->schedule);
    schedule_on_found(scene->schedule, found, scene);
}

static void scene_free(struct scene *scene) {
    schedule_free(&scene->schedule);
    schedule_free(&scene->schedule);
    store_close(&scene->store);
    event_base_free(scene->base);
    free(scene);
    assert_true(clock_init("Europe/London", false, 0));
}

static void moved(void *context, enum clock_moved result) {
    struct scene *scene = context;
    scene->results[scene->told++] = result;
    if (scene->told == scene->expected)
        event_base_loopbreak(scene->base);
}

static void run_until(struct scene *scene, size_t told) {
    scene->expected = told;
    event_base_loop(scene->base, EVLOOP_NO_EXIT_ON_EMPTY);
    assert_int_equal(scene->told, told);
}

static void assert_sweeps(size_t count, const char *const *texts) {
    char text[CLOCK_TEXT_SIZE];
    assert_int_equal(sweep_count, count);
    for (size_t i = 0; i < count; i++) {
        clock_format(sweeps[i], text);
        assert_memory_equal(text, texts[i], 19);
        assert_int_equal(sweep_clocks[i], sweeps[i]);
    }
}

/* ---- what it does ---- */

static void a_move_passes_each_deadline_in_turn(void **state) {
    (void)state;
    static const char *const expected[] = {"2026-11-27T18:00:00", "2026-11-28T00:00:00",
                                           "2026-11-28T18:00:00", "2026-11-29T00:00:00",
                                           "2026-11-30T00:00:00", "2026-11-30T10:15:00"};
    struct scene *scene = scene_new(true);
    scene_start(scene);
    assert_true(clock_demo_move(local("2026-11-27T12:00:00")));
    schedule_move(scene->schedule, CLOCK_MOVE_TO, local("2026-11-30T10:15:00"), moved, scene);
    assert_int_equal(scene->told, 0);
    run_until(scene, 1);
    assert_int_equal(scene->results[0], CLOCK_MOVED);
    assert_sweeps(6, expected);
    assert_int_equal(clock_now().at, local("2026-11-30T10:15:00"));
    assert_int_equal(scene->found, 12);
    scene_free(scene);
}

static void cut_off_and_tomorrow_are_worked_out(void **state) {
    (void)state;
    static const char *const expected[] = {"2026-11-23T18:00:00", "2026-11-23T18:01:00",
                                           "2026-11-24T00:00:00", "2026-11-24T09:00:00",
                                           "2026-11-24T09:00:00"};
    struct scene *scene = scene_new(true);
    scene_start(scene);
    schedule_move(scene->schedule, CLOCK_MOVE_CUT_OFF, 0, moved, scene);
    schedule_move(scene->schedule, CLOCK_MOVE_TOMORROW, 0, moved, scene);
    schedule_move(scene->schedule, CLOCK_MOVE_TO, local("2026-11-23T18:30:00"), moved, scene);
    schedule_move(scene->schedule, CLOCK_MOVE_TO, local("2026-11-24T09:00:00"), moved, scene);
    run_until(scene, 4);
    assert_int_equal(scene->results[0], CLOCK_MOVED);
    assert_int_equal(scene->results[1], CLOCK_MOVED);
    assert_int_equal(scene->results[2], CLOCK_MOVE_BACKWARD);
    assert_int_equal(scene->results[3], CLOCK_MOVED);
    assert_sweeps(5, expected);
    scene_free(scene);
}

/* From Saturday after closing the next cut-off is Monday's. */
static void the_next_cut_off_may_be_days_away(void **state) {
    (void)state;
    struct scene *scene = scene_new(true);
    scene_start(scene);
    assert_true(clock_demo_move(local("2026-11-28T18:00:00")));
    schedule_move(scene->schedule, CLOCK_MOVE_CUT_OFF, 0, moved, scene);
    run_until(scene, 1);
    assert_int_equal(clock_now().at, local("2026-11-30T18:01:00"));
    scene_free(scene);
}

static void a_move_too_far_is_refused(void **state) {
    (void)state;
    struct scene *scene = scene_new(true);
    scene_start(scene);
    schedule_move(scene->schedule, CLOCK_MOVE_TO, local("2099-01-01T00:00:00"), moved, scene);
    schedule_move(scene->schedule, CLOCK_MOVE_TO, INT64_MIN, moved, scene);
    schedule_move(scene->schedule, CLOCK_MOVE_TO, local("2026-11-23T09:30:00"), moved, scene);
    run_until(scene, 3);
    assert_int_equal(scene->results[0], CLOCK_MOVE_FAILED);
    assert_int_equal(scene->results[1], CLOCK_MOVE_BACKWARD);
    assert_int_equal(scene->results[2], CLOCK_MOVED);
    assert_int_equal(clock_now().at, local("2026-11-23T09:30:00"));
    scene_free(scene);
}

static void a_failed_sweep_ends_the_moves(void **state) {
    (void)state;
    struct scene *scene = scene_new(true);
    scene_start(scene);
    sweep_fails = true;
    schedule_move(scene->schedule, CLOCK_MOVE_TOMORROW, 0, moved, scene);
    schedule_move(scene->schedule, CLOCK_MOVE_TOMORROW, 0, moved, scene);
    run_until(scene, 2);
    assert_int_equal(scene->results[0], CLOCK_MOVE_FAILED);
    assert_int_equal(scene->results[1], CLOCK_MOVE_FAILED);
    assert_int_equal(clock_now().at, local("2026-11-23T18:00:00"));
    scene_free(scene);
}

static void freeing_ends_the_moves(void **state) {
    (void)state;
    struct scene *scene = scene_new(true);
    scene_start(scene);
    schedule_move(scene->schedule, CLOCK_MOVE_TOMORROW, 0, moved, scene);
    event_base_loop(scene->base, EVLOOP_NONBLOCK);
    schedule_free(&scene->schedule);
    assert_int_equal(scene->told, 1);
    assert_int_equal(scene->results[0], CLOCK_MOVE_FAILED);
    scene_free(scene);
}

/* ---- where the clock stands is a fact ---- */

struct asked {
    struct job job;
    char value[32];
};

static bool ask_run(struct job *job, struct tx *tx) {
    struct asked *asked = (struct asked *)job;
    tx->arena = arena_new(1 << 20);
    const char *value = tx_setting(tx, "demo_clock");
    if (value != NULL)
        strncpy(asked->value, value, sizeof asked->value - 1);
    arena_free(&tx->arena);
    return true;
}

static void catching_up_moves_on_and_stores_the_clock(void **state) {
    (void)state;
    static const char *const expected[] = {"2026-11-23T09:00:00", "2026-11-23T18:00:00",
                                           "2026-11-24T00:00:00", "2026-11-24T07:00:00"};
    struct scene *scene = scene_new(true);
    struct asked asked = {.job = {.run = ask_run}};
    assert_true(schedule_catch_up(scene->store, local("2026-11-24T07:00:00")));
    assert_sweeps(4, expected);
    assert_int_equal(store_read_now(scene->store, &asked.job), JOB_DONE);
    assert_int_equal(strtoll(asked.value, NULL, 10), local("2026-11-24T07:00:00"));
    assert_true(schedule_catch_up(scene->store, local("2026-11-23T07:00:00")));
    assert_int_equal(sweep_count, 5);
    assert_int_equal(clock_now().at, local("2026-11-24T07:00:00"));
    scene_free(scene);
}

static void a_failure_at_start_up_is_said(void **state) {
    (void)state;
    struct scene *scene = scene_new(true);
    sweep_fails = true;
    assert_false(schedule_catch_up(scene->store, 0));
    scene_free(scene);
}

/* ---- the system's clock ---- */

static void the_system_clock_wakes_it(void **state) {
    (void)state;
    struct scene *scene = scene_new(false);
    int64_t now = clock_now().at;
    soon = now + 2;
    scene_start(scene);
    event_base_loop(scene->base, EVLOOP_NO_EXIT_ON_EMPTY); /* the first sweep, at once */
    assert_int_equal(sweep_count, 1);
    assert_true(sweeps[0] < soon);
    event_base_loop(scene->base, EVLOOP_NO_EXIT_ON_EMPTY);
    assert_int_equal(sweep_count, 2);
    assert_in_range(sweeps[1], soon, soon + 2);
    schedule_move(scene->schedule, CLOCK_MOVE_TOMORROW, 0, moved,
                  scene); /* there is none that can be moved */
    run_until(scene, 1);
    assert_int_equal(scene->results[0], CLOCK_MOVE_BACKWARD);
    scene_free(scene);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_move_passes_each_deadline_in_turn),
        cmocka_unit_test(cut_off_and_tomorrow_are_worked_out),
        cmocka_unit_test(the_next_cut_off_may_be_days_away),
        cmocka_unit_test(a_move_too_far_is_refused),
        cmocka_unit_test(a_failed_sweep_ends_the_moves),
        cmocka_unit_test(freeing_ends_the_moves),
        cmocka_unit_test(catching_up_moves_on_and_stores_the_clock),
        cmocka_unit_test(a_failure_at_start_up_is_said),
        cmocka_unit_test(the_system_clock_wakes_it),
    };
    return cmocka_run_group_tests_name("schedule", tests, NULL, NULL);
}
