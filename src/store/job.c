/* job.c — see job.h: who may have a job, and what the loser is told. */
#include "store/job.h"

#include "base/clock.h"
#include "store/job_sql.h"

/* A work may be much older than its present batch, and a test may set it ahead. */
static int64_t now_of(const struct work *w)
{
    return MAX(w->now, clock_now());
}

static bool is_free(struct work *w, const struct job_row *j, int64_t now)
{
    return !j->holder.host || j->until <= now || holder_is_dead(w->mem, &j->holder);
}

static enum err held_by(struct work *w, const struct job_row *j)
{
    return errf(ERR_BUSY, "process %lld on %s has this %s in hand since %s",
                (long long)j->holder.pid, j->holder.host, j->job.kind,
                time_text(w->mem, j->taken_at));
}

struct one {
    const char *kind;
    int64_t ref, due_at;
    struct job *out;
};

static enum err ensure(struct work *w, void *arg)
{
    struct one *o = arg;

    return job_insert(w, o->kind, o->ref);
}

enum err job_ensure(struct work *w, const char *kind, int64_t ref, struct job *out)
{
    struct one o = { kind, ref };
    struct job_row row;

    TRY(job_load(w, kind, ref, &row));
    if (!row.job.id) {
        TRY(store_write(w, ensure, &o));
        TRY(job_load(w, kind, ref, &row));
    }
    *out = row.job;
    return OK;
}

/* The lease of a row just read in this transaction. */
static enum err lease(struct work *w, struct job_row *row, int64_t now, bool *got)
{
    struct holder self = holder_self(w->mem);

    TRY(job_lease(w, row, &self, now, got));
    row->job.epoch += *got;
    return OK;
}

static enum err take_one(struct work *w, void *arg)
{
    struct one *o = arg;
    int64_t now = now_of(w);
    struct job_row row;
    bool got;

    TRY(job_insert(w, o->kind, o->ref));
    TRY(job_load(w, o->kind, o->ref, &row));
    if (!is_free(w, &row, now))
        return held_by(w, &row);
    TRY(lease(w, &row, now, &got));
    if (!got)
        return errf(ERR_BUSY, "another process has just taken this %s in hand", o->kind);
    *o->out = row.job;
    return OK;
}

enum err job_take(struct work *w, const char *kind, int64_t ref, struct job *out)
{
    struct one o = { kind, ref, .out = out };

    return store_write(w, take_one, &o);
}

struct due {
    struct job *out;
    int64_t *workspace;
};

static enum err take_first(struct work *w, struct job_page *page, int64_t now, struct due *d)
{
    for (size_t i = 0; i < page->n; i++) {
        struct job_row *row = &page->rows[i];
        bool got = false;
        if (is_free(w, row, now))
            TRY(lease(w, row, now, &got));
        if (got) {
            *d->out = row->job;
            *d->workspace = row->workspace;
            return OK;
        }
    }
    return OK;
}

static enum err take_due(struct work *w, void *arg)
{
    struct due *d = arg;
    int64_t now = now_of(w), after_due = -1, after_id = 0;
    struct job_page *page = NEW(w->mem, struct job_page);

    *d->out = (struct job){};
    do {
        TRY(job_page_due(w, now, holder_host(), after_due, after_id, page));
        TRY(take_first(w, page, now, d));
        if (page->n) {
            after_due = page->rows[page->n - 1].job.due_at;
            after_id = page->rows[page->n - 1].job.id;
        }
    } while (d->out->id == 0 && page->n == JOB_PAGE);
    return OK;
}

/* A look first, so that a poll that finds nothing takes no lock. */
enum err job_take_due(struct work *w, struct job *out, int64_t *workspace)
{
    struct due d = { out, workspace };
    struct job_page *page = NEW(w->mem, struct job_page);

    *out = (struct job){};
    TRY(job_page_due(w, now_of(w), holder_host(), -1, 0, page));
    for (size_t i = 0; i < page->n; i++)
        if (page->n == JOB_PAGE || is_free(w, &page->rows[i], now_of(w)))
            return store_write(w, take_due, &d);
    return OK;
}

static enum err stale(const struct job *j)
{
    return errf(ERR_STALE, "another process has taken this %s over; nothing more is done here",
                j->kind);
}

enum err job_hold(struct work *w, const struct job *j)
{
    bool got;

    TRY(job_extend(w, j, now_of(w), &got));
    return got ? OK : stale(j);
}

struct end {
    const struct job *job;
    int64_t due_at;
    bool failed;
};

static enum err finish(struct work *w, void *arg)
{
    struct end *e = arg;
    bool got;

    TRY(job_release(w, e->job, e->due_at, e->failed ? e->job->attempts + 1 : 0, &got));
    return got ? OK : stale(e->job);
}

enum err job_done(struct work *w, const struct job *j, int64_t due_at, bool failed)
{
    struct end e = { j, due_at, failed };

    return store_write(w, finish, &e);
}

static enum err schedule(struct work *w, void *arg)
{
    struct one *o = arg;

    TRY(job_insert(w, o->kind, o->ref));
    return job_set_due(w, o->kind, o->ref, o->due_at);
}

enum err job_schedule(struct work *w, const char *kind, int64_t ref, int64_t due_at)
{
    struct one o = { kind, ref, due_at };

    return store_write(w, schedule, &o);
}
