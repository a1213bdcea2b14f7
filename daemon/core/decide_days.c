#include <string.h>

#include "decide_work.h"

static void cover_add(struct work *w, day_t day) {
    struct decision *out = w->out;
    void *array = out->covers;
    w->memory = w->memory && work_room(&array, &out->cover_room, out->cover_count, sizeof *out->covers);
    out->covers = array;
    if (!w->memory) {
        return;
    }
    size_t at = out->cover_count;
    while (at > 0 && out->covers[at - 1] > day) {
        at--;
    }
    if (at > 0 && out->covers[at - 1] == day) {
        return;
    }
    memmove(out->covers + at + 1, out->covers + at, (out->cover_count - at) * sizeof *out->covers);
    out->covers[at] = day;
    out->cover_count++;
}

static void instalment_add(struct work *w, const struct instalment *one) {
    struct decision *out = w->out;
    void *array = out->instalments;
    w->memory = w->memory &&
                work_room(&array, &out->instalment_room, out->instalment_count, sizeof *out->instalments);
    out->instalments = array;
    if (w->memory) {
        out->instalments[out->instalment_count++] = one;
    }
}

/* ---- which instalments, which days (D4 to D8, D24) ---- */

bool work_instalment_supplied(const struct work *w, const struct instalment *one) {
    for (day_t d = one->collect; d <= one->last; d++) {
        if (work_day_supplied(w, d) && plan_has_dose(&w->course->plan, d)) {
            return true;
        }
    }
    return false;
}

/* The last day of the instalment that the stop leaves, or DAY_NONE where it leaves none (D1). */
day_t work_instalment_end(const struct work *w, const struct instalment *one) {
    day_t end = one->last < w->stop ? one->last : w->stop - 1;
    for (; end >= one->collect; end--) {
        if (plan_has_dose(&w->course->plan, end)) {
            return end;
        }
    }
    return DAY_NONE;
}

static void instalment_take(struct work *w, const struct instalment *one, day_t from, day_t end) {
    instalment_add(w, one);
    w->moved_only = w->moved_only && one->collect > w->day;
    for (day_t d = from; d <= end; d++) {
        if (plan_has_dose(&w->course->plan, d)) {
            cover_add(w, d);
        }
    }
}

/* D4: supplied on E, or on U where that is wanted. */
static void instalment_due(struct work *w, const struct instalment *one, day_t end) {
    if (one->due == w->day) {
        w->due = true;
        if (one->collect != w->day) {
            work_reason(w, REASON_CLOSED_DAY_ADVANCE, SEVERITY_NOTE, -1, one->collect);
        }
        if (one->collect != w->day && one->state == CALENDAR_CLOSED_WEEKLY) {
            work_reason(w, REASON_WEEKLY_CLOSED_ADVANCE, SEVERITY_NOTE, -1, one->collect);
        }
        instalment_take(w, one, one->collect, end);
    } else if (one->usual == w->day && w->request->advance) {
        work_reason(w, REASON_ADVANCE_ON_USUAL_DAY, SEVERITY_CHECK, -1, one->collect);
        instalment_take(w, one, one->collect, end);
    } else if (one->usual == w->day) {
        work_reason(w, REASON_ADVANCE_AVAILABLE, SEVERITY_NOTE, -1, one->collect);
    }
}

/* D7, D8: T lies after the due day and not after the last covered day. */
static void instalment_late(struct work *w, const struct instalment *one, day_t end) {
    if ((w->rx->wording & WORDING_W2) == 0) {
        w->forfeited = true;
        return;
    }
    work_reason_plain(w, REASON_MISSED_REMAINDER, SEVERITY_NOTE);
    instalment_take(w, one, one->collect > w->day ? one->collect : w->day, end);
}

static void decide_instalments(struct work *w) {
    const struct plan *plan = &w->course->plan;
    for (size_t i = 0; i < plan->instalment_count; i++) {
        const struct instalment *one = &plan->instalments[i];
        day_t end = work_instalment_end(w, one);
        if (end == DAY_NONE) {
            continue;
        }
        day_t due = one->due != DAY_NONE ? one->due : one->collect;
        bool late = w->day > due && w->day <= end;
        if (work_instalment_supplied(w, one)) {
            w->had_supply = w->had_supply || one->due == w->day || late;
        } else if (late) {
            instalment_late(w, one, end);
        } else {
            instalment_due(w, one, end);
        }
    }
}

/* D24: the days that one allow_once names and that are still to be dosed; never a day gone by (D7). */
static bool exception_take(struct work *w, struct day_list named) {
    bool any = false;
    for (size_t i = 0; i < named.count; i++) {
        day_t day = named.days[i];
        if (day >= w->day && day < w->stop && plan_has_dose(&w->course->plan, day) &&
            !work_day_supplied(w, day) &&
            !case_dosed_otherwise(w->c, w->request->prescription, day, w->day)) {
            size_t before = w->out->cover_count;
            any = true;
            cover_add(w, day);
            w->moved_only &= w->out->cover_count == before;
        }
    }
    return any;
}

static void decide_exception(struct work *w) {
    bool any = false;
    for (size_t i = 0; i < w->c->input.event_count; i++) {
        const struct event *event = &w->c->input.events[i];
        if (work_allows_today(w, event, CONSULTED_ALLOW_ONCE) && event->covers.count > 0) {
            w->excepted = true;
            any |= exception_take(w, event->covers);
        }
    }
    if (any) {
        work_reason_plain(w, REASON_EXCEPTION_AGREED, SEVERITY_CHECK);
    }
}

static void decide_left_out(struct work *w) {
    struct decision *out = w->out;
    size_t kept = 0;
    size_t count = out->cover_count;
    for (size_t i = 0; i < count; i++) {
        if (!case_dosed_otherwise(w->c, w->request->prescription, out->covers[i], w->day)) {
            out->covers[kept++] = out->covers[i];
        }
    }
    out->cover_count = kept;
    if (kept == 0 && count > 0) {
        work_reason_plain(w, REASON_DUPLICATE_DAY, SEVERITY_REFUSE);
    } else if (kept < count) {
        work_reason_plain(w, REASON_DAY_LEFT_OUT, SEVERITY_CHECK);
    }
}

/* D22: where nothing else is to be supplied, the rest of what was supplied in part today; it lapses at midnight. */
static void decide_rest(struct work *w) {
    for (size_t i = 0; w->out->cover_count == 0 && i < w->c->input.event_count; i++) {
        const struct event *event = &w->c->input.events[i];
        if (event->kind != EVENT_SUPPLIED || event->prescription != w->request->prescription ||
            event->on != w->day || event->rest == NULL) {
            continue;
        }
        w->rest = event;
        w->out->rest = true;
        work_reason_plain(w, REASON_PART_SUPPLY, SEVERITY_CHECK);
        for (size_t k = 0; k < event->covers.count; k++) {
            cover_add(w, event->covers.days[k]);
        }
    }
}

/* D5 to D8 where there is nothing to supply; D8's note where something else is due. */
static void decide_nothing(struct work *w) {
    if (w->forfeited && !w->excepted) {
        work_reason(w, REASON_FORFEITED, w->due ? SEVERITY_NOTE : SEVERITY_REFUSE, -1, w->out->next_due);
        return;
    }
    if (w->out->cover_count > 0) {
        return;
    }
    if (w->had_supply && !w->excepted) {
        work_reason(w, REASON_ALREADY_SUPPLIED, SEVERITY_REFUSE, -1, w->out->next_due);
    } else {
        work_reason(w, REASON_NOT_DUE, SEVERITY_REFUSE, -1, w->out->next_due);
    }
}

/* D1, D2, D4 to D8, D10, D24: the days to supply. */
void decide_days(struct work *w) {
    day_t appropriate = w->rx->signed_on;
    if (w->rx->start_on != DAY_NONE && w->rx->start_on > appropriate) {
        appropriate = w->rx->start_on;
    }
    if (w->day >= w->stop) {
        work_reason(w, REASON_NOT_ACTIVE, SEVERITY_REFUSE, -1, w->stop);
    } else {
        decide_instalments(w);
        decide_exception(w);
        decide_rest(w);
        decide_nothing(w);
        decide_left_out(w);
    }
    bool moved = w->moved_only && w->out->instalment_count > 0 && w->day >= w->rx->signed_on;
    if (w->day < appropriate && !moved) {
        work_reason(w, REASON_BEFORE_START, SEVERITY_REFUSE, -1, appropriate);
    }
    if (w->course->first_supplied_on > w->day && w->day > appropriate + 28) {
        work_reason(w, REASON_FIRST_INSTALMENT_EXPIRED, SEVERITY_REFUSE, -1, appropriate + 28);
    }
}
