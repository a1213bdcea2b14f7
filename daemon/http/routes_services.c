/* Prescribing services: who they are, and where alerts go. */
#include <stdio.h>
#include <string.h>

#include "desk/alert.h"
#include "desk/alert_policy.h"
#include "desk/service.h"
#include "fields.h"
#include "routes.h"

#define READERS (ROLE_COUNTER | ROLE_TECHNICIAN | ROLE_PHARMACIST | ROLE_MANAGER)
#define BODY 65536

static const char *const kinds[] = {"drug_service", "general_practice", "hospital", "prison", "other", NULL};
static const char *const contact_members[] = {"name", "role", "telephone", "hours", NULL};
#define FIGURES_MAX 64

/* ---- encoding ---- */

/* A text that was stored as JSON; null where there is none. */
static void put_stored(cJSON *object, const char *name, const char *text) {
    const char *error = NULL;
    cJSON *value = text == NULL ? NULL : json_read(text, strlen(text), &error);
    if (value == NULL)
        cJSON_AddNullToObject(object, name);
    else
        cJSON_AddItemToObject(object, name, value);
}

static void put_hours(cJSON *policy, const struct service_row *row) {
    cJSON *hours = NULL;
    for (int weekday = WEEKDAY_MON; weekday <= WEEKDAY_SUN; weekday++) {
        int32_t opens = alert_policy(row, alert_hours_name(false, (enum weekday)weekday));
        if (opens < 0)
            continue;
        if (hours == NULL)
            hours = cJSON_AddObjectToObject(policy, "working_hours");
        cJSON *day = cJSON_AddObjectToObject(hours, weekday_code((enum weekday)weekday));
        cJSON_AddItemToObject(day, "opens", json_minute(opens));
        cJSON_AddItemToObject(day, "closes",
                              json_minute(alert_policy(row, alert_hours_name(true, (enum weekday)weekday))));
    }
}

/* What stands as usual is not listed. */
static void put_policy(cJSON *object, const struct service_row *row) {
    cJSON *priorities = NULL;
    if (row->figure_count == 0) {
        cJSON_AddNullToObject(object, "alert_policy");
        return;
    }
    cJSON *policy = cJSON_AddObjectToObject(object, "alert_policy");
    for (const struct alert_figure *figure = alert_figures; figure->name != NULL; figure++) {
        int32_t value = alert_policy(row, figure->name);
        if (value != figure->usual && figure->max == 1)
            cJSON_AddBoolToObject(policy, figure->name, value != 0);
        else if (value != figure->usual)
            cJSON_AddNumberToObject(policy, figure->name, value);
    }
    for (size_t i = 0; alert_priority_kinds[i] != NULL; i++) {
        enum alert_wish wish = alert_policy_wish(row, alert_priority_kinds[i]);
        if (wish == ALERT_WISH_ROUTINE)
            continue;
        if (priorities == NULL)
            priorities = cJSON_AddObjectToObject(policy, "priorities");
        cJSON_AddStringToObject(priorities, alert_priority_kinds[i], alert_wish_texts[wish]);
    }
    put_hours(policy, row);
}

/* The secret goes in and never comes out. */
static void put_endpoint(cJSON *object, const struct service_row *row) {
    if (row->endpoint_url == NULL) {
        cJSON_AddNullToObject(object, "endpoint");
        return;
    }
    cJSON *endpoint = cJSON_AddObjectToObject(object, "endpoint");
    json_put_text(endpoint, "url", row->endpoint_url);
    json_put_text(endpoint, "ca", row->endpoint_ca);
    json_put_text(endpoint, "client_certificate", row->endpoint_certificate);
    cJSON_AddBoolToObject(endpoint, "secret_set", row->endpoint_secret != NULL);
    cJSON_AddBoolToObject(endpoint, "identify_patients", row->identify_patients);
}

static cJSON *json_service(const struct service_row *row) {
    cJSON *object = cJSON_CreateObject();
    json_put_text(object, "id", row->id);
    json_put_text(object, "name", row->name);
    json_put_text(object, "kind", row->kind);
    json_put_text(object, "telephone", row->telephone);
    json_put_text(object, "hours", row->hours);
    json_put_text(object, "ods_code", row->ods_code);
    put_endpoint(object, row);
    put_policy(object, row);
    put_stored(object, "contacts", row->contacts);
    return object;
}

static bool answer_service(struct call *call, int status, const char *id) {
    struct service_row row;
    const struct desk_problem problem = {.code = "not_found", .detail = "There is no such service."};
    enum desk_result result = desk_service_read(call->tx, id, &row);
    return result == DESK_OK ? call_answer(call, status, json_service(&row))
                             : call_desk_problem(call, result, &problem);
}

static void service_made(struct call *call, const char *id) {
    answer_service(call, 201, id);
}

static void service_done(struct call *call, const char *id) {
    answer_service(call, 200, id);
}

/* ---- decoding ---- */

/* A tree as text in the arena; freed. */
static const char *text_of(struct call *call, cJSON *tree) {
    char *printed = cJSON_PrintUnformatted(tree);
    const char *text = printed == NULL ? NULL : arena_text(call->tx->arena, printed, strlen(printed));
    cJSON_free(printed);
    cJSON_Delete(tree);
    return text;
}

static void decode_endpoint(struct call *call, struct service_row *row) {
    static const char *const known[] = {"url", "ca", "client_certificate", "secret", "identify_patients",
                                        NULL};
    struct fields fields;
    bool empty = false;
    if (!fields_object(call, "endpoint", known, &fields, &empty))
        return;
    if (empty) {
        row->endpoint_url = row->endpoint_ca = row->endpoint_certificate = row->endpoint_secret = NULL;
        row->identify_patients = false;
        return;
    }
    fields_text(&fields, "url", SERVICE_URL_MAX, false, &row->endpoint_url);
    fields_text(&fields, "ca", SERVICE_CA_MAX, true, &row->endpoint_ca);
    fields_text(&fields, "client_certificate", SERVICE_CERTIFICATE_MAX, false, &row->endpoint_certificate);
    fields_text(&fields, "secret", SERVICE_SECRET_MAX, false, &row->endpoint_secret);
    fields_bool(&fields, "identify_patients", &row->identify_patients);
}

/* Figures as they are collected. */
struct figure_list {
    struct service_figure *figures;
    size_t count;
};

static void add_figure(struct call *call, struct figure_list *list, const char *name, int32_t value) {
    const char *kept = arena_text(call->tx->arena, name, strlen(name));
    if (kept != NULL && list->count < FIGURES_MAX)
        list->figures[list->count++] = (struct service_figure){kept, value};
}

static void decode_priorities(struct call *call, const cJSON *object, struct figure_list *list) {
    const struct fields fields = {.call = call, .object = object, .prefix = "alert_policy.priorities"};
    if (object == NULL)
        return;
    if (!cJSON_IsObject(object)) {
        json_error_add(&call->errors, "must be an object of kinds", "alert_policy.priorities");
        return;
    }
    for (const cJSON *one = object->child; one != NULL; one = one->next) {
        char name[64];
        size_t kind = 0;
        unsigned wish = ALERT_WISH_COUNT;
        while (alert_priority_kinds[kind] != NULL && strcmp(alert_priority_kinds[kind], one->string) != 0)
            kind++;
        for (unsigned i = 0; i < ALERT_WISH_COUNT; i++)
            wish = cJSON_IsString(one) && strcmp(one->valuestring, alert_wish_texts[i]) == 0 ? i : wish;
        if (alert_priority_kinds[kind] == NULL)
            fields_wrong(&fields, one->string, "is no kind whose priority can be chosen");
        else if (wish == ALERT_WISH_COUNT)
            fields_wrong(&fields, one->string, "must be routine, urgent or quiet");
        else if (wish == ALERT_WISH_QUIET && !alert_may_be_quiet(one->string))
            fields_wrong(&fields, one->string, "must not be quiet: it tells of a dose");
        (void)snprintf(name, sizeof name, "priority_%s", one->string);
        add_figure(call, list, name, (int32_t)wish);
    }
}

static void decode_working_day(struct call *call, const cJSON *value, struct figure_list *list) {
    const struct fields fields = {.call = call, .object = value, .prefix = "alert_policy.working_hours"};
    enum weekday weekday = WEEKDAY_MON;
    int32_t opens = ALERT_HOURS_NONE;
    int32_t closes = ALERT_HOURS_NONE;
    if (!weekday_parse(value->string, strlen(value->string), &weekday) || !cJSON_IsObject(value)) {
        fields_wrong(&fields, value->string, "must be a weekday, mon to sun, with opens and closes");
        return;
    }
    const cJSON *from = json_member(value, "opens");
    const cJSON *to = json_member(value, "closes");
    if (from != NULL)
        fields_minute(&fields, value->string, from, &opens);
    if (to != NULL)
        fields_minute(&fields, value->string, to, &closes);
    if (opens < 0 || closes <= opens || cJSON_GetArraySize(value) != 2) {
        fields_wrong(&fields, value->string, "must have opens and closes, one after the other");
        return;
    }
    add_figure(call, list, alert_hours_name(false, weekday), opens);
    add_figure(call, list, alert_hours_name(true, weekday), closes);
}

static void decode_working_hours(struct call *call, const cJSON *object, struct figure_list *list) {
    if (object == NULL)
        return;
    if (!cJSON_IsObject(object)) {
        json_error_add(&call->errors, "must be an object of weekdays", "alert_policy.working_hours");
        return;
    }
    for (const cJSON *one = object->child; one != NULL; one = one->next)
        decode_working_day(call, one, list);
}

static void decode_alert_policy(struct call *call, struct service_row *row) {
    const char *members[FIGURES_MAX + 1] = {"priorities", "working_hours", NULL};
    struct figure_list list = {.figures =
                                   arena_take(call->tx->arena, FIGURES_MAX, sizeof(struct service_figure))};
    struct fields fields;
    bool empty = false;
    size_t known = 2;
    for (const struct alert_figure *figure = alert_figures; figure->name != NULL; figure++)
        members[known++] = figure->name;
    members[known] = NULL;
    if (!fields_object(call, "alert_policy", members, &fields, &empty) || list.figures == NULL)
        return;
    for (const struct alert_figure *figure = alert_figures; figure->name != NULL; figure++) {
        int32_t value = INT32_MIN;
        bool yes = figure->usual != 0;
        if (figure->max == 1) {
            fields_bool(&fields, figure->name, &yes);
            value = yes;
        } else {
            fields_int(&fields, figure->name, figure->min, figure->max, &value);
        }
        if (value != INT32_MIN && value != figure->usual)
            add_figure(call, &list, figure->name, value);
    }
    decode_priorities(call, json_member(fields.object, "priorities"), &list);
    decode_working_hours(call, json_member(fields.object, "working_hours"), &list);
    row->figures = list.figures;
    row->figure_count = empty ? 0 : list.count;
}

static void decode_contact(struct call *call, const cJSON *value, cJSON *out) {
    static const size_t most[] = {SERVICE_NAME_MAX, SERVICE_NAME_MAX, SERVICE_TELEPHONE_MAX,
                                  SERVICE_HOURS_MAX};
    const struct fields fields = {.call = call, .object = value, .prefix = "contacts"};
    if (!cJSON_IsObject(value)) {
        json_error_add(&call->errors, "must be objects with a name", "contacts");
        return;
    }
    for (const cJSON *one = value->child; one != NULL; one = one->next) {
        size_t i = 0;
        while (contact_members[i] != NULL && strcmp(contact_members[i], one->string) != 0)
            i++;
        if (contact_members[i] == NULL)
            fields_wrong(&fields, one->string, "is not known here");
    }
    for (size_t i = 0; contact_members[i] != NULL; i++) {
        const char *text = NULL;
        fields_text(&fields, contact_members[i], most[i], false, &text);
        if (i == 0)
            fields_need(&fields, contact_members[i], text != NULL);
        if (text != NULL)
            cJSON_AddStringToObject(out, contact_members[i], text);
    }
}

static void decode_contacts(struct call *call, struct service_row *row) {
    const cJSON *list = json_member(call->body, "contacts");
    if (list == NULL)
        return;
    if (!cJSON_IsArray(list) || cJSON_GetArraySize(list) > SERVICE_CONTACTS_MAX) {
        json_error_add(&call->errors, "must be a list of at most twenty", "contacts");
        return;
    }
    cJSON *kept = cJSON_CreateArray();
    for (const cJSON *one = list->child; one != NULL; one = one->next) {
        cJSON *contact = cJSON_CreateObject();
        decode_contact(call, one, contact);
        cJSON_AddItemToArray(kept, contact);
    }
    bool none = cJSON_GetArraySize(kept) == 0;
    const char *text = text_of(call, kept);
    row->contacts = none ? NULL : text;
}

static bool decode_service(struct call *call, struct service_row *row) {
    static const char *const known[] = {"name",     "kind",         "telephone", "hours",  "ods_code",
                                        "endpoint", "alert_policy", "contacts",  "second", NULL};
    struct fields body = fields_body(call, known);
    fields_text(&body, "name", SERVICE_NAME_MAX, false, &row->name);
    fields_choice(&body, "kind", kinds, &row->kind);
    fields_text(&body, "telephone", SERVICE_TELEPHONE_MAX, false, &row->telephone);
    fields_text(&body, "hours", SERVICE_HOURS_MAX, true, &row->hours);
    fields_text(&body, "ods_code", 20, false, &row->ods_code);
    fields_need(&body, "name", row->name != NULL);
    fields_need(&body, "kind", row->kind != NULL);
    decode_endpoint(call, row);
    decode_alert_policy(call, row);
    decode_contacts(call, row);
    return call->errors.count == 0;
}

/* ---- what the routes do ---- */

static bool services_get(struct call *call) {
    struct service_row *rows = NULL;
    size_t count = 0;
    int32_t limit = 0;
    const char *after = call_query(call, "after");
    if (!call_limit(call, &limit))
        return false;
    enum desk_result result = desk_services(call->tx, after == NULL ? "" : after, limit, &rows, &count);
    if (result != DESK_OK)
        return call_desk_problem(call, result, &(const struct desk_problem){.code = NULL});
    cJSON *items = cJSON_CreateArray();
    for (size_t i = 0; i < count; i++)
        cJSON_AddItemToArray(items, json_service(&rows[i]));
    return call_answer(call, 200, json_list(items, count == (size_t)limit ? rows[count - 1].id : NULL));
}

static bool service_get(struct call *call) {
    return answer_service(call, 200, call->ids[0]);
}

static bool service_post(struct call *call) {
    struct service_row row = {.id = NULL};
    struct desk_problem problem = {.code = NULL};
    const char *id = NULL;
    if (!decode_service(call, &row))
        return call_invalid(call);
    enum desk_result result = desk_service_enter(call->tx, &row, &call->second, call->demo, &id, &problem);
    return result == DESK_OK ? call_made(call, 201, id) : call_desk_problem(call, result, &problem);
}

static bool service_patch(struct call *call) {
    struct service_row row;
    struct desk_problem problem = {.code = "not_found", .detail = "There is no such service."};
    enum desk_result result = desk_service_read(call->tx, call->ids[0], &row);
    if (result != DESK_OK)
        return call_desk_problem(call, result, &problem);
    if (!decode_service(call, &row))
        return call_invalid(call);
    result = desk_service_change(call->tx, &row, &call->second, call->demo, &problem);
    return result == DESK_OK ? call_made(call, 200, row.id) : call_desk_problem(call, result, &problem);
}

const struct route routes_services[] = {
    {"GET", "/services", READERS, ROUTE_READ, 0, "The prescribing services (?limit=, ?after=).", services_get,
     NULL},
    {"POST", "/services", ROLE_MANAGER, ROUTE_WRITE | ROUTE_KEY | ROUTE_SECOND_OPTIONAL, BODY,
     "Enters a prescribing service; with an endpoint it takes a `second` person.", service_post,
     service_made},
    {"GET", "/services/{id}", READERS, ROUTE_READ | ROUTE_ETAG, 0, "One service; its secret is never told.",
     service_get, service_done},
    {"PATCH", "/services/{id}", ROLE_MANAGER, ROUTE_WRITE | ROUTE_ETAG | ROUTE_SECOND_OPTIONAL, BODY,
     "Changes the members given; where the endpoint changes it takes a `second` person.", service_patch,
     service_done},
};
const size_t routes_services_count = sizeof routes_services / sizeof routes_services[0];
