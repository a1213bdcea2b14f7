/* Entering prescriptions, reading one, the second keying. */
#include <string.h>

#include "desk/day.h"
#include "desk/prescribe.h"
#include "desk/prescription_rules.h"
#include "json_history.h"
#include "routes_history.h"

#define BODY_MAX (512U << 10)
#define TEXT_MAX 1000
#define NAME_MAX_LEN 200

/* ---- decoding ---- */

static bool decode_items_paper(struct call *call, const cJSON *items, struct prescribe_request *request) {
    struct entry_item *paper = arena_take(call->tx->arena, request->rules.item_count + 1, sizeof *paper);
    size_t at = 0;
    bool ok = paper != NULL;
    for (const cJSON *one = ok ? items->child : NULL; one != NULL; one = one->next, at++) {
        /* Left out, the form has both: what is missing on it is said. */
        paper[at].total_in_words = true;
        paper[at].total_in_figures = true;
        ok = call_bool(call, one, "total_in_words", false, &paper[at].total_in_words) && ok;
        ok = call_bool(call, one, "total_in_figures", false, &paper[at].total_in_figures) && ok;
    }
    request->items = paper;
    return ok;
}

static bool decode_prescriber(struct call *call, struct prescribe_request *request) {
    static const char *const known[] = {"name", "number", "address"};
    const cJSON *object = json_member(call->body, "prescriber");
    if (!cJSON_IsObject(object)) {
        json_error_add(&call->errors, "must have a name, a number and an address", "prescriber");
        return false;
    }
    bool ok = call_text(call, object, known[0], NAME_MAX_LEN, true, &request->prescriber_name);
    ok = call_text(call, object, known[1], NAME_MAX_LEN, false, &request->prescriber_number) && ok;
    return call_text(call, object, known[2], TEXT_MAX, false, &request->prescriber_address) && ok;
}

static bool decode_links(struct call *call, struct prescribe_request *request) {
    const cJSON *replaces = json_member(call->body, "replaces");
    bool ok = call_text(call, call->body, "together_with", NAME_MAX_LEN, false, &request->together_with);
    if (replaces == NULL) {
        return ok;
    }
    if (!cJSON_IsObject(replaces)) {
        json_error_add(&call->errors, "must name a prescription, and the day from which", "replaces");
        return false;
    }
    ok = call_text(call, replaces, "prescription", NAME_MAX_LEN, true, &request->replaces) && ok;
    return call_day(call, replaces, "from", true, &request->rules.replaces_from) && ok;
}

static bool decode_accept(struct call *call, struct prescribe_request *request) {
    const cJSON *array = json_member(call->body, "accept");
    bool ok = array == NULL || cJSON_IsArray(array);
    for (const cJSON *one = ok && array != NULL ? array->child : NULL; ok && one != NULL; one = one->next) {
        const char *code = NULL;
        ok = json_text(one, &code) && finding_set_of(code, strlen(code)) != 0;
        request->accept |= ok ? finding_set_of(code, strlen(code)) : 0;
    }
    if (!ok) {
        json_error_add(&call->errors, "must be a list of the codes of findings", "accept");
    }
    return ok;
}

static bool decode_earlier(struct call *call, struct prescribe_request *request) {
    const struct json_context context = {call->tx->arena, desk_catalogue(), &call->errors};
    const cJSON *array = json_member(call->body, "supplied_before");
    if (array == NULL) {
        return true;
    }
    int count = cJSON_IsArray(array) ? cJSON_GetArraySize(array) : -1;
    struct earlier_supply *list = count < 0 || count > PLAN_DAYS_MAX
                                      ? NULL
                                      : arena_take(call->tx->arena, (size_t)count + 1, sizeof *list);
    if (list == NULL) {
        json_error_add(&call->errors, "must be a list of instalments", "supplied_before");
        return false;
    }
    bool ok = true;
    for (const cJSON *one = array->child; one != NULL; one = one->next) {
        struct earlier_supply *earlier = &list[request->supplied_before_count++];
        const cJSON *covers = cJSON_IsObject(one) ? json_member(one, "covers") : NULL;
        ok = cJSON_IsObject(one) && call_day(call, one, "on", true, &earlier->on) &&
             call_text(call, one, "confirmed_by", NAME_MAX_LEN, true, &earlier->confirmed_by) &&
             json_days(&context, covers, "supplied_before.covers", &earlier->covers) && ok;
    }
    request->supplied_before = list;
    return ok;
}

static bool decode_prescription(struct call *call, struct prescribe_request *request) {
    static const char *const known[] = {"patient",         "service",      "form",          "serial",
                                        "signed_on",       "start_on",     "prescriber",    "stage",
                                        "wording",         "wording_text", "items",         "collect",
                                        "supervised",      "replaces",     "together_with", "accept",
                                        "supplied_before", "second",       "pin",           NULL};
    const struct json_context context = {call->tx->arena, desk_catalogue(), &call->errors};
    bool ok = call_known(call, known);
    *request = (struct prescribe_request){.who = &call->who, .second_person = call->second.staff != NULL};
    if (json_member(call->body, "form") == NULL) {
        json_error_add(&call->errors, "must be FP10MDA, FP10HMDA, WP10MDA, GP10, HBP, HS21, FP10 or FP10PCD",
                       "form");
        ok = false;
    }
    ok = json_prescription(&context, call->body, &request->rules) && ok;
    ok = call_text(call, call->body, "patient", NAME_MAX_LEN, true, &request->patient) && ok;
    ok = call_text(call, call->body, "service", NAME_MAX_LEN, true, &request->service) && ok;
    ok = call_text(call, call->body, "serial", NAME_MAX_LEN, false, &request->serial) && ok;
    ok = call_text(call, call->body, "wording_text", TEXT_MAX, false, &request->wording_text) && ok;
    ok = decode_prescriber(call, request) && ok;
    ok = decode_links(call, request) && ok;
    ok = decode_accept(call, request) && ok;
    ok = decode_earlier(call, request) && ok;
    return ok && decode_items_paper(call, json_member(call->body, "items"), request);
}

/* ---- encoding ---- */

static cJSON *json_instalment(struct call *call, const char *id, const struct plan *plan,
                              const struct instalment *one) {
    static const char *const closed[] = {[CALENDAR_OPEN] = NULL,
                                         [CALENDAR_CLOSED_WEEKLY] = "weekly",
                                         [CALENDAR_CLOSED_DATED] = "dated",
                                         [CALENDAR_CLOSED_UNPLANNED] = "unplanned"};
    cJSON *object = cJSON_CreateObject();
    cJSON *covers = cJSON_CreateArray();
    cJSON *items = cJSON_CreateArray();
    json_put_text(object, "id", id == NULL ? NULL : instalment_id(call->tx, id, one->collect));
    json_put_day(object, "collect", one->collect);
    json_put_day(object, "due", one->due);
    json_put_day(object, "usual", one->usual);
    cJSON_AddBoolToObject(object, "moved", one->due != one->collect);
    json_put_text(object, "closed", closed[one->state]);
    for (day_t day = one->collect; day <= one->last; day++) {
        if (plan_has_dose(plan, day)) {
            char text[DAY_TEXT_SIZE];
            day_format(day, text);
            cJSON_AddItemToArray(covers, cJSON_CreateString(text));
        }
    }
    bool supervised = one->due == one->collect && plan_supervised_on(plan, one->collect);
    for (size_t i = 0; i < plan->prescription->item_count; i++) {
        quantity_t quantity = 0;
        for (day_t day = one->collect; day <= one->last; day++) {
            quantity += plan_dose(plan, i, day);
        }
        quantity_t part = supervised ? plan_supervised_part(plan, i, one->collect) : 0;
        cJSON *item = cJSON_CreateObject();
        json_put_text(item, "product", plan->prescription->items[i].product->code);
        json_put_quantity(item, "quantity", quantity);
        json_put_quantity(item, "supervised", part);
        json_put_quantity(item, "take_home", quantity - part);
        cJSON_AddItemToArray(items, item);
    }
    cJSON_AddItemToObject(object, "covers", covers);
    cJSON_AddItemToObject(object, "items", items);
    return object;
}

/* What has become of each: not part of what was made, so it stands in the reading alone. */
static void put_states(struct call *call, const struct patient_case *c, size_t index, cJSON *instalments) {
    const struct plan *plan = &c->rules.courses[index].plan;
    cJSON *object = instalments->child;
    for (size_t i = 0; i < plan->instalment_count && object != NULL; i++, object = object->next) {
        enum day_status status = DAY_STATUS_DUE;
        const char *supply = NULL;
        bool listed = day_instalment(call->tx, c, index, &plan->instalments[i], &status, &supply);
        json_put_text(object, "status", listed ? day_status_text(status) : NULL);
        json_put_text(object, "supply", listed ? supply : NULL);
    }
}

static cJSON *json_instalments(struct call *call, const char *id, const struct plan *plan) {
    cJSON *array = cJSON_CreateArray();
    for (size_t i = 0; i < plan->instalment_count; i++) {
        cJSON_AddItemToArray(array, json_instalment(call, id, plan, &plan->instalments[i]));
    }
    return array;
}

static cJSON *json_findings(const struct findings *findings) {
    cJSON *array = cJSON_CreateArray();
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->list[i];
        char field[FINDING_FIELD_SIZE];
        char text[FINDING_TEXT_SIZE];
        cJSON *one = cJSON_CreateObject();
        finding_field(finding, field);
        finding_text(finding, text);
        json_put_text(one, "code", finding_code_text(finding->code));
        json_put_text(one, "about", finding_about(finding->code));
        json_put_text(one, "kind", finding_kind_text(finding->kind));
        json_put_text(one, "rule", finding_rule(finding->code));
        json_put_text(one, "basis", finding_basis(finding->code));
        json_put_text(one, "field", field);
        json_put_text(one, "text", text);
        cJSON_AddBoolToObject(one, "accepted", finding->accepted);
        cJSON_AddItemToArray(array, one);
    }
    return array;
}

static cJSON *json_weekdays_of(weekday_set set) {
    cJSON *array = cJSON_CreateArray();
    for (int day = WEEKDAY_MON; day <= (int)WEEKDAY_SUN; day++) {
        if ((set >> day & 1) != 0) {
            cJSON_AddItemToArray(array, cJSON_CreateString(weekday_code((enum weekday)day)));
        }
    }
    return array;
}

static void put_collect(cJSON *object, const struct prescription_row *row) {
    cJSON *collect = cJSON_AddObjectToObject(object, "collect");
    if (strcmp(row->collect_kind, "weekdays") == 0) {
        cJSON_AddItemToObject(collect, "weekdays", json_weekdays_of(row->collect_weekdays));
    } else if (strcmp(row->collect_kind, "every_days") == 0) {
        cJSON_AddNumberToObject(collect, "every_days", row->collect_every);
    } else {
        cJSON *dates = cJSON_AddArrayToObject(collect, "dates");
        for (size_t i = 0; i < row->collect_dates.count; i++) {
            char text[DAY_TEXT_SIZE];
            day_format(row->collect_dates.days[i], text);
            cJSON_AddItemToArray(dates, cJSON_CreateString(text));
        }
    }
    if (strcmp(row->supervised_kind, "weekdays") == 0) {
        cJSON *supervised = cJSON_AddObjectToObject(object, "supervised");
        cJSON_AddItemToObject(supervised, "weekdays", json_weekdays_of(row->supervised_weekdays));
    } else {
        json_put_text(object, "supervised", row->supervised_kind);
    }
}

static void put_items(cJSON *object, const struct prescription_row *row) {
    cJSON *items = cJSON_AddArrayToObject(object, "items");
    for (size_t i = 0; i < row->item_count; i++) {
        const struct prescription_item_row *item = &row->items[i];
        cJSON *one = cJSON_CreateObject();
        cJSON *doses = cJSON_CreateArray();
        json_put_text(one, "product", item->product);
        for (size_t r = 0; r < item->run_count; r++) {
            cJSON *run = cJSON_CreateObject();
            json_put_day(run, "from", item->runs[r].from);
            cJSON_AddNumberToObject(run, "days", item->runs[r].days);
            json_put_quantity(run, "dose", item->runs[r].dose);
            if (item->runs[r].supervised_part != QUANTITY_NONE) {
                json_put_quantity(run, "supervised_part", item->runs[r].supervised_part);
            }
            cJSON_AddItemToArray(doses, run);
        }
        cJSON_AddItemToObject(one, "doses", doses);
        json_put_quantity(one, "total", item->total_on_form);
        cJSON_AddBoolToObject(one, "total_in_words", item->total_in_words);
        cJSON_AddBoolToObject(one, "total_in_figures", item->total_in_figures);
        cJSON_AddItemToArray(items, one);
    }
}

static void put_wording(cJSON *object, const struct prescription_row *row) {
    cJSON *wording = cJSON_AddArrayToObject(object, "wording");
    for (unsigned flag = WORDING_W1; flag <= WORDING_W1OLD; flag <<= 1) {
        if ((row->wording & flag) != 0) {
            cJSON_AddItemToArray(wording, cJSON_CreateString(wording_code((enum wording_flag)flag)));
        }
    }
    json_put_text(object, "wording_text", row->wording_text);
}

static cJSON *json_prescription_row(const struct prescription_row *row) {
    cJSON *object = cJSON_CreateObject();
    cJSON *prescriber = cJSON_CreateObject();
    json_put_text(object, "id", row->id);
    json_put_text(object, "patient", row->patient);
    json_put_text(object, "service", row->service);
    json_put_text(object, "form", row->form);
    json_put_text(object, "serial", row->serial);
    json_put_text(object, "class", row->drug_class);
    json_put_day(object, "signed_on", row->signed_on);
    json_put_day(object, "start_on", row->start_on);
    json_put_day(object, "entered_on", row->entered_on);
    json_put_text(prescriber, "name", row->prescriber_name);
    json_put_text(prescriber, "number", row->prescriber_number);
    json_put_text(prescriber, "address", row->prescriber_address);
    cJSON_AddItemToObject(object, "prescriber", prescriber);
    json_put_text(object, "stage", row->stage);
    put_wording(object, row);
    put_items(object, row);
    put_collect(object, row);
    if (row->replaces != NULL) {
        cJSON *replaces = cJSON_AddObjectToObject(object, "replaces");
        json_put_text(replaces, "prescription", row->replaces);
        json_put_day(replaces, "from", row->replaces_from);
    }
    json_put_text(object, "together_with", row->together_with);
    json_put_text(object, "entered_by", row->entered_by);
    json_put_text(object, "checked_by", row->checked_by);
    return object;
}

/* ---- routes ---- */

static void put_state(struct call *call, cJSON *object, const struct patient_case *c, size_t index) {
    day_t stop = case_stop_day(&c->rules, index, call->tx->now.day);
    json_put_day(object, "stopped_from", stop > DAY_MAX ? DAY_NONE : stop);
    cJSON_AddBoolToObject(object, "on_hold", c->rows[index].rules->on_hold);
}

static void prescription_show_as(struct call *call, const char *id, int status, bool reading) {
    struct prescription_row row;
    struct patient_case c;
    size_t index = 0;
    if (!prescription_find(call->tx, id, &row)) {
        call_problem(call, 404, "not_found", "There is no such prescription.");
        return;
    }
    enum desk_result result = patient_case_load_for(call->tx, id, &c, &index);
    if (result == DESK_OK) {
        cJSON *object = json_prescription_row(&row);
        cJSON *instalments = json_instalments(call, id, &c.rules.courses[index].plan);
        put_state(call, object, &c, index);
        if (reading) {
            put_states(call, &c, index, instalments);
        }
        cJSON_AddItemToObject(object, "instalments", instalments);
        result = json_put_history(call->tx, object, row.patient, id) ? DESK_OK : DESK_FAILED;
        call_answer(call, status, object);
    }
    if (result != DESK_OK) {
        const struct desk_problem problem = {.code = NULL};
        call_desk_problem(call, result, &problem);
    }
    patient_case_close(&c);
}

static void prescription_show(struct call *call, const char *id) {
    prescription_show_as(call, id, 201, false);
}

static bool prescription_get(struct call *call) {
    struct prescription_row row;
    if (!prescription_find(call->tx, call->ids[0], &row)) {
        return call_problem(call, 404, "not_found", "There is no such prescription.");
    }
    call_reads(call, row.patient);
    prescription_show_as(call, call->ids[0], 200, true);
    return true;
}

/* One of a list: without its instalments and history. */
static cJSON *json_listed(struct call *call, const struct patient_case *c,
                          const struct prescription_row *row) {
    size_t index = patient_case_index(c, row->id);
    const struct plan *plan = &c->rules.courses[index].plan;
    cJSON *object = json_prescription_row(row);
    put_state(call, object, c, index);
    json_put_day(object, "first_day", plan->first);
    json_put_day(object, "last_day", plan->last);
    return object;
}

static bool prescriptions_get(struct call *call) {
    struct patient_case c;
    struct prescription_row *rows = NULL;
    struct history_page page = {.from = 0};
    size_t count = 0;
    const struct desk_problem problem = {.code = "not_found", .detail = "There is no such patient."};
    const char *patient = history_query(call, "patient");
    if (patient == NULL) {
        return call_invalid(call);
    }
    enum desk_result result = patient_case_load(call->tx, patient, &c);
    if (result == DESK_OK && !prescription_all(call->tx, c.patient.id, &rows, &count)) {
        result = DESK_FAILED;
    }
    bool ok =
        result == DESK_OK ? history_page(call, count, &page) : call_desk_problem(call, result, &problem);
    if (ok) {
        cJSON *items = cJSON_CreateArray();
        for (size_t i = page.from; i < page.to; i++) {
            cJSON_AddItemToArray(items, json_listed(call, &c, &rows[i]));
        }
        call_reads(call, c.patient.id);
        ok = call_answer(call, 200, json_list(items, page.next[0] == '\0' ? NULL : page.next));
    }
    patient_case_close(&c);
    return ok;
}

/* 422 with every finding: the problem's fields name the members, `findings` carry everything. */
static bool answer_findings(struct call *call, const struct findings *findings) {
    cJSON *fields = cJSON_CreateArray();
    for (size_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->list[i];
        if (finding->kind >= FINDING_NEEDS_ACCEPT && !finding->accepted) {
            char field[FINDING_FIELD_SIZE];
            char text[FINDING_TEXT_SIZE];
            finding_field(finding, field);
            finding_text(finding, text);
            cJSON *one = cJSON_CreateObject();
            json_put_text(one, "field", field);
            json_put_text(one, "message", text);
            cJSON_AddItemToArray(fields, one);
        }
    }
    call_extra(call, "fields", fields);
    call_extra(call, "findings", json_findings(findings));
    return call_problem(call, 422, "findings", "The prescription cannot be stored as it was entered.");
}

static bool prescription_post(struct call *call) {
    struct prescribe_request request;
    struct prescribe_answer answer = {.id = NULL};
    struct desk_problem problem = {.code = NULL};
    const char *dry = call_query(call, "dry_run");
    bool dry_run = dry != NULL && strcmp(dry, "true") == 0;
    if (!decode_prescription(call, &request)) {
        return call_invalid(call);
    }
    enum desk_result result = desk_prescribe(call->tx, &request, dry_run, &answer, &problem);
    bool ok = false;
    if (result == DESK_OK && dry_run) {
        const struct plan *plan = &answer.rules.courses[answer.rules.input.prescription_count - 1].plan;
        cJSON *object = cJSON_CreateObject();
        cJSON_AddItemToObject(object, "instalments", json_instalments(call, NULL, plan));
        cJSON_AddItemToObject(object, "findings", json_findings(answer.findings));
        cJSON_AddBoolToObject(object, "blocked", answer.findings->blocked);
        ok = call_answer(call, 200, object);
    } else if (result == DESK_OK) {
        call_event(call, "day", answer.id, "entered");
        ok = call_made(call, 201, answer.id);
    } else if (result == DESK_REFUSED) {
        ok = answer_findings(call, answer.findings);
    } else {
        ok = call_desk_problem(call, result, &problem);
    }
    case_close(&answer.rules);
    return ok;
}

static void check_show(struct call *call, const char *id) {
    prescription_show_as(call, id, 200, false);
}

/* The second keying has no dates of signature: it borrows the plan's members only. */
static bool check_post(struct call *call) {
    static const char *const known[] = {"staff", "pin", "items", "collect", "wording", "confirmed_by", NULL};
    struct desk_problem problem = {.code = NULL};
    struct second_keying keying = {.staff = call->confirmer.staff != NULL ? call->confirmer.staff
                                                                          : call->who.staff};
    const struct json_context context = {call->tx->arena, desk_catalogue(), &call->errors};
    bool ok = call_known(call, known);
    if (!json_plan(&context, call->body, &keying.rules) || !ok) {
        return call_invalid(call);
    }
    enum desk_result result = desk_second_keying(call->tx, call->ids[0], &keying, &problem);
    if (result != DESK_OK) {
        return call_desk_problem(call, result, &problem);
    }
    call_event(call, "day", call->ids[0], "checked");
    return call_made(call, 200, call->ids[0]);
}

#define COUNTER_UP (ROLE_COUNTER | ROLE_TECHNICIAN | ROLE_PHARMACIST | ROLE_MANAGER)
#define ENTERERS (ROLE_TECHNICIAN | ROLE_PHARMACIST | ROLE_MANAGER)

const struct route routes_prescriptions[] = {
    {"POST", "/prescriptions", ENTERERS, ROUTE_WRITE | ROUTE_KEY | ROUTE_DRY | ROUTE_SECOND_OPTIONAL,
     BODY_MAX,
     "Checks a prescription and stores it; ?dry_run=true only checks. A `second` person confirms a "
     "concentrate.",
     prescription_post, prescription_show},
    {"GET", "/prescriptions", COUNTER_UP, ROUTE_READ, 0,
     "A patient's prescriptions in the order of entry, without instalments and history (?patient=, ?limit=, "
     "?after=).",
     prescriptions_get, NULL},
    {"GET", "/prescriptions/{id}", COUNTER_UP, ROUTE_READ | ROUTE_ETAG, 0,
     "One prescription with its instalments and what has become of them.", prescription_get, NULL},
    {"POST", "/prescriptions/{id}/check", ENTERERS, ROUTE_WRITE | ROUTE_KEY | ROUTE_PIN, BODY_MAX,
     "The second keying by another person.", check_post, check_show},
};
const size_t routes_prescriptions_count = sizeof routes_prescriptions / sizeof routes_prescriptions[0];
