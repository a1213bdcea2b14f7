/* Patients: the list, one, the search, merging, status. */
#include <string.h>

#include "desk/patient.h"
#include "fields.h"
#include "routes.h"

#define STAFF (ROLE_COUNTER | ROLE_TECHNICIAN | ROLE_PHARMACIST | ROLE_MANAGER)
#define BODY 32768
#define IDENTIFIER_TEXT_MAX 40
#define ID_MAX 64

/* ---- encoding ---- */

static cJSON *json_representatives(const struct patient_row *row) {
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < row->representative_count; i++) {
        cJSON *one = cJSON_CreateObject();
        json_put_text(one, "name", row->representatives[i].name);
        json_put_day(one, "valid_until", row->representatives[i].valid_until);
        cJSON_AddItemToArray(list, one);
    }
    return list;
}

static void put_identifier(cJSON *object, const struct patient_row *row) {
    if (row->identifier_value == NULL) {
        cJSON_AddNullToObject(object, "identifier");
        return;
    }
    cJSON *identifier = cJSON_AddObjectToObject(object, "identifier");
    json_put_text(identifier, "system", row->identifier_system);
    json_put_text(identifier, "value", row->identifier_value);
}

static void put_sharing(cJSON *object, const struct patient_row *row) {
    if (row->sharing_service == NULL) {
        cJSON_AddNullToObject(object, "sharing");
        return;
    }
    cJSON *sharing = cJSON_AddObjectToObject(object, "sharing");
    json_put_text(sharing, "service", row->sharing_service);
    json_put_day(sharing, "agreed_on", row->sharing_agreed_on);
    json_put_text(sharing, "reference", row->sharing_reference);
}

static cJSON *json_patient(const struct patient_view *view) {
    const struct patient_row *row = &view->row;
    cJSON *object = cJSON_CreateObject();
    json_put_text(object, "id", row->id);
    json_put_text(object, "name", row->name);
    json_put_text(object, "preferred_name", row->preferred_name);
    json_put_day(object, "born_on", row->born_on);
    put_identifier(object, row);
    json_put_text(object, "address", row->address);
    json_put_text(object, "notes", row->notes);
    cJSON_AddItemToObject(object, "representatives", json_representatives(row));
    put_sharing(object, row);
    json_put_text(object, "language", row->language);
    cJSON_AddBoolToObject(object, "first_miss_urgent", row->first_miss_urgent);
    json_put_text(object, "status", view->status.status);
    json_put_day(object, "status_from", view->status.from);
    json_put_day(object, "status_to", view->status.to);
    json_put_text(object, "status_source", view->status.source);
    json_put_text(object, "merged_into", row->merged_into);
    return object;
}

/* One patient as the answer, with look-alikes (H15). */
static bool answer_patient(struct call *call, int status, const char *id) {
    struct patient_view view;
    enum desk_result result = desk_patient_read(call->tx, id, &view);
    if (result != DESK_OK) {
        const struct desk_problem problem = {.code = "not_found", .detail = "There is no such patient."};
        return call_desk_problem(call, result, &problem);
    }
    cJSON *object = json_patient(&view);
    cJSON *ids = cJSON_AddArrayToObject(object, "look_alikes");
    for (size_t i = 0; i < view.look_alike_count; i++)
        cJSON_AddItemToArray(ids, cJSON_CreateString(view.look_alikes[i]));
    return call_answer(call, status, object);
}

static void patient_made(struct call *call, const char *id) {
    answer_patient(call, 201, id);
}

static void patient_done(struct call *call, const char *id) {
    answer_patient(call, 200, id);
}

/* Each patient of a list is read, and noted as read. */
static bool answer_list(struct call *call, const struct patient_views *list, const char *next) {
    cJSON *items = cJSON_CreateArray();
    for (size_t i = 0; i < list->count; i++) {
        call_reads(call, list->views[i].row.id);
        cJSON_AddItemToArray(items, json_patient(&list->views[i]));
    }
    return call_answer(call, 200, json_list(items, next));
}

/* ---- decoding ---- */

static void decode_identifier(struct call *call, struct patient_row *row) {
    static const char *const known[] = {"system", "value", NULL};
    static const char *const systems[] = {"nhs", "chi", "hc", NULL};
    struct fields fields;
    bool empty = false;
    if (!fields_object(call, "identifier", known, &fields, &empty))
        return;
    row->identifier_system = NULL;
    row->identifier_value = NULL;
    if (empty)
        return;
    fields_choice(&fields, "system", systems, &row->identifier_system);
    fields_text(&fields, "value", IDENTIFIER_TEXT_MAX, false, &row->identifier_value);
    fields_need(&fields, "system", row->identifier_system != NULL);
    fields_need(&fields, "value", row->identifier_value != NULL);
}

static void decode_sharing(struct call *call, struct patient_row *row) {
    static const char *const known[] = {"service", "agreed_on", "reference", NULL};
    struct fields fields;
    bool empty = false;
    if (!fields_object(call, "sharing", known, &fields, &empty))
        return;
    row->sharing_service = NULL;
    row->sharing_agreed_on = DAY_NONE;
    row->sharing_reference = NULL;
    if (empty)
        return;
    fields_text(&fields, "service", ID_MAX, false, &row->sharing_service);
    fields_day(&fields, "agreed_on", &row->sharing_agreed_on);
    fields_text(&fields, "reference", PATIENT_REFERENCE_MAX, false, &row->sharing_reference);
    fields_need(&fields, "service", row->sharing_service != NULL);
    fields_need(&fields, "agreed_on", row->sharing_agreed_on != DAY_NONE);
}

static void decode_representative(struct call *call, const cJSON *value, struct patient_representative *out) {
    struct fields fields = {.call = call, .object = value, .prefix = "representatives"};
    *out = (struct patient_representative){.name = "", .valid_until = DAY_NONE};
    if (!cJSON_IsObject(value)) {
        json_error_add(&call->errors, "must be objects with a name", "representatives");
        return;
    }
    for (const cJSON *one = value->child; one != NULL; one = one->next) {
        if (strcmp(one->string, "name") != 0 && strcmp(one->string, "valid_until") != 0)
            fields_wrong(&fields, one->string, "is not known here");
    }
    const char *name = NULL;
    fields_text(&fields, "name", PATIENT_NAME_MAX, false, &name);
    fields_need(&fields, "name", name != NULL);
    fields_day(&fields, "valid_until", &out->valid_until);
    if (name != NULL)
        out->name = name;
}

static void decode_representatives(struct call *call, struct patient_row *row) {
    const cJSON *list = json_member(call->body, "representatives");
    if (list == NULL)
        return;
    if (!cJSON_IsArray(list) || cJSON_GetArraySize(list) > PATIENT_REPRESENTATIVES_MAX) {
        json_error_add(&call->errors, "must be a list of at most ten", "representatives");
        return;
    }
    struct patient_representative *all =
        arena_take(call->tx->arena, PATIENT_REPRESENTATIVES_MAX, sizeof *all);
    row->representatives = all;
    row->representative_count = 0;
    if (all == NULL) {
        json_error_add(&call->errors, "cannot be read now", "representatives");
        return;
    }
    for (const cJSON *one = list->child; one != NULL; one = one->next)
        decode_representative(call, one, &all[row->representative_count++]);
}

/* The body over what the row has; false with call->errors where something is wrong. */
static bool decode_patient(struct call *call, struct patient_row *row) {
    static const char *const known[] = {
        "name",    "preferred_name", "born_on",           "identifier", "address", "notes", "representatives",
        "sharing", "language",       "first_miss_urgent", NULL};
    struct fields body = fields_body(call, known);
    fields_text(&body, "name", PATIENT_NAME_MAX, false, &row->name);
    fields_text(&body, "preferred_name", PATIENT_NAME_MAX, false, &row->preferred_name);
    fields_day(&body, "born_on", &row->born_on);
    fields_text(&body, "address", PATIENT_ADDRESS_MAX, true, &row->address);
    fields_text(&body, "notes", PATIENT_NOTES_MAX, true, &row->notes);
    fields_text(&body, "language", PATIENT_LANGUAGE_MAX, false, &row->language);
    fields_bool(&body, "first_miss_urgent", &row->first_miss_urgent);
    fields_need(&body, "name", row->name != NULL);
    fields_need(&body, "born_on", row->born_on != DAY_NONE);
    decode_identifier(call, row);
    decode_sharing(call, row);
    decode_representatives(call, row);
    return call->errors.count == 0;
}

/* ---- what the routes do ---- */

static bool refuse(struct call *call, enum desk_result result, const struct desk_problem *problem) {
    if (result == DESK_CONFLICT && strcmp(problem->code, "identifier_known") == 0)
        call_extra(call, "patient", cJSON_CreateString(problem->fields[0].message));
    return call_desk_problem(call, result, problem);
}

static bool patients_get(struct call *call) {
    struct patient_views list;
    const char *after = call_query(call, "after");
    int32_t limit = 0;
    if (!call_limit(call, &limit))
        return false;
    enum desk_result result = desk_patients(call->tx, after == NULL ? "" : after, limit, &list);
    if (result != DESK_OK)
        return call_desk_problem(call, result, &(const struct desk_problem){.code = NULL});
    bool more = list.count == (size_t)limit;
    return answer_list(call, &list, more ? list.views[list.count - 1].row.id : NULL);
}

static bool patient_post(struct call *call) {
    struct patient_row row = {.born_on = DAY_NONE, .sharing_agreed_on = DAY_NONE};
    struct desk_problem problem = {.code = NULL};
    const char *id = NULL;
    if (!decode_patient(call, &row))
        return call_invalid(call);
    enum desk_result result = desk_patient_enter(call->tx, &row, &id, &problem);
    return result == DESK_OK ? call_made(call, 201, id) : refuse(call, result, &problem);
}

static bool patient_get(struct call *call) {
    if (!answer_patient(call, 200, call->ids[0]))
        return false;
    call_reads(call, call->ids[0]); /* only now: what is no id never reaches the audit */
    return true;
}

static bool patient_patch(struct call *call) {
    struct patient_row row;
    struct desk_problem problem = {.code = "not_found", .detail = "There is no such patient."};
    enum desk_result result = desk_patient_find(call->tx, call->ids[0], &row);
    if (result != DESK_OK)
        return call_desk_problem(call, result, &problem);
    if (!decode_patient(call, &row))
        return call_invalid(call);
    result = desk_patient_change(call->tx, &row, &problem);
    return result == DESK_OK ? call_made(call, 200, row.id) : refuse(call, result, &problem);
}

static bool search_post(struct call *call) {
    static const char *const known[] = {"q", NULL};
    struct patient_views list;
    const char *q = NULL;
    int32_t limit = 0;
    struct fields body = fields_body(call, known);
    fields_text(&body, "q", PATIENT_SEARCH_MAX, false, &q);
    fields_need(&body, "q", q != NULL);
    if (call->errors.count > 0)
        return call_invalid(call);
    if (!call_limit(call, &limit))
        return false;
    enum desk_result result = desk_patient_search(call->tx, q, limit, &list);
    if (result != DESK_OK)
        return call_desk_problem(call, result, &(const struct desk_problem){.code = NULL});
    return answer_list(call, &list, NULL);
}

static bool merge_post(struct call *call) {
    static const char *const known[] = {"into", "second", NULL};
    struct desk_problem problem = {.code = NULL};
    const char *into = NULL;
    struct fields body = fields_body(call, known);
    fields_text(&body, "into", ID_MAX, false, &into);
    fields_need(&body, "into", into != NULL);
    if (call->errors.count > 0)
        return call_invalid(call);
    enum desk_result result = desk_patient_merge(call->tx, call->ids[0], into, &call->second, &problem);
    if (result != DESK_OK)
        return call_desk_problem(call, result, &problem);
    call_event(call, "day", into, "patient");
    return call_made(call, 200, into);
}

static bool status_post(struct call *call) {
    static const char *const known[] = {"status", "from", "to", "source", NULL};
    static const char *const words[] = {"attending", "away", "deceased", NULL};
    struct patient_status_row status = {.from = DAY_NONE, .to = DAY_NONE};
    struct desk_problem problem = {.code = NULL};
    struct fields body = fields_body(call, known);
    fields_choice(&body, "status", words, &status.status);
    fields_day(&body, "from", &status.from);
    fields_day(&body, "to", &status.to);
    fields_text(&body, "source", PATIENT_REFERENCE_MAX, false, &status.source);
    fields_need(&body, "status", status.status != NULL);
    fields_need(&body, "source", status.source != NULL);
    if (call->errors.count > 0)
        return call_invalid(call);
    enum desk_result result = desk_patient_set_status(call->tx, call->ids[0], &status, &problem);
    if (result != DESK_OK)
        return call_desk_problem(call, result, &problem);
    call_event(call, "day", call->ids[0], "patient");
    return call_made(call, 201, call->ids[0]);
}

const struct route routes_patients[] = {
    {"GET", "/patients", STAFF, ROUTE_READ, 0, "All patients, in the order of entry (?limit=, ?after=).",
     patients_get, NULL},
    {"POST", "/patients", STAFF, ROUTE_WRITE | ROUTE_KEY, BODY,
     "Enters a patient; the answer names look-alikes. A known identifier is 409 identifier_known with its "
     "patient.",
     patient_post, patient_made},
    {"POST", "/patients/search", STAFF, ROUTE_READ, 2048,
     "Finds patients by parts of names, date of birth or identifier: {\"q\"}. Records nothing but the "
     "reading.",
     search_post, NULL},
    {"GET", "/patients/{id}", STAFF, ROUTE_READ | ROUTE_ETAG, 0, "One patient, with look-alikes.",
     patient_get, patient_done},
    {"PATCH", "/patients/{id}", STAFF, ROUTE_WRITE | ROUTE_ETAG, BODY,
     "Changes the members given; an empty text, list or object takes one away.", patient_patch, patient_done},
    {"POST", "/patients/{id}/merge", ROLE_MANAGER, ROUTE_WRITE | ROUTE_KEY | ROUTE_SECOND, 2048,
     "This record was entered twice: {\"into\",\"second\"}. Answers the record that stays.", merge_post,
     patient_done},
    {"POST", "/patients/{id}/status", STAFF, ROUTE_WRITE | ROUTE_KEY, 2048,
     "Attending, away or deceased, from a day (today) to a day, with the source. Answers the patient.",
     status_post, patient_made},
};
const size_t routes_patients_count = sizeof routes_patients / sizeof routes_patients[0];
