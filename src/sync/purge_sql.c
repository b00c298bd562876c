/* purge_sql.c — run, run_row: what is too old to be asked about. */
#include "sync/purge.h"

enum { PURGE_ROWS = 1000, PURGE_RUNS = 100 };

struct old_plan { int64_t run, from, upto; };

/* Rows that were applied are history and stay, whatever became of their run. */
static enum err drop_rows(struct work *w, void *arg)
{
    struct old_plan *p = arg;

    return store_run(w,
                     "DELETE FROM run_row WHERE workspace = ? AND run = ? AND seq > ? AND seq <= ?",
                     num(w->workspace), num(p->run), num(p->from), num(p->upto));
}

static enum err drop_run(struct work *w, void *arg)
{
    struct old_plan *p = arg;

    return store_run(w, "DELETE FROM run WHERE workspace = ? AND id = ? AND applied_upto = 0",
                     num(w->workspace), num(p->run));
}

static enum err purge_one(struct work *w, int64_t run, int64_t rows, const bool *stop)
{
    struct old_plan p = { .run = run };

    for (; p.from < rows; p.from = p.upto) {
        if (stop && *stop)
            return errf(ERR_STOPPED,
                        "stopped while old plans were dropped; the next time goes on there");
        p.upto = p.from + PURGE_ROWS;
        TRY(store_write(w, drop_rows, &p));
    }
    return store_write(w, drop_run, &p);
}

enum err plans_purge(struct work *w, int64_t before, const bool *stop, int64_t *gone)
{
    struct rows r;

    *gone = 0;
    do {
        TRY(store_query(w, &r,
                        "SELECT id, rows FROM run WHERE workspace = ? AND applied_upto = 0"
                        " AND state IN ('refused', 'superseded', 'planned')"
                        " AND COALESCE(finished_at, started_at) < ? ORDER BY id LIMIT 100",
                        num(w->workspace), num(before)));
        static_assert(PURGE_RUNS == 100);
        for (size_t i = 0; i < r.n; i++)
            TRY(purge_one(w, rows_num(&r, i, 0), rows_num(&r, i, 1), stop));
        *gone += (int64_t)r.n;
    } while (r.n == PURGE_RUNS);
    return OK;
}
