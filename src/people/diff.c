/* diff.c — change lists: made from wanted against current, read, written. */
#include "people/change.h"

#include "base/id.h"
#include "base/json.h"
#include "base/str.h"

void people_diff(struct arena *a, const struct person *before, const struct value *wanted, size_t n,
                 int64_t owner, struct changes *out)
{
    static const struct person nobody = {};
    const struct person *p = before ? before : &nobody;
    size_t at = 0;

    out->list = NEW_ARRAY(a, struct change, n);
    out->n = 0;
    for (size_t i = 0; i < n; i++) {
        const struct attr *attr = wanted[i].attr;
        const char *is = NULL;
        if (attr->flags & ATTR_PLACE) {
            is = person_value(a, p, attr, owner);
        } else {
            while (at < p->nvalues && strcmp(p->values[at].attr->name, attr->name) < 0)
                at++;
            if (at < p->nvalues && p->values[at].attr == attr)
                is = p->values[at].text;
        }
        if (!str_eq(is, wanted[i].text))
            out->list[out->n++] = (struct change){ attr, is, wanted[i].text };
    }
}

const struct change *changes_find(const struct changes *c, const char *attribute)
{
    for (size_t i = 0; i < c->n; i++)
        if (str_eq(c->list[i].attr->name, attribute))
            return &c->list[i];
    return NULL;
}

void changes_add(struct arena *a, struct changes *c, const struct attr *attr, const char *before,
                 const char *after)
{
    struct change *list = NEW_ARRAY(a, struct change, c->n + 1);
    size_t n = 0, at = 0;

    while (at < c->n && strcmp(c->list[at].attr->name, attr->name) < 0)
        list[n++] = c->list[at++];
    list[n++] = (struct change){ attr, before, after };
    if (at < c->n && c->list[at].attr == attr)
        at++;
    while (at < c->n)
        list[n++] = c->list[at++];
    c->list = list;
    c->n = n;
}

void changes_drop(struct changes *c, const char *attribute)
{
    size_t n = 0;

    for (size_t i = 0; i < c->n; i++)
        if (!str_eq(c->list[i].attr->name, attribute))
            c->list[n++] = c->list[i];
    c->n = n;
}

void changes_write(struct buf *to, const struct changes *c)
{
    struct json_out j = { to };

    json_open(&j, '{');
    for (size_t i = 0; i < c->n; i++) {
        json_key(&j, c->list[i].attr->name);
        json_open(&j, '[');
        json_str(&j, c->list[i].before);
        json_str(&j, c->list[i].after);
        json_close(&j, ']');
    }
    json_close(&j, '}');
}

enum err changes_read(struct arena *a, const struct attrs *as, const char *json, size_t n,
                      struct changes *out)
{
    yyjson_val *root, *key, *val;
    size_t i, max;

    TRY(json_read_in(a, json, n, &root));
    out->list = NEW_ARRAY(a, struct change, yyjson_obj_size(root));
    out->n = 0;
    yyjson_obj_foreach(root, i, max, key, val) {
        const struct attr *attr = attr_find(as, yyjson_get_str(key));
        if (attr)                               /* one that was removed since has nothing to apply to */
            out->list[out->n++] = (struct change){ attr, yyjson_get_str(yyjson_arr_get(val, 0)),
                                                   yyjson_get_str(yyjson_arr_get(val, 1)) };
    }
    return OK;
}

size_t ids_read(struct arena *a, const char *text, int64_t **out)
{
    size_t n = 0, length = text ? strlen(text) : 0;

    *out = NEW_ARRAY(a, int64_t, length / (ID_TEXT - 1) + 1);
    for (size_t at = 0; at + ID_TEXT - 1 <= length; at += ID_TEXT) {
        char one[ID_TEXT] = "";
        memcpy(one, text + at, ID_TEXT - 1);
        if (id_read(one, &(*out)[n]))
            n++;
    }
    return n;
}

const char *ids_join(struct arena *a, const int64_t *ids, size_t n)
{
    if (n == 0)
        return NULL;
    char *text = arena_alloc(a, n * ID_TEXT + 1);
    for (size_t i = 0; i < n; i++) {
        id_write(ids[i], text + i * ID_TEXT);
        text[(i + 1) * ID_TEXT - 1] = ' ';
    }
    text[n * ID_TEXT - 1] = '\0';
    return text;
}
