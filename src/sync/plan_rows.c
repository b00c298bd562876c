/*
 * plan_rows.c — rows are numbered in the order they are decided and stored in slices, while records
 * still arrive. The run's own row is written with the first slice, or at the end: a run that finds
 * nothing to change writes nothing else.
 */
#include <stdlib.h>

#include "base/id.h"
#include "base/str.h"
#include "store/job.h"
#include "store/store.h"
#include "sync/plan.h"

static enum err write_slice(struct work *w, void *arg)
{
    struct plan *p = arg;

    if (!p->stored)
        TRY(run_put(w, &p->run));
    for (size_t i = 0; i < p->nrows; i++)
        TRY(run_row_put(w, p->run.id, &p->rows[i]));
    return OK;
}

enum err plan_flush(struct plan *p)
{
    struct arena_mark none = {};

    if (p->nrows == 0)
        return OK;
    TRY(store_write(p->w, write_slice, p));
    p->stored = true;
    p->nrows = 0;
    arena_reset(p->row_mem, none);
    return OK;
}

static enum err write_run(struct work *w, void *arg)
{
    struct plan *p = arg;

    return p->stored ? run_update(w, &p->run) : run_put(w, &p->run);
}

enum err plan_store(struct plan *p)
{
    TRY(plan_flush(p));
    TRY(store_write(p->w, write_run, p));
    p->stored = true;
    return OK;
}

enum err plan_emit_row(struct plan *p, struct run_row *row)
{
    struct arena *a = p->row_mem;

    if (p->nrows == PLAN_BATCH)
        TRY(plan_flush(p));
    row->seq = ++p->run.rows;
    p->rows[p->nrows++] = (struct run_row){ row->seq,
                                            row->person,
                                            row->digest,
                                            row->kind,
                                            row->aside,
                                            arena_text(a, row->record),
                                            arena_text(a, row->changes),
                                            arena_text(a, row->said),
                                            arena_text(a, row->reason) };
    return OK;
}

/* Somebody was referred to by a key that this row's person has now. */
static void keep_key_promise(struct plan *p, const char *key, int64_t person)
{
    int64_t *who = key ? table_find(&p->who, plan_key_hash(p, KEY_ANCHOR + 1, key)) : NULL;
    bool fresh;

    if (!who || *who == person)
        return;
    if (*who > 0)                               /* the holder so far gives it up in this run */
        *table_put(&p->moved, plan_key_hash(p, KEY_ANCHOR + 1, key), person, &fresh) = person;
    else if (-*who != person)
        table_put(&p->alias, (uint64_t) - *who, person, &fresh);
    *who = person;
}

/* A user name that is the e-mail, an anchor that is the record's id: twins are found without it, and a
 * million people need a third of the table. */
static bool said_by_another(struct plan *p, const struct item *it, enum key_kind k)
{
    const char *other = k == KEY_USER_NAME ? item_key(p, it, KEY_EMAIL)
                        : k == KEY_ANCHOR  ? it->id
                                           : NULL;

    return other && str_eq(item_key(p, it, k), other);
}

/* Keys this row takes and gives up, and reporting lines to look at once everybody is known. */
static void remember(struct plan *p, const struct item *it, int64_t person, const struct changes *c,
                     int64_t seq)
{
    bool fresh;

    for (size_t i = 0; i < c->n; i++) {
        const struct change *one = &c->list[i];
        enum key_kind k = attr_key_kind(one->attr);
        if (k && one->after) {
            if (!said_by_another(p, it, k))
                table_put(&p->keys, plan_key_hash(p, k, item_key(p, it, k)), person, &fresh);
            keep_key_promise(p, item_key(p, it, k), person);
        }
        if (k && one->before)
            table_put(&p->freed, plan_key_hash(p, k, key_fold(p->w->mem, k, one->before)), person,
                      &fresh);
        if (one->attr->type != ATTR_PERSON || (!one->after && one->attr->flags & ATTR_MANY))
            continue;
        int64_t *ids;
        size_t n = ids_read(p->w->mem, one->after, &ids);
        for (size_t q = 0; q < MAX(n, (size_t)!one->after);
             q++) { /* a manager taken away: target 0 */
            if (p->nedges == p->cap_edges) {
                p->cap_edges = p->cap_edges ? p->cap_edges * 2 : 1024;
                p->edges = must_realloc(p->edges, p->cap_edges * sizeof *p->edges);
            }
            p->edges[p->nedges++] = (struct edge){ person, one->after ? ids[q] : 0, seq,
                                                   one->attr->flags & ATTR_MANY, false };
        }
    }
}

/* What apply needs beside the changes rides in the claims, under names of its own; it is taken out
 * there: "!missing" (complete runs without the record), "!mark" (keyed hash of the e-mail), "!reason"
 * (why there is no person), "!released" (holds that end). */
static const char *with_riders(struct plan *p, const struct item *it, const struct changes *c,
                               enum link_reason reason)
{
    struct said fresh = { NEW_ARRAY(p->w->mem, struct claim, it->fresh.n + 5), 0 };

    if (it->awaits)
        fresh.list[fresh.n++] = (struct claim){ "!awaits", it->awaits };
    if (reason != LINK_NONE && it->email)
        fresh.list[fresh.n++] =
            (struct claim){ "!mark",
                            crypt_mac(p->w->mem, store_key(p->w->store), "e-mail without a person",
                                      str_fold(p->w->mem, it->email)) };
    if (reason != LINK_NONE)
        fresh.list[fresh.n++] = (struct claim){ "!reason", arena_printf(p->w->mem, "%d", reason) };
    if (it->released)
        fresh.list[fresh.n++] = (struct claim){ "!released", it->released };
    for (size_t i = 0; i < it->fresh.n; i++)
        if (reason == LINK_NONE ||
            it->fresh.list[i].name[0] == '?') /* no person: no values are kept */
            fresh.list[fresh.n++] = it->fresh.list[i];
    return said_delta(p->w->mem, &it->old, c, &fresh);
}

enum err plan_emit(struct plan *p, const struct item *it, enum row_kind kind, int64_t person,
                   const struct changes *c, enum link_reason reason, const char *why)
{
    AUTO_BUF text = {};
    struct run_row row = { .person = person,
                           .kind = kind,
                           .record = it->id,
                           .reason = why,
                           .digest = it->settled ? (int64_t)it->digest : 0 };

    if (kind == ROW_NOTE && reason != LINK_NONE && it->link.id && it->link.reason == reason &&
        !it->released && it->link.digest == row.digest && it->link.person == person)
        return OK;                              /* as it was */
    changes_write(&text, c);
    row.changes = text.at;
    row.said = with_riders(p, it, c, reason);
    TRY(plan_emit_row(p, &row));
    remember(p, it, person, c, row.seq);
    return OK;
}

void plan_void_later(struct plan *p, int64_t person)
{
    if (p->nvoided == p->cap_voided) {
        p->cap_voided = p->cap_voided ? p->cap_voided * 2 : 64;
        p->voided = must_realloc(p->voided, p->cap_voided * sizeof *p->voided);
    }
    p->voided[p->nvoided++] = person;
}

static int by_id(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static void uncount(struct plan *p, enum row_kind kind)
{
    int64_t *counters[ROW_KINDS] = {
        [ROW_CREATE] = &p->tally.created,         [ROW_RESTORE] = &p->tally.created,
        [ROW_UPDATE] = &p->tally.updated, [ROW_LINK] = &p->tally.updated,
        [ROW_DEACTIVATE] = &p->tally.deactivated, [ROW_SUSPEND] = &p->tally.suspended,
        [ROW_REACTIVATE] = &p->tally.reactivated, [ROW_NOTE] = &p->tally.unchanged
    };

    if (counters[kind])
        --*counters[kind];
    p->gone -= kind == ROW_DEACTIVATE || kind == ROW_SUSPEND;
    p->tally.conflicts++;
}

static enum err write_voided(struct work *w, void *arg)
{
    struct plan *p = arg;

    for (size_t i = 0; i < p->nvoided; i++)
        TRY(run_row_set_aside(w, p->run.id, p->voided[i], ROW_CONFLICT,
                              "another record has the same id, e-mail, user name or anchor"));
    return OK;
}

enum err plan_void(struct plan *p)
{
    size_t n = 0;
    int64_t last = 0;

    if (p->nvoided == 0)
        return OK;
    TRY(plan_flush(p));
    qsort(p->voided, p->nvoided, sizeof *p->voided, by_id);
    for (size_t i = 0; i < p->nvoided; i++) {
        struct run_row *rows;
        size_t found;
        if (i && p->voided[i] == last)
            continue;
        last = p->voided[i];
        TRY(run_rows_about(p->w, p->run.id, last, &rows, &found));
        if (found == 0) {                       /* they were as they are, and stay so */
            uncount(p, ROW_NOTE);
            continue;
        }
        uncount(p, rows[0].kind);
        p->aside += rows[0].kind == ROW_CREATE;
        p->voided[n++] = rows[0].seq;           /* from here on the list is of rows */
    }
    p->nvoided = n;
    return n ? store_write(p->w, write_voided, p) : OK;
}

/* ---- teams ---- */

static enum err emit_team(struct plan *p, int64_t id, const char *key, const char *before,
                          const char *after)
{
    struct run_row row = { .person = id,
                           .kind = ROW_TEAM,
                           .record = key,
                           .changes = team_name_change(p->w->mem, before, after),
                           .reason =
                               before ? "renamed at the source" : "a value that no team has yet" };
    return plan_emit_row(p, &row);
}

static struct team *team_at(struct plan *p, const struct table *t, const char *text)
{
    int64_t *at = text ? table_find(t, crypt_hash(&p->hash, text, strlen(text)) | 1) : NULL;

    return at ? p->teams->all[*at] : NULL;
}

static void index_team(struct plan *p, struct table *t, const char *text, size_t at)
{
    bool fresh;

    *table_put(t, crypt_hash(&p->hash, text, strlen(text)) | 1, (int64_t)at, &fresh) = (int64_t)at;
}

/* The entry of the source's list has another name now: the team follows, if it is only the source's. */
static enum err rename_team(struct plan *p, struct team *t, const char *name, bool *done)
{
    bool manual = false;

    *done = false;
    TRY(team_has_manual(p->w, t->id, &manual));
    if (manual) {
        findings_add(&p->findings, FINDING_team_renamed, t->name, name, NULL);
        t->source_key = NULL;
        return OK;
    }
    TRY(emit_team(p, t->id, t->source_key, t->name, name));
    t->name = arena_text(p->mem, name);
    for (size_t i = 0; i < p->teams->n; i++)
        if (p->teams->all[i] == t)
            index_team(p, &p->team_names, name, i);
    *done = true;
    return OK;
}

enum err plan_team(struct plan *p, const char *name, const char *key, int64_t *id)
{
    struct team *t = team_at(p, &p->team_names, name), *same = team_at(p, &p->team_keys, key);

    if (t && str_eq(t->name, name)) {
        if (same && same != t && same->source_key && !str_eq(same->name, name)) {
            findings_add(&p->findings, FINDING_team_taken, same->name, name, NULL);
            same->source_key = NULL;            /* said once */
        }
        *id = team_meant(p->teams, t)->id;
        return OK;
    }
    if (same && same->source_key && !same->merged) {
        bool done;
        TRY(rename_team(p, same, name, &done));
        if (done) {
            *id = same->id;
            return OK;
        }
    }
    struct team *alike = team_alike(p->w->mem, p->teams, name);
    if (alike)
        findings_add(&p->findings, FINDING_team_alike, alike->name, name, NULL);
    ARENA_GROW(p->mem, p->teams->all, p->teams->n, p->teams->cap);
    t = p->teams->all[p->teams->n] = NEW(p->mem, struct team);
    *t = (struct team){ .id = id_new(),
                        .name = arena_text(p->mem, name),
                        .kind = TEAM_SYNCED,
                        .source = p->source->id,
                        .source_key = arena_text(p->mem, key),
                        .fresh = true };
    index_team(p, &p->team_names, name, p->teams->n);
    if (key)
        index_team(p, &p->team_keys, key, p->teams->n);
    p->teams->n++;
    *id = t->id;
    return emit_team(p, t->id, key, NULL, name);
}
