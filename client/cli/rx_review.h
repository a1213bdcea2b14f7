/* What the daemon's checks say of a prescription before it is stored. */
#ifndef INSTALMENT_CLI_RX_REVIEW_H
#define INSTALMENT_CLI_RX_REVIEW_H

#include "cli.h"

/*
 * The instalments of a dry run as a calendar and in lines, the sums of the doses beside the totals on the form, and the
 * findings, strictest first. `body` is what was sent, `checked` the answer.
 */
void rx_review_say(struct cli *cli, const cJSON *body, const cJSON *checked);
/* The findings alone. */
void rx_review_findings(const struct cli *cli, const cJSON *checked);

/* Does a finding keep it from being stored? */
bool rx_review_blocks(const cJSON *finding);

#endif
