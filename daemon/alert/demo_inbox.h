/*
 * The keyworker's inbox that runs beside a demonstration: a child process (client/inbox, "--demo") that ends with this one,
 * for its standard input is a pipe that nobody else holds. Main loop's thread.
 */
#ifndef INSTALMENT_ALERT_DEMO_INBOX_H
#define INSTALMENT_ALERT_DEMO_INBOX_H

#include <event2/event.h>
#include <stdbool.h>
#include <stdint.h>

struct demo_inbox;

/* What its one line says; texts are its own, until demo_inbox_free. */
struct demo_inbox_said {
    const char *page;
    const char *endpoint;
    const char *ca; /* PEM text */
    const char *secret;
    const char *people; /* who may sign in there, as JSON: [{"name","password"}] */
};

/*
 * Starts the program `instalment-inbox` from the folder of this one, on a folder of its own below `data`. NULL where it is
 * not there, or cannot be started (logged): the demonstration does without.
 */
struct demo_inbox *demo_inbox_start(const char *data);

/*
 * Waits for the line until `until_ms` (clock_elapsed_ms). What it said, or NULL: not yet, or it has ended. A later line is
 * told to `ready` on the loop, once.
 */
const struct demo_inbox_said *demo_inbox_wait(struct demo_inbox *inbox, int64_t until_ms);
bool demo_inbox_on_ready(struct demo_inbox *inbox, struct event_base *base,
                         void (*ready)(void *context, const struct demo_inbox_said *said), void *context);

/* Asks it to end, and waits for that: two seconds, then it is killed. *inbox becomes NULL, which is allowed too. */
void demo_inbox_free(struct demo_inbox **inbox);

#endif
