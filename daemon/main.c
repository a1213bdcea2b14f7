/*
 * instalmentd: the only file that knows everyone. It reads like a table of contents: parse, load, check, compose,
 * ready, loop, tear down in reverse. Whatever can fail is done before the service says that it is ready.
 */
#include <event2/event.h>
#include <event2/thread.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "desk/calendar.h"
#include "desk/demo.h"
#include "desk/terminal.h"
#include "embed/embed.h"
#include "folder.h"
#include "http/decide_lines.h"
#include "http/server.h"
#include "instalment/version.h"
#include "options.h"
#include "ready.h"
#include "schedule/schedule.h"
#include "sys/log.h"
#include "sys/notify.h"

EMBED_DECLARE(config_catalogue_conf);

#define TEXT_MAX (64U << 10)
#define ARENA_MAX (64U << 20)
#define PULSE_MS 5000

/* Exit statuses: 0 served and stopped, or what was asked; 1 failed; 2 the command line makes no sense. */
enum { EXIT_USAGE = 2 };

/* Everything that is composed, in the order of composing. */
struct service {
    const struct options *options;
    struct config *config;
    struct catalogue *catalogue;
    struct event_base *base;
    struct event *terminate[2];
    struct event *hangup;
    struct event *pulse;
    struct folder folder;
    struct store *store;
    char *certificate;
    char *key;
    char *ctl_socket;
    char *web_socket;
    struct server *server;
    struct schedule *schedule;
    char terminal[TERMINAL_TOKEN_SIZE]; /* the demonstration's */
    char code[TERMINAL_CODE_SIZE];      /* enrols a terminal; "": none */
    bool draining;
    int status;
};

static bool fail(const char *what, const char *why) {
    fprintf(stderr, "instalmentd: %s%s%s\n", what, why == NULL ? "" : ": ", why == NULL ? "" : why);
    return false;
}

/* ---- load and check ---------------------------------------------------------------------------------- */

static struct catalogue *load_catalogue(void) {
    struct catalogue_error error = {0};
    struct catalogue *catalogue =
        catalogue_parse(embed_config_catalogue_conf, embed_config_catalogue_conf_size, &error);
    if (catalogue == NULL) {
        fprintf(stderr, "instalmentd: the embedded catalogue, line %d: %s\n", error.line, error.message);
    }
    return catalogue;
}

static bool is_demo(const struct service *service) {
    return service->options->demo != DEMO_NONE;
}

static enum log_level level_of(const struct config *config) {
    enum log_level level = LOG_LEVEL_NOTICE;
    (void)log_level_parse(config->log_level, &level);
    return level;
}

/* The configuration, and the clock that it asks for. A demonstration's begins where every demonstration begins. */
static bool load(struct service *service) {
    struct config_error error = {0};
    service->config = options_config(service->options, &error);
    if (service->config == NULL) {
        return fail(error.text, NULL);
    }
    if (!clock_init(service->config->zone, false, 0)) {
        return fail("zone: not known on this machine", service->config->zone);
    }
    int64_t now = 0;
    if (service->options->now != NULL && !clock_parse(service->options->now, &now)) {
        return fail("--now: must be written like 2026-11-23T09:00:00", service->options->now);
    }
    if (is_demo(service) && !clock_init(service->config->zone, true, clock_at(DEMO_DAY, DEMO_MINUTE))) {
        return fail("zone: not known on this machine", service->config->zone);
    }
    if (is_demo(service) && now > clock_now().at + CLOCK_MOVE_SECONDS_MAX) {
        return fail("--now: is too far away", service->options->now);
    }
    service->catalogue = load_catalogue();
    return service->catalogue != NULL;
}

static bool load_machine(struct service *service) {
    (void)umask(S_IRWXG | S_IRWXO);
    log_init(level_of(service->config), STDERR_FILENO);
    notify_init();
    desk_set_catalogue(service->catalogue);
    if (sodium_init() < 0 || evthread_use_pthreads() != 0) {
        return fail("libsodium or libevent cannot start", NULL);
    }
    return true;
}

/* ---- signals and the pulse --------------------------------------------------------------------------- */

static void drained(void *context) {
    struct service *service = context;
    (void)event_base_loopexit(service->base, NULL);
}

/* The first asks: what has begun is finished. A second does not wait. */
static void terminated(evutil_socket_t number, short what, void *context) {
    struct service *service = context;
    (void)what;
    if (service->draining) {
        (void)event_base_loopbreak(service->base);
        return;
    }
    service->draining = true;
    log_notice("event=stopping signal=%d", (int)number);
    (void)notify_send("STOPPING=1\nSTATUS=finishing what has begun");
    server_drain(service->server, drained, service);
}

static void kept_until_restart(const char *key) {
    log_warning("event=config_needs_restart key=%s", key);
}

/* All of the new configuration counts, or nothing of it. */
static void reload(evutil_socket_t number, short what, void *context) {
    struct service *service = context;
    struct config_error error = {0};
    struct config *fresh = options_config(service->options, &error);
    (void)number;
    (void)what;
    if (fresh == NULL) {
        log_error("event=config_kept reason=\"%s\"", error.text);
        return;
    }
    if (service->folder.temporary && !config_set(fresh, "data", service->folder.path, &error)) {
        config_free(&fresh);
        return;
    }
    config_reload(service->config, &fresh, kept_until_restart);
    log_set_level(level_of(service->config));
    log_notice("event=config_reloaded");
}

/* Feeds the watchdog, and ends the service where the store has: it reopens and checks at the next start. */
static void pulse(evutil_socket_t fd, short what, void *context) {
    struct service *service = context;
    (void)fd;
    (void)what;
    if (store_broken(service->store)) {
        log_error("event=stopping reason=\"the store takes no more writes\"");
        service->status = EXIT_FAILURE;
        (void)event_base_loopbreak(service->base);
        return;
    }
    (void)notify_send("WATCHDOG=1");
}

/* Before anything that takes time or leaves something behind: a signal waits for the loop from here on. */
static bool compose_loop(struct service *service) {
    int64_t pulse_ms = notify_watchdog_ms();
    if (pulse_ms == 0 || pulse_ms > PULSE_MS) {
        pulse_ms = PULSE_MS;
    }
    const struct timeval every = {.tv_sec = pulse_ms / 1000, .tv_usec = pulse_ms % 1000 * 1000};
    (void)signal(SIGPIPE, SIG_IGN);
    service->base = event_base_new();
    if (service->base == NULL) {
        return fail("the event loop cannot start", NULL);
    }
    service->terminate[0] = evsignal_new(service->base, SIGTERM, terminated, service);
    service->terminate[1] = evsignal_new(service->base, SIGINT, terminated, service);
    service->hangup = evsignal_new(service->base, SIGHUP, reload, service);
    service->pulse = event_new(service->base, -1, EV_PERSIST, pulse, service);
    struct event *events[] = {service->terminate[0], service->terminate[1], service->hangup};
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
        if (events[i] == NULL || event_add(events[i], NULL) != 0) {
            return fail("signals cannot be caught", NULL);
        }
    }
    return (service->pulse != NULL && event_add(service->pulse, &every) == 0) ||
           fail("the event loop cannot start", NULL);
}

/* ---- the store ----------------------------------------------------------------------------------------- */

/* What is looked up or written before anybody is served. */
struct opening {
    struct job job; /* first: the job is the opening */
    struct service *service;
    struct arena *arena;
    int64_t clock; /* a demonstration's that was there before; 0: none */
};

static bool opening_clock(struct job *job, struct tx *tx) {
    struct opening *opening = (struct opening *)job;
    tx->arena = opening->arena;
    if (!demo_clock(tx, &opening->clock)) {
        opening->clock = 0;
    }
    return true;
}

/* A code for a terminal: in a demonstration always, otherwise as long as there is no terminal to make one at. */
static bool opening_code(struct service *service, struct tx *tx) {
    struct terminal_row *rows = NULL;
    const char *code = NULL;
    int64_t expires_at = 0;
    size_t count = 0;
    enum nation nation = NATION_ENGLAND;
    if (desk_terminal_all(tx, &rows, &count) != DESK_OK) {
        return false;
    }
    if (!is_demo(service)) {
        if (count > 0) {
            return true;
        }
        (void)nation_parse(service->config->pharmacy_nation, strlen(service->config->pharmacy_nation),
                           &nation);
        if (desk_calendar_set_nation(tx, nation) != DESK_OK) {
            return false;
        }
    }
    if (desk_terminal_code(tx, &code, &expires_at) != DESK_OK) {
        return false;
    }
    (void)snprintf(service->code, sizeof service->code, "%s", code);
    return true;
}

static bool opening_facts(struct job *job, struct tx *tx) {
    struct opening *opening = (struct opening *)job;
    tx->arena = opening->arena;
    if (is_demo(opening->service) && demo_open(tx, opening->service->options->demo == DEMO_PATIENTS,
                                               opening->service->terminal) != DESK_OK) {
        return false;
    }
    return opening_code(opening->service, tx);
}

/* The clock of a demonstration goes on where it stood; then come what it is filled with, and what has become due. */
static bool open_facts(struct service *service) {
    struct opening opening = {.service = service, .arena = arena_new(ARENA_MAX)};
    int64_t to = 0;
    if (opening.arena == NULL) {
        return fail("there is not enough memory", NULL);
    }
    opening.job.run = opening_clock;
    bool good = store_read_now(service->store, &opening.job) == JOB_DONE;
    (void)clock_demo_move(opening.clock); /* false: it is new, or there is no such clock */
    opening.job.run = opening_facts;
    good = good && store_write_now(service->store, &opening.job) == JOB_DONE;
    arena_free(&opening.arena);
    if (service->options->now != NULL) {
        (void)clock_parse(service->options->now, &to);
    }
    return (good && schedule_catch_up(service->store, to)) || fail("the database cannot be written", NULL);
}

static bool open_store(struct service *service) {
    enum store_open_error error = STORE_OPEN;
    const char *message = NULL;
    char *path = NULL;
    bool own = is_demo(service) && service->options->data == NULL;
    if (!folder_open(&service->folder, own ? NULL : service->config->data)) {
        return false;
    }
    struct config_error set;
    if (!config_set(service->config, "data", service->folder.path, &set)) {
        return fail(set.text, NULL);
    }
    path = config_below(service->config, "instalment.db");
    if (path == NULL) {
        return fail("there is not enough memory", NULL);
    }
    const struct store_options options = {.path = path, .demo = is_demo(service)};
    service->store = store_open(&options, &error, &message);
    bool good = service->store != NULL || fail(path, message);
    free(path);
    return good && open_facts(service) &&
           (store_start(service->store) || fail("the store's threads cannot start", NULL));
}

/* ---- serving --------------------------------------------------------------------------------------------- */

static void found_missed(void *context, size_t count) {
    struct service *service = context;
    (void)count;
    server_event(service->server, "day", "sweep", "missed");
}

/* Paths of the configuration, below the data folder where they are relative; "" stays none. */
static bool compose_paths(struct service *service) {
    const struct config *config = service->config;
    service->certificate = config_below(config, config->certificate);
    service->key = config_below(config, config->key);
    service->ctl_socket =
        config->ctl_socket[0] == '\0' ? strdup("") : config_below(config, config->ctl_socket);
    service->web_socket =
        config->web_socket[0] == '\0' ? strdup("") : config_below(config, config->web_socket);
    return (service->certificate != NULL && service->key != NULL && service->ctl_socket != NULL &&
            service->web_socket != NULL) ||
           fail("there is not enough memory", NULL);
}

static bool compose_server(struct service *service) {
    const struct config *config = service->config;
    const char *message = NULL;
    if (!compose_paths(service)) {
        return false;
    }
    const struct server_options options = {
        .config = config,
        .listen = config->listen,
        .certificate = service->certificate,
        .key = service->key,
        .ctl_socket = service->ctl_socket[0] == '\0' ? NULL : service->ctl_socket,
        .web_socket = service->web_socket[0] == '\0' ? NULL : service->web_socket,
        .demo = is_demo(service),
        .connections_max = config->connections_max,
        .connections_per_address = config->connections_per_address,
        .request_seconds = config->request_seconds,
        .session_idle_minutes = config->session_idle_minutes,
        .session_hours = config->session_hours,
    };
    service->server = server_new(service->base, service->store, &options, &message);
    return service->server != NULL || fail(config->listen, message);
}

static bool compose_schedule(struct service *service) {
    service->schedule = schedule_new(service->base, service->store);
    if (service->schedule == NULL) {
        return fail("there is not enough memory", NULL);
    }
    schedule_on_found(service->schedule, found_missed, service);
    if (is_demo(service)) {
        server_on_clock_move(service->server, schedule_move, service->schedule);
    }
    return true;
}

static bool say_ready(struct service *service) {
    const struct ready ready = {
        .address = server_address(service->server),
        .code = service->code[0] == '\0' ? NULL : service->code,
        .ca = service->certificate,
        .socket = service->ctl_socket,
        .terminal = is_demo(service) ? service->terminal : NULL,
    };
    log_notice("event=ready address=%s fingerprint=%s demo=%d", ready.address,
               server_fingerprint(service->server), is_demo(service));
    if (!ready_print(&ready, stdout)) {
        return fail("standard output cannot be written", NULL);
    }
    (void)notify_send("READY=1\nSTATUS=serving");
    return true;
}

/* In reverse. Everything may be missing. */
static void tear_down(struct service *service) {
    struct event *events[] = {service->pulse, service->hangup, service->terminate[1], service->terminate[0]};
    schedule_free(&service->schedule);
    server_free(&service->server);
    free(service->web_socket);
    free(service->ctl_socket);
    free(service->key);
    free(service->certificate);
    store_close(&service->store);
    folder_close(&service->folder);
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
        if (events[i] != NULL) {
            event_free(events[i]);
        }
    }
    if (service->base != NULL) {
        event_base_free(service->base);
    }
    libevent_global_shutdown();
    desk_set_catalogue(NULL);
    catalogue_free(&service->catalogue);
    config_free(&service->config);
}

static int serve(const struct options *options) {
    struct service service = {.options = options, .status = EXIT_FAILURE};
    if (load(&service) && load_machine(&service) && compose_loop(&service) && open_store(&service) &&
        compose_server(&service) && compose_schedule(&service) && say_ready(&service)) {
        service.status = EXIT_SUCCESS;
        (void)event_base_loop(service.base, EVLOOP_NO_EXIT_ON_EMPTY);
        log_notice("event=stopped");
    }
    tear_down(&service);
    return service.status;
}

/* ---- everything else that may be asked: quick, and touches nothing --------------------------------------- */

static int run_decide(void) {
    struct catalogue *catalogue = load_catalogue();
    if (catalogue == NULL) {
        return EXIT_FAILURE;
    }
    int status = decide_lines(catalogue, stdin, stdout);
    catalogue_free(&catalogue);
    return status;
}

static int check_config(const struct options *options) {
    struct service service = {.options = options};
    bool good = load(&service);
    catalogue_free(&service.catalogue);
    config_free(&service.config);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int print(void (*write)(struct buffer *out)) {
    struct buffer text;
    buffer_init(&text, TEXT_MAX);
    write(&text);
    bool good =
        buffer_ok(&text) && fwrite(text.bytes, 1, text.len, stdout) == text.len && fflush(stdout) == 0;
    buffer_release(&text);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int help(void) {
    options_usage(stdout);
    fputs("\nOptions of the configuration file:\n\n", stdout);
    return print(config_help);
}

static int version(void) {
    printf("instalmentd %s, rules %s\n", INSTALMENT_VERSION, INSTALMENT_RULES_VERSION);
    return EXIT_SUCCESS;
}

int main(int argc, char **argv) {
    struct options options;
    if (!options_parse(argc, argv, &options)) {
        return EXIT_USAGE;
    }
    switch (options.mode) {
    case RUN_SERVE: return serve(&options);
    case RUN_DECIDE: return run_decide();
    case RUN_CHECK_CONFIG: return check_config(&options);
    case RUN_SAMPLE_CONFIG: return print(config_sample);
    case RUN_HELP: return help();
    case RUN_VERSION: return version();
    }
    return EXIT_USAGE;
}
