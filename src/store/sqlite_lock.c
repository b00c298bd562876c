/* sqlite_lock.c — see sqlite_lock.h. */
#include "store/sqlite_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

enum { NUMBERS = 1024, TROUBLE_US = 10000000 };

static enum err lock_file(const char *store, const char *ending, int *fd)
{
    char *path;

    if (asprintf(&path, "%s%s", store, ending) < 0)
        die_of_memory(0);
    enum err e = OK;
    *fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (*fd < 0 && (errno == ENOSPC || errno == EDQUOT))
        e = errf(ERR_FULL, "the disk is full: cannot make %s. Make room there and try again", path);
    else if (*fd < 0)
        e = errf(ERR_STORE,
                 "cannot open %s: %m. The user who runs muster must be able to write to the "
                 "store, its folder and the files beside it",
                 path);
    free(path);
    return e;
}

enum err sqlite_lock_open(const char *store, struct sqlite_lock *l)
{
    l->turn_fd = l->write_fd = -1;
    l->store = strdup(store);
    if (!l->store)
        die_of_memory(strlen(store));
    pthread_mutex_init(&l->turn, NULL);
    pthread_mutex_init(&l->write, NULL);
    TRY(lock_file(store, ".turn", &l->turn_fd));
    return lock_file(store, ".lock", &l->write_fd);
}

void sqlite_lock_close(struct sqlite_lock *l)
{
    if (l->turn_fd >= 0)
        close(l->turn_fd);
    if (l->write_fd >= 0)
        close(l->write_fd);
    pthread_mutex_destroy(&l->turn);
    pthread_mutex_destroy(&l->write);
    free(l->store);
}

static bool lock_fd(int fd, int how)
{
    int rc;

    do
        rc = flock(fd, how);
    while (rc != 0 && errno == EINTR);      /* asked to stop: the write is done first */
    return rc == 0;
}

enum err sqlite_lock_take(struct sqlite_lock *l)
{
    pthread_mutex_lock(&l->turn);
    bool good = lock_fd(l->turn_fd, LOCK_EX);
    l->waiting_since = clock_tick();
    pthread_mutex_lock(&l->write);
    good = good && lock_fd(l->write_fd, LOCK_EX);
    l->waiting_since = 0;
    int why = errno;
    lock_fd(l->turn_fd, LOCK_UN);
    pthread_mutex_unlock(&l->turn);
    if (good)
        return OK;
    pthread_mutex_unlock(&l->write);
    errno = why;
    return errf(ERR_STORE, "cannot lock %s.lock: %m. The store must be on a local file system",
                l->store);
}

bool sqlite_lock_try(struct sqlite_lock *l)
{
    if (pthread_mutex_trylock(&l->turn) != 0)
        return false;
    bool turn = lock_fd(l->turn_fd, LOCK_EX | LOCK_NB), mine = false;
    if (turn && pthread_mutex_trylock(&l->write) == 0) {
        mine = lock_fd(l->write_fd, LOCK_EX | LOCK_NB);
        if (!mine)
            pthread_mutex_unlock(&l->write);
    }
    if (turn)
        lock_fd(l->turn_fd, LOCK_UN);
    pthread_mutex_unlock(&l->turn);
    return mine;
}

void sqlite_lock_give(struct sqlite_lock *l)
{
    lock_fd(l->write_fd, LOCK_UN);
    pthread_mutex_unlock(&l->write);
}

/* The kernel lists who holds a lock: "1: FLOCK  ADVISORY  WRITE 4711 fe:01:123 0 EOF". */
static long holder_of(int fd)
{
    struct stat st;
    char line[256];
    long holder = 0;
    FILE *f = fopen("/proc/locks", "re");

    if (!f)
        return 0;
    while (fstat(fd, &st) == 0 && !holder && fgets(line, sizeof line, f)) {
        long pid;
        unsigned long inode;
        if (sscanf(line, "%*d: FLOCK %*s WRITE %ld %*x:%*x:%lu", &pid, &inode) == 2 &&
            inode == st.st_ino)
            holder = pid;
    }
    fclose(f);
    return holder;
}

enum err sqlite_lock_trouble(struct sqlite_lock *l)
{
    int64_t since = l->waiting_since;
    int64_t waited = since ? clock_tick() - since : 0;

    if (waited < TROUBLE_US)
        return OK;
    long pid = holder_of(l->write_fd);
    return errf(ERR_BUSY,
                "process %ld has kept the write lock of %s for %d seconds. If it is stopped "
                "(Ctrl-Z), continue it or end it: `kill -CONT %ld` or `kill %ld`",
                pid, l->store, (int)(waited / 1000000), pid, pid);
}

/*
 * The number is looked for from the process id on, so that processes which follow each other get
 * different ones: ids stay unique even if the clock steps back between them.
 */
enum err sqlite_lock_number(struct sqlite_lock *l, int *out)
{
    for (int i = 0; i < NUMBERS; i++) {
        int number = (getpid() + i) % NUMBERS;
        struct flock range = {
            .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = number, .l_len = 1
        };
        if (fcntl(l->turn_fd, F_OFD_SETLK, &range) == 0) {
            *out = number;
            return OK;
        }
        if (errno != EAGAIN && errno != EACCES)
            return errf(ERR_STORE,
                        "cannot lock %s.turn: %m. The store must be on a local file system",
                        l->store);
    }
    return errf(ERR_BUSY, "%d processes have %s open; end some of them", NUMBERS, l->store);
}
