#include "card.h"

#include "store/patient.h"
#include "store/print_job.h"

/* Set once before any thread, constant afterwards. */
static const struct card_set *cards_in_use;

void desk_set_cards(const struct card_set *cards) {
    cards_in_use = cards;
}

const struct card_set *desk_cards(void) {
    return cards_in_use;
}

static const char *print_card(struct tx *tx, const char *patient, const struct card *card, const char *form) {
    struct print_job_row job = {.kind = "card",
                                .patient = patient,
                                .for_day = DAY_NONE,
                                .last_day = DAY_NONE,
                                .on_day = tx->now.day,
                                .collect_day = DAY_NONE,
                                .card = card->code,
                                .card_version = card->version,
                                .card_language = card->language,
                                .card_form = form};
    print_job_append(tx, &job);
    return job.id;
}

enum desk_result desk_card_give(struct tx *tx, const struct card_request *request, const char **id,
                                struct desk_problem *problem) {
    struct patient_row patient;
    enum card_form form = CARD_NORMAL;
    if (!patient_find(tx, request->patient, &patient) || patient.merged_into != NULL) {
        return db_state(tx->db) == DB_FINE
                   ? desk_no(problem, DESK_NOT_FOUND, "not_found", "There is no such patient.")
                   : DESK_FAILED;
    }
    if (request->form != NULL && !card_form_parse(request->form, &form)) {
        return desk_invalid(problem, "form", "must be normal, large or easy");
    }
    const struct card *card =
        cards_in_use == NULL ? NULL : card_find(cards_in_use, request->card, request->language, form);
    if (card == NULL) {
        return desk_invalid(problem, "card", "there is no such card in this language and form");
    }
    struct card_given_row row = {.id = tx_new_id(tx, "cg"),
                                 .patient = patient.id,
                                 .card = card->code,
                                 .version = card->version,
                                 .language = card->language,
                                 .form = card_form_code(form),
                                 .given_to = request->given_to != NULL ? request->given_to : "patient",
                                 .talked_about = request->talked_about};
    if (row.id == NULL) {
        return DESK_FAILED;
    }
    tx_audit(tx, "card given", patient.id, row.id, card->code);
    row.job = request->print ? print_card(tx, patient.id, card, row.form) : NULL;
    card_given_append(tx, &row);
    *id = row.id;
    return db_state(tx->db) == DB_FINE ? DESK_OK : DESK_FAILED;
}

enum desk_result desk_card_given(struct tx *tx, const char *id, struct card_given_row *out) {
    if (card_given_find(tx, id, out)) {
        return DESK_OK;
    }
    return db_state(tx->db) == DB_FINE ? DESK_NOT_FOUND : DESK_FAILED;
}

enum desk_result desk_cards_given(struct tx *tx, const char *patient, int64_t before, int32_t limit,
                                  struct card_given_row **rows, size_t *count) {
    return card_given_page(tx, patient, before, limit, rows, count) ? DESK_OK : DESK_FAILED;
}
