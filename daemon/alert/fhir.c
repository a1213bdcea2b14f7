/* The message of alerts.md, "The message": a FHIR R4 Bundle. cJSON keeps the order in which members are added. */
#include "fhir.h"

#include <cjson/cJSON.h>
#include <openssl/evp.h>
#include <string.h>

#include "message.h"

#define ODS_SYSTEM "https://fhir.nhs.uk/Id/ods-organization-code"
#define ODS_ADDRESS "urn:nhs-uk:addressing:ods:"
#define ODS_MAX 12
#define ALERT_SYSTEM "urn:instalmentd:alert"
/* "urn:uuid:" and a UUID with its NUL. */
#define URN_SIZE 46
#define UUID_AT 9

/* Which resource of the message: with a number, it makes the resource's UUID. */
enum part {
    PART_HEADER,
    PART_COMMUNICATION,
    PART_TASK,
    PART_PATIENT,
    PART_REQUEST,
    PART_DISPENSE,
    PART_SEEN,
    PART_PHARMACY,
    PART_SERVICE
};

struct maker {
    const struct alert_message *m;
    enum alert_kind kind;
    cJSON *entries;
    unsigned char uuid[16]; /* the alert's */
    bool failed;            /* latches */
};

/* ---- members; a NULL parent (memory was short before) is allowed ---- */

static cJSON *object_in(struct maker *w, cJSON *parent, const char *name) {
    cJSON *made = cJSON_AddObjectToObject(parent, name);
    w->failed = w->failed || made == NULL;
    return made;
}

static cJSON *array_in(struct maker *w, cJSON *parent, const char *name) {
    cJSON *made = cJSON_AddArrayToObject(parent, name);
    w->failed = w->failed || made == NULL;
    return made;
}

static cJSON *object_at_end(struct maker *w, cJSON *array) {
    cJSON *made = cJSON_CreateObject();
    if (made == NULL || !cJSON_AddItemToArray(array, made)) {
        cJSON_Delete(made);
        w->failed = true;
        return NULL;
    }
    return made;
}

/* An array of one object. */
static cJSON *one_in(struct maker *w, cJSON *parent, const char *name) {
    return object_at_end(w, array_in(w, parent, name));
}

/* NULL: the member is left out. */
static void text_in(struct maker *w, cJSON *parent, const char *name, const char *text) {
    if (text != NULL && cJSON_AddStringToObject(parent, name, text) == NULL) {
        w->failed = true;
    }
}

static void day_in(struct maker *w, cJSON *parent, const char *name, day_t day) {
    if (day != DAY_NONE) {
        char text[DAY_TEXT_SIZE];
        day_format(day, text);
        text_in(w, parent, name, text);
    }
}

/* Decimal figures as they are: a double never sees them. */
static void quantity_in(struct maker *w, cJSON *parent, const char *name, quantity_t value,
                        const char *unit) {
    char text[QUANTITY_TEXT_SIZE];
    cJSON *quantity = object_in(w, parent, name);
    quantity_format(value, text);
    w->failed = w->failed || cJSON_AddRawToObject(quantity, "value", text) == NULL;
    text_in(w, quantity, "unit", unit);
}

/* ---- codes and identifiers ---- */

struct code {
    const char *system;
    const char *code;
    const char *display; /* NULL: none */
};

/* A CodeableConcept; code NULL: words only. */
static void concept_into(struct maker *w, cJSON *concept, const struct code *code, const char *text) {
    if (code != NULL) {
        cJSON *coding = one_in(w, concept, "coding");
        text_in(w, coding, "system", code->system);
        text_in(w, coding, "code", code->code);
        text_in(w, coding, "display", code->display);
    }
    text_in(w, concept, "text", text);
}

static void concept_in(struct maker *w, cJSON *parent, const char *name, const struct code *code,
                       const char *text) {
    concept_into(w, object_in(w, parent, name), code, text);
}

static void identifier_into(struct maker *w, cJSON *identifier, const char *system, const char *value) {
    text_in(w, identifier, "system", system);
    text_in(w, identifier, "value", value);
}

/* ---- resources and references ---- */

/*
 * "urn:uuid:..." of a resource: version 5, a name within the alert's own UUID, so that the same facts make the same bytes
 * and no two alerts share a resource.
 */
static void urn_of(struct maker *w, enum part part, size_t number, char out[URN_SIZE]) {
    static const char digits[] = "0123456789abcdef";
    static const char urn[] = {'u', 'r', 'n', ':', 'u', 'u', 'i', 'd', ':'};
    unsigned char name[sizeof w->uuid + 3];
    unsigned char hash[EVP_MAX_MD_SIZE] = {0};
    memcpy(name, w->uuid, sizeof w->uuid);
    name[sizeof w->uuid] = (unsigned char)part;
    name[sizeof w->uuid + 1] = (unsigned char)(number >> 8);
    name[sizeof w->uuid + 2] = (unsigned char)number;
    if (EVP_Digest(name, sizeof name, hash, NULL, EVP_sha1(), NULL) != 1) {
        w->failed = true;
    }
    hash[6] = (unsigned char)((hash[6] & 0x0F) | 0x50);
    hash[8] = (unsigned char)((hash[8] & 0x3F) | 0x80);
    memcpy(out, urn, UUID_AT);
    char *at = out + UUID_AT;
    for (size_t i = 0; i < sizeof w->uuid; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10) {
            *at++ = '-';
        }
        *at++ = digits[hash[i] >> 4];
        *at++ = digits[hash[i] & 0x0F];
    }
    *at = '\0';
}

static void reference_into(struct maker *w, cJSON *reference, enum part part, size_t number) {
    char urn[URN_SIZE];
    urn_of(w, part, number, urn);
    text_in(w, reference, "reference", urn);
}

static void reference_in(struct maker *w, cJSON *parent, const char *name, enum part part) {
    reference_into(w, object_in(w, parent, name), part, 0);
}

/* A new entry of the Bundle; returns its resource. */
static cJSON *entry(struct maker *w, const char *type, enum part part, size_t number) {
    char urn[URN_SIZE];
    urn_of(w, part, number, urn);
    cJSON *one = object_at_end(w, w->entries);
    text_in(w, one, "fullUrl", urn);
    cJSON *resource = object_in(w, one, "resource");
    text_in(w, resource, "resourceType", type);
    text_in(w, resource, "id", urn + UUID_AT);
    return resource;
}

/* The service may not be told who it is about where nothing is (A8). */
static bool has_patient(const struct maker *w) {
    return w->kind != KIND_ROUTE_TEST;
}

static void subject_in(struct maker *w, cJSON *resource, const char *name) {
    if (has_patient(w)) {
        reference_in(w, resource, name, PART_PATIENT);
    }
}

/* ---- MessageHeader ---- */

static bool is_ods(const char *code) {
    size_t len = code == NULL ? 0 : strlen(code);
    return len > 0 && len <= ODS_MAX && strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == len;
}

/* A pharmacy sits behind a router and has no address of its own: it is named by its ODS code. */
static void add_source(struct maker *w, cJSON *header) {
    char address[sizeof ODS_ADDRESS + ODS_MAX];
    cJSON *source = object_in(w, header, "source");
    memcpy(address, ODS_ADDRESS, sizeof ODS_ADDRESS);
    if (is_ods(w->m->pharmacy_ods)) {
        memcpy(address + sizeof ODS_ADDRESS - 1, w->m->pharmacy_ods, strlen(w->m->pharmacy_ods) + 1);
    }
    text_in(w, source, "name", w->m->pharmacy_name);
    text_in(w, source, "software", "instalmentd");
    text_in(w, source, "endpoint", is_ods(w->m->pharmacy_ods) ? address : "urn:instalmentd:pharmacy");
}

static void add_header(struct maker *w) {
    bool update = w->kind == KIND_CORRECTION;
    cJSON *header = entry(w, "MessageHeader", PART_HEADER, 0);
    cJSON *event = object_in(w, header, "eventCoding");
    text_in(w, event, "system", "urn:instalmentd:alert-event");
    text_in(w, event, "code", w->m->kind);
    text_in(w, event, "display", message_title(w->m->kind));
    cJSON *destination = one_in(w, header, "destination");
    text_in(w, destination, "name", w->m->service_name);
    text_in(w, destination, "endpoint", w->m->service_endpoint);
    reference_in(w, destination, "receiver", PART_SERVICE);
    reference_in(w, header, "sender", PART_PHARMACY);
    add_source(w, header);
    concept_in(w, header, "reason",
               &(struct code){"https://fhir.nhs.uk/CodeSystem/message-reason-bars", update ? "update" : "new",
                              update ? "Update" : "New"},
               update ? "update" : "new");
    cJSON *focus = array_in(w, header, "focus");
    reference_into(w, object_at_end(w, focus), PART_COMMUNICATION, 0);
    reference_into(w, object_at_end(w, focus), PART_TASK, 0);
}

/* ---- Communication ---- */

/* Another alert, by its id alone: it lies in another message. */
static void about_alert(struct maker *w, cJSON *about, const char *id) {
    cJSON *reference = object_at_end(w, about);
    text_in(w, reference, "type", "Communication");
    identifier_into(w, object_in(w, reference, "identifier"), ALERT_SYSTEM, id);
}

static void add_about(struct maker *w, cJSON *communication) {
    const struct alert_message *m = w->m;
    bool corrects = w->kind == KIND_CORRECTION;
    bool seen = w->kind == KIND_POSSIBLE_INTOXICATION;
    if (m->item_count + m->instalment_count + m->part_count == 0 && !corrects && !seen) {
        return;
    }
    cJSON *about = array_in(w, communication, "about");
    for (size_t i = 0; i < m->item_count; i++) {
        reference_into(w, object_at_end(w, about), PART_REQUEST, i);
    }
    for (size_t i = 0; i < m->instalment_count; i++) {
        reference_into(w, object_at_end(w, about), PART_DISPENSE, i);
    }
    if (seen) {
        reference_into(w, object_at_end(w, about), PART_SEEN, 0);
    }
    if (corrects) {
        about_alert(w, about, m->corrects);
    }
    for (size_t i = 0; i < m->part_count; i++) {
        about_alert(w, about, m->parts[i].id);
    }
}

static void add_communication(struct maker *w, const char *text) {
    const struct alert_message *m = w->m;
    cJSON *c = entry(w, "Communication", PART_COMMUNICATION, 0);
    identifier_into(w, one_in(w, c, "identifier"), ALERT_SYSTEM, m->id);
    text_in(w, c, "status", "in-progress");
    concept_into(
        w, one_in(w, c, "category"),
        &(struct code){"http://terminology.hl7.org/CodeSystem/communication-category", "alert", "Alert"},
        NULL);
    text_in(w, c, "priority", m->urgent ? "urgent" : "routine");
    subject_in(w, c, "subject");
    concept_in(w, c, "topic", NULL, message_title(m->kind));
    add_about(w, c);
    text_in(w, c, "sent", m->sent_at);
    reference_into(w, one_in(w, c, "recipient"), PART_SERVICE, 0);
    reference_in(w, c, "sender", PART_PHARMACY);
    text_in(w, one_in(w, c, "payload"), "contentString", text);
    if (m->register_head != NULL) {
        char note[ALERT_LINE_MAX + 64];
        struct buffer line;
        buffer_init(&line, sizeof note);
        buffer_format(&line, "Controlled drugs register, newest entry: %s", m->register_head);
        w->failed = w->failed || !buffer_ok(&line);
        text_in(w, one_in(w, c, "note"), "text", line.bytes);
        buffer_release(&line);
    }
}

/* ---- Task ---- */

static void add_task(struct maker *w) {
    const struct alert_message *m = w->m;
    cJSON *task = entry(w, "Task", PART_TASK, 0);
    identifier_into(w, one_in(w, task, "identifier"), ALERT_SYSTEM, m->id);
    if (m->correlation != NULL) {
        identifier_into(w, object_in(w, task, "groupIdentifier"), "urn:instalmentd:correlation",
                        m->correlation);
    }
    text_in(w, task, "status", "requested");
    text_in(w, task, "intent", "order");
    text_in(w, task, "priority", m->urgent ? "urgent" : "routine");
    concept_in(w, task, "code", &(struct code){"urn:instalmentd:task", "acknowledge_alert", NULL},
               "acknowledge_alert");
    text_in(w, task, "description", message_title(m->kind));
    reference_in(w, task, "focus", PART_COMMUNICATION);
    subject_in(w, task, "for");
    text_in(w, task, "authoredOn", m->raised_at);
    /* A clock that was set back in between does not make a Task that changed before it began. */
    text_in(w, task, "lastModified",
            message_at(m->sent_at) < message_at(m->raised_at) ? m->raised_at : m->sent_at);
    reference_in(w, task, "requester", PART_PHARMACY);
    reference_in(w, task, "owner", PART_SERVICE);
    if (m->answer_by != NULL) {
        text_in(w, object_in(w, object_in(w, task, "restriction"), "period"), "end", m->answer_by);
    }
}

/* ---- Patient ---- */

static void add_identified(struct maker *w, cJSON *identifiers) {
    static const struct {
        const char *word, *system, *text;
    } systems[] = {{"nhs", "https://fhir.nhs.uk/Id/nhs-number", "NHS number"},
                   {"chi", "urn:oid:2.16.840.1.113883.2.1.3.2.4.16.53", "CHI number"},
                   {"hc", NULL, "H&C number"}};
    const struct alert_message *m = w->m;
    cJSON *one = object_at_end(w, identifiers);
    for (size_t i = 0; i < sizeof systems / sizeof systems[0]; i++) {
        if (m->identifier_system != NULL && strcmp(systems[i].word, m->identifier_system) == 0) {
            concept_in(w, one, "type", NULL, systems[i].text);
            text_in(w, one, "system", systems[i].system);
        }
    }
    text_in(w, one, "value", m->identifier_value);
}

static void add_patient(struct maker *w) {
    const struct alert_message *m = w->m;
    cJSON *patient = entry(w, "Patient", PART_PATIENT, 0);
    if (m->client_reference != NULL || m->patient != NULL || m->identifier_value != NULL) {
        cJSON *identifiers = array_in(w, patient, "identifier");
        if (m->client_reference != NULL) {
            cJSON *one = object_at_end(w, identifiers);
            concept_in(w, one, "type", NULL, "Client reference of the service");
            text_in(w, one, "value", m->client_reference);
            reference_in(w, one, "assigner", PART_SERVICE);
        } else if (m->patient != NULL) {
            identifier_into(w, object_at_end(w, identifiers), "urn:instalmentd:patient", m->patient);
        }
        if (m->identifier_value != NULL) {
            add_identified(w, identifiers);
        }
    }
    if (m->patient_name != NULL) {
        text_in(w, one_in(w, patient, "name"), "text", m->patient_name);
    }
    day_in(w, patient, "birthDate", m->born_on);
}

/* ---- MedicationRequest, MedicationDispense ---- */

static bool is_digits(const char *text) {
    size_t len = text == NULL ? 0 : strlen(text);
    return len > 0 && strspn(text, "0123456789") == len;
}

static void add_medication(struct maker *w, cJSON *resource, const struct alert_item *item) {
    const struct code dmd = {"https://dmd.nhs.uk", item->dmd_code, NULL};
    concept_in(w, resource, "medicationCodeableConcept", is_digits(item->dmd_code) ? &dmd : NULL,
               item->product);
}

/* What FHIR has a word for; anything else is not known to the reader. */
static const char *request_status(const char *status) {
    static const char *const known[] = {"active", "on-hold", "cancelled", "completed", "stopped"};
    for (size_t i = 0; status != NULL && i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(known[i], status) == 0) {
            return known[i];
        }
    }
    return status == NULL ? "active" : "unknown";
}

static void add_request(struct maker *w, size_t number) {
    const struct alert_message *m = w->m;
    const struct alert_item *item = &m->items[number];
    cJSON *request = entry(w, "MedicationRequest", PART_REQUEST, number);
    text_in(w, request, "status", request_status(m->prescription_status));
    text_in(w, request, "intent", "order");
    add_medication(w, request, item);
    reference_in(w, request, "subject", PART_PATIENT);
    identifier_into(w, object_in(w, request, "groupIdentifier"), "urn:instalmentd:prescription",
                    m->prescription);
    if (m->valid_from == DAY_NONE && m->valid_to == DAY_NONE && item->total == QUANTITY_NONE) {
        return;
    }
    cJSON *dispense = object_in(w, request, "dispenseRequest");
    if (m->valid_from != DAY_NONE || m->valid_to != DAY_NONE) {
        cJSON *period = object_in(w, dispense, "validityPeriod");
        day_in(w, period, "start", m->valid_from);
        day_in(w, period, "end",
               m->valid_to != DAY_NONE && m->valid_to < m->valid_from ? DAY_NONE : m->valid_to);
    }
    if (item->total != QUANTITY_NONE) {
        quantity_in(w, dispense, "quantity", item->total, item->unit);
    }
}

static void add_dispense(struct maker *w, size_t number) {
    static const char system[] = "https://fhir.nhs.uk/CodeSystem/medicationdispense-status-reason";
    static const struct code reasons[] = {
        [ALERT_NOT_COLLECTED] = {system, "0010", "Patient did not collect medication"},
        [ALERT_WITHHELD] = {system, "0002", "Clinically unsuitable"},
    };
    const struct alert_instalment *one = &w->m->instalments[number];
    cJSON *dispense = entry(w, "MedicationDispense", PART_DISPENSE, number);
    text_in(w, dispense, "status", "declined");
    if (one->reason != ALERT_REASON_TEXT) {
        concept_in(w, dispense, "statusReasonCodeableConcept", &reasons[one->reason], NULL);
    } else {
        concept_in(w, dispense, "statusReasonCodeableConcept", NULL,
                   one->reason_text == NULL ? "No dose recorded" : one->reason_text);
    }
    add_medication(w, dispense, &w->m->items[one->item]);
    reference_in(w, dispense, "subject", PART_PATIENT);
    reference_in(w, one_in(w, dispense, "performer"), "actor", PART_PHARMACY);
    reference_into(w, one_in(w, dispense, "authorizingPrescription"), PART_REQUEST, one->item);
    concept_in(w, dispense, "type",
               &(struct code){"https://fhir.nhs.uk/CodeSystem/medicationdispense-type", "0002",
                              "Item not dispensed"},
               NULL);
    quantity_in(w, dispense, "quantity", one->quantity, w->m->items[one->item].unit);
    cJSON *timing = object_in(w, one_in(w, dispense, "dosageInstruction"), "timing");
    char day[DAY_TEXT_SIZE];
    day_format(one->due, day);
    cJSON *event = cJSON_CreateString(day);
    if (event == NULL || !cJSON_AddItemToArray(array_in(w, timing, "event"), event)) {
        cJSON_Delete(event);
        w->failed = true;
    }
}

/* ---- Observation ---- */

/* Signs that were seen, each true; what was not looked for is not said to be absent. */
static void add_seen(struct maker *w) {
    const struct alert_message *m = w->m;
    cJSON *seen = entry(w, "Observation", PART_SEEN, 0);
    text_in(w, seen, "status", "final");
    concept_in(w, seen, "code", NULL, "What was seen at collection; no diagnosis");
    reference_in(w, seen, "subject", PART_PATIENT);
    text_in(w, seen, "effectiveDateTime", m->occurred_at == NULL ? m->raised_at : m->occurred_at);
    reference_into(w, one_in(w, seen, "performer"), PART_PHARMACY, 0);
    if (m->note != NULL) {
        text_in(w, one_in(w, seen, "note"), "text", m->note);
    }
    cJSON *components = m->sign_count == 0 ? NULL : array_in(w, seen, "component");
    for (size_t i = 0; i < m->sign_count; i++) {
        cJSON *component = object_at_end(w, components);
        concept_in(w, component, "code", NULL, m->signs[i].text);
        w->failed = w->failed || cJSON_AddTrueToObject(component, "valueBoolean") == NULL;
    }
}

/* ---- Organization ---- */

static cJSON *add_organization(struct maker *w, enum part part, const char *ods, const char *name) {
    cJSON *organization = entry(w, "Organization", part, 0);
    if (ods != NULL) {
        identifier_into(w, one_in(w, organization, "identifier"), ODS_SYSTEM, ods);
    }
    text_in(w, organization, "name", name);
    return organization;
}

static void add_organizations(struct maker *w) {
    const struct alert_message *m = w->m;
    cJSON *pharmacy = add_organization(w, PART_PHARMACY, m->pharmacy_ods, m->pharmacy_name);
    if (m->pharmacy_phone != NULL) {
        cJSON *telecom = one_in(w, pharmacy, "telecom");
        text_in(w, telecom, "system", "phone");
        text_in(w, telecom, "value", m->pharmacy_phone);
    }
    if (m->pharmacy_address != NULL) {
        text_in(w, one_in(w, pharmacy, "address"), "text", m->pharmacy_address);
    }
    (void)add_organization(w, PART_SERVICE, m->service_ods, m->service_name);
}

/* ---- the Bundle ---- */

static void read_uuid(const char *text, unsigned char out[16]) {
    static const char digits[] = "0123456789abcdef";
    size_t nibble = 0;
    for (; *text != '\0' && nibble < 32; text++) {
        const char *digit = strchr(digits, *text);
        if (digit != NULL) {
            unsigned value = (unsigned)(digit - digits);
            out[nibble / 2] = (unsigned char)(nibble % 2 == 0 ? value << 4 : out[nibble / 2] | value);
            nibble++;
        }
    }
}

static cJSON *make_bundle(struct maker *w, const char *text) {
    cJSON *bundle = cJSON_CreateObject();
    w->failed = bundle == NULL;
    text_in(w, bundle, "resourceType", "Bundle");
    text_in(w, bundle, "id", w->m->id);
    text_in(w, bundle, "type", "message");
    text_in(w, bundle, "timestamp", w->m->sent_at);
    w->entries = array_in(w, bundle, "entry");
    add_header(w);
    add_communication(w, text);
    add_task(w);
    if (has_patient(w)) {
        add_patient(w);
    }
    for (size_t i = 0; i < w->m->item_count; i++) {
        add_request(w, i);
    }
    for (size_t i = 0; i < w->m->instalment_count; i++) {
        add_dispense(w, i);
    }
    if (w->kind == KIND_POSSIBLE_INTOXICATION) {
        add_seen(w);
    }
    add_organizations(w);
    return bundle;
}

static enum alert_rendered write_bundle(struct maker *w, const char *text, struct buffer *out) {
    cJSON *bundle = make_bundle(w, text);
    char *bytes = w->failed ? NULL : cJSON_PrintUnformatted(bundle);
    if (bytes != NULL) {
        buffer_text(out, bytes);
    }
    bool written = bytes != NULL && buffer_ok(out);
    cJSON_free(bytes);
    cJSON_Delete(bundle);
    return written ? ALERT_RENDERED : ALERT_NO_MEMORY;
}

enum alert_rendered alert_fhir_render(const struct alert_message *message, struct buffer *out,
                                      const char **error) {
    struct ready_message ready;
    struct buffer text;
    buffer_init(&text, ALERT_SAID_MAX);
    enum alert_rendered result = alert_text(message, &text, error);
    if (result == ALERT_RENDERED) {
        result = message_make(&ready, message, error);
        struct maker w = {.m = &ready.m, .kind = ready.kind};
        if (result == ALERT_RENDERED) {
            read_uuid(ready.m.id, w.uuid);
            result = write_bundle(&w, text.bytes, out);
        }
        message_release(&ready);
    }
    buffer_release(&text);
    return result;
}
