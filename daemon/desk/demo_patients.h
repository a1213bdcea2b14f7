/*
 * The made-up patients of `--demo`: a dozen people in every state that a counter meets, with two weeks behind them that
 * were played through the same use cases that staff use.
 */
#ifndef INSTALMENT_DESK_DEMO_PATIENTS_H
#define INSTALMENT_DESK_DEMO_PATIENTS_H

#include "desk.h"

/* Who does what in the demonstration: sign-in names of its staff. */
struct demo_hands {
    struct identity manager;
    struct identity pharmacist;
    struct identity second_pharmacist;
    struct identity technician;
};

/*
 * Fills an empty demonstration; tx->now must be its start, on a Monday. tx->now and tx->staff are changed while the days
 * before are played and are as before afterwards. DESK_OK or DESK_FAILED.
 */
enum desk_result demo_patients_fill(struct tx *tx, const struct demo_hands *hands);

#endif
