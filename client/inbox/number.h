/* Whole numbers in decimal: the one place where text becomes a number. */
#ifndef INSTALMENT_INBOX_NUMBER_H
#define INSTALMENT_INBOX_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* Digits alone, at most 18, and between min and max: true with *out. */
bool number_parse(const char *text, int64_t min, int64_t max, int64_t *out);

#endif
