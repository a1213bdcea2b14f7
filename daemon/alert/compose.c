#include "compose.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "store/alert.h"
#include "store/patient.h"
#include "store/prescription.h"
#include "store/rows.h"
#include "store/service.h"

#define PHARMACY_TEXT 256
#define NO_ENDPOINT "https://localhost/"

/* Set once, before any thread, only read afterwards. */
static const struct catalogue *compose_catalogue;
static struct {
    char name[PHARMACY_TEXT], ods[PHARMACY_TEXT], telephone[PHARMACY_TEXT], address[PHARMACY_TEXT];
} compose_pharmacy;

static void keep(char out[PHARMACY_TEXT], const char *text) {
    (void)snprintf(out, PHARMACY_TEXT, "%s", text == NULL ? "" : text);
}

void alert_compose_init(const struct catalogue *catalogue, const struct alert_pharmacy *pharmacy) {
    compose_catalogue = catalogue;
    keep(compose_pharmacy.name, pharmacy->name);
    keep(compose_pharmacy.ods, pharmacy->ods);
    keep(compose_pharmacy.telephone, pharmacy->telephone);
    keep(compose_pharmacy.address, pharmacy->address);
}

static const char *said(const char *text) {
    return text[0] == '\0' ? NULL : text;
}

static const char *instant(struct tx *tx, int64_t at) {
    char text[CLOCK_TEXT_SIZE];
    clock_format(at, text);
    return tx_keep(tx, text);
}

/* One for each prescription, the same whenever it is asked for, and it tells nothing. */
static const char *correlation_of(struct tx *tx, const char *of) {
    unsigned char hash[EVP_MAX_MD_SIZE] = {0};
    char text[CORRELATION_SIZE];
    unsigned len = 0;
    if (EVP_Digest(of, strlen(of), hash, &len, EVP_sha256(), NULL) != 1)
        return NULL;
    /* A UUID of version 8: bits of one's own. */
    hash[6] = (unsigned char)((hash[6] & 0x0f) | 0x80);
    hash[8] = (unsigned char)((hash[8] & 0x3f) | 0x80);
    (void)snprintf(text, sizeof text, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x",
                   hash[0], hash[1], hash[2], hash[3], hash[4], hash[5], hash[6], hash[7], hash[8], hash[9],
                   hash[10], hash[11], hash[12], hash[13], hash[14], hash[15]);
    return tx_keep(tx, text);
}

/* ---- parts of a message ---- */

static void fill_pharmacy(struct alert_message *out) {
    out->pharmacy_name = compose_pharmacy.name[0] == '\0' ? "The pharmacy" : compose_pharmacy.name;
    out->pharmacy_ods = said(compose_pharmacy.ods);
    out->pharmacy_phone = said(compose_pharmacy.telephone);
    out->pharmacy_address = said(compose_pharmacy.address);
}

static void fill_service(struct tx *tx, const char *id, struct alert_message *out) {
    struct service_row service;
    out->service_name = "The prescribing service";
    out->service_endpoint = NO_ENDPOINT;
    if (id == NULL || !service_find(tx, id, &service))
        return;
    out->service_name = service.name;
    out->service_ods = service.ods_code;
    out->service_endpoint = service.endpoint_url == NULL ? NO_ENDPOINT : service.endpoint_url;
    out->identify = service.identify_patients;
}

/* A8: the service's own reference where there is one; the name only where the service is set for it. */
static bool fill_patient(struct tx *tx, const struct alert_row *alert, struct alert_message *out) {
    struct patient_row patient;
    if (alert->patient == NULL)
        return true;
    bool found = patient_find(tx, alert->patient, &patient);
    while (found && patient.merged_into != NULL)
        found = patient_find(tx, patient.merged_into, &patient);
    if (!found)
        return false;
    out->patient = patient.id;
    if (alert->service != NULL && patient.sharing_service != NULL &&
        strcmp(patient.sharing_service, alert->service) == 0)
        out->client_reference = patient.sharing_reference;
    /* Given always: where the service is not set for them, they are struck out of what people typed (fhir.h). */
    out->identifier_system = patient.identifier_system;
    out->identifier_value = patient.identifier_value;
    out->patient_name = patient.name;
    out->born_on = patient.born_on;
    return true;
}

static bool fill_items(struct tx *tx, const struct prescription_row *row, struct alert_message *out) {
    struct alert_item *items = arena_take(tx->arena, row->item_count, sizeof *items);
    for (size_t i = 0; items != NULL && i < row->item_count; i++) {
        const struct prescription_item_row *item = &row->items[i];
        const struct product *product =
            catalogue_find(compose_catalogue, item->product, strlen(item->product));
        items[i] = (struct alert_item){.product = product == NULL ? item->product : product->name,
                                       .dmd_code = product == NULL ? NULL : product->dmd_code,
                                       .unit = product == NULL ? "" : product->unit,
                                       .total = item->total_on_form};
        for (size_t k = 0; k < item->run_count; k++) {
            day_t first = item->runs[k].from;
            day_t last = first + item->runs[k].days - 1;
            out->valid_from =
                out->valid_from == DAY_NONE || first < out->valid_from ? first : out->valid_from;
            out->valid_to = last > out->valid_to ? last : out->valid_to;
        }
    }
    out->items = items;
    out->item_count = row->item_count;
    return items != NULL;
}

static bool fill_prescription(struct tx *tx, const char *id, struct alert_message *out) {
    struct prescription_row row;
    if (id == NULL)
        return true;
    if (!prescription_find(tx, id, &row) || !fill_items(tx, &row, out))
        return false;
    out->prescription = id;
    out->drug_class = strcmp(row.drug_class, "benzodiazepine") == 0 ? CLASS_BENZODIAZEPINE : CLASS_OPIOID;
    out->titration = strcmp(row.stage, "titration") == 0;
    return true;
}

static bool fill_instalments(struct tx *tx, const struct alert_detail_row *detail,
                             struct alert_message *out) {
    struct alert_instalment *list = arena_take(tx->arena, detail->instalment_count + 1, sizeof *list);
    if (list == NULL)
        return false;
    for (size_t i = 0; i < detail->instalment_count; i++) {
        const struct alert_instalment_row *row = &detail->instalments[i];
        bool words = strcmp(row->reason, "text") == 0;
        list[i] = (struct alert_instalment){
            .due = row->due,
            .item = (size_t)row->item,
            .quantity = row->quantity,
            .reason = words                                  ? ALERT_REASON_TEXT
                      : strcmp(row->reason, "withheld") == 0 ? ALERT_WITHHELD
                                                             : ALERT_NOT_COLLECTED,
            .reason_text = words ? row->reason_text : NULL,
        };
    }
    out->instalments = list;
    out->instalment_count = detail->instalment_count;
    return true;
}

/* Lines to signs. */
static bool fill_signs(struct tx *tx, const char *lines, struct alert_message *out) {
    struct alert_sign *signs = NULL;
    size_t count = 0;
    while (lines != NULL && *lines != '\0') {
        size_t len = strcspn(lines, "\n");
        signs = rows_room(tx, signs, count, sizeof *signs);
        if (signs == NULL)
            return false;
        signs[count++].text = arena_text(tx->arena, lines, len);
        lines += len + (lines[len] == '\n');
    }
    out->signs = signs;
    out->sign_count = count;
    return true;
}

static bool fill_detail(struct tx *tx, const struct alert_detail_row *d, struct alert_message *out) {
    out->missed_pickups = d->missed_pickups;
    out->last_dosed = d->last_dosed;
    out->last_dose = d->last_dose;
    out->next_collection = d->next_collection;
    out->on_hold = d->on_hold;
    out->concern = d->concern;
    out->decision = d->decision;
    out->outcome = d->outcome;
    out->swallowed = d->swallowed;
    out->minutes_after = d->minutes_after;
    out->note = d->note;
    out->why = d->why;
    out->why_codes = d->why_codes;
    out->where_to_go = d->where_to_go;
    out->closed_on = d->first_day;
    out->moved_to = d->last_day;
    out->away_from = d->first_day;
    out->away_to = d->last_day;
    out->away_source = d->source;
    return fill_signs(tx, d->signs, out) && fill_instalments(tx, d, out);
}

static bool fill_corrected(struct tx *tx, const struct alert_row *alert, struct alert_message *out) {
    struct alert_row corrected;
    if (alert->corrects == NULL)
        return true;
    if (!alert_find(tx, alert->corrects, &corrected, NULL))
        return false;
    out->corrects = corrected.id;
    out->corrects_kind = corrected.kind;
    out->corrects_on = corrected.on;
    return true;
}

static bool fill_parts(struct tx *tx, const struct alert_row *alert, struct alert_message *out) {
    const char **ids = NULL;
    size_t count = 0;
    if (strcmp(alert->kind, "digest") != 0)
        return true;
    if (!parts_of(tx, alert->id, &ids, &count))
        return false;
    struct alert_part *parts = arena_take(tx->arena, count + 1, sizeof *parts);
    for (size_t i = 0; parts != NULL && i < count; i++) {
        struct alert_row part;
        if (!alert_find(tx, ids[i], &part, NULL))
            return false;
        parts[i] =
            (struct alert_part){.id = part.id, .kind = part.kind, .on = part.on, .missed_days = part.number};
    }
    out->parts = parts;
    out->part_count = count;
    return parts != NULL;
}

/* ---- the whole ---- */

bool alert_compose(struct tx *tx, const char *id, struct alert_message *out) {
    struct alert_row alert;
    struct alert_detail_row detail;
    alert_message_init(out);
    if (!alert_find(tx, id, &alert, NULL))
        return false;
    bool found = alert_detail_find(tx, id, &detail);
    out->id = alert.id;
    out->kind = alert.kind;
    out->urgent = strcmp(alert.priority, "urgent") == 0;
    out->correlation = correlation_of(tx, alert.prescription != NULL ? alert.prescription
                                          : alert.patient != NULL    ? alert.patient
                                                                     : alert.id);
    out->on = alert.on;
    out->raised_at = instant(tx, alert.raised_at);
    out->sent_at = instant(tx, tx->now.at);
    out->answer_by = found ? instant(tx, detail.due_by) : NULL;
    out->missed_days = alert.number;
    fill_pharmacy(out);
    fill_service(tx, alert.service, out);
    return fill_patient(tx, &alert, out) && fill_prescription(tx, alert.prescription, out) &&
           (!found || fill_detail(tx, &detail, out)) && fill_corrected(tx, &alert, out) &&
           fill_parts(tx, &alert, out) && db_state(tx->db) == DB_FINE && !arena_failed(tx->arena);
}

bool alert_compose_body(struct tx *tx, const char *id, struct outbox_body *out, const char **error) {
    struct alert_message message;
    struct buffer body;
    *error = "the facts cannot be read";
    if (!alert_compose(tx, id, &message))
        return false;
    buffer_init(&body, ALERT_MESSAGE_MAX);
    bool good = alert_fhir_render(&message, &body, error) == ALERT_RENDERED && buffer_ok(&body);
    if (good) {
        out->correlation = message.correlation;
        out->bytes = arena_text(tx->arena, body.bytes, body.len);
        out->len = body.len;
        good = out->bytes != NULL;
    }
    buffer_release(&body);
    return good;
}

typedef enum alert_rendered tell_fn(const struct alert_message *message, struct buffer *out,
                                    const char **error);

static const char *told(struct tx *tx, const struct alert_message *message, tell_fn *tell) {
    struct buffer out;
    const char *text = NULL;
    buffer_init(&out, ALERT_SAID_MAX);
    if (tell(message, &out, NULL) == ALERT_RENDERED && buffer_ok(&out) && out.bytes != NULL)
        text = arena_text(tx->arena, out.bytes, out.len);
    buffer_release(&out);
    return text;
}

void alert_compose_told(struct tx *tx, const char *id, const char **text, const char **say) {
    struct alert_message message;
    *text = *say = NULL;
    if (!alert_compose(tx, id, &message))
        return;
    *text = told(tx, &message, alert_text);
    *say = told(tx, &message, alert_say);
}
