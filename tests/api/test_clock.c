/*
 * Time (hazards H05, H07, H29): what was due and not supplied is found at its cut-off, once, whatever happened to the
 * daemon or the clock in between; a day is the pharmacy's day, also at midnight and where the clocks are changed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../support/shop.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define NIGHTS 5
#define AWAKE 6 /* clients at midnight */

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

static void status_is(const struct shop_case *one, const char *date, const char *status) {
    struct shop_text now = shop_status(&shop, one->rx, date);
    if (strcmp(now.bytes, status) != 0) {
        api_fail(shop.api, "%s is %s on %s, not %s", one->rx, now.bytes, date, status);
    }
}

static void outcome(const struct shop_case *one, const struct api_person *who, const char *what) {
    shop_make(&shop, who, "/outcomes",
              shop_say("{\"prescription\":\"%s\",\"outcome\":\"%s\"}", one->rx, what).bytes, NULL);
}

static void counted(const char *sql, long expected) {
    long count = shop_count(&shop, sql);
    if (count != expected) {
        api_fail(shop.api, "%ld instead of %ld: %s", count, expected, sql);
    }
}

/* ---- the clock of the demonstration ---- */

static void clock_refused(const char *body, int status, const char *code) {
    struct api_answer answer = api_post(shop.api, &shop.counter, "/demo/clock", body, NULL);
    api_expect_problem(shop.api, &answer, status, code);
    api_done(&answer);
}

static void now_is(const char *now) {
    struct api_answer answer = shop_get(&shop, NULL, "/healthz");
    assert_string_equal(api_text(shop.api, &answer, "now"), now);
    api_done(&answer);
}

static void only_forward(void **state) {
    (void)state;
    now_is("2026-11-23T09:00:00+00:00");
    clock_refused("{\"now\":\"2026-11-23T08:59:59\"}", 409, "clock_backward");
    clock_refused("{\"now\":\"2026-11-22T23:00:00\"}", 409, "clock_backward");
    clock_refused("{\"now\":\"2026-11-23T10:30:00+02:00\"}", 409, "clock_backward");
    clock_refused("{}", 422, "invalid");
    clock_refused("{\"now\":\"2026-11-23T10:00:00\",\"advance_to\":\"cut_off\"}", 422, "invalid");
    clock_refused("{\"now\":\"tomorrow\"}", 422, "invalid");
    clock_refused("{\"advance_to\":\"christmas\"}", 422, "invalid");
    clock_refused("{\"to\":\"2026-11-23T10:00:00\"}", 422, "invalid");
    now_is("2026-11-23T09:00:00+00:00");
    shop_clock(&shop, "{\"now\":\"2026-11-23T11:30:00+02:00\"}");
    now_is("2026-11-23T09:30:00+00:00");
}

static void only_in_a_demonstration(void **state) {
    (void)state;
    struct api *real = api_start_real();
    const char *const none[] = {"X-Terminal:", NULL};
    struct api_answer answer =
        api_request(real, NULL, "POST", "/demo/clock", "{\"advance_to\":\"tomorrow\"}", none);
    api_expect_problem(real, &answer, 404, "not_found");
    api_done(&answer);
    api_stop(&real);
}

/* ---- a day's list ---- */

static void totals_add_up(const char *date, const char *const *statuses, const int *counts) {
    struct api_answer answer = shop_get(&shop, &shop.counter, shop_say("/day?date=%s", date).bytes);
    const cJSON *totals = shop_member(answer.body, "totals");
    int all = 0;
    for (size_t i = 0; statuses[i] != NULL; i++) {
        assert_int_equal(shop_member(totals, statuses[i])->valueint, counts[i]);
        all += counts[i];
    }
    assert_int_equal(shop_member(totals, "all")->valueint, all);
    assert_int_equal(cJSON_GetArraySize(shop_member(answer.body, "due")), all);
    assert_true(cJSON_IsTrue(shop_member(answer.body, "open")));
    api_done(&answer);
}

static void each_status(void **state) {
    (void)state;
    static const char *const statuses[] = {"due",
                                           "prepared",
                                           "supplied",
                                           "missed",
                                           "withheld",
                                           "deferred",
                                           "declined",
                                           "attended_not_supplied",
                                           "lost_to_closure",
                                           NULL};
    struct shop_case one[7];
    for (size_t i = 0; i < COUNT(one); i++) {
        one[i] =
            shop_enter(&shop, &(struct shop_wish){.name = shop_say("Tobias Greenshank %zu", i + 1).bytes});
    }
    shop_make(&shop, &shop.technician, shop_say("/instalments/%s.2026-11-23/prepare", one[1].rx).bytes, "{}",
              NULL);
    shop_supply(&shop, &(struct shop_supply){.rx = one[2].rx, .on = "2026-11-23"}, NULL);
    outcome(&one[3], &shop.pharmacist, "withheld");
    outcome(&one[4], &shop.pharmacist, "deferred");
    outcome(&one[5], &shop.counter, "declined");
    outcome(&one[6], &shop.counter, "attended_not_supplied");
    totals_add_up("2026-11-23", statuses, (const int[]){1, 1, 1, 0, 1, 1, 1, 1, 0});
    totals_add_up("2026-11-24", statuses, (const int[]){7, 0, 0, 0, 0, 0, 0, 0, 0});
    shop_clock(&shop, "{\"advance_to\":\"cut_off\"}");
    now_is("2026-11-23T18:01:00+00:00");
    /* M11: a deferred dose becomes missed; what else stands in place of a supply is left as it is */
    totals_add_up("2026-11-23", statuses, (const int[]){0, 0, 1, 3, 1, 0, 1, 1, 0});
    status_is(&one[4], "2026-11-23", "missed");
    shop_clock(&shop, "{\"advance_to\":\"tomorrow\"}");
    now_is("2026-11-24T09:00:00+00:00");
    totals_add_up("2026-11-23", statuses, (const int[]){0, 0, 1, 3, 1, 0, 1, 1, 0});
}

/* ---- closures ---- */

static void lost_to_an_unplanned_closure(void **state) {
    (void)state;
    struct shop_case one =
        shop_enter(&shop, &(struct shop_wish){.name = "Winifred Knot", .start_on = "2026-11-24"});
    shop_make(&shop, &shop.manager, "/calendar",
              "{\"unplanned\":{\"day\":\"2026-11-24\",\"reason\":\"burst pipe\"}}", NULL);
    struct api_answer answer = shop_get(&shop, &shop.counter, "/day?date=2026-11-24");
    assert_true(cJSON_IsFalse(shop_member(answer.body, "open")));
    api_done(&answer);
    shop_clock_to(&shop, "2026-11-24T23:59:59");
    status_is(&one, "2026-11-24", "due"); /* not missed at six: nobody could have come */
    shop_clock_to(&shop, "2026-11-25T00:00:00");
    status_is(&one, "2026-11-24", "lost_to_closure");
    shop_clock_to(&shop, "2026-11-25T09:00:00");
    answer = shop_decision(&shop, one.rx, "2026-11-25");
    assert_int_equal(shop_member(answer.body, "missed_days")->valueint, 1); /* the true run all the same */
    api_done(&answer);
    answer = shop_get(&shop, &shop.counter, shop_say("/outcomes?prescription=%s", one.rx).bytes);
    assert_int_equal(cJSON_GetArraySize(shop_member(answer.body, "items")), 1);
    api_done(&answer);
}

struct found {
    const char *collect, *on, *outcome, *at;
};

/* Exactly these outcomes, in the order of finding. */
static void found_once(const struct shop_case *one, const struct found *expected, size_t count) {
    struct api_answer answer =
        shop_get(&shop, &shop.counter, shop_say("/outcomes?limit=500&prescription=%s", one->rx).bytes);
    const cJSON *items = shop_member(answer.body, "items");
    if ((size_t)cJSON_GetArraySize(items) != count) {
        api_fail(shop.api, "%d outcomes instead of %zu: %s", cJSON_GetArraySize(items), count, answer.text);
    }
    for (size_t i = 0; i < count; i++) {
        const cJSON *item = NULL;
        bool same = false;
        cJSON_ArrayForEach(item, items) {
            same = same || (strcmp(shop_string(item, "collect"), expected[i].collect) == 0 &&
                            strcmp(shop_string(item, "on"), expected[i].on) == 0 &&
                            strcmp(shop_string(item, "outcome"), expected[i].outcome) == 0 &&
                            strcmp(shop_string(item, "at"), expected[i].at) == 0);
        }
        if (!same) {
            api_fail(shop.api, "%s of %s was not %s at %s: %s", expected[i].on, expected[i].collect,
                     expected[i].outcome, expected[i].at, answer.text);
        }
    }
    api_done(&answer);
}

#define MISSED(collect, on, at) \
    { collect, on, "missed", on "T" at }
#define LOST(collect, next) \
    { collect, collect, "lost_to_closure", next "T00:00:00+00:00" }

/* What falls due only after the cut-off is found when the day ends: nobody is forgotten. */
static void due_after_the_cut_off(void **state) {
    (void)state;
    static const struct found at_night[] = {
        {"2026-11-25", "2026-11-25", "missed", "2026-11-26T00:00:00+00:00"}};
    char id[SHOP_ID];
    struct shop_wish wish = {.name = "Araminta Plover", .start_on = "2026-11-25"};
    struct shop_case reversed = shop_enter(&shop, &wish);
    wish.name = "Benedict Plover";
    struct shop_case deferred = shop_enter(&shop, &wish);
    shop_supply(&shop, &(struct shop_supply){.rx = reversed.rx, .on = "2026-11-25"}, id);
    shop_clock_to(&shop, "2026-11-25T18:30:00");
    shop_make(&shop, &shop.pharmacist, shop_say("/supplies/%s/reverse", id).bytes,
              "{\"reason\":\"another patient's\"}", NULL);
    status_is(&reversed, "2026-11-25", "due");
    wish.name = "Celestine Plover";
    struct shop_case entered = shop_enter(&shop, &wish);
    status_is(&entered, "2026-11-25", "due");
    status_is(&deferred, "2026-11-25", "missed");
    outcome(&deferred, &shop.pharmacist, "deferred"); /* found once already: not a second time */
    shop_clock_to(&shop, "2026-11-26T09:00:00");
    found_once(&reversed, at_night, COUNT(at_night));
    found_once(&entered, at_night, COUNT(at_night));
    status_is(&entered, "2026-11-25", "missed");
    struct api_answer answer =
        shop_get(&shop, &shop.counter, shop_say("/outcomes?prescription=%s", deferred.rx).bytes);
    assert_int_equal(cJSON_GetArraySize(shop_member(answer.body, "items")), 2);
    api_done(&answer);
}

/* Collected every day over Christmas: with W1 each closed day's dose is due on the open day before, without it never. */
static void christmas(void **state) {
    (void)state;
    static const struct found with[] = {MISSED("2026-12-21", "2026-12-21", "18:00:00+00:00"),
                                        MISSED("2026-12-22", "2026-12-22", "18:00:00+00:00"),
                                        MISSED("2026-12-23", "2026-12-23", "18:00:00+00:00"),
                                        MISSED("2026-12-24", "2026-12-24", "18:00:00+00:00"),
                                        MISSED("2026-12-25", "2026-12-24", "18:00:00+00:00"),
                                        MISSED("2026-12-26", "2026-12-26", "13:00:00+00:00"),
                                        MISSED("2026-12-27", "2026-12-26", "13:00:00+00:00"),
                                        MISSED("2026-12-28", "2026-12-26", "13:00:00+00:00"),
                                        MISSED("2026-12-29", "2026-12-29", "18:00:00+00:00"),
                                        MISSED("2026-12-30", "2026-12-30", "18:00:00+00:00"),
                                        MISSED("2026-12-31", "2026-12-31", "18:00:00+00:00"),
                                        MISSED("2027-01-01", "2026-12-31", "18:00:00+00:00"),
                                        MISSED("2027-01-02", "2027-01-02", "13:00:00+00:00"),
                                        MISSED("2027-01-03", "2027-01-02", "13:00:00+00:00")};
    static const struct found without[] = {MISSED("2026-12-21", "2026-12-21", "18:00:00+00:00"),
                                           MISSED("2026-12-22", "2026-12-22", "18:00:00+00:00"),
                                           MISSED("2026-12-23", "2026-12-23", "18:00:00+00:00"),
                                           MISSED("2026-12-24", "2026-12-24", "18:00:00+00:00"),
                                           LOST("2026-12-25", "2026-12-26"),
                                           MISSED("2026-12-26", "2026-12-26", "13:00:00+00:00"),
                                           LOST("2026-12-27", "2026-12-28"),
                                           LOST("2026-12-28", "2026-12-29"),
                                           MISSED("2026-12-29", "2026-12-29", "18:00:00+00:00"),
                                           MISSED("2026-12-30", "2026-12-30", "18:00:00+00:00"),
                                           MISSED("2026-12-31", "2026-12-31", "18:00:00+00:00"),
                                           LOST("2027-01-01", "2027-01-02"),
                                           MISSED("2027-01-02", "2027-01-02", "13:00:00+00:00"),
                                           LOST("2027-01-03", "2027-01-04")};
    struct shop_wish wish = {
        .name = "Gwendolen Ruff", .start_on = "2026-12-21", .collect = "{\"every_days\":1}"};
    struct shop_case one = shop_enter(&shop, &wish);
    wish.name = "Lancelot Ruff";
    wish.wording = "[\"W3\"]";
    struct shop_case two = shop_enter(&shop, &wish);
    shop_clock_to(&shop, "2027-01-05T09:00:00"); /* one move over all of it */
    found_once(&one, with, COUNT(with));
    found_once(&two, without, COUNT(without));
    shop_clock_to(&shop, "2027-01-20T09:00:00");
    found_once(&one, with, COUNT(with));
    found_once(&two, without, COUNT(without));
    status_is(&two, "2026-12-25", "lost_to_closure");
    status_is(&one, "2026-12-25", "");
}

static void easter_and_summer_time(void **state) {
    (void)state;
    static const struct found expected[] = {MISSED("2027-03-25", "2027-03-25", "18:00:00+00:00"),
                                            MISSED("2027-03-26", "2027-03-25", "18:00:00+00:00"),
                                            MISSED("2027-03-27", "2027-03-27", "13:00:00+00:00"),
                                            MISSED("2027-03-28", "2027-03-27", "13:00:00+00:00"),
                                            MISSED("2027-03-29", "2027-03-27", "13:00:00+00:00"),
                                            MISSED("2027-03-30", "2027-03-30", "18:00:00+01:00"),
                                            MISSED("2027-03-31", "2027-03-31", "18:00:00+01:00")};
    shop_clock_to(&shop, "2027-03-24T09:00:00");
    shop_sign_in(&shop);
    struct shop_case one = shop_enter(
        &shop, &(struct shop_wish){.name = "Isambard Curlew",
                                   .signed_on = "2027-03-23",
                                   .start_on = "2027-03-25",
                                   .doses = "[{\"from\":\"2027-03-25\",\"days\":7,\"dose\":\"60\"}]",
                                   .total = "420",
                                   .collect = "{\"every_days\":1}"});
    shop_clock_to(&shop, "2027-04-01T00:00:00");
    now_is("2027-04-01T00:00:00+01:00");
    found_once(&one, expected, COUNT(expected));
}

/* The same figures, one deadline after the other. */
static void october_step_by_step(void **state) {
    (void)state;
    static const struct found expected[] = {MISSED("2027-10-29", "2027-10-29", "18:00:00+01:00"),
                                            MISSED("2027-10-30", "2027-10-30", "13:00:00+01:00"),
                                            LOST("2027-10-31", "2027-11-01"),
                                            MISSED("2027-11-01", "2027-11-01", "18:00:00+00:00"),
                                            MISSED("2027-11-02", "2027-11-02", "18:00:00+00:00")};
    shop_clock_to(&shop, "2027-10-28T20:00:00");
    struct shop_case one = shop_enter(
        &shop, &(struct shop_wish){.name = "Rowena Dotterel",
                                   .signed_on = "2027-10-28",
                                   .start_on = "2027-10-29",
                                   .doses = "[{\"from\":\"2027-10-29\",\"days\":5,\"dose\":\"60\"}]",
                                   .total = "300",
                                   .collect = "{\"every_days\":1}",
                                   .wording = "[\"W3\"]"});
    for (int i = 0; i < 4; i++) {
        shop_clock(&shop, "{\"advance_to\":\"cut_off\"}");
    }
    now_is("2027-11-02T18:01:00+00:00");
    found_once(&one, expected, COUNT(expected));
}

/* ---- midnight in the middle of a request ---- */

struct sleeper {
    struct shop_client client;
    struct shop_text body;
    const char *path;
    struct shop_text key;
    long delay_us;
    pthread_barrier_t *begin;
    struct api_answer answer;
};

static void *at_midnight(void *argument) {
    struct sleeper *sleeper = argument;
    pthread_barrier_wait(sleeper->begin);
    nanosleep(&(struct timespec){.tv_nsec = sleeper->delay_us * 1000}, NULL);
    shop_client_post(&sleeper->client, sleeper->path, sleeper->body.bytes, sleeper->key.bytes,
                     &sleeper->answer);
    return NULL;
}

static void run_night(struct sleeper *sleepers, size_t count) {
    pthread_t threads[AWAKE + 1];
    pthread_barrier_t begin;
    assert_int_equal(pthread_barrier_init(&begin, NULL, (unsigned)count), 0);
    for (size_t i = 0; i < count; i++) {
        sleepers[i].begin = &begin;
        assert_int_equal(pthread_create(&threads[i], NULL, at_midnight, &sleepers[i]), 0);
    }
    for (size_t i = 0; i < count; i++) {
        pthread_join(threads[i], NULL);
    }
    pthread_barrier_destroy(&begin);
}

/* Recorded on the day that it names, or refused because that day is over: nothing else. */
static int supplied_in_time(struct sleeper *sleeper, const char *day) {
    const struct api_answer *answer = &sleeper->answer;
    bool over = answer->status == 409 && shop_has(shop_member(answer->body, "reasons"), "code", "not_today");
    bool in_time = answer->status == 201 && strcmp(shop_string(answer->body, "on"), day) == 0 &&
                   strncmp(shop_string(answer->body, "at"), day, strlen(day)) == 0;
    if (!over && !in_time) {
        api_fail(shop.api, "at midnight: %d %s", answer->status, answer->text);
    }
    api_done(&sleeper->answer);
    return in_time ? 1 : 0;
}

static void midnight(void **state) {
    (void)state;
    static const char *const days[NIGHTS + 1] = {"2026-11-30", "2026-12-01", "2026-12-02",
                                                 "2026-12-03", "2026-12-04", "2026-12-05"};
    static struct sleeper sleepers[AWAKE + 1];
    for (size_t i = 0; i <= AWAKE; i++) {
        assert_true(shop_client_open(&sleepers[i].client, shop.api, &shop.pharmacist, NULL));
    }
    for (size_t n = 0; n < NIGHTS; n++) {
        int in_time = 0;
        for (size_t i = 0; i < AWAKE; i++) {
            struct shop_case one = shop_enter(
                &shop, &(struct shop_wish){.name = shop_say("Hermia Stonechat %zu-%zu", n, i).bytes,
                                           .start_on = days[n],
                                           .once = true});
            sleepers[i].path = "/supplies";
            sleepers[i].body = shop_supply_body(&shop, &(struct shop_supply){.rx = one.rx, .on = days[n]});
            sleepers[i].key = shop_say("night-%zu-%zu", n, i);
            sleepers[i].delay_us = n == 0 ? 100000 : (long)i * 300;
        }
        sleepers[AWAKE].path = "/demo/clock";
        sleepers[AWAKE].body = shop_say("{\"now\":\"%sT00:00:00\"}", days[n + 1]);
        sleepers[AWAKE].delay_us = n == 1 ? 100000 : (long)n * 250;
        shop_clock_to(&shop, shop_say("%sT23:59:59", days[n]).bytes);
        run_night(sleepers, AWAKE + 1);
        api_expect(shop.api, &sleepers[AWAKE].answer, 200);
        api_done(&sleepers[AWAKE].answer);
        for (size_t i = 0; i < AWAKE; i++) {
            in_time += supplied_in_time(&sleepers[i], days[n]);
        }
        assert_true((n != 0 || in_time == 0) && (n != 1 || in_time == AWAKE));
    }
    for (size_t i = 0; i <= AWAKE; i++) {
        shop_client_close(&sleepers[i].client);
    }
}

/* What the tests so far have left on the disk: one alert for each missed instalment, none for those lost. */
static void alerts_match(void **state) {
    (void)state;
    api_end(shop.api);
    long missed = shop_count(&shop, "SELECT count(*) FROM outcome WHERE outcome = 'missed'");
    assert_true(missed > 40);
    counted("SELECT count(*) FROM alert WHERE kind = 'missed_pickup'", missed);
    counted("SELECT count(DISTINCT prescription || collect_day) FROM outcome WHERE outcome = 'missed'",
            missed);
    counted("SELECT count(*) FROM outcome o JOIN alert a ON a.kind = 'missed_pickup' AND"
            " a.prescription = o.prescription AND a.on_day = o.on_day WHERE o.outcome = 'lost_to_closure'",
            0);
}

/* ---- down while it happened ---- */

static void start_at(const char *now) {
    const char *const arguments[] = {"--now", now, NULL};
    api_start_again(shop.api, arguments);
    shop_sign_in(&shop);
}

static bool log_says(const char *text) {
    char line[1024];
    bool found = false;
    FILE *file = fopen(shop.api->log, "r");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        found = found || strstr(line, text) != NULL;
    }
    fclose(file);
    return found;
}

static void missed_while_down(void **state) {
    (void)state;
    struct shop_case one = shop_enter(&shop, &(struct shop_wish){.name = "Cuthbert Avocet"});
    struct shop_case two = shop_enter(&shop, &(struct shop_wish){.name = "Drusilla Avocet"});
    shop_supply(&shop, &(struct shop_supply){.rx = two.rx, .on = "2026-11-23"}, NULL);
    api_end(shop.api);
    counted("SELECT count(*) FROM outcome", 0);
    start_at("2026-11-23T18:30:00");
    assert_true(log_says("event=caught_up found=1"));
    status_is(&one, "2026-11-23", "missed");
    status_is(&two, "2026-11-23", "supplied");
    api_end(shop.api);
    start_at("2026-11-23T18:30:00"); /* again, and with an earlier time: the clock stands where it stood */
    api_kill(shop.api);
    start_at("2026-11-20T09:00:00");
    now_is("2026-11-23T18:30:00+00:00");
    api_kill(shop.api);
    counted("SELECT count(*) FROM outcome", 1);
    start_at("2026-11-26T10:00:00"); /* two cut-offs in one go */
    status_is(&one, "2026-11-24", "missed");
    status_is(&two, "2026-11-25", "missed");
    status_is(&two, "2026-11-26", "due");
    static const struct found expected[] = {MISSED("2026-11-23", "2026-11-23", "18:00:00+00:00"),
                                            MISSED("2026-11-24", "2026-11-24", "18:00:00+00:00"),
                                            MISSED("2026-11-25", "2026-11-25", "18:00:00+00:00")};
    found_once(&one, expected, COUNT(expected));
    api_end(shop.api);
    counted("SELECT count(*) FROM outcome", 5);
    counted("SELECT count(*) FROM alert WHERE kind = 'missed_pickup'", 5);
    counted("SELECT count(*) FROM alert WHERE kind = 'supply_on_hold'", 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_forward),
        cmocka_unit_test(each_status),
        cmocka_unit_test(lost_to_an_unplanned_closure),
        cmocka_unit_test(due_after_the_cut_off),
        cmocka_unit_test(midnight),
        cmocka_unit_test(christmas),
        cmocka_unit_test(easter_and_summer_time),
        cmocka_unit_test(october_step_by_step),
        cmocka_unit_test(alerts_match),
    };
    const struct CMUnitTest alone[] = {
        cmocka_unit_test(missed_while_down),
        cmocka_unit_test(only_in_a_demonstration),
    };
    int failed = cmocka_run_group_tests(tests, start, stop);
    return failed + cmocka_run_group_tests(alone, start, stop);
}
