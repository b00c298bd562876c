/* table.c — see table.h. */
#include "base/table.h"

#include <stdlib.h>

/* Ids are not evenly spread in their low bits; a multiplication is enough (Fibonacci hashing). */
static size_t place(const struct table *t, uint64_t key)
{
    return (size_t)((key * 0x9e3779b97f4a7c15u) >> 20) & (t->cap - 1);
}

static struct table_slot *slot_of(const struct table *t, uint64_t key)
{
    size_t at = place(t, key);

    while (t->slots[at].key && t->slots[at].key != key)
        at = (at + 1) & (t->cap - 1);
    return &t->slots[at];
}

void table_free(struct table *t)
{
    free(t->slots);
    *t = (struct table){};
}

void table_reserve(struct table *t, size_t n)
{
    struct table old = *t;
    size_t cap = 16;

    while (cap * 3 / 4 < n)
        cap *= 2;
    if (cap <= t->cap)
        return;
    t->cap = cap;
    t->slots = must_alloc(cap * sizeof *t->slots);
    for (size_t i = 0; i < old.cap; i++)
        if (old.slots[i].key)
            *slot_of(t, old.slots[i].key) = old.slots[i];
    free(old.slots);
}

int64_t *table_find(const struct table *t, uint64_t key)
{
    struct table_slot *s = t->cap ? slot_of(t, key) : NULL;

    return s && s->key ? &s->value : NULL;
}

int64_t *table_put(struct table *t, uint64_t key, int64_t value, bool *fresh)
{
    table_reserve(t, t->n + 1);
    struct table_slot *s = slot_of(t, key);
    *fresh = s->key == 0;
    if (*fresh) {
        *s = (struct table_slot){ key, value };
        t->n++;
    }
    return &s->value;
}
