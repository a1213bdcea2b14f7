/* Any text as JSON: a tree or an error, never both; what was read is written and read again as the same. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "http/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool condition) {
    if (!condition) {
        abort();
    }
}

static void check_value(const cJSON *value, int depth) {
    const char *text = NULL;
    bool yes = false;
    int32_t number = 0;
    day_t day = DAY_NONE;
    quantity_t quantity = QUANTITY_NONE;
    need(depth <= JSON_DEPTH_MAX + 1);
    need(!json_text(value, &text) || text != NULL);
    need(!json_int(value, -5, 7, &number) || (number >= -5 && number <= 7));
    need(!json_day(value, &day) || (day >= DAY_MIN && day <= DAY_MAX));
    need(!json_quantity(value, &quantity) || (quantity >= 0 && quantity <= QUANTITY_MAX));
    (void)json_bool(value, &yes);
    for (const cJSON *one = value->child; one != NULL; one = one->next) {
        if (cJSON_IsObject(value)) {
            need(json_member(value, one->string) == (cJSON_IsNull(one) ? NULL : one));
        }
        check_value(one, depth + 1);
    }
}

/* 1e400 is read as infinity, which no getter takes and cJSON cannot write. */
static bool all_finite(const cJSON *value) {
    bool finite = !cJSON_IsNumber(value) || isfinite(value->valuedouble);
    for (const cJSON *one = value->child; finite && one != NULL; one = one->next) {
        finite = all_finite(one);
    }
    return finite;
}

static void check_written(const cJSON *value) {
    const char *error = NULL;
    char *written = cJSON_PrintUnformatted(value);
    need(written != NULL);
    cJSON *again = json_read(written, strlen(written), &error);
    need(again != NULL && cJSON_Compare(value, again, true));
    cJSON_Delete(again);
    cJSON_free(written);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size + (size == 0));
    need(text != NULL);
    memcpy(text, data, size);
    const char *error = NULL;
    cJSON *value = json_read(text, size, &error);
    need((value == NULL) == (error != NULL));
    if (value != NULL) {
        check_value(value, 1);
        if (all_finite(value)) {
            check_written(value);
        }
        cJSON_Delete(value);
    }
    free(text);
    return 0;
}
