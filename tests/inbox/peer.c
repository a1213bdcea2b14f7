#include "peer.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <ftw.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define READY_SECONDS 20
#define ANSWER_MAX ((size_t)4 << 20)

static void show_log(const struct peer *peer) {
    char path[PEER_TEXT + 8], line[1024];
    snprintf(path, sizeof path, "%s/log", peer->folder);
    FILE *file = fopen(path, "r");
    fprintf(stderr, "---- the inbox's log\n");
    while (file != NULL && fgets(line, sizeof line, file) != NULL) {
        fputs(line, stderr);
    }
    fprintf(stderr, "----\n");
    if (file != NULL) {
        fclose(file);
    }
}

void peer_fail(const struct peer *peer, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
    show_log(peer);
    fail();
    abort();
}

/* ---- the program ------------------------------------------------------------------------------------------- */

static void program(char out[PEER_TEXT]) {
    const char *folder = getenv("TEST_BIN");
    snprintf(out, PEER_TEXT, "%s/instalment-inbox", folder == NULL ? "build/bin" : folder);
}

static void run_inbox(const struct peer *peer, int in, int out) {
    char path[PEER_TEXT], data[PEER_TEXT + 8], conf[PEER_TEXT + 8], log[PEER_TEXT + 8];
    program(path);
    snprintf(data, sizeof data, "%s/data", peer->folder);
    snprintf(conf, sizeof conf, "%s/conf", peer->folder);
    snprintf(log, sizeof log, "%s/log", peer->folder);
    const char *list[9] = {path, "--data", data, "--listen", "127.0.0.1:0", "--config", conf};
    if (peer->real) {
        setenv("CREDENTIALS_DIRECTORY", peer->folder, 1);
    } else {
        list[7] = "--demo";
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    int err = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    if (err < 0 || dup2(err, 2) < 0 || dup2(out, 1) < 0 || dup2(in, 0) < 0) {
        _exit(126);
    }
    execv(path, (char *const *)(uintptr_t)list);
    _exit(127);
}

static void read_ready(struct peer *peer, const char *line) {
    cJSON_Delete(peer->ready);
    peer->ready = cJSON_Parse(line);
    const char *url = cJSON_GetStringValue(cJSON_GetObjectItem(peer->ready, "url"));
    const char *ca = cJSON_GetStringValue(cJSON_GetObjectItem(peer->ready, "ca"));
    const char *secret = cJSON_GetStringValue(cJSON_GetObjectItem(peer->ready, "secret"));
    if (url == NULL || ca == NULL || (secret == NULL) != peer->real) {
        peer_fail(peer, "not a ready line: %s", line);
    }
    peer->port = (int)strtol(strrchr(url, ':') + 1, NULL, 10);
    if (secret != NULL) {
        snprintf(peer->secret, sizeof peer->secret, "%s", secret);
    }
    SSL_CTX_free(peer->tls);
    peer->tls = SSL_CTX_new(TLS_client_method());
    SSL_CTX_set_verify(peer->tls, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_options(peer->tls, SSL_OP_IGNORE_UNEXPECTED_EOF);
    if (SSL_CTX_load_verify_locations(peer->tls, ca, NULL) != 1) {
        peer_fail(peer, "the certificate %s cannot be read", ca);
    }
}

void peer_start_again(struct peer *peer) {
    int in[2], out[2];
    char line[4096];
    size_t len = 0;
    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    peer->pid = fork();
    if (peer->pid == 0) {
        run_inbox(peer, in[0], out[1]);
    }
    close(in[0]);
    close(out[1]);
    peer->keep = in[1];
    time_t end = time(NULL) + READY_SECONDS;
    while (len + 1 < sizeof line && (len == 0 || line[len - 1] != '\n')) {
        struct pollfd wait = {.fd = out[0], .events = POLLIN};
        if (time(NULL) > end || poll(&wait, 1, 1000) < 0) {
            peer_fail(peer, "the inbox is not ready");
        }
        if (wait.revents != 0 && read(out[0], line + len++, 1) <= 0) {
            peer_fail(peer, "the inbox ended before it was ready");
        }
    }
    line[len] = '\0';
    close(out[0]);
    read_ready(peer, line);
}

void peer_config(struct peer *peer, const char *config) {
    char path[PEER_TEXT + 8];
    snprintf(path, sizeof path, "%s/conf", peer->folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(config == NULL ? "" : config, file);
    fclose(file);
}

struct peer *peer_start(const char *config) {
    struct peer *peer = calloc(1, sizeof *peer);
    char folder[] = "/tmp/instalment-inbox-test-XXXXXX";
    assert_non_null(peer);
    assert_non_null(mkdtemp(folder));
    snprintf(peer->folder, sizeof peer->folder, "%s", folder);
    signal(SIGPIPE, SIG_IGN);
    peer_config(peer, config);
    peer_start_again(peer);
    return peer;
}

static void wait_end(struct peer *peer) {
    int status = 0;
    for (int i = 0; i < 1000; i++) {
        if (waitpid(peer->pid, &status, WNOHANG) == peer->pid) {
            peer->pid = 0;
            if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
                peer_fail(peer, "the inbox ended with %x", (unsigned)status);
            }
            return;
        }
        poll(NULL, 0, 20);
    }
    peer_fail(peer, "the inbox does not end");
}

void peer_end(struct peer *peer) {
    close(peer->keep);
    wait_end(peer);
}

void peer_terminate(struct peer *peer) {
    kill(peer->pid, SIGTERM);
    wait_end(peer);
    close(peer->keep);
}

void peer_kill(struct peer *peer) {
    kill(peer->pid, SIGKILL);
    waitpid(peer->pid, NULL, 0);
    peer->pid = 0;
    close(peer->keep);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *where) {
    (void)status;
    (void)kind;
    (void)where;
    return remove(path);
}

void peer_stop(struct peer **peer) {
    if (*peer == NULL) {
        return;
    }
    if ((*peer)->pid > 0) {
        peer_end(*peer);
    }
    nftw((*peer)->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    cJSON_Delete((*peer)->ready);
    SSL_CTX_free((*peer)->tls);
    free(*peer);
    *peer = NULL;
}

int peer_run(const char *const *arguments, const char *input, char *out, size_t size) {
    char path[PEER_TEXT];
    const char *list[16] = {path};
    int in[2], from[2], status = 0;
    size_t len = 0;
    program(path);
    for (size_t i = 0; arguments[i] != NULL && i < 14; i++) {
        list[i + 1] = arguments[i];
    }
    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    assert_int_equal(pipe2(from, O_CLOEXEC), 0);
    int pid = fork();
    if (pid == 0) {
        if (dup2(in[0], 0) < 0 || dup2(from[1], 1) < 0 || dup2(from[1], 2) < 0) {
            _exit(126);
        }
        execv(path, (char *const *)(uintptr_t)list);
        _exit(127);
    }
    close(in[0]);
    close(from[1]);
    if (input != NULL) {
        assert_int_equal(write(in[1], input, strlen(input)), strlen(input));
    }
    close(in[1]);
    for (ssize_t got = 1; got > 0 && len + 1 < size;) {
        got = read(from[0], out + len, size - 1 - len);
        len += got > 0 ? (size_t)got : 0;
    }
    out[len] = '\0';
    close(from[0]);
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* ---- requests ---------------------------------------------------------------------------------------------- */

SSL *peer_connect(struct peer *peer) {
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)peer->port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    const struct timeval most = {.tv_sec = 30};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &most, sizeof most);
    SSL *tls = SSL_new(peer->tls);
    assert_non_null(tls);
    SSL_set_fd(tls, fd);
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), "127.0.0.1");
    if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0 || SSL_connect(tls) != 1) {
        SSL_free(tls);
        close(fd);
        return NULL;
    }
    return tls;
}

void peer_disconnect(SSL **tls) {
    if (*tls != NULL) {
        int fd = SSL_get_fd(*tls);
        SSL_free(*tls);
        close(fd);
        *tls = NULL;
    }
}

static bool send_all(SSL *tls, const char *bytes, size_t len) {
    while (len > 0) {
        int sent = SSL_write(tls, bytes, len > 65536 ? 65536 : (int)len);
        if (sent <= 0) {
            return false;
        }
        bytes += sent;
        len -= (size_t)sent;
    }
    return true;
}

/* How long the whole answer is; 0: its head is not there yet. */
static size_t answer_len(const char *bytes, size_t len) {
    const char *end = memmem(bytes, len, "\r\n\r\n", 4);
    if (end == NULL) {
        return 0;
    }
    const char *at = strcasestr(bytes, "\r\nContent-Length:");
    return (size_t)(end - bytes) + 4 + (at == NULL || at > end ? 0 : strtoul(at + 17, NULL, 10));
}

struct peer_answer peer_receive(SSL *tls) {
    struct peer_answer answer = {0};
    char *bytes = calloc(1, ANSWER_MAX);
    size_t len = 0, want = 0;
    assert_non_null(bytes);
    while (tls != NULL && len + 1 < ANSWER_MAX && (want == 0 || len < want)) {
        int got = SSL_read(tls, bytes + len, (int)(ANSWER_MAX - 1 - len));
        if (got <= 0) {
            break;
        }
        len += (size_t)got;
        bytes[len] = '\0';
        want = answer_len(bytes, len);
    }
    char *end = strstr(bytes, "\r\n\r\n");
    answer.text = strdup(end == NULL ? "" : end + 4);
    if (end != NULL) {
        *end = '\0';
        answer.status = (int)strtol(bytes + 9, NULL, 10);
        answer.body = cJSON_Parse(answer.text);
    }
    answer.head = bytes;
    return answer;
}

struct peer_answer peer_request(struct peer *peer, const char *method, const char *path,
                                const char *const *headers, const char *body, size_t len) {
    char head[8192];
    size_t at = (size_t)snprintf(head, sizeof head, "%s %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n", method, path,
                                 peer->port);
    for (size_t i = 0; headers != NULL && headers[i] != NULL; i++) {
        at += (size_t)snprintf(head + at, sizeof head - at, "%s\r\n", headers[i]);
    }
    at += body == NULL ? 0 : (size_t)snprintf(head + at, sizeof head - at, "Content-Length: %zu\r\n", len);
    at += (size_t)snprintf(head + at, sizeof head - at, "Connection: close\r\n\r\n");
    assert_true(at < sizeof head);
    SSL *tls = peer_connect(peer);
    if (tls == NULL) {
        peer_fail(peer, "no connection");
    }
    if (send_all(tls, head, at) && body != NULL) {
        (void)send_all(tls, body, len);
    }
    struct peer_answer answer = peer_receive(tls);
    peer_disconnect(&tls);
    return answer;
}

struct peer_answer peer_get(struct peer *peer, const char *path, const char *const *headers) {
    return peer_request(peer, "GET", path, headers, NULL, 0);
}

void peer_expect(const struct peer *peer, const struct peer_answer *answer, int status) {
    if (answer->status != status) {
        peer_fail(peer, "answered %d, expected %d: %s\n%s", answer->status, status, answer->head,
                  answer->text);
    }
}

void peer_done(struct peer_answer *answer) {
    cJSON_Delete(answer->body);
    free(answer->head);
    free(answer->text);
    *answer = (struct peer_answer){0};
}

const char *peer_text(const struct peer_answer *answer, const char *path) {
    const cJSON *at = answer->body;
    char step[64];
    while (at != NULL && *path != '\0') {
        size_t len = strcspn(path, ".");
        snprintf(step, sizeof step, "%.*s", (int)len, path);
        at = step[0] >= '0' && step[0] <= '9' ? cJSON_GetArrayItem(at, (int)strtol(step, NULL, 10))
                                              : cJSON_GetObjectItemCaseSensitive(at, step);
        path += path[len] == '.' ? len + 1 : len;
    }
    return cJSON_IsString(at) ? at->valuestring : "";
}

/* ---- messages ---------------------------------------------------------------------------------------------- */

void peer_id(char out[PEER_ID]) {
    unsigned char b[16];
    assert_int_equal(RAND_bytes(b, sizeof b), 1);
    snprintf(out, PEER_ID, "%02x%02x%02x%02x-%02x%02x-7%02x%x-8%02x%x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
             b[2], b[3], b[4], b[5], b[6], b[7] & 15U, b[8], b[9] & 15U, b[10], b[11], b[12], b[13], b[14],
             b[15]);
}

static char *replaced(char *text, const char *what, const char *with) {
    size_t count = 0;
    for (const char *at = text; (at = strstr(at, what)) != NULL; at += strlen(what)) {
        count++;
    }
    char *out = calloc(1, strlen(text) + count * strlen(with) + 1);
    assert_non_null(out);
    char *to = out;
    const char *from = text;
    for (const char *at; (at = strstr(from, what)) != NULL; from = at + strlen(what)) {
        memcpy(to, from, (size_t)(at - from));
        to += at - from;
        memcpy(to, with, strlen(with));
        to += strlen(with);
    }
    memcpy(to, from, strlen(from) + 1);
    free(text);
    return out;
}

char *peer_message(const char *name, const char *id, const char *corrects) {
    char path[PEER_TEXT];
    char *text = calloc(1, 65536);
    snprintf(path, sizeof path, "tests/inbox/messages/%s.json", name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(text);
    assert_true(fread(text, 1, 65535, file) > 0);
    fclose(file);
    text = replaced(text, "@ID@", id);
    text = replaced(text, "@SENT@", "2026-11-23T18:31:00+00:00");
    text = replaced(text, "@DUE@", "2026-11-23T22:31:00+00:00");
    return replaced(text, "@CORRECTS@", corrects == NULL ? "" : corrects);
}

struct peer_signed peer_sign(const char *secret, const char *id, const char *body, size_t len, long late) {
    struct peer_signed out;
    unsigned char key[128], mac[EVP_MAX_MD_SIZE], text[64];
    char *all = malloc(len + 256);
    unsigned mac_len = 0;
    assert_non_null(all);
    const char *encoded = secret + strlen("whsec_");
    int key_len = EVP_DecodeBlock(key, (const unsigned char *)encoded, (int)strlen(encoded));
    for (size_t i = strlen(encoded); i > 0 && encoded[i - 1] == '='; i--) {
        key_len--;
    }
    size_t at = (size_t)snprintf(all, 256, "%s.%ld.", id, (long)time(NULL) - late);
    memcpy(all + at, body, len);
    assert_non_null(HMAC(EVP_sha256(), key, key_len, (unsigned char *)all, at + len, mac, &mac_len));
    EVP_EncodeBlock(text, mac, (int)mac_len);
    free(all);
    snprintf(out.id, sizeof out.id, "webhook-id: %s", id);
    snprintf(out.timestamp, sizeof out.timestamp, "webhook-timestamp: %ld", (long)time(NULL) - late);
    snprintf(out.signature, sizeof out.signature, "webhook-signature: v1,%s", (char *)text);
    return out;
}

struct peer_answer peer_post(struct peer *peer, const char *id, const char *body, const char *more) {
    struct peer_signed mark = peer_sign(peer->secret, id, body, strlen(body), 0);
    const char *headers[] = {"Content-Type: application/fhir+json; fhirVersion=4.0",
                             mark.id,
                             mark.timestamp,
                             mark.signature,
                             more,
                             NULL};
    return peer_request(peer, "POST", "/fhir/$process-message", headers, body, strlen(body));
}

void peer_send(struct peer *peer, const char *name, char id[PEER_ID]) {
    peer_id(id);
    char *body = peer_message(name, id, NULL);
    struct peer_answer answer = peer_post(peer, id, body, NULL);
    peer_expect(peer, &answer, 200);
    peer_done(&answer);
    free(body);
}

void peer_poll(struct peer *peer, const char *id, char *out, size_t size) {
    char path[PEER_TEXT];
    snprintf(path, sizeof path, "/fhir/Task?identifier=urn:instalmentd:alert%%7C%s", id);
    struct peer_answer answer = peer_get(peer, path, NULL);
    peer_expect(peer, &answer, 200);
    snprintf(out, size, "%s", peer_text(&answer, "entry.0.resource.status"));
    peer_done(&answer);
}

/* ---- people ------------------------------------------------------------------------------------------------ */

struct peer_person peer_sign_in(struct peer *peer, int which) {
    static const char *const headers[] = {"Content-Type: application/json", NULL};
    struct peer_person who = {0};
    char *body = cJSON_PrintUnformatted(cJSON_GetArrayItem(cJSON_GetObjectItem(peer->ready, "staff"), which));
    struct peer_answer answer = peer_request(peer, "POST", "/api/session", headers, body, strlen(body));
    peer_expect(peer, &answer, 200);
    const char *cookie = strcasestr(answer.head, "\r\nSet-Cookie: ");
    assert_non_null(cookie);
    cookie += strlen("\r\nSet-Cookie: ");
    snprintf(who.cookie, sizeof who.cookie, "Cookie: %.*s", (int)strcspn(cookie, ";"), cookie);
    snprintf(who.csrf, sizeof who.csrf, "X-CSRF-Token: %s", peer_text(&answer, "csrf"));
    peer_done(&answer);
    cJSON_free(body);
    return who;
}

struct peer_answer peer_act(struct peer *peer, const struct peer_person *who, const char *id,
                            const char *body) {
    char path[PEER_TEXT];
    const char *headers[] = {"Content-Type: application/json", who->cookie, who->csrf, NULL};
    snprintf(path, sizeof path, "/api/alerts/%s/actions", id);
    return peer_request(peer, "POST", path, headers, body, strlen(body));
}

long peer_count(const struct peer *peer, const char *sql) {
    char path[PEER_TEXT + 16];
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    snprintf(path, sizeof path, "%s/data/inbox.db", peer->folder);
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sqlite3_busy_timeout(db, 5000);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    long count = (long)sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return count;
}
