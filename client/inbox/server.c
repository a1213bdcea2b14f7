/*
 * evhttp behind a count of connections and a deadline on each, which libevent 2.1.12 does not have (style.md, "known
 * traps"): a connection is known by its bufferevent from the moment it is accepted, long before its first whole
 * request. What libevent lets pass in a request is harmless here: paths are compared byte by byte with a table, there
 * is no proxy's opinion to differ from, and headers that count must not stand twice.
 */
#include "server.h"

#include <event2/buffer.h>
#include <event2/bufferevent_ssl.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "call.h"
#include "clock.h"
#include "log.h"
#include "number.h"
#include "tls.h"

#define IDLE_SECONDS 60
#define ANSWER_SECONDS 30
#define DRAIN_SECONDS 5
#define HEAD_MAX 16384
#define BACKLOG 128
#define GUESSES_FREE 4
#define GUESSES_MOST_MS 60000
#define MISSES_FREE 60
#define MISSES_MOST_MS 60000

enum state {
    STATE_OPENING,   /* accepted; evhttp has not given it its descriptor */
    STATE_IDLE,      /* between two requests */
    STATE_RECEIVING, /* some of a request has come */
    STATE_WORKING,   /* a whole request is there: libevent needs the connection until it is answered */
    STATE_ANSWERING
};

struct connection {
    struct connection *next, **link;
    struct server *server;
    struct bufferevent *bev;
    struct evhttp_connection *http;
    struct event *timer;
    enum state state;
    char address[INET6_ADDRSTRLEN];
};

struct server {
    struct server_options options;
    struct config *config;
    struct evhttp *http;
    struct evconnlistener *listener;
    SSL_CTX *tls;
    struct connection *connections;
    long connection_count;
    struct event *commit; /* behind everything else of a turn */
    struct event *drain;
    struct call *waiting, **waiting_end;
    struct sessions *sessions;
    struct hasher *hasher;
    struct throttle *guesses, *misses;
    bool draining, failed;
    char url[80];
};

static const char *const answer_headers[][2] = {
    {"Cache-Control", "no-store"},
    {"Content-Security-Policy",
     "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
     "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; "
     "trusted-types 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Opener-Policy", "same-origin"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Permissions-Policy", "camera=(), microphone=(), geolocation=()"},
};

/* ---- connections ----------------------------------------------------------------------------------------- */

static void connection_arm(struct connection *connection, long seconds) {
    const struct timeval time = {.tv_sec = seconds};
    (void)evtimer_add(connection->timer, &time);
}

/* Ends the loop once the last connection has gone. */
static void drained(struct server *server) {
    if (server->draining && server->connections == NULL) {
        (void)event_base_loopexit(server->options.base, NULL);
    }
}

/* Takes the connection out of the server. Its bufferevent is libevent's to free. */
static void connection_forget(struct connection *connection) {
    struct server *server = connection->server;
    *connection->link = connection->next;
    if (connection->next != NULL) {
        connection->next->link = connection->link;
    }
    server->connection_count--;
    event_free(connection->timer);
    free(connection);
    drained(server);
}

static void connection_on_close(struct evhttp_connection *http, void *context) {
    (void)http;
    connection_forget(context);
}

static void connection_address(struct connection *connection, int fd) {
    struct sockaddr_storage peer;
    socklen_t len = sizeof peer;
    memset(&peer, 0, sizeof peer);
    if (getpeername(fd, (struct sockaddr *)&peer, &len) == 0) {
        const void *from = peer.ss_family == AF_INET
                               ? (const void *)&((struct sockaddr_in *)&peer)->sin_addr
                               : (const void *)&((struct sockaddr_in6 *)&peer)->sin6_addr;
        (void)inet_ntop(peer.ss_family, from, connection->address, sizeof connection->address);
    }
}

static bool connection_allowed(const struct connection *connection) {
    const struct server *server = connection->server;
    long same = 0;
    for (const struct connection *one = server->connections; one != NULL; one = one->next) {
        same += strcmp(one->address, connection->address) == 0 ? 1 : 0;
    }
    return !server->draining && server->connection_count <= server->config->connections_max &&
           same <= server->config->connections_per_address;
}

/* The first bytes after a pause: from now on the request has its deadline. */
static void connection_on_input(struct evbuffer *input, const struct evbuffer_cb_info *info, void *context) {
    struct connection *connection = context;
    (void)input;
    if (info->n_added > 0 && connection->state == STATE_IDLE) {
        connection->state = STATE_RECEIVING;
        connection_arm(connection, connection->server->config->request_seconds);
    }
}

/* In the turn of the loop in which it was accepted: now evhttp has given it its descriptor. */
static void connection_open(struct connection *connection) {
    struct evhttp_connection *http = NULL;
    bufferevent_getcb(connection->bev, NULL, NULL, NULL, (void **)&http);
    bufferevent_decref(connection->bev);
    if (http == NULL) { /* evhttp could not use it */
        connection_forget(connection);
        return;
    }
    connection->http = http;
    connection->state = STATE_RECEIVING; /* the handshake counts */
    evhttp_connection_set_closecb(http, connection_on_close, connection);
    connection_address(connection, bufferevent_getfd(connection->bev));
    if (!connection_allowed(connection)) {
        log_line(LOG_WARNING, "event=connection_refused reason=too_many");
        evhttp_connection_free(http);
        return;
    }
    (void)evbuffer_add_cb(bufferevent_get_input(connection->bev), connection_on_input, connection);
    connection_arm(connection, connection->server->config->request_seconds);
}

static void connection_on_timer(evutil_socket_t fd, short what, void *context) {
    struct connection *connection = context;
    (void)fd;
    (void)what;
    switch (connection->state) {
    case STATE_OPENING: connection_open(connection); break;
    case STATE_IDLE:
    case STATE_RECEIVING:
    case STATE_ANSWERING: evhttp_connection_free(connection->http); break;
    case STATE_WORKING: break;
    }
}

static struct bufferevent *connection_bufferevent(const struct server *server, struct event_base *base) {
    SSL *ssl = SSL_new(server->tls);
    if (ssl == NULL) {
        return NULL;
    }
    struct bufferevent *bev =
        bufferevent_openssl_socket_new(base, -1, ssl, BUFFEREVENT_SSL_ACCEPTING, BEV_OPT_CLOSE_ON_FREE);
    if (bev == NULL) {
        SSL_free(ssl);
        return NULL;
    }
    bufferevent_openssl_set_allow_dirty_shutdown(bev, 1);
    return bev;
}

/* evhttp asks for a bufferevent. NULL makes it take a plain one of its own: `dispatch` then closes it. */
static struct bufferevent *connection_make(struct event_base *base, void *context) {
    struct server *server = context;
    struct connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL) {
        return NULL;
    }
    connection->server = server;
    connection->timer = evtimer_new(base, connection_on_timer, connection);
    connection->bev = connection->timer == NULL ? NULL : connection_bufferevent(server, base);
    if (connection->bev == NULL) {
        if (connection->timer != NULL) {
            event_free(connection->timer);
        }
        free(connection);
        return NULL;
    }
    bufferevent_incref(connection->bev);
    connection->next = server->connections;
    connection->link = &server->connections;
    if (connection->next != NULL) {
        connection->next->link = &connection->next;
    }
    server->connections = connection;
    server->connection_count++;
    event_active(connection->timer, EV_TIMEOUT, 1);
    return connection->bev;
}

static struct connection *connection_find(struct server *server, struct evhttp_request *request) {
    const struct evhttp_connection *http = evhttp_request_get_connection(request);
    for (struct connection *one = server->connections; one != NULL; one = one->next) {
        if (one->http == http && http != NULL) {
            return one;
        }
    }
    return NULL;
}

/* The answer is written; evhttp goes on with the next request. */
static void connection_on_complete(struct evhttp_request *request, void *context) {
    struct connection *connection = context;
    (void)request;
    bool more = evbuffer_get_length(bufferevent_get_input(connection->bev)) > 0;
    connection->state = more ? STATE_RECEIVING : STATE_IDLE;
    connection_arm(connection, more ? connection->server->config->request_seconds : IDLE_SECONDS);
}

/* ---- calls ------------------------------------------------------------------------------------------------- */

const char *call_header(const struct call *call, const char *name) {
    return evhttp_find_header(evhttp_request_get_input_headers(call->request), name);
}

void call_add(struct call *call, const char *name, const char *value) {
    (void)evhttp_add_header(evhttp_request_get_output_headers(call->request), name, value);
}

static void call_send(struct call *call, const char *bytes, size_t len) {
    struct connection *connection = call->connection;
    struct evbuffer *body = evbuffer_new();
    for (size_t i = 0; i < sizeof answer_headers / sizeof answer_headers[0]; i++) {
        call_add(call, answer_headers[i][0], answer_headers[i][1]);
    }
    if (call->type != NULL) {
        call_add(call, "Content-Type", call->type);
    }
    if (connection->server->draining) {
        call_add(call, "Connection", "close");
    }
    if (body != NULL && len > 0) {
        (void)evbuffer_add(body, bytes, len);
    }
    connection->state = STATE_ANSWERING;
    evhttp_request_set_on_complete_cb(call->request, connection_on_complete, connection);
    connection_arm(connection, ANSWER_SECONDS);
    evhttp_send_reply(call->request, call->status, NULL, body);
    if (body != NULL) {
        evbuffer_free(body);
    }
    free(call->text);
    free(call);
}

void call_answer_bytes(struct call *call, int status, const char *type, const char *bytes, size_t len) {
    call->status = status;
    call->type = type;
    call_send(call, bytes, len);
}

void call_answer(struct call *call, int status, const char *type, char *text) {
    struct server *server = call->server;
    call->status = status;
    call->type = type;
    call->text = text;
    if (!store_dirty(server->options.store)) {
        call_send(call, text, text == NULL ? 0 : strlen(text));
        return;
    }
    *server->waiting_end = call;
    server->waiting_end = &call->next;
    event_active(server->commit, EV_TIMEOUT, 1);
}

struct store *call_store(const struct call *call) {
    return call->server->options.store;
}

const struct config *call_config(const struct call *call) {
    return call->server->config;
}

const char *call_url(const struct call *call) {
    return server_public_url(call->server);
}

bool call_has_certificate(const struct call *call) {
    const SSL *ssl = bufferevent_openssl_get_ssl(call->connection->bev);
    const X509 *certificate = ssl == NULL ? NULL : SSL_get0_peer_certificate(ssl);
    return certificate != NULL && SSL_get_verify_result(ssl) == X509_V_OK;
}

bool call_is_demo(const struct call *call) {
    return call->server->options.demo;
}

struct sessions *call_sessions(const struct call *call) {
    return call->server->sessions;
}

struct hasher *call_hasher(const struct call *call) {
    return call->server->hasher;
}

struct throttle *call_guesses(const struct call *call) {
    return call->server->guesses;
}

struct throttle *call_misses(const struct call *call) {
    return call->server->misses;
}

/* ---- the commit -------------------------------------------------------------------------------------------- */

/* What was written in this turn is synced at once; only then does anybody hear of it. */
static void commit(evutil_socket_t fd, short what, void *context) {
    struct server *server = context;
    struct call *call = server->waiting;
    bool good = store_commit(server->options.store);
    (void)fd;
    (void)what;
    server->waiting = NULL;
    server->waiting_end = &server->waiting;
    while (call != NULL) {
        struct call *next = call->next;
        if (good) {
            call_send(call, call->text, call->text == NULL ? 0 : strlen(call->text));
        } else {
            evhttp_clear_headers(evhttp_request_get_output_headers(call->request));
            call_add(call, "Retry-After", "30");
            call_answer_bytes(call, 503, "text/plain", "not stored\n", 11);
        }
        call = next;
    }
    if (!good || !store_checkpoint(server->options.store)) {
        server->failed = true;
        (void)event_base_loopexit(server->options.base, &(const struct timeval){.tv_usec = 200000});
    }
}

/* ---- requests ---------------------------------------------------------------------------------------------- */

/* Headers that count: twice would be a riddle. */
static bool call_is_plain(const struct call *call) {
    static const char *const once[] = {"Host",         "Content-Length",    "Content-Type",
                                       "Cookie",       "webhook-id",        "Origin",
                                       "X-CSRF-Token", "webhook-timestamp", "Idempotency-Key",
                                       "X-Request-ID", "X-Correlation-ID",  "webhook-signature"};
    int seen[sizeof once / sizeof once[0]] = {0};
    const struct evkeyval *header = NULL;
    for (header = evhttp_request_get_input_headers(call->request)->tqh_first; header != NULL;
         header = header->next.tqe_next) {
        for (size_t i = 0; i < sizeof once / sizeof once[0]; i++) {
            if (evutil_ascii_strcasecmp(header->key, once[i]) == 0 && ++seen[i] > 1) {
                return false;
            }
        }
    }
    return seen[0] == 1 && (call_header(call, "Transfer-Encoding") == NULL || seen[1] == 0);
}

static const char *below(const char *path, const char *folder) {
    size_t len = strlen(folder);
    return strncmp(path, folder, len) == 0 ? path + len : NULL;
}

static void route_fhir(struct call *call, enum evhttp_cmd_type method) {
    const char *rest = call->path + sizeof ENDPOINT - 1;
    bool message = strcmp(rest, "/$process-message") == 0 || strcmp(rest, "/%24process-message") == 0;
    bool search = strcmp(rest, "/Task") == 0;
    const char *task = below(rest, "/Task/");
    if (!message && !search && task == NULL) {
        fhir_refuse(call, 404, "not-found", "There is nothing here.");
    } else if (method != (message ? EVHTTP_REQ_POST : EVHTTP_REQ_GET)) {
        call_add(call, "Allow", message ? "POST" : "GET");
        fhir_refuse(call, 405, "not-supported", "This is not how it is asked for.");
    } else if (strcmp(call_config(call)->client_certificates, "required") == 0 &&
               !call_has_certificate(call)) {
        fhir_refuse(call, 401, "login", "A client certificate is needed here.");
    } else if (message) {
        receive_message(call);
    } else if (search) {
        poll_search(call);
    } else {
        poll_read(call, task);
    }
}

/* "ID/actions" */
static bool actions_of(const char *rest, char id[80]) {
    const char *slash = strchr(rest, '/');
    if (slash == NULL || strcmp(slash, "/actions") != 0 || slash - rest >= 80) {
        return false;
    }
    memcpy(id, rest, (size_t)(slash - rest));
    id[slash - rest] = '\0';
    return true;
}

static void route_page(struct call *call, enum evhttp_cmd_type method) {
    const char *alert = below(call->path, "/api/alerts/");
    char id[80];
    if (strcmp(call->path, "/api/session") == 0 && method == EVHTTP_REQ_GET) {
        page_session(call);
    } else if (strcmp(call->path, "/api/session") == 0 && method == EVHTTP_REQ_POST) {
        page_sign_in(call);
    } else if (strcmp(call->path, "/api/session") == 0 && method == EVHTTP_REQ_DELETE) {
        page_sign_out(call);
    } else if (strcmp(call->path, "/api/alerts") == 0 && method == EVHTTP_REQ_GET) {
        page_alerts(call);
    } else if (alert != NULL && method == EVHTTP_REQ_POST && actions_of(alert, id)) {
        page_act(call, id);
    } else if (below(call->path, "/api/") == NULL && method != EVHTTP_REQ_GET) {
        page_refuse(call, 405, "method", "This is not how it is asked for.");
    } else if (!page_file(call)) {
        page_refuse(call, 404, "not_found", "There is nothing here.");
    }
}

static void dispatch(struct evhttp_request *request, void *context) {
    struct server *server = context;
    struct connection *connection = connection_find(server, request);
    struct call *call = connection == NULL ? NULL : calloc(1, sizeof *call);
    char *uri = NULL;
    if (call == NULL) {
        evhttp_connection_free(evhttp_request_get_connection(request));
        return;
    }
    (void)evtimer_del(connection->timer);
    connection->state = STATE_WORKING;
    struct evbuffer *input = evhttp_request_get_input_buffer(request);
    *call = (struct call){.server = server,
                          .connection = connection,
                          .request = request,
                          .address = connection->address,
                          .body = "",
                          .body_len = evbuffer_get_length(input)};
    const unsigned char *body = call->body_len == 0 ? NULL : evbuffer_pullup(input, -1);
    call->body = body == NULL ? "" : (const char *)body;
    uri = strdup(evhttp_request_get_uri(request));
    if (uri == NULL || (call->body_len > 0 && body == NULL) || !call_is_plain(call)) {
        page_refuse(call, uri == NULL ? 503 : 400, "request", "The request's headers contradict each other.");
        free(uri);
        return;
    }
    char *query = strchr(uri, '?');
    if (query != NULL) {
        *query++ = '\0';
    }
    call->path = uri;
    call->query = query;
    if (strcmp(uri, ENDPOINT) == 0 || below(uri, ENDPOINT "/") != NULL) {
        route_fhir(call, evhttp_request_get_command(request));
    } else {
        route_page(call, evhttp_request_get_command(request));
    }
    free(uri); /* nobody looks at path or query after the turn */
}

/* ---- listening ----------------------------------------------------------------------------------------------- */

static const char *listen_problem(const char *listen, const char *why) {
    static char sentence[CONFIG_ERROR_SIZE];
    (void)snprintf(sentence, sizeof sentence, "%s: %s", listen, why);
    return sentence;
}

/* "127.0.0.1:8444", "[::]:8444"; libevent's parser knows no port 0. */
static bool listen_address(const char *listen, struct sockaddr_storage *address, int *len) {
    char host[CONFIG_ERROR_SIZE];
    const char *colon = strrchr(listen, ':');
    int64_t port = 0;
    if (colon == NULL || (size_t)(colon - listen) >= sizeof host ||
        !number_parse(colon + 1, 0, 65535, &port)) {
        return false;
    }
    memcpy(host, listen, (size_t)(colon - listen));
    host[colon - listen] = '\0';
    if (evutil_parse_sockaddr_port(host, (struct sockaddr *)address, len) != 0) {
        return false;
    }
    if (address->ss_family == AF_INET6) {
        ((struct sockaddr_in6 *)address)->sin6_port = htons((uint16_t)port);
    } else {
        ((struct sockaddr_in *)address)->sin_port = htons((uint16_t)port);
    }
    return true;
}

static bool listen_on(struct server *server, const char *listen, const char **message) {
    struct sockaddr_storage address;
    int len = sizeof address;
    const int on = 1;
    memset(&address, 0, sizeof address);
    if (!listen_address(listen, &address, &len)) {
        *message = listen_problem(listen, "must be an address and a port, as 127.0.0.1:8444");
        return false;
    }
    server->listener = evconnlistener_new_bind(
        server->options.base, NULL, NULL, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC | LEV_OPT_REUSEABLE,
        BACKLOG, (struct sockaddr *)&address, len);
    if (server->listener == NULL) {
        int error = EVUTIL_SOCKET_ERROR();
        *message = listen_problem(listen, error == EADDRINUSE ? "another program already listens there"
                                                              : evutil_socket_error_to_string(error));
        return false;
    }
    /* Accepted sockets inherit it. */
    (void)setsockopt(evconnlistener_get_fd(server->listener), IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return true;
}

/* "https://127.0.0.1:40123": a wildcard address is no address. */
static void name_url(struct server *server) {
    struct sockaddr_storage address;
    socklen_t len = sizeof address;
    char text[INET6_ADDRSTRLEN] = "";
    memset(&address, 0, sizeof address);
    (void)getsockname(evconnlistener_get_fd(server->listener), (struct sockaddr *)&address, &len);
    if (address.ss_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)&address;
        (void)inet_ntop(AF_INET6, &in6->sin6_addr, text, sizeof text);
        (void)snprintf(server->url, sizeof server->url, "https://[%s]:%d",
                       strcmp(text, "::") == 0 ? "::1" : text, ntohs(in6->sin6_port));
    } else {
        const struct sockaddr_in *in = (const struct sockaddr_in *)&address;
        (void)inet_ntop(AF_INET, &in->sin_addr, text, sizeof text);
        (void)snprintf(server->url, sizeof server->url, "https://%s:%d",
                       strcmp(text, "0.0.0.0") == 0 ? "127.0.0.1" : text, ntohs(in->sin_port));
    }
}

static bool serve(struct server *server) {
    server->http = evhttp_new(server->options.base);
    if (server->http == NULL || evhttp_bind_listener(server->http, server->listener) == NULL) {
        return false;
    }
    evhttp_set_bevcb(server->http, connection_make, server);
    evhttp_set_gencb(server->http, dispatch, server);
    evhttp_set_max_headers_size(server->http, HEAD_MAX);
    evhttp_set_max_body_size(server->http, (ev_ssize_t)CALL_BODY_MAX);
    evhttp_set_default_content_type(server->http, NULL);
    evhttp_set_allowed_methods(server->http, EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_DELETE |
                                                 EVHTTP_REQ_PUT | EVHTTP_REQ_PATCH | EVHTTP_REQ_HEAD |
                                                 EVHTTP_REQ_OPTIONS);
    return true;
}

static void drain_late(evutil_socket_t fd, short what, void *context) {
    struct server *server = context;
    (void)fd;
    (void)what;
    (void)event_base_loopexit(server->options.base, NULL);
}

static bool compose(struct server *server, const char **message) {
    const struct server_options *options = &server->options;
    const struct config *config = server->config;
    server->waiting_end = &server->waiting;
    server->sessions = sessions_new((int64_t)config->session_idle_minutes * 60 * 1000,
                                    (int64_t)config->session_hours * 3600 * 1000);
    server->guesses = throttle_new(GUESSES_FREE, GUESSES_MOST_MS);
    server->misses = throttle_new(MISSES_FREE, MISSES_MOST_MS);
    server->hasher = hasher_new(options->base);
    server->commit = evtimer_new(options->base, commit, server);
    server->drain = evtimer_new(options->base, drain_late, server);
    *message = "There is not enough memory.";
    if (server->sessions == NULL || server->guesses == NULL || server->misses == NULL ||
        server->hasher == NULL || server->commit == NULL || server->drain == NULL ||
        event_priority_set(server->commit, 2) != 0) {
        return false;
    }
    server->tls = tls_context(options->certificate, options->key, options->client_ca, message);
    return server->tls != NULL;
}

struct server *server_new(const struct server_options *options, const char **message) {
    struct server *server = calloc(1, sizeof *server);
    if (server == NULL) {
        *message = "There is not enough memory.";
        return NULL;
    }
    server->options = *options;
    server->config = options->config;
    if (!compose(server, message) || !listen_on(server, server->config->listen, message)) {
        server_free(&server);
        return NULL;
    }
    name_url(server);
    if (!serve(server)) {
        *message = "There is not enough memory.";
        server_free(&server);
    }
    return server;
}

void server_free(struct server **server) {
    struct server *old = *server;
    if (old == NULL) {
        return;
    }
    hasher_free(&old->hasher); /* nobody is told any more */
    while (old->waiting != NULL) {
        struct call *call = old->waiting;
        old->waiting = call->next;
        free(call->text);
        free(call);
    }
    if (old->http != NULL) {
        evhttp_free(old->http); /* and its listener and connections */
    } else if (old->listener != NULL) {
        evconnlistener_free(old->listener);
    }
    struct event *events[] = {old->commit, old->drain};
    for (size_t i = 0; i < 2; i++) {
        if (events[i] != NULL) {
            event_free(events[i]);
        }
    }
    throttle_free(&old->guesses);
    throttle_free(&old->misses);
    sessions_free(&old->sessions);
    SSL_CTX_free(old->tls);
    free(old);
    *server = NULL;
}

const char *server_url(const struct server *server) {
    return server->url;
}

const char *server_public_url(const struct server *server) {
    return server->config->url[0] == '\0' ? server->url : server->config->url;
}

bool server_reload(struct server *server, struct config *config, const char **message) {
    SSL_CTX *fresh =
        tls_context(server->options.certificate, server->options.key, server->options.client_ca, message);
    if (fresh == NULL) {
        return false;
    }
    SSL_CTX_free(server->tls); /* connections hold their own */
    server->tls = fresh;
    server->config = config;
    return true;
}

void server_drain(struct server *server) {
    const struct timeval late = {.tv_sec = DRAIN_SECONDS};
    struct connection *next = NULL;
    server->draining = true;
    (void)evconnlistener_disable(server->listener);
    (void)evtimer_add(server->drain, &late);
    for (struct connection *one = server->connections; one != NULL; one = next) {
        next = one->next;
        if (one->state == STATE_IDLE) {
            evhttp_connection_free(one->http);
        }
    }
    drained(server);
}

bool server_failed(const struct server *server) {
    return server->failed;
}
