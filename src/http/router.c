/* router.c — see router.h. The tables are short; a look at each row costs less than a parsed request. */
#include "http/router.h"

#include <string.h>

#include "base/str.h"

static const char *const methods[] = {
    [GET] = "GET", [POST] = "POST", [PUT] = "PUT", [PATCH] = "PATCH", [DELETE] = "DELETE",
};

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

static bool takes(const struct route *r, const char *method)
{
    return str_eq(methods[r->method], method) || (r->method == GET && str_eq(method, "HEAD"));
}

enum err router_find(struct arena *a, const struct route *const *tables, const char *method,
                     const char *path, const struct route **out, const char **allow)
{
    const char *others = NULL;

    for (; *tables; tables++)
        for (const struct route *r = *tables; r->path; r++) {
            if (!matches(r->path, path))
                continue;
            if (takes(r, method)) {
                *out = r;
                return OK;
            }
            others = arena_printf(a, "%s%s%s%s", others ? others : "", others ? ", " : "",
                                  methods[r->method], r->method == GET ? ", HEAD" : "");
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
