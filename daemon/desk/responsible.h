/*
 * The responsible pharmacist: one at a time, signed on and off with a PIN, with absences. Whoever signs on takes over
 * from the one before.
 */
#ifndef INSTALMENT_DESK_RESPONSIBLE_H
#define INSTALMENT_DESK_RESPONSIBLE_H

#include "desk.h"
#include "store/responsible.h"

/*
 * D25: who is signed on (sign-in name, in the arena), or NULL. Nobody stays signed on who is no longer let in or no
 * pharmacist any more. An absence leaves the person signed on, as the law has it: struct responsible_view tells of it.
 */
const char *desk_responsible_pharmacist(struct tx *tx);

enum responsible_act {
    RESPONSIBLE_SIGN_ON,
    RESPONSIBLE_SIGN_OFF,
    RESPONSIBLE_ABSENT_FROM,
    RESPONSIBLE_ABSENT_TO,
    RESPONSIBLE_ACT_COUNT
};

/* "sign_on", "sign_off", "absent_from", "absent_to", ended by NULL: indexes are the acts. */
extern const char *const responsible_acts[RESPONSIBLE_ACT_COUNT + 1];

/* The law allows two hours of absence between midnight and midnight. */
#define RESPONSIBLE_ABSENCE_MINUTES 120

struct responsible_view {
    const char *staff; /* NULL: nobody is signed on, and the members below mean nothing */
    const char *name;
    const char *registration; /* NULL: none known */
    int64_t since;
    int64_t absent_since;         /* 0: here */
    int32_t absent_minutes_today; /* up to now, of whoever was signed on */
    struct responsible_row *rows; /* newest first */
    size_t count;
};

/* Who is signed on, and up to `limit` rows before seq `before` (TX_NOW: the newest). DESK_OK or DESK_FAILED. */
enum desk_result desk_responsible_read(struct tx *tx, int64_t before, int32_t limit,
                                       struct responsible_view *out);

/*
 * Records an act of the person whose PIN was right. DESK_FORBIDDEN "not_a_pharmacist"; DESK_CONFLICT
 * "already_signed_on", "not_signed_on", "already_absent", "not_absent".
 */
enum desk_result desk_responsible_record(struct tx *tx, enum responsible_act act, const struct identity *who,
                                         struct desk_problem *problem);

#endif
