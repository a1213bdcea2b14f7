/* The server put together: sockets, parts, draining (server.h). */
#include "server.h"

#include <errno.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "parts.h"
#include "sys/log.h"
#include "tls.h"

#define BACKLOG 128
#define DRAIN_SECONDS 5
#define FREE_SECONDS 5
/* Descriptors that connections never get: the database, logs, printing, sending. */
#define DESCRIPTORS_KEPT 64

/* ---- sockets */

static bool server_bound_address(struct server *server, int fd) {
    struct sockaddr_storage bound;
    ev_socklen_t len = sizeof bound;
    char host[ADDRESS_SIZE - 16];
    memset(&bound, 0, sizeof bound);
    if (getsockname(fd, (struct sockaddr *)&bound, &len) != 0) {
        return false;
    }
    if (bound.ss_family == AF_INET6) {
        const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)&bound;
        evutil_inet_ntop(AF_INET6, &six->sin6_addr, host, sizeof host);
        snprintf(server->address, sizeof server->address, "[%s]:%u", host, ntohs(six->sin6_port));
    } else {
        const struct sockaddr_in *four = (const struct sockaddr_in *)&bound;
        evutil_inet_ntop(AF_INET, &four->sin_addr, host, sizeof host);
        snprintf(server->address, sizeof server->address, "%s:%u", host, ntohs(four->sin_port));
    }
    return true;
}

/* "ADDRESS:PORT", "[ADDRESS]:PORT"; libevent's own parser does not take port 0. */
static bool server_parse_address(const char *text, struct sockaddr_storage *out, socklen_t *len) {
    char host[ADDRESS_SIZE];
    const char *colon = strrchr(text, ':');
    char *end = NULL;
    long port = colon == NULL || colon[1] < '0' || colon[1] > '9' ? -1 : strtol(colon + 1, &end, 10);
    if (port < 0 || port > UINT16_MAX || *end != '\0' || (size_t)(colon - text) >= sizeof host) {
        return false;
    }
    bool bracketed = colon > text + 1 && text[0] == '[' && colon[-1] == ']';
    snprintf(host, sizeof host, "%.*s", (int)(colon - text) - (bracketed ? 2 : 0),
             text + (bracketed ? 1 : 0));
    memset(out, 0, sizeof *out);
    struct sockaddr_in *four = (struct sockaddr_in *)out;
    struct sockaddr_in6 *six = (struct sockaddr_in6 *)out;
    if (!bracketed && evutil_inet_pton(AF_INET, host, &four->sin_addr) == 1) {
        four->sin_family = AF_INET;
        four->sin_port = htons((uint16_t)port);
        *len = sizeof *four;
        return true;
    }
    six->sin6_family = AF_INET6;
    six->sin6_port = htons((uint16_t)port);
    *len = sizeof *six;
    return bracketed && evutil_inet_pton(AF_INET6, host, &six->sin6_addr) == 1;
}

static bool server_open_tcp(struct server *server, const char **message) {
    struct sockaddr_storage address;
    socklen_t len = 0;
    const int on = 1;
    *message = "the address to listen on is not ADDRESS:PORT";
    if (!server_parse_address(server->options.listen, &address, &len)) {
        return false;
    }
    *message = "the address to listen on cannot be had";
    int fd = socket(address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return false;
    }
    /* Accepted sockets inherit TCP_NODELAY on Linux. */
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0 ||
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0 ||
        bind(fd, (struct sockaddr *)&address, len) != 0 || listen(fd, BACKLOG) != 0 ||
        !server_bound_address(server, fd)) {
        close(fd);
        return false;
    }
    return door_open(&server->tls_door, fd);
}

/* A socket that a crash has left behind is taken away; one that somebody answers on is not. */
static bool server_is_stale(const struct sockaddr_un *address) {
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return false;
    }
    bool stale = connect(fd, (const struct sockaddr *)address, sizeof *address) != 0 && errno == ECONNREFUSED;
    close(fd);
    return stale;
}

static bool server_open_unix(struct door *door, const char *path, mode_t mode, const char **message) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    *message = "a Unix socket cannot be opened";
    if (strlen(path) >= sizeof address.sun_path) {
        *message = "the path of a Unix socket is too long";
        return false;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    if (access(path, F_OK) == 0 && server_is_stale(&address)) {
        (void)unlink(path);
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return false;
    }
    mode_t mask = umask(0777 & ~mode);
    bool bound = bind(fd, (struct sockaddr *)&address, sizeof address) == 0;
    umask(mask);
    if (!bound || listen(fd, BACKLOG) != 0) {
        close(fd);
        return false;
    }
    return door_open(door, fd);
}

/* No more connections than there are descriptors, less those that are kept back. */
static void server_keep_descriptors(struct server *server) {
    struct rlimit limit;
    rlim_t wanted = (rlim_t)server->options.connections_max + (rlim_t)2 * DESCRIPTORS_KEPT;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return;
    }
    if (limit.rlim_cur < wanted) {
        struct rlimit more = limit;
        more.rlim_cur = wanted < limit.rlim_max ? wanted : limit.rlim_max;
        if (setrlimit(RLIMIT_NOFILE, &more) == 0) {
            limit = more;
        }
    }
    if (limit.rlim_cur < wanted) {
        int32_t room = limit.rlim_cur > (rlim_t)2 * DESCRIPTORS_KEPT
                           ? (int32_t)limit.rlim_cur - 2 * DESCRIPTORS_KEPT
                           : 1;
        log_warning("event=connections_limited max=%d", room);
        server->options.connections_max = room;
    }
}

/* ---- put together and taken apart */

static bool server_open_parts(struct server *server, const char **message) {
    const struct server_options *options = &server->options;
    *message = "the cryptographic library could not be started";
    if (sodium_init() < 0) {
        return false;
    }
    *message = "memory or descriptors are short";
    server->mailbox = mailbox_new(server->base);
    server->worker = worker_new(server->base);
    server->throttle = throttle_new();
    server->sessions = sessions_new((int64_t)options->session_idle_minutes * 60 * 1000,
                                    (int64_t)options->session_hours * 3600 * 1000);
    if (server->mailbox == NULL || server->worker == NULL || server->throttle == NULL ||
        server->sessions == NULL) {
        return false;
    }
    if (!tls_make_certificate(options->certificate, options->key, message)) {
        return false;
    }
    server->tls = tls_context(options->certificate, options->key, message);
    if (server->tls == NULL) {
        return false;
    }
    tls_fingerprint(server->tls, server->fingerprint);
    return true;
}

static void server_defaults(struct server_options *options) {
    options->connections_max = options->connections_max > 0 ? options->connections_max : 256;
    options->connections_per_address =
        options->connections_per_address > 0 ? options->connections_per_address : 16;
    options->request_seconds = options->request_seconds > 0 ? options->request_seconds : 10;
    options->session_idle_minutes = options->session_idle_minutes > 0 ? options->session_idle_minutes : 15;
    options->session_hours = options->session_hours > 0 ? options->session_hours : 12;
}

struct server *server_new(struct event_base *base, struct store *store, const struct server_options *options,
                          const char **message) {
    struct server *server = calloc(1, sizeof *server);
    if (server == NULL) {
        *message = "memory is short";
        return NULL;
    }
    server->base = base;
    server->store = store;
    server->options = *options;
    server_defaults(&server->options);
    server->tls_door = (struct door){.server = server, .kind = DOOR_TLS};
    server->ctl_door = (struct door){.server = server, .kind = DOOR_CTL};
    server->web_door = (struct door){.server = server, .kind = DOOR_WEB};
    server_keep_descriptors(server);
    if (!server_open_parts(server, message) || !server_open_tcp(server, message) ||
        (options->ctl_socket != NULL &&
         !server_open_unix(&server->ctl_door, options->ctl_socket, 0600, message)) ||
        (options->web_socket != NULL &&
         !server_open_unix(&server->web_door, options->web_socket, 0660, message))) {
        server_free(&server);
        return NULL;
    }
    return server;
}

/* Lets what the store and the worker still hold come back. False where that takes too long. */
static bool server_wait(struct server *server) {
    int64_t end = clock_elapsed_ms() + INT64_C(1000) * FREE_SECONDS;
    server->closing = true;
    server->drained = NULL;
    door_shut(&server->tls_door);
    door_shut(&server->ctl_door);
    door_shut(&server->web_door);
    events_end_all(server);
    while (server->exchange_count > 0 && clock_elapsed_ms() < end) {
        event_base_loop(server->base, EVLOOP_NONBLOCK);
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    return server->exchange_count == 0;
}

void server_free(struct server **holder) {
    struct server *server = *holder;
    if (server == NULL) {
        return;
    }
    *holder = NULL;
    if (!server_wait(server)) {
        log_error("event=requests_abandoned count=%zu", server->exchange_count);
        return; /* the store's threads still hold them: the memory goes with the process */
    }
    worker_free(&server->worker);
    mailbox_free(&server->mailbox);
    events_free(server);
    door_close(&server->tls_door);
    door_close(&server->ctl_door);
    door_close(&server->web_door);
    if (server->options.ctl_socket != NULL) {
        (void)unlink(server->options.ctl_socket);
    }
    if (server->options.web_socket != NULL) {
        (void)unlink(server->options.web_socket);
    }
    if (server->drain_timer != NULL) {
        event_free(server->drain_timer);
    }
    SSL_CTX_free(server->tls);
    sessions_free(&server->sessions);
    throttle_free(&server->throttle);
    free(server->terminals);
    free(server);
}

const char *server_address(const struct server *server) {
    return server->address;
}

const char *server_fingerprint(const struct server *server) {
    return server->fingerprint;
}

void server_on_clock_move(struct server *server, clock_move_fn *move, void *schedule) {
    server->move = move;
    server->schedule = schedule;
}

void server_on_report(struct server *server, const struct server_report *report) {
    server->report = *report;
}

void server_on_print(struct server *server, void (*print)(void *context), void *context) {
    server->print = print;
    server->print_context = context;
}

/* ---- draining */

static void server_on_drained(evutil_socket_t fd, short what, void *context) {
    (void)fd;
    (void)what;
    struct server *server = context;
    void (*drained)(void *) = server->drained;
    server->drained = NULL;
    if (drained != NULL) {
        drained(server->drained_context);
    }
}

static bool server_is_answering(const struct server *server) {
    for (const struct connection *one = server->connections; one != NULL; one = one->next) {
        if (one->state == CONNECTION_ANSWERING) {
            return true;
        }
    }
    return false;
}

void server_look_drained(struct server *server) {
    static const struct timeval soon = {.tv_usec = 50000};
    if (server->draining && server->drained != NULL && server->exchange_count == 0) {
        /* A moment for the last answers to leave. */
        evtimer_add(server->drain_timer,
                    server_is_answering(server) ? &soon : &(struct timeval){.tv_usec = 1000});
    }
}

void server_drain(struct server *server, void (*drained)(void *), void *context) {
    static const struct timeval most = {.tv_sec = DRAIN_SECONDS};
    /* First of all: each stream that ends below looks whether it was the last thing that was waited for. */
    server->drain_timer = evtimer_new(server->base, server_on_drained, server);
    server->draining = true;
    server->drained = drained;
    server->drained_context = context;
    door_shut(&server->tls_door);
    door_shut(&server->ctl_door);
    door_shut(&server->web_door);
    if (server->drain_timer != NULL) {
        events_end_all(server);
    }
    if (server->drain_timer == NULL) {
        server_on_drained(-1, 0, server);
        return;
    }
    events_end_all(server); /* looks whether the drain is over */
    evtimer_add(server->drain_timer, &most);
    server_look_drained(server);
}
