/*
 * Moving the clock of a demonstration: what the route asks for (http) and what the schedule does. Neither knows the
 * other; main.c joins them.
 */
#ifndef INSTALMENT_DESK_CLOCK_MOVE_H
#define INSTALMENT_DESK_CLOCK_MOVE_H

#include <stdint.h>

/* How far one move may lead: each deadline on the way takes a transaction. */
#define CLOCK_MOVE_SECONDS_MAX (INT64_C(3660) * 86400)

enum clock_move {
    CLOCK_MOVE_TO,      /* to the instant `to` */
    CLOCK_MOVE_CUT_OFF, /* to one minute after the next cut-off; `to` is not looked at */
    CLOCK_MOVE_TOMORROW /* to 09:00 of the next day; `to` is not looked at */
};

enum clock_moved {
    CLOCK_MOVED,
    CLOCK_MOVE_BACKWARD, /* `to` lies before the clock, or there is no such clock: nothing has happened (409) */
    CLOCK_MOVE_FAILED /* too far, the store has failed, or the service ends: it stands where it came to (503) */
};

/*
 * Moves the clock and does what each cut-off and midnight on the way makes due. Loop thread only. Calls `finished` with
 * `context` once, on the loop, when everything due has been done; before it has returned only where memory is short.
 * Moves that overlap are done one after the other, in order. Where the clock stands then is clock_now's to say.
 */
typedef void clock_moved_fn(void *context, enum clock_moved result);
typedef void clock_move_fn(void *schedule, enum clock_move move, int64_t to, clock_moved_fn *finished,
                           void *context);

#endif
