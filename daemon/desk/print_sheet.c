/* The patient's collection calendar, and the sheet to work from while the computer is down: see print_content.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "calendar.h"
#include "day.h"
#include "instalments.h"
#include "print_content.h"
#include "store/rows.h"
#include "supply.h"
#include "sys/buffer.h"
#include "text.h"

/* The calendar shows so many days. */
#define CALENDAR_DAYS 35
#define OPENING_MAX 400
#define NOTE_MAX 600

/* ---- the calendar ---- */

struct visits {
    struct tx *tx;
    const struct patient_case *c;
    struct render_visit *rows;
    size_t count;
};

/* What is taken home of one item at a visit: each day's dose, without what is swallowed at the counter. */
static bool fill_home(struct visits *v, const struct plan *plan, const struct instalment *one, size_t item,
                      struct render_visit_item *out) {
    struct render_dose *doses =
        arena_take(v->tx->arena, (size_t)(one->last - one->collect) + 1, sizeof *doses);
    if (doses == NULL) {
        return false;
    }
    for (day_t day = one->collect; day <= one->last; day++) {
        quantity_t dose = plan_dose(plan, item, day) - (day == one->collect ? out->supervised : 0);
        if (dose > 0) {
            doses[out->dose_count++] = (struct render_dose){.day = day, .dose = dose};
        }
    }
    out->doses = doses;
    return true;
}

/* The visit of a day, where another instalment is collected on it already; or a new one. */
static struct render_visit *visit_on(struct visits *v, day_t day) {
    for (size_t i = 0; i < v->count; i++) {
        if (v->rows[i].day == day) {
            return &v->rows[i];
        }
    }
    v->rows = rows_room(v->tx, v->rows, v->count, sizeof *v->rows);
    if (v->rows == NULL) {
        return NULL;
    }
    v->rows[v->count] = (struct render_visit){.day = day};
    return &v->rows[v->count++];
}

static bool add_instalment(struct visits *v, size_t index, const struct instalment *one) {
    const struct plan *plan = &v->c->rules.courses[index].plan;
    size_t item_count = plan->prescription->item_count;
    struct render_visit *visit = visit_on(v, one->due);
    if (visit == NULL) {
        return false;
    }
    struct render_visit_item *items = arena_take(v->tx->arena, visit->item_count + item_count, sizeof *items);
    if (items == NULL) {
        return false;
    }
    for (size_t i = 0; i < visit->item_count; i++) {
        items[i] = visit->items[i];
    }
    bool supervised = one->due == one->collect && plan_supervised_on(plan, one->collect);
    for (size_t i = 0; i < item_count; i++) {
        struct render_visit_item *item = &items[visit->item_count];
        *item = (struct render_visit_item){.product = plan->prescription->items[i].product};
        item->supervised = supervised ? plan_supervised_part(plan, i, one->collect) : 0;
        if (!fill_home(v, plan, one, i, item)) {
            return false;
        }
        visit->item_count += item->supervised > 0 || item->dose_count > 0 ? 1 : 0;
    }
    visit->items = items;
    return true;
}

static int by_day(const void *a, const void *b) {
    const struct render_visit *x = a;
    const struct render_visit *y = b;
    return (x->day > y->day) - (x->day < y->day);
}

/* Every collection that is still to come within the days of the calendar. */
static bool fill_visits(struct tx *tx, const struct patient_case *c, struct render_calendar *out) {
    struct visits v = {.tx = tx, .c = c};
    day_t today = tx->now.day;
    for (size_t i = 0; i < c->rules.input.prescription_count; i++) {
        const struct plan *plan = &c->rules.courses[i].plan;
        for (size_t k = 0; k < plan->instalment_count; k++) {
            const struct instalment *one = &plan->instalments[k];
            bool shown = one->due != DAY_NONE && one->due >= today && one->due < today + CALENDAR_DAYS;
            if (shown && instalment_live(c, i, one, today) && !instalment_supplied(c, i, one, today) &&
                !add_instalment(&v, i, one)) {
                return false;
            }
        }
    }
    if (v.count > 0) {
        qsort(v.rows, v.count, sizeof *v.rows, by_day);
    }
    out->visits = v.rows;
    out->visit_count = v.count;
    return true;
}

/* Only a holiday has a name that everybody may read; why else the pharmacy is closed is its own business. */
static const char *name_of(const struct calendar_view *view, day_t day) {
    for (size_t i = 0; i < view->holiday_count; i++) {
        if (view->holidays[i].day == day && view->holidays[i].state == HOLIDAY_CONFIRMED) {
            return view->holidays[i].name;
        }
    }
    return "";
}

static bool fill_closed(struct tx *tx, const struct calendar_view *view, struct render_calendar *out) {
    struct render_closed_day *closed = arena_take(tx->arena, view->day_count + 1, sizeof *closed);
    if (closed == NULL) {
        return false;
    }
    for (size_t i = 0; i < view->day_count; i++) {
        const struct day_view *day = &view->days[i];
        if (day->state == CALENDAR_CLOSED_DATED || day->state == CALENDAR_CLOSED_UNPLANNED) {
            closed[out->closed_count++] =
                (struct render_closed_day){.day = day->day, .name = name_of(view, day->day)};
        }
    }
    out->closed = closed;
    return true;
}

static bool same_hours(const struct opening_hours_row *a, const struct opening_hours_row *b) {
    return a->opens == b->opens && (a->opens == OPENING_NO_MINUTE || a->closes == b->closes);
}

/* "Mon to Fri 9:00 to 18:00, Sat 9:00 to 13:00". */
static const char *opening_text(struct tx *tx, const struct calendar_view *view) {
    static const char *const names[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    struct buffer text;
    buffer_init(&text, OPENING_MAX);
    for (int day = 0, last = 0; day < 7; day = last + 1) {
        const struct opening_hours_row *hours = &view->hours[day];
        for (last = day; last < 6 && same_hours(hours, &view->hours[last + 1]);) {
            last++;
        }
        if (hours->opens == OPENING_NO_MINUTE) {
            continue;
        }
        buffer_format(&text, "%s%s", text.len == 0 ? "" : ", ", names[day]);
        if (last > day) {
            buffer_format(&text, " to %s", names[last]);
        }
        buffer_format(&text, " %d:%02d to %d:%02d", (int)(hours->opens / 60), (int)(hours->opens % 60),
                      (int)(hours->closes / 60), (int)(hours->closes % 60));
    }
    const char *kept =
        buffer_ok(&text) ? arena_text(tx->arena, text.len == 0 ? "" : text.bytes, text.len) : NULL;
    buffer_release(&text);
    return kept;
}

enum desk_result print_sheet_calendar(struct tx *tx, const struct print_job_row *job,
                                      struct render_calendar *out) {
    struct calendar_view view;
    struct patient_case c = {0};
    enum desk_result result = desk_calendar_read(tx, tx->now.day, tx->now.day + CALENDAR_DAYS, &view);
    result = result == DESK_OK ? patient_case_load(tx, job->patient, &c) : result;
    if (result == DESK_OK) {
        out->patient = c.patient.name;
        out->opening = opening_text(tx, &view);
        out->as_of = print_as_of(tx, job->at);
        if (!fill_visits(tx, &c, out) || !fill_closed(tx, &view, out) || out->opening == NULL ||
            out->as_of == NULL) {
            result = DESK_FAILED;
        }
    }
    patient_case_close(&c);
    return result;
}

/* ---- the downtime sheet ---- */

struct sheet {
    struct tx *tx;
    day_t day;
    struct render_downtime_row *rows;
    size_t count;
};

/* What has to be thought of before the dose is given. */
static const char *note_of(struct tx *tx, const struct decision *decision) {
    struct buffer text;
    buffer_init(&text, NOTE_MAX);
    if (decision->verdict == VERDICT_HOLD) {
        buffer_text(&text, "ON HOLD: ask the prescriber");
    } else if (decision->verdict == VERDICT_REFUSE) {
        buffer_text(&text, "NOT TO BE SUPPLIED");
    }
    enum severity shown = decision->verdict == VERDICT_REFUSE ? SEVERITY_REFUSE
                          : decision->verdict == VERDICT_HOLD ? SEVERITY_HOLD
                                                              : SEVERITY_CHECK;
    for (size_t i = 0; i < decision->reason_count; i++) {
        char sentence[REASON_TEXT_SIZE];
        const struct reason *reason = &decision->reasons[i];
        if (reason->severity != shown || reason->code == REASON_NO_RESPONSIBLE_PHARMACIST) {
            continue;
        }
        reason_text(reason, sentence);
        size_t before = text.len;
        if (before + strlen(sentence) + 1 < NOTE_MAX) {
            buffer_format(&text, "%s%s", before == 0 ? "" : "\n", sentence);
        }
    }
    const char *kept = arena_text(tx->arena, text.len == 0 ? "" : text.bytes, text.len);
    buffer_release(&text);
    return kept;
}

static struct render_downtime_row *row_new(struct sheet *s) {
    s->rows = rows_room(s->tx, s->rows, s->count, sizeof *s->rows);
    return s->rows == NULL ? NULL : &s->rows[s->count++];
}

static bool add_rows(struct sheet *s, const struct decided *decided) {
    const struct decision *decision = &decided->decision;
    const struct prescription *rx = &decided->c.rules.input.prescriptions[decided->index];
    const char *note = note_of(s->tx, decision);
    struct render_downtime_row common = {.patient = decided->c.patient.name,
                                         .born = decided->c.patient.born_on,
                                         .product = rx->items[0].product,
                                         .take_home_last = DAY_NONE,
                                         .note = note,
                                         .hold = decision->verdict >= VERDICT_HOLD};
    if (note == NULL) {
        return false;
    }
    for (size_t i = 0; i < decision->item_count; i++) {
        const struct decided_item *item = &decision->items[i];
        struct render_downtime_row *row = row_new(s);
        if (row == NULL) {
            return false;
        }
        *row = common;
        row->product = item->item->product;
        row->supervised = item->supervised;
        row->take_home = item->take_home;
        row->take_home_last = item->take_home > 0 ? decision->covers[decision->cover_count - 1] : DAY_NONE;
    }
    if (decision->item_count == 0) {
        struct render_downtime_row *row = row_new(s);
        if (row == NULL) {
            return false;
        }
        *row = common;
    }
    return true;
}

/* One prescription that is due; all its instalments of the day are one decision. */
static enum desk_result add_due(struct sheet *s, const char *prescription) {
    const struct decide_request asked = {.prescription = prescription, .on = s->day};
    struct desk_problem problem = {.code = NULL};
    struct decided decided;
    enum desk_result result = desk_decide(s->tx, &asked, &decided, &problem);
    if (result == DESK_OK && !add_rows(s, &decided)) {
        result = DESK_FAILED;
    }
    decided_release(&decided);
    return result;
}

static int by_name(const void *a, const void *b) {
    const struct day_row *x = a;
    const struct day_row *y = b;
    int order = strcmp(x->patient.name, y->patient.name);
    order = order != 0 ? order : strcmp(x->patient.id, y->patient.id);
    return order != 0 ? order : strcmp(x->prescription, y->prescription);
}

enum desk_result print_sheet_downtime(struct tx *tx, const struct print_job_row *job,
                                      struct render_downtime *out) {
    struct sheet s = {.tx = tx, .day = job->on_day};
    struct day_list_answer answer;
    enum desk_result result = desk_day(tx, s.day, &answer);
    if (result == DESK_OK && answer.count > 0) {
        qsort(answer.rows, answer.count, sizeof *answer.rows, by_name);
    }
    for (size_t i = 0; result == DESK_OK && i < answer.count; i++) {
        const struct day_row *row = &answer.rows[i];
        bool waits = row->status == DAY_STATUS_DUE || row->status == DAY_STATUS_PREPARED ||
                     row->status == DAY_STATUS_DEFERRED;
        bool again = i > 0 && strcmp(row->prescription, answer.rows[i - 1].prescription) == 0;
        if (waits && !again) {
            result = add_due(&s, row->prescription);
        }
    }
    out->day = job->on_day;
    out->serial = job->code;
    out->as_of = print_as_of(tx, job->at);
    out->rows = s.rows;
    out->row_count = s.count;
    return out->as_of == NULL ? DESK_FAILED : result;
}
