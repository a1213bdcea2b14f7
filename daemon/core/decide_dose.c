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
    quantity_t planned = 0;
    for (size_t i = 0; i < out->cover_count; i++) {
        planned += plan_dose(plan, index, out->covers[i]);
    }
    /* The days of a part supply count in full already (D9); of its supervised dose what is left is supervised. */
    one.quantity = w->rest == NULL ? planned : w->rest->rest[index];
    quantity_t more = w->rest == NULL ? planned : 0;
    if (out->cover_count > 0 && one.item->total != QUANTITY_NONE &&
        item_supplied_so_far(w, index) + more > one.item->total) {
        work_reason_plain(w, REASON_EXCEEDS_TOTAL, SEVERITY_REFUSE);
    }
    if (one.quantity == 0) {
        return;
    }
    if (supervised) {
        quantity_t part = plan_supervised_part(plan, index, w->day) - (planned - one.quantity);
        one.supervised = part > 0 ? part : 0;
    }
    one.take_home = one.quantity - one.supervised;
    void *array = out->items;
    w->memory = w->memory && work_room(&array, &out->item_room, out->item_count, sizeof *out->items);
    out->items = array;
    if (w->memory) {
        out->items[out->item_count++] = one;
    }
}

/* D13: did a consultation allow somebody else to take today's supervised dose? */
static bool representative_allowed(const struct work *w) {
    for (size_t i = 0; i < w->c->input.event_count; i++) {
        if (work_allows_today(w, &w->c->input.events[i], CONSULTED_ALLOW_REPRESENTATIVE)) {
            return true;
        }
    }
    return false;
}

void decide_quantities(struct work *w) {
    bool supervised = dose_of_day_supervised(w);
    for (size_t i = 0; i < w->rx->item_count; i++) {
        decide_item(w, i, supervised);
    }
    if (w->request->collector == COLLECTOR_PATIENT || w->out->cover_count == 0) {
        return;
    }
    if (supervised && !representative_allowed(w)) {
        work_reason_plain(w, REASON_REPRESENTATIVE_SUPERVISED, SEVERITY_REFUSE);
    } else {
        work_reason_plain(w, REASON_REPRESENTATIVE, SEVERITY_CHECK);
    }
}

/* ---- what was supplied here before (D16, D17) ---- */

/* A plan's dose of one drug on a day, in micrograms. */
static int64_t drug_on(const struct plan *plan, const char *drug, day_t day) {
    int64_t sum = 0;
    for (size_t i = 0; i < plan->prescription->item_count; i++) {
        const struct product *product = plan->prescription->items[i].product;
        if (strcmp(product->drug, drug) == 0) {
            sum += plan_dose(plan, i, day) * product->micrograms / 1000;
        }
    }
    return sum;
}

/* Does what this prescription supplied on `last` count as the dose before? Not what is given together with the asked one. */
static bool supplied_before(const struct work *w, size_t index, day_t last) {
    const struct course *course = &w->c->courses[index];
    return w->c->input.prescriptions[index].drug_class == w->rx->drug_class &&
           (course == w->course || !work_is_partner(w, index)) && case_supplied(course, last, w->day);
}

/* How the first day supplied now differs from the last day supplied here, drug by drug. */
struct comparison {
    int64_t before; /* micrograms of that day in all */
    bool more;      /* more of a drug, or another drug */
    bool less;      /* less of a drug */
};

static int64_t drug_before(const struct work *w, const char *drug, day_t last) {
    int64_t sum = 0;
    for (size_t i = 0; i < w->c->input.prescription_count; i++) {
        if (supplied_before(w, i, last)) {
            sum += drug_on(&w->c->courses[i].plan, drug, last);
        }
    }
    return sum;
}

static struct comparison compare_doses(const struct work *w, day_t last, day_t first) {
    const struct plan *plan = &w->course->plan;
    struct comparison result = {0};
    for (size_t i = 0; i < w->rx->item_count; i++) {
        const char *drug = w->rx->items[i].product->drug;
        int64_t now = drug_on(plan, drug, first);
        int64_t then = drug_before(w, drug, last);
        result.more |= now > then;
        result.less |= now < then;
    }
    for (size_t i = 0; i < w->c->input.prescription_count; i++) {
        const struct plan *other = &w->c->courses[i].plan;
        if (!supplied_before(w, i, last)) {
            continue;
        }
        result.before += plan_micrograms(other, last);
        result.more |= !plan_has_dose(other, last); /* outside its plan: nobody knows how much */
        for (size_t k = 0; k < other->prescription->item_count; k++) {
            bool given = plan_dose(other, k, last) != 0;
            result.more |= given && drug_on(plan, other->prescription->items[k].product->drug, first) == 0;
        }
    }
    return result;
}

/* D16's hold and D17, asked of the first day supplied now. */
void decide_dose(struct work *w) {
    const struct plan *plan = &w->course->plan;
    if (w->out->cover_count == 0) {
        return;
    }
    day_t first = w->out->covers[0];
    day_t last = work_last_day_here(w, false, w->day);
    int64_t before = plan_micrograms(plan, plan->first);
    if (last != DAY_NONE) {
        struct comparison compared = compare_doses(w, last, first);
        before = compared.before;
        if (!w->course->grouped && (compared.more || compared.less)) {
            work_reason_plain(w, REASON_DOSE_CHANGED, compared.more ? SEVERITY_CHECK : SEVERITY_NOTE);
        }
    }
    if (work_last_day_here(w, true, w->day) == DAY_NONE) {
        work_reason_plain(w, REASON_FIRST_DOSE, SEVERITY_CHECK);
    }
    if (work_in_titration(w) && w->run.days >= 1 && plan_micrograms(plan, first) > before) {
        work_reason_plain(w, REASON_TITRATION_STEP_AFTER_MISSED, SEVERITY_HOLD);
    }
}
