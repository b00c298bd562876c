/* buf.c — see buf.h. */
#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void buf_free(struct buf *b)
{
    free(b->at);
    *b = (struct buf){ .max = b->max };
}

void buf_reserve(struct buf *b, size_t more)
{
    if (b->cap - b->n > more)
        return;
    size_t cap = b->cap ? b->cap * 2 : 256;
    while (cap - b->n <= more)
        cap *= 2;
    b->at = must_realloc(b->at, cap);
    b->cap = cap;
}

void buf_add(struct buf *b, const void *bytes, size_t n)
{
    buf_reserve(b, n);
    if (n)
        memcpy(b->at + b->n, bytes, n);
    b->n += n;
    b->at[b->n] = '\0';
}

enum err buf_take(struct buf *b, const void *bytes, size_t n)
{
    if (b->max && (b->n > b->max || n > b->max - b->n))
        return errf(ERR_TOO_LARGE, "more than %zu bytes", b->max);
    buf_add(b, bytes, n);
    return OK;
}

void buf_puts(struct buf *b, const char *s)
{
    buf_add(b, s, strlen(s));
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
    va_list ap, again;

    buf_reserve(b, 64);
    va_start(ap, fmt);
    va_copy(again, ap);
    int n = vsnprintf(b->at + b->n, b->cap - b->n, fmt, ap);
    va_end(ap);
    if ((size_t)n >= b->cap - b->n) {               /* it did not fit: once more, with room */
        buf_reserve(b, (size_t)n + 1);
        vsnprintf(b->at + b->n, (size_t)n + 1, fmt, again);
    }
    va_end(again);
    b->n += (size_t)n;
}

void buf_clear(struct buf *b)
{
    b->n = 0;
    if (b->at)
        b->at[0] = '\0';
}
