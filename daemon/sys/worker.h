/*
 * A thread for work that blocks (hashing a PIN takes 80 ms), one task at a time, in the order of posting; each
 * result is handed back on the event loop. What crosses is the task itself, which belongs to one side at a time.
 */
#ifndef INSTALMENT_SYS_WORKER_H
#define INSTALMENT_SYS_WORKER_H

#include <event2/event.h>
#include <stdbool.h>

struct worker;

/* Put at the head of a struct of one's own. The poster must not touch it between worker_post and done. */
struct task {
    void (*run)(struct task *task);  /* on the worker's thread */
    void (*done)(struct task *task); /* afterwards, on the loop's thread; may free it, may post again */
    struct task *next;               /* the queue's */
};

/* Starts the thread; results come back on `base`. NULL where that fails. Loop thread only. */
struct worker *worker_new(struct event_base *base);

/* Queues a task. Any thread; not after worker_free. */
void worker_post(struct worker *worker, struct task *task);

/* Tasks posted and not yet done. Loop thread only. */
bool worker_idle(struct worker *worker);

/* Runs what has queued, calls each done, joins the thread; *worker becomes NULL, which is allowed too. Loop thread. */
void worker_free(struct worker **worker);

#endif
