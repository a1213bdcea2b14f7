/* Requests and answers over libcurl: see instalment/client.h. */
#include "instalment/client.h"

#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <time.h>

#include "parts.h"

#define ANSWER_MAX ((size_t)64 << 20)
#define HEAD_MAX ((size_t)64 << 10)
#define SECONDS_DEFAULT 30L
#define CONNECT_SECONDS 5L
#define PATH_MAX_BYTES 2048
#define PAGES_MAX 100000

/* ---- the handle */

static char *copy(const char *text) {
    return text == NULL ? NULL : strdup(text);
}

static void wipe(char **text) {
    if (*text != NULL)
        explicit_bzero(*text, strlen(*text));
    free(*text);
    *text = NULL;
}

/* Without TLS, as over the local socket, OpenSSL is not woken up: that takes longer than the request. */
static bool wake_curl(bool tls) {
    static bool begun;
    begun = begun || curl_global_init(tls ? CURL_GLOBAL_ALL : CURL_GLOBAL_NOTHING) == CURLE_OK;
    return begun;
}

static bool copy_to(char **out, const char *text) {
    *out = copy(text);
    return text == NULL || *out != NULL;
}

struct instalment *instalment_open(const struct instalment_options *options) {
    bool tls = options->url != NULL;
    struct instalment *client =
        (tls || options->socket != NULL) && wake_curl(tls) ? calloc(1, sizeof *client) : NULL;
    if (client == NULL)
        return NULL;
    client->seconds = options->seconds > 0 ? options->seconds : SECONDS_DEFAULT;
    client->curl = curl_easy_init();
    if (client->curl == NULL || !copy_to(&client->url, tls ? options->url : "http://localhost") ||
        !copy_to(&client->ca, options->ca) || !copy_to(&client->socket, tls ? NULL : options->socket) ||
        !copy_to(&client->terminal, options->terminal))
        instalment_close(&client);
    return client;
}

void instalment_close(struct instalment **client) {
    struct instalment *gone = *client;
    *client = NULL;
    if (gone == NULL)
        return;
    curl_easy_cleanup(gone->curl);
    wipe(&gone->session);
    wipe(&gone->terminal);
    free(gone->url);
    free(gone->ca);
    free(gone->socket);
    free(gone);
}

void instalment_set_session(struct instalment *client, const char *token) {
    char *fresh = copy(token);
    wipe(&client->session);
    client->session = fresh;
}

void instalment_set_terminal(struct instalment *client, const char *token) {
    char *fresh = copy(token);
    wipe(&client->terminal);
    client->terminal = fresh;
}

const char *instalment_error(const struct instalment *client) {
    return client->error;
}

bool instalment_key(char out[INSTALMENT_KEY_SIZE]) {
    unsigned char bytes[18];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        return false;
    for (size_t i = 0; i < sizeof bytes; i++)
        (void)snprintf(out + 2 * i, 3, "%02x", bytes[i]);
    return true;
}

/* ---- one exchange */

/* Appends to a growing text; false (and curl gives up) where it becomes too long. */
static bool grow(char **text, size_t *len, const char *more, size_t count, size_t max) {
    if (count > max - *len)
        return false;
    char *bigger = realloc(*text, *len + count + 1);
    if (bigger == NULL)
        return false;
    memcpy(bigger + *len, more, count);
    *text = bigger;
    *len += count;
    bigger[*len] = '\0';
    return true;
}

static size_t take_body(char *bytes, size_t size, size_t count, void *context) {
    struct instalment_reply *reply = context;
    return grow(&reply->body, &reply->body_len, bytes, size * count, ANSWER_MAX) ? size * count : 0;
}

/* A "100 Continue" before the answer is not the answer's head. */
static size_t take_head(char *bytes, size_t size, size_t count, void *context) {
    struct instalment_reply *reply = context;
    if (size * count > 5 && strncmp(bytes, "HTTP/", 5) == 0)
        reply->head_len = 0;
    return grow(&reply->head, &reply->head_len, bytes, size * count, HEAD_MAX) ? size * count : 0;
}

static bool add_line(struct curl_slist **list, const char *name, const char *value) {
    char line[PATH_MAX_BYTES];
    if (value == NULL)
        return true;
    int len = snprintf(line, sizeof line, "%s: %s", name, value);
    struct curl_slist *longer = len < 0 || (size_t)len >= sizeof line ? NULL : curl_slist_append(*list, line);
    explicit_bzero(line, sizeof line);
    if (longer == NULL)
        return false;
    *list = longer;
    return true;
}

/* Does a line of the caller's name this header? Then ours is left out. */
static bool named(const char *const *headers, const char *name) {
    for (size_t i = 0; headers != NULL && headers[i] != NULL; i++) {
        if (strncasecmp(headers[i], name, strlen(name)) == 0 && headers[i][strlen(name)] == ':')
            return true;
    }
    return false;
}

static bool add_session(const struct instalment *client, struct curl_slist **list) {
    char bearer[PATH_MAX_BYTES];
    if (client->session == NULL)
        return true;
    int len = snprintf(bearer, sizeof bearer, "Bearer %s", client->session);
    bool good = len > 0 && (size_t)len < sizeof bearer && add_line(list, "Authorization", bearer);
    explicit_bzero(bearer, sizeof bearer);
    return good;
}

/* The caller's lines go as they are, and curl's own wish for a "100 Continue" is left out. */
static bool add_given(const char *const *headers, struct curl_slist **list) {
    struct curl_slist *longer = curl_slist_append(*list, "Expect:");
    *list = longer != NULL ? longer : *list;
    for (size_t i = 0; longer != NULL && headers != NULL && headers[i] != NULL; i++) {
        longer = curl_slist_append(*list, headers[i]);
        *list = longer != NULL ? longer : *list;
    }
    return longer != NULL;
}

static bool header_lines(const struct instalment *client, const struct instalment_request *request,
                         struct curl_slist **list) {
    return (named(request->headers, "Authorization") || add_session(client, list)) &&
           (named(request->headers, "X-Terminal") || add_line(list, "X-Terminal", client->terminal)) &&
           (request->body == NULL || named(request->headers, "Content-Type") ||
            add_line(list, "Content-Type", "application/json")) &&
           add_line(list, "Idempotency-Key", request->key) && add_line(list, "If-Match", request->if_match) &&
           add_given(request->headers, list);
}

void client_prepare(const struct instalment *client, CURL *curl, const char *url) {
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_UNIX_SOCKET_PATH, client->socket);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, client->socket == NULL ? "https" : "http");
    curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS);
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (client->ca != NULL) {
        curl_easy_setopt(curl, CURLOPT_CAINFO, client->ca);
        curl_easy_setopt(curl, CURLOPT_CAPATH, NULL);
    }
}

static bool is_untrusted(CURLcode code) {
    return code == CURLE_PEER_FAILED_VERIFICATION || code == CURLE_SSL_CACERT_BADFILE ||
           code == CURLE_SSL_ISSUER_ERROR || code == CURLE_SSL_CONNECT_ERROR ||
           code == CURLE_SSL_INVALIDCERTSTATUS;
}

static bool is_unsent(CURLcode code) {
    return code == CURLE_COULDNT_CONNECT || code == CURLE_COULDNT_RESOLVE_HOST;
}

/* Decodes what came. False where memory is short. */
static bool read_answer(struct instalment_reply *reply) {
    if (reply->body != NULL)
        reply->json = cJSON_ParseWithLength(reply->body, reply->body_len);
    reply->lines = reply->head == NULL ? NULL : strdup(reply->head);
    for (size_t i = 0; reply->lines != NULL && i < reply->head_len; i++)
        reply->lines[i] = (char)(reply->lines[i] == '\r' ? '\0' : reply->lines[i]);
    return reply->head == NULL || reply->lines != NULL;
}

/* One try: what came is in `reply`, and how long a line was open tells whether anything can have been sent. */
static enum instalment_result attempt(struct instalment *client, const struct instalment_request *request,
                                      const char *url, struct curl_slist *list,
                                      struct instalment_reply *reply) {
    CURL *curl = client->curl;
    curl_off_t connected = 0;
    long status = 0;
    curl_easy_reset(curl);
    client_prepare(client, curl, url);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, client->seconds);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, list);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, client->detail);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, reply);
    curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_head);
    curl_easy_setopt(curl, CURLOPT_HEADERDATA, reply);
    if (request->body != NULL) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body);
        curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)strlen(request->body));
    } else if (strcmp(request->method, "POST") == 0) {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, "");
    }
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
    client->detail[0] = '\0';
    CURLcode code = curl_easy_perform(curl);
    if (code == CURLE_OK) {
        curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
        reply->status = (int)status;
        return read_answer(reply) ? INSTALMENT_ANSWERED : INSTALMENT_FAILED;
    }
    (void)snprintf(client->error, sizeof client->error, "%s",
                   client->detail[0] == '\0' ? curl_easy_strerror(code) : client->detail);
    if (code == CURLE_OUT_OF_MEMORY || code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL ||
        code == CURLE_WRITE_ERROR)
        return INSTALMENT_FAILED;
    if (is_untrusted(code))
        return INSTALMENT_UNTRUSTED;
    curl_easy_getinfo(curl, CURLINFO_PRETRANSFER_TIME_T, &connected);
    return is_unsent(code) || connected == 0 ? INSTALMENT_UNREACHABLE : INSTALMENT_LOST;
}

static void empty(struct instalment_reply *reply) {
    if (reply->body != NULL)
        explicit_bzero(reply->body, reply->body_len);
    free(reply->body);
    free(reply->head);
    free(reply->lines);
    cJSON_Delete(reply->json);
    *reply = (struct instalment_reply){.status = 0};
}

static void pause_before(size_t try) {
    static const long milliseconds[TRIES] = {0, 200, 1000, 3000};
    const struct timespec wait = {.tv_sec = milliseconds[try] / 1000,
                                  .tv_nsec = milliseconds[try] % 1000 * 1000000};
    (void)nanosleep(&wait, NULL);
}

/* Does the answer ask to be asked again? */
static bool not_known(struct instalment_reply *reply) {
    const char *code = reply->status == 503 ? instalment_text(reply, "code") : NULL;
    return code != NULL && strcmp(code, "outcome_unknown") == 0;
}

/* With a key until it is known what happened; otherwise once. */
static enum instalment_result attempts(struct instalment *client, const struct instalment_request *request,
                                       const char *url, struct curl_slist *list,
                                       struct instalment_reply *reply) {
    bool sent = false;
    for (size_t try = 0; try < TRIES; try++) {
        pause_before(try);
        empty(reply);
        enum instalment_result result = attempt(client, request, url, list, reply);
        sent = sent || result == INSTALMENT_LOST || (result == INSTALMENT_ANSWERED && not_known(reply));
        if (request->key == NULL || !sent || (result == INSTALMENT_ANSWERED && !not_known(reply)))
            return result;
    }
    return INSTALMENT_UNKNOWN;
}

enum instalment_result instalment_send(struct instalment *client, const struct instalment_request *request,
                                       struct instalment_reply **reply) {
    char url[PATH_MAX_BYTES];
    struct curl_slist *list = NULL;
    *reply = NULL;
    client->error[0] = '\0';
    int len = snprintf(url, sizeof url, "%s/api/v1%s", client->url, request->path);
    struct instalment_reply *fresh = calloc(1, sizeof *fresh);
    enum instalment_result result = INSTALMENT_FAILED;
    if (fresh != NULL && len > 0 && (size_t)len < sizeof url && header_lines(client, request, &list))
        result = attempts(client, request, url, list, fresh);
    curl_slist_free_all(list);
    if (result == INSTALMENT_ANSWERED)
        *reply = fresh;
    else
        instalment_reply_free(&fresh);
    return result;
}

/* ---- said shorter */

enum instalment_result instalment_get(struct instalment *client, const char *path,
                                      struct instalment_reply **reply) {
    const struct instalment_request request = {.method = "GET", .path = path};
    return instalment_send(client, &request, reply);
}

enum instalment_result instalment_post(struct instalment *client, const char *path, const char *body,
                                       const char *key, struct instalment_reply **reply) {
    char own[INSTALMENT_KEY_SIZE];
    *reply = NULL;
    if (key == NULL && !instalment_key(own))
        return INSTALMENT_FAILED;
    const struct instalment_request request = {
        .method = "POST", .path = path, .body = body, .key = key == NULL ? own : key};
    return instalment_send(client, &request, reply);
}

enum instalment_result instalment_patch(struct instalment *client, const char *path, const char *body,
                                        struct instalment_reply **reply) {
    struct instalment_reply *before = NULL;
    enum instalment_result result = instalment_get(client, path, &before);
    if (result != INSTALMENT_ANSWERED || before->status != 200) {
        *reply = before;
        return result;
    }
    const struct instalment_request request = {
        .method = "PATCH", .path = path, .body = body, .if_match = instalment_header(before, "ETag")};
    result = instalment_send(client, &request, reply);
    instalment_reply_free(&before);
    return result;
}

/* The address of the page behind `next`. False where it does not fit. */
static bool next_page(const char *path, const char *next, char *out, size_t size) {
    char *escaped = next == NULL ? NULL : curl_easy_escape(NULL, next, 0);
    int len = snprintf(out, size, "%s%slimit=500%s%s", path, strchr(path, '?') == NULL ? "?" : "&",
                       next == NULL ? "" : "&after=", escaped == NULL ? "" : escaped);
    bool good = (next == NULL || escaped != NULL) && len > 0 && (size_t)len < size;
    curl_free(escaped);
    return good;
}

/* Moves the items of `from` behind those of `to`. False where it is no list. */
static bool move_items(cJSON *from, cJSON *to) {
    cJSON *items = cJSON_GetObjectItemCaseSensitive(from, "items");
    if (!cJSON_IsArray(items))
        return false;
    while (items->child != NULL)
        cJSON_AddItemToArray(to, cJSON_DetachItemViaPointer(items, items->child));
    return true;
}

/* Puts what was gathered before in front of the last page's own items. */
static void gather(struct instalment_reply *last, cJSON *all) {
    cJSON *json = instalment_json(last);
    if (move_items(json, all))
        cJSON_ReplaceItemInObjectCaseSensitive(json, "items", all);
    else
        cJSON_Delete(all);
    char *text = cJSON_PrintUnformatted(json);
    if (text != NULL) {
        free(last->body);
        last->body = text;
        last->body_len = strlen(text);
    }
}

enum instalment_result instalment_get_all(struct instalment *client, const char *path,
                                          void (*pages)(void *context, size_t items), void *context,
                                          struct instalment_reply **reply) {
    char address[PATH_MAX_BYTES];
    cJSON *all = cJSON_CreateArray();
    char *next = NULL;
    enum instalment_result result = INSTALMENT_FAILED;
    *reply = NULL;
    for (size_t page = 0; all != NULL && page < PAGES_MAX; page++) {
        if (!next_page(path, next, address, sizeof address))
            break;
        result = instalment_get(client, address, reply);
        free(next);
        next = NULL;
        const char *more = instalment_text(*reply, "next");
        if (result != INSTALMENT_ANSWERED || (*reply)->status != 200 || more == NULL)
            break;
        next = strdup(more);
        bool good = next != NULL && move_items(instalment_json(*reply), all);
        instalment_reply_free(reply);
        result = INSTALMENT_FAILED;
        if (!good)
            break;
        if (pages != NULL)
            pages(context, (size_t)cJSON_GetArraySize(all));
    }
    free(next);
    if (result == INSTALMENT_ANSWERED && (*reply)->status == 200 && cJSON_GetArraySize(all) > 0)
        gather(*reply, all);
    else
        cJSON_Delete(all);
    return result;
}

enum instalment_result instalment_sign_in(struct instalment *client, const char *staff, const char *pin,
                                          struct instalment_reply **reply) {
    cJSON *tree = cJSON_CreateObject();
    cJSON_AddStringToObject(tree, "staff", staff);
    cJSON_AddStringToObject(tree, "pin", pin);
    char *body = cJSON_PrintUnformatted(tree);
    cJSON_Delete(tree);
    *reply = NULL;
    if (body == NULL)
        return INSTALMENT_FAILED;
    const struct instalment_request request = {.method = "POST", .path = "/session", .body = body};
    enum instalment_result result = instalment_send(client, &request, reply);
    wipe(&body);
    const char *token = instalment_text(*reply, "token");
    if (result == INSTALMENT_ANSWERED && (*reply)->status == 201 && token != NULL)
        instalment_set_session(client, token);
    return result;
}

enum instalment_result instalment_sign_out(struct instalment *client, struct instalment_reply **reply) {
    const struct instalment_request request = {.method = "DELETE", .path = "/session"};
    enum instalment_result result = instalment_send(client, &request, reply);
    instalment_set_session(client, NULL);
    return result;
}

/* ---- an answer */

int instalment_status(const struct instalment_reply *reply) {
    return reply == NULL ? 0 : reply->status;
}

const char *instalment_body(const struct instalment_reply *reply, size_t *len) {
    if (len != NULL)
        *len = reply == NULL ? 0 : reply->body_len;
    return reply == NULL || reply->body == NULL ? "" : reply->body;
}

const char *instalment_head(const struct instalment_reply *reply) {
    return reply == NULL || reply->head == NULL ? "" : reply->head;
}

struct cJSON *instalment_json(const struct instalment_reply *reply) {
    return reply == NULL ? NULL : reply->json;
}

const char *instalment_text(const struct instalment_reply *reply, const char *path) {
    const cJSON *at = instalment_json(reply);
    char name[64];
    while (at != NULL && *path != '\0') {
        size_t len = strcspn(path, ".");
        if (len >= sizeof name)
            return NULL;
        memcpy(name, path, len);
        name[len] = '\0';
        at = cJSON_GetObjectItemCaseSensitive(at, name);
        path += len + (path[len] == '.');
    }
    return at != NULL && cJSON_IsString(at) ? at->valuestring : NULL;
}

const char *instalment_header(const struct instalment_reply *reply, const char *name) {
    size_t len = strlen(name);
    if (reply == NULL || reply->lines == NULL)
        return NULL;
    const char *end = reply->lines + reply->head_len;
    for (const char *line = reply->lines; line < end; line += strlen(line) + 1) {
        line += *line == '\n';
        if (strncasecmp(line, name, len) == 0 && line[len] == ':')
            return line + len + 1 + strspn(line + len + 1, " \t");
    }
    return NULL;
}

bool instalment_replayed(const struct instalment_reply *reply) {
    const char *said = instalment_header(reply, "Idempotent-Replay");
    return said != NULL && strcmp(said, "true") == 0;
}

void instalment_reply_free(struct instalment_reply **reply) {
    struct instalment_reply *gone = *reply;
    *reply = NULL;
    if (gone == NULL)
        return;
    empty(gone);
    free(gone);
}
