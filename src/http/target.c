/* target.c — see target.h. */
#include "http/target.h"

#include <string.h>

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

static enum err check_query(struct arena *a, const char *query)
{
    const char *pair;
    size_t name, n;

    for (const char *at = query; next_pair(&at, &pair, &name, &n);)
        if (!decode(a, pair, n, true))
            return errf(ERR_USAGE, "the part of the address behind the question mark is not "
                        "percent-encoded UTF-8 text");
    return OK;
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
    *out = (struct target){ .path = path, .query = raw[n] ? raw + n + 1 : "" };
    TRY(check_query(a, out->query));
    if (!str_starts(path, "/w/"))
        return OK;
    size_t name = strcspn(path + 3, "/");
    out->workspace = arena_textn(a, path + 3, name);
    out->path = path[3 + name] ? path + 3 + name : "/";
    return OK;
}

const char *target_query(struct arena *a, const struct target *t, const char *name)
{
    const char *pair;
    size_t n, length;

    for (const char *at = t->query; next_pair(&at, &pair, &n, &length);)
        if (str_eq(decode(a, pair, n, true), name))
            return n < length ? decode(a, pair + n + 1, length - n - 1, true) : "";
    return NULL;
}
