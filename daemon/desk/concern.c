#include "concern.h"

#include <string.h>

#include "alert.h"
#include "outcome.h"
#include "patient_case.h"
#include "sys/buffer.h"
#include "text.h"

const char *const concern_kinds[CONCERN_KIND_COUNT + 1] = {"possible_intoxication", "welfare", "safeguarding",
                                                           "prescription_problem",  "other",   NULL};

const char *const concern_decisions[DECIDED_NONE + 1] = {"supplied", "deferred", "withheld", "emergency",
                                                         NULL};

const struct observed_sign observed_signs[] = {
    {"drowsy", "drowsy"},
    {"falling_asleep", "falling asleep while standing or speaking"},
    {"hard_to_wake", "hard to wake"},
    {"slurred_speech", "slurred speech"},
    {"slow_responses", "slow to answer"},
    {"confused", "confused"},
    {"unsteady", "unsteady on the feet"},
    {"smell_of_alcohol", "smell of alcohol"},
    {"smell_of_cannabis", "smell of cannabis"},
    {"pinpoint_pupils", "very small pupils"},
    {"dilated_pupils", "very wide pupils"},
    {"red_eyes", "red or glazed eyes"},
    {"agitated", "agitated"},
    {"distressed", "distressed or tearful"},
    {"breathing_slow", "slow or shallow breathing"},
    {"blue_lips", "blue or grey lips"},
    {"sweating", "sweating"},
    {"shaking", "shaking"},
    {"pale", "pale"},
    {"vomiting", "vomiting"},
    {"injury", "an injury that can be seen"},
    {"unlike_usual", "unlike their usual self"},
    {NULL, NULL},
};

const struct observed_sign *observed_sign(const char *code) {
    for (const struct observed_sign *sign = observed_signs; sign->code != NULL; sign++) {
        if (strcmp(sign->code, code) == 0) {
            return sign;
        }
    }
    return NULL;
}

/* ---- checking ---- */

static void check_signs(const struct concern_request *r, struct desk_problem *problem) {
    for (size_t i = 0; i < r->sign_count; i++) {
        if (observed_sign(r->signs[i]) == NULL) {
            desk_invalid(problem, "signs", "names a sign that is not of the list: see GET /concerns/signs");
            return;
        }
        for (size_t before = 0; before < i; before++) {
            if (strcmp(r->signs[before], r->signs[i]) == 0) {
                desk_invalid(problem, "signs", "names a sign twice");
                return;
            }
        }
    }
}

static enum desk_result check(const struct concern_request *r, struct desk_problem *problem) {
    check_signs(r, problem);
    if (r->kind == CONCERN_POSSIBLE_INTOXICATION && r->decision == DECIDED_NONE) {
        desk_invalid(problem, "decision", "is needed: what was decided about the dose");
    }
    if (r->sign_count == 0 && r->note == NULL) {
        desk_invalid(problem, r->kind == CONCERN_POSSIBLE_INTOXICATION ? "signs" : "note",
                     "is needed: what was seen");
    }
    return problem->field_count > 0 ? DESK_INVALID : DESK_OK;
}

static bool stands_for_outcome(const struct concern_request *r) {
    return r->prescription != NULL && (r->decision == DECIDED_WITHHELD || r->decision == DECIDED_DEFERRED);
}

/* ---- recording ---- */

static const char *joined(struct tx *tx, const struct concern_request *r) {
    const char *list = "";
    for (size_t i = 0; i < r->sign_count && list != NULL; i++) {
        list = desk_text(tx, "%s%s%s", list, i == 0 ? "" : ",", r->signs[i]);
    }
    return list;
}

static const char *decision_word(enum concern_decision decision) {
    return decision == DECIDED_NONE ? "none" : concern_decisions[decision];
}

static struct concern_row *append(struct tx *tx, const struct patient_case *c,
                                  const struct concern_request *r) {
    struct concern_row *row = arena_take(tx->arena, 1, sizeof *row);
    const char *id = tx_new_id(tx, "cn");
    const char *signs = joined(tx, r);
    if (row == NULL || id == NULL || signs == NULL) {
        return NULL;
    }
    tx_audit(tx, "concern", c->patient.id, id, concern_kinds[r->kind]);
    *row = (struct concern_row){.id = id,
                                .recorded = {.seq = tx->seq, .at = tx->now.at, .by = tx->staff},
                                .patient = c->patient.id,
                                .prescription = r->prescription,
                                .kind = concern_kinds[r->kind],
                                .signs = signs,
                                .note = r->note,
                                .decision = decision_word(r->decision),
                                .prescriber_contacted = r->prescriber_contacted,
                                .at = tx->now.at};
    concern_add(tx, row);
    return row;
}

/* A4: urgent where the dose was withheld or an ambulance was called. A5: where an ambulance was called. */
static bool is_urgent(const struct concern_request *r) {
    return r->decision == DECIDED_EMERGENCY ||
           (r->kind == CONCERN_POSSIBLE_INTOXICATION && r->decision == DECIDED_WITHHELD);
}

/* The signs in words, one a line; NULL where there are none. */
static const char *signs_in_words(struct tx *tx, const struct concern_request *r) {
    struct buffer out;
    buffer_init(&out, 4096);
    for (size_t i = 0; i < r->sign_count; i++) {
        const struct observed_sign *sign = observed_sign(r->signs[i]);
        buffer_format(&out, "%s%s", i == 0 ? "" : "\n", sign == NULL ? r->signs[i] : sign->text);
    }
    const char *words = out.len > 0 && buffer_ok(&out) ? arena_text(tx->arena, out.bytes, out.len) : NULL;
    buffer_release(&out);
    return words;
}

static void raise_one(struct tx *tx, const struct patient_case *c, const struct concern_request *r,
                      const struct concern_row *row, const struct case_row *rx) {
    const char *kind = r->kind == CONCERN_POSSIBLE_INTOXICATION ? "possible_intoxication" : "other_concern";
    const char *service = rx == NULL ? NULL : rx->service;
    struct alert_detail_row detail = alert_detail_none;
    if (rx != NULL) {
        desk_alert_course(tx, c, (size_t)(rx - c->rows), tx->now.day - 1, &detail);
    }
    detail.signs = signs_in_words(tx, r);
    detail.concern = r->kind == CONCERN_POSSIBLE_INTOXICATION ? NULL : concern_kinds[r->kind];
    detail.decision = r->decision == DECIDED_NONE ? NULL : concern_decisions[r->decision];
    detail.note = r->note;
    desk_alert_raise(tx,
                     &(struct alert_row){.kind = kind,
                                         .priority = is_urgent(r) ? "urgent" : "routine",
                                         .patient = c->patient.id,
                                         .prescription = rx == NULL ? NULL : rx->id,
                                         .service = service,
                                         .raised_at = tx->now.at,
                                         .on = tx->now.day,
                                         .about = desk_text(tx, "%s/%s/%s", kind, row->id,
                                                            service == NULL ? "none" : service),
                                         .number = -1},
                     &detail);
}

/* Does a prescription with this service come later among those that are live today? */
static bool told_later(const struct patient_case *c, size_t index, day_t today) {
    for (size_t i = index + 1; i < c->rules.input.prescription_count; i++) {
        if (case_plan_covers(&c->rules, i, today, today) &&
            strcmp(c->rows[i].service, c->rows[index].service) == 0) {
            return true;
        }
    }
    return false;
}

/*
 * To the service of the prescription named; else once to each that prescribes now; else to the last that did. Without any
 * prescription there is nobody to send it to: it waits for a person.
 */
static void raise_alerts(struct tx *tx, const struct patient_case *c, const struct concern_request *r,
                         const struct concern_row *row) {
    size_t count = c->rules.input.prescription_count;
    bool any = false;
    if (c->deceased) {
        return;
    }
    if (r->prescription != NULL) {
        raise_one(tx, c, r, row, &c->rows[patient_case_index(c, r->prescription)]);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        if (case_plan_covers(&c->rules, i, tx->now.day, tx->now.day) && !told_later(c, i, tx->now.day)) {
            raise_one(tx, c, r, row, &c->rows[i]);
            any = true;
        }
    }
    if (!any) {
        raise_one(tx, c, r, row, count == 0 ? NULL : &c->rows[count - 1]);
    }
}

static enum desk_result record(struct tx *tx, const struct patient_case *c, const struct concern_request *r,
                               const struct concern_row **made) {
    const struct concern_row *row = append(tx, c, r);
    if (row == NULL) {
        return DESK_FAILED;
    }
    raise_alerts(tx, c, r, row);
    if (stands_for_outcome(r)) {
        const struct outcome_request outcome = {.prescription = r->prescription,
                                                .on = DAY_NONE,
                                                .kind = r->decision == DECIDED_WITHHELD ? OUTCOME_WITHHELD
                                                                                        : OUTCOME_DEFERRED,
                                                .minutes_after = -1,
                                                .quantity = QUANTITY_NONE};
        if (outcome_in_place(tx, c, patient_case_index(c, r->prescription), &outcome, NULL) == NULL) {
            return DESK_FAILED;
        }
    } else {
        desk_day_opens_again(tx, tx->now.day);
    }
    *made = row;
    return db_state(tx->db) == DB_FINE ? DESK_OK : DESK_FAILED;
}

enum desk_result desk_concern(struct tx *tx, const struct identity *who,
                              const struct concern_request *request, const struct concern_row **made,
                              struct desk_problem *problem) {
    struct patient_case c = {0};
    if (stands_for_outcome(request) && !identity_is_pharmacist(who)) {
        return desk_no(
            problem, DESK_FORBIDDEN, "role",
            "Withholding or deferring a dose is the pharmacist's to record. Without the prescription the "
            "concern can be recorded now.");
    }
    enum desk_result result = check(request, problem);
    if (result != DESK_OK) {
        return result;
    }
    result = patient_case_load(tx, request->patient, &c);
    if (result != DESK_OK) {
        result = desk_no(problem, result, "not_found", "There is no such patient.");
    } else if (request->prescription != NULL &&
               patient_case_index(&c, request->prescription) == PRESCRIPTION_NONE) {
        result = desk_no(problem, DESK_NOT_FOUND, "not_found", "This patient has no such prescription.");
    } else {
        result = record(tx, &c, request, made);
    }
    patient_case_close(&c);
    return result;
}

const struct concern_row *desk_concern_of(struct tx *tx, const char *id) {
    return concern_find(tx, id);
}

bool desk_concerns(struct tx *tx, const char *patient, int64_t before, int32_t limit,
                   struct concern_row **rows, size_t *count) {
    return concern_list(tx, patient, before, limit, rows, count);
}
