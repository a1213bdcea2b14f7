#include "change.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "patient_case.h"
#include "text.h"

static enum desk_result refuse_stop(const struct patient_case *c, size_t index, day_t from,
                                    struct desk_problem *problem) {
    if (case_stop_day(&c->rules, index, DAY_MAX) <= from) {
        return desk_no(problem, DESK_CONFLICT, "already_stopped",
                       "This prescription has been stopped by that day already.");
    }
    return DESK_OK;
}

static enum desk_result refuse_change(struct tx *tx, const struct change_request *request,
                                      const struct patient_case *c, size_t index, day_t from,
                                      struct desk_problem *problem) {
    if (from < tx->now.day) {
        return desk_invalid(problem, "from", "must not be in the past");
    }
    if (request->kind == CHANGE_STOP) {
        return refuse_stop(c, index, from, problem);
    }
    if (from > tx->now.day) {
        return desk_invalid(problem, "from", "must be today: a hold and a release take effect at once");
    }
    bool on_hold = c->rules.input.prescriptions[index].on_hold;
    if (request->kind == CHANGE_HOLD && on_hold) {
        return desk_no(problem, DESK_CONFLICT, "already_on_hold", "This prescription is on hold already.");
    }
    if (request->kind == CHANGE_RELEASE && !on_hold) {
        return desk_no(problem, DESK_CONFLICT, "not_on_hold", "This prescription is not on hold.");
    }
    return DESK_OK;
}

enum desk_result desk_change(struct tx *tx, const struct identity *who, const struct change_request *request,
                             const struct change_row **made, struct desk_problem *problem) {
    struct patient_case c = {0};
    size_t index = 0;
    if (!identity_is_pharmacist(who)) {
        return desk_no(problem, DESK_FORBIDDEN, "role",
                       "A pharmacist stops a prescription, puts it on hold or releases it.");
    }
    enum desk_result result = patient_case_load_for(tx, request->prescription, &c, &index);
    if (result != DESK_OK) {
        patient_case_close(&c);
        return desk_no(problem, result, "not_found", "There is no such prescription.");
    }
    day_t from = request->from == DAY_NONE ? tx->now.day : request->from;
    result = refuse_change(tx, request, &c, index, from, problem);
    patient_case_close(&c);
    if (result != DESK_OK) {
        return result;
    }
    struct change_row *row = arena_take(tx->arena, 1, sizeof *row);
    if (row == NULL) {
        return DESK_FAILED;
    }
    *row = (struct change_row){.prescription = request->prescription,
                               .kind = request->kind,
                               .from = from,
                               .reason = request->reason};
    tx_audit(tx, change_text(row->kind), c.patient.id, row->prescription, NULL);
    row->recorded = (struct recorded){.seq = tx->seq, .at = tx->now.at, .by = tx->staff};
    history_add_change(tx, row);
    *made = row;
    return db_state(tx->db) == DB_FINE ? DESK_OK : DESK_FAILED;
}

const char *change_id(struct tx *tx, const struct change_row *row) {
    return desk_text(tx, "ch-%" PRId64, row->recorded.seq);
}

const struct change_row *desk_change_of(struct tx *tx, const char *id) {
    if (strncmp(id, "ch-", 3) != 0) {
        return NULL;
    }
    char *end = NULL;
    int64_t seq = strtoll(id + 3, &end, 10);
    return end != id + 3 && *end == '\0' && seq > 0 ? history_change(tx, seq) : NULL;
}
