#include "instalments.h"

#include <string.h>

bool instalment_live(const struct patient_case *c, size_t prescription, const struct instalment *one,
                     day_t known_on) {
    const struct plan *plan = &c->rules.courses[prescription].plan;
    day_t stop = case_stop_day(&c->rules, prescription, known_on);
    day_t due = one->due != DAY_NONE ? one->due : one->collect;
    day_t entered = plan->prescription->entered_on;
    if (due >= stop || (entered != DAY_NONE && due < entered)) {
        return false;
    }
    for (day_t day = one->collect; day <= one->last && day < stop; day++) {
        if (plan_has_dose(plan, day)) {
            return true;
        }
    }
    return false;
}

bool instalment_supplied(const struct patient_case *c, size_t prescription, const struct instalment *one,
                         day_t known_on) {
    const struct course *course = &c->rules.courses[prescription];
    for (day_t day = one->collect; day <= one->last; day++) {
        if (plan_has_dose(&course->plan, day) && case_supplied(course, day, known_on)) {
            return true;
        }
    }
    return false;
}

bool instalment_dosed_otherwise(const struct patient_case *c, size_t prescription,
                                const struct instalment *one, day_t known_on) {
    const struct plan *plan = &c->rules.courses[prescription].plan;
    for (day_t day = one->collect; day <= one->last; day++) {
        if (plan_has_dose(plan, day) && !case_dosed_otherwise(&c->rules, prescription, day, known_on)) {
            return false;
        }
    }
    return true;
}

quantity_t instalment_quantity(const struct plan *plan, size_t item, const struct instalment *one) {
    quantity_t sum = 0;
    for (day_t day = one->collect; day <= one->last; day++) {
        sum += plan_dose(plan, item, day);
    }
    return sum;
}

const struct outcome_row *instalment_outcome(const struct outcome_row *rows, size_t count,
                                             const char *prescription, day_t collect) {
    const struct outcome_row *newest = NULL;
    for (size_t i = 0; i < count; i++) {
        if (!outcome_is_note(rows[i].kind) && rows[i].collect == collect &&
            strcmp(rows[i].prescription, prescription) == 0) {
            newest = &rows[i];
        }
    }
    return newest;
}
