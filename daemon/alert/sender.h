/*
 * Requests to services over HTTPS, many at a time on one event loop, by curl's multi-socket interface (style.md,
 * "libevent, curl, TLS"). Always verified TLS, no redirect, no proxy; 5 s to connect, 20 s in all. Everything here belongs
 * to the thread of the loop.
 */
#ifndef INSTALMENT_ALERT_SENDER_H
#define INSTALMENT_ALERT_SENDER_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "verdict.h"

struct sender;

#define SENDER_HEADERS_MAX 10

struct sending {
    const char *url;
    const void *body; /* NULL: a GET */
    size_t len;
    const char *headers[SENDER_HEADERS_MAX]; /* "Name: value", NULL-ended */
    const char *ca;          /* PEM text; NULL: the system's store. Nothing else is trusted then. */
    const char *certificate; /* client certificate and key, PEM files; NULL: none */
    const char *key;
};

/* How it ended; texts live until the callback returns. */
struct sent {
    enum transfer_end end;
    long status;
    const char *body; /* never NULL */
    size_t len;
    const char
        *location; /* NULL: none; whole address, as resolved against the one asked, of the same origin only */
    int64_t retry_after_s;
    int64_t ms;
};

/* Called once on the loop, outside every callback of curl. */
typedef void sent_fn(void *context, const struct sent *sent);

/* NULL where memory is short. */
struct sender *sender_new(struct event_base *base);

/* Cancels what is under way without calling back; *sender becomes NULL, which is allowed too. */
void sender_free(struct sender **sender);

/*
 * Begins a request; everything named is copied. The callback comes later, also where it cannot begin; before it
 * has returned only where memory is short.
 */
void sender_start(struct sender *sender, const struct sending *what, sent_fn *done, void *context);

/* Cancels the requests of this context without calling back. */
void sender_cancel(struct sender *sender, const void *context);

/* Connections that are open are not used for what begins from now on: certificates have changed. */
void sender_renew(struct sender *sender);

#endif
