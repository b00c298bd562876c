/* job_sql.h — the rows of the table `job`, for job.c only. */
#ifndef STORE_JOB_SQL_H
#define STORE_JOB_SQL_H

#include "store/holder.h"
#include "store/job.h"

struct job_row {
    struct job job;                 /* id 0: there is no such row */
    int64_t workspace, until, taken_at;
    struct holder holder;           /* host NULL: nobody has it */
};

enum err job_load(struct work *w, const char *kind, int64_t ref, struct job_row *out);
enum err job_insert(struct work *w, const char *kind, int64_t ref);     /* unless it is there */

/*
 * Up to JOB_PAGE jobs that are due and seem free: not leased, the lease over, or its holder of
 * `host`. In the order they became due, after (`due_at`, `id`) of the last page.
 */
enum { JOB_PAGE = 32 };
struct job_page {
    struct job_row rows[JOB_PAGE];
    size_t n;
};
enum err job_page_due(struct work *w, int64_t now, const char *host, int64_t after_due,
                      int64_t after_id, struct job_page *out);

/* These find nothing, and say false, if the epoch is no more the one of `j`. */
enum err job_lease(struct work *w, const struct job_row *j, const struct holder *self, int64_t now,
                   bool *got);
enum err job_extend(struct work *w, const struct job *j, int64_t now, bool *got);
enum err job_release(struct work *w, const struct job *j, int64_t due_at, int attempts, bool *got);

enum err job_set_due(struct work *w, const char *kind, int64_t ref, int64_t due_at);

#endif
