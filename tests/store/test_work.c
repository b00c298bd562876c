/* test_work.c — queries, rows and write transactions, the same on both engines. */
#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "base/str.h"
#include "support/support.h"

static enum err add_level(struct work *w, const char *name, int64_t place)
{
    return store_run(w, "INSERT INTO level (id, workspace, name, place) VALUES (?, ?, ?, ?)", num(id_new()),
                     num(w->workspace), txt(name), num(place));
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
        { "SELECT sum(n) FROM (SELECT CAST(10000 AS BIGINT) AS n UNION ALL SELECT 20000) AS t", 30000, NULL,
          false },
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

int main(void)
{
    static const struct CMUnitTest tests[] = {
        BOTH_ENGINES(gives_rows_in_order_with_numbers_and_texts),
        BOTH_ENGINES(gives_the_same_cells_for_the_same_expressions),
        BOTH_ENGINES(passes_arguments_as_what_they_are),
    };

    return RUN_TESTS(tests);
}
