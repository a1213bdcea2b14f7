/* Findings and their words: see finding.h. */
#include "finding.h"

#include <assert.h>
#include <string.h>

#include "finding_table.h"

void findings_init(struct findings *findings) {
    findings->count = 0;
    findings->overflow = false;
    findings->blocked = false;
    findings->dose_warned = false;
}

struct finding *findings_add(struct findings *findings, enum finding_code code, enum finding_kind kind,
                             bool accepted) {
    struct finding *one = &findings->spare;
    if (findings->count < FINDINGS_MAX) {
        one = &findings->list[findings->count++];
    } else {
        findings->overflow = true;
    }
    *one = (struct finding){.code = code,
                            .kind = kind,
                            .accepted = kind == FINDING_NEEDS_ACCEPT && accepted,
                            .item = FINDING_NO_INDEX,
                            .index = FINDING_NO_INDEX,
                            .number = -1,
                            .day = DAY_NONE,
                            .other_day = DAY_NONE,
                            .usual_day = DAY_NONE};
    findings->blocked = findings->blocked || (kind >= FINDING_NEEDS_ACCEPT && !one->accepted);
    findings->dose_warned = findings->dose_warned || code == FINDING_TOTAL_AS_DAILY_DOSE ||
                            strcmp(finding_rows[code].rule, "P8") == 0;
    return one;
}

const struct finding *findings_find(const struct findings *findings, enum finding_code code) {
    for (size_t i = 0; i < findings->count; i++) {
        if (findings->list[i].code == code) {
            return &findings->list[i];
        }
    }
    return NULL;
}

const char *finding_code_text(enum finding_code code) {
    return finding_rows[code].code;
}

const char *finding_about(enum finding_code code) {
    return finding_rows[code].about;
}

finding_set finding_set_of(const char *code, size_t len) {
    finding_set set = 0;
    for (size_t i = 0; i < FINDING_COUNT; i++) {
        if (strlen(finding_rows[i].code) == len && memcmp(finding_rows[i].code, code, len) == 0) {
            set |= (finding_set)1 << i;
        }
    }
    return set;
}

const char *finding_rule(enum finding_code code) {
    return finding_rows[code].rule;
}

const char *finding_basis(enum finding_code code) {
    return finding_rows[code].basis;
}

enum finding_kind finding_usual_kind(enum finding_code code) {
    return finding_rows[code].kind;
}

const char *finding_kind_text(enum finding_kind kind) {
    static const char *const texts[] = {"note", "warning", "needs_accept", "refuse"};
    return texts[kind];
}

/* ---- sentences ---- */

/* A text that is built up to a size that it was given; what does not fit is left out. */
struct line {
    char *out;
    size_t size;
    size_t at;
};

static void line_add(struct line *line, const char *text, size_t len) {
    size_t room = line->size - 1 - line->at;
    size_t take = len < room ? len : room;
    memcpy(line->out + line->at, text, take);
    line->at += take;
    line->out[line->at] = '\0';
}

static void line_text(struct line *line, const char *text) {
    line_add(line, text, strlen(text));
}

static void line_day(struct line *line, day_t day) {
    char text[DAY_LABEL_SIZE];
    day_format_label(day, text);
    line_text(line, text);
}

/* Thousandths as a decimal number. */
static void line_thousandths(struct line *line, quantity_t value) {
    char text[QUANTITY_TEXT_SIZE];
    if (value > QUANTITY_MAX) {
        line_text(line, "more than ");
        value = QUANTITY_MAX;
    }
    quantity_format(value, text);
    line_text(line, text);
}

static void line_number(struct line *line, size_t number) {
    line_thousandths(line, (quantity_t)number * 1000);
}

/* "60 ml", "3 tablets". */
static void line_quantity(struct line *line, quantity_t value, const struct product *product) {
    line_thousandths(line, value);
    line_text(line, " ");
    line_text(line, product->unit);
    line_text(line, value == 1000 || strcmp(product->unit, "ml") == 0 ? "" : "s");
}

static void line_figure(struct line *line, const struct finding *f) {
    line_quantity(line, f->figure, f->product);
}

static void line_limit(struct line *line, const struct finding *f) {
    line_quantity(line, f->other_figure, f->product);
}

static void line_mg(struct line *line, const struct finding *f) {
    line_thousandths(line, f->figure);
}

static void line_limit_mg(struct line *line, const struct finding *f) {
    line_thousandths(line, f->other_figure);
}

static void line_product(struct line *line, const struct finding *f) {
    line_text(line, f->product->name);
}

static void line_first_day(struct line *line, const struct finding *f) {
    line_day(line, f->day);
}

static void line_other_day(struct line *line, const struct finding *f) {
    line_day(line, f->other_day);
}

static void line_usual_day(struct line *line, const struct finding *f) {
    line_day(line, f->usual_day);
}

static void line_count(struct line *line, const struct finding *f) {
    line_number(line, (size_t)f->number);
}

static void line_plural(struct line *line, const struct finding *f) {
    line_text(line, f->number == 1 ? "" : "s");
}

static void line_item(struct line *line, const struct finding *f) {
    line_number(line, f->item);
}

static void line_index(struct line *line, const struct finding *f) {
    line_number(line, f->index);
}

static const struct placeholder {
    const char *name;
    void (*write)(struct line *line, const struct finding *finding);
} placeholders[] = {
    {"{figure}", line_figure},     {"{limit}", line_limit},     {"{mg}", line_mg},
    {"{limit_mg}", line_limit_mg}, {"{product}", line_product}, {"{day}", line_first_day},
    {"{other}", line_other_day},   {"{usual}", line_usual_day}, {"{n}", line_count},
    {"{s}", line_plural},          {"{i}", line_item},          {"{r}", line_index},
};

/* The placeholder that a text begins with; the tables hold no other braces. */
static const struct placeholder *placeholder_at(const char *text) {
    size_t i = 0;
    while (strncmp(text, placeholders[i].name, strlen(placeholders[i].name)) != 0) {
        i++;
        assert(i < sizeof placeholders / sizeof placeholders[0]);
    }
    return &placeholders[i];
}

static void line_fill(struct line *line, const char *pattern, const struct finding *finding) {
    for (const char *brace = strchr(pattern, '{'); brace != NULL; brace = strchr(pattern, '{')) {
        const struct placeholder *one = placeholder_at(brace);
        line_add(line, pattern, (size_t)(brace - pattern));
        one->write(line, finding);
        pattern = brace + strlen(one->name);
    }
    line_text(line, pattern);
}

void finding_field(const struct finding *finding, char out[FINDING_FIELD_SIZE]) {
    out[0] = '\0';
    struct line line = {.out = out, .size = FINDING_FIELD_SIZE};
    line_fill(&line, finding_rows[finding->code].field, finding);
}

void finding_text(const struct finding *finding, char out[FINDING_TEXT_SIZE]) {
    out[0] = '\0';
    struct line line = {.out = out, .size = FINDING_TEXT_SIZE};
    line_fill(&line, finding_rows[finding->code].sentence, finding);
}
