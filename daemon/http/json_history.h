/* What happened besides supplies, as the interface shows it: one encoder for each kind of row. NULL: memory is short. */
#ifndef INSTALMENT_HTTP_JSON_HISTORY_H
#define INSTALMENT_HTTP_JSON_HISTORY_H

#include "call.h"
#include "desk/change.h"
#include "desk/concern.h"
#include "desk/consultation.h"
#include "desk/elsewhere.h"
#include "desk/history.h"
#include "desk/outcome.h"
#include "desk/preparation.h"

cJSON *json_consultation(const struct consultation_row *row);
cJSON *json_change(struct tx *tx, const struct change_row *row);
cJSON *json_outcome(const struct outcome_row *row);
cJSON *json_elsewhere(const struct elsewhere_row *row);
cJSON *json_concern(const struct concern_row *row);
/* With the labels that stand on it, as of tx->as_of. */
cJSON *json_preparation(struct tx *tx, const char *instalment, const struct preparation_row *row);

/*
 * Adds "consultations", "changes" and "outcomes" of one prescription to an object (GET /prescriptions/{id}), each an array
 * in the order of recording. False where memory is short or the store failed.
 */
bool json_put_history(struct tx *tx, cJSON *object, const char *patient, const char *prescription);

#endif
