/* What a route's functions use: answers, decoding with the errors noted, encoding (call.h). */
#include "call.h"

#include <event2/http.h>
#include <event2/keyvalq_struct.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parts.h"
#include "sys/buffer.h"
#include "sys/clock.h"

#define LIMIT_DEFAULT 50
#define LIMIT_MAX 500
#define CODES_MAX 512

static struct exchange *call_exchange(struct call *call) {
    return (struct exchange *)call;
}

const char *call_query(const struct call *call, const char *name) {
    const struct exchange *exchange = (const struct exchange *)call;
    return exchange->has_query ? evhttp_find_header(&exchange->query, name) : NULL;
}

/* ---- answers */

bool call_answer(struct call *call, int status, cJSON *answer) {
    struct exchange *exchange = call_exchange(call);
    cJSON_Delete(exchange->answer);
    exchange->answer = answer;
    /* A show function says 200; what is answered is the status of what was made. */
    exchange->status = exchange->made != NULL ? exchange->status : status;
    exchange->type = "application/json";
    return true;
}

bool call_answer_bytes(struct call *call, int status, const char *type, const void *bytes, size_t len) {
    struct exchange *exchange = call_exchange(call);
    free(exchange->text);
    exchange->text = malloc(len > 0 ? len : 1);
    if (exchange->text == NULL) {
        return call_problem(call, 503, "unavailable", "Memory is short. Try again.");
    }
    memcpy(exchange->text, bytes, len);
    exchange->text_len = len;
    exchange->status = status;
    exchange->type = type;
    return true;
}

void call_attachment(struct call *call, const char *name) {
    char value[160];
    int len = snprintf(value, sizeof value, "attachment; filename=\"%s\"", name);
    if (len > 0 && (size_t)len < sizeof value) {
        exchange_header(call_exchange(call), "Content-Disposition", value);
    }
}

bool call_made(struct call *call, int status, const char *id) {
    struct exchange *exchange = call_exchange(call);
    exchange->status = status;
    exchange->made = arena_text(exchange->arena, id, strlen(id));
    return exchange->made != NULL
               ? true
               : call_problem(call, 503, "unavailable", "Memory is short. Nothing was recorded.");
}

void call_extra(struct call *call, const char *name, cJSON *value) {
    struct exchange *exchange = call_exchange(call);
    if (exchange->extras == NULL) {
        exchange->extras = cJSON_CreateObject();
    }
    if (exchange->extras == NULL || !cJSON_AddItemToObject(exchange->extras, name, value)) {
        cJSON_Delete(value);
    }
}

bool call_problem(struct call *call, int status, const char *code, const char *detail) {
    struct exchange *exchange = call_exchange(call);
    cJSON_Delete(exchange->answer);
    exchange->answer = problem_new(status, code, detail);
    exchange->status = status;
    exchange->type = "application/problem+json";
    exchange->problem = true;
    while (exchange->extras != NULL && exchange->extras->child != NULL) {
        cJSON *extra = cJSON_DetachItemViaPointer(exchange->extras, exchange->extras->child);
        char *name = extra->string;
        extra->string = NULL;
        cJSON_DeleteItemFromObjectCaseSensitive(exchange->answer, name);
        cJSON_AddItemToObject(exchange->answer, name, extra);
        cJSON_free(name);
    }
    return false;
}

static void call_field(cJSON *fields, const char *name, const char *message) {
    cJSON *field = cJSON_CreateObject();
    cJSON_AddStringToObject(field, "field", name);
    cJSON_AddStringToObject(field, "message", message);
    cJSON_AddItemToArray(fields, field);
}

/* 422 with a sentence that names the first field, and all fields as a member. */
static bool call_fields(struct call *call, const char *code, const char *detail, cJSON *fields) {
    char sentence[256];
    const cJSON *first = cJSON_GetArrayItem(fields, 0);
    if (detail == NULL && first != NULL) {
        snprintf(sentence, sizeof sentence, "%s %s.", cJSON_GetObjectItem(first, "field")->valuestring,
                 cJSON_GetObjectItem(first, "message")->valuestring);
        detail = sentence;
    }
    call_extra(call, "fields", fields);
    return call_problem(call, 422, code, detail == NULL ? "Something in the request is wrong." : detail);
}

bool call_invalid(struct call *call) {
    cJSON *fields = cJSON_CreateArray();
    for (size_t i = 0; i < call->errors.count; i++) {
        call_field(fields, call->errors.list[i].field, call->errors.list[i].message);
    }
    return call_fields(call, "invalid", NULL, fields);
}

/* The codes of a refusal, for its audit line. */
static void call_keep_codes(struct call *call, const struct desk_problem *problem) {
    struct exchange *exchange = call_exchange(call);
    struct buffer text;
    buffer_init(&text, CODES_MAX);
    for (size_t i = 0; i < problem->decision->reason_count; i++) {
        buffer_text(&text, i == 0 ? "" : ",");
        buffer_text(&text, reason_code_text(problem->decision->reasons[i].code));
    }
    exchange->refused_codes = text.bytes == NULL ? "" : arena_text(exchange->arena, text.bytes, text.len);
    buffer_release(&text);
}

static bool call_decided(struct call *call, int status, const struct desk_problem *problem, const char *code,
                         const char *detail) {
    if (problem->decision != NULL) {
        call_keep_codes(call, problem);
        call_extra(call, "reasons", json_reasons(problem->decision));
    }
    return call_problem(call, status, problem->code != NULL ? problem->code : code,
                        problem->detail != NULL ? problem->detail : detail);
}

static bool call_failed(struct call *call) {
    if (call->tx != NULL && db_state(call->tx->db) == DB_CONFLICT) {
        return call_problem(call, 409, "conflict", "Somebody else was quicker. Look at it again.");
    }
    return call_problem(call, 503, "unavailable", "The store does not answer. Nothing was recorded.");
}

bool call_desk_problem(struct call *call, enum desk_result result, const struct desk_problem *problem) {
    const char *code = problem->code;
    const char *detail = problem->detail;
    cJSON *fields = NULL;
    switch (result) {
    case DESK_NOT_FOUND:
        return call_problem(call, 404, code != NULL ? code : "not_found",
                            detail != NULL ? detail : "What this request names is not there.");
    case DESK_INVALID:
        fields = cJSON_CreateArray();
        for (size_t i = 0; i < problem->field_count; i++) {
            call_field(fields, problem->fields[i].field, problem->fields[i].message);
        }
        return call_fields(call, code != NULL ? code : "invalid", detail, fields);
    case DESK_REFUSED: return call_decided(call, 409, problem, "refused", "The rules do not allow this.");
    case DESK_CHANGED:
        return call_decided(call, 409, problem, "decision_changed",
                            "The decision is another now than the one you saw. Look at it again.");
    case DESK_CONFLICT:
        return call_decided(call, 409, problem, "conflict",
                            "This was done already, or somebody else was quicker.");
    case DESK_FORBIDDEN:
        return call_problem(call, 403, code != NULL ? code : "forbidden",
                            detail != NULL ? detail : "You may not do this.");
    case DESK_OK:
    case DESK_FAILED: break;
    }
    return call_failed(call);
}

/* ---- decoding */

static bool call_wrong(struct call *call, const char *name, const char *message) {
    json_error_add(&call->errors, message, "%s", name);
    return false;
}

/* The member; *ok false, and an error noted, where it is needed and absent. */
static const cJSON *call_member(struct call *call, const cJSON *object, const char *name, bool needed,
                                bool *ok) {
    const cJSON *value = object == NULL ? NULL : json_member(object, name);
    *ok = value != NULL || !needed || call_wrong(call, name, "is needed");
    return value;
}

bool call_known(struct call *call, const char *const *names) {
    bool all = true;
    for (const cJSON *one = call->body == NULL ? NULL : call->body->child; one != NULL; one = one->next) {
        size_t i = 0;
        while (names[i] != NULL && strcmp(names[i], one->string) != 0) {
            i++;
        }
        if (names[i] == NULL) {
            char name[JSON_FIELD_SIZE];
            snprintf(name, sizeof name, "%s", one->string);
            all = call_wrong(call, name, "is not known here");
        }
    }
    return all;
}

bool call_text(struct call *call, const cJSON *object, const char *name, size_t max, bool needed,
               const char **out) {
    bool ok = false;
    const cJSON *value = call_member(call, object, name, needed, &ok);
    *out = NULL;
    if (value == NULL) {
        return ok;
    }
    const char *text = NULL;
    if (!json_text(value, &text)) {
        return call_wrong(call, name, "must be a text");
    }
    if (*text == '\0') {
        return call_wrong(call, name, "must not be empty");
    }
    if (strlen(text) > max) {
        return call_wrong(call, name, "is too long");
    }
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++) {
        if ((*at < 0x20 && *at != '\n') || *at == 0x7F) {
            return call_wrong(call, name, "must not have control characters");
        }
    }
    *out = text;
    return true;
}

bool call_day(struct call *call, const cJSON *object, const char *name, bool needed, day_t *out) {
    bool ok = false;
    const cJSON *value = call_member(call, object, name, needed, &ok);
    return value == NULL ? ok
                         : json_day(value, out) || call_wrong(call, name, "must be a day written YYYY-MM-DD");
}

bool call_covers(struct call *call, struct day_list *out) {
    const struct json_context context = {call->tx->arena, desk_catalogue(), &call->errors};
    const cJSON *covers = json_member(call->body, "covers");
    return covers == NULL || json_days(&context, covers, "covers", out);
}

bool call_bool(struct call *call, const cJSON *object, const char *name, bool needed, bool *out) {
    bool ok = false;
    const cJSON *value = call_member(call, object, name, needed, &ok);
    return value == NULL ? ok : json_bool(value, out) || call_wrong(call, name, "must be true or false");
}

bool call_int(struct call *call, const cJSON *object, const char *name, bool needed, int32_t min, int32_t max,
              int32_t *out) {
    bool ok = false;
    const cJSON *value = call_member(call, object, name, needed, &ok);
    return value == NULL ? ok
                         : json_int(value, min, max, out) ||
                               call_wrong(call, name, "must be a whole number in its range");
}

bool call_quantity(struct call *call, const cJSON *object, const char *name, bool needed, quantity_t *out) {
    bool ok = false;
    const cJSON *value = call_member(call, object, name, needed, &ok);
    return value == NULL
               ? ok
               : json_quantity(value, out) ||
                     call_wrong(call, name, "must be a quantity written as a decimal text, like \"62.5\"");
}

bool call_choice(struct call *call, const cJSON *object, const char *name, bool needed,
                 const char *const *texts, int *out) {
    bool ok = false;
    const cJSON *value = call_member(call, object, name, needed, &ok);
    const char *text = NULL;
    if (value == NULL) {
        return ok;
    }
    if (json_text(value, &text)) {
        for (int i = 0; texts[i] != NULL; i++) {
            if (strcmp(texts[i], text) == 0) {
                *out = i;
                return true;
            }
        }
    }
    return call_wrong(call, name, "is none of the values that are known here");
}

bool call_limit(struct call *call, int32_t *out) {
    const char *text = call_query(call, "limit");
    *out = LIMIT_DEFAULT;
    if (text == NULL) {
        return true;
    }
    char *end = NULL;
    size_t len = strlen(text);
    long value = len >= 1 && len <= 3 && text[0] >= '0' && text[0] <= '9' ? strtol(text, &end, 10) : 0;
    if (end == NULL || *end != '\0' || value < 1 || value > LIMIT_MAX) {
        json_error_add(&call->errors, "must be a whole number from 1 to 500", "limit");
        return call_invalid(call);
    }
    *out = (int32_t)value;
    return true;
}

/* ---- encoding */

void json_put_text(cJSON *object, const char *name, const char *text) {
    if (text == NULL) {
        cJSON_AddNullToObject(object, name);
    } else {
        cJSON_AddStringToObject(object, name, text);
    }
}

void json_put_day(cJSON *object, const char *name, day_t day) {
    char text[DAY_TEXT_SIZE];
    if (day == DAY_NONE) {
        cJSON_AddNullToObject(object, name);
        return;
    }
    day_format(day, text);
    cJSON_AddStringToObject(object, name, text);
}

void json_put_instant(cJSON *object, const char *name, int64_t at) {
    char text[CLOCK_TEXT_SIZE];
    if (at == 0) {
        cJSON_AddNullToObject(object, name);
        return;
    }
    clock_format(at, text);
    cJSON_AddStringToObject(object, name, text);
}

void json_put_quantity(cJSON *object, const char *name, quantity_t quantity) {
    char text[QUANTITY_TEXT_SIZE];
    if (quantity == QUANTITY_NONE) {
        cJSON_AddNullToObject(object, name);
        return;
    }
    quantity_format(quantity, text);
    cJSON_AddStringToObject(object, name, text);
}

cJSON *json_reasons(const struct decision *decision) {
    cJSON *list = cJSON_CreateArray();
    for (size_t i = 0; i < decision->reason_count; i++) {
        const struct reason *reason = &decision->reasons[i];
        char text[REASON_TEXT_SIZE];
        reason_text(reason, text);
        cJSON *one = cJSON_CreateObject();
        cJSON_AddStringToObject(one, "code", reason_code_text(reason->code));
        cJSON_AddStringToObject(one, "severity", severity_text(reason->severity));
        cJSON_AddStringToObject(one, "rule", reason_rule(reason->code));
        cJSON_AddStringToObject(one, "basis", reason_basis(reason->code));
        cJSON_AddStringToObject(one, "text", text);
        cJSON_AddItemToArray(list, one);
    }
    return list;
}

cJSON *json_list(cJSON *items, const char *next) {
    cJSON *list = cJSON_CreateObject();
    cJSON_AddItemToObject(list, "items", items);
    json_put_text(list, "next", next);
    return list;
}
