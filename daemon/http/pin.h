/*
 * Is this somebody's PIN? For the person of the session a keyed hash in memory answers at once; for anybody else
 * Argon2id on the worker's thread. Guesses are slowed for the terminal and for the person, and never locked for good: a
 * pharmacy must be able to dose (hazard H42). An unknown person takes as long as a wrong PIN.
 */
#ifndef INSTALMENT_HTTP_PIN_H
#define INSTALMENT_HTTP_PIN_H

#include "desk/staff.h"
#include "sys/worker.h"

#define PIN_MAX 64
#define PIN_HASH_MAX 128

struct exchange;
struct server;
struct throttle;

enum pin_result {
    PIN_RIGHT,
    PIN_WRONG,  /* or nobody of that name, or no longer working here: not told apart */
    PIN_SLOWED, /* not looked at: exchange->pin.wait_seconds */
    PIN_FAILED  /* the store or memory failed */
};

/* One check under way; part of the exchange. */
struct pin_check {
    struct task task;
    struct exchange *exchange;
    const char *staff;
    char pin[PIN_MAX + 1];
    char hash[PIN_HASH_MAX];
    struct staff_row row; /* PIN_RIGHT: who it is; texts in the exchange's arena */
    bool found, right;
    int32_t wait_seconds;
    enum pin_result result;
    void (*then)(struct exchange *exchange, enum pin_result result);
};

/* Looks, and calls `then` on the loop, at once or later. */
void pin_check(struct exchange *exchange, const char *staff, const char *pin,
               void (*then)(struct exchange *exchange, enum pin_result result));

/* Answers for all but PIN_RIGHT: 403 pin_wrong (or `status`, `code`), 429 with Retry-After, 503. Loop. */
void pin_refuse(struct exchange *exchange, enum pin_result result, int status, const char *code,
                const char *detail);

struct throttle *throttle_new(void);
void throttle_free(struct throttle **throttle);

/*
 * A guess begins at `now` (elapsed ms): counted as wrong until throttle_right says otherwise, so that many at once do not
 * slip through. Returns 0, or the milliseconds to wait, and then nothing was counted.
 */
int64_t throttle_begin(struct throttle *throttle, const char *terminal, const char *staff, int64_t now);
void throttle_right(struct throttle *throttle, const char *terminal, const char *staff);

#endif
