/* test_schedule.c — when sources are due, what failures lead to, and that one node does it. */
#include "sync/schedule.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/str.h"
#include "people/history.h"
#include "people/workspace.h"
#include "support/support.h"
#include "sync/connect.h"
#include "sync/purge.h"

static const int64_t MINUTE = 60 * 1000, HOUR = 60 * MINUTE, DAY = 24 * HOUR;

static int64_t at(const char *instant)
{
    int64_t ms;

    assert_true(time_parse(instant, &ms));
    return ms;
}

static void now_is(struct work *w, const char *instant)
{
    setenv("MUSTER_NOW", instant, 1);
    w->now = at(instant);
}

static const char *people_path(struct work *w)
{
    return arena_printf(w->mem, "%s/people.csv", dir_for_test(w));
}

static void write_people(struct work *w, const char *text)
{
    FILE *f = fopen(people_path(w), "we");

    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static const char two_people[] = "external_id,user_name,email,given_name,family_name,state\n"
                                 "1,ana,ana@example.com,Ana,Alba,active\n"
                                 "2,bo,bo@example.com,Bo,Berg,active\n";

static struct source_row given_source(struct work *w, const char *name)
{
    struct source_row s;
    char *option = arena_printf(w->mem, "path=%s", people_path(w));

    write_people(w, two_people);
    assert_ok(source_add(w, "file", name, &option, 1, NULL, &s));
    return s;
}

static enum err put_source(struct work *w, void *s)
{
    return source_row_update(w, s);
}

static struct job job_of(struct work *w, const struct source_row *s)
{
    struct job job;

    assert_ok(job_ensure(w, "sync", s->id, &job));
    return job;
}

static int64_t due_after_arranging(struct work *w, const struct source_row *s)
{
    int64_t next = 0;

    assert_ok(schedule_arrange(w, &next));
    return job_of(w, s).due_at;
}

/* What the scheduler's thread does with a job that is due. */
static struct job run_due(struct work *w, const struct source_row *s, const bool *stop)
{
    struct job job;

    assert_ok(job_take(w, "sync", s->id, &job));
    assert_ok(schedule_do(w, &job, stop));
    return job_of(w, s);
}

static struct source_row again(struct work *w, const struct source_row *s)
{
    struct source_row now;

    assert_ok(source_row_by_id(w, s->id, &now));
    return now;
}

/* ---- when ---- */

static void offsets_are_stable_and_spread_over_ten_minutes(void **state)
{
    int64_t least = 10 * MINUTE, most = 0, first = id_new();

    (void)state;
    for (int i = 0; i < 100; i++) {
        int64_t offset = schedule_offset(first + i);
        assert_int_equal(offset, schedule_offset(first + i));
        assert_in_range(offset, 0, 10 * MINUTE - 1);
        least = MIN(least, offset);
        most = MAX(most, offset);
    }
    assert_true(most - least > 5 * MINUTE);
}

static void a_new_source_is_due_at_four_in_the_workspace_zone(void **state)
{
    struct work *w = *state;

    now_is(w, "2026-11-21T12:00:00Z");
    assert_ok(workspace_set(w, "time_zone", "Europe/Berlin"));
    struct source_row s = given_source(w, "acme");
    assert_int_equal(due_after_arranging(w, &s),
                     at("2026-11-22T03:00:00Z") + schedule_offset(s.id));
}

static void between_the_hour_and_the_offset_todays_run_is_not_lost(void **state)
{
    struct work *w = *state;

    struct source_row s = given_source(w, "acme");
    int64_t due = at("2026-11-21T04:00:00Z") + schedule_offset(s.id);
    now_is(w, time_text(w->mem, due - 1000));
    assert_int_equal(due_after_arranging(w, &s), due);
}

static void what_was_missed_stays_due_and_then_goes_back_to_the_schedule(void **state)
{
    struct work *w = *state;
    int64_t next = 0;

    now_is(w, "2026-11-21T12:00:00Z");
    struct source_row s = given_source(w, "acme");
    assert_ok(job_schedule(w, "sync", s.id, at("2026-11-19T04:00:00Z")));
    assert_ok(schedule_arrange(w, &next));
    assert_int_equal(job_of(w, &s).due_at, at("2026-11-19T04:00:00Z"));
    assert_int_equal(run_due(w, &s, NULL).due_at,
                     at("2026-11-22T04:00:00Z") + schedule_offset(s.id));
}

static void pausing_unschedules_and_resuming_schedules(void **state)
{
    struct work *w = *state;

    now_is(w, "2026-11-21T12:00:00Z");
    struct source_row s = given_source(w, "acme");
    s.paused = true;
    assert_ok(store_write(w, put_source, &s));
    assert_int_equal(due_after_arranging(w, &s), 0);
    s.paused = false;
    assert_ok(store_write(w, put_source, &s));
    assert_int_equal(due_after_arranging(w, &s),
                     at("2026-11-22T04:00:00Z") + schedule_offset(s.id));
}

static void another_schedule_counts_at_the_next_look(void **state)
{
    struct work *w = *state;
    int64_t next = 0;

    now_is(w, "2026-11-21T12:00:00Z");
    struct source_row s = given_source(w, "acme");
    (void)due_after_arranging(w, &s);
    const char *text;
    assert_ok(source_mapping_text(w, &s, &text));
    const char *line = strstr(text, "schedule:");
    assert_non_null(line);
    s.mapping = arena_printf(w->mem, "%.*sschedule: \"0 * * * *\"%s", (int)(line - text), text,
                             line + strcspn(line, "\n"));
    assert_ok(store_write(w, put_source, &s));
    int64_t offset = schedule_offset(s.id);
    assert_ok(schedule_arrange(w, &next));
    assert_int_equal(job_of(w, &s).due_at,
                     at("2026-11-21T12:00:00Z") + offset + (offset ? 0 : HOUR));
    assert_true(next > 0 && next <= job_of(w, &s).due_at);
}

/* ---- doing ---- */

static void a_run_by_the_clock_carries_its_plan_out(void **state)
{
    struct work *w = *state;
    struct run *runs;
    size_t n;

    now_is(w, "2026-11-21T12:00:00Z");
    struct source_row s = given_source(w, "acme");
    assert_int_equal(run_due(w, &s, NULL).attempts, 0);
    assert_ok(runs_list(w, s.id, 5, &runs, &n));
    assert_int_equal(n, 1);
    assert_string_equal(runs[0].state, "applied");
    assert_non_null(strstr(runs[0].tally, "\"created\":2"));
}

static void failures_are_retried_later_and_later_and_then_by_the_schedule(void **state)
{
    static const int minutes[] = { 1, 5, 15, 60 };
    struct work *w = *state;

    now_is(w, "2026-11-21T12:00:00Z");
    struct source_row s = given_source(w, "acme");
    unlink(people_path(w));
    for (size_t i = 0; i < COUNT(minutes); i++) {
        struct job job = run_due(w, &s, NULL);
        assert_int_equal(job.attempts, i + 1);
        assert_int_equal(job.due_at, w->now + minutes[i] * MINUTE);
        assert_int_equal(due_after_arranging(w, &s), job.due_at);       /* a retry is left alone */
        assert_true(!again(w, &s).trouble == (i + 1 < 3));
    }
    struct job job = run_due(w, &s, NULL);
    assert_int_equal(job.attempts, COUNT(minutes) + 1);
    assert_int_equal(job.due_at, at("2026-11-22T04:00:00Z") + schedule_offset(s.id));
}

static void trouble_says_what_to_do_and_ends_with_a_success(void **state)
{
    struct work *w = *state;

    now_is(w, "2026-11-21T12:00:00Z");
    struct source_row s = given_source(w, "acme");
    unlink(people_path(w));
    for (int i = 0; i < 3; i++)
        (void)run_due(w, &s, NULL);
    const char *trouble = again(w, &s).trouble;
    assert_non_null(strstr(trouble, "3 runs in a row failed"));
    assert_non_null(strstr(trouble, "people.csv"));
    assert_non_null(strstr(trouble, "muster source check acme"));
    write_people(w, two_people);
    assert_int_equal(run_due(w, &s, NULL).attempts, 0);
    assert_null(again(w, &s).trouble);
}

static void a_stopped_run_is_neither_success_nor_failure_and_goes_on_at_once(void **state)
{
    static const bool stop = true;
    struct work *w = *state;

    now_is(w, "2026-11-21T12:00:00Z");
    struct source_row s = given_source(w, "acme");
    unlink(people_path(w));
    (void)run_due(w, &s, NULL);
    write_people(w, two_people);
    struct job job = run_due(w, &s, &stop);
    assert_int_equal(job.attempts, 1);
    assert_int_equal(job.due_at, w->now);
    assert_int_equal(run_due(w, &s, NULL).attempts, 0);
}

static void a_source_that_was_paused_or_removed_meanwhile_is_left_alone(void **state)
{
    struct work *w = *state;
    struct run *runs;
    struct job job;
    size_t n;

    struct source_row s = given_source(w, "acme");
    s.paused = true;
    assert_ok(store_write(w, put_source, &s));
    assert_int_equal(run_due(w, &s, NULL).due_at, 0);
    assert_ok(job_take(w, "sync", 4711, &job));
    assert_ok(schedule_do(w, &job, NULL));
    assert_ok(runs_list(w, 0, 5, &runs, &n));
    assert_int_equal(n, 0);
}

/* ---- clearing ---- */

static enum err put_run(struct work *w, void *run)
{
    return run_put(w, run);
}

static enum err put_row(struct work *w, void *run)
{
    return run_row_put(w, ((struct run *)run)->id,
                       &(struct run_row){ .seq = 1, .kind = ROW_CREATE });
}

static int64_t given_plan(struct work *w, const char *run_state, int64_t age)
{
    struct run run = { .id = id_new(),
                       .kind = "sync",
                       .state = run_state,
                       .actor = "cli:test",
                       .rows = 1,
                       .started_at = w->now - age,
                       .finished_at = w->now - age };

    assert_ok(store_write(w, put_run, &run));
    assert_ok(store_write(w, put_row, &run));
    return run.id;
}

static void only_old_plans_that_nobody_will_carry_out_are_dropped(void **state)
{
    static const struct { const char *state; int days; bool stays; } plans[] = {
        { "refused", 31, false }, { "superseded", 31, false }, { "planned", 31, false },
        { "refused", 29, true },  { "held", 31, true },        { "applied", 31, true },
        { "failed", 31, true },
    };
    struct work *w = *state;
    int64_t ids[COUNT(plans)], gone;

    for (size_t i = 0; i < COUNT(plans); i++)
        ids[i] = given_plan(w, plans[i].state, plans[i].days * DAY);
    assert_ok(plans_purge(w, w->now - 30 * DAY, NULL, &gone));
    assert_int_equal(gone, 3);
    for (size_t i = 0; i < COUNT(plans); i++) {
        struct run run;
        struct run_row *rows;
        size_t n;
        assert_int_equal(run_load(w, ids[i], &run) == OK, plans[i].stays);
        assert_ok(run_rows(w, ids[i], 0, 10, 10, &rows, &n));
        assert_int_equal(n, plans[i].stays);
    }
}

static void clearing_keeps_to_the_setting_and_comes_daily(void **state)
{
    struct work *w = *state;
    int64_t next = 0;
    struct job job;
    struct run run;

    now_is(w, "2026-11-21T12:00:00Z");
    int64_t old = given_plan(w, "refused", 8 * DAY);
    assert_ok(workspace_set(w, "plan_retention_days", "7"));
    assert_ok(schedule_arrange(w, &next));
    assert_in_range(next, at("2026-11-22T02:30:00Z"), at("2026-11-22T02:40:00Z"));
    assert_ok(job_take(w, "purge", 0, &job));
    assert_ok(schedule_do(w, &job, NULL));
    assert_err(run_load(w, old, &run), ERR_NOT_FOUND, "there is no run");
    assert_ok(job_ensure(w, "purge", 0, &job));
    assert_int_equal(job.due_at, next);
}

/* ---- the threads ---- */

/* Looks until the source has a finished run; what is waited for is in another thread. */
static size_t runs_after_a_while(struct work *w, const struct source_row *s)
{
    struct run *runs;
    size_t n = 0;

    for (int i = 0; i < 1000; i++) {
        assert_ok(runs_list(w, s->id, 5, &runs, &n));
        if (n && str_eq(runs[0].state, "applied") && job_of(w, s).due_at > clock_now())
            return n;
        nanosleep(&(struct timespec){ 0, 10000000 }, NULL);
    }
    fail_msg("nothing ran in ten seconds");
    return 0;
}

static void of_two_schedulers_one_runs_a_due_job_once(void **state)
{
    struct work *w = *state;

    unsetenv("MUSTER_NOW");
    w->now = clock_now();
    struct source_row s = given_source(w, "acme");
    assert_ok(job_schedule(w, "sync", s.id, w->now - HOUR));
    reopen_for_test(w, STORE_SERVE);
    {
        AUTO(scheduler) *one = NULL;
        AUTO(scheduler) *two = NULL;
        assert_ok(scheduler_start(w->store, &one));
        assert_ok(scheduler_start(w->store, &two));
        assert_int_equal(runs_after_a_while(w, &s), 1);
    }
    struct run *runs;
    size_t n;
    assert_ok(runs_list(w, s.id, 5, &runs, &n));
    assert_int_equal(n, 1);
    assert_true(str_starts(runs[0].actor, "schedule:"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(offsets_are_stable_and_spread_over_ten_minutes),
        BOTH_ENGINES(a_new_source_is_due_at_four_in_the_workspace_zone),
        BOTH_ENGINES(between_the_hour_and_the_offset_todays_run_is_not_lost),
        BOTH_ENGINES(what_was_missed_stays_due_and_then_goes_back_to_the_schedule),
        BOTH_ENGINES(pausing_unschedules_and_resuming_schedules),
        BOTH_ENGINES(another_schedule_counts_at_the_next_look),
        BOTH_ENGINES(a_run_by_the_clock_carries_its_plan_out),
        BOTH_ENGINES(failures_are_retried_later_and_later_and_then_by_the_schedule),
        BOTH_ENGINES(trouble_says_what_to_do_and_ends_with_a_success),
        BOTH_ENGINES(a_stopped_run_is_neither_success_nor_failure_and_goes_on_at_once),
        BOTH_ENGINES(a_source_that_was_paused_or_removed_meanwhile_is_left_alone),
        BOTH_ENGINES(only_old_plans_that_nobody_will_carry_out_are_dropped),
        BOTH_ENGINES(clearing_keeps_to_the_setting_and_comes_daily),
        BOTH_ENGINES(of_two_schedulers_one_runs_a_due_job_once),
    };

    return RUN_TESTS(tests);
}
