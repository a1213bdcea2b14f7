#include <string.h>

#include "decide_work.h"

/* ---- holds and checks from the history (D11 to D19, D23, D26, D27) ---- */

/* Is a consultation `continue` in force on T? From its day to resume_on, by default the next open day. */
static bool consulted_continue(const struct work *w) {
    for (size_t i = 0; i < w->c->input.event_count; i++) {
        const struct event *event = &w->c->input.events[i];
        if (event->kind != EVENT_CONSULTATION || event->outcome != CONSULTED_CONTINUE ||
            event->prescription != w->request->prescription || event->on > w->day) {
            continue;
        }
        day_t end = event->resume_on;
        if (end == DAY_NONE) {
            end = calendar_open_after(w->c->input.calendar, event->on);
        }
        if (w->day <= end) {
            return true;
        }
    }
    return false;
}

/* The holds that a `continue` lifts: a note `consulted` stands in their place. */
static void decide_consulted(struct work *w) {
    static const enum reason_code lifted[] = {REASON_THREE_DAY_RULE, REASON_TITRATION_STEP_AFTER_MISSED,
                                              REASON_RETURNED_FROM_ELSEWHERE};
    struct decision *out = w->out;
    bool any = false;
    if (!consulted_continue(w)) {
        return;
    }
    for (size_t i = 0; i < sizeof lifted / sizeof lifted[0]; i++) {
        struct reason *reason = work_reason_find(out, lifted[i]);
        if (reason != NULL && reason->severity == SEVERITY_HOLD) {
            size_t after = (size_t)(out->reasons + out->reason_count - (reason + 1));
            memmove(reason, reason + 1, after * sizeof *reason);
            out->reason_count--;
            any = true;
        }
    }
    if (any) {
        work_reason_plain(w, REASON_CONSULTED, SEVERITY_NOTE);
    }
}

/* The run at which D11 holds. */
static int32_t hold_figure(const struct work *w) {
    bool w3 = (w->rx->wording & WORDING_W3) != 0;
    if (w->rx->drug_class == CLASS_BENZODIAZEPINE) {
        return w3 ? 3 : 7;
    }
    int32_t policy = w->c->input.policy.hold_after_missed_days;
    return w3 && policy > 3 ? 3 : policy;
}

/* D11, D16's note. */
static void decide_missed(struct work *w) {
    const struct missed_run *run = &w->run;
    bool benzodiazepine = w->rx->drug_class == CLASS_BENZODIAZEPINE;
    int32_t figure = hold_figure(w);
    int32_t recent = benzodiazepine ? 3 : figure;
    if (run->since >= figure) {
        work_reason(w, REASON_THREE_DAY_RULE, SEVERITY_HOLD, run->days, DAY_NONE);
    } else if (benzodiazepine && run->since >= 3) {
        work_reason(w, REASON_MISSED_RUN_BENZODIAZEPINE, SEVERITY_CHECK, run->days, DAY_NONE);
    }
    int32_t reached = run->since < recent ? recent : figure;
    if (run->since < figure && run->days >= reached) {
        work_reason(w, REASON_MISSED_BEFORE_SIGNATURE, SEVERITY_CHECK, run->days, DAY_NONE);
    }
    if (run->days >= 1 && run->days < recent) {
        work_reason(w, REASON_MISSED_RECENT, work_in_titration(w) ? SEVERITY_CHECK : SEVERITY_NOTE, run->days,
                    DAY_NONE);
    }
    if ((run->no_plan >= 1 && run->no_plan + run->days >= 3) || run->ended_by_gap) {
        work_reason(w, REASON_RESTART_AFTER_GAP, SEVERITY_CHECK, run->no_plan + run->days, DAY_NONE);
    }
}

static bool day_supplied_in_class(const struct work *w, day_t day) {
    for (size_t i = 0; i < w->c->input.prescription_count; i++) {
        if (w->c->input.prescriptions[i].drug_class == w->rx->drug_class &&
            case_supplied(&w->c->courses[i], day, w->day)) {
            return true;
        }
    }
    return false;
}

/* Was any day from `from` to T - 1 dosed elsewhere as something unlike (D23)? */
static bool elsewhere_unlike(const struct work *w, day_t from) {
    for (size_t i = 0; i < w->c->input.event_count; i++) {
        const struct event *event = &w->c->input.events[i];
        if (event->kind == EVENT_DOSED_ELSEWHERE && event->drug_class == w->rx->drug_class && event->unlike &&
            event->on <= w->day && event->to >= from && event->from < w->day) {
            return true;
        }
    }
    return false;
}

/* D23: the days just before T that were dosed elsewhere, and not here. */
static void decide_elsewhere(struct work *w) {
    day_t from = w->day;
    while (case_dosed_elsewhere(w->c, w->rx->drug_class, from - 1, w->day) &&
           !day_supplied_in_class(w, from - 1)) {
        from--;
    }
    int32_t days = w->day - from;
    if (days > 0) {
        bool hold = days >= 3 || elsewhere_unlike(w, from);
        work_reason(w, REASON_RETURNED_FROM_ELSEWHERE, hold ? SEVERITY_HOLD : SEVERITY_CHECK, days, DAY_NONE);
    }
}

/* D14: any of the patient's prescriptions, today. */
static void decide_withheld(struct work *w) {
    for (size_t i = 0; i < w->c->input.event_count; i++) {
        const struct event *event = &w->c->input.events[i];
        if ((event->kind == EVENT_WITHHELD || event->kind == EVENT_DEFERRED) && event->on == w->day) {
            work_reason_plain(w, REASON_WITHHELD_TODAY, SEVERITY_CHECK);
        }
    }
}

/* The last day up to T of a consultation with this outcome: of this prescription, or of any of its class. */
static day_t last_consultation(const struct work *w, enum consultation_outcome outcome, bool any_of_class) {
    day_t last = DAY_NONE;
    for (size_t i = 0; i < w->c->input.event_count; i++) {
        const struct event *event = &w->c->input.events[i];
        if (event->kind != EVENT_CONSULTATION || event->outcome != outcome || event->on > w->day) {
            continue;
        }
        const struct prescription *rx = &w->c->input.prescriptions[event->prescription];
        bool counts = any_of_class ? rx->drug_class == w->rx->drug_class : rx == w->rx;
        if (counts && event->on > last) {
            last = event->on;
        }
    }
    return last;
}

/* The last day up to T on which a supply outside the rules was made in this class, or DAY_NONE. */
static day_t last_irregular(const struct work *w) {
    day_t last = DAY_NONE;
    for (size_t i = 0; i < w->c->input.event_count; i++) {
        const struct event *event = &w->c->input.events[i];
        if (event->kind == EVENT_IRREGULAR && event->on <= w->day && event->on > last &&
            w->c->input.prescriptions[event->prescription].drug_class == w->rx->drug_class) {
            last = event->on;
        }
    }
    return last;
}

/* D12, D27 (of one day, new_prescription counts), and section 6: an irregular supply holds its class. */
static void decide_standing_holds(struct work *w) {
    day_t asked_for_new = last_consultation(w, CONSULTED_NEW_PRESCRIPTION, false);
    if (asked_for_new != DAY_NONE && asked_for_new >= last_consultation(w, CONSULTED_CONTINUE, false)) {
        work_reason(w, REASON_AWAITING_NEW_PRESCRIPTION, SEVERITY_HOLD, -1, asked_for_new);
    }
    day_t irregular = last_irregular(w);
    if (irregular > last_consultation(w, CONSULTED_CONTINUE, true)) {
        work_reason(w, REASON_IRREGULAR_SUPPLY, SEVERITY_HOLD, -1, irregular);
    }
    if (w->rx->on_hold) {
        work_reason_plain(w, REASON_MANUAL_HOLD, SEVERITY_HOLD);
    }
}

/* D18, D19: a plan of the other class. */
static void decide_other_class(struct work *w) {
    bool covers_today = false;
    bool covers_before = false;
    enum drug_class other = w->rx->drug_class == CLASS_OPIOID ? CLASS_BENZODIAZEPINE : CLASS_OPIOID;
    for (size_t i = 0; i < w->c->input.prescription_count; i++) {
        if (w->c->input.prescriptions[i].drug_class == other) {
            covers_today = covers_today || case_plan_covers(w->c, i, w->day, w->day);
            covers_before = covers_before || case_plan_covers(w->c, i, w->day - 1, w->day);
        }
    }
    if (covers_today) {
        work_reason_plain(w, REASON_OPIOID_WITH_BENZODIAZEPINE, SEVERITY_NOTE);
    }
    if (covers_before) {
        struct missed_run run = missed_run_at(w->c, other, w->day, DAY_MIN);
        if (run.days >= 1) {
            work_reason(w, REASON_OTHER_CLASS_MISSED, SEVERITY_CHECK, run.days, DAY_NONE);
        }
    }
}

void decide_history(struct work *w) {
    decide_missed(w);
    decide_elsewhere(w);
    decide_withheld(w);
    decide_standing_holds(w);
    decide_consulted(w);
    decide_other_class(w);
}
