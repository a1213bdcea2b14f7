/*
 * The checks between a whole request and its route, in this order: route and method, terminal, session, CSRF, role,
 * body, key, PINs. Each step either answers and ends, or goes on to the next; some go on later, from the loop.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "parts.h"
#include "sys/buffer.h"
#include "sys/log.h"

#define KEY_MAX 64

static const char *dispatch_method(const struct evhttp_request *request) {
    switch (evhttp_request_get_command(request)) {
    case EVHTTP_REQ_GET: return "GET";
    case EVHTTP_REQ_POST: return "POST";
    case EVHTTP_REQ_PATCH: return "PATCH";
    case EVHTTP_REQ_DELETE: return "DELETE";
    case EVHTTP_REQ_PUT:
    case EVHTTP_REQ_HEAD:
    case EVHTTP_REQ_OPTIONS:
    case EVHTTP_REQ_TRACE:
    case EVHTTP_REQ_CONNECT:
    default: return "?";
    }
}

/* Stands in while no route has been found, so that every exchange has one. */
static const struct route no_route = {"?", "?", 0, ROUTE_LOOP | ROUTE_OPEN, 0, "", NULL, NULL};

static bool has(const struct exchange *exchange, unsigned flags) {
    return (exchange->call.route->flags & flags) != 0;
}

/* ---- the last steps: PINs */

static struct identity identity_of(const struct staff_row *row) {
    struct identity who = {.staff = row->id, .name = row->name, .registration = row->registration};
    enum role role = ROLE_COUNTER;
    role_from_text(row->role, &role);
    who.role = role;
    return who;
}

static void step_run(struct exchange *exchange) {
    if (!has(exchange, ROUTE_LOOP)) {
        perform(exchange);
        return;
    }
    exchange->running = true;
    exchange->call.route->run(&exchange->call);
    exchange->running = false;
    if (!exchange->deferred) {
        exchange_reply(exchange);
    }
}

static void new_pin_run(struct task *task) {
    struct exchange *exchange =
        (struct exchange *)(void *)((char *)task - offsetof(struct exchange, hashing));
    if (crypto_pwhash_str(exchange->new_pin_hash, exchange->new_pin, strlen(exchange->new_pin),
                          crypto_pwhash_OPSLIMIT_INTERACTIVE, crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0) {
        exchange->new_pin_hash[0] = '\0';
    }
}

static void new_pin_done(struct task *task) {
    struct exchange *exchange =
        (struct exchange *)(void *)((char *)task - offsetof(struct exchange, hashing));
    sodium_memzero(exchange->new_pin, sizeof exchange->new_pin);
    if (exchange->new_pin_hash[0] == '\0') {
        exchange_refuse(exchange, 503, "unavailable", "The PIN could not be stored. Try again.");
        return;
    }
    exchange->call.new_pin_hash = exchange->new_pin_hash;
    step_run(exchange);
}

static void step_new_pin(struct exchange *exchange) {
    const cJSON *member = has(exchange, ROUTE_NEW_PIN) ? json_member(exchange->body, "pin") : NULL;
    const char *pin = NULL;
    if (member == NULL || !json_text(member, &pin) || strlen(pin) > PIN_MAX ||
        desk_staff_pin_fault(pin) != NULL) {
        step_run(exchange); /* what is wrong with it, the route says */
        return;
    }
    memcpy(exchange->new_pin, pin, strlen(pin) + 1);
    exchange->hashing = (struct task){.run = new_pin_run, .done = new_pin_done};
    worker_post(exchange->server->worker, &exchange->hashing);
}

static void second_done(struct exchange *exchange, enum pin_result result) {
    if (result != PIN_RIGHT) {
        pin_refuse(exchange, result, 403, "pin_wrong", "The second person's PIN is wrong.");
        return;
    }
    exchange->call.second = identity_of(&exchange->pin.row);
    step_new_pin(exchange);
}

static void second_missing(struct exchange *exchange) {
    exchange_refuse(exchange, 403, "second_person_required",
                    "This needs a second person, with their own PIN.");
}

static void step_second(struct exchange *exchange) {
    const cJSON *second = exchange->body == NULL ? NULL : json_member(exchange->body, "second");
    const char *staff = NULL;
    const char *pin = NULL;
    if (!has(exchange, ROUTE_SECOND | ROUTE_SECOND_OPTIONAL) ||
        (second == NULL && has(exchange, ROUTE_SECOND_OPTIONAL))) {
        step_new_pin(exchange);
        return;
    }
    if (second == NULL) {
        second_missing(exchange);
        return;
    }
    const cJSON *staff_member = json_member(second, "staff");
    const cJSON *pin_member = json_member(second, "pin");
    if (staff_member == NULL || pin_member == NULL || !json_text(staff_member, &staff) ||
        !json_text(pin_member, &pin) || cJSON_GetArraySize(second) != 2) {
        json_error_add(&exchange->call.errors, "must have staff and pin, and nothing else", "second");
        call_invalid(&exchange->call);
        exchange_reply(exchange);
        return;
    }
    const struct call *call = &exchange->call;
    if ((call->who.staff != NULL && strcmp(staff, call->who.staff) == 0) ||
        (call->confirmer.staff != NULL && strcmp(staff, call->confirmer.staff) == 0)) {
        second_missing(exchange);
        return;
    }
    pin_check(exchange, staff, pin, second_done);
}

static void confirmer_done(struct exchange *exchange, enum pin_result result) {
    if (result != PIN_RIGHT) {
        pin_refuse(exchange, result, 403, "pin_wrong", "The PIN is wrong.");
        return;
    }
    exchange->call.confirmer = identity_of(&exchange->pin.row);
    step_second(exchange);
}

static void step_pin(struct exchange *exchange) {
    const cJSON *member = exchange->body == NULL ? NULL : json_member(exchange->body, "pin");
    const cJSON *by = exchange->body == NULL ? NULL : json_member(exchange->body, "confirmed_by");
    const char *pin = NULL;
    const char *staff = exchange->call.who.staff;
    if (by == NULL && exchange->body != NULL) {
        by = json_member(exchange->body, "staff"); /* the second keying names its person so */
    }
    if (!has(exchange, ROUTE_PIN | ROUTE_PIN_OPTIONAL) || exchange->dry ||
        (member == NULL && has(exchange, ROUTE_PIN_OPTIONAL))) {
        step_second(exchange);
        return;
    }
    if (member == NULL) {
        json_error_add(&exchange->call.errors, "is needed", "pin");
    } else if (!json_text(member, &pin)) {
        json_error_add(&exchange->call.errors, "must be a text", "pin");
    }
    if (by != NULL && !json_text(by, &staff)) {
        json_error_add(&exchange->call.errors, "must be a text", "confirmed_by");
    }
    if (exchange->call.errors.count > 0 || staff == NULL) {
        call_invalid(&exchange->call);
        exchange_reply(exchange);
        return;
    }
    pin_check(exchange, staff, pin, confirmer_done);
}

/* ---- the body and the headers that come with it */

static bool key_is_good(const char *key) {
    size_t len = strlen(key);
    for (size_t i = 0; i < len; i++) {
        if (key[i] < 0x21 || key[i] > 0x7E) {
            return false;
        }
    }
    return len >= 1 && len <= KEY_MAX;
}

static void step_key(struct exchange *exchange) {
    const char *dry = call_query(&exchange->call, "dry_run");
    exchange->dry = has(exchange, ROUTE_DRY) && dry != NULL && strcmp(dry, "true") == 0;
    if (has(exchange, ROUTE_KEY) && !exchange->dry) {
        exchange->key = exchange_in(exchange, "Idempotency-Key");
        if (exchange->key == NULL || !key_is_good(exchange->key)) {
            exchange_refuse(exchange, 400, "idempotency_key_missing",
                            "This request needs an Idempotency-Key of 1 to 64 visible characters.");
            return;
        }
    }
    if (has(exchange, ROUTE_ETAG) && strcmp(exchange->call.route->method, "PATCH") == 0) {
        exchange->if_match = exchange_in(exchange, "If-Match");
        if (exchange->if_match == NULL) {
            exchange_refuse(exchange, 412, "if_match_missing",
                            "A change needs an If-Match header with the ETag of what was read.");
            return;
        }
    }
    step_pin(exchange);
}

static bool is_json_type(const char *type) {
    static const char json[] = "application/json";
    if (type == NULL || strncasecmp(type, json, sizeof json - 1) != 0) {
        return false;
    }
    type += sizeof json - 1;
    type += strspn(type, " \t");
    if (*type == '\0') {
        return true;
    }
    type += *type == ';' ? 1 : 0;
    type += strspn(type, " \t");
    return strcasecmp(type, "charset=utf-8") == 0;
}

static bool read_body(struct exchange *exchange, struct evbuffer *input, size_t len) {
    const char *error = NULL;
    const char *bytes = (const char *)evbuffer_pullup(input, (ev_ssize_t)len);
    if (bytes == NULL) {
        exchange_refuse(exchange, 503, "unavailable", "The request could not be read. Try again.");
        return false;
    }
    exchange->body = json_read(bytes, len, &error);
    if (exchange->body == NULL) {
        char detail[128] = "The body is not good JSON: ";
        strncat(detail, error, sizeof detail - strlen(detail) - 2);
        strncat(detail, ".", 2);
        exchange_refuse(exchange, 400, "malformed_json", detail);
        return false;
    }
    if (!cJSON_IsObject(exchange->body)) {
        exchange_refuse(exchange, 422, "invalid", "The body must be an object.");
        return false;
    }
    return true;
}

static void step_body(struct exchange *exchange) {
    const struct route *route = exchange->call.route;
    struct evbuffer *input = evhttp_request_get_input_buffer(exchange->request);
    size_t len = evbuffer_get_length(input);
    if (len > route->body_max) {
        exchange_refuse(exchange, 413, "body_too_large",
                        route->body_max == 0 ? "This request takes no body." : "The body is too large.");
        return;
    }
    if (len > 0) {
        if (!is_json_type(exchange_in(exchange, "Content-Type"))) {
            exchange_refuse(exchange, 415, "content_type", "The body must be sent as application/json.");
            return;
        }
        if (!read_body(exchange, input, len)) {
            return;
        }
    } else if (route->body_max > 0) {
        exchange->body = cJSON_CreateObject();
    }
    exchange->call.body = exchange->body;
    step_key(exchange);
}

/* ---- the session */

static void no_session(struct exchange *exchange, const char *code, const char *detail) {
    exchange_refuse(exchange, 401, code, detail);
}

static const char *bearer(const struct exchange *exchange) {
    const char *text = exchange_in(exchange, "Authorization");
    if (text == NULL || strncasecmp(text, "Bearer ", 7) != 0) {
        return NULL;
    }
    return text + 7 + strspn(text + 7, " ");
}

static bool is_unsafe(const struct route *route) {
    return strcmp(route->method, "GET") != 0;
}

static bool csrf_right(const struct exchange *exchange, const struct session *session) {
    const char *given = exchange_in(exchange, "X-CSRF-Token");
    size_t len = strlen(session->csrf);
    return given != NULL && strlen(given) == len && sodium_memcmp(given, session->csrf, len) == 0;
}

static bool copy_identity(struct exchange *exchange, const struct session *session) {
    struct identity *who = &exchange->call.who;
    *who = session->who;
    who->staff = arena_text(exchange->arena, session->who.staff, strlen(session->who.staff));
    who->name = arena_text(exchange->arena, session->who.name, strlen(session->who.name));
    if (session->who.registration != NULL) {
        who->registration =
            arena_text(exchange->arena, session->who.registration, strlen(session->who.registration));
    }
    return who->staff != NULL && who->name != NULL &&
           (who->registration != NULL || session->who.registration == NULL);
}

static void step_role(struct exchange *exchange, struct session *session) {
    const struct route *route = exchange->call.route;
    if (session->locked && strncmp(route->path, "/session", 8) != 0) {
        no_session(exchange, "session_locked", "The screen is locked. Unlock it with your PIN.");
        return;
    }
    exchange->session = session->handle;
    exchange->stamp = session->stamp;
    session_touch(session);
    if (!copy_identity(exchange, session)) {
        exchange_refuse(exchange, 503, "unavailable", "Memory is short. Try again.");
    } else if ((route->roles & (unsigned)session->who.role) == 0) {
        exchange_refuse(exchange, 403, "role", "Your role does not allow this.");
    } else {
        step_body(exchange);
    }
}

static void step_session(struct exchange *exchange) {
    if (has(exchange, ROUTE_NO_SESSION)) {
        step_body(exchange);
        return;
    }
    const char *token = bearer(exchange);
    bool by_cookie = token == NULL;
    if (by_cookie) {
        token = exchange_cookie_in(exchange, SESSION_COOKIE);
    }
    struct session *session = token == NULL ? NULL : session_find(exchange->server->sessions, token);
    const char *terminal = exchange->terminal == NULL ? "" : exchange->terminal;
    if (token == NULL) {
        no_session(exchange, "not_signed_in", "Sign in first.");
    } else if (session == NULL || strcmp(session->terminal, terminal) != 0) {
        no_session(exchange, "session_ended", "The session has ended. Sign in again.");
    } else if (by_cookie && is_unsafe(exchange->call.route) && !csrf_right(exchange, session)) {
        exchange_refuse(exchange, 403, "csrf", "The page's token is missing or wrong. Load the page again.");
    } else {
        step_role(exchange, session);
    }
}

/* ---- the terminal */

static void terminal_unknown(struct exchange *exchange) {
    exchange_refuse(exchange, 401, "terminal_unknown",
                    "This terminal is not enrolled. A manager makes a code for it.");
}

static bool terminal_read(struct exchange *exchange, struct tx *tx) {
    exchange->terminal = desk_terminal_of(tx, exchange->terminal_hash);
    return db_state(tx->db) == DB_FINE;
}

static void terminal_then(struct exchange *exchange) {
    if (exchange->result != JOB_DONE) {
        exchange_refuse(exchange, 503, "unavailable", "The terminal could not be looked at. Try again.");
    } else if (exchange->terminal == NULL) {
        terminal_unknown(exchange);
    } else {
        terminal_learn(exchange->server, exchange->terminal_hash, exchange->terminal);
        step_session(exchange);
    }
}

static void step_terminal(struct exchange *exchange) {
    if (has(exchange, ROUTE_OPEN)) {
        step_body(exchange);
        return;
    }
    if (exchange->connection->door->kind == DOOR_CTL) {
        step_session(exchange);
        return;
    }
    const char *token = exchange_in(exchange, "X-Terminal");
    if (token == NULL) {
        token = exchange_cookie_in(exchange, TERMINAL_COOKIE);
    }
    if (token == NULL || strlen(token) > 2 * (size_t)TERMINAL_TOKEN_SIZE) {
        terminal_unknown(exchange);
        return;
    }
    terminal_hash(token, exchange->terminal_hash);
    const char *id = terminal_known(exchange->server, exchange->terminal_hash);
    if (id == NULL) {
        exchange_read(exchange, terminal_read, terminal_then);
        return;
    }
    exchange->terminal = arena_text(exchange->arena, id, strlen(id));
    if (exchange->terminal == NULL) {
        exchange_refuse(exchange, 503, "unavailable", "Memory is short. Try again.");
    } else {
        step_session(exchange);
    }
}

/* ---- the route */

static void allow_header(struct exchange *exchange, const struct route_match *match) {
    struct buffer text;
    buffer_init(&text, 128);
    for (size_t i = 0; match->allowed[i] != NULL; i++) {
        buffer_text(&text, i == 0 ? "" : ", ");
        buffer_text(&text, match->allowed[i]);
    }
    exchange_header(exchange, "Allow", buffer_ok(&text) && text.bytes != NULL ? text.bytes : "GET");
    buffer_release(&text);
}

static void step_route(struct exchange *exchange, const char *path) {
    struct route_match match = {.route = NULL};
    if (strncmp(path, API_BASE, sizeof API_BASE - 1) == 0) {
        route_find(dispatch_method(exchange->request), path + sizeof API_BASE - 1, exchange->arena, &match);
    }
    if (match.route != NULL && (match.route->flags & ROUTE_DEMO) != 0 && !exchange->server->options.demo) {
        match = (struct route_match){.route = NULL};
    }
    if (match.route != NULL) {
        exchange->call.route = match.route;
        exchange->call.ids[0] = match.ids[0];
        exchange->call.ids[1] = match.ids[1];
        step_terminal(exchange);
    } else if (match.allowed[0] != NULL) {
        allow_header(exchange, &match);
        exchange_refuse(exchange, 405, "method_not_allowed", "This address does not know this method.");
    } else {
        exchange_refuse(exchange, 404, "not_found", "There is nothing at this address.");
    }
}

static struct exchange *exchange_new(struct connection *connection, struct evhttp_request *request) {
    struct exchange *exchange = calloc(1, sizeof *exchange);
    if (exchange == NULL) {
        return NULL;
    }
    exchange->arena = arena_new(EXCHANGE_ARENA);
    if (exchange->arena == NULL) {
        free(exchange);
        return NULL;
    }
    exchange->server = connection->door->server;
    exchange->connection = connection;
    exchange->request = request;
    exchange->began_ms = clock_elapsed_ms();
    exchange->call.route = &no_route;
    exchange->call.demo = exchange->server->options.demo;
    exchange->server->exchange_count++;
    return exchange;
}

void dispatch(struct evhttp_request *request, void *context) {
    const struct door *door = context;
    struct server *server = door->server;
    struct connection *connection = connection_find(server, request);
    if (connection == NULL ||
        server->closing) { /* NULL: memory was short when it came: it has no guard, and perhaps no TLS */
        evhttp_connection_free(evhttp_request_get_connection(request));
        return;
    }
    server->counts.requests++;
    struct exchange *exchange = exchange_new(connection, request);
    if (exchange == NULL) {
        log_error("event=memory_short");
        evhttp_connection_free(evhttp_request_get_connection(request));
        return;
    }
    connection_working(connection, exchange);
    const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
    const char *path = uri == NULL ? NULL : evhttp_uri_get_path(uri);
    const char *query = uri == NULL ? NULL : evhttp_uri_get_query(uri);
    exchange->has_query =
        query != NULL && *query != '\0' && evhttp_parse_query_str(query, &exchange->query) == 0;
    if (query != NULL && *query != '\0' && !exchange->has_query) {
        exchange_refuse(exchange, 400, "malformed_request", "The address has a broken query.");
        return;
    }
    step_route(exchange, path == NULL ? "" : path);
}
