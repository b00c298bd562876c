/* test_managers.c — reporting lines: whatever the order, one pass, and never a circle. */
#include <string.h>

#include "base/buf.h"
#include "base/id.h"
#include "base/str.h"
#include "support/company.h"

#define HEAD "external_id,email,given_name,title,manager,state\n"
#define EASY                                                                                       \
    "fill_rate: {points: 100}\nmanagers: {percent: 100, count: 1000}\nrecords: {percent: "         \
    "1}\none_attribute: {percent: 100, count: 1000}"                                               \
    "\ncreates: {percent: 100, count: 1000}"

static void managers_may_come_after_their_reports(void **state_)
{
    given_company(*state_, EASY);
    sync_csv(
        HEAD
        "1,a@x.example,Ada,,2,active\n2,b@x.example,Bo,,3,active\n3,c@x.example,Cy,,,active\n");
    counts("read 3, created 3");
    assert_string_equal(manager("1"), "Bo");
    assert_string_equal(manager("2"), "Cy");
    assert_int_equal(rows_in("waiting"), 0);
}

static void managers_may_be_named_by_e_mail(void **state_)
{
    given_company(*state_, EASY);
    sync_csv(HEAD "1,a@x.example,Ada,,B@x.example,active\n2,b@x.example,Bo,,c@x.example,active\n"
             "3,c@x.example,Cy,,,active\n4,d@x.example,Di,,c@x.example,active\n");
    assert_string_equal(manager("1"), "Bo");
    assert_string_equal(manager("2"), "Cy");
    assert_string_equal(manager("4"), "Cy");
}

static void an_unknown_manager_is_waited_for_and_heals_in_the_next_run(void **state_)
{
    given_company(*state_, EASY);
    sync_csv(HEAD "1,a@x.example,Ada,,9,active\n2,b@x.example,Bo,,,active\n");
    assert_true(found("manager_unknown"));
    assert_string_equal(manager("1"), "");
    assert_int_equal(rows_in("waiting"), 1);
    sync_csv(NULL);
    assert_true(found("manager_unknown"));
    sync_csv(
        HEAD
        "1,a@x.example,Ada,,9,active\n2,b@x.example,Bo,,,active\n9,i@x.example,Ivy,,,active\n");
    assert_string_equal(manager("1"), "Ivy");
    assert_int_equal(rows_in("waiting"), 0);
    sync_csv(NULL);
    assert_false(found("manager_unknown"));
    sync_csv(NULL);
    counts("read 3, unchanged 3");
}

static void a_reference_by_e_mail_heals_when_another_source_brings_them(void **state_)
{
    given_company(*state_, EASY);
    sync_csv(HEAD "1,a@x.example,Ada,,ivy@x.example,active\n");
    assert_string_equal(manager("1"), "");
    given_source("second", EASY);
    sync_of("second", HEAD "i9,ivy@x.example,Ivy,,,active\n");
    assert_string_equal(manager("1"), "Ivy");
    assert_int_equal(rows_in("waiting"), 0);
}

static void a_reference_heals_when_somebody_is_made_by_hand(void **state_)
{
    given_company(*state_, EASY);
    sync_csv(HEAD "1,a@x.example,Ada,,ivy@x.example,active\n");
    by_hand("ivy@x.example", "Ivy", NULL);
    assert_string_equal(manager("1"), "Ivy");
    check_history();
}

static void nobody_is_their_own_manager(void **state_)
{
    given_company(*state_, EASY);
    sync_csv(HEAD "1,a@x.example,Ada,,1,active\n2,b@x.example,Bo,,b@x.example,active\n3,c@x."
                  "example,Cy,,1,active\n");
    counts("read 3, created 3");
    assert_true(found("manager_self"));
    assert_false(found("manager_circle"));
    assert_string_equal(manager("1"), "");
    assert_string_equal(manager("2"), "");
    sync_csv(HEAD "1,a@x.example,Ada,,1,active\n2,b@x.example,Bo,,b@x.example,active\n3,c@x."
                  "example,Cy,,c@x.example,active\n");
    assert_string_equal(manager("3"), "Ada");    /* the one there before stays */
}

static void circle_of(size_t n)
{
    AUTO_BUF csv = {};

    buf_puts(&csv, HEAD);
    for (size_t i = 0; i < n; i++)
        buf_printf(&csv, "%zu,p%zu@x.example,P%zu,,%zu,active\n", i + 1, i + 1, i + 1,
                   (i + 1) % n + 1);
    sync_csv(arena_textn(the_work()->mem, csv.at, csv.n));
}

static void a_circle_is_opened_at_the_highest_record_id(void **state_)
{
    static const size_t sizes[] = { 2, 3, 50 };

    given_company(*state_, EASY "\non_missing: keep");
    for (size_t i = 0; i < COUNT(sizes); i++) {
        const char *last = arena_printf(the_work()->mem, "%zu", sizes[i]);
        if (i)
            circle_of(1);
        circle_of(sizes[i]);
        assert_true(found("manager_circle"));
        if (i == 0) {
            assert_string_equal(manager("1"), "P2");
            assert_string_equal(manager(last), "");
        }
        circle_of(sizes[i]);
        assert_true(found("manager_circle"));    /* tried again every run */
    }
}

static void the_edge_that_is_there_stays(void **state_)
{
    given_company(*state_, EASY);
    sync_csv(
        HEAD
        "1,a@x.example,Ada,,,active\n2,b@x.example,Bo,,1,active\n3,c@x.example,Cy,,2,active\n");
    sync_csv(
        HEAD
        "1,a@x.example,Ada,,3,active\n2,b@x.example,Bo,,1,active\n3,c@x.example,Cy,,2,active\n");
    assert_true(found("manager_circle"));
    assert_string_equal(manager("1"), "");
    assert_string_equal(manager("2"), "Ada");
    sync_csv(
        HEAD
        "1,a@x.example,Ada,,3,active\n2,b@x.example,Bo,,1,active\n3,c@x.example,Cy,,,active\n");
    assert_string_equal(manager("3"), "");       /* the other's record opens it */
    assert_string_equal(manager("1"), "Cy");
    assert_false(found("manager_circle"));
}

static void a_chain_may_be_turned_round_in_one_run(void **state_)
{
    given_company(*state_, EASY);
    sync_csv(
        HEAD
        "1,a@x.example,Ada,,,active\n2,b@x.example,Bo,,1,active\n3,c@x.example,Cy,,2,active\n");
    sync_csv(
        HEAD
        "1,a@x.example,Ada,,2,active\n2,b@x.example,Bo,,3,active\n3,c@x.example,Cy,,,active\n");
    counts("read 3, updated 3");
    assert_string_equal(manager("1"), "Bo");
    assert_string_equal(manager("2"), "Cy");
    assert_string_equal(manager("3"), "");
}

/* One half of the turn comes out stale: the other half alone would be a circle. */
static void half_a_turn_is_not_applied(void **state_)
{
    static const struct sync_request reviewed = { .review = true };
    static const char *const turned[] = {
        HEAD "1,a@x.example,Ada,New,2,active\n2,b@x.example,Bo,New,,active\n",
        HEAD "2,b@x.example,Bo,New,,active\n1,a@x.example,Ada,New,2,active\n",
    };

    given_company(*state_, EASY);
    for (size_t i = 0; i < COUNT(turned); i++) {
        sync_csv(HEAD "1,a@x.example,Ada,,,active\n2,b@x.example,Bo,,1,active\n");
        sync_csv(NULL);
        struct run *held = sync_with("hr", turned[i], &reviewed, OK);
        edit("2", "title", "By hand");
        apply_held(held, NULL, 0);               /* check_forest() looks */
        assert_string_equal(manager("2"), "Ada");
        assert_string_equal(manager("1"), "");
        sync_csv(NULL);
        assert_string_equal(manager("1"), "Bo");
        assert_string_equal(manager("2"), "");
    }
}

static void half_a_turn_ticked_out_is_no_circle_either(void **state_)
{
    static const struct sync_request reviewed = { .review = true };

    given_company(*state_, EASY);
    sync_csv(HEAD "1,a@x.example,Ada,,,active\n2,b@x.example,Bo,,1,active\n");
    struct run *held = sync_with(
        "hr", HEAD "1,a@x.example,Ada,,2,active\n2,b@x.example,Bo,,,active\n", &reviewed, OK);
    int64_t seq = seq_of(held, "2");
    apply_held(held, &seq, 1);
    assert_string_equal(manager("1"), "");
    assert_string_equal(manager("2"), "Ada");
}

static void a_manager_who_is_not_active_is_noted(void **state_)
{
    given_company(*state_, EASY);
    sync_csv(HEAD "1,a@x.example,Ada,,,active\n2,b@x.example,Bo,,,active\n");
    edit("1", "state", "deactivated");
    sync_csv(HEAD "1,a@x.example,Ada,,,active\n2,b@x.example,Bo,,1,active\n");
    assert_true(found("manager_inactive"));
    assert_string_equal(manager("2"), "Ada");
}

/* Their manager's address went to somebody else in this very run: the new holder is meant. */
static void a_manager_named_by_a_swapped_address_is_the_new_holder(void **state_)
{
    given_company(*state_, EASY);
    sync_csv(HEAD "1,a@x.example,Ada,,,active\n2,b@x.example,Bo,,,active\n3,c@x.example,Cy,,a@x."
                  "example,active\n");
    assert_string_equal(manager("3"), "Ada");
    sync_csv(HEAD "1,b@x.example,Ada,,,active\n2,a@x.example,Bo,,,active\n3,c@x.example,Cy,,b@x."
                  "example,active\n");
    assert_string_equal(manager("3"), "Ada");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        BOTH_ENGINES(managers_may_come_after_their_reports),
        BOTH_ENGINES(managers_may_be_named_by_e_mail),
        BOTH_ENGINES(an_unknown_manager_is_waited_for_and_heals_in_the_next_run),
        BOTH_ENGINES(a_reference_by_e_mail_heals_when_another_source_brings_them),
        BOTH_ENGINES(a_reference_heals_when_somebody_is_made_by_hand),
        BOTH_ENGINES(nobody_is_their_own_manager),
        BOTH_ENGINES(a_circle_is_opened_at_the_highest_record_id),
        BOTH_ENGINES(the_edge_that_is_there_stays),
        BOTH_ENGINES(a_chain_may_be_turned_round_in_one_run),
        BOTH_ENGINES(half_a_turn_is_not_applied),
        BOTH_ENGINES(half_a_turn_ticked_out_is_no_circle_either),
        BOTH_ENGINES(a_manager_who_is_not_active_is_noted),
        BOTH_ENGINES(a_manager_named_by_a_swapped_address_is_the_new_holder),
    };

    return RUN_TESTS(tests);
}
