/*
 * What the parts of the server share with each other and with nobody else: the server itself, one connection, one
 * exchange (a request on its way to its answer). Everything here belongs to the loop's thread; an exchange is lent to
 * one of the store's threads, or to the worker, between posting it and its letter or `done`.
 */
#ifndef INSTALMENT_HTTP_PARTS_H
#define INSTALMENT_HTTP_PARTS_H

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <openssl/ssl.h>

#include "call.h"
#include "desk/staff.h"
#include "desk/terminal.h"
#include "guard.h"
#include "mailbox.h"
#include "pin.h"
#include "routes.h"
#include "server.h"
#include "session.h"
#include "sys/arena.h"
#include "sys/worker.h"

#define API_BASE "/api/v1"
#define REQUEST_BODY_MAX ((size_t)512 * 1024) /* the largest body_max of any route */
#define EXCHANGE_ARENA ((size_t)64 << 20)     /* what one request may hold in all */
#define TERMINAL_COOKIE "__Host-terminal"
#define SESSION_COOKIE "__Host-session"
#define ADDRESS_SIZE 64

struct exchange;

/* ---- doors and connections (connection.c) */

enum door_kind {
    DOOR_TLS, /* TLS on TCP */
    DOOR_CTL, /* a Unix socket: the peer's uid stands for the terminal */
    DOOR_WEB  /* a Unix socket behind a proxy: terminal and session as over TLS */
};

struct door {
    struct server *server;
    enum door_kind kind;
    struct evhttp *http; /* NULL: not opened */
    struct evconnlistener *listener;
};

enum connection_state {
    CONNECTION_OPENING,   /* accepted; counted and looked at in the same turn of the loop */
    CONNECTION_RECEIVING, /* between requests, or in the middle of one: the deadline runs */
    CONNECTION_WORKING,   /* a request is being answered: no deadline, libevent does not read */
    CONNECTION_ANSWERING, /* the answer is on its way: the deadline for slow readers runs */
    CONNECTION_STREAMING, /* server-sent events: heartbeats instead of a deadline */
    CONNECTION_REFUSED    /* the guard said no: its answer goes out, what comes is thrown away */
};

struct connection {
    struct door *door;
    struct bufferevent *bev;
    struct evhttp_connection *http; /* NULL while opening */
    struct event *timer;
    struct guard guard;
    enum connection_state state;
    bool idle; /* receiving, and nothing of a request has come */
    char address[ADDRESS_SIZE];
    struct exchange *exchange; /* while working or streaming */
    struct connection *next, **link;
};

/* Opens a door on a bound, non-blocking, listening descriptor (taken over). False where that fails. */
bool door_open(struct door *door, evutil_socket_t fd);
void door_shut(struct door *door);  /* accepts no more */
void door_close(struct door *door); /* and ends its connections */

/* The connection of a request; NULL: libevent made one without asking, it must not be answered. */
struct connection *connection_find(struct server *server, struct evhttp_request *request);
/* A whole request has come: nothing more is read until it is answered. */
void connection_working(struct connection *connection, struct exchange *exchange);
/* The answer goes out; called before evhttp_send_reply. */
void connection_answering(struct connection *connection, struct evhttp_request *request);
/* Events go out from now on. */
void connection_streaming(struct connection *connection);

/* ---- terminals that have been seen (terminal.c) */

struct known_terminal {
    char id[TX_ID_SIZE];
    unsigned char hash[TERMINAL_HASH_SIZE];
};

/* The terminal's id, NULL where it has not been seen. */
const char *terminal_known(const struct server *server, const unsigned char hash[TERMINAL_HASH_SIZE]);
void terminal_learn(struct server *server, const unsigned char hash[TERMINAL_HASH_SIZE], const char *id);
/* Revoked: forgotten, its sessions and streams ended. */
void terminal_forget(struct server *server, const char *id);

/* ---- one request (exchange.c, dispatch.c) */

/* Short lists that a route leaves behind, in the exchange's arena. */
struct note {
    const char *kind, *id, *state;
    struct note *next;
};

struct exchange {
    struct call call; /* first: a call is an exchange */
    struct server *server;
    struct connection *connection; /* NULL once it is gone */
    struct evhttp_request *request;
    struct arena *arena;
    int64_t began_ms;
    cJSON *body;
    struct evkeyvalq query;
    bool has_query;
    const char *terminal; /* its id; NULL: the local socket, or an open route */
    unsigned char terminal_hash[TERMINAL_HASH_SIZE];
    uint64_t session; /* handle, 0: none */
    struct session_stamp stamp;
    const char *key, *if_match;
    bool dry;

    /* what is under way */
    struct job job;
    struct letter letter;
    enum job_result result;
    bool (*read)(struct exchange *exchange, struct tx *tx); /* exchange_read: on the reader's thread */
    void (*then)(struct exchange *exchange);                /* and afterwards, on the loop */
    struct pin_check pin;
    struct task hashing; /* ROUTE_NEW_PIN */
    char new_pin[PIN_MAX + 1], new_pin_hash[PIN_HASH_MAX];

    /* the answer */
    int status;
    const char *type; /* of the body */
    cJSON *answer;    /* until it is printed */
    char *text;       /* malloc'd */
    size_t text_len;
    const char *made; /* call_made's id */
    const char *refused_codes;
    struct note *events, *reads, *audits, *headers;
    cJSON *extras; /* an object: call_extra's members, until a problem takes them */
    bool problem, replayed, session_over;
    bool running;  /* a route of the loop is at it: its answer leaves when it has returned */
    bool deferred; /* it will be answered later */
    char etag[40]; /* with its quotes */
};

/* libevent's callback for the requests of a door, the context. */
void dispatch(struct evhttp_request *request, void *context);

/* Runs `read` on the reader's thread with the exchange's arena, then `then` on the loop. */
void exchange_read(struct exchange *exchange, bool (*read)(struct exchange *exchange, struct tx *tx),
                   void (*then)(struct exchange *exchange));
/* Prints the answer's tree; any thread that holds the exchange. */
void exchange_print(struct exchange *exchange);
/* Sends the answer and frees the exchange. Loop. */
void exchange_reply(struct exchange *exchange);
/* call_problem and exchange_reply in one. Loop. */
void exchange_refuse(struct exchange *exchange, int status, const char *code, const char *detail);
/* Frees everything but the request. */
void exchange_free(struct exchange *exchange);
/* A header of the answer, copied. */
void exchange_header(struct exchange *exchange, const char *name, const char *value);
/* Sets a cookie that scripts cannot read; value NULL: takes it back. */
void exchange_cookie(struct exchange *exchange, const char *name, const char *value);
/* A request's header, or a cookie's value in the arena; NULL where absent. */
const char *exchange_in(const struct exchange *exchange, const char *name);
const char *exchange_cookie_in(const struct exchange *exchange, const char *name);

/* The job of a route (perform.c): key, If-Match, run, show. Posts it; the answer follows by itself. */
void perform(struct exchange *exchange);

/* Is this still who signed in? On a store's thread. */
bool perform_same_person(struct exchange *exchange, struct tx *tx);

/* One audit row, queued and not waited for; texts are copied. */
void audit_post(struct server *server, const char *staff, const char *terminal, const char *action,
                const char *patient, const char *subject);

/* ---- problems and headers (problem.c) */

cJSON *problem_new(int status, const char *code, const char *detail);
const char *problem_phrase(int status);
/* The headers that stand on every answer, {name, value}, ended by {NULL, NULL}. */
extern const char *const answer_headers[][2];

/* ---- keys (key.c) */

/* Digest of a decoded body, without PINs. False where memory is short. */
bool key_digest(const cJSON *body, const char *route, const unsigned char key[32], unsigned char out[32]);

/* ---- events (events.c) */

struct stream; /* one screen */
void events_begin(struct exchange *exchange);
void events_gone(struct exchange *exchange); /* its connection is gone */
void events_end_session(struct server *server, uint64_t session);
void events_end_all(struct server *server);
void events_free(struct server *server);
size_t events_count(const struct server *server);

/* ---- what the route table looks like (routes.c, openapi.c) */

/* The largest number of routes that one path has, one for each method. */
#define ROUTE_METHODS_MAX 5
struct route_match {
    const struct route *route; /* NULL: none */
    const char *allowed[ROUTE_METHODS_MAX + 1];
    const char *ids[2];
};
/* The route of a method and a path below API_BASE. What ids point to is taken from the arena. */
void route_find(const char *method, const char *path, struct arena *arena, struct route_match *out);
/* The route with this method and the very path text; NULL where there is none. */
const struct route *route_twin(const char *method, const char *path);

cJSON *openapi_build(void);

/* ---- the server (server.c) */

struct server_counts {
    uint64_t requests, refused, connections_refused, by_class[6], supplies, replays, pins_wrong;
};

struct server {
    struct event_base *base;
    struct store *store;
    struct server_options options;
    struct worker *worker;
    struct mailbox *mailbox;
    SSL_CTX *tls;
    struct door tls_door, ctl_door, web_door;
    struct connection *connections;
    int32_t connection_count;
    size_t exchange_count;
    struct sessions *sessions;
    struct throttle *throttle;
    struct known_terminal *terminals;
    size_t terminal_count;
    struct stream *streams;
    size_t stream_count;
    struct event *heartbeat;
    struct server_counts counts;
    bool draining;
    bool closing; /* nothing new is begun */
    struct event *drain_timer;
    void (*drained)(void *);
    void *drained_context;
    clock_move_fn *move;
    void *schedule;
    void (*print)(void *);
    void *print_context;
    bool moving;
    struct server_report report;
    char address[ADDRESS_SIZE];
    char fingerprint[96];
};

/* Called whenever something that a drain waits for has ended. */
void server_look_drained(struct server *server);

#endif
