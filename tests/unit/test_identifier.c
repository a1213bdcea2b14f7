/* core/identifier: check digits, forms and dates of identifiers, PO boxes (P11). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "core/identifier.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static enum identifier_result check(enum identifier_kind kind, const char *text, char out[IDENTIFIER_SIZE]) {
    return identifier_check(kind, text, strlen(text), out);
}

static void check_good(enum identifier_kind kind, const char *text, const char *stored) {
    char out[IDENTIFIER_SIZE] = "untouched";
    enum identifier_result result = check(kind, text, out);
    if (result != IDENTIFIER_OK)
        fail_msg("%s: %s", text, identifier_explain(result));
    assert_string_equal(out, stored);
}

static void check_bad(enum identifier_kind kind, const char *text, enum identifier_result want) {
    char out[IDENTIFIER_SIZE] = "untouched";
    enum identifier_result result = check(kind, text, out);
    if (result != want)
        fail_msg("%s: %s", text, identifier_explain(result));
    assert_string_equal(out, "untouched");
}

static void nhs_numbers(void **state) {
    (void)state;
    check_good(IDENTIFIER_NHS, "943 476 5919", "9434765919"); /* the example of the NHS Data Dictionary */
    check_good(IDENTIFIER_NHS, "9434765919", "9434765919");
    check_good(IDENTIFIER_NHS, " 943-476-5919 ", "9434765919");
    check_good(IDENTIFIER_NHS, "999 000 0018", "9990000018");
    check_good(IDENTIFIER_NHS, "4010232137", "4010232137");
    check_good(IDENTIFIER_NHS, "0000000051", "0000000051");
    check_bad(IDENTIFIER_NHS, "", IDENTIFIER_EMPTY);
    check_bad(IDENTIFIER_NHS, "  - ", IDENTIFIER_EMPTY);
    check_bad(IDENTIFIER_NHS, "943476591", IDENTIFIER_BAD_LENGTH);
    check_bad(IDENTIFIER_NHS, "94347659191", IDENTIFIER_BAD_LENGTH);
    check_bad(IDENTIFIER_NHS, "943 476 5918", IDENTIFIER_BAD_CHECK_DIGIT);
    check_bad(IDENTIFIER_NHS, "94347659I9", IDENTIFIER_BAD_CHARACTER);
    check_bad(IDENTIFIER_NHS, "943.476.5919", IDENTIFIER_BAD_CHARACTER);
    check_bad(IDENTIFIER_NHS, "943\t4765919", IDENTIFIER_BAD_CHARACTER);
    char out[IDENTIFIER_SIZE];
    assert_int_equal(identifier_check(IDENTIFIER_NHS, "9434765919", 9, out), IDENTIFIER_BAD_LENGTH);
    assert_int_equal(identifier_check(IDENTIFIER_NHS, "9434765919\0", 11, out), IDENTIFIER_BAD_LENGTH);
    assert_int_equal(identifier_check(IDENTIFIER_NHS, "943476591\0", 10, out), IDENTIFIER_BAD_CHARACTER);
}

static void all_equal_digits(void **state) {
    (void)state;
    for (int digit = '0'; digit <= '9'; digit++) {
        char number[11] = "";
        memset(number, digit, 10);
        for (enum identifier_kind kind = IDENTIFIER_NHS; kind <= IDENTIFIER_HC; kind++)
            check_bad(kind, number, IDENTIFIER_ALL_EQUAL);
    }
}

/* Every wrong digit at every place is seen, and every two different neighbours that were swapped. */
static void every_single_slip_is_seen(void **state) {
    (void)state;
    static const char *const numbers[] = {"9434765919", "9990000018", "4010232137", "3200000074"};
    for (size_t i = 0; i < COUNT(numbers); i++) {
        check_good(IDENTIFIER_NHS, numbers[i], numbers[i]);
        check_good(IDENTIFIER_HC, numbers[i], numbers[i]);
        for (size_t place = 0; place < 10; place++) {
            for (int digit = '0'; digit <= '9'; digit++) {
                char number[11];
                memcpy(number, numbers[i], 11);
                if (number[place] == digit)
                    continue;
                number[place] = (char)digit;
                check_bad(IDENTIFIER_NHS, number, IDENTIFIER_BAD_CHECK_DIGIT);
            }
            char swapped[11];
            memcpy(swapped, numbers[i], 11);
            if (place < 9 && swapped[place] != swapped[place + 1]) {
                swapped[place] = numbers[i][place + 1];
                swapped[place + 1] = numbers[i][place];
                check_bad(IDENTIFIER_NHS, swapped, IDENTIFIER_BAD_CHECK_DIGIT);
            }
        }
    }
}

/* Of ten last digits one is good, or none where the remainder says 10. */
static void one_check_digit_or_none(void **state) {
    (void)state;
    int without = 0;
    for (int first = 0; first < 9999; first++) {
        int good = 0;
        int sum = 0;
        char number[11];
        snprintf(number, sizeof number, "4%04d0170", first);
        for (int i = 0; i < 9; i++)
            sum += (number[i] - '0') * (10 - i);
        for (int digit = '0'; digit <= '9'; digit++) {
            char out[IDENTIFIER_SIZE];
            number[9] = (char)digit;
            number[10] = '\0';
            bool taken = check(IDENTIFIER_NHS, number, out) == IDENTIFIER_OK;
            good += taken;
            assert_int_equal(taken, (sum + digit - '0') % 11 == 0);
        }
        without += good == 0;
        assert_int_equal(good == 0, sum % 11 == 1);
    }
    assert_true(without > 0);
}

/* The number that nine digits begin, its check digit behind; false where there is none. */
static bool complete(const char *nine, char out[11]) {
    for (int digit = '0'; digit <= '9'; digit++) {
        char stored[IDENTIFIER_SIZE];
        snprintf(out, 11, "%.9s%c", nine, digit);
        if (check(IDENTIFIER_NHS, out, stored) == IDENTIFIER_OK)
            return true;
    }
    return false;
}

static void chi_dates(void **state) {
    (void)state;
    static const struct {
        const char *date;
        bool good;
    } cases[] = {
        {"010160", true},  {"311299", true},  {"290200", true},  {"290204", true},  {"290296", true},
        {"290201", false}, {"290299", false}, {"300200", false}, {"310400", false}, {"320100", false},
        {"000100", false}, {"010000", false}, {"011300", false}, {"311100", false}, {"999999", false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        int seen = 0;
        for (int serial = 100; serial < 130; serial++) {
            char nine[16];
            char number[11];
            snprintf(nine, sizeof nine, "%s%d", cases[i].date, serial);
            if (!complete(nine, number))
                continue;
            seen++;
            if (cases[i].good)
                check_good(IDENTIFIER_CHI, number, number);
            else
                check_bad(IDENTIFIER_CHI, number, IDENTIFIER_BAD_DATE);
            check_good(IDENTIFIER_HC, number, number);
        }
        assert_true(seen > 10);
    }
    char number[11];
    assert_true(complete("010160123", number));
    number[9] = number[9] == '0' ? '1' : '0';
    check_bad(IDENTIFIER_CHI, number, IDENTIFIER_BAD_CHECK_DIGIT);
    assert_true(complete("943476591", number));
    check_bad(IDENTIFIER_CHI, number, IDENTIFIER_BAD_DATE);
}

static void registrations(void **state) {
    (void)state;
    check_good(IDENTIFIER_GPHC_PHARMACIST, "2012345", "2012345");
    check_good(IDENTIFIER_GPHC_PHARMACIST, "2 234 567", "2234567");
    check_bad(IDENTIFIER_GPHC_PHARMACIST, "5012345", IDENTIFIER_BAD_START);
    check_bad(IDENTIFIER_GPHC_PHARMACIST, "A012345", IDENTIFIER_BAD_START);
    check_bad(IDENTIFIER_GPHC_PHARMACIST, "201234", IDENTIFIER_BAD_LENGTH);
    check_bad(IDENTIFIER_GPHC_PHARMACIST, "20123456", IDENTIFIER_BAD_LENGTH);
    check_bad(IDENTIFIER_GPHC_PHARMACIST, "201234S", IDENTIFIER_BAD_CHARACTER);
    check_good(IDENTIFIER_GPHC_TECHNICIAN, "5012345", "5012345");
    check_bad(IDENTIFIER_GPHC_TECHNICIAN, "2012345", IDENTIFIER_BAD_START);
    check_good(IDENTIFIER_GPHC_PREMISES, "1034567", "1034567");
    check_bad(IDENTIFIER_GPHC_PREMISES, "9034567", IDENTIFIER_BAD_START);
    check_good(IDENTIFIER_GMC, "7654321", "7654321");
    check_bad(IDENTIFIER_GMC, "C765432", IDENTIFIER_BAD_CHARACTER);
    check_bad(IDENTIFIER_GMC, "765432", IDENTIFIER_BAD_LENGTH);
    check_good(IDENTIFIER_NMC, "98I1234E", "98I1234E");
    check_good(IDENTIFIER_NMC, "98i1234e", "98I1234E");
    check_bad(IDENTIFIER_NMC, "9811234E", IDENTIFIER_BAD_CHARACTER);
    check_bad(IDENTIFIER_NMC, "98I12345", IDENTIFIER_BAD_CHARACTER);
    check_bad(IDENTIFIER_NMC, "98I1234", IDENTIFIER_BAD_LENGTH);
    check_bad(IDENTIFIER_NMC, "98[1234E", IDENTIFIER_BAD_CHARACTER);
    check_bad(IDENTIFIER_NMC, "98@1234E", IDENTIFIER_BAD_CHARACTER);
    check_bad(IDENTIFIER_NMC, "98{1234E", IDENTIFIER_BAD_CHARACTER);
    check_bad(IDENTIFIER_NMC, "98`1234E", IDENTIFIER_BAD_CHARACTER);
}

static void organisations(void **state) {
    (void)state;
    check_good(IDENTIFIER_ODS_PHARMACY, "FA123", "FA123");
    check_good(IDENTIFIER_ODS_PHARMACY, "fxe45", "FXE45");
    check_good(IDENTIFIER_ODS_PHARMACY, "F1A2B", "F1A2B");
    check_bad(IDENTIFIER_ODS_PHARMACY, "GA123", IDENTIFIER_BAD_START);
    check_bad(IDENTIFIER_ODS_PHARMACY, "FA12", IDENTIFIER_BAD_LENGTH);
    check_bad(IDENTIFIER_ODS_PHARMACY, "FA1234", IDENTIFIER_BAD_LENGTH);
    check_bad(IDENTIFIER_ODS_PHARMACY, "FA1_3", IDENTIFIER_BAD_CHARACTER);
    check_good(IDENTIFIER_ODS, "RXA", "RXA");
    check_good(IDENTIFIER_ODS, "g7h8j", "G7H8J");
    check_good(IDENTIFIER_ODS, "ABCDEF1234", "ABCDEF1234");
    check_bad(IDENTIFIER_ODS, "AB", IDENTIFIER_BAD_LENGTH);
    check_bad(IDENTIFIER_ODS, "ABCDEF12345", IDENTIFIER_BAD_LENGTH);
    check_bad(IDENTIFIER_ODS, "AB\xC3\xA9", IDENTIFIER_BAD_CHARACTER);
    check_bad(IDENTIFIER_ODS, "AB/", IDENTIFIER_BAD_CHARACTER);
    check_bad(IDENTIFIER_ODS, "AB:", IDENTIFIER_BAD_CHARACTER);
}

static void codes_and_sentences(void **state) {
    (void)state;
    static const char *const codes[IDENTIFIER_COUNT] = {
        "nhs",           "chi", "hc",  "gphc_pharmacist", "gphc_technician",
        "gphc_premises", "gmc", "nmc", "ods_pharmacy",    "ods",
    };
    for (size_t i = 0; i < COUNT(codes); i++) {
        enum identifier_kind kind = IDENTIFIER_COUNT;
        assert_string_equal(identifier_code((enum identifier_kind)i), codes[i]);
        assert_true(identifier_parse_kind(codes[i], strlen(codes[i]), &kind));
        assert_int_equal(kind, i);
    }
    static const char *const wrong[] = {"", "n", "nhsx", "NHS", "xhs", "ods_"};
    for (size_t i = 0; i < COUNT(wrong); i++) {
        enum identifier_kind kind = IDENTIFIER_GMC;
        assert_false(identifier_parse_kind(wrong[i], strlen(wrong[i]), &kind));
        assert_int_equal(kind, IDENTIFIER_GMC);
    }
    for (int i = IDENTIFIER_OK; i <= IDENTIFIER_BAD_CHECK_DIGIT; i++) {
        const char *sentence = identifier_explain((enum identifier_result)i);
        assert_non_null(sentence);
        assert_int_equal(sentence[strlen(sentence) - 1], '.');
        for (int j = IDENTIFIER_OK; j < i; j++)
            assert_string_not_equal(sentence, identifier_explain((enum identifier_result)j));
    }
}

static void po_boxes(void **state) {
    (void)state;
    static const char *const boxes[] = {
        "PO Box 12",
        "P.O. Box 12",
        "p o box 12",
        "P. O. BOX 12, Leeds",
        "POBox 12",
        "POBOX12",
        "P.O.Box",
        "po box",
        "P.O.-Box 3",
        "Post Office Box 12",
        "post office box",
        "1 High St\nPO Box 4",
        "1 High St,PO Box 4",
        "(PO Box 9)",
        "P\r\nO\tBox 7",
        "Unit 2 - PO Box 4",
    };
    static const char *const addresses[] = {
        "",
        "No fixed abode",
        "no fixed abode, c/o the hostel",
        "12 Boxhill Road",
        "Depot Box Lane",
        "Po Boxwood Close",
        "4 Post Office Lane",
        "The Old Post Office",
        "Postbox Cottage",
        "Post Box Cottage",
        "PO",
        "P.O.",
        "Box 12",
        "Expo Box 3",
        "3po box",
        "Apo box",
        "P",
        "PO Bo",
        "Post Office Boxes",
        "1 Orchard Way, Poole",
        "Letterbox, P.O.",
        "- . -",
    };
    for (size_t i = 0; i < COUNT(boxes); i++) {
        if (!address_is_po_box(boxes[i], strlen(boxes[i])))
            fail_msg("a PO box: %s", boxes[i]);
    }
    for (size_t i = 0; i < COUNT(addresses); i++) {
        if (address_is_po_box(addresses[i], strlen(addresses[i])))
            fail_msg("an address: %s", addresses[i]);
    }
    assert_false(address_is_po_box("PO Box", 5));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nhs_numbers),
        cmocka_unit_test(all_equal_digits),
        cmocka_unit_test(every_single_slip_is_seen),
        cmocka_unit_test(one_check_digit_or_none),
        cmocka_unit_test(chi_dates),
        cmocka_unit_test(registrations),
        cmocka_unit_test(organisations),
        cmocka_unit_test(codes_and_sentences),
        cmocka_unit_test(po_boxes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
