/* Identifiers and their check digits (P11): see identifier.h. */
#include "identifier.h"

#include <string.h>

#include "day.h"

enum { NUMBER_DIGITS = 10 }; /* of NHS, CHI and H&C numbers */

static const struct {
    const char *code;
    const char *pattern; /* n: digit, a: letter, x: either; any other character stands for itself */
    size_t shortest;
} kinds[IDENTIFIER_COUNT] = {
    [IDENTIFIER_NHS] = {"nhs", "nnnnnnnnnn", 10},
    [IDENTIFIER_CHI] = {"chi", "nnnnnnnnnn", 10},
    [IDENTIFIER_HC] = {"hc", "nnnnnnnnnn", 10},
    [IDENTIFIER_GPHC_PHARMACIST] = {"gphc_pharmacist", "2nnnnnn", 7},
    [IDENTIFIER_GPHC_TECHNICIAN] = {"gphc_technician", "5nnnnnn", 7},
    [IDENTIFIER_GPHC_PREMISES] = {"gphc_premises", "1nnnnnn", 7},
    [IDENTIFIER_GMC] = {"gmc", "nnnnnnn", 7},
    [IDENTIFIER_NMC] = {"nmc", "nnannnna", 8},
    [IDENTIFIER_ODS_PHARMACY] = {"ods_pharmacy", "Fxxxx", 5},
    [IDENTIFIER_ODS] = {"ods", "xxxxxxxxxx", 3},
};

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_capital(char c) {
    return c >= 'A' && c <= 'Z';
}

static char to_capital(char c) {
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* May this character stand where the pattern has that one? */
static enum identifier_result check_character(char c, char pattern) {
    bool good;
    switch (pattern) {
    case 'n': good = is_digit(c); break;
    case 'a': good = is_capital(c); break;
    case 'x': good = is_digit(c) || is_capital(c); break;
    default: return c == pattern ? IDENTIFIER_OK : IDENTIFIER_BAD_START;
    }
    return good ? IDENTIFIER_OK : IDENTIFIER_BAD_CHARACTER;
}

/* Copies text to out, as it is stored, as far as it follows the kind's pattern. */
static enum identifier_result copy_by_pattern(enum identifier_kind kind, const char *text, size_t len,
                                              char out[IDENTIFIER_SIZE]) {
    const char *pattern = kinds[kind].pattern;
    size_t count = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] == ' ' || text[i] == '-')
            continue;
        if (pattern[count] == '\0')
            return IDENTIFIER_BAD_LENGTH;
        char c = to_capital(text[i]);
        enum identifier_result result = check_character(c, pattern[count]);
        if (result != IDENTIFIER_OK)
            return result;
        out[count++] = c;
    }
    out[count] = '\0';
    if (count == 0)
        return IDENTIFIER_EMPTY;
    return count < kinds[kind].shortest ? IDENTIFIER_BAD_LENGTH : IDENTIFIER_OK;
}

/* The digit that follows from the first nine, 0 to 9; 10 where there is no such number. */
static int check_digit(const char *number) {
    int sum = 0;
    for (int i = 0; i < NUMBER_DIGITS - 1; i++)
        sum += (number[i] - '0') * (NUMBER_DIGITS - i);
    return (11 - sum % 11) % 11;
}

static int two_digits(const char *text) {
    return (text[0] - '0') * 10 + text[1] - '0';
}

/* Of the three centuries 2000 has the most leap years: 2000 itself, in place of 1800 and 1900. */
static bool is_chi_date(const char *number) {
    int year = 2000 + two_digits(number + 4);
    return day_from_civil(year, two_digits(number + 2), two_digits(number)) != DAY_NONE;
}

static enum identifier_result check_number(enum identifier_kind kind, const char *number) {
    if (strspn(number, (char[]){number[0], '\0'}) == NUMBER_DIGITS)
        return IDENTIFIER_ALL_EQUAL;
    if (kind == IDENTIFIER_CHI && !is_chi_date(number))
        return IDENTIFIER_BAD_DATE;
    if (check_digit(number) != number[NUMBER_DIGITS - 1] - '0')
        return IDENTIFIER_BAD_CHECK_DIGIT;
    return IDENTIFIER_OK;
}

enum identifier_result identifier_check(enum identifier_kind kind, const char *text, size_t len,
                                        char out[IDENTIFIER_SIZE]) {
    char copy[IDENTIFIER_SIZE] = "";
    enum identifier_result result = copy_by_pattern(kind, text, len, copy);
    if (result == IDENTIFIER_OK && kind <= IDENTIFIER_HC)
        result = check_number(kind, copy);
    if (result == IDENTIFIER_OK)
        memcpy(out, copy, strlen(copy) + 1);
    return result;
}

const char *identifier_explain(enum identifier_result result) {
    static const char *const sentences[] = {
        [IDENTIFIER_OK] = "The number is possible.",
        [IDENTIFIER_EMPTY] = "Nothing was typed.",
        [IDENTIFIER_BAD_CHARACTER] = "A character has no place in this number, or not at its place.",
        [IDENTIFIER_BAD_START] = "This kind of number begins with another character.",
        [IDENTIFIER_BAD_LENGTH] = "The number is too short or too long.",
        [IDENTIFIER_ALL_EQUAL] = "Ten equal digits are nobody's number.",
        [IDENTIFIER_BAD_DATE] = "The first six digits are not a date of birth (day, month, year).",
        [IDENTIFIER_BAD_CHECK_DIGIT] = "The check digit is wrong: please compare each digit.",
    };
    return sentences[result];
}

const char *identifier_code(enum identifier_kind kind) {
    return kinds[kind].code;
}

bool identifier_parse_kind(const char *text, size_t len, enum identifier_kind *out) {
    for (enum identifier_kind kind = IDENTIFIER_NHS; kind < IDENTIFIER_COUNT; kind++) {
        if (strlen(kinds[kind].code) == len && memcmp(kinds[kind].code, text, len) == 0) {
            *out = kind;
            return true;
        }
    }
    return false;
}

static bool is_letter_or_digit(char c) {
    return is_digit(c) || is_capital(to_capital(c));
}

static bool is_gap(char c) {
    return c == ' ' || c == '.' || c == '-' || c == '\t' || c == '\r' || c == '\n';
}

/* Does text begin with these letters (capitals), gaps between them allowed, and does the word end there? */
static bool begins_with(const char *text, size_t len, const char *letters) {
    size_t at = 0;
    for (; *letters != '\0'; letters++) {
        while (at < len && is_gap(text[at]))
            at++;
        if (at == len || to_capital(text[at]) != *letters)
            return false;
        at++;
    }
    return at == len || !is_capital(to_capital(text[at]));
}

bool address_is_po_box(const char *text, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if (is_gap(text[i]) || (i > 0 && is_letter_or_digit(text[i - 1])))
            continue;
        if (begins_with(text + i, len - i, "POBOX") || begins_with(text + i, len - i, "POSTOFFICEBOX"))
            return true;
    }
    return false;
}
