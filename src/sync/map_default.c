/* map_default.c — the default mapping of a source kind, as a file with its explanations. */
#include "base/buf.h"
#include "base/str.h"
#include "sync/map.h"

/* An expression as YAML: as it is if it is one word, else quoted. */
static const char *yaml_text(struct arena *a, const char *from)
{
    size_t n = strspn(from, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.");
    AUTO_BUF text = {};

    if (*from && !from[n] && from[0] > '9')
        return from;
    buf_putc(&text, '\'');
    for (const char *s = from; *s; s++) {
        if (*s == '\'')
            buf_putc(&text, '\'');
        buf_putc(&text, *s);
    }
    buf_putc(&text, '\'');
    return arena_textn(a, text.at, text.n);
}

static void list(struct buf *to, struct arena *a, const char *comma_list)
{
    char *rest = arena_text(a, comma_list && *comma_list ? comma_list : NULL);
    bool any = false;

    buf_putc(to, '[');
    for (char *one; (one = strsep(&rest, ","));) {
        buf_printf(to, "%s\"%s\"", any ? ", " : "", str_trim(a, one));
        any = true;
    }
    buf_putc(to, ']');
}

char *mapping_default(struct arena *a, const struct source_type *type)
{
    AUTO_BUF text = {};

    buf_printf(&text, "# How %s becomes people. `muster mapping import NAME FILE` makes it active.\n"
               "source: %s\nmapping:\n", type->label, type->name);
    for (size_t i = 0; type->mapping[i].attribute; i++) {
        const struct default_row *row = &type->mapping[i];
        buf_printf(&text, "%s  - attribute: %s\n%s    from: %s\n",
                   row->off && !str_eq(row->attribute, "additional_managers") ? "#" : "", row->attribute,
                   row->off && !str_eq(row->attribute, "additional_managers") ? "#" : "",
                   yaml_text(a, row->from));
    }
    buf_puts(&text, "# active: creates and reactivates; leave: deactivates, or suspends; gone: deactivates.\n"
             "# A value in no list means gone once it is known; a new one changes nobody and is reported.\n");
    buf_printf(&text, "status:\n  from: %s\n  active: ", yaml_text(a, type->status.from));
    list(&text, a, type->status.active);
    buf_puts(&text, "\n  leave: ");
    list(&text, a, type->status.leave);
    buf_puts(&text, "\n  gone: ");
    list(&text, a, type->status.gone);
    buf_puts(&text, "\nexclude: []            # 'payroll.employment.type == \"Contractor\"'\n"
             "exclude_people: []     # e-mails or record ids\n"
             "options:\n  auto_invite: false\n  auto_reactivate: false\n"
             "  additional_manager: false      # true: the row additional_managers counts\n"
             "  suspend_on_leave: false\n  create_days_before: null\n"
             "  on_missing: hold               # deactivate, keep\n  missing_runs: 2\n  review: false\n"
             "guards:\n  deactivations: {percent: 20, count: 3}\n  records: {percent: 80}\n"
             "  fill_rate: {points: 20}\n  id_swaps: {percent: 5}\n  managers: {percent: 50, count: 20}\n"
             "  one_attribute: {percent: 50, count: 20}\n  creates: {percent: 50, count: 20}\n"
             "schedule: \"0 4 * * *\"\n");
    return arena_textn(a, text.at, text.n);
}
