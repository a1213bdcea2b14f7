/*
 * The shape of a prescription in JSON (api.md), decoded into the core's. Used by the interface and by
 * `instalmentd decide` alike. Everything decoded lies in the arena.
 */
#ifndef INSTALMENT_HTTP_JSON_PRESCRIPTION_H
#define INSTALMENT_HTTP_JSON_PRESCRIPTION_H

#include "../core/prescription.h"
#include "../sys/arena.h"
#include "json.h"

#define JSON_ERRORS_MAX 16
#define JSON_FIELD_SIZE 64

/* What is wrong with which member: "items[0].doses[1].days", "must be a whole number from 1 to 3660". */
struct json_error {
    char field[JSON_FIELD_SIZE];
    const char *message; /* constant text */
};

struct json_errors {
    struct json_error list[JSON_ERRORS_MAX];
    size_t count; /* further ones are dropped */
};

void json_error_add(struct json_errors *errors, const char *message, const char *field, ...)
    __attribute__((format(printf, 3, 4)));

struct json_context {
    struct arena *arena;
    const struct catalogue *catalogue;
    struct json_errors *errors;
};

/*
 * Decodes form, dates, stage, wording, items, collect, supervised of one prescription. `replaces` and
 * `together_with` are left at PRESCRIPTION_NONE: who they name only the caller knows. False where anything
 * is wrong; context->errors then says what.
 */
bool json_prescription(const struct json_context *context, const cJSON *object, struct prescription *out);

/* The members that a second person keys: items, collect, wording. The rest is left as json_prescription leaves it. */
bool json_plan(const struct json_context *context, const cJSON *object, struct prescription *out);

/* A sorted list of distinct days; false where it is none or memory is short. */
bool json_days(const struct json_context *context, const cJSON *array, const char *field,
               struct day_list *out);

/* ["mon","tue"]; false where it is none. */
bool json_weekdays(const struct json_context *context, const cJSON *array, const char *field,
                   weekday_set *out);

#endif
