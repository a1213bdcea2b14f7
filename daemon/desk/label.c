#include "label.h"

#include <string.h>

#include "instalments.h"
#include "store/preparation.h"
#include "store/rows.h"

/* Why a code does not count. The first that applies is told. */
enum label_fault {
    LABEL_GOOD,
    LABEL_UNKNOWN,
    LABEL_OTHER_PATIENT,
    LABEL_REPRINTED,
    LABEL_OTHER_PRESCRIPTION,
    LABEL_SUPPLIED,
    LABEL_BACK_IN_STOCK,
    LABEL_STOPPED,
    LABEL_OTHER_INSTALMENT,
    LABEL_NOT_THIS_DOSE
};

static const struct {
    const char *code;
    const char *text;
} faults[] = {
    [LABEL_GOOD] = {NULL, NULL},
    [LABEL_UNKNOWN] = {"label_unknown", "No label of this pharmacy has this code. Nothing was recorded."},
    [LABEL_OTHER_PATIENT] =
        {"label_other_patient",
         "This label belongs to another patient. Do not hand it out. Nothing was recorded."},
    [LABEL_REPRINTED] = {"label_reprinted",
                         "This label was printed again: only the newest print counts. Nothing "
                         "was recorded."},
    [LABEL_OTHER_PRESCRIPTION] = {"label_other_prescription",
                                  "This label was made for another prescription of this patient. Nothing was "
                                  "recorded."},
    [LABEL_SUPPLIED] = {"label_supplied",
                        "What this label stands on was supplied before. Nothing was recorded."},
    [LABEL_BACK_IN_STOCK] = {"label_back_in_stock",
                             "What this label stood on was put back to stock. Nothing was recorded."},
    [LABEL_STOPPED] = {"label_stopped",
                       "The prescription of this label was stopped or replaced. Do not hand it out."},
    [LABEL_OTHER_INSTALMENT] = {"label_other_instalment",
                                "This label was made for another collection. Nothing was recorded."},
    [LABEL_NOT_THIS_DOSE] = {"label_not_this_dose",
                             "This label says another day, date or quantity than is supplied "
                             "now. Nothing was recorded."},
};

/* ---- what stands ---- */

static bool labels_add(struct tx *tx, struct labels *l, const struct print_job_row *rows, size_t count) {
    for (size_t i = 0; i < count; i++) {
        l->rows = rows_room(tx, l->rows, l->count, sizeof *l->rows);
        if (l->rows == NULL) {
            return false;
        }
        l->rows[l->count++] = rows[i];
    }
    return true;
}

/* The labels on what was bagged of the decision's instalments, and is not put back. */
static bool labels_find(struct tx *tx, const struct decided *decided, struct labels *l) {
    const char *rx = decided->c.rows[decided->index].id;
    *l = (struct labels){.count = 0};
    for (size_t i = 0; i < decided->decision.instalment_count; i++) {
        const struct preparation_row *bagged =
            preparation_newest(tx, rx, decided->decision.instalments[i]->collect);
        size_t count = 0;
        if (bagged == NULL || !bagged->prepared) {
            continue;
        }
        const struct print_job_row *rows = print_jobs_of_preparation(tx, bagged->recorded.seq, &count);
        if (!labels_add(tx, l, rows, count)) {
            return false;
        }
    }
    l->used = arena_take(tx->arena, l->count + 1, sizeof *l->used);
    l->scanned = arena_take(tx->arena, l->count + 1, sizeof *l->scanned);
    return l->used != NULL && l->scanned != NULL;
}

static bool is_bag(const struct print_job_row *row) {
    return strcmp(row->kind, "bag") == 0;
}

/* Does the label say what this container is? */
static bool says(const struct print_job_row *row, const struct container *one, const char *product,
                 day_t on) {
    return !is_bag(row) && row->on_day == on && row->for_day == one->first && row->last_day == one->last &&
           row->quantity == one->quantity && row->supervised == one->supervised &&
           strcmp(row->product, product) == 0;
}

/* The label that stands on this container, or NULL. */
static struct print_job_row *standing_on(struct labels *l, const struct container *one, const char *product,
                                         day_t on) {
    for (size_t i = 0; i < l->count; i++) {
        if (!l->used[i] && says(&l->rows[i], one, product, on)) {
            l->used[i] = true;
            return &l->rows[i];
        }
    }
    return NULL;
}

/* Marks the labels that stand on containers of this decision. */
static bool labels_match(struct tx *tx, const struct decided *decided, day_t on, struct labels *l) {
    for (size_t i = 0; i < decided->decision.item_count; i++) {
        size_t count = 0;
        const struct container *list = desk_containers(tx, decided, i, &count);
        if (list == NULL) {
            return false;
        }
        for (size_t k = 0; k < count; k++) {
            (void)standing_on(l, &list[k], decided->decision.items[i].item->product->code, on);
        }
    }
    for (size_t i = 0; i < l->count; i++) {
        l->used[i] = l->used[i] || (is_bag(&l->rows[i]) && l->rows[i].on_day == on);
    }
    return true;
}

/* ---- what a code is good for ---- */

static bool is_label(const struct print_job_row *row) {
    return strcmp(row->kind, "label") == 0 || is_bag(row);
}

/* Of a label that was printed in advance: is the bag still there? */
static enum label_fault fault_of_bag(struct tx *tx, const struct print_job_row *row) {
    const struct preparation_row *bagged = preparation_newest(tx, row->prescription, row->collect_day);
    return bagged != NULL && bagged->prepared && bagged->recorded.seq == row->preparation
               ? LABEL_GOOD
               : LABEL_BACK_IN_STOCK;
}

static enum label_fault fault_of_scan(struct tx *tx, const struct decided *decided, struct labels *l,
                                      const char *code) {
    struct print_job_row row;
    if (!print_job_by_code(tx, code, &row) || !is_label(&row)) {
        return LABEL_UNKNOWN;
    }
    if (patient_case_index(&decided->c, row.prescription) == PRESCRIPTION_NONE) {
        return LABEL_OTHER_PATIENT;
    }
    if (row.replacement != NULL) {
        return LABEL_REPRINTED;
    }
    if (strcmp(row.prescription, decided->c.rows[decided->index].id) != 0) {
        return LABEL_OTHER_PRESCRIPTION;
    }
    if (row.preparation == 0) {
        return LABEL_SUPPLIED;
    }
    enum label_fault fault = fault_of_bag(tx, &row);
    for (size_t i = 0; fault == LABEL_GOOD && i < l->count; i++) {
        if (strcmp(l->rows[i].id, row.id) == 0) {
            l->scanned[i] = true;
            return l->used[i] ? LABEL_GOOD : LABEL_NOT_THIS_DOSE;
        }
    }
    return fault == LABEL_GOOD ? LABEL_OTHER_INSTALMENT : fault;
}

static bool all_scanned(const struct labels *l) {
    for (size_t i = 0; i < l->count; i++) {
        if (l->used[i] && !l->scanned[i] && !is_bag(&l->rows[i])) {
            return false;
        }
    }
    return true;
}

enum desk_result labels_check(struct tx *tx, const struct decided *decided, day_t on,
                              const struct label_scans *scans, struct labels *out,
                              struct desk_problem *problem) {
    if (!labels_find(tx, decided, out) || !labels_match(tx, decided, on, out)) {
        return DESK_FAILED;
    }
    for (size_t i = 0; i < scans->count; i++) {
        enum label_fault fault = fault_of_scan(tx, decided, out, scans->codes[i]);
        if (db_state(tx->db) != DB_FINE) {
            return DESK_FAILED;
        }
        if (fault != LABEL_GOOD) {
            return desk_no(problem, DESK_CONFLICT, faults[fault].code, faults[fault].text);
        }
    }
    if (scans->complete && !all_scanned(out)) {
        return desk_no(
            problem, DESK_CONFLICT, "scan_incomplete",
            "Not every container that was bagged has been scanned. Count them. Nothing was recorded.");
    }
    return db_state(tx->db) == DB_FINE ? DESK_OK : DESK_FAILED;
}

/* ---- born ---- */

/* What labels of one birth have in common. */
struct birth {
    struct tx *tx;
    const struct decided *decided;
    const char *supply;  /* NULL: bagged in advance */
    int64_t preparation; /* 0: with the supply */
    day_t collect;       /* of the instalment that is bagged */
    day_t on;            /* date of dispensing */
};

static struct print_job_row newborn(const struct birth *b, const char *kind) {
    return (struct print_job_row){.kind = kind,
                                  .supply = b->supply,
                                  .prescription = b->decided->c.rows[b->decided->index].id,
                                  .patient = b->decided->c.patient.id,
                                  .for_day = DAY_NONE,
                                  .last_day = DAY_NONE,
                                  .on_day = b->on,
                                  .preparation = b->preparation,
                                  .collect_day = b->collect};
}

static void bear_label(const struct birth *b, const struct container *one, const char *product) {
    struct print_job_row job = newborn(b, "label");
    job.for_day = one->first;
    job.last_day = one->last;
    job.product = product;
    job.quantity = one->quantity;
    job.supervised = one->supervised;
    if (one->dose_count > 1) {
        job.doses = one->doses;
        job.dose_count = one->dose_count;
    }
    print_job_append(b->tx, &job);
}

static void bear_bag(const struct birth *b) {
    struct print_job_row job = newborn(b, "bag");
    print_job_append(b->tx, &job);
}

/* Handed out with the supply; its code was read, so it is on paper. */
static void give(struct tx *tx, const char *supply, const struct print_job_row *row, bool scanned) {
    label_given_append(tx, supply, row->id, scanned);
    if (scanned && strcmp(row->state, "confirmed") != 0) {
        print_state_append(tx, row->id, "confirmed", row->printer, row->cups_job, "scanned");
    }
}

bool labels_of_supply(struct tx *tx, const struct decided *decided, const char *supply, bool bag,
                      struct labels *standing) {
    const struct decision *decision = &decided->decision;
    struct birth b = {.tx = tx, .decided = decided, .supply = supply, .collect = DAY_NONE, .on = tx->now.day};
    bool bagged = false;
    memset(standing->used, 0, standing->count * sizeof *standing->used);
    for (size_t i = 0; i < decision->item_count; i++) {
        const char *product = decision->items[i].item->product->code;
        size_t count = 0;
        const struct container *list = desk_containers(tx, decided, i, &count);
        for (size_t k = 0; list != NULL && k < count; k++) {
            const struct print_job_row *row = standing_on(standing, &list[k], product, b.on);
            if (row == NULL) {
                bear_label(&b, &list[k], product);
            } else {
                give(tx, supply, row, standing->scanned[row - standing->rows]);
            }
        }
        if (list == NULL) {
            return false;
        }
    }
    for (size_t i = 0; i < standing->count; i++) {
        if (is_bag(&standing->rows[i]) && standing->rows[i].on_day == b.on) {
            give(tx, supply, &standing->rows[i], standing->scanned[i]);
            bagged = true;
        }
    }
    if (bag && !bagged) {
        bear_bag(&b);
    }
    return true;
}

bool labels_of_preparation(struct tx *tx, const struct decided *decided, const struct instalment *one,
                           day_t on, bool bag) {
    const struct decision *decision = &decided->decision;
    struct birth b = {
        .tx = tx, .decided = decided, .preparation = tx->seq, .collect = one->collect, .on = on};
    for (size_t i = 0; i < decision->item_count; i++) {
        size_t count = 0;
        const struct container *list = desk_containers(tx, decided, i, &count);
        if (list == NULL) {
            return false;
        }
        for (size_t k = 0; k < count; k++) {
            if (list[k].first >= one->collect && list[k].first <= one->last) {
                bear_label(&b, &list[k], decision->items[i].item->product->code);
            }
        }
    }
    if (bag) {
        bear_bag(&b);
    }
    return true;
}

/* ---- scanned by itself ---- */

static enum label_fault fault_alone(struct tx *tx, const struct patient_case *c, size_t index,
                                    const struct instalment *one, const struct print_job_row *row) {
    struct supply_row supply;
    if (row->replacement != NULL) {
        return LABEL_REPRINTED;
    }
    if (row->preparation != 0) {
        enum label_fault fault = fault_of_bag(tx, row);
        if (fault != LABEL_GOOD || one == NULL) {
            return fault == LABEL_GOOD ? LABEL_STOPPED : fault;
        }
        if (instalment_supplied(c, index, one, tx->now.day)) {
            return LABEL_SUPPLIED;
        }
        return c->deceased || !instalment_live(c, index, one, tx->now.day) ? LABEL_STOPPED : LABEL_GOOD;
    }
    bool there = row->supply != NULL && supply_find(tx, row->supply, &supply);
    return there && supply.reversed_seq == 0 ? LABEL_GOOD : LABEL_BACK_IN_STOCK;
}

/* The instalment that a label belongs to: of what was bagged the one bagged, otherwise that of its first day. */
static const struct instalment *instalment_of(const struct patient_case *c, size_t index,
                                              const struct print_job_row *row) {
    day_t day = row->collect_day != DAY_NONE ? row->collect_day
                : row->for_day != DAY_NONE   ? row->for_day
                                             : row->on_day;
    return plan_instalment_of(&c->rules.courses[index].plan, day);
}

enum desk_result desk_scan(struct tx *tx, const char *code, struct scan_view *out,
                           struct desk_problem *problem) {
    struct patient_case c = {0};
    size_t index = 0;
    *out = (struct scan_view){.newest = false};
    if (!print_job_by_code(tx, code, &out->job) || !is_label(&out->job)) {
        return db_state(tx->db) == DB_FINE
                   ? desk_no(problem, DESK_NOT_FOUND, "not_found", "No label of this pharmacy has this code.")
                   : DESK_FAILED;
    }
    enum desk_result result = patient_case_load_for(tx, out->job.prescription, &c, &index);
    if (result == DESK_OK) {
        const struct instalment *one = instalment_of(&c, index, &out->job);
        enum label_fault fault = fault_alone(tx, &c, index, one, &out->job);
        out->patient = c.patient.id;
        out->name = c.patient.name;
        out->born_on = c.patient.born_on;
        out->instalment = one == NULL ? NULL : instalment_id(tx, out->job.prescription, one->collect);
        out->newest = out->job.replacement == NULL;
        out->valid = fault == LABEL_GOOD;
        out->code = faults[fault].code;
        out->text = faults[fault].text;
        result = db_state(tx->db) == DB_FINE ? DESK_OK : DESK_FAILED;
    }
    patient_case_close(&c);
    return result == DESK_NOT_FOUND ? DESK_FAILED : result;
}
