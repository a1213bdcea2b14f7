/* Terminals: enrolled with a manager's code, listed, revoked. */
#include <string.h>

#include "parts.h"

static bool code_make(struct call *call) {
    const char *code = NULL;
    int64_t expires_at = 0;
    static const char *const names[] = {NULL};
    const struct desk_problem problem = {.code = NULL};
    if (!call_known(call, names)) {
        return call_invalid(call);
    }
    enum desk_result result = desk_terminal_code(call->tx, &code, &expires_at);
    if (result != DESK_OK) {
        return call_desk_problem(call, result, &problem);
    }
    cJSON *object = cJSON_CreateObject();
    json_put_text(object, "code", code);
    json_put_instant(object, "expires_at", expires_at);
    return call_answer(call, 201, object);
}

static bool enrol(struct call *call) {
    static const char *const names[] = {"code", "name", NULL};
    const char *code = NULL;
    const char *name = NULL;
    const char *id = NULL;
    char token[TERMINAL_TOKEN_SIZE];
    struct desk_problem problem = {.code = NULL};
    call_known(call, names);
    call_text(call, call->body, "code", 64, true, &code);
    call_text(call, call->body, "name", TERMINAL_NAME_MAX, true, &name);
    if (call->errors.count > 0 || code == NULL || name == NULL) {
        return call_invalid(call);
    }
    enum desk_result result = desk_terminal_enrol(call->tx, code, name, &id, token, &problem);
    if (result == DESK_FORBIDDEN) {
        return call_problem(call, 401, problem.code, problem.detail);
    }
    if (result != DESK_OK) {
        return call_desk_problem(call, result, &problem);
    }
    cJSON *object = cJSON_CreateObject();
    json_put_text(object, "id", id);
    json_put_text(object, "name", name);
    json_put_text(object, "token", token);
    exchange_cookie((struct exchange *)call, TERMINAL_COOKIE, token);
    return call_answer(call, 201, object);
}

static bool list(struct call *call) {
    size_t count = 0;
    struct terminal_row *rows = NULL;
    const struct desk_problem problem = {.code = NULL};
    enum desk_result result = desk_terminal_all(call->tx, &rows, &count);
    if (result != DESK_OK) {
        return call_desk_problem(call, result, &problem);
    }
    cJSON *array = cJSON_CreateArray();
    for (size_t i = 0; i < count; i++) {
        cJSON *item = cJSON_CreateObject();
        json_put_text(item, "id", rows[i].id);
        json_put_text(item, "name", rows[i].name);
        json_put_instant(item, "enrolled_at", rows[i].enrolled_at);
        json_put_text(item, "enrolled_by", rows[i].enrolled_by);
        cJSON_AddBoolToObject(item, "revoked", rows[i].revoked);
        cJSON_AddItemToArray(array, item);
    }
    return call_answer(call, 200, json_list(array, NULL));
}

/* On the loop, after the commit. */
static void revoked(struct exchange *exchange) {
    if (exchange->status == 204) {
        terminal_forget(exchange->server, exchange->call.ids[0]);
    }
}

static bool revoke(struct call *call) {
    struct desk_problem problem = {.code = NULL};
    enum desk_result result = desk_terminal_revoke(call->tx, call->ids[0], &problem);
    if (result != DESK_OK) {
        return call_desk_problem(call, result, &problem);
    }
    ((struct exchange *)call)->then = revoked;
    return call_answer(call, 204, NULL);
}

const struct route routes_terminals[] = {
    {"POST", "/terminals", 0, ROUTE_WRITE | ROUTE_OPEN, 1024, "Enrol this terminal with a manager's code.",
     enrol, NULL},
    {"POST", "/terminals/codes", ROLE_MANAGER, ROUTE_WRITE, 64, "Make a code for one terminal.", code_make,
     NULL},
    {"GET", "/terminals", ROLE_MANAGER, ROUTE_READ, 0, "The enrolled terminals.", list, NULL},
    {"DELETE", "/terminals/{id}", ROLE_MANAGER, ROUTE_WRITE, 0, "Revoke a terminal for ever.", revoke, NULL},
};
const size_t routes_terminals_count = sizeof routes_terminals / sizeof routes_terminals[0];
