#include "json_supply.h"

#include <string.h>

#include "call.h"
#include "instalment/version.h"
#include "json_print.h"
#include "json_register.h"

static cJSON *day_text(day_t day) {
    char text[DAY_TEXT_SIZE];
    day_format(day, text);
    return cJSON_CreateString(text);
}

static cJSON *days_array(const day_t *days, size_t count) {
    cJSON *array = cJSON_CreateArray();
    for (size_t i = 0; i < count; i++) {
        cJSON_AddItemToArray(array, day_text(days[i]));
    }
    return array;
}

/* ---- the decision ---- */

static cJSON *json_containers(struct tx *tx, const struct decided *decided, size_t item) {
    cJSON *array = cJSON_CreateArray();
    size_t count = 0;
    const struct container *list = desk_containers(tx, decided, item, &count);
    for (size_t i = 0; list != NULL && i < count; i++) {
        cJSON *one = cJSON_CreateObject();
        json_put_day(one, "for", list[i].first);
        if (list[i].last != list[i].first) {
            json_put_day(one, "to", list[i].last);
        }
        json_put_quantity(one, "quantity", list[i].quantity);
        cJSON_AddBoolToObject(one, "supervised", list[i].supervised);
        cJSON_AddItemToArray(array, one);
    }
    return array;
}

static cJSON *json_item(const struct decided_item *item) {
    cJSON *one = cJSON_CreateObject();
    json_put_text(one, "product", item->item->product->code);
    json_put_quantity(one, "quantity", item->quantity);
    json_put_text(one, "unit", item->item->product->unit);
    json_put_quantity(one, "supervised", item->supervised);
    json_put_quantity(one, "take_home", item->take_home);
    return one;
}

cJSON *json_decision_bare(const struct decision *decision) {
    cJSON *object = cJSON_CreateObject();
    cJSON *items = cJSON_CreateArray();
    json_put_text(object, "verdict", verdict_text(decision->verdict));
    cJSON_AddItemToObject(object, "covers", days_array(decision->covers, decision->cover_count));
    for (size_t i = 0; i < decision->item_count; i++) {
        cJSON_AddItemToArray(items, json_item(&decision->items[i]));
    }
    cJSON_AddItemToObject(object, "items", items);
    cJSON_AddItemToObject(object, "reasons", json_reasons(decision));
    cJSON_AddNumberToObject(object, "missed_days", decision->missed_days);
    cJSON_AddNumberToObject(object, "missed_pickups", decision->missed_pickups);
    json_put_day(object, "last_dosed", decision->last_dosed);
    json_put_day(object, "next_due", decision->next_due);
    json_put_text(object, "rules", INSTALMENT_RULES_VERSION);
    return object;
}

cJSON *json_decision(struct tx *tx, const struct decide_request *request, const struct decided *decided) {
    const struct decision *decision = &decided->decision;
    cJSON *object = json_decision_bare(decision);
    cJSON *instalments = cJSON_CreateArray();
    json_put_text(object, "prescription", request->prescription);
    json_put_day(object, "on", request->on);
    for (size_t i = 0; i < decision->instalment_count; i++) {
        const char *id = instalment_id(tx, request->prescription, decision->instalments[i]->collect);
        cJSON_AddItemToArray(instalments, cJSON_CreateString(id == NULL ? "" : id));
    }
    cJSON_AddItemToObject(object, "instalments", instalments);
    cJSON *item = cJSON_GetObjectItemCaseSensitive(object, "items")->child;
    for (size_t i = 0; item != NULL; item = item->next, i++) {
        cJSON_AddItemToObject(item, "containers", json_containers(tx, decided, i));
    }
    json_put_text(object, "supply_key", decided->supply_key);
    return object;
}

void json_put_alerts(cJSON *object, int32_t open, bool telephone) {
    cJSON *alerts = cJSON_AddObjectToObject(object, "alerts");
    cJSON_AddNumberToObject(alerts, "open", open);
    cJSON_AddBoolToObject(alerts, "telephone", telephone);
}

/* ---- the supply ---- */

static cJSON *json_stored_reasons(const struct supply_row *row) {
    cJSON *array = cJSON_CreateArray();
    for (size_t i = 0; i < row->reason_count; i++) {
        const struct supply_reason_row *stored = &row->reasons[i];
        struct reason reason = {.number = stored->number, .day = stored->day};
        char text[REASON_TEXT_SIZE];
        if (!reason_from_code(stored->code, strlen(stored->code), &reason.code)) {
            continue;
        }
        cJSON *one = cJSON_CreateObject();
        reason_text(&reason, text);
        json_put_text(one, "code", stored->code);
        json_put_text(one, "severity", stored->severity);
        json_put_text(one, "rule", reason_rule(reason.code));
        json_put_text(one, "basis", reason_basis(reason.code));
        json_put_text(one, "text", text);
        cJSON_AddItemToArray(array, one);
    }
    return array;
}

/* The decision as it was when the supply was recorded. */
static cJSON *json_stored_decision(const struct supply_row *row) {
    cJSON *object = cJSON_CreateObject();
    cJSON *items = cJSON_CreateArray();
    json_put_text(object, "prescription", row->prescription);
    json_put_day(object, "on", row->on);
    json_put_text(object, "verdict", row->verdict);
    cJSON_AddItemToObject(object, "covers", days_array(row->covers.days, row->covers.count));
    for (size_t i = 0; i < row->item_count; i++) {
        const struct product *product =
            catalogue_find(desk_catalogue(), row->items[i].product, strlen(row->items[i].product));
        cJSON *one = cJSON_CreateObject();
        json_put_text(one, "product", row->items[i].product);
        json_put_quantity(one, "quantity", row->items[i].quantity);
        json_put_text(one, "unit", product == NULL ? NULL : product->unit);
        json_put_quantity(one, "supervised", row->items[i].supervised);
        json_put_quantity(one, "take_home", row->items[i].take_home);
        cJSON_AddItemToArray(items, one);
    }
    cJSON_AddItemToObject(object, "items", items);
    cJSON_AddItemToObject(object, "reasons", json_stored_reasons(row));
    cJSON_AddNumberToObject(object, "missed_days", row->missed_days);
    cJSON_AddNumberToObject(object, "missed_pickups", row->missed_pickups);
    json_put_day(object, "last_dosed", row->last_dosed);
    json_put_day(object, "next_due", row->next_due);
    json_put_text(object, "rules", row->rules);
    return object;
}

static void put_said(cJSON *object, const char *name, int32_t said) {
    if (said < 0) {
        cJSON_AddNullToObject(object, name);
    } else {
        cJSON_AddBoolToObject(object, name, said == 1);
    }
}

static cJSON *json_register(const struct supply_view *view) {
    cJSON *array = cJSON_CreateArray();
    for (size_t i = 0; i < view->entry_count; i++) {
        cJSON_AddItemToArray(array, json_register_entry(&view->entries[i]));
    }
    return array;
}

static cJSON *json_alerts(const struct supply_view *view) {
    const struct alert_row *rows = view->alerts;
    cJSON *array = cJSON_CreateArray();
    for (size_t i = 0; i < view->alert_count; i++) {
        cJSON *one = cJSON_CreateObject();
        json_put_text(one, "id", rows[i].id);
        json_put_text(one, "kind", rows[i].kind);
        json_put_text(one, "priority", rows[i].priority);
        json_put_text(one, "corrects", rows[i].corrects);
        cJSON_AddItemToArray(array, one);
    }
    return array;
}

cJSON *json_supply(const struct supply_view *view) {
    const struct supply_row *row = &view->row;
    cJSON *object = cJSON_CreateObject();
    cJSON *confirmed = cJSON_CreateArray();
    cJSON *collector = cJSON_CreateObject();
    json_put_text(object, "id", row->id);
    json_put_text(object, "kind", row->kind);
    json_put_text(object, "patient", row->patient);
    json_put_text(object, "prescription", row->prescription);
    json_put_day(object, "on", row->on);
    json_put_instant(object, "at", row->at);
    json_put_text(collector, "role", row->collector_role);
    json_put_text(collector, "name", row->collector_name);
    json_put_text(collector, "address", row->collector_address);
    put_said(collector, "identity_requested", row->identity_requested);
    put_said(collector, "identity_provided", row->identity_provided);
    cJSON_AddItemToObject(object, "collector", collector);
    cJSON_AddItemToObject(object, "decision", json_stored_decision(row));
    cJSON_AddItemToObject(object, "register", json_register(view));
    cJSON_AddItemToObject(object, "labels", json_print_jobs(view->labels, view->label_count));
    cJSON_AddItemToObject(object, "alerts", json_alerts(view));
    json_put_text(object, "supervised_by", row->supervised_by);
    json_put_text(object, "confirmed_by", row->confirmed_by);
    for (size_t i = 0; i < row->reason_count; i++) {
        if (row->reasons[i].confirmed) {
            cJSON_AddItemToArray(confirmed, cJSON_CreateString(row->reasons[i].code));
        }
    }
    cJSON_AddItemToObject(object, "confirmed", confirmed);
    cJSON_AddBoolToObject(object, "reversed", row->reversed_seq != 0);
    json_put_text(object, "reason", row->reason);
    json_put_text(object, "told", row->told);
    return object;
}
