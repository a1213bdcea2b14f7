/* Any text: only known flags; and an approved sentence is found beside it, whatever else is on the form. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/wording.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const enum wording_flag flags[] = {WORDING_W1, WORDING_W2, WORDING_W3,
                                          WORDING_W4, WORDING_W5, WORDING_W1OLD};

static void need(bool condition) {
    if (!condition) {
        abort();
    }
}

static unsigned all_flags(void) {
    unsigned all = 0;
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        all |= (unsigned)flags[i];
    }
    return all;
}

/* The text, an empty line, an approved sentence: what both hold, and nothing else. */
static void check_beside(const char *text, size_t size, enum wording_flag flag) {
    const char *sentence = wording_text(flag);
    size_t len = strlen(sentence);
    char *both = malloc(size + 2 + len);
    need(both != NULL);
    memcpy(both, text, size);
    memcpy(both + size, "\n\n", 2);
    memcpy(both + size + 2, sentence, len);
    need(wording_recognise(both, size + 2 + len) == (wording_recognise(text, size) | (unsigned)flag));
    free(both);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size + (size == 0));
    need(text != NULL);
    memcpy(text, data, size);
    unsigned found = wording_recognise(text, size);
    need((found & ~all_flags()) == 0);
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        enum wording_flag parsed = WORDING_W1;
        const char *code = wording_code(flags[i]);
        need(wording_recognise(wording_text(flags[i]), strlen(wording_text(flags[i]))) == (unsigned)flags[i]);
        need(wording_from_code(code, strlen(code), &parsed) && parsed == flags[i]);
    }
    check_beside(text, size, flags[size % (sizeof flags / sizeof flags[0])]);
    /* Letter case does not matter. */
    for (size_t i = 0; i < size; i++) {
        text[i] = (char)(text[i] >= 'a' && text[i] <= 'z' ? text[i] - 'a' + 'A' : text[i]);
    }
    need(wording_recognise(text, size) == found);
    free(text);
    return 0;
}
