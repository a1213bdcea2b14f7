/* The checks at entry, put together: see check.h. */
#include "check.h"

#include <string.h>

#include "check_work.h"

/* ---- what the parts share ---- */

static struct finding *check_add_kind(struct check *k, enum finding_code code, enum finding_kind kind) {
    bool accepted = (k->entry->accept >> code & 1) != 0;
    return findings_add(k->out, code, kind, accepted);
}

struct finding *check_add(struct check *k, enum finding_code code) {
    return check_add_kind(k, code, finding_usual_kind(code));
}

struct finding *check_add_item(struct check *k, enum finding_code code, size_t item) {
    struct finding *one = check_add(k, code);
    one->item = item;
    one->product = k->rx->items[item].product;
    return one;
}

/* The strictest schedule of the form's items. */
static int form_schedule(const struct prescription *rx) {
    int strictest = 5;
    for (size_t i = 0; i < rx->item_count; i++) {
        if (rx->items[i].product->schedule < strictest) {
            strictest = rx->items[i].product->schedule;
        }
    }
    return strictest;
}

struct finding *check_add_by_schedule(struct check *k, enum finding_code code, size_t item) {
    const struct product *product = item == FINDING_NO_INDEX ? NULL : k->rx->items[item].product;
    int schedule = product == NULL ? form_schedule(k->rx) : product->schedule;
    struct finding *one =
        check_add_kind(k, code, schedule <= 3 ? finding_usual_kind(code) : FINDING_IS_WARNING);
    one->item = item;
    one->product = product;
    return one;
}

bool check_blank(const char *text) {
    return text == NULL || text[strspn(text, " \t\r\n")] == '\0';
}

static size_t ingredient_length(const char *drug) {
    const char *space = strchr(drug, ' ');
    return space == NULL ? strlen(drug) : (size_t)(space - drug);
}

bool check_same_ingredient(const struct product *a, const struct product *b) {
    size_t len = ingredient_length(a->drug);
    return len == ingredient_length(b->drug) && memcmp(a->drug, b->drug, len) == 0;
}

bool check_other_live(const struct check *k, size_t other, day_t day) {
    return other != k->entry->prescription &&
           k->c->input.prescriptions[other].drug_class == k->rx->drug_class &&
           plan_has_dose(&k->c->courses[other].plan, day) &&
           day < case_stop_day(k->c, other, k->entry->today);
}

day_t check_appropriate_date(const struct prescription *prescription) {
    return prescription->start_on > prescription->signed_on ? prescription->start_on
                                                            : prescription->signed_on;
}

quantity_t check_plan_total(const struct plan *plan, size_t item) {
    quantity_t sum = 0;
    for (size_t d = 0; d < plan->length; d++) {
        sum += plan->doses[item * plan->length + d];
    }
    return sum;
}

quantity_t check_effective_total(const struct plan *plan, size_t item) {
    quantity_t typed = plan->prescription->items[item].total;
    quantity_t sum = check_plan_total(plan, item);
    return typed == QUANTITY_NONE || sum < typed ? sum : typed;
}

/* ---- all of them ---- */

void check_prescription(const struct entry *entry, struct findings *out) {
    const struct course *course = &entry->c->courses[entry->prescription];
    struct check k = {.entry = entry,
                      .c = entry->c,
                      .course = course,
                      .plan = &course->plan,
                      .rx = course->plan.prescription,
                      .out = out};
    findings_init(out);
    k.appropriate = check_appropriate_date(k.rx);
    check_dates(&k);
    check_kind_of_form(&k);
    check_paper(&k);
    check_wording(&k);
    check_items(&k);
    check_other_prescriptions(&k);
    check_doses(&k);
    check_closed_days(&k);
}
