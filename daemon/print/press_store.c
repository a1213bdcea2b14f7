#include <semaphore.h>

#include "desk/print_job.h"
#include "press.h"
#include "sys/log.h"

/* A question to the store's thread. */
struct question {
    struct job job; /* first: the job is the question */
    struct press *press;
    bool (*run)(struct press *press, struct tx *tx, void *context);
    void *context;
    enum job_result result;
    sem_t answered;
};

static bool question_run(struct job *job, struct tx *tx) {
    struct question *q = (struct question *)job;
    tx->arena = q->press->arena;
    return q->run(q->press, tx, q->context);
}

static void question_done(struct job *job, enum job_result result) {
    struct question *q = (struct question *)job;
    q->result = result;
    (void)sem_post(&q->answered);
}

static bool ask(struct press *press, bool write,
                bool (*run)(struct press *press, struct tx *tx, void *context), void *context) {
    struct question q = {.job = {.run = question_run, .done = question_done},
                         .press = press,
                         .run = run,
                         .context = context,
                         .result = JOB_UNKNOWN};
    if (sem_init(&q.answered, 0, 0) != 0) {
        return false;
    }
    arena_reset(press->arena);
    if (write) {
        store_write(press->store, &q.job);
    } else {
        store_read(press->store, &q.job);
    }
    while (sem_wait(&q.answered) != 0) {
        /* a signal */
    }
    (void)sem_destroy(&q.answered);
    return q.result == JOB_DONE;
}

bool press_read(struct press *press, bool (*run)(struct press *press, struct tx *tx, void *context),
                void *context) {
    return ask(press, false, run, context);
}

bool press_write(struct press *press, bool (*run)(struct press *press, struct tx *tx, void *context),
                 void *context) {
    return ask(press, true, run, context);
}

struct mark {
    const char *job;
    const char *state;
    const char *printer;
    int64_t number;
    const char *reason;
};

static bool mark_run(struct press *press, struct tx *tx, void *context) {
    const struct mark *m = context;
    (void)press;
    return desk_print_mark(tx, m->job, m->state, m->printer, m->number, m->reason);
}

bool press_mark(struct press *press, const char *job, const char *state, const struct station *station,
                int64_t number, const char *reason) {
    struct mark m = {.job = job,
                     .state = state,
                     .printer = station == NULL ? NULL : station->id,
                     .number = number,
                     .reason = reason};
    if (!press_write(press, mark_run, &m)) {
        return false;
    }
    log_debug("event=print job=%s state=%s reason=%s", job, state, reason == NULL ? "-" : reason);
    press->tell(press->context, job, state);
    return true;
}
