/*
 * The medicine catalogue: what the rules must know of each product. It is data (config/catalogue.conf),
 * embedded at build and readable from a file; this module only reads it. Pure but for the one allocation
 * that catalogue_parse returns.
 */
#ifndef INSTALMENT_CORE_CATALOGUE_H
#define INSTALMENT_CORE_CATALOGUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "day.h"
#include "quantity.h"

enum drug_class { CLASS_OPIOID, CLASS_BENZODIAZEPINE, CLASS_COUNT };

enum product_route { ROUTE_ORAL, ROUTE_SUBLINGUAL, ROUTE_ON_TONGUE };

struct product {
    const char *code;     /* "methadone-1mg-ml-sf" */
    const char *name;     /* as on a label: "Methadone 1mg/ml oral solution sugar free" */
    const char *drug;     /* what D17 compares: products of one drug add up in mg; "methadone" */
    const char *form;     /* "oral solution", "linctus", "tablet", "sublingual tablet", "oral lyophilisate" */
    const char *strength; /* "1mg/ml" */
    const char *unit;     /* "ml", "tablet", "film", "lyophilisate" */
    enum drug_class drug_class;
    enum product_route route;
    int schedule;       /* Misuse of Drugs Regulations: 2, 3 or 4 */
    int64_t micrograms; /* of the drug in one unit: 1000 for 1 mg/ml */
    uint8_t labels[3];  /* cautionary labels in printing order (rules.md, section 8), 0 = none */
    size_t label_count;
    uint8_t night_label;     /* replaces label 2 where it is one dose at night (diazepam 19), 0 = none */
    bool concentrate;        /* more than 1 mg/ml: P9; worked out, not written in the text */
    bool not_for_dependence; /* methadone linctus 2 mg/5 ml: cannot be chosen, P9 */
    const char *dmd_code;    /* dm+d VMP code where known with certainty, else NULL */
    /* Dose warnings of P8 in micrograms a day; 0 = none. */
    int64_t warn_first;        /* first dose or restart above */
    int64_t warn_first_strong; /* the same, strong */
    int64_t warn_daily;        /* daily dose above */
    int64_t warn_daily_strong;
    int64_t warn_rise_day;  /* rise in titration above, from one day to the next */
    int64_t warn_rise_week; /* rise in titration above, over seven days */
    day_t warned_on;        /* the date of that data */
};

struct catalogue {
    const struct product *products;
    size_t count;
    const char *version; /* the catalogue's own version line */
};

struct catalogue_error {
    int line;            /* 1-based; 0 where no line is at fault: out of memory, or longer than is taken */
    const char *message; /* constant text */
};

/*
 * Reads the catalogue's text (len bytes, no NUL needed; its form stands at the head of
 * config/catalogue.conf). Strict: anything unknown, doubled, missing, out of range or contradicting
 * itself is an error; name, strength, unit and mg_per_unit must say the same (H16, H17), and label 26
 * stands on sublingual products only. Returns a new catalogue, to be freed with catalogue_free, or NULL
 * with *error filled: a member that is missing or contradicts another is reported at its stanza's first
 * line. Strings live inside the catalogue; text need not outlive the call.
 */
struct catalogue *catalogue_parse(const char *text, size_t len, struct catalogue_error *error);

/* Frees *catalogue and sets it to NULL; NULL inside is allowed. */
void catalogue_free(struct catalogue **catalogue);

/*
 * The product with exactly this code (len bytes, no NUL needed), or NULL. Binary search: products are
 * sorted by code, byte by byte.
 */
const struct product *catalogue_find(const struct catalogue *catalogue, const char *code, size_t len);

#endif
