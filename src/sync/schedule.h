/*
 * schedule.h — sources are read when their schedule says so, by one node of however many there are.
 *
 * When is written in the job table (job.h), one row per source, so that nothing is lost when a
 * server is down: what was missed runs once when the next one starts. A run that failed is tried
 * again after 1, 5, 15 and 60 minutes; from the third failure in a row on the source is in need of
 * attention, with words that say why and what to do.
 */
#ifndef SYNC_SCHEDULE_H
#define SYNC_SCHEDULE_H

#include "base/cron.h"
#include "base/zone.h"
#include "store/job.h"
#include "store/store.h"

struct scheduler;

/* Two threads that take due jobs. They look at the table when the next job is due, at least every
 * half minute, because another node or a command may have changed it. */
enum err scheduler_start(struct store *store, struct scheduler **out);
void scheduler_stop(
    struct scheduler *s); /* at once: runs in progress end after their present batch */
void scheduler_free(struct scheduler *s);   /* stops, and waits for them */
AUTO_FREE(scheduler)

/* ---- the parts of it, for one workspace ---- */

/*
 * Puts right when every source and the daily clearing are due: sources that are new, paused or have
 * another schedule than before. What is overdue stays so. *next becomes the earliest later instant
 * if that is sooner (0: none yet).
 */
enum err schedule_arrange(struct work *w, int64_t *next);

/* Does a job that was just taken, and gives it back with the time it is due next. */
enum err schedule_do(struct work *w, const struct job *job, const bool *stop);

/* Up to ten minutes, always the same for one source: not all start in the same second. */
int64_t schedule_offset(int64_t ref);

#endif
