/*
 * router.c — see router.h. Rows are told apart by the number of their segments and by what stands before the
 * first "{"; few are left to be compared segment by segment.
 */
#include "http/router.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

static const char *const methods[] = {
    [GET] = "GET", [POST] = "POST", [PUT] = "PUT", [PATCH] = "PATCH", [DELETE] = "DELETE",
};

struct line {
    const struct route *route;
    uint32_t slashes, fixed;        /* in the pattern; bytes before its first "{" */
    bool whole;                     /* there is none */
};

struct router {
    size_t n;
    struct line lines[];
};

static uint32_t slashes_in(const char *path)
{
    uint32_t n = 0;

    while ((path = strchr(path, '/'))) {
        n++;
        path++;
    }
    return n;
}

struct router *router_new(const struct route *const *tables)
{
    size_t n = 0;

    for (const struct route *const *t = tables; *t; t++)
        for (const struct route *row = *t; row->path; row++)
            n++;
    struct router *r = must_alloc(sizeof *r + n * sizeof r->lines[0]);
    for (; *tables; tables++)
        for (const struct route *row = *tables; row->path; row++) {
            uint32_t fixed = (uint32_t)strcspn(row->path, "{");
            r->lines[r->n++] =
                (struct line){ row, slashes_in(row->path), fixed, row->path[fixed] == '\0' };
        }
    return r;
}

void router_free(struct router *r)
{
    free(r);
}

/* Segment by segment; "{…}" matches any that is not empty. */
static bool matches(const char *pattern, const char *path)
{
    while (*pattern && *path) {
        size_t want = strcspn(pattern + 1, "/") + 1, have = strcspn(path + 1, "/") + 1;
        bool any = pattern[1] == '{' && have > 1;
        if (!any && (want != have || memcmp(pattern, path, want) != 0))
            return false;
        pattern += want;
        path += have;
    }
    return !*pattern && !*path;
}

static bool fits(const struct line *line, const char *path, size_t n, uint32_t slashes)
{
    if (line->slashes != slashes || n < line->fixed ||
        memcmp(line->route->path, path, line->fixed) != 0)
        return false;
    /* The segment in which the fixed part ends is whole: a pattern has a slash before each "{". */
    return line->whole ? n == line->fixed
                       : matches(line->route->path + line->fixed - 1, path + line->fixed - 1);
}

static bool takes(const struct route *r, const char *method)
{
    return str_eq(methods[r->method], method) || (r->method == GET && str_eq(method, "HEAD"));
}

enum err router_find(const struct router *r, struct arena *a, const char *method, const char *path,
                     const struct route **out, const char **allow)
{
    const char *others = NULL;
    size_t n = strlen(path);
    uint32_t slashes = slashes_in(path);

    for (const struct line *line = r->lines; line < r->lines + r->n; line++) {
        if (!fits(line, path, n, slashes))
            continue;
        if (takes(line->route, method)) {
            *out = line->route;
            return OK;
        }
        others =
            arena_printf(a, "%s%s%s%s", others ? others : "", others ? ", " : "",
                         methods[line->route->method], line->route->method == GET ? ", HEAD" : "");
    }
    if (!others)
        return errf(ERR_NOT_FOUND, "there is nothing at %s", path);
    *allow = others;
    return errf(ERR_USAGE, "%s takes %s, not %s", path, others, method);
}

const char *router_part(struct arena *a, const char *pattern, const char *path, const char *name)
{
    size_t n = strlen(name);

    while (*pattern && *path) {
        size_t want = strcspn(pattern + 1, "/") + 1, have = strcspn(path + 1, "/") + 1;
        if (want == n + 3 && pattern[1] == '{' && strncmp(pattern + 2, name, n) == 0)
            return arena_textn(a, path + 1, have - 1);
        pattern += want;
        path += have;
    }
    return NULL;
}
