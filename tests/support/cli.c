#include "cli.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define RUN_SECONDS 30
#define WAIT_SECONDS 10
#define ARGUMENTS_MAX 40
#define CHUNK 65536

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* ---- one person's place */

void cli_open(struct cli *cli, struct api *api) {
    memset(cli, 0, sizeof *cli);
    cli->api = api;
    cli->socket = api == NULL ? NULL : api->socket;
    char folder[] = "/tmp/instalment-cli-XXXXXX";
    assert_non_null(mkdtemp(folder));
    snprintf(cli->runtime, sizeof cli->runtime, "%s", folder);
}

void cli_close(struct cli *cli) {
    pid_t child = cli->runtime[0] == '\0' ? -1 : fork();
    if (child == 0) {
        execlp("rm", "rm", "-rf", cli->runtime, (char *)NULL);
        _exit(127);
    }
    if (child > 0) {
        waitpid(child, NULL, 0);
    }
    cli->runtime[0] = '\0';
}

const char *cli_file(struct cli *cli, const char *name, const char *text) {
    static char paths[4][API_TEXT * 2];
    static size_t turn;
    char *path = paths[turn++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", cli->runtime, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    return path;
}

/* In the child: becomes the program. */
static _Noreturn void become(const struct cli *cli, const char *const *arguments) {
    const char *folder = getenv("TEST_BIN");
    char program[API_TEXT];
    const char *list[ARGUMENTS_MAX] = {program};
    size_t count = 1;
    snprintf(program, sizeof program, "%s/instalment", folder == NULL ? "build/bin" : folder);
    for (; *arguments != NULL && count + 1 < ARGUMENTS_MAX; arguments++) {
        list[count++] = *arguments;
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, SIG_DFL);
    setenv("XDG_RUNTIME_DIR", cli->runtime, 1);
    setenv("TERM", "xterm-256color", 1);
    unsetenv("NO_COLOR");
    unsetenv("INSTALMENT_SOCKET");
    unsetenv("INSTALMENT_TERMINAL");
    if (cli->socket != NULL) {
        setenv("INSTALMENT_SOCKET", cli->socket, 1);
    }
    for (size_t i = 0; i < CLI_TEST_VARIABLES && cli->environment[i] != NULL; i++) {
        putenv((char *)(uintptr_t)cli->environment[i]);
    }
    execv(program, (char *const *)(uintptr_t)list);
    _exit(127);
}

/* ---- what was said */

static void show(const char *title, const char *text) {
    fprintf(stderr, "---- %s\n%s\n", title, text == NULL ? "" : text);
}

static _Noreturn __attribute__((format(printf, 2, 3))) void give_up(const struct cli *cli, const char *format,
                                                                    ...) {
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (cli->api != NULL) {
        api_fail(cli->api, "%s", text);
    }
    fprintf(stderr, "%s\n", text);
    fail();
    abort();
}

void cli_expect(const struct cli *cli, const struct cli_said *said, int status) {
    if (said->status != status) {
        show("standard output", said->out);
        show("standard error", said->err);
        give_up(cli, "instalment ended with %d, not with %d", said->status, status);
    }
}

bool cli_has(const struct cli_said *said, const char *text) {
    return strstr(said->out, text) != NULL;
}

bool cli_complains(const struct cli_said *said, const char *text) {
    return strstr(said->err, text) != NULL;
}

cJSON *cli_json(const struct cli *cli, const struct cli_said *said) {
    cJSON *tree = cJSON_Parse(said->out);
    if (tree == NULL) {
        show("standard output", said->out);
        give_up(cli, "this is no JSON");
    }
    return tree;
}

void cli_done(struct cli_said *said) {
    free(said->out);
    free(said->err);
    memset(said, 0, sizeof *said);
}

static int status_of(int status) {
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* ---- without a terminal */

struct stream {
    int fd; /* -1: closed */
    char *bytes;
    size_t len;
};

static void read_some(struct stream *stream) {
    char *grown = realloc(stream->bytes, stream->len + CHUNK + 1);
    assert_non_null(grown);
    stream->bytes = grown;
    ssize_t got = read(stream->fd, stream->bytes + stream->len, CHUNK);
    if (got <= 0) {
        close(stream->fd);
        stream->fd = -1;
    } else {
        stream->len += (size_t)got;
    }
    stream->bytes[stream->len] = '\0';
}

/* Feeds and reads until both outputs have ended; -1 as the status of a child that takes too long. */
static bool exchange(int input, const char *text, struct stream *out, struct stream *err) {
    int64_t end = now_ms() + (int64_t)RUN_SECONDS * 1000;
    size_t left = strlen(text);
    while (out->fd >= 0 || err->fd >= 0 || input >= 0) {
        if (input >= 0 && left == 0) {
            close(input);
            input = -1;
            continue;
        }
        struct pollfd wait[3] = {
            {.fd = out->fd, .events = POLLIN}, {.fd = err->fd, .events = POLLIN}, {input, POLLOUT, 0}};
        if (now_ms() > end || poll(wait, 3, 1000) < 0) {
            return false;
        }
        if (wait[0].revents != 0) {
            read_some(out);
        }
        if (wait[1].revents != 0) {
            read_some(err);
        }
        if (wait[2].revents != 0) {
            ssize_t done = write(input, text, left);
            text += done > 0 ? done : 0;
            left = done > 0 ? left - (size_t)done : 0; /* it does not want the rest */
        }
    }
    return true;
}

static struct cli_said run(struct cli *cli, const char *input, const char *const *arguments, bool unread) {
    int in[2], out[2], err[2];
    int64_t begin = now_ms();
    assert_int_equal(pipe2(in, O_CLOEXEC), 0);
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    assert_int_equal(pipe2(err, O_CLOEXEC), 0);
    if (unread) {
        close(out[0]);
        out[0] = -1;
    }
    pid_t pid = fork();
    if (pid == 0) {
        if (dup2(in[0], 0) < 0 || dup2(out[1], 1) < 0 || dup2(err[1], 2) < 0) {
            _exit(126);
        }
        become(cli, arguments);
    }
    close(in[0]);
    close(out[1]);
    close(err[1]);
    struct stream output = {out[0], calloc(1, 1), 0}, error = {err[0], calloc(1, 1), 0};
    bool ended = exchange(in[1], input == NULL ? "" : input, &output, &error);
    int status = 0;
    if (!ended) {
        kill(pid, SIGKILL);
    }
    waitpid(pid, &status, 0);
    if (!ended) {
        show("standard output", output.bytes);
        show("standard error", error.bytes);
        give_up(cli, "instalment %s did not end", arguments[0]);
    }
    return (struct cli_said){status_of(status), output.bytes, output.len,
                             error.bytes,       error.len,    (int)(now_ms() - begin)};
}

struct cli_said cli_run(struct cli *cli, const char *input, const char *const *arguments) {
    return run(cli, input, arguments, false);
}

struct cli_said cli_run_unread(struct cli *cli, const char *input, const char *const *arguments) {
    return run(cli, input, arguments, true);
}

void cli_sign_in(struct cli *cli, const char *staff) {
    char line[64];
    snprintf(line, sizeof line, "%s\n", api_pin(cli->api, staff));
    struct cli_said said = CLI_FEED(cli, line, "--pin-stdin", "sign-in", staff);
    cli_expect(cli, &said, 0);
    cli_done(&said);
}

/* ---- under a pseudo-terminal */

struct cli_terminal cli_terminal(struct cli *cli, int columns, const char *const *arguments) {
    struct cli_terminal terminal = {.cli = cli, .seen = calloc(1, 1)};
    struct winsize size = {.ws_row = 24, .ws_col = (unsigned short)columns};
    assert_non_null(terminal.seen);
    terminal.pid = forkpty(&terminal.fd, NULL, NULL, &size);
    if (terminal.pid == 0) {
        become(cli, arguments);
    }
    assert_true(terminal.pid > 0);
    fcntl(terminal.fd, F_SETFD, FD_CLOEXEC);
    return terminal;
}

/* More of what the program shows. False: it has ended, or the time is over. */
static bool see(struct cli_terminal *terminal, int64_t end) {
    struct pollfd wait = {.fd = terminal->fd, .events = POLLIN};
    int64_t left = end - now_ms();
    if (left <= 0 || poll(&wait, 1, (int)left) <= 0) {
        return false;
    }
    char *grown = realloc(terminal->seen, terminal->seen_len + CHUNK + 1);
    assert_non_null(grown);
    terminal->seen = grown;
    ssize_t got = read(terminal->fd, terminal->seen + terminal->seen_len, CHUNK);
    terminal->seen_len += got > 0 ? (size_t)got : 0;
    terminal->seen[terminal->seen_len] = '\0';
    return got > 0;
}

void cli_wait(struct cli_terminal *terminal, const char *text) {
    int64_t end = now_ms() + (int64_t)WAIT_SECONDS * 1000;
    for (;;) {
        const char *found = strstr(terminal->seen + terminal->looked, text);
        if (found != NULL) {
            terminal->looked = (size_t)(found - terminal->seen) + strlen(text);
            return;
        }
        if (!see(terminal, end)) {
            show("on the terminal", terminal->seen);
            kill(terminal->pid, SIGKILL);
            give_up(terminal->cli, "this did not come: %s", text);
        }
    }
}

void cli_type(struct cli_terminal *terminal, const char *keys) {
    size_t left = strlen(keys);
    while (left > 0) {
        ssize_t done = write(terminal->fd, keys, left);
        assert_true(done > 0);
        keys += done;
        left -= (size_t)done;
    }
}

void cli_answer(struct cli_terminal *terminal, const char *question, const char *answer) {
    cli_wait(terminal, question);
    cli_type(terminal, answer);
    cli_type(terminal, "\n");
}

bool cli_echoes(const struct cli_terminal *terminal) {
    struct termios settings;
    assert_int_equal(tcgetattr(terminal->fd, &settings), 0);
    return (settings.c_lflag & (tcflag_t)ECHO) != 0;
}

void cli_give_pin(struct cli_terminal *terminal, const char *staff) {
    char question[96];
    int64_t end = now_ms() + (int64_t)WAIT_SECONDS * 1000;
    snprintf(question, sizeof question, "PIN of %s: ", staff);
    cli_wait(terminal, question);
    while (cli_echoes(terminal)) { /* the question comes just before */
        assert_true(now_ms() < end);
        poll(NULL, 0, 1);
    }
    cli_type(terminal, api_pin(terminal->cli->api, staff));
    cli_type(terminal, "\n");
}

static int reap(struct cli_terminal *terminal) {
    int64_t end = now_ms() + (int64_t)WAIT_SECONDS * 1000;
    int status = 0;
    while (see(terminal, end)) {}
    if (now_ms() >= end) {
        show("on the terminal", terminal->seen);
        kill(terminal->pid, SIGKILL);
        give_up(terminal->cli, "instalment did not end");
    }
    waitpid(terminal->pid, &status, 0);
    terminal->pid = 0;
    return status_of(status);
}

void cli_drop(struct cli_terminal *terminal) {
    close(terminal->fd);
    free(terminal->seen);
    memset(terminal, 0, sizeof *terminal);
    terminal->fd = -1;
}

void cli_ends(struct cli_terminal *terminal, int status, char **seen) {
    int ended = reap(terminal);
    if (ended != status) {
        show("on the terminal", terminal->seen);
        give_up(terminal->cli, "instalment ended with %d, not with %d", ended, status);
    }
    if (seen != NULL) {
        *seen = terminal->seen;
        terminal->seen = NULL;
    }
    cli_drop(terminal);
}

int cli_kill(struct cli_terminal *terminal, int number) {
    kill(terminal->pid, number);
    return reap(terminal);
}
