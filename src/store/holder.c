/* holder.c — see holder.h. Linux: /proc says it all. */
#include "store/holder.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"

static char host[256], kernel[64];              /* boot and pid namespace: "1b4e28ba.4026531836." */
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void look(void)
{
    char boot[9] = "unknown";
    struct stat pids = {};

    if (gethostname(host, sizeof host - 1) != 0)
        snprintf(host, sizeof host, "localhost");
    FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");
    if (f) {
        if (!fgets(boot, sizeof boot, f))
            snprintf(boot, sizeof boot, "unknown");
        fclose(f);
    }
    if (stat("/proc/self/ns/pid", &pids) != 0)
        pids.st_ino = 0;
    snprintf(kernel, sizeof kernel, "%s.%lu.", boot, (unsigned long)pids.st_ino);
}

const char *holder_host(void)
{
    pthread_once(&once, look);
    return host;
}

/* The 22nd field of /proc/PID/stat; the 2nd is a name that may hold anything, even ") ". */
static bool start_of(int64_t pid, unsigned long long *ticks)
{
    char path[48], text[1024];
    char state;

    snprintf(path, sizeof path, "/proc/%lld/stat", (long long)pid);
    FILE *f = fopen(path, "re");
    if (!f)
        return false;
    size_t n = fread(text, 1, sizeof text - 1, f);
    fclose(f);
    text[n] = '\0';
    char *name_end = strrchr(text, ')');
    if (!name_end || sscanf(name_end + 1,
                            " %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s"
                            " %*s %*s %*s %*s %llu",
                            &state, ticks) != 2)
        return false;
    return state != 'Z' && state != 'X';        /* killed, and only its parent has not looked yet */
}

struct holder holder_self(struct arena *a)
{
    struct holder h = { .host = holder_host(), .pid = getpid() };
    unsigned long long ticks = 0;

    start_of(h.pid, &ticks);
    h.started = arena_printf(a, "%s%llu", kernel, ticks);
    return h;
}

bool holder_is_dead(struct arena *a, const struct holder *h)
{
    unsigned long long ticks;

    if (!str_eq(h->host, holder_host()) || !h->started || !str_starts(h->started, kernel))
        return false;
    return !start_of(h->pid, &ticks) ||
           !str_eq(h->started, arena_printf(a, "%s%llu", kernel, ticks));
}
