#include "json_history.h"

#include <string.h>

#include "json_print.h"

static void put_recorded(cJSON *object, const struct recorded *recorded) {
    json_put_instant(object, "recorded_at", recorded->at);
    json_put_text(object, "recorded_by", recorded->by);
}

static void put_days(cJSON *object, const char *name, struct day_list list) {
    cJSON *days = cJSON_AddArrayToObject(object, name);
    for (size_t i = 0; i < list.count; i++) {
        char text[DAY_TEXT_SIZE];
        day_format(list.days[i], text);
        cJSON_AddItemToArray(days, cJSON_CreateString(text));
    }
}

/* Codes with commas, as an array. */
static void put_codes(cJSON *object, const char *name, const char *codes) {
    cJSON *array = cJSON_AddArrayToObject(object, name);
    for (const char *at = codes; at != NULL && *at != '\0';) {
        char code[64];
        size_t len = strcspn(at, ",");
        if (len < sizeof code) {
            memcpy(code, at, len);
            code[len] = '\0';
            cJSON_AddItemToArray(array, cJSON_CreateString(code));
        }
        at += at[len] == ',' ? len + 1 : len;
    }
}

cJSON *json_consultation(const struct consultation_row *row) {
    cJSON *object = cJSON_CreateObject();
    json_put_text(object, "id", row->id);
    json_put_text(object, "prescription", row->prescription);
    json_put_text(object, "with", row->asked);
    json_put_text(object, "role", consulted_role_text(row->role));
    cJSON_AddBoolToObject(object, "counts", row->counts);
    json_put_text(object, "channel", row->channel);
    json_put_day(object, "on", row->on);
    json_put_text(object, "outcome", consultation_outcome_text(row->outcome));
    json_put_day(object, "resume_on", row->resume_on);
    json_put_day(object, "for_day", row->for_day);
    put_days(object, "covers", row->covers);
    json_put_text(object, "note", row->note);
    put_recorded(object, &row->recorded);
    return object;
}

cJSON *json_change(struct tx *tx, const struct change_row *row) {
    cJSON *object = cJSON_CreateObject();
    json_put_text(object, "id", change_id(tx, row));
    json_put_text(object, "prescription", row->prescription);
    json_put_text(object, "kind", change_text(row->kind));
    json_put_day(object, "from", row->from);
    json_put_text(object, "reason", row->reason);
    put_recorded(object, &row->recorded);
    return object;
}

cJSON *json_outcome(const struct outcome_row *row) {
    cJSON *object = cJSON_CreateObject();
    json_put_text(object, "id", row->id);
    json_put_text(object, "patient", row->patient);
    json_put_text(object, "prescription", row->prescription);
    json_put_day(object, "collect", row->collect);
    json_put_day(object, "on", row->on);
    json_put_instant(object, "at", row->at);
    json_put_text(object, "outcome", outcome_text(row->kind));
    if (row->minutes_after < 0) {
        cJSON_AddNullToObject(object, "minutes_after");
    } else {
        cJSON_AddNumberToObject(object, "minutes_after", row->minutes_after);
    }
    if (row->quantity == QUANTITY_NONE) {
        cJSON_AddNullToObject(object, "quantity");
    } else {
        json_put_quantity(object, "quantity", row->quantity);
    }
    put_codes(object, "reasons", row->reason);
    json_put_text(object, "note", row->note);
    put_recorded(object, &row->recorded);
    return object;
}

cJSON *json_elsewhere(const struct elsewhere_row *row) {
    cJSON *object = cJSON_CreateObject();
    json_put_text(object, "id", row->id);
    json_put_text(object, "patient", row->patient);
    json_put_text(object, "class", row->drug_class == CLASS_OPIOID ? "opioid" : "benzodiazepine");
    json_put_day(object, "from", row->from);
    json_put_day(object, "to", row->to);
    json_put_day(object, "on", row->on);
    json_put_text(object, "product", row->product);
    json_put_text(object, "dose", row->dose);
    json_put_text(object, "where", row->given_by);
    json_put_text(object, "confirmed_by", row->confirmed_by);
    json_put_text(object, "channel", row->channel);
    cJSON_AddBoolToObject(object, "unlike", row->unlike);
    put_recorded(object, &row->recorded);
    return object;
}

cJSON *json_concern(const struct concern_row *row) {
    const char *error = NULL;
    cJSON *object = cJSON_CreateObject();
    json_put_text(object, "id", row->id);
    json_put_text(object, "patient", row->patient);
    json_put_text(object, "prescription", row->prescription);
    json_put_text(object, "kind", row->kind);
    put_codes(object, "signs", row->signs);
    json_put_text(object, "note", row->note);
    json_put_text(object, "decision", strcmp(row->decision, "none") == 0 ? NULL : row->decision);
    cJSON *contacted = row->prescriber_contacted == NULL
                           ? NULL
                           : json_read(row->prescriber_contacted, strlen(row->prescriber_contacted), &error);
    cJSON_AddItemToObject(object, "prescriber_contacted", contacted == NULL ? cJSON_CreateNull() : contacted);
    json_put_instant(object, "at", row->at);
    put_recorded(object, &row->recorded);
    return object;
}

cJSON *json_preparation(struct tx *tx, const char *instalment, const struct preparation_row *row) {
    size_t count = 0;
    const struct print_job_row *labels = row->prepared ? desk_preparation_labels(tx, row, &count) : NULL;
    cJSON *object = cJSON_CreateObject();
    json_put_text(object, "id", instalment);
    json_put_text(object, "prescription", row->prescription);
    json_put_day(object, "collect", row->collect);
    cJSON_AddBoolToObject(object, "prepared", row->prepared);
    if (row->containers < 0) {
        cJSON_AddNullToObject(object, "containers");
    } else {
        cJSON_AddNumberToObject(object, "containers", row->containers);
    }
    json_put_text(object, "batch", row->batch);
    json_put_day(object, "expiry", row->expiry);
    cJSON_AddItemToObject(object, "labels", json_print_jobs(labels, count));
    put_recorded(object, &row->recorded);
    return object;
}

bool json_put_history(struct tx *tx, cJSON *object, const char *patient, const char *prescription) {
    struct desk_history h;
    if (desk_history(tx, patient, &h) != DESK_OK) {
        return false;
    }
    cJSON *consultations = cJSON_AddArrayToObject(object, "consultations");
    cJSON *changes = cJSON_AddArrayToObject(object, "changes");
    cJSON *outcomes = cJSON_AddArrayToObject(object, "outcomes");
    for (size_t i = 0; i < h.consultation_count; i++) {
        if (strcmp(h.consultations[i].prescription, prescription) == 0) {
            cJSON_AddItemToArray(consultations, json_consultation(&h.consultations[i]));
        }
    }
    for (size_t i = 0; i < h.change_count; i++) {
        if (strcmp(h.changes[i].prescription, prescription) == 0) {
            cJSON_AddItemToArray(changes, json_change(tx, &h.changes[i]));
        }
    }
    for (size_t i = 0; i < h.outcome_count; i++) {
        if (strcmp(h.outcomes[i].prescription, prescription) == 0) {
            cJSON_AddItemToArray(outcomes, json_outcome(&h.outcomes[i]));
        }
    }
    return consultations != NULL && changes != NULL && outcomes != NULL;
}
