/* Secrets and signatures of Standard Webhooks, with the vector of its own specification. */
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../client/inbox/signature.h"

static const char body[] = "{\"test\": 2432232314}";
static const struct signature good = {.id = "msg_p5jXN8AQM9LWM0D4loKWxJek",
                                      .timestamp = "1614265330",
                                      .signatures = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="};
#define AT 1614265330

static struct secret secret_of(const char *text) {
    struct secret secret;
    assert_true(secret_parse(text, strlen(text), &secret));
    return secret;
}

static void test_vector(void **state) {
    (void)state;
    struct secret secret = secret_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    assert_int_equal(secret.len, 24);
    assert_true(signature_fits(&good, &secret, body, strlen(body)));
    assert_false(signature_fits(&good, &secret, body, strlen(body) - 1));
    struct signature other = good;
    other.id = "msg_p5jXN8AQM9LWM0D4loKWxJel";
    assert_false(signature_fits(&other, &secret, body, strlen(body)));
    other = good;
    other.timestamp = "1614265331";
    assert_false(signature_fits(&other, &secret, body, strlen(body)));
    secret.bytes[0] ^= 1;
    assert_false(signature_fits(&good, &secret, body, strlen(body)));
}

static void test_list(void **state) {
    (void)state;
    const struct secret secret = secret_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
    static const struct {
        const char *text;
        bool fits;
    } rows[] = {
        {"v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
         true},
        {"v1a,AAAA v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", true},
        {"v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", false},
        {"v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1O", false},
        {"g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", false},
        {"v1,", false},
        {"", false},
        {"v1,! v1,! v1,! v1,! v1,! v1,! v1,! v1,! v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct signature signature = good;
        signature.signatures = rows[i].text;
        assert_int_equal(signature_fits(&signature, &secret, body, strlen(body)), rows[i].fits);
    }
}

static void test_time(void **state) {
    (void)state;
    assert_int_equal(signature_time(&good, AT), SIGNATURE_GOOD);
    assert_int_equal(signature_time(&good, AT + 300), SIGNATURE_GOOD);
    assert_int_equal(signature_time(&good, AT - 300), SIGNATURE_GOOD);
    assert_int_equal(signature_time(&good, AT + 301), SIGNATURE_OLD);
    assert_int_equal(signature_time(&good, AT - 301), SIGNATURE_OLD);
    static const char *const bad[] = {
        "", "-5", " 1614265330", "1614265330 ", "1614265330.0", "1e9", "99999999999999999999"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct signature signature = good;
        signature.timestamp = bad[i];
        assert_int_equal(signature_time(&signature, AT), SIGNATURE_MALFORMED);
    }
    struct signature signature = good;
    signature.id = "a.b";
    assert_int_equal(signature_time(&signature, AT), SIGNATURE_MALFORMED);
    signature = (struct signature){.id = "a", .timestamp = "1"};
    assert_int_equal(signature_time(&signature, AT), SIGNATURE_MISSING);
}

static void test_secrets(void **state) {
    (void)state;
    struct secret secret;
    static const char *const bad[] = {
        "",
        "whsec_",
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa==",
        "whsec_not base64 at all, but long enough for it",
        "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_false(secret_parse(bad[i], strlen(bad[i]), &secret));
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_vector), cmocka_unit_test(test_list),
                                       cmocka_unit_test(test_time), cmocka_unit_test(test_secrets)};
    return sodium_init() < 0 ? 1 : cmocka_run_group_tests_name("signature", tests, NULL, NULL);
}
