#include "missed.h"

struct walk {
    const struct rules_case *c;
    enum drug_class drug_class;
    day_t day; /* T: what is known on it counts */
};

static bool missed_in_class(const struct walk *walk, size_t index) {
    return walk->c->input.prescriptions[index].drug_class == walk->drug_class;
}

/* A dose of the day is in the patient: supplied here and not left, vomited or taken in part, or elsewhere. */
static bool missed_dosed(const struct walk *walk, day_t day) {
    for (size_t i = 0; i < walk->c->input.prescription_count; i++) {
        if (missed_in_class(walk, i) && case_taken(&walk->c->courses[i], day, walk->day)) {
            return true;
        }
    }
    return case_dosed_elsewhere(walk->c, walk->drug_class, day, walk->day);
}

/*
 * Has a prescription begun after this day and by T, or has the entry come of one whose plan the day lies in?
 * Only then the lack of a plan says something (M2).
 */
static bool missed_later_begun(const struct walk *walk, day_t day) {
    for (size_t i = 0; i < walk->c->input.prescription_count; i++) {
        if (!missed_in_class(walk, i)) {
            continue;
        }
        const struct plan *plan = &walk->c->courses[i].plan;
        day_t entered = plan->prescription->entered_on;
        if (plan->first > day ? plan->first <= walk->day
                              : entered != DAY_NONE && entered > day && entered <= walk->day) {
            return true;
        }
    }
    return false;
}

enum day_kind { DAY_OF_NO_PLAN, DAY_WITHOUT_DOSE, DAY_WITH_DOSE };

/* What the plans of the class say of a day; *collected is the collection day of its instalment. */
static enum day_kind missed_day_kind(const struct walk *walk, day_t day, day_t *collected) {
    enum day_kind kind = DAY_OF_NO_PLAN;
    for (size_t i = 0; i < walk->c->input.prescription_count; i++) {
        if (!missed_in_class(walk, i) || !case_plan_covers(walk->c, i, day, walk->day)) {
            continue;
        }
        const struct plan *plan = &walk->c->courses[i].plan;
        if (plan_has_dose(plan, day)) {
            *collected = plan_instalment_of(plan, day)->collect;
            return DAY_WITH_DOSE;
        }
        kind = DAY_WITHOUT_DOSE;
    }
    return kind;
}

struct missed_run missed_run_at(const struct rules_case *c, enum drug_class drug_class, day_t day,
                                day_t since_day) {
    const struct walk walk = {.c = c, .drug_class = drug_class, .day = day};
    struct missed_run run = {0};
    day_t collected = DAY_NONE;
    day_t last_collected = DAY_NONE;
    int32_t gap = 0;
    for (day_t d = day - 1; d >= c->earliest[drug_class] && !missed_dosed(&walk, d); d--) {
        switch (missed_day_kind(&walk, d, &collected)) {
        case DAY_WITH_DOSE:
            run.days++;
            run.since += d >= since_day ? 1 : 0;
            run.pickups += collected != last_collected ? 1 : 0;
            last_collected = collected;
            gap = 0;
            break;
        case DAY_WITHOUT_DOSE: gap = 0; break;
        case DAY_OF_NO_PLAN:
            if (missed_later_begun(&walk, d)) {
                run.no_plan++;
                gap++;
            }
            break;
        }
        if (gap > MISSED_GAP_MAX) {
            run.no_plan -= gap;
            run.ended_by_gap = true;
            break;
        }
    }
    return run;
}
