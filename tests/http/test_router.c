/* test_router.c — from method and path to a row. */
#include <string.h>

#include "base/str.h"
#include "http/router.h"
#include "support/support.h"

static const struct route pages[] = {
    { GET, "/", .summary = "home" },
    { GET, "/runs", .summary = "runs" },
    { GET, "/runs/{id}", .summary = "run" },
    {},
};
static const struct route people[] = {
    { GET, "/people/{id}", .summary = "person" },
    { PATCH, "/people/{id}", .summary = "change" },
    { DELETE, "/people/{id}", .summary = "drop" },
    { POST, "/people/{id}/teams/{team}", .summary = "join" },
    {},
};
static const struct route *const tables[] = { pages, people, NULL };

static void finds_the_row(void **state)
{
    static const struct { const char *method, *path, *summary; } cases[] = {
        { "GET", "/", "home" },
        { "HEAD", "/", "home" },
        { "GET", "/runs", "runs" },
        { "GET", "/runs/x", "run" },
        { "HEAD", "/runs/x", "run" },
        { "PATCH", "/people/1", "change" },
        { "DELETE", "/people/1", "drop" },
        { "POST", "/people/1/teams/a b", "join" },
    };
    AUTO(arena) *a = arena_new();
    AUTO(router) *router = router_new(tables);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct route *r = NULL;
        const char *allow = NULL;
        assert_ok(router_find(router, a, cases[i].method, cases[i].path, &r, &allow));
        assert_string_equal(r->summary, cases[i].summary);
    }
}

static void says_what_is_not_there_and_what_is_not_done(void **state)
{
    static const struct { const char *method, *path, *allow; } cases[] = {
        { "GET", "/nothing", NULL },
        { "GET", "/run", NULL },
        { "GET", "/runsx", NULL },
        { "GET", "/runs/", NULL },
        { "GET", "/runs//", NULL },
        { "GET", "//", NULL },
        { "GET", "/runs/x/y", NULL },
        { "POST", "/people//teams/x", NULL },
        { "POST", "/", "GET, HEAD" },
        { "PUT", "/people/1", "GET, HEAD, PATCH, DELETE" },
        { "HEAD", "/people/1/teams/2", "POST" },
        { "get", "/", "GET, HEAD" },
        { "BREW", "/", "GET, HEAD" },
    };
    AUTO(arena) *a = arena_new();
    AUTO(router) *router = router_new(tables);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct route *r = NULL;
        const char *allow = NULL;
        print_message("  %s %s\n", cases[i].method, cases[i].path);
        assert_err(router_find(router, a, cases[i].method, cases[i].path, &r, &allow),
                   cases[i].allow ? ERR_USAGE : ERR_NOT_FOUND, cases[i].path);
        assert_true(str_eq(allow, cases[i].allow));
        assert_null(r);
    }
}

static void gives_the_parts_of_a_path(void **state)
{
    static const char pattern[] = "/people/{id}/teams/{team}";
    AUTO(arena) *a = arena_new();

    (void)state;
    assert_string_equal(router_part(a, pattern, "/people/ada/teams/Sales & Ops", "id"), "ada");
    assert_string_equal(router_part(a, pattern, "/people/ada/teams/Sales & Ops", "team"),
                        "Sales & Ops");
    assert_null(router_part(a, pattern, "/people/ada/teams/x", "teams"));
    assert_null(router_part(a, pattern, "/people/ada/teams/x", "i"));
    assert_null(router_part(a, "/", "/", "id"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(finds_the_row),
        TEST(says_what_is_not_there_and_what_is_not_done),
        TEST(gives_the_parts_of_a_path),
    };

    return RUN_TESTS(tests);
}
