/*
 * Wakes at the next deadline, a cut-off or a midnight, and has the desk sweep what it made due (desk/sweep.h).
 *
 * With the system's clock it sleeps on a wall-clock timer that also wakes when the clock is set: a relative timer is wrong
 * over a clock change. With a demonstration's clock nothing happens by itself: a move passes each deadline in turn.
 * Loop thread only, but for schedule_catch_up. Sweeps run on the store's writer, one at a time.
 */
#ifndef INSTALMENT_SCHEDULE_SCHEDULE_H
#define INSTALMENT_SCHEDULE_SCHEDULE_H

#include <event2/event.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "desk/clock_move.h"
#include "store/store.h"

struct schedule;

/*
 * At start-up, before store_start and before anybody is served: sweeps what became due while the program was not running.
 * With a demonstration's clock it first moves on to the instant `to` where that is later, deadline by deadline, and
 * stores where the clock stands. False where the store or memory failed.
 */
bool schedule_catch_up(struct store *store, int64_t to);

/* Begins to wait for the next deadline. NULL where memory or a descriptor is short. The store must be started. */
struct schedule *schedule_new(struct event_base *base, struct store *store);

/* Waits for a sweep under way, ends every move with CLOCK_MOVE_FAILED, frees; *schedule becomes NULL, which is allowed. */
void schedule_free(struct schedule **schedule);

/* Whom to tell that a sweep has found something (how many instalments). NULL: nobody. */
void schedule_on_found(struct schedule *schedule, void (*found)(void *context, size_t count), void *context);

/* A clock_move_fn; `schedule` is a struct schedule. */
void schedule_move(void *schedule, enum clock_move kind, int64_t to, clock_moved_fn *finished, void *context);

#endif
