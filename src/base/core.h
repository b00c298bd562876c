/*
 * core.h — the few words every file of the program uses: cleanup on scope end, counts, sizes.
 */
#ifndef BASE_CORE_H
#define BASE_CORE_H

#include <assert.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define KB(n) ((size_t)(n) * 1024)
#define MB(n) ((size_t)(n) * 1024 * 1024)

#define MIN(a, b) ((a) < (b) ? (a) : (b))
#define MAX(a, b) ((a) > (b) ? (a) : (b))

#define PRINTF(fmt, args) [[gnu::format(printf, fmt, args)]]

/*
 * An owned, opaque `struct NAME` is freed at the end of the scope that declares it with
 * AUTO(NAME) *p = NULL; its header says AUTO_FREE(NAME) after declaring NAME_free().
 */
#define AUTO_FREE(name)                                                                           \
    static inline void name##_auto(struct name **p)                                               \
    {                                                                                             \
        name##_free(*p);                                                                          \
    }
#define AUTO(name) [[gnu::cleanup(name##_auto)]] struct name

/* Hands an owned pointer on: the variable is NULL afterwards, so its scope does not free it. */
#define take(p)                                                                                   \
    ({                                                                                            \
        typeof(p) *take_from_ = &(p);                                                             \
        typeof(p) taken_ = *take_from_;                                                           \
        *take_from_ = NULL;                                                                       \
        taken_;                                                                                   \
    })

/* Out of memory ends the process with one log line; see arena.h for why that is safe. */
_Noreturn void die_of_memory(size_t wanted);
void *must_alloc(size_t size);              /* zeroed */
void *must_realloc(void *p, size_t size);

#endif
