/* Does the chain of the register hold together, and is all of it there? */
#include <string.h>

#include "controlled_rows.h"
#include "stock.h"

static const char select_chain[] =
    "SELECT " REGISTER_COLUMNS
    " FROM register_entry WHERE section = ? AND number > ? ORDER BY number LIMIT ?";
static const char select_before[] =
    "SELECT balance, hash FROM register_entry WHERE section = ? AND number = ?";
static const char select_moved[] = "SELECT max(number) FROM stock_move WHERE product = ?";
/* The heads of closed days that the register does not have. */
static const char select_anchor[] =
    "SELECT h.number FROM day_head h LEFT JOIN register_entry r ON r.section = h.section AND r.number = "
    "h.number"
    " AND r.hash = h.hash WHERE h.section = ? AND r.number IS NULL ORDER BY h.number LIMIT 1";
static const char select_head[] = "SELECT max(number) FROM register_entry WHERE section = ?";

static void wrong(struct register_check *check, int64_t number, const char *what) {
    check->wrong = number;
    check->what = what;
}

/* One entry against the one before and against its own hash. */
static bool look(struct register_hasher *hasher, struct register_check *check,
                 const struct register_row *row) {
    uint8_t hash[REGISTER_HASH_SIZE];
    if (row->number != check->number + 1) {
        wrong(check, check->number + 1, "An entry is missing: the numbers do not follow each other.");
    } else if (memcmp(row->previous, check->head, sizeof row->previous) != 0) {
        wrong(check, row->number, "The entry does not follow the one before: its hash is another.");
    } else if (row->balance - row->quantity != check->balance) {
        wrong(check, row->number, "The balance is not the one before and the quantity together.");
    } else if (!register_hash(hasher, row, hash)) {
        return false;
    } else if (memcmp(row->hash, hash, sizeof hash) != 0) {
        wrong(check, row->number, "The entry is not what was hashed when it was written.");
    } else {
        check->number = row->number;
        check->balance = row->balance;
        memcpy(check->head, row->hash, sizeof check->head);
    }
    return true;
}

static bool look_at_chain(struct tx *tx, const char *section, int64_t limit, struct register_check *out) {
    struct register_hasher hasher;
    struct register_row row;
    bool ok = register_hasher_open(&hasher);
    struct statement *s = db_use(tx->db, select_chain);
    bind_text(s, section);
    bind_int(s, out->number);
    bind_int(s, limit);
    while (ok && out->what == NULL && statement_row(s)) {
        register_row_read(NULL, s, &row);
        ok = look(&hasher, out, &row);
        out->entries++;
    }
    statement_run(s);
    register_hasher_close(&hasher);
    return ok && db_state(tx->db) == DB_FINE;
}

static int64_t number_of(struct tx *tx, const char *sql, const char *section) {
    struct statement *s = db_use(tx->db, sql);
    bind_text(s, section);
    return statement_row(s) ? column_int(s) : 0;
}

/* The tail: a chain that was cut short holds together all the same. */
static void look_at_end(struct tx *tx, const char *section, struct register_check *out) {
    int64_t moved = number_of(tx, select_moved, section);
    int64_t anchor = number_of(tx, select_anchor, section);
    if (moved > out->number) {
        wrong(out, out->number + 1, "Entries are missing at the end: the stock knows of more.");
    } else if (anchor != 0) {
        wrong(out, anchor, "A closed day's report printed another hash for this entry.");
    } else if (moved > 0 && stock_here(tx, section) != out->balance) {
        wrong(out, out->number, "The stock does not add up to the balance of the last entry.");
    }
}

/* The entry that was looked at last time. False where it is not there. */
static bool begin_after(struct tx *tx, const char *section, int64_t after, struct register_check *out) {
    struct statement *s = db_use(tx->db, select_before);
    bind_text(s, section);
    bind_int(s, after);
    if (!statement_row(s)) {
        return false;
    }
    size_t len = 0;
    out->number = after;
    out->balance = column_int(s);
    const void *hash = column_blob(s, &len);
    if (hash != NULL && len == sizeof out->head) {
        memcpy(out->head, hash, len);
    }
    return true;
}

bool register_verify(struct tx *tx, const char *section, int64_t after, int64_t limit,
                     struct register_check *out) {
    *out = (struct register_check){.entries = 0};
    if (after > 0 && !begin_after(tx, section, after, out)) {
        wrong(out, after, "There is no such entry to go on from.");
        return db_state(tx->db) == DB_FINE;
    }
    if (!look_at_chain(tx, section, limit, out)) {
        return false;
    }
    out->more = out->what == NULL && out->entries == limit;
    if (out->what == NULL && !out->more) {
        look_at_end(tx, section, out);
    }
    return db_state(tx->db) == DB_FINE;
}

bool register_verify_recent(struct tx *tx, int64_t last, const char **what) {
    const char **sections = NULL;
    size_t count = 0;
    *what = NULL;
    if (!register_sections(tx, &sections, &count)) {
        return false;
    }
    for (size_t i = 0; i < count && *what == NULL; i++) {
        struct register_check check;
        int64_t head = number_of(tx, select_head, sections[i]);
        if (!register_verify(tx, sections[i], head > last ? head - last : 0, last + 1, &check)) {
            return false;
        }
        *what = check.what;
    }
    return *what == NULL && db_state(tx->db) == DB_FINE;
}
