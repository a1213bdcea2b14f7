#include "register.h"

#include <assert.h>
#include <inttypes.h>
#include <string.h>

#include "ledger.h"
#include "patient_case.h"
#include "store/rows.h"
#include "sys/buffer.h"
#include "sys/number.h"
#include "text.h"

const char *const register_adjustments[ADJUST_COUNT_OF + 1] = {
    [ADJUST_OVERAGE] = "overage", [ADJUST_SPILLAGE] = "spillage",     [ADJUST_RESIDUE] = "residue",
    [ADJUST_COUNT] = "count",     [ADJUST_CORRECTION] = "correction", [ADJUST_COUNT_OF] = NULL,
};

/* An entry that is being made. */
struct entering {
    struct tx *tx;
    const struct register_request *request;
    const struct product *product;
    struct register_row row;
    struct stock_move move;
    struct desk_problem *problem;
};

/* ---- what every entry is asked ---- */

static bool two_people(const struct register_request *request) {
    return request->second != NULL && request->second->staff != NULL && request->who->staff != NULL &&
           strcmp(request->second->staff, request->who->staff) != 0;
}

static enum desk_result check_second(struct entering *e) {
    return two_people(e->request) ? DESK_OK
                                  : desk_no(e->problem, DESK_FORBIDDEN, "second_person_required",
                                            "This needs a second person, with their own PIN.");
}

static enum desk_result check_corrects(struct entering *e) {
    struct register_row row;
    if (e->request->corrects != 0 && !register_entry(e->tx, e->product->code, e->request->corrects, &row)) {
        return desk_invalid(e->problem, "corrects", "must be the number of an entry of this section");
    }
    return DESK_OK;
}

static enum desk_result check_explains(struct entering *e) {
    struct discrepancy_row row;
    if (e->request->explains == NULL) {
        return DESK_OK;
    }
    if (!discrepancy_find(e->tx, e->request->explains, &row) || strcmp(row.section, e->product->code) != 0) {
        return desk_invalid(e->problem, "explains", "must be a discrepancy of this section");
    }
    if (e->request->text == NULL) {
        return desk_invalid(e->problem, "text", "must say what explains the discrepancy");
    }
    return row.explained == 0 ? DESK_OK
                              : desk_no(e->problem, DESK_CONFLICT, "explained_before",
                                        "This discrepancy was explained before.");
}

static enum desk_result begin(struct entering *e, struct tx *tx, const struct register_request *request,
                              const char *kind, struct desk_problem *problem) {
    *e = (struct entering){.tx = tx, .request = request, .problem = problem};
    if (!identity_is_pharmacist(request->who)) {
        (void)desk_no(problem, DESK_FORBIDDEN, "role", "A pharmacist keeps the register.");
        return DESK_FORBIDDEN;
    }
    e->product = catalogue_find(desk_catalogue(), request->product, strlen(request->product));
    if (e->product == NULL) {
        (void)desk_no(problem, DESK_NOT_FOUND, "not_found", "There is no such medicine.");
        return DESK_NOT_FOUND;
    }
    day_t on = request->on == DAY_NONE ? tx->now.day : request->on;
    if (on > tx->now.day) {
        return desk_invalid(problem, "on", "must not be a day to come");
    }
    enum desk_result result = check_corrects(e);
    result = result == DESK_OK ? check_explains(e) : result;
    e->row = (struct register_row){
        .section = e->product->code,
        .kind = kind,
        .on = on,
        .entered_at = tx->now.at,
        .corrects = request->corrects,
        .reference = request->reference,
        .by_staff = tx->staff,
        .note = request->text,
        REGISTER_ROW_NONE,
    };
    e->move.product = e->product->code;
    return result;
}

static enum desk_result end(struct entering *e, const char *action, int64_t *number) {
    tx_audit(e->tx, action, NULL, e->product->code, NULL);
    ledger_enter(e->tx, &e->row, &e->move);
    if (e->request->explains != NULL) {
        discrepancy_explain(e->tx, e->request->explains, e->row.number);
    }
    *number = e->row.number;
    return db_state(e->tx->db) == DB_FINE ? DESK_OK : DESK_FAILED;
}

static enum desk_result check_amount(struct entering *e, bool signed_too) {
    quantity_t quantity = e->request->quantity;
    if (quantity == 0 || (quantity < 0 && !signed_too)) {
        return desk_invalid(e->problem, "quantity", signed_too ? "must not be 0" : "must be more than 0");
    }
    return DESK_OK;
}

/* ---- receipts ---- */

static const char *packs_text(struct entering *e) {
    struct buffer out;
    buffer_init(&out, 4096);
    for (size_t i = 0; i < e->request->pack_count; i++) {
        const struct register_pack *pack = &e->request->packs[i];
        char size[QUANTITY_TEXT_SIZE];
        char expiry[DAY_TEXT_SIZE] = "";
        quantity_format(pack->size, size);
        if (pack->expiry != DAY_NONE) {
            day_format(pack->expiry, expiry);
        }
        buffer_format(&out, "%s%d x %s%s%s%s%s", i == 0 ? "" : "; ", pack->count, size,
                      pack->batch == NULL ? "" : " ", pack->batch == NULL ? "" : pack->batch,
                      expiry[0] == '\0' ? "" : " ", expiry);
    }
    const char *text = buffer_ok(&out) && out.len > 0 ? arena_text(e->tx->arena, out.bytes, out.len) : NULL;
    buffer_release(&out);
    return text;
}

static enum desk_result receive_pack(struct entering *e, const struct register_pack *pack, quantity_t *sum) {
    const struct stock_lot_row lot = {.batch = pack->batch, .expiry = pack->expiry, .pack = pack->size};
    quantity_t quantity = 0;
    if (pack->size <= 0 || pack->count <= 0 || !quantity_times(pack->size, pack->count, &quantity) ||
        !quantity_add(*sum, quantity, sum)) {
        return desk_invalid(e->problem, "packs", "must have a size and a count, both more than 0");
    }
    if (pack->expiry != DAY_NONE && pack->expiry < e->row.on) {
        return desk_invalid(e->problem, "packs", "must not have expired before they were received");
    }
    const char *key = stock_lot_enter(e->tx, e->product->code, &lot);
    stock_leg_add(&e->move, STOCK_FULL, key, quantity);
    return key == NULL ? DESK_FAILED : DESK_OK;
}

static enum desk_result receive_packs(struct entering *e) {
    const struct register_pack whole = {.expiry = DAY_NONE, .size = e->request->quantity, .count = 1};
    quantity_t sum = 0;
    enum desk_result result = DESK_OK;
    if (e->request->pack_count == 0) {
        return receive_pack(e, &whole, &sum);
    }
    for (size_t i = 0; result == DESK_OK && i < e->request->pack_count; i++) {
        result = receive_pack(e, &e->request->packs[i], &sum);
    }
    if (result == DESK_OK && sum != e->request->quantity) {
        return desk_invalid(e->problem, "quantity", "must be what the packs make together");
    }
    return result;
}

enum desk_result desk_register_receive(struct tx *tx, const struct register_request *request, int64_t *number,
                                       struct desk_problem *problem) {
    struct entering e;
    enum desk_result result = begin(&e, tx, request, "received", problem);
    result = result == DESK_OK ? check_amount(&e, false) : result;
    result = result == DESK_OK && request->from == NULL
                 ? desk_invalid(problem, "from", "must say from whom it was received")
                 : result;
    result = result == DESK_OK ? receive_packs(&e) : result;
    if (result != DESK_OK) {
        return result;
    }
    e.row.quantity = request->quantity;
    e.row.person_name = request->from;
    e.row.person_address = request->address;
    e.row.packs = packs_text(&e);
    e.row.witness = two_people(request) ? request->second->staff : NULL;
    stock_leg_add(&e.move, STOCK_SUPPLIER, "", -request->quantity);
    return end(&e, "register receipt", number);
}

/* ---- stock checks ---- */

static enum desk_result check_counts(struct entering *e) {
    const struct register_count *one = &e->request->counted;
    const struct register_count *other = &e->request->recounted;
    if (!one->given || one->full < 0 || one->open < 0) {
        return desk_invalid(e->problem, "counted", "must have full and open, neither below 0");
    }
    if (other->given &&
        (other->full != one->full || other->open != one->open || other->prepared != one->prepared)) {
        return desk_no(e->problem, DESK_CONFLICT, "counts_differ",
                       "The two counts differ. Count again, each for yourself. Nothing was recorded.");
    }
    return DESK_OK;
}

static void open_difference(struct entering *e, quantity_t difference) {
    const struct discrepancy_row row = {.section = e->product->code,
                                        .number = e->row.number,
                                        .kind = "count",
                                        .quantity = difference,
                                        .on = e->tx->now.day};
    const char *id = discrepancy_open(e->tx, &row);
    if (e->request->text != NULL && id != NULL) {
        discrepancy_explain(e->tx, id, e->row.number);
    }
}

enum desk_result desk_register_check(struct tx *tx, const struct register_request *request, int64_t *number,
                                     struct desk_problem *problem) {
    struct entering e;
    enum desk_result result = begin(&e, tx, request, "check", problem);
    result = result == DESK_OK ? check_second(&e) : result;
    result = result == DESK_OK ? check_counts(&e) : result;
    if (result != DESK_OK) {
        return result;
    }
    quantity_t prepared = request->counted.prepared != QUANTITY_NONE
                              ? request->counted.prepared
                              : stock_balance(tx, e.product->code, STOCK_PREPARED, "");
    quantity_t found = request->counted.full + request->counted.open + prepared;
    e.row.counted = found;
    e.row.witness = request->second->staff;
    result = end(&e, "register check", number);
    if (result == DESK_OK && found != e.row.balance) {
        open_difference(&e, found - e.row.balance);
    }
    return result == DESK_OK && db_state(tx->db) != DB_FINE ? DESK_FAILED : result;
}

/* ---- adjustments ---- */

static const char *account_of(enum register_adjustment reason) {
    switch (reason) {
    case ADJUST_OVERAGE: return STOCK_OVERAGE;
    case ADJUST_SPILLAGE:
    case ADJUST_RESIDUE: return STOCK_WASTE;
    case ADJUST_COUNT:
    case ADJUST_CORRECTION:
    case ADJUST_COUNT_OF: break;
    }
    return STOCK_DIFFERENCE;
}

static enum desk_result check_adjustment(struct entering *e) {
    quantity_t quantity = e->request->quantity;
    bool away = e->request->reason == ADJUST_SPILLAGE || e->request->reason == ADJUST_RESIDUE;
    if (away && quantity > 0) {
        return desk_invalid(e->problem, "quantity", "must be below 0: it is taken away");
    }
    if (e->request->reason == ADJUST_OVERAGE && quantity < 0) {
        return desk_invalid(e->problem, "quantity", "must be above 0: an overage is added");
    }
    if (e->request->reason == ADJUST_CORRECTION && e->request->corrects == 0) {
        return desk_invalid(e->problem, "corrects", "must name the entry that is corrected");
    }
    if (e->request->text == NULL) {
        return desk_invalid(e->problem, "text", "must say why");
    }
    return DESK_OK;
}

enum desk_result desk_register_adjust(struct tx *tx, const struct register_request *request, int64_t *number,
                                      struct desk_problem *problem) {
    struct entering e;
    enum desk_result result = begin(&e, tx, request, "adjusted", problem);
    result = result == DESK_OK ? check_second(&e) : result;
    result = result == DESK_OK ? check_amount(&e, true) : result;
    result = result == DESK_OK ? check_adjustment(&e) : result;
    if (result != DESK_OK) {
        return result;
    }
    e.row.quantity = request->quantity;
    e.row.reason = register_adjustments[request->reason];
    e.row.witness = request->second->staff;
    if (request->quantity < 0) {
        ledger_take(tx, &e.move, -request->quantity);
    } else {
        stock_leg_add(&e.move, STOCK_OPEN, "", request->quantity);
    }
    stock_leg_add(&e.move, account_of(request->reason), "", -request->quantity);
    return end(&e, "register adjustment", number);
}

/* ---- destructions ---- */

static enum desk_result take_destroyed(struct entering *e) {
    const struct register_request *request = e->request;
    struct stock_lot_row lot;
    if (request->lot == NULL) {
        ledger_take(e->tx, &e->move, request->quantity);
        return DESK_OK;
    }
    if (!stock_lot_find(e->tx, e->product->code, request->lot, &lot) || lot.quantity < request->quantity) {
        return desk_invalid(e->problem, "lot", "must be a lot of which so much is here");
    }
    e->row.packs = lot.lot;
    stock_leg_add(&e->move, STOCK_FULL, lot.lot, -request->quantity);
    return DESK_OK;
}

enum desk_result desk_register_destroy(struct tx *tx, const struct register_request *request, int64_t *number,
                                       struct desk_problem *problem) {
    struct entering e;
    enum desk_result result = begin(&e, tx, request, "destroyed", problem);
    result = result == DESK_OK ? check_second(&e) : result;
    result = result == DESK_OK ? check_amount(&e, false) : result;
    if (result == DESK_OK && e.product->schedule == 2 && request->authorised_by == NULL) {
        result =
            desk_invalid(problem, "authorised_by",
                         "must name the authorised witness: own stock of Schedule 2 is destroyed before one");
    }
    result = result == DESK_OK ? take_destroyed(&e) : result;
    if (result != DESK_OK) {
        return result;
    }
    e.row.quantity = -request->quantity;
    e.row.authorised_by = request->authorised_by;
    e.row.witness = request->second->staff;
    stock_leg_add(&e.move, STOCK_DESTROYED, "", request->quantity);
    return end(&e, "register destruction", number);
}

/* ---- notes ---- */

enum desk_result desk_register_note(struct tx *tx, const struct register_request *request, int64_t *number,
                                    struct desk_problem *problem) {
    struct entering e;
    enum desk_result result = begin(&e, tx, request, "note", problem);
    if (result == DESK_OK && request->text == NULL) {
        result = desk_invalid(problem, "text", "must say something");
    }
    return result == DESK_OK ? end(&e, "register note", number) : result;
}

/* ---- reading ---- */

static void section_check(struct tx *tx, struct register_section *section) {
    struct register_row check;
    day_t every = (day_t)desk_policy(tx, "stock_check_days");
    struct register_row first;
    section->check_due = DAY_NONE;
    if (register_newest(tx, section->product->code, "check", &check)) {
        section->last_check = check.entered_at;
        section->check_due = clock_moment(check.entered_at).day + every;
    } else if (section->begun && register_entry(tx, section->product->code, 1, &first)) {
        section->check_due = clock_moment(first.entered_at).day + every;
    }
    section->check_overdue = section->check_due != DAY_NONE && section->check_due < tx->now.day;
}

static bool section_read(struct tx *tx, const struct product *product, struct register_section *out) {
    *out = (struct register_section){.product = product, .heading = ledger_heading(product)};
    out->begun = register_last(tx, product->code, &out->last);
    section_check(tx, out);
    return discrepancies(tx, product->code, true, &out->open, &out->open_count) &&
           db_state(tx->db) == DB_FINE;
}

enum desk_result desk_register_section(struct tx *tx, const char *product, struct register_section *out) {
    const struct product *found = catalogue_find(desk_catalogue(), product, strlen(product));
    if (found == NULL) {
        return DESK_NOT_FOUND;
    }
    return section_read(tx, found, out) ? DESK_OK : DESK_FAILED;
}

enum desk_result desk_register_sections(struct tx *tx, struct register_section **rows, size_t *count) {
    const char **codes = NULL;
    size_t code_count = 0;
    *rows = NULL;
    *count = 0;
    if (!register_sections(tx, &codes, &code_count)) {
        return DESK_FAILED;
    }
    for (int voluntary = 0; voluntary < 2; voluntary++) {
        for (size_t i = 0; i < code_count; i++) {
            const struct product *product = catalogue_find(desk_catalogue(), codes[i], strlen(codes[i]));
            if (product == NULL || (product->schedule != 2) != (voluntary == 1)) {
                continue;
            }
            *rows = rows_room(tx, *rows, *count, sizeof **rows);
            if (*rows == NULL || !section_read(tx, product, &(*rows)[*count])) {
                return DESK_FAILED;
            }
            *count += (*rows)[*count].begun ? 1 : 0;
        }
    }
    return DESK_OK;
}

bool desk_register_entries(struct tx *tx, const char *product, int64_t after, int32_t limit,
                           struct register_row **rows, size_t *count) {
    return register_page(tx, product, after, limit, rows, count);
}

bool desk_register_entry(struct tx *tx, const char *product, int64_t number, struct register_row *out) {
    return register_entry(tx, product, number, out);
}

bool desk_register_each(struct tx *tx, const char *product, int64_t after, int64_t limit,
                        register_each_fn *each, void *context) {
    return register_each(tx, product, after, limit, each, context);
}

bool desk_register_verify(struct tx *tx, const char *product, int64_t after, int64_t limit,
                          struct register_check *out) {
    return register_verify(tx, product, after, limit, out);
}

const char *register_entry_id(struct tx *tx, const char *product, int64_t number) {
    return desk_text(tx, "%s/%" PRId64, product, number);
}

bool register_entry_parse(struct tx *tx, const char *id, const char **product, int64_t *number) {
    const char *slash = strrchr(id, '/');
    if (slash == NULL || !number_parse(slash + 1, 1, INT64_MAX, number)) {
        return false;
    }
    *product = arena_text(tx->arena, id, (size_t)(slash - id));
    return *product != NULL;
}
