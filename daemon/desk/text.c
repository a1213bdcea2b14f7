#include "text.h"

#include <stdarg.h>
#include <stdio.h>

const char *desk_text(struct tx *tx, const char *format, ...) {
    char text[DESK_TEXT_MAX + 1];
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (len < 0 || (size_t)len >= sizeof text) {
        return NULL;
    }
    return arena_text(tx->arena, text, (size_t)len);
}
