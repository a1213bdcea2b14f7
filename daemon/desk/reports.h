/*
 * Reports besides the day's: what is claimed, endorsed, told to NDTMS, to a prescriber, to a hospital. Each counts from the
 * supplies; a reversed one never counts. Everything in the transaction's arena.
 */
#ifndef INSTALMENT_DESK_REPORTS_H
#define INSTALMENT_DESK_REPORTS_H

#include "desk.h"
#include "store/discrepancy.h"
#include "store/patient.h"
#include "store/prescription.h"
#include "store/report.h"
#include "store/responsible.h"
#include "store/service.h"

/* How far a report may reach back, and how far the calendar of an attendance. */
#define REPORT_DAYS_MAX 1100
#define ATTENDANCE_DAYS 91

/* A prescription's endorsement: dates, quantities, containers. */
struct endorsement {
    struct prescription_row prescription;
    struct dispensed_row *rows; /* a row an item of a supply */
    size_t count;
    int64_t instalments; /* supplies */
    int64_t supervised;  /* of which the day's dose was swallowed here */
    int64_t containers;
    int64_t packaged_doses; /* containers that were taken home */
    quantity_t totals[8];   /* supplied, by the prescription's items */
};
enum desk_result desk_endorsement(struct tx *tx, const char *prescription, struct endorsement *out,
                                  struct desk_problem *problem);

enum supervised_share { SUPERVISION_EVERY, SUPERVISION_MOST, SUPERVISION_SOME, SUPERVISION_NONE };
const char *supervision_text(enum supervised_share supervision);

/* A patient's row for NDTMS. Figures that do not apply are QUANTITY_NONE. */
struct ndtms_row {
    const char *patient;
    struct patient_row record;
    quantity_t methadone_ml;     /* of 1 mg/ml: the last day's dose, thousandths of ml */
    quantity_t buprenorphine_mg; /* the last day's dose, thousandths of mg */
    int64_t dispenses;           /* of opioids */
    int64_t supervised;
    enum supervised_share supervision;
    day_t first;
    day_t last;
};
enum desk_result desk_ndtms(struct tx *tx, day_t from, day_t to, struct ndtms_row **rows, size_t *count);

/* A patient's days as a picture: one letter a day. */
enum attendance_mark {
    ATTENDED_SUPERVISED = 'S',
    ATTENDED_TAKE_HOME = 'T', /* the dose was taken home */
    ATTENDED_MISSED = 'M',
    ATTENDED_WITHHELD = 'W',
    ATTENDED_DECLINED = 'D',
    ATTENDED_NOT_SUPPLIED = 'N',
    ATTENDED_CLOSED = 'C',    /* lost to closure */
    ATTENDED_ELSEWHERE = 'E', /* dosed elsewhere */
    ATTENDED_PLANNED = '.',   /* still to come, or nothing recorded yet */
    ATTENDED_NO_PLAN = ' '
};
struct attendance {
    struct patient_row patient;
    const char *drug_class;
    day_t from;  /* a Monday */
    char *marks; /* one a day */
    size_t days;
    int32_t missed_days; /* M2, now */
};
/* One for each class that the patient has a prescription of. */
enum desk_result desk_attendance(struct tx *tx, const char *patient, struct attendance **rows, size_t *count,
                                 struct desk_problem *problem);

/* The last dose of each class, for a hospital. */
struct last_dose {
    const char *drug_class;
    struct dispensed_row supply; /* .supply NULL: nothing was supplied here */
    quantity_t dose;             /* of its last covered day */
    int32_t missed_days;
    const char *prescriber;
    const char *service;
    const char *telephone;
};
enum desk_result desk_last_dose(struct tx *tx, const char *patient, struct patient_row *record,
                                struct last_dose **rows, size_t *count, struct desk_problem *problem);

/* store/report.h, for the interface. */
bool desk_claim(struct tx *tx, const char *service, day_t from, day_t to, struct claim_row **rows,
                size_t *count);
bool desk_claimed(struct tx *tx, const char *service, day_t from, day_t to, const char *after, int32_t limit,
                  struct dispensed_row **rows, size_t *count);
const char *desk_service_name(struct tx *tx, const char *service);

/* What the accountable officer needs of each discrepancy, open or explained: with the entry that explains it. */
struct discrepancy_view {
    struct discrepancy_row row;
    const char *explanation; /* the text of that entry; NULL: open */
    const char *explained_by;
    const char *witness;
    day_t explained_on; /* DAY_NONE: open */
};
enum desk_result desk_discrepancies(struct tx *tx, struct discrepancy_view **rows, size_t *count);

/* The responsible pharmacist's record of the days: signed on and off, absences; oldest first. */
enum desk_result desk_responsible_days(struct tx *tx, day_t from, day_t to, struct responsible_row **rows,
                                       size_t *count);

/* A prescription whose review is due (every three months), and diazepam that has run long. */
struct review_row {
    const char *patient;
    const char *prescription;
    const char *drug_class;
    day_t began;       /* of treatment without a gap of more than 14 days, as far as it is known here */
    day_t due;         /* the next review; DAY_NONE: not asked of this class */
    bool long_running; /* a benzodiazepine of more than four weeks */
};
enum desk_result desk_reviews(struct tx *tx, struct review_row **rows, size_t *count);

#endif
