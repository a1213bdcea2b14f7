#include "alert.h"

#include <string.h>

#include "alert_policy.h"
#include "instalments.h"
#include "store/patient.h"
#include "store/rows.h"
#include "text.h"

/* Raised so soon before closing, or later, a routine alert is for the next morning (alerts.md). */
#define BEFORE_CLOSING_SECONDS INT64_C(3600)
/* "In any case before closing": so long before that somebody can still telephone. */
#define LAST_CALL_SECONDS INT64_C(900)
#define AFTER_OPENING_SECONDS INT64_C(3600)
#define OPENING_AHEAD_MAX 60

/* ---- when a person telephones ---- */

/* The opening after an instant; where there is none within two months, a day later. */
static int64_t next_opening(struct tx *tx, int64_t at) {
    day_t today = clock_moment(at).day;
    for (day_t day = today; day < today + OPENING_AHEAD_MAX; day++) {
        int32_t opens = 0;
        int32_t closes = 0;
        if (desk_hours(tx, day, &opens, &closes) && clock_at(day, opens) > at)
            return clock_at(day, opens);
    }
    return at + INT64_C(86400);
}

/* Closing time where the pharmacy is open now, and for more than an hour yet; 0: not so. */
static int64_t closes_later(struct tx *tx, int64_t at) {
    day_t today = clock_moment(at).day;
    int32_t opens = 0;
    int32_t closes = 0;
    if (!desk_hours(tx, today, &opens, &closes) || at < clock_at(today, opens))
        return 0;
    int64_t end = clock_at(today, closes);
    return at < end - BEFORE_CLOSING_SECONDS ? end : 0;
}

static int64_t minutes_after(int64_t at, const struct service_row *service, const char *figure) {
    return at + (int64_t)alert_policy(service, figure) * 60;
}

void desk_alert_deadlines(struct tx *tx, const struct service_row *service, bool urgent, int64_t raised_at,
                          int64_t *accept_by, int64_t *due_by) {
    int64_t closing = closes_later(tx, raised_at);
    if (urgent || closing != 0) {
        *accept_by =
            minutes_after(raised_at, service, urgent ? "urgent_accept_minutes" : "routine_accept_minutes");
        *due_by = minutes_after(raised_at, service,
                                urgent ? "urgent_acknowledge_minutes" : "routine_acknowledge_minutes");
    } else {
        *accept_by = *due_by = next_opening(tx, raised_at) + AFTER_OPENING_SECONDS;
    }
    if (closing != 0 && *due_by > closing - LAST_CALL_SECONDS)
        *due_by = closing - LAST_CALL_SECONDS;
    if (*accept_by > *due_by)
        *accept_by = *due_by;
}

/* ---- may it be sent? ---- */

/* A7: consulting the prescriber of this very prescription about its supply needs no agreement. */
static bool needs_no_agreement(const char *kind) {
    static const char *const kinds[] = {"supply_on_hold", "missed_run", "attended_not_supplied",
                                        "pharmacy_closed", "route_test"};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(kinds[i], kind) == 0)
            return true;
    }
    return false;
}

static bool was_released(struct tx *tx, const char *alert) {
    struct event_row *events = NULL;
    size_t count = 0;
    bool released = false;
    if (!events_of(tx, alert, &events, &count))
        return false;
    for (size_t i = 0; i < count; i++)
        released = released || (strcmp(events[i].kind, "queued") == 0 && events[i].why != NULL &&
                                strcmp(events[i].why, "released") == 0);
    return released;
}

/* The patient's record that stands, and its agreement. */
static bool agreed(struct tx *tx, const char *patient, const char *service) {
    struct patient_row row;
    bool found = patient != NULL && patient_find(tx, patient, &row);
    while (found && row.merged_into != NULL)
        found = patient_find(tx, row.merged_into, &row);
    return found && row.sharing_service != NULL && strcmp(row.sharing_service, service) == 0;
}

/* A correction goes where what it corrects has gone. */
static bool may_share(struct tx *tx, const struct alert_row *row, const char *service) {
    struct alert_row corrected;
    if (needs_no_agreement(row->kind) || agreed(tx, row->patient, service) || was_released(tx, row->id))
        return true;
    return row->corrects != NULL && alert_find(tx, row->corrects, &corrected, NULL) &&
           (needs_no_agreement(corrected.kind) || attempts_accepted_at(tx, corrected.id) != 0);
}

/* Why an alert waits for a person; NULL: it may be sent. service NULL: it has none. */
static const char *waits_for(struct tx *tx, const struct alert_row *row, const struct service_row *service) {
    int64_t changed = 0;
    if (service == NULL)
        return "no_service";
    if (!may_share(tx, row, service->id))
        return "no_agreement";
    if (service->endpoint_url == NULL)
        return "no_endpoint";
    if (strcmp(row->kind, "route_test") == 0)
        return NULL;
    switch (endpoint_state_of(tx, service->id, &changed)) {
    case ENDPOINT_CONFIRMED: return NULL;
    case ENDPOINT_SWITCHED_OFF: return "switched_off";
    case ENDPOINT_UNCONFIRMED: break;
    }
    return "not_confirmed";
}

enum desk_result desk_alert_look_again(struct tx *tx, const char *service, const char *patient) {
    struct outbox_row *rows = NULL;
    size_t count = 0;
    bool read = service != NULL ? outbox_of_service(tx, service, &rows, &count)
                                : outbox_of_patient(tx, patient, &rows, &count);
    for (size_t i = 0; read && i < count; i++) {
        struct alert_row alert;
        struct service_row route;
        const struct outbox_row *row = &rows[i];
        if (row->state == OUTBOX_ACCEPTED || !alert_find(tx, row->alert, &alert, NULL))
            continue;
        bool served = row->service != NULL && service_find(tx, row->service, &route);
        const char *why = waits_for(tx, &alert, served ? &route : NULL);
        if (why == NULL && row->state == OUTBOX_WAITING) {
            event_append(tx, &(struct event_row){.alert = row->alert, .kind = "queued", .why = "agreed"});
            outbox_set_state(tx, row->alert, OUTBOX_QUEUED, NULL);
            outbox_set_phone(tx, row->alert, NULL);
        } else if (why != NULL && (row->why == NULL || strcmp(row->why, why) != 0)) {
            event_append(tx, &(struct event_row){.alert = row->alert, .kind = "waiting", .why = why});
            outbox_set_state(tx, row->alert, OUTBOX_WAITING, why);
            outbox_set_phone(tx, row->alert, why);
        }
    }
    return read && db_state(tx->db) == DB_FINE ? DESK_OK : DESK_FAILED;
}

/* ---- raising ---- */

/* Urgent by the rules, or because the service wants it so. */
static bool is_urgent(const struct alert_row *row, enum alert_wish wish) {
    return strcmp(row->priority, "urgent") == 0 || wish == ALERT_WISH_URGENT;
}

/* It is open from now on: to be sent, or for a person. */
static void open_alert(struct tx *tx, const struct alert_row *row, const struct service_row *service,
                       const struct alert_detail_row *said, bool urgent) {
    const char *why = waits_for(tx, row, service);
    outbox_add(tx, &(struct outbox_row){.alert = row->id,
                                        .kind = row->kind,
                                        .patient = row->patient,
                                        .service = service == NULL ? NULL : service->id,
                                        .urgent = urgent,
                                        .state = why == NULL ? OUTBOX_QUEUED : OUTBOX_WAITING,
                                        .why = why,
                                        .raised_at = row->raised_at,
                                        .accept_by = said->accept_by,
                                        .due_by = said->due_by,
                                        .phone = why});
}

const char *desk_alert_raise(struct tx *tx, const struct alert_row *row,
                             const struct alert_detail_row *detail) {
    struct alert_row ready = *row;
    struct service_row found;
    const struct service_row *service =
        row->service != NULL && service_find(tx, row->service, &found) ? &found : NULL;
    const char *known = row->about == NULL ? NULL : alert_about(tx, row->about);
    if (row->about == NULL || known != NULL)
        return known;
    enum alert_wish wish = service == NULL ? ALERT_WISH_ROUTINE : alert_policy_wish(service, row->kind);
    bool urgent = is_urgent(row, wish);
    ready.priority = urgent ? "urgent" : "routine";
    ready.id = alert_append(tx, &ready);
    if (ready.id == NULL)
        return NULL;
    struct alert_detail_row said = detail == NULL ? alert_detail_none : *detail;
    desk_alert_deadlines(tx, service, urgent, row->raised_at, &said.accept_by, &said.due_by);
    alert_detail_append(tx, ready.id, &said);
    if (wish == ALERT_WISH_QUIET && !urgent)
        event_append(tx, &(struct event_row){.alert = ready.id, .kind = "closed", .why = "quiet"});
    else
        open_alert(tx, &ready, service, &said, urgent);
    return ready.id;
}

/* "60 ml" or "60 ml and 10 tablets"; NULL where there was no dose. */
static const char *dose_in_words(struct tx *tx, const struct plan *plan, day_t day) {
    const char *words = NULL;
    for (size_t i = 0; i < plan->prescription->item_count; i++) {
        char quantity[QUANTITY_TEXT_SIZE];
        quantity_t dose = plan_dose(plan, i, day);
        if (dose <= 0)
            continue;
        quantity_format(dose, quantity);
        const char *unit = plan->prescription->items[i].product->unit;
        bool several = dose != 1000 && strcmp(unit, "ml") != 0;
        words = desk_text(tx, "%s%s%s %s%s", words == NULL ? "" : words, words == NULL ? "" : " and ",
                          quantity, unit, several ? "s" : "");
    }
    return words;
}

void desk_alert_course(struct tx *tx, const struct patient_case *c, size_t prescription, day_t on,
                       struct alert_detail_row *out) {
    const struct course *course = &c->rules.courses[prescription];
    enum drug_class drug_class = c->rows[prescription].rules->drug_class;
    struct missed_run run = missed_run_at(&c->rules, drug_class, on + 1, DAY_MIN);
    out->missed_pickups = run.pickups;
    out->last_dosed = case_last_supplied(course, on + 1, tx->now.day);
    if (out->last_dosed != DAY_NONE)
        out->last_dose = dose_in_words(tx, &course->plan, out->last_dosed);
    for (size_t i = 0; i < course->plan.instalment_count; i++) {
        const struct instalment *one = &course->plan.instalments[i];
        if (one->due != DAY_NONE && one->due > on && instalment_live(c, prescription, one, tx->now.day)) {
            out->next_collection = one->due;
            return;
        }
    }
}

void desk_alert_instalment(struct tx *tx, const struct patient_case *c, size_t prescription,
                           const struct instalment *one, day_t from, const char *reason,
                           const char *reason_text, struct alert_detail_row *out) {
    const struct plan *plan = &c->rules.courses[prescription].plan;
    struct alert_instalment_row *rows = out->instalments;
    for (size_t i = 0; i < plan->prescription->item_count; i++) {
        quantity_t sum = 0;
        for (day_t day = one->collect > from ? one->collect : from; day <= one->last; day++)
            sum += plan_dose(plan, i, day);
        if (sum <= 0)
            continue;
        rows = rows_room(tx, rows, out->instalment_count, sizeof *rows);
        if (rows == NULL)
            return;
        out->instalments = rows;
        rows[out->instalment_count++] =
            (struct alert_instalment_row){.due = one->due != DAY_NONE ? one->due : one->collect,
                                          .item = (int32_t)i,
                                          .quantity = sum,
                                          .reason = reason,
                                          .reason_text = reason_text};
    }
}

/* ---- corrections (A6) ---- */

void desk_alert_correct(struct tx *tx, const char *id, const char *cause, const char *why) {
    struct alert_row alert;
    int64_t seq = 0;
    if (!alert_find(tx, id, &alert, &seq) || seq == tx->seq)
        return;
    struct alert_detail_row detail = alert_detail_none;
    detail.why = why;
    desk_alert_raise(tx,
                     &(struct alert_row){.kind = "correction",
                                         .priority = "routine",
                                         .patient = alert.patient,
                                         .prescription = alert.prescription,
                                         .service = alert.service,
                                         .raised_at = tx->now.at,
                                         .on = tx->now.day,
                                         .about = desk_text(tx, "correction/%s/%s", id, cause),
                                         .number = -1,
                                         .corrects = id},
                     &detail);
}

void desk_alert_correct_day(struct tx *tx, const char *prescription, day_t on, const char *cause,
                            const char *why) {
    static const char *const kinds[] = {"missed_pickup", "supply_on_hold",        "missed_run",
                                        "intermittent",  "attended_not_supplied", "pharmacy_closed"};
    struct alert_row *rows = NULL;
    size_t count = 0;
    if (!alerts_of_prescription(tx, prescription, on, &rows, &count))
        return;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
            if (strcmp(rows[i].kind, kinds[k]) == 0 && !alert_is_corrected(tx, rows[i].id))
                desk_alert_correct(tx, rows[i].id, cause, why);
        }
    }
}

/* ---- reading ---- */

/* Attempts and events, and which of these say that somebody there has answered. */
static bool read_history(struct tx *tx, const char *id, struct alert_view *out) {
    if (!attempts_of(tx, id, &out->attempts, &out->attempt_count) ||
        !events_of(tx, id, &out->events, &out->event_count))
        return false;
    for (size_t i = 0; i < out->event_count; i++) {
        if (strcmp(out->events[i].kind, "acknowledged") == 0 && out->acknowledged == NULL)
            out->acknowledged = &out->events[i];
        else if (strcmp(out->events[i].kind, "rejected") == 0)
            out->rejected = &out->events[i];
    }
    return true;
}

static void read_names(struct tx *tx, struct alert_view *out) {
    if (out->row.service != NULL && !service_find(tx, out->row.service, &out->service))
        out->service.id = NULL;
    if (out->row.patient != NULL && !patient_find(tx, out->row.patient, &out->patient))
        out->patient.id = NULL;
}

enum desk_result desk_alert_read(struct tx *tx, const char *id, struct alert_view *out) {
    *out = (struct alert_view){.state = NULL};
    if (!alert_find(tx, id, &out->row, NULL))
        return db_state(tx->db) == DB_FINE ? DESK_NOT_FOUND : DESK_FAILED;
    if (!alert_detail_find(tx, id, &out->detail))
        out->detail = alert_detail_none;
    if (!read_history(tx, id, out))
        return DESK_FAILED;
    bool open = outbox_find(tx, id, &out->open);
    out->state = open                        ? outbox_state_text(out->open.state)
                 : out->acknowledged != NULL ? "acknowledged"
                                             : "closed";
    if (!open)
        out->open.alert = NULL;
    read_names(tx, out);
    return db_state(tx->db) == DB_FINE && !arena_failed(tx->arena) ? DESK_OK : DESK_FAILED;
}

static bool is_ended_state(const char *state) {
    return strcmp(state, "acknowledged") == 0 || strcmp(state, "closed") == 0;
}

enum desk_result desk_alerts_of(struct tx *tx, const char *patient, struct outbox_count *out) {
    return outbox_count_of(tx, patient, out) ? DESK_OK : DESK_FAILED;
}

bool desk_alert_state_known(const char *state) {
    return is_ended_state(state) || strcmp(state, "open") == 0 || strcmp(state, "phone") == 0 ||
           outbox_state_parse(state) != OUTBOX_STATE_COUNT;
}

/* Is it of this patient and in this state? "open" and "phone" are no states: the list was chosen by them. */
static bool fits(const struct outbox_row *row, enum outbox_state state, const char *patient) {
    return (patient == NULL || (row->patient != NULL && strcmp(row->patient, patient) == 0)) &&
           (state == OUTBOX_STATE_COUNT || row->state == state);
}

/* Open ones that fit, newest first (those to be told by telephone: urgent first), after `after`. */
static enum desk_result open_alerts(struct tx *tx, const char *state, const char *patient, const char *after,
                                    int32_t limit, const char ***ids, size_t *count) {
    struct outbox_row *rows = NULL;
    size_t all = 0;
    bool phone = strcmp(state, "phone") == 0;
    bool begun = after == NULL;
    bool read =
        phone ? outbox_on_phone(tx, INT32_MAX, &rows, &all) : outbox_after(tx, 0, INT32_MAX, &rows, &all);
    *count = 0;
    *ids = arena_take(tx->arena, (size_t)limit, sizeof **ids);
    if (!read || *ids == NULL)
        return DESK_FAILED;
    for (size_t i = 0; i < all && *count < (size_t)limit; i++) {
        const struct outbox_row *row = &rows[phone ? i : all - 1 - i];
        if (begun && fits(row, outbox_state_parse(state), patient))
            (*ids)[(*count)++] = row->alert;
        begun = begun || strcmp(row->alert, after) == 0;
    }
    return DESK_OK;
}

/* Ended ones that fit: a page of all is looked through until the page that is wanted is full. */
static enum desk_result ended_alerts(struct tx *tx, const char *state, const char *patient, const char *after,
                                     int32_t limit, const char ***ids, size_t *count) {
    enum { PAGE = 200 };
    const char **page = NULL;
    size_t got = PAGE;
    *count = 0;
    *ids = arena_take(tx->arena, (size_t)limit, sizeof **ids);
    while (*ids != NULL && got == PAGE && *count < (size_t)limit) {
        if (!alert_page(tx, patient, after, PAGE, &page, &got))
            return DESK_FAILED;
        for (size_t i = 0; i < got && *count < (size_t)limit; i++) {
            struct outbox_row open;
            struct alert_view view;
            after = page[i];
            if (outbox_find(tx, page[i], &open))
                continue;
            if (desk_alert_read(tx, page[i], &view) == DESK_OK && strcmp(view.state, state) == 0)
                (*ids)[(*count)++] = page[i];
        }
    }
    return *ids != NULL && db_state(tx->db) == DB_FINE ? DESK_OK : DESK_FAILED;
}

enum desk_result desk_alerts(struct tx *tx, const char *state, const char *patient, const char *after,
                             int32_t limit, const char ***ids, size_t *count) {
    if (state == NULL)
        return alert_page(tx, patient, after, limit, ids, count) ? DESK_OK : DESK_FAILED;
    return is_ended_state(state) ? ended_alerts(tx, state, patient, after, limit, ids, count)
                                 : open_alerts(tx, state, patient, after, limit, ids, count);
}

/* ---- at the counter ---- */

/* The open alert, or why there is none. */
static enum desk_result find_open(struct tx *tx, const char *id, struct outbox_row *out,
                                  struct desk_problem *problem) {
    struct alert_row alert;
    if (outbox_find(tx, id, out))
        return DESK_OK;
    if (db_state(tx->db) != DB_FINE)
        return DESK_FAILED;
    if (!alert_find(tx, id, &alert, NULL))
        return desk_no(problem, DESK_NOT_FOUND, "not_found", "There is no such alert.");
    return desk_no(problem, DESK_CONFLICT, "already_ended",
                   "This alert has been acknowledged or closed already: nothing is left to do.");
}

static enum desk_result written(const struct tx *tx) {
    return db_state(tx->db) == DB_FINE ? DESK_OK : DESK_FAILED;
}

enum desk_result desk_alert_retry(struct tx *tx, const char *id, struct desk_problem *problem) {
    struct outbox_row row;
    enum desk_result result = find_open(tx, id, &row, problem);
    if (result != DESK_OK)
        return result;
    if (row.state == OUTBOX_WAITING)
        return desk_no(problem, DESK_CONFLICT, "waiting_for_a_person",
                       "This alert cannot be sent yet: there is no agreement, no endpoint, or the endpoint "
                       "has not been tested. Please telephone.");
    if (row.state == OUTBOX_ACCEPTED)
        return desk_no(
            problem, DESK_CONFLICT, "already_accepted",
            "The service has accepted this alert. If nobody has acknowledged it, please telephone.");
    tx_audit(tx, "retry alert", row.patient, id, NULL);
    event_append(tx, &(struct event_row){.alert = id, .kind = "queued", .why = "by_hand"});
    outbox_set_state(tx, id, row.attempts == 0 ? OUTBOX_QUEUED : OUTBOX_RETRYING, NULL);
    return written(tx);
}

enum desk_result desk_alert_phoned(struct tx *tx, const char *id, const char *to, int64_t at,
                                   const char *note, struct desk_problem *problem) {
    struct outbox_row row;
    enum desk_result result = find_open(tx, id, &row, problem);
    if (result != DESK_OK)
        return result;
    if (at > tx->now.at)
        return desk_invalid(problem, "at", "must not lie in the future");
    if (at != 0 && at < row.raised_at)
        return desk_invalid(problem, "at", "must not lie before the alert was raised");
    tx_audit(tx, "telephoned", row.patient, id, NULL);
    outbox_acknowledge(
        tx,
        &(struct event_row){
            .alert = id, .kind = "acknowledged", .at = at, .how = "telephone", .person = to, .note = note});
    return written(tx);
}

enum desk_result desk_alert_release(struct tx *tx, const struct identity *who, const char *id,
                                    const char *reason, struct desk_problem *problem) {
    struct outbox_row row;
    struct alert_row alert;
    struct service_row service;
    if (!identity_is_pharmacist(who))
        return desk_no(problem, DESK_FORBIDDEN, "role",
                       "Sending without a recorded agreement is the pharmacist's to decide.");
    enum desk_result result = find_open(tx, id, &row, problem);
    if (result != DESK_OK)
        return result;
    if (row.why == NULL || strcmp(row.why, "no_agreement") != 0 || !alert_find(tx, id, &alert, NULL) ||
        !service_find(tx, row.service, &service))
        return desk_no(problem, DESK_CONFLICT, "not_held_back",
                       "This alert is not held back for want of an agreement.");
    tx_audit(tx, "release alert", row.patient, id, NULL);
    event_append(tx, &(struct event_row){.alert = id, .kind = "queued", .why = "released", .note = reason});
    const char *why = waits_for(tx, &alert, &service);
    outbox_set_state(tx, id, why == NULL ? OUTBOX_QUEUED : OUTBOX_WAITING, why);
    outbox_set_phone(tx, id, why);
    return written(tx);
}

enum desk_result desk_alert_test(struct tx *tx, const char *service, const char **id,
                                 struct desk_problem *problem) {
    struct service_row row;
    if (!service_find(tx, service, &row))
        return db_state(tx->db) == DB_FINE
                   ? desk_no(problem, DESK_NOT_FOUND, "not_found", "There is no such service.")
                   : DESK_FAILED;
    if (row.endpoint_url == NULL)
        return desk_no(problem, DESK_CONFLICT, "no_endpoint",
                       "This service has no endpoint: there is nothing to test.");
    tx_audit(tx, "test endpoint", NULL, service, NULL);
    *id = desk_alert_raise(
        tx,
        &(struct alert_row){.kind = "route_test",
                            .priority = "routine",
                            .service = service,
                            .raised_at = tx->now.at,
                            .on = tx->now.day,
                            .about = desk_text(tx, "route_test/%s/%lld", service, (long long)tx->seq),
                            .number = -1},
        NULL);
    return *id == NULL ? DESK_FAILED : written(tx);
}
