/*
 * Arenas and string builders: what they hold, and that a refusal is never forgotten: a list that lacks a row for want of
 * memory must not be taken for a short one (a missing supply would be a second dose).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "sys/arena.h"
#include "sys/buffer.h"

static void an_arena_gives_and_forgets(void **state) {
    (void)state;
    struct arena *arena = arena_new(1U << 20);
    for (size_t round = 0; round < 3; round++) {
        unsigned char *zeroed = arena_take(arena, 100, 7);
        assert_non_null(zeroed);
        for (size_t i = 0; i < 700; i++) {
            assert_int_equal(zeroed[i], 0);
        }
        memset(zeroed, 0xff, 700);
        assert_int_equal((uintptr_t)arena_take_raw(arena, 3) % _Alignof(max_align_t), 0);
        assert_string_equal(arena_text(arena, "Larkspur and more", 8), "Larkspur");
        assert_non_null(arena_take_raw(arena, 200000)); /* more than a block */
        assert_false(arena_failed(arena));
        arena_reset(arena);
    }
    arena_free(&arena);
    assert_null(arena);
    arena_free(&arena);
}

static void a_refusal_is_not_forgotten(void **state) {
    (void)state;
    struct arena *arena = arena_new(100000);
    assert_null(arena_take_raw(arena, 100001));
    assert_true(arena_failed(arena));
    assert_non_null(arena_take_raw(arena, 10)); /* smaller things still fit */
    assert_true(arena_failed(arena));
    arena_reset(arena);
    assert_false(arena_failed(arena));
    assert_null(arena_take(arena, SIZE_MAX / 2, 3));
    assert_true(arena_failed(arena));
    arena_reset(arena);
    while (arena_take_raw(arena, 1000) != NULL) {
        assert_false(arena_failed(arena));
    }
    assert_true(arena_failed(arena));
    arena_free(&arena);
}

static void a_buffer_keeps_its_limit(void **state) {
    (void)state;
    struct buffer buffer;
    buffer_init(&buffer, 600);
    buffer_text(&buffer, "one ");
    buffer_format(&buffer, "%s %d", "two", 3);
    assert_string_equal(buffer.bytes, "one two 3");
    buffer_format(&buffer, "%500s", "x"); /* longer than its short cut */
    assert_true(buffer_ok(&buffer));
    buffer_format(&buffer, "%92s", "y"); /* 9 + 500 + 92 is one too many */
    assert_false(buffer_ok(&buffer));
    buffer_clear(&buffer);
    buffer_format(&buffer, "%600s", "z");
    assert_true(buffer_ok(&buffer));
    assert_int_equal(buffer.len, 600);
    buffer_char(&buffer, '!');
    assert_false(buffer_ok(&buffer));
    buffer_text(&buffer, "");
    assert_int_equal(buffer.len, 600); /* the first failure latches */
    buffer_release(&buffer);
    assert_int_equal(buffer.len, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_arena_gives_and_forgets),
        cmocka_unit_test(a_refusal_is_not_forgotten),
        cmocka_unit_test(a_buffer_keeps_its_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
