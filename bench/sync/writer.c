/*
 * writer.c — the writes of a loaded server: four threads that each write one small row after the other,
 * as fast as they are let, through the store of a serving process.
 *
 * writer STORE prints "ready", writes until it is told to end (SIGTERM), then prints how long a write
 * took. The rows are levels of a workspace that nobody else uses.
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"
#include "base/id.h"
#include "store/store.h"

enum { THREADS = 4, MOST = 1 << 20, PAUSE_MS = 2 };

static const struct actor actor = { "bench", "writer" };
static struct store *store;
static atomic_bool ended;
static atomic_size_t count;
static int64_t took[MOST];              /* microseconds */

static enum err level_write(struct work *w, void *arg)
{
    char name[32];

    (void)arg;
    int64_t id = id_new();
    snprintf(name, sizeof name, "level %lld", (long long)id);
    return store_run(w, "INSERT INTO level (id, workspace, name, place) VALUES (?, ?, ?, ?)",
                     num(id), num(w->workspace), txt(name), num(0));
}

static void *thread_run(void *arg)
{
    const struct timespec pause = { .tv_nsec = PAUSE_MS * 1000000 };

    while (!ended) {
        AUTO(work) *w = work_new(store, &actor);
        w->workspace = 1;
        int64_t start = clock_tick();
        if (store_write(w, level_write, NULL) != OK) {
            fprintf(stderr, "writer: %s\n", err_text());
            exit(3);
        }
        took[atomic_fetch_add(&count, 1) % MOST] = clock_tick() - start;
        nanosleep(&pause, NULL);        /* a request arrives in between */
    }
    return arg;
}

static int compare(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
    pthread_t threads[THREADS];
    sigset_t signals;
    int got;

    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    pthread_sigmask(SIG_BLOCK, &signals, NULL);
    crypt_init();
    if (argc != 2 || store_open(argv[1], STORE_SERVE, &store) != OK) {
        fprintf(stderr, "writer STORE: %s\n", argc == 2 ? err_text() : "which store?");
        return 3;
    }
    for (int i = 0; i < THREADS; i++)
        pthread_create(&threads[i], NULL, thread_run, NULL);
    printf("ready\n");
    fflush(stdout);
    sigwait(&signals, &got);
    ended = true;
    for (int i = 0; i < THREADS; i++)
        pthread_join(threads[i], NULL);
    store_free(store);

    size_t n = MIN((size_t)count, (size_t)MOST);
    qsort(took, n, sizeof took[0], compare);
    if (n == 0)
        return 3;
    printf("%zu writes, p50 %.2f ms, p99 %.2f ms, longest %.2f ms\n", n, (double)took[n / 2] / 1e3,
           (double)took[n * 99 / 100] / 1e3, (double)took[n - 1] / 1e3);
    return 0;
}
