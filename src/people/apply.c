/*
 * apply.c — see apply.h. Check everything in memory, then write: a batch costs a handful of reads
 * however large it is.
 */
#include "people/apply.h"

#include <stdlib.h>

#include "base/id.h"
#include "base/str.h"
#include "people/link.h"
#include "people/manager.h"
#include "people/person_sql.h"

struct moved { int64_t person; size_t edit; };

/* A key that an edit gives up or takes. */
struct key {
    enum key_kind kind;
    const char *folded;
    size_t edit;                    /* which of the batch */
    int64_t holder;                 /* for taken keys: who has it now */
};

struct keys { struct key *list; size_t n, cap; };

struct batch {
    struct work *w;
    struct apply_context *c;
    struct edit *edits;
    size_t n;
    struct person **before, **after;
    struct keys freed, taken;
    struct moved *moved;            /* sorted by person: who gets another manager */
    size_t nmoved;
    bool touched;                   /* the version of managers is ours */
};

static void refuse(struct edit *e, enum edit_result result, const char *why)
{
    e->result = result;
    e->why = why;
}

static const char *shown(struct arena *a, const char *text)
{
    return text ? arena_printf(a, "'%s'", text) : "empty";
}

/* The person as they will be: values merged, both lists sorted by attribute name. */
static struct person *person_after(struct batch *b, const struct person *before,
                                   const struct edit *e)
{
    struct arena *a = b->w->mem;
    struct person *p = NEW(a, struct person);
    size_t at = 0;

    if (before)
        *p = *before;
    else
        *p = (struct person){ .id = e->person, .created_at = b->w->now };
    p->values = NEW_ARRAY(a, struct value, p->nvalues + e->changes.n);
    p->nvalues = 0;
    p->updated_at = b->w->now;
    p->version++;
    for (size_t i = 0; i < e->changes.n; i++) {
        const struct change *c = &e->changes.list[i];
        if (c->attr->flags & ATTR_PLACE) {
            if (c->attr->name[0] == 's')
                p->state = state_read(c->after);
            else if (c->attr->name[0] == 'm' && (!c->after || !id_read(c->after, &p->manager)))
                p->manager = 0;
            continue;
        }
        while (before && at < before->nvalues &&
               strcmp(before->values[at].attr->name, c->attr->name) < 0)
            p->values[p->nvalues++] = before->values[at++];
        if (before && at < before->nvalues && before->values[at].attr == c->attr)
            at++;
        if (c->after)
            p->values[p->nvalues++] = (struct value){ c->attr, c->after };
    }
    while (before && at < before->nvalues)
        p->values[p->nvalues++] = before->values[at++];
    return p;
}

static void check_before(struct batch *b, struct edit *e, const struct person *p)
{
    for (size_t i = 0; i < e->changes.n; i++) {
        const struct change *c = &e->changes.list[i];
        const char *is = person_value(b->w->mem, p, c->attr, b->c->owner);
        if (str_eq(is, c->before))
            continue;
        refuse(e, EDIT_STALE,
               arena_printf(b->w->mem, "%s is %s now, not %s as planned", c->attr->label,
                            shown(b->w->mem, is), shown(b->w->mem, c->before)));
        return;
    }
}

static int by_id(const void *a, const void *b)
{
    const struct moved *x = a, *y = b;

    if (x->person != y->person)
        return x->person < y->person ? -1 : 1;
    return (x->edit > y->edit) - (x->edit < y->edit);
}

/* Each edit starts from the person as they are before the batch: a second one would undo the first. */
static void refuse_twice(struct batch *b)
{
    struct moved *all = NEW_ARRAY(b->w->mem, struct moved, b->n + 1);

    for (size_t i = 0; i < b->n; i++)
        all[i] = (struct moved){ b->edits[i].person, i };
    if (b->n)
        qsort(all, b->n, sizeof *all, by_id);
    for (size_t i = 1; i < b->n; i++)
        if (all[i].person == all[i - 1].person)
            refuse(&b->edits[all[i].edit], EDIT_STALE,
                   "another change of this person is made in the same step");
}

static enum err load_people(struct batch *b)
{
    struct work *w = b->w;
    int64_t *ids = NEW_ARRAY(w->mem, int64_t, b->n + 1);
    size_t *whose = NEW_ARRAY(w->mem, size_t, b->n + 1), n = 0;

    for (size_t i = 0; i < b->n; i++)
        if (b->edits[i].known) {
            b->before[i] = b->edits[i].known;
        } else if (!b->edits[i].create) {
            whose[n] = i;
            ids[n++] = b->edits[i].person;
        }
    struct person **found = NEW_ARRAY(w->mem, struct person *, n + 1);
    TRY(people_load(w, b->c->attrs, ids, n, LOAD_TEAMS, found));
    for (size_t i = 0; i < n; i++)
        b->before[whose[i]] = found[i];
    for (size_t i = 0; i < b->n; i++) {
        struct edit *e = &b->edits[i];
        if (e->create)
            continue;
        if (!b->before[i])
            refuse(e, EDIT_STALE, "this person is not in the directory any more");
        else if (b->c->expect_before && b->before[i]->flags & PERSON_PROTECTED)
            refuse(e, EDIT_STALE, "this person is protected: no run changes them");
        else if (b->c->expect_before)
            check_before(b, e, b->before[i]);
    }
    return OK;
}

static void add_key(struct batch *b, struct keys *to, const struct person_key *k, size_t edit)
{
    ARENA_GROW(b->w->mem, to->list, to->n, to->cap);
    to->list[to->n++] = (struct key){ k->kind, k->folded, edit, 0 };
}

static int by_key(const void *a, const void *b)
{
    const struct key *x = a, *y = b;

    if (x->kind != y->kind)
        return x->kind < y->kind ? -1 : 1;
    int order = strcmp(x->folded, y->folded);
    return order ? order : (x->edit > y->edit) - (x->edit < y->edit);
}

enum { FEW_KEYS = 8 };

/* One person's: a single look-up, whatever their kinds. */
static enum err find_few(struct batch *b)
{
    struct person_key keys[FEW_KEYS];
    int64_t holders[FEW_KEYS];

    for (size_t i = 0; i < b->taken.n; i++)
        keys[i] = (struct person_key){ b->taken.list[i].kind, b->taken.list[i].folded };
    TRY(people_keys_held(b->w, keys, b->taken.n, holders));
    for (size_t i = 0; i < b->taken.n; i++)
        b->taken.list[i].holder = holders[i];
    return OK;
}

static enum err find_holders(struct batch *b)
{
    struct keys *t = &b->taken;

    if (t->n)
        qsort(t->list, t->n, sizeof *t->list, by_key);
    if (b->freed.n)
        qsort(b->freed.list, b->freed.n, sizeof *b->freed.list, by_key);
    if (t->n && t->n <= FEW_KEYS)
        return find_few(b);
    for (size_t at = 0, end; at < t->n; at = end) {
        for (end = at; end < t->n && t->list[end].kind == t->list[at].kind; end++)
            ;
        const char **folded = NEW_ARRAY(b->w->mem, const char *, end - at);
        int64_t *holders = NEW_ARRAY(b->w->mem, int64_t, end - at);
        for (size_t i = at; i < end; i++)
            folded[i - at] = t->list[i].folded;
        TRY(people_key_holders(b->w, t->list[at].kind, folded, end - at, holders));
        for (size_t i = at; i < end; i++)
            t->list[i].holder = holders[i - at];
    }
    return OK;
}

/* Is this key given up by an edit of the batch that still goes ahead? */
static bool is_freed(const struct batch *b, const struct key *k)
{
    struct key low = *k;
    size_t from = 0, to = b->freed.n;

    low.edit = 0;
    while (from < to) {
        size_t mid = (from + to) / 2;
        if (by_key(&b->freed.list[mid], &low) < 0)
            from = mid + 1;
        else
            to = mid;
    }
    return from < b->freed.n && b->freed.list[from].kind == k->kind &&
           str_eq(b->freed.list[from].folded, k->folded) &&
           b->edits[b->freed.list[from].edit].result == EDIT_DONE;
}

/* A state is among them: keys are free while somebody is withdrawn. */
static bool touches_keys(const struct changes *c)
{
    for (size_t i = 0; i < c->n; i++)
        if (c->list[i].attr->flags & ATTR_KEY || str_eq(c->list[i].attr->name, "emails") ||
            str_eq(c->list[i].attr->name, "state"))
            return true;
    return false;
}

static int compare_keys(const struct person_key *x, const struct person_key *y)
{
    return x->kind != y->kind ? (x->kind < y->kind ? -1 : 1) : strcmp(x->folded, y->folded);
}

static enum err gather_keys(struct batch *b)
{
    for (size_t i = 0; i < b->n; i++) {
        if (b->edits[i].result != EDIT_DONE)
            continue;
        if (!b->edits[i].create && !touches_keys(&b->edits[i].changes))
            continue;
        struct person_key *was, *is;
        size_t nwas = person_keys(b->w->mem, b->before[i], &was),
               nis = person_keys(b->w->mem, b->after[i], &is);
        for (size_t x = 0, y = 0; x < nwas || y < nis;) {
            int order = x == nwas ? 1 : y == nis ? -1 : compare_keys(&was[x], &is[y]);
            if (order < 0)
                add_key(b, &b->freed, &was[x], i);
            if (order > 0)
                add_key(b, &b->taken, &is[y], i);
            x += order <= 0;
            y += order >= 0;
        }
    }
    return find_holders(b);
}

/* Refusing one edit keeps its old keys taken, which may refuse the next: repeat until it is quiet. */
static void check_keys(struct batch *b)
{
    static const char *const words[] = {
        [KEY_EMAIL] = "the e-mail", [KEY_USER_NAME] = "the user name", [KEY_ANCHOR] = "the anchor"
    };
    bool again;

    do {
        again = false;
        const struct key *winner = NULL;
        for (size_t i = 0; i < b->taken.n; i++) {
            struct key *k = &b->taken.list[i];
            struct edit *e = &b->edits[k->edit];
            if (e->result != EDIT_DONE)
                continue;
            bool same = winner && winner->kind == k->kind && str_eq(winner->folded, k->folded);
            if (!same && (!k->holder || k->holder == e->person || is_freed(b, k))) {
                winner = k;
                continue;
            }
            refuse(e, EDIT_CONFLICT,
                   arena_printf(b->w->mem, "%s %s belongs to somebody else", words[k->kind],
                                k->folded));
            e->taken = (struct person_key){ k->kind, k->folded };
            e->holder = k->holder;
            again = true;
        }
    } while (again);
}

/* ---- managers ---- */

static void gather_moved(struct batch *b)
{
    b->moved = NEW_ARRAY(b->w->mem, struct moved, b->n + 1);
    for (size_t i = 0; i < b->n; i++)
        if (changes_find(&b->edits[i].changes, "manager"))
            b->moved[b->nmoved++] = (struct moved){ b->edits[i].person, i };
    if (b->nmoved)
        qsort(b->moved, b->nmoved, sizeof *b->moved, by_id);
}

static int at_person(const void *a, const void *b)
{
    const struct moved *x = a, *y = b;

    return (x->person > y->person) - (x->person < y->person);
}

/* As it will be after the edits of this batch that still go ahead. */
static enum err manager_then(struct batch *b, int64_t id, int64_t *manager)
{
    struct moved wanted = { id, 0 }, *hit = NULL;

    if (b->nmoved)
        hit = bsearch(&wanted, b->moved, b->nmoved, sizeof wanted, at_person);
    if (!hit || b->edits[hit->edit].result != EDIT_DONE)
        return manager_of(b->w, id, manager);
    *manager = b->after[hit->edit]->manager;
    return OK;
}

static const char *label(struct batch *b, int64_t id)
{
    struct person *p = NULL;

    if (people_load(b->w, b->c->attrs, &id, 1, 0, &p) != OK || !p)
        return arena_text(b->w->mem, id_text(id));
    return person_label(b->w->mem, p);
}

enum { CHAIN_MOST = 1000 };                     /* nobody has so many managers above them */

static enum err check_chain(struct batch *b, struct edit *e, int64_t manager, bool *refused)
{
    int64_t at = manager;
    int steps = 0;

    while (at && at != e->person && steps++ < CHAIN_MOST)
        TRY(manager_then(b, at, &at));
    if (!at)
        return OK;
    *refused = true;
    refuse(e, EDIT_CONFLICT,
           manager == e->person
               ? arena_printf(b->w->mem, "%s cannot be their own manager", label(b, e->person))
           : at != e->person
               ? arena_printf(b->w->mem, "the managers above %s form a circle", label(b, manager))
               : arena_printf(b->w->mem, "%s already manages %s", label(b, e->person),
                              label(b, manager)));
    return OK;
}

/*
 * The version is touched first: two transactions that change managers then wait for each other, so
 * that each cannot close half a circle. While nobody else touched it since the plan was made, the
 * plan's own forest check stands; but not if one of its edges is not set, because what is there in
 * its place was never checked with the others.
 */
static enum err check_managers(struct batch *b, bool *refused)
{
    int64_t version;
    size_t going = 0;

    for (size_t i = 0; i < b->nmoved; i++)
        going += b->edits[b->moved[i].edit].result == EDIT_DONE;
    if (going < b->nmoved)
        b->c->basis = 0;
    if (going == 0)
        return OK;
    if (!b->touched) {
        TRY(people_put_managers_version(b->w));
        TRY(managers_version(b->w, &version));
        b->c->basis = b->c->basis && version == b->c->basis + 1 ? version : 0;
        b->touched = true;
    }
    for (size_t i = 0; i < b->nmoved && !b->c->basis; i++) {
        struct edit *e = &b->edits[b->moved[i].edit];
        int64_t manager = e->result == EDIT_DONE ? b->after[b->moved[i].edit]->manager : 0;
        if (manager)
            TRY(check_chain(b, e, manager, refused));
    }
    return OK;
}

static enum err write_teams(struct batch *b, const struct edit *e)
{
    const struct change *c = changes_find(&e->changes, "teams");
    int64_t *was, *is;

    if (!c)
        return OK;
    size_t nwas = ids_read(b->w->mem, c->before, &was), nis = ids_read(b->w->mem, c->after, &is);
    for (size_t i = 0; i < nwas; i++)
        TRY(people_drop_member(b->w, e->person, was[i], b->c->owner));
    for (size_t i = 0; i < nis; i++)
        TRY(people_put_member(b->w, e->person, is[i], b->c->owner));
    return OK;
}

static enum err write_keys(struct batch *b)
{
    struct held_key some[KEYS_AT_ONCE];
    size_t n = 0;

    for (size_t i = 0; i < b->taken.n; i++) {
        const struct key *k = &b->taken.list[i];
        const struct edit *e = &b->edits[k->edit];
        if (e->result == EDIT_DONE)
            some[n++] = (struct held_key){ k->kind, k->folded, e->person };
        if (n == KEYS_AT_ONCE) {
            TRY(people_put_keys(b->w, some, n));
            n = 0;
        }
    }
    return n ? people_put_keys(b->w, some, n) : OK;
}

/* Then the row of the person is as it was, but for its version. */
static bool only_teams(const struct changes *c)
{
    return c->n == 0 || (c->n == 1 && str_eq(c->list[0].attr->name, "teams"));
}

static enum err write_all(struct batch *b)
{
    int64_t *changed = NEW_ARRAY(b->w->mem, int64_t, b->n + 1);
    size_t n = 0;

    for (size_t i = 0; i < b->freed.n; i++)         /* parked first, so that keys can be exchanged */
        if (b->edits[b->freed.list[i].edit].result == EDIT_DONE)
            TRY(people_drop_key(b->w, b->freed.list[i].kind, b->freed.list[i].folded));
    for (size_t i = 0; i < b->n; i++) {
        if (b->edits[i].result != EDIT_DONE)
            continue;
        if (b->edits[i].create)
            TRY(people_put_new(b->w, b->after[i]));
        else if (only_teams(&b->edits[i].changes))
            TRY(people_put_touched(b->w, b->after[i]));
        else
            TRY(people_put_changed(b->w, b->after[i]));
        TRY(write_teams(b, &b->edits[i]));
        if (!b->edits[i].create && !b->c->settled)
            changed[n++] = b->edits[i].person;
    }
    TRY(write_keys(b));
    return n ? links_unsettle(b->w, changed, n, b->c->source) : OK;
}

enum err people_apply(struct work *w, struct apply_context *c, struct edit *edits, size_t n)
{
    struct batch b = { w, c, edits, n };

    b.before = NEW_ARRAY(w->mem, struct person *, n + 1);
    b.after = NEW_ARRAY(w->mem, struct person *, n + 1);
    for (size_t i = 0; i < n; i++) {
        refuse(&edits[i], EDIT_DONE, NULL);
        edits[i].taken.kind = 0;
        edits[i].holder = 0;
    }
    TRY(load_people(&b));
    refuse_twice(&b);
    for (size_t i = 0; i < n; i++)
        if (edits[i].result == EDIT_DONE)
            b.after[i] = person_after(&b, b.before[i], &edits[i]);
    gather_moved(&b);
    TRY(gather_keys(&b));
    for (bool again = true; again;) {           /* one that is refused may refuse others */
        again = false;
        check_keys(&b);
        TRY(check_managers(&b, &again));
    }
    return write_all(&b);
}
