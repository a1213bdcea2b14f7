/*
 * What the clock finds (rules.md, M1): instalments due and not supplied when a day's cut-off has passed, and those lost to
 * a closure when their day has ended; the alerts that belong to them (A1, A2) are appended in the same transaction. Each
 * instalment is found exactly once, whatever restarts, clock changes or second instances do.
 */
#ifndef INSTALMENT_DESK_SWEEP_H
#define INSTALMENT_DESK_SWEEP_H

#include "desk.h"

/* The next instant after `after` at which desk_sweep may have something to do: a cut-off, or a midnight. */
int64_t desk_next_deadline(struct tx *tx, int64_t after);

/*
 * Appends everything that is missed or lost up to the instant `until`, from where the last sweep ended. Doing it twice
 * does nothing. *found: how many instalments. DESK_OK or DESK_FAILED.
 */
enum desk_result desk_sweep(struct tx *tx, int64_t until, size_t *found);

#endif
