/*
 * Any bytes as a service's answer: read or not, never both; what is read stays within its room and is UTF-8; an answer that was
 * not read says nothing; and only a body with the alert's own id in it acknowledges.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "alert/clean.h"
#include "alert/fhir.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ID "019aaf10-7d2e-7a10-8e44-9f1d6c0b2a00"

static void need(bool condition) {
    if (!condition) {
        abort();
    }
}

/* A NUL within, and nothing in it that is not UTF-8. */
static void check_text(const char *text, size_t room) {
    need(memchr(text, '\0', room) != NULL);
    struct arena *arena = arena_new(1U << 20);
    need(arena != NULL);
    const char *cleaned = clean_text(arena, text, room * 4, true);
    need(cleaned == NULL || strstr(text, "\xEF\xBF\xBD") != NULL || strstr(cleaned, "\xEF\xBF\xBD") == NULL);
    arena_free(&arena);
}

static bool holds(const char *body, size_t len, const char *what) {
    return memmem(body, len, what, strlen(what)) != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *body = malloc(size + (size == 0));
    struct alert_answer answer;
    need(body != NULL);
    memcpy(body, data, size);
    memset(&answer, 0xA5, sizeof answer);
    enum alert_body read = alert_fhir_read_answer(ID, body, size, &answer);
    need(read == ALERT_BODY_READ || read == ALERT_BODY_OTHER || read == ALERT_BODY_BROKEN);
    check_text(answer.by, sizeof answer.by);
    check_text(answer.note, sizeof answer.note);
    need(answer.task <= ALERT_TASK_REJECTED && answer.response <= ALERT_RESPONSE_FATAL);
    if (read != ALERT_BODY_READ) {
        need(answer.task == ALERT_TASK_NONE && answer.response == ALERT_RESPONSE_NONE);
    }
    if (answer.task == ALERT_TASK_NONE) {
        need(answer.by[0] == '\0' && answer.note[0] == '\0');
    } else {
        /* Escapes can spell it otherwise. */
        need(holds(body, size, ID) || holds(body, size, "\\u"));
    }
    free(body);
    return 0;
}
