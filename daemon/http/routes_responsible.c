/* The responsible pharmacist. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk/responsible.h"
#include "fields.h"
#include "routes.h"

#define READERS (ROLE_COUNTER | ROLE_TECHNICIAN | ROLE_PHARMACIST | ROLE_MANAGER | ROLE_INSPECTOR)

static cJSON *json_responsible(const struct responsible_view *view, const char *next) {
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < view->count; i++) {
        cJSON *row = cJSON_CreateObject();
        json_put_text(row, "staff", view->rows[i].staff);
        json_put_text(row, "action", view->rows[i].kind);
        json_put_instant(row, "at", view->rows[i].at);
        cJSON_AddItemToArray(list, row);
    }
    cJSON *object = json_list(list, next);
    if (view->staff == NULL) {
        cJSON_AddNullToObject(object, "responsible_pharmacist");
    } else {
        cJSON *who = cJSON_AddObjectToObject(object, "responsible_pharmacist");
        json_put_text(who, "staff", view->staff);
        json_put_text(who, "name", view->name);
        json_put_text(who, "registration", view->registration);
        json_put_instant(who, "since", view->since);
        json_put_instant(who, "absent_since", view->absent_since);
    }
    cJSON_AddNumberToObject(object, "absent_minutes_today", view->absent_minutes_today);
    cJSON_AddBoolToObject(object, "absent_too_long",
                          view->absent_minutes_today > RESPONSIBLE_ABSENCE_MINUTES);
    return object;
}

/* The `next` of a page: the seq of its last row. */
static bool read_after(struct call *call, int64_t *before) {
    const char *after = call_query(call, "after");
    char *end = NULL;
    *before = TX_NOW;
    if (after == NULL)
        return true;
    if (strlen(after) > 0 && strlen(after) < 19 && strspn(after, "0123456789") == strlen(after)) {
        *before = strtoll(after, &end, 10);
        return true;
    }
    json_error_add(&call->errors, "must be the `next` of the page before", "after");
    return false;
}

static bool answer_responsible(struct call *call, int status, int64_t before, int32_t limit) {
    struct responsible_view view;
    char text[24];
    const char *next = NULL;
    enum desk_result result = desk_responsible_read(call->tx, before, limit, &view);
    if (result != DESK_OK)
        return call_desk_problem(call, result, &(const struct desk_problem){.code = NULL});
    if (view.count == (size_t)limit) {
        (void)snprintf(text, sizeof text, "%" PRId64, view.rows[view.count - 1].seq);
        next = text;
    }
    return call_answer(call, status, json_responsible(&view, next));
}

static bool responsible_get(struct call *call) {
    int32_t limit = 0;
    int64_t before = TX_NOW;
    if (!call_limit(call, &limit))
        return false;
    return read_after(call, &before) ? answer_responsible(call, 200, before, limit) : call_invalid(call);
}

static void responsible_made(struct call *call, const char *id) {
    (void)id;
    answer_responsible(call, 201, TX_NOW, 50);
}

static bool responsible_post(struct call *call) {
    static const char *const known[] = {"action", "confirmed_by", "pin", NULL};
    struct desk_problem problem = {.code = NULL};
    int act = 0;
    bool known_all = call_known(call, known);
    if (!call_choice(call, call->body, "action", true, responsible_acts, &act) || !known_all)
        return call_invalid(call);
    enum desk_result result =
        desk_responsible_record(call->tx, (enum responsible_act)act, &call->confirmer, &problem);
    if (result != DESK_OK)
        return call_desk_problem(call, result, &problem);
    call_event(call, "day", "responsible-pharmacist", responsible_acts[act]);
    return call_made(call, 201, "responsible-pharmacist");
}

const struct route routes_responsible[] = {
    {"GET", "/responsible-pharmacist", READERS, ROUTE_READ, 0,
     "Who is signed on as the responsible pharmacist, and who was (newest first).", responsible_get, NULL},
    {"POST", "/responsible-pharmacist", ROLE_PHARMACIST | ROLE_MANAGER, ROUTE_WRITE | ROUTE_KEY | ROUTE_PIN,
     2048, "{\"action\":\"sign_on|sign_off|absent_from|absent_to\",\"pin\"}: signing on takes over.",
     responsible_post, responsible_made},
};
const size_t routes_responsible_count = sizeof routes_responsible / sizeof routes_responsible[0];
