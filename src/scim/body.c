/* body.c — see body.h. */
#include "scim/body.h"

#include <ctype.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/str.h"
#include "scim/instant.h"
#include "scim/items.h"

/* Where a value stands: what a message calls it. */
struct place { const char *of; const struct scim_attr *attr; };

static enum err clean_one(yyjson_mut_doc *doc, struct place p, yyjson_val *v, yyjson_mut_val **out);

static const char *wanted(enum scim_type t)
{
    switch (t) {
    case SCIM_BOOLEAN: return "true or false";
    case SCIM_DECIMAL: return "a number";
    case SCIM_INTEGER: return "a whole number";
    case SCIM_DATETIME: return "a date (2026-11-21) or an instant (2026-11-21T04:00:00Z)";
    case SCIM_BINARY: return "base64";
    case SCIM_REFERENCE: return "a URI";
    case SCIM_COMPLEX: return "an object";
    default: return "a text";
    }
}

static enum err refuse(struct place p, yyjson_val *v)
{
    const char *dot = p.of ? "." : "", *of = p.of ? p.of : "";

    if (yyjson_is_str(v))
        return errf(ERR_INVALID, "%s%s%s takes %s, not \"%.100s\"", of, dot, p.attr->name,
                    wanted(p.attr->type), yyjson_get_str(v));
    const char *what = yyjson_is_arr(v)    ? "a list"
                       : yyjson_is_obj(v)  ? "an object"
                       : yyjson_is_bool(v) ? "true or false"
                                           : "a number";
    return errf(ERR_INVALID, "%s%s%s takes %s, not %s", of, dot, p.attr->name, wanted(p.attr->type),
                what);
}

/* Standard and URL-safe letters, with or without padding (RFC 7643 §2.3.6), and the line ends of some libraries. */
static bool is_base64(const char *s, size_t n)
{
    size_t letters = 0, padding = 0;

    for (size_t i = 0; i < n; i++) {
        if (s[i] == '\n' || s[i] == '\r')
            continue;
        if (s[i] == '=')
            padding++;
        else if (padding || !(isalnum((unsigned char)s[i]) || strchr("+/-_", s[i])))
            return false;
        else
            letters++;
    }
    return letters % 4 != 1 && padding <= 2 && (!padding || (letters + padding) % 4 == 0);
}

/* Absolute or relative: whatever has no blank or control character in it. */
static bool is_uri(const char *s, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if ((unsigned char)s[i] <= ' ' || s[i] == 0x7f)
            return false;
    return true;
}

/* Entra writes its booleans as texts. */
static bool read_flag(yyjson_val *v, bool *out)
{
    const char *s = yyjson_get_str(v);

    *out = yyjson_is_true(v) || (s && str_eq_nocase(s, "true"));
    return yyjson_is_bool(v) || *out || (s && str_eq_nocase(s, "false"));
}

static enum err clean_text(yyjson_mut_doc *doc, struct place p, yyjson_val *v, yyjson_mut_val **out)
{
    const char *s = yyjson_get_str(v);
    size_t n = yyjson_get_len(v);
    int64_t ms;

    if (!s)
        return refuse(p, v);
    if (n == 0)
        return OK;
    if ((p.attr->type == SCIM_DATETIME && !instant_parse(s, &ms)) ||
        (p.attr->type == SCIM_BINARY && !is_base64(s, n)) ||
        (p.attr->type == SCIM_REFERENCE && !is_uri(s, n)))
        return refuse(p, v);
    *out = yyjson_mut_strn(doc, s, n);
    return OK;
}

static enum err clean_scalar(yyjson_mut_doc *doc, struct place p, yyjson_val *v,
                             yyjson_mut_val **out)
{
    bool flag;

    switch (p.attr->type) {
    case SCIM_BOOLEAN:
        if (!read_flag(v, &flag))
            return refuse(p, v);
        *out = yyjson_mut_bool(doc, flag);
        return OK;
    case SCIM_INTEGER:
        if (!yyjson_is_int(v) || (yyjson_is_uint(v) && yyjson_get_uint(v) > INT64_MAX))
            return refuse(p, v);
        *out = yyjson_val_mut_copy(doc, v);
        return OK;
    case SCIM_DECIMAL:
        if (!yyjson_is_num(v) && !yyjson_is_raw(v))
            return refuse(p, v);
        *out = yyjson_val_mut_copy(doc, v);
        return OK;
    default:
        return clean_text(doc, p, v, out);
    }
}

/* A text where an object is meant: a reference or an address is its `value`. */
static enum err clean_bare(yyjson_mut_doc *doc, struct place p, yyjson_val *v, yyjson_mut_val **out)
{
    const struct scim_attr *value = scim_attr_find(p.attr->sub, "value", 5);
    const char *s = yyjson_get_str(v);
    yyjson_mut_val *text = NULL;

    if (s && (*s == '{' || *s == '['))
        return errf(ERR_USAGE, "%s is JSON within a text; send the object itself, without quotes",
                    p.attr->name);
    if (!value || !s)
        return refuse(p, v);
    TRY(clean_scalar(doc, (struct place){ p.attr->name, value }, v, &text));
    if (text) {
        *out = yyjson_mut_obj(doc);
        item_put(doc, *out, value->name, text);
    }
    return OK;
}

static enum err clean_complex(yyjson_mut_doc *doc, struct place p, yyjson_val *v,
                              yyjson_mut_val **out)
{
    size_t i, n;
    yyjson_val *key, *val;
    yyjson_mut_val *object;

    if (!yyjson_is_obj(v))
        return clean_bare(doc, p, v, out);
    object = yyjson_mut_obj(doc);
    yyjson_obj_foreach(v, i, n, key, val) {
        const struct scim_attr *sub =
            scim_attr_find(p.attr->sub, yyjson_get_str(key), yyjson_get_len(key));
        yyjson_mut_val *clean = NULL;
        if (!sub || sub->mutability == SCIM_READ_ONLY)
            continue;
        TRY(clean_one(doc, (struct place){ p.attr->name, sub }, val, &clean));
        if (clean)
            item_put(doc, object, sub->name, clean);
    }
    if (!item_blank(object))
        *out = object;
    return OK;
}

/* An item of a list, or a value that is none. */
static enum err clean_single(yyjson_mut_doc *doc, struct place p, yyjson_val *v,
                             yyjson_mut_val **out)
{
    if (yyjson_is_null(v))
        return OK;
    return p.attr->type == SCIM_COMPLEX ? clean_complex(doc, p, v, out)
                                        : clean_scalar(doc, p, v, out);
}

/* Additional managers are one text; systems that have lists send a list. */
static enum err clean_references(yyjson_mut_doc *doc, struct place p, yyjson_val *v,
                                 yyjson_mut_val **out)
{
    AUTO_BUF text = {};
    size_t i, n;
    yyjson_val *item;

    if (!yyjson_is_arr(v))
        return clean_scalar(doc, p, v, out);
    yyjson_arr_foreach(v, i, n, item) {
        const char *one = yyjson_is_obj(item) ? yyjson_get_str(yyjson_obj_get(item, "value"))
                                              : yyjson_get_str(item);
        if (!one)
            return refuse(p, item);
        buf_printf(&text, "%s%s", text.n ? ", " : "", one);
    }
    if (text.n)
        *out = yyjson_mut_strncpy(doc, text.at, text.n);
    return OK;
}

static enum err clean_item(yyjson_mut_doc *doc, struct place p, yyjson_val *v, yyjson_mut_val *list)
{
    yyjson_mut_val *item = NULL;

    TRY(clean_single(doc, p, v, &item));
    if (item)
        yyjson_mut_arr_append(list, item);
    return OK;
}

static enum err clean_list(yyjson_mut_doc *doc, struct place p, yyjson_val *v, yyjson_mut_val **out)
{
    size_t i, n;
    yyjson_val *item;
    yyjson_mut_val *list = yyjson_mut_arr(doc);

    if (!yyjson_is_arr(v))
        TRY(clean_item(doc, p, v, list));
    else
        yyjson_arr_foreach(v, i, n, item)
            TRY(clean_item(doc, p, item, list));
    items_unique(doc, list);
    items_one_primary(list, NULL);
    if (yyjson_mut_arr_size(list))
        *out = list;
    return OK;
}

static enum err clean_one(yyjson_mut_doc *doc, struct place p, yyjson_val *v, yyjson_mut_val **out)
{
    *out = NULL;
    if (yyjson_is_null(v))
        return OK;
    if (p.attr->many)
        return clean_list(doc, p, v, out);
    if (str_eq(p.attr->name, "additionalManagers"))
        return clean_references(doc, p, v, out);
    /* [] is absent (RFC 7643 §2.5), and Entra sends its manager as a list of one. */
    if (yyjson_is_arr(v) && yyjson_arr_size(v) == 0)
        return OK;
    if (yyjson_is_arr(v) && yyjson_arr_size(v) == 1 && p.attr->type == SCIM_COMPLEX)
        v = yyjson_arr_get_first(v);
    return clean_single(doc, p, v, out);
}

enum err body_clean_value(yyjson_mut_doc *doc, const struct scim_attr *attr, yyjson_val *value,
                          yyjson_mut_val **out)
{
    return clean_one(doc, (struct place){ NULL, attr }, value, out);
}

/* A template of SCIM 1 that administrators of OneLogin copy still says so. */
#define LEGACY "urn:scim:schemas:core:1.0"

static bool is_ours(const struct scim_resource *r, yyjson_val *urn)
{
    return scim_schema_find(r, yyjson_get_str(urn), yyjson_get_len(urn)) != NULL ||
           strncasecmp(yyjson_get_str(urn), LEGACY, sizeof LEGACY - 1) == 0;
}

static enum err check_schemas(const struct scim_resource *r, yyjson_val *schemas)
{
    size_t i, n;
    yyjson_val *urn;
    bool ours = false;

    if (!schemas || yyjson_is_null(schemas))
        return OK;
    if (!yyjson_is_arr(schemas))
        return errf(ERR_INVALID, "schemas takes a list of URNs, [\"%s\"]", r->core->id);
    yyjson_arr_foreach(schemas, i, n, urn) {
        if (!yyjson_is_str(urn))
            return errf(ERR_INVALID, "schemas takes a list of URNs, [\"%s\"]", r->core->id);
        ours = ours || is_ours(r, urn);
    }
    if (n && !ours)
        return errf(ERR_INVALID, "schemas names %s, but this is a %s: %s",
                    yyjson_get_str(yyjson_arr_get_first(schemas)), r->name, r->core->id);
    return OK;
}

/* A resource as it is put together. */
struct making {
    yyjson_mut_doc *doc;
    const struct scim_resource *r;
    yyjson_mut_val *root;
};

static yyjson_mut_val *home_of(struct making *m, const struct scim_schema *s)
{
    if (!s || s == m->r->core)
        return m->root;
    yyjson_mut_val *object = yyjson_mut_obj_get(m->root, s->id);
    if (!object) {
        object = yyjson_mut_obj(m->doc);
        item_put(m->doc, m->root, s->id, object);
    }
    return object;
}

static enum err put(struct making *m, const struct scim_schema *s, const struct scim_attr *attr,
                    yyjson_val *val)
{
    yyjson_mut_val *clean = NULL;

    if (!attr || attr->mutability == SCIM_READ_ONLY || str_eq(attr->name, "schemas"))
        return OK;
    TRY(body_clean_value(m->doc, attr, val, &clean));
    if (clean)
        item_put(m->doc, home_of(m, s), attr->name, clean);
    return OK;
}

static const struct scim_attr *find_in(const struct making *m, const struct scim_schema *s,
                                       const char *name, size_t n)
{
    const struct scim_attr *attr = scim_attr_find(s->attrs, name, n);

    return attr || s != m->r->core ? attr : scim_attr_find(scim_common, name, n);
}

/* The object under a URN; the core's own is as good as none. */
static enum err put_schema(struct making *m, const struct scim_schema *s, yyjson_val *object)
{
    size_t i, n;
    yyjson_val *key, *val;

    if (yyjson_is_null(object) || (yyjson_is_arr(object) && yyjson_arr_size(object) == 0))
        return OK;
    if (!yyjson_is_obj(object))
        return errf(ERR_INVALID, "%s takes an object with its attributes", s->id);
    yyjson_obj_foreach(object, i, n, key, val)
        TRY(put(m, s, find_in(m, s, yyjson_get_str(key), yyjson_get_len(key)), val));
    return OK;
}

/* A name without URN, of the core or (Entra's example, ENT-06) of an extension, or URN:name. */
static enum err put_name(struct making *m, yyjson_val *key, yyjson_val *val)
{
    const char *name = yyjson_get_str(key), *colon = strrchr(name, ':');
    const struct scim_schema *s = NULL;
    const struct scim_attr *attr;

    if (colon) {
        s = scim_schema_find(m->r, name, (size_t)(colon - name));
        attr = s ? find_in(m, s, colon + 1, strlen(colon + 1)) : NULL;
    } else {
        attr = scim_find(m->r, name, yyjson_get_len(key), &s);
    }
    return put(m, s, attr, val);
}

enum err body_clean(yyjson_mut_doc *doc, const struct scim_resource *r, yyjson_val *body,
                    yyjson_mut_val **out)
{
    struct making m = { doc, r, yyjson_mut_obj(doc) };
    size_t i, n;
    yyjson_val *key, *val;

    if (!yyjson_is_obj(body))
        return errf(ERR_USAGE, "a %s is a JSON object", r->name);
    TRY(check_schemas(r, body_field(body, "schemas")));
    /* What stands under its URN is put last: it counts more than the same outside. */
    yyjson_obj_foreach(body, i, n, key, val)
        if (!scim_schema_find(r, yyjson_get_str(key), yyjson_get_len(key)))
            TRY(put_name(&m, key, val));
    yyjson_obj_foreach(body, i, n, key, val) {
        const struct scim_schema *s = scim_schema_find(r, yyjson_get_str(key), yyjson_get_len(key));
        if (s)
            TRY(put_schema(&m, s, val));
    }
    *out = m.root;
    return OK;
}

static bool is_empty(yyjson_mut_val *v)
{
    const char *s = yyjson_mut_get_str(v);

    if (s)
        return s[strspn(s, " \t\r\n")] == '\0';
    return !v || yyjson_mut_is_null(v) || (yyjson_mut_is_arr(v) && yyjson_mut_arr_size(v) == 0);
}

static enum err required_subs(const struct scim_attr *attr, yyjson_mut_val *item)
{
    for (const struct scim_attr *sub = attr->sub; sub && sub->name; sub++)
        if (sub->required && sub->mutability != SCIM_READ_ONLY &&
            is_empty(yyjson_mut_obj_get(item, sub->name)))
            return errf(ERR_INVALID, "%s.%s is required", attr->name, sub->name);
    return OK;
}

static enum err required_of(const struct scim_attr *attrs, yyjson_mut_val *object)
{
    size_t i, n;
    yyjson_mut_val *item;

    for (const struct scim_attr *attr = attrs; attr->name; attr++) {
        yyjson_mut_val *v = yyjson_mut_obj_get(object, attr->name);
        if (attr->required && attr->mutability != SCIM_READ_ONLY && is_empty(v) &&
            attr->type != SCIM_BOOLEAN)         /* `active` is true unless somebody says otherwise */
            return errf(ERR_INVALID, "%s is required", attr->name);
        if (yyjson_mut_is_obj(v))
            TRY(required_subs(attr, v));
        else if (attr->sub)
            yyjson_mut_arr_foreach(v, i, n, item)
                TRY(required_subs(attr, item));
    }
    return OK;
}

enum err body_required(const struct scim_resource *r, yyjson_mut_val *resource)
{
    TRY(required_of(r->core->attrs, resource));
    for (size_t i = 0; r->extensions[i]; i++) {
        yyjson_mut_val *object = yyjson_mut_obj_get(resource, r->extensions[i]->id);
        if (object)
            TRY(required_of(r->extensions[i]->attrs, object));
    }
    return OK;
}
