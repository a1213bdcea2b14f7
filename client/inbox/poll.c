/* What became of an alert: GET {endpoint}/Task?identifier=, and what Location named. */
#include <stdlib.h>
#include <string.h>

#include "call.h"
#include "clock.h"
#include "fhir.h"
#include "json.h"
#include "message.h"
#include "pharmacy.h"

#define ID_MAX 64

struct found {
    struct call *call;
    const struct config_pharmacy *pharmacy; /* that signed; NULL: nobody did */
    bool visible;
    cJSON *task;
};

static void look(void *context, const struct store_message *row) {
    struct found *found = context;
    found->visible = found->pharmacy == NULL || strcmp(found->pharmacy->id, row->pharmacy) == 0;
    found->task = found->visible ? fhir_task(call_store(found->call), row) : NULL;
}

/* May it be asked? Where not, it is answered. *pharmacy: who signed, NULL where nobody did. */
static bool may_ask(struct call *call, const struct config_pharmacy **pharmacy) {
    bool demanded = strcmp(call_config(call)->polls, "signed") == 0;
    if (throttle_wait(call_misses(call), call->address, clock_elapsed_ms()) > 0) {
        fhir_refuse(call, 429, "throttled", "Too many questions for what is not here.");
        return false;
    }
    if (!demanded && !pharmacy_is_signed(call)) {
        return true;
    }
    const char *why = pharmacy_of(call, pharmacy);
    if (why != NULL) {
        fhir_refuse(call, 401, "login", why);
    }
    return why == NULL;
}

/* The Task of an alert. False: it is answered already. */
static bool find(struct call *call, const char *id, cJSON **task) {
    struct found found = {.call = call};
    *task = NULL;
    if (!may_ask(call, &found.pharmacy)) {
        return false;
    }
    enum store_result result = store_message_by_alert(call_store(call), id, look, &found);
    if (result == STORE_FAILED || (result == STORE_DONE && found.visible && found.task == NULL)) {
        fhir_refuse(call, 503, "transient", "The inbox cannot be read now.");
        return false;
    }
    if (found.task == NULL) {
        throttle_failed(call_misses(call), call->address, clock_elapsed_ms());
    }
    *task = found.task;
    return true;
}

void poll_read(struct call *call, const char *id) {
    cJSON *task = NULL;
    if (strlen(id) > ID_MAX) {
        fhir_refuse(call, 404, "not-found", "There is no such Task.");
    } else if (find(call, id, &task)) {
        if (task == NULL) {
            fhir_refuse(call, 404, "not-found", "There is no such Task.");
        } else {
            call_answer(call, 200, FHIR_TYPE, json_print(task));
        }
    }
}

/* The identifier's value: "urn:instalmentd:alert|ID", percent-encoded or not. NULL: it is not that. Free it. */
static char *identifier_of(const char *query) {
    static const char name[] = "identifier=";
    static const char system[] = ALERT_SYSTEM "|";
    char *id = NULL;
    if (query == NULL || strncmp(query, name, sizeof name - 1) != 0 || strchr(query, '&') != NULL) {
        return NULL;
    }
    char *value = evhttp_uridecode(query + sizeof name - 1, 0, NULL);
    if (value != NULL && strncmp(value, system, sizeof system - 1) == 0 &&
        strlen(value) - (sizeof system - 1) <= ID_MAX) {
        id = strdup(value + sizeof system - 1);
    }
    free(value);
    return id;
}

void poll_search(struct call *call) {
    cJSON *task = NULL;
    char *id = identifier_of(call->query);
    if (id == NULL) {
        fhir_refuse(call, 400, "invalid", "Ask for identifier=" ALERT_SYSTEM "|ID and nothing else.");
    } else if (find(call, id, &task)) {
        call_answer(call, 200, FHIR_TYPE, fhir_found(task, id, call_url(call)));
    }
    free(id);
}
