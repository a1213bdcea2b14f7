#include "paper.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cairo-pdf.h>
#include <qrencode.h>

/* Text is laid out at 10 pt and scaled as it is drawn: one font for each face and weight, whatever the size. */
#define LAYOUT_SIZE 100
#define DEFAULT_LEADING 118
/* Of the size, in hundredths: what a line takes above and below its baseline where its ink takes no more; and what is kept
 * free between the ink of two lines. */
#define ASCENT 76
#define DESCENT 22
#define LINE_GAP 4
#define BOXES_MAX 20000
#define CODE_MAX 60
#define QUIET_MODULES 4
#define LAID_MAX 256
#define UNBROKEN (-1)
/* 25400 / 203, in millionths of a millimetre. */
#define DOT_NM 125123

struct paper {
    struct renderer *renderer;
    struct render_media media;
    struct buffer *pdf;
    cairo_surface_t *surface;
    cairo_t *cairo;
    bool dry;
    int32_t pages;
    int32_t smallest;
    enum render_result result;
    char sentence[RENDER_SENTENCE_SIZE];
};

/* A text laid out at LAYOUT_SIZE in lines of a width (layout units; UNBROKEN: in as few lines as it has). */
struct laid {
    uint64_t key; /* of text, face, weight, leading and width; 0: empty */
    PangoLayout *layout;
    double width;
    double height;
};

struct renderer {
    PangoFontMap *fonts;
    PangoContext *context;
    PangoFontDescription *descriptions[FACE_COUNT][2];
    struct paper paper;
    struct render_box *boxes;
    size_t box_count;
    size_t box_room;
    struct laid laid[LAID_MAX]; /* in this document, by the key; a later text may take the place */
};

const struct render_media render_media_label = {70000, 35000};
const struct render_media render_media_a6 = {105000, 148000};
const struct render_media render_media_credit = {85600, 53980};
const struct render_media render_media_a4 = {210000, 297000};

static double points(double thousandths) {
    return thousandths * 72 / 25400;
}

static double thousandths_of(double pango_units) {
    return pango_units / PANGO_SCALE * 25400 / 72;
}

/* ---- the renderer ---- */

static bool prepare(struct renderer *r) {
    r->context = pango_font_map_create_context(r->fonts);
    if (r->context == NULL) {
        return false;
    }
    cairo_font_options_t *options = cairo_font_options_create();
    cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
    pango_cairo_context_set_font_options(r->context, options);
    cairo_font_options_destroy(options);
    pango_context_set_round_glyph_positions(r->context, FALSE);
    pango_context_set_language(r->context, pango_language_from_string("en-gb"));
    for (int face = 0; face < FACE_COUNT; face++) {
        for (int bold = 0; bold < 2; bold++) {
            PangoFontDescription *description = pango_font_description_new();
            pango_font_description_set_family_static(description, fonts_families((enum face)face));
            pango_font_description_set_weight(description, bold ? PANGO_WEIGHT_BOLD : PANGO_WEIGHT_NORMAL);
            pango_font_description_set_absolute_size(description, LAYOUT_SIZE / 10.0 * PANGO_SCALE);
            r->descriptions[face][bold] = description;
        }
    }
    return true;
}

static void forget_laid(struct renderer *r) {
    for (size_t i = 0; i < LAID_MAX; i++) {
        g_clear_object(&r->laid[i].layout);
        r->laid[i].key = 0;
    }
}

struct renderer *renderer_new(const char **missing) {
    *missing = NULL;
    struct renderer *renderer = calloc(1, sizeof *renderer);
    if (renderer == NULL) {
        return NULL;
    }
    renderer->fonts = fonts_map_new(missing);
    if (renderer->fonts == NULL || !prepare(renderer)) {
        renderer_free(&renderer);
    }
    return renderer;
}

void renderer_free(struct renderer **renderer) {
    struct renderer *r = *renderer;
    *renderer = NULL;
    if (r == NULL) {
        return;
    }
    for (int face = 0; face < FACE_COUNT; face++) {
        for (int bold = 0; bold < 2; bold++) {
            pango_font_description_free(r->descriptions[face][bold]);
        }
    }
    forget_laid(r);
    g_clear_object(&r->context);
    g_clear_object(&r->fonts);
    free(r->boxes);
    free(r);
}

const struct render_box *renderer_boxes(const struct renderer *renderer, size_t *count) {
    *count = renderer->box_count;
    return renderer->boxes;
}

/* ---- a document ---- */

static cairo_status_t write_bytes(void *closure, const unsigned char *bytes, unsigned int len) {
    struct buffer *pdf = closure;
    buffer_add(pdf, bytes, len);
    return buffer_ok(pdf) ? CAIRO_STATUS_SUCCESS : CAIRO_STATUS_WRITE_ERROR;
}

struct paper *paper_begin(struct renderer *renderer, const struct render_media *media, struct buffer *pdf,
                          bool dry) {
    struct paper *paper = &renderer->paper;
    assert(paper->surface == NULL);
    *paper = (struct paper){.renderer = renderer, .media = *media, .pdf = pdf, .dry = dry, .pages = 1};
    renderer->box_count = 0;
    buffer_clear(pdf);
    if (media->width < RENDER_EDGE_MIN || media->height < RENDER_EDGE_MIN || media->width > RENDER_EDGE_MAX ||
        media->height > RENDER_EDGE_MAX) {
        paper_fail(paper, RENDER_INVALID, "The paper's size is not between 20 and 450 mm.");
    }
    if (!dry && paper_ok(paper)) {
        paper->surface = cairo_pdf_surface_create_for_stream(write_bytes, pdf, points(media->width),
                                                             points(media->height));
        /* A fixed date: the same input gives the same bytes. */
        cairo_pdf_surface_set_metadata(paper->surface, CAIRO_PDF_METADATA_CREATE_DATE,
                                       "2000-01-01T00:00:00Z");
        paper->cairo = cairo_create(paper->surface);
    }
    return paper;
}

void paper_page(struct paper *paper) {
    paper->pages++;
    if (paper->cairo != NULL) {
        cairo_show_page(paper->cairo);
    }
}

int32_t paper_pages(const struct paper *paper) {
    return paper->pages;
}

void paper_fail(struct paper *paper, enum render_result result, const char *format, ...) {
    if (paper->result != RENDER_OK) {
        return;
    }
    paper->result = result;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(paper->sentence, sizeof paper->sentence, format, arguments);
    va_end(arguments);
}

bool paper_ok(const struct paper *paper) {
    return paper->result == RENDER_OK;
}

/* cairo and the buffer fail for want of memory only: what is drawn has been checked before. */
static void finish_surface(struct paper *paper) {
    if (paper->surface == NULL) {
        return;
    }
    bool drawn = cairo_status(paper->cairo) == CAIRO_STATUS_SUCCESS;
    cairo_destroy(paper->cairo);
    cairo_surface_finish(paper->surface);
    drawn = drawn && cairo_surface_status(paper->surface) == CAIRO_STATUS_SUCCESS && buffer_ok(paper->pdf);
    cairo_surface_destroy(paper->surface);
    paper->cairo = NULL;
    paper->surface = NULL;
    if (!drawn) {
        paper_fail(paper, RENDER_MEMORY, "There is not enough memory to make this document.");
    }
}

enum render_result paper_end(struct paper *paper, struct render_answer *answer) {
    finish_surface(paper);
    forget_laid(paper->renderer);
    *answer = (struct render_answer){.result = paper->result, .pages = paper->pages, .size = paper->smallest};
    if (!paper_ok(paper)) {
        memcpy(answer->sentence, paper->sentence, sizeof answer->sentence);
        answer->pages = 0;
        buffer_clear(paper->pdf);
    }
    return paper->result;
}

static void note_box(struct paper *paper, struct render_box box) {
    struct renderer *r = paper->renderer;
    if (paper->dry) {
        return;
    }
    if (r->box_count == r->box_room) {
        size_t room = r->box_room == 0 ? 64 : 2 * r->box_room;
        struct render_box *boxes = room > BOXES_MAX ? NULL : realloc(r->boxes, room * sizeof *boxes);
        if (boxes == NULL) {
            paper_fail(paper, RENDER_MEMORY, "There is not enough memory to make this document.");
            return;
        }
        r->boxes = boxes;
        r->box_room = room;
    }
    box.page = paper->pages - 1;
    r->boxes[r->box_count++] = box;
}

/* ---- text ---- */

/* Would it draw, move or break what stands beside it? Control characters, and those of direction and of lines. */
static bool is_control(gunichar c, bool lines) {
    if (c == '\n') {
        return !lines;
    }
    return c < 0x20 || (c >= 0x7F && c < 0xA0) || (c >= 0x2028 && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069) || c == 0xFEFF || c == 0xFFFD;
}

static bool check_text(struct paper *paper, const struct text *text) {
    if (text->text == NULL || !g_utf8_validate(text->text, -1, NULL)) {
        paper_fail(paper, RENDER_INVALID, "%s is not text (UTF-8).", text->what);
        return false;
    }
    for (const char *at = text->text; *at != '\0'; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (is_control(c, text->lines)) {
            paper_fail(
                paper, RENDER_INVALID,
                "%s has a character that cannot be printed (U+%04X): it is not a letter but an instruction.",
                text->what, (unsigned)c);
            return false;
        }
    }
    return true;
}

static void add_unbroken(PangoAttrList *list, size_t start, size_t end) {
    PangoAttribute *attribute = pango_attr_allow_breaks_new(FALSE);
    attribute->start_index = (guint)start;
    attribute->end_index = (guint)end;
    pango_attr_list_insert(list, attribute);
}

/*
 * Gives the layout the text with plain spaces for no-break ones (so that what is read back out of the PDF has plain
 * spaces), and the words that they hold together marked as not to be broken.
 */
static bool give_text(PangoLayout *layout, const char *text) {
    static const char no_break[] = "\xC2\xA0";
    size_t len = strlen(text);
    char *plain = malloc(len + 1);
    if (plain == NULL) {
        return false;
    }
    PangoAttrList *attributes = pango_attr_list_new();
    size_t out = 0;
    size_t word = 0; /* where the word that is being copied began */
    bool held = false;
    for (size_t i = 0; i <= len; i++) {
        if (strncmp(text + i, no_break, 2) == 0) {
            plain[out++] = ' ';
            held = true;
            i++;
            continue;
        }
        if (text[i] == ' ' || text[i] == '\n' || text[i] == '\0') {
            if (held) {
                add_unbroken(attributes, word, out);
            }
            held = false;
            word = out + 1;
        }
        plain[out++] = text[i];
    }
    pango_layout_set_attributes(layout, attributes);
    pango_layout_set_text(layout, plain, -1);
    pango_attr_list_unref(attributes);
    free(plain);
    return true;
}

/* The first character of the layout's text that no font has, for the sentence. */
static gunichar unknown_character(PangoLayout *layout) {
    const char *text = pango_layout_get_text(layout);
    gunichar found = 0;
    PangoLayoutIter *iter = pango_layout_get_iter(layout);
    do {
        PangoLayoutRun *run = pango_layout_iter_get_run_readonly(iter);
        for (int i = 0; run != NULL && found == 0 && i < run->glyphs->num_glyphs; i++) {
            if ((run->glyphs->glyphs[i].glyph & PANGO_GLYPH_UNKNOWN_FLAG) != 0) {
                found = g_utf8_get_char(text + run->item->offset + run->glyphs->log_clusters[i]);
            }
        }
    } while (found == 0 && pango_layout_iter_next_run(iter));
    pango_layout_iter_free(iter);
    return found;
}

/* `width` at LAYOUT_SIZE, in layout units. */
static int layout_width(const struct text *text, int32_t width) {
    return (int)floor(points(width) * PANGO_SCALE * LAYOUT_SIZE / text->size);
}

/* Lays the text out at LAYOUT_SIZE in lines of this width (layout units); NULL where the document has failed. */
static PangoLayout *lay_out(struct paper *paper, const struct text *text, int width) {
    if (!paper_ok(paper) || !check_text(paper, text)) {
        return NULL;
    }
    PangoLayout *layout = pango_layout_new(paper->renderer->context);
    pango_layout_set_wrap(layout, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_font_description(layout, paper->renderer->descriptions[text->face][text->bold]);
    pango_layout_set_width(layout, width);
    if (!give_text(layout, text->text)) {
        paper_fail(paper, RENDER_MEMORY, "There is not enough memory to make this document.");
    } else if (pango_layout_get_unknown_glyphs_count(layout) > 0) {
        paper_fail(paper, RENDER_NO_GLYPH, "%s has a character (U+%04X) that no font here can print.",
                   text->what, (unsigned)unknown_character(layout));
    } else {
        return layout;
    }
    g_object_unref(layout);
    return NULL;
}

/* One line of a layout, in thousandths of a millimetre from the start of its baseline. */
struct line {
    double left;
    double right;
    double above; /* ink, positive upwards */
    double below;
    double advance; /* what the fonts say it takes */
    bool inked;
    bool from_right; /* its text runs from right to left */
};

static struct line line_measure(PangoLayoutLine *line, double scale) {
    PangoRectangle ink;
    PangoRectangle logical;
    pango_layout_line_get_extents(line, &ink, &logical);
    struct line out = {
        .left = thousandths_of(ink.x) * scale,
        .right = thousandths_of(ink.x + ink.width) * scale,
        .above = thousandths_of(-ink.y) * scale,
        .below = thousandths_of(ink.y + ink.height) * scale,
        .advance = thousandths_of(logical.width) * scale,
        .inked = ink.width > 0 && ink.height > 0,
        .from_right = line->resolved_dir == PANGO_DIRECTION_RTL,
    };
    out.left = out.inked && out.left < 0 ? out.left : 0;
    out.right = out.inked && out.right > out.advance ? out.right : out.advance;
    return out;
}

static double line_offset(const struct line *line, enum align align, double width) {
    bool right = align == ALIGN_END ? !line->from_right : align == ALIGN_START && line->from_right;
    return right ? width - line->right : -line->left;
}

static void draw_line(struct paper *paper, const struct text *text, PangoLayoutLine *pango_line,
                      const struct line *line, double x, double baseline) {
    if (!line->inked) {
        return;
    }
    cairo_t *cairo = paper->cairo;
    double scale = (double)text->size / LAYOUT_SIZE;
    note_box(paper, (struct render_box){
                        .kind = RENDER_BOX_TEXT,
                        .x = (int32_t)floor(x + line->left),
                        .y = (int32_t)floor(baseline - line->above),
                        .width = (int32_t)ceil(line->right - line->left),
                        .height = (int32_t)ceil(line->above + line->below),
                    });
    if (cairo == NULL) {
        return;
    }
    cairo_save(cairo);
    cairo_set_source_rgb(cairo, text->white, text->white, text->white);
    cairo_translate(cairo, points(x), points(baseline));
    cairo_scale(cairo, scale, scale);
    cairo_move_to(cairo, 0, 0);
    pango_cairo_show_layout_line(cairo, pango_line);
    cairo_restore(cairo);
}

/* How high and wide the text is, as doubles. */
struct extent {
    double width;
    double height;
};

/*
 * The lines of the layout from y downwards, drawn or not, at a size in tenths of a point. They stand `leading` apart,
 * further where their ink would touch.
 */
static struct extent set_lines(struct paper *paper, const struct text *text, PangoLayout *layout,
                               int32_t size, int32_t x, int32_t y, int32_t width, bool draw) {
    double em = size / 10.0 * 25400 / 72;
    double leading = em * (text->leading != 0 ? text->leading : DEFAULT_LEADING) / 100;
    double baseline = 0;
    struct extent out = {0, 0};
    for (GSList *l = pango_layout_get_lines_readonly(layout); l != NULL; l = l->next) {
        struct line line = line_measure(l->data, (double)size / LAYOUT_SIZE);
        double above = fmax(em * ASCENT / 100, line.inked ? line.above : 0);
        baseline =
            out.height > 0 ? fmax(baseline + leading, out.height + em * LINE_GAP / 100 + above) : above;
        out.height = baseline + fmax(em * DESCENT / 100, line.inked ? line.below : 0);
        out.width = fmax(out.width, line.right - line.left);
        if (draw) {
            draw_line(paper, text, l->data, &line, x + line_offset(&line, text->align, width), y + baseline);
        }
    }
    return out;
}

/* FNV-1a over the text, then over the numbers. */
static uint64_t key_of(const struct text *text, int width) {
    const uint64_t prime = UINT64_C(0x100000001B3);
    uint64_t hash = UINT64_C(0xCBF29CE484222325);
    for (const char *at = text->text != NULL ? text->text : ""; *at != '\0'; at++) {
        hash = (hash ^ (unsigned char)*at) * prime;
    }
    hash = (hash ^ (uint64_t)(text->face * 2 + text->bold)) * prime;
    hash = (hash ^ (uint64_t)text->leading) * prime;
    hash = (hash ^ (uint64_t)(uint32_t)width) * prime;
    return hash | 1;
}

/* The text laid out in this width, from what this document has already; NULL where it has failed. */
static const struct laid *find_laid(struct paper *paper, const struct text *text, int width) {
    uint64_t key = key_of(text, width);
    struct laid *slot = &paper->renderer->laid[(key >> 8) % LAID_MAX];
    if (slot->key == key) {
        return slot;
    }
    PangoLayout *layout = lay_out(paper, text, width);
    if (layout == NULL) {
        return NULL;
    }
    struct extent extent = set_lines(paper, text, layout, LAYOUT_SIZE, 0, 0, 0, false);
    g_clear_object(&slot->layout);
    *slot = (struct laid){.key = key, .layout = layout, .width = extent.width, .height = extent.height};
    return slot;
}

/* Laid out so that it fits across: most texts are one line; the rest is broken, and so is what only just fits. */
static const struct laid *find_fitting(struct paper *paper, const struct text *text, int32_t width) {
    assert(text->size >= PAPER_SIZE_MIN);
    const struct laid *laid = find_laid(paper, text, UNBROKEN);
    if (laid != NULL && laid->width * text->size / LAYOUT_SIZE > width - 10.0) {
        laid = find_laid(paper, text, layout_width(text, width));
    }
    return laid;
}

struct size paper_measure(struct paper *paper, const struct text *text, int32_t width) {
    const struct laid *laid = find_fitting(paper, text, width);
    if (laid == NULL) {
        return (struct size){0, 0};
    }
    double scale = (double)text->size / LAYOUT_SIZE;
    return (struct size){(int32_t)ceil(laid->width * scale), (int32_t)ceil(laid->height * scale)};
}

int32_t paper_text(struct paper *paper, const struct text *text, int32_t x, int32_t y, int32_t width) {
    const struct laid *laid = find_fitting(paper, text, width);
    if (laid == NULL) {
        return 0;
    }
    struct extent size = set_lines(paper, text, laid->layout, text->size, x, y, width, true);
    if (size.width > width + 1.0) {
        paper_fail(paper, RENDER_TOO_LONG, "%s is too wide for its place on the paper.", text->what);
    }
    if (paper->smallest == 0 || text->size < paper->smallest) {
        paper->smallest = text->size;
    }
    return (int32_t)ceil(size.height);
}

/* ---- the rest ---- */

void paper_fill(struct paper *paper, int32_t x, int32_t y, int32_t width, int32_t height, int32_t grey) {
    if (paper->cairo == NULL) {
        return;
    }
    double light = grey / 100.0;
    cairo_set_source_rgb(paper->cairo, light, light, light);
    cairo_rectangle(paper->cairo, points(x), points(y), points(width), points(height));
    cairo_fill(paper->cairo);
}

void paper_frame(struct paper *paper, int32_t x, int32_t y, int32_t width, int32_t height, int32_t line) {
    paper_fill(paper, x, y, width, line, 0);
    paper_fill(paper, x, y + height - line, width, line, 0);
    paper_fill(paper, x, y + line, line, height - 2 * line, 0);
    paper_fill(paper, x + width - line, y + line, line, height - 2 * line, 0);
}

/* NULL where it cannot be made: the document has failed. */
static QRcode *code_make(struct paper *paper, const char *code) {
    size_t len = code == NULL ? 0 : strlen(code);
    if (len == 0 || len > CODE_MAX) {
        paper_fail(paper, RENDER_INVALID, "The label's code is missing or longer than 60 characters.");
    }
    for (size_t i = 0; i < len; i++) {
        if (code[i] <= ' ' || code[i] > '~') {
            paper_fail(paper, RENDER_INVALID,
                       "The label's code has something other than letters and digits.");
        }
    }
    if (!paper_ok(paper)) {
        return NULL;
    }
    QRcode *made = QRcode_encodeString(code, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
    if (made == NULL) {
        paper_fail(paper, RENDER_MEMORY, "There is not enough memory to make this document.");
    }
    return made;
}

static double modules(int count) {
    return (double)count * PAPER_MODULE_DOTS * DOT_NM / 1000;
}

int32_t paper_code_size(struct paper *paper, const char *code) {
    QRcode *made = code_make(paper, code);
    if (made == NULL) {
        return 0;
    }
    int width = made->width;
    QRcode_free(made);
    return (int32_t)ceil(modules(width + 2 * QUIET_MODULES));
}

/* The dark modules as a mask of one dot each: no seams between them, and a tenth of what as many rectangles would take. */
static bool draw_modules(cairo_t *cairo, const QRcode *made, double x, double y) {
    cairo_surface_t *mask = cairo_image_surface_create(CAIRO_FORMAT_A8, made->width, made->width);
    unsigned char *dots = cairo_image_surface_get_data(mask);
    if (dots == NULL) {
        cairo_surface_destroy(mask);
        return false;
    }
    int stride = cairo_image_surface_get_stride(mask);
    for (int row = 0; row < made->width; row++) {
        for (int column = 0; column < made->width; column++) {
            dots[row * stride + column] = (made->data[row * made->width + column] & 1) != 0 ? 0xFF : 0;
        }
    }
    cairo_surface_mark_dirty(mask);
    cairo_pattern_t *pattern = cairo_pattern_create_for_surface(mask);
    cairo_pattern_set_filter(pattern, CAIRO_FILTER_NEAREST);
    cairo_save(cairo);
    cairo_set_source_rgb(cairo, 0, 0, 0);
    cairo_translate(cairo, points(x + modules(QUIET_MODULES)), points(y + modules(QUIET_MODULES)));
    cairo_scale(cairo, points(modules(1)), points(modules(1)));
    cairo_mask(cairo, pattern);
    cairo_restore(cairo);
    cairo_pattern_destroy(pattern);
    cairo_surface_destroy(mask);
    return true;
}

void paper_code(struct paper *paper, const char *code, int32_t x, int32_t y) {
    QRcode *made = code_make(paper, code);
    if (made == NULL) {
        return;
    }
    double dot_x = floor((double)x * 1000 / DOT_NM) * DOT_NM / 1000;
    double dot_y = floor((double)y * 1000 / DOT_NM) * DOT_NM / 1000;
    int32_t side = (int32_t)ceil(modules(made->width + 2 * QUIET_MODULES));
    note_box(paper, (struct render_box){RENDER_BOX_CODE, 0, (int32_t)dot_x, (int32_t)dot_y, side, side});
    if (paper->cairo != NULL && !draw_modules(paper->cairo, made, dot_x, dot_y)) {
        paper_fail(paper, RENDER_MEMORY, "There is not enough memory to make this document.");
    }
    QRcode_free(made);
}
