/* Safety cards given to patients, and labels that are scanned. */
#include <string.h>

#include "json_print.h"
#include "routes.h"
#include "routes_print.h"

#define BODY_MAX 4096
#define ID_MAX 64
#define CODE_MAX 60

/* ---- cards ---- */

/* Those that there are; few, so not in pages. */
static cJSON *json_carried(void) {
    cJSON *array = cJSON_CreateArray();
    size_t count = 0;
    const struct card *cards = desk_cards() == NULL ? NULL : card_list(desk_cards(), &count);
    for (size_t i = 0; cards != NULL && i < count; i++) {
        cJSON_AddItemToArray(array, json_card(&cards[i]));
    }
    return array;
}

static bool cards_get(struct call *call) {
    const struct desk_problem problem = {.code = NULL};
    const char *patient = call_query(call, "patient");
    struct card_given_row *rows = NULL;
    size_t count = 0;
    int32_t limit = 0;
    int64_t before = TX_NOW;
    if (!call_limit(call, &limit) || !call_before(call, &before)) {
        return false;
    }
    enum desk_result result = desk_cards_given(call->tx, patient, before, limit + 1, &rows, &count);
    if (result != DESK_OK) {
        return call_desk_problem(call, result, &problem);
    }
    bool more = count > (size_t)limit;
    count = more ? (size_t)limit : count;
    cJSON *items = cJSON_CreateArray();
    for (size_t i = 0; i < count; i++) {
        call_reads(call, rows[i].patient);
        cJSON_AddItemToArray(items, json_card_given(&rows[i]));
    }
    return call_page(call, items, more ? rows[count - 1].seq : 0);
}

static bool carried_get(struct call *call) {
    return call_answer(call, 200, json_list(json_carried(), NULL));
}

static bool card_post(struct call *call) {
    static const char *const known[] = {"patient", "card",         "language", "form",
                                        "to",      "talked_about", "print",    NULL};
    static const char *const people[] = {"patient", "representative", "other", NULL};
    struct card_request request = {.print = true};
    struct desk_problem problem = {.code = NULL};
    const char *id = NULL;
    int to = 0;
    bool ok = call_known(call, known);
    ok = call_text(call, call->body, "patient", ID_MAX, true, &request.patient) && ok;
    ok = call_text(call, call->body, "card", ID_MAX, true, &request.card) && ok;
    ok = call_text(call, call->body, "language", ID_MAX, true, &request.language) && ok;
    ok = call_text(call, call->body, "form", ID_MAX, false, &request.form) && ok;
    ok = call_choice(call, call->body, "to", false, people, &to) && ok;
    ok = call_bool(call, call->body, "talked_about", true, &request.talked_about) && ok;
    ok = call_bool(call, call->body, "print", false, &request.print) && ok;
    if (!ok) {
        return call_invalid(call);
    }
    request.given_to = people[to];
    enum desk_result result = desk_card_give(call->tx, &request, &id, &problem);
    if (result != DESK_OK) {
        return call_desk_problem(call, result, &problem);
    }
    call_event(call, "print", id, "queued");
    return call_made(call, 201, id);
}

static bool card_answer(struct call *call, const char *id, int status) {
    const struct desk_problem problem = {.code = "not_found", .detail = "No such card was given."};
    struct card_given_row row;
    enum desk_result result = desk_card_given(call->tx, id, &row);
    if (result != DESK_OK) {
        return call_desk_problem(call, result, &problem);
    }
    call_reads(call, row.patient);
    return call_answer(call, status, json_card_given(&row));
}

static void card_show(struct call *call, const char *id) {
    card_answer(call, id, 201);
}

static bool card_get(struct call *call) {
    return card_answer(call, call->ids[0], 200);
}

/* ---- scans ---- */

/* Every scan is audited; a code that is none is not kept, for it may be anything that a scanner has read. */
static bool scan_get(struct call *call) {
    struct desk_problem problem = {.code = NULL};
    struct scan_view view = {.newest = false};
    enum desk_result result =
        strlen(call->ids[0]) > CODE_MAX
            ? desk_no(&problem, DESK_NOT_FOUND, "not_found", "No label of this pharmacy has this code.")
            : desk_scan(call->tx, call->ids[0], &view, &problem);
    if (result != DESK_OK) {
        call_audits(call, "scan of no label", NULL, NULL);
        return call_desk_problem(call, result, &problem);
    }
    call_audits(call, view.valid ? "scan" : "scan refused", view.patient, view.job.id);
    return call_answer(call, 200, json_scan(&view));
}

#define COUNTER_UP (ROLE_COUNTER | ROLE_TECHNICIAN | ROLE_PHARMACIST | ROLE_MANAGER)

const struct route routes_cards[] = {
    {"GET", "/cards", COUNTER_UP, ROUTE_READ, 0, "Safety cards that were given, newest first (?patient=).",
     cards_get, NULL},
    {"POST", "/cards", COUNTER_UP, ROUTE_WRITE | ROUTE_KEY, BODY_MAX,
     "Records that a safety card was given, and prints it.", card_post, card_show},
    {"GET", "/cards/carried", COUNTER_UP, ROUTE_READ, 0, "The safety cards that there are.", carried_get,
     NULL},
    {"GET", "/cards/{id}", COUNTER_UP, ROUTE_READ, 0, "One card that was given.", card_get, NULL},
    {"GET", "/scan/{code}", COUNTER_UP, ROUTE_READ, 0,
     "What a label's code says: patient, instalment, and whether it is the newest print.", scan_get, NULL},
};
const size_t routes_cards_count = sizeof routes_cards / sizeof routes_cards[0];
