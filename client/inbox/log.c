#include "log.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define LINE_MAX_BYTES 1024

static enum log_level level_now = LOG_NOTICE;

void log_set_level(enum log_level level) {
    level_now = level;
}

void log_line(enum log_level level, const char *format, ...) {
    static const char *const names[] = {"error", "warning", "notice", "debug"};
    char text[LINE_MAX_BYTES];
    if (level > level_now) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    /* One call, so that lines of several writers stay whole. */
    (void)fprintf(stderr, "level=%s %s\n", names[level], text);
}

void log_notify(const char *state) {
    const char *name = getenv("NOTIFY_SOCKET"); /* NOLINT(concurrency-mt-unsafe): nobody sets it here */
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t len = name == NULL ? 0 : strlen(name);
    if (name == NULL || (name[0] != '/' && name[0] != '@') || len < 2 || len >= sizeof address.sun_path) {
        return;
    }
    memcpy(address.sun_path, name, len);
    if (name[0] == '@') {
        address.sun_path[0] = '\0';
    }
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0) {
        (void)sendto(fd, state, strlen(state), MSG_NOSIGNAL, (const struct sockaddr *)(const void *)&address,
                     (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
        (void)close(fd);
    }
}
