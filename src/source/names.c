/* names.c — see names.h. */
#include "source/names.h"

#include <stdlib.h>

#include "base/str.h"

struct entry {
    const char *id, *name;
    size_t n;                       /* length of the id */
    size_t order;                   /* of adding: of two with one id the first counts */
};

struct name_list {
    const char *name;
    struct entry *at;
    size_t n, cap;
};

struct names {
    struct arena *mem;
    struct name_list *lists;
    size_t n, cap;
    struct name_list any;
};

struct names *names_new(struct arena *a)
{
    struct names *ns = NEW(a, struct names);

    ns->mem = a;
    return ns;
}

static void entry_add(struct arena *a, struct name_list *l, struct entry e)
{
    ARENA_GROW(a, l->at, l->n, l->cap);
    e.order = l->n;
    l->at[l->n++] = e;
}

void names_add(struct names *ns, const char *list, const char *id, const char *name)
{
    /* lists come one after the other: the newest is nearly always the one */
    size_t i = ns->n;
    while (i && !str_eq(ns->lists[i - 1].name, list))
        i--;
    if (!i) {
        ARENA_GROW(ns->mem, ns->lists, ns->n, ns->cap);
        ns->lists[ns->n] = (struct name_list){ .name = arena_text(ns->mem, list) };
        i = ++ns->n;
    }
    struct entry e = { arena_text(ns->mem, id), arena_text(ns->mem, name), strlen(id), 0 };
    entry_add(ns->mem, &ns->lists[i - 1], e);
    entry_add(ns->mem, &ns->any, e);
}

static inline int id_order(const char *a, size_t na, const char *b, size_t nb)
{
    return na != nb ? (na < nb ? -1 : 1) : memcmp(a, b, na);
}

static int by_id(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    int order = id_order(x->id, x->n, y->id, y->n);

    return order ? order : (x->order > y->order) - (x->order < y->order);
}

void names_sort(struct names *ns)
{
    for (size_t i = 0; i < ns->n; i++) {
        struct name_list *l = &ns->lists[i];
        size_t kept = 0;
        qsort(l->at, l->n, sizeof *l->at, by_id);
        for (size_t k = 0; k < l->n; k++)
            if (!kept || !str_eq(l->at[kept - 1].id, l->at[k].id))
                l->at[kept++] = l->at[k];
        l->n = kept;
    }
    struct name_list *any = &ns->any;
    size_t kept = 0;
    if (any->n)
        qsort(any->at, any->n, sizeof *any->at, by_id);
    for (size_t k = 0, end; k < any->n; k = end) {
        bool agree = true;
        for (end = k + 1; end < any->n && str_eq(any->at[end].id, any->at[k].id); end++)
            agree &= str_eq(any->at[end].name, any->at[k].name);
        if (agree)
            any->at[kept++] = any->at[k];
    }
    any->n = kept;
}

const struct name_list *names_list(const struct names *ns, const char *list)
{
    for (size_t i = 0; i < ns->n; i++)
        if (str_eq(ns->lists[i].name, list))
            return &ns->lists[i];
    return NULL;
}

const struct name_list *names_any(const struct names *ns)
{
    return &ns->any;
}

const char *name_find(const struct name_list *l, const char *id, size_t n)
{
    size_t low = 0, high = l ? l->n : 0;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct entry *e = &l->at[middle];
        int order = id_order(id, n, e->id, e->n);
        if (order == 0)
            return e->name;
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}
