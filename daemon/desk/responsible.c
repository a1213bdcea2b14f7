/* The responsible pharmacist: see responsible.h. */
#include "responsible.h"

#include <string.h>

#include "staff.h"

const char *const responsible_acts[RESPONSIBLE_ACT_COUNT + 1] = {
    [RESPONSIBLE_SIGN_ON] = "sign_on",
    [RESPONSIBLE_SIGN_OFF] = "sign_off",
    [RESPONSIBLE_ABSENT_FROM] = "absent_from",
    [RESPONSIBLE_ABSENT_TO] = "absent_to",
};

static bool is_act(const struct responsible_row *row, enum responsible_act act) {
    return strcmp(row->kind, responsible_acts[act]) == 0;
}

/* The newest row, where it leaves somebody signed on who may be; *staff is the person. */
static bool signed_on(struct tx *tx, struct responsible_row *newest, struct staff_row *staff) {
    if (!responsible_newest(tx, newest) || is_act(newest, RESPONSIBLE_SIGN_OFF) ||
        !staff_find(tx, newest->staff, staff) || !desk_staff_is_in(staff, tx->now.day))
        return false;
    struct identity who = {.staff = staff->id, .name = staff->name, .registration = staff->registration};
    return role_from_text(staff->role, &who.role) && identity_is_pharmacist(&who);
}

const char *desk_responsible_pharmacist(struct tx *tx) {
    struct responsible_row newest;
    struct staff_row staff;
    return signed_on(tx, &newest, &staff) ? newest.staff : NULL;
}

/* Minutes of absence since local midnight, up to now; what began before midnight counts from there. */
static bool absent_today(struct tx *tx, int32_t *minutes) {
    struct responsible_row *rows = NULL;
    size_t count = 0;
    int64_t midnight = clock_at(tx->now.day, 0);
    int64_t from = 0;
    int64_t seconds = 0;
    if (!responsible_since(tx, midnight - INT64_C(86400), &rows, &count))
        return false;
    for (size_t i = 0; i <= count; i++) {
        int64_t at = i < count ? rows[i].at : tx->now.at;
        if (from != 0 && at > midnight)
            seconds += at - (from > midnight ? from : midnight);
        from = i < count && is_act(&rows[i], RESPONSIBLE_ABSENT_FROM) ? at : 0;
    }
    *minutes = (int32_t)(seconds / 60);
    return true;
}

/* When the person who is signed on did so: back over absences. */
static bool signed_on_since(struct tx *tx, const struct responsible_row *newest, int64_t *since) {
    struct responsible_row row = *newest;
    while (!is_act(&row, RESPONSIBLE_SIGN_ON)) {
        struct responsible_row *rows = NULL;
        size_t count = 0;
        if (!responsible_rows(tx, row.seq, 1, &rows, &count))
            return false;
        if (count == 0)
            break;
        row = rows[0];
    }
    *since = row.at;
    return true;
}

enum desk_result desk_responsible_read(struct tx *tx, int64_t before, int32_t limit,
                                       struct responsible_view *out) {
    struct responsible_row newest;
    struct staff_row staff;
    *out = (struct responsible_view){0};
    if (signed_on(tx, &newest, &staff)) {
        out->staff = newest.staff;
        out->name = staff.name;
        out->registration = staff.registration;
        out->absent_since = is_act(&newest, RESPONSIBLE_ABSENT_FROM) ? newest.at : 0;
        if (!signed_on_since(tx, &newest, &out->since))
            return DESK_FAILED;
    }
    if (!absent_today(tx, &out->absent_minutes_today) ||
        !responsible_rows(tx, before, limit, &out->rows, &out->count))
        return DESK_FAILED;
    return db_state(tx->db) == DB_FINE ? DESK_OK : DESK_FAILED;
}

static enum desk_result check_act(enum responsible_act act, bool mine, bool absent,
                                  struct desk_problem *problem) {
    if (act == RESPONSIBLE_SIGN_ON)
        return mine ? desk_no(problem, DESK_CONFLICT, "already_signed_on",
                              "You are the responsible pharmacist already.")
                    : DESK_OK;
    if (!mine)
        return desk_no(problem, DESK_CONFLICT, "not_signed_on",
                       "You are not signed on as the responsible pharmacist.");
    if (act == RESPONSIBLE_ABSENT_FROM && absent)
        return desk_no(problem, DESK_CONFLICT, "already_absent", "Your absence is recorded already.");
    if (act == RESPONSIBLE_ABSENT_TO && !absent)
        return desk_no(problem, DESK_CONFLICT, "not_absent", "No absence of yours is recorded.");
    return DESK_OK;
}

enum desk_result desk_responsible_record(struct tx *tx, enum responsible_act act, const struct identity *who,
                                         struct desk_problem *problem) {
    struct responsible_row newest;
    struct staff_row staff;
    if (who->staff == NULL || !identity_is_pharmacist(who))
        return desk_no(problem, DESK_FORBIDDEN, "not_a_pharmacist",
                       "Only a pharmacist can be the responsible pharmacist.");
    bool somebody = signed_on(tx, &newest, &staff);
    bool mine = somebody && strcmp(newest.staff, who->staff) == 0;
    bool absent = somebody && is_act(&newest, RESPONSIBLE_ABSENT_FROM);
    enum desk_result result = check_act(act, mine, absent, problem);
    if (result != DESK_OK)
        return result;
    struct responsible_row row = {.staff = who->staff, .kind = responsible_acts[act], .at = tx->now.at};
    tx_audit(tx, "responsible pharmacist", NULL, who->staff, responsible_acts[act]);
    responsible_append(tx, &row);
    return db_state(tx->db) == DB_FINE ? DESK_OK : DESK_FAILED;
}
