#include "courier.h"

#include <assert.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>

#include "backoff.h"
#include "items.h"
#include "sender.h"
#include "sys/clock.h"
#include "sys/log.h"
#include "webhook.h"

#define FLYING_MAX 8          /* in all */
#define FLYING_ENDPOINT_MAX 2 /* for one endpoint */
#define FLYING_FAILING_MAX 4  /* for all endpoints that failed last, urgent first tries apart */
#define PIPED_MAX 32          /* read, leased or waiting for a place, for one endpoint */
#define NOTES_MAX 16          /* of one commit: a supply waits behind it */
/* A backlog must not hold up supplies: what is not urgent leaves so many a second, and at most so many at once. */
#define PACE_PER_SECOND INT64_C(650)
#define PACE_MOST INT64_C(16000) /* in thousandths */
#define PACE_LOOK_MS 10
#define STALLED_MS 700 /* a routine request that takes longer gives way to an urgent alert's first */
#define REREAD_MS 1000
#define GIVEN_UP_MS INT64_C(900000) /* the store refused what is to be noted: not sooner again */
#define STOP_MS 2000
#define BACKLOG_SECONDS INT64_C(600) /* older and never sent: there was an outage */
#define READING_ARENA ((size_t)256 << 20)
#define WRITING_ARENA ((size_t)64 << 20)
#define CHANGES_MAX 2000
#define PUBLISH_MS 1000
#define REPORT_MAX ((size_t)1 << 20)
#define HEADER_MAX 256

/* An alert that has another state, on its way to the main loop. */
struct change {
    char alert[LEDGER_ALERT_SIZE];
    const char *state;
};

struct flight;

/* In the order of who may touch what, not of size. NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding) */
struct courier {
    struct courier_options options;
    struct event_base *base;
    struct event *wake;  /* something is to be done */
    struct event *timer; /* the next thing is due */
    pthread_t thread;
    struct sender *sender;

    /* The thread's alone. */
    struct items items;
    struct reading reading;
    struct item *loading[LEDGER_LOADS_MAX]; /* whom its loads are about */
    bool reading_under_way;
    struct writing writing;
    bool writing_under_way;
    struct note *notes, **notes_end; /* to be written */
    struct flight *flights[FLYING_MAX];
    size_t flying;
    struct endpoint *load_turn, *flight_turn; /* who had the last turn; NULL: nobody yet */
    int64_t last_number, last_event;
    bool caught_up; /* everything that was open at the start has been read */
    bool stopping;
    int64_t stop_ms;
    atomic_bool broken; /* memory or the store has failed: main's pulse ends the service */
    size_t one_by_one;  /* notes that are written alone, because one of them was refused */
    int64_t reread_ms;  /* after a reading that failed: not before */
    bool settling;
    int64_t settle_ms;
    int64_t pace;         /* how many more routine ones may leave now, in thousandths */
    int64_t pace_ms;      /* clock_elapsed_ms when that was worked out */
    int64_t published_ms; /* clock_elapsed_ms when the figures were made */

    /* Shared. */
    pthread_mutex_t lock;
    bool refresh; /* something was written that is to be read */
    bool reading_back, writing_back;
    bool stop;
    int held;
    bool settle_asked;
    int64_t settle_most_ms;
    void (*settled)(void *context, bool all);
    void *settled_context;
    bool settled_now, settled_all; /* for the main loop */
    struct change *changes;
    size_t change_count;
    struct event *tell; /* on the main loop */
    struct buffer metrics, health;
};

static void pump(struct courier *c);

static uint32_t chance(void) {
    uint32_t value = 0;
    ssize_t got = getrandom(&value, sizeof value, 0);
    return got == (ssize_t)sizeof value ? value : 0;
}

/* ---- to the main loop ---- */

static void tell_changed(struct courier *c, const char *alert, const char *state) {
    if (c->options.changed == NULL)
        return;
    (void)pthread_mutex_lock(&c->lock);
    if (c->change_count < CHANGES_MAX) {
        struct change *change = &c->changes[c->change_count++];
        (void)snprintf(change->alert, sizeof change->alert, "%s", alert);
        change->state = state;
    }
    (void)pthread_mutex_unlock(&c->lock);
    event_active(c->tell, 0, 0);
}

/* On the main loop. */
static void on_tell(evutil_socket_t fd, short what, void *context) {
    struct courier *c = context;
    struct change *changes = calloc(CHANGES_MAX, sizeof *changes);
    size_t count = 0;
    (void)fd;
    (void)what;
    (void)pthread_mutex_lock(&c->lock);
    if (changes != NULL) {
        struct change *full = c->changes;
        count = c->change_count;
        c->changes = changes;
        c->change_count = 0;
        changes = full;
    }
    bool settled = c->settled_now;
    bool all = c->settled_all;
    void (*tell)(void *, bool) = c->settled;
    void *tell_context = c->settled_context;
    c->settled_now = false;
    (void)pthread_mutex_unlock(&c->lock);
    for (size_t i = 0; i < count; i++)
        c->options.changed(c->options.context, changes[i].alert, changes[i].state);
    free(changes);
    if (settled && tell != NULL)
        tell(tell_context, all);
}

/* ---- what is kept in mind ---- */

static struct note *note_new(struct courier *c, enum note_kind kind, const char *alert) {
    struct note *note = calloc(1, sizeof *note);
    if (note == NULL) {
        log_error("event=courier_no_memory");
        c->broken = true;
        return NULL;
    }
    note->kind = kind;
    (void)snprintf(note->alert, sizeof note->alert, "%s", alert);
    *c->notes_end = note;
    c->notes_end = &note->next;
    return note;
}

static void make_ready(struct courier *c, struct item *item) {
    item_phase(&c->items, item, PHASE_READY);
    list_put(&item->endpoint->ready[item_rank(item)], item);
}

/* Held back by a person's decision, or by the endpoint's state; it comes back by an event. */
static void take_row(struct courier *c, const struct outbox_row *row) {
    struct item *item = items_find(&c->items, row->alert);
    c->last_number = row->number > c->last_number ? row->number : c->last_number;
    if (item != NULL)
        return;
    item = items_add(&c->items, row);
    if (item == NULL) {
        c->broken = true;
        return;
    }
    tell_changed(c, row->alert, outbox_state_text(row->state));
    if (row->state == OUTBOX_WAITING || row->digest != NULL || row->service == NULL)
        item_park(&c->items, item);
    else
        item_time(&c->items, item, clock_running_ms());
}

static void try_now(struct courier *c, struct item *item) {
    if (item->phase == PHASE_PARKED || item->phase == PHASE_TIMED) {
        if (item->state == OUTBOX_WAITING) {
            item->state = OUTBOX_QUEUED;
            item->escalated = false;
        }
        item_time(&c->items, item, clock_running_ms());
    } else {
        item->again = true;
    }
}

static void count_acknowledged(struct item *item, int64_t at) {
    struct endpoint *endpoint = item->endpoint;
    endpoint->acknowledged++;
    endpoint->acknowledge_seconds += at > item->raised_at ? (uint64_t)(at - item->raised_at) : 0;
}

static void take_event(struct courier *c, const struct event_row *event) {
    struct item *item = items_find(&c->items, event->alert);
    c->last_event = event->id;
    if (item == NULL)
        return;
    if (strcmp(event->kind, "acknowledged") == 0 || strcmp(event->kind, "closed") == 0) {
        count_acknowledged(item, event->at);
        items_end(&c->items, item);
        tell_changed(c, event->alert, strcmp(event->kind, "closed") == 0 ? "closed" : "acknowledged");
    } else if (strcmp(event->kind, "queued") == 0) {
        try_now(c, item);
        tell_changed(c, event->alert, "queued");
    } else if (strcmp(event->kind, "waiting") == 0) {
        item->state = OUTBOX_WAITING;
        item->escalated = true;
        if (item->phase < PHASE_LOADING)
            item_park(&c->items, item);
        tell_changed(c, event->alert, "waiting");
    } else if (strcmp(event->kind, "accepted") == 0) {
        item->state = OUTBOX_ACCEPTED;
        item->escalated = false;
        item_phase(&c->items, item, item->phase);
        tell_changed(c, event->alert, "accepted");
    } else if (strcmp(event->kind, "rejected") == 0 || strcmp(event->kind, "escalated") == 0) {
        item->escalated = true;
        item_phase(&c->items, item, item->phase);
        tell_changed(c, event->alert, "phone");
    }
}

/* ---- digests ---- */

/* Routine, never sent, of a patient, and in nobody's hands. */
static bool is_loose(const struct item *item) {
    return !item->urgent && !item->single && item->attempts == 0 && item->patient[0] != '\0' &&
           item->state != OUTBOX_ACCEPTED && (item->phase == PHASE_READY || item->phase == PHASE_TIMED);
}

static int by_patient(const void *a, const void *b) {
    const struct item *one = *(struct item *const *)a;
    const struct item *other = *(struct item *const *)b;
    int order = strcmp(one->patient, other->patient);
    return order != 0 ? order : strcmp(one->id, other->id);
}

/* At most ALERT_PARTS_MAX of one patient. */
static void make_digest(struct courier *c, struct item **list, size_t count) {
    char(*parts)[LEDGER_ALERT_SIZE] = calloc(count, LEDGER_ALERT_SIZE);
    struct note *note = parts == NULL ? NULL : note_new(c, NOTE_DIGEST, list[0]->id);
    if (note == NULL) {
        free(parts);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        memcpy(parts[i], list[i]->id, LEDGER_ALERT_SIZE);
        item_park(&c->items, list[i]);
    }
    note->parts = parts;
    note->part_count = count;
}

/* After an outage: what has waited for one patient goes as one message (alerts.md, H26). */
static void make_digests(struct courier *c, struct endpoint *endpoint, int64_t raised_before) {
    struct item **list = calloc(endpoint->open + 1, sizeof(struct item *));
    size_t count = 0;
    for (struct item *item = endpoint->oldest; list != NULL && item != NULL; item = item->newer) {
        if (is_loose(item) && item->raised_at < raised_before)
            list[count++] = item;
    }
    if (count > 1)
        qsort(list, count, sizeof *list, by_patient);
    for (size_t i = 0; i < count;) {
        size_t end = i + 1;
        while (end < count && end - i < ALERT_PARTS_MAX && strcmp(list[end]->patient, list[i]->patient) == 0)
            end++;
        if (end - i > 1)
            make_digest(c, list + i, end - i);
        i = end;
    }
    free(list);
}

/* ---- reading ---- */

static void on_reading_done(struct job *job, enum job_result result) {
    struct courier *c = (struct courier *)(void *)((char *)job - offsetof(struct courier, reading.job));
    c->reading.result = result;
    (void)pthread_mutex_lock(&c->lock);
    c->reading_back = true;
    (void)pthread_mutex_unlock(&c->lock);
    event_active(c->wake, 0, 0);
}

static bool keep_text(char **place, const char *text) {
    char *copy = text == NULL ? NULL : strdup(text);
    if (text != NULL && copy == NULL)
        return false;
    free(*place);
    *place = copy;
    return true;
}

static bool keep_endpoint(struct endpoint *endpoint, const struct service_row *row) {
    return keep_text(&endpoint->url, row->endpoint_url) && keep_text(&endpoint->ca, row->endpoint_ca) &&
           keep_text(&endpoint->certificate, row->endpoint_certificate) &&
           keep_text(&endpoint->secret, row->endpoint_secret);
}

static bool keep_body(struct item *item, const struct load *load) {
    item_drop_body(item);
    item->correlation = strdup(load->body.correlation == NULL ? "" : load->body.correlation);
    item->body = malloc(load->body.len + 1);
    if (item->correlation == NULL || item->body == NULL)
        return false;
    memcpy(item->body, load->body.bytes, load->body.len);
    item->len = load->body.len;
    item->made = load->made;
    return true;
}

static void leave_pipe(struct item *item) {
    item->endpoint->piped--;
    item_drop_body(item);
}

static void stage(struct courier *c, struct item *item) {
    item_phase(&c->items, item, PHASE_STAGED);
    list_put(&item->endpoint->staged[item_rank(item)], item);
}

static void note_refused(struct courier *c, struct item *item, const char *error);

static void take_load(struct courier *c, struct item *item, const struct load *load) {
    if (item->ended) {
        leave_pipe(item);
        (void)items_let_go(&c->items, item);
        return;
    }
    switch (load->state) {
    case LOAD_ENDED:
        leave_pipe(item);
        item->phase = PHASE_PARKED;
        items_end(&c->items, item);
        return;
    case LOAD_PARKED:
        leave_pipe(item);
        item_park(&c->items, item);
        if (load->row.state == OUTBOX_WAITING)
            item->state = OUTBOX_WAITING;
        return;
    case LOAD_WRONG: note_refused(c, item, "configuration"); return;
    case LOAD_READY: break;
    }
    if (!keep_endpoint(item->endpoint, &load->service) || (!load->poll && !keep_body(item, load))) {
        c->broken = true;
        return;
    }
    if (load->poll) {
        stage(c, item);
        return;
    }
    struct note *note = note_new(c, NOTE_LEASE, item->id);
    if (note == NULL)
        return;
    note->item = item;
    if (item->made)
        note->body =
            (struct outbox_body){.correlation = item->correlation, .bytes = item->body, .len = item->len};
    item_phase(&c->items, item, PHASE_LEASING);
}

/* Nothing of it counts: what was to be sent is looked at again in a while, what is new in a second. */
static void reading_failed(struct courier *c) {
    struct reading *reading = &c->reading;
    log_error("event=courier_reading_failed result=%d", (int)reading->result);
    if (reading->result == JOB_UNKNOWN)
        c->broken = true;
    for (size_t i = 0; i < reading->load_count; i++) {
        leave_pipe(c->loading[i]);
        if (!items_let_go(&c->items, c->loading[i]))
            item_time(&c->items, c->loading[i], clock_running_ms() + BACKOFF_POLL_MS);
    }
    (void)pthread_mutex_lock(&c->lock);
    c->refresh = c->refresh || reading->refresh;
    (void)pthread_mutex_unlock(&c->lock);
    c->reread_ms = clock_running_ms() + REREAD_MS;
}

static void reading_came_back(struct courier *c) {
    struct reading *reading = &c->reading;
    c->reading_under_way = false;
    if (reading->result != JOB_DONE) {
        reading_failed(c);
        return;
    }
    if (reading->refresh) {
        if (reading->first)
            c->last_event = reading->after_event;
        for (size_t i = 0; i < reading->row_count; i++)
            take_row(c, &reading->rows[i]);
        for (size_t i = 0; i < reading->event_count; i++)
            take_event(c, &reading->events[i]);
        bool more = reading->row_count == LEDGER_ROWS_MAX || reading->event_count == LEDGER_ROWS_MAX;
        (void)pthread_mutex_lock(&c->lock);
        c->refresh = c->refresh || more;
        (void)pthread_mutex_unlock(&c->lock);
        if (!more && !c->caught_up) {
            c->caught_up = true;
            for (struct endpoint *one = c->items.endpoints; one != NULL; one = one->next)
                make_digests(c, one, clock_now().at - BACKLOG_SECONDS);
        }
    }
    for (size_t i = 0; i < reading->load_count; i++)
        take_load(c, c->loading[i], &reading->loads[i]);
}

static void submit_reading(struct courier *c) {
    struct reading *reading = &c->reading;
    (void)pthread_mutex_lock(&c->lock);
    reading->refresh = c->refresh && c->reread_ms <= clock_running_ms();
    c->refresh = c->refresh && !reading->refresh;
    (void)pthread_mutex_unlock(&c->lock);
    if (!reading->refresh && reading->load_count == 0)
        return;
    arena_reset(reading->arena);
    reading->first = c->last_number == 0 && c->last_event == 0 && !c->caught_up;
    reading->after_number = c->last_number;
    reading->after_event = c->last_event;
    reading->rows = NULL;
    reading->events = NULL;
    reading->row_count = reading->event_count = 0;
    c->reading_under_way = true;
    store_read(c->options.store, &reading->job);
}

/* ---- what an endpoint takes ---- */

static bool breaker_open(const struct endpoint *endpoint) {
    return endpoint->failures >= BACKOFF_BREAKER;
}

/* Is a probe allowed? An urgent alert's first try does not wait for the time of the next one. */
static bool gate_open(const struct endpoint *endpoint, const struct item *item, int64_t now) {
    return !breaker_open(endpoint) || now >= endpoint->gate_ms || (item->urgent && item->attempts == 0);
}

static struct item *first_ready(struct courier *c, struct endpoint *endpoint, enum rank *rank) {
    for (unsigned r = 0; r < RANK_COUNT; r++) {
        struct item *item = list_look(&c->items, &endpoint->ready[r], PHASE_READY);
        if (item != NULL) {
            *rank = (enum rank)r;
            return item;
        }
    }
    return NULL;
}

/* May this endpoint's next alert be read now? */
static bool may_load(const struct endpoint *endpoint, const struct item *item, int64_t now) {
    if (breaker_open(endpoint))
        return endpoint->piped == 0 && gate_open(endpoint, item, now);
    return endpoint->piped < (item_rank(item) == RANK_URGENT ? 2 * PIPED_MAX : PIPED_MAX);
}

/* Every endpoint in turn: who comes after this one; NULL: after the last. Never NULL where there is one. */
static struct endpoint *turn_after(const struct courier *c, const struct endpoint *one) {
    return one == NULL || one->next == NULL ? c->items.endpoints : one->next;
}

/* The next to be read: the most pressing of the endpoint whose turn it is. NULL: none may be. */
static struct item *next_load(struct courier *c, enum rank *rank, int64_t now) {
    struct endpoint *first = turn_after(c, c->load_turn);
    struct endpoint *one = first;
    while (one != NULL) {
        struct item *item = first_ready(c, one, rank);
        if (item != NULL && may_load(one, item, now))
            return item;
        one = turn_after(c, one);
        if (one == first)
            break;
    }
    return NULL;
}

static void fill_loads(struct courier *c, int64_t now) {
    struct reading *reading = &c->reading;
    enum rank rank = RANK_ROUTINE;
    struct item *item = NULL;
    reading->load_count = 0;
    while (reading->load_count < LEDGER_LOADS_MAX && (item = next_load(c, &rank, now)) != NULL) {
        (void)list_take(&c->items, &item->endpoint->ready[rank], PHASE_READY);
        c->load_turn = item->endpoint;
        c->loading[reading->load_count] = item;
        struct load *load = &reading->loads[reading->load_count++];
        *load = (struct load){.poll = item->state == OUTBOX_ACCEPTED};
        memcpy(load->alert, item->id, sizeof load->alert);
        item_phase(&c->items, item, PHASE_LOADING);
        item->endpoint->piped++;
    }
}

/* ---- sending ---- */

static bool digest_of(const char *body, size_t len, unsigned char out[OUTBOX_DIGEST_SIZE]) {
    unsigned size = 0;
    return len > 0 && EVP_Digest(body, len, out, &size, EVP_sha256(), NULL) == 1;
}

static void endpoint_recovered(struct courier *c, struct endpoint *endpoint, bool outage) {
    int64_t now = clock_running_ms();
    for (struct item *item = endpoint->oldest; item != NULL; item = item->newer) {
        if (item->phase == PHASE_TIMED && item->state == OUTBOX_RETRYING)
            item_time(&c->items, item, now);
    }
    if (outage)
        make_digests(c, endpoint, INT64_MAX);
}

/* A failure of the endpoint, not of one message. */
static void count_end(struct courier *c, struct endpoint *endpoint, bool failed) {
    if (failed) {
        endpoint->failures++;
        if (breaker_open(endpoint))
            endpoint->gate_ms = clock_running_ms() + backoff_probe_ms(endpoint->failures, chance());
        if (endpoint->failures == BACKOFF_BREAKER)
            log_warning("event=endpoint_failing service=%s", endpoint->service);
        return;
    }
    bool outage = breaker_open(endpoint);
    int32_t before = endpoint->failures;
    endpoint->failures = 0;
    if (before > 0)
        endpoint_recovered(c, endpoint, outage);
    if (outage)
        log_notice("event=endpoint_recovered service=%s", endpoint->service);
}

/* When it is looked at next, after what was answered. */
static int64_t next_try(const struct item *item, const struct send_verdict *verdict, int64_t asked_ms) {
    switch (verdict->result) {
    case SEND_ACCEPTED:
    case SEND_UNCONFIRMED: return BACKOFF_POLL_MS;
    case SEND_REFUSED:
    case SEND_GONE: return BACKOFF_REFUSED_MS;
    case SEND_RETRY: break;
    }
    return verdict->conflict ? BACKOFF_CONFLICT_MS : backoff_ms(item->attempts, chance(), asked_ms);
}

static enum outbox_state state_after(enum send_result result) {
    return result == SEND_RETRY                                    ? OUTBOX_RETRYING
           : result == SEND_ACCEPTED || result == SEND_UNCONFIRMED ? OUTBOX_ACCEPTED
                                                                   : OUTBOX_REFUSED;
}

/* Notes an attempt that has ended; what follows is done when that is on the disk. */
static void note_tried(struct courier *c, struct item *item, const struct sent *sent,
                       const struct send_verdict *verdict) {
    struct note *note = note_new(c, NOTE_TRIED, item->id);
    struct endpoint *endpoint = item->endpoint;
    if (note == NULL)
        return;
    note->item = item;
    item->attempts++;
    item->conflict = verdict->conflict;
    endpoint->attempts++;
    endpoint->failed += verdict->result == SEND_RETRY || verdict->result == SEND_REFUSED;
    note->verdict = *verdict;
    note->attempt = (struct attempt_row){.number = item->attempts,
                                         .at = item->began_at,
                                         .sent_at = item->sent_at,
                                         .ms = sent->ms,
                                         .status = (int32_t)sent->status,
                                         .result = send_result_text(verdict->result),
                                         .error = verdict->error};
    if (digest_of(sent->body, sent->len, note->answer_digest))
        note->attempt.answer_digest = note->answer_digest;
    bool accepted = state_after(verdict->result) == OUTBOX_ACCEPTED;
    if (accepted && sent->location != NULL) {
        note->location = strdup(sent->location);
        (void)keep_text(&item->location, sent->location);
    }
    item->try_ms = clock_running_ms() + next_try(item, verdict, sent->retry_after_s * 1000);
    item_phase(&c->items, item, PHASE_RECORDING);
}

/* It cannot even be sent: as refused, ours is wrong. */
static void note_refused(struct courier *c, struct item *item, const char *error) {
    const struct sent sent = {.end = TRANSFER_CONFIGURATION, .body = ""};
    const struct send_verdict verdict = {.result = SEND_REFUSED, .error = error};
    item->began_at = clock_now().at;
    item->sent_at = clock_real();
    if (item->state == OUTBOX_ACCEPTED) { /* a poll */
        leave_pipe(item);
        item_time(&c->items, item, clock_running_ms() + BACKOFF_POLL_MS);
        return;
    }
    note_tried(c, item, &sent, &verdict);
}

/* One request under way: what curl gives back. */
struct flight {
    struct courier *courier;
    struct item *item;
};

static struct item *landed(struct flight *flight) {
    struct courier *c = flight->courier;
    struct item *item = flight->item;
    size_t at = 0;
    while (c->flights[at] != flight)
        at++;
    c->flights[at] = c->flights[--c->flying];
    item->endpoint->flying--;
    free(flight);
    return item;
}

static void on_sent(void *context, const struct sent *sent) {
    struct courier *c = ((struct flight *)context)->courier;
    struct item *item = landed(context);
    struct send_verdict verdict;
    verdict_of(item->id, sent->end, sent->status, sent->body, sent->len, item->conflict, &verdict);
    if (!item->ended || verdict.result == SEND_ACCEPTED)
        log_debug("event=alert_tried alert=%s status=%ld result=%s", item->id, sent->status,
                  send_result_text(verdict.result));
    count_end(c, item->endpoint, verdict.result == SEND_RETRY && !verdict.conflict);
    note_tried(c, item, sent, &verdict);
    event_active(c->wake, 0, 0);
}

static void on_polled(void *context, const struct sent *sent) {
    struct courier *c = ((struct flight *)context)->courier;
    struct item *item = landed(context);
    struct send_verdict verdict;
    verdict_of(item->id, sent->end, sent->status, sent->body, sent->len, false, &verdict);
    count_end(c, item->endpoint, sent->end != TRANSFER_ANSWERED || sent->status >= 500);
    leave_pipe(item);
    if (item->ended) {
        (void)items_let_go(&c->items, item);
    } else {
        bool told = verdict.result == SEND_ACCEPTED && verdict.answer.task > ALERT_TASK_OPEN;
        struct note *note = told ? note_new(c, NOTE_POLLED, item->id) : NULL;
        if (note != NULL)
            note->verdict = verdict;
        if (sent->status == 404 && item->location != NULL) { /* the next is asked for by its identifier */
            free(item->location);
            item->location = NULL;
        }
        int64_t asked = sent->retry_after_s > 600 ? 600000 : sent->retry_after_s * 1000;
        item_time(&c->items, item, clock_running_ms() + (asked > BACKOFF_POLL_MS ? asked : BACKOFF_POLL_MS));
    }
    event_active(c->wake, 0, 0);
}

/* "https://host/fhir" and "/$process-message"; an address that ends with a slash has no second one. */
static char *address(const char *url, const char *rest, const char *id) {
    char *text = NULL;
    size_t len = strlen(url);
    while (len > 0 && url[len - 1] == '/')
        len--;
    return asprintf(&text, "%.*s%s%s", (int)len, url, rest, id) < 0 ? NULL : text;
}

/* A name of a file, not a way to another folder. */
static bool plain_name(const char *name) {
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    return name[0] != '\0' && name[0] != '.' && name[strspn(name, allowed)] == '\0';
}

/* What changes when one of the files is replaced; 0: it is not there. */
static uint64_t stamp_of(const char *path) {
    struct stat is;
    if (stat(path, &is) != 0)
        return 0;
    return (uint64_t)is.st_mtim.tv_sec * 1000003U + (uint64_t)is.st_mtim.tv_nsec + (uint64_t)is.st_ino * 31U +
           (uint64_t)is.st_size;
}

/* Client certificate and key of an endpoint; renewed files are used from now on. */
static bool certificate_of(struct courier *c, struct endpoint *endpoint, char **certificate, char **key) {
    if (endpoint->certificate == NULL)
        return true;
    if (c->options.credentials == NULL || !plain_name(endpoint->certificate) ||
        asprintf(certificate, "%s/%s.crt", c->options.credentials, endpoint->certificate) < 0)
        return false;
    if (asprintf(key, "%s/%s.key", c->options.credentials, endpoint->certificate) < 0) {
        *key = NULL;
        return false;
    }
    uint64_t stamp = stamp_of(*certificate) ^ (stamp_of(*key) << 1);
    if (endpoint->certificate_stamp != 0 && stamp != endpoint->certificate_stamp) {
        log_notice("event=client_certificate_changed name=%s", endpoint->certificate);
        sender_renew(c->sender);
    }
    endpoint->certificate_stamp = stamp;
    return true;
}

/* The headers of one request; texts for curl to copy. */
struct head {
    char lines[6][HEADER_MAX];
};

static void add_line(struct sending *what, struct head *head, size_t *count, const char *name,
                     const char *value) {
    (void)snprintf(head->lines[*count], HEADER_MAX, "%s: %s", name, value);
    what->headers[*count] = head->lines[*count];
    ++*count;
}

/* Signs this try; the message id of a poll is a new one each time. */
static bool sign(struct item *item, bool poll, struct sending *what, struct head *head) {
    struct webhook_secrets secrets;
    char signature[WEBHOOK_SIGNATURE_SIZE];
    char stamp[24];
    char id[LEDGER_ALERT_SIZE + 24];
    size_t count = 0;
    item->sent_at = clock_real();
    (void)snprintf(stamp, sizeof stamp, "%" PRId64, item->sent_at);
    (void)snprintf(id, sizeof id, poll ? "%s-%" PRId64 : "%s", item->id, item->began_ms);
    if (item->endpoint->secret == NULL || !webhook_secrets_parse(item->endpoint->secret, &secrets))
        return false;
    bool good =
        webhook_sign(&secrets, id, item->sent_at, poll ? "" : what->body, poll ? 0 : what->len, signature);
    webhook_secrets_wipe(&secrets);
    add_line(what, head, &count, "webhook-id", id);
    add_line(what, head, &count, "webhook-timestamp", stamp);
    add_line(what, head, &count, "webhook-signature", signature);
    if (!poll) {
        add_line(what, head, &count, "Idempotency-Key", item->id);
        add_line(what, head, &count, "X-Request-ID", item->id);
        add_line(what, head, &count, "X-Correlation-ID", item->correlation);
        what->headers[count++] = "Content-Type: application/fhir+json; fhirVersion=4.0";
        what->headers[count++] = "Expect:";
    }
    what->headers[count] = "Accept: application/fhir+json";
    return good;
}

static void fly(struct courier *c, struct item *item) {
    struct endpoint *endpoint = item->endpoint;
    bool poll = item->state == OUTBOX_ACCEPTED;
    struct head head;
    char *certificate = NULL;
    char *key = NULL;
    char *url = !poll ? address(endpoint->url, "/$process-message", "")
                : item->location != NULL
                    ? strdup(item->location)
                    : address(endpoint->url, "/Task?identifier=urn%3Ainstalmentd%3Aalert%7C", item->id);
    struct flight *flight = calloc(1, sizeof *flight);
    struct sending what = {
        .url = url, .body = poll ? NULL : item->body, .len = item->len, .ca = endpoint->ca};
    item->began_ms = clock_elapsed_ms();
    item->began_at = clock_now().at;
    if (url != NULL && flight != NULL && certificate_of(c, endpoint, &certificate, &key) &&
        sign(item, poll, &what, &head)) {
        what.certificate = certificate;
        what.key = key;
        *flight = (struct flight){.courier = c, .item = item};
        item_phase(&c->items, item, PHASE_FLYING);
        c->flights[c->flying++] = flight;
        endpoint->flying++;
        sender_start(c->sender, &what, poll ? on_polled : on_sent, flight);
    } else {
        free(flight);
        note_refused(c, item, "configuration");
    }
    free(certificate);
    free(key);
    free(url);
}

static size_t places(const struct endpoint *endpoint) {
    return breaker_open(endpoint) ? 1 : FLYING_ENDPOINT_MAX;
}

static bool is_first_urgent(const struct item *item) {
    return item->urgent && item->attempts == 0 && item->state != OUTBOX_ACCEPTED;
}

/* Requests under way to endpoints that failed last: they may take their whole time-out again. */
static size_t failing_under_way(const struct courier *c) {
    size_t count = 0;
    for (size_t i = 0; i < c->flying; i++)
        count += c->flights[i]->item->endpoint->failures > 0;
    return count;
}

static bool may_fly(const struct courier *c, const struct item *item, int64_t now) {
    const struct endpoint *one = item->endpoint;
    if (one->flying >= places(one) || !gate_open(one, item, now))
        return false;
    return one->failures == 0 || is_first_urgent(item) || failing_under_way(c) < FLYING_FAILING_MAX;
}

/*
 * The next of one rank that may begin; NULL: none. Every endpoint in turn, and none has a second place while another has
 * none: a few that hang do not hold up the rest.
 */
static struct item *next_of(struct courier *c, enum rank rank, int64_t now) {
    struct item *second = NULL;
    struct endpoint *first = turn_after(c, c->flight_turn);
    struct endpoint *one = first;
    while (one != NULL) {
        struct item *item = list_look(&c->items, &one->staged[rank], PHASE_STAGED);
        if (item != NULL && may_fly(c, item, now)) {
            if (one->flying == 0)
                return item;
            second = second == NULL ? item : second;
        }
        one = turn_after(c, one);
        if (one == first)
            break;
    }
    return second;
}

/* The first of its list goes. */
static void begin_flight(struct courier *c, struct item *item, enum rank rank) {
    (void)list_take(&c->items, &item->endpoint->staged[rank], PHASE_STAGED);
    c->pace -= rank == RANK_URGENT ? 0 : 1000;
    c->flight_turn = item->endpoint;
    fly(c, item);
}

/* Works out how many may leave by now. */
static void count_pace(struct courier *c) {
    int64_t now = clock_elapsed_ms();
    c->pace += (now - c->pace_ms) * PACE_PER_SECOND;
    c->pace_ms = now;
    if (c->pace > PACE_MOST)
        c->pace = PACE_MOST;
}

static void start_flights(struct courier *c, int64_t now) {
    count_pace(c);
    for (unsigned rank = 0; rank < RANK_COUNT; rank++) {
        struct item *item = NULL;
        while (c->flying < FLYING_MAX && (rank == RANK_URGENT || c->pace >= 1000) &&
               (item = next_of(c, (enum rank)rank, now)) != NULL)
            begin_flight(c, item, (enum rank)rank);
    }
}

/* A request that was begun and is given up for now: what was asked is asked again, with the same id. */
static void ground(struct courier *c, struct flight *flight) {
    sender_cancel(c->sender, flight);
    struct item *item = landed(flight);
    if (item->ended) {
        leave_pipe(item);
        (void)items_let_go(&c->items, item);
    } else if (item->state == OUTBOX_ACCEPTED) {
        leave_pipe(item);
        item_time(&c->items, item, clock_running_ms() + BACKOFF_POLL_MS);
    } else {
        stage(c, item);
    }
}

/* Does `holder`, which stalls, give its place up to an item that waits for one? `full`: the item's endpoint has its own two. */
static bool gives_way(const struct item *holder, const struct item *item, bool full) {
    const struct endpoint *other = holder->endpoint;
    bool first_urgent = is_first_urgent(item);
    if (full && other != item->endpoint)
        return false;
    if (first_urgent && !holder->urgent)
        return true;
    /* Who failed last does not push others out: they would take turns in doing so, and none come to its end. */
    if (full || item->endpoint->flying > 0 || item->endpoint->failures > 0 || other == item->endpoint)
        return false;
    return other->flying > 1 || (first_urgent && other->failures > 0);
}

/* Of those that give way the one that began last: the others come to their end. */
static struct flight *room_for(const struct courier *c, const struct item *item, bool full) {
    struct flight *found = NULL;
    for (size_t i = 0; i < c->flying; i++) {
        struct flight *flight = c->flights[i];
        bool stalls = clock_elapsed_ms() - flight->item->began_ms > STALLED_MS;
        if (stalls && gives_way(flight->item, item, full) &&
            (found == NULL || flight->item->began_ms > found->item->began_ms))
            found = flight;
    }
    return found;
}

/* May it have another's place: an urgent alert's first try, or the only one of an endpoint that did not fail last? */
static bool wants_room(const struct courier *c, const struct item *item, int64_t now) {
    const struct endpoint *one = item->endpoint;
    if (is_first_urgent(item))
        return c->flying == FLYING_MAX || one->flying >= places(one);
    return c->flying == FLYING_MAX && one->flying == 0 && one->failures == 0 && gate_open(one, item, now) &&
           c->pace >= 1000;
}

/*
 * What hangs gives its place up: a routine request to an urgent alert's first try, and the second request of an endpoint to
 * an endpoint that has none.
 */
static void make_room(struct courier *c, int64_t now) {
    for (unsigned rank = 0; rank < RANK_COUNT; rank++) {
        for (struct endpoint *one = c->items.endpoints; one != NULL; one = one->next) {
            struct item *item = list_look(&c->items, &one->staged[rank], PHASE_STAGED);
            if (item == NULL || !wants_room(c, item, now))
                continue;
            struct flight *flight = room_for(c, item, one->flying >= places(one));
            if (flight == NULL)
                continue;
            ground(c, flight);
            if (may_fly(c, item, now))
                begin_flight(c, item, (enum rank)rank);
        }
    }
    start_flights(c, now);
}

/* ---- writing ---- */

static void on_writing_done(struct job *job, enum job_result result) {
    struct courier *c = (struct courier *)(void *)((char *)job - offsetof(struct courier, writing.job));
    c->writing.result = result;
    (void)pthread_mutex_lock(&c->lock);
    c->writing_back = true;
    (void)pthread_mutex_unlock(&c->lock);
    event_active(c->wake, 0, 0);
}

static void submit_writing(struct courier *c) {
    struct note **link = &c->notes;
    size_t most = c->one_by_one > 0 ? 1 : NOTES_MAX;
    c->one_by_one -= c->one_by_one > 0;
    for (size_t i = 0; i < most && *link != NULL; i++)
        link = &(*link)->next;
    c->writing.notes = c->notes;
    c->notes = *link;
    if (link != &c->notes)
        *link = NULL;
    if (c->notes == NULL)
        c->notes_end = &c->notes;
    if (c->writing.notes == NULL)
        return;
    arena_reset(c->writing.arena);
    c->writing_under_way = true;
    store_write(c->options.store, &c->writing.job);
}

/* An attempt stands on the disk: what was answered counts from here. */
static void take_tried(struct courier *c, struct item *item, const struct note *note) {
    enum outbox_state state = state_after(note->verdict.result);
    if (state == OUTBOX_ACCEPTED && item->state != OUTBOX_ACCEPTED) {
        item->endpoint->accepted++;
        item->endpoint->accept_seconds +=
            clock_now().at > item->raised_at ? (uint64_t)(clock_now().at - item->raised_at) : 0;
        item->escalated = note->verdict.answer.task == ALERT_TASK_REJECTED;
    } else if (state == OUTBOX_REFUSED) {
        item->escalated = true;
    }
    bool held_back = item->state == OUTBOX_WAITING && state != OUTBOX_ACCEPTED;
    leave_pipe(item);
    if (held_back || note->verdict.result == SEND_GONE) {
        item->state = OUTBOX_WAITING;
        item_park(&c->items, item);
        return;
    }
    item->state = state;
    item_time(&c->items, item, item->again ? clock_running_ms() : item->try_ms);
    item->again = false;
    tell_changed(c, item->id, outbox_state_text(state));
}

static void take_digest(struct courier *c, const struct note *note) {
    for (size_t i = 0; i < note->part_count; i++) {
        struct item *part = items_find(&c->items, note->parts[i]);
        if (part != NULL && part->phase == PHASE_PARKED && part->state != OUTBOX_WAITING)
            item_time(&c->items, part,
                      clock_running_ms()); /* looked at again: parked where it is part of one */
    }
}

static void take_note(struct courier *c, const struct note *note, struct item *item) {
    switch (note->kind) {
    case NOTE_LEASE:
        if (note->dropped) {
            leave_pipe(item);
            item_park(&c->items, item);
        } else {
            item->made = false;
            stage(c, item);
        }
        return;
    case NOTE_TRIED: take_tried(c, item, note); return;
    case NOTE_POLLED:
    case NOTE_ESCALATE:
    case NOTE_DIGEST: return;
    }
}

/* The store refused this very note: said, and its alert is looked at again much later. */
static void give_up(struct courier *c, const struct note *note) {
    struct item *item = note->item;
    log_error("event=alert_not_noted alert=%s kind=%d", note->alert, (int)note->kind);
    if (note->kind == NOTE_DIGEST)
        take_digest(c, note);
    if (item == NULL)
        return;
    leave_pipe(item);
    if (!items_let_go(&c->items, item))
        item_time(&c->items, item, clock_running_ms() + GIVEN_UP_MS);
}

static void take_written(struct courier *c, const struct note *note) {
    struct item *item = note->item;
    if (note->kind == NOTE_DIGEST) {
        take_digest(c, note);
    } else if (item != NULL && item->ended) {
        leave_pipe(item);
        (void)items_let_go(&c->items, item);
    } else if (item != NULL) {
        take_note(c, note, item);
    }
}

/* One of several was refused: each is written alone, so that it holds up none of the others. */
static void write_alone(struct courier *c) {
    struct note **end = &c->writing.notes;
    c->one_by_one = 0;
    for (; *end != NULL; end = &(*end)->next)
        c->one_by_one++;
    if (c->notes == NULL)
        c->notes_end = end;
    *end = c->notes;
    c->notes = c->writing.notes;
    c->writing.notes = NULL;
}

static void writing_came_back(struct courier *c) {
    c->writing_under_way = false;
    if (c->writing.result == JOB_UNKNOWN) {
        log_error("event=courier_writing_failed");
        c->broken = true;
    } else if (c->writing.result == JOB_UNDONE && c->writing.notes->next != NULL) {
        write_alone(c);
    }
    while (c->writing.notes != NULL) {
        struct note *note = c->writing.notes;
        c->writing.notes = note->next;
        if (c->writing.result == JOB_DONE)
            take_written(c, note);
        else if (c->writing.result == JOB_UNDONE)
            give_up(c, note);
        note_free(&note);
    }
}

/* ---- time ---- */

static void escalate(struct courier *c, struct item *item) {
    struct note *note = note_new(c, NOTE_ESCALATE, item->id);
    if (note != NULL)
        note->why = item->state == OUTBOX_ACCEPTED ? "not_acknowledged" : "not_accepted";
    item->escalated = true;
    item_phase(&c->items, item, item->phase);
}

/* Whose time has come. */
static void look_at_time(struct courier *c, int64_t now) {
    int64_t when = ITEM_NEVER;
    for (struct item *item = items_first(&c->items, &when); item != NULL && when <= now;
         item = items_first(&c->items, &when)) {
        if (item_escalates(item) <= now)
            escalate(c, item);
        else
            make_ready(c, item);
    }
}

static int64_t sooner(int64_t one, int64_t other) {
    return one < other ? one : other;
}

static bool has_listed(const struct item_list lists[RANK_COUNT]) {
    return lists[RANK_URGENT].first != NULL || lists[RANK_ROUTINE].first != NULL ||
           lists[RANK_POLL].first != NULL;
}

/* When an endpoint is to be looked at although nothing comes back: the next probe, a place to be made, its pace. */
static int64_t next_look_at(const struct courier *c, const struct endpoint *one, int64_t now) {
    int64_t when = ITEM_NEVER;
    bool staged = has_listed(one->staged);
    if (breaker_open(one) && one->gate_ms > now && (staged || has_listed(one->ready)))
        when = one->gate_ms;
    if (one->staged[RANK_URGENT].first != NULL || (staged && one->flying == 0 && c->flying == FLYING_MAX))
        when = sooner(when, now + STALLED_MS / 2);
    if (staged && c->pace < 1000)
        when = sooner(when, now + PACE_LOOK_MS);
    return when;
}

static int64_t next_look(struct courier *c, int64_t now) {
    int64_t when = ITEM_NEVER;
    (void)items_first(&c->items, &when);
    for (const struct endpoint *one = c->items.endpoints; one != NULL; one = one->next)
        when = sooner(when, next_look_at(c, one, now));
    when = c->reread_ms > now ? sooner(when, c->reread_ms) : when;
    when = c->settling ? sooner(when, c->settle_ms) : when;
    return c->stopping ? sooner(when, c->stop_ms) : when;
}

static void arm(struct courier *c, int64_t now) {
    int64_t when = next_look(c, now);
    if (when == ITEM_NEVER) {
        (void)event_del(c->timer);
        return;
    }
    int64_t ms = when > now ? when - now : 0;
    const struct timeval after = {.tv_sec = (time_t)(ms / 1000), .tv_usec = (suseconds_t)(ms % 1000 * 1000)};
    (void)event_add(c->timer, &after);
}

/* ---- settling and stopping ---- */

/* Nothing is under way, and nothing could begin. */
static bool is_idle(struct courier *c, int64_t now) {
    int64_t when = ITEM_NEVER;
    (void)items_first(&c->items, &when);
    if (when <= clock_running_ms())
        return false;
    (void)pthread_mutex_lock(&c->lock);
    bool refresh = c->refresh;
    (void)pthread_mutex_unlock(&c->lock);
    if (refresh || c->reading_under_way || c->writing_under_way || c->notes != NULL || c->flying > 0)
        return false;
    for (struct endpoint *one = c->items.endpoints; one != NULL; one = one->next) {
        enum rank rank = RANK_ROUTINE;
        const struct item *item = first_ready(c, one, &rank);
        if (item != NULL && may_load(one, item, now))
            return false;
        for (int r = 0; r < RANK_COUNT; r++) {
            item = list_look(&c->items, &one->staged[r], PHASE_STAGED);
            if (item != NULL && gate_open(one, item, now))
                return false;
        }
    }
    return true;
}

static void look_settled(struct courier *c, int64_t now) {
    if (!c->settling)
        return;
    bool all = c->broken || is_idle(c, now);
    if (!all && now < c->settle_ms)
        return;
    c->settling = false;
    (void)pthread_mutex_lock(&c->lock);
    c->settled_now = true;
    c->settled_all = all;
    (void)pthread_mutex_unlock(&c->lock);
    event_active(c->tell, 0, 0);
}

static void look_stopped(struct courier *c, int64_t now) {
    bool busy = c->reading_under_way || c->writing_under_way || (!c->broken && c->notes != NULL);
    if (busy || (c->flying > 0 && now < c->stop_ms))
        return;
    (void)event_base_loopbreak(c->base);
}

/* ---- figures ---- */

static void put_figure(struct buffer *out, const char *name, const char *service, uint64_t value) {
    buffer_format(out, "instalmentd_alerts_%s{service=\"%s\"} %" PRIu64 "\n", name, service, value);
}

static void put_service(struct buffer *out, const struct endpoint *one, int64_t now) {
    int64_t oldest = one->oldest == NULL ? 0 : now - one->oldest->raised_at;
    put_figure(out, "open", one->service, one->open);
    put_figure(out, "oldest_seconds", one->service, oldest < 0 ? 0 : (uint64_t)oldest);
    put_figure(out, "attempts_total", one->service, one->attempts);
    put_figure(out, "attempts_failed_total", one->service, one->failed);
    put_figure(out, "accept_seconds_count", one->service, one->accepted);
    put_figure(out, "accept_seconds_sum", one->service, one->accept_seconds);
    put_figure(out, "acknowledge_seconds_count", one->service, one->acknowledged);
    put_figure(out, "acknowledge_seconds_sum", one->service, one->acknowledge_seconds);
    put_figure(out, "endpoint_failing", one->service, breaker_open(one));
}

/* What others may ask for, made anew by the thread that knows. */
static void publish(struct courier *c) {
    int64_t now = clock_now().at;
    int64_t elapsed = clock_elapsed_ms();
    if (c->published_ms != 0 && elapsed - c->published_ms < PUBLISH_MS && !c->settling)
        return;
    c->published_ms = elapsed;
    (void)pthread_mutex_lock(&c->lock);
    buffer_clear(&c->metrics);
    buffer_clear(&c->health);
    for (const struct endpoint *one = c->items.endpoints; one != NULL; one = one->next) {
        put_service(&c->metrics, one, now);
        if (breaker_open(one))
            buffer_format(&c->health,
                          "The endpoint of service %s does not take alerts: %" PRIu64 " are open.\n",
                          one->service, (uint64_t)one->open);
    }
    size_t phone = 0;
    for (const struct endpoint *one = c->items.endpoints; one != NULL; one = one->next) {
        for (const struct item *item = one->oldest; item != NULL; item = item->newer)
            phone += item->escalated;
    }
    if (phone > 0)
        buffer_format(&c->health, "%zu alerts wait for somebody to telephone.\n", phone);
    (void)pthread_mutex_unlock(&c->lock);
}

void courier_metrics(struct courier *courier, struct buffer *out) {
    (void)pthread_mutex_lock(&courier->lock);
    if (courier->metrics.len > 0)
        buffer_add(out, courier->metrics.bytes, courier->metrics.len);
    (void)pthread_mutex_unlock(&courier->lock);
}

void courier_health(struct courier *courier, struct buffer *out) {
    (void)pthread_mutex_lock(&courier->lock);
    if (courier->health.len > 0)
        buffer_add(out, courier->health.bytes, courier->health.len);
    (void)pthread_mutex_unlock(&courier->lock);
}

/* ---- the thread ---- */

/* What others have asked for since the last turn. */
static bool take_wishes(struct courier *c) {
    int64_t now = clock_running_ms();
    (void)pthread_mutex_lock(&c->lock);
    bool reading_back = c->reading_back;
    bool writing_back = c->writing_back;
    bool held = c->held > 0;
    c->reading_back = c->writing_back = false;
    if (c->settle_asked) {
        c->settle_asked = false;
        c->settling = true;
        c->settle_ms = now + c->settle_most_ms;
    }
    if (c->stop && !c->stopping) {
        c->stopping = true;
        c->stop_ms = now + STOP_MS;
    }
    (void)pthread_mutex_unlock(&c->lock);
    if (reading_back)
        reading_came_back(c);
    if (writing_back)
        writing_came_back(c);
    return !held && !c->stopping && !c->broken;
}

/* One turn: everything that can be done now. */
static void pump(struct courier *c) {
    bool goes = take_wishes(c);
    int64_t now = clock_running_ms(); /* later than what has come back just now */
    if (goes)
        look_at_time(c, now);
    if (!c->reading_under_way && !c->stopping && !c->broken) {
        c->reading.load_count = 0;
        if (goes)
            fill_loads(c, now);
        submit_reading(c);
    }
    if (goes) {
        start_flights(c, now);
        make_room(c, now);
    }
    if (!c->writing_under_way && !c->broken)
        submit_writing(c);
    publish(c);
    look_settled(c, now);
    if (c->stopping)
        look_stopped(c, now);
    if (goes || c->stopping || c->settling)
        arm(c, now);
}

static void on_wake(evutil_socket_t fd, short what, void *context) {
    (void)fd;
    (void)what;
    pump(context);
}

static void *courier_run(void *context) {
    struct courier *c = context;
    pump(c);
    (void)event_base_loop(c->base, EVLOOP_NO_EXIT_ON_EMPTY);
    while (c->flying > 0) {
        struct flight *flight = c->flights[0];
        sender_cancel(c->sender, flight);
        struct item *item = landed(flight);
        (void)items_let_go(&c->items, item);
    }
    return NULL;
}

/* On the writer's thread, after a commit with something about alerts in it. */
static void on_note(void *context) {
    struct courier *c = context;
    (void)pthread_mutex_lock(&c->lock);
    c->refresh = true;
    (void)pthread_mutex_unlock(&c->lock);
    event_active(c->wake, 0, 0);
}

bool courier_broken(const struct courier *courier) {
    return atomic_load(&courier->broken);
}

void courier_hold(struct courier *courier) {
    (void)pthread_mutex_lock(&courier->lock);
    courier->held++;
    (void)pthread_mutex_unlock(&courier->lock);
}

void courier_go_on(struct courier *courier) {
    (void)pthread_mutex_lock(&courier->lock);
    courier->held--;
    (void)pthread_mutex_unlock(&courier->lock);
    event_active(courier->wake, 0, 0);
}

void courier_settle(struct courier *courier, int64_t most_ms, void (*settled)(void *context, bool all),
                    void *context) {
    (void)pthread_mutex_lock(&courier->lock);
    courier->held--;
    courier->refresh = true;
    courier->settle_asked = true;
    courier->settle_most_ms = most_ms;
    courier->settled = settled;
    courier->settled_context = context;
    (void)pthread_mutex_unlock(&courier->lock);
    event_active(courier->wake, 0, 0);
}

/* ---- put together and taken apart ---- */

static void courier_release(struct courier *c) {
    while (c->notes != NULL) {
        struct note *note = c->notes;
        c->notes = note->next;
        note_free(&note);
    }
    sender_free(&c->sender);
    items_release(&c->items);
    struct event *events[] = {c->wake, c->timer, c->tell};
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
        if (events[i] != NULL)
            event_free(events[i]);
    }
    if (c->base != NULL)
        event_base_free(c->base);
    arena_free(&c->reading.arena);
    arena_free(&c->writing.arena);
    buffer_release(&c->metrics);
    buffer_release(&c->health);
    (void)pthread_mutex_destroy(&c->lock);
    free(c->changes);
    free(c);
}

static bool courier_open(struct courier *c) {
    c->base = event_base_new();
    c->changes = calloc(CHANGES_MAX, sizeof *c->changes);
    c->reading.arena = arena_new(READING_ARENA);
    c->writing.arena = arena_new(WRITING_ARENA);
    if (c->base == NULL || c->changes == NULL || c->reading.arena == NULL || c->writing.arena == NULL ||
        !items_init(&c->items))
        return false;
    reading_init(&c->reading);
    writing_init(&c->writing);
    c->reading.job.done = on_reading_done;
    c->writing.job.done = on_writing_done;
    c->wake = event_new(c->base, -1, 0, on_wake, c);
    c->timer = event_new(c->base, -1, 0, on_wake, c);
    c->tell = event_new(c->options.loop, -1, 0, on_tell, c);
    c->sender = sender_new(c->base);
    return c->wake != NULL && c->timer != NULL && c->tell != NULL && c->sender != NULL;
}

static bool courier_start(struct courier *c) {
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    bool started = pthread_create(&c->thread, NULL, courier_run, c) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (started)
        (void)pthread_setname_np(c->thread, "courier");
    return started;
}

struct courier *courier_new(const struct courier_options *options) {
    struct courier *c = calloc(1, sizeof *c);
    if (c == NULL)
        return NULL;
    c->options = *options;
    c->notes_end = &c->notes;
    c->refresh = true;
    (void)pthread_mutex_init(&c->lock, NULL);
    buffer_init(&c->metrics, REPORT_MAX);
    buffer_init(&c->health, REPORT_MAX);
    if (!courier_open(c)) {
        courier_release(c);
        return NULL;
    }
    store_on_note(options->store, on_note, c);
    if (!courier_start(c)) {
        store_on_note(options->store, NULL, NULL);
        courier_release(c);
        return NULL;
    }
    return c;
}

void courier_free(struct courier **courier) {
    struct courier *c = *courier;
    *courier = NULL;
    if (c == NULL)
        return;
    store_on_note(c->options.store, NULL, NULL);
    (void)pthread_mutex_lock(&c->lock);
    c->stop = true;
    (void)pthread_mutex_unlock(&c->lock);
    event_active(c->wake, 0, 0);
    (void)pthread_join(c->thread, NULL);
    bool waiting = c->settle_asked || c->settling || c->settled_now;
    void (*settled)(void *, bool) = c->settled;
    void *context = c->settled_context;
    courier_release(c);
    if (waiting && settled != NULL)
        settled(context, false);
}
