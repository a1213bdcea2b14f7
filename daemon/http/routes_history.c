/* Consultations; prescriptions stopped, put on hold and released; doses given elsewhere. */
#include "routes_history.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json_history.h"

#define BODY_MAX 16384

/* ---- shared with the other two files ---- */

bool history_page(struct call *call, size_t count, struct history_page *page) {
    int32_t limit = 0;
    char *end = NULL;
    const char *after = call_query(call, "after");
    *page = (struct history_page){.from = 0};
    if (!call_limit(call, &limit)) {
        return false;
    }
    if (after != NULL) {
        unsigned long long from = strtoull(after, &end, 10);
        if (end == after || *end != '\0' || *after == '-') {
            json_error_add(&call->errors, "must be the `next` of the page before", "after");
            return call_invalid(call);
        }
        page->from = from > count ? count : (size_t)from;
    }
    size_t left = count - page->from;
    page->to = page->from + (left > (size_t)limit ? (size_t)limit : left);
    if (page->to < count) {
        (void)snprintf(page->next, sizeof page->next, "%zu", page->to);
    }
    return true;
}

const char *history_query(struct call *call, const char *name) {
    const char *text = call_query(call, name);
    if (text == NULL || *text == '\0') {
        json_error_add(&call->errors, "is needed", "%s", name);
        return NULL;
    }
    return text;
}

static const char *next_of(const struct history_page *page) {
    return page->next[0] == '\0' ? NULL : page->next;
}

/* ---- consultations ---- */

static bool decode_consultation(struct call *call, struct consult_request *r) {
    static const char *const roles[] = {"prescriber", "deputy", "keyworker", NULL};
    static const char *const outcomes[] = {"continue",   "stop", "new_prescription", "allow_representative",
                                           "allow_once", NULL};
    const cJSON *body = call->body;
    int role = 0;
    int outcome = 0;
    bool ok = call_text(call, body, "with", HISTORY_NAME_MAX, true, &r->asked);
    ok = call_choice(call, body, "role", true, roles, &role) && ok;
    ok = call_text(call, body, "channel", HISTORY_CHANNEL_MAX, false, &r->channel) && ok;
    ok = call_day(call, body, "on", false, &r->on) && ok;
    ok = call_choice(call, body, "outcome", true, outcomes, &outcome) && ok;
    ok = call_day(call, body, "resume_on", false, &r->resume_on) && ok;
    ok = call_day(call, body, "for_day", false, &r->for_day) && ok;
    ok = call_covers(call, &r->covers) && ok;
    ok = call_text(call, body, "note", HISTORY_NOTE_MAX, false, &r->note) && ok;
    r->role = (enum consulted_role)role;
    r->outcome = (enum consultation_outcome)outcome;
    return ok;
}

static bool consultation_post(struct call *call) {
    static const char *const known[] = {"with",      "role",    "channel", "on",   "outcome",
                                        "resume_on", "for_day", "covers",  "note", NULL};
    struct consult_request r = {
        .prescription = call->ids[0], .on = DAY_NONE, .resume_on = DAY_NONE, .for_day = DAY_NONE};
    struct desk_problem problem = {.code = NULL};
    const struct consultation_row *made = NULL;
    bool ok = call_known(call, known);
    if (!decode_consultation(call, &r) || !ok) {
        return call_invalid(call);
    }
    enum desk_result result = desk_consult(call->tx, &call->who, &r, &made, &problem);
    if (result != DESK_OK) {
        return call_desk_problem(call, result, &problem);
    }
    call_event(call, "day", made->prescription, "consulted");
    return call_made(call, 201, made->id);
}

static void consultation_show(struct call *call, const char *id) {
    const struct consultation_row *row = desk_consultation(call->tx, id);
    if (row != NULL) {
        call_answer(call, 201, json_consultation(row));
    }
}

/* The history of the prescription in the path. False: answered with 404 or 503. */
static bool load_history(struct call *call, struct desk_history *h) {
    const char *patient = NULL;
    const struct desk_problem problem = {.code = "not_found", .detail = "There is no such prescription."};
    enum desk_result result = desk_history_for(call->tx, call->ids[0], &patient, h);
    if (result != DESK_OK) {
        return call_desk_problem(call, result, &problem);
    }
    call_reads(call, patient);
    return true;
}

static bool consultations_get(struct call *call) {
    struct desk_history h;
    struct history_page page;
    size_t count = 0;
    if (!load_history(call, &h)) {
        return false;
    }
    for (size_t i = 0; i < h.consultation_count; i++) {
        if (strcmp(h.consultations[i].prescription, call->ids[0]) == 0) {
            h.consultations[count++] = h.consultations[i];
        }
    }
    if (!history_page(call, count, &page)) {
        return false;
    }
    cJSON *items = cJSON_CreateArray();
    for (size_t i = page.from; i < page.to; i++) {
        cJSON_AddItemToArray(items, json_consultation(&h.consultations[i]));
    }
    return call_answer(call, 200, json_list(items, next_of(&page)));
}

/* ---- stopped, put on hold, released ---- */

static bool change_post(struct call *call, enum change_kind kind) {
    static const char *const known[] = {"reason", "from", "on", NULL};
    struct change_request r = {.prescription = call->ids[0], .kind = kind, .from = DAY_NONE};
    struct desk_problem problem = {.code = NULL};
    const struct change_row *made = NULL;
    day_t on = DAY_NONE;
    bool ok = call_known(call, known);
    ok = call_text(call, call->body, "reason", HISTORY_NOTE_MAX, true, &r.reason) && ok;
    ok = call_day(call, call->body, "from", false, &r.from) && ok;
    ok = call_day(call, call->body, "on", false, &on) && ok;
    if (ok && on != DAY_NONE && r.from != DAY_NONE && on != r.from) {
        json_error_add(&call->errors, "is another name of `from` and must not differ", "on");
        ok = false;
    }
    if (!ok) {
        return call_invalid(call);
    }
    r.from = r.from == DAY_NONE ? on : r.from;
    enum desk_result result = desk_change(call->tx, &call->who, &r, &made, &problem);
    if (result != DESK_OK) {
        return call_desk_problem(call, result, &problem);
    }
    call_event(call, "day", made->prescription, change_text(kind));
    const char *id = change_id(call->tx, made);
    return id == NULL ? call_desk_problem(call, DESK_FAILED, &problem) : call_made(call, 201, id);
}

static bool stop_post(struct call *call) {
    return change_post(call, CHANGE_STOP);
}

static bool hold_post(struct call *call) {
    return change_post(call, CHANGE_HOLD);
}

static bool release_post(struct call *call) {
    return change_post(call, CHANGE_RELEASE);
}

static void change_show(struct call *call, const char *id) {
    const struct change_row *row = desk_change_of(call->tx, id);
    if (row != NULL) {
        call_answer(call, 201, json_change(call->tx, row));
    }
}

static bool changes_get(struct call *call) {
    struct desk_history h;
    struct history_page page;
    size_t count = 0;
    if (!load_history(call, &h)) {
        return false;
    }
    for (size_t i = 0; i < h.change_count; i++) {
        if (strcmp(h.changes[i].prescription, call->ids[0]) == 0) {
            h.changes[count++] = h.changes[i];
        }
    }
    if (!history_page(call, count, &page)) {
        return false;
    }
    cJSON *items = cJSON_CreateArray();
    for (size_t i = page.from; i < page.to; i++) {
        cJSON_AddItemToArray(items, json_change(call->tx, &h.changes[i]));
    }
    return call_answer(call, 200, json_list(items, next_of(&page)));
}

/* ---- doses given elsewhere ---- */

static bool decode_elsewhere(struct call *call, struct elsewhere_request *r) {
    static const char *const classes[] = {"opioid", "benzodiazepine", NULL};
    const cJSON *body = call->body;
    int drug_class = 0;
    bool ok = call_text(call, body, "patient", HISTORY_ID_MAX, true, &r->patient);
    ok = call_choice(call, body, "class", true, classes, &drug_class) && ok;
    ok = call_day(call, body, "from", true, &r->from) && ok;
    ok = call_day(call, body, "to", false, &r->to) && ok;
    ok = call_text(call, body, "product", HISTORY_NAME_MAX, false, &r->product) && ok;
    ok = call_text(call, body, "dose", HISTORY_NAME_MAX, false, &r->dose) && ok;
    ok = call_text(call, body, "where", HISTORY_NAME_MAX, false, &r->where) && ok;
    ok = call_text(call, body, "confirmed_by", HISTORY_NAME_MAX, true, &r->confirmed_by) && ok;
    ok = call_text(call, body, "channel", HISTORY_CHANNEL_MAX, false, &r->channel) && ok;
    r->drug_class = (enum drug_class)drug_class;
    return ok;
}

static bool elsewhere_post(struct call *call) {
    static const char *const known[] = {"patient", "class", "from",         "to",      "product",
                                        "dose",    "where", "confirmed_by", "channel", NULL};
    struct elsewhere_request r = {.from = DAY_NONE, .to = DAY_NONE};
    struct desk_problem problem = {.code = NULL};
    const struct elsewhere_row *made = NULL;
    bool ok = call_known(call, known);
    if (!decode_elsewhere(call, &r) || !ok) {
        return call_invalid(call);
    }
    enum desk_result result = desk_elsewhere(call->tx, &call->who, &r, &made, &problem);
    if (result != DESK_OK) {
        return call_desk_problem(call, result, &problem);
    }
    call_event(call, "day", made->patient, "dosed_elsewhere");
    return call_made(call, 201, made->id);
}

static void elsewhere_show(struct call *call, const char *id) {
    const struct elsewhere_row *row = desk_elsewhere_of(call->tx, id);
    if (row != NULL) {
        call_answer(call, 201, json_elsewhere(row));
    }
}

static bool elsewhere_get(struct call *call) {
    struct desk_history h;
    struct history_page page;
    const struct desk_problem problem = {.code = NULL};
    const char *patient = history_query(call, "patient");
    if (patient == NULL) {
        return call_invalid(call);
    }
    enum desk_result result = desk_history(call->tx, patient, &h);
    if (result != DESK_OK) {
        return call_desk_problem(call, result, &problem);
    }
    if (!history_page(call, h.elsewhere_count, &page)) {
        return false;
    }
    call_reads(call, patient);
    cJSON *items = cJSON_CreateArray();
    for (size_t i = page.from; i < page.to; i++) {
        cJSON_AddItemToArray(items, json_elsewhere(&h.elsewheres[i]));
    }
    return call_answer(call, 200, json_list(items, next_of(&page)));
}

/* ---- the table ---- */

#define PHARMACISTS (ROLE_PHARMACIST | ROLE_MANAGER)
#define BAGGERS (ROLE_TECHNICIAN | ROLE_PHARMACIST | ROLE_MANAGER)
#define COUNTER (ROLE_COUNTER | ROLE_TECHNICIAN | ROLE_PHARMACIST | ROLE_MANAGER)
#define RECORDS (ROUTE_WRITE | ROUTE_KEY)

const struct route routes_history[] = {
    {"POST", "/prescriptions/{id}/consultations", PHARMACISTS, RECORDS, BODY_MAX,
     "Records who was asked about a prescription, and what was said.", consultation_post, consultation_show},
    {"GET", "/prescriptions/{id}/consultations", COUNTER, ROUTE_READ, 0,
     "Who was asked about a prescription, in the order of recording.", consultations_get, NULL},
    {"POST", "/prescriptions/{id}/stop", PHARMACISTS, RECORDS, BODY_MAX,
     "Stops a prescription from today or a later day on.", stop_post, change_show},
    {"POST", "/prescriptions/{id}/hold", PHARMACISTS, RECORDS, BODY_MAX,
     "Puts a prescription on hold, at once.", hold_post, change_show},
    {"POST", "/prescriptions/{id}/release", PHARMACISTS, RECORDS, BODY_MAX,
     "Releases a prescription that is on hold, at once.", release_post, change_show},
    {"GET", "/prescriptions/{id}/changes", COUNTER, ROUTE_READ, 0,
     "Stops, holds and releases of a prescription, in the order of recording.", changes_get, NULL},
    {"POST", "/dosed-elsewhere", PHARMACISTS, RECORDS, BODY_MAX,
     "Records doses confirmed as given elsewhere.", elsewhere_post, elsewhere_show},
    {"GET", "/dosed-elsewhere", COUNTER, ROUTE_READ, 0,
     "Doses of a patient that were given elsewhere (?patient=), in the order of recording.", elsewhere_get,
     NULL},
    {"POST", "/outcomes", COUNTER, RECORDS, BODY_MAX,
     "Records what came in place of today's supply, or what happened to its dose.", outcome_post,
     outcome_show},
    {"GET", "/outcomes", COUNTER, ROUTE_READ, 0,
     "Outcomes of a patient (?patient=, ?prescription=), in the order of recording.", outcomes_get, NULL},
    {"POST", "/instalments/{id}/prepare", BAGGERS, RECORDS, BODY_MAX,
     "Notes that an instalment has been bagged in advance.", prepare_post, preparation_show},
    {"POST", "/instalments/{id}/unprepare", BAGGERS, RECORDS, BODY_MAX,
     "Notes that a bagged instalment has gone back to stock.", unprepare_post, preparation_show},
    {"POST", "/concerns", COUNTER, RECORDS, BODY_MAX,
     "Records a concern at collection and raises the alert to the service.", concern_post, concern_show},
    {"GET", "/concerns", COUNTER, ROUTE_READ, 0, "Concerns, newest first (?patient=).", concerns_get, NULL},
    {"GET", "/concerns/signs", COUNTER, ROUTE_READ, 0, "The signs that a concern may name.", signs_get, NULL},
    {"GET", "/concerns/{id}", COUNTER, ROUTE_READ | ROUTE_ETAG, 0, "One concern.", concern_get, NULL},
};
const size_t routes_history_count = sizeof routes_history / sizeof routes_history[0];
