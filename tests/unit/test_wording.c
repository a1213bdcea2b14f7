/* core/wording: the approved sentences in every spelling that does not matter, and near misses that do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/wording.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define ALL (WORDING_W1 | WORDING_W2 | WORDING_W3 | WORDING_W4 | WORDING_W5 | WORDING_W1OLD)

/* rules.md, section 2, letter for letter. */
static const struct {
    enum wording_flag flag;
    const char *code;
    const char *text;
} rules[] = {
    {WORDING_W1, "W1", "Please dispense instalments due on pharmacy closed days on a prior suitable day."},
    {WORDING_W2, "W2",
     "If an instalment's collection day has been missed, please still dispense the amount due for any "
     "remaining "
     "day(s) of that instalment."},
    {WORDING_W3, "W3",
     "Consult the prescriber if 3 or more consecutive days of a prescription have been missed."},
    {WORDING_W4, "W4", "Supervise consumption on collection days."},
    {WORDING_W5, "W5", "Dispense daily doses in separate containers."},
    {WORDING_W1OLD, "W1old",
     "Instalments due on days when the pharmacy is closed should be dispensed on the day immediately prior "
     "to "
     "closure."},
};

/* What is recognised in a text that ends where its memory does. */
static unsigned recognised(const char *text) {
    size_t len = strlen(text);
    char *exact = malloc(len + !len);
    assert_non_null(exact);
    memcpy(exact, text, len);
    unsigned found = wording_recognise(exact, len);
    free(exact);
    return found;
}

static void check(const char *text, unsigned want) {
    unsigned got = recognised(text);
    if (got != want)
        fail_msg("%#x, not %#x: %s", got, want, text);
}

/* text with the first `from` in it replaced; false where there is none. */
static bool replaced(const char *text, const char *from, const char *to, char out[512]) {
    const char *at = strstr(text, from);
    if (at == NULL)
        return false;
    snprintf(out, 512, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    return true;
}

static void names(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(rules); i++) {
        enum wording_flag flag = WORDING_W1;
        assert_string_equal(wording_text(rules[i].flag), rules[i].text);
        assert_string_equal(wording_code(rules[i].flag), rules[i].code);
        assert_true(wording_from_code(rules[i].code, strlen(rules[i].code), &flag));
        assert_int_equal(flag, rules[i].flag);
    }
    assert_null(wording_text((enum wording_flag)3));
    assert_null(wording_text((enum wording_flag)0));
    assert_null(wording_code((enum wording_flag)64));
    static const char *const wrong[] = {"", "W", "W6", "w1", "W1OLD", "W1o", "W1old ", "W11"};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        enum wording_flag flag = WORDING_W4;
        assert_false(wording_from_code(wrong[i], strlen(wrong[i]), &flag));
        assert_int_equal(flag, WORDING_W4);
    }
}

static void as_approved(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(rules); i++)
        check(rules[i].text, rules[i].flag);
    check("", 0);
    check(" ", 0);
    check(".", 0);
    check("\n\n", 0);
    check(";;..", 0);
}

static void letter_case_and_full_stop(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(rules); i++) {
        char text[512];
        snprintf(text, sizeof text, "%s", rules[i].text);
        size_t len = strlen(text);
        text[len - 1] = '\0';
        check(text, rules[i].flag);
        for (size_t j = 0; j < len; j++)
            text[j] = (char)toupper((unsigned char)text[j]);
        check(text, rules[i].flag);
        for (size_t j = 0; j < len; j += 2)
            text[j] = (char)tolower((unsigned char)text[j]);
        check(text, rules[i].flag);
    }
}

static void leading_please(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(rules); i++) {
        char text[512];
        if (!replaced(rules[i].text, "Please ", "", text))
            snprintf(text, sizeof text, "Please %s", rules[i].text);
        check(text, rules[i].flag);
    }
    check("please supervise consumption on collection days", WORDING_W4);
    check("please please supervise consumption on collection days", 0);
    check("supervise please consumption on collection days", 0);
    check("Please", 0);
    check("Please.", 0);
    check("Please. Supervise consumption on collection days", WORDING_W4);
}

static void kinds_of_apostrophe(void **state) {
    (void)state;
    static const char *const good[] = {"'", "`", "\u2018", "\u2019", "\u201b", "\u2032", "\u02bc", "\u00b4"};
    static const char *const bad[] = {"", "\"", ",", "\u201d", " ", "\xE2\x80", "''"};
    char text[512];
    for (size_t i = 0; i < COUNT(good); i++) {
        assert_true(replaced(rules[1].text, "'", good[i], text));
        check(text, WORDING_W2);
    }
    for (size_t i = 0; i < COUNT(bad); i++) {
        assert_true(replaced(rules[1].text, "'", bad[i], text));
        check(text, 0);
    }
}

static void three_and_days(void **state) {
    (void)state;
    static const char *const days[] = {"day", "days", "day(s)", "DAY(S)"};
    char text[512];
    assert_true(replaced(rules[2].text, "3", "three", text));
    check(text, WORDING_W3);
    assert_true(replaced(rules[2].text, "3", "THREE", text));
    check(text, WORDING_W3);
    for (size_t i = 0; i < COUNT(days); i++) {
        assert_true(replaced(rules[1].text, "day(s)", days[i], text));
        check(text, WORDING_W2);
        assert_true(replaced(rules[2].text, "days", days[i], text));
        check(text, WORDING_W3);
        assert_true(replaced(rules[3].text, "days", days[i], text));
        check(text, WORDING_W4);
        assert_true(replaced(rules[0].text, "days", days[i], text));
        check(text, WORDING_W1);
        assert_true(replaced(rules[5].text, "days", days[i], text));
        check(text, WORDING_W1OLD);
    }
    static const char *const wrong[] = {"2", "4", "33", "3.", "three three", "3-", "thre", "2 or 3", "03"};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        assert_true(replaced(rules[2].text, "3", wrong[i], text));
        check(text, strcmp(wrong[i], "3-") == 0 ? WORDING_W3 : 0);
    }
}

/* Each space of each sentence, one at a time, as something else. */
static void hyphens_and_white_space(void **state) {
    (void)state;
    static const struct {
        const char *space;
        bool good;
    } cases[] = {
        {"-", true},     {"\u2010", true},  {"\u2011", true}, {"\u2012", true},      {"\u2013", true},
        {"  ", true},    {"\t", true},      {"\u00a0", true}, {"\n", true},          {"\r\n", true},
        {" \n  ", true}, {" - ", true},     {"", false},      {"\n\n", false},       {"\n \r\n", false},
        {". ", false},   {"; ", false},     {", ", false},    {" not ", false},      {"_", false},
        {":", false},    {"\u2014", false}, {"/", false},     {" \xE2\x80 ", false},
    };
    for (size_t i = 0; i < COUNT(rules); i++) {
        for (const char *at = strchr(rules[i].text, ' '); at != NULL; at = strchr(at + 1, ' ')) {
            for (size_t j = 0; j < COUNT(cases); j++) {
                char text[512];
                snprintf(text, sizeof text, "%.*s%s%s", (int)(at - rules[i].text), rules[i].text,
                         cases[j].space, at + 1);
                bool behind_comma = cases[j].space[0] == '\0' && at[-1] == ',';
                unsigned want = cases[j].good || behind_comma ? rules[i].flag : 0;
                /* "Please" alone may be cut off. */
                bool stop =
                    strpbrk(cases[j].space, ".;") != NULL || (!cases[j].good && cases[j].space[0] == '\n');
                if (stop && strncmp(text, "Please", 6) == 0 && at == rules[i].text + 6)
                    want = rules[i].flag;
                check(text, want);
            }
        }
    }
    check("  \t Supervise consumption on collection days  \r\n", WORDING_W4);
    check("- Supervise consumption on collection days -", WORDING_W4);
}

/* Every sentence with one word left out, doubled or changed by one letter; with one more before or behind. */
static void near_misses(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(rules); i++) {
        char text[512];
        const char *sentence = rules[i].text;
        for (const char *at = sentence; *at != '\0';) {
            size_t len = strcspn(at, " .");
            int before = (int)(at - sentence);
            bool please = i == 0 && at == sentence;
            snprintf(text, sizeof text, "%.*s%s", before, sentence, at + len);
            check(text, please ? rules[i].flag : 0);
            snprintf(text, sizeof text, "%.*s%.*s %s", before, sentence, (int)len, at, at);
            check(text, 0);
            snprintf(text, sizeof text, "%.*sx%s", before, sentence, at);
            check(text, 0);
            snprintf(text, sizeof text, "%.*sq%s", before, sentence, at + 1);
            check(text, 0);
            at += len + strspn(at + len, " .");
        }
        snprintf(text, sizeof text, "Do not %s", sentence);
        check(text, 0);
        snprintf(text, sizeof text, "Do not\n%s", sentence);
        check(text, 0);
        snprintf(text, sizeof text, "Do not: %s", sentence);
        check(text, 0);
        snprintf(text, sizeof text, "%.*s unless told otherwise.", (int)strlen(sentence) - 1, sentence);
        check(text, 0);
        snprintf(text, sizeof text, "%.*s\nunless told otherwise.", (int)strlen(sentence) - 1, sentence);
        check(text, 0);
        snprintf(text, sizeof text, "%.*s, unless told otherwise.", (int)strlen(sentence) - 1, sentence);
        check(text, 0);
        snprintf(text, sizeof text, "\"%s\"", sentence);
        check(text, 0);
        snprintf(text, sizeof text, "%.*s!", (int)strlen(sentence) - 1, sentence);
        check(text, 0);
    }
    check("If an instalment's collection day has been missed please still dispense the amount due for any "
          "remaining day(s) of that instalment.",
          0);
    check("If an instalment's collection day has been missed, do not dispense the amount due for any "
          "remaining day(s) of that instalment.",
          0);
    check("Supervise consumption", 0);
    check("W4", 0);
    check("Supervise", 0);
}

/* Each character of each sentence, one at a time: dropped, doubled or another, and it is another wording. */
static void every_character_counts(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(rules); i++) {
        const char *sentence = rules[i].text;
        for (size_t at = 0; sentence[at + 1] != '\0'; at++) {
            if (!isalnum((unsigned char)sentence[at]))
                continue;
            char text[512];
            snprintf(text, sizeof text, "%.*sz%s", (int)at, sentence, sentence + at + 1);
            check(text, 0);
            snprintf(text, sizeof text, "%.*s%s", (int)at, sentence, sentence + at + 1);
            /* "days" and "day" are one word */
            bool plural = sentence[at] == 's' && at >= 3 && strncmp(sentence + at - 3, "day", 3) == 0 &&
                          !isalnum((unsigned char)sentence[at + 1]);
            check(text, plural ? rules[i].flag : 0);
        }
    }
}

static void several_sentences(void **state) {
    (void)state;
    static const char *const between[] = {" ", "\n", "\r\n", "", "; ", "\n\n", " \n \n", ". ", "\t"};
    for (size_t j = 0; j < COUNT(between); j++) {
        char text[2048] = "";
        size_t len = 0;
        for (size_t i = 0; i < COUNT(rules); i++)
            len += (size_t)snprintf(text + len, sizeof text - len, "%s%s", rules[i].text, between[j]);
        check(text, ALL);
    }
    for (size_t first = 0; first < COUNT(rules); first++) {
        for (size_t second = 0; second < COUNT(rules); second++) {
            char text[1024];
            int cut = (int)strlen(rules[first].text) - 1;
            unsigned both = rules[first].flag | rules[second].flag;
            snprintf(text, sizeof text, "%.*s\n%s", cut, rules[first].text, rules[second].text);
            check(text, both);
            snprintf(text, sizeof text, "%.*s;%s", cut, rules[first].text, rules[second].text);
            check(text, both);
            snprintf(text, sizeof text, "%.*s %s", cut, rules[first].text, rules[second].text);
            check(text, 0);
            snprintf(text, sizeof text, "%s Seen weekly by the team. %s", rules[first].text,
                     rules[second].text);
            check(text, both);
            snprintf(text, sizeof text, "%.*s\n\nSeen weekly by the team\n\n%s", cut, rules[first].text,
                     rules[second].text);
            check(text, both);
            snprintf(text, sizeof text, "%.*s\nSeen weekly by the team\n%s", cut, rules[first].text,
                     rules[second].text);
            check(text, 0);
        }
    }
}

static void strange_texts(void **state) {
    (void)state;
    static char text[70000];
    memset(text, 'a', sizeof text);
    assert_int_equal(wording_recognise(text, sizeof text), 0);
    memset(text, ' ', sizeof text);
    memcpy(text, rules[3].text, strlen(rules[3].text));
    memcpy(text + sizeof text - strlen(rules[4].text), rules[4].text, strlen(rules[4].text));
    assert_int_equal(wording_recognise(text, sizeof text), WORDING_W4 | WORDING_W5);
    memset(text, '.', sizeof text);
    assert_int_equal(wording_recognise(text, sizeof text), 0);
    /* A word that begins as an approved one and is cut when it is read. */
    check("Superviseeeeeeeeeeeeeeeeeeeeee consumption on collection days", 0);
    /* NUL bytes are characters like others. */
    static const char nul[] = "Supervise consumption on collection days\0";
    assert_int_equal(wording_recognise(nul, sizeof nul - 2), WORDING_W4);
    assert_int_equal(wording_recognise(nul, sizeof nul - 1), 0);
    for (int byte = 1; byte < 256; byte++) {
        char ended[64];
        snprintf(ended, sizeof ended, "%s%c", "Supervise consumption on collection days", byte);
        check(ended, strchr(" \t\r\n.;-", byte) != NULL ? WORDING_W4 : 0);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),
        cmocka_unit_test(as_approved),
        cmocka_unit_test(letter_case_and_full_stop),
        cmocka_unit_test(leading_please),
        cmocka_unit_test(kinds_of_apostrophe),
        cmocka_unit_test(three_and_days),
        cmocka_unit_test(hyphens_and_white_space),
        cmocka_unit_test(near_misses),
        cmocka_unit_test(every_character_counts),
        cmocka_unit_test(several_sentences),
        cmocka_unit_test(strange_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
