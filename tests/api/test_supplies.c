/*
 * The main job through the real daemon: a prescription entered and keyed again, the day's list, the decision, the supply
 * and everything that is refused on the way. The clock goes forward from one test to the next, Monday 23 November on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "../support/shop.h"

#define MONDAY "2026-11-23"
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

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

static struct shop_text check_path(const struct shop_case *one) {
    return shop_say("/prescriptions/%s/check", one->rx);
}

/* Refused with 409, this code, and this reason among all reasons. */
static void refused_because(const struct shop_supply *supply, const char *code, const char *reason) {
    struct api_answer answer =
        shop_post(&shop, &shop.pharmacist, "/supplies", shop_supply_body(&shop, supply).bytes);
    api_expect_problem(shop.api, &answer, 409, code);
    if (!shop_has(shop_member(answer.body, "reasons"), "code", reason)) {
        api_fail(shop.api, "%s is not among the reasons: %s", reason, answer.text);
    }
    api_done(&answer);
}

/* 422 that names the field. */
static void wrong_field(const char *path, const char *body, const char *code, const char *field) {
    struct api_answer answer = shop_post(&shop, &shop.pharmacist, path, body);
    api_expect_problem(shop.api, &answer, 422, code);
    if (!shop_names_field(&answer, field)) {
        api_fail(shop.api, "%s is not named: %s", field, answer.text);
    }
    api_done(&answer);
}

/* How many lines of the audit about a patient are of this action. */
static int audited(const char *patient, const char *action) {
    int count = 0;
    struct api_answer answer =
        shop_get(&shop, &shop.manager, shop_say("/audit?limit=500&patient=%s", patient).bytes);
    const cJSON *one = NULL;
    cJSON_ArrayForEach(one, shop_member(answer.body, "items")) {
        count += strcmp(shop_string(one, "action"), action) == 0 ? 1 : 0;
    }
    api_done(&answer);
    return count;
}

static void status_is(const struct shop_case *one, const char *date, const char *status) {
    assert_string_equal(shop_status(&shop, one->rx, date).bytes, status);
}

static void nothing_recorded(const struct shop_case *one, const char *date) {
    status_is(one, date, "due");
    assert_int_equal(audited(one->patient, "supply"), 0);
}

/* ---- entered, keyed again ---- */

static void keyed_by_another_person(void **state) {
    (void)state;
    struct shop_case one =
        shop_enter(&shop, &(struct shop_wish){.name = "Zephyrine Copperbeech", .once = true});
    assert_true(shop_decides(&shop, one.rx, MONDAY, "not_double_checked"));
    static const char keyed[] =
        "{\"staff\":\"%s\",\"pin\":\"%s\",\"items\":[{\"product\":\"methadone-1mg-ml-sf\",\"doses\":[{"
        "\"from\":"
        "\"2026-11-23\",\"days\":7,\"dose\":\"60\"},{\"from\":\"2026-11-30\",\"days\":7,\"dose\":\"60\"}]}],"
        "\"collect\":{\"weekdays\":[\"sat\",\"mon\",\"tue\",\"wed\",\"thu\",\"fri\"]},"
        "\"wording\":[\"W3\",\"W1\",\"W2\"]}";
    struct shop_text same = shop_say(keyed, "p.nowak", api_pin(shop.api, "p.nowak"));
    shop_refused(&shop, &shop.technician, check_path(&one).bytes, same.bytes, 403, "second_person_required");
    assert_true(shop_decides(&shop, one.rx, MONDAY, "not_double_checked"));
    same = shop_say(keyed, "a.khan", "000000");
    shop_refused(&shop, &shop.pharmacist, check_path(&one).bytes, same.bytes, 403, "pin_wrong");
    same = shop_say(keyed, "a.khan", api_pin(shop.api, "a.khan")); /* other words, the same meaning */
    shop_make(&shop, &shop.pharmacist, check_path(&one).bytes, same.bytes, NULL);
    assert_false(shop_decides(&shop, one.rx, MONDAY, "not_double_checked"));
    shop_refused(&shop, &shop.pharmacist, check_path(&one).bytes, same.bytes, 409, "already_checked");
}

static void keyed_otherwise(void **state) {
    (void)state;
    static const struct {
        const char *from, *days, *dose, *product, *collect, *wording, *field;
    } wrong[] = {
        {"23", "14", "65", "methadone-1mg-ml-sf", "{\"every_days\":1}", "[\"W1\"]", "items.doses.dose"},
        {"23", "13", "60", "methadone-1mg-ml-sf", "{\"every_days\":1}", "[\"W1\"]", "items.doses.days"},
        {"24", "14", "60", "methadone-1mg-ml-sf", "{\"every_days\":1}", "[\"W1\"]", "items.doses.days"},
        {"23", "14", "60", "methadone-1mg-ml", "{\"every_days\":1}", "[\"W1\"]", "items.product"},
        {"23", "14", "60", "methadone-1mg-ml-sf", "{\"every_days\":2}", "[\"W1\"]", "collect"},
        {"23", "14", "60", "methadone-1mg-ml-sf", "{\"every_days\":1}", "[]", "wording"},
        {"23", "14", "60", "methadone-1mg-ml-sf", "{\"every_days\":1}", "[\"W1\",\"W2\"]", "wording"},
    };
    struct shop_case one = shop_enter(&shop, &(struct shop_wish){.name = "Ottoline Merganser",
                                                                 .collect = "{\"every_days\":1}",
                                                                 .wording = "[\"W1\"]",
                                                                 .once = true});
    for (size_t i = 0; i < COUNT(wrong); i++) {
        struct shop_text body = shop_say(
            "{\"staff\":\"a.khan\",\"pin\":\"%s\",\"items\":[{\"product\":\"%s\",\"doses\":[{\"from\":"
            "\"2026-11-%s\",\"days\":%s,\"dose\":\"%s\"}]}],\"collect\":%s,\"wording\":%s}",
            api_pin(shop.api, "a.khan"), wrong[i].product, wrong[i].from, wrong[i].days, wrong[i].dose,
            wrong[i].collect, wrong[i].wording);
        wrong_field(check_path(&one).bytes, body.bytes, "second_keying_differs", wrong[i].field);
        assert_true(shop_decides(&shop, one.rx, MONDAY, "not_double_checked"));
    }
}

/* ---- what the form lacks ---- */

static void dry_run_finds(void **state) {
    (void)state;
    char patient[SHOP_ID];
    shop_make(&shop, &shop.counter, "/patients",
              "{\"name\":\"Perpetua Lapwing\",\"born_on\":\"1966-01-09\",\"identifier\":{\"system\":\"nhs\","
              "\"value\":\"9990001006\"}}",
              patient);
    struct shop_text body = shop_prescription(
        &shop, &(struct shop_wish){.total = "900", .collect = "{\"every_days\":1}"}, patient);
    struct api_answer answer =
        api_post(shop.api, &shop.technician, "/prescriptions?dry_run=true", body.bytes, NULL);
    api_expect(shop.api, &answer, 200);
    assert_true(cJSON_IsTrue(shop_member(answer.body, "blocked")));
    const cJSON *instalments = shop_member(answer.body, "instalments");
    assert_int_equal(cJSON_GetArraySize(instalments), 14);
    const cJSON *sunday = cJSON_GetArrayItem(instalments, 6);
    assert_string_equal(shop_string(sunday, "collect"), "2026-11-29");
    assert_string_equal(shop_string(sunday, "due"), "2026-11-28");
    assert_true(cJSON_IsTrue(shop_member(sunday, "moved")));
    assert_string_equal(shop_string(sunday, "closed"), "weekly");
    const cJSON *item = cJSON_GetArrayItem(shop_member(sunday, "items"), 0);
    assert_string_equal(shop_string(item, "take_home"), "60");
    assert_true(shop_has(shop_member(answer.body, "findings"), "code", "total_mismatch"));
    assert_true(shop_has(shop_member(answer.body, "findings"), "code", "collection_on_closed_day"));
    api_done(&answer);
    answer = shop_get(&shop, &shop.counter, "/day");
    assert_null(strstr(answer.text, patient)); /* nothing was stored */
    api_done(&answer);
    /* a technician cannot keep a wrong total; a pharmacist can, and no more than the smaller figure counts */
    body = shop_prescription(
        &shop, &(struct shop_wish){.total = "900", .more = ",\"accept\":[\"total_mismatch\"]"}, patient);
    shop_refused(&shop, &shop.technician, "/prescriptions", body.bytes, 422, "findings");
    shop_make(&shop, &shop.pharmacist, "/prescriptions", body.bytes, NULL);
}

static void findings_name_their_field(void **state) {
    (void)state;
    static const struct {
        struct shop_wish wish;
        const char *code, *field;
    } bad[] = {
        {{.start_on = "2026-11-19"}, "before_appropriate_date", "items[0].doses[0].from"},
        {{.doses = "[{\"from\":\"2026-11-23\",\"days\":15,\"dose\":\"60\"}]", .total = "900"},
         "too_long",
         "items"},
        {{.form = "FP10", .wording = "[]"}, "instalments_not_allowed", "collect"},
        {{.form = "FP10", .collect = "{\"dates\":[\"2026-11-23\"]}"}, "wording_not_allowed", "wording"},
        {{.total = "839.5"}, "total_mismatch", "items[0].total"},
        {{.supervised = "\"none\"", .wording = "[\"W4\"]"}, "collection_not_supervised", "supervised"},
        {{.product = "methadone-2mg-5ml-linctus"}, "not_for_dependence", "items[0].product"},
    };
    char patient[SHOP_ID];
    shop_make(&shop, &shop.counter, "/patients",
              "{\"name\":\"Barnaby Tiercel\",\"born_on\":\"1971-10-30\",\"address\":\"3 Quern Lane\"}",
              patient);
    for (size_t i = 0; i < COUNT(bad); i++) {
        struct shop_text body = shop_prescription(&shop, &bad[i].wish, patient);
        struct api_answer answer = shop_post(&shop, &shop.pharmacist, "/prescriptions", body.bytes);
        const cJSON *findings = shop_member(answer.body, "findings");
        bool named = false;
        const cJSON *one = NULL;
        cJSON_ArrayForEach(one, findings) {
            named = named || (strcmp(shop_string(one, "code"), bad[i].code) == 0 &&
                              strcmp(shop_string(one, "field"), bad[i].field) == 0);
        }
        if (answer.status != 422 || !named || !shop_names_field(&answer, bad[i].field)) {
            api_fail(shop.api, "%s at %s: %d %s", bad[i].code, bad[i].field, answer.status, answer.text);
        }
        api_done(&answer);
    }
}

static void overlap_is_refused(void **state) {
    (void)state;
    struct shop_case one = shop_enter(&shop, &(struct shop_wish){.name = "Leopold Whimbrel"});
    struct shop_text body = shop_prescription(&shop, &(struct shop_wish){.name = ""}, one.patient);
    wrong_field("/prescriptions", body.bytes, "findings", "replaces");
    struct shop_text more =
        shop_say(",\"replaces\":{\"prescription\":\"%s\",\"from\":\"2026-11-25\"}", one.rx);
    struct shop_case two = shop_enter(
        &shop, &(struct shop_wish){.patient = one.patient,
                                   .start_on = "2026-11-25",
                                   .doses = "[{\"from\":\"2026-11-25\",\"days\":10,\"dose\":\"55\"}]",
                                   .total = "550",
                                   .more = more.bytes});
    assert_false(shop_decides(&shop, one.rx, "2026-11-24", "not_active"));
    assert_true(shop_decides(&shop, one.rx, "2026-11-25", "not_active"));
    assert_true(shop_decides(&shop, two.rx, "2026-11-24", "before_start"));
}

/* ---- the supply ---- */

/* What a supply's 201 carries. */
static void supply_is_whole(const struct api_answer *answer, const struct shop_case *one) {
    const cJSON *entry = cJSON_GetArrayItem(shop_member(answer->body, "register"), 0);
    const cJSON *label = cJSON_GetArrayItem(shop_member(answer->body, "labels"), 0);
    const cJSON *decision = shop_member(answer->body, "decision");
    const cJSON *confirmed = shop_member(answer->body, "confirmed");
    const char *id = shop_string(answer->body, "id");
    assert_string_equal(shop_string(answer->body, "prescription"), one->rx);
    assert_string_equal(shop_string(answer->body, "on"), MONDAY);
    assert_string_equal(shop_string(answer->body, "at"), "2026-11-23T09:00:00+00:00");
    assert_string_equal(shop_string(answer->body, "supervised_by"), "a.khan");
    assert_string_equal(shop_string(answer->body, "confirmed_by"), "a.khan");
    assert_true(cJSON_IsFalse(shop_member(answer->body, "reversed")));
    assert_string_equal(shop_string(decision, "verdict"), "check");
    assert_true(shop_has(shop_member(decision, "reasons"), "code", "first_dose"));
    assert_int_equal(cJSON_GetArraySize(confirmed), cJSON_GetArraySize(shop_member(decision, "reasons")));
    assert_string_equal(shop_string(entry, "section"), "methadone-1mg-ml-sf");
    assert_string_equal(shop_string(entry, "quantity"), "-60");
    assert_string_equal(shop_string(entry, "person_address"), "1 Tallow Row");
    assert_string_equal(shop_string(entry, "authority"), "Dr Ida Vale");
    assert_string_equal(shop_string(entry, "supply"), id);
    assert_true(cJSON_IsTrue(shop_member(entry, "identity_requested")));
    assert_int_equal(strlen(shop_string(entry, "hash")), 64);
    assert_int_equal(cJSON_GetArraySize(shop_member(answer->body, "labels")), 1);
    assert_string_equal(shop_string(label, "supply"), id);
    assert_string_equal(shop_string(label, "quantity"), "60");
    assert_true(cJSON_IsArray(shop_member(answer->body, "alerts")));
}

/* What has become of the labels is told as it is now: they may have been printed since. */
static void same_but_labels(cJSON *first, cJSON *now) {
    const cJSON *label = cJSON_GetArrayItem(shop_member(first, "labels"), 0);
    assert_int_equal(cJSON_GetArraySize(shop_member(first, "labels")), 1);
    assert_int_equal(cJSON_GetArraySize(shop_member(now, "labels")), 1);
    assert_true(shop_has(shop_member(now, "labels"), "code", shop_string(label, "code")));
    cJSON *before = cJSON_Duplicate(first, true);
    cJSON_DeleteItemFromObject(before, "labels");
    cJSON_DeleteItemFromObject(now, "labels");
    assert_true(cJSON_Compare(before, now, true));
    cJSON_Delete(before);
}

static void supplied_once(void **state) {
    (void)state;
    struct shop_case one = shop_enter(&shop, &(struct shop_wish){.name = "Clementine Dunnock"});
    status_is(&one, MONDAY, "due");
    struct api_answer decision = shop_decision(&shop, one.rx, MONDAY);
    const char *key = api_text(shop.api, &decision, "supply_key");
    struct api_answer other =
        shop_get(&shop, &shop.counter, shop_say("/prescriptions/%s/decision", one.rx).bytes);
    assert_string_equal(api_text(shop.api, &other, "supply_key"), key); /* the same for everyone */
    api_done(&other);
    struct shop_supply supply = {.rx = one.rx, .on = MONDAY};
    struct shop_text body = shop_supply_body(&shop, &supply);
    struct api_answer first = api_post(shop.api, &shop.pharmacist, "/supplies", body.bytes, key);
    api_expect(shop.api, &first, 201);
    supply_is_whole(&first, &one);
    status_is(&one, MONDAY, "supplied");
    refused_because(&supply, "refused", "already_supplied");

    char replayed[8] = "";
    struct api_answer again = api_post(shop.api, &shop.pharmacist, "/supplies", body.bytes, key);
    api_expect(shop.api, &again, 201);
    assert_true(api_header(&again, "Idempotent-Replay", replayed, sizeof replayed));
    assert_string_equal(replayed, "true");
    assert_string_equal(again.text, first.text);
    assert_false(api_header(&first, "Idempotent-Replay", replayed, sizeof replayed));
    api_done(&again);
    body = shop_supply_body(&shop, &(struct shop_supply){.rx = one.rx, .on = "2026-11-24"});
    again = api_post(shop.api, &shop.pharmacist, "/supplies", body.bytes, key);
    api_expect_problem(shop.api, &again, 422, "idempotency_key_reused");
    assert_string_equal(api_text(shop.api, &again, "first.id"), api_text(shop.api, &first, "id"));
    assert_string_equal(api_text(shop.api, &again, "first.staff"), "a.khan");
    api_done(&again);

    assert_int_equal(audited(one.patient, "supply"), 1);
    again = shop_get(&shop, &shop.counter, shop_say("/supplies/%s", api_text(shop.api, &first, "id")).bytes);
    same_but_labels(first.body, again.body);
    api_done(&again);
    other = shop_decision(&shop, one.rx, MONDAY);
    assert_string_not_equal(api_text(shop.api, &other, "supply_key"), key);
    api_done(&other);
    api_done(&decision);
    api_done(&first);
}

static void stale_screen(void **state) {
    (void)state;
    struct shop_case one = shop_enter(&shop, &(struct shop_wish){.name = "Hortensia Bittern"});
    static const struct {
        const char *quantity, *supervised, *take_home, *product;
    } stale[] = {{"55", "55", "0", NULL}, {"60", "0", "60", NULL}, {"60", "60", "0", "methadone-1mg-ml"}};
    for (size_t i = 0; i < COUNT(stale); i++) {
        struct shop_text body =
            shop_supply_body(&shop, &(struct shop_supply){.rx = one.rx,
                                                          .on = MONDAY,
                                                          .quantity = stale[i].quantity,
                                                          .supervised = stale[i].supervised,
                                                          .take_home = stale[i].take_home,
                                                          .product = stale[i].product});
        struct api_answer answer = shop_post(&shop, &shop.pharmacist, "/supplies", body.bytes);
        api_expect_problem(shop.api, &answer, 409, "decision_changed");
        const cJSON *decision = shop_member(answer.body, "decision"); /* the new one comes with it */
        const cJSON *item = cJSON_GetArrayItem(shop_member(decision, "items"), 0);
        assert_string_equal(shop_string(item, "quantity"), "60");
        assert_string_equal(shop_string(item, "supervised"), "60");
        api_done(&answer);
    }
    nothing_recorded(&one, MONDAY);
}

static void checks_are_confirmed(void **state) {
    (void)state;
    struct shop_case one = shop_enter(&shop, &(struct shop_wish){.name = "Ignatius Corncrake"});
    struct shop_supply supply = {.rx = one.rx, .on = MONDAY, .confirm = "[\"dose_warning\"]"};
    refused_because(&supply, "checks_not_confirmed", "first_dose");
    supply.confirm = "[]";
    refused_because(&supply, "checks_not_confirmed", "first_dose");
    supply.confirm = NULL;
    supply.confirmed_by = "p.nowak";
    struct shop_text body = shop_supply_body(&shop, &supply);
    shop_refused(&shop, &shop.technician, "/supplies", body.bytes, 403, "pharmacist_required");
    shop_refused(&shop, &shop.pharmacist, "/supplies", body.bytes, 403, "pharmacist_required");
    nothing_recorded(&one, MONDAY);
    assert_true(audited(one.patient, "refused") >= 2);
    supply.confirmed_by = NULL; /* the technician's session, the pharmacist's name and PIN */
    body = shop_supply_body(&shop, &supply);
    shop_make(&shop, &shop.technician, "/supplies", body.bytes, NULL);
}

static void pins_and_witnesses(void **state) {
    (void)state;
    struct shop_case one = shop_enter(&shop, &(struct shop_wish){.name = "Marguerite Hobby"});
    struct shop_supply supply = {.rx = one.rx, .on = MONDAY, .pin = "000000"};
    shop_refused(&shop, &shop.pharmacist, "/supplies", shop_supply_body(&shop, &supply).bytes, 403,
                 "pin_wrong");
    supply.pin = api_pin(shop.api, "d.osei"); /* somebody else's */
    shop_refused(&shop, &shop.pharmacist, "/supplies", shop_supply_body(&shop, &supply).bytes, 403,
                 "pin_wrong");
    supply.pin = NULL;
    supply.supervised_by = "";
    wrong_field("/supplies", shop_supply_body(&shop, &supply).bytes, "invalid", "supervised_by");
    supply.supervised_by = "n.obody";
    wrong_field("/supplies", shop_supply_body(&shop, &supply).bytes, "invalid", "supervised_by");
    supply.supervised_by = NULL;
    supply.more = ",\"colour\":1";
    wrong_field("/supplies", shop_supply_body(&shop, &supply).bytes, "invalid", "colour");
    supply.more = NULL;
    struct shop_text body = shop_supply_body(&shop, &supply);
    shop_refused(&shop, &shop.counter, "/supplies", body.bytes, 403, "role");
    shop_refused(&shop, &shop.inspector, "/supplies", body.bytes, 403, "role");
    struct api_answer answer = api_post(shop.api, &shop.pharmacist, "/supplies", body.bytes, NULL);
    api_expect_problem(shop.api, &answer, 400, "idempotency_key_missing");
    api_done(&answer);
    nothing_recorded(&one, MONDAY);
}

static void fields_of_a_supply(void **state) {
    (void)state;
    static const struct {
        const char *body, *field;
    } bad[] = {
        {"\"on\":\"2026-11-23\",\"expect\":{\"items\":[]}", "prescription"},
        {"\"prescription\":\"rx-1\",\"expect\":{\"items\":[]}", "on"},
        {"\"prescription\":\"rx-1\",\"on\":\"2026-02-30\",\"expect\":{\"items\":[]}", "on"},
        {"\"prescription\":\"rx-1\",\"on\":\"2026-11-23\"", "expect.items"},
        {"\"prescription\":\"rx-1\",\"on\":\"2026-11-23\",\"expect\":{\"items\":[{}]}", "product"},
        {"\"prescription\":\"rx-1\",\"on\":\"2026-11-23\",\"expect\":{\"items\":[]},\"collector\":{\"role\":"
         "\"friend\"}",
         "role"},
        {"\"prescription\":\"rx-1\",\"on\":\"2026-11-23\",\"expect\":{\"items\":[]},\"collector\":{\"role\":"
         "\"representative\"}",
         "name"},
        {"\"prescription\":\"rx-1\",\"on\":\"2026-11-23\",\"expect\":{\"items\":[]},\"confirm\":\"first_"
         "dose\"",
         "confirm"},
        {"\"prescription\":\"rx-1\",\"on\":\"2026-11-23\",\"expect\":{\"items\":[]},\"part\":{\"items\":[]}",
         "reason"},
    };
    const char *pin = api_pin(shop.api, "a.khan");
    for (size_t i = 0; i < COUNT(bad); i++) {
        wrong_field("/supplies", shop_say("{\"pin\":\"%s\",%s}", pin, bad[i].body).bytes, "invalid",
                    bad[i].field);
    }
    wrong_field("/supplies", "{\"prescription\":\"rx-1\",\"on\":\"2026-11-23\",\"expect\":{\"items\":[]}}",
                "invalid", "pin");
    struct shop_text body = shop_supply_body(&shop, &(struct shop_supply){.rx = "rx-1", .on = MONDAY});
    shop_refused(&shop, &shop.pharmacist, "/supplies", body.bytes, 404, "not_found");
}

static void somebody_else_collects(void **state) {
    (void)state;
    struct shop_case one = shop_enter(&shop, &(struct shop_wish){.name = "Thaddeus Garganey"});
    struct shop_supply supply = {.rx = one.rx,
                                 .on = MONDAY,
                                 .collector = "{\"role\":\"representative\",\"name\":\"Wilfred Garganey\"}"};
    refused_because(&supply, "refused", "representative_supervised");
    nothing_recorded(&one, MONDAY);
    shop_make(&shop, &shop.pharmacist, shop_say("/prescriptions/%s/consultations", one.rx).bytes,
              "{\"with\":\"Dr Ida Vale\",\"role\":\"prescriber\",\"channel\":\"telephone\","
              "\"outcome\":\"allow_representative\",\"for_day\":\"2026-11-23\"}",
              NULL);
    struct api_answer answer =
        shop_get(&shop, &shop.pharmacist,
                 shop_say("/prescriptions/%s/decision?collector=representative", one.rx).bytes);
    assert_false(shop_has(shop_member(answer.body, "reasons"), "code", "representative_supervised"));
    assert_true(shop_has(shop_member(answer.body, "reasons"), "code", "representative"));
    api_done(&answer);
    static const char *const wrong[] = {"collector=neighbour", "advance=maybe", "on=2026-02-30"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        answer = api_get(shop.api, &shop.pharmacist,
                         shop_say("/prescriptions/%s/decision?%s", one.rx, wrong[i]).bytes);
        assert_int_equal(answer.status, 422);
        api_done(&answer);
    }
}

static void only_today(void **state) {
    (void)state;
    struct shop_case one = shop_enter(&shop, &(struct shop_wish){.name = "Rosalind Turnstone"});
    refused_because(&(struct shop_supply){.rx = one.rx, .on = "2026-11-24"}, "refused", "not_today");
    struct shop_case later =
        shop_enter(&shop, &(struct shop_wish){.name = "Ambrose Turnstone", .start_on = "2026-11-24"});
    refused_because(&(struct shop_supply){.rx = later.rx, .on = MONDAY}, "refused", "before_start");
    struct shop_case gap = shop_enter(
        &shop, &(struct shop_wish){.name = "Cordelia Turnstone", .collect = "{\"dates\":[\"2026-11-25\"]}"});
    assert_false(shop_decides(&shop, gap.rx, MONDAY, "not_due")); /* the first day is always one */
    assert_true(shop_decides(&shop, gap.rx, "2026-11-27", "three_day_rule"));
    status_is(&later, MONDAY, "");
    status_is(&later, "2026-11-24", "due");
}

/* "supplies only with a pharmacist's registration", checks or not. */
static void manager_without_registration(void **state) {
    (void)state;
    struct shop_case one = shop_enter(&shop, &(struct shop_wish){.name = "Eudora Firecrest"});
    struct shop_supply supply = {.rx = one.rx, .on = MONDAY, .confirmed_by = "m.hughes"};
    struct shop_text body = shop_supply_body(&shop, &supply);
    shop_refused(&shop, &shop.manager, "/supplies", body.bytes, 403, "pharmacist_required");
    body = shop_supply_body(&shop, &(struct shop_supply){.rx = one.rx,
                                                         .on = MONDAY,
                                                         .confirmed_by = "m.hughes",
                                                         .more = ",\"reason\":\"x\",\"told\":\"y\""});
    shop_refused(&shop, &shop.manager, "/irregular-supplies", body.bytes, 403, "pharmacist_required");
    nothing_recorded(&one, MONDAY);
    char id[SHOP_ID];
    shop_supply(&shop, &(struct shop_supply){.rx = one.rx, .on = MONDAY}, id);
    shop_refused(&shop, &shop.manager, shop_say("/supplies/%s/reverse", id).bytes, "{\"reason\":\"x\"}", 403,
                 "pharmacist_required");
    status_is(&one, MONDAY, "supplied");
}

static void bag_shows(void **state) {
    (void)state;
    struct shop_case one = shop_enter(&shop, &(struct shop_wish){.name = "Percival Smew"});
    struct shop_text path = shop_say("/instalments/%s.%s/", one.rx, MONDAY);
    shop_make(&shop, &shop.technician, shop_say("%sprepare", path.bytes).bytes,
              "{\"containers\":1,\"batch\":\"Q7\",\"expiry\":\"2027-05-31\"}", NULL);
    status_is(&one, MONDAY, "prepared");
    shop_make(&shop, &shop.technician, shop_say("%sunprepare", path.bytes).bytes, "{}", NULL);
    status_is(&one, MONDAY, "due");
    shop_make(&shop, &shop.technician, shop_say("%sprepare", path.bytes).bytes, "{}", NULL);
    shop_supply(&shop, &(struct shop_supply){.rx = one.rx, .on = MONDAY}, NULL);
    status_is(&one, MONDAY, "supplied");
}

static void deceased_is_quiet(void **state) {
    (void)state;
    struct shop_case one = shop_enter(&shop, &(struct shop_wish){.name = "Octavia Shoveler"});
    shop_make(&shop, &shop.counter, shop_say("/patients/%s/status", one.patient).bytes,
              "{\"status\":\"deceased\",\"source\":\"the service, by telephone\"}", NULL);
    refused_because(&(struct shop_supply){.rx = one.rx, .on = MONDAY}, "refused", "patient_deceased");
    status_is(&one, MONDAY, "");
}

/* D22: less than decided, by the responsible pharmacist, with a reason. */
static void part_supply(void **state) {
    (void)state;
    struct shop_case one = shop_enter(&shop, &(struct shop_wish){.name = "Lavinia Pochard"});
    static const char forty[] =
        ",\"part\":{\"items\":[{\"product\":\"methadone-1mg-ml-sf\",\"quantity\":\"40\"}],"
        "\"reason\":\"asked for less\"}";
    static const char more[] =
        ",\"part\":{\"items\":[{\"product\":\"methadone-1mg-ml-sf\",\"quantity\":\"61\"}],\"reason\":\"x\"}";
    struct shop_supply supply = {.rx = one.rx,
                                 .on = MONDAY,
                                 .confirm = "[\"first_dose\",\"dose_warning\",\"part_supply\"]",
                                 .confirmed_by = "d.osei",
                                 .more = forty};
    refused_because(&supply, "refused", "part_supply"); /* a pharmacist, but not the responsible one */
    supply.confirmed_by = NULL;
    supply.more = more;
    wrong_field("/supplies", shop_supply_body(&shop, &supply).bytes, "invalid", "part.items");
    nothing_recorded(&one, MONDAY);
    supply.more = forty;
    struct shop_text body = shop_supply_body(&shop, &supply);
    struct api_answer answer = shop_post(&shop, &shop.pharmacist, "/supplies", body.bytes);
    api_expect(shop.api, &answer, 201);
    const cJSON *item = cJSON_GetArrayItem(shop_member(shop_member(answer.body, "decision"), "items"), 0);
    assert_string_equal(shop_string(item, "quantity"), "40");
    const cJSON *entry = cJSON_GetArrayItem(shop_member(answer.body, "register"), 0);
    assert_string_equal(shop_string(entry, "quantity"), "-40");
    const cJSON *labels = shop_member(answer.body, "labels");
    assert_int_equal(cJSON_GetArraySize(labels), 1);
    assert_string_equal(shop_string(cJSON_GetArrayItem(labels, 0), "quantity"), "40"); /* what it holds */
    assert_true(shop_has(shop_member(answer.body, "alerts"), "kind", "dose_not_completed"));
    api_done(&answer);
    /* The same day the rest may still be given, once. */
    answer = shop_decision(&shop, one.rx, MONDAY);
    assert_true(shop_has(shop_member(answer.body, "reasons"), "code", "part_supply"));
    item = cJSON_GetArrayItem(shop_member(answer.body, "items"), 0);
    assert_string_equal(shop_string(item, "quantity"), "20");
    assert_string_equal(shop_string(item, "supervised"), "20");
    api_done(&answer);
    struct shop_supply rest = {.rx = one.rx,
                               .on = MONDAY,
                               .quantity = "20",
                               .supervised = "20",
                               .confirm =
                                   "[\"first_dose\",\"dose_warning\",\"part_supply\",\"interval_short\"]"};
    body = shop_supply_body(&shop, &rest);
    answer = shop_post(&shop, &shop.pharmacist, "/supplies", body.bytes);
    api_expect(shop.api, &answer, 201);
    entry = cJSON_GetArrayItem(shop_member(answer.body, "register"), 0);
    assert_string_equal(shop_string(entry, "quantity"), "-20");
    labels = shop_member(answer.body, "labels");
    assert_string_equal(shop_string(cJSON_GetArrayItem(labels, 0), "quantity"), "20");
    api_done(&answer);
    refused_because(&rest, "refused", "already_supplied");
}

/* Section 6: always recorded, then nothing of the class until a consultation. */
static void irregular_holds(void **state) {
    (void)state;
    struct shop_case one = shop_enter(&shop, &(struct shop_wish){.name = "Felicity Wryneck"});
    struct shop_supply supply = {.rx = one.rx, .on = MONDAY};
    shop_supply(&shop, &supply, NULL);
    struct shop_supply double_dose = supply;
    double_dose.more = ",\"reason\":\"given twice by mistake\",\"told\":\"Dr Ida Vale\"";
    struct shop_text body = shop_supply_body(&shop, &double_dose);
    shop_refused(&shop, &shop.technician, "/irregular-supplies", body.bytes, 403, "role");
    struct api_answer answer = shop_post(&shop, &shop.pharmacist, "/irregular-supplies", body.bytes);
    api_expect(shop.api, &answer, 201);
    assert_string_equal(api_text(shop.api, &answer, "kind"), "irregular");
    assert_string_equal(api_text(shop.api, &answer, "told"), "Dr Ida Vale");
    assert_true(shop_has(shop_member(answer.body, "alerts"), "kind", "irregular_supply"));
    assert_int_equal(cJSON_GetArraySize(shop_member(answer.body, "register")), 1);
    api_done(&answer);
    answer = shop_decision(&shop, one.rx, "2026-11-24");
    assert_string_equal(api_text(shop.api, &answer, "verdict"), "hold");
    api_done(&answer);
    shop_make(&shop, &shop.pharmacist, shop_say("/prescriptions/%s/consultations", one.rx).bytes,
              "{\"with\":\"Dr Ida Vale\",\"role\":\"prescriber\",\"outcome\":\"continue\"}", NULL);
    answer = shop_decision(&shop, one.rx, "2026-11-24");
    assert_string_not_equal(api_text(shop.api, &answer, "verdict"), "hold");
    api_done(&answer);
}

/* Once only; due again the same day; the first key's answer stays as it was. */
static void reversed_once(void **state) {
    (void)state;
    struct shop_case one = shop_enter(&shop, &(struct shop_wish){.name = "Montague Redstart"});
    struct shop_text body = shop_supply_body(&shop, &(struct shop_supply){.rx = one.rx, .on = MONDAY});
    struct api_answer first = api_post(shop.api, &shop.pharmacist, "/supplies", body.bytes, "montague-1");
    api_expect(shop.api, &first, 201);
    struct shop_text path = shop_say("/supplies/%s/reverse", api_text(shop.api, &first, "id"));
    shop_refused(&shop, &shop.technician, path.bytes, "{\"reason\":\"wrong person\"}", 403, "role");
    wrong_field(path.bytes, "{}", "invalid", "reason");
    struct api_answer back = shop_post(&shop, &shop.pharmacist, path.bytes, "{\"reason\":\"wrong person\"}");
    api_expect(shop.api, &back, 200);
    assert_true(cJSON_IsTrue(shop_member(back.body, "reversed")));
    const cJSON *entry = cJSON_GetArrayItem(shop_member(back.body, "register"), 1);
    const cJSON *entered = cJSON_GetArrayItem(shop_member(back.body, "register"), 0);
    assert_string_equal(shop_string(entry, "quantity"), "60");
    assert_true(cJSON_Compare(shop_member(entry, "corrects"), shop_member(entered, "number"), true));
    api_done(&back);
    shop_refused(&shop, &shop.pharmacist, path.bytes, "{\"reason\":\"wrong person\"}", 409,
                 "already_reversed");
    status_is(&one, MONDAY, "due");
    struct api_answer again = api_post(shop.api, &shop.pharmacist, "/supplies", body.bytes, "montague-1");
    api_expect(shop.api, &again, 201);
    assert_string_equal(again.text, first.text); /* as it was then: not reversed */
    api_done(&again);
    status_is(&one, MONDAY, "due"); /* the replay supplied nothing */
    again = api_post(shop.api, &shop.pharmacist, "/supplies", body.bytes, "montague-2");
    api_expect(shop.api, &again, 201);
    assert_string_not_equal(api_text(shop.api, &again, "id"), api_text(shop.api, &first, "id"));
    api_done(&again);
    api_done(&first);
    status_is(&one, MONDAY, "supplied");
}

static void changed_meanwhile(void **state) {
    (void)state;
    struct shop_case one = shop_enter(&shop, &(struct shop_wish){.name = "Philippa Siskin"});
    struct shop_text path = shop_say("/patients/%s", one.patient);
    char etag[API_TEXT] = "If-Match: ";
    const char *const headers[] = {etag, NULL};
    struct api_answer answer =
        api_request(shop.api, &shop.counter, "PATCH", path.bytes, "{\"notes\":\"a\"}", NULL);
    api_expect(shop.api, &answer, 412);
    api_done(&answer);
    answer = shop_get(&shop, &shop.counter, path.bytes);
    assert_true(api_header(&answer, "ETag", etag + strlen(etag), sizeof etag - strlen(etag)));
    api_done(&answer);
    answer = api_request(shop.api, &shop.counter, "PATCH", path.bytes, "{\"notes\":\"a\"}", headers);
    api_expect(shop.api, &answer, 200);
    api_done(&answer);
    answer = api_request(shop.api, &shop.technician, "PATCH", path.bytes, "{\"notes\":\"b\"}", headers);
    api_expect_problem(shop.api, &answer, 412, "changed_meanwhile");
    api_done(&answer);
    answer = shop_get(&shop, &shop.counter, path.bytes);
    assert_string_equal(api_text(shop.api, &answer, "notes"), "a");
    api_done(&answer);
}

/* ---- later days: the clock is moved from here on ---- */

/* Collected every day: Sunday's comes on Saturday, to take home. */
static void moved_before_the_closed_day(void **state) {
    (void)state;
    struct shop_case one = shop_enter(&shop, &(struct shop_wish){.name = "Jocasta Brambling",
                                                                 .start_on = "2026-11-28",
                                                                 .collect = "{\"every_days\":1}"});
    struct shop_case without = shop_enter(&shop, &(struct shop_wish){.name = "Aurelian Brambling",
                                                                     .start_on = "2026-11-28",
                                                                     .collect = "{\"every_days\":1}",
                                                                     .wording = "[\"W3\"]"});
    shop_clock_to(&shop, "2026-11-28T09:00:00");
    shop_sign_in(&shop);
    assert_true(shop_decides(&shop, one.rx, "2026-11-28", "closed_day_advance"));
    struct shop_supply supply = {.rx = one.rx, .on = "2026-11-28"};
    refused_because(&supply, "decision_changed", "weekly_closed_advance");
    supply.quantity = "120";
    supply.take_home = "60";
    struct shop_text body = shop_supply_body(&shop, &supply);
    struct api_answer answer = shop_post(&shop, &shop.pharmacist, "/supplies", body.bytes);
    api_expect(shop.api, &answer, 201);
    const cJSON *decision = shop_member(answer.body, "decision");
    assert_int_equal(cJSON_GetArraySize(shop_member(decision, "covers")), 2);
    assert_int_equal(cJSON_GetArraySize(shop_member(answer.body, "labels")), 2);
    api_done(&answer);
    assert_false(shop_decides(&shop, without.rx, "2026-11-28", "closed_day_advance"));
    shop_supply(&shop, &(struct shop_supply){.rx = without.rx, .on = "2026-11-28"}, NULL);
    shop_clock_to(&shop, "2026-11-30T09:00:00");
    answer = shop_decision(&shop, one.rx, "2026-11-30");
    assert_int_equal(shop_member(answer.body, "missed_days")->valueint, 0);
    api_done(&answer);
    answer = shop_decision(&shop, without.rx, "2026-11-30");
    assert_int_equal(shop_member(answer.body, "missed_days")->valueint, 1);
    api_done(&answer);
}

/* A technician alone, where there is nothing to check; not a manager alone. */
static void technician_without_checks(void **state) {
    (void)state;
    struct shop_case one =
        shop_enter(&shop, &(struct shop_wish){.name = "Seraphina Dabchick", .start_on = "2026-11-30"});
    shop_supply(&shop, &(struct shop_supply){.rx = one.rx, .on = "2026-11-30"}, NULL);
    shop_clock_to(&shop, "2026-12-01T09:00:00");
    struct api_answer answer = shop_decision(&shop, one.rx, "2026-12-01");
    assert_string_equal(api_text(shop.api, &answer, "verdict"), "supply");
    api_done(&answer);
    struct shop_supply supply = {.rx = one.rx,
                                 .on = "2026-12-01",
                                 .confirm = "[]",
                                 .confirmed_by = "m.hughes",
                                 .supervised_by = "p.nowak"};
    shop_refused(&shop, &shop.manager, "/supplies", shop_supply_body(&shop, &supply).bytes, 403,
                 "pharmacist_required");
    status_is(&one, "2026-12-01", "due");
    supply.confirmed_by = "p.nowak";
    struct shop_text body = shop_supply_body(&shop, &supply);
    shop_make(&shop, &shop.technician, "/supplies", body.bytes, NULL);
    status_is(&one, "2026-12-01", "supplied");
}

/* D11: three missed days hold; the prescriber is asked; the supply follows. */
static void held_after_three_days(void **state) {
    (void)state;
    struct shop_case one =
        shop_enter(&shop, &(struct shop_wish){.name = "Bartholomew Nightjar", .start_on = "2026-12-01"});
    shop_supply(&shop, &(struct shop_supply){.rx = one.rx, .on = "2026-12-01"}, NULL);
    shop_clock_to(&shop, "2026-12-04T09:00:00");
    struct shop_supply supply = {.rx = one.rx, .on = "2026-12-04"};
    assert_true(shop_decides(&shop, one.rx, "2026-12-04", "missed_recent"));
    shop_clock_to(&shop, "2026-12-05T09:00:00");
    status_is(&one, "2026-12-04", "missed");
    supply.on = "2026-12-05";
    supply.quantity = "120";
    supply.take_home = "60";
    refused_because(&supply, "on_hold", "three_day_rule");
    struct shop_text path = shop_say("/prescriptions/%s/consultations", one.rx);
    shop_make(&shop, &shop.pharmacist, path.bytes,
              "{\"with\":\"Kit Worker\",\"role\":\"keyworker\",\"outcome\":\"continue\"}", NULL);
    refused_because(&supply, "on_hold", "three_day_rule");
    shop_make(&shop, &shop.pharmacist, path.bytes,
              "{\"with\":\"Dr Ida Vale\",\"role\":\"prescriber\",\"outcome\":\"continue\"}", NULL);
    struct api_answer answer = shop_decision(&shop, one.rx, "2026-12-05");
    assert_true(shop_has(shop_member(answer.body, "reasons"), "code", "consulted"));
    assert_int_equal(shop_member(answer.body, "missed_days")->valueint, 3);
    api_done(&answer);
    shop_supply(&shop, &supply, NULL);
    status_is(&one, "2026-12-05", "supplied");
}

/* M1: missed at the cut-off; a pharmacist may still supply until midnight, and the alert is corrected. */
static void supplied_after_the_cut_off(void **state) {
    (void)state;
    struct shop_case one = shop_enter(
        &shop,
        &(struct shop_wish){.name = "Georgiana Pipit", .start_on = "2026-12-07", .wording = "[\"W2\"]"});
    shop_clock_to(&shop, "2026-12-07T18:01:00");
    status_is(&one, "2026-12-07", "missed");
    struct shop_text body = shop_supply_body(&shop, &(struct shop_supply){.rx = one.rx, .on = "2026-12-07"});
    struct api_answer answer = shop_post(&shop, &shop.pharmacist, "/supplies", body.bytes);
    api_expect(shop.api, &answer, 201);
    const cJSON *decision = shop_member(answer.body, "decision");
    assert_true(shop_has(shop_member(decision, "reasons"), "code", "supplied_after_cut_off"));
    assert_true(shop_has(shop_member(answer.body, "alerts"), "kind", "correction"));
    api_done(&answer);
    status_is(&one, "2026-12-07", "supplied");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keyed_by_another_person),
        cmocka_unit_test(keyed_otherwise),
        cmocka_unit_test(dry_run_finds),
        cmocka_unit_test(findings_name_their_field),
        cmocka_unit_test(overlap_is_refused),
        cmocka_unit_test(supplied_once),
        cmocka_unit_test(stale_screen),
        cmocka_unit_test(checks_are_confirmed),
        cmocka_unit_test(pins_and_witnesses),
        cmocka_unit_test(fields_of_a_supply),
        cmocka_unit_test(somebody_else_collects),
        cmocka_unit_test(only_today),
        cmocka_unit_test(manager_without_registration),
        cmocka_unit_test(bag_shows),
        cmocka_unit_test(deceased_is_quiet),
        cmocka_unit_test(part_supply),
        cmocka_unit_test(irregular_holds),
        cmocka_unit_test(reversed_once),
        cmocka_unit_test(changed_meanwhile),
        cmocka_unit_test(moved_before_the_closed_day),
        cmocka_unit_test(technician_without_checks),
        cmocka_unit_test(held_after_three_days),
        cmocka_unit_test(supplied_after_the_cut_off),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
