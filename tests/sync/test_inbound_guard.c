/* Too many deactivations by one client within an hour. */
#include "base/str.h"
#include "support/client.h"

static void given(struct work *w, const char *options, int64_t *okta, int64_t *people, int n)
{
    given_company(w, NULL);
    *okta = given_client("okta", options);
    for (int i = 0; i < n; i++)
        people[i] = post(*okta, arena_printf(w->mem, "user_name=p%d", i), NULL);
}

static const char *trouble(void)
{
    const char *words = the_source("okta")->trouble;

    return words ? words : "";
}

static void more_than_five_and_a_fifth_within_an_hour_is_an_incident(void **state_)
{
    int64_t okta, people[20];

    given(*state_, NULL, &okta, people, 20);
    for (int i = 0; i < 5; i++)
        patch(okta, people[i], "state=deactivated", NULL);
    assert_string_equal(trouble(), "");
    patch(okta, people[5], "state=deactivated", NULL);
    assert_non_null(strstr(trouble(), "6 of 20 people were deactivated within an hour"));
    assert_true(patch(okta, people[6], "state=deactivated", NULL));
    assert_ok(delete_it(okta, people[7]));
    assert_string_equal(state("p6"), "deactivated");
}

static void five_of_few_and_a_fifth_of_many_are_fine(void **state_)
{
    int64_t okta, people[40];

    given(*state_, "{\"guard\":\"refuse\"}", &okta, people, 40);
    for (int i = 0; i < 8; i++)
        assert_true(patch(okta, people[i], "state=deactivated", NULL));
    assert_string_equal(trouble(), "");
}

static void further_ones_are_refused_if_the_source_wants_it(void **state_)
{
    int64_t okta, people[20];

    given(*state_, "{\"guard\":\"refuse\"}", &okta, people, 20);
    for (int i = 0; i < 6; i++)
        assert_true(patch(okta, people[i], "state=deactivated", NULL));
    assert_non_null(strstr(trouble(), "refused"));
    assert_err(try_patch(okta, people[6], "state=deactivated", NULL), ERR_BUSY, "okta");
    assert_err(delete_it(okta, people[6]), ERR_BUSY, "within an hour");
    assert_string_equal(state("p6"), "active");
    assert_true(patch(okta, people[6], "title=x", NULL));          /* everything else goes on */
    assert_true(patch(okta, people[0], "state=active", NULL));
    post(okta, "user_name=new", "state=deactivated", NULL);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        BOTH_ENGINES(more_than_five_and_a_fifth_within_an_hour_is_an_incident),
        BOTH_ENGINES(five_of_few_and_a_fifth_of_many_are_fine),
        BOTH_ENGINES(further_ones_are_refused_if_the_source_wants_it),
    };

    return RUN_TESTS(tests);
}
