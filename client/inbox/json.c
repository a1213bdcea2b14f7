#include "json.h"

#include <stdlib.h>
#include <string.h>

#define STEP_MAX 64 /* bytes of one step of a path */

/* How many bytes the UTF-8 character at `at` takes; 0 where it is none (overlong, surrogate, beyond, cut). */
static size_t utf8_len(const unsigned char *at, size_t left) {
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

/* From an opening quote: the index of the closing one, or len. */
static size_t scan_string(const unsigned char *s, size_t len, size_t i, const char **error) {
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
        size_t step = s[i] < 0x80 ? 1 : utf8_len(s + i, len - i);
        if (step == 0) {
            *error = "the text is not valid UTF-8";
            return len;
        }
        i += step;
    }
    return i;
}

static const char *scan(const char *text, size_t len) {
    const unsigned char *s = (const unsigned char *)text;
    const char *error = NULL;
    int depth = 0;
    for (size_t i = 0; i < len && error == NULL; i++) {
        if (s[i] == '"') {
            i = scan_string(s, len, i, &error);
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

static const char *check_object(const cJSON *object) {
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

/* NOLINTNEXTLINE(misc-no-recursion): at most JSON_DEPTH_MAX deep */
static const char *check_members(const cJSON *value) {
    const char *error = cJSON_IsObject(value) ? check_object(value) : NULL;
    for (const cJSON *one = value->child; error == NULL && one != NULL; one = one->next) {
        if (one->child != NULL) {
            error = check_members(one);
        }
    }
    return error;
}

cJSON *json_read(const char *text, size_t len, const char **error) {
    *error = scan(text, len);
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
    *error = end < text + len ? "something follows the value" : check_members(value);
    if (*error != NULL) {
        cJSON_Delete(value);
        return NULL;
    }
    return value;
}

const cJSON *json_at(const cJSON *value, const char *path) {
    while (value != NULL && *path != '\0') {
        char step[STEP_MAX];
        size_t len = strcspn(path, ".");
        if (len == 0 || len >= sizeof step) {
            return NULL;
        }
        memcpy(step, path, len);
        step[len] = '\0';
        if (step[0] >= '0' && step[0] <= '9') {
            value = cJSON_IsArray(value) ? cJSON_GetArrayItem(value, step[0] - '0') : NULL;
        } else {
            value = cJSON_IsObject(value) ? cJSON_GetObjectItemCaseSensitive(value, step) : NULL;
        }
        path += path[len] == '.' ? len + 1 : len;
    }
    return value;
}

const char *json_text(const cJSON *value, const char *path) {
    const cJSON *found = json_at(value, path);
    return found != NULL && cJSON_IsString(found) ? found->valuestring : NULL;
}

bool json_is(const cJSON *value, const char *path, const char *text) {
    const char *found = json_text(value, path);
    return found != NULL && strcmp(found, text) == 0;
}

char *json_print(cJSON *value) {
    char *text = value == NULL ? NULL : cJSON_PrintUnformatted(value);
    cJSON_Delete(value);
    return text;
}
