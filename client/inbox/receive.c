/* POST {endpoint}/$process-message: verified first, read second, stored third, answered once that is synced. */
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "call.h"
#include "clock.h"
#include "fhir.h"
#include "log.h"
#include "message.h"
#include "pharmacy.h"

#define CORRELATION_MAX 64

void fhir_refuse(struct call *call, int status, const char *code, const char *sentence) {
    log_line(status == 404 ? LOG_DEBUG : LOG_WARNING, "event=refused status=%d code=%s", status, code);
    if (status == 429 || status == 503) {
        call_add(call, "Retry-After", "30");
    }
    call_answer(call, status, FHIR_TYPE, fhir_outcome(code, sentence));
}

/* "application/fhir+json", with or without parameters; a version, where there is one, must be ours. */
static bool is_fhir(const char *type) {
    static const char name[] = "application/fhir+json";
    const size_t len = sizeof name - 1;
    if (type == NULL || evutil_ascii_strncasecmp(type, name, len) != 0 ||
        strchr("; \t", type[len]) == NULL) { /* the NUL is found too */
        return false;
    }
    const char *version = strcasestr(type, "fhirVersion=");
    if (version == NULL) {
        return true;
    }
    version += strlen("fhirVersion=");
    version += *version == '"' ? 1 : 0;
    return strncmp(version, "4.0", 3) == 0 && strchr(".;\" \t", version[3]) != NULL;
}

static bool is_uuid(const char *id) {
    static const char form[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    if (strlen(id) != sizeof form - 1) {
        return false;
    }
    for (size_t i = 0; form[i] != '\0'; i++) {
        if (form[i] == '-' ? id[i] != '-' : strchr("0123456789abcdef", id[i]) == NULL) {
            return false;
        }
    }
    return true;
}

/* Headers that, where they are sent, repeat the id. */
static bool ids_agree(const struct call *call, const char *id, const struct message *message) {
    static const char *const names[] = {"Idempotency-Key", "X-Request-ID"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        const char *value = call_header(call, names[i]);
        if (value != NULL && strcmp(value, id) != 0) {
            return false;
        }
    }
    return strcmp(message->id, id) == 0;
}

static const char *correlation_of(const struct call *call) {
    const char *value = call_header(call, "X-Correlation-ID");
    size_t len = value == NULL ? 0 : strlen(value);
    return len > 0 && len <= CORRELATION_MAX &&
                   strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.") == len
               ? value
               : NULL;
}

/* What is there already under this id. */
struct earlier {
    const struct store_message *now; /* what came */
    const char *kind, *url;
    bool same;
    char *answer;
};

static void look_at_earlier(void *context, const struct store_message *row) {
    struct earlier *earlier = context;
    earlier->same = memcmp(row->digest, earlier->now->digest, STORE_DIGEST) == 0 &&
                    strcmp(row->pharmacy, earlier->now->pharmacy) == 0;
    if (earlier->same) {
        earlier->answer = fhir_accepted(row, earlier->kind, earlier->url);
    }
}

static void nothing(void *context, const struct store_message *row) {
    (void)context;
    (void)row;
}

static void answer_accepted(struct call *call, const char *alert, char *text) {
    char location[512];
    if (text == NULL) {
        fhir_refuse(call, 503, "transient", "There is not enough memory.");
        return;
    }
    (void)snprintf(location, sizeof location, "%s" ENDPOINT "/Task/%s", call_url(call), alert);
    call_add(call, "Location", location);
    call_answer(call, 200, FHIR_TYPE, text);
}

static void store_new(struct call *call, struct store_message *row, const struct message *message) {
    enum store_result other = store_message_by_alert(call_store(call), row->alert, nothing, NULL);
    if (other == STORE_DONE) {
        fhir_refuse(call, 409, "duplicate", "Another message has said this alert already.");
        return;
    }
    if (other == STORE_FAILED || store_add_message(call_store(call), row) != STORE_DONE) {
        fhir_refuse(call, 503, "transient", "The message cannot be stored now.");
        return;
    }
    log_line(LOG_NOTICE, "event=received id=%s kind=%s pharmacy=%s", row->id, message->kind, row->pharmacy);
    answer_accepted(call, row->alert, fhir_accepted(row, message->kind, call_url(call)));
}

static void store_once(struct call *call, const struct message *message, const char *pharmacy) {
    char answer[FHIR_ID_SIZE];
    fhir_id(answer);
    struct store_message row = {.id = message->id,
                                .alert = message->alert,
                                .pharmacy = pharmacy,
                                .received_at = clock_now(),
                                .correlation = correlation_of(call),
                                .corrects = message->corrects,
                                .urgent = message->urgent,
                                .answer = answer,
                                .body = call->body,
                                .body_len = call->body_len};
    struct earlier earlier = {.now = &row, .kind = message->kind, .url = call_url(call)};
    (void)EVP_Digest(call->body, call->body_len, row.digest, NULL, EVP_sha256(), NULL);
    switch (store_message_by_id(call_store(call), row.id, look_at_earlier, &earlier)) {
    case STORE_FAILED: fhir_refuse(call, 503, "transient", "The message cannot be stored now."); return;
    case STORE_NONE: store_new(call, &row, message); return;
    case STORE_DONE: break;
    }
    if (!earlier.same) {
        fhir_refuse(call, 409, "conflict", "A message with this id, but other bytes, is here already.");
        return;
    }
    log_line(LOG_NOTICE, "event=repeated id=%s", row.id);
    answer_accepted(call, row.alert, earlier.answer);
}

static void read_and_store(struct call *call, const struct config_pharmacy *pharmacy, const char *id) {
    struct message message;
    const char *error = NULL;
    switch (message_read(call->body, call->body_len, &message, &error)) {
    case MESSAGE_NOT_JSON: fhir_refuse(call, 400, "structure", error); return;
    case MESSAGE_NOT_ONE: fhir_refuse(call, 422, "processing", error); return;
    case MESSAGE_GOOD: break;
    }
    if (!ids_agree(call, id, &message)) {
        fhir_refuse(call, 400, "invalid", "webhook-id, Bundle.id, Idempotency-Key and X-Request-ID differ.");
    } else if (message.pharmacy_ods != NULL && pharmacy->ods != NULL && pharmacy->ods[0] != '\0' &&
               evutil_ascii_strcasecmp(message.pharmacy_ods, pharmacy->ods) != 0) {
        fhir_refuse(call, 403, "forbidden", "The sender is not the pharmacy whose secret this is.");
    } else {
        store_once(call, &message, pharmacy->id);
    }
    message_free(&message);
}

void receive_message(struct call *call) {
    const struct config_pharmacy *pharmacy = NULL;
    if (!is_fhir(call_header(call, "Content-Type"))) {
        fhir_refuse(call, 415, "not-supported",
                    "The content type must be application/fhir+json, version 4.0.");
        return;
    }
    const char *why = pharmacy_of(call, &pharmacy);
    if (why != NULL) {
        fhir_refuse(call, 401, "login", why);
        return;
    }
    const char *id = call_header(call, "webhook-id");
    if (!is_uuid(id)) {
        fhir_refuse(call, 400, "invalid", "webhook-id must be a UUID in small letters.");
        return;
    }
    read_and_store(call, pharmacy, id);
}
