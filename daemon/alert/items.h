/*
 * What the courier keeps in mind: open alerts, the endpoints that they go to, and when each is to be looked at next. Part
 * of the courier and nobody else's; its thread alone.
 */
#ifndef INSTALMENT_ALERT_ITEMS_H
#define INSTALMENT_ALERT_ITEMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ledger.h"

#define ITEM_NEVER INT64_MAX

/* Where an alert is on its way, and what comes next. */
enum phase {
    PHASE_PARKED,  /* for a person, or goes with a digest; comes back by an event */
    PHASE_TIMED,   /* until try_ms */
    PHASE_READY,   /* in its endpoint's list; to be read */
    PHASE_LOADING, /* the store reads its body or makes it */
    PHASE_LEASING, /* the store notes that it is being sent */
    PHASE_STAGED,  /* in its endpoint's list; to be sent */
    PHASE_FLYING,
    PHASE_RECORDING /* the store notes what was answered */
};

/* What is sent first. */
enum rank { RANK_URGENT, RANK_ROUTINE, RANK_POLL, RANK_COUNT };

struct endpoint;

struct item {
    char id[LEDGER_ALERT_SIZE];
    char patient[TX_ID_SIZE * 2]; /* "": none */
    struct endpoint *endpoint;
    enum phase phase;
    enum outbox_state state;
    bool urgent;
    bool single;    /* never part of a digest: route_test, digest */
    bool escalated; /* it stands on the phone list */
    bool conflict;  /* the last answer was 409 */
    bool again;     /* asked for by hand while it was under way */
    bool listed;    /* stands in a list of its endpoint, perhaps no longer rightly */
    bool ended;     /* acknowledged or closed: freed when it comes back from where it is */
    bool made;      /* the body is not stored yet */
    int32_t attempts;
    int64_t raised_at;
    int64_t try_ms;    /* TIMED: clock_running_ms of the next try or poll */
    int64_t accept_ms; /* deadlines of escalation */
    int64_t due_ms;
    char *location; /* owned, as the next three; NULL: none */
    char *body;
    size_t len;
    char *correlation;
    int64_t began_ms; /* of the try under way: clock_elapsed_ms, clock_now, clock_real */
    int64_t began_at;
    int64_t sent_at;
    size_t heap; /* 1-based place; 0: it waits for no time */
    struct item *bucket;
    struct item *older, *newer; /* of the same endpoint */
    struct item *next;          /* in a list */
};

struct item_list {
    struct item *first, *last;
};

/* A service's endpoint, as it was read last. */
struct endpoint {
    char service[TX_ID_SIZE * 2]; /* "": alerts without a service */
    struct endpoint *next;
    struct item *oldest, *newest;
    struct item_list ready[RANK_COUNT], staged[RANK_COUNT];
    size_t piped; /* LOADING to RECORDING */
    size_t flying;
    int32_t failures; /* without a success between */
    int64_t gate_ms;  /* with BACKOFF_BREAKER failures and more: no probe before */
    char *url, *ca, *certificate, *secret;
    uint64_t certificate_stamp; /* of the client certificate's files; 0: not seen */
    /* Figures since the start. */
    size_t open;
    uint64_t accepted, accept_seconds, acknowledged, acknowledge_seconds, attempts, failed;
};

struct items {
    struct item **buckets;
    struct item **heap; /* by time; [0] is not used */
    size_t heap_count, heap_room;
    size_t count;
    struct endpoint *endpoints;
};

bool items_init(struct items *items);
void items_release(struct items *items);

struct endpoint *items_endpoint(struct items *items, const char *service);
struct item *items_find(struct items *items, const char *id);

/* Takes a row up. The deadlines are turned into running time. NULL where memory is short. */
struct item *items_add(struct items *items, const struct outbox_row *row);

/* It has ended: forgotten now, and freed as soon as nobody holds it. */
void items_end(struct items *items, struct item *item);
/* Whoever held it lets go: frees it where it has ended. True: it is gone. */
bool items_let_go(struct items *items, struct item *item);

enum rank item_rank(const struct item *item);

/* Parks it, or sets when it is looked at next; the heap follows. */
void item_park(struct items *items, struct item *item);
void item_time(struct items *items, struct item *item, int64_t try_ms);
void item_phase(struct items *items, struct item *item, enum phase phase);

/* When a person telephones; ITEM_NEVER where it stands on the list already. */
int64_t item_escalates(const struct item *item);

/* The item that is to be looked at first, and when; NULL: none. */
struct item *items_first(const struct items *items, int64_t *when);

/* Lists: the first that is still in this phase (others are dropped on the way); it is taken out by list_take. */
void list_put(struct item_list *list, struct item *item);
struct item *list_look(struct items *items, struct item_list *list, enum phase phase);
struct item *list_take(struct items *items, struct item_list *list, enum phase phase);

/* Frees the body of an item. */
void item_drop_body(struct item *item);

#endif
