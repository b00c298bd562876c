/* attr_sql.c — attribute: the custom ones. */
#include "base/id.h"
#include "base/json.h"
#include "base/str.h"
#include "people/attr.h"

static enum err read_choices(struct work *w, const char *json, size_t length, struct attr *out)
{
    yyjson_val *root, *one;
    size_t i, n;

    TRY(json_read_in(w->mem, json, length, &root));
    const char **list = NEW_ARRAY(w->mem, const char *, yyjson_arr_size(root) + 1);
    yyjson_arr_foreach(root, i, n, one)
        list[out->nchoices++] = yyjson_get_str(one);
    out->choices = list;
    return OK;
}

enum err attrs_custom(struct work *w, struct attr **out, size_t *n)
{
    struct rows r;

    TRY(store_query(w, &r, "SELECT name, label, type, choices FROM attribute WHERE workspace = ? ORDER BY name",
                    num(w->workspace)));
    *n = r.n;
    *out = NEW_ARRAY(w->mem, struct attr, r.n + 1);
    for (size_t i = 0; i < r.n; i++) {
        struct attr *one = &(*out)[i];
        *one = (struct attr){ .name = arena_printf(w->mem, "custom.%s", rows_text(&r, i, 0)),
                              .label = rows_text(&r, i, 1), .flags = ATTR_CUSTOM };
        if (!attr_type_read(rows_text(&r, i, 2), &one->type))
            return errf(ERR_STORE, "the attribute %s has the type %s, which this program does not know", one->name,
                        rows_text(&r, i, 2));
        TRY(read_choices(w, rows_text(&r, i, 3), cell(&r, i, 3)->n, one));
    }
    return OK;
}

static const char *choices_json(struct work *w, const char *const *choices, size_t n)
{
    AUTO_BUF text = {};
    struct json_out j = { &text };

    json_open(&j, '[');
    for (size_t i = 0; i < n; i++)
        json_str(&j, choices[i]);
    json_close(&j, ']');
    return arena_textn(w->mem, text.at, text.n);
}

enum err attr_put(struct work *w, const char *name, const char *label, enum attr_type type,
                  const char *const *choices, size_t n)
{
    return store_run(w, "INSERT INTO attribute (id, workspace, name, label, type, choices) VALUES "
                     "(?, ?, ?, ?, ?, ?)", num(id_new()), num(w->workspace), txt(name), txt(label),
                     txt(attr_type_name(type)), txt(choices_json(w, choices, n)));
}

enum err attr_put_type(struct work *w, const char *name, enum attr_type type, const char *const *choices,
                       size_t n)
{
    return store_run(w, "UPDATE attribute SET type = ?, choices = ? WHERE workspace = ? AND name = ?",
                     txt(attr_type_name(type)), txt(choices_json(w, choices, n)), num(w->workspace), txt(name));
}
