/*
 * Prescriptions stopped, put on hold and released by a pharmacist (D1, D12; hazard H14). A stop is for good, from today or
 * from a later day; hold and release take effect at once and turn each other over.
 */
#ifndef INSTALMENT_DESK_CHANGE_H
#define INSTALMENT_DESK_CHANGE_H

#include "desk.h"
#include "store/history.h"

struct change_request {
    const char *prescription;
    enum change_kind kind;
    day_t from; /* DAY_NONE: today */
    const char *reason;
};

/*
 * *made is the row as recorded, in the arena. DESK_CONFLICT: stopped by then already, on hold already, or not on hold.
 * DESK_OK, DESK_FORBIDDEN, DESK_NOT_FOUND, DESK_INVALID, DESK_FAILED.
 */
enum desk_result desk_change(struct tx *tx, const struct identity *who, const struct change_request *request,
                             const struct change_row **made, struct desk_problem *problem);

/* The id of a change in the interface ("ch-17"), and the change of an id as of tx->as_of; NULL where there is none. */
const char *change_id(struct tx *tx, const struct change_row *row);
const struct change_row *desk_change_of(struct tx *tx, const char *id);

#endif
