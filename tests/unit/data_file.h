/* For the tests of data that people edit: the shipped files, and memory that can run out. */
#ifndef INSTALMENT_TESTS_DATA_FILE_H
#define INSTALMENT_TESTS_DATA_FILE_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The file's bytes, NUL behind them; the tests run in the root of the source tree. Never freed. */
static inline char *data_file_read(const char *path) {
    static char text[200000];
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        perror(path);
        abort();
    }
    size_t len = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[len] = '\0';
    return text;
}

/* text with the first `from` in it replaced, in a buffer that the next call uses again. */
static inline const char *data_file_edit(const char *text, const char *from, const char *to) {
    static char edited[200000];
    const char *at = strstr(text, from);
    if (at == NULL) {
        fprintf(stderr, "not in the text: %s\n", from);
        abort();
    }
    snprintf(edited, sizeof edited, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    return edited;
}

#endif
