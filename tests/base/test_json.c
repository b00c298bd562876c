/* test_json.c — JSON: reading without losing anything, writing what any reader takes. */
#include "base/json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "support/support.h"

static yyjson_val *value_of(struct arena *a, const char *text)
{
    yyjson_val *root = NULL;

    assert_ok(json_read_in(a, text, strlen(text), &root));
    return root;
}

static void scalars_become_canonical_text(void **state)
{
    (void)state;
    static const struct { const char *json, *text; } cases[] = {
        { "\"a\\n\\u00e9\"", "a\né" },
        { "\"\"", "" },
        { "0", "0" },
        { "-0", "0" },
        { "17", "17" },
        { "-17", "-17" },
        { "9007199254740993", "9007199254740993" },                     /* beyond what a double can hold */
        { "9223372036854775807", "9223372036854775807" },
        { "18446744073709551615", "18446744073709551615" },
        { "123456789012345678901234567890", "123456789012345678901234567890" },
        { "-123456789012345678901234567890", "-123456789012345678901234567890" },
        { "0.1", "0.1" },
        { "1.50", "1.5" },
        { "1.0", "1" },
        { "1e3", "1000" },
        { "0.30000000000000004", "0.30000000000000004" },
        { "123456789.125", "123456789.125" },
        { "true", "true" },
        { "false", "false" },
        { "null", NULL },
        { "{}", NULL },
        { "[1]", NULL },
    };
    AUTO(arena) *a = arena_new();

    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *text = json_scalar(a, value_of(a, cases[i].json));
        if (cases[i].text)
            assert_string_equal(text, cases[i].text);
        else
            assert_null(text);
    }
    assert_null(json_scalar(a, NULL));
}

static void absent_keys_frighten_nobody(void **state)
{
    (void)state;
    AUTO(arena) *a = arena_new();
    yyjson_val *o = value_of(
        a, "{\"t\":\"x\",\"n\":7,\"f\":true,\"big\":18446744073709551615,\"neg\":-3,\"real\":1.5}");

    assert_string_equal(json_text(o, "t"), "x");
    assert_null(json_text(o, "n"));
    assert_null(json_text(o, "nope"));
    assert_null(json_text(NULL, "t"));
    assert_true(json_int(o, "n", 1) == 7);
    assert_true(json_int(o, "neg", 1) == -3);
    assert_true(json_int(o, "real", 1) == 1);
    assert_true(json_int(o, "big", 1) == 1);                            /* does not turn round */
    assert_true(json_int(o, "nope", -5) == -5);
    assert_true(json_flag(o, "f", false));
    assert_true(json_flag(o, "nope", true));
    assert_false(json_flag(o, "t", false));
}

static void says_where_it_is_no_json(void **state)
{
    (void)state;
    static const struct { const char *text; const char *says; } cases[] = {
        { "", "not JSON" },
        { "{\"a\":}", "at byte 5 of 6" },
        { "[1,2", "not JSON" },
        { "{} {}", "at byte 3 of 5" },
        { "\"\xff\"", "not JSON" },
        { "\"\\ud800\"", "not JSON" },
        { "\"line\nend\"", "not JSON" },
        { "nul", "not JSON" },
        { "[1,]", "not JSON" },
        { "NaN", "not JSON" },
        { "\"a\\u0000b\"", "has a NUL in it" },
        { "{\"a\\u0000b\":1}", "has a NUL in it" },
        { "[{\"x\":[1,{\"y\":\"\\u0000\"}]}]", "has a NUL in it" },
    };
    AUTO(arena) *a = arena_new();
    yyjson_val *root;

    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO(json) *j = NULL;
        assert_err(json_read(cases[i].text, strlen(cases[i].text), &j), ERR_INVALID, cases[i].says);
        assert_null(j);
        assert_err(json_read_in(a, cases[i].text, strlen(cases[i].text), &root), ERR_INVALID,
                   cases[i].says);
    }
    AUTO(json) *raw = NULL;
    assert_err(json_read("\"a\0b\"", 5, &raw), ERR_INVALID, "not JSON");
    assert_string_equal(json_scalar(a, value_of(a, "\"\\\\u0000\"")),
                        "\\u0000"); /* that is a backslash */
}

static void deep_nesting_is_no_danger(void **state)
{
    (void)state;
    enum { DEEP = 100000 };
    AUTO(json) *j = NULL;
    AUTO_BUF text = {};

    for (int i = 0; i < DEEP; i++)
        buf_putc(&text, '[');
    for (int i = 0; i < DEEP; i++)
        buf_putc(&text, ']');
    assert_ok(json_read(text.at, text.n, &j));
    assert_true(yyjson_is_arr(json_root(j)));
}

static void writes_commas_and_escapes(void **state)
{
    (void)state;
    AUTO_BUF b = {};
    struct json_out j = { &b };

    json_open(&j, '{');
    json_put(&j, "text", "a\"b\\c\n\t\x01\x1f\x7f é日😀/");
    json_put(&j, "none", NULL);
    json_put_num(&j, "n", INT64_MIN);
    json_put_bool(&j, "yes", true);
    json_key(&j, "k\"ey");
    json_open(&j, '[');
    json_num(&j, 1);
    json_str(&j, "");
    json_strn(&j, "cut here", 3);
    json_null(&j);
    json_bool(&j, false);
    json_raw(&j, "{\"r\":1}", 7);
    json_open(&j, '{');
    json_close(&j, '}');
    json_open(&j, '[');
    json_close(&j, ']');
    json_close(&j, ']');
    json_put_num(&j, "last", 0);
    json_close(&j, '}');
    assert_string_equal(b.at,
                        "{\"text\":\"a\\\"b\\\\c\\n\\t\\u0001\\u001f\x7f é日😀/\",\"none\":null,"
                        "\"n\":-9223372036854775808,\"yes\":true,\"k\\\"ey\":[1,\"\",\"cut\",null,"
                        "false,{\"r\":1},{},[]],"
                        "\"last\":0}");
}

static void what_is_written_reads_back(void **state)
{
    (void)state;
    AUTO(arena) *a = arena_new();
    char every[0x80] = "";

    for (int c = 1; c < 0x80; c++)
        every[c - 1] = (char)c;
    for (size_t from = 0; from < 0x7f; from += 5) {
        AUTO_BUF b = {};
        struct json_out j = { &b };
        json_open(&j, '{');
        json_put(&j, every + from, every);
        json_close(&j, '}');
        assert_string_equal(json_text(value_of(a, b.at), every + from), every);
    }
}

static void a_read_value_is_written_as_it_was(void **state)
{
    (void)state;
    static const char text[] = "{\"a\":[1,-2,18446744073709551615,123456789012345678901234567890,1."
                               "5,true,null],\"b\":\"é\\n\"}";
    AUTO(arena) *a = arena_new();
    AUTO_BUF b = {};
    struct json_out j = { &b };

    json_open(&j, '[');
    json_val(&j, value_of(a, text));
    json_val(&j, value_of(a, "5"));
    json_close(&j, ']');
    assert_string_equal(b.at, arena_printf(a, "[%s,5]", text));
}

static void files_have_a_ceiling(void **state)
{
    (void)state;
    char path[] = "/tmp/muster-json.XXXXXX";
    int fd = mkstemp(path);
    AUTO(json) *j = NULL, *none = NULL;

    assert_true(fd >= 0 && write(fd, "{\"a\":\"b\"}", 9) == 9);
    close(fd);
    assert_err(json_read_file(path, 8, &none), ERR_TOO_LARGE, ": more than 8 bytes");
    assert_non_null(strstr(err_text(), path));
    assert_ok(json_read_file(path, 9, &j));
    assert_string_equal(json_text(json_root(j), "a"), "b");
    unlink(path);
    assert_err(json_read_file(path, 9, &none), ERR_INVALID, "cannot read");
    assert_err(json_read_file("/tmp", 9, &none), ERR_INVALID, "cannot read /tmp: Is a directory");
    json_free(NULL);
}

/* Every byte at every place of a text that is looked at by eight. */
static void writes_what_reads_back_the_same(void **state)
{
    (void)state;
    AUTO(arena) *a = arena_new();

    for (int c = 1; c < 0x80; c++)
        for (size_t n = 1; n < 20; n++)
            for (size_t at = 0; at < n; at++) {
                char text[20];
                AUTO_BUF out = {};
                struct json_out o = { .to = &out };
                yyjson_val *root;
                memset(text, 'x', sizeof text);
                text[at] = (char)c;
                text[n - 1] = at == n - 1 ? (char)c : (char)0x7f;
                json_open(&o, '[');
                json_strn(&o, text, n);
                json_close(&o, ']');
                struct arena_mark mark = arena_mark(a);
                assert_ok(json_read_in(a, out.at, out.n, &root));
                yyjson_val *v = yyjson_arr_get_first(root);
                assert_int_equal(yyjson_get_len(v), n);
                assert_memory_equal(yyjson_get_str(v), text, n);
                arena_reset(a, mark);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(writes_what_reads_back_the_same),
        TEST(scalars_become_canonical_text),
        TEST(absent_keys_frighten_nobody),
        TEST(says_where_it_is_no_json),
        TEST(deep_nesting_is_no_danger),
        TEST(writes_commas_and_escapes),
        TEST(what_is_written_reads_back),
        TEST(a_read_value_is_written_as_it_was),
        TEST(files_have_a_ceiling),
    };

    return RUN_TESTS(tests);
}
