/*
 * asof.c — see asof.h. Rows come newest first, so the last "before" that is met for a value is the one
 * that held at the instant.
 */
#include "people/asof.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/json.h"
#include "base/str.h"
#include "base/table.h"
#include "base/zone.h"
#include "people/asof_sql.h"
#include "people/workspace.h"

/* What a value was. Team memberships are kept apart by owner. */
struct old {
    const struct attr *attr;
    int64_t owner;
    const char *text;
    struct old *next;
};

struct turned {
    int64_t rows;                   /* changes since: so many versions back */
    bool absent;                    /* made since */
    struct old *olds;
};

struct asof {
    struct arena *mem, *scratch;
    const struct attrs *attrs;
    struct teams *teams;
    int64_t instant;
    struct table index;             /* person -> place in list */
    struct turned *list;
    size_t n, cap;
};

void asof_free(struct asof *t)
{
    if (!t)
        return;
    table_free(&t->index);
    free(t->list);
    arena_free(t->scratch);
    arena_free(t->mem);
    free(t);
}

static struct turned *turned_of(struct asof *t, int64_t person)
{
    bool fresh;
    int64_t at = *table_put(&t->index, (uint64_t)person, (int64_t)t->n, &fresh);

    if (fresh) {
        if (t->n == t->cap) {
            t->cap = t->cap ? t->cap * 2 : 64;
            t->list = must_realloc(t->list, t->cap * sizeof *t->list);
        }
        t->list[t->n++] = (struct turned){};
    }
    return &t->list[at];
}

static void remember(struct asof *t, struct turned *one, const struct attr *attr, int64_t owner,
                     const char *text)
{
    bool teams = str_eq(attr->name, "teams");
    struct old *o = one->olds;

    while (o && (o->attr != attr || (teams && o->owner != owner)))
        o = o->next;
    if (!o) {
        o = NEW(t->mem, struct old);
        *o = (struct old){ .attr = attr, .owner = owner, .next = one->olds };
        one->olds = o;
    }
    o->text = arena_text(t->mem, text);
}

/* Undoes the making, renaming or dropping of a team. */
static enum err turn_team(struct asof *t, const struct run_row *row)
{
    struct team *team = team_by_id(t->teams, row->person);
    yyjson_val *root;

    TRY(json_read_in(t->scratch, row->changes, strlen(row->changes), &root));
    const char *before = yyjson_get_str(yyjson_arr_get(yyjson_obj_get(root, "name"), 0));
    if (!before)
        return OK;                  /* made since: nobody is in it then */
    if (!team) {
        ARENA_GROW(t->mem, t->teams->all, t->teams->n, t->teams->cap);
        team = t->teams->all[t->teams->n++] = NEW(t->mem, struct team);
        *team = (struct team){ .id = row->person };
    }
    team->name = arena_text(t->mem, before);
    return OK;
}

static enum err turn_row(void *arg, const struct past *p)
{
    struct asof *t = arg;
    struct arena_mark none = {};
    struct changes c;

    arena_reset(t->scratch, none);
    if (p->row.kind == ROW_TEAM)
        return turn_team(t, &p->row);
    if (!p->row.person)
        return OK;
    struct turned *one = turned_of(t, p->row.person);
    if (p->row.kind == ROW_CREATE) {
        one->absent = true;
        return OK;
    }
    TRY(changes_read(t->scratch, t->attrs, p->row.changes, strlen(p->row.changes), &c));
    one->rows += c.n > 0;
    for (size_t i = 0; i < c.n; i++)
        remember(t, one, c.list[i].attr, past_owner(p), c.list[i].before);
    return OK;
}

enum err asof_open(struct work *w, const struct attrs *as, int64_t instant, struct asof **out)
{
    AUTO(asof) *t = must_alloc(sizeof *t);
    struct work mine = *w;

    t->mem = arena_new();
    t->scratch = arena_new();
    t->attrs = as;
    t->instant = instant;
    mine.mem = t->mem;
    TRY(teams_load(&mine, &t->teams));
    TRY(history_since(w, instant, turn_row, t));
    *out = take(t);
    return OK;
}

struct teams *asof_teams(const struct asof *t)
{
    return t->teams;
}

/* ---- turning one person back ---- */

static int by_attribute(const void *a, const void *b)
{
    return strcmp(((const struct value *)a)->attr->name, ((const struct value *)b)->attr->name);
}

static int by_team(const void *a, const void *b)
{
    const struct member *x = a, *y = b;

    if (x->team != y->team)
        return x->team < y->team ? -1 : 1;
    return (x->owner > y->owner) - (x->owner < y->owner);
}

static void turn_teams(struct arena *a, struct person *p, const struct old *o)
{
    int64_t *ids;
    size_t n = ids_read(a, o->text, &ids);
    struct member *list = NEW_ARRAY(a, struct member, p->nteams + n + 1);
    size_t kept = 0;

    for (size_t i = 0; i < p->nteams; i++)
        if (p->teams[i].owner != o->owner)
            list[kept++] = p->teams[i];
    for (size_t i = 0; i < n; i++)
        list[kept++] = (struct member){ ids[i], o->owner };
    qsort(list, kept, sizeof *list, by_team);
    p->teams = list;
    p->nteams = kept;
}

static void turn_value(struct person *p, const struct old *o)
{
    for (size_t i = 0; i < p->nvalues; i++)
        if (p->values[i].attr == o->attr) {
            p->values[i].text = o->text;
            return;
        }
    p->values[p->nvalues++] = (struct value){ o->attr, o->text };
}

static void turn_place(struct arena *a, struct person *p, const struct old *o)
{
    if (str_eq(o->attr->name, "state"))
        p->state = state_read(o->text);
    else if (str_eq(o->attr->name, "teams"))
        turn_teams(a, p, o);
    else if (!o->text || !id_read(o->text, &p->manager))
        p->manager = 0;
}

static const struct turned *find(const struct asof *t, const struct person *p)
{
    int64_t *at = p ? table_find(&t->index, (uint64_t)p->id) : NULL;

    return at ? &t->list[*at] : NULL;
}

void asof_turn(struct arena *a, const struct asof *t, struct person **p)
{
    const struct turned *one = find(t, *p);
    size_t n = 0, kept = 0;

    if (*p && ((*p)->created_at > t->instant || (one && one->absent)))
        *p = NULL;
    if (!*p || !one)
        return;
    for (const struct old *o = one->olds; o; o = o->next)
        n++;
    struct person *was = NEW(a, struct person);
    *was = **p;
    was->values = NEW_ARRAY(a, struct value, was->nvalues + n + 1);
    if (was->nvalues)
        memcpy(was->values, (*p)->values, was->nvalues * sizeof *was->values);
    for (const struct old *o = one->olds; o; o = o->next) {
        if (o->attr->flags & ATTR_PLACE)
            turn_place(a, was, o);
        else
            turn_value(was, o);
    }
    for (size_t i = 0; i < was->nvalues; i++)
        if (was->values[i].text)
            was->values[kept++] = was->values[i];
    was->nvalues = kept;
    qsort(was->values, kept, sizeof *was->values, by_attribute);
    was->version = MAX(was->version - one->rows, 1);
    *p = was;
}

enum err asof_people(struct work *w, const struct asof *t, struct person **people, size_t n)
{
    int64_t *ids = NEW_ARRAY(w->mem, int64_t, n + 1), *at = NEW_ARRAY(w->mem, int64_t, n + 1);
    size_t *whose = NEW_ARRAY(w->mem, size_t, n + 1), changed = 0;

    for (size_t i = 0; i < n; i++) {
        const struct turned *one = find(t, people[i]);
        asof_turn(w->mem, t, &people[i]);
        if (people[i] && one && one->rows) {
            whose[changed] = i;
            at[changed] = people[i]->created_at;
            ids[changed++] = people[i]->id;
        }
    }
    TRY(people_changed_by(w, t->instant, ids, changed, at));
    for (size_t i = 0; i < changed; i++)
        people[whose[i]]->updated_at = at[i];
    return OK;
}

/* ---- which instant ---- */

enum err asof_instant(struct work *w, const char *text, int64_t *out)
{
    enum { DAY_MS = 86400000 };
    const char *name;
    int64_t days;

    if (date_valid(text) && date_to_days(text, &days)) {
        AUTO(zone) *zone = NULL;
        TRY(workspace_get(w, "time_zone", &name));
        TRY(zone_open(name, &zone));
        struct civil midnight = civil_of((days + 1) * DAY_MS);
        zone_instant(zone, &midnight, out);
        --*out;
        return OK;
    }
    if (time_parse(text, out))
        return OK;
    return errf(ERR_USAGE,
                "'%s' is no date; write it as 2026-03-31, or an instant as 2026-03-31T12:00:00Z",
                text);
}
