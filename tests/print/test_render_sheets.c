/*
 * The collection calendar, the downtime sheet and the last-dose letter: what they say, that nothing overlaps, over pages
 * too, and how they look.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../support/paper.h"
#include "../support/papers.h"
#include "../support/pdf.h"

#define PDF_MAX (16U << 20)
#define A4_DPI 75

static int set_up(void **state) {
    *state = paper_new(PDF_MAX);
    return 0;
}

static int tear_down(void **state) {
    paper_free(*state);
    return 0;
}

/* Nothing on anything else, nothing outside; then the words of a page (0: all). */
static void check(struct paper *f, int page) {
    size_t count;
    const struct render_box *boxes = renderer_boxes(f->renderer, &count);
    assert_string_equal(f->answer.sentence, "");
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        const struct render_box *a = &boxes[i];
        assert_true(a->x >= 5000 && a->y >= 5000 && a->x + a->width <= 205000 && a->y + a->height <= 292000);
        for (size_t j = 0; j < i; j++) {
            const struct render_box *b = &boxes[j];
            assert_false(a->page == b->page && a->x < b->x + b->width && b->x < a->x + a->width &&
                         a->y < b->y + b->height && b->y < a->y + a->height);
        }
    }
    buffer_release(&f->text);
    pdf_text(&f->pdf, page, &f->text);
}

static void the_calendar(void **state) {
    struct paper *f = *state;
    struct render_calendar calendar = papers_calendar();
    double width;
    double height;
    assert_int_equal(render_calendar(f->renderer, &render_media_a4, &calendar, &f->pdf, &f->answer),
                     RENDER_OK);
    check(f, 0);
    paper_says(f, "Mon 21 Dec 2026 Methadone 1mg/ml oral solution sugar free Take here: 60 ml (60 mg)");
    paper_says(f, "Diazepam 5mg tablets To take home: Mon 21 Dec 2026: 2 tablets (10 mg)");
    paper_says(f, "To take home: Fri 25 Dec 2026 and Sat 26 Dec 2026: 60 ml (60 mg) each day; "
                  "Sun 27 Dec 2026 and Mon 28 Dec 2026: 55 ml (55 mg) each day");
    paper_says(f, "We are closed on Fri 25 Dec 2026: Christmas Day");
    paper_says(f, "Fri 01 Jan 2027: New Year's Day");
    paper_says(f, "As of Sun 20 Dec 2026, 12:05");
    assert_int_equal(pdf_pages(&f->pdf, &width, &height), 1);
    assert_true(width > 209.9 && width < 210.1 && height > 296.9 && height < 297.1);
    pdf_golden(&f->pdf, "calendar", A4_DPI);
    calendar.visit_count = 0;
    assert_int_equal(render_calendar(f->renderer, &render_media_a4, &calendar, &f->pdf, &f->answer),
                     RENDER_OK);
    check(f, 0);
    paper_says(f, "Nothing is due");
}

static void a_calendar_of_many_days_has_pages(void **state) {
    static struct render_visit visits[120];
    struct paper *f = *state;
    struct render_calendar calendar = papers_calendar();
    for (size_t i = 0; i < 120; i++) {
        visits[i] = calendar.visits[1];
        visits[i].day = PAPERS_DAY + (day_t)i;
    }
    calendar.visits = visits;
    calendar.visit_count = 120;
    assert_int_equal(render_calendar(f->renderer, &render_media_a4, &calendar, &f->pdf, &f->answer),
                     RENDER_OK);
    assert_true(f->answer.pages > 5);
    check(f, f->answer.pages);
    paper_says(f, "Cannot come?");
    check(f, 2);
    paper_says(f, "2 of ");
    struct render_visit_item nothing = {calendar.visits[0].items[0].product, 0, NULL, 0};
    visits[3].items = &nothing;
    assert_int_equal(render_calendar(f->renderer, &render_media_a4, &calendar, &f->pdf, &f->answer),
                     RENDER_INVALID);
    assert_int_equal(f->pdf.len, 0);
}

/* H40: the serial number and the time on each page, no box to tick where nothing may be supplied. */
static void the_downtime_sheet(void **state) {
    struct paper *f = *state;
    struct render_downtime sheet = papers_downtime(16);
    assert_int_equal(render_downtime(f->renderer, &render_media_a4, &sheet, &f->pdf, &f->answer), RENDER_OK);
    assert_int_equal(f->answer.pages, 2);
    for (int page = 1; page <= 2; page++) {
        check(f, page);
        paper_says(f, "Downtime sheet for Tue 05 May 2026");
        paper_says(f, "D-2026-0117");
        paper_says(f, "as of Mon 04 May 2026, 18:05");
        paper_says(f, page == 1 ? "1 of 2" : "2 of 2");
    }
    pdf_golden(&f->pdf, "downtime", A4_DPI);
    struct render_downtime_row held = sheet.rows[0];
    sheet.rows = &held;
    sheet.row_count = 1;
    assert_int_equal(render_downtime(f->renderer, &render_media_a4, &sheet, &f->pdf, &f->answer), RENDER_OK);
    check(f, 0);
    paper_says(f, "DO NOT SUPPLY");
    paper_says(f, "ON HOLD: ask the prescriber");
    assert_null(strstr(f->text.bytes, "taken here"));
    assert_null(strstr(f->text.bytes, "handed over"));
    held.hold = false;
    held.take_home = 120000;
    assert_int_equal(render_downtime(f->renderer, &render_media_a4, &sheet, &f->pdf, &f->answer), RENDER_OK);
    check(f, 0);
    paper_says(f, "60 ml (60 mg)");
    paper_says(f, "120 ml (120 mg)");
    paper_says(f, "taken here handed over not supplied");
    assert_null(strstr(f->text.bytes, "DO NOT SUPPLY"));
    held.take_home = 0;
    held.supervised = 0;
    assert_int_equal(render_downtime(f->renderer, &render_media_a4, &sheet, &f->pdf, &f->answer),
                     RENDER_INVALID);
    sheet.row_count = 0;
    assert_int_equal(render_downtime(f->renderer, &render_media_a4, &sheet, &f->pdf, &f->answer), RENDER_OK);
    check(f, 0);
    paper_says(f, "Nobody is due");
}

/* A group's list: 500 lines, and none of them lost. */
static void a_long_downtime_sheet(void **state) {
    static struct render_downtime_row rows[500];
    struct paper *f = *state;
    struct render_downtime sheet = papers_downtime(40);
    for (size_t i = 0; i < 500; i++) {
        rows[i] = sheet.rows[i % 40];
        rows[i].patient = "Rowan Ashdown";
    }
    sheet.rows = rows;
    sheet.row_count = 500;
    assert_int_equal(render_downtime(f->renderer, &render_media_a4, &sheet, &f->pdf, &f->answer), RENDER_OK);
    check(f, 0);
    size_t lines = 0;
    for (const char *at = f->text.bytes; (at = strstr(at, "Rowan Ashdown")) != NULL; at++) {
        lines++;
    }
    assert_int_equal(lines, 500);
    rows[250].patient = "Rowan \U0001F600";
    assert_int_equal(render_downtime(f->renderer, &render_media_a4, &sheet, &f->pdf, &f->answer),
                     RENDER_NO_GLYPH);
    assert_non_null(strstr(f->answer.sentence, "U+1F600"));
}

static void the_letter(void **state) {
    struct paper *f = *state;
    struct render_letter letter = papers_letter();
    assert_int_equal(render_letter(f->renderer, &render_media_a4, &letter, &f->pdf, &f->answer), RENDER_OK);
    check(f, 0);
    paper_says(f, "Born 12 Apr 1981, NHS number 999 000 1234");
    paper_says(f, "Last dose taken here under supervision: 60 ml (60 mg) on Mon 04 May 2026 at 09:42.");
    paper_says(f, "Supplied to take home: 180 ml (180 mg) in all, for Tue 05 May 2026 to Thu 07 May 2026.");
    paper_says(f, "No dose taken here under supervision is on record.");
    paper_says(f, "The next collection here would be on Fri 08 May 2026.");
    paper_says(f, "it does not make an early supply lawful");
    pdf_golden(&f->pdf, "letter", A4_DPI);
    letter.missed_days = 1;
    letter.next_due = DAY_NONE;
    assert_int_equal(render_letter(f->renderer, &render_media_a4, &letter, &f->pdf, &f->answer), RENDER_OK);
    check(f, 0);
    paper_says(f, "No dose is recorded here for the last 1 day. The usual dose may now be too strong.");
    paper_says(f, "Nothing more is due here on this prescription.");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_calendar, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_calendar_of_many_days_has_pages, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_downtime_sheet, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_long_downtime_sheet, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_letter, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("render: sheets", tests, NULL, NULL);
}
