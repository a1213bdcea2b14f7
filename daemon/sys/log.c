#include "log.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"

#define LEVELS 4

static const char *const level_texts[LEVELS] = {"error", "warning", "notice", "debug"};
static const char level_priorities[LEVELS] = {'3', '4', '5', '7'}; /* syslog's numbers */

/* How much a level may still write. In thousandths of a line. */
struct allowance {
    int64_t left;
    int64_t counted_at; /* clock_elapsed_ms; 0: never */
    unsigned dropped;
};

static _Atomic int log_upto = LOG_LEVEL_NOTICE;
static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER; /* over everything below */
static struct allowance log_allowances[LEVELS];
static int log_fd = STDERR_FILENO;
static bool log_journal;

void log_init(enum log_level level, int fd) {
    (void)pthread_mutex_lock(&log_lock);
    log_journal = getenv("JOURNAL_STREAM") != NULL; /* NOLINT(concurrency-mt-unsafe): before any thread */
    log_fd = fd;
    for (size_t i = 0; i < LEVELS; i++) {
        log_allowances[i] = (struct allowance){0};
    }
    (void)pthread_mutex_unlock(&log_lock);
    log_set_level(level);
}

void log_set_level(enum log_level level) {
    atomic_store(&log_upto, (int)level);
}

const char *log_level_text(enum log_level level) {
    return level_texts[level];
}

bool log_level_parse(const char *text, enum log_level *out) {
    for (size_t i = 0; i < LEVELS; i++) {
        if (strcmp(text, level_texts[i]) == 0) {
            *out = (enum log_level)i;
            return true;
        }
    }
    return false;
}

/* May one more line be written? Counts it, either way. */
static bool log_allowed(struct allowance *allowance) {
    const int64_t full = (int64_t)LOG_BURST * 1000;
    int64_t now = clock_elapsed_ms();
    if (allowance->counted_at == 0) {
        allowance->left = full;
    } else {
        allowance->left += (now - allowance->counted_at) * LOG_A_SECOND;
    }
    allowance->counted_at = now;
    if (allowance->left > full) {
        allowance->left = full;
    }
    if (allowance->left < 1000) {
        allowance->dropped++;
        return false;
    }
    allowance->left -= 1000;
    return true;
}

static void log_write(enum log_level level, const char *text) {
    char line[LOG_LINE_MAX];
    char at[CLOCK_TEXT_SIZE];
    clock_format(clock_now().at, at);
    int len = log_journal ? snprintf(line, sizeof line, "<%c>level=%s %s", level_priorities[level],
                                     level_texts[level], text)
                          : snprintf(line, sizeof line, "at=%s level=%s %s", at, level_texts[level], text);
    if (len < 0) {
        return;
    }
    size_t size = (size_t)len < sizeof line ? (size_t)len : sizeof line - 1;
    for (size_t i = 0; i < size; i++) {
        if ((unsigned char)line[i] < ' ' || line[i] == 0x7f) {
            line[i] = '?';
        }
    }
    line[size] = '\n';
    ssize_t written = write(log_fd, line, size + 1);
    (void)written; /* there is nowhere left to say it */
}

static void log_say(enum log_level level, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

static void log_say(enum log_level level, const char *format, va_list arguments) {
    char text[LOG_LINE_MAX];
    if ((int)level > atomic_load(&log_upto) || vsnprintf(text, sizeof text, format, arguments) < 0) {
        return;
    }
    (void)pthread_mutex_lock(&log_lock);
    struct allowance *allowance = &log_allowances[level];
    if (log_allowed(allowance)) {
        if (allowance->dropped > 0) {
            char dropped[64];
            (void)snprintf(dropped, sizeof dropped, "event=log_dropped count=%u", allowance->dropped);
            allowance->dropped = 0;
            log_write(level, dropped);
        }
        log_write(level, text);
    }
    (void)pthread_mutex_unlock(&log_lock);
}

void log_error(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    log_say(LOG_LEVEL_ERROR, format, arguments);
    va_end(arguments);
}

void log_warning(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    log_say(LOG_LEVEL_WARNING, format, arguments);
    va_end(arguments);
}

void log_notice(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    log_say(LOG_LEVEL_NOTICE, format, arguments);
    va_end(arguments);
}

void log_debug(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    log_say(LOG_LEVEL_DEBUG, format, arguments);
    va_end(arguments);
}
