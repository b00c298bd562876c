/* test_missing.c — people whom a complete answer does not name any more. */
#include <string.h>

#include "base/str.h"
#include "support/company.h"

#define HEAD "external_id,email,given_name,title,state\n"
#define ADA "1,ada@x.example,Ada,,active\n"
#define BO "2,bo@x.example,Bo,,active\n"
#define CY "3,cy@x.example,Cy,,active\n"
#define LOOSE "records: {percent: 10}"

static void the_second_run_without_somebody_proposes_and_waits(void **state_)
{
    given_company(*state_, LOOSE);
    sync_csv(HEAD ADA BO CY);
    struct run *first = sync_csv(HEAD ADA BO);
    assert_string_equal(first->state, "applied");
    counts("read 2, unchanged 2, missing 1");
    assert_true(found("missing"));
    assert_string_equal(state("3"), "active");
    struct run *second = sync_csv(HEAD ADA BO);
    assert_string_equal(second->state, "held");
    assert_true(tripped("missing"));
    counts("read 2, unchanged 2, missing 1");
    assert_string_equal(state("3"), "active");
    apply_held(second, NULL, 0);
    assert_string_equal(state("3"), "deactivated");
    sync_csv(HEAD ADA BO);
    counts("read 2, unchanged 2");
}

static void somebody_who_returns_starts_again(void **state_)
{
    given_company(*state_, LOOSE);
    sync_csv(HEAD ADA BO CY);
    sync_csv(HEAD ADA BO);
    assert_int_equal(link_to("hr", "3").missing, 1);
    sync_csv(HEAD ADA BO CY);
    counts("read 3, unchanged 3");
    assert_int_equal(link_to("hr", "3").missing, 0);
    assert_string_equal(sync_csv(HEAD ADA BO)->state, "applied");
    sync_csv(HEAD ADA BO CY);
}

static void somebody_deactivated_for_being_missing_returns(void **state_)
{
    given_company(*state_, LOOSE "\nauto_reactivate: true\non_missing: deactivate");
    sync_csv(HEAD ADA BO CY);
    sync_csv(HEAD ADA BO);
    assert_string_equal(sync_csv(HEAD ADA BO)->state, "applied");
    assert_string_equal(state("3"), "deactivated");
    sync_csv(HEAD ADA BO CY);
    counts("read 3, reactivated 1, unchanged 2");
    assert_string_equal(state("3"), "active");
}

static void with_keep_nobody_is_ever_proposed(void **state_)
{
    given_company(*state_, LOOSE "\non_missing: keep");
    sync_csv(HEAD ADA BO CY);
    for (int i = 0; i < 4; i++)
        assert_string_equal(sync_csv(HEAD ADA BO)->state, "applied");
    int64_t rows = rows_in("run_row");
    sync_csv(HEAD ADA BO);
    assert_int_equal(rows_in("run_row"), rows);  /* counted far enough */
    assert_string_equal(state("3"), "active");
}

static void a_proposal_that_is_ticked_out_is_not_made_again(void **state_)
{
    given_company(*state_, LOOSE);
    sync_csv(HEAD ADA BO CY);
    sync_csv(HEAD ADA BO);
    struct run *held = sync_csv(HEAD ADA BO);
    int64_t seq = seq_of(held, "3");
    apply_held(held, &seq, 1);
    counts("read 2, unchanged 2, missing 1");
    assert_string_equal(state("3"), "active");
    assert_string_equal(sync_csv(HEAD ADA BO)->state, "applied");
    assert_true(found("held_back"));
    sync_csv(HEAD ADA BO CY);                    /* they return: the hold ends */
    sync_csv(HEAD ADA BO);
    assert_true(tripped("missing") || sync_csv(HEAD ADA BO)->guards != NULL);
}

static void a_proposal_about_somebody_changed_since_is_stale(void **state_)
{
    given_company(*state_, LOOSE);
    sync_csv(HEAD ADA BO CY);
    sync_csv(HEAD ADA BO);
    struct run *held = sync_csv(HEAD ADA BO);
    edit("3", "state", "suspended");
    apply_held(held, NULL, 0);
    assert_string_equal(state("3"), "suspended");
}

static void the_protected_are_not_proposed(void **state_)
{
    given_company(*state_, LOOSE);
    sync_csv(HEAD ADA BO CY);
    protect("3");
    for (int i = 0; i < 3; i++)
        assert_string_equal(sync_csv(HEAD ADA BO)->state, "applied");
    assert_string_equal(state("3"), "active");
}

/* The first-ranked source goes on saying that they are active. */
static void missing_in_a_lower_source_deactivates_nobody(void **state_)
{
    given_company(*state_, LOOSE);
    sync_csv(HEAD ADA BO CY);
    given_source("second", LOOSE);
    struct run *linking = sync_of("second", HEAD ADA BO CY);
    if (str_eq(linking->state, "held"))
        apply_held(linking, NULL, 0);
    sync_of("second", HEAD ADA BO);
    sync_of("second", HEAD ADA BO);
    assert_false(tripped("missing"));
    assert_string_equal(state("3"), "active");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        BOTH_ENGINES(the_second_run_without_somebody_proposes_and_waits),
        BOTH_ENGINES(somebody_who_returns_starts_again),
        BOTH_ENGINES(somebody_deactivated_for_being_missing_returns),
        BOTH_ENGINES(with_keep_nobody_is_ever_proposed),
        BOTH_ENGINES(a_proposal_that_is_ticked_out_is_not_made_again),
        BOTH_ENGINES(a_proposal_about_somebody_changed_since_is_stale),
        BOTH_ENGINES(the_protected_are_not_proposed),
        BOTH_ENGINES(missing_in_a_lower_source_deactivates_nobody),
    };

    return RUN_TESTS(tests);
}
