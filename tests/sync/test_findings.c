/* test_findings.c — warnings gathered by kind, subject and value, in words. */
#include <string.h>

#include "base/json.h"
#include "base/str.h"
#include "support/support.h"
#include "sync/findings.h"

static struct findings *fresh(void)
{
    static struct findings f;

    f = (struct findings){ .mem = arena_new() };
    return &f;
}

static void forget(struct findings *f)
{
    findings_free(f);
    arena_free(f->mem);
}

static void the_same_finding_is_counted_and_names_the_first_ten(void **state)
{
    struct findings *f = fresh();
    (void)state;

    for (int i = 0; i < 28; i++)
        findings_add(f, FINDING_not_an_option, "Kind", "Full Time", arena_printf(f->mem, "p%d", i));
    findings_add(f, FINDING_not_an_option, "Kind", "Half Time", "q");
    assert_int_equal(f->n, 2);
    assert_int_equal(f->list[0].count, 28);
    assert_int_equal(f->list[0].nwho, 10);
    assert_int_equal(findings_count(f, FINDING_not_an_option), 29);
    const char *json = findings_json(f->mem, f);
    assert_non_null(strstr(json, "'Full Time' is not an option of Kind"));
    assert_non_null(strstr(json, "\"count\":28"));
    forget(f);
}

static void what_needs_somebody_comes_first(void **state)
{
    struct findings *f = fresh();
    (void)state;

    findings_add(f, FINDING_missing, NULL, NULL, "Ada");
    assert_false(findings_attention(f));
    findings_add(f, FINDING_no_email, NULL, NULL, "Bo");
    assert_true(findings_attention(f));
    const char *json = findings_json(f->mem, f);
    assert_true(strstr(json, "no_email") < strstr(json, "\"missing\""));
    forget(f);
}

static void beyond_a_thousand_the_rest_is_one_line_a_kind(void **state)
{
    struct findings *f = fresh();
    (void)state;

    findings_add(f, FINDING_no_email, NULL, NULL, "first");
    for (int i = 0; i < 5000; i++)
        findings_add(f, FINDING_manager_unknown, "Manager", arena_printf(f->mem, "m%d", i), "x");
    findings_add(f, FINDING_no_email, NULL, NULL,
                 "last"); /* one that is there goes on being counted */
    findings_add(f, FINDING_missing, NULL, NULL, "new");
    assert_true(f->n <= 1000 + FINDING_KINDS);
    assert_int_equal(findings_count(f, FINDING_manager_unknown), 5000);
    assert_int_equal(f->list[0].count, 2);
    assert_non_null(strstr(findings_json(f->mem, f), "(several)"));
    forget(f);
}

/* Any text may stand in HR: none of it is a format or breaks the JSON. */
static void a_value_is_only_ever_text(void **state)
{
    static const char *const odd[] = { "%s%n", "%2$s", "\"\\", "\n\t", "100 % $s", "ü€" };
    struct findings *f = fresh();
    yyjson_val *root;
    (void)state;

    for (size_t i = 0; i < COUNT(odd); i++)
        findings_add(f, FINDING_team_alike, odd[i], odd[COUNT(odd) - 1 - i], odd[i]);
    const char *json = findings_json(f->mem, f);
    assert_ok(json_read_in(f->mem, json, strlen(json), &root));
    assert_int_equal(yyjson_arr_size(root), COUNT(odd));
    assert_string_equal(json_text(yyjson_arr_get(root, 0), "subject"), "%s%n");
    forget(f);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(the_same_finding_is_counted_and_names_the_first_ten),
        TEST(what_needs_somebody_comes_first),
        TEST(beyond_a_thousand_the_rest_is_one_line_a_kind),
        TEST(a_value_is_only_ever_text),
    };

    return RUN_TESTS(tests);
}
