/* support.c — see support.h. */
#include "support/support.h"

#include <ftw.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/str.h"

/* The work is the first member, so that a test's struct work leads back to its store. */
struct test_store {
    struct work work;
    char dir[64], schema[64], *url;
};

static struct test_store *own(const struct work *w)
{
    return (struct test_store *)w;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st, (void)type, (void)at;
    return remove(path);
}

static const char *postgres_url(void)
{
    const char *url = getenv("MUSTER_TEST_PG");

    if (str_empty(url))
        fail_msg("MUSTER_TEST_PG is not set: MUSTER_TEST_PG=$(tools/postgres.sh start), or =skip "
                 "to leave "
                 "PostgreSQL out");
    return url;
}

static void postgres_do(const char *verb, const char *schema, const char *rest)
{
    char text[128];

    PGconn *pg = PQconnectdb(postgres_url());
    if (PQstatus(pg) != CONNECTION_OK)
        fail_msg("$MUSTER_TEST_PG: %s", PQerrorMessage(pg));
    snprintf(text, sizeof text, "%s SCHEMA %s%s", verb, schema, rest);
    PGresult *res = PQexec(pg, "SET client_min_messages = warning");
    PQclear(res);
    res = PQexec(pg, text);
    if (PQresultStatus(res) != PGRES_COMMAND_OK)
        fail_msg("%s: %s", text, PQerrorMessage(pg));
    PQclear(res);
    PQfinish(pg);
}

static void make_url(struct test_store *t, const char *engine)
{
    char key[96];

    if (str_eq(engine, "sqlite")) {
        unsetenv("MUSTER_KEY_FILE");
        if (asprintf(&t->url, "%s/muster.db", t->dir) < 0)
            die_of_memory(0);
        return;
    }
    const char *server = postgres_url();
    snprintf(key, sizeof key, "%s/key", t->dir);
    setenv("MUSTER_KEY_FILE", key, 1);
    snprintf(t->schema, sizeof t->schema, "test_%s", id_text(id_new()));
    postgres_do("CREATE", t->schema, "");
    if (asprintf(&t->url, "%s%coptions=-csearch_path%%3D%s", server,
                 strchr(server, '?') ? '&' : '?', t->schema) < 0)
        die_of_memory(0);
}

static enum err add_workspace(struct work *w, void *arg)
{
    (void)arg;
    return store_run(w, "INSERT INTO workspace (id, name, settings, managers_version, created_at)"
                     " VALUES (?, 'main', '{}', 0, ?)", num(w->workspace), num(w->now));
}

struct work *work_for_test(const char *engine)
{
    static const struct actor tester = { "cli", "test" };

    if (!str_eq(engine, "sqlite"))
        postgres_url();                 /* or fail before anything is made */
    struct test_store *t = must_alloc(sizeof *t);
    crypt_init();
    strcpy(t->dir, "/tmp/muster-test.XXXXXX");
    if (!mkdtemp(t->dir))
        fail_msg("cannot make %s: %m", t->dir);
    make_url(t, engine);
    t->work.mem = arena_new();
    t->work.actor = &tester;
    t->work.now = clock_now();
    assert_ok(store_open(t->url, STORE_CREATE, &t->work.store));
    t->work.workspace = id_new();
    assert_ok(store_write(&t->work, add_workspace, NULL));
    return &t->work;
}

void work_for_test_free(struct work *w)
{
    struct test_store *t = own(w);

    store_free(w->store);
    if (*t->schema)
        postgres_do("DROP", t->schema, " CASCADE");
    nftw(t->dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    arena_free(w->mem);
    free(t->url);
    free(t);
}

const char *url_for_test(const struct work *w)
{
    return own(w)->url;
}

const char *dir_for_test(const struct work *w)
{
    return own(w)->dir;
}

void reopen_for_test(struct work *w, unsigned flags)
{
    store_free(w->store);
    w->store = NULL;
    assert_ok(store_open(own(w)->url, flags, &w->store));
}

int work_setup(void **state)
{
    *state = work_for_test(*state);
    return 0;
}

int work_teardown(void **state)
{
    work_for_test_free(*state);
    return 0;
}

int tests_run(const char *file, const struct CMUnitTest *tests, size_t n)
{
    struct CMUnitTest *chosen = must_alloc(n * sizeof *chosen);
    bool skip = str_eq(getenv("MUSTER_TEST_PG"), "skip");
    size_t kept = 0;

    for (size_t i = 0; i < n; i++)
        if (!skip || !str_eq(tests[i].initial_state, "postgresql"))
            chosen[kept++] = tests[i];
    if (kept < n)
        print_message("MUSTER_TEST_PG=skip: %zu tests on PostgreSQL are left out\n", n - kept);
    int failed = _cmocka_run_group_tests(file, chosen, kept, NULL, NULL);
    free(chosen);
    return failed;
}

void check_ok(enum err e, const char *expr, const char *file, int line)
{
    if (e == OK)
        return;
    print_error("%s\n  failed with %s: %s\n  (made at %s)\n", expr, err_row(e)->name, err_text(),
                err_place());
    _fail(file, line);
}

void check_err(enum err e, enum err code, const char *part, const char *expr, const char *file,
               int line)
{
    if (e == code && (e == OK || strstr(err_text(), part)))
        return;
    print_error("%s\n  gave %s: %s\n  expected %s with \"%s\"\n", expr, err_row(e)->name,
                e == OK ? "" : err_text(), err_row(code)->name, part);
    _fail(file, line);
}
