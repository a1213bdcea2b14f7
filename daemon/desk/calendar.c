/* The pharmacy's days: see calendar.h and patient_case.h. */
#include "calendar.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "alert.h"
#include "day.h"
#include "embed/embed.h"
#include "instalments.h"
#include "patient_case.h"
#include "store/prescription.h"
#include "text.h"

EMBED_DECLARE(config_bank_holidays_conf);

/* What the history of one patient may take while it is looked at. */
#define PATIENT_MEMORY_MAX ((size_t)64 << 20)

enum {
    PAST_DAYS = 400,       /* how far back a change of regular hours is kept apart from what was before */
    UNPLANNED_LATE = 14,   /* days after which an unplanned closure can no longer be told */
    DEFAULT_OPENS = 540,   /* 09:00 */
    DEFAULT_CLOSES = 1080, /* 18:00 */
    SATURDAY_CLOSES = 780  /* 13:00 */
};

static const char policy_nation[] = "nation";

const struct policy_figure policy_figures[] = {
    {"hold_after_missed_days", 3, 1, 14}, /* D11 */
    {"cutoff_grace_minutes", 0, 0, 240},  /* M1 */
    {"stock_check_days", 7, 1, 31},       /* C4: how often the stock is counted */
    {"day_close_minutes", 60, 30, 300},   /* section 6: after the cut-off, the day closes by itself */
    {NULL, 0, 0, 0},
};

/* ---- bank holidays, as data ---- */

static struct holidays *holidays;
static pthread_once_t holidays_once = PTHREAD_ONCE_INIT;

/* Read once for the program's life; the data is built in and was checked with it. */
static void holidays_load(void) {
    struct holidays_error error;
    holidays = holidays_parse(embed_config_bank_holidays_conf, embed_config_bank_holidays_conf_size, &error);
    if (holidays == NULL)
        abort();
}

static const struct holidays *holidays_get(void) {
    pthread_once(&holidays_once, holidays_load);
    return holidays;
}

static enum nation nation_of(struct tx *tx) {
    int64_t nation = 0;
    if (!policy_find(tx, policy_nation, &nation) || nation < 0 || nation >= NATION_COUNT)
        return NATION_ENGLAND;
    return (enum nation)nation;
}

/* ---- the facts, and what they say of a day ---- */

struct opening_facts {
    struct opening_hours_list hours;
    struct opening_day_list days;
};

static bool facts_load(struct tx *tx, struct opening_facts *out) {
    return opening_hours_all(tx, &out->hours) && opening_days_all(tx, &out->days);
}

static void hours_default(enum weekday weekday, struct opening_hours_row *out) {
    *out = (struct opening_hours_row){.weekday = weekday, .opens = DEFAULT_OPENS, .closes = DEFAULT_CLOSES};
    out->set_on = DAY_NONE;
    if (weekday == WEEKDAY_SAT)
        out->closes = SATURDAY_CLOSES;
    if (weekday == WEEKDAY_SUN)
        out->opens = out->closes = OPENING_NO_MINUTE;
}

/*
 * The regular hours that a weekday has, had or will have on `day`, by what was set. The first setting counts for all days
 * before it too; later ones from the day on which they were set, and from the day after where they close the weekday.
 */
static void hours_on(const struct opening_facts *facts, enum weekday weekday, day_t day,
                     struct opening_hours_row *out) {
    bool first = true;
    hours_default(weekday, out);
    for (size_t i = 0; i < facts->hours.count; i++) {
        const struct opening_hours_row *row = &facts->hours.rows[i];
        if (row->weekday != weekday)
            continue;
        day_t from = row->opens == OPENING_NO_MINUTE ? row->set_on + 1 : row->set_on;
        if (first || from <= day)
            *out = *row;
        first = false;
    }
}

static const struct opening_day_row *single_on(const struct opening_facts *facts, day_t day) {
    size_t low = 0;
    size_t high = facts->days.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (facts->days.rows[middle].day < day)
            low = middle + 1;
        else
            high = middle;
    }
    return low < facts->days.count && facts->days.rows[low].day == day ? &facts->days.rows[low] : NULL;
}

static bool closes_in_advance(enum opening_kind kind) {
    return kind == OPENING_BANK_HOLIDAY || kind == OPENING_CLOSURE;
}

/* A day's state and hours. */
static void day_on(const struct opening_facts *facts, day_t day, struct day_view *out) {
    const struct opening_day_row *single = single_on(facts, day);
    enum opening_kind kind = single == NULL ? OPENING_REGULAR : single->kind;
    struct opening_hours_row hours;
    hours_on(facts, day_weekday(day), day, &hours);
    *out = (struct day_view){.day = day, .opens = hours.opens, .closes = hours.closes};
    if (kind == OPENING_OPENED) {
        if (single->opens != OPENING_NO_MINUTE) {
            out->opens = single->opens;
            out->closes = single->closes;
        } else if (hours.opens == OPENING_NO_MINUTE) {
            out->opens = DEFAULT_OPENS;
            out->closes = DEFAULT_CLOSES;
        }
        return;
    }
    if (hours.opens == OPENING_NO_MINUTE)
        out->state = CALENDAR_CLOSED_WEEKLY;
    else if (closes_in_advance(kind))
        out->state = CALENDAR_CLOSED_DATED;
    else if (kind == OPENING_UNPLANNED)
        out->state = CALENDAR_CLOSED_UNPLANNED;
    if (out->state != CALENDAR_OPEN)
        out->opens = out->closes = OPENING_NO_MINUTE;
}

/* ---- what the rules are told ---- */

struct calendar_lists {
    day_t *bank_holidays;
    day_t *closures;
    day_t *unplanned;
    day_t *opened;
    size_t bank_holiday_count;
    size_t closure_count;
    size_t unplanned_count;
    size_t opened_count;
};

static bool lists_new(struct tx *tx, size_t room, struct calendar_lists *out) {
    day_t *days = arena_take(tx->arena, 4 * room, sizeof *days);
    *out = (struct calendar_lists){.bank_holidays = days};
    if (days == NULL)
        return false;
    out->closures = days + room;
    out->unplanned = days + 2 * room;
    out->opened = days + 3 * room;
    return true;
}

static void add_single(struct calendar_lists *lists, const struct opening_day_row *row) {
    if (row->kind == OPENING_BANK_HOLIDAY)
        lists->bank_holidays[lists->bank_holiday_count++] = row->day;
    else if (row->kind == OPENING_CLOSURE)
        lists->closures[lists->closure_count++] = row->day;
    else if (row->kind == OPENING_UNPLANNED)
        lists->unplanned[lists->unplanned_count++] = row->day;
    else if (row->kind == OPENING_OPENED)
        lists->opened[lists->opened_count++] = row->day;
}

/* The rules know one set of weekdays: a past day whose weekday was otherwise then is named by itself. */
static void add_past(const struct opening_facts *facts, weekday_set closed, day_t day,
                     struct calendar_lists *lists) {
    const struct opening_day_row *single = single_on(facts, day);
    enum opening_kind kind = single == NULL ? OPENING_REGULAR : single->kind;
    struct opening_hours_row hours;
    hours_on(facts, day_weekday(day), day, &hours);
    bool was_closed = hours.opens == OPENING_NO_MINUTE;
    if (was_closed == day_in_weekdays(day, closed) || kind == OPENING_OPENED || closes_in_advance(kind))
        return;
    if (was_closed)
        lists->closures[lists->closure_count++] = day;
    else if (kind != OPENING_UNPLANNED)
        lists->opened[lists->opened_count++] = day;
}

static struct day_list sorted(day_t *days, size_t count) {
    return (struct day_list){.days = days, .count = day_sort(days, count)};
}

bool desk_calendar(struct tx *tx, struct calendar *out) {
    struct opening_facts facts;
    struct calendar_lists lists;
    memset(out, 0, sizeof *out);
    if (!facts_load(tx, &facts) ||
        !lists_new(tx, facts.days.count + (facts.hours.count > 7 ? PAST_DAYS : 0) + 2, &lists))
        return false;
    for (int weekday = WEEKDAY_MON; weekday <= WEEKDAY_SUN; weekday++) {
        struct opening_hours_row hours;
        hours_on(&facts, (enum weekday)weekday, DAY_MAX, &hours);
        if (hours.opens == OPENING_NO_MINUTE)
            out->weekly_closed = (weekday_set)(out->weekly_closed | 1U << weekday);
    }
    for (size_t i = 0; i < facts.days.count; i++)
        add_single(&lists, &facts.days.rows[i]);
    for (day_t day = tx->now.day - PAST_DAYS; facts.hours.count > 7 && day <= tx->now.day; day++)
        add_past(&facts, out->weekly_closed, day, &lists);
    out->bank_holidays = sorted(lists.bank_holidays, lists.bank_holiday_count);
    out->closures = sorted(lists.closures, lists.closure_count);
    out->unplanned = sorted(lists.unplanned, lists.unplanned_count);
    out->opened = sorted(lists.opened, lists.opened_count);
    return true;
}

bool desk_hours(struct tx *tx, day_t day, int32_t *opens, int32_t *closes) {
    struct opening_facts facts;
    struct day_view view;
    if (!facts_load(tx, &facts))
        return false;
    day_on(&facts, day, &view);
    if (view.state != CALENDAR_OPEN)
        return false;
    *opens = view.opens;
    *closes = view.closes;
    return true;
}

static const struct policy_figure *figure_of(const char *name) {
    const struct policy_figure *figure = policy_figures;
    while (figure->name != NULL && strcmp(figure->name, name) != 0)
        figure++;
    return figure;
}

int64_t desk_policy(struct tx *tx, const char *name) {
    int64_t value = 0;
    return policy_find(tx, name, &value) ? value : figure_of(name)->usual;
}

/* ---- reading ---- */

static void view_holidays(struct tx *tx, const struct opening_facts *facts, day_t from, day_t to,
                          struct calendar_view *out) {
    const struct holiday_list *list = &holidays_get()->nations[out->nation];
    for (size_t i = 0; i < list->days.count; i++) {
        day_t day = list->days.days[i];
        const struct opening_day_row *single = single_on(facts, day);
        bool asked = day >= tx->now.day && day <= tx->now.day + CALENDAR_ASK_DAYS;
        if ((day < from || day > to) && !asked)
            continue;
        struct holiday_view *view = &out->holidays[out->holiday_count++];
        *view = (struct holiday_view){.day = day, .name = list->names[i]};
        if (single != NULL && single->kind != OPENING_REGULAR)
            view->state = closes_in_advance(single->kind) || single->kind == OPENING_UNPLANNED
                              ? HOLIDAY_CONFIRMED
                              : HOLIDAY_DECLINED;
        view->red = view->state == HOLIDAY_PROPOSED && asked && day <= tx->now.day + CALENDAR_RED_DAYS;
    }
}

static bool is_shown(const struct opening_day_row *row, day_t from, day_t to) {
    return row->day >= from && row->day <= to &&
           (row->kind == OPENING_CLOSURE || row->kind == OPENING_UNPLANNED || row->kind == OPENING_OPENED);
}

enum desk_result desk_calendar_read(struct tx *tx, day_t from, day_t to, struct calendar_view *out) {
    struct opening_facts facts;
    const struct holidays *data = holidays_get();
    *out = (struct calendar_view){.nation = nation_of(tx)};
    if (!facts_load(tx, &facts))
        return DESK_FAILED;
    out->holidays_version = data->version;
    out->holidays_known_until = data->known_until;
    out->holidays_running_out = data->known_until < tx->now.day + CALENDAR_ASK_DAYS;
    out->hours_set = facts.hours.count > 0;
    out->holidays = arena_take(tx->arena, data->nations[out->nation].days.count + 1, sizeof *out->holidays);
    out->singles = arena_take(tx->arena, facts.days.count + 1, sizeof *out->singles);
    out->days = arena_take(tx->arena, CALENDAR_RANGE_MAX + 1, sizeof *out->days);
    if (out->holidays == NULL || out->singles == NULL || out->days == NULL)
        return DESK_FAILED;
    for (int weekday = WEEKDAY_MON; weekday <= WEEKDAY_SUN; weekday++)
        hours_on(&facts, (enum weekday)weekday, DAY_MAX, &out->hours[weekday]);
    view_holidays(tx, &facts, from, to, out);
    for (size_t i = 0; i < facts.days.count; i++) {
        if (is_shown(&facts.days.rows[i], from, to))
            out->singles[out->single_count++] = facts.days.rows[i];
    }
    for (day_t day = from; day <= to && out->day_count <= CALENDAR_RANGE_MAX; day++)
        day_on(&facts, day, &out->days[out->day_count++]);
    return db_state(tx->db) == DB_FINE ? DESK_OK : DESK_FAILED;
}

/* ---- setting ---- */

static enum desk_result written(const struct tx *tx) {
    return db_state(tx->db) == DB_FINE ? DESK_OK : DESK_FAILED;
}

static void audit_day(struct tx *tx, const char *action, day_t day) {
    char text[DAY_TEXT_SIZE];
    day_format(day, text);
    tx_audit(tx, action, NULL, tx_keep(tx, text), NULL);
}

enum desk_result desk_calendar_set_hours(struct tx *tx, const struct opening_hours_row *rows, size_t count,
                                         struct desk_problem *problem) {
    for (size_t i = 0; i < count; i++) {
        bool closed = rows[i].opens == OPENING_NO_MINUTE;
        if (!closed && (rows[i].opens < 0 || rows[i].opens >= rows[i].closes || rows[i].closes >= 24 * 60))
            desk_invalid(problem, "hours", "must open before they close, on the same day");
    }
    if (problem->field_count > 0)
        return DESK_INVALID;
    tx_audit(tx, "set hours", NULL, NULL, NULL);
    for (size_t i = 0; i < count; i++)
        opening_hours_append(tx, &rows[i]);
    return written(tx);
}

enum desk_result desk_calendar_set_holiday(struct tx *tx, day_t day, bool confirmed,
                                           struct desk_problem *problem) {
    static const char *const field = "bank_holiday.day";
    if (holidays_name(holidays_get(), nation_of(tx), day) == NULL)
        return desk_invalid(problem, field, "is no bank holiday here: please enter a closure instead");
    if (day < tx->now.day)
        return desk_invalid(problem, field, "must not lie in the past");
    if (day == tx->now.day)
        return desk_invalid(problem, field,
                            "is today: please say unplanned or opened, for nothing can be moved any more");
    struct opening_day_row row = {.day = day,
                                  .kind = confirmed ? OPENING_BANK_HOLIDAY : OPENING_NOT_BANK_HOLIDAY,
                                  .opens = OPENING_NO_MINUTE,
                                  .closes = OPENING_NO_MINUTE};
    audit_day(tx, confirmed ? "confirm bank holiday" : "decline bank holiday", day);
    opening_day_append(tx, &row);
    return written(tx);
}

static void check_opened(struct tx *tx, const struct opening_day_row *row, struct desk_problem *problem) {
    struct opening_facts facts;
    struct opening_hours_row hours;
    bool given = row->opens != OPENING_NO_MINUTE || row->closes != OPENING_NO_MINUTE;
    if (given && (row->opens < 0 || row->opens >= row->closes || row->closes >= 24 * 60))
        desk_invalid(problem, "opened.opens", "must be given with closes, and lie before it");
    if (given || !facts_load(tx, &facts))
        return;
    hours_on(&facts, day_weekday(row->day), row->day, &hours);
    if (hours.opens == OPENING_NO_MINUTE)
        desk_invalid(problem, "opened.opens", "is missing: this weekday has no regular hours");
}

/* What the service needs to find another place: the last dose, and what is not supplied on the day. */
static bool raise_closed(struct tx *tx, const struct alert_row *alert) {
    struct alert_detail_row detail = alert_detail_none;
    struct patient_case c;
    size_t index = 0;
    enum desk_result result = patient_case_load_for(tx, alert->prescription, &c, &index);
    if (result != DESK_OK)
        return false;
    const struct plan *plan = &c.rules.courses[index].plan;
    desk_alert_course(tx, &c, index, alert->on - 1, &detail);
    detail.why = "The pharmacy is closed at short notice.";
    for (size_t i = 0; i < plan->instalment_count; i++) {
        const struct instalment *one = &plan->instalments[i];
        if ((one->due == alert->on || one->collect == alert->on) &&
            instalment_live(&c, index, one, tx->now.day))
            desk_alert_instalment(tx, &c, index, one, alert->on, "text",
                                  "The pharmacy was closed at short notice", &detail);
    }
    bool raised = desk_alert_raise(tx, alert, &detail) != NULL;
    patient_case_close(&c);
    return raised;
}

/* Everybody in turn in the same memory: many may be due on a day. */
static bool raise_closed_apart(struct tx *tx, const struct alert_row *alert) {
    struct arena *kept = tx->arena;
    struct arena *mine = arena_new(PATIENT_MEMORY_MAX);
    int32_t opens = 0;
    int32_t closes = 0;
    if (mine == NULL)
        return false;
    (void)desk_hours(tx, alert->on, &opens, &closes); /* the pharmacy's days are read before, and stay */
    tx->arena = mine;
    bool raised = raise_closed(tx, alert);
    tx->arena = kept;
    arena_free(&mine);
    return raised;
}

/* A10: whoever is due on a day that closes at short notice; the services are told at once. */
static enum desk_result tell_closed(struct tx *tx, const struct day_list_answer *due, day_t day) {
    char text[DAY_TEXT_SIZE];
    day_format(day, text);
    for (size_t i = 0; i < due->count; i++) {
        const struct day_row *row = &due->rows[i];
        struct prescription_row prescription;
        bool waits = row->status == DAY_STATUS_DUE || row->status == DAY_STATUS_PREPARED ||
                     row->status == DAY_STATUS_DEFERRED;
        if (!waits || !prescription_find(tx, row->prescription, &prescription))
            continue;
        const struct alert_row alert = {
            .kind = "pharmacy_closed",
            .priority = "urgent",
            .patient = row->patient.id,
            .prescription = row->prescription,
            .service = prescription.service,
            .raised_at = tx->now.at,
            .on = day,
            .about = desk_text(tx, "pharmacy_closed/%s/%s", row->prescription, text),
            .number = row->missed_days,
        };
        if (alert.about == NULL || !raise_closed_apart(tx, &alert))
            return DESK_FAILED;
    }
    return written(tx);
}

/* A6: a closure at short notice that was taken back; whoever was told is told again. */
static enum desk_result tell_open_after_all(struct tx *tx, day_t day) {
    struct alert_row *rows = NULL;
    size_t count = 0;
    if (!alerts_of_day(tx, day, "pharmacy_closed", &rows, &count))
        return DESK_FAILED;
    for (size_t i = 0; i < count; i++) {
        if (!alert_is_corrected(tx, rows[i].id))
            desk_alert_correct(tx, rows[i].id, desk_text(tx, "%lld", (long long)tx->seq),
                               "The pharmacy is open after all on that day.");
    }
    return written(tx);
}

/* Closed at short notice, today or later: who is due is looked up before, and told after. */
static enum desk_result set_unplanned(struct tx *tx, const struct opening_day_row *row) {
    struct day_list_answer due = {.count = 0};
    bool ahead = row->day >= tx->now.day;
    if (ahead && desk_day(tx, row->day, &due) != DESK_OK)
        return DESK_FAILED;
    audit_day(tx, "set unplanned closure", row->day);
    opening_day_append(tx, row);
    return due.open && due.closed_by == NULL ? tell_closed(tx, &due, row->day) : written(tx);
}

enum desk_result desk_calendar_set_day(struct tx *tx, const struct opening_day_row *row,
                                       struct desk_problem *problem) {
    static const char *const fields[OPENING_KIND_COUNT] = {[OPENING_CLOSURE] = "closure.day",
                                                           [OPENING_UNPLANNED] = "unplanned.day",
                                                           [OPENING_OPENED] = "opened.day",
                                                           [OPENING_REGULAR] = "regular.day"};
    static const char *const actions[OPENING_KIND_COUNT] = {[OPENING_CLOSURE] = "set closure",
                                                            [OPENING_OPENED] = "set opened day",
                                                            [OPENING_REGULAR] = "set regular day"};
    day_t earliest = row->kind == OPENING_UNPLANNED ? tx->now.day - UNPLANNED_LATE : tx->now.day;
    if (row->day < earliest)
        desk_invalid(problem, fields[row->kind], "must not lie in the past");
    else if (row->kind == OPENING_CLOSURE && row->day == tx->now.day)
        desk_invalid(problem, fields[row->kind],
                     "is today: please say unplanned, for nothing can be moved any more");
    else if (row->day > tx->now.day + 5 * 366)
        desk_invalid(problem, fields[row->kind], "must lie within five years");
    if (row->kind == OPENING_OPENED)
        check_opened(tx, row, problem);
    if (problem->field_count > 0)
        return DESK_INVALID;
    if (row->kind == OPENING_UNPLANNED)
        return set_unplanned(tx, row);
    audit_day(tx, actions[row->kind], row->day);
    opening_day_append(tx, row);
    return row->kind == OPENING_CLOSURE ? written(tx) : tell_open_after_all(tx, row->day);
}

enum desk_result desk_calendar_set_nation(struct tx *tx, enum nation nation) {
    tx_audit(tx, "set policy", NULL, policy_nation, NULL);
    policy_append(tx, policy_nation, (int64_t)nation);
    return written(tx);
}

enum desk_result desk_calendar_confirm_all(struct tx *tx, day_t until) {
    const struct holiday_list *list = &holidays_get()->nations[nation_of(tx)];
    enum desk_result result = DESK_OK;
    for (size_t i = 0; result == DESK_OK && i < list->days.count; i++) {
        struct desk_problem problem = {0};
        if (list->days.days[i] > tx->now.day && list->days.days[i] <= until)
            result = desk_calendar_set_holiday(tx, list->days.days[i], true, &problem);
    }
    return result;
}

enum desk_result desk_policy_set(struct tx *tx, const char *name, int32_t value,
                                 struct desk_problem *problem) {
    const struct policy_figure *figure = figure_of(name);
    if (figure->name == NULL)
        return desk_invalid(problem, "policy", "names a figure that there is not");
    if (value < figure->min || value > figure->max)
        return desk_invalid(problem, "policy", "has a figure that is out of range");
    tx_audit(tx, "set policy", NULL, figure->name, NULL);
    policy_append(tx, figure->name, value);
    return written(tx);
}
