/* test_guard.c — the limits looked at before the first write, one by one: below, above, overruled. */
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "support/company.h"

/* n people; the first `k` of them are different in the way the format says. */
struct crowd {
    int n, k;
    const char *title, *manager, *state, *location;     /* of the first k; NULL: as everybody */
    int shift;                      /* of the record ids of the first k */
};

static const char *csv_of(const struct crowd *c)
{
    AUTO_BUF csv = {};

    buf_puts(&csv, "external_id,email,given_name,title,location,manager,state\n");
    for (int i = 1; i <= c->n; i++) {
        bool other = i <= c->k;
        buf_printf(&csv, "%d,p%d@x.example,P%d,%s,%s,%s,%s\n", i + (other ? c->shift : 0), i, i,
                   other && c->title ? c->title : "Dev",
                   other && c->location ? c->location : "Kiel",
                   other && c->manager ? c->manager
                   : i == 100          ? ""
                                       : "100",
                   other && c->state ? c->state : "active");
    }
    return arena_textn(the_work()->mem, csv.at, csv.n);
}

static void each_limit_trips_just_above_it(void **state_)
{
    static const struct { const char *guard; struct crowd below, above; } cases[] = {
        { "deactivations", { 100, 20, .state = "gone" }, { 100, 21, .state = "gone" } },
        { "deactivations", { 100, 20, .state = "leave" }, { 100, 21, .state = "leave" } },
        { "records", { 80 }, { 79 } },
        { "fill_rate", { 100, 20, .location = "" }, { 100, 21, .location = "" } },
        { "managers", { 100, 50, .manager = "99" }, { 100, 51, .manager = "99" } },
        { "one_attribute", { 100, 50, .title = "Boss" }, { 100, 51, .title = "Boss" } },
        { "creates", { 199 }, { 201 } },
    };
    static const struct sync_request dry = { .plan_only = true };
    static const struct crowd all = { 100 };
    struct work *w = *state_;

    given_company(w, NULL);
    sync_csv(csv_of(&all));
    for (size_t i = 0; i < COUNT(cases); i++) {
        sync_with("hr", csv_of(&cases[i].below), &dry, OK);
        if (tripped(cases[i].guard))
            fail_msg("%s (case %zu) trips below its limit: %s", cases[i].guard, i,
                     the_last()->guards);
        sync_with("hr", csv_of(&cases[i].above), &dry, OK);
        if (!tripped(cases[i].guard))
            fail_msg("%s (case %zu) does not trip: %s %s", cases[i].guard, i, the_last()->guards,
                     the_last()->tally);
    }
}

/* 5 % of 100: the ids of six are others, their addresses the same. */
static void known_addresses_under_new_anchors_trip(void **state_)
{
    static const struct sync_request dry = { .plan_only = true };
    static const struct crowd all = { 100 }, five = { 100, 5, .shift = 1000 },
                              six = { 100, 6, .shift = 1000 };

    given_company(*state_, NULL);
    sync_csv(csv_of(&all));
    sync_with("hr", csv_of(&five), &dry, OK);
    assert_false(tripped("id_swaps"));
    sync_with("hr", csv_of(&six), &dry, OK);
    assert_true(tripped("id_swaps"));
}

static void three_leavers_of_a_small_company_are_no_alarm(void **state_)
{
    static const struct crowd all = { 6 }, three = { 6, 3, .state = "gone" };

    given_company(*state_, NULL);
    sync_csv(csv_of(&all));
    assert_string_equal(sync_csv(csv_of(&three))->state, "applied");
    counts("read 6, deactivated 3, unchanged 3");
}

static void an_assertion_that_does_not_hold_holds_the_plan(void **state_)
{
    given_company(*state_, NULL);
    given_mapping("hr", "source: file\nmapping:\n  - {attribute: external_id, from: external_id}\n"
                        "  - {attribute: email, from: email}\n  - {attribute: title, from: title}\n"
                        "  - {attribute: employee_number, from: employee_number}\n"
                        "status: {from: state, active: [active]}\n"
                        "asserts: [{unique: employee_number}, {filled: title, percent: 60}]\n");
    sync_csv("external_id,email,employee_number,title,state\n1,a@x.example,7,Dev,active\n2,b@x."
             "example,8,Dev,active\n");
    assert_false(tripped("assertion"));
    sync_csv("external_id,email,employee_number,title,state\n1,a@x.example,7,Dev,active\n2,b@x."
             "example,7,Dev,active\n");
    assert_true(tripped("assertion"));
    assert_string_equal(the_last()->state, "held");
    sync_csv("external_id,email,employee_number,title,state\n1,a@x.example,7,,active\n2,b@x."
             "example,8,Dev,active\n");
    assert_true(tripped("assertion"));
    assert_non_null(strstr(the_last()->guards, "50.0 %"));
}

static void a_person_may_overrule_a_guard(void **state_)
{
    static const struct sync_request sure = { .yes = true };
    static const struct crowd all = { 10 }, many = { 10, 9, .state = "gone" };

    given_company(*state_, NULL);
    sync_csv(csv_of(&all));
    assert_string_equal(sync_csv(csv_of(&many))->state, "held");
    assert_string_equal(state("1"), "active");
    assert_string_equal(sync_with("hr", NULL, &sure, OK)->state, "applied");
    counts("read 10, deactivated 9, unchanged 1");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        BOTH_ENGINES(each_limit_trips_just_above_it),
        BOTH_ENGINES(known_addresses_under_new_anchors_trip),
        BOTH_ENGINES(three_leavers_of_a_small_company_are_no_alarm),
        BOTH_ENGINES(an_assertion_that_does_not_hold_holds_the_plan),
        BOTH_ENGINES(a_person_may_overrule_a_guard),
    };

    return RUN_TESTS(tests);
}
