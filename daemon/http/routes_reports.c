/* Reports besides the day's: each as json or csv. File names hold no patient data. */
#include <stdio.h>
#include <string.h>

#include "desk/reports.h"
#include "fields.h"
#include "grid.h"
#include "routes.h"

#define CSV_MAX ((size_t)48 << 20)
#define LIST_MAX 500
#define CSV_LIST_MAX 1000000

static bool answer_failed(struct call *call) {
    const struct desk_problem problem = {.code = NULL};
    return call_desk_problem(call, DESK_FAILED, &problem);
}

static void wrong(struct call *call, const char *name, const char *message) {
    json_error_add(&call->errors, message, "%s", name);
}

/* pdf comes with the renderer. */
static bool wants_csv(struct call *call) {
    const char *format = call_query(call, "format");
    if (format != NULL && strcmp(format, "json") != 0 && strcmp(format, "csv") != 0) {
        wrong(call, "format", "must be json or csv");
    }
    return format != NULL && strcmp(format, "csv") == 0;
}

/* ?month=2026-11, or ?from=&to=. */
static void decode_days(struct call *call, day_t *from, day_t *to) {
    const char *month = call_query(call, "month");
    *from = *to = DAY_NONE;
    if (month != NULL) {
        char first[DAY_TEXT_SIZE];
        (void)snprintf(first, sizeof first, "%.7s-01", month);
        if (strlen(month) != 7 || !day_parse(first, strlen(first), from)) {
            wrong(call, "month", "must be a month written YYYY-MM");
            return;
        }
        struct civil_date date = day_to_civil(*from);
        *to = (date.month == 12 ? day_from_civil(date.year + 1, 1, 1)
                                : day_from_civil(date.year, date.month + 1, 1)) -
              1;
        return;
    }
    fields_query_day(call, "from", from);
    fields_query_day(call, "to", to);
    if (*from == DAY_NONE || *to == DAY_NONE) {
        wrong(call, "from", "and to are needed, or a month");
    } else if (*to < *from || *to - *from > REPORT_DAYS_MAX) {
        wrong(call, "to", "must not be before from, nor more than three years after it");
    }
}

static bool answer_csv(struct call *call, struct buffer *out, const char *name) {
    call_attachment(call, name);
    bool good = buffer_ok(out)
                    ? call_answer_bytes(call, 200, SHEET_CSV, out->bytes == NULL ? "" : out->bytes, out->len)
                    : answer_failed(call);
    buffer_release(out);
    return good;
}

static const char *needed(struct call *call, const char *name) {
    const char *value = call_query(call, name);
    if (value == NULL || *value == '\0') {
        wrong(call, name, "is needed");
    }
    return value;
}

/* ---- claims ---- */

static cJSON *json_dispensed(const struct dispensed_row *row) {
    cJSON *one = cJSON_CreateObject();
    json_put_text(one, "supply", row->supply);
    json_put_text(one, "kind", row->kind);
    json_put_text(one, "service", row->service);
    json_put_text(one, "patient", row->patient);
    json_put_text(one, "prescription", row->prescription);
    json_put_day(one, "on", row->on);
    json_put_text(one, "product", row->product);
    json_put_quantity(one, "quantity", row->quantity);
    json_put_quantity(one, "supervised", row->supervised);
    json_put_quantity(one, "take_home", row->take_home);
    cJSON_AddNumberToObject(one, "containers", (double)row->containers);
    json_put_text(one, "supervised_by", row->supervised_by);
    return one;
}

static void grid_dispensed(struct buffer *out, const struct dispensed_row *row) {
    grid_day(out, row->on, false);
    grid_text(out, row->supply, false);
    grid_text(out, row->service, false);
    grid_text(out, row->patient, false);
    grid_text(out, row->prescription, false);
    grid_text(out, row->product, false);
    grid_quantity(out, row->quantity, false);
    grid_quantity(out, row->supervised, false);
    grid_quantity(out, row->take_home, false);
    grid_number(out, row->containers, false);
    grid_text(out, row->supervised_by, true);
}

#define DISPENSED_HEAD \
    "on,supply,service,patient,prescription,product,quantity,supervised,take_home,containers,supervised_by"

static bool claim_csv(struct call *call, const char *service, day_t from, day_t to) {
    struct dispensed_row *rows = NULL;
    struct buffer out;
    size_t count = 0;
    char name[64];
    char first[DAY_TEXT_SIZE];
    if (!desk_claimed(call->tx, service, from, to, "", CSV_LIST_MAX, &rows, &count)) {
        return answer_failed(call);
    }
    buffer_init(&out, CSV_MAX);
    grid_head(&out, DISPENSED_HEAD);
    for (size_t i = 0; i < count; i++) {
        grid_dispensed(&out, &rows[i]);
    }
    day_format(from, first);
    (void)snprintf(name, sizeof name, "claim-%s.csv", first);
    return answer_csv(call, &out, name);
}

/* The list behind the figures, a page of it where it is asked for. */
static bool claim_list(struct call *call, cJSON *object, const char *service, day_t from, day_t to) {
    struct dispensed_row *rows = NULL;
    size_t count = 0;
    const char *after = call_query(call, "after");
    if (call_query(call, "list") == NULL) {
        return true;
    }
    if (!desk_claimed(call->tx, service, from, to, after == NULL ? "" : after, LIST_MAX, &rows, &count)) {
        return false;
    }
    cJSON *list = cJSON_AddArrayToObject(object, "list");
    for (size_t i = 0; i < count; i++) {
        cJSON_AddItemToArray(list, json_dispensed(&rows[i]));
    }
    json_put_text(object, "next", count == LIST_MAX ? rows[count - 1].supply : NULL);
    return true;
}

static bool claim_get(struct call *call) {
    struct claim_row *rows = NULL;
    size_t count = 0;
    double total = 0;
    day_t from = DAY_NONE;
    day_t to = DAY_NONE;
    const char *service = call_query(call, "service");
    bool csv = wants_csv(call);
    decode_days(call, &from, &to);
    if (call->errors.count > 0) {
        return call_invalid(call);
    }
    if (csv) {
        return claim_csv(call, service, from, to);
    }
    if (!desk_claim(call->tx, service, from, to, &rows, &count)) {
        return answer_failed(call);
    }
    cJSON *object = cJSON_CreateObject();
    json_put_day(object, "from", from);
    json_put_day(object, "to", to);
    cJSON *items = cJSON_AddArrayToObject(object, "items");
    for (size_t i = 0; i < count; i++) {
        cJSON *one = cJSON_CreateObject();
        json_put_text(one, "service", rows[i].service);
        json_put_text(one, "name", desk_service_name(call->tx, rows[i].service));
        json_put_text(one, "product", rows[i].product);
        cJSON_AddNumberToObject(one, "supervised_doses", (double)rows[i].doses);
        cJSON_AddItemToArray(items, one);
        total += (double)rows[i].doses;
    }
    cJSON_AddNumberToObject(object, "supervised_doses", total);
    if (!claim_list(call, object, service, from, to)) {
        cJSON_Delete(object);
        return answer_failed(call);
    }
    return call_answer(call, 200, object);
}

/* ---- endorsement ---- */

static cJSON *json_endorsement(const struct endorsement *e) {
    cJSON *object = cJSON_CreateObject();
    json_put_text(object, "prescription", e->prescription.id);
    json_put_text(object, "patient", e->prescription.patient);
    json_put_text(object, "form", e->prescription.form);
    json_put_text(object, "serial", e->prescription.serial);
    cJSON_AddNumberToObject(object, "instalments", (double)e->instalments);
    cJSON_AddNumberToObject(object, "supervised", (double)e->supervised);
    cJSON_AddNumberToObject(object, "containers", (double)e->containers);
    cJSON_AddNumberToObject(object, "packaged_doses", (double)e->packaged_doses);
    cJSON *items = cJSON_AddArrayToObject(object, "items");
    for (size_t i = 0; i < e->prescription.item_count && i < 8; i++) {
        cJSON *one = cJSON_CreateObject();
        json_put_text(one, "product", e->prescription.items[i].product);
        json_put_quantity(one, "total", e->prescription.items[i].total_on_form);
        json_put_quantity(one, "supplied", e->totals[i]);
        cJSON_AddItemToArray(items, one);
    }
    cJSON *supplies = cJSON_AddArrayToObject(object, "supplies");
    for (size_t i = 0; i < e->count; i++) {
        cJSON_AddItemToArray(supplies, json_dispensed(&e->rows[i]));
    }
    return object;
}

static bool endorsement_get(struct call *call) {
    struct desk_problem problem = {.code = NULL};
    struct endorsement e;
    struct buffer out;
    const char *prescription = needed(call, "prescription");
    bool csv = wants_csv(call);
    if (call->errors.count > 0) {
        return call_invalid(call);
    }
    enum desk_result result = desk_endorsement(call->tx, prescription, &e, &problem);
    if (result != DESK_OK) {
        return call_desk_problem(call, result, &problem);
    }
    call_reads(call, e.prescription.patient);
    if (!csv) {
        return call_answer(call, 200, json_endorsement(&e));
    }
    buffer_init(&out, CSV_MAX);
    grid_head(&out, DISPENSED_HEAD);
    for (size_t i = 0; i < e.count; i++) {
        grid_dispensed(&out, &e.rows[i]);
    }
    return answer_csv(call, &out, "endorsement.csv");
}

/* ---- NDTMS ---- */

static void put_or_blank(cJSON *object, const char *name, quantity_t quantity) {
    if (quantity == QUANTITY_NONE) {
        cJSON_AddNullToObject(object, name);
    } else {
        json_put_quantity(object, name, quantity);
    }
}

static cJSON *json_ndtms(const struct ndtms_row *row) {
    cJSON *one = cJSON_CreateObject();
    json_put_text(one, "patient", row->patient);
    json_put_text(one, "identifier", row->record.identifier_value);
    json_put_day(one, "born_on", row->record.born_on);
    put_or_blank(one, "methadone_ml_1mg_ml", row->methadone_ml);
    put_or_blank(one, "buprenorphine_mg", row->buprenorphine_mg);
    cJSON_AddNumberToObject(one, "dispenses", (double)row->dispenses);
    cJSON_AddNumberToObject(one, "supervised", (double)row->supervised);
    json_put_text(one, "supervision", supervision_text(row->supervision));
    json_put_day(one, "first", row->first);
    json_put_day(one, "last", row->last);
    return one;
}

static void grid_ndtms(struct buffer *out, const struct ndtms_row *row) {
    grid_text(out, row->patient, false);
    grid_text(out, row->record.identifier_value, false);
    grid_day(out, row->record.born_on, false);
    grid_quantity(out, row->methadone_ml, false);
    grid_quantity(out, row->buprenorphine_mg, false);
    grid_number(out, row->dispenses, false);
    grid_number(out, row->supervised, false);
    grid_text(out, supervision_text(row->supervision), false);
    grid_day(out, row->first, false);
    grid_day(out, row->last, true);
}

static bool ndtms_get(struct call *call) {
    struct ndtms_row *rows = NULL;
    size_t count = 0;
    day_t from = DAY_NONE;
    day_t to = DAY_NONE;
    struct buffer out;
    bool csv = wants_csv(call);
    decode_days(call, &from, &to);
    if (call->errors.count > 0) {
        return call_invalid(call);
    }
    if (desk_ndtms(call->tx, from, to, &rows, &count) != DESK_OK) {
        return answer_failed(call);
    }
    cJSON *items = csv ? NULL : cJSON_CreateArray();
    buffer_init(&out, CSV_MAX);
    grid_head(&out, "patient,identifier,born_on,methadone_ml_1mg_ml,buprenorphine_mg,dispenses,supervised,"
                    "supervision,first,last");
    for (size_t i = 0; i < count; i++) {
        call_reads(call, rows[i].patient);
        if (csv) {
            grid_ndtms(&out, &rows[i]);
        } else {
            cJSON_AddItemToArray(items, json_ndtms(&rows[i]));
        }
    }
    if (csv) {
        return answer_csv(call, &out, "ndtms.csv");
    }
    buffer_release(&out);
    return call_answer(call, 200, json_list(items, NULL));
}

/* ---- attendance and the last dose ---- */

static cJSON *json_attendance(struct call *call, const struct attendance *row) {
    cJSON *one = cJSON_CreateObject();
    json_put_text(one, "class", row->drug_class);
    json_put_day(one, "from", row->from);
    cJSON_AddNumberToObject(one, "missed_days", row->missed_days);
    cJSON *weeks = cJSON_AddArrayToObject(one, "weeks");
    for (size_t i = 0; i < row->days; i += 7) {
        cJSON *week = cJSON_CreateObject();
        size_t len = row->days - i < 7 ? row->days - i : 7;
        json_put_day(week, "week", row->from + (day_t)i);
        json_put_text(week, "days", arena_text(call->tx->arena, row->marks + i, len));
        cJSON_AddItemToArray(weeks, week);
    }
    return one;
}

static bool attendance_get(struct call *call) {
    struct desk_problem problem = {.code = NULL};
    struct attendance *rows = NULL;
    size_t count = 0;
    struct buffer out;
    const char *patient = needed(call, "patient");
    bool csv = wants_csv(call);
    if (call->errors.count > 0) {
        return call_invalid(call);
    }
    enum desk_result result = desk_attendance(call->tx, patient, &rows, &count, &problem);
    if (result != DESK_OK) {
        return call_desk_problem(call, result, &problem);
    }
    call_reads(call, patient);
    if (csv) {
        buffer_init(&out, CSV_MAX);
        grid_head(&out, "class,day,mark");
        for (size_t i = 0; i < count; i++) {
            for (size_t k = 0; k < rows[i].days; k++) {
                const char mark[2] = {rows[i].marks[k], '\0'};
                grid_text(&out, rows[i].drug_class, false);
                grid_day(&out, rows[i].from + (day_t)k, false);
                grid_text(&out, mark, true);
            }
        }
        return answer_csv(call, &out, "attendance.csv");
    }
    cJSON *object = cJSON_CreateObject();
    json_put_text(object, "patient", patient);
    json_put_text(
        object, "key",
        "S supervised, T taken home, M missed, W withheld or deferred, D declined, N came and was not "
        "supplied, C lost to closure, E dosed elsewhere, . to come, blank: no dose planned");
    cJSON *items = cJSON_AddArrayToObject(object, "items");
    for (size_t i = 0; i < count; i++) {
        cJSON_AddItemToArray(items, json_attendance(call, &rows[i]));
    }
    return call_answer(call, 200, object);
}

static cJSON *json_last(const struct last_dose *row) {
    cJSON *one = cJSON_CreateObject();
    json_put_text(one, "class", row->drug_class);
    if (row->supply.supply == NULL) {
        cJSON_AddNullToObject(one, "supply");
    } else {
        cJSON_AddItemToObject(one, "supply", json_dispensed(&row->supply));
        json_put_day(one, "dosed_until", row->supply.last);
        put_or_blank(one, "daily_dose", row->dose);
    }
    cJSON_AddNumberToObject(one, "missed_days", row->missed_days);
    json_put_text(one, "prescriber", row->prescriber);
    json_put_text(one, "service", row->service);
    json_put_text(one, "telephone", row->telephone);
    return one;
}

static void grid_last(struct buffer *out, const struct last_dose *row) {
    bool any = row->supply.supply != NULL;
    grid_text(out, row->drug_class, false);
    grid_day(out, any ? row->supply.on : DAY_NONE, false);
    grid_text(out, any ? row->supply.product : NULL, false);
    grid_quantity(out, any ? row->supply.quantity : QUANTITY_NONE, false);
    grid_quantity(out, any ? row->supply.supervised : QUANTITY_NONE, false);
    grid_day(out, any ? row->supply.last : DAY_NONE, false);
    grid_quantity(out, row->dose, false);
    grid_number(out, row->missed_days, false);
    grid_text(out, row->prescriber, false);
    grid_text(out, row->service, false);
    grid_text(out, row->telephone, true);
}

static bool last_dose_get(struct call *call) {
    struct desk_problem problem = {.code = NULL};
    struct last_dose *rows = NULL;
    struct patient_row record;
    size_t count = 0;
    struct buffer out;
    const char *patient = needed(call, "patient");
    bool csv = wants_csv(call);
    if (call->errors.count > 0) {
        return call_invalid(call);
    }
    enum desk_result result = desk_last_dose(call->tx, patient, &record, &rows, &count, &problem);
    if (result != DESK_OK) {
        return call_desk_problem(call, result, &problem);
    }
    call_reads(call, patient);
    if (csv) {
        buffer_init(&out, CSV_MAX);
        grid_head(&out, "class,on,product,quantity,supervised,dosed_until,daily_dose,missed_days,prescriber,"
                        "service,telephone");
        for (size_t i = 0; i < count; i++) {
            grid_last(&out, &rows[i]);
        }
        return answer_csv(call, &out, "last-dose.csv");
    }
    cJSON *object = cJSON_CreateObject();
    json_put_text(object, "patient", patient);
    json_put_text(object, "name", record.name);
    json_put_day(object, "born_on", record.born_on);
    json_put_instant(object, "as_of", call->tx->now.at);
    cJSON *items = cJSON_AddArrayToObject(object, "items");
    for (size_t i = 0; i < count; i++) {
        cJSON_AddItemToArray(items, json_last(&rows[i]));
    }
    return call_answer(call, 200, object);
}

/* ---- reviews ---- */

static bool reviews_get(struct call *call) {
    struct review_row *rows = NULL;
    size_t count = 0;
    struct buffer out;
    bool csv = wants_csv(call);
    if (call->errors.count > 0) {
        return call_invalid(call);
    }
    if (desk_reviews(call->tx, &rows, &count) != DESK_OK) {
        return answer_failed(call);
    }
    cJSON *items = csv ? NULL : cJSON_CreateArray();
    buffer_init(&out, CSV_MAX);
    grid_head(&out, "patient,prescription,class,began,review_due,long_running");
    for (size_t i = 0; i < count; i++) {
        if (csv) {
            grid_text(&out, rows[i].patient, false);
            grid_text(&out, rows[i].prescription, false);
            grid_text(&out, rows[i].drug_class, false);
            grid_day(&out, rows[i].began, false);
            grid_day(&out, rows[i].due, false);
            grid_text(&out, rows[i].long_running ? "yes" : "no", true);
            continue;
        }
        cJSON *one = cJSON_CreateObject();
        json_put_text(one, "patient", rows[i].patient);
        json_put_text(one, "prescription", rows[i].prescription);
        json_put_text(one, "class", rows[i].drug_class);
        json_put_day(one, "began", rows[i].began);
        json_put_day(one, "review_due", rows[i].due);
        cJSON_AddBoolToObject(one, "long_running", rows[i].long_running);
        cJSON_AddItemToArray(items, one);
    }
    if (csv) {
        return answer_csv(call, &out, "reviews.csv");
    }
    buffer_release(&out);
    return call_answer(call, 200, json_list(items, NULL));
}

/* ---- discrepancies, and the responsible pharmacist's record ---- */

static void grid_discrepancy(struct buffer *out, const struct discrepancy_view *view) {
    grid_text(out, view->row.section, false);
    grid_day(out, view->row.on, false);
    grid_text(out, view->row.kind, false);
    grid_quantity(out, view->row.quantity, false);
    grid_number(out, view->row.number, false);
    grid_day(out, view->explained_on, false);
    grid_text(out, view->explanation, false);
    grid_text(out, view->explained_by, false);
    grid_text(out, view->witness, true);
}

static cJSON *json_discrepancy_view(const struct discrepancy_view *view) {
    cJSON *one = cJSON_CreateObject();
    json_put_text(one, "id", view->row.id);
    json_put_text(one, "product", view->row.section);
    json_put_day(one, "on", view->row.on);
    json_put_text(one, "kind", view->row.kind);
    json_put_quantity(one, "quantity", view->row.quantity);
    cJSON_AddNumberToObject(one, "entry", (double)view->row.number);
    json_put_day(one, "explained_on", view->explained_on);
    json_put_text(one, "explanation", view->explanation);
    json_put_text(one, "explained_by", view->explained_by);
    json_put_text(one, "witness", view->witness);
    return one;
}

static bool discrepancies_get(struct call *call) {
    struct discrepancy_view *rows = NULL;
    size_t count = 0;
    struct buffer out;
    bool csv = wants_csv(call);
    if (call->errors.count > 0) {
        return call_invalid(call);
    }
    if (desk_discrepancies(call->tx, &rows, &count) != DESK_OK) {
        return answer_failed(call);
    }
    if (csv) {
        buffer_init(&out, CSV_MAX);
        grid_head(&out, "product,on,kind,quantity,entry,explained_on,explanation,explained_by,witness");
        for (size_t i = 0; i < count; i++) {
            grid_discrepancy(&out, &rows[i]);
        }
        return answer_csv(call, &out, "discrepancies.csv");
    }
    cJSON *items = cJSON_CreateArray();
    for (size_t i = 0; i < count; i++) {
        cJSON_AddItemToArray(items, json_discrepancy_view(&rows[i]));
    }
    return call_answer(call, 200, json_list(items, NULL));
}

static bool responsible_days_get(struct call *call) {
    struct responsible_row *rows = NULL;
    size_t count = 0;
    day_t from = DAY_NONE;
    day_t to = DAY_NONE;
    struct buffer out;
    bool csv = wants_csv(call);
    decode_days(call, &from, &to);
    if (call->errors.count > 0) {
        return call_invalid(call);
    }
    if (desk_responsible_days(call->tx, from, to, &rows, &count) != DESK_OK) {
        return answer_failed(call);
    }
    if (csv) {
        buffer_init(&out, CSV_MAX);
        grid_head(&out, "at,staff,what");
        for (size_t i = 0; i < count; i++) {
            grid_instant(&out, rows[i].at, false);
            grid_text(&out, rows[i].staff, false);
            grid_text(&out, rows[i].kind, true);
        }
        return answer_csv(call, &out, "responsible-pharmacist.csv");
    }
    cJSON *items = cJSON_CreateArray();
    for (size_t i = 0; i < count; i++) {
        cJSON *one = cJSON_CreateObject();
        json_put_instant(one, "at", rows[i].at);
        json_put_text(one, "staff", rows[i].staff);
        json_put_text(one, "what", rows[i].kind);
        cJSON_AddItemToArray(items, one);
    }
    return call_answer(call, 200, json_list(items, NULL));
}

#define READERS (ROLE_TECHNICIAN | ROLE_PHARMACIST | ROLE_MANAGER | ROLE_INSPECTOR)

const struct route routes_reports[] = {
    {"GET", "/reports/claim", READERS, ROUTE_READ, 0,
     "Supervised doses by service (?month= or ?from=&to=, ?service=, ?list=true with the list behind them).",
     claim_get, NULL},
    {"GET", "/reports/endorsement", READERS, ROUTE_READ, 0,
     "A prescription's dates, quantities and containers (?prescription=).", endorsement_get, NULL},
    {"GET", "/reports/ndtms", READERS, ROUTE_READ, 0, "A row for each patient (?month= or ?from=&to=).",
     ndtms_get, NULL},
    {"GET", "/reports/attendance", READERS, ROUTE_READ, 0,
     "A patient's last thirteen weeks as a picture, for a review (?patient=).", attendance_get, NULL},
    {"GET", "/reports/last-dose", READERS, ROUTE_READ, 0,
     "A patient's last dose of each class, for a hospital (?patient=).", last_dose_get, NULL},
    {"GET", "/reports/reviews", READERS, ROUTE_READ, 0,
     "When each treatment's review is due, and diazepam that runs long.", reviews_get, NULL},
    {"GET", "/reports/discrepancies", READERS, ROUTE_READ, 0,
     "Every discrepancy with what explains it: the accountable officer's sheet.", discrepancies_get, NULL},
    {"GET", "/reports/responsible-pharmacist", READERS, ROUTE_READ, 0,
     "The responsible pharmacist's record with absences (?month= or ?from=&to=).", responsible_days_get,
     NULL},
};
const size_t routes_reports_count = sizeof routes_reports / sizeof routes_reports[0];
