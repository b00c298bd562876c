/* csv.c — see csv.h. */
#include "source/csv.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"

enum where {
    SNIFFING,                       /* the first row is collected until its separator is known */
    CELL_START, IN_PLAIN, IN_QUOTES, AFTER_QUOTE,
    AFTER_CR,                       /* a line feed now belongs to the line end before */
};

struct csv {
    csv_row_fn *row;
    void *arg;
    enum where where;
    char delimiter;
    size_t line, row_line, quote_line;
    size_t width;                   /* of the first row */
    bool quoted;                    /* the row has a quote: it is not a blank line */
    bool sniff_quotes;              /* while sniffing: within quotes */
    bool sniff_text;                /* while sniffing: something but line ends was there */
    struct buf first;               /* raw bytes while sniffing */
    struct buf text;                /* cells of the row, each with a NUL behind it */
    size_t *ends, n, cap;           /* where each cell ends in `text` */
    struct csv_cell *cells;
};

struct csv *csv_new(char delimiter, size_t max_row, csv_row_fn *row, void *arg)
{
    struct csv *c = must_alloc(sizeof *c);

    c->row = row;
    c->arg = arg;
    c->delimiter = delimiter;
    c->line = c->row_line = 1;
    c->text.max = c->first.max = max_row ? max_row : MB(1);
    return c;
}

void csv_free(struct csv *c)
{
    if (!c)
        return;
    buf_free(&c->first);
    buf_free(&c->text);
    free(c->ends);
    free(c->cells);
    free(c);
}

static enum err hold(struct csv *c, struct buf *b, const char *p, size_t n)
{
    if (buf_take(b, p, n) == OK)
        return OK;
    if (c->where == IN_QUOTES)
        return errf(ERR_TOO_LARGE,
                    "the row that begins in line %zu is larger than %zu bytes: the quote opened in "
                    "line %zu is probably never closed",
                    c->row_line, b->max, c->quote_line);
    return errf(ERR_TOO_LARGE, "the row that begins in line %zu is larger than %zu bytes",
                c->row_line, b->max);
}

/* ---- rows ---- */

static enum err cell_done(struct csv *c)
{
    if (c->n == CSV_COLUMNS)
        return errf(ERR_TOO_LARGE, "line %zu has more than %d cells", c->row_line, CSV_COLUMNS);
    if (c->n == c->cap) {
        c->cap = c->cap ? c->cap * 2 : 64;
        c->ends = must_realloc(c->ends, c->cap * sizeof *c->ends);
        c->cells = must_realloc(c->cells, c->cap * sizeof *c->cells);
    }
    c->ends[c->n++] = c->text.n;
    c->where = CELL_START;
    return hold(c, &c->text, "", 1);
}

static enum err check_text(const struct csv *c)
{
    for (size_t i = 0; i < c->n; i++) {
        const struct csv_cell *cell = &c->cells[i];
        if (str_utf8(cell->text, cell->n))
            continue;
        if (memchr(cell->text, '\0', cell->n))
            return errf(ERR_INVALID,
                        "line %zu has a NUL byte in it: this is not a CSV file in UTF-8",
                        c->row_line);
        return errf(
            ERR_INVALID,
            "line %zu, cell %zu is not UTF-8; the file is probably in Windows-1252 or Latin-1: "
            "save it as \"CSV UTF-8\"",
            c->row_line, i + 1);
    }
    return OK;
}

static enum err row_done(struct csv *c)
{
    TRY(cell_done(c));
    bool blank = c->n == 1 && c->ends[0] == 0 && !c->quoted;
    for (size_t i = 0, at = 0; i < c->n; at = c->ends[i++] + 1)
        c->cells[i] = (struct csv_cell){ c->text.at + at, c->ends[i] - at };
    if (!blank) {
        TRY(check_text(c));
        if (!c->width)
            c->width = c->n;
        if (c->n != c->width)
            return errf(
                ERR_INVALID,
                "line %zu has %zu cells where the header has %zu: a separator or a quote is "
                "missing or too much",
                c->row_line, c->n, c->width);
        TRY(c->row(c->arg, c->row_line, c->cells, c->n));
    }
    buf_clear(&c->text);
    c->n = 0;
    c->quoted = false;
    return OK;
}

static enum err line_end(struct csv *c, char end)
{
    TRY(row_done(c));
    c->row_line = ++c->line;
    c->where = end == '\r' ? AFTER_CR : CELL_START;
    return OK;
}

/* A stretch without quotes, separators and line ends, or one such byte. */
static enum err outside_quotes(struct csv *c, const char *p, size_t n, size_t *used)
{
    size_t run = 0;

    if (c->where == CELL_START && p[0] == '"') {
        c->where = IN_QUOTES;
        c->quoted = true;
        c->quote_line = c->line;
        *used = 1;
        return OK;
    }
    while (run < n && p[run] != c->delimiter && p[run] != '\n' && p[run] != '\r')
        run++;
    *used = run;
    if (run) {
        if (c->where == AFTER_QUOTE)
            return errf(
                ERR_INVALID,
                "line %zu has text behind a closing quote: a quote within quotes is written "
                "twice",
                c->line);
        c->where = IN_PLAIN;
        return hold(c, &c->text, p, run);
    }
    *used = 1;
    return p[0] == c->delimiter ? cell_done(c) : line_end(c, p[0]);
}

static enum err inside_quotes(struct csv *c, const char *p, size_t n, size_t *used)
{
    const char *quote = memchr(p, '"', n);
    size_t run = quote ? (size_t)(quote - p) : n;

    for (const char *at = p; (at = memchr(at, '\n', run - (size_t)(at - p))); at++)
        c->line++;
    *used = run + !!quote;
    TRY(hold(c, &c->text, p, run));
    if (quote)
        c->where = AFTER_QUOTE;
    return OK;
}

static enum err parse(struct csv *c, const char *p, size_t n)
{
    for (size_t i = 0; i < n;) {
        size_t used = 1;
        switch (c->where) {
        case IN_QUOTES:
            TRY(inside_quotes(c, p + i, n - i, &used));
            break;
        case AFTER_QUOTE:
            if (p[i] == '"') {
                c->where = IN_QUOTES;
                TRY(hold(c, &c->text, "\"", 1));
            } else {
                TRY(outside_quotes(c, p + i, n - i, &used));
            }
            break;
        case AFTER_CR:
            c->where = CELL_START;
            used = p[i] == '\n';
            break;
        default:
            TRY(outside_quotes(c, p + i, n - i, &used));
        }
        i += used;
    }
    return OK;
}

/* ---- the first row ---- */

/* The separator that stands most often outside quotes; the comma if none does. */
static char sniff(const char *p, size_t n)
{
    static const char candidates[] = { ',', ';', '\t', '|' };
    size_t counts[COUNT(candidates)] = {};
    bool quotes = false;
    size_t best = 0;

    for (size_t i = 0; i < n; i++) {
        quotes ^= p[i] == '"';
        for (size_t k = 0; !quotes && k < COUNT(candidates); k++)
            counts[k] += p[i] == candidates[k];
    }
    for (size_t k = 1; k < COUNT(candidates); k++)
        if (counts[k] > counts[best])
            best = k;
    return candidates[best];
}

static enum err first_row_known(struct csv *c)
{
    const char *p = c->first.at;
    size_t n = c->first.n, mark = 0;

    if (n >= 2 && (memcmp(p, "\xff\xfe", 2) == 0 || memcmp(p, "\xfe\xff", 2) == 0))
        return errf(ERR_INVALID, "the file is in UTF-16: save it as \"CSV UTF-8\"");
    if (n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0)
        mark = 3;
    if (!c->delimiter)
        c->delimiter = sniff(p + mark, n - mark);
    c->where = CELL_START;
    return parse(c, p + mark, n - mark);
}

enum err csv_feed(struct csv *c, const char *bytes, size_t n)
{
    size_t i = 0;
    bool whole = false;

    if (c->where != SNIFFING)
        return parse(c, bytes, n);
    while (i < n && !whole) {
        bool end = bytes[i] == '\n' || bytes[i] == '\r';
        c->sniff_quotes ^= bytes[i] == '"';
        c->sniff_text |= !end;
        whole = end && c->sniff_text && !c->sniff_quotes;
        i++;
    }
    TRY(hold(c, &c->first, bytes, i));
    if (!whole)
        return OK;
    TRY(first_row_known(c));
    return parse(c, bytes + i, n - i);
}

enum err csv_end(struct csv *c)
{
    if (c->where == SNIFFING && c->first.n)
        TRY(first_row_known(c));
    bool in_row = c->n || c->text.n || c->quoted;
    switch (c->where) {
    case IN_QUOTES:
        return errf(ERR_INCOMPLETE, "the file ends within the quotes that were opened in line %zu",
                    c->quote_line);
    case IN_PLAIN:
    case AFTER_QUOTE:
    case CELL_START:
        if (in_row && c->n + 1 < c->width)
            return errf(
                ERR_INCOMPLETE,
                "the file ends in the middle of line %zu: it has %zu cells where the header "
                "has %zu",
                c->row_line, c->n + 1, c->width);
        if (in_row)
            TRY(row_done(c));
        break;
    default:
        break;
    }
    return c->width ? OK : errf(ERR_INCOMPLETE, "the file has no header row");
}
