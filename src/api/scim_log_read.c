/* scim_log_read.c — the request log as people ask for it; see scim_log.h. */
#include <stdlib.h>

#include "api/scim_log.h"
#include "base/clock.h"
#include "base/id.h"
#include "base/str.h"

struct found {
    const struct scim_log_query *q;
    struct scim_line *lines;        /* newest first */
    size_t n, cap;
    const int64_t *bodies;          /* ids of lines that have one */
    size_t nbodies;
};

static int by_id(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return x < y ? -1 : x > y;
}

static bool wanted(const struct scim_log_query *q, const struct scim_line *line)
{
    return line->at >= q->since && (!q->failed || line->status >= 400 || line->status == 0);
}

static void keep(struct work *w, struct found *f, const struct scim_line *line)
{
    ARENA_GROW(w->mem, f->lines, f->n, f->cap);
    struct scim_line *to = &f->lines[f->n++];
    *to = *line;
    to->workspace = w->workspace;
    to->token_name = arena_text(w->mem, line->token_name);
    to->method = arena_text(w->mem, line->method);
    to->path = arena_text(w->mem, line->path);
    to->address = arena_text(w->mem, line->address);
    to->agent = arena_text(w->mem, line->agent);
    to->detail = arena_text(w->mem, line->detail);
    to->body = f->nbodies && bsearch(&line->id, f->bodies, f->nbodies, sizeof line->id, by_id);
}

/* From the last line of a block to its first, until there are enough. */
static void read_block(struct work *w, struct arena *mem, const struct scim_block *b,
                       struct found *f)
{
    size_t end = b->n;

    while (end > 0 && f->n < f->q->limit) {
        size_t start = --end;               /* the line's own \n */
        while (start > 0 && b->lines[start - 1] != '\n')
            start--;
        struct scim_line line;
        struct arena_mark mark = arena_mark(mem);
        if (scim_line_read(mem, b->lines + start, end - start, &line) && wanted(f->q, &line))
            keep(w, f, &line);
        arena_reset(mem, mark);
        end = start;
    }
}

static enum err read_next(struct work *w, struct found *f, int64_t *before)
{
    AUTO(work) *reader = work_new(w->store, w->actor);     /* a block is large, and gone at once */
    struct scim_block b;

    reader->workspace = w->workspace;
    TRY(scim_block_before(reader, *before, f->q->since, &b));
    if (b.id)
        read_block(w, reader->mem, &b, f);
    *before = b.id;
    return OK;
}

enum err scim_log_read(struct work *w, const struct scim_log_query *q, struct scim_line **out,
                       size_t *n)
{
    struct found f = { .q = q };
    int64_t before = INT64_MAX, *bodies;

    TRY(scim_bodies_since(w, w->now - SCIM_BODY_MS, &bodies, &f.nbodies));
    f.bodies = bodies;
    while (before && f.n < q->limit)
        TRY(read_next(w, &f, &before));
    for (size_t i = 0; i < f.n / 2; i++) {
        struct scim_line line = f.lines[i];
        f.lines[i] = f.lines[f.n - 1 - i];
        f.lines[f.n - 1 - i] = line;
    }
    *out = f.lines;
    *n = f.n;
    return OK;
}

/* ---- a recorded request ---- */

/* Cuts one line off the front. */
static char *next_line(char **text)
{
    char *line = *text, *end = strchr(line, '\n');

    if (!end)
        return NULL;
    *end = '\0';
    *text = end + 1;
    return line;
}

static enum err read_request(char *text, struct scim_request *out)
{
    char *method = next_line(&text), *path = method ? next_line(&text) : NULL;
    char *source = path ? next_line(&text) : NULL, *query;

    if (!source || !id_read(source, &out->source))
        return errf(ERR_STORE, "the recorded request is damaged");
    query = strchr(path, '?');
    if (query)
        *query++ = '\0';
    out->method = method;
    out->path = path;
    out->query = query;
    out->body = text;
    out->body_size = strlen(text);
    return OK;
}

enum err scim_log_request(struct work *w, int64_t id, struct scim_request *out)
{
    const char *sealed, *what = arena_printf(w->mem, "scim_body:%s", id_text(id));
    char *text;

    TRY(scim_body_find(w, id, w->now - SCIM_BODY_MS, &sealed));
    if (!sealed)
        return errf(ERR_NOT_FOUND,
                    "no body is recorded for the request %s: bodies are kept only while "
                    "`muster set scim_record_bodies on`, for 24 hours",
                    id_text(id));
    if (crypt_open(w->mem, store_key(w->store), what, sealed, &text) != OK)
        return errf(ERR_STORE, "the body of the request %s cannot be opened with this key file",
                    id_text(id));
    return read_request(text, out);
}
