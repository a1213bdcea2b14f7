/* The medicine catalogue. */
#include <string.h>

#include "routes.h"

#define READERS (ROLE_COUNTER | ROLE_TECHNICIAN | ROLE_PHARMACIST | ROLE_MANAGER | ROLE_INSPECTOR)

static cJSON *json_product(const struct product *product) {
    cJSON *object = cJSON_CreateObject();
    json_put_text(object, "code", product->code);
    json_put_text(object, "name", product->name);
    json_put_text(object, "drug", product->drug);
    json_put_text(object, "form", product->form);
    json_put_text(object, "strength", product->strength);
    json_put_text(object, "unit", product->unit);
    cJSON_AddNumberToObject(object, "schedule", product->schedule);
    json_put_text(object, "class", product->drug_class == CLASS_OPIOID ? "opioid" : "benzodiazepine");
    cJSON *labels = cJSON_AddArrayToObject(object, "labels");
    for (size_t i = 0; i < product->label_count; i++)
        cJSON_AddItemToArray(labels, cJSON_CreateNumber(product->labels[i]));
    cJSON_AddBoolToObject(object, "concentrate", product->concentrate);
    cJSON_AddBoolToObject(object, "not_for_dependence", product->not_for_dependence);
    json_put_text(object, "dmd", product->dmd_code);
    return object;
}

/* The catalogue is sorted by code, byte by byte. */
static bool products_get(struct call *call) {
    const struct catalogue *catalogue = desk_catalogue();
    const char *after = call_query(call, "after");
    const char *next = NULL;
    int32_t limit = 0;
    if (!call_limit(call, &limit))
        return false;
    cJSON *items = cJSON_CreateArray();
    for (size_t i = 0; i < catalogue->count; i++) {
        const struct product *product = &catalogue->products[i];
        if (after != NULL && strcmp(product->code, after) <= 0)
            continue;
        if (cJSON_GetArraySize(items) == limit) {
            next = catalogue->products[i - 1].code;
            break;
        }
        cJSON_AddItemToArray(items, json_product(product));
    }
    cJSON *answer = json_list(items, next);
    json_put_text(answer, "version", catalogue->version);
    return call_answer(call, 200, answer);
}

const struct route routes_products[] = {
    {"GET", "/products", READERS, ROUTE_READ, 0, "The medicine catalogue, by code (?limit=, ?after=).",
     products_get, NULL},
};
const size_t routes_products_count = sizeof routes_products / sizeof routes_products[0];
