/* Reading the audit: see audit.h. */
#include "audit.h"

enum desk_result desk_audit(struct tx *tx, const struct audit_query *query, struct audit_row **rows,
                            size_t *count) {
    return audit_rows(tx, query, rows, count) ? DESK_OK : DESK_FAILED;
}
