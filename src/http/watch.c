/* watch.c — see watch.h. The clock of the deadlines is the watcher's own: it costs a request nothing. */
#include "http/watch.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#include "base/clock.h"

enum {
    WORKING = 0,
    RESTING = -1,
    LOOKS = 6,                      /* at a connection that rests, within the patience */
    PIECE = 64,                     /* connections looked at in one go */
};

struct watched {
    struct watch *watch;
    struct watched *next, **from;
    int fd;
    _Atomic int64_t due;            /* the second it is over, or WORKING, RESTING */
    _Atomic uint32_t rests;         /* how often it came to rest */
    size_t granted;                 /* bytes not yet worth a second */
    /* The watcher's own, about the present rest. */
    uint32_t rest;
    int64_t since, looked;          /* seconds: when it was noticed; when it was looked at */
    int64_t stirred;                /* when bytes of a next request were noticed; 0: none */
    uint64_t bytes;
};

struct watch {
    pthread_mutex_t lock;
    pthread_cond_t ending_now;
    _Atomic int64_t second;
    int patience;
    size_t crowd, n;
    struct watched *first, *at;     /* at: the next that is looked at */
    bool ending;
    pthread_t thread;
};

/* Bytes that ever came in; 0 for what is no TCP connection. */
static uint64_t received(int fd)
{
    struct tcp_info info = {};
    socklen_t n = sizeof info;

    return getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &n) == 0 ? info.tcpi_bytes_received : 0;
}

/* Whether a connection that rests is to be ended. Nobody tells of a first line that comes in pieces, so the socket is asked now and then. */
static bool dawdles(struct watched *c, int64_t now)
{
    if (c->rest != c->rests) {
        c->rest = c->rests;
        c->since = c->looked = now;
        c->stirred = 0;
        c->bytes = received(c->fd);
        return false;
    }
    int64_t pause = c->watch->patience / LOOKS;
    if (c->watch->n > c->watch->crowd && now - c->since > pause)
        return true;
    if (now - c->looked < pause)
        return false;
    c->looked = now;
    if (!c->stirred && received(c->fd) > c->bytes)
        c->stirred = now;
    return c->stirred && now - c->stirred >= c->watch->patience;
}

static void look_at(struct watched *c, int64_t now)
{
    int64_t due = c->due;

    if (due == WORKING || (due == RESTING && !dawdles(c, now)) || due > now)
        return;
    shutdown(c->fd, SHUT_RDWR);
}

/* In pieces: who opens or closes a connection meanwhile does not wait for ten thousand others. */
static void look(struct watch *w, int64_t now)
{
    size_t n = 0;

    for (w->at = w->first; w->at;) {
        struct watched *c = w->at;
        w->at = c->next;
        look_at(c, now);
        if (++n % PIECE == 0) {
            pthread_mutex_unlock(&w->lock);
            sched_yield();
            pthread_mutex_lock(&w->lock);
        }
    }
}

static void *watch_over(void *arg)
{
    struct watch *w = arg;

    pthread_mutex_lock(&w->lock);
    while (!w->ending) {
        int64_t next = w->second + 1;
        struct timespec until = { .tv_sec = next };
        pthread_cond_timedwait(&w->ending_now, &w->lock, &until);
        w->second = clock_tick() / 1000000;
        if (w->second >= next)
            look(w, w->second);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

struct watch *watch_new(int patience, size_t crowd)
{
    struct watch *w = must_alloc(sizeof *w);
    pthread_condattr_t monotonic;

    pthread_mutex_init(&w->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&w->ending_now, &monotonic);
    pthread_condattr_destroy(&monotonic);
    w->patience = patience;
    w->crowd = crowd;
    w->second = clock_tick() / 1000000;
    if (pthread_create(&w->thread, NULL, watch_over, w))
        die_of_memory(0);
    return w;
}

void watch_free(struct watch *w)
{
    if (!w)
        return;
    pthread_mutex_lock(&w->lock);
    w->ending = true;
    pthread_cond_signal(&w->ending_now);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    pthread_cond_destroy(&w->ending_now);
    pthread_mutex_destroy(&w->lock);
    free(w);
}

struct watched *watch_add(struct watch *w, int fd)
{
    struct watched *c = must_alloc(sizeof *c);

    c->watch = w;
    c->fd = fd;
    c->due = RESTING;
    c->rests = 1;
    pthread_mutex_lock(&w->lock);
    c->next = w->first;
    c->from = &w->first;
    if (c->next)
        c->next->from = &c->next;
    w->first = c;
    w->n++;
    pthread_mutex_unlock(&w->lock);
    return c;
}

void watch_remove(struct watched *c)
{
    pthread_mutex_lock(&c->watch->lock);
    if (c->watch->at == c)
        c->watch->at = c->next;
    c->watch->n--;
    *c->from = c->next;
    if (c->next)
        c->next->from = c->from;
    pthread_mutex_unlock(&c->watch->lock);
    free(c);
}

static void set(struct watched *c, int64_t due)
{
    atomic_store_explicit(&c->due, due, memory_order_relaxed);
}

void watch_expect(struct watched *c)
{
    c->granted = 0;
    set(c, atomic_load_explicit(&c->watch->second, memory_order_relaxed) + c->watch->patience + 1);
}

void watch_grant(struct watched *c, size_t bytes)
{
    c->granted += bytes;
    set(c, c->due + (int64_t)(c->granted / WATCH_RATE));
    c->granted %= WATCH_RATE;
}

void watch_work(struct watched *c)
{
    set(c, WORKING);
}

void watch_rest(struct watched *c)
{
    atomic_fetch_add_explicit(&c->rests, 1, memory_order_relaxed);
    set(c, RESTING);
}
