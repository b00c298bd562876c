/* Undo of what a client wrote: a change, a membership, an hour. */
#include "base/id.h"
#include "base/str.h"
#include "people/asof.h"
#include "support/client.h"
#include "support/people.h"
#include "sync/held.h"

static int64_t okta;

static void given(struct work *w)
{
    given_company(w, NULL);
    okta = given_client("okta", NULL);
}

/* The newest row of this kind about somebody. */
static int64_t row_about(int64_t person, enum row_kind kind)
{
    struct past *past;
    size_t n;

    assert_ok(history_of(the_work(), person, 100, &past, &n));
    for (size_t i = 0; i < n; i++)
        if (past[i].row.kind == kind && str_eq(past[i].kind, "scim"))
            return past[i].row.seq;
    fail();
    return 0;
}

static void an_undone_change_is_held_back_while_the_client_repeats_it(void **state_)
{
    given(*state_);
    int64_t ana = post(okta, "user_name=ana", "title=Engineer", NULL);
    patch(okta, ana, "title=Lead", "phone=1", NULL);
    patch(okta, ana, "location=Berlin", NULL);

    undo(run_of(okta), row_about(ana, ROW_UPDATE));
    assert_string_equal(value("ana", "location"), "");
    assert_string_equal(value("ana", "title"), "Lead");
    assert_false(patch(okta, ana, "location=Berlin", NULL));
    assert_non_null(strstr(noted(), "held back"));
    assert_false(put(okta, ana, "user_name=ana", "title=Lead", "phone=1", "location=Berlin", NULL));
    assert_string_equal(value("ana", "location"), "");
    assert_int_equal(rows_in("held_back"), 1);
    assert_true(
        patch(okta, ana, "location=Rome", NULL)); /* it says something else: the hold ends */
    assert_string_equal(value("ana", "location"), "Rome");
    assert_int_equal(rows_in("held_back"), 0);
    assert_true(patch(okta, ana, "location=Berlin", NULL));
    check_history();
}

static void a_release_ends_the_hold(void **state_)
{
    struct work *w = *state_;
    int64_t n;

    given(w);
    int64_t ana = post(okta, "user_name=ana", NULL);
    patch(okta, ana, "title=Lead", NULL);
    undo(run_of(okta), row_about(ana, ROW_UPDATE));
    assert_ok(held_release(w, ana, "title", &n));
    assert_int_equal(n, 1);
    assert_true(patch(okta, ana, "title=Lead", NULL));
}

static void an_undone_deactivation_is_held_even_if_the_external_id_changed(void **state_)
{
    given(*state_);
    int64_t ana = post(okta, "user_name=ana", NULL);
    patch(okta, ana, "state=deactivated", NULL);
    int64_t seq = row_about(ana, ROW_DEACTIVATE);
    patch(okta, ana, "external_id=7", NULL);
    undo(run_of(okta), seq);
    assert_string_equal(state("ana"), "active");
    assert_false(patch(okta, ana, "state=deactivated", NULL));
    assert_string_equal(state("ana"), "active");
    patch(okta, ana, "state=active", NULL);
    assert_true(patch(okta, ana, "state=deactivated", NULL));
    check_history();
}

static void an_undone_create_is_withdrawn_and_made_again_only_on_release(void **state_)
{
    struct work *w = *state_;
    int64_t n;

    given(w);
    int64_t ana = post(okta, "user_name=ana", "external_id=1", NULL);
    undo(run_of(okta), row_about(ana, ROW_CREATE));
    assert_true(nobody("ana"));
    assert_false(sees(okta, ana));
    assert_err(try_patch(okta, ana, "title=x", NULL), ERR_NOT_FOUND, "no person");
    assert_err(try_post(okta, "user_name=ana", "external_id=1", NULL), ERR_CONFLICT, "held back");
    assert_ok(held_release(w, ana, NULL, &n));
    assert_int_equal(post(okta, "user_name=ana", "external_id=1", NULL), ana);
    assert_string_equal(state("ana"), "active");
    check_history();
}

static void an_undone_membership_is_the_groups(void **state_)
{
    given(*state_);
    int64_t ana = post(okta, "user_name=ana", "display_name=Ana", "department=Sales", NULL);
    int64_t g = group(okta, "Sales", NULL);
    join(okta, g, ana, 0);
    int64_t version = group_version(okta, g);
    undo(run_of(okta), row_about(ana, ROW_MEMBER));
    assert_string_equal(members(okta, g), "");
    assert_string_equal(teams("ana"), "Sales");                    /* her department's, not the group's */
    assert_int_equal(group_version(okta, g), version + 1);
    join(okta, g, ana, 0);
    assert_string_equal(members(okta, g), "Ana");
    check_history();
}

static void a_whole_hour_is_undone_person_by_person(void **state_)
{
    struct work *w = *state_;

    given(w);
    int64_t ana = post(okta, "user_name=ana", "title=Engineer", "display_name=Ana", NULL);
    w->now += 3600000;
    int64_t one = group(okta, "One", NULL), two = group(okta, "Two", NULL);
    for (int i = 0; i < 300; i++)
        patch(okta, ana, arena_printf(w->mem, "location=L%d", i), NULL);
    int64_t bo = post(okta, "user_name=bo", "display_name=Bo", "department=New", NULL);
    patch(okta, bo, "title=x", NULL);
    patch(okta, ana, "title=Lead", NULL);
    edit("ana", "title", "Chief");
    join(okta, one, ana, bo, 0);
    join(okta, two, ana, 0);
    leave(okta, two, ana, 0);
    undo(run_of(okta), 0);
    assert_string_equal(value("ana", "location"), "");
    assert_string_equal(value("ana", "title"), "Chief");            /* changed since: kept */
    assert_true(nobody("bo"));
    assert_string_equal(members(okta, one), "");
    assert_string_equal(run_of(okta)->state, "applied");
    patch(okta, ana, "phone=1", NULL);                             /* the hour goes on */
    assert_string_equal(value("ana", "phone"), "1");
    check_history();
}

static void the_directory_of_an_instant_between_two_requests(void **state_)
{
    struct work *w = *state_;
    struct asof *then;

    given(w);
    int64_t ana = post(okta, "user_name=ana", "title=Engineer", "display_name=Ana", NULL);
    int64_t g = group(okta, "One", NULL);
    int64_t between = id_time(id_new()) + 1;
    while (id_time(id_new()) <= between + 1)
        ;
    patch(okta, ana, "title=Lead", NULL);
    join(okta, g, ana, 0);
    assert_ok(asof_open(w, the_attrs(), between, &then));
    struct person *p = the_person(w, ana);
    p->created_at = 0;
    asof_turn(w->mem, then, &p);
    assert_string_equal(person_text(p, "title"), "Engineer");
    assert_int_equal(p->nteams, 0);
    assert_int_equal(p->version, 1);
    asof_free(then);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        BOTH_ENGINES(an_undone_change_is_held_back_while_the_client_repeats_it),
        BOTH_ENGINES(a_release_ends_the_hold),
        BOTH_ENGINES(an_undone_deactivation_is_held_even_if_the_external_id_changed),
        BOTH_ENGINES(an_undone_create_is_withdrawn_and_made_again_only_on_release),
        BOTH_ENGINES(an_undone_membership_is_the_groups),
        BOTH_ENGINES(a_whole_hour_is_undone_person_by_person),
        BOTH_ENGINES(the_directory_of_an_instant_between_two_requests),
    };

    return RUN_TESTS(tests);
}
