/*
 * The register and the end of the day: verification of a million entries on one core, closing the day of 200 and 5,000
 * patients, and a year's claim of 5,000. Below build/, or BENCH_FOLDER.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "desk/reports.h"
#include "fill.h"
#include "load.h"
#include "store/controlled.h"
#include "store/store.h"

#define PATH_SIZE 128
#define SECTION "methadone-1mg-ml"
#define PIECE 10000

enum { ENTRIES = 1000000, SMALL = 200, LARGE = 5000, OPEN_EACH = 20, DOSES_A_YEAR = 313 };

static char folder[PATH_SIZE];
static char data[PATH_SIZE];
static char log_path[PATH_SIZE];
static struct load_request request;
static struct arena *arena;

static void remove_data(const char *path) {
    pid_t child = fork();
    if (child == 0) {
        execlp("rm", "rm", "-rf", path, (char *)NULL);
        _exit(127);
    }
    (void)waitpid(child, NULL, 0);
}

static double cpu_seconds(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- straight through the store ---- */

struct work {
    struct job job; /* first */
    int64_t next;
    double seconds;
    double sum;
};

static struct store *open_file(const char *name) {
    enum store_open_error error = STORE_OPEN;
    const char *message = NULL;
    char path[PATH_SIZE + 32];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    struct store *store = store_open(&(struct store_options){.path = path}, &error, &message);
    if (store == NULL) {
        load_fail(message);
    }
    return store;
}

static bool entries_run(struct job *job, struct tx *tx) {
    struct work *work = (struct work *)job;
    arena_reset(arena);
    tx->arena = arena;
    tx_audit(tx, "fill", NULL, NULL, NULL);
    for (int i = 0; i < PIECE; i++, work->next++) {
        struct register_row row = {.section = SECTION,
                                   .kind = "supplied",
                                   .on = (day_t)(20000 + work->next / 1000),
                                   .entered_at = 1795424400 + work->next,
                                   .quantity = work->next % 60 == 0 ? 3600000 : -60000,
                                   .person_name = "Patient Number000123",
                                   .person_address = "1 Larkspur Row, Testham",
                                   .authority = "Dr Hester Vale",
                                   .collector_role = "patient",
                                   .by_staff = "a.khan",
                                   REGISTER_ROW_NONE};
        row.identity_requested = row.identity_provided = 1;
        register_append(tx, &row);
    }
    return true;
}

static bool verify_run(struct job *job, struct tx *tx) {
    struct work *work = (struct work *)job;
    struct register_check check;
    tx->arena = arena;
    double before = cpu_seconds();
    if (!register_verify(tx, SECTION, 0, INT64_MAX, &check) || check.what != NULL ||
        check.entries != ENTRIES) {
        load_fail("the register does not verify");
    }
    work->seconds = cpu_seconds() - before;
    return true;
}

static void bench_verify(void) {
    struct work work = {.job = {.run = entries_run}};
    struct store *store = open_file("register.db");
    while (work.next < ENTRIES) {
        (void)store_write_now(store, &work.job);
    }
    work.job.run = verify_run;
    (void)store_read_now(store, &work.job);
    printf("register: verify 1,000,000 entries, one core\t%.2f\ts\t<= 2\n", work.seconds);
    store_close(&store);
    struct timespec began;
    struct timespec ended;
    (void)clock_gettime(CLOCK_MONOTONIC, &began);
    store = open_file("register.db");
    (void)clock_gettime(CLOCK_MONOTONIC, &ended);
    printf("register: open 1,000,000 entries, the last 500 verified\t%.1f\tms\n",
           (double)(ended.tv_sec - began.tv_sec) * 1000 + (double)(ended.tv_nsec - began.tv_nsec) / 1e6);
    store_close(&store);
}

/* A year of supervised doses of 5,000 patients, as the claim sees them. */
static bool doses_run(struct job *job, struct tx *tx) {
    struct work *work = (struct work *)job;
    static const char insert[] =
        "INSERT INTO supervised_dose (service, on_day, product, supply, seq) VALUES (?,?,?,?,?)";
    arena_reset(arena);
    tx->arena = arena;
    tx_audit(tx, "fill", NULL, NULL, NULL);
    for (int i = 0; i < LARGE; i++) {
        char supply[32];
        (void)snprintf(supply, sizeof supply, "su-01M7%08d%08d", (int)work->next, i);
        struct statement *s = db_use(tx->db, insert);
        bind_text(s, i % 3 == 0 ? "sv-01M6ZN4F00E05TTNTWSZ5DEFNV" : "sv-01M6ZN4F00E05TTNTWSZ5DEFNW");
        bind_day(s, (day_t)(20500 + work->next));
        bind_text(s, i % 4 == 0 ? "methadone-1mg-ml" : FILL_PRODUCT);
        bind_text(s, supply);
        bind_int(s, tx->seq);
        statement_run(s);
    }
    work->next++;
    return true;
}

static bool claim_run(struct job *job, struct tx *tx) {
    struct work *work = (struct work *)job;
    struct claim_row *rows = NULL;
    size_t count = 0;
    arena_reset(arena);
    tx->arena = arena;
    double before = cpu_seconds();
    if (!desk_claim(tx, NULL, 20500, 20500 + 365, &rows, &count)) {
        load_fail("no claim");
    }
    work->seconds = cpu_seconds() - before;
    for (size_t i = 0; i < count; i++) {
        work->sum += (double)rows[i].doses;
    }
    return true;
}

static void bench_claim(void) {
    struct work work = {.job = {.run = doses_run}};
    struct store *store = open_file("claim.db");
    while (work.next < DOSES_A_YEAR) {
        (void)store_write_now(store, &work.job);
    }
    work.job.run = claim_run;
    (void)store_read_now(store, &work.job);
    if ((int)work.sum != LARGE * DOSES_A_YEAR) {
        load_fail("the claim counts otherwise");
    }
    printf("claim: a year of %d patients\t%.0f\tms\t<= 500\n", LARGE, work.seconds * 1000);
    store_close(&store);
}

/* ---- through the daemon ---- */

static void bench_close(size_t patients, double target) {
    const char *const arguments[] = {
        "build/bin/instalmentd", "--demo=empty", "--data", data, "--listen", "127.0.0.1:0", NULL};
    const struct fill fill = {.patients = patients, .open_each = OPEN_EACH};
    struct load_server server;
    (void)fill_folder(data, &fill);
    load_start(&server, arguments, NULL, log_path);
    load_sign_in(&server, "a.khan", "739164");
    load_request_make(&request, &server, "POST", "/demo/clock", NULL, "{\"advance_to\":\"cut_off\"}");
    (void)load_run(&server, &request, 1, 1, 200);
    load_request_make(&request, &server, "POST", "/day/2026-11-23/close", "close-1",
                      "{\"reason\":\"bench\"}");
    double ms = load_run(&server, &request, 1, 1, 201) * 1000;
    printf("day: close of %zu patients, with its report\t%.0f\tms\t<= %.0f\n", patients, ms, target);
    load_stop(&server);
    remove_data(data);
}

int main(void) {
    const char *below = getenv("BENCH_FOLDER");
    (void)snprintf(folder, sizeof folder, "%.40s/bench-register-XXXXXX", below == NULL ? "build" : below);
    if (mkdtemp(folder) == NULL) {
        load_fail("no folder");
    }
    (void)snprintf(data, sizeof data, "%.100s/data", folder);
    (void)snprintf(log_path, sizeof log_path, "%.100s/log", folder);
    arena = arena_new(256U << 20);
    (void)clock_init("Europe/London", false, 0);
    bench_verify();
    bench_claim();
    arena_free(&arena);
    bench_close(SMALL, 100);
    bench_close(LARGE, 1000);
    remove_data(folder);
    return 0;
}
