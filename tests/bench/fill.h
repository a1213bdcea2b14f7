/*
 * Fills a demonstration's folder straight through the store: patients with a live prescription each, and the supplies of
 * the weeks before, with all the rows that a supply through the counter leaves.
 */
#ifndef INSTALMENT_BENCH_FILL_H
#define INSTALMENT_BENCH_FILL_H

#include <stddef.h>

#include "core/day.h"
#include "sys/arena.h"

#define FILL_PRODUCT "methadone-1mg-ml-sf"
#define FILL_DOSE "60"
#define FILL_PLAN_DAYS 14
#define FILL_ID_SIZE 32

struct fill {
    size_t patients;
    int plans_before; /* prescriptions of 14 days before the live one, collected in full */
    size_t open_each; /* today's dose was supplied to all but each so-manieth; 0: to nobody yet */
};

/* Makes the folder, with the demonstration's staff; its clock is at its beginning. Returns how many supplies are in it. */
size_t fill_folder(const char *folder, const struct fill *fill);

/* The id of a patient's live prescription. */
void fill_prescription_id(size_t patient, char out[FILL_ID_SIZE]);

#endif
