#include "elsewhere.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "outcome.h"
#include "patient_case.h"

/* The longest stay that is typed as one record. */
#define ELSEWHERE_DAYS_MAX 366
/* How far ahead a dose that was handed over to take home may lie (M8: whatever days it names). */
#define ELSEWHERE_AHEAD_MAX 31

/* Does the text hold the word, as a word of its own, in any case of letters? */
static bool has_word(const char *text, const char *word) {
    size_t len = strlen(word);
    for (const char *at = strcasestr(text, word); at != NULL; at = strcasestr(at + 1, word)) {
        bool begins = at == text || !isalnum((unsigned char)at[-1]);
        if (begins && !isalnum((unsigned char)at[len])) {
            return true;
        }
    }
    return false;
}

static bool is_prison(const char *where) {
    static const char *const words[] = {
        "prison",         "prisons",         "hmp",   "hmyoi", "yoi", "jail", "gaol",
        "young offender", "young offenders", "remand"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (has_word(where, words[i])) {
            return true;
        }
    }
    return false;
}

/* The dose as typed, in micrograms of the product's drug: "60" and "60 ml" by its unit, "60 mg". -1: cannot be read. */
static int64_t dose_micrograms(const char *dose, const struct product *product) {
    size_t digits = strspn(dose, "0123456789.");
    quantity_t quantity = 0;
    if (!quantity_parse(dose, digits, &quantity)) {
        return -1;
    }
    const char *unit = dose + digits + strspn(dose + digits, " ");
    if (strcasecmp(unit, "mg") == 0) {
        return quantity; /* thousandths of a milligram */
    }
    size_t len = strlen(product->unit);
    bool same =
        strncasecmp(unit, product->unit, len) == 0 && (unit[len] == '\0' || strcasecmp(unit + len, "s") == 0);
    if (*unit != '\0' && !same) {
        return -1;
    }
    return quantity * product->micrograms / 1000;
}

/* The product of the class that the text names, of those on the patient's prescriptions; or NULL. */
static const struct product *named_product(const struct patient_case *c, enum drug_class drug_class,
                                           const char *text) {
    for (size_t i = 0; i < c->rules.input.prescription_count; i++) {
        const struct prescription *rx = &c->rules.input.prescriptions[i];
        for (size_t k = 0; rx->drug_class == drug_class && k < rx->item_count; k++) {
            const struct product *product = rx->items[k].product;
            if (strcmp(product->code, text) == 0 || strcasecmp(product->name, text) == 0 ||
                strcasecmp(product->drug, text) == 0) {
                return product;
            }
        }
    }
    return NULL;
}

/* What the live prescriptions of the class say for a day, in micrograms; -1 where one of them is of another product. */
static int64_t planned_micrograms(const struct patient_case *c, const struct product *product, day_t day,
                                  day_t today) {
    int64_t sum = 0;
    for (size_t i = 0; i < c->rules.input.prescription_count; i++) {
        const struct prescription *rx = &c->rules.input.prescriptions[i];
        const struct plan *plan = &c->rules.courses[i].plan;
        if (rx->drug_class != product->drug_class || day >= case_stop_day(&c->rules, i, today)) {
            continue;
        }
        for (size_t k = 0; k < rx->item_count; k++) {
            quantity_t dose = plan_dose(plan, k, day);
            if (dose > 0 && strcmp(rx->items[k].product->code, product->code) != 0) {
                return -1;
            }
            sum += dose * rx->items[k].product->micrograms / 1000;
        }
    }
    return sum;
}

/* Was it what would have been given here? Every day is looked at; at least one must have a plan. */
static bool is_alike(struct tx *tx, const struct patient_case *c, const struct elsewhere_request *r,
                     day_t to) {
    if (r->where == NULL || r->product == NULL || r->dose == NULL || is_prison(r->where)) {
        return false;
    }
    const struct product *product = named_product(c, r->drug_class, r->product);
    int64_t given = product == NULL ? -1 : dose_micrograms(r->dose, product);
    if (given <= 0) {
        return false;
    }
    bool any = false;
    for (day_t day = r->from; day <= to; day++) {
        int64_t planned = planned_micrograms(c, product, day, tx->now.day);
        if (planned != 0 && planned != given) {
            return false;
        }
        any = any || planned != 0;
    }
    return any;
}

static enum desk_result check_span(struct tx *tx, day_t from, day_t to, struct desk_problem *problem) {
    if (to < from) {
        return desk_invalid(problem, "to", "must not be before `from`");
    }
    if (to > tx->now.day + ELSEWHERE_AHEAD_MAX) {
        return desk_invalid(problem, "to",
                            "must be within a month from today: doses handed over to take home");
    }
    if (to - from >= ELSEWHERE_DAYS_MAX) {
        return desk_invalid(problem, "from", "must be within a year of `to`");
    }
    return DESK_OK;
}

/* A6: collections of these days that a service was told were missed. */
static void correct_missed(struct tx *tx, const struct patient_case *c, const struct elsewhere_row *row) {
    for (size_t i = 0; i < c->rules.input.prescription_count; i++) {
        const struct plan *plan = &c->rules.courses[i].plan;
        for (size_t k = 0; plan->prescription->drug_class == row->drug_class && k < plan->instalment_count;
             k++) {
            const struct instalment *one = &plan->instalments[k];
            if (one->collect <= row->to && one->last >= row->from) {
                outcome_correct(tx, c, i, one->collect,
                                "It has since been confirmed that the dose was given elsewhere.");
            }
        }
    }
}

static enum desk_result record(struct tx *tx, const struct patient_case *c, const struct elsewhere_request *r,
                               struct elsewhere_row *row) {
    row->id = tx_new_id(tx, "de");
    if (row->id == NULL) {
        return DESK_FAILED;
    }
    row->drug_class = r->drug_class;
    row->from = r->from;
    row->on = tx->now.day;
    row->product = r->product;
    row->dose = r->dose;
    row->given_by = r->where;
    row->confirmed_by = r->confirmed_by;
    row->channel = r->channel;
    tx_audit(tx, "dosed elsewhere", row->patient, row->id, row->unlike ? "unlike" : NULL);
    history_add_elsewhere(tx, row);
    correct_missed(tx, c, row);
    return db_state(tx->db) == DB_FINE ? DESK_OK : DESK_FAILED;
}

enum desk_result desk_elsewhere(struct tx *tx, const struct identity *who,
                                const struct elsewhere_request *request, const struct elsewhere_row **made,
                                struct desk_problem *problem) {
    struct patient_case c = {0};
    day_t to = request->to == DAY_NONE ? request->from : request->to;
    if (!identity_is_pharmacist(who)) {
        return desk_no(problem, DESK_FORBIDDEN, "role", "A pharmacist records doses given elsewhere.");
    }
    enum desk_result result = patient_case_load(tx, request->patient, &c);
    if (result != DESK_OK) {
        patient_case_close(&c);
        return desk_no(problem, result, "not_found", "There is no such patient.");
    }
    struct elsewhere_row *row = arena_take(tx->arena, 1, sizeof *row);
    result = row == NULL ? DESK_FAILED : check_span(tx, request->from, to, problem);
    if (result == DESK_OK) {
        row->patient = c.patient.id;
        row->to = to;
        row->unlike = !is_alike(tx, &c, request, to);
        result = record(tx, &c, request, row);
        *made = row;
    }
    patient_case_close(&c);
    return result;
}

const struct elsewhere_row *desk_elsewhere_of(struct tx *tx, const char *id) {
    return history_elsewhere_one(tx, id);
}
