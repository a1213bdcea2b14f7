/*
 * D20: a person confirms that the clock is right, after it stood before the last recorded event.
 */
#ifndef INSTALMENT_DESK_CLOCK_CONFIRM_H
#define INSTALMENT_DESK_CLOCK_CONFIRM_H

#include "desk.h"

/* Records it; *id (in the arena) names the record. DESK_OK or DESK_FAILED. */
enum desk_result desk_clock_confirm(struct tx *tx, const char **id);

/* What a record says. DESK_OK, DESK_NOT_FOUND or DESK_FAILED. */
enum desk_result desk_clock_confirmed(struct tx *tx, const char *id, int64_t *at, const char **staff);

#endif
