/*
 * The message to the service and its words: golden bytes of each kind (UPDATE_GOLDEN=1 writes them anew), the table of
 * alerts.md entry by entry, least data (A8), the sentences of rules.md sections 5 and 9, and memory that runs out.
 */
/* link: -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "../support/messages.h"
#include "../unit/torture.h"
#include "http/json.h"

#define GOLDEN "tests/golden/alerts/"
#define RANDOM_MESSAGES 1600

static struct made_message made;

static struct buffer rendered(const struct alert_message *m) {
    struct buffer out;
    const char *error = NULL;
    buffer_init(&out, ALERT_MESSAGE_MAX);
    enum alert_rendered result = alert_fhir_render(m, &out, &error);
    if (result != ALERT_RENDERED) {
        fail_msg("%s: %d, %s", m->kind, (int)result, error == NULL ? "no error" : error);
    }
    return out;
}

static struct buffer worded(const struct alert_message *m) {
    struct buffer out;
    buffer_init(&out, ALERT_SAID_MAX);
    assert_int_equal(alert_text(m, &out, NULL), ALERT_RENDERED);
    return out;
}

static struct buffer spoken(const struct alert_message *m) {
    struct buffer out;
    buffer_init(&out, ALERT_SAID_MAX);
    assert_int_equal(alert_say(m, &out, NULL), ALERT_RENDERED);
    return out;
}

static struct alert_message *golden(const char *name) {
    for (size_t i = 0; i < messages_golden_count(); i++) {
        if (strcmp(messages_golden_name(i), name) == 0) {
            messages_golden(i, &made);
            return &made.m;
        }
    }
    fail_msg("no golden message %s", name);
    return NULL;
}

/* ---- golden files */

static void check_golden(const char *name, const char *end, const struct buffer *bytes) {
    char path[256];
    char *held = calloc(1, ALERT_MESSAGE_MAX);
    (void)snprintf(path, sizeof path, GOLDEN "%s%s", name, end);
    if (getenv("UPDATE_GOLDEN") != NULL) {
        FILE *file = fopen(path, "wb");
        assert_non_null(file);
        assert_int_equal(fwrite(bytes->bytes, 1, bytes->len, file), bytes->len);
        assert_int_equal(fputc('\n', file), '\n');
        assert_int_equal(fclose(file), 0);
    }
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        fail_msg("%s is not there: UPDATE_GOLDEN=1", path);
    }
    size_t len = fread(held, 1, ALERT_MESSAGE_MAX - 1, file);
    (void)fclose(file);
    if (len != bytes->len + 1 || memcmp(held, bytes->bytes, bytes->len) != 0) {
        fail_msg("%s says\n%s\nand it is now\n%s", path, held, bytes->bytes);
    }
    free(held);
}

static void each_kind_has_its_golden_message(void **state) {
    (void)state;
    for (size_t kind = 0; alert_kinds[kind] != NULL; kind++) {
        assert_string_equal(golden(alert_kinds[kind])->kind, alert_kinds[kind]);
    }
    for (size_t i = 0; i < messages_golden_count(); i++) {
        messages_golden(i, &made);
        struct buffer bytes = rendered(&made.m);
        struct buffer text = worded(&made.m);
        struct buffer say = spoken(&made.m);
        assert_null(strchr(bytes.bytes, '\n'));
        assert_null(strchr(say.bytes, '\n'));
        check_golden(messages_golden_name(i), ".json", &bytes);
        buffer_text(&text, "\n\nOn the telephone:\n");
        buffer_add(&text, say.bytes, say.len);
        check_golden(messages_golden_name(i), ".txt", &text);
        buffer_release(&bytes);
        buffer_release(&text);
        buffer_release(&say);
    }
}

/* ---- the table of alerts.md */

static const cJSON *at(const cJSON *value, const char *path) {
    char one[64];
    while (value != NULL && *path != '\0') {
        size_t len = strcspn(path, ".");
        memcpy(one, path, len);
        one[len] = '\0';
        value = one[0] >= '0' && one[0] <= '9' ? cJSON_GetArrayItem(value, (int)strtol(one, NULL, 10))
                                               : cJSON_GetObjectItemCaseSensitive(value, one);
        path += len + (path[len] == '.');
    }
    return value;
}

static const char *text_at(const cJSON *value, const char *path) {
    const cJSON *found = at(value, path);
    return cJSON_IsString(found) ? found->valuestring : "";
}

/* The number-th resource of a type, NULL where there are fewer. */
static const cJSON *resource(const cJSON *bundle, const char *type, int number) {
    const cJSON *entry = NULL;
    cJSON_ArrayForEach(entry, at(bundle, "entry")) {
        const cJSON *one = at(entry, "resource");
        if (strcmp(text_at(one, "resourceType"), type) == 0 && number-- == 0) {
            return one;
        }
    }
    return NULL;
}

static cJSON *bundle_of(const struct alert_message *m) {
    const char *error = NULL;
    struct buffer bytes = rendered(m);
    cJSON *bundle = json_read(bytes.bytes, bytes.len, &error);
    if (bundle == NULL) {
        fail_msg("%s: %s", error, bytes.bytes);
    }
    buffer_release(&bytes);
    return bundle;
}

static void the_entries_are_those_of_the_table(void **state) {
    (void)state;
    static const char *const types[] = {"MessageHeader", "Communication",     "Task",
                                        "Patient",       "MedicationRequest", "MedicationDispense",
                                        "Organization",  "Organization"};
    cJSON *bundle = bundle_of(golden("missed_pickup"));
    assert_string_equal(text_at(bundle, "resourceType"), "Bundle");
    assert_string_equal(text_at(bundle, "type"), "message");
    assert_string_equal(text_at(bundle, "id"), made.m.id);
    assert_int_equal(cJSON_GetArraySize(at(bundle, "entry")), 8);
    for (int i = 0; i < 8; i++) {
        const cJSON *entry = cJSON_GetArrayItem(at(bundle, "entry"), i);
        assert_string_equal(text_at(entry, "resource.resourceType"), types[i]);
        assert_memory_equal(text_at(entry, "fullUrl"), "urn:uuid:", 9);
        assert_string_equal(text_at(entry, "fullUrl") + 9, text_at(entry, "resource.id"));
    }
    const cJSON *header = resource(bundle, "MessageHeader", 0);
    assert_string_equal(text_at(header, "eventCoding.system"), "urn:instalmentd:alert-event");
    assert_string_equal(text_at(header, "eventCoding.code"), "missed_pickup");
    assert_string_equal(text_at(header, "reason.coding.0.code"), "new");
    assert_string_equal(text_at(header, "focus.0.reference"), text_at(bundle, "entry.1.fullUrl"));
    assert_string_equal(text_at(header, "focus.1.reference"), text_at(bundle, "entry.2.fullUrl"));
    assert_string_equal(text_at(header, "sender.reference"), text_at(bundle, "entry.6.fullUrl"));
    assert_string_equal(text_at(header, "destination.0.endpoint"), made.m.service_endpoint);
    const cJSON *communication = resource(bundle, "Communication", 0);
    assert_string_equal(text_at(communication, "category.0.coding.0.code"), "alert");
    assert_string_equal(text_at(communication, "priority"), "routine");
    assert_string_equal(text_at(communication, "status"), "in-progress");
    assert_string_equal(text_at(communication, "sent"), made.m.sent_at);
    struct buffer text = worded(&made.m);
    assert_string_equal(text_at(communication, "payload.0.contentString"), text.bytes);
    buffer_release(&text);
    const cJSON *task = resource(bundle, "Task", 0);
    assert_string_equal(text_at(task, "code.coding.0.code"), "acknowledge_alert");
    assert_string_equal(text_at(task, "status"), "requested");
    assert_string_equal(text_at(task, "restriction.period.end"), made.m.answer_by);
    assert_string_equal(text_at(task, "owner.reference"), text_at(bundle, "entry.7.fullUrl"));
    assert_string_equal(text_at(task, "identifier.0.system"), "urn:instalmentd:alert");
    assert_string_equal(text_at(task, "identifier.0.value"), made.m.id);
    assert_string_equal(text_at(task, "groupIdentifier.value"), made.m.correlation);
    assert_string_equal(text_at(bundle, "entry.6.resource.identifier.0.value"), "FXX99");
    assert_string_equal(text_at(bundle, "entry.7.resource.identifier.0.value"), "RXX01");
    cJSON_Delete(bundle);
}

static void an_instalment_says_why_it_was_not_supplied(void **state) {
    (void)state;
    static const char type_system[] = "https://fhir.nhs.uk/CodeSystem/medicationdispense-type";
    static const char reason_system[] = "https://fhir.nhs.uk/CodeSystem/medicationdispense-status-reason";
    cJSON *bundle = bundle_of(golden("supply_on_hold"));
    const char *const codes[] = {"0002", "", "0010"};
    const char *const days[] = {"2026-11-21", "2026-11-22", "2026-11-23"};
    for (int i = 0; i < 3; i++) {
        const cJSON *one = resource(bundle, "MedicationDispense", i);
        assert_non_null(one);
        assert_string_equal(text_at(one, "status"), "declined");
        assert_string_equal(text_at(one, "type.coding.0.system"), type_system);
        assert_string_equal(text_at(one, "type.coding.0.code"), "0002");
        assert_string_equal(text_at(one, "type.coding.0.display"), "Item not dispensed");
        assert_string_equal(text_at(one, "statusReasonCodeableConcept.coding.0.code"), codes[i]);
        assert_string_equal(text_at(one, "statusReasonCodeableConcept.coding.0.system"),
                            i == 1 ? "" : reason_system);
        assert_string_equal(text_at(one, "dosageInstruction.0.timing.event.0"), days[i]);
    }
    assert_null(resource(bundle, "MedicationDispense", 3));
    assert_string_equal(text_at(bundle, "entry.6.resource.statusReasonCodeableConcept.text"),
                        "the pharmacy was closed");
    assert_null(at(bundle, "entry.6.resource.statusReasonCodeableConcept.coding"));
    cJSON_Delete(bundle);
    /* 62.5 ml is 62.5, to the digit. */
    struct buffer bytes = rendered(golden("digest"));
    assert_non_null(strstr(bytes.bytes, "\"quantity\":{\"value\":62.5,\"unit\":\"ml\"}"));
    buffer_release(&bytes);
}

static void signs_are_what_was_seen(void **state) {
    (void)state;
    cJSON *bundle = bundle_of(golden("possible_intoxication"));
    const cJSON *seen = resource(bundle, "Observation", 0);
    assert_int_equal(cJSON_GetArraySize(at(seen, "component")), 2);
    assert_string_equal(text_at(seen, "component.0.code.text"), "slurred speech");
    assert_true(cJSON_IsTrue(at(seen, "component.0.valueBoolean")));
    assert_string_equal(text_at(seen, "note.0.text"), made.m.note);
    cJSON_Delete(bundle);
    bundle = bundle_of(golden("other_concern"));
    assert_null(resource(bundle, "Observation", 0));
    cJSON_Delete(bundle);
}

static void a_correction_names_what_it_corrects(void **state) {
    (void)state;
    cJSON *bundle = bundle_of(golden("correction"));
    assert_string_equal(text_at(bundle, "entry.0.resource.reason.coding.0.code"), "update");
    assert_string_equal(text_at(bundle, "entry.1.resource.about.1.identifier.value"), made.m.corrects);
    assert_string_equal(text_at(bundle, "entry.1.resource.about.1.identifier.system"),
                        "urn:instalmentd:alert");
    struct buffer text = worded(&made.m);
    assert_non_null(strstr(text.bytes, made.m.corrects));
    assert_non_null(strstr(text.bytes, "\"Missed collection\" of Mon 23 Nov 2026"));
    assert_non_null(strstr(text.bytes, "late, by 3 hours")); /* H28 */
    buffer_release(&text);
    cJSON_Delete(bundle);
}

static void a_test_is_about_nobody(void **state) {
    (void)state;
    struct buffer bytes = rendered(golden("route_test"));
    assert_null(strstr(bytes.bytes, "\"Patient\""));
    assert_null(strstr(bytes.bytes, "Medication"));
    assert_null(strstr(bytes.bytes, "SRS-20417"));
    assert_null(strstr(bytes.bytes, "opaque"));
    buffer_release(&bytes);
}

static void references_stay_inside_the_message(void **state) {
    (void)state;
    for (size_t i = 0; i < messages_golden_count(); i++) {
        messages_golden(i, &made);
        struct buffer bytes = rendered(&made.m);
        for (const char *from = bytes.bytes; (from = strstr(from, "\"reference\":\"")) != NULL;) {
            char full[80];
            from += 13;
            (void)snprintf(full, sizeof full, "\"fullUrl\":\"%.45s\"", from);
            if (strstr(bytes.bytes, full) == NULL) {
                fail_msg("%s refers to nothing: %.45s", messages_golden_name(i), from);
            }
        }
        buffer_release(&bytes);
    }
}

/* ---- the same facts, the same bytes */

static void the_same_facts_make_the_same_bytes(void **state) {
    (void)state;
    for (uint64_t number = 0; number < 64; number++) {
        messages_random(number, &made);
        struct buffer first = rendered(&made.m);
        messages_random(number, &made);
        struct buffer again = rendered(&made.m);
        assert_string_equal(first.bytes, again.bytes);
        made.m.id = "019aaf10-7d2e-7a10-8e44-9f1d6c0b2aff";
        struct buffer other = rendered(&made.m);
        const char *url = strstr(first.bytes, "urn:uuid:");
        char one[46];
        (void)snprintf(one, sizeof one, "%.45s", url);
        assert_null(strstr(other.bytes, one));
        buffer_release(&first);
        buffer_release(&again);
        buffer_release(&other);
    }
}

/* ---- A8 */

/* Lower case, without spaces. */
static char *squeezed(const char *text) {
    char *out = malloc(strlen(text) + 1);
    size_t len = 0;
    for (; *text != '\0'; text++) {
        if (*text != ' ' && !(text[0] == '\\' && text[1] == 'n')) {
            out[len++] = (char)(*text >= 'A' && *text <= 'Z' ? *text - 'A' + 'a' : *text);
        }
    }
    out[len] = '\0';
    return out;
}

static void check_least(const struct alert_message *m, const char *said) {
    char *text = squeezed(said);
    if (m->patient_name != NULL && strstr(text, "canaryq.yellowbird") != NULL) {
        fail_msg("the name shows in %s", said);
    }
    if (m->identifier_value != NULL && strstr(text, MESSAGES_NHS) != NULL) {
        fail_msg("the number shows in %s", said);
    }
    assert_null(strstr(text, "07jul1977"));
    assert_null(strstr(text, MESSAGES_BORN));
    free(text);
}

static void nobody_is_named_to_a_service_that_needs_no_name(void **state) {
    (void)state;
    size_t notes = 0;
    for (uint64_t number = 0; number < RANDOM_MESSAGES; number++) {
        messages_random(number, &made);
        made.m.identify = false;
        struct buffer bytes = rendered(&made.m);
        struct buffer text = worded(&made.m);
        struct buffer say = spoken(&made.m);
        check_least(&made.m, bytes.bytes);
        check_least(&made.m, text.bytes);
        check_least(&made.m, say.bytes);
        notes += strstr(bytes.bytes, "[...]") != NULL;
        buffer_release(&bytes);
        buffer_release(&text);
        buffer_release(&say);
    }
    assert_true(notes > 50); /* the notes did name the patient */
    for (size_t i = 0; i < messages_golden_count(); i++) {
        messages_golden(i, &made);
        struct buffer bytes = rendered(&made.m);
        if (!made.m.identify) {
            check_least(&made.m, bytes.bytes);
        }
        buffer_release(&bytes);
    }
}

static void a_service_set_to_it_gets_name_number_and_birth(void **state) {
    (void)state;
    cJSON *bundle = bundle_of(golden("missed_pickup-identified"));
    const cJSON *patient = resource(bundle, "Patient", 0);
    assert_string_equal(text_at(patient, "name.0.text"), MESSAGES_NAME);
    assert_string_equal(text_at(patient, "birthDate"), MESSAGES_BORN);
    assert_string_equal(text_at(patient, "identifier.0.value"), "SRS-20417");
    assert_string_equal(text_at(patient, "identifier.1.system"), "https://fhir.nhs.uk/Id/nhs-number");
    assert_string_equal(text_at(patient, "identifier.1.value"), MESSAGES_NHS);
    assert_string_equal(text_at(bundle, "entry.4.resource.medicationCodeableConcept.coding.0.code"),
                        "1234567890");
    cJSON_Delete(bundle);
    /* Our own id goes out only where the service has no reference. */
    struct buffer bytes = rendered(golden("missed_pickup"));
    assert_null(strstr(bytes.bytes, "pt_01j0opaque"));
    buffer_release(&bytes);
    bytes = rendered(golden("other_concern"));
    assert_non_null(strstr(bytes.bytes, "pt_01j0opaque"));
    buffer_release(&bytes);
}

static void a_note_goes_only_where_it_belongs(void **state) {
    (void)state;
    static const char *const with[] = {"possible_intoxication", "other_concern", "dose_not_completed",
                                       "attended_not_supplied", "irregular_supply"};
    for (size_t kind = 0; alert_kinds[kind] != NULL; kind++) {
        struct alert_message *m = golden(alert_kinds[kind]);
        bool says = false;
        for (size_t i = 0; i < sizeof with / sizeof with[0]; i++) {
            says = says || strcmp(with[i], alert_kinds[kind]) == 0;
        }
        m->note = "KEEPTHIS";
        struct buffer bytes = rendered(m);
        assert_int_equal(strstr(bytes.bytes, "KEEPTHIS") != NULL, says);
        buffer_release(&bytes);
    }
}

/* ---- words */

static void expect_words(const struct alert_message *m, const char *const *words, bool there) {
    struct buffer text = worded(m);
    for (; *words != NULL; words++) {
        if ((strstr(text.bytes, *words) != NULL) != there) {
            fail_msg("%s: \"%s\" is %sin\n%s", m->kind, *words, there ? "not " : "", text.bytes);
        }
    }
    buffer_release(&text);
}

static void from_five_missed_days_the_place_is_open(void **state) {
    (void)state;
    static const char *const m7[] = {"see the patient before the next dose; the place is open", NULL};
    for (int32_t days = 0; days < 9; days++) {
        struct alert_message *m = golden("supply_on_hold");
        m->missed_days = days;
        expect_words(m, m7, days >= 5);
    }
}

static void did_not_collect_is_said_only_where_it_is_known(void **state) {
    (void)state;
    static const char *const words[] = {"did not collect", NULL};
    struct alert_message *m = golden("missed_pickup");
    expect_words(m, words, true);
    made.instalments[0].reason = ALERT_REASON_TEXT;
    made.instalments[0].reason_text = "the form was not here";
    expect_words(m, words, false);
    m->instalment_count = 0;
    expect_words(m, words, false);
}

static void what_may_be_said_of_an_emergency_supply(void **state) {
    (void)state;
    static const char *const may[] = {"An emergency supply may be possible",
                                      "can cause withdrawal and seizures", NULL};
    static const char *const never[] = {"never possible for methadone and buprenorphine", NULL};
    static const char *const may_alone[] = {"may be possible", NULL};
    expect_words(golden("missed_run"), may, true);
    struct alert_message *m = golden("pharmacy_closed");
    expect_words(m, never, true);
    expect_words(m, may_alone, false);
    m->drug_class = CLASS_BENZODIAZEPINE;
    expect_words(m, may_alone, true);
}

static void a_concern_is_no_diagnosis(void **state) {
    (void)state;
    static const char *const there[] = {"slurred speech, unsteady on the feet",
                                        "it could be illness or injury",
                                        "no diagnosis",
                                        "The dose was withheld.",
                                        "In the writer's words: Came in",
                                        NULL};
    static const char *const not_there[] = {"intoxicat", "drunk", "abuse", "misuse", "addict", NULL};
    expect_words(golden("possible_intoxication"), there, true);
    expect_words(golden("possible_intoxication"), not_there, false);
}

static void who_came_reads_as_who_came(void **state) {
    (void)state;
    static const char *const there[] = {"The patient came on Mon 23 Nov 2026 and could not be supplied",
                                        "form was not at the pharmacy", "tolerance may be lost", NULL};
    static const char *const not_there[] = {"did not collect", NULL};
    expect_words(golden("attended_not_supplied"), there, true);
    expect_words(golden("attended_not_supplied"), not_there, false);
}

static void urgent_stands_first(void **state) {
    (void)state;
    struct buffer text = worded(golden("supply_on_hold"));
    assert_memory_equal(text.bytes, "URGENT: Supply on hold\n", 23);
    buffer_release(&text);
    text = worded(golden("missed_pickup"));
    assert_memory_equal(text.bytes, "Missed collection\n", 18);
    buffer_release(&text);
}

/* ---- what people type */

static void odd_texts_go_out_as_texts(void **state) {
    (void)state;
    struct alert_message *m = golden("other_concern");
    m->note = "  a\xff"
              "b\x01"
              "c\r\n\r\nd\xE2\x80\xAE"
              "e\xC2\xA0 f \xEF\xBB\xBF ";
    cJSON *bundle = bundle_of(m);
    const char *text = text_at(bundle, "entry.1.resource.payload.0.contentString");
    assert_non_null(strstr(text, "words: a\xEF\xBF\xBD"
                                 "bc\nde f\n"));
    cJSON_Delete(bundle);
    char *longest = malloc(50001);
    for (size_t i = 0; i < 50000; i += 2) {
        memcpy(longest + i, "\xC3\xA9", 2);
    }
    longest[50000] = '\0';
    m->note = longest;
    m->pharmacy_name = longest;
    bundle = bundle_of(m);
    const char *name = text_at(bundle, "entry.0.resource.source.name");
    assert_true(strlen(name) <= ALERT_LINE_MAX);
    assert_string_equal(name + strlen(name) - 5, "\xC3\xA9\xE2\x80\xA6");
    cJSON_Delete(bundle);
    free(longest);
}

static void as_much_as_may_be_is_rendered(void **state) {
    (void)state;
    char *longest = malloc(ALERT_TEXT_MAX + 1);
    memset(longest, '"', ALERT_TEXT_MAX);
    longest[ALERT_TEXT_MAX] = '\0';
    struct alert_message *m = golden("digest");
    m->part_count = ALERT_PARTS_MAX;
    m->instalment_count = ALERT_INSTALMENTS_MAX;
    for (size_t i = 0; i < ALERT_PARTS_MAX; i++) {
        made.parts[i] = made.parts[0];
        made.instalments[i] = made.instalments[0];
        made.instalments[i].reason = ALERT_REASON_TEXT;
        made.instalments[i].reason_text = longest;
    }
    made.items[0].product = longest;
    struct buffer bytes = rendered(m);
    /* Each with an address of its own. */
    const char *error = NULL;
    cJSON *bundle = json_read(bytes.bytes, bytes.len, &error);
    const cJSON *entry = NULL;
    size_t count = 0;
    cJSON_ArrayForEach(entry, at(bundle, "entry")) {
        const char *id = text_at(entry, "resource.id");
        for (const cJSON *other = entry->next; other != NULL; other = other->next) {
            assert_string_not_equal(id, text_at(other, "resource.id"));
        }
        count++;
    }
    assert_int_equal(count, 7 + ALERT_INSTALMENTS_MAX);
    cJSON_Delete(bundle);
    buffer_release(&bytes);
    free(longest);
}

static void wrong_facts_are_refused_and_add_nothing(void **state) {
    (void)state;
    struct buffer out;
    buffer_init(&out, ALERT_MESSAGE_MAX);
#define REFUSED(kind, change)                                                    \
    do {                                                                         \
        const char *error = NULL;                                                \
        struct alert_message *m = golden(kind);                                  \
        change;                                                                  \
        assert_int_equal(alert_fhir_render(m, &out, &error), ALERT_FACTS_WRONG); \
        assert_non_null(error);                                                  \
        assert_int_equal(alert_text(m, &out, NULL), ALERT_FACTS_WRONG);          \
        assert_int_equal(alert_say(m, &out, NULL), ALERT_FACTS_WRONG);           \
        assert_int_equal(out.len, 0);                                            \
    } while (0)
    REFUSED("missed_pickup", m->id = NULL);
    REFUSED("missed_pickup", m->id = "1");
    REFUSED("missed_pickup", m->id = "019AAF10-7d2e-7a10-8e44-9f1d6c0b2a00");
    REFUSED("missed_pickup", m->kind = "missed");
    REFUSED("missed_pickup", m->kind = NULL);
    REFUSED("missed_pickup", m->raised_at = NULL);
    REFUSED("missed_pickup", m->sent_at = "2026-11-23");
    REFUSED("missed_pickup", m->sent_at = "2026-11-23T18:00:00");
    REFUSED("missed_pickup", m->answer_by = "2026-11-23T18:00+00:00");
    REFUSED("missed_pickup", m->occurred_at = "2026-02-30T18:00:00+00:00");
    REFUSED("missed_pickup", m->pharmacy_name = NULL);
    REFUSED("missed_pickup", m->service_endpoint = "https://a b");
    REFUSED("missed_pickup", m->on = DAY_MAX + 1);
    REFUSED("missed_pickup", m->item_count = 0);
    REFUSED("missed_pickup", m->item_count = ALERT_ITEMS_MAX + 1);
    REFUSED("missed_pickup", made.items[0].product = NULL);
    REFUSED("missed_pickup", made.instalments[0].item = 1);
    REFUSED("missed_pickup", made.instalments[0].quantity = -1);
    REFUSED("missed_pickup", made.instalments[0].due = DAY_NONE);
    REFUSED("missed_pickup", m->prescription = NULL);
    REFUSED("missed_pickup", m->instalment_count = ALERT_INSTALMENTS_MAX + 1);
    REFUSED("possible_intoxication", m->sign_count = ALERT_SIGNS_MAX + 1);
    REFUSED("correction", m->corrects = NULL);
    REFUSED("digest", m->part_count = 0);
    REFUSED("digest", m->part_count = ALERT_PARTS_MAX + 1);
    REFUSED("digest", made.parts[0].id = NULL);
#undef REFUSED
}

/* ---- memory */

static int held_by_cjson;
static void *json_take(size_t size) {
    void *block = __wrap_malloc(size);
    held_by_cjson += block != NULL;
    return block;
}
static void json_leave(void *block) {
    held_by_cjson -= block != NULL;
    __wrap_free(block);
}

/* Every allocation fails once, cJSON's too: it is said, nothing leaks, and what comes out at last is the same. */
static void memory_that_runs_out_is_said(void **state) {
    (void)state;
    static const char *const kinds[] = {"possible_intoxication", "digest", "missed_pickup-identified"};
    for (size_t kind = 0; kind < 3; kind++) {
        struct alert_message *m = golden(kinds[kind]);
        struct buffer whole = rendered(m);
        cJSON_InitHooks(&(cJSON_Hooks){.malloc_fn = json_take, .free_fn = json_leave});
        enum alert_rendered result = ALERT_NO_MEMORY;
        int fails = 1;
        for (; result == ALERT_NO_MEMORY && fails < 10000; fails++) {
            struct buffer out;
            buffer_init(&out, ALERT_MESSAGE_MAX);
            torture_begin(fails);
            result = alert_fhir_render(m, &out, NULL);
            bool came = torture_end();
            if (result == ALERT_RENDERED) {
                assert_false(came);
                assert_string_equal(out.bytes, whole.bytes);
            } else {
                assert_true(came);
            }
            buffer_release(&out);
            assert_int_equal(held_by_cjson, 0);
            assert_int_equal(torture_held, 0);
        }
        cJSON_InitHooks(NULL);
        assert_true(fails > 100);
        assert_int_equal(result, ALERT_RENDERED);
        buffer_release(&whole);
    }
    /* A buffer that is too small is the same. */
    struct alert_message *m = golden("missed_pickup");
    struct buffer out;
    buffer_init(&out, 500);
    assert_int_equal(alert_fhir_render(m, &out, NULL), ALERT_NO_MEMORY);
    buffer_release(&out);
    buffer_init(&out, 50);
    assert_int_equal(alert_text(m, &out, NULL), ALERT_NO_MEMORY);
    buffer_release(&out);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_has_its_golden_message),
        cmocka_unit_test(the_entries_are_those_of_the_table),
        cmocka_unit_test(an_instalment_says_why_it_was_not_supplied),
        cmocka_unit_test(signs_are_what_was_seen),
        cmocka_unit_test(a_correction_names_what_it_corrects),
        cmocka_unit_test(a_test_is_about_nobody),
        cmocka_unit_test(references_stay_inside_the_message),
        cmocka_unit_test(the_same_facts_make_the_same_bytes),
        cmocka_unit_test(nobody_is_named_to_a_service_that_needs_no_name),
        cmocka_unit_test(a_service_set_to_it_gets_name_number_and_birth),
        cmocka_unit_test(a_note_goes_only_where_it_belongs),
        cmocka_unit_test(from_five_missed_days_the_place_is_open),
        cmocka_unit_test(did_not_collect_is_said_only_where_it_is_known),
        cmocka_unit_test(what_may_be_said_of_an_emergency_supply),
        cmocka_unit_test(a_concern_is_no_diagnosis),
        cmocka_unit_test(who_came_reads_as_who_came),
        cmocka_unit_test(urgent_stands_first),
        cmocka_unit_test(odd_texts_go_out_as_texts),
        cmocka_unit_test(as_much_as_may_be_is_rendered),
        cmocka_unit_test(wrong_facts_are_refused_and_add_nothing),
        cmocka_unit_test(memory_that_runs_out_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
