/* test_writer.c — a serving process: many threads, one queue, each its own answer. */
#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/id.h"
#include "base/str.h"
#include "support/support.h"

static enum err add_counter(struct work *w, void *arg)
{
    (void)arg;
    return store_run(w,
                     "INSERT INTO level (id, workspace, name, place) VALUES (1, ?, 'counter', 0)",
                     num(w->workspace));
}

static enum err count_up(struct work *w, void *arg)
{
    struct rows r;

    (void)arg;
    TRY(store_query(w, &r, "SELECT place FROM level WHERE workspace = ? AND id = 1",
                    num(w->workspace)));
    return store_run(w, "UPDATE level SET place = ? WHERE workspace = ? AND id = 1",
                     num(rows_num(&r, 0, 0) + 1), num(w->workspace));
}

static int64_t counter(struct work *w)
{
    struct rows r;

    assert_ok(store_query(w, &r, "SELECT place FROM level WHERE workspace = ? AND id = 1",
                          num(w->workspace)));
    return rows_num(&r, 0, 0);
}

static enum err add_named(struct work *w, void *arg)
{
    return store_run(w, "INSERT INTO level (id, workspace, name, place) VALUES (?, ?, ?, 1)",
                     num(id_new()), num(w->workspace), txt(arg));
}

struct worker {
    struct store *store;
    int64_t workspace;
    int number, times;
    pthread_t thread;
    enum err err;
    char why[256];
};

static void run_threads(struct work *w, struct worker *workers, size_t n, void *(*body)(void *))
{
    for (size_t i = 0; i < n; i++) {
        workers[i] = (struct worker){ w->store, w->workspace, (int)i, workers[i].times };
        assert_int_equal(pthread_create(&workers[i].thread, NULL, body, &workers[i]), 0);
    }
    for (size_t i = 0; i < n; i++)
        pthread_join(workers[i].thread, NULL);
}

static struct work *work_of(const struct worker *me)
{
    struct work *w = work_new(me->store, NULL);

    w->workspace = me->workspace;
    return w;
}

/* An assertion would jump out of the wrong thread: the error is kept for the test. */
static void *count_often(void *arg)
{
    struct worker *me = arg;
    AUTO(work) *w = work_of(me);

    for (int i = 0; i < me->times && me->err == OK; i++)
        me->err = store_write(w, count_up, NULL);
    if (me->err != OK)
        snprintf(me->why, sizeof me->why, "%s", err_text());
    return NULL;
}

static void counts_together(struct work *w, size_t n, int times)
{
    struct worker workers[32];

    assert_ok(store_write(w, add_counter, NULL));
    for (size_t i = 0; i < n; i++)
        workers[i].times = times;
    run_threads(w, workers, n, count_often);
    for (size_t i = 0; i < n; i++)
        if (workers[i].err != OK)
            fail_msg("thread %zu: %s", i, workers[i].why);
    assert_int_equal(counter(w), n * (size_t)times);
}

static void thirty_two_threads_lose_no_write(void **state)
{
    struct work *w = *state;
    bool sqlite = str_eq(store_engine(w->store), "sqlite");

    reopen_for_test(w, STORE_SERVE);
    /* On PostgreSQL every one of them meets the same row: fewer, or they would mostly stand back. */
    counts_together(w, sqlite ? 32 : 4, 20);
}

static void threads_of_a_command_take_turns(void **state)
{
    counts_together(*state, 4, 20);
}

struct answers { sem_t given; _Atomic int good, bad; char why[256]; };

static void answered(void *arg, enum err e)
{
    struct answers *a = arg;

    if (e != OK) {
        snprintf(a->why, sizeof a->why, "%s", err_text());
        a->bad++;
    } else {
        a->good++;
    }
    sem_post(&a->given);
}

static void wait_for(struct answers *a, int n)
{
    for (int i = 0; i < n; i++)
        sem_wait(&a->given);
}

/* Somebody else has the write lock until all are queued: a second opening of the same store. */
struct gate {
    const char *url;
    sem_t shut, open;
    pthread_t keeper;
};

static enum err keep_gate(struct work *w, void *arg)
{
    struct gate *g = arg;

    (void)w;
    sem_post(&g->shut);
    sem_wait(&g->open);
    return OK;
}

static void *keep_store(void *arg)
{
    struct gate *g = arg;
    AUTO(store) *s = NULL;

    enum err e = store_open(g->url, 0, &s);
    if (e == OK) {
        AUTO(work) *w = work_new(s, NULL);
        e = store_write(w, keep_gate, g);
    }
    if (e != OK)
        sem_post(&g->shut);         /* or the test would wait for ever */
    return e == OK ? NULL : g;
}

static void gate_shut(struct gate *g, struct work *w)
{
    g->url = url_for_test(w);
    sem_init(&g->shut, 0, 0);
    sem_init(&g->open, 0, 0);
    assert_int_equal(pthread_create(&g->keeper, NULL, keep_store, g), 0);
    sem_wait(&g->shut);
}

static void gate_open(struct gate *g)
{
    void *trouble;

    usleep(30000);                  /* waiting for a lock must not use up the time of a group */
    sem_post(&g->open);
    pthread_join(g->keeper, &trouble);
    assert_null(trouble);
    sem_destroy(&g->shut);
    sem_destroy(&g->open);
}

enum { MANY = 200 };

struct many {
    int n;
    struct work *works[MANY];
    sqlite3 *outside;               /* sees what is committed */
    bool leads[MANY];               /* the first of its transaction */
    int fail_at;
};

struct single { struct many *all; int number; };

static int64_t committed_rows(sqlite3 *db)
{
    sqlite3_stmt *st;
    int64_t n = -1;

    if (sqlite3_prepare_v2(db, "SELECT count(*) FROM level", -1, &st, NULL) == SQLITE_OK &&
        sqlite3_step(st) == SQLITE_ROW)
        n = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    return n;
}

static enum err add_and_look(struct work *w, void *arg)
{
    struct single *me = arg;
    struct rows r;

    TRY(store_query(w, &r, "SELECT count(*) FROM level WHERE workspace = ?", num(w->workspace)));
    me->all->leads[me->number] = rows_num(&r, 0, 0) == committed_rows(me->all->outside);
    TRY(add_named(w, arena_printf(w->mem, "row %d", me->number)));
    return me->number == me->all->fail_at ? errf(ERR_HELD, "number %d does not want to", me->number)
                                          : OK;
}

static void submit_all(struct work *w, struct many *all, struct answers *a)
{
    struct single *singles = NEW_ARRAY(w->mem, struct single, all->n);
    struct gate gate;

    sem_init(&a->given, 0, 0);
    gate_shut(&gate, w);
    for (int i = 0; i < all->n; i++) {
        singles[i] = (struct single){ all, i };
        all->works[i] = work_new(w->store, NULL);
        all->works[i]->workspace = w->workspace;
        store_submit(all->works[i], add_and_look, &singles[i], answered, a);
    }
    gate_open(&gate);
    wait_for(a, all->n);
    for (int i = 0; i < all->n; i++)
        work_free(all->works[i]);
    sem_destroy(&a->given);
}

static void one_commit_for_many_and_a_failure_alone(void **state)
{
    struct work *w = *state;
    struct many all = { .n = MANY, .fail_at = 77 };
    struct answers a = {};
    struct rows r;
    int commits = 0;

    reopen_for_test(w, STORE_SERVE);
    assert_int_equal(sqlite3_open(url_for_test(w), &all.outside), SQLITE_OK);
    submit_all(w, &all, &a);
    sqlite3_close(all.outside);
    for (int i = 0; i < MANY; i++)
        commits += all.leads[i];
    assert_in_range(commits, 1, MANY / 4);
    assert_int_equal(a.good, MANY - 1);
    assert_int_equal(a.bad, 1);
    assert_string_equal(a.why, "number 77 does not want to");
    assert_ok(store_query(w, &r, "SELECT count(*), max(CASE WHEN name = 'row 77' THEN 1 ELSE 0 END)"
                          " FROM level WHERE workspace = ?", num(w->workspace)));
    assert_int_equal(rows_num(&r, 0, 0), MANY - 1);
    assert_int_equal(rows_num(&r, 0, 1), 0);
}

static enum err remove_levels(struct work *w, void *arg)
{
    (void)arg;
    return store_run(w, "DELETE FROM level WHERE workspace = ?", num(w->workspace));
}

/* Several times, because a machine that is busy may use up a group's time on its first closure. */
static void waiting_for_the_lock_does_not_shorten_a_group(void **state)
{
    struct work *w = *state;
    struct many two = { .n = 2, .fail_at = -1, .leads = { true, true } };
    struct answers a = {};

    reopen_for_test(w, STORE_SERVE);
    assert_int_equal(sqlite3_open(url_for_test(w), &two.outside), SQLITE_OK);
    for (int i = 0; i < 20 && two.leads[1]; i++) {
        assert_ok(store_write(w, remove_levels, NULL));
        submit_all(w, &two, &a);
    }
    sqlite3_close(two.outside);
    assert_true(two.leads[0]);
    assert_false(two.leads[1]);
    assert_int_equal(a.bad, 0);
}

static enum err fail_with_words(struct work *w, void *arg)
{
    (void)w;
    return errf(ERR_HELD, "not %s, on this thread", (const char *)arg);
}

static void carries_the_words_to_the_caller(void **state)
{
    struct work *w = *state;
    char what[] = "today";

    reopen_for_test(w, STORE_SERVE);
    assert_err(store_write(w, fail_with_words, what), ERR_HELD, "not today, on this thread");
    assert_true(str_starts(err_place(), "tests/store/test_writer.c:"));
    assert_null(w->tx);
}

static void submits_without_waiting(void **state)
{
    struct work *w = *state;
    struct answers a = {};
    char name[] = "submitted", why[] = "so";
    struct rows r;

    sem_init(&a.given, 0, 0);
    store_submit(w, add_named, name, answered, &a);
    wait_for(&a, 1);
    assert_int_equal(a.bad, 1);
    assert_non_null(strstr(a.why, "STORE_SERVE"));

    reopen_for_test(w, STORE_SERVE);
    store_submit(w, add_named, name, answered, &a);
    wait_for(&a, 1);
    store_submit(w, fail_with_words, why, answered, &a);
    wait_for(&a, 1);
    assert_int_equal(a.good, 1);
    assert_string_equal(a.why, "not so, on this thread");
    assert_ok(store_query(w, &r, "SELECT name FROM level WHERE workspace = ?", num(w->workspace)));
    assert_string_equal(rows_text(&r, 0, 0), "submitted");
    sem_destroy(&a.given);
}

static void writes_what_is_queued_before_it_closes(void **state)
{
    struct work *w = *state;
    struct answers a = {};
    struct work *works[50];
    char names[50][24];
    struct rows r;

    reopen_for_test(w, STORE_SERVE);
    sem_init(&a.given, 0, 0);
    for (int i = 0; i < 50; i++) {
        works[i] = work_new(w->store, NULL);
        works[i]->workspace = w->workspace;
        snprintf(names[i], sizeof names[i], "last %d", i);
        store_submit(works[i], add_named, names[i], answered, &a);
    }
    reopen_for_test(w, 0);
    assert_int_equal(a.good, 50);
    for (int i = 0; i < 50; i++)
        work_free(works[i]);
    assert_ok(
        store_query(w, &r, "SELECT count(*) FROM level WHERE workspace = ?", num(w->workspace)));
    assert_int_equal(rows_num(&r, 0, 0), 50);
    sem_destroy(&a.given);
}

/* A thread that ends leaves its connection to the next. */
static void *ask_once(void *arg)
{
    struct worker *me = arg;
    AUTO(work) *w = work_of(me);
    struct rows r;

    me->err =
        store_query(w, &r, "SELECT count(*) FROM level WHERE workspace = ?", num(w->workspace));
    return NULL;
}

static void hands_connections_on(void **state)
{
    struct work *w = *state;
    struct worker one[1] = {};

    for (int i = 0; i < 250; i++) {             /* more than the server of the tests admits */
        run_threads(w, one, 1, ask_once);
        assert_ok(one[0].err);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        BOTH_ENGINES(thirty_two_threads_lose_no_write),
        BOTH_ENGINES(threads_of_a_command_take_turns),
        ON_SQLITE(one_commit_for_many_and_a_failure_alone),
        ON_SQLITE(waiting_for_the_lock_does_not_shorten_a_group),
        BOTH_ENGINES(carries_the_words_to_the_caller),
        BOTH_ENGINES(submits_without_waiting),
        BOTH_ENGINES(writes_what_is_queued_before_it_closes),
        BOTH_ENGINES(hands_connections_on),
    };

    return RUN_TESTS(tests);
}
