/*
 * Doses confirmed as given elsewhere: hospital, custody, another pharmacy (M8). They dose their days for the run and for D10
 * from when they are recorded. Recorded by a pharmacist.
 */
#ifndef INSTALMENT_DESK_ELSEWHERE_H
#define INSTALMENT_DESK_ELSEWHERE_H

#include "desk.h"
#include "store/history.h"

struct elsewhere_request {
    const char *patient;
    enum drug_class drug_class;
    day_t from;
    day_t to;            /* DAY_NONE: the one day `from` */
    const char *product; /* a code or name of the catalogue, or free text; NULL: unknown */
    const char *dose;    /* a day's: "60", "60 ml", "60 mg"; NULL: unknown */
    const char *where;   /* NULL: unknown */
    const char *confirmed_by;
    const char *channel;
};

/*
 * Records it, with `unlike` (D23) worked out: given in prison or nobody knows where, or product or dose unknown or not what
 * the live prescriptions of the class say for each of those days. A dose that cannot be compared is unlike.
 */
enum desk_result desk_elsewhere(struct tx *tx, const struct identity *who,
                                const struct elsewhere_request *request, const struct elsewhere_row **made,
                                struct desk_problem *problem);

/* One as of tx->as_of, or NULL. */
const struct elsewhere_row *desk_elsewhere_of(struct tx *tx, const char *id);

#endif
