/* The pharmacy's days: hours, bank holidays, closures, and the figures of policy. */
#include <string.h>

#include "desk/calendar.h"
#include "desk/patient_case.h"
#include "fields.h"
#include "routes.h"

#define READERS (ROLE_COUNTER | ROLE_TECHNICIAN | ROLE_PHARMACIST | ROLE_MANAGER | ROLE_INSPECTOR)
#define BODY 8192
#define SHOWN_BACK 31
#define SHOWN_AHEAD 366

/* ---- encoding ---- */

static void put_hours(cJSON *object, const struct calendar_view *view) {
    cJSON *hours = cJSON_AddObjectToObject(object, "hours");
    cJSON_AddBoolToObject(object, "hours_set", view->hours_set);
    for (int weekday = WEEKDAY_MON; weekday <= WEEKDAY_SUN; weekday++) {
        const struct opening_hours_row *row = &view->hours[weekday];
        const char *name = weekday_code((enum weekday)weekday);
        if (row->opens == OPENING_NO_MINUTE) {
            cJSON_AddNullToObject(hours, name);
            continue;
        }
        cJSON *pair = cJSON_AddArrayToObject(hours, name);
        cJSON_AddItemToArray(pair, json_minute(row->opens));
        cJSON_AddItemToArray(pair, json_minute(row->closes));
    }
}

static void put_holidays(cJSON *object, const struct calendar_view *view) {
    static const char *const states[] = {
        [HOLIDAY_PROPOSED] = "proposed", [HOLIDAY_CONFIRMED] = "confirmed", [HOLIDAY_DECLINED] = "declined"};
    cJSON *list = cJSON_AddArrayToObject(object, "bank_holidays");
    for (size_t i = 0; i < view->holiday_count; i++) {
        cJSON *one = cJSON_CreateObject();
        json_put_day(one, "day", view->holidays[i].day);
        json_put_text(one, "name", view->holidays[i].name);
        json_put_text(one, "state", states[view->holidays[i].state]);
        cJSON_AddBoolToObject(one, "confirmed", view->holidays[i].state == HOLIDAY_CONFIRMED);
        cJSON_AddBoolToObject(one, "red", view->holidays[i].red);
        cJSON_AddItemToArray(list, one);
    }
}

static void put_singles(cJSON *object, const char *name, const struct calendar_view *view,
                        enum opening_kind kind) {
    cJSON *list = cJSON_AddArrayToObject(object, name);
    for (size_t i = 0; i < view->single_count; i++) {
        const struct opening_day_row *row = &view->singles[i];
        if (row->kind != kind)
            continue;
        cJSON *one = cJSON_CreateObject();
        json_put_day(one, "day", row->day);
        if (kind == OPENING_OPENED) {
            cJSON_AddItemToObject(one, "opens", json_minute(row->opens));
            cJSON_AddItemToObject(one, "closes", json_minute(row->closes));
        }
        json_put_text(one, "reason", row->reason);
        cJSON_AddItemToArray(list, one);
    }
}

static void put_days(cJSON *object, const struct calendar_view *view) {
    static const char *const closed_by[] = {[CALENDAR_OPEN] = NULL,
                                            [CALENDAR_CLOSED_WEEKLY] = "weekly",
                                            [CALENDAR_CLOSED_DATED] = "dated",
                                            [CALENDAR_CLOSED_UNPLANNED] = "unplanned"};
    cJSON *list = cJSON_AddArrayToObject(object, "days");
    for (size_t i = 0; i < view->day_count; i++) {
        cJSON *one = cJSON_CreateObject();
        json_put_day(one, "day", view->days[i].day);
        cJSON_AddBoolToObject(one, "open", view->days[i].state == CALENDAR_OPEN);
        json_put_text(one, "closed_by", closed_by[view->days[i].state]);
        cJSON_AddItemToObject(one, "opens", json_minute(view->days[i].opens));
        cJSON_AddItemToObject(one, "closes", json_minute(view->days[i].closes));
        cJSON_AddItemToArray(list, one);
    }
}

static bool answer_calendar(struct call *call, int status, day_t from, day_t to) {
    struct calendar_view view;
    enum desk_result result = desk_calendar_read(call->tx, from, to, &view);
    if (result != DESK_OK)
        return call_desk_problem(call, result, &(const struct desk_problem){.code = NULL});
    cJSON *object = cJSON_CreateObject();
    json_put_day(object, "from", from);
    json_put_day(object, "to", to);
    json_put_text(object, "nation", nation_code(view.nation));
    put_hours(object, &view);
    put_holidays(object, &view);
    put_singles(object, "closures", &view, OPENING_CLOSURE);
    put_singles(object, "unplanned", &view, OPENING_UNPLANNED);
    put_singles(object, "opened", &view, OPENING_OPENED);
    put_days(object, &view);
    cJSON *policy = cJSON_AddObjectToObject(object, "policy");
    for (const struct policy_figure *figure = policy_figures; figure->name != NULL; figure++)
        cJSON_AddNumberToObject(policy, figure->name, (double)desk_policy(call->tx, figure->name));
    json_put_text(object, "holidays_version", view.holidays_version);
    json_put_day(object, "holidays_known_until", view.holidays_known_until);
    cJSON_AddBoolToObject(object, "holidays_running_out", view.holidays_running_out);
    return call_answer(call, status, object);
}

static bool calendar_get(struct call *call) {
    day_t from = call->tx->now.day - SHOWN_BACK;
    day_t to = call->tx->now.day + SHOWN_AHEAD;
    bool fine = fields_query_day(call, "from", &from);
    if (fine && call_query(call, "from") != NULL)
        to = from + SHOWN_AHEAD;
    fine = fields_query_day(call, "to", &to) && fine;
    if (fine && (to < from || to - from >= CALENDAR_RANGE_MAX))
        json_error_add(&call->errors, "must lie within 400 days after `from`", "to");
    if (call->errors.count > 0)
        return call_invalid(call);
    return answer_calendar(call, 200, from, to);
}

static void calendar_made(struct call *call, const char *id) {
    (void)id;
    answer_calendar(call, 201, call->tx->now.day - SHOWN_BACK, call->tx->now.day + SHOWN_AHEAD);
}

/* ---- decoding and setting: each sets one member of the body, where it is there ---- */

static enum desk_result set_hours(struct call *call, struct desk_problem *problem) {
    static const char *const known[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun", NULL};
    struct opening_hours_row rows[7];
    size_t count = 0;
    struct fields fields;
    bool empty = false;
    if (!fields_object(call, "hours", known, &fields, &empty))
        return DESK_OK;
    for (int weekday = WEEKDAY_MON; weekday <= WEEKDAY_SUN; weekday++) {
        /* Here an empty list, false or null says "closed"; only a weekday that is not named stays as it was. */
        const cJSON *value = cJSON_GetObjectItemCaseSensitive(fields.object, known[weekday]);
        if (value == NULL)
            continue;
        struct opening_hours_row *row = &rows[count++];
        *row = (struct opening_hours_row){
            .weekday = (enum weekday)weekday, .opens = OPENING_NO_MINUTE, .closes = OPENING_NO_MINUTE};
        int size = cJSON_IsArray(value) ? cJSON_GetArraySize(value) : -1;
        if (size == 2) {
            fields_minute(&fields, known[weekday], cJSON_GetArrayItem(value, 0), &row->opens);
            fields_minute(&fields, known[weekday], cJSON_GetArrayItem(value, 1), &row->closes);
        } else if (size != 0 && !cJSON_IsNull(value) && !cJSON_IsFalse(value)) {
            fields_wrong(&fields, known[weekday], "must be [\"09:00\",\"18:00\"], or [] where it is closed");
        }
    }
    if (call->errors.count > 0)
        return DESK_INVALID;
    return count == 0 ? DESK_OK : desk_calendar_set_hours(call->tx, rows, count, problem);
}

static enum desk_result set_holiday(struct call *call, struct desk_problem *problem) {
    static const char *const known[] = {"day", "confirmed", NULL};
    struct fields fields;
    bool empty = false;
    bool confirmed = false;
    day_t day = DAY_NONE;
    if (!fields_object(call, "bank_holiday", known, &fields, &empty))
        return DESK_OK;
    fields_day(&fields, "day", &day);
    fields_bool(&fields, "confirmed", &confirmed);
    fields_need(&fields, "day", day != DAY_NONE);
    fields_need(&fields, "confirmed", json_member(fields.object, "confirmed") != NULL);
    return call->errors.count > 0 ? DESK_INVALID
                                  : desk_calendar_set_holiday(call->tx, day, confirmed, problem);
}

/* closure, unplanned, opened, regular. */
static enum desk_result set_day(struct call *call, const char *name, enum opening_kind kind,
                                struct desk_problem *problem) {
    static const char *const with_hours[] = {"day", "opens", "closes", "reason", NULL};
    static const char *const without[] = {"day", "reason", NULL};
    struct opening_day_row row = {
        .day = DAY_NONE, .kind = kind, .opens = OPENING_NO_MINUTE, .closes = OPENING_NO_MINUTE};
    struct fields fields;
    bool empty = false;
    if (!fields_object(call, name, kind == OPENING_OPENED ? with_hours : without, &fields, &empty))
        return DESK_OK;
    fields_day(&fields, "day", &row.day);
    fields_text(&fields, "reason", CALENDAR_REASON_MAX, false, &row.reason);
    fields_need(&fields, "day", row.day != DAY_NONE);
    if (kind == OPENING_CLOSURE || kind == OPENING_UNPLANNED)
        fields_need(&fields, "reason", row.reason != NULL);
    const cJSON *opens = json_member(fields.object, "opens");
    const cJSON *closes = json_member(fields.object, "closes");
    if (kind == OPENING_OPENED && opens != NULL)
        fields_minute(&fields, "opens", opens, &row.opens);
    if (kind == OPENING_OPENED && closes != NULL)
        fields_minute(&fields, "closes", closes, &row.closes);
    return call->errors.count > 0 ? DESK_INVALID : desk_calendar_set_day(call->tx, &row, problem);
}

static enum desk_result set_nation(struct call *call) {
    const cJSON *value = json_member(call->body, "nation");
    const char *text = NULL;
    enum nation nation = NATION_ENGLAND;
    if (value == NULL)
        return DESK_OK;
    if (json_text(value, &text) && nation_parse(text, strlen(text), &nation))
        return desk_calendar_set_nation(call->tx, nation);
    json_error_add(&call->errors, "must be england, wales, scotland or northern_ireland", "nation");
    return DESK_INVALID;
}

static enum desk_result set_policy(struct call *call, struct desk_problem *problem) {
    const cJSON *object = json_member(call->body, "policy");
    enum desk_result result = DESK_OK;
    if (object == NULL)
        return DESK_OK;
    if (!cJSON_IsObject(object)) {
        json_error_add(&call->errors, "must be an object", "policy");
        return DESK_INVALID;
    }
    const struct fields fields = {.call = call, .object = object, .prefix = "policy"};
    for (const cJSON *one = object->child; result == DESK_OK && one != NULL; one = one->next) {
        const struct policy_figure *figure = policy_figures;
        while (figure->name != NULL && strcmp(figure->name, one->string) != 0)
            figure++;
        int32_t value = 0;
        if (figure->name == NULL)
            fields_wrong(&fields, one->string, "is not known here");
        else if (!json_int(one, figure->min, figure->max, &value))
            fields_wrong(&fields, one->string, "must be a whole number in its range");
        else
            result = desk_policy_set(call->tx, figure->name, value, problem);
    }
    return call->errors.count > 0 ? DESK_INVALID : result;
}

static bool calendar_post(struct call *call) {
    static const char *const known[] = {"hours",   "bank_holiday", "closure", "unplanned", "opened",
                                        "regular", "nation",       "policy",  NULL};
    struct desk_problem problem = {.code = NULL};
    call_known(call, known);
    if (call->body->child == NULL)
        json_error_add(&call->errors,
                       "is missing: hours, bank_holiday, closure, unplanned, opened or regular", "closure");
    enum desk_result result = call->errors.count > 0 ? DESK_INVALID : set_nation(call);
    if (result == DESK_OK)
        result = set_hours(call, &problem);
    if (result == DESK_OK)
        result = set_holiday(call, &problem);
    if (result == DESK_OK)
        result = set_day(call, "closure", OPENING_CLOSURE, &problem);
    if (result == DESK_OK)
        result = set_day(call, "unplanned", OPENING_UNPLANNED, &problem);
    if (result == DESK_OK)
        result = set_day(call, "opened", OPENING_OPENED, &problem);
    if (result == DESK_OK)
        result = set_day(call, "regular", OPENING_REGULAR, &problem);
    if (result == DESK_OK)
        result = set_policy(call, &problem);
    if (call->errors.count > 0)
        return call_invalid(call);
    if (result != DESK_OK)
        return call_desk_problem(call, result, &problem);
    call_event(call, "day", "calendar", "changed");
    return call_made(call, 201, "calendar");
}

const struct route routes_calendar[] = {
    {"GET", "/calendar", READERS, ROUTE_READ, 0,
     "Hours, bank holidays and single days of a range (?from=, ?to=), and the figures of policy.",
     calendar_get, NULL},
    {"POST", "/calendar", ROLE_MANAGER, ROUTE_WRITE | ROUTE_KEY, BODY,
     "Sets any of "
     "{\"hours\":{\"mon\":[\"09:00\",\"18:00\"],\"sun\":[]},\"bank_holiday\":{\"day\",\"confirmed\"},"
     "\"closure\":{\"day\",\"reason\"},\"unplanned\":{\"day\",\"reason\"},\"opened\":{\"day\",\"opens\","
     "\"closes\"},\"regular\":{\"day\"},\"nation\",\"policy\":{…}}. Closures count from tomorrow on.",
     calendar_post, calendar_made},
};
const size_t routes_calendar_count = sizeof routes_calendar / sizeof routes_calendar[0];
