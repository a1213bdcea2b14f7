/* Small files of one person. Paths are bounded; what is written is 0600 and renamed into place. */
#ifndef INSTALMENT_CLI_FILES_H
#define INSTALMENT_CLI_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The path of a file in $XDG_RUNTIME_DIR, or where that is not set in a folder of one's own. False where there is none. */
bool files_runtime(const char *name, char *out, size_t size);

/* A whole file with a NUL behind it; malloc'd. NULL where it cannot be read or is longer than `max` (errno says which: 0). */
char *files_read(const char *path, size_t max, size_t *len);

bool files_write(const char *path, const char *bytes, size_t len);

#endif
