/*
 * The server: sockets, TLS, requests and their checks, terminals, sessions, PINs, keys, events. Owns the event
 * loop's sockets; runs on the loop's thread only, and talks to the store by jobs (store/store.h).
 */
#ifndef INSTALMENT_HTTP_SERVER_H
#define INSTALMENT_HTTP_SERVER_H

#include <event2/event.h>
#include <stdbool.h>

#include "desk/clock_move.h"
#include "store/store.h"

struct server;
struct config;

struct server_options {
    const char *listen;      /* "127.0.0.1:0" */
    const char *certificate; /* PEM files; made at first start where they do not exist */
    const char *key;
    const char *ctl_socket; /* paths, NULL: none */
    const char *web_socket;
    const struct config *config; /* what is told of it at /config; borrowed, NULL: nothing */
    bool demo;
    int32_t connections_max;         /* 256 in all */
    int32_t connections_per_address; /* 16 */
    int32_t request_seconds;         /* 10: for receiving a request, in all */
    int32_t session_idle_minutes;    /* 15 */
    int32_t session_hours;           /* 12 */
};

/* Opens the sockets and registers everything on the loop. NULL with *message (a sentence) where that fails. */
struct server *server_new(struct event_base *base, struct store *store, const struct server_options *options,
                          const char **message);

/* The address that was bound: "127.0.0.1:40123". Valid as long as the server. */
const char *server_address(const struct server *server);

/* SHA-256 fingerprint of the certificate, as people compare it. */
const char *server_fingerprint(const struct server *server);

/* Stops accepting, lets running requests finish (at most 5 s), then calls `drained` on the loop. */
void server_drain(struct server *server, void (*drained)(void *), void *context);

void server_free(struct server **holder);

/*
 * The clock of a demonstration is moved by a route; this is who does what the new time makes due (the schedule). Without
 * it, and without a demonstration, the route is not there.
 */
void server_on_clock_move(struct server *server, clock_move_fn *move, void *schedule);

/* Tells every screen (SSE). Loop thread only. */
void server_event(struct server *server, const char *kind, const char *id, const char *state);

#endif
