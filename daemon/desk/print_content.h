/*
 * What a print job says: made from the committed rows as of the job (a reprint: as of the first print), never from a
 * request. Plain data for daemon/render, which draws it.
 */
#ifndef INSTALMENT_DESK_PRINT_CONTENT_H
#define INSTALMENT_DESK_PRINT_CONTENT_H

#include "desk.h"
#include "render/render.h"
#include "store/print_job.h"

enum print_kind {
    PRINT_LABEL,
    PRINT_BAG,
    PRINT_CARD,
    PRINT_CALENDAR,
    PRINT_DOWNTIME,
    PRINT_LETTER,
    PRINT_KIND_COUNT
};

/* "label", "bag", "card", "calendar", "downtime", "last_dose": as print jobs and the interface name them. */
const char *print_kind_text(enum print_kind kind);
bool print_kind_parse(const char *text, enum print_kind *out);

/* Everything in the transaction's arena. */
struct print_content {
    enum print_kind kind;
    struct render_label label;
    struct render_bag_label bag;
    struct render_card card;
    struct render_calendar calendar;
    struct render_downtime downtime;
    struct render_letter letter;
};

/*
 * Fills what the job's kind names; the pharmacy is the configuration's. tx->as_of and tx->now are the job's afterwards.
 * DESK_OK; DESK_NOT_FOUND: a row that it is about is not there (a card that this version does not carry any more);
 * DESK_FAILED.
 */
enum desk_result desk_print_content(struct tx *tx, const struct print_job_row *job,
                                    const struct render_pharmacy *pharmacy, struct print_content *out);

/* The parts of it, each by the file of its name; as above. */
enum desk_result print_sheet_calendar(struct tx *tx, const struct print_job_row *job,
                                      struct render_calendar *out);
enum desk_result print_sheet_downtime(struct tx *tx, const struct print_job_row *job,
                                      struct render_downtime *out);
enum desk_result print_letter(struct tx *tx, const struct print_job_row *job, struct render_letter *out);

/* "Mon 23 Nov 2026, 18:05". In the arena; NULL where memory is short. */
const char *print_as_of(struct tx *tx, int64_t at);

/* The service that prescribes for a patient now, or did last; NULL members where there is none. */
struct print_service {
    const char *name;
    const char *telephone;
};
struct print_service print_service_of(struct tx *tx, const char *patient);

#endif
