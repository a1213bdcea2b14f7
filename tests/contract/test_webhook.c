/* The signature of Standard Webhooks 1.0: its own example, secrets that are none, two while a key is changed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "alert/webhook.h"

/* The example of the specification. */
#define SECRET "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
#define ID "msg_p5jXN8AQM9LWM0D4loKWxJek"
#define STAMP 1614265330
#define BODY "{\"test\": 2432232314}"
#define SIGNED "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
/* 32 bytes: 00 01 02 ... */
#define SECOND "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

static struct webhook_secrets secrets;
static char made[WEBHOOK_SIGNATURE_SIZE];

static void the_specification_s_example_is_signed_alike(void **state) {
    (void)state;
    assert_true(webhook_secrets_parse(SECRET, &secrets));
    assert_int_equal(secrets.count, 1);
    assert_int_equal(secrets.secret[0].len, 24);
    assert_true(webhook_sign(&secrets, ID, STAMP, BODY, strlen(BODY), made));
    assert_string_equal(made, SIGNED);
}

static void anything_else_is_signed_otherwise(void **state) {
    (void)state;
    assert_true(webhook_secrets_parse(SECRET, &secrets));
    assert_true(webhook_sign(&secrets, ID "x", STAMP, BODY, strlen(BODY), made));
    assert_string_not_equal(made, SIGNED);
    assert_true(webhook_sign(&secrets, ID, STAMP + 1, BODY, strlen(BODY), made));
    assert_string_not_equal(made, SIGNED);
    assert_true(webhook_sign(&secrets, ID, STAMP, BODY, strlen(BODY) - 1, made));
    assert_string_not_equal(made, SIGNED);
    assert_true(webhook_sign(&secrets, ID, STAMP, "", 0, made));
    assert_string_not_equal(made, SIGNED);
    assert_int_equal(strlen(made), strlen(SIGNED));
}

static void two_secrets_sign_twice(void **state) {
    (void)state;
    char alone[WEBHOOK_SIGNATURE_SIZE];
    char both[2 * WEBHOOK_SIGNATURE_SIZE];
    assert_true(webhook_secrets_parse(SECOND, &secrets));
    assert_true(webhook_sign(&secrets, ID, STAMP, BODY, strlen(BODY), alone));
    assert_true(webhook_secrets_parse(SECOND " " SECRET, &secrets));
    assert_int_equal(secrets.count, 2);
    assert_true(webhook_sign(&secrets, ID, STAMP, BODY, strlen(BODY), made));
    (void)snprintf(both, sizeof both, "%s %s", alone, SIGNED);
    assert_string_equal(made, both);
    assert_int_equal(strlen(made) + 1, WEBHOOK_SIGNATURE_SIZE);
}

static void no_secret_signs_nothing(void **state) {
    (void)state;
    static const char *const wrong[] = {
        "",
        "whsec_",
        "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "WHSEC_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa",   /* no whole quad */
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS=", /* 23 bytes */
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2Lay===", /* no base64 */
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2La====",
        "whsec_MfKQ9r8GKYqr=wjUPD8ILPZIo2LaLaSw",
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS-", /* base64url */
        "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n",
        "whsec_"
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8AAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA"
        "=", /* 65 */
        SECRET " ",
        " " SECRET,
        SECRET "  " SECOND,
        SECRET " " SECOND " " SECRET,
        SECRET "," SECOND,
    };
    static const struct webhook_secrets none;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        memset(&secrets, 1, sizeof secrets);
        if (webhook_secrets_parse(wrong[i], &secrets)) {
            fail_msg("taken for a secret: %s", wrong[i]);
        }
        assert_memory_equal(&secrets, &none, sizeof none);
        assert_false(webhook_sign(&secrets, ID, STAMP, BODY, strlen(BODY), made));
    }
}

static void secrets_of_every_allowed_length_are_read(void **state) {
    (void)state;
    static const char digits[] =
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8AAQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHw";
    for (size_t bytes = 20; bytes <= 64; bytes++) {
        char text[128];
        size_t pad = (3 - bytes % 3) % 3;
        (void)snprintf(text, sizeof text, "whsec_%.*s%.*s", (int)((bytes * 4 + 2) / 3), digits, (int)pad,
                       "==");
        assert_int_equal(webhook_secrets_parse(text, &secrets), bytes >= WEBHOOK_KEY_MIN);
        assert_int_equal(secrets.secret[0].len, bytes >= WEBHOOK_KEY_MIN ? bytes : 0);
    }
    webhook_secrets_wipe(&secrets);
    assert_int_equal(secrets.count, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_specification_s_example_is_signed_alike),
        cmocka_unit_test(anything_else_is_signed_otherwise),
        cmocka_unit_test(two_secrets_sign_twice),
        cmocka_unit_test(no_secret_signs_nothing),
        cmocka_unit_test(secrets_of_every_allowed_length_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
