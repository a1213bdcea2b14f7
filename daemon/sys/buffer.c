#include "buffer.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buffer_init(struct buffer *buffer, size_t limit) {
    *buffer = (struct buffer){.limit = limit};
}

void buffer_release(struct buffer *buffer) {
    free(buffer->bytes);
    buffer_init(buffer, buffer->limit);
}

void buffer_clear(struct buffer *buffer) {
    buffer->len = 0;
    buffer->failed = false;
}

/* Makes room for `more` bytes and a NUL. */
static bool buffer_reserve(struct buffer *buffer, size_t more) {
    if (buffer->failed || more > buffer->limit - buffer->len) {
        buffer->failed = true;
        return false;
    }
    size_t wanted = buffer->len + more + 1;
    if (wanted <= buffer->room) {
        return true;
    }
    size_t room = buffer->room < 256 ? 256 : buffer->room;
    while (room < wanted) {
        room *= 2;
    }
    char *bytes = realloc(buffer->bytes, room);
    if (bytes == NULL) {
        buffer->failed = true;
        return false;
    }
    buffer->bytes = bytes;
    buffer->room = room;
    return true;
}

void buffer_add(struct buffer *buffer, const void *bytes, size_t len) {
    if (buffer_reserve(buffer, len)) {
        memcpy(buffer->bytes + buffer->len, bytes, len);
        buffer->len += len;
        buffer->bytes[buffer->len] = '\0';
    }
}

void buffer_text(struct buffer *buffer, const char *text) {
    buffer_add(buffer, text, strlen(text));
}

void buffer_char(struct buffer *buffer, char c) {
    buffer_add(buffer, &c, 1);
}

void buffer_format(struct buffer *buffer, const char *format, ...) {
    char small[512];
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(small, sizeof small, format, arguments);
    va_end(arguments);
    if (len >= 0 && (size_t)len < sizeof small) {
        buffer_add(buffer, small, (size_t)len);
        return;
    }
    if (len < 0 || !buffer_reserve(buffer, (size_t)len)) {
        buffer->failed = true;
        return;
    }
    va_start(arguments, format);
    (void)vsnprintf(buffer->bytes + buffer->len, (size_t)len + 1, format, arguments);
    va_end(arguments);
    buffer->len += (size_t)len;
}

bool buffer_ok(const struct buffer *buffer) {
    return !buffer->failed;
}
