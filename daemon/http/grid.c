#include "grid.h"

#include <inttypes.h>
#include <string.h>

#include "sys/clock.h"

static void cell_end(struct buffer *out, bool last) {
    buffer_text(out, last ? "\r\n" : ",");
}

void grid_head(struct buffer *out, const char *names) {
    buffer_text(out, names);
    cell_end(out, true);
}

/* Blanks in front do not hide the sign from every spreadsheet. */
static bool like_a_formula(const char *text) {
    text += strspn(text, " \t\r\n");
    return *text != '\0' && strchr("=+-@|", *text) != NULL;
}

void grid_text(struct buffer *out, const char *text, bool last) {
    if (text != NULL) {
        buffer_char(out, '"');
        if (like_a_formula(text) || *text == '\t' || *text == '\r' || *text == '\n') {
            buffer_char(out, '\'');
        }
        for (const char *c = text; *c != '\0'; c++) {
            if (*c == '"') {
                buffer_char(out, '"');
            }
            buffer_char(out, *c);
        }
        buffer_char(out, '"');
    }
    cell_end(out, last);
}

void grid_number(struct buffer *out, int64_t number, bool last) {
    buffer_format(out, "%" PRId64, number);
    cell_end(out, last);
}

void grid_quantity(struct buffer *out, quantity_t quantity, bool last) {
    if (quantity != QUANTITY_NONE) {
        char text[QUANTITY_TEXT_SIZE];
        quantity_format(quantity, text);
        buffer_text(out, text);
    }
    cell_end(out, last);
}

void grid_day(struct buffer *out, day_t day, bool last) {
    if (day != DAY_NONE) {
        char text[DAY_TEXT_SIZE];
        day_format(day, text);
        buffer_text(out, text);
    }
    cell_end(out, last);
}

void grid_instant(struct buffer *out, int64_t at, bool last) {
    if (at != 0) {
        char text[CLOCK_TEXT_SIZE];
        clock_format(at, text);
        buffer_text(out, text);
    }
    cell_end(out, last);
}

void grid_html(struct buffer *out, const char *text) {
    for (const char *c = text == NULL ? "" : text; *c != '\0'; c++) {
        switch (*c) {
        case '&': buffer_text(out, "&amp;"); break;
        case '<': buffer_text(out, "&lt;"); break;
        case '>': buffer_text(out, "&gt;"); break;
        case '"': buffer_text(out, "&quot;"); break;
        case '\'': buffer_text(out, "&#39;"); break;
        default: buffer_char(out, *c);
        }
    }
}
