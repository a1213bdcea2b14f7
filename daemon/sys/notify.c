#include "notify.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "number.h"

static struct sockaddr_un notify_address;
static socklen_t notify_address_len; /* 0: nobody listens */
static int64_t notify_watchdog;

/* A path, or '@' and a name without a file. */
static socklen_t address_of(const char *name, struct sockaddr_un *address) {
    size_t len = strlen(name);
    if ((name[0] != '/' && name[0] != '@') || len < 2 || len >= sizeof address->sun_path) {
        return 0;
    }
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(address->sun_path, name, len);
    if (name[0] == '@') {
        address->sun_path[0] = '\0';
    }
    return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
}

void notify_init(void) {
    /* Before any thread is there. */
    const char *name = getenv("NOTIFY_SOCKET");   /* NOLINT(concurrency-mt-unsafe) */
    const char *usec = getenv("WATCHDOG_USEC");   /* NOLINT(concurrency-mt-unsafe) */
    const char *process = getenv("WATCHDOG_PID"); /* NOLINT(concurrency-mt-unsafe) */
    int64_t pid = getpid();
    int64_t wait = 0;
    notify_address_len = name == NULL ? 0 : address_of(name, &notify_address);
    notify_watchdog = 0;
    if (usec != NULL && number_parse(usec, 1, INT64_MAX, &wait) &&
        (process == NULL || number_parse(process, pid, pid, &pid))) {
        notify_watchdog = wait / 2000 > 0 ? wait / 2000 : 1;
    }
}

bool notify_send(const char *state) {
    if (notify_address_len == 0) {
        return false;
    }
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return false;
    }
    size_t len = strlen(state);
    ssize_t sent = sendto(fd, state, len, MSG_NOSIGNAL,
                          (const struct sockaddr *)(const void *)&notify_address, notify_address_len);
    (void)close(fd);
    return sent == (ssize_t)len;
}

int64_t notify_watchdog_ms(void) {
    return notify_address_len == 0 ? 0 : notify_watchdog;
}
