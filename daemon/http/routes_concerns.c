/* Concerns at collection. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_history.h"
#include "routes_history.h"

#define CONTACTED_MEMBERS_MAX 8
#define CONTACTED_TEXT_MAX 500

static bool decode_signs(struct call *call, struct concern_request *r) {
    const cJSON *array = json_member(call->body, "signs");
    bool ok = array == NULL || (cJSON_IsArray(array) && cJSON_GetArraySize(array) <= CONCERN_SIGNS_MAX);
    for (const cJSON *one = ok && array != NULL ? array->child : NULL; ok && one != NULL; one = one->next) {
        ok = json_text(one, &r->signs[r->sign_count++]);
    }
    if (!ok) {
        json_error_add(&call->errors, "must be a list of at most 20 codes: see GET /concerns/signs", "signs");
    }
    return ok;
}

/* Who of the prescribing side was told or asked, and when: a few short texts, kept and shown as they were sent. */
static bool decode_contacted(struct call *call, struct concern_request *r) {
    const cJSON *object = json_member(call->body, "prescriber_contacted");
    const char *text = NULL;
    if (object == NULL) {
        return true;
    }
    bool ok = cJSON_IsObject(object) && cJSON_GetArraySize(object) <= CONTACTED_MEMBERS_MAX;
    for (const cJSON *one = ok ? object->child : NULL; ok && one != NULL; one = one->next) {
        bool small = json_text(one, &text) && strlen(text) <= CONTACTED_TEXT_MAX;
        ok = strlen(one->string) <= HISTORY_CHANNEL_MAX && (small || cJSON_IsBool(one) || cJSON_IsNull(one));
    }
    if (!ok) {
        json_error_add(&call->errors, "must be an object of at most 8 short texts", "prescriber_contacted");
        return false;
    }
    char *printed = cJSON_PrintUnformatted(object);
    r->prescriber_contacted = printed == NULL ? NULL : arena_text(call->tx->arena, printed, strlen(printed));
    cJSON_free(printed);
    return true;
}

static bool decode_concern(struct call *call, struct concern_request *r) {
    const cJSON *body = call->body;
    int kind = 0;
    int decision = DECIDED_NONE;
    bool ok = call_text(call, body, "patient", HISTORY_ID_MAX, true, &r->patient);
    ok = call_text(call, body, "prescription", HISTORY_ID_MAX, false, &r->prescription) && ok;
    ok = call_choice(call, body, "kind", true, concern_kinds, &kind) && ok;
    ok = decode_signs(call, r) && ok;
    ok = call_text(call, body, "note", HISTORY_NOTE_MAX, false, &r->note) && ok;
    ok = call_choice(call, body, "decision", false, concern_decisions, &decision) && ok;
    ok = decode_contacted(call, r) && ok;
    r->kind = (enum concern_kind)kind;
    r->decision = json_member(body, "decision") == NULL ? DECIDED_NONE : (enum concern_decision)decision;
    return ok;
}

bool concern_post(struct call *call) {
    static const char *const known[] = {"patient",  "prescription",         "kind", "signs", "note",
                                        "decision", "prescriber_contacted", NULL};
    struct concern_request r = {.patient = NULL};
    struct desk_problem problem = {.code = NULL};
    const struct concern_row *made = NULL;
    bool ok = call_known(call, known);
    if (!decode_concern(call, &r) || !ok) {
        return call_invalid(call);
    }
    enum desk_result result = desk_concern(call->tx, &call->who, &r, &made, &problem);
    if (result != DESK_OK) {
        return call_desk_problem(call, result, &problem);
    }
    call_event(call, "day", made->prescription == NULL ? made->patient : made->prescription, made->decision);
    return call_made(call, 201, made->id);
}

void concern_show(struct call *call, const char *id) {
    const struct concern_row *row = desk_concern_of(call->tx, id);
    if (row != NULL) {
        call_answer(call, 201, json_concern(row));
    }
}

bool concern_get(struct call *call) {
    const struct concern_row *row = desk_concern_of(call->tx, call->ids[0]);
    if (row == NULL) {
        return call_problem(call, 404, "not_found", "There is no such concern.");
    }
    call_reads(call, row->patient);
    return call_answer(call, 200, json_concern(row));
}

bool concerns_get(struct call *call) {
    const struct desk_problem problem = {.code = NULL};
    struct concern_row *rows = NULL;
    size_t count = 0;
    int32_t limit = 0;
    int64_t before = TX_NOW;
    char next[24] = "";
    char *end = NULL;
    const char *after = call_query(call, "after");
    if (!call_limit(call, &limit)) {
        return false;
    }
    if (after != NULL) {
        before = strtoll(after, &end, 10);
        if (end == after || *end != '\0' || before < 1) {
            json_error_add(&call->errors, "must be the `next` of the page before", "after");
            return call_invalid(call);
        }
    }
    if (!desk_concerns(call->tx, call_query(call, "patient"), before, limit + 1, &rows, &count)) {
        return call_desk_problem(call, DESK_FAILED, &problem);
    }
    if (count > (size_t)limit) {
        count = (size_t)limit;
        (void)snprintf(next, sizeof next, "%" PRId64, rows[count - 1].recorded.seq);
    }
    cJSON *items = cJSON_CreateArray();
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || strcmp(rows[i].patient, rows[i - 1].patient) != 0) {
            call_reads(call, rows[i].patient);
        }
        cJSON_AddItemToArray(items, json_concern(&rows[i]));
    }
    return call_answer(call, 200, json_list(items, next[0] == '\0' ? NULL : next));
}

static cJSON *json_sign(const struct observed_sign *sign) {
    cJSON *object = cJSON_CreateObject();
    json_put_text(object, "code", sign->code);
    json_put_text(object, "text", sign->text);
    return object;
}

bool signs_get(struct call *call) {
    cJSON *items = cJSON_CreateArray();
    for (const struct observed_sign *sign = observed_signs; sign->code != NULL; sign++) {
        cJSON_AddItemToArray(items, json_sign(sign));
    }
    return call_answer(call, 200, json_list(items, NULL));
}
