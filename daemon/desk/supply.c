#include "supply.h"

#include <string.h>

#include "alert.h"
#include "instalment/version.h"
#include "instalments.h"
#include "label.h"
#include "ledger.h"
#include "responsible.h"
#include "store/day_state.h"
#include "store/prescription.h"
#include "store/staff.h"
#include "sys/buffer.h"
#include "text.h"

static const char *const collectors[] = {"patient", "representative", "professional"};

/* What is being recorded, with everything it is made from. */
struct recording {
    struct tx *tx;
    const struct supply_request *request;
    struct decided *decided;
    struct desk_problem *problem;
    struct supply_row row;
    struct labels labels; /* that stand on what was bagged in advance */
};

/* ---- is it what the rules say, and did a pharmacist confirm it ---- */

static bool may_supply(const struct identity *who) {
    return who->role == ROLE_TECHNICIAN || identity_is_pharmacist(who);
}

/* Who may, in api.md: a technician or a pharmacist, also where nothing is to be checked. */
static enum desk_result check_people(struct recording *r) {
    if (may_supply(r->request->who) && may_supply(r->request->confirmer)) {
        return DESK_OK;
    }
    return desk_no(r->problem, DESK_FORBIDDEN, "pharmacist_required",
                   "A pharmacist or a technician records a supply.");
}

static enum desk_result refuse_by_rules(struct recording *r) {
    r->problem->decision = &r->decided->decision;
    if (r->decided->decision.verdict == VERDICT_REFUSE) {
        return desk_no(r->problem, DESK_REFUSED, "refused",
                       "The rules do not allow this supply. Nothing was recorded.");
    }
    if (r->decided->decision.verdict == VERDICT_HOLD) {
        return desk_no(r->problem, DESK_REFUSED, "on_hold",
                       "Nothing is supplied until the prescriber has been consulted and that is recorded.");
    }
    r->problem->decision = NULL;
    return DESK_OK;
}

static bool same_item(const struct decided_item *a, const struct expected_item *b) {
    return strcmp(a->item->product->code, b->product) == 0 && a->quantity == b->quantity &&
           a->supervised == b->supervised && a->take_home == b->take_home;
}

/* What the person was shown must be what the rules say now (H29). */
static enum desk_result compare_expected(struct recording *r) {
    const struct decision *decision = &r->decided->decision;
    bool same = r->request->expect_count == decision->item_count;
    for (size_t i = 0; same && i < decision->item_count; i++) {
        same = same_item(&decision->items[i], &r->request->expect[i]);
    }
    if (same) {
        return DESK_OK;
    }
    r->problem->decision = decision;
    return desk_no(r->problem, DESK_CHANGED, "decision_changed",
                   "What may be supplied has changed. Please look at the decision again.");
}

static bool confirmed(const struct supply_request *request, const char *code) {
    for (size_t i = 0; i < request->confirm_count; i++) {
        if (strcmp(request->confirm[i], code) == 0) {
            return true;
        }
    }
    return false;
}

static enum desk_result compare_checks(struct recording *r) {
    const struct decision *decision = &r->decided->decision;
    bool any = false;
    bool all = true;
    for (size_t i = 0; i < decision->reason_count; i++) {
        if (decision->reasons[i].severity == SEVERITY_CHECK) {
            any = true;
            all = all && confirmed(r->request, reason_code_text(decision->reasons[i].code));
        }
    }
    if (!all) {
        r->problem->decision = decision;
        return desk_no(r->problem, DESK_REFUSED, "checks_not_confirmed",
                       "A pharmacist has to confirm each check by name. Nothing was recorded.");
    }
    if (any && !identity_is_pharmacist(r->request->confirmer)) {
        return desk_no(r->problem, DESK_FORBIDDEN, "pharmacist_required",
                       "These checks are confirmed by a pharmacist.");
    }
    return DESK_OK;
}

/* Who saw the dose taken: somebody who works here, where a dose is supervised. */
static enum desk_result check_supervisor(struct recording *r, bool supervised) {
    struct staff_row staff;
    const char *name = r->request->supervised_by;
    if (name == NULL) {
        return supervised ? desk_invalid(r->problem, "supervised_by", "must name who sees the dose taken")
                          : DESK_OK;
    }
    if (!staff_find(r->tx, name, &staff) || !staff.active) {
        return desk_invalid(r->problem, "supervised_by", "must name somebody who works here");
    }
    return DESK_OK;
}

/* D22: less than decided, item by item, with the responsible pharmacist's PIN and a reason. */
static enum desk_result apply_part(struct recording *r) {
    struct decision *decision = &r->decided->decision;
    const struct supply_request *request = r->request;
    if (request->part == NULL) {
        return DESK_OK;
    }
    bool fits = request->part_count == decision->item_count;
    bool less = false;
    for (size_t i = 0; fits && i < decision->item_count; i++) {
        struct decided_item *item = &decision->items[i];
        fits = strcmp(item->item->product->code, request->part[i].product) == 0 &&
               request->part[i].quantity >= 0 && request->part[i].quantity <= item->quantity;
        less = less || request->part[i].quantity < item->quantity;
    }
    if (!fits || !less) {
        return desk_invalid(r->problem, "part.items",
                            "must name the same products, with less than was decided");
    }
    for (size_t i = 0; i < decision->item_count; i++) {
        struct decided_item *item = &decision->items[i];
        item->quantity = request->part[i].quantity;
        item->supervised = item->supervised < item->quantity ? item->supervised : item->quantity;
        item->take_home = item->quantity - item->supervised;
    }
    return DESK_OK;
}

/* What was scanned at hand-out must be the newest print of what is handed out (H13, H30). */
static enum desk_result look_at_labels(struct recording *r) {
    const struct label_scans scans = {
        .codes = r->request->scans, .count = r->request->scan_count, .complete = r->request->scan_complete};
    return labels_check(r->tx, r->decided, r->request->decide.on, &scans, &r->labels, r->problem);
}

/* ---- the row ---- */

static void fill_head(struct recording *r, const char *kind) {
    const struct supply_request *request = r->request;
    const struct decision *decision = &r->decided->decision;
    struct tx *tx = r->tx;
    r->row = (struct supply_row){
        .id = tx_new_id(tx, "su"),
        .patient = r->decided->c.patient.id,
        .prescription = request->decide.prescription,
        .kind = kind,
        .on = request->decide.on,
        .at = tx->now.at,
        .collector_role = collectors[request->decide.collector],
        .collector_name = request->collector_name,
        .collector_address = request->collector_address,
        .identity_requested = request->identity_requested,
        .identity_provided = request->identity_provided,
        .identified_by = request->identified_by,
        .supervised_by = request->supervised_by,
        .confirmed_by = request->confirmer->staff,
        .verdict = verdict_text(decision->verdict),
        .missed_days = decision->missed_days,
        .missed_pickups = decision->missed_pickups,
        .last_dosed = decision->last_dosed,
        .next_due = decision->next_due,
        .rules = INSTALMENT_RULES_VERSION,
        .part_reason = request->part_reason,
        .reason = request->reason,
        .told = request->told,
    };
}

static bool fill_reasons(struct recording *r) {
    const struct decision *decision = &r->decided->decision;
    r->row.reasons = arena_take(r->tx->arena, decision->reason_count + 1, sizeof *r->row.reasons);
    for (size_t i = 0; r->row.reasons != NULL && i < decision->reason_count; i++) {
        const struct reason *reason = &decision->reasons[i];
        r->row.reasons[i] = (struct supply_reason_row){
            .code = reason_code_text(reason->code),
            .severity = severity_text(reason->severity),
            .number = reason->number,
            .day = reason->day,
            .confirmed =
                reason->severity == SEVERITY_CHECK && confirmed(r->request, reason_code_text(reason->code)),
        };
    }
    r->row.reason_count = decision->reason_count;
    return r->row.reasons != NULL;
}

static bool fill_items(struct recording *r) {
    const struct decision *decision = &r->decided->decision;
    const struct prescription *rx = &r->decided->c.rules.input.prescriptions[r->decided->index];
    r->row.items = arena_take(r->tx->arena, decision->item_count + 1, sizeof *r->row.items);
    for (size_t i = 0; r->row.items != NULL && i < decision->item_count; i++) {
        const struct decided_item *item = &decision->items[i];
        r->row.items[i] = (struct supply_item_row){
            .position = (int32_t)(item->item - rx->items),
            .product = item->item->product->code,
            .quantity = item->quantity,
            .supervised = item->supervised,
            .take_home = item->take_home,
        };
        if (item->supervised > 0) {
            r->row.supervised_at = r->tx->now.at;
        }
    }
    r->row.item_count = decision->item_count;
    return r->row.items != NULL;
}

static bool fill_covers(struct recording *r) {
    const struct decision *decision = &r->decided->decision;
    day_t *days = arena_take(r->tx->arena, decision->cover_count + 1, sizeof *days);
    if (days != NULL && decision->cover_count > 0) {
        memcpy(days, decision->covers, decision->cover_count * sizeof *days);
    }
    r->row.covers = (struct day_list){.days = days, .count = decision->cover_count};
    return days != NULL;
}

/* ---- what belongs to it: register, labels, alerts ---- */

/* The ids of the instalments that are supplied: what was prepared for them leaves with it. NULL where memory is short. */
static const char **instalments_of(struct recording *r) {
    const struct decision *decision = &r->decided->decision;
    const char **ids = arena_take(r->tx->arena, decision->instalment_count + 1, sizeof *ids);
    for (size_t i = 0; ids != NULL && i < decision->instalment_count; i++) {
        ids[i] = instalment_id(r->tx, r->row.prescription, decision->instalments[i]->collect);
    }
    return ids;
}

/* C1, C2: a line for each item of a kept section, in the same transaction. False where memory is short. */
static bool append_register(struct recording *r) {
    const struct case_row *rx = &r->decided->c.rows[r->decided->index];
    const struct patient_row *patient = &r->decided->c.patient;
    const char **instalments = instalments_of(r);
    for (size_t i = 0; instalments != NULL && i < r->row.item_count; i++) {
        const struct supply_item_row *item = &r->row.items[i];
        if (item->quantity == 0 || !ledger_kept(r->tx, rx->rules->items[item->position].product)) {
            continue;
        }
        struct register_row entry = {
            .section = item->product,
            .kind = "supplied",
            .on = r->row.on,
            .entered_at = r->tx->now.at,
            .quantity = -item->quantity,
            .supply = r->row.id,
            .person_name = patient->name,
            .person_address = patient->address,
            .authority = rx->prescriber_name,
            .collector_role = r->row.collector_role,
            .collector_name = r->row.collector_name,
            .collector_address = r->row.collector_address,
            .by_staff = r->row.confirmed_by,
            .reference = r->request->sheet,
            .witness = r->request->witness,
            REGISTER_ROW_NONE,
        };
        entry.identity_requested = r->row.identity_requested;
        entry.identity_provided = r->row.identity_provided;
        ledger_supply(r->tx, &entry, instalments, r->decided->decision.instalment_count);
    }
    return instalments != NULL;
}

static void append_alert(struct recording *r, const char *kind, const char *priority,
                         struct alert_detail_row *detail) {
    const struct patient_case *c = &r->decided->c;
    const struct alert_row alert = {
        .kind = kind,
        .priority = priority,
        .patient = r->row.patient,
        .prescription = r->row.prescription,
        .service = c->rows[r->decided->index].service,
        .raised_at = r->tx->now.at,
        .on = r->row.on,
        .about = desk_text(r->tx, "%s/%s", kind, r->row.id),
        .number = -1,
    };
    desk_alert_course(r->tx, c, r->decided->index, r->row.on - 1, detail);
    desk_alert_raise(r->tx, &alert, detail);
}

/* A6: what an earlier alert said of this collection is no longer so. */
static void append_correction(struct recording *r, day_t collect, const char *why) {
    char day[DAY_TEXT_SIZE];
    day_format(collect, day);
    const char *missed =
        alert_about(r->tx, desk_text(r->tx, "missed_pickup/%s/%s", r->row.prescription, day));
    if (missed != NULL && !alert_is_corrected(r->tx, missed)) {
        desk_alert_correct(r->tx, missed, r->row.id, why);
    }
}

/* A6: what was said today of this prescription, and of these instalments on other days, is no longer so. */
static void append_corrections(struct recording *r) {
    static const char why[] = "The dose has been supplied since.";
    const struct decision *decision = &r->decided->decision;
    desk_alert_correct_day(r->tx, r->row.prescription, r->row.on, r->row.id, why);
    for (size_t i = 0; i < decision->instalment_count; i++) {
        append_correction(r, decision->instalments[i]->collect, why);
    }
}

/* D22: why less than the whole dose was supplied. */
static void append_part_alert(struct recording *r) {
    struct alert_detail_row detail = alert_detail_none;
    detail.outcome = "part";
    detail.note = r->request->part_reason;
    append_alert(r, "dose_not_completed", "routine", &detail);
}

/* The codes of the reasons and the version of the rules, for the audit. */
static const char *audit_detail(struct recording *r) {
    struct buffer out;
    buffer_init(&out, 2048);
    buffer_text(&out, INSTALMENT_RULES_VERSION);
    for (size_t i = 0; i < r->decided->decision.reason_count; i++) {
        buffer_char(&out, ' ');
        buffer_text(&out, reason_code_text(r->decided->decision.reasons[i].code));
    }
    const char *detail = buffer_ok(&out) ? arena_text(r->tx->arena, out.bytes, out.len) : NULL;
    buffer_release(&out);
    return detail;
}

static enum desk_result finish(struct recording *r, const char **id) {
    if (db_state(r->tx->db) == DB_CONFLICT) {
        return desk_no(r->problem, DESK_CONFLICT, "already_supplied",
                       "One of these days was supplied at another counter just now. Nothing was recorded.");
    }
    *id = r->row.id;
    return db_state(r->tx->db) == DB_FINE ? DESK_OK : DESK_FAILED;
}

static enum desk_result record(struct recording *r, const char **id) {
    fill_head(r, "lawful");
    if (r->row.id == NULL || !fill_reasons(r) || !fill_items(r) || !fill_covers(r)) {
        return DESK_FAILED;
    }
    tx_audit(r->tx, "supply", r->row.patient, r->row.id, audit_detail(r));
    supply_append(r->tx, &r->row);
    if (!append_register(r) || !labels_of_supply(r->tx, r->decided, r->row.id, r->request->bag, &r->labels)) {
        return DESK_FAILED;
    }
    if (r->request->part != NULL) {
        append_part_alert(r);
    }
    append_corrections(r);
    if (day_state_closed(r->tx, r->row.on) != NULL) {
        day_state_append(r->tx, r->row.on, "opened_again");
    }
    return finish(r, id);
}

enum desk_result desk_supply(struct tx *tx, const struct supply_request *request, struct decided *decided,
                             const char **id, struct desk_problem *problem) {
    struct recording r = {.tx = tx, .request = request, .decided = decided, .problem = problem};
    struct decide_request asked = request->decide;
    const char *responsible = desk_responsible_pharmacist(tx);
    asked.supply = true;
    asked.part = request->part != NULL;
    asked.part_agreed = asked.part && request->part_reason != NULL && responsible != NULL &&
                        request->confirmer->staff != NULL &&
                        strcmp(responsible, request->confirmer->staff) == 0;
    enum desk_result result = desk_decide(tx, &asked, decided, problem);
    result = result == DESK_OK ? check_people(&r) : result;
    result = result == DESK_OK ? refuse_by_rules(&r) : result;
    result = result == DESK_OK ? compare_expected(&r) : result;
    result = result == DESK_OK ? compare_checks(&r) : result;
    result = result == DESK_OK ? apply_part(&r) : result;
    bool supervised = false;
    for (size_t i = 0; i < decided->decision.item_count; i++) {
        supervised = supervised || decided->decision.items[i].supervised > 0;
    }
    result = result == DESK_OK ? check_supervisor(&r, supervised) : result;
    result = result == DESK_OK ? look_at_labels(&r) : result;
    return result == DESK_OK ? record(&r, id) : result;
}

/* ---- what should not have happened (section 6) ---- */

/* The items as they were supplied, matched with those of the prescription. */
static enum desk_result fill_irregular_items(struct recording *r) {
    const struct prescription *rx = &r->decided->c.rules.input.prescriptions[r->decided->index];
    const struct supply_request *request = r->request;
    r->row.items = arena_take(r->tx->arena, request->expect_count + 1, sizeof *r->row.items);
    if (r->row.items == NULL) {
        return DESK_FAILED;
    }
    for (size_t i = 0; i < request->expect_count; i++) {
        const struct expected_item *said = &request->expect[i];
        size_t position = 0;
        while (position < rx->item_count && strcmp(rx->items[position].product->code, said->product) != 0) {
            position++;
        }
        if (position == rx->item_count || said->quantity <= 0 ||
            said->supervised + said->take_home != said->quantity) {
            return desk_invalid(
                r->problem, "expect.items",
                "must name products of the prescription, with supervised and take_home making the quantity");
        }
        r->row.items[i] = (struct supply_item_row){.position = (int32_t)position,
                                                   .product = rx->items[position].product->code,
                                                   .quantity = said->quantity,
                                                   .supervised = said->supervised,
                                                   .take_home = said->take_home};
        r->row.supervised_at = said->supervised > 0 ? r->tx->now.at : r->row.supervised_at;
    }
    r->row.item_count = request->expect_count;
    return DESK_OK;
}

static enum desk_result record_irregular(struct recording *r, const char **id) {
    fill_head(r, "irregular");
    enum desk_result result = r->row.id == NULL || !fill_reasons(r) ? DESK_FAILED : fill_irregular_items(r);
    if (result != DESK_OK) {
        return result;
    }
    r->row.covers = r->request->covers;
    if (r->row.covers.count == 0) {
        r->row.covers = (struct day_list){.days = &r->row.on, .count = 1};
    }
    tx_audit(r->tx, "irregular supply", r->row.patient, r->row.id, audit_detail(r));
    supply_append(r->tx, &r->row);
    if (!append_register(r)) {
        return DESK_FAILED;
    }
    struct alert_detail_row detail = alert_detail_none;
    detail.note = r->request->reason;
    detail.why = "A supply was made outside the rules. It is recorded as it was.";
    append_alert(r, "irregular_supply", "urgent", &detail);
    return finish(r, id);
}

enum desk_result desk_irregular(struct tx *tx, const struct supply_request *request, const char **id,
                                struct desk_problem *problem) {
    struct decided decided;
    struct recording r = {.tx = tx, .request = request, .decided = &decided, .problem = problem};
    struct decide_request asked = request->decide;
    asked.supply = true;
    enum desk_result result = desk_decide(tx, &asked, &decided, problem);
    if (result == DESK_OK && request->decide.on > tx->now.day) {
        result = desk_invalid(problem, "on", "must not be a day to come");
    }
    result = result == DESK_OK ? check_supervisor(&r, false) : result;
    result = result == DESK_OK ? record_irregular(&r, id) : result;
    decided_release(&decided);
    return result;
}

/* ---- from paper (H40) ---- */

/* The codes with which the rules would have refused, held or asked. */
static const char *objections_of(struct recording *r) {
    const struct decision *decision = &r->decided->decision;
    const char *list = NULL;
    for (size_t i = 0; i < decision->reason_count; i++) {
        if (decision->reasons[i].severity >= SEVERITY_CHECK) {
            const char *code = reason_code_text(decision->reasons[i].code);
            list = list == NULL ? code : desk_text(r->tx, "%s %s", list, code);
        }
    }
    return list;
}

/* A6, for each collection whose days were dosed. */
static void correct_covered(struct recording *r) {
    const struct plan *plan = &r->decided->c.rules.courses[r->decided->index].plan;
    day_t corrected = DAY_NONE;
    for (size_t i = 0; i < r->row.covers.count; i++) {
        const struct instalment *one = plan_instalment_of(plan, r->row.covers.days[i]);
        if (one != NULL && one->collect != corrected) {
            corrected = one->collect;
            append_correction(r, corrected, "The dose was supplied, as a paper record shows.");
        }
    }
}

static enum desk_result record_paper(struct recording *r, const char **id) {
    fill_head(r, "from_paper");
    enum desk_result result = r->row.id == NULL || !fill_reasons(r) ? DESK_FAILED : fill_irregular_items(r);
    if (result != DESK_OK) {
        return result;
    }
    r->row.covers = r->request->covers;
    if (r->row.covers.count == 0) {
        r->row.covers = (struct day_list){.days = &r->row.on, .count = 1};
    }
    tx_audit(r->tx, "late entry", r->row.patient, r->row.id, audit_detail(r));
    supply_append(r->tx, &r->row);
    if (!append_register(r)) {
        return DESK_FAILED;
    }
    correct_covered(r);
    return finish(r, id);
}

enum desk_result desk_from_paper(struct tx *tx, const struct supply_request *request, const char **id,
                                 const char **objections, struct desk_problem *problem) {
    struct decided decided;
    struct recording r = {.tx = tx, .request = request, .decided = &decided, .problem = problem};
    enum desk_result result = desk_decide(tx, &request->decide, &decided, problem);
    result = result == DESK_OK ? check_supervisor(&r, false) : result;
    *objections = result == DESK_OK ? objections_of(&r) : NULL;
    result = result == DESK_OK ? record_paper(&r, id) : result;
    decided_release(&decided);
    return result;
}

/* ---- recorded in error ---- */

/* A correcting entry for each line of the register that the supply made (C3). */
static void reverse_register(struct tx *tx, const char *supply) {
    size_t count = 0;
    struct register_row *entries = register_of_supply(tx, supply, &count);
    for (size_t i = 0; i < count; i++) {
        ledger_reverse(tx, &entries[i]);
    }
}

/* A6: what the supply itself had said, and the correction that it had made, no longer hold. */
static void correct_reversed(struct tx *tx, const struct supply_row *row) {
    struct alert_row *rows = NULL;
    size_t count = 0;
    if (!alerts_of_prescription(tx, row->prescription, row->on, &rows, &count)) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const char *end = strrchr(rows[i].about, '/');
        bool its = end != NULL && strcmp(end + 1, row->id) == 0;
        bool noted = strncmp(rows[i].about, "dose_not_completed/", 19) == 0 &&
                     strncmp(rows[i].about + 19, row->id, strlen(row->id)) == 0;
        if (its || noted) {
            desk_alert_correct(tx, rows[i].id, desk_text(tx, "reversed-%s", row->id),
                               "The supply was recorded in error and has been taken back.");
        }
    }
}

/*
 * A1: of a day before today nobody was told that its dose was not supplied, for it was recorded as supplied; the sweep has
 * gone past it.
 */
static void tell_missed_after_all(struct tx *tx, const struct supply_row *row) {
    struct patient_case c;
    size_t index = 0;
    enum desk_result result = row->on >= tx->now.day || strcmp(row->kind, "lawful") != 0
                                  ? DESK_NOT_FOUND
                                  : patient_case_load_for(tx, row->prescription, &c, &index);
    if (result != DESK_OK) {
        return;
    }
    const struct plan *plan = &c.rules.courses[index].plan;
    for (size_t i = 0; !c.deceased && row->covers.count > 0 && i < plan->instalment_count; i++) {
        const struct instalment *one = &plan->instalments[i];
        struct alert_detail_row detail = alert_detail_none;
        char day[DAY_TEXT_SIZE];
        if (plan_instalment_of(plan, row->covers.days[0]) != one ||
            instalment_supplied(&c, index, one, tx->now.day)) {
            continue;
        }
        day_format(one->collect, day);
        desk_alert_course(tx, &c, index, row->on, &detail);
        desk_alert_instalment(tx, &c, index, one, one->collect, "text", "The supply was recorded in error",
                              &detail);
        desk_alert_raise(
            tx,
            &(struct alert_row){
                .kind = "missed_pickup",
                .priority = "urgent",
                .patient = c.patient.id,
                .prescription = row->prescription,
                .service = c.rows[index].service,
                .raised_at = tx->now.at,
                .on = row->on,
                .about = desk_text(tx, "missed_pickup/%s/%s", row->prescription, day),
                .number =
                    missed_run_at(&c.rules, c.rows[index].rules->drug_class, row->on + 1, DAY_MIN).days},
            &detail);
    }
    patient_case_close(&c);
}

enum desk_result desk_reverse(struct tx *tx, const char *id, const char *reason,
                              struct desk_problem *problem) {
    struct supply_row row;
    if (!supply_find(tx, id, &row)) {
        return db_state(tx->db) == DB_FINE
                   ? desk_no(problem, DESK_NOT_FOUND, "not_found", "There is no such supply.")
                   : DESK_FAILED;
    }
    if (row.reversed_seq != 0) {
        return desk_no(problem, DESK_CONFLICT, "already_reversed", "This supply was reversed before.");
    }
    tx_audit(tx, "reverse supply", row.patient, id, NULL);
    reverse_register(tx, id);
    supply_reverse(tx, id, reason);
    if (db_state(tx->db) == DB_CONFLICT) {
        return desk_no(problem, DESK_CONFLICT, "already_reversed", "This supply was reversed before.");
    }
    correct_reversed(tx, &row);
    tell_missed_after_all(tx, &row);
    return db_state(tx->db) == DB_FINE ? DESK_OK : DESK_FAILED;
}

enum desk_result desk_supply_read(struct tx *tx, const char *id, struct supply_view *out) {
    *out = (struct supply_view){.entries = NULL};
    if (!supply_find(tx, id, &out->row)) {
        return db_state(tx->db) == DB_FINE ? DESK_NOT_FOUND : DESK_FAILED;
    }
    out->entries = register_of_supply(tx, id, &out->entry_count);
    out->labels = print_jobs_of_supply(tx, id, &out->label_count);
    out->alerts = alerts_of_seq(tx, out->row.seq, &out->alert_count);
    return db_state(tx->db) == DB_FINE ? DESK_OK : DESK_FAILED;
}
