#include "sweep.h"

#include <string.h>

#include "alert.h"
#include "alert_policy.h"
#include "instalments.h"
#include "patient_case.h"
#include "reconcile.h"
#include "store/day_state.h"
#include "store/history.h"
#include "store/prescription.h"
#include "text.h"

/* How far ahead a collection day may lie that D4 moved to a day being swept. */
#define MOVED_AHEAD_MAX 31
/* What the history of one patient may take while it is looked at. */
#define PATIENT_MEMORY_MAX ((size_t)64 << 20)
/* How far ahead a plan may end whose last collection comes soon: the days of the last instalment, and closed ones. */
#define ENDING_AHEAD_MAX 45
/* How many days ahead a deadline is looked for. */
#define DEADLINE_AHEAD_MAX 10

/* The instants that make one day's instalments missed (cut-off) and lost, or missed after all (its end). */
struct swept_day {
    day_t day;
    bool missed; /* its cut-off has passed since the last sweep, and the pharmacy was open */
    bool lost;   /* it has ended since the last sweep */
};

struct sweep {
    struct tx *tx;
    struct swept_day *days;
    size_t day_count;
    size_t found;
};

/* The cut-off of a day; INT64_MIN where the pharmacy is closed on it (M1). */
static int64_t cut_off(struct tx *tx, day_t day) {
    int32_t opens = 0;
    int32_t closes = 0;
    if (!desk_hours(tx, day, &opens, &closes)) {
        return INT64_MIN;
    }
    return clock_at(day, closes) + desk_policy(tx, "cutoff_grace_minutes") * 60;
}

int64_t desk_next_deadline(struct tx *tx, int64_t after) {
    day_t today = clock_moment(after).day;
    for (day_t day = today; day < today + DEADLINE_AHEAD_MAX; day++) {
        int64_t cut = cut_off(tx, day);
        int64_t close = desk_close_time(tx, day);
        int64_t end = clock_at(day + 1, 0);
        if (cut > after && cut < end) {
            return cut;
        }
        if (close > after && close < end) {
            return close;
        }
        if (end > after) {
            return end;
        }
    }
    return clock_at(today + 1, 0);
}

/* ---- one instalment ---- */

static void alert_raise(struct sweep *sweep, const struct patient_case *c, size_t prescription,
                        const char *kind, const char *priority, day_t on, int32_t number, const char *about,
                        const struct alert_detail_row *detail) {
    const struct alert_row alert = {
        .kind = kind,
        .priority = priority,
        .patient = c->patient.id,
        .prescription = c->rows[prescription].id,
        .service = c->rows[prescription].service,
        .raised_at = sweep->tx->now.at,
        .on = on,
        .about = about,
        .number = number,
    };
    desk_alert_raise(sweep->tx, &alert, detail);
}

/* The policy of the prescription's service; NULL where there is none: the usual figures. */
static const struct service_row *service_of(struct sweep *sweep, const struct patient_case *c,
                                            size_t prescription) {
    struct service_row *row = arena_take(sweep->tx->arena, 1, sizeof *row);
    return row != NULL && service_find(sweep->tx, c->rows[prescription].service, row) ? row : NULL;
}

/* A1: each missed instalment; urgent in titration, and where the patient is marked so. */
static void alert_missed(struct sweep *sweep, const struct patient_case *c, size_t prescription,
                         const struct instalment *one, day_t on) {
    bool titration = c->rows[prescription].rules->stage == STAGE_TITRATION &&
                     alert_policy(service_of(sweep, c, prescription), "titration_urgent") != 0;
    bool urgent = c->patient.first_miss_urgent || titration;
    struct missed_run run =
        missed_run_at(&c->rules, c->rows[prescription].rules->drug_class, on + 1, DAY_MIN);
    const struct outcome_row *outcome =
        instalment_outcome(c->outcomes, c->outcome_count, c->rows[prescription].id, one->collect);
    bool deferred = outcome != NULL && outcome->kind == OUTCOME_DEFERRED;
    struct alert_detail_row detail = alert_detail_none;
    char day[DAY_TEXT_SIZE];
    day_format(one->collect, day);
    desk_alert_course(sweep->tx, c, prescription, on, &detail);
    desk_alert_instalment(sweep->tx, c, prescription, one, one->collect, deferred ? "text" : "not_collected",
                          deferred ? "The dose was put off to later in the day, and not given" : NULL,
                          &detail);
    alert_raise(sweep, c, prescription, "missed_pickup", urgent ? "urgent" : "routine", on, run.days,
                desk_text(sweep->tx, "missed_pickup/%s/%s", c->rows[prescription].id, day), &detail);
}

/* Does the three-day rule hold the supply of the day after? *days: the run; *last: the last dosed day. */
static bool is_held_after(const struct patient_case *c, size_t prescription, day_t on, int32_t *days,
                          day_t *last) {
    struct decision decision;
    const struct request request = {.prescription = prescription, .on = on + 1};
    decision_init(&decision);
    bool decided = decide(&c->rules, &request, &decision);
    bool hold = false;
    for (size_t i = 0; decided && i < decision.reason_count; i++) {
        hold = hold || decision.reasons[i].code == REASON_THREE_DAY_RULE;
    }
    *days = decided ? decision.missed_days : 0;
    *last = decided ? decision.last_dosed : DAY_NONE;
    decision_release(&decision);
    return hold;
}

/* A2: the next supply would be on hold (opioid); two and three missed days of a benzodiazepine. Once an episode. */
static void alert_run(struct sweep *sweep, const struct patient_case *c, size_t prescription, day_t on) {
    const struct prescription *rx = c->rows[prescription].rules;
    const struct service_row *service = service_of(sweep, c, prescription);
    struct alert_detail_row detail = alert_detail_none;
    int32_t days = 0;
    day_t last = DAY_NONE;
    detail.on_hold = is_held_after(c, prescription, on, &days, &last);
    desk_alert_course(sweep->tx, c, prescription, on, &detail);
    if (rx->drug_class == CLASS_OPIOID && detail.on_hold) {
        alert_raise(sweep, c, prescription, "supply_on_hold", "urgent", on, days,
                    desk_text(sweep->tx, "supply_on_hold/%s/%d", c->rows[prescription].id, (int)last),
                    &detail);
    } else if (rx->drug_class == CLASS_BENZODIAZEPINE &&
               days >= alert_policy(service, "missed_run_routine_days")) {
        const char *priority = days >= alert_policy(service, "missed_run_urgent_days") ? "urgent" : "routine";
        alert_raise(
            sweep, c, prescription, "missed_run", priority, on, days,
            desk_text(sweep->tx, "missed_run/%s/%d/%s", c->rows[prescription].id, (int)last, priority),
            &detail);
    }
}

/* Was there a dose of the class on the day, and nobody took it: neither here nor elsewhere? */
static bool is_missed_day(const struct patient_case *c, enum drug_class drug_class, day_t day, day_t known) {
    bool planned = false;
    for (size_t i = 0; i < c->rules.input.prescription_count; i++) {
        if (c->rows[i].rules->drug_class != drug_class) {
            continue;
        }
        if (case_taken(&c->rules.courses[i], day, known)) {
            return false;
        }
        const struct plan *plan = &c->rules.courses[i].plan;
        planned = planned ||
                  (plan_has_dose(plan, day) && day < case_stop_day(&c->rules, i, known) &&
                   (plan->prescription->entered_on == DAY_NONE || day >= plan->prescription->entered_on));
    }
    return planned && !case_dosed_elsewhere(&c->rules, drug_class, day, known);
}

/* A3: missed days that are not one run, within some days; at most once in so many. */
static void alert_intermittent(struct sweep *sweep, const struct patient_case *c, size_t prescription,
                               day_t on) {
    const struct service_row *service = service_of(sweep, c, prescription);
    enum drug_class drug_class = c->rows[prescription].rules->drug_class;
    int32_t within = alert_policy(service, "intermittent_within_days");
    int32_t missed = 0;
    int32_t runs = 0;
    bool before = false;
    for (day_t day = on - within + 1; day <= on; day++) {
        bool now = is_missed_day(c, drug_class, day, on);
        missed += now;
        runs += now && !before;
        before = now;
    }
    struct alert_row *rows = NULL;
    size_t count = 0;
    if (missed < alert_policy(service, "intermittent_missed_days") || runs < 2 ||
        !alerts_of_patient(sweep->tx, c->patient.id, "intermittent", on - within + 1, on, &rows, &count)) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        size_t other = patient_case_index(c, rows[i].prescription);
        if (other == PRESCRIPTION_NONE || c->rows[other].rules->drug_class == drug_class) {
            return;
        }
    }
    struct alert_detail_row detail = alert_detail_none;
    desk_alert_course(sweep->tx, c, prescription, on, &detail);
    alert_raise(sweep, c, prescription, "intermittent", "routine", on, missed,
                desk_text(sweep->tx, "intermittent/%s/%d", c->rows[prescription].id, (int)on), &detail);
}

static void outcome_append(struct sweep *sweep, const struct patient_case *c, size_t prescription,
                           const struct instalment *one, day_t on, enum outcome_kind kind) {
    const struct outcome_row row = {
        .id = tx_new_id(sweep->tx, "oc"),
        .patient = c->patient.id,
        .prescription = c->rows[prescription].id,
        .collect = one->collect,
        .on = on,
        .at = sweep->tx->now.at,
        .kind = kind,
        .minutes_after = -1,
        .quantity = QUANTITY_NONE,
    };
    tx_audit(sweep->tx, outcome_text(kind), c->patient.id, row.id, NULL);
    history_add_outcome(sweep->tx, &row);
    sweep->found++;
}

/* The day of the sweep that this instalment falls on, if any. */
static const struct swept_day *swept_day_of(const struct sweep *sweep, const struct instalment *one) {
    day_t day = one->due != DAY_NONE ? one->due : one->collect;
    for (size_t i = 0; i < sweep->day_count; i++) {
        if (sweep->days[i].day == day) {
            return &sweep->days[i];
        }
    }
    return NULL;
}

/* M1: what stands in place of the supply is left as it is; only a deferred dose becomes missed. */
static bool still_open(const struct outcome_row *outcome) {
    return outcome == NULL || outcome->kind == OUTCOME_DEFERRED;
}

/* M1, exactly once: has the clock found this instalment before, whatever was recorded after that? */
static bool found_before(const struct outcome_row *rows, size_t count, const char *prescription,
                         day_t collect) {
    for (size_t i = 0; i < count; i++) {
        if ((rows[i].kind == OUTCOME_MISSED || rows[i].kind == OUTCOME_LOST_TO_CLOSURE) &&
            rows[i].collect == collect && strcmp(rows[i].prescription, prescription) == 0) {
            return true;
        }
    }
    return false;
}

static void sweep_instalment(struct sweep *sweep, const struct patient_case *c, size_t prescription,
                             const struct instalment *one, const struct outcome_row *outcome) {
    const struct swept_day *day = swept_day_of(sweep, one);
    if (day == NULL || !still_open(outcome) || !instalment_live(c, prescription, one, day->day) ||
        instalment_supplied(c, prescription, one, sweep->tx->now.day) ||
        instalment_dosed_otherwise(c, prescription, one, sweep->tx->now.day)) {
        return;
    }
    bool open = one->due != DAY_NONE && cut_off(sweep->tx, day->day) != INT64_MIN;
    /* At the day's end too: what was entered, reversed or put off after the cut-off is due until then. */
    if (open && (day->missed || day->lost)) {
        outcome_append(sweep, c, prescription, one, day->day, OUTCOME_MISSED);
        alert_missed(sweep, c, prescription, one, day->day);
        alert_run(sweep, c, prescription, day->day);
        alert_intermittent(sweep, c, prescription, day->day);
    } else if (!open && day->lost) {
        outcome_append(sweep, c, prescription, one, day->day, OUTCOME_LOST_TO_CLOSURE);
    }
}

/* ---- one patient ---- */

static enum desk_result sweep_patient(struct sweep *sweep, const char *patient) {
    struct patient_case c;
    enum desk_result result = patient_case_load(sweep->tx, patient, &c);
    bool quiet = c.deceased || c.away;
    for (size_t i = 0; result == DESK_OK && !quiet && i < c.rules.input.prescription_count; i++) {
        const struct plan *plan = &c.rules.courses[i].plan;
        for (size_t k = 0; k < plan->instalment_count; k++) {
            const struct instalment *one = &plan->instalments[k];
            if (!found_before(c.outcomes, c.outcome_count, c.rows[i].id, one->collect)) {
                sweep_instalment(sweep, &c, i, one,
                                 instalment_outcome(c.outcomes, c.outcome_count, c.rows[i].id, one->collect));
            }
        }
    }
    patient_case_close(&c);
    return db_state(sweep->tx->db) == DB_FINE ? result : DESK_FAILED;
}

/* ---- prescriptions that come to their end (A5) ---- */

/* The last collection that is still to come, after the day; DAY_NONE: none. */
static day_t last_collection(const struct patient_case *c, size_t prescription, day_t on) {
    const struct plan *plan = &c->rules.courses[prescription].plan;
    day_t last = DAY_NONE;
    for (size_t i = 0; i < plan->instalment_count; i++) {
        const struct instalment *one = &plan->instalments[i];
        if (one->due != DAY_NONE && one->due > on && one->due > last &&
            instalment_live(c, prescription, one, on)) {
            last = one->due;
        }
    }
    return last;
}

static bool has_successor(const struct patient_case *c, size_t prescription) {
    day_t end = c->rules.courses[prescription].plan.last;
    for (size_t i = 0; i < c->rules.input.prescription_count; i++) {
        const struct plan *plan = &c->rules.courses[i].plan;
        if (i != prescription && plan->prescription->drug_class == c->rows[prescription].rules->drug_class &&
            plan->last > end) {
            return true;
        }
    }
    return false;
}

static bool is_soon(struct sweep *sweep, day_t on, day_t last, int32_t most) {
    int32_t open = 0;
    for (day_t day = on + 1; day <= last && open <= most; day++) {
        open += cut_off(sweep->tx, day) != INT64_MIN;
    }
    return open <= most;
}

static enum desk_result sweep_ending_one(struct sweep *sweep, const char *id, day_t on) {
    struct patient_case c;
    size_t index = 0;
    enum desk_result result = patient_case_load_for(sweep->tx, id, &c, &index);
    if (result == DESK_OK && index != PRESCRIPTION_NONE && !c.deceased) {
        day_t last = last_collection(&c, index, on);
        int32_t most = alert_policy(service_of(sweep, &c, index), "ending_soon_open_days");
        if (last != DAY_NONE && is_soon(sweep, on, last, most) && !has_successor(&c, index)) {
            struct alert_detail_row detail = alert_detail_none;
            desk_alert_course(sweep->tx, &c, index, on, &detail);
            detail.next_collection = last;
            alert_raise(sweep, &c, index, "ending_soon", "routine", on, -1,
                        desk_text(sweep->tx, "ending_soon/%s", id), &detail);
        }
    }
    patient_case_close(&c);
    return db_state(sweep->tx->db) == DB_FINE ? result : DESK_FAILED;
}

/* At the cut-off: those whose plan ends soon and of whom nobody was told yet. */
static enum desk_result sweep_ending(struct sweep *sweep, day_t on) {
    struct arena *kept = sweep->tx->arena;
    size_t count = 0;
    const char **ids = prescription_ending(sweep->tx, on, on + ENDING_AHEAD_MAX, &count);
    struct arena *mine = arena_new(PATIENT_MEMORY_MAX);
    enum desk_result result = mine == NULL || (ids == NULL && count > 0) ? DESK_FAILED : DESK_OK;
    for (size_t i = 0; result == DESK_OK && i < count; i++) {
        arena_reset(mine);
        sweep->tx->arena = mine;
        result = sweep_ending_one(sweep, ids[i], on);
        sweep->tx->arena = kept;
    }
    arena_free(&mine);
    return result;
}

/* ---- everyone ---- */

/* The days whose cut-off or end lies between the two instants. */
static bool sweep_days(struct sweep *sweep, int64_t from, int64_t until) {
    day_t first = clock_moment(from).day;
    day_t last = clock_moment(until).day;
    sweep->days = arena_take(sweep->tx->arena, (size_t)(last - first) + 1, sizeof *sweep->days);
    for (day_t day = first; sweep->days != NULL && day <= last; day++) {
        int64_t cut = cut_off(sweep->tx, day);
        int64_t end = clock_at(day + 1, 0);
        struct swept_day one = {
            .day = day, .missed = cut > from && cut <= until, .lost = end > from && end <= until};
        if (one.missed || one.lost) {
            sweep->days[sweep->day_count++] = one;
        }
    }
    return sweep->days != NULL;
}

/* Everybody in turn, each in the same memory; the pharmacy's days were read before and stay where they are. */
static enum desk_result sweep_patients(struct sweep *sweep, const char *const *patients, size_t count) {
    struct arena *kept = sweep->tx->arena;
    struct arena *mine = arena_new(PATIENT_MEMORY_MAX);
    enum desk_result result = mine == NULL ? DESK_FAILED : DESK_OK;
    for (size_t i = 0; result == DESK_OK && i < count; i++) {
        arena_reset(mine);
        sweep->tx->arena = mine;
        result = sweep_patient(sweep, patients[i]);
        sweep->tx->arena = kept;
    }
    arena_free(&mine);
    return result;
}

/*
 * The last of the days after this one on which the pharmacy is closed without a break: D4 may have moved their
 * collections to this day.
 */
static day_t closed_until(struct tx *tx, day_t day) {
    int32_t opens = 0;
    int32_t closes = 0;
    day_t last = day;
    while (last < day + MOVED_AHEAD_MAX && !desk_hours(tx, last + 1, &opens, &closes)) {
        last++;
    }
    return last;
}

/*
 * Who has not got every dose of the day, and of the closed days after it whose collections may have been moved to it:
 * whatever is due on the day and not supplied is among that.
 */
static enum desk_result sweep_day(struct sweep *sweep, day_t day) {
    size_t count = 0;
    const char **patients = prescription_patients_undosed(sweep->tx, day, closed_until(sweep->tx, day),
                                                          day + MOVED_AHEAD_MAX, &count);
    return sweep_patients(sweep, patients, count);
}

enum desk_result desk_sweep(struct tx *tx, int64_t until, size_t *found) {
    struct sweep sweep = {.tx = tx};
    int64_t from = swept_until(tx);
    *found = 0;
    if (from >= until) {
        return DESK_OK;
    }
    if (from != INT64_MIN && !sweep_days(&sweep, from, until)) {
        return DESK_FAILED;
    }
    enum desk_result result = DESK_OK;
    for (size_t i = 0; result == DESK_OK && i < sweep.day_count; i++) {
        result = sweep_day(&sweep, sweep.days[i].day);
        if (result == DESK_OK && sweep.days[i].missed) {
            result = sweep_ending(&sweep, sweep.days[i].day);
        }
    }
    tx_audit(tx, "sweep", NULL, NULL, NULL);
    swept_append(tx, until);
    *found = sweep.found;
    return result == DESK_OK && (db_state(tx->db) != DB_FINE || arena_failed(tx->arena)) ? DESK_FAILED
                                                                                         : result;
}
