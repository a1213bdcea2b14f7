#include "coming.h"

#include "patient_case.h"
#include "store/prescription.h"

#define PATIENT_MEMORY_MAX ((size_t)64 << 20)
#define FIRST_WITHIN_DAYS 28
#define LOOK_AHEAD 10

struct looking {
    struct tx *tx;
    day_t day;
    day_t ending; /* a last collection up to this day is soon */
    struct report_list *list;
    struct arena *kept;
};

static bool add(struct looking *l, const char *code, const char *text, const char *remedy,
                const char *subject, day_t on) {
    struct arena *mine = l->tx->arena;
    l->tx->arena = l->kept;
    const struct report_item item = {
        .code = code, .text = text, .remedy = remedy, .subject = tx_keep(l->tx, subject), .on = on};
    bool good = item.subject != NULL && report_add(l->tx, l->list, &item);
    l->tx->arena = mine;
    return good;
}

/* Does another prescription of the class go on after it? */
static bool has_successor(const struct patient_case *c, size_t index) {
    const struct rules_case *rules = &c->rules;
    for (size_t i = 0; i < rules->input.prescription_count; i++) {
        if (i != index &&
            rules->input.prescriptions[i].drug_class == rules->input.prescriptions[index].drug_class &&
            rules->courses[i].plan.last > rules->courses[index].plan.last) {
            return true;
        }
    }
    return false;
}

static bool anything_supplied(const struct patient_case *c, size_t index) {
    for (size_t i = 0; i < c->supply_count; i++) {
        if (c->supplies[i].reversed_seq == 0 && patient_case_index(c, c->supplies[i].prescription) == index) {
            return true;
        }
    }
    return false;
}

static bool look_at_end(struct looking *l, const struct patient_case *c, size_t index) {
    const struct plan *plan = &c->rules.courses[index].plan;
    const struct instalment *last = &plan->instalments[plan->instalment_count - 1];
    day_t due = last->due == DAY_NONE ? last->collect : last->due;
    return due <= l->day || due > l->ending || has_successor(c, index) ||
           add(l, "ending", "The last collection of this prescription is near, and no other follows.",
               "Ask the service for the next form.", c->rows[index].id, due);
}

static bool look_at_first(struct looking *l, const struct patient_case *c, size_t index) {
    const struct prescription *rx = c->rows[index].rules;
    day_t from = rx->start_on != DAY_NONE && rx->start_on > rx->signed_on ? rx->start_on : rx->signed_on;
    day_t last = from + FIRST_WITHIN_DAYS;
    return last < l->day || last > l->day + COMING_EXPIRY_DAYS || anything_supplied(c, index) ||
           add(l, "first_instalment_expires",
               "Nothing of this prescription was supplied yet, and day 28 is near.", "Tell the service.",
               c->rows[index].id, last);
}

static bool look_at_closed(struct looking *l, const struct patient_case *c, size_t index) {
    const struct plan *plan = &c->rules.courses[index].plan;
    bool good = true;
    for (size_t i = 0; good && i < plan->instalment_count; i++) {
        const struct instalment *one = &plan->instalments[i];
        if (one->collect > l->day && one->collect <= l->day + COMING_CLOSED_DAYS && one->due == DAY_NONE) {
            good = add(l, "closed_day_without_wording",
                       "A collection falls on a closed day, and the form has no wording for it.",
                       "Ask the prescriber for the wording, or for another form.", c->rows[index].id,
                       one->collect);
        }
    }
    return good;
}

static bool look_at_patient(struct looking *l, const char *patient) {
    struct patient_case c;
    bool good = patient_case_load(l->tx, patient, &c) == DESK_OK;
    for (size_t i = 0; good && !c.deceased && i < c.rules.input.prescription_count; i++) {
        const struct plan *plan = &c.rules.courses[i].plan;
        if (plan->instalment_count > 0 && plan->last >= l->day &&
            case_stop_day(&c.rules, i, l->day) > plan->last) {
            good = look_at_end(l, &c, i) && look_at_first(l, &c, i) && look_at_closed(l, &c, i);
        }
    }
    patient_case_close(&c);
    return good;
}

/* The third open day after the day. */
static day_t third_open(struct tx *tx, day_t day) {
    int32_t opens = 0;
    int32_t closes = 0;
    day_t found = day;
    int open = 0;
    for (day_t next = day + 1; open < COMING_OPEN_DAYS && next <= day + LOOK_AHEAD; next++) {
        if (desk_hours(tx, next, &opens, &closes)) {
            found = next;
            open++;
        }
    }
    return found;
}

bool coming_find(struct tx *tx, day_t day, struct report_list *list) {
    struct looking l = {.tx = tx, .day = day, .ending = third_open(tx, day), .list = list, .kept = tx->arena};
    size_t count = 0;
    const char **patients = prescription_patients_between(tx, day, day + COMING_CLOSED_DAYS, &count);
    struct arena *mine = arena_new(PATIENT_MEMORY_MAX);
    struct calendar days;
    bool good = mine != NULL && desk_calendar(tx, &days); /* read once for the job, where it stays */
    for (size_t i = 0; good && i < count; i++) {
        arena_reset(mine);
        tx->arena = mine;
        good = look_at_patient(&l, patients[i]);
        tx->arena = l.kept;
    }
    arena_free(&mine);
    return good;
}
