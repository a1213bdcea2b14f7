/* The daemon about itself: health, metrics, its description, events, the clock. */
#include <inttypes.h>
#include <string.h>

#include "desk/clock_confirm.h"
#include "instalment/version.h"
#include "parts.h"
#include "sys/buffer.h"
#include "sys/clock.h"
#include "sys/config.h"

#define EVERYBODY (ROLE_COUNTER | ROLE_TECHNICIAN | ROLE_PHARMACIST | ROLE_MANAGER | ROLE_INSPECTOR)
#define METRICS_MAX 8192

static const struct server *server_of(struct call *call) {
    return ((struct exchange *)call)->server;
}

static bool healthz(struct call *call) {
    bool broken = store_broken(server_of(call)->store);
    cJSON *object = cJSON_CreateObject();
    json_put_text(object, "status", broken ? "failed" : "ok");
    json_put_text(object, "version", INSTALMENT_VERSION);
    json_put_instant(object, "now", clock_now().at);
    cJSON *reasons = cJSON_AddArrayToObject(object, "reasons");
    if (broken) {
        cJSON_AddItemToArray(reasons, cJSON_CreateString("The store has failed: nothing can be recorded."));
    }
    return call_answer(call, broken ? 503 : 200, object);
}

static void metric(struct buffer *text, const char *name, const char *type, const char *help,
                   uint64_t value) {
    buffer_format(text, "# HELP instalmentd_%s %s\n# TYPE instalmentd_%s %s\ninstalmentd_%s %" PRIu64 "\n",
                  name, help, name, type, name, value);
}

static bool metrics(struct call *call) {
    const struct server *server = server_of(call);
    const struct server_counts *counts = &server->counts;
    struct buffer text;
    buffer_init(&text, METRICS_MAX);
    metric(&text, "requests_total", "counter", "Whole requests received.", counts->requests);
    metric(&text, "requests_refused_total", "counter", "Requests refused before they were read.",
           counts->refused);
    metric(&text, "replays_total", "counter", "Answers given again for the same key.", counts->replays);
    metric(&text, "pins_wrong_total", "counter", "Wrong PINs.", counts->pins_wrong);
    metric(&text, "supplies_total", "counter", "Supplies recorded since the start.", counts->supplies);
    metric(&text, "connections", "gauge", "Open connections.", (uint64_t)server->connection_count);
    metric(&text, "connections_refused_total", "counter", "Connections over a limit.",
           counts->connections_refused);
    metric(&text, "in_progress", "gauge", "Requests that are being answered.", server->exchange_count);
    metric(&text, "sessions", "gauge", "People signed in.", sessions_count(server->sessions));
    metric(&text, "event_streams", "gauge", "Screens that listen.", events_count(server));
    metric(&text, "store_broken", "gauge", "1: the store has failed.", store_broken(server->store) ? 1 : 0);
    buffer_text(&text, "# HELP instalmentd_answers_total Answers by class of status.\n"
                       "# TYPE instalmentd_answers_total counter\n");
    for (unsigned i = 2; i <= 5; i++) {
        buffer_format(&text, "instalmentd_answers_total{class=\"%uxx\"} %" PRIu64 "\n", i,
                      counts->by_class[i]);
    }
    bool done =
        buffer_ok(&text) && text.bytes != NULL
            ? call_answer_bytes(call, 200, "text/plain; version=0.0.4; charset=utf-8", text.bytes, text.len)
            : call_problem(call, 503, "unavailable", "Memory is short. Try again.");
    buffer_release(&text);
    return done;
}

static bool openapi(struct call *call) {
    return call_answer(call, 200, openapi_build());
}

static bool events(struct call *call) {
    events_begin((struct exchange *)call);
    return true;
}

/* ---- the configuration: where things are and how many, no secret among them */

static cJSON *config_json(const struct config *config, const struct config_option *option) {
    char number[CONFIG_NUMBER_SIZE];
    struct buffer takes;
    cJSON *one = cJSON_CreateObject();
    buffer_init(&takes, 512);
    config_takes(option, &takes);
    json_put_text(one, "key", option->key);
    json_put_text(one, "value", config_value(config, option, number));
    json_put_text(one, "default", option->preset);
    cJSON_AddBoolToObject(one, "reloadable", option->reloadable);
    json_put_text(one, "takes", buffer_ok(&takes) ? takes.bytes : NULL);
    json_put_text(one, "help", option->help);
    buffer_release(&takes);
    return one;
}

static bool config_get(struct call *call) {
    const struct config *config = server_of(call)->options.config;
    size_t count = 0;
    const struct config_option *options = config_options(&count);
    if (config == NULL) {
        return call_problem(call, 404, "not_found", "There is no configuration to be told.");
    }
    cJSON *items = cJSON_CreateArray();
    for (size_t i = 0; i < count; i++) {
        cJSON_AddItemToArray(items, config_json(config, &options[i]));
    }
    return call_answer(call, 200, json_list(items, NULL));
}

/* ---- the clock */

static bool confirm(struct call *call) {
    static const char *const names[] = {"pin", "confirmed_by", NULL};
    const char *id = NULL;
    const struct desk_problem problem = {.code = NULL};
    if (!call_known(call, names)) {
        return call_invalid(call);
    }
    enum desk_result result = desk_clock_confirm(call->tx, &id);
    return result == DESK_OK ? call_made(call, 201, id) : call_desk_problem(call, result, &problem);
}

static void confirm_show(struct call *call, const char *id) {
    int64_t at = 0;
    const char *staff = NULL;
    const struct desk_problem problem = {.code = NULL};
    enum desk_result result = desk_clock_confirmed(call->tx, id, &at, &staff);
    if (result != DESK_OK) {
        call_desk_problem(call, result, &problem);
        return;
    }
    cJSON *object = cJSON_CreateObject();
    json_put_text(object, "id", id);
    json_put_instant(object, "confirmed_at", at);
    json_put_text(object, "by", staff);
    call_answer(call, 201, object);
}

static void moved(void *context, enum clock_moved result) {
    struct exchange *exchange = context;
    if (result == CLOCK_MOVE_BACKWARD) {
        call_problem(&exchange->call, 409, "clock_backward",
                     "The clock of a demonstration only goes forward.");
    } else if (result == CLOCK_MOVE_FAILED) {
        call_problem(&exchange->call, 503, "unavailable", "The clock could not be moved to its end.");
    } else {
        cJSON *object = cJSON_CreateObject();
        json_put_instant(object, "now", clock_now().at);
        call_answer(&exchange->call, 200, object);
    }
    exchange_reply(exchange);
}

static bool demo_clock(struct call *call) {
    static const char *const names[] = {"now", "advance_to", NULL};
    static const char *const targets[] = {"cut_off", "tomorrow", NULL};
    struct exchange *exchange = (struct exchange *)call;
    struct server *server = exchange->server;
    const char *now = NULL;
    int target = -1;
    int64_t to = 0;
    call_known(call, names);
    call_text(call, call->body, "now", 40, false, &now);
    call_choice(call, call->body, "advance_to", false, targets, &target);
    if (call->errors.count == 0 && (now == NULL) == (target < 0)) {
        json_error_add(&call->errors, "or advance_to is needed, and not both", "now");
    } else if (now != NULL && !clock_parse(now, &to)) {
        json_error_add(&call->errors, "must be a date and time, like 2026-11-23T18:00:00", "now");
    }
    if (call->errors.count > 0) {
        return call_invalid(call);
    }
    if (server->move == NULL) {
        return call_problem(call, 404, "not_found", "There is no clock to move.");
    }
    exchange->deferred = true;
    enum clock_move move = now != NULL   ? CLOCK_MOVE_TO
                           : target == 0 ? CLOCK_MOVE_CUT_OFF
                                         : CLOCK_MOVE_TOMORROW;
    server->move(server->schedule, move, to, moved, exchange);
    return true;
}

const struct route routes_system[] = {
    {"GET", "/healthz", 0, ROUTE_LOOP | ROUTE_OPEN, 0, "Is the daemon well, and if not, why.", healthz, NULL},
    {"GET", "/metrics", 0, ROUTE_LOOP | ROUTE_OPEN, 0, "Counters for Prometheus; no patient data.", metrics,
     NULL},
    {"GET", "/openapi.json", 0, ROUTE_LOOP | ROUTE_OPEN, 0, "This description.", openapi, NULL},
    {"GET", "/config", ROLE_MANAGER, ROUTE_LOOP, 0,
     "Every option of the configuration: the value in effect, its default, and whether a reload changes it.",
     config_get, NULL},
    {"GET", "/events", EVERYBODY, ROUTE_LOOP, 0, "Server-sent events: day, alert, print.", events, NULL},
    {"POST", "/clock/confirm", ROLE_PHARMACIST | ROLE_MANAGER, ROUTE_WRITE | ROUTE_KEY | ROUTE_PIN_OPTIONAL,
     1024, "Confirm that the clock is right.", confirm, confirm_show},
    {"POST", "/demo/clock", EVERYBODY, ROUTE_LOOP | ROUTE_DEMO, 1024, "Move the clock of a demonstration.",
     demo_clock, NULL},
};
const size_t routes_system_count = sizeof routes_system / sizeof routes_system[0];
