/*
 * A string builder. It is given its maximum when it is made; its first failure latches: later additions do
 * nothing, and buffer_ok says so at the end. Not safe for two threads at a time.
 */
#ifndef INSTALMENT_SYS_BUFFER_H
#define INSTALMENT_SYS_BUFFER_H

#include <stdbool.h>
#include <stddef.h>

struct buffer {
    char *bytes; /* with a NUL after them where anything was ever added; owned */
    size_t len;
    size_t room;
    size_t limit; /* the largest len allowed */
    bool failed;
};

/* An empty buffer for at most `limit` bytes. Takes no memory yet. */
void buffer_init(struct buffer *buffer, size_t limit);

/* Gives its memory back; the buffer is empty and usable again, with the same limit. */
void buffer_release(struct buffer *buffer);

/* Empties it, keeps its memory and forgets a failure. */
void buffer_clear(struct buffer *buffer);

void buffer_add(struct buffer *buffer, const void *bytes, size_t len);
void buffer_text(struct buffer *buffer, const char *text);
void buffer_char(struct buffer *buffer, char c);
void buffer_format(struct buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Did everything fit? */
bool buffer_ok(const struct buffer *buffer);

#endif
