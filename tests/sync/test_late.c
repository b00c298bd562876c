/* test_late.c — addresses that change hands within one run, and addresses that two records want. */
#include <string.h>

#include "base/str.h"
#include "support/company.h"

#define HEAD "external_id,email,given_name,title,state\n"

static void two_people_swap_addresses(void **state_)
{
    given_company(*state_, NULL);
    sync_csv(HEAD "1,a@x.example,Ada,,active\n2,b@x.example,Bo,,active\n");
    int64_t ada = the("1"), bo = the("2");
    sync_csv(HEAD "1,b@x.example,Ada,,active\n2,a@x.example,Bo,,active\n");
    counts("read 2, updated 2");
    assert_true(the("b@x.example") == ada && the("a@x.example") == bo);
    assert_string_equal(value("1", "user_name"), "b@x.example");
}

static void three_people_pass_their_addresses_round(void **state_)
{
    given_company(*state_, NULL);
    sync_csv(HEAD
             "1,a@x.example,Ada,,active\n2,b@x.example,Bo,,active\n3,c@x.example,Cy,,active\n");
    int64_t ada = the("1");
    sync_csv(HEAD
             "1,b@x.example,Ada,,active\n2,c@x.example,Bo,,active\n3,a@x.example,Cy,,active\n");
    counts("read 3, updated 3");
    assert_true(the("b@x.example") == ada);
    assert_string_equal(value("a@x.example", "given_name"), "Cy");
}

static void an_address_given_up_is_taken_in_the_same_run(void **state_)
{
    given_company(*state_, NULL);
    sync_csv(HEAD "1,a@x.example,Ada,,active\n2,b@x.example,Bo,,active\n");
    sync_csv(
        HEAD
        "2,a@x.example,Bo,,active\n1,free@x.example,Ada,,active\n"); /* the taker comes first */
    counts("read 2, updated 2");
    assert_string_equal(value("a@x.example", "given_name"), "Bo");
    assert_string_equal(value("free@x.example", "given_name"), "Ada");
}

static void a_new_person_gets_an_address_given_up_in_the_same_run(void **state_)
{
    given_company(*state_, NULL);
    sync_csv(HEAD "1,a@x.example,Ada,,active\n");
    sync_csv(HEAD "2,a@x.example,Bo,,active\n1,ada@x.example,Ada,,active\n");
    counts("read 2, created 1, updated 1");
    assert_string_equal(value("a@x.example", "given_name"), "Bo");
}

static void a_leavers_address_makes_nobody(void **state_)
{
    given_company(*state_, NULL);
    sync_csv(HEAD "1,a@x.example,Ada,,active\n2,b@x.example,Bo,,active\n");
    sync_csv(HEAD "1,a@x.example,Ada,,gone\n2,b@x.example,Bo,,active\n3,a@x.example,Al,,active\n");
    counts("read 3, deactivated 1, unchanged 1, conflicts 1");
    assert_true(found("email_taken"));
    assert_non_null(strstr(finding_text("email_taken"), "Ada"));
    assert_true(nobody("3"));
    edit("1", "email", "ada.old@x.example");     /* the address is released, as the finding offers */
    edit("1", "user_name", "ada.old@x.example");
    sync_csv(NULL);
    counts("read 3, created 1, unchanged 2");
    assert_string_equal(value("3", "email"), "a@x.example");
    assert_string_equal(value("1", "email"), "ada.old@x.example");
}

static void two_known_people_with_one_address_stay_as_they_are(void **state_)
{
    given_company(*state_, NULL);
    sync_csv(HEAD "1,a@x.example,Ada,,active\n2,b@x.example,Bo,,active\n");
    sync_csv(HEAD "1,a@x.example,Ada,,active\n2,a@x.example,Bo,Boss,active\n");
    counts("read 2, conflicts 2");
    assert_true(found("duplicate_email"));
    assert_string_equal(value("2", "email"), "b@x.example");
    assert_string_equal(value("2", "title"), "");        /* neither of the two records is applied */
}

static void two_new_records_with_one_address_make_nobody(void **state_)
{
    given_company(*state_, NULL);
    sync_csv(HEAD
             "1,a@x.example,Ada,,active\n2,A@X.example,Bo,,active\n3,c@x.example,Cy,,active\n");
    counts("read 3, created 1, conflicts 2");
    assert_true(found("duplicate_email"));
    assert_true(nobody("a@x.example"));
    sync_csv(NULL);
    counts("read 3, unchanged 1, conflicts 2");
    sync_csv(HEAD
             "1,a@x.example,Ada,,active\n2,b@x.example,Bo,,active\n3,c@x.example,Cy,,active\n");
    counts("read 3, created 2, unchanged 1");
}

static void three_new_records_with_one_address_make_nobody(void **state_)
{
    given_company(*state_, NULL);
    sync_csv(HEAD "1,a@x.example,Ada,,active\n2,a@x.example,Bo,,active\n3,a@x.example,Cy,,active\n"
             "4,d@x.example,Di,,active\n");
    counts("read 4, created 1, conflicts 3");
}

static void two_records_with_one_id_are_not_applied(void **state_)
{
    given_company(*state_, NULL);
    sync_csv(HEAD
             "1,a@x.example,Ada,,active\n2,b@x.example,Bo,,active\n2,c@x.example,Cy,,active\n");
    counts("read 3, created 1, conflicts 2");
    assert_true(found("duplicate_id"));
    assert_true(nobody("b@x.example") && nobody("c@x.example"));
}

static void two_records_with_the_id_of_somebody_leave_them_untouched(void **state_)
{
    given_company(*state_, "records: {percent: 10}");
    sync_csv(HEAD "1,a@x.example,Ada,Old,active\n2,b@x.example,Bo,,active\n");
    sync_csv(
        HEAD
        "1,a@x.example,Ada,New,active\n1,a@x.example,Ada,Newer,active\n2,b@x.example,Bo,,active\n");
    counts("read 3, unchanged 1, conflicts 2");
    assert_string_equal(value("1", "title"), "Old");
    sync_csv(HEAD "1,a@x.example,Ada,New,active\n2,b@x.example,Bo,,active\n");
    assert_string_equal(value("1", "title"), "New");
}

static void two_known_people_who_want_one_new_address_keep_theirs(void **state_)
{
    given_company(*state_, NULL);
    sync_csv(HEAD "1,a@x.example,Ada,,active\n2,b@x.example,Bo,,active\n");
    sync_csv(HEAD "1,n@x.example,Ada,,active\n2,n@x.example,Bo,,active\n");
    counts("read 2, conflicts 2");
    assert_true(found("duplicate_email"));
    assert_string_equal(value("1", "email"), "a@x.example");
    assert_string_equal(value("2", "email"), "b@x.example");
    sync_csv(HEAD "1,n@x.example,Ada,,active\n2,b@x.example,Bo,,active\n");
    assert_string_equal(value("1", "email"), "n@x.example");
}

/* A row that came to nothing must not end the apply before those who exchange keys. */
static void a_swap_is_applied_behind_a_row_that_came_to_nothing(void **state_)
{
#define HEAD_M "external_id,email,given_name,manager,state\n"
    given_company(*state_, NULL);
    sync_csv(HEAD_M
             "1,a@x.example,Ada,,active\n2,b@x.example,Bo,,active\n3,c@x.example,Cy,4,active\n"
             "4,d@x.example,Di,3,active\n");
    assert_true(found("manager_circle"));
    sync_csv(HEAD_M
             "1,b@x.example,Ada,,active\n2,a@x.example,Bo,,active\n3,c@x.example,Cy,4,active\n"
             "4,d@x.example,Di,3,active\n");
    counts("read 4, updated 2, unchanged 2");
    assert_string_equal(value("1", "email"), "b@x.example");
    assert_string_equal(value("2", "email"), "a@x.example");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        BOTH_ENGINES(two_people_swap_addresses),
        BOTH_ENGINES(three_people_pass_their_addresses_round),
        BOTH_ENGINES(an_address_given_up_is_taken_in_the_same_run),
        BOTH_ENGINES(a_new_person_gets_an_address_given_up_in_the_same_run),
        BOTH_ENGINES(a_leavers_address_makes_nobody),
        BOTH_ENGINES(two_known_people_with_one_address_stay_as_they_are),
        BOTH_ENGINES(two_new_records_with_one_address_make_nobody),
        BOTH_ENGINES(three_new_records_with_one_address_make_nobody),
        BOTH_ENGINES(two_records_with_one_id_are_not_applied),
        BOTH_ENGINES(two_records_with_the_id_of_somebody_leave_them_untouched),
        BOTH_ENGINES(two_known_people_who_want_one_new_address_keep_theirs),
        BOTH_ENGINES(a_swap_is_applied_behind_a_row_that_came_to_nothing),
    };

    return RUN_TESTS(tests);
}
