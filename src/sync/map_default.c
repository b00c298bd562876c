/* map_default.c — the default mapping of a kind of source, written as a person would. */
#include "sync/map_parse.h"

#include "base/str.h"

/* True for text that means itself in YAML, in a list too. Anything doubtful is quoted. */
static bool means_itself(const char *s)
{
    static const char *const words[] = {
        "null", "true", "false", "yes", "no", "on", "off", "y", "n"
    };
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./";

    for (size_t i = 0; i < COUNT(words); i++)
        if (str_eq_nocase(s, words[i]))
            return false;
    return *s && !strchr("0123456789./", *s) && s[strspn(s, plain)] == '\0';
}

/* Bytes that YAML takes only as an escape in double quotes: control characters, and C1 ones in UTF-8. */
static bool must_escape(const char *s)
{
    for (; *s; s++)
        if ((unsigned char)*s < ' ' || *s == 0x7f ||
            ((unsigned char)*s == 0xc2 && (unsigned char)s[1] < 0xa0))
            return true;
    return false;
}

static void put_text(struct buf *b, const char *s)
{
    if (means_itself(s)) {
        buf_puts(b, s);
    } else if (!must_escape(s)) {
        buf_putc(b, '\'');
        for (; *s; s++)
            buf_puts(b, *s == '\'' ? "''" : (const char[]){ *s, '\0' });
        buf_putc(b, '\'');
    } else {
        buf_putc(b, '"');
        for (; *s; s++) {
            unsigned char c = (unsigned char)*s;
            if (c < ' ' || c == 0x7f)
                buf_printf(b, "\\x%02x", c);
            else if (c == 0xc2 && (unsigned char)s[1] < 0xa0)
                buf_printf(b, "\\x%02x", (unsigned char)*++s);
            else
                buf_printf(b, "%s%c", c == '"' || c == '\\' ? "\\" : "", c);
        }
        buf_putc(b, '"');
    }
}

static void put_list(struct arena *a, struct buf *b, const char *commas)
{
    size_t n = 0;
    const char *const *items = map_split(a, commas, &n);

    buf_putc(b, '[');
    for (size_t i = 0; i < n; i++) {
        buf_puts(b, i ? ", " : "");
        put_text(b, items[i]);
    }
    buf_putc(b, ']');
}

static void put_row(struct buf *b, const struct default_row *row)
{
    const char *dash = row->off ? "  # - " : "  - ", *more = row->off ? "  #   " : "    ";

    if (row->off && str_eq(row->attribute, "additional_managers"))
        buf_puts(b, "  # This row counts when options.additional_manager is true. Uncomment it to "
                    "read another field.\n");
    else if (row->off && str_starts(row->attribute, "custom."))
        buf_printf(
            b, "  # To use this one: `muster attribute add %s --type text`, then uncomment it.\n",
            row->attribute + strlen("custom."));
    else if (row->off)
        buf_puts(b, "  # Off; uncomment it to use it.\n");
    buf_printf(b, "%sattribute: ", dash);
    put_text(b, row->attribute);
    buf_printf(b, "\n%sfrom: ", more);
    put_text(b, row->from);
    buf_putc(b, '\n');
}

static void put_status(struct arena *a, struct buf *b, const struct source_type *type)
{
    bool asked = type->status.from != NULL;         /* else whoever is there is active */

    buf_puts(b, "\n# Which values mean what; compared without case. All other values that were "
                "seen before: gone.\n"
                "status:\n  from: ");
    put_text(b, asked ? type->status.from : "\"active\"");
    buf_puts(b, "\n  active: ");
    put_list(a, b, asked ? type->status.active : "active");
    buf_puts(b, "\n  leave: ");
    put_list(a, b, asked ? type->status.leave : NULL);
    buf_puts(b, "\n  gone: ");
    put_list(a, b, asked ? type->status.gone : NULL);
    buf_putc(b, '\n');
}

char *mapping_default(struct arena *a, const struct source_type *type)
{
    AUTO_BUF b = {};

    buf_printf(&b,
               "# Which field of %s feeds which attribute of a person.\n#\n"
               "# `from` is a field's name, field(\"…\") for names that are no plain words, or a "
               "\"constant\" in quotes;\n"
               "# `muster source fields NAME` lists the fields. A row may also say what a value "
               "means that is there but\n"
               "# empty (empty: clear, keep, fail, or default with a `default:` beside it), and "
               "when it counts\n"
               "# (when: always or create). Attributes of your own are written custom.NAME.\n",
               type->label);
    buf_puts(&b, "source: ");
    put_text(&b, type->name);
    buf_puts(&b, "\n\nmapping:\n");
    for (const struct default_row *row = type->mapping; row->attribute; row++)
        put_row(&b, row);
    put_status(a, &b, type);
    buf_puts(
        &b,
        "\n# A person for whom one of these is true takes no part and is not touched, for example\n"
        "#   - 'employment.type == \"Contractor\"'\n"
        "exclude: []\nexclude_people: []         # e-mails or record ids\n\n");
    map_write_settings(&b);
    buf_puts(&b, "\n# Examples that are checked whenever this file is read, and what must hold for "
                 "everybody:\n"
                 "# tests:\n#   - given: {FIELD: Ana}\n#     expect: {given_name: Ana}\n"
                 "# asserts:\n#   - unique: email\n#   - {filled: start_date, percent: 99.5}\n");
    return arena_textn(a, b.at, b.n);
}
