/*
 * run.h — a sync from the outside: plan, hold, apply, refuse, undo; what the CLI, the scheduler and
 * later the console call.
 */
#ifndef SYNC_RUN_H
#define SYNC_RUN_H

#include "people/history.h"
#include "store/job.h"
#include "sync/connect.h"
#include "sync/tally.h"

struct sync_request {
    bool plan_only;                 /* make the plan, apply nothing */
    bool review;                    /* wait for a person in any case */
    bool yes;                       /* overrule the guards a person may overrule */
    const bool *stop;               /* set by another thread; may be NULL */
    void (*progress)(void *arg, const char *phase, int64_t done,
                     int64_t of); /* of 0: not known; may be NULL */
    void (*waiting)(void *arg, int seconds, const char *why);
    void *arg;
};

/*
 * A whole run: takes the source's lease (a run that is in progress elsewhere is joined: waited for, and
 * its outcome given back), finishes an interrupted apply, discards an interrupted plan, then fetches,
 * plans, and applies unless the plan is held. *out is the run as it stands afterwards; a failed run is
 * stored with its error, which is returned too.
 */
enum err sync_run(struct work *w, const struct source_row *source, const struct sync_request *q,
                  struct run *out);

/* The same under a lease the caller has taken and gives back itself: the scheduler's. */
enum err sync_run_leased(struct work *w, const struct source_row *source, const struct job *job,
                         const struct sync_request *q, struct run *out);

/* Applies a planned or held plan exactly as it is stored, without the rows in `unticked`. */
enum err sync_apply(struct work *w, int64_t run, const int64_t *unticked, size_t n,
                    const struct sync_request *q, struct run *out);

/* Nothing of it happens; it is remembered, so that it is not planned again while HR says the same. */
enum err sync_refuse(struct work *w, int64_t run, struct run *out);

/* The inverse of a run, or of one of its changes (seq > 0), as a plan of its own, applied at once
 * unless a guard trips and `yes` is not given. */
enum err sync_undo(struct work *w, int64_t run, int64_t seq, const struct sync_request *q,
                   struct run *out);

/* ---- shared by run.c, apply.c and undo.c ---- */

struct range { int64_t from, to; };             /* rows that are applied in one batch; 0: none */

/* Works through the rows of run->state "applying" from its watermark on, in batches of at most 20 ms;
 * sets the final state, tally and what the source taught. `job` fences; may be NULL. */
enum err run_apply(struct work *w, struct run *run, const struct job *job,
                   const struct sync_request *q);

/* Keeps a lease while its work goes on, from a thread of its own. */
struct keeper;
enum err keeper_start(struct work *w, const struct job *job, struct keeper **out);
void keeper_free(struct keeper *k);
AUTO_FREE(keeper)

#endif
