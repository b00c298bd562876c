/* sort.c — sortBy, see project.h. */
#include <stdlib.h>

#include "base/err.h"
#include "base/str.h"
#include "scim/instant.h"
#include "scim/project.h"

/* What a complex attribute is sorted by if nobody says (RFC 7644 §3.4.2.3). */
static const struct scim_attr *main_sub(const struct scim_attr *attr)
{
    const struct scim_attr *sub = scim_attr_find(attr->sub, "value", 5);

    return sub ? sub : scim_attr_find(attr->sub, "formatted", 9);
}

enum err sort_parse(struct arena *a, const struct scim_resource *r, const char *by,
                    struct path *out)
{
    TRY(path_parse(a, r, by, out));
    if (!out->attr)
        return errf(ERR_PATH, "sortBy takes an attribute, and %s is a schema", by);
    if (out->filter)
        return errf(ERR_PATH, "sortBy takes an attribute without a filter, not %s", by);
    if (out->attr->returned == SCIM_NEVER || (out->sub && out->sub->returned == SCIM_NEVER))
        return errf(ERR_PATH, "%s is never shown, so nothing is sorted by it", by);
    if (out->attr->type == SCIM_COMPLEX && !out->sub)
        out->sub = main_sub(out->attr);
    if (out->attr->type == SCIM_COMPLEX && !out->sub)
        return errf(ERR_PATH, "%s has several parts; sort by one of them, such as %s.%s", by, by,
                    out->attr->sub->name);
    return OK;
}

/* Bytes whose order is that of the numbers. */
static const char *number_key(struct arena *a, uint64_t bits, size_t *n)
{
    unsigned char *key = arena_alloc(a, sizeof bits);

    *n = sizeof bits;
    for (size_t i = 0; i < sizeof bits; i++)
        key[i] = (unsigned char)(bits >> (56 - 8 * i));
    return (const char *)key;
}

static const char *real_key(struct arena *a, double x, size_t *n)
{
    uint64_t bits, sign = (uint64_t)1 << 63;

    x = x == 0 ? 0 : x;             /* -0 is 0 */
    memcpy(&bits, &x, sizeof bits);
    return number_key(a, bits & sign ? ~bits : bits | sign, n);
}

static const char *int_key(struct arena *a, int64_t x, size_t *n)
{
    return number_key(a, (uint64_t)x ^ ((uint64_t)1 << 63), n);
}

static const char *text_key(struct arena *a, const struct scim_attr *attr, const char *s, size_t *n)
{
    const char *key = attr->exact ? s : str_fold(a, s);

    *n = strlen(key);
    return key;
}

static const char *value_key(struct arena *a, const struct scim_attr *attr, yyjson_val *v,
                             size_t *n)
{
    const char *s = yyjson_get_str(v);
    int64_t ms;

    *n = 0;
    if (attr->type == SCIM_DATETIME)
        return s && instant_parse(s, &ms) ? int_key(a, ms, n) : NULL;
    if (yyjson_is_bool(v)) {
        *n = 1;
        return yyjson_get_bool(v) ? "\1" : "\0";
    }
    if (yyjson_is_raw(v))
        return real_key(a, strtod(json_scalar(a, v), NULL), n);
    if (attr->type == SCIM_INTEGER && yyjson_is_int(v))
        return int_key(a, yyjson_get_sint(v), n);
    if (yyjson_is_num(v))
        return real_key(a, yyjson_get_num(v), n);
    return s ? text_key(a, attr, s, n) : NULL;
}

/* The one that stands for all (RFC 7644 §3.4.2.3): the primary, else the first. */
static yyjson_val *main_item(yyjson_val *list)
{
    size_t i, n;
    yyjson_val *item;

    yyjson_arr_foreach(list, i, n, item)
        if (yyjson_is_true(yyjson_obj_get(item, "primary")))
            return item;
    return yyjson_arr_get_first(list);
}

const char *sort_key(struct arena *a, const struct path *by, yyjson_val *resource, size_t *n)
{
    yyjson_val *home = by->schema ? yyjson_obj_get(resource, by->schema->id) : NULL;
    yyjson_val *v = yyjson_obj_get(home ? home : resource, by->attr->name);

    if (yyjson_is_arr(v))
        v = main_item(v);
    if (by->sub)
        v = yyjson_obj_get(v, by->sub->name);
    return value_key(a, by->sub ? by->sub : by->attr, v, n);
}
