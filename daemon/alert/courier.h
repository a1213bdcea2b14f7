/*
 * The courier: takes alerts to the prescribing services and watches until somebody there has taken them (alerts.md,
 * "States"; docs/alerts.md). A thread and an event loop of its own; facts are read and written by the store's threads,
 * many alerts in one job. Two requests at a time for one endpoint, eight in all, urgent ones first; endpoints take turns, and
 * what hangs gives its place up to an endpoint that has none (docs/alerts.md, "For an administrator").
 */
#ifndef INSTALMENT_ALERT_COURIER_H
#define INSTALMENT_ALERT_COURIER_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/store.h"
#include "sys/buffer.h"

struct courier;

struct courier_options {
    struct store *store;     /* started, and there until courier_free */
    struct event_base *loop; /* where `changed` and what settles is told */
    const char *credentials; /* folder of client certificates (NAME.crt, NAME.key); NULL: none */
    /* An alert has another state (a word of the interface). On `loop`. NULL: nobody wants to know. */
    void (*changed)(void *context, const char *alert, const char *state);
    void *context;
};

/* Takes up what is open and begins. NULL where memory, a thread or curl cannot be had. Libevent must know threads. */
struct courier *courier_new(const struct courier_options *options);

/*
 * Begins nothing new, gives what is under way two seconds, notes what was answered, and ends the thread; what was cut is
 * sent again at the next start. *courier becomes NULL, which is allowed too. The thread of `loop`.
 */
void courier_free(struct courier **courier);

/* Nothing is begun from now on, until as many courier_settle or courier_go_on: the demonstration's clock is being moved. */
void courier_hold(struct courier *courier);
void courier_go_on(struct courier *courier);

/*
 * Goes on, and tells on `loop` when everything that is due now has been tried once, or `most_ms` have passed: true, false.
 * One at a time.
 */
void courier_settle(struct courier *courier, int64_t most_ms, void (*settled)(void *context, bool all),
                    void *context);

/* Has it failed for good (no memory, the store gone)? The service then ends, and is started again. Any thread. */
bool courier_broken(const struct courier *courier);

/* Figures for Prometheus, by service; no patient data. Any thread. */
void courier_metrics(struct courier *courier, struct buffer *out);

/* What a person should know, in plain sentences with a line end each; nothing where all is well. Any thread. */
void courier_health(struct courier *courier, struct buffer *out);

#endif
