#include "number.h"

#include <string.h>

bool number_parse(const char *text, int64_t min, int64_t max, int64_t *out) {
    bool negative = text[0] == '-';
    const char *digits = negative ? text + 1 : text;
    size_t len = strspn(digits, "0123456789");
    if (len == 0 || len > 18 || digits[len] != '\0') {
        return false;
    }
    int64_t value = 0;
    for (size_t i = 0; i < len; i++) {
        value = value * 10 + (digits[i] - '0');
    }
    if (negative) {
        value = -value;
    }
    if (value < min || value > max) {
        return false;
    }
    *out = value;
    return true;
}
