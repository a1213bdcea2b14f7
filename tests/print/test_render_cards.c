/*
 * Patient safety cards: the files are read strictly, every card says what it must in every form and language, and they
 * look as they did.
 */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../support/papers.h"
#include "../support/pdf.h"

#define PDF_MAX (4U << 20)

static struct card_set *cards_open(void) {
    struct card_error error;
    struct card_set *set = card_set_embedded(&error);
    if (set == NULL) {
        fail_msg("%s:%d: %s", error.file, error.line, error.message);
    }
    return set;
}

static const struct render_media *media_of(enum card_form form) {
    return form == CARD_NORMAL ? &render_media_a6 : &render_media_a4;
}

static struct render_card card_of(const struct card *card, enum card_form form) {
    return (struct render_card){card, form, papers_pharmacy(), "Northern Lights Recovery Service",
                                "0113 496 0123"};
}

static void every_file_is_carried(void **state) {
    (void)state;
    size_t count;
    size_t files = 0;
    struct card_set *set = cards_open();
    const struct card *cards = card_list(set, &count);
    DIR *folder = opendir("config/cards");
    assert_non_null(folder);
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        files += strstr(entry->d_name, ".card") != NULL;
    }
    assert_int_equal(closedir(folder), 0);
    assert_int_equal(count, files);
    for (size_t i = 1; i < count; i++) {
        assert_true(strcmp(cards[i - 1].code, cards[i].code) <= 0);
    }
    card_set_free(&set);
    assert_null(set);
    card_set_free(&set);
}

/* English is complete; Welsh and Polish show that the way works and say that a translator has yet to look. */
static void the_languages_are_there(void **state) {
    static const char *const codes[] = {"methadone", "buprenorphine",        "espranor",
                                        "diazepam",  "opioid-with-diazepam", "codeine"};
    static const char *const others[] = {"cy", "pl"};
    (void)state;
    struct card_set *set = cards_open();
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
        for (int form = 0; form < CARD_FORM_COUNT; form++) {
            assert_non_null(card_find(set, codes[i], "en", (enum card_form)form));
        }
    }
    for (size_t i = 0; i < 2; i++) {
        for (size_t j = 0; j < 2; j++) {
            const struct card *card = card_find(set, codes[i], others[j], CARD_NORMAL);
            assert_non_null(card);
            assert_int_equal(card->review, CARD_AWAITS_TRANSLATOR);
            assert_ptr_equal(card, card_find(set, codes[i], others[j], CARD_LARGE));
            assert_null(card_find(set, codes[i], others[j], CARD_EASY));
        }
    }
    assert_null(card_find(set, "aspirin", "en", CARD_NORMAL));
    card_set_free(&set);
}

/* The key messages, in what is printed: each alternative of a line counts. */
static void every_card_says_what_it_must(void **state) {
    static const char *const always[][4] = {
        {"999"},
        {"naloxone", "nalokson"},
        {"alcohol", "alkohol"},
        {"benzodiazepines", "bensodiasepinau", "benzodiazepinami", "calming tablets"},
        {"pregabalin"},
        {"gabapentin", "gabapentyn"},
        {"child", "plentyn", "dziec"},
        {"drive", "yrru", "rowadź"},
        {"catch up", "ddal i fyny", "nadrobić", "not take more"},
        {"0113 496 0000"},
        {"0113 496 0123"},
        {"111"},
    };
    (void)state;
    size_t count;
    struct card_set *set = cards_open();
    const struct card *cards = card_list(set, &count);
    struct renderer *renderer = papers_renderer();
    struct buffer pdf;
    buffer_init(&pdf, PDF_MAX);
    for (size_t i = 0; i < count; i++) {
        for (int form = 0; form < CARD_FORM_COUNT; form++) {
            struct render_answer answer;
            struct buffer text;
            struct render_card card = card_of(&cards[i], (enum card_form)form);
            if ((cards[i].forms >> form & 1U) == 0) {
                continue;
            }
            assert_int_equal(render_card(renderer, media_of(card.form), &card, &pdf, &answer), RENDER_OK);
            assert_true(answer.size >= (form == CARD_LARGE ? 160 : 70));
            pdf_text(&pdf, 0, &text);
            for (size_t j = 0; j < sizeof always / sizeof always[0]; j++) {
                bool said = false;
                for (size_t k = 0; k < 4 && always[j][k] != NULL; k++) {
                    said = said || strcasestr(text.bytes, always[j][k]) != NULL;
                }
                bool other = strstr(cards[i].code, "diazepam") != NULL && form == CARD_EASY && j == 3;
                if (!said && !other) {
                    fail_msg("%s %s %s does not say %s", cards[i].code, cards[i].language,
                             card_form_code(card.form), always[j][0]);
                }
            }
            if (cards[i].awaits != NULL) {
                assert_non_null(strstr(text.bytes, cards[i].version));
            }
            if (strstr(cards[i].code, "diazepam") != NULL) {
                assert_non_null(strcasestr(text.bytes, "stop"));
                assert_non_null(strcasestr(text.bytes, "suddenly"));
                assert_true(strstr(text.bytes, "fits") != NULL || strstr(text.bytes, "a fit") != NULL);
            }
            buffer_release(&text);
        }
    }
    buffer_release(&pdf);
    renderer_free(&renderer);
    card_set_free(&set);
}

static bool ends_in_margins(const struct renderer *renderer, const struct render_media *media) {
    size_t count;
    const struct render_box *boxes = renderer_boxes(renderer, &count);
    for (size_t i = 0; i < count; i++) {
        if (boxes[i].x < 1500 || boxes[i].y < 1500 || boxes[i].x + boxes[i].width > media->width - 1500 ||
            boxes[i].y + boxes[i].height > media->height - 1500) {
            return false;
        }
        for (size_t j = 0; j < i; j++) {
            const struct render_box *a = &boxes[i];
            const struct render_box *b = &boxes[j];
            if (a->page == b->page && a->x < b->x + b->width && b->x < a->x + a->width &&
                a->y < b->y + b->height && b->y < a->y + a->height) {
                return false;
            }
        }
    }
    return count > 0;
}

static void cards_have_their_size_and_sides(void **state) {
    (void)state;
    size_t count;
    struct card_set *set = cards_open();
    const struct card *cards = card_list(set, &count);
    struct renderer *renderer = papers_renderer();
    struct buffer pdf;
    double width;
    double height;
    buffer_init(&pdf, PDF_MAX);
    for (size_t i = 0; i < count; i++) {
        struct render_answer answer;
        struct render_card card = card_of(&cards[i], CARD_NORMAL);
        if ((cards[i].forms & 1U << CARD_NORMAL) == 0) {
            continue;
        }
        assert_int_equal(render_card(renderer, &render_media_a6, &card, &pdf, &answer), RENDER_OK);
        assert_true(ends_in_margins(renderer, &render_media_a6));
        assert_true(pdf_pages(&pdf, &width, &height) <= 2);
        assert_true(width > 104.9 && width < 105.1 && height > 147.9 && height < 148.1);
        assert_int_equal(render_card(renderer, &render_media_credit, &card, &pdf, &answer), RENDER_OK);
        assert_true(ends_in_margins(renderer, &render_media_credit));
        assert_int_equal(pdf_pages(&pdf, &width, &height), 2);
        assert_true(width > 85.5 && width < 85.7 && height > 53.88 && height < 54.08);
    }
    buffer_release(&pdf);
    renderer_free(&renderer);
    card_set_free(&set);
}

/* What the reader refuses, each with its line; `from` in the shipped card becomes `to`. */
static void mistakes_are_named(void **state) {
    static const struct {
        const char *from;
        const char *to;
        int line;
        const char *message;
    } cases[] = {
        {"card = methadone", "card = Methadone!", 4, "a-z"},
        {"language = en", "language = English", 5, "code such as"},
        {"forms = normal large", "forms = normal normal", 6, "at most once"},
        {"forms = normal large", "forms = huge", 6, "normal, large and easy"},
        {"version = ", "version = draft ", 7, "digits"},
        {"review = pharmacist", "review = no", 9, "review is"},
        {"review = pharmacist", "review = reviewed", 0, "reviewed_by"},
        {"awaits = ", "reviewed_by = Somebody\nawaits = ", 0, "neither reviewed_by"},
        {"review = pharmacist", "reviewed_on = 2026-13-01", 9, "YYYY-MM-DD"},
        {"title = ", "subtitle = ", 8, "no such member"},
        {"title = ", "card = ", 8, "a second time"},
        {"[overdose pocket]", "[overdoses pocket]", 14, "no such topic"},
        {"[overdose pocket]", "[overdose pouch]", 14, "only be marked pocket"},
        {"[overdose pocket]", "[overdose]", 0, "marked pocket"},
        {"[overdose pocket]", "[overdose pocket", 14, "begins with"},
        {"[taking]", "[overdose]", 22, "second section"},
        {"heading = Take it as prescribed\n", "", 27, "lacks its heading"},
        {"heading = Take it", "caption = Take it", 23, "a heading and points"},
        {"heading = Take it", "heading = Take\nheading = it", 24, "one heading"},
        {"[driving]\n", "[stopping]\n", 0, "is missing"},
        {"point = Never take more to", "Never take more to", 36, "a line is"},
        {"point = Never take more to catch up. One day, one dose.", "point =", 36, "a name and a text"},
        {"Never take more", "Never take \x01more", 36, "UTF-8"},
        {"Never take more", "Never take \xC0\xAFmore", 36, "UTF-8"},
        {"Never take more", "Never take \xED\xA0\x80more", 36, "UTF-8"},
        {"Never take more", "Never take \xF5\x80\x80\x80more", 36, "UTF-8"},
    };
    static char text[20000];
    static char edited[20000];
    (void)state;
    FILE *file = fopen("config/cards/methadone.en.card", "r");
    assert_non_null(file);
    size_t len = fread(text, 1, sizeof text - 1, file);
    assert_int_equal(fclose(file), 0);
    text[len] = '\0';
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *at = strstr(text, cases[i].from);
        assert_non_null(at);
        (void)snprintf(edited, sizeof edited, "%.*s%s%s", (int)(at - text), text, cases[i].to,
                       at + strlen(cases[i].from));
        struct card_error error;
        struct card_source source = {"a.card", edited, strlen(edited)};
        struct card_set *set = card_set_parse(&source, 1, &error);
        if (set != NULL) {
            fail_msg("taken: %s", cases[i].to);
        }
        assert_string_equal(error.file, "a.card");
        if (strstr(error.message, cases[i].message) == NULL ||
            (cases[i].line != 0 && error.line != cases[i].line)) {
            fail_msg("%s: line %d: %s", cases[i].to, error.line, error.message);
        }
    }
    /* As it is: taken; twice: two files for one card. Reviewed: it awaits nothing. */
    struct card_error error;
    struct card_source twice[] = {{"a.card", text, len}, {"b.card", text, len}};
    assert_null(card_set_parse(twice, 2, &error));
    assert_string_equal(error.file, "b.card");
    struct card_set *set = card_set_parse(twice, 1, &error);
    assert_non_null(set);
    card_set_free(&set);
}

/* "Call 999" cannot be left out of a card by an edit. */
static void a_card_without_999_is_refused(void **state) {
    static char text[20000];
    (void)state;
    FILE *file = fopen("config/cards/methadone.en.card", "r");
    assert_non_null(file);
    size_t len = fread(text, 1, sizeof text - 1, file);
    assert_int_equal(fclose(file), 0);
    for (char *at = text; (at = strstr(at, "999")) != NULL; at += 3) {
        memcpy(at, "112", 3);
    }
    struct card_error error;
    struct card_source source = {"a.card", text, len};
    assert_null(card_set_parse(&source, 1, &error));
    assert_non_null(strstr(error.message, "999"));
}

static void cards_look_as_they_did(void **state) {
    (void)state;
    size_t count;
    struct card_set *set = cards_open();
    const struct card *cards = card_list(set, &count);
    struct renderer *renderer = papers_renderer();
    struct buffer pdf;
    buffer_init(&pdf, PDF_MAX);
    for (size_t i = 0; i < count; i++) {
        for (int form = 0; form < CARD_FORM_COUNT; form++) {
            char name[120];
            struct render_answer answer;
            struct render_card card = card_of(&cards[i], (enum card_form)form);
            if ((cards[i].forms >> form & 1U) == 0) {
                continue;
            }
            (void)snprintf(name, sizeof name, "card-%s-%s-%s", cards[i].code, cards[i].language,
                           card_form_code(card.form));
            assert_int_equal(render_card(renderer, media_of(card.form), &card, &pdf, &answer), RENDER_OK);
            pdf_golden(&pdf, name, form == CARD_NORMAL ? 110 : 60);
        }
    }
    struct render_answer answer;
    struct render_card pocket = card_of(card_find(set, "methadone", "en", CARD_NORMAL), CARD_NORMAL);
    assert_int_equal(render_card(renderer, &render_media_credit, &pocket, &pdf, &answer), RENDER_OK);
    pdf_golden(&pdf, "card-methadone-en-pocket", 150);
    buffer_release(&pdf);
    renderer_free(&renderer);
    card_set_free(&set);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_file_is_carried),        cmocka_unit_test(the_languages_are_there),
        cmocka_unit_test(every_card_says_what_it_must), cmocka_unit_test(cards_have_their_size_and_sides),
        cmocka_unit_test(mistakes_are_named),           cmocka_unit_test(a_card_without_999_is_refused),
        cmocka_unit_test(cards_look_as_they_did),
    };
    return cmocka_run_group_tests_name("render: cards", tests, NULL, NULL);
}
