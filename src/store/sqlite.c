/*
 * sqlite.c — the SQLite driver: opening, transactions, checkpoints, errors.
 *
 * WAL and synchronous=FULL: a commit that was answered survives a power cut. Every write transaction
 * and every checkpoint is under the locks of sqlite_lock.h; readers never checkpoint, and nobody
 * does on closing, because SQLite would do it outside the lock.
 */
#include "store/sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/id.h"

enum {
    APPLICATION = 0x4d757374,       /* "Must", in the file's header */
    BUSY_MS = 5000,                 /* writers queue at our locks: this is for recoveries */
    SETTLE_PAGES = 1000,            /* 4 MB of WAL: copied into the file in one go */
    SHRINK_PAGES = 8000,            /* 32 MB: a WAL file this long is cut off when nobody reads it */
    SPARE_BYTES = 4 * 1024 * 1024,
};

static const char pragmas[] =
    "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA mmap_size = 0;"
    "PRAGMA cache_size = -4000; PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF";

static struct sqlite *own(const struct store *s)
{
    return s->own;
}

static sqlite3 *db_of(const struct conn *c)
{
    return ((const struct sqlite_conn *)c)->db;
}

/* Why the WAL could not be written: sqlite3_system_errno() may be past it already. */
static int wal_errno(sqlite3 *db)
{
    sqlite3_file *wal = NULL;
    int why = 0;

    if (sqlite3_file_control(db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &wal) == SQLITE_OK && wal &&
        wal->pMethods)
        wal->pMethods->xFileControl(wal, SQLITE_FCNTL_LAST_ERRNO, &why);
    return why;
}

static bool is_full(sqlite3 *db, int rc)
{
    int why = rc == SQLITE_IOERR && db ? wal_errno(db) : 0;

    return rc == SQLITE_FULL || why == ENOSPC || why == EDQUOT || why == EFBIG;
}

/* What a person is to do about each kind of failure; %s is the file. */
static const struct {
    int rc;
    enum err err;
    const char *words;
} failures[] = {
    { SQLITE_CORRUPT, ERR_STORE,
      "%s is damaged. Stop muster, copy the file and those beside it to a "
      "safe place, and restore a backup (or try `sqlite3 FILE .recover`)" },
    { SQLITE_NOTADB, ERR_STORE,
      "%s is not a SQLite database. Check the path; if it was one, restore "
      "a backup" },
    { SQLITE_READONLY, ERR_STORE,
      "%s cannot be written. The user who runs muster must be able to "
      "write to the file, its folder, and the files beside it" },
    { SQLITE_PERM, ERR_STORE, "%s may not be opened by this user. Check its owner and mode" },
    { SQLITE_CANTOPEN, ERR_STORE,
      "%s cannot be opened. Check that the folder is there, and the owner "
      "and mode of the file and of those beside it" },
    { SQLITE_BUSY, ERR_BUSY,
      "%s is locked by a program that does not know muster's locks. Close it "
      "(a sqlite3 shell, a backup tool?) and try again" },
    { SQLITE_LOCKED, ERR_BUSY, "%s is locked by another statement; try again" },
    { SQLITE_IOERR, ERR_STORE, "%s could not be read or written. Check the disk (`dmesg`)" },
    { SQLITE_PROTOCOL, ERR_STORE,
      "the locks of %s do not work. The store must be on a local file "
      "system" },
    { SQLITE_TOOBIG, ERR_TOO_LARGE, "a value is too long for %s" },
};

enum err sqlite_err(sqlite3 *db, const struct store *s, int rc, const char *sql)
{
    const char *why = db ? sqlite3_errmsg(db) : sqlite3_errstr(rc);
    int sys = db ? sqlite3_system_errno(db) : errno;
    AUTO_BUF words = {};

    rc &= 0xff;
    if (rc == SQLITE_NOMEM)
        die_of_memory(0);
    if (is_full(db, rc))
        return errf(ERR_FULL,
                    "the disk is full: %s could not be written, and nothing of this change was "
                    "kept. Make room there and try again",
                    s->label);
    if (rc == SQLITE_CONSTRAINT)
        return errf(ERR_CONFLICT, "%s (in: %s)", why, sql);
    for (size_t i = 0; i < COUNT(failures); i++)
        if (failures[i].rc == rc) {
            const char *gap = strstr(failures[i].words, "%s");
            buf_add(&words, failures[i].words, (size_t)(gap - failures[i].words));
            buf_puts(&words, s->label);
            buf_puts(&words, gap + 2);
            bool system = sys && (rc == SQLITE_IOERR || rc == SQLITE_CANTOPEN);
            return errf(failures[i].err, "%s [%s%s%s]", words.at, why, system ? ": " : "",
                        system ? strerror(sys) : "");
        }
    return errf(ERR_INTERNAL, "SQLite: %s (in: %s)", why, sql);
}

static void configure(void)
{
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    sqlite3_initialize();
}

static int committed(void *arg, sqlite3 *db, const char *name, int pages)
{
    (void)db, (void)name;
    ((struct sqlite_conn *)arg)->wal_pages = pages;
    return SQLITE_OK;
}

static void disconnect(struct conn *c)
{
    statements_clear(&c->statements);
    sqlite3_close_v2(db_of(c));
    free(c);
}

static enum err connect(struct store *s, struct conn **out)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct sqlite_conn *c = must_alloc(sizeof *c);

    pthread_once(&once, configure);
    c->base.statements.drop = sqlite_statement_drop;
    int rc =
        sqlite3_open_v2(own(s)->path, &c->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc == SQLITE_OK) {
        sqlite3_extended_result_codes(c->db, 1);
        sqlite3_busy_timeout(c->db, BUSY_MS);
        sqlite3_db_config(c->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
        sqlite3_db_config(c->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
        rc = sqlite3_exec(c->db, pragmas, NULL, NULL, NULL);
        sqlite3_wal_hook(c->db, committed, c);
    }
    if (rc != SQLITE_OK) {
        enum err e = sqlite_err(c->db, s, rc, pragmas);
        disconnect(&c->base);
        return e;
    }
    *out = &c->base;
    return OK;
}

/* Made before SQLite opens it: what is in there is nobody else's business. */
static enum err make_file(const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd >= 0)
        close(fd);
    if (fd >= 0 || errno == EEXIST)
        return OK;
    if (errno == ENOSPC || errno == EDQUOT)
        return errf(ERR_FULL, "the disk is full: cannot make %s. Make room there and try again",
                    path);
    return errf(ERR_STORE,
                "cannot make the store %s: %m. Choose a folder that exists and that you may "
                "write to, with --store PATH or $MUSTER_STORE",
                path);
}

static enum err find_file(struct store *s)
{
    struct stat st;

    if (s->flags & STORE_CREATE)
        TRY(make_file(s->url));
    bool there = stat(s->url, &st) == 0;
    if (!there && (errno == ENOENT || errno == ENOTDIR))
        return errf(ERR_NOT_FOUND,
                    "there is no store at %s. Make one with `muster init`, or name yours with "
                    "--store PATH or $MUSTER_STORE",
                    s->url);
    if (!there)
        return errf(ERR_STORE, "cannot look at the store %s: %m", s->url);
    if (!S_ISREG(st.st_mode))
        return errf(ERR_STORE, "the store %s is not a file. Name one with --store PATH", s->url);
    if (eaccess(s->url, R_OK | W_OK) != 0)
        return errf(ERR_STORE,
                    "the store %s cannot be read and written: %m. Check its owner and mode",
                    s->url);
    own(s)->path = realpath(s->url, NULL);
    return own(s)->path ? OK : errf(ERR_STORE, "cannot find the folder of %s: %m", s->url);
}

static enum err number_of(struct conn *c, const char *sql, int64_t *out)
{
    sqlite3_stmt *st = NULL;
    int rc = sqlite3_prepare_v2(db_of(c), sql, -1, &st, NULL);

    if (rc == SQLITE_OK && (rc = sqlite3_step(st)) == SQLITE_ROW)
        *out = sqlite3_column_int64(st, 0);
    enum err e = rc == SQLITE_ROW ? OK : sqlite_err(db_of(c), c->store, rc, sql);
    sqlite3_finalize(st);
    return e;
}

/* Under the write lock: an empty file becomes a store; anybody else's database stays as it is. */
static enum err claim_file(struct conn *c)
{
    const struct store *s = c->store;
    int64_t application, tables;
    AUTO_BUF mark = {};

    TRY(number_of(c, "PRAGMA application_id", &application));
    TRY(number_of(c, "SELECT count(*) FROM sqlite_schema", &tables));
    if (application == APPLICATION)
        return OK;
    if (application != 0 || tables != 0)
        return errf(ERR_STORE,
                    "%s is a SQLite database, but not a store of muster. Name yours with "
                    "--store PATH or $MUSTER_STORE",
                    s->label);
    if (!(s->flags & STORE_CREATE))
        return errf(ERR_NOT_FOUND, "the store %s is empty. Finish it with `muster init`", s->label);
    buf_printf(&mark, "PRAGMA journal_mode = WAL; PRAGMA application_id = %d", APPLICATION);
    return sqlite_script(c, mark.at);
}

static enum err open_store(struct store *s)
{
    struct conn *c;
    int64_t application;

    s->label = strdup(s->url);
    s->own = must_alloc(sizeof(struct sqlite));
    own(s)->lock.turn_fd = own(s)->lock.write_fd = -1;
    TRY(find_file(s));
    TRY(sqlite_lock_open(own(s)->path, &own(s)->lock));
    TRY(conn_mine(s, &c));
    TRY(number_of(c, "PRAGMA application_id", &application));
    if (application == APPLICATION)
        return OK;
    TRY(sqlite_lock_take(&own(s)->lock));
    enum err e = claim_file(c);
    sqlite_lock_give(&own(s)->lock);
    return e;
}

static enum err number(struct store *s)
{
    int n;

    TRY(sqlite_lock_number(&own(s)->lock, &n));
    id_process(n);
    return OK;
}

/*
 * Copies the WAL into the file, as far as readers let it; cuts it off when it has grown long, or
 * `shrink` is wanted. Under the lock. A failure loses nothing, the pages stay in the WAL; the next
 * one tries again, and store_ready() tells about a full disk.
 */
static void checkpoint(struct sqlite_conn *c, bool shrink)
{
    int pages = 0, settled = 0;

    int rc = sqlite3_wal_checkpoint_v2(c->db, NULL, SQLITE_CHECKPOINT_PASSIVE, &pages, &settled);
    c->wal_settled = pages;
    own(c->base.store)->unsettled = rc != SQLITE_OK || settled < pages;
    if (rc != SQLITE_OK || settled < pages || (!shrink && pages < SHRINK_PAGES))
        return;
    sqlite3_busy_timeout(c->db, 0);         /* a reader may look at the old pages for long */
    if (sqlite3_wal_checkpoint_v2(c->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL) == SQLITE_OK)
        c->wal_pages = c->wal_settled = 0;
    sqlite3_busy_timeout(c->db, BUSY_MS);
}

/* By its own turn at the lock, so that whoever waits to write is not kept by it as well. */
static void tidy(struct conn *c)
{
    struct sqlite_conn *q = (struct sqlite_conn *)c;

    if (q->wal_pages < q->wal_settled)
        q->wal_settled = 0;                 /* it began again from its start */
    if (q->wal_pages - q->wal_settled < SETTLE_PAGES)
        return;
    if (sqlite_lock_take(&own(c->store)->lock) != OK)
        return;                             /* the next write will say why */
    checkpoint(q, false);
    sqlite_lock_give(&own(c->store)->lock);
}

static void settle_if_free(struct store *s, bool shrink)
{
    struct conn *c;

    if (!own(s)->unsettled || !sqlite_lock_try(&own(s)->lock))
        return;                             /* those who have the lock will do it */
    if (conn_mine(s, &c) == OK)
        checkpoint((struct sqlite_conn *)c, shrink);
    sqlite_lock_give(&own(s)->lock);
}

static void tend(struct store *s)
{
    settle_if_free(s, false);
}

/* So that a copy of the one file is a copy of the store, as people expect. */
static void leave(struct store *s)
{
    settle_if_free(s, true);
}

static void close_store(struct store *s)
{
    if (!s->own)
        return;
    if (own(s)->lock.store)
        sqlite_lock_close(&own(s)->lock);
    free(own(s)->path);
    free(s->own);
}

static enum err ready(struct store *s)
{
    struct statvfs disk;
    struct conn *c;
    int64_t n;

    TRY(conn_mine(s, &c));
    TRY(number_of(c, "SELECT count(*) FROM migration", &n));
    if (eaccess(own(s)->path, W_OK) != 0)
        return errf(ERR_STORE, "%s cannot be written any more: %m", s->label);
    if (statvfs(own(s)->path, &disk) == 0 && disk.f_bavail * disk.f_frsize < SPARE_BYTES)
        return errf(ERR_FULL, "the disk of %s is nearly full (%llu KB left). Make room there",
                    s->label, (unsigned long long)(disk.f_bavail * disk.f_frsize / 1024));
    return sqlite_lock_trouble(&own(s)->lock);
}

static enum err begin(struct conn *c)
{
    struct sqlite_lock *lock = &own(c->store)->lock;

    TRY(sqlite_lock_take(lock));
    enum err e = sqlite_control(c, "BEGIN IMMEDIATE");
    if (e != OK)
        sqlite_lock_give(lock);
    return e;
}

static enum err end(struct conn *c, bool commit)
{
    enum err e = commit ? sqlite_control(c, "COMMIT") : OK;

    if (commit && e == OK)
        own(c->store)->unsettled = true;
    /* A full disk may have ended the transaction already; a rollback that fails leaves it to the
     * next opening, which finds no commit mark in the WAL. */
    if (!sqlite3_get_autocommit(db_of(c)))
        sqlite3_exec(db_of(c), "ROLLBACK", NULL, NULL, NULL);
    sqlite_lock_give(&own(c->store)->lock);
    return e;
}

static enum err part_begin(struct conn *c)
{
    return sqlite_control(c, "SAVEPOINT part");
}

static enum err part_end(struct conn *c, bool keep)
{
    if (sqlite3_get_autocommit(db_of(c)))
        return errf(ERR_STORE, "the store %s gave up the whole group of changes", c->store->label);
    if (!keep)
        TRY(sqlite_control(c, "ROLLBACK TO part"));
    return sqlite_control(c, "RELEASE part");
}

const struct store_driver store_sqlite = {
    .name = "sqlite",
    .id = "INTEGER PRIMARY KEY",
    .text = "TEXT",
    .without_rowid = "WITHOUT ROWID",
    .keys = false,
    .has_migrations =
        "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = 'migration'",
    .writers = 1,
    .open = open_store,
    .number = number,
    .leave = leave,
    .close = close_store,
    .ready = ready,
    .tend = tend,
    .connect = connect,
    .disconnect = disconnect,
    .query = sqlite_query,
    .each = sqlite_each,
    .run = sqlite_run,
    .script = sqlite_script,
    .begin = begin,
    .end = end,
    .tidy = tidy,
    .part_begin = part_begin,
    .part_end = part_end,
};
