/* test_expr.c — expressions: what they read, where they go wrong, and what they make of a record. */
#include "sync/expr.h"

#include "base/str.h"
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

static void a_value_is_a_field_or_a_constant(void **state)
{
    (void)state;
    /* What it reads: a field's name, or =constant. */
    static const struct { const char *text, *reads; } cases[] = {
        { "name", "name" },
        { "root.firstName", "root.firstName" },
        { "  root.firstName\n", "root.firstName" },
        { "/root/firstName", "/root/firstName" },
        { "work/title", "work/title" },
        { "_a1._b2", "_a1._b2" },
        { "andrew.ending", "andrew.ending" },
        { "today", "today" },
        { "field", "field" },
        { "field(\"4435.0\")", "4435.0" },
        { "field ( 'with space' )", "with space" },
        { "field(\"say \\\"hi\\\" \\\\ \\'\")", "say \"hi\" \\ '" },
        { "field(\"and\")", "and" },
        { "field(\"日本 語\")", "日本 語" },
        { "\"constant\"", "=constant" },
        { "'a \"b\"'", "=a \"b\"" },
        { "\"tab\\tline\\n\"", "=tab\tline\n" },
        { "''", "=" },
        { "a234567890123456789012345678901234567890123456789012345678901234567890123456789012345678"
          "90.b",
          "a234567890123456789012345678901234567890123456789012345678901234567890123456789012345678"
          "90.b" },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *const *names;
        struct expr *e = NULL;
        size_t at;
        assert_ok(expr_value_read(mem, cases[i].text, &e, &at));
        const struct raw *constant = expr_constant(e);
        if (*cases[i].reads == '=') {
            assert_int_equal(expr_fields(e, &names), 0);
            assert_int_equal(constant->is, cases[i].reads[1] ? RAW_TEXT : RAW_EMPTY);
            assert_string_equal(constant->text, cases[i].reads + 1);
            assert_int_equal(constant->n, strlen(cases[i].reads + 1));
        } else {
            assert_null(constant);
            assert_int_equal(expr_fields(e, &names), 1);
            assert_string_equal(names[0], cases[i].reads);
        }
        assert_false(expr_uses_today(e));
    }
}

struct wrong { const char *text; size_t at; const char *says; };

static void check_wrong(expr_read_fn *read, const struct wrong *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct expr *e;
        size_t at = SIZE_MAX;
        assert_err(read(mem, cases[i].text, &e, &at), ERR_INVALID, cases[i].says);
        if (at != cases[i].at)
            fail_msg("%s goes wrong at %zu, not %zu", cases[i].text, at, cases[i].at);
    }
}

static void other_values_are_refused_at_their_place(void **state)
{
    (void)state;
    static const struct wrong cases[] = {
        { "coalesce(root.a, \"none\")", 0,
          "coalesce(…) cannot be used: the expression language is not there yet; "
          "write a field name, field(\"…\") or a quoted constant" },
        { "today()", 0, "today(…) cannot be used" },
        { "root.a .. root.b", 7,
          "'..' cannot stand here: the expression language is not there yet" },
        { "a..b", 0, "'a..b' cannot stand here" },
        { "a + b", 2, "'+' cannot stand here" },
        { "a and b", 2, "'and' cannot stand here" },
        { "not a", 0, "'not' cannot stand here" },
        { "nil", 0, "'nil' cannot stand here" },
        { "(a)", 0, "'(' cannot stand here" },
        { "a == \"b\"", 2, "'=' cannot stand here" },
        { "", 0, "something is missing here; write a field name" },
        { "  ", 2, "something is missing here" },
        { "4435.0", 0,
          "'4435.0' is not a plain name; write field(\"4435.0\"), or \"4435.0\" in quotes" },
        { "work.employment-type", 0,
          "'work.employment-type' is not a plain name; write field(\"work.employment-type\")" },
        { "größe", 0, "'größe' is not a plain name; write field(\"größe\")" },
        { "work.end", 0, "'work.end' is not a plain name; write field(\"work.end\")" },
        { "work.1st", 0, "'work.1st' is not a plain name" },
        { "a.", 0, "'a.' is not a plain name" },
        { "\"open", 0, "the quote that opens here is not closed" },
        { "'two\nlines'", 0, "the quote that opens here is not closed" },
        { "field(\"x\"", 9, "a ')' is missing here" },
        { "field(x)", 6, "field(…) takes the field's name in quotes" },
        { "field(\"\")", 6, "field(\"\") names no field" },
        { "field(\"x\").y", 10, "'.y' cannot stand here" },
        { "\"a\\qb\"", 2, "after a backslash comes one of" },
        { "\"a\\", 2, "after a backslash comes one of" },
        { "a b", 2, "'b' cannot stand here" },
    };
    check_wrong(expr_value_read, cases, COUNT(cases));
}

static void other_rules_are_refused_at_their_place(void **state)
{
    (void)state;
    static const struct wrong cases[] = {
        { "a = \"b\"", 2, "a single '=' compares nothing; write == or !=" },
        { "a == b", 5, "a text in quotes is expected here" },
        { "a == 5", 5, "a text in quotes is expected here" },
        { "a", 1,
          "something is missing here; write FIELD == \"text\", FIELD != \"text\" or "
          "is_present(FIELD)" },
        { "a == \"b\" or c == \"d\"", 9,
          "'or' cannot stand here: the expression language is not there yet" },
        { "not is_present(a)", 0, "'not' cannot stand here" },
        { "is_present(a", 12, "a ')' is missing here" },
        { "is_present(\"a\")", 11, "'\"' cannot stand here" },
        { "is_present a", 11, "'a' cannot stand here" },
        { "contains(a, \"b\")", 0, "contains(…) cannot be used" },
        { "a > \"b\"", 2, "'>' cannot stand here" },
        { "a ~= \"b\"", 2, "'~' cannot stand here" },
        { "\"b\" == a", 0, "'\"' cannot stand here" },
        { "", 0, "something is missing here" },
    };
    check_wrong(expr_rule_read, cases, COUNT(cases));
}

static void an_expression_has_a_ceiling(void **state)
{
    (void)state;
    char *name = arena_alloc(mem, EXPR_MOST + 2);
    struct expr *e;
    size_t at;

    memset(name, 'a', EXPR_MOST);
    assert_ok(expr_value_read(mem, name, &e, &at));
    name[EXPR_MOST] = 'a';
    assert_err(expr_value_read(mem, name, &e, &at), ERR_INVALID,
               "an expression has at most 4096 bytes; this one has 4097");
}

#define TEXT(s)                                                                                    \
    {                                                                                              \
        .is = RAW_TEXT, .text = (s), .n = sizeof(s) - 1                                            \
    }
#define LIST(s)                                                                                    \
    {                                                                                              \
        .is = RAW_LIST, .text = (s), .n = sizeof(s) - 1                                            \
    }
#define EMPTY                                                                                      \
    {                                                                                              \
        .is = RAW_EMPTY, .text = ""                                                                \
    }
#define ABSENT                                                                                     \
    {                                                                                              \
        .is = RAW_ABSENT                                                                           \
    }

static void a_bound_field_finds_its_place(void **state)
{
    (void)state;
    static const char *const fields[] = { "a", "b", "c" };
    static const struct want want = { fields, COUNT(fields) };
    static const struct raw values[] = { TEXT("1"), LIST("2\x1f" "3"), ABSENT };
    const struct record r = { .values = values };

    for (size_t i = 0; i < COUNT(fields); i++) {
        const size_t *at;
        struct expr *e;
        size_t wrong;
        assert_ok(expr_value_read(mem, fields[i], &e, &wrong));
        expr_bind(e, &want);
        assert_int_equal(expr_inputs(e, &at), 1);
        assert_int_equal(at[0], i);
        struct raw v = expr_value(e, &r);
        assert_int_equal(v.is, values[i].is);
        assert_ptr_equal(v.text, values[i].text);
        assert_int_equal(v.n, values[i].n);
    }
}

static void rules_compare_or_ask_for_presence(void **state)
{
    (void)state;
    static const char *const fields[] = { "t" };
    static const struct want want = { fields, COUNT(fields) };
    static const struct { const char *rule; struct raw raw; bool holds, unknown; } cases[] = {
        { "t == \"Contractor\"", TEXT("Contractor"), true, false },
        { "t == \"Contractor\"", TEXT("contractor"), false, false },
        { "t == \"Contractor\"", TEXT("Contractors"), false, false },
        { "t == \"Contractor\"", LIST("Contractor"), true, false },
        { "t == \"Contractor\"", LIST("Contractor\x1f" "Other"), false, false },
        { "t == \"Contractor\"", EMPTY, false, false },
        { "t == \"Contractor\"", ABSENT, false, true },
        { "t == \"\"", EMPTY, true, false },
        { "t == \"\"", TEXT("x"), false, false },
        { "t != \"Employee\"", TEXT("Contractor"), true, false },
        { "t != \"Employee\"", TEXT("Employee"), false, false },
        { "t != \"Employee\"", EMPTY, true, false },
        { "t != \"Employee\"", ABSENT, false, true },
        { "is_present(t)", TEXT("x"), true, false },
        { "is_present(t)", EMPTY, false, false },
        { "is_present(t)", ABSENT, false, true },
        { " is_present ( field ( \"t\" ) ) ", TEXT("x"), true, false },
        { "field(\"t\")=='Contractor'", TEXT("Contractor"), true, false },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct record r = { .values = &cases[i].raw };
        bool unknown = false;
        struct expr *e;
        size_t at;
        assert_ok(expr_rule_read(mem, cases[i].rule, &e, &at));
        expr_bind(e, &want);
        assert_int_equal(expr_true(e, &r, &unknown), cases[i].holds);
        assert_int_equal(unknown, cases[i].unknown);
    }
}

#define IN_ARENA(test)                                                                             \
    {                                                                                              \
#test, test, setup, teardown, NULL                                                         \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_ARENA(a_value_is_a_field_or_a_constant),
        IN_ARENA(other_values_are_refused_at_their_place),
        IN_ARENA(other_rules_are_refused_at_their_place),
        IN_ARENA(an_expression_has_a_ceiling),
        IN_ARENA(a_bound_field_finds_its_place),
        IN_ARENA(rules_compare_or_ask_for_presence),
    };

    return RUN_TESTS(tests);
}
