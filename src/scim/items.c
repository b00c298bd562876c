/* items.c — see items.h. */
#include "scim/items.h"

#include <ctype.h>
#include <stdlib.h>

#include "base/str.h"

bool item_same(yyjson_mut_val *one, yyjson_mut_val *other)
{
    const char *a = yyjson_mut_get_str(yyjson_mut_obj_get(one, "value"));
    const char *b = yyjson_mut_get_str(yyjson_mut_obj_get(other, "value"));

    if (!a || !b)
        return yyjson_mut_equals(one, other);
    const char *type = yyjson_mut_get_str(yyjson_mut_obj_get(one, "type"));
    const char *kind = yyjson_mut_get_str(yyjson_mut_obj_get(other, "type"));
    return strcmp(a, b) == 0 && (type && kind ? str_eq_nocase(type, kind) : type == kind);
}

bool item_blank(yyjson_mut_val *item)
{
    size_t i, n;
    yyjson_mut_val *key, *val;

    if (!yyjson_mut_is_obj(item))
        return false;
    yyjson_mut_obj_foreach(item, i, n, key, val)
        if (!yyjson_mut_equals_str(key, "type") && !yyjson_mut_equals_str(key, "primary"))
            return false;
    return true;
}

void item_put(yyjson_mut_doc *doc, yyjson_mut_val *object, const char *key, yyjson_mut_val *value)
{
    if (value)
        yyjson_mut_obj_put(object, yyjson_mut_str(doc, key), value);
    else
        yyjson_mut_obj_remove_key(object, key);
}

void item_merge(yyjson_mut_doc *doc, yyjson_mut_val *to, yyjson_mut_val *from)
{
    size_t i, n;
    yyjson_mut_val *key, *val;

    if (yyjson_mut_is_obj(to) && yyjson_mut_is_obj(from))
        yyjson_mut_obj_foreach(from, i, n, key, val)
            item_put(doc, to, yyjson_mut_get_str(key), yyjson_mut_val_mut_copy(doc, val));
}

/* What makes an item the same as another, as bytes: where they are in the text of all keys. */
struct item_key {
    size_t from, n, at;
    yyjson_mut_val *item;
};

static void write_key(struct buf *to, yyjson_mut_val *item)
{
    yyjson_mut_val *value = yyjson_mut_obj_get(item, "value");

    if (!yyjson_mut_is_str(value)) {
        size_t n;
        char *text = yyjson_mut_val_write(item, YYJSON_WRITE_NOFLAG, &n);
        if (!text)
            die_of_memory(0);
        buf_add(to, text, n);
        free(text);
        return;
    }
    const char *type = yyjson_mut_get_str(yyjson_mut_obj_get(item, "type"));
    for (; type && *type; type++)
        buf_putc(to, (char)tolower((unsigned char)*type));
    buf_putc(to, type ? '\x1f' : '\x1e');
    buf_add(to, yyjson_mut_get_str(value), yyjson_mut_get_len(value));
}

static int by_key(const void *one, const void *other, void *text)
{
    const struct item_key *a = one, *b = other;
    const char *at = text;
    int order = memcmp(at + a->from, at + b->from, MIN(a->n, b->n));

    if (order == 0)
        order = (a->n > b->n) - (a->n < b->n);
    return order ? order : (a->at > b->at) - (a->at < b->at);
}

static bool same_key(const struct item_key *a, const struct item_key *b, const char *text)
{
    return a->n == b->n && memcmp(text + a->from, text + b->from, a->n) == 0;
}

void items_unique(yyjson_mut_doc *doc, yyjson_mut_val *list)
{
    size_t i, n = yyjson_mut_arr_size(list);
    yyjson_mut_val *item;

    if (n < 2)
        return;
    AUTO_BUF text = {};
    struct item_key *keys = must_alloc(n * sizeof *keys);
    yyjson_mut_val **kept = must_alloc(n * sizeof *kept);

    yyjson_mut_arr_foreach(list, i, n, item) {
        kept[i] = item;
        keys[i] = (struct item_key){ .from = text.n, .at = i, .item = item };
        write_key(&text, item);
        keys[i].n = text.n - keys[i].from;
    }
    qsort_r(keys, n, sizeof *keys, by_key, text.at);
    for (size_t first = 0, k = 1; k < n; k++) {
        if (!same_key(&keys[first], &keys[k], text.at)) {
            first = k;
            continue;
        }
        bool primary = yyjson_mut_is_true(yyjson_mut_obj_get(keys[first].item, "primary"));
        item_merge(doc, keys[first].item, keys[k].item);
        if (primary)
            item_put(doc, keys[first].item, "primary", yyjson_mut_bool(doc, true));
        kept[keys[k].at] = NULL;
    }
    /* Put together anew: yyjson 0.10 leaves out an item behind one that is removed while iterating. */
    yyjson_mut_arr_clear(list);
    for (i = 0; i < n; i++)
        if (kept[i])
            yyjson_mut_arr_append(list, kept[i]);
    free(keys);
    free(kept);
}

void items_one_primary(yyjson_mut_val *list, yyjson_mut_val *winner)
{
    size_t i, n;
    yyjson_mut_val *item;
    bool there = yyjson_mut_is_true(yyjson_mut_obj_get(winner, "primary"));

    yyjson_mut_arr_foreach(list, i, n, item) {
        yyjson_mut_val *mark = yyjson_mut_obj_get(item, "primary");
        if (!yyjson_mut_is_true(mark) || item == winner)
            continue;
        if (there)
            yyjson_mut_set_bool(mark, false);
        there = true;
    }
}
