#include "ledger.h"

#include <assert.h>

#include "store/discrepancy.h"

bool ledger_kept(struct tx *tx, const struct product *product) {
    struct register_row last;
    return product->schedule == 2 || register_last(tx, product->code, &last);
}

const char *ledger_heading(const struct product *product) {
    return product->schedule == 2 ? "STATUTORY" : "VOLUNTARY";
}

void ledger_enter(struct tx *tx, struct register_row *entry, struct stock_move *move) {
    register_append(tx, entry);
    move->product = entry->section;
    move->kind = entry->kind;
    move->on = tx->now.day;
    move->number = entry->number;
    stock_move_append(tx, move);
    if (entry->balance < 0 && entry->balance - entry->quantity >= 0) {
        const struct discrepancy_row row = {.section = entry->section,
                                            .number = entry->number,
                                            .kind = "below_zero",
                                            .quantity = entry->balance,
                                            .on = tx->now.day};
        (void)discrepancy_open(tx, &row);
    }
}

void ledger_take(struct tx *tx, struct stock_move *move, quantity_t quantity) {
    quantity_t open = stock_balance(tx, move->product, STOCK_OPEN, "");
    quantity_t opened = 0;
    struct stock_lot_row *lots = NULL;
    size_t count = 0;
    if (open < quantity && stock_lots(tx, move->product, &lots, &count)) {
        /* Two legs are kept for the caller's own. */
        for (size_t i = 0; i < count && open + opened < quantity && move->leg_count < STOCK_LEGS_MAX - 3;
             i++) {
            quantity_t need = quantity - open - opened;
            quantity_t bottles = (need + lots[i].pack - 1) / lots[i].pack;
            quantity_t taken =
                bottles * lots[i].pack < lots[i].quantity ? bottles * lots[i].pack : lots[i].quantity;
            if (taken > 0) {
                stock_leg_add(move, STOCK_FULL, lots[i].lot, -taken);
                opened += taken;
            }
        }
    }
    stock_leg_add(move, STOCK_OPEN, "", opened - quantity);
}

void ledger_supply(struct tx *tx, struct register_row *entry, const char *const *instalments, size_t count) {
    assert(entry->quantity <= 0);
    for (size_t i = 0; i < count; i++) {
        ledger_put_back(tx, entry->section, instalments[i]);
    }
    struct stock_move move = {.product = entry->section, .subject = entry->supply};
    ledger_take(tx, &move, -entry->quantity);
    stock_leg_add(&move, STOCK_PATIENT, "", -entry->quantity);
    ledger_enter(tx, entry, &move);
}

void ledger_reverse(struct tx *tx, const struct register_row *entry) {
    struct stock_move move = {.subject = entry->supply};
    struct register_row back = {
        .section = entry->section,
        .kind = "reversed",
        .on = tx->now.day,
        .entered_at = tx->now.at,
        .quantity = -entry->quantity,
        .supply = entry->supply,
        .corrects = entry->number,
        .by_staff = tx->staff,
        REGISTER_ROW_NONE,
    };
    stock_leg_add(&move, STOCK_OPEN, "", back.quantity);
    stock_leg_add(&move, STOCK_PATIENT, "", -back.quantity);
    ledger_enter(tx, &back, &move);
}

void ledger_prepare(struct tx *tx, const struct product *product, const char *instalment,
                    quantity_t quantity) {
    if (quantity > 0 && ledger_kept(tx, product)) {
        struct stock_move move = {
            .product = product->code, .kind = "prepared", .on = tx->now.day, .subject = instalment};
        ledger_take(tx, &move, quantity);
        stock_leg_add(&move, STOCK_PREPARED, "", quantity);
        stock_move_append(tx, &move);
    }
}

void ledger_put_back(struct tx *tx, const char *product, const char *instalment) {
    quantity_t prepared = stock_prepared_for(tx, product, instalment);
    if (prepared > 0) {
        struct stock_move move = {
            .product = product, .kind = "put_back", .on = tx->now.day, .subject = instalment};
        stock_leg_add(&move, STOCK_PREPARED, "", -prepared);
        stock_leg_add(&move, STOCK_OPEN, "", prepared);
        stock_move_append(tx, &move);
    }
}
