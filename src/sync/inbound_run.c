/*
 * inbound_run.c — the open run of an inbound source: one an hour, whose rows are numbered by the clock.
 *
 * No counter is written with each row: its number is an id less the run's, unique on every node and thread. Which run is
 * open is remembered by this process. The transaction that made it may still be undone: for a while it is looked
 * up again with every write.
 */
#include <pthread.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/str.h"
#include "sync/inbound_in.h"

enum { HOUR_MS = 3600000, SURE_AFTER_US = 5000000, SLOTS = 64, LAST_RUNS = 8 };

struct slot { int64_t workspace, source, hour, run, since; bool sure; };

static struct slot slots[SLOTS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct slot *slot_of(int64_t source)
{
    return &slots[((uint64_t)source * 0x9e3779b97f4a7c15u) >> 58];
}

static bool recall(const struct work *w, int64_t source, struct slot *out)
{
    pthread_mutex_lock(&lock);
    *out = *slot_of(source);
    pthread_mutex_unlock(&lock);
    return out->source == source && out->workspace == w->workspace && out->hour == w->now / HOUR_MS;
}

static void remember(const struct slot *s)
{
    pthread_mutex_lock(&lock);
    *slot_of(s->source) = *s;
    pthread_mutex_unlock(&lock);
}

static enum err open_run(struct work *w, const struct house *h, int64_t *out)
{
    struct run *runs;
    size_t n;

    TRY(runs_list(w, h->source, LAST_RUNS, &runs, &n));
    for (size_t i = 0; i < n; i++)
        if (str_eq(runs[i].kind, "scim") && str_eq(runs[i].state, "applied") &&
            runs[i].started_at / HOUR_MS == w->now / HOUR_MS) {
            *out = runs[i].id;
            return OK;
        }
    struct run run = { .id = id_new(),
                       .source = h->source,
                       .kind = "scim",
                       .state = "applied",
                       .actor = arena_printf(w->mem, "scim:%s", h->name),
                       .started_at = w->now,
                       .applied_upto = INT64_MAX };
    *out = run.id;
    return run_put(w, &run);
}

static enum err find_run(struct work *w, const struct house *h, int64_t *out)
{
    struct slot s;
    struct run run;

    if (recall(w, h->source, &s)) {
        *out = s.run;
        if (s.sure)
            return OK;
        enum err e = run_load(w, s.run, &run);
        if (e == OK && clock_tick() - s.since > SURE_AFTER_US) {
            s.sure = true;
            remember(&s);
        }
        if (e != ERR_NOT_FOUND)
            return e;
    }
    TRY(open_run(w, h, out));
    s = (struct slot){ w->workspace, h->source, w->now / HOUR_MS, *out, clock_tick(), false };
    remember(&s);
    return OK;
}

enum err inbound_row(struct work *w, const struct house *h, struct run_row *row)
{
    int64_t run;

    TRY(find_run(w, h, &run));
    row->seq = id_new() - run;
    while (row->seq <= 0)                           /* a node whose clock is ahead made the run */
        row->seq = id_new() - run;
    return run_row_put(w, run, row);
}
