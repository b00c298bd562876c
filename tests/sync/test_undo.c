/* test_undo.c — a run taken back: restored, kept because it changed since, held back until released. */
#include <string.h>

#include "base/id.h"
#include "base/str.h"
#include "support/company.h"
#include "sync/held.h"

#define HEAD "external_id,email,given_name,title,teams,manager,state\n"
#define ADA "1,ada@x.example,Ada,CEO,Board,,active\n"
#define BO "2,bo@x.example,Bo,Dev,Tech,1,active\n"

static void an_update_goes_back_and_stays_back(void **state_)
{
    int64_t n;
    struct work *w = *state_;

    given_company(w, "fill_rate: {points: 100}");
    sync_csv(HEAD ADA BO);
    struct run *run = sync_csv(HEAD ADA "2,bo@x.example,Bo,Boss,Tech,,active\n");
    undo(run, 0);
    assert_string_equal(value("2", "title"), "Dev");
    assert_string_equal(manager("2"), "Ada");
    sync_csv(NULL);
    assert_string_equal(value("2", "title"), "Dev");
    assert_string_equal(manager("2"), "Ada");
    assert_true(found("held_back"));
    assert_ok(held_release(w, the("2"), NULL, &n));
    sync_csv(NULL);
    assert_string_equal(value("2", "title"), "Boss");
    assert_string_equal(manager("2"), "");
}

static void what_changed_since_is_kept(void **state_)
{
    given_company(*state_, NULL);
    sync_csv(HEAD ADA BO);
    struct run *run = sync_csv(
        HEAD "1,ada@x.example,Ada,Boss,Board,,active\n2,bo@x.example,Bo,Lead,Tech,1,active\n");
    edit("1", "title", "Queen");
    struct run *back = undo(run, 0);
    assert_string_equal(value("1", "title"), "Queen");
    assert_string_equal(value("2", "title"), "Dev");
    assert_int_equal(row_of(back, "1")->aside, ROW_KEPT);
}

static void one_change_is_undone_alone(void **state_)
{
    given_company(*state_, NULL);
    sync_csv(HEAD ADA BO);
    struct run *run = sync_csv(
        HEAD "1,ada@x.example,Ada,Boss,Board,,active\n2,bo@x.example,Bo,Lead,Tech,1,active\n");
    undo(run, seq_of(run, "2"));
    assert_string_equal(value("1", "title"), "Boss");
    assert_string_equal(value("2", "title"), "Dev");
    struct run again;
    assert_ok(run_load(the_work(), run->id, &again));
    assert_string_equal(again.state, "applied");
}

static void undoing_a_create_withdraws(void **state_)
{
    int64_t n;
    struct work *w = *state_;

    given_company(w, NULL);
    sync_csv(HEAD ADA);
    struct run *run = sync_csv(HEAD ADA BO);
    int64_t bo = the("2");
    undo(run, 0);
    assert_true(nobody("bo@x.example"));         /* the keys are free again */
    sync_csv(NULL);
    counts("read 2, unchanged 2");
    assert_true(nobody("2"));
    by_hand("bo@x.example", "Other Bo", NULL);
    edit("bo@x.example", "email", "other@x.example");
    edit("other@x.example", "user_name", "other@x.example");
    assert_ok(held_release(w, bo, NULL, &n));
    sync_csv(NULL);
    counts("read 2, created 1, unchanged 1");
    assert_true(the("bo@x.example") == bo);
    assert_string_equal(state("2"), "active");
    assert_string_equal(manager("2"), "Ada");
}

static void undoing_a_deactivation_brings_them_back(void **state_)
{
    given_company(*state_, NULL);
    sync_csv(HEAD ADA BO);
    struct run *run = sync_csv(HEAD ADA "2,bo@x.example,Bo,Dev,Tech,1,gone\n");
    assert_string_equal(state("2"), "deactivated");
    undo(run, 0);
    assert_string_equal(state("2"), "active");
    sync_csv(NULL);
    assert_string_equal(state("2"), "active");   /* HR still says gone: held back */
    sync_csv(HEAD ADA BO);
    sync_csv(HEAD ADA "2,bo@x.example,Bo,Dev,Tech,1,gone\n");
    assert_string_equal(state("2"), "deactivated");     /* said anew */
}

static void a_swap_is_undone_in_one_step(void **state_)
{
    given_company(*state_, NULL);
    sync_csv(HEAD ADA BO);
    struct run *run = sync_csv(
        HEAD "1,bo@x.example,Ada,CEO,Board,,active\n2,ada@x.example,Bo,Dev,Tech,1,active\n");
    assert_string_equal(value("1", "email"), "bo@x.example");
    undo(run, 0);
    assert_string_equal(value("1", "email"), "ada@x.example");
    assert_string_equal(value("2", "email"), "bo@x.example");
    sync_csv(NULL);
    assert_string_equal(value("1", "email"), "ada@x.example");
}

static void a_team_that_was_made_goes_again_and_stays_gone(void **state_)
{
    given_company(*state_, NULL);
    sync_csv(HEAD ADA BO);
    int64_t before = rows_in("team");
    struct run *run = sync_csv(HEAD ADA "2,bo@x.example,Bo,Dev,Research,1,active\n");
    assert_int_equal(rows_in("team"), before + 1);
    undo(run, 0);
    assert_string_equal(teams("2"), "Tech");
    assert_int_equal(rows_in("team"), before);
    sync_csv(NULL);
    assert_true(found("held_back"));
    assert_string_equal(teams("2"), "Tech");
    assert_int_equal(rows_in("team"), before);
}

static void an_undone_run_is_not_undone_twice(void **state_)
{
    static const struct sync_request plain = {};
    struct run out;
    struct work *w = *state_;

    given_company(w, NULL);
    sync_csv(HEAD ADA);
    struct run *run = sync_csv(HEAD ADA BO);
    undo(run, 0);
    assert_err(sync_undo(w, run->id, 0, &plain, &out), ERR_CONFLICT, "undone");
}

static void an_undo_is_itself_undone(void **state_)
{
    given_company(*state_, NULL);
    sync_csv(HEAD ADA BO);
    struct run *run = sync_csv(HEAD ADA "2,bo@x.example,Bo,Boss,Tech,1,active\n");
    undo(undo(run, 0), 0);
    assert_string_equal(value("2", "title"), "Boss");
    sync_csv(NULL);
    assert_string_equal(value("2", "title"), "Boss");
    assert_false(found("held_back"));
}

static void undoing_many_creates_asks_first(void **state_)
{
    static const struct sync_request plain = {};
    struct work *w = *state_;
    AUTO_BUF csv = {};
    struct run out;

    given_company(w, NULL);
    buf_puts(&csv, HEAD);
    for (int i = 1; i <= 21; i++)
        buf_printf(&csv, "%d,p%d@x.example,P%d,,,,active\n", i, i, i);
    struct run *run = sync_csv(arena_textn(w->mem, csv.at, csv.n));
    assert_ok(sync_undo(w, run->id, 0, &plain, &out));
    assert_string_equal(out.state, "held");
    assert_string_equal(state("1"), "active");
    apply_held(&out, NULL, 0);
    assert_true(nobody("1"));
}

/* Edits of one hour are one run; several of one person go back as one. */
static void an_hour_of_edits_is_undone(void **state_)
{
    struct work *w = *state_;
    struct run *runs;
    size_t n;

    given_company(w, NULL);
    sync_csv(HEAD ADA BO);
    edit("1", "title", "Queen");
    edit("1", "title", "Empress");
    edit("1", "location", "Kiel");
    assert_ok(runs_list(w, 0, 1, &runs, &n));
    undo(&runs[0], 0);
    assert_string_equal(value("1", "title"), "CEO");
    assert_string_equal(value("1", "location"), "");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        BOTH_ENGINES(an_update_goes_back_and_stays_back),
        BOTH_ENGINES(what_changed_since_is_kept),
        BOTH_ENGINES(one_change_is_undone_alone),
        BOTH_ENGINES(undoing_a_create_withdraws),
        BOTH_ENGINES(undoing_a_deactivation_brings_them_back),
        BOTH_ENGINES(a_swap_is_undone_in_one_step),
        BOTH_ENGINES(a_team_that_was_made_goes_again_and_stays_gone),
        BOTH_ENGINES(an_undone_run_is_not_undone_twice),
        BOTH_ENGINES(an_undo_is_itself_undone),
        BOTH_ENGINES(an_hour_of_edits_is_undone),
        BOTH_ENGINES(undoing_many_creates_asks_first),
    };

    return RUN_TESTS(tests);
}
