#include "json_register.h"

#include <string.h>

static void put_said(cJSON *object, const char *name, int32_t said) {
    if (said < 0) {
        cJSON_AddNullToObject(object, name);
    } else {
        cJSON_AddBoolToObject(object, name, said == 1);
    }
}

static void put_hash(cJSON *object, const char *name, const uint8_t hash[REGISTER_HASH_SIZE]) {
    char hex[REGISTER_HEX_SIZE];
    register_hex(hash, hex);
    json_put_text(object, name, hex);
}

static void put_given(cJSON *object, const char *name, const char *text) {
    if (text != NULL) {
        json_put_text(object, name, text);
    }
}

/* A check's expected, found and difference. */
static void put_check(cJSON *object, const struct register_row *row) {
    if (row->counted != QUANTITY_NONE) {
        json_put_quantity(object, "expected", row->balance);
        json_put_quantity(object, "found", row->counted);
        json_put_quantity(object, "difference", row->counted - row->balance);
    }
}

cJSON *json_register_entry(const struct register_row *row) {
    cJSON *one = cJSON_CreateObject();
    cJSON_AddNumberToObject(one, "number", (double)row->number);
    json_put_text(one, "section", row->section);
    json_put_text(one, "type", row->kind);
    json_put_day(one, "on", row->on);
    json_put_instant(one, "entered_at", row->entered_at);
    json_put_quantity(one, "quantity", row->quantity);
    json_put_quantity(one, "balance", row->balance);
    put_hash(one, "previous", row->previous);
    put_hash(one, "hash", row->hash);
    json_put_text(one, "by", row->by_staff);
    json_put_text(one, "supply", row->supply);
    if (row->corrects != 0) {
        cJSON_AddNumberToObject(one, "corrects", (double)row->corrects);
    }
    json_put_text(one, "person_name", row->person_name);
    json_put_text(one, "person_address", row->person_address);
    json_put_text(one, "authority", row->authority);
    json_put_text(one, "collector_role", row->collector_role);
    json_put_text(one, "collector_name", row->collector_name);
    json_put_text(one, "collector_address", row->collector_address);
    put_said(one, "identity_requested", row->identity_requested);
    put_said(one, "identity_provided", row->identity_provided);
    put_given(one, "text", row->note);
    put_given(one, "reason", row->reason);
    put_given(one, "witness", row->witness);
    put_given(one, "authorised_by", row->authorised_by);
    put_given(one, "reference", row->reference);
    put_given(one, "packs", row->packs);
    put_check(one, row);
    return one;
}

static void line_said(cJSON *object, const char *name, int32_t said) {
    if (said >= 0) {
        json_put_text(object, name, said == 1 ? "yes" : "no");
    }
}

cJSON *json_register_line(const struct register_row *row) {
    cJSON *one = cJSON_CreateObject();
    put_hash(one, "previous", row->previous);
    json_put_text(one, "section", row->section);
    cJSON_AddNumberToObject(one, "number", (double)row->number);
    json_put_text(one, "kind", row->kind);
    json_put_day(one, "on", row->on);
    cJSON_AddNumberToObject(one, "entered_at", (double)row->entered_at);
    cJSON_AddNumberToObject(one, "quantity_thousandths", (double)row->quantity);
    cJSON_AddNumberToObject(one, "balance_thousandths", (double)row->balance);
    put_given(one, "supply", row->supply);
    if (row->corrects != 0) {
        cJSON_AddNumberToObject(one, "corrects", (double)row->corrects);
    }
    put_given(one, "person_name", row->person_name);
    put_given(one, "person_address", row->person_address);
    put_given(one, "authority", row->authority);
    put_given(one, "collector_role", row->collector_role);
    put_given(one, "collector_name", row->collector_name);
    put_given(one, "collector_address", row->collector_address);
    line_said(one, "identity_requested", row->identity_requested);
    line_said(one, "identity_provided", row->identity_provided);
    put_given(one, "by", row->by_staff);
    put_given(one, "note", row->note);
    put_given(one, "reason", row->reason);
    put_given(one, "witness", row->witness);
    put_given(one, "authorised_by", row->authorised_by);
    put_given(one, "reference", row->reference);
    put_given(one, "packs", row->packs);
    if (row->counted != QUANTITY_NONE) {
        cJSON_AddNumberToObject(one, "counted_thousandths", (double)row->counted);
    }
    put_hash(one, "hash", row->hash);
    return one;
}

cJSON *json_discrepancy(const struct discrepancy_row *row) {
    cJSON *one = cJSON_CreateObject();
    json_put_text(one, "id", row->id);
    json_put_text(one, "product", row->section);
    cJSON_AddNumberToObject(one, "entry", (double)row->number);
    json_put_text(one, "kind", row->kind);
    json_put_quantity(one, "quantity", row->quantity);
    json_put_day(one, "on", row->on);
    return one;
}

cJSON *json_register_head(int64_t number, const uint8_t hash[REGISTER_HASH_SIZE]) {
    cJSON *one = cJSON_CreateObject();
    cJSON_AddNumberToObject(one, "number", (double)number);
    put_hash(one, "hash", hash);
    return one;
}

cJSON *json_register_section(const struct register_section *section) {
    const struct product *product = section->product;
    cJSON *one = cJSON_CreateObject();
    cJSON *open = cJSON_CreateArray();
    json_put_text(one, "product", product->code);
    json_put_text(one, "name", product->name);
    json_put_text(one, "strength", product->strength);
    json_put_text(one, "form", product->form);
    json_put_text(one, "unit", product->unit);
    cJSON_AddNumberToObject(one, "schedule", product->schedule);
    json_put_text(one, "heading", section->heading);
    cJSON_AddNumberToObject(one, "entries", section->begun ? (double)section->last.number : 0);
    json_put_quantity(one, "balance", section->begun ? section->last.balance : 0);
    if (section->begun) {
        cJSON_AddItemToObject(one, "head", json_register_head(section->last.number, section->last.hash));
    } else {
        cJSON_AddNullToObject(one, "head");
    }
    json_put_instant(one, "last_check", section->last_check);
    json_put_day(one, "check_due", section->check_due);
    cJSON_AddBoolToObject(one, "check_overdue", section->check_overdue);
    for (size_t i = 0; i < section->open_count; i++) {
        cJSON_AddItemToArray(open, json_discrepancy(&section->open[i]));
    }
    cJSON_AddItemToObject(one, "discrepancies", open);
    return one;
}
