/* Pages as files in a folder: where no queue is configured, and in the demonstration. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backend.h"
#include "sys/log.h"

struct folder_printer {
    char *folder;
};

static void *file_open(const struct backend_options *options) {
    struct folder_printer *printer = calloc(1, sizeof *printer);
    if (printer == NULL) {
        return NULL;
    }
    printer->folder = strdup(options->queue);
    if (printer->folder == NULL) {
        free(printer);
        return NULL;
    }
    return printer;
}

static void file_close(void *opaque) {
    struct folder_printer *printer = opaque;
    free(printer->folder);
    free(printer);
}

static enum backend_light file_look(void *opaque, char reasons[BACKEND_REASONS_SIZE]) {
    const struct folder_printer *printer = opaque;
    bool there = mkdir(printer->folder, S_IRWXU) == 0 || errno == EEXIST;
    bool good = there && access(printer->folder, W_OK | X_OK) == 0;
    (void)snprintf(reasons, BACKEND_REASONS_SIZE, "%s", good ? "" : "folder-not-writable-error");
    return good ? LIGHT_READY : LIGHT_TROUBLE;
}

static enum backend_result file_begin(void *opaque, const struct backend_page *page, int64_t *number,
                                      const char **reason) {
    (void)opaque;
    (void)page;
    (void)reason;
    *number = 0;
    return BACKEND_DONE;
}

static bool file_write(int fd, const void *bytes, size_t len) {
    const char *at = bytes;
    while (len > 0) {
        ssize_t some = write(fd, at, len);
        if (some < 0 && errno == EINTR) {
            continue;
        }
        if (some <= 0) {
            return false;
        }
        at += some;
        len -= (size_t)some;
    }
    return true;
}

/* The same title again is the same page: it takes the place of the former. */
static enum backend_result file_send(void *opaque, const struct backend_page *page, int64_t number,
                                     const char **reason) {
    const struct folder_printer *printer = opaque;
    char *part = NULL;
    char *whole = NULL;
    int fd = -1;
    bool good = false;
    (void)number;
    if (asprintf(&part, "%s/.%s.part", printer->folder, page->title) < 0) {
        part = NULL;
    }
    if (asprintf(&whole, "%s/%s.pdf", printer->folder, page->title) < 0) {
        whole = NULL;
    }
    if (part != NULL && whole != NULL) {
        fd = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR);
    }
    if (fd >= 0) {
        good = file_write(fd, page->bytes, page->len);
        good = close(fd) == 0 && good;
        good = good && rename(part, whole) == 0;
    }
    if (!good) {
        log_error("event=label_not_written job=%s error=%s", page->title, strerrorname_np(errno));
        *reason = "not_written";
    }
    free(part);
    free(whole);
    return good ? BACKEND_DONE : BACKEND_NOT;
}

static enum backend_fate file_fate(void *opaque, int64_t number) {
    (void)opaque;
    (void)number;
    return FATE_DONE;
}

static enum backend_result file_cancel(void *opaque, int64_t number) {
    (void)opaque;
    (void)number;
    return BACKEND_DONE;
}

static enum backend_result file_find(void *opaque, const char *title, int64_t *number) {
    (void)opaque;
    (void)title;
    *number = 0;
    return BACKEND_NOT;
}

const struct backend backend_file = {
    .name = "file",
    .at_once = true,
    .open = file_open,
    .close = file_close,
    .look = file_look,
    .begin = file_begin,
    .send = file_send,
    .fate = file_fate,
    .cancel = file_cancel,
    .find = file_find,
};
