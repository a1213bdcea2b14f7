/* Alerts to the prescribing services: what became of each, the phone list, and what a person does about one. */
#include <string.h>

#include "alert/compose.h"
#include "desk/alert.h"
#include "desk/alert_policy.h"
#include "fields.h"
#include "routes.h"

#define COUNTER_UP (ROLE_COUNTER | ROLE_TECHNICIAN | ROLE_PHARMACIST | ROLE_MANAGER)
#define BODY 8192

/* ---- encoding ---- */

static cJSON *json_attempt(const struct attempt_row *row) {
    cJSON *object = cJSON_CreateObject();
    cJSON_AddNumberToObject(object, "number", row->number);
    json_put_instant(object, "at", row->at);
    if (row->status == 0)
        cJSON_AddNullToObject(object, "status");
    else
        cJSON_AddNumberToObject(object, "status", row->status);
    cJSON_AddNumberToObject(object, "ms", (double)row->ms);
    json_put_text(object, "result", row->result);
    json_put_text(object, "error", row->error);
    return object;
}

static void put_acknowledged(cJSON *object, const char *name, const struct event_row *event) {
    if (event == NULL) {
        cJSON_AddNullToObject(object, name);
        return;
    }
    cJSON *said = cJSON_AddObjectToObject(object, name);
    json_put_instant(said, "at", event->at);
    json_put_text(said, "by", event->person);
    json_put_text(said, "note", event->note);
    json_put_text(said, "how", event->how);
    json_put_text(said, "recorded_by", event->staff);
}

static cJSON *json_stored(const char *text) {
    const char *error = NULL;
    cJSON *value = text == NULL ? NULL : json_read(text, strlen(text), &error);
    return value == NULL ? cJSON_CreateArray() : value;
}

/* Why a person should telephone, whom, and what to say; null where nobody need. */
static void put_phone(struct call *call, cJSON *object, const struct alert_view *view, const char *say) {
    if (view->open.alert == NULL || view->open.phone == NULL) {
        cJSON_AddNullToObject(object, "phone");
        return;
    }
    cJSON *phone = cJSON_AddObjectToObject(object, "phone");
    int at_work = view->service.id == NULL ? -1 : alert_at_work(&view->service, call->tx->now);
    json_put_text(phone, "why", view->open.phone);
    json_put_text(phone, "service_name", view->service.id == NULL ? NULL : view->service.name);
    json_put_text(phone, "telephone", view->service.id == NULL ? NULL : view->service.telephone);
    json_put_text(phone, "hours", view->service.id == NULL ? NULL : view->service.hours);
    if (at_work < 0)
        cJSON_AddNullToObject(phone, "at_work");
    else
        cJSON_AddBoolToObject(phone, "at_work", at_work > 0);
    cJSON_AddItemToObject(phone, "contacts",
                          json_stored(view->service.id == NULL ? NULL : view->service.contacts));
    json_put_text(phone, "patient_name", view->patient.id == NULL ? NULL : view->patient.name);
    json_put_day(phone, "born_on", view->patient.id == NULL ? DAY_NONE : view->patient.born_on);
    json_put_text(phone, "say", say);
}

static cJSON *json_alert(struct call *call, const struct alert_view *view) {
    const char *text = NULL;
    const char *say = NULL;
    cJSON *object = cJSON_CreateObject();
    alert_compose_told(call->tx, view->row.id, &text, &say);
    json_put_text(object, "id", view->row.id);
    json_put_text(object, "kind", view->row.kind);
    json_put_text(object, "priority", view->row.priority);
    json_put_text(object, "state", view->state);
    json_put_text(object, "waiting_for", view->open.alert == NULL ? NULL : view->open.why);
    json_put_text(object, "patient", view->row.patient);
    json_put_text(object, "prescription", view->row.prescription);
    json_put_text(object, "service", view->row.service);
    json_put_day(object, "on", view->row.on);
    json_put_instant(object, "raised_at", view->row.raised_at);
    json_put_text(object, "text", text);
    json_put_instant(object, "accept_by", view->detail.accept_by);
    json_put_instant(object, "due_by", view->detail.due_by);
    cJSON *attempts = cJSON_AddArrayToObject(object, "attempts");
    for (size_t i = 0; i < view->attempt_count; i++)
        cJSON_AddItemToArray(attempts, json_attempt(&view->attempts[i]));
    put_acknowledged(object, "acknowledged", view->acknowledged);
    put_acknowledged(object, "rejected", view->rejected);
    json_put_text(object, "corrects", view->row.corrects);
    json_put_text(object, "digest", view->open.alert == NULL ? NULL : view->open.digest);
    put_phone(call, object, view, say);
    return object;
}

/* The alert as it stood when this was recorded: the same whenever it is asked for again. */
static void alert_as_of(struct call *call, int status, const char *id) {
    struct alert_view view;
    const struct desk_problem problem = {.code = "not_found", .detail = "There is no such alert."};
    enum desk_result result = desk_alert_read(call->tx, id, &view);
    if (result != DESK_OK) {
        call_desk_problem(call, result, &problem);
        return;
    }
    view.state = view.acknowledged != NULL ? "acknowledged" : "queued";
    view.open.alert = NULL;
    call_answer(call, status, json_alert(call, &view));
}

static void alert_made(struct call *call, const char *id) {
    alert_as_of(call, 201, id);
}

static void alert_done(struct call *call, const char *id) {
    alert_as_of(call, 200, id);
}

/* ---- reading ---- */

static bool alert_get(struct call *call) {
    struct alert_view view;
    const struct desk_problem problem = {.code = "not_found", .detail = "There is no such alert."};
    enum desk_result result = desk_alert_read(call->tx, call->ids[0], &view);
    if (result != DESK_OK)
        return call_desk_problem(call, result, &problem);
    if (view.row.patient != NULL)
        call_reads(call, view.row.patient);
    return call_answer(call, 200, json_alert(call, &view));
}

static bool alerts_get(struct call *call) {
    const char *state = call_query(call, "state");
    const char *patient = call_query(call, "patient");
    const char *after = call_query(call, "after");
    const char **ids = NULL;
    size_t count = 0;
    int32_t limit = 0;
    if (!call_limit(call, &limit))
        return false;
    if (state != NULL && !desk_alert_state_known(state)) {
        json_error_add(&call->errors,
                       "must be a state of an alert, open (not ended) or phone (somebody must telephone)",
                       "state");
        return call_invalid(call);
    }
    enum desk_result result = desk_alerts(call->tx, state, patient, after, limit, &ids, &count);
    cJSON *items = cJSON_CreateArray();
    for (size_t i = 0; result == DESK_OK && i < count; i++) {
        struct alert_view view;
        result = desk_alert_read(call->tx, ids[i], &view);
        if (result == DESK_OK)
            cJSON_AddItemToArray(items, json_alert(call, &view));
        if (result == DESK_OK && view.row.patient != NULL)
            call_reads(call, view.row.patient);
    }
    if (result != DESK_OK) {
        cJSON_Delete(items);
        return call_desk_problem(call, result, &(const struct desk_problem){.code = NULL});
    }
    return call_answer(call, 200, json_list(items, count == (size_t)limit ? ids[count - 1] : NULL));
}

/* ---- at the counter ---- */

static bool done(struct call *call, enum desk_result result, const struct desk_problem *problem,
                 const char *state) {
    if (result != DESK_OK)
        return call_desk_problem(call, result, problem);
    call_event(call, "alert", call->ids[0], state);
    return call_made(call, 200, call->ids[0]);
}

static bool retry_post(struct call *call) {
    static const char *const known[] = {NULL};
    struct desk_problem problem = {.code = NULL};
    if (call->body != NULL && !call_known(call, known))
        return call_invalid(call);
    return done(call, desk_alert_retry(call->tx, call->ids[0], &problem), &problem, "queued");
}

/* "telephoned {to} at {at}": both as the counter says them. */
static bool phoned_post(struct call *call) {
    static const char *const known[] = {"to", "at", "note", NULL};
    struct desk_problem problem = {.code = NULL};
    const char *to = NULL;
    const char *at_text = NULL;
    const char *note = NULL;
    int64_t at = 0;
    bool ok = call_known(call, known);
    ok = call_text(call, call->body, "to", ALERT_TO_MAX, true, &to) && ok;
    ok = call_text(call, call->body, "at", 40, false, &at_text) && ok;
    ok = call_text(call, call->body, "note", ALERT_PERSON_NOTE_MAX, false, &note) && ok;
    if (at_text != NULL && !clock_parse(at_text, &at)) {
        json_error_add(&call->errors, "must be a date and time, like 2026-11-23T18:00:00", "at");
        ok = false;
    }
    if (!ok)
        return call_invalid(call);
    return done(call, desk_alert_phoned(call->tx, call->ids[0], to, at, note, &problem), &problem,
                "acknowledged");
}

static bool release_post(struct call *call) {
    static const char *const known[] = {"reason", NULL};
    struct desk_problem problem = {.code = NULL};
    const char *reason = NULL;
    bool ok = call_known(call, known);
    if (!call_text(call, call->body, "reason", ALERT_REASON_MAX, true, &reason) || !ok)
        return call_invalid(call);
    return done(call, desk_alert_release(call->tx, &call->who, call->ids[0], reason, &problem), &problem,
                "queued");
}

static bool test_post(struct call *call) {
    static const char *const known[] = {NULL};
    struct desk_problem problem = {.code = NULL};
    const char *id = NULL;
    if (call->body != NULL && !call_known(call, known))
        return call_invalid(call);
    enum desk_result result = desk_alert_test(call->tx, call->ids[0], &id, &problem);
    return result == DESK_OK ? call_made(call, 201, id) : call_desk_problem(call, result, &problem);
}

const struct route routes_alerts[] = {
    {"GET", "/alerts", COUNTER_UP, ROUTE_READ, 0,
     "Alerts, newest first (?state=, ?patient=, ?limit=, ?after=); ?state=phone is the phone list.",
     alerts_get, NULL},
    {"GET", "/alerts/{id}", COUNTER_UP, ROUTE_READ, 0,
     "One alert with every attempt and the acknowledgement; `phone` says whom to telephone and what to say.",
     alert_get, NULL},
    {"POST", "/alerts/{id}/retry", COUNTER_UP, ROUTE_WRITE | ROUTE_KEY, 64, "Tries to send an alert now.",
     retry_post, alert_done},
    {"POST", "/alerts/{id}/phoned", COUNTER_UP, ROUTE_WRITE | ROUTE_KEY, BODY,
     "Records that the service was told by telephone: to whom, when; it counts as acknowledged.", phoned_post,
     alert_done},
    {"POST", "/alerts/{id}/release", ROLE_PHARMACIST | ROLE_MANAGER, ROUTE_WRITE | ROUTE_KEY, BODY,
     "Sends an alert although no sharing agreement is recorded, for a vital interest, with a reason.",
     release_post, alert_done},
    {"POST", "/services/{id}/test", ROLE_MANAGER, ROUTE_WRITE | ROUTE_KEY, 64,
     "Sends a route_test to a service's endpoint; alerts go there once the service has acknowledged it.",
     test_post, alert_made},
};
const size_t routes_alerts_count = sizeof routes_alerts / sizeof routes_alerts[0];
