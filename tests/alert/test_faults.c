/*
 * What may go wrong between the pharmacy and a service, each with real sockets: the daemon, a service that misbehaves, nginx.
 * Every test adds what it sent to one account, which the last one checks and prints: sent under faults, lost, counted twice.
 * Waiting is done by moving the demonstration's clock; what is waited for besides comes within milliseconds.
 */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "../support/receiver.h"
#include "../support/shop.h"

#define SECRET "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define PLACES_MAX 64
#define ALERTS_MAX 512
#define SOON 10 /* seconds: what needs no clock has come by then */

/* A service with a box of the receiver, and a patient of its. */
struct place {
    char box[24];
    char service[SHOP_ID];
    char patient[SHOP_ID];
    char rx[SHOP_ID];
    int raised;
};

static struct shop shop;
static struct receiver *receiver;
static struct place places[PLACES_MAX];
static int place_count;
static time_t now; /* of the demonstration, as if it were UTC */

static struct {
    int sent;
    int lost;
    int twice;
    int changed;
    int kills;
} account;

/* ---- the clock */

/* Moves it on; what is due then has been tried when this returns. */
static void jump(int seconds) {
    char text[32];
    struct tm tm;
    now += seconds;
    gmtime_r(&now, &tm);
    (void)strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
    shop_clock_to(&shop, text);
}

static void breathe(void) {
    nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
}

/* ---- alerts, as the counter sees them */

struct seen {
    char state[24];
    char phone[40];
    char by[64];
    char how[24];
    char error[24]; /* of the last attempt */
    int attempts;
    int status; /* of the last attempt; 0: no answer */
};

static void keep_text(char *out, size_t size, const char *text) {
    (void)snprintf(out, size, "%s", text);
}

static struct seen look(const char *id) {
    struct seen seen;
    memset(&seen, 0, sizeof seen);
    struct api_answer answer = shop_get(&shop, &shop.counter, shop_say("/alerts/%s", id).bytes);
    const cJSON *attempts = shop_member(answer.body, "attempts");
    seen.attempts = cJSON_GetArraySize(attempts);
    const cJSON *last = cJSON_GetArrayItem(attempts, seen.attempts - 1);
    keep_text(seen.state, sizeof seen.state, shop_string(answer.body, "state"));
    keep_text(seen.phone, sizeof seen.phone, shop_string(shop_member(answer.body, "phone"), "why"));
    keep_text(seen.by, sizeof seen.by, shop_string(shop_member(answer.body, "acknowledged"), "by"));
    keep_text(seen.how, sizeof seen.how, shop_string(shop_member(answer.body, "acknowledged"), "how"));
    keep_text(seen.error, sizeof seen.error, shop_string(last, "error"));
    seen.status = cJSON_IsNumber(shop_member(last, "status")) ? shop_member(last, "status")->valueint : 0;
    api_done(&answer);
    return seen;
}

/* Waits until it has this state and at least so many attempts. */
static struct seen expect(const char *id, const char *state, int attempts) {
    time_t end = time(NULL) + SOON;
    struct seen seen = look(id);
    while ((strcmp(seen.state, state) != 0 || seen.attempts < attempts) && time(NULL) <= end) {
        breathe();
        seen = look(id);
    }
    if (strcmp(seen.state, state) != 0 || seen.attempts < attempts) {
        api_fail(shop.api, "alert %s: %s after %d attempts (%s, status %d), and not %s after %d", id,
                 seen.state, seen.attempts, seen.error, seen.status, state, attempts);
    }
    return seen;
}

static void newest(const struct place *place, const char *patient_or_service, char id[SHOP_ID]) {
    bool of_patient = strcmp(patient_or_service, place->patient) == 0;
    struct shop_text path =
        of_patient ? shop_say("/alerts?limit=1&patient=%s", place->patient) : shop_say("/alerts?limit=500");
    struct api_answer answer = shop_get(&shop, &shop.counter, path.bytes);
    const cJSON *one = NULL;
    id[0] = '\0';
    cJSON_ArrayForEach(one, shop_member(answer.body, "items")) {
        bool fits = of_patient || (strcmp(shop_string(one, "service"), place->service) == 0 &&
                                   strcmp(shop_string(one, "kind"), "route_test") == 0);
        if (fits && id[0] == '\0') {
            (void)snprintf(id, SHOP_ID, "%s", shop_string(one, "id"));
        }
    }
    api_done(&answer);
    assert_true(id[0] != '\0');
}

/* ---- places */

static struct shop_text endpoint(const char *listener, const char *box, const char *pinned,
                                 const char *more) {
    char url[RECEIVER_TEXT];
    char *ca = receiver_pem(receiver, pinned);
    receiver_url(receiver, listener, box, url);
    struct shop_text text =
        shop_say("{\"url\":\"%s\",\"ca\":\"%s\",\"secret\":\"" SECRET "\",\"identify_patients\":false%s}",
                 url, ca, more);
    free(ca);
    return text;
}

static void test_route(struct place *place, const char *answer) {
    receiver_set(receiver, place->box, answer);
    struct api_answer made =
        shop_post(&shop, &shop.manager, shop_say("/services/%s/test", place->service).bytes, "{}");
    if (made.status != 200 && made.status != 201) {
        api_fail(shop.api, "route test: %d %s", made.status, made.text);
    }
    api_done(&made);
}

/* A service at a listener with a named CA (or a pinned certificate), and its patient, who agreed. No route test yet. */
static struct place *place_enter(const char *box, const char *listener, const char *pinned, const char *more,
                                 bool agreed) {
    struct place *place = &places[place_count++];
    assert_true(place_count <= PLACES_MAX);
    memset(place, 0, sizeof *place);
    keep_text(place->box, sizeof place->box, box);
    shop_make(&shop, &shop.manager, "/services",
              shop_say("{\"name\":\"Service %s\",\"kind\":\"drug_service\",\"telephone\":\"01632 960001\","
                       "\"endpoint\":%s,\"second\":{\"staff\":\"a.khan\",\"pin\":\"%s\"}}",
                       box, endpoint(listener, box, pinned, more).bytes, api_pin(shop.api, "a.khan"))
                  .bytes,
              place->service);
    struct shop_text sharing =
        shop_say(",\"sharing\":{\"service\":\"%s\",\"agreed_on\":\"2026-11-20\",\"reference\":\"client-%s\"}",
                 place->service, box);
    shop_make(&shop, &shop.counter, "/patients",
              shop_say("{\"name\":\"Person %s\",\"born_on\":\"1979-04-02\",\"address\":\"1 Tallow Row\"%s}",
                       box, agreed ? sharing.bytes : "")
                  .bytes,
              place->patient);
    /* Begins far ahead: nothing is due while the tests move the clock. */
    memcpy(shop.service, place->service, sizeof shop.service);
    struct shop_case made = shop_enter(&shop, &(struct shop_wish){.name = box,
                                                                  .patient = place->patient,
                                                                  .signed_on = "2026-11-20",
                                                                  .start_on = "2027-06-07",
                                                                  .once = true});
    memcpy(place->rx, made.rx, sizeof place->rx);
    receiver_set(receiver, box, "\"secret\":\"" SECRET "\"");
    return place;
}

/* Its endpoint has been tested and confirmed by the service. */
static void place_confirm(struct place *place) {
    char id[SHOP_ID];
    test_route(place, "\"then\":\"ack\"");
    newest(place, place->service, id);
    (void)expect(id, "acknowledged", 1);
}

static struct place *place_open(const char *box, const char *answers) {
    struct place *place = place_enter(box, "good", "good-ca", "", true);
    place_confirm(place);
    receiver_set(receiver, box, answers);
    return place;
}

/* A concern about the patient: one alert, at once. */
static void raise_alert(struct place *place, bool urgent, char id[SHOP_ID]) {
    place->raised++;
    shop_make(
        &shop, &shop.pharmacist, "/concerns",
        shop_say(
            "{\"patient\":\"%s\",\"prescription\":\"%s\",\"kind\":\"other\",\"note\":\"Number %d of %s.\"%s}",
            place->patient, place->rx, place->raised, place->box, urgent ? ",\"decision\":\"emergency\"" : "")
            .bytes,
        NULL);
    if (id != NULL) {
        newest(place, place->patient, id);
    }
}

static int book_number(struct place *place, const char *name) {
    cJSON *book = receiver_book(receiver, place->box);
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(book, name);
    int number = cJSON_IsArray(value) ? cJSON_GetArraySize(value) : value->valueint;
    cJSON_Delete(book);
    return number;
}

/* Posts of alerts, the route test's not counted. */
static int posts(struct place *place) {
    return book_number(place, "posts") - 1;
}

static int open_alerts(const struct place *place) {
    struct api_answer answer =
        shop_get(&shop, &shop.counter, shop_say("/alerts?state=open&patient=%s", place->patient).bytes);
    int count = cJSON_GetArraySize(shop_member(answer.body, "items"));
    api_done(&answer);
    return count;
}

/*
 * Closes the account of one place: every alert that was raised is there, each once, each time with the same bytes; and now that
 * somebody there acknowledges what they have, none is left open.
 */
static void settle(struct place *place) {
    receiver_set(receiver, place->box, "\"task\":\"accepted\"");
    for (int i = 0; i < 8 && (i == 0 || open_alerts(place) > 0); i++) {
        jump(75);
    }
    assert_int_equal(open_alerts(place), 0);
    cJSON *book = receiver_book(receiver, place->box);
    int there = shop_member(book, "told")->valueint;
    account.sent += place->raised;
    account.lost += place->raised - there;
    account.twice += shop_member(book, "twice")->valueint;
    account.changed += shop_member(book, "changed")->valueint;
    if (there != place->raised) {
        api_fail(shop.api, "%s: %d alerts were raised, the service has %d", place->box, place->raised, there);
    }
    assert_int_equal(shop_member(book, "twice")->valueint, 0);
    assert_int_equal(shop_member(book, "changed")->valueint, 0);
    cJSON_Delete(book);
}

/* ---- answers that say "later" */

static void retry_after_is_respected_up_to_ten_minutes(void **state) {
    (void)state;
    char id[SHOP_ID];
    struct place *place = place_open("later", "\"script\":[\"429:60\",\"429:3600\"],\"then\":\"ok\"");
    raise_alert(place, false, id);
    assert_int_equal(expect(id, "retrying", 1).status, 429);
    jump(40); /* 5 s would have passed */
    assert_int_equal(posts(place), 1);
    jump(21);
    assert_int_equal(expect(id, "retrying", 2).status, 429);
    jump(560);
    assert_int_equal(posts(place), 2);
    jump(41);
    (void)expect(id, "accepted", 3);
    settle(place);
}

static void what_fails_is_tried_ever_more_slowly(void **state) {
    (void)state;
    char id[SHOP_ID];
    static const int waits[] = {5, 30, 120, 300, 600, 900, 900};
    struct place *place = place_open(
        "slower", "\"script\":[\"503\",\"500\",\"502\",\"408\",\"425\",\"504\",\"503\"],\"then\":\"202\"");
    raise_alert(place, false, id);
    for (int i = 0; i < 7; i++) {
        (void)expect(id, "retrying", i + 1);
        /* The five-second wait is left to the clock of the machine: a slow one would miss its lower bound. */
        if (i > 0) {
            jump(waits[i] * 8 / 10 - 5);
            assert_int_equal(posts(place), i + 1);
            jump(waits[i] * 4 / 10 + 6);
        } else {
            jump(7);
        }
    }
    (void)expect(id, "accepted", 8);
    settle(place);
}

static void an_answer_can_say_transient_or_fatal(void **state) {
    (void)state;
    char id[SHOP_ID];
    struct place *place = place_open("errors", "\"script\":[\"transient\",\"fatal\"],\"then\":\"ok\"");
    raise_alert(place, false, id);
    (void)expect(id, "retrying", 1);
    jump(7);
    assert_true(expect(id, "refused", 2).phone[0] != '\0'); /* staff are told at once */
    jump(3500);
    assert_int_equal(posts(place), 2);
    jump(120);
    (void)expect(id, "accepted", 3);
    settle(place);
}

static void a_redirect_is_never_followed(void **state) {
    (void)state;
    char id[SHOP_ID];
    struct place *place = place_open("redirect", "\"script\":[\"redirect\",\"404\"],\"then\":\"ok\"");
    raise_alert(place, true, id);
    struct seen seen = expect(id, "refused", 1);
    assert_int_equal(seen.status, 307);
    assert_true(seen.phone[0] != '\0');
    jump(3601);
    assert_int_equal(expect(id, "refused", 2).status, 404);
    jump(3601);
    (void)expect(id, "accepted", 3);
    cJSON *elsewhere = receiver_book(receiver, "elsewhere");
    assert_int_equal(shop_member(elsewhere, "posts")->valueint, 0);
    cJSON_Delete(elsewhere);
    settle(place);
}

static void a_conflict_is_asked_once_more(void **state) {
    (void)state;
    char id[SHOP_ID];
    struct place *place = place_open("conflict", "\"script\":[\"409\"],\"then\":\"409\"");
    raise_alert(place, false, id);
    assert_int_equal(expect(id, "retrying", 1).status, 409);
    jump(50);
    assert_int_equal(posts(place), 1);
    jump(12);
    (void)expect(id, "accepted", 2);
    jump(7200);
    assert_int_equal(posts(place), 2);
    settle(place);
}

static void what_is_gone_is_switched_off_until_it_is_tested_again(void **state) {
    (void)state;
    char id[SHOP_ID], other[SHOP_ID], test[SHOP_ID];
    struct place *place = place_open("gone", "\"script\":[\"410\"],\"then\":\"ok\"");
    raise_alert(place, true, id);
    struct seen seen = expect(id, "waiting", 1);
    assert_true(seen.phone[0] != '\0');
    raise_alert(place, false, other);
    assert_string_equal(expect(other, "waiting", 0).state, "waiting");
    jump(7200);
    assert_int_equal(posts(place), 1);
    test_route(place, "\"then\":\"ack\"");
    newest(place, place->service, test);
    (void)expect(test, "acknowledged", 1);
    (void)expect(id, "acknowledged", 2);
    (void)expect(other, "acknowledged", 1);
    settle(place);
}

/* ---- connections that break */

static void an_answer_that_is_cut_is_asked_for_again(void **state) {
    (void)state;
    char id[SHOP_ID];
    struct place *place =
        place_open("cut", "\"script\":[\"cut\",\"cut-head\",\"close\",\"broken\"],\"then\":\"ok\"");
    raise_alert(place, false, id);
    (void)expect(id, "retrying", 1);
    assert_int_equal(book_number(place, "told"), 1); /* the service has it; the pharmacy cannot know */
    jump(7);
    (void)expect(id, "retrying", 2);
    jump(40);
    (void)expect(id, "retrying", 3);
    jump(160);
    (void)expect(id, "retrying", 4);
    jump(400);
    (void)expect(id, "accepted", 5);
    settle(place);
}

/* Three at a time: a drip of a byte a second, no answer, a server that does not shake hands. */
static void a_request_ends_after_twenty_seconds(void **state) {
    (void)state;
    char drip[SHOP_ID], hang[SHOP_ID], silent[SHOP_ID];
    struct place *dripping = place_open("drip", "\"script\":[\"drip\"],\"then\":\"ok\"");
    struct place *hanging = place_open("hang", "\"script\":[\"hang\"],\"then\":\"ok\"");
    struct place *quiet = place_enter("silent", "silent", "good-ca", "", true);
    time_t begin = time(NULL);
    raise_alert(dripping, true, drip);
    raise_alert(hanging, true, hang);
    test_route(quiet, "\"then\":\"ok\"");
    newest(quiet, quiet->service, silent);
    assert_string_equal(expect(silent, "retrying", 1).error, "timeout");
    assert_true(time(NULL) - begin < 9);
    jump(1); /* waits for both */
    assert_string_equal(expect(drip, "retrying", 1).error, "timeout");
    assert_string_equal(expect(hang, "retrying", 1).error, "timeout");
    assert_true(time(NULL) - begin >= 19 && time(NULL) - begin < 24);
    jump(7);
    (void)expect(drip, "accepted", 2);
    (void)expect(hang, "accepted", 2);
    shop_make(&shop, &shop.counter, shop_say("/alerts/%s/phoned", silent).bytes, "{\"to\":\"J. Moss\"}",
              NULL);
    settle(dripping);
    settle(hanging);
}

/* ---- certificates */

/* Whatever it shows instead of its own: not a byte of the message goes out, and the next try verifies no less. */
static void a_certificate_is_always_verified(void **state) {
    (void)state;
    static const char *const wrong[] = {"expired", "other"};
    char id[SHOP_ID];
    struct place *place = place_enter("certificate", "spare", "good-ca", "", true);
    place_confirm(place);
    receiver_set(receiver, place->box, "\"then\":\"ok\"");
    for (size_t i = 0; i < 2; i++) {
        receiver_certificate(receiver, "spare", wrong[i]);
        raise_alert(place, true, id);
        assert_string_equal(expect(id, "retrying", 1).error, "tls");
        jump(7);
        jump(37);
        assert_string_equal(expect(id, "retrying", 3).error, "tls");
        assert_int_equal(posts(place), (int)i);
        receiver_certificate(receiver, "spare", i == 0 ? "again" : "good"); /* renewed, of the same CA */
        jump(150);
        (void)expect(id, "accepted", 4);
        assert_int_equal(posts(place), (int)i + 1);
    }
    assert_int_equal(book_number(place, "refused"), 0);
    settle(place);
}

static void a_pinned_certificate_is_the_only_one(void **state) {
    (void)state;
    char id[SHOP_ID];
    struct place *place = place_enter("pinned", "spare", "good", "", true);
    place_confirm(place);
    receiver_set(receiver, place->box, "\"then\":\"ok\"");
    receiver_certificate(receiver, "spare", "again"); /* of the same CA, but another */
    raise_alert(place, true, id);
    assert_string_equal(expect(id, "retrying", 1).error, "tls");
    jump(7);
    assert_string_equal(expect(id, "retrying", 2).error, "tls");
    assert_int_equal(posts(place), 0);
    receiver_certificate(receiver, "spare", "good");
    jump(40);
    (void)expect(id, "accepted", 3);
    settle(place);
}

static void copy_file(const char *from, const char *to) {
    char bytes[16384];
    FILE *in = fopen(from, "rb");
    FILE *out = fopen(to, "wb");
    assert_true(in != NULL && out != NULL);
    size_t len = fread(bytes, 1, sizeof bytes, in);
    assert_int_equal(fwrite(bytes, 1, len, out), len);
    assert_int_equal(fclose(in) + fclose(out), 0);
}

/* Our own certificate, as a file beside its key; renamed into place, as one renews it. */
static void client_certificate(const char *name) {
    static const char *const ends[][2] = {{"pem", "crt"}, {"key", "key"}};
    struct shop_text folder = shop_say("%s/credentials", shop.api->data);
    (void)mkdir(folder.bytes, 0700);
    for (size_t i = 0; i < 2; i++) {
        struct shop_text fresh = shop_say("%s/new", folder.bytes);
        copy_file(shop_say("%s/%s.%s", receiver->folder, name, ends[i][0]).bytes, fresh.bytes);
        assert_int_equal(rename(fresh.bytes, shop_say("%s/service.%s", folder.bytes, ends[i][1]).bytes), 0);
    }
}

/* Ours has expired: the service does not let us in; a renewed one is used without a start. */
static void our_own_certificate_is_renewed_while_running(void **state) {
    (void)state;
    char id[SHOP_ID];
    client_certificate("client");
    struct place *place =
        place_enter("mutual", "mutual", "good-ca", ",\"client_certificate\":\"service\"", true);
    place_confirm(place);
    receiver_set(receiver, place->box, "\"then\":\"ok\"");
    client_certificate("client-expired");
    raise_alert(place, true, id);
    struct seen seen = expect(id, "retrying", 1);
    assert_int_equal(seen.status, 0);
    jump(7);
    (void)expect(id, "retrying", 2);
    assert_int_equal(posts(place), 0);
    client_certificate("client");
    jump(40);
    (void)expect(id, "accepted", 3);
    settle(place);
}

/* ---- services that are not what they say */

static void accepted_and_forgotten_comes_to_the_telephone(void **state) {
    (void)state;
    char id[SHOP_ID];
    struct place *place = place_open("forgets", "\"then\":\"forget\"");
    raise_alert(place, true, id);
    (void)expect(id, "accepted", 1);
    jump(600);
    assert_true(book_number(place, "polls") > 0); /* it was asked, and knows nothing */
    assert_string_equal(look(id).phone, "");
    jump(3100);
    (void)expect(id, "accepted", 1);
    assert_true(look(id).phone[0] != '\0');
    assert_int_equal(posts(place), 1); /* accepted is accepted: not sent again */
    shop_make(&shop, &shop.counter, shop_say("/alerts/%s/phoned", id).bytes, "{\"to\":\"J. Moss\"}", NULL);
    struct seen seen = expect(id, "acknowledged", 1);
    assert_string_equal(seen.phone, "");
    account.sent++; /* the service lost it, the pharmacy did not: it stood on the phone list */
}

static void acknowledged_twice_is_acknowledged_once(void **state) {
    (void)state;
    char first[SHOP_ID], second[SHOP_ID];
    struct place *place =
        place_open("twice", "\"script\":[\"ack-twice\"],\"then\":\"location\",\"task\":\"twice\"");
    raise_alert(place, true, first);
    struct seen seen = expect(first, "acknowledged", 1);
    assert_string_equal(seen.by, "J. Moss");
    raise_alert(place, true, second);
    (void)expect(second, "accepted", 1);
    jump(70);
    seen = expect(second, "acknowledged", 1);
    assert_string_equal(seen.by, "J. Moss");
    assert_string_equal(seen.how, "poll");
    jump(3600);
    assert_int_equal(posts(place), 2);
    settle(place);
}

static void a_rejected_task_comes_to_the_telephone_at_once(void **state) {
    (void)state;
    char id[SHOP_ID];
    struct place *place = place_open("rejects", "\"script\":[\"reject\"],\"then\":\"ok\"");
    raise_alert(place, false, id);
    (void)expect(id, "accepted", 1);
    assert_true(look(id).phone[0] != '\0');
    settle(place);
}

/* Their clock is ten minutes off: they refuse our time. Staff are told; it goes once the clock is right. */
static void a_service_whose_clock_is_off_gets_it_later(void **state) {
    (void)state;
    static const char *const skews[] = {"\"skew\":600", "\"skew\":-600"};
    char id[SHOP_ID];
    struct place *place = place_open("skewed", "\"then\":\"ok\"");
    for (size_t i = 0; i < 2; i++) {
        receiver_set(receiver, place->box, skews[i]);
        raise_alert(place, false, id);
        struct seen seen = expect(id, "refused", 1);
        assert_int_equal(seen.status, 401);
        assert_true(seen.phone[0] != '\0');
        receiver_set(receiver, place->box, "\"skew\":0");
        jump(3700);
        (void)expect(id, "accepted", 2);
    }
    settle(place);
}

/* A8: what a person typed names the patient all the same. */
static void the_writer_s_words_do_not_name_the_patient(void **state) {
    (void)state;
    char id[SHOP_ID];
    struct place *place = place_open("unnamed", "\"then\":\"ok\"");
    place->raised++;
    shop_make(&shop, &shop.pharmacist, "/concerns",
              shop_say("{\"patient\":\"%s\",\"prescription\":\"%s\",\"kind\":\"welfare\","
                       "\"note\":\"I saw PERSON unnamed today, unnamed as ever.\"}",
                       place->patient, place->rx)
                  .bytes,
              NULL);
    newest(place, place->patient, id);
    (void)expect(id, "accepted", 1);
    cJSON *book = receiver_book(receiver, place->box);
    const char *text = shop_string(shop_member(shop_member(book, "alerts"), id), "text");
    assert_non_null(strstr(text, "I saw [...] today, unnamed as ever."));
    assert_null(strstr(text, "1979"));
    cJSON_Delete(book);
    settle(place);
}

/* ---- many */

static void two_at_a_time_and_eight_in_all(void **state) {
    (void)state;
    struct place *held[6];
    for (int i = 0; i < 6; i++) {
        char box[24];
        (void)snprintf(box, sizeof box, "held%d", i);
        held[i] = place_open(box, "\"then\":\"hold\"");
    }
    for (int i = 0; i < 24; i++) {
        raise_alert(held[i % 6], false, NULL);
    }
    int flying = 0;
    for (time_t end = time(NULL) + SOON; flying < 8 && time(NULL) <= end; breathe()) {
        flying = 0;
        for (int i = 0; i < 6; i++) {
            flying += posts(held[i]);
        }
    }
    assert_int_equal(flying, 8);
    for (int i = 0; i < 6; i++) {
        receiver_set(receiver, held[i]->box, "\"then\":\"ok\"");
    }
    for (int round = 0; round < 24; round++) {
        for (int i = 0; i < 6; i++) {
            receiver_release(receiver, held[i]->box);
        }
    }
    for (int i = 0; i < 6; i++) {
        assert_true(receiver_wait(receiver, held[i]->box, "\"told\":4", SOON));
        cJSON *book = receiver_book(receiver, held[i]->box);
        assert_true(shop_member(book, "most_at_once")->valueint <= 2);
        cJSON_Delete(book);
        settle(held[i]);
    }
}

/* Opens `count` services that hold their answers back, all to be tried now. */
static void open_holding(struct place *held[], int count, const char *name, const char *answers) {
    for (int i = 0; i < count; i++) {
        char box[24];
        (void)snprintf(box, sizeof box, "%s%d", name, i);
        held[i] = place_open(box, answers);
    }
}

static int posts_of(struct place *held[], int count) {
    int sum = 0;
    for (int i = 0; i < count; i++) {
        sum += posts(held[i]);
    }
    return sum;
}

static void wait_for_posts(struct place *held[], int count, int wanted) {
    for (time_t end = time(NULL) + SOON; posts_of(held, count) < wanted && time(NULL) <= end;) {
        breathe();
    }
    assert_int_equal(posts_of(held, count), wanted);
}

static void let_all_go(struct place *held[], int count) {
    for (int i = 0; i < count; i++) {
        receiver_set(receiver, held[i]->box, "\"then\":\"ok\"");
        for (int round = 0; round < 4; round++) {
            receiver_release(receiver, held[i]->box);
        }
    }
    for (int i = 0; i < count; i++) {
        settle(held[i]);
    }
}

/* Four services that hang have all eight places, urgent or not: a fifth does not wait for their time-outs. */
static void services_that_hang_do_not_hold_up_the_others(void **state) {
    (void)state;
    char id[SHOP_ID];
    struct place *held[4];
    open_holding(held, 4, "hangs", "\"then\":\"hold\"");
    struct place *routine = place_open("behind", "\"then\":\"ok\"");
    struct place *urgent = place_open("behind-urgent", "\"then\":\"ok\"");
    for (int i = 0; i < 16; i++) {
        raise_alert(held[i % 4], i % 8 < 4, NULL);
    }
    wait_for_posts(held, 4, 8);
    raise_alert(routine, false, id);
    (void)expect(id, "accepted", 1);
    raise_alert(urgent, true, id);
    (void)expect(id, "accepted", 1);
    let_all_go(held, 4);
    settle(routine);
    settle(urgent);
}

/* Nine services failed last and hang when they are tried again: they have four places between them. */
static void services_that_failed_leave_places_to_the_others(void **state) {
    (void)state;
    char id[SHOP_ID];
    struct place *held[9];
    open_holding(held, 9, "fails", "\"script\":[\"503\"],\"then\":\"hold\"");
    struct place *good = place_open("beside", "\"then\":\"ok\"");
    time_t begin = time(NULL);
    for (int i = 0; i < 9; i++) {
        raise_alert(held[i], false, NULL);
    }
    wait_for_posts(held, 9, 9 + 4);
    /* All of them are due again after six seconds at the latest. */
    while (time(NULL) < begin + 8) {
        raise_alert(good, false, id);
        (void)expect(id, "accepted", 1);
        assert_int_equal(posts_of(held, 9), 9 + 4);
    }
    let_all_go(held, 9);
    settle(good);
}

/* More of one patient than a digest carries: the rest goes as well. */
static void what_a_digest_does_not_carry_goes_as_well(void **state) {
    (void)state;
    char last[SHOP_ID];
    struct place *place = place_open(
        "many", "\"script\":[\"503\",\"503\",\"503\",\"503\",\"503\",\"503\",\"503\"],\"then\":\"ok\"");
    for (int i = 0; i < 7; i++) {
        raise_alert(place, true, last);
    }
    for (int i = 0; i < 403; i++) {
        raise_alert(place, false, last);
    }
    for (int i = 0; i < 6 && book_number(place, "told") < place->raised; i++) {
        jump(900);
    }
    assert_int_equal(book_number(place, "told"), place->raised);
    settle(place);
}

/* A real server in front: it limits the rate, is stopped, and comes back. */
static void nginx_in_front_of_a_service(void **state) {
    (void)state;
    char last[SHOP_ID];
    receiver_nginx(receiver, 3, false);
    struct place *place = place_enter("proxied", "nginx", "good-ca", "", true);
    place_confirm(place);
    receiver_set(receiver, place->box, "\"then\":\"ok\"");
    for (int i = 0; i < 12; i++) {
        raise_alert(place, i % 4 == 0, NULL);
    }
    receiver_nginx_stop(receiver);
    for (int i = 0; i < 6; i++) {
        raise_alert(place, i % 2 == 0, last);
    }
    for (int i = 0; i < 4; i++) {
        jump(60);
    }
    receiver_nginx(receiver, 1000, false);
    for (int i = 0; i < 12 && book_number(place, "told") < 18; i++) {
        jump(600);
    }
    assert_true(receiver_wait(receiver, place->box, "\"told\":18", SOON));
    settle(place);
    receiver_nginx_stop(receiver);
}

/* nginx tells of a client certificate that it will not have in an answer, 400: refused, staff are told. */
static void nginx_refuses_our_expired_certificate(void **state) {
    (void)state;
    char id[SHOP_ID];
    receiver_nginx(receiver, 1000, true);
    client_certificate("client");
    struct place *place =
        place_enter("mutual-nginx", "nginx", "good-ca", ",\"client_certificate\":\"service\"", true);
    place_confirm(place);
    receiver_set(receiver, place->box, "\"then\":\"ok\"");
    client_certificate("client-expired");
    raise_alert(place, true, id);
    struct seen seen = expect(id, "refused", 1);
    assert_int_equal(seen.status, 400);
    assert_true(seen.phone[0] != '\0');
    assert_int_equal(posts(place), 0);
    client_certificate("client");
    jump(3700);
    (void)expect(id, "accepted", 2);
    settle(place);
    receiver_nginx_stop(receiver);
}

/* ---- the daemon killed */

static void kill_and_start_again(void) {
    char text[32];
    struct tm tm;
    gmtime_r(&now, &tm);
    (void)strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
    api_kill(shop.api);
    api_start_again(shop.api, (const char *const[]){"--now", text, NULL});
    shop.pharmacist = api_sign_in(shop.api, "a.khan");
    shop.counter = api_sign_in(shop.api, "c.evans");
    account.kills++;
}

/* One alert in every state at the moment of the kill; all of them end where they should. */
static void killed_in_every_state(void **state) {
    (void)state;
    char waiting[SHOP_ID], queued[SHOP_ID], sending[2][SHOP_ID], retrying[SHOP_ID], refused[SHOP_ID];
    char accepted[SHOP_ID], acknowledged[SHOP_ID], phoned[SHOP_ID];
    struct place *no_agreement = place_enter("k-waiting", "good", "good-ca", "", false);
    place_confirm(no_agreement);
    receiver_set(receiver, no_agreement->box, "\"then\":\"ok\"");
    struct place *busy = place_open("k-sending", "\"then\":\"hold\"");
    struct place *failing = place_open("k-retrying", "\"script\":[\"503\"],\"then\":\"ok\"");
    struct place *wrong = place_open("k-refused", "\"script\":[\"404\"],\"then\":\"ok\"");
    struct place *good = place_open("k-accepted", "\"script\":[\"ok\",\"ack\",\"forget\"],\"then\":\"ok\"");
    raise_alert(no_agreement, false, waiting);
    raise_alert(busy, false, sending[0]);
    raise_alert(busy, false, sending[1]);
    assert_true(receiver_wait(receiver, busy->box, "\"posts\":3", SOON));
    raise_alert(busy, false, queued);
    raise_alert(failing, false, retrying);
    raise_alert(wrong, false, refused);
    raise_alert(good, false, accepted);
    (void)expect(accepted, "accepted", 1);
    raise_alert(good, false, acknowledged);
    (void)expect(acknowledged, "acknowledged", 1);
    raise_alert(good, false, phoned);
    (void)expect(phoned, "accepted", 1);
    shop_make(&shop, &shop.counter, shop_say("/alerts/%s/phoned", phoned).bytes, "{\"to\":\"A. Reed\"}",
              NULL);
    (void)expect(retrying, "retrying", 1);
    (void)expect(refused, "refused", 1);
    (void)expect(waiting, "waiting", 0);
    (void)expect(sending[0], "sending", 0);
    (void)expect(sending[1], "sending", 0);
    assert_int_equal(posts(busy), 2); /* the third has not begun */

    kill_and_start_again();

    assert_string_equal(look(waiting).state, "waiting");
    assert_string_equal(look(acknowledged).state, "acknowledged");
    assert_string_equal(look(phoned).state, "acknowledged");
    assert_string_equal(look(accepted).state, "accepted");
    assert_true(look(refused).attempts >= 1); /* whether it is tried at the start or at its hour */
    receiver_set(receiver, busy->box, "\"then\":\"ok\"");
    receiver_release(receiver, busy->box);
    receiver_release(receiver, busy->box);
    (void)expect(sending[0], "accepted", 1);
    (void)expect(sending[1], "accepted", 1);
    (void)expect(queued, "accepted", 1);
    jump(10);
    (void)expect(retrying, "accepted", 2);
    jump(3700);
    (void)expect(refused, "accepted", 2);
    shop_make(&shop, &shop.pharmacist, shop_say("/alerts/%s/release", waiting).bytes,
              "{\"reason\":\"Asked for.\"}", NULL);
    (void)expect(waiting, "accepted", 1);
    settle(no_agreement);
    settle(busy);
    settle(failing);
    settle(wrong);
    good->raised--; /* the one that the service forgot and a person told by telephone */
    account.sent++;
    settle(good);
}

/* Killed while some are being sent, and started after a while: those cannot go with a digest, and go by themselves. */
static void killed_while_sending_before_a_digest(void **state) {
    (void)state;
    shop_sign_in(&shop);
    struct place *place = place_open("k-digest", "\"then\":\"hold\"");
    for (int i = 0; i < 40; i++) { /* more than are read ahead: some are being sent, some never were */
        raise_alert(place, false, NULL);
    }
    assert_true(receiver_wait(receiver, place->box, "\"posts\":3", SOON));
    receiver_set(receiver, place->box, "\"then\":\"ok\"");
    now += 900;
    kill_and_start_again();
    for (int i = 0; i < 2; i++) {
        receiver_release(receiver, place->box);
    }
    assert_true(receiver_wait(receiver, place->box, "\"told\":40", SOON));
    settle(place);
}

/* Killed at any moment, again and again, while every kind of answer comes. */
static void killed_at_any_moment(void **state) {
    (void)state;
    shop_sign_in(&shop);
    struct place *place = place_open(
        "killed", "\"script\":[\"ok\",\"cut\",\"503\",\"409\",\"ok\",\"transient\",\"429:1\",\"broken\","
                  "\"ack\",\"close\","
                  "\"cut-head\",\"202\",\"500\",\"ok\",\"cut\",\"fatal\",\"204\",\"503\"],\"then\":\"ok\"");
    char ids[ALERTS_MAX][SHOP_ID];
    int count = 0;
    for (int round = 0; round < 12; round++) {
        for (int i = 0; i < 4; i++) {
            raise_alert(place, i % 2 == 0, ids[count++]);
        }
        /* Somewhere between the commit, the lease, the send and the note. */
        nanosleep(&(struct timespec){.tv_nsec = round * 1700000L % 23000000L}, NULL);
        kill_and_start_again();
        if (round % 3 == 2) {
            jump(400);
        }
    }
    for (int i = 0; i < 12; i++) {
        jump(1200);
    }
    int open = 0;
    for (int i = 0; i < count; i++) {
        struct seen seen = look(ids[i]);
        open += strcmp(seen.state, "accepted") != 0 && strcmp(seen.state, "acknowledged") != 0;
    }
    assert_int_equal(open, 0);
    settle(place);
}

static void nothing_was_lost_and_nothing_counted_twice(void **state) {
    (void)state;
    print_message(
        "figures: %d alerts sent under faults, %d kills; lost %d, counted twice %d, bytes changed %d\n",
        account.sent, account.kills, account.lost, account.twice, account.changed);
    assert_true(account.sent > 100);
    assert_int_equal(account.lost, 0);
    assert_int_equal(account.twice, 0);
    assert_int_equal(account.changed, 0);
}

/* What one test holds back is let go before the next one, also where it failed. */
static int let_go(void **state) {
    (void)state;
    for (int i = 0; i < place_count; i++) {
        receiver_set(receiver, places[i].box, "\"then\":\"ok\",\"script\":[],\"task\":\"accepted\"");
        receiver_release(receiver, places[i].box);
    }
    receiver_certificate(receiver, "spare", "good");
    return 0;
}

static int set_up(void **state) {
    (void)state;
    now = 1795424400; /* 2026-11-23T09:00:00 */
    receiver = receiver_start();
    shop_open(&shop, NULL);
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    shop_close(&shop);
    receiver_stop(&receiver);
    return 0;
}

#define FAULT(test) cmocka_unit_test_teardown(test, let_go)

/* One pattern as argument: only the tests whose names fit it. */
int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        FAULT(retry_after_is_respected_up_to_ten_minutes),
        FAULT(what_fails_is_tried_ever_more_slowly),
        FAULT(an_answer_can_say_transient_or_fatal),
        FAULT(a_redirect_is_never_followed),
        FAULT(a_conflict_is_asked_once_more),
        FAULT(what_is_gone_is_switched_off_until_it_is_tested_again),
        FAULT(an_answer_that_is_cut_is_asked_for_again),
        FAULT(a_request_ends_after_twenty_seconds),
        FAULT(a_certificate_is_always_verified),
        FAULT(a_pinned_certificate_is_the_only_one),
        FAULT(our_own_certificate_is_renewed_while_running),
        FAULT(accepted_and_forgotten_comes_to_the_telephone),
        FAULT(acknowledged_twice_is_acknowledged_once),
        FAULT(a_rejected_task_comes_to_the_telephone_at_once),
        FAULT(a_service_whose_clock_is_off_gets_it_later),
        FAULT(the_writer_s_words_do_not_name_the_patient),
        FAULT(two_at_a_time_and_eight_in_all),
        FAULT(services_that_hang_do_not_hold_up_the_others),
        FAULT(services_that_failed_leave_places_to_the_others),
        FAULT(what_a_digest_does_not_carry_goes_as_well),
        FAULT(nginx_in_front_of_a_service),
        FAULT(nginx_refuses_our_expired_certificate),
        FAULT(killed_in_every_state),
        FAULT(killed_while_sending_before_a_digest),
        FAULT(killed_at_any_moment),
        FAULT(nothing_was_lost_and_nothing_counted_twice),
    };
    if (argc > 1) {
        cmocka_set_test_filter(argv[1]);
    }
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
