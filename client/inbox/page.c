/* What the page speaks to: signing in, the list, what a keyworker does. JSON over the page's own address. */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "clock.h"
#include "json.h"
#include "log.h"
#include "message.h"
#include "pharmacy.h"

#define JSON_TYPE "application/json"
#define COOKIE "__Host-inbox="
#define FINISHED_MAX 50
#define NOTE_MAX 4000 /* bytes */

static void put(cJSON *object, const char *name, const char *text) {
    if (text != NULL) {
        (void)cJSON_AddStringToObject(object, name, text);
    }
}

void page_refuse(struct call *call, int status, const char *code, const char *sentence) {
    cJSON *problem = cJSON_CreateObject();
    put(problem, "code", code);
    put(problem, "detail", sentence);
    call_answer(call, status, JSON_TYPE, json_print(problem));
}

/* ---- who it is --------------------------------------------------------------------------------------------- */

/* The session's token in the cookies; false: none. */
static bool cookie_of(const struct call *call, char token[TOKEN_SIZE]) {
    const char *at = call_header(call, "Cookie");
    at = at == NULL ? NULL : strstr(at, COOKIE);
    size_t len = at == NULL ? 0 : strcspn(at + sizeof COOKIE - 1, "; ");
    if (len != TOKEN_SIZE - 1) {
        return false;
    }
    memcpy(token, at + sizeof COOKIE - 1, len);
    token[len] = '\0';
    return true;
}

/* The session, of somebody who may still sign in. NULL: answered 401. */
static struct session *signed_in(struct call *call) {
    char token[TOKEN_SIZE];
    bool by_itself = call_header(call, "X-By-Itself") != NULL;
    struct session *session = cookie_of(call, token)
                                  ? session_find(call_sessions(call), token, clock_elapsed_ms(), by_itself)
                                  : NULL;
    struct store_keyworker person;
    if (session != NULL && (store_keyworker(call_store(call), session->name, &person) != STORE_DONE ||
                            !session_holds(session, &person))) {
        session_end(session);
        session = NULL;
    }
    if (session == NULL) {
        page_refuse(call, 401, "signed_out", "Please sign in.");
        return NULL;
    }
    memcpy(call->name, session->name, sizeof call->name);
    return session;
}

/* Does the request come from this page? A browser says where from. */
static bool from_here(const struct call *call) {
    const char *origin = call_header(call, "Origin");
    const char *host = call_header(call, "Host");
    return origin == NULL || (strncmp(origin, "https://", 8) == 0 && strcmp(origin + 8, host) == 0);
}

static bool is_json(const struct call *call) {
    const char *type = call_header(call, "Content-Type");
    return type != NULL && evutil_ascii_strncasecmp(type, JSON_TYPE, sizeof JSON_TYPE - 1) == 0;
}

/* The session of a request that changes something. NULL: answered. */
static struct session *signed_in_to_write(struct call *call) {
    struct session *session = signed_in(call);
    if (session == NULL) {
        return NULL; /* and the call is gone */
    }
    const char *csrf = call_header(call, "X-CSRF-Token");
    if (!from_here(call) || csrf == NULL || strlen(csrf) != TOKEN_SIZE - 1 ||
        sodium_memcmp(csrf, session->csrf, TOKEN_SIZE - 1) != 0) {
        page_refuse(call, 403, "not_from_here", "The request does not come from this page. Load it again.");
        return NULL;
    }
    return session;
}

static void answer_session(struct call *call, const struct session *session) {
    cJSON *body = cJSON_CreateObject();
    put(body, "name", session->name);
    put(body, "csrf", session->csrf);
    put(body, "service", call_config(call)->service_name);
    (void)cJSON_AddBoolToObject(body, "demo", call_is_demo(call));
    call_answer(call, 200, JSON_TYPE, json_print(body));
}

void page_session(struct call *call) {
    const struct session *session = signed_in(call);
    if (session != NULL) {
        answer_session(call, session);
    }
}

/* ---- signing in and out ------------------------------------------------------------------------------------ */

static void checked(void *context, bool right) {
    struct call *call = context;
    char token[TOKEN_SIZE];
    char cookie[160];
    struct store_keyworker person;
    /* removed in the meantime: then not */
    right = right && store_keyworker(call_store(call), call->name, &person) == STORE_DONE &&
            person.hash[0] != '\0';
    (void)store_audit(call_store(call), call->name[0] == '\0' ? NULL : call->name,
                      right ? "signed in" : "wrong password", 0);
    if (!right) {
        page_refuse(call, 401, "wrong", "The name or the password is not right.");
        return;
    }
    throttle_right(call_guesses(call), call->what);
    throttle_right(call_guesses(call), call->address);
    const struct session *session = session_begin(call_sessions(call), &person, clock_elapsed_ms(), token);
    (void)snprintf(cookie, sizeof cookie, COOKIE "%s; Path=/; Secure; HttpOnly; SameSite=Strict", token);
    call_add(call, "Set-Cookie", cookie);
    answer_session(call, session);
}

static int64_t wait_of(struct call *call) {
    int64_t now = clock_elapsed_ms();
    int64_t name = throttle_wait(call_guesses(call), call->what, now);
    int64_t address = throttle_wait(call_guesses(call), call->address, now);
    return name > address ? name : address;
}

static void slow_down(struct call *call, int64_t wait_ms) {
    char seconds[24];
    char sentence[120];
    const int64_t whole = wait_ms / 1000 + 1;
    (void)snprintf(seconds, sizeof seconds, "%" PRId64, whole);
    (void)snprintf(sentence, sizeof sentence,
                   "Too many wrong passwords. Please wait %s seconds and try again.", seconds);
    call_add(call, "Retry-After", seconds);
    page_refuse(call, 429, "slow_down", sentence);
}

/* Capital letters do not make another name. */
static void brake_name(struct call *call, const char *name) {
    (void)snprintf(call->what, sizeof call->what, "name %s", name);
    for (char *at = call->what; *at != '\0'; at++) {
        *at = (char)(*at >= 'A' && *at <= 'Z' ? *at | 0x20 : *at);
    }
}

static void try_password(struct call *call, const char *name, const char *password) {
    struct store_keyworker person;
    brake_name(call, name);
    int64_t wait = wait_of(call);
    if (wait > 0) {
        slow_down(call, wait);
        return;
    }
    if (store_keyworker(call_store(call), name, &person) == STORE_FAILED) {
        page_refuse(call, 503, "store", "The inbox cannot be read now.");
        return;
    }
    (void)snprintf(call->name, sizeof call->name, "%s", person.name);
    throttle_failed(call_guesses(call), call->what, clock_elapsed_ms()); /* until it is seen to be right */
    throttle_failed(call_guesses(call), call->address, clock_elapsed_ms());
    if (!hasher_post(call_hasher(call), person.hash, password, checked, call)) {
        slow_down(call, 1000);
    }
}

void page_sign_in(struct call *call) {
    const char *error = NULL;
    cJSON *body = is_json(call) && from_here(call) ? json_read(call->body, call->body_len, &error) : NULL;
    const char *name = json_text(body, "name");
    const char *password = json_text(body, "password");
    if (name == NULL || password == NULL) {
        page_refuse(call, 400, "body", "A name and a password are needed.");
    } else if (strlen(name) >= STORE_NAME_SIZE || strlen(password) > PASSWORD_MAX) {
        page_refuse(call, 401, "wrong", "The name or the password is not right.");
    } else {
        try_password(call, name, password);
    }
    cJSON_Delete(body);
}

void page_sign_out(struct call *call) {
    struct session *session = signed_in_to_write(call);
    if (session == NULL) {
        return;
    }
    (void)store_audit(call_store(call), call->name, "signed out", 0);
    session_end(session);
    call_add(call, "Set-Cookie", COOKIE "; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0");
    call_answer(call, 204, NULL, NULL);
}

/* ---- the list ---------------------------------------------------------------------------------------------- */

struct list {
    struct call *call;
    cJSON *alerts;
    int64_t *shown; /* to be audited behind the reading */
    size_t count, room, open;
    bool failed;
};

static void add_action(void *context, const struct store_action *row) {
    cJSON *actions = context;
    char at[CLOCK_TEXT_SIZE];
    cJSON *one = cJSON_CreateObject();
    clock_text(row->at, at);
    put(one, "status", row->status);
    put(one, "by", row->keyworker);
    put(one, "at", at);
    put(one, "note", row->note);
    (void)cJSON_AddItemToArray(actions, one);
}

/* What the message does not say of its pharmacy, the configuration may. */
static void fill_pharmacy(const struct call *call, cJSON *alert, const char *id) {
    static const char *const members[] = {"name", "telephone"};
    const struct config_pharmacy *known = pharmacy_by_id(call_config(call), id);
    cJSON *pharmacy = cJSON_GetObjectItemCaseSensitive(alert, "pharmacy");
    const char *values[] = {known == NULL ? NULL : known->name, known == NULL ? NULL : known->telephone};
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        if (values[i] != NULL && values[i][0] != '\0' && json_at(pharmacy, members[i]) == NULL) {
            put(pharmacy, members[i], values[i]);
        }
    }
}

static bool remember(struct list *list, int64_t seq) {
    if (list->count == list->room) {
        size_t room = list->room == 0 ? 64 : list->room * 2;
        int64_t *more = realloc(list->shown, room * sizeof *more);
        if (more == NULL) {
            return false;
        }
        list->shown = more;
        list->room = room;
    }
    list->shown[list->count++] = seq;
    return true;
}

static void add_alert(void *context, const struct store_message *row) {
    struct list *list = context;
    struct message message;
    const char *error = NULL;
    char at[CLOCK_TEXT_SIZE];
    cJSON *alert = cJSON_CreateObject();
    clock_text(row->received_at, at);
    put(alert, "id", row->alert);
    (void)cJSON_AddNumberToObject(alert, "number", (double)row->seq);
    put(alert, "received", at);
    put(alert, "correlation", row->correlation);
    put(alert, "status", row->status == NULL ? "requested" : row->status);
    list->open +=
        row->status == NULL || strcmp(row->status, "accepted") == 0 || strcmp(row->status, "in-progress") == 0
            ? 1
            : 0;
    if (row->corrected_by != NULL) {
        clock_text(row->corrected_at, at);
        put(alert, "corrected_by", row->corrected_by);
        put(alert, "corrected_at", at);
    }
    if (message_read(row->body, row->body_len, &message, &error) == MESSAGE_GOOD) {
        list->failed = list->failed || !message_view(&message, alert);
        message_free(&message);
    }
    fill_pharmacy(list->call, alert, row->pharmacy);
    cJSON *actions = cJSON_AddArrayToObject(alert, "actions");
    list->failed = list->failed || actions == NULL || !remember(list, row->seq) ||
                   store_actions(call_store(list->call), row->seq, add_action, actions) != STORE_DONE ||
                   !cJSON_AddItemToArray(list->alerts, alert);
}

static bool audit_list(struct call *call, const struct list *list) {
    for (size_t i = 0; i < list->count; i++) {
        if (store_audit(call_store(call), call->name, "read", list->shown[i]) != STORE_DONE) {
            return false;
        }
    }
    return true;
}

void page_alerts(struct call *call) {
    char tag[40];
    const struct session *session = signed_in(call);
    if (session == NULL) {
        return;
    }
    const char *have = call_header(call, "If-None-Match");
    (void)snprintf(tag, sizeof tag, "\"%" PRId64 "\"", store_version(call_store(call)));
    call_add(call, "ETag", tag);
    if (have != NULL && strcmp(have, tag) == 0) {
        call_answer(call, 304, NULL, NULL);
        return;
    }
    cJSON *body = cJSON_CreateObject();
    struct list list = {.call = call, .alerts = cJSON_AddArrayToObject(body, "alerts")};
    bool good = list.alerts != NULL &&
                store_messages(call_store(call), FINISHED_MAX, add_alert, &list) == STORE_DONE &&
                !list.failed && audit_list(call, &list) &&
                cJSON_AddBoolToObject(body, "cut", list.open >= STORE_OPEN_MAX) != NULL;
    free(list.shown);
    char *text = json_print(body);
    if (!good || text == NULL) {
        free(text);
        page_refuse(call, 503, "store", "The inbox cannot be read now.");
        return;
    }
    call_answer(call, 200, JSON_TYPE, text);
}

/* ---- what a keyworker does --------------------------------------------------------------------------------- */

struct acting {
    int64_t message;
    int actions;
    char status[16];
};

static void act_on(void *context, const struct store_message *row) {
    struct acting *acting = context;
    acting->message = row->seq;
    (void)snprintf(acting->status, sizeof acting->status, "%s", row->status == NULL ? "" : row->status);
}

static void count_action(void *context, const struct store_action *row) {
    struct acting *acting = context;
    (void)row;
    acting->actions++;
}

static bool note_is_plain(const char *note) {
    for (const unsigned char *at = (const unsigned char *)note; *at != '\0'; at++) {
        if ((*at < ' ' && *at != '\n') || *at == 0x7F) {
            return false;
        }
    }
    return strlen(note) <= NOTE_MAX;
}

/* Why this cannot be done; NULL: it can. */
static const char *act_check(const struct acting *acting, const char *status, const char *note, int seen) {
    static const char *const all[] = {"accepted", "in-progress", "completed", "rejected"};
    bool known = false;
    for (size_t i = 0; status != NULL && i < sizeof all / sizeof all[0]; i++) {
        known = known || strcmp(status, all[i]) == 0;
    }
    if (!known) {
        return "Choose what you are doing about it.";
    }
    if (strcmp(status, "rejected") == 0 && note == NULL) {
        return "Write why you cannot take it: the pharmacy will read it.";
    }
    if (note != NULL && !note_is_plain(note)) {
        return "The note is too long, or has characters that cannot be shown.";
    }
    if (strcmp(acting->status, "completed") == 0) {
        return "This is finished already.";
    }
    return seen == acting->actions
               ? NULL
               : "Somebody else has dealt with this since you looked. Please read it again.";
}

static void act(struct call *call, const char *id, const cJSON *body) {
    struct acting acting = {0};
    const char *status = json_text(body, "status");
    const char *note = json_text(body, "note");
    const cJSON *seen = json_at(body, "seen");
    note = note != NULL && note[strspn(note, " \n")] == '\0' ? NULL : note;
    enum store_result found = store_message_by_alert(call_store(call), id, act_on, &acting);
    if (found == STORE_NONE) {
        page_refuse(call, 404, "not_found", "There is no such message.");
        return;
    }
    if (found == STORE_FAILED ||
        store_actions(call_store(call), acting.message, count_action, &acting) != STORE_DONE) {
        page_refuse(call, 503, "store", "The inbox cannot be read now.");
        return;
    }
    const char *why = act_check(&acting, status, note, cJSON_IsNumber(seen) ? seen->valueint : -1);
    if (why != NULL) {
        bool stale = strcmp(acting.status, "completed") == 0 || !cJSON_IsNumber(seen) ||
                     seen->valueint != acting.actions;
        page_refuse(call, stale ? 409 : 422, stale ? "changed" : "invalid", why);
        return;
    }
    const struct store_action row = {
        .at = clock_now(), .keyworker = call->name, .status = status, .note = note};
    if (store_add_action(call_store(call), acting.message, &row) != STORE_DONE ||
        store_audit(call_store(call), call->name, status, acting.message) != STORE_DONE) {
        page_refuse(call, 503, "store", "It could not be recorded. Please telephone the pharmacy.");
        return;
    }
    log_line(LOG_NOTICE, "event=acted status=%s alert=%s", status, id);
    call_answer(call, 201, JSON_TYPE, strdup("{}"));
}

void page_act(struct call *call, const char *id) {
    const char *error = NULL;
    if (signed_in_to_write(call) == NULL) {
        return;
    }
    cJSON *body = is_json(call) ? json_read(call->body, call->body_len, &error) : NULL;
    if (body == NULL) {
        page_refuse(call, 400, "body", error == NULL ? "The request is not JSON." : error);
        return;
    }
    act(call, id, body);
    cJSON_Delete(body);
}
