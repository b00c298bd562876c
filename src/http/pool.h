/*
 * pool.h — a few threads and the queue they work off.
 */
#ifndef HTTP_POOL_H
#define HTTP_POOL_H

#include "base/core.h"

struct pool;

/* Embedded in what is to be done. */
struct pool_job {
    struct pool_job *next;
    /* On a thread of the pool; `refused`, on that of pool_free(): do not work, only say so. */
    void (*run)(struct pool_job *job, bool refused);
};

/* most: jobs that may wait. nice: how far its threads give way to others, 0 … 19. */
struct pool *pool_new(int threads, size_t most, int nice);
bool pool_add(struct pool *p,
              struct pool_job *job); /* false: too many are waiting, or it has ended */
size_t pool_busy(struct pool *p);                       /* jobs that run or wait */

/* Jobs still waiting are run as refused; returns when those that run have ended. */
void pool_end(struct pool *p);
void pool_free(struct pool *p);                 /* ends it first; NULL is fine */
AUTO_FREE(pool)

#endif
