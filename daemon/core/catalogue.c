/*
 * The catalogue's reader: see catalogue.h, and the head of config/catalogue.conf for the text's form.
 *
 * One block of memory holds the catalogue, its products and a copy of the text, in which lines, keys
 * and values are cut apart in place. A reader of a member returns NULL, or what is wrong with it.
 */
#include "catalogue.h"

#include <stdlib.h>
#include <string.h>

#include "lines.h"

enum {
    MAX_TEXT = 262144,
    MAX_STANZAS = 1000,
    MAX_WARNINGS = 16,
    MAX_MG = 1000 /* in one unit, and as a limit */
};

enum stanza { STANZA_HEAD, STANZA_WARNINGS, STANZA_PRODUCT };

/* A named set of dose warnings, in the members of a product that it fills. */
struct warnings {
    const char *name;
    struct product limits;
};

struct block {
    struct catalogue catalogue;
    struct product products[];
};

struct parser {
    struct block *block;
    struct product *product; /* the one being read: the first not yet counted */
    struct warnings warnings[MAX_WARNINGS];
    size_t warnings_count;
    struct product *limits; /* of the warnings being read */
    enum stanza stanza;
    int stanza_line;
    unsigned seen; /* members of this stanza: bit = place in its key table */
};

typedef const char *(*member_reader)(struct parser *parser, const char *value);

struct key {
    const char *name;
    const char *missing; /* what to say where it is not there; NULL where it may be left out */
    member_reader read;
};

/* Is every byte of text one of those allowed, and is there at least one? */
static bool is_made_of(const char *text, const char *allowed) {
    return *text != '\0' && text[strspn(text, allowed)] == '\0';
}

/* The place of value in a list that ends with NULL, or -1. */
static int find_word(const char *value, const char *const *words) {
    for (int i = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], value) == 0)
            return i;
    }
    return -1;
}

/* ---- strengths: "1mg/ml", "2mg/5ml", "400microgram", "2mg/500microgram" ---- */

/* Moves *text behind a prefix, if it begins with it. */
static bool skip_prefix(const char **text, const char *prefix) {
    size_t len = strlen(prefix);
    if (strncmp(*text, prefix, len) != 0)
        return false;
    *text += len;
    return true;
}

/* Reads a number of thousandths at *text and moves behind it. */
static bool skip_number(const char **text, quantity_t *number) {
    size_t len = strspn(*text, "0123456789.");
    if (!quantity_parse(*text, len, number))
        return false;
    *text += len;
    return true;
}

/* Reads "2mg" or "400microgram" at *text and moves behind it. */
static bool skip_amount(const char **text, int64_t *micrograms) {
    const char *at = *text;
    quantity_t number;
    if (!skip_number(&at, &number))
        return false;
    if (skip_prefix(&at, "mg"))
        *micrograms = number;
    else if (skip_prefix(&at, "microgram") && number % 1000 == 0)
        *micrograms = number / 1000;
    else
        return false;
    *text = at;
    return true;
}

/* What a strength says: micrograms of the (first) drug in one unit, and whether the unit is ml. */
static bool read_strength_text(const char *text, int64_t *micrograms, bool *per_ml) {
    int64_t second;
    quantity_t volume = 1000;
    *per_ml = false;
    if (!skip_amount(&text, micrograms))
        return false;
    if (*text == '\0')
        return true;
    if (!skip_prefix(&text, "/"))
        return false;
    if (skip_amount(&text, &second))
        return *text == '\0';
    *per_ml = true;
    if (*text != 'm' && !skip_number(&text, &volume))
        return false;
    if (strcmp(text, "ml") != 0 || volume == 0 || *micrograms * 1000 % volume != 0)
        return false;
    *micrograms = *micrograms * 1000 / volume;
    return true;
}

/* ---- members ---- */

static const char *read_mg(const char *value, int64_t *micrograms) {
    quantity_t mg;
    if (!quantity_parse(value, strlen(value), &mg))
        return "not a number of milligrams (digits, at most three decimals)";
    if (mg == 0 || mg > MAX_MG * INT64_C(1000))
        return "must be above 0 and at most 1000 mg";
    *micrograms = mg;
    return NULL;
}

static const char *read_version(struct parser *parser, const char *value) {
    parser->block->catalogue.version = value;
    return NULL;
}

static const char *read_first(struct parser *parser, const char *value) {
    return read_mg(value, &parser->limits->warn_first);
}

static const char *read_first_strong(struct parser *parser, const char *value) {
    return read_mg(value, &parser->limits->warn_first_strong);
}

static const char *read_daily(struct parser *parser, const char *value) {
    return read_mg(value, &parser->limits->warn_daily);
}

static const char *read_daily_strong(struct parser *parser, const char *value) {
    return read_mg(value, &parser->limits->warn_daily_strong);
}

static const char *read_rise_day(struct parser *parser, const char *value) {
    return read_mg(value, &parser->limits->warn_rise_day);
}

static const char *read_rise_week(struct parser *parser, const char *value) {
    return read_mg(value, &parser->limits->warn_rise_week);
}

static const char *read_dated(struct parser *parser, const char *value) {
    if (!day_parse(value, strlen(value), &parser->limits->warned_on))
        return "not a date (2026-10-01)";
    return NULL;
}

static const char *read_name(struct parser *parser, const char *value) {
    parser->product->name = value;
    return NULL;
}

static const char *read_drug(struct parser *parser, const char *value) {
    parser->product->drug = value;
    return NULL;
}

static const char *read_form(struct parser *parser, const char *value) {
    parser->product->form = value;
    return NULL;
}

static const char *read_strength(struct parser *parser, const char *value) {
    parser->product->strength = value;
    return NULL;
}

static const char *read_mg_per_unit(struct parser *parser, const char *value) {
    return read_mg(value, &parser->product->micrograms);
}

static const char *read_unit(struct parser *parser, const char *value) {
    static const char *const units[] = {"ml", "tablet", "film", "lyophilisate", NULL};
    if (find_word(value, units) < 0)
        return "unit is ml, tablet, film or lyophilisate";
    parser->product->unit = value;
    return NULL;
}

static const char *read_class(struct parser *parser, const char *value) {
    static const char *const classes[] = {"opioid", "benzodiazepine", NULL};
    int place = find_word(value, classes);
    if (place < 0)
        return "class is opioid or benzodiazepine";
    parser->product->drug_class = (enum drug_class)place;
    return NULL;
}

static const char *read_route(struct parser *parser, const char *value) {
    static const char *const routes[] = {"oral", "sublingual", "on_tongue", NULL};
    int place = find_word(value, routes);
    if (place < 0)
        return "route is oral, sublingual or on_tongue";
    parser->product->route = (enum product_route)place;
    return NULL;
}

static const char *read_schedule(struct parser *parser, const char *value) {
    if (strlen(value) != 1 || *value < '2' || *value > '4')
        return "schedule is 2, 3 or 4";
    parser->product->schedule = *value - '0';
    return NULL;
}

static const char *read_labels(struct parser *parser, const char *value) {
    static const char *const sets[] = {"2", "2 26", NULL};
    static const uint8_t labels[] = {2, 26};
    int place = find_word(value, sets);
    if (place < 0)
        return "labels is 2 or 2 26";
    parser->product->label_count = (size_t)place + 1;
    memcpy(parser->product->labels, labels, parser->product->label_count);
    return NULL;
}

static const char *read_night_label(struct parser *parser, const char *value) {
    if (strcmp(value, "19") != 0)
        return "night_label can only be 19";
    parser->product->night_label = 19;
    return NULL;
}

static const char *read_not_for_dependence(struct parser *parser, const char *value) {
    static const char *const answers[] = {"no", "yes", NULL};
    int place = find_word(value, answers);
    if (place < 0)
        return "not_for_dependence is yes or no";
    parser->product->not_for_dependence = place == 1;
    return NULL;
}

static const char *read_dmd(struct parser *parser, const char *value) {
    size_t len = strlen(value);
    if (!is_made_of(value, "0123456789") || len < 6 || len > 18)
        return "dmd is a code of 6 to 18 digits";
    parser->product->dmd_code = value;
    return NULL;
}

static void copy_limits(struct product *to, const struct product *from) {
    to->warn_first = from->warn_first;
    to->warn_first_strong = from->warn_first_strong;
    to->warn_daily = from->warn_daily;
    to->warn_daily_strong = from->warn_daily_strong;
    to->warn_rise_day = from->warn_rise_day;
    to->warn_rise_week = from->warn_rise_week;
    to->warned_on = from->warned_on;
}

static const char *read_warnings(struct parser *parser, const char *value) {
    for (size_t i = 0; i < parser->warnings_count; i++) {
        if (strcmp(parser->warnings[i].name, value) == 0) {
            copy_limits(parser->product, &parser->warnings[i].limits);
            return NULL;
        }
    }
    return "no [warnings] stanza of this name stands above";
}

#define REQUIRED(member, reader) \
    { member, "the stanza lacks its member " member, reader }
#define OPTIONAL(member, reader) \
    { member, NULL, reader }
#define END_OF_KEYS \
    { NULL, NULL, NULL }

static const struct key head_keys[] = {
    REQUIRED("version", read_version),
    END_OF_KEYS,
};

static const struct key warnings_keys[] = {
    REQUIRED("dated", read_dated),
    OPTIONAL("first_mg", read_first),
    OPTIONAL("first_strong_mg", read_first_strong),
    OPTIONAL("daily_mg", read_daily),
    OPTIONAL("daily_strong_mg", read_daily_strong),
    OPTIONAL("rise_day_mg", read_rise_day),
    OPTIONAL("rise_week_mg", read_rise_week),
    END_OF_KEYS,
};

static const struct key product_keys[] = {
    REQUIRED("name", read_name),
    REQUIRED("drug", read_drug),
    REQUIRED("form", read_form),
    REQUIRED("strength", read_strength),
    REQUIRED("unit", read_unit),
    REQUIRED("mg_per_unit", read_mg_per_unit),
    REQUIRED("class", read_class),
    REQUIRED("route", read_route),
    REQUIRED("schedule", read_schedule),
    REQUIRED("labels", read_labels),
    REQUIRED("warnings", read_warnings),
    OPTIONAL("night_label", read_night_label),
    OPTIONAL("not_for_dependence", read_not_for_dependence),
    OPTIONAL("dmd", read_dmd),
    END_OF_KEYS,
};

/* By enum stanza. */
static const struct key *const stanza_keys[] = {head_keys, warnings_keys, product_keys};

/* ---- stanzas ---- */

/* NULL, or what the first missing member of the stanza that ends here is. */
static const char *check_required(const struct parser *parser) {
    const struct key *keys = stanza_keys[parser->stanza];
    for (unsigned i = 0; keys[i].name != NULL; i++) {
        if (keys[i].missing != NULL && (parser->seen >> i & 1U) == 0)
            return keys[i].missing;
    }
    return NULL;
}

static const char *check_limits(const struct product *limits) {
    if (limits->warn_first_strong != 0 && limits->warn_first_strong <= limits->warn_first)
        return "first_strong_mg must be above first_mg";
    if (limits->warn_daily_strong != 0 && limits->warn_daily_strong <= limits->warn_daily)
        return "daily_strong_mg must be above daily_mg";
    return NULL;
}

/* The strength stands three times, in name, strength and mg_per_unit: they must say the same (H16, H17). */
static const char *check_strength(struct product *product) {
    int64_t micrograms;
    bool per_ml;
    if (!read_strength_text(product->strength, &micrograms, &per_ml))
        return "strength is not of the form 1mg/ml, 2mg/5ml, 8mg, 400microgram or 2mg/500microgram";
    if (per_ml != (strcmp(product->unit, "ml") == 0))
        return "strength does not belong to unit";
    if (micrograms != product->micrograms)
        return "mg_per_unit does not agree with strength";
    const char *shown = strstr(product->name, product->strength);
    if (shown == NULL || shown == product->name || shown[-1] != ' ' ||
        shown[strlen(product->strength)] != ' ')
        return "name does not show strength as a word of its own";
    product->concentrate = per_ml && micrograms > 1000;
    return NULL;
}

/* Label 26 ("under your tongue") stands on what goes there and on nothing else. */
static const char *check_labels(const struct product *product) {
    if ((product->label_count == 2) != (product->route == ROUTE_SUBLINGUAL))
        return "label 26 belongs to sublingual products, and only to them";
    return NULL;
}

static const char *end_product(struct parser *parser) {
    const char *wrong = check_strength(parser->product);
    if (wrong == NULL)
        wrong = check_labels(parser->product);
    if (wrong == NULL) {
        parser->block->catalogue.count++;
        parser->product++;
    }
    return wrong;
}

/* Ends the stanza that is being read: nothing missing, nothing that contradicts itself. */
static const char *end_stanza(struct parser *parser) {
    const char *wrong = check_required(parser);
    if (wrong != NULL)
        return wrong;
    if (parser->stanza == STANZA_PRODUCT)
        return end_product(parser);
    if (parser->stanza == STANZA_WARNINGS) {
        parser->warnings_count++;
        return check_limits(parser->limits);
    }
    return NULL;
}

static const char *begin_warnings(struct parser *parser, const char *name) {
    if (parser->warnings_count == MAX_WARNINGS)
        return "more than 16 stanzas of warnings";
    for (size_t i = 0; i < parser->warnings_count; i++) {
        if (strcmp(parser->warnings[i].name, name) == 0)
            return "a second stanza of warnings of this name";
    }
    struct warnings *warnings = &parser->warnings[parser->warnings_count];
    *warnings = (struct warnings){.name = name, .limits = {.warned_on = DAY_NONE}};
    parser->limits = &warnings->limits;
    parser->stanza = STANZA_WARNINGS;
    return NULL;
}

static const char *begin_product(struct parser *parser, const char *code) {
    for (const struct product *other = parser->block->products; other < parser->product; other++) {
        if (strcmp(other->code, code) == 0)
            return "a second product of this code";
    }
    *parser->product = (struct product){.code = code, .warned_on = DAY_NONE};
    parser->stanza = STANZA_PRODUCT;
    return NULL;
}

/* A line "[product CODE]" or "[warnings NAME]". */
static const char *begin_stanza(struct parser *parser, char *line) {
    static const char malformed[] = "a stanza begins with [product CODE] or [warnings NAME]";
    const char *name = lines_head(line);
    if (name == NULL)
        return malformed;
    bool is_product = skip_prefix(&name, "product ");
    if (!is_product && !skip_prefix(&name, "warnings "))
        return malformed;
    if (!is_made_of(name, "abcdefghijklmnopqrstuvwxyz0123456789-.") || strlen(name) > LINES_LONGEST)
        return "a code or name is made of a-z, 0-9, - and .";
    parser->seen = 0;
    return is_product ? begin_product(parser, name) : begin_warnings(parser, name);
}

/* ---- lines ---- */

/* A line "member = value". */
static const char *read_member(struct parser *parser, char *line) {
    const char *name;
    const char *value;
    const char *wrong = lines_split(line, &name, &value);
    if (wrong != NULL)
        return wrong;
    const struct key *keys = stanza_keys[parser->stanza];
    for (unsigned i = 0; keys[i].name != NULL; i++) {
        if (strcmp(keys[i].name, name) != 0)
            continue;
        if (parser->seen >> i & 1U)
            return "this member stands a second time";
        parser->seen |= 1U << i;
        return keys[i].read(parser, value);
    }
    return "no such member in this stanza";
}

/* Notes what is wrong with a line; true where nothing is. */
static bool passed(struct catalogue_error *error, int line, const char *wrong) {
    *error = (struct catalogue_error){.line = line, .message = wrong};
    return wrong == NULL;
}

static bool read_line(struct parser *parser, char *line, int number, struct catalogue_error *error) {
    if (!lines_are_plain(line))
        return passed(error, number, "only plain ASCII characters outside comments");
    if (*line != '[')
        return passed(error, number, read_member(parser, line));
    if (!passed(error, parser->stanza_line, end_stanza(parser)))
        return false;
    parser->stanza_line = number;
    return passed(error, number, begin_stanza(parser, line));
}

static bool read_lines(struct parser *parser, struct lines lines, struct catalogue_error *error) {
    char *line;
    while ((line = lines_next(&lines)) != NULL) {
        if (!read_line(parser, line, lines.number, error))
            return false;
    }
    const char *wrong = end_stanza(parser);
    if (wrong == NULL && parser->block->catalogue.count == 0)
        wrong = "no product at all";
    return passed(error, parser->stanza_line, wrong);
}

static int compare_codes(const void *left, const void *right) {
    const struct product *a = left;
    const struct product *b = right;
    return strcmp(a->code, b->code);
}

static size_t count_byte(const char *text, size_t len, char byte) {
    size_t count = 0;
    for (size_t i = 0; i < len; i++)
        count += text[i] == byte;
    return count;
}

struct catalogue *catalogue_parse(const char *text, size_t len, struct catalogue_error *error) {
    size_t capacity = len > MAX_TEXT ? SIZE_MAX : count_byte(text, len, '[');
    if (capacity > MAX_STANZAS) {
        passed(error, 0, "longer than 256 KiB, or more than 1000 stanzas");
        return NULL;
    }
    struct block *block = malloc(sizeof *block + capacity * sizeof block->products[0] + len + 1);
    if (block == NULL) {
        passed(error, 0, "out of memory");
        return NULL;
    }
    char *copy = (char *)&block->products[capacity];
    memcpy(copy, text, len);
    block->catalogue = (struct catalogue){.products = block->products};
    struct parser parser = {.block = block, .product = block->products, .stanza_line = 1};
    struct lines lines = {.next = copy, .end = copy + len};
    if (!read_lines(&parser, lines, error)) {
        free(block);
        return NULL;
    }
    qsort(block->products, block->catalogue.count, sizeof block->products[0], compare_codes);
    return &block->catalogue;
}

void catalogue_free(struct catalogue **catalogue) {
    free(*catalogue);
    *catalogue = NULL;
}

const struct product *catalogue_find(const struct catalogue *catalogue, const char *code, size_t len) {
    size_t low = 0;
    size_t high = catalogue->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct product *product = &catalogue->products[middle];
        size_t own = strlen(product->code);
        int order = memcmp(product->code, code, own < len ? own : len);
        if (order == 0 && own == len)
            return product;
        if (order < 0 || (order == 0 && own < len))
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}
