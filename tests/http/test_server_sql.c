/* test_server_sql.c — the workspace that an address names. */
#include "http/server_sql.h"
#include "support/support.h"

static void finds_a_workspace_by_its_name(void **state)
{
    struct work *w = *state;
    int64_t main_workspace = w->workspace;

    w->workspace = 0;
    assert_ok(server_workspace(w, "main"));
    assert_int_equal(w->workspace, main_workspace);
}

static void says_which_one_there_is_not(void **state)
{
    static const char *const names[] = { "acme", "", "Main", "main ", "main' OR '1'='1" };
    struct work *w = *state;

    for (size_t i = 0; i < COUNT(names); i++)
        assert_err(server_workspace(w, names[i]), ERR_NOT_FOUND, names[i]);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        BOTH_ENGINES(finds_a_workspace_by_its_name),
        BOTH_ENGINES(says_which_one_there_is_not),
    };

    return RUN_TESTS(tests);
}
