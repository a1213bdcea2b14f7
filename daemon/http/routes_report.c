/* The end of a day: its report, closing it, late entries from paper. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "desk/late.h"
#include "grid.h"
#include "json_report.h"
#include "routes.h"
#include "sys/number.h"

#define REPORT_MAX ((size_t)32 << 20)
#define TEXT_MAX 1000
#define ITEMS_MAX 16

static bool path_day(struct call *call, day_t *day) {
    if (!day_parse(call->ids[0], strlen(call->ids[0]), day)) {
        json_error_add(&call->errors, "must be a day written YYYY-MM-DD", "date");
        return false;
    }
    return true;
}

/* ---- the report ---- */

/* pdf comes with the renderer: a fourth name here, and a fourth case in answer_report. */
enum report_format { REPORT_JSON, REPORT_CSV, REPORT_HTML };
static const char *const report_formats[] = {"json", "csv", "html", NULL};

static bool answer_report(struct call *call, const struct report *report, enum report_format format) {
    struct buffer out;
    if (format == REPORT_JSON) {
        return call_answer(call, 200, json_report(report));
    }
    buffer_init(&out, REPORT_MAX);
    if (format == REPORT_CSV) {
        char day[DAY_TEXT_SIZE];
        char name[64];
        report_csv(&out, report);
        day_format(report->day, day);
        (void)snprintf(name, sizeof name, "day-%s.csv", day);
        call_attachment(call, name);
    } else {
        report_html(&out, report);
    }
    bool good = buffer_ok(&out) ? call_answer_bytes(call, 200, format == REPORT_CSV ? SHEET_CSV : SHEET_HTML,
                                                    out.bytes, out.len)
                                : call_problem(call, 503, "unavailable", "Memory is short. Try again.");
    buffer_release(&out);
    return good;
}

static bool report_get(struct call *call) {
    struct desk_problem problem = {.code = NULL};
    struct report report;
    const char *format = call_query(call, "format");
    const char *number = call_query(call, "number");
    int64_t wanted = 0;
    day_t day = DAY_NONE;
    size_t i = 0;
    while (format != NULL && report_formats[i] != NULL && strcmp(report_formats[i], format) != 0) {
        i++;
    }
    if (report_formats[i] == NULL) {
        json_error_add(&call->errors, "must be json, csv or html", "format");
    }
    if (number != NULL && !number_parse(number, 1, INT32_MAX, &wanted)) {
        json_error_add(&call->errors, "must be the number of a report", "number");
    }
    path_day(call, &day);
    if (call->errors.count > 0) {
        return call_invalid(call);
    }
    enum desk_result result = desk_report(call->tx, day, (int32_t)wanted, &report, &problem);
    return result == DESK_OK ? answer_report(call, &report, (enum report_format)i)
                             : call_desk_problem(call, result, &problem);
}

/* ---- closing ---- */

static bool close_post(struct call *call) {
    static const char *const known[] = {"reason", "pin", "confirmed_by", NULL};
    struct desk_problem problem = {.code = NULL};
    struct report report = {.day = DAY_NONE};
    const char *reason = NULL;
    int32_t number = 0;
    day_t day = DAY_NONE;
    path_day(call, &day);
    if (call->body != NULL) {
        call_known(call, known);
        call_text(call, call->body, "reason", TEXT_MAX, false, &reason);
    }
    if (call->errors.count > 0) {
        return call_invalid(call);
    }
    const struct identity *who = call->confirmer.staff != NULL ? &call->confirmer : &call->who;
    enum desk_result result = desk_close(call->tx, day, who, reason, &report, &number, &problem);
    if (result == DESK_CONFLICT && strcmp(problem.code, "open_items") == 0) {
        call_extra(call, "open", json_report_items(&report.open));
    }
    if (result != DESK_OK) {
        return call_desk_problem(call, result, &problem);
    }
    const char *id = desk_report_id(call->tx, day, number);
    call_event(call, "day", call->ids[0], "closed");
    return call_made(call, 201, id);
}

static void close_show(struct call *call, const char *id) {
    struct desk_problem problem = {.code = NULL};
    struct report report;
    day_t day = DAY_NONE;
    int32_t number = 0;
    if (desk_report_parse(id, &day, &number) &&
        desk_report(call->tx, day, number, &report, &problem) == DESK_OK) {
        call_answer(call, 201, json_report(&report));
    }
}

/* ---- late entries ---- */

static void wrong(struct call *call, const char *name, const char *message) {
    json_error_add(&call->errors, message, "%s", name);
}

static void decode_late_items(struct call *call, const cJSON *object, struct supply_request *supply) {
    const cJSON *array = json_member(object, "items");
    struct expected_item *items = arena_take(call->tx->arena, ITEMS_MAX, sizeof *items);
    if (!cJSON_IsArray(array) || cJSON_GetArraySize(array) < 1 || cJSON_GetArraySize(array) > ITEMS_MAX ||
        items == NULL) {
        wrong(call, "entries.items", "must be a list of what was supplied");
        return;
    }
    for (const cJSON *one = array->child; one != NULL; one = one->next) {
        struct expected_item *item = &items[supply->expect_count++];
        if (!cJSON_IsObject(one)) {
            wrong(call, "entries.items", "must be a list of what was supplied");
            return;
        }
        call_text(call, one, "product", 64, true, &item->product);
        call_quantity(call, one, "quantity", true, &item->quantity);
        call_quantity(call, one, "supervised", false, &item->supervised);
        item->take_home = item->quantity - item->supervised;
        call_quantity(call, one, "take_home", false, &item->take_home);
    }
    supply->expect = items;
}

static void decode_late_covers(struct call *call, const cJSON *object, struct supply_request *supply) {
    const cJSON *array = json_member(object, "covers");
    int size = cJSON_IsArray(array) ? cJSON_GetArraySize(array) : 0;
    day_t *days = arena_take(call->tx->arena, (size_t)size + 1, sizeof *days);
    if (array == NULL || days == NULL) {
        return;
    }
    size_t count = 0;
    for (const cJSON *one = array->child; one != NULL; one = one->next) {
        if (!json_day(one, &days[count++])) {
            wrong(call, "entries.covers", "must be a list of days");
            return;
        }
    }
    supply->covers = (struct day_list){.days = days, .count = day_sort(days, count)};
}

static void decode_late_time(struct call *call, const cJSON *object, day_t day, struct late_line *line) {
    const char *at = NULL;
    call_text(call, object, "at", 40, true, &at);
    if (at != NULL && strlen(at) == 5 && at[2] == ':' && at[0] >= '0' && at[0] <= '2' && at[1] >= '0' &&
        at[1] <= '9' && at[3] >= '0' && at[3] <= '5' && at[4] >= '0' && at[4] <= '9') {
        int32_t minute = ((at[0] - '0') * 10 + at[1] - '0') * 60 + (at[3] - '0') * 10 + at[4] - '0';
        line->at = clock_at(day, minute);
    } else if (at != NULL && !clock_parse(at, &line->at)) {
        wrong(call, "entries.at", "must be a time like 10:15 or 2026-11-23T10:15:00");
    }
}

static void decode_late_line(struct call *call, const cJSON *object, day_t day, struct late_line *line) {
    static const char *const outcomes[] = {"withheld", "deferred", "declined", "attended_not_supplied", NULL};
    static const char *const roles[] = {"patient", "representative", "professional", NULL};
    int outcome = OUTCOME_COUNT;
    int role = 0;
    struct supply_request *supply = &line->supply;
    supply->identity_requested = supply->identity_provided = -1;
    line->outcome = OUTCOME_COUNT;
    if (!cJSON_IsObject(object)) {
        wrong(call, "entries", "must be a list of objects");
        return;
    }
    call_text(call, object, "prescription", 64, true, &supply->decide.prescription);
    call_text(call, object, "note", TEXT_MAX, false, &line->note);
    decode_late_time(call, object, day, line);
    call_choice(call, object, "outcome", false, outcomes, &outcome);
    if (json_member(object, "outcome") != NULL) {
        line->outcome = (enum outcome_kind)outcome;
        return;
    }
    call_choice(call, object, "collector", false, roles, &role);
    supply->decide.collector = (enum collector)role;
    call_text(call, object, "collector_name", 200, role != 0, &supply->collector_name);
    call_text(call, object, "supervised_by", 64, false, &supply->supervised_by);
    supply->reason = line->note;
    decode_late_items(call, object, supply);
    decode_late_covers(call, object, supply);
}

static bool late_post(struct call *call) {
    static const char *const known[] = {"sheet", "reason", "entries", "second", "pin", "confirmed_by", NULL};
    struct desk_problem problem = {.code = NULL};
    struct late_request request = {.who = &call->who, .second = &call->second};
    int64_t first = 0;
    char id[64];
    path_day(call, &request.day);
    call_known(call, known);
    call_text(call, call->body, "sheet", 60, true, &request.sheet);
    call_text(call, call->body, "reason", TEXT_MAX, true, &request.reason);
    const cJSON *array = json_member(call->body, "entries");
    int count = cJSON_IsArray(array) ? cJSON_GetArraySize(array) : 0;
    if (count < 1 || count > LATE_LINES_MAX) {
        wrong(call, "entries", "must be a list of 1 to 100 lines of the sheet");
    }
    if (call->errors.count > 0) {
        return call_invalid(call);
    }
    request.lines = arena_take(call->tx->arena, (size_t)count, sizeof *request.lines);
    for (const cJSON *one = array->child; request.lines != NULL && one != NULL; one = one->next) {
        decode_late_line(call, one, request.day, &request.lines[request.count++]);
    }
    if (call->errors.count > 0) {
        return call_invalid(call);
    }
    enum desk_result result = desk_late_entries(call->tx, &request, &first, &problem);
    if (result != DESK_OK) {
        return call_desk_problem(call, result, &problem);
    }
    (void)snprintf(id, sizeof id, "%s/%" PRId64, call->ids[0], first);
    call_event(call, "day", call->ids[0], "late_entries");
    return call_made(call, 201, arena_text(call->tx->arena, id, strlen(id)));
}

static void late_show(struct call *call, const char *id) {
    struct late_entry_row *rows = NULL;
    size_t count = 0;
    int64_t first = 0;
    day_t day = DAY_NONE;
    if (!day_parse(id, DAY_TEXT_SIZE - 1, &day) || !number_parse(id + DAY_TEXT_SIZE, 1, INT64_MAX, &first) ||
        !desk_late_entries_read(call->tx, day, first, &rows, &count)) {
        return;
    }
    cJSON *items = cJSON_CreateArray();
    for (size_t i = 0; i < count; i++) {
        cJSON_AddItemToArray(items, json_late_entry(&rows[i]));
    }
    call_answer(call, 201, json_list(items, NULL));
}

#define READERS (ROLE_TECHNICIAN | ROLE_PHARMACIST | ROLE_MANAGER | ROLE_INSPECTOR)
#define WRITERS (ROLE_PHARMACIST | ROLE_MANAGER)

const struct route routes_report[] = {
    {"GET", "/day/{date}/report", READERS, ROUTE_READ, 0,
     "The reconciliation of a day, as it was closed or as things stand (?format=json|csv|html, ?number=).",
     report_get, NULL},
    {"POST", "/day/{date}/close", WRITERS, ROUTE_WRITE | ROUTE_KEY | ROUTE_PIN_OPTIONAL, 4096,
     "Close the day; with a reason where alerts are left as they are.", close_post, close_show},
    {"POST", "/day/{date}/late-entries", WRITERS, ROUTE_WRITE | ROUTE_KEY | ROUTE_SECOND, 131072,
     "What was written on paper while the computer was down: sheet number, original times, two people.",
     late_post, late_show},
};
const size_t routes_report_count = sizeof routes_report / sizeof routes_report[0];
