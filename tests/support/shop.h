/*
 * A pharmacy for API tests: the real daemon with everybody signed in and one prescribing service, prescriptions with
 * sensible defaults, and clients that keep their connection and never end the test, for threads of their own.
 */
#ifndef INSTALMENT_TESTS_SHOP_H
#define INSTALMENT_TESTS_SHOP_H

#include "api.h"

#define SHOP_ID 48
#define SHOP_TEXT 4096

struct shop_text {
    char bytes[SHOP_TEXT];
};

/* Fails the test where it does not fit. */
struct shop_text shop_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

struct shop {
    struct api *api;
    struct api_person pharmacist; /* a.khan, who is signed on as responsible */
    struct api_person second;     /* d.osei, pharmacist */
    struct api_person technician;
    struct api_person counter;
    struct api_person manager;
    struct api_person inspector;
    char service[SHOP_ID];
};

/* Starts the daemon; NULL: without further arguments. */
void shop_open(struct shop *shop, const char *const *arguments);
/* Everybody signs in again: after a second start. */
void shop_sign_in(struct shop *shop);
void shop_close(struct shop *shop);

/*
 * ---- requests with a key of their own; each fails the test where the answer is another. What was answered 2xx is sent
 * a second time with the same key and must be answered with the same bytes, as a replay.
 */

struct api_answer shop_post(struct shop *shop, const struct api_person *who, const char *path,
                            const char *body);
/* 200 or 201; the id goes to `id` (NULL: not wanted). */
void shop_make(struct shop *shop, const struct api_person *who, const char *path, const char *body,
               char id[SHOP_ID]);
void shop_refused(struct shop *shop, const struct api_person *who, const char *path, const char *body,
                  int status, const char *code);
/* GET, 200. */
struct api_answer shop_get(struct shop *shop, const struct api_person *who, const char *path);
/* Moves the clock: a body of POST /demo/clock. */
void shop_clock(struct shop *shop, const char *body);
/* To an instant: "2026-12-24T18:01:00". */
void shop_clock_to(struct shop *shop, const char *now);

/* A member of an object; NULL where it is not there. */
const cJSON *shop_member(const cJSON *object, const char *name);
/* A text member, "" where there is none. */
const char *shop_string(const cJSON *object, const char *name);
/* Is there an element of the array whose text member `name` is this? */
bool shop_has(const cJSON *array, const char *name, const char *text);
/* Does the problem name this field? */
bool shop_names_field(const struct api_answer *answer, const char *field);

/* ---- a patient with a prescription */

struct shop_wish {
    const char *name;       /* needed */
    const char *form;       /* FP10MDA */
    const char *signed_on;  /* 2026-11-20 */
    const char *start_on;   /* 2026-11-23 */
    const char *stage;      /* stable */
    const char *product;    /* methadone-1mg-ml-sf */
    const char *doses;      /* JSON: 60 on each of 14 days from start_on */
    const char *total;      /* 840 */
    const char *collect;    /* JSON: Mondays to Saturdays */
    const char *supervised; /* JSON: "collection_days" */
    const char *wording;    /* JSON: W1, W2, W3 */
    const char *patient;    /* an id: no new patient */
    const char *more;       /* further members: ",\"x\":1" */
    bool once;              /* leave out the second keying */
};

struct shop_case {
    char patient[SHOP_ID];
    char rx[SHOP_ID];
};

/* The JSON of POST /prescriptions. */
struct shop_text shop_prescription(const struct shop *shop, const struct shop_wish *wish,
                                   const char *patient);
/* The patient; entered by the technician; keyed again by the pharmacist. */
struct shop_case shop_enter(struct shop *shop, const struct shop_wish *wish);

/* ---- supplies */

struct shop_supply {
    const char *rx;
    const char *on;
    const char *quantity;      /* 60 */
    const char *supervised;    /* 60 */
    const char *take_home;     /* 0 */
    const char *product;       /* methadone-1mg-ml-sf */
    const char *supervised_by; /* a.khan; "": left out */
    const char *confirm;       /* JSON: every check that a good supply of these tests may need */
    const char *confirmed_by;  /* a.khan */
    const char *pin;           /* that person's */
    const char *collector;     /* JSON: the patient */
    const char *more;          /* further members: ",\"x\":1" */
};

struct shop_text shop_supply_body(const struct shop *shop, const struct shop_supply *supply);
/* The decision for a day, asked by the pharmacist: 200. */
struct api_answer shop_decision(struct shop *shop, const char *rx, const char *on);
bool shop_decides(struct shop *shop, const char *rx, const char *on, const char *code);
/* 201 with the pharmacist; the id goes to `id` (NULL: not wanted). */
void shop_supply(struct shop *shop, const struct shop_supply *supply, char id[SHOP_ID]);
/* The status of a prescription's instalment on a day's list; "" where it is not there. */
struct shop_text shop_status(struct shop *shop, const char *rx, const char *date);

/* One number from the folder's database, the daemon ended. */
long shop_count(const struct shop *shop, const char *sql);

/* ---- a client with one connection: nothing here ends the test */

struct shop_client {
    struct api *api;
    struct api_connection connection;
    char token[64];
};

/* A whole request, to be freed. close: "Connection: close". */
char *shop_request(const struct api *api, const char *token, const char *path, const char *body,
                   const char *key, bool close, size_t *len);
bool shop_client_open(struct shop_client *client, struct api *api, const struct api_person *who,
                      const char *from);
/* POST; the status, 0: no answer. `answer` NULL: only the status is wanted. */
int shop_client_post(struct shop_client *client, const char *path, const char *body, const char *key,
                     struct api_answer *answer);
void shop_client_close(struct shop_client *client);

#endif
