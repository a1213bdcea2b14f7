#include "controlled.h"

#include <sodium.h>
#include <string.h>

#include "rows.h"
#include "said.h"
#include "sys/buffer.h"

#define CANONICAL_MAX 65536

static const char select_head[] =
    "SELECT number, balance, hash FROM register_entry WHERE section = ? ORDER BY number DESC LIMIT 1";
static const char insert_entry[] = "INSERT INTO register_entry (section, number, seq, kind, on_day, "
                                   "entered_at, quantity, balance, supply, corrects,"
                                   " person_name, person_address, authority, collector_role, collector_name, "
                                   "collector_address, identity_requested,"
                                   " identity_provided, by_staff, note, previous, hash) VALUES "
                                   "(?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";
static const char select_of_supply[] =
    "SELECT section, number, kind, on_day, entered_at, quantity, balance, supply, corrects, person_name,"
    " person_address, authority, collector_role, collector_name, collector_address, identity_requested,"
    " identity_provided, by_staff, note, previous, hash FROM register_entry WHERE supply = ? AND seq <= ?"
    " ORDER BY section, number";

/* ---- the canonical form: name=value, a line each, absent ones left out; % and control characters as %XX ---- */

static void canonical_text(struct buffer *out, const char *name, const char *value) {
    if (value == NULL) {
        return;
    }
    buffer_text(out, name);
    buffer_char(out, '=');
    for (const char *c = value; *c != '\0'; c++) {
        if (*c == '%' || (unsigned char)*c < 0x20 || *c == 0x7f) {
            buffer_format(out, "%%%02X", (unsigned)(unsigned char)*c);
        } else {
            buffer_char(out, *c);
        }
    }
    buffer_char(out, '\n');
}

static void canonical_number(struct buffer *out, const char *name, int64_t value) {
    buffer_format(out, "%s=%lld\n", name, (long long)value);
}

static void canonical_said(struct buffer *out, const char *name, int32_t said) {
    if (said >= 0) {
        buffer_format(out, "%s=%s\n", name, said == 1 ? "yes" : "no");
    }
}

static void canonical_form(struct buffer *out, const struct register_row *row) {
    char day[DAY_TEXT_SIZE];
    day_format(row->on, day);
    canonical_text(out, "section", row->section);
    canonical_number(out, "number", row->number);
    canonical_text(out, "kind", row->kind);
    canonical_text(out, "on", day);
    canonical_number(out, "entered_at", row->entered_at);
    canonical_number(out, "quantity_thousandths", row->quantity);
    canonical_number(out, "balance_thousandths", row->balance);
    canonical_text(out, "supply", row->supply);
    if (row->corrects != 0) {
        canonical_number(out, "corrects", row->corrects);
    }
    canonical_text(out, "person_name", row->person_name);
    canonical_text(out, "person_address", row->person_address);
    canonical_text(out, "authority", row->authority);
    canonical_text(out, "collector_role", row->collector_role);
    canonical_text(out, "collector_name", row->collector_name);
    canonical_text(out, "collector_address", row->collector_address);
    canonical_said(out, "identity_requested", row->identity_requested);
    canonical_said(out, "identity_provided", row->identity_provided);
    canonical_text(out, "by", row->by_staff);
    canonical_text(out, "note", row->note);
}

/* SHA-256 over the hash before, as 64 hex digits and a line end, and the canonical form. False: memory. */
static bool register_hash(struct register_row *row) {
    struct buffer out;
    char hex[REGISTER_HASH_SIZE * 2 + 1];
    buffer_init(&out, CANONICAL_MAX);
    sodium_bin2hex(hex, sizeof hex, row->previous, sizeof row->previous);
    buffer_text(&out, hex);
    buffer_char(&out, '\n');
    canonical_form(&out, row);
    bool ok = buffer_ok(&out);
    if (ok) {
        crypto_hash_sha256(row->hash, (const unsigned char *)out.bytes, out.len);
    }
    buffer_release(&out);
    return ok;
}

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
    bind_blob(s, row->previous, sizeof row->previous);
    if (hashed) {
        bind_blob(s, row->hash, sizeof row->hash);
    } else {
        bind_null(s);
    }
    statement_run(s);
}

static void hash_copy(struct statement *s, uint8_t out[REGISTER_HASH_SIZE]) {
    size_t len = 0;
    const void *bytes = column_blob(s, &len);
    memset(out, 0, REGISTER_HASH_SIZE);
    if (bytes != NULL && len == REGISTER_HASH_SIZE) {
        memcpy(out, bytes, len);
    }
}

void register_append(struct tx *tx, struct register_row *row) {
    struct statement *s = db_use(tx->db, select_head);
    bind_text(s, row->section);
    row->number = 1;
    row->balance = row->quantity;
    memset(row->previous, 0, sizeof row->previous);
    if (statement_row(s)) {
        row->number = column_int(s) + 1;
        row->balance = column_int(s) + row->quantity;
        hash_copy(s, row->previous);
    }
    entry_insert(tx, row, register_hash(row));
}

static void row_read(struct tx *tx, struct statement *s, struct register_row *row) {
    row->section = tx_keep(tx, column_text(s));
    row->number = column_int(s);
    row->kind = tx_keep(tx, column_text(s));
    row->on = column_day(s);
    row->entered_at = column_int(s);
    row->quantity = column_int(s);
    row->balance = column_int(s);
    row->supply = tx_keep(tx, column_text(s));
    row->corrects = column_int(s);
    row->person_name = tx_keep(tx, column_text(s));
    row->person_address = tx_keep(tx, column_text(s));
    row->authority = tx_keep(tx, column_text(s));
    row->collector_role = tx_keep(tx, column_text(s));
    row->collector_name = tx_keep(tx, column_text(s));
    row->collector_address = tx_keep(tx, column_text(s));
    row->identity_requested = column_said(s);
    row->identity_provided = column_said(s);
    row->by_staff = tx_keep(tx, column_text(s));
    row->note = tx_keep(tx, column_text(s));
    hash_copy(s, row->previous);
    hash_copy(s, row->hash);
}

struct register_row *register_of_supply(struct tx *tx, const char *supply, size_t *count) {
    struct register_row *rows = NULL;
    struct statement *s = db_use(tx->db, select_of_supply);
    bind_text(s, supply);
    bind_int(s, tx->as_of);
    for (*count = 0; statement_row(s); (*count)++) {
        rows = rows_room(tx, rows, *count, sizeof *rows);
        if (rows == NULL) {
            *count = 0;
            break;
        }
        row_read(tx, s, &rows[*count]);
    }
    return rows;
}
