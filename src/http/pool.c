/* pool.c — see pool.h. */
#include "http/pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

struct pool {
    pthread_mutex_t lock;
    pthread_cond_t more;
    struct pool_job *first, **last;
    size_t waiting, running, most;
    bool ending;
    int threads, nice;
    pthread_t thread[];
};

static void *pool_work(void *arg)
{
    struct pool *p = arg;

    /* Of this thread alone, as Linux has it. Where it is refused, it only gives way to nobody. */
    if (p->nice)
        setpriority(PRIO_PROCESS, (id_t)gettid(), p->nice);
    pthread_mutex_lock(&p->lock);
    for (;;) {
        while (!p->first && !p->ending)
            pthread_cond_wait(&p->more, &p->lock);
        if (p->ending)
            break;
        struct pool_job *job = p->first;
        p->first = job->next;
        if (!p->first)
            p->last = &p->first;
        p->waiting--;
        p->running++;
        pthread_mutex_unlock(&p->lock);
        job->run(job, false);
        pthread_mutex_lock(&p->lock);
        p->running--;
    }
    pthread_mutex_unlock(&p->lock);
    return NULL;
}

struct pool *pool_new(int threads, size_t most, int nice)
{
    struct pool *p = must_alloc(sizeof *p + (size_t)threads * sizeof p->thread[0]);

    pthread_mutex_init(&p->lock, NULL);
    pthread_cond_init(&p->more, NULL);
    p->last = &p->first;
    p->most = most;
    p->nice = nice;
    for (p->threads = 0; p->threads < threads; p->threads++)
        if (pthread_create(&p->thread[p->threads], NULL, pool_work, p))
            die_of_memory(0);
    return p;
}

bool pool_add(struct pool *p, struct pool_job *job)
{
    pthread_mutex_lock(&p->lock);
    bool room = p->waiting < p->most && !p->ending;
    if (room) {
        job->next = NULL;
        *p->last = job;
        p->last = &job->next;
        p->waiting++;
        pthread_cond_signal(&p->more);
    }
    pthread_mutex_unlock(&p->lock);
    return room;
}

size_t pool_busy(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    size_t n = p->waiting + p->running;
    pthread_mutex_unlock(&p->lock);
    return n;
}

void pool_end(struct pool *p)
{
    pthread_mutex_lock(&p->lock);
    p->ending = true;
    struct pool_job *job = take(p->first);
    p->waiting = 0;
    pthread_cond_broadcast(&p->more);
    pthread_mutex_unlock(&p->lock);
    while (job) {
        struct pool_job *next = job->next;  /* the job may be gone once it has run */
        job->run(job, true);
        job = next;
    }
    for (; p->threads; p->threads--)
        pthread_join(p->thread[p->threads - 1], NULL);
}

void pool_free(struct pool *p)
{
    if (!p)
        return;
    pool_end(p);
    pthread_mutex_destroy(&p->lock);
    pthread_cond_destroy(&p->more);
    free(p);
}
