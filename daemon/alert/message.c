#include "message.h"

#include <string.h>

#include "clean.h"
#include "sys/clock.h"

/* What the texts and lists of one message may take together. */
#define MESSAGE_MEMORY_MAX ((size_t)8 << 20)
#define UUID_LEN 36

const char *const alert_kinds[] = {"missed_pickup",
                                   "supply_on_hold",
                                   "missed_run",
                                   "intermittent",
                                   "possible_intoxication",
                                   "dose_not_completed",
                                   "other_concern",
                                   "ending_soon",
                                   "collection_on_closed_day",
                                   "attended_not_supplied",
                                   "pharmacy_closed",
                                   "patient_away",
                                   "irregular_supply",
                                   "correction",
                                   "route_test",
                                   "digest",
                                   NULL};

static const char *const titles[KIND_COUNT] = {
    [KIND_MISSED_PICKUP] = "Missed collection",
    [KIND_SUPPLY_ON_HOLD] = "Supply on hold",
    [KIND_MISSED_RUN] = "Missed days: risk of withdrawal",
    [KIND_INTERMITTENT] = "Missed days within 14 days",
    [KIND_POSSIBLE_INTOXICATION] = "Concern at collection",
    [KIND_DOSE_NOT_COMPLETED] = "Dose not completed",
    [KIND_OTHER_CONCERN] = "Concern",
    [KIND_ENDING_SOON] = "Prescription ending soon",
    [KIND_COLLECTION_ON_CLOSED_DAY] = "Collection day on a closed day",
    [KIND_ATTENDED_NOT_SUPPLIED] = "Came and could not be supplied",
    [KIND_PHARMACY_CLOSED] = "Pharmacy closed at short notice",
    [KIND_PATIENT_AWAY] = "Patient away",
    [KIND_IRREGULAR_SUPPLY] = "Supply made outside the rules",
    [KIND_CORRECTION] = "Correction",
    [KIND_ROUTE_TEST] = "Test of the route",
    [KIND_DIGEST] = "Several messages in one",
};

static enum alert_kind kind_of(const char *word) {
    size_t i = 0;
    while (alert_kinds[i] != NULL && strcmp(alert_kinds[i], word) != 0) {
        i++;
    }
    return (enum alert_kind)i;
}

const char *message_title(const char *kind) {
    enum alert_kind known = kind_of(kind);
    return known == KIND_COUNT ? kind : titles[known];
}

int64_t message_at(const char *instant) {
    int64_t at = 0;
    return clock_parse(instant, &at) ? at : 0;
}

void alert_message_init(struct alert_message *message) {
    *message = (struct alert_message){.on = DAY_NONE,
                                      .born_on = DAY_NONE,
                                      .valid_from = DAY_NONE,
                                      .valid_to = DAY_NONE,
                                      .missed_days = -1,
                                      .missed_pickups = -1,
                                      .last_dosed = DAY_NONE,
                                      .next_collection = DAY_NONE,
                                      .minutes_after = -1,
                                      .closed_on = DAY_NONE,
                                      .moved_to = DAY_NONE,
                                      .away_from = DAY_NONE,
                                      .away_to = DAY_NONE,
                                      .corrects_on = DAY_NONE};
}

/* ---- checking ---- */

static bool is_uuid(const char *id) {
    if (id == NULL || strlen(id) != UUID_LEN) {
        return false;
    }
    for (size_t i = 0; i < UUID_LEN; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? id[i] != '-' : strchr("0123456789abcdef", id[i]) == NULL) {
            return false;
        }
    }
    return true;
}

/* An instant with its seconds and its offset, as FHIR has it. */
static bool is_instant(const char *text) {
    int64_t at = 0;
    size_t len = text == NULL ? 0 : strlen(text);
    return len >= 20 && text[10] == 'T' && strchr("+-Z", text[19]) != NULL && text[16] == ':' &&
           clock_parse(text, &at);
}

static bool is_day(day_t day) {
    return day == DAY_NONE || (day >= DAY_MIN && day <= DAY_MAX);
}

static bool are_days(const struct alert_message *m) {
    const day_t days[] = {m->on,         m->born_on,         m->valid_from, m->valid_to,
                          m->last_dosed, m->next_collection, m->closed_on,  m->moved_to,
                          m->away_from,  m->away_to,         m->corrects_on};
    for (size_t i = 0; i < sizeof days / sizeof days[0]; i++) {
        if (!is_day(days[i])) {
            return false;
        }
    }
    return true;
}

static bool is_quantity(quantity_t quantity) {
    return quantity >= 0 && quantity <= QUANTITY_MAX;
}

/* An address without spaces, in visible ASCII: what a URI may be written with. */
static bool is_address(const char *url) {
    for (const char *at = url; at != NULL && *at != '\0'; at++) {
        if (*at <= ' ' || *at > '~') {
            return false;
        }
    }
    return url != NULL && *url != '\0';
}

static const char *wrong_items(const struct alert_message *m) {
    if (m->prescription != NULL && (m->item_count == 0 || m->item_count > ALERT_ITEMS_MAX)) {
        return "a prescription without products, or with too many";
    }
    for (size_t i = 0; m->prescription != NULL && i < m->item_count; i++) {
        if (m->items[i].product == NULL ||
            (m->items[i].total != QUANTITY_NONE && !is_quantity(m->items[i].total))) {
            return "a product without a name, or a total out of range";
        }
    }
    return NULL;
}

static const char *wrong_instalments(const struct alert_message *m) {
    if (m->instalment_count > ALERT_INSTALMENTS_MAX || (m->instalment_count > 0 && m->prescription == NULL)) {
        return "too many instalments, or instalments of no prescription";
    }
    for (size_t i = 0; i < m->instalment_count; i++) {
        const struct alert_instalment *one = &m->instalments[i];
        if (one->item >= m->item_count || one->due == DAY_NONE || !is_day(one->due) ||
            !is_quantity(one->quantity)) {
            return "an instalment of no product, without a day, or with a quantity out of range";
        }
    }
    return NULL;
}

static const char *wrong_parts(const struct alert_message *m, enum alert_kind kind) {
    if (kind == KIND_CORRECTION && m->corrects == NULL) {
        return "a correction of nothing";
    }
    if (kind != KIND_DIGEST) {
        return NULL;
    }
    if (m->part_count == 0 || m->part_count > ALERT_PARTS_MAX) {
        return "a digest of nothing, or of too much";
    }
    for (size_t i = 0; i < m->part_count; i++) {
        if (m->parts[i].id == NULL || m->parts[i].kind == NULL || !is_day(m->parts[i].on)) {
            return "a digest of an alert without id, kind or day";
        }
    }
    return NULL;
}

static bool are_instants(const struct alert_message *m) {
    return is_instant(m->raised_at) && is_instant(m->sent_at) &&
           (m->occurred_at == NULL || is_instant(m->occurred_at)) &&
           (m->answer_by == NULL || is_instant(m->answer_by));
}

static const char *wrong(const struct alert_message *m, enum alert_kind kind) {
    if (!is_uuid(m->id)) {
        return "the id is no UUID";
    }
    if (kind == KIND_COUNT) {
        return "a kind that does not exist";
    }
    if (!are_instants(m)) {
        return "an instant that is none";
    }
    if (m->pharmacy_name == NULL || m->service_name == NULL || !is_address(m->service_endpoint)) {
        return "a pharmacy or a service without a name, or no endpoint";
    }
    if (!are_days(m)) {
        return "a day out of range";
    }
    if (m->sign_count > ALERT_SIGNS_MAX) {
        return "too many signs";
    }
    const char *fault = wrong_items(m);
    fault = fault == NULL ? wrong_instalments(m) : fault;
    return fault == NULL ? wrong_parts(m, kind) : fault;
}

/* ---- what may go out ---- */

static bool says_note(enum alert_kind kind) {
    return kind == KIND_POSSIBLE_INTOXICATION || kind == KIND_OTHER_CONCERN ||
           kind == KIND_DOSE_NOT_COMPLETED || kind == KIND_ATTENDED_NOT_SUPPLIED ||
           kind == KIND_IRREGULAR_SUPPLY;
}

/* A route test is about nobody. */
static void drop_patient(struct alert_message *m) {
    m->client_reference = m->patient = m->prescription = NULL;
    m->identify = false;
    m->instalment_count = m->item_count = 0;
    m->missed_days = m->missed_pickups = -1;
    m->last_dosed = m->next_collection = DAY_NONE;
    m->on_hold = m->titration = false;
    m->register_head = NULL;
}

/* A8: the least that serves. What a person typed may name the patient all the same: it is struck out. */
static void keep_least(struct ready_message *r) {
    struct alert_message *m = &r->m;
    const char *const hide[] = {m->patient_name, m->identifier_value};
    const char **const said[] = {&m->note, &m->why, &m->where_to_go, &m->away_source};
    if (!says_note(r->kind)) {
        m->note = NULL;
    }
    for (size_t i = 0; !m->identify && i < sizeof said / sizeof said[0]; i++) {
        for (size_t k = 0; k < sizeof hide / sizeof hide[0]; k++) {
            *said[i] = clean_hide(r->arena, *said[i], hide[k]);
        }
    }
    if (r->kind == KIND_ROUTE_TEST) {
        drop_patient(m);
    }
    if (!m->identify) {
        m->identifier_system = m->identifier_value = m->patient_name = NULL;
        m->born_on = DAY_NONE;
    }
    if (m->client_reference != NULL) {
        m->patient = NULL;
    }
}

/* Lists that the kind has no use for are not looked at. */
static void keep_lists(struct alert_message *m, enum alert_kind kind) {
    if (kind != KIND_POSSIBLE_INTOXICATION && kind != KIND_OTHER_CONCERN) {
        m->sign_count = 0;
    }
    if (m->prescription == NULL) {
        m->item_count = 0;
    }
    if (kind != KIND_DIGEST) {
        m->part_count = 0;
    }
}

/* ---- copying ---- */

static void clean_texts(struct arena *arena, struct alert_message *m) {
    const char **const lines[] = {
        &m->correlation,      &m->pharmacy_name,    &m->pharmacy_ods,      &m->pharmacy_phone,
        &m->pharmacy_address, &m->service_name,     &m->service_ods,       &m->client_reference,
        &m->patient,          &m->identifier_value, &m->identifier_system, &m->patient_name,
        &m->prescription,     &m->last_dose,        &m->swallowed,         &m->away_source,
        &m->corrects,         &m->register_head,    &m->concern,           &m->decision,
        &m->outcome,          &m->why_codes,        &m->corrects_kind,     &m->prescription_status,
    };
    const char **const texts[] = {&m->note, &m->why, &m->where_to_go};
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        *lines[i] = clean_text(arena, *lines[i], ALERT_LINE_MAX, false);
    }
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        *texts[i] = clean_text(arena, *texts[i], ALERT_TEXT_MAX, true);
    }
}

/* A copy of a list; NULL where it is empty or memory is short. */
static void *copy_list(struct arena *arena, const void *list, size_t count, size_t size) {
    void *copy = count == 0 ? NULL : arena_take(arena, count, size);
    return copy == NULL ? NULL : memcpy(copy, list, count * size);
}

static void clean_items(struct arena *arena, struct alert_message *m) {
    struct alert_item *items = copy_list(arena, m->items, m->item_count, sizeof *items);
    struct alert_instalment *instalments =
        copy_list(arena, m->instalments, m->instalment_count, sizeof *instalments);
    for (size_t i = 0; items != NULL && i < m->item_count; i++) {
        items[i].product = clean_text(arena, items[i].product, ALERT_LINE_MAX, false);
        items[i].product = items[i].product == NULL ? "a medicine without a name" : items[i].product;
        items[i].unit = clean_text(arena, items[i].unit, ALERT_LINE_MAX, false);
        items[i].dmd_code = clean_text(arena, items[i].dmd_code, ALERT_LINE_MAX, false);
    }
    for (size_t i = 0; instalments != NULL && i < m->instalment_count; i++) {
        instalments[i].reason_text = clean_text(arena, instalments[i].reason_text, ALERT_LINE_MAX, false);
    }
    m->items = items;
    m->instalments = instalments;
}

static void clean_lists(struct arena *arena, struct alert_message *m) {
    struct alert_sign *signs = copy_list(arena, m->signs, m->sign_count, sizeof *signs);
    struct alert_part *parts = copy_list(arena, m->parts, m->part_count, sizeof *parts);
    size_t kept = 0;
    for (size_t i = 0; signs != NULL && i < m->sign_count; i++) {
        const char *text = clean_text(arena, signs[i].text, ALERT_LINE_MAX, false);
        if (text != NULL) {
            signs[kept++].text = text;
        }
    }
    for (size_t i = 0; parts != NULL && i < m->part_count; i++) {
        const char *id = clean_text(arena, parts[i].id, ALERT_LINE_MAX, false);
        const char *kind = clean_text(arena, parts[i].kind, ALERT_LINE_MAX, false);
        parts[i].id = id == NULL ? "?" : id;
        parts[i].kind = kind == NULL ? "?" : kind;
    }
    m->signs = signs;
    m->sign_count = kept;
    m->parts = parts;
}

enum alert_rendered message_make(struct ready_message *ready, const struct alert_message *message,
                                 const char **error) {
    enum alert_kind kind = message->kind == NULL ? KIND_COUNT : kind_of(message->kind);
    const char *fault = wrong(message, kind);
    *ready = (struct ready_message){.m = *message, .kind = kind};
    if (error != NULL) {
        *error = fault;
    }
    if (fault != NULL) {
        return ALERT_FACTS_WRONG;
    }
    ready->arena = arena_new(MESSAGE_MEMORY_MAX);
    if (ready->arena == NULL) {
        return ALERT_NO_MEMORY;
    }
    keep_lists(&ready->m, kind);
    clean_texts(ready->arena, &ready->m);
    clean_items(ready->arena, &ready->m);
    clean_lists(ready->arena, &ready->m);
    ready->m.corrects = ready->m.corrects == NULL && kind == KIND_CORRECTION ? "?" : ready->m.corrects;
    ready->m.pharmacy_name = ready->m.pharmacy_name == NULL ? "The pharmacy" : ready->m.pharmacy_name;
    ready->m.service_name = ready->m.service_name == NULL ? "The service" : ready->m.service_name;
    keep_least(ready);
    return arena_failed(ready->arena) ? ALERT_NO_MEMORY : ALERT_RENDERED;
}

void message_release(struct ready_message *ready) {
    arena_free(&ready->arena);
}
