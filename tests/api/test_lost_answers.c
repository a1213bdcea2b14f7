/*
 * The answer that never came (hazards H02, H36): a client sends a supply and is gone, or the daemon is killed; then the
 * same key is asked again. Whatever happened in between, there is one row, and everybody is told of the same supply.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "../support/shop.h"

#define PATIENTS 16
#define DAYS 20
#define ROUNDS 8 /* of killing */
#define FLYING 6 /* supplies under way when the daemon is killed */

#define WEEK(day) "{\"from\":\"" day "\",\"days\":6,\"dose\":\"60\"}"

static struct shop shop;
static struct shop_case cases[PATIENTS];
static long supplied;
static long replays;

static int start(void **state) {
    (void)state;
    shop_open(&shop, NULL);
    for (size_t i = 0; i < PATIENTS; i++) {
        cases[i] = shop_enter(
            &shop, &(struct shop_wish){.name = shop_say("Evadne Oystercatcher %zu", i + 1).bytes,
                                       .form = "GP10",
                                       .doses = "[" WEEK("2026-11-23") "," WEEK("2026-11-30") "," WEEK(
                                           "2026-12-07") "," WEEK("2026-12-14") "," WEEK("2026-12-21") "]",
                                       .total = "1800",
                                       .wording = "[]",
                                       .once = true});
    }
    return 0;
}

static int stop(void **state) {
    (void)state;
    shop_close(&shop);
    return 0;
}

static void wait_ms(long ms) {
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

/* ---- one supply, and how its connection is lost ---- */

struct attempt {
    struct shop_text body;
    struct shop_text key;
    char *request;
    size_t len;
};

static struct attempt attempt_of(const struct shop_case *one, const char *on, const char *key) {
    struct attempt attempt = {
        .body = shop_supply_body(&shop, &(struct shop_supply){.rx = one->rx, .on = on}),
        .key = shop_say("%s", key),
    };
    attempt.request = shop_request(shop.api, shop.pharmacist.token, "/supplies", attempt.body.bytes, key,
                                   false, &attempt.len);
    assert_non_null(attempt.request);
    return attempt;
}

enum loss {
    BEFORE_SENDING,
    WHILE_SENDING,
    AT_ONCE,    /* after the last byte */
    WITH_RESET, /* the same, and hard */
    A_MOMENT_LATER,
    WHILE_READING,
    LOSSES
};

/* Sends as far as it goes, and is gone. */
static void lose(const struct attempt *attempt, enum loss loss, size_t number) {
    const struct linger hard = {.l_onoff = 1};
    char some[64];
    struct api_connection connection = api_connect(shop.api, NULL);
    assert_true(connection.fd >= 0);
    size_t len = loss == BEFORE_SENDING  ? 0
                 : loss == WHILE_SENDING ? 1 + number * 131 % (attempt->len - 1)
                                         : attempt->len;
    assert_true(len == 0 || api_send(&connection, attempt->request, len));
    if (loss == A_MOMENT_LATER) {
        wait_ms((long)(number % 8));
    } else if (loss == WHILE_READING) {
        api_read_until(&connection, "\r\n", some, 2 + number % (sizeof some - 2), 10);
    } else if (loss == WITH_RESET) {
        setsockopt(connection.fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
    }
    api_close(&connection);
}

/* Asks with the same key: 201, and the same bytes each time. */
static void ask_again(const struct attempt *attempt) {
    char replayed[8] = "";
    struct api_answer first =
        api_post(shop.api, &shop.pharmacist, "/supplies", attempt->body.bytes, attempt->key.bytes);
    api_expect(shop.api, &first, 201);
    replays += api_header(&first, "Idempotent-Replay", replayed, sizeof replayed);
    struct api_answer again =
        api_post(shop.api, &shop.pharmacist, "/supplies", attempt->body.bytes, attempt->key.bytes);
    api_expect(shop.api, &again, 201);
    if (strcmp(first.text, again.text) != 0 ||
        !api_header(&again, "Idempotent-Replay", replayed, sizeof replayed)) {
        api_fail(shop.api, "two answers for one key: %s and %s", first.text, again.text);
    }
    api_done(&again);
    api_done(&first);
    supplied++;
}

static void connection_lost(void **state) {
    (void)state;
    static const char *const days[DAYS] = {
        "2026-11-23", "2026-11-24", "2026-11-25", "2026-11-26", "2026-11-27", "2026-11-28", "2026-11-30",
        "2026-12-01", "2026-12-02", "2026-12-03", "2026-12-04", "2026-12-05", "2026-12-07", "2026-12-08",
        "2026-12-09", "2026-12-10", "2026-12-11", "2026-12-12", "2026-12-14", "2026-12-15"};
    size_t number = 0;
    long first_hand[LOSSES] = {0};
    for (size_t d = 0; d < DAYS; d++) {
        shop_clock_to(&shop, shop_say("%sT09:01:00", days[d]).bytes);
        for (size_t i = 0; i < PATIENTS; i++, number++) {
            enum loss loss = (enum loss)(number % LOSSES);
            long before = replays;
            struct attempt attempt = attempt_of(&cases[i], days[d], shop_say("lost-%zu", number).bytes);
            lose(&attempt, loss, number);
            ask_again(&attempt);
            first_hand[loss] += replays == before;
            free(attempt.request);
        }
    }
    /* Half a request records nothing; one that was answered in part was recorded before. */
    assert_int_equal(first_hand[BEFORE_SENDING] + first_hand[WHILE_SENDING],
                     (long)((number + LOSSES - 1) / LOSSES + (number + LOSSES - 2) / LOSSES));
    assert_int_equal(first_hand[WHILE_READING], 0);
}

/* ---- the daemon is killed ---- */

/* What was told before: it must be told again, word for word. */
struct told {
    char id[SHOP_ID];
    char *text;
};

static struct told supply_now(const struct shop_case *one, const char *on) {
    struct told told;
    struct api_answer answer =
        shop_post(&shop, &shop.pharmacist, "/supplies",
                  shop_supply_body(&shop, &(struct shop_supply){.rx = one->rx, .on = on}).bytes);
    api_expect(shop.api, &answer, 201);
    snprintf(told.id, sizeof told.id, "%s", api_text(shop.api, &answer, "id"));
    told.text = strdup(answer.text);
    api_done(&answer);
    supplied++;
    return told;
}

/* Only what has become of the labels since is told as it is now: they have been printed. */
static void still_there(struct told *told) {
    struct api_answer answer = shop_get(&shop, &shop.pharmacist, shop_say("/supplies/%s", told->id).bytes);
    cJSON *before = cJSON_Parse(told->text);
    const cJSON *labels = shop_member(before, "labels");
    assert_int_equal(cJSON_GetArraySize(labels), 1);
    assert_true(shop_has(shop_member(answer.body, "labels"), "code",
                         shop_string(cJSON_GetArrayItem(labels, 0), "code")));
    assert_int_equal(cJSON_GetArraySize(shop_member(answer.body, "labels")), 1);
    cJSON_DeleteItemFromObject(before, "labels");
    cJSON_DeleteItemFromObject(answer.body, "labels");
    assert_true(cJSON_Compare(before, answer.body, true));
    cJSON_Delete(before);
    api_done(&answer);
    free(told->text);
}

/* Some are answered, some under way, then it is killed; the next one is asked for all of them. */
static void kill_once(size_t round, const char *on) {
    struct told told[2];
    struct attempt flying[FLYING];
    struct api_connection connections[FLYING];
    for (size_t i = 0; i < 2; i++) {
        told[i] = supply_now(&cases[i], on);
    }
    for (size_t i = 0; i < FLYING; i++) {
        connections[i] = api_connect(shop.api, NULL);
        flying[i] = attempt_of(&cases[2 + i], on, shop_say("killed-%zu-%zu", round, i).bytes);
        assert_true(connections[i].fd >= 0);
    }
    for (size_t i = 0; i < FLYING; i++) {
        assert_true(api_send(&connections[i], flying[i].request, flying[i].len));
    }
    wait_ms(round == 0 ? 300 : (long)(round % 6)); /* once, all of them are surely recorded */
    api_kill(shop.api);
    api_start_again(shop.api, NULL);
    shop.pharmacist = api_sign_in(shop.api, "a.khan");
    shop.counter = api_sign_in(shop.api, "c.evans");
    for (size_t i = 0; i < FLYING; i++) {
        api_close(&connections[i]);
        ask_again(&flying[i]);
        free(flying[i].request);
    }
    for (size_t i = 0; i < 2; i++) {
        still_there(&told[i]);
    }
}

static void daemon_killed(void **state) {
    (void)state;
    static const char *const days[ROUNDS] = {"2026-12-16", "2026-12-17", "2026-12-18", "2026-12-19",
                                             "2026-12-21", "2026-12-22", "2026-12-23", "2026-12-24"};
    long before = replays;
    for (size_t i = 0; i < ROUNDS; i++) {
        shop_clock_to(&shop, shop_say("%sT09:01:00", days[i]).bytes);
        kill_once(i, days[i]);
        if (i == 0) {
            assert_int_equal(replays - before, FLYING);
        }
    }
    printf("# %ld of those under way had been recorded\n", replays - before);
}

static void counted(const char *sql, long expected) {
    long count = shop_count(&shop, sql);
    if (count != expected) {
        api_fail(shop.api, "%ld instead of %ld: %s", count, expected, sql);
    }
}

static void one_row_each(void **state) {
    (void)state;
    api_end(shop.api);
    counted("SELECT count(*) FROM supply", supplied);
    counted("SELECT count(DISTINCT prescription || on_day) FROM supply", supplied);
    counted("SELECT count(*) FROM dosed_day WHERE turn = 0", supplied);
    counted("SELECT count(*) FROM register_entry", supplied);
    counted("SELECT count(DISTINCT supply) FROM print_job", supplied);
    counted("SELECT count(*) FROM register_entry a JOIN register_entry b ON b.section = a.section AND"
            " b.number = a.number + 1 WHERE b.previous = a.hash",
            supplied - 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(connection_lost),
        cmocka_unit_test(daemon_killed),
        cmocka_unit_test(one_row_each),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
