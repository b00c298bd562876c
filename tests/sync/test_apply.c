/* test_apply.c — the rows of a plan, in batches: stopped in the middle, resumed, and all of them once. */
#include <string.h>

#include "base/buf.h"
#include "base/id.h"
#include "base/str.h"
#include "support/company.h"

enum { MANY = 400 };

static const char *crowd(const char *title, const char *first_manager)
{
    AUTO_BUF csv = {};

    buf_puts(&csv, "external_id,email,given_name,title,teams,manager,state\n");
    for (int i = 1; i <= MANY; i++)
        buf_printf(&csv, "%d,p%d@x.example,P%d,%s,Team %d,%s,active\n", i, i, i, title, i % 7,
                   i == MANY                  ? first_manager
                   : i == 1 && *first_manager ? ""
                                              : "400");
    return arena_textn(the_work()->mem, csv.at, csv.n);
}

static bool stop;

static void stop_in_the_middle(void *arg, const char *phase, int64_t done, int64_t of)
{
    (void)arg, (void)of;
    stop = str_eq(phase, "apply") && done >= 100;
}

static void an_apply_that_was_stopped_goes_on_at_the_same_row(void **state_)
{
    static const struct sync_request stopped = { .stop = &stop, .progress = stop_in_the_middle };
    struct work *w = *state_;
    struct run out;

    given_company(w, NULL);
    stop = false;
    struct run *run = sync_with("hr", crowd("Dev", ""), &stopped, ERR_STOPPED);
    assert_ok(run_load(w, run->id, &out));
    assert_string_equal(out.state, "applying");
    assert_true(out.applied_upto >= 100 && out.applied_upto < out.rows);
    assert_int_equal(rows_in("person") + 7, out.applied_upto);      /* seven teams came in between */
    struct run *next = sync_csv(NULL);
    counts("read 400, unchanged 400");
    assert_true(next->resumed == run->id);
    assert_ok(run_load(w, run->id, &out));
    assert_string_equal(out.state, "applied");
    assert_int_equal(rows_in("person"), MANY);
    assert_int_equal(rows_in("link"), MANY);
    assert_string_equal(manager("1"), "P400");
}

static enum err put_fetching(struct work *w, void *arg)
{
    struct run *run = arg;
    struct run_row row = { .seq = 1, .kind = ROW_NOTE, .record = "77" };

    TRY(run_put(w, run));
    return run_row_put(w, run->id, &row);
}

static void a_plan_that_was_interrupted_is_thrown_away(void **state_)
{
    struct work *w = *state_;
    struct run out;

    given_company(w, NULL);
    struct run dead = { .id = id_new(),
                        .source = the_source("hr")->id,
                        .kind = "sync",
                        .state = "fetching",
                        .started_at = w->now,
                        .rows = 1,
                        .actor = "cli:test" };
    assert_ok(store_write(w, put_fetching, &dead));
    sync_csv(crowd("Dev", ""));
    counts("read 400, created 400");
    assert_ok(run_load(w, dead.id, &out));
    assert_string_equal(out.state, "interrupted");
    struct run_row *rows;
    size_t n;
    assert_ok(run_rows(w, dead.id, 0, 10, 10, &rows, &n));
    assert_int_equal(n, 0);
}

/* The half that was applied counts once, however often the apply is taken up. */
static void the_tally_of_a_resumed_apply_is_the_plans(void **state_)
{
    static const struct sync_request stopped = { .stop = &stop,
                                                 .progress = stop_in_the_middle,
                                                 .yes = true };
    struct work *w = *state_;
    struct run out;

    given_company(w, NULL);
    sync_csv(crowd("Dev", ""));
    stop = false;
    struct run *run = sync_with("hr", crowd("Boss", ""), &stopped, ERR_STOPPED);
    edit("400", "title", "By hand");             /* the last row is stale when it is its turn */
    sync_csv(NULL);
    assert_ok(run_load(w, run->id, &out));
    assert_non_null(strstr(out.tally, "\"updated\":399"));
    assert_non_null(strstr(out.tally, "\"stale\":1"));
    assert_string_equal(value("400", "title"), "Boss");
}

/* The boss steps down (last row) and reports to the first (first row): one of the two comes out stale. */
static void half_a_turn_over_two_batches_leaves_no_circle(void **state_)
{
    static const struct sync_request reviewed = { .review = true }, sure = { .yes = true };
    static const char *const stale[] = { "400", "1" };

    for (size_t turn = 0; turn < 2; turn++) {
        AUTO_BUF csv = {};
        if (turn == 0)
            given_company(*state_, NULL);
        sync_with("hr", crowd("Dev", "1"), &sure, OK);
        sync_with("hr", NULL, &sure, OK);
        buf_puts(&csv, "external_id,email,given_name,title,teams,manager,state\n");
        for (int i = 1; i <= MANY; i++)
            buf_printf(&csv, "%d,p%d@x.example,P%d,Boss,Team %d,%s,active\n", i, i, i, i % 7,
                       i == MANY ? "" : "400");
        struct run *held =
            sync_with("hr", arena_textn(the_work()->mem, csv.at, csv.n), &reviewed, OK);
        edit(stale[turn], "title", "By hand");
        apply_held(held, NULL, 0);               /* check_forest() looks */
        sync_with("hr", NULL, &sure, OK);
        assert_string_equal(manager("400"), "");
        assert_string_equal(manager("1"), "P400");
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        BOTH_ENGINES(an_apply_that_was_stopped_goes_on_at_the_same_row),
        BOTH_ENGINES(a_plan_that_was_interrupted_is_thrown_away),
        BOTH_ENGINES(the_tally_of_a_resumed_apply_is_the_plans),
        BOTH_ENGINES(half_a_turn_over_two_batches_leaves_no_circle),
    };

    return RUN_TESTS(tests);
}
