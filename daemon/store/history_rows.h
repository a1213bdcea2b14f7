/* What history.c and history_doses.c share: columns that are bound and read alike. */
#ifndef INSTALMENT_STORE_HISTORY_ROWS_H
#define INSTALMENT_STORE_HISTORY_ROWS_H

#include "history.h"

/*
 * Goes before a SELECT that asks for `patient IN (SELECT id FROM same)`: the patient, and every record that was merged into
 * this one. Its two question marks and the statement's own `seq <= ?` are bound by history_bind_patient.
 */
#define HISTORY_OF_PATIENT                                                                             \
    "WITH RECURSIVE same (id) AS (SELECT CAST(? AS TEXT) UNION SELECT m.patient FROM patient_merged m" \
    " JOIN same ON m.into_patient = same.id WHERE m.seq <= ?) "

void history_bind_patient(struct tx *tx, struct statement *s, const char *patient);

/* Reads the columns seq, at, staff. */
struct recorded history_recorded(struct tx *tx, struct statement *s);

/* The index of a text among words; false where it is none of them. */
bool history_word(const char *text, const char *const *words, size_t count, size_t *out);

#endif
