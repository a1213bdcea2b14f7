#include "consultation.h"

#include "patient_case.h"

static bool allows(enum consultation_outcome outcome) {
    return outcome == CONSULTED_ALLOW_REPRESENTATIVE || outcome == CONSULTED_ALLOW_ONCE;
}

/* The days that the outcome asks for, and no others. */
static void check_days(const struct consult_request *r, day_t on, struct desk_problem *problem) {
    if (r->resume_on != DAY_NONE && r->outcome != CONSULTED_CONTINUE) {
        desk_invalid(problem, "resume_on", "belongs to the outcome continue only");
    } else if (r->resume_on != DAY_NONE && r->resume_on < on) {
        desk_invalid(problem, "resume_on", "must not be before the day of the consultation");
    }
    if (allows(r->outcome) && r->for_day == DAY_NONE) {
        desk_invalid(problem, "for_day", "is needed: the day that was allowed");
    } else if (!allows(r->outcome) && r->for_day != DAY_NONE) {
        desk_invalid(problem, "for_day", "belongs to the outcomes allow_representative and allow_once only");
    } else if (r->for_day != DAY_NONE && r->for_day < on) {
        desk_invalid(problem, "for_day", "must not be before the day of the consultation");
    }
    if (r->outcome == CONSULTED_ALLOW_ONCE && r->covers.count == 0) {
        desk_invalid(problem, "covers", "is needed: the days whose doses may be supplied");
    } else if (r->outcome != CONSULTED_ALLOW_ONCE && r->covers.count > 0) {
        desk_invalid(problem, "covers", "belongs to the outcome allow_once only");
    }
}

/* The days named must have a dose on this prescription, or nothing would come of them. */
static void check_covers(const struct consult_request *r, const struct patient_case *c, size_t index,
                         struct desk_problem *problem) {
    for (size_t i = 0; i < r->covers.count; i++) {
        if (!plan_has_dose(&c->rules.courses[index].plan, r->covers.days[i])) {
            desk_invalid(problem, "covers", "names a day without a dose on this prescription");
            return;
        }
    }
}

static void check_request(struct tx *tx, const struct consult_request *r, const struct patient_case *c,
                          size_t index, day_t on, struct desk_problem *problem) {
    if (on > tx->now.day) {
        desk_invalid(problem, "on", "must not be in the future");
    } else if (on < c->rules.input.prescriptions[index].signed_on) {
        desk_invalid(problem, "on", "must not be before the prescription was signed");
    }
    check_days(r, on, problem);
    check_covers(r, c, index, problem);
}

enum desk_result desk_consult(struct tx *tx, const struct identity *who,
                              const struct consult_request *request, const struct consultation_row **made,
                              struct desk_problem *problem) {
    struct patient_case c = {0};
    size_t index = 0;
    if (!identity_is_pharmacist(who)) {
        return desk_no(problem, DESK_FORBIDDEN, "role", "A pharmacist records a consultation.");
    }
    enum desk_result result = patient_case_load_for(tx, request->prescription, &c, &index);
    if (result != DESK_OK) {
        patient_case_close(&c);
        return desk_no(problem, result, "not_found", "There is no such prescription.");
    }
    day_t on = request->on == DAY_NONE ? tx->now.day : request->on;
    struct consultation_row *row = arena_take(tx->arena, 1, sizeof *row);
    check_request(tx, request, &c, index, on, problem);
    patient_case_close(&c);
    if (problem->field_count > 0) {
        return DESK_INVALID;
    }
    if (row == NULL) {
        return DESK_FAILED;
    }
    *row = (struct consultation_row){.id = tx_new_id(tx, "co"),
                                     .patient = c.patient.id,
                                     .prescription = request->prescription,
                                     .asked = request->asked,
                                     .role = request->role,
                                     .counts = request->role != CONSULTED_KEYWORKER,
                                     .channel = request->channel,
                                     .on = on,
                                     .outcome = request->outcome,
                                     .resume_on = request->resume_on,
                                     .for_day = request->for_day,
                                     .covers = request->covers,
                                     .note = request->note};
    if (row->id == NULL) {
        return DESK_FAILED;
    }
    tx_audit(tx, "consultation", row->patient, row->id, consultation_outcome_text(row->outcome));
    history_add_consultation(tx, row);
    *made = row;
    return db_state(tx->db) == DB_FINE ? DESK_OK : DESK_FAILED;
}

const struct consultation_row *desk_consultation(struct tx *tx, const char *id) {
    return history_consultation(tx, id);
}
