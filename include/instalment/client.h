/*
 * A client of the interface (base /api/v1): requests over HTTPS or the daemon's local socket, with what makes them safe to
 * repeat. Used by `instalment` and by the tests; another program may build on it. Link libclient.a, libcurl and cJSON.
 *
 * A handle and everything that comes from it belong to one thread at a time. Texts are UTF-8. What a function hands out is
 * the caller's to free by the function named for it; what is called "borrowed" is not.
 *
 * The certificate is always verified, redirects are never followed, no proxy is used, and no secret is put on a command
 * line or into a log. A write with a key whose answer was lost is asked for again with the same key, which the daemon
 * answers with what was recorded the first time; what stays unknown is said to be unknown, never a failure.
 */
#ifndef INSTALMENT_CLIENT_H
#define INSTALMENT_CLIENT_H

#include <stdbool.h>
#include <stddef.h>

struct cJSON;

#define INSTALMENT_KEY_SIZE 37 /* a fresh idempotency key with its NUL */

struct instalment;
struct instalment_reply;
struct instalment_watch;

struct instalment_options {
    const char *url;      /* "https://127.0.0.1:8443"; NULL: the socket */
    const char *ca;       /* a PEM file that signs the daemon's certificate; NULL: the system's authorities */
    const char *socket;   /* the daemon's ctl.sock; used where url is NULL */
    const char *terminal; /* the terminal's token; NULL: none is sent (the socket needs none) */
    long seconds;         /* for one answer in all; 0: 30 */
};

/* What became of a request. Values are stable. */
enum instalment_result {
    INSTALMENT_ANSWERED = 0,    /* there is an answer: its status says more */
    INSTALMENT_UNREACHABLE = 1, /* nobody answers there; nothing was sent */
    INSTALMENT_UNTRUSTED = 2,   /* the certificate is not one that may be believed; nothing was sent */
    INSTALMENT_LOST = 3,        /* sent, no answer: a reading, or a write that needs no key */
    INSTALMENT_UNKNOWN =
        4, /* a write with a key: not known whether it was recorded. Ask again with the same key */
    INSTALMENT_FAILED = 5 /* memory, or an address that makes no sense */
};

/* Copies the options. NULL where memory is short or neither url nor socket is given. Not thread safe the first time. */
struct instalment *instalment_open(const struct instalment_options *options);
/* Frees it and wipes the token; *client becomes NULL, which is allowed. */
void instalment_close(struct instalment **client);

/* The session that goes with every request from now on; copied. NULL: none. */
void instalment_set_session(struct instalment *client, const char *token);
/* The terminal, as in the options. NULL: none. */
void instalment_set_terminal(struct instalment *client, const char *token);
/* A sentence about the last request that was not answered, with what the library below said; borrowed, until the next. */
const char *instalment_error(const struct instalment *client);

/* One request. Everything is borrowed for the call. */
struct instalment_request {
    const char *method;   /* "GET", "POST", "PATCH", "DELETE" */
    const char *path;     /* below /api/v1: "/day?date=2026-11-23" */
    const char *body;     /* JSON; NULL: none. The library keeps no copy of it */
    const char *key;      /* Idempotency-Key; NULL: none */
    const char *if_match; /* NULL: none */
    const char *const
        *headers; /* further lines "Name: value", NULL-ended; "Name:" leaves one of curl's out; NULL: none */
};

/*
 * Sends it and waits. *reply: the answer, where INSTALMENT_ANSWERED; else NULL. With a key, a lost answer and a 503
 * "outcome_unknown" are asked for again (0.2, 1 and 3 s later) with the same key and body.
 */
enum instalment_result instalment_send(struct instalment *client, const struct instalment_request *request,
                                       struct instalment_reply **reply);

/* ---- the same, said shorter */

enum instalment_result instalment_get(struct instalment *client, const char *path,
                                      struct instalment_reply **reply);
/* key NULL: a fresh one is made. */
enum instalment_result instalment_post(struct instalment *client, const char *path, const char *body,
                                       const char *key, struct instalment_reply **reply);
/* Reads the ETag first: what changes in between is a 412. The reply is the GET's where that is no 200. */
enum instalment_result instalment_patch(struct instalment *client, const char *path, const char *body,
                                        struct instalment_reply **reply);
/*
 * Every item of a list, page by page: one reply whose body is {"items":[...],"next":null}; the reply of the page that was
 * not 200 otherwise. `pages` (NULL: not wanted) is called after each with how many items there are so far.
 */
enum instalment_result instalment_get_all(struct instalment *client, const char *path,
                                          void (*pages)(void *context, size_t items), void *context,
                                          struct instalment_reply **reply);
/* POST /session; where it is 201, the session goes with every request from now on. */
enum instalment_result instalment_sign_in(struct instalment *client, const char *staff, const char *pin,
                                          struct instalment_reply **reply);
/* DELETE /session, and the session is forgotten whatever the answer is. */
enum instalment_result instalment_sign_out(struct instalment *client, struct instalment_reply **reply);

/* A key that nobody has used, from the system's random numbers. False where those cannot be read. */
bool instalment_key(char out[INSTALMENT_KEY_SIZE]);

/* ---- an answer; NULL is allowed everywhere */

int instalment_status(const struct instalment_reply *reply);
/* The body's bytes with a NUL behind them, never NULL; borrowed. */
const char *instalment_body(const struct instalment_reply *reply, size_t *len);
/* The body decoded; NULL where it is no JSON. Borrowed, and the caller may take parts out of it. */
struct cJSON *instalment_json(const struct instalment_reply *reply);
/* A text member ("staff.name" goes down); NULL where there is none. Borrowed. */
const char *instalment_text(const struct instalment_reply *reply, const char *path);
/* A header's value, the first of that name; NULL where there is none. Borrowed. */
const char *instalment_header(const struct instalment_reply *reply, const char *name);
/* Was this the answer to an earlier request with the same key? */
bool instalment_replayed(const struct instalment_reply *reply);
/* Status line and headers as they came, CR LF ended, with a NUL; borrowed. */
const char *instalment_head(const struct instalment_reply *reply);
void instalment_reply_free(struct instalment_reply **reply);

/* ---- GET /events: what has changed, as it changes */

/* Begins to listen with the client's session, on a connection of its own. NULL where memory is short. */
struct instalment_watch *instalment_watch_open(struct instalment *client);
void instalment_watch_close(struct instalment_watch **watch);

enum instalment_watched {
    INSTALMENT_WATCH_EVENT, /* *name says of what kind; the first is "": the line stands, nothing is missed from here */
    INSTALMENT_WATCH_OTHER, /* the other descriptor can be read */
    INSTALMENT_WATCH_TIME,  /* nothing within the time */
    INSTALMENT_WATCH_LOST   /* the line is gone: close this one and open another */
};
/*
 * Waits for the next event, for `other` (a descriptor to be read; -1: none), or for the time. *name ("day", "alert",
 * "print", "" for a sign of life, of which one comes every few seconds) is borrowed until the next call.
 */
enum instalment_watched instalment_watch_wait(struct instalment_watch *watch, int other, int milliseconds,
                                              const char **name);
/* What came with the event that was told last ({"id","state"} as JSON, "" of a sign of life); borrowed as its name is. */
const char *instalment_watch_data(const struct instalment_watch *watch);

#endif
