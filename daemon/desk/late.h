/*
 * Late entries (rules.md, section 6; hazard H40): what was written on paper while the computer was down, typed by two people
 * with the sheet's number and the original times. Recorded, not judged; a closed day is open again by it.
 */
#ifndef INSTALMENT_DESK_LATE_H
#define INSTALMENT_DESK_LATE_H

#include "outcome.h"
#include "store/day_close.h"
#include "supply.h"

#define LATE_LINES_MAX 100

/* One line of a sheet. */
struct late_line {
    int64_t at;                   /* when it happened */
    struct supply_request supply; /* where `outcome` is OUTCOME_COUNT */
    enum outcome_kind outcome;    /* in place of a supply: withheld, declined, attended_not_supplied */
    const char *note;
};

struct late_request {
    day_t day;
    const char *sheet;
    const char *reason;
    struct late_line *lines;
    size_t count;
    const struct identity *who;
    const struct identity *second;
};

/*
 * All lines or none. *first: the seq with which they begin, for late_entries_since. DESK_FORBIDDEN: not a pharmacist,
 * "second_person_required"; DESK_INVALID, DESK_NOT_FOUND, DESK_CONFLICT, DESK_FAILED.
 */
enum desk_result desk_late_entries(struct tx *tx, const struct late_request *request, int64_t *first,
                                   struct desk_problem *problem);

bool desk_late_entries_read(struct tx *tx, day_t day, int64_t since, struct late_entry_row **rows,
                            size_t *count);

#endif
