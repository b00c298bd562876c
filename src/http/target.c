/* target.c — see target.h. */
#include "http/target.h"

#include <string.h>
#include <strings.h>

#include "base/str.h"

static int hex(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decodes the first `n` bytes; NULL unless they stand for UTF-8 text without control characters. */
static char *decode(struct arena *a, const char *raw, size_t n, bool plus_is_space)
{
    char *text = arena_alloc(a, n + 1), *to = text;

    for (size_t i = 0; i < n; i++) {
        char c = raw[i];
        if (c == '%') {
            if (n - i < 3 || hex(raw[i + 1]) < 0 || hex(raw[i + 2]) < 0)
                return NULL;
            c = (char)(hex(raw[i + 1]) << 4 | hex(raw[i + 2]));
            i += 2;
        } else if (c == '+' && plus_is_space) {
            c = ' ';
        }
        if (c == '\0' || c == 0x7f || (!plus_is_space && (unsigned char)c < ' '))
            return NULL;
        *to++ = c;
    }
    return str_utf8(text, (size_t)(to - text)) ? text : NULL;
}

/* A slash that came as %2F would move the borders of the segments. */
static enum err decode_path(struct arena *a, const char *raw, size_t n, const char **out)
{
    char *path = decode(a, raw, n, false);

    if (!path)
        return errf(ERR_USAGE, "the path of the address is not percent-encoded UTF-8 text");
    size_t slashes = 0, raw_slashes = 0;
    for (const char *p = path; *p; p++)
        slashes += *p == '/';
    for (size_t i = 0; i < n; i++)
        raw_slashes += raw[i] == '/';
    if (slashes != raw_slashes)
        return errf(ERR_USAGE, "the path of the address has an encoded slash (%%2F) in it; no name "
                    "here has one");
    *out = path;
    return OK;
}

/* The next pair of a query from *at on; false at its end. */
static bool next_pair(const char **at, const char **pair, size_t *name, size_t *n)
{
    if (!**at)
        return false;
    *pair = *at;
    *n = strcspn(*at, "&");
    *name = MIN(strcspn(*at, "="), *n);
    *at += *n + ((*at)[*n] == '&');
    return true;
}

/* Most queries are letters, digits and signs that stand for themselves. */
static bool is_plain(const char *s)
{
    for (; *s; s++)
        if (*s == '%' || *s < ' ' || *s == 0x7f)
            return false;
    return true;
}

static enum err check_query(struct arena *a, const char *query)
{
    const char *pair;
    size_t name, n;

    if (is_plain(query))
        return OK;
    for (const char *at = query; next_pair(&at, &pair, &name, &n);)
        if (!decode(a, pair, n, true))
            return errf(ERR_USAGE, "the part of the address behind the question mark is not "
                        "percent-encoded UTF-8 text");
    return OK;
}

/* Clients that put base address and path together make doubled slashes, others a last one too many. */
static const char *single_slashes(struct arena *a, const char *path)
{
    size_t n = strlen(path);

    if (!strstr(path, "//") && (n < 2 || path[n - 1] != '/'))
        return path;
    char *plain = arena_alloc(a, n + 1), *to = plain;
    for (const char *p = path; *p; p++)
        if (*p != '/' || (p[1] != '/' && p[1]))
            *to++ = *p;
    if (to == plain)
        *to = '/';
    return plain;
}

/* "http://host/path", as a proxy may send it (RFC 9112 §3.2.2). */
static const char *without_origin(const char *raw)
{
    if (!str_starts(raw, "http://") && !str_starts(raw, "https://"))
        return raw;
    const char *path = strchr(strchr(raw, ':') + 3, '/');
    return path ? path : "/";
}

enum err target_read(struct arena *a, const char *raw, struct target *out)
{
    raw = without_origin(raw);
    size_t n = strcspn(raw, "?");
    const char *path = NULL;

    if (*raw != '/')
        return errf(ERR_USAGE, "an address here begins with a slash");
    TRY(decode_path(a, raw, n, &path));
    *out = (struct target){ .query = raw[n] ? raw + n + 1 : "" };
    TRY(check_query(a, out->query));
    if (str_starts(path, "/w/")) {
        size_t name = strcspn(path + 3, "/");
        out->workspace = arena_textn(a, path + 3, name);
        path = path[3 + name] ? path + 3 + name : "/";
    }
    out->path = single_slashes(a, path);
    return OK;
}

/* The next value of `name` from *at on; NULL at the end of the query. */
static const char *next_value(struct arena *a, const char **at, const char *name)
{
    const char *pair;
    size_t n, length, want = strlen(name);

    while (next_pair(at, &pair, &n, &length)) {
        /* Decoded only where it may be the one: a name is as long as it looks or has a % in it. */
        if (memchr(pair, '%', n) ? !str_eq_nocase(decode(a, pair, n, true), name)
                                 : n != want || strncasecmp(pair, name, n) != 0)
            continue;
        return n < length ? decode(a, pair + n + 1, length - n - 1, true) : "";
    }
    return NULL;
}

const char *target_query(struct arena *a, const struct target *t, const char *name)
{
    const char *at = t->query;

    return next_value(a, &at, name);
}

const char *target_query_list(struct arena *a, const struct target *t, const char *name)
{
    const char *at = t->query, *all = next_value(a, &at, name);

    for (const char *more; all && (more = next_value(a, &at, name));)
        all = arena_printf(a, "%s,%s", all, more);
    return all;
}
