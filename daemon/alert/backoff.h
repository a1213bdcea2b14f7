/*
 * When an alert is tried again (alerts.md, "States"): 0, 5 s, 30 s, 2, 5, 10 min, then each 15 min, ±20 %; refused each
 * hour. Pure.
 */
#ifndef INSTALMENT_ALERT_BACKOFF_H
#define INSTALMENT_ALERT_BACKOFF_H

#include <stdint.h>

#define BACKOFF_REFUSED_MS INT64_C(3600000)
#define BACKOFF_CONFLICT_MS INT64_C(60000) /* after a 409 */
#define BACKOFF_POLL_MS INT64_C(60000)
#define BACKOFF_ASKED_MAX_MS INT64_C(600000) /* Retry-After is respected up to here */

/*
 * Milliseconds from the end of failed attempt `attempt` (1: the first) to the next one. `chance` is any number: it makes
 * the ±20 %. asked_ms: what the answer's Retry-After said, 0: nothing; never sooner than that, up to ten minutes.
 */
int64_t backoff_ms(int32_t attempt, uint32_t chance, int64_t asked_ms);

/* The same for the probes of an endpoint that has failed `failures` times without a success between (5: the first). */
#define BACKOFF_BREAKER 5
int64_t backoff_probe_ms(int32_t failures, uint32_t chance);

#endif
