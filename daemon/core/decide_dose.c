#include <string.h>

#include "decide_work.h"

/* ---- quantities (D7's supervision, D9, D13) ---- */

/* Is T's own dose among those supplied now, and supervised? */
static bool dose_of_day_supervised(const struct work *w) {
    const struct plan *plan = &w->course->plan;
    const struct decision *out = w->out;
    bool covered = false;
    for (size_t i = 0; i < out->cover_count; i++) {
        covered = covered || out->covers[i] == w->day;
    }
    if (!covered) {
        return false;
    }
    return plan_supervised_on(plan, w->day) ||
           plan_supervised_on(plan, plan_instalment_of(plan, w->day)->collect);
}

static quantity_t item_supplied_so_far(const struct work *w, size_t item) {
    const struct plan *plan = &w->course->plan;
    quantity_t sum = 0;
    for (day_t d = plan->first; d <= plan->last; d++) {
        if (work_day_supplied(w, d)) {
            sum += plan_dose(plan, item, d);
        }
    }
    return sum;
}

static void decide_item(struct work *w, size_t index, bool supervised) {
    const struct plan *plan = &w->course->plan;
    struct decision *out = w->out;
    struct decided_item one = {.item = &w->rx->items[index]};
    for (size_t i = 0; i < out->cover_count; i++) {
        one.quantity += plan_dose(plan, index, out->covers[i]);
    }
    if (out->cover_count > 0 && one.item->total != QUANTITY_NONE &&
        item_supplied_so_far(w, index) + one.quantity > one.item->total) {
        work_reason_plain(w, REASON_EXCEEDS_TOTAL, SEVERITY_REFUSE);
    }
    if (one.quantity == 0) {
        return;
    }
    if (supervised) {
        one.supervised = plan_supervised_part(plan, index, w->day);
    }
    one.take_home = one.quantity - one.supervised;
    void *array = out->items;
    w->memory = w->memory && work_room(&array, &out->item_room, out->item_count, sizeof *out->items);
    out->items = array;
    if (w->memory) {
        out->items[out->item_count++] = one;
    }
}

void decide_quantities(struct work *w) {
    bool supervised = dose_of_day_supervised(w);
    for (size_t i = 0; i < w->rx->item_count; i++) {
        decide_item(w, i, supervised);
    }
    if (w->request->collector == COLLECTOR_PATIENT || w->out->cover_count == 0) {
        return;
    }
    if (supervised && work_consultation_for_day(w, CONSULTED_ALLOW_REPRESENTATIVE) == NULL) {
        work_reason_plain(w, REASON_REPRESENTATIVE_SUPERVISED, SEVERITY_REFUSE);
    } else {
        work_reason_plain(w, REASON_REPRESENTATIVE, SEVERITY_CHECK);
    }
}

/* ---- what was supplied here before (D16, D17) ---- */

struct dose_here {
    int64_t micrograms;
    bool other_drug; /* the drugs are not the same as those of the first day supplied now */
};

/* Does a plan give this drug on a day? */
static bool plan_gives(const struct plan *plan, const char *drug, day_t day) {
    for (size_t i = 0; i < plan->prescription->item_count; i++) {
        if (plan_dose(plan, i, day) != 0 && strcmp(plan->prescription->items[i].product->drug, drug) == 0) {
            return true;
        }
    }
    return false;
}

/* Does one plan give a drug on its day that the other does not give on its own? */
static bool plan_gives_more(const struct plan *plan, day_t day, const struct plan *other, day_t other_day) {
    for (size_t i = 0; i < plan->prescription->item_count; i++) {
        if (plan_dose(plan, i, day) != 0 &&
            !plan_gives(other, plan->prescription->items[i].product->drug, other_day)) {
            return true;
        }
    }
    return false;
}

/* The dose of the last day supplied here, compared with the drugs of `first`, the first day supplied now. */
static struct dose_here dose_last_here(const struct work *w, day_t last, day_t first) {
    struct dose_here dose = {0};
    const struct plan *now = &w->course->plan;
    for (size_t i = 0; i < w->c->input.prescription_count; i++) {
        const struct course *course = &w->c->courses[i];
        const struct plan *then = &course->plan;
        if (then->prescription->drug_class != w->rx->drug_class ||
            (course != w->course && work_is_partner(w, i)) || !case_supplied(course, last, w->day)) {
            continue;
        }
        dose.micrograms += plan_micrograms(then, last);
        dose.other_drug = dose.other_drug || plan_gives_more(then, last, now, first) ||
                          plan_gives_more(now, first, then, last);
    }
    return dose;
}

/* D16's hold and D17, asked of the first day supplied now. */
void decide_dose(struct work *w) {
    const struct plan *plan = &w->course->plan;
    if (w->out->cover_count == 0) {
        return;
    }
    day_t first = w->out->covers[0];
    day_t last = work_last_day_here(w, false, w->day);
    int64_t now = plan_micrograms(plan, first);
    int64_t before = plan_micrograms(plan, plan->first);
    if (last != DAY_NONE) {
        struct dose_here here = dose_last_here(w, last, first);
        before = here.micrograms;
        if (!w->course->grouped && (here.other_drug || now != before)) {
            bool less = !here.other_drug && now < before;
            work_reason_plain(w, REASON_DOSE_CHANGED, less ? SEVERITY_NOTE : SEVERITY_CHECK);
        }
    }
    if (work_last_day_here(w, true, w->day) == DAY_NONE) {
        work_reason_plain(w, REASON_FIRST_DOSE, SEVERITY_CHECK);
    }
    if (work_in_titration(w) && w->run.days >= 1 && now > before) {
        work_reason_plain(w, REASON_TITRATION_STEP_AFTER_MISSED, SEVERITY_HOLD);
    }
}
