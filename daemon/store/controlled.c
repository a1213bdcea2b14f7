/* The register's entries: appending and reading. The hash is controlled_form.c's, the chain controlled_verify.c's. */
#include "controlled.h"

#include <string.h>

#include "controlled_rows.h"
#include "rows.h"
#include "said.h"

static const char insert_entry[] =
    "INSERT INTO register_entry (section, number, seq, kind, on_day, entered_at, quantity, balance, supply,"
    " corrects, person_name, person_address, authority, collector_role, collector_name, collector_address,"
    " identity_requested, identity_provided, by_staff, note, reason, witness, authorised_by, reference,"
    " packs, counted, previous, hash) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";

#define SELECT "SELECT " REGISTER_COLUMNS " FROM register_entry"
static const char select_head[] =
    "SELECT number, balance, hash FROM register_entry WHERE section = ? ORDER BY number DESC LIMIT 1";
static const char select_last[] = SELECT " WHERE section = ? AND seq <= ? ORDER BY number DESC LIMIT 1";
static const char select_one[] = SELECT " WHERE section = ? AND seq <= ? AND number = ?";
static const char select_newest[] =
    SELECT " WHERE section = ? AND seq <= ? AND kind = ? AND kind <> 'supplied' ORDER BY number DESC LIMIT 1";
static const char select_page[] =
    SELECT " WHERE section = ? AND seq <= ? AND number > ? ORDER BY number LIMIT ?";
static const char select_entered[] =
    SELECT " WHERE entered_at >= ? AND entered_at < ? AND seq <= ? ORDER BY section, number";
static const char select_before_at[] =
    SELECT " WHERE section = ? AND entered_at < ? AND seq <= ? ORDER BY number DESC LIMIT 1";
static const char select_of_supply[] = SELECT " WHERE supply = ? AND seq <= ? ORDER BY section, number";
static const char select_kind[] =
    "SELECT * FROM (" SELECT " WHERE section = ? AND seq <= ? AND kind = ? AND kind <> 'supplied' ORDER BY "
    "number DESC LIMIT ?) AS r ORDER BY number";
static const char select_section[] = "SELECT min(section) FROM register_entry WHERE section > ?";

/* Without a hash the table refuses the row, and the job is undone. */
static void entry_insert(struct tx *tx, const struct register_row *row, bool hashed) {
    struct statement *s = db_use(tx->db, insert_entry);
    bind_text(s, row->section);
    bind_int(s, row->number);
    bind_int(s, tx->seq);
    bind_text(s, row->kind);
    bind_day(s, row->on);
    bind_int(s, row->entered_at);
    bind_int(s, row->quantity);
    bind_int(s, row->balance);
    bind_text(s, row->supply);
    if (row->corrects == 0) {
        bind_null(s);
    } else {
        bind_int(s, row->corrects);
    }
    bind_text(s, row->person_name);
    bind_text(s, row->person_address);
    bind_text(s, row->authority);
    bind_text(s, row->collector_role);
    bind_text(s, row->collector_name);
    bind_text(s, row->collector_address);
    bind_said(s, row->identity_requested);
    bind_said(s, row->identity_provided);
    bind_text(s, row->by_staff);
    bind_text(s, row->note);
    bind_text(s, row->reason);
    bind_text(s, row->witness);
    bind_text(s, row->authorised_by);
    bind_text(s, row->reference);
    bind_text(s, row->packs);
    if (row->counted == QUANTITY_NONE) {
        bind_null(s);
    } else {
        bind_int(s, row->counted);
    }
    bind_blob(s, row->previous, sizeof row->previous);
    if (hashed) {
        bind_blob(s, row->hash, sizeof row->hash);
    } else {
        bind_null(s);
    }
    statement_run(s);
}

void register_append(struct tx *tx, struct register_row *row) {
    struct register_hasher hasher;
    struct statement *s = db_use(tx->db, select_head);
    bind_text(s, row->section);
    row->number = 1;
    row->balance = row->quantity;
    memset(row->previous, 0, sizeof row->previous);
    if (statement_row(s)) {
        size_t len = 0;
        row->number = column_int(s) + 1;
        row->balance = column_int(s) + row->quantity;
        const void *hash = column_blob(s, &len);
        if (hash != NULL && len == sizeof row->previous) {
            memcpy(row->previous, hash, len);
        }
    }
    bool hashed = register_hasher_open(&hasher) && register_hash(&hasher, row, row->hash);
    register_hasher_close(&hasher);
    entry_insert(tx, row, hashed);
}

/* ---- reading ---- */

static bool read_all(struct tx *tx, struct statement *s, struct register_row **rows, size_t *count) {
    *rows = NULL;
    for (*count = 0; statement_row(s); (*count)++) {
        *rows = rows_room(tx, *rows, *count, sizeof **rows);
        if (*rows == NULL) {
            *count = 0;
            return false;
        }
        register_row_read(tx, s, &(*rows)[*count]);
    }
    return db_state(tx->db) == DB_FINE;
}

static bool read_one(struct tx *tx, struct statement *s, struct register_row *out) {
    bool found = statement_row(s);
    if (found) {
        register_row_read(tx, s, out);
    }
    return found && db_state(tx->db) == DB_FINE;
}

struct register_row *register_of_supply(struct tx *tx, const char *supply, size_t *count) {
    struct register_row *rows = NULL;
    struct statement *s = db_use(tx->db, select_of_supply);
    bind_text(s, supply);
    bind_int(s, tx->as_of);
    return read_all(tx, s, &rows, count) ? rows : NULL;
}

bool register_sections(struct tx *tx, const char ***sections, size_t *count) {
    const char **list = NULL;
    const char *after = "";
    for (*count = 0;; (*count)++) {
        struct statement *s = db_use(tx->db, select_section);
        bind_text(s, after);
        if (!statement_row(s) || column_null(s)) {
            break;
        }
        list = rows_room(tx, list, *count, sizeof *list);
        after = tx_keep(tx, column_text(s));
        if (list == NULL || after == NULL) {
            return false;
        }
        list[*count] = after;
    }
    *sections = list;
    return db_state(tx->db) == DB_FINE;
}

bool register_last(struct tx *tx, const char *section, struct register_row *out) {
    struct statement *s = db_use(tx->db, select_last);
    bind_text(s, section);
    bind_int(s, tx->as_of);
    return read_one(tx, s, out);
}

bool register_entry(struct tx *tx, const char *section, int64_t number, struct register_row *out) {
    struct statement *s = db_use(tx->db, select_one);
    bind_text(s, section);
    bind_int(s, tx->as_of);
    bind_int(s, number);
    return read_one(tx, s, out);
}

bool register_newest(struct tx *tx, const char *section, const char *kind, struct register_row *out) {
    struct statement *s = db_use(tx->db, select_newest);
    bind_text(s, section);
    bind_int(s, tx->as_of);
    bind_text(s, kind);
    return read_one(tx, s, out);
}

static struct statement *page_of(struct tx *tx, const char *section, int64_t after, int64_t limit) {
    struct statement *s = db_use(tx->db, select_page);
    bind_text(s, section);
    bind_int(s, tx->as_of);
    bind_int(s, after);
    bind_int(s, limit);
    return s;
}

bool register_page(struct tx *tx, const char *section, int64_t after, int32_t limit,
                   struct register_row **rows, size_t *count) {
    return read_all(tx, page_of(tx, section, after, limit), rows, count);
}

bool register_each(struct tx *tx, const char *section, int64_t after, int64_t limit, register_each_fn *each,
                   void *context) {
    struct statement *s = page_of(tx, section, after, limit);
    struct register_row row;
    while (statement_row(s)) {
        register_row_read(NULL, s, &row);
        each(context, &row);
    }
    return db_state(tx->db) == DB_FINE;
}

bool register_entered(struct tx *tx, int64_t from, int64_t until, struct register_row **rows, size_t *count) {
    struct statement *s = db_use(tx->db, select_entered);
    bind_int(s, from);
    bind_int(s, until);
    bind_int(s, tx->as_of);
    return read_all(tx, s, rows, count);
}

bool register_before(struct tx *tx, const char *section, int64_t at, struct register_row *out) {
    struct statement *s = db_use(tx->db, select_before_at);
    bind_text(s, section);
    bind_int(s, at);
    bind_int(s, tx->as_of);
    return read_one(tx, s, out);
}

bool register_kind(struct tx *tx, const char *section, const char *kind, int32_t limit,
                   struct register_row **rows, size_t *count) {
    struct statement *s = db_use(tx->db, select_kind);
    bind_text(s, section);
    bind_int(s, tx->as_of);
    bind_text(s, kind);
    bind_int(s, limit);
    return read_all(tx, s, rows, count);
}
