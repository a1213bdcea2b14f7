/* The plan among the patient's other prescriptions (P7) and the pharmacy's closed days (P10). See check.h. */
#include "check_work.h"

/* ---- P7 ---- */

static day_t later(day_t a, day_t b) {
    return a > b ? a : b;
}

static day_t earlier(day_t a, day_t b) {
    return a < b ? a : b;
}

/* From today on, from first to last day of both plans: days without a dose between them count too. */
static void check_overlap(struct check *k, size_t other) {
    const struct course *course = &k->c->courses[other];
    const struct plan *plan = &course->plan;
    if (other == k->entry->prescription || plan->length == 0 || k->plan->length == 0 ||
        plan->prescription->drug_class != k->rx->drug_class || course->group == k->course->group) {
        return;
    }
    day_t from = later(k->entry->today, later(k->plan->first, plan->first));
    day_t to = earlier(k->plan->last, plan->last);
    to = earlier(to, case_stop_day(k->c, other, k->entry->today) - 1);
    if (from <= to) {
        struct finding *one = check_add(k, FINDING_OVERLAP);
        one->index = other;
        one->day = from;
        one->other_day = to;
    }
}

void check_other_prescriptions(struct check *k) {
    const struct prescription *all = k->c->input.prescriptions;
    size_t replaces = k->rx->replaces;
    size_t together = k->rx->together_with;
    if (replaces != PRESCRIPTION_NONE && all[replaces].drug_class != k->rx->drug_class) {
        check_add(k, FINDING_REPLACES_OTHER_CLASS)->index = replaces;
    }
    if (together != PRESCRIPTION_NONE) {
        bool same = all[together].drug_class == k->rx->drug_class;
        check_add(k, same ? FINDING_GIVEN_TOGETHER : FINDING_TOGETHER_WITH_OTHER_CLASS)->index = together;
    }
    for (size_t i = 0; i < k->c->input.prescription_count; i++) {
        check_overlap(k, i);
    }
}

/* ---- P10 ---- */

/* Does a collection from today on fall on a day known to be closed? */
static bool falls_on_closed_day(const struct check *k, const struct instalment *one) {
    return one->collect >= k->entry->today &&
           (one->state == CALENDAR_CLOSED_WEEKLY || one->state == CALENDAR_CLOSED_DATED);
}

/* The day to which D4 moved it; DAY_NONE where there is none, or it has gone by. */
static day_t moved_to(const struct check *k, const struct instalment *one) {
    return one->due >= k->entry->today ? one->due : DAY_NONE;
}

/* What happens to the instalment of one closed collection day (D4, D7). */
static void add_closed_day(struct check *k, const struct instalment *one) {
    day_t due = moved_to(k, one);
    day_t open = calendar_open_after(k->c->input.calendar, one->collect);
    bool later_days = (k->rx->wording & WORDING_W2) != 0 && open != DAY_NONE && open <= one->last;
    bool usual = one->usual >= k->entry->today;
    struct finding *finding = NULL;
    if (due != DAY_NONE) {
        finding = check_add(k, usual ? FINDING_CLOSED_MOVED_OR_USUAL : FINDING_CLOSED_MOVED);
        finding->other_day = due;
        finding->usual_day = one->usual;
    } else if (later_days) {
        finding = check_add(k, FINDING_CLOSED_LATER_DAYS);
        finding->other_day = open;
    } else {
        finding = check_add(k, FINDING_CLOSED_NO_DAY);
    }
    finding->day = one->collect;
}

/* Does the plan lean on the wording for a day that is closed every week? Confirmed once. */
static void check_weekly_closed(struct check *k) {
    int32_t count = 0;
    day_t first = DAY_NONE;
    for (size_t i = 0; i < k->plan->instalment_count; i++) {
        const struct instalment *one = &k->plan->instalments[i];
        if (falls_on_closed_day(k, one) && one->state == CALENDAR_CLOSED_WEEKLY &&
            moved_to(k, one) != DAY_NONE) {
            first = count == 0 ? one->collect : first;
            count++;
        }
    }
    if (count > 0) {
        struct finding *finding = check_add(k, FINDING_WEEKLY_CLOSED_ADVANCE);
        finding->number = count;
        finding->day = first;
    }
}

/* The collection dates that were typed: those outside the plan do nothing. */
static void check_collection_dates(struct check *k) {
    const struct collection *collect = &k->rx->collect;
    if (collect->kind != COLLECT_DATES || k->plan->length == 0) {
        return;
    }
    for (size_t i = 0; i < collect->dates.count; i++) {
        day_t day = collect->dates.days[i];
        if (day < k->plan->first || day > k->plan->last) {
            check_add(k, FINDING_COLLECTION_OUTSIDE_PLAN)->day = day;
        }
    }
}

/* The days themselves come last: that list may be long. */
void check_closed_days(struct check *k) {
    check_collection_dates(k);
    check_weekly_closed(k);
    for (size_t i = 0; i < k->plan->instalment_count; i++) {
        if (falls_on_closed_day(k, &k->plan->instalments[i])) {
            add_closed_day(k, &k->plan->instalments[i]);
        }
    }
}
