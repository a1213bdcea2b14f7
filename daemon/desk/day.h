/*
 * The day's list: who is due, what has become of it, and what may be supplied.
 */
#ifndef INSTALMENT_DESK_DAY_H
#define INSTALMENT_DESK_DAY_H

#include "patient_case.h"

/* In the order in which the interface lists them. */
enum day_status {
    DAY_STATUS_DUE,
    DAY_STATUS_PREPARED,
    DAY_STATUS_SUPPLIED,
    DAY_STATUS_MISSED,
    DAY_STATUS_WITHHELD,
    DAY_STATUS_DEFERRED,
    DAY_STATUS_DECLINED,
    DAY_STATUS_ATTENDED_NOT_SUPPLIED,
    DAY_STATUS_LOST_TO_CLOSURE,
    DAY_STATUS_COUNT
};

const char *day_status_text(enum day_status status);

/* Who is looked for first where somebody has not come (A11). */
enum day_first {
    DAY_FIRST_TITRATION,
    DAY_FIRST_MISS_URGENT, /* the first missed collection is urgent (pregnancy and the like) */
    DAY_FIRST_THIRD_DAY,   /* missed today, it would be the third day or a later one */
    DAY_FIRST_NONE,
    DAY_FIRST_COUNT
};

/* "titration", "first_miss_urgent", "third_day"; NULL: none. */
const char *day_first_text(enum day_first first);

struct day_row {
    struct patient_row patient; /* id, names and date of birth alone */
    const char *prescription;
    const char *instalment; /* id */
    enum day_status status;
    enum verdict verdict;
    enum reason_code codes[REASON_COUNT];
    size_t code_count;
    int32_t missed_days;
    bool due_here;       /* it was due on this day; false: due on another one, and supplied late on this */
    const char *service; /* id, of the prescription */
    enum day_first first;
    int32_t alerts_open;   /* of the patient */
    bool alerts_telephone; /* somebody has to telephone about one of them */
};

/* Somebody who has not come yet. */
struct day_not_come {
    const struct day_row *row;
    const char *service_name;      /* NULL: not known, as the next */
    const char *service_telephone; /* patients have none recorded */
};

struct day_list_answer {
    bool open;
    int32_t closes;        /* minutes after local midnight; negative: not open */
    const char *closed_by; /* "signed", "unsigned"; NULL: not closed */
    struct day_row *rows;  /* in the arena, by patient */
    size_t count;
    size_t totals[DAY_STATUS_COUNT];
    /* A11: from an hour before closing until the cut-off of today; in the order of day_first. */
    bool closing;
    struct day_not_come *not_come;
    size_t not_come_count;
};

/*
 * What has become of one instalment by now, in the words of the day's list, where what is still to come is "due"; and the
 * newest supply of it that stands (*supply, NULL: none). False where it is on no day's list: its days are stopped, lie
 * before the entry, are due on no day, or were dosed otherwise. *status then says nothing.
 */
bool day_instalment(struct tx *tx, const struct patient_case *c, size_t prescription,
                    const struct instalment *one, enum day_status *status, const char **supply);

/* Everybody due on a day, and whoever was supplied on it. DESK_OK or DESK_FAILED. */
enum desk_result desk_day(struct tx *tx, day_t day, struct day_list_answer *answer);

#endif
