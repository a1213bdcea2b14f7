/* Signing in and out, locking and unlocking. On the loop: sessions live there. */
#include <string.h>

#include "parts.h"
#include "sys/clock.h"

#define EVERYBODY (ROLE_COUNTER | ROLE_TECHNICIAN | ROLE_PHARMACIST | ROLE_MANAGER | ROLE_INSPECTOR)

static cJSON *session_json(const struct exchange *exchange, const struct session *session) {
    int64_t left_ms = (int64_t)exchange->server->options.session_hours * 3600 * 1000 -
                      (clock_elapsed_ms() - session->began_ms);
    cJSON *object = cJSON_CreateObject();
    json_put_text(object, "csrf", session->csrf);
    cJSON *staff = cJSON_AddObjectToObject(object, "staff");
    json_put_text(staff, "id", session->who.staff);
    json_put_text(staff, "name", session->who.name);
    json_put_text(staff, "role", role_text(session->who.role));
    json_put_instant(object, "expires_at", clock_now().at + (left_ms + 999) / 1000);
    cJSON_AddBoolToObject(object, "locked", session->locked);
    return object;
}

static void sign_in_done(struct exchange *exchange, enum pin_result result) {
    if (result != PIN_RIGHT) {
        pin_refuse(exchange, result, 401, "sign_in_failed", "The name or the PIN is wrong.");
        return;
    }
    char token[SESSION_TOKEN_SIZE];
    const struct session *session = session_begin(exchange->server->sessions, &exchange->pin.row,
                                                  exchange->pin.pin, exchange->terminal, token);
    if (session == NULL) {
        exchange_refuse(exchange, 503, "unavailable", "Signing in did not work. Try again.");
        return;
    }
    audit_post(exchange->server, session->who.staff, exchange->terminal, "signed in", NULL, NULL);
    cJSON *object = session_json(exchange, session);
    json_put_text(object, "token", token);
    exchange_cookie(exchange, SESSION_COOKIE, token);
    call_answer(&exchange->call, 201, object);
    exchange_reply(exchange);
}

static bool sign_in(struct call *call) {
    static const char *const names[] = {"staff", "pin", NULL};
    struct exchange *exchange = (struct exchange *)call;
    const char *staff = NULL;
    const char *pin = NULL;
    call_known(call, names);
    call_text(call, call->body, "staff", STAFF_ID_MAX, true, &staff);
    call_text(call, call->body, "pin", PIN_MAX, true, &pin);
    if (call->errors.count > 0 || staff == NULL || pin == NULL) {
        return call_invalid(call);
    }
    exchange->deferred = true;
    pin_check(exchange, staff, pin, sign_in_done);
    return true;
}

static struct session *session_here(struct call *call) {
    struct exchange *exchange = (struct exchange *)call;
    return session_of(exchange->server->sessions, exchange->session);
}

static bool session_show(struct call *call) {
    const struct session *session = session_here(call);
    return session == NULL ? call_problem(call, 401, "session_ended", "The session has ended. Sign in again.")
                           : call_answer(call, 200, session_json((struct exchange *)call, session));
}

static bool sign_out(struct call *call) {
    struct exchange *exchange = (struct exchange *)call;
    struct session *session = session_here(call);
    if (session != NULL) {
        session_end(exchange->server->sessions, session);
    }
    events_end_session(exchange->server, exchange->session);
    audit_post(exchange->server, call->who.staff, exchange->terminal, "signed out", NULL, NULL);
    exchange_cookie(exchange, SESSION_COOKIE, NULL);
    return call_answer(call, 204, NULL);
}

static bool session_lock(struct call *call) {
    struct session *session = session_here(call);
    if (session != NULL) {
        session->locked = true;
    }
    return call_answer(call, 204, NULL);
}

static void unlock_done(struct exchange *exchange, enum pin_result result) {
    if (result != PIN_RIGHT) {
        pin_refuse(exchange, result, 403, "pin_wrong", "The PIN is wrong.");
        return;
    }
    struct session *session = session_here(&exchange->call);
    if (session == NULL) {
        exchange_refuse(exchange, 401, "session_ended", "The session has ended. Sign in again.");
        return;
    }
    session->locked = false;
    call_answer(&exchange->call, 204, NULL);
    exchange_reply(exchange);
}

static bool session_unlock(struct call *call) {
    static const char *const names[] = {"pin", NULL};
    struct exchange *exchange = (struct exchange *)call;
    const char *pin = NULL;
    call_known(call, names);
    call_text(call, call->body, "pin", PIN_MAX, true, &pin);
    if (call->errors.count > 0 || pin == NULL) {
        return call_invalid(call);
    }
    exchange->deferred = true;
    pin_check(exchange, call->who.staff, pin, unlock_done);
    return true;
}

const struct route routes_session[] = {
    {"POST", "/session", 0, ROUTE_LOOP | ROUTE_NO_SESSION, 1024, "Sign in with name and PIN.", sign_in, NULL},
    {"GET", "/session", EVERYBODY, ROUTE_LOOP, 0, "Who is signed in, and the page's token.", session_show,
     NULL},
    {"DELETE", "/session", EVERYBODY, ROUTE_LOOP, 0, "Sign out.", sign_out, NULL},
    {"POST", "/session/lock", EVERYBODY, ROUTE_LOOP, 64, "Lock the screen.", session_lock, NULL},
    {"POST", "/session/unlock", EVERYBODY, ROUTE_LOOP, 1024, "Unlock the screen with the PIN.",
     session_unlock, NULL},
};
const size_t routes_session_count = sizeof routes_session / sizeof routes_session[0];
