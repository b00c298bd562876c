/* test_arena.c — memory of one unit of work. */
#include "base/arena.h"

#include <string.h>

#include "support/support.h"

static void memory_is_zeroed_and_aligned(void **state)
{
    (void)state;
    AUTO(arena) *a = arena_new();

    for (size_t size = 0; size < 300; size++) {
        unsigned char *p = arena_alloc(a, size);
        assert_int_equal((uintptr_t)p % 16, 0);
        for (size_t i = 0; i < size; i++)
            assert_int_equal(p[i], 0);
        memset(p, 0xaa, size);
    }
}

static void pieces_do_not_touch_each_other(void **state)
{
    (void)state;
    AUTO(arena) *a = arena_new();
    unsigned char *p[500];

    for (size_t i = 0; i < COUNT(p); i++) {
        p[i] = arena_alloc(a, i + 1);
        memset(p[i], (int)i, i + 1);
    }
    for (size_t i = 0; i < COUNT(p); i++)
        for (size_t k = 0; k <= i; k++)
            assert_int_equal(p[i][k], (unsigned char)i);
}

static void one_piece_may_be_larger_than_a_block(void **state)
{
    (void)state;
    AUTO(arena) *a = arena_new();

    char *small = arena_text(a, "small");
    char *big = arena_alloc(a, MB(3));
    memset(big, 'x', MB(3));
    assert_string_equal(small, "small");
    assert_true(arena_size(a) >= MB(3));
    assert_string_equal(arena_text(a, "after"), "after");
}

static void texts_are_copies(void **state)
{
    (void)state;
    AUTO(arena) *a = arena_new();
    char source[] = "abc";

    char *copy = arena_text(a, source), *part = arena_textn(a, source, 2);
    source[0] = 'x';
    assert_string_equal(copy, "abc");
    assert_string_equal(part, "ab");
    assert_string_equal(arena_textn(a, NULL, 0), "");
    assert_null(arena_text(a, NULL));
    assert_string_equal(arena_printf(a, "%s-%d", "n", 7), "n-7");
    char *longest = arena_printf(a, "%20000s", "end");
    assert_int_equal(strlen(longest), 20000);
}

static void a_reset_gives_back_what_came_after_the_mark(void **state)
{
    (void)state;
    AUTO(arena) *a = arena_new();
    char *kept = arena_text(a, "kept");
    struct arena_mark mark = arena_mark(a);

    char *gone = arena_text(a, "gone");
    for (int i = 0; i < 100; i++)
        arena_alloc(a, KB(4));
    arena_reset(a, mark);
    assert_string_equal(kept, "kept");
    char *again = arena_text(a, "again");
    assert_ptr_equal(again, gone);
}

static void a_reset_to_the_very_beginning_works(void **state)
{
    (void)state;
    AUTO(arena) *a = arena_new();
    struct arena_mark mark = arena_mark(a);

    arena_alloc(a, 100);
    arena_reset(a, mark);
    unsigned char *p = arena_alloc(a, 100);
    for (int i = 0; i < 100; i++)
        assert_int_equal(p[i], 0);
    arena_reset(a, mark);
    arena_reset(a, mark);
}

static void a_loop_with_resets_does_not_grow(void **state)
{
    (void)state;
    AUTO(arena) *a = arena_new();
    size_t most = 0;

    arena_alloc(a, 10);
    for (int round = 0; round < 1000; round++) {
        struct arena_mark mark = arena_mark(a);
        for (int i = 0; i < 50; i++)
            arena_alloc(a, 1000);
        if (round == 10)
            most = arena_size(a);
        arena_reset(a, mark);
    }
    assert_in_range(arena_size(a), 1, most);
}

static void memory_after_a_reset_is_zeroed_again(void **state)
{
    (void)state;
    AUTO(arena) *a = arena_new();
    struct arena_mark mark = arena_mark(a);

    for (int round = 0; round < 3; round++) {
        unsigned char *p = arena_alloc(a, 20000);
        for (int i = 0; i < 20000; i++)
            assert_int_equal(p[i], 0);
        memset(p, 0xff, 20000);
        arena_reset(a, mark);
    }
}

static void arrays_grow_by_doubling(void **state)
{
    (void)state;
    AUTO(arena) *a = arena_new();
    int *v = NULL;
    size_t n = 0, cap = 0;

    for (int i = 0; i < 1000; i++) {
        ARENA_GROW(a, v, n, cap);
        v[n++] = i;
    }
    assert_int_equal(cap, 1024);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(v[i], i);
}

static void take_hands_a_pointer_on(void **state)
{
    (void)state;
    struct arena *kept;
    {
        AUTO(arena) *a = arena_new();
        arena_text(a, "still here");
        kept = take(a);
        assert_null(a);
    }
    assert_string_equal(arena_text(kept, "alive"), "alive");
    arena_free(kept);
    arena_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(memory_is_zeroed_and_aligned),
        TEST(pieces_do_not_touch_each_other),
        TEST(one_piece_may_be_larger_than_a_block),
        TEST(texts_are_copies),
        TEST(a_reset_gives_back_what_came_after_the_mark),
        TEST(a_reset_to_the_very_beginning_works),
        TEST(a_loop_with_resets_does_not_grow),
        TEST(memory_after_a_reset_is_zeroed_again),
        TEST(arrays_grow_by_doubling),
        TEST(take_hands_a_pointer_on),
    };

    return RUN_TESTS(tests);
}
