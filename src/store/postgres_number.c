/*
 * postgres_number.c — the process number of ids: a leased row of the table `process`.
 *
 * Taken when the store is opened, for ten minutes; renewed by the next write in the second half of
 * that time, and every few seconds while serving; given back on closing. A number rests for an
 * hour before somebody else gets it, if there are others, so that clocks of two hosts may differ.
 * Each step is one statement that commits by itself, outside any transaction of the program.
 */
#include <unistd.h>

#include "base/clock.h"
#include "base/id.h"
#include "store/holder.h"
#include "store/postgres.h"

enum { NUMBERS = 1024, LEASE_MS = 600000, REST_MS = 3600000, TRIES = 64 };

static struct postgres *own(const struct store *s)
{
    return s->own;
}

/* True if the statement gave us a number. */
static enum err ask(struct conn *c, bool *got, const char *sql, const struct arg *args, size_t n)
{
    struct postgres *p = own(c->store);
    AUTO(arena) *mem = arena_new();
    struct rows r = {};

    TRY(postgres_query(c, mem, &r, sql, args, n));
    *got = r.n > 0;
    if (*got) {
        p->number = (int)rows_num(&r, 0, 0);
        id_process(p->number);
    }
    return OK;
}

static enum err reuse(struct conn *c, int64_t until, int64_t idle_since, bool *got)
{
    const struct arg args[] = { txt(holder_host()), num(getpid()), num(until), num(idle_since),
                                num(idle_since) };

    return ask(
        c, got,
        "UPDATE process SET host = ?, pid = ?, until = ? WHERE number = (SELECT number"
        " FROM process WHERE until < ? ORDER BY until LIMIT 1) AND until < ? RETURNING number",
        args, COUNT(args));
}

static enum err add(struct conn *c, int64_t until, bool *got)
{
    const struct arg args[] = { txt(holder_host()), num(getpid()), num(until), num(NUMBERS) };

    return ask(c, got,
               "INSERT INTO process (number, host, pid, until) SELECT COALESCE(max(number) + 1, 0),"
               " ?, ?, ? FROM process HAVING COALESCE(max(number) + 1, 0) < ?"
               " ON CONFLICT (number) DO NOTHING RETURNING number", args, COUNT(args));
}

static enum err extend(struct conn *c, int64_t until, bool *got)
{
    const struct arg args[] = { num(until), num(own(c->store)->number), txt(holder_host()),
                                num(getpid()) };

    return ask(c, got, "UPDATE process SET until = ? WHERE number = ? AND host = ? AND pid = ?"
               " RETURNING number", args, COUNT(args));
}

static enum err lease(struct conn *c, int64_t now)
{
    struct postgres *p = own(c->store);
    int64_t until = now + LEASE_MS;
    bool got = false;

    if (p->number >= 0)
        TRY(extend(c, until, &got));
    /* Several processes may look at the same number; all but one look again. */
    for (int i = 0; !got && i < TRIES; i++) {
        TRY(reuse(c, until, now - REST_MS, &got));
        if (!got)
            TRY(add(c, until, &got));
        if (!got)
            TRY(reuse(c, until, now, &got));
    }
    if (!got)
        return errf(ERR_BUSY, "%d processes have %s open; end some of them", NUMBERS,
                    c->store->label);
    p->until = until;
    return OK;
}

enum err postgres_number_renew(struct conn *c, int64_t ahead)
{
    struct postgres *p = own(c->store);
    int64_t now = clock_real();

    if (!p->numbering || p->until - now >= ahead)
        return OK;
    pthread_mutex_lock(&p->lock);
    enum err e = p->until - now >= ahead ? OK : lease(c, now);
    pthread_mutex_unlock(&p->lock);
    return e;
}

enum err postgres_number_lease(struct store *s)
{
    struct conn *c;

    TRY(conn_mine(s, &c));
    own(s)->numbering = true;
    /* A full or read-only database can still be read; the first write leases, or says why not. */
    IGNORE(postgres_number_renew(c, LEASE_MS / 2));
    return OK;
}

void postgres_number_return(struct store *s)
{
    struct postgres *p = own(s);
    struct conn *c;
    bool got;

    if (p->number < 0 || conn_mine(s, &c) != OK ||
        PQstatus(((struct postgres_conn *)c)->pg) != CONNECTION_OK)
        return;
    IGNORE(extend(c, clock_real(), &got));      /* if it fails, the lease ends by itself */
    p->number = -1;
}
