#include "day_close.h"

#include "rows.h"
#include "sys/buffer.h"

static const char insert_close[] =
    "INSERT INTO day_close (day, number, seq, at, by_staff, signed, reason) VALUES (?,?,?,?,?,?,?)";
static const char insert_head[] = "INSERT INTO day_head (seq, section, number, hash) VALUES (?,?,?,?)";
#define SELECT_CLOSE \
    "SELECT day, number, seq, at, signed, by_staff, reason FROM day_close WHERE seq <= ? AND day = ?"
static const char select_newest[] = SELECT_CLOSE " ORDER BY number DESC LIMIT 1";
static const char select_number[] = SELECT_CLOSE " AND number = ?";
static const char select_last[] = "SELECT max(day) FROM day_close WHERE seq <= ? AND day < ?";

static const char select_products[] =
    "SELECT product, sum(quantity) FROM ("
    " SELECT i.product AS product, i.quantity AS quantity FROM supply s JOIN supply_item i ON i.supply = s.id"
    " WHERE s.at >= ? AND s.at < ? AND s.seq <= ? AND s.kind <> 'before_entry'"
    " UNION ALL"
    " SELECT i.product, 0 - i.quantity FROM supply_reversal r JOIN audit a ON a.seq = r.seq"
    " JOIN supply s ON s.id = r.supply JOIN supply_item i ON i.supply = r.supply"
    " WHERE a.at >= ? AND a.at < ? AND r.seq <= ? AND s.kind <> 'before_entry') AS both_ways"
    " GROUP BY product ORDER BY product";
static const char select_supplies[] =
    "SELECT s.id, s.kind, s.patient, s.prescription, p.serial, s.on_day, s.at, i.product, i.quantity,"
    " i.supervised, s.confirmed_by, s.supervised_by, s.reason, r.supply IS NOT NULL, r.reason,"
    " x.schedule = 2 AND i.quantity > 0 AND NOT EXISTS (SELECT 1 FROM register_entry e WHERE e.supply = s.id"
    " AND e.section = i.product)"
    " FROM supply s JOIN supply_item i ON i.supply = s.id JOIN prescription p ON p.id = s.prescription"
    " JOIN prescription_item x ON x.prescription = s.prescription AND x.position = i.position"
    " LEFT JOIN supply_reversal r ON r.supply = s.id AND r.seq <= ?"
    " WHERE s.at >= ? AND s.at < ? AND s.seq <= ? AND s.kind <> 'before_entry' ORDER BY s.seq, i.position";
/*
 * What became of an alert is not stored yet: each alert about the day counts as unsettled, but for those about what a
 * correction has taken back.
 */
static const char select_alerts[] =
    "SELECT a.id, a.kind, a.priority, a.prescription, a.on_day FROM alert a WHERE a.on_day = ? AND a.seq <= ?"
    " AND a.patient IS NOT NULL AND NOT EXISTS (SELECT 1 FROM alert c WHERE c.corrects = a.id AND c.seq <= ?)"
    " AND NOT EXISTS (SELECT 1 FROM alert_attempt t WHERE t.alert = a.id AND t.seq <= ?"
    " AND t.result IN ('accepted', 'unconfirmed'))"
    " AND NOT EXISTS (SELECT 1 FROM alert_event e WHERE e.alert = a.id AND e.seq <= ?"
    " AND e.kind IN ('accepted', 'acknowledged', 'closed'))"
    " ORDER BY a.id";
static const char select_confirmed[] =
    "SELECT code FROM supply_reason WHERE supply = ? AND confirmed = 1 ORDER BY code";
static const char select_concerns[] =
    "SELECT id, patient, kind, decision FROM concern WHERE at >= ? AND at < ? AND seq <= ? ORDER BY seq";

static const char insert_late[] = "INSERT INTO late_entry (id, seq, day, sheet, at, prescription, supply, "
                                  "outcome, reason, second, objections)"
                                  " VALUES (?,?,?,?,?,?,?,?,?,?,?)";
#define SELECT_LATE                                                                                      \
    "SELECT l.id, l.seq, l.day, l.sheet, l.at, l.prescription, l.supply, l.outcome, l.reason, l.second," \
    " l.objections, a.at, a.staff FROM late_entry l JOIN audit a ON a.seq = l.seq WHERE l.seq <= ?"
static const char select_late[] = SELECT_LATE " AND l.id = ?";
static const char select_late_day[] = SELECT_LATE " AND l.day = ? AND l.seq >= ? ORDER BY l.seq, l.id";

void day_close_append(struct tx *tx, const struct day_close_row *row) {
    struct statement *s = db_use(tx->db, insert_close);
    bind_day(s, row->day);
    bind_int(s, row->number);
    bind_int(s, tx->seq);
    bind_int(s, row->at);
    bind_text(s, row->by);
    bind_bool(s, row->signed_by_hand);
    bind_text(s, row->reason);
    statement_run(s);
}

void day_head_append(struct tx *tx, const char *section, int64_t number, const uint8_t hash[32]) {
    struct statement *s = db_use(tx->db, insert_head);
    bind_int(s, tx->seq);
    bind_text(s, section);
    bind_int(s, number);
    bind_blob(s, hash, 32);
    statement_run(s);
}

bool day_close_find(struct tx *tx, day_t day, int32_t number, struct day_close_row *out) {
    struct statement *s = db_use(tx->db, number == 0 ? select_newest : select_number);
    bind_int(s, tx->as_of);
    bind_day(s, day);
    if (number != 0) {
        bind_int(s, number);
    }
    bool found = statement_row(s);
    if (found) {
        out->day = column_day(s);
        out->number = (int32_t)column_int(s);
        out->seq = column_int(s);
        out->at = column_int(s);
        out->signed_by_hand = column_bool(s);
        out->by = tx_keep(tx, column_text(s));
        out->reason = tx_keep(tx, column_text(s));
    }
    return found && db_state(tx->db) == DB_FINE;
}

day_t day_close_before(struct tx *tx, day_t day) {
    struct statement *s = db_use(tx->db, select_last);
    bind_int(s, tx->as_of);
    bind_day(s, day);
    return statement_row(s) ? column_day(s) : DAY_NONE;
}

bool day_products(struct tx *tx, int64_t from, int64_t until, struct day_product_row **rows, size_t *count) {
    struct statement *s = db_use(tx->db, select_products);
    *rows = NULL;
    for (int i = 0; i < 2; i++) {
        bind_int(s, from);
        bind_int(s, until);
        bind_int(s, tx->as_of);
    }
    for (*count = 0; statement_row(s); (*count)++) {
        *rows = rows_room(tx, *rows, *count, sizeof **rows);
        if (*rows == NULL) {
            return false;
        }
        (*rows)[*count].product = tx_keep(tx, column_text(s));
        (*rows)[*count].quantity = column_int(s);
    }
    return db_state(tx->db) == DB_FINE;
}

/* The checks that were confirmed for a supply, with blanks; NULL: none. */
static const char *confirmed_read(struct tx *tx, const char *supply) {
    struct buffer list;
    struct statement *s = db_use(tx->db, select_confirmed);
    buffer_init(&list, 2048);
    bind_text(s, supply);
    while (statement_row(s)) {
        buffer_text(&list, list.len == 0 ? "" : " ");
        buffer_text(&list, column_text(s));
    }
    const char *text = list.len > 0 && buffer_ok(&list) ? arena_text(tx->arena, list.bytes, list.len) : NULL;
    buffer_release(&list);
    return text;
}

static void supply_read(struct tx *tx, struct statement *s, struct day_supply_row *row) {
    row->supply = tx_keep(tx, column_text(s));
    row->kind = tx_keep(tx, column_text(s));
    row->patient = tx_keep(tx, column_text(s));
    row->prescription = tx_keep(tx, column_text(s));
    row->serial = tx_keep(tx, column_text(s));
    row->on = column_day(s);
    row->at = column_int(s);
    row->product = tx_keep(tx, column_text(s));
    row->quantity = column_int(s);
    row->supervised = column_int(s);
    row->confirmed_by = tx_keep(tx, column_text(s));
    row->supervised_by = tx_keep(tx, column_text(s));
    row->reason = tx_keep(tx, column_text(s));
    row->reversed = column_bool(s);
    row->reversal = tx_keep(tx, column_text(s));
    row->missing = column_bool(s);
    row->confirmed = confirmed_read(tx, row->supply);
}

bool day_supplies(struct tx *tx, int64_t from, int64_t until, struct day_supply_row **rows, size_t *count) {
    struct statement *s = db_use(tx->db, select_supplies);
    *rows = NULL;
    bind_int(s, tx->as_of);
    bind_int(s, from);
    bind_int(s, until);
    bind_int(s, tx->as_of);
    for (*count = 0; statement_row(s); (*count)++) {
        *rows = rows_room(tx, *rows, *count, sizeof **rows);
        if (*rows == NULL) {
            return false;
        }
        supply_read(tx, s, &(*rows)[*count]);
    }
    return db_state(tx->db) == DB_FINE;
}

bool day_alerts_unsettled(struct tx *tx, day_t day, struct day_alert_row **rows, size_t *count) {
    struct statement *s = db_use(tx->db, select_alerts);
    *rows = NULL;
    bind_day(s, day);
    for (int i = 0; i < 4; i++) {
        bind_int(s, tx->as_of);
    }
    for (*count = 0; statement_row(s); (*count)++) {
        *rows = rows_room(tx, *rows, *count, sizeof **rows);
        if (*rows == NULL) {
            return false;
        }
        struct day_alert_row *row = &(*rows)[*count];
        row->id = tx_keep(tx, column_text(s));
        row->kind = tx_keep(tx, column_text(s));
        row->priority = tx_keep(tx, column_text(s));
        row->prescription = tx_keep(tx, column_text(s));
        row->on = column_day(s);
    }
    return db_state(tx->db) == DB_FINE;
}

bool day_concerns(struct tx *tx, int64_t from, int64_t until, struct day_concern_row **rows, size_t *count) {
    struct statement *s = db_use(tx->db, select_concerns);
    *rows = NULL;
    bind_int(s, from);
    bind_int(s, until);
    bind_int(s, tx->as_of);
    for (*count = 0; statement_row(s); (*count)++) {
        *rows = rows_room(tx, *rows, *count, sizeof **rows);
        if (*rows == NULL) {
            return false;
        }
        struct day_concern_row *row = &(*rows)[*count];
        row->id = tx_keep(tx, column_text(s));
        row->patient = tx_keep(tx, column_text(s));
        row->kind = tx_keep(tx, column_text(s));
        row->decision = tx_keep(tx, column_text(s));
    }
    return db_state(tx->db) == DB_FINE;
}

/* ---- late entries ---- */

void late_entry_append(struct tx *tx, const struct late_entry_row *row) {
    struct statement *s = db_use(tx->db, insert_late);
    bind_text(s, row->id);
    bind_int(s, tx->seq);
    bind_day(s, row->day);
    bind_text(s, row->sheet);
    bind_int(s, row->at);
    bind_text(s, row->prescription);
    bind_text(s, row->supply);
    bind_text(s, row->outcome);
    bind_text(s, row->reason);
    bind_text(s, row->second);
    bind_text(s, row->objections);
    statement_run(s);
}

static void late_read(struct tx *tx, struct statement *s, struct late_entry_row *row) {
    row->id = tx_keep(tx, column_text(s));
    row->seq = column_int(s);
    row->day = column_day(s);
    row->sheet = tx_keep(tx, column_text(s));
    row->at = column_int(s);
    row->prescription = tx_keep(tx, column_text(s));
    row->supply = tx_keep(tx, column_text(s));
    row->outcome = tx_keep(tx, column_text(s));
    row->reason = tx_keep(tx, column_text(s));
    row->second = tx_keep(tx, column_text(s));
    row->objections = tx_keep(tx, column_text(s));
    row->recorded_at = column_int(s);
    row->by = tx_keep(tx, column_text(s));
}

bool late_entry_find(struct tx *tx, const char *id, struct late_entry_row *out) {
    struct statement *s = db_use(tx->db, select_late);
    bind_int(s, tx->as_of);
    bind_text(s, id);
    bool found = statement_row(s);
    if (found) {
        late_read(tx, s, out);
    }
    return found && db_state(tx->db) == DB_FINE;
}

bool late_entries_since(struct tx *tx, day_t day, int64_t seq, struct late_entry_row **rows, size_t *count) {
    struct statement *s = db_use(tx->db, select_late_day);
    *rows = NULL;
    bind_int(s, tx->as_of);
    bind_day(s, day);
    bind_int(s, seq);
    for (*count = 0; statement_row(s); (*count)++) {
        *rows = rows_room(tx, *rows, *count, sizeof **rows);
        if (*rows == NULL) {
            return false;
        }
        late_read(tx, s, &(*rows)[*count]);
    }
    return db_state(tx->db) == DB_FINE;
}

bool late_entries_of_day(struct tx *tx, day_t day, struct late_entry_row **rows, size_t *count) {
    return late_entries_since(tx, day, 0, rows, count);
}
