/* The reconciliation of one day: see reconcile.h. What is still to come stands in coming.c. */
#include "reconcile.h"

#include <inttypes.h>
#include <string.h>

#include "coming.h"
#include "patient_case.h"
#include "store/day_state.h"
#include "store/rows.h"
#include "sys/number.h"
#include "text.h"

/* How many days back an unclosed day still closes by itself. */
#define UNCLOSED_BACK 31

static int64_t day_begin(day_t day) {
    return clock_at(day, 0);
}

static int64_t day_end(day_t day) {
    return clock_at(day + 1, 0);
}

/* M1's cut-off, or the day's end where the pharmacy is shut. */
static int64_t day_over(struct tx *tx, day_t day) {
    int32_t opens = 0;
    int32_t closes = 0;
    if (!desk_hours(tx, day, &opens, &closes)) {
        return day_end(day);
    }
    return clock_at(day, closes) + desk_policy(tx, "cutoff_grace_minutes") * 60;
}

int64_t desk_close_time(struct tx *tx, day_t day) {
    int32_t opens = 0;
    int32_t closes = 0;
    if (clock_is_demo() || !desk_hours(tx, day, &opens, &closes)) {
        return INT64_MIN;
    }
    return day_over(tx, day) + desk_policy(tx, "day_close_minutes") * 60;
}

/* ---- outcomes ---- */

static bool is_outcome(enum day_status status) {
    return status == DAY_STATUS_SUPPLIED || status == DAY_STATUS_MISSED || status == DAY_STATUS_WITHHELD ||
           status == DAY_STATUS_DECLINED || status == DAY_STATUS_ATTENDED_NOT_SUPPLIED ||
           status == DAY_STATUS_LOST_TO_CLOSURE;
}

static void count_outcomes(struct report *out) {
    size_t sum = 0;
    for (size_t i = 0; i < out->list.count; i++) {
        const struct day_row *row = &out->list.rows[i];
        if (!row->due_here) {
            out->supplied_late++;
            continue;
        }
        out->due++;
        out->outcomes[row->status]++;
    }
    for (size_t i = 0; i < DAY_STATUS_COUNT; i++) {
        sum += is_outcome((enum day_status)i) ? out->outcomes[i] : 0;
    }
    out->adds_up = sum == out->due;
}

/* ---- the stock of the day ---- */

static void add_entry(struct report_stock *stock, const struct register_row *row) {
    if (strcmp(row->kind, "received") == 0) {
        stock->received += row->quantity;
    } else if (strcmp(row->kind, "supplied") == 0) {
        stock->supplied -= row->quantity;
    } else if (strcmp(row->kind, "destroyed") == 0) {
        stock->destroyed -= row->quantity;
    } else if (strcmp(row->kind, "reversed") == 0) {
        stock->returned += row->quantity;
    } else if (strcmp(row->kind, "check") == 0) {
        stock->counted = row->counted;
    } else {
        stock->adjusted += row->quantity;
    }
}

static void fill_stock(struct tx *tx, struct report *out, struct report_stock *stock,
                       const struct register_row *rows, size_t count, const struct day_product_row *products,
                       size_t product_count) {
    struct register_row last;
    const char *code = stock->product->code;
    if (register_before(tx, code, day_begin(out->day), &last)) {
        stock->opening = last.balance;
    }
    stock->closing = register_before(tx, code, day_end(out->day), &last) ? last.balance : 0;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(rows[i].section, code) == 0) {
            add_entry(stock, &rows[i]);
        }
    }
    for (size_t i = 0; i < product_count; i++) {
        stock->by_supplies += strcmp(products[i].product, code) == 0 ? products[i].quantity : 0;
    }
    stock->by_stock = stock_to_patients(tx, code, out->day);
    quantity_t sum = stock->opening + stock->received - stock->supplied - stock->destroyed + stock->returned +
                     stock->adjusted;
    quantity_t left = stock->supplied - stock->returned;
    /* A voluntary section may have begun during the day: what was supplied before stands in no entry. */
    bool whole = stock->product->schedule == 2 || left <= stock->by_supplies;
    stock->agrees = sum == stock->closing && left == stock->by_stock &&
                    (stock->product->schedule == 2 ? left == stock->by_supplies : whole);
}

static bool read_stock(struct tx *tx, struct report *out) {
    struct register_row *rows = NULL;
    struct day_product_row *products = NULL;
    size_t count = 0;
    size_t product_count = 0;
    if (desk_register_sections(tx, &out->sections, &out->section_count) != DESK_OK ||
        !register_entered(tx, day_begin(out->day), day_end(out->day), &rows, &count) ||
        !day_products(tx, day_begin(out->day), day_end(out->day), &products, &product_count)) {
        return false;
    }
    out->stock = arena_take(tx->arena, out->section_count + 1, sizeof *out->stock);
    for (size_t i = 0; out->stock != NULL && i < out->section_count; i++) {
        struct report_stock *stock = &out->stock[out->stock_count++];
        stock->product = out->sections[i].product;
        stock->counted = QUANTITY_NONE;
        fill_stock(tx, out, stock, rows, count, products, product_count);
    }
    return out->stock != NULL;
}

/* ---- what stands in the way, and what is open ---- */

bool report_add(struct tx *tx, struct report_list *list, const struct report_item *item) {
    list->items = rows_room(tx, list->items, list->count, sizeof *list->items);
    if (list->items == NULL) {
        return false;
    }
    list->items[list->count++] = *item;
    return true;
}

static bool open_outcomes(struct tx *tx, struct report *out) {
    bool good = true;
    for (size_t i = 0; i < out->list.count; i++) {
        const struct day_row *row = &out->list.rows[i];
        if (row->due_here && !is_outcome(row->status)) {
            good =
                good && report_add(tx, &out->open,
                                   &(struct report_item){
                                       .code = "no_outcome",
                                       .text = "A dose that was due has neither been supplied nor missed.",
                                       .remedy = "Record what became of it; after the cut-off it is missed.",
                                       .subject = row->instalment,
                                       .on = out->day,
                                       .blocks = true});
        }
    }
    return good;
}

static bool open_supplies(struct tx *tx, struct report *out) {
    bool good = true;
    for (size_t i = 0; i < out->supply_count; i++) {
        if (out->supplies[i].missing) {
            good = good &&
                   report_add(tx, &out->open,
                              &(struct report_item){
                                  .code = "no_register_entry",
                                  .text = "A supply of Schedule 2 has no entry in the register.",
                                  .remedy = "Tell the person who looks after the computer; add a note to "
                                            "the register, and close with a reason.",
                                  .subject = out->supplies[i].supply,
                                  .on = out->day,
                                  .blocks = true,
                                  .by_reason = true});
        }
    }
    for (size_t i = 0; i < out->stock_count; i++) {
        if (!out->stock[i].agrees) {
            good =
                good && report_add(tx, &out->open,
                                   &(struct report_item){
                                       .code = "does_not_add_up",
                                       .text = "Supplies, register and stock do not give the same quantity.",
                                       .remedy = "Verify the register; count the stock; close with a reason.",
                                       .subject = out->stock[i].product->code,
                                       .on = out->day,
                                       .blocks = true,
                                       .by_reason = true});
        }
    }
    return good;
}

static bool open_alerts(struct tx *tx, struct report *out) {
    bool good = true;
    for (size_t i = 0; i < out->alert_count; i++) {
        good = good &&
               report_add(tx, &out->open,
                          &(struct report_item){
                              .code = "alert_not_accepted",
                              .text = "The service has not accepted this alert, and nobody was telephoned.",
                              .remedy = "Telephone the service and record it, or close with a reason.",
                              .subject = out->alerts[i].id,
                              .on = out->day,
                              .blocks = true,
                              .by_reason = true});
    }
    return good;
}

static bool open_register(struct tx *tx, struct report *out) {
    bool good = true;
    for (size_t i = 0; i < out->section_count; i++) {
        const struct register_section *section = &out->sections[i];
        for (size_t k = 0; k < section->open_count; k++) {
            good = good &&
                   report_add(tx, &out->open,
                              &(struct report_item){
                                  .code = "discrepancy",
                                  .text = "A balance below zero, or a count that differs, is not explained.",
                                  .remedy = "Enter the receipt, the adjustment or the note that explains it.",
                                  .subject = section->open[k].id,
                                  .on = section->open[k].on});
        }
        if (section->check_due != DAY_NONE && section->check_due < out->day) {
            good = good &&
                   report_add(tx, &out->open,
                              &(struct report_item){.code = "stock_check_overdue",
                                                    .text = "This medicine has not been counted in time.",
                                                    .remedy = "Count it with two people.",
                                                    .subject = section->product->code,
                                                    .on = section->check_due});
        }
    }
    return good;
}

/* Days before this one on which the pharmacy was open and that nobody has closed since the last that was. */
static bool open_days(struct tx *tx, struct report *out) {
    day_t last = day_close_before(tx, out->day);
    bool good = true;
    for (day_t day = last == DAY_NONE ? out->day : last + 1; day < out->day; day++) {
        int32_t opens = 0;
        int32_t closes = 0;
        if (desk_hours(tx, day, &opens, &closes) && day_state_closed(tx, day) == NULL) {
            good = good && report_add(tx, &out->open,
                                      &(struct report_item){.code = "day_not_closed",
                                                            .text = "This earlier day has not been closed.",
                                                            .remedy = "Close it.",
                                                            .on = day});
        }
    }
    return good;
}

/* ---- the report ---- */

static bool read_facts(struct tx *tx, struct report *out) {
    int64_t from = day_begin(out->day);
    int64_t until = day_end(out->day);
    return desk_day(tx, out->day, &out->list) == DESK_OK &&
           day_supplies(tx, from, until, &out->supplies, &out->supply_count) &&
           day_alerts_unsettled(tx, out->day, &out->alerts, &out->alert_count) &&
           day_concerns(tx, from, until, &out->concerns, &out->concern_count) &&
           patient_returns_of_day(tx, out->day, &out->returns, &out->return_count) &&
           late_entries_of_day(tx, out->day, &out->late, &out->late_count) && read_stock(tx, out);
}

/* coming: with what the next days bring, which the closing itself does not look at. */
static bool report_build(struct tx *tx, struct report *out, bool coming) {
    if (!read_facts(tx, out)) {
        return false;
    }
    count_outcomes(out);
    bool good = open_outcomes(tx, out) && open_supplies(tx, out) && open_alerts(tx, out) &&
                open_register(tx, out) && open_days(tx, out) &&
                (!coming || coming_find(tx, out->day, &out->coming));
    return good && db_state(tx->db) == DB_FINE && !arena_failed(tx->arena);
}

static void name_closed(struct tx *tx, struct report *out, const struct day_close_row *row) {
    struct day_close_row first;
    out->state = row->signed_by_hand ? "signed" : "closed_unsigned";
    out->number = row->number;
    out->at = row->at;
    out->by = row->by;
    out->reason = row->reason;
    if (row->number > 1 && day_close_find(tx, row->day, 1, &first)) {
        out->first_at = first.at;
    }
}

enum desk_result desk_report(struct tx *tx, day_t day, int32_t number, struct report *out,
                             struct desk_problem *problem) {
    struct day_close_row row;
    int64_t as_of = tx->as_of;
    *out = (struct report){.day = day, .state = "open"};
    if (day > tx->now.day) {
        return desk_invalid(problem, "date", "must not be a day to come");
    }
    bool found = day_close_find(tx, day, number, &row);
    if (!found && number != 0) {
        return desk_no(problem, DESK_NOT_FOUND, "not_found", "There is no such report.");
    }
    if (found && (number != 0 || day_state_closed(tx, day) != NULL)) {
        name_closed(tx, out, &row);
        tx->as_of = row.seq < as_of ? row.seq : as_of;
    } else if (found) {
        struct day_close_row first;
        out->first_at = day_close_find(tx, day, 1, &first) ? first.at : 0;
    }
    bool good = report_build(tx, out, true);
    tx->as_of = as_of;
    return good ? DESK_OK : DESK_FAILED;
}

/* ---- closing ---- */

static bool stands_in_the_way(const struct report *report, bool reason) {
    for (size_t i = 0; i < report->open.count; i++) {
        const struct report_item *item = &report->open.items[i];
        if (item->blocks && !(reason && item->by_reason)) {
            return true;
        }
    }
    return false;
}

static enum desk_result record_close(struct tx *tx, const struct report *report, const struct identity *who,
                                     const char *reason, int32_t *number) {
    struct day_close_row newest;
    struct day_close_row row = {.day = report->day,
                                .number = 1,
                                .at = tx->now.at,
                                .signed_by_hand = who != NULL,
                                .by = who == NULL ? NULL : who->staff,
                                .reason = reason};
    if (day_close_find(tx, report->day, 0, &newest)) {
        row.number = newest.number + 1;
    }
    tx_audit(tx, "close day", NULL, desk_report_id(tx, report->day, row.number), NULL);
    day_close_append(tx, &row);
    day_state_append(tx, report->day, who != NULL ? "closed_signed" : "closed_unsigned");
    for (size_t i = 0; i < report->section_count; i++) {
        const struct register_row *last = &report->sections[i].last;
        day_head_append(tx, last->section, last->number, last->hash);
    }
    *number = row.number;
    return db_state(tx->db) == DB_FINE ? DESK_OK : DESK_FAILED;
}

enum desk_result desk_close(struct tx *tx, day_t day, const struct identity *who, const char *reason,
                            struct report *out, int32_t *number, struct desk_problem *problem) {
    if (!identity_is_pharmacist(who)) {
        return desk_no(problem, DESK_FORBIDDEN, "role", "A pharmacist closes the day.");
    }
    if (day > tx->now.day || tx->now.at < day_over(tx, day)) {
        return desk_no(problem, DESK_CONFLICT, "day_not_over",
                       "The day can be closed after its cut-off. Nothing was recorded.");
    }
    if (day_state_closed(tx, day) != NULL) {
        return desk_no(problem, DESK_CONFLICT, "already_closed",
                       "This day has been closed. It opens again by a supply or a late entry.");
    }
    *out = (struct report){.day = day, .state = "open"};
    if (!report_build(tx, out, false)) {
        return DESK_FAILED;
    }
    if (stands_in_the_way(out, reason != NULL)) {
        return desk_no(
            problem, DESK_CONFLICT, "open_items",
            "Something stands in the way of closing the day: see the open items and their remedies.");
    }
    return record_close(tx, out, who, reason, number);
}

/* Had the pharmacy begun by then? A day before anybody worked here is not closed. */
static bool begun(struct tx *tx, day_t day) {
    int64_t first = first_recorded_at(tx);
    return first != INT64_MIN && first < day_end(day);
}

enum desk_result desk_close_by_itself(struct tx *tx, int64_t until, size_t *count) {
    day_t today = clock_moment(until).day;
    *count = 0;
    if (clock_is_demo()) {
        return DESK_OK;
    }
    for (day_t day = today - UNCLOSED_BACK; day <= today; day++) {
        struct day_close_row before;
        struct report report;
        int32_t number = 0;
        int64_t at = desk_close_time(tx, day);
        if (at == INT64_MIN || at > until || !begun(tx, day) || day_state_closed(tx, day) != NULL ||
            day_close_find(tx, day, 0, &before)) { /* opened again: by hand only */
            continue;
        }
        report = (struct report){.day = day, .state = "open"};
        if (!report_build(tx, &report, false) || record_close(tx, &report, NULL, NULL, &number) != DESK_OK) {
            return DESK_FAILED;
        }
        (*count)++;
    }
    return DESK_OK;
}

const char *desk_report_id(struct tx *tx, day_t day, int32_t number) {
    char text[DAY_TEXT_SIZE];
    day_format(day, text);
    return desk_text(tx, "%s/%" PRId32, text, number);
}

bool desk_report_parse(const char *id, day_t *day, int32_t *number) {
    int64_t value = 0;
    if (strlen(id) < DAY_TEXT_SIZE || id[DAY_TEXT_SIZE - 1] != '/' ||
        !day_parse(id, DAY_TEXT_SIZE - 1, day) || !number_parse(id + DAY_TEXT_SIZE, 1, INT32_MAX, &value)) {
        return false;
    }
    *number = (int32_t)value;
    return true;
}
