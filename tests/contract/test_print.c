/* Print jobs in the store: which state may follow which, reprints, what is dropped after a night, and the printers' sign. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "../support/facts.h"
#include "desk/print_job.h"
#include "desk/printer.h"
#include "store/store.h"
#include "sys/clock.h"

struct fixture {
    struct store *store;
    struct arena *arena;
};

/* A function of a test as a job of the store. */
struct play {
    struct job job; /* first */
    struct fixture *f;
    void (*run)(struct tx *tx, void *context);
    void *context;
};

static bool play_run(struct job *job, struct tx *tx) {
    struct play *play = (struct play *)job;
    tx->arena = play->f->arena;
    play->run(tx, play->context);
    return db_state(tx->db) == DB_FINE;
}

static enum job_result play(struct fixture *f, void (*run)(struct tx *tx, void *context), void *context) {
    struct play p = {.job = {.run = play_run}, .f = f, .run = run, .context = context};
    return store_write_now(f->store, &p.job);
}

static int setup(void **state) {
    static struct fixture f;
    enum store_open_error error;
    const char *message = NULL;
    const struct store_options options = {.path = ":memory:", .demo = true};
    assert_true(clock_init("Europe/London", true, clock_at(day_from_civil(2026, 11, 23), 540)));
    f.arena = arena_new(16U << 20);
    f.store = store_open(&options, &error, &message);
    assert_non_null(f.store);
    *state = &f;
    return 0;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    store_close(&f->store);
    arena_free(&f->arena);
    return 0;
}

static const char *new_job(struct tx *tx) {
    struct print_job_row job = {.kind = "downtime",
                                .for_day = DAY_NONE,
                                .last_day = DAY_NONE,
                                .on_day = tx->now.day,
                                .collect_day = DAY_NONE};
    tx_audit(tx, "print", NULL, NULL, NULL);
    print_job_append(tx, &job);
    return job.id;
}

/* ---- states ---- */

static const char *const states[] = {"queued", "sent",     "accepted_by_printer", "unverified", "confirmed",
                                     "failed", "cancelled"};

/* Row: from; column: to; as printing.md says, read from the header of desk/print_job.h. */
static const char *const may[] = {
    /* qsauFfc: queued sent accepted unverified conFirmed failed cancelled */
    ".s...fc", "q.au.fc", "....F..", "....F.c", ".......", ".......", ".......",
};

static void each_state_follows_only_what_it_may(struct tx *tx, void *context) {
    (void)context;
    for (size_t from = 0; from < 7; from++) {
        for (size_t to = 0; to < 7; to++) {
            const char *id = new_job(tx);
            struct print_job_row row;
            if (from > 0) {
                tx_audit(tx, "print state", NULL, id, NULL);
                print_state_append(tx, id, states[from], "file", 7, NULL);
            }
            bool done = desk_print_mark(tx, id, states[to], "pr-1", 9, "by_hand");
            assert_true(print_job_find(tx, id, &row));
            if (done != (may[from][to] != '.')) {
                fail_msg("%s to %s: %d", states[from], states[to], done);
            }
            assert_string_equal(row.state, states[done ? to : from]);
            assert_int_equal(row.cups_job, done ? 9 : from > 0 ? 7 : 0);
        }
    }
}

static void states_in_their_order(void **state) {
    assert_int_equal(play(*state, each_state_follows_only_what_it_may, NULL), JOB_DONE);
}

/* What was true stays to be read: the state as of an earlier moment. */
static void as_of_then(struct tx *tx, void *context) {
    (void)context;
    struct print_job_row row;
    const char *id = new_job(tx);
    int64_t then = tx->seq;
    assert_true(desk_print_mark(tx, id, "sent", "file", 0, NULL));
    tx->as_of = then;
    assert_true(print_job_find(tx, id, &row));
    assert_string_equal(row.state, "queued");
    tx->as_of = TX_NOW;
    assert_true(print_job_find(tx, id, &row));
    assert_string_equal(row.state, "sent");
}

static void states_as_of_then(void **state) {
    assert_int_equal(play(*state, as_of_then, NULL), JOB_DONE);
}

/* ---- reprints ---- */

static void again_and_again(struct tx *tx, void *context) {
    struct desk_problem problem = {.code = NULL};
    struct print_job_row row;
    const char *first = new_job(tx);
    const char *second = NULL;
    const char *third = NULL;
    (void)context;
    assert_int_equal(desk_print_again(tx, first, &second, &problem), DESK_OK);
    assert_int_equal(desk_print_again(tx, first, &third, &problem), DESK_CONFLICT);
    assert_string_equal(problem.code, "not_newest");
    assert_int_equal(desk_print_again(tx, second, &third, &problem), DESK_OK);
    assert_true(print_job_find(tx, first, &row));
    assert_string_equal(row.state, "cancelled"); /* it still waited */
    assert_string_equal(row.reason, "reprinted");
    assert_string_equal(row.replacement, second);
    int64_t origin = row.seq;
    assert_true(print_job_find(tx, third, &row));
    assert_int_equal(row.reprint, 2);
    assert_int_equal(row.facts_seq, origin);
    assert_null(row.replacement);
    assert_int_equal(desk_print_again(tx, "pj-none", &third, &problem), DESK_NOT_FOUND);
}

static void a_reprint_takes_the_place_of_one(void **state) {
    assert_int_equal(play(*state, again_and_again, NULL), JOB_DONE);
}

/* Two counters at once: the database itself takes one. */
static void two_reprints(struct tx *tx, void *context) {
    (void)context;
    const char *first = new_job(tx);
    for (int i = 0; i < 2; i++) {
        struct print_job_row job = {.kind = "downtime",
                                    .for_day = DAY_NONE,
                                    .last_day = DAY_NONE,
                                    .on_day = 1,
                                    .collect_day = DAY_NONE,
                                    .reprint_of = first,
                                    .reprint = 1};
        print_job_append(tx, &job);
        assert_int_equal(db_state(tx->db), i == 0 ? DB_FINE : DB_CONFLICT);
    }
}

static void one_job_has_one_reprint(void **state) {
    assert_int_equal(play(*state, two_reprints, NULL), JOB_UNDONE);
}

/* ---- what waits ---- */

static void in_their_order(struct tx *tx, void *context) {
    struct print_job_row *rows = NULL;
    struct print_job_row first;
    size_t count = 0;
    const char *ids[3];
    (void)context;
    for (size_t i = 0; i < 3; i++) {
        ids[i] = new_job(tx);
    }
    assert_true(desk_print_mark(tx, ids[1], "failed", NULL, 0, NULL));
    static const char *const sheets[3] = {"calendar", "downtime", "last_dose"};
    static const char *const labels[3] = {"label", "bag", "bag"};
    assert_true(print_jobs_waiting(tx, 0, sheets, 10, &rows, &count));
    assert_int_equal(count, 2);
    assert_string_equal(rows[0].id, ids[0]);
    assert_string_equal(rows[1].id, ids[2]);
    assert_true(print_jobs_waiting(tx, rows[1].seq, sheets, 10, &rows, &count));
    assert_int_equal(count, 1);
    assert_true(print_jobs_waiting(tx, 0, labels, 10, &rows, &count));
    assert_int_equal(count, 0);
    assert_true(print_job_find(tx, ids[0], &first));
    assert_int_equal(print_jobs_oldest_open(tx), first.seq);
}

static void what_waits_is_found(void **state) {
    assert_int_equal(play(*state, in_their_order, NULL), JOB_DONE);
}

static void after_a_night(struct tx *tx, void *context) {
    struct print_job_row row;
    size_t dropped = 9;
    (void)context;
    const char *old = new_job(tx);
    tx->now.at += PRINT_STALE_SECONDS;
    const char *young = new_job(tx);
    assert_int_equal(desk_print_drop_stale(tx, 0, &dropped), DESK_OK);
    assert_int_equal(dropped, 0); /* exactly a day */
    tx->now.at += 1;
    assert_int_equal(desk_print_drop_stale(tx, 0, &dropped), DESK_OK);
    assert_int_equal(dropped, 1);
    assert_true(print_job_find(tx, old, &row));
    assert_string_equal(row.state, "cancelled");
    assert_string_equal(row.reason, "stale");
    assert_true(print_job_find(tx, young, &row));
    assert_string_equal(row.state, "queued");
}

static void yesterdays_labels_are_not_printed(void **state) {
    assert_int_equal(play(*state, after_a_night, NULL), JOB_DONE);
}

/* ---- printers ---- */

static void lights(struct tx *tx, void *context) {
    struct desk_problem problem = {.code = NULL};
    struct printer_row row = {
        .name = "Labels", .queue = "labels", .kind = "label", .width = 7000, .height = 3500, .active = true};
    const char *id = NULL;
    (void)context;
    assert_int_equal(desk_printer_set(tx, &row, &id, &problem), DESK_OK);
    assert_int_equal(desk_printer_set(tx, &row, &id, &problem), DESK_INVALID); /* the queue is another's */
    struct printer_row *rows = NULL;
    size_t count = 0;
    assert_int_equal(desk_printers(tx, &rows, &count), DESK_OK);
    assert_int_equal(count, 1);
    id = rows[0].id;
    assert_null(rows[0].light);
    assert_true(desk_printer_light(tx, id, "trouble", "media-empty-error"));
    assert_false(desk_printer_light(tx, id, "trouble", "media-empty-error"));
    assert_true(desk_printer_light(tx, id, "ready", ""));
    assert_false(desk_printer_light(tx, "pr-none", "ready", ""));
    assert_int_equal(desk_printer(tx, id, &row), DESK_OK);
    assert_string_equal(row.light, "ready");
}

static void a_sign_is_noted_when_it_changes(void **state) {
    assert_int_equal(play(*state, lights, NULL), JOB_DONE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(states_in_their_order, setup, teardown),
        cmocka_unit_test_setup_teardown(states_as_of_then, setup, teardown),
        cmocka_unit_test_setup_teardown(a_reprint_takes_the_place_of_one, setup, teardown),
        cmocka_unit_test_setup_teardown(one_job_has_one_reprint, setup, teardown),
        cmocka_unit_test_setup_teardown(what_waits_is_found, setup, teardown),
        cmocka_unit_test_setup_teardown(yesterdays_labels_are_not_printed, setup, teardown),
        cmocka_unit_test_setup_teardown(a_sign_is_noted_when_it_changes, setup, teardown),
    };
    return cmocka_run_group_tests_name("print jobs", tests, NULL, NULL);
}
