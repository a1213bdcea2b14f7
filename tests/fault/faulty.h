/*
 * A store on the disk that fails (tests/support/fault_vfs.h), and how many points of failure are tried: all that were
 * promised in the ordinary build; fewer where every instruction is watched (sanitizers, valgrind), which look for
 * something else.
 */
#ifndef INSTALMENT_TESTS_FAULTY_H
#define INSTALMENT_TESTS_FAULTY_H

#include <fcntl.h>
#include <stdbool.h>
#include <time.h>
#include <valgrind/valgrind.h>

#include "../support/facts.h"
#include "../support/fault_vfs.h"
#include "sys/log.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define FAULTY_WATCHED 1
#else
#define FAULTY_WATCHED RUNNING_ON_VALGRIND
#endif
#define FAULTY_POINTS(promised) (FAULTY_WATCHED ? (promised) / 20 : (promised))

/* A machine that is too slow for them fails for that reason, instead of running into the runner's time-out. */
#define FAULTY_SECONDS 100

static struct arena *faulty_arena;
static time_t faulty_started;

static inline bool faulty_time_left(void) {
    return FAULTY_WATCHED || time(NULL) - faulty_started < FAULTY_SECONDS;
}

static inline int faulty_setup(void **state) {
    (void)state;
    faulty_started = time(NULL);
    faulty_arena = arena_new(1 << 20);
    log_init(LOG_LEVEL_ERROR,
             open("/dev/null", O_WRONLY | O_CLOEXEC)); /* thousands of failures that are expected */
    fault_register();
    return clock_init("Europe/London", true, 1795680000) ? 0 : -1;
}

static inline int faulty_teardown(void **state) {
    (void)state;
    arena_free(&faulty_arena);
    fault_format();
    fault_save();
    return 0;
}

static inline struct store *faulty_open(void) {
    enum store_open_error error;
    const char *message = NULL;
    struct store_options options = {.path = "facts.db", .vfs = FAULT_VFS};
    return store_open(&options, &error, &message);
}

static inline struct store *faulty_must_open(void) {
    struct store *store = faulty_open();
    if (store == NULL)
        fail_msg("the store does not open any more");
    return store;
}

static inline enum job_result faulty_write(struct store *store, int64_t number) {
    arena_reset(faulty_arena);
    struct facts_job job = facts_write(number, faulty_arena);
    return store_write_now(store, &job.job);
}

/* How many rows of a supply there are: all with its key, or none. */
static inline int64_t faulty_rows(struct store *store, int64_t number) {
    arena_reset(faulty_arena);
    struct facts_job job = facts_read(number, faulty_arena);
    assert_int_equal(store_read_now(store, &job.job), JOB_DONE);
    assert_true(job.known == (job.counted == FACTS_SUPPLY_ROWS));
    if (job.counted != 0 && job.counted != FACTS_SUPPLY_ROWS)
        fail_msg("supply %d has %d rows", (int)number, (int)job.counted);
    return job.counted;
}

/* Whoever did not get an answer asks again with the same key: what was recorded is found, or it is recorded now. */
static inline void faulty_retry(struct store *store, int64_t number) {
    int64_t rows = faulty_rows(store, number);
    arena_reset(faulty_arena);
    struct facts_job job = facts_retry(number, faulty_arena);
    assert_int_equal(store_write_now(store, &job.job), JOB_DONE);
    assert_true(job.known == (rows == FACTS_SUPPLY_ROWS));
    assert_int_equal(faulty_rows(store, number), FACTS_SUPPLY_ROWS);
}

#endif
