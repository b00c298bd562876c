/* Groups of a client: teams by name, members as differences, versions of both. */
#include <pthread.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/str.h"
#include "support/client.h"
#include "support/people.h"

static int64_t okta, ana, bo, cy;

static void given(struct work *w)
{
    given_company(w, NULL);
    okta = given_client("okta", NULL);
    ana = post(okta, "user_name=ana", "display_name=Ana", NULL);
    bo = post(okta, "user_name=bo", "display_name=Bo", NULL);
    cy = post(okta, "user_name=cy", "display_name=Cy", NULL);
}

static void a_group_is_a_team_and_joins_the_one_of_its_name(void **state_)
{
    struct work *w = *state_;

    given(w);
    given_team(w, "Sales", cy, 0);
    int64_t sales = group(okta, "Sales", "g1"), ops = group(okta, "Ops", NULL);
    assert_int_equal(rows_in("team"), 2);
    assert_int_equal(join(okta, sales, ana, bo, 0), 0);
    assert_string_equal(members(okta, sales), "Ana, Bo");          /* Cy is an admin's member */
    assert_string_equal(teams("cy"), "Sales");
    join(okta, ops, ana, 0);
    assert_string_equal(teams("ana"), "Ops, Sales");
    struct inbound_group again = { .source = okta, .name = "SALES" };
    assert_err(try_group(&again), ERR_CONFLICT, "'SALES' is another group's");
    struct inbound_group same_id = {
        .source = okta, .name = "x", .external_id = "g1", .sets_external_id = true
    };
    assert_err(try_group(&same_id), ERR_CONFLICT, "externalId 'g1'");
    struct inbound_group unnamed = { .source = okta, .name = " " };
    assert_err(try_group(&unnamed), ERR_INVALID, "displayName");
    check_history();
}

static void membership_changes_count_once_and_raise_both_versions(void **state_)
{
    given(*state_);
    int64_t g = group(okta, "Sales", NULL);

    assert_int_equal(group_version(okta, g), 1);
    join(okta, g, ana, bo, 0);
    assert_int_equal(group_version(okta, g), 2);
    assert_int_equal(version_of(ana), 2);
    join(okta, g, ana, 0);
    assert_int_equal(group_version(okta, g), 2);                   /* GRP-03: stored once */
    assert_int_equal(version_of(ana), 2);
    leave(okta, g, cy, 0);
    assert_int_equal(group_version(okta, g), 2);
    leave(okta, g, ana, cy, 0);
    assert_int_equal(group_version(okta, g), 3);
    assert_string_equal(members(okta, g), "Bo");
    assert_int_equal(version_of(ana), 3);
    assert_int_equal(replace(okta, g, bo, cy, 0), 0);
    assert_string_equal(members(okta, g), "Bo, Cy");
    assert_int_equal(version_of(bo), 2);                           /* GRP-08: only what differs */
    assert_int_equal(replace(okta, g, 0), 0);
    assert_string_equal(members(okta, g), "");
    assert_string_equal(rows_of(okta), "create 3, team 1, member 6");
    check_history();
}

static void whom_the_source_does_not_see_is_skipped(void **state_)
{
    given(*state_);
    int64_t g = group(okta, "Sales", NULL);

    assert_ok(delete_it(okta, bo));
    assert_int_equal(join(okta, g, ana, bo, (int64_t)17, 0), 2);
    assert_string_equal(members(okta, g), "Ana");
}

static void rename_to(int64_t g, const char *name)
{
    struct inbound_group in = { .source = okta, .group = g, .name = name };

    assert_ok(try_group(&in));
}

static void a_renamed_group_takes_its_own_team_along_or_moves(void **state_)
{
    struct work *w = *state_;

    given(w);
    int64_t g = group(okta, "Sales", NULL);
    join(okta, g, ana, bo, 0);
    rename_to(g, "Sales & Ops");
    assert_string_equal(team_of(okta, g), "Sales & Ops");
    assert_string_equal(teams("ana"), "Sales & Ops");
    assert_int_equal(rows_in("team"), 1);
    /* An admin put somebody in: the team stays, the group goes on in another one. */
    struct team team;
    assert_ok(team_find(w, "Sales & Ops", &team));
    edit("cy", "teams", arena_text(w->mem, id_text(team.id)));
    rename_to(g, "Revenue");
    assert_string_equal(team_of(okta, g), "Revenue");
    assert_string_equal(teams("ana"), "Revenue");
    assert_string_equal(teams("cy"), "Sales & Ops");
    assert_string_equal(members(okta, g), "Ana, Bo");
    /* Two groups in one team: each keeps its own members. */
    int64_t other = group(okta, "Support", NULL);
    join(okta, other, cy, ana, 0);
    given_team(w, "Everybody", 0);
    rename_to(other, "Everybody");
    rename_to(g, "everybody else");
    assert_string_equal(members(okta, other), "Ana, Cy");
    assert_string_equal(teams("ana"), "Everybody, everybody else");
    check_history();
}

static enum err drop_slice(struct work *w, void *arg)
{
    struct { struct inbound_group *in; bool done; } *d = arg;

    return inbound_group_delete(w, d->in, 2, &d->done);
}

static void a_deleted_group_leaves_its_people_and_their_versions_tell(void **state_)
{
    struct work *w = *state_;

    given(w);
    int64_t g = group(okta, "Sales", NULL);
    struct inbound_group in = { .source = okta, .group = g, .attrs = the_attrs() };
    struct { struct inbound_group *in; bool done; } d = { &in, false };
    int slices = 0;

    join(okta, g, ana, bo, cy, 0);
    while (!d.done && slices < 5) {
        assert_ok(store_write(w, drop_slice, &d));
        slices++;
    }
    assert_int_equal(slices, 2);
    assert_int_equal(rows_in("team_group"), 0);
    assert_int_equal(rows_in("membership"), 0);
    assert_int_equal(version_of(cy), 3);
    assert_err(store_write(w, drop_slice, &d), ERR_NOT_FOUND, "no group");
    check_history();
}

enum { MANY = 1200 };

static enum err make_many(struct work *w, void *arg)
{
    int64_t *ids = arg;

    for (int i = 0; i < MANY; i++) {
        struct edit e = { .person = ids[i] = id_new(), .create = true };
        struct apply_context c = { .attrs = the_attrs() };
        changes_add(w->mem, &e.changes, attr_builtin("state"), NULL, "active");
        changes_add(w->mem, &e.changes, attr_builtin("user_name"), NULL,
                    arena_printf(w->mem, "p%d", i));
        TRY(people_apply(w, &c, &e, 1));
    }
    return OK;
}

static void a_thousand_members_come_and_go_in_slices(void **state_)
{
    static int64_t ids[MANY];
    struct work *w = *state_;
    struct group g;
    size_t n;

    given(w);
    assert_ok(store_write(w, make_many, ids));
    struct inbound_group in = { .source = okta, .name = "All", .add = ids, .nadd = MANY };
    assert_ok(try_group(&in));
    assert_int_equal(in.skipped, 0);
    assert_ok(group_load(w, okta, in.id, &g));
    assert_ok(group_size(w, &g, 10000, &n));
    assert_int_equal(n, MANY);
    assert_int_equal(g.version, 1);
    struct inbound_group some = {
        .source = okta, .group = in.id, .replaces = true, .add = ids + 1, .nadd = MANY - 600
    };
    assert_ok(try_group(&some));
    assert_ok(group_load(w, okta, in.id, &g));
    assert_ok(group_size(w, &g, 10000, &n));
    assert_int_equal(n, MANY - 600);
    assert_int_equal(g.version, 2);
}

struct worker { struct store *store; int64_t workspace, group, *people; size_t n; enum err err; };

static enum err join_one(struct work *w, void *arg)
{
    return inbound_group(w, arg);
}

static void *join_all(void *arg)
{
    struct worker *x = arg;

    for (size_t i = 0; i < x->n && x->err == OK; i++) {
        AUTO(work) *w = work_new(x->store, &(struct actor){ "test", "t" });
        struct attrs *as;
        w->workspace = x->workspace;
        x->err = attrs_load(w, &as);
        struct inbound_group in = {
            .source = okta, .group = x->group, .attrs = as, .add = &x->people[i], .nadd = 1
        };
        if (x->err == OK)
            x->err = store_write(w, join_one, &in);
        if (x->err != OK)
            fprintf(stderr, "join: %s\n", err_text());
    }
    return NULL;
}

static void two_writers_of_one_group_lose_nobody(void **state_)
{
    enum { EACH = 30 };
    struct work *w = *state_;
    int64_t people[2 * EACH];
    struct group_member *list;
    struct worker workers[2];
    pthread_t threads[2];
    struct group g;
    size_t n;

    given(w);
    for (int i = 0; i < 2 * EACH; i++)
        people[i] = post(okta, arena_printf(w->mem, "user_name=p%d", i), NULL);
    int64_t id = group(okta, "Sales", NULL);
    for (int i = 0; i < 2; i++) {
        workers[i] = (struct worker){ w->store, w->workspace, id, people + i * EACH, EACH, OK };
        assert_int_equal(pthread_create(&threads[i], NULL, join_all, &workers[i]), 0);
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(workers[i].err, OK);
    }
    assert_ok(group_load(w, okta, id, &g));
    assert_ok(group_members(w, &g, 0, 1000, &list, &n));
    assert_int_equal(n, 2 * EACH);                                 /* GRP-07 */
    assert_int_equal(g.version, 1 + 2 * EACH);
    check_history();
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        BOTH_ENGINES(a_group_is_a_team_and_joins_the_one_of_its_name),
        BOTH_ENGINES(membership_changes_count_once_and_raise_both_versions),
        BOTH_ENGINES(whom_the_source_does_not_see_is_skipped),
        BOTH_ENGINES(a_renamed_group_takes_its_own_team_along_or_moves),
        BOTH_ENGINES(a_deleted_group_leaves_its_people_and_their_versions_tell),
        BOTH_ENGINES(a_thousand_members_come_and_go_in_slices),
        BOTH_ENGINES(two_writers_of_one_group_lose_nobody),
    };

    return RUN_TESTS(tests);
}
