/* filter_parse.c — filters are read by recursive descent; brackets are counted, so the descent has an end. */
#include <strings.h>

#include "base/str.h"
#include "scim/filter_parts.h"
#include "scim/instant.h"

static const char *const operators[] = {
    "eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "pr",
};

struct parser {
    struct arena *mem;
    const struct scim_resource *type;
    const struct scim_attr *items;          /* within square brackets: the list they stand behind */
    const char *text;
    size_t at;
    int depth;
    size_t terms;
};

static enum err fail(size_t at, const char *what)
{
    return errf(ERR_FILTER, "filter, column %zu: %s", at + 1, what);
}

static const char *here(const struct parser *p, size_t at)
{
    size_t n = strcspn(p->text + at, " \t\r\n()[]");

    if (!p->text[at])
        return "the end";
    n = MIN(MAX(n, (size_t)1), (size_t)40);
    while (n < 44 && ((unsigned char)p->text[at + n] & 0xc0) == 0x80)
        n++;
    return arena_printf(p->mem, "'%.*s'", (int)n, p->text + at);
}

static enum err expected(const struct parser *p, const char *what)
{
    return fail(p->at, arena_printf(p->mem, "%s is expected, not %s", what, here(p, p->at)));
}

static void skip_blanks(struct parser *p)
{
    p->at += strspn(p->text + p->at, " \t\r\n");
}

/* A word of letters: an operator, `and`, `or`, `not`. Nothing is copied. */
static size_t letters(const char *s)
{
    return strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
}

static bool is_word(const char *s, size_t n, const char *word)
{
    return n == strlen(word) && strncasecmp(s, word, n) == 0;
}

static bool take_word(struct parser *p, const char *word)
{
    size_t was = p->at;

    skip_blanks(p);
    size_t n = letters(p->text + p->at);
    if (is_word(p->text + p->at, n, word)) {
        p->at += n;
        return true;
    }
    p->at = was;
    return false;
}

/* ---- names ---- */

static bool ends_name(char c)
{
    return c == '\0' || strchr(" \t\r\n()[]\",=<>!", c) != NULL;
}

/* Within brackets a name is one of the item's own parts; an item without parts is called `value`. */
static enum err read_part(struct parser *p, struct filter *f)
{
    const char *name = p->text + p->at;
    size_t n = 0;

    while (!ends_name(name[n]))
        n++;
    f->relative = true;
    f->attr = p->items;
    f->sub = scim_attr_find(p->items->sub, name, n);
    if (!f->sub && (p->items->sub || !is_word(name, n, "value")))
        return fail(p->at, arena_printf(p->mem, "%s has no %s", p->items->name, here(p, p->at)));
    p->at += n;
    return OK;
}

static enum err read_name(struct parser *p, struct filter *f)
{
    struct path at;
    size_t from = p->at;

    if (ends_name(p->text[from]))
        return expected(p, "an attribute");
    if (p->items) {
        TRY(read_part(p, f));
    } else {
        enum err e = path_read(p->mem, p->type, p->text, &p->at, &at);
        if (e != OK)
            return err_in(ERR_FILTER, "filter, column %zu: ", from + 1);
        f->schema = at.schema;
        f->under = at.schema && at.schema != p->type->core ? at.schema->id : NULL;
        f->attr = at.attr;
        f->sub = at.sub;
    }
    if ((f->attr && f->attr->returned == SCIM_NEVER) || (f->sub && f->sub->returned == SCIM_NEVER))
        return fail(from, "this attribute is never told, so nobody is found by it");
    return OK;
}

/* ---- values ---- */

/* The text in quotes, as JSON has it. */
static enum err read_quoted(struct parser *p, yyjson_val **out)
{
    const char *s = p->text + p->at;
    size_t n = 1;

    while (s[n] && s[n] != '"')
        n += s[n] == '\\' && s[n + 1] ? 2 : 1;
    if (!s[n])
        return fail(p->at, "this text has no closing quote");
    n++;
    if (json_read_in(p->mem, s, n, out) != OK)
        return err_in(ERR_FILTER, "filter, column %zu: ", p->at + 1);
    p->at += n;
    return OK;
}

/* A number, true, false or null; anything else is read as the text somebody forgot to put in quotes (FLT-22). */
static enum err read_bare(struct parser *p, yyjson_val **out)
{
    const char *s = p->text + p->at;
    size_t n = strcspn(s, " \t\r\n()[]\"'");
    const char *word = arena_textn(p->mem, s, n);

    if (n == 0 || s[n] == '"' || s[n] == '\'' || is_word(s, n, "and") || is_word(s, n, "or") ||
        is_word(s, n, "not"))
        return expected(p, "a value in double quotes, a number, true, false or null");
    p->at += n;
    *out = NEW(p->mem, yyjson_val);
    if (str_eq(word, "null"))
        yyjson_set_null(*out);
    else
        yyjson_set_str(*out, word);
    return OK;
}

const char *filter_number(struct arena *a, const char *text)
{
    static const struct attr number = { .name = "number", .type = ATTR_NUMBER, .label = "number" };
    const char *canonical;

    return attr_canonical(a, &number, text, &canonical) == OK ? canonical : NULL;
}

static enum err take_flag(struct filter *f, size_t at)
{
    bool yes = str_eq_nocase(f->text, "true");

    if (f->op > FILTER_NE)
        return fail(at, "true and false can only be compared with eq and ne");
    if (!yes && !str_eq_nocase(f->text, "false"))
        return fail(at, "true or false is expected");
    yyjson_set_bool(f->value, yes);
    return OK;
}

static enum err take_number(struct parser *p, struct filter *f, size_t at)
{
    yyjson_val *number;

    if (f->op >= FILTER_CO && f->op <= FILTER_EW)
        return fail(at, "numbers are compared with eq, ne, gt, ge, lt and le");
    f->wanted = filter_number(p->mem, f->text);
    if (!f->wanted)
        return fail(at, "a number is expected");
    TRY(json_read_in(p->mem, f->wanted, strlen(f->wanted), &number));
    f->value = number;
    return OK;
}

/* Fits the value, which stands at `at`, to the type of what it is compared with. */
static enum err take_value(struct parser *p, struct filter *f, size_t at)
{
    const struct scim_attr *leaf = filter_leaf(f);
    bool ordered = f->op >= FILTER_GT && f->op <= FILTER_LE;

    f->text = yyjson_get_str(f->value);
    f->wanted = leaf->exact ? f->text : str_fold(p->mem, f->text);
    switch (leaf->type) {
    case SCIM_BOOLEAN:
        return take_flag(f, at);
    case SCIM_INTEGER:
    case SCIM_DECIMAL:
        return take_number(p, f, at);
    case SCIM_DATETIME:
        if ((f->op <= FILTER_NE || ordered) && !instant_parse(f->text, &f->time))
            return fail(at, "an instant is expected, for example \"2026-01-31T12:00:00Z\"");
        return OK;
    case SCIM_BINARY:
        return ordered ? fail(at, "binary values have no order") : OK;
    case SCIM_STRING:
    case SCIM_REFERENCE:
    case SCIM_COMPLEX:
        break;
    }
    return OK;
}

/* ---- comparisons ---- */

static struct filter *new_node(struct parser *p, enum filter_op op, const struct filter *left,
                               const struct filter *right)
{
    struct filter *f = NEW(p->mem, struct filter);

    *f = (struct filter){ .op = op, .left = left, .right = right };
    return f;
}

/* What is compared if a name has several parts: its `value` (FLT-05), if it has one. */
static enum err choose_part(struct parser *p, struct filter *f, size_t at)
{
    if (!f->attr)
        return fail(at, "a schema can only be asked for with pr");
    if (filter_leaf(f)->type != SCIM_COMPLEX)
        return OK;
    f->sub = f->sub ? NULL : scim_attr_find(f->attr->sub, "value", 5);
    if (f->sub)
        return OK;
    return fail(at, arena_printf(p->mem, "%s has several parts; compare one of them, such as %s.%s",
                                 f->attr->name, f->attr->name, f->attr->sub->name));
}

/* `operator value` behind a name that starts at `from`. What is equal to null is what is not there. */
static enum err read_operator(struct parser *p, struct filter *f, size_t from,
                              const struct filter **out)
{
    size_t op = 0;

    *out = f;
    skip_blanks(p);
    size_t n = letters(p->text + p->at);
    while (op < COUNT(operators) && !is_word(p->text + p->at, n, operators[op]))
        op++;
    if (op == COUNT(operators))
        return expected(p, "one of eq ne co sw ew gt ge lt le pr");
    if (++p->terms > FILTER_TERMS)
        return errf(ERR_TOO_MANY, "a filter has at most %d comparisons", FILTER_TERMS);
    f->op = (enum filter_op)op;
    p->at += n;
    if (f->op == FILTER_PR)
        return OK;
    skip_blanks(p);
    size_t at = p->at;
    TRY(p->text[at] == '"' ? read_quoted(p, &f->value) : read_bare(p, &f->value));
    if (!yyjson_is_null(f->value)) {
        TRY(choose_part(p, f, from));
        return take_value(p, f, at);
    }
    if (f->op > FILTER_NE)
        return fail(at,
                    "null can only be compared with eq and ne; `pr` asks whether there is a value");
    if (f->op == FILTER_EQ)
        *out = new_node(p, FILTER_NOT, f, NULL);
    f->op = FILTER_PR;
    f->value = NULL;
    return OK;
}

/* ---- square brackets ---- */

static enum err read_or(struct parser *p, const struct filter **out);

/* From behind `[` to behind `]`. */
static enum err read_brackets(struct parser *p, const struct scim_attr *attr,
                              const struct filter **out)
{
    size_t open = p->at - 1;
    int depth = p->depth;

    p->items = attr;
    TRY(read_or(p, out));
    skip_blanks(p);
    if (p->text[p->at] != ']')
        return expected(
            p, arena_printf(p->mem, "`and`, `or` or ] for the bracket of column %zu", open + 1));
    p->at++;
    p->items = NULL;
    p->depth = depth;
    return OK;
}

static const struct filter *items_node(struct parser *p, const struct filter *of,
                                       const struct filter *inner)
{
    struct filter *f = new_node(p, FILTER_ITEMS, inner, NULL);

    f->schema = of->schema;
    f->under = of->under;
    f->attr = of->attr;
    return f;
}

/* `emails[type eq "work"].value eq "x"` (FLT-06): what is compared belongs to the same item. */
static enum err read_behind(struct parser *p, const struct filter *of, const struct filter *inner,
                            const struct filter **out)
{
    struct filter *f = NEW(p->mem, struct filter);
    const struct filter *compared;
    size_t from = ++p->at;

    p->items = of->attr;
    TRY(read_name(p, f));
    TRY(read_operator(p, f, from, &compared));
    p->items = NULL;
    if (compared->op == FILTER_NOT) {               /* eq null: no such item has one */
        inner = items_node(p, of, new_node(p, FILTER_AND, inner, compared->left));
        *out = new_node(p, FILTER_NOT, inner, NULL);
        return OK;
    }
    *out = items_node(p, of, new_node(p, FILTER_AND, inner, compared));
    if (f->op == FILTER_NE) {                       /* no such item: a missing value */
        inner = new_node(p, FILTER_NOT, items_node(p, of, inner), NULL);
        *out = new_node(p, FILTER_OR, *out, inner);
    }
    return OK;
}

static enum err read_items(struct parser *p, const struct filter *of, const struct filter **out)
{
    const struct filter *inner;

    if (p->items)
        return fail(p->at, "square brackets do not stand in each other");
    if (!of->attr || of->sub || (of->attr->type != SCIM_COMPLEX && !of->attr->many))
        return fail(p->at, "square brackets stand behind a list of items, such as emails");
    p->at++;
    TRY(read_brackets(p, of->attr, &inner));
    if (p->text[p->at] == '.')
        return read_behind(p, of, inner, out);
    *out = items_node(p, of, inner);
    return OK;
}

static enum err read_comparison(struct parser *p, const struct filter **out)
{
    struct filter *f = NEW(p->mem, struct filter);
    size_t from = p->at;

    TRY(read_name(p, f));
    if (p->text[p->at] == '[')
        return read_items(p, f, out);
    return read_operator(p, f, from, out);
}

/* ---- and, or, not ---- */

static enum err read_term(struct parser *p, const struct filter **out)
{
    skip_blanks(p);
    size_t start = p->at;
    bool negated = take_word(p, "not");

    if (negated) {
        skip_blanks(p);
        if (p->text[p->at] != '(')
            return expected(p, "a bracket after not");
    }
    if (p->text[p->at] != '(') {
        p->at = start;
        return read_comparison(p, out);
    }
    if (++p->depth > FILTER_DEPTH)
        return fail(p->at,
                    arena_printf(p->mem, "more than %d brackets in each other", FILTER_DEPTH));
    size_t open = p->at++;
    TRY(read_or(p, out));
    skip_blanks(p);
    if (p->text[p->at] != ')')
        return expected(
            p, arena_printf(p->mem, "`and`, `or` or ) for the bracket of column %zu", open + 1));
    p->at++;
    p->depth--;
    if (negated)
        *out = new_node(p, FILTER_NOT, *out, NULL);
    return OK;
}

/* `and` binds closer than `or`; both to the left. */
static enum err read_chain(struct parser *p, const char *word, enum filter_op op,
                           enum err (*part)(struct parser *, const struct filter **),
                           const struct filter **out)
{
    const struct filter *right;

    TRY(part(p, out));
    while (take_word(p, word)) {
        TRY(part(p, &right));
        *out = new_node(p, op, *out, right);
    }
    return OK;
}

static enum err read_and(struct parser *p, const struct filter **out)
{
    return read_chain(p, "and", FILTER_AND, read_term, out);
}

static enum err read_or(struct parser *p, const struct filter **out)
{
    return read_chain(p, "or", FILTER_OR, read_and, out);
}

static enum err check_text(const char *text)
{
    size_t n = strnlen(text, FILTER_BYTES + 1);

    if (n > FILTER_BYTES)
        return errf(ERR_FILTER, "a filter has at most %d bytes", FILTER_BYTES);
    if (!str_utf8(text, n))
        return errf(ERR_FILTER, "the filter is not UTF-8");
    return OK;
}

enum err filter_parse(struct arena *a, const struct scim_resource *r, const char *text,
                      struct filter **out)
{
    struct parser p = { .mem = a, .type = r, .text = text };
    const struct filter *f;

    TRY(check_text(text));
    TRY(read_or(&p, &f));
    skip_blanks(&p);
    if (p.text[p.at])
        return expected(&p, "`and`, `or` or the end");
    *out = (struct filter *)f;
    return OK;
}

enum err filter_parse_items(struct arena *a, const struct scim_attr *attr, const char *text,
                            size_t *at, struct filter **out)
{
    struct parser p = { .mem = a, .text = text, .at = *at };
    const struct filter *f;

    TRY(check_text(text + *at));
    TRY(read_brackets(&p, attr, &f));
    *at = p.at;
    *out = (struct filter *)f;
    return OK;
}
