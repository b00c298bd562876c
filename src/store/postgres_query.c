/*
 * postgres_query.c — statements of the PostgreSQL driver: a pipeline per connection.
 *
 * A connection stays in pipeline mode. store_run() only puts its command in; whoever needs an answer
 * (a query, the commit, a pipeline that has grown long) waits for all of them at once. So a batch
 * of a thousand inserts costs a handful of round trips, and BEGIN and COMMIT none of their own.
 */
#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "store/postgres.h"

enum { PARAMS_MOST = 1024, OID_INT8 = 20, OID_TEXT = 25 };

struct postgres_statement {
    struct statement base;
    char *numbered;                 /* the SQL with $1, $2 … */
    char name[24];
    bool prepared;
    size_t params;
    Oid types[];                    /* as prepared; 0: never seen but as NULL, the server chose */
};

static struct postgres_conn *own(struct conn *c)
{
    return (struct postgres_conn *)c;
}

/* One more command whose answer is read later; `s` is NULL for BEGIN and its like. */
static enum err push(struct postgres_conn *c, int sent, struct postgres_statement *s, bool prepares,
                     const char *sql)
{
    if (!sent)
        return postgres_err(c, NULL, sql);
    c->sent[c->waiting].statement = s ? &s->base : NULL;
    c->sent[c->waiting++].prepares = prepares;
    return OK;
}

enum err postgres_control(struct postgres_conn *c, const char *sql)
{
    return push(c, PQsendQueryParams(c->pg, sql, 0, NULL, NULL, NULL, NULL, 1), NULL, false, sql);
}

static bool is_good(const PGresult *res)
{
    ExecStatusType status = PQresultStatus(res);

    return status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_SINGLE_TUPLE;
}

/* Reads what is left of one command's answer. The first failure of a pipeline is the one to tell. */
static void read_answer(struct postgres_conn *c, const char *sql, enum err *e, PGresult **last)
{
    PGresult *res;

    while ((res = PQgetResult(c->pg))) {
        if (!is_good(res) && *e == OK)
            *e = PQresultStatus(res) == PGRES_PIPELINE_ABORTED
                     ? errf(ERR_STORE, "the pipeline was given up")
                     : postgres_err(c, res, sql);
        if (last) {
            PQclear(*last);
            *last = res;
        } else {
            PQclear(res);
        }
    }
}

/* The SQL of a command in the pipeline, for messages. */
static const char *sql_of(const struct postgres_conn *c, size_t i, const char *otherwise)
{
    return c->sent[i].statement ? c->sent[i].statement->sql : otherwise;
}

enum err postgres_settle(struct postgres_conn *c, const char *sql, PGresult **last)
{
    enum err e = OK;

    if (c->waiting == 0)
        return OK;
    if (!PQpipelineSync(c->pg))
        e = postgres_err(c, NULL, sql);
    for (size_t i = 0; i < c->waiting && PQstatus(c->pg) == CONNECTION_OK; i++)
        read_answer(c, sql_of(c, i, sql), &e, i + 1 == c->waiting ? last : NULL);
    if (PQstatus(c->pg) == CONNECTION_OK) {
        PGresult *sync = PQgetResult(c->pg);
        if (PQresultStatus(sync) != PGRES_PIPELINE_SYNC && e == OK)
            e = postgres_err(c, sync, sql);
        PQclear(sync);
    } else if (e == OK) {
        e = postgres_err(c, NULL, sql);
    }
    for (size_t i = 0; e != OK && i < c->waiting; i++)
        if (c->sent[i].prepares && c->sent[i].statement)    /* perhaps done: do it anew */
            ((struct postgres_statement *)c->sent[i].statement)->prepared = false;
    c->waiting = 0;
    c->used = clock_tick();
    return e;
}

static enum err make_room(struct postgres_conn *c, const char *sql)
{
    return c->waiting + 4 > PIPELINE_MOST ? postgres_settle(c, sql, NULL) : OK;
}

void postgres_statement_drop(void *owner, struct statement *s)
{
    struct postgres_statement *p = (struct postgres_statement *)s;
    struct postgres_conn *c = owner;
    char sql[48];

    for (size_t i = 0; i < c->waiting; i++)
        if (c->sent[i].statement == s)
            c->sent[i].statement = NULL;
    snprintf(sql, sizeof sql, "DEALLOCATE %s", p->name);
    if (p->prepared && PQstatus(c->pg) == CONNECTION_OK)
        IGNORE(postgres_control(c, sql));   /* a broken connection forgets it as well */
    free(p->numbered);
    free(p);
}

static Oid type_of(const struct arg *a)
{
    return a->kind == ARG_NUM ? OID_INT8 : a->kind == ARG_TEXT ? OID_TEXT : 0;
}

/*
 * The kinds of the arguments are the types of the parameters, so that `SELECT ?` gives the same cell
 * as on SQLite. A NULL has no type; when a value comes in its place, the statement is prepared anew.
 */
static bool types_agree(struct postgres_statement *s, const struct arg *args)
{
    bool agree = true;

    for (size_t i = 0; i < s->params; i++) {
        Oid type = type_of(&args[i]);
        if (type && type != s->types[i]) {
            s->types[i] = type;
            agree = false;
        }
    }
    return agree;
}

static enum err find(struct postgres_conn *c, const char *sql, size_t n,
                     struct postgres_statement **out)
{
    struct statement *known = statements_find(&c->base.statements, sql);

    if (!known) {
        size_t params;
        char *numbered = postgres_number_params(sql, &params);
        struct postgres_statement *s = must_alloc(sizeof *s + params * sizeof s->types[0]);
        s->numbered = numbered;
        s->params = params;
        statements_add(&c->base.statements, sql, &s->base);
        known = &s->base;
    }
    *out = (struct postgres_statement *)known;
    if ((*out)->params != n)
        return errf(ERR_INTERNAL, "%zu arguments for the %zu parameters of: %s", n, (*out)->params,
                    sql);
    return OK;
}

static enum err prepare(struct postgres_conn *c, struct postgres_statement *s,
                        const struct arg *args)
{
    bool agree = types_agree(s, args);

    if (s->prepared && agree)
        return OK;
    if (s->prepared) {
        char drop[48];
        snprintf(drop, sizeof drop, "DEALLOCATE %s", s->name);
        TRY(postgres_control(c, drop));
    }
    snprintf(s->name, sizeof s->name, "s%llu", (unsigned long long)++c->statements_made);
    TRY(push(c, PQsendPrepare(c->pg, s->name, s->numbered, (int)s->params, s->types), s, true,
             s->base.sql));
    s->prepared = true;
    return OK;
}

static enum err send(struct postgres_conn *c, const char *sql, const struct arg *args, size_t n)
{
    struct postgres_statement *s;
    const char *values[PARAMS_MOST];
    int lengths[PARAMS_MOST], formats[PARAMS_MOST];
    int64_t numbers[PARAMS_MOST];

    if (n > PARAMS_MOST)
        return errf(ERR_INTERNAL, "%zu arguments are more than %d: %s", n, PARAMS_MOST, sql);
    TRY(make_room(c, sql));
    TRY(find(c, sql, n, &s));
    TRY(prepare(c, s, args));
    for (size_t i = 0; i < n; i++) {
        const struct arg *a = &args[i];
        formats[i] = 1;                     /* binary: int8 by its bytes, text by its length */
        numbers[i] = (int64_t)htobe64((uint64_t)a->num);
        values[i] = a->kind == ARG_NUM ? (const char *)&numbers[i] : a->text;
        lengths[i] = a->kind == ARG_NUM ? (int)sizeof numbers[i] : (int)a->n;
    }
    return push(c, PQsendQueryPrepared(c->pg, s->name, (int)n, values, lengths, formats, 1), s,
                false, sql);
}

/* Nothing was begun and the connection is gone: a server or a firewall closes idle ones. */
static bool reconnects(struct postgres_conn *c)
{
    return !c->base.writing && PQstatus(c->pg) == CONNECTION_BAD;
}

static enum err ask(struct postgres_conn *c, const char *sql, const struct arg *args, size_t n,
                    PGresult **res)
{
    *res = NULL;
    enum err e = send(c, sql, args, n);
    if (e == OK)
        e = postgres_settle(c, sql, res);
    return e;
}

static enum err copy_rows(const PGresult *res, struct arena *mem, struct rows *out)
{
    int rows = PQntuples(res), columns = PQnfields(res);
    struct cell *to = NEW_ARRAY(mem, struct cell, (size_t)rows * (size_t)columns);

    out->n = (size_t)rows;
    out->columns = (size_t)columns;
    out->cells = to;
    for (int row = 0; row < rows; row++)
        for (int column = 0; column < columns; column++, to++) {
            TRY(postgres_cell(res, row, column, to));
            if (to->text)
                to->text = arena_textn(mem, to->text, to->n);
        }
    return OK;
}

enum err postgres_query(struct conn *base, struct arena *mem, struct rows *out, const char *sql,
                        const struct arg *args, size_t n)
{
    struct postgres_conn *c = own(base);
    PGresult *res;

    enum err e = ask(c, sql, args, n, &res);
    if (e != OK && reconnects(c)) {
        PQclear(res);
        res = NULL;
        e = postgres_reconnect(c);
        if (e == OK)
            e = ask(c, sql, args, n, &res);
    }
    if (e == OK)
        e = copy_rows(res, mem, out);
    PQclear(res);
    return e;
}

enum err postgres_run(struct conn *base, const char *sql, const struct arg *args, size_t n)
{
    return send(own(base), sql, args, n);
}

struct scan {
    row_fn *fn;
    void *arg;
    enum err *stopped;
    struct cell *cells;
    size_t rows;
};

/* One row's cells, straight out of libpq's memory. */
static enum err give_row(struct scan *scan, const PGresult *res)
{
    if (!scan->cells)
        scan->cells = must_alloc((size_t)PQnfields(res) * sizeof scan->cells[0]);
    for (int i = 0; i < PQnfields(res); i++)
        TRY(postgres_cell(res, 0, i, &scan->cells[i]));
    scan->rows++;
    *scan->stopped = scan->fn(scan->arg, scan->cells);
    return OK;
}

/* All rows are read even if nobody wants them any more: to cancel would end the transaction too. */
static enum err read_rows(struct postgres_conn *c, const char *sql, struct scan *scan)
{
    enum err e = OK;
    PGresult *res;

    while ((res = PQgetResult(c->pg))) {
        if (!is_good(res) && e == OK)
            e = postgres_err(c, res, sql);
        if (PQresultStatus(res) == PGRES_SINGLE_TUPLE && e == OK && *scan->stopped == OK)
            e = give_row(scan, res);
        PQclear(res);
    }
    PQclear(PQgetResult(c->pg));            /* the pipeline's end */
    c->waiting = 0;
    return e != OK || PQstatus(c->pg) == CONNECTION_OK ? e : postgres_err(c, NULL, sql);
}

static enum err scan_once(struct postgres_conn *c, const char *sql, const struct arg *args,
                          size_t n, struct scan *scan)
{
    struct postgres_statement *s;

    /* What came before is answered first, so that the single rows are those of this command. */
    TRY(make_room(c, sql));
    TRY(find(c, sql, n, &s));
    TRY(prepare(c, s, args));
    TRY(postgres_settle(c, sql, NULL));
    TRY(send(c, sql, args, n));
    if (!PQpipelineSync(c->pg) || !PQsetSingleRowMode(c->pg))
        return postgres_err(c, NULL, sql);
    return read_rows(c, sql, scan);
}

enum err postgres_each(struct conn *base, row_fn *fn, void *arg, const char *sql,
                       const struct arg *args, size_t n, enum err *stopped)
{
    struct postgres_conn *c = own(base);
    struct scan scan = { fn, arg, stopped };

    enum err e = scan_once(c, sql, args, n, &scan);
    if (e != OK && scan.rows == 0 && reconnects(c)) {
        e = postgres_reconnect(c);
        if (e == OK)
            e = scan_once(c, sql, args, n, &scan);
    }
    free(scan.cells);
    return e;
}
