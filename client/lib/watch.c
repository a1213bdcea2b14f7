/* Server-sent events: see instalment/client.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "instalment/client.h"
#include "parts.h"

#define LINE_SIZE 512
#define NAME_SIZE 32
#define WAITING_MAX 64

struct told {
    char name[NAME_SIZE]; /* "": a sign of life */
    char data[LINE_SIZE];
};

struct instalment_watch {
    CURLM *multi;
    CURL *curl;
    struct curl_slist *headers;
    char line[LINE_SIZE]; /* not ended yet */
    size_t line_len;
    struct told coming;               /* the event that is coming in */
    struct told waiting[WAITING_MAX]; /* come in, not yet told; what does not fit is like the last that did */
    size_t waiting_count;
    struct told told;
    bool lost;
};

static void event_ended(struct instalment_watch *watch) {
    size_t at = watch->waiting_count < WAITING_MAX ? watch->waiting_count++ : WAITING_MAX - 1;
    watch->waiting[at] = watch->coming;
    watch->coming = (struct told){.name = ""};
}

/* What follows the colon of a line that begins with this; NULL where it does not. */
static const char *line_value(const char *line, const char *field) {
    size_t len = strlen(field);
    return strncmp(line, field, len) == 0 ? line + len + strspn(line + len, " ") : NULL;
}

static void line_ended(struct instalment_watch *watch) {
    watch->line[watch->line_len] = '\0';
    const char *name = line_value(watch->line, "event:");
    const char *data = line_value(watch->line, "data:");
    bool coming = watch->coming.name[0] != '\0';
    if (coming ? watch->line_len == 0 : watch->line[0] == ':') /* its end, or a sign of life */
        event_ended(watch);
    else if (name != NULL)
        (void)snprintf(watch->coming.name, sizeof watch->coming.name, "%.31s", name);
    else if (data != NULL)
        (void)snprintf(watch->coming.data, sizeof watch->coming.data, "%s", data);
    watch->line_len = 0;
}

static size_t take_events(const char *bytes, size_t size, size_t count, void *context) {
    struct instalment_watch *watch = context;
    for (size_t i = 0; i < size * count; i++) {
        if (bytes[i] == '\n')
            line_ended(watch);
        else if (bytes[i] != '\r' && watch->line_len + 1 < sizeof watch->line)
            watch->line[watch->line_len++] = bytes[i];
    }
    return size * count;
}

static bool add_token(struct instalment_watch *watch, const char *before, const char *token) {
    char line[LINE_SIZE];
    if (token == NULL)
        return true;
    int len = snprintf(line, sizeof line, "%s%s", before, token);
    struct curl_slist *longer =
        len < 0 || (size_t)len >= sizeof line ? NULL : curl_slist_append(watch->headers, line);
    explicit_bzero(line, sizeof line);
    watch->headers = longer != NULL ? longer : watch->headers;
    return longer != NULL;
}

struct instalment_watch *instalment_watch_open(struct instalment *client) {
    char url[LINE_SIZE];
    struct instalment_watch *watch = calloc(1, sizeof *watch);
    if (watch == NULL)
        return NULL;
    int len = snprintf(url, sizeof url, "%s/api/v1/events", client->url);
    watch->multi = curl_multi_init();
    watch->curl = curl_easy_init();
    if (watch->multi == NULL || watch->curl == NULL || len < 0 || (size_t)len >= sizeof url ||
        !add_token(watch, "Authorization: Bearer ", client->session) ||
        !add_token(watch, "X-Terminal: ", client->terminal)) {
        instalment_watch_close(&watch);
        return NULL;
    }
    client_prepare(client, watch->curl, url);
    curl_easy_setopt(watch->curl, CURLOPT_HTTPHEADER, watch->headers);
    curl_easy_setopt(watch->curl, CURLOPT_FAILONERROR, 1L);
    curl_easy_setopt(watch->curl, CURLOPT_WRITEFUNCTION, take_events);
    curl_easy_setopt(watch->curl, CURLOPT_WRITEDATA, watch);
    watch->lost = curl_multi_add_handle(watch->multi, watch->curl) != CURLM_OK;
    return watch;
}

void instalment_watch_close(struct instalment_watch **watch) {
    struct instalment_watch *gone = *watch;
    *watch = NULL;
    if (gone == NULL)
        return;
    if (gone->multi != NULL && gone->curl != NULL)
        (void)curl_multi_remove_handle(gone->multi, gone->curl);
    curl_easy_cleanup(gone->curl);
    (void)curl_multi_cleanup(gone->multi);
    curl_slist_free_all(gone->headers);
    free(gone);
}

const char *instalment_watch_data(const struct instalment_watch *watch) {
    return watch->told.data;
}

static bool take_waiting(struct instalment_watch *watch, const char **name) {
    if (watch->waiting_count == 0)
        return false;
    watch->told = watch->waiting[0];
    watch->waiting_count--;
    memmove(watch->waiting, watch->waiting + 1, watch->waiting_count * sizeof watch->waiting[0]);
    *name = watch->told.name;
    return true;
}

static void perform(struct instalment_watch *watch) {
    int running = 0;
    if (watch->lost || curl_multi_perform(watch->multi, &running) != CURLM_OK || running == 0)
        watch->lost = true;
}

static long now_ms(void) {
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* What is under way on the line wakes the poll as well as what is waited for: hence the turns. */
enum instalment_watched instalment_watch_wait(struct instalment_watch *watch, int other, int milliseconds,
                                              const char **name) {
    long end = now_ms() + milliseconds;
    *name = "";
    for (;;) {
        struct curl_waitfd extra = {.fd = other, .events = CURL_WAIT_POLLIN};
        perform(watch);
        if (take_waiting(watch, name))
            return INSTALMENT_WATCH_EVENT;
        if (watch->lost)
            return INSTALMENT_WATCH_LOST;
        long left = end - now_ms();
        if (left <= 0)
            return INSTALMENT_WATCH_TIME;
        if (curl_multi_poll(watch->multi, &extra, other < 0 ? 0 : 1, (int)left, NULL) != CURLM_OK)
            watch->lost = true;
        if (other >= 0 && extra.revents != 0)
            return INSTALMENT_WATCH_OTHER;
    }
}
