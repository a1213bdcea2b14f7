/*
 * A server to measure, and the load on it: starts a program that prints a ready line, opens keep-alive connections over
 * TLS and keeps one request under way on each. Every failure ends the bench with a sentence.
 */
#ifndef INSTALMENT_BENCH_LOAD_H
#define INSTALMENT_BENCH_LOAD_H

#include <openssl/ssl.h>
#include <stddef.h>
#include <sys/types.h>

struct load_server {
    pid_t pid;
    int port;
    char ca[256];
    char terminal[96];
    char token[96];  /* of the session; "": nobody is signed in */
    double ready_ms; /* from the start to the ready line */
    SSL_CTX *tls;
};

/* One request: the whole of its bytes, and how long its answer took. */
struct load_request {
    char *text;
    size_t len;
    double ms;
};

_Noreturn void load_fail(const char *what);
double load_now(void); /* seconds */

/*
 * Starts arguments[0], found by its path, with LD_PRELOAD where `preload` is not NULL, and waits for its ready line. The
 * log goes to the file `log`. load_stop ends it with SIGTERM and waits.
 */
void load_start(struct load_server *server, const char *const *arguments, const char *preload,
                const char *log);
void load_stop(struct load_server *server);

/* Signs somebody of the demonstration in; the session goes with every request made from now on. */
void load_sign_in(struct load_server *server, const char *staff, const char *pin);

/* Makes a request; body and key may be NULL. `format` and what follows make the body. */
void load_request_make(struct load_request *request, const struct load_server *server, const char *method,
                       const char *path, const char *key, const char *body);

/*
 * Sends all requests over so many connections, each with one under way; every answer must have this status. Fills in
 * each one's ms and frees its text. Returns the seconds from the first request to the last answer.
 */
double load_run(const struct load_server *server, struct load_request *requests, size_t count,
                int connections, int status);

/* The share-th part of the times of `requests`, sorted: 0.5 the median, 0.99 the 99th percentile. */
double load_quantile(struct load_request *requests, size_t count, double share);

/* The processor time that the server has used, in seconds: all threads, and that of the thread `name` alone. */
double load_processor(const struct load_server *server);
double load_thread(const struct load_server *server, const char *name);

/* A figure of /proc/PID/status in kB: "VmRSS", "RssAnon". */
long load_memory(const struct load_server *server, const char *name);

#endif
