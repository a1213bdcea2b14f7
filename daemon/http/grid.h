/*
 * Tables for spreadsheets (RFC 4180): every text is quoted, and a text that a spreadsheet would take for a formula begins
 * with an apostrophe. Numbers stand as they are.
 */
#ifndef INSTALMENT_HTTP_GRID_H
#define INSTALMENT_HTTP_GRID_H

#include <stdint.h>

#include "core/day.h"
#include "core/quantity.h"
#include "sys/buffer.h"

#define SHEET_CSV "text/csv; charset=utf-8"
#define SHEET_LINES "application/x-ndjson"
#define SHEET_TEXT "text/plain; charset=utf-8"
#define SHEET_HTML "text/html; charset=utf-8"

/* The head: names with commas between them, constant. */
void grid_head(struct buffer *out, const char *names);

/* Cells of a row, each followed by a comma or, where `last`, by the row's end. NULL, DAY_NONE, QUANTITY_NONE: empty. */
void grid_text(struct buffer *out, const char *text, bool last);
void grid_number(struct buffer *out, int64_t number, bool last);
void grid_quantity(struct buffer *out, quantity_t quantity, bool last);
void grid_day(struct buffer *out, day_t day, bool last);
void grid_instant(struct buffer *out, int64_t at, bool last); /* 0: empty */

/* A text for HTML: its signs & < > " ' are escaped. */
void grid_html(struct buffer *out, const char *text);

#endif
