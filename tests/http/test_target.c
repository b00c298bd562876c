/* test_target.c — the target of a request, taken apart. */
#include "base/str.h"
#include "http/target.h"
#include "support/support.h"

static void takes_a_target_apart(void **state)
{
    static const struct { const char *raw, *workspace, *path, *query; } cases[] = {
        { "/", NULL, "/", "" },
        { "/healthz", NULL, "/healthz", "" },
        { "/a/b?c=d&e", NULL, "/a/b", "c=d&e" },
        { "/a?b?c", NULL, "/a", "b?c" },
        { "/w/acme", "acme", "/", "" },
        { "/w/acme/", "acme", "/", "" },
        { "/w/acme?x=1", "acme", "/", "x=1" },
        { "/w/acme/runs/1", "acme", "/runs/1", "" },
        { "/w/caf%C3%A9/runs", "café", "/runs", "" },
        { "/w/", "", "/", "" },
        { "/w", NULL, "/w", "" },
        { "/who", NULL, "/who", "" },
        { "/people/a%20b%2Bc+d", NULL, "/people/a b+c+d", "" },
        { "http://muster.example/a/b?c", NULL, "/a/b", "c" },
        { "https://muster.example", NULL, "/", "" },
    };
    AUTO(arena) *a = arena_new();

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct target t;
        print_message("  %s\n", cases[i].raw);
        assert_ok(target_read(a, cases[i].raw, &t));
        assert_true(str_eq(t.workspace, cases[i].workspace));
        assert_string_equal(t.path, cases[i].path);
        assert_string_equal(t.query, cases[i].query);
    }
}

static void refuses_what_cannot_be_read_in_one_way(void **state)
{
    static const struct { const char *raw, *words; } cases[] = {
        { "", "begins with a slash" },
        { "*", "begins with a slash" },
        { "healthz", "begins with a slash" },
        { "ftp://a/b", "begins with a slash" },
        { "/a%00b", "not percent-encoded" },
        { "/a%0ab", "not percent-encoded" },
        { "/a%2", "not percent-encoded" },
        { "/a%", "not percent-encoded" },
        { "/a%zz", "not percent-encoded" },
        { "/a%ff", "not percent-encoded" },
        { "/a%c0%af", "not percent-encoded" },
        { "/a%ed%a0%80", "not percent-encoded" },
        { "/a%2Fb", "encoded slash" },
        { "/w/a%2fb/c", "encoded slash" },
        { "/a?b=%00", "behind the question mark" },
        { "/a?b=1&%ff=2", "behind the question mark" },
        { "/a?b=%", "behind the question mark" },
    };
    AUTO(arena) *a = arena_new();
    struct target t;

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        print_message("  %s\n", cases[i].raw);
        assert_err(target_read(a, cases[i].raw, &t), ERR_USAGE, cases[i].words);
    }
}

static void finds_values_of_the_query(void **state)
{
    static const struct { const char *query, *name, *value; } cases[] = {
        { "/?a=1&b=2", "a", "1" },
        { "/?a=1&b=2", "b", "2" },
        { "/?a=1&b=2", "c", NULL },
        { "/?a=1&a=2", "a", "1" },
        { "/?aa=1&a=2", "a", "2" },
        { "/?a", "a", "" },
        { "/?a=", "a", "" },
        { "/?&&a=x", "a", "x" },
        { "/?a=b=c", "a", "b=c" },
        { "/?filter=userName%20eq+%22ada%26bo%22", "filter", "userName eq \"ada&bo\"" },
        { "/?n%61me=caf%C3%A9", "name", "café" },
        { "/?text=a%0Ab", "text", "a\nb" },
        { "/", "a", NULL },
    };
    AUTO(arena) *a = arena_new();

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct target t;
        print_message("  %s %s\n", cases[i].query, cases[i].name);
        assert_ok(target_read(a, cases[i].query, &t));
        assert_true(str_eq(target_query(a, &t, cases[i].name), cases[i].value));
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(takes_a_target_apart),
        TEST(refuses_what_cannot_be_read_in_one_way),
        TEST(finds_values_of_the_query),
    };

    return RUN_TESTS(tests);
}
