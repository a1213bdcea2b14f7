/*
 * The table behind finding.h: one row for each finding. Private to finding*.c: nobody else includes it.
 */
#ifndef INSTALMENT_CORE_FINDING_TABLE_H
#define INSTALMENT_CORE_FINDING_TABLE_H

#include "finding.h"

struct finding_row {
    const char *code;
    const char *about;
    const char *rule;
    const char *basis;
    enum finding_kind kind;
    const char *field; /* {i}: the item, {r}: the index */
    /* {n}: the number, {s}: "s" unless it is 1, {day}, {other}, {usual}: days, {figure}, {limit}: quantities
       with the product's unit, {mg}, {limit_mg}: micrograms as mg, {product}: its name */
    const char *sentence;
};

extern const struct finding_row finding_rows[FINDING_COUNT];

#endif
