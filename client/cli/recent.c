/*
 * Ids are long and mean nothing; only ids may stand in arguments. So what was shown can be named by its last characters:
 * the newest ids that a person has seen lie in the runtime folder, ids and nothing else.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "cli.h"
#include "files.h"

#define RECENT_MAX 4096
#define RECENT_BYTES ((size_t)1 << 20)
#define SHORT_LEN 5
#define ID_MAX 64
#define UUID_LEN 36

static struct {
    char **ids; /* oldest first */
    size_t count, old;
    bool loaded;
} recent;

static bool keep(const char *id, size_t len) {
    if (recent.ids == NULL)
        recent.ids = calloc((size_t)RECENT_MAX * 2, sizeof *recent.ids);
    if (recent.ids == NULL || recent.count == (size_t)RECENT_MAX * 2)
        return false;
    recent.ids[recent.count] = strndup(id, len);
    if (recent.ids[recent.count] == NULL)
        return false;
    recent.count++;
    return true;
}

static void load(void) {
    char path[1024];
    size_t len = 0;
    if (recent.loaded)
        return;
    recent.loaded = true;
    if (!files_runtime("instalment.seen", path, sizeof path))
        return;
    char *text = files_read(path, RECENT_BYTES, &len);
    for (const char *at = text; at != NULL && *at != '\0'; at += *at == '\n') {
        size_t size = strcspn(at, "\n");
        if (size > 0 && size < ID_MAX && recent.count < RECENT_MAX)
            (void)keep(at, size);
        at += size;
    }
    free(text);
    recent.old = recent.count;
}

static bool known(const char *id) {
    for (size_t i = recent.count; i-- > 0;) {
        if (strcmp(recent.ids[i], id) == 0)
            return true;
    }
    return false;
}

void cli_remember(struct cli *cli, const char *id) {
    size_t len = strlen(id);
    if (cli->json || len == 0 || len >= ID_MAX || strpbrk(id, "\n\r") != NULL)
        return;
    load();
    if (!known(id))
        (void)keep(id, len);
}

void cli_remember_flush(void) {
    char path[1024];
    size_t first = recent.count > RECENT_MAX ? recent.count - RECENT_MAX : 0;
    if (recent.count > recent.old && files_runtime("instalment.seen", path, sizeof path)) {
        char *text = malloc((recent.count - first) * (ID_MAX + 1) + 1);
        size_t len = 0;
        for (size_t i = first; text != NULL && i < recent.count; i++)
            len += (size_t)snprintf(text + len, ID_MAX + 2, "%s\n", recent.ids[i]);
        if (text != NULL)
            (void)files_write(path, text, len);
        free(text);
    }
    for (size_t i = 0; i < recent.count; i++)
        free(recent.ids[i]);
    free(recent.ids);
    recent.ids = NULL;
    recent.count = recent.old = 0;
}

const char *cli_short(const char *id) {
    size_t len = strlen(id);
    const char *dash = strchr(id, '-');
    return dash == NULL || len < (size_t)(dash - id) + 1 + SHORT_LEN ? id : id + len - SHORT_LEN;
}

/* Alerts have no prefix: theirs are UUIDs. */
static bool is_kind(const char *id, const char *kind) {
    return kind[0] != '\0' ? strncmp(id, kind, strlen(kind)) == 0
                           : strlen(id) == UUID_LEN && strchr(id, '-') == id + 8;
}

bool cli_id(struct cli *cli, const char *kind, const char *said, const char **id) {
    size_t len = said == NULL ? 0 : strlen(said);
    const char *found = NULL;
    size_t hits = 0;
    *id = said;
    if (said == NULL)
        return false;
    if (is_kind(said, kind) || len < 3)
        return true;
    load();
    for (size_t i = 0; recent.ids != NULL && i < recent.count; i++) {
        const char *one = recent.ids[i];
        size_t whole = one == NULL ? 0 : strlen(one);
        if (whole > len && is_kind(one, kind) && strcasecmp(one + whole - len, said) == 0) {
            found = one;
            hits++;
        }
    }
    if (hits > 1) {
        (void)cli_fail(cli, CLI_USAGE, "\"%s\" is the end of %zu ids that were shown here.", said, hits);
        cli_hint("Give more of its last characters, or the whole id.");
        return false;
    }
    *id = hits == 1 ? found : said;
    return true;
}
