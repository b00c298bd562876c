/* test_sqlite.c — power cuts, full disks and crowds, as far as a test can make them. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/str.h"
#include "support/support.h"

struct row { int64_t id; int size; };

static enum err add_row(struct work *w, void *arg)
{
    struct row *row = arg;
    char *text = arena_alloc(w->mem, (size_t)row->size + 24);

    memset(text, 'x', (size_t)row->size);
    snprintf(text + row->size, 24, "%lld", (long long)row->id);
    return store_run(w, "INSERT INTO level (id, workspace, name, place) VALUES (?, ?, ?, ?)",
                     num(row->id), num(w->workspace), txt(text), num(row->id));
}

static enum err write_row(struct work *w, int64_t id, int size)
{
    struct arena_mark mark = arena_mark(w->mem);

    enum err e = store_write(w, add_row, &(struct row){ id, size });
    arena_reset(w->mem, mark);
    return e;
}

static int64_t ask(struct work *w, const char *sql)
{
    struct rows r;

    assert_ok(store_query(w, &r, sql));
    assert_int_equal(r.n, 1);
    return rows_num(&r, 0, 0);
}

static void is_sound(struct work *w)
{
    struct rows r;

    assert_ok(store_query(w, &r, "SELECT integrity_check FROM pragma_integrity_check"));
    assert_string_equal(rows_text(&r, 0, 0), "ok");
}

static void close_before_fork(struct work *w)
{
    store_free(w->store);               /* SQLite's locks do not go through a fork */
    w->store = NULL;
}

/* Writes rows from `next` on and says each one that was acknowledged, until it is killed. */
static void write_until_killed(struct work *w, int say, int64_t next, unsigned flags)
{
    if (store_open(url_for_test(w), flags, &w->store) != OK)
        _exit(1);
    for (;; next++) {
        if (write_row(w, next, 100 + (int)(next * 3701 % 150000)) != OK)
            _exit(2);
        if (write(say, &next, sizeof next) != (ssize_t)sizeof next)
            _exit(3);
    }
}

static int64_t kill_a_writer(struct work *w, int round, int64_t next)
{
    int said[2];
    int64_t id, last = next - 1;

    assert_int_equal(pipe(said), 0);
    pid_t pid = fork();
    if (pid == 0)
        write_until_killed(w, said[1], next, round % 2 ? STORE_SERVE : 0);
    close(said[1]);
    int rows = 5 + round * 7 % 40;              /* then at a random moment of the next writes */
    while (last < next + rows && read(said[0], &id, sizeof id) == (ssize_t)sizeof id)
        last = id;
    usleep((useconds_t)(round * 131 % 3000));
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    while (read(said[0], &id, sizeof id) == (ssize_t)sizeof id)
        last = id;
    close(said[0]);
    return last;
}

static void a_killed_writer_loses_nothing_it_acknowledged(void **state)
{
    struct work *w = *state;
    int64_t last = 0;

    for (int round = 0; round < 12; round++) {
        close_before_fork(w);
        last = kill_a_writer(w, round, last + 1);
        reopen_for_test(w, 0);
        int64_t there = ask(w, "SELECT max(id) FROM level");
        assert_int_equal(ask(w, "SELECT count(*) FROM level"), there);
        assert_true(there == last || there == last + 1);        /* one may be written and not yet said */
        last = there;
    }
    is_sound(w);
}

static int add_many(struct work *w, int64_t from, int n)
{
    if (store_open(url_for_test(w), 0, &w->store) != OK)
        return 1;
    for (int64_t id = from; id < from + n; id++)
        if (write_row(w, id, 200) != OK) {
            fprintf(stderr, "%s\n", err_text());
            return 2;
        }
    store_free(w->store);
    return 0;
}

static void two_processes_write_at_once(void **state)
{
    struct work *w = *state;
    int status;

    close_before_fork(w);
    for (int i = 0; i < 3; i++)
        if (fork() == 0)
            _exit(add_many(w, 1000 * i + 1, 200));
    for (int i = 0; i < 3; i++) {
        wait(&status);
        assert_int_equal(status, 0);
    }
    reopen_for_test(w, 0);
    assert_int_equal(ask(w, "SELECT count(*) FROM level"), 600);
    is_sound(w);
}

/* Counts its writes in memory that both processes see. */
static enum err write_for_long(struct work *w, void *arg)
{
    int64_t until = clock_tick() + 5000;

    (void)w;
    while (clock_tick() < until)
        ;
    ++*(_Atomic int64_t *)arg;
    return OK;
}

static void a_waiter_goes_before_one_who_has_just_written(void **state)
{
    struct work *w = *state;
    _Atomic int64_t *turns =
        mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    int64_t between = 0;

    close_before_fork(w);
    pid_t pid = fork();
    if (pid == 0) {
        if (store_open(url_for_test(w), 0, &w->store) != OK)
            _exit(1);
        while (store_write(w, write_for_long, (void *)turns) == OK)
            ;
        _exit(2);
    }
    reopen_for_test(w, 0);
    while (*turns < 3)
        sched_yield();
    for (int64_t i = 0; i < 20; i++) {
        int64_t before = *turns;
        assert_ok(write_row(w, i + 1, 10));
        between += *turns - before;
    }
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    munmap((void *)turns, 4096);
    assert_in_range(between, 1, 60);            /* without turns it would be hundreds */
}

static enum err write_until_full(struct work *w, int64_t *id)
{
    enum err e;

    for (e = OK; e == OK && *id < 5000; ++*id)
        e = write_row(w, *id, 20000);
    --*id;
    return e;
}

/* A small disk of its own, in a mount namespace that ends with this program. Only root may. */
static bool mount_small(struct work *w, const char *dir)
{
    if (mkdir(dir, 0700) != 0 || unshare(CLONE_NEWNS) != 0 ||
        mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
        mount("tmpfs", dir, "tmpfs", 0, "size=3m") != 0)
        return false;
    store_free(take(w->store));
    assert_ok(store_open(arena_printf(w->mem, "%s/muster.db", dir), STORE_CREATE | STORE_SERVE,
                         &w->store));
    return true;
}

static void limit_files(rlim_t most)
{
    struct rlimit limit;

    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = MIN(most, limit.rlim_max);
    setrlimit(RLIMIT_FSIZE, &limit);
}

static int64_t fails_when_full(struct work *w)
{
    int64_t id = 1;

    enum err e = write_until_full(w, &id);
    assert_err(e, ERR_FULL, "the disk is full");
    assert_non_null(strstr(err_text(), "Make room there"));
    assert_in_range(id, 20, 400);
    for (int i = 0; i < 5; i++)
        assert_err(write_row(w, id, 40000), ERR_FULL, "the disk is full");
    assert_int_equal(ask(w, "SELECT count(*) FROM level"), id - 1);
    is_sound(w);
    return id;
}

static void goes_on_when_there_is_room(struct work *w, int64_t id)
{
    assert_ok(write_row(w, id, 40000));
    assert_ok(store_ready(w->store));
    assert_int_equal(ask(w, "SELECT count(*) FROM level"), id);
    is_sound(w);
}

static void a_full_disk_fails_the_write_and_not_the_store(void **state)
{
    struct work *w = *state;
    const char *dir = arena_printf(w->mem, "%s/disk", dir_for_test(w));

    if (!mount_small(w, dir))
        skip();
    int64_t id = fails_when_full(w);
    assert_err(store_ready(w->store), ERR_FULL, "nearly full");
    assert_int_equal(mount("tmpfs", dir, "tmpfs", MS_REMOUNT, "size=64m"), 0);
    goes_on_when_there_is_room(w, id);
    store_free(take(w->store));
    umount2(dir, MNT_DETACH);
}

static void a_file_that_may_not_grow_is_a_full_disk(void **state)
{
    struct work *w = *state;

    signal(SIGXFSZ, SIG_IGN);
    limit_files(MB(3));
    reopen_for_test(w, STORE_SERVE);
    int64_t id = fails_when_full(w);
    limit_files(RLIM_INFINITY);
    goes_on_when_there_is_room(w, id);
}

static off_t size_of(struct work *w, const char *ending)
{
    struct stat st;

    return stat(arena_printf(w->mem, "%s%s", url_for_test(w), ending), &st) == 0 ? st.st_size : 0;
}

static void the_wal_stays_short_and_is_empty_at_the_end(void **state)
{
    struct work *w = *state;

    for (int64_t id = 1; id <= 800; id++)
        assert_ok(write_row(w, id, 20000));
    assert_in_range(size_of(w, "-wal"), 1, MB(8));
    store_free(take(w->store));
    assert_int_equal(size_of(w, "-wal"), 0);
    assert_true(size_of(w, "") > (off_t)MB(16));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        ON_SQLITE(a_killed_writer_loses_nothing_it_acknowledged),
        ON_SQLITE(two_processes_write_at_once),
        ON_SQLITE(a_waiter_goes_before_one_who_has_just_written),
        ON_SQLITE(a_full_disk_fails_the_write_and_not_the_store),
        ON_SQLITE(a_file_that_may_not_grow_is_a_full_disk),
        ON_SQLITE(the_wal_stays_short_and_is_empty_at_the_end),
    };

    return RUN_TESTS(tests);
}
