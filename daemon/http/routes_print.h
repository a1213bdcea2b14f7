/* Lists that go back in time by the seq of their rows. */
#ifndef INSTALMENT_HTTP_ROUTES_PRINT_H
#define INSTALMENT_HTTP_ROUTES_PRINT_H

#include "call.h"

/* ?after=: only what was recorded before this seq; TX_NOW where it is absent. False with a 422 answer otherwise. */
bool call_before(struct call *call, int64_t *before);

/* Answers with one page; next: the `after` of the next, 0: there is none. Items are taken over. */
bool call_page(struct call *call, cJSON *items, int64_t next);

#endif
