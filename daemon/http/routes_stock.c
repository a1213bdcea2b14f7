/* What is here, tomorrow's bottles, what must be ordered; medicines brought back. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "desk/stock_view.h"
#include "fields.h"
#include "json_register.h"
#include "routes.h"
#include "sys/number.h"

#define BODY_MAX 8192
#define TEXT_MAX 1000

static bool answer_failed(struct call *call) {
    const struct desk_problem problem = {.code = NULL};
    return call_desk_problem(call, DESK_FAILED, &problem);
}

static cJSON *json_lot(const struct stock_lot_row *lot, day_t today) {
    cJSON *one = cJSON_CreateObject();
    json_put_text(one, "id", lot->lot);
    json_put_text(one, "batch", lot->batch);
    json_put_day(one, "expiry", lot->expiry);
    cJSON_AddBoolToObject(one, "expired", lot->expiry != DAY_NONE && lot->expiry < today);
    json_put_quantity(one, "size", lot->pack);
    int64_t whole = lot->pack == 0 ? 0 : lot->quantity / lot->pack;
    cJSON_AddNumberToObject(one, "count", (double)whole);
    json_put_quantity(one, "quantity", lot->quantity);
    return one;
}

/* A blind count must not be told what is expected. */
static void put_amounts(cJSON *one, const struct stock_view *view, day_t today) {
    cJSON *full = cJSON_AddArrayToObject(one, "full");
    for (size_t i = 0; i < view->lot_count; i++) {
        cJSON_AddItemToArray(full, json_lot(&view->lots[i], today));
    }
    json_put_quantity(one, "open", view->open);
    json_put_quantity(one, "prepared", view->prepared);
    cJSON *accounts = cJSON_AddObjectToObject(one, "accounts");
    quantity_t sum = 0;
    for (size_t i = 0; i < view->account_count; i++) {
        json_put_quantity(accounts, view->accounts[i].account, view->accounts[i].balance);
        sum += view->accounts[i].balance;
    }
    json_put_quantity(one, "sum", sum);
    cJSON *checks = cJSON_AddArrayToObject(one, "checks");
    for (size_t i = 0; i < view->check_count; i++) {
        cJSON_AddItemToArray(checks, json_register_entry(&view->checks[i]));
    }
}

static bool stock_get(struct call *call) {
    struct stock_view *rows = NULL;
    size_t count = 0;
    const char *blind = call_query(call, "blind");
    if (desk_stock(call->tx, &rows, &count) != DESK_OK) {
        return answer_failed(call);
    }
    cJSON *items = cJSON_CreateArray();
    for (size_t i = 0; i < count; i++) {
        cJSON *one = json_register_section(&rows[i].section);
        if (blind == NULL) {
            put_amounts(one, &rows[i], call->tx->now.day);
        } else {
            cJSON_DeleteItemFromObject(one, "balance");
        }
        cJSON_AddItemToArray(items, one);
    }
    return call_answer(call, 200, json_list(items, NULL));
}

static cJSON *json_bottle(const struct prepour_row *row) {
    cJSON *one = cJSON_CreateObject();
    cJSON *patient = cJSON_AddObjectToObject(one, "patient");
    json_put_text(patient, "id", row->patient);
    json_put_text(patient, "name", row->name);
    json_put_text(one, "prescription", row->prescription);
    json_put_text(one, "product", row->product->code);
    json_put_quantity(one, "quantity", row->container.quantity);
    json_put_text(one, "unit", row->product->unit);
    json_put_day(one, "for", row->container.first);
    json_put_day(one, "last", row->container.last);
    cJSON_AddBoolToObject(one, "supervised", row->container.supervised);
    cJSON_AddBoolToObject(one, "prepared", row->prepared);
    cJSON_AddBoolToObject(one, "on_hold", row->hold);
    return one;
}

static cJSON *json_total(const struct prepour_total *total) {
    cJSON *one = cJSON_CreateObject();
    json_put_text(one, "product", total->product->code);
    json_put_text(one, "name", total->product->name);
    json_put_text(one, "unit", total->product->unit);
    cJSON_AddNumberToObject(one, "bottles", (double)total->bottles);
    json_put_quantity(one, "quantity", total->quantity);
    json_put_quantity(one, "booked", total->booked);
    json_put_quantity(one, "here", total->here);
    json_put_quantity(one, "order", total->order);
    return one;
}

static bool prepour_get(struct call *call) {
    struct prepour answer;
    day_t day = call->tx->now.day + 1;
    int64_t days = STOCK_AHEAD;
    const char *ahead = call_query(call, "days");
    bool ok = fields_query_day(call, "date", &day);
    if (ahead != NULL && !number_parse(ahead, 1, STOCK_AHEAD_MAX, &days)) {
        json_error_add(&call->errors, "must be a number of days, at most 62", "days");
        ok = false;
    }
    if (!ok) {
        return call_invalid(call);
    }
    if (desk_prepour(call->tx, day, (int32_t)days, &answer) != DESK_OK) {
        return answer_failed(call);
    }
    cJSON *object = cJSON_CreateObject();
    json_put_day(object, "date", day);
    cJSON *bottles = cJSON_AddArrayToObject(object, "bottles");
    for (size_t i = 0; i < answer.count; i++) {
        cJSON_AddItemToArray(bottles, json_bottle(&answer.rows[i]));
    }
    cJSON *totals = cJSON_AddArrayToObject(object, "totals");
    for (size_t i = 0; i < answer.total_count; i++) {
        cJSON_AddItemToArray(totals, json_total(&answer.totals[i]));
    }
    json_put_day(object, "booked_until", day + (day_t)days - 1);
    return call_answer(call, 200, object);
}

/* ---- returns ---- */

static cJSON *json_return(const struct patient_return_row *row) {
    cJSON *one = cJSON_CreateObject();
    json_put_text(one, "id", row->id);
    json_put_day(one, "on", row->on);
    json_put_instant(one, "at", row->at);
    json_put_text(one, "patient", row->patient);
    json_put_text(one, "product", row->product);
    json_put_text(one, "description", row->description);
    if (row->quantity == QUANTITY_NONE) {
        cJSON_AddNullToObject(one, "quantity");
    } else {
        json_put_quantity(one, "quantity", row->quantity);
    }
    json_put_text(one, "brought_by", row->brought_by);
    json_put_text(one, "by", row->by);
    json_put_text(one, "witness", row->witness);
    json_put_text(one, "note", row->note);
    return one;
}

static bool return_post(struct call *call) {
    static const char *const known[] = {"patient",    "product", "description", "quantity",
                                        "brought_by", "note",    "second",      NULL};
    struct return_request request = {.quantity = QUANTITY_NONE, .who = &call->who, .second = &call->second};
    struct desk_problem problem = {.code = NULL};
    const char *id = NULL;
    const cJSON *body = call->body;
    call_known(call, known);
    call_text(call, body, "patient", 64, false, &request.patient);
    call_text(call, body, "product", 64, false, &request.product);
    call_text(call, body, "description", TEXT_MAX, false, &request.description);
    call_quantity(call, body, "quantity", false, &request.quantity);
    call_text(call, body, "brought_by", 200, false, &request.brought_by);
    call_text(call, body, "note", TEXT_MAX, false, &request.note);
    if (call->errors.count > 0) {
        return call_invalid(call);
    }
    enum desk_result result = desk_return(call->tx, &request, &id, &problem);
    return result == DESK_OK ? call_made(call, 201, id) : call_desk_problem(call, result, &problem);
}

static void return_show(struct call *call, const char *id) {
    struct patient_return_row row;
    if (desk_return_read(call->tx, id, &row)) {
        call_answer(call, 201, json_return(&row));
    }
}

static bool returns_get(struct call *call) {
    struct patient_return_row *rows = NULL;
    size_t count = 0;
    int32_t limit = 0;
    int64_t before = TX_NOW;
    char next[24] = "";
    const char *after = call_query(call, "after");
    if (!call_limit(call, &limit)) {
        return false;
    }
    if (after != NULL && !number_parse(after, 1, INT64_MAX, &before)) {
        json_error_add(&call->errors, "must be the `next` of the page before", "after");
        return call_invalid(call);
    }
    if (!desk_returns(call->tx, before, limit, &rows, &count)) {
        return answer_failed(call);
    }
    cJSON *items = cJSON_CreateArray();
    for (size_t i = 0; i < count; i++) {
        cJSON_AddItemToArray(items, json_return(&rows[i]));
        if (rows[i].patient != NULL) {
            call_reads(call, rows[i].patient);
        }
    }
    if (count == (size_t)limit) {
        (void)snprintf(next, sizeof next, "%" PRId64, rows[count - 1].seq);
    }
    return call_answer(call, 200, json_list(items, next[0] == '\0' ? NULL : next));
}

#define KEEPERS (ROLE_TECHNICIAN | ROLE_PHARMACIST | ROLE_MANAGER)

const struct route routes_stock[] = {
    {"GET", "/stock", KEEPERS | ROLE_INSPECTOR, ROUTE_READ, 0,
     "Bottles and packs by batch, the open one, what is prepared, checks due (?blind=true: without amounts).",
     stock_get, NULL},
    {"GET", "/stock/prepour", KEEPERS, ROUTE_READ, 0,
     "A day's bottles with totals, and what must be ordered (?date=, tomorrow; ?days=, 7).", prepour_get,
     NULL},
    {"GET", "/returns", KEEPERS | ROLE_INSPECTOR, ROUTE_READ, 0,
     "Medicines that patients brought back, newest first.", returns_get, NULL},
    {"POST", "/returns", KEEPERS, ROUTE_WRITE | ROUTE_KEY | ROUTE_SECOND, BODY_MAX,
     "A medicine brought back by a patient, destroyed before a witness.", return_post, return_show},
};
const size_t routes_stock_count = sizeof routes_stock / sizeof routes_stock[0];
