/* The routes that record what happened besides supplies: one table (routes_history.c), its functions in three files. */
#ifndef INSTALMENT_HTTP_ROUTES_HISTORY_H
#define INSTALMENT_HTTP_ROUTES_HISTORY_H

#include "routes.h"

#define HISTORY_ID_MAX 64
#define HISTORY_NAME_MAX 200
#define HISTORY_CHANNEL_MAX 60
#define HISTORY_NOTE_MAX 2000

/* A page of a list that is in memory: `after` is the number of rows that came before. */
struct history_page {
    size_t from;
    size_t to;
    char next[24]; /* "": nothing comes after */
};

/* Reads ?limit= and ?after= for a list of `count` rows. False: answered with 422. */
bool history_page(struct call *call, size_t count, struct history_page *page);

/* A query parameter that must be there: its text, or NULL with the field noted. */
const char *history_query(struct call *call, const char *name);

/* routes_outcomes.c */
bool outcome_post(struct call *call);
void outcome_show(struct call *call, const char *id);
bool outcomes_get(struct call *call);
bool prepare_post(struct call *call);
bool unprepare_post(struct call *call);
void preparation_show(struct call *call, const char *id);

/* routes_concerns.c */
bool concern_post(struct call *call);
void concern_show(struct call *call, const char *id);
bool concerns_get(struct call *call);
bool concern_get(struct call *call);
bool signs_get(struct call *call);

#endif
