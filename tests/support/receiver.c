#include "receiver.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define BOOK_MAX ((size_t)32 << 20)

/* One line, without its end; to be freed. */
static char *read_line(struct receiver *r) {
    char *line = NULL;
    size_t room = 0;
    ssize_t len = getline(&line, &room, r->from);
    if (len <= 0 || (size_t)len > BOOK_MAX) {
        fail_msg("the receiver has ended");
    }
    line[len - 1] = '\0';
    return line;
}

static cJSON *command(struct receiver *r, const char *text) {
    fprintf(r->to, "%s\n", text);
    fflush(r->to);
    char *line = read_line(r);
    cJSON *answer = cJSON_Parse(line);
    if (answer == NULL) {
        fail_msg("the receiver answered %s with %s", text, line);
    }
    free(line);
    return answer;
}

static bool command_ok(struct receiver *r, const char *text) {
    cJSON *answer = command(r, text);
    bool ok = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(answer, "ok"));
    cJSON_Delete(answer);
    return ok;
}

struct receiver *receiver_start(void) {
    int in[2], out[2];
    struct receiver *r = calloc(1, sizeof *r);
    assert_non_null(r);
    const char *temporary = getenv("TMPDIR");
    (void)snprintf(r->folder, sizeof r->folder, "%s/instalment-receiver-XXXXXX",
                   temporary == NULL ? "/tmp" : temporary);
    assert_non_null(mkdtemp(r->folder));
    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    r->pid = fork();
    assert_true(r->pid >= 0);
    if (r->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (dup2(in[0], 0) >= 0 && dup2(out[1], 1) >= 0) {
            execlp("python3", "python3", "tests/support/receiver.py", r->folder, (char *)NULL);
        }
        _exit(126);
    }
    close(in[0]);
    close(out[1]);
    r->to = fdopen(in[1], "w");
    r->from = fdopen(out[0], "r");
    assert_true(r->to != NULL && r->from != NULL);
    char *line = read_line(r);
    r->ports = cJSON_Parse(line);
    free(line);
    assert_non_null(r->ports);
    return r;
}

void receiver_stop(struct receiver **receiver) {
    struct receiver *r = *receiver;
    char remove[RECEIVER_TEXT + 32];
    *receiver = NULL;
    if (r == NULL) {
        return;
    }
    receiver_nginx_stop(r);
    fclose(r->to);
    fclose(r->from);
    kill(r->pid, SIGKILL);
    waitpid(r->pid, NULL, 0);
    cJSON_Delete(r->ports);
    (void)snprintf(remove, sizeof remove, "rm -rf '%s'", r->folder);
    assert_int_equal(system(remove), 0);
    free(r);
}

void receiver_url(const struct receiver *r, const char *listener, const char *box, char out[RECEIVER_TEXT]) {
    const cJSON *port = cJSON_GetObjectItemCaseSensitive(r->ports, listener);
    int number = strcmp(listener, "nginx") == 0 ? r->nginx_port : port == NULL ? 0 : port->valueint;
    assert_true(number > 0);
    (void)snprintf(out, RECEIVER_TEXT, "https://127.0.0.1:%d/%s", number, box);
}

char *receiver_pem(const struct receiver *r, const char *name) {
    char path[RECEIVER_TEXT + 64];
    char *text = calloc(1, 16384);
    size_t len = 0;
    (void)snprintf(path, sizeof path, "%s/%s.pem", r->folder, name);
    FILE *file = fopen(path, "r");
    assert_true(text != NULL && file != NULL);
    for (int c = fgetc(file); c != EOF && len < 16000; c = fgetc(file)) {
        if (c == '\n') {
            text[len++] = '\\';
        }
        text[len++] = (char)(c == '\n' ? 'n' : c);
    }
    fclose(file);
    return text;
}

void receiver_set(struct receiver *r, const char *box, const char *members) {
    char text[4096];
    assert_true(snprintf(text, sizeof text, "{\"set\":\"%s\",%s}", box, members) < (int)sizeof text);
    assert_true(command_ok(r, text));
}

void receiver_certificate(struct receiver *r, const char *listener, const char *name) {
    char text[256];
    (void)snprintf(text, sizeof text, "{\"listener\":\"%s\",\"certificate\":\"%s\"}", listener, name);
    assert_true(command_ok(r, text));
}

void receiver_release(struct receiver *r, const char *box) {
    char text[256];
    (void)snprintf(text, sizeof text, "{\"release\":\"%s\"}", box);
    assert_true(command_ok(r, text));
}

bool receiver_wait(struct receiver *r, const char *box, const char *members, int seconds) {
    char text[512];
    (void)snprintf(text, sizeof text, "{\"wait\":\"%s\",%s,\"seconds\":%d}", box, members, seconds);
    return command_ok(r, text);
}

cJSON *receiver_book(struct receiver *r, const char *box) {
    char text[256];
    (void)snprintf(text, sizeof text, "{\"book\":\"%s\"}", box);
    return command(r, text);
}

/* ---- nginx */

static int free_port(void) {
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof at) == 0 &&
                getsockname(fd, (struct sockaddr *)&at, &len) == 0);
    close(fd);
    return ntohs(at.sin_port);
}

static bool listens(int port) {
    struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool there = fd >= 0 && connect(fd, (struct sockaddr *)&at, sizeof at) == 0;
    close(fd);
    return there;
}

static void write_nginx(const struct receiver *r, int rate, bool mutual) {
    char path[RECEIVER_TEXT + 32];
    const char *f = r->folder;
    char behind[RECEIVER_TEXT];
    receiver_url(r, "good", "", behind);
    behind[strlen(behind) - 1] = '\0'; /* the path stays as it came */
    (void)snprintf(path, sizeof path, "%s/nginx.conf", f);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fprintf(
        file,
        "daemon off; master_process off; error_log stderr; pid %s/nginx.pid;\n"
        "events { worker_connections 64; }\n"
        "http { access_log off; client_body_temp_path %s/b; proxy_temp_path %s/p; fastcgi_temp_path %s/f;\n"
        "uwsgi_temp_path %s/u; scgi_temp_path %s/s;\n"
        "limit_req_zone $server_name zone=all:1m rate=%dr/s; limit_req_status 429;\n"
        "server { listen 127.0.0.1:%d ssl; ssl_certificate %s/good.pem; ssl_certificate_key %s/good.key;\n",
        f, f, f, f, f, f, rate, r->nginx_port, f, f);
    if (mutual) {
        fprintf(file, "ssl_client_certificate %s/good-ca.pem; ssl_verify_client on;\n", f);
    }
    fprintf(file,
            "limit_req zone=all burst=2 nodelay;\n"
            "location / { proxy_pass %s; proxy_ssl_trusted_certificate %s/good-ca.pem; proxy_ssl_verify on;\n"
            "proxy_ssl_name localhost; proxy_pass_request_headers on; } } }\n",
            behind, f);
    assert_int_equal(fclose(file), 0);
}

void receiver_nginx(struct receiver *r, int rate, bool mutual) {
    char path[RECEIVER_TEXT + 32];
    receiver_nginx_stop(r);
    r->nginx_port = r->nginx_port == 0 ? free_port() : r->nginx_port;
    write_nginx(r, rate, mutual);
    (void)snprintf(path, sizeof path, "%s/nginx.conf", r->folder);
    r->nginx = fork();
    assert_true(r->nginx >= 0);
    if (r->nginx == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        execlp("nginx", "nginx", "-p", r->folder, "-c", path, (char *)NULL);
        execl("/usr/sbin/nginx", "nginx", "-p", r->folder, "-c", path, (char *)NULL);
        _exit(126);
    }
    for (int i = 0; i < 500 && !listens(r->nginx_port); i++) {
        if (waitpid(r->nginx, NULL, WNOHANG) != 0) {
            fail_msg("nginx ended");
        }
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    assert_true(listens(r->nginx_port));
}

void receiver_nginx_stop(struct receiver *r) {
    if (r->nginx > 0) {
        kill(r->nginx, SIGTERM);
        waitpid(r->nginx, NULL, 0);
    }
    r->nginx = 0;
}
