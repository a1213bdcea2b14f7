#include "fhir.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "call.h"
#include "clock.h"
#include "json.h"
#include "message.h"

#define URL_SIZE 512

void fhir_id(char out[FHIR_ID_SIZE]) {
    unsigned char b[16];
    randombytes_buf(b, sizeof b);
    b[6] = (unsigned char)((b[6] & 0x0F) | 0x40);
    b[8] = (unsigned char)((b[8] & 0x3F) | 0x80);
    (void)snprintf(out, FHIR_ID_SIZE, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
                   b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7], b[8], b[9], b[10], b[11], b[12], b[13],
                   b[14], b[15]);
}

static void put(cJSON *object, const char *name, const char *text) {
    if (text != NULL) {
        (void)cJSON_AddStringToObject(object, name, text);
    }
}

static cJSON *object(cJSON *parent, const char *name) {
    return cJSON_AddObjectToObject(parent, name);
}

/* A new object at the end of an array that may be new too. */
static cJSON *append(cJSON *parent, const char *name) {
    cJSON *array = cJSON_GetObjectItemCaseSensitive(parent, name);
    cJSON *one = cJSON_CreateObject();
    if (array == NULL) {
        array = cJSON_AddArrayToObject(parent, name);
    }
    if (one != NULL && (array == NULL || !cJSON_AddItemToArray(array, one))) {
        cJSON_Delete(one);
        return NULL;
    }
    return one;
}

static cJSON *bare_task(const char *alert, int64_t at) {
    cJSON *task = cJSON_CreateObject();
    char text[CLOCK_TEXT_SIZE];
    clock_text(at, text);
    put(task, "resourceType", "Task");
    put(task, "id", alert);
    cJSON *identifier = append(task, "identifier");
    put(identifier, "system", ALERT_SYSTEM);
    put(identifier, "value", alert);
    put(task, "status", "requested");
    put(task, "intent", "order");
    put(object(task, "code"), "text", "acknowledge_alert");
    put(task, "authoredOn", text);
    put(task, "lastModified", text);
    return task;
}

static void replace(cJSON *task, const char *name, const char *text) {
    cJSON *fresh = cJSON_CreateString(text);
    if (fresh != NULL && !cJSON_ReplaceItemInObjectCaseSensitive(task, name, fresh)) {
        cJSON_Delete(fresh);
    }
}

static void add_action(void *context, const struct store_action *row) {
    cJSON *task = context;
    char at[CLOCK_TEXT_SIZE];
    clock_text(row->at, at);
    replace(task, "status", row->status);
    replace(task, "lastModified", at);
    cJSON_DeleteItemFromObjectCaseSensitive(task, "owner");
    cJSON_DeleteItemFromObjectCaseSensitive(task, "statusReason");
    put(object(task, "owner"), "display", row->keyworker);
    if (strcmp(row->status, "rejected") == 0 && row->note != NULL) {
        put(object(task, "statusReason"), "text", row->note);
    }
    if (row->note != NULL) {
        cJSON *note = append(task, "note");
        put(note, "authorString", row->keyworker);
        put(note, "time", at);
        put(note, "text", row->note);
    }
}

cJSON *fhir_task(struct store *store, const struct store_message *row) {
    cJSON *task = bare_task(row->alert, row->received_at);
    if (task != NULL && store_actions(store, row->seq, add_action, task) != STORE_DONE) {
        cJSON_Delete(task);
        task = NULL;
    }
    return task;
}

static void put_url(cJSON *entry, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static void put_url(cJSON *entry, const char *name, const char *format, ...) {
    char text[URL_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    put(entry, name, text);
}

char *fhir_accepted(const struct store_message *row, const char *kind, const char *url) {
    cJSON *bundle = cJSON_CreateObject();
    char at[CLOCK_TEXT_SIZE];
    clock_text(row->received_at, at);
    put(bundle, "resourceType", "Bundle");
    put(bundle, "id", row->answer);
    put(bundle, "type", "message");
    put(bundle, "timestamp", at);
    cJSON *entry = append(bundle, "entry");
    put_url(entry, "fullUrl", "urn:uuid:%s", row->answer);
    cJSON *header = object(entry, "resource");
    put(header, "resourceType", "MessageHeader");
    put(header, "id", row->answer);
    cJSON *event = object(header, "eventCoding");
    put(event, "system", ALERT_EVENT_SYSTEM);
    put(event, "code", kind);
    put_url(object(header, "source"), "endpoint", "%s" ENDPOINT, url);
    cJSON *response = object(header, "response");
    put(response, "identifier", row->id);
    put(response, "code", "ok");
    entry = append(bundle, "entry");
    put_url(entry, "fullUrl", "%s" ENDPOINT "/Task/%s", url, row->alert);
    cJSON *task = bare_task(row->alert, row->received_at);
    if (task != NULL && !cJSON_AddItemToObject(entry, "resource", task)) {
        cJSON_Delete(task);
    }
    return json_print(bundle);
}

char *fhir_found(cJSON *task, const char *id, const char *url) {
    cJSON *bundle = cJSON_CreateObject();
    put(bundle, "resourceType", "Bundle");
    put(bundle, "type", "searchset");
    (void)cJSON_AddNumberToObject(bundle, "total", task == NULL ? 0 : 1);
    if (task != NULL) {
        cJSON *entry = append(bundle, "entry");
        put_url(entry, "fullUrl", "%s" ENDPOINT "/Task/%s", url, id);
        if (!cJSON_AddItemToObject(entry, "resource", task)) {
            cJSON_Delete(task);
        }
        put(object(entry, "search"), "mode", "match");
    }
    return json_print(bundle);
}

char *fhir_outcome(const char *code, const char *sentence) {
    cJSON *outcome = cJSON_CreateObject();
    put(outcome, "resourceType", "OperationOutcome");
    cJSON *issue = append(outcome, "issue");
    put(issue, "severity", "error");
    put(issue, "code", code);
    put(issue, "diagnostics", sentence);
    return json_print(outcome);
}
