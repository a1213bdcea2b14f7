/* The facts of an alert as renderers read them: checked, cleaned, with nothing in them that may not go out. */
#ifndef INSTALMENT_ALERT_MESSAGE_H
#define INSTALMENT_ALERT_MESSAGE_H

#include "fhir.h"
#include "sys/arena.h"

/* In the order of alert_kinds. */
enum alert_kind {
    KIND_MISSED_PICKUP,
    KIND_SUPPLY_ON_HOLD,
    KIND_MISSED_RUN,
    KIND_INTERMITTENT,
    KIND_POSSIBLE_INTOXICATION,
    KIND_DOSE_NOT_COMPLETED,
    KIND_OTHER_CONCERN,
    KIND_ENDING_SOON,
    KIND_COLLECTION_ON_CLOSED_DAY,
    KIND_ATTENDED_NOT_SUPPLIED,
    KIND_PHARMACY_CLOSED,
    KIND_PATIENT_AWAY,
    KIND_IRREGULAR_SUPPLY,
    KIND_CORRECTION,
    KIND_ROUTE_TEST,
    KIND_DIGEST,
    KIND_COUNT
};

struct ready_message {
    struct alert_message m; /* its texts and lists lie in the arena */
    enum alert_kind kind;
    struct arena *arena;
};

/*
 * Makes it ready; message_release gives it back, also after a failure. What the kind or `identify` does not let out is NULL,
 * 0 or none afterwards. ALERT_FACTS_WRONG with *error (NULL: not wanted) set, ALERT_NO_MEMORY, ALERT_RENDERED: ready.
 */
enum alert_rendered message_make(struct ready_message *ready, const struct alert_message *message,
                                 const char **error);
void message_release(struct ready_message *ready);

/* "Missed collection": what a kind is called in front of a person; the word itself where it is none of ours. */
const char *message_title(const char *kind);

/* Seconds since 1970 of an instant that message_make has let through. */
int64_t message_at(const char *instant);

#endif
