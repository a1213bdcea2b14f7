/* What is recorded of a patient besides supplies, for showing it. The rows are those of store/history.h. */
#ifndef INSTALMENT_DESK_HISTORY_H
#define INSTALMENT_DESK_HISTORY_H

#include "desk.h"
#include "store/history.h"

/* In the order of recording, in the arena, as of tx->as_of. Of a record that was merged, the one that stands for it. */
struct desk_history {
    struct consultation_row *consultations;
    size_t consultation_count;
    struct change_row *changes;
    size_t change_count;
    struct outcome_row *outcomes;
    size_t outcome_count;
    struct elsewhere_row *elsewheres;
    size_t elsewhere_count;
};

/* DESK_OK, also of a patient who is not there: nothing is recorded then. DESK_FAILED. */
enum desk_result desk_history(struct tx *tx, const char *patient, struct desk_history *out);

/* The same for the patient of a prescription, whose id is kept in *patient; DESK_NOT_FOUND. */
enum desk_result desk_history_for(struct tx *tx, const char *prescription, const char **patient,
                                  struct desk_history *out);

#endif
