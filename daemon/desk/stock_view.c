#include "stock_view.h"

#include <string.h>

#include "day.h"
#include "instalments.h"
#include "ledger.h"
#include "store/prescription.h"
#include "store/rows.h"

/* How far ahead a collection day may lie that D4 moved to the day. */
#define MOVED_AHEAD_MAX 31
#define PATIENT_MEMORY_MAX ((size_t)64 << 20)

/* ---- what is here ---- */

/* The last checks of a section, oldest first. */
static bool trend(struct tx *tx, struct stock_view *view) {
    struct register_row *rows = NULL;
    size_t count = 0;
    if (!register_kind(tx, view->section.product->code, "check", STOCK_TREND, &rows, &count)) {
        return false;
    }
    view->checks = rows;
    view->check_count = count;
    return true;
}

enum desk_result desk_stock(struct tx *tx, struct stock_view **rows, size_t *count) {
    struct register_section *sections = NULL;
    enum desk_result result = desk_register_sections(tx, &sections, count);
    *rows = arena_take(tx->arena, *count + 1, sizeof **rows);
    if (result != DESK_OK || *rows == NULL) {
        return DESK_FAILED;
    }
    for (size_t i = 0; i < *count; i++) {
        struct stock_view *view = &(*rows)[i];
        const char *code = sections[i].product->code;
        *view = (struct stock_view){.section = sections[i],
                                    .open = stock_balance(tx, code, STOCK_OPEN, ""),
                                    .prepared = stock_balance(tx, code, STOCK_PREPARED, "")};
        if (!stock_lots(tx, code, &view->lots, &view->lot_count) ||
            !stock_accounts(tx, code, &view->accounts, &view->account_count) || !trend(tx, view)) {
            return DESK_FAILED;
        }
    }
    return db_state(tx->db) == DB_FINE ? DESK_OK : DESK_FAILED;
}

/* ---- what a day takes ---- */

static struct prepour_total *total_of(struct tx *tx, struct prepour *out, const struct product *product) {
    for (size_t i = 0; i < out->total_count; i++) {
        if (out->totals[i].product == product) {
            return &out->totals[i];
        }
    }
    out->totals = rows_room(tx, out->totals, out->total_count, sizeof *out->totals);
    if (out->totals == NULL) {
        return NULL;
    }
    out->totals[out->total_count] =
        (struct prepour_total){.product = product, .here = stock_here(tx, product->code)};
    return &out->totals[out->total_count++];
}

static bool add_bottles(struct tx *tx, const struct decided *decided, const struct day_row *row, size_t item,
                        struct prepour *out) {
    const struct product *product = decided->decision.items[item].item->product;
    struct prepour_total *total = total_of(tx, out, product);
    size_t count = 0;
    struct container *containers = desk_containers(tx, decided, item, &count);
    if (total == NULL || containers == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        out->rows = rows_room(tx, out->rows, out->count, sizeof *out->rows);
        if (out->rows == NULL) {
            return false;
        }
        out->rows[out->count++] = (struct prepour_row){.patient = row->patient.id,
                                                       .name = row->patient.name,
                                                       .prescription = row->prescription,
                                                       .product = product,
                                                       .container = containers[i],
                                                       .prepared = row->status == DAY_STATUS_PREPARED,
                                                       .hold = decided->decision.verdict == VERDICT_HOLD};
        total->bottles++;
        total->quantity += containers[i].quantity;
    }
    return true;
}

/* What is due on the day and can be supplied as things stand, in its containers. */
static enum desk_result add_row(struct tx *tx, const struct day_row *row, day_t day, struct prepour *out) {
    const struct decide_request asked = {
        .prescription = row->prescription, .on = day, .collector = COLLECTOR_PATIENT};
    struct desk_problem problem = {.code = NULL};
    struct decided decided;
    enum desk_result result = desk_decide(tx, &asked, &decided, &problem);
    for (size_t i = 0; result == DESK_OK && i < decided.decision.item_count; i++) {
        result = add_bottles(tx, &decided, row, i, out) ? DESK_OK : DESK_FAILED;
    }
    decided_release(&decided);
    return result;
}

/* Two instalments of one prescription that are due together are one supply. */
static bool seen_before(const struct day_list_answer *list, size_t index) {
    for (size_t i = 0; i < index; i++) {
        if (strcmp(list->rows[i].prescription, list->rows[index].prescription) == 0) {
            return true;
        }
    }
    return false;
}

static enum desk_result add_day(struct tx *tx, day_t day, struct prepour *out) {
    struct day_list_answer list;
    enum desk_result result = desk_day(tx, day, &list);
    for (size_t i = 0; result == DESK_OK && i < list.count; i++) {
        enum day_status status = list.rows[i].status;
        if ((status == DAY_STATUS_DUE || status == DAY_STATUS_PREPARED || status == DAY_STATUS_DEFERRED) &&
            !seen_before(&list, i)) {
            result = add_row(tx, &list.rows[i], day, out);
        }
    }
    return result;
}

/* ---- what is booked ---- */

static bool booked_instalment(const struct patient_case *c, size_t prescription, const struct instalment *one,
                              day_t from, day_t until) {
    return one->due != DAY_NONE && one->due >= from && one->due < until &&
           instalment_live(c, prescription, one, from) && !instalment_supplied(c, prescription, one, from);
}

static bool book_prescription(struct tx *tx, const struct patient_case *c, size_t prescription, day_t from,
                              day_t until, struct prepour *out) {
    const struct plan *plan = &c->rules.courses[prescription].plan;
    const struct prescription *rx = c->rows[prescription].rules;
    for (size_t k = 0; k < plan->instalment_count; k++) {
        if (!booked_instalment(c, prescription, &plan->instalments[k], from, until)) {
            continue;
        }
        for (size_t i = 0; i < rx->item_count; i++) {
            struct prepour_total *total = total_of(tx, out, rx->items[i].product);
            if (total == NULL) {
                return false;
            }
            total->booked += instalment_quantity(plan, i, &plan->instalments[k]);
        }
    }
    return true;
}

/* Each patient in the same memory; the totals grow in the transaction's own. */
static enum desk_result book_patient(struct tx *tx, struct arena *mine, const char *patient, day_t from,
                                     day_t until, struct prepour *out) {
    struct arena *kept = tx->arena;
    struct patient_case c;
    arena_reset(mine);
    tx->arena = mine;
    enum desk_result result = patient_case_load(tx, patient, &c);
    tx->arena = kept;
    for (size_t i = 0; result == DESK_OK && !c.deceased && i < c.rules.input.prescription_count; i++) {
        result = book_prescription(tx, &c, i, from, until, out) ? DESK_OK : DESK_FAILED;
    }
    patient_case_close(&c);
    return result;
}

static enum desk_result book(struct tx *tx, day_t from, day_t until, struct prepour *out) {
    size_t count = 0;
    const char **patients = prescription_patients_between(tx, from, until + MOVED_AHEAD_MAX, &count);
    struct arena *mine = arena_new(PATIENT_MEMORY_MAX);
    struct calendar days;
    /* Read once for the job, where it stays. */
    enum desk_result result = mine == NULL || !desk_calendar(tx, &days) ? DESK_FAILED : DESK_OK;
    for (size_t i = 0; result == DESK_OK && i < count; i++) {
        result = book_patient(tx, mine, patients[i], from, until, out);
    }
    arena_free(&mine);
    return result;
}

enum desk_result desk_prepour(struct tx *tx, day_t day, int32_t days, struct prepour *out) {
    *out = (struct prepour){.count = 0};
    enum desk_result result = add_day(tx, day, out);
    result = result == DESK_OK ? book(tx, day, day + days, out) : result;
    for (size_t i = 0; i < out->total_count; i++) {
        struct prepour_total *total = &out->totals[i];
        total->order = total->booked > total->here ? total->booked - total->here : 0;
    }
    return db_state(tx->db) == DB_FINE && !arena_failed(tx->arena) ? result : DESK_FAILED;
}

/* ---- brought back ---- */

enum desk_result desk_return(struct tx *tx, const struct return_request *request, const char **id,
                             struct desk_problem *problem) {
    struct patient_row patient;
    if (request->who->role != ROLE_TECHNICIAN && !identity_is_pharmacist(request->who)) {
        return desk_no(problem, DESK_FORBIDDEN, "role",
                       "A technician or pharmacist destroys what patients bring back.");
    }
    if (request->second == NULL || request->second->staff == NULL ||
        strcmp(request->second->staff, request->who->staff) == 0) {
        return desk_no(problem, DESK_FORBIDDEN, "second_person_required",
                       "This needs a second person, with their own PIN.");
    }
    if (request->product != NULL &&
        catalogue_find(desk_catalogue(), request->product, strlen(request->product)) == NULL) {
        return desk_invalid(problem, "product",
                            "must be a medicine of the catalogue, or be described instead");
    }
    if (request->product == NULL && request->description == NULL) {
        return desk_invalid(problem, "description", "must say what it is where no product is named");
    }
    if (request->patient != NULL && !patient_find(tx, request->patient, &patient)) {
        return desk_no(problem, DESK_NOT_FOUND, "not_found", "There is no such patient.");
    }
    struct patient_return_row row = {.id = tx_new_id(tx, "rt"),
                                     .on = tx->now.day,
                                     .at = tx->now.at,
                                     .patient = request->patient,
                                     .product = request->product,
                                     .description = request->description,
                                     .quantity = request->quantity,
                                     .brought_by = request->brought_by,
                                     .witness = request->second->staff,
                                     .note = request->note};
    tx_audit(tx, "patient return", request->patient, row.id, NULL);
    patient_return_append(tx, &row);
    *id = row.id;
    return db_state(tx->db) == DB_FINE ? DESK_OK : DESK_FAILED;
}

bool desk_return_read(struct tx *tx, const char *id, struct patient_return_row *out) {
    return patient_return_find(tx, id, out);
}

bool desk_returns(struct tx *tx, int64_t before, int32_t limit, struct patient_return_row **rows,
                  size_t *count) {
    return patient_returns(tx, before, limit, rows, count);
}
