#include "json_report.h"

#include <string.h>

#include "grid.h"
#include "json_register.h"

const enum day_status report_outcomes[REPORT_OUTCOMES] = {DAY_STATUS_SUPPLIED,
                                                          DAY_STATUS_MISSED,
                                                          DAY_STATUS_WITHHELD,
                                                          DAY_STATUS_DECLINED,
                                                          DAY_STATUS_ATTENDED_NOT_SUPPLIED,
                                                          DAY_STATUS_LOST_TO_CLOSURE};

static cJSON *json_row(const struct day_row *row) {
    cJSON *one = cJSON_CreateObject();
    cJSON *patient = cJSON_AddObjectToObject(one, "patient");
    json_put_text(patient, "id", row->patient.id);
    json_put_text(patient, "name", row->patient.name);
    json_put_text(one, "prescription", row->prescription);
    json_put_text(one, "instalment", row->instalment);
    json_put_text(one, "outcome", day_status_text(row->status));
    cJSON_AddBoolToObject(one, "due", row->due_here);
    cJSON_AddNumberToObject(one, "missed_days", row->missed_days);
    json_put_text(one, "verdict", verdict_text(row->verdict));
    return one;
}

static cJSON *json_stock(const struct report_stock *stock) {
    cJSON *one = cJSON_CreateObject();
    json_put_text(one, "product", stock->product->code);
    json_put_text(one, "name", stock->product->name);
    json_put_text(one, "unit", stock->product->unit);
    json_put_text(one, "heading", stock->product->schedule == 2 ? "STATUTORY" : "VOLUNTARY");
    json_put_quantity(one, "opening", stock->opening);
    json_put_quantity(one, "received", stock->received);
    json_put_quantity(one, "supplied", stock->supplied);
    json_put_quantity(one, "destroyed", stock->destroyed);
    json_put_quantity(one, "returned", stock->returned);
    json_put_quantity(one, "adjusted", stock->adjusted);
    json_put_quantity(one, "closing", stock->closing);
    if (stock->counted == QUANTITY_NONE) {
        cJSON_AddNullToObject(one, "counted");
    } else {
        json_put_quantity(one, "counted", stock->counted);
    }
    json_put_quantity(one, "by_supplies", stock->by_supplies);
    json_put_quantity(one, "by_stock", stock->by_stock);
    cJSON_AddBoolToObject(one, "agrees", stock->agrees);
    return one;
}

static cJSON *json_supply_line(const struct day_supply_row *row) {
    cJSON *one = cJSON_CreateObject();
    json_put_text(one, "supply", row->supply);
    json_put_text(one, "kind", row->kind);
    json_put_text(one, "patient", row->patient);
    json_put_text(one, "prescription", row->prescription);
    json_put_text(one, "serial", row->serial);
    json_put_day(one, "on", row->on);
    json_put_text(one, "product", row->product);
    json_put_quantity(one, "quantity", row->quantity);
    json_put_text(one, "confirmed_by", row->confirmed_by);
    json_put_text(one, "confirmed", row->confirmed);
    json_put_text(one, "reason", row->reason);
    cJSON_AddBoolToObject(one, "reversed", row->reversed);
    json_put_text(one, "reversal", row->reversal);
    return one;
}

cJSON *json_report_items(const struct report_list *list) {
    cJSON *array = cJSON_CreateArray();
    for (size_t i = 0; i < list->count; i++) {
        const struct report_item *item = &list->items[i];
        cJSON *one = cJSON_CreateObject();
        json_put_text(one, "code", item->code);
        json_put_text(one, "text", item->text);
        json_put_text(one, "remedy", item->remedy);
        json_put_text(one, "subject", item->subject);
        json_put_day(one, "on", item->on);
        cJSON_AddBoolToObject(one, "blocks", item->blocks);
        cJSON_AddBoolToObject(one, "reason_will_do", item->by_reason);
        cJSON_AddItemToArray(array, one);
    }
    return array;
}

cJSON *json_late_entry(const struct late_entry_row *row) {
    cJSON *one = cJSON_CreateObject();
    json_put_text(one, "id", row->id);
    json_put_day(one, "date", row->day);
    json_put_text(one, "sheet", row->sheet);
    json_put_instant(one, "at", row->at);
    json_put_text(one, "prescription", row->prescription);
    json_put_text(one, "supply", row->supply);
    json_put_text(one, "outcome", row->outcome);
    json_put_text(one, "reason", row->reason);
    json_put_instant(one, "recorded_at", row->recorded_at);
    json_put_text(one, "by", row->by);
    json_put_text(one, "second", row->second);
    json_put_text(one, "objections", row->objections);
    return one;
}

static void put_notes(cJSON *object, const struct report *report) {
    cJSON *concerns = cJSON_AddArrayToObject(object, "concerns");
    for (size_t i = 0; i < report->concern_count; i++) {
        cJSON *one = cJSON_CreateObject();
        json_put_text(one, "id", report->concerns[i].id);
        json_put_text(one, "patient", report->concerns[i].patient);
        json_put_text(one, "kind", report->concerns[i].kind);
        json_put_text(one, "decision", report->concerns[i].decision);
        cJSON_AddItemToArray(concerns, one);
    }
    cJSON *late = cJSON_AddArrayToObject(object, "late_entries");
    for (size_t i = 0; i < report->late_count; i++) {
        cJSON_AddItemToArray(late, json_late_entry(&report->late[i]));
    }
    cJSON_AddNumberToObject(object, "patient_returns", (double)report->return_count);
}

static void put_heads(cJSON *object, const struct report *report) {
    cJSON *heads = cJSON_AddArrayToObject(object, "register_head");
    for (size_t i = 0; i < report->section_count; i++) {
        const struct register_row *last = &report->sections[i].last;
        cJSON *one = json_register_head(last->number, last->hash);
        json_put_text(one, "product", last->section);
        cJSON_AddItemToArray(heads, one);
    }
}

static void put_closing(cJSON *object, const struct report *report) {
    json_put_day(object, "date", report->day);
    json_put_text(object, "state", report->state);
    if (report->number > 0) {
        cJSON_AddNumberToObject(object, "number", report->number);
    } else {
        cJSON_AddNullToObject(object, "number");
    }
    json_put_instant(object, "first", report->first_at);
    json_put_instant(object, "closed_at", report->at);
    json_put_text(object, "closed_by", report->by);
    json_put_text(object, "reason", report->reason);
}

cJSON *json_report(const struct report *report) {
    cJSON *object = cJSON_CreateObject();
    put_closing(object, report);
    cJSON_AddNumberToObject(object, "due", (double)report->due);
    cJSON *outcomes = cJSON_AddObjectToObject(object, "outcomes");
    for (size_t i = 0; i < DAY_STATUS_COUNT; i++) {
        cJSON_AddNumberToObject(outcomes, day_status_text((enum day_status)i), (double)report->outcomes[i]);
    }
    cJSON_AddNumberToObject(object, "supplied_late", (double)report->supplied_late);
    cJSON_AddBoolToObject(object, "adds_up", report->adds_up);
    cJSON *items = cJSON_AddArrayToObject(object, "items");
    for (size_t i = 0; i < report->list.count; i++) {
        cJSON_AddItemToArray(items, json_row(&report->list.rows[i]));
    }
    cJSON *stock = cJSON_AddArrayToObject(object, "stock");
    for (size_t i = 0; i < report->stock_count; i++) {
        cJSON_AddItemToArray(stock, json_stock(&report->stock[i]));
    }
    cJSON *supplies = cJSON_AddArrayToObject(object, "supplies");
    for (size_t i = 0; i < report->supply_count; i++) {
        cJSON_AddItemToArray(supplies, json_supply_line(&report->supplies[i]));
    }
    put_notes(object, report);
    cJSON_AddItemToObject(object, "open", json_report_items(&report->open));
    cJSON_AddItemToObject(object, "coming", json_report_items(&report->coming));
    put_heads(object, report);
    return object;
}

/* ---- a table ---- */

void report_csv(struct buffer *out, const struct report *report) {
    grid_head(out, "part,date,what,about,patient,quantity,outcome,missed_days,text");
    for (size_t i = 0; i < report->list.count; i++) {
        const struct day_row *row = &report->list.rows[i];
        grid_text(out, row->due_here ? "due" : "supplied late", false);
        grid_day(out, report->day, false);
        grid_text(out, "instalment", false);
        grid_text(out, row->instalment, false);
        grid_text(out, row->patient.name, false);
        grid_text(out, NULL, false);
        grid_text(out, day_status_text(row->status), false);
        grid_number(out, row->missed_days, false);
        grid_text(out, NULL, true);
    }
    for (size_t i = 0; i < report->stock_count; i++) {
        const struct report_stock *stock = &report->stock[i];
        const struct {
            const char *name;
            quantity_t quantity;
        } lines[] = {{"opening", stock->opening},   {"received", stock->received},
                     {"supplied", stock->supplied}, {"destroyed", stock->destroyed},
                     {"returned", stock->returned}, {"adjusted", stock->adjusted},
                     {"closing", stock->closing},   {"counted", stock->counted}};
        for (size_t k = 0; k < sizeof lines / sizeof lines[0]; k++) {
            grid_text(out, "stock", false);
            grid_day(out, report->day, false);
            grid_text(out, lines[k].name, false);
            grid_text(out, stock->product->code, false);
            grid_text(out, NULL, false);
            grid_quantity(out, lines[k].quantity, false);
            grid_text(out, NULL, false);
            grid_text(out, NULL, false);
            grid_text(out, NULL, true);
        }
    }
    const struct report_list *const lists[] = {&report->open, &report->coming};
    for (size_t l = 0; l < 2; l++) {
        for (size_t i = 0; i < lists[l]->count; i++) {
            const struct report_item *item = &lists[l]->items[i];
            grid_text(out, l == 0 ? "open" : "coming", false);
            grid_day(out, item->on, false);
            grid_text(out, item->code, false);
            grid_text(out, item->subject, false);
            for (int empty = 0; empty < 4; empty++) {
                grid_text(out, NULL, false);
            }
            grid_text(out, item->text, true);
        }
    }
}

/* ---- a page ---- */

static const char page_head[] =
    "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>End of day</title><style>"
    "body{font:14px/1.4 sans-serif;margin:2em;color:#111}table{border-collapse:collapse;margin:0 0 1.5em}"
    "td,th{border:1px solid #999;padding:.2em .6em;text-align:left}td.n,th.n{text-align:right}"
    "h1{font-size:1.4em}h2{font-size:1.1em}.bad{font-weight:bold}code{font-size:11px;word-break:break-all}"
    "@media print{body{margin:0}}</style>";

static void cell(struct buffer *out, const char *text) {
    buffer_text(out, "<td>");
    grid_html(out, text);
}

static void quantity_cell(struct buffer *out, quantity_t quantity) {
    char text[QUANTITY_TEXT_SIZE] = "";
    if (quantity != QUANTITY_NONE) {
        quantity_format(quantity, text);
    }
    buffer_format(out, "<td class=\"n\">%s", text);
}

static void html_outcomes(struct buffer *out, const struct report *report) {
    buffer_format(out, "<h2>Due: %zu</h2><table><tr>", report->due);
    for (size_t i = 0; i < REPORT_OUTCOMES; i++) {
        buffer_format(out, "<th>%s", day_status_text(report_outcomes[i]));
    }
    buffer_text(out, "<tr>");
    for (size_t i = 0; i < REPORT_OUTCOMES; i++) {
        buffer_format(out, "<td class=\"n\">%zu", report->outcomes[report_outcomes[i]]);
    }
    buffer_format(out, "</table><p%s</p>",
                  report->adds_up ? ">The outcomes add up to what was due."
                                  : " class=\"bad\">The outcomes do not add up.");
    buffer_text(out, "<table><tr><th>Patient<th>Instalment<th>Outcome<th class=\"n\">Missed days");
    for (size_t i = 0; i < report->list.count; i++) {
        const struct day_row *row = &report->list.rows[i];
        buffer_text(out, "<tr>");
        cell(out, row->patient.name);
        cell(out, row->instalment);
        cell(out, day_status_text(row->status));
        buffer_format(out, "<td class=\"n\">%d", row->missed_days);
    }
    buffer_text(out, "</table>");
}

static void html_stock(struct buffer *out, const struct report *report) {
    buffer_text(out,
                "<h2>Stock</h2><table><tr><th>Medicine<th>Register<th>Opening<th>Received<th>Supplied<th>"
                "Destroyed<th>Returned<th>Adjusted<th>Closing<th>Counted<th>");
    for (size_t i = 0; i < report->stock_count; i++) {
        const struct report_stock *stock = &report->stock[i];
        const quantity_t cells[] = {stock->opening,  stock->received, stock->supplied, stock->destroyed,
                                    stock->returned, stock->adjusted, stock->closing,  stock->counted};
        buffer_text(out, "<tr>");
        cell(out, stock->product->name);
        cell(out, stock->product->schedule == 2 ? "statutory" : "VOLUNTARY");
        for (size_t k = 0; k < sizeof cells / sizeof cells[0]; k++) {
            quantity_cell(out, cells[k]);
        }
        cell(out, stock->agrees ? "agrees" : "does NOT agree");
    }
    buffer_text(out, "</table>");
}

static void html_list(struct buffer *out, const char *title, const struct report_list *list) {
    buffer_format(out, "<h2>%s</h2>", title);
    if (list->count == 0) {
        buffer_text(out, "<p>Nothing.</p>");
        return;
    }
    buffer_text(out, "<table><tr><th>What<th>About<th>Day<th>What to do");
    for (size_t i = 0; i < list->count; i++) {
        char day[DAY_LABEL_SIZE] = "";
        if (list->items[i].on != DAY_NONE) {
            day_format_label(list->items[i].on, day);
        }
        buffer_text(out, "<tr>");
        cell(out, list->items[i].text);
        cell(out, list->items[i].subject);
        cell(out, day);
        cell(out, list->items[i].remedy);
    }
    buffer_text(out, "</table>");
}

static void html_heads(struct buffer *out, const struct report *report) {
    buffer_text(out, "<h2>Heads of the register</h2><table><tr><th>Medicine<th class=\"n\">Entry<th>SHA-256");
    for (size_t i = 0; i < report->section_count; i++) {
        const struct register_row *last = &report->sections[i].last;
        char hex[REGISTER_HEX_SIZE];
        register_hex(last->hash, hex);
        buffer_text(out, "<tr>");
        cell(out, last->section);
        buffer_format(out, "<td class=\"n\">%lld<td><code>%s</code>", (long long)last->number, hex);
    }
    buffer_text(out, "</table>");
}

void report_html(struct buffer *out, const struct report *report) {
    char day[DAY_LABEL_SIZE];
    char at[CLOCK_TEXT_SIZE] = "";
    day_format_label(report->day, day);
    buffer_text(out, page_head);
    buffer_format(out, "<h1>End of day, %s</h1><p>", day);
    if (report->at != 0) {
        clock_format(report->at, at);
        buffer_format(out, "Report %d, %s at %s", report->number,
                      strcmp(report->state, "signed") == 0 ? "signed by" : "closed with open items, unsigned",
                      "");
        grid_html(out, report->by);
        buffer_format(out, " %s", at);
    } else {
        buffer_text(out, "Open: as things stand.");
    }
    if (report->first_at != 0) {
        clock_format(report->first_at, at);
        buffer_format(out, " The first report was made at %s.", at);
    }
    buffer_text(out, "</p>");
    html_outcomes(out, report);
    html_stock(out, report);
    html_list(out, "Open", &report->open);
    html_list(out, "Coming", &report->coming);
    html_heads(out, report);
    buffer_text(out, "</html>\n");
}
