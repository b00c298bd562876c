/*
 * inbound_guard.c — more than 20 % and more than 5 deactivations by one source within an hour: the source is in
 * trouble, and with the option guard=refuse further ones are refused.
 *
 * It is asked with every deactivation, thousands a second in a full push. So the counts are kept in memory, and
 * the store, where other nodes write too, is looked at every few seconds for what is new since the last time.
 */
#include <pthread.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/str.h"
#include "sync/inbound_in.h"

enum {
    HOUR_MS = 3600000,
    PERCENT = 20,
    COUNT_MOST = 5,
    LOOK_EVERY_US = 3000000,
    SLOTS = 64,
    FIRST_COUNT = 1000,             /* active people counted at first; more when they matter */
};

struct watch {
    int64_t workspace, source, hour;
    int64_t stored, newest;         /* deactivations in the store up to that row id */
    int64_t since;                  /* ours since the last look */
    int64_t looked_at;
    int64_t before;                 /* how many were active at least when the hour began */
    bool all;                       /* … and that is all of them */
    bool told;
};

static struct watch watches[SLOTS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static struct watch *watch_of(int64_t source)
{
    return &watches[((uint64_t)source * 0x9e3779b97f4a7c15u) >> 58];
}

/* The rows are stamped by the machine's clock, so the hour is one of it. */
static enum err look(struct work *w, struct watch *x)
{
    int64_t n, newest;

    TRY(inbound_gone(w, x->source, x->newest, &n, &newest));
    x->stored += n;
    x->newest = MAX(x->newest, newest);
    x->since = 0;
    x->looked_at = clock_tick();
    return OK;
}

static enum err count_active(struct work *w, struct watch *x, int64_t gone)
{
    int64_t most = MAX(FIRST_COUNT, gone * 100 / PERCENT * 2), n;

    if (x->all || x->before * PERCENT >= gone * 100)
        return OK;
    TRY(inbound_active(w, x->source, most, &n));
    x->before = n + x->stored + x->since;
    x->all = n < most;
    return OK;
}

static enum err tell(struct work *w, const struct house *h, struct watch *x, int64_t gone)
{
    const char *words = arena_printf(
        w->mem,
        "%lld of %lld people were deactivated within an hour by SCIM, the last at %s. If that is "
        "not meant, stop the client and undo the run: `muster runs` lists it%s. Once it is "
        "settled: `muster "
        "source resume %s`",
        (long long)gone, (long long)x->before, time_text(w->mem, clock_real()),
        h->refuses ? ". Further deactivations of this hour are refused (option guard)" : "",
        h->name);

    x->told = true;
    return source_row_trouble(w, h->source, words);
}

static enum err ask(struct work *w, const struct house *h, struct watch *x)
{
    if (clock_tick() - x->looked_at > LOOK_EVERY_US || !x->looked_at)
        TRY(look(w, x));
    int64_t gone = x->stored + x->since;
    bool refuses = false;
    if (gone + 1 > COUNT_MOST) {
        TRY(count_active(w, x, gone + 1));
        refuses = gone > COUNT_MOST && gone * 100 > x->before * PERCENT;
        bool trips = (gone + 1) * 100 > x->before * PERCENT;
        if (trips && !(refuses && h->refuses) && (!x->told || x->since == 0))
            TRY(tell(w, h, x, gone + 1));
    }
    if (refuses && h->refuses)
        return errf(ERR_BUSY,
                    "%lld people were deactivated within an hour: further ones wait for an admin "
                    "(option guard of the source %s)",
                    (long long)gone, h->name);
    return OK;
}

/* Others count at the same time: what was looked up newer wins, and every deactivation is added. */
static void count_one(const struct watch *x)
{
    struct watch *now = watch_of(x->source);

    pthread_mutex_lock(&lock);
    if (now->source != x->source || now->workspace != x->workspace || now->hour != x->hour ||
        x->looked_at > now->looked_at)
        *now = *x;
    now->told |= x->told;
    now->since++;
    pthread_mutex_unlock(&lock);
}

enum err inbound_guard(struct work *w, const struct house *h)
{
    int64_t hour = clock_real() / HOUR_MS;
    struct watch x;

    pthread_mutex_lock(&lock);
    x = *watch_of(h->source);
    pthread_mutex_unlock(&lock);
    if (x.source != h->source || x.workspace != w->workspace || x.hour != hour)
        x = (struct watch){ .workspace = w->workspace,
                            .source = h->source,
                            .hour = hour,
                            .newest = id_floor(hour * HOUR_MS) };
    enum err e = ask(w, h, &x);
    if (e == OK)
        count_one(&x);
    return e;
}
