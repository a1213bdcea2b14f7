/*
 * Quantities: integers of thousandths of a product's unit (ml, tablet, film, lyophilisate).
 * No floating point. Every operation that can leave the range says so (hazard H17).
 */
#ifndef INSTALMENT_CORE_QUANTITY_H
#define INSTALMENT_CORE_QUANTITY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Thousandths of the unit: 62.5 ml is 62500. */
typedef int64_t quantity_t;

#define QUANTITY_NONE INT64_MIN
/* The largest quantity that the program takes: 1,000,000 units, either side of zero. */
#define QUANTITY_MAX INT64_C(1000000000)

/* "-1000000.000" and its NUL. */
#define QUANTITY_TEXT_SIZE 16

/*
 * Reads a decimal string: digits, no leading zero but "0" itself, optionally a point and one to three
 * digits ("60", "62.5", "0.125"). False, and *out untouched, for a sign, an exponent, more digits, an
 * empty text, or more than QUANTITY_MAX.
 */
bool quantity_parse(const char *text, size_t len, quantity_t *out);

/*
 * Writes the shortest decimal string ("60", "62.5", "-0.125"). The value lies within ±QUANTITY_MAX; any
 * other (QUANTITY_NONE) is a mistake of the caller and is written as "?", which no parser takes.
 */
void quantity_format(quantity_t value, char out[QUANTITY_TEXT_SIZE]);

/* *out = a + b. False, and *out untouched, where the sum leaves ±QUANTITY_MAX. */
bool quantity_add(quantity_t a, quantity_t b, quantity_t *out);

/* *out = a * n. False, and *out untouched, for n < 0 or where the product leaves ±QUANTITY_MAX. */
bool quantity_times(quantity_t a, int64_t n, quantity_t *out);

#endif
