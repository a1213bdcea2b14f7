#include "patient_case.h"

#include <string.h>

#include "prescription_rules.h"
#include "store/prescription.h"
#include "sys/buffer.h"

/* Events grow in the arena: as many as all rows together, known before. */
struct event_list {
    struct event *events;
    size_t count;
};

size_t patient_case_index(const struct patient_case *c, const char *prescription) {
    for (size_t i = 0; i < c->rules.input.prescription_count; i++) {
        if (strcmp(c->rows[i].id, prescription) == 0) {
            return i;
        }
    }
    return PRESCRIPTION_NONE;
}

static struct event *event_new(struct event_list *list, enum event_kind kind, size_t prescription, day_t on) {
    struct event *event = &list->events[list->count++];
    *event = (struct event){
        .kind = kind, .prescription = prescription, .on = on, .resume_on = DAY_NONE, .for_day = DAY_NONE};
    return event;
}

/* The facts of a patient, as rows, besides those that the case keeps. */
struct case_facts {
    struct prescription_row *prescriptions;
    size_t prescription_count;
    struct consultation_row *consultations;
    size_t consultation_count;
    struct elsewhere_row *elsewheres;
    size_t elsewhere_count;
    struct change_row *changes;
    size_t change_count;
};

static bool facts_load(struct tx *tx, struct patient_case *c, struct case_facts *f) {
    const char *patient = c->patient.id;
    return prescription_all(tx, patient, &f->prescriptions, &f->prescription_count) &&
           supply_history(tx, patient, &c->supplies, &c->supply_count) &&
           history_consultations(tx, patient, &f->consultations, &f->consultation_count) &&
           history_outcomes(tx, patient, &c->outcomes, &c->outcome_count) &&
           history_elsewhere(tx, patient, &f->elsewheres, &f->elsewhere_count) &&
           history_changes(tx, patient, &f->changes, &f->change_count) && db_state(tx->db) == DB_FINE &&
           !arena_failed(tx->arena);
}

/* How long an instalment's days may lie before the day on which somebody comes for it. */
#define OUTCOME_DAYS_BEFORE 35

/*
 * Nothing reaches from further back: no record was merged into this one, nothing happened outside the rules or elsewhere.
 * Where `recent` names all prescriptions that there are, all their outcomes are read.
 */
static bool facts_load_recent(struct tx *tx, struct patient_case *c, const struct recent *recent,
                              struct case_facts *f) {
    const char *patient = c->patient.id;
    bool whole = prescription_count(tx, patient) == recent->count;
    day_t since = whole ? DAY_MIN : recent->since - OUTCOME_DAYS_BEFORE;
    f->prescriptions = arena_take(tx->arena, recent->count + 1, sizeof *f->prescriptions);
    for (size_t i = 0; f->prescriptions != NULL && i < recent->count; i++) {
        f->prescription_count +=
            prescription_find(tx, recent->prescriptions[i], &f->prescriptions[i]) ? 1 : 0;
    }
    return f->prescription_count == recent->count &&
           supply_history_of(tx, recent->prescriptions, recent->count, &c->supplies, &c->supply_count) &&
           history_consultations(tx, patient, &f->consultations, &f->consultation_count) &&
           history_outcomes_since(tx, patient, since, &c->outcomes, &c->outcome_count) &&
           history_changes_of(tx, recent->prescriptions, recent->count, &f->changes, &f->change_count) &&
           db_state(tx->db) == DB_FINE && !arena_failed(tx->arena);
}

static void add_supplies(const struct patient_case *c, struct event_list *list) {
    for (size_t i = 0; i < c->supply_count; i++) {
        const struct supply_brief *row = &c->supplies[i];
        if (row->reversed_seq != 0) {
            continue;
        }
        enum event_kind kind = strcmp(row->kind, "irregular") == 0 ? EVENT_IRREGULAR : EVENT_SUPPLIED;
        struct event *event = event_new(list, kind, patient_case_index(c, row->prescription), row->on);
        event->covers = row->covers;
        event->at = row->supervised_at;
        event->incomplete =
            outcome_spoils(c->outcomes, c->outcome_count, row->prescription, row->on, row->seq);
    }
}

static void add_outcomes(const struct patient_case *c, struct event_list *list) {
    for (size_t i = 0; i < c->outcome_count; i++) {
        const struct outcome_row *row = &c->outcomes[i];
        if (row->kind == OUTCOME_WITHHELD || row->kind == OUTCOME_DEFERRED) {
            enum event_kind kind = row->kind == OUTCOME_WITHHELD ? EVENT_WITHHELD : EVENT_DEFERRED;
            event_new(list, kind, patient_case_index(c, row->prescription), row->on);
        }
    }
}

static void add_consultations(const struct patient_case *c, const struct case_facts *f,
                              struct event_list *list) {
    for (size_t i = 0; i < f->consultation_count; i++) {
        const struct consultation_row *row = &f->consultations[i];
        size_t prescription = patient_case_index(c, row->prescription);
        if (row->counts && prescription != PRESCRIPTION_NONE) {
            struct event *event = event_new(list, EVENT_CONSULTATION, prescription, row->on);
            event->outcome = row->outcome;
            event->resume_on = row->resume_on;
            event->for_day = row->for_day;
            event->covers = row->covers;
        }
    }
}

static void add_elsewheres(const struct case_facts *f, struct event_list *list) {
    for (size_t i = 0; i < f->elsewhere_count; i++) {
        const struct elsewhere_row *row = &f->elsewheres[i];
        struct event *event = event_new(list, EVENT_DOSED_ELSEWHERE, PRESCRIPTION_NONE, row->on);
        event->drug_class = row->drug_class;
        event->from = row->from;
        event->to = row->to;
        event->unlike = row->unlike;
    }
}

static bool fill_rows(struct tx *tx, struct patient_case *c, const struct case_facts *f,
                      struct prescription *rules) {
    for (size_t i = 0; i < f->prescription_count; i++) {
        const struct prescription_row *row = &f->prescriptions[i];
        if (!prescription_rules(tx, row, &rules[i])) {
            return false;
        }
        c->rows[i] = (struct case_row){.id = row->id,
                                       .service = row->service,
                                       .serial = row->serial,
                                       .prescriber_name = row->prescriber_name,
                                       .prescriber_number = row->prescriber_number,
                                       .prescriber_address = row->prescriber_address,
                                       .wording_text = row->wording_text,
                                       .seq = row->seq,
                                       .rules = &rules[i]};
        rules[i].stopped_from = change_stopped_from(f->changes, f->change_count, row->id);
        rules[i].on_hold = change_on_hold(f->changes, f->change_count, row->id);
    }
    for (size_t i = 0; i < f->prescription_count; i++) {
        const struct prescription_row *row = &f->prescriptions[i];
        rules[i].replaces = row->replaces == NULL ? PRESCRIPTION_NONE : patient_case_index(c, row->replaces);
        rules[i].replaces_from = row->replaces_from;
        rules[i].together_with =
            row->together_with == NULL ? PRESCRIPTION_NONE : patient_case_index(c, row->together_with);
    }
    return true;
}

/* ---- the rest of a part supply (D22) ---- */

/* Is it a supply of this prescription today that stands? */
static bool stands_today(const struct tx *tx, const struct supply_brief *row, const char *prescription) {
    return row->on == tx->now.day && row->reversed_seq == 0 && strcmp(row->kind, "lawful") == 0 &&
           strcmp(row->prescription, prescription) == 0;
}

/*
 * What is left of each item of the days that supply `newest` dosed in part, or NULL where it was no part, nothing is left,
 * or memory is short (the arena says).
 */
static const quantity_t *rest_of(struct tx *tx, const struct patient_case *c, const struct plan *plan,
                                 size_t newest) {
    const struct supply_brief *last = &c->supplies[newest];
    quantity_t *rest = arena_take(tx->arena, plan->prescription->item_count, sizeof *rest);
    struct supply_row row = {.part_reason = NULL};
    quantity_t left = 0;
    for (size_t s = 0; rest != NULL && s <= newest; s++) {
        if (!stands_today(tx, &c->supplies[s], last->prescription) ||
            !supply_find(tx, c->supplies[s].id, &row)) {
            continue;
        }
        for (size_t i = 0; i < row.item_count; i++) {
            rest[row.items[i].position] -= row.items[i].quantity;
        }
    }
    for (size_t i = 0; rest != NULL && i < plan->prescription->item_count; i++) {
        for (size_t k = 0; k < last->covers.count; k++) {
            rest[i] += plan_dose(plan, i, last->covers.days[k]);
        }
        left += rest[i];
    }
    return row.part_reason != NULL && left > 0 ? rest : NULL;
}

/* Gives the newest supply of each prescription today what is left of it. Events stand in the order of the supplies. */
static void note_rests(struct tx *tx, const struct patient_case *c, struct event *events) {
    size_t at = 0;
    for (size_t i = 0; i < c->supply_count; i++) {
        const struct supply_brief *row = &c->supplies[i];
        if (row->reversed_seq != 0) {
            continue;
        }
        struct event *event = &events[at++];
        bool newest = stands_today(tx, row, row->prescription);
        for (size_t later = i + 1; newest && later < c->supply_count; later++) {
            newest = !stands_today(tx, &c->supplies[later], row->prescription);
        }
        if (newest) {
            event->rest = rest_of(tx, c, &c->rules.courses[event->prescription].plan, i);
        }
    }
}

static void fill_status(struct tx *tx, struct patient_case *c) {
    struct patient_status_row status;
    if (patient_status_on(tx, c->patient.id, tx->now.day, &status)) {
        c->deceased = strcmp(status.status, "deceased") == 0;
        c->away = strcmp(status.status, "away") == 0;
    }
}

/* Puts the facts into the order of the rules' case, and opens it. */
static enum desk_result lay_out(struct tx *tx, struct patient_case *out, const struct case_facts *f,
                                struct prescription *rules) {
    size_t events = out->supply_count + f->consultation_count + out->outcome_count + f->elsewhere_count;
    struct event_list list = {.events = arena_take(tx->arena, events + 1, sizeof(struct event))};
    if (list.events == NULL) {
        return DESK_FAILED;
    }
    add_supplies(out, &list);
    add_outcomes(out, &list);
    add_consultations(out, f, &list);
    add_elsewheres(f, &list);
    const struct case_input input = {
        .prescriptions = rules,
        .prescription_count = f->prescription_count,
        .events = list.events,
        .event_count = list.count,
        .calendar = &out->calendar,
        .policy = {.hold_after_missed_days = (int32_t)desk_policy(tx, "hold_after_missed_days")},
    };
    if (!case_open(&out->rules, &input)) {
        return DESK_FAILED;
    }
    note_rests(tx, out, list.events);
    return db_state(tx->db) == DB_FINE && !arena_failed(tx->arena) ? DESK_OK : DESK_FAILED;
}

/* The record that stands. */
static enum desk_result find_patient(struct tx *tx, const char *patient, struct patient_case *out) {
    memset(out, 0, sizeof *out);
    bool found = patient_find(tx, patient, &out->patient);
    while (found && out->patient.merged_into != NULL) {
        found = patient_find(tx, out->patient.merged_into, &out->patient);
    }
    return found ? DESK_OK : db_state(tx->db) == DB_FINE ? DESK_NOT_FOUND : DESK_FAILED;
}

static enum desk_result open_case(struct tx *tx, struct patient_case *out, const struct case_facts *f) {
    if (!desk_calendar(tx, &out->calendar)) {
        return DESK_FAILED;
    }
    struct prescription *rules = arena_take(tx->arena, f->prescription_count + 1, sizeof *rules);
    out->rows = arena_take(tx->arena, f->prescription_count + 1, sizeof *out->rows);
    if (rules == NULL || out->rows == NULL) {
        return DESK_FAILED;
    }
    out->rules.input.prescription_count = f->prescription_count;
    if (!fill_rows(tx, out, f, rules)) {
        return DESK_FAILED;
    }
    fill_status(tx, out);
    return lay_out(tx, out, f, rules);
}

enum desk_result patient_case_load(struct tx *tx, const char *patient, struct patient_case *out) {
    struct case_facts f = {.prescriptions = NULL};
    enum desk_result result = find_patient(tx, patient, out);
    if (result != DESK_OK) {
        return result;
    }
    return facts_load(tx, out, &f) ? open_case(tx, out, &f) : DESK_FAILED;
}

/* Is an outcome there of a prescription that is not? */
static bool outcomes_strange(const struct patient_case *c) {
    for (size_t i = 0; i < c->outcome_count; i++) {
        if (patient_case_index(c, c->outcomes[i].prescription) == PRESCRIPTION_NONE &&
            (c->outcomes[i].kind == OUTCOME_WITHHELD || c->outcomes[i].kind == OUTCOME_DEFERRED)) {
            return true;
        }
    }
    return false;
}

enum desk_result patient_case_load_recent(struct tx *tx, const char *patient, const struct recent *recent,
                                          day_t on, struct patient_case *out) {
    struct case_facts f = {.prescriptions = NULL};
    enum desk_result result = find_patient(tx, patient, out);
    if (result != DESK_OK) {
        return result;
    }
    bool simple = recent->count > 0 && patient_alone(tx, out->patient.id) &&
                  !supply_irregular_known(tx, out->patient.id) &&
                  !history_elsewhere_known(tx, out->patient.id);
    if (simple && facts_load_recent(tx, out, recent, &f) && open_case(tx, out, &f) == DESK_OK) {
        if (f.prescription_count == prescription_count(tx, out->patient.id) ||
            (case_reaches(&out->rules, recent->since, on) && !outcomes_strange(out))) {
            return DESK_OK;
        }
        patient_case_close(out);
    }
    return patient_case_load(tx, patient, out);
}

enum desk_result patient_case_load_for(struct tx *tx, const char *prescription, struct patient_case *out,
                                       size_t *index) {
    struct prescription_row row;
    if (!prescription_find(tx, prescription, &row)) {
        memset(out, 0, sizeof *out);
        return db_state(tx->db) == DB_FINE ? DESK_NOT_FOUND : DESK_FAILED;
    }
    enum desk_result result = patient_case_load(tx, row.patient, out);
    if (result == DESK_OK) {
        *index = patient_case_index(out, prescription);
    }
    return result;
}

void patient_case_close(struct patient_case *c) {
    case_close(&c->rules);
}

const char *instalment_id(struct tx *tx, const char *prescription, day_t collect) {
    char day[DAY_TEXT_SIZE];
    struct buffer id;
    day_format(collect, day);
    buffer_init(&id, 256);
    buffer_format(&id, "%s.%s", prescription, day);
    const char *kept = buffer_ok(&id) ? arena_text(tx->arena, id.bytes, id.len) : NULL;
    buffer_release(&id);
    return kept;
}

bool instalment_parse(struct tx *tx, const char *id, const char **prescription, day_t *collect) {
    const char *dot = strrchr(id, '.');
    if (dot == NULL || !day_parse(dot + 1, strlen(dot + 1), collect)) {
        return false;
    }
    *prescription = arena_text(tx->arena, id, (size_t)(dot - id));
    return *prescription != NULL;
}
