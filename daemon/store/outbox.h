/*
 * Alerts on their way (alerts.md, "States"): what is open, the bytes that are sent, every attempt, and what became of
 * each alert. Facts are appended; the table of what is open is derived from them in the same transaction, and is all that
 * is ever looked through. Everything returned lives in the transaction's arena.
 */
#ifndef INSTALMENT_STORE_OUTBOX_H
#define INSTALMENT_STORE_OUTBOX_H

#include "tx.h"

#define OUTBOX_DIGEST_SIZE 32

struct event_row;

/*
 * What an open alert waits for. `sending` is a lease: after a crash it means that nobody knows whether it went out, and
 * it is sent again with the same id and bytes.
 */
enum outbox_state {
    OUTBOX_WAITING, /* for a person: no agreement, or nowhere to send it */
    OUTBOX_QUEUED,
    OUTBOX_SENDING,
    OUTBOX_RETRYING,
    OUTBOX_REFUSED,  /* their configuration or ours is wrong: tried again each hour */
    OUTBOX_ACCEPTED, /* not read yet */
    OUTBOX_STATE_COUNT
};

/* "waiting", ...; the parser returns OUTBOX_STATE_COUNT for any other text. */
const char *outbox_state_text(enum outbox_state state);
enum outbox_state outbox_state_parse(const char *text);

/* One open alert. */
struct outbox_row {
    int64_t number; /* in the order of raising */
    const char *alert;
    const char *kind;
    const char *patient; /* NULL: about none (route_test) */
    const char *service; /* NULL: nobody to send it to */
    bool urgent;
    enum outbox_state state;
    const char
        *why; /* waiting: "no_service", "no_endpoint", "not_confirmed", "switched_off", "no_agreement" */
    int64_t raised_at;
    int64_t accept_by;
    int64_t due_by;
    int32_t attempts;
    const char *location; /* where to ask for the Task; NULL: at the endpoint */
    const char *phone;    /* why it stands on the phone list; NULL: it does not */
    const char *digest;   /* it goes with this digest; NULL: by itself */
};

/* Opens an alert that was appended under tx->seq; row->number is not looked at. */
void outbox_add(struct tx *tx, const struct outbox_row *row);

/* One open alert. False where it has ended, never was, or the store failed. */
bool outbox_find(struct tx *tx, const char *alert, struct outbox_row *out);

/*
 * Open alerts in the order of raising: those with a larger number; of one service; of one patient and service. At most
 * `limit`. False where memory is short or the store failed: *rows is not to be looked at.
 */
bool outbox_after(struct tx *tx, int64_t number, int32_t limit, struct outbox_row **rows, size_t *count);
bool outbox_of_service(struct tx *tx, const char *service, struct outbox_row **rows, size_t *count);
bool outbox_of_patient(struct tx *tx, const char *patient, struct outbox_row **rows, size_t *count);

/* Those on the phone list, urgent ones first. */
bool outbox_on_phone(struct tx *tx, int32_t limit, struct outbox_row **rows, size_t *count);

/* Of a patient's record that stands: how many alerts are open, and whether one of them stands on the phone list. */
struct outbox_count {
    const char *patient;
    int32_t open; /* a digest is not counted besides its parts */
    bool telephone;
};

/* All patients with open alerts, by id; one patient (none open: 0, false). False: memory is short, or the store failed. */
bool outbox_by_patient(struct tx *tx, struct outbox_count **rows, size_t *count);
bool outbox_count_of(struct tx *tx, const char *patient, struct outbox_count *out);

/* Changes what is derived; the fact behind it is appended by the caller in the same transaction. */
void outbox_set_state(struct tx *tx, const char *alert, enum outbox_state state, const char *why);
void outbox_set_phone(struct tx *tx, const char *alert, const char *why);
void outbox_set_tried(struct tx *tx, const char *alert, enum outbox_state state, int32_t attempts,
                      const char *location);
void outbox_set_digest(struct tx *tx, const char *alert, const char *digest);
void outbox_remove(struct tx *tx, const char *alert);

/* ---- what ends or holds up alerts: a fact and what follows from it, under tx->seq */

/*
 * Acknowledged (event->kind "acknowledged"): it is open no longer, nor are the parts of a digest. A route_test that the
 * service itself acknowledged confirms the endpoint, unless that was changed since, and lets go what waited for it.
 */
void outbox_acknowledge(struct tx *tx, const struct event_row *event);

/* The endpoint answered that it is gone (410): switched off, and what is open for it waits for a person. */
void outbox_switch_off(struct tx *tx, const char *service, const char *alert);

/* ---- facts */

struct outbox_body {
    const char *correlation;
    const void *bytes;
    size_t len;
};

/* Stores the bytes once, with their SHA-256. */
void outbox_body_append(struct tx *tx, const char *alert, const struct outbox_body *body);
/* False where there are none yet, or the store failed. The bytes are copied to the arena. */
bool outbox_body_find(struct tx *tx, const char *alert, struct outbox_body *out);

struct attempt_row {
    const char *alert;
    int32_t number;
    int64_t at;      /* clock_now when it began */
    int64_t sent_at; /* real time */
    int64_t ms;
    int32_t status;                     /* 0: no answer */
    const char *result;                 /* "accepted", "unconfirmed", "retry", "refused", "gone" */
    const char *error;                  /* class, NULL: none */
    const unsigned char *answer_digest; /* OUTBOX_DIGEST_SIZE bytes, or NULL */
};

void attempt_append(struct tx *tx, const struct attempt_row *row);
bool attempts_of(struct tx *tx, const char *alert, struct attempt_row **rows, size_t *count);

/* When it was accepted; 0: not yet. */
int64_t attempts_accepted_at(struct tx *tx, const char *alert);

struct event_row {
    int64_t id; /* reading */
    const char *alert;
    const char *kind; /* "queued", "waiting", "accepted", "escalated", "rejected", "acknowledged", "closed" */
    int64_t at;
    const char *why;
    const char *how;
    const char *person;
    const char *note;
    const char *staff; /* reading: who recorded it; NULL: the program */
};

void event_append(struct tx *tx, const struct event_row *row);
/* All of one alert, oldest first; and up to `limit` of all alerts with a larger id. */
bool events_of(struct tx *tx, const char *alert, struct event_row **rows, size_t *count);
bool events_after(struct tx *tx, int64_t id, int32_t limit, struct event_row **rows, size_t *count);
/* The largest id; 0: none. */
int64_t events_last(struct tx *tx);

/* The parts of a digest, oldest first; and making an alert one. */
bool parts_of(struct tx *tx, const char *digest, const char ***alerts, size_t *count);
void part_append(struct tx *tx, const char *digest, const char *alert);

/* ---- endpoints */

enum endpoint_state { ENDPOINT_UNCONFIRMED, ENDPOINT_CONFIRMED, ENDPOINT_SWITCHED_OFF };

/* What the facts say of a service's endpoint, whether it has one now or not. *changed: the seq of its last change. */
enum endpoint_state endpoint_state_of(struct tx *tx, const char *service, int64_t *changed);

/* kind: "changed", "confirmed", "switched_off"; hangs on tx->seq. */
void endpoint_fact_append(struct tx *tx, const char *service, const char *kind, const char *alert);

#endif
