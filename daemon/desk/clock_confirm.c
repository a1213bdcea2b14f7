#include "clock_confirm.h"

#include <inttypes.h>
#include <stdlib.h>

#include "store/confirmed.h"
#include "text.h"

enum desk_result desk_clock_confirm(struct tx *tx, const char **id) {
    tx_audit(tx, "clock confirmed", NULL, NULL, NULL);
    confirmed_append(tx);
    *id = desk_text(tx, "%" PRId64, tx->seq);
    return *id != NULL && db_state(tx->db) == DB_FINE ? DESK_OK : DESK_FAILED;
}

enum desk_result desk_clock_confirmed(struct tx *tx, const char *id, int64_t *at, const char **staff) {
    if (confirmed_find(tx, strtoll(id, NULL, 10), at, staff)) {
        return DESK_OK;
    }
    return db_state(tx->db) == DB_FINE ? DESK_NOT_FOUND : DESK_FAILED;
}
