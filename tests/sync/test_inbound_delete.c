/* DELETE by a client: hidden from it, keys free, unless somebody else speaks for the person. */
#include "base/id.h"
#include "base/str.h"
#include "people/workspace.h"
#include "support/client.h"
#include "support/people.h"

static int64_t okta;

static void given(struct work *w)
{
    given_company(w, NULL);
    okta = given_client("okta", NULL);
}

/* DEL-01, DEL-02, DEL-04 */
static void a_deleted_person_is_hidden_and_their_keys_are_free(void **state_)
{
    struct work *w = *state_;

    given(w);
    int64_t ana = post(okta, "user_name=ana", "email=ana@example.com", "external_id=1",
                       "title=Lead", "department=Sales",
                       "emails=[{\"value\":\"a@home.org\"}]", NULL);
    int64_t bo = post(okta, "user_name=bo", "manager=ana", NULL);
    int64_t g = group(okta, "Staff", NULL);
    join(okta, g, ana, bo, 0);
    int64_t version = group_version(okta, g), managed = version_of(bo);

    assert_ok(delete_it(okta, ana));
    assert_false(sees(okta, ana));
    assert_err(delete_it(okta, ana), ERR_NOT_FOUND, "no person");
    assert_err(try_patch(okta, ana, "title=x", NULL), ERR_NOT_FOUND, "no person");
    struct person *p = the_person(w, ana);
    assert_int_equal(p->state, STATE_DEACTIVATED);
    assert_string_equal(person_text(p, "former_email"), "ana@example.com");
    assert_null(person_text(p, "email"));
    assert_null(person_text(p, "user_name"));
    assert_null(person_text(p, "external_id"));
    assert_null(person_text(p, "emails"));
    assert_string_equal(person_text(p, "title"), "Lead");
    assert_int_equal(p->nteams, 0);
    assert_string_equal(members(okta, g), "?");
    assert_int_equal(group_version(okta, g), version + 1);
    assert_string_equal(manager("bo"), "");
    assert_int_equal(version_of(bo), managed + 1);
    int64_t again = post(okta, "user_name=ana", "email=A@home.org", NULL);
    assert_int_not_equal(again, ana);
    assert_int_equal(the_person(w, bo)->manager, again);           /* the client still says so */
    check_history();
}

/* RES-02: nobody has that id again. */
static void who_comes_back_under_the_same_record_is_somebody_new(void **state_)
{
    given(*state_);
    int64_t ana = post(okta, "user_name=ana", "email=ana@example.com", "external_id=1", NULL);
    assert_ok(delete_it(okta, ana));
    int64_t back = post(okta, "user_name=ana", "external_id=1", "title=Lead", NULL);
    assert_int_not_equal(back, ana);
    assert_true(sees(okta, back));
    assert_false(sees(okta, ana));
    assert_string_equal(state("ana"), "active");
    assert_string_equal(value("ana", "external_id"), "1");
    assert_ok(delete_it(okta, back));
    /* Somebody else may take the record of who is gone. */
    int64_t bo = post(okta, "user_name=bo", NULL);
    assert_true(patch(okta, bo, "external_id=1", NULL));
    assert_int_equal(link_to("okta", "1").person, bo);
    assert_false(sees(okta, ana));
    check_history();
}

#define HEAD "external_id,email,given_name,title,state\n"
#define ANA "17,ana@example.com,Ana,Engineer,active\n"

static void who_is_claimed_by_hr_only_disappears_from_the_client(void **state_)
{
    struct work *w = *state_;

    given(w);
    sync_csv(HEAD ANA);
    int64_t ana = the("17"), g = group(okta, "Staff", NULL);
    patch(okta, ana, "title=Chief", "phone=1", "department=Sales", NULL);
    join(okta, g, ana, 0);
    assert_ok(delete_it(okta, ana));
    assert_false(sees(okta, ana));
    assert_string_equal(state("17"), "active");
    assert_string_equal(value("17", "title"), "Engineer");
    assert_string_equal(value("17", "phone"), "");
    assert_string_equal(value("17", "email"), "ana@example.com");
    assert_string_equal(teams("17"), "");
    assert_string_equal(members(okta, g), "");
    assert_err(try_patch(okta, ana, "phone=2", NULL), ERR_NOT_FOUND, "no person");
    sync_csv(HEAD ANA);
    counts("read 1, unchanged 1");
    /* A POST of a key they still have brings them back. */
    assert_int_equal(post(okta, "user_name=ana@example.com", "phone=3", NULL), ana);
    assert_true(sees(okta, ana));
    assert_string_equal(value("17", "phone"), "3");
    check_history();
    /* So does one of the record it knew them by. */
    patch(okta, ana, "external_id=e1", NULL);
    assert_ok(delete_it(okta, ana));
    assert_int_equal(post(okta, "user_name=other", "external_id=e1", NULL), ana);
    assert_string_equal(value("17", "user_name"), "ana@example.com");
}

static void a_first_ranked_clients_values_go_to_the_next(void **state_)
{
    struct work *w = *state_;
    struct source_row row;

    given(w);
    assert_ok(source_row_load(w, "hr", &row));
    row.place = 99;
    assert_ok(store_write(w, (write_fn *)source_row_update, &row));
    int64_t ana = post(okta, "user_name=ana@example.com", "email=ana@example.com", "title=Chief",
                       "external_id=1", NULL);
    apply_held(sync_csv(HEAD ANA), NULL, 0);
    assert_int_equal(the("1"), ana);
    assert_ok(delete_it(okta, ana));
    assert_int_equal(the("17"), ana);
    assert_string_equal(value("17", "title"), "Engineer");
    assert_string_equal(state("17"), "active");
    check_history();
}

static void if_match_guards_a_delete(void **state_)         /* DEL-03 */
{
    given(*state_);
    int64_t ana = post(okta, "user_name=ana", NULL);
    given_version(9);
    assert_err(delete_it(okta, ana), ERR_STALE, "changed");
    assert_true(sees(okta, ana));
    given_version(1);
    assert_ok(delete_it(okta, ana));
}

static enum err set_erase(struct work *w, void *arg)
{
    (void)arg;
    return store_run(w,
                     "UPDATE workspace SET settings = '{\"scim_delete\":\"erase\"}' WHERE id = ?",
                     num(w->workspace));
}

static void a_workspace_may_have_them_erased(void **state_)
{
    struct work *w = *state_;
    struct person *p;

    given(w);
    assert_ok(store_write(w, set_erase, NULL));
    int64_t ana = post(okta, "user_name=ana", "title=Lead", NULL), bo = post(okta, "user_name=bo",
                                                                            "manager=ana", NULL);
    int64_t g = group(okta, "Staff", NULL);
    join(okta, g, ana, 0);
    int64_t version = group_version(okta, g);
    assert_ok(delete_it(okta, ana));
    assert_ok(people_load(w, the_attrs(), &ana, 1, 0, &p));
    assert_null(p);
    assert_false(sees(okta, ana));
    assert_int_equal(version_of(bo), 2);
    assert_true(group_version(okta, g) > version);
    assert_err(delete_it(okta, ana), ERR_NOT_FOUND, "no person");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        BOTH_ENGINES(a_deleted_person_is_hidden_and_their_keys_are_free),
        BOTH_ENGINES(who_comes_back_under_the_same_record_is_somebody_new),
        BOTH_ENGINES(who_is_claimed_by_hr_only_disappears_from_the_client),
        BOTH_ENGINES(a_first_ranked_clients_values_go_to_the_next),
        BOTH_ENGINES(if_match_guards_a_delete),
        BOTH_ENGINES(a_workspace_may_have_them_erased),
    };

    return RUN_TESTS(tests);
}
