#include "stock.h"

#include <assert.h>
#include <string.h>

#include "rows.h"
#include "sys/buffer.h"

static const char insert_move[] =
    "INSERT INTO stock_move (seq, product, kind, on_day, number, subject) VALUES (?,?,?,?,?,?) RETURNING id";
static const char insert_leg[] =
    "INSERT INTO stock_leg (product, account, lot, number, move, quantity, balance) VALUES (?,?,?,?,?,?,?)";
static const char insert_lot[] =
    "INSERT INTO stock_lot (product, lot, batch, expiry, pack) VALUES (?,?,?,?,?)";
static const char select_head[] = "SELECT number, balance FROM stock_leg WHERE product = ? AND account = ?"
                                  " AND lot = ? ORDER BY number DESC LIMIT 1";
static const char select_balance[] =
    "SELECT l.balance FROM stock_leg l JOIN stock_move m ON m.id = l.move WHERE l.product = ?"
    " AND l.account = ? AND l.lot = ? AND m.seq <= ? ORDER BY l.number DESC LIMIT 1";
static const char select_prepared[] =
    "SELECT coalesce(sum(l.quantity), 0) FROM stock_move m JOIN stock_leg l ON l.move = m.id"
    " WHERE m.subject = ? AND m.product = ? AND m.seq <= ? AND l.account = 'prepared'";
static const char select_lots[] = "SELECT lot, batch, expiry, pack FROM stock_lot WHERE product = ?"
                                  " ORDER BY expiry IS NULL, expiry, pack, lot";
static const char select_lot[] =
    "SELECT lot, batch, expiry, pack FROM stock_lot WHERE product = ? AND lot = ?";
static const char select_accounts[] =
    "SELECT l.account, sum(l.quantity) FROM stock_leg l JOIN stock_move m ON m.id = l.move"
    " WHERE l.product = ? AND m.seq <= ? GROUP BY l.account ORDER BY l.account";
static const char select_to_patients[] =
    "SELECT coalesce(sum(l.quantity), 0) FROM stock_move m JOIN stock_leg l ON l.move = m.id"
    " WHERE m.product = ? AND m.on_day = ? AND m.seq <= ? AND l.account = 'patient'";

void stock_leg_add(struct stock_move *move, const char *account, const char *lot, quantity_t quantity) {
    if (quantity != 0) {
        assert(move->leg_count < STOCK_LEGS_MAX);
        move->legs[move->leg_count++] =
            (struct stock_leg){.account = account, .lot = lot, .quantity = quantity};
    }
}

static void leg_append(struct tx *tx, const char *product, int64_t move, const struct stock_leg *leg) {
    int64_t number = 1;
    quantity_t balance = leg->quantity;
    struct statement *s = db_use(tx->db, select_head);
    bind_text(s, product);
    bind_text(s, leg->account);
    bind_text(s, leg->lot);
    if (statement_row(s)) {
        number = column_int(s) + 1;
        balance = column_int(s) + leg->quantity;
    }
    s = db_use(tx->db, insert_leg);
    bind_text(s, product);
    bind_text(s, leg->account);
    bind_text(s, leg->lot);
    bind_int(s, number);
    bind_int(s, move);
    bind_int(s, leg->quantity);
    bind_int(s, balance);
    statement_run(s);
}

void stock_move_append(struct tx *tx, const struct stock_move *move) {
    quantity_t sum = 0;
    for (size_t i = 0; i < move->leg_count; i++) {
        sum += move->legs[i].quantity;
    }
    assert(sum == 0);
    struct statement *s = db_use(tx->db, insert_move);
    bind_int(s, tx->seq);
    bind_text(s, move->product);
    bind_text(s, move->kind);
    bind_day(s, move->on);
    if (move->number == 0) {
        bind_null(s);
    } else {
        bind_int(s, move->number);
    }
    bind_text(s, move->subject);
    int64_t id = statement_row(s) ? column_int(s) : 0;
    statement_run(s);
    for (size_t i = 0; i < move->leg_count; i++) {
        leg_append(tx, move->product, id, &move->legs[i]);
    }
}

quantity_t stock_balance(struct tx *tx, const char *product, const char *account, const char *lot) {
    struct statement *s = db_use(tx->db, select_balance);
    bind_text(s, product);
    bind_text(s, account);
    bind_text(s, lot);
    bind_int(s, tx->as_of);
    return statement_row(s) ? column_int(s) : 0;
}

quantity_t stock_here(struct tx *tx, const char *product) {
    struct stock_lot_row *lots = NULL;
    size_t count = 0;
    quantity_t here =
        stock_balance(tx, product, STOCK_OPEN, "") + stock_balance(tx, product, STOCK_PREPARED, "");
    if (stock_lots(tx, product, &lots, &count)) {
        for (size_t i = 0; i < count; i++) {
            here += lots[i].quantity;
        }
    }
    return here;
}

quantity_t stock_prepared_for(struct tx *tx, const char *product, const char *instalment) {
    struct statement *s = db_use(tx->db, select_prepared);
    bind_text(s, instalment);
    bind_text(s, product);
    bind_int(s, tx->as_of);
    return statement_row(s) ? column_int(s) : 0;
}

static void lot_read(struct tx *tx, struct statement *s, const char *product, struct stock_lot_row *row) {
    row->lot = tx_keep(tx, column_text(s));
    row->batch = tx_keep(tx, column_text(s));
    row->expiry = column_day(s);
    row->pack = column_int(s);
    row->quantity = row->lot == NULL ? 0 : stock_balance(tx, product, STOCK_FULL, row->lot);
}

bool stock_lots(struct tx *tx, const char *product, struct stock_lot_row **rows, size_t *count) {
    struct statement *s = db_use(tx->db, select_lots);
    *rows = NULL;
    *count = 0;
    bind_text(s, product);
    while (statement_row(s)) {
        *rows = rows_room(tx, *rows, *count, sizeof **rows);
        if (*rows == NULL) {
            return false;
        }
        lot_read(tx, s, product, &(*rows)[*count]);
        if ((*rows)[*count].quantity != 0) {
            (*count)++;
        }
    }
    return db_state(tx->db) == DB_FINE;
}

bool stock_lot_find(struct tx *tx, const char *product, const char *lot, struct stock_lot_row *out) {
    struct statement *s = db_use(tx->db, select_lot);
    bind_text(s, product);
    bind_text(s, lot);
    bool found = statement_row(s);
    if (found) {
        lot_read(tx, s, product, out);
    }
    return found && db_state(tx->db) == DB_FINE;
}

const char *stock_lot_enter(struct tx *tx, const char *product, const struct stock_lot_row *row) {
    char expiry[DAY_TEXT_SIZE] = "";
    char pack[QUANTITY_TEXT_SIZE];
    struct stock_lot_row known;
    struct buffer key;
    if (row->expiry != DAY_NONE) {
        day_format(row->expiry, expiry);
    }
    quantity_format(row->pack, pack);
    buffer_init(&key, 256);
    buffer_format(&key, "%s/%s/%s", pack, expiry, row->batch == NULL ? "" : row->batch);
    const char *lot = buffer_ok(&key) ? arena_text(tx->arena, key.bytes, key.len) : NULL;
    buffer_release(&key);
    if (lot != NULL && !stock_lot_find(tx, product, lot, &known)) {
        struct statement *s = db_use(tx->db, insert_lot);
        bind_text(s, product);
        bind_text(s, lot);
        bind_text(s, row->batch);
        bind_day(s, row->expiry);
        bind_int(s, row->pack);
        statement_run(s);
    }
    return lot;
}

bool stock_accounts(struct tx *tx, const char *product, struct stock_account_row **rows, size_t *count) {
    struct statement *s = db_use(tx->db, select_accounts);
    *rows = NULL;
    bind_text(s, product);
    bind_int(s, tx->as_of);
    for (*count = 0; statement_row(s); (*count)++) {
        *rows = rows_room(tx, *rows, *count, sizeof **rows);
        if (*rows == NULL) {
            return false;
        }
        (*rows)[*count].account = tx_keep(tx, column_text(s));
        (*rows)[*count].balance = column_int(s);
    }
    return db_state(tx->db) == DB_FINE;
}

quantity_t stock_to_patients(struct tx *tx, const char *product, day_t on) {
    struct statement *s = db_use(tx->db, select_to_patients);
    bind_text(s, product);
    bind_day(s, on);
    bind_int(s, tx->as_of);
    return statement_row(s) ? column_int(s) : 0;
}
