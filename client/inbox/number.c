#include "number.h"

#include <string.h>

#define DIGITS_MAX 18

bool number_parse(const char *text, int64_t min, int64_t max, int64_t *out) {
    size_t len = strlen(text);
    int64_t value = 0;
    if (len == 0 || len > DIGITS_MAX) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if (text[i] < '0' || text[i] > '9') {
            return false;
        }
        value = value * 10 + (text[i] - '0');
    }
    if (value < min || value > max) {
        return false;
    }
    *out = value;
    return true;
}
