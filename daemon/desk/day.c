#include "day.h"

#include <stdlib.h>
#include <string.h>

#include "instalments.h"
#include "store/day_state.h"
#include "store/outbox.h"
#include "store/preparation.h"
#include "store/prescription.h"
#include "store/rows.h"
#include "store/service.h"
#include "supply.h"

/* How far ahead a collection day may lie that D4 moved to the day. */
#define MOVED_AHEAD_MAX 31
/* A dose taken within so many days before is what most people have: what lies further back then need not be read. */
#define RECENT_DAYS 7
/* What the history of one patient may take while it is looked at. */
#define PATIENT_MEMORY_MAX ((size_t)64 << 20)
/* A11: so long before closing it is said who has not come yet. */
#define BEFORE_CLOSING_MINUTES 60
/* Missed days with which today's would be the third (A11). */
#define THIRD_DAY_MISSED 2

static const char *const statuses[] = {
    [DAY_STATUS_DUE] = "due",
    [DAY_STATUS_PREPARED] = "prepared",
    [DAY_STATUS_SUPPLIED] = "supplied",
    [DAY_STATUS_MISSED] = "missed",
    [DAY_STATUS_WITHHELD] = "withheld",
    [DAY_STATUS_DEFERRED] = "deferred",
    [DAY_STATUS_DECLINED] = "declined",
    [DAY_STATUS_ATTENDED_NOT_SUPPLIED] = "attended_not_supplied",
    [DAY_STATUS_LOST_TO_CLOSURE] = "lost_to_closure",
};

const char *day_status_text(enum day_status status) {
    return statuses[status];
}

const char *day_first_text(enum day_first first) {
    static const char *const texts[DAY_FIRST_COUNT] = {[DAY_FIRST_TITRATION] = "titration",
                                                       [DAY_FIRST_MISS_URGENT] = "first_miss_urgent",
                                                       [DAY_FIRST_THIRD_DAY] = "third_day"};
    return texts[first];
}

struct listing {
    struct tx *tx;
    day_t day;
    struct situation situation; /* the same for everybody */
    struct day_list_answer *answer;
    const char **recent_patients; /* in the order of the patients ... */
    const char **recent_ids; /* ... each one's prescriptions that matter to days from RECENT_DAYS before */
    size_t recent_count, recent_at;
    struct outbox_count *alerts; /* by patient, those with open ones */
    size_t alert_count;
    struct arena
        *kept; /* the answer's; while a patient is looked at, tx has another that is used again and again */
};

/* Was any of its days supplied on this very day? */
static bool supplied_on(const struct patient_case *c, size_t prescription, const struct instalment *one,
                        day_t day) {
    const struct course *course = &c->rules.courses[prescription];
    for (day_t d = one->collect; d <= one->last; d++) {
        if (course->dosing[d - course->plan.first].supplied_on == day) {
            return true;
        }
    }
    return false;
}

static enum day_status status_of_outcome(enum outcome_kind kind) {
    switch (kind) {
    case OUTCOME_WITHHELD: return DAY_STATUS_WITHHELD;
    case OUTCOME_DEFERRED: return DAY_STATUS_DEFERRED;
    case OUTCOME_DECLINED: return DAY_STATUS_DECLINED;
    case OUTCOME_ATTENDED_NOT_SUPPLIED: return DAY_STATUS_ATTENDED_NOT_SUPPLIED;
    case OUTCOME_LOST_TO_CLOSURE: return DAY_STATUS_LOST_TO_CLOSURE;
    case OUTCOME_MISSED:
    case OUTCOME_VOMITED:
    case OUTCOME_SPILLED:
    case OUTCOME_LEFT:
    case OUTCOME_PART:
    case OUTCOME_COUNT: break;
    }
    return DAY_STATUS_MISSED;
}

static enum day_status status_of(struct tx *tx, const struct patient_case *c, size_t prescription,
                                 const struct instalment *one, const struct outcome_row *outcome, day_t day) {
    if (instalment_supplied(c, prescription, one, day)) {
        return DAY_STATUS_SUPPLIED;
    }
    if (outcome != NULL) {
        return status_of_outcome(outcome->kind);
    }
    return preparation_stands(tx, c->rows[prescription].id, one->collect) ? DAY_STATUS_PREPARED
                                                                          : DAY_STATUS_DUE;
}

/* Does anybody have to come for it, as known on a day? One that is due on no day stands only by its outcome. */
static bool stands(const struct patient_case *c, size_t prescription, const struct instalment *one,
                   const struct outcome_row *outcome, day_t day) {
    if (one->due == DAY_NONE) {
        return outcome != NULL;
    }
    return instalment_live(c, prescription, one, day) &&
           (outcome != NULL || !instalment_dosed_otherwise(c, prescription, one, day));
}

/* The newest supply that stands and covers one of its days; NULL: none. */
static const char *supply_of(const struct patient_case *c, size_t prescription,
                             const struct instalment *one) {
    const char *newest = NULL;
    for (size_t i = 0; i < c->supply_count; i++) {
        const struct supply_brief *row = &c->supplies[i];
        if (row->reversed_seq != 0 || strcmp(row->prescription, c->rows[prescription].id) != 0) {
            continue;
        }
        for (size_t k = 0; k < row->covers.count; k++) {
            if (row->covers.days[k] >= one->collect && row->covers.days[k] <= one->last) {
                newest = row->id;
            }
        }
    }
    return newest;
}

bool day_instalment(struct tx *tx, const struct patient_case *c, size_t prescription,
                    const struct instalment *one, enum day_status *status, const char **supply) {
    const struct outcome_row *outcome =
        instalment_outcome(c->outcomes, c->outcome_count, c->rows[prescription].id, one->collect);
    *status = status_of(tx, c, prescription, one, outcome, tx->now.day);
    *supply = *status == DAY_STATUS_SUPPLIED ? supply_of(c, prescription, one) : NULL;
    return *status == DAY_STATUS_SUPPLIED || stands(c, prescription, one, outcome, tx->now.day);
}

static enum desk_result row_decide(struct listing *l, const struct patient_case *c, size_t prescription,
                                   struct day_row *row) {
    struct decision decision;
    struct request request = {.prescription = prescription, .on = l->day, .situation = l->situation};
    request.situation.deceased = c->deceased;
    decision_init(&decision);
    bool ok = decide(&c->rules, &request, &decision);
    row->verdict = decision.verdict;
    row->missed_days = decision.missed_days;
    row->code_count = decision.reason_count;
    for (size_t i = 0; i < decision.reason_count; i++) {
        row->codes[i] = decision.reasons[i].code;
    }
    decision_release(&decision);
    return ok ? DESK_OK : DESK_FAILED;
}

static enum day_first first_of(const struct patient_case *c, size_t prescription, int32_t missed_days) {
    if (c->rows[prescription].rules->stage == STAGE_TITRATION) {
        return DAY_FIRST_TITRATION;
    }
    if (c->patient.first_miss_urgent) {
        return DAY_FIRST_MISS_URGENT;
    }
    return missed_days >= THIRD_DAY_MISSED ? DAY_FIRST_THIRD_DAY : DAY_FIRST_NONE;
}

static int by_patient(const void *patient, const void *count) {
    return strcmp(patient, ((const struct outbox_count *)count)->patient);
}

static void put_alerts(const struct listing *l, struct day_row *row) {
    const struct outbox_count *found =
        l->alert_count == 0
            ? NULL
            : bsearch(row->patient.id, l->alerts, l->alert_count, sizeof *l->alerts, by_patient);
    if (found != NULL) {
        row->alerts_open = found->open;
        row->alerts_telephone = found->telephone;
    }
}

/* Of the patient, what the list shows, in the answer's memory. */
static struct patient_row shown(struct tx *tx, const struct patient_row *patient) {
    return (struct patient_row){.id = tx_keep(tx, patient->id),
                                .name = tx_keep(tx, patient->name),
                                .preferred_name = tx_keep(tx, patient->preferred_name),
                                .born_on = patient->born_on,
                                .sharing_agreed_on = DAY_NONE};
}

static enum desk_result list_instalment(struct listing *l, const struct patient_case *c, size_t prescription,
                                        const struct instalment *one, const struct outcome_row *outcome) {
    struct day_list_answer *answer = l->answer;
    enum day_status status = status_of(l->tx, c, prescription, one, outcome, l->day);
    struct arena *patients = l->tx->arena;
    l->tx->arena = l->kept;
    answer->rows = rows_room(l->tx, answer->rows, answer->count, sizeof *answer->rows);
    if (answer->rows == NULL) {
        l->tx->arena = patients;
        return DESK_FAILED;
    }
    struct day_row *row = &answer->rows[answer->count];
    *row = (struct day_row){.patient = shown(l->tx, &c->patient),
                            .prescription = tx_keep(l->tx, c->rows[prescription].id),
                            .service = tx_keep(l->tx, c->rows[prescription].service),
                            .instalment = instalment_id(l->tx, c->rows[prescription].id, one->collect),
                            .status = status,
                            .due_here = (one->due == DAY_NONE ? one->collect : one->due) == l->day};
    l->tx->arena = patients;
    if (row->patient.id == NULL || row->patient.name == NULL || row->prescription == NULL ||
        row->instalment == NULL) {
        return DESK_FAILED;
    }
    answer->count++;
    answer->totals[row->status]++;
    put_alerts(l, row);
    enum desk_result result = row_decide(l, c, prescription, row);
    row->first = first_of(c, prescription, row->missed_days);
    return result;
}

/* Is the instalment one of this day: due on it, supplied on it, or lost to a closure on it? */
static bool of_this_day(const struct listing *l, const struct patient_case *c, size_t prescription,
                        const struct instalment *one, const struct outcome_row *outcome) {
    if (supplied_on(c, prescription, one, l->day)) {
        return true;
    }
    if (one->due == l->day) {
        return !instalment_supplied(c, prescription, one, l->day) &&
               stands(c, prescription, one, outcome, l->day);
    }
    return one->due == DAY_NONE && one->collect == l->day && stands(c, prescription, one, outcome, l->day);
}

/* The patient's part of the list, which is by patient: both go through it in the same order. */
static struct recent recent_of(struct listing *l, const char *patient) {
    size_t first = l->recent_at;
    while (first < l->recent_count && strcmp(l->recent_patients[first], patient) < 0) {
        first++;
    }
    size_t end = first;
    while (end < l->recent_count && strcmp(l->recent_patients[end], patient) == 0) {
        end++;
    }
    l->recent_at = end;
    return (struct recent){
        .prescriptions = l->recent_ids + first, .count = end - first, .since = l->day - RECENT_DAYS};
}

static enum desk_result list_patient(struct listing *l, const char *id) {
    struct patient_case c;
    const struct recent recent = recent_of(l, id);
    enum desk_result result = patient_case_load_recent(l->tx, id, &recent, l->day, &c);
    for (size_t i = 0; result == DESK_OK && !c.deceased && i < c.rules.input.prescription_count; i++) {
        const struct plan *plan = &c.rules.courses[i].plan;
        for (size_t k = 0; result == DESK_OK && k < plan->instalment_count; k++) {
            const struct instalment *one = &plan->instalments[k];
            const struct outcome_row *outcome =
                instalment_outcome(c.outcomes, c.outcome_count, c.rows[i].id, one->collect);
            if (of_this_day(l, &c, i, one, outcome)) {
                result = list_instalment(l, &c, i, one, outcome);
            }
        }
    }
    patient_case_close(&c);
    return result;
}

/* Everybody in turn, each in the same memory; the pharmacy's days were read before and stay where they are. */
static enum desk_result list_patients(struct listing *l, const char *const *patients, size_t count) {
    struct tx *tx = l->tx;
    struct arena *mine = arena_new(PATIENT_MEMORY_MAX);
    enum desk_result result = mine == NULL ? DESK_FAILED : DESK_OK;
    l->kept = tx->arena;
    for (size_t i = 0; result == DESK_OK && i < count; i++) {
        arena_reset(mine);
        tx->arena = mine;
        result = list_patient(l, patients[i]);
        tx->arena = l->kept;
    }
    arena_free(&mine);
    return result;
}

static bool recent_read(struct listing *l) {
    struct recent_row *rows = NULL;
    if (!prescription_recent(l->tx, l->day - RECENT_DAYS, &rows, &l->recent_count)) {
        return false;
    }
    l->recent_patients = arena_take(l->tx->arena, l->recent_count + 1, sizeof *l->recent_patients);
    l->recent_ids = arena_take(l->tx->arena, l->recent_count + 1, sizeof *l->recent_ids);
    for (size_t i = 0; l->recent_patients != NULL && l->recent_ids != NULL && i < l->recent_count; i++) {
        l->recent_patients[i] = rows[i].patient;
        l->recent_ids[i] = rows[i].id;
    }
    return l->recent_patients != NULL && l->recent_ids != NULL;
}

/* ---- who has not come yet (A11) ---- */

static bool is_awaited(const struct day_row *row) {
    return row->status == DAY_STATUS_DUE || row->status == DAY_STATUS_PREPARED ||
           row->status == DAY_STATUS_DEFERRED;
}

/* The service of a row; those that were read before are kept. NULL: there is none. */
static const struct service_row *service_of(struct tx *tx, const char *id, struct service_row **known,
                                            size_t *count) {
    for (size_t i = 0; i < *count; i++) {
        if (strcmp((*known)[i].id, id) == 0) {
            return &(*known)[i];
        }
    }
    *known = rows_room(tx, *known, *count, sizeof **known);
    return *known != NULL && service_find(tx, id, &(*known)[*count]) ? &(*known)[(*count)++] : NULL;
}

static enum desk_result list_not_come(struct tx *tx, struct day_list_answer *answer) {
    struct service_row *known = NULL;
    size_t known_count = 0;
    answer->not_come = arena_take(tx->arena, answer->count + 1, sizeof *answer->not_come);
    if (answer->not_come == NULL) {
        return DESK_FAILED;
    }
    for (int first = 0; first < DAY_FIRST_COUNT; first++) {
        for (size_t i = 0; i < answer->count; i++) {
            const struct day_row *row = &answer->rows[i];
            if (row->first != (enum day_first)first || !is_awaited(row)) {
                continue;
            }
            const struct service_row *service =
                row->service == NULL ? NULL : service_of(tx, row->service, &known, &known_count);
            answer->not_come[answer->not_come_count++] =
                (struct day_not_come){.row = row,
                                      .service_name = service == NULL ? NULL : service->name,
                                      .service_telephone = service == NULL ? NULL : service->telephone};
        }
    }
    return DESK_OK;
}

/* From an hour before closing until the cut-off. */
static bool is_closing(struct tx *tx, day_t day, const struct day_list_answer *answer) {
    return day == tx->now.day && answer->open && answer->closed_by == NULL &&
           tx->now.minute >= answer->closes - BEFORE_CLOSING_MINUTES &&
           tx->now.minute < answer->closes + desk_policy(tx, "cutoff_grace_minutes");
}

enum desk_result desk_day(struct tx *tx, day_t day, struct day_list_answer *answer) {
    struct listing listing = {.tx = tx, .day = day, .situation = desk_situation(tx, day), .answer = answer};
    int32_t opens = 0;
    int32_t closes = 0;
    size_t count = 0;
    *answer = (struct day_list_answer){.open = desk_hours(tx, day, &opens, &closes),
                                       .closed_by = day_state_closed(tx, day)};
    answer->closes = answer->open ? closes : -1;
    answer->closing = is_closing(tx, day, answer);
    const char **patients = prescription_patients_between(tx, day, day + MOVED_AHEAD_MAX, &count);
    if (!recent_read(&listing) || !outbox_by_patient(tx, &listing.alerts, &listing.alert_count)) {
        return DESK_FAILED;
    }
    enum desk_result result = list_patients(&listing, patients, count);
    if (result == DESK_OK && answer->closing) {
        result = list_not_come(tx, answer);
    }
    return db_state(tx->db) == DB_FINE && !arena_failed(tx->arena) ? result : DESK_FAILED;
}
