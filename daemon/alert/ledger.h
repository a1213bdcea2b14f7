/*
 * The courier's jobs on the store: what is read for it and what is written by it, many alerts at a time. What crosses
 * between the threads stands in these structs alone; they belong to one side at a time.
 */
#ifndef INSTALMENT_ALERT_LEDGER_H
#define INSTALMENT_ALERT_LEDGER_H

#include "store/outbox.h"
#include "store/service.h"
#include "store/store.h"
#include "verdict.h"

#define LEDGER_ALERT_SIZE 40
#define LEDGER_LOADS_MAX 16
#define LEDGER_ROWS_MAX 2000

/* ---- reading */

enum load_state {
    LOAD_ENDED,  /* acknowledged or closed meanwhile */
    LOAD_PARKED, /* it waits for a person, or goes with a digest */
    LOAD_READY,
    LOAD_WRONG /* it cannot be rendered or its service has no endpoint: as refused, ours is wrong */
};

/* One alert that is about to be sent, or asked about. Texts live in the reading's arena. */
struct load {
    char alert[LEDGER_ALERT_SIZE];
    bool poll; /* no body is wanted */
    enum load_state state;
    struct outbox_row row;
    struct service_row service;
    struct outbox_body body;
    bool made; /* the body was made just now and is not stored yet */
};

struct reading {
    struct job job; /* first */
    struct arena *arena;
    bool refresh; /* what is new is wanted */
    int64_t after_number;
    int64_t after_event;
    bool first; /* nothing was read before: events up to now are in the rows */
    struct load loads[LEDGER_LOADS_MAX];
    size_t load_count;
    /* Filled. */
    struct outbox_row *rows;
    size_t row_count;
    struct event_row *events;
    size_t event_count;
    enum job_result result;
};

/* Sets run; done and arena are the caller's. */
void reading_init(struct reading *reading);

/* ---- writing */

enum note_kind {
    NOTE_LEASE,    /* stores the body where it is new, and marks it sending */
    NOTE_TRIED,    /* an attempt has ended */
    NOTE_POLLED,   /* a poll told of an acknowledgement or a rejection */
    NOTE_ESCALATE, /* nobody took it in time: a person telephones */
    NOTE_DIGEST    /* alerts of one patient become a digest: `parts` */
};

struct note {
    enum note_kind kind;
    char alert[LEDGER_ALERT_SIZE];
    struct note *next;
    struct item *item;       /* the courier's: whom it is about; NULL: nobody that is held */
    struct outbox_body body; /* lease: len 0: stored before. Borrowed until the note comes back */
    struct attempt_row attempt;
    unsigned char answer_digest[OUTBOX_DIGEST_SIZE];
    struct send_verdict verdict;      /* tried, polled */
    char *location;                   /* owned */
    const char *why;                  /* escalate: a constant word */
    char (*parts)[LEDGER_ALERT_SIZE]; /* digest; owned */
    size_t part_count;
    /* Filled: it had ended, or waits for a person: it is not to be sent. */
    bool dropped;
};

void note_free(struct note **note);

struct writing {
    struct job job; /* first */
    struct arena *arena;
    struct note *notes;
    enum job_result result;
};

void writing_init(struct writing *writing);

#endif
