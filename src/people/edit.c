/*
 * edit.c — one change by hand: a row of this hour's edit run, applied in the same transaction.
 */
#include <stdlib.h>

#include "base/id.h"
#include "base/str.h"
#include "people/history.h"
#include "people/manager.h"
#include "people/waiting.h"

enum { HOUR_MS = 3600000, LAST_RUNS = 64 };

struct single {
    const struct attrs *attrs;
    struct edit *edit;
    enum row_kind kind;
    const char *reason;
};

/* The open run of this hour and this person, or a new one. */
static enum err edit_run(struct work *w, struct run *out)
{
    struct run *runs;
    size_t n;
    const char *actor = arena_printf(w->mem, "%s:%s", w->actor->kind, w->actor->name);

    TRY(runs_list(w, 0, LAST_RUNS, &runs, &n));
    /* History is read in the order of runs: an edit after a sync must not hide in a run before it, nor one
     * after a row of a SCIM run, which goes on getting rows for an hour. */
    for (size_t i = 0; i < n; i++)
        if (str_eq(runs[i].kind, "scim") && runs[i].started_at / HOUR_MS == w->now / HOUR_MS)
            n = 0;
    for (size_t i = 0; i < n && str_eq(runs[i].kind, "edit"); i++)
        if (str_eq(runs[i].kind, "edit") && str_eq(runs[i].actor, actor) &&
            str_eq(runs[i].state, "applied") && runs[i].started_at / HOUR_MS == w->now / HOUR_MS) {
            *out = runs[i];
            return OK;
        }
    *out = (struct run){
        .id = id_new(), .kind = "edit", .state = "applied", .actor = actor, .started_at = w->now
    };
    return run_put(w, out);
}

enum err edit_row_put(struct work *w, struct run_row *row)
{
    struct run run;

    TRY(edit_run(w, &run));
    row->seq = ++run.rows;
    TRY(run_row_put(w, run.id, row));
    run.finished_at = w->now;
    TRY(run_update(w, &run));
    return run_advance(w, run.id, run.rows);
}

static enum err write_single(struct work *w, void *arg)
{
    struct single *s = arg;
    struct apply_context c = { .attrs = s->attrs, .expect_before = false };
    AUTO_BUF text = {};

    TRY(people_apply(w, &c, s->edit, 1));
    if (s->edit->result != EDIT_DONE)
        return errf(s->edit->result == EDIT_STALE ? ERR_STALE : ERR_CONFLICT, "%s", s->edit->why);
    changes_write(&text, &s->edit->changes);
    struct run_row row = {
        .person = s->edit->person, .kind = s->kind, .changes = text.at, .reason = s->reason
    };
    return edit_row_put(w, &row);
}

enum err people_edit(struct work *w, const struct attrs *as, struct edit *e, enum row_kind kind,
                     const char *reason)
{
    struct single s = { as, e, kind, reason };

    if (e->changes.n == 0)
        return OK;
    TRY(store_write(w, write_single, &s));
    bool appears =
        e->create || changes_find(&e->changes, "email") || changes_find(&e->changes, "user_name");
    return appears ? waiting_heal(w, as) : OK;
}

static enum err settle(struct work *w, void *arg)
{
    return waiting_settle(w, arg);
}

/* Adds or sets the one reference; the other additional managers stay. */
static enum err heal_one(struct work *w, const struct attrs *as, const struct waiting *one)
{
    const struct attr *attr = attr_find(as, one->attribute);
    struct person *p, *target;
    struct changes changes = {};

    TRY(people_load(w, as, &one->person, 1, LOAD_TEAMS, &p));
    TRY(people_load(w, as, &one->target, 1, 0, &target));
    if (attr && p && target && p->state != STATE_WITHDRAWN && target->state != STATE_WITHDRAWN) {
        const char *before = person_value(w->mem, p, attr, 0),
                   *after = arena_text(w->mem, id_text(one->target));
        if (before && attr->flags & ATTR_MANY && !strstr(before, after))
            after = arena_printf(w->mem, "%s %s", before, after);
        if (!str_eq(before, after) &&
            !(before && attr->flags & ATTR_MANY && strstr(before, after))) {
            changes_add(w->mem, &changes, attr, before, after);
            struct edit e = { .person = p->id, .changes = changes };
            struct single s = { as, &e, ROW_UPDATE,
                                arena_printf(w->mem, "the person it waited for (%s) has appeared",
                                             one->wanted) };
            enum err err = store_write(w, write_single, &s);
            if (err == ERR_CONFLICT)                /* a circle: waits on */
                return OK;
            TRY(err);
        }
    }
    return store_write(w, settle, (void *)one);
}

enum err waiting_heal(struct work *w, const struct attrs *as)
{
    static const struct actor healer = { "muster", "waiting references" };
    struct work mine = *w;
    struct waiting *ready;
    size_t n;

    mine.actor = &healer;
    TRY(waiting_ready(&mine, &ready, &n));
    for (size_t i = 0; i < n; i++)
        TRY(heal_one(&mine, as, &ready[i]));
    return OK;
}
