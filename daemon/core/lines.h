/*
 * The lines of a text that people edit (the catalogue, the bank holidays): "[head]", "key = value",
 * comments. Works in place, on a copy that the caller owns; no allocation. Pure.
 */
#ifndef INSTALMENT_CORE_LINES_H
#define INSTALMENT_CORE_LINES_H

#include <stdbool.h>
#include <stddef.h>

/* Longest key and longest value, in bytes. */
#define LINES_LONGEST 120

/* Where reading has come to. Begin with {.next = text, .end = text + len, .number = 0}. */
struct lines {
    char *next;
    char *end;  /* one byte must be writable here: it becomes a NUL */
    int number; /* of the line that was returned last, from 1 */
};

/*
 * The next line that is neither blank nor a comment (first character #), without blanks around it and
 * ended by a NUL; NULL where there is none. Lines end at LF or CR LF; blanks are space and tab.
 */
char *lines_next(struct lines *lines);

/* Is the line plain ASCII, without control characters but tab? A line with a NUL byte inside is not. */
bool lines_are_plain(const char *line);

/*
 * Cuts "key = value" at its first '=' into *key and *value, without blanks around them. Returns NULL, or
 * what is wrong (constant text): no '=', or a key or value that is empty or too long.
 */
const char *lines_split(char *line, const char **key, const char **value);

/* Cuts "[head]" to "head", as it stands between the brackets; NULL where the line is not of that form. */
const char *lines_head(char *line);

#endif
