/*
 * A route's work on one of the store's threads: is the person still who signed in, was the key used before, is what
 * is changed still what was read; then the route itself, its key bound in the same transaction, its answer rendered.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk/key.h"
#include "parts.h"
#include "sys/buffer.h"
#include "sys/log.h"

#define PERFORM_TEXT_MAX 512

static struct exchange *perform_of(struct job *job) {
    return (struct exchange *)(void *)((char *)job - offsetof(struct exchange, job));
}

bool perform_same_person(struct exchange *exchange, struct tx *tx) {
    struct staff_row row;
    struct session_stamp stamp;
    if (desk_staff_read(tx, exchange->call.who.staff, &row) != DESK_OK ||
        !desk_staff_is_in(&row, tx->now.day)) {
        return false;
    }
    session_stamp_of(&row, &stamp);
    return memcmp(stamp.bytes, exchange->stamp.bytes, sizeof stamp.bytes) == 0;
}

/* Renders what was made, or was made when this key came first. */
static bool perform_show(struct exchange *exchange, int64_t seq) {
    exchange->call.tx->as_of = seq;
    exchange->call.route->show(&exchange->call, exchange->made);
    return !exchange->problem;
}

static bool perform_reused(struct exchange *exchange, const struct idempotency_row *row) {
    char at[CLOCK_TEXT_SIZE];
    char detail[PERFORM_TEXT_MAX];
    clock_format(row->at, at);
    snprintf(detail, sizeof detail,
             "This Idempotency-Key was used for another request: %s, recorded by %s on %s.", row->subject,
             row->staff == NULL ? "the program" : row->staff, at);
    cJSON *first = cJSON_CreateObject();
    json_put_text(first, "id", row->subject);
    json_put_text(first, "request", row->route);
    json_put_text(first, "staff", row->staff);
    json_put_instant(first, "at", row->at);
    call_extra(&exchange->call, "first", first);
    return call_problem(&exchange->call, 422, "idempotency_key_reused", detail);
}

/* The body as it is compared: with the very address, so that one key does not do for two things. */
static bool perform_digest(struct exchange *exchange, unsigned char out[IDEMPOTENCY_DIGEST_SIZE]) {
    unsigned char key[IDEMPOTENCY_DIGEST_SIZE];
    char name[PERFORM_TEXT_MAX];
    const struct call *call = &exchange->call;
    int len = snprintf(name, sizeof name, "%s %s %s %s", call->route->method, call->route->path,
                       call->ids[0] == NULL ? "" : call->ids[0], call->ids[1] == NULL ? "" : call->ids[1]);
    return len > 0 && (size_t)len < sizeof name && idempotency_digest_key(call->tx, key) &&
           key_digest(call->body, name, key, out);
}

static bool perform_lost(struct exchange *exchange) {
    return call_problem(&exchange->call, 503, "unavailable",
                        "The store does not answer. Nothing was recorded.");
}

/* Did this key make something before? Then *done, and the answer is that. */
static bool perform_look_up(struct exchange *exchange, struct idempotency_row *mine, bool *done) {
    struct idempotency_row first;
    struct tx *tx = exchange->call.tx;
    *done = true;
    if (!perform_digest(exchange, mine->digest)) {
        return perform_lost(exchange);
    }
    if (!idempotency_find(tx, exchange->key, &first)) {
        *done = false;
        return true;
    }
    if (memcmp(first.digest, mine->digest, sizeof first.digest) != 0 || exchange->call.route->show == NULL) {
        return perform_reused(exchange, &first);
    }
    exchange->replayed = true;
    exchange->status = first.status;
    exchange->made = first.subject;
    return perform_show(exchange, first.seq);
}

/* Binds the key to what was made, and renders it. */
static bool perform_made(struct exchange *exchange, struct idempotency_row *mine) {
    struct tx *tx = exchange->call.tx;
    char name[PERFORM_TEXT_MAX];
    if (tx->seq == 0) {
        tx_audit(tx, "recorded", NULL, exchange->made, NULL);
    }
    if (exchange->key != NULL) {
        snprintf(name, sizeof name, "%s %s", exchange->call.route->method, exchange->call.route->path);
        mine->route = name;
        mine->status = exchange->status;
        mine->subject = exchange->made;
        idempotency_bind(tx, exchange->key, mine);
        mine->route = NULL;
    }
    return exchange->call.route->show == NULL || perform_show(exchange, tx->seq);
}

/* PATCH: what the GET of the same address answers now must carry the ETag that was sent. */
static bool perform_match(struct exchange *exchange) {
    const struct route *twin = route_twin("GET", exchange->call.route->path);
    struct exchange *probe = arena_take(exchange->arena, 1, sizeof *probe);
    if (twin == NULL || probe == NULL) {
        return perform_lost(exchange);
    }
    *probe = *exchange;
    probe->call.route = twin;
    probe->call.body = NULL;
    probe->key = NULL;
    twin->run(&probe->call);
    exchange_print(probe);
    bool same = probe->status == 200 && strcmp(probe->etag, exchange->if_match) == 0;
    if (probe->status != 200) { /* not found, most likely: that is the answer */
        exchange->status = probe->status;
        exchange->type = probe->type;
        exchange->problem = true;
        exchange->text = probe->text;
        exchange->text_len = probe->text_len;
    } else {
        free(probe->text);
    }
    if (!same && !exchange->problem) {
        return call_problem(&exchange->call, 412, "changed_meanwhile",
                            "Somebody has changed this since it was read. Look at it again.");
    }
    return same;
}

static bool perform_route(struct exchange *exchange) {
    struct idempotency_row mine = {.seq = 0};
    bool done = false;
    if (exchange->key != NULL && !perform_look_up(exchange, &mine, &done)) {
        return false;
    }
    if (done) {
        return true;
    }
    if (exchange->if_match != NULL && !perform_match(exchange)) {
        return false;
    }
    bool keep = exchange->call.route->run(&exchange->call) && !exchange->problem;
    if (keep && exchange->made != NULL) {
        keep = perform_made(exchange, &mine);
    }
    return keep;
}

static bool perform_run(struct job *job, struct tx *tx) {
    struct exchange *exchange = perform_of(job);
    struct call *call = &exchange->call;
    call->tx = tx;
    tx->arena = exchange->arena;
    tx->staff = call->who.staff;
    tx->terminal = exchange->terminal;
    bool keep = false;
    if (exchange->session != 0 && !perform_same_person(exchange, tx)) {
        exchange->session_over = true;
        call_problem(call, 401, "session_ended", "Your role or your PIN has changed. Sign in again.");
    } else {
        keep = perform_route(exchange);
    }
    if (keep && db_state(tx->db) != DB_FINE) {
        keep = db_state(tx->db) == DB_CONFLICT
                   ? call_problem(call, 409, "conflict", "Somebody else was quicker. Look at it again.")
                   : perform_lost(exchange);
    }
    if (keep && arena_failed(tx->arena)) {
        keep = perform_lost(exchange); /* something may be missing from what was looked at */
    }
    exchange_print(exchange);
    call->tx = NULL;
    return keep;
}

/* What the rules refused leaves one audit line. */
static void perform_refused(struct job *job, struct tx *tx) {
    struct exchange *exchange = perform_of(job);
    if (exchange->refused_codes == NULL) {
        return;
    }
    const char *subject = exchange->call.ids[0];
    const char *patient = exchange->reads == NULL ? NULL : exchange->reads->id;
    if (subject == NULL && exchange->body != NULL) {
        const cJSON *member = json_member(exchange->body, "prescription");
        subject =
            member != NULL && json_text(member, &subject) && strlen(subject) < TX_ID_SIZE ? subject : NULL;
    }
    tx->arena = exchange->arena;
    tx->staff = exchange->call.who.staff;
    tx->terminal = exchange->terminal;
    tx_audit(tx, "refused", patient, subject, exchange->refused_codes);
}

/* ---- back on the loop */

static void perform_unknown(struct exchange *exchange) {
    free(exchange->text);
    exchange->text = NULL;
    exchange->etag[0] = '\0';
    exchange->replayed = false;
    exchange->headers = NULL;
    bool write = (exchange->call.route->flags & ROUTE_WRITE) != 0 && !exchange->dry;
    if (write) {
        call_problem(&exchange->call, 503, "outcome_unknown",
                     "It is not known whether this was recorded. Ask again with the same Idempotency-Key.");
    } else {
        call_problem(&exchange->call, 503, "unavailable", "The store does not answer. Try again.");
    }
}

/* What was recorded, to every screen; and to the print thread where there is something to print. */
static void perform_tell(struct server *server, const struct note *events) {
    for (const struct note *one = events; one != NULL; one = one->next) {
        server_event(server, one->kind, one->id, one->state);
        if (strcmp(one->kind, "print") == 0 && server->print != NULL) {
            server->print(server->print_context);
        }
    }
}

static void perform_letter(struct letter *letter) {
    struct exchange *exchange =
        (struct exchange *)(void *)((char *)letter - offsetof(struct exchange, letter));
    struct server *server = exchange->server;
    if (exchange->result == JOB_UNKNOWN) {
        perform_unknown(exchange);
    }
    if (exchange->session_over) {
        struct session *session = session_of(server->sessions, exchange->session);
        if (session != NULL) {
            session_end(server->sessions, session);
        }
        events_end_session(server, exchange->session);
    }
    if (exchange->result == JOB_DONE && !exchange->replayed) {
        perform_tell(server, exchange->events);
    }
    if (exchange->replayed) {
        server->counts.replays++;
    } else if (exchange->status == 201 && strcmp(exchange->call.route->path, "/supplies") == 0) {
        server->counts.supplies++;
    }
    for (const struct note *one = exchange->reads; one != NULL && exchange->status < 300; one = one->next) {
        audit_post(server, exchange->call.who.staff, exchange->terminal, "read patient", one->id, NULL);
    }
    for (const struct note *one = exchange->audits; one != NULL; one = one->next) {
        audit_post(server, exchange->call.who.staff, exchange->terminal, one->kind, one->id, one->state);
    }
    if (exchange->then != NULL) {
        exchange->then(exchange);
    }
    exchange_reply(exchange);
}

static void perform_done(struct job *job, enum job_result result) {
    struct exchange *exchange = perform_of(job);
    exchange->result = result;
    exchange->letter.read = perform_letter;
    mailbox_post(exchange->server->mailbox, &exchange->letter);
}

void perform(struct exchange *exchange) {
    bool write = (exchange->call.route->flags & ROUTE_WRITE) != 0 && !exchange->dry;
    exchange->then = NULL;
    exchange->job =
        (struct job){.run = perform_run, .refused = write ? perform_refused : NULL, .done = perform_done};
    if (write) {
        store_write(exchange->server->store, &exchange->job);
    } else {
        store_read(exchange->server->store, &exchange->job);
    }
}
