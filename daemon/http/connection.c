/*
 * Connections: counted, watched byte by byte and given deadlines, which libevent 2.1.12 does not do. evhttp tells about
 * a connection only with its first whole request; until then it is known by its bufferevent, which the bevcb makes.
 * evhttp_connection is then the context of the bufferevent's callbacks.
 */
#include <arpa/inet.h>
#include <event2/bufferevent_ssl.h>
#include <event2/keyvalq_struct.h>
#include <event2/listener.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "parts.h"
#include "sys/buffer.h"
#include "sys/log.h"

#define IDLE_SECONDS 60
#define ANSWER_SECONDS 30
#define REFUSED_SECONDS 2

static void connection_arm(struct connection *connection, int32_t seconds) {
    const struct timeval time = {.tv_sec = seconds};
    evtimer_add(connection->timer, &time);
}

/* Takes the connection out of the server. Its bufferevent is libevent's to free. */
static void connection_forget(struct connection *connection) {
    struct server *server = connection->door->server;
    if (connection->exchange != NULL) {
        struct exchange *exchange = connection->exchange;
        exchange->connection = NULL;
        if (connection->state == CONNECTION_STREAMING) {
            events_gone(exchange);
        }
    }
    *connection->link = connection->next;
    if (connection->next != NULL) {
        connection->next->link = connection->link;
    }
    server->connection_count--;
    event_free(connection->timer);
    free(connection);
}

static void connection_on_close(struct evhttp_connection *http, void *context) {
    (void)http;
    connection_forget(context);
}

/* ---- what the guard refused */

static void refused_drain(struct bufferevent *bev, void *context) {
    (void)context;
    struct evbuffer *input = bufferevent_get_input(bev);
    evbuffer_drain(input, evbuffer_get_length(input));
}

/* The answer is out: say so, and wait a little for the other side, so that its last bytes do not reset the answer. */
static void refused_sent(struct bufferevent *bev, void *context) {
    (void)context;
    SSL *ssl = bufferevent_openssl_get_ssl(bev);
    if (ssl != NULL) {
        SSL_shutdown(ssl);
    }
    shutdown(bufferevent_getfd(bev), SHUT_WR);
}

static void refused_ended(struct bufferevent *bev, short what, void *context) {
    (void)bev;
    (void)what;
    struct connection *connection = context;
    evhttp_connection_free(connection->http);
}

static void refused_text(const struct guard_error *error, struct buffer *out) {
    cJSON *problem = problem_new(error->status, error->code, error->detail);
    char *body = cJSON_PrintUnformatted(problem);
    cJSON_Delete(problem);
    buffer_format(out,
                  "HTTP/1.1 %d %s\r\nContent-Type: application/problem+json\r\nContent-Length: %zu\r\n"
                  "Connection: close\r\n",
                  error->status, problem_phrase(error->status), body == NULL ? (size_t)0 : strlen(body));
    if (error->status == 405) {
        buffer_text(out, "Allow: GET, POST, PATCH, DELETE\r\n");
    }
    for (size_t i = 0; answer_headers[i][0] != NULL; i++) {
        buffer_format(out, "%s: %s\r\n", answer_headers[i][0], answer_headers[i][1]);
    }
    buffer_text(out, "\r\n");
    buffer_text(out, body == NULL ? "" : body);
    cJSON_free(body);
}

/* Takes the connection out of evhttp's hands, answers and ends it. */
static void connection_refuse(struct connection *connection) {
    struct server *server = connection->door->server;
    server->counts.refused++;
    server->counts.by_class[4]++;
    log_debug("event=request_refused code=%s", connection->guard.error.code);
    connection->state = CONNECTION_REFUSED;
    struct buffer text;
    buffer_init(&text, 8192);
    refused_text(&connection->guard.error, &text);
    bufferevent_setcb(connection->bev, refused_drain, refused_sent, refused_ended, connection);
    refused_drain(connection->bev, connection);
    if (buffer_ok(&text)) {
        bufferevent_write(connection->bev, text.bytes, text.len);
    }
    buffer_release(&text);
    bufferevent_enable(connection->bev, EV_READ | EV_WRITE);
    connection_arm(connection, REFUSED_SECONDS);
}

/* ---- what comes in */

static bool connection_feed(struct connection *connection, struct evbuffer *input, size_t added) {
    struct evbuffer_ptr at;
    size_t from = evbuffer_get_length(input) - added;
    if (evbuffer_ptr_set(input, &at, from, EVBUFFER_PTR_SET) != 0) {
        return true;
    }
    struct evbuffer_iovec parts[16];
    while (added > 0) {
        int count = evbuffer_peek(input, (ev_ssize_t)added, &at, parts, 16);
        for (int i = 0; i < count && i < 16 && added > 0; i++) {
            size_t len = parts[i].iov_len < added ? parts[i].iov_len : added;
            if (!guard_feed(&connection->guard, parts[i].iov_base, len)) {
                return false;
            }
            added -= len;
            evbuffer_ptr_set(input, &at, len, EVBUFFER_PTR_ADD);
        }
        if (count <= 0) {
            break;
        }
    }
    return true;
}

static void connection_on_input(struct evbuffer *input, const struct evbuffer_cb_info *info, void *context) {
    struct connection *connection = context;
    if (info->n_added == 0 || connection->state == CONNECTION_REFUSED) {
        return;
    }
    if (!connection_feed(connection, input, info->n_added)) {
        if (connection->state == CONNECTION_RECEIVING) {
            connection_refuse(connection);
        }
        return; /* in the middle of an answer: the connection is closed after it */
    }
    if (connection->state == CONNECTION_RECEIVING && connection->idle) {
        connection->idle = false;
        connection_arm(connection, connection->door->server->options.request_seconds);
    }
}

/* ---- accepted */

static bool connection_is_own_uid(int fd) {
    struct ucred peer = {0};
    socklen_t len = sizeof peer;
    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 &&
           (peer.uid == 0 || peer.uid == geteuid());
}

static void connection_address(struct connection *connection, int fd) {
    struct sockaddr_storage peer;
    socklen_t len = sizeof peer;
    memset(&peer, 0, sizeof peer);
    if (connection->door->kind == DOOR_TLS && getpeername(fd, (struct sockaddr *)&peer, &len) == 0) {
        const void *from = peer.ss_family == AF_INET
                               ? (const void *)&((struct sockaddr_in *)&peer)->sin_addr
                               : (const void *)&((struct sockaddr_in6 *)&peer)->sin6_addr;
        inet_ntop(peer.ss_family, from, connection->address, sizeof connection->address);
    }
}

static bool connection_allowed(const struct connection *connection, int fd) {
    const struct server *server = connection->door->server;
    if (connection->door->kind == DOOR_CTL) {
        return connection_is_own_uid(fd);
    }
    int32_t same = 0;
    for (const struct connection *one = server->connections; one != NULL; one = one->next) {
        same += one->door->kind == DOOR_TLS && strcmp(one->address, connection->address) == 0 ? 1 : 0;
    }
    return server->connection_count <= server->options.connections_max &&
           (connection->door->kind != DOOR_TLS || same <= server->options.connections_per_address);
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
    connection->state = CONNECTION_RECEIVING;
    evhttp_connection_set_closecb(http, connection_on_close, connection);
    int fd = bufferevent_getfd(connection->bev);
    connection_address(connection, fd);
    if (connection->door->server->draining || !connection_allowed(connection, fd)) {
        connection->door->server->counts.connections_refused++;
        evhttp_connection_free(http);
        return;
    }
    evbuffer_add_cb(bufferevent_get_input(connection->bev), connection_on_input, connection);
    connection_arm(connection, connection->door->server->options.request_seconds);
}

static void connection_on_timer(evutil_socket_t fd, short what, void *context) {
    (void)fd;
    (void)what;
    struct connection *connection = context;
    switch (connection->state) {
    case CONNECTION_OPENING: connection_open(connection); break;
    case CONNECTION_RECEIVING:
    case CONNECTION_ANSWERING:
    case CONNECTION_REFUSED: evhttp_connection_free(connection->http); break;
    case CONNECTION_WORKING:
    case CONNECTION_STREAMING: break; /* libevent still needs the request: it is answered first */
    }
}

static struct bufferevent *connection_bufferevent(const struct door *door, struct event_base *base) {
    if (door->kind != DOOR_TLS) {
        return bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
    }
    SSL *ssl = SSL_new(door->server->tls);
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
    struct door *door = context;
    struct server *server = door->server;
    struct connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL) {
        return NULL;
    }
    connection->door = door;
    connection->idle = true;
    guard_init(&connection->guard, REQUEST_BODY_MAX);
    connection->timer = evtimer_new(base, connection_on_timer, connection);
    connection->bev = connection->timer == NULL ? NULL : connection_bufferevent(door, base);
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

/* ---- requests */

struct connection *connection_find(struct server *server, struct evhttp_request *request) {
    const struct evhttp_connection *http = evhttp_request_get_connection(request);
    for (struct connection *one = server->connections; one != NULL; one = one->next) {
        if (one->http == http && http != NULL) {
            return one;
        }
    }
    return NULL;
}

void connection_working(struct connection *connection, struct exchange *exchange) {
    evtimer_del(connection->timer);
    connection->state = CONNECTION_WORKING;
    connection->exchange = exchange;
}

/* The answer is written; evhttp goes on with the next request. */
static void connection_on_complete(struct evhttp_request *request, void *context) {
    (void)request;
    struct connection *connection = context;
    connection->state = CONNECTION_RECEIVING;
    connection->idle =
        guard_between(&connection->guard) && evbuffer_get_length(bufferevent_get_input(connection->bev)) == 0;
    connection_arm(connection,
                   connection->idle ? IDLE_SECONDS : connection->door->server->options.request_seconds);
}

void connection_answering(struct connection *connection, struct evhttp_request *request) {
    connection->exchange = NULL;
    connection->state = CONNECTION_ANSWERING;
    if (connection->guard.state == GUARD_REFUSED || connection->door->server->draining) {
        evhttp_add_header(evhttp_request_get_output_headers(request), "Connection", "close");
    }
    evhttp_request_set_on_complete_cb(request, connection_on_complete, connection);
    connection_arm(connection, ANSWER_SECONDS);
}

void connection_streaming(struct connection *connection) {
    connection->state = CONNECTION_STREAMING;
}

/* ---- doors */

bool door_open(struct door *door, evutil_socket_t fd) {
    struct server *server = door->server;
    door->http = evhttp_new(server->base);
    door->listener =
        evconnlistener_new(server->base, NULL, NULL, LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC, 0, fd);
    if (door->listener == NULL) {
        evutil_closesocket(fd);
    }
    if (door->http == NULL || door->listener == NULL ||
        evhttp_bind_listener(door->http, door->listener) == NULL) {
        return false;
    }
    evhttp_set_bevcb(door->http, connection_make, door);
    evhttp_set_gencb(door->http, dispatch, door);
    /* The guard's own limits are stricter: these are never reached. */
    evhttp_set_max_headers_size(door->http, (ev_ssize_t)2 * GUARD_HEAD_MAX);
    evhttp_set_max_body_size(door->http, 2 * (ev_ssize_t)REQUEST_BODY_MAX);
    evhttp_set_allowed_methods(door->http, EVHTTP_REQ_GET | EVHTTP_REQ_POST | EVHTTP_REQ_PATCH |
                                               EVHTTP_REQ_DELETE | EVHTTP_REQ_PUT | EVHTTP_REQ_HEAD |
                                               EVHTTP_REQ_OPTIONS);
    return true;
}

void door_shut(struct door *door) {
    if (door->listener != NULL) {
        evconnlistener_disable(door->listener);
    }
}

void door_close(struct door *door) {
    if (door->http != NULL) {
        evhttp_free(door->http); /* and its listener and connections */
    } else if (door->listener != NULL) {
        evconnlistener_free(door->listener);
    }
    door->http = NULL;
    door->listener = NULL;
}
