/* cmd_attribute.c — `muster attribute …`: what a person can have. */
#include "base/str.h"
#include "cli/cli.h"
#include "people/attr.h"
#include "sync/connect.h"

static void attribute_json(struct json_out *j, const struct attr *a)
{
    json_open(j, '{');
    json_put(j, "name", a->name);
    json_put(j, "label", a->label);
    json_put(j, "type", attr_type_name(a->type));
    json_put_bool(j, "custom", a->flags & ATTR_CUSTOM);
    json_put_bool(j, "mapped", !(a->flags & ATTR_UNMAPPED));
    json_key(j, "options");
    json_open(j, '[');
    for (size_t i = 0; i < a->nchoices; i++)
        json_str(j, a->choices[i]);
    json_close(j, ']');
    json_close(j, '}');
}

static void attribute_line(struct buf *to, const struct attr *a)
{
    buf_printf(to, "%s\t%s\t%s\t", a->name, attr_type_name(a->type), a->label);
    for (size_t i = 0; i < a->nchoices; i++)
        buf_printf(to, "%s%s", i ? "; " : "", a->choices[i]);
    buf_putc(to, '\n');
}

enum err cmd_attribute_list(struct cli *c)
{
    struct attrs *attrs;
    AUTO_BUF text = {};

    TRY(attrs_load(c->w, &attrs));
    if (!c->json)
        buf_puts(&text, "ATTRIBUTE\tTYPE\tLABEL\tOPTIONS\n");
    for (size_t i = 0; i < attrs->n; i++) {
        if (!c->json) {
            attribute_line(&text, attrs->all[i]);
            continue;
        }
        struct json_out j = { &text };
        buf_clear(&text);
        attribute_json(&j, attrs->all[i]);
        cli_print_json(&text);
    }
    if (!c->json)
        cli_table(c, &text);
    return OK;
}

/* ---- add ---- */

struct attribute_edit {
    const char *name, *label;       /* without "custom." */
    const char *type;               /* as given; NULL: not given */
    char **options;
    size_t n;
};

static enum err add_new(struct work *w, const struct attribute_edit *e)
{
    enum attr_type type = e->n ? ATTR_SELECT : ATTR_TEXT;

    if (!e->type && !e->n)
        return errf(ERR_USAGE,
                    "say of which type it is: --type text, select, number, date or flag");
    if (e->type && !attr_type_read(e->type, &type))
        return errf(ERR_USAGE, "'%s' is no type; it is one of text, select, number, date, flag",
                    e->type);
    if (type == ATTR_SELECT && e->n == 0)
        return errf(ERR_USAGE,
                    "a select needs its options: --option 'Full time' --option 'Part time'");
    if (type != ATTR_SELECT && e->n)
        return errf(ERR_USAGE,
                    "only a select has options; leave out --option, or say --type select");
    return attr_add(w, e->name, e->label ? e->label : e->name, type,
                    (const char *const *)e->options, e->n);
}

/* Values that were no option, or not text, fill in the next run: every source looks again at everybody. */
static enum err change_known(struct work *w, const struct attribute_edit *e,
                             const struct attr *known)
{
    if (e->n && (!e->type || str_eq(e->type, attr_type_name(known->type)))) {
        if (known->type != ATTR_SELECT)
            return errf(ERR_CONFLICT, "%s is %s, and only a select has options", known->name,
                        attr_type_name(known->type));
        for (size_t i = 0; i < e->n; i++)
            TRY(attr_add_choice(w, e->name, e->options[i]));
    } else if (!e->n && str_eq(e->type, "text") && known->type == ATTR_SELECT) {
        TRY(attr_make_text(w, e->name));
    } else {
        return errf(
            ERR_CONFLICT,
            "there is an attribute %s already, of type %s; a select takes another --option, or "
            "becomes --type text",
            known->name, attr_type_name(known->type));
    }
    return source_raise_revision(w, 0);
}

static enum err write_attribute(struct work *w, void *arg)
{
    const struct attribute_edit *e = arg;
    struct attrs *attrs;

    TRY(attrs_load(w, &attrs));
    const struct attr *known = attr_find(attrs, arena_printf(w->mem, "custom.%s", e->name));
    return known ? change_known(w, e, known) : add_new(w, e);
}

enum err cmd_attribute_add(struct cli *c)
{
    const char *name = c->args[0];
    struct attribute_edit e = { .label = cli_value(c, "label"), .type = cli_value(c, "type") };
    struct attrs *attrs;
    AUTO_BUF text = {};
    struct json_out j = { &text };

    e.name = str_starts(name, "custom.") ? name + strlen("custom.") : name;
    e.n = cli_values(c, "option", &e.options);
    TRY(store_write(c->w, write_attribute, &e));
    TRY(attrs_load(c->w, &attrs));
    const struct attr *made = attr_find(attrs, arena_printf(c->mem, "custom.%s", e.name));
    if (!made)
        return errf(ERR_INTERNAL, "the attribute %s was added and is not there", e.name);
    if (c->json) {
        attribute_json(&j, made);
        cli_print_json(&text);
    } else {
        attribute_line(&text, made);
        cli_table(c, &text);
    }
    return OK;
}
