/*
 * Reading JSON safely (style.md, "JSON in one layer"). cJSON checks neither UTF-8 nor duplicate members nor
 * what follows the value: this module does, before anybody looks at the tree.
 */
#ifndef INSTALMENT_HTTP_JSON_H
#define INSTALMENT_HTTP_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../core/day.h"
#include "../core/quantity.h"

#define JSON_DEPTH_MAX 16
#define JSON_MEMBERS_MAX 256 /* of one object */

/*
 * Reads one JSON value. Returns the tree, to be freed with cJSON_Delete, or NULL with *error set to a constant
 * sentence: not UTF-8, a NUL, nested too deeply, not JSON, something after the value, or a duplicate member.
 */
cJSON *json_read(const char *text, size_t len, const char **error);

/* The member, or NULL where it is absent or null. */
const cJSON *json_member(const cJSON *object, const char *name);

/*
 * Typed getters. Each takes a value (not NULL) and returns false, with *out untouched, where it is of another
 * type or out of range. Texts are borrowed from the tree.
 */
bool json_text(const cJSON *value, const char **out);
bool json_bool(const cJSON *value, bool *out);
bool json_int(const cJSON *value, int32_t min, int32_t max, int32_t *out);
bool json_day(const cJSON *value, day_t *out);
bool json_quantity(const cJSON *value, quantity_t *out);

#endif
