/*
 * Durable supplies over TLS, from the real daemon: the whole transaction, synced before the answer, each a different
 * patient's dose of today. Beside it in the same run, on the same database: SQLite by hand with the same rows; the daemon
 * answering a constant; a server in Node (peer/), each request committed by itself and in groups; and the shop's disk,
 * each sync slowed to 8 ms. In a folder of its own below build/
 * (or BENCH_FOLDER: the disk to measure).
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fill.h"
#include "load.h"
#include "raw.h"

#define MANY 64
#define SOME 8
#define SLOW_SYNC "build/release/bench/slow_sync.so"
#define PEER "build/peer/server.js"
#define PATH_SIZE 128

enum {
    SUPPLIES_MANY = 9000,
    SUPPLIES_SOME = 1500,
    SUPPLIES_ONE = 400,
    SUPPLIES_SLOW = 1500,
    SUPPLIES_SLOW_ONE = 40,
    CONSTANTS = 10000,
    RAW_MANY = 6400,
    PEER_EACH = 2000,
    PEER_GROUP = 3000,
    PEER_SLOW = 150,
    PATIENTS = 26000
};

struct bench {
    char folder[PATH_SIZE];
    char data[PATH_SIZE];
    char config[PATH_SIZE];
    char log[PATH_SIZE];
    char database[PATH_SIZE];
    size_t next; /* the first patient who has had nothing today */
    struct load_request requests[CONSTANTS];
};

struct measured {
    double rate;   /* a second */
    double median; /* ms */
    double worst;  /* 99th percentile, ms */
};

/* ---- servers ---- */

static void server_start(const struct bench *bench, struct load_server *server, const char *preload) {
    const char *const arguments[] = {"build/bin/instalmentd",
                                     "--demo=empty",
                                     "--config",
                                     bench->config,
                                     "--data",
                                     bench->data,
                                     "--listen",
                                     "127.0.0.1:0",
                                     NULL};
    load_start(server, arguments, preload, bench->log);
    load_sign_in(server, "a.khan", "739164");
}

static void peer_start(const struct bench *bench, struct load_server *server, const char *mode,
                       const char *preload) {
    const char *const arguments[] = {"/usr/bin/env", "node", PEER, bench->data, mode, NULL};
    load_start(server, arguments, preload, bench->log);
    load_sign_in(server, "a.khan", "739164");
}

static struct measured measure(struct bench *bench, const struct load_server *server, size_t count,
                               int connections) {
    static const char body[] = "{\"prescription\":\"%s\",\"on\":\"2026-11-23\",\"advance\":false,"
                               "\"collector\":{\"role\":\"patient\","
                               "\"identity_requested\":true,\"identity_provided\":true},\"expect\":{"
                               "\"items\":[{\"product\":\"" FILL_PRODUCT "\",\"quantity\":\"" FILL_DOSE
                               "\",\"supervised\":\"" FILL_DOSE "\",\"take_home\":\"0\"}]},"
                               "\"supervised_by\":\"a.khan\",\"confirm\":[\"first_dose\",\"dose_warning\"],"
                               "\"confirmed_by\":\"a.khan\","
                               "\"pin\":\"739164\"}";
    for (size_t i = 0; i < count; i++) {
        char id[FILL_ID_SIZE];
        char key[64];
        char text[sizeof body + FILL_ID_SIZE];
        fill_prescription_id(bench->next++, id);
        (void)snprintf(key, sizeof key, "key-%s", id);
        (void)snprintf(text, sizeof text, body, id);
        load_request_make(&bench->requests[i], server, "POST", "/supplies", key, text);
    }
    double seconds = load_run(server, bench->requests, count, connections, 201);
    return (struct measured){.rate = (double)count / seconds,
                             .median = load_quantile(bench->requests, count, 0.5),
                             .worst = load_quantile(bench->requests, count, 0.99)};
}

static struct measured measure_raw(struct bench *bench, size_t count, size_t group) {
    double seconds = raw_run(bench->database, bench->next, bench->requests, count, group);
    bench->next += count;
    return (struct measured){.rate = (double)count / seconds,
                             .median = load_quantile(bench->requests, count, 0.5),
                             .worst = load_quantile(bench->requests, count, 0.99)};
}

static double measure_constant(struct bench *bench, const struct load_server *server) {
    for (size_t i = 0; i < CONSTANTS; i++) {
        load_request_make(&bench->requests[i], server, "GET", "/healthz", NULL, NULL);
    }
    return CONSTANTS / load_run(server, bench->requests, CONSTANTS, MANY, 200);
}

/* ---- figures ---- */

static void print_memory(const struct load_server *server, const char *when, const char *all,
                         const char *anonymous) {
    printf("supplies: memory %s\t%.1f\tMB%s\n", when, (double)load_memory(server, "VmRSS") / 1024, all);
    printf("supplies: memory %s, anonymous\t%.1f\tMB%s\n", when,
           (double)load_memory(server, "RssAnon") / 1024, anonymous);
}

/* The disk as it is: what 64 connections reach; *alone becomes one connection's. */
static struct measured bench_fast(struct bench *bench, struct measured *alone) {
    struct load_server server;
    server_start(bench, &server, NULL);
    print_memory(&server, "idle", "\t<= 20", "\t<= 6");
    struct measured one = measure(bench, &server, SUPPLIES_ONE, 1);
    struct measured some = measure(bench, &server, SUPPLIES_SOME, SOME);
    double writer = load_thread(&server, "store-writer");
    double all = load_processor(&server);
    struct measured many = measure(bench, &server, SUPPLIES_MANY, MANY);
    writer = load_thread(&server, "store-writer") - writer;
    all = load_processor(&server) - all;
    print_memory(&server, "after 10,900 supplies", "\t<= 40", "");
    double constant = measure_constant(bench, &server);
    load_stop(&server);
    struct measured raw_one = measure_raw(bench, SUPPLIES_ONE, 1);
    struct measured raw_some = measure_raw(bench, SUPPLIES_SOME, SOME);
    struct measured raw = measure_raw(bench, RAW_MANY, MANY);
    double ceiling = raw.rate < constant ? raw.rate : constant;
    printf("supplies: raw SQLite, commits of %d\t%.0f\t/s\n", MANY, raw.rate);
    printf("supplies: a constant over TLS, %d connections\t%.0f\t/s\n", MANY, constant);
    printf("supplies: %d connections\t%.0f\t/s\n", MANY, many.rate);
    printf("supplies: processor time of one\t%.0f\tus\n", all * 1e6 / SUPPLIES_MANY);
    printf("supplies: processor time of one, the writer's\t%.0f\tus\n", writer * 1e6 / SUPPLIES_MANY);
    printf("supplies: of the lower ceiling\t%.3f\tratio\t>= 0.5\n", many.rate / ceiling);
    printf("supplies: 1 connection, median\t%.3f\tms\n", one.median);
    printf("supplies: raw SQLite, single, median\t%.3f\tms\n", raw_one.median);
    printf("supplies: 1 connection, to raw SQLite's\t%.2f\tratio\t<= 3\n", one.median / raw_one.median);
    printf("supplies: %d connections, 99th percentile\t%.2f\tms\n", SOME, some.worst);
    printf("supplies: raw SQLite, commits of %d, 99th\t%.2f\tms\n", SOME, raw_some.worst);
    printf("supplies: %d connections, above raw SQLite's\t%.2f\tms\t<= 5\n", SOME,
           some.worst - raw_some.worst);
    *alone = one;
    return many;
}

/* One caller waits for one sync more than on the fast disk, and no second one. */
static double bench_slow(struct bench *bench, double fast_median) {
    struct load_server server;
    server_start(bench, &server, SLOW_SYNC);
    struct measured one = measure(bench, &server, SUPPLIES_SLOW_ONE, 1);
    struct measured many = measure(bench, &server, SUPPLIES_SLOW, MANY);
    load_stop(&server);
    printf("supplies: slow disk, %d connections\t%.0f\t/s\n", MANY, many.rate);
    printf("supplies: slow disk, 1 connection, median\t%.2f\tms\n", one.median);
    printf("supplies: slow disk, syncs for one caller\t%.2f\tof 8 ms\t<= 1.5\n",
           (one.median - fast_median) / 8);
    return many.rate;
}

static double bench_peer(struct bench *bench, const char *mode, size_t count, const char *preload) {
    struct load_server server;
    peer_start(bench, &server, mode, preload);
    struct measured many = measure(bench, &server, count, MANY);
    load_stop(&server);
    return many.rate;
}

static void bench_peers(struct bench *bench, double fast, double slow) {
    double each = bench_peer(bench, "each", PEER_EACH, NULL);
    double group = bench_peer(bench, "group", PEER_GROUP, NULL);
    double slow_each = bench_peer(bench, "each", PEER_SLOW, SLOW_SYNC);
    printf("supplies: Node, a commit each\t%.0f\t/s\n", each);
    printf("supplies: Node, group commit\t%.0f\t/s\n", group);
    printf("supplies: to Node's, a commit each\t%.2f\tratio\t>= 5\n", fast / each);
    printf("supplies: to Node's, group commit\t%.2f\tratio\t>= 1.2\n", fast / group);
    printf("supplies: slow disk, Node, a commit each\t%.0f\t/s\n", slow_each);
    printf("supplies: slow disk, to Node's\t%.1f\tratio\t>= 25\n", slow / slow_each);
}

/* ---- the folder ---- */

static void folder_make(struct bench *bench) {
    const struct fill fill = {.patients = PATIENTS};
    const char *below = getenv("BENCH_FOLDER"); /* another disk */
    (void)snprintf(bench->folder, PATH_SIZE, "%.40s/bench-supplies-XXXXXX", below == NULL ? "build" : below);
    if (mkdtemp(bench->folder) == NULL) {
        load_fail("no folder");
    }
    (void)snprintf(bench->data, PATH_SIZE, "%.60s/data", bench->folder);
    (void)snprintf(bench->config, PATH_SIZE, "%.60s/bench.conf", bench->folder);
    (void)snprintf(bench->log, PATH_SIZE, "%.60s/log", bench->folder);
    (void)snprintf(bench->database, PATH_SIZE, "%.60s/data/instalment.db", bench->folder);
    FILE *config = fopen(bench->config, "w");
    if (config == NULL || fputs("connections_per_address = 128\n", config) < 0 || fclose(config) != 0) {
        load_fail("no configuration");
    }
    (void)fill_folder(bench->data, &fill);
}

static void folder_remove(const struct bench *bench) {
    pid_t child = fork();
    if (child == 0) {
        execlp("rm", "rm", "-rf", bench->folder, (char *)NULL);
        _exit(127);
    }
    (void)waitpid(child, NULL, 0);
}

int main(void) {
    static struct bench bench;
    folder_make(&bench);
    struct measured one;
    double fast = bench_fast(&bench, &one).rate;
    double slow = bench_slow(&bench, one.median);
    if (access(PEER, R_OK) == 0) {
        bench_peers(&bench, fast, slow);
    } else {
        fprintf(stderr, "bench: no Node peer below build/peer: its figures are left out\n");
    }
    folder_remove(&bench);
    return 0;
}
