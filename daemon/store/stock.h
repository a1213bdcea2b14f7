/*
 * The stock as double entry (hazard H49): a move takes from accounts what it adds to others, so that all accounts of a
 * product together are always zero. Exact thousandths of the product's unit. Rows as of tx->as_of, in its arena.
 */
#ifndef INSTALMENT_STORE_STOCK_H
#define INSTALMENT_STORE_STOCK_H

#include "core/quantity.h"
#include "tx.h"

/* Accounts that are in the pharmacy: together they are the register's balance. */
#define STOCK_FULL "full"         /* unopened bottles and packs, by lot */
#define STOCK_OPEN "open"         /* the open bottle or pack */
#define STOCK_PREPARED "prepared" /* bagged for somebody */
/* Accounts outside it: where things come from and go to. */
#define STOCK_SUPPLIER "supplier"
#define STOCK_PATIENT "patient"
#define STOCK_DESTROYED "destroyed"
#define STOCK_OVERAGE "overage"
#define STOCK_WASTE "waste"
#define STOCK_DIFFERENCE "difference"

#define STOCK_LEGS_MAX 64

struct stock_leg {
    const char *account;
    const char *lot; /* "" but for STOCK_FULL */
    quantity_t quantity;
};

struct stock_move {
    const char *product;
    const char *kind;    /* the register entry's; "prepared", "put_back" */
    day_t on;            /* the day on which it was entered */
    int64_t number;      /* of the register entry; 0: none */
    const char *subject; /* instalment or supply; NULL: none */
    struct stock_leg legs[STOCK_LEGS_MAX];
    size_t leg_count;
};

/* Adds a leg; legs of 0 are left out. Asserts that there is room. */
void stock_leg_add(struct stock_move *move, const char *account, const char *lot, quantity_t quantity);

/* Appends it under tx->seq. Asserts that its legs add up to zero. */
void stock_move_append(struct tx *tx, const struct stock_move *move);

/* What stands on an account and lot. */
quantity_t stock_balance(struct tx *tx, const char *product, const char *account, const char *lot);

/* The full bottles, the open one and what is prepared, together: must be the register's balance. */
quantity_t stock_here(struct tx *tx, const char *product);

/* What is prepared of a product for an instalment and not put back. */
quantity_t stock_prepared_for(struct tx *tx, const char *product, const char *instalment);

struct stock_lot_row {
    const char *lot;
    const char *batch; /* NULL: not known */
    day_t expiry;      /* DAY_NONE: not known */
    quantity_t pack;   /* in one bottle or pack */
    quantity_t quantity;
};

/* The lots of a product that are not empty, those that expire first in front. False: memory, or the store failed. */
bool stock_lots(struct tx *tx, const char *product, struct stock_lot_row **rows, size_t *count);

/* One lot by its key, also an empty one. False where there is none, or the store failed. */
bool stock_lot_find(struct tx *tx, const char *product, const char *lot, struct stock_lot_row *out);

/* The key of a lot, which is entered where it is new; in the arena. NULL where memory is short. */
const char *stock_lot_enter(struct tx *tx, const char *product, const struct stock_lot_row *row);

/* Everything that ever moved, account by account: what stands on each now; and their sum, which must be zero. */
struct stock_account_row {
    const char *account;
    quantity_t balance;
};
bool stock_accounts(struct tx *tx, const char *product, struct stock_account_row **rows, size_t *count);

/* What a day took to patients (supplied less reversed), by the stock's own legs. */
quantity_t stock_to_patients(struct tx *tx, const char *product, day_t on);

#endif
