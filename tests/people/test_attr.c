/* test_attr.c — attributes: what a value may be, and what an admin may make. */
#include "people/attr.h"

#include "base/str.h"
#include "support/support.h"

static struct arena *mem;

static int arena_setup(void **state)
{
    (void)state;
    mem = arena_new();
    return 0;
}

static int arena_teardown(void **state)
{
    (void)state;
    arena_free(mem);
    return 0;
}

#define IN_ARENA(test)                                                                             \
    {                                                                                              \
#test, test, arena_setup, arena_teardown, NULL                                             \
    }

static void the_builtin_table_is_sorted(void **state)
{
    (void)state;
    struct attrs *as = attrs_with(mem, NULL, 0);

    assert_true(as->n >= 30);
    for (size_t i = 0; i < as->n; i++) {
        assert_true(i == 0 || strcmp(as->all[i - 1]->name, as->all[i]->name) < 0);
        assert_ptr_equal(attr_builtin(as->all[i]->name), as->all[i]);
    }
}

static void finds_built_in_and_custom_ones_by_name(void **state)
{
    (void)state;
    static const struct attr custom[] = { { .name = "custom.squad" }, { .name = "custom.a" } };
    struct attrs *as = attrs_with(mem, custom, COUNT(custom));

    assert_string_equal(attr_find(as, "title")->label, "Title");
    assert_ptr_equal(attr_find(as, "custom.squad"), &custom[0]);
    assert_ptr_equal(attr_find(as, "custom.a"), &custom[1]);
    assert_null(attr_find(as, "squad"));
    assert_null(attr_find(as, ""));
    assert_null(attr_builtin("custom.squad"));
    assert_true(attr_find(as, "email")->flags & ATTR_KEY);
}

static const char *const contracts[] = { "Full time", "Part time" };
static const struct attr employment = { "custom.employment", ATTR_SELECT, ATTR_CUSTOM,
                                        "Employment type",   contracts,   2 };
static const struct attr number = { "custom.n", ATTR_NUMBER, ATTR_CUSTOM, "Desk" };
static const struct attr flag = { "custom.f", ATTR_FLAG, ATTR_CUSTOM, "Remote" };
static const struct attr date = { "custom.d", ATTR_DATE, ATTR_CUSTOM, "Probation" };
static const struct attr text = { "custom.t", ATTR_TEXT, ATTR_CUSTOM, "Squad" };
static const struct attr person = { "custom.p", ATTR_PERSON, ATTR_CUSTOM, "Buddy" };
static const struct attr list = { "addresses", ATTR_LIST, 0, "Addresses" };
static const struct attr record = { "name_parts", ATTR_RECORD, 0, "Name parts" };

/* `is` NULL: refused, with `says` in the message. */
struct value_case { const struct attr *attr; const char *written, *is, *says; };

static void check_cases(const struct value_case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *out = NULL;
        enum err e = attr_canonical(mem, cases[i].attr, cases[i].written, &out);
        if (cases[i].is) {
            assert_ok(e);
            assert_string_equal(out, cases[i].is);
        } else {
            assert_err(e, ERR_INVALID, cases[i].says);
        }
    }
}

static void numbers_keep_every_digit_in_the_shortest_form(void **state)
{
    (void)state;
    static const struct value_case cases[] = {
        { &number, "5", "5" },
        { &number, " 5\n", "5" },
        { &number, "+5", "5" },
        { &number, "-5", "-5" },
        { &number, "007", "7" },
        { &number, "0", "0" },
        { &number, "-0", "0" },
        { &number, "-0.00", "0" },
        { &number, "1.50", "1.5" },
        { &number, "1.0", "1" },
        { &number, ".5", "0.5" },
        { &number, "-00.05", "-0.05" },
        { &number, "0.1", "0.1" },
        { &number, "1234567890123456789012345.000000000000000000001",
          "1234567890123456789012345.000000000000000000001" },
        { &number, "9007199254740993", "9007199254740993" },
        { &number, "100", "100" },
        { &number, "1e3", "1000" },
        { &number, "1.5E+3", "1500" },
        { &number, "1.5e1", "15" },
        { &number, "1.25e1", "12.5" },
        { &number, "25e-4", "0.0025" },
        { &number, "1200e-2", "12" },
        { &number, "0e9999", "0" },
        { &number, "1e99",
          "1000000000000000000000000000000000000000000000000000000000000000000000000000000000000000"
          "000000000000" },
        { &number, "1e100", NULL, "'1e100' is too long for Desk; it takes at most 100 digits" },
        { &number, "1e-101", NULL, "at most 100 digits" },
        { &number, "1e9999", NULL, "at most 100 digits" },
        { &number, "1e100000", NULL, "is not a value of Desk" },
        { &number, "", NULL, "'' is not a value of Desk; it takes a number like 1250.5" },
        { &number, "1,5", NULL,
          "'1,5' is not a value of Desk; it takes a number like 1250.5, without separators" },
        { &number, "1 000", NULL, "takes a number" },
        { &number, "5.", NULL, "takes a number" },
        { &number, ".", NULL, "takes a number" },
        { &number, "-", NULL, "takes a number" },
        { &number, "1e", NULL, "takes a number" },
        { &number, "1e+", NULL, "takes a number" },
        { &number, "1e1x", NULL, "takes a number" },
        { &number, "0x10", NULL, "takes a number" },
        { &number, "nan", NULL, "takes a number" },
        { &number, "inf", NULL, "takes a number" },
        { &number, "--1", NULL, "takes a number" },
    };
    check_cases(cases, COUNT(cases));
}

static void other_types_take_what_they_say(void **state)
{
    (void)state;
    static const struct value_case cases[] = {
        { &flag, "true", "true" },
        { &flag, "Yes", "true" },
        { &flag, "1", "true" },
        { &flag, "FALSE", "false" },
        { &flag, "no", "false" },
        { &flag, " 0 ", "false" },
        { &flag, "maybe", NULL,
          "'maybe' is not a value of Remote; it takes true or false (also yes/no, 1/0)" },
        { &flag, "", NULL, "takes true or false" },
        { &date, "2024-02-29", "2024-02-29" },
        { &date, " 2024-02-29 ", "2024-02-29" },
        { &date, "2021-02-31", NULL,
          "'2021-02-31' is not a value of Probation; it takes a day that exists" },
        { &date, "0000-00-00", NULL, "written like 2026-11-21" },
        { &date, "21.11.2026", NULL, "takes a day" },
        { &date, "2024-2-9", NULL, "takes a day" },
        { &employment, "Full time", "Full time" },
        { &employment, "Full Time", NULL, "'Full Time' is not an option of Employment type" },
        { &employment, "Full time ", NULL, "is not an option of Employment type" },
        { &text, "  spaces stay ", "  spaces stay " },
        { &text, "Ação 日本", "Ação 日本" },
        { &text, "\xff", NULL, "the value of Squad is not UTF-8 text" },
        { &text, "\xed\xa0\x80", NULL, "not UTF-8" },
        { &person, " 17 ", "17" },
        { &person, " ", NULL, "takes a record id, an anchor, a user name or an e-mail" },
        { &list, "[ 1, {\"a\" : \"b\"} ]", "[1,{\"a\":\"b\"}]" },
        { &list, "{}", NULL, "takes a JSON array" },
        { &list, "[1,", NULL, "takes a JSON array" },
        { &record, "{ \"a\": null }", "{\"a\":null}" },
        { &record, "[]", NULL, "takes a JSON object" },
    };
    check_cases(cases, COUNT(cases));
}

static void an_email_is_an_address(void **state)
{
    (void)state;
    const struct attr *email = attr_builtin("email");
    const struct value_case cases[] = {
        { email, "Ana@Example.com", "Ana@Example.com" },
        { email, "josé@exämple.com", "josé@exämple.com" },
        { email, "a@b", "a@b" },
        { email, "n/a", NULL, "'n/a' is not a value of Work e-mail; it takes an e-mail address" },
        { email, "@example.com", NULL, "e-mail address" },
        { email, "ana@", NULL, "e-mail address" },
        { email, "ana maria@example.com", NULL, "e-mail address" },
        { email, "ana@example.com\r\nBcc: all@example.com", NULL, "e-mail address" },
    };
    check_cases(cases, COUNT(cases));
}

static void long_values_meet_a_ceiling(void **state)
{
    (void)state;
    char *big = arena_alloc(mem, KB(80));
    const char *out;

    memset(big, 'x', KB(64));
    assert_ok(attr_canonical(mem, &text, big, &out));
    assert_err(attr_canonical(mem, attr_builtin("user_name"), big, &out), ERR_INVALID,
               "is too long for User name; it takes at most 1000 bytes");
    assert_true(strlen(err_text()) < 200);
    memset(big, 'x', KB(65));
    assert_err(attr_canonical(mem, &text, big, &out), ERR_INVALID, "is too long for Squad");
    memset(big, '7', KB(65));
    assert_err(attr_canonical(mem, &number, big, &out), ERR_INVALID, "at most 100 digits");
    memset(big, '[', KB(65));
    assert_err(attr_canonical(mem, &list, big, &out), ERR_INVALID, "takes a JSON array");
    memset(big, 0, KB(80));
    for (size_t i = 0; i < 1200; i += 3)
        memcpy(big + i, "日", 3);
    assert_err(attr_canonical(mem, attr_builtin("level"), big, &out), ERR_INVALID,
               "日…' is too long for Level");
    assert_true(str_utf8(err_text(), strlen(err_text())));
}

static void an_admin_chooses_among_five_types(void **state)
{
    (void)state;
    enum attr_type t;

    assert_true(attr_type_read("select", &t));
    assert_int_equal(t, ATTR_SELECT);
    assert_string_equal(attr_type_name(t), "select");
    assert_false(attr_type_read("person", &t));
    assert_false(attr_type_read("list", &t));
    assert_false(attr_type_read("", &t));
    assert_string_equal(attr_type_name(ATTR_RECORD), "record");
}

/* ---- in the store ---- */

static const struct attr *loaded(struct work *w, const char *name)
{
    struct attrs *as;

    assert_ok(attrs_load(w, &as));
    return attr_find(as, name);
}

static void what_is_added_is_loaded(void **state)
{
    struct work *w = *state;

    assert_ok(attr_add(w, "squad", NULL, ATTR_TEXT, NULL, 0));
    assert_ok(
        attr_add(w, "custom.employment_type", "Art der Anstellung", ATTR_SELECT, contracts, 2));
    assert_string_equal(loaded(w, "custom.squad")->label, "Squad");
    const struct attr *attr = loaded(w, "custom.employment_type");
    assert_string_equal(attr->label, "Art der Anstellung");
    assert_int_equal(attr->type, ATTR_SELECT);
    assert_int_equal(attr->flags, ATTR_CUSTOM);
    assert_int_equal(attr->nchoices, 2);
    assert_string_equal(attr->choices[1], "Part time");
    assert_non_null(loaded(w, "title"));
    assert_err(attr_add(w, "squad", NULL, ATTR_DATE, NULL, 0), ERR_CONFLICT,
               "there is an attribute custom.squad already, of type text");
}

static void attributes_belong_to_their_workspace(void **state)
{
    struct work *w = *state;

    assert_ok(attr_add(w, "squad", NULL, ATTR_TEXT, NULL, 0));
    w->workspace++;
    assert_null(loaded(w, "custom.squad"));
    assert_ok(attr_add(w, "squad", NULL, ATTR_FLAG, NULL, 0));
    assert_int_equal(loaded(w, "custom.squad")->type, ATTR_FLAG);
    w->workspace--;
    assert_int_equal(loaded(w, "custom.squad")->type, ATTR_TEXT);
}

static void refuses_names_labels_and_options_that_cannot_be(void **state)
{
    struct work *w = *state;
    static const char *const names[] = {
        "",      "custom.",
        "Squad", "1st",
        "_x",    "a-b",
        "a.b",   "sq uad",
        "squäd", "a2345678901234567890123456789012345678901234567890123456789012345"
    };
    static const char *const twice[] = { "A", "B", "A" }, *const empty[] = { "A", "" };

    for (size_t i = 0; i < COUNT(names); i++)
        assert_err(attr_add(w, names[i], NULL, ATTR_TEXT, NULL, 0), ERR_INVALID,
                   "an attribute's name starts with a letter");
    assert_ok(attr_add(w, "a234567890123456789012345678901234567890123456789012345678901234", NULL,
                       ATTR_TEXT, NULL, 0));
    assert_err(attr_add(w, "x", "\xff", ATTR_TEXT, NULL, 0), ERR_INVALID,
               "a label has 1 to 200 bytes");
    assert_err(attr_add(w, "x", NULL, ATTR_SELECT, NULL, 0), ERR_INVALID,
               "a select has 1 to 1000 options");
    assert_err(attr_add(w, "x", NULL, ATTR_DATE, contracts, 2), ERR_INVALID,
               "only a select has options; x is a date");
    assert_err(attr_add(w, "x", NULL, ATTR_SELECT, twice, 3), ERR_INVALID,
               "the option 'A' is named twice");
    assert_err(attr_add(w, "x", NULL, ATTR_SELECT, empty, 2), ERR_INVALID,
               "an option has 1 to 200 bytes");
    assert_null(loaded(w, "custom.x"));
}

static int64_t revision(struct work *w)
{
    struct rows r;

    assert_ok(store_query(w, &r,
                          "SELECT revision FROM source WHERE workspace = ? AND name = 'hibob'",
                          num(w->workspace)));
    return rows_num(&r, 0, 0);
}

static enum err add_source(struct work *w, void *arg)
{
    (void)arg;
    return store_run(
        w,
        "INSERT INTO source (id, workspace, name, kind, place, options, mapping, revision, paused,"
        " seen, created_at) VALUES (1, ?, 'hibob', 'hibob', 1, '{}', '', 7, 0, '{}', 0)",
        num(w->workspace));
}

static void a_new_option_makes_sources_look_at_everybody_again(void **state)
{
    struct work *w = *state;
    const char *out;

    assert_ok(store_write(w, add_source, NULL));
    assert_ok(attr_add(w, "employment", "Employment type", ATTR_SELECT, contracts, 2));
    assert_int_equal(revision(w), 7);
    assert_err(attr_canonical(w->mem, loaded(w, "custom.employment"), "Contractor", &out),
               ERR_INVALID, "'Contractor' is not an option of Employment type");
    assert_ok(attr_add_choice(w, "employment", "Contractor"));
    assert_int_equal(revision(w), 8);
    assert_ok(attr_canonical(w->mem, loaded(w, "custom.employment"), "Contractor", &out));
    assert_err(attr_add_choice(w, "custom.employment", "Contractor"), ERR_CONFLICT,
               "'Contractor' is an option of Employment type already");
    assert_int_equal(revision(w), 8);
    assert_err(attr_add_choice(w, "nope", "x"), ERR_NOT_FOUND,
               "there is no attribute custom.nope; add it with");
    assert_err(attr_add_choice(w, "employment", ""), ERR_INVALID, "an option has 1 to 200 bytes");
}

static void a_select_can_become_text(void **state)
{
    struct work *w = *state;
    const char *out;

    assert_ok(store_write(w, add_source, NULL));
    assert_ok(attr_add(w, "employment", NULL, ATTR_SELECT, contracts, 2));
    assert_ok(attr_make_text(w, "custom.employment"));
    assert_int_equal(revision(w), 8);
    assert_int_equal(loaded(w, "custom.employment")->nchoices, 0);
    assert_ok(attr_canonical(w->mem, loaded(w, "custom.employment"), "anything", &out));
    assert_ok(attr_make_text(w, "employment"));                /* nothing to do, so nobody is looked at again */
    assert_int_equal(revision(w), 8);
    assert_err(attr_add_choice(w, "employment", "x"), ERR_INVALID,
               "custom.employment is a text; only a select has options");
    assert_err(attr_make_text(w, "nope"), ERR_NOT_FOUND, "there is no attribute custom.nope");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_ARENA(the_builtin_table_is_sorted),
        IN_ARENA(finds_built_in_and_custom_ones_by_name),
        IN_ARENA(numbers_keep_every_digit_in_the_shortest_form),
        IN_ARENA(other_types_take_what_they_say),
        IN_ARENA(an_email_is_an_address),
        IN_ARENA(long_values_meet_a_ceiling),
        IN_ARENA(an_admin_chooses_among_five_types),
        BOTH_ENGINES(what_is_added_is_loaded),
        BOTH_ENGINES(attributes_belong_to_their_workspace),
        BOTH_ENGINES(refuses_names_labels_and_options_that_cannot_be),
        BOTH_ENGINES(a_new_option_makes_sources_look_at_everybody_again),
        BOTH_ENGINES(a_select_can_become_text),
    };

    return RUN_TESTS(tests);
}
