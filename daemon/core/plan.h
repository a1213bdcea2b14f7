/*
 * A prescription laid out over the days: doses, collection days, instalments and when each is due
 * (rules.md, sections 1 and 3, D4). Derived from a prescription and a calendar, never stored.
 */
#ifndef INSTALMENT_CORE_PLAN_H
#define INSTALMENT_CORE_PLAN_H

#include "calendar.h"
#include "prescription.h"

/* What is collected in one visit: the days with a dose from `collect` to `last`. */
struct instalment {
    day_t collect; /* its collection day C */
    day_t last;    /* its last day with a dose */
    day_t due;     /* C, or the earlier day E to which D4 moved it; DAY_NONE: due on no day */
    day_t usual;   /* D4's U: the last open collection day before, where that is earlier than E and
                                 W1 stands on the form; else DAY_NONE */
    enum calendar_state state; /* of C */
};

struct plan {
    const struct prescription *prescription;
    day_t first;       /* the first day with a dose */
    day_t last;        /* the last day with a dose; before `first` where there is no dose at all */
    quantity_t *doses; /* [item][day - first], thousandths */
    size_t length;     /* days from first to last */
    struct instalment *instalments; /* in order of their collection days */
    size_t instalment_count;
};

/*
 * Lays a prescription out. The plan borrows the prescription and must be released with plan_release.
 * Returns false, with *plan empty, where memory is short or the span is longer than PLAN_DAYS_MAX.
 */
bool plan_build(struct plan *plan, const struct prescription *prescription, const struct calendar *calendar);

/* Releases what plan_build allocated; *plan is empty afterwards. An empty plan is allowed. */
void plan_release(struct plan *plan);

/* The dose of one item on a day; 0 outside the plan. */
quantity_t plan_dose(const struct plan *plan, size_t item, day_t day);

/* Has the day a dose of any item? */
bool plan_has_dose(const struct plan *plan, day_t day);

/* The day's dose of all items in micrograms of drug (D16, D17). */
int64_t plan_micrograms(const struct plan *plan, day_t day);

/* Is a visit on this collection day supervised (section 1, "supervised")? */
bool plan_supervised_on(const struct plan *plan, day_t day);

/* The supervised part of an item's dose on a day whose dose is supervised. */
quantity_t plan_supervised_part(const struct plan *plan, size_t item, day_t day);

/* The instalment that covers a day of the plan (the last whose collection day is not after it), or NULL. */
const struct instalment *plan_instalment_of(const struct plan *plan, day_t day);

#endif
