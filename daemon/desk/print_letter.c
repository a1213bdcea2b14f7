/* The letter to another service that says what was last given: see print_content.h. */
#include <string.h>

#include "print_content.h"
#include "store/rows.h"
#include "store/staff.h"
#include "supply.h"
#include "text.h"

/* So far back is looked for the last dose of a product. */
#define SUPPLIES_LOOKED_AT 60

struct last {
    struct tx *tx;
    struct render_last_dose *rows;
    size_t count;
};

static struct render_last_dose *last_of(struct last *l, const char *code) {
    const struct product *product = catalogue_find(desk_catalogue(), code, strlen(code));
    for (size_t i = 0; i < l->count; i++) {
        if (l->rows[i].product == product) {
            return &l->rows[i];
        }
    }
    l->rows = rows_room(l->tx, l->rows, l->count, sizeof *l->rows);
    if (l->rows == NULL || product == NULL) {
        return NULL;
    }
    l->rows[l->count] = (struct render_last_dose){
        .product = product, .taken_on = DAY_NONE, .at = "", .home_from = DAY_NONE, .home_to = DAY_NONE};
    return &l->rows[l->count++];
}

/* Newest first: what a later supply has said of a product stands. */
static bool look_at_item(struct last *l, const struct supply_row *supply,
                         const struct supply_item_row *item) {
    struct render_last_dose *row = last_of(l, item->product);
    if (row == NULL) {
        return false;
    }
    if (row->taken_on != DAY_NONE) {
        return true; /* beyond the last dose swallowed here nothing older matters */
    }
    if (item->take_home > 0 && row->home_from == DAY_NONE && supply->covers.count > 0) {
        bool first_taken = item->supervised > 0 && supply->covers.count > 1;
        row->home_from = supply->covers.days[first_taken ? 1 : 0];
        row->home_to = supply->covers.days[supply->covers.count - 1];
        row->home = item->take_home;
    }
    if (item->supervised > 0) {
        const struct moment at = clock_moment(supply->supervised_at);
        row->taken_on = supply->on;
        row->dose = item->supervised;
        row->at = desk_text(l->tx, "%02d:%02d", (int)(at.minute / 60), (int)(at.minute % 60));
    }
    return row->at != NULL;
}

static bool look_back(struct last *l, const struct patient_case *c) {
    size_t looked = 0;
    for (size_t i = c->supply_count; i > 0 && looked < SUPPLIES_LOOKED_AT; i--) {
        const struct supply_brief *brief = &c->supplies[i - 1];
        struct supply_row supply;
        if (brief->reversed_seq != 0) {
            continue;
        }
        looked++;
        if (!supply_find(l->tx, brief->id, &supply)) {
            return false;
        }
        for (size_t k = 0; k < supply.item_count; k++) {
            if (!look_at_item(l, &supply, &supply.items[k])) {
                return false;
            }
        }
    }
    return true;
}

/* "999 000 0000"; the other systems' numbers as they are stored. */
static const char *number_text(struct tx *tx, const struct patient_row *patient) {
    const char *number = patient->identifier_value;
    if (number == NULL) {
        return "";
    }
    bool nhs = strcmp(patient->identifier_system, "nhs") == 0 && strlen(number) == 10;
    return nhs ? desk_text(tx, "%.3s %.3s %s", number, number + 3, number + 6) : number;
}

static const char *writer(struct tx *tx, const char *staff) {
    struct staff_row row;
    return staff != NULL && staff_find(tx, staff, &row) ? row.name : "";
}

/* The run and the next day of the prescription that was entered last. */
static bool fill_run(struct tx *tx, const struct patient_case *c, struct render_letter *out) {
    struct decision decision;
    size_t count = c->rules.input.prescription_count;
    if (count == 0) {
        return true;
    }
    const struct request request = {
        .prescription = count - 1, .on = tx->now.day, .situation = {.today = tx->now.day}};
    decision_init(&decision);
    bool ok = decide(&c->rules, &request, &decision);
    out->missed_days = decision.missed_days;
    out->next_due =
        decision.cover_count > 0 ? tx->now.day : decision.next_due; /* today's may still be to come */
    decision_release(&decision);
    return ok;
}

enum desk_result print_letter(struct tx *tx, const struct print_job_row *job, struct render_letter *out) {
    struct patient_case c = {0};
    struct last last = {.tx = tx};
    enum desk_result result = patient_case_load(tx, job->patient, &c);
    if (result == DESK_OK) {
        const struct print_service service = print_service_of(tx, c.patient.id);
        out->to = job->addressee;
        out->patient = c.patient.name;
        out->born = c.patient.born_on;
        out->nhs_number = number_text(tx, &c.patient);
        out->next_due = DAY_NONE;
        out->service = service.name != NULL ? service.name : "";
        out->service_telephone = service.telephone != NULL ? service.telephone : "";
        out->written_by = writer(tx, job->by);
        out->written_on = tx->now.day;
        out->as_of = print_as_of(tx, job->at);
        if (!look_back(&last, &c) || !fill_run(tx, &c, out) || out->nhs_number == NULL ||
            out->as_of == NULL) {
            result = DESK_FAILED;
        }
        out->doses = last.rows;
        out->dose_count = last.count;
    }
    patient_case_close(&c);
    return result;
}
