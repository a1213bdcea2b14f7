#include "prescribe.h"

#include <string.h>

#include "alert.h"
#include "instalment/version.h"
#include "prescription_rules.h"
#include "store/patient.h"
#include "store/service.h"
#include "store/supply.h"
#include "sys/buffer.h"
#include "text.h"

/* ---- the case with the new prescription ---- */

static bool named(const struct patient_case *c, const char *id, const char *field, size_t *out,
                  struct desk_problem *problem) {
    *out = id == NULL ? PRESCRIPTION_NONE : patient_case_index(c, id);
    if (id != NULL && *out == PRESCRIPTION_NONE) {
        desk_invalid(problem, field, "must name a prescription of the same patient");
        return false;
    }
    return true;
}

static enum desk_result open_with_new(struct tx *tx, const struct patient_case *c,
                                      const struct prescribe_request *request,
                                      struct prescribe_answer *answer, struct desk_problem *problem) {
    size_t count = c->rules.input.prescription_count;
    struct prescription *all = arena_take(tx->arena, count + 1, sizeof *all);
    if (all == NULL) {
        return DESK_FAILED;
    }
    memcpy(all, c->rules.input.prescriptions, count * sizeof *all);
    all[count] = request->rules;
    all[count].entered_on = tx->now.day;
    all[count].stopped_from = DAY_NONE;
    if (!named(c, request->replaces, "replaces.prescription", &all[count].replaces, problem) ||
        !named(c, request->together_with, "together_with", &all[count].together_with, problem)) {
        return DESK_INVALID;
    }
    struct case_input input = c->rules.input;
    input.prescriptions = all;
    input.prescription_count = count + 1;
    if (!case_open(&answer->rules, &input)) {
        return desk_invalid(problem, "items", "must reach over at most 3660 days");
    }
    return DESK_OK;
}

static enum desk_result check_all(struct tx *tx, const struct prescribe_request *request,
                                  const struct patient_row *patient, struct prescribe_answer *answer) {
    static const struct {
        const char *system;
        enum identifier_kind kind;
    } systems[] = {{"nhs", IDENTIFIER_NHS}, {"chi", IDENTIFIER_CHI}, {"hc", IDENTIFIER_HC}};
    struct entry entry = {
        .c = &answer->rules,
        .prescription = answer->rules.input.prescription_count - 1,
        .today = tx->now.day,
        .accept = identity_is_pharmacist(request->who) ? request->accept : 0,
        .second_person = request->second_person,
        .items = request->items,
        .prescriber_number = request->prescriber_number,
        .prescriber_address = request->prescriber_address,
        .wording_text = request->wording_text,
        .patient_address = patient->address,
        .supplied_before = request->supplied_before,
        .supplied_before_count = request->supplied_before_count,
    };
    for (size_t i = 0; patient->identifier_system != NULL && i < sizeof systems / sizeof systems[0]; i++) {
        if (strcmp(systems[i].system, patient->identifier_system) == 0) {
            entry.identifier = patient->identifier_value;
            entry.identifier_kind = systems[i].kind;
        }
    }
    answer->findings = arena_take(tx->arena, 1, sizeof *answer->findings);
    if (answer->findings == NULL) {
        return DESK_FAILED;
    }
    check_prescription(&entry, answer->findings);
    return DESK_OK;
}

/* ---- storing ---- */

/* Codes of what was accepted, with commas; NULL where nothing was. */
static const char *accepted_codes(struct tx *tx, const struct findings *findings) {
    struct buffer out;
    buffer_init(&out, 4096);
    for (size_t i = 0; i < findings->count; i++) {
        if (findings->list[i].accepted) {
            buffer_text(&out, out.len > 0 ? "," : "");
            buffer_text(&out, finding_code_text(findings->list[i].code));
        }
    }
    const char *codes = out.len > 0 ? arena_text(tx->arena, out.bytes, out.len) : NULL;
    buffer_release(&out);
    return codes;
}

static bool fill_items(struct tx *tx, const struct prescribe_request *request, const struct plan *plan,
                       struct prescription_row *row) {
    row->item_count = request->rules.item_count;
    row->items = arena_take(tx->arena, row->item_count, sizeof *row->items);
    for (size_t i = 0; row->items != NULL && i < row->item_count; i++) {
        const struct item *item = &request->rules.items[i];
        struct dose_run *runs = arena_take(tx->arena, item->run_count, sizeof *runs);
        if (runs == NULL) {
            return false;
        }
        memcpy(runs, item->runs, item->run_count * sizeof *runs);
        row->items[i] = (struct prescription_item_row){
            .product = item->product->code,
            .schedule = item->product->schedule,
            .micrograms = item->product->micrograms,
            .total = check_effective_total(plan, i),
            .total_on_form = item->total == QUANTITY_NONE ? check_plan_total(plan, i) : item->total,
            .total_in_words = request->items[i].total_in_words,
            .total_in_figures = request->items[i].total_in_figures,
            .runs = runs,
            .run_count = item->run_count,
        };
    }
    return row->items != NULL;
}

/* Instalments supplied from this form before it was entered here (P2): supplies that D3 and D9 count. */
static void store_earlier(struct tx *tx, const struct prescribe_request *request,
                          const struct prescription_row *row) {
    for (size_t i = 0; i < request->supplied_before_count; i++) {
        const struct earlier_supply *earlier = &request->supplied_before[i];
        const struct supply_row supply = {
            .id = tx_new_id(tx, "su"),
            .patient = row->patient,
            .prescription = row->id,
            .kind = "before_entry",
            .on = earlier->on,
            .at = tx->now.at,
            .collector_role = "patient",
            .identity_requested = -1,
            .identity_provided = -1,
            .confirmed_by = earlier->confirmed_by,
            .verdict = "supply",
            .last_dosed = DAY_NONE,
            .next_due = DAY_NONE,
            .rules = INSTALMENT_RULES_VERSION,
            .covers = earlier->covers,
        };
        supply_append(tx, &supply);
    }
}

/* A5, P10: the collections that fall on a closed day and can be had on no other; one alert names the first. */
static void tell_closed_days(struct tx *tx, const struct prescription_row *row, const struct plan *plan) {
    struct alert_detail_row detail = alert_detail_none;
    int32_t lost = 0;
    for (size_t i = 0; i < plan->instalment_count; i++) {
        const struct instalment *one = &plan->instalments[i];
        if (one->due != DAY_NONE || one->state == CALENDAR_OPEN || one->collect < tx->now.day)
            continue;
        detail.first_day = lost == 0 ? one->collect : detail.first_day;
        lost++;
    }
    if (lost == 0)
        return;
    desk_alert_raise(tx,
                     &(struct alert_row){.kind = "collection_on_closed_day",
                                         .priority = "routine",
                                         .patient = row->patient,
                                         .prescription = row->id,
                                         .service = row->service,
                                         .raised_at = tx->now.at,
                                         .on = detail.first_day,
                                         .about = desk_text(tx, "collection_on_closed_day/%s", row->id),
                                         .number = lost},
                     &detail);
}

static enum desk_result store(struct tx *tx, const struct prescribe_request *request, const char *patient,
                              struct prescribe_answer *answer) {
    const struct prescription *rx = &request->rules;
    const struct plan *plan = &answer->rules.courses[answer->rules.input.prescription_count - 1].plan;
    struct prescription_row row = {
        .id = tx_new_id(tx, "rx"),
        .patient = patient,
        .service = request->service,
        .form = form_text(rx->form),
        .serial = request->serial,
        .drug_class = class_text(rx->drug_class),
        .signed_on = rx->signed_on,
        .start_on = rx->start_on,
        .entered_on = tx->now.day,
        .prescriber_name = request->prescriber_name,
        .prescriber_number = request->prescriber_number,
        .prescriber_address = request->prescriber_address,
        .stage = stage_text(rx->stage),
        .wording = rx->wording,
        .wording_text = request->wording_text,
        .collect_kind = collection_kind_text(rx->collect.kind),
        .collect_weekdays = rx->collect.weekdays,
        .collect_every = rx->collect.every_days,
        .collect_dates = rx->collect.dates,
        .supervised_kind = supervision_kind_text(rx->supervised.kind),
        .supervised_weekdays = rx->supervised.weekdays,
        .replaces = request->replaces,
        .replaces_from = rx->replaces_from,
        .together_with = request->together_with,
        .dose_warned = answer->findings->dose_warned,
        .accepted = accepted_codes(tx, answer->findings),
    };
    if (row.id == NULL || !fill_items(tx, request, plan, &row)) {
        return DESK_FAILED;
    }
    tx_audit(tx, "enter prescription", patient, row.id, row.accepted);
    prescription_append(tx, &row);
    store_earlier(tx, request, &row);
    tell_closed_days(tx, &row, plan);
    answer->id = row.id;
    return db_state(tx->db) == DB_FINE ? DESK_OK : DESK_FAILED;
}

enum desk_result desk_prescribe(struct tx *tx, const struct prescribe_request *request, bool dry_run,
                                struct prescribe_answer *answer, struct desk_problem *problem) {
    struct patient_case c;
    struct service_row service;
    memset(answer, 0, sizeof *answer);
    enum desk_result result = patient_case_load(tx, request->patient, &c);
    if (result == DESK_NOT_FOUND) {
        return desk_invalid(problem, "patient", "must name a patient");
    }
    if (result == DESK_OK && !service_find(tx, request->service, &service)) {
        result = desk_invalid(problem, "service", "must name a prescribing service");
    }
    if (result == DESK_OK) {
        result = open_with_new(tx, &c, request, answer, problem);
    }
    if (result == DESK_OK) {
        result = check_all(tx, request, &c.patient, answer);
    }
    patient_case_close(&c);
    if (result != DESK_OK || dry_run) {
        return result;
    }
    if (answer->findings->blocked) {
        return desk_no(problem, DESK_REFUSED, "findings",
                       "The prescription cannot be stored as it was entered.");
    }
    return store(tx, request, c.patient.id, answer);
}

/* ---- the second keying (P12) ---- */

static enum desk_result keying_differs(unsigned fields, struct desk_problem *problem) {
    for (unsigned field = KEYED_PRODUCTS; field <= KEYED_WORDING; field <<= 1) {
        if ((fields & field) != 0) {
            desk_invalid(problem, check_keyed_field_name((enum keyed_field)field),
                         "differs from the first entry");
        }
    }
    problem->code = "second_keying_differs";
    problem->detail = "The two entries differ. Please compare both with the form.";
    return DESK_INVALID;
}

enum desk_result desk_second_keying(struct tx *tx, const char *id, const struct second_keying *keying,
                                    struct desk_problem *problem) {
    struct prescription_row row;
    struct prescription first;
    struct calendar calendar;
    if (!prescription_find(tx, id, &row)) {
        return db_state(tx->db) == DB_FINE
                   ? desk_no(problem, DESK_NOT_FOUND, "not_found", "There is no such prescription.")
                   : DESK_FAILED;
    }
    if (row.checked_by != NULL) {
        return desk_no(problem, DESK_CONFLICT, "already_checked",
                       "A second person has checked this prescription before.");
    }
    if (row.entered_by != NULL && strcmp(row.entered_by, keying->staff) == 0) {
        return desk_no(problem, DESK_FORBIDDEN, "second_person_required",
                       "Another person than the one who entered it keys it a second time.");
    }
    if (!prescription_rules(tx, &row, &first) || !desk_calendar(tx, &calendar)) {
        return DESK_FAILED;
    }
    struct prescription second = keying->rules;
    second.supervised = first.supervised;
    struct plan a;
    struct plan b;
    bool laid = plan_build(&a, &first, &calendar);
    laid = plan_build(&b, &second, &calendar) && laid;
    unsigned differs = laid ? check_compare_keyings(&a, &b) : KEYED_DAYS;
    plan_release(&a);
    plan_release(&b);
    differs &= ~(unsigned)KEYED_TOTAL;
    if (differs != 0) {
        return keying_differs(differs, problem);
    }
    tx_audit(tx, "check prescription", row.patient, id, NULL);
    prescription_check(tx, id, keying->staff);
    return db_state(tx->db) == DB_FINE ? DESK_OK : DESK_FAILED;
}
