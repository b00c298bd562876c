/* test_lifecycle.c — what HR's status means for a person: the product's table, cell by cell. */
#include <string.h>

#include "base/clock.h"
#include "base/str.h"
#include "support/company.h"

#define HEAD "external_id,email,given_name,title,start_date,state\n"
#define BO "2,bo@x.example,Bo,,,active\n"

static void ada_is(const char *title, const char *status)
{
    sync_csv(arena_printf(the_work()->mem, HEAD "1,ada@x.example,Ada,%s,,%s\n" BO, title, status));
}

static void nobody_is_made_of_a_record_that_is_not_active(void **state_)
{
    static const struct { const char *status, *counts; } cases[] = {
        { "leave", "read 2, created 1, not_active 1" },
        { "gone", "read 2, unchanged 1, not_active 1" },
        { "", "read 2, unchanged 1, conflicts 1" },
        { "on the moon", "read 2, unchanged 1, conflicts 1" },
    };

    given_company(*state_, NULL);
    for (size_t i = 0; i < COUNT(cases); i++) {
        ada_is("", cases[i].status);
        counts(cases[i].counts);
        assert_true(nobody("1"));
        ada_is("", cases[i].status);            /* and once more */
        assert_true(nobody("1"));
    }
    assert_true(found("unknown_status"));
    ada_is("", "active");
    counts("read 2, created 1, unchanged 1");
}

static void a_status_leads_from_a_state_to_a_state(void **state_)
{
    static const struct { const char *settings, *first, *then, *ends, *counts; } cases[] = {
        { NULL, "active", "leave", "deactivated", "read 2, deactivated 1, unchanged 1" },
        { "suspend_on_leave: true", "active", "leave", "suspended",
          "read 2, suspended 1, unchanged 1" },
        { NULL, "active", "gone", "deactivated", "read 2, deactivated 1, unchanged 1" },
        { NULL, "active", "odd", "active", "read 2, unchanged 2" },
        { NULL, "active", "", "active", "read 2, unchanged 2" },
        { "suspend_on_leave: true", "leave", "gone", "deactivated",
          "read 2, deactivated 1, unchanged 1" },
        { "suspend_on_leave: true", "leave", "active", "suspended",
          "read 2, updated 1, unchanged 1" },
        { "suspend_on_leave: true\nauto_reactivate: true", "leave", "active", "active",
          "read 2, reactivated 1, unchanged 1" },
        { "suspend_on_leave: true", "leave", "odd", "suspended", "read 2, unchanged 2" },
        { NULL, "gone", "active", "deactivated", "read 2, updated 1, unchanged 1" },
        { "auto_reactivate: true", "gone", "active", "active",
          "read 2, reactivated 1, unchanged 1" },
        { NULL, "gone", "leave", "deactivated", "read 2, updated 1, unchanged 1" },
        { NULL, "gone", "odd", "deactivated", "read 2, unchanged 2" },
    };

    given_company(*state_, NULL);
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *name = arena_printf(the_work()->mem, "case%zu", i);
        char *person = arena_printf(
            the_work()->mem, HEAD "%zu,p%zu@x.example,P,One,,%%s\n%zu,q%zu@x.example,Q,,,active\n",
            i * 2 + 10, i, i * 2 + 11, i);
        const char *who = arena_printf(the_work()->mem, "p%zu@x.example", i);
        given_source(name, cases[i].settings);
        const char *at = strstr(person, "%s");
        char *before = arena_textn(the_work()->mem, person, (size_t)(at - person));
        sync_of(name, arena_printf(the_work()->mem, "%sactive%s", before, at + 2));
        if (!str_eq(cases[i].first, "active"))
            sync_of(name, arena_printf(the_work()->mem, "%s%s%s", before, cases[i].first, at + 2));
        /* the title follows whatever the state is, except when the status is not known */
        char *moved = arena_printf(the_work()->mem, "%s%s%s", before, cases[i].then, at + 2);
        char *title = strstr(moved, "P,One");
        memcpy(title, "P,Two", 5);
        sync_of(name, moved);
        if (!str_eq(state(who), cases[i].ends))
            fail_msg("%s, then %s: %s instead of %s", cases[i].first, cases[i].then, state(who),
                     cases[i].ends);
        bool known = *cases[i].then && !str_eq(cases[i].then, "odd");
        assert_string_equal(value(who, "title"), known ? "Two" : "One");
        if (str_eq(cases[i].ends, "active") && known)
            assert_string_equal(state(who), "active");
    }
}

static void reactivation_is_off_until_switched_on_and_says_so(void **state_)
{
    given_company(*state_, NULL);
    ada_is("", "active");
    ada_is("", "gone");
    counts("read 2, deactivated 1, unchanged 1");
    ada_is("", "active");
    assert_string_equal(state("1"), "deactivated");
    assert_true(found("not_reactivated"));
    ada_is("", "active");
    assert_true(found("not_reactivated"));       /* until somebody settles it */
    edit("1", "state", "active");
    ada_is("", "active");
    assert_false(found("not_reactivated"));
    assert_string_equal(state("1"), "active");
}

static void an_admins_deactivation_is_not_overruled(void **state_)
{
    given_company(*state_, "auto_reactivate: true");
    ada_is("", "active");
    edit("1", "state", "deactivated");
    ada_is("CTO", "active");
    assert_string_equal(state("1"), "deactivated");
    assert_string_equal(value("1", "title"), "CTO");         /* values follow */
    assert_true(found("inactive_here"));
    ada_is("CTO", "gone");
    ada_is("CTO", "active");
    assert_string_equal(state("1"), "deactivated");
}

static void somebody_starts_some_days_before_the_start_date(void **state_)
{
    struct work *w = *state_;
    int64_t day;

    assert_true(date_to_days("2026-06-01", &day));
    w->now = day * 86400000 + 3600000;
    given_company(w, "create_days_before: 7");
    sync_csv(HEAD "1,ada@x.example,Ada,,2026-06-09,gone\n2,bo@x.example,Bo,,2020-01-01,active\n");
    counts("read 2, created 1, not_active 1");
    w->now += 86400000;
    sync_csv(NULL);
    counts("read 2, created 1, unchanged 1");
    assert_string_equal(state("1"), "active");
    w->now += 86400000;
    sync_csv(NULL);
    counts("read 2, unchanged 2");
    w->now += 8 * 86400000LL;                   /* they did not come: HR still says gone */
    sync_csv(NULL);
    counts("read 2, deactivated 1, unchanged 1");
}

/* An HR system may hide people who left; a file shows all it has. */
static void a_file_without_leavers_is_not_suspected(void **state_)
{
    given_company(*state_, NULL);
    ada_is("", "active");
    assert_false(found("no_leavers"));
}

static void a_status_field_that_nobody_has_stops_the_run(void **state_)
{
    static const struct sync_request plain = {};

    given_company(*state_, NULL);
    ada_is("", "active");
    sync_with("hr", "external_id,email,given_name\n1,ada@x.example,Ada\n", &plain, ERR_REMOTE);
    assert_string_equal(state("1"), "active");
}

/* ---- who takes part ---- */

static void the_excluded_are_not_made_and_not_touched(void **state_)
{
    given_company(*state_, NULL);
    ada_is("CEO", "active");
    given_settings("exclude: ['title == \"CTO\"']");
    ada_is("CTO", "active");
    counts("read 2, excluded 1, unchanged 1");
    assert_string_equal(value("1", "title"), "CEO");
    ada_is("CTO", "gone");
    counts("read 2, excluded 1, unchanged 1");
    assert_string_equal(state("1"), "active");
    assert_true(found("excluded_gone"));
    sync_csv(NULL);
    assert_true(found("excluded_gone"));         /* as long as it is so */
    sync_csv(HEAD BO);                           /* not in the answer either: still not touched */
    sync_csv(HEAD BO);
    sync_csv(HEAD BO);
    assert_string_equal(state("1"), "active");
    given_settings("exclude: []");
    ada_is("CTO", "active");
    counts("read 2, updated 1, unchanged 1");
    assert_string_equal(value("1", "title"), "CTO");
}

static void an_excluded_newcomer_is_made_when_the_rule_goes(void **state_)
{
    given_company(*state_, "exclude_people: [ada@x.example]");
    ada_is("CEO", "active");
    counts("read 2, created 1, excluded 1");
    assert_non_null(link_to("hr", "1").mark);    /* why() finds them by their address … */
    assert_string_equal(link_to("hr", "1").said ? link_to("hr", "1").said : "{}",
                        "{}"); /* … and nothing else */
    ada_is("CEO", "active");
    counts("read 2, excluded 1, unchanged 1");
    given_settings("exclude_people: []");
    ada_is("CEO", "active");
    counts("read 2, created 1, unchanged 1");
}

static void the_protected_are_never_changed(void **state_)
{
    given_company(*state_, NULL);
    ada_is("CEO", "active");
    protect("1");
    ada_is("CTO", "active");
    counts("read 2, unchanged 2");
    assert_true(found("protected"));
    ada_is("CTO", "gone");
    assert_true(found("excluded_gone"));
    assert_string_equal(state("1"), "active");
    assert_string_equal(value("1", "title"), "CEO");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        BOTH_ENGINES(nobody_is_made_of_a_record_that_is_not_active),
        BOTH_ENGINES(a_status_leads_from_a_state_to_a_state),
        BOTH_ENGINES(reactivation_is_off_until_switched_on_and_says_so),
        BOTH_ENGINES(an_admins_deactivation_is_not_overruled),
        BOTH_ENGINES(somebody_starts_some_days_before_the_start_date),
        BOTH_ENGINES(a_file_without_leavers_is_not_suspected),
        BOTH_ENGINES(a_status_field_that_nobody_has_stops_the_run),
        BOTH_ENGINES(the_excluded_are_not_made_and_not_touched),
        BOTH_ENGINES(an_excluded_newcomer_is_made_when_the_rule_goes),
        BOTH_ENGINES(the_protected_are_never_changed),
    };

    return RUN_TESTS(tests);
}
