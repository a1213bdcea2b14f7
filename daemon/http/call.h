/*
 * One request, as a route's functions see it. The server has already checked framing, limits, terminal, session,
 * CSRF, role, PIN, second person and idempotency key (http/server.h); what is left is to decode the body, call the
 * desk and make the answer. Runs on the store's writer or reader thread, or on the loop for ROUTE_LOOP.
 */
#ifndef INSTALMENT_HTTP_CALL_H
#define INSTALMENT_HTTP_CALL_H

#include <cjson/cJSON.h>

#include "desk/desk.h"
#include "json.h"
#include "json_prescription.h"

struct call;

enum route_flag {
    ROUTE_WRITE = 1,   /* runs on the writer's thread, in a savepoint */
    ROUTE_READ = 2,    /* runs on a reader's thread */
    ROUTE_LOOP = 4,    /* runs on the event loop: no store */
    ROUTE_KEY = 8,     /* needs an Idempotency-Key */
    ROUTE_PIN = 16,    /* the body's `pin` (of `confirmed_by`, else of the person signed in) must be right */
    ROUTE_SECOND = 32, /* the body's `second` {staff, pin} must be another person */
    ROUTE_NO_SESSION = 64,     /* terminal only */
    ROUTE_OPEN = 128,          /* neither terminal nor session */
    ROUTE_DEMO = 256,          /* only in a demonstration */
    ROUTE_ETAG = 512,          /* GET: answers carry an ETag of their bytes; PATCH: If-Match is asked (412) */
    ROUTE_PIN_OPTIONAL = 1024, /* as ROUTE_PIN where the body has a `pin`; else call->confirmer is nobody */
    ROUTE_DRY = 2048,          /* ?dry_run=true needs no key and is run on the reader */
    ROUTE_SECOND_OPTIONAL =
        4096, /* as ROUTE_SECOND where the body has a `second`; else call->second is nobody */
    ROUTE_NEW_PIN =
        8192 /* a `pin` in the body is a new one: hashed on the worker before run(): call->new_pin_hash */
};

struct route {
    const char *method;
    const char *path;    /* "/patients/{id}", under /api/v1; {id} is call->ids[0], a second one ids[1] */
    unsigned roles;      /* enum role, or-ed; 0 with ROUTE_OPEN or ROUTE_NO_SESSION */
    unsigned flags;      /* enum route_flag, or-ed */
    size_t body_max;     /* bytes; 0: no body allowed */
    const char *summary; /* one sentence for the OpenAPI description */
    /*
     * Does it: decodes call->body, calls the desk, and ends with one of call_answer, call_made, call_problem or
     * call_desk_problem. True: keep what was written; false (set by the problem functions): roll back.
     */
    bool (*run)(struct call *call);
    /*
     * For routes that make something: renders the answer of `id` as of call->tx->as_of. Called after run() said
     * call_made, and again, alone, when the same key comes again: first answer and replay are the same by design.
     */
    void (*show)(struct call *call, const char *id);
};

struct call {
    const struct route *route;
    const char *ids[2];        /* path parameters, decoded */
    const cJSON *body;         /* the decoded object; NULL where there is none */
    struct identity who;       /* signed in */
    struct identity confirmer; /* whose PIN was right (ROUTE_PIN) */
    struct identity second;    /* ROUTE_SECOND */
    const char
        *new_pin_hash; /* ROUTE_NEW_PIN: Argon2id of the body's `pin`, in the arena; NULL: it has none */
    struct tx *tx;     /* NULL on the loop */
    bool demo;
    struct json_errors errors; /* fields found wrong while decoding */
};

/* A query parameter, decoded; NULL where absent. */
const char *call_query(const struct call *call, const char *name);

/* ---- answers: each returns what run() returns ---- */

/* Answers with a status and a body (taken over; NULL: 204's). */
bool call_answer(struct call *call, int status, cJSON *answer);

/* The same with bytes of another type (a constant text: "text/csv; charset=utf-8"); they are copied. */
bool call_answer_bytes(struct call *call, int status, const char *type, const void *bytes, size_t len);

/* The answer is a file of this name, which holds no patient data; copied. */
void call_attachment(struct call *call, const char *name);

/* What was made: the answer is route->show's, with 201 (or `status`). */
bool call_made(struct call *call, int status, const char *id);

/* problem+json. `code` and `detail` are constant texts. Rolls back. */
bool call_problem(struct call *call, int status, const char *code, const char *detail);

/* 422 with call->errors' fields. Rolls back. */
bool call_invalid(struct call *call);

/* A desk's result that is not DESK_OK, as its problem answer: 404, 422, 409, 403, 503. Rolls back. */
bool call_desk_problem(struct call *call, enum desk_result result, const struct desk_problem *problem);

/* Tells every screen after the commit: kind "day", "alert" or "print". */
void call_event(struct call *call, const char *kind, const char *id, const char *state);

/* Notes in the audit that this patient's record was read; written after the answer, not waited for. */
void call_reads(struct call *call, const char *patient);

/*
 * An audit row of its own, also where the answer is a problem: written after the answer, not waited for. Texts are copied;
 * patient and subject may be NULL.
 */
void call_audits(struct call *call, const char *action, const char *patient, const char *subject);

/* What is refused leaves one audit line with these codes (a constant text). Before the problem is answered. */
void call_refused(struct call *call, const char *codes);

/* A further member of the problem answer that follows (taken over). */
void call_extra(struct call *call, const char *name, cJSON *value);

/* ---- decoding with call->errors: each returns false, and notes the field, where it is wrong ---- */

/* Names every member of the body that is not in the NULL-ended list. */
bool call_known(struct call *call, const char *const *names);

/* A text of 1 to max bytes without control characters (but newline). needed: absent is an error. *out NULL if absent. */
bool call_text(struct call *call, const cJSON *object, const char *name, size_t max, bool needed,
               const char **out);
bool call_day(struct call *call, const cJSON *object, const char *name, bool needed, day_t *out);
/* The list of days "covers" of the request's own body; *out stays as it was where there is none. */
bool call_covers(struct call *call, struct day_list *out);
bool call_bool(struct call *call, const cJSON *object, const char *name, bool needed, bool *out);
bool call_int(struct call *call, const cJSON *object, const char *name, bool needed, int32_t min, int32_t max,
              int32_t *out);
bool call_quantity(struct call *call, const cJSON *object, const char *name, bool needed, quantity_t *out);
/* One of the NULL-ended texts: its index. */
bool call_choice(struct call *call, const cJSON *object, const char *name, bool needed,
                 const char *const *texts, int *out);

/* ---- encoding ---- */

void json_put_text(cJSON *object, const char *name, const char *text); /* NULL: null */
void json_put_day(cJSON *object, const char *name, day_t day);         /* DAY_NONE: null */
void json_put_instant(cJSON *object, const char *name, int64_t at);    /* 0: null */
void json_put_quantity(cJSON *object, const char *name, quantity_t quantity);
/* [{code, severity, rule, basis, text}] */
cJSON *json_reasons(const struct decision *decision);
/* {"items": [...], "next": ...}: items taken over; next NULL: null. */
cJSON *json_list(cJSON *items, const char *next);
/* ?limit= (50, 1 .. 500); false with a 422 answer otherwise. */
bool call_limit(struct call *call, int32_t *out);

#endif
