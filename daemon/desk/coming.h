/* What the end of a day says is coming: so that the service can still be asked for a new form, or for wording. */
#ifndef INSTALMENT_DESK_COMING_H
#define INSTALMENT_DESK_COMING_H

#include "reconcile.h"

/* Prescriptions that end within this many open days, and collections on closed days within as many days. */
#define COMING_OPEN_DAYS 3
#define COMING_CLOSED_DAYS 14
/* A first instalment is told of this many days before D3 refuses it. */
#define COMING_EXPIRY_DAYS 3

/* Adds to the list: "ending", "closed_day_without_wording", "first_instalment_expires". False: memory, or the store. */
bool coming_find(struct tx *tx, day_t day, struct report_list *list);

/* reconcile.c's. */
bool report_add(struct tx *tx, struct report_list *list, const struct report_item *item);

#endif
