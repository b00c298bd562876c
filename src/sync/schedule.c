/* schedule.c — see schedule.h: when a source is due, and what a run by the clock leaves behind. */
#include "sync/schedule.h"

#include "base/clock.h"
#include "base/id.h"
#include "base/log.h"
#include "base/str.h"
#include "people/workspace.h"
#include "sync/purge.h"
#include "sync/run.h"

static const int64_t MINUTE = 60 * 1000, DAY = 24 * 60 * MINUTE;
static const char DEFAULT_SCHEDULE[] = "0 4 * * *", PURGE_SCHEDULE[] = "30 2 * * *";

static const int retry_minutes[] = { 1, 5, 15, 60 };
enum { TROUBLE_AFTER = 3 };

/* ---- when ---- */

int64_t schedule_offset(int64_t ref)
{
    /* Fibonacci hashing: ids made in a row differ in few bits, their products in many. */
    return (int64_t)(((uint64_t)ref * 0x9e3779b97f4a7c15u) >> 32) % (10 * MINUTE);
}

static enum err open_zone(struct work *w, struct zone **out)
{
    const char *name;

    TRY(workspace_get(w, "time_zone", &name));
    return zone_open(name, out);
}

/* A mapping that cannot be read any more makes its run fail, which tells; it must not stop the clock. */
static const char *schedule_text(struct work *w, const struct attrs *as, const struct source_row *s)
{
    struct mapping *map;

    if (source_mapping(w, as, s, &map) != OK)
        return DEFAULT_SCHEDULE;                /* the run will say what is wrong with it */
    return map->schedule;
}

/* The first time after `now`. The offset is part of it: a run due at 04:03 is not gone at 04:01. */
static enum err regular(const char *schedule, const struct zone *zone, int64_t ref, int64_t now,
                        int64_t *out)
{
    int64_t offset = schedule_offset(ref);
    struct cron cron;

    *out = 0;
    if (!schedule)                              /* `schedule: null`: only on request */
        return OK;
    TRY(cron_parse(schedule, &cron, NULL));
    int64_t at = cron_next(&cron, zone, now - offset);
    *out = at ? at + offset : 0;                /* "0 0 30 2 *" never comes */
    return OK;
}

/* What the row says if it still holds, else what it is to say. */
static int64_t due_of(const struct job *job, int64_t now, int64_t next, bool paused)
{
    if (paused)
        return 0;
    if (job->due_at && job->due_at <= now)
        return job->due_at;
    if (job->due_at && job->attempts > 0 && (next == 0 || job->due_at < next))
        return job->due_at;                     /* a retry */
    return next;
}

static void sooner(int64_t *next, int64_t at, int64_t now)
{
    if (at > now && (*next == 0 || at < *next))
        *next = at;
}

static enum err arrange_one(struct work *w, const char *kind, int64_t ref, int64_t regular_at,
                            bool paused, int64_t *next)
{
    int64_t now = clock_now();
    struct job job;

    TRY(job_ensure(w, kind, ref, &job));
    int64_t due = due_of(&job, now, regular_at, paused);
    if (due != job.due_at)
        TRY(job_schedule(w, kind, ref, due));
    sooner(next, due, now);
    return OK;
}

enum err schedule_arrange(struct work *w, int64_t *next)
{
    AUTO(zone) *zone = NULL;
    struct source_row *sources;
    struct attrs *attrs;
    size_t n;
    int64_t at;

    TRY(open_zone(w, &zone));
    TRY(attrs_load(w, &attrs));
    TRY(source_rows(w, &sources, &n));
    for (size_t i = 0; i < n; i++) {
        if (source_inbound(source_type_find(sources[i].kind)))
            continue;                           /* its client sets the time */
        TRY(regular(schedule_text(w, attrs, &sources[i]), zone, sources[i].id, clock_now(), &at));
        TRY(arrange_one(w, "sync", sources[i].id, at, sources[i].paused, next));
    }
    TRY(regular(PURGE_SCHEDULE, zone, w->workspace, clock_now(), &at));
    return arrange_one(w, "purge", 0, at, false, next);
}

/* ---- doing ---- */

struct outcome { int64_t due; bool failed; const char *trouble; };

static enum err sync_regular(struct work *w, const struct source_row *source, int64_t *at)
{
    AUTO(zone) *zone = NULL;
    struct attrs *attrs;

    TRY(open_zone(w, &zone));
    TRY(attrs_load(w, &attrs));
    return regular(schedule_text(w, attrs, source), zone, source->id, clock_now(), at);
}

static void tell_run(struct work *w, const struct source_row *source, const struct run *run)
{
    const char *tally = tally_words(w->mem, run->tally);

    if (str_eq(run->state, "held"))
        log_warn("%s: run %s is held, nothing was changed (%s): see `muster plan show %s`, then "
                 "`muster apply "
                 "%s` or `muster refuse %s`",
                 source->name, id_text(run->id), tally, id_text(run->id), id_text(run->id),
                 id_text(run->id));
    else
        log_info("%s: run %s %s (%s)", source->name, id_text(run->id), run->state, tally);
}

/* What the status page and doctor show until a run succeeds again. */
static const char *trouble_words(struct work *w, const struct source_row *source, int failures,
                                 const char *why)
{
    return arena_printf(
        w->mem,
        "%d runs in a row failed, the last at %s: %s. Run `muster source check %s`; it "
        "names what is missing. It is tried again by itself; `muster source pause %s` stops "
        "that",
        failures, time_text(w->mem, clock_now()), why, source->name, source->name);
}

static void after_failure(struct work *w, const struct source_row *source, const struct job *job,
                          const char *why, int64_t next, struct outcome *out)
{
    int failures = job->attempts + 1;
    int64_t now = clock_now();

    out->failed = true;
    out->due = next;
    if ((size_t)failures <= COUNT(retry_minutes)) {
        int64_t retry = now + retry_minutes[failures - 1] * MINUTE;
        out->due = next ? MIN(retry, next) : retry;
    }
    if (failures >= TROUBLE_AFTER)
        out->trouble = trouble_words(w, source, failures, why);
    log_error("%s: %s; next try at %s", source->name, why,
              out->due ? time_text(w->mem, out->due) : "no time");
}

static enum err do_sync(struct work *w, const struct job *job, const bool *stop,
                        struct outcome *out)
{
    struct source_row source;
    struct run run = {};
    int64_t next;

    enum err e = source_row_by_id(w, job->ref, &source);
    if (e == ERR_NOT_FOUND || (e == OK && source.paused))
        return OK;                              /* removed or paused since it became due */
    TRY(e);
    struct sync_request q = { .stop = stop };
    e = sync_run_leased(w, &source, job, &q, &run);
    const char *why = e == OK ? NULL : arena_text(w->mem, err_text());
    w->now = clock_now();
    TRY(sync_regular(w, &source, &next));
    out->due = next;
    if (e == OK) {
        tell_run(w, &source, &run);
    } else if (e == ERR_STOPPED) {
        out->due = clock_now();                 /* goes on when the next server starts … */
        out->failed = job->attempts > 0;        /* … and is neither a success nor a failure */
    } else {
        after_failure(w, &source, job, why, next, out);
    }
    return OK;
}

static enum err do_purge(struct work *w, const struct job *job, const bool *stop,
                         struct outcome *out)
{
    AUTO(keeper) *keeper = NULL;
    AUTO(zone) *zone = NULL;
    const char *setting;
    int64_t days, gone;

    TRY(keeper_start(w, job, &keeper));
    TRY(open_zone(w, &zone));
    TRY(regular(PURGE_SCHEDULE, zone, w->workspace, clock_now(), &out->due));
    TRY(workspace_get(w, "plan_retention_days", &setting));
    if (!str_number(setting, &days))
        return errf(ERR_INTERNAL, "plan_retention_days is '%s', no number", setting);
    TRY(plans_purge(w, clock_now() - days * DAY, stop, &gone));
    if (gone)
        log_info("%s of more than %lld days ago dropped", str_count(w->mem, gone, "plan", "plans"),
                 (long long)days);
    return OK;
}

static const struct {
    const char *kind;
    enum err (*run)(struct work *w, const struct job *job, const bool *stop, struct outcome *out);
} kinds[] = { { "sync", do_sync }, { "purge", do_purge } };

struct ending { const struct job *job; struct outcome *outcome; };

/* The state of the source and the job's change together. */
static enum err give_back(struct work *w, void *arg)
{
    struct ending *e = arg;

    if (e->outcome->trouble)
        TRY(source_row_trouble(w, e->job->ref, e->outcome->trouble));
    return job_done(w, e->job, e->outcome->due, e->outcome->failed);
}

enum err schedule_do(struct work *w, const struct job *job, const bool *stop)
{
    struct outcome out = { .due = clock_now() + 60 * MINUTE };
    struct job mine = *job;
    enum err e = OK;

    for (size_t i = 0; i < COUNT(kinds); i++)   /* others are a newer node's: left for it */
        if (str_eq(kinds[i].kind, job->kind)) {
            out.due = 0;
            e = kinds[i].run(w, job, stop, &out);
        }
    const char *why = e == OK ? NULL : arena_text(w->mem, err_text());
    if (e != OK) {                              /* not the source's fault: the store, the time zone */
        out.failed = true;
        out.due = clock_now() + retry_minutes[1] * MINUTE;
    } else if (out.failed && out.due <= clock_now()) {
        mine.attempts--;                        /* stopped: as many failures as before */
    }
    w->now = clock_now();
    struct ending ending = { &mine, &out };
    enum err back = store_write(w, give_back, &ending);
    if (e != OK)
        return errf(e, "the job %s: %s", job->kind, why);
    return back;
}
