/*
 * Slow clients: many connections that send a request byte by byte, while a good client goes on supplying: a hundred of
 * them, whom the daemon lets in, and six hundred for 20 s, who are more than it does.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "../support/shop.h"

#define SLOW_MAX 600
#define PATIENTS_MAX 40
#define PER_ADDRESS 12
#define LATENCY_MAX_MS 2000
#define LOG_MAX 65536

static struct shop shop;
static struct shop_case cases[PATIENTS_MAX];
static struct api_connection slow[SLOW_MAX];
static size_t slow_count;
static size_t patient_count;
static atomic_bool ending;
static atomic_long bytes_sent;
static atomic_long come_again; /* connections that had been ended and were made anew */

static const char drip[] =
    "POST /api/v1/supplies HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    "Content-Length: 60000\r\nX-Filler: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n";

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void wait_ms(long ms) {
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

static int start(size_t connections, size_t patients) {
    slow_count = connections;
    patient_count = patients;
    atomic_store(&ending, false);
    atomic_store(&bytes_sent, 0);
    atomic_store(&come_again, 0);
    shop_open(&shop, NULL);
    for (size_t i = 0; i < patient_count; i++) {
        cases[i] = shop_enter(
            &shop, &(struct shop_wish){.name = shop_say("Hyacinth Moorhen %zu", i + 1).bytes, .once = true});
    }
    return 0;
}

static int start_within(void **state) {
    (void)state;
    return start(100, 12);
}

static int start_beyond(void **state) {
    (void)state;
    return start(SLOW_MAX, PATIENTS_MAX);
}

static int stop(void **state) {
    (void)state;
    shop_close(&shop);
    return 0;
}

/* Each from one of many addresses, so that no address has more than it may. */
static void come(size_t number) {
    char from[32];
    snprintf(from, sizeof from, "127.0.1.%zu", 1 + number / PER_ADDRESS);
    slow[number] = api_connect(shop.api, from);
}

/* A byte from each, round after round; who is thrown out comes again. */
static void *drip_on(void *argument) {
    size_t at = 0;
    (void)argument;
    while (!atomic_load(&ending)) {
        int64_t begun = now_ms();
        for (size_t i = 0; i < slow_count && !atomic_load(&ending); i++) {
            if (slow[i].fd >= 0 && api_send(&slow[i], &drip[at % (sizeof drip - 1)], 1)) {
                atomic_fetch_add(&bytes_sent, 1);
                continue;
            }
            api_close(&slow[i]);
            come(i);
            atomic_fetch_add(&come_again, 1);
        }
        at++;
        int64_t took = now_ms() - begun;
        wait_ms(took < 200 ? (long)(200 - took) : 1);
    }
    return NULL;
}

/* Its connection stays; where there is room, it comes anew each second time. */
static void supply(struct shop_client *client, size_t number) {
    struct shop_text body =
        shop_supply_body(&shop, &(struct shop_supply){.rx = cases[number].rx, .on = "2026-11-23"});
    struct shop_text key = shop_say("good-%zu", number);
    int64_t begun = now_ms();
    int status = 0;
    if (number % 2 == 1 && slow_count < 200) {
        struct api_answer answer = api_post(shop.api, &shop.pharmacist, "/supplies", body.bytes, key.bytes);
        status = answer.status;
        api_done(&answer);
    } else {
        status = shop_client_post(client, "/supplies", body.bytes, key.bytes, NULL);
    }
    int64_t took = now_ms() - begun;
    if (status != 201 || took > LATENCY_MAX_MS) {
        api_fail(shop.api, "supply %zu was told %d after %lld ms", number, status, (long long)took);
    }
}

static void good_client_goes_on(void **state) {
    (void)state;
    struct shop_client client;
    pthread_t thread;
    struct stat log;
    assert_true(shop_client_open(&client, shop.api, &shop.pharmacist, NULL));
    for (size_t i = 0; i < slow_count; i++) {
        come(i);
    }
    assert_int_equal(pthread_create(&thread, NULL, drip_on, NULL), 0);
    for (size_t i = 0; i < patient_count; i++) {
        supply(&client, i);
        wait_ms(500);
    }
    atomic_store(&ending, true);
    pthread_join(thread, NULL);
    for (size_t i = 0; i < slow_count; i++) {
        api_close(&slow[i]);
    }
    shop_client_close(&client);
    assert_true(atomic_load(&bytes_sent) > (long)slow_count * 10 || slow_count == SLOW_MAX);
    if (slow_count < 200) { /* within the limits, and within the time for a request: nobody is thrown out */
        assert_int_equal(atomic_load(&come_again), 0);
    }
    assert_int_equal(stat(shop.api->log, &log), 0);
    assert_true(log.st_size < LOG_MAX);
}

/* What was in the way is gone: the next one is let in. */
static void room_again(void **state) {
    (void)state;
    struct api_answer answer = shop_get(&shop, NULL, "/healthz");
    assert_string_equal(api_text(shop.api, &answer, "status"), "ok");
    api_done(&answer);
    answer = shop_get(&shop, &shop.counter, "/day");
    assert_int_equal(shop_member(shop_member(answer.body, "totals"), "supplied")->valueint,
                     (int)patient_count);
    api_done(&answer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_client_goes_on),
        cmocka_unit_test(room_again),
    };
    int failed = cmocka_run_group_tests_name("within_the_limits", tests, start_within, stop);
    return failed + cmocka_run_group_tests_name("beyond_the_limits", tests, start_beyond, stop);
}
