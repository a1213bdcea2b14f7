#include "preparation.h"

#include "instalments.h"
#include "label.h"
#include "ledger.h"
#include "patient_case.h"

/* The instalment that is collected on exactly this day, or NULL. */
static const struct instalment *instalment_on(const struct plan *plan, day_t collect) {
    for (size_t i = 0; i < plan->instalment_count; i++) {
        if (plan->instalments[i].collect == collect) {
            return &plan->instalments[i];
        }
    }
    return NULL;
}

static enum desk_result refuse_preparing(struct tx *tx, const struct patient_case *c, size_t index,
                                         const struct instalment *one, const struct preparation_request *r,
                                         struct desk_problem *problem) {
    if (instalment_supplied(c, index, one, tx->now.day)) {
        return desk_no(problem, DESK_CONFLICT, "already_supplied", "This instalment has been supplied.");
    }
    if (one->last < tx->now.day) {
        return desk_no(problem, DESK_CONFLICT, "not_due", "The days of this instalment are over.");
    }
    if (c->deceased || !instalment_live(c, index, one, tx->now.day)) {
        return desk_no(problem, DESK_CONFLICT, "not_active", "This prescription stops before that day.");
    }
    if (r->expiry != DAY_NONE && r->expiry < one->last) {
        return desk_invalid(problem, "expiry", "must not be before the last day that the instalment is for");
    }
    return DESK_OK;
}

static enum desk_result refuse(struct tx *tx, const struct patient_case *c, size_t index, day_t collect,
                               const struct preparation_request *r, struct desk_problem *problem) {
    const struct instalment *one = instalment_on(&c->rules.courses[index].plan, collect);
    const struct preparation_row *before = preparation_newest(tx, c->rows[index].id, collect);
    bool prepared = before != NULL && before->prepared;
    if (one == NULL) {
        return desk_no(problem, DESK_NOT_FOUND, "not_found", "There is no such instalment.");
    }
    if (r->prepare && prepared) {
        return desk_no(problem, DESK_CONFLICT, "already_prepared",
                       "This instalment has been prepared already.");
    }
    if (!r->prepare && !prepared) {
        return desk_no(problem, DESK_CONFLICT, "not_prepared", "This instalment has not been prepared.");
    }
    if (!r->prepare && instalment_supplied(c, index, one, tx->now.day)) {
        return desk_no(problem, DESK_CONFLICT, "already_supplied", "This instalment has been supplied.");
    }
    return r->prepare ? refuse_preparing(tx, c, index, one, r, problem) : DESK_OK;
}

/* The labels that the rules ask for on the day on which it is to be handed out: when it is due, or from now on. */
static enum desk_result add_labels(struct tx *tx, const struct preparation_request *r,
                                   const char *prescription, const struct instalment *one) {
    day_t due = one->due != DAY_NONE ? one->due : one->collect;
    const struct decide_request asked = {.prescription = prescription,
                                         .on = due > tx->now.day ? due : tx->now.day};
    struct desk_problem ignored = {.code = NULL};
    struct decided decided;
    enum desk_result result = desk_decide(tx, &asked, &decided, &ignored);
    if (result == DESK_OK && !labels_of_preparation(tx, &decided, one, asked.on, r->bag)) {
        result = DESK_FAILED;
    }
    decided_release(&decided);
    return result;
}

/* What is bagged leaves the open bottle, and what is put back returns to it (H49). */
static void move_stock(struct tx *tx, const struct preparation_request *r, const struct patient_case *c,
                       size_t index, const struct instalment *one) {
    const struct prescription *rx = c->rows[index].rules;
    const struct plan *plan = &c->rules.courses[index].plan;
    for (size_t i = 0; i < rx->item_count; i++) {
        if (r->prepare) {
            ledger_prepare(tx, rx->items[i].product, r->instalment, instalment_quantity(plan, i, one));
        } else {
            ledger_put_back(tx, rx->items[i].product->code, r->instalment);
        }
    }
}

static enum desk_result record(struct tx *tx, const struct preparation_request *r,
                               const struct patient_case *c, size_t index, day_t collect,
                               const struct preparation_row **made) {
    const char *prescription = c->rows[index].id;
    const struct instalment *one = instalment_on(&c->rules.courses[index].plan, collect);
    const char *patient = c->patient.id;
    struct preparation_row *row = arena_take(tx->arena, 1, sizeof *row);
    if (row == NULL || one == NULL) {
        return DESK_FAILED;
    }
    tx_audit(tx, r->prepare ? "prepare" : "unprepare", patient, r->instalment, NULL);
    *row = (struct preparation_row){.recorded = {.seq = tx->seq, .at = tx->now.at, .by = tx->staff},
                                    .prescription = prescription,
                                    .collect = one->collect,
                                    .prepared = r->prepare,
                                    .containers = r->containers,
                                    .batch = r->batch,
                                    .expiry = r->expiry};
    preparation_add(tx, row);
    move_stock(tx, r, c, index, one);
    *made = row;
    if (r->prepare && add_labels(tx, r, prescription, one) != DESK_OK) {
        return DESK_FAILED;
    }
    return db_state(tx->db) == DB_FINE ? DESK_OK : DESK_FAILED;
}

enum desk_result desk_prepare(struct tx *tx, const struct identity *who,
                              const struct preparation_request *request, const struct preparation_row **made,
                              struct desk_problem *problem) {
    struct patient_case c = {0};
    const char *prescription = NULL;
    day_t collect = DAY_NONE;
    size_t index = 0;
    if (who->role != ROLE_TECHNICIAN && !identity_is_pharmacist(who)) {
        return desk_no(problem, DESK_FORBIDDEN, "role", "A technician or pharmacist prepares instalments.");
    }
    if (!instalment_parse(tx, request->instalment, &prescription, &collect)) {
        return desk_no(problem, DESK_NOT_FOUND, "not_found", "There is no such instalment.");
    }
    enum desk_result result = patient_case_load_for(tx, prescription, &c, &index);
    if (result == DESK_NOT_FOUND) {
        desk_no(problem, result, "not_found", "There is no such instalment.");
    }
    if (result == DESK_OK) {
        result = refuse(tx, &c, index, collect, request, problem);
    }
    if (result == DESK_OK) {
        result = record(tx, request, &c, index, collect, made);
    }
    patient_case_close(&c);
    return result;
}

const struct preparation_row *desk_preparation(struct tx *tx, const char *instalment) {
    const char *prescription = NULL;
    day_t collect = DAY_NONE;
    return instalment_parse(tx, instalment, &prescription, &collect)
               ? preparation_newest(tx, prescription, collect)
               : NULL;
}

struct print_job_row *desk_preparation_labels(struct tx *tx, const struct preparation_row *row,
                                              size_t *count) {
    return print_jobs_of_preparation(tx, row->recorded.seq, count);
}
