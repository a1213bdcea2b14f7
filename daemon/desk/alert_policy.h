/*
 * What a prescribing service wants to be told, and how soon a person telephones: figures of a service (rules.md, section
 * 5: "per prescribing service, with these defaults").
 */
#ifndef INSTALMENT_DESK_ALERT_POLICY_H
#define INSTALMENT_DESK_ALERT_POLICY_H

#include "desk.h"
#include "store/service.h"

struct alert_figure {
    const char *name;
    int32_t min;
    int32_t max;
    int32_t usual;
};

/* The plain figures, by the names that the interface has for them too; ended by one without a name. */
extern const struct alert_figure alert_figures[];

/* Kinds whose routine alerts a service may want urgently, or not at all; ended by NULL. A stored figure is
 * "priority_KIND". */
extern const char *const alert_priority_kinds[];
enum alert_wish { ALERT_WISH_ROUTINE, ALERT_WISH_URGENT, ALERT_WISH_QUIET, ALERT_WISH_COUNT };
extern const char *const alert_wish_texts[ALERT_WISH_COUNT + 1]; /* "routine", "urgent", "quiet", NULL */

/* May this kind be quiet? What tells of a dose not taken may not. */
bool alert_may_be_quiet(const char *kind);

/* Working hours, "opens_mon" and "closes_mon": minutes after local midnight; -1: not said. */
#define ALERT_HOURS_NONE (-1)
const char *alert_hours_name(bool closes, enum weekday weekday);

/* A figure of a service, or its usual value. The name must be one of the above. NULL service: the usual ones. */
int32_t alert_policy(const struct service_row *service, const char *name);
enum alert_wish alert_policy_wish(const struct service_row *service, const char *kind);

/* Is the service at work at this instant, by its working hours? -1: they are not known. */
int alert_at_work(const struct service_row *service, struct moment now);

#endif
