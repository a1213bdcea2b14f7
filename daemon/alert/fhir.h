/*
 * One alert as the prescribing service receives it, and what it answers (alerts.md). An alert's facts go in as plain data;
 * a FHIR R4 message, its text and the sentence for the telephone come out. The same facts always give the same bytes.
 * Pure but for memory; safe in any thread.
 */
#ifndef INSTALMENT_ALERT_FHIR_H
#define INSTALMENT_ALERT_FHIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/catalogue.h"
#include "core/day.h"
#include "core/quantity.h"
#include "sys/buffer.h"

/* More of these is a mistake of whoever filled the message: refused. */
#define ALERT_ITEMS_MAX 16
#define ALERT_INSTALMENTS_MAX 400
#define ALERT_SIGNS_MAX 32
#define ALERT_PARTS_MAX 400
/* Longer texts are cut, with an ellipsis: an alert is not lost over a long note. Bytes. */
#define ALERT_LINE_MAX 500
#define ALERT_TEXT_MAX 10000
/* What the buffers of alert_text and alert_fhir_render must be able to take. Bytes. */
#define ALERT_SAID_MAX 1048576
#define ALERT_MESSAGE_MAX 4194304

/* Why an instalment was not supplied; decides the coded reason (alerts.md, MedicationDispense). */
enum alert_reason {
    ALERT_NOT_COLLECTED, /* the pharmacy was open and the form was here */
    ALERT_WITHHELD,      /* a pharmacist found it clinically unsuitable */
    ALERT_REASON_TEXT    /* anything else, in words: closed, no form, on hold, no stock */
};

/* One product and strength of the prescription. */
struct alert_item {
    const char *product;  /* as on a label: "Methadone 1mg/ml oral solution sugar free" */
    const char *dmd_code; /* NULL: not known with certainty */
    const char *unit;     /* "ml" */
    quantity_t total;     /* on the form; QUANTITY_NONE: not given */
};

/* One instalment, or one product of it, that was not supplied. */
struct alert_instalment {
    day_t due;
    size_t item;         /* index of the product */
    quantity_t quantity; /* what was not supplied */
    enum alert_reason reason;
    const char *reason_text; /* ALERT_REASON_TEXT: needed, as a person says it; else NULL */
};

/* Something that could be seen, as a person says it: "slurred speech". */
struct alert_sign {
    const char *text;
};

/* One alert that a digest stands for. */
struct alert_part {
    const char *id;   /* of the alert that was not sent by itself */
    const char *kind; /* its kind */
    day_t on;
    int32_t missed_days; /* at that time; -1: counts none */
};

/*
 * Everything is borrowed. NULL: not given, unless the comment says "needed". Instants are RFC 3339 texts with offset
 * ("2026-11-23T18:00:00+00:00"). Texts are UTF-8: what is not is shown as U+FFFD, what a reader cannot see (control
 * characters, overrides of direction) is taken out, and the ends are trimmed; an empty text is none. Begin with
 * alert_message_init: days and figures have a "none" that is not 0.
 */
struct alert_message {
    /* ---- the alert */
    const char *id;          /* needed: its UUID, = Bundle.id = webhook-id */
    const char *kind;        /* needed: a word of alert_kinds */
    bool urgent;             /* else routine */
    bool identify;           /* the service is set to identify_patients (A8) */
    bool titration;          /* of the prescription */
    bool on_hold;            /* the next supply waits for the prescriber (D11) */
    day_t on;                /* the day that it is about; DAY_NONE: none */
    const char *correlation; /* X-Correlation-ID: one for each prescription's episode */
    const char *occurred_at; /* when the thing happened; NULL: as raised_at */
    const char *raised_at;   /* needed: when the alert was made */
    const char *sent_at;     /* needed: when these bytes are made */
    const char *answer_by;   /* when we escalate: the Task's end; NULL only for digest and route_test */

    /* ---- who writes, who reads */
    const char *pharmacy_name;    /* needed */
    const char *pharmacy_ods;     /* NULL: the pharmacy is named, not coded */
    const char *pharmacy_phone;   /* where a reader can call back */
    const char *pharmacy_address; /* one line */
    const char *service_name;     /* needed */
    const char *service_ods;
    const char *service_endpoint; /* needed: the endpoint's URL */

    /* ---- the patient: A8. None of it for route_test. */
    const char *client_reference; /* the service's own */
    const char *patient;          /* our opaque id: sent only where there is no client reference */
    /* Sent only where `identify`; else they are struck out of what people typed. */
    const char *identifier_system; /* "nhs", "chi", "hc" */
    const char *identifier_value;
    const char *patient_name;
    day_t born_on; /* DAY_NONE: not given */

    /* ---- the prescription; `prescription` NULL: the alert is about none */
    const char *prescription;        /* our opaque id */
    const char *prescription_status; /* "active", "on-hold", "stopped", "completed"; NULL: active */
    enum drug_class drug_class;      /* decides what is said of withdrawal and of an emergency supply */
    const struct alert_item *items;  /* where there is a prescription: 1 .. ALERT_ITEMS_MAX */
    size_t item_count;
    day_t valid_from; /* the plan's first and last day; DAY_NONE: not given */
    day_t valid_to;

    /* ---- what happened: each kind reads what it needs and says nothing of the rest */
    const struct alert_instalment *instalments; /* what was not supplied, in the order of their days */
    size_t instalment_count;
    int32_t missed_days;    /* the run of M2; intermittent: days within 14; -1: not counted */
    int32_t missed_pickups; /* M3; -1: not counted */
    day_t last_dosed;       /* DAY_NONE: nothing was supplied here yet */
    const char *last_dose;  /* in words: "60 ml" */
    day_t next_collection;  /* ending_soon: the last one; DAY_NONE: not known, or none */
    /* possible_intoxication, other_concern */
    const struct alert_sign *signs; /* what was seen */
    size_t sign_count;
    const char *concern;  /* other_concern: "welfare", "safeguarding", "prescription_problem", "other" */
    const char *decision; /* "supplied", "deferred", "withheld", "emergency"; NULL: not about a dose */
    /* dose_not_completed */
    const char *outcome;   /* "left", "vomited", "spilled", "part" */
    const char *swallowed; /* in words: "40 ml" */
    int32_t minutes_after; /* after the dose was taken; -1: not said */
    /* The writer's own words: possible_intoxication, other_concern, dose_not_completed, attended_not_supplied and
       irregular_supply; no other kind sends it. */
    const char *note;
    /* Whole sentences: attended_not_supplied, pharmacy_closed, irregular_supply, correction. */
    const char *why;
    /* attended_not_supplied: codes with commas as the outcome has them, of core/reason.h or no_form, no_stock, closed,
       other; said in words. */
    const char *why_codes;
    const char *where_to_go; /* pharmacy_closed: where the patient can get the dose */
    /* collection_on_closed_day */
    day_t closed_on;
    day_t moved_to; /* where it can be collected instead; DAY_NONE: on no day (D4) */
    /* patient_away */
    day_t away_from;
    day_t away_to;           /* DAY_NONE: not known */
    const char *away_source; /* who said so: "ward 4, St Elsewhere" */
    /* correction */
    const char *corrects; /* needed: the id of the alert whose word no longer holds */
    const char *corrects_kind;
    day_t corrects_on; /* the day that it was about */
    /* digest */
    const struct alert_part *parts; /* 1 .. ALERT_PARTS_MAX, oldest first */
    size_t part_count;

    const char *register_head; /* number and hash of the register's newest entry, in one line */
};

/* Nothing given: NULL, no days, no figures. */
void alert_message_init(struct alert_message *message);

enum alert_rendered {
    ALERT_RENDERED,
    ALERT_FACTS_WRONG, /* something needed is missing or out of range: nothing was added */
    ALERT_NO_MEMORY    /* memory, or the buffer's limit, is short: the buffer may hold a part of it */
};

/* The words of `kind`, NULL-ended. */
extern const char *const alert_kinds[];

/*
 * Adds the whole message, JSON without line ends, to `out`: what is posted, signed and stored. Where the facts are wrong
 * *error (NULL: not wanted) is a constant sentence that says which.
 */
enum alert_rendered alert_fhir_render(const struct alert_message *message, struct buffer *out,
                                      const char **error) __attribute__((warn_unused_result));

/*
 * Adds the whole message in plain words, in lines, for a reader who sees only text (payload.contentString, the counter's
 * screen). It names the patient only where `identify` says so.
 */
enum alert_rendered alert_text(const struct alert_message *message, struct buffer *out, const char **error)
    __attribute__((warn_unused_result));

/* Adds what a person says on the telephone where nobody took the message: two or three spoken sentences in one line. */
enum alert_rendered alert_say(const struct alert_message *message, struct buffer *out, const char **error)
    __attribute__((warn_unused_result));

/* ---- what comes back */

#define ALERT_ANSWER_MAX 262144 /* a longer body is ALERT_BODY_BROKEN */
#define ALERT_BY_SIZE 201
#define ALERT_NOTE_SIZE 2001

enum alert_body {
    ALERT_BODY_READ,  /* a JSON object: the answer says what was in it, which may be nothing of ours */
    ALERT_BODY_OTHER, /* none: empty, or it does not begin as a JSON object (text, HTML) */
    ALERT_BODY_BROKEN /* begins as a JSON object and cannot be read: cut, malformed, or memory is short. As a cut body:
                         try again */
};

/* MessageHeader.response.code. */
enum alert_response {
    ALERT_RESPONSE_NONE,
    ALERT_RESPONSE_OK,
    ALERT_RESPONSE_TRANSIENT,
    ALERT_RESPONSE_FATAL
};

enum alert_task {
    ALERT_TASK_NONE,         /* no Task of this alert */
    ALERT_TASK_OPEN,         /* one that says nothing yet: requested, received, ready, ... */
    ALERT_TASK_ACKNOWLEDGED, /* accepted, in-progress, completed */
    ALERT_TASK_REJECTED      /* rejected: phone list at once */
};

/* Texts are UTF-8 with a NUL, cut at a whole character where they are longer; "" where there are none. */
struct alert_answer {
    enum alert_response response; /* of several the worst */
    enum alert_task task;         /* of several Tasks the one furthest down in the enum */
    char by[ALERT_BY_SIZE];       /* its owner.display */
    char note[ALERT_NOTE_SIZE];   /* its note[].text, in lines */
};

/*
 * Reads the body of an answer, a poll or a callback. id: the alert's; a Task counts only where one of its identifiers is
 * urn:instalmentd:alert|id. Resources stand bare or in a Bundle of any type, also one in another. *out is always set.
 */
enum alert_body alert_fhir_read_answer(const char *id, const char *body, size_t len, struct alert_answer *out)
    __attribute__((warn_unused_result));

#endif
