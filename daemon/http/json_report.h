/* The end-of-day report as the interface shows it: JSON, and as a table and a page. */
#ifndef INSTALMENT_HTTP_JSON_REPORT_H
#define INSTALMENT_HTTP_JSON_REPORT_H

#include "call.h"
#include "desk/reconcile.h"
#include "sys/buffer.h"

/* api.md, "Shapes": report. NULL: memory is short. */
cJSON *json_report(const struct report *report);
cJSON *json_late_entry(const struct late_entry_row *row);
/* What is open, as an array: also for a close that is refused. */
cJSON *json_report_items(const struct report_list *list);

/* The six outcomes that a due instalment can have. */
#define REPORT_OUTCOMES 6
extern const enum day_status report_outcomes[REPORT_OUTCOMES];

void report_csv(struct buffer *out, const struct report *report);
void report_html(struct buffer *out, const struct report *report);

#endif
