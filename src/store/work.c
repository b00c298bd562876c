/* work.c — arguments, IN lists, and the calls of work.h on their way to the driver. */
#include "store/work.h"

#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/clock.h"
#include "base/str.h"
#include "store/driver.h"

enum { ATTEMPTS = 40 };             /* of a transaction that other writers keep disturbing */

struct arg txtn(const char *s, size_t n)
{
    return s ? (struct arg){ ARG_TEXT, .text = s, .n = n } : (struct arg){ ARG_NULL };
}

struct arg txt(const char *s)
{
    return txtn(s, s ? strlen(s) : 0);
}

struct work *work_new(struct store *s, const struct actor *actor)
{
    struct arena *mem = arena_new();
    struct work *w = NEW(mem, struct work);

    w->mem = mem;
    w->store = s;
    w->actor = actor;
    w->now = clock_now();
    return w;
}

void work_free(struct work *w)
{
    if (w)
        arena_free(w->mem);
}

/* Four lengths, built once from the longest. */
static const size_t in_sizes[] = { 1, 8, 64, STORE_IN_MOST };
static char in_texts[COUNT(in_sizes)][2 * STORE_IN_MOST + 2];
static pthread_once_t in_once = PTHREAD_ONCE_INIT;

static void in_build(void)
{
    for (size_t k = 0; k < COUNT(in_sizes); k++) {
        char *to = in_texts[k];
        for (size_t i = 0; i < in_sizes[k]; i++) {
            *to++ = i ? ',' : '(';
            *to++ = '?';
        }
        *to = ')';
    }
}

static size_t in_index(size_t n)
{
    size_t k = 0;

    assert(n <= STORE_IN_MOST);
    while (in_sizes[k] < n)
        k++;
    return k;
}

const char *store_in(size_t n)
{
    pthread_once(&in_once, in_build);
    return in_texts[in_index(n)];
}

size_t store_in_size(size_t n)
{
    return in_sizes[in_index(n)];
}

void store_pad(struct arg *args, size_t n)
{
    size_t size = store_in_size(n);

    if (n == 0)
        args[n++] = (struct arg){ ARG_NULL };       /* IN (NULL) is true for nobody */
    for (size_t i = n; i < size; i++)
        args[i] = args[n - 1];
}

enum err tx_fail(struct conn *c, enum err e)
{
    if (e != OK && c->writing && c->tx.failed == OK) {
        c->tx.failed = e;
        size_t n = strnlen(err_text(), sizeof c->tx.why - 1);
        memcpy(c->tx.why, err_text(), n);
        c->tx.why[n] = '\0';
    }
    return e;
}

enum err tx_failure(const struct tx *tx)
{
    return tx->failed == OK ? OK : errf(tx->failed, "%s", tx->why);
}

static enum err args_check(const struct arg *args, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (args[i].kind == ARG_TEXT && memchr(args[i].text, '\0', args[i].n))
            return errf(ERR_INVALID, "a text with a NUL character in it cannot be stored");
    return OK;
}

static bool only_reads(const char *sql)
{
    while (*sql == ' ' || *sql == '\n' || *sql == '(')
        sql++;
    return strncasecmp(sql, "SELECT", 6) == 0 || strncasecmp(sql, "WITH", 4) == 0;
}

static enum err conn_for(struct work *w, const char *sql, const struct arg *args, size_t n,
                         struct conn **out)
{
    TRY(args_check(args, n));
    if (w->tx) {
        *out = w->tx->conn;
    } else {
        if (!only_reads(sql))
            return errf(ERR_INTERNAL, "a statement that writes needs store_write(): %s", sql);
        TRY(conn_mine(w->store, out));
    }
    if ((*out)->scanning)
        return errf(ERR_INTERNAL, "a statement inside store_each(): %s", sql);
    return (*out)->writing ? tx_failure(&(*out)->tx) : OK;
}

enum err store_query_args(struct work *w, struct rows *out, const char *sql, const struct arg *args,
                          size_t n)
{
    struct conn *c;

    *out = (struct rows){};
    TRY(conn_for(w, sql, args, n, &c));
    return tx_fail(c, w->store->driver->query(c, w->mem, out, sql, args, n));
}

enum err store_each_args(struct work *w, row_fn *fn, void *fn_arg, const char *sql,
                         const struct arg *args, size_t n)
{
    struct conn *c;
    enum err stopped = OK;

    TRY(conn_for(w, sql, args, n, &c));
    c->scanning = true;
    enum err e = w->store->driver->each(c, fn, fn_arg, sql, args, n, &stopped);
    c->scanning = false;
    if (stopped != OK)
        return stopped;             /* who has seen enough dooms nothing */
    return tx_fail(c, e);
}

enum err store_run_args(struct work *w, const char *sql, const struct arg *args, size_t n)
{
    if (!w->tx)
        return errf(ERR_INTERNAL, "store_run() outside store_write(): %s", sql);
    struct conn *c = w->tx->conn;
    TRY(args_check(args, n));
    if (c->scanning)
        return errf(ERR_INTERNAL, "a statement inside store_each(): %s", sql);
    TRY(tx_failure(&c->tx));
    return tx_fail(c, w->store->driver->run(c, sql, args, n));
}

void tx_open(struct conn *c)
{
    c->tx.failed = OK;
    c->tx.again = false;
    c->writing = true;
}

/* One call of a closure in the open transaction of `c`. A failure it kept to itself counts too. */
enum err tx_call(struct work *w, struct conn *c, write_fn *fn, void *arg)
{
    w->tx = &c->tx;
    enum err e = fn(w, arg);
    w->tx = NULL;
    return e != OK ? e : tx_failure(&c->tx);
}

static enum err write_once(struct work *w, struct conn *c, write_fn *fn, void *arg)
{
    const struct store_driver *d = w->store->driver;

    c->tx.again = false;
    TRY(d->begin(c));
    tx_open(c);
    enum err e = tx_call(w, c, fn, arg);
    enum err ended = d->end(c, e == OK);
    c->writing = false;
    return e != OK ? e : ended;
}

/* Writers that met once would meet again in step; so they wait differently long. */
static void stand_back(int attempt)
{
    int64_t us = (int64_t)crypt_random_below(2000u << MIN(attempt, 6));
    struct timespec t = { us / 1000000, us % 1000000 * 1000 };

    nanosleep(&t, NULL);
}

enum err tx_write(struct work *w, write_fn *fn, void *arg)
{
    struct conn *c;

    TRY(conn_mine(w->store, &c));
    if (c->writing || c->scanning)
        return errf(ERR_INTERNAL, "a write inside another %s of the same thread",
                    c->writing ? "work's write" : "statement's rows");
    for (int attempt = 0;; attempt++) {
        c->tx.attempt = attempt;
        enum err e = write_once(w, c, fn, arg);
        if (e == OK)
            w->store->driver->tidy(c);
        if (e == OK || !c->tx.again)
            return e;
        if (attempt + 1 == ATTEMPTS)
            return err_in(e, "other writers kept changing the same rows, %d times: ", ATTEMPTS);
        stand_back(attempt);
    }
}

enum err store_write(struct work *w, write_fn *fn, void *arg)
{
    if (w->tx)
        return fn(w, arg);
    if (w->store->queue && w->store->driver->writers == 1)
        return queue_write(w, fn, arg);
    return tx_write(w, fn, arg);
}
