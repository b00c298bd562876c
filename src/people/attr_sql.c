/* attr_sql.c — attribute: those an admin made. */
#include "people/attr.h"

#include "base/id.h"
#include "base/json.h"
#include "base/str.h"

enum { LABEL_MOST = 200, CHOICES_MOST = 1000, NAME_MOST = 64 };

static enum err choices_read(struct arena *a, const char *json, struct attr *out)
{
    yyjson_val *root, *val;
    size_t i, n;

    TRY(json_read_in(a, json, strlen(json), &root));
    const char **choices = NEW_ARRAY(a, const char *, yyjson_arr_size(root) + 1);
    yyjson_arr_foreach(root, i, n, val)
        choices[out->nchoices++] = yyjson_get_str(val);
    out->choices = choices;
    return OK;
}

enum err attrs_load(struct work *w, struct attrs **out)
{
    struct rows r;

    TRY(store_query(w, &r, "SELECT name, label, type, choices FROM attribute WHERE workspace = ?",
                    num(w->workspace)));
    struct attr *custom = NEW_ARRAY(w->mem, struct attr, r.n + 1);
    for (size_t i = 0; i < r.n; i++) {
        custom[i].name = arena_printf(w->mem, "custom.%s", rows_text(&r, i, 0));
        custom[i].label = rows_text(&r, i, 1);
        custom[i].flags = ATTR_CUSTOM;
        if (!attr_type_read(rows_text(&r, i, 2), &custom[i].type))
            return errf(ERR_STORE,
                        "the store says that attribute %s is of type '%s', which does not exist",
                        custom[i].name, rows_text(&r, i, 2));
        TRY(choices_read(w->mem, rows_text(&r, i, 3), &custom[i]));
    }
    *out = attrs_with(w->mem, custom, r.n);
    return OK;
}

/* ---- the admin's side ---- */

/* An attribute to be added, or what is to be changed about one. */
struct making {
    const char *name, *label, *choice;
    enum attr_type type;
    const char *const *choices;
    size_t n;
};

static const char *bare(const char *name)
{
    return str_starts(name, "custom.") ? name + strlen("custom.") : name;
}

static enum err check_name(const char *name)
{
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");

    if (n == 0 || n > NAME_MOST || name[n] || name[0] < 'a' || name[0] > 'z')
        return errf(ERR_INVALID,
                    "an attribute's name starts with a letter and has up to %d lower-case letters, "
                    "digits and '_', not '%.80s'; give it any --label you like",
                    NAME_MOST, name);
    return OK;
}

static enum err check_words(const char *what, const char *text)
{
    if (!*text || strlen(text) > LABEL_MOST || !str_utf8(text, strlen(text)))
        return errf(ERR_INVALID, "%s has 1 to %d bytes of UTF-8 text, not '%.80s'", what,
                    LABEL_MOST, text);
    return OK;
}

static enum err check_choices(const struct making *m)
{
    if (m->type != ATTR_SELECT)
        return m->n ? errf(ERR_INVALID, "only a select has options; %s is a %s", m->name,
                           attr_type_name(m->type))
                    : OK;
    if (m->n == 0 || m->n > CHOICES_MOST)
        return errf(ERR_INVALID,
                    "a select has 1 to %d options; name them with --option, one for each",
                    CHOICES_MOST);
    for (size_t i = 0; i < m->n; i++) {
        TRY(check_words("an option", m->choices[i]));
        for (size_t k = 0; k < i; k++)
            if (str_eq(m->choices[i], m->choices[k]))
                return errf(ERR_INVALID, "the option '%s' is named twice", m->choices[i]);
    }
    return OK;
}

static char *choices_text(struct arena *a, const char *const *choices, size_t n, const char *more)
{
    AUTO_BUF text = {};
    struct json_out j = { &text };

    json_open(&j, '[');
    for (size_t i = 0; i < n; i++)
        json_str(&j, choices[i]);
    if (more)
        json_str(&j, more);
    json_close(&j, ']');
    return arena_textn(a, text.at, text.n);
}

static enum err write_add(struct work *w, void *arg)
{
    const struct making *m = arg;
    struct rows r;

    TRY(store_query(w, &r, "SELECT type FROM attribute WHERE workspace = ? AND name = ?",
                    num(w->workspace), txt(m->name)));
    if (r.n)
        return errf(ERR_CONFLICT, "there is an attribute custom.%s already, of type %s", m->name,
                    rows_text(&r, 0, 0));
    return store_run(w,
                     "INSERT INTO attribute (id, workspace, name, label, type, choices) VALUES (?, "
                     "?, ?, ?, ?, ?)",
                     num(id_new()), num(w->workspace), txt(m->name), txt(m->label),
                     txt(attr_type_name(m->type)),
                     txt(choices_text(w->mem, m->choices, m->n, NULL)));
}

/* "cost_object" reads "Cost object" until somebody says better. */
static const char *label_from(struct arena *a, const char *name)
{
    char *label = arena_text(a, name);

    label[0] -= 'a' - 'A';
    for (char *s = label; *s; s++)
        *s = *s == '_' ? ' ' : *s;
    return label;
}

enum err attr_add(struct work *w, const char *name, const char *label, enum attr_type type,
                  const char *const *choices, size_t n)
{
    struct making m = { bare(name), label, NULL, type, choices, n };

    TRY(check_name(m.name));
    if (str_empty(label))
        m.label = label_from(w->mem, m.name);
    TRY(check_words("a label", m.label));
    TRY(check_choices(&m));
    return store_write(w, write_add, &m);
}

static enum err load_one(struct work *w, const char *name, struct attr *out)
{
    struct rows r;

    TRY(store_query(w, &r,
                    "SELECT label, type, choices FROM attribute WHERE workspace = ? AND name = ?",
                    num(w->workspace), txt(name)));
    if (r.n == 0)
        return errf(
            ERR_NOT_FOUND,
            "there is no attribute custom.%.80s; add it with `muster attribute add %.80s --type "
            "select --option …`",
            name, name);
    *out = (struct attr){ .name = name, .label = rows_text(&r, 0, 0), .flags = ATTR_CUSTOM };
    if (!attr_type_read(rows_text(&r, 0, 1), &out->type))
        return errf(ERR_STORE, "attribute custom.%s has the unknown type '%s'", name,
                    rows_text(&r, 0, 1));
    return choices_read(w->mem, rows_text(&r, 0, 2), out);
}

/* Values that were left out may fit now, so nobody's digest says "as before" any more. */
static enum err change(struct work *w, const char *name, enum attr_type type, const char *choices)
{
    TRY(store_run(w, "UPDATE attribute SET type = ?, choices = ? WHERE workspace = ? AND name = ?",
                  txt(attr_type_name(type)), txt(choices), num(w->workspace), txt(name)));
    return store_run(w, "UPDATE source SET revision = revision + 1 WHERE workspace = ?",
                     num(w->workspace));
}

static enum err write_choice(struct work *w, void *arg)
{
    const struct making *m = arg;
    struct attr attr;

    TRY(load_one(w, m->name, &attr));
    if (attr.type != ATTR_SELECT)
        return errf(ERR_INVALID, "custom.%s is a %s; only a select has options", m->name,
                    attr_type_name(attr.type));
    for (size_t i = 0; i < attr.nchoices; i++)
        if (str_eq(attr.choices[i], m->choice))
            return errf(ERR_CONFLICT, "'%s' is an option of %s already", m->choice, attr.label);
    if (attr.nchoices >= CHOICES_MOST)
        return errf(
            ERR_INVALID,
            "%s has %d options already, which is the most; `muster attribute` can make it text",
            attr.label, CHOICES_MOST);
    return change(w, m->name, ATTR_SELECT,
                  choices_text(w->mem, attr.choices, attr.nchoices, m->choice));
}

enum err attr_add_choice(struct work *w, const char *name, const char *choice)
{
    struct making m = { .name = bare(name), .choice = choice };

    TRY(check_words("an option", choice));
    return store_write(w, write_choice, &m);
}

static enum err write_text(struct work *w, void *arg)
{
    const char *name = arg;
    struct attr attr;

    TRY(load_one(w, name, &attr));
    return attr.type == ATTR_TEXT ? OK : change(w, name, ATTR_TEXT, "[]");
}

enum err attr_make_text(struct work *w, const char *name)
{
    return store_write(w, write_text, (void *)bare(name));
}
