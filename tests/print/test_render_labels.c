/*
 * Labels as they come out of the printer (rules.md, section 8; hazards H18, H30): their words letter for letter, their
 * size, their code, what is refused, and how they look.
 */
#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../support/paper.h"
#include "../support/papers.h"
#include "../support/pdf.h"

#define METHADONE "methadone-1mg-ml-sf"
#define KEEP_OUT "Keep out of the reach and sight of children"
#define LABEL_DPI 203
#define PDF_MAX (4U << 20)

static int set_up(void **state) {
    *state = paper_new(PDF_MAX);
    return 0;
}

static int tear_down(void **state) {
    paper_free(*state);
    return 0;
}

static void make(struct paper *f, const struct render_label *label) {
    enum render_result result = render_label(f->renderer, &render_media_label, label, &f->pdf, &f->answer);
    assert_string_equal(f->answer.sentence, "");
    assert_int_equal(result, RENDER_OK);
    buffer_release(&f->text);
    pdf_text(&f->pdf, 0, &f->text);
}

static void make_bag(struct paper *f, const struct render_bag_label *label) {
    assert_int_equal(render_bag_label(f->renderer, &render_media_label, label, &f->pdf, &f->answer),
                     RENDER_OK);
    buffer_release(&f->text);
    pdf_text(&f->pdf, 0, &f->text);
}

static void assert_silent(const struct paper *f, const char *words) {
    if (strcasestr(f->text.bytes, words) != NULL) {
        fail_msg("\"%s\" is in \"%s\"", words, f->text.bytes);
    }
}

static void refuse(struct paper *f, const struct render_label *label, enum render_result why,
                   const char *sentence) {
    assert_int_equal(render_label(f->renderer, &render_media_label, label, &f->pdf, &f->answer), why);
    assert_int_equal(f->pdf.len, 0);
    assert_int_equal(f->answer.pages, 0);
    if (strstr(f->answer.sentence, sentence) == NULL) {
        fail_msg("\"%s\" is not in \"%s\"", sentence, f->answer.sentence);
    }
}

/* The wording of a cautionary label as docs/rules.md has it, between its quotes. */
static void rule_wording(int number, char out[300]) {
    char line[1000];
    char head[20];
    FILE *rules = fopen("docs/rules.md", "r");
    assert_non_null(rules);
    (void)snprintf(head, sizeof head, "Label %d: \"", number);
    out[0] = '\0';
    while (fgets(line, sizeof line, rules) != NULL) {
        if (strncmp(line, head, strlen(head)) == 0) {
            const char *text = line + strlen(head);
            (void)snprintf(out, 300, "%.*s", (int)strcspn(text, "\""), text);
        }
    }
    assert_int_equal(fclose(rules), 0);
    assert_true(strlen(out) > 20);
}

static void the_wording_is_the_rules(void **state) {
    static const struct {
        const char *product;
        quantity_t dose;
        bool at_night;
        bool two;
        bool nineteen;
        bool twenty_six;
        const char *directions;
    } cases[] = {
        {METHADONE, 60000, false, true, false, false, "Take 60 ml (60 mg) by mouth on this day."},
        {"methadone-10mg-ml", 6500, false, true, false, false, "Take 6.5 ml (65 mg) by mouth on this day."},
        {"buprenorphine-8mg-sl", 2000, false, true, false, true,
         "Put 2 tablets (16 mg) under the tongue on this day."},
        {"buprenorphine-0.4mg-sl", 1000, false, true, false, true,
         "Put 1 tablet (0.4 mg) under the tongue on this day."},
        {"buprenorphine-naloxone-8mg-2mg-film", 1000, false, true, false, true,
         "Put 1 film (8 mg) under the tongue on this day."},
        {"buprenorphine-8mg-oral-lyophilisate", 1000, false, true, false, false,
         "Put 1 lyophilisate (8 mg) on the tongue on this day."},
        {"diazepam-5mg", 1500, false, true, false, false, "Take 1.5 tablets (7.5 mg) by mouth on this day."},
        {"diazepam-5mg", 2000, true, false, true, false,
         "Take 2 tablets (10 mg) by mouth at night on this day."},
    };
    struct paper *f = *state;
    char two[300];
    char nineteen[300];
    char twenty_six[300];
    rule_wording(2, two);
    rule_wording(19, nineteen);
    rule_wording(26, twenty_six);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct render_label label = papers_label(cases[i].product, cases[i].dose, 1);
        label.at_night = cases[i].at_night;
        make(f, &label);
        assert_int_equal(strstr(f->text.bytes, two) != NULL, cases[i].two);
        assert_int_equal(strstr(f->text.bytes, nineteen) != NULL, cases[i].nineteen);
        assert_int_equal(strstr(f->text.bytes, twenty_six) != NULL, cases[i].twenty_six);
        paper_says(f, cases[i].directions);
        paper_says(f, KEEP_OUT);
        paper_says(f, label.product->name);
        paper_says(f, "Rowan Ashdown");
        paper_says(f, "Tue 05 May 2026");
        paper_says(f, "Dispensed Tue 05 May 2026 by Larkspur Pharmacy, 12 Market Street, Leeds LS1 4AB");
        assert_silent(f, "as directed");
        assert_silent(f, "REPRINT");
    }
}

/* Only labels 2, 19 and 26 exist here, and 26 only for what goes under the tongue. */
static void a_label_that_does_not_belong_is_refused(void **state) {
    struct paper *f = *state;
    static const char *const codes[] = {METHADONE, "buprenorphine-2mg-sl",
                                        "buprenorphine-2mg-oral-lyophilisate"};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        struct render_label label = papers_label(codes[i], 1000, 1);
        struct product wrong = *label.product;
        make(f, &label);
        paper_says(f, " mg)");
        /* A row that claims label 26 for what does not go under the tongue is refused (Espranor). */
        wrong.labels[0] = 26;
        label.product = &wrong;
        if (wrong.route != ROUTE_SUBLINGUAL) {
            refuse(f, &label, RENDER_INVALID, "cautionary label 26");
        }
        wrong.labels[0] = 7;
        refuse(f, &label, RENDER_INVALID, "cautionary label 7");
    }
}

static void several_days_are_named(void **state) {
    struct paper *f = *state;
    struct render_label label = papers_label(METHADONE, 60000, 3);
    make(f, &label);
    paper_says(f, "Take 60 ml (60 mg) by mouth each day: Tue 05 May 2026 to Thu 07 May 2026.");
    paper_says(f, "For 3 days");
    paper_says(f, "180 ml");
    struct render_dose doses[] = {{PAPERS_DAY, 60000}, {PAPERS_DAY + 1, 60000}, {PAPERS_DAY + 4, 55000}};
    label.doses = doses;
    label.quantity = 175000;
    make(f, &label);
    paper_says(f, "Take by mouth: Tue 05 May 2026 and Wed 06 May 2026: 60 ml (60 mg) each day; "
                  "Sat 09 May 2026: 55 ml (55 mg).");
    doses[2].dose = 60000;
    label.quantity = 180000;
    make(f, &label);
    paper_says(f, "each day: Tue 05 May 2026 and Wed 06 May 2026, Sat 09 May 2026.");
}

static void supervised_and_reprints_are_said(void **state) {
    struct paper *f = *state;
    struct render_label label = papers_label(METHADONE, 60000, 1);
    label.supervised = true;
    label.reprint = 2;
    make(f, &label);
    paper_says(f, "on this day, supervised.");
    paper_says(f, "REPRINT 2");
    struct render_bag_label bag = papers_bag_label();
    bag.reprint = 1;
    bag.bag = 2;
    bag.bag_count = 3;
    make_bag(f, &bag);
    paper_says(f, "REPRINT 1");
    paper_says(f, "Bag 2 of 3");
}

static void a_bag_says_no_drug_and_no_service(void **state) {
    struct paper *f = *state;
    struct render_bag_label bag = papers_bag_label();
    make_bag(f, &bag);
    assert_string_equal(f->text.bytes,
                        "Rowan Ashdown Flat 3, 27 Harehills Lane Leeds LS8 5HS Collect Tue 05 May 2026 ");
}

static void the_size_is_right(void **state) {
    struct paper *f = *state;
    struct render_label label = papers_label(METHADONE, 60000, 1);
    static const struct render_media sizes[] = {{70000, 35000}, {89000, 36000}, {101600, 50800}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        double width;
        double height;
        assert_int_equal(render_label(f->renderer, &sizes[i], &label, &f->pdf, &f->answer), RENDER_OK);
        assert_int_equal(pdf_pages(&f->pdf, &width, &height), 1);
        assert_true(width * 1000 > sizes[i].width - 100 && width * 1000 < sizes[i].width + 100);
        assert_true(height * 1000 > sizes[i].height - 100 && height * 1000 < sizes[i].height + 100);
    }
    const struct render_media wrong = {70000, 3500};
    assert_int_equal(render_label(f->renderer, &wrong, &label, &f->pdf, &f->answer), RENDER_INVALID);
}

/* How many dots of 203 an inch the code and its quiet zone are wide. */
static int code_dots(const struct renderer *renderer) {
    size_t count;
    const struct render_box *boxes = renderer_boxes(renderer, &count);
    for (size_t i = 0; i < count; i++) {
        if (boxes[i].kind == RENDER_BOX_CODE) {
            return (boxes[i].width + 1) * LABEL_DPI / 25400;
        }
    }
    return 0;
}

static void the_code_is_read(void **state) {
    struct paper *f = *state;
    struct buffer code;
    for (int i = 0; i < 4; i++) {
        char id[61];
        struct render_label label = papers_label(METHADONE, 60000, 1);
        (void)snprintf(id, sizeof id, "l_01KB%d-%.*s", i, i * 10, "abcDEF789_XYZklm654+PQRstu321.");
        label.code = id;
        make(f, &label);
        pdf_code(&f->pdf, 1, LABEL_DPI, &code);
        assert_string_equal(code.len > 0 ? code.bytes : "", id);
        buffer_release(&code);
        assert_true(code_dots(f->renderer) >= 4 * (21 + 8));
    }
    struct render_bag_label bag = papers_bag_label();
    make_bag(f, &bag);
    pdf_code(&f->pdf, 1, LABEL_DPI, &code);
    assert_string_equal(code.len > 0 ? code.bytes : "", PAPERS_CODE);
    buffer_release(&code);
    /* 25 modules for such an id, and 4 free ones on each side, at 4 dots each. */
    assert_int_equal(code_dots(f->renderer), 4 * (25 + 8));
    struct render_label label = papers_label(METHADONE, 60000, 1);
    label.code = "";
    refuse(f, &label, RENDER_INVALID, "code");
    label.code = "l_\xC3\xA9";
    refuse(f, &label, RENDER_INVALID, "code");
}

/* Too much for one label: the cautionary labels go on a second one, with the same patient, product, day and code. */
static void a_second_label_takes_the_warnings(void **state) {
    struct paper *f = *state;
    struct buffer code;
    char two[300];
    struct render_label label = papers_label("buprenorphine-naloxone-2mg-0.5mg-sl", 2000, 1);
    label.reprint = 1;
    rule_wording(2, two);
    make(f, &label);
    assert_int_equal(f->answer.pages, 2);
    assert_true(f->answer.size >= 70);
    for (int page = 1; page <= 2; page++) {
        buffer_release(&f->text);
        pdf_text(&f->pdf, page, &f->text);
        paper_says(f, page == 1 ? "REPRINT 1 1 of 2" : "REPRINT 1 2 of 2");
        paper_says(f, "Rowan Ashdown");
        paper_says(f, label.product->name);
        paper_says(f, "Tue 05 May 2026");
        paper_says(f, page == 1 ? KEEP_OUT : two);
        paper_says(f, page == 1 ? "Put 2 tablets (4 mg) under the tongue"
                                : "Dissolve this medicine under your tongue");
        pdf_code(&f->pdf, page, LABEL_DPI, &code);
        assert_string_equal(code.len > 0 ? code.bytes : "", PAPERS_CODE);
        buffer_release(&code);
    }
}

/* A taper in one container: each day's own dose is named, over as many labels as it takes, and none is lost. */
static void a_taper_is_named_day_by_day(void **state) {
    struct paper *f = *state;
    static const char *const products[] = {METHADONE, "diazepam-5mg", "buprenorphine-2mg-sl"};
    for (size_t i = 0; i < 3; i++) {
        struct render_dose doses[14];
        struct render_label label = papers_label(products[i], 1000, 14);
        label.quantity = 0;
        label.doses = doses;
        for (int day = 0; day < 14; day++) {
            doses[day] = (struct render_dose){PAPERS_DAY + day, (quantity_t)(20 - day) * 500};
            label.quantity += doses[day].dose;
        }
        make(f, &label);
        assert_in_range(f->answer.pages, 2, 5);
        size_t at = 0;
        for (int day = 0; day < 14; day++) {
            char date[DAY_LABEL_SIZE];
            char amount[QUANTITY_TEXT_SIZE];
            char words[60];
            day_format_label(doses[day].day, date);
            quantity_format(doses[day].dose, amount);
            (void)snprintf(words, sizeof words, "%s: %s %s", date, amount, label.product->unit);
            const char *found = strstr(f->text.bytes + at, words);
            if (found == NULL) {
                fail_msg("\"%s\" is not in its place in \"%s\"", words, f->text.bytes);
            }
            at = (size_t)(found - f->text.bytes);
        }
        paper_says(f, "Warning: This medicine may make you sleepy.");
        paper_says(f, KEEP_OUT);
    }
}

static void overflow_is_refused(void **state) {
    struct paper *f = *state;
    char name[2400];
    struct render_label label = papers_label(METHADONE, 60000, 1);
    memset(name, 'a', sizeof name);
    for (size_t len = 20; len < sizeof name; len = len * 3 / 2) {
        name[len] = '\0';
        label.patient = name;
        enum render_result result =
            render_label(f->renderer, &render_media_label, &label, &f->pdf, &f->answer);
        assert_int_equal(result, len < 200 ? RENDER_OK : len > 900 ? RENDER_TOO_LONG : result);
        name[len] = 'a';
    }
    name[sizeof name - 1] = '\0';
    refuse(f, &label, RENDER_TOO_LONG, "more room than labels of 70 x 35 mm");
    struct render_bag_label bag = papers_bag_label();
    bag.address = name;
    assert_int_equal(render_bag_label(f->renderer, &render_media_label, &bag, &f->pdf, &f->answer),
                     RENDER_TOO_LONG);
    label.patient = "Rowan Ashdown";
    label.pharmacy.address = name;
    refuse(f, &label, RENDER_TOO_LONG, "longer than 2000");
    buffer_release(&f->pdf);
    buffer_init(&f->pdf, 2000);
    label = papers_label(METHADONE, 60000, 1);
    refuse(f, &label, RENDER_MEMORY, "memory");
}

static void what_cannot_be_printed_is_refused(void **state) {
    struct paper *f = *state;
    struct render_label label = papers_label(METHADONE, 60000, 1);
    label.patient = "Rowan \U0001F600 Ashdown";
    refuse(f, &label, RENDER_NO_GLYPH, "patient's name has a character (U+1F600)");
    label.patient = "Rowan \U00012000";
    refuse(f, &label, RENDER_NO_GLYPH, "U+12000");
    label.patient = "Rowan \xFF";
    refuse(f, &label, RENDER_INVALID, "patient's name is not text");
    label.patient = "Rowan\nAshdown";
    refuse(f, &label, RENDER_INVALID, "U+000A");
    label.patient = "Rowan \u202E Ashdown";
    refuse(f, &label, RENDER_INVALID, "U+202E");
    label.patient = "";
    refuse(f, &label, RENDER_INVALID, "missing");
}

/* H17, H18: amounts that contradict each other are no label. */
static void doses_that_do_not_add_up_are_refused(void **state) {
    struct paper *f = *state;
    struct render_label label = papers_label(METHADONE, 60000, 3);
    label.quantity = 179999;
    refuse(f, &label, RENDER_INVALID, "sum");
    label = papers_label(METHADONE, 60000, 3);
    label.supervised = true;
    refuse(f, &label, RENDER_INVALID, "supervised");
    label = papers_label(METHADONE, 0, 1);
    refuse(f, &label, RENDER_INVALID, "not an amount");
    label = papers_label(METHADONE, -60000, 1);
    refuse(f, &label, RENDER_INVALID, "not an amount");
    label = papers_label("buprenorphine-0.4mg-sl", 1, 1);
    refuse(f, &label, RENDER_INVALID, "not an amount");
    label = papers_label(METHADONE, 60000, 1);
    label.dose_count = 0;
    label.quantity = 0;
    refuse(f, &label, RENDER_INVALID, "sum");
    struct render_dose twice[] = {{PAPERS_DAY, 60000}, {PAPERS_DAY, 60000}};
    label = papers_label(METHADONE, 60000, 2);
    label.doses = twice;
    refuse(f, &label, RENDER_INVALID, "sum");
}

static void the_same_label_has_the_same_bytes(void **state) {
    struct paper *f = *state;
    struct buffer again;
    struct renderer *other = papers_renderer();
    buffer_init(&again, PDF_MAX);
    struct render_label label = papers_label("diazepam-5mg", 1000, 1);
    label.patient = "Łukasz 陳大文";
    assert_int_equal(render_label(other, &render_media_label, &label, &again, &f->answer), RENDER_OK);
    label = papers_label(METHADONE, 60000, 1);
    make(f, &label);
    assert_int_equal(render_label(other, &render_media_label, &label, &again, &f->answer), RENDER_OK);
    assert_int_equal(again.len, f->pdf.len);
    assert_memory_equal(again.bytes, f->pdf.bytes, again.len);
    assert_non_null(memmem(again.bytes, again.len, "20000101000000Z", 15));
    buffer_release(&again);
    renderer_free(&other);
}

/* Memory stays as it is over a thousand labels, each with another name. (The sanitizers' allocator does not say.) */
static void memory_does_not_grow(void **state) {
    struct paper *f = *state;
    size_t before = 0;
    for (int i = 0; i < 1200; i++) {
        char name[60];
        struct render_label label = papers_label(METHADONE, 30000 + i * 100, 1);
        (void)snprintf(name, sizeof name, "Rowan %c%c Ashdown %d", 'A' + i % 26, 'a' + i / 26 % 26, i);
        label.patient = name;
        assert_int_equal(render_label(f->renderer, &render_media_label, &label, &f->pdf, &f->answer),
                         RENDER_OK);
        if (i == 199) {
            before = mallinfo2().uordblks;
        }
    }
    size_t after = mallinfo2().uordblks;
    assert_true(after < before + 128U * 1024);
}

static void labels_look_as_they_did(void **state) {
    static const struct {
        const char *name;
        const char *product;
        quantity_t dose;
        size_t days;
        const char *patient;
        bool supervised;
        bool at_night;
        int32_t reprint;
    } cases[] = {
        {"label-methadone", METHADONE, 60000, 1, "Rowan Ashdown", true, false, 0},
        {"label-methadone-take-home", METHADONE, 62500, 3, "Wilhelmina Featherstonehaugh-Cholmondeley", false,
         false, 0},
        {"label-buprenorphine", "buprenorphine-8mg-sl", 2000, 1, "Łukasz Żółkiewski-Ząbek", true, false, 0},
        {"label-buprenorphine-naloxone", "buprenorphine-naloxone-2mg-0.5mg-sl", 2000, 1,
         "محمد عبد الرحمن الهاشمي", false, false, 0},
        {"label-espranor", "buprenorphine-8mg-oral-lyophilisate", 2000, 1, "ਗੁਰਪ੍ਰੀਤ ਕੌਰ", true, false, 1},
        {"label-diazepam-night", "diazepam-5mg", 2000, 7, "陳大文 Chan Tai Man", false, true, 0},
    };
    struct paper *f = *state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct render_label label = papers_label(cases[i].product, cases[i].dose, cases[i].days);
        label.patient = cases[i].patient;
        label.supervised = cases[i].supervised;
        label.at_night = cases[i].at_night;
        label.reprint = cases[i].reprint;
        make(f, &label);
        pdf_golden(&f->pdf, cases[i].name, LABEL_DPI);
    }
    struct render_bag_label bag = papers_bag_label();
    make_bag(f, &bag);
    pdf_golden(&f->pdf, "bag-label", LABEL_DPI);
}

/* The comparison with golden pictures can fail: another dose, another name, something left out. */
static void another_label_does_not_look_the_same(void **state) {
    struct paper *f = *state;
    struct buffer other;
    struct render_label label = papers_label(METHADONE, 60000, 1);
    buffer_init(&other, PDF_MAX);
    make(f, &label);
    label = papers_label(METHADONE, 50000, 1);
    assert_int_equal(render_label(f->renderer, &render_media_label, &label, &other, &f->answer), RENDER_OK);
    assert_true(pdf_alike(&f->pdf, &f->pdf, LABEL_DPI));
    assert_false(pdf_alike(&f->pdf, &other, LABEL_DPI));
    buffer_release(&other);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_wording_is_the_rules, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_label_that_does_not_belong_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(several_days_are_named, set_up, tear_down),
        cmocka_unit_test_setup_teardown(supervised_and_reprints_are_said, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_bag_says_no_drug_and_no_service, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_size_is_right, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_code_is_read, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_second_label_takes_the_warnings, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_taper_is_named_day_by_day, set_up, tear_down),
        cmocka_unit_test_setup_teardown(overflow_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_cannot_be_printed_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(doses_that_do_not_add_up_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_same_label_has_the_same_bytes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(memory_does_not_grow, set_up, tear_down),
        cmocka_unit_test_setup_teardown(labels_look_as_they_did, set_up, tear_down),
        cmocka_unit_test_setup_teardown(another_label_does_not_look_the_same, set_up, tear_down),
    };
    return cmocka_run_group_tests_name("render: labels", tests, NULL, NULL);
}
