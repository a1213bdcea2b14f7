/*
 * What lies beside the terminal: the session (in the runtime folder, gone with the person's last sign-out from the
 * machine) and the terminal's own token (in the configuration folder, kept). One file each, 0600, written anew and renamed.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli.h"
#include "files.h"

#define FILE_MAX ((size_t)256 << 10)
#define PATH_SIZE 1024

/* A folder that nobody else can write to or read: made where it is missing. */
static bool own_folder(const char *path) {
    struct stat found;
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return false;
    return lstat(path, &found) == 0 && S_ISDIR(found.st_mode) && found.st_uid == getuid() &&
           (found.st_mode & 077) == 0;
}

bool files_runtime(const char *name, char *out, size_t size) {
    const char *folder = getenv("XDG_RUNTIME_DIR");
    char own[64];
    if (folder == NULL || folder[0] != '/') {
        (void)snprintf(own, sizeof own, "/tmp/instalment-%ju", (uintmax_t)getuid());
        if (!own_folder(own))
            return false;
        folder = own;
    }
    int len = snprintf(out, size, "%s/%s", folder, name);
    return len > 0 && (size_t)len < size;
}

static bool files_kept(const char *name, char *out, size_t size) {
    const char *folder = getenv("XDG_CONFIG_HOME");
    const char *home = getenv("HOME");
    char own[PATH_SIZE];
    if (folder == NULL || folder[0] != '/') {
        if (home == NULL || home[0] != '/' ||
            snprintf(own, sizeof own, "%s/.config", home) >= (int)sizeof own)
            return false;
        folder = own;
    }
    (void)mkdir(folder, 0700);
    int len = snprintf(out, size, "%s/instalment", folder);
    if (len < 0 || (size_t)len >= size || !own_folder(out))
        return false;
    len = snprintf(out, size, "%s/instalment/%s", folder, name);
    return len > 0 && (size_t)len < size;
}

char *files_read(const char *path, size_t max, size_t *len) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    char *bytes = NULL;
    *len = 0;
    while (fd >= 0 && *len <= max) {
        char *bigger = realloc(bytes, *len + 65537);
        if (bigger == NULL)
            break;
        bytes = bigger;
        ssize_t got = read(fd, bytes + *len, 65536);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) {
            bytes[*len] = '\0';
            (void)close(fd);
            return got == 0 ? bytes : (free(bytes), NULL);
        }
        *len += (size_t)got;
    }
    if (fd >= 0)
        (void)close(fd);
    free(bytes);
    return NULL;
}

bool files_write(const char *path, const char *bytes, size_t len) {
    char fresh[PATH_SIZE + 16];
    if (snprintf(fresh, sizeof fresh, "%s.%ld", path, (long)getpid()) >= (int)sizeof fresh)
        return false;
    int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0 && errno == EEXIST && unlink(fresh) == 0)
        fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return false;
    bool good = write(fd, bytes, len) == (ssize_t)len;
    good = close(fd) == 0 && good;
    good = good && rename(fresh, path) == 0;
    if (!good)
        (void)unlink(fresh);
    return good;
}

/* ---- {"SERVER":{"token","staff"}} */

/* Only a file of ours that nobody else can read is believed. */
static cJSON *read_tree(const char *path) {
    struct stat found;
    size_t len = 0;
    if (lstat(path, &found) != 0 || !S_ISREG(found.st_mode) || found.st_uid != getuid() ||
        (found.st_mode & 077) != 0)
        return cJSON_CreateObject();
    char *text = files_read(path, FILE_MAX, &len);
    cJSON *tree = text == NULL ? NULL : cJSON_ParseWithLength(text, len);
    if (text != NULL)
        explicit_bzero(text, len);
    free(text);
    if (cJSON_IsObject(tree))
        return tree;
    cJSON_Delete(tree);
    return cJSON_CreateObject();
}

static bool write_tree(const char *path, const cJSON *tree) {
    char *text = cJSON_PrintUnformatted(tree);
    bool good = text != NULL && files_write(path, text, strlen(text));
    if (text != NULL)
        explicit_bzero(text, strlen(text));
    cJSON_free(text);
    return good;
}

static char *copy_member(const cJSON *tree, const char *name) {
    const char *text = cli_text(tree, name);
    return text[0] == '\0' ? NULL : strdup(text);
}

void cli_session_read(const char *server, char **token, char **staff) {
    char path[PATH_SIZE];
    *token = *staff = NULL;
    if (!files_runtime("instalment", path, sizeof path))
        return;
    cJSON *tree = read_tree(path);
    const cJSON *one = cli_member(tree, server);
    *token = copy_member(one, "token");
    *staff = copy_member(one, "staff");
    cJSON_Delete(tree);
}

bool cli_session_write(struct cli *cli, const char *server, const char *token, const char *staff) {
    char path[PATH_SIZE] = "";
    bool good = files_runtime("instalment", path, sizeof path);
    cJSON *tree = good ? read_tree(path) : NULL;
    if (good)
        cJSON_DeleteItemFromObjectCaseSensitive(tree, server);
    if (good && token != NULL) {
        cJSON *one = cJSON_AddObjectToObject(tree, server);
        cJSON_AddStringToObject(one, "token", token);
        cJSON_AddStringToObject(one, "staff", staff);
    }
    if (good && cJSON_GetArraySize(tree) == 0)
        good = unlink(path) == 0 || errno == ENOENT;
    else
        good = good && write_tree(path, tree);
    cJSON_Delete(tree);
    if (good)
        return true;
    (void)cli_fail(cli, CLI_FAILED, "the session cannot be kept in %s: %s",
                   path[0] == '\0' ? "$XDG_RUNTIME_DIR" : path, strerror(errno));
    cli_hint("XDG_RUNTIME_DIR must name a folder of yours that nobody else can read.");
    return false;
}

char *cli_terminal_read(const char *server) {
    const char *given = getenv("INSTALMENT_TERMINAL");
    char path[PATH_SIZE];
    if (given != NULL && given[0] != '\0')
        return strdup(given);
    if (!files_kept("terminals.json", path, sizeof path))
        return NULL;
    cJSON *tree = read_tree(path);
    char *token = copy_member(cli_member(tree, server), "token");
    cJSON_Delete(tree);
    return token;
}

bool cli_terminal_write(struct cli *cli, const char *server, const char *token) {
    char path[PATH_SIZE] = "";
    bool good = files_kept("terminals.json", path, sizeof path);
    cJSON *tree = good ? read_tree(path) : NULL;
    if (good) {
        cJSON_DeleteItemFromObjectCaseSensitive(tree, server);
        cJSON_AddStringToObject(cJSON_AddObjectToObject(tree, server), "token", token);
        good = write_tree(path, tree);
    }
    cJSON_Delete(tree);
    if (!good)
        (void)cli_fail(cli, CLI_FAILED, "the terminal's token cannot be kept in %s: %s",
                       path[0] == '\0' ? "$XDG_CONFIG_HOME/instalment" : path, strerror(errno));
    return good;
}
