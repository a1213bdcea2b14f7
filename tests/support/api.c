#include "api.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "instalment/client.h"

#define READY_SECONDS 20
#define ANSWER_SECONDS 30
#define ANSWER_MAX ((size_t)16 << 20)

static void show_log(const struct api *api) {
    FILE *file = fopen(api->log, "r");
    char line[1024];
    fprintf(stderr, "---- the daemon's log\n");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        fputs(line, stderr);
    }
    fprintf(stderr, "----\n");
    if (file != NULL) {
        fclose(file);
    }
}

void api_fail(const struct api *api, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    show_log(api);
    fail();
    abort();
}

/* ---- the daemon */

static void copy_member(const struct api *api, const cJSON *object, const char *name, char *out,
                        size_t size) {
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, name);
    if (!cJSON_IsString(member) || strlen(member->valuestring) >= size) {
        api_fail(api, "the ready line has no good member %s", name);
    }
    memcpy(out, member->valuestring, strlen(member->valuestring) + 1);
}

static void read_ready(struct api *api, const char *line) {
    char url[API_TEXT];
    cJSON_Delete(api->ready);
    api->ready = cJSON_Parse(line);
    if (api->ready == NULL) {
        api_fail(api, "not a ready line: %s", line);
    }
    copy_member(api, api->ready, "url", url, sizeof url);
    copy_member(api, api->ready, "ca", api->ca, sizeof api->ca);
    copy_member(api, api->ready, "page", api->page, sizeof api->page);
    if (!api->real) {
        copy_member(api, api->ready, "terminal", api->terminal, sizeof api->terminal);
    }
    copy_member(api, api->ready, "socket", api->socket, sizeof api->socket);
    const char *colon = strrchr(url, ':');
    api->port = colon == NULL ? 0 : (int)strtol(colon + 1, NULL, 10);
    api->staff_count = 0;
    const cJSON *one = NULL;
    cJSON_ArrayForEach(one, cJSON_GetObjectItemCaseSensitive(api->ready, "staff")) {
        struct api_login *login = &api->staff[api->staff_count];
        copy_member(api, one, "staff", login->staff, sizeof login->staff);
        copy_member(api, one, "pin", login->pin, sizeof login->pin);
        copy_member(api, one, "role", login->role, sizeof login->role);
        if (++api->staff_count == API_STAFF_MAX) {
            break;
        }
    }
    SSL_CTX_free(api->tls);
    api->tls = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_verify(api->tls, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_options(api->tls, SSL_OP_IGNORE_UNEXPECTED_EOF);
    if (SSL_CTX_load_verify_locations(api->tls, api->ca, NULL) != 1) {
        api_fail(api, "the certificate %s cannot be read", api->ca);
    }
}

/* The first line of the daemon's standard output. */
static void wait_ready(struct api *api, int fd) {
    char line[8192];
    size_t len = 0;
    time_t end = time(NULL) + READY_SECONDS;
    while (len + 1 < sizeof line && (len == 0 || line[len - 1] != '\n')) {
        struct pollfd wait = {.fd = fd, .events = POLLIN};
        if (time(NULL) > end || poll(&wait, 1, 1000) < 0) {
            api_fail(api, "the daemon is not ready after %d s", READY_SECONDS);
        }
        if (wait.revents != 0) {
            ssize_t got = read(fd, line + len, 1);
            if (got <= 0) {
                api_fail(api, "the daemon ended before it was ready");
            }
            len++;
        }
    }
    line[len] = '\0';
    read_ready(api, line);
}

static void run_daemon(const struct api *api, const char *const *arguments, int out) {
    const char *folder = getenv("TEST_BIN");
    char program[API_TEXT];
    const char *list[32] = {program, "--listen", "127.0.0.1:0", "--data", api->data};
    size_t count = 5;
    list[count++] = api->real ? "--config" : "--demo=empty";
    if (api->real) {
        list[count++] = api->config;
    }
    snprintf(program, sizeof program, "%s/instalmentd", folder == NULL ? "build/bin" : folder);
    for (size_t i = 0; arguments != NULL && arguments[i] != NULL && count < 31; i++) {
        list[count++] = arguments[i];
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that is ended leaves no daemon behind */
    int log = open(api->log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (log < 0 || dup2(log, 2) < 0 || dup2(out, 1) < 0) {
        _exit(126);
    }
    execv(program, (char *const *)(uintptr_t)list);
    _exit(127);
}

void api_start_again(struct api *api, const char *const *arguments) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        api_fail(api, "no pipe");
    }
    api->pid = fork();
    if (api->pid == 0) {
        run_daemon(api, arguments, ends[1]);
    }
    close(ends[1]);
    wait_ready(api, ends[0]);
    close(ends[0]);
}

static struct api *start_new(const char *const *arguments, bool real) {
    struct api *api = calloc(1, sizeof *api);
    assert_non_null(api);
    api->real = real;
    signal(SIGPIPE, SIG_IGN);
    char folder[] = "/tmp/instalment-test-XXXXXX";
    assert_non_null(mkdtemp(folder));
    snprintf(api->data, sizeof api->data, "%s/data", folder);
    snprintf(api->log, sizeof api->log, "%s/log", folder);
    snprintf(api->config, sizeof api->config, "%s/conf", folder);
    FILE *config = fopen(api->config, "w");
    assert_non_null(config);
    fprintf(config, "ctl_socket = \"ctl.sock\"\n");
    fclose(config);
    api_start_again(api, arguments);
    return api;
}

struct api *api_start(const char *const *arguments) {
    return start_new(arguments, false);
}

struct api *api_start_real(void) {
    return start_new(NULL, true);
}

void api_kill(struct api *api) {
    if (api->pid > 0) {
        kill(api->pid, SIGKILL);
        waitpid(api->pid, NULL, 0);
        api->pid = 0;
    }
}

void api_end(struct api *api) {
    int status = 0;
    if (api->pid <= 0) {
        return;
    }
    kill(api->pid, SIGTERM);
    for (int i = 0; i < 1000; i++) {
        int done = waitpid(api->pid, &status, WNOHANG);
        if (done == api->pid) {
            api->pid = 0;
            if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
                api_fail(api, "the daemon ended with status %d", status);
            }
            return;
        }
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    api_kill(api);
    api_fail(api, "the daemon did not end after SIGTERM");
}

static void remove_folder(const char *folder) {
    pid_t child = fork();
    if (child == 0) {
        execlp("rm", "rm", "-rf", folder, (char *)NULL);
        _exit(127);
    }
    waitpid(child, NULL, 0);
}

void api_stop(struct api **pointer) {
    struct api *api = *pointer;
    if (api == NULL) {
        return;
    }
    *pointer = NULL;
    api_end(api);
    char *slash = strrchr(api->log, '/');
    *slash = '\0';
    remove_folder(api->log);
    cJSON_Delete(api->ready);
    SSL_CTX_free(api->tls);
    free(api);
}

/* ---- connections */

static bool shake_hands(struct api *api, struct api_connection *connection) {
    connection->tls = SSL_new(api->tls);
    if (connection->tls == NULL) {
        return false;
    }
    SSL_set_tlsext_host_name(connection->tls, "localhost");
    SSL_set1_host(connection->tls, "localhost");
    SSL_set_fd(connection->tls, connection->fd);
    return SSL_connect(connection->tls) == 1;
}

struct api_connection api_connect(struct api *api, const char *from) {
    struct api_connection connection = {.fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    struct sockaddr_in address = {.sin_family = AF_INET};
    const int on = 1;
    const struct timeval patience = {.tv_sec = ANSWER_SECONDS};
    setsockopt(connection.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(connection.fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (from != NULL) {
        inet_pton(AF_INET, from, &address.sin_addr);
        if (bind(connection.fd, (struct sockaddr *)&address, sizeof address) != 0) {
            api_fail(api, "cannot come from %s", from);
        }
    }
    address.sin_port = htons((uint16_t)api->port);
    inet_pton(AF_INET, "127.0.0.1", &address.sin_addr);
    if (connect(connection.fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        !shake_hands(api, &connection)) {
        ERR_clear_error();
        api_close(&connection);
    }
    return connection;
}

struct api_connection api_connect_unix(const char *path) {
    struct api_connection connection = {.fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path) {
        api_close(&connection);
        return connection;
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    if (connect(connection.fd, (struct sockaddr *)&address, sizeof address) != 0) {
        api_close(&connection);
    }
    return connection;
}

void api_close(struct api_connection *connection) {
    SSL_free(connection->tls);
    connection->tls = NULL;
    if (connection->fd >= 0) {
        close(connection->fd);
    }
    connection->fd = -1;
}

bool api_send(struct api_connection *connection, const void *bytes, size_t len) {
    const char *at = bytes;
    while (len > 0) {
        int step = len > 16384 ? 16384 : (int)len;
        ssize_t done = connection->tls != NULL ? SSL_write(connection->tls, at, step)
                                               : send(connection->fd, at, (size_t)step, MSG_NOSIGNAL);
        if (done <= 0) {
            ERR_clear_error();
            return false;
        }
        at += done;
        len -= (size_t)done;
    }
    return true;
}

/* One read with patience: > 0 bytes, 0 at the end or when time is over. */
static size_t receive_some(struct api_connection *connection, char *out, size_t room, int64_t until_ms) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    int64_t left = until_ms - ((int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000);
    bool waiting = connection->tls != NULL && SSL_pending(connection->tls) > 0;
    struct pollfd wait = {.fd = connection->fd, .events = POLLIN};
    if (!waiting && (left <= 0 || poll(&wait, 1, (int)left) <= 0)) {
        return 0;
    }
    ssize_t got = connection->tls != NULL ? SSL_read(connection->tls, out, (int)room)
                                          : recv(connection->fd, out, room, 0);
    if (got <= 0) {
        ERR_clear_error();
        return 0;
    }
    return (size_t)got;
}

static int64_t deadline(int seconds) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return ((int64_t)now.tv_sec + seconds) * 1000 + now.tv_nsec / 1000000;
}

size_t api_read_until(struct api_connection *connection, const char *until, char *out, size_t size,
                      int seconds) {
    size_t len = 0;
    int64_t end = deadline(seconds);
    out[0] = '\0';
    while (len + 1 < size && strstr(out, until) == NULL) {
        size_t got = receive_some(connection, out + len, size - len - 1, end);
        if (got == 0) {
            break;
        }
        len += got;
        out[len] = '\0';
    }
    return len;
}

bool api_header(const struct api_answer *answer, const char *name, char *out, size_t size) {
    size_t len = strlen(name);
    for (const char *line = answer->head; line != NULL; line = strstr(line, "\r\n")) {
        line += line == answer->head ? 0 : 2;
        if (strncasecmp(line, name, len) == 0 && line[len] == ':') {
            const char *value = line + len + 1 + strspn(line + len + 1, " ");
            snprintf(out, size, "%.*s", (int)strcspn(value, "\r"), value);
            return true;
        }
        if (line[0] == '\0') {
            break;
        }
    }
    return false;
}

/* Is the whole answer there? Splits it where it is. */
static bool take_answer(char *bytes, size_t len, bool ended, struct api_answer *answer) {
    char *split = strstr(bytes, "\r\n\r\n");
    char length[24];
    if (split == NULL || strncmp(bytes, "HTTP/1.1 ", 9) != 0) {
        return false;
    }
    answer->head = strndup(bytes, (size_t)(split - bytes));
    answer->status = (int)strtol(bytes + 9, NULL, 10);
    size_t have = len - (size_t)(split + 4 - bytes);
    size_t want = api_header(answer, "Content-Length", length, sizeof length) ? strtoul(length, NULL, 10)
                  : answer->status == 204                                     ? 0
                  : ended                                                     ? have
                                                                              : SIZE_MAX;
    if (have < want) {
        free(answer->head);
        *answer = (struct api_answer){.status = 0};
        return false;
    }
    answer->text_len = want;
    answer->text = malloc(want + 1);
    assert_non_null(answer->text);
    memcpy(answer->text, split + 4, want);
    answer->text[want] = '\0';
    answer->body = cJSON_Parse(answer->text);
    return true;
}

struct api_answer api_receive(struct api_connection *connection, int seconds) {
    struct api_answer answer = {.status = 0};
    size_t room = 65536;
    size_t len = 0;
    int64_t end = deadline(seconds);
    char *bytes = malloc(room);
    assert_non_null(bytes);
    bool more = true;
    while (more && len < ANSWER_MAX) {
        if (room - len < 16384) {
            room *= 2;
            bytes = realloc(bytes, room);
            assert_non_null(bytes);
        }
        size_t got = receive_some(connection, bytes + len, room - len - 1, end);
        len += got;
        bytes[len] = '\0';
        more = got > 0 && !take_answer(bytes, len, false, &answer);
        if (got == 0) {
            take_answer(bytes, len, true, &answer);
        }
    }
    free(bytes);
    if (answer.text == NULL) {
        answer.text = strdup("");
        answer.head = answer.head == NULL ? strdup("") : answer.head;
    }
    return answer;
}

void api_done(struct api_answer *answer) {
    free(answer->head);
    free(answer->text);
    cJSON_Delete(answer->body);
    *answer = (struct api_answer){.status = 0};
}

/* ---- requests */

/* The library's answer as the tests know it. */
static struct api_answer answer_of(const struct instalment_reply *reply) {
    size_t len = 0;
    const char *text = instalment_body(reply, &len);
    struct api_answer answer = {.status = instalment_status(reply),
                                .head = strdup(instalment_head(reply)),
                                .text = malloc(len + 1),
                                .text_len = len,
                                .body = cJSON_Parse(text)};
    assert_non_null(answer.text);
    memcpy(answer.text, text, len + 1);
    return answer;
}

/* A handle for each request: none finds a connection that an earlier one has left. */
struct api_answer api_request(struct api *api, const struct api_person *who, const char *method,
                              const char *path, const char *body, const char *const *headers) {
    char url[API_TEXT];
    const struct instalment_options options = {
        .url = url, .ca = api->ca, .terminal = api->terminal, .seconds = ANSWER_SECONDS};
    const struct instalment_request request = {
        .method = method, .path = path, .body = body, .headers = headers};
    struct instalment_reply *reply = NULL;
    snprintf(url, sizeof url, "https://127.0.0.1:%d", api->port);
    struct instalment *client = instalment_open(&options);
    assert_non_null(client);
    instalment_set_session(client, who == NULL ? NULL : who->token);
    if (instalment_send(client, &request, &reply) != INSTALMENT_ANSWERED) {
        api_fail(api, "%s %s: %s", method, path, instalment_error(client));
    }
    struct api_answer answer = answer_of(reply);
    instalment_reply_free(&reply);
    instalment_close(&client);
    return answer;
}

struct api_answer api_get(struct api *api, const struct api_person *who, const char *path) {
    return api_request(api, who, "GET", path, NULL, NULL);
}

struct api_answer api_post(struct api *api, const struct api_person *who, const char *path, const char *body,
                           const char *key) {
    char line[API_TEXT];
    const char *const headers[] = {line, NULL};
    snprintf(line, sizeof line, "Idempotency-Key: %s", key == NULL ? "" : key);
    return api_request(api, who, "POST", path, body, key == NULL ? NULL : headers);
}

struct api_answer api_post_twice(struct api *api, const struct api_person *who, const char *path,
                                 const char *body, const char *key) {
    char replayed[8];
    struct api_answer first = api_post(api, who, path, body, key);
    if (first.status < 200 || first.status >= 300) {
        return first;
    }
    struct api_answer again = api_post(api, who, path, body, key);
    if (again.status != first.status || again.text_len != first.text_len ||
        memcmp(again.text, first.text, first.text_len) != 0 ||
        api_header(&first, "Idempotent-Replay", replayed, sizeof replayed) ||
        !api_header(&again, "Idempotent-Replay", replayed, sizeof replayed)) {
        api_fail(api, "POST %s twice with one key: %d %s, then %d %s", path, first.status, first.text,
                 again.status, again.text);
    }
    api_done(&again);
    return first;
}

struct api_answer api_patch(struct api *api, const struct api_person *who, const char *path,
                            const char *body) {
    char line[API_TEXT] = "If-Match: ";
    const char *const headers[] = {line, NULL};
    struct api_answer before = api_get(api, who, path);
    api_expect(api, &before, 200);
    if (!api_header(&before, "ETag", line + strlen(line), sizeof line - strlen(line))) {
        api_fail(api, "GET %s has no ETag", path);
    }
    api_done(&before);
    return api_request(api, who, "PATCH", path, body, headers);
}

const char *api_pin(const struct api *api, const char *staff) {
    for (size_t i = 0; i < api->staff_count; i++) {
        if (strcmp(api->staff[i].staff, staff) == 0) {
            return api->staff[i].pin;
        }
    }
    api_fail(api, "nobody is called %s", staff);
}

struct api_person api_sign_in(struct api *api, const char *staff) {
    struct api_person who;
    char body[API_TEXT];
    memset(&who, 0, sizeof who);
    snprintf(who.staff, sizeof who.staff, "%s", staff);
    snprintf(body, sizeof body, "{\"staff\":\"%s\",\"pin\":\"%s\"}", staff, api_pin(api, staff));
    struct api_answer answer = api_post(api, NULL, "/session", body, NULL);
    api_expect(api, &answer, 201);
    snprintf(who.token, sizeof who.token, "%s", api_text(api, &answer, "token"));
    snprintf(who.csrf, sizeof who.csrf, "%s", api_text(api, &answer, "csrf"));
    api_done(&answer);
    return who;
}

void api_expect(const struct api *api, const struct api_answer *answer, int status) {
    if (answer->status != status) {
        api_fail(api, "status %d instead of %d: %s", answer->status, status, answer->text);
    }
}

void api_expect_problem(const struct api *api, const struct api_answer *answer, int status,
                        const char *code) {
    api_expect(api, answer, status);
    const char *have = api_text(api, answer, "code");
    if (strcmp(have, code) != 0) {
        api_fail(api, "code %s instead of %s: %s", have, code, answer->text);
    }
    char type[64];
    if (!api_header(answer, "Content-Type", type, sizeof type) ||
        strcmp(type, "application/problem+json") != 0) {
        api_fail(api, "a problem that is not application/problem+json");
    }
}

const char *api_text(const struct api *api, const struct api_answer *answer, const char *path) {
    const cJSON *at = answer->body;
    for (const char *part = path; at != NULL && *part != '\0';) {
        char name[64];
        size_t len = strcspn(part, ".");
        snprintf(name, sizeof name, "%.*s", (int)len, part);
        at = cJSON_GetObjectItemCaseSensitive(at, name);
        part += len + (part[len] == '.' ? 1 : 0);
    }
    if (!cJSON_IsString(at)) {
        api_fail(api, "the answer has no text %s: %s", path, answer->text);
    }
    return at->valuestring;
}
