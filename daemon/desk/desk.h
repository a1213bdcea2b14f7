/*
 * What all use cases share. A use case is a function that takes a struct tx (store/tx.h), loads, decides, appends,
 * and returns an outcome; it sees neither SQL nor JSON, and runs on whichever thread holds the transaction.
 */
#ifndef INSTALMENT_DESK_DESK_H
#define INSTALMENT_DESK_DESK_H

#include <stdbool.h>
#include <stddef.h>

#include "core/decide.h"
#include "store/tx.h"

enum desk_result {
    DESK_OK,
    DESK_NOT_FOUND, /* something that the request names is not there */
    DESK_INVALID,   /* a member is wrong: problem.fields */
    DESK_REFUSED,   /* the rules say no: problem.decision or problem.findings */
    DESK_CHANGED,   /* expect.items differs from the decision now: problem.decision */
    DESK_CONFLICT,  /* it was done already, or another was quicker: problem.code */
    DESK_FORBIDDEN, /* not this person: problem.code */
    DESK_FAILED     /* the store: tx->db says which */
};

#define DESK_FIELDS_MAX 16

/* Why not. `code` and `detail` are constant texts; fields name members as the interface does. */
struct desk_problem {
    const char *code;   /* "not_found", "already_reversed", ... */
    const char *detail; /* a sentence for the person at the counter */
    struct {
        char field[64];
        const char *message;
    } fields[DESK_FIELDS_MAX];
    size_t field_count;
    const struct decision *decision; /* DESK_REFUSED, DESK_CHANGED: in the transaction's arena */
};

/* Fills the problem and returns the result, so that a use case ends with `return desk_no(...)`. */
enum desk_result desk_no(struct desk_problem *problem, enum desk_result result, const char *code,
                         const char *detail);

/* Adds a field to a problem and returns DESK_INVALID. */
enum desk_result desk_invalid(struct desk_problem *problem, const char *field, const char *message);

/* Roles, as a set: rules of who may do what stand in the route table; use cases that depend on the person ask here. */
enum role {
    ROLE_COUNTER = 1,
    ROLE_TECHNICIAN = 2,
    ROLE_PHARMACIST = 4,
    ROLE_MANAGER = 8,
    ROLE_INSPECTOR = 16
};

const char *role_text(enum role role);
bool role_from_text(const char *text, enum role *out);

/* A person who is signed in, or who confirmed with a PIN. */
struct identity {
    const char *staff; /* sign-in name; NULL: nobody */
    const char *name;
    enum role role;
    const char *registration; /* NULL: none */
};

/* May this person confirm checks, record supplies with checks, hold, stop, reverse? A pharmacist, or a manager with a
 * pharmacist's registration. */
bool identity_is_pharmacist(const struct identity *who);

/* The catalogue is constant while the program runs; set once at start-up, before any thread. */
void desk_set_catalogue(const struct catalogue *catalogue);
const struct catalogue *desk_catalogue(void);

#endif
