/* test_option.c — tables of options: what may be set, what is said about the rest. */
#include "base/option.h"

#include "base/json.h"
#include "base/str.h"
#include "support/support.h"

static const struct option table[] = {
    { "url", OPT_URL, "https://api.example.com", "Where the API answers" },
    { "token", OPT_SECRET, NULL, "Read-only token" },
    { "service_user", OPT_TEXT, NULL, "The ID", .required = true },
    { "pace", OPT_NUMBER, "50", "Requests a minute" },
    { "dry", OPT_FLAG, NULL, "Changes nothing" },
    { "guard", OPT_CHOICE, "tell", "What it does", .choices = "tell,refuse" },
    { "teams", OPT_CHOICES, "a,b", "What makes teams", .choices = "a,b,cc,none" },
    {},
};

static void what_is_not_set_has_its_default(void **state)
{
    (void)state;
    AUTO(arena) *a = arena_new();
    struct options *o = options_new(a, table);

    assert_string_equal(options_get(o, "url"), "https://api.example.com");
    assert_true(options_number(o, "pace") == 50);
    assert_false(options_flag(o, "dry"));
    assert_null(options_get(o, "service_user"));
    assert_null(options_get(o, "nope"));
    assert_true(options_number(o, "service_user") == 0);
}

static void what_is_set_counts_and_is_trimmed(void **state)
{
    (void)state;
    AUTO(arena) *a = arena_new();
    struct options *o = options_new(a, table);

    assert_ok(options_set(a, o, "url= http://127.0.0.1:9001/v1?a=b \r\n"));
    assert_string_equal(options_get(o, "url"), "http://127.0.0.1:9001/v1?a=b");
    assert_ok(options_set(a, o, "pace=-3"));
    assert_true(options_number(o, "pace") == -3);
    assert_ok(options_set(a, o, "dry=true"));
    assert_true(options_flag(o, "dry"));
    assert_ok(options_put(a, o, "service_user", "SERVICE-1"));
    assert_ok(options_complete(o));
    assert_ok(options_set(a, o, "guard=refuse"));
    assert_ok(options_set(a, o, "teams=cc,a"));
    assert_string_equal(options_get(o, "teams"), "cc,a");
    assert_ok(options_set(a, o, "url="));                   /* empty: the default again */
    assert_string_equal(options_get(o, "url"), "https://api.example.com");
}

static void says_what_is_wrong_with_an_assignment(void **state)
{
    (void)state;
    static const struct { const char *text, *says; } cases[] = {
        { "pase=1", "there is no option 'pase'; the options are: url, service_user, pace, dry" },
        { "pace", "expected option=value, not 'pace'" },
        { "=x", "there is no option ''" },
        { "pace=many", "pace must be a whole number, not 'many'" },
        { "pace=1.5", "pace must be a whole number, not '1.5'" },
        { "dry=yes", "dry must be true or false, not 'yes'" },
        { "url=ftp://x", "url must be an http(s) address, not 'ftp://x'" },
        { "url=example.com", "url must be an http(s) address" },
        { "guard=tel", "guard takes one of tell,refuse, not 'tel'" },
        { "guard=tell,refuse", "guard takes one of tell,refuse, not 'tell,refuse'" },
        { "teams=a,c", "teams takes some of a,b,cc,none, not 'a,c'" },
        { "teams=a,", "teams takes some of" },
        { "token=s3cret", "token is a secret: give it with --secret-file FILE" },
    };
    AUTO(arena) *a = arena_new();
    struct options *o = options_new(a, table);

    for (size_t i = 0; i < COUNT(cases); i++)
        assert_err(options_set(a, o, cases[i].text), ERR_USAGE, cases[i].says);
    assert_null(strstr(err_text(), "s3cret"));
    assert_string_equal(options_get(o, "pace"), "50");
    assert_err(options_complete(o), ERR_USAGE, "service_user is missing (The ID)");
}

static void a_table_without_rows_says_so(void **state)
{
    (void)state;
    static const struct option none[] = { {} };
    AUTO(arena) *a = arena_new();

    assert_err(options_set(a, options_new(a, none), "x=y"), ERR_USAGE, "the options are: (none)");
}

static void options_are_stored_without_secrets_and_read_back(void **state)
{
    (void)state;
    AUTO(arena) *a = arena_new();
    struct options *o = options_new(a, table), *back = options_new(a, table);

    assert_string_equal(options_json(a, o), "{}");
    assert_ok(options_put(a, o, "token", "s3cret"));
    assert_ok(options_put(a, o, "service_user", "a \"b\""));
    assert_ok(options_put(a, o, "pace", "7"));
    char *json = options_json(a, o);
    assert_string_equal(json, "{\"service_user\":\"a \\\"b\\\"\",\"pace\":\"7\"}");
    assert_ok(options_from_json(a, back, json));
    assert_string_equal(options_get(back, "service_user"), "a \"b\"");
    assert_true(options_number(back, "pace") == 7);
    assert_null(options_get(back, "token"));
}

static void stored_options_that_are_broken_are_refused(void **state)
{
    (void)state;
    static const struct { const char *json, *says; enum err code; } cases[] = {
        { "{\"pace\":7}", "the stored option pace is no text", ERR_INVALID },
        { "{\"pace\":null}", "the stored option pace is no text", ERR_INVALID },
        { "[]", "stored options are a JSON object", ERR_INVALID },
        { "{", "not JSON", ERR_INVALID },
        { "{\"old\":\"x\"}", "there is no option 'old'", ERR_USAGE },
    };
    AUTO(arena) *a = arena_new();

    for (size_t i = 0; i < COUNT(cases); i++)
        assert_err(options_from_json(a, options_new(a, table), cases[i].json), cases[i].code,
                   cases[i].says);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_not_set_has_its_default),
        TEST(what_is_set_counts_and_is_trimmed),
        TEST(says_what_is_wrong_with_an_assignment),
        TEST(a_table_without_rows_says_so),
        TEST(options_are_stored_without_secrets_and_read_back),
        TEST(stored_options_that_are_broken_are_refused),
    };

    return RUN_TESTS(tests);
}
