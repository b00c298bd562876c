/* patch_change.c — one operation at one path (RFC 7644 §3.5.2); see patch_parts.h. */
#include "base/str.h"
#include "scim/items.h"
#include "scim/patch_parts.h"

bool patch_nothing(yyjson_val *value)
{
    return !value || yyjson_is_null(value) ||
           (yyjson_is_str(value) && yyjson_get_len(value) == 0) ||
           (yyjson_is_arr(value) && yyjson_arr_size(value) == 0);
}

/* Something immutable may be set once, and said again (RFC 7643 §7). */
static enum err check_immutable(const struct scim_attr *attr, yyjson_mut_val *old,
                                yyjson_mut_val *new)
{
    if (attr->mutability != SCIM_IMMUTABLE || !old || (new &&yyjson_mut_equals(old, new)))
        return OK;
    return errf(ERR_MUTABILITY, "%s cannot be changed once it is set", attr->name);
}

/* Who is referred to has changed, so what else was known about the old one is wrong. */
static void forget_reference(struct patching *p, const struct scim_attr *attr, yyjson_mut_val *item)
{
    for (const struct scim_attr *sub = attr->sub; sub->name; sub++)
        if (sub->mutability == SCIM_READ_ONLY || str_eq(sub->name, "$ref"))
            item_put(p->doc, item, sub->name, NULL);
}

enum err patch_sub(struct patching *p, const struct scim_attr *attr, yyjson_mut_val *item,
                   const struct scim_attr *sub, yyjson_val *value)
{
    yyjson_mut_val *clean = NULL, *old = yyjson_mut_obj_get(item, sub->name);

    if (value) {
        enum err e = body_clean_value(p->doc, sub, value, &clean);
        if (e != OK)
            return err_in(e, "%s: ", attr->name);
    }
    TRY(check_immutable(sub, old, clean));
    if (!attr->many && str_eq(sub->name, "value") && old && !yyjson_mut_equals(old, clean))
        forget_reference(p, attr, item);
    item_put(p->doc, item, sub->name, clean);
    return OK;
}

enum err patch_object(struct patching *p, const struct scim_attr *attr, yyjson_mut_val *item,
                      yyjson_val *value)
{
    size_t i, n;
    yyjson_val *key, *val;
    yyjson_mut_val *clean = NULL;
    const struct scim_attr *sub = scim_attr_find(attr->sub, "value", 5);

    /* One that is wrong is refused whole, before anything of it is set. */
    if (yyjson_is_arr(value) && yyjson_arr_size(value) == 1)
        value = yyjson_arr_get_first(value);
    if (yyjson_is_arr(value))
        return errf(ERR_INVALID, "%s: one object is expected here, not a list", attr->name);
    TRY(body_clean_value(p->doc, attr, value, &clean));
    if (!yyjson_is_obj(value))
        return sub ? patch_sub(p, attr, item, sub, value) : OK;
    /* The reference first: setting it forgets what belongs to the one before. */
    yyjson_val *reference = NULL;
    yyjson_obj_foreach(value, i, n, key, val)
        if (sub && sub == scim_attr_find(attr->sub, yyjson_get_str(key), yyjson_get_len(key)))
            reference = val;
    if (reference && sub->mutability != SCIM_READ_ONLY)
        TRY(patch_sub(p, attr, item, sub, reference));
    yyjson_obj_foreach(value, i, n, key, val) {
        sub = scim_attr_find(attr->sub, yyjson_get_str(key), yyjson_get_len(key));
        if (sub && val != reference && sub->mutability != SCIM_READ_ONLY)
            TRY(patch_sub(p, attr, item, sub, val));
    }
    return OK;
}

static enum err remove_attr(struct patching *p, const struct scim_attr *attr, yyjson_mut_val *home,
                            yyjson_val *value)
{
    yyjson_mut_val *old = yyjson_mut_obj_get(home, attr->name);

    if (attr->many && !patch_nothing(value))
        return patch_remove_listed(p, attr, home, value);
    if (attr->required)
        return errf(ERR_INVALID, "%s is required and cannot be removed", attr->name);
    TRY(check_immutable(attr, old, NULL));
    item_put(p->doc, home, attr->name, NULL);
    return OK;
}

static enum err set_attr(struct patching *p, const struct scim_attr *attr, yyjson_mut_val *home,
                         yyjson_val *value)
{
    yyjson_mut_val *clean = NULL;

    TRY(body_clean_value(p->doc, attr, value, &clean));
    if (!clean)
        return remove_attr(p, attr, home, NULL);
    TRY(check_immutable(attr, yyjson_mut_obj_get(home, attr->name), clean));
    item_put(p->doc, home, attr->name, clean);
    return OK;
}

/* A single complex value: what is given is set, the rest stays (PAT-12, PAT-19). */
static enum err change_object(struct patching *p, enum patch_op op, const struct path *at,
                              yyjson_mut_val *home, yyjson_val *value)
{
    yyjson_mut_val *old = yyjson_mut_obj_get(home, at->attr->name);
    yyjson_mut_val *object = old ? old : yyjson_mut_obj(p->doc);

    if (at->sub && op == PATCH_REMOVE) {
        if (at->sub->required)
            return errf(ERR_INVALID, "%s.%s is required and cannot be removed", at->attr->name,
                        at->sub->name);
        value = NULL;
    }
    TRY(at->sub ? patch_sub(p, at->attr, object, at->sub, value)
                : patch_object(p, at->attr, object, value));
    if (item_blank(object))
        return old ? remove_attr(p, at->attr, home, NULL) : OK;
    if (!old)
        item_put(p->doc, home, at->attr->name, object);
    return OK;
}

static enum err change_at(struct patching *p, enum patch_op op, const struct path *at,
                          yyjson_mut_val *home, yyjson_val *value)
{
    const struct scim_attr *attr = at->attr;

    /* Adding nothing changes nothing; replacing by nothing removes. */
    if (op == PATCH_ADD && patch_nothing(value))
        return OK;
    if (op == PATCH_REPLACE && patch_nothing(value)) {
        op = PATCH_REMOVE;
        value = NULL;
    }
    if (at->filter || (at->sub && attr->many))
        return patch_items(p, op, at, home, value);
    if (at->sub)
        return change_object(p, op, at, home, value);
    if (op == PATCH_REMOVE)
        return remove_attr(p, attr, home, value);
    if (attr->many && op == PATCH_ADD)
        return patch_append(p, attr, home, value);
    if (attr->many || attr->type != SCIM_COMPLEX)
        return set_attr(p, attr, home, value);
    return change_object(p, op, at, home, value);
}

enum err patch_change(struct patching *p, enum patch_op op, const struct path *at,
                      yyjson_val *value)
{
    bool extension = at->schema && at->schema != p->r->core;
    yyjson_mut_val *home = p->resource;

    if (!extension)
        return change_at(p, op, at, home, value);
    home = yyjson_mut_obj_get(p->resource, at->schema->id);
    if (!home) {
        home = yyjson_mut_obj(p->doc);
        item_put(p->doc, p->resource, at->schema->id, home);
    }
    TRY(change_at(p, op, at, home, value));
    if (yyjson_mut_obj_size(home) == 0)
        item_put(p->doc, p->resource, at->schema->id, NULL);
    return OK;
}
