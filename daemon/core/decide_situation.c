#include "decide_work.h"

/* ---- the situation at the counter (D15, D17's product checks, D20, D21, D25, D28, D29, P12, M1) ---- */

/* The instant of the last supervised opioid dose up to now, leaving out what is given together; 0: none. */
static int64_t last_supervised_dose(const struct work *w) {
    int64_t last = 0;
    for (size_t i = 0; i < w->c->input.event_count; i++) {
        const struct event *event = &w->c->input.events[i];
        if ((event->kind != EVENT_SUPPLIED && event->kind != EVENT_IRREGULAR) || event->at <= last ||
            event->at > w->request->situation.now) {
            continue;
        }
        bool partner =
            event->prescription != w->request->prescription && work_is_partner(w, event->prescription);
        if (!partner && w->c->input.prescriptions[event->prescription].drug_class == CLASS_OPIOID) {
            last = event->at;
        }
    }
    return last;
}

/* D15: hours since then. */
static void decide_interval(struct work *w) {
    int64_t last = last_supervised_dose(w);
    if (w->rx->drug_class != CLASS_OPIOID || last == 0 || w->out->cover_count == 0) {
        return;
    }
    int64_t hours = (w->request->situation.now - last) / 3600;
    if (hours < 20) {
        bool check = hours < 12 || work_in_titration(w);
        work_reason(w, REASON_INTERVAL_SHORT, check ? SEVERITY_CHECK : SEVERITY_NOTE, (int32_t)hours,
                    DAY_NONE);
    }
}

/* P12, and D17: what P8 and P9 warned of, at the first supply that it applies to. */
static void decide_entry_checks(struct work *w) {
    if (!w->rx->double_checked) {
        work_reason_plain(w, REASON_NOT_DOUBLE_CHECKED, SEVERITY_CHECK);
    }
    bool first_of_prescription = w->course->first_supplied_on > w->day;
    bool concentrate = false;
    for (size_t i = 0; i < w->out->item_count; i++) {
        concentrate = concentrate || w->out->items[i].item->product->concentrate;
    }
    if (first_of_prescription && concentrate) {
        work_reason_plain(w, REASON_CONCENTRATE, SEVERITY_CHECK);
    }
    if (first_of_prescription && w->rx->dose_warned && w->out->cover_count > 0) {
        work_reason_plain(w, REASON_DOSE_WARNING, SEVERITY_CHECK);
    }
}

void decide_situation(struct work *w) {
    const struct situation *now = &w->request->situation;
    if (now->supply && w->day != now->today) {
        work_reason(w, REASON_NOT_TODAY, SEVERITY_REFUSE, -1, now->today);
    }
    if (now->clock_suspect) {
        work_reason_plain(w, REASON_CLOCK, SEVERITY_REFUSE);
    }
    if (now->no_pharmacist) {
        work_reason_plain(w, REASON_NO_RESPONSIBLE_PHARMACIST, SEVERITY_REFUSE);
    }
    if (now->deceased) {
        work_reason_plain(w, REASON_PATIENT_DECEASED, SEVERITY_REFUSE);
    }
    if (now->day_closed) {
        work_reason_plain(w, REASON_DAY_CLOSED, w->day < now->today ? SEVERITY_REFUSE : SEVERITY_CHECK);
    }
    if (now->part) {
        work_reason_plain(w, REASON_PART_SUPPLY, now->part_agreed ? SEVERITY_CHECK : SEVERITY_REFUSE);
    }
    if (now->after_cut_off && w->out->cover_count > 0) {
        work_reason_plain(w, REASON_SUPPLIED_AFTER_CUT_OFF, SEVERITY_NOTE);
    }
    if (now->entry_checks) {
        decide_entry_checks(w);
    }
    if (now->now != 0) {
        decide_interval(w);
    }
}
