/*
 * The end of a day (rules.md, section 6): that it was closed, late entries, and what its report counts by other ways than
 * the register. As of tx->as_of, in its arena. Loaders return false where memory is short or the store failed.
 */
#ifndef INSTALMENT_STORE_DAY_CLOSE_H
#define INSTALMENT_STORE_DAY_CLOSE_H

#include "core/quantity.h"
#include "tx.h"

struct day_close_row {
    day_t day;
    int32_t number; /* 1, 2 ... of the day's reports */
    int64_t seq;    /* the report shows the facts as of it */
    int64_t at;
    bool signed_by_hand;
    const char *by;     /* NULL: the program itself */
    const char *reason; /* why alerts were left as they are */
};

/* Under tx->seq. DB_CONFLICT where that report is there already. */
void day_close_append(struct tx *tx, const struct day_close_row *row);
void day_head_append(struct tx *tx, const char *section, int64_t number, const uint8_t hash[32]);

/* The newest report of a day, or the one with this number (0: newest). False: there is none, or the store failed. */
bool day_close_find(struct tx *tx, day_t day, int32_t number, struct day_close_row *out);

/* The last day before this one that was ever closed; DAY_NONE: none. */
day_t day_close_before(struct tx *tx, day_t day);

/* ---- what a day counts; instants from .. until, the end not among them ---- */

struct day_product_row {
    const char *product;
    quantity_t quantity; /* supplied less reversed */
};
/* By the supplies themselves, without before_entry ones. */
bool day_products(struct tx *tx, int64_t from, int64_t until, struct day_product_row **rows, size_t *count);

struct day_supply_row {
    const char *supply;
    const char *kind; /* "lawful", "irregular", "from_paper" */
    const char *patient;
    const char *prescription;
    const char *serial; /* of the form; NULL: none */
    day_t on;
    int64_t at;
    const char *product;
    quantity_t quantity;
    quantity_t supervised;
    const char *confirmed_by;
    const char *supervised_by;
    const char *reason; /* irregular: why */
    bool reversed;
    const char *reversal;  /* why */
    bool missing;          /* Schedule 2 without its register entry */
    const char *confirmed; /* the checks that were confirmed, codes with blanks; NULL: none */
};
/* Each item of each supply recorded in the time, in order: the forms to mark, overrides, corrections. */
bool day_supplies(struct tx *tx, int64_t from, int64_t until, struct day_supply_row **rows, size_t *count);

struct day_alert_row {
    const char *id;
    const char *kind;
    const char *priority;
    const char *prescription;
    day_t on;
};
/* Alerts about the day that nobody at the service has accepted and nobody was telephoned about. */
bool day_alerts_unsettled(struct tx *tx, day_t day, struct day_alert_row **rows, size_t *count);

struct day_concern_row {
    const char *id;
    const char *patient;
    const char *kind;
    const char *decision;
};
bool day_concerns(struct tx *tx, int64_t from, int64_t until, struct day_concern_row **rows, size_t *count);

/* ---- late entries (H40) ---- */

struct late_entry_row {
    const char *id;
    int64_t seq;
    day_t day;
    const char *sheet;
    int64_t at; /* when it happened, as the paper says */
    const char *prescription;
    const char *supply; /* what it recorded: one of the two */
    const char *outcome;
    const char *reason;
    const char *second;
    const char *objections; /* codes with blanks; NULL: none */
    int64_t recorded_at;    /* read only */
    const char *by;         /* read only */
};
void late_entry_append(struct tx *tx, const struct late_entry_row *row);
bool late_entry_find(struct tx *tx, const char *id, struct late_entry_row *out);
bool late_entries_of_day(struct tx *tx, day_t day, struct late_entry_row **rows, size_t *count);
/* Those that were recorded with one audit row or later, of one day. */
bool late_entries_since(struct tx *tx, day_t day, int64_t seq, struct late_entry_row **rows, size_t *count);

#endif
