/* The second keying compared with the first (P12). See check.h. */
#include "check_work.h"

#include <string.h>

static bool item_is(const struct plan *plan, size_t item, const struct product *product) {
    return strcmp(plan->prescription->items[item].product->code, product->code) == 0;
}

static bool has_product(const struct plan *plan, const struct product *product) {
    size_t i = 0;
    while (i < plan->prescription->item_count && !item_is(plan, i, product)) {
        i++;
    }
    return i < plan->prescription->item_count;
}

static quantity_t product_dose(const struct plan *plan, const struct product *product, day_t day) {
    quantity_t sum = 0;
    for (size_t i = 0; i < plan->prescription->item_count; i++) {
        sum += item_is(plan, i, product) ? plan_dose(plan, i, day) : 0;
    }
    return sum;
}

static quantity_t product_supervised_part(const struct plan *plan, const struct product *product, day_t day) {
    quantity_t sum = 0;
    for (size_t i = 0; i < plan->prescription->item_count; i++) {
        sum += item_is(plan, i, product) ? plan_supervised_part(plan, i, day) : 0;
    }
    return sum;
}

/* The sum of a product's totals as typed; QUANTITY_NONE where one was not typed. */
static quantity_t product_total(const struct plan *plan, const struct product *product) {
    quantity_t sum = 0;
    for (size_t i = 0; i < plan->prescription->item_count; i++) {
        quantity_t total = plan->prescription->items[i].total;
        if (item_is(plan, i, product)) {
            if (total == QUANTITY_NONE) {
                return QUANTITY_NONE;
            }
            sum += total;
        }
    }
    return sum;
}

static unsigned compare_days(const struct plan *a, const struct plan *b, const struct product *product) {
    unsigned fields = 0;
    day_t from = a->first < b->first ? a->first : b->first;
    day_t to = a->last > b->last ? a->last : b->last;
    for (day_t day = from; day <= to; day++) {
        quantity_t one = product_dose(a, product, day);
        quantity_t other = product_dose(b, product, day);
        if ((one == 0) != (other == 0)) {
            fields |= KEYED_DAYS;
        } else if (one != other) {
            fields |= KEYED_DOSES;
        } else if (plan_supervised_on(a, day) && plan_supervised_on(b, day) &&
                   product_supervised_part(a, product, day) != product_supervised_part(b, product, day)) {
            fields |= KEYED_SUPERVISED_PART;
        }
    }
    return fields;
}

/* The products of `a`; those that only `b` has are found the other way round. */
static unsigned compare_products(const struct plan *a, const struct plan *b) {
    unsigned fields = 0;
    for (size_t i = 0; i < a->prescription->item_count; i++) {
        const struct product *product = a->prescription->items[i].product;
        if (!has_product(b, product)) {
            fields |= KEYED_PRODUCTS;
            continue;
        }
        fields |= compare_days(a, b, product);
        quantity_t one = product_total(a, product);
        quantity_t other = product_total(b, product);
        if (one != QUANTITY_NONE && other != QUANTITY_NONE && one != other) {
            fields |= KEYED_TOTAL;
        }
    }
    return fields;
}

/* The collection days of `a`, compared with `b`: the same day, supervised the same. */
static unsigned compare_collections(const struct plan *a, const struct plan *b) {
    unsigned fields = 0;
    for (size_t i = 0; i < a->instalment_count; i++) {
        day_t day = a->instalments[i].collect;
        const struct instalment *other = plan_instalment_of(b, day);
        if (other == NULL || other->collect != day) {
            fields |= KEYED_COLLECT;
        } else if (plan_supervised_on(a, day) != plan_supervised_on(b, day)) {
            fields |= KEYED_SUPERVISED;
        }
    }
    return fields;
}

unsigned check_compare_keyings(const struct plan *first, const struct plan *second) {
    unsigned fields = compare_products(first, second) | compare_products(second, first) |
                      compare_collections(first, second) | compare_collections(second, first);
    if (first->prescription->wording != second->prescription->wording) {
        fields |= KEYED_WORDING;
    }
    return fields;
}

const char *check_keyed_field_name(enum keyed_field field) {
    switch (field) {
    case KEYED_PRODUCTS: return "items.product";
    case KEYED_DAYS: return "items.doses.days";
    case KEYED_DOSES: return "items.doses.dose";
    case KEYED_SUPERVISED_PART: return "items.doses.supervised_part";
    case KEYED_TOTAL: return "items.total";
    case KEYED_COLLECT: return "collect";
    case KEYED_SUPERVISED: return "supervised";
    case KEYED_WORDING: break;
    }
    return "wording";
}
