/* An answer that is stored as asked, with no default (C1): -1 not said, 0 no, 1 yes; null in the database where not said. */
#ifndef INSTALMENT_STORE_SAID_H
#define INSTALMENT_STORE_SAID_H

#include "db.h"

static inline void bind_said(struct statement *s, int32_t said) {
    if (said < 0) {
        bind_null(s);
    } else {
        bind_int(s, said);
    }
}

static inline int32_t column_said(struct statement *s) {
    bool not_said = column_null(s);
    int64_t said = column_int(s);
    return not_said ? -1 : (int32_t)said;
}

#endif
