/*
 * The day's list, the sweep for missed collections, the start and the disk, with the real daemon on folders of several
 * sizes. A sweep of 100,000 prescriptions is not run but worked out from the 20,000 that are. Below build/, or
 * BENCH_FOLDER.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fill.h"
#include "load.h"

#define PATH_SIZE 128
#define REQUESTS_MAX 200
#define YEARS 2
#define PLANS_IN_YEARS (YEARS * 26)
#define SUPPLIES_A_YEAR 365
#define SWEPT_MAX 100000

enum { SMALL = 200, LARGE = 5000, SWEPT = 20000, OPEN_EACH = 20 };

static char folder[PATH_SIZE];
static char data[PATH_SIZE];
static char log_path[PATH_SIZE];
static struct load_request requests[REQUESTS_MAX];

/* ---- folders ---- */

static void remove_data(const char *path) {
    pid_t child = fork();
    if (child == 0) {
        execlp("rm", "rm", "-rf", path, (char *)NULL);
        _exit(127);
    }
    (void)waitpid(child, NULL, 0);
}

static void folder_make(void) {
    const char *below = getenv("BENCH_FOLDER");
    (void)snprintf(folder, sizeof folder, "%.40s/bench-day-XXXXXX", below == NULL ? "build" : below);
    if (mkdtemp(folder) == NULL) {
        load_fail("no folder");
    }
    (void)snprintf(data, sizeof data, "%.100s/data", folder);
    (void)snprintf(log_path, sizeof log_path, "%.100s/log", folder);
}

static double database_kb(void) {
    char path[PATH_SIZE + 16];
    struct stat status;
    (void)snprintf(path, sizeof path, "%s/instalment.db", data);
    if (stat(path, &status) != 0) {
        load_fail("no database");
    }
    return (double)status.st_size / 1000;
}

/* ---- what is measured ---- */

static void server_start(struct load_server *server) {
    const char *const arguments[] = {
        "build/bin/instalmentd", "--demo=empty", "--data", data, "--listen", "127.0.0.1:0", NULL};
    load_start(server, arguments, NULL, log_path);
}

static double list_worst(const struct load_server *server, size_t count) {
    for (size_t i = 0; i < count; i++) {
        load_request_make(&requests[i], server, "GET", "/day", NULL, NULL);
    }
    (void)load_run(server, requests, count, 1, 200);
    return load_quantile(requests, count, 0.99);
}

/* Moves the clock, which sweeps on the way: ms. */
static double move_ms(const struct load_server *server, const char *to) {
    char body[64];
    (void)snprintf(body, sizeof body, "{\"advance_to\":\"%s\"}", to);
    load_request_make(&requests[0], server, "POST", "/demo/clock", NULL, body);
    return load_run(server, requests, 1, 1, 200) * 1000;
}

/* Runs the command line beside the server, its output thrown away, `input` its standard input: ms from start to end. */
static double command_ms(const char *const *arguments, const char *input) {
    int ends[2];
    if (pipe(ends) != 0 || write(ends[1], input, strlen(input)) < 0) {
        load_fail("no pipe");
    }
    (void)close(ends[1]);
    double begun = load_now();
    pid_t child = fork();
    if (child == 0) {
        (void)dup2(ends[0], STDIN_FILENO);
        int nothing = open("/dev/null", O_WRONLY | O_CLOEXEC);
        (void)dup2(nothing, STDOUT_FILENO);
        execv(arguments[0], (char *const *)(uintptr_t)arguments);
        _exit(127);
    }
    int status = 0;
    (void)waitpid(child, &status, 0);
    (void)close(ends[0]);
    if (status != 0) {
        load_fail("the command line failed");
    }
    return (load_now() - begun) * 1000;
}

static double today_median(void) {
    static const char *const sign_in[] = {"build/bin/instalment", "sign-in", "a.khan", "--pin-stdin", NULL};
    static const char *const today[] = {"build/bin/instalment", "today", NULL};
    static struct load_request timed[REQUESTS_MAX / 10];
    char socket[PATH_SIZE + 16];
    (void)snprintf(socket, sizeof socket, "%s/ctl.sock", data);
    char *runtime = realpath(folder, NULL);
    (void)setenv("INSTALMENT_SOCKET", socket, 1);
    (void)setenv("XDG_RUNTIME_DIR", runtime == NULL ? "/tmp" : runtime, 1);
    free(runtime);
    (void)command_ms(sign_in, "739164\n");
    for (size_t i = 0; i < REQUESTS_MAX / 10; i++) {
        timed[i].ms = command_ms(today, "");
    }
    return load_quantile(timed, REQUESTS_MAX / 10, 0.5);
}

/* ---- figures ---- */

static void bench_small(void) {
    const struct fill fill = {.patients = SMALL};
    struct load_server server;
    (void)fill_folder(data, &fill);
    server_start(&server);
    load_sign_in(&server, "a.khan", "739164");
    printf("day: the list, %d patients, 99th percentile\t%.2f\tms\t<= 5\n", SMALL, list_worst(&server, 100));
    printf("command line: instalment today, %d patients, from start to end, median\t%.1f\tms\t<= 30\n", SMALL,
           today_median());
    load_stop(&server);
    remove_data(data);
}

static void bench_history(void) {
    const struct fill fill = {.patients = SMALL, .plans_before = PLANS_IN_YEARS};
    struct load_server server;
    size_t supplies = fill_folder(data, &fill);
    double kb = database_kb();
    server_start(&server);
    printf("start: to ready, %d patients, %d years\t%.0f\tms\t<= 150\n", SMALL, YEARS, server.ready_ms);
    load_sign_in(&server, "a.khan", "739164");
    printf("day: the list, %d patients, %d years before, slowest of 3\t%.1f\tms\t<= 6\n", SMALL, YEARS,
           list_worst(&server, 3));
    printf("memory: %d patients, %d years, after lists\t%.1f\tMB\n", SMALL, YEARS,
           (double)load_memory(&server, "VmRSS") / 1024);
    printf("disk: a patient and year, 365 supplies\t%.0f\tkB\t<= 700\n",
           kb / (double)supplies * SUPPLIES_A_YEAR);
    load_stop(&server);
    remove_data(data);
}

static void bench_large(void) {
    const struct fill fill = {.patients = LARGE, .open_each = OPEN_EACH};
    struct load_server server;
    (void)fill_folder(data, &fill);
    server_start(&server);
    load_sign_in(&server, "a.khan", "739164");
    printf("day: the list, %d patients, slowest of 5\t%.0f\tms\t<= 50\n", LARGE, list_worst(&server, 5));
    printf("memory: after lists of %d patients\t%.1f\tMB\n", LARGE,
           (double)load_memory(&server, "VmRSS") / 1024);
    load_stop(&server);
    remove_data(data);
}

static void bench_sweep(void) {
    const struct fill fill = {.patients = SWEPT, .open_each = OPEN_EACH};
    struct load_server server;
    (void)fill_folder(data, &fill);
    server_start(&server);
    load_sign_in(&server, "a.khan", "739164");
    double missed = move_ms(&server, "cut_off");
    double nothing = move_ms(&server, "tomorrow");
    printf("sweep: %d prescriptions, 5 %% missed\t%.0f\tms\n", SWEPT, missed);
    printf("sweep: 100,000, worked out from these\t%.0f\tms\t<= 1500\n", missed * SWEPT_MAX / SWEPT);
    printf("sweep: %d prescriptions, nothing to do\t%.1f\tms\t<= 20\n", SWEPT, nothing);
    printf("memory: after the sweep\t%.1f\tMB\n", (double)load_memory(&server, "VmRSS") / 1024);
    load_stop(&server);
    remove_data(data);
}

int main(void) {
    folder_make();
    bench_small();
    bench_large();
    bench_history();
    bench_sweep();
    remove_data(folder);
    return 0;
}
