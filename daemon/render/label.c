/*
 * Dispensing and bag labels. A label is a column of blocks with its code in the lower right corner; what stands beside
 * the code is narrower than what stands above it. All sizes go up and down together until the column fits.
 */
#include <string.h>

#include "paper.h"
#include "words.h"

/* Side of the text; a little more than PAPER_MARGIN, because ink may stand out from its place. */
#define SIDE 1800
#define TOP 1700
#define PAD_X 900
#define PAD_Y 700
#define BOX_LINE 350
/* Between a text and the one at the end of its line; between text and a code's quiet zone, which may move by a dot. */
#define BESIDE 2000
#define BESIDE_CODE 200
#define LEADING 113
/* Scales in hundredths; at the smallest everything is at 7 pt. */
#define SMALLEST 54
#define STEP 5
#define STEPS 15
#define BLOCKS_MAX 10
/* A text longer than this is no name or address but a mistake. */
#define TEXT_MAX 2000

/* A paragraph, and perhaps one at the end of the same line. */
struct block {
    struct text text;
    struct text end; /* .text NULL: none */
    int32_t gap;     /* above it */
    bool boxed;
    bool foot; /* stands at the foot of the label, with those after it */
};

struct column {
    struct block blocks[BLOCKS_MAX];
    size_t count;
    const char *code;
};

static struct block *add(struct column *column, const char *what, const char *text, int32_t size, bool bold) {
    struct block *block = &column->blocks[column->count++];
    *block = (struct block){
        .text =
            {.text = text, .what = what, .size = size, .bold = bold, .face = FACE_NARROW, .leading = LEADING},
    };
    return block;
}

static struct text scaled(const struct text *text, int32_t percent) {
    struct text out = *text;
    out.size = text->size * percent / 100;
    if (out.size < PAPER_SIZE_MIN) {
        out.size = PAPER_SIZE_MIN;
    }
    return out;
}

/* Where the code stands, and how wide the text is beside it. */
struct place {
    int32_t width;
    int32_t beside_width;
    int32_t code_top; /* text that ends above it may be as wide as the label */
    int32_t code_left;
    int32_t bottom;
};

static struct place place_of(struct paper *paper, const struct render_media *media, const char *code) {
    int32_t side = paper_code_size(paper, code);
    return (struct place){
        .width = media->width - 2 * SIDE,
        .beside_width = media->width - side - SIDE - BESIDE_CODE,
        .code_top = media->height - side - BESIDE_CODE,
        .code_left = media->width - side,
        .bottom = media->height - PAPER_MARGIN,
    };
}

/* A block in a width: how high it is, or drawn. False where it does not fit across. */
static bool set_block(struct paper *paper, const struct block *block, int32_t percent, int32_t y,
                      int32_t width, bool draw, int32_t *height) {
    struct text text = scaled(&block->text, percent);
    int32_t inset_x = block->boxed ? PAD_X + BOX_LINE : 0;
    int32_t inset_y = block->boxed ? PAD_Y * percent / 100 + BOX_LINE : 0;
    int32_t end_width = 0;
    if (block->end.text != NULL) {
        struct text end = scaled(&block->end, percent);
        struct size size = paper_measure(paper, &end, width);
        end_width = size.width + BESIDE;
        if (draw) {
            end.align = ALIGN_END;
            (void)paper_text(paper, &end, SIDE, y + inset_y, width);
        }
    }
    int32_t room = width - end_width - 2 * inset_x;
    struct size size = room > 0 ? paper_measure(paper, &text, room) : (struct size){1, 0};
    if (size.width > room) {
        return false;
    }
    *height = size.height + 2 * inset_y;
    if (draw) {
        if (block->boxed) {
            paper_frame(paper, SIDE, y, size.width + 2 * inset_x, *height, BOX_LINE);
        }
        (void)paper_text(paper, &text, SIDE + inset_x, y + inset_y, room);
    }
    return true;
}

/*
 * All blocks at this scale, from the top; those of the foot `slack` further down. Returns where the last one ends, or
 * INT32_MAX where one is too wide.
 */
static int32_t set_column(struct paper *paper, const struct column *column, const struct place *place,
                          int32_t percent, int32_t slack, bool draw) {
    int32_t y = TOP;
    bool at_foot = false;
    for (size_t i = 0; i < column->count; i++) {
        const struct block *block = &column->blocks[i];
        int32_t height = 0;
        if (block->foot && !at_foot) {
            y += slack;
            at_foot = true;
        }
        y += i > 0 ? block->gap * percent / 100 : 0;
        bool beside = at_foot || y > place->code_top ||
                      !set_block(paper, block, percent, y, place->width, false, &height) ||
                      y + height > place->code_top;
        int32_t width = beside ? place->beside_width : place->width;
        if ((beside || draw) && !set_block(paper, block, percent, y, width, draw, &height)) {
            return INT32_MAX;
        }
        y += height;
    }
    return y;
}

/* A scale at which the column fits, the largest but for the odd line that breaks better in a smaller one; and what is left
 * over. 0 where it does not even fit at the smallest. */
static int32_t fit(struct paper *paper, const struct column *column, const struct place *place,
                   int32_t *slack) {
    int32_t low = -1; /* steps above SMALLEST that fit; that do not */
    int32_t high = STEPS;
    while (high - low > 1 && paper_ok(paper)) {
        int32_t step = low < 0 && high < STEPS ? low + (high - low) / 2 : (low + high + 1) / 2;
        int32_t end = set_column(paper, column, place, SMALLEST + step * STEP, 0, false);
        if (end <= place->bottom) {
            low = step;
            *slack = place->bottom - end;
        } else {
            high = step;
        }
    }
    return low < 0 ? 0 : SMALLEST + low * STEP;
}

static bool fits(struct paper *paper, const struct render_media *media, const struct column *column) {
    struct place place = place_of(paper, media, column->code);
    int32_t slack = 0;
    return fit(paper, column, &place, &slack) != 0;
}

/* Draws the column on the current page; false, and nothing drawn, where it does not fit. */
static bool draw_column(struct paper *paper, const struct render_media *media, const struct column *column) {
    struct place place = place_of(paper, media, column->code);
    int32_t slack = 0;
    int32_t percent = fit(paper, column, &place, &slack);
    if (percent == 0) {
        return false;
    }
    (void)set_column(paper, column, &place, percent, slack, true);
    paper_code(paper, column->code, place.code_left, place.code_top + BESIDE_CODE);
    return true;
}

/* ---- the dispensing label ---- */

/* The texts of one label, made once. */
struct wording {
    struct buffer day;
    struct buffer quantity;
    struct buffer directions;
    struct buffer dispensed;
    struct buffer tags;
};

static void wording_init(struct wording *w) {
    struct buffer *all[] = {&w->day, &w->quantity, &w->directions, &w->dispensed, &w->tags};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        buffer_init(all[i], TEXT_MAX);
    }
}

/* Frees; false where one of them did not fit. */
static bool wording_release(struct wording *w) {
    struct buffer *all[] = {&w->day, &w->quantity, &w->directions, &w->dispensed, &w->tags};
    bool ok = true;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        ok = ok && buffer_ok(all[i]);
        buffer_release(all[i]);
    }
    return ok;
}

static void say_tags(struct buffer *out, int32_t reprint, int32_t page, int32_t pages) {
    if (reprint > 0) {
        buffer_format(out, "REPRINT\xC2\xA0%d", (int)reprint);
    }
    if (pages > 1) {
        buffer_format(out, "%s%d\xC2\xA0of\xC2\xA0%d", out->len > 0 ? "   " : "", (int)page, (int)pages);
    }
}

static void say_label(struct paper *paper, struct wording *w, const struct render_label *label) {
    if (label->dose_count == 1) {
        words_day(&w->day, label->doses[0].day);
    } else {
        buffer_format(&w->day, "For %zu days", label->dose_count);
    }
    words_quantity(&w->quantity, label->product, label->quantity);
    if (!words_directions(&w->directions, label)) {
        paper_fail(paper, RENDER_INVALID, "A dose of the label is not an amount that can be given.");
    }
    buffer_text(&w->dispensed, "Dispensed ");
    words_day(&w->dispensed, label->dispensed_on);
    buffer_format(&w->dispensed, " by %s, %s", label->pharmacy.name, label->pharmacy.address);
    if (label->pharmacy.telephone[0] != '\0') {
        buffer_text(&w->dispensed, ", ");
        words_unbroken(&w->dispensed, label->pharmacy.telephone);
    }
}

static void check_label(struct paper *paper, const struct render_label *label) {
    quantity_t sum = 0;
    bool in_order = true;
    for (size_t i = 0; i < label->dose_count; i++) {
        if (!quantity_add(sum, label->doses[i].dose, &sum)) {
            sum = QUANTITY_NONE;
            break;
        }
        in_order = in_order && (i == 0 || label->doses[i].day > label->doses[i - 1].day);
    }
    if (label->dose_count == 0 || sum != label->quantity || !in_order) {
        paper_fail(paper, RENDER_INVALID, "The label's quantity is not the sum of its days' doses.");
    }
    if (label->supervised && label->dose_count != 1) {
        paper_fail(paper, RENDER_INVALID, "A supervised dose has a container of its own.");
    }
    if (label->patient[0] == '\0' || label->pharmacy.name[0] == '\0' || label->pharmacy.address[0] == '\0') {
        paper_fail(paper, RENDER_INVALID, "The patient's name or the pharmacy's name or address is missing.");
    }
}

static void add_head(struct column *column, const struct render_label *label, const struct wording *w) {
    column->code = label->code;
    add(column, "The product's name", label->product->name, 92, true);
    struct block *day = add(column, "The day", w->day.bytes, 108, true);
    day->gap = 700;
    day->boxed = true;
    day->end = (struct text){.text = w->quantity.bytes, .what = "The quantity", .size = 108, .bold = true};
}

static void add_foot(struct column *column, const struct render_label *label, const struct buffer *tags) {
    if (tags->len > 0) {
        struct block *tag = add(column, "The reprint's number", tags->bytes, 90, true);
        tag->gap = 500;
        tag->foot = true;
    }
    struct block *patient = add(column, "The patient's name", label->patient, 104, true);
    patient->gap = 600;
    patient->foot = true;
}

/* The cautionary labels in their printing order; at night, 19 in place of 2. */
static void add_cautionary(struct paper *paper, struct column *column, const struct render_label *label) {
    const struct product *product = label->product;
    for (size_t i = 0; i < product->label_count; i++) {
        int number = product->labels[i];
        if (number == 2 && label->at_night && product->night_label != 0) {
            number = product->night_label;
        }
        const char *text = words_cautionary(number);
        if (text == NULL || (number == 26 && product->route != ROUTE_SUBLINGUAL)) {
            paper_fail(paper, RENDER_INVALID, "The product has cautionary label %d, which it cannot have.",
                       number);
            return;
        }
        add(column, "The cautionary label", text, 76, false)->gap = i == 0 ? 700 : 350;
    }
}

static void add_pharmacy(struct column *column, const struct wording *w) {
    struct block *pharmacy = add(column, "The pharmacy's name and address", w->dispensed.bytes, 70, false);
    pharmacy->gap = 250;
    pharmacy->foot = true;
}

/* What a label holds besides its head and foot. */
enum part { PART_DIRECTIONS = 1, PART_CAUTIONARY = 2, PART_KEEP_OUT = 4 };
#define ALL_PARTS 7U

static void fill(struct paper *paper, struct column *column, const struct render_label *label,
                 const struct wording *w, unsigned parts, const struct buffer *tags) {
    *column = (struct column){0};
    add_head(column, label, w);
    if ((parts & PART_DIRECTIONS) != 0) {
        add(column, "The directions", w->directions.bytes, 92, true)->gap = 600;
    }
    if ((parts & PART_CAUTIONARY) != 0) {
        add_cautionary(paper, column, label);
    }
    if ((parts & PART_KEEP_OUT) != 0) {
        add(column, "The warning", words_keep_out_of_reach, 76, false)->gap = 350;
    }
    add_foot(column, label, tags);
    add_pharmacy(column, w);
}

/* How a document that one label cannot hold is laid over several: directions first, the cautionary labels on the last. */
struct split {
    int32_t pieces; /* of the directions: each names its own days, two or more */
    bool
        keep_on_first; /* "Keep out of the reach ..." stands with the directions, else with the cautionary labels */
};

/* A label of a split, drawn or only tried. False where it does not fit. */
static bool set_split(struct paper *paper, const struct render_media *media, const struct render_label *label,
                      struct wording *w, struct split split, int32_t page, bool draw) {
    struct column column;
    struct render_label piece = *label;
    unsigned parts = split.keep_on_first ? PART_CAUTIONARY : PART_CAUTIONARY | PART_KEEP_OUT;
    buffer_clear(&w->tags);
    say_tags(&w->tags, label->reprint, page + 1, split.pieces + 1);
    if (page < split.pieces) {
        size_t from = label->dose_count * (size_t)page / (size_t)split.pieces;
        size_t to = label->dose_count * (size_t)(page + 1) / (size_t)split.pieces;
        piece.doses += from;
        piece.dose_count = to - from;
        parts = ALL_PARTS & ~parts;
        buffer_clear(&w->directions);
        (void)words_directions(&w->directions, &piece);
    }
    fill(paper, &column, label, w, parts, &w->tags);
    return draw ? draw_column(paper, media, &column) : fits(paper, media, &column);
}

static bool draw_split(struct paper *paper, const struct render_media *media,
                       const struct render_label *label, struct wording *w, struct split split) {
    for (int32_t page = 0; page <= split.pieces; page++) {
        if (!set_split(paper, media, label, w, split, page, false)) {
            return false;
        }
    }
    for (int32_t page = 0; page <= split.pieces; page++) {
        if (page > 0) {
            paper_page(paper);
        }
        (void)set_split(paper, media, label, w, split, page, true);
    }
    return true;
}

static bool draw_several(struct paper *paper, const struct render_media *media,
                         const struct render_label *label, struct wording *w) {
    static const struct split splits[] = {{1, true}, {1, false}, {2, false}, {3, false}, {4, false}};
    /* A name that is too long for the last label is too long for all. */
    if (!set_split(paper, media, label, w, splits[0], splits[0].pieces, false)) {
        return false;
    }
    for (size_t i = 0; i < sizeof splits / sizeof splits[0] && paper_ok(paper); i++) {
        bool enough_days = splits[i].pieces == 1 || label->dose_count >= 2 * (size_t)splits[i].pieces;
        if (enough_days && draw_split(paper, media, label, w, splits[i])) {
            return true;
        }
    }
    return false;
}

static void draw_label(struct paper *paper, const struct render_media *media,
                       const struct render_label *label, struct wording *w) {
    struct column column;
    say_label(paper, w, label);
    say_tags(&w->tags, label->reprint, 1, 1);
    fill(paper, &column, label, w, ALL_PARTS, &w->tags);
    if (!paper_ok(paper) || draw_column(paper, media, &column)) {
        return;
    }
    if (!draw_several(paper, media, label, w)) {
        paper_fail(paper, RENDER_TOO_LONG,
                   "The text needs more room than labels of %d x %d mm have at 7 pt. Larger labels would do.",
                   (int)(media->width / 1000), (int)(media->height / 1000));
    }
}

enum render_result render_label(struct renderer *renderer, const struct render_media *media,
                                const struct render_label *label, struct buffer *pdf,
                                struct render_answer *answer) {
    struct paper *paper = paper_begin(renderer, media, pdf, false);
    struct wording w;
    wording_init(&w);
    check_label(paper, label);
    if (paper_ok(paper)) {
        draw_label(paper, media, label, &w);
    }
    if (!wording_release(&w)) {
        paper_fail(paper, RENDER_TOO_LONG, "A text of the label is longer than %d bytes.", TEXT_MAX);
    }
    return paper_end(paper, answer);
}

/* ---- the bag label ---- */

enum render_result render_bag_label(struct renderer *renderer, const struct render_media *media,
                                    const struct render_bag_label *label, struct buffer *pdf,
                                    struct render_answer *answer) {
    struct paper *paper = paper_begin(renderer, media, pdf, false);
    struct column column = {.code = label->code};
    struct buffer day;
    struct buffer tags;
    buffer_init(&day, TEXT_MAX);
    buffer_init(&tags, TEXT_MAX);
    buffer_text(&day, "Collect ");
    words_day(&day, label->collect_on);
    say_tags(&tags, label->reprint, 0, 1);
    if (label->bag_count > 1) {
        buffer_format(&tags, "%sBag\xC2\xA0%d\xC2\xA0of\xC2\xA0%d", tags.len > 0 ? "   " : "",
                      (int)label->bag, (int)label->bag_count);
    }
    add(&column, "The patient's name", label->patient, 130, true);
    struct block *address = add(&column, "The patient's address", label->address, 96, false);
    address->gap = 900;
    address->text.lines = true;
    if (tags.len > 0) {
        struct block *tag = add(&column, "The reprint's number", tags.bytes, 90, true);
        tag->gap = 500;
        tag->foot = true;
    }
    struct block *collect = add(&column, "The day", day.bytes, 108, true);
    collect->gap = 600;
    collect->boxed = true;
    collect->foot = true;
    if (!buffer_ok(&day) || !buffer_ok(&tags)) {
        paper_fail(paper, RENDER_MEMORY, "There is not enough memory to make this document.");
    } else if (label->patient[0] == '\0' || label->address[0] == '\0') {
        paper_fail(paper, RENDER_INVALID, "The patient's name or address is missing.");
    } else if (!draw_column(paper, media, &column)) {
        paper_fail(paper, RENDER_TOO_LONG,
                   "The name and address need more room than a label of %d x %d mm has at 7 pt.",
                   (int)(media->width / 1000), (int)(media->height / 1000));
    }
    buffer_release(&day);
    buffer_release(&tags);
    return paper_end(paper, answer);
}
