#include "print_content.h"

#include <string.h>

#include "card.h"
#include "store/patient.h"
#include "store/prescription.h"
#include "store/service.h"
#include "text.h"

static const char *const kinds[PRINT_KIND_COUNT] = {
    [PRINT_LABEL] = "label",       [PRINT_BAG] = "bag",           [PRINT_CARD] = "card",
    [PRINT_CALENDAR] = "calendar", [PRINT_DOWNTIME] = "downtime", [PRINT_LETTER] = "last_dose",
};

const char *print_kind_text(enum print_kind kind) {
    return kinds[kind];
}

bool print_kind_parse(const char *text, enum print_kind *out) {
    for (int i = 0; i < PRINT_KIND_COUNT; i++) {
        if (strcmp(kinds[i], text) == 0) {
            *out = (enum print_kind)i;
            return true;
        }
    }
    return false;
}

const char *print_as_of(struct tx *tx, int64_t at) {
    const struct moment moment = clock_moment(at);
    char day[DAY_LABEL_SIZE];
    day_format_label(moment.day, day);
    return desk_text(tx, "%s, %02d:%02d", day, (int)(moment.minute / 60), (int)(moment.minute % 60));
}

struct print_service print_service_of(struct tx *tx, const char *patient) {
    struct print_service found = {.name = NULL};
    struct prescription_row *rows = NULL;
    struct service_row service;
    size_t count = 0;
    if (prescription_all(tx, patient, &rows, &count) && count > 0 &&
        service_find(tx, rows[count - 1].service, &service)) {
        found = (struct print_service){.name = service.name, .telephone = service.telephone};
    }
    return found;
}

/* ---- labels ---- */

/* The doses in the container; of one that is one day's, all that is in it. */
static bool fill_doses(struct tx *tx, const struct print_job_row *job, struct render_label *out) {
    size_t count = 0;
    const struct print_dose_row *rows = print_job_doses(tx, job->id, &count);
    struct render_dose *doses = arena_take(tx->arena, count + 1, sizeof *doses);
    if (doses == NULL) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        doses[i] = (struct render_dose){.day = rows[i].day, .dose = rows[i].dose};
    }
    if (count == 0) {
        doses[0] = (struct render_dose){.day = job->for_day, .dose = job->quantity};
    }
    out->doses = doses;
    out->dose_count = count == 0 ? 1 : count;
    return true;
}

static enum desk_result fill_label(struct tx *tx, const struct print_job_row *job,
                                   const struct render_pharmacy *pharmacy, const struct patient_row *patient,
                                   struct render_label *out) {
    const struct product *product =
        job->product == NULL ? NULL : catalogue_find(desk_catalogue(), job->product, strlen(job->product));
    if (product == NULL || patient->id == NULL || job->for_day == DAY_NONE) {
        return DESK_NOT_FOUND;
    }
    *out = (struct render_label){.patient = patient->name,
                                 .pharmacy = *pharmacy,
                                 .product = product,
                                 .dispensed_on = job->on_day,
                                 .quantity = job->quantity,
                                 .supervised = job->supervised,
                                 .code = job->code,
                                 .reprint = job->reprint};
    return fill_doses(tx, job, out) ? DESK_OK : DESK_FAILED;
}

static enum desk_result fill_bag(const struct print_job_row *job, const struct patient_row *patient,
                                 struct render_bag_label *out) {
    if (patient->id == NULL) {
        return DESK_NOT_FOUND;
    }
    *out = (struct render_bag_label){.patient = patient->name,
                                     .address = patient->address != NULL ? patient->address : "",
                                     .collect_on = job->on_day,
                                     .bag = 1,
                                     .bag_count = 1,
                                     .code = job->code,
                                     .reprint = job->reprint};
    return DESK_OK;
}

/* ---- cards ---- */

static enum desk_result fill_card(struct tx *tx, const struct print_job_row *job,
                                  const struct render_pharmacy *pharmacy, struct render_card *out) {
    enum card_form form = CARD_NORMAL;
    const struct card *card = NULL;
    if (desk_cards() != NULL && job->card != NULL && card_form_parse(job->card_form, &form)) {
        card = card_find(desk_cards(), job->card, job->card_language, form);
    }
    if (card == NULL || strcmp(card->version, job->card_version) != 0) {
        return DESK_NOT_FOUND;
    }
    const struct print_service service = print_service_of(tx, job->patient);
    *out = (struct render_card){.card = card,
                                .form = form,
                                .pharmacy = *pharmacy,
                                .service = service.name != NULL ? service.name : "",
                                .service_telephone = service.telephone != NULL ? service.telephone : ""};
    return DESK_OK;
}

/* ---- all ---- */

static enum desk_result fill(struct tx *tx, const struct print_job_row *job,
                             const struct render_pharmacy *pharmacy, const struct patient_row *patient,
                             struct print_content *out) {
    switch (out->kind) {
    case PRINT_LABEL: return fill_label(tx, job, pharmacy, patient, &out->label);
    case PRINT_BAG: return fill_bag(job, patient, &out->bag);
    case PRINT_CARD: return fill_card(tx, job, pharmacy, &out->card);
    case PRINT_CALENDAR:
        out->calendar.pharmacy = *pharmacy;
        return print_sheet_calendar(tx, job, &out->calendar);
    case PRINT_DOWNTIME:
        out->downtime.pharmacy = *pharmacy;
        return print_sheet_downtime(tx, job, &out->downtime);
    case PRINT_LETTER: out->letter.pharmacy = *pharmacy; return print_letter(tx, job, &out->letter);
    case PRINT_KIND_COUNT: break;
    }
    return DESK_NOT_FOUND;
}

enum desk_result desk_print_content(struct tx *tx, const struct print_job_row *job,
                                    const struct render_pharmacy *pharmacy, struct print_content *out) {
    struct patient_row patient = {.id = NULL};
    memset(out, 0, sizeof *out);
    if (!print_kind_parse(job->kind, &out->kind)) {
        return DESK_NOT_FOUND;
    }
    tx->as_of = job->facts_seq != 0 ? job->facts_seq : job->seq;
    tx->now = clock_moment(job->at);
    if (job->patient != NULL && !patient_find(tx, job->patient, &patient)) {
        return db_state(tx->db) == DB_FINE ? DESK_NOT_FOUND : DESK_FAILED;
    }
    enum desk_result result = fill(tx, job, pharmacy, &patient, out);
    return db_state(tx->db) != DB_FINE || arena_failed(tx->arena) ? DESK_FAILED : result;
}
