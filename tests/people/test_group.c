/* Groups of a source: their look-ups, members and what happens to them when teams are merged. */
#include "people/group_sql.h"

#include <stdio.h>

#include "base/id.h"
#include "base/str.h"
#include "support/people.h"

enum { SOURCE = 7, OTHER = 8 };

static enum err put(struct work *w, void *arg)
{
    return group_put(w, arg);
}

static struct group given_group(struct work *w, int64_t source, const char *name,
                                const char *external)
{
    struct group g = { .id = id_new(),
                       .source = source,
                       .team =
                           given_team(w, arena_printf(w->mem, "%s of %d", name, (int)source), 0),
                       .version = 1,
                       .created_at = w->now,
                       .updated_at = w->now,
                       .name = name,
                       .external_id = external };

    assert_ok(store_write(w, put, &g));
    return g;
}

struct joining { struct group *g; struct edit *edit; const struct attrs *as; };

static enum err join_it(struct work *w, void *arg)
{
    struct joining *j = arg;
    struct apply_context c = { .attrs = j->as, .owner = j->g->id };

    return people_apply(w, &c, j->edit, 1);
}

static void given_member(struct work *w, struct group *g, int64_t person)
{
    struct edit edit = { .person = person };
    struct joining j = { g, &edit, attrs_of(w) };

    changes_add(w->mem, &edit.changes, attr_builtin("teams"), NULL,
                arena_text(w->mem, id_text(g->team)));
    assert_ok(store_write(w, join_it, &j));
    assert_int_equal(edit.result, EDIT_DONE);
}

static void finds_groups_by_name_and_external_id_within_their_source(void **state)
{
    struct work *w = *state;
    struct group g = given_group(w, SOURCE, "Sales", "e1"),
                 twin = given_group(w, OTHER, "SALES", "e1");
    struct group loaded;
    int64_t id;

    assert_ok(group_by_name(w, SOURCE, "sALES", &id));
    assert_int_equal(id, g.id);
    assert_ok(group_by_name(w, OTHER, "sales", &id));
    assert_int_equal(id, twin.id);
    assert_ok(group_by_external(w, SOURCE, "e1", &id));
    assert_int_equal(id, g.id);
    assert_ok(group_by_external(w, SOURCE, "E1", &id));
    assert_int_equal(id, 0);
    assert_ok(group_load(w, SOURCE, g.id, &loaded));
    assert_string_equal(loaded.name, "Sales");
    assert_err(group_load(w, SOURCE, twin.id, &loaded), ERR_NOT_FOUND, "no group");
    struct group same = g;
    same.id = id_new();
    same.external_id = NULL;
    assert_err(store_write(w, put, &same), ERR_CONFLICT, "");
}

static void pages_through_groups_in_the_order_of_their_ids(void **state)
{
    struct work *w = *state;
    struct group *page;
    size_t n, all = 0;
    int64_t count, after = 0;

    for (int i = 0; i < 5; i++)
        given_group(w, SOURCE, arena_printf(w->mem, "G%d", 9 - i), NULL);
    given_group(w, OTHER, "G", NULL);
    assert_ok(groups_count(w, SOURCE, &count));
    assert_int_equal(count, 5);
    do {
        assert_ok(groups_page(w, SOURCE, after, 2, &page, &n));
        for (size_t i = 0; i < n; i++) {
            assert_true(page[i].id > after);
            after = page[i].id;
        }
        all += n;
    } while (n);
    assert_int_equal(all, 5);
}

static void lists_members_the_source_sees(void **state)
{
    struct work *w = *state;
    struct group g = given_group(w, SOURCE, "Sales", NULL), *of;
    int64_t ana = given_person(w, "email=ana@example.com", "display_name=Ana", NULL);
    int64_t bo = given_person(w, "email=bo@example.com", "given_name=Bo", "family_name=Berg", NULL);
    int64_t cy = given_person(w, "email=cy@example.com", NULL);
    struct group_member *m;
    bool in[3];
    size_t n;

    given_member(w, &g, ana);
    given_member(w, &g, bo);
    given_member(w, &g, cy);
    assert_ok(group_members(w, &g, 0, 10, &m, &n));
    assert_int_equal(n, 3);
    assert_string_equal(m[0].shown, "Ana");
    assert_string_equal(m[1].shown, "Bo Berg");
    assert_null(m[2].shown);
    assert_ok(group_members(w, &g, ana, 1, &m, &n));
    assert_int_equal(n, 1);
    assert_int_equal(m[0].person, bo);
    given_state(w, bo, STATE_WITHDRAWN);
    assert_ok(group_size(w, &g, 10, &n));
    assert_int_equal(n, 2);
    assert_ok(group_size(w, &g, 1, &n));
    assert_int_equal(n, 1);
    assert_ok(group_has(w, &g, (int64_t[]){ cy, 17, ana }, 3, in));
    assert_true(in[0] && !in[1] && in[2]);
    assert_ok(groups_of(w, SOURCE, ana, &of, &n));
    assert_int_equal(n, 1);
    assert_int_equal(of[0].id, g.id);
}

struct merging { int64_t from, into; };

static enum err merge(struct work *w, void *arg)
{
    struct merging *m = arg;

    return team_merge(w, m->from, m->into);
}

static void a_merge_of_teams_keeps_who_is_in_which_group(void **state)
{
    struct work *w = *state;
    struct group one = given_group(w, SOURCE, "Sales", NULL),
                 two = given_group(w, OTHER, "Sales", NULL);
    int64_t ana = given_person(w, "email=ana@example.com", NULL);
    int64_t bo = given_person(w, "email=bo@example.com", NULL);
    struct merging m = { one.team, two.team };
    struct group_member *members;
    size_t n;

    given_member(w, &one, ana);
    given_member(w, &two, ana);
    given_member(w, &two, bo);
    assert_ok(store_write(w, merge, &m));
    assert_ok(group_load(w, SOURCE, one.id, &one));
    assert_int_equal(one.team, two.team);
    assert_ok(group_members(w, &one, 0, 10, &members, &n));
    assert_int_equal(n, 1);
    assert_ok(group_members(w, &two, 0, 10, &members, &n));
    assert_int_equal(n, 2);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        BOTH_ENGINES(finds_groups_by_name_and_external_id_within_their_source),
        BOTH_ENGINES(pages_through_groups_in_the_order_of_their_ids),
        BOTH_ENGINES(lists_members_the_source_sees),
        BOTH_ENGINES(a_merge_of_teams_keeps_who_is_in_which_group),
    };

    return RUN_TESTS(tests);
}
