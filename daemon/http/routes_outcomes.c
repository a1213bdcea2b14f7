/* What came in place of a supply or was noted on one; instalments bagged in advance. */
#include <string.h>

#include "json_history.h"
#include "routes_history.h"

#define MINUTES_MAX 1440
#define CONTAINERS_MAX 120

/* The words of the interface, in the order of enum outcome_kind; those found by the clock are not typed. */
static const char *const kinds[] = {
    "withheld", "deferred", "declined", "attended_not_supplied", "vomited", "spilled", "left", "part", NULL};

static const char *const attended_reasons[] = {"no_form", "no_stock", "closed", "other", NULL};

/* ---- outcomes ---- */

static bool decode_outcome(struct call *call, struct outcome_request *r) {
    const cJSON *body = call->body;
    int kind = 0;
    int reason = -1;
    bool ok = call_text(call, body, "prescription", HISTORY_ID_MAX, true, &r->prescription);
    ok = call_day(call, body, "on", false, &r->on) && ok;
    ok = call_choice(call, body, "outcome", true, kinds, &kind) && ok;
    ok = call_int(call, body, "minutes_after", false, 0, MINUTES_MAX, &r->minutes_after) && ok;
    ok = call_quantity(call, body, "quantity", false, &r->quantity) && ok;
    ok = call_choice(call, body, "reason", false, attended_reasons, &reason) && ok;
    ok = call_text(call, body, "note", HISTORY_NOTE_MAX, false, &r->note) && ok;
    r->kind = (enum outcome_kind)kind;
    r->reason = json_member(body, "reason") == NULL || reason < 0 ? NULL : attended_reasons[reason];
    return ok;
}

bool outcome_post(struct call *call) {
    static const char *const known[] = {"prescription", "on",     "outcome", "minutes_after",
                                        "quantity",     "reason", "note",    NULL};
    struct outcome_request r = {.on = DAY_NONE, .minutes_after = -1, .quantity = QUANTITY_NONE};
    struct desk_problem problem = {.code = NULL};
    const struct outcome_row *made = NULL;
    bool ok = call_known(call, known);
    if (!decode_outcome(call, &r) || !ok) {
        return call_invalid(call);
    }
    enum desk_result result = desk_outcome(call->tx, &call->who, &r, &made, &problem);
    if (result != DESK_OK) {
        return call_desk_problem(call, result, &problem);
    }
    call_event(call, "day", made->prescription, outcome_text(made->kind));
    return call_made(call, 201, made->id);
}

void outcome_show(struct call *call, const char *id) {
    const struct outcome_row *row = desk_outcome_of(call->tx, id);
    if (row != NULL) {
        call_answer(call, 201, json_outcome(row));
    }
}

bool outcomes_get(struct call *call) {
    struct desk_history h;
    struct history_page page;
    const struct desk_problem problem = {.code = "not_found", .detail = "There is no such prescription."};
    const char *prescription = call_query(call, "prescription");
    const char *patient = prescription != NULL ? NULL : history_query(call, "patient");
    size_t count = 0;
    if (prescription == NULL && patient == NULL) {
        return call_invalid(call);
    }
    enum desk_result result = prescription != NULL ? desk_history_for(call->tx, prescription, &patient, &h)
                                                   : desk_history(call->tx, patient, &h);
    if (result != DESK_OK) {
        return call_desk_problem(call, result, &problem);
    }
    for (size_t i = 0; i < h.outcome_count; i++) {
        if (prescription == NULL || strcmp(h.outcomes[i].prescription, prescription) == 0) {
            h.outcomes[count++] = h.outcomes[i];
        }
    }
    if (!history_page(call, count, &page)) {
        return false;
    }
    call_reads(call, patient);
    cJSON *items = cJSON_CreateArray();
    for (size_t i = page.from; i < page.to; i++) {
        cJSON_AddItemToArray(items, json_outcome(&h.outcomes[i]));
    }
    return call_answer(call, 200, json_list(items, page.next[0] == '\0' ? NULL : page.next));
}

/* ---- bagged in advance ---- */

static bool preparation_post(struct call *call, struct preparation_request *r) {
    struct desk_problem problem = {.code = NULL};
    const struct preparation_row *made = NULL;
    enum desk_result result = desk_prepare(call->tx, &call->who, r, &made, &problem);
    if (result != DESK_OK) {
        return call_desk_problem(call, result, &problem);
    }
    call_event(call, "day", r->instalment, r->prepare ? "prepared" : "due");
    if (r->prepare) {
        call_event(call, "print", r->instalment, "queued");
    }
    return call_made(call, 201, r->instalment);
}

bool prepare_post(struct call *call) {
    static const char *const known[] = {"containers", "batch", "expiry", "bag", NULL};
    struct preparation_request r = {
        .instalment = call->ids[0], .prepare = true, .containers = -1, .expiry = DAY_NONE};
    bool ok = call->body == NULL || call_known(call, known);
    if (call->body != NULL) {
        ok = call_int(call, call->body, "containers", false, 1, CONTAINERS_MAX, &r.containers) && ok;
        ok = call_text(call, call->body, "batch", HISTORY_CHANNEL_MAX, false, &r.batch) && ok;
        ok = call_day(call, call->body, "expiry", false, &r.expiry) && ok;
        ok = call_bool(call, call->body, "bag", false, &r.bag) && ok;
    }
    return ok ? preparation_post(call, &r) : call_invalid(call);
}

bool unprepare_post(struct call *call) {
    static const char *const known[] = {NULL};
    struct preparation_request r = {.instalment = call->ids[0], .containers = -1, .expiry = DAY_NONE};
    if (call->body != NULL && !call_known(call, known)) {
        return call_invalid(call);
    }
    return preparation_post(call, &r);
}

void preparation_show(struct call *call, const char *id) {
    const struct preparation_row *row = desk_preparation(call->tx, id);
    if (row != NULL) {
        call_answer(call, 201, json_preparation(call->tx, id, row));
    }
}
