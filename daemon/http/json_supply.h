/*
 * Decisions, supplies and what belongs to them, as JSON (api.md, "Shapes").
 */
#ifndef INSTALMENT_HTTP_JSON_SUPPLY_H
#define INSTALMENT_HTTP_JSON_SUPPLY_H

#include <cjson/cJSON.h>

#include "desk/supply.h"

/* A decision: all members of api.md, with the supply key. */
cJSON *json_decision(struct tx *tx, const struct decide_request *request, const struct decided *decided);

/* The same from what is in a call's problem: the members that need no case. */
cJSON *json_decision_bare(const struct decision *decision);

/* A patient's open alerts, as member "alerts": how many, and whether somebody has to telephone about one. */
void json_put_alerts(cJSON *object, int32_t open, bool telephone);

/* A recorded supply with its decision as it was, register entries, label jobs and alerts. */
cJSON *json_supply(const struct supply_view *view);

#endif
