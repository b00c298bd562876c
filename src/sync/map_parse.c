/* map_parse.c — a mapping file as a whole: its sections in order, and which fields it wants. */
#include "sync/map_parse.h"

#include <stdlib.h>

#include "base/str.h"

/* ---- what every section needs ---- */

const char *map_meant(struct arena *a, const char *wrong, const char *const *known, size_t n,
                      bool list)
{
    const char *near = str_nearest(wrong, known, n);
    AUTO_BUF names = {};

    if (near)
        return arena_printf(a, "; did you mean '%s'?", near);
    for (size_t i = 0; list && i < n; i++)
        buf_printf(&names, "%s%s", i ? ", " : "; there are: ", known[i]);
    return names.n ? arena_textn(a, names.at, names.n) : "";
}

enum err map_keys(struct parse *p, const struct yaml *y, const char *const *keys)
{
    size_t n = 0;

    while (keys[n])
        n++;
    if (y->kind != YAML_MAP)
        return yaml_errf(y, "`%s: …` is expected here, not %s", keys[0], yaml_kind_name(y));
    for (size_t i = 0; i < y->n; i++) {
        const struct yaml *item = &y->items[i];
        size_t k = 0;
        while (k < n && !str_eq(keys[k], item->key))
            k++;
        if (k == n)
            return yaml_key_errf(item, "unknown key '%.80s'%s", item->key,
                                 map_meant(p->a, item->key, keys, n, true));
    }
    return OK;
}

enum err map_text(const struct yaml *y, const char *what, const char **out)
{
    if (y->kind != YAML_TEXT || yaml_null(y))
        return yaml_errf(y, "%s is a text, not %s", what, yaml_kind_name(y));
    *out = y->text;
    return *y->text ? OK : yaml_errf(y, "%s is empty", what);
}

enum err map_items(const struct yaml *y, const char *what, size_t most)
{
    if (y->kind != YAML_LIST && !yaml_null(y))
        return yaml_errf(y, "%s is a list, not %s", what, yaml_kind_name(y));
    return y->n <= most ? OK
                        : yaml_errf(y, "%s has %zu entries; %zu is the most", what, y->n, most);
}

enum err map_texts(struct parse *p, const struct yaml *y, const char *what, const char *const **out,
                   size_t *n)
{
    if (!y)
        return OK;
    TRY(map_items(y, what, MAP_LIST_MOST));
    const char **texts = NEW_ARRAY(p->a, const char *, y->n + 1);
    for (size_t i = 0; i < y->n; i++)
        TRY(map_text(&y->items[i], arena_printf(p->a, "an entry of %s", what), &texts[i]));
    *out = texts;
    *n = y->n;
    return OK;
}

enum err map_within(const struct yaml *y, size_t at)
{
    int column = y->column + (y->style == YAML_SINGLE || y->style == YAML_DOUBLE);
    const char *doubled = y->style == YAML_SINGLE ? "'" : y->style == YAML_DOUBLE ? "\"\\" : "";

    if (y->lines || y->style == YAML_BLOCK)
        return yaml_at(y->line, y->column,
                       err_in(ERR_INVALID, "at character %zu of the text: ", at + 1));
    for (size_t i = 0; i < at && y->text[i]; i++)
        if (((unsigned char)y->text[i] & 0xc0) != 0x80)         /* columns count characters, not bytes */
            column += 1 + (strchr(doubled, y->text[i]) != NULL);
    return yaml_at(y->line, column, ERR_INVALID);
}

enum err map_expr(struct parse *p, const struct yaml *y, expr_read_fn *read, bool evaluated,
                  struct expr **out)
{
    size_t at = 0;

    if (y->kind != YAML_TEXT || yaml_null(y))
        return yaml_errf(y, "an expression is expected here, not %s", yaml_kind_name(y));
    enum err e = read(p->a, y->text, out, &at);
    if (e != OK)
        return e == ERR_INVALID ? map_within(y, at) : e;
    if (evaluated) {
        ARENA_GROW(p->a, p->exprs, p->nexprs, p->cap_exprs);
        p->exprs[p->nexprs++] = *out;
    }
    return OK;
}

/* ---- sections ---- */

static enum err read_source(struct parse *p, const struct yaml *y)
{
    const char *kind;

    if (!y)
        return OK;
    TRY(map_text(y, "source", &kind));
    if (!str_eq(kind, p->type->name))
        return yaml_errf(y,
                         "this file is for a source of kind '%.80s'; here it is to be used for %s",
                         kind, p->type->name);
    return OK;
}

const char *const *map_split(struct arena *a, const char *commas, size_t *n)
{
    size_t cap = 0;
    const char **list = NULL;

    for (const char *s = commas; s && *s;) {
        size_t k = strcspn(s, ",");
        const char *item = str_trim(a, arena_textn(a, s, k));
        s += k + (s[k] == ',');
        if (!*item)
            continue;
        ARENA_GROW(a, list, *n, cap);
        list[(*n)++] = item;
    }
    return list;
}

/* Without a word about the status: what is usual for this kind of source. */
static enum err usual_status(struct parse *p)
{
    struct yaml from = { .kind = YAML_TEXT, .line = 1, .column = 1, .text = p->type->status.from };
    struct expr *e;

    if (!from.text)
        return errf(ERR_INVALID, "line 1, column 1: the file says nothing about the status; add "
                    "status: {from: FIELD, active: [VALUE]}");
    TRY(map_expr(p, &from, expr_value_read, true, &e));
    p->m->status.from = e;
    p->m->status.from_text = from.text;
    p->m->status.active = map_split(p->a, p->type->status.active, &p->m->status.nactive);
    p->m->status.leave = map_split(p->a, p->type->status.leave, &p->m->status.nleave);
    return OK;
}

/* No value may mean two things. */
static enum err check_status(const struct mapping *m, const struct yaml *y)
{
    const struct { const char *name; const char *const *list; size_t n; } lists[] = {
        { "active", m->status.active, m->status.nactive },
        { "leave", m->status.leave, m->status.nleave },
        { "gone", m->status.gone, m->status.ngone },
    };

    for (size_t i = 0; i < COUNT(lists); i++)
        for (size_t k = i + 1; k < COUNT(lists); k++)
            for (size_t x = 0; x < lists[i].n; x++)
                for (size_t z = 0; z < lists[k].n; z++)
                    if (str_eq_nocase(lists[i].list[x], lists[k].list[z]))
                        return yaml_errf(y, "the status '%.80s' cannot be %s and %s",
                                         lists[i].list[x], lists[i].name, lists[k].name);
    return OK;
}

enum { STATUS_MOST = 200 };

static enum err read_status(struct parse *p, const struct yaml *y)
{
    static const char *const keys[] = { "from", "active", "leave", "gone", NULL };
    struct mapping *m = p->m;
    struct expr *e;

    if (!y)
        return usual_status(p);
    TRY(map_keys(p, y, keys));
    const struct yaml *from = yaml_get(y, "from");
    if (!from)
        return yaml_errf(y, "status needs `from:`, the field that holds it");
    TRY(map_expr(p, from, expr_value_read, true, &e));
    m->status.from = e;
    m->status.from_text = from->text;
    TRY(map_texts(p, yaml_get(y, "active"), "active", &m->status.active, &m->status.nactive));
    TRY(map_texts(p, yaml_get(y, "leave"), "leave", &m->status.leave, &m->status.nleave));
    TRY(map_texts(p, yaml_get(y, "gone"), "gone", &m->status.gone, &m->status.ngone));
    if (m->status.nactive == 0)
        return yaml_errf(
            y,
            "status needs `active:`, the values of people who work here; without it nobody does");
    if (m->status.nactive + m->status.nleave + m->status.ngone > STATUS_MOST)
        return yaml_errf(y, "there are more than %d status values here", STATUS_MOST);
    return check_status(m, y);
}

static enum err read_exclude(struct parse *p, const struct yaml *y)
{
    struct mapping *m = p->m;

    if (!y)
        return OK;
    TRY(map_items(y, "exclude", MAP_ROWS_MOST));
    m->exclude = arena_alloc(p->a, sizeof *m->exclude * (y->n + 1));
    for (size_t i = 0; i < y->n; i++) {
        struct expr *e;
        TRY(map_expr(p, &y->items[i], expr_rule_read, true, &e));
        m->exclude[i].expr = e;
        m->exclude[i].text = y->items[i].text;
    }
    m->nexclude = y->n;
    return OK;
}

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted and e-mails folded, so that asking about a person is quick. */
static enum err read_exclude_people(struct parse *p, const struct yaml *y)
{
    const char *const *named = NULL;
    size_t n = 0;

    TRY(map_texts(p, y, "exclude_people", &named, &n));
    const char **sorted = NEW_ARRAY(p->a, const char *, n + 1);
    for (size_t i = 0; i < n; i++) {
        if (!str_utf8(named[i], strlen(named[i])))
            return yaml_errf(&y->items[i], "an entry of exclude_people is no UTF-8 text");
        const char *trimmed = str_trim(p->a, named[i]);
        sorted[i] = strchr(trimmed, '@') ? str_fold(p->a, trimmed) : trimmed;
    }
    qsort(sorted, n, sizeof *sorted, by_text);
    p->m->exclude_people = sorted;
    p->m->nexclude_people = n;
    return OK;
}

/* In the order they are read: the rows ask the options, the asserts ask the rows. */
static const struct {
    const char *key;
    enum err (*read)(struct parse *p, const struct yaml *y);
} sections[] = {
    { "source", read_source },       { "options", map_read_options },
    { "mapping", map_read_rows },    { "status", read_status },
    { "exclude", read_exclude },     { "exclude_people", read_exclude_people },
    { "guards", map_read_guards },   { "schedule", map_read_schedule },
    { "asserts", map_read_asserts },
};

/* ---- the whole ---- */

/* Every field that is read, each once, sorted; and every expression is told where its own are. */
static void gather_want(struct parse *p)
{
    size_t n = 0, cap = 0;
    const char **fields = NULL;

    for (size_t i = 0; i < p->nexprs; i++) {
        const char *const *names;
        size_t k = expr_fields(p->exprs[i], &names);
        for (size_t q = 0; q < k; q++) {
            ARENA_GROW(p->a, fields, n, cap);
            fields[n++] = names[q];
        }
        p->m->uses_today |= expr_uses_today(p->exprs[i]);
    }
    size_t kept = 0;
    if (n)
        qsort(fields, n, sizeof *fields, by_text);
    for (size_t i = 0; i < n; i++)
        if (kept == 0 || !str_eq(fields[kept - 1], fields[i]))
            fields[kept++] = fields[i];
    p->m->want = (struct want){ fields, kept };
    for (size_t i = 0; i < p->nexprs; i++)
        expr_bind(p->exprs[i], &p->m->want);
}

enum err mapping_parse(struct arena *a, const struct attrs *as, const struct source_type *type,
                       const char *yaml, struct mapping **out)
{
    struct parse p = { .a = a, .attrs = as, .type = type, .m = NEW(a, struct mapping) };
    const char *keys[COUNT(sections) + 2] = { [COUNT(sections)] = "tests" };
    struct yaml *file;

    TRY(yaml_read(a, yaml, MAP_MOST, &file));
    for (size_t i = 0; i < COUNT(sections); i++)
        keys[i] = sections[i].key;
    TRY(map_keys(&p, file, keys));
    for (size_t i = 0; i < COUNT(sections); i++)
        TRY(sections[i].read(&p, yaml_get(file, sections[i].key)));
    gather_want(&p);
    TRY(map_run_tests(&p, yaml_get(file, "tests")));
    *out = p.m;
    return OK;
}
