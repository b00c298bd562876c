/* pick.c — a tree of wanted member names, with a small hash at every node. */
#include "source/pick.h"

#include <string.h>

enum { BUCKETS = 32, NO_SLOT = -1 };

struct node {
    const char *key;
    size_t n;
    int64_t record;                 /* the last record in which it was seen */
    bool whole;                     /* a null here is a null for everything below */
    int slot;
    struct node *same;              /* another slot at the same place */
    struct node *next;              /* in the parent's bucket */
    struct node *sibling, *children;
    struct node *bucket[BUCKETS];
};

struct pick {
    struct arena *mem;
    struct node *root;
    size_t slots;
    int64_t record;
};

/* Names of one category share their beginning, so the end and the length tell them apart. */
static inline size_t bucket_of(const char *key, size_t n)
{
    unsigned last = n ? (unsigned char)key[n - 1] : 0, middle = n ? (unsigned char)key[n / 2] : 0;

    return (n + last * 5 + middle * 11) % BUCKETS;
}

struct pick *pick_new(struct arena *a, size_t slots)
{
    struct pick *p = NEW(a, struct pick);

    p->mem = a;
    p->root = NEW(a, struct node);
    p->root->slot = NO_SLOT;
    p->slots = slots;
    return p;
}

static inline struct node *child_of(const struct node *parent, const char *key, size_t n)
{
    struct node *c = parent->bucket[bucket_of(key, n)];

    while (c && (c->n != n || memcmp(c->key, key, n) != 0))
        c = c->next;
    return c;
}

static struct node *child_make(struct pick *p, struct node *parent, const char *key)
{
    size_t n = strlen(key), at = bucket_of(key, n);
    struct node *c = child_of(parent, key, n);

    if (c)
        return c;
    c = NEW(p->mem, struct node);
    c->key = arena_text(p->mem, key);
    c->n = n;
    c->slot = NO_SLOT;
    c->next = parent->bucket[at];
    parent->bucket[at] = c;
    c->sibling = parent->children;
    parent->children = c;
    return c;
}

void pick_add(struct pick *p, size_t slot, const char *const *path, size_t n, size_t whole)
{
    struct node *at = p->root;

    for (size_t i = 0; i < n; i++) {
        at = child_make(p, at, path[i]);
        at->whole |= i >= whole;
    }
    if (at->slot != NO_SLOT) {
        struct node *other = NEW(p->mem, struct node);
        other->same = at->same;
        at->same = other;
        at = other;
    }
    at->slot = (int)slot;
}

static void give(const struct node *at, yyjson_val *v, yyjson_val **found)
{
    for (; at; at = at->same)
        if (at->slot != NO_SLOT)
            found[at->slot] = v;
}

static void give_below(const struct node *at, yyjson_val *v, yyjson_val **found)
{
    for (const struct node *c = at->children; c; c = c->sibling) {
        give(c, v, found);
        give_below(c, v, found);
    }
}

/* As deep as the wanted paths, not as the record. */
static enum err walk(struct pick *p, struct node *at, yyjson_val *object, yyjson_val **found)
{
    yyjson_obj_iter members = yyjson_obj_iter_with(object);

    for (yyjson_val *key; (key = yyjson_obj_iter_next(&members));) {
        struct node *c = child_of(at, unsafe_yyjson_get_str(key), unsafe_yyjson_get_len(key));
        if (!c)
            continue;
        if (c->record == p->record)
            return errf(ERR_REMOTE, "'%s' is there twice", c->key);
        c->record = p->record;
        yyjson_val *v = yyjson_obj_iter_get_val(key);
        give(c, v, found);
        if (!c->children)
            continue;
        if (unsafe_yyjson_is_obj(v))
            TRY(walk(p, c, v, found));
        else if (c->whole && unsafe_yyjson_is_null(v))
            give_below(c, v, found);
    }
    return OK;
}

enum err pick_run(struct pick *p, yyjson_val *record, yyjson_val **found)
{
    memset(found, 0, p->slots * sizeof *found);
    p->record++;
    return walk(p, p->root, record, found);
}
