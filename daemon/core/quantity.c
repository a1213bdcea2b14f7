/* Quantities in thousandths: see quantity.h. */
#include "quantity.h"

enum { LONGEST_TEXT = 11 }; /* "1000000.000" */

static bool in_range(int64_t value) {
    return value <= QUANTITY_MAX && value >= -QUANTITY_MAX;
}

/* Appends the digits at the head of text to *value; returns how many there were. */
static inline size_t read_digits(const char *text, size_t len, int64_t *value) {
    size_t count = 0;
    while (count < len) {
        unsigned digit = (unsigned)text[count] - '0';
        if (digit > 9)
            break;
        *value = *value * 10 + (int64_t)digit;
        count++;
    }
    return count;
}

bool quantity_parse(const char *text, size_t len, quantity_t *out) {
    static const int16_t scale[] = {1000, 100, 10, 1};
    if (len > LONGEST_TEXT)
        return false;
    int64_t value = 0;
    size_t whole = read_digits(text, len, &value);
    if (whole == 0 || (whole > 1 && text[0] == '0'))
        return false;
    size_t decimals = 0;
    if (whole < len) {
        decimals = read_digits(text + whole + 1, len - whole - 1, &value);
        if (text[whole] != '.' || decimals == 0 || decimals > 3 || whole + 1 + decimals != len)
            return false;
    }
    value *= scale[decimals];
    if (value > QUANTITY_MAX)
        return false;
    *out = value;
    return true;
}

void quantity_format(quantity_t value, char out[QUANTITY_TEXT_SIZE]) {
    if (!in_range(value)) {
        out[0] = '?';
        out[1] = '\0';
        return;
    }
    unsigned magnitude = (unsigned)(value < 0 ? -value : value);
    unsigned fraction = magnitude % 1000;
    char reversed[QUANTITY_TEXT_SIZE];
    size_t count = 0;
    for (unsigned digits = 3; digits > 0; digits--) {
        if (fraction % 10 != 0 || count > 0)
            reversed[count++] = (char)('0' + fraction % 10);
        fraction /= 10;
    }
    if (count > 0)
        reversed[count++] = '.';
    unsigned whole = magnitude / 1000;
    do {
        reversed[count++] = (char)('0' + whole % 10);
        whole /= 10;
    } while (whole > 0);
    if (value < 0)
        reversed[count++] = '-';
    while (count > 0)
        *out++ = reversed[--count];
    *out = '\0';
}

bool quantity_add(quantity_t a, quantity_t b, quantity_t *out) {
    int64_t sum;
    if (__builtin_add_overflow(a, b, &sum) || !in_range(sum))
        return false;
    *out = sum;
    return true;
}

bool quantity_times(quantity_t a, int64_t n, quantity_t *out) {
    int64_t product;
    if (n < 0 || __builtin_mul_overflow(a, n, &product) || !in_range(product))
        return false;
    *out = product;
    return true;
}
