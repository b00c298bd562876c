/* attr.c — attributes: the built-in table, look-up, canonical values. */
#include "people/attr.h"

#include <ctype.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/str.h"

static const struct attr builtin[] = {
#define ATTR(name, type, flags, label) { #name, ATTR_##type, flags, label, NULL, 0 },
#include "people/attrs.def"
#undef ATTR
};

static const struct { const char *name; enum attr_type type; } types[] = {
    { "text", ATTR_TEXT }, { "select", ATTR_SELECT }, { "number", ATTR_NUMBER },
    { "date", ATTR_DATE }, { "flag", ATTR_FLAG },
};

const char *attr_type_name(enum attr_type t)
{
    for (size_t i = 0; i < COUNT(types); i++)
        if (types[i].type == t)
            return types[i].name;
    return t == ATTR_PERSON ? "person" : t == ATTR_LIST ? "list" : "record";
}

bool attr_type_read(const char *name, enum attr_type *out)
{
    for (size_t i = 0; i < COUNT(types); i++)
        if (str_eq(types[i].name, name)) {
            *out = types[i].type;
            return true;
        }
    return false;
}

const struct attr *attr_builtin(const char *name)
{
    size_t from = 0, to = COUNT(builtin);

    while (from < to) {
        size_t mid = (from + to) / 2;
        int order = strcmp(builtin[mid].name, name);
        if (order == 0)
            return &builtin[mid];
        if (order < 0)
            from = mid + 1;
        else
            to = mid;
    }
    return NULL;
}

const struct attr *attr_find(const struct attrs *as, const char *name)
{
    size_t from = 0, to = as->n;

    while (from < to) {
        size_t mid = (from + to) / 2;
        int order = strcmp(as->all[mid]->name, name);
        if (order == 0)
            return as->all[mid];
        if (order < 0)
            from = mid + 1;
        else
            to = mid;
    }
    return NULL;
}

static int by_name(const void *a, const void *b)
{
    return strcmp((*(const struct attr *const *)a)->name, (*(const struct attr *const *)b)->name);
}

enum err attrs_load(struct work *w, struct attrs **out)
{
    struct attr *custom;
    size_t n;

    TRY(attrs_custom(w, &custom, &n));
    const struct attr **all = NEW_ARRAY(w->mem, const struct attr *, COUNT(builtin) + n);
    struct attrs *as = NEW(w->mem, struct attrs);
    for (size_t i = 0; i < COUNT(builtin); i++)
        all[as->n++] = &builtin[i];
    for (size_t i = 0; i < n; i++)
        all[as->n++] = &custom[i];
    qsort(all, as->n, sizeof *all, by_name);
    as->all = all;
    *out = as;
    return OK;
}

/* ---- canonical values ---- */

/* Kept as text: "007.50" becomes "7.5", and no digit is lost to a double. */
static enum err number(struct arena *a, const struct attr *attr, const char *text, const char **out)
{
    const char *s = text, *dot;
    bool minus = *s == '-';

    s += *s == '-' || *s == '+';
    size_t whole = strspn(s, "0123456789");
    dot = s[whole] == '.' ? s + whole + 1 : NULL;
    size_t parts = dot ? strspn(dot, "0123456789") : 0;
    const char *end = dot ? dot + parts : s + whole;
    if (*end || whole + parts == 0 || whole + parts > 60)
        return errf(ERR_INVALID, "%s is a number, not '%s'", attr->label, text);
    while (whole > 1 && *s == '0')
        s++, whole--;
    while (parts && dot[parts - 1] == '0')
        parts--;
    bool zero = parts == 0 && (whole == 0 || (whole == 1 && *s == '0'));
    *out = arena_printf(a, "%s%.*s%s%.*s", minus && !zero ? "-" : "", whole ? (int)whole : 1, whole ? s : "0",
                        parts ? "." : "", (int)parts, parts ? dot : "");
    return OK;
}

static enum err flag(const struct attr *attr, const char *text, const char **out)
{
    static const char *const yes[] = { "true", "yes", "1", "on" }, *const no[] = { "false", "no", "0", "off" };

    for (size_t i = 0; i < COUNT(yes); i++) {
        if (str_eq_nocase(text, yes[i]) || str_eq_nocase(text, no[i])) {
            *out = str_eq_nocase(text, yes[i]) ? "true" : "false";
            return OK;
        }
    }
    return errf(ERR_INVALID, "%s is yes or no, not '%s'", attr->label, text);
}

static enum err date(struct arena *a, const struct attr *attr, const char *text, const char **out)
{
    size_t n = strlen(text);
    const char *day = n > 10 && (text[10] == 'T' || text[10] == ' ') ? arena_textn(a, text, 10) : text;

    if (!date_valid(day))
        return errf(ERR_INVALID, "%s is a date as 2026-11-21, and '%s' is none", attr->label, text);
    *out = day;
    return OK;
}

static enum err choice(const struct attr *attr, const char *text, const char **out)
{
    for (size_t i = 0; i < attr->nchoices; i++)
        if (str_eq(attr->choices[i], text)) {
            *out = attr->choices[i];
            return OK;
        }
    return errf(ERR_INVALID, "'%s' is not an option of %s", text, attr->label);
}

enum err attr_canonical(struct arena *a, const struct attr *attr, const char *text, const char **out)
{
    switch (attr->type) {
    case ATTR_NUMBER:
        return number(a, attr, str_trim(a, text), out);
    case ATTR_FLAG:
        return flag(attr, str_trim(a, text), out);
    case ATTR_DATE:
        return date(a, attr, str_trim(a, text), out);
    case ATTR_SELECT:
        return choice(attr, text, out);
    default:
        if (strlen(text) > 4000)
            return errf(ERR_INVALID, "%s has more than 4,000 bytes", attr->label);
        *out = text;
        return OK;
    }
}

/* ---- the admin's side ---- */

static enum err check_name(const char *name)
{
    size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_");

    if (!islower((unsigned char)name[0]) || name[n] || n > 64)
        return errf(ERR_USAGE, "an attribute's name starts with a letter and has up to 64 of a-z, 0-9 and _, "
                    "not '%s'", name);
    return OK;
}

struct adding { const char *name, *label; enum attr_type type; const char *const *choices; size_t n; };

static enum err write_add(struct work *w, void *arg)
{
    const struct adding *x = arg;
    struct attrs *as;

    TRY(attrs_load(w, &as));
    if (attr_find(as, arena_printf(w->mem, "custom.%s", x->name)))
        return errf(ERR_CONFLICT, "there is a custom attribute '%s' already", x->name);
    return attr_put(w, x->name, x->label, x->type, x->choices, x->n);
}

enum err attr_add(struct work *w, const char *name, const char *label, enum attr_type type,
                  const char *const *choices, size_t n)
{
    struct adding x = { name, label ? label : name, type, choices, n };

    TRY(check_name(name));
    if (attr_builtin(name))
        return errf(ERR_CONFLICT, "%s is a built-in attribute; every person has it", name);
    if (type == ATTR_SELECT && n == 0)
        return errf(ERR_USAGE, "a select needs its options: --option A --option B");
    if (type != ATTR_SELECT && n > 0)
        return errf(ERR_USAGE, "only a select has options");
    return store_write(w, write_add, &x);
}

static enum err find_custom(struct work *w, const char *name, const struct attr **out)
{
    struct attrs *as;

    TRY(attrs_load(w, &as));
    *out = attr_find(as, arena_printf(w->mem, "custom.%s", name));
    if (!*out || !((*out)->flags & ATTR_CUSTOM))
        return errf(ERR_NOT_FOUND, "there is no custom attribute '%s'; `muster attribute list` shows them", name);
    return OK;
}

static enum err write_choice(struct work *w, void *arg)
{
    const struct adding *x = arg;
    const struct attr *attr;

    TRY(find_custom(w, x->name, &attr));
    if (attr->type != ATTR_SELECT)
        return errf(ERR_CONFLICT, "%s is of type %s; only a select has options", x->name,
                    attr_type_name(attr->type));
    const char **list = NEW_ARRAY(w->mem, const char *, attr->nchoices + 1);
    for (size_t i = 0; i < attr->nchoices; i++) {
        if (str_eq(attr->choices[i], x->choices[0]))
            return OK;                          /* it is there: what was wanted */
        list[i] = attr->choices[i];
    }
    list[attr->nchoices] = x->choices[0];
    return attr_put_type(w, x->name, ATTR_SELECT, list, attr->nchoices + 1);
}

enum err attr_add_choice(struct work *w, const char *name, const char *option)
{
    struct adding x = { .name = name, .choices = &option, .n = 1 };

    return store_write(w, write_choice, &x);
}

static enum err write_text(struct work *w, void *arg)
{
    const struct attr *attr;

    TRY(find_custom(w, arg, &attr));
    return attr_put_type(w, arg, ATTR_TEXT, NULL, 0);
}

enum err attr_make_text(struct work *w, const char *name)
{
    return store_write(w, write_text, (void *)name);
}
