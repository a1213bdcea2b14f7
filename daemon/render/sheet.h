/*
 * What the sheets on A4 have in common: their head and foot, their texts, rules and boxes to tick.
 */
#ifndef INSTALMENT_RENDER_SHEET_H
#define INSTALMENT_RENDER_SHEET_H

#include "flow.h"
#include "words.h"

#define SHEET_MARGIN 15000
#define SHEET_PAGES_MAX 60
/* Longest line that is put together, in bytes. */
#define SHEET_LINE_MAX 4000

/* A text of a sheet, in the wide face. `what` as in struct text. */
struct text sheet_text(const char *text, const char *what, int32_t size, bool bold);

/* Sets a text that was put together in a buffer, or fails the document where it did not fit there. */
void sheet_line(struct flow *flow, const struct buffer *line, const char *what, int32_t size, bool bold);

/* A thin grey line across, and the place below it. */
void sheet_rule(struct flow *flow);

/* A box to tick with its word behind it, at x, y; returns its height. */
int32_t sheet_box(struct flow *flow, const char *word, int32_t size, int32_t x, int32_t y, int32_t width);

/* The foot of a page: a text on the left, "2 of 3" on the right; the page ends above it. */
void sheet_foot(struct flow *flow, const char *text);

/* "Larkspur Pharmacy, 12 Market Street, Leeds LS1 4AB, telephone 0113 496 0000". */
void sheet_pharmacy(struct buffer *out, const struct render_pharmacy *pharmacy);

#endif
