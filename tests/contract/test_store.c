/* store/store: opening, migration, and what a job may count on; on a file and in memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../support/facts.h"
#include "store/alert.h"

#define NOW 1795680000 /* 2026-11-26 */

struct fixture {
    char folder[32];
    char path[64];
    bool memory;
    struct store *store;
    struct arena *arena;
};

static struct store *reopened(const struct fixture *f, enum store_open_error *error) {
    const char *message = NULL;
    struct store_options options = {.path = f->path};
    struct store *store = store_open(&options, error, &message);
    assert_true((store != NULL) == (*error == STORE_OPEN));
    assert_true((message == NULL) == (*error == STORE_OPEN));
    return store;
}

static struct fixture *prepared(void) {
    struct fixture *f = calloc(1, sizeof *f);
    snprintf(f->folder, sizeof f->folder, "/tmp/test-store-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    snprintf(f->path, sizeof f->path, "%s/facts.db", f->folder);
    f->arena = arena_new(16 << 20);
    return f;
}

static void write_fact(struct fixture *f, int64_t number, enum job_result expected) {
    struct facts_job job = facts_write(number, f->arena);
    assert_int_equal(store_write_now(f->store, &job.job), expected);
    assert_int_equal(job.result, expected);
}

static int64_t count_now(struct fixture *f, int64_t number) {
    struct facts_job job = facts_read(number, f->arena);
    assert_int_equal(store_read_now(f->store, &job.job), JOB_DONE);
    return job.counted;
}

static int setup_file(void **state) {
    enum store_open_error error;
    struct fixture *f = prepared();
    f->store = reopened(f, &error);
    write_fact(f, 0, JOB_DONE);
    *state = f;
    return 0;
}

static int setup_memory(void **state) {
    enum store_open_error error;
    struct fixture *f = prepared();
    f->memory = true;
    snprintf(f->path, sizeof f->path, ":memory:");
    f->store = reopened(f, &error);
    write_fact(f, 0, JOB_DONE);
    *state = f;
    return 0;
}

static int setup_closed(void **state) {
    *state = prepared();
    return 0;
}

static int teardown(void **state) {
    struct fixture *f = *state;
    static const char *const ENDINGS[] = {"", "-wal", "-shm", "-journal"};
    store_close(&f->store);
    arena_free(&f->arena);
    for (size_t i = 0; i < 4; i++) {
        char path[80];
        snprintf(path, sizeof path, "%s/facts.db%s", f->folder, ENDINGS[i]);
        unlink(path);
    }
    assert_int_equal(rmdir(f->folder), 0);
    free(f);
    return 0;
}

/* ---- one job ---- */

static void a_job_is_there_after_it(void **state) {
    struct fixture *f = *state;
    write_fact(f, 1, JOB_DONE);
    assert_int_equal(count_now(f, 1), FACTS_SUPPLY_ROWS);
    assert_int_equal(count_now(f, 2), 0);
}

struct probe {
    struct job job;
    struct arena *arena;
    const char *sql;
    int64_t number;
    int64_t seen;
    bool keep;
    bool refusal_audited;
    bool refusal_fails;
    enum job_result result;
};

static void probe_done(struct job *job, enum job_result result) {
    ((struct probe *)job)->result = result;
}

static void probe_refused(struct job *job, struct tx *tx) {
    struct probe *probe = (struct probe *)job;
    assert_int_equal(tx->seq, 0);
    assert_int_equal(db_state(tx->db), DB_FINE);
    tx_audit(tx, probe->refusal_fails ? NULL : "refused", "pa-1", NULL, "code");
}

/* Writes the supply `number`, then runs sql. */
static bool probe_run(struct job *job, struct tx *tx) {
    struct probe *probe = (struct probe *)job;
    tx->arena = probe->arena;
    if (probe->number > 0)
        facts_supply(tx, probe->number);
    if (probe->sql != NULL)
        statement_run(db_use(tx->db, probe->sql));
    return probe->keep;
}

static struct probe new_probe(struct fixture *f, int64_t number, const char *sql, bool keep) {
    return (struct probe){.job = {.run = probe_run, .refused = probe_refused, .done = probe_done},
                          .arena = f->arena,
                          .number = number,
                          .sql = sql,
                          .keep = keep};
}

static bool count_run(struct job *job, struct tx *tx) {
    struct probe *probe = (struct probe *)job;
    struct statement *s = db_use(tx->db, probe->sql);
    probe->seen = statement_row(s) ? column_int(s) : -1;
    return true;
}

static int64_t count_sql(struct fixture *f, const char *sql) {
    struct probe probe = {.job = {.run = count_run, .done = probe_done}, .sql = sql};
    assert_int_equal(store_read_now(f->store, &probe.job), JOB_DONE);
    return probe.seen;
}

static void a_refused_job_leaves_its_refusal_only(void **state) {
    struct fixture *f = *state;
    struct probe probe = new_probe(f, 1, NULL, false);
    assert_int_equal(store_write_now(f->store, &probe.job), JOB_UNDONE);
    assert_int_equal(probe.result, JOB_UNDONE);
    assert_int_equal(count_now(f, 1), 0);
    assert_int_equal(count_sql(f, "SELECT count(*) FROM audit WHERE action = 'refused'"), 1);
    probe = new_probe(f, 1, NULL, false);
    probe.refusal_fails = true;
    assert_int_equal(store_write_now(f->store, &probe.job), JOB_UNDONE);
    probe = new_probe(f, 1, NULL, false);
    probe.job.refused = NULL;
    assert_int_equal(store_write_now(f->store, &probe.job), JOB_UNDONE);
    assert_int_equal(count_sql(f, "SELECT count(*) FROM audit WHERE action = 'refused'"), 1);
    write_fact(f, 1, JOB_DONE);
}

/* A job that says "keep" over a failure that it did not look at is rolled back all the same. */
static void a_conflict_cannot_be_kept(void **state) {
    struct fixture *f = *state;
    static const char *const REFUSED[] = {
        "INSERT INTO dosed_day (prescription, day, turn, supply) VALUES ('rx-1', 1, 0, 'su-1')", /* D2 */
        "INSERT INTO dosed_day (prescription, day, turn, supply) VALUES ('rx-1', 9, 0, 'su-none')",
        "INSERT INTO supply_reversal (supply, seq, reason) VALUES ('su-none', 1, 'x')",
        "INSERT INTO audit (at, on_day, action) VALUES ('today', 1, 'x')",
        "UPDATE supply SET on_day = 9",
        "DELETE FROM supply",
        "SELECT nothing FROM nowhere",
    };
    write_fact(f, 1, JOB_DONE);
    for (size_t i = 0; i < sizeof REFUSED / sizeof REFUSED[0]; i++) {
        struct probe probe = new_probe(f, 2, REFUSED[i], true);
        assert_int_equal(store_write_now(f->store, &probe.job), JOB_UNDONE);
        assert_int_equal(count_now(f, 2), 0);
        assert_int_equal(count_now(f, 1), FACTS_SUPPLY_ROWS);
        assert_false(store_broken(f->store));
    }
}

static void a_day_is_dosed_once(void **state) {
    struct fixture *f = *state;
    write_fact(f, 5, JOB_DONE);
    struct probe twice = new_probe(
        f, 0, "INSERT INTO dosed_day (prescription, day, turn, supply) VALUES ('rx-1', 5, 0, 'su-5')", true);
    assert_int_equal(store_write_now(f->store, &twice.job), JOB_UNDONE);
    struct probe next = new_probe(f, 0,
                                  "INSERT INTO dosed_day (prescription, day, turn, supply, opened_by) "
                                  "VALUES ('rx-1', 5, 1, 'su-5', '3')",
                                  true);
    assert_int_equal(store_write_now(f->store, &next.job), JOB_DONE);
    assert_int_equal(count_sql(f, "SELECT count(*) FROM dosed_day WHERE day = 5"), 2);
}

static bool write_on_reader(struct job *job, struct tx *tx) {
    (void)job;
    tx_audit(tx, "read patient", "pa-1", NULL, NULL);
    return true;
}

static void reading_cannot_write(void **state) {
    struct fixture *f = *state;
    struct probe probe = {.job = {.run = write_on_reader, .done = probe_done}};
    assert_int_equal(store_read_now(f->store, &probe.job), JOB_UNDONE);
    assert_int_equal(count_sql(f, "SELECT count(*) FROM audit"), 1);
    assert_false(store_broken(f->store));
}

/* ---- what tx.h and alert.h promise ---- */

static bool ids_run(struct job *job, struct tx *tx) {
    tx->arena = ((struct probe *)job)->arena;
    const char *before = tx_new_id(tx, "su");
    assert_int_equal(strlen(before), 29);
    assert_memory_equal(before, "su-", 3);
    for (int i = 0; i < 5000; i++) {
        tx->now.at += i == 2500 ? 1 : 0;
        const char *id = tx_new_id(tx, "su");
        assert_true(strcmp(before, id) < 0);
        before = id;
    }
    tx->now.at += 3600;
    assert_true(strcmp(before, tx_new_id(tx, "su")) < 0);
    tx->now.at -= 7200; /* set back: still ordered by making */
    assert_true(strcmp(before, tx_new_id(tx, "su")) < 0);
    assert_null(tx_keep(tx, NULL));
    assert_true(strlen(tx_new_id(tx, "abcd")) < TX_ID_SIZE);
    return true;
}

static void ids_are_ordered(void **state) {
    struct fixture *f = *state;
    struct probe probe = {.job = {.run = ids_run, .done = probe_done}, .arena = f->arena};
    assert_int_equal(store_write_now(f->store, &probe.job), JOB_DONE);
}

static bool settings_run(struct job *job, struct tx *tx) {
    tx->arena = ((struct probe *)job)->arena;
    tx->staff = "abel";
    assert_null(tx_setting(tx, "generation"));
    tx_audit(tx, "set", NULL, NULL, NULL);
    int64_t first = tx->seq;
    assert_true(first > 0);
    tx_set_setting(tx, "generation", "a");
    tx_audit(tx, "set", NULL, NULL, NULL);
    assert_int_equal(tx->seq, first + 1);
    tx_set_setting(tx, "generation", "b");
    assert_string_equal(tx_setting(tx, "generation"), "b");
    tx->as_of = first;
    assert_string_equal(tx_setting(tx, "generation"), "a");
    tx->as_of = first - 1;
    assert_null(tx_setting(tx, "generation"));
    return true;
}

static void the_newest_setting_counts(void **state) {
    struct fixture *f = *state;
    struct probe probe = {.job = {.run = settings_run, .done = probe_done}, .arena = f->arena};
    assert_int_equal(store_write_now(f->store, &probe.job), JOB_DONE);
    assert_int_equal(count_sql(f, "SELECT count(*) FROM setting"), 2);
    assert_int_equal(count_sql(f, "SELECT count(*) FROM audit WHERE staff = 'abel' AND at = 1795680000"), 2);
}

static bool alerts_run(struct job *job, struct tx *tx) {
    struct alert_row row = {.kind = "missed_pickup",
                            .priority = "urgent",
                            .patient = "pa-1",
                            .raised_at = NOW,
                            .on = 20783,
                            .about = "missed_pickup/rx-1/2026-11-26",
                            .number = 3};
    tx->arena = ((struct probe *)job)->arena;
    tx_audit(tx, "missed", "pa-1", NULL, NULL);
    const char *id = alert_append(tx, &row);
    assert_int_equal(strlen(id), 36);
    assert_true(id[8] == '-' && id[13] == '-' && id[14] == '7' && id[18] == '-' && id[23] == '-');
    assert_non_null(strchr("89ab", id[19]));
    assert_string_equal(alert_append(tx, &row), id);
    row.about = "missed_pickup/rx-1/2026-11-27";
    row.number = -1;
    assert_string_not_equal(alert_append(tx, &row), id);
    return true;
}

static void an_alert_is_raised_once(void **state) {
    struct fixture *f = *state;
    for (int i = 0; i < 2; i++) {
        struct probe probe = {.job = {.run = alerts_run, .done = probe_done}, .arena = f->arena};
        assert_int_equal(store_write_now(f->store, &probe.job), JOB_DONE);
        assert_int_equal(count_sql(f, "SELECT count(*) FROM alert"), 2);
        assert_int_equal(count_sql(f, "SELECT count(*) FROM alert WHERE number IS NULL"), 1);
    }
}

/* ---- threads ---- */

struct crowd {
    struct store *store;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int answered;
    int done;
    atomic_bool hold;   /* the first job waits for it to go, so that others queue */
    atomic_int running; /* jobs that have run since the last answer */
    atomic_int largest; /* most of them that were answered by one commit */
};

struct member {
    struct job job;
    struct crowd *crowd;
    struct arena *arena;
    int64_t number;
    bool conflict;
};

static bool member_run(struct job *job, struct tx *tx) {
    struct member *member = (struct member *)job;
    while (atomic_load(&member->crowd->hold))
        usleep(100);
    tx->arena = member->arena;
    int running = atomic_fetch_add(&member->crowd->running, 1) + 1;
    if (running > atomic_load(&member->crowd->largest))
        atomic_store(&member->crowd->largest, running);
    facts_supply(tx, member->number);
    if (member->conflict)
        facts_supply(tx, member->number);
    return true;
}

static void member_done(struct job *job, enum job_result result) {
    struct member *member = (struct member *)job;
    struct crowd *crowd = member->crowd;
    assert_int_equal(result, member->conflict ? JOB_UNDONE : JOB_DONE);
    atomic_store(&crowd->running, 0);
    pthread_mutex_lock(&crowd->lock);
    crowd->answered++;
    crowd->done += result == JOB_DONE;
    pthread_cond_signal(&crowd->changed);
    pthread_mutex_unlock(&crowd->lock);
    arena_free(&member->arena);
    free(member);
}

static void member_post(struct crowd *crowd, int64_t number, bool conflict) {
    struct member *member = calloc(1, sizeof *member);
    *member = (struct member){.job = {.run = member_run, .done = member_done},
                              .crowd = crowd,
                              .arena = arena_new(1 << 20),
                              .number = number,
                              .conflict = conflict};
    store_write(crowd->store, &member->job);
}

enum { POSTERS = 4, EACH = 100 };

struct poster {
    struct crowd *crowd;
    int64_t from;
};

static void *post_many(void *context) {
    struct poster *poster = context;
    for (int64_t i = 0; i < EACH; i++)
        member_post(poster->crowd, poster->from + i, i % 10 == 9);
    return NULL;
}

static void crowd_init(struct crowd *crowd, struct store *store) {
    *crowd = (struct crowd){.store = store};
    pthread_mutex_init(&crowd->lock, NULL);
    pthread_cond_init(&crowd->changed, NULL);
}

static void crowd_wait(struct crowd *crowd, int answered) {
    pthread_mutex_lock(&crowd->lock);
    while (crowd->answered < answered)
        pthread_cond_wait(&crowd->changed, &crowd->lock);
    pthread_mutex_unlock(&crowd->lock);
}

static void crowd_release(struct crowd *crowd) {
    pthread_cond_destroy(&crowd->changed);
    pthread_mutex_destroy(&crowd->lock);
}

static void many_share_a_commit(void **state) {
    struct fixture *f = *state;
    struct crowd crowd;
    pthread_t threads[POSTERS];
    struct poster posters[POSTERS];
    crowd_init(&crowd, f->store);
    atomic_store(&crowd.hold, true);
    assert_true(store_start(f->store));
    for (int i = 0; i < POSTERS; i++) {
        posters[i] = (struct poster){.crowd = &crowd, .from = 1 + i * EACH};
        assert_int_equal(pthread_create(&threads[i], NULL, post_many, &posters[i]), 0);
    }
    for (int i = 0; i < POSTERS; i++)
        pthread_join(threads[i], NULL);
    atomic_store(&crowd.hold, false);
    crowd_wait(&crowd, POSTERS * EACH);
    assert_int_equal(crowd.done, POSTERS * EACH * 9 / 10);
    assert_true(atomic_load(&crowd.largest) > 100);
    crowd_release(&crowd);
}

static void closing_finishes_what_has_queued(void **state) {
    struct fixture *f = *state;
    struct crowd crowd;
    crowd_init(&crowd, f->store);
    assert_true(store_start(f->store));
    for (int64_t i = 1; i <= 1000; i++)
        member_post(&crowd, i, false);
    store_close(&f->store);
    assert_null(f->store);
    assert_int_equal(crowd.done, 1000);
    crowd_release(&crowd);
}

struct watcher {
    struct job job;
    struct crowd *crowd;
    struct arena *arena;
    int64_t last;
    int rounds;
    bool torn;
    atomic_bool finished;
};

/* A reader sees whole supplies only, and never fewer than before. */
static bool watch_run(struct job *job, struct tx *tx) {
    struct watcher *watcher = (struct watcher *)job;
    tx->arena = watcher->arena;
    arena_reset(watcher->arena);
    int64_t supplies = facts_supplies(tx);
    int64_t rows = supplies == 0 ? 0 : facts_count(tx, supplies);
    watcher->torn = watcher->torn || supplies < watcher->last || (supplies > 0 && rows != FACTS_SUPPLY_ROWS);
    watcher->last = supplies;
    return true;
}

static void watch_done(struct job *job, enum job_result result) {
    struct watcher *watcher = (struct watcher *)job;
    assert_int_equal(result, JOB_DONE);
    if (--watcher->rounds > 0 && !watcher->torn)
        store_read(watcher->crowd->store, job);
    else
        atomic_store(&watcher->finished, true);
}

static void readers_see_what_is_committed(void **state) {
    struct fixture *f = *state;
    struct crowd crowd;
    crowd_init(&crowd, f->store);
    struct watcher watcher = {.job = {.run = watch_run, .done = watch_done},
                              .crowd = &crowd,
                              .arena = arena_new(1 << 20),
                              .rounds = 300};
    assert_true(store_start(f->store));
    store_read(f->store, &watcher.job);
    for (int64_t i = 1; i <= 500; i++) {
        member_post(&crowd, i, false);
        if (i % 20 == 0)
            crowd_wait(&crowd, (int)i);
    }
    crowd_wait(&crowd, 500);
    while (!atomic_load(&watcher.finished))
        usleep(1000);
    assert_false(watcher.torn);
    arena_free(&watcher.arena);
    crowd_release(&crowd);
}

/* ---- the file ---- */

static void reopening_finds_everything(void **state) {
    struct fixture *f = *state;
    enum store_open_error error;
    struct stat log;
    char path[80];
    for (int64_t i = 1; i <= 20; i++)
        write_fact(f, i, JOB_DONE);
    store_close(&f->store);
    snprintf(path, sizeof path, "%s-wal", f->path);
    assert_true(stat(path, &log) != 0 || log.st_size == 0); /* everything is in the database itself */
    f->store = reopened(f, &error);
    for (int64_t i = 1; i <= 20; i++)
        assert_int_equal(count_now(f, i), FACTS_SUPPLY_ROWS);
    write_fact(f, 21, JOB_DONE);
}

static long size_of(const struct fixture *f, const char *ending) {
    struct stat st;
    char path[80];
    snprintf(path, sizeof path, "%s%s", f->path, ending);
    return stat(path, &st) == 0 ? (long)st.st_size : 0;
}

/* When nothing more comes, the writer copies its log into the database by itself. */
static void the_log_is_copied_when_idle(void **state) {
    struct fixture *f = *state;
    struct crowd crowd;
    crowd_init(&crowd, f->store);
    long before = size_of(f, "");
    assert_true(store_start(f->store));
    for (int64_t i = 1; i <= 100; i++)
        member_post(&crowd, i, false);
    crowd_wait(&crowd, 100);
    assert_int_equal(size_of(f, ""), before);
    for (int i = 0; i < 500 && size_of(f, "") == before; i++)
        usleep(10000);
    assert_true(size_of(f, "") > before);
    crowd_release(&crowd);
}

/* And when something always comes, as soon as the log is long. */
static void the_log_does_not_grow_for_ever(void **state) {
    struct fixture *f = *state;
    enum { LONG = 6 << 20, LONGEST = 24 << 20 }; /* bytes: the writer looks at 16 MB */
    long largest = 0;
    bool copied = false;
    for (int64_t i = 1; i <= 1500 && !copied; i++) {
        long before = size_of(f, "");
        write_fact(f, i, JOB_DONE);
        arena_reset(f->arena);
        largest = size_of(f, "-wal");
        copied = largest > LONG && size_of(f, "") > before;
    }
    assert_true(copied);
    for (int64_t i = 2001; i <= 2200; i++) {
        write_fact(f, i, JOB_DONE);
        arena_reset(f->arena);
    }
    assert_true(size_of(f, "-wal") < largest + (1 << 20) && largest < LONGEST);
}

static void raw_sql(struct fixture *f, const char *sql, int expected) {
    sqlite3 *raw = NULL;
    char *message = NULL;
    assert_int_equal(sqlite3_open(f->path, &raw), SQLITE_OK);
    int code = sqlite3_exec(raw, sql, NULL, NULL, &message);
    if (code != expected)
        fail_msg("%s: %s", sql, message);
    if (expected == SQLITE_CONSTRAINT)
        assert_string_equal(message, "append-only");
    sqlite3_free(message);
    assert_int_equal(sqlite3_close(raw), SQLITE_OK);
}

/*
 * Every table but the one that is derived, whoever opens it: what a trigger refuses needs no row to be refused, but one to
 * be tried.
 */
static void triggers_guard_every_table(void **state) {
    struct fixture *f = *state;
    static const char *const WITHOUT =
        "SELECT count(*) FROM sqlite_master t WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite%' "
        "AND t.name <> 'alert_open' AND 2 <> "
        "(SELECT count(*) FROM sqlite_master g WHERE g.type = 'trigger' AND g.tbl_name = t.name "
        "AND g.sql IN ('CREATE TRIGGER ' || t.name || '_no_update BEFORE UPDATE ON ' || t.name || "
        "' BEGIN SELECT RAISE(ABORT, ''append-only''); END', "
        "'CREATE TRIGGER ' || t.name || '_no_delete BEFORE DELETE ON ' || t.name || "
        "' BEGIN SELECT RAISE(ABORT, ''append-only''); END'))";
    assert_true(count_sql(f, "SELECT count(*) FROM sqlite_master WHERE type = 'table'") > 30);
    assert_int_equal(count_sql(f, WITHOUT), 0);
    write_fact(f, 1, JOB_DONE);
    raw_sql(f, "UPDATE audit SET action = 'x'", SQLITE_CONSTRAINT);
    raw_sql(f, "UPDATE supply SET on_day = 2", SQLITE_CONSTRAINT);
    raw_sql(f, "DELETE FROM dosed_day", SQLITE_CONSTRAINT);
    raw_sql(f, "DELETE FROM register_entry WHERE number = 1", SQLITE_CONSTRAINT);
    raw_sql(f, "DELETE FROM idempotency", SQLITE_CONSTRAINT);
    assert_int_equal(count_now(f, 1), FACTS_SUPPLY_ROWS);
}

static void expect_refused(struct fixture *f, enum store_open_error expected) {
    enum store_open_error error;
    f->store = reopened(f, &error);
    assert_int_equal(error, expected);
}

static void a_schema_that_was_changed_is_refused(void **state) {
    struct fixture *f = *state;
    static const char *const CHANGES[][2] = {
        {"DROP TRIGGER supply_no_update",
         "CREATE TRIGGER supply_no_update BEFORE UPDATE ON supply BEGIN SELECT "
         "RAISE(ABORT, 'append-only'); END"},
        {"CREATE TRIGGER more AFTER INSERT ON supply BEGIN SELECT 1; END", "DROP TRIGGER more"},
        {"CREATE TABLE more (id INTEGER)", "DROP TABLE more"},
        {"ALTER TABLE swept ADD COLUMN more TEXT", NULL},
    };
    store_close(&f->store);
    for (size_t i = 0; i < sizeof CHANGES / sizeof CHANGES[0]; i++) {
        raw_sql(f, CHANGES[i][0], SQLITE_OK);
        expect_refused(f, STORE_DAMAGED);
        if (CHANGES[i][1] != NULL) {
            raw_sql(f, CHANGES[i][1], SQLITE_OK);
            expect_refused(f, STORE_OPEN);
            store_close(&f->store);
        }
    }
}

static void newer_and_foreign_files_are_refused(void **state) {
    struct fixture *f = *state;
    store_close(&f->store);
    raw_sql(f, "PRAGMA user_version = 1000", SQLITE_OK);
    expect_refused(f, STORE_NEWER);
    raw_sql(f, "PRAGMA user_version = 0", SQLITE_OK);
    expect_refused(f, STORE_DAMAGED);
    raw_sql(f, "PRAGMA user_version = 5; PRAGMA application_id = 1", SQLITE_OK);
    expect_refused(f, STORE_FOREIGN);
    raw_sql(f, "PRAGMA application_id = 0", SQLITE_OK);
    expect_refused(f, STORE_FOREIGN);
    raw_sql(f, "PRAGMA application_id = 0x494E5354", SQLITE_OK);
    expect_refused(f, STORE_OPEN);
}

static void a_foreign_file_is_left_alone(void **state) {
    struct fixture *f = *state;
    char before[4096];
    char after[4096];
    raw_sql(f, "CREATE TABLE recipe (id INTEGER)", SQLITE_OK);
    FILE *file = fopen(f->path, "rb");
    size_t len = fread(before, 1, sizeof before, file);
    fclose(file);
    expect_refused(f, STORE_FOREIGN);
    file = fopen(f->path, "rb");
    assert_int_equal(fread(after, 1, sizeof after, file), len);
    fclose(file);
    assert_memory_equal(before, after, len);
    file = fopen(f->path, "wb");
    fputs("Dear diary, this is not a database of anything, but it is long enough to be looked at as one is.",
          file);
    fputs("Dear diary, this is not a database of anything, but it is long enough to be looked at as one is.",
          file);
    fclose(file);
    expect_refused(f, STORE_FOREIGN);
}

static void a_folder_that_is_not_there_is_an_error(void **state) {
    struct fixture *f = *state;
    char path[sizeof f->path];
    memcpy(path, f->path, sizeof path);
    snprintf(f->path, sizeof f->path, "%s/nowhere/facts.db", f->folder);
    expect_refused(f, STORE_IO);
    memcpy(f->path, path, sizeof path);
}

static void a_demonstration_stays_one(void **state) {
    struct fixture *f = *state;
    enum store_open_error error;
    const char *message = NULL;
    struct store_options options = {.path = f->path, .demo = true};
    f->store = store_open(&options, &error, &message);
    assert_non_null(f->store);
    store_close(&f->store);
    expect_refused(f, STORE_DEMO_MISMATCH);
    unlink(f->path);
    expect_refused(f, STORE_OPEN);
    store_close(&f->store);
    assert_null(store_open(&options, &error, &message));
    assert_int_equal(error, STORE_DEMO_MISMATCH);
    assert_non_null(message);
}

static unsigned char swap_byte(const struct fixture *f, long at, unsigned char value) {
    unsigned char was = 0;
    int file = open(f->path, O_RDWR | O_CLOEXEC);
    assert_int_equal(pread(file, &was, 1, at), 1);
    assert_int_equal(pwrite(file, &value, 1, at), 1);
    close(file);
    return was;
}

/* The kind of every page's tree is its first byte: none is changed unseen. */
static void damaged_pages_are_seen(void **state) {
    struct fixture *f = *state;
    for (int64_t i = 1; i <= 200; i++)
        write_fact(f, i, JOB_DONE);
    store_close(&f->store);
    long pages = size_of(f, "") / 4096;
    assert_true(pages > 100);
    for (long page = 1; page < pages; page += 3) {
        unsigned char was = swap_byte(f, page * 4096, 0x77);
        expect_refused(f, STORE_DAMAGED);
        swap_byte(f, page * 4096, was);
    }
    expect_refused(f, STORE_OPEN);
}

static bool many_run(struct job *job, struct tx *tx) {
    struct facts_job *facts = (struct facts_job *)job;
    tx->arena = facts->arena;
    for (int i = 0; i < 500; i++) {
        arena_reset(facts->arena);
        facts_supply(tx, facts->number++);
    }
    return true;
}

/* A file that is too large to be looked at as a whole: what was written last is. */
static void recent_damage_in_a_large_file_is_seen(void **state) {
    struct fixture *f = *state;
    unsigned char was[40];
    struct facts_job many = facts_write(1, f->arena);
    many.job.run = many_run;
    for (int i = 0; i < 12; i++)
        assert_int_equal(store_write_now(f->store, &many.job), JOB_DONE);
    store_close(&f->store);
    long pages = size_of(f, "") / 4096;
    assert_true(pages > 1024);
    for (int i = 0; i < 40; i++)
        was[i] = swap_byte(f, (pages - 1 - i) * 4096, 0x77);
    expect_refused(f, STORE_DAMAGED);
    for (int i = 0; i < 40; i++)
        swap_byte(f, (pages - 1 - i) * 4096, was[i]);
    expect_refused(f, STORE_OPEN);
    assert_int_equal(count_now(f, 6000), FACTS_SUPPLY_ROWS);
}

/* Any byte: refused, or opened with nothing missing. */
static void any_byte_may_be_damaged(void **state) {
    struct fixture *f = *state;
    for (int64_t i = 1; i <= 50; i++)
        write_fact(f, i, JOB_DONE);
    store_close(&f->store);
    long size = size_of(f, "");
    int refused = 0;
    for (long at = 0; at < size; at += at < 100 ? 1 : 4099) {
        enum store_open_error error;
        unsigned char was = swap_byte(f, at, 0xA5);
        f->store = reopened(f, &error);
        if (f->store == NULL) {
            refused++;
        } else {
            struct facts_job job = facts_read(1, f->arena);
            store_read_now(f->store, &job.job);
            store_close(&f->store);
        }
        swap_byte(f, at, was);
    }
    assert_true(refused > 30);
    expect_refused(f, STORE_OPEN);
}

static void a_cut_file_is_seen(void **state) {
    struct fixture *f = *state;
    for (int64_t i = 1; i <= 50; i++)
        write_fact(f, i, JOB_DONE);
    store_close(&f->store);
    for (long size = size_of(f, "") - 4096; size > 4096; size -= 7 * 4096 + 100) {
        assert_int_equal(truncate(f->path, size), 0);
        expect_refused(f, STORE_DAMAGED);
    }
    assert_int_equal(truncate(f->path, 99), 0);
    enum store_open_error error;
    f->store = reopened(f, &error);
    assert_int_not_equal(error, STORE_OPEN);
}

#define FILE_ONLY(test) \
    { #test, test, setup_file, teardown, NULL }
#define CLOSED(test) \
    { #test, test, setup_closed, teardown, NULL }
#define BOTH(test)                                            \
    {#test " (file)", test, setup_file, teardown, NULL}, {    \
#test " (memory)", test, setup_memory, teardown, NULL \
    }

int main(void) {
    const struct CMUnitTest tests[] = {
        BOTH(a_job_is_there_after_it),
        BOTH(a_refused_job_leaves_its_refusal_only),
        BOTH(a_conflict_cannot_be_kept),
        BOTH(a_day_is_dosed_once),
        BOTH(reading_cannot_write),
        BOTH(ids_are_ordered),
        BOTH(the_newest_setting_counts),
        BOTH(an_alert_is_raised_once),
        BOTH(many_share_a_commit),
        BOTH(closing_finishes_what_has_queued),
        BOTH(readers_see_what_is_committed),
        FILE_ONLY(the_log_is_copied_when_idle),
        FILE_ONLY(the_log_does_not_grow_for_ever),
        FILE_ONLY(reopening_finds_everything),
        FILE_ONLY(triggers_guard_every_table),
        FILE_ONLY(a_schema_that_was_changed_is_refused),
        FILE_ONLY(newer_and_foreign_files_are_refused),
        CLOSED(a_foreign_file_is_left_alone),
        CLOSED(a_folder_that_is_not_there_is_an_error),
        CLOSED(a_demonstration_stays_one),
        FILE_ONLY(damaged_pages_are_seen),
        FILE_ONLY(recent_damage_in_a_large_file_is_seen),
        FILE_ONLY(any_byte_may_be_damaged),
        FILE_ONLY(a_cut_file_is_seen),
    };
    if (!clock_init("Europe/London", true, NOW))
        return 1;
    return cmocka_run_group_tests_name("store", tests, NULL, NULL);
}
