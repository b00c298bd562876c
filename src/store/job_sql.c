/* job_sql.c — see job_sql.h. */
#include "store/job_sql.h"

#include "base/id.h"

#define COLUMNS                                                                                    \
    "id, workspace, kind, ref, COALESCE(due_at, 0), attempts, epoch, until,"                       \
    " COALESCE(taken_at, 0), host, COALESCE(pid, 0), started"

static void read_row(const struct rows *r, size_t i, struct job_row *out)
{
    *out = (struct job_row){
        .job = {
            .id = rows_num(r, i, 0),
            .kind = rows_text(r, i, 2),
            .ref = rows_num(r, i, 3),
            .due_at = rows_num(r, i, 4),
            .attempts = (int)rows_num(r, i, 5),
            .epoch = rows_num(r, i, 6),
        },
        .workspace = rows_num(r, i, 1),
        .until = rows_num(r, i, 7),
        .taken_at = rows_num(r, i, 8),
        .holder = { rows_text(r, i, 9), rows_text(r, i, 11), rows_num(r, i, 10) },
    };
}

enum err job_load(struct work *w, const char *kind, int64_t ref, struct job_row *out)
{
    struct rows r;

    *out = (struct job_row){};
    TRY(store_query(w, &r,
                    "SELECT " COLUMNS " FROM job WHERE workspace = ? AND kind = ? AND ref = ?",
                    num(w->workspace), txt(kind), num(ref)));
    if (r.n)
        read_row(&r, 0, out);
    return OK;
}

enum err job_insert(struct work *w, const char *kind, int64_t ref)
{
    return store_run(w,
                     "INSERT INTO job (id, workspace, kind, ref, attempts, until, epoch)"
                     " VALUES (?, ?, ?, ?, 0, 0, 0) ON CONFLICT (workspace, kind, ref) DO NOTHING",
                     num(id_new()), num(w->workspace), txt(kind), num(ref));
}

enum err job_page_due(struct work *w, int64_t now, const char *host, int64_t after_due,
                      int64_t after_id, struct job_page *out)
{
    struct rows r;

    static_assert(JOB_PAGE == 32);
    TRY(store_query(w, &r,
                    "SELECT " COLUMNS " FROM job WHERE due_at <= ? AND (until <= ? OR host = ?)"
                    " AND (due_at > ? OR (due_at = ? AND id > ?)) ORDER BY due_at, id LIMIT 32",
                    num(now), num(now), txt(host), num(after_due), num(after_due), num(after_id)));
    out->n = r.n;
    for (size_t i = 0; i < r.n; i++)
        read_row(&r, i, &out->rows[i]);
    return OK;
}

enum err job_lease(struct work *w, const struct job_row *j, const struct holder *self, int64_t now,
                   bool *got)
{
    struct rows r;

    TRY(store_query(w, &r,
                    "UPDATE job SET host = ?, pid = ?, started = ?, taken_at = ?, until = ?,"
                    " epoch = epoch + 1 WHERE workspace = ? AND id = ? AND epoch = ? AND until = ?"
                    " RETURNING epoch",
                    txt(self->host), num(self->pid), txt(self->started), num(now),
                    num(now + JOB_LEASE_MS), num(j->workspace), num(j->job.id), num(j->job.epoch),
                    num(j->until)));
    *got = r.n > 0;
    return OK;
}

enum err job_extend(struct work *w, const struct job *j, int64_t now, bool *got)
{
    struct rows r;

    TRY(store_query(w, &r,
                    "UPDATE job SET until = ? WHERE workspace = ? AND id = ? AND epoch = ?"
                    " AND host IS NOT NULL RETURNING id",
                    num(now + JOB_LEASE_MS), num(w->workspace), num(j->id), num(j->epoch)));
    *got = r.n > 0;
    return OK;
}

enum err job_release(struct work *w, const struct job *j, int64_t due_at, int attempts, bool *got)
{
    struct rows r;

    TRY(store_query(
        w, &r,
        "UPDATE job SET host = NULL, pid = NULL, started = NULL, taken_at = NULL,"
        " until = 0, due_at = ?, attempts = ? WHERE workspace = ? AND id = ? AND epoch = ?"
        " AND host IS NOT NULL RETURNING id",
        id_or_null(due_at), num(attempts), num(w->workspace), num(j->id), num(j->epoch)));
    *got = r.n > 0;
    return OK;
}

enum err job_set_due(struct work *w, const char *kind, int64_t ref, int64_t due_at)
{
    return store_run(w, "UPDATE job SET due_at = ? WHERE workspace = ? AND kind = ? AND ref = ?",
                     id_or_null(due_at), num(w->workspace), txt(kind), num(ref));
}
