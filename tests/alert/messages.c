/*
 * Prints every golden message and COUNT random ones, each signed as it would be sent, as JSON lines for
 * tests/alert/validate.mjs: name, id, timestamp, signature, one or two secrets, and the exact bytes of the body as a text.
 *
 *   messages COUNT
 */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/messages.h"
#include "alert/webhook.h"

#define STAMP 1795456801 /* 2026-11-23T18:00:01Z; the checker takes it for now */

static struct made_message made;

static void print_message(const char *name, bool two_secrets) {
    struct buffer bytes;
    struct webhook_secrets secrets;
    char signature[WEBHOOK_SIGNATURE_SIZE];
    const char *secret = two_secrets ? MESSAGES_SECRET " " MESSAGES_SECRET_NEW : MESSAGES_SECRET;
    buffer_init(&bytes, ALERT_MESSAGE_MAX);
    const char *error = NULL;
    if (alert_fhir_render(&made.m, &bytes, &error) != ALERT_RENDERED ||
        !webhook_secrets_parse(secret, &secrets) ||
        !webhook_sign(&secrets, made.m.id, STAMP, bytes.bytes, bytes.len, signature)) {
        (void)fprintf(stderr, "messages: %s: %s\n", name, error == NULL ? "not rendered or signed" : error);
        exit(1);
    }
    cJSON *line = cJSON_CreateObject();
    cJSON_AddStringToObject(line, "name", name);
    cJSON_AddStringToObject(line, "kind", made.m.kind);
    cJSON_AddStringToObject(line, "id", made.m.id);
    cJSON_AddNumberToObject(line, "timestamp", STAMP);
    cJSON_AddStringToObject(line, "signature", signature);
    cJSON_AddStringToObject(line, "secrets", secret);
    cJSON_AddStringToObject(line, "body", bytes.bytes);
    char *text = cJSON_PrintUnformatted(line);
    (void)puts(text);
    cJSON_free(text);
    cJSON_Delete(line);
    buffer_release(&bytes);
}

int main(int argc, char **argv) {
    char *end = NULL;
    unsigned long count = argc == 2 ? strtoul(argv[1], &end, 10) : 0;
    if (argc != 2 || end == argv[1] || *end != '\0') {
        (void)fputs("usage: messages COUNT\n", stderr);
        return 2;
    }
    for (size_t i = 0; i < messages_golden_count(); i++) {
        messages_golden(i, &made);
        print_message(messages_golden_name(i), i % 2 == 1);
    }
    for (unsigned long i = 0; i < count; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "random %lu", i);
        messages_random(1000000 + i, &made);
        print_message(name, i % 2 == 1);
    }
    return fflush(stdout) == 0 ? 0 : 1;
}
