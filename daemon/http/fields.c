/* Members that may be changed one by one: see fields.h. */
#include "fields.h"

#include <stdio.h>
#include <string.h>

void fields_wrong(const struct fields *fields, const char *name, const char *message) {
    if (fields->prefix == NULL)
        json_error_add(&fields->call->errors, message, "%.60s", name);
    else
        json_error_add(&fields->call->errors, message, "%.20s.%.40s", fields->prefix, name);
}

static void name_unknown(const struct fields *fields, const char *const *names) {
    for (const cJSON *one = fields->object->child; one != NULL; one = one->next) {
        size_t i = 0;
        while (names[i] != NULL && strcmp(names[i], one->string) != 0)
            i++;
        if (names[i] == NULL)
            fields_wrong(fields, one->string, "is not known here");
    }
}

struct fields fields_body(struct call *call, const char *const *names) {
    call_known(call, names);
    return (struct fields){.call = call, .object = call->body};
}

bool fields_object(struct call *call, const char *name, const char *const *names, struct fields *out,
                   bool *empty) {
    const cJSON *object = json_member(call->body, name);
    if (object == NULL)
        return false;
    *out = (struct fields){.call = call, .object = object, .prefix = name};
    if (!cJSON_IsObject(object)) {
        json_error_add(&call->errors, "must be an object", "%s", name);
        return false;
    }
    *empty = object->child == NULL;
    name_unknown(out, names);
    return true;
}

static const char *text_fault(const char *text, size_t max, bool lines) {
    size_t len = strlen(text);
    if (len > max)
        return "is too long";
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if ((c < ' ' && !(lines && c == '\n')) || c == 0x7F)
            return "must not have control characters";
    }
    return NULL;
}

void fields_text(const struct fields *fields, const char *name, size_t max, bool lines, const char **out) {
    const cJSON *value = json_member(fields->object, name);
    const char *text = NULL;
    if (value == NULL)
        return;
    if (!json_text(value, &text)) {
        fields_wrong(fields, name, "must be a text");
        return;
    }
    const char *fault = text_fault(text, max, lines);
    if (fault != NULL)
        fields_wrong(fields, name, fault);
    else
        *out = text[strspn(text, " \n")] == '\0' ? NULL : text;
}

void fields_day(const struct fields *fields, const char *name, day_t *out) {
    const cJSON *value = json_member(fields->object, name);
    const char *text = NULL;
    if (value == NULL || json_day(value, out))
        return;
    if (json_text(value, &text) && *text == '\0')
        *out = DAY_NONE;
    else
        fields_wrong(fields, name, "must be a day written YYYY-MM-DD");
}

void fields_bool(const struct fields *fields, const char *name, bool *out) {
    const cJSON *value = json_member(fields->object, name);
    if (value != NULL && !json_bool(value, out))
        fields_wrong(fields, name, "must be true or false");
}

void fields_int(const struct fields *fields, const char *name, int32_t min, int32_t max, int32_t *out) {
    const cJSON *value = json_member(fields->object, name);
    if (value != NULL && !json_int(value, min, max, out))
        fields_wrong(fields, name, "must be a whole number in its range");
}

void fields_choice(const struct fields *fields, const char *name, const char *const *texts,
                   const char **out) {
    const cJSON *value = json_member(fields->object, name);
    const char *text = NULL;
    if (value == NULL)
        return;
    for (size_t i = 0; json_text(value, &text) && texts[i] != NULL; i++) {
        if (strcmp(texts[i], text) == 0) {
            *out = texts[i];
            return;
        }
    }
    fields_wrong(fields, name, "is not one of the words allowed here");
}

void fields_minute(const struct fields *fields, const char *name, const cJSON *value, int32_t *out) {
    const char *text = NULL;
    if (json_text(value, &text) && strlen(text) == 5 && text[2] == ':' && strspn(text, "0123456789") == 2 &&
        strspn(text + 3, "0123456789") == 2) {
        int hour = (text[0] - '0') * 10 + (text[1] - '0');
        int minute = (text[3] - '0') * 10 + (text[4] - '0');
        if (hour < 24 && minute < 60) {
            *out = hour * 60 + minute;
            return;
        }
    }
    fields_wrong(fields, name, "must be a time written HH:MM");
}

cJSON *json_minute(int32_t minute) {
    char text[16];
    if (minute < 0)
        return cJSON_CreateNull();
    (void)snprintf(text, sizeof text, "%02d:%02d", minute / 60 % 24, minute % 60);
    return cJSON_CreateString(text);
}

void fields_need(const struct fields *fields, const char *name, bool given) {
    if (!given && json_member(fields->object, name) == NULL)
        fields_wrong(fields, name, "is missing");
    else if (!given && fields->call->errors.count == 0)
        fields_wrong(fields, name, "must not be empty");
}

bool fields_query_day(struct call *call, const char *name, day_t *out) {
    const char *text = call_query(call, name);
    if (text == NULL || day_parse(text, strlen(text), out))
        return true;
    json_error_add(&call->errors, "must be a day written YYYY-MM-DD", "%s", name);
    return false;
}
