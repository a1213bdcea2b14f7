/* sys/worker: tasks run elsewhere, in order, and come back on the loop. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdlib.h>

#include "sys/worker.h"

struct sum {
    struct task task;
    struct event_base *base;
    struct worker *worker;
    pthread_t ran_on;
    int number;
    int *runs; /* worker's thread */
    int *done; /* loop's thread */
    int again; /* post again so many times */
};

static void sum_run(struct task *task) {
    struct sum *sum = (struct sum *)task;
    sum->ran_on = pthread_self();
    sum->number = ++*sum->runs;
}

static void sum_done(struct task *task) {
    struct sum *sum = (struct sum *)task;
    assert_false(pthread_equal(sum->ran_on, pthread_self()));
    assert_int_equal(sum->number, ++*sum->done);
    if (sum->again-- > 0)
        worker_post(sum->worker, task);
    else if (worker_idle(sum->worker))
        event_base_loopbreak(sum->base);
}

static void tasks_come_back_in_order(void **state) {
    (void)state;
    enum { TASKS = 100, AGAIN = 3 };
    struct event_base *base = event_base_new();
    struct worker *worker = worker_new(base);
    struct sum sums[TASKS];
    int runs = 0;
    int done = 0;
    assert_non_null(worker);
    for (int i = 0; i < TASKS; i++) {
        sums[i] = (struct sum){.task = {.run = sum_run, .done = sum_done},
                               .base = base,
                               .worker = worker,
                               .runs = &runs,
                               .done = &done,
                               .again = AGAIN};
        worker_post(worker, &sums[i].task);
    }
    event_base_dispatch(base);
    assert_int_equal(done, TASKS * (AGAIN + 1));
    worker_free(&worker);
    assert_null(worker);
    worker_free(&worker);
    event_base_free(base);
}

static void freeing_finishes_what_was_posted(void **state) {
    (void)state;
    struct event_base *base = event_base_new();
    struct worker *worker = worker_new(base);
    struct sum sums[10];
    int runs = 0;
    int done = 0;
    for (size_t i = 0; i < 10; i++) {
        sums[i] = (struct sum){.task = {.run = sum_run, .done = sum_done},
                               .base = base,
                               .worker = worker,
                               .runs = &runs,
                               .done = &done};
        worker_post(worker, &sums[i].task);
    }
    worker_free(&worker);
    assert_int_equal(done, 10);
    event_base_free(base);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tasks_come_back_in_order),
        cmocka_unit_test(freeing_finishes_what_was_posted),
    };
    return cmocka_run_group_tests_name("worker", tests, NULL, NULL);
}
