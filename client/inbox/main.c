/*
 * instalment-inbox: where a service that has nothing of its own receives pharmacies' messages, and its keyworkers answer
 * them. Parse, load, check, compose, ready, loop, tear down in reverse.
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

#include "accounts.h"
#include "call.h"
#include "config.h"
#include "demo.h"
#include "folder.h"
#include "instalment/version.h"
#include "json.h"
#include "log.h"
#include "options.h"
#include "server.h"
#include "store.h"
#include "tls.h"

#define DATABASE "inbox.db"
#define PRIORITIES 3 /* the commit comes behind everything else of a turn */

/* Exit statuses: 0 served and stopped, or what was asked; 1 failed; 2 the command line makes no sense. */
enum { EXIT_USAGE = 2 };

/* Everything that is composed, in the order of composing. */
struct service {
    const struct options *options;
    struct config *config;
    struct folder folder;
    struct store *store;
    char secret[DEMO_SECRET_SIZE];
    struct demo_person people[DEMO_PEOPLE];
    struct event_base *base;
    struct event *terminate[2], *hangup, *parent;
    char *certificate, *key, *client_ca;
    struct server *server;
    bool draining;
};

static bool fail(const char *what, const char *why) {
    fprintf(stderr, "instalment-inbox: %s%s%s\n", what, why == NULL ? "" : ": ", why == NULL ? "" : why);
    return false;
}

/* ---- load ---------------------------------------------------------------------------------------------------- */

static void set_level(const struct config *config) {
    static const char *const names[] = {"error", "warning", "notice", "debug"};
    for (int i = LOG_ERROR; i <= LOG_DEBUG; i++) {
        if (strcmp(names[i], config->log_level) == 0) {
            log_set_level((enum log_level)i);
        }
    }
}

/* The file, and what the command line says over it. */
static struct config *load_config(const struct options *options, const char *data,
                                  char error[CONFIG_ERROR_SIZE]) {
    struct config *config = config_read(options->config, error);
    const char *listen = options->listen != NULL ? options->listen : options->demo ? "127.0.0.1:0" : NULL;
    if (config != NULL && ((data != NULL && !config_replace(&config->data, data)) ||
                           (listen != NULL && !config_replace(&config->listen, listen)))) {
        (void)snprintf(error, CONFIG_ERROR_SIZE, "There is not enough memory.");
        config_free(&config);
    }
    return config;
}

static bool load(struct service *service) {
    char error[CONFIG_ERROR_SIZE];
    (void)umask(S_IRWXG | S_IRWXO);
    if (sodium_init() < 0 || evthread_use_pthreads() != 0) {
        return fail("libsodium or libevent cannot start", NULL);
    }
    service->config = load_config(service->options, service->options->data, error);
    if (service->config == NULL) {
        return fail(error, NULL);
    }
    set_level(service->config);
    return true;
}

/* ---- the data ------------------------------------------------------------------------------------------------ */

static bool open_store(struct service *service, enum store_role role) {
    bool own = service->options->demo && service->options->data == NULL;
    const char *message = NULL;
    char *path = NULL;
    if (!folder_open(&service->folder, own ? NULL : service->config->data, role == STORE_SERVER)) {
        return false;
    }
    if (!config_replace(&service->config->data, service->folder.path)) {
        return fail("There is not enough memory.", NULL);
    }
    path = config_below(service->config, DATABASE);
    service->store = path == NULL ? NULL : store_open(path, role, &message);
    bool good = service->store != NULL || fail(path == NULL ? DATABASE : path, message);
    free(path);
    return good;
}

static bool open_secrets(struct service *service) {
    char error[CONFIG_ERROR_SIZE];
    if (service->options->demo && (!demo_secret(service->config, service->secret, error) ||
                                   !demo_people(service->store, service->people))) {
        return fail(error, NULL);
    }
    return config_read_secrets(service->config, error) || fail(error, NULL);
}

/* ---- signals ------------------------------------------------------------------------------------------------- */

static void stop(struct service *service, const char *why) {
    if (service->draining) {
        (void)event_base_loopbreak(service->base);
        return;
    }
    service->draining = true;
    log_line(LOG_NOTICE, "event=stopping reason=%s", why);
    log_notify("STOPPING=1");
    server_drain(service->server);
}

/* The first asks: what has begun is finished. A second does not wait. */
static void terminated(evutil_socket_t number, short what, void *context) {
    (void)number;
    (void)what;
    stop(context, "signal");
}

/* A demonstration ends with whoever started it. */
static void parent_said(evutil_socket_t fd, short what, void *context) {
    struct service *service = context;
    char dropped[256];
    (void)what;
    if (read(fd, dropped, sizeof dropped) <= 0) {
        (void)event_del(service->parent);
        stop(service, "parent");
    }
}

/* All of the new configuration counts, or nothing of it. Folder and address need a restart. */
static void reload(evutil_socket_t number, short what, void *context) {
    struct service *service = context;
    char error[CONFIG_ERROR_SIZE];
    char ignored[DEMO_SECRET_SIZE];
    const char *message = error;
    struct config *fresh = load_config(service->options, service->folder.path, error);
    (void)number;
    (void)what;
    if (fresh != NULL && (!service->options->demo || demo_secret(fresh, ignored, error)) &&
        config_read_secrets(fresh, error) && server_reload(service->server, fresh, &message)) {
        config_free(&service->config);
        service->config = fresh;
        set_level(fresh);
        log_line(LOG_NOTICE, "event=reloaded pharmacies=%zu", fresh->pharmacy_count);
        return;
    }
    log_line(LOG_ERROR, "event=config_kept reason=\"%s\"", message);
    config_free(&fresh);
}

static bool compose_loop(struct service *service) {
    service->base = event_base_new();
    if (service->base == NULL || event_base_priority_init(service->base, PRIORITIES) != 0) {
        return fail("the event loop cannot start", NULL);
    }
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error of writing, as a full disk is */
    service->terminate[0] = evsignal_new(service->base, SIGTERM, terminated, service);
    service->terminate[1] = evsignal_new(service->base, SIGINT, terminated, service);
    service->hangup = evsignal_new(service->base, SIGHUP, reload, service);
    struct event *events[] = {service->terminate[0], service->terminate[1], service->hangup};
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
        if (events[i] == NULL || event_add(events[i], NULL) != 0) {
            return fail("signals cannot be caught", NULL);
        }
    }
    return true;
}

/* Once everything else stands: its first word may be its last. */
static bool compose_parent(struct service *service) {
    if (!service->options->demo) {
        return true;
    }
    service->parent = event_new(service->base, STDIN_FILENO, EV_READ | EV_PERSIST, parent_said, service);
    if (service->parent == NULL || event_add(service->parent, NULL) != 0) {
        return fail("standard input", "must be a pipe or a terminal: a demonstration ends when it does");
    }
    return true;
}

/* ---- serving --------------------------------------------------------------------------------------------------- */

static bool compose_server(struct service *service) {
    struct config *config = service->config;
    const char *message = NULL;
    service->certificate = config_credential(config, config->certificate);
    service->key = config_credential(config, config->key);
    service->client_ca = config_credential(config, config->client_ca);
    if (service->certificate == NULL || service->key == NULL || service->client_ca == NULL) {
        return fail("There is not enough memory.", NULL);
    }
    if (service->options->demo && !tls_make_certificate(service->certificate, service->key, &message)) {
        return fail(service->certificate, message);
    }
    const struct server_options options = {
        .base = service->base,
        .store = service->store,
        .config = config,
        .certificate = service->certificate,
        .key = service->key,
        .client_ca = config->client_ca[0] == '\0' ? NULL : service->client_ca,
        .demo = service->options->demo,
    };
    service->server = server_new(&options, &message);
    return service->server != NULL || fail(message, NULL);
}

static void add_people(cJSON *ready, const struct service *service) {
    cJSON *staff = cJSON_AddArrayToObject(ready, "staff");
    for (size_t i = 0; i < DEMO_PEOPLE; i++) {
        cJSON *one = cJSON_CreateObject();
        (void)cJSON_AddStringToObject(one, "name", service->people[i].name);
        (void)cJSON_AddStringToObject(one, "password", service->people[i].password);
        (void)cJSON_AddItemToArray(staff, one);
    }
}

/* The one line on standard output. */
static bool say_ready(struct service *service) {
    const char *url = server_url(service->server);
    char text[256];
    cJSON *ready = cJSON_CreateObject();
    (void)cJSON_AddTrueToObject(ready, "ready");
    (void)cJSON_AddStringToObject(ready, "url", url);
    (void)snprintf(text, sizeof text, "%s/", url);
    (void)cJSON_AddStringToObject(ready, "page", text);
    (void)snprintf(text, sizeof text, "%s" ENDPOINT, url);
    (void)cJSON_AddStringToObject(ready, "endpoint", text);
    (void)cJSON_AddStringToObject(ready, "ca", service->certificate);
    if (service->options->demo) {
        (void)cJSON_AddStringToObject(ready, "secret", service->secret);
        add_people(ready, service);
    }
    char *line = json_print(ready);
    bool good = line != NULL && printf("%s\n", line) > 0 && fflush(stdout) == 0;
    free(line);
    log_line(LOG_NOTICE, "event=ready url=%s pharmacies=%zu demo=%d", url, service->config->pharmacy_count,
             service->options->demo);
    log_notify("READY=1\nSTATUS=serving");
    return good || fail("standard output cannot be written", NULL);
}

/* In reverse. Everything may be missing. */
static void tear_down(struct service *service) {
    struct event *events[] = {service->parent, service->hangup, service->terminate[1], service->terminate[0]};
    server_free(&service->server);
    free(service->client_ca);
    free(service->key);
    free(service->certificate);
    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++) {
        if (events[i] != NULL) {
            event_free(events[i]);
        }
    }
    if (service->base != NULL) {
        event_base_free(service->base);
    }
    libevent_global_shutdown();
    store_close(&service->store);
    folder_close(&service->folder);
    config_free(&service->config);
    sodium_memzero(service->people, sizeof service->people);
}

static int serve(const struct options *options) {
    struct service service = {.options = options};
    int status = EXIT_FAILURE;
    if (load(&service) && open_store(&service, STORE_SERVER) && open_secrets(&service) &&
        compose_loop(&service) && compose_server(&service) && compose_parent(&service) &&
        say_ready(&service)) {
        (void)event_base_loop(service.base, EVLOOP_NO_EXIT_ON_EMPTY);
        status = server_failed(service.server) ? EXIT_FAILURE : EXIT_SUCCESS;
        log_line(LOG_NOTICE, "event=stopped");
    }
    tear_down(&service);
    return status;
}

/* ---- everything else that may be asked --------------------------------------------------------------------------- */

static int visit(const struct options *options) {
    struct service service = {.options = options};
    bool good = load(&service) && open_store(&service, STORE_VISITOR) && accounts_run(service.store, options);
    tear_down(&service);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int check_config(const struct options *options) {
    struct service service = {.options = options};
    bool good = load(&service);
    tear_down(&service);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char **argv) {
    struct options options;
    if (!options_parse(argc, argv, &options)) {
        return EXIT_USAGE;
    }
    switch (options.mode) {
    case RUN_SERVE: return serve(&options);
    case RUN_CHECK_CONFIG: return check_config(&options);
    case RUN_SAMPLE_CONFIG: config_sample(stdout); return EXIT_SUCCESS;
    case RUN_ADD_KEYWORKER:
    case RUN_REMOVE_KEYWORKER:
    case RUN_KEYWORKERS:
    case RUN_BACKUP: return visit(&options);
    case RUN_HELP: options_usage(stdout); return EXIT_SUCCESS;
    case RUN_VERSION: printf("instalment-inbox %s\n", INSTALMENT_VERSION); return EXIT_SUCCESS;
    }
    return EXIT_USAGE;
}
