/*
 * Talks to the real daemon over TLS: starts build/bin/instalmentd on a free port with a folder of its own, reads the
 * ready line, sends requests by the client library, ends it. Every failure ends the test with the daemon's log shown. One
 * connection for each request, unless a test asks for one of its own (api_connect).
 *
 *     struct api *api = api_start(NULL);
 *     struct api_person khan = api_sign_in(api, "a.khan");
 *     struct api_answer answer = api_post(api, &khan, "/patients", "{\"name\":\"A\"}", "key-1");
 *     api_expect(api, &answer, 201);
 *     ... cJSON_GetObjectItem(answer.body, "id") ...
 *     api_done(&answer);
 *     api_stop(&api);
 */
#ifndef INSTALMENT_TESTS_API_H
#define INSTALMENT_TESTS_API_H

#include <cjson/cJSON.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>

#define API_STAFF_MAX 8
#define API_TEXT 256

struct api_login {
    char staff[40];
    char pin[16];
    char role[16];
};

struct api {
    int pid;               /* 0: ended */
    bool real;             /* no demonstration */
    char data[API_TEXT];   /* the daemon's folder; goes with api_free */
    char log[API_TEXT];    /* its standard error */
    char config[API_TEXT]; /* of one that is no demonstration */
    char terminal[64];
    char ca[API_TEXT]; /* the file of its certificate */
    char socket[API_TEXT];
    char page[API_TEXT];
    int port;
    struct api_login staff[API_STAFF_MAX];
    size_t staff_count;
    cJSON *ready; /* the whole ready line */
    SSL_CTX *tls;
};

/* Somebody who is signed in. */
struct api_person {
    char staff[40];
    char token[64];
    char csrf[64];
};

struct api_answer {
    int status; /* 0: the connection ended without an answer */
    char *head; /* status line and headers, with a NUL */
    char *text; /* body bytes, with a NUL; "" where there is none */
    size_t text_len;
    cJSON *body; /* decoded, NULL where it is no JSON */
};

/* Starts `--demo=empty` with further arguments (NULL-ended, NULL: none) on a new folder, until it is ready. */
struct api *api_start(const char *const *arguments);
/* No demonstration: nobody works there yet, and no terminal is enrolled. */
struct api *api_start_real(void);
/* The same on the folder of one that has ended (api_end, api_kill). */
void api_start_again(struct api *api, const char *const *arguments);
/* SIGTERM: must end with 0. The folder stays, api_start_again goes on with it. */
void api_end(struct api *api);
/* SIGKILL. */
void api_kill(struct api *api);
/* api_end where it still runs, and the folder is removed. NULL inside is allowed: for tear-downs. */
void api_stop(struct api **api);

/* Fails the test, with the daemon's log. */
_Noreturn void api_fail(const struct api *api, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The PIN of one of the demonstration's staff. */
const char *api_pin(const struct api *api, const char *staff);
struct api_person api_sign_in(struct api *api, const char *staff);

/*
 * One request below /api/v1. who: NULL, without a session (the terminal is sent all the same, unless a header "X-Terminal:" is
 * given, which alone, without a value, is not sent). body: JSON text, NULL: none. headers: whole lines without CR LF, NULL-ended; NULL: none.
 */
struct api_answer api_request(struct api *api, const struct api_person *who, const char *method,
                              const char *path, const char *body, const char *const *headers);
struct api_answer api_get(struct api *api, const struct api_person *who, const char *path);
/* key: the Idempotency-Key, NULL: none. */
struct api_answer api_post(struct api *api, const struct api_person *who, const char *path, const char *body,
                           const char *key);
/*
 * A write that is keyed. What was answered 2xx is sent again with the same key, and
 * must be told in the same bytes, as a replay. The first answer is returned.
 */
struct api_answer api_post_twice(struct api *api, const struct api_person *who, const char *path,
                                 const char *body, const char *key);
/* Reads the ETag first. */
struct api_answer api_patch(struct api *api, const struct api_person *who, const char *path,
                            const char *body);

/* The status must be this. */
void api_expect(const struct api *api, const struct api_answer *answer, int status);
/* And the problem's code. */
void api_expect_problem(const struct api *api, const struct api_answer *answer, int status, const char *code);
/* A text member of the answer ("supply.id" goes down); fails where there is none. */
const char *api_text(const struct api *api, const struct api_answer *answer, const char *path);
/* A header's value, copied to `out`; false where absent. */
bool api_header(const struct api_answer *answer, const char *name, char *out, size_t size);
void api_done(struct api_answer *answer);

/* ---- by hand */

struct api_connection {
    int fd;
    SSL *tls; /* NULL: a Unix socket */
};

/* Connects and shakes hands; `from`: source address ("127.0.0.9"), NULL: any. fd -1 where it was not let in. */
struct api_connection api_connect(struct api *api, const char *from);
/* Over a Unix socket, without TLS. */
struct api_connection api_connect_unix(const char *path);
/* False where the other side has closed. */
bool api_send(struct api_connection *connection, const void *bytes, size_t len);
/* Reads one whole answer (by its Content-Length, or to the end); at most `seconds`. status 0: none came. */
struct api_answer api_receive(struct api_connection *connection, int seconds);
/* Reads what is there within the time, at most `size` - 1 bytes, until `until` has come; NUL-ended. Returns how many. */
size_t api_read_until(struct api_connection *connection, const char *until, char *out, size_t size,
                      int seconds);
void api_close(struct api_connection *connection);

#endif
