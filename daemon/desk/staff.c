/* The people who work here: see staff.h. */
#include "staff.h"

#include <stdlib.h>
#include <string.h>

#include "core/identifier.h"
#include "names.h"

const char *desk_staff_pin_fault(const char *pin) {
    size_t len = strlen(pin);
    bool equal = true;
    bool up = true;
    bool down = true;
    if (len < STAFF_PIN_MIN || len > STAFF_PIN_MAX || strspn(pin, "0123456789") != len)
        return "must be 4 to 12 digits";
    for (size_t i = 1; i < len; i++) {
        equal = equal && pin[i] == pin[i - 1];
        up = up && pin[i] == pin[i - 1] + 1;
        down = down && pin[i] == pin[i - 1] - 1;
    }
    return equal || up || down ? "is too easy to guess: not one digit again and again, nor a run" : NULL;
}

enum desk_result desk_staff_all(struct tx *tx, struct staff_row **rows, size_t *count) {
    *rows = staff_all(tx, count);
    return db_state(tx->db) == DB_FINE ? DESK_OK : DESK_FAILED;
}

enum desk_result desk_staff_read(struct tx *tx, const char *id, struct staff_row *out) {
    if (staff_find(tx, id, out))
        return DESK_OK;
    return db_state(tx->db) == DB_FINE ? DESK_NOT_FOUND : DESK_FAILED;
}

bool desk_staff_is_in(const struct staff_row *row, day_t day) {
    return row->active && (row->valid_until == DAY_NONE || day <= row->valid_until);
}

/* ---- checking ---- */

static bool is_sign_in_name(const char *id) {
    size_t len = strlen(id);
    return len >= 2 && len <= STAFF_ID_MAX && strspn(id, "abcdefghijklmnopqrstuvwxyz0123456789._-") == len &&
           strchr("._-", id[0]) == NULL;
}

static bool is_registered_as(enum identifier_kind kind, const char *registration, char *stored) {
    return identifier_check(kind, registration, strlen(registration), stored) == IDENTIFIER_OK;
}

/* The registration by the role; on success the row has it as it is stored. */
static void check_registration(struct tx *tx, struct staff_row *row, enum role role,
                               struct desk_problem *problem) {
    static const char *const field = "registration";
    char stored[IDENTIFIER_SIZE];
    if (row->registration == NULL) {
        if (role == ROLE_PHARMACIST)
            desk_invalid(problem, field, "is missing: a pharmacist has a registration number");
        return;
    }
    bool pharmacist = is_registered_as(IDENTIFIER_GPHC_PHARMACIST, row->registration, stored);
    bool technician = !pharmacist && is_registered_as(IDENTIFIER_GPHC_TECHNICIAN, row->registration, stored);
    if ((role == ROLE_PHARMACIST || role == ROLE_MANAGER) && !pharmacist)
        desk_invalid(problem, field, "must be a pharmacist's: 7 digits, the first a 2");
    else if (role == ROLE_TECHNICIAN && !technician)
        desk_invalid(problem, field, "must be a technician's: 7 digits, the first a 5");
    else if (!pharmacist && !technician)
        desk_invalid(problem, field, "must be a number of 7 digits, the first a 2 or a 5");
    else
        row->registration = arena_text(tx->arena, stored, strlen(stored));
}

static void check_staff(struct tx *tx, struct staff_row *row, struct desk_problem *problem) {
    enum role role = ROLE_COUNTER;
    const char *folded = names_fold(tx->arena, row->name);
    if (!is_sign_in_name(row->id))
        desk_invalid(problem, "id", "must be 2 to 32 small letters, digits, dots, hyphens or underscores");
    if (folded == NULL || *folded == '\0' || !names_printable(row->name))
        desk_invalid(problem, "name", "must be a name, without signs that cannot be seen");
    if (!role_from_text(row->role, &role))
        desk_invalid(problem, "role", "must be counter, technician, pharmacist, manager or inspector");
    else
        check_registration(tx, row, role, problem);
    if (role == ROLE_INSPECTOR && row->valid_until == DAY_NONE)
        desk_invalid(problem, "valid_until", "is missing: an inspector is let in for a named time");
    if (row->pin_hash == NULL)
        desk_invalid(problem, "pin", "is missing");
}

bool desk_second_agrees(const struct tx *tx, const struct identity *second) {
    return second->staff != NULL &&
           (second->role == ROLE_TECHNICIAN || second->role == ROLE_PHARMACIST ||
            second->role == ROLE_MANAGER) &&
           (tx->staff == NULL || strcmp(second->staff, tx->staff) != 0);
}

static enum desk_result ask_second(struct tx *tx, const struct identity *second,
                                   struct desk_problem *problem) {
    size_t count = 0;
    if (desk_second_agrees(tx, second))
        return DESK_OK;
    staff_all(tx, &count);
    if (count <= 1)
        return DESK_OK; /* the first person of a new pharmacy has nobody to ask */
    return desk_no(problem, DESK_FORBIDDEN, "second_person_required",
                   "A role is given by two people: please ask a second person for name and PIN.");
}

static enum desk_result append(struct tx *tx, const struct staff_row *row, const char *action,
                               const struct identity *second) {
    tx_audit(tx, action, NULL, row->id, second->staff);
    staff_append(tx, row);
    return db_state(tx->db) == DB_FINE ? DESK_OK : DESK_FAILED;
}

enum desk_result desk_staff_enter(struct tx *tx, const struct staff_row *row, const struct identity *second,
                                  struct desk_problem *problem) {
    struct staff_row ready = *row;
    struct staff_row taken;
    ready.active = true;
    check_staff(tx, &ready, problem);
    if (ready.valid_until != DAY_NONE && ready.valid_until < tx->now.day)
        desk_invalid(problem, "valid_until", "must not lie in the past");
    if (problem->field_count > 0)
        return DESK_INVALID;
    if (staff_find(tx, ready.id, &taken))
        return desk_no(problem, DESK_CONFLICT, "staff_known",
                       "Somebody has this sign-in name already. Please choose another.");
    enum desk_result result = ask_second(tx, second, problem);
    return result == DESK_OK ? append(tx, &ready, "enter staff", second) : result;
}

/* Would somebody be left who may manage staff, once `changed` counts? */
static bool manager_left(struct tx *tx, const struct staff_row *changed) {
    size_t count = 0;
    const struct staff_row *all = staff_all(tx, &count);
    for (size_t i = 0; i < count; i++) {
        const struct staff_row *one = strcmp(all[i].id, changed->id) == 0 ? changed : &all[i];
        if (strcmp(one->role, "manager") == 0 && desk_staff_is_in(one, tx->now.day))
            return true;
    }
    return false;
}

enum desk_result desk_staff_change(struct tx *tx, const struct staff_row *row, const struct identity *second,
                                   struct desk_problem *problem) {
    struct staff_row ready = *row;
    struct staff_row before;
    enum desk_result result = desk_staff_read(tx, row->id, &before);
    if (result == DESK_NOT_FOUND)
        return desk_no(problem, DESK_NOT_FOUND, "not_found", "There is nobody with this sign-in name.");
    if (result != DESK_OK)
        return result;
    check_staff(tx, &ready, problem);
    if (problem->field_count > 0)
        return DESK_INVALID;
    if (!manager_left(tx, &ready))
        return desk_no(problem, DESK_CONFLICT, "last_manager",
                       "Nobody would be left who may manage staff. Please enter another manager first.");
    bool lets_in = desk_staff_is_in(&ready, tx->now.day) && !desk_staff_is_in(&before, tx->now.day);
    bool role = strcmp(before.role, ready.role) != 0;
    if (role || lets_in)
        result = ask_second(tx, second, problem);
    return result == DESK_OK ? append(tx, &ready, role ? "change role" : "change staff", second) : result;
}
