/* query_sql.c — pages of people for listings, and of runs for the history. */
#include "people/query.h"

enum err people_page(struct work *w, int64_t after, size_t most, int64_t *ids, size_t *n)
{
    struct rows r;

    TRY(store_query(w, &r,
                    "SELECT id FROM person WHERE workspace = ? AND id > ? ORDER BY id LIMIT ?",
                    num(w->workspace), num(after), num((int64_t)most)));
    *n = r.n;
    for (size_t i = 0; i < r.n; i++)
        ids[i] = rows_num(&r, i, 0);
    return OK;
}

enum err runs_page(struct work *w, int64_t after, size_t most, struct past_run **out, size_t *n)
{
    struct rows r;

    TRY(store_query(
        w, &r,
        "SELECT id, source, coalesce(finished_at, started_at), applied_upto, kind, actor FROM run "
        "WHERE workspace = ? AND id > ? AND applied_upto > 0 ORDER BY id LIMIT ?",
        num(w->workspace), num(after), num((int64_t)most)));
    *n = r.n;
    *out = NEW_ARRAY(w->mem, struct past_run, r.n + 1);
    for (size_t i = 0; i < r.n; i++)
        (*out)[i] =
            (struct past_run){ rows_num(&r, i, 0), rows_num(&r, i, 1),  rows_num(&r, i, 2),
                               rows_num(&r, i, 3), rows_text(&r, i, 4), rows_text(&r, i, 5) };
    return OK;
}

enum err people_withdrawn(struct work *w, int64_t **out, size_t *n)
{
    struct rows r;

    TRY(store_query(w, &r, "SELECT id FROM person WHERE workspace = ? AND state = ? ORDER BY id",
                    num(w->workspace), num(STATE_WITHDRAWN)));
    *n = r.n;
    *out = NEW_ARRAY(w->mem, int64_t, r.n + 1);
    for (size_t i = 0; i < r.n; i++)
        (*out)[i] = rows_num(&r, i, 0);
    return OK;
}
