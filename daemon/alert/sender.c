#include "sender.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "instalment/version.h"
#include "sys/buffer.h"
#include "sys/clock.h"
#include "sys/log.h"

#define CONNECT_MS 5000L
#define TOTAL_MS 20000L

/* One multi handle with its timer; an old one stays until its requests have ended. */
struct wire {
    struct sender *sender;
    CURLM *multi;
    struct event *timer;
    size_t running;
    bool retired;
    struct wire *next;
};

struct request {
    struct wire *wire;
    CURL *easy; /* NULL: it could not begin */
    struct curl_slist *headers;
    char *url;
    struct buffer answer;
    bool head_ended; /* the line without anything in it that ends an answer's head has come */
    sent_fn *done;
    void *context;
    int64_t began_ms;
    struct request *next;
};

struct sender {
    struct event_base *base;
    struct wire *wires;       /* the first is the one that begins */
    struct request *requests; /* under way */
    struct event *failed;     /* tells of requests that could not begin */
};

/* A socket of curl's, watched. */
struct watch {
    struct event *event;
};

static void request_end(struct request *request, enum transfer_end end, long status);

/* ---- what curl asks for: nothing is done in here but noting it ---- */

static size_t on_answer(char *bytes, size_t size, size_t count, void *context) {
    struct request *request = context;
    buffer_add(&request->answer, bytes, size * count);
    return buffer_ok(&request->answer) ? size * count : 0;
}

/*
 * A line of a head, or behind a body in chunks. curl takes a head that ends with its connection for a whole one; a 100 has a
 * head of its own.
 */
static size_t on_head(char *bytes, size_t size, size_t count, void *context) {
    struct request *request = context;
    size_t len = size * count;
    if (len >= 5 && memcmp(bytes, "HTTP/", 5) == 0)
        request->head_ended = false;
    else if (len > 0 && (bytes[0] == '\r' || bytes[0] == '\n'))
        request->head_ended = true;
    return len;
}

static void drain(struct wire *wire);

static void on_socket(evutil_socket_t fd, short what, void *context) {
    struct wire *wire = context;
    int running = 0;
    int actions =
        ((what & EV_READ) != 0 ? CURL_CSELECT_IN : 0) | ((what & EV_WRITE) != 0 ? CURL_CSELECT_OUT : 0);
    (void)curl_multi_socket_action(wire->multi, fd, actions, &running);
    drain(wire);
}

static void on_timer(evutil_socket_t fd, short what, void *context) {
    struct wire *wire = context;
    int running = 0;
    (void)fd;
    (void)what;
    (void)curl_multi_socket_action(wire->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    drain(wire);
}

static int watch_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *socket_context) {
    struct wire *wire = context;
    struct watch *watch = socket_context;
    (void)easy;
    if (watch != NULL && watch->event != NULL) {
        event_free(watch->event);
        watch->event = NULL;
    }
    if (what == CURL_POLL_REMOVE) {
        free(watch);
        (void)curl_multi_assign(wire->multi, fd, NULL);
        return 0;
    }
    if (watch == NULL) {
        watch = calloc(1, sizeof *watch);
        if (watch == NULL)
            return -1;
        (void)curl_multi_assign(wire->multi, fd, watch);
    }
    short events = (short)(((what & CURL_POLL_IN) != 0 ? EV_READ : 0) |
                           ((what & CURL_POLL_OUT) != 0 ? EV_WRITE : 0) | EV_PERSIST);
    watch->event = event_new(wire->sender->base, fd, events, on_socket, wire);
    return watch->event != NULL && event_add(watch->event, NULL) == 0 ? 0 : -1;
}

static int set_timer(CURLM *multi, long ms, void *context) {
    const struct wire *wire = context;
    (void)multi;
    if (ms < 0)
        return event_del(wire->timer);
    const struct timeval when = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};
    return event_add(wire->timer, &when);
}

/* ---- wires ---- */

static void wire_free(struct wire *wire) {
    if (wire->multi != NULL)
        (void)curl_multi_cleanup(wire->multi);
    if (wire->timer != NULL)
        event_free(wire->timer);
    free(wire);
}

static struct wire *wire_new(struct sender *sender) {
    struct wire *wire = calloc(1, sizeof *wire);
    if (wire == NULL)
        return NULL;
    wire->sender = sender;
    wire->multi = curl_multi_init();
    wire->timer = event_new(sender->base, -1, 0, on_timer, wire);
    if (wire->multi == NULL || wire->timer == NULL) {
        wire_free(wire);
        return NULL;
    }
    (void)curl_multi_setopt(wire->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
    (void)curl_multi_setopt(wire->multi, CURLMOPT_SOCKETDATA, wire);
    (void)curl_multi_setopt(wire->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    (void)curl_multi_setopt(wire->multi, CURLMOPT_TIMERDATA, wire);
    wire->next = sender->wires;
    sender->wires = wire;
    return wire;
}

/* Frees retired wires on which nothing runs any more. */
static void wires_tidy(struct sender *sender) {
    for (struct wire **link = &sender->wires; *link != NULL;) {
        struct wire *wire = *link;
        if (wire->retired && wire->running == 0) {
            *link = wire->next;
            wire_free(wire);
        } else {
            link = &wire->next;
        }
    }
}

void sender_renew(struct sender *sender) {
    struct wire *old = sender->wires;
    if (old == NULL || wire_new(sender) == NULL)
        return;
    old->retired = true;
    wires_tidy(sender);
}

/* ---- requests ---- */

static void request_free(struct request *request) {
    struct sender *sender = request->wire->sender;
    struct request **link = &sender->requests;
    while (*link != NULL && *link != request)
        link = &(*link)->next;
    if (*link != NULL)
        *link = request->next;
    request->wire->running--;
    if (request->easy != NULL) {
        (void)curl_multi_remove_handle(request->wire->multi, request->easy);
        curl_easy_cleanup(request->easy);
    }
    curl_slist_free_all(request->headers);
    buffer_release(&request->answer);
    free(request->url);
    free(request);
}

static enum transfer_end end_of(CURLcode code) {
    switch ((int)code) {
    case CURLE_OK: return TRANSFER_ANSWERED;
    case CURLE_OPERATION_TIMEDOUT: return TRANSFER_TIMEOUT;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_CLIENTCERT: return TRANSFER_TLS;
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_WRITE_ERROR:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_BAD_CONTENT_ENCODING:
    case CURLE_SSL_SHUTDOWN_FAILED: return TRANSFER_CUT;
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE: return TRANSFER_CONFIGURATION;
    default: return TRANSFER_CONNECT;
    }
}

static char *url_part(CURLU *url, CURLUPart part) {
    char *text = NULL;
    return curl_url_get(url, part, &text, CURLU_DEFAULT_PORT) == CURLUE_OK ? text : NULL;
}

static bool same_part(CURLU *one, CURLU *other, CURLUPart part) {
    char *a = url_part(one, part);
    char *b = url_part(other, part);
    bool same = a != NULL && b != NULL && strcmp(a, b) == 0;
    curl_free(a);
    curl_free(b);
    return same;
}

/* The whole address that `location` names, seen from `url`; NULL where it leads to another server. To be freed by curl_free. */
static char *resolve(const char *url, const char *location) {
    CURLU *from = curl_url();
    CURLU *to = curl_url();
    char *whole = NULL;
    if (from != NULL && to != NULL && curl_url_set(from, CURLUPART_URL, url, 0) == CURLUE_OK &&
        curl_url_set(to, CURLUPART_URL, url, 0) == CURLUE_OK &&
        curl_url_set(to, CURLUPART_URL, location, 0) == CURLUE_OK && same_part(from, to, CURLUPART_SCHEME) &&
        same_part(from, to, CURLUPART_HOST) && same_part(from, to, CURLUPART_PORT))
        (void)curl_url_get(to, CURLUPART_URL, &whole, 0);
    curl_url_cleanup(from);
    curl_url_cleanup(to);
    return whole;
}

/* Tells of the end and frees the request. */
static void request_end(struct request *request, enum transfer_end end, long status) {
    struct curl_header *header = NULL;
    char *location = NULL;
    curl_off_t retry_after = 0;
    if (request->easy != NULL && end == TRANSFER_ANSWERED) {
        if (curl_easy_header(request->easy, "Location", 0, CURLH_HEADER, -1, &header) == CURLHE_OK)
            location = resolve(request->url, header->value);
        (void)curl_easy_getinfo(request->easy, CURLINFO_RETRY_AFTER, &retry_after);
    }
    const struct sent sent = {
        .end = end,
        .status = status,
        .body = request->answer.bytes == NULL ? "" : request->answer.bytes,
        .len = request->answer.len,
        .location = location,
        .retry_after_s = retry_after,
        .ms = clock_elapsed_ms() - request->began_ms,
    };
    sent_fn *done = request->done;
    void *context = request->context;
    done(context, &sent);
    curl_free(location);
    request_free(request);
}

static void drain(struct wire *wire) {
    struct sender *sender = wire->sender;
    int left = 0;
    for (CURLMsg *message = curl_multi_info_read(wire->multi, &left); message != NULL;
         message = curl_multi_info_read(wire->multi, &left)) {
        if (message->msg != CURLMSG_DONE)
            continue;
        struct request *request = NULL;
        CURLcode code = message->data.result;
        long status = 0;
        (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&request);
        (void)curl_easy_getinfo(message->easy_handle, CURLINFO_RESPONSE_CODE, &status);
        enum transfer_end end = end_of(code);
        if (end == TRANSFER_ANSWERED && !request->head_ended)
            end = TRANSFER_CUT;
        if (end != TRANSFER_ANSWERED)
            log_debug("event=send_failed curl=%d", (int)code);
        request_end(request, end, end == TRANSFER_ANSWERED ? status : 0);
    }
    wires_tidy(sender);
}

/* For an interface that takes what it only reads without const. */
static void *unconst(const char *text) {
    void *plain = NULL;
    memcpy(&plain, &text, sizeof plain);
    return plain;
}

static bool set_security(CURL *easy, const struct sending *what) {
    CURLcode code = CURLE_OK;
    if (what->ca != NULL) {
        const struct curl_blob blob = {
            /* curl copies it */ .data = unconst(what->ca), .len = strlen(what->ca), .flags = CURL_BLOB_COPY};
        code = curl_easy_setopt(easy, CURLOPT_CAINFO_BLOB, &blob);
        /* Without this the folder of the system's certificates would be trusted beside the named one. */
        code = code == CURLE_OK ? curl_easy_setopt(easy, CURLOPT_CAPATH, NULL) : code;
    }
    if (code == CURLE_OK && what->certificate != NULL) {
        code = curl_easy_setopt(easy, CURLOPT_SSLCERT, what->certificate);
        code = code == CURLE_OK ? curl_easy_setopt(easy, CURLOPT_SSLKEY, what->key) : code;
    }
    (void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
    (void)curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    (void)curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, 0L);
    return code == CURLE_OK && curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https") == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK;
}

static bool set_message(struct request *request, const struct sending *what) {
    CURL *easy = request->easy;
    bool good = true;
    for (size_t i = 0; good && i < SENDER_HEADERS_MAX && what->headers[i] != NULL; i++) {
        struct curl_slist *more = curl_slist_append(request->headers, what->headers[i]);
        good = more != NULL;
        request->headers = good ? more : request->headers;
    }
    if (good && what->body != NULL) {
        good = curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)what->len) == CURLE_OK &&
               curl_easy_setopt(easy, CURLOPT_COPYPOSTFIELDS, what->body) == CURLE_OK;
    }
    return good && curl_easy_setopt(easy, CURLOPT_HTTPHEADER, request->headers) == CURLE_OK &&
           curl_easy_setopt(easy, CURLOPT_URL, what->url) == CURLE_OK;
}

static bool request_begin(struct request *request, const struct sending *what) {
    CURL *easy = curl_easy_init();
    request->easy = easy;
    if (easy == NULL)
        return false;
    (void)curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    (void)curl_easy_setopt(easy, CURLOPT_PRIVATE, request);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_answer);
    (void)curl_easy_setopt(easy, CURLOPT_WRITEDATA, request);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_head);
    (void)curl_easy_setopt(easy, CURLOPT_HEADERDATA, request);
    (void)curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
    (void)curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, TOTAL_MS);
    (void)curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    (void)curl_easy_setopt(easy, CURLOPT_USERAGENT, "instalmentd/" INSTALMENT_VERSION);
    if (!set_security(easy, what) || !set_message(request, what) ||
        curl_multi_add_handle(request->wire->multi, easy) != CURLM_OK) {
        curl_easy_cleanup(easy);
        request->easy = NULL;
        return false;
    }
    return true;
}

/* On the loop: requests that could not begin. */
static void on_failed(evutil_socket_t fd, short what, void *context) {
    struct sender *sender = context;
    (void)fd;
    (void)what;
    for (struct request *one = sender->requests; one != NULL;) {
        struct request *next = one->next; /* callbacks begin others before it, and end none */
        if (one->easy == NULL)
            request_end(one, TRANSFER_CONFIGURATION, 0);
        one = next;
    }
}

void sender_start(struct sender *sender, const struct sending *what, sent_fn *done, void *context) {
    struct request *request = calloc(1, sizeof *request);
    if (request == NULL) { /* as a connection that could not be made */
        done(context, &(const struct sent){.end = TRANSFER_CONNECT, .body = ""});
        return;
    }
    request->wire = sender->wires;
    request->wire->running++;
    request->done = done;
    request->context = context;
    request->began_ms = clock_elapsed_ms();
    request->next = sender->requests;
    sender->requests = request;
    buffer_init(&request->answer, ALERT_ANSWER_MAX + 1);
    request->url = strdup(what->url);
    if (request->url == NULL || !request_begin(request, what))
        event_active(sender->failed, 0, 0);
}

void sender_cancel(struct sender *sender, const void *context) {
    for (struct request *one = sender->requests; one != NULL;) {
        struct request *next = one->next;
        if (one->context == context)
            request_free(one);
        one = next;
    }
}

struct sender *sender_new(struct event_base *base) {
    struct sender *sender = calloc(1, sizeof *sender);
    if (sender == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(sender);
        return NULL;
    }
    sender->base = base;
    sender->failed = event_new(base, -1, 0, on_failed, sender);
    if (sender->failed == NULL || wire_new(sender) == NULL)
        sender_free(&sender);
    return sender;
}

void sender_free(struct sender **sender) {
    struct sender *one = *sender;
    *sender = NULL;
    if (one == NULL)
        return;
    for (struct request *request = one->requests; request != NULL;) {
        struct request *next = request->next;
        request_free(request);
        request = next;
    }
    while (one->wires != NULL) {
        struct wire *wire = one->wires;
        one->wires = wire->next;
        wire_free(wire);
    }
    if (one->failed != NULL)
        event_free(one->failed);
    free(one);
    curl_global_cleanup();
}
