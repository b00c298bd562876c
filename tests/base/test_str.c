/* test_str.c — text: trimming, comparing, keys, UTF-8. */
#include "base/str.h"

#include <utf8proc.h>

#include "support/support.h"

static struct arena *mem;

static int setup(void **state)
{
    (void)state;
    mem = arena_new();
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(mem);
    return 0;
}

static void null_equals_only_null(void **state)
{
    (void)state;
    assert_true(str_eq(NULL, NULL));
    assert_false(str_eq(NULL, ""));
    assert_false(str_eq("a", NULL));
    assert_true(str_eq("a", "a"));
    assert_false(str_eq("a", "A"));
    assert_true(str_eq_nocase("aZ", "Az"));
    assert_false(str_eq_nocase("é", "É"));
    assert_false(str_eq_nocase("a", NULL));
    assert_true(str_empty(NULL) && str_empty("") && !str_empty(" "));
}

static void prefixes_and_suffixes(void **state)
{
    (void)state;
    assert_true(str_starts("abc", "ab") && str_starts("abc", "") && str_starts("abc", "abc"));
    assert_false(str_starts("abc", "abcd") || str_starts("", "a"));
    assert_true(str_ends("abc", "bc") && str_ends("abc", "") && str_ends("abc", "abc"));
    assert_false(str_ends("abc", "xabc") || str_ends("", "a"));
}

static void trims_both_ends(void **state)
{
    (void)state;
    static const struct { const char *is, *becomes; } cases[] = {
        { "a", "a" }, { "  a b \r\n", "a b" }, { "", "" }, { " \t\n", "" }, { "\vé\f", "é" },
    };

    for (size_t i = 0; i < COUNT(cases); i++)
        assert_string_equal(str_trim(mem, cases[i].is), cases[i].becomes);
}

static void tells_utf8_from_other_bytes(void **state)
{
    (void)state;
    static const struct { const char *bytes; size_t n; bool good; } cases[] = {
        { "", 0, true },
        { "plain", 5, true },
        { "Zoë 日本 😀", 16, true },
        { "\xf4\x8f\xbf\xbf", 4, true },                /* the last code point */
        { "a\0b", 3, false },
        { "\xff", 1, false },
        { "\x80", 1, false },
        { "\xc3", 1, false },
        { "\xc3(", 2, false },
        { "\xc0\x80", 2, false },                       /* overlong NUL */
        { "\xc1\xbf", 2, false },
        { "\xe0\x9f\xbf", 3, false },
        { "\xf0\x8f\xbf\xbf", 4, false },
        { "\xed\xa0\x80", 3, false },                   /* a surrogate */
        { "\xed\xbf\xbf", 3, false },
        { "\xf4\x90\x80\x80", 4, false },               /* beyond the last */
        { "\xe6\x97", 2, false },
        { "ok\xf0\x9f\x98", 5, false },
    };

    for (size_t i = 0; i < COUNT(cases); i++)
        assert_int_equal(str_utf8(cases[i].bytes, cases[i].n), cases[i].good);
}

static void keys_fold_case_and_form_but_keep_people_apart(void **state)
{
    (void)state;
    static const struct { const char *is, *folded; } cases[] = {
        { "", "" },
        { "Ada.LOVELACE@Example.COM", "ada.lovelace@example.com" },
        { "[\\]^_`{|}~@", "[\\]^_`{|}~@" },             /* next to the letters in ASCII */
        { "straße", "straße" },
        { "STRASSE", "strasse" },
        { "STRAẞE", "straße" },
        { "É", "é" },
        { "E\xcc\x81", "é" },                           /* decomposed */
        { "İ", "i" },
        { "ı", "ı" },
        { "Å", "å" },
        { "\xe2\x84\xab", "å" },                        /* the Ångström sign */
        { "\xe2\x84\xaa", "k" },                        /* the Kelvin sign */
        { "ЁЖИК", "ёжик" },
        { "ΑΒΓ", "αβγ" },
        { "日本", "日本" },
        { "Ⱥ", "ⱥ" },                                   /* grows from two bytes to three */
    };

    for (size_t i = 0; i < COUNT(cases); i++)
        assert_string_equal(str_fold(mem, cases[i].is), cases[i].folded);
    assert_string_not_equal(str_fold(mem, "straße"), str_fold(mem, "strasse"));
}

static void folding_twice_changes_nothing(void **state)
{
    (void)state;
    for (utf8proc_int32_t c = 1; c < 0x20000; c++) {
        utf8proc_uint8_t text[16] = {};
        if (!utf8proc_codepoint_valid(c))
            continue;
        utf8proc_encode_char(0x301,
                             text + utf8proc_encode_char(c, text)); /* with an acute accent */
        struct arena_mark mark = arena_mark(mem);
        char *once = str_fold(mem, (char *)text), *twice = str_fold(mem, once);
        if (!str_eq(once, twice))
            fail_msg("U+%04X: %s is not %s", (unsigned)c, once, twice);
        arena_reset(mem, mark);
    }
}

static void squashed_texts_look_alike(void **state)
{
    (void)state;
    static const struct { const char *is, *squashed; } cases[] = {
        { "Sales & Ops", "salesops" },
        { " sales-OPS ", "salesops" },
        { "R&D (EU)", "rdeu" },
        { "2nd Line", "2ndline" },
        { "Vertrieb – Süd", "vertriebsüd" },
        { "営業 部", "営業部" },
        { "!?", "" },
        { "", "" },
    };

    for (size_t i = 0; i < COUNT(cases); i++)
        assert_string_equal(str_squash(mem, cases[i].is), cases[i].squashed);
}

static void numbers_are_whole_or_no_numbers(void **state)
{
    (void)state;
    static const struct { const char *text; bool good; int64_t is; } cases[] = {
        { "0", true, 0 },
        { "-17", true, -17 },
        { "007", true, 7 },
        { "9223372036854775807", true, INT64_MAX },
        { "-9223372036854775808", true, INT64_MIN },
        { "9223372036854775808", false, 0 },
        { "", false, 0 },
        { " 1", false, 0 },
        { "1 ", false, 0 },
        { "-", false, 0 },
        { "1.0", false, 0 },
        { "0x10", false, 0 },
        { "1e3", false, 0 },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t n = 0;
        assert_int_equal(str_number(cases[i].text, &n), cases[i].good);
        if (cases[i].good)
            assert_true(n == cases[i].is);
    }
}

static void the_nearest_word_is_a_slip_or_two_away(void **state)
{
    (void)state;
    static const char *const known[] = { "title", "teams", "email", "end_date", "level", "id" };
    static const struct { const char *wrong, *meant; } cases[] = {
        { "titel", "title" },                           /* swapped */
        { "tite", "title" },
        { "titlee", "title" },
        { "tittel", "title" },
        { "EMAIL", "email" },
        { "e-mail", "email" },
        { "endate", "end_date" },
        { "lvel", "level" },
        { "ie", "id" },
        { "xy", NULL },                                 /* two slips in two letters are another word */
        { "banana", NULL },
        { "", NULL },
        { "a very long text that nobody meant to be a word, so it is not compared with any", NULL },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *near = str_nearest(cases[i].wrong, known, COUNT(known));
        if (cases[i].meant)
            assert_string_equal(near, cases[i].meant);
        else
            assert_null(near);
    }
    assert_null(str_nearest("x", NULL, 0));
}

static void counts_take_the_right_word(void **state)
{
    (void)state;
    assert_string_equal(str_count(mem, 1, "person", "people"), "1 person");
    assert_string_equal(str_count(mem, 0, "person", "people"), "0 people");
    assert_string_equal(str_count(mem, 28, "person", "people"), "28 people");
}

#define IN_ARENA(test)                                                                             \
    {                                                                                              \
#test, test, setup, teardown, NULL                                                         \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(null_equals_only_null),
        TEST(prefixes_and_suffixes),
        IN_ARENA(trims_both_ends),
        TEST(tells_utf8_from_other_bytes),
        IN_ARENA(keys_fold_case_and_form_but_keep_people_apart),
        IN_ARENA(folding_twice_changes_nothing),
        IN_ARENA(squashed_texts_look_alike),
        TEST(numbers_are_whole_or_no_numbers),
        TEST(the_nearest_word_is_a_slip_or_two_away),
        IN_ARENA(counts_take_the_right_word),
    };

    return RUN_TESTS(tests);
}
