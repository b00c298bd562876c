/*
 * buf.h — bytes that grow, up to a ceiling.
 *
 * `max` 0 means no ceiling and is for text made by us; whatever arrives from outside sets one and
 * is told ERR_TOO_LARGE. The bytes are always followed by a NUL that is not counted.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/err.h"

struct buf {
    char *at;
    size_t n, cap, max;
};

void buf_free(struct buf *b);       /* frees the bytes, not the struct; usable again afterwards */
#define AUTO_BUF [[gnu::cleanup(buf_free)]] struct buf

enum err buf_take(struct buf *b, const void *bytes, size_t n);      /* ERR_TOO_LARGE over max */
void buf_add(struct buf *b, const void *bytes, size_t n);           /* for our own text: no ceiling */
void buf_puts(struct buf *b, const char *s);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF(2, 3);
void buf_clear(struct buf *b);      /* keeps the memory */
void buf_reserve(struct buf *b, size_t more);

static inline void buf_putc(struct buf *b, char c)
{
    if (b->cap - b->n < 2)
        buf_reserve(b, 1);
    b->at[b->n++] = c;
    b->at[b->n] = '\0';
}

#endif
