/* scheduler.c — the two threads of schedule.h: take what is due, do it, sleep until the next. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "people/workspace.h"
#include "store/holder.h"
#include "sync/schedule.h"

enum { WORKERS = 2, LOOK_MS = 30000 };

struct scheduler {
    struct store *store;
    struct actor actor;
    bool stop;                      /* read by runs in progress without the lock */
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool arranging;                 /* one thread at a time puts the table right */
    int64_t next;                   /* when something is due, as far as anybody here knows; 0: no idea */
    char said[512];                 /* the last complaint: said once, not every half minute */
    pthread_t threads[WORKERS];
    size_t started;
};

/* ---- speaking ---- */

static void complain(struct scheduler *s)
{
    pthread_mutex_lock(&s->lock);
    bool fresh = !str_eq(s->said, err_text());
    snprintf(s->said, sizeof s->said, "%s", err_text());
    pthread_mutex_unlock(&s->lock);
    if (fresh)
        log_warn("schedules: %s", err_text());
}

/* ---- one look at the table ---- */

static enum err arrange_all(struct scheduler *s, struct work *w, int64_t *next)
{
    struct workspace *all;
    size_t n;
    enum err e = OK;

    TRY(workspaces_list(w, &all, &n));
    for (size_t i = 0; i < n && !s->stop; i++) {
        w->workspace = all[i].id;
        e = schedule_arrange(w, next);
        if (e != OK)                            /* one workspace must not stop the others */
            complain(s);
    }
    return OK;
}

static void arrange(struct scheduler *s)
{
    AUTO(work) *w = work_new(s->store, &s->actor);
    int64_t next = 0;

    w->now = clock_now();
    if (arrange_all(s, w, &next) != OK)
        complain(s);
    pthread_mutex_lock(&s->lock);
    if (s->next != next)
        pthread_cond_broadcast(&s->wake);       /* whoever sleeps counts anew */
    s->next = next;
    s->arranging = false;
    pthread_mutex_unlock(&s->lock);
}

/* True if there was something to do: then there may be more. */
static bool do_one(struct scheduler *s)
{
    AUTO(work) *w = work_new(s->store, &s->actor);
    struct job job;
    int64_t workspace;

    w->now = clock_now();
    if (job_take_due(w, &job, &workspace) != OK) {
        complain(s);
        return false;
    }
    if (!job.id)
        return false;
    w->workspace = workspace;
    if (schedule_do(w, &job, &s->stop) != OK)
        complain(s);
    return true;
}

/* ---- threads ---- */

/* Until then, or until somebody knows better. */
static void sleep_until_due(struct scheduler *s)
{
    struct timespec until;
    int64_t now = clock_now(), ms = LOOK_MS;

    if (s->next > now)
        ms = MIN(s->next - now, LOOK_MS);
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += ms / 1000;
    until.tv_nsec += ms % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    pthread_cond_timedwait(&s->wake, &s->lock, &until);
}

static void *work_off(void *arg)
{
    struct scheduler *s = arg;

    pthread_mutex_lock(&s->lock);
    while (!s->stop) {
        pthread_mutex_unlock(&s->lock);
        while (!s->stop && do_one(s))
            ;
        pthread_mutex_lock(&s->lock);
        if (!s->arranging && !s->stop) {
            s->arranging = true;
            pthread_mutex_unlock(&s->lock);
            arrange(s);
            pthread_mutex_lock(&s->lock);
        }
        if (!s->stop)
            sleep_until_due(s);
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

enum err scheduler_start(struct store *store, struct scheduler **out)
{
    AUTO(scheduler) *s = must_alloc(sizeof *s);
    pthread_condattr_t attributes;

    s->store = store;
    s->actor = (struct actor){ "schedule", holder_host() };
    pthread_mutex_init(&s->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&s->wake, &attributes);
    pthread_condattr_destroy(&attributes);
    for (; s->started < WORKERS; s->started++)
        if (pthread_create(&s->threads[s->started], NULL, work_off, s) != 0)
            return errf(ERR_INTERNAL, "no thread for the schedules: %m");
    *out = take(s);
    return OK;
}

void scheduler_stop(struct scheduler *s)
{
    pthread_mutex_lock(&s->lock);
    s->stop = true;
    pthread_cond_broadcast(&s->wake);
    pthread_mutex_unlock(&s->lock);
}

void scheduler_free(struct scheduler *s)
{
    if (!s)
        return;
    scheduler_stop(s);
    for (size_t i = 0; i < s->started; i++)
        pthread_join(s->threads[i], NULL);
    pthread_cond_destroy(&s->wake);
    pthread_mutex_destroy(&s->lock);
    free(s);
}
