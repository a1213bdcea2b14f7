/* What history.c and history_doses.c share: columns that are bound and read alike. */
#ifndef INSTALMENT_STORE_HISTORY_ROWS_H
#define INSTALMENT_STORE_HISTORY_ROWS_H

#include "history.h"

/*
 * Goes before a SELECT that asks for `patient IN (SELECT id FROM same)`: the patient, and every record that was merged into
 * this one.
 */
#define HISTORY_OF_PATIENT                                                                             \
    "WITH RECURSIVE same (id) AS (SELECT CAST(? AS TEXT) UNION SELECT m.patient FROM patient_merged m" \
    " JOIN same ON m.into_patient = same.id WHERE m.seq <= ?) "

/*
 * The rows of a table (its alias in quotes) that belong to a patient, up to what the tx knows, in their order: begins
 * the shorter statement where no record was merged into this one, which is nearly always.
 */
#define HISTORY_SELECT(tx, patient, columns, alias, order)                         \
    history_select(tx, patient, columns " WHERE " alias ".patient = ? AND " order, \
                   HISTORY_OF_PATIENT columns " WHERE " alias                      \
                                              ".patient IN (SELECT id FROM same) AND " order)

struct statement *history_select(struct tx *tx, const char *patient, const char *alone, const char *merged);

/* Reads the columns seq, at, staff. */
struct recorded history_recorded(struct tx *tx, struct statement *s);

/* The index of a text among words; false where it is none of them. */
bool history_word(const char *text, const char *const *words, size_t count, size_t *out);

#endif
