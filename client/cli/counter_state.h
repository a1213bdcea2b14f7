/*
 * The counter in full screen: what it knows, where it stands, and what a key, an answer or a second does to that. No
 * screen, no network and no clock in here: counter_draw.c draws it, counter.c makes the requests that it wants.
 *
 *     key or second  ->  counter_key, counter_second  ->  counter_take (what is wanted)  ->  the request
 *     its answer     ->  counter_day, counter_decision, counter_recorded, counter_refused ...  ->  a new state
 *
 * One thread. Trees that are handed over belong to the counter; PINs are wiped as soon as they were sent, and whenever the
 * screen locks.
 */
#ifndef INSTALMENT_CLI_COUNTER_STATE_H
#define INSTALMENT_CLI_COUNTER_STATE_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wchar.h>

#define COUNTER_TEXT 256
#define COUNTER_ROWS 1024
#define COUNTER_SIGNS 26
#define COUNTER_IDLE 120

enum counter_mode {
    COUNTER_SIGN_IN,     /* a name is typed; then its PIN */
    COUNTER_SIGN_IN_PIN, /* then the list */
    COUNTER_LIST,        /* the day; typing searches */
    COUNTER_PATIENT,     /* the decision of one prescription */
    /* the steps of a supply, in this order; those that are not needed are left out */
    COUNTER_IDENTIFY,
    COUNTER_WHO,        /* collects, where it is not the patient */
    COUNTER_WHO_LIVES,  /* where */
    COUNTER_WHO_ASKED,  /* was their identity asked for */
    COUNTER_WHO_SHOWED, /* and shown */
    COUNTER_CHECK,
    COUNTER_SUPERVISOR,
    COUNTER_CONFIRMER,
    COUNTER_PIN,
    /* what became of it */
    COUNTER_DONE,
    COUNTER_UNKNOWN, /* not known: it is looked up as soon as somebody answers */
    /* what was no supply */
    COUNTER_OUTCOME,
    COUNTER_OUTCOME_REASON,
    COUNTER_OUTCOME_NOTE,
    COUNTER_CONCERN,
    COUNTER_CONCERN_DECISION,
    COUNTER_CONCERN_NOTE,
    COUNTER_LOCKED,
    COUNTER_MODES
};

/* What is to be asked of the daemon; more than one may be wanted. The order is the order of asking. */
enum counter_want {
    COUNTER_WANTS_QUIT = 1,
    COUNTER_WANTS_SIGN_OUT = 2, /* of whoever was there before */
    COUNTER_WANTS_LOCK = 4,
    COUNTER_WANTS_UNLOCK = 8,   /* with the PIN */
    COUNTER_WANTS_SIGN_IN = 16, /* name and PIN */
    COUNTER_WANTS_SESSION = 32, /* is there still one? */
    COUNTER_WANTS_SUPPLY = 64,
    COUNTER_WANTS_OUTCOME = 128,
    COUNTER_WANTS_CONCERN = 256,
    COUNTER_WANTS_SIGNS = 512,
    COUNTER_WANTS_DECISION = 1024, /* and the patient, where it is not there */
    COUNTER_WANTS_DAY = 2048
};

enum counter_key_kind {
    COUNTER_KEY_CHARACTER,
    COUNTER_KEY_ENTER,
    COUNTER_KEY_ESCAPE,
    COUNTER_KEY_BACKSPACE,
    COUNTER_KEY_UP,
    COUNTER_KEY_DOWN,
    COUNTER_KEY_PAGE_UP,
    COUNTER_KEY_PAGE_DOWN,
    COUNTER_KEY_TAB, /* and left, right */
    COUNTER_KEY_LOCK,
    COUNTER_KEY_USER,
    COUNTER_KEY_REFRESH,
    COUNTER_KEY_QUIT
};

struct counter_pressed {
    enum counter_key_kind kind;
    wchar_t character;
};

enum counter_pane { COUNTER_TO_COME, COUNTER_DONE_TODAY, COUNTER_PANES };

enum counter_weight { COUNTER_PLAIN, COUNTER_GOOD, COUNTER_BAD };

struct counter {
    enum counter_mode mode, resume; /* resume: where the lock came down */
    unsigned wants;                 /* enum counter_want, or-ed */
    bool line;                      /* somebody answers */
    int idle, idle_max;             /* seconds */
    char staff[COUNTER_TEXT], name[COUNTER_TEXT], role[32];
    char now[32]; /* the pharmacy's time, as the daemon told it last */

    cJSON *day, *patient, *decision, *signs; /* NULL: not read yet */
    char search[COUNTER_TEXT];
    enum counter_pane pane;
    size_t chosen[COUNTER_PANES]; /* in the rows that the search leaves */
    char rx[64];
    size_t scroll; /* lines of the patient's page that are above the screen */

    /* a supply that is being made */
    int collector; /* 0: the patient, 1: a representative, 2: a professional */
    bool advance;
    unsigned identifiers;      /* bits of counter_identifiers */
    size_t check;              /* which of the checks is asked */
    int who_asked, who_showed; /* -1: not asked */
    char who[COUNTER_TEXT], who_lives[COUNTER_TEXT], supervisor[COUNTER_TEXT], confirmer[COUNTER_TEXT];
    char sent_key[80]; /* of what was sent and is not known */
    int unchanged;     /* how often, since then, nothing was found of it */

    /* what was no supply */
    size_t outcome, reason;
    char note[COUNTER_TEXT];
    size_t kind;   /* of the concern */
    uint32_t seen; /* bits: the signs */
    size_t decided;

    char input[COUNTER_TEXT]; /* of the field that is being typed */
    bool input_fresh;         /* it is a proposal: the first character takes its place */

    cJSON *done; /* what was recorded, or the problem */
    enum counter_weight weight;
    char headline[COUNTER_TEXT]; /* of what is done */
    char notice[COUNTER_TEXT];   /* a sentence at the foot; "" none */
    enum counter_weight notice_weight;
};

/* Begins at the sign-in with a name proposed ("": none). idle_max: seconds until it locks. */
void counter_begin(struct counter *counter, const char *staff, int idle_max);
void counter_end(struct counter *counter);

/* ---- what happens to it */

void counter_key(struct counter *counter, struct counter_pressed key);
/* A second went by. */
void counter_second(struct counter *counter);
/* Somebody answers (again), or nobody does. */
void counter_line(struct counter *counter, bool up);
/* An event said that something has changed. */
void counter_heard(struct counter *counter);

/* Takes what is wanted first, 0 where nothing is; while the line is lost only what needs none. */
unsigned counter_take(struct counter *counter);

/* ---- answers; trees are taken over */

void counter_signed_in(struct counter *counter, const cJSON *session);
void counter_session_over(struct counter *counter, const char *why);
void counter_unlocked(struct counter *counter);
void counter_day(struct counter *counter, cJSON *day);
/* patient NULL: the one that is there stays. */
void counter_decision(struct counter *counter, cJSON *patient, cJSON *decision);
void counter_signs(struct counter *counter, cJSON *signs);
/* A supply, an outcome or a concern is recorded. */
void counter_recorded(struct counter *counter, cJSON *what, bool replayed);
/* It is not: the problem. Also of a sign-in and an unlocking. */
void counter_refused(struct counter *counter, int status, cJSON *problem);
/* Nothing was sent: nobody answers. */
void counter_not_sent(struct counter *counter);
/* It was sent, and no answer came. */
void counter_not_known(struct counter *counter);

/* ---- bodies of requests, to be freed; the PIN is in input */

cJSON *counter_supply_body(const struct counter *counter);
cJSON *counter_outcome_body(const struct counter *counter);
cJSON *counter_concern_body(const struct counter *counter);
/* The query of the decision: "?collector=patient". */
void counter_decision_query(const struct counter *counter, char *out, size_t size);
const char *counter_supply_key(const struct counter *counter);

/* ---- for drawing */

/* The rows of a pane that the search leaves; borrowed. Returns how many. */
size_t counter_rows(const struct counter *counter, enum counter_pane pane, const cJSON *rows[COUNTER_ROWS]);
/* Other prescriptions of the chosen patient that are still to come on this day. */
size_t counter_also_due(const struct counter *counter);
/* The check that is asked now, and how many there are; NULL where there is none. */
const cJSON *counter_check(const struct counter *counter, size_t index);
size_t counter_checks(const struct counter *counter);
/* One sentence: what may be given now. */
void counter_sentence(const struct counter *counter, char *out, size_t size);
/* "tablets" of "tablet" and "2"; borrowed until the next call. */
const char *counter_unit(const char *unit, const char *quantity);
bool counter_may_supply(const struct counter *counter);
/* Does the decision offer the advance (D4)? */
bool counter_offers_advance(const struct counter *counter);
/* Is a sign marked for which an ambulance is called? */
bool counter_is_emergency(const struct counter *counter);
bool counter_is_secret(const struct counter *counter); /* what is typed now is a PIN */
bool counter_is_typing(const struct counter *counter); /* there is a field */
/* Which step of how many a supply is at; false where it is at none. */
bool counter_step(const struct counter *counter, int *step, int *steps);

struct counter_choice {
    const char *code, *words;
};
extern const struct counter_choice counter_identifiers[]; /* ended by a code of NULL, as the others */
extern const struct counter_choice counter_collectors[];
extern const struct counter_choice counter_outcomes[];
extern const struct counter_choice counter_reasons[];
extern const struct counter_choice counter_kinds[];
extern const struct counter_choice counter_decisions[];

#endif
