#include "folder.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER_DEPTH 16 /* descriptors for walking it */

static bool fail(const char *path, const char *why) {
    fprintf(stderr, "instalment-inbox: %s: %s\n", path, why);
    return false;
}

static char *make_temporary(void) {
    const char *below = getenv("TMPDIR"); /* NOLINT(concurrency-mt-unsafe): before any thread */
    char *path = NULL;
    if (asprintf(&path, "%s/instalment-inbox-XXXXXX", below == NULL || below[0] != '/' ? "/tmp" : below) <
        0) {
        return NULL;
    }
    if (mkdtemp(path) == NULL) {
        (void)fail(path, strerrordesc_np(errno));
        free(path);
        return NULL;
    }
    return path;
}

static bool take_lock(struct folder *folder) {
    char *name = NULL;
    if (asprintf(&name, "%s/lock", folder->path) < 0) {
        return fail(folder->path, "no memory");
    }
    folder->lock = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    free(name);
    if (folder->lock < 0 || flock(folder->lock, LOCK_EX | LOCK_NB) != 0) {
        return fail(folder->path, errno == EWOULDBLOCK ? "another instalment-inbox is running on this folder"
                                                       : strerrordesc_np(errno));
    }
    return true;
}

bool folder_open(struct folder *folder, const char *path, bool lock) {
    *folder = (struct folder){.lock = -1, .temporary = path == NULL};
    folder->path = path == NULL ? make_temporary() : strdup(path);
    if (folder->path == NULL) {
        return false;
    }
    if (path != NULL && mkdir(path, 0700) != 0 && errno != EEXIST) {
        return fail(path, strerrordesc_np(errno));
    }
    char *whole = realpath(folder->path, NULL); /* the ready line is read by others, who stand elsewhere */
    if (whole == NULL) {
        return fail(folder->path, strerrordesc_np(errno));
    }
    free(folder->path);
    folder->path = whole;
    return !lock || take_lock(folder);
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *where) {
    (void)status;
    (void)kind;
    (void)where;
    return remove(path);
}

void folder_close(struct folder *folder) {
    if (folder->path == NULL) {
        return;
    }
    /* After every thread has ended. */
    if (folder->temporary && /* NOLINTNEXTLINE(concurrency-mt-unsafe) */
        nftw(folder->path, remove_one, FOLDER_DEPTH, FTW_DEPTH | FTW_PHYS) != 0) {
        (void)fail(folder->path, "could not be removed");
    }
    if (folder->lock >= 0) {
        (void)close(folder->lock);
    }
    free(folder->path);
    folder->path = NULL;
}
