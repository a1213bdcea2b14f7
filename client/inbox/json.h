/*
 * JSON from outside: cJSON behind the checks that it leaves out (UTF-8, control characters, NUL, depth, members that
 * stand twice, anything after the value), and short getters.
 */
#ifndef INSTALMENT_INBOX_JSON_H
#define INSTALMENT_INBOX_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#define JSON_DEPTH_MAX 16
#define JSON_MEMBERS_MAX 64

/* The value, cJSON_Delete it; NULL with *error, a constant half sentence. */
cJSON *json_read(const char *text, size_t len, const char **error);

/* Down a path of members and array indexes: "identifier.0.value". NULL where anything is missing. value may be NULL. */
const cJSON *json_at(const cJSON *value, const char *path);
/* The text there; NULL where there is none. */
const char *json_text(const cJSON *value, const char *path);
/* Is the text there exactly this? */
bool json_is(const cJSON *value, const char *path, const char *text);

/* The value printed without blanks; free it. The value is deleted. NULL: no memory. */
char *json_print(cJSON *value);

#endif
