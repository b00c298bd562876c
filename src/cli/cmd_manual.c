/* cmd_manual.c — `muster manual`: the man page (mdoc), written from the table of commands. */
#include "base/clock.h"
#include "base/str.h"
#include "cli/help.h"

static const char *const months[] = { "January",   "February", "March",    "April",
                                      "May",       "June",     "July",     "August",
                                      "September", "October",  "November", "December" };

static const struct { const char *status, *says; } exits[] = {
    { "0", "Done." },
    { "1", "A person must act: a plan is held, rows conflict or are stale, a finding asks for "
           "attention." },
    { "2", "The command was written wrongly." },
    { "3", "It failed; the message on standard error says why and what to do." },
};

/* One character of text or of a macro's argument: roff reads backslashes, mandoc asks for ASCII. */
static size_t put_char(struct buf *to, const char *s)
{
    if (*s == '\\') {
        buf_puts(to, "\\e");
    } else if (str_starts(s, "…")) {
        buf_puts(to, "...");
        return strlen("…");
    } else {
        buf_putc(to, *s);
    }
    return 1;
}

/* Text, a sentence a line; a first '.' or '\'' would make a line a request. */
static void put_text(struct buf *to, const char *text)
{
    if (*text == '.' || *text == '\'')
        buf_puts(to, "\\&");
    while (*text) {
        if (str_starts(text, ". ")) {
            buf_puts(to, ".\n");
            text += strlen(". ");
        } else {
            text += put_char(to, text);
        }
    }
    buf_putc(to, '\n');
}

/* As one quoted argument of a macro: blanks kept, nothing in it called. */
static void put_quoted(struct buf *to, const char *text)
{
    buf_puts(to, "\"\\&");
    while (*text) {
        if (*text == '"')
            buf_puts(to, "\\(dq"), text++;
        else
            text += put_char(to, text);
    }
    buf_putc(to, '"');
}

/* "[KEY [VALUE]] FILE …" as macros: optional parts are Oo … Oc, words are Ar. */
static void put_args(struct buf *to, const char *args)
{
    while (*args) {
        size_t n = strcspn(args, " []");
        if (n) {
            buf_puts(to, " Ar ");
            for (const char *end = args + n; args < end;)
                args += put_char(to, args);
        } else {
            buf_puts(to, *args == '[' ? " Oo" : *args == ']' ? " Oc" : "");
            args++;
        }
    }
}

static void put_flags(struct buf *to, const struct flag *flags)
{
    if (!flags)
        return;
    buf_puts(to, ".Bl -tag -width Ds\n");
    for (; flags->name; flags++) {
        buf_puts(to, ".It");
        if (flags->letter)
            buf_printf(to, " Fl %c ,", flags->letter);
        buf_printf(to, " Fl \\-%s", flags->name);
        if (flags->value) {
            buf_puts(to, " Ar ");
            put_quoted(to, flags->value);
        }
        buf_putc(to, '\n');
        put_text(to, flags->help);
    }
    buf_puts(to, ".El\n");
}

static void put_commands(struct buf *to)
{
    buf_puts(to, ".Sh COMMANDS\n.Bl -tag -width Ds\n");
    for (const struct command *cmd = cli_commands; cmd->name; cmd++) {
        buf_puts(to, ".It Cm ");
        put_quoted(to, cmd->name);
        put_args(to, cmd->args);
        buf_putc(to, '\n');
        put_text(to, cmd->summary);
        put_flags(to, cmd->flags);
    }
    buf_puts(to, ".El\n");
}

static void put_rows(struct buf *to, const char *title, const char *macro,
                     const struct help_row *rows)
{
    buf_printf(to, ".Sh %s\n.Bl -tag -width Ds\n", title);
    for (; rows->name; rows++) {
        buf_printf(to, ".It %s %s\n", macro, rows->name);
        put_text(to, rows->help);
    }
    buf_puts(to, ".El\n");
}

static void put_examples(struct buf *to)
{
    buf_puts(to, ".Sh EXAMPLES\n.Bl -tag -width Ds\n");
    for (const struct help_example *x = help_examples; x->command; x++) {
        buf_puts(to, ".It Li ");
        put_quoted(to, x->line);
        buf_putc(to, '\n');
        put_text(to, x->says);
    }
    buf_puts(to, ".El\n");
}

void manual_text(struct buf *to, int64_t now)
{
    struct civil day = civil_of(now);

    buf_printf(to, ".Dd %s %d, %d\n.Dt MUSTER 1\n.Os\n", months[day.month - 1], day.day, day.year);
    buf_puts(
        to, ".Sh NAME\n.Nm muster\n.Nd people from HR systems, in a directory of one's own\n"
            ".Sh SYNOPSIS\n.Nm\n.Ar command\n.Op Ar argument ...\n.Op Fl \\-option ...\n"
            ".Sh DESCRIPTION\n.Nm\nreads people from HR systems into a directory.\n"
            "Every run is a plan first: guards look at it before anything is written, a person may "
            "look\nat it too, every change can be explained, and taken back.\n"
            "People are kept in a store: a SQLite file, or a PostgreSQL database that many nodes "
            "share.\n.Pp\nEvery command knows these options:\n");
    put_flags(to, cli_globals());
    put_commands(to);
    put_rows(to, "ENVIRONMENT", "Ev", help_variables);
    put_rows(to, "FILES", "Pa", help_files);
    buf_puts(to, ".Sh EXIT STATUS\n.Bl -tag -width Ds\n");
    for (size_t i = 0; i < COUNT(exits); i++) {
        buf_printf(to, ".It %s\n", exits[i].status);
        put_text(to, exits[i].says);
    }
    buf_puts(to, ".El\n");
    put_examples(to);
}

enum err cmd_manual(struct cli *c)
{
    AUTO_BUF text = {};

    (void)c;
    manual_text(&text, clock_now());
    fwrite(text.at, 1, text.n, stdout);
    return OK;
}
