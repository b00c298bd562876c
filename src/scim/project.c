/* project.c — see project.h. */
#include "scim/project.h"

#include "base/err.h"
#include "base/str.h"
#include "scim/filter.h"

struct projection {
    struct arena *a;                        /* for filters in names */
    const struct scim_resource *r;
    bool excludes;
    struct path *paths;
    size_t n, cap;
};

/* The end of the name at `s`: a comma that is neither in brackets nor in quotes. */
static size_t name_length(const char *s)
{
    size_t i = 0;
    bool quoted = false;
    int depth = 0;

    for (; s[i]; i++) {
        if (quoted && s[i] == '\\' && s[i + 1])
            i++;
        else if (s[i] == '"' && depth)
            quoted = !quoted;
        else if (!quoted && s[i] == '[')
            depth++;
        else if (!quoted && s[i] == ']' && depth)
            depth--;
        else if (s[i] == ',' && !depth)
            break;
    }
    return i;
}

static enum err read_names(struct projection *p, const char *names)
{
    while (*names) {
        size_t n = name_length(names);
        const char *name = str_trim(p->a, arena_textn(p->a, names, n));
        struct path at;

        names += names[n] ? n + 1 : n;
        if (!*name)
            continue;
        enum err e = path_parse(p->a, p->r, name, &at);
        if (e == ERR_PATH)          /* what nobody knows is in no resource (RFC 7644 §3.9) */
            continue;
        TRY(e);
        ARENA_GROW(p->a, p->paths, p->n, p->cap);
        p->paths[p->n++] = at;
    }
    return OK;
}

static bool given(const char *names)
{
    return names && names[strspn(names, " \t,")];
}

enum err projection_parse(struct arena *a, const struct scim_resource *r, const char *attributes,
                          const char *excluded, struct projection **out)
{
    *out = NULL;
    if (given(attributes) && given(excluded))
        return errf(ERR_INVALID, "send either attributes or excludedAttributes, not both");
    if (!given(attributes) && !given(excluded))
        return OK;
    struct projection *p = NEW(a, struct projection);
    p->a = a;
    p->r = r;
    p->excludes = given(excluded);
    TRY(read_names(p, p->excludes ? excluded : attributes));
    *out = p;
    return OK;
}

/* Is the path about this attribute: itself, something in it, or all of its schema? */
static bool is_about(const struct path *at, const struct scim_schema *s,
                     const struct scim_attr *attr)
{
    return at->attr ? at->attr == attr : at->schema == s;
}

static bool whole(const struct path *at)
{
    return !at->sub && !at->filter;
}

static bool wants_attr(const struct projection *p, const struct scim_schema *s,
                       const struct scim_attr *attr)
{
    bool named = false, all = false;

    for (size_t i = 0; p && i < p->n; i++)
        if (is_about(&p->paths[i], s, attr)) {
            named = true;
            all = all || whole(&p->paths[i]);
        }
    switch (attr->returned) {
    case SCIM_ALWAYS: return true;
    case SCIM_NEVER: return false;
    case SCIM_REQUEST: return p && !p->excludes && named;
    default: return !p || (p->excludes ? !all : named);
    }
}

static bool wants_schema(const struct projection *p, const struct scim_schema *s)
{
    for (const struct scim_attr *attr = s->attrs; attr->name; attr++)
        if (wants_attr(p, s, attr))
            return true;
    return false;
}

bool projection_wants(const struct projection *p, const char *attribute)
{
    const struct scim_schema *s = NULL;
    const struct scim_attr *attr;

    if (!p)
        return true;
    s = scim_schema_find(p->r, attribute, strlen(attribute));
    if (s)
        return wants_schema(p, s);
    attr = scim_find(p->r, attribute, strlen(attribute), &s);
    return attr && wants_attr(p, s, attr);
}

/* One resource on its way out. */
struct writing {
    struct json_out out;
    const struct projection *p;
    const struct scim_schema *schema;
    const struct scim_attr *attr;
};

/* What was written since is taken back: there was nothing in it. */
struct mark { size_t n; bool comma; };

static struct mark mark_of(const struct json_out *o)
{
    return (struct mark){ o->to->n, o->comma };
}

static void take_back(struct json_out *o, struct mark m)
{
    o->to->n = m.n;
    o->to->at[m.n] = '\0';
    o->comma = m.comma;
}

static void write_value(struct json_out *o, yyjson_val *v)
{
    if (yyjson_is_str(v))
        json_strn(o, yyjson_get_str(v), yyjson_get_len(v));
    else if (yyjson_is_bool(v))
        json_bool(o, yyjson_get_bool(v));
    else
        json_val(o, v);
}

/* Does the path speak of this item? */
static bool chooses(const struct writing *w, const struct path *at, yyjson_val *item)
{
    if (!at->filter)
        return true;
    struct arena_mark m = arena_mark(w->p->a);
    bool fits = filter_match_item(w->p->a, at->filter, item);
    arena_reset(w->p->a, m);
    return fits;
}

/* Which of the paths speak of an item is decided once for all of its sub-attributes. */
static size_t choose(const struct writing *w, yyjson_val *item, const struct path **chosen,
                     size_t most)
{
    size_t n = 0;

    for (size_t i = 0; w->p && i < w->p->n && n < most; i++)
        if (is_about(&w->p->paths[i], w->schema, w->attr) && chooses(w, &w->p->paths[i], item))
            chosen[n++] = &w->p->paths[i];
    return n;
}

static bool wants_sub(const struct writing *w, const struct path *const *chosen, size_t n,
                      const struct scim_attr *sub)
{
    bool named = false, by_name = false;

    for (size_t i = 0; i < n; i++) {
        named = named || !chosen[i]->sub || chosen[i]->sub == sub;
        by_name = by_name || chosen[i]->sub == sub;
    }
    switch (sub->returned) {
    case SCIM_ALWAYS: return true;
    case SCIM_NEVER: return false;
    case SCIM_REQUEST: return w->p && !w->p->excludes && by_name;
    default: return !w->p || w->p->excludes != named || w->attr->returned == SCIM_ALWAYS;
    }
}

enum { CHOSEN = 64 };               /* more paths about one attribute are not looked at */

static void write_item(struct writing *w, yyjson_val *item)
{
    const struct path *chosen[CHOSEN];
    size_t i, count, n = choose(w, item, chosen, CHOSEN), written = 0;
    yyjson_val *key, *val;
    bool all = false;

    for (i = 0; i < n; i++)
        all = all || !chosen[i]->sub;
    if (w->p && w->attr->returned != SCIM_ALWAYS && (w->p->excludes ? all : n == 0))
        return;
    if (!yyjson_is_obj(item)) {
        write_value(&w->out, item);
        return;
    }
    struct mark m = mark_of(&w->out);
    json_open(&w->out, '{');
    yyjson_obj_foreach(item, i, count, key, val) {
        const struct scim_attr *sub =
            scim_attr_find(w->attr->sub, yyjson_get_str(key), yyjson_get_len(key));
        if (!sub || !wants_sub(w, chosen, n, sub))
            continue;
        json_key(&w->out, sub->name);
        write_value(&w->out, val);
        written++;
    }
    json_close(&w->out, '}');
    if (!written)
        take_back(&w->out, m);
}

static void write_attr(struct writing *w, yyjson_val *v)
{
    size_t i, n;
    yyjson_val *item;

    if (!wants_attr(w->p, w->schema, w->attr))
        return;
    struct mark m = mark_of(&w->out);
    json_key(&w->out, w->attr->name);
    size_t start = w->out.to->n;
    if (yyjson_is_arr(v)) {
        json_open(&w->out, '[');
        start = w->out.to->n;
        yyjson_arr_foreach(v, i, n, item)
            write_item(w, item);
    } else {
        write_item(w, v);
    }
    if (w->out.to->n == start && !(yyjson_is_arr(v) && yyjson_arr_size(v) == 0))
        take_back(&w->out, m);
    else if (yyjson_is_arr(v))
        json_close(&w->out, ']');
}

static void write_extension(struct writing *w, const struct scim_schema *s, yyjson_val *object)
{
    size_t i, n;
    yyjson_val *key, *val;
    struct mark m = mark_of(&w->out);

    json_key(&w->out, s->id);
    json_open(&w->out, '{');
    size_t start = w->out.to->n;
    w->schema = s;
    yyjson_obj_foreach(object, i, n, key, val) {
        w->attr = scim_attr_find(s->attrs, yyjson_get_str(key), yyjson_get_len(key));
        if (w->attr)
            write_attr(w, val);
    }
    if (w->out.to->n == start)
        take_back(&w->out, m);
    else
        json_close(&w->out, '}');
}

void projection_write(struct buf *to, const struct projection *p, const struct scim_resource *r,
                      yyjson_val *resource)
{
    struct writing w = { .out = { .to = to }, .p = p };
    size_t i, n;
    yyjson_val *key, *val;

    json_open(&w.out, '{');
    yyjson_obj_foreach(resource, i, n, key, val) {
        const char *name = yyjson_get_str(key);
        const struct scim_schema *s =
            strchr(name, ':') ? scim_schema_find(r, name, yyjson_get_len(key)) : NULL;
        if (s) {
            write_extension(&w, s, val);
            continue;
        }
        w.schema = NULL;
        w.attr = scim_attr_find(scim_common, name, yyjson_get_len(key));
        if (!w.attr) {
            w.schema = r->core;
            w.attr = scim_attr_find(r->core->attrs, name, yyjson_get_len(key));
        }
        if (w.attr)
            write_attr(&w, val);
    }
    json_close(&w.out, '}');
}
