/*
 * fuzz_csv.c — the CSV reader against any bytes in any pieces.
 *
 * The first byte is the size of the pieces; they must make no difference, and every row must have
 * as many cells as the header.
 */
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "source/csv.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

struct taker { struct buf cells; size_t width; };

static enum err row_in(void *arg, size_t line, const struct csv_cell *cells, size_t n)
{
    struct taker *t = arg;

    if (t->width && n != t->width)
        abort();
    t->width = n;
    buf_printf(&t->cells, "%zu:", line);
    for (size_t i = 0; i < n; i++) {
        if (!str_utf8(cells[i].text, cells[i].n) || cells[i].text[cells[i].n] != '\0')
            abort();
        buf_add(&t->cells, cells[i].text, cells[i].n);
        buf_putc(&t->cells, '\x1f');
    }
    return OK;
}

static enum err parse_all(const char *text, size_t n, size_t piece, struct taker *t)
{
    AUTO(csv) *c = csv_new(0, 4096, row_in, t);

    for (size_t at = 0; at < n; at += piece) {
        size_t len = MIN(piece, n - at);
        char *alone = malloc(len);
        memcpy(alone, text + at, len);
        enum err e = csv_feed(c, alone, len);
        free(alone);
        TRY(e);
    }
    return csv_end(c);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    struct taker t = {}, whole = {};

    if (n < 1)
        return 0;
    const char *text = (const char *)bytes + 1;
    enum err e = parse_all(text, n - 1, 1 + bytes[0] % 130, &t);
    if (e != parse_all(text, n - 1, n, &whole) || t.cells.n != whole.cells.n ||
        (t.cells.n && memcmp(t.cells.at, whole.cells.at, t.cells.n) != 0))
        abort();
    buf_free(&t.cells);
    buf_free(&whole.cells);
    return 0;
}
