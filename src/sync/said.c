/* said.c — see said.h. Merges of short sorted lists. */
#include "sync/said.h"

#include <stdlib.h>

#include "base/json.h"
#include "base/str.h"

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct claim *)a)->name, ((const struct claim *)b)->name);
}

enum err said_read(struct arena *a, const char *json, struct said *out)
{
    yyjson_val *root, *key, *val;
    size_t i, n;

    *out = (struct said){};
    if (!json)
        return OK;
    TRY(json_read_in(a, json, strlen(json), &root));
    out->list = NEW_ARRAY(a, struct claim, yyjson_obj_size(root) + 1);
    yyjson_obj_foreach(root, i, n, key, val)
        out->list[out->n++] = (struct claim){ yyjson_get_str(key), yyjson_get_str(val) };
    return OK;
}

char *said_write(struct arena *a, const struct said *s)
{
    AUTO_BUF text = {};
    struct json_out j = { &text };

    json_open(&j, '{');
    for (size_t i = 0; i < s->n; i++)
        json_put(&j, s->list[i].name, s->list[i].text);
    json_close(&j, '}');
    return arena_textn(a, text.at, text.n);
}

const struct claim *said_find(const struct said *s, const char *name)
{
    struct claim wanted = { name, NULL };

    return s->n ? bsearch(&wanted, s->list, s->n, sizeof wanted, by_name) : NULL;
}

void said_set(struct said *s, const char *name, const char *text)
{
    size_t at = s->n;

    while (at > 0 && strcmp(s->list[at - 1].name, name) > 0)
        at--;
    if (at > 0 && str_eq(s->list[at - 1].name, name)) {
        s->list[at - 1].text = text;
        return;
    }
    memmove(&s->list[at + 1], &s->list[at], (s->n - at) * sizeof *s->list);
    s->list[at] = (struct claim){ name, text };
    s->n++;
}

void said_drop(struct said *s, const char *name)
{
    for (size_t i = 0; i < s->n; i++)
        if (str_eq(s->list[i].name, name)) {
            memmove(&s->list[i], &s->list[i + 1], (s->n - i - 1) * sizeof *s->list);
            s->n--;
            return;
        }
}

bool said_equal(const struct said *a, const struct said *b)
{
    if (a->n != b->n)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (!str_eq(a->list[i].name, b->list[i].name) || !str_eq(a->list[i].text, b->list[i].text))
            return false;
    return true;
}

/* Old claims with the after values of stored attributes laid over. */
static struct said lay_over(struct arena *a, const struct said *old, const struct changes *c)
{
    struct said out = { NEW_ARRAY(a, struct claim, old->n + c->n + 1), 0 };
    size_t at = 0;

    for (size_t i = 0; i < c->n; i++) {
        if (c->list[i].attr->flags & ATTR_PLACE)
            continue;
        const char *name = c->list[i].attr->name;
        while (at < old->n && strcmp(old->list[at].name, name) < 0)
            out.list[out.n++] = old->list[at++];
        if (at < old->n && str_eq(old->list[at].name, name))
            at++;
        out.list[out.n++] = (struct claim){ name, c->list[i].after };
    }
    while (at < old->n)
        out.list[out.n++] = old->list[at++];
    return out;
}

char *said_delta(struct arena *a, const struct said *old, const struct changes *c,
                 const struct said *fresh)
{
    struct said base = lay_over(a, old, c);
    AUTO_BUF text = {};
    struct json_out j = { &text };
    size_t at = 0, written = 0;

    json_open(&j, '{');
    for (size_t i = 0; i <= fresh->n; i++) {
        const char *name = i < fresh->n ? fresh->list[i].name : NULL;
        for (; at < base.n && (!name || strcmp(base.list[at].name, name) < 0); at++, written++)
            json_put_bool(&j, base.list[at].name, false);
        if (!name)
            break;
        bool same = at < base.n && str_eq(base.list[at].name, name);
        if (!same || !str_eq(base.list[at].text, fresh->list[i].text)) {
            json_put(&j, name, fresh->list[i].text);
            written++;
        }
        at += same;
    }
    json_close(&j, '}');
    return written ? arena_textn(a, text.at, text.n) : NULL;
}

enum err said_merge(struct arena *a, const struct said *old, const struct changes *c,
                    const char *delta, struct said *out)
{
    struct said base = lay_over(a, old, c);
    yyjson_val *root, *key, *val;
    size_t i, n, at = 0;

    if (!delta) {
        *out = base;
        return OK;
    }
    TRY(json_read_in(a, delta, strlen(delta), &root));
    *out = (struct said){ NEW_ARRAY(a, struct claim, base.n + yyjson_obj_size(root) + 1), 0 };
    yyjson_obj_foreach(root, i, n, key, val) {
        const char *name = yyjson_get_str(key);
        while (at < base.n && strcmp(base.list[at].name, name) < 0)
            out->list[out->n++] = base.list[at++];
        if (at < base.n && str_eq(base.list[at].name, name))
            at++;
        if (!yyjson_is_bool(val))
            out->list[out->n++] = (struct claim){ name, yyjson_get_str(val) };
    }
    while (at < base.n)
        out->list[out->n++] = base.list[at++];
    return OK;
}
