/* overview_sql.c — workspace, person, run, job: counted. */
#include "api/overview.h"

enum err overview_name(struct work *w, const char **out)
{
    struct rows r;

    TRY(store_query(w, &r, "SELECT name FROM workspace WHERE id = ?", num(w->workspace)));
    *out = r.n ? rows_text(&r, 0, 0) : "";
    return OK;
}

enum err overview_people(struct work *w, struct overview *out)
{
    struct rows r;

    TRY(store_query(w, &r, "SELECT state, COUNT(*) FROM person WHERE workspace = ? GROUP BY state",
                    num(w->workspace)));
    for (size_t i = 0; i < r.n; i++) {
        int64_t state = rows_num(&r, i, 0);
        if (state > STATE_NONE && state <= STATE_WITHDRAWN)
            out->people[state] = rows_num(&r, i, 1);
    }
    return OK;
}

enum err overview_counts(struct work *w, struct overview *out)
{
    struct rows r;

    TRY(store_query(w, &r,
                    "SELECT kind, state, COUNT(*), CAST(SUM(CASE WHEN kind = 'scim' THEN 0 ELSE "
                    "applied_upto END) AS BIGINT) FROM run"
                    " WHERE workspace = ? GROUP BY kind, state ORDER BY kind, state",
                    num(w->workspace)));
    out->ncounts = r.n;
    out->counts = NEW_ARRAY(w->mem, struct run_count, r.n + 1);
    for (size_t i = 0; i < r.n; i++)
        out->counts[i] = (struct run_count){ rows_text(&r, i, 0), rows_text(&r, i, 1),
                                             rows_num(&r, i, 2), rows_num(&r, i, 3) };
    return OK;
}

enum err overview_job(struct work *w, struct source_now *s, int64_t now)
{
    struct rows r;

    TRY(store_query(w, &r,
                    "SELECT COALESCE(due_at, 0), attempts, until FROM job"
                    " WHERE workspace = ? AND kind = 'sync' AND ref = ?",
                    num(w->workspace), num(s->row.id)));
    if (r.n == 0)
        return OK;
    s->due_at = rows_num(&r, 0, 0);
    s->failures = (int)rows_num(&r, 0, 1);
    s->running = rows_num(&r, 0, 2) > now;
    return OK;
}

enum err overview_held(struct work *w, int64_t **ids, size_t *n)
{
    struct rows r;

    TRY(store_query(
        w, &r,
        "SELECT id FROM run WHERE workspace = ? AND state = 'held' ORDER BY id DESC LIMIT 50",
        num(w->workspace)));
    *n = r.n;
    *ids = NEW_ARRAY(w->mem, int64_t, r.n + 1);
    for (size_t i = 0; i < r.n; i++)
        (*ids)[i] = rows_num(&r, i, 0);
    return OK;
}
