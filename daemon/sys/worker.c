#include "worker.h"

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Tasks, first in, first out. */
struct queue {
    struct task *first;
    struct task *last;
};

struct worker {
    pthread_mutex_t lock; /* over waiting, ready, under_way and stopping */
    pthread_cond_t wake;
    struct queue waiting; /* to be run */
    struct queue ready;   /* to be told done */
    unsigned under_way;   /* posted, and done not yet called */
    bool stopping;
    int notice; /* eventfd: something is ready */
    struct event *event;
    pthread_t thread;
};

static void queue_put(struct queue *queue, struct task *task) {
    task->next = NULL;
    if (queue->last == NULL) {
        queue->first = task;
    } else {
        queue->last->next = task;
    }
    queue->last = task;
}

static struct task *queue_take(struct queue *queue) {
    struct task *task = queue->first;
    if (task != NULL) {
        queue->first = task->next;
        if (queue->first == NULL) {
            queue->last = NULL;
        }
    }
    return task;
}

/* Wakes the loop. The counter cannot run over: it is read back to 0 at each waking. */
static void worker_notify(const struct worker *worker) {
    const uint64_t one = 1;
    ssize_t written = write(worker->notice, &one, sizeof one);
    (void)written;
}

static void *worker_run(void *context) {
    struct worker *worker = context;
    (void)pthread_mutex_lock(&worker->lock);
    for (;;) {
        struct task *task = queue_take(&worker->waiting);
        if (task == NULL) {
            if (worker->stopping) {
                break;
            }
            (void)pthread_cond_wait(&worker->wake, &worker->lock);
            continue;
        }
        (void)pthread_mutex_unlock(&worker->lock);
        task->run(task);
        (void)pthread_mutex_lock(&worker->lock);
        queue_put(&worker->ready, task);
        worker_notify(worker);
    }
    (void)pthread_mutex_unlock(&worker->lock);
    return NULL;
}

/* Calls done of everything that is ready, without the lock: done may post again. */
static void worker_finish(struct worker *worker) {
    for (;;) {
        (void)pthread_mutex_lock(&worker->lock);
        struct task *task = queue_take(&worker->ready);
        if (task != NULL) {
            worker->under_way--;
        }
        (void)pthread_mutex_unlock(&worker->lock);
        if (task == NULL) {
            return;
        }
        task->done(task);
    }
}

static void worker_noticed(evutil_socket_t notice, short what, void *context) {
    uint64_t count = 0;
    ssize_t got = read(notice, &count, sizeof count);
    (void)got;
    (void)what;
    worker_finish(context);
}

static void worker_release(struct worker *worker) {
    if (worker->event != NULL) {
        event_free(worker->event);
    }
    if (worker->notice >= 0) {
        (void)close(worker->notice);
    }
    (void)pthread_cond_destroy(&worker->wake);
    (void)pthread_mutex_destroy(&worker->lock);
    free(worker);
}

/* Signals are the loop's: the thread is started without any. */
static bool worker_start(struct worker *worker) {
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    bool started = pthread_create(&worker->thread, NULL, worker_run, worker) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

struct worker *worker_new(struct event_base *base) {
    struct worker *worker = calloc(1, sizeof *worker);
    if (worker == NULL) {
        return NULL;
    }
    (void)pthread_mutex_init(&worker->lock, NULL);
    (void)pthread_cond_init(&worker->wake, NULL);
    worker->notice = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (worker->notice >= 0) {
        worker->event = event_new(base, worker->notice, EV_READ | EV_PERSIST, worker_noticed, worker);
    }
    if (worker->event == NULL || event_add(worker->event, NULL) != 0 || !worker_start(worker)) {
        worker_release(worker);
        return NULL;
    }
    return worker;
}

void worker_post(struct worker *worker, struct task *task) {
    (void)pthread_mutex_lock(&worker->lock);
    queue_put(&worker->waiting, task);
    worker->under_way++;
    (void)pthread_cond_signal(&worker->wake);
    (void)pthread_mutex_unlock(&worker->lock);
}

bool worker_idle(struct worker *worker) {
    (void)pthread_mutex_lock(&worker->lock);
    bool idle = worker->under_way == 0;
    (void)pthread_mutex_unlock(&worker->lock);
    return idle;
}

void worker_free(struct worker **worker) {
    struct worker *w = *worker;
    if (w == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&w->lock);
    w->stopping = true;
    (void)pthread_cond_signal(&w->wake);
    (void)pthread_mutex_unlock(&w->lock);
    (void)pthread_join(w->thread, NULL);
    worker_finish(w);
    worker_release(w);
    *worker = NULL;
}
