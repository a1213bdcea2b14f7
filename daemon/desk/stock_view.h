/*
 * What is in the pharmacy, what tomorrow takes, and what must be ordered (hazard H49); medicines that patients bring back.
 */
#ifndef INSTALMENT_DESK_STOCK_VIEW_H
#define INSTALMENT_DESK_STOCK_VIEW_H

#include "register.h"
#include "store/patient_return.h"
#include "supply.h"

/* How far ahead is looked at most, and usually. */
#define STOCK_AHEAD_MAX 62
#define STOCK_AHEAD 7
/* How many stock checks are shown as a trend. */
#define STOCK_TREND 12

struct stock_view {
    struct register_section section;
    struct stock_lot_row *lots;
    size_t lot_count;
    quantity_t open;
    quantity_t prepared;
    struct stock_account_row *accounts; /* every account; their sum is zero */
    size_t account_count;
    struct register_row *checks; /* the last ones, oldest first */
    size_t check_count;
};

/* Every kept section. In the arena. DESK_OK or DESK_FAILED. */
enum desk_result desk_stock(struct tx *tx, struct stock_view **rows, size_t *count);

/* One bottle, bag or blister to prepare. */
struct prepour_row {
    const char *patient;
    const char *name;
    const char *prescription;
    const struct product *product;
    struct container container;
    bool prepared;
    bool hold; /* nothing may be supplied as things stand: refused or on hold */
};

/* Of one product. */
struct prepour_total {
    const struct product *product;
    size_t bottles;
    quantity_t quantity; /* of the bottles */
    quantity_t booked;   /* what the instalments of the days ahead take */
    quantity_t here;
    quantity_t order; /* booked less what is here; 0 where there is enough */
};

struct prepour {
    struct prepour_row *rows; /* by patient */
    size_t count;
    struct prepour_total *totals;
    size_t total_count;
};

/* The bottles of a day, and the days from it on that are booked. DESK_OK or DESK_FAILED. */
enum desk_result desk_prepour(struct tx *tx, day_t day, int32_t days, struct prepour *out);

struct return_request {
    const char *patient; /* NULL: not said */
    const char *product; /* NULL: something else, in the description */
    const char *description;
    quantity_t quantity; /* QUANTITY_NONE: not counted */
    const char *brought_by;
    const char *note;
    const struct identity *who;
    const struct identity *second; /* saw it destroyed */
};

/* C7: a record of its own. DESK_OK and *id; DESK_FORBIDDEN, DESK_INVALID, DESK_NOT_FOUND, DESK_FAILED. */
enum desk_result desk_return(struct tx *tx, const struct return_request *request, const char **id,
                             struct desk_problem *problem);
bool desk_return_read(struct tx *tx, const char *id, struct patient_return_row *out);
bool desk_returns(struct tx *tx, int64_t before, int32_t limit, struct patient_return_row **rows,
                  size_t *count);

#endif
