/* filter_keys.c — what a store can know of a filter before it looks at resources. */
#include "base/str.h"
#include "scim/filter_parts.h"

/* The comparisons that must all be true. `list`: behind which square brackets they stand. */
typedef void term_fn(void *arg, const struct filter *f, const struct filter *list);

static void each_needed(const struct filter *f, const struct filter *list, term_fn *fn, void *arg)
{
    if (f->op == FILTER_AND) {
        each_needed(f->left, list, fn, arg);
        each_needed(f->right, list, fn, arg);
    } else if (f->op == FILTER_ITEMS) {
        each_needed(f->left, f, fn, arg);
    } else if (f->op < FILTER_AND) {
        fn(arg, f, list);
    }
}

struct keys {
    struct arena *mem;
    struct filter_key *all;
    size_t n, cap;
};

static void note_key(void *arg, const struct filter *f, const struct filter *list)
{
    struct keys *k = arg;
    const struct scim_attr *leaf = filter_leaf(f);

    if (f->op != FILTER_EQ || (leaf->type != SCIM_STRING && leaf->type != SCIM_REFERENCE))
        return;
    ARENA_GROW(k->mem, k->all, k->n, k->cap);
    k->all[k->n++] = (struct filter_key){ (list ? list : f)->schema, f->attr, f->sub, f->text };
}

size_t filter_keys(struct arena *a, const struct filter *f, struct filter_key **out)
{
    struct keys k = { .mem = a };

    each_needed(f, NULL, note_key, &k);
    *out = k.all;
    return k.n;
}

bool filter_is_key(const struct filter *f)
{
    const struct scim_attr *leaf = f->op == FILTER_EQ ? filter_leaf(f) : NULL;

    return leaf && (leaf->type == SCIM_STRING || leaf->type == SCIM_REFERENCE);
}

struct span { int64_t from, to; };

enum { SECOND = 999 };

static int64_t later(int64_t time, int64_t by)
{
    return time > INT64_MAX - by ? INT64_MAX : time + by;
}

/* Resources show whole seconds, so an instant may be up to 999 ms later than what was compared. */
static void note_bound(void *arg, const struct filter *f, const struct filter *list)
{
    struct span *s = arg;
    const struct scim_attr *leaf = filter_leaf(f);

    (void)list;
    if (!leaf || f->schema || !str_eq(f->attr->name, "meta") || !str_eq(leaf->name, "lastModified"))
        return;
    if (f->op == FILTER_EQ || f->op == FILTER_GT || f->op == FILTER_GE)
        s->from = MAX(s->from, f->time);
    if (f->op == FILTER_EQ || f->op == FILTER_LT || f->op == FILTER_LE)
        s->to = MIN(s->to, later(f->time, SECOND));
}

void filter_modified(const struct filter *f, int64_t *from, int64_t *to)
{
    struct span s = { INT64_MIN, INT64_MAX };

    each_needed(f, NULL, note_bound, &s);
    *from = s.from;
    *to = s.to;
}

bool filter_uses(const struct filter *f, const char *attribute)
{
    if (f->op < FILTER_AND)
        return f->attr && str_eq(f->attr->name, attribute);
    if (f->op == FILTER_ITEMS && str_eq(f->attr->name, attribute))
        return true;
    return filter_uses(f->left, attribute) || (f->right && filter_uses(f->right, attribute));
}

struct terms {
    struct arena *mem;
    struct filter_term *all;
    size_t n, cap;
};

static void note_term(void *arg, const struct filter *f, const struct filter *list)
{
    struct terms *t = arg;

    (void)list;
    if (f->op != FILTER_EQ)
        return;
    ARENA_GROW(t->mem, t->all, t->n, t->cap);
    t->all[t->n++] = (struct filter_term){ f->sub, f->value };
}

size_t filter_equals(struct arena *a, const struct filter *f, struct filter_term **out)
{
    struct terms t = { .mem = a };

    each_needed(f, NULL, note_term, &t);
    *out = t.all;
    return t.n;
}
