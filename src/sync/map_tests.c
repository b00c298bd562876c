/* map_tests.c — `asserts:` are read; `tests:` are read and run, so that a mapping that fails its own is refused. */
#include "sync/map_parse.h"

#include <math.h>
#include <stdlib.h>

#include "base/str.h"

static bool row_exists(const struct mapping *m, const char *attribute)
{
    for (size_t i = 0; i < m->nrows; i++)
        if (str_eq(m->rows[i].attribute, attribute))
            return true;
    return false;
}

/* The attribute that a test or an assertion is about: one that a row feeds. */
static enum err check_mapped(struct parse *p, const struct yaml *y, const char *name)
{
    const char **known = NEW_ARRAY(p->a, const char *, p->m->nrows + 1);

    if (row_exists(p->m, name))
        return OK;
    for (size_t i = 0; i < p->m->nrows; i++)
        known[i] = p->m->rows[i].attribute;
    return yaml_errf(y, "no row maps '%.80s'%s", name,
                     map_meant(p->a, name, known, p->m->nrows, false));
}

/* ---- asserts ---- */

static enum err read_percent(const struct yaml *y, double *out)
{
    char *end = NULL;

    *out = 100;
    if (!y)
        return OK;
    if (y->kind == YAML_TEXT && y->style == YAML_BARE && *y->text)
        *out = strtod(y->text, &end);
    if (!end || *end || !isfinite(*out) || *out < 0 || *out > 100)
        return yaml_errf(y, "percent is a number from 0 to 100");
    return OK;
}

static enum err read_assert(struct parse *p, const struct yaml *y, struct map_assert *out)
{
    static const char *const keys[] = { "unique", "filled", "percent", NULL };

    TRY(map_keys(p, y, keys));
    const struct yaml *unique = yaml_get(y, "unique"), *filled = yaml_get(y, "filled"),
                      *percent = yaml_get(y, "percent");
    if (!unique == !filled)
        return yaml_errf(
            y, "an assertion is `unique: ATTRIBUTE` or `filled: ATTRIBUTE` with `percent: N`");
    if (percent && !filled)
        return yaml_key_errf(percent, "percent belongs to `filled:`");
    out->kind = unique ? ASSERT_UNIQUE : ASSERT_FILLED;
    TRY(map_text(unique ? unique : filled, "the attribute", &out->attribute));
    TRY(check_mapped(p, unique ? unique : filled, out->attribute));
    return read_percent(percent, &out->percent);
}

enum err map_read_asserts(struct parse *p, const struct yaml *y)
{
    if (!y)
        return OK;
    TRY(map_items(y, "asserts", MAP_ROWS_MOST));
    p->m->asserts = NEW_ARRAY(p->a, struct map_assert, y->n + 1);
    for (size_t i = 0; i < y->n; i++)
        TRY(read_assert(p, &y->items[i], &p->m->asserts[p->m->nasserts++]));
    return OK;
}

/* ---- tests ---- */

/* A test's value as a record has it: a list's items with \x1f between them. */
static enum err read_raw(struct parse *p, const struct yaml *y, struct raw *out)
{
    AUTO_BUF items = {};

    *out = (struct raw){ .is = RAW_EMPTY, .text = "" };
    if (y->kind == YAML_MAP)
        return yaml_errf(y, "a test's value is a text or a list of texts");
    for (size_t i = 0; i < y->n; i++) {
        if (y->items[i].kind != YAML_TEXT)
            return yaml_errf(&y->items[i], "a list of texts is expected here");
        buf_printf(&items, "%s%s", i ? "\x1f" : "", y->items[i].text);
    }
    const char *text = y->kind == YAML_LIST ? arena_textn(p->a, items.at, items.n) : y->text;
    if (!yaml_null(y) && *text)
        *out = (struct raw){ .is = y->kind == YAML_LIST ? RAW_LIST : RAW_TEXT,
                             .text = text,
                             .n = strlen(text) };
    return OK;
}

static enum err read_given(struct parse *p, const struct yaml *y, struct record *out)
{
    const struct want *want = &p->m->want;
    struct raw *values = NEW_ARRAY(p->a, struct raw, want->n + 1);

    for (size_t i = 0; i < want->n; i++)            /* what a test does not name is there and empty */
        values[i] = (struct raw){ .is = RAW_EMPTY, .text = "" };
    *out = (struct record){ .values = values };
    if (yaml_null(y))
        return OK;
    if (y->kind != YAML_MAP)
        return yaml_errf(y, "given is a map of fields and their values");
    for (size_t i = 0; i < y->n; i++) {
        size_t at = 0;
        while (at < want->n && !str_eq(want->fields[at], y->items[i].key))
            at++;
        if (at == want->n)
            return yaml_key_errf(&y->items[i], "nothing in this file reads the field '%.80s'%s",
                                 y->items[i].key,
                                 map_meant(p->a, y->items[i].key, want->fields, want->n, false));
        TRY(read_raw(p, &y->items[i], &values[at]));
    }
    return OK;
}

/* A value in the words of the attribute: "" for none, the items of a list as one line. */
static enum err in_words(struct parse *p, const struct attr *attr, const struct raw *v,
                         const char **out)
{
    *out = "";
    if (v->is < RAW_TEXT)
        return OK;
    char *text = arena_textn(p->a, v->text, v->n);
    if (attr->flags & ATTR_MANY || attr->type == ATTR_PERSON) {
        *out = text;
        return OK;
    }
    if (v->is == RAW_LIST) {
        AUTO_BUF line = {};
        for (const char *s = text; *s; s++)
            *s == '\x1f' ? buf_puts(&line, ", ") : buf_putc(&line, *s);
        text = arena_textn(p->a, line.at, line.n);
    }
    return attr_canonical(p->a, attr, attr->flags & ATTR_KEY ? str_trim(p->a, text) : text, out);
}

/* What the rows of one attribute make of a record. */
static enum err run_rows(struct parse *p, const struct attr *attr, const struct record *r,
                         const char **out)
{
    AUTO_BUF all = {};

    for (size_t i = 0; i < p->m->nrows; i++) {
        const struct map_row *row = &p->m->rows[i];
        if (!str_eq(row->attribute, attr->name))
            continue;
        struct raw v = map_value(p->a, p->m, row->from, r);
        const char *text;
        if (v.is < RAW_TEXT && row->empty == EMPTY_FAIL)
            return errf(ERR_INVALID, "%s is empty, and its row says `empty: fail`", attr->name);
        if (v.is < RAW_TEXT && row->empty == EMPTY_DEFAULT)
            v = (struct raw){ .is = RAW_TEXT, .text = row->otherwise, .n = strlen(row->otherwise) };
        TRY(in_words(p, attr, &v, &text));
        if (*text)
            buf_printf(&all, "%s%s", all.n ? "\x1f" : "", text);
    }
    *out = all.n ? arena_textn(p->a, all.at, all.n) : "";
    return OK;
}

static const char *shown(struct arena *a, const char *text)
{
    AUTO_BUF line = {};

    if (!*text)
        return "empty";
    buf_putc(&line, '\'');
    for (; *text; text++)
        *text == '\x1f' ? buf_puts(&line, "', '") : buf_putc(&line, *text);
    buf_putc(&line, '\'');
    return arena_textn(a, line.at, line.n);
}

static enum err run_test(struct parse *p, const struct yaml *y, size_t number)
{
    static const char *const keys[] = { "given", "expect", NULL };
    const char *is = NULL, *expected = NULL;
    struct record record;

    TRY(map_keys(p, y, keys));
    const struct yaml *expect = yaml_get(y, "expect");
    TRY(read_given(p, yaml_get(y, "given"), &record));
    if (!expect || expect->kind != YAML_MAP || expect->n == 0)
        return yaml_errf(expect ? expect : y,
                         "test %zu expects nothing; say `expect: {ATTRIBUTE: value}`", number);
    for (size_t i = 0; i < expect->n; i++) {
        const struct yaml *one = &expect->items[i];
        struct yaml place = { .line = one->key_line, .column = one->key_column };
        const struct attr *attr = attr_find(p->attrs, one->key);
        struct raw raw;
        TRY(check_mapped(p, &place, one->key));
        TRY(read_raw(p, one, &raw));
        if (in_words(p, attr, &raw, &expected) != OK || run_rows(p, attr, &record, &is) != OK)
            return yaml_at(one->line, one->column, err_in(ERR_INVALID, "test %zu: ", number));
        if (!str_eq(is, expected))
            return yaml_errf(one, "test %zu fails: %s is %s, expected %s", number, attr->name,
                             shown(p->a, is), shown(p->a, expected));
    }
    return OK;
}

enum err map_run_tests(struct parse *p, const struct yaml *y)
{
    if (!y)
        return OK;
    TRY(map_items(y, "tests", MAP_ROWS_MOST));
    for (size_t i = 0; i < y->n; i++)
        TRY(run_test(p, &y->items[i], i + 1));
    return OK;
}
