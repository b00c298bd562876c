/* Reporting lines from a client: any form of reference, in any order. */
#include "base/id.h"
#include "base/str.h"
#include "people/waiting.h"
#include "support/client.h"
#include "support/people.h"

static int64_t okta;

static void given(struct work *w)
{
    given_company(w, NULL);
    okta = given_client("okta", NULL);
}

static void any_form_of_reference_is_understood(void **state_)
{
    struct work *w = *state_;

    given(w);
    int64_t cy = post(okta, "user_name=cy", "email=Cy@Example.com", "external_id=X-1",
                      "given_name=Cy", NULL);
    const char *const forms[] = { id_text(cy), "X-1", "CY", "cy@example.com" };
    for (size_t i = 0; i < COUNT(forms); i++) {
        const char *who = arena_printf(w->mem, "p%zu", i);
        post(okta, arena_printf(w->mem, "user_name=%s", who),
             arena_printf(w->mem, "manager=%s", forms[i]), NULL);
        assert_string_equal(manager(who), "Cy");
        assert_string_equal(noted(), "");
    }
    assert_int_equal(rows_in("waiting"), 0);
    check_history();
}

static void an_unknown_manager_is_waited_for_and_heals_in_the_same_write(void **state_)
{
    struct work *w = *state_;
    static const struct { const char *ref, *appears; } cases[] = {
        { "E-1", "external_id=E-1" },
        { "boss", "email=x@example.com" },          /* the user name itself */
        { "Boss@Example.com", "email=boss@example.COM" },
        { "second@example.com", "emails=[{\"value\":\"Second@example.com\"}]" },
    };

    given(w);
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *who = arena_printf(w->mem, "user_name=p%zu", i);
        int64_t report = post(okta, who, arena_printf(w->mem, "manager=%s", cases[i].ref), NULL);
        assert_non_null(strstr(noted(), "waits for"));
        assert_string_equal(manager(who + strlen("user_name=")), "");
        const char *name = str_eq(cases[i].ref, "boss") ? "user_name=Boss"
                                                        : arena_printf(w->mem, "user_name=m%zu", i);
        post(okta, name, cases[i].appears, "given_name=Cy", NULL);
        assert_string_equal(manager(who + strlen("user_name=")), "Cy");
        assert_int_equal(rows_in("waiting"), 0);
        assert_int_equal(version_of(report), 2);
    }
    check_history();
    check_forest();
}

static void a_new_key_of_somebody_heals_too(void **state_)
{
    given(*state_);
    int64_t cy = post(okta, "user_name=cy", "given_name=Cy", NULL);
    post(okta, "user_name=ana", "manager=E-9", "additional_managers=new@example.com\ncy", NULL);
    assert_string_equal(manager("ana"), "");
    patch(okta, cy, "external_id=E-9", NULL);
    assert_string_equal(manager("ana"), "Cy");
    assert_string_equal(value("ana", "additional_managers"), id_text(cy));
    int64_t bo = post(okta, "user_name=bo", "email=new@example.com", NULL);
    assert_string_equal(value("ana", "additional_managers"),
                        ids_join(the_work()->mem, (int64_t[]){ cy, bo }, 2));
    assert_int_equal(rows_in("waiting"), 0);
    check_history();
}

static void a_change_of_mind_ends_the_waiting(void **state_)
{
    given(*state_);
    post(okta, "user_name=cy", "given_name=Cy", NULL);
    int64_t ana = post(okta, "user_name=ana", "manager=cy", NULL);
    assert_false(patch(okta, ana, "manager=nobody-yet", NULL));
    assert_string_equal(manager("ana"), "Cy");                     /* keeps the old one meanwhile */
    assert_int_not_equal(rows_in("waiting"), 0);
    assert_true(patch(okta, ana, "manager", NULL));
    assert_string_equal(manager("ana"), "");
    assert_int_equal(rows_in("waiting"), 0);
    post(okta, "user_name=nobody-yet", NULL);
    assert_string_equal(manager("ana"), "");
}

static void a_circle_is_opened_at_the_edge_that_would_close_it(void **state_)
{
    given(*state_);
    int64_t ana = post(okta, "user_name=ana", NULL);
    int64_t bo = post(okta, "user_name=bo", "manager=ana", NULL);
    assert_true(patch(okta, ana, "manager=bo", "title=Lead", NULL));
    assert_non_null(strstr(noted(), "circle of managers"));
    assert_string_equal(value("ana", "title"), "Lead");
    assert_string_equal(manager("ana"), "");
    check_forest();
    /* It is tried again with the references that wait. */
    assert_true(patch(okta, bo, "manager", NULL));
    assert_ok(waiting_heal(the_work(), the_attrs()));
    assert_int_equal(rows_in("waiting"), 0);
    assert_string_not_equal(manager("ana"), "");
    check_history();
}

static void nobody_manages_themselves(void **state_)
{
    given(*state_);
    int64_t ana = post(okta, "user_name=ana", NULL),
            dee = post(okta, "user_name=dee", "given_name=Dee", NULL);
    assert_true(dee != ana);
    patch(okta, ana, "manager=dee", NULL);
    patch(okta, ana, "manager=ANA", "title=x", NULL);
    assert_non_null(strstr(noted(), "their own manager"));
    assert_string_equal(manager("ana"), "Dee");
    assert_string_equal(value("ana", "title"), "x");
    post(okta, "user_name=cy", "external_id=1", "manager=1", NULL);
    assert_string_equal(manager("cy"), "");
    check_forest();
}

static void a_reference_that_would_close_a_circle_waits_on(void **state_)
{
    given(*state_);
    int64_t ana = post(okta, "user_name=ana", "manager=late", NULL);
    int64_t bo = post(okta, "user_name=bo", "manager=ana", NULL);
    assert_false(patch(okta, bo, "title=x", NULL) == false);
    patch(okta, bo, "user_name=late", NULL);                       /* she waited for the one below her */
    assert_string_equal(manager("ana"), "");
    assert_int_not_equal(rows_in("waiting"), 0);
    assert_int_equal(the("ana"), ana);
    check_forest();
}

static void an_hr_reference_by_key_heals_when_a_client_brings_the_person(void **state_)
{
    given(*state_);
    sync_csv("external_id,email,given_name,manager,state\n"
             "1,ana@example.com,Ana,cy@example.com,active\n");
    assert_string_equal(manager("1"), "");
    post(okta, "user_name=cy", "email=cy@example.com", "given_name=Cy", NULL);
    assert_string_equal(manager("1"), "Cy");
    check_history();
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        BOTH_ENGINES(any_form_of_reference_is_understood),
        BOTH_ENGINES(an_unknown_manager_is_waited_for_and_heals_in_the_same_write),
        BOTH_ENGINES(a_new_key_of_somebody_heals_too),
        BOTH_ENGINES(a_change_of_mind_ends_the_waiting),
        BOTH_ENGINES(a_circle_is_opened_at_the_edge_that_would_close_it),
        BOTH_ENGINES(nobody_manages_themselves),
        BOTH_ENGINES(a_reference_that_would_close_a_circle_waits_on),
        BOTH_ENGINES(an_hr_reference_by_key_heals_when_a_client_brings_the_person),
    };

    return RUN_TESTS(tests);
}
