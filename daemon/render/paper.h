/*
 * Pages being drawn: text in lines, rules, boxes, codes. Everything is measured in thousandths of a millimetre from the
 * top left corner. The first thing that goes wrong is kept (as with buffers); what follows draws nothing, and paper_end
 * says it. Used by the modules of render only, in the renderer's thread.
 */
#ifndef INSTALMENT_RENDER_PAPER_H
#define INSTALMENT_RENDER_PAPER_H

#include "fonts.h"
#include "render.h"

/* Nothing is drawn nearer to an edge than this. */
#define PAPER_MARGIN 1500
/* In tenths of a point: 7 pt is the smallest that anything is set in. */
#define PAPER_SIZE_MIN 70
/* Across 203 dots an inch (most label printers) four dots to a module of a code, and four modules free around it. */
#define PAPER_MODULE_DOTS 4

/* "Start" is the right where the text runs from right to left; left is left. */
enum align { ALIGN_START, ALIGN_END, ALIGN_LEFT };

/* A text and how it is set. */
struct text {
    const char *text; /* UTF-8; no-break spaces hold what must stay on one line, and come out as plain ones */
    const char *what; /* names it in a sentence: "the patient's name"; constant */
    enum face face;
    bool bold;
    bool white;      /* on black */
    bool lines;      /* may have line feeds */
    int32_t size;    /* tenths of a point */
    int32_t leading; /* from line to line, in hundredths of the size; 0: 118 */
    enum align align;
};

struct size {
    int32_t width;
    int32_t height;
};

struct paper;

/*
 * Begins a document on the renderer: its media, where its bytes go. `dry` draws nothing and only counts pages. The paper
 * lives in the renderer until paper_end. Always returns one; what went wrong is said by paper_end.
 */
struct paper *paper_begin(struct renderer *renderer, const struct render_media *media, struct buffer *pdf,
                          bool dry);

/* The next page; the first one is there from the beginning. */
void paper_page(struct paper *paper);
int32_t paper_pages(const struct paper *paper);

/* Fails the document, unless it has failed before. The sentence is copied. */
void paper_fail(struct paper *paper, enum render_result result, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool paper_ok(const struct paper *paper);

/* Finishes the PDF, fills *answer and returns the result; empties the buffer where it is not RENDER_OK. */
enum render_result paper_end(struct paper *paper, struct render_answer *answer);

/* ---- text ---- */

/*
 * What a text takes in lines of at most `width`: the width of its longest line and the height of all. Nothing is drawn.
 * A width above `width` says that something in it cannot be broken.
 */
struct size paper_measure(struct paper *paper, const struct text *text, int32_t width);

/* Draws it with its top at y; returns its height. What is too wide fails the document. */
int32_t paper_text(struct paper *paper, const struct text *text, int32_t x, int32_t y, int32_t width);

/* ---- the rest ---- */

/* A line of ink, or a box around one. `line` is its thickness; a box's lies within it. `grey` is 0 (black) to 100. */
void paper_fill(struct paper *paper, int32_t x, int32_t y, int32_t width, int32_t height, int32_t grey);
void paper_frame(struct paper *paper, int32_t x, int32_t y, int32_t width, int32_t height, int32_t line);

/* How wide and high the code of this text is with its quiet zone; 0 where it cannot be made (the document has failed). */
int32_t paper_code_size(struct paper *paper, const char *code);
/* Draws it with the quiet zone's top left corner at x, y, moved up and left to the next dot. */
void paper_code(struct paper *paper, const char *code, int32_t x, int32_t y);

#endif
