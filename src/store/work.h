/*
 * work.h — one unit of work (an HTTP request, a sync batch, a CLI command, a test) and the query call.
 *
 * SQL is written once, in the subset both engines share; parameters are `?`. It appears only in
 * *_sql.c and in this room. Every statement names its workspace.
 */
#ifndef STORE_WORK_H
#define STORE_WORK_H

#include "base/arena.h"
#include "base/err.h"

struct store;
struct tx;

/* Who is doing it; goes into runs and history. */
struct actor {
    const char *kind;               /* "cli", "schedule", "scim", "console" */
    const char *name;               /* login name, source name … */
};

struct work {
    struct arena *mem;
    struct store *store;
    struct tx *tx;                  /* the open write transaction; NULL: reads commit by themselves */
    int64_t workspace;
    const struct actor *actor;
    int64_t now;                    /* ms since 1970 */
};

/* An argument of a statement. Text needs to live only for the call. */
struct arg {
    enum { ARG_NULL, ARG_NUM, ARG_TEXT } kind;
    int64_t num;
    const char *text;
    size_t n;
};

static inline struct arg num(int64_t n)
{
    return (struct arg){ ARG_NUM, .num = n };
}

struct arg txt(const char *s);                      /* NULL becomes SQL NULL */
struct arg txtn(const char *s, size_t n);

static inline struct arg id_or_null(int64_t id)     /* 0 becomes SQL NULL */
{
    return id ? num(id) : (struct arg){ ARG_NULL };
}

/* One value of an answer. `text` is NULL for SQL NULL and for numbers; text ends with NUL. */
struct cell {
    const char *text;
    size_t n;
    int64_t num;                    /* numbers; 0 otherwise */
    bool null;
};

struct rows {
    size_t n, columns;
    struct cell *cells;             /* n * columns, in w->mem */
};

static inline const struct cell *cell(const struct rows *r, size_t row, size_t column)
{
    return &r->cells[row * r->columns + column];
}

static inline int64_t rows_num(const struct rows *r, size_t row, size_t column)
{
    return cell(r, row, column)->num;
}

static inline const char *rows_text(const struct rows *r, size_t row, size_t column)
{
    return cell(r, row, column)->text;
}

/* The whole answer in w->mem. With w->tx inside that transaction, else on a read connection. */
#define store_query(w, out, sql, ...)                                                             \
    store_query_args((w), (out), (sql), (const struct arg[]){ __VA_ARGS__ },                      \
                     COUNT(((const struct arg[]){ __VA_ARGS__ })))
enum err store_query_args(struct work *w, struct rows *out, const char *sql, const struct arg *args,
                          size_t n);

/* Row by row, for answers that do not fit: the cells live until `fn` returns. No other statement may
 * be run on `w` meanwhile. An error of `fn` ends the scan and is passed on. */
typedef enum err row_fn(void *arg, const struct cell *cells);
#define store_each(w, fn, fn_arg, sql, ...)                                                       \
    store_each_args((w), (fn), (fn_arg), (sql), (const struct arg[]){ __VA_ARGS__ },              \
                    COUNT(((const struct arg[]){ __VA_ARGS__ })))
enum err store_each_args(struct work *w, row_fn *fn, void *fn_arg, const char *sql,
                         const struct arg *args, size_t n);

/*
 * A write whose answer nobody reads; only inside store_write(). PostgreSQL pipelines these: an error
 * may come out of a later call of the same transaction, at the latest of its commit.
 */
#define store_run(w, sql, ...)                                                                    \
    store_run_args((w), (sql), (const struct arg[]){ __VA_ARGS__ },                               \
                   COUNT(((const struct arg[]){ __VA_ARGS__ })))
enum err store_run_args(struct work *w, const char *sql, const struct arg *args, size_t n);

/*
 * Runs `fn` in a write transaction: committed durably when it returns OK, else rolled back and its
 * error passed on. It may be run again from the start (serialization failure), so it must not
 * leave traces outside the store and w->mem that a second run would trip over.
 *
 * The first statement that fails dooms the transaction, on both engines: it cannot be caught and gone
 * on from. What two transactions must not both do on different rows (write skew), they say by
 * updating one row: then one of them is run again and sees the other.
 *
 * SQLite: under the store's turn and write locks; in a serving process on the writer thread, many in
 * one commit. Keep it under 20 ms. Nested: joins the open transaction.
 */
typedef enum err write_fn(struct work *w, void *arg);
enum err store_write(struct work *w, write_fn *fn, void *arg);

#endif
