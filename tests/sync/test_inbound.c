/* One client alone: what it says becomes people, claims, links and history. */
#include "base/id.h"
#include "base/str.h"
#include "support/client.h"
#include "support/people.h"
#include "sync/tally.h"

static int64_t okta;

static void given(struct work *w)
{
    given_company(w, NULL);
    okta = given_client("okta", NULL);
}

static void a_post_makes_a_person_with_link_claims_and_history(void **state_)
{
    given(*state_);
    int64_t ana = post(okta, "user_name=Ana@Example.com", "email=ana@example.com", "title=Engineer",
                       "external_id=00u1", "given_name=Ana", NULL);
    struct link link = link_to("okta", "00u1");
    struct past *past;
    size_t n;

    assert_int_equal(link.person, ana);
    assert_non_null(strstr(link.said, "\"?status\":\"active\""));
    assert_non_null(strstr(link.said, "\"title\":\"Engineer\""));
    assert_string_equal(value("ana@example.com", "title"), "Engineer");
    assert_string_equal(value("ana@example.com", "user_name"), "Ana@Example.com");
    assert_string_equal(value("ana@example.com", "external_id"), "00u1");
    assert_ok(history_of(the_work(), ana, 10, &past, &n));
    assert_int_equal(n, 1);
    assert_string_equal(past[0].kind, "scim");
    assert_string_equal(past[0].actor, "scim:okta");
    assert_int_equal(past[0].row.kind, ROW_CREATE);
    assert_string_equal(past[0].row.reason, "a test");
    assert_int_equal(version_of(ana), 1);
    assert_string_equal(rows_of(okta), "create 1");
    check_history();
}

static void without_an_external_id_the_link_is_by_the_persons_own_id(void **state_)
{
    given(*state_);
    int64_t ana = post(okta, "user_name=ana", NULL);
    const char *own = arena_printf(the_work()->mem, "@%s", id_text(ana));

    assert_int_equal(link_to("okta", own).person, ana);
    assert_string_equal(value("ana", "email"), "");
    assert_true(patch(okta, ana, "external_id=7", NULL));
    assert_int_equal(link_to("okta", "7").person, ana);
    assert_int_equal(link_to("okta", own).id, 0);
    assert_int_equal(version_of(ana), 2);
    assert_true(patch(okta, ana, "external_id", NULL));
    assert_int_equal(link_to("okta", own).person, ana);
    assert_string_equal(value("ana", "external_id"), "");
    check_history();
}

static void a_taken_key_is_refused_without_a_word_about_the_holder(void **state_)
{
    given(*state_);
    post(okta, "user_name=ana", "email=ana@example.com", "external_id=1", NULL);
    int64_t bo = post(okta, "user_name=bo",
                      "emails=[{\"type\":\"work\"},{\"type\":\"home\",\"value\":\"Bo@Home.org\"}]",
                      "email=bo@example.com", NULL);

    assert_err(try_post(okta, "user_name=ANA", NULL), ERR_CONFLICT, "userName 'ANA' is taken");
    assert_err(try_post(okta, "user_name=x", "email=ANA@example.com", NULL), ERR_CONFLICT,
               "the e-mail 'ANA@example.com' is taken");
    assert_err(try_post(okta, "user_name=x", "external_id=1", NULL), ERR_CONFLICT,
               "externalId '1' is taken");
    assert_err(try_patch(okta, bo, "external_id=1", NULL), ERR_CONFLICT, "externalId '1' is taken");
    assert_err(try_patch(okta, bo, "user_name=ana", "title=x", NULL), ERR_CONFLICT,
               "'ana' is taken");
    assert_string_equal(value("bo", "title"), "");
    assert_err(try_post(okta, "user_name=x", "email=bo@home.ORG", NULL), ERR_CONFLICT, "is taken");
    assert_true(patch(okta, bo, "emails", NULL));
    post(okta, "user_name=x", "email=bo@home.org", NULL);
    assert_err(try_patch(okta, bo, "emails=[{\"value\":\"bo@home.org\"}]", NULL), ERR_CONFLICT,
               "bo@home.org");
    check_history();
}

static void an_address_in_two_places_is_one_key(void **state_)
{
    given(*state_);
    int64_t ana = post(okta, "user_name=ana", "email=ana@example.com",
                       "emails=[{\"type\":\"work\"},{\"value\":\"ANA@example.com\"}]", NULL);

    assert_int_equal(rows_in("person_key"), 2);
    assert_true(patch(okta, ana, "email=ana@new.example.com", NULL));
    assert_int_equal(the("ana@example.com"), ana);
    assert_int_equal(rows_in("person_key"), 3);
    assert_true(patch(okta, ana, "emails", "email", NULL));
    assert_int_equal(rows_in("person_key"), 1);
}

static void a_put_says_everything_and_a_patch_what_it_names(void **state_)
{
    given(*state_);
    int64_t ana = post(okta, "user_name=ana", "title=Engineer", "location=Berlin", NULL);

    assert_true(patch(okta, ana, "title=Lead", NULL));
    assert_string_equal(value("ana", "location"), "Berlin");
    assert_true(patch(okta, ana, "location", NULL));
    assert_string_equal(value("ana", "location"), "");
    assert_true(put(okta, ana, "user_name=ana", "location=Rome", NULL));
    assert_string_equal(value("ana", "title"), "");
    assert_string_equal(value("ana", "location"), "Rome");
    assert_int_equal(version_of(ana), 4);
    assert_false(put(okta, ana, "user_name=ana", "location=Rome", NULL));
    assert_false(patch(okta, ana, "location=Rome", NULL));
    assert_int_equal(version_of(ana), 4);
    assert_string_equal(rows_of(okta), "create 1, update 3");
    check_history();
}

static void what_an_admin_set_by_hand_is_the_clients_as_soon_as_it_says_it(void **state_)
{
    given(*state_);
    int64_t ana = post(okta, "user_name=ana", "title=Engineer", NULL);

    edit("ana", "location", "Berlin");
    edit("ana", "title", "Chief");
    assert_true(put(okta, ana, "user_name=ana", "title=Engineer", NULL));
    assert_string_equal(value("ana", "title"), "Engineer");
    assert_string_equal(value("ana", "location"), "Berlin");       /* never claimed: not its business */
    assert_true(patch(okta, ana, "location=Rome", NULL));
    assert_string_equal(value("ana", "location"), "Rome");
    check_history();
}

/* A note is cut, but not within a letter: it is kept with the history, and PostgreSQL takes only UTF-8. */
static void a_long_value_that_does_not_fit_is_noted_in_whole_letters(void **state_)
{
    static const char *const options[] = { "Permanent" };
    struct work *w = *state_;
    char *text = arena_alloc(w->mem, 4002);

    given(w);
    assert_ok(attr_add(w, "contract", "Contract", ATTR_SELECT, options, 1));
    int64_t ana = post(okta, "user_name=ana", NULL);
    for (size_t shift = 0; shift < 2; shift++) {
        memset(text, 'x', shift);
        for (size_t i = shift; i < 4000; i += 2)
            memcpy(text + i, "é", 3);
        patch(okta, ana, arena_printf(w->mem, "custom.contract=%s", text), NULL);
        assert_true(strlen(noted()) < 600);
        assert_true(str_utf8(noted(), strlen(noted())));
    }
}

static void values_that_do_not_fit_are_refused_or_kept_as_claims(void **state_)
{
    static const char *const options[] = { "Permanent" };
    struct work *w = *state_;

    given(w);
    assert_ok(attr_add(w, "contract", "Contract", ATTR_SELECT, options, 1));
    int64_t ana = post(okta, "user_name=ana", "custom.contract=Permanent", NULL);
    assert_false(patch(okta, ana, "custom.contract=Full Time", NULL));
    assert_string_equal(noted(), "'Full Time' is not an option of Contract");
    assert_string_equal(value("ana", "custom.contract"), "Permanent");
    assert_non_null(strstr(link_to("okta", arena_printf(w->mem, "@%s", id_text(ana))).said,
                           "\"custom.contract\":\"Full Time\""));
    assert_string_equal(rows_of(okta), "create 1, note 1");
    assert_false(patch(okta, ana, "level=Boss", NULL));
    assert_non_null(strstr(noted(), "'Boss' is not an option of Level"));
    assert_err(try_patch(okta, ana, "start_date=2026-02-31", NULL), ERR_INVALID, "Start date");
    assert_err(try_patch(okta, ana, "email=nobody", NULL), ERR_INVALID, "Work e-mail");
    assert_err(try_post(okta, "title=x", NULL), ERR_INVALID, "userName");
}

static void if_match_wants_the_version_it_names(void **state_)
{
    given(*state_);
    int64_t ana = post(okta, "user_name=ana", NULL);

    given_version(1);
    assert_true(patch(okta, ana, "title=a", NULL));
    given_version(1);
    assert_err(try_patch(okta, ana, "title=b", NULL), ERR_STALE, "version 1 is 2 now");
    assert_err(try_patch(okta, 17, "title=b", NULL), ERR_NOT_FOUND, "no person");
}

static void states_follow_the_client(void **state_)
{
    given(*state_);
    int64_t ana = post(okta, "user_name=ana", NULL);
    post(okta, "user_name=bo", "state=deactivated", NULL);

    assert_string_equal(state("bo"), "deactivated");
    assert_true(patch(okta, ana, "state=deactivated", NULL));
    assert_string_equal(state("ana"), "deactivated");
    assert_false(patch(okta, ana, "state=deactivated", NULL));
    assert_true(patch(okta, ana, "state=active", NULL));
    assert_string_equal(state("ana"), "active");
    assert_true(put(okta, ana, "user_name=ana", NULL) == false);
    assert_string_equal(rows_of(okta), "create 2, deactivate 1, reactivate 1");
    check_history();
}

static void an_admins_deactivation_is_not_overruled_by_repetition(void **state_)
{
    struct work *w = *state_;

    given(w);
    int64_t ana = post(okta, "user_name=ana", NULL);
    given_state(w, ana, STATE_DEACTIVATED);
    assert_false(patch(okta, ana, "state=active", NULL));
    assert_string_equal(state("ana"), "deactivated");
    assert_false(put(okta, ana, "user_name=ana", "state=active", NULL));
    assert_false(patch(okta, ana, "state=deactivated", NULL));
    assert_true(patch(okta, ana, "state=active", NULL));         /* it changed: now it is a word */
    assert_string_equal(state("ana"), "active");
}

static void a_protected_person_is_not_changed(void **state_)
{
    given(*state_);
    int64_t ana = post(okta, "user_name=ana", "title=Engineer", NULL);

    protect("ana");
    assert_false(patch(okta, ana, "title=Lead", "state=deactivated", NULL));
    assert_non_null(strstr(noted(), "protected"));
    assert_string_equal(value("ana", "title"), "Engineer");
    assert_string_equal(state("ana"), "active");
}

static void departments_divisions_and_cost_centers_become_teams(void **state_)
{
    struct work *w = *state_;

    given(w);
    given_team(w, "Sales", 0);
    int64_t ana = post(okta, "user_name=ana", "department=Sales", "division=EMEA", NULL);
    assert_string_equal(teams("ana"), "EMEA, Sales");
    assert_int_equal(rows_in("team"), 2);
    assert_true(patch(okta, ana, "department=Support", NULL));
    assert_string_equal(teams("ana"), "EMEA, Support");
    assert_true(patch(okta, ana, "division", "cost_center=Support", NULL));
    assert_string_equal(teams("ana"), "Support");
    assert_true(put(okta, ana, "user_name=ana", NULL));
    assert_string_equal(teams("ana"), "");
    assert_string_equal(rows_of(okta), "create 1, update 3, team 2");
    int64_t quiet = given_client("quiet", "{\"teams\":\"none\"}");
    post(quiet, "user_name=bo", "department=Sales", NULL);
    assert_string_equal(teams("bo"), "");
    check_history();
}

static void rows_are_numbered_by_the_clock_in_one_run_an_hour(void **state_)
{
    struct work *w = *state_;
    struct past *past;
    size_t n;

    given(w);
    int64_t ana = post(okta, "user_name=ana", NULL), real = id_time(id_new());
    edit("ana", "location", "Berlin");
    patch(okta, ana, "location=Rome", NULL);
    edit("ana", "location", "Paris");
    patch(okta, ana, "location=Oslo", NULL);
    assert_ok(history_of(w, ana, 10, &past, &n));
    assert_int_equal(n, 5);
    assert_non_null(strstr(past[0].row.changes, "Oslo"));
    assert_non_null(strstr(past[1].row.changes, "Paris"));
    assert_non_null(strstr(past[2].row.changes, "Rome"));
    assert_non_null(strstr(past[3].row.changes, "Berlin"));
    assert_true(past[0].run == past[2].run && past[0].run == past[4].run);
    assert_true(past[0].at >= past[2].at && past[2].at >= past[4].at);
    assert_true(past[4].at >= real - 10000 && past[0].at <= real + 60000);
    w->now += 3600000;
    patch(okta, ana, "location=Bonn", NULL);
    assert_ok(history_of(w, ana, 1, &past, &n));
    assert_true(past[0].run != 0);
    check_history();
}

static void a_transaction_that_is_undone_leaves_no_run_behind(void **state_)
{
    given(*state_);
    given_person(*state_, "email=bo@example.com", NULL);
    for (int i = 0; i < 3; i++)
        assert_err(
            try_post(okta, "user_name=ana", "department=Sales", "email=bo@example.com", NULL),
            ERR_CONFLICT, "is taken");
    assert_null(run_of(okta));
    assert_int_equal(rows_in("team"), 0);
    post(okta, "user_name=ana", NULL);
    assert_string_equal(rows_of(okta), "create 1");
    check_history();
}

static void a_run_is_counted_when_it_is_shown(void **state_)
{
    given(*state_);
    int64_t ana = post(okta, "user_name=ana", "department=Sales", NULL);
    patch(okta, ana, "title=x", NULL);
    patch(okta, ana, "state=deactivated", NULL);
    struct run *run = run_of(okta);
    assert_int_equal(run->rows, 0);
    assert_ok(runs_counted(the_work(), run, 1));
    assert_int_equal(run->rows, 4);
    assert_string_equal(tally_words(the_work()->mem, run->tally),
                        "3 read: 1 created, 1 updated, 1 deactivated");
    assert_true(run->finished_at >= id_time(run->id));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        BOTH_ENGINES(a_post_makes_a_person_with_link_claims_and_history),
        BOTH_ENGINES(without_an_external_id_the_link_is_by_the_persons_own_id),
        BOTH_ENGINES(a_taken_key_is_refused_without_a_word_about_the_holder),
        BOTH_ENGINES(an_address_in_two_places_is_one_key),
        BOTH_ENGINES(a_put_says_everything_and_a_patch_what_it_names),
        BOTH_ENGINES(what_an_admin_set_by_hand_is_the_clients_as_soon_as_it_says_it),
        BOTH_ENGINES(values_that_do_not_fit_are_refused_or_kept_as_claims),
        BOTH_ENGINES(a_long_value_that_does_not_fit_is_noted_in_whole_letters),
        BOTH_ENGINES(if_match_wants_the_version_it_names),
        BOTH_ENGINES(states_follow_the_client),
        BOTH_ENGINES(an_admins_deactivation_is_not_overruled_by_repetition),
        BOTH_ENGINES(a_protected_person_is_not_changed),
        BOTH_ENGINES(departments_divisions_and_cost_centers_become_teams),
        BOTH_ENGINES(rows_are_numbered_by_the_clock_in_one_run_an_hour),
        BOTH_ENGINES(a_run_is_counted_when_it_is_shown),
        BOTH_ENGINES(a_transaction_that_is_undone_leaves_no_run_behind),
    };

    return RUN_TESTS(tests);
}
