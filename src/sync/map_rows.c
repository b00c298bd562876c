/* map_rows.c — the rows of `mapping:`: which attribute, from what, and what an empty value means. */
#include "sync/map_parse.h"

#include "base/str.h"

static const char *const empties[] = {
    [EMPTY_CLEAR] = "clear",
    [EMPTY_KEEP] = "keep",
    [EMPTY_DEFAULT] = "default",
    [EMPTY_FAIL] = "fail",
};

/* Why there is no such attribute, and what to do about it. */
static enum err unknown_attribute(struct parse *p, const struct yaml *y, const char *name)
{
    const char **known = NEW_ARRAY(p->a, const char *, p->attrs->n);
    size_t n = 0;

    for (size_t i = 0; i < p->attrs->n; i++) {
        const struct attr *attr = p->attrs->all[i];
        if (!(attr->flags & ATTR_UNMAPPED))
            known[n++] = attr->name;
        if (attr->flags & ATTR_CUSTOM && str_eq(attr->name + strlen("custom."), name))
            return yaml_errf(y, "unknown attribute '%.80s'; did you mean '%s'?", name, attr->name);
    }
    const char *meant = map_meant(p->a, name, known, n, false);
    if (str_starts(name, "custom."))
        return yaml_errf(y,
                         "there is no attribute %.80s yet%s%s add it with `muster attribute add "
                         "%.80s --type text`",
                         name, meant, *meant ? " If not," : ";", name + strlen("custom."));
    return yaml_errf(y, "unknown attribute '%.80s'%s", name,
                     *meant ? meant : "; attributes you make yourself are written custom.NAME");
}

static enum err read_attribute(struct parse *p, const struct yaml *row, const struct attr **out)
{
    const struct yaml *y = yaml_get(row, "attribute");
    const char *name;

    if (!y)
        return yaml_errf(row, "this row says no `attribute:`");
    TRY(map_text(y, "attribute", &name));
    *out = attr_find(p->attrs, name);
    if (!*out)
        return unknown_attribute(p, y, name);
    if ((*out)->flags & ATTR_UNMAPPED)
        return yaml_errf(
            y, "%s is not mapped: it follows from `status:` and from what people do here", name);
    return OK;
}

/* Teams may come from several fields; anything else has one row. */
static enum err check_once(const struct parse *p, const struct yaml *y, const char *name)
{
    for (size_t i = 0; i < p->m->nrows && !str_eq(name, "teams"); i++)
        if (str_eq(p->m->rows[i].attribute, name))
            return yaml_errf(y, "%s has a row already, in line %d", name, p->m->rows[i].line);
    return OK;
}

static enum err read_word(const struct yaml *y, const char *what, const char *const *words,
                          size_t n, size_t *at)
{
    AUTO_BUF list = {};

    for (*at = 0; *at < n; (*at)++)
        if (y->kind == YAML_TEXT && str_eq(y->text, words[*at]))
            return OK;
    for (size_t i = 0; i < n; i++)
        buf_printf(&list, "%s%s", i ? ", " : "", words[i]);
    return yaml_errf(y, "%s is one of %s, not '%.80s'", what, list.at,
                     y->kind == YAML_TEXT ? y->text : yaml_kind_name(y));
}

/* A value that the file itself gives to `attr`: is it one that the attribute takes, and may everybody have it? */
static enum err check_given(struct parse *p, const struct attr *attr, const struct yaml *y,
                            const char *text, const char **canonical)
{
    if (attr->flags & ATTR_KEY)
        return yaml_errf(
            y, "%s is different for everybody; one text for several people cannot be right",
            attr->name);
    return yaml_at(y->line, y->column, attr_canonical(p->a, attr, text, canonical));
}

static enum err read_empty(struct parse *p, const struct yaml *row, const struct attr *attr,
                           struct map_row *out)
{
    const struct yaml *empty = yaml_get(row, "empty"), *otherwise = yaml_get(row, "default");
    const char *text;
    size_t at = EMPTY_CLEAR;

    if (empty)
        TRY(read_word(empty, "empty", empties, COUNT(empties), &at));
    out->empty = (enum map_empty)at;
    if (otherwise && out->empty != EMPTY_DEFAULT)
        return yaml_key_errf(otherwise, "`default:` counts only with `empty: default`");
    if (out->empty != EMPTY_DEFAULT)
        return OK;
    if (!otherwise)
        return yaml_key_errf(empty,
                             "`empty: default` needs a `default:` beside it, the value to use");
    TRY(map_text(otherwise, "default", &text));
    return check_given(p, attr, otherwise, text, &out->otherwise);
}

static enum err read_when(const struct yaml *row, bool *create_only)
{
    static const char *const words[] = { "always", "create" };
    const struct yaml *y = yaml_get(row, "when");
    size_t at = 0;

    if (y)
        TRY(read_word(y, "when", words, COUNT(words), &at));
    *create_only = at == 1;
    return OK;
}

static bool switched_off(const struct parse *p, const struct attr *attr)
{
    return str_eq(attr->name, "additional_managers") && !p->m->options.additional_manager;
}

static enum err read_row(struct parse *p, const struct yaml *y)
{
    static const char *const keys[] = { "attribute", "from", "empty", "default", "when", NULL };
    struct map_row row = { .line = y->line };
    const struct attr *attr = NULL;
    const char *canonical;
    struct expr *e;

    TRY(map_keys(p, y, keys));
    TRY(read_attribute(p, y, &attr));
    TRY(check_once(p, yaml_get(y, "attribute"), attr->name));
    row.attribute = attr->name;
    const struct yaml *from = yaml_get(y, "from");
    if (!from)
        return yaml_errf(y, "the row of %s says no `from:`", attr->name);
    TRY(map_expr(p, from, expr_value_read, !switched_off(p, attr), &e));
    row.from = e;
    row.from_text = from->text;
    const struct raw *constant = expr_constant(e);
    if (constant && constant->is == RAW_TEXT)
        TRY(check_given(p, attr, from, constant->text, &canonical));
    TRY(read_empty(p, y, attr, &row));
    TRY(read_when(y, &row.create_only));
    if (!switched_off(p, attr))
        p->m->rows[p->m->nrows++] = row;
    return OK;
}

/* The switch is on and the file has no row of its own: the kind's is taken, which stands in the file as a comment. */
static enum err usual_row(struct parse *p, const struct yaml *options)
{
    struct mapping *m = p->m;

    for (size_t i = 0; i < m->nrows; i++)
        if (str_eq(m->rows[i].attribute, "additional_managers"))
            return OK;
    for (const struct default_row *row = p->type->mapping; row->attribute; row++) {
        struct yaml from = {
            .kind = YAML_TEXT, .line = options->line, .column = options->column, .text = row->from
        };
        struct expr *e;
        if (!str_eq(row->attribute, "additional_managers"))
            continue;
        TRY(map_expr(p, &from, expr_value_read, true, &e));
        m->rows[m->nrows++] =
            (struct map_row){ row->attribute, e, row->from, EMPTY_CLEAR, .line = options->line };
        return OK;
    }
    return yaml_errf(
        options,
        "options.additional_manager is on, but no row says where additional_managers come from");
}

enum err map_read_rows(struct parse *p, const struct yaml *y)
{
    struct mapping *m = p->m;
    bool email = false;

    if (!y)
        return errf(
            ERR_INVALID,
            "line 1, column 1: the file has no `mapping:`; `muster mapping export NAME` gives one "
            "to start from");
    TRY(map_items(y, "mapping", MAP_ROWS_MOST));
    m->rows = NEW_ARRAY(p->a, struct map_row, y->n + 1);
    for (size_t i = 0; i < y->n; i++)
        TRY(read_row(p, &y->items[i]));
    for (size_t i = 0; i < m->nrows; i++)
        email |= str_eq(m->rows[i].attribute, "email");
    if (!email)
        return yaml_key_errf(y, "no row maps email: nobody could be created or found; add "
                             "`- attribute: email` with the field of the work e-mail");
    return m->options.additional_manager ? usual_row(p, y) : OK;
}
