/* test_postgres.c — what only PostgreSQL does: connections that break, transactions run again. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <libpq-fe.h>

#include "base/id.h"
#include "base/str.h"
#include "store/postgres.h"
#include "support/support.h"

static void renumbers_parameters_outside_of_text(void **state)
{
    static const struct { const char *sql, *reads; size_t n; } cases[] = {
        { "SELECT ?", "SELECT $1", 1 },
        { "a = ? AND b IN (?,?)", "a = $1 AND b IN ($2,$3)", 3 },
        { "SELECT '?', \"?\", ?", "SELECT '?', \"?\", $1", 1 },
        { "SELECT 'it''s ?' || ?", "SELECT 'it''s ?' || $1", 1 },
        { "SELECT ? -- why?\n, ?", "SELECT $1 -- why?\n, $2", 2 },
        { "SELECT 1", "SELECT 1", 0 },
        { "SELECT v ->> '$.a' - ?", "SELECT v ->> '$.a' - $1", 1 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        size_t n;
        char *text = postgres_number_params(cases[i].sql, &n);
        assert_string_equal(text, cases[i].reads);
        assert_int_equal(n, cases[i].n);
        free(text);
    }
}

static enum err raise_state(struct work *w, void *arg)
{
    return store_run(w, arena_printf(w->mem,
                                     "DO $x$ BEGIN RAISE EXCEPTION 'so it is' USING ERRCODE = '%s';"
                                     " END $x$",
                                     (const char *)arg));
}

static void knows_what_the_server_means(void **state)
{
    static const struct { const char *state; enum err err; const char *says; } cases[] = {
        { "53100", ERR_FULL, "the disk of the database server is full" },
        { "53300", ERR_BUSY, "max_connections" },
        { "23505", ERR_CONFLICT, "[so it is]" },
        { "25006", ERR_STORE, "is it a standby?" },
        { "42501", ERR_STORE, "GRANT" },
        { "XX001", ERR_STORE, "restore a backup" },
        { "40001", ERR_BUSY, "other writers kept changing the same rows, 40 times" },
        { "P0001", ERR_STORE, "[so it is]" },
    };
    struct work *w = *state;

    for (size_t i = 0; i < COUNT(cases); i++)
        assert_err(store_write(w, raise_state, (void *)cases[i].state), cases[i].err,
                   cases[i].says);
    assert_ok(store_ready(w->store));
}

static void execute(struct work *w, const char *sql)
{
    PGconn *pg = PQconnectdb(url_for_test(w));
    PGresult *res = PQexec(pg, sql);

    assert_true(PQresultStatus(res) == PGRES_TUPLES_OK || PQresultStatus(res) == PGRES_COMMAND_OK);
    PQclear(res);
    PQfinish(pg);
}

static void cut_connection(struct work *w)
{
    struct conn *c;

    assert_ok(conn_mine(w->store, &c));
    execute(w, arena_printf(w->mem, "SELECT pg_terminate_backend(%d, 5000)",
                            PQbackendPID(((struct postgres_conn *)c)->pg)));
}

static enum err add_level(struct work *w, void *arg)
{
    return store_run(w, "INSERT INTO level (id, workspace, name, place) VALUES (?, ?, ?, 0)",
                     num(id_new()), num(w->workspace), txt(arg));
}

static int64_t count_levels(struct work *w)
{
    struct rows r;

    assert_ok(
        store_query(w, &r, "SELECT count(*) FROM level WHERE workspace = ?", num(w->workspace)));
    return rows_num(&r, 0, 0);
}

static enum err rename_levels(struct work *w, void *arg)
{
    (void)arg;
    return store_run(w, "UPDATE level SET name = CAST(id AS TEXT) WHERE workspace = ?",
                     num(w->workspace));
}

static enum err count_row(void *arg, const struct cell *cells)
{
    (void)cells;
    ++*(int *)arg;
    return OK;
}

/* A server that was restarted, or a firewall: nobody is told, the next statement just works. */
static void connects_again_when_an_idle_connection_was_closed(void **state)
{
    struct work *w = *state;
    char name[] = "a";
    int rows = 0;

    assert_ok(store_write(w, add_level, name));
    cut_connection(w);
    assert_int_equal(count_levels(w), 1);
    cut_connection(w);
    name[0] = 'b';
    assert_ok(store_write(w, add_level, name));
    cut_connection(w);
    assert_ok(store_each(w, count_row, &rows, "SELECT name FROM level WHERE workspace = ?",
                         num(w->workspace)));
    assert_int_equal(rows, 2);
    cut_connection(w);
    assert_ok(store_ready(w->store));
}

/* Breaks the connection in the middle of the first `times` calls. */
struct cut {
    void (*how)(struct work *w);
    int times, calls;
    bool read;                      /* something after it, before the commit */
};

/* As a network does it: without a word. */
static void sever(struct work *w)
{
    struct conn *c = w->tx->conn;

    shutdown(PQsocket(((struct postgres_conn *)c)->pg), SHUT_RDWR);
}

static enum err write_and_cut(struct work *w, void *arg)
{
    struct cut *c = arg;
    char name[] = "x";
    struct rows r;

    TRY(add_level(w, name));
    TRY(store_query(w, &r, "SELECT count(*) FROM level"));
    if (++c->calls <= c->times)
        c->how(w);
    name[0] = 'y';
    TRY(add_level(w, name));
    return c->read ? store_query(w, &r, "SELECT count(*) FROM level") : OK;
}

static void runs_a_broken_transaction_again_unless_it_may_be_committed(void **state)
{
    static const struct { struct cut cut; const char *says; int calls, levels; } cases[] = {
        { { cut_connection, 1, .read = true }, NULL, 2, 2 },
        { { cut_connection, 1 }, NULL, 2, 4 },
        { { sever, 1, .read = true }, NULL, 2, 6 },
        { { sever, 100, .read = true }, "the connection to", 2, 6 },
        { { cut_connection, 100, .read = true }, "Try again", 2, 6 },
        /* The commit went out with the last insert: nobody can know, so it is not repeated. */
        { { sever, 1 }, "while a change was being committed: look whether it is there", 1, 6 },
    };
    struct work *w = *state;

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct cut cut = cases[i].cut;
        assert_err(store_write(w, write_and_cut, &cut), cases[i].says ? ERR_STORE : OK,
                   cases[i].says);
        assert_int_equal(cut.calls, cases[i].calls);
        assert_int_equal(count_levels(w), cases[i].levels);
        assert_ok(store_write(w, rename_levels, NULL));
    }
}

/* Another writer changes the row after it was read: the closure runs again and sees it. */
struct rival { int runs; };

static enum err read_then_write(struct work *w, void *arg)
{
    struct rival *rival = arg;
    struct rows r;

    TRY(store_query(w, &r, "SELECT place FROM level WHERE workspace = ?", num(w->workspace)));
    if (rival->runs++ == 0)
        execute(w, "UPDATE level SET place = place + 100");
    return store_run(w, "UPDATE level SET place = ? WHERE workspace = ?",
                     num(rows_num(&r, 0, 0) + 1), num(w->workspace));
}

static void loses_no_update(void **state)
{
    struct work *w = *state;
    struct rival rival = {};
    char name[] = "a";
    struct rows r;

    assert_ok(store_write(w, add_level, name));
    assert_ok(store_write(w, read_then_write, &rival));
    assert_int_equal(rival.runs, 2);
    assert_ok(store_query(w, &r, "SELECT place FROM level WHERE workspace = ?", num(w->workspace)));
    assert_int_equal(rows_num(&r, 0, 0), 101);
}

/* A key that a rival took after we looked: the second run can say so in its own words. */
static enum err look_then_take(struct work *w, void *arg)
{
    struct rival *rival = arg;
    struct rows r;
    char name[] = "taken";

    TRY(store_query(w, &r, "SELECT id FROM level WHERE workspace = ? AND name = 'taken'",
                    num(w->workspace)));
    if (r.n)
        return errf(ERR_CONFLICT, "the level 'taken' is there already");
    if (rival->runs++ == 0)
        execute(w, arena_printf(w->mem, "INSERT INTO level (id, workspace, name, place)"
                                " VALUES (5, %lld, 'taken', 0)", (long long)w->workspace));
    return add_level(w, name);
}

static void lets_the_closure_name_a_conflict(void **state)
{
    struct work *w = *state;
    struct rival rival = {};

    assert_err(store_write(w, look_then_take, &rival), ERR_CONFLICT,
               "the level 'taken' is there already");
}

static enum err add_thousand(struct work *w, void *arg)
{
    (void)arg;
    for (int i = 0; i < 1000; i++)
        TRY(store_run(w, "INSERT INTO level (id, workspace, name, place) VALUES (?, ?, ?, ?)",
                      num(i + 1), num(w->workspace), txt(arena_printf(w->mem, "level %d", i)),
                      num(i)));
    return OK;
}

static enum err write_wrongly(struct work *w, void *arg)
{
    TRY(add_level(w, arg));
    TRY(store_run(w, "UPDATE level SET colour = ?", num(1)));
    return store_run(w, "DELETE FROM level");
}

static void names_the_statement_that_failed_in_the_pipeline(void **state)
{
    char name[] = "a";

    assert_err(store_write(*state, write_wrongly, name), ERR_INTERNAL,
               "(in: UPDATE level SET colour = ?)");
}

static size_t count_syncs(const char *trace)
{
    size_t n = 0;

    for (const char *p = trace; (p = strstr(p, "\tSync\n")); p++)
        n++;
    return n;
}

/* libpq's own trace says what went over the wire. */
static void a_thousand_writes_are_a_handful_of_round_trips(void **state)
{
    struct work *w = *state;
    struct conn *c;
    char *trace = NULL;
    size_t size;

    assert_ok(conn_mine(w->store, &c));
    FILE *f = open_memstream(&trace, &size);
    PQtrace(((struct postgres_conn *)c)->pg, f);
    assert_ok(store_write(w, add_thousand, NULL));
    PQuntrace(((struct postgres_conn *)c)->pg);
    fclose(f);
    size_t syncs = count_syncs(trace);
    free(trace);
    assert_in_range(syncs, 1, 4);
    assert_int_equal(count_levels(w), 1000);
}

static enum err expire_number(struct work *w, void *arg)
{
    (void)arg;
    return store_run(w, "UPDATE process SET until = 1");
}

/* A process that slept past its lease gets its number back, or another one if somebody has it. */
static void renews_the_number_of_the_process(void **state)
{
    struct work *w = *state;
    struct postgres *p = w->store->own;
    char name[] = "a";
    struct rows r;

    int first = p->number;
    assert_ok(store_write(w, expire_number, NULL));
    p->until = 0;
    assert_ok(store_write(w, add_level, name));
    assert_int_equal(p->number, first);
    assert_ok(store_query(w, &r, "SELECT until FROM process WHERE number = ?", num(first)));
    assert_true(rows_num(&r, 0, 0) > 1);

    execute(w, "UPDATE process SET host = 'elsewhere.example'");
    p->until = 0;
    name[0] = 'b';
    assert_ok(store_write(w, add_level, name));
    assert_int_not_equal(p->number, first);
    assert_int_equal(id_new() >> 12 & 1023, p->number);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(renumbers_parameters_outside_of_text),
        ON_POSTGRES(knows_what_the_server_means),
        ON_POSTGRES(connects_again_when_an_idle_connection_was_closed),
        ON_POSTGRES(runs_a_broken_transaction_again_unless_it_may_be_committed),
        ON_POSTGRES(loses_no_update),
        ON_POSTGRES(lets_the_closure_name_a_conflict),
        ON_POSTGRES(names_the_statement_that_failed_in_the_pipeline),
        ON_POSTGRES(a_thousand_writes_are_a_handful_of_round_trips),
        ON_POSTGRES(renews_the_number_of_the_process),
    };

    return RUN_TESTS(tests);
}
