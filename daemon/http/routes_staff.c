/* The people who work here. */
#include <string.h>

#include "desk/staff.h"
#include "fields.h"
#include "routes.h"

#define READERS (ROLE_COUNTER | ROLE_TECHNICIAN | ROLE_PHARMACIST | ROLE_MANAGER)
#define BODY 4096
#define PIN_TEXT_MAX 64

static cJSON *json_staff(const struct staff_row *row) {
    cJSON *object = cJSON_CreateObject();
    json_put_text(object, "id", row->id);
    json_put_text(object, "name", row->name);
    json_put_text(object, "role", row->role);
    json_put_text(object, "registration", row->registration);
    cJSON_AddBoolToObject(object, "active", row->active);
    json_put_day(object, "valid_until", row->valid_until);
    return object;
}

static bool answer_staff(struct call *call, int status, const char *id) {
    struct staff_row row;
    const struct desk_problem problem = {.code = "not_found",
                                         .detail = "There is nobody with this sign-in name."};
    enum desk_result result = desk_staff_read(call->tx, id, &row);
    return result == DESK_OK ? call_answer(call, status, json_staff(&row))
                             : call_desk_problem(call, result, &problem);
}

static void staff_made(struct call *call, const char *id) {
    answer_staff(call, 201, id);
}

static void staff_done(struct call *call, const char *id) {
    answer_staff(call, 200, id);
}

/* A new PIN: looked at here, hashed by the server before. */
static void decode_pin(const struct fields *body, struct staff_row *row) {
    const char *pin = NULL;
    fields_text(body, "pin", PIN_TEXT_MAX, false, &pin);
    if (pin == NULL)
        return;
    const char *fault = desk_staff_pin_fault(pin);
    if (fault != NULL)
        fields_wrong(body, "pin", fault);
    else if (body->call->new_pin_hash == NULL)
        fields_wrong(body, "pin", "could not be taken: please try again");
    else
        row->pin_hash = body->call->new_pin_hash;
}

static void decode_members(const struct fields *body, struct staff_row *row) {
    static const char *const roles[] = {"counter", "technician", "pharmacist", "manager", "inspector", NULL};
    fields_text(body, "name", STAFF_NAME_MAX, false, &row->name);
    fields_choice(body, "role", roles, &row->role);
    fields_text(body, "registration", 20, false, &row->registration);
    fields_day(body, "valid_until", &row->valid_until);
    decode_pin(body, row);
    fields_need(body, "name", row->name != NULL);
    fields_need(body, "role", row->role != NULL);
}

/* ---- what the routes do ---- */

static bool staff_list(struct call *call) {
    struct staff_row *rows = NULL;
    size_t count = 0;
    int32_t limit = 0;
    const char *after = call_query(call, "after");
    if (!call_limit(call, &limit))
        return false;
    enum desk_result result = desk_staff_all(call->tx, &rows, &count);
    if (result != DESK_OK)
        return call_desk_problem(call, result, &(const struct desk_problem){.code = NULL});
    cJSON *items = cJSON_CreateArray();
    const char *next = NULL;
    for (size_t i = 0; i < count; i++) {
        if (after != NULL && strcmp(rows[i].id, after) <= 0)
            continue;
        if (cJSON_GetArraySize(items) == limit) {
            next = rows[i - 1].id;
            break;
        }
        cJSON_AddItemToArray(items, json_staff(&rows[i]));
    }
    return call_answer(call, 200, json_list(items, next));
}

static bool staff_get(struct call *call) {
    return answer_staff(call, 200, call->ids[0]);
}

static bool staff_post(struct call *call) {
    static const char *const known[] = {"id",  "staff",       "name",   "role", "registration",
                                        "pin", "valid_until", "second", NULL};
    struct staff_row row = {.valid_until = DAY_NONE, .active = true};
    struct desk_problem problem = {.code = NULL};
    struct fields body = fields_body(call, known);
    fields_text(&body, "staff", STAFF_ID_MAX, false, &row.id);
    fields_text(&body, "id", STAFF_ID_MAX, false, &row.id);
    fields_need(&body, "id", row.id != NULL);
    fields_need(&body, "pin", json_member(call->body, "pin") != NULL);
    decode_members(&body, &row);
    if (call->errors.count > 0)
        return call_invalid(call);
    enum desk_result result = desk_staff_enter(call->tx, &row, &call->second, &problem);
    return result == DESK_OK ? call_made(call, 201, row.id) : call_desk_problem(call, result, &problem);
}

static bool staff_patch(struct call *call) {
    static const char *const known[] = {"name",   "role",        "registration", "pin",
                                        "active", "valid_until", "second",       NULL};
    struct staff_row row;
    struct desk_problem problem = {.code = "not_found", .detail = "There is nobody with this sign-in name."};
    enum desk_result result = desk_staff_read(call->tx, call->ids[0], &row);
    if (result != DESK_OK)
        return call_desk_problem(call, result, &problem);
    struct fields body = fields_body(call, known);
    fields_bool(&body, "active", &row.active);
    decode_members(&body, &row);
    if (call->errors.count > 0)
        return call_invalid(call);
    result = desk_staff_change(call->tx, &row, &call->second, &problem);
    return result == DESK_OK ? call_made(call, 200, row.id) : call_desk_problem(call, result, &problem);
}

const struct route routes_staff[] = {
    {"GET", "/staff", READERS, ROUTE_READ, 0, "The people who work here, by their sign-in names.", staff_list,
     NULL},
    {"POST", "/staff", ROLE_MANAGER, ROUTE_WRITE | ROUTE_KEY | ROUTE_SECOND_OPTIONAL | ROUTE_NEW_PIN, BODY,
     "Enters somebody under a sign-in name (`id`) with a PIN; a role takes a `second` person.", staff_post,
     staff_made},
    {"GET", "/staff/{id}", READERS, ROUTE_READ | ROUTE_ETAG, 0, "One of them.", staff_get, staff_done},
    {"PATCH", "/staff/{id}", ROLE_MANAGER, ROUTE_WRITE | ROUTE_ETAG | ROUTE_SECOND_OPTIONAL | ROUTE_NEW_PIN,
     BODY, "Changes the members given, `pin` and `active` too; a role takes a `second` person.", staff_patch,
     staff_done},
};
const size_t routes_staff_count = sizeof routes_staff / sizeof routes_staff[0];
