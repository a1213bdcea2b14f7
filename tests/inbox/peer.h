/*
 * Talks to the real inbox over TLS, as pharmacies and the page do: starts build/bin/instalment-inbox --demo on a free port
 * with a folder of its own, reads the ready line, sends requests, ends it. Every failure ends the test with its log shown.
 */
#ifndef INSTALMENT_TESTS_INBOX_PEER_H
#define INSTALMENT_TESTS_INBOX_PEER_H

#include <cjson/cJSON.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>

#define PEER_TEXT 256
#define PEER_ID 37

struct peer {
    bool real; /* no demonstration; set between two starts. Its credential directory is the folder */
    int pid;   /* 0: ended */
    int keep;  /* its standard input */
    int port;
    char folder[PEER_TEXT]; /* data, conf and log are below it */
    cJSON *ready;
    SSL_CTX *tls;
    char secret[PEER_TEXT]; /* what peer_post signs with */
};

struct peer_answer {
    int status; /* 0: the connection ended without an answer */
    char *head; /* status line and headers */
    char *text; /* body, "" where there is none */
    cJSON *body;
};

struct peer_person {
    char cookie[128]; /* "Cookie: …" */
    char csrf[128];   /* "X-CSRF-Token: …" */
};

/* config: the text of a configuration file, NULL: none. */
struct peer *peer_start(const char *config);
/* Again on the same folder, after one of the ends. */
void peer_start_again(struct peer *peer);
void peer_config(struct peer *peer, const char *config); /* writes the file again */
/* Ends in three ways: standard input, SIGTERM (both must end with 0), SIGKILL. */
void peer_end(struct peer *peer);
void peer_terminate(struct peer *peer);
void peer_kill(struct peer *peer);
/* Ends it and removes the folder. */
void peer_stop(struct peer **peer);

_Noreturn void peer_fail(const struct peer *peer, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Runs the program with arguments (NULL-ended) to its end, input to its standard input; stdout and stderr to `out`. */
int peer_run(const char *const *arguments, const char *input, char *out, size_t size);

/* headers: whole lines, NULL-ended; NULL: none. body NULL: none. One connection for each request. */
struct peer_answer peer_request(struct peer *peer, const char *method, const char *path,
                                const char *const *headers, const char *body, size_t len);
struct peer_answer peer_get(struct peer *peer, const char *path, const char *const *headers);
void peer_expect(const struct peer *peer, const struct peer_answer *answer, int status);
void peer_done(struct peer_answer *answer);
/* A text down the answer's body ("entry.0.resource.status"); "" where there is none. */
const char *peer_text(const struct peer_answer *answer, const char *path);

/* A new UUID. */
void peer_id(char out[PEER_ID]);
/* One of tests/inbox/messages with its id, and what it corrects. Free it. */
char *peer_message(const char *name, const char *id, const char *corrects);
/* The three headers for a body, `late` seconds ago, with a "whsec_…" secret. */
struct peer_signed {
    char id[80], timestamp[64], signature[128];
};
struct peer_signed peer_sign(const char *secret, const char *id, const char *body, size_t len, long late);
/* Signs with the peer's secret and posts. `more`: one more header line, NULL: none. */
struct peer_answer peer_post(struct peer *peer, const char *id, const char *body, const char *more);
/* A good message of this name, accepted: its id. */
void peer_send(struct peer *peer, const char *name, char id[PEER_ID]);
/* The status of an alert's Task, by polling: copied to `out`. */
void peer_poll(struct peer *peer, const char *id, char *out, size_t size);

/* The demonstration's keyworker number `which`. */
struct peer_person peer_sign_in(struct peer *peer, int which);
struct peer_answer peer_act(struct peer *peer, const struct peer_person *who, const char *id,
                            const char *body);

/* By hand: a connection with TLS, NULL where it was not let in. */
SSL *peer_connect(struct peer *peer);
void peer_disconnect(SSL **tls);
struct peer_answer peer_receive(SSL *tls);

/* One number from the folder's database. */
long peer_count(const struct peer *peer, const char *sql);

#endif
