/* Decisions, supplies, irregular supplies, reversals. */
#include <string.h>

#include "desk/alert.h"
#include "json_supply.h"
#include "routes.h"

#define BODY_MAX 65536
#define TEXT_MAX 500
#define NAME_MAX_LEN 200
#define ITEMS_MAX 16
#define CODES_MAX 64

static const char *const collector_roles[] = {"patient", "representative", "professional", NULL};

/* ---- decoding ---- */

static bool decode_said(struct call *call, const cJSON *object, const char *name, int32_t *out) {
    bool said = false;
    *out = -1;
    if (json_member(object, name) == NULL) {
        return true;
    }
    if (!call_bool(call, object, name, false, &said)) {
        return false;
    }
    *out = said ? 1 : 0;
    return true;
}

static bool decode_collector(struct call *call, const cJSON *object, struct supply_request *request) {
    int role = 0;
    request->identity_requested = -1;
    request->identity_provided = -1;
    if (object == NULL) {
        return true;
    }
    if (!cJSON_IsObject(object)) {
        json_error_add(&call->errors, "must be an object", "collector");
        return false;
    }
    bool ok = call_choice(call, object, "role", true, collector_roles, &role);
    request->decide.collector = (enum collector)role;
    ok = call_text(call, object, "name", NAME_MAX_LEN, role != 0, &request->collector_name) && ok;
    ok = call_text(call, object, "address", TEXT_MAX, role == 2, &request->collector_address) && ok;
    ok = decode_said(call, object, "identity_requested", &request->identity_requested) && ok;
    return decode_said(call, object, "identity_provided", &request->identity_provided) && ok;
}

/* Items of a decision as a client received them; members that it may carry besides are not compared. */
static bool decode_items(struct call *call, const cJSON *array, const char *field, bool whole,
                         const struct expected_item **out, size_t *count) {
    int size = cJSON_IsArray(array) ? cJSON_GetArraySize(array) : ITEMS_MAX + 1;
    struct expected_item *items = arena_take(call->tx->arena, ITEMS_MAX, sizeof *items);
    if (array == NULL || size > ITEMS_MAX || items == NULL) {
        json_error_add(&call->errors, "must be a list of items", "%s", field);
        return false;
    }
    bool ok = true;
    for (const cJSON *one = array->child; one != NULL; one = one->next) {
        struct expected_item *item = &items[(*count)++];
        if (!cJSON_IsObject(one)) {
            json_error_add(&call->errors, "must be a list of items", "%s", field);
            return false;
        }
        ok = call_text(call, one, "product", NAME_MAX_LEN, true, &item->product) && ok;
        ok = call_quantity(call, one, "quantity", true, &item->quantity) && ok;
        ok = call_quantity(call, one, "supervised", whole, &item->supervised) && ok;
        ok = call_quantity(call, one, "take_home", whole, &item->take_home) && ok;
    }
    *out = items;
    return ok;
}

static bool decode_expect(struct call *call, struct supply_request *request) {
    const cJSON *expect = json_member(call->body, "expect");
    const cJSON *items = cJSON_IsObject(expect) ? json_member(expect, "items") : NULL;
    return decode_items(call, items, "expect.items", true, &request->expect, &request->expect_count);
}

static bool decode_part(struct call *call, struct supply_request *request) {
    const cJSON *part = json_member(call->body, "part");
    if (part == NULL) {
        return true;
    }
    if (!cJSON_IsObject(part)) {
        json_error_add(&call->errors, "must have items and a reason", "part");
        return false;
    }
    bool ok = call_text(call, part, "reason", TEXT_MAX, true, &request->part_reason);
    return decode_items(call, json_member(part, "items"), "part.items", false, &request->part,
                        &request->part_count) &&
           ok;
}

static bool decode_confirm(struct call *call, struct supply_request *request) {
    const cJSON *array = json_member(call->body, "confirm");
    if (array == NULL) {
        return true;
    }
    const char **codes = arena_take(call->tx->arena, CODES_MAX, sizeof *codes);
    bool ok = codes != NULL && cJSON_IsArray(array) && cJSON_GetArraySize(array) <= CODES_MAX;
    for (const cJSON *one = ok ? array->child : NULL; ok && one != NULL; one = one->next) {
        ok = json_text(one, &codes[request->confirm_count++]);
    }
    if (!ok) {
        json_error_add(&call->errors, "must be a list of the codes that were confirmed", "confirm");
    }
    request->confirm = codes;
    return ok;
}

/* The code of one label, or of every label of what was bagged in advance. */
static bool decode_scan(struct call *call, struct supply_request *request) {
    const cJSON *scan = json_member(call->body, "scan");
    const char **codes = scan == NULL ? NULL : arena_take(call->tx->arena, CODES_MAX, sizeof *codes);
    if (scan == NULL) {
        return true;
    }
    request->scan_complete = cJSON_IsArray(scan);
    const cJSON *one = request->scan_complete ? scan->child : scan;
    bool ok = codes != NULL && (!request->scan_complete || cJSON_GetArraySize(scan) <= CODES_MAX);
    for (; ok && one != NULL; one = request->scan_complete ? one->next : NULL) {
        ok = json_text(one, &codes[request->scan_count]) && *codes[request->scan_count] != '\0' &&
             strlen(codes[request->scan_count++]) <= NAME_MAX_LEN;
    }
    if (!ok) {
        json_error_add(&call->errors, "must be the code of a label, or a list of them", "scan");
    }
    request->scans = codes;
    return ok;
}

/* Whether the bag gets a label too. */
static bool decode_label(struct call *call, struct supply_request *request) {
    static const char *const labels[] = {"containers", "bag", NULL};
    int label = 0;
    bool ok = call_choice(call, call->body, "label", false, labels, &label);
    request->bag = label == 1;
    return ok;
}

static bool decode_supply(struct call *call, struct supply_request *request) {
    bool advance = false;
    *request = (struct supply_request){.who = &call->who, .confirmer = &call->confirmer};
    bool ok = call_text(call, call->body, "prescription", NAME_MAX_LEN, true, &request->decide.prescription);
    ok = call_day(call, call->body, "on", true, &request->decide.on) && ok;
    ok = call_bool(call, call->body, "advance", false, &advance) && ok;
    request->decide.advance = advance;
    ok = decode_collector(call, json_member(call->body, "collector"), request) && ok;
    ok = decode_expect(call, request) && ok;
    ok = call_text(call, call->body, "supervised_by", NAME_MAX_LEN, false, &request->supervised_by) && ok;
    ok = decode_confirm(call, request) && ok;
    ok = decode_part(call, request) && ok;
    ok = decode_scan(call, request) && ok;
    ok = decode_label(call, request) && ok;
    return call_text(call, call->body, "identified_by", TEXT_MAX, false, &request->identified_by) && ok;
}

/* ---- routes ---- */

/* The index of a query's text among NULL-ended ones, 0 where it is absent; the field is noted where it is none. */
static size_t query_choice(struct call *call, const char *name, const char *const *texts,
                           const char *message) {
    const char *text = call_query(call, name);
    size_t at = 0;
    while (text != NULL && texts[at] != NULL && strcmp(texts[at], text) != 0) {
        at++;
    }
    if (texts[at] == NULL) {
        json_error_add(&call->errors, message, "%s", name);
        return 0;
    }
    return at;
}

static bool decision_get(struct call *call) {
    static const char *const no_or_yes[] = {"false", "true", NULL};
    struct decide_request request = {.prescription = call->ids[0], .on = call->tx->now.day};
    struct desk_problem problem = {.code = NULL};
    struct outbox_count alerts;
    struct decided decided;
    const char *on = call_query(call, "on");
    if (on != NULL && !day_parse(on, strlen(on), &request.on)) {
        json_error_add(&call->errors, "must be a day written YYYY-MM-DD", "on");
    }
    request.collector = (enum collector)query_choice(call, "collector", collector_roles,
                                                     "must be patient, representative or professional");
    request.advance = query_choice(call, "advance", no_or_yes, "must be true or false") == 1;
    if (call->errors.count > 0) {
        return call_invalid(call);
    }
    enum desk_result result = desk_decide(call->tx, &request, &decided, &problem);
    bool answered = false;
    if (result == DESK_OK) {
        cJSON *object = json_decision(call->tx, &request, &decided);
        call_reads(call, decided.c.patient.id);
        if (desk_alerts_of(call->tx, decided.c.patient.id, &alerts) == DESK_OK) {
            json_put_alerts(object, alerts.open, alerts.telephone);
        }
        answered = call_answer(call, 200, object);
    } else {
        answered = call_desk_problem(call, result, &problem);
    }
    decided_release(&decided);
    return answered;
}

static bool supply_answer(struct call *call, const char *id, int status) {
    struct supply_view view;
    enum desk_result result = desk_supply_read(call->tx, id, &view);
    if (result != DESK_OK) {
        const struct desk_problem problem = {.code = "not_found", .detail = "There is no such supply."};
        return call_desk_problem(call, result, &problem);
    }
    return call_answer(call, status, json_supply(&view));
}

static void supply_show(struct call *call, const char *id) {
    supply_answer(call, id, 201);
}

/* A refusal that stands on the rules carries the decision as it is now, and its audit line names the patient. */
static void supply_refused(struct call *call, const struct supply_request *request,
                           const struct decided *decided, const struct desk_problem *problem) {
    if (problem->decision != NULL) {
        call_reads(call, decided->c.patient.id);
        call_extra(call, "decision", json_decision(call->tx, &request->decide, decided));
    }
}

static bool supply_post(struct call *call) {
    static const char *const known[] = {"prescription",  "on",      "advance",      "collector",     "expect",
                                        "supervised_by", "confirm", "confirmed_by", "pin",           "scan",
                                        "label",         "part",    "second",       "identified_by", NULL};
    struct supply_request request;
    struct desk_problem problem = {.code = NULL};
    struct decided decided;
    const char *id = NULL;
    bool ok = call_known(call, known);
    if (!decode_supply(call, &request) || !ok) {
        return call_invalid(call);
    }
    enum desk_result result = desk_supply(call->tx, &request, &decided, &id, &problem);
    if (result == DESK_OK) {
        call_event(call, "day", request.decide.prescription, "supplied");
        call_event(call, "print", id, "queued");
        ok = call_made(call, 201, id);
    } else {
        if (request.scan_count > 0 && result == DESK_CONFLICT) {
            call_reads(call, decided.c.patient.id);
            call_refused(call, problem.code);
        }
        supply_refused(call, &request, &decided, &problem);
        ok = call_desk_problem(call, result, &problem);
    }
    decided_release(&decided);
    return ok;
}

static bool irregular_post(struct call *call) {
    static const char *const known[] = {"prescription",  "on",      "advance",      "collector",     "expect",
                                        "supervised_by", "confirm", "confirmed_by", "pin",           "scan",
                                        "label",         "reason",  "told",         "identified_by", "covers",
                                        "second",        NULL};
    struct supply_request request;
    struct desk_problem problem = {.code = NULL};
    const char *id = NULL;
    bool ok = call_known(call, known);
    ok = decode_supply(call, &request) && ok;
    ok = call_text(call, call->body, "reason", TEXT_MAX, true, &request.reason) && ok;
    ok = call_text(call, call->body, "told", TEXT_MAX, true, &request.told) && ok;
    if (!call_covers(call, &request.covers) || !ok) {
        return call_invalid(call);
    }
    if (!identity_is_pharmacist(&call->confirmer)) {
        return call_problem(call, 403, "pharmacist_required",
                            "A pharmacist records a supply that was made outside the rules.");
    }
    enum desk_result result = desk_irregular(call->tx, &request, &id, &problem);
    if (result != DESK_OK) {
        return call_desk_problem(call, result, &problem);
    }
    call_event(call, "day", request.decide.prescription, "irregular");
    return call_made(call, 201, id);
}

static void reverse_show(struct call *call, const char *id) {
    supply_answer(call, id, 200);
}

static bool reverse_post(struct call *call) {
    static const char *const known[] = {"reason", "pin", "confirmed_by", NULL};
    struct desk_problem problem = {.code = NULL};
    const char *reason = NULL;
    bool ok = call_known(call, known);
    if (!call_text(call, call->body, "reason", TEXT_MAX, true, &reason) || !ok) {
        return call_invalid(call);
    }
    if (!identity_is_pharmacist(call->confirmer.staff != NULL ? &call->confirmer : &call->who)) {
        return call_problem(call, 403, "pharmacist_required", "A pharmacist reverses a supply.");
    }
    enum desk_result result = desk_reverse(call->tx, call->ids[0], reason, &problem);
    if (result != DESK_OK) {
        return call_desk_problem(call, result, &problem);
    }
    call_event(call, "day", call->ids[0], "reversed");
    return call_made(call, 200, call->ids[0]);
}

static bool supply_get(struct call *call) {
    struct supply_view view;
    if (desk_supply_read(call->tx, call->ids[0], &view) == DESK_OK) {
        call_reads(call, view.row.patient);
    }
    return supply_answer(call, call->ids[0], 200);
}

#define COUNTER_UP (ROLE_COUNTER | ROLE_TECHNICIAN | ROLE_PHARMACIST | ROLE_MANAGER)
#define SUPPLIERS (ROLE_TECHNICIAN | ROLE_PHARMACIST | ROLE_MANAGER)
#define PHARMACISTS (ROLE_PHARMACIST | ROLE_MANAGER)

const struct route routes_supplies[] = {
    {"GET", "/prescriptions/{id}/decision", COUNTER_UP, ROUTE_READ, 0,
     "What may be supplied on a day, and why (?on=&collector=&advance=).", decision_get, NULL},
    {"POST", "/supplies", SUPPLIERS, ROUTE_WRITE | ROUTE_KEY | ROUTE_PIN, BODY_MAX, "Records a supply.",
     supply_post, supply_show},
    {"GET", "/supplies/{id}", COUNTER_UP, ROUTE_READ, 0, "One supply, with everything that belongs to it.",
     supply_get, NULL},
    {"POST", "/irregular-supplies", PHARMACISTS, ROUTE_WRITE | ROUTE_KEY | ROUTE_PIN, BODY_MAX,
     "Records a supply that was made outside the rules.", irregular_post, supply_show},
    {"POST", "/supplies/{id}/reverse", PHARMACISTS, ROUTE_WRITE | ROUTE_KEY | ROUTE_PIN_OPTIONAL, BODY_MAX,
     "Reverses a supply that was recorded in error; once only.", reverse_post, reverse_show},
};
const size_t routes_supplies_count = sizeof routes_supplies / sizeof routes_supplies[0];
