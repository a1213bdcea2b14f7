#include "message.h"

#include <string.h>

#include "json.h"

#define ENTRIES_MAX 200
#define ID_MAX 64
#define KIND_MAX 40

static bool is_plain_id(const char *id) {
    size_t len = id == NULL ? 0 : strlen(id);
    return len > 0 && len <= ID_MAX &&
           strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-.") == len;
}

static bool is_kind(const char *kind) {
    size_t len = kind == NULL ? 0 : strlen(kind);
    return len > 0 && len <= KIND_MAX && strspn(kind, "abcdefghijklmnopqrstuvwxyz_") == len;
}

/* "2026-11-23T17:31:00+00:00", with parts left out: as the page can read it. */
static const char *moment(const char *text) {
    size_t len = text == NULL ? 0 : strlen(text);
    return len >= 4 && len <= 40 && strspn(text, "0123456789-:T+.Z") == len ? text : NULL;
}

static const cJSON *resources(const struct message *message) {
    const cJSON *entries = json_at(message->root, "entry");
    return cJSON_IsArray(entries) ? entries->child : NULL;
}

/* The resource of the next entry of this type, from `entry` on; *entry becomes the one after it. */
static const cJSON *next_of(const cJSON **entry, const char *type) {
    while (*entry != NULL) {
        const cJSON *resource = json_at(*entry, "resource");
        *entry = (*entry)->next;
        if (json_is(resource, "resourceType", type)) {
            return resource;
        }
    }
    return NULL;
}

/* The only one of its type; NULL where there is none or another. */
static const cJSON *only(const struct message *message, const char *type) {
    const cJSON *entry = resources(message);
    const cJSON *found = next_of(&entry, type);
    return next_of(&entry, type) == NULL ? found : NULL;
}

/* Whom "urn:uuid:…" or "Organization/…" means; NULL: nobody here. */
static const cJSON *resolve(const struct message *message, const char *reference, const char *type) {
    size_t type_len = strlen(type);
    if (reference == NULL) {
        return NULL;
    }
    for (const cJSON *entry = resources(message); entry != NULL; entry = entry->next) {
        const cJSON *resource = json_at(entry, "resource");
        const char *id = json_text(resource, "id");
        if (json_is(resource, "resourceType", type) &&
            (json_is(entry, "fullUrl", reference) ||
             (id != NULL && strncmp(reference, type, type_len) == 0 && reference[type_len] == '/' &&
              strcmp(reference + type_len + 1, id) == 0))) {
            return resource;
        }
    }
    return NULL;
}

/* The value of the identifier with this system, in an array of identifiers; NULL: none. */
static const char *identifier(const cJSON *array, const char *system) {
    for (const cJSON *one = cJSON_IsArray(array) ? array->child : NULL; one != NULL; one = one->next) {
        if (json_is(one, "system", system)) {
            return json_text(one, "value");
        }
    }
    return NULL;
}

/* The alert that an array of references names; NULL: none. */
static const char *names_alert(const cJSON *references) {
    for (const cJSON *one = cJSON_IsArray(references) ? references->child : NULL; one != NULL;
         one = one->next) {
        const char *value = json_text(one, "identifier.value");
        if (json_is(one, "identifier.system", ALERT_SYSTEM) && is_plain_id(value)) {
            return value;
        }
    }
    return NULL;
}

static const char *read_header(struct message *out) {
    const cJSON *header = json_at(out->root, "entry.0.resource");
    if (!json_is(header, "resourceType", "MessageHeader")) {
        return "The first entry is not a MessageHeader.";
    }
    out->kind = json_text(header, "eventCoding.code");
    if (!json_is(header, "eventCoding.system", ALERT_EVENT_SYSTEM) || !is_kind(out->kind)) {
        return "The MessageHeader names no event of " ALERT_EVENT_SYSTEM ".";
    }
    out->pharmacy = resolve(out, json_text(header, "sender.reference"), "Organization");
    out->pharmacy_ods = identifier(json_at(out->pharmacy, "identifier"), ODS_SYSTEM);
    if (out->pharmacy_ods == NULL && json_is(header, "sender.identifier.system", ODS_SYSTEM)) {
        out->pharmacy_ods = json_text(header, "sender.identifier.value");
    }
    return NULL;
}

static const char *read_communication(struct message *out) {
    static const char *const urgent[] = {"urgent", "asap", "stat"};
    const cJSON *communication = only(out, "Communication");
    const char *priority = json_text(communication, "priority");
    if (communication == NULL) {
        return "There must be one Communication.";
    }
    out->text = json_text(communication, "payload.0.contentString");
    if (out->text == NULL || out->text[0] == '\0') {
        return "The Communication has no text.";
    }
    for (size_t i = 0; priority != NULL && i < sizeof urgent / sizeof urgent[0]; i++) {
        out->urgent = out->urgent || strcmp(priority, urgent[i]) == 0;
    }
    if (!out->urgent && (priority == NULL || strcmp(priority, "routine") != 0)) {
        return "The Communication's priority is not routine, urgent, asap or stat.";
    }
    out->sent = moment(json_text(communication, "sent"));
    out->corrects = names_alert(json_at(communication, "inResponseTo"));
    return NULL;
}

static const char *read_task(struct message *out) {
    const cJSON *task = only(out, "Task");
    if (task == NULL) {
        return "There must be one Task.";
    }
    out->alert = identifier(json_at(task, "identifier"), ALERT_SYSTEM);
    if (!is_plain_id(out->alert)) {
        return "The Task has no identifier of " ALERT_SYSTEM ".";
    }
    if (!json_is(task, "status", "requested")) {
        return "The Task's status is not requested.";
    }
    out->due = moment(json_text(task, "restriction.period.end"));
    if (out->corrects == NULL) {
        out->corrects = names_alert(json_at(task, "basedOn"));
    }
    if (out->corrects == NULL) {
        out->corrects = names_alert(json_at(task, "partOf"));
    }
    return NULL;
}

static const char *read_bundle(struct message *out) {
    out->id = json_text(out->root, "id");
    if (!json_is(out->root, "resourceType", "Bundle") || !json_is(out->root, "type", "message")) {
        return "This is not a FHIR Bundle of type message.";
    }
    if (!is_plain_id(out->id)) {
        return "The Bundle has no id.";
    }
    if (cJSON_GetArraySize(json_at(out->root, "entry")) > ENTRIES_MAX) {
        return "The Bundle has too many entries.";
    }
    return NULL;
}

enum message_result message_read(const char *bytes, size_t len, struct message *out, const char **error) {
    static const char *(*const steps[])(struct message *) = {read_bundle, read_header, read_communication,
                                                             read_task};
    memset(out, 0, sizeof *out);
    out->root = json_read(bytes, len, error);
    if (out->root == NULL) {
        return MESSAGE_NOT_JSON;
    }
    *error = NULL;
    for (size_t i = 0; i < sizeof steps / sizeof steps[0] && *error == NULL; i++) {
        *error = steps[i](out);
    }
    if (*error != NULL) {
        message_free(out);
        return MESSAGE_NOT_ONE;
    }
    return MESSAGE_GOOD;
}

void message_free(struct message *message) {
    cJSON_Delete(message->root);
    memset(message, 0, sizeof *message);
}

/* ---- what the page shows */

static bool add_text(cJSON *object, const char *name, const char *text) {
    return text == NULL || cJSON_AddStringToObject(object, name, text) != NULL;
}

static bool add_pharmacy(const struct message *message, cJSON *view) {
    cJSON *out = cJSON_AddObjectToObject(view, "pharmacy");
    const cJSON *telecom = json_at(message->pharmacy, "telecom");
    const char *phone = NULL;
    for (const cJSON *one = cJSON_IsArray(telecom) ? telecom->child : NULL; one != NULL && phone == NULL;
         one = one->next) {
        phone = json_is(one, "system", "phone") ? json_text(one, "value") : NULL;
    }
    return out != NULL && add_text(out, "name", json_text(message->pharmacy, "name")) &&
           add_text(out, "ods", message->pharmacy_ods) && add_text(out, "telephone", phone);
}

static bool add_patient(const struct message *message, cJSON *view) {
    static const char nhs[] = "https://fhir.nhs.uk/Id/nhs-number";
    const cJSON *patient = only(message, "Patient");
    const cJSON *identifiers = json_at(patient, "identifier");
    cJSON *out = patient == NULL ? NULL : cJSON_AddObjectToObject(view, "patient");
    const char *name = json_text(patient, "name.0.text");
    if (patient == NULL) {
        return true;
    }
    if (out == NULL) {
        return false;
    }
    for (const cJSON *one = cJSON_IsArray(identifiers) ? identifiers->child : NULL; one != NULL;
         one = one->next) {
        const char *member = json_is(one, "system", nhs) ? "nhs_number" : "reference";
        if (json_at(out, member) == NULL && !add_text(out, member, json_text(one, "value"))) {
            return false;
        }
    }
    return add_text(out, "name", name != NULL ? name : json_text(patient, "name.0.family")) &&
           (name != NULL || add_text(out, "given", json_text(patient, "name.0.given.0"))) &&
           add_text(out, "born", moment(json_text(patient, "birthDate")));
}

/* "Methadone 1 mg/ml …": as text, or what its code is shown as. */
static const char *concept_text(const cJSON *concept) {
    const char *text = json_text(concept, "text");
    return text != NULL ? text : json_text(concept, "coding.0.display");
}

static bool add_missed(const struct message *message, cJSON *view) {
    cJSON *out = cJSON_AddArrayToObject(view, "missed");
    const cJSON *entry = resources(message);
    const cJSON *dispense = NULL;
    if (out == NULL) {
        return false;
    }
    while ((dispense = next_of(&entry, "MedicationDispense")) != NULL) {
        cJSON *one = cJSON_CreateObject();
        if (one == NULL || !cJSON_AddItemToArray(out, one)) {
            cJSON_Delete(one);
            return false;
        }
        if (!add_text(one, "day", moment(json_text(dispense, "dosageInstruction.0.timing.event.0"))) ||
            !add_text(one, "reason", concept_text(json_at(dispense, "statusReasonCodeableConcept")))) {
            return false;
        }
    }
    return true;
}

static bool add_signs(const struct message *message, cJSON *view) {
    cJSON *out = cJSON_AddArrayToObject(view, "signs");
    const cJSON *entry = resources(message);
    const cJSON *observation = NULL;
    if (out == NULL) {
        return false;
    }
    while ((observation = next_of(&entry, "Observation")) != NULL) {
        const cJSON *components = json_at(observation, "component");
        for (const cJSON *one = cJSON_IsArray(components) ? components->child : NULL; one != NULL;
             one = one->next) {
            const char *text = concept_text(json_at(one, "code"));
            if (text != NULL && cJSON_IsTrue(json_at(one, "valueBoolean")) &&
                !cJSON_AddItemToArray(out, cJSON_CreateString(text))) {
                return false;
            }
        }
    }
    return true;
}

bool message_view(const struct message *message, cJSON *view) {
    const cJSON *entry = resources(message);
    const cJSON *request = next_of(&entry, "MedicationRequest");
    return cJSON_AddStringToObject(view, "kind", message->kind) != NULL &&
           cJSON_AddBoolToObject(view, "urgent", message->urgent) != NULL &&
           add_text(view, "text", message->text) && add_text(view, "sent", message->sent) &&
           add_text(view, "due", message->due) && add_text(view, "corrects", message->corrects) &&
           add_text(view, "product", concept_text(json_at(request, "medicationCodeableConcept"))) &&
           add_pharmacy(message, view) && add_patient(message, view) && add_missed(message, view) &&
           add_signs(message, view);
}
