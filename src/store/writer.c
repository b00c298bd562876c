/*
 * writer.c — the queue of writes of a serving process, and the threads that work it off.
 *
 * SQLite has one writer thread. It takes what is waiting (at most 256 closures, and no new one after
 * 20 ms), runs each in a savepoint of one transaction, commits once and then answers all: one
 * fsync for many. A closure that fails is rolled back alone; when the commit fails, all fail.
 * PostgreSQL groups commits by itself: there a few threads run one closure each.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "store/driver.h"

enum { GROUP_MOST = 256, GROUP_US = 20000, WRITERS_MOST = 8 };

/* An error on its way to another thread: the message belongs to the thread that made it. */
struct outcome {
    enum err err;
    struct err_saved words;
};

struct queued {
    struct queued *next;
    struct work *w;
    write_fn *fn;
    void *arg;
    done_fn *done;                  /* NULL: somebody waits for `answered` */
    void *done_arg;
    pthread_cond_t answer;
    bool answered;
    struct outcome outcome;
};

struct queue {
    struct store *store;
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct queued *first, **end;
    bool stopping;
    int64_t tended;
    int threads;
    pthread_t thread[WRITERS_MOST];
};

static void outcome_set(struct outcome *o, enum err e)
{
    o->err = e;
    if (e != OK)
        o->words = err_save();
}

/* Makes it this thread's error. */
static enum err outcome_say(const struct outcome *o)
{
    if (o->err != OK)
        err_restore(&o->words);
    return o->err;
}

static void push(struct queue *q, struct queued *item)
{
    pthread_mutex_lock(&q->lock);
    *q->end = item;
    q->end = &item->next;
    pthread_cond_signal(&q->more);
    pthread_mutex_unlock(&q->lock);
}

static struct queued *pop(struct queue *q)
{
    struct queued *item = q->first;

    if (item) {
        q->first = item->next;
        if (!q->first)
            q->end = &q->first;
        item->next = NULL;
    }
    return item;
}

static void answer(struct queue *q, struct queued *item)
{
    if (item->done) {
        item->done(item->done_arg, outcome_say(&item->outcome));
        free(item);
        return;
    }
    pthread_mutex_lock(&q->lock);
    item->answered = true;
    pthread_cond_signal(&item->answer);
    pthread_mutex_unlock(&q->lock);
}

/* Waits for work; between, every STORE_TEND_MS, one thread looks after the store. */
static struct queued *next(struct queue *q, bool wait)
{
    struct timespec until;

    pthread_mutex_lock(&q->lock);
    while (wait && !q->first && !q->stopping) {
        int64_t due = q->tended + STORE_TEND_MS * (int64_t)1000;
        if (clock_tick() >= due) {
            q->tended = clock_tick();
            pthread_mutex_unlock(&q->lock);
            q->store->driver->tend(q->store);
            pthread_mutex_lock(&q->lock);
            continue;
        }
        until = (struct timespec){ due / 1000000, due % 1000000 * 1000 };
        pthread_cond_timedwait(&q->more, &q->lock, &until);
    }
    struct queued *item = pop(q);
    pthread_mutex_unlock(&q->lock);
    return item;
}

struct group {
    struct queued *member[GROUP_MOST];
    size_t n;
};

/* Runs one closure in its savepoint; false when the whole transaction is gone. */
static bool run_part(struct conn *c, struct queued *item)
{
    const struct store_driver *d = c->store->driver;

    c->tx.failed = OK;
    enum err e = d->part_begin(c);
    if (e == OK) {
        e = tx_call(item->w, c, item->fn, item->arg);
        outcome_set(&item->outcome, e);
        e = d->part_end(c, e == OK);
        if (e == OK)
            return true;
    }
    if (item->outcome.err == OK)
        outcome_set(&item->outcome, e);
    return false;
}

static enum err run_parts(struct queue *q, struct conn *c, struct group *g)
{
    const struct store_driver *d = c->store->driver;

    TRY(d->begin(c));
    tx_open(c);
    int64_t start = clock_tick();       /* not before: waiting for the lock is what fills a group */
    bool whole = true;
    for (struct queued *item = g->member[0]; item; item = next(q, false)) {
        if (item != g->member[0])
            g->member[g->n++] = item;
        whole = run_part(c, item);
        if (!whole || g->n == GROUP_MOST || clock_tick() - start > GROUP_US)
            break;
    }
    /* When the engine gave the transaction up, whoever was part of it hears the reason. */
    enum err e = whole ? OK : outcome_say(&g->member[g->n - 1]->outcome);
    enum err ended = d->end(c, whole);
    c->writing = false;
    return e != OK ? e : ended;
}

static void run_group(struct queue *q, struct queued *first)
{
    struct group g = { .member = { first }, .n = 1 };
    struct conn *c;

    enum err e = conn_mine(q->store, &c);
    if (e == OK)
        e = run_parts(q, c, &g);
    for (size_t i = 0; e != OK && i < g.n; i++)
        if (g.member[i]->outcome.err == OK)
            outcome_set(&g.member[i]->outcome, e);
    for (size_t i = 0; i < g.n; i++)
        answer(q, g.member[i]);
    if (e == OK)
        q->store->driver->tidy(c);
}

static void *work_off(void *arg)
{
    struct queue *q = arg;
    bool grouping = q->store->driver->writers == 1;

    for (struct queued *item; (item = next(q, true));) {
        if (grouping) {
            run_group(q, item);
        } else {
            outcome_set(&item->outcome, tx_write(item->w, item->fn, item->arg));
            answer(q, item);
        }
    }
    return NULL;
}

void queue_start(struct store *s)
{
    struct queue *q = must_alloc(sizeof *q);
    pthread_condattr_t monotonic;

    q->store = s;
    q->end = &q->first;
    q->tended = clock_tick();
    pthread_mutex_init(&q->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&q->more, &monotonic);
    pthread_condattr_destroy(&monotonic);
    for (; q->threads < s->driver->writers; q->threads++)
        if (pthread_create(&q->thread[q->threads], NULL, work_off, q) != 0)
            die_of_memory(0);
    s->queue = q;
}

void queue_stop(struct store *s)
{
    struct queue *q = s->queue;

    pthread_mutex_lock(&q->lock);
    q->stopping = true;
    pthread_cond_broadcast(&q->more);
    pthread_mutex_unlock(&q->lock);
    for (int i = 0; i < q->threads; i++)
        pthread_join(q->thread[i], NULL);
    pthread_cond_destroy(&q->more);
    pthread_mutex_destroy(&q->lock);
    free(q);
    s->queue = NULL;
}

static bool is_writer(const struct queue *q)
{
    for (int i = 0; i < q->threads; i++)
        if (pthread_equal(q->thread[i], pthread_self()))
            return true;
    return false;
}

enum err queue_write(struct work *w, write_fn *fn, void *arg)
{
    struct queue *q = w->store->queue;
    struct queued item;

    if (is_writer(q))
        return errf(ERR_INTERNAL, "a write inside another work's write, on the writer's thread");
    item.next = NULL;
    item.w = w;
    item.fn = fn;
    item.arg = arg;
    item.done = NULL;
    item.answered = false;
    item.outcome.err = OK;              /* its words stay as they are: two kilobytes nobody reads */
    pthread_cond_init(&item.answer, NULL);
    push(q, &item);
    pthread_mutex_lock(&q->lock);
    while (!item.answered)
        pthread_cond_wait(&item.answer, &q->lock);
    pthread_mutex_unlock(&q->lock);
    pthread_cond_destroy(&item.answer);
    return outcome_say(&item.outcome);
}

void store_submit(struct work *w, write_fn *fn, void *arg, done_fn *done, void *done_arg)
{
    if (!w->store->queue) {
        done(done_arg, errf(ERR_INTERNAL, "store_submit() needs a store opened with STORE_SERVE"));
        return;
    }
    struct queued *item = must_alloc(sizeof *item);
    item->w = w;
    item->fn = fn;
    item->arg = arg;
    item->done = done;
    item->done_arg = done_arg;
    push(w->store->queue, item);
}
