/* test_edit.c — one change by hand: applied at once, told in history, in the order it happened. */
#include <pthread.h>
#include <string.h>

#include "base/id.h"
#include "base/str.h"
#include "support/company.h"

#define HEAD "external_id,email,given_name,title,manager,state\n"

static void an_edit_is_a_row_of_this_hours_run(void **state_)
{
    struct work *w = *state_;
    struct past *list;
    size_t n;

    given_company(w, NULL);
    int64_t ada = by_hand("a@x.example", "Ada", NULL);
    edit("a@x.example", "title", "CEO");
    edit("a@x.example", "title", "CTO");
    assert_int_equal(rows_in("run"), 1);
    assert_ok(history_of(w, ada, 10, &list, &n));
    assert_int_equal(n, 3);
    assert_non_null(strstr(list[0].row.changes, "[\"CEO\",\"CTO\"]"));
    assert_string_equal(list[0].actor, "cli:test");
    w->now += 3600000;
    edit("a@x.example", "title", "COO");
    assert_int_equal(rows_in("run"), 2);
    check_history();
}

static void an_edit_after_a_sync_is_told_after_it(void **state_)
{
    struct work *w = *state_;
    struct past *list;
    size_t n;

    given_company(w, NULL);
    by_hand("b@x.example", "Bo", NULL);
    sync_csv(HEAD "1,a@x.example,Ada,CEO,,active\n");
    edit("1", "title", "Queen");
    sync_csv(NULL);
    edit("1", "title", "Empress");
    assert_ok(history_of(w, the("1"), 10, &list, &n));
    assert_int_equal(n, 4);
    assert_non_null(strstr(list[0].row.changes, "Empress"));
    assert_non_null(strstr(list[3].row.changes, "a@x.example"));
    check_history();
}

/* One of several who want the same address at the same time. */
struct rival {
    pthread_t thread;
    struct work *main;
    enum err outcome;
};

static enum err make_same(struct work *w)
{
    struct attrs *as;

    TRY(attrs_load(w, &as));
    struct edit e = { .person = id_new(), .create = true };
    changes_add(w->mem, &e.changes, attr_builtin("email"), NULL, "Same@X.example");
    changes_add(w->mem, &e.changes, attr_builtin("state"), NULL, "active");
    return people_edit(w, as, &e, ROW_CREATE, "a rival");
}

static void *run_rival(void *arg)
{
    struct rival *r = arg;
    AUTO(work) *w = work_new(r->main->store, r->main->actor);

    w->workspace = r->main->workspace;
    r->outcome = make_same(w);
    return NULL;
}

static void four_threads_give_an_address_to_one(void **state_)
{
    struct work *w = *state_;
    struct rival rivals[4] = {};
    int made = 0, refused = 0;

    given_company(w, NULL);
    reopen_for_test(w, STORE_SERVE);
    for (size_t i = 0; i < COUNT(rivals); i++) {
        rivals[i].main = w;
        assert_int_equal(pthread_create(&rivals[i].thread, NULL, run_rival, &rivals[i]), 0);
    }
    for (size_t i = 0; i < COUNT(rivals); i++) {
        assert_int_equal(pthread_join(rivals[i].thread, NULL), 0);
        made += rivals[i].outcome == OK;
        refused += rivals[i].outcome == ERR_CONFLICT;
    }
    assert_int_equal(made, 1);
    assert_int_equal(refused, 3);
    assert_int_equal(rows_in("person"), 1);
}

static void what_somebody_else_has_is_refused_and_leaves_nothing(void **state_)
{
    struct work *w = *state_;

    given_company(w, NULL);
    int64_t ada = by_hand("a@x.example", "Ada", NULL);
    int64_t bo = by_hand("b@x.example", "Bo", arena_text(w->mem, id_text(ada)));
    int64_t rows = rows_in("run_row");
    assert_err(try_edit(bo, "email", "A@x.example"), ERR_CONFLICT, "belongs to somebody else");
    assert_err(try_edit(ada, "manager", arena_text(w->mem, id_text(bo))), ERR_CONFLICT,
               "already manages");
    assert_err(try_edit(ada, "manager", arena_text(w->mem, id_text(ada))), ERR_CONFLICT,
               "their own manager");
    assert_int_equal(rows_in("run_row"), rows);
    check_history();
}

static void an_edit_makes_the_sources_look_again(void **state_)
{
    given_company(*state_, NULL);
    sync_csv(HEAD "1,a@x.example,Ada,CEO,,active\n2,b@x.example,Bo,Dev,1,active\n");
    assert_true(link_to("hr", "1").digest != 0);
    edit("1", "title", "Queen");
    assert_true(link_to("hr", "1").digest == 0);
    assert_true(link_to("hr", "2").digest != 0);
    sync_csv(NULL);
    counts("read 2, updated 1, unchanged 1");
    sync_csv(NULL);
    counts("read 2, unchanged 2");
}

static void a_reference_that_would_be_a_circle_goes_on_waiting(void **state_)
{
    given_company(*state_, NULL);
    sync_csv(HEAD "1,a@x.example,Ada,CEO,ivy@x.example,active\n");
    assert_int_equal(rows_in("waiting"), 1);
    by_hand("ivy@x.example", "Ivy", arena_text(the_work()->mem, id_text(the("1"))));
    check_forest();
    assert_string_equal(manager("1"), "");
    assert_string_equal(manager("ivy@x.example"), "Ada");
    assert_int_equal(rows_in("waiting"), 1);
    edit("ivy@x.example", "manager", NULL);
    sync_csv(NULL);
    assert_string_equal(manager("1"), "Ivy");
    assert_int_equal(rows_in("waiting"), 0);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        BOTH_ENGINES(an_edit_is_a_row_of_this_hours_run),
        BOTH_ENGINES(an_edit_after_a_sync_is_told_after_it),
        BOTH_ENGINES(four_threads_give_an_address_to_one),
        BOTH_ENGINES(what_somebody_else_has_is_refused_and_leaves_nothing),
        BOTH_ENGINES(an_edit_makes_the_sources_look_again),
        BOTH_ENGINES(a_reference_that_would_be_a_circle_goes_on_waiting),
    };

    return RUN_TESTS(tests);
}
