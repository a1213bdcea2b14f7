#include "day_state.h"

#include <string.h>

static const char select_day[] =
    "SELECT kind FROM day_state WHERE day = ? AND seq <= ? ORDER BY seq DESC LIMIT 1";
static const char insert_day[] = "INSERT INTO day_state (seq, day, kind) VALUES (?,?,?)";
static const char select_swept[] = "SELECT until_at FROM swept ORDER BY seq DESC LIMIT 1";
static const char insert_swept[] = "INSERT INTO swept (seq, until_at) VALUES (?,?)";
static const char select_last[] = "SELECT max(at) FROM audit WHERE staff IS NOT NULL";
static const char select_first[] = "SELECT min(at) FROM audit WHERE staff IS NOT NULL";
static const char select_confirmed[] = "SELECT max(at) FROM clock_confirmed";
static const char select_supply_state[] =
    "SELECT coalesce(max(s.seq), 0) + coalesce(max(r.seq), 0) FROM supply s"
    " LEFT JOIN supply_reversal r ON r.supply = s.id WHERE s.prescription = ?";

const char *day_state_closed(struct tx *tx, day_t day) {
    struct statement *s = db_use(tx->db, select_day);
    bind_day(s, day);
    bind_int(s, tx->as_of);
    const char *kind = statement_row(s) ? column_text(s) : NULL;
    if (kind == NULL || strcmp(kind, "opened_again") == 0) {
        return NULL;
    }
    return strcmp(kind, "closed_signed") == 0 ? "signed" : "unsigned";
}

void day_state_append(struct tx *tx, day_t day, const char *kind) {
    struct statement *s = db_use(tx->db, insert_day);
    bind_int(s, tx->seq);
    bind_day(s, day);
    bind_text(s, kind);
    statement_run(s);
}

/* The one number of a statement without parameters; INT64_MIN where there is none. */
static int64_t newest(struct tx *tx, const char *sql) {
    struct statement *s = db_use(tx->db, sql);
    return statement_row(s) && !column_null(s) ? column_int(s) : INT64_MIN;
}

int64_t swept_until(struct tx *tx) {
    return newest(tx, select_swept);
}

void swept_append(struct tx *tx, int64_t until) {
    struct statement *s = db_use(tx->db, insert_swept);
    bind_int(s, tx->seq);
    bind_int(s, until);
    statement_run(s);
}

int64_t last_recorded_at(struct tx *tx) {
    return newest(tx, select_last);
}

int64_t first_recorded_at(struct tx *tx) {
    return newest(tx, select_first);
}

int64_t clock_confirmed_at(struct tx *tx) {
    return newest(tx, select_confirmed);
}

int64_t supply_state(struct tx *tx, const char *prescription) {
    struct statement *s = db_use(tx->db, select_supply_state);
    bind_text(s, prescription);
    return statement_row(s) ? column_int(s) : 0;
}
