/* Print jobs and printers. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fields.h"
#include "json_print.h"
#include "routes.h"
#include "routes_print.h"

#define BODY_MAX 4096
#define ID_MAX 64
#define TO_MAX 500

static const struct desk_problem no_job = {.code = "not_found", .detail = "There is no such print job."};

/* ---- shared by the lists of this file and of routes_cards.c ---- */

bool call_before(struct call *call, int64_t *before) {
    const char *after = call_query(call, "after");
    char *end = NULL;
    *before = TX_NOW;
    if (after == NULL) {
        return true;
    }
    *before = strtoll(after, &end, 10);
    if (end == after || *end != '\0' || *before < 1) {
        json_error_add(&call->errors, "must be the `next` of the page before", "after");
        return call_invalid(call);
    }
    return true;
}

bool call_page(struct call *call, cJSON *items, int64_t next) {
    char text[24] = "";
    if (next > 0) {
        (void)snprintf(text, sizeof text, "%" PRId64, next);
    }
    return call_answer(call, 200, json_list(items, next > 0 ? text : NULL));
}

/* ---- jobs ---- */

static bool jobs_get(struct call *call) {
    static const char *const states[] = {"queued",    "sent",   "accepted_by_printer", "unverified",
                                         "confirmed", "failed", "cancelled",           NULL};
    const struct desk_problem problem = {.code = NULL};
    struct print_job_query query = {.state = call_query(call, "state"),
                                    .patient = call_query(call, "patient")};
    struct print_job_row *rows = NULL;
    size_t count = 0;
    size_t known = 0;
    int64_t next = 0;
    while (query.state != NULL && states[known] != NULL && strcmp(states[known], query.state) != 0) {
        known++;
    }
    if (query.state != NULL && states[known] == NULL) {
        json_error_add(&call->errors, "is not the state of a print job", "state");
        return call_invalid(call);
    }
    if (!call_limit(call, &query.limit) || !call_before(call, &query.before)) {
        return false;
    }
    enum desk_result result = desk_print_jobs(call->tx, &query, &rows, &count, &next);
    if (result != DESK_OK) {
        return call_desk_problem(call, result, &problem);
    }
    for (size_t i = 0; i < count; i++) {
        if (rows[i].patient != NULL &&
            (i == 0 || rows[i - 1].patient == NULL || strcmp(rows[i].patient, rows[i - 1].patient) != 0)) {
            call_reads(call, rows[i].patient);
        }
    }
    return call_page(call, json_print_jobs(rows, count), next);
}

static bool job_answer(struct call *call, const char *id, int status) {
    struct print_job_row row;
    enum desk_result result = desk_print_job(call->tx, id, &row);
    return result == DESK_OK ? call_answer(call, status, json_print_job(&row))
                             : call_desk_problem(call, result, &no_job);
}

static void job_made(struct call *call, const char *id) {
    job_answer(call, id, 201);
}

static void job_done(struct call *call, const char *id) {
    job_answer(call, id, 200);
}

static bool job_get(struct call *call) {
    return job_answer(call, call->ids[0], 200);
}

static bool job_post(struct call *call) {
    static const char *const known[] = {"kind", "patient", "date", "to", NULL};
    static const char *const kinds[] = {"calendar", "downtime", "last_dose", "bag", NULL};
    struct print_request request = {.date = DAY_NONE};
    struct desk_problem problem = {.code = NULL};
    const char *id = NULL;
    int kind = 0;
    bool ok = call_known(call, known);
    ok = call_choice(call, call->body, "kind", true, kinds, &kind) && ok;
    ok = call_text(call, call->body, "patient", ID_MAX, false, &request.patient) && ok;
    ok = call_day(call, call->body, "date", false, &request.date) && ok;
    ok = call_text(call, call->body, "to", TO_MAX, false, &request.addressee) && ok;
    if (!ok) {
        return call_invalid(call);
    }
    request.kind = kinds[kind];
    enum desk_result result = desk_print_ask(call->tx, &call->who, &request, &id, &problem);
    if (result != DESK_OK) {
        return call_desk_problem(call, result, &problem);
    }
    call_event(call, "print", id, "queued");
    return call_made(call, 201, id);
}

/* Bodies that say nothing. */
static bool nothing_said(struct call *call) {
    static const char *const none[] = {NULL};
    return call->body == NULL || call_known(call, none) || call_invalid(call);
}

static bool reprint_post(struct call *call) {
    struct desk_problem problem = {.code = NULL};
    const char *id = NULL;
    if (!nothing_said(call)) {
        return false;
    }
    enum desk_result result = desk_print_again(call->tx, call->ids[0], &id, &problem);
    if (result != DESK_OK) {
        return call_desk_problem(call, result, &problem);
    }
    call_event(call, "print", id, "queued");
    return call_made(call, 201, id);
}

static bool set_post(struct call *call, const char *state,
                     enum desk_result (*set)(struct tx *tx, const char *id, struct desk_problem *problem)) {
    struct desk_problem problem = {.code = NULL};
    if (!nothing_said(call)) {
        return false;
    }
    enum desk_result result = set(call->tx, call->ids[0], &problem);
    if (result != DESK_OK) {
        return call_desk_problem(call, result, &problem);
    }
    call_event(call, "print", call->ids[0], state);
    return call_made(call, 200, call->ids[0]);
}

static bool confirm_post(struct call *call) {
    return set_post(call, "confirmed", desk_print_confirm);
}

static bool cancel_post(struct call *call) {
    return set_post(call, "cancelled", desk_print_cancel);
}

/* ---- printers ---- */

static bool printers_get(struct call *call) {
    const struct desk_problem problem = {.code = NULL};
    struct printer_row *rows = NULL;
    size_t count = 0;
    enum desk_result result = desk_printers(call->tx, &rows, &count);
    if (result != DESK_OK) {
        return call_desk_problem(call, result, &problem);
    }
    cJSON *items = cJSON_CreateArray();
    for (size_t i = 0; i < count; i++) {
        cJSON_AddItemToArray(items, json_printer(&rows[i]));
    }
    return call_answer(call, 200, json_list(items, NULL));
}

/* Edges in millimetres, as decimal texts. */
static void decode_media(struct call *call, struct printer_row *row) {
    const cJSON *media = json_member(call->body, "media");
    quantity_t width = 0;
    quantity_t height = 0;
    if (media == NULL && row->width != 0) {
        return;
    }
    if (!cJSON_IsObject(media) || cJSON_GetArraySize(media) != 2 ||
        !call_quantity(call, media, "width", true, &width) ||
        !call_quantity(call, media, "height", true, &height) || width > (quantity_t)PRINTER_EDGE_MAX * 10 ||
        height > (quantity_t)PRINTER_EDGE_MAX * 10) {
        json_error_add(&call->errors, "must have a width and a height in millimetres", "media");
        return;
    }
    row->width = (int32_t)(width / 10);
    row->height = (int32_t)(height / 10);
}

static void decode_printer(struct call *call, const char *const *known, struct printer_row *row) {
    static const char *const kinds[] = {"label", "a4", "card", NULL};
    const char *ignored = NULL;
    struct fields body = fields_body(call, known);
    fields_text(&body, "id", ID_MAX, false, &ignored);
    fields_text(&body, "name", PRINTER_NAME_MAX, false, &row->name);
    fields_choice(&body, "kind", kinds, &row->kind);
    fields_text(&body, "server", PRINTER_SERVER_MAX, false, &row->server);
    fields_text(&body, "queue", PRINTER_QUEUE_MAX, false, &row->queue);
    fields_text(&body, "fallback", ID_MAX, false, &row->fallback);
    fields_bool(&body, "active", &row->active);
    fields_need(&body, "name", row->name != NULL);
    fields_need(&body, "kind", row->kind != NULL);
    fields_need(&body, "queue", row->queue != NULL);
    decode_media(call, row);
}

/* With an id that printer is changed: what is absent stays as it was. */
static bool printer_post(struct call *call) {
    static const char *const known[] = {"id",    "name",     "kind",   "server", "queue",
                                        "media", "fallback", "active", NULL};
    struct printer_row row = {.active = true};
    struct desk_problem problem = {.code = "not_found", .detail = "There is no such printer."};
    const char *id = NULL;
    if (!call_text(call, call->body, "id", ID_MAX, false, &id)) {
        return call_invalid(call);
    }
    enum desk_result result = id == NULL ? DESK_OK : desk_printer(call->tx, id, &row);
    if (result != DESK_OK) {
        return call_desk_problem(call, result, &problem);
    }
    decode_printer(call, known, &row);
    if (call->errors.count > 0) {
        return call_invalid(call);
    }
    problem = (struct desk_problem){.code = NULL};
    result = desk_printer_set(call->tx, &row, &id, &problem);
    if (result != DESK_OK) {
        return call_desk_problem(call, result, &problem);
    }
    call_event(call, "print", id, "changed");
    return call_made(call, 201, id);
}

static void printer_show(struct call *call, const char *id) {
    const struct desk_problem problem = {.code = "not_found", .detail = "There is no such printer."};
    struct printer_row row;
    enum desk_result result = desk_printer(call->tx, id, &row);
    if (result == DESK_OK) {
        call_answer(call, 201, json_printer(&row));
    } else {
        call_desk_problem(call, result, &problem);
    }
}

#define COUNTER_UP (ROLE_COUNTER | ROLE_TECHNICIAN | ROLE_PHARMACIST | ROLE_MANAGER)
#define LABELLERS (ROLE_TECHNICIAN | ROLE_PHARMACIST | ROLE_MANAGER)
#define RECORDS (ROUTE_WRITE | ROUTE_KEY)

const struct route routes_print[] = {
    {"GET", "/print-jobs", COUNTER_UP, ROUTE_READ, 0,
     "Labels, cards and sheets on their way to paper, newest first (?state= or ?patient=).", jobs_get, NULL},
    {"POST", "/print-jobs", COUNTER_UP, RECORDS, BODY_MAX,
     "Prints a calendar, a downtime sheet, a last-dose letter or a bag label.", job_post, job_made},
    {"GET", "/print-jobs/{id}", COUNTER_UP, ROUTE_READ, 0, "One print job.", job_get, NULL},
    {"POST", "/print-jobs/{id}/reprint", LABELLERS, RECORDS, BODY_MAX,
     "Prints it again as it was, marked as a reprint; the former code counts no longer.", reprint_post,
     job_made},
    {"POST", "/print-jobs/{id}/confirm", COUNTER_UP, RECORDS, BODY_MAX, "Notes that it is on paper.",
     confirm_post, job_done},
    {"POST", "/print-jobs/{id}/cancel", LABELLERS, RECORDS, BODY_MAX, "Takes back what is not printed yet.",
     cancel_post, job_done},
    {"GET", "/printers", COUNTER_UP, ROUTE_READ, 0, "The printers, and whether each can print.", printers_get,
     NULL},
    {"POST", "/printers", ROLE_MANAGER, RECORDS, BODY_MAX, "Enters a printer, or (with its id) changes one.",
     printer_post, printer_show},
};
const size_t routes_print_count = sizeof routes_print / sizeof routes_print[0];
