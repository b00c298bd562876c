/*
 * apply_sweep.c — see apply_sweep.h. Rare: a create that came out stale, half a turn of a chain.
 */
#include "sync/apply_sweep.h"

#include "base/id.h"
#include "base/str.h"
#include "people/manager.h"
#include "people/waiting.h"

struct sweep {
    struct run *run;                /* as stored; `longer` gets the rows added in the transaction */
    struct run longer;
    const struct attrs *attrs;
    const struct absent *gone;      /* release_reports() */
    int64_t kept;                   /* open_circle(): whose manager did not change after all */
};

static enum err await(struct work *w, const struct sweep *s, int64_t person, const char *attribute)
{
    struct waiting one = { .person = person,
                           .source = s->longer.source,
                           .wanted = s->gone->record,
                           .attribute = attribute };

    return waiting_put(w, &one);
}

/* One more row of the run, done at once. The manager it goes back to may close a circle by now: then none. */
static enum err change(struct sweep *s, struct work *w, struct edit *e, const char *reason)
{
    struct apply_context c = { .attrs = s->attrs };
    AUTO_BUF text = {};

    TRY(people_apply(w, &c, e, 1));
    const struct change *manager = changes_find(&e->changes, "manager");
    if (e->result == EDIT_CONFLICT && manager && manager->after) {
        changes_add(w->mem, &e->changes, manager->attr, manager->before, NULL);
        TRY(people_apply(w, &c, e, 1));
    }
    if (e->result != EDIT_DONE)
        return OK;
    changes_write(&text, &e->changes);
    struct run_row row = { .seq = ++s->longer.rows,
                           .person = e->person,
                           .kind = ROW_UPDATE,
                           .changes = text.at,
                           .reason = reason };
    return run_row_put(w, s->longer.id, &row);
}

static enum err store_longer(struct work *w, struct sweep *s)
{
    if (s->longer.rows == s->run->rows)
        return OK;
    TRY(run_update(w, &s->longer));
    return run_advance(w, s->longer.id, s->longer.rows);
}

/* ---- people who were not made ---- */

static const char *without(struct arena *a, const char *text, int64_t id)
{
    int64_t *ids;
    size_t n = ids_read(a, text, &ids), kept = 0;

    for (size_t i = 0; i < n; i++)
        if (ids[i] != id)
            ids[kept++] = ids[i];
    return ids_join(a, ids, kept);
}

/* Back to the manager this run took them from, and out of the list of additional managers. */
static enum err release(struct sweep *s, struct work *w, const struct run_row *row,
                        const struct person *p, struct edit *e)
{
    const char *gone = arena_text(w->mem, id_text(s->gone->person));
    const char *others = person_text(p, "additional_managers"),
               *rest = without(w->mem, others, s->gone->person);
    struct changes was;

    TRY(changes_read(w->mem, s->attrs, row->changes, strlen(row->changes), &was));
    const struct change *manager = changes_find(&was, "manager");
    if (manager && str_eq(manager->after, gone) && p->manager == s->gone->person)
        changes_add(w->mem, &e->changes, manager->attr, gone, manager->before);
    if (!str_eq(rest, others))
        changes_add(w->mem, &e->changes, attr_builtin("additional_managers"), others, rest);
    return OK;
}

static enum err release_reports(struct work *w, void *arg)
{
    struct sweep *s = arg;
    struct run_row *rows;
    size_t n;

    s->longer = *s->run;
    TRY(run_rows_naming(w, s->run->id, s->run->applied_upto, s->gone->person, &rows, &n));
    int64_t *ids = NEW_ARRAY(w->mem, int64_t, n + 1);
    struct person **people = NEW_ARRAY(w->mem, struct person *, n + 1);
    for (size_t i = 0; i < n; i++)
        ids[i] = rows[i].person;
    TRY(people_load(w, s->attrs, ids, n, 0, people));
    for (size_t i = 0; i < n; i++) {
        struct edit e = { .person = ids[i] };
        if (people[i])
            TRY(release(s, w, &rows[i], people[i], &e));
        if (e.changes.n == 0)
            continue;
        TRY(change(s, w, &e, "somebody it names was not created after all"));
        for (size_t q = 0; q < e.changes.n && e.result == EDIT_DONE; q++)
            TRY(await(w, s, ids[i], e.changes.list[q].attr->name));
    }
    return store_longer(w, s);
}

/* ---- circles ---- */

/* The row of this run that gave somebody the manager they have now. */
static enum err edge_of(struct sweep *s, struct work *w, int64_t person, int64_t manager,
                        const char **before, bool *found)
{
    struct run_row *rows;
    size_t n;

    *found = false;
    TRY(run_rows_about(w, s->run->id, person, &rows, &n));
    for (size_t i = n; i-- > 0 && !*found;) {
        struct changes c;
        TRY(changes_read(w->mem, s->attrs, rows[i].changes, strlen(rows[i].changes), &c));
        const struct change *one = changes_find(&c, "manager");
        *found = rows[i].aside == ROW_GOES && rows[i].kind != ROW_TEAM && one &&
                 str_eq(one->after, id_text(manager));
        *before = one ? one->before : NULL;
    }
    return OK;
}

enum { CIRCLE_MOST = 1000 };

/* Does the line above `kept` come back to them? Then the first edge that this run set goes back. */
static enum err open_circle(struct work *w, void *arg)
{
    struct sweep *s = arg;
    int64_t at = s->kept, manager;
    int steps = 0;

    s->longer = *s->run;
    do
        TRY(manager_of(w, at, &at));
    while (at && at != s->kept && ++steps < CIRCLE_MOST);
    if (at != s->kept)
        return OK;
    do {
        const char *before;
        bool found;
        TRY(manager_of(w, at, &manager));
        TRY(edge_of(s, w, at, manager, &before, &found));
        if (found) {
            struct edit e = { .person = at };
            changes_add(w->mem, &e.changes, attr_builtin("manager"),
                        arena_text(w->mem, id_text(manager)), before);
            TRY(change(s, w, &e,
                       "a change of this plan that would have kept this from being a circle was "
                       "not made"));
            break;
        }
        at = manager;
    } while (at != s->kept);
    return store_longer(w, s);
}

static enum err open_circles(struct work *w, struct sweep *s)
{
    for (enum row_kind kind = ROW_CREATE; kind < ROW_KINDS; kind++) {
        struct run_row *rows;
        size_t n;
        TRY(run_rows_aside(w, s->run->id, kind, &rows, &n));
        for (size_t i = 0; i < n && kind != ROW_TEAM; i++) {
            struct changes c;
            TRY(changes_read(w->mem, s->attrs, rows[i].changes, strlen(rows[i].changes), &c));
            if (!changes_find(&c, "manager"))
                continue;
            s->kept = rows[i].person;
            TRY(store_write(w, open_circle, s));
            TRY(run_load(w, s->run->id, s->run));
        }
    }
    return OK;
}

enum err apply_sweep(struct work *w, struct run *run, const struct attrs *as,
                     const struct absent *absent, size_t n, bool circles)
{
    struct run now;
    struct sweep s = { .run = &now, .attrs = as };

    if (n == 0 && !circles)
        return OK;
    TRY(run_load(w, run->id, &now));
    for (size_t i = 0; i < n; i++) {
        s.gone = &absent[i];
        if (!s.gone->record)
            continue;
        TRY(store_write(w, release_reports, &s));
        TRY(run_load(w, run->id, &now));
    }
    if (circles)
        TRY(open_circles(w, &s));
    run->rows = now.rows;
    run->applied_upto = now.applied_upto;
    return OK;
}
