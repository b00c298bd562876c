/* test_buf.c — bytes that grow, and their ceiling. */
#include "base/buf.h"

#include <string.h>

#include "support/support.h"

static void grows_and_ends_with_nul(void **state)
{
    (void)state;
    AUTO_BUF b = {};

    for (int i = 0; i < 10000; i++) {
        buf_putc(&b, (char)('a' + i % 26));
        assert_int_equal(b.at[b.n], '\0');
    }
    assert_int_equal(b.n, 10000);
    assert_true(b.cap > b.n);
    for (int i = 0; i < 10000; i++)
        assert_int_equal(b.at[i], 'a' + i % 26);
}

static void takes_bytes_texts_and_formats(void **state)
{
    (void)state;
    AUTO_BUF b = {};

    buf_add(&b, "a\0b", 3);
    buf_add(&b, NULL, 0);
    buf_puts(&b, "");
    buf_puts(&b, "cd");
    buf_printf(&b, "-%d-%s", 42, "x");
    buf_printf(&b, "%s", "");
    assert_int_equal(b.n, 10);
    assert_memory_equal(b.at, "a\0bcd-42-x", 11);
}

static void a_format_may_be_longer_than_the_room(void **state)
{
    (void)state;
    for (int width = 250; width < 260; width++) {           /* around the first size */
        AUTO_BUF b = {};
        buf_printf(&b, "%*s", width, "end");
        assert_int_equal(b.n, width);
        assert_string_equal(b.at + width - 3, "end");
    }
}

static void the_ceiling_is_exact_and_leaves_what_was_there(void **state)
{
    (void)state;
    AUTO_BUF b = { .max = 10 };

    assert_ok(buf_take(&b, "12345", 5));
    assert_err(buf_take(&b, "678901", 6), ERR_TOO_LARGE, "more than 10 bytes");
    assert_string_equal(b.at, "12345");
    assert_ok(buf_take(&b, "67890", 5));
    assert_ok(buf_take(&b, "", 0));
    assert_err(buf_take(&b, "x", 1), ERR_TOO_LARGE, "more than 10 bytes");
    assert_err(buf_take(&b, "x", SIZE_MAX), ERR_TOO_LARGE, "more than 10 bytes");
    assert_string_equal(b.at, "1234567890");
}

static void our_own_text_beyond_the_ceiling_does_not_open_it(void **state)
{
    (void)state;
    AUTO_BUF b = { .max = 4 };

    buf_puts(&b, "our own words");
    assert_err(buf_take(&b, "x", 1), ERR_TOO_LARGE, "more than 4 bytes");
    assert_string_equal(b.at, "our own words");
}

static void no_ceiling_takes_everything(void **state)
{
    (void)state;
    AUTO_BUF b = {};
    static const char part[5000];

    for (int i = 0; i < 100; i++)
        assert_ok(buf_take(&b, part, sizeof part));
    assert_int_equal(b.n, 500000);
}

static void clearing_keeps_the_memory_and_freeing_the_ceiling(void **state)
{
    (void)state;
    AUTO_BUF b = { .max = 100 };

    buf_clear(&b);                                          /* nothing there yet */
    assert_null(b.at);
    buf_puts(&b, "hello");
    char *at = b.at;
    buf_clear(&b);
    assert_ptr_equal(b.at, at);
    assert_string_equal(b.at, "");
    buf_puts(&b, "again");
    assert_string_equal(b.at, "again");
    buf_free(&b);
    assert_null(b.at);
    assert_int_equal(b.max, 100);
    assert_ok(buf_take(&b, "usable", 6));
    assert_string_equal(b.at, "usable");
}

static void reserved_room_is_there(void **state)
{
    (void)state;
    AUTO_BUF b = {};

    buf_reserve(&b, 1000);
    char *at = b.at;
    assert_true(b.cap > 1000);
    for (int i = 0; i < 1000; i++)
        buf_putc(&b, 'x');
    assert_ptr_equal(b.at, at);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(grows_and_ends_with_nul),
        TEST(takes_bytes_texts_and_formats),
        TEST(a_format_may_be_longer_than_the_room),
        TEST(the_ceiling_is_exact_and_leaves_what_was_there),
        TEST(our_own_text_beyond_the_ceiling_does_not_open_it),
        TEST(no_ceiling_takes_everything),
        TEST(clearing_keeps_the_memory_and_freeing_the_ceiling),
        TEST(reserved_room_is_there),
    };

    return RUN_TESTS(tests);
}
