/* Patients: see patient.h. */
#include "patient.h"

#include <string.h>

#include "alert.h"
#include "core/identifier.h"
#include "names.h"
#include "staff.h"
#include "store/prescription.h"
#include "store/service.h"
#include "text.h"

enum { LOOK_ALIKES_MAX = 20 };

#define BORN_EARLIEST (-25567) /* 1900-01-01 */

/* ---- reading ---- */

static enum desk_result found_or_failed(const struct tx *tx) {
    return db_state(tx->db) == DB_FINE ? DESK_NOT_FOUND : DESK_FAILED;
}

enum desk_result desk_patient_find(struct tx *tx, const char *id, struct patient_row *out) {
    return patient_find(tx, id, out) ? DESK_OK : found_or_failed(tx);
}

struct look {
    const struct patient_row *patient;
    struct tx *tx;
    const char **ids;
    size_t count;
};

static void look_at(void *context, const struct patient_row *row) {
    struct look *look = context;
    if (look->count == LOOK_ALIKES_MAX || strcmp(row->id, look->patient->id) == 0)
        return;
    bool same_birth = row->born_on == look->patient->born_on;
    if (names_alike(look->patient->name_folded, row->name_folded, same_birth)) {
        const char *id = tx_keep(look->tx, row->id);
        if (id != NULL)
            look->ids[look->count++] = id;
    }
}

enum desk_result desk_patient_read(struct tx *tx, const char *id, struct patient_view *out) {
    *out = (struct patient_view){0};
    if (!patient_find(tx, id, &out->row))
        return found_or_failed(tx);
    patient_status_on(tx, id, tx->now.day, &out->status);
    struct look look = {.patient = &out->row, .tx = tx};
    look.ids = arena_take(tx->arena, LOOK_ALIKES_MAX, sizeof *look.ids);
    if (look.ids == NULL || !patient_each(tx, look_at, &look))
        return DESK_FAILED;
    out->look_alikes = look.ids;
    out->look_alike_count = look.count;
    return db_state(tx->db) == DB_FINE ? DESK_OK : DESK_FAILED;
}

/* Rows of a list, with everything that the list left out. */
static enum desk_result views_of(struct tx *tx, const struct patient_list *list, struct patient_views *out) {
    *out = (struct patient_views){0};
    out->views = arena_take(tx->arena, list->count + 1, sizeof *out->views);
    if (out->views == NULL)
        return DESK_FAILED;
    for (size_t i = 0; i < list->count; i++) {
        struct patient_view *view = &out->views[out->count++];
        if (!patient_find(tx, list->rows[i].id, &view->row))
            return DESK_FAILED;
        patient_status_on(tx, view->row.id, tx->now.day, &view->status);
    }
    return db_state(tx->db) == DB_FINE ? DESK_OK : DESK_FAILED;
}

enum desk_result desk_patients(struct tx *tx, const char *after, int32_t limit, struct patient_views *out) {
    struct patient_list list;
    *out = (struct patient_views){0};
    return patient_page(tx, after, limit, &list) ? views_of(tx, &list, out) : DESK_FAILED;
}

/* ---- searching ---- */

/* The number without blanks and hyphens where the text is nothing but one; at most size - 1 digits. */
static bool digits_of(const char *q, char *out, size_t size) {
    size_t len = 0;
    for (; *q != '\0'; q++) {
        if (*q == ' ' || *q == '-')
            continue;
        if (*q < '0' || *q > '9' || len + 1 == size)
            return false;
        out[len++] = *q;
    }
    out[len] = '\0';
    return len > 0;
}

/* "may", "September": the month that a word begins, by its first three letters; 0 where it is none. */
static int month_of(const char *word, size_t len) {
    static const char months[] = "janfebmaraprmayjunjulaugsepoctnovdec";
    for (int month = 0; len >= 3 && month < 12; month++) {
        if (strncmp(word, months + 3 * (size_t)month, 3) == 0)
            return month + 1;
    }
    return 0;
}

struct part {
    int value;
    size_t len;
    bool word; /* a month's name */
};

/* Takes a text apart into three numbers or names of months; false where it is something else. */
static bool date_parts(const char *q, struct part parts[3]) {
    size_t count = 0;
    while (*q != '\0') {
        size_t len = strspn(q, "0123456789");
        size_t letters = strspn(q, "abcdefghijklmnopqrstuvwxyz");
        if (len == 0 && letters == 0) {
            if (strchr(" -/.,", *q) == NULL)
                return false;
            q++;
            continue;
        }
        if (count == 3 || len > 4)
            return false;
        struct part *part = &parts[count++];
        *part = (struct part){.len = len + letters, .word = len == 0, .value = month_of(q, letters)};
        for (size_t i = 0; i < len; i++)
            part->value = part->value * 10 + (q[i] - '0');
        if (part->value == 0 || (len > 0 && letters > 0))
            return false;
        q += len + letters;
    }
    return count == 3;
}

/* A day of birth: two digits of a year mean the last such year that is not later than today. */
static day_t birth_day(int year, size_t year_len, int month, int day, day_t today) {
    if (year_len == 2) {
        int now = day_to_civil(today).year;
        year += now - now % 100;
        day_t found = day_from_civil(year, month, day);
        return found != DAY_NONE && found <= today ? found : day_from_civil(year - 100, month, day);
    }
    return year_len == 4 ? day_from_civil(year, month, day) : DAY_NONE;
}

/* Eight digits without signs between: day, month, year; or year, month, day. */
static day_t birth_of_digits(const char *digits) {
    int value[8];
    for (size_t i = 0; i < 8; i++)
        value[i] = digits[i] - '0';
    int first = value[0] * 10 + value[1];
    int third = value[4] * 10 + value[5];
    int fourth = value[6] * 10 + value[7];
    day_t born_on = day_from_civil(third * 100 + fourth, value[2] * 10 + value[3], first);
    return born_on >= BORN_EARLIEST ? born_on
                                    : day_from_civil(first * 100 + value[2] * 10 + value[3], third, fourth);
}

static day_t birth_of(const char *lower, day_t today) {
    struct part parts[3] = {{0}};
    if (strlen(lower) == 8 && strspn(lower, "0123456789") == 8)
        return birth_of_digits(lower);
    if (!date_parts(lower, parts) || parts[0].word || parts[2].word)
        return DAY_NONE;
    return parts[0].len == 4 ? birth_day(parts[0].value, 4, parts[1].value, parts[2].value, today)
                             : birth_day(parts[2].value, parts[2].len, parts[1].value, parts[0].value, today);
}

/* Does the folded name hold every word of the folded question? */
static bool has_words(const char *name, char *q) {
    bool all = true;
    for (char *word = q; all && *word != '\0';) {
        size_t len = strcspn(word, " ");
        char end = word[len];
        word[len] = '\0';
        all = strstr(name, word) != NULL;
        word[len] = end;
        word += len + (end != '\0');
    }
    return all;
}

/* The longest word of a folded question is looked for in the store, the others in what it finds. */
static bool search_names(struct tx *tx, char *q, int32_t limit, struct patient_list *out) {
    const char *best = q;
    size_t best_len = 0;
    for (const char *word = q; *word != '\0';) {
        size_t len = strcspn(word, " ");
        if (len > best_len) {
            best = word;
            best_len = len;
        }
        word += len + (word[len] != '\0');
    }
    *out = (struct patient_list){0};
    const char *longest = arena_text(tx->arena, best, best_len);
    if (longest == NULL)
        return false;
    if (best_len == 0)
        return true;
    struct patient_list found;
    bool one_word = best_len == strlen(q);
    if (!patient_by_name(tx, longest, one_word ? limit : 5000, &found))
        return false;
    for (size_t i = 0; i < found.count && out->count < (size_t)limit; i++) {
        if (has_words(found.rows[i].name_folded, q))
            found.rows[out->count++] = found.rows[i];
    }
    out->rows = found.rows;
    return true;
}

/* Small letters of the question with its signs kept: a date has slashes and dots, an identifier hyphens. */
static char *lower_of(struct tx *tx, const char *q) {
    char *lower = arena_text(tx->arena, q, strlen(q));
    for (char *c = lower; c != NULL && *c != '\0'; c++) {
        if (*c >= 'A' && *c <= 'Z')
            *c = (char)(*c + ('a' - 'A'));
    }
    return lower;
}

enum desk_result desk_patient_search(struct tx *tx, const char *q, int32_t limit, struct patient_views *out) {
    char number[IDENTIFIER_SIZE];
    struct patient_list found = {0};
    char *lower = lower_of(tx, q);
    char *folded = names_fold(tx->arena, q);
    *out = (struct patient_views){0};
    if (lower == NULL || folded == NULL)
        return DESK_FAILED;
    day_t born_on = birth_of(lower, tx->now.day);
    bool fine = true;
    if (digits_of(lower, number, sizeof number) && strlen(number) == IDENTIFIER_SIZE - 1)
        fine = patient_by_number(tx, number, &found);
    else if (born_on != DAY_NONE)
        fine = patient_by_birth(tx, born_on, limit, &found);
    else
        fine = search_names(tx, folded, limit, &found);
    return fine ? views_of(tx, &found, out) : DESK_FAILED;
}

/* ---- entering and changing ---- */

static void check_names(struct tx *tx, const struct patient_row *row, const char *folded,
                        struct desk_problem *problem) {
    const struct patient_representative *all = row->representatives;
    if (*folded == '\0' || *folded == '\n' || !names_printable(row->name))
        desk_invalid(problem, "name", "must be a name, without signs that cannot be seen");
    if (row->preferred_name != NULL && !names_printable(row->preferred_name))
        desk_invalid(problem, "preferred_name", "must be a name, without signs that cannot be seen");
    if (row->representative_count > PATIENT_REPRESENTATIVES_MAX)
        desk_invalid(problem, "representatives", "must be at most ten");
    for (size_t i = 0; i < row->representative_count; i++) {
        const char *one = names_fold(tx->arena, all[i].name);
        if (one == NULL || *one == '\0' || !names_printable(all[i].name))
            desk_invalid(problem, "representatives", "must each have a name");
        for (size_t k = 0; k < i; k++) {
            if (strcmp(all[i].name, all[k].name) == 0)
                desk_invalid(problem, "representatives", "must each be named once");
        }
    }
}

/* P11; on success the row has the identifier as it is stored. */
static void check_identifier(struct tx *tx, struct patient_row *row, struct desk_problem *problem) {
    enum identifier_kind kind = IDENTIFIER_COUNT;
    char stored[IDENTIFIER_SIZE];
    if (row->identifier_value == NULL && row->identifier_system == NULL)
        return;
    if (row->identifier_system == NULL ||
        !identifier_parse_kind(row->identifier_system, strlen(row->identifier_system), &kind) ||
        (kind != IDENTIFIER_NHS && kind != IDENTIFIER_CHI && kind != IDENTIFIER_HC)) {
        desk_invalid(problem, "identifier.system", "must be nhs, chi or hc");
        return;
    }
    if (row->identifier_value == NULL) {
        desk_invalid(problem, "identifier.value", "is missing");
        return;
    }
    enum identifier_result result =
        identifier_check(kind, row->identifier_value, strlen(row->identifier_value), stored);
    if (result != IDENTIFIER_OK)
        desk_invalid(problem, "identifier.value", identifier_explain(result));
    else
        row->identifier_value = arena_text(tx->arena, stored, strlen(stored));
}

static bool is_language(const char *tag) {
    return strspn(tag, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == strlen(tag) &&
           strlen(tag) >= 2;
}

static void check_sharing(struct tx *tx, const struct patient_row *row, struct desk_problem *problem) {
    struct service_row service;
    if (row->sharing_service == NULL)
        return;
    if (!service_find(tx, row->sharing_service, &service))
        desk_invalid(problem, "sharing.service", "is not known");
    if (row->sharing_agreed_on == DAY_NONE)
        desk_invalid(problem, "sharing.agreed_on", "is missing");
    else if (row->sharing_agreed_on > tx->now.day)
        desk_invalid(problem, "sharing.agreed_on", "must not lie in the future");
}

/* Who else has the identifier now: named, so that staff can look there. */
static enum desk_result check_known(struct tx *tx, const struct patient_row *row,
                                    struct desk_problem *problem) {
    struct patient_list known = {0};
    if (row->identifier_value == NULL)
        return DESK_OK;
    if (!patient_by_identifier(tx, row->identifier_system, row->identifier_value, &known))
        return DESK_FAILED;
    for (size_t i = 0; i < known.count; i++) {
        if (row->id != NULL && strcmp(known.rows[i].id, row->id) == 0)
            continue;
        enum desk_result result = desk_no(
            problem, DESK_CONFLICT, "identifier_known",
            "Another patient's record has this identifier. Please look there, or compare each digit.");
        problem->fields[0].message = known.rows[i].id; /* not counted: no member of the request is wrong */
        return result;
    }
    return DESK_OK;
}

/* Both names folded, each on a line of its own. */
static const char *folded_names(struct tx *tx, const struct patient_row *row) {
    const char *name = names_fold(tx->arena, row->name);
    const char *preferred = names_fold(tx->arena, row->preferred_name == NULL ? "" : row->preferred_name);
    if (name == NULL || preferred == NULL)
        return NULL;
    return desk_text(tx, "%s\n%s", name, preferred);
}

/* Checks a row and makes it ready to be stored: identifier and folded names. */
static enum desk_result check_row(struct tx *tx, struct patient_row *row, struct desk_problem *problem) {
    row->name_folded = folded_names(tx, row);
    if (row->name_folded == NULL)
        return DESK_FAILED;
    check_names(tx, row, row->name_folded, problem);
    if (row->born_on < BORN_EARLIEST || row->born_on > tx->now.day)
        desk_invalid(problem, "born_on", "must be a day from 1900 to today");
    check_identifier(tx, row, problem);
    if (row->address != NULL && address_is_po_box(row->address, strlen(row->address)))
        desk_invalid(problem, "address",
                     "must be where the patient lives: a PO box is no address, \"no fixed abode\" is one");
    if (row->language != NULL && !is_language(row->language))
        desk_invalid(problem, "language", "must be a language tag such as en or pt-BR");
    check_sharing(tx, row, problem);
    return problem->field_count > 0 ? DESK_INVALID : check_known(tx, row, problem);
}

enum desk_result desk_patient_enter(struct tx *tx, const struct patient_row *row, const char **id,
                                    struct desk_problem *problem) {
    struct patient_row ready = *row;
    ready.id = NULL;
    enum desk_result result = check_row(tx, &ready, problem);
    if (result != DESK_OK)
        return result;
    ready.id = tx_new_id(tx, "pt");
    if (ready.id == NULL)
        return DESK_FAILED;
    tx_audit(tx, "enter patient", ready.id, ready.id, NULL);
    patient_append(tx, &ready);
    *id = ready.id;
    return db_state(tx->db) == DB_FINE ? DESK_OK : DESK_FAILED;
}

/* The record, where it stands for itself. */
static enum desk_result standing(struct tx *tx, const char *id, struct patient_row *out,
                                 struct desk_problem *problem) {
    if (!patient_find(tx, id, out))
        return found_or_failed(tx) == DESK_FAILED
                   ? DESK_FAILED
                   : desk_no(problem, DESK_NOT_FOUND, "not_found", "There is no such patient.");
    return out->merged_into == NULL
               ? DESK_OK
               : desk_no(problem, DESK_CONFLICT, "patient_merged",
                         "This record was entered twice and merged into another. Please use that one.");
}

enum desk_result desk_patient_change(struct tx *tx, const struct patient_row *row,
                                     struct desk_problem *problem) {
    struct patient_row ready = *row;
    struct patient_row before;
    enum desk_result result = standing(tx, row->id, &before, problem);
    if (result == DESK_OK)
        result = check_row(tx, &ready, problem);
    if (result != DESK_OK)
        return result;
    tx_audit(tx, "change patient", row->id, row->id, NULL);
    patient_append(tx, &ready);
    return desk_alert_look_again(tx, NULL, row->id);
}

enum desk_result desk_patient_merge(struct tx *tx, const char *id, const char *into,
                                    const struct identity *second, struct desk_problem *problem) {
    struct patient_row twice;
    struct patient_row stays;
    enum desk_result result = standing(tx, id, &twice, problem);
    if (result != DESK_OK)
        return result;
    if (strcmp(id, into) == 0)
        return desk_invalid(problem, "into", "must be another patient");
    result = standing(tx, into, &stays, problem);
    if (result == DESK_NOT_FOUND)
        return desk_invalid(problem, "into", "is not known");
    if (result != DESK_OK)
        return result;
    if (twice.identifier_value != NULL && stays.identifier_value != NULL &&
        strcmp(twice.identifier_system, stays.identifier_system) == 0 &&
        strcmp(twice.identifier_value, stays.identifier_value) != 0)
        return desk_no(problem, DESK_CONFLICT, "identifiers_differ",
                       "The two records have different numbers: these are two people, or one number is "
                       "wrong. Please correct it first.");
    if (!desk_second_agrees(tx, second))
        return desk_no(problem, DESK_FORBIDDEN, "second_person_required",
                       "Two records become one for ever: please ask a second person for name and PIN.");
    tx_audit(tx, "merge patient", into, id, second->staff);
    patient_merge(tx, id, into);
    return db_state(tx->db) == DB_FINE ? DESK_OK : DESK_FAILED;
}

/* The last day that a prescription's doses reach. */
static day_t last_day_of(const struct prescription_row *row) {
    day_t last = DAY_NONE;
    for (size_t i = 0; i < row->item_count; i++) {
        for (size_t k = 0; k < row->items[i].run_count; k++) {
            const struct dose_run *run = &row->items[i].runs[k];
            day_t end = run->from + run->days - 1;
            last = end > last ? end : last;
        }
    }
    return last;
}

/* M9: each service with a prescription that reaches into the absence is told once. */
static enum desk_result tell_away(struct tx *tx, const char *patient,
                                  const struct patient_status_row *status) {
    size_t count = 0;
    const day_t from = status->from;
    char day[DAY_TEXT_SIZE];
    struct prescription_row *rows = NULL;
    struct alert_detail_row detail = alert_detail_none;
    detail.first_day = from;
    detail.last_day = status->to;
    detail.source = status->source;
    if (!prescription_all(tx, patient, &rows, &count)) {
        return DESK_FAILED;
    }
    day_format(from, day);
    for (size_t i = 0; i < count; i++) {
        if (last_day_of(&rows[i]) < from)
            continue;
        const struct alert_row alert = {
            .kind = "patient_away",
            .priority = "routine",
            .patient = patient,
            .prescription = rows[i].id,
            .service = rows[i].service,
            .raised_at = tx->now.at,
            .on = tx->now.day,
            .about = desk_text(tx, "patient_away/%s/%s/%s", patient, rows[i].service, day),
            .number = -1,
        };
        if (desk_alert_raise(tx, &alert, &detail) == NULL)
            return DESK_FAILED;
    }
    return db_state(tx->db) == DB_FINE ? DESK_OK : DESK_FAILED;
}

enum desk_result desk_patient_set_status(struct tx *tx, const char *id,
                                         const struct patient_status_row *status,
                                         struct desk_problem *problem) {
    struct patient_row patient;
    struct patient_status_row ready = *status;
    bool deceased = strcmp(status->status, "deceased") == 0;
    enum desk_result result = standing(tx, id, &patient, problem);
    if (result != DESK_OK)
        return result;
    if (ready.from == DAY_NONE)
        ready.from = tx->now.day;
    if (ready.from < patient.born_on)
        desk_invalid(problem, "from", "must not lie before the patient's birth");
    if (deceased && ready.from > tx->now.day)
        desk_invalid(problem, "from", "must not lie in the future");
    if (deceased && ready.to != DAY_NONE)
        desk_invalid(problem, "to", "has no place here");
    else if (ready.to != DAY_NONE && ready.to < ready.from)
        desk_invalid(problem, "to", "must not lie before the first day");
    if (problem->field_count > 0)
        return DESK_INVALID;
    tx_audit(tx, "set status", id, id, status->status);
    patient_status_append(tx, id, &ready);
    if (strcmp(status->status, "away") == 0)
        return tell_away(tx, id, &ready);
    return db_state(tx->db) == DB_FINE ? DESK_OK : DESK_FAILED;
}
