/*
 * One request and its answer, for those who handle it. Inside the server; everything runs on the loop.
 */
#ifndef INSTALMENT_INBOX_CALL_H
#define INSTALMENT_INBOX_CALL_H

#include <arpa/inet.h>
#include <event2/http.h>

#include "config.h"
#include "hasher.h"
#include "server.h"
#include "session.h"
#include "store.h"

#define CALL_BODY_MAX ((size_t)1 << 20)
#define ENDPOINT "/fhir"

struct connection;

struct call {
    struct server *server;
    struct connection *connection;
    struct evhttp_request *request;
    const char *path;  /* as it came, without the query */
    const char *query; /* NULL: none */
    const char *body;  /* not NULL, no NUL behind it */
    size_t body_len;
    const char *address; /* the other side's, as text */
    /* the page's */
    struct session *session; /* who it is; valid in the turn in which it was set */
    char name[STORE_NAME_SIZE];
    char what[STORE_NAME_SIZE + 8]; /* the brake's name of whoever tries to sign in */
    struct call *next;              /* of those that wait for the commit */
    int status;
    const char *type;
    char *text;
};

/* A header's value; NULL where it is not there. */
const char *call_header(const struct call *call, const char *name);
/* Adds one to the answer. */
void call_add(struct call *call, const char *name, const char *value);

/*
 * Answers, and frees the call. text: the body, taken over (free), NULL: none. Where something is written that is not
 * committed, the answer waits for the commit; if that fails, it becomes 503.
 */
void call_answer(struct call *call, int status, const char *type, char *text);
/* The same with a body that stays where it is, `len` bytes. */
void call_answer_bytes(struct call *call, int status, const char *type, const char *bytes, size_t len);

struct store *call_store(const struct call *call);
const struct config *call_config(const struct call *call);
const char *call_url(const struct call *call); /* the public one */
bool call_has_certificate(const struct call *call);
bool call_is_demo(const struct call *call);
struct sessions *call_sessions(const struct call *call);
struct hasher *call_hasher(const struct call *call);
struct throttle *call_guesses(const struct call *call); /* wrong passwords */
struct throttle *call_misses(const struct call *call);  /* polls for what is not there */

/* ---- who handles: each answers the call, now or later */

void receive_message(struct call *call);           /* POST /fhir/$process-message */
void poll_search(struct call *call);               /* GET /fhir/Task?identifier= */
void poll_read(struct call *call, const char *id); /* GET /fhir/Task/ID */
/* Whatever else is wrong below /fhir. */
void fhir_refuse(struct call *call, int status, const char *code, const char *sentence);

void page_session(struct call *call);             /* GET /api/session */
void page_sign_in(struct call *call);             /* POST */
void page_sign_out(struct call *call);            /* DELETE */
void page_alerts(struct call *call);              /* GET /api/alerts */
void page_act(struct call *call, const char *id); /* POST /api/alerts/ID/actions */
void page_refuse(struct call *call, int status, const char *code, const char *sentence);

/* One of the page's files. False: there is none of that path. */
bool page_file(struct call *call);

#endif
