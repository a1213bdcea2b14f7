#include "sheet.h"

#include <stdio.h>

#define RULE 150
#define BOX_LINE 250
#define FOOT_SIZE 80

struct text sheet_text(const char *text, const char *what, int32_t size, bool bold) {
    return (struct text){.text = text,
                         .what = what,
                         .face = FACE_WIDE,
                         .size = size,
                         .bold = bold,
                         .lines = true,
                         .leading = 125};
}

void sheet_line(struct flow *flow, const struct buffer *line, const char *what, int32_t size, bool bold) {
    if (!buffer_ok(line)) {
        paper_fail(flow->paper, RENDER_TOO_LONG, "%s is longer than %d bytes.", what, SHEET_LINE_MAX);
        return;
    }
    if (line->len > 0) {
        struct text text = sheet_text(line->bytes, what, size, bold);
        flow_text(flow, &text);
    }
}

void sheet_rule(struct flow *flow) {
    paper_fill(flow->paper, flow->left, flow->y, flow->width, RULE, 60);
    flow_space(flow, RULE);
}

int32_t sheet_box(struct flow *flow, const char *word, int32_t size, int32_t x, int32_t y, int32_t width) {
    int32_t side = size * 36;
    struct text text = sheet_text(word, "A box's word", size, false);
    paper_frame(flow->paper, x, y, side, side, BOX_LINE);
    (void)paper_text(flow->paper, &text, x + side + side / 3, y + side / 12, width - side - side / 3);
    return side;
}

void sheet_foot(struct flow *flow, const char *text) {
    char pages[32];
    (void)snprintf(pages, sizeof pages, "%d of %d", (int)flow->page, (int)flow->pages);
    struct text number = sheet_text(pages, "The page's number", FOOT_SIZE, false);
    number.align = ALIGN_END;
    struct text foot = sheet_text(text, "The foot", FOOT_SIZE, false);
    int32_t room = flow->width - paper_measure(flow->paper, &number, flow->width).width - 5000;
    int32_t y = flow->bottom - paper_measure(flow->paper, &foot, room).height;
    (void)paper_text(flow->paper, &foot, flow->left, y, room);
    (void)paper_text(flow->paper, &number, flow->left, y, flow->width);
    flow->bottom = y - 3000;
}

void sheet_pharmacy(struct buffer *out, const struct render_pharmacy *pharmacy) {
    buffer_format(out, "%s, %s", pharmacy->name, pharmacy->address);
    if (pharmacy->telephone[0] != '\0') {
        buffer_text(out, ", telephone ");
        words_unbroken(out, pharmacy->telephone);
    }
}
