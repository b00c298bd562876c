/* test_work.c — queries, rows and write transactions, the same on both engines. */
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "base/str.h"
#include "support/support.h"

static enum err add_level(struct work *w, const char *name, int64_t place)
{
    return store_run(w, "INSERT INTO level (id, workspace, name, place) VALUES (?, ?, ?, ?)",
                     num(id_new()), num(w->workspace), txt(name), num(place));
}

static int64_t count_levels(struct work *w)
{
    struct rows r;

    assert_ok(
        store_query(w, &r, "SELECT count(*) FROM level WHERE workspace = ?", num(w->workspace)));
    return rows_num(&r, 0, 0);
}

static enum err add_three(struct work *w, void *arg)
{
    (void)arg;
    TRY(add_level(w, "Junior", 1));
    TRY(add_level(w, "Senior", 2));
    return add_level(w, "", -9000000000000000000);
}

static void gives_rows_in_order_with_numbers_and_texts(void **state)
{
    struct work *w = *state;
    struct rows r;

    assert_ok(store_write(w, add_three, NULL));
    assert_ok(store_query(w, &r, "SELECT name, place FROM level WHERE workspace = ? ORDER BY place",
                          num(w->workspace)));
    assert_int_equal(r.n, 3);
    assert_int_equal(r.columns, 2);
    assert_string_equal(rows_text(&r, 0, 0), "");
    assert_true(rows_num(&r, 0, 1) == -9000000000000000000);
    assert_string_equal(rows_text(&r, 2, 0), "Senior");
    assert_int_equal(cell(&r, 2, 0)->n, 6);
    assert_null(rows_text(&r, 2, 1));
}

/* Every kind of value an expression can have comes out the same. */
static void gives_the_same_cells_for_the_same_expressions(void **state)
{
    static const struct { const char *sql; int64_t num; const char *text; bool null; } cases[] = {
        { "SELECT 1", 1, NULL, false },
        { "SELECT count(*) FROM level", 0, NULL, false },
        { "SELECT sum(place) FROM level", 0, NULL, true },
        { "SELECT sum(n) FROM (SELECT CAST(9000000000 AS BIGINT) AS n UNION ALL SELECT -12) AS t",
          8999999988, NULL, false },
        { "SELECT sum(n) FROM (SELECT CAST(10000 AS BIGINT) AS n UNION ALL SELECT 20000) AS t",
          30000, NULL, false },
        { "SELECT CAST(-70000 AS BIGINT)", -70000, NULL, false },
        { "SELECT 2 > 1", 1, NULL, false },
        { "SELECT 1 > 2", 0, NULL, false },
        { "SELECT 'it''s ?' || ' fine -- ?'", 0, "it's ? fine -- ?", false },
        { "SELECT CAST(NULL AS TEXT)", 0, NULL, true },
        { "SELECT CAST(12 AS TEXT)", 0, "12", false },
        { "SELECT COALESCE(max(name), 'none') FROM level", 0, "none", false },
    };
    struct work *w = *state;
    struct rows r;

    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_ok(store_query(w, &r, cases[i].sql));
        assert_int_equal(r.n, 1);
        assert_true(cell(&r, 0, 0)->num == cases[i].num);
        assert_true(str_eq(cell(&r, 0, 0)->text, cases[i].text));
        assert_int_equal(cell(&r, 0, 0)->null, cases[i].null);
    }
}

static void passes_arguments_as_what_they_are(void **state)
{
    struct work *w = *state;
    struct rows r;

    /* The same statement with other kinds: a NULL first, then a number, a text, a number again. */
    static const char sql[] = "SELECT ?";
    assert_ok(store_query(w, &r, sql, txt(NULL)));
    assert_true(cell(&r, 0, 0)->null);
    assert_ok(store_query(w, &r, sql, num(INT64_MIN)));
    assert_true(rows_num(&r, 0, 0) == INT64_MIN);
    assert_ok(store_query(w, &r, sql, txt("zwölf ?")));
    assert_string_equal(rows_text(&r, 0, 0), "zwölf ?");
    assert_ok(store_query(w, &r, sql, num(INT64_MAX)));
    assert_true(rows_num(&r, 0, 0) == INT64_MAX);
    assert_ok(store_query(w, &r, sql, id_or_null(0)));
    assert_true(cell(&r, 0, 0)->null);
    assert_ok(store_query(w, &r, sql, txtn("cut here", 3)));
    assert_string_equal(rows_text(&r, 0, 0), "cut");
}

static void refuses_a_text_with_a_nul(void **state)
{
    struct work *w = *state;
    struct rows r;

    assert_err(store_query(w, &r, "SELECT ?", txtn("a\0b", 3)), ERR_INVALID, "NUL");
}

static void counts_arguments(void **state)
{
    struct work *w = *state;
    struct rows r;

    assert_err(store_query(w, &r, "SELECT ?, ?", num(1)), ERR_INTERNAL,
               "1 arguments for the 2 parameters");
    assert_err(store_query(w, &r, "SELECT 1", num(1)), ERR_INTERNAL,
               "1 arguments for the 0 parameters");
}

static void writes_only_inside_store_write(void **state)
{
    struct work *w = *state;
    struct rows r;

    assert_err(store_run(w, "DELETE FROM level"), ERR_INTERNAL, "outside store_write()");
    assert_err(store_query(w, &r, "DELETE FROM level RETURNING id"), ERR_INTERNAL,
               "needs store_write()");
}

static enum err add_thousand(struct work *w, void *arg)
{
    (void)arg;
    for (int i = 0; i < 1000; i++)
        TRY(add_level(w, arena_printf(w->mem, "level %04d", i), i));
    return OK;
}

static void brings_big_answers_whole(void **state)
{
    struct work *w = *state;
    struct rows r;

    assert_ok(store_write(w, add_thousand, NULL));
    assert_int_equal(count_levels(w), 1000);
    /* A text of a megabyte, there and back. */
    char *long_text = arena_alloc(w->mem, MB(1) + 1);
    memset(long_text, 'x', MB(1));
    assert_ok(store_query(
        w, &r, "SELECT ? || name FROM level WHERE workspace = ? AND place < 3 ORDER BY place",
        txt(long_text), num(w->workspace)));
    assert_int_equal(r.n, 3);
    assert_int_equal(cell(&r, 2, 0)->n, MB(1) + strlen("level 0002"));
    assert_string_equal(rows_text(&r, 2, 0) + MB(1), "level 0002");
    assert_ok(
        store_query(w, &r, "SELECT a.name, b.place FROM level a, level b WHERE a.place < 20"));
    assert_int_equal(r.n, 20000);
}

struct scan { struct work *w; int rows, stop_at; int64_t sum; };

static enum err scan_row(void *arg, const struct cell *cells)
{
    struct scan *s = arg;

    s->sum += cells[1].num;
    assert_int_equal(cells[0].n, strlen(cells[0].text));
    return ++s->rows == s->stop_at ? errf(ERR_STOPPED, "seen enough") : OK;
}

static void steps_through_rows_without_holding_them(void **state)
{
    struct work *w = *state;
    struct scan all = { w }, some = { w, .stop_at = 10 };

    assert_ok(store_write(w, add_thousand, NULL));
    size_t before = arena_size(w->mem);
    assert_ok(store_each(w, scan_row, &all,
                         "SELECT name, place FROM level WHERE workspace = ? ORDER BY place",
                         num(w->workspace)));
    assert_int_equal(all.rows, 1000);
    assert_int_equal(all.sum, 999 * 500);
    assert_int_equal(arena_size(w->mem), before);
    assert_err(store_each(w, scan_row, &some, "SELECT name, place FROM level ORDER BY place"),
               ERR_STOPPED, "seen enough");
    assert_int_equal(some.rows, 10);
    assert_int_equal(count_levels(w), 1000);        /* the connection is free again */
    assert_err(store_each(w, scan_row, &all, "SELECT nonsense FROM level"), ERR_INTERNAL,
               "nonsense");
}

static enum err ask_inside(void *arg, const struct cell *cells)
{
    struct rows r;

    (void)cells;
    return store_query((struct work *)arg, &r, "SELECT 1");
}

static void refuses_a_statement_inside_a_scan(void **state)
{
    struct work *w = *state;

    assert_err(store_each(w, ask_inside, w, "SELECT 1"), ERR_INTERNAL, "inside store_each()");
    assert_int_equal(count_levels(w), 0);
}

static enum err see_own_writes(struct work *w, void *arg)
{
    struct scan s = { w, .stop_at = 2 };

    (void)arg;
    TRY(add_three(w, NULL));
    assert_int_equal(count_levels(w), 3);
    assert_err(store_each(w, scan_row, &s, "SELECT name, place FROM level"), ERR_STOPPED, "");
    TRY(store_run(w, "UPDATE level SET place = place + 1 WHERE workspace = ? AND place < 10",
                  num(w->workspace)));
    return add_level(w, "more", 4);         /* whoever stopped a scan may go on writing */
}

static void sees_its_own_writes(void **state)
{
    struct work *w = *state;

    assert_ok(store_write(w, see_own_writes, NULL));
    assert_int_equal(count_levels(w), 4);
    assert_null(w->tx);
}

static enum err write_and_fail(struct work *w, void *arg)
{
    TRY(add_three(w, NULL));
    return errf(ERR_HELD, "a person must decide about %s", (const char *)arg);
}

static void rolls_back_when_the_closure_fails(void **state)
{
    struct work *w = *state;

    char what[] = "this";

    assert_err(store_write(w, write_and_fail, what), ERR_HELD, "a person must decide about this");
    assert_int_equal(count_levels(w), 0);
}

static enum err write_nested(struct work *w, void *arg)
{
    TRY(add_level(w, "outer", 1));
    TRY(store_write(w, add_three, NULL));
    assert_non_null(w->tx);
    return arg ? errf(ERR_HELD, "after all, no") : OK;
}

static void joins_the_open_transaction(void **state)
{
    struct work *w = *state;

    assert_err(store_write(w, write_nested, w), ERR_HELD, "after all, no");
    assert_int_equal(count_levels(w), 0);
    assert_ok(store_write(w, write_nested, NULL));
    assert_int_equal(count_levels(w), 4);
}

static enum err write_in_another_work(struct work *w, void *arg)
{
    (void)w;
    return store_write(arg, add_three, NULL);
}

static void refuses_a_write_inside_another_work(void **state)
{
    struct work *w = *state;
    AUTO(work) *other = work_new(w->store, NULL);

    assert_err(store_write(w, write_in_another_work, other), ERR_INTERNAL, "inside another");
    assert_int_equal(count_levels(w), 0);
}

/* The first failure is the one that counts, whatever the closure makes of it. */
static enum err swallow_a_conflict(struct work *w, void *arg)
{
    struct rows r;

    (void)arg;
    TRY(add_level(w, "once", 1));
    IGNORE(add_level(w, "once", 2));
    IGNORE(store_query(w, &r, "SELECT count(*) FROM level"));
    IGNORE(add_level(w, "more", 3));
    return OK;
}

static void a_failed_statement_dooms_its_transaction(void **state)
{
    struct work *w = *state;

    assert_err(store_write(w, swallow_a_conflict, NULL), ERR_CONFLICT, "");
    assert_int_equal(count_levels(w), 0);
}

/* PostgreSQL hears of it only at the commit. */
static enum err clash_at_the_end(struct work *w, void *arg)
{
    (void)arg;
    TRY(add_thousand(w, NULL));
    return add_level(w, "level 0500", 1);
}

static void tells_a_conflict_at_the_latest_on_commit(void **state)
{
    struct work *w = *state;

    assert_err(store_write(w, clash_at_the_end, NULL), ERR_CONFLICT, "level");
    assert_int_equal(count_levels(w), 0);
    assert_ok(store_write(w, add_thousand, NULL));      /* and the connection is well */
    assert_int_equal(count_levels(w), 1000);
}

static int64_t count_in(struct work *w, size_t n)
{
    struct arg *args = NEW_ARRAY(w->mem, struct arg, store_in_size(n));
    struct rows r;

    for (size_t i = 0; i < n; i++)
        args[i] = num((int64_t)i);
    store_pad(args, n);
    assert_ok(store_query_args(
        w, &r, arena_printf(w->mem, "SELECT count(*) FROM level WHERE place IN %s", store_in(n)),
        args, store_in_size(n)));
    return rows_num(&r, 0, 0);
}

static void looks_for_lists_with_four_statements(void **state)
{
    static const struct { size_t n, size; } cases[] = {
        { 0, 1 }, { 1, 1 }, { 2, 8 }, { 8, 8 }, { 9, 64 }, { 64, 64 }, { 65, 512 }, { 512, 512 },
    };
    struct work *w = *state;

    assert_ok(store_write(w, add_thousand, NULL));
    assert_string_equal(store_in(2), "(?,?,?,?,?,?,?,?)");
    for (size_t i = 0; i < COUNT(cases); i++) {
        assert_int_equal(store_in_size(cases[i].n), cases[i].size);
        assert_int_equal(count_in(w, cases[i].n), cases[i].n);
    }
}

/* More texts than the cache holds, some of them again and again, one in an arena that is reset. */
static void forgets_old_statements_and_keeps_right(void **state)
{
    struct work *w = *state;
    struct rows r;

    for (int i = 0; i < 700; i++) {
        struct arena_mark mark = arena_mark(w->mem);
        int k = i % 3 ? i : 7;
        assert_ok(store_query(w, &r, arena_printf(w->mem, "SELECT %d + ?", k), num(1)));
        assert_int_equal(rows_num(&r, 0, 0), k + 1);
        arena_reset(w->mem, mark);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        BOTH_ENGINES(gives_rows_in_order_with_numbers_and_texts),
        BOTH_ENGINES(gives_the_same_cells_for_the_same_expressions),
        BOTH_ENGINES(passes_arguments_as_what_they_are),
        BOTH_ENGINES(refuses_a_text_with_a_nul),
        BOTH_ENGINES(counts_arguments),
        BOTH_ENGINES(writes_only_inside_store_write),
        BOTH_ENGINES(brings_big_answers_whole),
        BOTH_ENGINES(steps_through_rows_without_holding_them),
        BOTH_ENGINES(refuses_a_statement_inside_a_scan),
        BOTH_ENGINES(sees_its_own_writes),
        BOTH_ENGINES(rolls_back_when_the_closure_fails),
        BOTH_ENGINES(joins_the_open_transaction),
        BOTH_ENGINES(refuses_a_write_inside_another_work),
        BOTH_ENGINES(a_failed_statement_dooms_its_transaction),
        BOTH_ENGINES(tells_a_conflict_at_the_latest_on_commit),
        BOTH_ENGINES(looks_for_lists_with_four_statements),
        BOTH_ENGINES(forgets_old_statements_and_keeps_right),
    };

    return RUN_TESTS(tests);
}
