/* asof_sql.c — when people had last changed, as seen from a past day. */
#include "people/asof_sql.h"

#include "base/id.h"
#include "store/store.h"

static enum err changed_slice(struct work *w, int64_t instant, const int64_t *ids, size_t n,
                              int64_t *at)
{
    struct rows r;
    struct arg *args = NEW_ARRAY(w->mem, struct arg, store_in_size(n) + 4);
    /* Rows of a SCIM run have times of their own, in their ids. */
    const char *sql = arena_printf(
        w->mem,
        "SELECT run_row.person, max(CASE WHEN run.kind = 'scim' THEN ((run_row.run + run_row.seq) "
        ">> 22) + ? ELSE coalesce(run.finished_at, run.started_at) END) FROM run_row "
        "JOIN run ON run.workspace = run_row.workspace AND run.id = run_row.run WHERE "
        "run_row.workspace = ? AND CASE WHEN run.kind = 'scim' THEN run_row.run + run_row.seq <= ? "
        "ELSE coalesce(run.finished_at, run.started_at) <= ? END AND "
        "run_row.person IN %s AND run_row.seq <= run.applied_upto AND "
        "run_row.set_aside = 0 AND run_row.changes <> '{}' GROUP BY run_row.person",
        store_in(n));

    args[0] = num(id_time(0));
    args[1] = num(w->workspace);
    args[2] = num(id_floor(instant + 1));
    args[3] = num(instant);
    for (size_t i = 0; i < n; i++)
        args[4 + i] = num(ids[i]);
    store_pad(args + 4, n);
    TRY(store_query_args(w, &r, sql, args, store_in_size(n) + 4));
    for (size_t i = 0; i < r.n; i++)
        for (size_t q = 0; q < n; q++)
            if (ids[q] == rows_num(&r, i, 0))
                at[q] = rows_num(&r, i, 1);
    return OK;
}

enum err people_changed_by(struct work *w, int64_t instant, const int64_t *ids, size_t n,
                           int64_t *at)
{
    for (size_t from = 0; from < n; from += STORE_IN_MOST)
        TRY(changed_slice(w, instant, ids + from, MIN(n - from, (size_t)STORE_IN_MOST), at + from));
    return OK;
}
