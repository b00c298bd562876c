/*
 * managers.c — reporting lines, once everybody is known: one pass, whatever the order of the records.
 *
 * While records stream in, a reference to somebody who has not come yet is promised an id. Here the
 * promises are checked, circles are opened at the new edge of the highest record id, and the rows of
 * edges that cannot be are written again without them.
 */
#include <stdlib.h>

#include "base/id.h"
#include "base/str.h"
#include "people/manager.h"
#include "store/store.h"
#include "sync/plan.h"

static struct promise *promise_of(struct plan *p, int64_t id)
{
    int64_t *at = table_find(&p->promised, (uint64_t)id);

    return at ? &p->promises[*at] : NULL;
}

static int64_t promise(struct plan *p, uint64_t hash, const char *reference, bool key, bool *open)
{
    bool fresh;
    int64_t *who = table_put(&p->who, hash, 0, &fresh);

    *open = true;
    if (!fresh && *who != 1) {
        struct promise *one = promise_of(p, *who < 0 ? -*who : *who);
        *open = one && !one->kept;
        return *who < 0 ? -*who : *who;
    }
    /* 1: their record came before, and nobody was made of it; the promise will not be kept. */
    int64_t id = id_new();
    *who = *who == 1 ? id : -id;
    ARENA_GROW(p->mem, p->promises, p->npromises, p->cap_promises);
    p->promises[p->npromises] = (struct promise){ arena_text(p->mem, reference), key, false };
    table_put(&p->promised, (uint64_t)id, (int64_t)p->npromises++, &fresh);
    return id;
}

void plan_promise_kept(struct plan *p, int64_t id)
{
    struct promise *one = promise_of(p, id);

    if (one)
        one->kept = true;
}

static int64_t by_key(struct plan *p, const char *reference, bool *open)
{
    static const enum key_kind kinds[] = { KEY_EMAIL, KEY_USER_NAME, KEY_ANCHOR };
    const char *folded = str_fold(p->w->mem, reference);
    uint64_t hash = plan_key_hash(p, KEY_ANCHOR + 1, folded);
    int64_t *who = table_find(&p->who, hash), holder = 0;
    bool fresh;

    for (size_t i = 0; !who && i < COUNT(kinds) && !holder;
         i++) { /* somebody who came in this run */
        int64_t *mine = table_find(
            &p->keys, plan_key_hash(p, kinds[i], kinds[i] == KEY_ANCHOR ? reference : folded));
        holder = mine ? *mine : 0;
    }
    for (size_t i = 0; !who && !p->empty && i < COUNT(kinds) && !holder; i++)
        if (people_key_holders(p->w, kinds[i], kinds[i] == KEY_ANCHOR ? &reference : &folded, 1,
                               &holder) != OK)
            return 0;
    if (holder) {
        table_put(&p->named, (uint64_t)holder, (int64_t)hash, &fresh);
        return *table_put(&p->who, hash, holder, &fresh);
    }
    return promise(p, hash, folded, true, open);
}

int64_t plan_target(struct plan *p, const char *reference, bool *open)
{
    *open = false;
    if (strchr(reference, '@'))
        return by_key(p, reference, open);
    uint64_t hash = crypt_hash(&p->hash, reference, strlen(reference)) | 1;
    const struct known *k = plan_known(p, hash);
    if (k && (k->person < 0 || k->person >= LINK_REASONS))
        return k->person < 0 ? -k->person : k->person;
    return promise(p, hash, reference, false, open);
}

/* ---- rewriting rows ---- */

struct fix {
    const struct edge *edge;
    const char *waits;              /* reference to wait for, NULL: refused */
    bool key;
    int64_t instead;                /* the person it turned out to be */
};

/* Rows written again, stored a slice at a time. */
struct fixes {
    struct plan *p;
    struct run_row rows[256];
    bool nothing[256];              /* the row came to nothing: it goes */
    size_t n;
};

static enum err write_fixes(struct work *w, void *arg)
{
    struct fixes *f = arg;

    for (size_t i = 0; i < f->n; i++)
        TRY(f->nothing[i] ? run_row_drop(w, f->p->run.id, f->rows[i].seq)
                          : run_row_rewrite(w, f->p->run.id, &f->rows[i]));
    return OK;
}

static enum err flush_fixes(struct fixes *f)
{
    if (f->n)
        TRY(store_write(f->p->w, write_fixes, f));
    f->n = 0;
    arena_reset(f->p->w->mem, f->p->scratch);
    return OK;
}

static const char *without(struct arena *a, const char *ids, int64_t id, int64_t instead)
{
    int64_t *list;
    size_t n = ids_read(a, ids, &list), k = 0;

    for (size_t i = 0; i < n; i++) {
        if (list[i] != id)
            list[k++] = list[i];
        else if (instead)
            list[k++] = instead;
    }
    return ids_join(a, list, k);
}

/* A rider in front of the claims (see plan_rows.c): what to wait for. */
static const char *with_wait(struct plan *p, const char *said, const struct fix *f,
                             const char *attribute)
{
    AUTO_BUF text = {};
    struct json_out j = { &text };
    const char *old = NULL;
    yyjson_val *root = NULL;

    if (said && json_read_in(p->w->mem, said, strlen(said), &root) == OK)
        old = json_text(root, "!awaits");
    json_open(&j, '{');
    json_put(&j, "!awaits",
             arena_printf(p->w->mem, "%s%s%s\x1f%s\x1f%s", old ? old : "", old ? "\x1e" : "",
                          attribute, f->key ? "key" : "record", f->waits));
    yyjson_val *key, *val;
    size_t i, n;
    yyjson_obj_foreach(root, i, n, key, val) {
        if (str_eq(yyjson_get_str(key), "!awaits"))
            continue;
        json_key(&j, yyjson_get_str(key));
        json_val(&j, val);
    }
    json_close(&j, '}');
    return arena_textn(p->w->mem, text.at, text.n);
}

static const char *row_label(struct plan *p, const struct run_row *row, const struct changes *c)
{
    const struct change *given = changes_find(c, "given_name"),
                        *family = changes_find(c, "family_name");
    struct person *person = NULL;

    if (row->kind == ROW_CREATE && (given || family))
        return arena_printf(p->w->mem, "%s %s", given && given->after ? given->after : "",
                            family && family->after ? family->after : "");
    if (people_load(p->w, p->attrs, &row->person, 1, 0, &person) == OK && person)
        return person_label(p->w->mem, person);
    return row->record ? row->record : id_text(row->person);
}

static enum err fix_row(struct fixes *all, const struct fix *f)
{
    struct plan *p = all->p;
    const char *attribute = f->edge->additional ? "additional_managers" : "manager";
    struct changes c;
    AUTO_BUF text = {};

    if (all->n == COUNT(all->rows) || (all->n && all->rows[all->n - 1].seq == f->edge->seq))
        TRY(flush_fixes(all));
    struct run_row *row = &all->rows[all->n];
    TRY(run_row_load(p->w, p->run.id, f->edge->seq, row));
    TRY(changes_read(p->w->mem, p->attrs, row->changes, strlen(row->changes), &c));
    const struct change *one = changes_find(&c, attribute);
    if (!one)
        return OK;
    const char *after = without(p->w->mem, one->after, f->edge->target, f->instead);
    if (str_eq(after, one->before) || (!f->edge->additional && !f->instead))
        changes_drop(&c, attribute);            /* the manager there before stays */
    else
        changes_add(p->w->mem, &c, one->attr, one->before, after);
    if (!f->instead) {
        row->digest = 0;                        /* looked at again until it is settled */
        if (f->waits)
            row->said = with_wait(p, row->said, f, attribute);
    }
    all->nothing[all->n] = false;
    if (row->kind != ROW_CREATE && !f->instead && !f->edge->additional)
        p->manager_changes--;
    if (c.n == 0 && row->kind == ROW_UPDATE) {
        struct link link;
        row->kind = ROW_NOTE;
        p->tally.updated--;
        p->tally.unchanged++;
        TRY(links_by_record(p->w, p->source->id, &row->record, 1, &link));
        all->nothing[all->n] = !row->said && link.digest == 0 && link.missing == 0;
    }
    changes_write(&text, &c);
    row->changes = arena_textn(p->w->mem, text.at, text.n);
    all->n++;
    return OK;
}

static enum err find_row(struct plan *p, const struct edge *e, enum finding_kind kind,
                         const char *value)
{
    struct run_row row;
    struct changes c;

    TRY(run_row_load(p->w, p->run.id, e->seq, &row));
    TRY(changes_read(p->w->mem, p->attrs, row.changes, strlen(row.changes), &c));
    findings_add(&p->findings, kind, e->additional ? "Additional managers" : "Manager", value,
                 row_label(p, &row, &c));
    return OK;
}

/* ---- promises ---- */

/* Somebody was meant by an address that somebody else has after this run. */
static int64_t moved_to(const struct plan *p, const struct edge *e)
{
    int64_t *hash = e->target ? table_find(&p->named, (uint64_t)e->target) : NULL;
    int64_t *now = hash ? table_find(&p->moved, (uint64_t)*hash) : NULL;

    return now && *now != e->target && *now != e->person ? *now : 0;
}

static enum err keep_promises(struct plan *p, struct fixes *all)
{
    for (size_t i = 0; i < p->nedges; i++) {
        struct edge *e = &p->edges[i];
        int64_t now = moved_to(p, e);
        if (now) {
            struct fix f = { e, NULL, false, now };
            TRY(fix_row(all, &f));
            e->target = now;
            continue;
        }
        struct promise *one = e->target ? promise_of(p, e->target) : NULL;
        if (!one || one->kept)
            continue;
        int64_t *alias = table_find(&p->alias, (uint64_t)e->target);
        struct fix f = { e, alias ? NULL : one->reference, one->key, alias ? *alias : 0 };
        TRY(fix_row(all, &f));
        if (!alias)
            TRY(find_row(p, e, FINDING_manager_unknown, one->reference));
        if (alias)
            e->target = *alias;
        else
            e->refused = true;
    }
    return flush_fixes(all);
}

/* ---- circles ---- */

struct forest { struct table next, edge_at, walked; };

static void load_edge(void *arg, int64_t person, int64_t manager)
{
    bool fresh;

    table_put(&((struct forest *)arg)->next, (uint64_t)person, manager, &fresh);
}

/* Record ids are numbers in most systems: the longer is the higher, then by letters. */
static bool higher(const char *a, const char *b)
{
    size_t n = a ? strlen(a) : 0, k = b ? strlen(b) : 0;

    return n != k ? n > k : n && strcmp(a, b) > 0;
}

/* Opens the circle that goes through `start`: the new edge of the highest record id is refused. */
static enum err open_circle(struct fixes *all, struct forest *f, int64_t start)
{
    struct plan *p = all->p;
    struct edge *worst = NULL;
    const char *highest = NULL;
    AUTO_BUF names = {};
    struct run_row row;
    int64_t at = start;
    size_t shown = 0;

    do {
        int64_t *mine = table_find(&f->edge_at, (uint64_t)at);
        struct changes c = {};
        row = (struct run_row){ .person = at };
        if (mine) {
            TRY(run_row_load(p->w, p->run.id, p->edges[*mine].seq, &row));
            TRY(changes_read(p->w->mem, p->attrs, row.changes, strlen(row.changes), &c));
        }
        if (shown++ < 5)
            buf_printf(&names, "%s%s", names.n ? " → " : "", row_label(p, &row, &c));
        if (mine && !p->edges[*mine].refused) {
            if (!worst || higher(row.record, highest)) {
                worst = &p->edges[*mine];
                highest = row.record;
            }
        }
        at = *table_find(&f->next, (uint64_t)at);
    } while (at != start);
    if (!worst)
        return errf(ERR_INTERNAL, "the directory already holds a circle of managers at %s",
                    id_text(start));
    if (shown > 5)
        buf_printf(&names, " and %zu more", shown - 5);
    TRY(find_row(p, worst, FINDING_manager_circle, names.at));
    struct fix fix = { worst, NULL, false, 0 };
    struct changes c;
    TRY(run_row_load(p->w, p->run.id, worst->seq, &row));
    TRY(changes_read(p->w->mem, p->attrs, row.changes, strlen(row.changes), &c));
    const struct change *was = changes_find(&c, "manager");
    int64_t before = 0;
    if (was && was->before)
        id_read(was->before, &before);
    TRY(fix_row(all, &fix));
    TRY(flush_fixes(all));
    worst->refused = true;
    *table_find(&f->next, (uint64_t)worst->person) = before;
    return OK;
}

/* Walks up from one person; true when the walk came back to where it had been. */
static bool find_circle(struct forest *f, int64_t from, int64_t walk, int64_t *on)
{
    for (int64_t at = from; at;) {
        bool fresh;
        int64_t *mark = table_put(&f->walked, (uint64_t)at, walk, &fresh);
        if (!fresh && *mark == walk) {
            *on = at;
            return true;
        }
        if (!fresh && *mark > 0)
            return false;                       /* an earlier walk got to the top from here */
        *mark = walk;
        int64_t *up = table_find(&f->next, (uint64_t)at);
        at = up ? *up : 0;
    }
    return false;
}

static enum err open_circles(struct fixes *all, struct forest *f)
{
    struct plan *p = all->p;
    bool fresh;
    int64_t walk = 0;

    if (!p->empty)
        TRY(people_each_edge(p->w, load_edge, f));
    for (size_t i = 0; i < p->nedges; i++) {
        const struct edge *e = &p->edges[i];
        if (e->additional || e->refused)
            continue;
        *table_put(&f->next, (uint64_t)e->person, e->target, &fresh) = e->target;
        *table_put(&f->edge_at, (uint64_t)e->person, (int64_t)i, &fresh) = (int64_t)i;
    }
    for (size_t i = 0; i < p->nedges; i++) {
        int64_t on;
        if (p->edges[i].additional || p->edges[i].refused)
            continue;
        while (find_circle(f, p->edges[i].person, ++walk, &on)) {
            TRY(open_circle(all, f, on));
            for (size_t s = 0; s < f->walked.cap;
                 s++) /* what this walk marked is to be walked again */
                if (f->walked.slots[s].key && f->walked.slots[s].value == walk)
                    f->walked.slots[s].value = -1;
        }
    }
    return OK;
}

/* ---- managers who are not active ---- */

static enum err note_inactive(struct plan *p)
{
    struct table asked = {};
    bool fresh;

    for (size_t i = 0; !p->empty && i < p->nedges; i++) {
        const struct edge *e = &p->edges[i];
        struct person *m = NULL;
        struct arena_mark mark = arena_mark(p->w->mem);
        if (e->refused || !e->target || promise_of(p, e->target))
            continue;
        int64_t *inactive = table_put(&asked, (uint64_t)e->target, -1, &fresh);
        if (fresh || *inactive == 1) {
            enum err err = people_load(p->w, p->attrs, &e->target, 1, 0, &m);
            *inactive = m && m->state != STATE_ACTIVE;
            if (err == OK && *inactive)
                err = find_row(p, e, FINDING_manager_inactive, person_label(p->w->mem, m));
            if (err != OK) {
                table_free(&asked);
                return err;
            }
        }
        arena_reset(p->w->mem, mark);
    }
    table_free(&asked);
    return OK;
}

enum err plan_managers(struct plan *p)
{
    struct forest f = {};
    struct fixes all = { .p = p };

    if (p->nedges == 0)
        return OK;
    TRY(keep_promises(p, &all));
    enum err e = open_circles(&all, &f);
    table_free(&f.next);
    table_free(&f.edge_at);
    table_free(&f.walked);
    TRY(e);
    return note_inactive(p);
}
