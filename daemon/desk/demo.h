/*
 * The demonstration: what it puts into a new store, and what a second start finds there. Made-up people only. Its
 * secrets are none: PINs stand in demo.c, the terminal's token in the store, and both in the ready line; nothing of it
 * can be opened by a real pharmacy's daemon (store.h, `demo`).
 */
#ifndef INSTALMENT_DESK_DEMO_H
#define INSTALMENT_DESK_DEMO_H

#include "desk.h"
#include "store/terminal.h"

/* Monday 2026-11-23, 09:00 at the pharmacy: where its clock starts. */
#define DEMO_DAY 20780
#define DEMO_MINUTE 540
/* How many days before that its staff and hours were entered, where it has patients. */
#define DEMO_DAYS_BEHIND 15

struct demo_person {
    const char *staff; /* sign-in name */
    const char *name;
    const char *pin;
    enum role role;
    const char *registration; /* NULL: none */
};

/* Who works there. */
const struct demo_person *demo_people(size_t *count);

/* Where its clock stood when the store was left; false where it is new (or the store failed: tx->db says). */
bool demo_clock(struct tx *tx, int64_t *at);

/*
 * Fills a new store: staff, opening hours, confirmed bank holidays, policy, a responsible pharmacist signed on, a
 * terminal; with `patients` also the people of demo_patients.h and the two weeks behind them. One that has been filled before is left as it is. Either way the terminal's token is written to `token`.
 * Hashes PINs and takes half a second then: for start-up. DESK_OK or DESK_FAILED, and then nothing may be kept.
 */
enum desk_result demo_open(struct tx *tx, bool patients, char token[TERMINAL_TOKEN_SIZE]);

/*
 * The inbox that runs beside a demonstration becomes the endpoint of its service, entered by two of its staff, and a
 * route_test goes there. Nobody has signed in at the inbox yet, so the test counts as acknowledged from the beginning:
 * here alone. Does nothing where the demonstration has no service. DESK_OK or DESK_FAILED.
 */
enum desk_result demo_endpoint(struct tx *tx, const char *url, const char *ca, const char *secret);

#endif
