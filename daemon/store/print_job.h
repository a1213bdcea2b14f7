/*
 * Label jobs, born in the transaction of their supply (design.md). Printing them is the print layer's.
 */
#ifndef INSTALMENT_STORE_PRINT_JOB_H
#define INSTALMENT_STORE_PRINT_JOB_H

#include "core/quantity.h"
#include "tx.h"

struct print_job_row {
    const char *id;   /* filled by print_job_append where NULL */
    const char *kind; /* "label" */
    const char *supply;
    const char *prescription;
    day_t for_day;  /* the day of the container, or the first of its run */
    day_t last_day; /* the last of its run; for_day where it is one day's */
    const char *product;
    quantity_t quantity;
    const char *code; /* opaque, on the label; filled by print_job_append where NULL */
    const char *reprint_of;
};

/* Appends under tx->seq. */
void print_job_append(struct tx *tx, struct print_job_row *row);

/* The jobs of a supply, in the arena. */
struct print_job_row *print_jobs_of_supply(struct tx *tx, const char *supply, size_t *count);

#endif
