#include "prescription_rules.h"

#include <string.h>

static const char *const forms[] = {
    [FORM_FP10MDA] = "FP10MDA", [FORM_FP10HMDA] = "FP10HMDA", [FORM_WP10MDA] = "WP10MDA",
    [FORM_GP10] = "GP10",       [FORM_HBP] = "HBP",           [FORM_HS21] = "HS21",
    [FORM_FP10] = "FP10",       [FORM_FP10PCD] = "FP10PCD",
};
static const char *const stages[] = {
    [STAGE_TITRATION] = "titration", [STAGE_STABLE] = "stable", [STAGE_REDUCTION] = "reduction"};
static const char *const classes[] = {[CLASS_OPIOID] = "opioid", [CLASS_BENZODIAZEPINE] = "benzodiazepine"};
static const char *const collections[] = {
    [COLLECT_WEEKDAYS] = "weekdays", [COLLECT_EVERY_DAYS] = "every_days", [COLLECT_DATES] = "dates"};
static const char *const supervisions[] = {[SUPERVISED_NONE] = "none",
                                           [SUPERVISED_COLLECTION_DAYS] = "collection_days",
                                           [SUPERVISED_WEEKDAYS] = "weekdays"};

/* The index of a text, or 0: the store holds only what these tables gave it. */
static size_t text_index(const char *const *texts, size_t count, const char *text) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(texts[i], text) == 0) {
            return i;
        }
    }
    return 0;
}

#define TEXT_INDEX(texts, text) text_index(texts, sizeof(texts) / sizeof(texts)[0], text)

const char *form_text(enum prescription_form form) {
    return forms[form];
}

const char *stage_text(enum stage stage) {
    return stages[stage];
}

const char *class_text(enum drug_class drug_class) {
    return classes[drug_class];
}

bool class_from_text(const char *text, enum drug_class *out) {
    size_t index = TEXT_INDEX(classes, text);
    *out = (enum drug_class)index;
    return strcmp(classes[index], text) == 0;
}

const char *collection_kind_text(enum collection_kind kind) {
    return collections[kind];
}

const char *supervision_kind_text(enum supervision_kind kind) {
    return supervisions[kind];
}

/* The product as it was when the prescription was entered. */
static const struct product *entered_product(struct tx *tx, const struct prescription_item_row *row,
                                             enum drug_class drug_class) {
    const struct product *known = catalogue_find(desk_catalogue(), row->product, strlen(row->product));
    if (known != NULL && known->micrograms == row->micrograms && known->schedule == row->schedule &&
        known->drug_class == drug_class) {
        return known;
    }
    struct product *product = arena_take(tx->arena, 1, sizeof *product);
    if (product == NULL) {
        return NULL;
    }
    if (known != NULL) {
        *product = *known;
    } else {
        *product = (struct product){.code = row->product,
                                    .name = row->product,
                                    .drug = row->product,
                                    .form = "",
                                    .strength = "",
                                    .unit = "",
                                    .warned_on = DAY_NONE};
    }
    product->micrograms = row->micrograms;
    product->schedule = (int)row->schedule;
    product->drug_class = drug_class;
    return product;
}

static bool rules_items(struct tx *tx, const struct prescription_row *row, struct prescription *out) {
    struct item *items = arena_take(tx->arena, row->item_count + 1, sizeof *items);
    if (items == NULL) {
        return false;
    }
    for (size_t i = 0; i < row->item_count; i++) {
        items[i] = (struct item){.product = entered_product(tx, &row->items[i], out->drug_class),
                                 .runs = row->items[i].runs,
                                 .run_count = row->items[i].run_count,
                                 .total = row->items[i].total};
        if (items[i].product == NULL) {
            return false;
        }
    }
    out->items = items;
    out->item_count = row->item_count;
    return true;
}

bool prescription_rules(struct tx *tx, const struct prescription_row *row, struct prescription *out) {
    *out = (struct prescription){
        .drug_class = (enum drug_class)TEXT_INDEX(classes, row->drug_class),
        .form = (enum prescription_form)TEXT_INDEX(forms, row->form),
        .stage = (enum stage)TEXT_INDEX(stages, row->stage),
        .wording = row->wording,
        .signed_on = row->signed_on,
        .start_on = row->start_on,
        .entered_on = row->entered_on,
        .stopped_from = DAY_NONE,
        .collect = {.kind = (enum collection_kind)TEXT_INDEX(collections, row->collect_kind),
                    .weekdays = row->collect_weekdays,
                    .every_days = row->collect_every,
                    .dates = row->collect_dates},
        .supervised = {.kind = (enum supervision_kind)TEXT_INDEX(supervisions, row->supervised_kind),
                       .weekdays = row->supervised_weekdays},
        .replaces = PRESCRIPTION_NONE,
        .replaces_from = DAY_NONE,
        .together_with = PRESCRIPTION_NONE,
        .double_checked = row->checked_by != NULL,
        .dose_warned = row->dose_warned,
    };
    return rules_items(tx, row, out);
}
