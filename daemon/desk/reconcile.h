/*
 * The end of a day (rules.md, section 6): the reconciliation that adds up, what stands in its way, closing by a pharmacist
 * or by itself, and late entries from paper.
 */
#ifndef INSTALMENT_DESK_RECONCILE_H
#define INSTALMENT_DESK_RECONCILE_H

#include "day.h"
#include "register.h"
#include "store/day_close.h"
#include "store/patient_return.h"

/* One medicine's day: the closing balance is the opening one and everything between. */
struct report_stock {
    const struct product *product;
    quantity_t opening;
    quantity_t received;
    quantity_t supplied; /* all three positive: what left */
    quantity_t destroyed;
    quantity_t returned; /* back to stock: reversed supplies */
    quantity_t adjusted; /* signed */
    quantity_t closing;
    quantity_t counted;     /* by two people that day; QUANTITY_NONE: not counted */
    quantity_t by_supplies; /* what the supplies of the day took, less what was reversed */
    quantity_t by_stock;    /* the same by the moves of the stock */
    bool agrees;            /* the three ways, and the sum, give the same */
};

/* What is open, or coming. */
struct report_item {
    const char *code;
    const char *text;    /* a sentence, constant */
    const char *remedy;  /* what to do about it, constant; NULL: nothing */
    const char *subject; /* the id of what it is about; NULL: the day */
    day_t on;            /* since when, or when; DAY_NONE: that day */
    bool blocks;         /* the day cannot be closed as long as it stands */
    bool by_reason;      /* but it can with a reason */
};

struct report_list {
    struct report_item *items;
    size_t count;
};

struct report {
    day_t day;
    const char *state; /* "open", "closed_unsigned", "signed" */
    int32_t number;    /* of this report; 0: not closed yet */
    int64_t first_at;  /* number 2 and on: when the first was made; 0: this is the first */
    int64_t at;        /* closed; 0: open */
    const char *by;
    const char *reason; /* why alerts were left as they are */
    struct day_list_answer list;
    size_t due; /* instalments due on the day */
    size_t outcomes[DAY_STATUS_COUNT];
    size_t supplied_late; /* due before, supplied on this day: not among due */
    bool adds_up;         /* due is the sum of the six outcomes, and nothing is still to come */
    struct report_stock *stock;
    size_t stock_count;
    struct day_supply_row *supplies;
    size_t supply_count;
    struct day_alert_row *alerts; /* unsettled */
    size_t alert_count;
    struct day_concern_row *concerns;
    size_t concern_count;
    struct patient_return_row *returns;
    size_t return_count;
    struct late_entry_row *late;
    size_t late_count;
    struct report_list open; /* with what earlier days left open */
    struct report_list coming;
    struct register_section *sections;
    size_t section_count;
};

/*
 * The report of a day: as it was closed (number 0: the newest report of a closed day), else as things stand. DESK_OK;
 * DESK_INVALID: a day to come; DESK_NOT_FOUND: no report of that number; DESK_FAILED.
 */
enum desk_result desk_report(struct tx *tx, day_t day, int32_t number, struct report *out,
                             struct desk_problem *problem);

/*
 * Closes a day: once; after it was opened again, with the next number. DESK_OK, and *number; DESK_CONFLICT: "day_not_over",
 * "already_closed", "open_items" (*out says which); DESK_FORBIDDEN: not a pharmacist; DESK_INVALID, DESK_FAILED.
 */
enum desk_result desk_close(struct tx *tx, day_t day, const struct identity *who, const char *reason,
                            struct report *out, int32_t *number, struct desk_problem *problem);

/*
 * Closes by itself, unsigned and with open items, every open day whose time to close has come by `until` and that nobody
 * has closed; *count of them. Never in a demonstration. DESK_OK or DESK_FAILED.
 */
enum desk_result desk_close_by_itself(struct tx *tx, int64_t until, size_t *count);

/* When a day closes by itself; INT64_MIN: never (the pharmacy is shut on it, or this is a demonstration). */
int64_t desk_close_time(struct tx *tx, day_t day);

/* "2026-11-23/1" */
const char *desk_report_id(struct tx *tx, day_t day, int32_t number);
bool desk_report_parse(const char *id, day_t *day, int32_t *number);

#endif
