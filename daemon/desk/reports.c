#include "reports.h"

#include <string.h>

#include "instalments.h"
#include "patient_case.h"
#include "store/controlled.h"
#include "store/rows.h"

#define REVIEW_DAYS 91
#define LONG_RUNNING_DAYS 28
#define EPISODE_GAP 14
#define PATIENT_MEMORY_MAX ((size_t)64 << 20)

static const struct product *product_of(const char *code) {
    return catalogue_find(desk_catalogue(), code, strlen(code));
}

static const char *class_text(enum drug_class drug_class) {
    return drug_class == CLASS_OPIOID ? "opioid" : "benzodiazepine";
}

/* ---- what is claimed ---- */

bool desk_claim(struct tx *tx, const char *service, day_t from, day_t to, struct claim_row **rows,
                size_t *count) {
    return report_claim(tx, service, from, to, rows, count);
}

bool desk_claimed(struct tx *tx, const char *service, day_t from, day_t to, const char *after, int32_t limit,
                  struct dispensed_row **rows, size_t *count) {
    return report_claimed(tx, service, from, to, after, limit, rows, count);
}

const char *desk_service_name(struct tx *tx, const char *service) {
    struct service_row row;
    return service != NULL && service_find(tx, service, &row) ? row.name : NULL;
}

/* ---- what is endorsed ---- */

enum desk_result desk_endorsement(struct tx *tx, const char *prescription, struct endorsement *out,
                                  struct desk_problem *problem) {
    *out = (struct endorsement){.instalments = 0};
    if (!prescription_find(tx, prescription, &out->prescription)) {
        return db_state(tx->db) == DB_FINE
                   ? desk_no(problem, DESK_NOT_FOUND, "not_found", "There is no such prescription.")
                   : DESK_FAILED;
    }
    if (!report_of_prescription(tx, prescription, &out->rows, &out->count)) {
        return DESK_FAILED;
    }
    for (size_t i = 0; i < out->count; i++) {
        const struct dispensed_row *row = &out->rows[i];
        bool new_supply = i == 0 || strcmp(out->rows[i - 1].supply, row->supply) != 0;
        out->instalments += new_supply ? 1 : 0;
        out->supervised += row->supervised > 0 && new_supply ? 1 : 0;
        out->containers += row->containers;
        out->packaged_doses += row->containers - (row->supervised > 0 && row->containers > 0 ? 1 : 0);
        for (size_t k = 0; k < out->prescription.item_count && k < 8; k++) {
            bool same = strcmp(out->prescription.items[k].product, row->product) == 0;
            out->totals[k] += same ? row->quantity : 0;
        }
    }
    return DESK_OK;
}

/* ---- NDTMS ---- */

const char *supervision_text(enum supervised_share supervision) {
    static const char *const texts[] = {"every", "most", "some", "none"};
    return texts[supervision];
}

static enum supervised_share supervision_of(int64_t dispenses, int64_t supervised) {
    if (supervised == 0) {
        return SUPERVISION_NONE;
    }
    if (supervised == dispenses) {
        return SUPERVISION_EVERY;
    }
    return supervised * 2 > dispenses ? SUPERVISION_MOST : SUPERVISION_SOME;
}

/* The day's dose: what was supplied, over the days from the supply's to its last. */
static quantity_t daily(const struct dispensed_row *row) {
    day_t days = row->last == DAY_NONE || row->last < row->on ? 1 : row->last - row->on + 1;
    if (row->supervised > 0 && row->take_home == 0) {
        return row->quantity;
    }
    return row->quantity / days;
}

static void add_dispensed(struct ndtms_row *row, const struct dispensed_row *one, bool new_supply,
                          const struct product *product) {
    bool methadone = strcmp(product->drug, "methadone") == 0;
    row->dispenses += new_supply ? 1 : 0;
    row->supervised += new_supply && one->supervised > 0 ? 1 : 0;
    quantity_t dose = daily(one) * product->micrograms / 1000;
    if (one->on != row->last) {
        row->methadone_ml = QUANTITY_NONE;
        row->buprenorphine_mg = QUANTITY_NONE;
    }
    row->last = one->on;
    quantity_t *figure = methadone ? &row->methadone_ml : &row->buprenorphine_mg;
    if (methadone || strncmp(product->drug, "buprenorphine", 13) == 0) {
        *figure = *figure == QUANTITY_NONE ? dose : *figure + dose;
    }
}

enum desk_result desk_ndtms(struct tx *tx, day_t from, day_t to, struct ndtms_row **rows, size_t *count) {
    struct dispensed_row *all = NULL;
    size_t all_count = 0;
    *rows = NULL;
    *count = 0;
    if (!report_dispensed(tx, from, to, &all, &all_count)) {
        return DESK_FAILED;
    }
    for (size_t i = 0; i < all_count; i++) {
        const struct product *product = product_of(all[i].product);
        if (product == NULL || product->drug_class != CLASS_OPIOID) {
            continue;
        }
        if (*count == 0 || strcmp((*rows)[*count - 1].patient, all[i].patient) != 0) {
            *rows = rows_room(tx, *rows, *count, sizeof **rows);
            if (*rows == NULL) {
                return DESK_FAILED;
            }
            (*rows)[(*count)++] = (struct ndtms_row){.patient = all[i].patient,
                                                     .methadone_ml = QUANTITY_NONE,
                                                     .buprenorphine_mg = QUANTITY_NONE,
                                                     .first = all[i].on,
                                                     .last = DAY_NONE};
        }
        bool new_supply = i == 0 || strcmp(all[i - 1].supply, all[i].supply) != 0;
        add_dispensed(&(*rows)[*count - 1], &all[i], new_supply, product);
    }
    for (size_t i = 0; i < *count; i++) {
        (*rows)[i].supervision = supervision_of((*rows)[i].dispenses, (*rows)[i].supervised);
        if (!patient_find(tx, (*rows)[i].patient, &(*rows)[i].record)) {
            return DESK_FAILED;
        }
    }
    return DESK_OK;
}

/* ---- attendance ---- */

static char mark_of_outcome(enum outcome_kind kind) {
    switch (kind) {
    case OUTCOME_MISSED: return ATTENDED_MISSED;
    case OUTCOME_WITHHELD:
    case OUTCOME_DEFERRED: return ATTENDED_WITHHELD;
    case OUTCOME_DECLINED: return ATTENDED_DECLINED;
    case OUTCOME_ATTENDED_NOT_SUPPLIED: return ATTENDED_NOT_SUPPLIED;
    case OUTCOME_LOST_TO_CLOSURE: return ATTENDED_CLOSED;
    case OUTCOME_VOMITED:
    case OUTCOME_SPILLED:
    case OUTCOME_LEFT:
    case OUTCOME_PART:
    case OUTCOME_COUNT: break;
    }
    return ATTENDED_PLANNED;
}

/* Was the supply that dosed a day supervised on that very day? */
static bool supervised_on(const struct patient_case *c, const char *prescription, day_t day) {
    for (size_t i = c->supply_count; i-- > 0;) {
        const struct supply_brief *one = &c->supplies[i];
        if (one->reversed_seq == 0 && one->on == day && one->supervised_at != 0 &&
            strcmp(one->prescription, prescription) == 0 && day_list_has(one->covers, day)) {
            return true;
        }
    }
    return false;
}

static char mark_of(const struct patient_case *c, size_t index, day_t day, day_t today) {
    const struct course *course = &c->rules.courses[index];
    const struct instalment *one = plan_instalment_of(&course->plan, day);
    if (!plan_has_dose(&course->plan, day) || case_stop_day(&c->rules, index, today) <= day) {
        return ATTENDED_NO_PLAN;
    }
    if (case_supplied(course, day, today)) {
        return supervised_on(c, c->rows[index].id, day) ? ATTENDED_SUPERVISED : ATTENDED_TAKE_HOME;
    }
    if (case_dosed_otherwise(&c->rules, index, day, today)) {
        return ATTENDED_ELSEWHERE;
    }
    const struct outcome_row *outcome =
        one == NULL ? NULL
                    : instalment_outcome(c->outcomes, c->outcome_count, c->rows[index].id, one->collect);
    if (outcome != NULL) {
        return mark_of_outcome(outcome->kind);
    }
    return day < today ? ATTENDED_MISSED : ATTENDED_PLANNED;
}

/* The most that is known of a day, of all prescriptions of the class. */
static void draw(const struct patient_case *c, enum drug_class drug_class, struct attendance *out,
                 day_t today) {
    for (size_t k = 0; k < out->days; k++) {
        out->marks[k] = ATTENDED_NO_PLAN;
        for (size_t i = 0; i < c->rules.input.prescription_count; i++) {
            if (c->rules.input.prescriptions[i].drug_class != drug_class) {
                continue;
            }
            char mark = mark_of(c, i, out->from + (day_t)k, today);
            bool better = out->marks[k] == ATTENDED_NO_PLAN || mark == ATTENDED_SUPERVISED ||
                          mark == ATTENDED_TAKE_HOME;
            out->marks[k] = mark != ATTENDED_NO_PLAN && better ? mark : out->marks[k];
        }
    }
    out->marks[out->days] = '\0';
}

static bool has_class(const struct patient_case *c, enum drug_class drug_class) {
    for (size_t i = 0; i < c->rules.input.prescription_count; i++) {
        if (c->rules.input.prescriptions[i].drug_class == drug_class) {
            return true;
        }
    }
    return false;
}

enum desk_result desk_attendance(struct tx *tx, const char *patient, struct attendance **rows, size_t *count,
                                 struct desk_problem *problem) {
    struct patient_case c;
    enum desk_result result = patient_case_load(tx, patient, &c);
    day_t today = tx->now.day;
    *rows = arena_take(tx->arena, CLASS_COUNT, sizeof **rows);
    *count = 0;
    for (int i = 0; result == DESK_OK && *rows != NULL && i < CLASS_COUNT; i++) {
        if (!has_class(&c, (enum drug_class)i)) {
            continue;
        }
        struct attendance *one = &(*rows)[(*count)++];
        day_t from = today - ATTENDANCE_DAYS;
        from -= (day_t)day_weekday(from);
        *one = (struct attendance){.patient = c.patient,
                                   .drug_class = class_text((enum drug_class)i),
                                   .from = from,
                                   .days = (size_t)(today - from) + 1};
        one->marks = arena_take(tx->arena, one->days + 1, 1);
        if (one->marks == NULL) {
            result = DESK_FAILED;
            break;
        }
        one->missed_days = missed_run_at(&c.rules, (enum drug_class)i, today, DAY_MIN).days;
        draw(&c, (enum drug_class)i, one, today);
    }
    patient_case_close(&c);
    if (result == DESK_NOT_FOUND) {
        desk_no(problem, result, "not_found", "There is no such patient.");
    }
    return *rows == NULL ? DESK_FAILED : result;
}

/* ---- the last dose ---- */

/* The newest supply of a class, reversed and before-entry ones left out; NULL where there is none. */
static const struct supply_brief *newest_of_class(const struct patient_case *c, enum drug_class drug_class) {
    for (size_t i = c->supply_count; i-- > 0;) {
        size_t index = patient_case_index(c, c->supplies[i].prescription);
        if (c->supplies[i].reversed_seq == 0 && strcmp(c->supplies[i].kind, "before_entry") != 0 &&
            index != PRESCRIPTION_NONE && c->rules.input.prescriptions[index].drug_class == drug_class) {
            return &c->supplies[i];
        }
    }
    return NULL;
}

static bool fill_last(struct tx *tx, const struct patient_case *c, const struct supply_brief *supply,
                      struct last_dose *out) {
    struct dispensed_row *rows = NULL;
    struct service_row service;
    size_t count = 0;
    const struct case_row *rx = &c->rows[patient_case_index(c, supply->prescription)];
    if (!report_of_prescription(tx, supply->prescription, &rows, &count)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rows[i].supply, supply->id) == 0) {
            out->supply = rows[i];
            out->dose = daily(&rows[i]);
        }
    }
    out->prescriber = rx->prescriber_name;
    if (rx->service != NULL && service_find(tx, rx->service, &service)) {
        out->service = service.name;
        out->telephone = service.telephone;
    }
    return db_state(tx->db) == DB_FINE;
}

enum desk_result desk_last_dose(struct tx *tx, const char *patient, struct patient_row *record,
                                struct last_dose **rows, size_t *count, struct desk_problem *problem) {
    struct patient_case c;
    enum desk_result result = patient_case_load(tx, patient, &c);
    *rows = arena_take(tx->arena, CLASS_COUNT, sizeof **rows);
    *count = 0;
    for (int i = 0; result == DESK_OK && *rows != NULL && i < CLASS_COUNT; i++) {
        const struct supply_brief *supply = newest_of_class(&c, (enum drug_class)i);
        if (!has_class(&c, (enum drug_class)i)) {
            continue;
        }
        struct last_dose *one = &(*rows)[(*count)++];
        *one = (struct last_dose){.drug_class = class_text((enum drug_class)i),
                                  .dose = QUANTITY_NONE,
                                  .missed_days =
                                      missed_run_at(&c.rules, (enum drug_class)i, tx->now.day, DAY_MIN).days};
        if (supply != NULL && !fill_last(tx, &c, supply, one)) {
            result = DESK_FAILED;
        }
    }
    *record = c.patient;
    patient_case_close(&c);
    if (result == DESK_NOT_FOUND) {
        desk_no(problem, result, "not_found", "There is no such patient.");
    }
    return *rows == NULL ? DESK_FAILED : result;
}

/* ---- reviews ---- */

/* Since when has the class been treated without a gap of more than 14 days, back from a prescription? */
static day_t treated_since(const struct patient_case *c, size_t index) {
    enum drug_class drug_class = c->rules.input.prescriptions[index].drug_class;
    day_t began = c->rules.courses[index].plan.first;
    for (bool again = true; again;) {
        again = false;
        for (size_t i = 0; i < c->rules.input.prescription_count; i++) {
            const struct plan *plan = &c->rules.courses[i].plan;
            if (c->rules.input.prescriptions[i].drug_class == drug_class && plan->first < began &&
                plan->last + EPISODE_GAP >= began) {
                began = plan->first;
                again = true;
            }
        }
    }
    return began;
}

static bool review_patient(struct tx *tx, struct arena *mine, const char *patient, struct review_row **rows,
                           size_t *count) {
    struct arena *kept = tx->arena;
    struct patient_case c;
    arena_reset(mine);
    tx->arena = mine;
    bool good = patient_case_load(tx, patient, &c) == DESK_OK;
    tx->arena = kept;
    for (size_t i = 0; good && !c.deceased && i < c.rules.input.prescription_count; i++) {
        if (!case_plan_covers(&c.rules, i, tx->now.day, tx->now.day)) {
            continue;
        }
        *rows = rows_room(tx, *rows, *count, sizeof **rows);
        good = *rows != NULL;
        if (good) {
            bool opioid = c.rules.input.prescriptions[i].drug_class == CLASS_OPIOID;
            day_t began = treated_since(&c, i);
            day_t treated = tx->now.day - began;
            (*rows)[(*count)++] = (struct review_row){
                .patient = patient,
                .prescription = tx_keep(tx, c.rows[i].id),
                .drug_class = class_text(c.rules.input.prescriptions[i].drug_class),
                .began = began,
                .due = opioid ? began + (treated / REVIEW_DAYS + 1) * REVIEW_DAYS : DAY_NONE,
                .long_running = !opioid && treated > LONG_RUNNING_DAYS};
        }
    }
    patient_case_close(&c);
    return good;
}

enum desk_result desk_reviews(struct tx *tx, struct review_row **rows, size_t *count) {
    size_t patient_count = 0;
    const char **patients = prescription_patients_between(tx, tx->now.day, tx->now.day, &patient_count);
    struct arena *mine = arena_new(PATIENT_MEMORY_MAX);
    struct calendar days;
    /* The pharmacy's days are read once for the job: where they stay, before each patient has memory of their own. */
    bool good = mine != NULL && desk_calendar(tx, &days);
    *rows = NULL;
    *count = 0;
    for (size_t i = 0; good && i < patient_count; i++) {
        good = review_patient(tx, mine, patients[i], rows, count);
    }
    arena_free(&mine);
    return good && db_state(tx->db) == DB_FINE ? DESK_OK : DESK_FAILED;
}

/* ---- for the accountable officer and the inspector ---- */

enum desk_result desk_discrepancies(struct tx *tx, struct discrepancy_view **rows, size_t *count) {
    struct discrepancy_row *all = NULL;
    if (!discrepancies(tx, NULL, false, &all, count)) {
        return DESK_FAILED;
    }
    *rows = arena_take(tx->arena, *count + 1, sizeof **rows);
    for (size_t i = 0; *rows != NULL && i < *count; i++) {
        struct discrepancy_view *view = &(*rows)[i];
        struct register_row entry;
        *view = (struct discrepancy_view){.row = all[i], .explained_on = DAY_NONE};
        if (all[i].explained != 0 && register_entry(tx, all[i].section, all[i].explained, &entry)) {
            view->explanation = entry.note;
            view->explained_by = entry.by_staff;
            view->witness = entry.witness;
            view->explained_on = entry.on;
        }
    }
    return *rows == NULL || db_state(tx->db) != DB_FINE ? DESK_FAILED : DESK_OK;
}

enum desk_result desk_responsible_days(struct tx *tx, day_t from, day_t to, struct responsible_row **rows,
                                       size_t *count) {
    if (!responsible_since(tx, clock_at(from, 0), rows, count)) {
        return DESK_FAILED;
    }
    while (*count > 0 && (*rows)[*count - 1].at >= clock_at(to + 1, 0)) {
        (*count)--;
    }
    return DESK_OK;
}
