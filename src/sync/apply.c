/*
 * apply.c — carries out exactly the rows of a plan, in batches, each with the run's watermark in its
 * own transaction: after a crash the next run goes on at the same row.
 */
#include <stdlib.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/log.h"
#include "base/str.h"
#include "people/link.h"
#include "people/team.h"
#include "people/waiting.h"
#include "store/store.h"
#include "sync/apply_members.h"
#include "sync/apply_sweep.h"
#include "sync/held.h"
#include "sync/run.h"
#include "sync/said.h"

enum { FIRST_BATCH = 128, MOST_BATCH = 2048, TARGET_US = 12000 };

struct applier {
    struct work *w;
    struct arena *mem;              /* lives as long as the apply */
    struct run *run;
    const struct job *job;
    const struct attrs *attrs;
    struct range together;
    bool undo, resumed, aside;      /* aside: some rows were before the first batch */
    struct absent *absent;
    size_t nabsent, cap_absent;
    int64_t basis, stale;
    size_t batch;
    /* what one transaction found, taken over after its commit */
    struct {
        struct run_row *rows;
        struct edit *edits;         /* one per row; those without changes are not applied */
        struct link *links;
        const char **awaits;        /* references that wait after all: see spare_absent() */
        size_t n;
        int64_t basis, upto;
    } now;
};

static const char *absent_record(const struct applier *a, int64_t person)
{
    for (size_t i = 0; i < a->nabsent; i++)
        if (a->absent[i].person == person)
            return a->absent[i].record ? a->absent[i].record : "";
    return NULL;
}

static void add_absent(struct applier *a, const struct run_row *row)
{
    ARENA_GROW(a->mem, a->absent, a->nabsent, a->cap_absent);
    a->absent[a->nabsent++] = (struct absent){ row->person, arena_text(a->mem, row->record) };
}

/* ---- a row becomes an edit ---- */

static enum err await(struct work *w, int64_t source, int64_t person, const char *attribute,
                      bool key, const char *reference)
{
    struct waiting one = {
        .person = person, .source = key ? 0 : source, .wanted = reference, .attribute = attribute
    };

    return waiting_put(w, &one);
}

/* "attribute \x1f key|record \x1f reference", several of them separated by \x1e: see plan_rows.c */
static const char *with_await(struct arena *a, const char *awaits, const char *attribute,
                              const char *record)
{
    return arena_printf(a, "%s%s%s\x1frecord\x1f%s", awaits ? awaits : "", awaits ? "\x1e" : "",
                        attribute, record);
}

/* The ids of a change without those of people who were not made; *awaits says who is waited for. */
static const char *without_absent(struct applier *a, struct work *w, const struct change *c,
                                  const char **awaits)
{
    int64_t *ids;
    size_t n = ids_read(w->mem, c->after, &ids), kept = 0;

    for (size_t i = 0; i < n; i++) {
        const char *record = absent_record(a, ids[i]);
        if (!record)
            ids[kept++] = ids[i];
        else if (*record)
            *awaits = with_await(w->mem, *awaits, c->attr->name, record);
    }
    return kept == n ? c->after : ids_join(w->mem, ids, kept);
}

/* References to people whose making was set aside wait for them; the value before stays. The row is
 * written again, because it is the history of what was done. */
static enum err spare_absent(struct applier *a, struct work *w, struct run_row *row,
                             struct changes *c, const char **awaits)
{
    static const char *const names[] = { "additional_managers", "manager" };
    bool spared = false;
    AUTO_BUF text = {};

    for (size_t i = 0; a->nabsent && i < COUNT(names); i++) {
        const struct change *one = changes_find(c, names[i]);
        const char *after = one && one->after ? without_absent(a, w, one, awaits) : NULL;
        if (!one || str_eq(after, one->after))
            continue;
        spared = true;
        if (one->attr->flags & ATTR_MANY && !str_eq(after, one->before))
            changes_add(w->mem, c, one->attr, one->before, after);
        else
            changes_drop(c, names[i]);
    }
    if (!spared)
        return OK;
    row->digest = 0;
    changes_write(&text, c);
    row->changes = arena_textn(w->mem, text.at, text.n);
    return run_row_rewrite(w, a->run->id, row);
}

static enum err read_rows(struct applier *a, struct work *w)
{
    size_t most = a->batch;
    int64_t upto = a->run->rows;

    if (a->together.from && a->run->applied_upto + 1 < a->together.from) {
        upto = a->together.from - 1;
    } else if (a->together.from && a->run->applied_upto + 1 == a->together.from) {
        upto = a->together.to;                  /* people who exchange keys: all at once */
        most = (size_t)(a->together.to - a->together.from + 1);
    }
    TRY(run_rows(w, a->run->id, a->run->applied_upto, upto, most, &a->now.rows, &a->now.n));
    a->now.edits = NEW_ARRAY(w->mem, struct edit, a->now.n + 1);
    a->now.links = NEW_ARRAY(w->mem, struct link, a->now.n + 1);
    a->now.awaits = NEW_ARRAY(w->mem, const char *, a->now.n + 1);
    /* Numbers without a row (it came to nothing) count as done, but only those that were looked at. */
    a->now.upto = a->now.n == most ? a->now.rows[a->now.n - 1].seq : upto;
    for (size_t i = 0; i < a->now.n; i++) {
        struct run_row *row = &a->now.rows[i];
        struct edit *e = &a->now.edits[i];
        e->person = row->person;
        e->create = row->kind == ROW_CREATE;
        if (row->kind == ROW_TEAM || row->aside != ROW_GOES)
            continue;
        TRY(changes_read(w->mem, a->attrs, row->changes, strlen(row->changes), &e->changes));
        TRY(spare_absent(a, w, row, &e->changes, &a->now.awaits[i]));
    }
    return OK;
}

/* A client may have given somebody another external id since: what it says of them is on their link. */
static enum err find_renamed(struct applier *a, struct work *w, int64_t person, struct link *out)
{
    struct link *links;
    size_t n;

    TRY(links_of(w, &person, 1, &links, &n));
    for (size_t i = 0; i < n; i++)
        if (links[i].source == a->run->source)
            *out = links[i];
    return OK;
}

static enum err load_links(struct applier *a, struct work *w)
{
    const char **records = NEW_ARRAY(w->mem, const char *, a->now.n + 1);
    size_t *whose = NEW_ARRAY(w->mem, size_t, a->now.n + 1), n = 0;

    for (size_t i = 0; i < a->now.n; i++)
        if (a->now.rows[i].record && a->now.rows[i].kind != ROW_TEAM) {
            whose[n] = i;
            records[n++] = a->now.rows[i].record;
        }
    if (n == 0)
        return OK;
    struct link *found = NEW_ARRAY(w->mem, struct link, n);
    TRY(links_by_record(w, a->run->source, records, n, found));
    for (size_t i = 0; i < n; i++) {
        a->now.links[whose[i]] = found[i];
        if (a->undo && !found[i].id && a->now.rows[whose[i]].kind != ROW_MEMBER)
            TRY(find_renamed(a, w, a->now.rows[whose[i]].person, &a->now.links[whose[i]]));
    }
    return OK;
}

/* ---- teams ---- */

static enum err apply_team(struct work *w, const struct applier *a, struct teams *teams,
                           const struct run_row *row)
{
    yyjson_val *root;

    TRY(json_read_in(w->mem, row->changes, strlen(row->changes), &root));
    yyjson_val *name = yyjson_obj_get(root, "name");
    const char *before = yyjson_get_str(yyjson_arr_get(name, 0));
    const char *after = yyjson_get_str(yyjson_arr_get(name, 1));
    if (!after)
        return team_drop(w, row->person);
    for (int copy = 2; team_by_name(teams, after); copy++)      /* somebody was quicker */
        after = arena_printf(w->mem, "%s (%d)", yyjson_get_str(yyjson_arr_get(name, 1)), copy);
    if (before) {
        struct team *renamed = team_by_id(teams, row->person);
        if (renamed)
            renamed->name = after;
        return team_rename(w, row->person, after);
    }
    struct team *t = NEW(w->mem, struct team);
    *t = (struct team){ .id = row->person,
                        .name = after,
                        .kind = TEAM_SYNCED,
                        .source = a->run->source,
                        .source_key = row->record };
    ARENA_GROW(w->mem, teams->all, teams->n, teams->cap);
    teams->all[teams->n++] = t;
    return team_put(w, t);
}

static enum err apply_teams(struct work *w, const struct applier *a)
{
    struct teams *teams = NULL;

    for (size_t i = 0; i < a->now.n; i++) {
        if (a->now.rows[i].kind != ROW_TEAM || a->now.rows[i].aside != ROW_GOES)
            continue;
        if (!teams)
            TRY(teams_load(w, &teams));
        TRY(apply_team(w, a, teams, &a->now.rows[i]));
    }
    return OK;
}

/* ---- what the source said ---- */

/* Takes the riders of plan_rows.c out of the claims. */
struct riders { const char *awaits, *mark, *released; int64_t reason, missing; };

static void take_riders(struct said *said, struct riders *r)
{
    size_t n = 0;

    *r = (struct riders){};
    for (size_t i = 0; i < said->n; i++) {
        const struct claim *c = &said->list[i];
        if (str_eq(c->name, "!awaits"))
            r->awaits = c->text;
        else if (str_eq(c->name, "!mark"))
            r->mark = c->text;
        else if (str_eq(c->name, "!released"))
            r->released = c->text;
        else if (str_eq(c->name, "!reason"))
            (void)str_number(c->text, &r->reason);
        else if (str_eq(c->name, "!missing"))
            (void)str_number(c->text, &r->missing);
        else
            said->list[n++] = *c;
    }
    said->n = n;
}

static enum err put_awaits(struct work *w, const struct applier *a, const struct run_row *row,
                           const char *awaits)
{
    char *rest = arena_text(w->mem, awaits);

    for (char *one; (one = strsep(&rest, "\x1e"));) {
        char *how = strchr(one, '\x1f'), *reference = how ? strchr(how + 1, '\x1f') : NULL;
        if (!reference)
            continue;
        *how++ = *reference++ = '\0';
        TRY(await(w, a->run->source, row->person, one, str_eq(how, "key"), reference));
    }
    return OK;
}

static enum err put_released(struct work *w, const struct applier *a, const struct run_row *row,
                             const char *list)
{
    char *rest = arena_text(w->mem, list);

    for (char *one; (one = strsep(&rest, " "));)
        TRY(held_drop(w, a->run->source, row->record, one));
    return OK;
}

static enum err remember_source(struct applier *a, struct work *w, size_t i)
{
    const struct run_row *row = &a->now.rows[i];
    struct link *l = &a->now.links[i];
    struct said old, said;
    struct riders r;

    TRY(said_read(w->mem, l->said, &old));
    TRY(said_merge(w->mem, &old, &a->now.edits[i].changes, row->said, &said));
    take_riders(&said, &r);
    l->source = a->run->source;
    l->record = row->record;
    l->person = row->person;
    l->digest = row->digest;
    l->missing = r.missing;
    l->reason = (enum link_reason)r.reason;
    l->mark = r.mark;
    const char *text = said_write(w->mem, &said);
    l->said = str_eq(text, l->said) ? NULL : text;
    if (row->kind != ROW_CREATE && row->person &&
        (r.awaits || changes_find(&a->now.edits[i].changes, "manager")))
        TRY(waiting_clear(w, row->person, "manager"));
    if (row->kind != ROW_CREATE && row->person &&
        (r.awaits || changes_find(&a->now.edits[i].changes, "additional_managers")))
        TRY(waiting_clear(w, row->person, "additional_managers"));
    if (r.awaits)
        TRY(put_awaits(w, a, row, r.awaits));
    if (a->now.awaits[i])
        TRY(put_awaits(w, a, row, a->now.awaits[i]));
    if (r.released)
        TRY(put_released(w, a, row, r.released));
    return link_put(w, l);
}

/* An undone change is held back while HR says what it says now. */
static enum err hold_back(struct applier *a, struct work *w, size_t i)
{
    const struct run_row *row = &a->now.rows[i];
    const struct changes *c = &a->now.edits[i].changes;
    struct said said;

    if (!row->record || !a->run->source || row->kind == ROW_MEMBER)
        return OK;
    TRY(said_read(w->mem, a->now.links[i].said, &said));
    for (size_t q = 0; q < c->n; q++) {
        const char *name = c->list[q].attr->name;
        bool state = str_eq(name, "state");
        if (row->kind == ROW_WITHDRAW && !state)
            continue;
        if (!state && !said_find(&said, name))
            continue;
        struct held h = { .source = a->run->source,
                          .person = row->person,
                          .run = a->run->undoes,
                          .since = w->now,
                          .record = row->record,
                          .attribute = name,
                          .said = said_text(&said, state ? "?status" : name) };
        TRY(held_put(w, &h));
    }
    return OK;
}

/* ---- one batch ---- */

static enum err apply_edits(struct applier *a, struct work *w)
{
    struct apply_context c = { .attrs = a->attrs,
                               .owner = a->run->source,
                               .source = a->undo ? 0 : a->run->source,
                               .basis = a->basis,
                               .expect_before = true };
    struct edit *edits = NEW_ARRAY(w->mem, struct edit, a->now.n + 1);
    size_t *whose = NEW_ARRAY(w->mem, size_t, a->now.n + 1), n = 0;

    for (size_t i = 0; i < a->now.n; i++)
        if (a->now.edits[i].changes.n && a->now.rows[i].kind != ROW_MEMBER) {
            whose[n] = i;
            edits[n++] = a->now.edits[i];
        }
    TRY(people_apply(w, &c, edits, n));
    for (size_t i = 0; i < n; i++)
        a->now.edits[whose[i]] = edits[i];
    a->now.basis = c.basis;
    return OK;
}

static enum err finish_row(struct applier *a, struct work *w, size_t i)
{
    const struct run_row *row = &a->now.rows[i];
    const struct edit *e = &a->now.edits[i];

    if (row->aside != ROW_GOES)
        return OK;
    if (row->kind == ROW_TEAM)
        return OK;
    if (e->result != EDIT_DONE) {
        if (a->now.links[i].id && a->now.links[i].digest) {     /* unsettled: looked at next time */
            a->now.links[i].digest = 0;
            a->now.links[i].said = NULL;
            TRY(link_put(w, &a->now.links[i]));
        }
        return run_row_set_aside(w, a->run->id, row->seq, ROW_STALE, e->why);
    }
    if (a->undo)
        return hold_back(a, w, i);
    return row->record ? remember_source(a, w, i) : OK;
}

static enum err apply_batch(struct work *w, void *arg)
{
    struct applier *a = arg;

    if (a->job)
        TRY(job_hold(w, a->job));
    TRY(read_rows(a, w));
    TRY(load_links(a, w));
    if (!a->undo)
        TRY(apply_teams(w, a));
    TRY(apply_edits(a, w));
    TRY(apply_members(w, a->attrs, a->run->source, a->now.rows, a->now.edits, a->now.n));
    if (a->undo)                                /* a team goes when nobody is in it any more */
        TRY(apply_teams(w, a));
    for (size_t i = 0; i < a->now.n; i++)
        TRY(finish_row(a, w, i));
    return run_advance(w, a->run->id, a->now.upto);
}

static void take_over(struct applier *a)
{
    for (size_t i = 0; i < a->now.n; i++) {
        const struct run_row *row = &a->now.rows[i];
        bool stale = row->aside == ROW_GOES && a->now.edits[i].result != EDIT_DONE;
        if (row->kind == ROW_CREATE && (stale || row->aside != ROW_GOES))
            add_absent(a, row);
        a->stale += stale;
    }
    a->basis = a->now.basis;
    a->run->applied_upto = a->now.upto;
}

/* ---- the whole ---- */

static enum err read_outcome(struct applier *a)
{
    yyjson_val *root;

    TRY(json_read_in(a->mem, a->run->outcome, strlen(a->run->outcome), &root));
    a->together =
        (struct range){ json_int(root, "together_from", 0), json_int(root, "together_to", 0) };
    a->aside = json_int(root, "aside", 0) != 0;
    if (!a->aside && a->run->applied_upto == 0)
        return OK;
    struct run_row *rows;                       /* set aside before, by a person or before a crash */
    size_t n;
    TRY(run_rows_aside(a->w, a->run->id, ROW_CREATE, &rows, &n));
    for (size_t i = 0; i < n; i++)
        add_absent(a, &rows[i]);
    return OK;
}

static enum err final_tally(struct applier *a)
{
    struct tally t = {};
    int64_t counts[ROW_KINDS][ROW_KEPT + 1] = {};

    TRY(tally_read(a->mem, a->run->tally, &t));
    TRY(run_rows_counts(a->w, a->run->id, counts));
    int64_t *counters[ROW_KINDS] = {
        [ROW_CREATE] = &t.created,         [ROW_RESTORE] = &t.created,
        [ROW_UPDATE] = &t.updated,         [ROW_LINK] = &t.updated,
        [ROW_DEACTIVATE] = &t.deactivated, [ROW_SUSPEND] = &t.suspended,
        [ROW_REACTIVATE] = &t.reactivated, [ROW_WITHDRAW] = &t.deactivated
    };
    for (enum row_kind k = ROW_CREATE; k < ROW_KINDS; k++) {
        if (!counters[k])
            continue;
        int64_t away = counts[k][ROW_STALE] + counts[k][ROW_UNTICKED];
        *counters[k] = MAX(*counters[k] - away, 0);
        t.stale += counts[k][ROW_STALE];
        t.unchanged += counts[k][ROW_UNTICKED];
    }
    a->run->tally = tally_json(a->mem, &t);
    return OK;
}

struct finish { struct run *run; const char *seen, *company; };

static enum err write_finish(struct work *w, void *arg)
{
    struct finish *f = arg;

    TRY(run_update(w, f->run));
    if (f->run->undoes && str_eq(f->run->kind, "undo")) {
        struct run undone;
        TRY(run_load(w, f->run->undoes, &undone));
        yyjson_val *root;
        TRY(json_read_in(w->mem, f->run->outcome, strlen(f->run->outcome), &root));
        /* A SCIM run goes on getting rows. */
        if (!json_flag(root, "single", false) && !str_eq(undone.kind, "scim")) {
            undone.state = "undone";
            TRY(run_update(w, &undone));
        }
    }
    return f->seen ? source_row_remember(w, f->run->source, f->seen, f->company) : OK;
}

static enum err finish(struct applier *a)
{
    struct finish f = { .run = a->run };
    struct source_row source;
    yyjson_val *root;

    TRY(json_read_in(a->mem, a->run->outcome, strlen(a->run->outcome), &root));
    f.seen = json_text(root, "seen");
    f.company = json_text(root, "company");
    if (f.seen) {
        TRY(source_row_by_id(a->w, a->run->source, &source));
        if (str_eq(source.seen, f.seen) && (!f.company || str_eq(source.company, f.company)))
            f.seen = NULL;                      /* nothing new was learnt */
    }
    a->run->state = "applied";
    a->run->finished_at = a->w->now = clock_now();
    return store_write(a->w, write_finish, &f);
}

static enum err apply_all(struct applier *a, const struct sync_request *q)
{
    struct arena_mark empty = arena_mark(a->w->mem);

    while (a->run->applied_upto < a->run->rows) {
        int64_t start = clock_tick();
        if (q && q->stop && *q->stop)
            return errf(ERR_STOPPED,
                        "stopped after %lld of %lld rows; the next sync of this source goes on "
                        "there",
                        (long long)a->run->applied_upto, (long long)a->run->rows);
        TRY(store_write(a->w, apply_batch, a));
        take_over(a);
        int64_t took = MAX(clock_tick() - start, 100);
        a->batch = MIN(MAX(a->batch * TARGET_US / (size_t)took, a->batch / 2), a->batch * 2);
        a->batch = MIN(MAX(a->batch, 16), MOST_BATCH);
        if (q && q->progress)
            q->progress(q->arg, "apply", a->run->applied_upto, a->run->rows);
        arena_reset(a->w->mem, empty);
    }
    return apply_sweep(a->w, a->run, a->attrs, a->absent, a->nabsent,
                       a->stale || a->aside || a->resumed);
}

enum err run_apply(struct work *w, struct run *run, const struct job *job,
                   const struct sync_request *q)
{
    AUTO(work) *mine = work_new(w->store, w->actor);        /* an arena that is emptied after each batch */
    struct applier a = { .w = mine,
                         .mem = w->mem,
                         .run = run,
                         .job = job,
                         .basis = run->basis,
                         .undo = str_eq(run->kind, "undo"),
                         .batch = FIRST_BATCH };
    struct attrs *attrs;

    mine->workspace = w->workspace;
    mine->now = w->now;
    TRY(attrs_load(w, &attrs));
    a.attrs = attrs;
    a.resumed = run->applied_upto > 0;
    if (run->rows > 0) {
        TRY(read_outcome(&a));
        if (a.resumed || a.aside)
            a.basis = 0;                        /* every chain is checked again */
        TRY(apply_all(&a, q));
    }
    if (a.stale || a.nabsent || a.aside || a.resumed)
        TRY(final_tally(&a));
    if (run->rows > 0)
        TRY(waiting_heal(w, attrs));
    return finish(&a);
}
