#include "ledger.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compose.h"
#include "store/alert.h"
#include "sys/log.h"

#define DIGEST_ACCEPT_SECONDS INT64_C(1800)
#define DIGEST_DUE_SECONDS INT64_C(14400)

/* ---- reading ---- */

static void load_one(struct tx *tx, struct load *load) {
    const char *error = NULL;
    load->state = LOAD_ENDED;
    if (!outbox_find(tx, load->alert, &load->row))
        return;
    load->state = LOAD_PARKED;
    if (load->row.state == OUTBOX_WAITING || load->row.digest != NULL || load->row.service == NULL)
        return;
    load->state = LOAD_WRONG;
    if (!service_find(tx, load->row.service, &load->service) || load->service.endpoint_url == NULL ||
        load->service.endpoint_secret == NULL)
        return;
    if (!load->poll && !outbox_body_find(tx, load->alert, &load->body)) {
        load->made = alert_compose_body(tx, load->alert, &load->body, &error);
        if (!load->made) {
            log_error("event=alert_not_rendered alert=%s reason=\"%s\"", load->alert, error);
            return;
        }
    }
    load->state = LOAD_READY;
}

static bool reading_run(struct job *job, struct tx *tx) {
    struct reading *reading = (struct reading *)job;
    bool good = true;
    tx->arena = reading->arena;
    if (reading->refresh) {
        /* The events first: what is raised after them is in no row that they speak of. */
        if (reading->first)
            reading->after_event = events_last(tx);
        good = events_after(tx, reading->after_event, LEDGER_ROWS_MAX, &reading->events,
                            &reading->event_count) &&
               outbox_after(tx, reading->after_number, LEDGER_ROWS_MAX, &reading->rows, &reading->row_count);
    }
    for (size_t i = 0; i < reading->load_count; i++)
        load_one(tx, &reading->loads[i]);
    return good && db_state(tx->db) == DB_FINE && !arena_failed(tx->arena);
}

void reading_init(struct reading *reading) {
    reading->job.run = reading_run;
}

/* ---- writing ---- */

void note_free(struct note **note) {
    struct note *one = *note;
    *note = NULL;
    if (one == NULL)
        return;
    free(one->location);
    free(one->parts);
    free(one);
}

static void write_lease(struct tx *tx, struct note *note) {
    struct outbox_row row;
    note->dropped = !outbox_find(tx, note->alert, &row) || row.state == OUTBOX_WAITING || row.digest != NULL;
    if (note->dropped)
        return;
    if (note->body.len > 0)
        outbox_body_append(tx, note->alert, &note->body);
    outbox_set_state(tx, note->alert, OUTBOX_SENDING, NULL);
}

/* What the service's own answer, or its Task, says of the alert. */
static void write_task(struct tx *tx, const struct note *note, const char *how) {
    const struct alert_answer *answer = &note->verdict.answer;
    struct event_row event = {.alert = note->alert,
                              .how = how,
                              .person = answer->by[0] == '\0' ? NULL : answer->by,
                              .note = answer->note[0] == '\0' ? NULL : answer->note};
    if (answer->task == ALERT_TASK_ACKNOWLEDGED) {
        event.kind = "acknowledged";
        outbox_acknowledge(tx, &event);
    } else if (answer->task == ALERT_TASK_REJECTED) {
        struct outbox_row row;
        if (!outbox_find(tx, note->alert, &row) || (row.phone != NULL && strcmp(row.phone, "rejected") == 0))
            return;
        event.kind = "rejected";
        event_append(tx, &event);
        outbox_set_phone(tx, note->alert, "rejected");
    }
}

/* A digest's acceptance is that of its parts. */
static void accept_parts(struct tx *tx, const char *digest) {
    const char **parts = NULL;
    size_t count = 0;
    if (!parts_of(tx, digest, &parts, &count))
        return;
    for (size_t i = 0; i < count; i++) {
        event_append(tx, &(struct event_row){.alert = parts[i], .kind = "accepted", .how = "digest"});
        outbox_set_state(tx, parts[i], OUTBOX_ACCEPTED, NULL);
        outbox_set_phone(tx, parts[i], NULL);
    }
}

static void write_tried(struct tx *tx, struct note *note) {
    static const enum outbox_state states[] = {[SEND_ACCEPTED] = OUTBOX_ACCEPTED,
                                               [SEND_UNCONFIRMED] = OUTBOX_ACCEPTED,
                                               [SEND_RETRY] = OUTBOX_RETRYING,
                                               [SEND_REFUSED] = OUTBOX_REFUSED,
                                               [SEND_GONE] = OUTBOX_REFUSED};
    struct outbox_row row;
    enum outbox_state state = states[note->verdict.result];
    note->attempt.alert = note->alert;
    attempt_append(tx, &note->attempt);
    note->dropped = !outbox_find(tx, note->alert, &row);
    if (note->dropped)
        return;
    if (row.state == OUTBOX_WAITING && state != OUTBOX_ACCEPTED) { /* held back meanwhile */
        outbox_set_tried(tx, note->alert, OUTBOX_WAITING, note->attempt.number, NULL);
        return;
    }
    outbox_set_tried(tx, note->alert, state, note->attempt.number, note->location);
    if (state == OUTBOX_ACCEPTED) {
        outbox_set_phone(tx, note->alert, NULL);
        if (strcmp(row.kind, "digest") == 0)
            accept_parts(tx, note->alert);
        write_task(tx, note, "answer");
    } else if (note->verdict.result == SEND_GONE) {
        outbox_switch_off(tx, row.service, note->alert);
    } else if (state == OUTBOX_REFUSED && row.phone == NULL) {
        event_append(tx, &(struct event_row){.alert = note->alert, .kind = "escalated", .why = "refused"});
        outbox_set_phone(tx, note->alert, "refused");
    }
}

static void write_escalation(struct tx *tx, struct note *note) {
    struct outbox_row row;
    note->dropped = !outbox_find(tx, note->alert, &row);
    if (note->dropped || row.phone != NULL)
        return;
    event_append(tx, &(struct event_row){.alert = note->alert, .kind = "escalated", .why = note->why});
    outbox_set_phone(tx, note->alert, note->why);
}

/* May it become part of a digest: open, routine, never rendered? */
static bool is_loose(struct tx *tx, const char *alert, struct outbox_row *row) {
    struct outbox_body body;
    return outbox_find(tx, alert, row) && row->digest == NULL && !row->urgent && row->attempts == 0 &&
           (row->state == OUTBOX_QUEUED || row->state == OUTBOX_RETRYING) &&
           !outbox_body_find(tx, alert, &body);
}

static void write_digest(struct tx *tx, struct note *note) {
    struct outbox_row row;
    size_t kept = 0;
    /* All of them stay in the list, so that the courier looks at the others again. */
    for (size_t i = 0; i < note->part_count; i++) {
        char part[LEDGER_ALERT_SIZE];
        if (!is_loose(tx, note->parts[i], &row))
            continue;
        memcpy(part, note->parts[i], sizeof part);
        memmove(note->parts[i], note->parts[kept], sizeof part);
        memcpy(note->parts[kept++], part, sizeof part);
    }
    note->dropped = kept < 2 || !outbox_find(tx, note->parts[0], &row);
    if (note->dropped)
        return;
    char about[LEDGER_ALERT_SIZE + 16];
    struct alert_detail_row detail = alert_detail_none;
    (void)snprintf(about, sizeof about, "digest/%s", note->parts[0]);
    detail.accept_by = tx->now.at + DIGEST_ACCEPT_SECONDS;
    detail.due_by = tx->now.at + DIGEST_DUE_SECONDS;
    const char *id = alert_append(tx, &(struct alert_row){.kind = "digest",
                                                          .priority = "routine",
                                                          .patient = row.patient,
                                                          .service = row.service,
                                                          .raised_at = tx->now.at,
                                                          .on = tx->now.day,
                                                          .about = about,
                                                          .number = (int32_t)kept});
    if (id == NULL)
        return;
    alert_detail_append(tx, id, &detail);
    for (size_t i = 0; i < kept; i++) {
        part_append(tx, id, note->parts[i]);
        outbox_set_digest(tx, note->parts[i], id);
    }
    outbox_add(tx, &(struct outbox_row){.alert = id,
                                        .kind = "digest",
                                        .patient = row.patient,
                                        .service = row.service,
                                        .state = OUTBOX_QUEUED,
                                        .raised_at = tx->now.at,
                                        .accept_by = detail.accept_by,
                                        .due_by = detail.due_by});
}

static void write_one(struct tx *tx, struct note *note) {
    switch (note->kind) {
    case NOTE_LEASE: write_lease(tx, note); return;
    case NOTE_TRIED: write_tried(tx, note); return;
    case NOTE_POLLED: write_task(tx, note, "poll"); return;
    case NOTE_ESCALATE: write_escalation(tx, note); return;
    case NOTE_DIGEST: write_digest(tx, note); return;
    }
}

static bool writing_run(struct job *job, struct tx *tx) {
    struct writing *writing = (struct writing *)job;
    tx->arena = writing->arena;
    tx_audit(tx, "alerts", NULL, NULL, NULL);
    for (struct note *note = writing->notes; note != NULL && db_state(tx->db) == DB_FINE; note = note->next) {
        arena_reset(tx->arena);
        write_one(tx, note);
    }
    return db_state(tx->db) == DB_FINE && !arena_failed(tx->arena);
}

void writing_init(struct writing *writing) {
    writing->job.run = writing_run;
}
