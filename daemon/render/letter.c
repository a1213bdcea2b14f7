/* The last-dose letter: what was supplied here, for whoever treats the patient next. */
#include <string.h>

#include "sheet.h"

#define SIZE 110

static void furniture(struct flow *flow, const void *data) {
    const struct render_letter *letter = data;
    struct buffer foot;
    buffer_init(&foot, SHEET_LINE_MAX);
    buffer_format(&foot, "As of %s.", letter->as_of);
    if (buffer_ok(&foot)) {
        sheet_foot(flow, foot.bytes);
    } else {
        paper_fail(flow->paper, RENDER_TOO_LONG, "The letter's time is too long.");
    }
    buffer_release(&foot);
}

/* A buffer's text as a paragraph, or a point, with the space after it; the buffer is empty again. */
static void end_paragraph(struct flow *flow, struct buffer *line, bool point) {
    if (!buffer_ok(line)) {
        paper_fail(flow->paper, RENDER_TOO_LONG, "A paragraph of the letter is longer than %d bytes.",
                   SHEET_LINE_MAX);
        return;
    }
    struct text text = sheet_text(line->bytes, "The letter", SIZE, false);
    if (point) {
        flow_point(flow, &text);
        flow_space(flow, 1300);
    } else {
        flow_text(flow, &text);
        flow_space(flow, 3500);
    }
    buffer_clear(line);
}

static void set_head(struct flow *flow, const struct render_letter *letter, struct buffer *line) {
    struct text name = sheet_text(letter->pharmacy.name, "The pharmacy's name", 150, true);
    flow_text(flow, &name);
    flow_space(flow, 800);
    buffer_text(line, letter->pharmacy.address);
    if (letter->pharmacy.telephone[0] != '\0') {
        buffer_text(line, ", telephone ");
        words_unbroken(line, letter->pharmacy.telephone);
    }
    end_paragraph(flow, line, false);
    sheet_rule(flow);
    flow_space(flow, 7000);
    buffer_text(line, letter->to);
    end_paragraph(flow, line, false);
    flow_space(flow, 3000);
    words_day(line, letter->written_on);
    end_paragraph(flow, line, false);
    flow_space(flow, 3000);
    struct text title = sheet_text("Last doses supplied here", "The title", 150, true);
    flow_text(flow, &title);
    flow_space(flow, 2500);
    struct text patient = sheet_text(letter->patient, "The patient's name", 130, true);
    patient.lines = false;
    flow_text(flow, &patient);
    flow_space(flow, 1000);
    buffer_text(line, "Born ");
    words_date(line, letter->born);
    if (letter->nhs_number[0] != '\0') {
        buffer_text(line, ", NHS number ");
        words_unbroken(line, letter->nhs_number);
    }
    end_paragraph(flow, line, false);
    flow_space(flow, 2000);
}

/* Days and their amount: "Wed 06 May 2026 to Fri 08 May 2026". */
static void say_days(struct buffer *line, day_t from, day_t to) {
    words_day(line, from);
    if (to != from) {
        buffer_text(line, to == from + 1 ? " and " : " to ");
        words_day(line, to);
    }
}

static void set_dose(struct flow *flow, const struct render_last_dose *dose, struct buffer *line) {
    struct text product = sheet_text(dose->product->name, "A product's name", SIZE, true);
    bool said = true;
    flow_need(flow, 20000);
    flow_text(flow, &product);
    flow_space(flow, 1300);
    if (dose->taken_on != DAY_NONE) {
        buffer_text(line, "Last dose taken here under supervision: ");
        said = words_dose(line, dose->product, dose->dose);
        buffer_text(line, " on ");
        words_day(line, dose->taken_on);
        buffer_format(line, "%s%s.", dose->at[0] != '\0' ? " at " : "", dose->at);
    } else {
        buffer_text(line, "No dose taken here under supervision is on record.");
    }
    end_paragraph(flow, line, true);
    if (dose->home_from != DAY_NONE) {
        buffer_text(line, "Supplied to take home: ");
        said = said && words_dose(line, dose->product, dose->home);
        buffer_text(line, " in all, for ");
        say_days(line, dose->home_from, dose->home_to);
        buffer_text(line, ". Whether it was taken we do not know.");
    } else {
        buffer_text(line, "Nothing was supplied to take home after it.");
    }
    end_paragraph(flow, line, true);
    flow_space(flow, 2500);
    if (!said) {
        paper_fail(flow->paper, RENDER_INVALID, "A dose of the letter is not an amount that can be given.");
    }
}

static void set_state(struct flow *flow, const struct render_letter *letter, struct buffer *line) {
    if (letter->missed_days > 0) {
        buffer_format(line,
                      "No dose is recorded here for the last %d day%s. The usual dose may now be too strong.",
                      (int)letter->missed_days, letter->missed_days == 1 ? "" : "s");
    } else {
        buffer_text(line, "No day without a recorded dose stands before this letter.");
    }
    if (letter->next_due != DAY_NONE) {
        buffer_text(line, " The next collection here would be on ");
        words_day(line, letter->next_due);
        buffer_char(line, '.');
    } else {
        buffer_text(line, " Nothing more is due here on this prescription.");
    }
    end_paragraph(flow, line, false);
    buffer_text(line, "Please tell us which doses you give and on which days, so that none is given twice.");
    if (letter->service[0] != '\0') {
        buffer_format(line, " The prescribing service is %s", letter->service);
        if (letter->service_telephone[0] != '\0') {
            buffer_text(line, ", telephone ");
            words_unbroken(line, letter->service_telephone);
        }
        buffer_char(line, '.');
    }
    end_paragraph(flow, line, false);
    buffer_text(line, "This letter says what was supplied. It is not a prescription, and it does not make an "
                      "early supply lawful.");
    end_paragraph(flow, line, false);
}

static void compose(struct flow *flow, const void *data) {
    const struct render_letter *letter = data;
    struct buffer line;
    buffer_init(&line, SHEET_LINE_MAX);
    set_head(flow, letter, &line);
    for (size_t i = 0; i < letter->dose_count; i++) {
        set_dose(flow, &letter->doses[i], &line);
    }
    set_state(flow, letter, &line);
    flow_need(flow, 30000);
    flow_space(flow, 16000);
    paper_fill(flow->paper, flow->left, flow->y, flow->width / 2, 200, 0);
    flow_space(flow, 1500);
    buffer_format(&line, "%s, pharmacist", letter->written_by);
    end_paragraph(flow, &line, false);
    buffer_release(&line);
}

enum render_result render_letter(struct renderer *renderer, const struct render_media *media,
                                 const struct render_letter *letter, struct buffer *pdf,
                                 struct render_answer *answer) {
    struct flow_plan plan = {compose, furniture, letter, SHEET_MARGIN, 4};
    return flow_make(renderer, media, &plan, pdf, answer);
}
