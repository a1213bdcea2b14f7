#include "lane.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

struct lane {
    pthread_mutex_t lock; /* over what follows */
    pthread_cond_t wake;  /* something has queued, or it ends */
    pthread_cond_t done;  /* an errand that somebody waits for has been done */
    struct errand *first;
    struct errand **last;
    bool stopping;
    pthread_t thread;
};

/* An errand that somebody waits for. */
struct waiting {
    struct errand errand; /* first: it is the errand */
    struct errand *real;
    struct lane *lane;
    bool done;
};

static struct errand *lane_take(struct lane *lane) {
    struct errand *errand = lane->first;
    if (errand != NULL) {
        lane->first = errand->next;
        if (lane->first == NULL) {
            lane->last = &lane->first;
        }
    }
    return errand;
}

static void *lane_run(void *context) {
    struct lane *lane = context;
    (void)pthread_mutex_lock(&lane->lock);
    for (;;) {
        struct errand *errand = lane_take(lane);
        if (errand == NULL) {
            if (lane->stopping) {
                break;
            }
            (void)pthread_cond_wait(&lane->wake, &lane->lock);
            continue;
        }
        (void)pthread_mutex_unlock(&lane->lock);
        errand->run(errand);
        (void)pthread_mutex_lock(&lane->lock);
    }
    (void)pthread_mutex_unlock(&lane->lock);
    return NULL;
}

static void lane_release(struct lane *lane) {
    (void)pthread_cond_destroy(&lane->done);
    (void)pthread_cond_destroy(&lane->wake);
    (void)pthread_mutex_destroy(&lane->lock);
    free(lane);
}

/* Signals are the loop's: the thread is started without any. */
static bool lane_start(struct lane *lane) {
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    bool started = pthread_create(&lane->thread, NULL, lane_run, lane) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

struct lane *lane_new(void) {
    struct lane *lane = calloc(1, sizeof *lane);
    if (lane == NULL) {
        return NULL;
    }
    lane->last = &lane->first;
    (void)pthread_mutex_init(&lane->lock, NULL);
    (void)pthread_cond_init(&lane->wake, NULL);
    (void)pthread_cond_init(&lane->done, NULL);
    if (!lane_start(lane)) {
        lane_release(lane);
        return NULL;
    }
    return lane;
}

void lane_post(struct lane *lane, struct errand *errand) {
    errand->next = NULL;
    (void)pthread_mutex_lock(&lane->lock);
    *lane->last = errand;
    lane->last = &errand->next;
    (void)pthread_cond_signal(&lane->wake);
    (void)pthread_mutex_unlock(&lane->lock);
}

static void waiting_run(struct errand *errand) {
    struct waiting *waiting = (struct waiting *)errand;
    struct lane *lane = waiting->lane;
    waiting->real->run(waiting->real);
    (void)pthread_mutex_lock(&lane->lock);
    waiting->done = true;
    (void)pthread_cond_broadcast(&lane->done);
    (void)pthread_mutex_unlock(&lane->lock);
}

void lane_wait(struct lane *lane, struct errand *errand) {
    struct waiting waiting = {.errand = {.run = waiting_run}, .real = errand, .lane = lane};
    lane_post(lane, &waiting.errand);
    (void)pthread_mutex_lock(&lane->lock);
    while (!waiting.done) {
        (void)pthread_cond_wait(&lane->done, &lane->lock);
    }
    (void)pthread_mutex_unlock(&lane->lock);
}

void lane_free(struct lane **lane) {
    struct lane *l = *lane;
    if (l == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&l->lock);
    l->stopping = true;
    (void)pthread_cond_signal(&l->wake);
    (void)pthread_mutex_unlock(&l->lock);
    (void)pthread_join(l->thread, NULL);
    lane_release(l);
    *lane = NULL;
}
