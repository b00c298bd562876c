/* test_run.c — whole runs: a plan becomes a directory, and nothing is written that need not be. */
#include <string.h>

#include "base/str.h"
#include "support/company.h"

static const char three[] =
    "external_id,email,given_name,family_name,title,teams,manager,state\n"
    "1,ada@x.example,Ada,Ay,CEO,Board,,active\n"
    "2,bo@x.example,Bo,Bee,Engineer,Tech,1,active\n"
    "3,cy@x.example,Cy,Cee,Engineer,Tech,2,active\n";

static void the_first_run_creates_everybody(void **state_)
{
    given_company(*state_, NULL);
    struct run *run = sync_csv(three);

    assert_string_equal(run->state, "applied");
    counts("read 3, created 3");
    assert_string_equal(value("ada@x.example", "title"), "CEO");
    assert_string_equal(value("cy@x.example", "user_name"), "cy@x.example");
    assert_string_equal(manager("cy@x.example"), "Bo");
    assert_string_equal(manager("bo@x.example"), "Ada");
    assert_string_equal(teams("cy@x.example"), "Tech");
    assert_string_equal(state("cy@x.example"), "active");
}

/* A run without news adds its own row, and not one byte anywhere else. */
static void a_run_without_news_writes_its_own_row_only(void **state_)
{
    static const char *const tables[] = { "run_row",   "person",     "person_key", "link",
                                          "claim",     "membership", "team",       "waiting",
                                          "held_back", "source" };
    const char *before[COUNT(tables)];

    given_company(*state_, NULL);
    sync_csv(three);
    for (size_t i = 0; i < COUNT(tables); i++)
        before[i] = table_text(tables[i]);
    int64_t runs = rows_in("run");
    struct run *run = sync_csv(three);
    assert_string_equal(run->state, "applied");
    counts("read 3, unchanged 3");
    assert_int_equal(rows_in("run"), runs + 1);
    for (size_t i = 0; i < COUNT(tables); i++)
        assert_string_equal(table_text(tables[i]), before[i]);
}

static void a_changed_field_changes_that_field(void **state_)
{
    given_company(*state_, NULL);
    sync_csv(three);
    sync_csv("external_id,email,given_name,family_name,title,teams,manager,state\n"
             "1,ada@x.example,Ada,Ay,CEO,Board,,active\n"
             "2,bo@x.example,Bo,Bee,CTO,Tech,1,active\n"
             "3,cy@x.example,Cy,Cee,Engineer,Tech,1,active\n");
    counts("read 3, updated 2, unchanged 1");
    assert_string_equal(value("bo@x.example", "title"), "CTO");
    assert_string_equal(manager("cy@x.example"), "Ada");
}

static void a_new_address_of_the_same_record_is_a_change(void **state_)
{
    given_company(*state_, NULL);
    sync_csv(three);
    int64_t bo = the("bo@x.example");
    sync_csv("external_id,email,given_name,family_name,title,teams,manager,state\n"
             "1,ada@x.example,Ada,Ay,CEO,Board,,active\n"
             "2,bo.bee@x.example,Bo,Bee,Engineer,Tech,1,active\n"
             "3,cy@x.example,Cy,Cee,Engineer,Tech,2,active\n");
    counts("read 3, updated 1, unchanged 2");
    assert_true(the("bo.bee@x.example") == bo);
    assert_string_equal(value("2", "user_name"), "bo.bee@x.example");
    assert_true(nobody("bo@x.example"));
}

static void no_records_at_all_changes_nothing(void **state_)
{
    static const struct sync_request plain = {};

    given_company(*state_, NULL);
    sync_csv(three);
    struct run *run = sync_with("hr", "external_id,email,state\n", &plain, ERR_REMOTE);
    assert_string_equal(run->state, "failed");
    assert_string_equal(state("ada@x.example"), "active");
    sync_csv(three);
    counts("read 3, unchanged 3");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        BOTH_ENGINES(the_first_run_creates_everybody),
        BOTH_ENGINES(a_run_without_news_writes_its_own_row_only),
        BOTH_ENGINES(a_changed_field_changes_that_field),
        BOTH_ENGINES(a_new_address_of_the_same_record_is_a_change),
        BOTH_ENGINES(no_records_at_all_changes_nothing),
    };

    return RUN_TESTS(tests);
}
