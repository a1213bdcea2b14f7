/*
 * Alerts to the prescribing service as use cases: raised in the transaction of the fact behind them (A9), corrected
 * (A6), routed (A7), and what a person does about one at the counter (docs/alerts.md has the states). Sending them is the
 * alert layer's.
 */
#ifndef INSTALMENT_DESK_ALERT_H
#define INSTALMENT_DESK_ALERT_H

#include "desk.h"
#include "patient_case.h"
#include "store/alert.h"
#include "store/outbox.h"
#include "store/service.h"

#define ALERT_REASON_MAX 500
#define ALERT_TO_MAX 200
#define ALERT_PERSON_NOTE_MAX 2000

/* ---- raising */

/*
 * Raises an alert under tx->seq unless `about` is known: the row, what it says, when a person must telephone, and whether
 * it may be sent or waits for a person (A7). The service's policy may make it urgent or quiet. The id, new or known; NULL
 * where memory or the store failed. detail NULL: says nothing more; its accept_by and due_by are filled here.
 */
const char *desk_alert_raise(struct tx *tx, const struct alert_row *row,
                             const struct alert_detail_row *detail);

/* What most alerts say of a course at the end of a day `on`: run, last dose, next collection. */
void desk_alert_course(struct tx *tx, const struct patient_case *c, size_t prescription, day_t on,
                       struct alert_detail_row *out);

/* The doses of an instalment from `from` on, item by item, as not supplied; appended to out->instalments. */
void desk_alert_instalment(struct tx *tx, const struct patient_case *c, size_t prescription,
                           const struct instalment *one, day_t from, const char *reason,
                           const char *reason_text, struct alert_detail_row *out);

/*
 * A6: what alert `id` said is no longer so, because of `cause` (an id: one correction a cause), in a whole sentence. Does
 * nothing where the alert is itself quiet or was raised under the same audit row.
 */
void desk_alert_correct(struct tx *tx, const char *id, const char *cause, const char *why);

/*
 * The same for everything that said of a prescription that it was not supplied on a day: missed_pickup, supply_on_hold,
 * missed_run, intermittent, attended_not_supplied, pharmacy_closed; each once.
 */
void desk_alert_correct_day(struct tx *tx, const char *prescription, day_t on, const char *cause,
                            const char *why);

/* When a person telephones, for an alert raised at an instant (alerts.md, "States"). */
void desk_alert_deadlines(struct tx *tx, const struct service_row *service, bool urgent, int64_t raised_at,
                          int64_t *accept_by, int64_t *due_by);

/* An agreement or an endpoint has changed: what waits is looked at again, what may no longer be sent waits. */
enum desk_result desk_alert_look_again(struct tx *tx, const char *service, const char *patient);

/* ---- reading */

struct alert_view {
    struct alert_row row;
    struct alert_detail_row detail;
    struct outbox_row open; /* alert NULL: it has ended */
    const char *state;      /* "waiting" ... "closed" */
    struct attempt_row *attempts;
    size_t attempt_count;
    struct event_row *events;
    size_t event_count;
    const struct event_row *acknowledged; /* NULL: not yet */
    const struct event_row *rejected;     /* the last one; NULL: none */
    struct service_row service;           /* id NULL: none */
    struct patient_row patient;           /* id NULL: none */
};

/* DESK_OK, DESK_NOT_FOUND or DESK_FAILED. */
enum desk_result desk_alert_read(struct tx *tx, const char *id, struct alert_view *out);

/*
 * Ids of alerts, newest first, after the one named `after` (NULL: from the newest on), at most `limit`; with a state:
 * those in it; "open": those not ended; "phone": those on the phone list, urgent first.
 */
enum desk_result desk_alerts(struct tx *tx, const char *state, const char *patient, const char *after,
                             int32_t limit, const char ***ids, size_t *count);
bool desk_alert_state_known(const char *state);

/* A patient's open alerts in figures. DESK_OK or DESK_FAILED. */
enum desk_result desk_alerts_of(struct tx *tx, const char *patient, struct outbox_count *out);

/* ---- at the counter: DESK_OK, DESK_NOT_FOUND, DESK_CONFLICT, DESK_FORBIDDEN, DESK_INVALID or DESK_FAILED */

/* Try now. */
enum desk_result desk_alert_retry(struct tx *tx, const char *id, struct desk_problem *problem);

/* Telephoned: `to` whom and when (at 0: now); counts as acknowledged. */
enum desk_result desk_alert_phoned(struct tx *tx, const char *id, const char *to, int64_t at,
                                   const char *note, struct desk_problem *problem);

/* A7: send although no agreement is recorded, for a vital interest; a pharmacist, with a reason. */
enum desk_result desk_alert_release(struct tx *tx, const struct identity *who, const char *id,
                                    const char *reason, struct desk_problem *problem);

/* Sends a route_test to a service's endpoint; *id is the alert's. */
enum desk_result desk_alert_test(struct tx *tx, const char *service, const char **id,
                                 struct desk_problem *problem);

#endif
