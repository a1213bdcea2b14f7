/*
 * The downtime sheet: what is due on a day, to be worked off by hand (hazard H40). Each page has the serial number and the
 * time as of which it is true; lines that may not be supplied have no boxes for it.
 */
#include "sheet.h"

#define MARGIN 10000
#define PAD 1200
#define ROW_MIN 15000
#define SIZE 90

enum column { COLUMN_PATIENT, COLUMN_PRODUCT, COLUMN_HERE, COLUMN_HOME, COLUMN_DONE, COLUMN_BY, COLUMNS };

/* Widths in hundredths of the page's; together 100. */
static const int32_t widths[COLUMNS] = {23, 23, 12, 13, 15, 14};
static const char *const headings[COLUMNS] = {"Patient",      "Product",       "Take here, supervised",
                                              "To take home", "What was done", "Time, initials"};

struct cells {
    int32_t x[COLUMNS];
    int32_t width[COLUMNS];
};

static struct cells cells_of(const struct flow *flow) {
    struct cells cells;
    int32_t x = flow->left;
    for (int i = 0; i < COLUMNS; i++) {
        cells.x[i] = x;
        cells.width[i] = flow->width * widths[i] / 100 - PAD;
        x += flow->width * widths[i] / 100;
    }
    return cells;
}

static struct text cell_text(const char *text, const char *what, bool bold) {
    struct text out = sheet_text(text, what, SIZE, bold);
    out.face = FACE_NARROW;
    out.leading = 118;
    return out;
}

static void set_headings(struct flow *flow) {
    struct cells cells = cells_of(flow);
    int32_t height = 0;
    for (int i = 0; i < COLUMNS; i++) {
        struct text text = cell_text(headings[i], "A heading", true);
        int32_t own = paper_text(flow->paper, &text, cells.x[i], flow->top, cells.width[i]);
        height = own > height ? own : height;
    }
    flow->top += height + 1000;
    paper_fill(flow->paper, flow->left, flow->top, flow->width, 400, 0);
    flow->top += 400;
}

static void furniture(struct flow *flow, const void *data) {
    const struct render_downtime *sheet = data;
    struct buffer title;
    struct buffer foot;
    buffer_init(&title, SHEET_LINE_MAX);
    buffer_init(&foot, SHEET_LINE_MAX);
    buffer_text(&title, "Downtime sheet for ");
    words_day(&title, sheet->day);
    buffer_format(&foot, "Sheet %s, as of %s: what was changed later is not on it. ", sheet->serial,
                  sheet->as_of);
    sheet_pharmacy(&foot, &sheet->pharmacy);
    if (buffer_ok(&title) && buffer_ok(&foot)) {
        struct text text = sheet_text(title.bytes, "The title", 160, true);
        struct text serial = sheet_text(sheet->serial, "The serial number", 120, true);
        serial.align = ALIGN_END;
        serial.lines = false;
        sheet_foot(flow, foot.bytes);
        (void)paper_text(flow->paper, &serial, flow->left, flow->top + 800, flow->width);
        flow->top += paper_text(flow->paper, &text, flow->left, flow->top, flow->width * 7 / 10) + 1500;
        struct text how = cell_text(
            "Only while the computer is down. See the patient's own form before each supply. Tick what was "
            "done, write the time and your initials. Afterwards every line is entered, also those of people "
            "who did not come.",
            "The instruction", false);
        flow->top += paper_text(flow->paper, &how, flow->left, flow->top, flow->width) + 3500;
        set_headings(flow);
    } else {
        paper_fail(flow->paper, RENDER_TOO_LONG, "The pharmacy's name and address are too long.");
    }
    buffer_release(&title);
    buffer_release(&foot);
}

/* The texts of a line, made once. */
struct row {
    const struct render_downtime_row *given;
    struct buffer born;
    struct buffer here;
    struct buffer home;
};

static bool say_row(struct row *row) {
    const struct render_downtime_row *given = row->given;
    bool said = true;
    buffer_init(&row->born, SHEET_LINE_MAX);
    buffer_init(&row->here, SHEET_LINE_MAX);
    buffer_init(&row->home, SHEET_LINE_MAX);
    buffer_text(&row->born, "born ");
    words_date(&row->born, given->born);
    if (given->supervised != 0) {
        said = words_dose_in_lines(&row->here, given->product, given->supervised);
    }
    if (given->take_home != 0) {
        said = said && words_dose_in_lines(&row->home, given->product, given->take_home);
        if (given->take_home_last != DAY_NONE) {
            buffer_text(&row->home, "\nto ");
            words_day_short(&row->home, given->take_home_last);
        }
    }
    return said && (given->supervised != 0 || given->take_home != 0 || given->hold);
}

/* Texts of a cell one below the other; measured where y is negative. Returns their height. */
static int32_t set_cell(struct flow *flow, const struct text *texts, size_t count, int32_t x, int32_t y,
                        int32_t width) {
    int32_t height = 0;
    for (size_t i = 0; i < count; i++) {
        if (texts[i].text == NULL || texts[i].text[0] == '\0') {
            continue;
        }
        height += y < 0 ? paper_measure(flow->paper, &texts[i], width).height
                        : paper_text(flow->paper, &texts[i], x, y + height, width);
        height += 500;
    }
    return height;
}

static int32_t set_boxes(struct flow *flow, const struct render_downtime_row *given, int32_t x, int32_t y,
                         int32_t width) {
    const char *words[3];
    size_t count = 0;
    if (given->hold) {
        struct text stop = cell_text("DO NOT SUPPLY", "A warning", true);
        stop.white = true;
        int32_t height = paper_measure(flow->paper, &stop, width - 2 * PAD).height;
        paper_fill(flow->paper, x, y, width, height + 1600, 0);
        (void)paper_text(flow->paper, &stop, x + PAD / 2, y + 800, width - PAD);
        return height + 1600;
    }
    if (given->supervised != 0) {
        words[count++] = "taken here";
    }
    if (given->take_home != 0) {
        words[count++] = "handed over";
    }
    words[count++] = "not supplied";
    int32_t height = 0;
    for (size_t i = 0; i < count; i++) {
        height += sheet_box(flow, words[i], 80, x, y + height, width) + 1300;
    }
    return height;
}

static void set_row(struct flow *flow, struct row *row) {
    const struct render_downtime_row *given = row->given;
    struct cells cells = cells_of(flow);
    struct text name = cell_text(given->patient, "A patient's name", true);
    name.lines = false;
    name.align = ALIGN_LEFT;
    struct text patient[] = {name, cell_text(row->born.bytes, "A date of birth", false)};
    struct text product[] = {cell_text(given->product->name, "A product's name", false),
                             cell_text(given->note, "A note", true)};
    struct text here[] = {cell_text(row->here.bytes, "A dose", true)};
    struct text home[] = {cell_text(row->home.bytes, "A dose", true)};
    const struct {
        const struct text *texts;
        size_t count;
    } parts[] = {{patient, 2}, {product, 2}, {here, 1}, {home, 1}};
    int32_t height = ROW_MIN;
    for (int i = COLUMN_PATIENT; i <= COLUMN_HOME; i++) {
        int32_t own = set_cell(flow, parts[i].texts, parts[i].count, 0, -1, cells.width[i]);
        height = own > height ? own : height;
    }
    flow_need(flow, height + 2 * PAD + 200);
    int32_t y = flow->y + PAD;
    for (int i = COLUMN_PATIENT; i <= COLUMN_HOME; i++) {
        (void)set_cell(flow, parts[i].texts, parts[i].count, cells.x[i], y, cells.width[i]);
    }
    (void)set_boxes(flow, given, cells.x[COLUMN_DONE], y, cells.width[COLUMN_DONE]);
    paper_fill(flow->paper, cells.x[COLUMN_BY], y + height - 1500, cells.width[COLUMN_BY] + PAD, 150, 60);
    flow->y = y + height + PAD;
    sheet_rule(flow);
}

static void compose(struct flow *flow, const void *data) {
    const struct render_downtime *sheet = data;
    for (size_t i = 0; i < sheet->row_count && paper_ok(flow->paper); i++) {
        struct row row = {.given = &sheet->rows[i]};
        if (!say_row(&row)) {
            paper_fail(flow->paper, RENDER_INVALID,
                       "A dose of the sheet is not an amount that can be given.");
        } else if (!buffer_ok(&row.born) || !buffer_ok(&row.here) || !buffer_ok(&row.home)) {
            paper_fail(flow->paper, RENDER_MEMORY, "There is not enough memory to make this document.");
        } else {
            set_row(flow, &row);
        }
        buffer_release(&row.born);
        buffer_release(&row.here);
        buffer_release(&row.home);
    }
    if (sheet->row_count == 0) {
        struct text none = sheet_text("Nobody is due on this day.", "The sheet", 110, true);
        flow_space(flow, 3000);
        flow_text(flow, &none);
    }
    flow_need(flow, 30000);
    flow_space(flow, 14000);
    paper_fill(flow->paper, flow->left, flow->y, flow->width / 2, 200, 0);
    flow_space(flow, 1200);
    struct text sign = cell_text("Responsible pharmacist, signature and date", "The signature", false);
    flow_text(flow, &sign);
}

enum render_result render_downtime(struct renderer *renderer, const struct render_media *media,
                                   const struct render_downtime *sheet, struct buffer *pdf,
                                   struct render_answer *answer) {
    struct flow_plan plan = {compose, furniture, sheet, MARGIN, SHEET_PAGES_MAX};
    return flow_make(renderer, media, &plan, pdf, answer);
}
