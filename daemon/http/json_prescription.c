#include "json_prescription.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define LIST_MAX 8192
#define ITEMS_MAX 16

static const char *const message_day = "must be a day written YYYY-MM-DD";
static const char *const message_days = "must be a list of days written YYYY-MM-DD";
static const char *const message_memory = "is too large";

void json_error_add(struct json_errors *errors, const char *message, const char *field, ...) {
    if (errors->count == JSON_ERRORS_MAX) {
        return;
    }
    struct json_error *error = &errors->list[errors->count++];
    va_list arguments;
    va_start(arguments, field);
    (void)vsnprintf(error->field, sizeof error->field, field, arguments);
    va_end(arguments);
    error->message = message;
}

/* The number of elements of an array, or -1 where it is none or longer than LIST_MAX. */
static int32_t json_array_count(const cJSON *array) {
    int32_t count = 0;
    if (!cJSON_IsArray(array)) {
        return -1;
    }
    for (const cJSON *one = array->child; one != NULL; one = one->next) {
        if (++count > LIST_MAX) {
            return -1;
        }
    }
    return count;
}

bool json_days(const struct json_context *context, const cJSON *array, const char *field,
               struct day_list *out) {
    int32_t count = json_array_count(array);
    if (count < 0) {
        json_error_add(context->errors, message_days, "%s", field);
        return false;
    }
    day_t *days = arena_take(context->arena, (size_t)count + 1, sizeof *days);
    if (days == NULL) {
        json_error_add(context->errors, message_memory, "%s", field);
        return false;
    }
    size_t at = 0;
    for (const cJSON *one = array->child; one != NULL; one = one->next) {
        if (!json_day(one, &days[at++])) {
            json_error_add(context->errors, message_day, "%s[%zu]", field, at - 1);
            return false;
        }
    }
    *out = (struct day_list){.days = days, .count = day_sort(days, at)};
    return true;
}

bool json_weekdays(const struct json_context *context, const cJSON *array, const char *field,
                   weekday_set *out) {
    weekday_set set = 0;
    bool ok = cJSON_IsArray(array);
    for (const cJSON *one = ok ? array->child : NULL; ok && one != NULL; one = one->next) {
        const char *text = NULL;
        enum weekday weekday = WEEKDAY_MON;
        ok = json_text(one, &text) && weekday_parse(text, strlen(text), &weekday);
        set = (weekday_set)(set | 1U << (unsigned)weekday);
    }
    if (!ok) {
        json_error_add(context->errors, "must be a list of weekdays: mon, tue, wed, thu, fri, sat, sun", "%s",
                       field);
        return false;
    }
    *out = set;
    return true;
}

/* The index of a text among constant texts, or -1. */
static int json_choice(const cJSON *value, const char *const *texts, size_t count) {
    const char *text = NULL;
    if (!json_text(value, &text)) {
        return -1;
    }
    for (size_t i = 0; i < count; i++) {
        if (strcmp(text, texts[i]) == 0) {
            return (int)i;
        }
    }
    return -1;
}

/* An optional day: DAY_NONE where absent or null. */
static bool json_optional_day(const struct json_context *context, const cJSON *object, const char *name,
                              day_t *out) {
    const cJSON *value = json_member(object, name);
    *out = DAY_NONE;
    if (value != NULL && !json_day(value, out)) {
        json_error_add(context->errors, message_day, "%s", name);
        return false;
    }
    return true;
}

static bool json_run(const struct json_context *context, const cJSON *object, size_t item, size_t index,
                     struct dose_run *run) {
    const cJSON *from = json_member(object, "from");
    const cJSON *days = json_member(object, "days");
    const cJSON *dose = json_member(object, "dose");
    const cJSON *part = json_member(object, "supervised_part");
    run->supervised_part = QUANTITY_NONE;
    if (from == NULL || !json_day(from, &run->from)) {
        json_error_add(context->errors, message_day, "items[%zu].doses[%zu].from", item, index);
        return false;
    }
    if (days == NULL || !json_int(days, 1, PLAN_DAYS_MAX, &run->days) ||
        run->days - 1 > DAY_MAX - run->from) {
        json_error_add(context->errors, "must be a whole number of days from 1 to 3660",
                       "items[%zu].doses[%zu].days", item, index);
        return false;
    }
    if (dose == NULL || !json_quantity(dose, &run->dose)) {
        json_error_add(context->errors, "must be a quantity in a text, as \"62.5\"",
                       "items[%zu].doses[%zu].dose", item, index);
        return false;
    }
    if (part != NULL && !json_quantity(part, &run->supervised_part)) {
        json_error_add(context->errors, "must be a quantity in a text, as \"30\"",
                       "items[%zu].doses[%zu].supervised_part", item, index);
        return false;
    }
    return true;
}

static bool json_runs(const struct json_context *context, const cJSON *array, size_t item, struct item *out) {
    int32_t count = json_array_count(array);
    struct dose_run *runs = NULL;
    if (count > 0) {
        runs = arena_take(context->arena, (size_t)count, sizeof *runs);
    }
    if (runs == NULL) {
        json_error_add(context->errors, "must be a list of runs of days", "items[%zu].doses", item);
        return false;
    }
    size_t at = 0;
    for (const cJSON *one = array->child; one != NULL; one = one->next, at++) {
        if (!json_run(context, one, item, at, &runs[at])) {
            return false;
        }
        if (at > 0 && runs[at].from - runs[at - 1].from < runs[at - 1].days) {
            json_error_add(context->errors, "must come after the run before it", "items[%zu].doses[%zu].from",
                           item, at);
            return false;
        }
    }
    out->runs = runs;
    out->run_count = at;
    return true;
}

static bool json_item(const struct json_context *context, const cJSON *object, size_t index,
                      struct item *out) {
    const cJSON *product = json_member(object, "product");
    const cJSON *total = json_member(object, "total");
    const char *code = NULL;
    if (product != NULL && json_text(product, &code)) {
        out->product = catalogue_find(context->catalogue, code, strlen(code));
    }
    if (out->product == NULL) {
        json_error_add(context->errors, "must be the code of a product of the catalogue",
                       "items[%zu].product", index);
        return false;
    }
    out->total = QUANTITY_NONE;
    if (total != NULL && !json_quantity(total, &out->total)) {
        json_error_add(context->errors, "must be a quantity in a text, as \"840\"", "items[%zu].total",
                       index);
        return false;
    }
    return json_runs(context, json_member(object, "doses"), index, out);
}

static bool json_items(const struct json_context *context, const cJSON *array, struct prescription *out) {
    int32_t count = json_array_count(array);
    if (count < 1 || count > ITEMS_MAX) {
        json_error_add(context->errors, "must be a list of 1 to 16 items", "items");
        return false;
    }
    struct item *items = arena_take(context->arena, (size_t)count, sizeof *items);
    if (items == NULL) {
        json_error_add(context->errors, message_memory, "items");
        return false;
    }
    bool ok = true;
    size_t at = 0;
    for (const cJSON *one = array->child; one != NULL; one = one->next, at++) {
        ok = json_item(context, one, at, &items[at]) && ok;
    }
    for (size_t i = 0; ok && i < at; i++) {
        if (items[i].product->drug_class != items[0].product->drug_class) {
            json_error_add(context->errors, "one prescription holds one class: enter the form as two",
                           "items[%zu].product", i);
            ok = false;
        }
    }
    if (ok) {
        out->items = items;
        out->item_count = at;
        out->drug_class = items[0].product->drug_class;
    }
    return ok;
}

static bool json_collect(const struct json_context *context, const cJSON *object, struct collection *out) {
    *out = (struct collection){.kind = COLLECT_DATES};
    if (object == NULL) {
        return true;
    }
    const cJSON *weekdays = json_member(object, "weekdays");
    const cJSON *every = json_member(object, "every_days");
    const cJSON *dates = json_member(object, "dates");
    int given = (weekdays != NULL) + (every != NULL) + (dates != NULL);
    if (!cJSON_IsObject(object) || given != 1) {
        json_error_add(context->errors, "must have one of weekdays, every_days, dates", "collect");
        return false;
    }
    if (weekdays != NULL) {
        out->kind = COLLECT_WEEKDAYS;
        return json_weekdays(context, weekdays, "collect.weekdays", &out->weekdays);
    }
    if (dates != NULL) {
        return json_days(context, dates, "collect.dates", &out->dates);
    }
    out->kind = COLLECT_EVERY_DAYS;
    if (!json_int(every, 1, PLAN_DAYS_MAX, &out->every_days)) {
        json_error_add(context->errors, "must be a whole number of days from 1 to 3660",
                       "collect.every_days");
        return false;
    }
    return true;
}

static bool json_supervised(const struct json_context *context, const cJSON *value, struct supervision *out) {
    static const char *const texts[] = {
        [SUPERVISED_NONE] = "none", [SUPERVISED_COLLECTION_DAYS] = "collection_days"};
    *out = (struct supervision){.kind = SUPERVISED_NONE};
    if (value == NULL) {
        return true;
    }
    const cJSON *weekdays = cJSON_IsObject(value) ? json_member(value, "weekdays") : NULL;
    if (weekdays != NULL) {
        out->kind = SUPERVISED_WEEKDAYS;
        return json_weekdays(context, weekdays, "supervised.weekdays", &out->weekdays);
    }
    int kind = json_choice(value, texts, sizeof texts / sizeof texts[0]);
    if (kind < 0) {
        json_error_add(context->errors, "must be collection_days, none or a list of weekdays", "supervised");
        return false;
    }
    out->kind = (enum supervision_kind)kind;
    return true;
}

static bool json_wording(const struct json_context *context, const cJSON *array, unsigned *out) {
    *out = 0;
    if (array == NULL) {
        return true;
    }
    bool ok = cJSON_IsArray(array);
    for (const cJSON *one = ok ? array->child : NULL; ok && one != NULL; one = one->next) {
        const char *code = NULL;
        enum wording_flag flag = WORDING_W1;
        ok = json_text(one, &code) && wording_from_code(code, strlen(code), &flag);
        *out |= ok ? (unsigned)flag : 0U;
    }
    if (!ok) {
        json_error_add(context->errors, "must be a list of W1, W2, W3, W4, W5, W1old", "wording");
    }
    return ok;
}

static bool json_form(const struct json_context *context, const cJSON *object, struct prescription *out) {
    static const char *const forms[] = {"FP10MDA", "FP10HMDA", "WP10MDA", "GP10",
                                        "HBP",     "HS21",     "FP10",    "FP10PCD"};
    static const char *const stages[] = {"titration", "stable", "reduction"};
    const cJSON *form = json_member(object, "form");
    const cJSON *stage = json_member(object, "stage");
    int form_index = form == NULL ? (int)FORM_FP10MDA : json_choice(form, forms, FORM_COUNT);
    int stage_index = stage == NULL ? (int)STAGE_STABLE : json_choice(stage, stages, STAGE_COUNT);
    if (form_index < 0) {
        json_error_add(context->errors,
                       "must be FP10MDA, FP10HMDA, WP10MDA, GP10, HBP, HS21, FP10 or FP10PCD", "form");
    }
    if (stage_index < 0) {
        json_error_add(context->errors, "must be titration, stable or reduction", "stage");
    }
    out->form = (enum prescription_form)form_index;
    out->stage = (enum stage)stage_index;
    return form_index >= 0 && stage_index >= 0;
}

static bool json_dates(const struct json_context *context, const cJSON *object, struct prescription *out) {
    const cJSON *signed_on = json_member(object, "signed_on");
    bool ok = signed_on != NULL && json_day(signed_on, &out->signed_on);
    if (!ok) {
        json_error_add(context->errors, message_day, "signed_on");
    }
    ok = json_optional_day(context, object, "start_on", &out->start_on) && ok;
    ok = json_optional_day(context, object, "entered_on", &out->entered_on) && ok;
    return json_optional_day(context, object, "stopped_from", &out->stopped_from) && ok;
}

static void prescription_empty(struct prescription *out) {
    *out = (struct prescription){.replaces = PRESCRIPTION_NONE,
                                 .together_with = PRESCRIPTION_NONE,
                                 .replaces_from = DAY_NONE,
                                 .start_on = DAY_NONE,
                                 .entered_on = DAY_NONE,
                                 .stopped_from = DAY_NONE};
}

bool json_plan(const struct json_context *context, const cJSON *object, struct prescription *out) {
    prescription_empty(out);
    bool ok = json_wording(context, json_member(object, "wording"), &out->wording);
    ok = json_collect(context, json_member(object, "collect"), &out->collect) && ok;
    return json_items(context, json_member(object, "items"), out) && ok;
}

bool json_prescription(const struct json_context *context, const cJSON *object, struct prescription *out) {
    prescription_empty(out);
    if (!cJSON_IsObject(object)) {
        json_error_add(context->errors, "must be an object", "prescription");
        return false;
    }
    bool ok = json_form(context, object, out);
    ok = json_dates(context, object, out) && ok;
    ok = json_wording(context, json_member(object, "wording"), &out->wording) && ok;
    ok = json_collect(context, json_member(object, "collect"), &out->collect) && ok;
    ok = json_supervised(context, json_member(object, "supervised"), &out->supervised) && ok;
    return json_items(context, json_member(object, "items"), out) && ok;
}
