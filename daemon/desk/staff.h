/*
 * The people who work here: who may sign in, as what, until when. A role is given by two people (design.md). Nothing
 * here knows a PIN: it arrives hashed.
 */
#ifndef INSTALMENT_DESK_STAFF_H
#define INSTALMENT_DESK_STAFF_H

#include "desk.h"
#include "store/staff.h"

#define STAFF_ID_MAX 32
#define STAFF_NAME_MAX 100
#define STAFF_PIN_MIN 4
#define STAFF_PIN_MAX 12

/*
 * Is this PIN good enough? 4 to 12 digits, not all the same, not a run up or down. Returns NULL, or a constant sentence
 * that says why not. Pure.
 */
const char *desk_staff_pin_fault(const char *pin);

/* All by their sign-in names, in the arena. DESK_OK or DESK_FAILED. */
enum desk_result desk_staff_all(struct tx *tx, struct staff_row **rows, size_t *count);

/* One of them. DESK_OK, DESK_NOT_FOUND or DESK_FAILED. */
enum desk_result desk_staff_read(struct tx *tx, const char *id, struct staff_row *out);

/*
 * Enters somebody under a sign-in name. The registration is checked by the role: a pharmacist's, a technician's; a
 * manager's
 * is a pharmacist's (it lets a manager confirm supplies). `second`: the other person whose PIN was right, staff NULL where there is none: needed, for a
 * role is given; but not by the only person there is. DESK_CONFLICT "staff_known" where the name is taken.
 */
enum desk_result desk_staff_enter(struct tx *tx, const struct staff_row *row, const struct identity *second,
                                  struct desk_problem *problem);

/*
 * Appends a new version of row->id. The second person is needed where the role changes or somebody is let in again.
 * DESK_CONFLICT "last_manager": nobody would be left who may do this.
 */
enum desk_result desk_staff_change(struct tx *tx, const struct staff_row *row, const struct identity *second,
                                   struct desk_problem *problem);

/* Is this person let in on a day: active, and not past the day until which? */
bool desk_staff_is_in(const struct staff_row *row, day_t day);

/* Is this the second person that an action of two takes: somebody else, technician or above (api.md, "Who may")? */
bool desk_second_agrees(const struct tx *tx, const struct identity *second);

#endif
