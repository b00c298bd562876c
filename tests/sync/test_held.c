/* test_held.c — plans that wait: approved, ticked out, refused, superseded; and what is remembered. */
#include <string.h>

#include "base/str.h"
#include "support/company.h"
#include "sync/held.h"

#define HEAD "external_id,email,given_name,title,manager,state\n"
#define ADA "1,ada@x.example,Ada,CEO,,active\n"
#define BO "2,bo@x.example,Bo,Dev,1,active\n"

static const struct sync_request reviewed = { .review = true };

static void a_reviewed_plan_waits_and_is_applied_as_it_stands(void **state_)
{
    given_company(*state_, NULL);
    struct run *held = sync_with("hr", HEAD ADA BO, &reviewed, OK);
    assert_string_equal(held->state, "held");
    assert_true(tripped("review"));
    assert_true(nobody("1"));
    apply_held(held, NULL, 0);
    counts("read 2, created 2");
    assert_string_equal(manager("2"), "Ada");
    sync_csv(NULL);
    counts("read 2, unchanged 2");
}

static void a_new_plan_supersedes_the_waiting_one(void **state_)
{
    struct work *w = *state_;
    struct run old;

    given_company(w, NULL);
    struct run *held = sync_with("hr", HEAD ADA, &reviewed, OK);
    struct run *next = sync_with("hr", HEAD ADA BO, &reviewed, OK);
    assert_ok(run_load(w, held->id, &old));
    assert_string_equal(old.state, "superseded");
    struct run out;
    assert_err(sync_apply(w, held->id, NULL, 0, &reviewed, &out), ERR_CONFLICT, "newer plan");
    apply_held(next, NULL, 0);
    counts("read 2, created 2");
}

static void a_person_changed_since_is_stale_and_the_rest_go_on(void **state_)
{
    given_company(*state_, NULL);
    sync_csv(HEAD ADA BO);
    struct run *held =
        sync_with("hr", HEAD "1,ada@x.example,Ada,Boss,,active\n2,bo@x.example,Bo,Lead,1,active\n",
                  &reviewed, OK);
    edit("1", "title", "Queen");
    apply_held(held, NULL, 0);
    counts("read 2, updated 1, stale 1");
    assert_string_equal(value("1", "title"), "Queen");
    assert_string_equal(value("2", "title"), "Lead");
    sync_csv(NULL);
    assert_string_equal(value("1", "title"), "Boss");        /* HR overrides at the next run */
}

static void a_row_ticked_out_stays_out_while_hr_says_the_same(void **state_)
{
    given_company(*state_, NULL);
    sync_csv(HEAD ADA BO);
    struct run *held =
        sync_with("hr", HEAD "1,ada@x.example,Ada,Boss,,active\n2,bo@x.example,Bo,Lead,1,active\n",
                  &reviewed, OK);
    int64_t seq = seq_of(held, "1");
    apply_held(held, &seq, 1);
    counts("read 2, updated 1, unchanged 1");
    assert_string_equal(value("1", "title"), "CEO");
    sync_csv(NULL);
    assert_true(found("held_back"));
    assert_string_equal(value("1", "title"), "CEO");
    sync_csv(HEAD "1,ada@x.example,Ada,President,,active\n2,bo@x.example,Bo,Lead,1,active\n");
    assert_string_equal(value("1", "title"), "President");
    assert_int_equal(rows_in("held_back"), 0);
}

/* The create is ticked out: whoever names them keeps the manager they had, and waits. */
static void reports_of_somebody_ticked_out_wait_for_them(void **state_)
{
    given_company(*state_, NULL);
    sync_csv(HEAD ADA BO);
    struct run *held =
        sync_with("hr",
                  HEAD ADA "2,bo@x.example,Bo,Dev,3,active\n3,cy@x.example,Cy,VP,1,active\n"
                           "4,di@x.example,Di,Dev,3,active\n",
                  &reviewed, OK);
    int64_t seq = seq_of(held, "3");
    apply_held(held, &seq, 1);
    counts("read 4, created 1, updated 1, unchanged 2");
    assert_true(nobody("3"));
    assert_string_equal(manager("2"), "Ada");
    assert_string_equal(manager("4"), "");
    sync_csv(NULL);
    assert_true(found("held_back"));
    assert_string_equal(manager("2"), "Ada");
    int64_t n;
    assert_ok(held_release_record(the_work(), "3", &n));
    assert_int_equal(n, 1);
    sync_csv(NULL);
    assert_string_equal(manager("2"), "Cy");
    assert_string_equal(manager("4"), "Cy");
}

static void additional_managers_ticked_out_leave_no_trace(void **state_)
{
#define HEAD_A "external_id,email,given_name,additional_managers,state\n"
    struct work *w = *state_;

    given_company(w, NULL);
    sync_csv(HEAD_A "1,ada@x.example,Ada,,active\n");
    struct run *held = sync_with(
        "hr", HEAD_A "1,ada@x.example,Ada,2,active\n2,bo@x.example,Bo,,active\n", &reviewed, OK);
    int64_t seq = seq_of(held, "2");
    apply_held(held, &seq, 1);
    assert_string_equal(value("1", "additional_managers"), "");
}

static void a_refused_plan_is_not_made_again_until_hr_changes(void **state_)
{
    given_company(*state_, NULL);
    sync_csv(HEAD ADA BO);
    struct run *held =
        sync_with("hr",
                  HEAD "1,ada@x.example,Ada,Boss,,active\n2,bo@x.example,Bo,Dev,1,gone\n"
                       "3,cy@x.example,Cy,Dev,1,active\n",
                  &reviewed, OK);
    refuse(held);
    sync_csv(NULL);
    counts("read 3, unchanged 3");
    assert_string_equal(value("1", "title"), "CEO");
    assert_string_equal(state("2"), "active");
    assert_true(nobody("3"));
    sync_csv(HEAD "1,ada@x.example,Ada,King,,active\n2,bo@x.example,Bo,Dev,1,leave\n3,cy@x.example,"
                  "Cy,Dev,1,active\n");
    assert_string_equal(value("1", "title"), "King");
    assert_string_equal(state("2"), "deactivated");
    assert_true(nobody("3"));
}

/* They left and came again: that is another thing HR says. */
static void a_refused_newcomer_who_left_and_returns_is_planned_again(void **state_)
{
    given_company(*state_, NULL);
    sync_csv(HEAD ADA);
    refuse(sync_with("hr", HEAD ADA BO, &reviewed, OK));
    sync_csv(HEAD ADA BO);
    assert_true(nobody("2"));
    sync_csv(HEAD ADA "2,bo@x.example,Bo,Dev,1,gone\n");
    counts("read 2, unchanged 1, not_active 1");
    sync_csv(HEAD ADA BO);
    counts("read 2, created 1, unchanged 1");
}

static void a_dry_plan_applies_nothing(void **state_)
{
    static const struct sync_request dry = { .plan_only = true };

    given_company(*state_, NULL);
    struct run *run = sync_with("hr", HEAD ADA BO, &dry, OK);
    assert_string_equal(run->state, "planned");
    counts("read 2, created 2");
    assert_true(nobody("1"));
}

static void a_team_row_cannot_leave_people_in_no_team(void **state_)
{
    struct run_row *rows;
    struct run out;
    size_t n;
    struct work *w = *state_;

    given_company(w, NULL);
    struct run *held = sync_with(
        "hr", "external_id,email,teams,state\n1,ada@x.example,Tech,active\n", &reviewed, OK);
    assert_ok(run_rows(w, held->id, 0, 10, 10, &rows, &n));
    assert_int_equal(rows[0].kind, ROW_TEAM);
    assert_err(sync_apply(w, held->id, &rows[0].seq, 1, &reviewed, &out), ERR_CONFLICT, "Tech");
    apply_held(held, NULL, 0);
    assert_string_equal(teams("1"), "Tech");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        BOTH_ENGINES(a_reviewed_plan_waits_and_is_applied_as_it_stands),
        BOTH_ENGINES(a_new_plan_supersedes_the_waiting_one),
        BOTH_ENGINES(a_person_changed_since_is_stale_and_the_rest_go_on),
        BOTH_ENGINES(a_row_ticked_out_stays_out_while_hr_says_the_same),
        BOTH_ENGINES(reports_of_somebody_ticked_out_wait_for_them),
        BOTH_ENGINES(additional_managers_ticked_out_leave_no_trace),
        BOTH_ENGINES(a_refused_plan_is_not_made_again_until_hr_changes),
        BOTH_ENGINES(a_refused_newcomer_who_left_and_returns_is_planned_again),
        BOTH_ENGINES(a_dry_plan_applies_nothing),
        BOTH_ENGINES(a_team_row_cannot_leave_people_in_no_team),
    };

    return RUN_TESTS(tests);
}
