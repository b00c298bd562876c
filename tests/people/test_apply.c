/* test_apply.c — the one way a person changes: keys, expectations, managers, in one batch. */
#include <string.h>

#include "base/id.h"
#include "base/str.h"
#include "people/apply.h"
#include "people/manager.h"
#include "support/support.h"

struct trial { struct apply_context c; struct edit edits[8]; size_t n; };

static enum err run_trial(struct work *w, void *arg)
{
    struct trial *t = arg;

    return people_apply(w, &t->c, t->edits, t->n);
}

static struct attrs *attrs_of_all(struct work *w)
{
    struct attrs *as;

    assert_ok(attrs_load(w, &as));
    return as;
}

static struct edit *add(struct work *w, struct trial *t, int64_t person, const char *attribute,
                        const char *before, const char *after)
{
    struct edit *e = NULL;

    t->c.attrs = t->c.attrs ? t->c.attrs : attrs_of_all(w);
    for (size_t i = 0; i < t->n; i++)
        if (t->edits[i].person == person)
            e = &t->edits[i];
    if (!e) {
        e = &t->edits[t->n++];
        *e = (struct edit){ .person = person };
    }
    changes_add(w->mem, &e->changes, attr_find(t->c.attrs, attribute), before, after);
    return e;
}

static int64_t hire(struct work *w, const char *email, int64_t manager)
{
    struct trial t = {};
    int64_t id = id_new();

    add(w, &t, id, "state", NULL, "active")->create = true;
    add(w, &t, id, "email", NULL, email);
    add(w, &t, id, "user_name", NULL, email);
    if (manager)
        add(w, &t, id, "manager", NULL, arena_text(w->mem, id_text(manager)));
    assert_ok(store_write(w, run_trial, &t));
    assert_int_equal(t.edits[0].result, EDIT_DONE);
    return id;
}

static const char *id_in(struct work *w, int64_t id)
{
    return arena_text(w->mem, id_text(id));
}

static struct person *load(struct work *w, int64_t id)
{
    struct person *p;

    assert_ok(person_load(w, attrs_of_all(w), id, &p));
    return p;
}

static int64_t holder(struct work *w, const char *email)
{
    int64_t id;

    assert_ok(people_key_holders(w, KEY_EMAIL, &email, 1, &id));
    return id;
}

static void a_new_person_holds_their_keys(void **state)
{
    struct work *w = *state;
    int64_t ada = hire(w, "Ada@X.example", 0);

    assert_true(holder(w, "ada@x.example") == ada);
    assert_int_equal(load(w, ada)->version, 1);
}

static void a_key_that_somebody_has_is_a_conflict_and_the_rest_go_on(void **state)
{
    struct work *w = *state;
    struct trial t = { .c.expect_before = true };
    int64_t ada = hire(w, "a@x.example", 0), bo = hire(w, "b@x.example", 0),
            cy = hire(w, "c@x.example", 0);

    add(w, &t, bo, "email", "b@x.example", "a@x.example");
    add(w, &t, cy, "title", NULL, "Dev");
    assert_ok(store_write(w, run_trial, &t));
    assert_int_equal(t.edits[0].result, EDIT_CONFLICT);
    assert_non_null(strstr(t.edits[0].why, "a@x.example"));
    assert_int_equal(t.edits[1].result, EDIT_DONE);
    assert_true(holder(w, "a@x.example") == ada);
    assert_string_equal(person_text(load(w, cy), "title"), "Dev");
}

static void refusing_one_of_a_round_refuses_those_who_need_it(void **state)
{
    struct work *w = *state;
    struct trial t = { .c.expect_before = true };
    int64_t ada = hire(w, "a@x.example", 0), bo = hire(w, "b@x.example", 0),
            cy = hire(w, "c@x.example", 0);

    add(w, &t, ada, "email", "somebody else's", "b@x.example");      /* stale */
    add(w, &t, bo, "email", "b@x.example", "c@x.example");
    add(w, &t, cy, "email", "c@x.example", "a@x.example");
    assert_ok(store_write(w, run_trial, &t));
    assert_int_equal(t.edits[0].result, EDIT_STALE);
    assert_int_equal(t.edits[1].result, EDIT_CONFLICT);
    assert_int_equal(t.edits[2].result, EDIT_CONFLICT);
    assert_true(holder(w, "c@x.example") == cy);
}

static void two_edits_of_a_batch_cannot_close_a_circle(void **state)
{
    struct work *w = *state;
    struct trial t = {};
    int64_t ada = hire(w, "a@x.example", 0), bo = hire(w, "b@x.example", 0);
    struct chain chain;

    add(w, &t, ada, "manager", NULL, id_in(w, bo));
    add(w, &t, bo, "manager", NULL, id_in(w, ada));
    assert_ok(store_write(w, run_trial, &t));
    assert_int_equal((t.edits[0].result == EDIT_DONE) + (t.edits[1].result == EDIT_DONE), 1);
    assert_ok(manager_chain(w, ada, &chain));
    assert_ok(manager_chain(w, bo, &chain));
}

static void a_chain_is_turned_round_in_one_batch(void **state)
{
    struct work *w = *state;
    struct trial t = {};
    int64_t ada = hire(w, "a@x.example", 0), bo = hire(w, "b@x.example", ada);

    add(w, &t, ada, "manager", NULL, id_in(w, bo));
    add(w, &t, bo, "manager", id_in(w, ada), NULL);
    assert_ok(store_write(w, run_trial, &t));
    assert_int_equal(t.edits[0].result, EDIT_DONE);
    assert_int_equal(t.edits[1].result, EDIT_DONE);
    assert_true(load(w, ada)->manager == bo && load(w, bo)->manager == 0);
}

static void an_edit_that_is_refused_is_no_step_of_a_chain(void **state)
{
    struct work *w = *state;
    struct trial t = { .c.expect_before = true };
    int64_t ada = hire(w, "a@x.example", 0), bo = hire(w, "b@x.example", ada);

    assert_ok(managers_version(w, &t.c.basis));
    add(w, &t, ada, "manager", NULL, id_in(w, bo));
    add(w, &t, bo, "manager", id_in(w, ada), NULL);
    add(w, &t, bo, "email", "b@x.example", "a@x.example");   /* taken: the whole edit is refused */
    assert_ok(store_write(w, run_trial, &t));
    assert_int_equal(t.edits[1].result, EDIT_CONFLICT);
    assert_int_equal(t.edits[0].result, EDIT_CONFLICT);
    assert_non_null(strstr(t.edits[0].why, "already manages"));
    assert_true(load(w, bo)->manager == ada);
}

static void the_withdrawn_hold_no_keys(void **state)
{
    struct work *w = *state;
    struct trial away = {}, back = {};
    int64_t ada = hire(w, "a@x.example", 0);

    add(w, &away, ada, "state", "active", "withdrawn");
    assert_ok(store_write(w, run_trial, &away));
    assert_true(holder(w, "a@x.example") == 0);
    int64_t bo = hire(w, "a@x.example", 0);
    add(w, &back, ada, "state", "withdrawn", "active");
    assert_ok(store_write(w, run_trial, &back));
    assert_int_equal(back.edits[0].result, EDIT_CONFLICT);
    assert_true(holder(w, "a@x.example") == bo);
}

static void an_expectation_that_does_not_hold_is_stale(void **state)
{
    struct work *w = *state;
    struct trial t = { .c.expect_before = true };
    int64_t ada = hire(w, "a@x.example", 0);

    add(w, &t, ada, "title", "CEO", "CTO");
    add(w, &t, id_new(), "title", "CEO", "CTO");
    assert_ok(store_write(w, run_trial, &t));
    assert_int_equal(t.edits[0].result, EDIT_STALE);
    assert_non_null(strstr(t.edits[0].why, "Title is empty now, not 'CEO'"));
    assert_int_equal(t.edits[1].result, EDIT_STALE);
}

static void one_person_is_changed_once_in_a_batch(void **state)
{
    struct work *w = *state;
    struct trial t = { .c.expect_before = true };
    int64_t ada = hire(w, "a@x.example", 0);

    add(w, &t, ada, "title", NULL, "CEO");
    t.edits[t.n] = (struct edit){ .person = ada };
    changes_add(w->mem, &t.edits[t.n].changes, attr_builtin("location"), NULL, "Kiel");
    t.n++;
    assert_ok(store_write(w, run_trial, &t));
    assert_int_equal(t.edits[0].result, EDIT_DONE);
    assert_int_equal(t.edits[1].result, EDIT_STALE);
    assert_string_equal(person_text(load(w, ada), "title"), "CEO");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        BOTH_ENGINES(a_new_person_holds_their_keys),
        BOTH_ENGINES(a_key_that_somebody_has_is_a_conflict_and_the_rest_go_on),
        BOTH_ENGINES(refusing_one_of_a_round_refuses_those_who_need_it),
        BOTH_ENGINES(two_edits_of_a_batch_cannot_close_a_circle),
        BOTH_ENGINES(a_chain_is_turned_round_in_one_batch),
        BOTH_ENGINES(an_edit_that_is_refused_is_no_step_of_a_chain),
        BOTH_ENGINES(the_withdrawn_hold_no_keys),
        BOTH_ENGINES(one_person_is_changed_once_in_a_batch),
        BOTH_ENGINES(an_expectation_that_does_not_hold_is_stale),
    };

    return RUN_TESTS(tests);
}
