/* Any text as an identifier of any kind: what is stored is plain, short and valid again. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/identifier.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool condition) {
    if (!condition) {
        abort();
    }
}

static void check_stored(enum identifier_kind kind, const char *stored) {
    char again[IDENTIFIER_SIZE];
    size_t len = strnlen(stored, IDENTIFIER_SIZE);
    need(len > 0 && len < IDENTIFIER_SIZE);
    for (size_t i = 0; i < len; i++) {
        need((stored[i] >= '0' && stored[i] <= '9') || (stored[i] >= 'A' && stored[i] <= 'Z'));
    }
    need(identifier_check(kind, stored, len, again) == IDENTIFIER_OK && strcmp(again, stored) == 0);
}

/* One digit changed, and one pair of neighbours changed over: the check digit finds both. */
static void check_digit(enum identifier_kind kind, const char *stored) {
    char out[IDENTIFIER_SIZE];
    char wrong[IDENTIFIER_SIZE];
    for (size_t i = 0; i < 10; i++) {
        memcpy(wrong, stored, IDENTIFIER_SIZE);
        wrong[i] = wrong[i] == '9' ? '0' : (char)(wrong[i] + 1);
        need(identifier_check(kind, wrong, 10, out) != IDENTIFIER_OK);
    }
    for (size_t i = 0; i < 9; i++) {
        memcpy(wrong, stored, IDENTIFIER_SIZE);
        wrong[i] = stored[i + 1];
        wrong[i + 1] = stored[i];
        need(wrong[i] == wrong[i + 1] || identifier_check(kind, wrong, 10, out) != IDENTIFIER_OK);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size + (size == 0));
    need(text != NULL);
    memcpy(text, data, size);
    for (enum identifier_kind kind = IDENTIFIER_NHS; kind < IDENTIFIER_COUNT; kind++) {
        char out[IDENTIFIER_SIZE] = "untouched";
        enum identifier_kind parsed = IDENTIFIER_COUNT;
        enum identifier_result result = identifier_check(kind, text, size, out);
        need(identifier_explain(result) != NULL);
        need(identifier_parse_kind(identifier_code(kind), strlen(identifier_code(kind)), &parsed) &&
             parsed == kind);
        if (result != IDENTIFIER_OK) {
            need(strcmp(out, "untouched") == 0);
            continue;
        }
        check_stored(kind, out);
        if (kind == IDENTIFIER_NHS || kind == IDENTIFIER_CHI || kind == IDENTIFIER_HC) {
            check_digit(kind, out);
        }
    }
    (void)identifier_parse_kind(text, size, &(enum identifier_kind){IDENTIFIER_NHS});
    (void)address_is_po_box(text, size);
    free(text);
    return 0;
}
