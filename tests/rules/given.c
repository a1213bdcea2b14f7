/* The column of what is prescribed and of the calendar. */
#include <stdio.h>
#include <string.h>

#include "scene.h"

static struct sheet *subject(struct scene *scene) {
    return &scene->sheets[scene->subject];
}

static void sheet_init(struct sheet *sheet) {
    memset(sheet, 0, sizeof *sheet);
    sheet->rx.form = FORM_FP10MDA;
    sheet->rx.stage = STAGE_STABLE;
    sheet->rx.signed_on = DAY_NONE;
    sheet->rx.start_on = DAY_NONE;
    sheet->rx.entered_on = DAY_NONE;
    sheet->rx.stopped_from = DAY_NONE;
    sheet->rx.replaces = PRESCRIPTION_NONE;
    sheet->rx.replaces_from = DAY_NONE;
    sheet->rx.together_with = PRESCRIPTION_NONE;
    sheet->rx.double_checked = true;
    sheet->rx.collect.kind = COLLECT_DATES;
}

/* ---- items ---- */

/* Longer names first: the first that fits is taken. */
static const struct {
    const char *words;
    const char *code;
} products[] = {
    {"methadone 10mg/ml", "methadone-10mg-ml-sf"},
    {"methadone with sugar", "methadone-1mg-ml"},
    {"methadone", "methadone-1mg-ml-sf"},
    {"buprenorphine with naloxone 8mg/2mg", "buprenorphine-naloxone-8mg-2mg-sl"},
    {"buprenorphine 2mg", "buprenorphine-2mg-sl"},
    {"buprenorphine 8mg", "buprenorphine-8mg-sl"},
    {"espranor 8mg", "buprenorphine-8mg-oral-lyophilisate"},
    {"diazepam 2mg", "diazepam-2mg"},
    {"diazepam 5mg", "diazepam-5mg"},
    {"diazepam 10mg", "diazepam-10mg"},
};

static const struct product *given_product(const struct scene *scene, struct words *words) {
    for (size_t i = 0; i < sizeof products / sizeof products[0]; i++) {
        if (words_take(words, products[i].words)) {
            return catalogue_find(scene->data.catalogue, products[i].code, strlen(products[i].code));
        }
    }
    const char *word = words_peek(words);
    const struct product *product = catalogue_find(scene->data.catalogue, word, strlen(word));
    words->at += product != NULL ? 1 : 0;
    return product;
}

/* "60 ml a day, 30 ml supervised, 14 days from Mon 23 Nov", or "none, 2 days" */
static bool given_run(struct words *words, const char *unit, const struct dose_run *before,
                      const struct dose_run *usual, struct dose_run *run) {
    *run = (struct dose_run){.supervised_part = QUANTITY_NONE};
    if (!words_take(words, "none") && !words_quantity(words, &run->dose, unit)) {
        return words_fail(words, "a dose in the product's unit must stand here");
    }
    words_take(words, "a day");
    quantity_t part = 0;
    if (words_quantity(words, &part, unit)) {
        if (!words_take(words, "supervised")) {
            return words_fail(words, "'supervised' must stand here");
        }
        run->supervised_part = part;
    }
    if (words_number(words, &run->days)) {
        if (!words_take(words, "days") && !words_take(words, "day")) {
            return words_fail(words, "'days' must stand here");
        }
    } else {
        run->days = usual->days;
    }
    if (words_take(words, "from")) {
        return words_date(words, &run->from) || words_fail(words, "a date must follow 'from'");
    }
    run->from = before != NULL ? before->from + before->days : usual->from;
    return run->days > 0 || words_fail(words, "for how many days, and from when?");
}

/* Returns whether an item stood here. */
static bool given_item(struct scene *scene, struct words *words) {
    struct sheet *sheet = subject(scene);
    size_t before = words->at;
    bool plus = words_take(words, "plus");
    const struct product *product = given_product(scene, words);
    if (product == NULL) {
        words->at = before;
        return false;
    }
    const struct dose_run usual = sheet->runs[0][0];
    if (!plus) {
        sheet->rx.item_count = 0;
    }
    if (sheet->rx.item_count == SCENE_ITEMS) {
        return words_fail(words, "too many items");
    }
    size_t at = sheet->rx.item_count;
    struct item *item = &sheet->items[at];
    *item = (struct item){.product = product, .total = QUANTITY_NONE};
    do {
        struct dose_run *run = &sheet->runs[at][item->run_count];
        if (item->run_count == SCENE_RUNS ||
            !given_run(words, product->unit, item->run_count > 0 ? run - 1 : NULL, &usual, run)) {
            return words_fail(words, "too many runs");
        }
        item->run_count++;
    } while (words_take(words, "then"));
    if (words_take(words, "total") && !words_quantity(words, &item->total, product->unit)) {
        return words_fail(words, "a quantity must follow 'total'");
    }
    sheet->rx.item_count++;
    return true;
}

/* ---- clauses about the prescription ---- */

static bool given_day(struct words *words, day_t *out) {
    return words_date(words, out) || words_fail(words, "a date must stand here");
}

static bool given_signed(struct scene *scene, struct words *words) {
    return given_day(words, &subject(scene)->rx.signed_on);
}

static bool given_start(struct scene *scene, struct words *words) {
    return given_day(words, &subject(scene)->rx.start_on);
}

static bool given_entered(struct scene *scene, struct words *words) {
    return given_day(words, &subject(scene)->rx.entered_on);
}

static bool given_stopped(struct scene *scene, struct words *words) {
    return given_day(words, &subject(scene)->rx.stopped_from);
}

static bool given_collects(struct scene *scene, struct words *words) {
    struct sheet *sheet = subject(scene);
    struct collection *collect = &sheet->rx.collect;
    *collect = (struct collection){.kind = COLLECT_WEEKDAYS};
    if (words_weekdays(words, &collect->weekdays)) {
        return true;
    }
    collect->kind = COLLECT_EVERY_DAYS;
    collect->every_days = 1;
    if (words_take(words, "daily")) {
        return true;
    }
    if (words_take(words, "every")) {
        return words_number(words, &collect->every_days) && words_take(words, "days");
    }
    collect->kind = COLLECT_DATES;
    sheet->dates.count = 0;
    return words_take(words, "once") || (words_take(words, "on") && words_days(words, &sheet->dates)) ||
           words_fail(words, "weekdays, daily, every N days, once, or on dates");
}

static bool given_supervised(struct scene *scene, struct words *words) {
    struct supervision *supervised = &subject(scene)->rx.supervised;
    *supervised = (struct supervision){.kind = SUPERVISED_COLLECTION_DAYS};
    if (words_weekdays(words, &supervised->weekdays)) {
        supervised->kind = SUPERVISED_WEEKDAYS;
    }
    return true;
}

static bool given_unsupervised(struct scene *scene, struct words *words) {
    (void)words;
    subject(scene)->rx.supervised = (struct supervision){.kind = SUPERVISED_NONE};
    return true;
}

static bool given_wording(struct scene *scene, struct words *words) {
    enum wording_flag flag = WORDING_W1;
    unsigned all = 0;
    while (wording_from_code(words_peek(words), strlen(words_peek(words)), &flag)) {
        all |= (unsigned)flag;
        words->at++;
    }
    if (all == 0 && !words_take(words, "no wording")) {
        return false;
    }
    subject(scene)->rx.wording = all;
    return true;
}

static bool given_titration(struct scene *scene, struct words *words) {
    (void)words;
    subject(scene)->rx.stage = STAGE_TITRATION;
    return true;
}

static bool given_stable(struct scene *scene, struct words *words) {
    (void)words;
    subject(scene)->rx.stage = STAGE_STABLE;
    return true;
}

static bool given_reduction(struct scene *scene, struct words *words) {
    (void)words;
    subject(scene)->rx.stage = STAGE_REDUCTION;
    return true;
}

static bool given_form(struct scene *scene, struct words *words) {
    static const char *const names[FORM_COUNT] = {"FP10MDA", "FP10HMDA", "WP10MDA", "GP10",
                                                  "HBP",     "HS21",     "FP10",    "FP10PCD"};
    for (size_t i = 0; i < FORM_COUNT; i++) {
        if (words_take(words, names[i])) {
            subject(scene)->rx.form = (enum prescription_form)i;
            return true;
        }
    }
    return words_fail(words, "the kind of form");
}

static bool given_replaces(struct scene *scene, struct words *words) {
    size_t here = scene->subject;
    struct prescription *rx = &subject(scene)->rx;
    if (!scene_subject(scene, words, false) || !words_take(words, "from")) {
        return words_fail(words, "replaces A from a date");
    }
    rx->replaces = scene->subject;
    scene->subject = here;
    return given_day(words, &rx->replaces_from);
}

static bool given_together(struct scene *scene, struct words *words) {
    size_t here = scene->subject;
    if (!scene_subject(scene, words, false)) {
        return words_fail(words, "together with A");
    }
    scene->sheets[here].rx.together_with = scene->subject;
    scene->subject = here;
    return true;
}

static bool given_hold(struct scene *scene, struct words *words) {
    (void)words;
    subject(scene)->rx.on_hold = true;
    return true;
}

static bool given_not_double_checked(struct scene *scene, struct words *words) {
    (void)words;
    subject(scene)->rx.double_checked = false;
    return true;
}

static bool given_dose_warned(struct scene *scene, struct words *words) {
    (void)words;
    subject(scene)->rx.dose_warned = true;
    return true;
}

static bool given_as(struct scene *scene, struct words *words) {
    size_t here = scene->subject;
    if (!scene_subject(scene, words, false)) {
        return words_fail(words, "as A");
    }
    scene->sheets[here] = scene->sheets[scene->subject];
    scene->subject = here;
    return true;
}

/* ---- clauses about the calendar and the policy ---- */

static bool given_closed(struct scene *scene, struct words *words) {
    return words_weekdays(words, &scene->weekly_closed) || words_days(words, &scene->closures) ||
           words_fail(words, "weekdays or dates must stand here");
}

static bool given_never_closed(struct scene *scene, struct words *words) {
    (void)words;
    scene->weekly_closed = 0;
    return true;
}

/* A half-day is an open day: said for the reader, and it takes back a weekly closing. */
static bool given_half_day(struct scene *scene, struct words *words) {
    weekday_set set = 0;
    if (!words_weekdays(words, &set)) {
        return words_fail(words, "a weekday must stand here");
    }
    scene->weekly_closed = (weekday_set)(scene->weekly_closed & ~set);
    return true;
}

static bool given_unplanned(struct scene *scene, struct words *words) {
    return words_days(words, &scene->unplanned) || words_fail(words, "dates must stand here");
}

static bool given_open(struct scene *scene, struct words *words) {
    return words_days(words, &scene->opened) || words_fail(words, "dates must stand here");
}

static bool given_bank_holidays(struct scene *scene, struct words *words) {
    static const char *const names[NATION_COUNT] = {"England", "Wales", "Scotland", "Northern Ireland"};
    scene->bank_holidays.count = 0;
    for (size_t i = 0; i < NATION_COUNT; i++) {
        if (words_take(words, names[i])) {
            struct day_list days = scene->data.holidays->nations[i].days;
            bool all = true;
            for (size_t k = 0; k < days.count; k++) {
                all = days_add(&scene->bank_holidays, days.days[k]) && all;
            }
            return all;
        }
    }
    return words_fail(words, "England, Wales, Scotland or Northern Ireland");
}

static bool given_policy(struct scene *scene, struct words *words) {
    return (words_number(words, &scene->hold_after) && words_take(words, "missed days")) ||
           words_fail(words, "hold after N missed days");
}

static const struct {
    const char *phrase;
    bool (*read)(struct scene *scene, struct words *words);
} clauses[] = {
    {"signed", given_signed},
    {"starts", given_start},
    {"entered", given_entered},
    {"stopped from", given_stopped},
    {"collects", given_collects},
    {"supervised", given_supervised},
    {"unsupervised", given_unsupervised},
    {"titration", given_titration},
    {"stable", given_stable},
    {"reduction", given_reduction},
    {"on form", given_form},
    {"replaces", given_replaces},
    {"together with", given_together},
    {"on hold", given_hold},
    {"not double checked", given_not_double_checked},
    {"dose warned", given_dose_warned},
    {"as", given_as},
    {"closed", given_closed},
    {"never closed", given_never_closed},
    {"half-day", given_half_day},
    {"shut at short notice", given_unplanned},
    {"open", given_open},
    {"bank holidays of", given_bank_holidays},
    {"hold after", given_policy},
};

static bool given_clause(struct scene *scene, struct words *words) {
    if (scene_subject(scene, words, true) && scene->subject == scene->sheet_count) {
        sheet_init(&scene->sheets[scene->sheet_count++]);
    }
    if (scene->sheet_count == 0) {
        sheet_init(&scene->sheets[scene->sheet_count++]);
    }
    /* One clause may hold several: "W1 W2 supervised". */
    while (!words_end(words) && words->problem[0] == '\0') {
        size_t before = words->at;
        for (size_t i = 0; i < sizeof clauses / sizeof clauses[0]; i++) {
            if (words_take(words, clauses[i].phrase)) {
                if (!clauses[i].read(scene, words)) {
                    return false;
                }
                break;
            }
        }
        if (words->at == before && !given_wording(scene, words) && !given_item(scene, words)) {
            return false;
        }
    }
    return words->problem[0] == '\0';
}

bool scene_given(struct scene *scene, char *text) {
    return scene_clauses(scene, text, given_clause);
}
