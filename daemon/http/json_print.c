#include "json_print.h"

#include <string.h>

#include "call.h"

static void put_wording(cJSON *object, const struct print_job_row *row) {
    json_put_day(object, "for", row->for_day);
    if (row->last_day != row->for_day) {
        json_put_day(object, "to", row->last_day);
    }
    json_put_text(object, "product", row->product);
    if (row->product == NULL) {
        cJSON_AddNullToObject(object, "quantity");
    } else {
        json_put_quantity(object, "quantity", row->quantity);
    }
    cJSON_AddBoolToObject(object, "supervised", row->supervised);
    json_put_day(object, "on", row->on_day);
}

static void put_card(cJSON *object, const char *card, const char *version, const char *language,
                     const char *form) {
    json_put_text(object, "card", card);
    json_put_text(object, "version", version);
    json_put_text(object, "language", language);
    json_put_text(object, "form", form);
}

cJSON *json_print_job(const struct print_job_row *row) {
    cJSON *object = cJSON_CreateObject();
    json_put_text(object, "id", row->id);
    json_put_text(object, "kind", row->kind);
    json_put_text(object, "state", row->state);
    json_put_text(object, "supply", row->supply);
    json_put_text(object, "code", row->code);
    json_put_text(object, "reprint_of", row->reprint_of);
    cJSON_AddNumberToObject(object, "reprint", row->reprint);
    json_put_text(object, "replaced_by", row->replacement);
    json_put_text(object, "patient", row->patient);
    json_put_text(object, "prescription", row->prescription);
    json_put_day(object, "prepared_for", row->collect_day);
    put_wording(object, row);
    if (row->card != NULL) {
        put_card(object, row->card, row->card_version, row->card_language, row->card_form);
    }
    json_put_text(object, "to_whom", row->addressee);
    json_put_instant(object, "queued_at", row->at);
    json_put_text(object, "by", row->by);
    json_put_instant(object, "since", row->state_at);
    json_put_text(object, "printer", row->printer);
    json_put_text(object, "reason", row->reason);
    json_put_text(object, "text", print_reason_text(row->reason));
    return object;
}

cJSON *json_print_jobs(const struct print_job_row *rows, size_t count) {
    cJSON *array = cJSON_CreateArray();
    for (size_t i = 0; i < count; i++) {
        cJSON_AddItemToArray(array, json_print_job(&rows[i]));
    }
    return array;
}

/* "media-empty-error,offline-report" as a list. */
static cJSON *json_reasons_of_printer(const char *reasons) {
    cJSON *array = cJSON_CreateArray();
    for (const char *at = reasons; at != NULL && *at != '\0';) {
        char one[128];
        size_t len = strcspn(at, ",");
        size_t kept = len < sizeof one - 1 ? len : sizeof one - 1;
        memcpy(one, at, kept);
        one[kept] = '\0';
        cJSON_AddItemToArray(array, cJSON_CreateString(one));
        at += len + (at[len] == ',' ? 1 : 0);
    }
    return array;
}

cJSON *json_printer(const struct printer_row *row) {
    cJSON *object = cJSON_CreateObject();
    cJSON *media = cJSON_CreateObject();
    json_put_text(object, "id", row->id);
    json_put_text(object, "name", row->name);
    json_put_text(object, "kind", row->kind);
    json_put_text(object, "server", row->server);
    json_put_text(object, "queue", row->queue);
    json_put_quantity(media, "width", (quantity_t)row->width * 10);
    json_put_quantity(media, "height", (quantity_t)row->height * 10);
    cJSON_AddItemToObject(object, "media", media);
    json_put_text(object, "fallback", row->fallback);
    cJSON_AddBoolToObject(object, "active", row->active);
    json_put_text(object, "light", row->active ? row->light : NULL);
    cJSON_AddItemToObject(object, "reasons", json_reasons_of_printer(row->active ? row->reasons : NULL));
    json_put_instant(object, "since", row->light_at);
    return object;
}

cJSON *json_card_given(const struct card_given_row *row) {
    cJSON *object = cJSON_CreateObject();
    json_put_text(object, "id", row->id);
    json_put_text(object, "patient", row->patient);
    put_card(object, row->card, row->version, row->language, row->form);
    json_put_text(object, "to", row->given_to);
    cJSON_AddBoolToObject(object, "talked_about", row->talked_about);
    json_put_text(object, "job", row->job);
    json_put_instant(object, "at", row->at);
    json_put_text(object, "by", row->by);
    return object;
}

cJSON *json_card(const struct card *card) {
    cJSON *object = cJSON_CreateObject();
    json_put_text(object, "card", card->code);
    json_put_text(object, "language", card->language);
    json_put_text(object, "title", card->title);
    json_put_text(object, "version", card->version);
    json_put_text(object, "review", card_review_code(card->review));
    cJSON *forms = cJSON_AddArrayToObject(object, "forms");
    for (int form = 0; form < CARD_FORM_COUNT; form++) {
        if ((card->forms & 1U << form) != 0) {
            cJSON_AddItemToArray(forms, cJSON_CreateString(card_form_code((enum card_form)form)));
        }
    }
    return object;
}

cJSON *json_scan(const struct scan_view *view) {
    cJSON *object = cJSON_CreateObject();
    cJSON *patient = cJSON_CreateObject();
    json_put_text(patient, "id", view->patient);
    json_put_text(patient, "name", view->name);
    json_put_day(patient, "born_on", view->born_on);
    cJSON_AddItemToObject(object, "patient", patient);
    json_put_text(object, "prescription", view->job.prescription);
    json_put_text(object, "instalment", view->instalment);
    json_put_text(object, "supply", view->job.supply);
    cJSON_AddBoolToObject(object, "newest", view->newest);
    cJSON_AddBoolToObject(object, "valid", view->valid);
    json_put_text(object, "code", view->code);
    json_put_text(object, "text", view->text);
    cJSON_AddItemToObject(object, "label", json_print_job(&view->job));
    return object;
}
