/* The guard: what libevent lets pass is refused, byte by byte and in any pieces; what is right passes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/guard.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define HEAD "GET /api/v1/day HTTP/1.1\r\nHost: localhost\r\n"
#define POST "POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\n"
#define LINE(target) "GET " target " HTTP/1.1\r\nHost: localhost\r\n\r\n"

struct wrong {
    const char *what;
    const char *bytes;
    size_t len; /* 0: up to the NUL */
    int status;
};

static const struct wrong wrongs[] = {
    {"two lengths", POST "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x", 0, 400},
    {"two equal lengths", POST "Content-Length: 2\r\ncontent-length: 2\r\n\r\n{}", 0, 400},
    {"a list of lengths", POST "Content-Length: 2, 2\r\n\r\n{}", 0, 400},
    {"length and chunks", POST "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}", 0, 400},
    {"chunks and length", POST "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}", 0, 400},
    {"chunks", POST "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 0, 411},
    {"an unknown encoding", POST "Transfer-Encoding: xchunked\r\n\r\n", 0, 411},
    {"a length with a sign", POST "Content-Length: +2\r\n\r\n{}", 0, 400},
    {"a negative length", POST "Content-Length: -2\r\n\r\n{}", 0, 400},
    {"a length in hexadecimal", POST "Content-Length: 0x2\r\n\r\n{}", 0, 400},
    {"an empty length", POST "Content-Length:\r\n\r\n{}", 0, 400},
    {"a length with blanks", POST "Content-Length: 1 2\r\n\r\n{}", 0, 400},
    {"a length beyond all", POST "Content-Length: 99999999999999999999\r\n\r\n", 0, 400},
    {"a body too large", POST "Content-Length: 1001\r\n\r\n", 0, 413},
    {"a body where none belongs", HEAD "Content-Length: 2\r\n\r\n{}", 0, 400},
    {"a folded header", HEAD "X-Terminal: a\r\n b\r\n\r\n", 0, 400},
    {"a header folded with a tab", HEAD "X-Terminal: a\r\n\tb\r\n\r\n", 0, 400},
    {"a bare line feed", "GET / HTTP/1.1\nHost: localhost\n\n", 0, 400},
    {"a bare line feed after a header", HEAD "Accept: a\nX-Terminal: b\r\n\r\n", 0, 400},
    {"a bare carriage return", HEAD "Accept: a\rX-Terminal: b\r\n\r\n", 0, 400},
    {"no host", "GET / HTTP/1.1\r\nAccept: a\r\n\r\n", 0, 400},
    {"two hosts", HEAD "Host: other\r\n\r\n", 0, 400},
    {"an empty host", "GET / HTTP/1.1\r\nHost: \r\n\r\n", 0, 400},
    {"a host with a path", "GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", 0, 400},
    {"a NUL in a header", HEAD "Accept: a\0b\r\n\r\n", sizeof HEAD - 1 + 15, 400},
    {"a NUL in a name", HEAD "Acc\0ept: a\r\n\r\n", sizeof HEAD - 1 + 14, 400},
    {"a control byte in a header",
     HEAD "Accept: a\x01"
          "b\r\n\r\n",
     0, 400},
    {"a high byte in a header", HEAD "Accept: \xC3\xA9\r\n\r\n", 0, 400},
    {"a blank before the colon", HEAD "X-Terminal : a\r\n\r\n", 0, 400},
    {"a header without a name", HEAD ": a\r\n\r\n", 0, 400},
    {"a header without a colon", HEAD "Accept\r\n\r\n", 0, 400},
    {"two authorizations", HEAD "Authorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n", 0, 400},
    {"two terminals", HEAD "X-Terminal: a\r\nx-terminal: b\r\n\r\n", 0, 400},
    {"two keys", POST "Idempotency-Key: a\r\nIdempotency-Key: b\r\n\r\n", 0, 400},
    {"two matches", POST "If-Match: \"a\"\r\nIf-Match: \"b\"\r\n\r\n", 0, 400},
    {"two types", POST "Content-Type: a\r\nContent-Type: b\r\n\r\n", 0, 400},
    {"two page tokens", POST "X-CSRF-Token: a\r\nX-CSRF-Token: b\r\n\r\n", 0, 400},
    {"two cookies", HEAD "Cookie: a=1\r\nCookie: b=2\r\n\r\n", 0, 400},
    {"an unknown expectation", POST "Expect: something\r\n\r\n", 0, 400},
    {"a NUL in the address", LINE("/a%00"), 0, 400},
    {"a line feed in the address", LINE("/a%0a"), 0, 400},
    {"climbing", LINE("/api/../a"), 0, 400},
    {"climbing at the end", LINE("/api/.."), 0, 400},
    {"climbing in disguise", LINE("/api/%2e%2E/a"), 0, 400},
    {"standing still", LINE("/api/./a"), 0, 400},
    {"an empty part", LINE("/api//a"), 0, 400},
    {"a double slash at first", LINE("//api/v1"), 0, 400},
    {"an escaped slash", LINE("/api%2fa"), 0, 400},
    {"a backslash", LINE("/api\\a"), 0, 400},
    {"half an escape", LINE("/a%4"), 0, 400},
    {"no escape", LINE("/a%zz"), 0, 400},
    {"an absolute address", LINE("http://localhost/a"), 0, 400},
    {"an asterisk", LINE("*"), 0, 400},
    {"letters beyond ASCII", LINE("/\xC3\xA9"), 0, 400},
    {"escaped letters beyond ASCII", LINE("/%C3%A9"), 0, 400},
    {"a fragment", LINE("/a#b"), 0, 400},
    {"HTTP/2.0", "GET / HTTP/2.0\r\nHost: a\r\n\r\n", 0, 400},
    {"HTTP/0.9", "GET /\r\n", 0, 400},
    {"two blanks", "GET  / HTTP/1.1\r\nHost: a\r\n\r\n", 0, 400},
    {"a blank at first", " GET / HTTP/1.1\r\nHost: a\r\n\r\n", 0, 400},
    {"an empty line at first", "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", 0, 400},
    {"an unknown method", "BREW / HTTP/1.1\r\nHost: a\r\n\r\n", 0, 405},
    {"CONNECT", "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", 0, 405},
    {"a long method", "PROPPATCHES / HTTP/1.1\r\nHost: a\r\n\r\n", 0, 405},
    {"another protocol", "\x16\x03\x01\x02", 0, 400},
};

static size_t length_of(const struct wrong *wrong) {
    return wrong->len != 0 ? wrong->len : strlen(wrong->bytes);
}

/* In pieces of each size: the verdict is the same. */
static void malformed_requests_are_refused(void **state) {
    (void)state;
    static const size_t steps[] = {1, 2, 3, 7, 4096};
    for (size_t i = 0; i < COUNT(wrongs); i++) {
        for (size_t s = 0; s < COUNT(steps); s++) {
            struct guard guard;
            size_t len = length_of(&wrongs[i]);
            guard_init(&guard, 1000);
            bool good = true;
            for (size_t at = 0; at < len; at += steps[s]) {
                size_t step = len - at < steps[s] ? len - at : steps[s];
                good = guard_feed(&guard, (const unsigned char *)wrongs[i].bytes + at, step);
            }
            if (good || guard.error.status != wrongs[i].status) {
                fail_msg("%s: status %d instead of %d", wrongs[i].what, guard.error.status, wrongs[i].status);
            }
            assert_non_null(guard.error.code);
            assert_non_null(guard.error.detail);
            assert_false(guard_feed(&guard, (const unsigned char *)HEAD "\r\n", sizeof HEAD + 1));
        }
    }
}

static const char *const rights[] = {
    HEAD "\r\n",
    LINE("/"),
    LINE("/api/v1/day?date=2026-11-23&x=%20a+b/../c"),
    LINE("/api/v1/patients/pt-01.2026-11-23"),
    LINE("/a/...b/%41"),
    LINE("/a/"),
    POST "Content-Length: 2\r\nContent-Type: application/json\r\nExpect: 100-continue\r\n\r\n{}",
    POST "Content-Length: 0\r\n\r\n",
    POST "content-length:5 \r\n\r\nGET /",
    POST "\r\n",
    "DELETE /api/v1/session HTTP/1.0\r\nhost: [::1]:8443\r\nAccept:\r\nAccept: b\r\n\r\n",
    "HEAD / HTTP/1.1\r\nHost: localhost:1\r\nX: \tblank \t\r\n\r\n",
};

static void good_requests_pass_one_after_the_other(void **state) {
    (void)state;
    struct guard guard;
    guard_init(&guard, 1000);
    for (size_t i = 0; i < COUNT(rights); i++) {
        assert_true(guard_between(&guard));
        for (size_t at = 0; rights[i][at] != '\0'; at++) {
            assert_int_equal(guard.requests, i);
            if (!guard_feed(&guard, (const unsigned char *)rights[i] + at, 1)) {
                fail_msg("%s: %s", rights[i], guard.error.detail);
            }
            assert_int_equal(guard_between(&guard), rights[i][at + 1] == '\0');
        }
    }
    assert_int_equal(guard.requests, COUNT(rights));
}

/* A request of `count` times a text between two others. */
static bool passes(const char *begin, const char *text, size_t count, const char *end) {
    struct guard guard;
    guard_init(&guard, 1000);
    bool good = guard_feed(&guard, (const unsigned char *)begin, strlen(begin));
    for (size_t i = 0; i < count && good; i++) {
        good = guard_feed(&guard, (const unsigned char *)text, strlen(text));
    }
    return good && guard_feed(&guard, (const unsigned char *)end, strlen(end)) && guard.requests == 1;
}

static void lengths_are_bounded(void **state) {
    (void)state;
    assert_true(passes("GET /", "a", GUARD_TARGET_MAX - 2, " HTTP/1.1\r\nHost: a\r\n\r\n"));
    assert_false(passes("GET /", "a", GUARD_TARGET_MAX, " HTTP/1.1\r\nHost: a\r\n\r\n"));
    assert_true(passes(HEAD "Cookie: ", "a", GUARD_LINE_MAX - 100, "\r\n\r\n"));
    assert_false(passes(HEAD "Cookie: ", "a", GUARD_LINE_MAX, "\r\n\r\n"));
    assert_true(passes(HEAD, "A: b\r\n", GUARD_HEADERS_MAX - 1, "\r\n"));
    assert_false(passes(HEAD, "A: b\r\n", GUARD_HEADERS_MAX, "\r\n"));
    assert_false(passes(HEAD,
                        "Accept: 12345678901234567890123456789012345678901234567890123456789012345"
                        "1234567890123456789012345678901234567890123456789012345678901234567890"
                        "1234567890123456789012345678901234567890123456789012345678901234567890"
                        "1234567890123456789012345678901234567890123456789012345678901234567890\r\n",
                        GUARD_HEADERS_MAX - 1, "\r\n"));
    assert_true(passes(POST "Content-Length: 1000\r\n\r\n", "0123456789", 100, ""));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(malformed_requests_are_refused),
        cmocka_unit_test(good_requests_pass_one_after_the_other),
        cmocka_unit_test(lengths_are_bounded),
    };
    return cmocka_run_group_tests_name("guard", tests, NULL, NULL);
}
