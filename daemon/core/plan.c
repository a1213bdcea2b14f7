#include "plan.h"

#include <stdlib.h>
#include <string.h>

static bool plan_span(struct plan *plan) {
    const struct prescription *rx = plan->prescription;
    plan->first = DAY_MAX;
    plan->last = DAY_MIN;
    for (size_t i = 0; i < rx->item_count; i++) {
        for (size_t r = 0; r < rx->items[i].run_count; r++) {
            const struct dose_run *run = &rx->items[i].runs[r];
            if (run->dose == 0) {
                continue;
            }
            day_t end = run->from + run->days - 1;
            plan->first = run->from < plan->first ? run->from : plan->first;
            plan->last = end > plan->last ? end : plan->last;
        }
    }
    if (plan->last < plan->first) {
        plan->length = 0;
        return true;
    }
    plan->length = (size_t)(plan->last - plan->first) + 1;
    return plan->length <= PLAN_DAYS_MAX;
}

static void plan_fill_doses(struct plan *plan) {
    const struct prescription *rx = plan->prescription;
    for (size_t i = 0; i < rx->item_count; i++) {
        quantity_t *row = plan->doses + i * plan->length;
        for (size_t r = 0; r < rx->items[i].run_count; r++) {
            const struct dose_run *run = &rx->items[i].runs[r];
            for (int32_t d = 0; run->dose != 0 && d < run->days; d++) {
                row[run->from + d - plan->first] = run->dose;
            }
        }
    }
}

static bool plan_collects_on(const struct plan *plan, day_t day) {
    const struct collection *collect = &plan->prescription->collect;
    switch (collect->kind) {
    case COLLECT_WEEKDAYS: return day == plan->first || day_in_weekdays(day, collect->weekdays);
    case COLLECT_EVERY_DAYS: return (day - plan->first) % collect->every_days == 0;
    case COLLECT_DATES: break;
    }
    return day == plan->first || day_list_has(collect->dates, day);
}

/* The collection days in order, as instalments that do not know yet what they cover. */
static size_t plan_mark_collections(const struct plan *plan, struct instalment *out) {
    size_t count = 0;
    for (day_t day = plan->first; day <= plan->last; day++) {
        if (plan_collects_on(plan, day)) {
            out[count++] = (struct instalment){.collect = day};
        }
    }
    return count;
}

/* D4: where the instalment of a closed collection day goes. `index` counts collection days. */
static void plan_place(const struct plan *plan, const struct calendar *calendar, struct instalment *all,
                       size_t index) {
    const struct prescription *rx = plan->prescription;
    struct instalment *one = &all[index];
    one->usual = DAY_NONE;
    one->due = one->collect;
    if (one->state == CALENDAR_OPEN || one->state == CALENDAR_CLOSED_UNPLANNED) {
        return;
    }
    one->due = DAY_NONE;
    if ((rx->wording & (WORDING_W1 | WORDING_W1OLD)) == 0) {
        return;
    }
    day_t earlier = calendar_open_before(calendar, one->collect);
    if (earlier == DAY_NONE || earlier < rx->signed_on) {
        return;
    }
    one->due = earlier;
    while ((rx->wording & WORDING_W1) != 0 && index > 0 && all[index - 1].state != CALENDAR_OPEN) {
        index--;
    }
    if ((rx->wording & WORDING_W1) != 0 && index > 0 && all[index - 1].collect < earlier) {
        one->usual = all[index - 1].collect;
    }
}

static day_t plan_last_dose(const struct plan *plan, day_t from, day_t before) {
    for (day_t day = before - 1; day >= from; day--) {
        if (plan_has_dose(plan, day)) {
            return day;
        }
    }
    return DAY_NONE;
}

static void plan_fill_instalments(struct plan *plan, const struct calendar *calendar) {
    size_t count = plan_mark_collections(plan, plan->instalments);
    for (size_t i = 0; i < count; i++) {
        plan->instalments[i].state = calendar_on(calendar, plan->instalments[i].collect);
        plan_place(plan, calendar, plan->instalments, i);
    }
    for (size_t i = 0; i < count; i++) {
        struct instalment *one = &plan->instalments[i];
        day_t next = i + 1 < count ? plan->instalments[i + 1].collect : plan->last + 1;
        one->last = plan_last_dose(plan, one->collect, next);
    }
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        if (plan->instalments[i].last != DAY_NONE) {
            plan->instalments[kept++] = plan->instalments[i];
        }
    }
    plan->instalment_count = kept;
}

bool plan_build(struct plan *plan, const struct prescription *prescription, const struct calendar *calendar) {
    memset(plan, 0, sizeof *plan);
    plan->prescription = prescription;
    if (!plan_span(plan)) {
        plan_release(plan);
        return false;
    }
    if (plan->length == 0) {
        return true;
    }
    plan->doses = calloc(prescription->item_count * plan->length, sizeof *plan->doses);
    plan->instalments = calloc(plan->length, sizeof *plan->instalments);
    if (plan->doses == NULL || plan->instalments == NULL) {
        plan_release(plan);
        return false;
    }
    plan_fill_doses(plan);
    plan_fill_instalments(plan, calendar);
    return true;
}

void plan_release(struct plan *plan) {
    free(plan->doses);
    free(plan->instalments);
    memset(plan, 0, sizeof *plan);
}

static bool plan_spans(const struct plan *plan, day_t day) {
    return plan->length > 0 && day >= plan->first && day <= plan->last;
}

quantity_t plan_dose(const struct plan *plan, size_t item, day_t day) {
    return plan_spans(plan, day) ? plan->doses[item * plan->length + (size_t)(day - plan->first)] : 0;
}

bool plan_has_dose(const struct plan *plan, day_t day) {
    for (size_t i = 0; i < plan->prescription->item_count; i++) {
        if (plan_dose(plan, i, day) != 0) {
            return true;
        }
    }
    return false;
}

int64_t plan_micrograms(const struct plan *plan, day_t day) {
    int64_t sum = 0;
    for (size_t i = 0; i < plan->prescription->item_count; i++) {
        sum += plan_dose(plan, i, day) * plan->prescription->items[i].product->micrograms / 1000;
    }
    return sum;
}

bool plan_supervised_on(const struct plan *plan, day_t day) {
    const struct supervision *supervised = &plan->prescription->supervised;
    switch (supervised->kind) {
    case SUPERVISED_NONE: return false;
    case SUPERVISED_WEEKDAYS: return day_in_weekdays(day, supervised->weekdays);
    case SUPERVISED_COLLECTION_DAYS: break;
    }
    return plan_spans(plan, day) && plan_collects_on(plan, day);
}

quantity_t plan_supervised_part(const struct plan *plan, size_t item, day_t day) {
    const struct item *one = &plan->prescription->items[item];
    for (size_t r = 0; r < one->run_count; r++) {
        const struct dose_run *run = &one->runs[r];
        if (day >= run->from && day - run->from < run->days && run->supervised_part != QUANTITY_NONE &&
            run->supervised_part < run->dose) {
            return run->supervised_part;
        }
    }
    return plan_dose(plan, item, day);
}

const struct instalment *plan_instalment_of(const struct plan *plan, day_t day) {
    const struct instalment *found = NULL;
    for (size_t i = 0; i < plan->instalment_count && plan->instalments[i].collect <= day; i++) {
        found = &plan->instalments[i];
    }
    return found != NULL && day <= found->last ? found : NULL;
}
