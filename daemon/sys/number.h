/* The one way to read a whole number that a person or a program has written. */
#ifndef INSTALMENT_SYS_NUMBER_H
#define INSTALMENT_SYS_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Reads "0", "42" or "-7" from the first byte to the last: no blanks, no '+', no more than 18 digits. False, and *out
 * untouched, on anything else and on numbers outside min .. max.
 */
bool number_parse(const char *text, int64_t min, int64_t max, int64_t *out);

#endif
