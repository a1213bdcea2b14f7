/* The 1st, 2nd, ... read, write, sync or truncation fails, until none does: it is said, and nothing else is claimed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <unistd.h>

#include "faulty.h"

enum { BEFORE = 3, SUPPLIES = 6 };

static void prepare_disk(void) {
    fault_format();
    struct store *store = faulty_must_open();
    for (int64_t i = 0; i <= BEFORE; i++)
        assert_int_equal(faulty_write(store, i), JOB_DONE);
    store_close(&store);
    fault_save();
}

struct seen {
    int points;
    int not_opened;
    int unknown;
    int unnoticed; /* nothing went wrong for anybody: at the close, or where the engine can do without */
};

/* Afterwards: all that was acknowledged is there; what was not is whole or absent, and can be asked for again. */
static void look_again(unsigned acknowledged) {
    struct store *store = faulty_must_open();
    for (int64_t i = 1; i <= SUPPLIES; i++) {
        int64_t rows = faulty_rows(store, i);
        if (rows == 0 && (i <= BEFORE || (acknowledged >> i & 1) != 0))
            fail_msg("supply %d was acknowledged and is not there", (int)i);
        if (i > BEFORE)
            faulty_retry(store, i);
    }
    store_close(&store);
}

/* Once broken, always broken, though the disk is well again. */
static void stays_broken(struct store *store) {
    assert_true(store_broken(store));
    assert_int_equal(faulty_write(store, 100), JOB_UNKNOWN);
    assert_true(store_broken(store));
}

/* One point. False where the error was not reached any more. */
static bool supply_through(int at, unsigned kinds, int code, struct seen *seen) {
    unsigned acknowledged = 0;
    fault_restore();
    fault_error_at(at, kinds, code);
    struct store *store = faulty_open();
    bool unknown = false;
    for (int64_t i = BEFORE + 1; store != NULL && i <= SUPPLIES; i++) {
        enum job_result result = faulty_write(store, i);
        assert_int_not_equal(result, JOB_UNDONE); /* nobody refused anything */
        assert_true(!unknown || result == JOB_UNKNOWN);
        unknown = result == JOB_UNKNOWN;
        if (result == JOB_DONE)
            acknowledged |= 1U << i;
        assert_true(unknown == store_broken(store));
    }
    if (unknown)
        stays_broken(store);
    if (store == NULL)
        assert_true(fault_error_was_hit());
    bool not_opened = store == NULL;
    store_close(&store);
    bool hit = fault_error_was_hit();
    fault_error_at(0, 0, 0);
    assert_int_equal(fault_open_files(), 0);
    look_again(acknowledged);
    seen->points += hit;
    seen->not_opened += not_opened;
    seen->unknown += unknown;
    seen->unnoticed += hit && !not_opened && !unknown;
    return hit;
}

static const struct kind {
    const char *name;
    unsigned operations;
    int code;
    int at_least; /* points that must be found */
} KINDS[] = {
    {"read", FAULT_READ, SQLITE_IOERR_READ, 20},
    {"write", FAULT_WRITE, SQLITE_IOERR_WRITE, 20},
    {"disk full", FAULT_WRITE, SQLITE_FULL, 20},
    {"sync", FAULT_SYNC, SQLITE_IOERR_FSYNC, 4},
    {"truncate", FAULT_TRUNCATE, SQLITE_IOERR_TRUNCATE, 1},
};

static void an_error_is_never_hidden(void **state) {
    (void)state;
    prepare_disk();
    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++) {
        struct seen seen = {0};
        const struct kind *kind = &KINDS[i];
        int stride = FAULTY_WATCHED ? 9 : 1;
        for (int at = 1; supply_through(at, kind->operations, kind->code, &seen); at += stride) {}
        print_message("%s fails: %d points, %d did not open, %d unknown, %d without harm\n", kind->name,
                      seen.points, seen.not_opened, seen.unknown, seen.unnoticed);
        assert_true(seen.points >= kind->at_least / stride);
    }
}

/* While a database is made. */
static void an_error_leaves_nothing_half_made(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++) {
        bool hit = true;
        for (int at = 1; hit; at += FAULTY_WATCHED ? 41 : 5) {
            fault_format();
            fault_error_at(at, KINDS[i].operations, KINDS[i].code);
            struct store *store = faulty_open();
            store_close(&store);
            hit = fault_error_was_hit();
            fault_error_at(0, 0, 0);
            store = faulty_must_open();
            assert_int_equal(faulty_write(store, 0), JOB_DONE);
            store_close(&store);
        }
    }
}

/* ---- the same with the threads running ---- */

struct counted {
    struct facts_job facts; /* first */
    struct counts *counts;
};

struct counts {
    atomic_int done;
    atomic_int unknown;
};

static void count_result(struct job *job, enum job_result result) {
    struct counted *counted = (struct counted *)job;
    counted->facts.result = result;
    atomic_fetch_add(result == JOB_DONE ? &counted->counts->done : &counted->counts->unknown, 1);
}

static void everybody_is_answered(void **state) {
    (void)state;
    enum { JOBS = 50 };
    static struct counted jobs[JOBS];
    prepare_disk();
    for (int at = 1; at < 400; at += 13) {
        struct counts counts = {0};
        struct arena *arena = arena_new(1 << 20);
        fault_restore();
        struct store *store = faulty_must_open();
        fault_error_at(at, FAULT_WRITE, SQLITE_IOERR_WRITE);
        assert_true(store_start(store));
        for (int i = 0; i < JOBS; i++) {
            jobs[i] = (struct counted){.facts = facts_write(BEFORE + 1 + i, arena), .counts = &counts};
            jobs[i].facts.job.done = count_result;
            store_write(store, &jobs[i].facts.job);
            if (i % 7 == 0)
                usleep(200);
        }
        store_close(&store);
        assert_int_equal(atomic_load(&counts.done) + atomic_load(&counts.unknown), JOBS);
        fault_error_at(0, 0, 0);
        store = faulty_must_open();
        for (int i = 0; i < JOBS; i++) {
            int64_t rows = faulty_rows(store, BEFORE + 1 + i);
            assert_true(rows == FACTS_SUPPLY_ROWS || jobs[i].facts.result == JOB_UNKNOWN);
        }
        store_close(&store);
        arena_free(&arena);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_error_is_never_hidden),
        cmocka_unit_test(an_error_leaves_nothing_half_made),
        cmocka_unit_test(everybody_is_answered),
    };
    return cmocka_run_group_tests_name("I/O errors", tests, faulty_setup, faulty_teardown);
}
