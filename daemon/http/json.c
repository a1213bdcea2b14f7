#include "json.h"

#include <string.h>

/* How many bytes the UTF-8 character at `at` takes; 0 where it is none (overlong, surrogate, beyond, cut). */
static size_t json_utf8(const unsigned char *at, size_t left) {
    static const struct {
        unsigned char lead_min, lead_max, second_min, second_max;
        size_t len;
    } forms[] = {
        {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3}, {0xE1, 0xEC, 0x80, 0xBF, 3},
        {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3}, {0xF0, 0xF0, 0x90, 0xBF, 4},
        {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
    };
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if (at[0] < forms[i].lead_min || at[0] > forms[i].lead_max) {
            continue;
        }
        if (left < forms[i].len || at[1] < forms[i].second_min || at[1] > forms[i].second_max) {
            return 0;
        }
        for (size_t k = 2; k < forms[i].len; k++) {
            if ((at[k] & 0xC0) != 0x80) {
                return 0;
            }
        }
        return forms[i].len;
    }
    return 0;
}

/* One pass over a string from its opening quote; returns the index of its closing quote, or len. */
static size_t json_scan_string(const unsigned char *s, size_t len, size_t i, const char **error) {
    for (i++; i < len && s[i] != '"';) {
        if (s[i] < 0x20) {
            *error = "a control character stands in a text";
            return len;
        }
        if (s[i] == '\\') {
            if (len - i >= 6 && memcmp(s + i, "\\u0000", 6) == 0) {
                *error = "a text holds a NUL character";
                return len;
            }
            i += 2;
            continue;
        }
        size_t step = s[i] < 0x80 ? 1 : json_utf8(s + i, len - i);
        if (step == 0) {
            *error = "the text is not valid UTF-8";
            return len;
        }
        i += step;
    }
    return i;
}

/* What cJSON does not look at: depth, UTF-8, NUL. Leaves everything else to it. */
static const char *json_scan(const char *text, size_t len) {
    const unsigned char *s = (const unsigned char *)text;
    const char *error = NULL;
    int depth = 0;
    for (size_t i = 0; i < len && error == NULL; i++) {
        if (s[i] == '"') {
            i = json_scan_string(s, len, i, &error);
        } else if (s[i] == '{' || s[i] == '[') {
            error = ++depth > JSON_DEPTH_MAX ? "the value is nested too deeply" : NULL;
        } else if (s[i] == '}' || s[i] == ']') {
            depth--;
        } else if (s[i] >= 0x80 || (s[i] < ' ' && s[i] != '\t' && s[i] != '\n' && s[i] != '\r')) {
            error = "the text is not JSON";
        }
    }
    return error;
}

static const char *json_check_object(const cJSON *object) {
    size_t count = 0;
    for (const cJSON *one = object->child; one != NULL; one = one->next) {
        if (++count > JSON_MEMBERS_MAX) {
            return "an object has too many members";
        }
        for (const cJSON *other = object->child; other != one; other = other->next) {
            if (strcmp(one->string, other->string) == 0) {
                return "an object has the same member twice";
            }
        }
    }
    return NULL;
}

/* Depth is bounded by json_scan. */
/* NOLINTNEXTLINE(misc-no-recursion): at most JSON_DEPTH_MAX deep */
static const char *json_check_members(const cJSON *value) {
    const char *error = cJSON_IsObject(value) ? json_check_object(value) : NULL;
    for (const cJSON *one = value->child; error == NULL && one != NULL; one = one->next) {
        if (one->child != NULL) {
            error = json_check_members(one);
        }
    }
    return error;
}

cJSON *json_read(const char *text, size_t len, const char **error) {
    *error = json_scan(text, len);
    if (*error != NULL) {
        return NULL;
    }
    const char *end = NULL;
    cJSON *value = cJSON_ParseWithLengthOpts(text, len, &end, false);
    if (value == NULL) {
        *error = "the text is not JSON";
        return NULL;
    }
    while (end < text + len && (*end == ' ' || *end == '\t' || *end == '\r' || *end == '\n')) {
        end++;
    }
    *error = end < text + len ? "something follows the value" : json_check_members(value);
    if (*error != NULL) {
        cJSON_Delete(value);
        return NULL;
    }
    return value;
}

const cJSON *json_member(const cJSON *object, const char *name) {
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(object, name);
    return value == NULL || cJSON_IsNull(value) ? NULL : value;
}

bool json_text(const cJSON *value, const char **out) {
    if (!cJSON_IsString(value)) {
        return false;
    }
    *out = value->valuestring;
    return true;
}

bool json_bool(const cJSON *value, bool *out) {
    if (!cJSON_IsBool(value)) {
        return false;
    }
    *out = cJSON_IsTrue(value) != 0;
    return true;
}

bool json_int(const cJSON *value, int32_t min, int32_t max, int32_t *out) {
    if (!cJSON_IsNumber(value) || !(value->valuedouble >= min && value->valuedouble <= max)) {
        return false;
    }
    int32_t whole = (int32_t)value->valuedouble;
    if (whole < value->valuedouble || whole > value->valuedouble) {
        return false;
    }
    *out = whole;
    return true;
}

bool json_day(const cJSON *value, day_t *out) {
    return cJSON_IsString(value) && day_parse(value->valuestring, strlen(value->valuestring), out);
}

bool json_quantity(const cJSON *value, quantity_t *out) {
    return cJSON_IsString(value) && quantity_parse(value->valuestring, strlen(value->valuestring), out);
}
