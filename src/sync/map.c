/* map.c — the mapping file: read by tables, checked, its tests run. */
#include "sync/map.h"

#include <stdlib.h>

#include "base/cron.h"
#include "base/str.h"
#include "base/yaml.h"
#include "sync/expr.h"

struct loader {
    struct arena *mem;
    const struct attrs *attrs;
    const struct source_type *type;
    struct mapping *map;
    size_t cap_rows, cap_exclude, cap_people, cap_want, cap_asserts, cap_tests;
    struct map_test { const struct yaml *given, *expect; } *tests;
    size_t ntests;
};

/* ---- small readers ---- */

static enum err text_of(const struct yaml *y, const char *what, const char **out)
{
    if (y->kind != YAML_TEXT)
        return yaml_error(y, "%s must be a text", what);
    *out = y->text;
    return OK;
}

static enum err number_of(const struct yaml *y, const char *what, int64_t least, int64_t most, int *out)
{
    int64_t n;

    if (y->kind != YAML_TEXT || !str_number(y->text, &n) || n < least || n > most)
        return yaml_error(y, "%s must be a whole number from %lld to %lld", what, (long long)least, (long long)most);
    *out = (int)n;
    return OK;
}

static enum err flag_of(const struct yaml *y, const char *what, bool *out)
{
    if (y->kind != YAML_TEXT || (!str_eq(y->text, "true") && !str_eq(y->text, "false")))
        return yaml_error(y, "%s must be true or false", what);
    *out = str_eq(y->text, "true");
    return OK;
}

static enum err list_of(struct loader *l, const struct yaml *y, const char *what, const char *const **out, size_t *n)
{
    if (y->kind != YAML_LIST)
        return yaml_error(y, "%s must be a list: [A, B]", what);
    const char **list = NEW_ARRAY(l->mem, const char *, y->n + 1);
    for (size_t i = 0; i < y->n; i++)
        TRY(text_of(y->items[i], what, &list[i]));
    *out = list;
    *n = y->n;
    return OK;
}

/* Position of the key a wrong value stands behind is near enough; a key's own position is not kept. */
static enum err only_keys(const struct yaml *y, const char *what, const char *const *known, size_t n)
{
    AUTO_BUF names = {};

    if (y->kind != YAML_MAP)
        return yaml_error(y, "%s must be a map", what);
    for (size_t i = 0; i < n; i++)
        buf_printf(&names, "%s%s", i ? ", " : "", known[i]);
    for (size_t i = 0; i < y->n; i++) {
        bool found = false;
        for (size_t q = 0; q < n; q++)
            found |= str_eq(known[q], y->keys[i]);
        if (!found)
            return yaml_error(y->items[i], "'%s' is unknown in %s; known are: %s", y->keys[i], what, names.at);
    }
    return OK;
}

static enum err expression(struct loader *l, const struct yaml *y, const char *what, bool rule, struct expr **out)
{
    const char *text = NULL;

    TRY(text_of(y, what, &text));
    if (!rule && y->quoted && str_eq(text, ""))
        return yaml_error(y, "%s is empty", what);
    enum err e = expr_parse(l->mem, text, rule, out);
    if (e != OK)
        return yaml_error(y, "%s", err_text());
    struct want *want = &l->map->want;
    if (!(*out)->field)
        return OK;
    for (size_t i = 0; i < want->n; i++)
        if (str_eq(want->fields[i], (*out)->field))
            return OK;
    const char **fields = (const char **)want->fields;
    ARENA_GROW(l->mem, fields, want->n, l->cap_want);
    fields[want->n++] = (*out)->field;
    want->fields = fields;
    return OK;
}

/* ---- rows ---- */

static enum err unknown_attribute(const struct loader *l, const struct yaml *y, const char *name)
{
    const char *best = NULL;

    if (str_starts(name, "custom."))
        return yaml_error(y, "there is no custom attribute '%s' yet; make it with `muster attribute add %s --type text`",
                          name + 7, name + 7);
    for (size_t i = 0; i < l->attrs->n && !best; i++) {
        const char *known = l->attrs->all[i]->name;
        size_t same = 0, n = strlen(known), k = strlen(name);
        while (same < n && same < k && known[same] == name[same])
            same++;
        if (same >= 3 && same + 2 >= MIN(n, k))
            best = known;
    }
    return yaml_error(y, best ? "unknown attribute '%s'; did you mean '%s'?" : "unknown attribute '%s'", name, best);
}

static enum err check_attribute(struct loader *l, const struct yaml *y, const char *name)
{
    const struct attr *attr = attr_find(l->attrs, name);

    if (!attr)
        return unknown_attribute(l, y, name);
    if (attr->flags & ATTR_UNMAPPED)
        return yaml_error(y, "%s follows from rules; it cannot be mapped", name);
    for (size_t i = 0; i < l->map->nrows; i++)
        if (str_eq(l->map->rows[i].attribute, name) && !str_eq(name, "teams"))
            return yaml_error(y, "%s is mapped twice, here and in line %d", name, l->map->rows[i].line);
    return OK;
}

static const struct { const char *name; enum map_empty is; } empties[] = {
    { "clear", EMPTY_CLEAR }, { "keep", EMPTY_KEEP }, { "default", EMPTY_DEFAULT }, { "fail", EMPTY_FAIL },
};

static enum err read_empty(const struct yaml *y, struct map_row *row)
{
    const char *text = NULL;

    TRY(text_of(y, "empty", &text));
    for (size_t i = 0; i < COUNT(empties); i++)
        if (str_eq(empties[i].name, text)) {
            row->empty = empties[i].is;
            return OK;
        }
    return yaml_error(y, "empty is clear, keep, default or fail, not '%s'", text);
}

static enum err read_when(const struct yaml *y, struct map_row *row)
{
    if (y->kind != YAML_TEXT || (!str_eq(y->text, "always") && !str_eq(y->text, "create")))
        return yaml_error(y, "when is always or create");
    row->create_only = str_eq(y->text, "create");
    return OK;
}

/* The fields of a switched-off attribute are not asked for. */
static bool is_off(const struct loader *l, const char *attribute)
{
    return str_eq(attribute, "additional_managers") && !l->map->options.additional_manager;
}

static enum err read_row(struct loader *l, const struct yaml *y)
{
    static const char *const keys[] = { "attribute", "from", "empty", "default", "when" };
    struct map_row row = { .line = y->line };
    struct yaml *from = yaml_get(y, "from"), *name = yaml_get(y, "attribute");
    struct expr *e;

    TRY(only_keys(y, "a mapping row", keys, COUNT(keys)));
    if (!name || !from)
        return yaml_error(y, "a mapping row needs `attribute:` and `from:`");
    TRY(text_of(name, "attribute", &row.attribute));
    TRY(check_attribute(l, name, row.attribute));
    size_t wanted = l->map->want.n;
    TRY(expression(l, from, "from", false, &e));
    if (is_off(l, row.attribute))
        l->map->want.n = wanted;
    row.from = e;
    row.from_text = from->text;
    if (yaml_get(y, "empty"))
        TRY(read_empty(yaml_get(y, "empty"), &row));
    if (yaml_get(y, "when"))
        TRY(read_when(yaml_get(y, "when"), &row));
    if (yaml_get(y, "default"))
        TRY(text_of(yaml_get(y, "default"), "default", &row.otherwise));
    if ((row.empty == EMPTY_DEFAULT) != (row.otherwise != NULL))
        return yaml_error(y, "`empty: default` and `default: VALUE` belong together");
    ARENA_GROW(l->mem, l->map->rows, l->map->nrows, l->cap_rows);
    l->map->rows[l->map->nrows++] = row;
    return OK;
}

static enum err read_rows(struct loader *l, const struct yaml *y)
{
    bool email = false;

    if (y->kind != YAML_LIST)
        return yaml_error(y, "mapping must be a list of rows");
    for (size_t i = 0; i < y->n; i++)
        TRY(read_row(l, y->items[i]));
    for (size_t i = 0; i < l->map->nrows; i++)
        email |= str_eq(l->map->rows[i].attribute, "email");
    return email ? OK : yaml_error(y, "email must be mapped: nobody can be matched or created without it");
}

/* ---- status, rules ---- */

static enum err read_status(struct loader *l, const struct yaml *y)
{
    static const char *const keys[] = { "from", "active", "leave", "gone" };
    struct mapping *m = l->map;
    struct yaml *from = yaml_get(y, "from");
    struct expr *e;

    TRY(only_keys(y, "status", keys, COUNT(keys)));
    if (!from || !yaml_get(y, "active"))
        return yaml_error(y, "status needs `from:` and `active:`");
    TRY(expression(l, from, "from", false, &e));
    m->status.from = e;
    m->status.from_text = from->text;
    TRY(list_of(l, yaml_get(y, "active"), "active", &m->status.active, &m->status.nactive));
    if (yaml_get(y, "leave"))
        TRY(list_of(l, yaml_get(y, "leave"), "leave", &m->status.leave, &m->status.nleave));
    if (yaml_get(y, "gone"))
        TRY(list_of(l, yaml_get(y, "gone"), "gone", &m->status.gone, &m->status.ngone));
    return m->status.nactive ? OK : yaml_error(y, "no status means active: nobody would ever be created");
}

static enum err read_exclude(struct loader *l, const struct yaml *y)
{
    if (y->kind != YAML_LIST)
        return yaml_error(y, "exclude must be a list of rules");
    l->map->exclude = arena_alloc(l->mem, (y->n + 1) * sizeof *l->map->exclude);
    for (size_t i = 0; i < y->n; i++) {
        struct expr *e;
        TRY(expression(l, y->items[i], "a rule", true, &e));
        l->map->exclude[i].expr = e;
        l->map->exclude[i].text = y->items[i]->text;
        l->map->nexclude++;
    }
    return OK;
}

static enum err read_exclude_people(struct loader *l, const struct yaml *y)
{
    return list_of(l, y, "exclude_people", &l->map->exclude_people, &l->map->nexclude_people);
}

/* ---- options and guards: tables ---- */

static enum err read_options(struct loader *l, const struct yaml *y)
{
    static const char *const keys[] = { "auto_invite", "auto_reactivate", "additional_manager",
        "suspend_on_leave", "create_days_before", "on_missing", "missing_runs", "review" };
    static const char *const missing[] = { "hold", "deactivate", "keep" };
    typeof(l->map->options) *o = &l->map->options;
    struct { const char *name; bool *flag; } flags[] = {
        { "auto_invite", &o->auto_invite }, { "auto_reactivate", &o->auto_reactivate },
        { "additional_manager", &o->additional_manager }, { "suspend_on_leave", &o->suspend_on_leave },
        { "review", &o->review },
    };
    struct yaml *one;

    TRY(only_keys(y, "options", keys, COUNT(keys)));
    for (size_t i = 0; i < COUNT(flags); i++)
        if ((one = yaml_get(y, flags[i].name)))
            TRY(flag_of(one, flags[i].name, flags[i].flag));
    if ((one = yaml_get(y, "create_days_before")) && !yaml_is_null(one))
        TRY(number_of(one, "create_days_before", 0, 365, &o->create_days_before));
    if ((one = yaml_get(y, "missing_runs")))
        TRY(number_of(one, "missing_runs", 1, 100, &o->missing_runs));
    if ((one = yaml_get(y, "on_missing"))) {
        size_t at = 0;
        while (at < COUNT(missing) && !str_eq(one->text, missing[at]))
            at++;
        if (at == COUNT(missing))
            return yaml_error(one, "on_missing is hold, deactivate or keep");
        o->on_missing = (enum map_missing)at;
    }
    return OK;
}

static enum err read_guards(struct loader *l, const struct yaml *y)
{
    static const char *const keys[] = { "deactivations", "records", "fill_rate", "id_swaps", "managers",
                                        "one_attribute", "creates" };
    typeof(l->map->guards) *g = &l->map->guards;
    struct { const char *guard, *limit; int *value; } limits[] = {
        { "deactivations", "percent", &g->deactivations_percent }, { "deactivations", "count", &g->deactivations_count },
        { "records", "percent", &g->records_percent },             { "fill_rate", "points", &g->fill_rate_points },
        { "id_swaps", "percent", &g->id_swaps_percent },           { "managers", "percent", &g->managers_percent },
        { "managers", "count", &g->managers_count },               { "one_attribute", "percent", &g->one_attribute_percent },
        { "one_attribute", "count", &g->one_attribute_count },     { "creates", "percent", &g->creates_percent },
        { "creates", "count", &g->creates_count },
    };

    TRY(only_keys(y, "guards", keys, COUNT(keys)));
    for (size_t i = 0; i < y->n; i++) {
        for (size_t q = 0; y->items[i]->kind == YAML_MAP && q < y->items[i]->n; q++) {
            int *value = NULL;
            for (size_t k = 0; k < COUNT(limits); k++)
                if (str_eq(limits[k].guard, y->keys[i]) && str_eq(limits[k].limit, y->items[i]->keys[q]))
                    value = limits[k].value;
            if (!value)
                return yaml_error(y->items[i]->items[q], "the guard %s has no limit '%s'", y->keys[i],
                                  y->items[i]->keys[q]);
            TRY(number_of(y->items[i]->items[q], y->items[i]->keys[q], 0,
                          str_eq(y->items[i]->keys[q], "count") ? 1000000000 : 100, value));
        }
        if (y->items[i]->kind != YAML_MAP)
            return yaml_error(y->items[i], "the guard %s needs limits: {percent: 20, count: 3}", y->keys[i]);
    }
    return OK;
}

static enum err read_schedule(struct loader *l, const struct yaml *y)
{
    AUTO(cron) *c = NULL;

    TRY(text_of(y, "schedule", &l->map->schedule));
    return cron_parse(l->map->schedule, &c) == OK ? OK : yaml_error(y, "schedule: %s", arena_text(l->mem, err_text()));
}

/* ---- tests and assertions ---- */

static enum err read_tests(struct loader *l, const struct yaml *y)
{
    static const char *const keys[] = { "given", "expect" };

    if (y->kind != YAML_LIST)
        return yaml_error(y, "tests must be a list");
    for (size_t i = 0; i < y->n; i++) {
        struct map_test t = { yaml_get(y->items[i], "given"), yaml_get(y->items[i], "expect") };
        TRY(only_keys(y->items[i], "a test", keys, COUNT(keys)));
        if (!t.given || !t.expect || t.given->kind != YAML_MAP || t.expect->kind != YAML_MAP)
            return yaml_error(y->items[i], "a test needs `given: {field: value}` and `expect: {attribute: value}`");
        ARENA_GROW(l->mem, l->tests, l->ntests, l->cap_tests);
        l->tests[l->ntests++] = t;
    }
    return OK;
}

static enum err read_asserts(struct loader *l, const struct yaml *y)
{
    static const char *const keys[] = { "unique", "filled", "percent" };

    if (y->kind != YAML_LIST)
        return yaml_error(y, "asserts must be a list");
    for (size_t i = 0; i < y->n; i++) {
        struct map_assert one = { .percent = 100 };
        struct yaml *unique = yaml_get(y->items[i], "unique"), *filled = yaml_get(y->items[i], "filled");
        struct yaml *percent = yaml_get(y->items[i], "percent"), *named = unique ? unique : filled;
        TRY(only_keys(y->items[i], "an assertion", keys, COUNT(keys)));
        if (!named || (unique && filled))
            return yaml_error(y->items[i], "an assertion is `unique: ATTRIBUTE` or `filled: ATTRIBUTE, percent: N`");
        one.kind = unique ? ASSERT_UNIQUE : ASSERT_FILLED;
        TRY(text_of(named, "the attribute", &one.attribute));
        if (!attr_find(l->attrs, one.attribute))
            return unknown_attribute(l, named, one.attribute);
        if (percent) {
            char *end;
            one.percent = percent->kind == YAML_TEXT ? strtod(percent->text, &end) : -1;
            if (one.percent < 0 || one.percent > 100 || *end)
                return yaml_error(percent, "percent must be a number from 0 to 100");
        }
        ARENA_GROW(l->mem, l->map->asserts, l->map->nasserts, l->cap_asserts);
        l->map->asserts[l->map->nasserts++] = one;
    }
    return OK;
}

static enum err run_test(struct loader *l, const struct map_test *t)
{
    struct record r = { .values = NEW_ARRAY(l->mem, struct raw, l->map->want.n + 1) };
    struct raw *values = (struct raw *)r.values;

    for (size_t i = 0; i < t->given->n; i++) {
        const struct yaml *v = t->given->items[i];
        size_t at = 0;
        while (at < l->map->want.n && !str_eq(l->map->want.fields[at], t->given->keys[i]))
            at++;
        if (at == l->map->want.n)
            return yaml_error(v, "the mapping does not use the field '%s'", t->given->keys[i]);
        values[at] = yaml_is_null(v) || v->kind != YAML_TEXT
                         ? (struct raw){ .is = RAW_EMPTY }
                         : (struct raw){ RAW_TEXT, v->text, strlen(v->text), NULL };
    }
    for (size_t i = 0; i < t->expect->n; i++) {
        const struct yaml *v = t->expect->items[i];
        const struct map_row *row = NULL;
        const char *is = NULL;
        for (size_t q = 0; q < l->map->nrows; q++)
            if (str_eq(l->map->rows[q].attribute, t->expect->keys[i]))
                row = &l->map->rows[q];
        if (!row)
            return yaml_error(v, "the mapping has no row for '%s'", t->expect->keys[i]);
        struct raw raw = map_value(l->mem, l->map, row->from, &r);
        if (raw.is >= RAW_TEXT && attr_canonical(l->mem, attr_find(l->attrs, row->attribute),
                                                 arena_textn(l->mem, raw.text, raw.n), &is) != OK)
            is = arena_text(l->mem, err_text());
        else if (raw.is == RAW_EMPTY && row->empty == EMPTY_DEFAULT)
            is = row->otherwise;
        if (!str_eq(is, yaml_is_null(v) ? NULL : v->text))
            return yaml_error(v, "test: %s is %s%s%s, not '%s'", row->attribute, is ? "'" : "", is ? is : "empty",
                              is ? "'" : "", v->text);
    }
    return OK;
}

/* ---- the whole ---- */

static enum err read_source(struct loader *l, const struct yaml *y)
{
    const char *kind = NULL;

    TRY(text_of(y, "source", &kind));
    return str_eq(kind, l->type->name)
               ? OK : yaml_error(y, "this is a mapping of %s; the source is a %s", kind, l->type->name);
}

static const struct { const char *key; enum err (*read)(struct loader *l, const struct yaml *y); } sections[] = {
    { "source", read_source },     { "options", read_options },
    { "mapping", read_rows },      { "status", read_status },
    { "exclude", read_exclude },   { "exclude_people", read_exclude_people },
    { "guards", read_guards },     { "schedule", read_schedule },
    { "tests", read_tests },       { "asserts", read_asserts },
};

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void bind_all(struct mapping *m)
{
    qsort((void *)m->want.fields, m->want.n, sizeof *m->want.fields, by_text);
    for (size_t i = 0; i < m->nrows; i++)
        expr_bind((struct expr *)m->rows[i].from, &m->want);
    expr_bind((struct expr *)m->status.from, &m->want);
    for (size_t i = 0; i < m->nexclude; i++)
        expr_bind((struct expr *)m->exclude[i].expr, &m->want);
}

static void drop_switched_off(struct loader *l)
{
    size_t n = 0;

    for (size_t i = 0; i < l->map->nrows; i++)
        if (!is_off(l, l->map->rows[i].attribute))
            l->map->rows[n++] = l->map->rows[i];
    l->map->nrows = n;
}

static void defaults(struct mapping *m)
{
    m->options.create_days_before = -1;
    m->options.missing_runs = 2;
    m->guards.deactivations_percent = 20;
    m->guards.deactivations_count = 3;
    m->guards.records_percent = 80;
    m->guards.fill_rate_points = 20;
    m->guards.id_swaps_percent = 5;
    m->guards.managers_percent = m->guards.one_attribute_percent = m->guards.creates_percent = 50;
    m->guards.managers_count = m->guards.one_attribute_count = m->guards.creates_count = 20;
    m->schedule = "0 4 * * *";
}

enum err mapping_parse(struct arena *a, const struct attrs *as, const struct source_type *type,
                       const char *yaml, struct mapping **out)
{
    struct loader l = { .mem = a, .attrs = as, .type = type, .map = NEW(a, struct mapping) };
    const char *known[COUNT(sections)];
    struct yaml *root;

    defaults(l.map);
    TRY(yaml_read(a, yaml, &root));
    for (size_t i = 0; i < COUNT(sections); i++)
        known[i] = sections[i].key;
    TRY(only_keys(root, "a mapping file", known, COUNT(known)));
    for (size_t i = 0; i < COUNT(sections); i++) {
        struct yaml *y = yaml_get(root, sections[i].key);
        if (y && !yaml_is_null(y))
            TRY(sections[i].read(&l, y));
    }
    if (!yaml_get(root, "mapping") || !yaml_get(root, "status"))
        return yaml_error(root, "a mapping file needs `mapping:` and `status:`");
    drop_switched_off(&l);
    bind_all(l.map);
    for (size_t i = 0; i < l.ntests; i++)
        TRY(run_test(&l, &l.tests[i]));
    *out = l.map;
    return OK;
}
