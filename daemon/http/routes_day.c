/* The day's list. */
#include <string.h>

#include "desk/day.h"
#include "fields.h"
#include "json_supply.h"
#include "routes.h"

static cJSON *json_row(const struct day_row *row) {
    cJSON *one = cJSON_CreateObject();
    cJSON *patient = cJSON_AddObjectToObject(one, "patient");
    cJSON *decision = NULL;
    cJSON *codes = cJSON_CreateArray();
    json_put_text(patient, "id", row->patient.id);
    json_put_text(patient, "name", row->patient.name);
    json_put_text(patient, "preferred_name", row->patient.preferred_name);
    json_put_day(patient, "born_on", row->patient.born_on);
    json_put_text(one, "prescription", row->prescription);
    json_put_text(one, "instalment", row->instalment);
    json_put_text(one, "status", day_status_text(row->status));
    decision = cJSON_AddObjectToObject(one, "decision");
    json_put_text(decision, "verdict", verdict_text(row->verdict));
    for (size_t i = 0; i < row->code_count; i++) {
        cJSON_AddItemToArray(codes, cJSON_CreateStringReference(reason_code_text(row->codes[i])));
    }
    cJSON_AddItemToObject(decision, "reasons", codes);
    cJSON_AddNumberToObject(decision, "missed_days", row->missed_days);
    json_put_alerts(one, row->alerts_open, row->alerts_telephone);
    return one;
}

/* Why somebody is looked for first, as it is said. */
static const char *first_words(enum day_first first) {
    switch (first) {
    case DAY_FIRST_TITRATION: return "In titration.";
    case DAY_FIRST_MISS_URGENT: return "Already the first missed collection is urgent.";
    case DAY_FIRST_THIRD_DAY: return "Missed today, it would be the third day or later.";
    case DAY_FIRST_NONE:
    case DAY_FIRST_COUNT: break;
    }
    return NULL;
}

static cJSON *json_not_come(const struct day_not_come *who) {
    cJSON *one = json_row(who->row);
    cJSON *service = cJSON_AddObjectToObject(one, "service");
    json_put_text(one, "first", day_first_text(who->row->first));
    json_put_text(one, "why", first_words(who->row->first));
    json_put_text(service, "id", who->row->service);
    json_put_text(service, "name", who->service_name);
    json_put_text(service, "telephone", who->service_telephone);
    return one;
}

static void put_not_come(cJSON *object, const struct day_list_answer *answer) {
    cJSON *list = cJSON_AddArrayToObject(object, "not_come");
    for (size_t i = 0; i < answer->not_come_count; i++) {
        cJSON_AddItemToArray(list, json_not_come(&answer->not_come[i]));
    }
}

static bool day_get(struct call *call) {
    struct day_list_answer answer;
    const char *date = call_query(call, "date");
    day_t day = call->tx->now.day;
    if (date != NULL && !day_parse(date, strlen(date), &day)) {
        json_error_add(&call->errors, "must be a day written YYYY-MM-DD", "date");
        return call_invalid(call);
    }
    enum desk_result result = desk_day(call->tx, day, &answer);
    if (result != DESK_OK) {
        const struct desk_problem problem = {.code = NULL};
        return call_desk_problem(call, result, &problem);
    }
    cJSON *object = cJSON_CreateObject();
    cJSON *due = cJSON_CreateArray();
    json_put_day(object, "date", day);
    cJSON_AddBoolToObject(object, "open", answer.open);
    cJSON_AddItemToObject(object, "closes", json_minute(answer.closes));
    json_put_text(object, "closed_by", answer.closed_by);
    for (size_t i = 0; i < answer.count; i++) {
        cJSON_AddItemToArray(due, json_row(&answer.rows[i]));
    }
    cJSON_AddItemToObject(object, "due", due);
    cJSON *totals = cJSON_AddObjectToObject(object, "totals");
    for (size_t i = 0; i < DAY_STATUS_COUNT; i++) {
        cJSON_AddNumberToObject(totals, day_status_text((enum day_status)i), (double)answer.totals[i]);
    }
    cJSON_AddNumberToObject(totals, "all", (double)answer.count);
    if (answer.closing) {
        put_not_come(object, &answer);
    }
    return call_answer(call, 200, object);
}

#define READERS (ROLE_COUNTER | ROLE_TECHNICIAN | ROLE_PHARMACIST | ROLE_MANAGER)

const struct route routes_day[] = {
    {"GET", "/day", READERS, ROUTE_READ, 0, "Everybody due on a day, and what has become of it (?date=).",
     day_get, NULL},
};
const size_t routes_day_count = sizeof routes_day / sizeof routes_day[0];
