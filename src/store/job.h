/*
 * job.h — work that one process does at a time: due rows with a lease.
 *
 * A lease names host, process and process start, and carries an epoch. On the same host a dead
 * holder frees its lease at once; elsewhere the deadline (15 s) does. The epoch fences: a holder
 * that slept through its deadline finds its job_hold() refused, inside the transaction it tried.
 */
#ifndef STORE_JOB_H
#define STORE_JOB_H

#include "store/work.h"

enum { JOB_LEASE_MS = 15000 };

struct job {
    int64_t id, ref, epoch, due_at;
    const char *kind;               /* "sync" */
    int attempts;                   /* failures in a row */
};

/* The job (kind, ref), made if it is new, not due. */
enum err job_ensure(struct work *w, const char *kind, int64_t ref, struct job *out);

/* Takes the lease whether due or not. ERR_BUSY names the holder's host, process and since when. */
enum err job_take(struct work *w, const char *kind, int64_t ref, struct job *out);

/* The next due job of this workspace-less store that nobody holds, taken; out->id 0 if none. */
enum err job_take_due(struct work *w, struct job *out, int64_t *workspace);

/* Inside the writing transaction: extends the lease, or ERR_STALE if somebody else has it now. */
enum err job_hold(struct work *w, const struct job *j);

/* Gives it back; next due at `due_at` (0: not scheduled); `failed` counts an attempt, or it is reset. */
enum err job_done(struct work *w, const struct job *j, int64_t due_at, bool failed);

/* When it is due next, without touching the lease: used when a schedule changes. */
enum err job_schedule(struct work *w, const char *kind, int64_t ref, int64_t due_at);

#endif
