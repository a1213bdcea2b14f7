/*
 * Entering prescriptions: the checks P1 to P13 over the patient's other prescriptions, storing, and the second keying.
 */
#ifndef INSTALMENT_DESK_PRESCRIBE_H
#define INSTALMENT_DESK_PRESCRIBE_H

#include "core/check.h"
#include "desk.h"
#include "patient_case.h"
#include "store/prescription.h"

/* A prescription as typed. Texts and lists are borrowed for the call, or lie in the transaction's arena. */
struct prescribe_request {
    struct prescription rules;      /* as json_prescription decodes it; items' total is the total as typed */
    const struct entry_item *items; /* as many */
    const char *patient;
    const char *service;
    const char *serial;
    const char *prescriber_name;
    const char *prescriber_number;
    const char *prescriber_address;
    const char *wording_text;
    const char *replaces;      /* id, or NULL */
    const char *together_with; /* id, or NULL */
    finding_set accept;
    const struct earlier_supply *supplied_before;
    size_t supplied_before_count;
    const struct identity *who;
    bool second_person; /* a second person confirmed (P9) */
};

/* What came of it. `rules` must be closed by the caller (case_close) whatever the result. */
struct prescribe_answer {
    struct rules_case
        rules; /* the patient's prescriptions with this one last; empty where it came not so far */
    struct findings *findings; /* in the arena; NULL where it came not so far */
    const char *id;            /* of what was stored; NULL on a dry run */
};

/*
 * Checks, and stores unless dry_run. DESK_OK: stored, or could be or could not be on a dry run (findings say);
 * DESK_REFUSED: findings->blocked; DESK_INVALID: names a patient, service or prescription that is not there.
 */
enum desk_result desk_prescribe(struct tx *tx, const struct prescribe_request *request, bool dry_run,
                                struct prescribe_answer *answer, struct desk_problem *problem);

/* What a second person keyed (P12). Supervision is copied from the first. */
struct second_keying {
    struct prescription rules;
    const char *staff; /* who; must not be the one who entered it */
};

/*
 * Compares by meaning. DESK_OK: agreed and noted; DESK_INVALID with `second_keying_differs` and the fields;
 * DESK_CONFLICT: was checked before; DESK_FORBIDDEN: the same person.
 */
enum desk_result desk_second_keying(struct tx *tx, const char *id, const struct second_keying *keying,
                                    struct desk_problem *problem);

#endif
