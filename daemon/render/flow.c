#include "flow.h"

/* Of the size, in hundredths: how far points stand in, and the bullet's side and middle. */
#define INDENT 110
#define BULLET 30
#define BULLET_MIDDLE 42

static void begin_page(struct flow *flow) {
    flow->left = flow->plan->margin;
    flow->width = flow->media.width - 2 * flow->plan->margin;
    flow->top = flow->plan->margin;
    flow->bottom = flow->media.height - flow->plan->margin;
    if (flow->plan->furniture != NULL) {
        flow->plan->furniture(flow, flow->plan->data);
    }
    flow->y = flow->top;
}

static enum render_result run(struct renderer *renderer, const struct render_media *media,
                              const struct flow_plan *plan, int32_t pages, struct buffer *pdf,
                              struct render_answer *answer) {
    struct flow flow = {.media = *media, .plan = plan, .page = 1, .pages = pages};
    flow.paper = paper_begin(renderer, media, pdf, pages == 0);
    if (paper_ok(flow.paper)) {
        begin_page(&flow);
        plan->compose(&flow, plan->data);
    }
    if (flow.page > plan->pages_max) {
        paper_fail(flow.paper, RENDER_TOO_LONG,
                   "The text needs more than the %d pages that this document may have.",
                   (int)plan->pages_max);
    }
    return paper_end(flow.paper, answer);
}

int32_t flow_count(struct renderer *renderer, const struct render_media *media, const struct flow_plan *plan,
                   struct buffer *pdf, struct render_answer *answer) {
    (void)run(renderer, media, plan, 0, pdf, answer);
    return answer->pages;
}

enum render_result flow_draw(struct renderer *renderer, const struct render_media *media,
                             const struct flow_plan *plan, int32_t pages, struct buffer *pdf,
                             struct render_answer *answer) {
    return run(renderer, media, plan, pages, pdf, answer);
}

enum render_result flow_make(struct renderer *renderer, const struct render_media *media,
                             const struct flow_plan *plan, struct buffer *pdf, struct render_answer *answer) {
    enum render_result counted = run(renderer, media, plan, 0, pdf, answer);
    return counted == RENDER_OK ? run(renderer, media, plan, answer->pages, pdf, answer) : counted;
}

void flow_need(struct flow *flow, int32_t height) {
    if (flow->y + height <= flow->bottom) {
        return;
    }
    if (height > flow->bottom - flow->top) {
        paper_fail(flow->paper, RENDER_TOO_LONG, "A paragraph needs more room than a page has.");
        return;
    }
    if (flow->page > flow->plan->pages_max) {
        return;
    }
    flow->page++;
    paper_page(flow->paper);
    begin_page(flow);
}

int32_t flow_height(struct flow *flow, const struct text *text) {
    return paper_measure(flow->paper, text, flow->width).height;
}

/* Hundredths of the size, which is in tenths of a point, in thousandths of a millimetre. */
static int32_t ems(const struct text *text, int32_t hundredths) {
    return (int32_t)((int64_t)text->size * 254 * hundredths / 720);
}

int32_t flow_point_height(struct flow *flow, const struct text *text) {
    return paper_measure(flow->paper, text, flow->width - ems(text, INDENT)).height;
}

void flow_text(struct flow *flow, const struct text *text) {
    flow_need(flow, flow_height(flow, text));
    flow->y += paper_text(flow->paper, text, flow->left, flow->y, flow->width);
}

void flow_point(struct flow *flow, const struct text *text) {
    flow_need(flow, flow_point_height(flow, text));
    int32_t side = ems(text, BULLET);
    int32_t indent = ems(text, INDENT);
    paper_fill(flow->paper, flow->left + side / 2, flow->y + ems(text, BULLET_MIDDLE) - side / 4, side, side,
               0);
    flow->y += paper_text(flow->paper, text, flow->left + indent, flow->y, flow->width - indent);
}

void flow_space(struct flow *flow, int32_t height) {
    flow->y += height;
}
