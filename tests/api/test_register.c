/* The controlled drugs register through the real daemon: sections, what is entered, who must be there, verification, export. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../support/shop.h"

#define PRODUCT "/register/methadone-1mg-ml-sf"

static struct shop shop;

static int start(void **state) {
    (void)state;
    shop_open(&shop, NULL);
    return 0;
}

static int stop(void **state) {
    (void)state;
    shop_close(&shop);
    return 0;
}

/* ---- short forms ---- */

static struct shop_text second(const char *staff) {
    return shop_say("\"second\":{\"staff\":\"%s\",\"pin\":\"%s\"}", staff, api_pin(shop.api, staff));
}

static struct shop_text with_second(const char *members) {
    return shop_say("{%s,%s}", members, second("d.osei").bytes);
}

/* Enters something with a second person: 201. */
static struct api_answer enter(const char *path, const char *members) {
    struct api_answer answer = shop_post(&shop, &shop.pharmacist, path, with_second(members).bytes);
    api_expect(shop.api, &answer, 201);
    return answer;
}

static void entered(const char *path, const char *members) {
    struct api_answer answer = enter(path, members);
    api_done(&answer);
}

static void receive(const char *quantity) {
    struct shop_text body =
        shop_say("{\"quantity\":\"%s\",\"from\":\"Testham Wholesale\",\"address\":\"1 Dock "
                 "Road, Testham\",\"reference\":\"INV 1\"}",
                 quantity);
    shop_make(&shop, &shop.pharmacist, PRODUCT "/receipts", body.bytes, NULL);
}

/* A text member of a section. */
static struct shop_text section(const char *product, const char *member) {
    struct api_answer answer = shop_get(&shop, &shop.inspector, shop_say("/register/%s", product).bytes);
    struct shop_text text = shop_say("%s", shop_string(answer.body, member));
    api_done(&answer);
    return text;
}

static struct shop_text balance(void) {
    return section("methadone-1mg-ml-sf", "balance");
}

static int discrepancies(char id[SHOP_ID]) {
    struct api_answer answer = shop_get(&shop, &shop.inspector, PRODUCT);
    const cJSON *open = shop_member(answer.body, "discrepancies");
    int count = cJSON_GetArraySize(open);
    if (id != NULL && count > 0) {
        (void)snprintf(id, SHOP_ID, "%s", shop_string(cJSON_GetArrayItem(open, 0), "id"));
    }
    api_done(&answer);
    return count;
}

static bool verifies(void) {
    struct api_answer answer = shop_get(&shop, &shop.inspector, "/register/verify");
    bool good = cJSON_IsTrue(shop_member(answer.body, "verified"));
    assert_true(cJSON_GetArraySize(shop_member(answer.body, "sections")) > 0);
    api_done(&answer);
    return good;
}

/* ---- C1, C4: what is entered, and the balance after it ---- */

static void a_balance_below_zero_opens_a_discrepancy(void **state) {
    const struct shop_wish wish = {.name = "Wren Fairweather"};
    struct shop_case one = shop_enter(&shop, &wish);
    const struct shop_supply supply = {.rx = one.rx, .on = "2026-11-23"};
    char id[SHOP_ID] = "";
    (void)state;
    shop_supply(&shop, &supply, NULL);
    assert_string_equal(balance().bytes, "-60");
    assert_int_equal(discrepancies(id), 1);
    receive("500");
    assert_string_equal(balance().bytes, "440");
    assert_int_equal(discrepancies(NULL), 1); /* it stays until it is explained */
    struct shop_text body =
        shop_say("{\"explains\":\"%s\",\"text\":\"Delivery of Friday entered late.\"}", id);
    shop_refused(&shop, &shop.pharmacist, PRODUCT "/notes", shop_say("{\"explains\":\"%s\"}", id).bytes, 422,
                 "invalid");
    shop_refused(&shop, &shop.technician, PRODUCT "/notes", body.bytes, 403, "role");
    shop_make(&shop, &shop.pharmacist, PRODUCT "/notes", body.bytes, NULL);
    assert_int_equal(discrepancies(NULL), 0);
    shop_refused(&shop, &shop.pharmacist, PRODUCT "/notes", body.bytes, 409, "explained_before");
    assert_true(verifies());
}

static void a_receipt_says_from_whom(void **state) {
    struct shop_text before = balance();
    (void)state;
    shop_refused(&shop, &shop.pharmacist, PRODUCT "/receipts", "{\"quantity\":\"500\"}", 422, "invalid");
    shop_refused(&shop, &shop.pharmacist, PRODUCT "/receipts", "{\"quantity\":\"0\",\"from\":\"W\"}", 422,
                 "invalid");
    shop_refused(&shop, &shop.pharmacist, PRODUCT "/receipts", "{\"quantity\":\"-5\",\"from\":\"W\"}", 422,
                 "invalid");
    shop_refused(&shop, &shop.pharmacist, PRODUCT "/receipts",
                 "{\"quantity\":\"500\",\"from\":\"W\",\"on\":\"2026-11-24\"}", 422, "invalid");
    shop_refused(&shop, &shop.pharmacist, PRODUCT "/receipts",
                 "{\"quantity\":\"900\",\"from\":\"W\",\"packs\":[{\"size\":\"500\",\"count\":2}]}", 422,
                 "invalid");
    shop_refused(&shop, &shop.pharmacist, "/register/aspirin/receipts", "{\"quantity\":\"1\",\"from\":\"W\"}",
                 404, "not_found");
    assert_string_equal(balance().bytes, before.bytes);
    struct api_answer answer =
        shop_post(&shop, &shop.pharmacist, PRODUCT "/receipts",
                  "{\"quantity\":\"1000\",\"from\":\"Testham Wholesale\",\"on\":\"2026-11-21\",\"packs\":[{"
                  "\"batch\":\"AB12\",\"expiry\":\"2027-05-31\",\"size\":\"500\",\"count\":2}]}");
    api_expect(shop.api, &answer, 201);
    assert_string_equal(api_text(shop.api, &answer, "type"), "received");
    assert_string_equal(api_text(shop.api, &answer, "packs"), "2 x 500 AB12 2027-05-31");
    assert_string_equal(api_text(shop.api, &answer, "person_name"), "Testham Wholesale");
    assert_string_equal(api_text(shop.api, &answer, "on"), "2026-11-21"); /* and entered today */
    api_done(&answer);
}

/* 90 ml recorded for 30: the correction is a new entry that names the one that was wrong, and a witness. */
static void ninety_recorded_for_thirty(void **state) {
    const struct shop_wish wish = {.name = "Linnet Brackenbury",
                                   .doses = "[{\"from\":\"2026-11-23\",\"days\":14,\"dose\":\"90\"}]",
                                   .total = "1260"};
    struct shop_case one = shop_enter(&shop, &wish);
    const struct shop_supply supply = {
        .rx = one.rx, .on = "2026-11-23", .quantity = "90", .supervised = "90"};
    char id[SHOP_ID];
    (void)state;
    shop_supply(&shop, &supply, id);
    struct shop_text before = balance();
    struct api_answer answer = shop_get(&shop, &shop.pharmacist, shop_say("/supplies/%s", id).bytes);
    const cJSON *entry = cJSON_GetArrayItem(shop_member(answer.body, "register"), 0);
    int number = shop_member(entry, "number")->valueint;
    api_done(&answer);
    struct shop_text members = shop_say(
        "\"quantity\":\"60\",\"reason\":\"correction\",\"corrects\":%d,\"text\":\"90 was recorded, 30 "
        "was given\"",
        number);
    shop_refused(&shop, &shop.pharmacist, PRODUCT "/adjustments", shop_say("{%s}", members.bytes).bytes, 403,
                 "second_person_required");
    answer = enter(PRODUCT "/adjustments", members.bytes);
    assert_string_equal(api_text(shop.api, &answer, "witness"), "d.osei");
    assert_int_equal(shop_member(answer.body, "corrects")->valueint, number);
    assert_int_equal(atoi(api_text(shop.api, &answer, "balance")), atoi(before.bytes) + 60);
    api_done(&answer);
    assert_true(verifies());
}

/* ---- two people ---- */

/* A witness is never the same person, never assumed, and gives a PIN of their own. */
static void a_witness_is_another_person(void **state) {
    static const char overage[] =
        "\"quantity\":\"5\",\"reason\":\"overage\",\"text\":\"Bottle was full to the brim\"";
    struct shop_text before = balance();
    struct shop_text body = shop_say("{%s,%s}", overage, second("a.khan").bytes);
    (void)state;
    shop_refused(&shop, &shop.pharmacist, PRODUCT "/adjustments", shop_say("{%s}", overage).bytes, 403,
                 "second_person_required");
    shop_refused(&shop, &shop.pharmacist, PRODUCT "/adjustments", body.bytes, 403, "second_person_required");
    body = shop_say("{%s,\"second\":{\"staff\":\"d.osei\",\"pin\":\"0000\"}}", overage);
    shop_refused(&shop, &shop.pharmacist, PRODUCT "/adjustments", body.bytes, 403, "pin_wrong");
    shop_refused(&shop, &shop.pharmacist, PRODUCT "/checks", "{\"counted\":{\"full\":\"0\",\"open\":\"0\"}}",
                 403, "second_person_required");
    shop_refused(&shop, &shop.pharmacist, PRODUCT "/destructions",
                 "{\"quantity\":\"5\",\"authorised_by\":\"B. Officer, CDLO\"}", 403,
                 "second_person_required");
    assert_string_equal(balance().bytes, before.bytes);
    entered(PRODUCT "/adjustments", overage);
    assert_int_equal(atoi(balance().bytes), atoi(before.bytes) + 5);
}

static void signs_of_adjustments(void **state) {
    (void)state;
    struct shop_text body = with_second("\"quantity\":\"5\",\"reason\":\"spillage\",\"text\":\"x\"");
    shop_refused(&shop, &shop.pharmacist, PRODUCT "/adjustments", body.bytes, 422, "invalid");
    body = with_second("\"quantity\":\"-5\",\"reason\":\"overage\",\"text\":\"x\"");
    shop_refused(&shop, &shop.pharmacist, PRODUCT "/adjustments", body.bytes, 422, "invalid");
    body = with_second("\"quantity\":\"0\",\"reason\":\"count\",\"text\":\"x\"");
    shop_refused(&shop, &shop.pharmacist, PRODUCT "/adjustments", body.bytes, 422, "invalid");
    body = with_second("\"quantity\":\"1\",\"reason\":\"correction\",\"text\":\"x\"");
    shop_refused(&shop, &shop.pharmacist, PRODUCT "/adjustments", body.bytes, 422, "invalid");
    body = with_second("\"quantity\":\"1\",\"reason\":\"count\"");
    shop_refused(&shop, &shop.pharmacist, PRODUCT "/adjustments", body.bytes, 422, "invalid");
}

/* A spill: taken away, witnessed, and the balance follows. */
static void a_spill(void **state) {
    int before = atoi(balance().bytes);
    (void)state;
    entered(PRODUCT "/adjustments",
            "\"quantity\":\"-20\",\"reason\":\"spillage\",\"text\":\"Measure knocked over\"");
    assert_int_equal(atoi(balance().bytes), before - 20);
}

static void a_destruction_names_the_authorised_witness(void **state) {
    int before = atoi(balance().bytes);
    (void)state;
    struct shop_text body = with_second("\"quantity\":\"10\"");
    shop_refused(&shop, &shop.pharmacist, PRODUCT "/destructions", body.bytes, 422, "invalid");
    struct api_answer answer = enter(PRODUCT "/destructions",
                                     "\"quantity\":\"10\",\"authorised_by\":\"B. Officer, liaison officer\"");
    assert_string_equal(api_text(shop.api, &answer, "authorised_by"), "B. Officer, liaison officer");
    assert_string_equal(api_text(shop.api, &answer, "quantity"), "-10");
    api_done(&answer);
    assert_int_equal(atoi(balance().bytes), before - 10);
}

/* ---- stock checks ---- */

static void a_check_tells_the_difference_afterwards(void **state) {
    char id[SHOP_ID] = "";
    int before = atoi(balance().bytes);
    (void)state;
    struct shop_text body =
        with_second("\"counted\":{\"full\":\"500\",\"open\":\"40\"},\"recounted\":{\"full\":"
                    "\"500\",\"open\":\"41\"}");
    shop_refused(&shop, &shop.pharmacist, PRODUCT "/checks", body.bytes, 409, "counts_differ");
    struct shop_text members =
        shop_say("\"counted\":{\"full\":\"%d\",\"open\":\"7\"},\"recounted\":{\"full\":"
                 "\"%d\",\"open\":\"7\"}",
                 before, before);
    struct api_answer answer = enter(PRODUCT "/checks", members.bytes);
    assert_int_equal(atoi(api_text(shop.api, &answer, "expected")), before);
    assert_int_equal(atoi(api_text(shop.api, &answer, "found")), before + 7);
    assert_string_equal(api_text(shop.api, &answer, "difference"), "7");
    assert_string_equal(api_text(shop.api, &answer, "witness"), "d.osei");
    api_done(&answer);
    assert_int_equal(atoi(balance().bytes), before); /* a count changes nothing */
    assert_int_equal(discrepancies(id), 1);
    members =
        shop_say("\"quantity\":\"7\",\"reason\":\"overage\",\"explains\":\"%s\",\"text\":\"Overage of the "
                 "bottle\"",
                 id);
    entered(PRODUCT "/adjustments", members.bytes);
    assert_int_equal(discrepancies(NULL), 0);
    members = shop_say("\"counted\":{\"full\":\"%d\",\"open\":\"7\"}", before);
    answer = enter(PRODUCT "/checks", members.bytes);
    assert_string_equal(api_text(shop.api, &answer, "difference"), "0");
    api_done(&answer);
    assert_string_equal(section("methadone-1mg-ml-sf", "check_due").bytes, "2026-11-30");
}

/* ---- C6 ---- */

static void a_voluntary_section_stands_apart(void **state) {
    const struct shop_wish wish = {.name = "Dunstan Ferrier",
                                   .product = "buprenorphine-8mg-sl",
                                   .doses = "[{\"from\":\"2026-11-23\",\"days\":14,\"dose\":\"1\"}]",
                                   .total = "14"};
    struct shop_case one = shop_enter(&shop, &wish);
    struct shop_supply supply = {.rx = one.rx,
                                 .on = "2026-11-23",
                                 .product = "buprenorphine-8mg-sl",
                                 .quantity = "1",
                                 .supervised = "1"};
    (void)state;
    shop_supply(&shop, &supply, NULL);
    struct api_answer answer = shop_get(&shop, &shop.inspector, "/register");
    assert_false(shop_has(shop_member(answer.body, "items"), "product", "buprenorphine-8mg-sl"));
    assert_true(shop_has(shop_member(answer.body, "items"), "heading", "STATUTORY"));
    assert_false(shop_has(shop_member(answer.body, "items"), "heading", "VOLUNTARY"));
    api_done(&answer);
    /* Once it is begun, every supply is entered. */
    shop_make(&shop, &shop.pharmacist, "/register/buprenorphine-8mg-sl/receipts",
              "{\"quantity\":\"28\",\"from\":\"Testham Wholesale\"}", NULL);
    const struct shop_wish other = {.name = "Elspeth Ferrier",
                                    .product = "buprenorphine-8mg-sl",
                                    .doses = "[{\"from\":\"2026-11-23\",\"days\":14,\"dose\":\"2\"}]",
                                    .total = "28"};
    one = shop_enter(&shop, &other);
    supply.rx = one.rx;
    supply.quantity = supply.supervised = "2";
    shop_supply(&shop, &supply, NULL);
    assert_string_equal(section("buprenorphine-8mg-sl", "balance").bytes, "26");
    assert_string_equal(section("buprenorphine-8mg-sl", "heading").bytes, "VOLUNTARY");
    answer = shop_get(&shop, &shop.inspector, "/register/buprenorphine-8mg-sl/export");
    assert_non_null(strstr(answer.text, "\"VOLUNTARY\",\"buprenorphine-8mg-sl\""));
    assert_null(strstr(answer.text, "STATUTORY"));
    api_done(&answer);
    assert_true(verifies());
}

/* ---- the chain and the export ---- */

static void pieces_verify_like_the_whole(void **state) {
    int64_t after = 0;
    int entries = 0;
    (void)state;
    for (bool more = true; more;) {
        struct api_answer answer = shop_get(
            &shop, &shop.inspector,
            shop_say("/register/verify?product=methadone-1mg-ml-sf&after=%ld&limit=3", (long)after).bytes);
        const cJSON *one = cJSON_GetArrayItem(shop_member(answer.body, "sections"), 0);
        assert_true(cJSON_IsTrue(shop_member(answer.body, "verified")));
        entries += shop_member(one, "entries")->valueint;
        more = shop_member(one, "next") != NULL && cJSON_IsNumber(shop_member(one, "next"));
        after = more ? shop_member(one, "next")->valueint : after;
        api_done(&answer);
    }
    struct api_answer answer = shop_get(&shop, &shop.inspector, PRODUCT);
    assert_int_equal(entries, shop_member(answer.body, "entries")->valueint);
    const char *hash = shop_string(shop_member(answer.body, "head"), "hash");
    struct shop_text path =
        shop_say("/register/verify?product=methadone-1mg-ml-sf&number=%d&hash=%s", entries, hash);
    struct api_answer printed = shop_get(&shop, &shop.inspector, path.bytes);
    assert_true(cJSON_IsTrue(shop_member(printed.body, "verified")));
    api_done(&printed);
    path = shop_say("/register/verify?product=methadone-1mg-ml-sf&number=%d&hash=%s", entries + 1, hash);
    printed = shop_get(&shop, &shop.inspector, path.bytes);
    assert_false(cJSON_IsTrue(shop_member(printed.body, "verified")));
    api_done(&printed);
    path = shop_say("/register/verify?product=methadone-1mg-ml-sf&number=%d&hash=%s", entries - 1, hash);
    printed = shop_get(&shop, &shop.inspector, path.bytes);
    assert_false(cJSON_IsTrue(shop_member(printed.body, "verified")));
    api_done(&printed);
    api_done(&answer);
}

static void write_file(const char *path, const char *text) {
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fputs(text, file);
    assert_int_equal(fclose(file), 0);
}

/* The verifier that shares no code with the daemon. */
static int verifier(const char *path, const char *more) {
    return system(
        shop_say("python3 tests/support/verify-register.py -q %s '%s' >/dev/null 2>&1", more, path).bytes);
}

static void replace(char *text, const char *from, const char *to) {
    char *at = strstr(text, from);
    assert_non_null(at);
    assert_int_equal(strlen(from), strlen(to));
    memcpy(at, to, strlen(to));
}

/* An export that was edited, reordered or cut does not verify, and neither does one that lacks what was printed. */
static void a_tampered_export_is_found(void **state) {
    struct api_answer answer = shop_get(&shop, &shop.inspector, PRODUCT "/export?format=jsonl");
    struct api_answer first = shop_get(&shop, &shop.inspector, PRODUCT "/export?format=jsonl&limit=3");
    struct api_answer whole = shop_get(&shop, &shop.inspector, PRODUCT);
    struct shop_text path = shop_say("%s/export.jsonl", shop.api->data);
    struct shop_text head = shop_say("--head %d:%s", shop_member(whole.body, "entries")->valueint,
                                     shop_string(shop_member(whole.body, "head"), "hash"));
    (void)state;
    write_file(path.bytes, answer.text);
    assert_int_equal(verifier(path.bytes, ""), 0);
    assert_int_equal(verifier(path.bytes, head.bytes), 0);
    char *copy = strdup(answer.text);
    replace(copy, "\"quantity_thousandths\":-60000", "\"quantity_thousandths\":-30000");
    write_file(path.bytes, copy);
    assert_int_not_equal(verifier(path.bytes, ""), 0);
    /* Two lines change places. */
    (void)snprintf(copy, strlen(answer.text) + 1, "%s", answer.text);
    char *second_line = strchr(copy, '\n') + 1;
    char *third = strchr(second_line, '\n') + 1;
    size_t len = (size_t)(third - second_line);
    char *line = strndup(second_line, len);
    size_t third_len = (size_t)(strchr(third, '\n') + 1 - third);
    memmove(second_line, third, third_len);
    memcpy(second_line + third_len, line, len);
    write_file(path.bytes, copy);
    assert_int_not_equal(verifier(path.bytes, ""), 0);
    /* Cut before the last line, and in the middle of one. */
    (void)snprintf(copy, strlen(answer.text) + 1, "%s", answer.text);
    copy[strlen(copy) - 1] = '\0';
    strrchr(copy, '\n')[1] = '\0';
    write_file(path.bytes, copy);
    assert_int_not_equal(verifier(path.bytes, ""), 0);
    copy[strlen(copy) / 2] = '\0';
    write_file(path.bytes, copy);
    assert_int_not_equal(verifier(path.bytes, ""), 0);
    /* A shorter register that holds together: only what was printed shows it. */
    write_file(path.bytes, first.text);
    assert_int_not_equal(verifier(path.bytes, head.bytes), 0);
    free(line);
    free(copy);
    api_done(&whole);
    api_done(&first);
    api_done(&answer);
}

/* docs/register.md, "With sha256sum": the page's own commands. */
static void sha256sum_agrees(void **state) {
    struct api_answer answer = shop_get(&shop, &shop.inspector, PRODUCT "/export?format=txt");
    struct shop_text path = shop_say("%s/export.txt", shop.api->data);
    struct shop_text command =
        shop_say("sh tests/support/check-register.sh '%s' >/dev/null 2>&1", path.bytes);
    (void)state;
    write_file(path.bytes, answer.text);
    assert_int_equal(system(command.bytes), 0);
    replace(answer.text, "quantity_thousandths=-60000", "quantity_thousandths=-30000");
    write_file(path.bytes, answer.text);
    assert_int_not_equal(system(command.bytes), 0);
    api_done(&answer);
}

static void texts_are_no_formulas(void **state) {
    (void)state;
    shop_make(&shop, &shop.pharmacist, PRODUCT "/notes", "{\"text\":\"=HYPERLINK(\\\"x\\\")\"}", NULL);
    struct api_answer answer = shop_get(&shop, &shop.inspector, PRODUCT "/export");
    char name[128];
    assert_non_null(strstr(answer.text, ",\"'=HYPERLINK(\"\"x\"\")\","));
    assert_true(api_header(&answer, "Content-Disposition", name, sizeof name));
    assert_string_equal(name, "attachment; filename=\"register-methadone-1mg-ml-sf.csv\"");
    api_done(&answer);
    shop_refused(&shop, &shop.inspector, PRODUCT "/notes", "{\"text\":\"x\"}", 403, "role");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_balance_below_zero_opens_a_discrepancy),
        cmocka_unit_test(a_receipt_says_from_whom),
        cmocka_unit_test(ninety_recorded_for_thirty),
        cmocka_unit_test(a_witness_is_another_person),
        cmocka_unit_test(signs_of_adjustments),
        cmocka_unit_test(a_spill),
        cmocka_unit_test(a_destruction_names_the_authorised_witness),
        cmocka_unit_test(a_check_tells_the_difference_afterwards),
        cmocka_unit_test(a_voluntary_section_stands_apart),
        cmocka_unit_test(pieces_verify_like_the_whole),
        cmocka_unit_test(a_tampered_export_is_found),
        cmocka_unit_test(sha256sum_agrees),
        cmocka_unit_test(texts_are_no_formulas),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
