#include "guard.h"

#include <string.h>

/* Headers that may stand once in a request. The values of the first ones are looked at. */
enum single {
    SINGLE_HOST,
    SINGLE_CONTENT_LENGTH,
    SINGLE_TRANSFER_ENCODING,
    SINGLE_EXPECT,
    SINGLE_CONTENT_TYPE,
    SINGLE_AUTHORIZATION,
    SINGLE_COOKIE,
    SINGLE_X_TERMINAL,
    SINGLE_X_CSRF_TOKEN,
    SINGLE_IDEMPOTENCY_KEY,
    SINGLE_IF_MATCH,
    SINGLE_COUNT
};

static const char *const singles[SINGLE_COUNT] = {
    "host",   "content-length", "transfer-encoding", "expect",          "content-type", "authorization",
    "cookie", "x-terminal",     "x-csrf-token",      "idempotency-key", "if-match",
};

static void guard_begin(struct guard *guard) {
    guard->state = GUARD_METHOD;
    guard->head_len = guard->line_len = guard->headers = 0;
    guard->name_len = guard->value_len = guard->version_len = 0;
    memset(guard->method, 0, sizeof guard->method);
    guard->seen = 0;
    guard->body_left = 0;
    guard->has_length = guard->chunked = guard->in_query = false;
    guard->escape = 0;
    guard->segment_len = guard->segment_dots = 0;
}

void guard_init(struct guard *guard, uint64_t body_max) {
    *guard = (struct guard){.body_max = body_max};
    guard_begin(guard);
}

bool guard_between(const struct guard *guard) {
    return guard->state == GUARD_METHOD && guard->head_len == 0;
}

static void guard_refuse_with(struct guard *guard, int status, const char *code, const char *detail) {
    guard->state = GUARD_REFUSED;
    guard->error = (struct guard_error){.status = status, .code = code, .detail = detail};
}

static void guard_refuse(struct guard *guard, const char *detail) {
    guard_refuse_with(guard, 400, "malformed_request", detail);
}

static bool guard_is_token(unsigned char c) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) {
        return true;
    }
    return c != 0 && strchr("!#$%&'*+-.^_`|~", c) != NULL;
}

/* ---- the request line */

static void guard_method_end(struct guard *guard) {
    static const char *const known[] = {"GET", "POST", "PATCH", "DELETE", "PUT", "HEAD", "OPTIONS"};
    for (size_t i = 0; i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(guard->method, known[i]) == 0) {
            guard->state = GUARD_TARGET;
            guard->line_len = 0;
            return;
        }
    }
    guard_refuse_with(guard, 405, "method_not_allowed", "This method is not known here.");
}

static void guard_on_method(struct guard *guard, unsigned char c) {
    size_t at = guard->head_len - 1;
    if (c == ' ' && at > 0) {
        guard_method_end(guard);
    } else if (!guard_is_token(c)) {
        guard_refuse(guard, "The request does not begin with a method.");
    } else if (at + 1 >= GUARD_METHOD_SIZE) {
        guard_refuse_with(guard, 405, "method_not_allowed", "This method is not known here.");
    } else {
        guard->method[at] = (char)c;
    }
}

/* A path's segment ends: not empty but at the very end, and not one that climbs. */
static void guard_segment_end(struct guard *guard, bool last) {
    if (guard->segment_len == 0 && !last) {
        guard_refuse(guard, "The address has an empty part.");
    } else if (guard->segment_len == guard->segment_dots && guard->segment_len > 0 &&
               guard->segment_len <= 2) {
        guard_refuse(guard, "The address has a part of dots.");
    }
    guard->segment_len = guard->segment_dots = 0;
}

static void guard_path_char(struct guard *guard, unsigned c) {
    guard->segment_len++;
    guard->segment_dots += c == '.' ? 1 : 0;
}

static void guard_on_escape(struct guard *guard, unsigned char c) {
    unsigned digit = 0;
    if (c >= '0' && c <= '9') {
        digit = c - (unsigned)'0';
    } else if ((c | 0x20U) >= 'a' && (c | 0x20U) <= 'f') {
        digit = (c | 0x20U) - (unsigned)'a' + 10;
    } else {
        guard_refuse(guard, "The address has a broken percent escape.");
        return;
    }
    guard->escaped = guard->escaped * 16 + digit;
    if (--guard->escape > 0) {
        return;
    }
    unsigned value = guard->escaped;
    if (value < 0x20 || value >= 0x7F) {
        guard_refuse(guard, "The address has an escape of something that is not a plain character.");
    } else if (!guard->in_query && (value == '/' || value == '\\')) {
        guard_refuse(guard, "The address has an escaped slash.");
    } else if (!guard->in_query) {
        guard_path_char(guard, value);
    }
}

static void guard_target_special(struct guard *guard, unsigned char c) {
    if (c == ' ') {
        if (!guard->in_query) {
            guard_segment_end(guard, true);
        }
        if (guard->state != GUARD_REFUSED) {
            guard->state = GUARD_VERSION;
            guard->version_len = 0;
        }
    } else if (c == '%') {
        guard->escape = 2;
        guard->escaped = 0;
    } else if (c == '?' && !guard->in_query) {
        guard_segment_end(guard, true);
        guard->in_query = true;
    } else if (c == '/' && !guard->in_query) {
        guard_segment_end(guard, false);
    } else if (!guard->in_query) {
        guard_path_char(guard, c);
    }
}

static void guard_on_target(struct guard *guard, unsigned char c) {
    size_t at = guard->line_len++;
    if (at >= GUARD_TARGET_MAX) {
        guard_refuse(guard, "The address is too long.");
    } else if (at == 0) {
        if (c != '/') {
            guard_refuse(guard, "The address does not begin with a slash.");
        }
    } else if (guard->escape > 0) {
        guard_on_escape(guard, c);
    } else if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               (c != 0 && strchr("-._~!$&'()*+,;=:@/?% ", c) != NULL)) {
        guard_target_special(guard, c);
    } else {
        guard_refuse(guard, "The address has a character that does not belong there.");
    }
}

static void guard_on_version(struct guard *guard, unsigned char c) {
    static const char version[] = "HTTP/1.";
    size_t at = guard->version_len++;
    if (at < sizeof version - 1 ? c == (unsigned char)version[at] : at == 7 && (c == '0' || c == '1')) {
        return;
    }
    if (at == 8 && c == '\r') {
        guard->state = GUARD_LINE_FEED;
        return;
    }
    guard_refuse(guard, "The request line does not end with HTTP/1.1.");
}

/* ---- headers */

static void guard_on_length(struct guard *guard) {
    uint64_t length = 0;
    if (guard->value_len == 0 || guard->value_len > 12) {
        guard_refuse(guard, "Content-Length is not a number.");
        return;
    }
    for (size_t i = 0; i < guard->value_len; i++) {
        unsigned digit = (unsigned char)guard->value[i] - (unsigned)'0';
        if (digit > 9) {
            guard_refuse(guard, "Content-Length is not a number.");
            return;
        }
        length = length * 10 + digit;
    }
    guard->has_length = true;
    guard->body_left = length;
}

static bool guard_value_is_host(const struct guard *guard) {
    for (const char *at = guard->value; *at != '\0'; at++) {
        unsigned char c = (unsigned char)*at;
        if (!guard_is_token(c) && c != ':' && c != '[' && c != ']') {
            return false;
        }
    }
    return guard->value[0] != '\0';
}

/* A header line has come to its end. */
static void guard_header_end(struct guard *guard) {
    while (guard->value_len > 0 && guard->value_len < GUARD_SHORT_SIZE &&
           (guard->value[guard->value_len - 1] == ' ' || guard->value[guard->value_len - 1] == '\t')) {
        guard->value[--guard->value_len] = '\0';
    }
    guard->state = GUARD_LINE_FEED;
    for (uint32_t i = 0; i < SINGLE_COUNT; i++) {
        if (strcmp(guard->name, singles[i]) != 0) {
            continue;
        }
        if ((guard->seen & (1U << i)) != 0) {
            guard_refuse_with(guard, 400, "duplicate_header", "A header that must stand once stands twice.");
            return;
        }
        guard->seen |= 1U << i;
        if (i == SINGLE_CONTENT_LENGTH) {
            guard_on_length(guard);
        } else if (i == SINGLE_TRANSFER_ENCODING) {
            guard->chunked = true;
        } else if (i == SINGLE_EXPECT && strcmp(guard->value, "100-continue") != 0) {
            guard_refuse(guard, "Only 100-continue can be expected.");
        } else if (i == SINGLE_HOST && !guard_value_is_host(guard)) {
            guard_refuse(guard, "The Host header names no host.");
        }
        return;
    }
}

static void guard_on_line_start(struct guard *guard, unsigned char c) {
    guard->line_len = 1;
    guard->name_len = guard->value_len = 0;
    memset(guard->name, 0, sizeof guard->name);
    memset(guard->value, 0, sizeof guard->value);
    if (c == '\r') {
        guard->state = GUARD_LAST_FEED;
    } else if (c == ' ' || c == '\t') {
        guard_refuse(guard, "A header is folded over two lines.");
    } else if (!guard_is_token(c)) {
        guard_refuse(guard, "A header has no name.");
    } else if (++guard->headers > GUARD_HEADERS_MAX) {
        guard_refuse(guard, "There are too many headers.");
    } else {
        guard->state = GUARD_NAME;
    }
}

static void guard_on_name(struct guard *guard, unsigned char c) {
    if (c == ':' && guard->name_len > 0) {
        guard->state = GUARD_VALUE;
    } else if (!guard_is_token(c)) {
        guard_refuse(guard, "A header's name has a character that does not belong there.");
    } else {
        if (guard->name_len + 1 < GUARD_NAME_SIZE) {
            guard->name[guard->name_len] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20U : c);
        } else {
            guard->name[0] = '\0'; /* longer than any that is looked at */
        }
        guard->name_len++;
    }
}

static void guard_on_value(struct guard *guard, unsigned char c) {
    if (c == '\r') {
        guard_header_end(guard);
    } else if ((c < 0x20 && c != '\t') || c >= 0x7F) {
        guard_refuse(guard, "A header has a byte that is not a plain character.");
    } else if (guard->value_len > 0 || (c != ' ' && c != '\t')) {
        if (guard->value_len + 1 < GUARD_SHORT_SIZE) {
            guard->value[guard->value_len] = (char)c;
        }
        guard->value_len++;
    }
}

/* ---- the end of the head, and the body */

static void guard_request_end(struct guard *guard) {
    guard->requests++;
    guard_begin(guard);
}

static bool guard_may_have_body(const struct guard *guard) {
    return guard->method[0] ==
           'P'; /* POST, PUT, PATCH: the others' bodies libevent would take for a request */
}

static void guard_head_end(struct guard *guard) {
    if ((guard->seen & (1U << SINGLE_HOST)) == 0) {
        guard_refuse(guard, "There is no Host header.");
    } else if (guard->chunked && guard->has_length) {
        guard_refuse(guard, "The length of the body is given in two ways.");
    } else if (guard->chunked) {
        guard_refuse_with(guard, 411, "length_required", "A body must come with its Content-Length.");
    } else if (guard->body_left > guard->body_max) {
        guard_refuse_with(guard, 413, "body_too_large",
                          "The body is larger than anything this service takes.");
    } else if (guard->body_left == 0) {
        guard_request_end(guard);
    } else if (!guard_may_have_body(guard)) {
        guard_refuse(guard, "This method takes no body.");
    } else {
        guard->state = GUARD_BODY;
    }
}

static void guard_on_feed(struct guard *guard, unsigned char c) {
    if (c != '\n') {
        guard_refuse(guard, "A line does not end with CR and LF.");
    } else if (guard->state == GUARD_LAST_FEED) {
        guard_head_end(guard);
    } else {
        guard->state = GUARD_LINE_START;
    }
}

static void guard_on_head(struct guard *guard, unsigned char c) {
    guard->head_len++;
    if (guard->head_len > GUARD_HEAD_MAX || guard->line_len > GUARD_LINE_MAX) {
        guard_refuse(guard, "The headers are too long.");
        return;
    }
    switch (guard->state) {
    case GUARD_METHOD: guard_on_method(guard, c); break;
    case GUARD_TARGET: guard_on_target(guard, c); break;
    case GUARD_VERSION: guard_on_version(guard, c); break;
    case GUARD_LINE_FEED:
    case GUARD_LAST_FEED: guard_on_feed(guard, c); break;
    case GUARD_LINE_START:
        guard_on_line_start(guard, c);
        if (guard->state == GUARD_NAME) {
            guard_on_name(guard, c);
        }
        break;
    case GUARD_NAME:
        guard->line_len++;
        guard_on_name(guard, c);
        break;
    case GUARD_VALUE:
        guard->line_len++;
        guard_on_value(guard, c);
        break;
    case GUARD_BODY:
    case GUARD_REFUSED: break;
    }
}

bool guard_feed(struct guard *guard, const unsigned char *bytes, size_t len) {
    for (size_t i = 0; i < len && guard->state != GUARD_REFUSED;) {
        if (guard->state == GUARD_BODY) {
            size_t step = guard->body_left < len - i ? (size_t)guard->body_left : len - i;
            guard->body_left -= step;
            i += step;
            if (guard->body_left == 0) {
                guard_request_end(guard);
            }
        } else {
            guard_on_head(guard, bytes[i++]);
        }
    }
    return guard->state != GUARD_REFUSED;
}
