#include "pin.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parts.h"

/* ---- the throttle */

#define THROTTLE_SLOTS 512
#define THROTTLE_FORGET_MS (INT64_C(10) * 60 * 1000)
#define PERSON_FREE 3 /* wrong PINs in a row that cost nothing */
#define PERSON_MOST_MS 30000
#define TERMINAL_FREE 10 /* of all people at a terminal, less half at each right one */
#define TERMINAL_MOST_MS 60000

struct throttle_slot {
    unsigned char who[16];
    int32_t wrong;
    int64_t last_ms, until_ms;
};

struct throttle {
    struct throttle_slot slots[THROTTLE_SLOTS];
};

struct throttle *throttle_new(void) {
    return calloc(1, sizeof(struct throttle));
}

void throttle_free(struct throttle **throttle) {
    free(*throttle);
    *throttle = NULL;
}

/* The slot of a person ('p') or a terminal ('t'); the one longest unused where it has none yet. */
static struct throttle_slot *throttle_slot(struct throttle *throttle, char kind, const char *name) {
    unsigned char who[16];
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, sizeof who);
    crypto_generichash_update(&state, (const unsigned char *)&kind, 1);
    crypto_generichash_update(&state, (const unsigned char *)name, strlen(name));
    crypto_generichash_final(&state, who, sizeof who);
    struct throttle_slot *oldest = &throttle->slots[0];
    for (size_t i = 0; i < THROTTLE_SLOTS; i++) {
        struct throttle_slot *slot = &throttle->slots[i];
        if (memcmp(slot->who, who, sizeof who) == 0) {
            return slot;
        }
        if (slot->last_ms < oldest->last_ms) {
            oldest = slot;
        }
    }
    memset(oldest, 0, sizeof *oldest);
    memcpy(oldest->who, who, sizeof who);
    return oldest;
}

static void throttle_count(struct throttle_slot *slot, int64_t now, int32_t free_tries, int64_t most) {
    slot->wrong++;
    slot->last_ms = now;
    int32_t over = slot->wrong - free_tries;
    int64_t wait = over <= 0 ? 0 : over > 10 ? most : INT64_C(500) << over;
    slot->until_ms = now + (wait < most ? wait : most);
}

int64_t throttle_begin(struct throttle *throttle, const char *terminal, const char *staff, int64_t now) {
    struct throttle_slot *of_terminal = throttle_slot(throttle, 't', terminal);
    of_terminal->last_ms =
        of_terminal->last_ms == 0 ? now : of_terminal->last_ms; /* the next look must not take it */
    struct throttle_slot *person = throttle_slot(throttle, 'p', staff);
    struct throttle_slot *both[] = {of_terminal, person};
    int64_t wait = 0;
    for (size_t i = 0; i < 2; i++) {
        if (now - both[i]->last_ms > THROTTLE_FORGET_MS) {
            both[i]->wrong = 0;
            both[i]->until_ms = 0;
        }
        wait = both[i]->until_ms - now > wait ? both[i]->until_ms - now : wait;
    }
    if (wait == 0) {
        throttle_count(of_terminal, now, TERMINAL_FREE, TERMINAL_MOST_MS);
        throttle_count(person, now, PERSON_FREE, PERSON_MOST_MS);
    }
    return wait;
}

void throttle_right(struct throttle *throttle, const char *terminal, const char *staff) {
    struct throttle_slot *person = throttle_slot(throttle, 'p', staff);
    person->wrong = 0;
    person->until_ms = 0;
    struct throttle_slot *of_terminal = throttle_slot(throttle, 't', terminal);
    of_terminal->wrong /= 2;
    of_terminal->until_ms = 0;
}

/* ---- one check */

/* What is compared where there is nobody: the same work, never right. */
static const char nobody_hash[] =
    "$argon2id$v=19$m=65536,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

static const char *pin_terminal(const struct exchange *exchange) {
    return exchange->terminal != NULL ? exchange->terminal : "";
}

static void pin_finish(struct exchange *exchange, enum pin_result result) {
    struct pin_check *check = &exchange->pin;
    sodium_memzero(check->hash, sizeof check->hash);
    if (result == PIN_RIGHT) {
        throttle_right(exchange->server->throttle, pin_terminal(exchange), check->staff);
    } else if (result == PIN_WRONG) {
        exchange->server->counts.pins_wrong++;
        audit_post(exchange->server, exchange->call.who.staff, exchange->terminal, "wrong pin", NULL,
                   check->found ? check->staff : NULL);
    }
    check->then(exchange, result);
    /* `then` may have freed the exchange */
}

static void pin_run(struct task *task) {
    struct pin_check *check = (struct pin_check *)task;
    check->right = crypto_pwhash_str_verify(check->hash, check->pin, strlen(check->pin)) == 0;
}

static void pin_done(struct task *task) {
    struct pin_check *check = (struct pin_check *)task;
    pin_finish(check->exchange, check->right && check->found ? PIN_RIGHT : PIN_WRONG);
}

/* On the reader's thread. */
static bool pin_read(struct exchange *exchange, struct tx *tx) {
    struct pin_check *check = &exchange->pin;
    check->found = desk_staff_read(tx, check->staff, &check->row) == DESK_OK &&
                   desk_staff_is_in(&check->row, tx->now.day);
    return db_state(tx->db) == DB_FINE;
}

static void pin_then(struct exchange *exchange) {
    struct pin_check *check = &exchange->pin;
    if (exchange->result != JOB_DONE) {
        pin_finish(exchange, PIN_FAILED);
        return;
    }
    const char *hash =
        check->found && strlen(check->row.pin_hash) < sizeof check->hash ? check->row.pin_hash : nobody_hash;
    memcpy(check->hash, hash, strlen(hash) + 1);
    check->task.run = pin_run;
    check->task.done = pin_done;
    worker_post(exchange->server->worker, &check->task);
}

/* The session's own person: no Argon2id, and the row is made from the session. */
static bool pin_own(struct exchange *exchange, enum pin_result *result) {
    struct pin_check *check = &exchange->pin;
    const struct session *session = session_of(exchange->server->sessions, exchange->session);
    if (session == NULL || strcmp(session->who.staff, check->staff) != 0) {
        return false;
    }
    check->row = (struct staff_row){.id = exchange->call.who.staff,
                                    .name = exchange->call.who.name,
                                    .role = role_text(exchange->call.who.role),
                                    .registration = exchange->call.who.registration,
                                    .active = true,
                                    .valid_until = DAY_NONE};
    check->found = true;
    *result = session_pin_right(exchange->server->sessions, session, check->pin) ? PIN_RIGHT : PIN_WRONG;
    return true;
}

void pin_check(struct exchange *exchange, const char *staff, const char *pin,
               void (*then)(struct exchange *exchange, enum pin_result result)) {
    struct pin_check *check = &exchange->pin;
    memset(check, 0, sizeof *check);
    check->exchange = exchange;
    check->staff = arena_text(exchange->arena, staff, strlen(staff));
    check->then = then;
    if (check->staff == NULL || strlen(pin) > PIN_MAX) {
        pin_finish(exchange, check->staff == NULL ? PIN_FAILED : PIN_WRONG);
        return;
    }
    memcpy(check->pin, pin, strlen(pin) + 1);
    int64_t wait =
        throttle_begin(exchange->server->throttle, pin_terminal(exchange), staff, clock_elapsed_ms());
    if (wait > 0) {
        check->wait_seconds = (int32_t)((wait + 999) / 1000);
        pin_finish(exchange, PIN_SLOWED);
        return;
    }
    enum pin_result result = PIN_WRONG;
    if (pin_own(exchange, &result)) {
        pin_finish(exchange, result);
    } else {
        exchange_read(exchange, pin_read, pin_then);
    }
}

void pin_refuse(struct exchange *exchange, enum pin_result result, int status, const char *code,
                const char *detail) {
    if (result == PIN_SLOWED) {
        char seconds[16];
        snprintf(seconds, sizeof seconds, "%d", exchange->pin.wait_seconds);
        exchange_header(exchange, "Retry-After", seconds);
        exchange_refuse(exchange, 429, "slow_down",
                        "There were too many wrong PINs. Wait a moment and try again.");
    } else if (result == PIN_FAILED) {
        exchange_refuse(exchange, 503, "unavailable", "The PIN could not be looked at. Try again.");
    } else {
        exchange_refuse(exchange, status, code, detail);
    }
}
