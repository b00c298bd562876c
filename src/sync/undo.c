/*
 * undo.c — what a person decides about a plan or a run: apply it, refuse it, tick rows out, undo it.
 */
#include "base/clock.h"
#include "base/id.h"
#include "base/str.h"
#include "base/table.h"
#include "people/link.h"
#include "people/team.h"
#include "store/store.h"
#include "sync/held.h"
#include "sync/run.h"
#include "sync/said.h"

enum { SLICE = 256 };

/* ---- held back: a planned row that is not to happen ---- */

static const char *hr_value(const struct said *said, const struct change *c)
{
    if (str_eq(c->attr->name, "state"))
        return said_text(said, "?status");
    const struct claim *claim = said_find(said, c->attr->name);
    return claim ? claim->text : c->after;
}

/* Remembers each change of a row with the HR value it was about. */
static enum err hold_row(struct work *w, const struct attrs *as, const struct run *run,
                         const struct run_row *row)
{
    struct changes c;
    struct link link = {};
    struct said old, said;

    if (!row->record || row->kind == ROW_TEAM || row->kind == ROW_NOTE || !run->source)
        return OK;
    TRY(changes_read(w->mem, as, row->changes, strlen(row->changes), &c));
    TRY(links_by_record(w, run->source, &row->record, 1, &link));
    TRY(said_read(w->mem, link.said, &old));
    TRY(said_merge(w->mem, &old, &c, row->said, &said));
    for (size_t i = 0; i < c.n; i++) {
        if (row->kind == ROW_CREATE && !str_eq(c.list[i].attr->name, "state"))
            continue;
        struct held h = { .source = run->source,
                          .person = row->person,
                          .run = run->id,
                          .since = w->now,
                          .record = row->record,
                          .attribute = c.list[i].attr->name,
                          .said = hr_value(&said, &c.list[i]) };
        TRY(held_put(w, &h));
    }
    if (!link.id || !link.digest)
        return OK;
    link.digest = 0;
    link.said = NULL;
    return link_put(w, &link);
}

struct holding {
    const struct attrs *attrs;
    struct run *run;
    const int64_t *unticked;        /* NULL: every row */
    size_t n;
    int64_t after;                  /* slices of a refused plan */
    bool more;
};

static enum err refuse_slice(struct work *w, void *arg)
{
    struct holding *h = arg;
    struct run_row *rows;
    size_t n;

    TRY(run_rows(w, h->run->id, h->after, h->run->rows, SLICE, &rows, &n));
    for (size_t i = 0; i < n; i++)
        TRY(hold_row(w, h->attrs, h->run, &rows[i]));
    h->more = n == SLICE;
    if (h->more)
        return OK;
    h->run->state = "refused";
    h->run->finished_at = w->now;
    return run_update(w, h->run);
}

static enum err waits_for_a_person(const struct run *run)
{
    if (str_eq(run->state, "held") || str_eq(run->state, "planned"))
        return OK;
    return errf(
        ERR_CONFLICT, "run %s is %s; only a planned or held one can be applied or refused%s",
        id_text(run->id), run->state,
        str_eq(run->state, "superseded") ? ". A newer plan of this source took its place" : "");
}

enum err sync_refuse(struct work *w, int64_t id, struct run *out)
{
    struct attrs *attrs;

    TRY(attrs_load(w, &attrs));
    TRY(run_load(w, id, out));
    TRY(waits_for_a_person(out));
    struct holding h = { .attrs = attrs, .run = out };
    struct arena_mark empty = arena_mark(w->mem);
    do {
        TRY(store_write(w, refuse_slice, &h));
        h.after += SLICE;
        arena_reset(w->mem, empty);
    } while (h.more);
    return OK;
}

/* ---- applying a stored plan ---- */

static enum err start_applying(struct work *w, void *arg)
{
    struct holding *h = arg;

    for (size_t i = 0; i < h->n; i++) {
        struct run_row row;
        TRY(run_row_load(w, h->run->id, h->unticked[i], &row));
        if (row.aside != ROW_GOES)
            continue;
        if (row.kind == ROW_TEAM)
            return errf(ERR_CONFLICT,
                        "row %lld is a team that other rows of this plan need (%s); tick out the "
                        "people instead",
                        (long long)row.seq, row.changes);
        TRY(hold_row(w, h->attrs, h->run, &row));
        TRY(run_row_set_aside(w, h->run->id, row.seq, ROW_UNTICKED, "unticked"));
    }
    h->run->state = "applying";
    return run_update(w, h->run);
}

struct lease { int64_t ref; struct job job; bool failed; };

static enum err take_lease(struct work *w, void *arg)
{
    struct lease *l = arg;

    TRY(job_ensure(w, "sync", l->ref, &l->job));
    return job_take(w, "sync", l->ref, &l->job);
}

static enum err drop_lease(struct work *w, void *arg)
{
    struct lease *l = arg;

    return job_done(w, &l->job, l->job.due_at, l->failed);
}

/* The count of rows set aside tells run_apply() to look for people who were not made. */
static const char *with_aside(struct work *w, const char *outcome, size_t n)
{
    yyjson_val *root, *key, *val;
    AUTO_BUF text = {};
    struct json_out j = { &text };
    size_t i, max;

    if (json_read_in(w->mem, outcome, strlen(outcome), &root) != OK)
        return outcome;
    json_open(&j, '{');
    yyjson_obj_foreach(root, i, max, key, val)
        if (!str_eq(yyjson_get_str(key), "aside")) {
            json_key(&j, yyjson_get_str(key));
            json_val(&j, val);
        }
    json_put_num(&j, "aside", json_int(root, "aside", 0) + (int64_t)n);
    json_close(&j, '}');
    return arena_textn(w->mem, text.at, text.n);
}

static enum err apply_leased(struct work *w, struct run *run, const int64_t *unticked, size_t n,
                             const struct job *job, const struct sync_request *q)
{
    struct attrs *attrs;

    TRY(attrs_load(w, &attrs));
    struct holding h = { .attrs = attrs, .run = run, .unticked = unticked, .n = n };
    TRY(waits_for_a_person(run));
    if (n)
        run->outcome = with_aside(w, run->outcome, n);
    TRY(store_write(w, start_applying, &h));
    return run_apply(w, run, job, q);
}

enum err sync_apply(struct work *w, int64_t id, const int64_t *unticked, size_t n,
                    const struct sync_request *q, struct run *out)
{
    TRY(run_load(w, id, out));
    TRY(waits_for_a_person(out));
    struct lease lease = { .ref = out->source };
    AUTO(keeper) *keeper = NULL;
    TRY(store_write(w, take_lease, &lease));
    TRY(run_load(w, id, out));                  /* as it is now that nobody else can touch it */
    enum err e = keeper_start(w, &lease.job, &keeper);
    if (e == OK)
        e = apply_leased(w, out, unticked, n, &lease.job, q);
    const char *words = e == OK ? NULL : arena_text(w->mem, err_text());
    lease.failed = e != OK;
    enum err back = store_write(w, drop_lease, &lease);
    if (e != OK)
        return errf(e, "%s", words);
    return back;
}

/* ---- undo ---- */

struct undoing {
    struct work *w;
    struct arena *mem;
    const struct attrs *attrs;
    struct run *undone, *run;
    struct run_row rows[SLICE];
    size_t n;
    struct tally tally;
    int64_t gone;
    struct range from_together, together;
    struct table folded;            /* whom (or whose membership) is decided: all their rows at once */
    bool single;                    /* one row, whatever else is about that person */
};

static enum err store_slice(struct work *w, void *arg)
{
    struct undoing *u = arg;

    if (u->run->rows == (int64_t)u->n)
        TRY(run_put(w, u->run));
    for (size_t i = 0; i < u->n; i++)
        TRY(run_row_put(w, u->run->id, &u->rows[i]));
    return OK;
}

/* Everything that is as this run left it goes back; the rest is kept, and says why. */
static void invert(struct undoing *u, const struct changes *was, const struct person *p,
                   int64_t owner, struct changes *back, struct run_row *row)
{
    struct arena *a = u->w->mem;

    for (size_t i = 0; i < was->n; i++) {
        const struct change *c = &was->list[i];
        const char *is = person_value(a, p, c->attr, owner);
        if (str_eq(is, c->after))
            changes_add(a, back, c->attr, c->after, c->before);
        else
            row->reason = arena_printf(a, "%s is kept: it changed since", c->attr->label);
    }
    if (back->n == 0) {
        row->aside = ROW_KEPT;
        u->tally.unchanged++;
    }
}

static enum err undo_person(struct undoing *u, const struct run_row *past, const struct person *p)
{
    struct changes was, back = {};
    struct run_row row = { .person = past->person, .record = past->record, .kind = ROW_UPDATE };
    AUTO_BUF text = {};

    if (!p || past->kind == ROW_NOTE)
        return OK;
    if (past->kind == ROW_MEMBER)
        row.kind = ROW_MEMBER;
    u->tally.read++;
    TRY(changes_read(u->w->mem, u->attrs, past->changes, strlen(past->changes), &was));
    if (past->kind == ROW_CREATE || past->kind == ROW_RESTORE) {
        row.kind = ROW_WITHDRAW;
        if (p->state == STATE_WITHDRAWN) {
            row.aside = ROW_KEPT;
            row.reason = "they were withdrawn already";
        } else {
            changes_add(u->w->mem, &back, attr_builtin("state"), state_name(p->state),
                        state_name(STATE_WITHDRAWN));
            u->tally.deactivated++;
            u->gone++;
        }
    } else {
        struct past one = { .row = *past, .source = u->undone->source };
        invert(u, &was, p, past_owner(&one), &back, &row);
        const struct change *state = changes_find(&back, "state");
        if (state && str_eq(state->after, "active")) {
            row.kind = ROW_REACTIVATE;
            u->tally.reactivated++;
        } else if (state) {
            row.kind = str_eq(state->after, "suspended") ? ROW_SUSPEND : ROW_DEACTIVATE;
            u->tally.deactivated++;
            u->gone++;
        } else if (back.n) {
            u->tally.updated++;
        }
    }
    changes_write(&text, &back);
    row.seq = ++u->run->rows;
    row.changes = arena_textn(u->w->mem, text.at, text.n);      /* until the slice is stored */
    if (past->seq >= u->from_together.from && past->seq <= u->from_together.to) {
        u->together.to = row.seq;
        if (!u->together.from)
            u->together.from = row.seq;
    }
    u->rows[u->n++] = row;
    return OK;
}

static enum err undo_team(struct undoing *u, const struct run_row *past)
{
    yyjson_val *root;

    TRY(json_read_in(u->w->mem, past->changes, strlen(past->changes), &root));
    yyjson_val *name = yyjson_obj_get(root, "name");
    u->rows[u->n++] = (struct run_row){ .seq = ++u->run->rows,
                                        .person = past->person,
                                        .kind = ROW_TEAM,
                                        .changes = team_name_change(
                                            u->w->mem, yyjson_get_str(yyjson_arr_get(name, 1)),
                                            yyjson_get_str(yyjson_arr_get(name, 0))) };
    return OK;
}

/* `later` is about the same person: one change from the state before the first to that after the last. */
static enum err fold(struct undoing *u, struct run_row *row, const struct run_row *later)
{
    struct changes was, more;
    AUTO_BUF text = {};

    TRY(changes_read(u->w->mem, u->attrs, row->changes, strlen(row->changes), &was));
    TRY(changes_read(u->w->mem, u->attrs, later->changes, strlen(later->changes), &more));
    for (size_t i = 0; i < more.n; i++) {
        const struct change *c = &more.list[i], *first = changes_find(&was, c->attr->name);
        const char *before = first ? first->before : c->before;
        if (str_eq(before, c->after))
            changes_drop(&was, c->attr->name);
        else
            changes_add(u->w->mem, &was, c->attr, before, c->after);
    }
    changes_write(&text, &was);
    row->changes = arena_textn(u->w->mem, text.at, text.n);
    if (!row->record)
        row->record = later->record;
    return OK;
}

static bool about_the_same(const struct run_row *a, const struct run_row *b)
{
    bool member = a->kind == ROW_MEMBER;

    return a->person == b->person && member == (b->kind == ROW_MEMBER) &&
           (!member || str_eq(a->record, b->record));
}

static bool counts(const struct run_row *row)
{
    return row->kind != ROW_TEAM && row->kind != ROW_NOTE && row->aside == ROW_GOES;
}

/* All rows of the run that are about the same as this one, as a single change. */
static enum err fold_all(struct undoing *u, struct run_row *row)
{
    struct run_row *rows, first = {};
    size_t n;

    TRY(run_rows_about(u->w, u->undone->id, row->person, &rows, &n));
    for (size_t i = 0; i < n; i++) {
        if (!counts(&rows[i]) || !about_the_same(&rows[i], row))
            continue;
        if (!first.person)
            first = rows[i];
        else
            TRY(fold(u, &first, &rows[i]));
    }
    *row = first;
    return OK;
}

/* A person has one row in a sync, but as many as there were changes in an hour of edits or of a client's requests. */
static enum err fold_rows(struct undoing *u, struct run_row *rows, size_t n)
{
    bool fresh;

    if (u->single || str_eq(u->undone->kind, "sync") || str_eq(u->undone->kind, "undo"))
        return OK;
    for (size_t i = n; i-- > 0;) {
        int64_t group = 0;
        if (!counts(&rows[i]))
            continue;
        if (rows[i].kind == ROW_MEMBER && !id_read(rows[i].record, &group))
            continue;
        table_put(&u->folded,
                  ((uint64_t)rows[i].person ^ (uint64_t)group * 0x9e3779b97f4a7c15u) | 1, 1,
                  &fresh);
        if (fresh)
            TRY(fold_all(u, &rows[i]));
        else
            rows[i].aside = ROW_KEPT;
    }
    return OK;
}

/* One slice of the undone run, last row first. */
static enum err undo_slice(struct undoing *u, struct run_row *rows, size_t n)
{
    int64_t *ids = NEW_ARRAY(u->w->mem, int64_t, n + 1);
    struct person **people = NEW_ARRAY(u->w->mem, struct person *, n + 1);

    for (size_t i = 0; i < n; i++)
        ids[i] = rows[i].person;
    TRY(people_load(u->w, u->attrs, ids, n, LOAD_TEAMS, people));
    TRY(fold_rows(u, rows, n));
    for (size_t i = n; i-- > 0;) {
        if (rows[i].aside != ROW_GOES)
            continue;
        if (rows[i].kind == ROW_TEAM)
            TRY(undo_team(u, &rows[i]));
        else
            TRY(undo_person(u, &rows[i], people[i]));
    }
    if (u->n)
        TRY(store_write(u->w, store_slice, u));
    u->n = 0;
    return OK;
}

static enum err undo_rows(struct undoing *u, int64_t seq)
{
    struct arena_mark empty = arena_mark(u->w->mem);
    int64_t upto = seq ? seq : u->undone->applied_upto;
    struct run_row *rows;
    size_t n;

    u->single = seq > 0;
    do {
        TRY(run_rows_last(u->w, u->undone->id, upto, seq ? 1 : SLICE, &rows, &n));
        upto = n ? rows[0].seq - 1 : 0;
        TRY(undo_slice(u, rows, n));
        arena_reset(u->w->mem, empty);
    } while (!seq && n == SLICE);
    return OK;
}

static const char *undo_guard(struct undoing *u, bool single, bool yes)
{
    AUTO_BUF text = {};
    struct json_out j = { &text };

    if (single || yes || u->gone <= 20)
        return NULL;
    json_open(&j, '[');
    json_open(&j, '{');
    json_put(&j, "guard", "deactivations");
    json_put(&j, "message",
             arena_printf(u->mem,
                          "undoing this run would withdraw or deactivate %lld people; say "
                          "--yes, or apply the plan after looking it through",
                          (long long)u->gone));
    json_close(&j, '}');
    json_close(&j, ']');
    return arena_textn(u->mem, text.at, text.n);
}

static enum err store_undo(struct work *w, void *arg)
{
    struct undoing *u = arg;

    return u->run->rows ? run_update(w, u->run) : run_put(w, u->run);
}

static enum err undo_leased(struct work *w, struct run *undone, int64_t seq,
                            const struct sync_request *q, const struct job *job, struct run *out)
{
    AUTO(work) *scratch = work_new(w->store, w->actor);
    struct undoing u = { .w = scratch, .mem = w->mem, .undone = undone, .run = out };
    struct attrs *attrs;
    yyjson_val *root;

    scratch->workspace = w->workspace;
    scratch->now = w->now;
    TRY(attrs_load(w, &attrs));
    u.attrs = attrs;
    TRY(json_read_in(w->mem, undone->outcome, strlen(undone->outcome), &root));
    u.from_together =
        (struct range){ json_int(root, "together_from", 0), json_int(root, "together_to", 0) };
    *out = (struct run){ .id = id_new(),
                         .source = undone->source,
                         .kind = "undo",
                         .state = "fetching",
                         .started_at = w->now,
                         .undoes = undone->id,
                         .actor = arena_printf(w->mem, "%s:%s", w->actor->kind, w->actor->name) };
    enum err e = undo_rows(&u, seq);
    table_free(&u.folded);
    TRY(e);
    out->guards = undo_guard(&u, seq > 0, q->yes);
    out->outcome =
        arena_printf(w->mem, "{\"single\":%s,\"together_from\":%lld,\"together_to\":%lld}",
                     seq ? "true" : "false", (long long)u.together.from, (long long)u.together.to);
    out->tally = tally_json(w->mem, &u.tally);
    out->state = out->guards ? "held" : "applying";
    TRY(store_write(w, store_undo, &u));
    return out->guards ? OK : run_apply(w, out, job, q);
}

enum err sync_undo(struct work *w, int64_t id, int64_t seq, const struct sync_request *q,
                   struct run *out)
{
    struct run undone;
    struct run_row row;

    TRY(run_load(w, id, &undone));
    if (seq) {
        TRY(run_row_load(w, id, seq, &row));
        if (seq > undone.applied_upto || row.aside != ROW_GOES)
            return errf(ERR_CONFLICT,
                        "change %lld of run %s did not happen: there is nothing to undo",
                        (long long)seq, id_text(id));
    } else if (!str_eq(undone.state, "applied")) {
        return errf(ERR_CONFLICT, "run %s is %s; only an applied run can be undone", id_text(id),
                    undone.state);
    }
    struct lease lease = { .ref = undone.source };
    AUTO(keeper) *keeper = NULL;
    TRY(store_write(w, take_lease, &lease));
    enum err e = keeper_start(w, &lease.job, &keeper);
    if (e == OK)
        e = undo_leased(w, &undone, seq, q, &lease.job, out);
    const char *words = e == OK ? NULL : arena_text(w->mem, err_text());
    lease.failed = e != OK;
    enum err back = store_write(w, drop_lease, &lease);
    if (e != OK)
        return errf(e, "%s", words);
    return back;
}
