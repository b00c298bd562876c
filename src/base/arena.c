/* arena.c — a list of blocks; the newest is filled from the front. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 8 * 1024, ALIGN = 16 };

struct block {
    struct block *older;
    size_t size, used;
    alignas(ALIGN) char bytes[];
};

struct arena {
    struct block *newest;
    struct block *spare;            /* one block kept over a reset, so that loops do not churn */
};

void die_of_memory(size_t wanted)
{
    fprintf(stderr, "muster: out of memory (%zu bytes wanted); ending\n", wanted);
    abort();
}

void *must_alloc(size_t size)
{
    void *p = calloc(1, size ? size : 1);

    if (!p)
        die_of_memory(size);
    return p;
}

void *must_realloc(void *p, size_t size)
{
    void *q = realloc(p, size ? size : 1);

    if (!q)
        die_of_memory(size);
    return q;
}

static struct block *block_new(size_t size)
{
    struct block *b = malloc(sizeof *b + size);

    if (!b)
        die_of_memory(size);
    b->older = NULL;
    b->size = size;
    b->used = 0;
    return b;
}

struct arena *arena_new(void)
{
    return must_alloc(sizeof(struct arena));
}

void arena_free(struct arena *a)
{
    if (!a)
        return;
    for (struct block *b = a->newest, *older; b; b = older) {
        older = b->older;
        free(b);
    }
    free(a->spare);
    free(a);
}

static void add_block(struct arena *a, size_t size)
{
    struct block *b = a->spare;

    if (b && b->size >= size) {
        a->spare = NULL;
        b->used = 0;
    } else {
        size_t grown = a->newest ? MIN(a->newest->size * 2, MB(1)) : BLOCK;
        b = block_new(MAX(grown, size));
    }
    b->older = a->newest;
    a->newest = b;
}

void *arena_alloc(struct arena *a, size_t size)
{
    size = (size + ALIGN - 1) & ~(size_t)(ALIGN - 1);
    if (!a->newest || a->newest->size - a->newest->used < size)
        add_block(a, size);
    char *p = a->newest->bytes + a->newest->used;
    a->newest->used += size;
    return memset(p, 0, size);
}

char *arena_textn(struct arena *a, const char *s, size_t n)
{
    char *p = arena_alloc(a, n + 1);

    if (n)
        memcpy(p, s, n);
    return p;
}

char *arena_text(struct arena *a, const char *s)
{
    return s ? arena_textn(a, s, strlen(s)) : NULL;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
    char first[256];                /* most texts are short: they are made once */
    va_list ap, again;

    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(first, sizeof first, fmt, ap);
    va_end(ap);
    char *p = arena_alloc(a, (size_t)n + 1);
    if ((size_t)n < sizeof first)
        memcpy(p, first, (size_t)n);
    else
        vsnprintf(p, (size_t)n + 1, fmt, again);
    va_end(again);
    return p;
}

struct arena_mark arena_mark(struct arena *a)
{
    return (struct arena_mark){ a->newest, a->newest ? a->newest->used : 0 };
}

void arena_reset(struct arena *a, struct arena_mark mark)
{
    while (a->newest && a->newest != mark.block) {
        struct block *b = a->newest;
        a->newest = b->older;
        if (!a->spare || a->spare->size < b->size) {
            free(a->spare);
            a->spare = b;
        } else {
            free(b);
        }
    }
    if (a->newest)
        a->newest->used = mark.used;
}

size_t arena_size(const struct arena *a)
{
    size_t n = a->spare ? a->spare->size : 0;

    for (const struct block *b = a->newest; b; b = b->older)
        n += b->size;
    return n;
}
