/*
 * holder.h — which process is this, and is that one still there?
 *
 * A process id alone is not enough: it is used again, other hosts have the same ones, and so do
 * containers on this host. `started` therefore names the boot, the pid namespace and the tick in
 * which the process started; a holder is known to be dead only when the first two are ours.
 */
#ifndef STORE_HOLDER_H
#define STORE_HOLDER_H

#include "base/arena.h"

struct holder {
    const char *host, *started;
    int64_t pid;
};

const char *holder_host(void);
struct holder holder_self(struct arena *a);

/* True only if it is certain: it ran on this host, and runs no more. */
bool holder_is_dead(struct arena *a, const struct holder *h);

#endif
