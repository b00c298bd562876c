/* HR and a SCIM client in one workspace: whose word is heard, and what is kept of the other's. */
#include "base/id.h"
#include "base/str.h"
#include "support/client.h"
#include "support/people.h"
#include "sync/pinned.h"
#include "sync/why.h"

#define HEAD "external_id,email,given_name,title,location,teams,manager,state\n"
#define ANA "17,ana@example.com,Ana,Engineer,Berlin,Sales,,active\n"

static int64_t okta, ana;

static void given(struct work *w)
{
    given_company(w, "auto_reactivate: true");
    okta = given_client("okta", NULL);
    sync_csv(HEAD ANA);
    ana = the("ana@example.com");
}

static void the_higher_rank_is_heard_and_the_other_kept_as_a_claim(void **state_)
{
    given(*state_);
    assert_true(sees(okta, ana));
    assert_err(try_post(okta, "user_name=ana@example.com", NULL), ERR_CONFLICT, "is taken");
    assert_true(patch(okta, ana, "title=Chief", "phone=123", "external_id=00u1", NULL));
    assert_string_equal(value("17", "title"), "Engineer");
    assert_string_equal(value("17", "phone"), "123");
    assert_string_equal(value("17", "external_id"), "17");         /* HR's: the first-ranked */
    assert_non_null(strstr(noted(), "Title is kept as a claim"));
    assert_non_null(strstr(link_to("okta", "00u1").said, "\"title\":\"Chief\""));
    assert_string_equal(rows_of(okta), "link 1");
    int64_t version = version_of(ana);
    assert_false(patch(okta, ana, "title=Boss", NULL));
    assert_int_equal(version_of(ana), version);
    assert_string_equal(rows_of(okta), "link 1, note 1");
    check_history();
}

static void a_client_that_ranks_first_takes_over_and_hr_steps_back_in(void **state_)
{
    struct work *w = *state_;
    struct source_row row;

    given(w);
    assert_ok(source_row_load(w, "hr", &row));
    row.place = 99;
    assert_ok(store_write(w, (write_fn *)source_row_update, &row));
    assert_true(patch(okta, ana, "title=Chief", "external_id=00u1", NULL));
    assert_string_equal(value("00u1", "title"), "Chief");
    assert_true(nobody("17"));
    sync_csv(HEAD "17,ana@example.com,Ana,Lead,Berlin,Sales,,active\n");
    assert_string_equal(value("00u1", "title"), "Chief");
    assert_true(patch(okta, ana, "title", NULL));
    assert_string_equal(value("00u1", "title"), "Lead");            /* HR is the next one to say it */
    assert_true(patch(okta, ana, "external_id", NULL));
    assert_int_equal(the("17"), ana);
    check_history();
}

static void an_override_stands_above_all(void **state_)
{
    struct work *w = *state_;

    given_company(w, NULL);
    okta = given_client("okta", NULL);
    int64_t bo = post(okta, "user_name=bo", "title=Engineer", NULL);
    struct pinned pin = { bo, 0, "title", "Boss", "admin", "because" };
    assert_ok(pinned_put(w, &pin));
    edit("bo", "title", "Boss");
    assert_false(patch(okta, bo, "title=Lead", NULL));
    assert_string_equal(value("bo", "title"), "Boss");
    assert_non_null(strstr(noted(), "overridden"));
}

static void states_are_claims_too(void **state_)
{
    given(*state_);
    assert_false(patch(okta, ana, "state=deactivated", NULL));
    assert_string_equal(state("17"), "active");
    assert_non_null(strstr(noted(), "State is kept as a claim"));
    sync_csv(HEAD "17,ana@example.com,Ana,Engineer,Berlin,Sales,,gone\n"
                  "18,bo@example.com,Bo,Engineer,Berlin,Sales,,active\n");
    assert_string_equal(state("17"), "deactivated");
    assert_false(patch(okta, ana, "state=active", NULL));
    assert_string_equal(state("17"), "deactivated");
}

static void teams_of_each_source_are_its_own(void **state_)
{
    given(*state_);
    assert_true(patch(okta, ana, "department=Sales", "division=EMEA", NULL));
    assert_string_equal(teams("17"), "EMEA, Sales");
    sync_csv(HEAD "17,ana@example.com,Ana,Engineer,Berlin,Support,,active\n");
    assert_string_equal(teams("17"), "EMEA, Sales, Support");
    assert_true(patch(okta, ana, "department", NULL));
    assert_string_equal(teams("17"), "EMEA, Support");
    check_history();
}

static void why_tells_both_claims(void **state_)
{
    struct work *w = *state_;
    struct why why;

    given(w);
    patch(okta, ana, "title=Chief", "phone=123", NULL);
    assert_ok(why_person(w, the_attrs(), ana, attr_builtin("title"), &why));
    assert_string_equal(why.values[0].origin, "hr");
    assert_int_equal(why.values[0].nclaims, 2);
    assert_string_equal(why.values[0].claims[1].source, "okta");
    assert_string_equal(why.values[0].claims[1].said, "Chief");
    assert_non_null(strstr(why.values[0].claims[1].lost, "higher rank"));
    assert_ok(why_person(w, the_attrs(), ana, attr_builtin("phone"), &why));
    assert_string_equal(why.values[0].origin, "okta");
    assert_string_equal(why.values[0].set.kind, "scim");
}

static void the_sync_goes_on_as_if_the_client_were_not_there(void **state_)
{
    given(*state_);
    patch(okta, ana, "title=Chief", "phone=1", NULL);
    sync_csv(HEAD ANA);
    counts("read 1, unchanged 1");
    assert_string_equal(value("17", "phone"), "1");
    post(okta, "user_name=bo", "email=bo@example.com", NULL);
    sync_csv(HEAD ANA "18,bo@example.com,Bo,Engineer,Berlin,Sales,,active\n");
    assert_string_equal(value("18", "title"), "Engineer");         /* matched by the e-mail */
    check_history();
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        BOTH_ENGINES(the_higher_rank_is_heard_and_the_other_kept_as_a_claim),
        BOTH_ENGINES(a_client_that_ranks_first_takes_over_and_hr_steps_back_in),
        BOTH_ENGINES(an_override_stands_above_all),
        BOTH_ENGINES(states_are_claims_too),
        BOTH_ENGINES(teams_of_each_source_are_its_own),
        BOTH_ENGINES(why_tells_both_claims),
        BOTH_ENGINES(the_sync_goes_on_as_if_the_client_were_not_there),
    };

    return RUN_TESTS(tests);
}
