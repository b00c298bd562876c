/* test_slice.c — records are cut out whole, or it is said what is wrong; never something in
 * between. */
#include "base/slice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

/* What came out: the records one per line, the other members as key=value lines. */
struct seen { struct buf records, others; size_t n; };

static enum err record_seen(void *arg, size_t number, const char *bytes, size_t n)
{
    struct seen *seen = arg;

    seen->n++;
    assert_int_equal(number, seen->n);
    buf_add(&seen->records, bytes, n);
    buf_putc(&seen->records, '\n');
    return OK;
}

static enum err other_seen(void *arg, const char *key, const char *json, size_t n)
{
    struct seen *seen = arg;

    buf_printf(&seen->others, "%s=%.*s\n", key, (int)n, json);
    return OK;
}

static void seen_free(struct seen *seen)
{
    buf_free(&seen->records);
    buf_free(&seen->others);
}
#define AUTO_SEEN [[gnu::cleanup(seen_free)]] struct seen

/*
 * Runs `n` bytes through in pieces of `piece`, each in memory of its own size, so that the
 * sanitizer sees every read beyond it.
 */
static enum err slice_in_pieces(const char *array, size_t max, const char *bytes, size_t n,
                                size_t piece, struct seen *seen)
{
    AUTO(slice) *s = slice_new(&(struct slice_options){ .array = array,
                                                        .max_record = max,
                                                        .record = record_seen,
                                                        .other = other_seen,
                                                        .arg = seen });
    for (size_t at = 0; at < n; at += piece) {
        size_t len = MIN(piece, n - at);
        char *alone = malloc(len);
        memcpy(alone, bytes + at, len);
        enum err e = slice_feed(s, alone, len);
        free(alone);
        TRY(e);
    }
    assert_int_equal(slice_count(s), seen->n);
    return slice_end(s);
}

static const char company[] =
    " {\"total\" : 3, \"note\":\"a \\\"list\\\" [{\", \"more\":{\"employees\":[{}]},\n"
    "  \"employees\": [ {\"id\":\"1\",\"name\":\"brace } quote \\\" and \\\\\"} ,\n"
    "{\"id\":\"2\",\"deep\":{\"a\":[[1,{\"b\":\"]\"}],[]]},\"u\":\"\\u005d \\\\\\\\\\\"}\"},{}\t],"
    "\"last\":null , \"page\":-1.5e3 } \n";
static const char company_records[] =
    "{\"id\":\"1\",\"name\":\"brace } quote \\\" and \\\\\"}\n"
    "{\"id\":\"2\",\"deep\":{\"a\":[[1,{\"b\":\"]\"}],[]]},\"u\":\"\\u005d \\\\\\\\\\\"}\"}\n"
    "{}\n";
static const char company_others[] =
    "total=3\nnote=\"a \\\"list\\\" [{\"\nmore={\"employees\":[{}]}\nlast=null\npage=-1.5e3\n";

static void cuts_the_same_records_whatever_the_pieces(void **state)
{
    (void)state;
    for (size_t piece = 1; piece <= 200; piece++) {
        AUTO_SEEN seen = {};
        assert_int_equal(slice_in_pieces("employees", 0, company, sizeof company - 1, piece, &seen),
                         OK);
        assert_string_equal(seen.records.at, company_records);
        assert_string_equal(seen.others.at, company_others);
    }
}

static void finds_an_answer_cut_at_any_byte(void **state)
{
    (void)state;
    size_t whole =
        sizeof company - 1 - strlen(" \n"); /* the closing bracket is the last that counts */

    for (size_t n = 0; n < whole; n++)
        for (size_t piece = 1; piece <= 70; piece += 23) {
            AUTO_SEEN seen = {};
            assert_int_equal(slice_in_pieces("employees", 0, company, n, piece, &seen),
                             ERR_INCOMPLETE);
        }
}

static void says_where_it_was_cut(void **state)
{
    static const struct { const char *answer, *says; } cases[] = {
        { "", "is empty" },
        { "  ", "is empty" },
        { "{\"emplo", "before its list 'employees' began" },
        { "{\"employees\":[", "after record 0, before its list was closed" },
        { "{\"employees\":[{},{},{\"a\":1", "in the middle of record 3" },
        { "{\"employees\":[{},{}", "after record 2" },
        { "{\"employees\":[{},", "after record 1" },
        { "{\"employees\":[{}]", "after its list of 1 records" },
        { "{\"employees\":[{}],\"x\":1", "after its list of 1 records" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO_SEEN seen = {};
        assert_int_equal(
            slice_in_pieces("employees", 0, cases[i].answer, strlen(cases[i].answer), 5, &seen),
            ERR_INCOMPLETE);
        assert_non_null(strstr(err_text(), cases[i].says));
    }
}

static void refuses_what_is_no_such_list(void **state)
{
    static const struct { const char *array, *answer, *says; } cases[] = {
        { "employees", "<!DOCTYPE html>", "begin with '{' but with '<'" },
        { "employees", "[{}]", "begin with '{' but with '['" },
        { NULL, "{\"employees\":[]}", "begin with '[' but with '{'" },
        { "employees", "\xef\xbb\xbf{}", "\\xef" },
        { "employees", "{}", "no list 'employees', only an empty object" },
        { "employees", "{\"key\":\"tokenNotMatch\",\"error\":\"no\"}", "only key, error" },
        { "employees", "{\"employees\":null}", "'employees' in the answer is not a list" },
        { "employees", "{\"employees\":{\"a\":1}}", "is not a list" },
        { "employees", "{\"employees\":[{},7]}", "record 2 is not an object" },
        { "employees", "{\"employees\":[[{}]]}", "record 1 is not an object" },
        { "employees", "{\"employees\":[{},]}",
          "a record was expected, but ']' came after record 1" },
        { "employees", "{\"employees\":[{}{}]}",
          "a comma or the end of the list was expected, but '{'" },
        { "employees", "{\"employees\":[,{}]}", "record 1 is not an object" },
        { "employees", "{\"employees\":[{}],}", "a member name was expected after the comma" },
        { "employees", "{\"employees\":[{}]]", "a comma or the end of the object" },
        { "employees", "{\"employees\":[{}]}{", "more after the end" },
        { "employees", "{\"employees\":[{}],\"employees\":[]}", "two lists 'employees'" },
        { "employees", "{\"employees\":[{}],\"empl\\u006fyees\":[]}", "two lists 'employees'" },
        { "employees", "{\"employees\\u0000\":[{}]}", "has a NUL in it" },
        { "employees", "{\"a\" 1}", "a colon was expected, but '1' came before the list" },
        { "employees", "{\"a\":}", "a value was expected" },
        { "employees", "{\"a\":tru,\"employees\":[]}", "'a' beside the list is not well-formed" },
        { "employees", "{\"a\":{\"b\":]},\"employees\":[]}",
          "'a' beside the list is not well-formed" },
        { "employees", "{\"a\":\"\xff\",\"employees\":[]}",
          "'a' beside the list is not well-formed" },
        { "employees", "{\"\xff\":1,\"employees\":[]}", "a member name around the list" },
        { "employees", "{\"a\":1 2,\"employees\":[]}",
          "a comma or the end of the object was expected" },
        { NULL, "[{}],", "more after the end" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        for (size_t piece = 1; piece < 70; piece += 8) {
            AUTO_SEEN seen = {};
            assert_int_equal(slice_in_pieces(cases[i].array, 0, cases[i].answer,
                                             strlen(cases[i].answer), piece, &seen),
                             ERR_REMOTE);
            assert_non_null(strstr(err_text(), cases[i].says));
        }
}

static void takes_empty_and_bare_lists(void **state)
{
    static const struct { const char *array, *answer, *records; } cases[] = {
        { "employees", "{\"employees\":[]}", "" },
        { "employees", "{ \"employees\" : [ ] }", "" },
        { "employees", "{\"x\":\"\",\"employees\":[{}],\"y\":[]}", "{}\n" },
        { "employees", "{\"employe\\u0065s\":[{}]}", "{}\n" },
        { NULL, "[]", "" },
        { NULL, " [ {\"a\":1} , {} ] ", "{\"a\":1}\n{}\n" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        for (size_t piece = 1; piece < 40; piece += 3) {
            AUTO_SEEN seen = {};
            assert_int_equal(slice_in_pieces(cases[i].array, 0, cases[i].answer,
                                             strlen(cases[i].answer), piece, &seen),
                             OK);
            assert_string_equal(seen.records.at ? seen.records.at : "", cases[i].records);
        }
}

/* Backslashes are counted over the borders of blocks and pieces. */
static void counts_backslashes_across_every_border(void **state)
{
    (void)state;
    for (size_t lead = 0; lead < 70; lead++)
        for (size_t slashes = 0; slashes <= 67; slashes += slashes < 6 ? 1 : 30) {
            AUTO_BUF text = {};
            buf_puts(&text, "[{\"k\":\"");
            for (size_t i = 0; i < lead; i++)
                buf_putc(&text, 'x');
            for (size_t i = 0; i < slashes; i++)
                buf_putc(&text, '\\');
            /* even: the quote ends the string and the bracket counts; odd: both are text */
            buf_puts(&text, slashes % 2 ? "\"}]\"}]" : "\"}]");
            for (size_t piece = 1; piece <= text.n; piece += 1 + piece / 3) {
                AUTO_SEEN seen = {};
                assert_int_equal(slice_in_pieces(NULL, 0, text.at, text.n, piece, &seen), OK);
                assert_int_equal(seen.records.n, text.n - 2 + 1);
            }
        }
}

static void has_a_ceiling_for_depth(void **state)
{
    static const struct { size_t depth; enum err err; } cases[] = {
        { 63, OK }, { 64, ERR_TOO_LARGE }, { 10000, ERR_TOO_LARGE },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        for (size_t piece = 1; piece <= 4096; piece *= 4) {
            AUTO_BUF text = {};
            AUTO_SEEN seen = {};
            buf_puts(&text, "{\"employees\":[{},{\"a\":");
            for (size_t d = 0; d < cases[i].depth; d++)
                buf_putc(&text, '[');
            for (size_t d = 0; d < cases[i].depth; d++)
                buf_putc(&text, ']');
            buf_puts(&text, "}]}");
            assert_int_equal(slice_in_pieces("employees", 0, text.at, text.n, piece, &seen),
                             cases[i].err);
            if (cases[i].err)
                assert_non_null(strstr(err_text(), "record 2 has more than 64 brackets"));
        }
}

static void has_a_ceiling_for_size(void **state)
{
    static const struct { const char *before, *after, *says; } cases[] = {
        { "{\"employees\":[{},{\"a\":\"", "\"}]}", "record 2 is larger than 1000 bytes" },
        { "{\"note\":\"", "\",\"employees\":[]}", "'note' is larger than 1000 bytes" },
        { "{\"note\":{\"a\":\"", "\"},\"employees\":[]}", "'note' is larger than 1000 bytes" },
        { "{\"employees\":[],\"", "\":1}", "a member name is larger than 1000 bytes" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        for (size_t piece = 1; piece <= 4096; piece *= 4) {
            AUTO_BUF text = {};
            AUTO_SEEN seen = {};
            buf_puts(&text, cases[i].before);
            for (size_t n = 0; n < 1000; n++)
                buf_putc(&text, 'x');
            buf_puts(&text, cases[i].after);
            assert_int_equal(slice_in_pieces("employees", 1000, text.at, text.n, piece, &seen),
                             ERR_TOO_LARGE);
            assert_non_null(strstr(err_text(), cases[i].says));
        }
}

static enum err refuse_second(void *arg, size_t number, const char *bytes, size_t n)
{
    (void)arg, (void)bytes, (void)n;
    return number == 2 ? errf(ERR_STOPPED, "enough") : OK;
}

static void passes_an_error_on_and_takes_no_more(void **state)
{
    AUTO(slice) *s = slice_new(&(struct slice_options){ .record = refuse_second });

    (void)state;
    assert_int_equal(slice_feed(s, "[{},{},{}]", 10), ERR_STOPPED);
    assert_string_equal(err_text(), "enough");
    assert_int_equal(slice_feed(s, "]", 1), ERR_REMOTE);
    assert_int_equal(slice_end(s), ERR_REMOTE);
}

/* Random nestings, checked against a slow reading of the same text. */
static void agrees_with_a_slow_reader(void **state)
{
    static const char letters[] = "{}[]\"\\,: ax";

    (void)state;
    srand(7);
    for (int round = 0; round < 3000; round++) {
        AUTO_BUF text = {};
        AUTO_SEEN seen = {};
        size_t depth = 1, end = 0;
        bool in_string = false, escaped = false;
        buf_puts(&text, "[{");
        while (text.n < 300 && !end) {
            char c = letters[(size_t)rand() % (sizeof letters - 1)];
            if (!in_string && c == '\\')
                continue;           /* stands nowhere outside a string */
            buf_putc(&text, c);
            if (escaped)
                escaped = false;
            else if (in_string && c == '\\')
                escaped = true;
            else if (c == '"')
                in_string = !in_string;
            else if (!in_string && (c == '{' || c == '['))
                depth++;
            else if (!in_string && (c == '}' || c == ']') && --depth == 0)
                end = text.n;
        }
        if (end)
            buf_putc(&text, ']');
        enum err e = slice_in_pieces(NULL, 0, text.at, text.n, 1 + (size_t)rand() % 100, &seen);
        assert_int_equal(e, end ? OK : depth > SLICE_DEPTH ? ERR_TOO_LARGE : ERR_INCOMPLETE);
        if (end)
            assert_int_equal(seen.records.n, end - 1 + 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts_the_same_records_whatever_the_pieces),
        cmocka_unit_test(finds_an_answer_cut_at_any_byte),
        cmocka_unit_test(says_where_it_was_cut),
        cmocka_unit_test(refuses_what_is_no_such_list),
        cmocka_unit_test(takes_empty_and_bare_lists),
        cmocka_unit_test(counts_backslashes_across_every_border),
        cmocka_unit_test(has_a_ceiling_for_depth),
        cmocka_unit_test(has_a_ceiling_for_size),
        cmocka_unit_test(passes_an_error_on_and_takes_no_more),
        cmocka_unit_test(agrees_with_a_slow_reader),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
