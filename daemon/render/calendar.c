/* The patient's collection calendar: large, with room to tick, for people who find days hard to keep. */
#include "sheet.h"

#define DAY_WIDTH 58000
#define BOX 6000
#define BOX_LINE 300
#define SIZE 115

static void furniture(struct flow *flow, const void *data) {
    const struct render_calendar *calendar = data;
    struct buffer foot;
    buffer_init(&foot, SHEET_LINE_MAX);
    sheet_pharmacy(&foot, &calendar->pharmacy);
    buffer_format(&foot, "\nAs of %s. Ask us if you are not sure: days and doses can change.",
                  calendar->as_of);
    if (buffer_ok(&foot)) {
        sheet_foot(flow, foot.bytes);
    } else {
        paper_fail(flow->paper, RENDER_TOO_LONG, "The pharmacy's name and address are too long.");
    }
    buffer_release(&foot);
}

/* What is taken and given of one product. */
static void say_item(struct flow *flow, const struct render_visit_item *item, struct buffer *out) {
    bool said = item->supervised != 0 || item->dose_count > 0;
    buffer_clear(out);
    if (item->supervised != 0) {
        buffer_text(out, "Take here: ");
        said = words_dose(out, item->product, item->supervised);
    }
    if (item->dose_count > 0) {
        buffer_format(out, "%sTo take home: ", out->len > 0 ? "\n" : "");
        said = said && words_doses(out, item->product, item->doses, item->dose_count);
    }
    if (!said) {
        paper_fail(flow->paper, RENDER_INVALID, "A dose of the calendar is not an amount that can be given.");
    } else if (!buffer_ok(out)) {
        paper_fail(flow->paper, RENDER_TOO_LONG,
                   "What is collected on one day needs more room than there is.");
    }
}

/* What happens on a visit, product by product, from y downwards; measured where y is negative. Returns its height. */
static int32_t set_items(struct flow *flow, const struct render_visit *visit, struct buffer *line, int32_t x,
                         int32_t y, int32_t width) {
    int32_t height = 0;
    for (size_t i = 0; i < visit->item_count && paper_ok(flow->paper); i++) {
        say_item(flow, &visit->items[i], line);
        struct text name = sheet_text(visit->items[i].product->name, "A product's name", SIZE, true);
        struct text what = sheet_text(line->bytes, "What is collected", SIZE, false);
        height += i > 0 ? 1800 : 0;
        if (y < 0) {
            height += paper_measure(flow->paper, &name, width).height + 600;
            height += paper_measure(flow->paper, &what, width).height;
        } else {
            height += paper_text(flow->paper, &name, x, y + height, width) + 600;
            height += paper_text(flow->paper, &what, x, y + height, width);
        }
    }
    return height;
}

static void set_visit(struct flow *flow, const struct render_visit *visit) {
    struct buffer line;
    struct buffer day;
    buffer_init(&line, SHEET_LINE_MAX);
    buffer_init(&day, SHEET_LINE_MAX);
    words_day(&day, visit->day);
    int32_t x = flow->left + BOX + 4000;
    int32_t room = flow->width - (BOX + 4000 + DAY_WIDTH);
    int32_t height = set_items(flow, visit, &line, 0, -1, room);
    if (paper_ok(flow->paper) && buffer_ok(&day)) {
        struct text left = sheet_text(day.bytes, "The day", 140, true);
        height = height > BOX ? height : BOX;
        flow_need(flow, height + 6000);
        sheet_rule(flow);
        flow_space(flow, 2600);
        paper_frame(flow->paper, flow->left, flow->y, BOX, BOX, BOX_LINE);
        (void)paper_text(flow->paper, &left, x, flow->y + 700, DAY_WIDTH - 2000);
        (void)set_items(flow, visit, &line, x + DAY_WIDTH, flow->y + 700, room);
        flow_space(flow, height + 3200);
    }
    buffer_release(&line);
    buffer_release(&day);
}

static void set_closed(struct flow *flow, const struct render_calendar *calendar) {
    struct buffer line;
    buffer_init(&line, SHEET_LINE_MAX);
    for (size_t i = 0; i < calendar->closed_count; i++) {
        const struct render_closed_day *closed = &calendar->closed[i];
        buffer_text(&line, i > 0 ? "\n" : "");
        words_day(&line, closed->day);
        if (closed->name[0] != '\0') {
            buffer_format(&line, ": %s", closed->name);
        }
    }
    if (calendar->closed_count > 0) {
        struct text heading = sheet_text("We are closed on", "The closed days", 130, true);
        flow_need(flow, 20000);
        flow_text(flow, &heading);
        flow_space(flow, 1200);
        sheet_line(flow, &line, "The closed days", SIZE, false);
        flow_space(flow, 5000);
    }
    buffer_release(&line);
}

static void set_advice(struct flow *flow, const struct render_calendar *calendar) {
    struct buffer line;
    buffer_init(&line, SHEET_LINE_MAX);
    buffer_text(&line, "Cannot come? Ring us before the day");
    if (calendar->pharmacy.telephone[0] != '\0') {
        buffer_text(&line, ": ");
        words_unbroken(&line, calendar->pharmacy.telephone);
    }
    buffer_text(&line, ".\nNever take more to catch up.");
    sheet_line(flow, &line, "The advice", 130, true);
    buffer_release(&line);
}

static void compose(struct flow *flow, const void *data) {
    const struct render_calendar *calendar = data;
    struct text title = sheet_text("Your collection days", "The title", 220, true);
    struct text patient = sheet_text(calendar->patient, "The patient's name", 140, false);
    patient.lines = false;
    flow_text(flow, &title);
    flow_space(flow, 1500);
    flow_text(flow, &patient);
    flow_space(flow, 6000);
    for (size_t i = 0; i < calendar->visit_count; i++) {
        set_visit(flow, &calendar->visits[i]);
    }
    if (calendar->visit_count == 0) {
        struct text none =
            sheet_text("Nothing is due on this prescription.", "What is collected", SIZE, false);
        flow_text(flow, &none);
    }
    sheet_rule(flow);
    flow_space(flow, 6000);
    set_closed(flow, calendar);
    if (calendar->opening[0] != '\0') {
        struct text heading = sheet_text("We are open", "The opening hours", 130, true);
        struct text hours = sheet_text(calendar->opening, "The opening hours", SIZE, false);
        flow_need(flow, flow_height(flow, &hours) + 9000);
        flow_text(flow, &heading);
        flow_space(flow, 1200);
        flow_text(flow, &hours);
        flow_space(flow, 5000);
    }
    set_advice(flow, calendar);
}

enum render_result render_calendar(struct renderer *renderer, const struct render_media *media,
                                   const struct render_calendar *calendar, struct buffer *pdf,
                                   struct render_answer *answer) {
    struct flow_plan plan = {compose, furniture, calendar, SHEET_MARGIN, SHEET_PAGES_MAX};
    return flow_make(renderer, media, &plan, pdf, answer);
}
