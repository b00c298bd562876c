/* sqlite.h — what the three files of the SQLite driver know of each other. */
#ifndef STORE_SQLITE_H
#define STORE_SQLITE_H

#include <sqlite3.h>

#include "store/driver.h"
#include "store/sqlite_lock.h"

struct sqlite_conn {
    struct conn base;
    sqlite3 *db;
    int wal_pages;                  /* in the WAL after our last commit … */
    int wal_settled;                /* … and when it was last copied into the file */
};

/* The driver's own part of a store. */
struct sqlite {
    struct sqlite_lock lock;
    char *path;                     /* without symbolic links: the locks lie beside the file itself */
    _Atomic bool unsettled;         /* something is in the WAL that we put there */
};

/* The error of the last call on `db`, in words that say what to do. */
enum err sqlite_err(sqlite3 *db, const struct store *s, int rc, const char *sql);

/* sqlite_query.c */
enum err sqlite_query(struct conn *c, struct arena *mem, struct rows *out, const char *sql,
                      const struct arg *args, size_t n);
enum err sqlite_each(struct conn *c, row_fn *fn, void *arg, const char *sql, const struct arg *args,
                     size_t n, enum err *stopped);
enum err sqlite_run(struct conn *c, const char *sql, const struct arg *args, size_t n);
enum err sqlite_control(struct conn *c, const char *sql);       /* BEGIN, COMMIT, SAVEPOINT … */
enum err sqlite_script(struct conn *c, const char *sql);
void sqlite_statement_drop(void *owner, struct statement *s);

#endif
