/*
 * The people who are treated: entered, changed, searched, merged where they were entered twice, and their status (M9).
 * Runs on whichever thread holds the transaction; everything returned lies in its arena.
 */
#ifndef INSTALMENT_DESK_PATIENT_H
#define INSTALMENT_DESK_PATIENT_H

#include "desk.h"
#include "store/patient.h"

#define PATIENT_NAME_MAX 200
#define PATIENT_ADDRESS_MAX 500
#define PATIENT_NOTES_MAX 4000
#define PATIENT_LANGUAGE_MAX 35
#define PATIENT_REFERENCE_MAX 200
#define PATIENT_REPRESENTATIVES_MAX 10
#define PATIENT_SEARCH_MAX 100

/* A patient as of the transaction, with the status of its day. */
struct patient_view {
    struct patient_row row;
    struct patient_status_row status;
    const char **look_alikes; /* H15: ids of other patients; only from desk_patient_read */
    size_t look_alike_count;
};

struct patient_views {
    struct patient_view *views;
    size_t count;
};

/*
 * One patient with look-alikes (at most 20): the same date of birth and a similar name, or at most two letters between
 * the names (H15); that looks at everybody, 2 ms for each thousand patients. Also a record that was merged away.
 * DESK_OK, DESK_NOT_FOUND or DESK_FAILED.
 */
enum desk_result desk_patient_read(struct tx *tx, const char *id, struct patient_view *out);

/* The row alone, quickly. The same results. */
enum desk_result desk_patient_find(struct tx *tx, const char *id, struct patient_row *out);

/* Up to `limit` patients after an id (""), in the order of entry, without those merged away. DESK_OK or DESK_FAILED. */
enum desk_result desk_patients(struct tx *tx, const char *after, int32_t limit, struct patient_views *out);

/*
 * Finds patients by one text: an identifier with or without blanks, a date of birth ("1980-05-23", "23/05/1980",
 * "23.5.80", "23 May 1980", "23051980"), or parts of names in any order. Two digits of a year mean the last such year
 * before today. At most `limit`; the order is that of the names. DESK_OK or DESK_FAILED.
 */
enum desk_result desk_patient_search(struct tx *tx, const char *q, int32_t limit, struct patient_views *out);

/*
 * Enters a patient (row->id, seq, name_folded and merged_into are not looked at) and says the new id. The identifier
 * is checked (P11) and stored as identifier_check has it. DESK_INVALID names the members; DESK_CONFLICT
 * "identifier_known": the id of the patient who has the identifier is problem->fields[0].message.
 */
enum desk_result desk_patient_enter(struct tx *tx, const struct patient_row *row, const char **id,
                                    struct desk_problem *problem);

/* Appends a new version of row->id; results as above, and DESK_NOT_FOUND, DESK_CONFLICT "patient_merged". */
enum desk_result desk_patient_change(struct tx *tx, const struct patient_row *row,
                                     struct desk_problem *problem);

/*
 * `id` was entered twice and is `into`: from now on its prescriptions and history are also those of `into`. Cannot be
 * undone. DESK_CONFLICT: "patient_merged" (one of them was merged before), "identifiers_differ" (two numbers of one
 * system: two people); DESK_FORBIDDEN "second_person_required".
 */
enum desk_result desk_patient_merge(struct tx *tx, const char *id, const char *into,
                                    const struct identity *second, struct desk_problem *problem);

/* M9, D28. status->from DAY_NONE is today; the source is needed. Away: each service is told once (`patient_away`). */
enum desk_result desk_patient_set_status(struct tx *tx, const char *id,
                                         const struct patient_status_row *status,
                                         struct desk_problem *problem);

#endif
