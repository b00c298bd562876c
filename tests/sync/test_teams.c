/* test_teams.c — teams that follow a source: joined, made, renamed, merged; an admin's are not touched. */
#include <string.h>

#include "base/id.h"
#include "base/str.h"
#include "support/company.h"

#define HEAD "external_id,email,teams,state\n"

static struct team *team(const char *name)
{
    struct teams *all;

    assert_ok(teams_load(the_work(), &all));
    return team_by_name(all, name);
}

static enum err put_team(struct work *w, void *arg)
{
    struct team t = { .id = id_new(), .name = arg, .kind = TEAM_MANUAL };

    return team_put(w, &t);
}

struct merge { int64_t from, into; };

static enum err merge(struct work *w, void *arg)
{
    struct merge *m = arg;

    TRY(team_merge(w, m->from, m->into));
    return source_raise_revision(w, 0);
}

static void a_value_spelled_like_a_team_joins_it(void **state_)
{
    struct work *w = *state_;

    given_company(w, NULL);
    assert_ok(store_write(w, put_team, (void *)"Tech"));
    sync_csv(HEAD "1,a@x.example,Tech,active\n");
    assert_int_equal(rows_in("team"), 1);
    assert_string_equal(teams("1"), "Tech");
    assert_int_equal(team("Tech")->kind, TEAM_MANUAL);
}

static void one_spelled_alike_is_a_team_of_its_own_and_a_note(void **state_)
{
    given_company(*state_, NULL);
    sync_csv(HEAD "1,a@x.example,Sales & Ops,active\n2,b@x.example,sales  ops,active\n");
    assert_true(found("team_alike"));
    assert_int_equal(rows_in("team"), 2);
}

static void a_merge_is_remembered(void **state_)
{
    struct work *w = *state_;

    given_company(w, NULL);
    sync_csv(HEAD "1,a@x.example,Sales,active\n2,b@x.example,sales,active\n");
    struct merge m = { team("sales")->id, team("Sales")->id };
    assert_ok(store_write(w, merge, &m));
    assert_string_equal(teams("2"), "Sales");
    sync_csv(
        HEAD
        "1,a@x.example,Sales,active\n2,b@x.example,sales,active\n3,c@x.example,sales,active\n");
    assert_string_equal(teams("3"), "Sales");
    assert_string_equal(teams("2"), "Sales");
    assert_int_equal(rows_in("team"), 2);
    sync_csv(NULL);
    counts("read 3, unchanged 3");
}

static void a_membership_by_hand_is_not_touched(void **state_)
{
    struct work *w = *state_;

    given_company(w, "fill_rate: {points: 100}");
    sync_csv(HEAD "1,a@x.example,Tech,active\n");
    assert_ok(store_write(w, put_team, (void *)"Choir"));
    const char *id = arena_text(w->mem, id_text(team("Choir")->id));
    edit("1", "teams", id);
    assert_string_equal(teams("1"), "Choir, Tech");
    sync_csv(HEAD "1,a@x.example,Research,active\n");
    assert_string_equal(teams("1"), "Choir, Research");
    sync_csv(HEAD "1,a@x.example,,active\n");
    sync_csv(NULL);
    assert_string_equal(teams("1"), "Choir");
    assert_int_equal(rows_in("team"), 3);        /* an empty one stays */
}

static void an_empty_value_leaves_and_an_absent_one_stays(void **state_)
{
    given_company(*state_, "fill_rate: {points: 100}");
    sync_csv(HEAD "1,a@x.example,Tech,active\n");
    sync_csv("external_id,email,state\n1,a@x.example,active\n");
    assert_string_equal(teams("1"), "Tech");
    assert_true(found("field_absent"));
    sync_csv(HEAD "1,a@x.example,,active\n");
    assert_string_equal(teams("1"), "");
}

static void a_team_that_somebody_made_meanwhile_is_not_a_crash(void **state_)
{
    static const struct sync_request reviewed = { .review = true };
    struct work *w = *state_;

    given_company(w, NULL);
    struct run *held = sync_with("hr", HEAD "1,a@x.example,Tech,active\n", &reviewed, OK);
    assert_ok(store_write(w, put_team, (void *)"Tech"));
    apply_held(held, NULL, 0);
    assert_string_equal(state("1"), "active");
    assert_int_equal(rows_in("membership"), 1);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        BOTH_ENGINES(a_value_spelled_like_a_team_joins_it),
        BOTH_ENGINES(one_spelled_alike_is_a_team_of_its_own_and_a_note),
        BOTH_ENGINES(a_merge_is_remembered),
        BOTH_ENGINES(a_membership_by_hand_is_not_touched),
        BOTH_ENGINES(an_empty_value_leaves_and_an_absent_one_stays),
        BOTH_ENGINES(a_team_that_somebody_made_meanwhile_is_not_a_crash),
    };

    return RUN_TESTS(tests);
}
