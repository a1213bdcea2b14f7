/* What the reports count. Days from .. to, both among them; reversed supplies never count. False: memory, or the store. */
#ifndef INSTALMENT_STORE_REPORT_H
#define INSTALMENT_STORE_REPORT_H

#include "core/quantity.h"
#include "tx.h"

/* Supervised doses of a service's prescriptions, by product. */
struct claim_row {
    const char *service;
    const char *product;
    int64_t doses;
};
/* service NULL: all of them. */
bool report_claim(struct tx *tx, const char *service, day_t from, day_t to, struct claim_row **rows,
                  size_t *count);

/* One supplied item. */
struct dispensed_row {
    const char *supply;
    const char *kind;
    const char *service;
    const char *patient;
    const char *prescription;
    day_t on;
    const char *product;
    quantity_t quantity;
    quantity_t supervised;
    quantity_t take_home;
    int64_t containers; /* labels that were made for it */
    const char *supervised_by;
    day_t last; /* the last day that it dosed; DAY_NONE: none */
};
/* The list behind a claim: supervised ones alone; by day and supply, at most `limit`, after the supply `after` (""). */
bool report_claimed(struct tx *tx, const char *service, day_t from, day_t to, const char *after,
                    int32_t limit, struct dispensed_row **rows, size_t *count);
/* Everything supplied on a prescription, in order. */
bool report_of_prescription(struct tx *tx, const char *prescription, struct dispensed_row **rows,
                            size_t *count);
/* Everything supplied in the days, by patient (records as they were made, merged ones not brought together). */
bool report_dispensed(struct tx *tx, day_t from, day_t to, struct dispensed_row **rows, size_t *count);

#endif
