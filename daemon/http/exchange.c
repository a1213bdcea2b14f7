/* A request on its way to its answer: its parts, its memory, and how the answer leaves. */
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "parts.h"
#include "sys/log.h"

/* ---- what came in */

const char *exchange_in(const struct exchange *exchange, const char *name) {
    return evhttp_find_header(evhttp_request_get_input_headers(exchange->request), name);
}

const char *exchange_cookie_in(const struct exchange *exchange, const char *name) {
    const char *at = exchange_in(exchange, "Cookie");
    size_t name_len = strlen(name);
    while (at != NULL && *at != '\0') {
        at += strspn(at, "; ");
        size_t len = strcspn(at, ";");
        if (len > name_len && strncmp(at, name, name_len) == 0 && at[name_len] == '=') {
            return arena_text(exchange->arena, at + name_len + 1, len - name_len - 1);
        }
        at += len;
    }
    return NULL;
}

/* ---- what goes out */

static struct note *exchange_note(struct exchange *exchange, struct note **list, const char *kind,
                                  const char *id, const char *state) {
    struct note *note = arena_take(exchange->arena, 1, sizeof *note);
    if (note == NULL) {
        return NULL;
    }
    note->kind = kind == NULL ? NULL : arena_text(exchange->arena, kind, strlen(kind));
    note->id = id == NULL ? NULL : arena_text(exchange->arena, id, strlen(id));
    note->state = state == NULL ? NULL : arena_text(exchange->arena, state, strlen(state));
    while (*list != NULL) {
        list = &(*list)->next;
    }
    *list = note;
    return note;
}

void exchange_header(struct exchange *exchange, const char *name, const char *value) {
    exchange_note(exchange, &exchange->headers, name, value, NULL);
}

void exchange_cookie(struct exchange *exchange, const char *name, const char *value) {
    char text[256];
    snprintf(text, sizeof text, "%s=%s; Path=/; Secure; HttpOnly; SameSite=Strict%s", name,
             value == NULL ? "" : value,
             value == NULL                        ? "; Max-Age=0"
             : strcmp(name, TERMINAL_COOKIE) == 0 ? "; Max-Age=34560000"
                                                  : "");
    exchange_header(exchange, "Set-Cookie", text);
}

void exchange_print(struct exchange *exchange) {
    if (exchange->answer == NULL) {
        return;
    }
    exchange->text = cJSON_PrintUnformatted(exchange->answer);
    cJSON_Delete(exchange->answer);
    exchange->answer = NULL;
    if (exchange->text == NULL) {
        exchange->status = 500;
        return;
    }
    exchange->text_len = strlen(exchange->text);
    if ((exchange->call.route->flags & ROUTE_ETAG) != 0 && exchange->status == 200) {
        unsigned char hash[16];
        char digits[2 * sizeof hash + 1];
        crypto_generichash(hash, sizeof hash, (const unsigned char *)exchange->text, exchange->text_len, NULL,
                           0);
        sodium_bin2hex(digits, sizeof digits, hash, sizeof hash);
        snprintf(exchange->etag, sizeof exchange->etag, "\"%s\"", digits);
    }
}

static void exchange_headers_out(struct exchange *exchange) {
    struct evkeyvalq *headers = evhttp_request_get_output_headers(exchange->request);
    for (size_t i = 0; answer_headers[i][0] != NULL; i++) {
        evhttp_add_header(headers, answer_headers[i][0], answer_headers[i][1]);
    }
    for (const struct note *one = exchange->headers; one != NULL; one = one->next) {
        if (one->kind != NULL && one->id != NULL) {
            evhttp_add_header(headers, one->kind, one->id);
        }
    }
    if (exchange->text != NULL) {
        evhttp_add_header(headers, "Content-Type", exchange->type);
    }
    if (exchange->etag[0] != '\0') {
        evhttp_add_header(headers, "ETag", exchange->etag);
    }
    if (exchange->replayed) {
        evhttp_add_header(headers, "Idempotent-Replay", "true");
    }
    if (exchange->status == 401) {
        evhttp_add_header(headers, "WWW-Authenticate", "Bearer");
    }
}

static void exchange_text_gone(const void *bytes, size_t len, void *text) {
    (void)bytes;
    (void)len;
    free(text);
}

void exchange_reply(struct exchange *exchange) {
    struct server *server = exchange->server;
    if (exchange->running) {
        exchange->deferred = false;
        return;
    }
    exchange_print(exchange);
    server->counts.by_class[exchange->status / 100 < 6 ? exchange->status / 100 : 5]++;
    log_debug("event=request method=%s route=%s status=%d ms=%" PRId64, exchange->call.route->method,
              exchange->call.route->path, exchange->status, clock_elapsed_ms() - exchange->began_ms);
    exchange_headers_out(exchange);
    struct evbuffer *body = evbuffer_new();
    if (body != NULL && exchange->text != NULL &&
        evbuffer_add_reference(body, exchange->text, exchange->text_len, exchange_text_gone,
                               exchange->text) == 0) {
        exchange->text = NULL; /* libevent's now */
    }
    struct connection *connection = exchange->connection;
    if (connection != NULL) {
        connection_answering(connection, exchange->request);
    }
    /* Where the connection is gone this frees the request and nothing else. */
    evhttp_send_reply(exchange->request, exchange->status, problem_phrase(exchange->status), body);
    if (body != NULL) {
        evbuffer_free(body);
    }
    exchange_free(exchange);
}

void exchange_refuse(struct exchange *exchange, int status, const char *code, const char *detail) {
    call_problem(&exchange->call, status, code, detail);
    exchange_reply(exchange);
}

void exchange_free(struct exchange *exchange) {
    struct server *server = exchange->server;
    if (exchange->has_query) {
        evhttp_clear_headers(&exchange->query);
    }
    cJSON_Delete(exchange->body);
    cJSON_Delete(exchange->answer);
    cJSON_Delete(exchange->extras);
    free(exchange->text);
    sodium_memzero(exchange->pin.pin, sizeof exchange->pin.pin);
    sodium_memzero(exchange->new_pin, sizeof exchange->new_pin);
    arena_free(&exchange->arena);
    free(exchange);
    server->exchange_count--;
    server_look_drained(server);
}

/* ---- reading on the way */

static struct exchange *exchange_of_job(struct job *job) {
    return (struct exchange *)(void *)((char *)job - offsetof(struct exchange, job));
}

static bool exchange_job_run(struct job *job, struct tx *tx) {
    struct exchange *exchange = exchange_of_job(job);
    tx->arena = exchange->arena;
    return exchange->read(exchange, tx);
}

static void exchange_letter(struct letter *letter) {
    struct exchange *exchange =
        (struct exchange *)(void *)((char *)letter - offsetof(struct exchange, letter));
    exchange->then(exchange);
}

static void exchange_job_done(struct job *job, enum job_result result) {
    struct exchange *exchange = exchange_of_job(job);
    exchange->result = result;
    exchange->letter.read = exchange_letter;
    mailbox_post(exchange->server->mailbox, &exchange->letter);
}

void exchange_read(struct exchange *exchange, bool (*read)(struct exchange *exchange, struct tx *tx),
                   void (*then)(struct exchange *exchange)) {
    exchange->read = read;
    exchange->then = then;
    exchange->job = (struct job){.run = exchange_job_run, .done = exchange_job_done};
    store_read(exchange->server->store, &exchange->job);
}

/* ---- audit rows on the side */

struct audit_job {
    struct job job;
    struct arena *arena;
    const char *staff, *terminal, *action, *patient, *subject;
};

static bool audit_run(struct job *job, struct tx *tx) {
    struct audit_job *audit = (struct audit_job *)job;
    tx->arena = audit->arena;
    tx->staff = audit->staff;
    tx->terminal = audit->terminal;
    tx_audit(tx, audit->action, audit->patient, audit->subject, NULL);
    return db_state(tx->db) == DB_FINE;
}

static void audit_done(struct job *job, enum job_result result) {
    struct audit_job *audit = (struct audit_job *)job;
    if (result != JOB_DONE) {
        log_error("event=audit_lost action=\"%s\"", audit->action);
    }
    struct arena *arena = audit->arena;
    arena_free(&arena);
}

static const char *audit_copy(struct arena *arena, const char *text) {
    return text == NULL ? NULL : arena_text(arena, text, strlen(text));
}

void audit_post(struct server *server, const char *staff, const char *terminal, const char *action,
                const char *patient, const char *subject) {
    struct arena *arena = arena_new((size_t)64 * 1024);
    struct audit_job *audit = arena == NULL ? NULL : arena_take(arena, 1, sizeof *audit);
    if (audit == NULL) {
        arena_free(&arena);
        log_error("event=audit_lost action=\"%s\"", action);
        return;
    }
    *audit = (struct audit_job){
        .job = {.run = audit_run, .done = audit_done},
        .arena = arena,
        .staff = audit_copy(arena, staff),
        .terminal = audit_copy(arena, terminal),
        .action = audit_copy(arena, action),
        .patient = audit_copy(arena, patient),
        .subject = audit_copy(arena, subject),
    };
    store_write(server->store, &audit->job);
}

/* ---- what routes leave behind (call.h) */

void call_event(struct call *call, const char *kind, const char *id, const char *state) {
    struct exchange *exchange = (struct exchange *)call;
    exchange_note(exchange, &exchange->events, kind, id, state);
}

void call_reads(struct call *call, const char *patient) {
    struct exchange *exchange = (struct exchange *)call;
    for (const struct note *one = exchange->reads; one != NULL; one = one->next) {
        if (one->id != NULL && strcmp(one->id, patient) == 0) {
            return;
        }
    }
    exchange_note(exchange, &exchange->reads, NULL, patient, NULL);
}

void call_audits(struct call *call, const char *action, const char *patient, const char *subject) {
    struct exchange *exchange = (struct exchange *)call;
    exchange_note(exchange, &exchange->audits, action, patient, subject);
}

void call_refused(struct call *call, const char *codes) {
    ((struct exchange *)call)->refused_codes = codes;
}
