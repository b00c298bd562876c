/* file_read.c — a file's bytes: found, read in pieces, cut into rows of its format. */
#include "source/file_read.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/slice.h"
#include "source/csv.h"

enum { PIECE = 64 * 1024 };

/* One of the ways to cut the bytes into rows. */
struct cutter {
    const struct file_rows *rows;
    struct csv *csv;
    struct slice *slice;
    struct buf line;                /* of NDJSON: the part that came in earlier pieces */
    size_t number;                  /* of the line or record */
    size_t objects;
};

/* ---- NDJSON ---- */

static enum err object_line(struct cutter *c, const char *p, size_t n)
{
    c->number++;
    while (n && memchr(" \t\r", p[n - 1], 3))
        n--;
    if (!n)
        return OK;
    c->objects++;
    return c->rows->object(c->rows->arg, c->number, p, n);
}

static enum err line_hold(struct cutter *c, const char *p, size_t n)
{
    if (buf_take(&c->line, p, n) == OK)
        return OK;
    return errf(ERR_TOO_LARGE, "line %zu is larger than %zu bytes", c->number + 1, c->line.max);
}

static enum err ndjson_feed(struct cutter *c, const char *p, size_t n)
{
    for (const char *end; (end = memchr(p, '\n', n)); n -= (size_t)(end + 1 - p), p = end + 1) {
        size_t len = (size_t)(end - p);
        if (c->line.n || len > c->line.max) {
            TRY(line_hold(c, p, len));
            TRY(object_line(c, c->line.at, c->line.n));
            buf_clear(&c->line);
        } else {
            TRY(object_line(c, p, len));
        }
    }
    return line_hold(c, p, n);
}

static enum err ndjson_end(struct cutter *c)
{
    size_t n = c->line.n;

    while (n && memchr(" \t\r", c->line.at[n - 1], 3))
        n--;
    if (n && c->line.at[n - 1] != '}')
        return errf(ERR_INCOMPLETE, "the file ends in the middle of line %zu", c->number + 1);
    if (n)
        TRY(object_line(c, c->line.at, n));
    return c->objects ? OK : errf(ERR_INCOMPLETE, "there is no record in the file");
}

/* ---- the three formats ---- */

static enum err csv_piece(struct cutter *c, const char *p, size_t n)
{
    return csv_feed(c->csv, p, n);
}

static enum err csv_last(struct cutter *c)
{
    return csv_end(c->csv);
}

static enum err json_piece(struct cutter *c, const char *p, size_t n)
{
    return slice_feed(c->slice, p, n);
}

static enum err json_last(struct cutter *c)
{
    return slice_end(c->slice);
}

static const struct {
    enum err (*feed)(struct cutter *c, const char *p, size_t n);
    enum err (*end)(struct cutter *c);
} formats[] = {
    [FILE_CSV] = { csv_piece, csv_last },
    [FILE_NDJSON] = { ndjson_feed, ndjson_end },
    [FILE_JSON] = { json_piece, json_last },
};

static enum file_format format_of(const char *p, size_t n)
{
    size_t i = n >= 3 && memcmp(p, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

    while (i < n && memchr(" \t\r\n", p[i], 4))
        i++;
    if (i < n && p[i] == '{')
        return FILE_NDJSON;
    return i < n && p[i] == '[' ? FILE_JSON : FILE_CSV;
}

static enum err changed_meanwhile(void)
{
    return errf(ERR_INCOMPLETE,
                "the file changed while it was read; write it under another name and rename it");
}

/* `size` is what the file had at first: one that grows as fast as it is read has no end. */
static enum err read_pieces(int fd, size_t size, const struct file_rows *rows, struct cutter *c)
{
    AUTO_BUF piece = {};
    enum file_format format = rows->format;
    size_t total = 0;

    buf_reserve(&piece, PIECE);
    for (;;) {
        ssize_t got = read(fd, piece.at, PIECE);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return errf(ERR_INCOMPLETE, "reading failed after %zu bytes: %m", total);
        if (got == 0)
            break;
        if (rows->stop && *rows->stop)
            return errf(ERR_STOPPED, "stopped after %zu bytes", total);
        const char *bytes = piece.at;
        size_t n = (size_t)got;
        if (!total && format == FILE_AUTO)
            format = format_of(bytes, n);
        if (!total && rows->format_is)
            rows->format_is(rows->arg, format);
        if (!total && format != FILE_CSV && n >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
            bytes += 3, n -= 3;
        total += (size_t)got;
        if (total > size)
            return changed_meanwhile();
        TRY(formats[format].feed(c, bytes, n));
    }
    if (!total)
        return errf(ERR_INCOMPLETE, "the file is empty; was its export interrupted?");
    return formats[format].end(c);
}

/* A file that is written while it is read is neither the old nor the new one. */
static enum err read_open_file(int fd, const struct file_rows *rows)
{
    struct stat before, after;
    struct cutter c = { .rows = rows, .line = { .max = MB(1) } };

    if (fstat(fd, &before) != 0 || !S_ISREG(before.st_mode))
        return errf(ERR_INVALID, "this is not a file");
    c.csv = csv_new(rows->delimiter, 0, rows->row, rows->arg);
    c.slice = slice_new(
        &(struct slice_options){ .what = "the file", .record = rows->object, .arg = rows->arg });
    enum err e = read_pieces(fd, (size_t)before.st_size, rows, &c);
    csv_free(c.csv);
    slice_free(c.slice);
    buf_free(&c.line);
    if (fstat(fd, &after) != 0 || before.st_size != after.st_size ||
        before.st_mtim.tv_sec != after.st_mtim.tv_sec ||
        before.st_mtim.tv_nsec != after.st_mtim.tv_nsec)
        return changed_meanwhile();
    return e;
}

enum err file_read(const struct file_rows *rows)
{
    int fd = open(rows->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0)
        return errf(errno == ENOENT ? ERR_NOT_FOUND : ERR_INVALID,
                    "%s cannot be read: %m; put the file there, or "
                    "set the option path",
                    rows->path);
    enum err e = read_open_file(fd, rows);
    close(fd);
    return e;
}
