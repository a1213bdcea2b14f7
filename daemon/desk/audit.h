/* Who did or read what (hazard H42), for inspectors and managers. */
#ifndef INSTALMENT_DESK_AUDIT_H
#define INSTALMENT_DESK_AUDIT_H

#include "desk.h"
#include "store/audit.h"

/* The audit's rows, newest first, in the arena. DESK_OK or DESK_FAILED. */
enum desk_result desk_audit(struct tx *tx, const struct audit_query *query, struct audit_row **rows,
                            size_t *count);

#endif
