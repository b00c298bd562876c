/* test_job.c — one process at a time has a job; the dead and the late lose it. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"
#include "store/holder.h"
#include "store/job.h"
#include "support/support.h"

static enum err hold(struct work *w, void *arg)
{
    return job_hold(w, arg);
}

static void made_when_it_is_new_and_not_due(void **state)
{
    struct work *w = *state;
    struct job first, again;

    assert_ok(job_ensure(w, "sync", 7, &first));
    assert_string_equal(first.kind, "sync");
    assert_int_equal(first.ref, 7);
    assert_int_equal(first.due_at, 0);
    assert_int_equal(first.attempts, 0);
    assert_ok(job_ensure(w, "sync", 7, &again));
    assert_true(first.id == again.id);

    int64_t workspace = 0;
    assert_ok(job_take_due(w, &again, &workspace));
    assert_int_equal(again.id, 0);
}

static void taken_it_is_refused_with_the_holders_name(void **state)
{
    struct work *w = *state;
    struct job mine, other;

    assert_ok(job_take(w, "sync", 7, &mine));
    assert_int_equal(mine.epoch, 1);
    assert_err(
        job_take(w, "sync", 7, &other), ERR_BUSY,
        arena_printf(w->mem, "process %d on %s has this sync", (int)getpid(), holder_host()));
    assert_ok(store_write(w, hold, &mine));
    assert_ok(job_take(w, "sync", 8, &other));          /* another one is free */
    assert_ok(job_done(w, &mine, 0, false));
    assert_ok(job_take(w, "sync", 7, &other));
    assert_int_equal(other.epoch, 2);
}

static void done_it_counts_failures_in_a_row(void **state)
{
    struct work *w = *state;
    struct job j;

    for (int i = 0; i < 3; i++) {
        assert_ok(job_take(w, "sync", 7, &j));
        assert_int_equal(j.attempts, i);
        assert_ok(job_done(w, &j, w->now + 1000, true));
    }
    assert_ok(job_take(w, "sync", 7, &j));
    assert_int_equal(j.attempts, 3);
    assert_ok(job_done(w, &j, 0, false));
    assert_ok(job_take(w, "sync", 7, &j));
    assert_int_equal(j.attempts, 0);
    assert_err((job_done(w, &(struct job){ j.id, 7, 99, .kind = "sync" }, 0, false)), ERR_STALE,
               "taken this sync over");
}

static void the_first_due_is_taken_whatever_its_workspace(void **state)
{
    struct work *w = *state;
    int64_t home = w->workspace, workspace = 0;
    struct job j;

    w->workspace = 4711;
    assert_ok(job_schedule(w, "sync", 1, w->now - 10));
    w->workspace = home;
    assert_ok(job_schedule(w, "sync", 2, w->now - 20));
    assert_ok(job_schedule(w, "sync", 3, w->now + 60000));
    assert_ok(job_schedule(w, "sync", 4, w->now - 30));
    assert_ok(job_schedule(w, "sync", 4, 0));                   /* thought better of it */

    static const int64_t order[] = { 2, 1 };
    for (size_t i = 0; i < COUNT(order); i++) {
        assert_ok(job_take_due(w, &j, &workspace));
        assert_int_equal(j.ref, order[i]);
        assert_true(workspace == (j.ref == 1 ? 4711 : home));
    }
    assert_ok(job_take_due(w, &j, &workspace));
    assert_int_equal(j.id, 0);
}

/* Forty are in hand here, the forty-first is the one: it is found behind the first page. */
static void many_in_hand_do_not_hide_a_free_one(void **state)
{
    struct work *w = *state;
    int64_t workspace;
    struct job j;

    for (int i = 0; i < 41; i++)
        assert_ok(job_schedule(w, "sync", i, w->now - 100 + i));
    for (int i = 0; i < 41; i++) {
        assert_ok(job_take_due(w, &j, &workspace));
        assert_int_equal(j.ref, i);
    }
    assert_ok(job_take_due(w, &j, &workspace));
    assert_int_equal(j.id, 0);
}

/* Takes the job in another process, which then waits to be killed. */
static pid_t taken_by_another_process(struct work *w)
{
    int ready[2];
    char c;

    store_free(w->store);
    w->store = NULL;
    assert_int_equal(pipe(ready), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct job j;
        reopen_for_test(w, 0);
        if (job_take(w, "sync", 7, &j) != OK || write(ready[1], "x", 1) != 1)
            _exit(1);
        pause();
        _exit(0);
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &c, 1), 1);
    close(ready[0]);
    reopen_for_test(w, 0);
    return pid;
}

static void a_dead_holder_frees_it_at_once(void **state)
{
    struct work *w = *state;
    struct job j;

    pid_t pid = taken_by_another_process(w);
    assert_err(job_take(w, "sync", 7, &j), ERR_BUSY,
               arena_printf(w->mem, "process %d on", (int)pid));
    kill(pid, SIGKILL);
    siginfo_t gone;
    waitid(P_PID, (id_t)pid, &gone, WEXITED | WNOWAIT);         /* a zombie: nobody waited */
    assert_ok(job_take(w, "sync", 7, &j));
    assert_int_equal(j.epoch, 2);
    waitpid(pid, NULL, 0);
}

static void due_jobs_of_the_dead_are_found(void **state)
{
    struct work *w = *state;
    int64_t workspace;
    struct job j;

    assert_ok(job_schedule(w, "sync", 7, w->now - 1));
    pid_t pid = taken_by_another_process(w);
    assert_ok(job_take_due(w, &j, &workspace));
    assert_int_equal(j.id, 0);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    assert_ok(job_take_due(w, &j, &workspace));
    assert_int_equal(j.ref, 7);
}

struct disguise { const char *host, *started; };

static enum err disguise_holder(struct work *w, void *arg)
{
    struct disguise *d = arg;

    return store_run(w, "UPDATE job SET host = ?, started = ? WHERE workspace = ?", txt(d->host),
                     txt(d->started), num(w->workspace));
}

/* Elsewhere, or in another boot or container of this host, only the deadline counts. */
static void a_holder_elsewhere_keeps_it_until_the_deadline(void **state)
{
    struct work *w = *state;
    struct disguise cases[] = {
        { "elsewhere.example", "cafecafe.1.5" },
        { holder_host(), "cafecafe.1.5" },
        { holder_host(), NULL },
    };
    struct job first, second;

    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_ok(job_take(w, "sync", 7, &first));
        assert_ok(store_write(w, disguise_holder, &cases[i]));
        assert_err(job_take(w, "sync", 7, &second), ERR_BUSY, cases[i].host);
        w->now += JOB_LEASE_MS - 500;
        assert_err(job_take(w, "sync", 7, &second), ERR_BUSY, cases[i].host);
        assert_ok(store_write(w, hold, &first));                /* the holder is alive and says so */
        w->now += JOB_LEASE_MS - 500;
        assert_err(job_take(w, "sync", 7, &second), ERR_BUSY, cases[i].host);
        w->now += 500;
        assert_ok(job_take(w, "sync", 7, &second));
        assert_true(second.epoch == first.epoch + 1);

        /* It wakes up, and is refused within the transaction it tries. */
        assert_err(store_write(w, hold, &first), ERR_STALE, "taken this sync over");
        assert_err(job_done(w, &first, 0, false), ERR_STALE, "taken this sync over");
        assert_ok(store_write(w, hold, &second));
        assert_ok(job_done(w, &second, 0, false));
    }
}

static enum err write_then_hold(struct work *w, void *arg)
{
    TRY(store_run(w, "INSERT INTO level (id, workspace, name, place) VALUES (1, ?, 'late', 1)",
                  num(w->workspace)));
    return job_hold(w, arg);
}

static void what_a_late_holder_wrote_is_rolled_back(void **state)
{
    struct work *w = *state;
    struct job late, now;
    struct rows r;

    assert_ok(job_take(w, "sync", 7, &late));
    w->now += JOB_LEASE_MS + 1000;
    assert_ok(job_take(w, "sync", 7, &now));
    assert_err(store_write(w, write_then_hold, &late), ERR_STALE, "");
    assert_ok(
        store_query(w, &r, "SELECT count(*) FROM level WHERE workspace = ?", num(w->workspace)));
    assert_int_equal(rows_num(&r, 0, 0), 0);
}

static void knows_itself_to_be_alive(void **state)
{
    AUTO(arena) *mem = arena_new();
    struct holder self = holder_self(mem);

    (void)state;
    assert_false(holder_is_dead(mem, &self));
    self.started = arena_printf(mem, "%s1", self.started);      /* the same number, another process */
    assert_true(holder_is_dead(mem, &self));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        BOTH_ENGINES(made_when_it_is_new_and_not_due),
        BOTH_ENGINES(taken_it_is_refused_with_the_holders_name),
        BOTH_ENGINES(done_it_counts_failures_in_a_row),
        BOTH_ENGINES(the_first_due_is_taken_whatever_its_workspace),
        BOTH_ENGINES(many_in_hand_do_not_hide_a_free_one),
        BOTH_ENGINES(a_dead_holder_frees_it_at_once),
        BOTH_ENGINES(due_jobs_of_the_dead_are_found),
        BOTH_ENGINES(a_holder_elsewhere_keeps_it_until_the_deadline),
        BOTH_ENGINES(what_a_late_holder_wrote_is_rolled_back),
        TEST(knows_itself_to_be_alive),
    };

    return RUN_TESTS(tests);
}
