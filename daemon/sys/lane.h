/*
 * A thread that does errands one after the other, in the order of posting: drawing pages, which must hold up neither the
 * loop nor a printer. Unlike a worker (worker.h) it hands nothing back to the loop: the errand does that itself.
 */
#ifndef INSTALMENT_SYS_LANE_H
#define INSTALMENT_SYS_LANE_H

#include <stdbool.h>

struct lane;

/* Put at the head of a struct of one's own. Whoever posts it must not touch it until run() has said so. */
struct errand {
    void (*run)(struct errand *errand); /* on the lane's thread; may free it, may wake somebody */
    struct errand *next;                /* the lane's */
};

/* Starts the thread; NULL where that fails. */
struct lane *lane_new(void);

/* Queues an errand. Any thread; not after lane_free. */
void lane_post(struct lane *lane, struct errand *errand);

/* Posts it, and waits until run() has returned. Any thread but the lane's own. */
void lane_wait(struct lane *lane, struct errand *errand);

/* Does what has queued, joins the thread; *lane becomes NULL, which is allowed too. */
void lane_free(struct lane **lane);

#endif
