/*
 * Several counters at once (hazard H01): whoever is quickest supplies, everybody else is told so. Each client has its own
 * thread and connection; afterwards the database itself is counted. The register's chain must have no gap either.
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

#define CLIENTS 8
#define PAIR_PATIENTS 40
#define CROWD_PATIENTS 40
#define SAME_PATIENTS 40
#define STOP_PATIENTS 48
#define OPEN_DAYS 25

/* Six doses a week, so that each open day is one instalment of 60 ml. */
#define WEEK(day) "{\"from\":\"" day "\",\"days\":6,\"dose\":\"60\"}"
static const char doses[] = "[" WEEK("2026-11-23") "," WEEK("2026-11-30") "," WEEK("2026-12-07") "," WEEK(
    "2026-12-14") "," WEEK("2026-12-21") "]";

static struct shop shop;
static struct shop_case pairs[PAIR_PATIENTS];
static struct shop_case crowds[CROWD_PATIENTS];
static struct shop_case same[SAME_PATIENTS];
static struct shop_case stopped[STOP_PATIENTS];
static int supplied; /* answers 201 that were no replays */

/* One request of one client, all let go at the same moment. */
struct runner {
    struct shop_client client;
    struct shop_text path;
    struct shop_text body;
    struct shop_text key;
    int64_t delay_us;
    pthread_barrier_t *begin;
    struct api_answer answer;
    int64_t sent_us;
    int64_t answered_us;
};

static struct runner runners[CLIENTS];

static int64_t now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* On a thread of its own: nothing here may end the test. */
static void *race(void *argument) {
    struct runner *runner = argument;
    pthread_barrier_wait(runner->begin);
    if (runner->delay_us > 0) {
        nanosleep(&(struct timespec){.tv_nsec = runner->delay_us * 1000}, NULL);
    }
    runner->sent_us = now_us();
    shop_client_post(&runner->client, runner->path.bytes, runner->body.bytes, runner->key.bytes,
                     &runner->answer);
    runner->answered_us = now_us();
    return NULL;
}

static void race_all(size_t count) {
    pthread_t threads[CLIENTS];
    pthread_barrier_t begin;
    assert_int_equal(pthread_barrier_init(&begin, NULL, (unsigned)count), 0);
    for (size_t i = 0; i < count; i++) {
        runners[i].begin = &begin;
        assert_int_equal(pthread_create(&threads[i], NULL, race, &runners[i]), 0);
    }
    for (size_t i = 0; i < count; i++) {
        pthread_join(threads[i], NULL);
    }
    pthread_barrier_destroy(&begin);
}

static void forget_answers(size_t count) {
    for (size_t i = 0; i < count; i++) {
        api_done(&runners[i].answer);
        runners[i].delay_us = 0;
    }
}

/* ---- the pharmacy ---- */

static void enter(struct shop_case *list, size_t count, const struct shop_wish *wish) {
    for (size_t i = 0; i < count; i++) {
        struct shop_wish one = *wish;
        struct shop_text name = shop_say("%s %zu", wish->name, i + 1);
        one.name = name.bytes;
        one.form = "GP10";
        one.wording = "[\"W3\"]";
        one.once = true;
        list[i] = shop_enter(&shop, &one);
    }
}

static int start(void **state) {
    (void)state;
    shop_open(&shop, NULL);
    enter(pairs, PAIR_PATIENTS,
          &(struct shop_wish){.name = "Alberic Sanderling", .doses = doses, .total = "1800"});
    enter(crowds, CROWD_PATIENTS,
          &(struct shop_wish){.name = "Brunhilde Phalarope", .doses = doses, .total = "1800"});
    enter(same, SAME_PATIENTS,
          &(struct shop_wish){.name = "Casimir Gadwall", .doses = doses, .total = "1800"});
    enter(stopped, STOP_PATIENTS,
          &(struct shop_wish){.name = "Dorothea Goosander", .start_on = "2026-12-22"});
    for (size_t i = 0; i < CLIENTS; i++) { /* one person at eight terminals: sessions of their own */
        struct api_person who = api_sign_in(shop.api, "a.khan");
        assert_true(shop_client_open(&runners[i].client, shop.api, &who, NULL));
    }
    return 0;
}

static int stop(void **state) {
    (void)state;
    for (size_t i = 0; i < CLIENTS; i++) {
        shop_client_close(&runners[i].client);
    }
    shop_close(&shop);
    return 0;
}

/* ---- races for one instalment ---- */

static void aim(struct runner *runner, const struct shop_case *one, const char *on, const char *key) {
    runner->path = shop_say("/supplies");
    runner->body = shop_supply_body(&shop, &(struct shop_supply){.rx = one->rx, .on = on});
    runner->key = shop_say("%s", key);
}

/* Each with a key of its own: one 201, all others 409 because it was supplied. */
static void one_wins(const struct shop_case *one, const char *on, size_t count) {
    static int number;
    int winners = 0;
    for (size_t i = 0; i < count; i++) {
        aim(&runners[i], one, on, shop_say("race-%d-%zu", number, i).bytes);
    }
    number++;
    race_all(count);
    for (size_t i = 0; i < count; i++) {
        const struct api_answer *answer = &runners[i].answer;
        bool late = answer->status == 409 &&
                    (strcmp(shop_string(answer->body, "code"), "already_supplied") == 0 ||
                     shop_has(shop_member(answer->body, "reasons"), "code", "already_supplied"));
        if (answer->status != 201 && !late) {
            api_fail(shop.api, "a loser was told %d %s", answer->status,
                     answer->text == NULL ? "" : answer->text);
        }
        winners += answer->status == 201;
    }
    forget_answers(count);
    if (winners != 1) {
        api_fail(shop.api, "%d of %zu supplied the same instalment", winners, count);
    }
    supplied++;
}

/* All with the decision's key: everybody is told of the same supply. */
static void all_get_it(const struct shop_case *one, const char *on, size_t count) {
    int first_hand = 0;
    char replayed[8];
    struct api_answer decision = shop_decision(&shop, one->rx, on);
    for (size_t i = 0; i < count; i++) {
        aim(&runners[i], one, on, api_text(shop.api, &decision, "supply_key"));
    }
    api_done(&decision);
    race_all(count);
    const struct api_answer *first = &runners[0].answer;
    for (size_t i = 0; i < count; i++) {
        const struct api_answer *answer = &runners[i].answer;
        if (answer->status != 201 || strcmp(answer->text, first->text) != 0) {
            api_fail(shop.api, "the same key was told %d %s and %d %s", first->status, first->text,
                     answer->status, answer->text == NULL ? "" : answer->text);
        }
        first_hand += !api_header(answer, "Idempotent-Replay", replayed, sizeof replayed);
    }
    forget_answers(count);
    if (first_hand != 1) {
        api_fail(shop.api, "%d of %zu were first", first_hand, count);
    }
    supplied++;
}

/* Two clients a thousand times, eight some hundred times, and eight with one key, over the open days to Christmas. */
static void raced_for(void **state) {
    (void)state;
    static const char *const days[OPEN_DAYS] = {
        "2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26", "2026-11-27", "2026-11-28", "2026-11-30",
        "2026-12-01", "2026-12-02", "2026-12-03", "2026-12-04", "2026-12-05", "2026-12-07", "2026-12-08",
        "2026-12-09", "2026-12-10", "2026-12-11", "2026-12-12", "2026-12-14", "2026-12-15", "2026-12-16",
        "2026-12-17", "2026-12-18", "2026-12-19", "2026-12-21"};
    for (size_t d = 0; d < OPEN_DAYS; d++) {
        if (d > 0) {
            shop_clock_to(&shop, shop_say("%sT09:00:00", days[d]).bytes);
        }
        for (size_t i = 0; i < PAIR_PATIENTS; i++) {
            one_wins(&pairs[i], days[d], 2);
        }
        for (size_t i = 0; i < CROWD_PATIENTS; i++) {
            one_wins(&crowds[i], days[d], CLIENTS);
        }
        for (size_t i = 0; i < SAME_PATIENTS; i++) {
            all_get_it(&same[i], days[d], CLIENTS);
        }
    }
}

/* ---- against a stop ---- */

/*
 * One client stops the prescription, by hand or by the prescriber's word, while another supplies it again and again. A
 * supply sent after the stop was answered must be refused.
 */
static void stop_against_supply(const struct shop_case *one, size_t number) {
    struct runner *stopper = &runners[0];
    bool by_hand = number % 2 == 0;
    stopper->path = shop_say("/prescriptions/%s/%s", one->rx, by_hand ? "stop" : "consultations");
    stopper->body =
        shop_say(by_hand ? "{\"reason\":\"moved away\"}"
                         : "{\"with\":\"Dr Ida Vale\",\"role\":\"prescriber\",\"outcome\":\"stop\"}");
    stopper->key = shop_say("stop-%zu", number);
    stopper->delay_us = number % 4 == 3 ? 50000 : (int64_t)(number % 6) * 200;
    for (size_t i = 1; i < CLIENTS; i++) {
        aim(&runners[i], one, "2026-12-22", shop_say("late-%zu-%zu", number, i).bytes);
        runners[i].delay_us = number % 4 == 0 ? 50000 : (int64_t)(i * 450 + number % 7 * 100);
    }
    race_all(CLIENTS);
    if (stopper->answer.status != 201) {
        api_fail(shop.api, "the stop was told %d %s", stopper->answer.status, stopper->answer.text);
    }
    int64_t stopped_us = stopper->answered_us;
    int winners = 0;
    for (size_t i = 1; i < CLIENTS; i++) {
        int status = runners[i].answer.status;
        if (status != 409 && (status != 201 || runners[i].sent_us > stopped_us)) {
            api_fail(shop.api, "told %d, sent %lld us after the stop: %s", status,
                     (long long)(runners[i].sent_us - stopped_us), runners[i].answer.text);
        }
        winners += status == 201;
    }
    forget_answers(CLIENTS);
    assert_true(winners <= 1);
    supplied += winners;
    struct api_answer after = shop_post(
        &shop, &shop.second, "/supplies",
        shop_supply_body(&shop,
                         &(struct shop_supply){.rx = one->rx, .on = "2026-12-22", .confirmed_by = "d.osei"})
            .bytes);
    api_expect(shop.api, &after, 409);
    assert_true(shop_has(shop_member(after.body, "reasons"), "code", "not_active") ||
                shop_has(shop_member(after.body, "reasons"), "code", "already_supplied"));
    api_done(&after);
}

static void stopped_meanwhile(void **state) {
    (void)state;
    shop_clock_to(&shop, "2026-12-22T09:00:00");
    int before = supplied;
    for (size_t i = 0; i < STOP_PATIENTS; i++) {
        stop_against_supply(&stopped[i], i);
    }
    int won = supplied - before;
    printf("# %d of %d supplies came before the stop\n", won, STOP_PATIENTS);
    assert_in_range(won, 1, STOP_PATIENTS - 1); /* one of four each way is no race at all */
}

/* ---- what is on the disk; the daemon has ended ---- */

static void counted(const char *sql, long expected) {
    long count = shop_count(&shop, sql);
    if (count != expected) {
        api_fail(shop.api, "%ld instead of %ld: %s", count, expected, sql);
    }
}

static void one_row_each(void **state) {
    (void)state;
    for (size_t i = 0; i < CLIENTS; i++) {
        shop_client_close(&runners[i].client);
    }
    api_end(shop.api);
    counted("SELECT count(*) FROM supply", supplied);
    counted("SELECT count(DISTINCT prescription || on_day) FROM supply", supplied);
    counted("SELECT count(*) FROM dosed_day", supplied);
    counted("SELECT count(*) FROM dosed_day WHERE turn <> 0", 0);
    counted("SELECT count(*) FROM register_entry", supplied);
    counted("SELECT count(DISTINCT supply) FROM print_job", supplied);
    counted("SELECT count(*) FROM register_entry WHERE balance <> -60000 * number", 0);
    counted("SELECT count(*) FROM register_entry a JOIN register_entry b ON b.section = a.section AND"
            " b.number = a.number + 1 WHERE b.previous = a.hash",
            supplied - 1);
    counted("SELECT count(*) FROM supply s JOIN prescription_change c ON c.prescription = s.prescription AND"
            " c.kind = 'stop' AND c.seq < s.seq",
            0);
    counted("SELECT count(*) FROM supply s JOIN consultation c ON c.prescription = s.prescription AND"
            " c.outcome = 'stop' AND c.seq < s.seq",
            0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(raced_for),
        cmocka_unit_test(stopped_meanwhile),
        cmocka_unit_test(one_row_each),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
