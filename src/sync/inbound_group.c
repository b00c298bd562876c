/*
 * inbound_group.c — a client's groups. A write costs what it names: who is really to come in or to go out is found
 * out first, then people are written in slices, and the group's version rises once.
 */
#include <stdlib.h>

#include "base/id.h"
#include "base/json.h"
#include "base/str.h"
#include "people/group_sql.h"
#include "store/store.h"
#include "sync/inbound_in.h"

enum { SLICE = STORE_IN_MOST };

struct ids { int64_t *list; size_t n; };

struct regroup {
    struct work *w;
    struct inbound_group *in;
    struct house house;
    struct group group;
    struct ids in_now, add, remove; /* in_now: only where all are replaced */
    bool renamed, moved;
    int64_t team_was;
};

/* ---- who comes and who goes ---- */

static int by_id(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

static bool has(const struct ids *sorted, int64_t id)
{
    return sorted->n && bsearch(&id, sorted->list, sorted->n, sizeof id, by_id);
}

static enum err read_members(struct work *w, const struct group *g, struct ids *out)
{
    size_t cap = 0, n = 0;
    int64_t after = 0, page[SLICE];

    do {
        TRY(group_page_ids(w, g, after, SLICE, page, &n));
        for (size_t i = 0; i < n; i++) {
            ARENA_GROW(w->mem, out->list, out->n, cap);
            out->list[out->n++] = page[i];
            after = page[i];
        }
    } while (n == SLICE);
    return OK;
}

/* Only people the source sees come in; the others are counted. */
static enum err choose_added(struct regroup *x)
{
    const struct inbound_group *in = x->in;
    bool *seen = NEW_ARRAY(x->w->mem, bool, in->nadd + 1);
    bool *there = NEW_ARRAY(x->w->mem, bool, in->nadd + 1);

    x->in->skipped = 0;
    x->add.list = NEW_ARRAY(x->w->mem, int64_t, in->nadd + 1);
    if (in->nadd == 0)
        return OK;
    TRY(people_seen(x->w, in->source, in->add, in->nadd, seen));
    if (in->group && !in->replaces)
        TRY(group_has(x->w, &x->group, in->add, in->nadd, there));
    for (size_t i = 0; i < in->nadd; i++) {
        if (!seen[i])
            x->in->skipped++;
        else if (!there[i] && !has(&x->in_now, in->add[i]))
            x->add.list[x->add.n++] = in->add[i];
    }
    return OK;
}

static enum err choose_removed(struct regroup *x)
{
    const struct inbound_group *in = x->in;

    if (!in->replaces) {
        bool *there = NEW_ARRAY(x->w->mem, bool, in->nremove + 1);
        x->remove.list = NEW_ARRAY(x->w->mem, int64_t, in->nremove + 1);
        TRY(group_has(x->w, &x->group, in->remove, in->nremove, there));
        for (size_t i = 0; i < in->nremove; i++)
            if (there[i])
                x->remove.list[x->remove.n++] = in->remove[i];
        return OK;
    }
    struct ids wanted = { NEW_ARRAY(x->w->mem, int64_t, in->nadd + 1), in->nadd };
    if (in->nadd)
        memcpy(wanted.list, in->add, in->nadd * sizeof *in->add);
    qsort(wanted.list, wanted.n, sizeof *wanted.list, by_id);
    x->remove.list = NEW_ARRAY(x->w->mem, int64_t, x->in_now.n + 1);
    for (size_t i = 0; i < x->in_now.n; i++)
        if (!has(&wanted, x->in_now.list[i]))
            x->remove.list[x->remove.n++] = x->in_now.list[i];
    return OK;
}

static enum err choose(struct regroup *x)
{
    if (x->in->group && x->in->replaces)
        TRY(read_members(x->w, &x->group, &x->in_now));
    TRY(choose_added(x));
    return x->in->group ? choose_removed(x) : OK;
}

/* ---- people ---- */

static enum err member_row(struct regroup *x, const struct edit *e)
{
    AUTO_BUF text = {};

    changes_write(&text, &e->changes);
    struct run_row row = { .person = e->person,
                           .kind = ROW_MEMBER,
                           .record = id_text(x->group.id),
                           .changes = text.at,
                           .reason = x->in->reason };
    return inbound_row(x->w, &x->house, &row);
}

/* One slice from one team to another; 0: not in. */
static enum err move_slice(struct regroup *x, const int64_t *people, size_t n, int64_t from,
                           int64_t to)
{
    struct work *w = x->w;
    struct person **known = NEW_ARRAY(w->mem, struct person *, n + 1);
    struct edit *edits = NEW_ARRAY(w->mem, struct edit, n + 1);
    struct apply_context c = { .attrs = x->in->attrs, .owner = x->group.id, .settled = true };
    size_t going = 0;

    TRY(people_load(w, x->in->attrs, people, n, 0, known));
    for (size_t i = 0; i < n; i++) {
        if (!known[i])
            continue;
        struct edit *e = &edits[going++];
        e->person = people[i];
        e->known = known[i];
        changes_add(w->mem, &e->changes, attr_builtin("teams"),
                    from ? arena_text(w->mem, id_text(from)) : NULL,
                    to ? arena_text(w->mem, id_text(to)) : NULL);
    }
    TRY(people_apply(w, &c, edits, going));
    for (size_t i = 0; i < going; i++)
        if (edits[i].result == EDIT_DONE)
            TRY(member_row(x, &edits[i]));
    return OK;
}

static enum err move_people(struct regroup *x, const struct ids *people, int64_t from, int64_t to)
{
    struct arena_mark empty = arena_mark(x->w->mem);

    for (size_t at = 0; at < people->n; at += SLICE) {
        TRY(move_slice(x, people->list + at, MIN(people->n - at, (size_t)SLICE), from, to));
        arena_reset(x->w->mem, empty);
    }
    return OK;
}

/* ---- names ---- */

static enum err name_free(struct regroup *x, const char *name)
{
    int64_t holder;

    TRY(group_by_name(x->w, x->in->source, name, &holder));
    return !holder || holder == x->group.id
               ? OK
               : errf(ERR_CONFLICT, "displayName '%s' is another group's", name);
}

static enum err external_free(struct regroup *x, const char *external)
{
    int64_t holder = 0;

    if (external)
        TRY(group_by_external(x->w, x->in->source, external, &holder));
    return !holder || holder == x->group.id
               ? OK
               : errf(ERR_CONFLICT, "externalId '%s' is another group's", external);
}

static enum err rename_row(struct regroup *x, const struct team *t, const char *name)
{
    struct run_row row = { .person = t->id,
                           .kind = ROW_TEAM,
                           .changes = team_name_change(x->w->mem, t->name, name),
                           .reason = x->in->reason };
    return inbound_row(x->w, &x->house, &row);
}

/* The team is renamed with its group if it is this group's alone; else the group goes to the team of that name. */
static enum err rename_team(struct regroup *x, const char *name)
{
    struct team team, other;
    bool manual = true, alone = false;

    TRY(team_load(x->w, x->group.team, &team));
    if (str_eq(team.name, name))
        return OK;
    TRY(team_find(x->w, name, &other));
    if (other.id == team.id)
        return OK;
    if (team.kind == TEAM_SYNCED && team.source == x->in->source && !other.id) {
        TRY(team_has_manual(x->w, team.id, &manual));
        TRY(group_alone(x->w, team.id, x->group.id, &alone));
    }
    if (!manual && alone) {
        TRY(team_rename(x->w, team.id, name));
        return rename_row(x, &team, name);
    }
    x->team_was = team.id;
    x->moved = true;
    return inbound_team(x->w, &x->house, name, &x->group.team);
}

static enum err rename_group(struct regroup *x)
{
    const struct inbound_group *in = x->in;

    if (in->name && !str_eq(in->name, x->group.name)) {
        if (!*str_trim(x->w->mem, in->name))
            return errf(ERR_INVALID, "displayName is empty");
        TRY(name_free(x, in->name));
        TRY(rename_team(x, in->name));
        x->group.name = in->name;
        x->renamed = true;
    }
    if (in->sets_external_id && !str_eq(in->external_id, x->group.external_id)) {
        TRY(external_free(x, in->external_id));
        x->group.external_id = in->external_id;
        x->renamed = true;
    }
    return OK;
}

/* ---- the whole ---- */

static enum err make_group(struct regroup *x)
{
    const struct inbound_group *in = x->in;

    if (!in->name || !*str_trim(x->w->mem, in->name))
        return errf(ERR_INVALID, "displayName is required");
    x->group = (struct group){ .id = in->fresh ? in->fresh : id_new(),
                               .source = in->source,
                               .version = 1,
                               .created_at = x->w->now,
                               .updated_at = x->w->now,
                               .name = in->name,
                               .external_id = in->sets_external_id ? in->external_id : NULL };
    TRY(name_free(x, in->name));
    TRY(external_free(x, x->group.external_id));
    TRY(choose(x));
    TRY(inbound_team(x->w, &x->house, in->name, &x->group.team));
    TRY(group_put(x->w, &x->group));
    return move_people(x, &x->add, 0, x->group.team);
}

static enum err change_group(struct regroup *x)
{
    struct inbound_group *in = x->in;
    struct ids stay = {};

    TRY(group_load(x->w, in->source, in->group, &x->group));
    if (in->version && in->version != x->group.version)
        return errf(ERR_STALE, "the group was changed since it was read: version %lld is %lld now",
                    (long long)in->version, (long long)x->group.version);
    TRY(choose(x));
    struct group before = x->group;
    TRY(rename_group(x));
    in->changed = x->renamed || x->add.n || x->remove.n;
    if (!in->changed)
        return OK;
    x->group.version++;
    x->group.updated_at = x->w->now;
    TRY(group_put_changed(x->w, &x->group));        /* first: writers of one group follow each other */
    TRY(move_people(x, &x->remove, before.team, 0));
    if (x->moved) {
        TRY(read_members(x->w, &before, &stay));
        TRY(move_people(x, &stay, x->team_was, x->group.team));
    }
    return move_people(x, &x->add, 0, x->group.team);
}

enum err inbound_group(struct work *w, struct inbound_group *in)
{
    struct regroup x = { .w = w, .in = in };

    in->changed = true;
    in->skipped = 0;
    TRY(house_load(w, in->source, &x.house));
    TRY(in->group ? change_group(&x) : make_group(&x));
    in->id = x.group.id;
    return OK;
}

enum err inbound_group_delete(struct work *w, const struct inbound_group *in, size_t slice,
                              bool *done)
{
    struct inbound_group mine = *in;
    struct regroup x = { .w = w, .in = &mine };
    struct ids page = { NEW_ARRAY(w->mem, int64_t, slice + 1), 0 };

    *done = false;
    TRY(house_load(w, in->source, &x.house));
    TRY(group_load(w, in->source, in->group, &x.group));
    if (in->version && in->version != x.group.version)
        return errf(ERR_STALE, "the group was changed since it was read: version %lld is %lld now",
                    (long long)in->version, (long long)x.group.version);
    TRY(group_page_ids(w, &x.group, 0, slice, page.list, &page.n));
    *done = page.n < slice;
    x.group.version++;
    x.group.updated_at = w->now;
    if (!*done)
        TRY(group_put_changed(w, &x.group));
    TRY(move_people(&x, &page, x.group.team, 0));
    return *done ? group_drop(w, x.group.id) : OK;
}
