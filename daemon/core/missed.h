/*
 * Missed days (rules.md, section 4, M2 and M3). The run is always derived, never stored (hazard H05).
 */
#ifndef INSTALMENT_CORE_MISSED_H
#define INSTALMENT_CORE_MISSED_H

#include "case.h"

/* A gap of more days of no plan than this ends the walk: a new episode (M2). */
#define MISSED_GAP_MAX 14

struct missed_run {
    int32_t days;      /* days with a planned dose that was not supplied: the true run */
    int32_t pickups;   /* collections that these days belong to (M3) */
    int32_t since;     /* those of the days that lie on `since_day` or later */
    int32_t no_plan;   /* days of no plan that the walk met (D26), without a gap that ended it */
    bool ended_by_gap; /* the walk ended at a gap of more than MISSED_GAP_MAX days of no plan */
};

/*
 * Walks back from the day before `day`, over the prescriptions of one class. The days from `since_day` on
 * are also counted apart: D11 counts from a signature date.
 */
struct missed_run missed_run_at(const struct rules_case *c, enum drug_class drug_class, day_t day,
                                day_t since_day);

#endif
