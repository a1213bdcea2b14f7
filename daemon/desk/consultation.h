/*
 * Who was asked about a prescription, and what was said (rules.md, section 3, after D29). Recorded by a pharmacist. The
 * prescriber's or a named deputy's word counts for the rules; a keyworker's is noted, and lifts and stops nothing.
 */
#ifndef INSTALMENT_DESK_CONSULTATION_H
#define INSTALMENT_DESK_CONSULTATION_H

#include "desk.h"
#include "store/history.h"

struct consult_request {
    const char *prescription;
    const char *asked; /* with whom */
    enum consulted_role role;
    const char *channel; /* NULL: not said */
    day_t on;            /* DAY_NONE: today */
    enum consultation_outcome outcome;
    day_t resume_on;        /* continue only; DAY_NONE: the default of the rules */
    day_t for_day;          /* needed by, and only with, allow_representative and allow_once */
    struct day_list covers; /* needed by, and only with, allow_once; borrowed */
    const char *note;
};

/* *made is the row as recorded, in the arena. DESK_OK, DESK_FORBIDDEN, DESK_NOT_FOUND, DESK_INVALID, DESK_FAILED. */
enum desk_result desk_consult(struct tx *tx, const struct identity *who,
                              const struct consult_request *request, const struct consultation_row **made,
                              struct desk_problem *problem);

/* One as of tx->as_of, or NULL. */
const struct consultation_row *desk_consultation(struct tx *tx, const char *id);

#endif
