/* Instalments bagged in advance by a technician or pharmacist, and put back to stock. Nothing of it is a supply. */
#ifndef INSTALMENT_DESK_PREPARATION_H
#define INSTALMENT_DESK_PREPARATION_H

#include "desk.h"
#include "store/preparation.h"
#include "store/print_job.h"

struct preparation_request {
    const char *instalment; /* its id */
    bool prepare;           /* false: back to stock */
    int32_t containers;     /* -1: not given */
    const char *batch;
    day_t expiry;
    bool bag; /* a bag label is wanted */
};

/*
 * Records it; what is bagged gets its labels at once (label.h). *made is the row, in the arena. DESK_FORBIDDEN: not a technician or pharmacist. DESK_CONFLICT: `already_supplied`, `already_prepared`, `not_prepared`,
 * `not_active` (the prescription stops before that day), `not_due` (its days are over). DESK_NOT_FOUND, DESK_INVALID,
 * DESK_FAILED.
 */
enum desk_result desk_prepare(struct tx *tx, const struct identity *who,
                              const struct preparation_request *request, const struct preparation_row **made,
                              struct desk_problem *problem);

/* The newest of an instalment as of tx->as_of, or NULL. */
const struct preparation_row *desk_preparation(struct tx *tx, const char *instalment);

/* What stands on the bottles and the bag of a preparation: its newest prints, in the arena. */
struct print_job_row *desk_preparation_labels(struct tx *tx, const struct preparation_row *row,
                                              size_t *count);

#endif
