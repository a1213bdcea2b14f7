/*
 * The guard before libevent's HTTP: a machine that sees every byte a client sends, request after request, and says
 * no to what libevent 2.1.12 lets pass (style.md, "known traps"; hazards H39, H48): doubtful framing, folded lines, bare
 * line feeds, control bytes, duplicates of headers that must stand once, targets that could be read in two ways,
 * anything too long. It reads no clock, takes no memory and knows no socket: bytes in, a verdict out.
 */
#ifndef INSTALMENT_HTTP_GUARD_H
#define INSTALMENT_HTTP_GUARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GUARD_TARGET_MAX 2048 /* bytes of the request's target */
#define GUARD_LINE_MAX 8192   /* bytes of one header line */
#define GUARD_HEADERS_MAX 64  /* header lines */
#define GUARD_HEAD_MAX 16384  /* bytes of the request line and all headers */
#define GUARD_METHOD_SIZE 8   /* "OPTIONS" and its NUL */
#define GUARD_NAME_SIZE 24    /* the longest header name that is looked at, and its NUL */
#define GUARD_SHORT_SIZE 24   /* the longest value that is looked at, and its NUL */

enum guard_state {
    GUARD_METHOD, /* at its first byte: between two requests */
    GUARD_TARGET,
    GUARD_VERSION,
    GUARD_LINE_FEED, /* after a CR of the request line or a header */
    GUARD_LINE_START,
    GUARD_NAME,
    GUARD_VALUE,
    GUARD_LAST_FEED, /* after the CR of the empty line */
    GUARD_BODY,
    GUARD_REFUSED /* for ever */
};

/* Why not. Constant texts. */
struct guard_error {
    int status; /* 400, 405, 411 or 413; 0: none */
    const char *code;
    const char *detail;
};

/* One connection's. Set up with guard_init; all members but `error` and `requests` are the guard's own. */
struct guard {
    enum guard_state state;
    struct guard_error error;
    uint64_t requests; /* received to their last byte */
    uint64_t body_max;
    size_t head_len, line_len, headers;
    char method[GUARD_METHOD_SIZE];
    char name[GUARD_NAME_SIZE];   /* of the header at hand, in lower case; cut where it is longer */
    char value[GUARD_SHORT_SIZE]; /* the same, its value without blanks around it */
    size_t name_len, value_len, version_len;
    uint32_t seen;      /* which of the single headers have come */
    uint64_t body_left; /* bytes of the body still to come */
    bool has_length, chunked, in_query;
    int escape;          /* digits of a percent escape still to come */
    unsigned escaped;    /* its value so far */
    size_t segment_len;  /* characters of the path's segment at hand */
    size_t segment_dots; /* how many of them are dots */
};

/* A guard at its first byte. Bodies longer than body_max are refused with 413. */
void guard_init(struct guard *guard, uint64_t body_max);

/* Looks at the next bytes. False once something was refused: guard->error says what, and stays. */
bool guard_feed(struct guard *guard, const unsigned char *bytes, size_t len);

/* Is nothing of a request there that has not come to its end? */
bool guard_between(const struct guard *guard);

#endif
