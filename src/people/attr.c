/* attr.c — the built-in attributes, looking one up, and the canonical text of a value. */
#include "people/attr.h"

#include <ctype.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/str.h"

enum {
    VALUE_MOST = KB(64),            /* bytes of one value */
    KEY_MOST = 1000,                /* of one that stands in an index */
    DIGITS_MOST = 100,
};

/* Sorted by name, as attrs.def is; a test makes sure. */
static const struct attr builtins[] = {
#define ATTR(name, type, flags, label) { #name, ATTR_##type, flags, label },
#include "people/attrs.def"
#undef ATTR
};

static const struct { const char *name; bool offered; } types[] = {
    [ATTR_TEXT] = { "text", true },     [ATTR_SELECT] = { "select", true },
    [ATTR_NUMBER] = { "number", true }, [ATTR_DATE] = { "date", true },
    [ATTR_FLAG] = { "flag", true },     [ATTR_PERSON] = { "person", false },
    [ATTR_LIST] = { "list", false },    [ATTR_RECORD] = { "record", false },
};

const char *attr_type_name(enum attr_type t)
{
    return types[t].name;
}

bool attr_type_read(const char *name, enum attr_type *out)
{
    for (size_t i = 0; i < COUNT(types); i++)
        if (types[i].offered && str_eq(types[i].name, name)) {
            *out = (enum attr_type)i;
            return true;
        }
    return false;
}

static int compare_builtin(const void *name, const void *attr)
{
    return strcmp(name, ((const struct attr *)attr)->name);
}

static int compare_attr(const void *name, const void *at)
{
    return strcmp(name, (*(const struct attr *const *)at)->name);
}

static int by_name(const void *a, const void *b)
{
    return strcmp((*(const struct attr *const *)a)->name, (*(const struct attr *const *)b)->name);
}

const struct attr *attr_builtin(const char *name)
{
    return bsearch(name, builtins, COUNT(builtins), sizeof *builtins, compare_builtin);
}

const struct attr *attr_find(const struct attrs *as, const char *name)
{
    const struct attr *const *at = bsearch(name, as->all, as->n, sizeof *as->all, compare_attr);

    return at ? *at : NULL;
}

struct attrs *attrs_with(struct arena *a, const struct attr *custom, size_t n)
{
    const struct attr **all = NEW_ARRAY(a, const struct attr *, COUNT(builtins) + n);
    struct attrs *as = NEW(a, struct attrs);

    for (size_t i = 0; i < COUNT(builtins); i++)
        all[i] = &builtins[i];
    for (size_t i = 0; i < n; i++)
        all[COUNT(builtins) + i] = &custom[i];
    *as = (struct attrs){ all, COUNT(builtins) + n };
    qsort(all, as->n, sizeof *all, by_name);
    return as;
}

/* ---- values ---- */

/* The front of a value, for messages: nobody wants to read 64 KB of it. */
static const char *shown(struct arena *a, const char *text)
{
    size_t n = strnlen(text, 61);

    if (n <= 60)
        return text;
    for (n = 57; n && ((unsigned char)text[n] & 0xc0) == 0x80;)
        n--;
    return arena_printf(a, "%.*s…", (int)n, text);
}

static enum err refuse(struct arena *a, const struct attr *attr, const char *text,
                       const char *takes)
{
    return errf(ERR_INVALID, "'%s' is not a value of %s; it takes %s", shown(a, text), attr->label,
                takes);
}

/* An e-mail address as far as it matters here: something before and after an @, and nothing that
 * would let it break out of a mail's header. */
static bool address(const char *s)
{
    const char *at = strrchr(s, '@');

    if (!at || at == s || !at[1])
        return false;
    for (; *s; s++)
        if ((unsigned char)*s <= ' ' || *s == 0x7f)
            return false;
    return true;
}

static enum err canonical_text(struct arena *a, const struct attr *attr, const char *text,
                               const char **out)
{
    bool indexed = attr->flags & (ATTR_KEY | ATTR_LEVEL | ATTR_PLACE);
    size_t most = indexed ? KEY_MOST : VALUE_MOST;

    if (strlen(text) > most)
        return errf(ERR_INVALID, "'%s' is too long for %s; it takes at most %zu bytes",
                    shown(a, text), attr->label, most);
    if (!str_utf8(text, strlen(text)))
        return errf(ERR_INVALID, "the value of %s is not UTF-8 text", attr->label);
    if (str_eq(attr->name, "email") && !address(text))
        return refuse(a, attr, text, "an e-mail address like ana@example.com");
    *out = text;
    return OK;
}

/* A decimal number taken apart: [sign] whole [. fraction] [e exponent]. */
struct decimal {
    bool minus;
    const char *whole, *fraction;
    size_t nwhole, nfraction;
    int64_t exponent;
};

static bool decimal_read(const char *s, struct decimal *d)
{
    *d = (struct decimal){ .minus = *s == '-' };
    if (*s == '-' || *s == '+')
        s++;
    d->whole = s;
    d->nwhole = strspn(s, "0123456789");
    s += d->nwhole;
    if (*s == '.') {
        d->fraction = s + 1;
        d->nfraction = strspn(s + 1, "0123456789");
        s += 1 + d->nfraction;
        if (!d->nfraction)
            return false;
    }
    if (d->nwhole + d->nfraction == 0)
        return false;
    if (*s != 'e' && *s != 'E')
        return *s == '\0';
    s++;
    if (!isdigit((unsigned char)s[*s == '-' || *s == '+']))
        return false;
    return strlen(s) <= 5 && str_number(s, &d->exponent);
}

/*
 * Digit by digit, so that 19-digit ids and 0.1 stay what they are: the digits of both halves in a
 * row, the point put where the exponent wants it, zeros that say nothing dropped.
 */
static const char *decimal_text(struct arena *a, const struct decimal *d)
{
    size_t n = d->nwhole + d->nfraction, first = 0;
    char *digits = arena_alloc(a, n + 1);

    memcpy(digits, d->whole, d->nwhole);
    if (d->nfraction)
        memcpy(digits + d->nwhole, d->fraction, d->nfraction);
    while (n > first && digits[n - 1] == '0')
        n--;
    while (first < n && digits[first] == '0')
        first++;
    if (first == n)
        return "0";
    int64_t point = (int64_t)d->nwhole + d->exponent - (int64_t)first;      /* digits before the point */
    int64_t count = (int64_t)(n - first);
    if (MAX(point, count) - MIN(point, 0) > DIGITS_MOST)
        return NULL;
    char *text = arena_alloc(a, DIGITS_MOST + 4), *to = text;
    if (d->minus)
        *to++ = '-';
    if (point <= 0) {
        *to++ = '0';
        *to++ = '.';
        memset(to, '0', (size_t)-point);
        memcpy(to - point, digits + first, (size_t)count);
    } else if (point >= count) {
        memset(to, '0', (size_t)point);
        memcpy(to, digits + first, (size_t)count);
    } else {
        memcpy(to, digits + first, (size_t)point);
        to[point] = '.';
        memcpy(to + point + 1, digits + first + point, (size_t)(count - point));
    }
    return text;
}

static enum err canonical_number(struct arena *a, const struct attr *attr, const char *text,
                                 const char **out)
{
    struct decimal d;

    if (!decimal_read(text, &d))
        return refuse(a, attr, text, "a number like 1250.5, without separators for thousands");
    *out = strlen(text) > VALUE_MOST ? NULL : decimal_text(a, &d);
    return *out ? OK
                : errf(ERR_INVALID, "'%s' is too long for %s; it takes at most %d digits",
                       shown(a, text), attr->label, DIGITS_MOST);
}

static enum err canonical_flag(struct arena *a, const struct attr *attr, const char *text,
                               const char **out)
{
    static const char *const yes[] = { "true", "yes", "1" }, *const no[] = { "false", "no", "0" };

    for (size_t i = 0; i < COUNT(yes); i++) {
        if (str_eq_nocase(text, yes[i]) || str_eq_nocase(text, no[i])) {
            *out = str_eq_nocase(text, yes[i]) ? "true" : "false";
            return OK;
        }
    }
    return refuse(a, attr, text, "true or false (also yes/no, 1/0)");
}

static enum err canonical_select(struct arena *a, const struct attr *attr, const char *text,
                                 const char **out)
{
    for (size_t i = 0; i < attr->nchoices; i++) {
        if (str_eq(text, attr->choices[i])) {
            *out = attr->choices[i];
            return OK;
        }
    }
    return errf(ERR_INVALID, "'%s' is not an option of %s", shown(a, text), attr->label);
}

static enum err canonical_json(struct arena *a, const struct attr *attr, const char *text,
                               const char **out)
{
    AUTO_BUF line = {};
    struct json_out j = { &line };
    yyjson_val *root;
    bool list = attr->type == ATTR_LIST;

    if (strlen(text) > VALUE_MOST || json_read_in(a, text, strlen(text), &root) != OK ||
        !(list ? yyjson_is_arr(root) : yyjson_is_obj(root)))
        return refuse(a, attr, text, list ? "a JSON array" : "a JSON object");
    json_val(&j, root);
    *out = arena_textn(a, line.at, line.n);
    return OK;
}

enum err attr_canonical(struct arena *a, const struct attr *attr, const char *text,
                        const char **out)
{
    const char *trimmed =
        attr->type == ATTR_TEXT || attr->type == ATTR_SELECT ? text : str_trim(a, text);

    switch (attr->type) {
    case ATTR_TEXT:
        return canonical_text(a, attr, text, out);
    case ATTR_SELECT:
        return canonical_select(a, attr, text, out);
    case ATTR_NUMBER:
        return canonical_number(a, attr, trimmed, out);
    case ATTR_FLAG:
        return canonical_flag(a, attr, trimmed, out);
    case ATTR_DATE:
        *out = trimmed;
        return date_valid(trimmed)
                   ? OK
                   : refuse(a, attr, text, "a day that exists, written like 2026-11-21");
    case ATTR_PERSON:
        return *trimmed ? canonical_text(a, attr, trimmed, out)
                        : refuse(a, attr, text, "a record id, an anchor, a user name or an e-mail");
    case ATTR_LIST:
    case ATTR_RECORD:
        return canonical_json(a, attr, trimmed, out);
    }
    return errf(ERR_INTERNAL, "%s has a type that does not exist", attr->label);
}
