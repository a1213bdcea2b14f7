/* The controlled drugs register: sections, entries, what a pharmacist enters, verification, export. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grid.h"
#include "json_register.h"
#include "routes.h"
#include "sys/number.h"

#define BODY_MAX 16384
#define TEXT_MAX 2000
#define NAME_MAX_LEN 200
#define EXPORT_MAX ((size_t)56 << 20)
#define EXPORT_ENTRIES 50000
#define VERIFY_ENTRIES_MAX INT64_C(1000000000)

/* ---- reading ---- */

static bool not_found(struct call *call) {
    return call_problem(call, 404, "not_found", "There is no such medicine.");
}

static bool answer_failed(struct call *call) {
    const struct desk_problem problem = {.code = NULL};
    return call_desk_problem(call, DESK_FAILED, &problem);
}

static bool register_get(struct call *call) {
    struct register_section *rows = NULL;
    size_t count = 0;
    if (desk_register_sections(call->tx, &rows, &count) != DESK_OK) {
        return answer_failed(call);
    }
    cJSON *items = cJSON_CreateArray();
    for (size_t i = 0; i < count; i++) {
        cJSON_AddItemToArray(items, json_register_section(&rows[i]));
    }
    return call_answer(call, 200, json_list(items, NULL));
}

/* A number in the query; false where it is none. */
static bool query_number(struct call *call, const char *name, int64_t least, int64_t *out) {
    const char *text = call_query(call, name);
    if (text != NULL && !number_parse(text, least, VERIFY_ENTRIES_MAX, out)) {
        json_error_add(&call->errors, "must be the number of an entry", "%s", name);
        return false;
    }
    return true;
}

static bool section_get(struct call *call) {
    struct register_section section;
    struct register_row *rows = NULL;
    size_t count = 0;
    int32_t limit = 0;
    int64_t after = 0;
    char next[24] = "";
    if (!call_limit(call, &limit)) {
        return false;
    }
    if (!query_number(call, "after", 0, &after)) {
        return call_invalid(call);
    }
    enum desk_result result = desk_register_section(call->tx, call->ids[0], &section);
    if (result != DESK_OK) {
        return result == DESK_NOT_FOUND ? not_found(call) : answer_failed(call);
    }
    if (!desk_register_entries(call->tx, call->ids[0], after, limit, &rows, &count)) {
        return answer_failed(call);
    }
    cJSON *object = json_register_section(&section);
    cJSON *items = cJSON_AddArrayToObject(object, "items");
    for (size_t i = 0; i < count; i++) {
        cJSON_AddItemToArray(items, json_register_entry(&rows[i]));
    }
    if (count == (size_t)limit) {
        (void)snprintf(next, sizeof next, "%" PRId64, rows[count - 1].number);
    }
    json_put_text(object, "next", next[0] == '\0' ? NULL : next);
    return call_answer(call, 200, object);
}

/* ---- entering ---- */

static void show_entry(struct call *call, const char *id) {
    const char *product = NULL;
    int64_t number = 0;
    struct register_row row;
    if (register_entry_parse(call->tx, id, &product, &number) &&
        desk_register_entry(call->tx, product, number, &row)) {
        call_answer(call, 201, json_register_entry(&row));
    }
}

static bool wrong_member(struct call *call, const char *name, const char *message) {
    json_error_add(&call->errors, message, "%s", name);
    return false;
}

static bool decode_count(struct call *call, const char *name, struct register_count *out) {
    const cJSON *object = json_member(call->body, name);
    out->prepared = QUANTITY_NONE;
    if (object == NULL) {
        return true;
    }
    if (!cJSON_IsObject(object)) {
        return wrong_member(call, name, "must have full and open");
    }
    out->given = true;
    bool ok = call_quantity(call, object, "full", true, &out->full);
    ok = call_quantity(call, object, "open", true, &out->open) && ok;
    return call_quantity(call, object, "prepared", false, &out->prepared) && ok;
}

static bool decode_pack(struct call *call, const cJSON *object, struct register_pack *out) {
    out->expiry = DAY_NONE;
    if (!cJSON_IsObject(object)) {
        return wrong_member(call, "packs", "must be a list of packs: batch, expiry, size, count");
    }
    bool ok = call_text(call, object, "batch", 60, false, &out->batch);
    ok = call_day(call, object, "expiry", false, &out->expiry) && ok;
    ok = call_quantity(call, object, "size", true, &out->size) && ok;
    return call_int(call, object, "count", true, 1, 10000, &out->count) && ok;
}

static bool decode_packs(struct call *call, struct register_request *request) {
    const cJSON *array = json_member(call->body, "packs");
    if (array == NULL) {
        return true;
    }
    if (!cJSON_IsArray(array) || cJSON_GetArraySize(array) > REGISTER_PACKS_MAX) {
        return wrong_member(call, "packs", "must be a list of at most 20 packs");
    }
    bool ok = true;
    for (const cJSON *one = array->child; one != NULL; one = one->next) {
        ok = decode_pack(call, one, &request->packs[request->pack_count++]) && ok;
    }
    return ok;
}

/* Members that every kind of entry shares. */
static bool decode_common(struct call *call, struct register_request *request) {
    int32_t corrects = 0;
    *request = (struct register_request){
        .product = call->ids[0], .on = DAY_NONE, .who = &call->who, .second = &call->second};
    bool ok = call_day(call, call->body, "on", false, &request->on);
    ok = call_text(call, call->body, "text", TEXT_MAX, false, &request->text) && ok;
    ok = call_text(call, call->body, "reference", NAME_MAX_LEN, false, &request->reference) && ok;
    ok = call_text(call, call->body, "explains", 64, false, &request->explains) && ok;
    ok = call_int(call, call->body, "corrects", false, 1, INT32_MAX, &corrects) && ok;
    request->corrects = corrects;
    return ok;
}

typedef enum desk_result enter_fn(struct tx *tx, const struct register_request *request, int64_t *number,
                                  struct desk_problem *problem);

static bool enter(struct call *call, const struct register_request *request, enter_fn *use) {
    struct desk_problem problem = {.code = NULL};
    int64_t number = 0;
    if (call->errors.count > 0) {
        return call_invalid(call);
    }
    enum desk_result result = use(call->tx, request, &number, &problem);
    if (result != DESK_OK) {
        return call_desk_problem(call, result, &problem);
    }
    call_event(call, "day", request->product, "register");
    return call_made(call, 201, register_entry_id(call->tx, request->product, number));
}

#define COMMON "on", "text", "reference", "explains", "corrects", "second", "pin", "confirmed_by"

static bool receipt_post(struct call *call) {
    static const char *const known[] = {COMMON, "quantity", "from", "address", "packs", NULL};
    struct register_request request;
    call_known(call, known);
    decode_common(call, &request);
    call_quantity(call, call->body, "quantity", true, &request.quantity);
    call_text(call, call->body, "from", NAME_MAX_LEN, true, &request.from);
    call_text(call, call->body, "address", TEXT_MAX, false, &request.address);
    decode_packs(call, &request);
    return enter(call, &request, desk_register_receive);
}

static bool check_post(struct call *call) {
    static const char *const known[] = {COMMON, "counted", "recounted", NULL};
    struct register_request request;
    call_known(call, known);
    decode_common(call, &request);
    decode_count(call, "counted", &request.counted);
    decode_count(call, "recounted", &request.recounted);
    return enter(call, &request, desk_register_check);
}

/* "-30" is taken away. */
static void decode_signed(struct call *call, quantity_t *out) {
    const cJSON *value = json_member(call->body, "quantity");
    const char *text = NULL;
    if (value != NULL && json_text(value, &text) && text[0] == '-' &&
        quantity_parse(text + 1, strlen(text + 1), out)) {
        *out = -*out;
    } else {
        call_quantity(call, call->body, "quantity", true, out);
    }
}

static bool adjustment_post(struct call *call) {
    static const char *const known[] = {COMMON, "quantity", "reason", NULL};
    struct register_request request;
    int reason = 0;
    call_known(call, known);
    decode_common(call, &request);
    decode_signed(call, &request.quantity);
    call_choice(call, call->body, "reason", true, register_adjustments, &reason);
    request.reason = (enum register_adjustment)reason;
    return enter(call, &request, desk_register_adjust);
}

static bool destruction_post(struct call *call) {
    static const char *const known[] = {COMMON, "quantity", "authorised_by", "lot", NULL};
    struct register_request request;
    call_known(call, known);
    decode_common(call, &request);
    call_quantity(call, call->body, "quantity", true, &request.quantity);
    call_text(call, call->body, "authorised_by", NAME_MAX_LEN, false, &request.authorised_by);
    call_text(call, call->body, "lot", NAME_MAX_LEN, false, &request.lot);
    return enter(call, &request, desk_register_destroy);
}

static bool note_post(struct call *call) {
    static const char *const known[] = {COMMON, NULL};
    struct register_request request;
    call_known(call, known);
    decode_common(call, &request);
    return enter(call, &request, desk_register_note);
}

/* ---- verification ---- */

static cJSON *json_check(const char *product, const struct register_check *check) {
    cJSON *one = cJSON_CreateObject();
    json_put_text(one, "product", product);
    cJSON_AddNumberToObject(one, "entries", (double)check->entries);
    cJSON_AddBoolToObject(one, "verified", check->what == NULL);
    cJSON_AddItemToObject(one, "head", json_register_head(check->number, check->head));
    json_put_quantity(one, "balance", check->balance);
    if (check->what != NULL) {
        cJSON *problem = cJSON_AddObjectToObject(one, "problem");
        cJSON_AddNumberToObject(problem, "number", (double)check->wrong);
        json_put_text(problem, "what", check->what);
    } else {
        cJSON_AddNullToObject(one, "problem");
    }
    if (check->more) {
        cJSON_AddNumberToObject(one, "next", (double)check->number);
    } else {
        cJSON_AddNullToObject(one, "next");
    }
    return one;
}

/* A head that was printed must be the hash of that entry. */
static void check_printed(struct call *call, const char *product, int64_t number, const char *hash,
                          struct register_check *check) {
    struct register_row row;
    char hex[REGISTER_HEX_SIZE];
    if (check->what != NULL) {
        return;
    }
    check->wrong = number;
    if (!desk_register_entry(call->tx, product, number, &row)) {
        check->what = "The register ends before the head that was printed.";
        return;
    }
    register_hex(row.hash, hex);
    check->what =
        strcmp(hex, hash) == 0 ? NULL : "The entry has another hash than the head that was printed.";
}

/* {?product=&after=&limit=} one section in pieces, {?product=&number=&hash=} against a printed head; else everything. */
static bool verify_get(struct call *call) {
    struct register_section *rows = NULL;
    size_t count = 0;
    int64_t after = 0;
    int64_t limit = VERIFY_ENTRIES_MAX;
    int64_t number = 0;
    double entries = 0;
    bool verified = true;
    const char *product = call_query(call, "product");
    const char *hash = call_query(call, "hash");
    if (!query_number(call, "after", 0, &after) || !query_number(call, "limit", 1, &limit) ||
        !query_number(call, "number", 1, &number)) {
        return call_invalid(call);
    }
    if (desk_register_sections(call->tx, &rows, &count) != DESK_OK) {
        return answer_failed(call);
    }
    cJSON *object = cJSON_CreateObject();
    cJSON *sections = cJSON_AddArrayToObject(object, "sections");
    for (size_t i = 0; i < count; i++) {
        struct register_check check;
        const char *code = rows[i].product->code;
        if (product != NULL && strcmp(product, code) != 0) {
            continue;
        }
        if (!desk_register_verify(call->tx, code, product == NULL ? 0 : after, limit, &check)) {
            cJSON_Delete(object);
            return answer_failed(call);
        }
        if (product != NULL && number > 0 && hash != NULL) {
            check_printed(call, code, number, hash, &check);
        }
        verified = verified && check.what == NULL;
        entries += (double)check.entries;
        cJSON_AddItemToArray(sections, json_check(code, &check));
    }
    cJSON_AddBoolToObject(object, "verified", verified);
    cJSON_AddNumberToObject(object, "entries", entries);
    return call_answer(call, 200, object);
}

/* ---- export ---- */

enum export_format { EXPORT_CSV, EXPORT_JSONL, EXPORT_TXT };
static const char *const export_formats[] = {"csv", "jsonl", "txt", NULL};
static const char *const export_types[] = {SHEET_CSV, SHEET_LINES, SHEET_TEXT};

struct export {
    struct buffer out;
    enum export_format format;
    const char *heading;
    int64_t first;
    int64_t number;
    int64_t entries;
    uint8_t hash[REGISTER_HASH_SIZE];
};

static void put_line(struct buffer *out, cJSON *line) {
    char *text = cJSON_PrintUnformatted(line);
    if (text == NULL) {
        out->failed = true;
    } else {
        buffer_text(out, text);
        buffer_char(out, '\n');
    }
    cJSON_free(text);
    cJSON_Delete(line);
}

static const char *said_text(int32_t said) {
    return said < 0 ? NULL : said == 1 ? "yes" : "no";
}

static void put_row(struct export *export, const struct register_row *row) {
    struct buffer *out = &export->out;
    char hex[REGISTER_HEX_SIZE];
    grid_text(out, export->heading, false);
    grid_text(out, row->section, false);
    grid_number(out, row->number, false);
    grid_text(out, row->kind, false);
    grid_day(out, row->on, false);
    grid_instant(out, row->entered_at, false);
    grid_quantity(out, row->quantity, false);
    grid_quantity(out, row->balance, false);
    grid_text(out, row->supply, false);
    grid_text(out, row->person_name, false);
    grid_text(out, row->person_address, false);
    grid_text(out, row->authority, false);
    grid_text(out, row->collector_role, false);
    grid_text(out, row->collector_name, false);
    grid_text(out, row->collector_address, false);
    grid_text(out, said_text(row->identity_requested), false);
    grid_text(out, said_text(row->identity_provided), false);
    grid_text(out, row->by_staff, false);
    grid_text(out, row->note, false);
    grid_text(out, row->reason, false);
    grid_text(out, row->witness, false);
    grid_text(out, row->authorised_by, false);
    grid_text(out, row->reference, false);
    grid_text(out, row->packs, false);
    grid_quantity(out, row->counted, false);
    if (row->corrects == 0) {
        grid_text(out, NULL, false);
    } else {
        grid_number(out, row->corrects, false);
    }
    register_hex(row->hash, hex);
    grid_text(out, hex, true);
}

static void put_canonical(struct buffer *out, const struct register_row *row) {
    char hex[REGISTER_HEX_SIZE];
    register_hex(row->hash, hex);
    register_canonical(out, row);
    buffer_format(out, "sha256 %s\n\n", hex);
}

static void export_entry(void *context, const struct register_row *row) {
    struct export *export = context;
    switch (export->format) {
    case EXPORT_CSV: put_row(export, row); break;
    case EXPORT_JSONL: put_line(&export->out, json_register_line(row)); break;
    case EXPORT_TXT: put_canonical(&export->out, row); break;
    }
    export->first = export->first == 0 ? row->number : export->first;
    export->number = row->number;
    export->entries++;
    memcpy(export->hash, row->hash, sizeof export->hash);
}

static void export_begin(struct export *export, const struct register_section *section) {
    if (export->format == EXPORT_CSV) {
        grid_head(&export->out,
                  "register,section,number,type,on,entered_at,quantity,balance,supply,person_name,"
                  "person_address,authority,collector_role,collector_name,collector_address,"
                  "identity_requested,identity_provided,by,text,reason,witness,authorised_by,reference,"
                  "packs,counted,corrects,hash");
    } else if (export->format == EXPORT_JSONL) {
        cJSON *head = cJSON_CreateObject();
        json_put_text(head, "register", export->heading);
        json_put_text(head, "section", section->product->code);
        json_put_text(head, "name", section->product->name);
        json_put_text(head, "unit", section->product->unit);
        put_line(&export->out, head);
    }
}

/* The last line says how far it goes: without it something is missing. */
static void export_end(struct export *export, const struct register_section *section) {
    if (export->format == EXPORT_JSONL) {
        cJSON *tail = cJSON_CreateObject();
        char hex[REGISTER_HEX_SIZE];
        register_hex(export->hash, hex);
        json_put_text(tail, "end", section->product->code);
        cJSON_AddNumberToObject(tail, "from", (double)export->first);
        cJSON_AddNumberToObject(tail, "to", (double)export->number);
        cJSON_AddNumberToObject(tail, "entries", (double)export->entries);
        cJSON_AddBoolToObject(tail, "more", section->begun && export->number < section->last.number);
        json_put_text(tail, "head", hex);
        put_line(&export->out, tail);
    }
}

static bool export_decode(struct call *call, struct export *export, int64_t *after, int64_t *limit) {
    const char *format = call_query(call, "format");
    size_t i = 0;
    while (format != NULL && export_formats[i] != NULL && strcmp(export_formats[i], format) != 0) {
        i++;
    }
    if (export_formats[i] == NULL) {
        return wrong_member(call, "format", "must be csv, jsonl or txt");
    }
    export->format = (enum export_format)i;
    return query_number(call, "after", 0, after) && query_number(call, "limit", 1, limit);
}

static bool export_get(struct call *call) {
    struct register_section section;
    struct export export = {.format = EXPORT_CSV};
    int64_t after = 0;
    int64_t limit = EXPORT_ENTRIES;
    char name[128];
    if (!export_decode(call, &export, &after, &limit)) {
        return call_invalid(call);
    }
    enum desk_result result = desk_register_section(call->tx, call->ids[0], &section);
    if (result != DESK_OK) {
        return result == DESK_NOT_FOUND ? not_found(call) : answer_failed(call);
    }
    buffer_init(&export.out, EXPORT_MAX);
    export.heading = section.heading;
    export_begin(&export, &section);
    bool read = desk_register_each(call->tx, call->ids[0], after,
                                   limit < EXPORT_ENTRIES ? limit : EXPORT_ENTRIES, export_entry, &export);
    export_end(&export, &section);
    (void)snprintf(name, sizeof name, "register-%s.%s", section.product->code, export_formats[export.format]);
    call_attachment(call, name);
    bool good = read && buffer_ok(&export.out)
                    ? call_answer_bytes(call, 200, export_types[export.format],
                                        export.out.bytes == NULL ? "" : export.out.bytes, export.out.len)
                    : answer_failed(call);
    buffer_release(&export.out);
    return good;
}

#define READERS (ROLE_TECHNICIAN | ROLE_PHARMACIST | ROLE_MANAGER | ROLE_INSPECTOR)
#define WRITERS (ROLE_PHARMACIST | ROLE_MANAGER)

const struct route routes_register[] = {
    {"GET", "/register", READERS, ROUTE_READ, 0,
     "The sections: balance, head, stock check due, open discrepancies; the VOLUNTARY ones apart.",
     register_get, NULL},
    {"GET", "/register/verify", READERS, ROUTE_READ, 0,
     "Does the whole chain hold together (?product=&after=&limit= in pieces, ?product=&number=&hash= against "
     "a "
     "printed head)?",
     verify_get, NULL},
    {"GET", "/register/{product}", READERS, ROUTE_READ, 0, "A section with its entries (?after=&limit=).",
     section_get, NULL},
    {"GET", "/register/{product}/export", READERS, ROUTE_READ, 0,
     "The section as csv, jsonl or txt (?format=&after=&limit=); docs/register.md says how it is verified.",
     export_get, NULL},
    {"POST", "/register/{product}/receipts", WRITERS, ROUTE_WRITE | ROUTE_KEY | ROUTE_SECOND_OPTIONAL,
     BODY_MAX, "Received: from whom, how much, which packs.", receipt_post, show_entry},
    {"POST", "/register/{product}/checks", WRITERS, ROUTE_WRITE | ROUTE_KEY | ROUTE_SECOND, BODY_MAX,
     "Counted by two people: full bottles and the measured open one.", check_post, show_entry},
    {"POST", "/register/{product}/adjustments", WRITERS, ROUTE_WRITE | ROUTE_KEY | ROUTE_SECOND, BODY_MAX,
     "Overage, spillage, residue, a count, a correction: witnessed.", adjustment_post, show_entry},
    {"POST", "/register/{product}/destructions", WRITERS, ROUTE_WRITE | ROUTE_KEY | ROUTE_SECOND, BODY_MAX,
     "Own stock destroyed before an authorised witness.", destruction_post, show_entry},
    {"POST", "/register/{product}/notes", WRITERS, ROUTE_WRITE | ROUTE_KEY, BODY_MAX,
     "A dated note that corrects an entry, or explains a discrepancy.", note_post, show_entry},
};
const size_t routes_register_count = sizeof routes_register / sizeof routes_register[0];
