#include "schedule.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "desk/reconcile.h"
#include "desk/sweep.h"
#include "sys/log.h"

#define ARENA_MAX (256U << 20)
#define OPENING_MINUTE 540     /* "tomorrow" is at 09:00 */
#define LOOK_AGAIN_SECONDS 600 /* so long may a changed cut-off go unnoticed */
#define CUT_OFF_SEARCH 1000    /* deadlines to look through for a cut-off: more than a year of closed days */

/* One job for the store: sweeps up to an instant, or only looks what comes next. */
struct step {
    struct job job; /* first: the job is the step */
    struct arena *arena;
    bool sweep; /* false: only look */
    int64_t until;
    /* Filled on the store's thread. */
    enum job_result result;
    size_t found;
    int64_t next;    /* the deadline after `until` */
    int64_t cut_off; /* the next one of these that is a cut-off */
};

/* A move of a demonstration's clock that somebody waits for. */
struct move {
    enum clock_move kind;
    int64_t to;
    bool aimed; /* `to` has been worked out */
    int64_t from;
    clock_moved_fn *finished;
    void *context;
    struct move *next;
};

/*
 * Each turn of the schedule ends in one of three: a step is under way; it sleeps until the timer; it sleeps until a
 * move is asked for.
 */
struct schedule {
    struct store *store;
    struct step step;
    bool under_way;
    bool ending;
    int64_t swept;      /* the last sweep went up to here; INT64_MIN: there was none yet */
    int64_t next;       /* the next deadline; 0: to be looked up */
    int64_t armed_at;   /* the clock when the timer was set */
    int64_t armed_ms;   /* real elapsed time then */
    struct move *first; /* the moves asked for, first come first */
    struct move **last;
    int timer_fd;
    int back_fd; /* eventfd: the step has come back */
    struct event *timer;
    struct event *back;
    struct event *kick;   /* a turn, later in the loop */
    pthread_mutex_t lock; /* over returned */
    pthread_cond_t came;
    bool returned;
    void (*found)(void *context, size_t count);
    void *found_context;
};

static void schedule_turn(struct schedule *schedule);

/* ---- steps: on the store's thread ------------------------------------------------------------------ */

/* A cut-off is a deadline that is no midnight. */
static int64_t next_cut_off(struct tx *tx, int64_t deadline) {
    for (int i = 0; i < CUT_OFF_SEARCH && clock_moment(deadline).minute == 0; i++) {
        deadline = desk_next_deadline(tx, deadline);
    }
    return deadline;
}

/* The position of a demonstration's clock is a fact, so that a second start goes on from it. */
static void store_position(struct tx *tx) {
    char at[24];
    (void)snprintf(at, sizeof at, "%" PRId64, tx->now.at);
    tx_audit(tx, "clock moved", NULL, NULL, NULL);
    tx_set_setting(tx, "demo_clock", at);
}

static bool step_run(struct job *job, struct tx *tx) {
    struct step *step = (struct step *)job;
    arena_reset(step->arena);
    tx->arena = step->arena;
    if (step->sweep) {
        size_t closed = 0;
        if (desk_sweep(tx, step->until, &step->found) != DESK_OK ||
            desk_close_by_itself(tx, step->until, &closed) != DESK_OK) {
            return false;
        }
        step->found += closed;
        if (clock_is_demo()) {
            store_position(tx);
        }
    }
    step->next = desk_next_deadline(tx, step->until);
    step->cut_off = clock_is_demo() ? next_cut_off(tx, step->next) : 0;
    return true;
}

static bool step_init(struct step *step, void (*done)(struct job *job, enum job_result result)) {
    *step = (struct step){.job = {.run = step_run, .done = done}, .arena = arena_new(ARENA_MAX)};
    return step->arena != NULL;
}

/* ---- at start-up ----------------------------------------------------------------------------------- */

static void step_noted(struct job *job, enum job_result result) {
    ((struct step *)job)->result = result;
}

static bool step_now(struct store *store, struct step *step) {
    step->until = clock_now().at;
    step->sweep = true;
    step->found = 0;
    return store_write_now(store, &step->job) == JOB_DONE;
}

bool schedule_catch_up(struct store *store, int64_t to) {
    struct step step;
    size_t found = 0;
    bool good = step_init(&step, step_noted) && step_now(store, &step);
    while (good && clock_is_demo() && clock_now().at < to) {
        found += step.found;
        (void)clock_demo_move(step.next < to ? step.next : to);
        good = step_now(store, &step);
    }
    if (good && found + step.found > 0) {
        log_notice("event=caught_up found=%zu", found + step.found);
    } else if (!good) {
        log_error("event=sweep_failed at_start=1");
    }
    arena_free(&step.arena);
    return good;
}

/* ---- on the loop ------------------------------------------------------------------------------------- */

/* On the store's thread: the step goes back to the loop. */
static void step_done(struct job *job, enum job_result result) {
    struct step *step = (struct step *)job;
    struct schedule *schedule = (struct schedule *)((char *)step - offsetof(struct schedule, step));
    step->result = result;
    (void)pthread_mutex_lock(&schedule->lock);
    schedule->returned = true;
    (void)eventfd_write(schedule->back_fd, 1);
    (void)pthread_cond_signal(&schedule->came);
    (void)pthread_mutex_unlock(&schedule->lock);
}

static void step_post(struct schedule *schedule, bool sweep) {
    schedule->step.sweep = sweep;
    schedule->step.until = sweep || clock_is_demo() ? clock_now().at : schedule->swept;
    schedule->step.found = 0;
    schedule->under_way = true;
    if (sweep) {
        store_write(schedule->store, &schedule->step.job);
    } else {
        store_read(schedule->store, &schedule->step.job);
    }
}

/* Takes the first move off the list and tells whoever waits. */
static void move_end(struct schedule *schedule, enum clock_moved result) {
    struct move *move = schedule->first;
    schedule->first = move->next;
    if (schedule->first == NULL) {
        schedule->last = &schedule->first;
    }
    move->finished(move->context, result);
    free(move);
}

/* Where a move leads, once the next deadlines are known. */
static void move_aim(const struct schedule *schedule, struct move *move) {
    switch (move->kind) {
    case CLOCK_MOVE_TO: break;
    case CLOCK_MOVE_CUT_OFF: move->to = schedule->step.cut_off + 60; break;
    case CLOCK_MOVE_TOMORROW: move->to = clock_at(clock_now().day + 1, OPENING_MINUTE); break;
    }
    move->from = clock_now().at;
    move->aimed = true;
}

/* Nothing has been done for the first move; the next one has its turn. */
static void move_give_up(struct schedule *schedule, enum clock_moved result) {
    schedule->next = 0;
    move_end(schedule, result);
    event_active(schedule->kick, 0, 0);
}

/* One step of the first move: to the next deadline on the way, or to its end. */
static void move_on(struct schedule *schedule) {
    struct move *move = schedule->first;
    if (schedule->next == 0) {
        step_post(schedule, false);
        return;
    }
    if (!move->aimed) {
        move_aim(schedule, move);
    }
    if (move->to > move->from + CLOCK_MOVE_SECONDS_MAX) {
        move_give_up(schedule, CLOCK_MOVE_FAILED);
        return;
    }
    int64_t to = schedule->next < move->to ? schedule->next : move->to;
    if (clock_demo_move(to)) {
        step_post(schedule, true);
        return;
    }
    move_give_up(schedule, CLOCK_MOVE_BACKWARD);
}

/* The step was the last one of the first move where the clock has reached its end. */
static void move_stepped(struct schedule *schedule) {
    const struct move *move = schedule->first;
    if (move != NULL && move->aimed && clock_now().at >= move->to) {
        schedule->next = 0; /* facts may change until the next move */
        move_end(schedule, CLOCK_MOVED);
    }
}

/* Sleeps until the next deadline; not too long, for the hours may be changed. */
static void schedule_sleep(struct schedule *schedule, int64_t now) {
    int64_t at = schedule->next < now + LOOK_AGAIN_SECONDS ? schedule->next : now + LOOK_AGAIN_SECONDS;
    const struct itimerspec when = {.it_value = {.tv_sec = at}};
    schedule->armed_at = now;
    schedule->armed_ms = clock_elapsed_ms();
    if (timerfd_settime(schedule->timer_fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &when, NULL) != 0) {
        log_error("event=timer_failed error=%s", strerrorname_np(errno));
    }
}

static void schedule_turn(struct schedule *schedule) {
    if (schedule->under_way || schedule->ending) {
        return;
    }
    if (schedule->first != NULL) {
        move_on(schedule);
    } else if (!clock_is_demo()) {
        int64_t now = clock_now().at;
        if (schedule->next == 0 || now >= schedule->next) {
            step_post(schedule, schedule->next != 0 || schedule->swept == INT64_MIN);
        } else {
            schedule_sleep(schedule, now);
        }
    }
}

/* What has failed will be tried again at the next look; a broken store is main's business. */
static void step_failed(struct schedule *schedule) {
    log_error("event=sweep_failed result=%d", (int)schedule->step.result);
    schedule->next = 0;
    while (schedule->first != NULL) {
        move_end(schedule, CLOCK_MOVE_FAILED);
    }
    if (!clock_is_demo()) {
        schedule->next = INT64_MAX; /* sleeps for one look */
        schedule_sleep(schedule, clock_now().at);
        schedule->next = 0;
    }
}

static void schedule_came_back(evutil_socket_t fd, short what, void *context) {
    struct schedule *schedule = context;
    eventfd_t count = 0;
    (void)what;
    (void)eventfd_read(fd, &count);
    (void)pthread_mutex_lock(&schedule->lock);
    schedule->returned = false;
    (void)pthread_mutex_unlock(&schedule->lock);
    schedule->under_way = false;
    if (schedule->step.result != JOB_DONE) {
        step_failed(schedule);
        return;
    }
    schedule->next = schedule->step.next;
    if (schedule->step.found > 0) {
        log_notice("event=swept found=%zu", schedule->step.found);
        if (schedule->found != NULL) {
            schedule->found(schedule->found_context, schedule->step.found);
        }
    }
    if (schedule->step.sweep) {
        schedule->swept = schedule->step.until > schedule->swept ? schedule->step.until : schedule->swept;
        move_stepped(schedule);
    }
    schedule_turn(schedule);
}

/* The deadline, a look at what may have changed, or the clock has been set. */
static void schedule_timed(evutil_socket_t fd, short what, void *context) {
    struct schedule *schedule = context;
    uint64_t times = 0;
    (void)what;
    if (read(fd, &times, sizeof times) < 0) {
        if (errno != ECANCELED) {
            return;
        }
        int64_t passed = (clock_elapsed_ms() - schedule->armed_ms) / 1000;
        log_warning("event=clock_set seconds=%" PRId64, clock_now().at - schedule->armed_at - passed);
        schedule->next = 0;
    } else if (clock_now().at < schedule->next) {
        schedule->next = 0;
    }
    schedule_turn(schedule);
}

static void schedule_kicked(evutil_socket_t fd, short what, void *context) {
    (void)fd;
    (void)what;
    schedule_turn(context);
}

void schedule_move(void *schedule, enum clock_move kind, int64_t to, clock_moved_fn *finished,
                   void *context) {
    struct schedule *s = schedule;
    struct move *move = calloc(1, sizeof *move);
    if (move == NULL) {
        finished(context, CLOCK_MOVE_FAILED);
        return;
    }
    *move = (struct move){.kind = kind, .to = to, .finished = finished, .context = context};
    *s->last = move;
    s->last = &move->next;
    event_active(s->kick, 0, 0);
}

void schedule_on_found(struct schedule *schedule, void (*found)(void *context, size_t count), void *context) {
    schedule->found = found;
    schedule->found_context = context;
}

static void schedule_release(struct schedule *schedule) {
    struct event *events[] = {schedule->timer, schedule->back, schedule->kick};
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
        if (events[i] != NULL) {
            event_free(events[i]);
        }
    }
    if (schedule->timer_fd >= 0) {
        (void)close(schedule->timer_fd);
    }
    if (schedule->back_fd >= 0) {
        (void)close(schedule->back_fd);
    }
    (void)pthread_cond_destroy(&schedule->came);
    (void)pthread_mutex_destroy(&schedule->lock);
    arena_free(&schedule->step.arena);
    free(schedule);
}

static bool schedule_open(struct schedule *schedule, struct event_base *base) {
    schedule->timer_fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC);
    schedule->back_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (schedule->timer_fd < 0 || schedule->back_fd < 0 || !step_init(&schedule->step, step_done)) {
        return false;
    }
    schedule->timer = event_new(base, schedule->timer_fd, EV_READ | EV_PERSIST, schedule_timed, schedule);
    schedule->back = event_new(base, schedule->back_fd, EV_READ | EV_PERSIST, schedule_came_back, schedule);
    schedule->kick = event_new(base, -1, 0, schedule_kicked, schedule);
    return schedule->timer != NULL && schedule->back != NULL && schedule->kick != NULL &&
           event_add(schedule->timer, NULL) == 0 && event_add(schedule->back, NULL) == 0;
}

struct schedule *schedule_new(struct event_base *base, struct store *store) {
    struct schedule *schedule = calloc(1, sizeof *schedule);
    if (schedule == NULL) {
        return NULL;
    }
    schedule->store = store;
    schedule->last = &schedule->first;
    schedule->swept = INT64_MIN;
    (void)pthread_mutex_init(&schedule->lock, NULL);
    (void)pthread_cond_init(&schedule->came, NULL);
    if (!schedule_open(schedule, base)) {
        schedule_release(schedule);
        return NULL;
    }
    schedule_turn(schedule);
    return schedule;
}

void schedule_free(struct schedule **schedule) {
    struct schedule *s = *schedule;
    if (s == NULL) {
        return;
    }
    s->ending = true;
    (void)pthread_mutex_lock(&s->lock);
    while (s->under_way && !s->returned) {
        (void)pthread_cond_wait(&s->came, &s->lock);
    }
    (void)pthread_mutex_unlock(&s->lock);
    while (s->first != NULL) {
        move_end(s, CLOCK_MOVE_FAILED);
    }
    schedule_release(s);
    *schedule = NULL;
}
