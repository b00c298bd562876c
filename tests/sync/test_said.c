/* test_said.c — claims: what a source last said, how little a row repeats of it, and whose word counts. */
#include <string.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/str.h"
#include "people/level.h"
#include "support/company.h"
#include "sync/pinned.h"
#include "sync/said.h"

#define HEAD "external_id,email,given_name,title,location,state\n"
#define CALM "fill_rate: {points: 100}"

static void a_difference_and_its_merge_give_the_claims_back(void **state_)
{
    static const struct { const char *old, *changes, *fresh; } cases[] = {
        { "{}", "{}", "{}" },
        { "{}", "{\"title\":[null,\"CEO\"]}", "{\"title\":\"CEO\"}" },
        { "{\"title\":\"CEO\"}", "{\"title\":[\"CEO\",null]}", "{\"title\":null}" },
        { "{\"title\":\"CEO\"}", "{}", "{\"title\":\"CTO\"}" },
        { "{\"?raw\":\"Aktiv\",\"title\":\"CEO\"}", "{}",
          "{\"?raw\":\"Weg\",\"location\":\"Kiel\"}" },
        { "{\"title\":\"CEO\"}", "{\"location\":[null,\"Kiel\"]}", "{}" },
        { "{\"a\":\"1\",\"title\":null}", "{\"email\":[null,\"x\"],\"title\":[null,\"y\"]}",
          "{\"!awaits\":\"q\",\"?status\":\"gone\",\"email\":\"X\",\"title\":\"y\"}" },
    };
    struct work *w = *state_;
    struct attrs *as;

    assert_ok(attrs_load(w, &as));
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct said old, fresh, back;
        struct changes c;
        assert_ok(said_read(w->mem, cases[i].old, &old));
        assert_ok(said_read(w->mem, cases[i].fresh, &fresh));
        assert_ok(changes_read(w->mem, as, cases[i].changes, strlen(cases[i].changes), &c));
        assert_ok(said_merge(w->mem, &old, &c, said_delta(w->mem, &old, &c, &fresh), &back));
        assert_string_equal(said_write(w->mem, &back), cases[i].fresh);
        assert_true(said_equal(&back, &fresh));
    }
}

/* ---- absent, empty, not an option ---- */

static void an_absent_field_keeps_what_is_there(void **state_)
{
    given_company(*state_, CALM);
    sync_csv(HEAD "1,a@x.example,Ada,CEO,Kiel,active\n");
    sync_csv("external_id,email,given_name,state\n1,a@x.example,Ada,active\n");
    assert_string_equal(value("1", "title"), "CEO");
    assert_true(found("field_absent"));
}

static void an_empty_field_does_what_its_row_says(void **state_)
{
    static const struct { const char *empty, *becomes, *also; } cases[] = {
        { "title.empty: clear", "", "Bonn" },
        { "title.empty: keep", "CEO", "Bonn" },
        { "title.empty: default\ntitle.default: Staff", "Staff", "Bonn" },
        { "title.empty: fail", "CEO", "Kiel" },
    };

    given_company(*state_, NULL);
    for (size_t i = 0; i < COUNT(cases); i++) {
        char *name = arena_printf(the_work()->mem, "s%zu", i);
        char *who = arena_printf(the_work()->mem, "a%zu@x.example", i);
        given_source(name, arena_printf(the_work()->mem, CALM "\n%s", cases[i].empty));
        sync_of(name, arena_printf(the_work()->mem, HEAD "x%zu,%s,Ada,CEO,Kiel,active\n", i, who));
        sync_of(name, arena_printf(the_work()->mem, HEAD "x%zu,%s,Ada,,Bonn,active\n", i, who));
        assert_string_equal(value(who, "title"), cases[i].becomes);
        assert_string_equal(value(who, "location"), cases[i].also);
    }
    assert_true(found("empty_value"));
}

static void an_option_added_later_fills_the_value(void **state_)
{
    static const char *const options[] = { "Part Time" };
    static const char csv[] = "external_id,email,kind,state\n1,a@x.example,Full Time,active\n";
    struct work *w = *state_;

    assert_ok(attr_add(w, "kind", "Kind", ATTR_SELECT, options, 1));
    given_company(w, CALM "\n+custom.kind: kind");
    sync_csv(csv);
    counts("read 1, created 1");
    assert_true(found("not_an_option"));
    assert_string_equal(value("1", "custom.kind"), "");
    sync_csv(csv);
    assert_true(found("not_an_option"));         /* until it is settled */
    assert_ok(attr_add_choice(w, "kind", "Full Time"));
    sync_csv(csv);
    assert_string_equal(value("1", "custom.kind"), "Full Time");
    sync_csv(csv);
    counts("read 1, unchanged 1");
}

static enum err add_level(struct work *w, void *arg)
{
    return level_add(w, arg);
}

static void a_level_that_is_none_is_not_set(void **state_)
{
    static const char csv[] = "external_id,email,level,state\n1,a@x.example,Senior,active\n";
    struct work *w = *state_;

    given_company(w, CALM);
    sync_csv(csv);
    assert_true(found("not_a_level"));
    assert_string_equal(value("1", "level"), "");
    assert_ok(store_write(w, add_level, (void *)"Senior"));
    sync_csv(csv);
    assert_string_equal(value("1", "level"), "Senior");
}

static void hr_overrides_what_was_changed_by_hand(void **state_)
{
    given_company(*state_, CALM);
    sync_csv(HEAD "1,a@x.example,Ada,CEO,Kiel,active\n");
    edit("1", "title", "Queen");
    sync_csv(NULL);
    counts("read 1, updated 1");
    assert_string_equal(value("1", "title"), "CEO");
}

/* ---- matching ---- */

static void somebody_found_by_e_mail_is_linked_after_a_look(void **state_)
{
    struct work *w = *state_;

    given_company(w, CALM);
    int64_t ada = by_hand("ADA@x.example", "Ada", NULL);
    struct run *run =
        sync_csv(HEAD "1,ada@x.example,Ada,CEO,Kiel,active\n2,b@x.example,Bo,,,active\n");
    assert_string_equal(run->state, "held");
    assert_true(tripped("first_plan"));
    assert_int_equal(row_of(run, "1")->kind, ROW_LINK);
    apply_held(run, NULL, 0);
    counts("read 2, created 1, updated 1");
    assert_true(the("1") == ada);
    assert_true(link_to("hr", "1").person == ada);
    sync_csv(NULL);
    counts("read 2, unchanged 2");
}

static void a_record_that_is_not_active_matches_nobody_by_e_mail(void **state_)
{
    given_company(*state_, CALM);
    by_hand("ada@x.example", "Ada", NULL);
    sync_csv(HEAD "1,ada@x.example,Ada,CEO,Kiel,gone\n2,b@x.example,Bo,,,active\n");
    counts("read 2, created 1, not_active 1");
    assert_string_equal(state("ada@x.example"), "active");
}

static void the_anchor_is_stronger_than_the_e_mail(void **state_)
{
    given_company(*state_, CALM);
    int64_t ada = by_hand("ada@x.example", "Ada", NULL);
    edit("ada@x.example", "external_id", "1");
    by_hand("new@x.example", "Nel", NULL);
    struct run *run = sync_csv(HEAD "1,ada.ay@x.example,Ada,CEO,Kiel,active\n");
    apply_held(run, NULL, 0);
    assert_true(the("ada.ay@x.example") == ada);
}

/* The one has the anchor, the other the e-mail: they cannot both be that person. */
static void two_records_do_not_become_one_person(void **state_)
{
    struct work *w = *state_;

    given_company(w, CALM);
    int64_t ada = by_hand("ada@x.example", "Ada", NULL);
    edit("ada@x.example", "external_id", "1");
    struct run *run =
        sync_csv(HEAD "2,ada@x.example,Adele,CFO,,active\n1,ada.ay@x.example,Ada,CEO,,active\n");
    apply_held(run, NULL, 0);
    assert_true(the("1") == ada);
    assert_string_equal(value("1", "email"), "ada.ay@x.example");
    assert_string_equal(value("2", "email"), "ada@x.example");
    assert_true(link_to("hr", "1").person == ada && link_to("hr", "2").person != ada);
    sync_csv(NULL);
    counts("read 2, unchanged 2");
}

/* ---- ranks ---- */

static void a_lower_source_is_kept_as_a_claim(void **state_)
{
    static const char small[] = "mapping:\n  - attribute: external_id\n    from: external_id\n  - "
                                "attribute: email\n    from: email\n"
                                "  - attribute: title\n    from: title\nstatus:\n  from: state\n  "
                                "active: [active]\n  gone: [gone]\n";
    struct work *w = *state_;

    given_company(w, CALM);
    given_mapping("hr", small);
    sync_csv("external_id,email,title,state\n1,a@x.example,CEO,active\n");
    given_source("second", CALM);
    struct run *run = sync_of("second", HEAD "s1,a@x.example,Adele,Boss,Kiel,active\n");
    assert_string_equal(run->state, "held");
    apply_held(run, NULL, 0);
    assert_string_equal(value("1", "title"), "CEO");         /* the first one's word */
    assert_string_equal(value("1", "given_name"), "Adele");  /* what it does not map */
    assert_string_equal(value("1", "external_id"), "1");
    assert_non_null(strstr(link_to("second", "s1").said, "Boss"));
    sync_of("second", HEAD "s1,a@x.example,Adele,Boss,Kiel,gone\n");
    assert_string_equal(state("1"), "active");
    sync_csv("external_id,email,title,state\n1,a@x.example,CTO,active\n");
    assert_string_equal(value("1", "title"), "CTO");
    assert_string_equal(value("1", "given_name"), "Adele");
    sync_of("second", NULL);
    sync_of("second", NULL);
    counts("read 1, unchanged 1");
}

/* ---- pinned ---- */

static void a_pinned_value_wins_until_it_expires(void **state_)
{
    struct work *w = *state_;

    given_company(w, CALM);
    sync_csv(HEAD "1,a@x.example,Ada,CEO,Kiel,active\n");
    struct pinned pin = { the("1"), w->now + 86400000, "title", "Queen", "tester", "because" };
    assert_ok(pinned_put(w, &pin));
    sync_csv(NULL);
    assert_string_equal(value("1", "title"), "Queen");
    sync_csv(HEAD "1,a@x.example,Ada,CFO,Kiel,active\n");
    assert_string_equal(value("1", "title"), "Queen");
    sync_csv(HEAD "1,a@x.example,Ada,Queen,Kiel,active\n");
    assert_true(found("pinned_agrees"));
    sync_csv(HEAD "1,a@x.example,Ada,CFO,Kiel,active\n");
    w->now += 2 * 86400000;
    sync_csv(NULL);                              /* nothing changed at the source */
    assert_string_equal(value("1", "title"), "CFO");
    sync_csv(NULL);
    counts("read 1, unchanged 1");
}

static void a_user_name_follows_the_e_mail(void **state_)
{
    given_company(*state_, CALM "\n+user_name: login");
    sync_csv("external_id,email,given_name,login,state\n1,a@x.example,Ada,,active\n2,b@x.example,"
             "Bo,bob,active\n");
    assert_string_equal(value("1", "user_name"), "a@x.example");
    sync_csv(
        "{\"external_id\":\"1\",\"email\":\"a3@x.example\",\"state\":\"active\"}\n" /* no login at all */
        "{\"external_id\":\"2\",\"email\":\"b3@x.example\",\"state\":\"active\",\"login\":\"bob\"}"
        "\n");
    assert_string_equal(value("1", "user_name"), "a3@x.example");
    assert_string_equal(value("2", "user_name"), "bob");
    sync_csv("external_id,email,given_name,login,state\n1,new@x.example,Ada,,active\n2,b2@x."
             "example,Bo,bob,active\n");
    assert_string_equal(value("1", "user_name"), "new@x.example");
    assert_string_equal(value("2", "user_name"), "bob");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        ON_SQLITE(a_difference_and_its_merge_give_the_claims_back),
        BOTH_ENGINES(an_absent_field_keeps_what_is_there),
        BOTH_ENGINES(an_empty_field_does_what_its_row_says),
        BOTH_ENGINES(an_option_added_later_fills_the_value),
        BOTH_ENGINES(a_level_that_is_none_is_not_set),
        BOTH_ENGINES(hr_overrides_what_was_changed_by_hand),
        BOTH_ENGINES(somebody_found_by_e_mail_is_linked_after_a_look),
        BOTH_ENGINES(a_record_that_is_not_active_matches_nobody_by_e_mail),
        BOTH_ENGINES(the_anchor_is_stronger_than_the_e_mail),
        BOTH_ENGINES(two_records_do_not_become_one_person),
        BOTH_ENGINES(a_lower_source_is_kept_as_a_claim),
        BOTH_ENGINES(a_pinned_value_wins_until_it_expires),
        BOTH_ENGINES(a_user_name_follows_the_e_mail),
    };

    return RUN_TESTS(tests);
}
