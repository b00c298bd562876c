/*
 * sqlite_lock.h — who may write to a SQLite store now: a turn lock and a write lock beside the file.
 *
 * SQLite before 3.51.3 can damage a WAL database when two connections write and checkpoint at the
 * same moment, and it has no queue: a program that writes in a loop keeps all others out for seconds.
 * So every write transaction and every checkpoint happens under an exclusive flock() of STORE.lock,
 * and STORE.turn is held while waiting for it: whoever has just written waits behind those who
 * wait already. Both hold between processes and between threads; the kernel frees them with the
 * process, however it ends.
 *
 * Nothing is ever written into the two files. The first 1,024 bytes of STORE.turn are the process
 * numbers of base/id.h, one lock each.
 */
#ifndef STORE_SQLITE_LOCK_H
#define STORE_SQLITE_LOCK_H

#include <pthread.h>
#include <stdatomic.h>

#include "base/err.h"

struct sqlite_lock {
    char *store;                    /* its path, for messages */
    int turn_fd, write_fd;
    pthread_mutex_t turn, write;
    _Atomic int64_t waiting_since;  /* clock_tick() of the one whose turn it is; 0: nobody waits */
};

enum err sqlite_lock_open(const char *store, struct sqlite_lock *l);
void sqlite_lock_close(struct sqlite_lock *l);

enum err sqlite_lock_take(struct sqlite_lock *l);
bool sqlite_lock_try(struct sqlite_lock *l);            /* only if nobody has it and nobody waits */
void sqlite_lock_give(struct sqlite_lock *l);

/* ERR_BUSY names the process that has kept the write lock for ten seconds: is it stopped? */
enum err sqlite_lock_trouble(struct sqlite_lock *l);

/* A process number that no other process with this store open has. */
enum err sqlite_lock_number(struct sqlite_lock *l, int *out);

#endif
