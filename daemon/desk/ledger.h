/*
 * Register and stock kept together (rules.md, section 7; hazard H49): each entry of the register has its move of the
 * stock in the same transaction, so that what is here is always the register's balance. Under tx->seq.
 */
#ifndef INSTALMENT_DESK_LEDGER_H
#define INSTALMENT_DESK_LEDGER_H

#include "desk.h"
#include "store/controlled.h"
#include "store/stock.h"

/*
 * Is a section kept for this product? Schedule 2: always (law). Schedules 3 and 4: once the pharmacy has begun one with a
 * first entry, and then for everything (C6).
 */
bool ledger_kept(struct tx *tx, const struct product *product);

/* The statutory register, or the voluntary one: "STATUTORY", "VOLUNTARY". */
const char *ledger_heading(const struct product *product);

/*
 * Appends the entry and its move (filled by the caller but for product, kind, day and number), and opens a discrepancy
 * where the balance falls below zero (C4).
 */
void ledger_enter(struct tx *tx, struct register_row *entry, struct stock_move *move);

/*
 * Adds what a quantity that leaves the open bottle takes: opens the bottles that expire first until there is enough, or
 * none is left. The open bottle's account may then fall below zero: it never stops a supply.
 */
void ledger_take(struct tx *tx, struct stock_move *move, quantity_t quantity);

/*
 * A supply's entry: `entry` filled as for register_append. What was prepared for the instalments (ids) is put back first,
 * so that exactly the quantity leaves.
 */
void ledger_supply(struct tx *tx, struct register_row *entry, const char *const *instalments, size_t count);

/* Takes back an entry of a supply, back to stock: an entry of its own that names it (C3). */
void ledger_reverse(struct tx *tx, const struct register_row *entry);

/* Bagged for an instalment, and put back to stock. Nothing where no section is kept, or nothing was prepared. */
void ledger_prepare(struct tx *tx, const struct product *product, const char *instalment,
                    quantity_t quantity);
void ledger_put_back(struct tx *tx, const char *product, const char *instalment);

#endif
