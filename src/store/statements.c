/* statements.c — see statements.h. */
#include "store/statements.h"

#include <stdlib.h>
#include <string.h>

static uint64_t hash_of(const char *sql)
{
    uint64_t h = 0xcbf29ce484222325;        /* FNV-1a: only our own SQL comes here, no rival's keys */

    for (; *sql; sql++)
        h = (h ^ (unsigned char)*sql) * 0x100000001b3;
    return h;
}

static struct statement **slot_of(struct statements *c, const char *sql)
{
    uint64_t mixed = (uint64_t)(uintptr_t)sql * 0x9e3779b97f4a7c15;

    return &c->by_address[mixed >> 55];
}

static_assert(STATEMENTS_SLOTS == 1 << (64 - 55));

struct statement *statements_find(struct statements *c, const char *sql)
{
    struct statement **slot = slot_of(c, sql), *s = *slot;

    /* The text is compared even here: an arena may put another text at the same address. */
    if (!s || strcmp(s->sql, sql) != 0) {
        uint64_t hash = hash_of(sql);
        for (s = c->by_hash[hash % STATEMENTS_SLOTS]; s; s = s->chain)
            if (s->hash == hash && strcmp(s->sql, sql) == 0)
                break;
        if (!s)
            return NULL;
        *slot = s;
    }
    s->used = ++c->clock;
    return s;
}

static void drop(struct statements *c, struct statement *s)
{
    struct statement **at = &c->by_hash[s->hash % STATEMENTS_SLOTS];

    while (*at != s)
        at = &(*at)->chain;
    *at = s->chain;
    for (size_t i = 0; i < STATEMENTS_SLOTS; i++)
        if (c->by_address[i] == s)
            c->by_address[i] = NULL;
    free(s->sql);
    c->drop(c->owner, s);
    c->n--;
}

static void drop_oldest(struct statements *c)
{
    struct statement *oldest = NULL;

    for (size_t i = 0; i < STATEMENTS_SLOTS; i++)
        for (struct statement *s = c->by_hash[i]; s; s = s->chain)
            if (!s->busy && (!oldest || s->used < oldest->used))
                oldest = s;
    if (oldest)
        drop(c, oldest);
}

void statements_add(struct statements *c, const char *sql, struct statement *s)
{
    if (c->n >= STATEMENTS_MOST)
        drop_oldest(c);
    s->sql = strdup(sql);
    if (!s->sql)
        die_of_memory(strlen(sql));
    s->hash = hash_of(sql);
    s->used = ++c->clock;
    s->chain = c->by_hash[s->hash % STATEMENTS_SLOTS];
    c->by_hash[s->hash % STATEMENTS_SLOTS] = s;
    *slot_of(c, sql) = s;
    c->n++;
}

void statements_clear(struct statements *c)
{
    for (size_t i = 0; i < STATEMENTS_SLOTS; i++)
        while (c->by_hash[i])
            drop(c, c->by_hash[i]);
}
