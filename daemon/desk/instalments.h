/*
 * What has become of an instalment: shared by the day's list, the sweep and the outcomes.
 */
#ifndef INSTALMENT_DESK_INSTALMENTS_H
#define INSTALMENT_DESK_INSTALMENTS_H

#include "patient_case.h"
#include "store/history.h"

/* Does the stop, as known on a day, leave any of its days, and was the prescription entered by its due day (P2)? */
bool instalment_live(const struct patient_case *c, size_t prescription, const struct instalment *one,
                     day_t known_on);

/* Was any of its days supplied here by what was recorded up to that day? */
bool instalment_supplied(const struct patient_case *c, size_t prescription, const struct instalment *one,
                         day_t known_on);

/* Was each of its days dosed elsewhere, or by another prescription of the class (D10)? Nobody has to come then. */
bool instalment_dosed_otherwise(const struct patient_case *c, size_t prescription,
                                const struct instalment *one, day_t known_on);

/* What an instalment takes of an item, all its days together. */
quantity_t instalment_quantity(const struct plan *plan, size_t item, const struct instalment *one);

/* The newest outcome of an instalment on a day, notes on a supply left out; NULL where there is none. */
const struct outcome_row *instalment_outcome(const struct outcome_row *rows, size_t count,
                                             const char *prescription, day_t collect);

#endif
