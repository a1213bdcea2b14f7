/*
 * Server-sent events, so that every screen stays true: kinds day, alert and print, with an id and a state and nothing
 * else. A heartbeat every ten seconds finds screens that are gone, sessions that have ended, and readers that do not read.
 */
#include <stdlib.h>
#include <string.h>

#include "parts.h"
#include "sys/buffer.h"

#define STREAMS_PER_SESSION 6
#define STREAMS_MAX 128
#define STREAM_WAITING_MAX ((size_t)64 * 1024)
#define HEARTBEAT_SECONDS 10

struct stream {
    struct exchange *exchange;
    struct stream *next;
};

static void stream_send(struct exchange *exchange, const char *text, size_t len) {
    struct evbuffer *buffer = evbuffer_new();
    if (buffer != NULL) {
        evbuffer_add(buffer, text, len);
        evhttp_send_reply_chunk(exchange->request, buffer);
        evbuffer_free(buffer);
    }
}

/* Takes a stream out of the list and ends its answer; its connection may be gone. */
static void stream_end(struct server *server, struct stream **link) {
    struct stream *stream = *link;
    struct exchange *exchange = stream->exchange;
    struct session *session = session_of(server->sessions, exchange->session);
    if (session != NULL && session->streams > 0) {
        session->streams--;
    }
    *link = stream->next;
    free(stream);
    server->stream_count--;
    if (exchange->connection != NULL) {
        connection_answering(exchange->connection, exchange->request);
    }
    evhttp_send_reply_end(exchange->request);
    exchange_free(exchange);
}

static void stream_end_of(struct server *server, const struct exchange *exchange) {
    for (struct stream **link = &server->streams; *link != NULL; link = &(*link)->next) {
        if ((*link)->exchange == exchange) {
            stream_end(server, link);
            return;
        }
    }
}

void events_gone(struct exchange *exchange) {
    stream_end_of(exchange->server, exchange);
}

void events_end_session(struct server *server, uint64_t session) {
    for (struct stream **link = &server->streams; *link != NULL;) {
        if ((*link)->exchange->session == session) {
            stream_end(server, link);
        } else {
            link = &(*link)->next;
        }
    }
}

void events_end_all(struct server *server) {
    while (server->streams != NULL) {
        stream_end(server, &server->streams);
    }
}

/* Nobody there any more, nobody signed in, or too much waits to be read. */
static bool stream_is_over(struct server *server, const struct exchange *exchange) {
    const struct session *session = session_of(server->sessions, exchange->session);
    return session == NULL || exchange->connection == NULL ||
           evbuffer_get_length(bufferevent_get_output(exchange->connection->bev)) > STREAM_WAITING_MAX;
}

static void events_send(struct server *server, const char *text, size_t len) {
    for (struct stream **link = &server->streams; *link != NULL;) {
        struct exchange *exchange = (*link)->exchange;
        const struct session *session = session_of(server->sessions, exchange->session);
        if (stream_is_over(server, exchange)) {
            stream_end(server, link);
            continue;
        }
        if (!session->locked || *text == ':') {
            stream_send(exchange, text, len);
        }
        link = &(*link)->next;
    }
}

static void events_heartbeat(evutil_socket_t fd, short what, void *context) {
    (void)fd;
    (void)what;
    events_send(context, ": \n\n", 4);
}

void server_event(struct server *server, const char *kind, const char *id, const char *state) {
    cJSON *data = cJSON_CreateObject();
    json_put_text(data, "id", id);
    json_put_text(data, "state", state);
    char *text = cJSON_PrintUnformatted(data);
    cJSON_Delete(data);
    struct buffer event;
    buffer_init(&event, 4096);
    if (text != NULL) {
        buffer_format(&event, "event: %s\ndata: %s\n\n", kind, text);
    }
    if (text != NULL && buffer_ok(&event)) {
        events_send(server, event.bytes, event.len);
    }
    buffer_release(&event);
    cJSON_free(text);
}

static bool events_start_heartbeat(struct server *server) {
    static const struct timeval every = {.tv_sec = HEARTBEAT_SECONDS};
    if (server->heartbeat == NULL) {
        server->heartbeat = event_new(server->base, -1, EV_PERSIST, events_heartbeat, server);
        if (server->heartbeat != NULL) {
            event_add(server->heartbeat, &every);
        }
    }
    return server->heartbeat != NULL;
}

/* GET /events: the exchange becomes a stream. */
void events_begin(struct exchange *exchange) {
    static const char hello[] = "retry: 2000\n\n: \n\n";
    struct server *server = exchange->server;
    struct session *session = session_of(server->sessions, exchange->session);
    if (session == NULL || session->streams >= STREAMS_PER_SESSION || server->stream_count >= STREAMS_MAX) {
        exchange_header(exchange, "Retry-After", "10");
        call_problem(&exchange->call, 429, "too_many_streams", "There are too many open pages.");
        return;
    }
    struct stream *stream = calloc(1, sizeof *stream);
    if (stream == NULL || !events_start_heartbeat(server)) {
        free(stream);
        call_problem(&exchange->call, 503, "unavailable", "Memory is short. Try again.");
        return;
    }
    stream->exchange = exchange;
    stream->next = server->streams;
    server->streams = stream;
    server->stream_count++;
    session->streams++;
    exchange->deferred = true;
    connection_streaming(exchange->connection);
    struct evkeyvalq *headers = evhttp_request_get_output_headers(exchange->request);
    for (size_t i = 0; answer_headers[i][0] != NULL; i++) {
        evhttp_add_header(headers, answer_headers[i][0], answer_headers[i][1]);
    }
    evhttp_add_header(headers, "Content-Type", "text/event-stream");
    evhttp_send_reply_start(exchange->request, 200, "OK");
    /* libevent has stopped reading for the length of the answer; a screen that closes is to be noticed. */
    bufferevent_enable(exchange->connection->bev, EV_READ);
    stream_send(exchange, hello, sizeof hello - 1);
    server->counts.by_class[2]++;
}

size_t events_count(const struct server *server) {
    return server->stream_count;
}

void events_free(struct server *server) {
    events_end_all(server);
    if (server->heartbeat != NULL) {
        event_free(server->heartbeat);
        server->heartbeat = NULL;
    }
}
