/* test_why.c — every value knows where it comes from; whoever is not here, why. */
#include "sync/why.h"

#include "base/id.h"
#include "base/str.h"
#include "support/people.h"
#include "sync/connect.h"
#include "sync/held.h"
#include "sync/pinned.h"

struct scene { int64_t hr, it, ada; };

static enum err put_source(struct work *w, void *arg)
{
    return source_row_put(w, arg);
}

static int64_t given_source(struct work *w, const char *name, int64_t place)
{
    struct source_row s = { .id = id_new(),
                            .name = name,
                            .kind = "file",
                            .place = place,
                            .options = "{}",
                            .mapping =
                                "source: file\nmapping:\n  - {attribute: email, from: mail}\n"
                                "  - {attribute: title, from: job}\n"
                                "status: {from: status, active: [Active], leave: []}\n",
                            .seen = "{}",
                            .created_at = w->now };

    assert_ok(store_write(w, put_source, &s));
    return s.id;
}

static enum err put_link(struct work *w, void *arg)
{
    return link_put(w, arg);
}

static void given_link(struct work *w, int64_t source, const char *record, int64_t person,
                       const char *said)
{
    struct link link = {
        .source = source, .record = record, .person = person, .said = said, .digest = 1
    };

    assert_ok(store_write(w, put_link, &link));
}

static struct scene given_ada(struct work *w)
{
    struct scene s = { given_source(w, "hr", 1), given_source(w, "it", 2), 0 };

    s.ada = given_person(w, "email=ada@example.com", "given_name=Ada", "title=Engineer", NULL);
    given_link(w, s.hr, "17", s.ada,
               "{\"?raw\":\"Active\",\"?status\":\"active\",\"email\":\"ada@example.com\","
               "\"title\":\"Engineer\"}");
    given_link(w, s.it, "u-17", s.ada, "{\"title\":\"Ingenieurin\"}");
    return s;
}

static struct why_value value_of(struct work *w, int64_t person, const char *attribute)
{
    const struct attrs *as = attrs_of(w);
    struct why why;

    assert_ok(why_person(w, as, person, attr_find(as, attribute), &why));
    assert_int_equal(why.n, 1);
    return why.values[0];
}

static void the_claim_of_the_highest_rank_wins_and_the_rest_lost(void **state)
{
    struct work *w = *state;
    struct scene s = given_ada(w);
    struct why_value v = value_of(w, s.ada, "title");

    assert_string_equal(v.value, "Engineer");
    assert_string_equal(v.origin, "hr");
    assert_int_equal(v.nclaims, 2);
    assert_string_equal(v.claims[0].source, "hr");
    assert_string_equal(v.claims[0].from, "job");
    assert_string_equal(v.claims[0].record, "17");
    assert_null(v.claims[0].lost);
    assert_string_equal(v.claims[1].said, "Ingenieurin");
    assert_string_equal(v.claims[1].lost, "a source of a higher rank says something else");
    assert_true(v.set.run != 0);
    assert_string_equal(v.set.actor, "cli:test");
}

static void the_state_is_told_as_hr_spells_it(void **state)
{
    struct work *w = *state;
    struct scene s = given_ada(w);
    struct why_value v = value_of(w, s.ada, "state");

    assert_string_equal(v.value, "active");
    assert_string_equal(v.origin, "hr");
    assert_string_equal(v.claims[0].from, "status");
    assert_string_equal(v.claims[0].said, "Active");
}

static void an_override_outranks_every_source(void **state)
{
    struct work *w = *state;
    struct scene s = given_ada(w);
    struct pinned pin = { .person = s.ada,
                          .attribute = "title",
                          .value = "Countess",
                          .author = "eve",
                          .reason = "promised",
                          .expires = w->now + 1000 };

    assert_ok(pinned_put(w, &pin));
    given_change(w, s.ada, "title", "Countess");
    struct why_value v = value_of(w, s.ada, "title");
    assert_string_equal(v.origin, "override");
    assert_string_equal(v.pin.author, "eve");
    assert_string_equal(v.pin.reason, "promised");
    assert_true(v.pin.until == pin.expires);
    assert_string_equal(v.claims[0].lost, "the override outranks it");
    assert_string_equal(v.claims[1].lost, "the override outranks it");
}

static void a_change_by_hand_is_told_until_the_next_run(void **state)
{
    struct work *w = *state;
    struct scene s = given_ada(w);

    given_change(w, s.ada, "title", "Countess");
    struct why_value v = value_of(w, s.ada, "title");
    assert_string_equal(v.origin, "by hand");
    assert_string_equal(v.claims[0].lost,
                        "it was changed by hand since; the next run sets it back");
}

static enum err put_held(struct work *w, void *arg)
{
    return held_put(w, arg);
}

static void what_is_held_back_names_the_value_of_hr(void **state)
{
    struct work *w = *state;
    struct scene s = given_ada(w);
    struct held h = { .source = s.hr,
                      .person = s.ada,
                      .run = 42,
                      .since = 1000,
                      .record = "17",
                      .attribute = "title",
                      .said = "Engineer" };

    given_change(w, s.ada, "title", "Countess");
    assert_ok(store_write(w, put_held, &h));
    struct why_value v = value_of(w, s.ada, "title");
    assert_int_equal(v.nheld, 1);
    assert_string_equal(v.held[0].source, "hr");
    assert_string_equal(v.held[0].said, "Engineer");
    assert_true(v.held[0].since == 1000);
    assert_string_equal(v.claims[0].lost, "it is held back");
}

static void everything_starts_with_the_state_and_leaves_out_what_is_empty(void **state)
{
    struct work *w = *state;
    struct scene s = given_ada(w);
    struct why why;

    assert_ok(why_person(w, attrs_of(w), s.ada, NULL, &why));
    assert_string_equal(why.values[0].attr->name, "state");
    assert_int_equal(why.n, 5);         /* email, given_name, title, user_name */
}

struct absent { int64_t source; enum link_reason reason; const char *record, *email; };

static enum err put_absent(struct work *w, void *arg)
{
    const struct absent *a = arg;
    struct link link = { .source = a->source,
                         .record = a->record,
                         .reason = a->reason,
                         .digest = 1,
                         .mark = crypt_mac(w->mem, store_key(w->store), "e-mail without a person",
                                           str_fold(w->mem, a->email)) };
    struct run run = { .id = id_new(),
                       .source = a->source,
                       .kind = "sync",
                       .state = "applied",
                       .actor = "cli:test",
                       .started_at = w->now,
                       .findings = "[{\"type\":\"duplicate_email\",\"people\":"
                                   "[\"Bo Bar <bo@example.com>\"],\"message\":\"two records have "
                                   "it\",\"advice\":\"Correct one.\"}]" };

    TRY(run_put(w, &run));
    return link_put(w, &link);
}

static void says_why_somebody_was_never_made(void **state)
{
    struct work *w = *state;
    int64_t hr = given_source(w, "hr", 1);
    struct absent cases[] = {
        { hr, LINK_EXCLUDED, "4", "cy@example.com" },
        { hr, LINK_NOT_ACTIVE, "5", "dee@example.com" },
        { hr, LINK_CONFLICT, "6", "bo@example.com" },
    };
    static const char *const words[] = { "an exclusion of the mapping",
                                         "does not list them as active",
                                         "in conflict: two records have it" };
    struct why_absent *list;
    int64_t person;
    size_t n;

    for (size_t i = 0; i < COUNT(cases); i++)
        assert_ok(store_write(w, put_absent, &cases[i]));
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_ok(
            why_nobody(w, arena_printf(w->mem, "%c%s", cases[i].email[0] - 32, cases[i].email + 1),
                       &list, &n, &person));
        assert_int_equal(n, 1);
        assert_int_equal(list[0].reason, cases[i].reason);
        assert_string_equal(list[0].record, cases[i].record);
        assert_ok(why_nobody(w, cases[i].record, &list, &n, &person));
        assert_int_equal(n, 1);
        assert_ok(why_nobody(w, cases[i].email, &list, &n, &person));
        assert_non_null(strstr(list[0].words, words[i]));
    }
    assert_string_equal(list[0].advice, "Correct one.");
}

static void finds_people_by_record_and_those_who_were_withdrawn(void **state)
{
    struct work *w = *state;
    struct scene s = given_ada(w);
    struct why_absent *list;
    int64_t person;
    size_t n;

    assert_ok(why_nobody(w, "u-17", &list, &n, &person));
    assert_true(person == s.ada);
    given_state(w, s.ada, STATE_WITHDRAWN);
    assert_ok(why_nobody(w, "ADA@example.com", &list, &n, &person));
    assert_true(person == s.ada);
    assert_string_equal(value_of(w, s.ada, "state").value, "withdrawn");
    assert_err(why_nobody(w, "nobody@example.com", &list, &n, &person), ERR_NOT_FOUND,
               "no source (hr, it)");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        BOTH_ENGINES(the_claim_of_the_highest_rank_wins_and_the_rest_lost),
        ON_SQLITE(the_state_is_told_as_hr_spells_it),
        ON_SQLITE(an_override_outranks_every_source),
        ON_SQLITE(a_change_by_hand_is_told_until_the_next_run),
        ON_SQLITE(what_is_held_back_names_the_value_of_hr),
        ON_SQLITE(everything_starts_with_the_state_and_leaves_out_what_is_empty),
        BOTH_ENGINES(says_why_somebody_was_never_made),
        BOTH_ENGINES(finds_people_by_record_and_those_who_were_withdrawn),
    };

    return RUN_TESTS(tests);
}
