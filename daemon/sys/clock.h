/*
 * The only place that reads clocks and knows local time (design.md, "Time"). A day is a civil date at the
 * pharmacy; the time zone is configuration (Europe/London by default). In a demonstration the wall clock is
 * one that can be moved, forward only, and stands still otherwise; real elapsed time has its own function.
 */
#ifndef INSTALMENT_SYS_CLOCK_H
#define INSTALMENT_SYS_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "core/day.h"

/* One instant, taken once for a request and passed down. */
struct moment {
    int64_t at;     /* seconds since 1970 UTC */
    day_t day;      /* the civil date at the pharmacy */
    int32_t minute; /* minutes after local midnight, 0 .. 1439 */
};

/* "2026-11-23T09:14:05+00:00" and its NUL. */
#define CLOCK_TEXT_SIZE 26

/*
 * Chooses the pharmacy's zone ("Europe/London") and the clock. Called once, before any thread. False where the
 * zone is not known on this machine. demo: the clock stands at `demo_at` until it is moved.
 */
bool clock_init(const char *zone, bool demo, int64_t demo_at);

/* The wall clock now: the machine's, or the demonstration's. Any thread. */
struct moment clock_now(void);

/* Moves the demonstration's clock. False where there is none, or `at` lies before it. Any thread. */
bool clock_demo_move(int64_t at);
bool clock_is_demo(void);

/* Real elapsed milliseconds since some start; never moved, never set back (sessions, deadlines, PIN throttles). */
int64_t clock_elapsed_ms(void);

/*
 * Milliseconds for what runs by real elapsed time and by every jump of the demonstration's clock: retries, polls,
 * escalations. From some start; never set back. Any thread.
 */
int64_t clock_running_ms(void);

/* Seconds since 1970 of the machine's clock, also in a demonstration: what other machines compare. Any thread. */
int64_t clock_real(void);

/* An instant's civil date and minute. */
struct moment clock_moment(int64_t at);

/* The instant of a minute of a civil day; where clocks change, the first instant that is not before it. */
int64_t clock_at(day_t day, int32_t minute);

/* RFC 3339 with the pharmacy's offset at that instant. */
void clock_format(int64_t at, char out[CLOCK_TEXT_SIZE]);

/* Reads RFC 3339; without an offset it is local time at the pharmacy. False, and *out untouched, otherwise. */
bool clock_parse(const char *text, int64_t *out);

#endif
