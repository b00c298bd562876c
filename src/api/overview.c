/* overview.c — see overview.h. */
#include "api/overview.h"

#include "base/clock.h"
#include "sync/tally.h"

enum err overview_load(struct work *w, struct overview *out)
{
    struct source_row *rows;
    struct run *last;
    size_t n, runs;

    *out = (struct overview){};
    TRY(overview_name(w, &out->workspace));
    TRY(overview_people(w, out));
    TRY(overview_counts(w, out));
    TRY(source_rows(w, &rows, &n));
    out->sources = NEW_ARRAY(w->mem, struct source_now, n + 1);
    for (size_t i = 0; i < n; i++) {
        struct source_now *s = &out->sources[out->nsources++];
        s->row = rows[i];
        TRY(overview_job(w, s, clock_now()));
        TRY(runs_list(w, rows[i].id, 1, &last, &runs));
        TRY(runs_counted(w, last, runs));
        if (runs)
            s->last = last[0];
    }
    return OK;
}

enum err held_runs(struct work *w, struct run **out, size_t *n)
{
    int64_t *ids;

    TRY(overview_held(w, &ids, n));
    *out = NEW_ARRAY(w->mem, struct run, *n + 1);
    for (size_t i = 0; i < *n; i++)
        TRY(run_load(w, ids[i], &(*out)[i]));
    return OK;
}

const char *source_state(const struct source_now *s)
{
    return s->running ? "running"
           : s->row.trouble ? "attention"
           : s->row.paused ? "paused"
           : s->failures ? "failing"
                            : "ok";
}

int64_t source_late(const struct source_now *s, int64_t now)
{
    return s->due_at && s->due_at < now && !s->running ? now - s->due_at : 0;
}
