/*
 * postgres.c — the PostgreSQL driver: connections, transactions, readiness.
 *
 * Write transactions are REPEATABLE READ: a change of a row that somebody else changed since the
 * transaction began fails (40001) and the closure is run again on what is there now, so no update
 * is lost. What two transactions must not both do on different rows, they say by touching one row.
 * Reads outside commit by themselves.
 */
#include "store/postgres.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"

enum { WRITERS = 4, IDLE_US = 5000000, RENEW_MS = 500000 };

static const char *const schemes[] = { "postgresql://", "postgres://", NULL };

static struct postgres_conn *own(struct conn *c)
{
    return (struct postgres_conn *)c;
}

/* "table exists already, skipping": nobody asked. */
static void noticed(void *arg, const PGresult *res)
{
    (void)arg;
    log_debug("PostgreSQL: %s", PQresultErrorMessage(res));
}

static enum err open_store(struct store *s)
{
    const char *name = NULL, *host = NULL;
    AUTO_BUF label = {};
    char *why = NULL;

    struct postgres *p = must_alloc(sizeof *p);
    p->number = -1;
    pthread_mutex_init(&p->lock, NULL);
    s->own = p;
    PQconninfoOption *given = PQconninfoParse(s->url, &why);
    PQfreemem(why);                     /* it may quote the password */
    if (!given)
        return errf(ERR_USAGE,
                    "the store's URL cannot be read. It looks like postgresql://user@host/database;"
                    " in a password, write @ : / ? as %%40 %%3A %%2F %%3F");
    for (PQconninfoOption *o = given; o->keyword; o++) {
        name = str_eq(o->keyword, "dbname") ? o->val : name;
        host = str_eq(o->keyword, "host") && o->val ? o->val : host;
    }
    buf_printf(&label, "the database %s at %s", str_empty(name) ? "of the default name" : name,
               str_empty(host) ? "the local socket" : host);
    PQconninfoFree(given);
    s->label = strdup(label.at);
    return OK;
}

static void close_store(struct store *s)
{
    struct postgres *p = s->own;

    pthread_mutex_destroy(&p->lock);
    free(p);
}

static enum err cannot_connect(struct postgres_conn *c)
{
    const char *why = PQerrorMessage(c->pg);

    return errf(ERR_STORE,
                "cannot connect to %s: %.*s. Check that the server runs, that the database is "
                "there (`createdb`), and user and password in the store's URL",
                c->base.store->label, (int)strcspn(why, "\n"), why);
}

static enum err greet(struct postgres_conn *c)
{
    if (PQstatus(c->pg) != CONNECTION_OK)
        return cannot_connect(c);
    PQsetNoticeReceiver(c->pg, noticed, NULL);
    PQenterPipelineMode(c->pg);
    c->waiting = 0;
    c->used = clock_tick();
    return OK;
}

static void disconnect(struct conn *c)
{
    PQfinish(own(c)->pg);
    own(c)->pg = NULL;
    own(c)->waiting = 0;
    statements_clear(&c->statements);
    free(c);
}

static enum err connect(struct store *s, struct conn **out)
{
    const char *const words[] = { "connect_timeout", "application_name", "dbname",
                                  "client_encoding", NULL };
    const char *const values[] = { "10", "muster", s->url, "UTF8", NULL };
    struct postgres_conn *c = must_alloc(sizeof *c);

    c->base.store = s;
    c->base.statements.drop = postgres_statement_drop;
    c->base.statements.owner = c;
    c->pg = PQconnectdbParams(words, values, 1);
    enum err e = greet(c);
    if (e != OK) {
        disconnect(&c->base);
        return e;
    }
    *out = &c->base;
    return OK;
}

enum err postgres_reconnect(struct postgres_conn *c)
{
    statements_clear(&c->base.statements);
    PQreset(c->pg);
    return greet(c);
}

/* Whether the server has closed an idle connection, as far as it can be known without asking. */
static bool looks_alive(struct postgres_conn *c)
{
    struct pollfd socket = { .fd = PQsocket(c->pg), .events = POLLIN };

    /* A farewell comes before the end, and each is read by itself. */
    while (PQstatus(c->pg) == CONNECTION_OK && poll(&socket, 1, 0) > 0)
        PQconsumeInput(c->pg);
    return PQstatus(c->pg) == CONNECTION_OK;
}

static enum err begin(struct conn *base)
{
    static const char sql[] = "BEGIN ISOLATION LEVEL REPEATABLE READ";
    struct postgres_conn *c = own(base);
    bool rested = clock_tick() - c->used > IDLE_US;

    if (!looks_alive(c))
        TRY(postgres_reconnect(c));
    TRY(postgres_number_renew(base, RENEW_MS / 2));
    TRY(postgres_control(c, sql));
    if (!rested)
        return OK;                      /* it goes out with the first statement */
    /* A firewall may have forgotten us. Better to know before something is committed. */
    if (postgres_settle(c, sql, NULL) == OK)
        return OK;
    TRY(postgres_reconnect(c));
    return postgres_control(c, sql);
}

static enum err commit(struct postgres_conn *c)
{
    PGresult *res = NULL;

    TRY(postgres_control(c, "COMMIT"));
    c->committing = true;
    enum err e = postgres_settle(c, "COMMIT", &res);
    c->committing = false;
    if (e == OK && !str_eq(PQcmdStatus(res), "COMMIT"))
        e = errf(ERR_STORE, "%s rolled a change back instead of keeping it", c->base.store->label);
    PQclear(res);
    return e;
}

static enum err end(struct conn *base, bool keep)
{
    struct postgres_conn *c = own(base);
    enum err e = keep ? commit(c) : OK;

    if (keep && e == OK)
        return OK;
    /* The reason is told already; a connection that cannot even roll back is replaced later. */
    struct err_saved why = err_save();
    IGNORE(postgres_settle(c, "ROLLBACK", NULL));
    if (PQstatus(c->pg) == CONNECTION_OK && PQtransactionStatus(c->pg) != PQTRANS_IDLE) {
        IGNORE(postgres_control(c, "ROLLBACK"));
        IGNORE(postgres_settle(c, "ROLLBACK", NULL));
    }
    err_restore(&why);
    return e;
}

static enum err script(struct conn *base, const char *sql)
{
    struct postgres_conn *c = own(base);

    TRY(postgres_settle(c, sql, NULL));
    PQexitPipelineMode(c->pg);          /* several statements in one text do not go through it */
    PGresult *res = PQexec(c->pg, sql);
    enum err e = PQresultStatus(res) == PGRES_COMMAND_OK ? OK : postgres_err(c, res, sql);
    PQclear(res);
    PQenterPipelineMode(c->pg);
    return e;
}

static void tidy(struct conn *c)
{
    (void)c;
}

static void tend(struct store *s)
{
    struct conn *c;

    if (conn_mine(s, &c) == OK)
        IGNORE(postgres_number_renew(c, RENEW_MS));     /* the next write will say what is wrong */
}

static enum err ready(struct store *s)
{
    AUTO(arena) *mem = arena_new();
    struct rows r = {};
    struct conn *c;

    TRY(conn_mine(s, &c));
    TRY(postgres_query(c, mem, &r,
                       "SELECT current_setting('transaction_read_only'), count(*) FROM migration",
                       NULL, 0));
    if (!str_eq(rows_text(&r, 0, 0), "off"))
        return errf(ERR_STORE, "%s is read-only: is it a standby? Name the primary", s->label);
    return OK;
}

const struct store_driver store_postgres = {
    .name = "postgresql",
    .schemes = schemes,
    .id = "BIGINT NOT NULL",
    .text = "TEXT COLLATE \"C\"",
    .without_rowid = "",
    .keys = true,
    .has_migrations = "SELECT count(*) FROM pg_tables WHERE tablename = 'migration'"
                      " AND schemaname = current_schema()",
    .writers = WRITERS,
    .open = open_store,
    .number = postgres_number_lease,
    .leave = postgres_number_return,
    .close = close_store,
    .ready = ready,
    .tend = tend,
    .connect = connect,
    .disconnect = disconnect,
    .query = postgres_query,
    .each = postgres_each,
    .run = postgres_run,
    .script = script,
    .begin = begin,
    .end = end,
    .tidy = tidy,
};
