/* sqlite_query.c — statements of the SQLite driver: prepared once, bound and stepped without copies. */
#include "store/sqlite.h"

#include <stdlib.h>
#include <string.h>

struct sqlite_statement {
    struct statement base;
    sqlite3_stmt *st;
    int columns;
    bool passing;                   /* not in the cache: its twin there is busy */
    struct cell cells[];            /* of the present row */
};

void sqlite_statement_drop(void *owner, struct statement *s)
{
    (void)owner;
    sqlite3_finalize(((struct sqlite_statement *)s)->st);
    free(s);
}

static enum err prepare(struct conn *c, const char *sql, struct sqlite_statement **out)
{
    sqlite3 *db = ((struct sqlite_conn *)c)->db;
    sqlite3_stmt *st;
    const char *rest;

    int rc = sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &st, &rest);
    if (rc != SQLITE_OK)
        return sqlite_err(db, c->store, rc, sql);
    if (rest[strspn(rest, " \n;")] != '\0') {
        sqlite3_finalize(st);
        return errf(ERR_INTERNAL, "more than one statement in one call: %s", sql);
    }
    int columns = sqlite3_column_count(st);
    struct sqlite_statement *s = must_alloc(sizeof *s + (size_t)columns * sizeof s->cells[0]);
    s->st = st;
    s->columns = columns;
    *out = s;
    return OK;
}

static enum err find(struct conn *c, const char *sql, struct sqlite_statement **out)
{
    struct statement *known = statements_find(&c->statements, sql);

    if (known && !known->busy) {
        *out = (struct sqlite_statement *)known;
        return OK;
    }
    TRY(prepare(c, sql, out));
    if (known)
        (*out)->passing = true;
    else
        statements_add(&c->statements, sql, &(*out)->base);
    return OK;
}

static void bind(sqlite3_stmt *st, const struct arg *args, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        int at = (int)i + 1;
        switch (args[i].kind) {
        case ARG_NUM:
            sqlite3_bind_int64(st, at, args[i].num);
            break;
        case ARG_TEXT:              /* it lives for the call, and so does the binding */
            sqlite3_bind_text64(st, at, args[i].text, args[i].n, SQLITE_STATIC, SQLITE_UTF8);
            break;
        case ARG_NULL:
            sqlite3_bind_null(st, at);
            break;
        }
    }
}

/* A statement that is not reset keeps its read transaction open, and the WAL grows without end. */
static void finish(struct sqlite_statement *s)
{
    sqlite3_reset(s->st);
    s->base.busy = false;
    if (s->passing)
        sqlite_statement_drop(NULL, &s->base);
}

static enum err start(struct conn *c, const char *sql, const struct arg *args, size_t n,
                      struct sqlite_statement **out)
{
    TRY(find(c, sql, out));
    struct sqlite_statement *s = *out;
    s->base.busy = true;
    if (!c->writing && !sqlite3_stmt_readonly(s->st)) {
        finish(s);
        return errf(ERR_INTERNAL, "a statement that writes needs store_write(): %s", sql);
    }
    int wanted = sqlite3_bind_parameter_count(s->st);
    if ((size_t)wanted != n) {
        finish(s);
        return errf(ERR_INTERNAL, "%zu arguments for the %d parameters of: %s", n, wanted, sql);
    }
    bind(s->st, args, n);
    return OK;
}

static enum err judge(struct conn *c, int rc, const char *sql)
{
    return rc == SQLITE_DONE || rc == SQLITE_ROW
               ? OK
               : sqlite_err(((struct sqlite_conn *)c)->db, c->store, rc, sql);
}

/* The cells point into SQLite's own memory until the next step. */
static enum err read_row(struct sqlite_statement *s, struct cell *cells)
{
    for (int i = 0; i < s->columns; i++) {
        struct cell *to = &cells[i];
        switch (sqlite3_column_type(s->st, i)) {
        case SQLITE_INTEGER:
            *to = (struct cell){ .num = sqlite3_column_int64(s->st, i) };
            break;
        case SQLITE_TEXT:
            to->text = (const char *)sqlite3_column_text(s->st, i);
            to->n = (size_t)sqlite3_column_bytes(s->st, i);
            to->num = 0;
            to->null = false;
            break;
        case SQLITE_NULL:
            *to = (struct cell){ .null = true };
            break;
        default:
            return errf(ERR_INTERNAL, "column %d is neither a whole number nor text; cast it: %s",
                        i + 1, sqlite3_sql(s->st));
        }
    }
    return OK;
}

enum err sqlite_query(struct conn *c, struct arena *mem, struct rows *out, const char *sql,
                      const struct arg *args, size_t n)
{
    struct sqlite_statement *s;
    size_t cap = 0, used = 0;
    struct cell *cells = NULL;
    enum err e = OK;
    int rc;

    TRY(start(c, sql, args, n, &s));
    size_t columns = (size_t)s->columns;
    while ((rc = sqlite3_step(s->st)) == SQLITE_ROW && (e = read_row(s, s->cells)) == OK) {
        for (size_t i = 0; i < columns; i++, used++) {
            ARENA_GROW(mem, cells, used, cap);
            cells[used] = s->cells[i];
            if (cells[used].text)
                cells[used].text = arena_textn(mem, cells[used].text, cells[used].n);
        }
        out->n++;
    }
    out->columns = columns;
    out->cells = cells;
    if (e == OK)
        e = judge(c, rc, sql);
    finish(s);
    return e;
}

enum err sqlite_each(struct conn *c, row_fn *fn, void *arg, const char *sql, const struct arg *args,
                     size_t n, enum err *stopped)
{
    struct sqlite_statement *s;
    enum err e = OK;
    int rc;

    TRY(start(c, sql, args, n, &s));
    while ((rc = sqlite3_step(s->st)) == SQLITE_ROW && (e = read_row(s, s->cells)) == OK)
        if ((*stopped = fn(arg, s->cells)) != OK)
            break;
    if (e == OK)
        e = judge(c, rc, sql);
    finish(s);
    return e;
}

enum err sqlite_run(struct conn *c, const char *sql, const struct arg *args, size_t n)
{
    struct sqlite_statement *s;
    int rc;

    TRY(start(c, sql, args, n, &s));
    do
        rc = sqlite3_step(s->st);
    while (rc == SQLITE_ROW);
    enum err e = judge(c, rc, sql);
    finish(s);
    return e;
}

enum err sqlite_control(struct conn *c, const char *sql)
{
    struct sqlite_statement *s;

    TRY(find(c, sql, &s));
    enum err e = judge(c, sqlite3_step(s->st), sql);
    finish(s);
    return e;
}

enum err sqlite_script(struct conn *c, const char *sql)
{
    sqlite3 *db = ((struct sqlite_conn *)c)->db;
    int rc = sqlite3_exec(db, sql, NULL, NULL, NULL);

    return rc == SQLITE_OK ? OK : sqlite_err(db, c->store, rc, sql);
}
