/* test_store.c — opening: what is there, what is missing, and what a person is told about it. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sqlite3.h>

#include "base/id.h"
#include "base/str.h"
#include "support/support.h"

static const char *path_of(struct work *w, const char *name)
{
    return arena_printf(w->mem, "%s/%s", dir_for_test(w), name);
}

static void write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void names_its_engine_and_keeps_its_key(void **state)
{
    struct work *w = *state;
    struct crypt_key first = *store_key(w->store);

    reopen_for_test(w, 0);
    assert_memory_equal(first.bytes, store_key(w->store)->bytes, CRYPT_KEY);
    assert_true(str_eq(store_engine(w->store), "sqlite") ||
                str_eq(store_engine(w->store), "postgresql"));
    reopen_for_test(w, STORE_CREATE);           /* init is done twice without harm */
    assert_memory_equal(first.bytes, store_key(w->store)->bytes, CRYPT_KEY);
    assert_ok(store_ready(w->store));
}

static void says_what_is_wrong_with_a_file(void **state)
{
    struct work *w = *state;
    struct store *s = NULL;
    struct stat st;

    const char *missing = path_of(w, "not-there.db");
    assert_err(store_open(missing, 0, &s), ERR_NOT_FOUND, "muster init");
    assert_int_equal(stat(missing, &st), -1);
    assert_int_equal(stat(path_of(w, "not-there.db.lock"), &st), -1);
    assert_err(store_open("", 0, &s), ERR_USAGE, "$MUSTER_STORE");
    assert_err(store_open(dir_for_test(w), 0, &s), ERR_STORE, "is not a file");
    assert_err(store_open(path_of(w, "no/such/folder.db"), STORE_CREATE, &s), ERR_STORE,
               "folder that exists");

    const char *text = path_of(w, "notes.txt");
    write_file(
        text,
        "Dear diary, today I was mistaken for a database. It was a strange experience indeed.");
    assert_err(store_open(text, 0, &s), ERR_STORE, "is not a SQLite database");
    assert_err(store_open(text, STORE_CREATE, &s), ERR_STORE, "is not a SQLite database");

    const char *empty = path_of(w, "empty.db");
    write_file(empty, "");
    assert_err(store_open(empty, 0, &s), ERR_NOT_FOUND, "muster init");
    assert_null(s);
}

static void leaves_other_databases_alone(void **state)
{
    struct work *w = *state;
    struct store *s = NULL;
    sqlite3 *db;

    const char *path = path_of(w, "photos.db");
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "CREATE TABLE photo (id INTEGER)", NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(db);
    assert_err(store_open(path, STORE_CREATE, &s), ERR_STORE, "not a store of muster");
}

/* Where the pages of the tables lie, bytes are written over; the header stays. */
static void says_when_the_file_is_damaged(void **state)
{
    struct work *w = *state;
    char junk[4096];
    struct rows r;

    store_free(w->store);
    w->store = NULL;
    memset(junk, 0xa5, sizeof junk);
    int fd = open(url_for_test(w), O_WRONLY);
    off_t end = lseek(fd, 0, SEEK_END);
    for (off_t at = sizeof junk; at < end; at += (off_t)sizeof junk)
        assert_int_equal(pwrite(fd, junk, sizeof junk, at), sizeof junk);
    close(fd);

    struct store *s = NULL;
    enum err e = store_open(url_for_test(w), 0, &s);
    if (e == OK) {
        w->store = s;
        e = store_query(w, &r, "SELECT count(*) FROM workspace");
    }
    assert_err(e, ERR_STORE, "is damaged. Stop muster");
    assert_non_null(strstr(err_text(), "restore a backup"));
}

static void only_its_owner_can_read_it(void **state)
{
    static const char *const names[] = { "muster.db", "muster.db.key", "muster.db.lock",
                                         "muster.db.turn" };
    struct work *w = *state;
    struct stat st;

    for (size_t i = 0; i < COUNT(names); i++) {
        assert_int_equal(stat(path_of(w, names[i]), &st), 0);
        assert_int_equal(st.st_mode & 0777, 0600);
    }
}

static void a_lost_key_is_not_made_anew_by_chance(void **state)
{
    struct work *w = *state;
    struct store *s = NULL;

    store_free(w->store);
    w->store = NULL;
    const char *key =
        str_eq(getenv("MUSTER_KEY_FILE"), NULL) ? path_of(w, "muster.db.key") : path_of(w, "key");
    assert_int_equal(unlink(key), 0);
    assert_err(store_open(url_for_test(w), 0, &s), ERR_STORE, "cannot read the key file");
}

static enum err write_level(struct work *w, void *arg)
{
    (void)arg;
    return store_run(w, "INSERT INTO level (id, workspace, name, place) VALUES (1, 1, 'x', 1)");
}

/* Everything a process without the rights meets; root has all rights, so it gives them up first. */
static int as_stranger(struct work *w)
{
    AUTO(store) *s = NULL;

    if (geteuid() == 0 && (setegid(65534) != 0 || seteuid(65534) != 0))
        return 10;
    enum err e = store_open(url_for_test(w), 0, &s);
    if (e != ERR_STORE || !strstr(err_text(), "owner and mode")) {
        fprintf(stderr, "a file of somebody else: %d %s\n", e, err_text());
        return 11;
    }
    e = store_open(path_of(w, "new.db"), STORE_CREATE, &s);
    if (e != ERR_STORE || !strstr(err_text(), "may write to")) {
        fprintf(stderr, "a read-only folder: %d %s\n", e, err_text());
        return 12;
    }
    return 0;
}

static void says_who_may_not_write(void **state)
{
    struct work *w = *state;
    int status;

    store_free(w->store);
    w->store = NULL;
    assert_int_equal(chmod(url_for_test(w), 0444), 0);
    assert_int_equal(chmod(dir_for_test(w), 0555), 0);
    pid_t pid = fork();
    if (pid == 0)
        _exit(as_stranger(w));
    assert_int_equal(waitpid(pid, &status, 0), pid);
    chmod(dir_for_test(w), 0700);
    assert_int_equal(status, 0);
}

static void finds_the_store_through_a_link(void **state)
{
    struct work *w = *state;
    AUTO(store) *s = NULL;
    struct stat st;

    const char *link = path_of(w, "link.db");
    assert_int_equal(symlink(url_for_test(w), link), 0);
    assert_int_equal(symlink(path_of(w, "muster.db.key"), path_of(w, "link.db.key")), 0);
    assert_ok(store_open(link, 0, &s));
    assert_int_equal(stat(path_of(w, "link.db.lock"), &st), -1);    /* there is one lock, not two */
    AUTO(work) *other = work_new(s, NULL);
    assert_ok(store_write(other, write_level, NULL));
}

static void says_what_is_wrong_with_a_server(void **state)
{
    struct work *w = *state;
    struct store *s = NULL;

    assert_err(store_open("postgresql://ana:hunter2@[::1/x", 0, &s), ERR_USAGE,
               "postgresql://user@host");
    assert_null(strstr(err_text(), "hunter2"));
    assert_err(store_open("postgresql://ana:hunter2@127.0.0.1:1/people", 0, &s), ERR_STORE,
               "cannot connect to the database people at 127.0.0.1");
    assert_null(strstr(err_text(), "hunter2"));

    /* A database without our tables: a schema that is not there is as good. */
    const char *url = url_for_test(w);
    const char *path = strstr(url, "search_path");
    assert_non_null(path);
    const char *other = arena_printf(w->mem, "%.*ssearch_path%%3Dnowhere", (int)(path - url), url);
    assert_err(store_open(other, 0, &s), ERR_NOT_FOUND, "muster init");

    unsetenv("MUSTER_KEY_FILE");
    assert_err(store_open(url, 0, &s), ERR_USAGE, "$MUSTER_KEY_FILE");
}

static int process_number(void)
{
    return (int)(id_new() >> 12 & 1023);
}

/* Each child opens the store, says its number and stays until all have. */
static void processes_have_numbers_of_their_own(void **state)
{
    enum { CHILDREN = 8 };
    struct work *w = *state;
    int numbers[2], stay[2], seen[CHILDREN];

    store_free(w->store);
    w->store = NULL;
    assert_int_equal(pipe(numbers), 0);
    assert_int_equal(pipe(stay), 0);
    for (int i = 0; i < CHILDREN; i++)
        if (fork() == 0) {
            AUTO(store) *s = NULL;
            int n = store_open(url_for_test(w), 0, &s) == OK ? process_number() : -1;
            close(stay[1]);
            char c;
            _exit(write(numbers[1], &n, sizeof n) != sizeof n || read(stay[0], &c, 1) != 0);
        }
    for (int i = 0; i < CHILDREN; i++) {
        assert_int_equal(read(numbers[0], &seen[i], sizeof seen[i]), sizeof seen[i]);
        assert_in_range(seen[i], 0, 1023);
        for (int k = 0; k < i; k++)
            assert_int_not_equal(seen[i], seen[k]);
    }
    close(stay[1]);
    while (wait(NULL) > 0)
        ;
    close(stay[0]);
    close(numbers[0]);
    close(numbers[1]);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        BOTH_ENGINES(names_its_engine_and_keeps_its_key),
        ON_SQLITE(says_what_is_wrong_with_a_file),
        ON_SQLITE(leaves_other_databases_alone),
        ON_SQLITE(says_when_the_file_is_damaged),
        ON_SQLITE(only_its_owner_can_read_it),
        BOTH_ENGINES(a_lost_key_is_not_made_anew_by_chance),
        ON_SQLITE(says_who_may_not_write),
        ON_SQLITE(finds_the_store_through_a_link),
        ON_POSTGRES(says_what_is_wrong_with_a_server),
        BOTH_ENGINES(processes_have_numbers_of_their_own),
    };

    return RUN_TESTS(tests);
}
