/* path.c — see path.h. */
#include "scim/path.h"

#include <strings.h>

#include "base/err.h"
#include "base/str.h"
#include "scim/filter.h"

/* A piece of the text, not copied: what is quoted in a message is quoted with its length. */
struct word { const char *at; size_t n; };

enum { NAMES = 128 };               /* as many are compared for "did you mean" */

static bool ends_name(char c)
{
    return c == '\0' || strchr(" \t\r\n()[]\",=<>!", c) != NULL;
}

static struct word word_at(const char *text)
{
    size_t n = 0;

    while (!ends_name(text[n]))
        n++;
    return (struct word){ text, n };
}

static size_t names_of(const struct scim_attr *attrs, const char **names, size_t n)
{
    for (; attrs && attrs->name && n < NAMES; attrs++)
        names[n++] = attrs->name;
    return n;
}

/* ", did you mean X?" or what else helps whoever reads it. */
static const char *hint(struct arena *a, struct word wrong, const char *const *names, size_t n)
{
    const char *near = str_nearest(arena_textn(a, wrong.at, wrong.n), names, n);

    return near ? arena_printf(a, "; did you mean %s?", near) : "";
}

static enum err no_attribute(struct arena *a, const struct scim_resource *r,
                             const struct scim_schema *only, struct word name)
{
    const char *names[NAMES];
    size_t n = 0;

    if (only) {
        n = names_of(only->attrs, names, n);
        return errf(ERR_PATH, "%s has no attribute \"%.*s\"%s", only->id, (int)name.n, name.at,
                    hint(a, name, names, n));
    }
    n = names_of(scim_common, names, n);
    n = names_of(r->core->attrs, names, n);
    for (size_t i = 0; r->extensions[i]; i++)
        n = names_of(r->extensions[i]->attrs, names, n);
    return errf(ERR_PATH, "a %s has no attribute \"%.*s\"%s", r->name, (int)name.n, name.at,
                hint(a, name, names, n));
}

/* The number of bytes of `text` that are this URN, with what divides it from the rest not counted. */
static size_t urn_length(struct word text, const struct scim_schema *s)
{
    size_t n = strlen(s->id);

    if (text.n < n || strncasecmp(text.at, s->id, n) != 0)
        return 0;
    /* A dot for the last colon is Entra's, when it reads a source. */
    return text.n == n || text.at[n] == ':' || text.at[n] == '.' ? n : 0;
}

static const struct scim_schema *longest_urn(const struct scim_resource *r, struct word text,
                                             size_t *n)
{
    const struct scim_schema *found = r->core;

    *n = urn_length(text, r->core);
    for (size_t i = 0; r->extensions[i]; i++) {
        size_t length = urn_length(text, r->extensions[i]);
        if (length > *n) {
            found = r->extensions[i];
            *n = length;
        }
    }
    return *n ? found : NULL;
}

static enum err no_schema(struct arena *a, const struct scim_resource *r, struct word text)
{
    const char *names[8];
    size_t n = 0;
    const char *colon = memrchr(text.at, ':', text.n);
    struct word urn = { text.at, (size_t)(colon - text.at) };

    names[n++] = r->core->id;
    for (size_t i = 0; r->extensions[i]; i++)
        names[n++] = r->extensions[i]->id;
    return errf(ERR_PATH, "\"%.*s\" does not begin with a schema that a %s has%s", (int)text.n,
                text.at, r->name, hint(a, urn, names, n));
}

/* The attribute that `name` is, in the schema its URN named or in any. */
static enum err read_attribute(struct arena *a, const struct scim_resource *r, struct word name,
                               struct path *out)
{
    const struct scim_schema *urn = out->schema;

    if (urn) {
        out->attr = scim_attr_find(urn->attrs, name.at, name.n);
        if (!out->attr && urn == r->core) {
            out->schema = NULL;
            out->attr = scim_attr_find(scim_common, name.at, name.n);
        }
    } else {
        out->attr = scim_find(r, name.at, name.n, &out->schema);
    }
    return out->attr ? OK : no_attribute(a, r, urn, name);
}

/* `name` is what follows the dot. */
static enum err read_sub(struct arena *a, struct word name, struct path *out)
{
    const struct scim_attr *attr = out->attr;
    const char *names[NAMES];

    if (memchr(name.at, '.', name.n) || memchr(name.at, ':', name.n))
        return errf(ERR_PATH, "\"%s.%.*s\" goes too deep: an attribute of an attribute is the last",
                    attr->name, (int)name.n, name.at);
    /* The items of a plain list are addressed as `value` (RFC 7644 §3.5.2). */
    if (!attr->sub && attr->many && name.n == 5 && strncasecmp(name.at, "value", 5) == 0)
        return OK;
    out->sub = attr->sub ? scim_attr_find(attr->sub, name.at, name.n) : NULL;
    if (out->sub)
        return OK;
    if (!attr->sub)
        return errf(ERR_PATH, "%s is a plain value: there is no \"%.*s\" in it", attr->name,
                    (int)name.n, name.at);
    return errf(ERR_PATH, "%s has no \"%.*s\"%s", attr->name, (int)name.n, name.at,
                hint(a, name, names, names_of(attr->sub, names, 0)));
}

enum err path_read(struct arena *a, const struct scim_resource *r, const char *text, size_t *at,
                   struct path *out)
{
    struct word whole = word_at(text + *at), name = whole;
    size_t urn;

    *out = (struct path){};
    if (whole.n == 0)
        return errf(ERR_PATH, "the name of an attribute is missing at column %zu", *at + 1);
    out->schema = longest_urn(r, whole, &urn);
    if (out->schema) {
        if (urn == whole.n) {
            *at += whole.n;
            return OK;
        }
        name = (struct word){ whole.at + urn + 1, whole.n - urn - 1 };
    } else if (memchr(whole.at, ':', whole.n)) {
        return no_schema(a, r, whole);
    }

    const char *dot = memchr(name.at, '.', name.n);
    struct word first = { name.at, dot ? (size_t)(dot - name.at) : name.n };
    TRY(read_attribute(a, r, first, out));
    if (dot)
        TRY(read_sub(a, (struct word){ dot + 1, name.n - first.n - 1 }, out));
    *at += whole.n;
    return OK;
}

/* The bracket at *at, and what may follow it. */
static enum err read_items(struct arena *a, const char *text, size_t *at, struct path *out)
{
    struct filter *f = NULL;

    if (!out->attr || out->sub || !out->attr->many)
        return errf(ERR_PATH, "\"%.*s\" is no list: [ ] chooses among the items of one", (int)*at,
                    text);
    ++*at;
    TRY(filter_parse_items(a, out->attr, text, at, &f));
    out->filter = f;
    if (text[*at] != '.')
        return OK;
    struct word sub = word_at(text + *at + 1);
    if (sub.n == 0)
        return errf(ERR_PATH, "a name is missing behind the dot at column %zu", *at + 1);
    TRY(read_sub(a, sub, out));
    *at += 1 + sub.n;
    return OK;
}

enum err path_parse(struct arena *a, const struct scim_resource *r, const char *text,
                    struct path *out)
{
    size_t at = 0;

    text = str_trim(a, text);
    if (!*text)
        return errf(ERR_PATH, "the path is empty");
    TRY(path_read(a, r, text, &at, out));
    if (text[at] == '[')
        TRY(read_items(a, text, &at, out));
    if (text[at])
        return errf(ERR_PATH, "the path \"%s\" should end at column %zu", text, at + 1);
    return OK;
}
