#include "demo_inbox.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sys/clock.h"
#include "sys/log.h"

#define LINE_MAX_BYTES 8192
#define CA_MAX_BYTES 65536
#define END_MS 2000
#define LOOK_MS 10

struct demo_inbox {
    pid_t pid;
    int in;  /* its standard input: closing it ends it */
    int out; /* its line comes here; -1: it has come, or will not come any more */
    char line[LINE_MAX_BYTES];
    size_t len;
    bool has_said;
    cJSON *tree;
    char *ca;
    struct demo_inbox_said said;
    struct event *event;
    void (*ready)(void *context, const struct demo_inbox_said *said);
    void *context;
};

/* ---- starting ---- */

/* "…/instalment-inbox" beside this program; NULL where there is none. */
static char *program_path(void) {
    char own[4096];
    char *path = NULL;
    ssize_t len = readlink("/proc/self/exe", own, sizeof own - 1);
    if (len <= 0)
        return NULL;
    own[len] = '\0';
    char *slash = strrchr(own, '/');
    if (slash == NULL || asprintf(&path, "%.*s/instalment-inbox", (int)(slash - own), own) < 0)
        return NULL;
    if (access(path, X_OK) != 0) {
        free(path);
        return NULL;
    }
    return path;
}

static bool spawn(struct demo_inbox *inbox, char *path, char *data, int in, int out) {
    char demo[] = "--demo";
    char data_word[] = "--data";
    char listen_word[] = "--listen";
    char address[] = "127.0.0.1:0";
    char *const arguments[] = {path, demo, data_word, data, listen_word, address, NULL};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none;
    (void)sigemptyset(&none);
    (void)posix_spawn_file_actions_init(&actions);
    (void)posix_spawnattr_init(&attributes);
    (void)posix_spawnattr_setsigmask(&attributes, &none);
    /* A group of its own: Ctrl-C ends this program, and this program ends the inbox. */
    (void)posix_spawnattr_setpgroup(&attributes, 0);
    (void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
    (void)posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
    (void)posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    int failed = posix_spawn(&inbox->pid, path, &actions, &attributes, arguments, environ);
    (void)posix_spawnattr_destroy(&attributes);
    (void)posix_spawn_file_actions_destroy(&actions);
    if (failed != 0)
        log_warning("event=inbox_not_started error=%s", strerrorname_np(failed));
    return failed == 0;
}

static void close_pair(const int pair[2]) {
    if (pair[0] >= 0)
        (void)close(pair[0]);
    if (pair[1] >= 0)
        (void)close(pair[1]);
}

struct demo_inbox *demo_inbox_start(const char *data) {
    struct demo_inbox *inbox = calloc(1, sizeof *inbox);
    char *path = program_path();
    char *below = NULL;
    int in[2] = {-1, -1};
    int out[2] = {-1, -1};
    bool good = inbox != NULL && path != NULL && asprintf(&below, "%s/inbox", data) >= 0 &&
                pipe2(in, O_CLOEXEC) == 0 && pipe2(out, O_CLOEXEC) == 0 &&
                spawn(inbox, path, below, in[0], out[1]);
    if (good) {
        (void)close(in[0]);
        (void)close(out[1]);
        inbox->in = in[1];
        inbox->out = out[0];
        (void)fcntl(inbox->out, F_SETFL, O_NONBLOCK);
    } else {
        close_pair(in);
        close_pair(out);
        free(inbox);
        inbox = NULL;
    }
    free(below);
    free(path);
    return inbox;
}

/* ---- its line ---- */

static char *read_file(const char *path) {
    char *text = calloc(1, CA_MAX_BYTES);
    FILE *file = fopen(path, "re");
    size_t len = text == NULL || file == NULL ? 0 : fread(text, 1, CA_MAX_BYTES - 1, file);
    if (file != NULL)
        (void)fclose(file);
    if (len == 0) {
        free(text);
        return NULL;
    }
    return text;
}

static const char *text_of(const cJSON *tree, const char *name) {
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(tree, name);
    return cJSON_IsString(member) ? member->valuestring : NULL;
}

static void take_line(struct demo_inbox *inbox) {
    inbox->tree = cJSON_ParseWithLength(inbox->line, inbox->len);
    const char *ca = text_of(inbox->tree, "ca");
    inbox->ca = ca == NULL ? NULL : read_file(ca);
    inbox->said = (struct demo_inbox_said){.page = text_of(inbox->tree, "page"),
                                           .endpoint = text_of(inbox->tree, "endpoint"),
                                           .ca = inbox->ca,
                                           .secret = text_of(inbox->tree, "secret")};
    inbox->has_said = inbox->said.page != NULL && inbox->said.endpoint != NULL && inbox->said.ca != NULL &&
                      inbox->said.secret != NULL;
    if (!inbox->has_said)
        log_warning("event=inbox_not_understood");
}

static void stop_reading(struct demo_inbox *inbox) {
    if (inbox->out >= 0)
        (void)close(inbox->out);
    inbox->out = -1;
}

/* Reads what is there. True: the line is complete, or will never be. */
static bool read_line(struct demo_inbox *inbox) {
    while (inbox->len < sizeof inbox->line - 1) {
        ssize_t got = read(inbox->out, inbox->line + inbox->len, sizeof inbox->line - 1 - inbox->len);
        if (got < 0 && errno == EAGAIN)
            return false;
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        inbox->len += (size_t)got;
        if (memchr(inbox->line, '\n', inbox->len) != NULL) {
            take_line(inbox);
            break;
        }
    }
    stop_reading(inbox);
    return true;
}

const struct demo_inbox_said *demo_inbox_wait(struct demo_inbox *inbox, int64_t until_ms) {
    while (inbox->out >= 0 && !read_line(inbox)) {
        int64_t left = until_ms - clock_elapsed_ms();
        struct pollfd descriptor = {.fd = inbox->out, .events = POLLIN};
        if (left <= 0)
            break;
        (void)poll(&descriptor, 1, (int)left);
    }
    return inbox->has_said ? &inbox->said : NULL;
}

static void on_line(evutil_socket_t fd, short what, void *context) {
    struct demo_inbox *inbox = context;
    (void)fd;
    (void)what;
    struct event *event = inbox->event;
    if (event == NULL || !read_line(inbox))
        return;
    inbox->event = NULL;
    event_free(event);
    if (inbox->has_said)
        inbox->ready(inbox->context, &inbox->said);
}

bool demo_inbox_on_ready(struct demo_inbox *inbox, struct event_base *base,
                         void (*ready)(void *context, const struct demo_inbox_said *said), void *context) {
    if (inbox->out < 0)
        return true;
    inbox->ready = ready;
    inbox->context = context;
    inbox->event = event_new(base, inbox->out, EV_READ | EV_PERSIST, on_line, inbox);
    return inbox->event != NULL && event_add(inbox->event, NULL) == 0;
}

/* ---- its end ---- */

static bool has_ended(pid_t pid) {
    int status = 0;
    return waitpid(pid, &status, WNOHANG) != 0;
}

void demo_inbox_free(struct demo_inbox **inbox) {
    struct demo_inbox *one = *inbox;
    *inbox = NULL;
    if (one == NULL)
        return;
    if (one->event != NULL)
        event_free(one->event);
    stop_reading(one);
    (void)close(one->in);
    (void)kill(one->pid, SIGTERM);
    int64_t until = clock_elapsed_ms() + END_MS;
    bool ended = has_ended(one->pid);
    while (!ended && clock_elapsed_ms() < until) {
        (void)poll(NULL, 0, LOOK_MS);
        ended = has_ended(one->pid);
    }
    if (!ended) {
        (void)kill(one->pid, SIGKILL);
        (void)waitpid(one->pid, NULL, 0);
    }
    cJSON_Delete(one->tree);
    free(one->ca);
    free(one);
}
