/* test_pool.c — threads that work off a queue. */
#include <pthread.h>
#include <semaphore.h>
#include <sys/resource.h>
#include <unistd.h>

#include "http/pool.h"
#include "support/support.h"

struct piece {
    struct pool_job job;            /* first */
    int done, refused;
};

static sem_t entered, gate;

static void note(struct pool_job *job, bool refused)
{
    struct piece *p = (struct piece *)job;

    p->done++;
    p->refused += refused;
}

static void pass_the_gate(struct pool_job *job, bool refused)
{
    sem_post(&entered);
    sem_wait(&gate);
    note(job, refused);
}

static int lock_gate(void **state)
{
    (void)state;
    sem_init(&entered, 0, 0);
    sem_init(&gate, 0, 0);
    return 0;
}

static void does_every_job_once(void **state)
{
    enum { MANY = 1000 };
    static struct piece pieces[MANY];
    AUTO(pool) *p = pool_new(3, MANY, 0);

    (void)state;
    for (int i = 0; i < MANY; i++) {
        pieces[i].job.run = note;
        assert_true(pool_add(p, &pieces[i].job));
    }
    pool_free(take(p));
    for (int i = 0; i < MANY; i++)
        assert_int_equal(pieces[i].done, 1);
}

static void takes_no_more_than_may_wait(void **state)
{
    struct piece pieces[5] = {};
    AUTO(pool) *p = pool_new(2, 2, 0);

    (void)state;
    for (int i = 0; i < 5; i++) {
        pieces[i].job.run = pass_the_gate;
        assert_int_equal(pool_add(p, &pieces[i].job), i < 4);
        if (i < 2)
            sem_wait(&entered);
    }
    assert_int_equal(pool_busy(p), 4);
    for (int i = 0; i < 4; i++)
        sem_post(&gate);
    sem_wait(&entered);
    sem_wait(&entered);             /* the two that waited have been begun */
    pool_free(take(p));
    for (int i = 0; i < 5; i++) {
        assert_int_equal(pieces[i].done, i < 4);
        assert_int_equal(pieces[i].refused, 0);
    }
}

static int nice_seen;

static void look_how_nice(struct pool_job *job, bool refused)
{
    nice_seen = getpriority(PRIO_PROCESS, (id_t)gettid());
    note(job, refused);
}

static void its_threads_give_way_to_others(void **state)
{
    struct piece piece = { { .run = look_how_nice } };
    int ours = getpriority(PRIO_PROCESS, 0);
    AUTO(pool) *p = pool_new(1, 1, 10);

    (void)state;
    assert_true(pool_add(p, &piece.job));
    for (size_t busy = 1; busy; busy = pool_busy(p))
        sched_yield();
    pool_end(p);
    assert_int_equal(nice_seen, MAX(ours, 10));
    assert_int_equal(getpriority(PRIO_PROCESS, 0), ours);
    assert_false(pool_add(p, &piece.job));
}

static void *end(void *pool)
{
    pool_free(pool);
    return NULL;
}

static void the_end_refuses_who_waits_and_waits_for_who_works(void **state)
{
    struct piece works = { { .run = pass_the_gate } }, waits = { { .run = pass_the_gate } };
    struct pool *p = pool_new(1, 8, 0);
    pthread_t thread;

    (void)state;
    assert_true(pool_add(p, &works.job));
    sem_wait(&entered);
    assert_true(pool_add(p, &waits.job));
    assert_int_equal(pthread_create(&thread, NULL, end, p), 0);
    sem_wait(&entered);             /* the one that waited, on the thread that ends the pool */
    sem_post(&gate);
    sem_post(&gate);
    pthread_join(thread, NULL);
    assert_int_equal(works.done, 1);
    assert_int_equal(works.refused, 0);
    assert_int_equal(waits.done, 1);
    assert_int_equal(waits.refused, 1);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(does_every_job_once),
        TEST(its_threads_give_way_to_others),
        { "takes_no_more_than_may_wait", takes_no_more_than_may_wait, lock_gate, NULL, NULL },
        { "the_end_refuses_who_waits_and_waits_for_who_works",
          the_end_refuses_who_waits_and_waits_for_who_works, lock_gate, NULL, NULL },
    };

    return RUN_TESTS(tests);
}
