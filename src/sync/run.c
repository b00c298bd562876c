/*
 * run.c — one sync from lease to tally: finish what was interrupted, fetch, plan, guard, apply.
 */
#include "sync/run.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/log.h"
#include "base/str.h"
#include "store/store.h"
#include "sync/held.h"
#include "sync/plan.h"

enum { KEEP_SECONDS = 5, JOIN_MS = 200 };

/* ---- keeping the lease while the HR system takes its time ---- */

struct keeper {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool ends;
    struct work *work;
    struct job job;
};

static enum err hold(struct work *w, void *job)
{
    return job_hold(w, job);
}

static void *keep(void *arg)
{
    struct keeper *k = arg;
    struct arena_mark empty = arena_mark(k->work->mem);

    pthread_mutex_lock(&k->lock);
    while (!k->ends) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += KEEP_SECONDS;
        if (pthread_cond_timedwait(&k->wake, &k->lock, &until) == 0)
            continue;
        k->work->now = clock_now();
        if (store_write(k->work, hold, &k->job) != OK)
            log_warn("the lease of a run could not be extended: %s", err_text());
        arena_reset(k->work->mem, empty);
    }
    pthread_mutex_unlock(&k->lock);
    return NULL;
}

enum err keeper_start(struct work *w, const struct job *job, struct keeper **out)
{
    struct keeper *k = must_alloc(sizeof *k);

    pthread_mutex_init(&k->lock, NULL);
    pthread_cond_init(&k->wake, NULL);
    k->work = work_new(w->store, w->actor);
    k->work->workspace = w->workspace;
    k->job = *job;
    if (pthread_create(&k->thread, NULL, keep, k) != 0) {
        work_free(k->work);
        free(k);
        return errf(ERR_INTERNAL, "no thread to keep the lease of the run: %m");
    }
    *out = k;
    return OK;
}

void keeper_free(struct keeper *k)
{
    if (!k)
        return;
    pthread_mutex_lock(&k->lock);
    k->ends = true;
    pthread_cond_signal(&k->wake);
    pthread_mutex_unlock(&k->lock);
    pthread_join(k->thread, NULL);
    work_free(k->work);
    free(k);
}

/* ---- what an earlier process left behind ---- */

struct state_change { struct run *run; bool drop_rows; };

static enum err write_state(struct work *w, void *arg)
{
    struct state_change *s = arg;

    if (s->drop_rows)
        TRY(run_rows_drop(w, s->run->id));
    return run_update(w, s->run);
}

static enum err end_run(struct work *w, struct run *run, const char *state, const char *error,
                        bool drop_rows)
{
    struct state_change s = { run, drop_rows };

    run->state = state;
    run->error = error;
    run->finished_at = clock_now();
    return store_write(w, write_state, &s);
}

/* With the source's lease in hand, whatever is not at rest is a dead process's. */
static enum err clear_up(struct work *w, const struct source_row *source, const struct job *job,
                         const struct sync_request *q, int64_t *resumed)
{
    struct run *runs;
    size_t n;

    TRY(runs_list(w, source->id, 20, &runs, &n));
    for (size_t i = n; i-- > 0;) {
        if (str_eq(runs[i].state, "applying")) {
            TRY(run_apply(w, &runs[i], job, q));
            *resumed = runs[i].id;
        } else if (str_eq(runs[i].state, "fetching")) {
            TRY(end_run(w, &runs[i], "interrupted", "its process ended while it was planning",
                        true));
        }
    }
    return OK;
}

/* ---- planning ---- */

/* A rule that reads a field nobody has would say something about everybody: the run stops. */
static enum err check_rule_field(const struct plan *p, const struct expr *e, const char *what)
{
    const size_t *at;
    size_t n = e ? expr_inputs(e, &at) : 0;

    for (size_t i = 0; i < n; i++)
        if (p->tally.read > 0 && p->fill[at[i]].absent == p->tally.read)
            return errf(
                ERR_REMOTE,
                "%s reads the field %s, and %s gave it for nobody: nothing was changed. Run "
                "`muster source check %s` to see which permission is missing",
                what, p->map->want.fields[at[i]], p->source->name, p->source->name);
    return OK;
}

static enum err check_stops(const struct plan *p)
{
    if (p->tally.read == 0)
        return errf(
            ERR_REMOTE,
            "%s gave no records at all: nothing was changed. Run `muster source check %s` to "
            "see whether its service user may see people",
            p->source->name, p->source->name);
    if (p->other_company)
        return errf(ERR_REMOTE, "%s gave records of two companies (%s and %s): nothing was changed",
                    p->source->name, p->company, p->other_company);
    if (p->company && p->source->company && !str_eq(p->company, p->source->company))
        return errf(
            ERR_REMOTE,
            "%s gave another company's data (%s; so far it was %s): nothing was changed. If "
            "that is meant, add it as a new source",
            p->source->name, p->company, p->source->company);
    TRY(check_rule_field(p, p->map->status.from, "the status"));
    for (size_t i = 0; i < p->map->nexclude; i++)
        TRY(check_rule_field(p, p->map->exclude[i].expr, "an exclusion rule"));
    for (size_t i = 0; i < p->nslots; i++)
        if (p->slots[i].attr->flags & ATTR_KEY)
            TRY(check_rule_field(p, p->slots[i].rows[0]->from, "matching"));
    return OK;
}

/* What the source taught, kept once the plan is applied: status values and fill rates. */
static const char *learn(struct plan *p)
{
    AUTO_BUF text = {};
    struct json_out j = { &text };

    json_open(&j, '{');
    json_put(&j, "status_from", p->map->status.from_text);
    json_key(&j, "statuses");
    json_open(&j, '[');
    for (size_t i = 0; i < p->nknown_statuses; i++)
        json_str(&j, p->known_statuses[i]);
    for (size_t i = 0; i < p->nstatuses && p->first; i++)
        json_str(&j, p->statuses[i]);
    json_close(&j, ']');
    json_key(&j, "fill");
    json_open(&j, '{');
    for (size_t i = 0; i < p->map->want.n; i++)
        json_put_num(&j, p->map->want.fields[i], p->fill[i].filled * 100 / MAX(p->tally.read, 1));
    json_close(&j, '}');
    json_close(&j, '}');
    return arena_textn(p->mem, text.at, text.n);
}

static const char *outcome(struct plan *p)
{
    AUTO_BUF text = {};
    struct json_out j = { &text };

    json_open(&j, '{');
    json_put(&j, "seen", learn(p));
    if (p->company)
        json_put(&j, "company", p->company);
    if (p->together) {
        json_put_num(&j, "together_from", p->together);
        json_put_num(&j, "together_to", p->together_to);
    }
    if (p->aside)
        json_put_num(&j, "aside", p->aside);
    json_close(&j, '}');
    return arena_textn(p->mem, text.at, text.n);
}

static enum err supersede(struct work *w, int64_t source, int64_t by)
{
    struct run *runs;
    size_t n;

    TRY(runs_list(w, source, 50, &runs, &n));
    for (size_t i = 0; i < n; i++)
        if (runs[i].id != by && (str_eq(runs[i].state, "held") || str_eq(runs[i].state, "planned")))
            TRY(end_run(w, &runs[i], "superseded", NULL, false));
    return OK;
}

struct counted { const struct sync_request *q; };

static void tell(void *arg, int64_t read)
{
    const struct sync_request *q = arg;

    q->progress(q->arg, "fetch", read, 0);
}

static enum err make_plan(struct plan *p, const struct sync_request *q)
{
    AUTO(work) *reader = work_new(p->w->store, p->w->actor);    /* the connector's own memory */
    struct source s = { .stop = q->stop, .waiting = q->waiting, .waiting_arg = q->arg };

    reader->workspace = p->w->workspace;
    if (q->progress) {
        p->progress = tell;
        p->progress_arg = (void *)q;
    }
    TRY(plan_open(p));
    TRY(source_connect(reader, p->source, &s));
    enum err e = s.type->fetch(&s, &p->map->want, plan_record, p);
    bool has_rights = s.client != NULL;         /* a file shows everything it has */
    source_close(&s);
    TRY(e);
    TRY(check_stops(p));
    TRY(plan_close(p));
    if (p->first && has_rights && p->tally.read > 1 && p->all_active)
        findings_add(&p->findings, FINDING_no_leavers, NULL, NULL, NULL);
    return OK;
}

static enum err plan_run(struct work *w, const struct source_row *source, const struct job *job,
                         const struct sync_request *q, struct run *out)
{
    AUTO(work) *scratch = work_new(w->store, w->actor);
    struct plan p = { .w = scratch, .mem = w->mem, .source = source, .run = *out };
    struct attrs *attrs;
    struct mapping *map;
    const char *tripped = NULL;

    scratch->workspace = w->workspace;
    scratch->now = w->now;
    TRY(attrs_load(w, &attrs));
    TRY(source_mapping(w, attrs, source, &map));
    p.attrs = attrs;
    p.map = map;
    p.all_active = true;
    enum err e = make_plan(&p, q);
    if (e == OK)
        e = plan_guards(&p, q->review || map->options.review, q->yes, &tripped);
    if (e != OK) {
        *out = p.run;
        out->tally = tally_json(w->mem, &p.tally);
        if (!p.stored)
            out->rows = -1;                     /* not in the store yet */
        plan_free(&p);
        return e;
    }
    p.tally.findings = (int64_t)p.findings.n;
    p.run.tally = tally_json(w->mem, &p.tally);
    p.run.findings = findings_json(w->mem, &p.findings);
    p.run.guards = tripped;
    p.run.outcome = outcome(&p);
    p.run.state = q->plan_only ? "planned" : tripped ? "held" : p.run.rows ? "applying" : "applied";
    p.run.dry = q->plan_only;
    if (str_eq(p.run.state, "applied"))
        p.run.finished_at = clock_now();
    e = plan_store(&p);
    *out = p.run;
    plan_free(&p);
    TRY(e);
    TRY(supersede(w, source->id, out->id));
    (void)job;
    return OK;
}

/* ---- the run ---- */

static enum err put_failed(struct work *w, void *run)
{
    return run_put(w, run);
}

/* The failure is the run's outcome: it is stored with the words that the caller gets too. */
static enum err fail(struct work *w, struct run *run, enum err why)
{
    const char *words = arena_text(w->mem, err_text());
    enum err stored;

    if (run->rows < 0) {
        run->rows = 0;
        run->state = "failed";
        run->error = words;
        run->finished_at = clock_now();
        stored = store_write(w, put_failed, run);
    } else {
        stored = end_run(w, run, "failed", words, true);
    }
    if (stored != OK)
        return err_in(stored, "%s; and that could not be stored: ", words);
    return errf(why, "%s", words);
}

static enum err run_leased(struct work *w, const struct source_row *source, const struct job *job,
                           const struct sync_request *q, struct run *out)
{
    AUTO(keeper) *keeper = NULL;
    int64_t resumed = 0;

    TRY(keeper_start(w, job, &keeper));
    TRY(clear_up(w, source, job, q, &resumed));
    *out = (struct run){ .id = id_new(),
                         .source = source->id,
                         .kind = "sync",
                         .state = "fetching",
                         .started_at = w->now,
                         .resumed = resumed,
                         .actor = arena_printf(w->mem, "%s:%s", w->actor->kind, w->actor->name) };
    struct source_row now;                      /* what the finished run learnt counts already */
    TRY(source_row_by_id(w, source->id, &now));
    enum err e = plan_run(w, &now, job, q, out);
    if (e != OK)
        return fail(w, out, e);
    if (str_eq(out->state, "applying"))
        return run_apply(w, out, job, q);
    return str_eq(out->state, "applied") ? run_apply(w, out, NULL, q) : OK;
}

static enum err recover(struct work *w, void *source)
{
    return source_row_trouble(w, ((struct source_row *)source)->id, NULL);
}

enum err sync_run_leased(struct work *w, const struct source_row *source, const struct job *job,
                         const struct sync_request *q, struct run *out)
{
    TRY(run_leased(w, source, job, q, out));
    return source->trouble ? store_write(w, recover, (void *)source) : OK;
}

struct giving_back { const struct job *job; int64_t due; bool failed; };

static enum err give_back(struct work *w, void *arg)
{
    struct giving_back *g = arg;

    return job_done(w, g->job, g->due, g->failed);
}

struct taking { int64_t ref; struct job job; };

static enum err take_lease(struct work *w, void *arg)
{
    struct taking *t = arg;

    TRY(job_ensure(w, "sync", t->ref, &t->job));
    return job_take(w, "sync", t->ref, &t->job);
}

/* Another process or thread is at it: its outcome is ours. Leases are rows, so this looks again. */
static enum err join(struct work *w, const struct source_row *source, const struct sync_request *q,
                     struct taking *t, struct run *out, bool *joined)
{
    struct run *runs;
    size_t n;
    enum err e;

    *joined = false;
    while ((e = store_write(w, take_lease, t)) == ERR_BUSY) {
        if (q->stop && *q->stop)
            return errf(ERR_STOPPED, "stopped while waiting for the run of %s in progress",
                        source->name);
        if (!*joined && q->waiting)
            q->waiting(q->arg, 0, "a run of this source is in progress; waiting for its outcome");
        *joined = true;
        nanosleep(&(struct timespec){ 0, JOIN_MS * 1000000L }, NULL);
        w->now = clock_now();
    }
    TRY(e);
    if (!*joined)
        return OK;
    TRY(runs_list(w, source->id, 1, &runs, &n));
    *joined = n && !str_eq(runs[0].state, "applying") && !str_eq(runs[0].state, "fetching");
    if (*joined)
        *out = runs[0];
    return OK;
}

enum err sync_run(struct work *w, const struct source_row *source, const struct sync_request *q,
                  struct run *out)
{
    struct taking t = { .ref = source->id };
    bool joined;

    TRY(source_fetches(source));
    TRY(join(w, source, q, &t, out, &joined));
    enum err e = joined ? OK : sync_run_leased(w, source, &t.job, q, out);
    struct giving_back g = { &t.job, t.job.due_at, e != OK };
    const char *words = e == OK ? NULL : arena_text(w->mem, err_text());
    enum err back = store_write(w, give_back, &g);
    if (e != OK)
        return errf(e, "%s", words);
    return back;
}
