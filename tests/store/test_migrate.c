/* test_migrate.c — the tables: made once, by one of many, never by an older program. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/driver.h"
#include "support/support.h"

static void expands_the_schema_for_each_engine(void **state)
{
    static const char schema[] =
        "-- {id} is explained here\nCREATE TABLE t (id {id}, name {text} - 1 {key a, b})"
        " {without_rowid};";
    static const struct {
        const struct store_driver *driver;
        const char *reads;
    } cases[] = {
        { &store_sqlite,
          "-- {id} is explained here\nCREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT - 1 )"
          " WITHOUT ROWID;" },
        { &store_postgres,
          "-- {id} is explained here\nCREATE TABLE t (id BIGINT NOT NULL, name TEXT COLLATE"
          " \"C\" - 1 , PRIMARY KEY (a, b)) ;" },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO_BUF text = {};
        assert_ok(migrate_expand(cases[i].driver, schema, &text));
        assert_string_equal(text.at, cases[i].reads);
    }
}

static void names_a_token_nobody_knows(void **state)
{
    AUTO_BUF text = {};

    (void)state;
    assert_err(migrate_expand(&store_sqlite, "a {jsonb} b", &text), ERR_INTERNAL, "{jsonb}");
    assert_err(migrate_expand(&store_sqlite, "a {id", &text), ERR_INTERNAL, "without a }");
}

static enum err pretend_newer(struct work *w, void *arg)
{
    (void)arg;
    return store_run(
        w, "INSERT INTO migration (number, name, applied_at) VALUES (900, 'flying cars', 1)");
}

static void refuses_a_store_of_a_newer_program(void **state)
{
    struct work *w = *state;
    struct store *s = NULL;

    assert_ok(store_write(w, pretend_newer, NULL));
    assert_err(store_open(url_for_test(w), 0, &s), ERR_STORE, "step 900, 'flying cars'");
    assert_err(store_open(url_for_test(w), STORE_CREATE, &s), ERR_STORE, "Install that version");
}

static enum err forget_everything(struct work *w, void *arg)
{
    static const char *const tables[] = { "workspace",  "person",   "person_key", "team",
                                          "membership", "level",    "attribute",  "waiting",
                                          "source",     "link",     "claim",      "pinned",
                                          "held_back",  "run",      "run_row",    "job",
                                          "process",    "token",    "scim_log",
                                          "scim_body",  "team_group", "migration" };

    (void)arg;
    for (size_t i = 0; i < COUNT(tables); i++)
        TRY(store_run(w, arena_printf(w->mem, "DROP TABLE %s", tables[i])));
    return OK;
}

/* As if they had started on an empty database at the same moment: all succeed, one does the work. */
static void nodes_that_start_at_once_agree(void **state)
{
    enum { NODES = 6 };
    struct work *w = *state;
    struct rows r;
    int go[2], status;
    char c;

    assert_ok(store_write(w, forget_everything, NULL));
    store_free(w->store);
    w->store = NULL;
    assert_int_equal(pipe(go), 0);
    for (int i = 0; i < NODES; i++)
        if (fork() == 0) {
            AUTO(store) *s = NULL;
            close(go[1]);
            bool good =
                read(go[0], &c, 1) == 0 && store_open(url_for_test(w), STORE_CREATE, &s) == OK;
            if (!good)
                fprintf(stderr, "node %d: %s\n", i, err_text());
            _exit(!good);
        }
    close(go[0]);
    close(go[1]);
    for (int i = 0; i < NODES; i++) {
        wait(&status);
        assert_int_equal(status, 0);
    }
    reopen_for_test(w, 0);
    assert_ok(
        store_query(w, &r, "SELECT number, name FROM migration WHERE number > 0 ORDER BY number"));
    assert_int_equal(rows_num(&r, 0, 0), 1);
    assert_string_equal(rows_text(&r, 0, 1), "001_start");
    assert_ok(store_query(w, &r, "SELECT count(*) FROM person"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(expands_the_schema_for_each_engine),
        TEST(names_a_token_nobody_knows),
        BOTH_ENGINES(refuses_a_store_of_a_newer_program),
        BOTH_ENGINES(nodes_that_start_at_once_agree),
    };

    return RUN_TESTS(tests);
}
