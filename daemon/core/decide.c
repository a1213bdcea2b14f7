#include "decide.h"

#include <stdlib.h>
#include <string.h>

#include "decide_work.h"

/* ---- reasons ---- */

struct reason *work_reason_find(struct decision *out, enum reason_code code) {
    for (size_t i = 0; i < out->reason_count; i++) {
        if (out->reasons[i].code == code) {
            return &out->reasons[i];
        }
    }
    return NULL;
}

void work_reason(struct work *w, enum reason_code code, enum severity severity, int32_t number, day_t day) {
    struct decision *out = w->out;
    struct reason *known = work_reason_find(out, code);
    if (known != NULL) {
        known->severity = severity > known->severity ? severity : known->severity;
        return;
    }
    size_t at = out->reason_count++;
    while (at > 0 && out->reasons[at - 1].code > code) {
        out->reasons[at] = out->reasons[at - 1];
        at--;
    }
    out->reasons[at] = (struct reason){.code = code, .severity = severity, .number = number, .day = day};
}

void work_reason_plain(struct work *w, enum reason_code code, enum severity severity) {
    work_reason(w, code, severity, -1, DAY_NONE);
}

/* ---- growing what the decision owns ---- */

bool work_room(void **array, size_t *room, size_t count, size_t size) {
    if (count < *room) {
        return true;
    }
    size_t wanted = *room == 0 ? 32 : *room * 2;
    void *bigger = realloc(*array, wanted * size);
    if (bigger == NULL) {
        return false;
    }
    *array = bigger;
    *room = wanted;
    return true;
}

/* ---- questions that several parts ask ---- */

bool work_day_supplied(const struct work *w, day_t day) {
    return case_supplied(w->course, day, w->day);
}

bool work_in_titration(const struct work *w) {
    return w->rx->stage == STAGE_TITRATION;
}

bool work_allows_today(const struct work *w, const struct event *event, enum consultation_outcome outcome) {
    return event->kind == EVENT_CONSULTATION && event->prescription == w->request->prescription &&
           event->outcome == outcome && event->on <= w->day && event->for_day == w->day;
}

bool work_is_partner(const struct work *w, size_t index) {
    return w->c->courses[index].group == w->course->group;
}

/* The last day before `before` of this class that was supplied here, with or without what is given together. */
day_t work_last_day_here(const struct work *w, bool with_partners, day_t before) {
    day_t last = DAY_NONE;
    for (size_t i = 0; i < w->c->input.prescription_count; i++) {
        const struct course *course = &w->c->courses[i];
        bool partner = course != w->course && work_is_partner(w, i);
        if (w->c->input.prescriptions[i].drug_class != w->rx->drug_class || (partner && !with_partners)) {
            continue;
        }
        day_t here = case_last_supplied(course, before, w->day);
        last = here > last ? here : last;
    }
    return last;
}

/* ---- the answer ---- */

static void decide_last_dosed(struct work *w) {
    day_t last = work_last_day_here(w, true, w->day + 1);
    for (size_t i = 0; i < w->c->input.event_count; i++) {
        const struct event *event = &w->c->input.events[i];
        if (event->kind == EVENT_DOSED_ELSEWHERE && event->drug_class == w->rx->drug_class &&
            event->on <= w->day && event->from <= w->day) {
            day_t to = event->to < w->day ? event->to : w->day;
            last = to > last ? to : last;
        }
    }
    w->out->last_dosed = last;
}

/* The first that is found: no instalment is due before one of an earlier collection day (D4). */
static void decide_next_due(struct work *w) {
    const struct plan *plan = &w->course->plan;
    for (size_t i = 0; i < plan->instalment_count && w->out->next_due == DAY_NONE; i++) {
        const struct instalment *one = &plan->instalments[i];
        if (one->due > w->day && work_instalment_end(w, one) != DAY_NONE &&
            !work_instalment_supplied(w, one)) {
            w->out->next_due = one->due;
        }
    }
}

static void decide_verdict(struct decision *out) {
    static const enum verdict verdicts[] = {
        [SEVERITY_NOTE] = VERDICT_SUPPLY,
        [SEVERITY_CHECK] = VERDICT_CHECK,
        [SEVERITY_HOLD] = VERDICT_HOLD,
        [SEVERITY_REFUSE] = VERDICT_REFUSE,
    };
    enum severity strictest = SEVERITY_NOTE;
    for (size_t i = 0; i < out->reason_count; i++) {
        strictest = out->reasons[i].severity > strictest ? out->reasons[i].severity : strictest;
    }
    out->verdict = verdicts[strictest];
    if (out->verdict == VERDICT_REFUSE) {
        out->cover_count = 0;
        out->item_count = 0;
        out->instalment_count = 0;
    }
}

void decision_init(struct decision *decision) {
    memset(decision, 0, sizeof *decision);
}

void decision_release(struct decision *decision) {
    free(decision->covers);
    free(decision->items);
    free(decision->instalments);
    memset(decision, 0, sizeof *decision);
}

bool decide(const struct rules_case *c, const struct request *request, struct decision *decision) {
    struct work w = {.c = c,
                     .request = request,
                     .course = &c->courses[request->prescription],
                     .rx = &c->input.prescriptions[request->prescription],
                     .day = request->on,
                     .out = decision,
                     .moved_only = true,
                     .memory = true};
    decision->rest = false;
    decision->cover_count = decision->item_count = decision->instalment_count = decision->reason_count = 0;
    decision->next_due = DAY_NONE;
    w.stop = case_stop_day(c, request->prescription, w.day);
    w.run = missed_run_at(c, w.rx->drug_class, w.day, w.rx->signed_on);
    decision->missed_days = w.run.days;
    decision->missed_pickups = w.run.pickups;
    decide_last_dosed(&w);
    decide_next_due(&w);
    decide_days(&w);
    decide_quantities(&w);
    decide_dose(&w);
    decide_history(&w);
    decide_situation(&w);
    decide_verdict(decision);
    return w.memory;
}

const char *verdict_text(enum verdict verdict) {
    static const char *const texts[] = {"supply", "check", "hold", "refuse"};
    return texts[verdict];
}
