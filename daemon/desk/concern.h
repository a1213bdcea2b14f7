/*
 * Concerns at collection (rules.md, A4, A5, M11; hazard H21): what was seen, from a fixed list and in the writer's words;
 * never a diagnosis. The alert to the service is raised in the same transaction, and so is the withheld or deferred dose.
 */
#ifndef INSTALMENT_DESK_CONCERN_H
#define INSTALMENT_DESK_CONCERN_H

#include "desk.h"
#include "store/concern.h"

enum concern_kind {
    CONCERN_POSSIBLE_INTOXICATION,
    CONCERN_WELFARE,
    CONCERN_SAFEGUARDING,
    CONCERN_PRESCRIPTION_PROBLEM,
    CONCERN_OTHER,
    CONCERN_KIND_COUNT
};

enum concern_decision {
    DECIDED_SUPPLIED,
    DECIDED_DEFERRED,
    DECIDED_WITHHELD,
    DECIDED_EMERGENCY, /* an ambulance was called */
    DECIDED_NONE,      /* not about a dose: not for possible_intoxication */
    CONCERN_DECISION_COUNT
};

/* The words of the interface in the order of the enums, NULL-ended; DECIDED_NONE has none. */
extern const char *const concern_kinds[CONCERN_KIND_COUNT + 1];
extern const char *const concern_decisions[DECIDED_NONE + 1];

/* What can be seen, heard or smelled by anyone at a counter. */
struct observed_sign {
    const char *code;
    const char *text; /* as a person says it */
};

/* The list, ended by a NULL code. Codes never change their meaning; new ones come at the end. */
extern const struct observed_sign observed_signs[];

/* The sign of a code, or NULL. */
const struct observed_sign *observed_sign(const char *code);

#define CONCERN_SIGNS_MAX 20

struct concern_request {
    const char *patient;
    const char *prescription; /* NULL: none named */
    enum concern_kind kind;
    const char *signs[CONCERN_SIGNS_MAX]; /* codes of the list, each once */
    size_t sign_count;
    const char *note;
    enum concern_decision decision;
    const char *prescriber_contacted; /* opaque: the interface's own text; NULL: not said */
};

/*
 * Records it. *made is the row, in the arena. DESK_FORBIDDEN: it names a prescription and withholds or defers, which is a
 * pharmacist's. DESK_NOT_FOUND, DESK_INVALID, DESK_FAILED.
 */
enum desk_result desk_concern(struct tx *tx, const struct identity *who,
                              const struct concern_request *request, const struct concern_row **made,
                              struct desk_problem *problem);

/* One as of tx->as_of, or NULL; and store/concern.h's list. */
const struct concern_row *desk_concern_of(struct tx *tx, const char *id);
bool desk_concerns(struct tx *tx, const char *patient, int64_t before, int32_t limit,
                   struct concern_row **rows, size_t *count);

#endif
