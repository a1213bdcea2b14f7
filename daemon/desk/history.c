#include "history.h"

#include <string.h>

#include "store/patient.h"
#include "store/prescription.h"

/* Records are merged into merged ones now and then; more often than this it is a mistake. */
#define MERGED_MAX 8

/* The record that stands for this one: itself, or the one that it was merged into. */
static const char *standing(struct tx *tx, const char *patient) {
    struct patient_row row;
    for (int i = 0; i < MERGED_MAX && patient_find(tx, patient, &row) && row.merged_into != NULL; i++) {
        patient = row.merged_into;
    }
    return patient;
}

enum desk_result desk_history(struct tx *tx, const char *patient, struct desk_history *out) {
    memset(out, 0, sizeof *out);
    patient = standing(tx, patient);
    bool loaded = history_consultations(tx, patient, &out->consultations, &out->consultation_count) &&
                  history_changes(tx, patient, &out->changes, &out->change_count) &&
                  history_outcomes(tx, patient, &out->outcomes, &out->outcome_count) &&
                  history_elsewhere(tx, patient, &out->elsewheres, &out->elsewhere_count);
    return loaded ? DESK_OK : DESK_FAILED;
}

enum desk_result desk_history_for(struct tx *tx, const char *prescription, const char **patient,
                                  struct desk_history *out) {
    struct prescription_row row;
    if (!prescription_find(tx, prescription, &row)) {
        memset(out, 0, sizeof *out);
        return db_state(tx->db) == DB_FINE ? DESK_NOT_FOUND : DESK_FAILED;
    }
    *patient = row.patient;
    return desk_history(tx, row.patient, out);
}
