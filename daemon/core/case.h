/*
 * A patient's case: prescriptions laid out over the days, with what happened to each day (rules.md,
 * sections 3 and 4). Opened once, then asked as often as wanted for any prescription and day.
 */
#ifndef INSTALMENT_CORE_CASE_H
#define INSTALMENT_CORE_CASE_H

#include "plan.h"

/* What a pharmacy may tune (rules.md: "policy"). */
struct policy {
    int32_t hold_after_missed_days; /* D11 for opioids: 1 .. POLICY_HOLD_MAX */
};

#define POLICY_HOLD_DEFAULT 3
#define POLICY_HOLD_MAX 14

/* A patient's prescriptions and history, borrowed for as long as the case is open. */
struct case_input {
    const struct prescription *prescriptions;
    size_t prescription_count;
    const struct event *events; /* in any order */
    size_t event_count;
    const struct calendar *calendar;
    struct policy policy;
};

/* What happened to one day. */
struct dosing {
    day_t supplied_on; /* the day of the first supply that dosed it here; DAY_NONE: never */
    bool incomplete;   /* that dose was left, vomited, spilled or taken in part (M6) */
};

/* A day outside the plan that was supplied all the same. */
struct stray {
    day_t day;
    struct dosing dosing;
};

/* A prescription laid out, with its dosed days and the day it stops. */
struct course {
    struct plan plan;
    struct dosing *dosing; /* [day - plan.first] */
    struct stray *strays;  /* supplied days outside the plan, in no order */
    size_t stray_count;
    day_t stopped_from;      /* by hand or by the `replaces` of another; DAY_NEVER: not */
    day_t first_supplied_on; /* the day of its first supply of any kind; DAY_NEVER: none */
    size_t group;            /* prescriptions of one group number are given together */
    bool grouped;            /* there is another one of that group */
};

/* Later than any day. */
#define DAY_NEVER (DAY_MAX + 1)

struct rules_case {
    struct case_input input;
    struct course *courses;      /* as many as prescriptions */
    day_t earliest[CLASS_COUNT]; /* the first day of the earliest plan of the class; DAY_NEVER: no plan */
};

/*
 * Lays the case out. False, with *c empty, where memory is short or a plan is too long; otherwise release
 * with case_close. `replaces`, `together_with` and the events' `prescription` must be indexes of the list
 * (the first two or PRESCRIPTION_NONE).
 */
bool case_open(struct rules_case *c, const struct case_input *input);

/* Releases what case_open allocated; *c is empty afterwards. An empty case is allowed. */
void case_close(struct rules_case *c);

/* Was the day supplied by this prescription, by what was recorded up to `known_on`? */
bool case_supplied(const struct course *course, day_t day, day_t known_on);

/* The same, and the dose was taken whole (M6): it ends the missed-day run. */
bool case_taken(const struct course *course, day_t day, day_t known_on);

/* The last day before `before` that this prescription supplied, by what was recorded up to `known_on`; or DAY_NONE. */
day_t case_last_supplied(const struct course *course, day_t before, day_t known_on);

/* Was the day dosed elsewhere in this class, by what was recorded up to `known_on` (M8)? */
bool case_dosed_elsewhere(const struct rules_case *c, enum drug_class drug_class, day_t day, day_t known_on);

/*
 * Was the day dosed in this prescription's class by another one that is not given together with it, or elsewhere, by
 * what was recorded up to `known_on` (D10)?
 */
bool case_dosed_otherwise(const struct rules_case *c, size_t prescription, day_t day, day_t known_on);

/* The first day without supply, as known on `known_on` (D1): stopped, replaced, or consulted `stop`; or DAY_NEVER. */
day_t case_stop_day(const struct rules_case *c, size_t prescription, day_t known_on);

/*
 * Does a dose end every look back from day `on`, of every prescription of the case, on or after day `since`? Then the rules
 * ask of that day nothing that lies before `since`: without the prescriptions that ended and were entered before it the
 * decision is the same, as long as nothing was supplied outside the rules, nothing was dosed elsewhere, and none of
 * them replaces one that is here (M2, D16, D17, D19, D26).
 */
bool case_reaches(const struct rules_case *c, day_t since, day_t on);

/* Does the plan of a prescription reach over the day, before any stop known on `known_on`? */
bool case_plan_covers(const struct rules_case *c, size_t prescription, day_t day, day_t known_on);

#endif
