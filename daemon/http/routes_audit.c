/* Who did or read what (hazard H42). */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk/audit.h"
#include "fields.h"
#include "routes.h"

static cJSON *json_audit(const struct audit_row *row) {
    char seq[24];
    cJSON *object = cJSON_CreateObject();
    (void)snprintf(seq, sizeof seq, "%" PRId64, row->seq);
    json_put_text(object, "id", seq);
    json_put_instant(object, "at", row->at);
    json_put_day(object, "on", row->on);
    json_put_text(object, "staff", row->staff);
    json_put_text(object, "terminal", row->terminal);
    json_put_text(object, "action", row->action);
    json_put_text(object, "patient", row->patient);
    json_put_text(object, "subject", row->subject);
    json_put_text(object, "detail", row->detail);
    return object;
}

static bool decode_query(struct call *call, struct audit_query *query) {
    const char *after = call_query(call, "after");
    query->patient = call_query(call, "patient");
    query->staff = call_query(call, "staff");
    fields_query_day(call, "from", &query->from);
    fields_query_day(call, "to", &query->to);
    if (after == NULL)
        return call->errors.count == 0;
    if (strlen(after) == 0 || strlen(after) > 18 || strspn(after, "0123456789") != strlen(after)) {
        json_error_add(&call->errors, "must be the `next` of the page before", "after");
        return false;
    }
    query->before = strtoll(after, NULL, 10);
    return call->errors.count == 0;
}

static bool audit_get(struct call *call) {
    struct audit_query query = {.from = DAY_NONE, .to = DAY_NONE, .before = TX_NOW};
    struct audit_row *rows = NULL;
    size_t count = 0;
    char text[24];
    const char *next = NULL;
    if (!call_limit(call, &query.limit))
        return false;
    if (!decode_query(call, &query))
        return call_invalid(call);
    enum desk_result result = desk_audit(call->tx, &query, &rows, &count);
    if (result != DESK_OK)
        return call_desk_problem(call, result, &(const struct desk_problem){.code = NULL});
    cJSON *items = cJSON_CreateArray();
    for (size_t i = 0; i < count; i++)
        cJSON_AddItemToArray(items, json_audit(&rows[i]));
    if (query.patient != NULL && count > 0)
        call_reads(call, query.patient);
    if (count == (size_t)query.limit) {
        (void)snprintf(text, sizeof text, "%" PRId64, rows[count - 1].seq);
        next = text;
    }
    return call_answer(call, 200, json_list(items, next));
}

const struct route routes_audit[] = {
    {"GET", "/audit", ROLE_MANAGER | ROLE_INSPECTOR, ROUTE_READ, 0,
     "Who did or read what, newest first (?patient=, ?staff=, ?from=, ?to=, ?limit=, ?after=).", audit_get,
     NULL},
};
const size_t routes_audit_count = sizeof routes_audit / sizeof routes_audit[0];
