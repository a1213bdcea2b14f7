#include "load.h"

#include <arpa/inet.h>
#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CONNECTIONS_MAX 256
#define ANSWER_MAX ((size_t)8 << 20)
#define READY_MAX 16384
#define PATIENCE_MS 120000

void load_fail(const char *what) {
    fprintf(stderr, "bench: %s\n", what);
    exit(1);
}

double load_now(void) {
    struct timespec ts;
    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* ---- the server ---- */

static void copy_member(const cJSON *ready, const char *name, char *out, size_t size) {
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(ready, name);
    out[0] = '\0';
    if (cJSON_IsString(member) && strlen(member->valuestring) < size) {
        memcpy(out, member->valuestring, strlen(member->valuestring) + 1);
    }
}

static void read_ready(struct load_server *server, FILE *from) {
    static char line[READY_MAX];
    char url[128];
    cJSON *ready = fgets(line, sizeof line, from) == NULL ? NULL : cJSON_Parse(line);
    if (ready == NULL) {
        load_fail("the server ended before it was ready");
    }
    copy_member(ready, "url", url, sizeof url);
    copy_member(ready, "ca", server->ca, sizeof server->ca);
    copy_member(ready, "terminal", server->terminal, sizeof server->terminal);
    cJSON_Delete(ready);
    const char *colon = strrchr(url, ':');
    server->port = colon == NULL ? 0 : (int)strtol(colon + 1, NULL, 10);
    server->tls = SSL_CTX_new(TLS_client_method());
    if (server->tls == NULL || SSL_CTX_load_verify_locations(server->tls, server->ca, NULL) != 1) {
        load_fail("the server's certificate cannot be read");
    }
    SSL_CTX_set_verify(server->tls, SSL_VERIFY_PEER, NULL);
}

static _Noreturn void run_program(const char *const *arguments, const char *preload, const char *log,
                                  int out) {
    int err = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM); /* a bench that fails leaves no server behind */
    if (err < 0 || dup2(out, STDOUT_FILENO) < 0 || dup2(err, STDERR_FILENO) < 0 ||
        (preload != NULL && setenv("LD_PRELOAD", preload, 1) != 0)) {
        _exit(126);
    }
    execv(arguments[0], (char *const *)(uintptr_t)arguments);
    _exit(127);
}

void load_start(struct load_server *server, const char *const *arguments, const char *preload,
                const char *log) {
    int ends[2];
    *server = (struct load_server){.pid = 0};
    (void)signal(SIGPIPE, SIG_IGN);
    if (pipe2(ends, O_CLOEXEC) != 0) {
        load_fail("no pipe");
    }
    double start = load_now();
    server->pid = fork();
    if (server->pid == 0) {
        run_program(arguments, preload, log, ends[1]);
    }
    close(ends[1]);
    FILE *from = fdopen(ends[0], "r");
    if (server->pid < 0 || from == NULL) {
        load_fail("no process");
    }
    read_ready(server, from);
    server->ready_ms = (load_now() - start) * 1000;
    (void)fclose(from);
}

void load_stop(struct load_server *server) {
    int status = 0;
    SSL_CTX_free(server->tls);
    server->tls = NULL;
    (void)kill(server->pid, SIGTERM);
    if (waitpid(server->pid, &status, 0) != server->pid || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        load_fail("the server did not end well");
    }
    server->pid = 0;
}

long load_memory(const struct load_server *server, const char *name) {
    char path[64];
    char line[256];
    long value = -1;
    (void)snprintf(path, sizeof path, "/proc/%d/status", (int)server->pid);
    FILE *file = fopen(path, "r");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, name, strlen(name)) == 0 && line[strlen(name)] == ':') {
            value = strtol(line + strlen(name) + 1, NULL, 10);
        }
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    return value;
}

/* Seconds that a schedstat file says; it begins with nanoseconds. */
static double schedstat(const char *path) {
    char text[64] = "";
    FILE *file = fopen(path, "r");
    if (file == NULL || fgets(text, sizeof text, file) == NULL) {
        load_fail("no processor time");
    }
    (void)fclose(file);
    return (double)strtoll(text, NULL, 10) / 1e9;
}

static bool thread_is(const char *task, const char *name) {
    char path[160];
    char text[32] = "";
    (void)snprintf(path, sizeof path, "%.120s/comm", task);
    FILE *file = fopen(path, "r");
    bool is = file != NULL && fgets(text, sizeof text, file) != NULL &&
              strncmp(text, name, strlen(name)) == 0 && text[strlen(name)] == '\n';
    if (file != NULL) {
        (void)fclose(file);
    }
    return is;
}

/* All threads, or only those with this name. */
static double processor(const struct load_server *server, const char *name) {
    char pattern[64];
    glob_t tasks;
    double seconds = 0;
    (void)snprintf(pattern, sizeof pattern, "/proc/%d/task/*", (int)server->pid);
    if (glob(pattern, 0, NULL, &tasks) != 0) {
        load_fail("no threads");
    }
    for (size_t i = 0; i < tasks.gl_pathc; i++) {
        char path[160];
        (void)snprintf(path, sizeof path, "%.120s/schedstat", tasks.gl_pathv[i]);
        if (name == NULL || thread_is(tasks.gl_pathv[i], name)) {
            seconds += schedstat(path);
        }
    }
    globfree(&tasks);
    return seconds;
}

double load_processor(const struct load_server *server) {
    return processor(server, NULL);
}

double load_thread(const struct load_server *server, const char *name) {
    return processor(server, name);
}

/* ---- connections ---- */

struct connection {
    int fd;
    SSL *tls;
    struct load_request *request; /* under way */
    double began;
    char *answer;
    size_t len;
    size_t room;
};

static void connection_open(struct connection *connection, const struct load_server *server) {
    const int on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)server->port),
                                  .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    *connection = (struct connection){.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    (void)setsockopt(connection->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connection->tls = SSL_new(server->tls);
    if (connection->tls == NULL ||
        connect(connection->fd, (const struct sockaddr *)&address, sizeof address) != 0 ||
        SSL_set1_host(connection->tls, "localhost") != 1 ||
        SSL_set_tlsext_host_name(connection->tls, "localhost") != 1 ||
        SSL_set_fd(connection->tls, connection->fd) != 1 || SSL_connect(connection->tls) != 1) {
        load_fail("no connection to the server");
    }
    int flags = fcntl(connection->fd, F_GETFL);
    (void)fcntl(connection->fd, F_SETFL, flags | O_NONBLOCK);
}

static void connection_close(struct connection *connection) {
    SSL_free(connection->tls);
    close(connection->fd);
    free(connection->answer);
}

/* A request is small: what the socket does not take at once is a failure. */
static void connection_send(struct connection *connection, struct load_request *request) {
    connection->request = request;
    connection->len = 0;
    connection->began = load_now();
    if (SSL_write(connection->tls, request->text, (int)request->len) != (int)request->len) {
        load_fail("a request could not be sent");
    }
}

static void connection_grow(struct connection *connection) {
    if (connection->room >= ANSWER_MAX) {
        load_fail("an answer is too long");
    }
    connection->room = connection->room == 0 ? 16384 : connection->room * 2;
    connection->answer = realloc(connection->answer, connection->room);
    if (connection->answer == NULL) {
        load_fail("not enough memory");
    }
}

/* Has the whole answer come? It must have a length. */
static bool answer_whole(const struct connection *connection) {
    static const char name[] = "\r\ncontent-length:";
    const char *end = strstr(connection->answer, "\r\n\r\n");
    if (end == NULL) {
        return false;
    }
    const char *length = strcasestr(connection->answer, name);
    if (length == NULL || length > end) {
        load_fail("an answer without a length");
    }
    size_t whole = (size_t)(end - connection->answer) + 4;
    return connection->len >= whole + strtoul(length + sizeof name - 1, NULL, 10);
}

/* Reads what is there. True where the answer is whole. */
static bool connection_receive(struct connection *connection) {
    for (;;) {
        if (connection->room - connection->len < 8192) {
            connection_grow(connection);
        }
        int got = SSL_read(connection->tls, connection->answer + connection->len,
                           (int)(connection->room - connection->len - 1));
        if (got <= 0) {
            if (SSL_get_error(connection->tls, got) != SSL_ERROR_WANT_READ) {
                load_fail("the server closed a connection");
            }
            return false;
        }
        connection->len += (size_t)got;
        connection->answer[connection->len] = '\0';
        if (answer_whole(connection)) {
            return true;
        }
    }
}

static void answer_check(const struct connection *connection, int status) {
    const char *space = strchr(connection->answer, ' ');
    if (space == NULL || strtol(space, NULL, 10) != status) {
        fprintf(stderr, "%.2000s\n", connection->answer);
        load_fail("an answer has another status");
    }
}

/* ---- runs ---- */

struct run {
    struct connection connections[CONNECTIONS_MAX];
    struct load_request *requests;
    size_t count;
    size_t sent;
    size_t answered;
    int status;
    int epoll;
};

static void run_next(struct run *run, struct connection *connection) {
    if (run->sent < run->count) {
        connection_send(connection, &run->requests[run->sent++]);
    }
}

static void run_answer(struct run *run, struct connection *connection) {
    if (connection->request == NULL || !connection_receive(connection)) {
        return;
    }
    struct load_request *request = connection->request;
    request->ms = (load_now() - connection->began) * 1000;
    answer_check(connection, run->status);
    connection->request = NULL;
    run->answered++;
    run_next(run, connection);
}

static void run_loop(struct run *run) {
    struct epoll_event events[CONNECTIONS_MAX];
    while (run->answered < run->count) {
        int ready = epoll_wait(run->epoll, events, CONNECTIONS_MAX, PATIENCE_MS);
        if (ready == 0 || (ready < 0 && errno != EINTR)) {
            load_fail("no answer came");
        }
        for (int i = 0; i < ready; i++) {
            run_answer(run, events[i].data.ptr);
        }
    }
}

double load_run(const struct load_server *server, struct load_request *requests, size_t count,
                int connections, int status) {
    static struct run run;
    run = (struct run){
        .requests = requests, .count = count, .status = status, .epoll = epoll_create1(EPOLL_CLOEXEC)};
    for (int i = 0; i < connections; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &run.connections[i]};
        connection_open(&run.connections[i], server);
        if (epoll_ctl(run.epoll, EPOLL_CTL_ADD, run.connections[i].fd, &event) != 0) {
            load_fail("no epoll");
        }
    }
    double start = load_now();
    for (int i = 0; i < connections; i++) {
        run_next(&run, &run.connections[i]);
    }
    run_loop(&run);
    double seconds = load_now() - start;
    for (int i = 0; i < connections; i++) {
        connection_close(&run.connections[i]);
    }
    close(run.epoll);
    for (size_t i = 0; i < count; i++) {
        free(requests[i].text);
        requests[i].text = NULL;
    }
    return seconds;
}

static int by_time(const void *a, const void *b) {
    double one = ((const struct load_request *)a)->ms;
    double other = ((const struct load_request *)b)->ms;
    return (one > other) - (one < other);
}

double load_quantile(struct load_request *requests, size_t count, double share) {
    qsort(requests, count, sizeof *requests, by_time);
    size_t at = (size_t)((double)count * share);
    return requests[at < count ? at : count - 1].ms;
}

/* ---- requests ---- */

void load_request_make(struct load_request *request, const struct load_server *server, const char *method,
                       const char *path, const char *key, const char *body) {
    char session[128] = "";
    char bound[128] = "";
    if (server->token[0] != '\0') {
        (void)snprintf(session, sizeof session, "Authorization: Bearer %s\r\n", server->token);
    }
    if (key != NULL) {
        (void)snprintf(bound, sizeof bound, "Idempotency-Key: %s\r\n", key);
    }
    int len = asprintf(&request->text,
                       "%s /api/v1%s HTTP/1.1\r\nHost: localhost:%d\r\nX-Terminal: %s\r\n%s%s%s"
                       "Content-Length: %zu\r\n\r\n%s",
                       method, path, server->port, server->terminal, session, bound,
                       body == NULL ? "" : "Content-Type: application/json\r\n",
                       body == NULL ? 0 : strlen(body), body == NULL ? "" : body);
    if (len < 0) {
        load_fail("not enough memory");
    }
    request->len = (size_t)len;
}

void load_sign_in(struct load_server *server, const char *staff, const char *pin) {
    struct connection connection;
    struct load_request request;
    char body[128];
    (void)snprintf(body, sizeof body, "{\"staff\":\"%s\",\"pin\":\"%s\"}", staff, pin);
    load_request_make(&request, server, "POST", "/session", NULL, body);
    connection_open(&connection, server);
    connection_send(&connection, &request);
    double start = load_now();
    while (!connection_receive(&connection)) {
        (void)usleep(1000);
        if (load_now() - start > 10) {
            load_fail("nobody can sign in");
        }
    }
    answer_check(&connection, 201);
    cJSON *answer = cJSON_Parse(strstr(connection.answer, "\r\n\r\n"));
    copy_member(answer, "token", server->token, sizeof server->token);
    cJSON_Delete(answer);
    connection_close(&connection);
    free(request.text);
}
