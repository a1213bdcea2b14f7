/*
 * The register on a disk that fails: what a person is told is recorded is there afterwards, what failed is never told as
 * recorded, and the chain holds together whatever happened.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sqlite3.h>
#include <string.h>

#include "desk/register.h"
#include "embed/embed.h"
#include "faulty.h"

EMBED_DECLARE(config_catalogue_conf);

#define SECTION "methadone-1mg-ml"

enum { BEFORE = 3, AFTER = 6 };

static const struct identity pharmacist = {"p.quill", "Petra Quill", ROLE_PHARMACIST, "2099991"};

struct entry_job {
    struct job job; /* first */
    int64_t wanted; /* the number that the entry must get */
    bool there;
    bool verified;
};

static bool note_run(struct job *job, struct tx *tx) {
    struct entry_job *mine = (struct entry_job *)job;
    struct desk_problem problem = {.code = NULL};
    const struct register_request request = {
        .product = SECTION, .on = DAY_NONE, .quantity = 500000, .from = "Wholesale", .who = &pharmacist};
    int64_t number = 0;
    arena_reset(faulty_arena);
    tx->arena = faulty_arena;
    tx->staff = pharmacist.staff;
    enum desk_result result = desk_register_receive(tx, &request, &number, &problem);
    return result == DESK_OK && number == mine->wanted;
}

static bool look_run(struct job *job, struct tx *tx) {
    struct entry_job *mine = (struct entry_job *)job;
    struct register_check check;
    struct register_row row;
    arena_reset(faulty_arena);
    tx->arena = faulty_arena;
    mine->there = register_entry(tx, SECTION, mine->wanted, &row);
    mine->verified = register_verify(tx, SECTION, 0, INT64_MAX, &check) && check.what == NULL &&
                     check.balance == check.entries * 500000;
    return true;
}

static enum job_result receive(struct store *store, int64_t number) {
    struct entry_job job = {.job = {.run = note_run}, .wanted = number};
    return store_write_now(store, &job.job);
}

/* One point. False where the error was not reached any more. */
static bool entries_through(int at, unsigned kinds, int code) {
    int64_t told = BEFORE;
    fault_restore();
    fault_error_at(at, kinds, code);
    struct store *store = faulty_open();
    for (int64_t i = BEFORE + 1; store != NULL && i <= AFTER && receive(store, i) == JOB_DONE; i++) {
        told = i;
    }
    store_close(&store);
    bool hit = fault_error_was_hit();
    fault_error_at(0, 0, 0);
    store = faulty_must_open();
    struct entry_job job = {.job = {.run = look_run}, .wanted = told};
    assert_int_equal(store_write_now(store, &job.job), JOB_DONE);
    assert_true(job.there);
    assert_true(job.verified);
    store_close(&store);
    return hit;
}

static void what_is_told_is_there(void **state) {
    static const struct {
        unsigned kinds;
        int code;
    } kinds[] = {
        {FAULT_WRITE, SQLITE_IOERR_WRITE}, {FAULT_WRITE, SQLITE_FULL}, {FAULT_SYNC, SQLITE_IOERR_FSYNC}};
    (void)state;
    fault_format();
    struct store *store = faulty_must_open();
    for (int64_t i = 1; i <= BEFORE; i++) {
        assert_int_equal(receive(store, i), JOB_DONE);
    }
    store_close(&store);
    fault_save();
    int points = 0;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        /* Each point at first, then further and further apart. */
        for (int at = 1; entries_through(at, kinds[i].kinds, kinds[i].code); at += 1 + at / 16) {
            points++;
        }
    }
    print_message("register: %d points of failure\n", points);
    assert_true(points > 20);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(what_is_told_is_there)};
    struct catalogue_error wrong;
    struct catalogue *catalogue =
        catalogue_parse(embed_config_catalogue_conf, embed_config_catalogue_conf_size, &wrong);
    desk_set_catalogue(catalogue);
    int failed = cmocka_run_group_tests(tests, faulty_setup, faulty_teardown);
    catalogue_free(&catalogue);
    return failed;
}
