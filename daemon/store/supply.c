#include "supply.h"

#include <stdlib.h>
#include <string.h>

#include "patient.h"
#include "rows.h"
#include "said.h"

static const char insert_supply[] =
    "INSERT INTO supply (id, seq, patient, prescription, kind, on_day, at, supervised_at, collector_role,"
    " collector_name, collector_address, identity_requested, identity_provided, identified_by, supervised_by,"
    " confirmed_by, verdict, missed_days, missed_pickups, last_dosed, next_due, rules, part_reason, reason, "
    "told)"
    " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";
static const char insert_item[] = "INSERT INTO supply_item (supply, position, product, quantity, supervised, "
                                  "take_home) VALUES (?,?,?,?,?,?)";
static const char insert_reason[] =
    "INSERT INTO supply_reason (supply, code, severity, number, day, confirmed) VALUES (?,?,?,?,?,?)";
static const char insert_dosed[] =
    "INSERT INTO dosed_day (prescription, day, turn, supply, opened_by) VALUES (?,?,?,?,?)";
/* What is claimed: migration 0004, supervised_dose. */
static const char insert_supervised[] =
    "INSERT INTO supervised_dose (service, on_day, product, supply, seq) SELECT service, ?, ?, ?, ?"
    " FROM prescription WHERE id = ? ON CONFLICT DO NOTHING";
static const char insert_reversal[] = "INSERT INTO supply_reversal (supply, seq, reason) VALUES (?,?,?)";

/* The newest turn of a day, and whether its supply was reversed or only a part. */
static const char select_turn[] =
    "SELECT d.turn, d.supply, r.supply IS NOT NULL OR s.part_reason IS NOT NULL"
    " FROM dosed_day d JOIN supply s ON s.id = d.supply LEFT JOIN supply_reversal r ON r.supply = d.supply"
    " WHERE d.prescription = ? AND d.day = ? ORDER BY d.turn DESC LIMIT 1";

#define SELECT_SUPPLY                                                                                     \
    "SELECT s.id, s.seq, s.patient, s.prescription, s.kind, s.on_day, s.at, s.supervised_at, "            \
    "s.collector_role,"                                                                                   \
    " s.collector_name, s.collector_address, s.identity_requested, s.identity_provided, s.identified_by," \
    " s.supervised_by, s.confirmed_by, s.verdict, s.missed_days, s.missed_pickups, s.last_dosed, "        \
    "s.next_due,"                                                                                         \
    " s.rules, s.part_reason, s.reason, s.told, r.seq"                                                    \
    " FROM supply s LEFT JOIN supply_reversal r ON r.supply = s.id AND r.seq <= ?"

static const char select_one[] = SELECT_SUPPLY " WHERE s.id = ? AND s.seq <= ?";
/* A patient's own records and those that were merged into them; a row for each day that a supply dosed. */
#define OF_MERGED                                                                                  \
    "WITH RECURSIVE same (id) AS (SELECT ? UNION SELECT m.patient FROM patient_merged m JOIN same" \
    " ON m.into_patient = same.id) "
#define SELECT_HISTORY                                                                    \
    "SELECT s.id, s.seq, s.prescription, s.kind, s.on_day, s.supervised_at, r.seq, d.day" \
    " FROM supply s LEFT JOIN supply_reversal r ON r.supply = s.id AND r.seq <= ?"        \
    " LEFT JOIN dosed_day d ON d.supply = s.id"
#define IN_ORDER " AND s.seq <= ? ORDER BY s.seq, s.id, d.day"

static const char select_of_prescription[] = SELECT_HISTORY " WHERE s.prescription = ?" IN_ORDER;
static const char select_own[] = SELECT_HISTORY " WHERE s.patient = ?" IN_ORDER;
static const char select_merged[] =
    OF_MERGED SELECT_HISTORY " WHERE s.patient IN (SELECT id FROM same)" IN_ORDER;
static const char select_items[] = "SELECT position, product, quantity, supervised, take_home FROM "
                                   "supply_item WHERE supply = ? ORDER BY position";
static const char select_reasons[] =
    "SELECT code, severity, number, day, confirmed FROM supply_reason WHERE supply = ? ORDER BY code";
static const char select_days[] = "SELECT day FROM dosed_day WHERE supply = ? ORDER BY day";

static void head_append(struct tx *tx, const struct supply_row *row) {
    struct statement *s = db_use(tx->db, insert_supply);
    bind_text(s, row->id);
    bind_int(s, tx->seq);
    bind_text(s, row->patient);
    bind_text(s, row->prescription);
    bind_text(s, row->kind);
    bind_day(s, row->on);
    bind_int(s, row->at);
    bind_int(s, row->supervised_at);
    bind_text(s, row->collector_role);
    bind_text(s, row->collector_name);
    bind_text(s, row->collector_address);
    bind_said(s, row->identity_requested);
    bind_said(s, row->identity_provided);
    bind_text(s, row->identified_by);
    bind_text(s, row->supervised_by);
    bind_text(s, row->confirmed_by);
    bind_text(s, row->verdict);
    bind_int(s, row->missed_days);
    bind_int(s, row->missed_pickups);
    bind_day(s, row->last_dosed);
    bind_day(s, row->next_due);
    bind_text(s, row->rules);
    bind_text(s, row->part_reason);
    bind_text(s, row->reason);
    bind_text(s, row->told);
    statement_run(s);
}

/*
 * The day's turn (design.md): 0 for the lawful supply, and a further one only where the newest was reversed or a part, or
 * where this is a record of what should not have happened, or was typed from paper. Anything else runs into the primary key: DB_CONFLICT.
 */
static void dosed_append(struct tx *tx, const struct supply_row *row, day_t day) {
    struct statement *s = db_use(tx->db, select_turn);
    bind_text(s, row->prescription);
    bind_day(s, day);
    int64_t turn = 0;
    const char *opened_by = NULL;
    if (statement_row(s)) {
        int64_t newest = column_int(s);
        const char *supply = tx_keep(tx, column_text(s));
        bool open = column_bool(s);
        if (open || row->kind[0] == 'i' || row->kind[0] == 'f') {
            turn = newest + 1;
            opened_by = open ? supply : row->id;
        }
    }
    s = db_use(tx->db, insert_dosed);
    bind_text(s, row->prescription);
    bind_day(s, day);
    bind_int(s, turn);
    bind_text(s, row->id);
    bind_text(s, opened_by);
    statement_run(s);
}

static void supervised_append(struct tx *tx, const struct supply_row *row,
                              const struct supply_item_row *item) {
    struct statement *s = db_use(tx->db, insert_supervised);
    bind_day(s, row->on);
    bind_text(s, item->product);
    bind_text(s, row->id);
    bind_int(s, tx->seq);
    bind_text(s, row->prescription);
    statement_run(s);
}

void supply_append(struct tx *tx, const struct supply_row *row) {
    head_append(tx, row);
    for (size_t i = 0; i < row->item_count; i++) {
        struct statement *s = db_use(tx->db, insert_item);
        bind_text(s, row->id);
        bind_int(s, row->items[i].position);
        bind_text(s, row->items[i].product);
        bind_int(s, row->items[i].quantity);
        bind_int(s, row->items[i].supervised);
        bind_int(s, row->items[i].take_home);
        statement_run(s);
        if (row->items[i].supervised > 0 && row->kind[0] != 'b') {
            supervised_append(tx, row, &row->items[i]);
        }
    }
    for (size_t i = 0; i < row->reason_count; i++) {
        struct statement *s = db_use(tx->db, insert_reason);
        bind_text(s, row->id);
        bind_text(s, row->reasons[i].code);
        bind_text(s, row->reasons[i].severity);
        bind_int(s, row->reasons[i].number);
        bind_day(s, row->reasons[i].day);
        bind_bool(s, row->reasons[i].confirmed);
        statement_run(s);
    }
    for (size_t i = 0; i < row->covers.count; i++) {
        dosed_append(tx, row, row->covers.days[i]);
    }
}

void supply_reverse(struct tx *tx, const char *id, const char *reason) {
    struct statement *s = db_use(tx->db, insert_reversal);
    bind_text(s, id);
    bind_int(s, tx->seq);
    bind_text(s, reason);
    statement_run(s);
}

static void row_read(struct tx *tx, struct statement *s, struct supply_row *row) {
    row->id = tx_keep(tx, column_text(s));
    row->seq = column_int(s);
    row->patient = tx_keep(tx, column_text(s));
    row->prescription = tx_keep(tx, column_text(s));
    row->kind = tx_keep(tx, column_text(s));
    row->on = column_day(s);
    row->at = column_int(s);
    row->supervised_at = column_int(s);
    row->collector_role = tx_keep(tx, column_text(s));
    row->collector_name = tx_keep(tx, column_text(s));
    row->collector_address = tx_keep(tx, column_text(s));
    row->identity_requested = column_said(s);
    row->identity_provided = column_said(s);
    row->identified_by = tx_keep(tx, column_text(s));
    row->supervised_by = tx_keep(tx, column_text(s));
    row->confirmed_by = tx_keep(tx, column_text(s));
    row->verdict = tx_keep(tx, column_text(s));
    row->missed_days = (int32_t)column_int(s);
    row->missed_pickups = (int32_t)column_int(s);
    row->last_dosed = column_day(s);
    row->next_due = column_day(s);
    row->rules = tx_keep(tx, column_text(s));
    row->part_reason = tx_keep(tx, column_text(s));
    row->reason = tx_keep(tx, column_text(s));
    row->told = tx_keep(tx, column_text(s));
    row->reversed_seq = column_int(s);
}

static bool days_read(struct tx *tx, struct supply_row *row) {
    struct statement *s = db_use(tx->db, select_days);
    bind_text(s, row->id);
    return rows_days(tx, s, &row->covers);
}

static bool items_read(struct tx *tx, struct supply_row *row) {
    struct statement *s = db_use(tx->db, select_items);
    bind_text(s, row->id);
    while (statement_row(s)) {
        row->items = rows_room(tx, row->items, row->item_count, sizeof *row->items);
        if (row->items == NULL) {
            return false;
        }
        struct supply_item_row *item = &row->items[row->item_count++];
        item->position = (int32_t)column_int(s);
        item->product = tx_keep(tx, column_text(s));
        item->quantity = column_int(s);
        item->supervised = column_int(s);
        item->take_home = column_int(s);
    }
    return true;
}

static bool reasons_read(struct tx *tx, struct supply_row *row) {
    struct statement *s = db_use(tx->db, select_reasons);
    bind_text(s, row->id);
    while (statement_row(s)) {
        row->reasons = rows_room(tx, row->reasons, row->reason_count, sizeof *row->reasons);
        if (row->reasons == NULL) {
            return false;
        }
        struct supply_reason_row *reason = &row->reasons[row->reason_count++];
        reason->code = tx_keep(tx, column_text(s));
        reason->severity = tx_keep(tx, column_text(s));
        reason->number = (int32_t)column_int(s);
        reason->day = column_day(s);
        reason->confirmed = column_bool(s);
    }
    return true;
}

bool supply_find(struct tx *tx, const char *id, struct supply_row *out) {
    struct statement *s = db_use(tx->db, select_one);
    bind_int(s, tx->as_of);
    bind_text(s, id);
    bind_int(s, tx->as_of);
    *out = (struct supply_row){.id = NULL};
    if (!statement_row(s)) {
        return false;
    }
    row_read(tx, s, out);
    return items_read(tx, out) && reasons_read(tx, out) && days_read(tx, out);
}

static struct statement *select_of(struct tx *tx, const char *patient) {
    bool alone = patient_alone(tx, patient);
    struct statement *s = db_use(tx->db, alone ? select_own : select_merged);
    if (!alone) {
        bind_text(s, patient);
    }
    bind_int(s, tx->as_of);
    if (alone) {
        bind_text(s, patient);
    }
    bind_int(s, tx->as_of);
    return s;
}

/* The text again where it is the same as the one before: a history names few prescriptions many times. */
static const char *keep_or_share(struct tx *tx, const char *before, const char *text) {
    return before != NULL && text != NULL && strcmp(before, text) == 0 ? before : tx_keep(tx, text);
}

/* Reads a row: another supply, or another day of the last one. *day is DAY_NONE where it dosed none. */
static bool brief_read(struct tx *tx, struct statement *s, struct supply_brief **rows, size_t *count,
                       day_t *day) {
    const char *id = column_text(s);
    struct supply_brief *last = *count == 0 ? NULL : &(*rows)[*count - 1];
    if (last == NULL || id == NULL || strcmp(last->id, id) != 0) {
        const char *kept = tx_keep(tx, id);
        *rows = rows_room(tx, *rows, *count, sizeof **rows);
        if (*rows == NULL || kept == NULL) {
            return false;
        }
        last = &(*rows)[*count];
        *last = (struct supply_brief){.id = kept};
        if (*count > 0) {
            last->prescription = last[-1].prescription;
            last->kind = last[-1].kind;
        }
        (*count)++;
    }
    last->seq = column_int(s);
    last->prescription = keep_or_share(tx, last->prescription, column_text(s));
    last->kind = keep_or_share(tx, last->kind, column_text(s));
    last->on = column_day(s);
    last->supervised_at = column_int(s);
    last->reversed_seq = column_int(s);
    *day = column_day(s);
    last->covers.count += *day != DAY_NONE ? 1 : 0;
    return true;
}

/* The days that briefs have been read with, one after the other. */
struct days_read {
    day_t *days;
    size_t count;
};

static bool briefs_read(struct tx *tx, struct statement *s, struct supply_brief **rows, size_t *count,
                        struct days_read *read) {
    while (statement_row(s)) {
        day_t day = DAY_NONE;
        read->days = rows_room(tx, read->days, read->count, sizeof *read->days);
        if (read->days == NULL || !brief_read(tx, s, rows, count, &day)) {
            return false;
        }
        read->days[read->count] = day;
        read->count += day != DAY_NONE ? 1 : 0;
    }
    return true;
}

static bool briefs_finish(const struct tx *tx, struct supply_brief *rows, size_t count, const day_t *days) {
    for (size_t i = 0; i < count; i++) {
        rows[i].covers.days = days;
        days += rows[i].covers.count;
    }
    return !arena_failed(tx->arena) && db_state(tx->db) == DB_FINE;
}

bool supply_history(struct tx *tx, const char *patient, struct supply_brief **rows, size_t *count) {
    struct days_read read = {.days = NULL};
    *rows = NULL;
    *count = 0;
    return briefs_read(tx, select_of(tx, patient), rows, count, &read) &&
           briefs_finish(tx, *rows, *count, read.days);
}

static int in_order(const void *one, const void *other) {
    const struct supply_brief *a = one;
    const struct supply_brief *b = other;
    return a->seq != b->seq ? (a->seq > b->seq) - (a->seq < b->seq) : strcmp(a->id, b->id);
}

bool supply_history_of(struct tx *tx, const char *const *prescriptions, size_t prescription_count,
                       struct supply_brief **rows, size_t *count) {
    struct days_read read = {.days = NULL};
    *rows = NULL;
    *count = 0;
    for (size_t i = 0; i < prescription_count; i++) {
        struct statement *s = db_use(tx->db, select_of_prescription);
        bind_int(s, tx->as_of);
        bind_text(s, prescriptions[i]);
        bind_int(s, tx->as_of);
        if (!briefs_read(tx, s, rows, count, &read)) {
            return false;
        }
    }
    bool good = briefs_finish(tx, *rows, *count, read.days);
    if (good && prescription_count > 1 && *count > 1) {
        qsort(*rows, *count, sizeof **rows, in_order);
    }
    return good;
}

bool supply_irregular_known(struct tx *tx, const char *patient) {
    struct statement *s = db_use(
        tx->db, "SELECT 1 FROM supply WHERE patient = ? AND kind IN ('irregular', 'from_paper') LIMIT 1");
    bind_text(s, patient);
    return statement_row(s);
}
