#include "outcome.h"

#include <string.h>

#include "alert.h"
#include "instalments.h"
#include "store/day_state.h"
#include "store/supply.h"
#include "supply.h"
#include "text.h"

/* One outcome being recorded, with what it is judged by. */
struct outcome_work {
    struct tx *tx;
    const struct outcome_request *request;
    const struct patient_case *c;
    size_t index;
    const struct decision *decision;
    struct desk_problem *problem;
};

/* Who may: rules in api.md, "Who may". */
static bool may_record(const struct identity *who, enum outcome_kind kind) {
    if (kind == OUTCOME_WITHHELD || kind == OUTCOME_DEFERRED) {
        return identity_is_pharmacist(who);
    }
    if (kind == OUTCOME_VOMITED || kind == OUTCOME_SPILLED || kind == OUTCOME_PART) {
        return who->role == ROLE_TECHNICIAN || identity_is_pharmacist(who);
    }
    return who->role != ROLE_INSPECTOR;
}

/* The last supply of the prescription on the day, reversed or not; or NULL. */
static const struct supply_brief *supply_on(const struct outcome_work *w, bool reversed_too) {
    const struct supply_brief *last = NULL;
    for (size_t i = 0; i < w->c->supply_count; i++) {
        const struct supply_brief *row = &w->c->supplies[i];
        if (row->on == w->tx->now.day && strcmp(row->prescription, w->request->prescription) == 0 &&
            strcmp(row->kind, "before_entry") != 0 && (reversed_too || row->reversed_seq == 0)) {
            last = row;
        }
    }
    return last;
}

/* Today's outcomes of this prescription: is it one, recorded after `seq`? */
static bool is_todays(const struct outcome_work *w, const struct outcome_row *row, int64_t seq) {
    return row->on == w->tx->now.day && row->recorded.seq > seq &&
           strcmp(row->prescription, w->request->prescription) == 0;
}

/* Is the same thing the last that was recorded in place of a supply, after any supply of the day? */
static bool repeats(const struct outcome_work *w) {
    const struct supply_brief *supply = supply_on(w, true);
    int64_t seq = supply == NULL ? 0 : supply->seq;
    if (supply != NULL && supply->reversed_seq > seq) {
        seq = supply->reversed_seq;
    }
    bool same = false;
    for (size_t i = 0; i < w->c->outcome_count; i++) {
        if (is_todays(w, &w->c->outcomes[i], seq) && w->c->outcomes[i].kind < OUTCOME_VOMITED) {
            same = w->c->outcomes[i].kind == w->request->kind;
        }
    }
    return same;
}

static struct outcome_row *append(struct tx *tx, const struct patient_case *c,
                                  const struct outcome_request *request, day_t collect, const char *reason) {
    struct outcome_row *row = arena_take(tx->arena, 1, sizeof *row);
    const char *id = tx_new_id(tx, "ou");
    if (row == NULL || id == NULL) {
        return NULL;
    }
    *row = (struct outcome_row){.id = id,
                                .recorded = {.seq = tx->seq, .at = tx->now.at, .by = tx->staff},
                                .patient = c->patient.id,
                                .prescription = request->prescription,
                                .collect = collect,
                                .on = tx->now.day,
                                .at = tx->now.at,
                                .kind = request->kind,
                                .minutes_after = request->minutes_after,
                                .quantity = request->quantity,
                                .reason = reason,
                                .note = request->note};
    history_add_outcome(tx, row);
    return row;
}

void outcome_correct(struct tx *tx, const struct patient_case *c, size_t index, day_t collect,
                     const char *why) {
    char day[DAY_TEXT_SIZE];
    day_format(collect, day);
    const char *about = desk_text(tx, "missed_pickup/%s/%s", c->rows[index].id, day);
    const char *missed = about == NULL ? NULL : alert_about(tx, about);
    if (missed != NULL && !c->deceased) {
        desk_alert_correct(tx, missed, desk_text(tx, "%lld", (long long)tx->seq), why);
    }
}

/* In the words of the counter: what was recorded in place of the supply. */
static const char *corrected_by(enum outcome_kind kind) {
    switch (kind) {
    case OUTCOME_WITHHELD: return "The patient came; the dose was withheld by the pharmacist.";
    case OUTCOME_DEFERRED: return "The patient came; the dose was put off to later the same day.";
    case OUTCOME_DECLINED: return "The patient came and did not want the dose.";
    case OUTCOME_ATTENDED_NOT_SUPPLIED: return "The patient came and could not be supplied.";
    case OUTCOME_VOMITED:
    case OUTCOME_SPILLED:
    case OUTCOME_LEFT:
    case OUTCOME_PART:
    case OUTCOME_MISSED:
    case OUTCOME_LOST_TO_CLOSURE:
    case OUTCOME_COUNT: break;
    }
    return "What was recorded of this collection has changed.";
}

void desk_day_opens_again(struct tx *tx, day_t day) {
    if (day_state_closed(tx, day) != NULL) {
        day_state_append(tx, day, "opened_again");
    }
}

const struct outcome_row *outcome_in_place(struct tx *tx, const struct patient_case *c, size_t index,
                                           const struct outcome_request *request, const char *reason) {
    const struct plan *plan = &c->rules.courses[index].plan;
    const struct outcome_row *first = NULL;
    tx_audit(tx, "outcome", c->patient.id, request->prescription, outcome_text(request->kind));
    for (size_t i = 0; i < plan->instalment_count; i++) {
        const struct instalment *one = &plan->instalments[i];
        if (one->due != tx->now.day || !instalment_live(c, index, one, tx->now.day)) {
            continue;
        }
        const struct outcome_row *row = append(tx, c, request, one->collect, reason);
        first = first == NULL ? row : first;
        outcome_correct(tx, c, index, one->collect, corrected_by(request->kind));
    }
    if (first == NULL) {
        first = append(tx, c, request, DAY_NONE, reason);
    }
    desk_day_opens_again(tx, tx->now.day);
    return first;
}

/* ---- attended_not_supplied ---- */

/* Why: what was said, then the codes with which the rules hold or refuse. NULL: nothing was. */
static const char *attended_reason(const struct outcome_work *w) {
    const char *list = w->request->reason;
    for (size_t i = 0; i < w->decision->reason_count; i++) {
        const struct reason *reason = &w->decision->reasons[i];
        if (reason->severity >= SEVERITY_HOLD) {
            const char *code = reason_code_text(reason->code);
            list = list == NULL ? code : desk_text(w->tx, "%s,%s", list, code);
        }
    }
    return list;
}

/* How often the patient came today and could not be supplied, before now: times, not rows. */
static int32_t attended_before(const struct outcome_work *w) {
    int32_t count = 0;
    int64_t seq = 0;
    for (size_t i = 0; i < w->c->outcome_count; i++) {
        const struct outcome_row *row = &w->c->outcomes[i];
        if (row->kind == OUTCOME_ATTENDED_NOT_SUPPLIED && is_todays(w, row, seq)) {
            count++;
            seq = row->recorded.seq;
        }
    }
    return count;
}

static void raise_alert(const struct outcome_work *w, const char *kind, const char *priority,
                        const char *about, int32_t number, struct alert_detail_row *detail) {
    if (w->c->deceased) {
        return;
    }
    desk_alert_course(w->tx, w->c, w->index, w->tx->now.day - 1, detail);
    detail->note = w->request->note;
    desk_alert_raise(w->tx,
                     &(struct alert_row){.kind = kind,
                                         .priority = priority,
                                         .patient = w->c->patient.id,
                                         .prescription = w->request->prescription,
                                         .service = w->c->rows[w->index].service,
                                         .raised_at = w->tx->now.at,
                                         .on = w->tx->now.day,
                                         .about = about,
                                         .number = number},
                     detail);
}

/* A10: urgent, at once, each time. */
static void raise_attended(const struct outcome_work *w, const char *reason) {
    const struct plan *plan = &w->c->rules.courses[w->index].plan;
    struct alert_detail_row detail = alert_detail_none;
    char day[DAY_TEXT_SIZE];
    detail.why_codes = reason;
    for (size_t i = 0; i < plan->instalment_count; i++) {
        const struct instalment *one = &plan->instalments[i];
        if (one->due == w->tx->now.day && instalment_live(w->c, w->index, one, w->tx->now.day)) {
            desk_alert_instalment(w->tx, w->c, w->index, one, w->tx->now.day, "text",
                                  "The patient came and could not be supplied", &detail);
        }
    }
    day_format(w->tx->now.day, day);
    raise_alert(w, "attended_not_supplied", "urgent",
                desk_text(w->tx, "attended_not_supplied/%s/%s/%d", w->request->prescription, day,
                          attended_before(w) + 1),
                w->decision->missed_days, &detail);
}

/* ---- in place of a supply ---- */

static enum desk_result record_in_place(const struct outcome_work *w, const struct outcome_row **made) {
    const char *reason = NULL;
    if (supply_on(w, false) != NULL) {
        return desk_no(w->problem, DESK_CONFLICT, "already_supplied",
                       "Today's dose has been supplied. What happened to it is noted on that supply.");
    }
    if (w->request->kind == OUTCOME_ATTENDED_NOT_SUPPLIED) {
        reason = attended_reason(w);
    } else if (repeats(w)) {
        return desk_no(w->problem, DESK_CONFLICT, "already_recorded",
                       "This has been recorded today already.");
    }
    *made = outcome_in_place(w->tx, w->c, w->index, w->request, reason);
    if (*made != NULL && w->request->kind == OUTCOME_ATTENDED_NOT_SUPPLIED) {
        raise_attended(w, reason);
    }
    return *made == NULL ? DESK_FAILED : DESK_OK;
}

/* ---- notes on a supply ---- */

/* More than was supplied cannot have been swallowed. */
static bool is_too_much(const struct outcome_work *w, const struct supply_brief *supply) {
    struct supply_row whole;
    quantity_t sum = 0;
    if (w->request->quantity == QUANTITY_NONE || !supply_find(w->tx, supply->id, &whole)) {
        return false;
    }
    for (size_t i = 0; i < whole.item_count; i++) {
        sum += whole.items[i].quantity;
    }
    return w->request->quantity > sum;
}

static day_t collected(const struct outcome_work *w, const struct supply_brief *supply) {
    const struct plan *plan = &w->c->rules.courses[w->index].plan;
    const struct instalment *one =
        supply->covers.count == 0 ? NULL : plan_instalment_of(plan, supply->covers.days[0]);
    return one == NULL ? DAY_NONE : one->collect;
}

/* "40 ml": what was swallowed; NULL where nobody said. */
static const char *in_words(const struct outcome_work *w, quantity_t quantity) {
    char text[QUANTITY_TEXT_SIZE];
    if (quantity == QUANTITY_NONE) {
        return NULL;
    }
    quantity_format(quantity, text);
    return desk_text(w->tx, "%s %s", text, w->c->rows[w->index].rules->items[0].product->unit);
}

static enum desk_result record_note(const struct outcome_work *w, const struct outcome_row **made) {
    const struct outcome_request *r = w->request;
    const struct supply_brief *supply = supply_on(w, false);
    if (supply == NULL) {
        return desk_no(w->problem, DESK_CONFLICT, "not_supplied",
                       "No supply of this prescription is recorded today that this could be noted on.");
    }
    for (size_t i = 0; i < w->c->outcome_count; i++) {
        if (is_todays(w, &w->c->outcomes[i], supply->seq) && w->c->outcomes[i].kind == r->kind) {
            return desk_no(w->problem, DESK_CONFLICT, "already_recorded",
                           "This has been noted on today's supply already.");
        }
    }
    if (is_too_much(w, supply)) {
        return desk_invalid(w->problem, "quantity", "must not be more than was supplied");
    }
    tx_audit(w->tx, "outcome", w->c->patient.id, r->prescription, outcome_text(r->kind));
    *made = append(w->tx, w->c, r, collected(w, supply), NULL);
    desk_day_opens_again(w->tx, w->tx->now.day);
    struct alert_detail_row detail = alert_detail_none;
    detail.outcome = outcome_text(r->kind);
    detail.minutes_after = r->minutes_after;
    detail.swallowed = in_words(w, r->quantity);
    raise_alert(w, "dose_not_completed", r->kind == OUTCOME_LEFT ? "urgent" : "routine",
                desk_text(w->tx, "dose_not_completed/%s/%s", supply->id, outcome_text(r->kind)), -1, &detail);
    return *made == NULL ? DESK_FAILED : DESK_OK;
}

/* ---- both ---- */

static enum desk_result check_members(struct tx *tx, const struct outcome_request *r,
                                      struct desk_problem *problem) {
    if (r->on != DAY_NONE && r->on != tx->now.day) {
        return desk_no(problem, DESK_CONFLICT, "not_today",
                       "Outcomes are recorded for today. Another day changes by a late entry only.");
    }
    if (!outcome_is_note(r->kind) && r->minutes_after >= 0) {
        desk_invalid(problem, "minutes_after", "belongs to vomited, spilled, left and part only");
    }
    if (!outcome_is_note(r->kind) && r->quantity != QUANTITY_NONE) {
        desk_invalid(problem, "quantity", "belongs to vomited, spilled, left and part only");
    }
    if (r->kind != OUTCOME_ATTENDED_NOT_SUPPLIED && r->reason != NULL) {
        desk_invalid(problem, "reason", "belongs to attended_not_supplied only");
    }
    return problem->field_count > 0 ? DESK_INVALID : DESK_OK;
}

static enum desk_result record(struct tx *tx, const struct outcome_request *request,
                               const struct decided *decided, const struct outcome_row **made,
                               struct desk_problem *problem) {
    struct outcome_work w = {.tx = tx,
                             .request = request,
                             .c = &decided->c,
                             .index = decided->index,
                             .decision = &decided->decision,
                             .problem = problem};
    enum desk_result result =
        outcome_is_note(request->kind) ? record_note(&w, made) : record_in_place(&w, made);
    return result == DESK_OK && db_state(tx->db) != DB_FINE ? DESK_FAILED : result;
}

enum desk_result desk_outcome(struct tx *tx, const struct identity *who,
                              const struct outcome_request *request, const struct outcome_row **made,
                              struct desk_problem *problem) {
    if (!may_record(who, request->kind)) {
        return desk_no(problem, DESK_FORBIDDEN, "role",
                       "This is not yours to record: please ask the pharmacist.");
    }
    enum desk_result result = check_members(tx, request, problem);
    if (result != DESK_OK) {
        return result;
    }
    struct decided decided;
    const struct decide_request asked = {.prescription = request->prescription,
                                         .on = tx->now.day,
                                         .collector = COLLECTOR_PATIENT,
                                         .supply = true};
    result = desk_decide(tx, &asked, &decided, problem);
    if (result == DESK_OK) {
        result = record(tx, request, &decided, made, problem);
    }
    decided_release(&decided);
    return result;
}

const struct outcome_row *desk_outcome_of(struct tx *tx, const char *id) {
    return history_outcome(tx, id);
}
