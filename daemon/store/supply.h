/*
 * Supplies with everything that belongs to one: items, reasons, dosed days, register lines, label jobs; and reversals.
 */
#ifndef INSTALMENT_STORE_SUPPLY_H
#define INSTALMENT_STORE_SUPPLY_H

#include "core/quantity.h"
#include "tx.h"

struct supply_item_row {
    int32_t position; /* of the prescription's item */
    const char *product;
    quantity_t quantity;
    quantity_t supervised;
    quantity_t take_home;
};

struct supply_reason_row {
    const char *code;
    const char *severity;
    int32_t number;
    day_t day;
    bool confirmed;
};

struct supply_row {
    const char *id;
    int64_t seq;
    const char *patient;
    const char *prescription;
    const char *kind; /* "lawful", "irregular", "before_entry", "from_paper" (a late entry) */
    day_t on;
    int64_t at;
    int64_t supervised_at; /* 0: no supervised dose */
    const char *collector_role;
    const char *collector_name;
    const char *collector_address;
    int32_t identity_requested; /* -1: not said, 0, 1 */
    int32_t identity_provided;
    const char *identified_by;
    const char *supervised_by;
    const char *confirmed_by;
    const char *verdict;
    int32_t missed_days;
    int32_t missed_pickups;
    day_t last_dosed;
    day_t next_due;
    const char *rules;
    const char *part_reason;
    const char *reason;
    const char *told;
    struct supply_item_row *items;
    size_t item_count;
    struct supply_reason_row *reasons;
    size_t reason_count;
    struct day_list covers;
    int64_t reversed_seq; /* 0: not reversed as of the tx */
};

/* Appends the supply with items, reasons and dosed days, each day in the first turn that is free for it (see below). */
void supply_append(struct tx *tx, const struct supply_row *row);

bool supply_find(struct tx *tx, const char *id, struct supply_row *out);

/* What the rules and the day's notes need of a supply. */
struct supply_brief {
    const char *id;
    int64_t seq;
    const char *prescription;
    const char *kind; /* as in supply_row */
    day_t on;
    int64_t supervised_at;
    struct day_list covers;
    int64_t reversed_seq; /* 0: not reversed as of the tx */
};

/*
 * A patient's supplies in the order of recording, reversed ones too. In the arena; false where memory is short or the store
 * failed: *rows is then not to be looked at.
 */
bool supply_history(struct tx *tx, const char *patient, struct supply_brief **rows, size_t *count);

/* The same of some prescriptions alone, whoever their patient is. */
bool supply_history_of(struct tx *tx, const char *const *prescriptions, size_t prescription_count,
                       struct supply_brief **rows, size_t *count);

/*
 * Was a supply outside the rules, or from paper, ever recorded of this patient, merged records left out? Such a one may have
 * dosed days that its plan has not. Reversed ones count.
 */
bool supply_irregular_known(struct tx *tx, const char *patient);

/* Recorded in error: its days are open again. DB_CONFLICT where it was reversed before. */
void supply_reverse(struct tx *tx, const char *id, const char *reason);

#endif
