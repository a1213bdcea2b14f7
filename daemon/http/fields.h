/*
 * Decoding members of an object that may be changed one by one (POST and PATCH alike): what is absent or null leaves
 * *out as it was; a text without anything but blanks, and an empty object or list, takes the member away. What is wrong
 * is noted in call->errors with the whole name ("endpoint.url").
 */
#ifndef INSTALMENT_HTTP_FIELDS_H
#define INSTALMENT_HTTP_FIELDS_H

#include "call.h"

/* An object of a request and the name under which it stands there; prefix NULL: the body itself. */
struct fields {
    struct call *call;
    const cJSON *object;
    const char *prefix;
};

/* The body, after naming every member that is not in the NULL-ended list. */
struct fields fields_body(struct call *call, const char *const *names);

/*
 * The object `name` in the body, its members named likewise; false where it is absent or null, or wrong. *empty: it has
 * no members.
 */
bool fields_object(struct call *call, const char *name, const char *const *names, struct fields *out,
                   bool *empty);

/* Notes what is wrong with a member. */
void fields_wrong(const struct fields *fields, const char *name, const char *message);

/*
 * A text of at most max bytes without control characters (lines: but newline). *out becomes NULL where it is empty.
 * The others: as the getters of json.h.
 */
void fields_text(const struct fields *fields, const char *name, size_t max, bool lines, const char **out);
void fields_day(const struct fields *fields, const char *name, day_t *out); /* "": DAY_NONE */
void fields_bool(const struct fields *fields, const char *name, bool *out);
void fields_int(const struct fields *fields, const char *name, int32_t min, int32_t max, int32_t *out);
/* One of the NULL-ended texts: *out becomes the very one of the list. */
void fields_choice(const struct fields *fields, const char *name, const char *const *texts, const char **out);
/* "09:00": minutes after midnight, 0 to 1439. */
void fields_minute(const struct fields *fields, const char *name, const cJSON *value, int32_t *out);
cJSON *json_minute(int32_t minute); /* negative: null */

/* Notes a needed member that is missing. */
void fields_need(const struct fields *fields, const char *name, bool given);

/* A day in the query; false where it is none. *out is left where it is absent. */
bool fields_query_day(struct call *call, const char *name, day_t *out);

#endif
