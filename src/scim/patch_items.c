/* patch_items.c — PATCH among the items of a multi-valued attribute; see patch_parts.h. */
#include "base/str.h"
#include "scim/items.h"
#include "scim/patch_parts.h"

/* The filter reads what was parsed, so the item is copied into that form, and forgotten again. */
static bool matches(struct patching *p, const struct filter *f, yyjson_mut_val *item)
{
    struct arena_mark mark = arena_mark(p->a);
    yyjson_alc alc = json_alc(p->a);
    yyjson_doc *copy = yyjson_mut_val_imut_copy(item, &alc);
    bool fits = !f || filter_match_item(p->a, f, yyjson_doc_get_root(copy));

    arena_reset(p->a, mark);
    return fits;
}

void patch_put_list(struct patching *p, yyjson_mut_val *home, const struct scim_attr *attr,
                    yyjson_mut_val *list)
{
    item_put(p->doc, home, attr->name, yyjson_mut_arr_size(list) ? list : NULL);
}

/* The items by themselves, so that a new list can be made of them. */
static yyjson_mut_val **items_of(struct patching *p, yyjson_mut_val *list, size_t *n)
{
    size_t i, count;
    yyjson_mut_val *item, **items;

    *n = yyjson_mut_arr_size(list);
    items = NEW_ARRAY(p->a, yyjson_mut_val *, *n);
    yyjson_mut_arr_foreach(list, i, count, item)
        items[i] = item;
    return items;
}

static bool is_primary(yyjson_mut_val *item)
{
    return yyjson_mut_is_true(yyjson_mut_obj_get(item, "primary"));
}

/* Joins `item` to the list, or to the one that is the same; returns which it is now. */
static yyjson_mut_val *join(struct patching *p, yyjson_mut_val *list, yyjson_mut_val *item)
{
    size_t i, n;
    yyjson_mut_val *old;

    yyjson_mut_arr_foreach(list, i, n, old) {
        if (!item_same(old, item))
            continue;
        item_merge(p->doc, old, item);
        return old;
    }
    yyjson_mut_arr_append(list, item);
    return item;
}

enum { FEW_ITEMS = 4 };             /* so few are compared with every item there is */

enum err patch_append(struct patching *p, const struct scim_attr *attr, yyjson_mut_val *home,
                      yyjson_val *value)
{
    yyjson_mut_val *added = NULL, *winner = NULL;
    yyjson_mut_val *list = yyjson_mut_obj_get(home, attr->name);
    size_t n;

    TRY(body_clean_value(p->doc, attr, value, &added));
    if (!added || !list) {
        if (added)
            item_put(p->doc, home, attr->name, added);
        return OK;
    }
    yyjson_mut_val **items = items_of(p, added, &n);
    for (size_t i = 0; i < n; i++) {
        yyjson_mut_val *now = items[i];
        if (n <= FEW_ITEMS)
            now = join(p, list, now);
        else
            yyjson_mut_arr_append(list, now);
        if (!winner && is_primary(items[i]))
            winner = now;
    }
    items_one_primary(list, winner);
    if (n > FEW_ITEMS)
        items_unique(p->doc, list);
    return OK;
}

/* Is `item` what the list of a `remove` means? The type counts if it is given. */
static bool is_listed(const struct scim_attr *attr, yyjson_mut_val *item, yyjson_mut_val *listed)
{
    if (!yyjson_mut_is_obj(listed))
        return yyjson_mut_equals(item, listed);
    const struct scim_attr *value = scim_attr_find(attr->sub, "value", 5);
    const char *is = yyjson_mut_get_str(yyjson_mut_obj_get(item, "value"));
    const char *wanted = yyjson_mut_get_str(yyjson_mut_obj_get(listed, "value"));
    const char *type = yyjson_mut_get_str(yyjson_mut_obj_get(listed, "type"));
    const char *kind = yyjson_mut_get_str(yyjson_mut_obj_get(item, "type"));

    if (!is || !wanted)
        return yyjson_mut_equals(item, listed);
    if (type && (!kind || !str_eq_nocase(type, kind)))
        return false;
    return value->exact ? str_eq(is, wanted) : str_eq_nocase(is, wanted);
}

enum err patch_remove_listed(struct patching *p, const struct scim_attr *attr, yyjson_mut_val *home,
                             yyjson_val *value)
{
    size_t n, k, count;
    yyjson_mut_val *listed = NULL, *one, *kept = yyjson_mut_arr(p->doc);

    TRY(body_clean_value(p->doc, attr, value, &listed));
    yyjson_mut_val **items = items_of(p, yyjson_mut_obj_get(home, attr->name), &n);
    for (size_t i = 0; i < n; i++) {
        bool out = false;
        yyjson_mut_arr_foreach(listed, k, count, one)
            out = out || is_listed(attr, items[i], one);
        if (!out)
            yyjson_mut_arr_append(kept, items[i]);
    }
    if (attr->required && yyjson_mut_arr_size(kept) == 0)
        return errf(ERR_INVALID, "%s is required: one of them must stay", attr->name);
    patch_put_list(p, home, attr, kept);
    return OK;
}

/* An item without its value is nothing, even if a type is left. */
static bool is_gone(const struct path *at, yyjson_mut_val *item)
{
    return item_blank(item) ||
           (at->sub && str_eq(at->sub->name, "value") && !yyjson_mut_obj_get(item, "value"));
}

/* One item that was found; *item NULL if it is no more. */
static enum err change_item(struct patching *p, enum patch_op op, const struct path *at,
                            yyjson_mut_val **item, yyjson_val *value)
{
    const struct scim_attr *attr = at->attr;

    if (op == PATCH_REMOVE && !at->sub) {
        *item = NULL;
        return OK;
    }
    if (at->sub) {
        TRY(patch_sub(p, attr, *item, at->sub, op == PATCH_REMOVE ? NULL : value));
    } else if (attr->type != SCIM_COMPLEX) {
        yyjson_mut_val *list = NULL;
        TRY(body_clean_value(p->doc, attr, value, &list));
        if (yyjson_mut_arr_size(list) != 1)
            return errf(ERR_INVALID, "%s: one value is expected here", attr->name);
        *item = yyjson_mut_arr_get_first(list);
        return OK;
    } else {
        TRY(patch_object(p, attr, *item, value));
    }
    if (is_gone(at, *item))
        *item = NULL;
    return OK;
}

/* A whole item that replaces another keeps only what it was found by (PAT-18). */
static enum err blank_item(struct patching *p, const struct path *at, yyjson_mut_val **item)
{
    struct filter_term *terms;
    size_t n = at->filter ? filter_equals(p->a, at->filter, &terms) : 0;

    *item = yyjson_mut_obj(p->doc);
    for (size_t i = 0; i < n; i++)
        if (terms[i].sub && terms[i].sub->mutability != SCIM_READ_ONLY)
            TRY(patch_sub(p, at->attr, *item, terms[i].sub, terms[i].value));
    return OK;
}

static bool has_value(yyjson_val *value)
{
    size_t i, n;
    yyjson_val *key, *val;

    if (yyjson_is_arr(value))
        value = yyjson_arr_get_first(value);
    yyjson_obj_foreach(value, i, n, key, val)
        if (str_eq_nocase(yyjson_get_str(key), "value"))
            return !patch_nothing(val);
    return false;
}

static bool replaces_whole(enum patch_op op, const struct path *at, yyjson_val *value)
{
    return op == PATCH_REPLACE && !at->sub && at->attr->type == SCIM_COMPLEX &&
           (has_value(value) || !scim_attr_find(at->attr->sub, "value", 5));
}

/* Nothing was found: what Entra expects is made from the filter's own words (PAT-14). */
static enum err make_item(struct patching *p, const struct path *at, yyjson_val *value,
                          yyjson_mut_val **out)
{
    struct filter_term *terms;
    bool before = true;

    if (at->filter && filter_equals(p->a, at->filter, &terms) == 0)
        return errf(ERR_NO_TARGET, "no item of %s is what the path's filter asks for",
                    at->attr->name);
    if (at->attr->type == SCIM_COMPLEX) {
        TRY(blank_item(p, at, out));
        before = matches(p, at->filter, *out);
    }
    TRY(change_item(p, PATCH_ADD, at, out, value));
    if (*out && !before && !matches(p, at->filter, *out))
        return errf(ERR_NO_TARGET,
                    "no item of %s is what the path's filter asks for, and none can be made "
                    "from it",
                    at->attr->name);
    return OK;
}

enum err patch_items(struct patching *p, enum patch_op op, const struct path *at,
                     yyjson_mut_val *home, yyjson_val *value)
{
    yyjson_mut_val *winner = NULL, *made = NULL, *list = yyjson_mut_arr(p->doc);
    size_t n, found = 0;
    yyjson_mut_val **items = items_of(p, yyjson_mut_obj_get(home, at->attr->name), &n);

    for (size_t i = 0; i < n; i++) {
        yyjson_mut_val *item = items[i];
        if (matches(p, at->filter, item)) {
            found++;
            if (replaces_whole(op, at, value))
                TRY(blank_item(p, at, &item));
            TRY(change_item(p, op, at, &item, value));
            if (!winner && is_primary(item))
                winner = item;
        }
        if (item)
            yyjson_mut_arr_append(list, item);
    }
    if (!found && op != PATCH_REMOVE) {
        TRY(make_item(p, at, value, &made));
        if (made)
            yyjson_mut_arr_append(list, made);
        if (is_primary(made))
            winner = made;
    }
    if (at->attr->required && yyjson_mut_arr_size(list) == 0 && n)
        return errf(ERR_INVALID, "%s is required: one of them must stay", at->attr->name);
    items_one_primary(list, winner);
    items_unique(p->doc, list);
    patch_put_list(p, home, at->attr, list);
    return OK;
}
