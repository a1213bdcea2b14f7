/*
 * Alerts on their way, through the real daemon and a service of its own (tests/support/receiver.py): endpoints and their
 * test, sending, retries, acknowledgements, the phone list, and which facts raise and correct which alerts (alerts.md;
 * rules.md, section 5).
 *
 * A move of the clock answers when what is due has been tried: that is what these tests wait for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/receiver.h"
#include "../support/shop.h"

#define SECRET "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static struct shop shop;
static struct receiver *receiver;

static int start(void **state) {
    (void)state;
    receiver = receiver_start();
    return 0;
}

static int stop(void **state) {
    (void)state;
    receiver_stop(&receiver);
    return 0;
}

static int open_shop(void **state) {
    (void)state;
    shop_open(&shop, NULL);
    return 0;
}

static int close_shop(void **state) {
    (void)state;
    shop_close(&shop);
    return 0;
}

/* ---- short forms ---- */

static struct shop_text with_second(const char *open_object) {
    return shop_say("%s,\"second\":{\"staff\":\"a.khan\",\"pin\":\"%s\"}}", open_object,
                    api_pin(shop.api, "a.khan"));
}

static struct api_answer patch(const struct api_person *who, const char *path, const char *body) {
    return api_patch(shop.api, who, path, body);
}

/* The service gets an endpoint at a box of the receiver, entered by two people. */
static void set_endpoint(const char *box) {
    char url[RECEIVER_TEXT];
    char *ca = receiver_pem(receiver, "good-ca");
    receiver_url(receiver, "good", box, url);
    receiver_set(receiver, box, "\"secret\":\"" SECRET "\"");
    struct shop_text body = with_second(
        shop_say("{\"endpoint\":{\"url\":\"%s\",\"ca\":\"%s\",\"secret\":\"" SECRET "\"}", url, ca).bytes);
    struct api_answer answer = patch(&shop.manager, shop_say("/services/%s", shop.service).bytes, body.bytes);
    api_expect(shop.api, &answer, 200);
    api_done(&answer);
    free(ca);
}

/* Everything due is tried; a second passes. */
static void settle(void) {
    struct api_answer answer = shop_get(&shop, &shop.counter, "/healthz");
    char now[40];
    snprintf(now, sizeof now, "%s", api_text(shop.api, &answer, "now"));
    api_done(&answer);
    shop_clock_to(&shop, now);
}

static void test_route(char id[SHOP_ID]) {
    shop_make(&shop, &shop.manager, shop_say("/services/%s/test", shop.service).bytes, "{}", id);
    settle();
}

/* An endpoint that the service has confirmed; its box takes everything from now on. */
static void confirm(const char *box) {
    char id[SHOP_ID];
    set_endpoint(box);
    receiver_set(receiver, box, "\"then\":\"ack\"");
    test_route(id);
    receiver_set(receiver, box, "\"then\":\"ok\"");
}

static void agree(const char *patient) {
    struct api_answer answer = patch(
        &shop.counter, shop_say("/patients/%s", patient).bytes,
        shop_say("{\"sharing\":{\"service\":\"%s\",\"agreed_on\":\"2026-11-20\",\"reference\":\"T-7\"}}",
                 shop.service)
            .bytes);
    api_expect(shop.api, &answer, 200);
    api_done(&answer);
}

static struct shop_case enter(const char *name, const char *more_collect) {
    struct shop_case c = shop_enter(&shop, &(struct shop_wish){.name = name, .collect = more_collect});
    agree(c.patient);
    return c;
}

static struct api_answer alerts(const char *query) {
    return shop_get(&shop, &shop.counter, shop_say("/alerts?limit=500%s", query).bytes);
}

/* How many alerts of a patient are of a kind; the newest one's id goes to `id`. */
static int count_kind(const char *patient, const char *kind, char id[SHOP_ID]) {
    struct api_answer answer = alerts(shop_say("&patient=%s", patient).bytes);
    const cJSON *one = NULL;
    int count = 0;
    cJSON_ArrayForEach(one, shop_member(answer.body, "items")) {
        if (strcmp(shop_string(one, "kind"), kind) != 0)
            continue;
        if (count++ == 0 && id != NULL)
            snprintf(id, SHOP_ID, "%s", shop_string(one, "id"));
    }
    api_done(&answer);
    return count;
}

static struct api_answer alert(const char *id) {
    return shop_get(&shop, &shop.counter, shop_say("/alerts/%s", id).bytes);
}

static void expect_alert(const char *id, const char *state, const char *phone_why) {
    struct api_answer answer = alert(id);
    const cJSON *phone = shop_member(answer.body, "phone");
    const char *why = cJSON_IsObject(phone) ? shop_string(phone, "why") : "";
    if (strcmp(shop_string(answer.body, "state"), state) != 0 || strcmp(why, phone_why) != 0)
        api_fail(shop.api, "not %s, phone \"%s\": %s", state, phone_why, answer.text);
    api_done(&answer);
}

static void concern(const struct shop_case *c, const char *decision, char id[SHOP_ID]) {
    shop_make(&shop, &shop.pharmacist, "/concerns",
              shop_say("{\"patient\":\"%s\",\"kind\":\"possible_intoxication\",\"signs\":[\"drowsy\"],"
                       "\"decision\":\"%s\"}",
                       c->patient, decision)
                  .bytes,
              NULL);
    assert_true(count_kind(c->patient, "possible_intoxication", id) > 0);
}

/* ---- endpoints ---- */

static void an_endpoint_takes_two_people_and_a_test(void **state) {
    char url[RECEIVER_TEXT];
    char id[SHOP_ID];
    char test[SHOP_ID];
    (void)state;
    struct shop_case c = enter("Tobiah Larkmeadow", NULL);
    concern(&c, "supplied", id);
    expect_alert(id, "waiting", "no_endpoint");
    receiver_url(receiver, "good", "test", url);
    struct api_answer answer =
        patch(&shop.manager, shop_say("/services/%s", shop.service).bytes,
              shop_say("{\"endpoint\":{\"url\":\"%s\",\"secret\":\"" SECRET "\"}}", url).bytes);
    api_expect_problem(shop.api, &answer, 403, "second_person_required");
    api_done(&answer);
    set_endpoint("test");
    expect_alert(id, "waiting", "not_confirmed");
    /* The service accepts the test, and says nothing: nothing is confirmed yet. */
    test_route(test);
    expect_alert(test, "accepted", "");
    expect_alert(id, "waiting", "not_confirmed");
    /* A keyworker acknowledges it, which the next poll finds. */
    receiver_set(receiver, "test", "\"task\":\"accepted\"");
    shop_clock_to(&shop, "2026-11-23T09:02:00");
    expect_alert(test, "acknowledged", "");
    shop_clock_to(&shop, "2026-11-23T09:02:01");
    answer = alert(id);
    assert_string_equal(shop_string(cJSON_GetArrayItem(shop_member(answer.body, "attempts"), 0), "result"),
                        "accepted");
    assert_string_equal(shop_string(answer.body, "state"), "accepted");
    api_done(&answer);
    /* And that alert as well. */
    shop_clock_to(&shop, "2026-11-23T09:04:00");
    answer = alert(id);
    assert_string_equal(api_text(shop.api, &answer, "acknowledged.how"), "poll");
    assert_string_equal(api_text(shop.api, &answer, "acknowledged.by"), "J. Moss");
    assert_string_equal(api_text(shop.api, &answer, "acknowledged.note"),
                        "Seen, will telephone the patient.");
    api_done(&answer);
}

static void a_changed_endpoint_is_tested_again(void **state) {
    char id[SHOP_ID];
    (void)state;
    confirm("before");
    struct shop_case c = enter("Perran Oakshade", NULL);
    concern(&c, "supplied", id);
    settle();
    expect_alert(id, "accepted", "");
    set_endpoint("after");
    concern(&c, "supplied", id);
    settle();
    expect_alert(id, "waiting", "not_confirmed");
    cJSON *book = receiver_book(receiver, "after");
    assert_int_equal(shop_member(book, "posts")->valueint, 0);
    cJSON_Delete(book);
}

/* ---- sending ---- */

static void retries_go_by_the_clock(void **state) {
    char id[SHOP_ID];
    (void)state;
    confirm("tries");
    struct shop_case c = enter("Cosmo Fernleigh", NULL);
    receiver_set(receiver, "tries", "\"script\":[\"503\",\"429:90\",\"transient\"],\"then\":\"ok\"");
    concern(&c, "supplied", id);
    settle();
    expect_alert(id, "retrying", "");
    shop_clock_to(&shop, "2026-11-23T09:00:03"); /* the first wait is 4 s at least */
    struct api_answer answer = alert(id);
    assert_int_equal(cJSON_GetArraySize(shop_member(answer.body, "attempts")), 1);
    api_done(&answer);
    shop_clock_to(&shop, "2026-11-23T09:00:10");
    shop_clock_to(&shop, "2026-11-23T09:01:30"); /* 90 s were asked for: not yet */
    answer = alert(id);
    assert_int_equal(cJSON_GetArraySize(shop_member(answer.body, "attempts")), 2);
    assert_int_equal(
        shop_member(cJSON_GetArrayItem(shop_member(answer.body, "attempts"), 1), "status")->valueint, 429);
    api_done(&answer);
    shop_clock_to(&shop, "2026-11-23T09:01:50");
    shop_clock_to(&shop, "2026-11-23T09:05:00");
    answer = alert(id);
    assert_int_equal(cJSON_GetArraySize(shop_member(answer.body, "attempts")), 4);
    assert_string_equal(shop_string(answer.body, "state"), "accepted");
    api_done(&answer);
    cJSON *book = receiver_book(receiver, "tries");
    assert_int_equal(cJSON_GetArraySize(shop_member(book, "effects")), 2); /* the test, and this one, once */
    cJSON_Delete(book);
}

static void refused_and_tried_by_hand(void **state) {
    char id[SHOP_ID];
    (void)state;
    confirm("refuses");
    struct shop_case c = enter("Ianthe Millbrook", NULL);
    receiver_set(receiver, "refuses", "\"then\":\"422\"");
    concern(&c, "supplied", id);
    settle();
    expect_alert(id, "refused", "refused");
    shop_clock_to(&shop, "2026-11-23T09:30:00"); /* not before an hour has passed */
    struct api_answer answer = alert(id);
    assert_int_equal(cJSON_GetArraySize(shop_member(answer.body, "attempts")), 1);
    api_done(&answer);
    receiver_set(receiver, "refuses", "\"then\":\"ok\"");
    shop_make(&shop, &shop.counter, shop_say("/alerts/%s/retry", id).bytes, "{}", NULL);
    settle();
    expect_alert(id, "accepted", "");
    shop_refused(&shop, &shop.counter, shop_say("/alerts/%s/retry", id).bytes, "{}", 409, "already_accepted");
}

static void gone(void **state) {
    char id[SHOP_ID];
    char other[SHOP_ID];
    (void)state;
    confirm("gone");
    struct shop_case c = enter("Lorcan Ashby", NULL);
    receiver_set(receiver, "gone", "\"then\":\"410\"");
    concern(&c, "supplied", id);
    settle();
    expect_alert(id, "waiting", "switched_off");
    concern(&c, "withheld", other);
    settle();
    expect_alert(other, "waiting", "switched_off");
    receiver_set(receiver, "gone", "\"then\":\"ack\"");
    char test[SHOP_ID];
    test_route(test);
    settle();
    expect_alert(id, "acknowledged", "");
    expect_alert(other, "acknowledged", "");
}

/* ---- nobody takes it: a person telephones ---- */

static void the_phone_list(void **state) {
    char id[SHOP_ID];
    (void)state;
    confirm("phone");
    struct shop_case c = enter("Sunniva Thornapple", NULL);
    receiver_set(receiver, "phone", "\"then\":\"503\"");
    concern(&c, "withheld", id); /* urgent */
    settle();
    expect_alert(id, "retrying", "");
    shop_clock_to(&shop, "2026-11-23T09:09:50");
    expect_alert(id, "retrying", "");
    shop_clock_to(&shop, "2026-11-23T09:10:30");
    expect_alert(id, "retrying", "not_accepted");
    struct api_answer answer = alerts("&state=phone");
    const cJSON *first = cJSON_GetArrayItem(shop_member(answer.body, "items"), 0);
    assert_string_equal(shop_string(first, "id"), id);
    assert_string_equal(shop_string(shop_member(first, "phone"), "telephone"), "01632 960001");
    assert_string_equal(shop_string(shop_member(first, "phone"), "patient_name"), "Sunniva Thornapple");
    assert_non_null(strstr(shop_string(shop_member(first, "phone"), "say"), "drowsy"));
    api_done(&answer);
    /* Accepted in the end, but nobody acknowledges it within the hour. */
    receiver_set(receiver, "phone", "\"then\":\"ok\"");
    shop_make(&shop, &shop.counter, shop_say("/alerts/%s/retry", id).bytes, "{}", NULL);
    settle();
    expect_alert(id, "accepted", "");
    shop_clock_to(&shop, "2026-11-23T10:01:00");
    expect_alert(id, "accepted", "not_acknowledged");
    shop_make(&shop, &shop.counter, shop_say("/alerts/%s/phoned", id).bytes,
              "{\"to\":\"J. Moss\",\"note\":\"comes at noon\"}", NULL);
    answer = alert(id);
    assert_string_equal(shop_string(answer.body, "state"), "acknowledged");
    assert_string_equal(api_text(shop.api, &answer, "acknowledged.how"), "telephone");
    assert_string_equal(api_text(shop.api, &answer, "acknowledged.by"), "J. Moss");
    assert_string_equal(api_text(shop.api, &answer, "acknowledged.recorded_by"), "c.evans");
    assert_true(cJSON_IsNull(shop_member(answer.body, "phone")));
    api_done(&answer);
    shop_refused(&shop, &shop.counter, shop_say("/alerts/%s/phoned", id).bytes, "{\"to\":\"J. Moss\"}", 409,
                 "already_ended");
}

static void rejected_at_once(void **state) {
    char id[SHOP_ID];
    (void)state;
    confirm("rejects");
    struct shop_case c = enter("Auberon Quill", NULL);
    receiver_set(receiver, "rejects", "\"then\":\"reject\"");
    concern(&c, "supplied", id);
    settle();
    expect_alert(id, "accepted", "rejected");
    /* Somebody there thinks again. */
    receiver_set(receiver, "rejects", "\"task\":\"completed\"");
    shop_clock_to(&shop, "2026-11-23T09:03:00");
    expect_alert(id, "acknowledged", "");
}

static void without_an_agreement(void **state) {
    char id[SHOP_ID];
    (void)state;
    confirm("agreement");
    struct shop_case c = shop_enter(&shop, &(struct shop_wish){.name = "Delphine Rookwood"});
    concern(&c, "withheld", id);
    settle();
    expect_alert(id, "waiting", "no_agreement");
    shop_refused(&shop, &shop.manager, shop_say("/alerts/%s/release", id).bytes, "{\"reason\":\"danger\"}",
                 403, "role"); /* a manager without a pharmacist's registration */
    shop_make(&shop, &shop.pharmacist, shop_say("/alerts/%s/release", id).bytes, "{\"reason\":\"danger\"}",
              NULL);
    settle();
    expect_alert(id, "accepted", "");
    cJSON *book = receiver_book(receiver, "agreement");
    char *all = cJSON_PrintUnformatted(book);
    assert_null(strstr(all, "Delphine")); /* A8 */
    cJSON_free(all);
    cJSON_Delete(book);
}

/* ---- after an outage ---- */

static void one_digest_for_one_patient(void **state) {
    char ids[6][SHOP_ID];
    char digest[SHOP_ID];
    (void)state;
    confirm("outage");
    struct shop_case c = enter("Evander Hollins", NULL);
    struct shop_case other = enter("Rosamund Pike-Lea", NULL);
    receiver_set(receiver, "outage", "\"then\":\"503\"");
    concern(&other, "supplied", ids[0]);
    settle();
    for (int minute = 1; minute < 30; minute += 4) /* five failures: the breaker opens */
        shop_clock_to(&shop, shop_say("2026-11-23T09:%02d:00", minute).bytes);
    for (size_t i = 1; i < 4; i++)
        concern(&c, "supplied", ids[i]);
    settle();
    for (size_t i = 1; i < 4; i++)
        expect_alert(ids[i], "queued", ""); /* they wait for the probe */
    receiver_set(receiver, "outage", "\"then\":\"ack\"");
    shop_clock_to(&shop, "2026-11-23T09:55:00");
    settle();
    assert_int_equal(count_kind(c.patient, "digest", digest), 1);
    expect_alert(digest, "acknowledged", "");
    int together = 0; /* one of them may have been the probe */
    for (size_t i = 1; i < 4; i++) {
        struct api_answer answer = alert(ids[i]);
        assert_string_equal(shop_string(answer.body, "state"), "acknowledged");
        if (cJSON_GetArraySize(shop_member(answer.body, "attempts")) == 0) {
            assert_string_equal(api_text(shop.api, &answer, "acknowledged.how"), "digest");
            together++;
        }
        api_done(&answer);
    }
    assert_in_range(together, 2, 3);
    assert_int_equal(count_kind(other.patient, "digest", NULL), 0);
    expect_alert(ids[0], "acknowledged", "");
}

/* ---- a second start ---- */

static void nothing_is_lost_over_a_crash(void **state) {
    char held[SHOP_ID];
    char queued[SHOP_ID];
    (void)state;
    confirm("crash");
    struct shop_case c = enter("Ottilie Farrow", NULL);
    receiver_set(receiver, "crash", "\"script\":[\"hold\"],\"then\":\"ok\"");
    concern(&c, "supplied", held);
    assert_true(receiver_wait(receiver, "crash", "\"posts\":2", 10)); /* it has come there; no answer yet */
    api_kill(shop.api);
    receiver_release(receiver, "crash");
    api_start_again(shop.api, NULL);
    shop_sign_in(&shop);
    concern(&c, "deferred", queued);
    settle();
    expect_alert(held, "accepted", "");
    expect_alert(queued, "accepted", "");
    cJSON *book = receiver_book(receiver, "crash");
    const cJSON *effect = NULL;
    cJSON_ArrayForEach(effect, shop_member(book, "effects")) {
        assert_int_equal(cJSON_GetArraySize(effect), 1); /* never told under two ids */
    }
    cJSON_Delete(book);
}

/* ---- screens and figures ---- */

static void screens_and_figures(void **state) {
    char id[SHOP_ID];
    char text[8192];
    (void)state;
    confirm("screens");
    struct shop_case c = enter("Merryn Castle", NULL);
    struct api_connection screen = api_connect(shop.api, NULL);
    struct shop_text request = shop_say("GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nX-Terminal: "
                                        "%s\r\nAuthorization: Bearer %s\r\n\r\n",
                                        shop.api->terminal, shop.counter.token);
    assert_true(api_send(&screen, request.bytes, strlen(request.bytes)));
    (void)api_read_until(&screen, "retry: 2000", text, sizeof text, 10);
    concern(&c, "supplied", id);
    struct shop_text wanted = shop_say("data: {\"id\":\"%s\",\"state\":\"accepted\"}", id);
    (void)api_read_until(&screen, wanted.bytes, text, sizeof text, 20);
    assert_non_null(strstr(text, "event: alert"));
    assert_non_null(strstr(text, wanted.bytes));
    api_close(&screen);
    settle();
    struct api_answer answer = api_get(shop.api, NULL, "/metrics");
    api_expect(shop.api, &answer, 200);
    struct shop_text open = shop_say("instalmentd_alerts_open{service=\"%s\"} 1\n", shop.service);
    assert_non_null(strstr(answer.text, open.bytes));
    assert_null(strstr(answer.text, c.patient));
    assert_null(strstr(answer.text, "Merryn"));
    api_done(&answer);
}

/* ---- which facts raise which alerts ---- */

/* A3: missed days that are no run; once in fourteen days. */
static void intermittent(void **state) {
    (void)state;
    struct shop_case c = enter("Barnaby Wren", NULL);
    struct shop_case steady = enter("Clementine Shaw", NULL);
    static const char *const days[] = {"2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26", "2026-11-27"};
    for (size_t i = 0; i < COUNT(days); i++) {
        shop_clock_to(&shop, shop_say("%sT10:00:00", days[i]).bytes);
        if (i % 2 == 1)
            shop_supply(&shop, &(struct shop_supply){.rx = c.rx, .on = days[i]}, NULL);
        shop_supply(&shop, &(struct shop_supply){.rx = steady.rx, .on = days[i]}, NULL);
        shop_clock_to(&shop, shop_say("%sT18:01:00", days[i]).bytes);
        assert_int_equal(count_kind(c.patient, "intermittent", NULL), i >= 4 ? 1 : 0);
    }
    assert_int_equal(count_kind(c.patient, "missed_pickup", NULL), 3);
    assert_int_equal(count_kind(c.patient, "supply_on_hold", NULL), 0);
    assert_int_equal(count_kind(steady.patient, "intermittent", NULL), 0);
    assert_int_equal(count_kind(steady.patient, "missed_pickup", NULL), 0);
}

/* A2 is not A3: three in a row hold the supply, and are not intermittent. */
static void three_in_a_row(void **state) {
    (void)state;
    struct shop_case c = enter("Gideon Marsh", NULL);
    for (int day = 23; day <= 25; day++)
        shop_clock_to(&shop, shop_say("2026-11-%dT18:01:00", day).bytes);
    assert_int_equal(count_kind(c.patient, "missed_pickup", NULL), 3);
    assert_int_equal(count_kind(c.patient, "supply_on_hold", NULL), 1);
    assert_int_equal(count_kind(c.patient, "intermittent", NULL), 0);
    shop_clock_to(&shop, "2026-11-26T18:01:00");
    assert_int_equal(count_kind(c.patient, "supply_on_hold", NULL), 1); /* once an episode */
}

/* A5: the last collection comes within three open days, and there is no other form. */
static void ending_soon(void **state) {
    (void)state;
    static const char week[] = "[{\"from\":\"2026-11-23\",\"days\":6,\"dose\":\"60\"}]";
    struct shop_case c =
        shop_enter(&shop, &(struct shop_wish){.name = "Felicity Dunmore", .doses = week, .total = "360"});
    struct shop_case followed =
        shop_enter(&shop, &(struct shop_wish){.name = "Hugo Penhale", .doses = week, .total = "360"});
    (void)shop_enter(
        &shop,
        &(struct shop_wish){.name = "Hugo Penhale", .patient = followed.patient, .start_on = "2026-11-29"});
    shop_clock_to(&shop, "2026-11-24T18:01:00"); /* Saturday's is the fourth open day from here */
    assert_int_equal(count_kind(c.patient, "ending_soon", NULL), 0);
    shop_clock_to(&shop, "2026-11-25T18:01:00");
    assert_int_equal(count_kind(c.patient, "ending_soon", NULL), 1);
    shop_clock_to(&shop, "2026-11-27T18:01:00");
    assert_int_equal(count_kind(c.patient, "ending_soon", NULL), 1);
    assert_int_equal(count_kind(followed.patient, "ending_soon", NULL), 0);
}

/* A5, P10: at entry, where the day can be had on no other. */
static void collection_on_a_closed_day(void **state) {
    static const char daily[] = "{\"weekdays\":[\"mon\",\"tue\",\"wed\",\"thu\",\"fri\",\"sat\",\"sun\"]}";
    (void)state;
    struct shop_case lost = shop_enter(
        &shop, &(struct shop_wish){.name = "Isolde Varley", .collect = daily, .wording = "[\"W2\"]"});
    struct shop_case moved = shop_enter(
        &shop, &(struct shop_wish){.name = "Jasper Lowell", .collect = daily, .wording = "[\"W1\",\"W2\"]"});
    assert_int_equal(count_kind(lost.patient, "collection_on_closed_day", NULL), 1);
    assert_int_equal(count_kind(moved.patient, "collection_on_closed_day", NULL), 0);
}

/* A6: late supplies, reversals, and what was said by them. */
static void corrections(void **state) {
    char missed[SHOP_ID];
    char correction[SHOP_ID];
    char supply[SHOP_ID];
    (void)state;
    struct shop_case c = enter("Kester Amblewood", NULL);
    shop_clock_to(&shop, "2026-11-23T18:01:00");
    assert_int_equal(count_kind(c.patient, "missed_pickup", missed), 1);
    shop_supply(&shop, &(struct shop_supply){.rx = c.rx, .on = "2026-11-23"}, supply);
    assert_int_equal(count_kind(c.patient, "correction", correction), 1);
    struct api_answer answer = alert(correction);
    assert_string_equal(shop_string(answer.body, "corrects"), missed);
    api_done(&answer);
    shop_make(&shop, &shop.pharmacist, shop_say("/supplies/%s/reverse", supply).bytes,
              shop_say("{\"reason\":\"wrong patient\",\"pin\":\"%s\"}", api_pin(shop.api, "a.khan")).bytes,
              NULL);
    char again[SHOP_ID];
    assert_int_equal(count_kind(c.patient, "correction", again), 2);
    answer = alert(again);
    assert_string_equal(shop_string(answer.body, "corrects"), correction);
    api_done(&answer);
}

/* A supply taken back on a later day: nobody was told that the dose was missed. */
static void a_supply_taken_back_later(void **state) {
    char supply[SHOP_ID];
    (void)state;
    struct shop_case c = enter("Lettice Greyfriar", NULL);
    shop_supply(&shop, &(struct shop_supply){.rx = c.rx, .on = "2026-11-23"}, supply);
    shop_clock_to(&shop, "2026-11-24T09:00:00");
    assert_int_equal(count_kind(c.patient, "missed_pickup", NULL), 0);
    shop_make(&shop, &shop.pharmacist, shop_say("/supplies/%s/reverse", supply).bytes,
              shop_say("{\"reason\":\"wrong patient\",\"pin\":\"%s\"}", api_pin(shop.api, "a.khan")).bytes,
              NULL);
    assert_int_equal(count_kind(c.patient, "missed_pickup", NULL), 1);
}

/* A10, A6: closed at short notice, and open after all; came and could not be supplied, and was supplied later. */
static void closed_and_open_again(void **state) {
    (void)state;
    struct shop_case c = enter("Magnus Selwood", NULL);
    shop_make(&shop, &shop.manager, "/calendar",
              "{\"unplanned\":{\"day\":\"2026-11-24\",\"reason\":\"flood\"}}", NULL);
    assert_int_equal(count_kind(c.patient, "pharmacy_closed", NULL), 1);
    assert_int_equal(count_kind(c.patient, "correction", NULL), 0);
    shop_make(&shop, &shop.manager, "/calendar", "{\"regular\":{\"day\":\"2026-11-24\"}}", NULL);
    assert_int_equal(count_kind(c.patient, "correction", NULL), 1);
    shop_make(&shop, &shop.counter, "/outcomes",
              shop_say("{\"prescription\":\"%s\",\"on\":\"2026-11-23\",\"outcome\":\"attended_not_supplied\","
                       "\"reason\":\"no_stock\"}",
                       c.rx)
                  .bytes,
              NULL);
    assert_int_equal(count_kind(c.patient, "attended_not_supplied", NULL), 1);
    shop_supply(&shop, &(struct shop_supply){.rx = c.rx, .on = "2026-11-23"}, NULL);
    assert_int_equal(count_kind(c.patient, "correction", NULL), 2);
    shop_clock_to(&shop, "2026-11-23T18:01:00");
    assert_int_equal(count_kind(c.patient, "missed_pickup", NULL), 0);
}

/* A1: urgent in titration, and where the patient is marked; the service may want otherwise. */
static void priorities(void **state) {
    char id[SHOP_ID];
    (void)state;
    struct shop_case usual = enter("Nerissa Colt", NULL);
    struct shop_case rising =
        shop_enter(&shop, &(struct shop_wish){.name = "Orson Tully", .stage = "titration"});
    struct shop_case marked = enter("Pandora Wick", NULL);
    struct api_answer answer =
        patch(&shop.counter, shop_say("/patients/%s", marked.patient).bytes, "{\"first_miss_urgent\":true}");
    api_expect(shop.api, &answer, 200);
    api_done(&answer);
    shop_clock_to(&shop, "2026-11-23T18:01:00");
    const struct {
        const char *patient;
        const char *priority;
    } cases[] = {{usual.patient, "routine"}, {rising.patient, "urgent"}, {marked.patient, "urgent"}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(count_kind(cases[i].patient, "missed_pickup", id), 1);
        answer = alert(id);
        assert_string_equal(shop_string(answer.body, "priority"), cases[i].priority);
        api_done(&answer);
    }
    answer =
        patch(&shop.manager, shop_say("/services/%s", shop.service).bytes,
              "{\"alert_policy\":{\"titration_urgent\":false,\"priorities\":{\"missed_pickup\":\"quiet\"}}}");
    api_expect(shop.api, &answer, 422); /* what tells of a dose may not be quiet */
    api_done(&answer);
    answer =
        patch(&shop.manager, shop_say("/services/%s", shop.service).bytes,
              "{\"alert_policy\":{\"titration_urgent\":false,\"working_hours\":{\"mon\":{\"opens\":\"09:00\","
              "\"closes\":\"17:00\"}}}}");
    api_expect(shop.api, &answer, 200);
    assert_string_equal(api_text(shop.api, &answer, "alert_policy.working_hours.mon.closes"), "17:00");
    api_done(&answer);
    shop_clock_to(&shop, "2026-11-24T18:01:00");
    assert_int_equal(count_kind(rising.patient, "missed_pickup", id), 2);
    answer = alert(id);
    assert_string_equal(shop_string(answer.body, "priority"), "routine");
    api_done(&answer);
}

/* ---- the day's list (A11) ---- */

/* The member `list` of the day: the prescriptions in their order must be these. */
static void list_is(const struct api_answer *day, const char *list, const char *const *rx, size_t count) {
    const cJSON *rows = shop_member(day->body, list);
    assert_int_equal(cJSON_GetArraySize(rows), (int)count);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(shop_string(cJSON_GetArrayItem(rows, (int)i), "prescription"), rx[i]);
}

static const cJSON *row_of(const struct api_answer *day, const char *list, const char *rx) {
    const cJSON *row = NULL;
    cJSON_ArrayForEach(row, shop_member(day->body, list)) {
        if (strcmp(shop_string(row, "prescription"), rx) == 0)
            return row;
    }
    return NULL;
}

/* The day's list and the decision say so many open alerts of a patient, and whether to telephone. */
static void alerts_are(const struct shop_case *c, int open, bool telephone) {
    struct api_answer day = shop_get(&shop, &shop.counter, "/day");
    struct api_answer decision =
        shop_get(&shop, &shop.counter, shop_say("/prescriptions/%s/decision", c->rx).bytes);
    const cJSON *said[] = {shop_member(row_of(&day, "due", c->rx), "alerts"),
                           shop_member(decision.body, "alerts")};
    for (size_t i = 0; i < COUNT(said); i++) {
        assert_non_null(said[i]);
        assert_int_equal(shop_member(said[i], "open")->valueint, open);
        assert_int_equal(cJSON_IsTrue(shop_member(said[i], "telephone")), telephone);
    }
    api_done(&day);
    api_done(&decision);
}

static void not_come_is_absent(const char *query) {
    struct api_answer day = shop_get(&shop, &shop.counter, shop_say("/day%s", query).bytes);
    assert_null(shop_member(day.body, "not_come"));
    api_done(&day);
}

static void first_is(const struct api_answer *day, const struct shop_case *c, const char *first) {
    const cJSON *row = row_of(day, "not_come", c->rx);
    assert_string_equal(shop_string(row, "first"), first);
    assert_int_equal(shop_string(row, "why")[0] != '\0', first[0] != '\0');
    assert_string_equal(shop_string(shop_member(row, "service"), "telephone"), "01632 960001");
    assert_string_equal(shop_string(shop_member(row, "service"), "id"), shop.service);
    assert_true(shop_string(shop_member(row, "service"), "name")[0] != '\0');
}

static void who_has_not_come_before_closing(void **state) {
    static const char *const date = "2026-11-25";
    (void)state;
    struct api_answer answer = patch(&shop.manager, shop_say("/services/%s", shop.service).bytes,
                                     "{\"telephone\":\"01632 960001\"}");
    api_expect(shop.api, &answer, 200);
    api_done(&answer);
    struct shop_case away = enter("Third Day", NULL);
    struct shop_case usual = shop_enter(&shop, &(struct shop_wish){.name = "No Hurry", .start_on = date});
    struct shop_case later = shop_enter(&shop, &(struct shop_wish){.name = "Put Off", .start_on = date});
    struct shop_case marked =
        shop_enter(&shop, &(struct shop_wish){.name = "Marked Urgent", .start_on = date});
    struct shop_case rising = shop_enter(
        &shop, &(struct shop_wish){.name = "In Titration", .start_on = date, .stage = "titration"});
    struct shop_case came = shop_enter(&shop, &(struct shop_wish){.name = "Came Early", .start_on = date});
    answer =
        patch(&shop.counter, shop_say("/patients/%s", marked.patient).bytes, "{\"first_miss_urgent\":true}");
    api_expect(shop.api, &answer, 200);
    api_done(&answer);
    shop_clock_to(&shop, "2026-11-25T16:59:00");
    shop_supply(&shop, &(struct shop_supply){.rx = came.rx, .on = date}, NULL);
    shop_make(&shop, &shop.pharmacist, "/outcomes",
              shop_say("{\"prescription\":\"%s\",\"on\":\"%s\",\"outcome\":\"deferred\",\"note\":\"unwell\"}",
                       later.rx, date)
                  .bytes,
              NULL);
    not_come_is_absent("");
    shop_clock_to(&shop, "2026-11-25T17:00:00");
    not_come_is_absent("?date=2026-11-26");
    answer = shop_get(&shop, &shop.counter, "/day");
    assert_string_equal(shop_string(answer.body, "closes"), "18:00");
    list_is(&answer, "not_come", (const char *const[]){rising.rx, marked.rx, away.rx, usual.rx, later.rx}, 5);
    first_is(&answer, &rising, "titration");
    first_is(&answer, &marked, "first_miss_urgent");
    first_is(&answer, &away, "third_day");
    first_is(&answer, &usual, "");
    first_is(&answer, &later, "");
    api_done(&answer);
    shop_supply(&shop, &(struct shop_supply){.rx = marked.rx, .on = date}, NULL);
    shop_clock_to(&shop, "2026-11-25T17:59:00");
    answer = shop_get(&shop, &shop.counter, "/day");
    list_is(&answer, "not_come", (const char *const[]){rising.rx, away.rx, usual.rx, later.rx}, 4);
    api_done(&answer);
    shop_clock_to(&shop, "2026-11-25T18:00:00");
    not_come_is_absent("");
}

static void the_list_marks_open_alerts(void **state) {
    char id[SHOP_ID];
    char again[SHOP_ID];
    (void)state;
    confirm("listed");
    struct shop_case c = enter("Isolde Fenwright", NULL);
    struct shop_case other = enter("Peregrine Ash", NULL);
    struct shop_case alone =
        shop_enter(&shop, &(struct shop_wish){.name = "Isolde Fenwrite", .start_on = "2026-11-24"});
    alerts_are(&c, 0, false);
    concern(&c, "supplied", id);
    settle();
    expect_alert(id, "accepted", "");
    alerts_are(&c, 1, false);
    alerts_are(&other, 0, false);
    concern(&alone, "supplied", again); /* no agreement: for the telephone */
    shop_make(&shop, &shop.manager, shop_say("/patients/%s/merge", alone.patient).bytes,
              with_second(shop_say("{\"into\":\"%s\"", c.patient).bytes).bytes, NULL);
    alerts_are(&c, 2, true);
    alerts_are(&other, 0, false);
    shop_make(&shop, &shop.counter, shop_say("/alerts/%s/phoned", again).bytes, "{\"to\":\"J. Moss\"}", NULL);
    alerts_are(&c, 1, false);
    receiver_set(receiver, "listed", "\"task\":\"accepted\"");
    shop_clock_to(&shop, "2026-11-23T09:05:00");
    expect_alert(id, "acknowledged", "");
    alerts_are(&c, 0, false);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_shop, close_shop)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(an_endpoint_takes_two_people_and_a_test),
        TEST(a_changed_endpoint_is_tested_again),
        TEST(retries_go_by_the_clock),
        TEST(refused_and_tried_by_hand),
        TEST(gone),
        TEST(the_phone_list),
        TEST(rejected_at_once),
        TEST(without_an_agreement),
        TEST(one_digest_for_one_patient),
        TEST(nothing_is_lost_over_a_crash),
        TEST(screens_and_figures),
        TEST(intermittent),
        TEST(three_in_a_row),
        TEST(ending_soon),
        TEST(collection_on_a_closed_day),
        TEST(corrections),
        TEST(a_supply_taken_back_later),
        TEST(closed_and_open_again),
        TEST(priorities),
        TEST(who_has_not_come_before_closing),
        TEST(the_list_marks_open_alerts),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
