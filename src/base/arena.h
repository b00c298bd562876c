/*
 * arena.h — all memory of one unit of work, freed whole.
 *
 * Allocation never fails: every size that comes from outside meets a ceiling where it enters, so
 * running out means the machine is out; the process then ends with a log line and its supervisor
 * starts it again. Not thread-safe: an arena belongs to one thread at a time.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <string.h>

#include "base/core.h"

struct arena;

struct arena *arena_new(void);
void arena_free(struct arena *a);           /* NULL is fine */
AUTO_FREE(arena)

void *arena_alloc(struct arena *a, size_t size);        /* zeroed, aligned to 16 */
char *arena_text(struct arena *a, const char *s);       /* copy; NULL stays NULL */
char *arena_textn(struct arena *a, const char *s, size_t n);
char *arena_printf(struct arena *a, const char *fmt, ...) PRINTF(2, 3);

/* Everything allocated since the mark is given back at once. */
struct arena_mark { void *block; size_t used; };
struct arena_mark arena_mark(struct arena *a);
void arena_reset(struct arena *a, struct arena_mark mark);

size_t arena_size(const struct arena *a);   /* bytes held from the system */

#define NEW(a, type) ((type *)arena_alloc((a), sizeof(type)))
#define NEW_ARRAY(a, type, n) ((type *)arena_alloc((a), sizeof(type) * (n)))

/* Grows an arena array by doubling so that v[n] exists; the old copy stays until the arena goes. */
#define ARENA_GROW(a, v, n, cap)                                                                  \
    do {                                                                                          \
        if ((n) >= (cap)) {                                                                       \
            size_t cap_ = (cap) ? (cap) * 2 : 8;                                                  \
            typeof(v) v_ = arena_alloc((a), sizeof *(v) * cap_);                                  \
            if (n)                                                                                \
                memcpy(v_, (v), sizeof *(v) * (n));                                               \
            (v) = v_;                                                                             \
            (cap) = cap_;                                                                         \
        }                                                                                         \
    } while (0)

#endif
