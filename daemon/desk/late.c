#include "late.h"

#include <string.h>

#include "patient_case.h"

static enum desk_result check_request(struct tx *tx, const struct late_request *request,
                                      struct desk_problem *problem) {
    if (!identity_is_pharmacist(request->who)) {
        return desk_no(problem, DESK_FORBIDDEN, "role", "A pharmacist enters paper records.");
    }
    if (request->second == NULL || request->second->staff == NULL ||
        strcmp(request->second->staff, request->who->staff) == 0) {
        return desk_no(problem, DESK_FORBIDDEN, "second_person_required",
                       "This needs a second person, with their own PIN.");
    }
    if (request->day > tx->now.day) {
        return desk_invalid(problem, "date", "must not be a day to come");
    }
    for (size_t i = 0; i < request->count; i++) {
        if (clock_moment(request->lines[i].at).day != request->day || request->lines[i].at > tx->now.at) {
            return desk_invalid(problem, "entries.at", "must be a time of that day, and not to come");
        }
    }
    return request->count == 0 ? desk_invalid(problem, "entries", "must have a line") : DESK_OK;
}

/* The outcome's day is the paper's; its instant is when it was entered, the paper's stands in the late entry. */
static enum desk_result record_outcome(struct tx *tx, const struct late_request *request,
                                       const struct late_line *line, const char **outcome,
                                       struct desk_problem *problem) {
    struct patient_case c = {0};
    size_t index = 0;
    const struct outcome_request asked = {.prescription = line->supply.decide.prescription,
                                          .on = request->day,
                                          .kind = line->outcome,
                                          .minutes_after = -1,
                                          .quantity = QUANTITY_NONE,
                                          .note = line->note};
    enum desk_result result = patient_case_load_for(tx, asked.prescription, &c, &index);
    if (result == DESK_NOT_FOUND) {
        desk_no(problem, result, "not_found", "There is no such prescription.");
    }
    if (result == DESK_OK) {
        const struct moment now = tx->now;
        tx->now.day = request->day;
        const struct outcome_row *row = outcome_in_place(tx, &c, index, &asked, NULL);
        tx->now = now;
        *outcome = row == NULL ? NULL : row->id;
        result = row == NULL ? DESK_FAILED : DESK_OK;
    }
    patient_case_close(&c);
    return result;
}

static enum desk_result record_line(struct tx *tx, const struct late_request *request, struct late_line *line,
                                    struct desk_problem *problem) {
    struct late_entry_row row = {.id = tx_new_id(tx, "le"),
                                 .day = request->day,
                                 .sheet = request->sheet,
                                 .at = line->at,
                                 .prescription = line->supply.decide.prescription,
                                 .reason = request->reason,
                                 .second = request->second->staff};
    enum desk_result result = DESK_OK;
    if (line->outcome == OUTCOME_COUNT) {
        line->supply.decide.on = request->day;
        line->supply.who = line->supply.confirmer = request->who;
        line->supply.sheet = request->sheet;
        line->supply.witness = request->second->staff;
        result = desk_from_paper(tx, &line->supply, &row.supply, &row.objections, problem);
    } else {
        result = record_outcome(tx, request, line, &row.outcome, problem);
    }
    if (result == DESK_OK) {
        late_entry_append(tx, &row);
    }
    return result == DESK_OK && db_state(tx->db) != DB_FINE ? DESK_FAILED : result;
}

enum desk_result desk_late_entries(struct tx *tx, const struct late_request *request, int64_t *first,
                                   struct desk_problem *problem) {
    enum desk_result result = check_request(tx, request, problem);
    if (result != DESK_OK) {
        return result;
    }
    tx_audit(tx, "late entries", NULL, NULL, NULL);
    *first = tx->seq;
    for (size_t i = 0; result == DESK_OK && i < request->count; i++) {
        result = record_line(tx, request, &request->lines[i], problem);
    }
    if (result == DESK_OK) {
        desk_day_opens_again(tx, request->day);
    }
    return result;
}

bool desk_late_entries_read(struct tx *tx, day_t day, int64_t since, struct late_entry_row **rows,
                            size_t *count) {
    return late_entries_since(tx, day, since, rows, count);
}
