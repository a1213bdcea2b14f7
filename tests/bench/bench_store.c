/*
 * Durable supplies a second: the store with 64 jobs under way, beside SQLite by hand with the same rows, settings and
 * group commit; and one at a time. In a folder of its own below build/.
 */
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../support/facts.h"

enum { GROUP = 64, GROUPS = 150, SINGLES = 300 };

static char folder[] = "build/bench-store-XXXXXX";
static char path[64];

static void die(const char *what) {
    fprintf(stderr, "bench_store: %s\n", what);
    exit(1);
}

static void remove_files(void) {
    static const char *const ENDINGS[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < 3; i++) {
        char name[80];
        snprintf(name, sizeof name, "%s%s", path, ENDINGS[i]);
        unlink(name);
    }
}

static struct store *open_store(void) {
    enum store_open_error error;
    const char *message = NULL;
    struct store_options options = {.path = path};
    struct store *store = store_open(&options, &error, &message);
    if (store == NULL)
        die(message);
    return store;
}

static void write_prescription(struct store *store) {
    struct facts_job job = facts_write(0, NULL);
    if (store_write_now(store, &job.job) != JOB_DONE)
        die("no prescription");
}

/* ---- the store ---- */

struct slot {
    struct facts_job facts; /* first */
    struct run *run;
};

struct run {
    struct store *store;
    struct slot slots[GROUP];
    int64_t next;
    int64_t last;
    int under_way;
    pthread_mutex_t lock;
    pthread_cond_t idle;
};

/* On the writer's thread: the next supply takes the place of the one that was answered. */
static void slot_done(struct job *job, enum job_result result) {
    struct slot *slot = (struct slot *)job;
    struct run *run = slot->run;
    if (result != JOB_DONE)
        die("a supply failed");
    arena_reset(slot->facts.arena);
    pthread_mutex_lock(&run->lock);
    if (run->next <= run->last) {
        slot->facts.number = run->next++;
        store_write(run->store, job);
    } else if (--run->under_way == 0) {
        pthread_cond_signal(&run->idle);
    }
    pthread_mutex_unlock(&run->lock);
}

/* `group` under way all the time, `count` in all: seconds. */
static double run_store(struct run *run, int group, int64_t count) {
    int64_t began = clock_elapsed_ms();
    pthread_mutex_lock(&run->lock);
    run->last = run->next + count - 1;
    run->under_way = group;
    for (int i = 0; i < group; i++) {
        run->slots[i].facts.number = run->next++;
        store_write(run->store, &run->slots[i].facts.job);
    }
    while (run->under_way > 0)
        pthread_cond_wait(&run->idle, &run->lock);
    pthread_mutex_unlock(&run->lock);
    return (double)(clock_elapsed_ms() - began) / 1000;
}

static void bench_store(double *grouped, double *single) {
    static struct run run;
    run = (struct run){.store = open_store(), .next = 1};
    pthread_mutex_init(&run.lock, NULL);
    pthread_cond_init(&run.idle, NULL);
    write_prescription(run.store);
    for (int i = 0; i < GROUP; i++) {
        run.slots[i] = (struct slot){.facts = facts_write(0, arena_new(1 << 20)), .run = &run};
        run.slots[i].facts.job.done = slot_done;
    }
    if (!store_start(run.store))
        die("no threads");
    *single = run_store(&run, 1, SINGLES);
    *grouped = run_store(&run, GROUP, GROUP * GROUPS);
    store_close(&run.store);
    for (int i = 0; i < GROUP; i++)
        arena_free(&run.slots[i].facts.arena);
    remove_files();
}

/* ---- by hand ---- */

/* Statements and what they bind: n number, t time, q audit row, s supply, k key, a alert, p print job, c code, h hash. */
static const struct {
    const char *sql;
    const char *binds;
} RAW[] = {
    {"INSERT INTO audit (at, on_day, action, patient, subject, detail) VALUES (?, 1, 'supply', 'pa-1', ?, "
     "'given,2026.1')",
     "ts"},
    {"INSERT INTO supply (id, seq, patient, prescription, kind, on_day, at, supervised_at, collector_role, "
     "supervised_by, confirmed_by, verdict, missed_days, missed_pickups, rules) VALUES (?, ?, 'pa-1', "
     "'rx-1', "
     "'lawful', ?, ?, 1, 'patient', 'abel', 'abel', 'supply', 0, 0, '2026.1')",
     "sqnt"},
    {"INSERT INTO dosed_day (prescription, day, turn, supply) VALUES ('rx-1', ?, 0, ?)", "ns"},
    {"INSERT INTO register_entry (section, number, seq, kind, on_day, entered_at, quantity, balance, supply, "
     "person_name, authority, collector_role, by_staff, previous, hash) VALUES ('methadone-1mg-ml', ?, ?, "
     "'supplied', "
     "?, ?, -40000, ?, ?, 'A. Patient', 'Dr A. Sample', 'patient', 'abel', ?, ?)",
     "nqntnshh"},
    {"INSERT INTO alert (id, seq, kind, priority, patient, prescription, service, raised_at, on_day, about) "
     "VALUES "
     "(?, ?, 'supply_irregular', 'routine', 'pa-1', 'rx-1', 'se-1', ?, ?, ?)",
     "aqtna"},
    {"INSERT INTO print_job (id, seq, kind, supply, product, quantity, code) VALUES (?, ?, 'label', ?, "
     "'methadone-1mg-ml', 40000, ?)",
     "pqsc"},
    {"INSERT INTO idempotency (key, seq, route, body_digest, status, subject) VALUES (?, ?, 'POST "
     "/supplies', ?, 201, "
     "?)",
     "kqhs"},
};
enum { RAW_COUNT = sizeof RAW / sizeof RAW[0] };

struct raw {
    sqlite3 *db;
    sqlite3_stmt *insert[RAW_COUNT];
    sqlite3_stmt *begin;
    sqlite3_stmt *commit;
};

static void raw_step(sqlite3_stmt *stmt) {
    if (sqlite3_step(stmt) != SQLITE_DONE || sqlite3_reset(stmt) != SQLITE_OK)
        die(sqlite3_errmsg(sqlite3_db_handle(stmt)));
}

static void raw_bind(sqlite3_stmt *stmt, int place, char what, int64_t number, int64_t seq) {
    static const char HASH[32] = "hash";
    char text[40];
    switch (what) {
    case 'n': sqlite3_bind_int64(stmt, place, number); return;
    case 't': sqlite3_bind_int64(stmt, place, 1795680000); return;
    case 'q': sqlite3_bind_int64(stmt, place, seq); return;
    case 'h': sqlite3_bind_blob(stmt, place, HASH, sizeof HASH, SQLITE_STATIC); return;
    case 'a': snprintf(text, sizeof text, "0192f3c1-7d2e-7a10-8e44-%012lld", (long long)number); break;
    default: snprintf(text, sizeof text, "%c-%lld", what, (long long)number); break;
    }
    sqlite3_bind_text(stmt, place, text, -1, SQLITE_TRANSIENT);
}

static void raw_supply(struct raw *raw, int64_t number) {
    int64_t seq = 0;
    for (int i = 0; i < RAW_COUNT; i++) {
        for (int place = 0; RAW[i].binds[place] != '\0'; place++)
            raw_bind(raw->insert[i], place + 1, RAW[i].binds[place], number, seq);
        raw_step(raw->insert[i]);
        if (i == 0)
            seq = sqlite3_last_insert_rowid(raw->db);
    }
}

static double run_raw(struct raw *raw, int64_t *next, int group, int64_t count) {
    int64_t began = clock_elapsed_ms();
    for (int64_t i = 0; i < count; i += group) {
        raw_step(raw->begin);
        for (int j = 0; j < group; j++)
            raw_supply(raw, (*next)++);
        raw_step(raw->commit);
    }
    return (double)(clock_elapsed_ms() - began) / 1000;
}

static void bench_raw(double *grouped, double *single) {
    struct raw raw;
    int64_t next = 1;
    struct store *store = open_store(); /* makes the tables */
    write_prescription(store);
    store_close(&store);
    if (sqlite3_open(path, &raw.db) != SQLITE_OK ||
        sqlite3_exec(raw.db,
                     "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = 4096",
                     NULL, NULL, NULL) != SQLITE_OK)
        die(sqlite3_errmsg(raw.db));
    for (int i = 0; i < RAW_COUNT; i++)
        if (sqlite3_prepare_v2(raw.db, RAW[i].sql, -1, &raw.insert[i], NULL) != SQLITE_OK)
            die(sqlite3_errmsg(raw.db));
    sqlite3_prepare_v2(raw.db, "BEGIN IMMEDIATE", -1, &raw.begin, NULL);
    sqlite3_prepare_v2(raw.db, "COMMIT", -1, &raw.commit, NULL);
    *single = run_raw(&raw, &next, 1, SINGLES);
    *grouped = run_raw(&raw, &next, GROUP, GROUP * GROUPS);
    for (int i = 0; i < RAW_COUNT; i++)
        sqlite3_finalize(raw.insert[i]);
    sqlite3_finalize(raw.begin);
    sqlite3_finalize(raw.commit);
    sqlite3_close(raw.db);
    remove_files();
}

int main(void) {
    double raw_grouped;
    double raw_single;
    double grouped;
    double single;
    if (mkdtemp(folder) == NULL || !clock_init("Europe/London", false, 0))
        die("no folder");
    snprintf(path, sizeof path, "%s/facts.db", folder);
    bench_raw(&raw_grouped, &raw_single);
    bench_store(&grouped, &single);
    rmdir(folder);
    printf("store: raw SQLite, commits of %d\t%.0f\tjobs/s\n", GROUP, GROUP * GROUPS / raw_grouped);
    printf("store: %d jobs under way\t%.0f\tjobs/s\n", GROUP, GROUP * GROUPS / grouped);
    printf("store: of raw SQLite's\t%.2f\tratio\t>= 0.5\n", raw_grouped / grouped);
    printf("store: raw SQLite, one at a time\t%.3f\tms\n", raw_single * 1000 / SINGLES);
    printf("store: one job at a time\t%.3f\tms\n", single * 1000 / SINGLES);
    printf("store: one at a time, to raw SQLite's\t%.2f\tratio\t<= 3\n", single / raw_single);
    return 0;
}
