/* Print jobs, printers, cards and scans as the interface shows them. */
#ifndef INSTALMENT_HTTP_JSON_PRINT_H
#define INSTALMENT_HTTP_JSON_PRINT_H

#include <cjson/cJSON.h>

#include "desk/card.h"
#include "desk/label.h"
#include "desk/print_job.h"
#include "desk/printer.h"

cJSON *json_print_job(const struct print_job_row *row);
cJSON *json_print_jobs(const struct print_job_row *rows, size_t count);
cJSON *json_printer(const struct printer_row *row);
cJSON *json_card_given(const struct card_given_row *row);
cJSON *json_card(const struct card *card);
cJSON *json_scan(const struct scan_view *view);

#endif
