/*
 * The parts of a paper form that are more than one question: items with their doses, collection, supervision, wording. What
 * is typed in the language of the form ("60 x 14", "mon-sat") becomes the interface's members. Used for the first
 * entry and for the second keying alike. Every function that asks returns false where why not has been said.
 */
#ifndef INSTALMENT_CLI_RX_FORM_H
#define INSTALMENT_CLI_RX_FORM_H

#include "cli.h"

/* The largest quantity that is counted with here, in thousandths. */
#define RX_QUANTITY_MAX 1000000000000LL

/* "62.5" as thousandths; -1: it is no quantity. */
long long rx_quantity(const char *text);
/* The other way round. */
void rx_quantity_text(long long quantity, char *out, size_t size);

/*
 * Doses as typed: "60 x 14", "30 x 3, 35 x 3, 40", "60(30) x 7" with the supervised part, 0 for days without. Runs from
 * the day with number `first` on; NULL where it is none. *open: there is one dose and nobody said for how many days.
 */
cJSON *rx_doses_said(const char *said, int first, bool *open);
/* "daily", "every 2", "mon-sat", "mon, wed, fri", days with commas, "once": the member `collect`; NULL. */
cJSON *rx_collect_said(const char *said, const char *first_day);
/* "collection days", "none", weekdays: the member `supervised`; NULL. */
cJSON *rx_supervised_said(const char *said);
/* "1, 2, 3", "W1 w2", "1old": the member `wording`; NULL. */
cJSON *rx_wording_said(const char *said);

/* Name and unit ("ml", "tablets") of a product. */
struct rx_product {
    char name[200], unit[32];
};
/* Of a code, by GET /products' answer; where it is not there (NULL is allowed), the code and "units". */
void rx_product(const struct instalment_reply *products, const char *code, struct rx_product *out);

/* Asks for the items, with the totals on the form or (the second keying) without. */
bool rx_ask_items(struct cli *cli, cJSON *body, bool total);
/* Asks for the part of one item that a finding names: "items[0].total", "items[1].doses[0].dose", "items". */
bool rx_ask_item_field(struct cli *cli, cJSON *body, const char *field);
bool rx_ask_collect(struct cli *cli, cJSON *body);
bool rx_ask_supervised(struct cli *cli, cJSON *body);
/* The approved sentences by their number. */
bool rx_ask_wording(struct cli *cli, cJSON *body);

#endif
