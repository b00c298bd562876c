/* help.c — `muster --help` and `muster COMMAND --help`, laid out from the table of commands. */
#include "cli/help.h"

#include "base/str.h"
#include "base/version.h"

enum { NAMES_MOST = 34 };           /* columns for names; longer ones have their summary below */

const struct help_row help_variables[] = {
    { "MUSTER_STORE", "PATH|URL", "The store, unless --store names one." },
    { "MUSTER_KEY_FILE", "FILE",
      "The sealing key of the store; default: the store's path with .key "
      "behind it. A PostgreSQL store needs this variable." },
    { "MUSTER_SECRET", "TEXT", "The secret of a source, where --secret-file is not given." },
    { "MUSTER_ALLOW_PRIVATE", "1", "Lets sources live on private and loopback addresses." },
    { "MUSTER_LOG", "LEVEL", "What is logged on standard error: error, warn, info or debug." },
    { "MUSTER_NOW", "INSTANT",
      "Takes the place of the wall clock, for tests: 2026-11-21T04:00:00Z." },
    {},
};

const struct help_row help_files[] = {
    { "muster.db", NULL,
      "The store, if nothing else was said: a SQLite database, with its -wal and "
      "-shm beside it while it is open." },
    { "muster.db.key", NULL,
      "The key that seals the secrets in the store, made by `muster init`. Only "
      "its owner may read it. Without it the secrets are lost: keep a copy "
      "elsewhere." },
    { "muster.db.lock", NULL, "With muster.db.turn: who may write now. Both are empty." },
    {},
};

const struct help_example help_examples[] = {
    { "init", "muster init", "make ./muster.db and its key" },
    { "serve", "muster serve --listen 127.0.0.1:8080", "status page, schedules, jobs" },
    { "serve", "MUSTER_LOG=debug muster serve", "the same, and say more" },
    { "source add", "muster source add hibob --set service_user=ID --secret-file token",
      "read people from HiBob" },
    { "source add", "muster source add file --set path=people.csv", "read people from a file" },
    { "source check", "muster source check hibob", "which fields may it read?" },
    { "mapping export", "muster mapping export hibob >hibob.yaml",
      "the mapping as a file to edit" },
    { "mapping import", "muster mapping import hibob hibob.yaml", "check it and make it active" },
    { "sync", "muster sync hibob --dry-run", "what would happen?" },
    { "sync", "muster sync hibob", "let it happen" },
    { "plan", "muster plan hibob -o plan.ndjson", "the plan as lines to read" },
    { "apply", "muster apply plan.ndjson", "carry out the lines that are left" },
    { "undo", "muster undo RUN", "take back all of a run" },
    { "undo", "muster undo RUN.3", "take back its third change" },
    { "people", "muster people --filter 'department eq \"Sales\"'", "everybody in Sales" },
    { "people", "muster people --at 2026-01-31", "everybody as of that day" },
    { "person set", "muster person set ana@example.com title=Lead --pin",
      "wins over every source" },
    { "why", "muster why ana@example.com title", "where the title comes from" },
    { "export", "muster export people --format csv >people.csv", "everybody, for a spreadsheet" },
    { "completion", "muster completion bash >/etc/bash_completion.d/muster", "for everybody here" },
    {},
};

/* ---- laying out ---- */

/* Columns of well-formed UTF-8 in which every character is one wide, as all of ours are. */
static size_t width(const char *s)
{
    size_t n = 0;

    for (; *s; s++)
        n += ((unsigned char)*s & 0xc0) != 0x80;
    return n;
}

static void pad(struct buf *to, size_t n)
{
    while (n-- > 0)
        buf_putc(to, ' ');
}

/* Words from column `at` on, broken before HELP_COLUMNS and continued at `indent`. */
static void wrap(struct buf *to, const char *text, size_t at, size_t indent)
{
    bool first = true;

    while (*text) {
        size_t n = strcspn(text, " ");
        AUTO_BUF word = {};
        buf_add(&word, text, n);
        if (!first && at + 1 + width(word.at) > HELP_COLUMNS) {
            buf_putc(to, '\n');
            pad(to, at = indent);
        } else if (!first) {
            buf_putc(to, ' ');
            at++;
        }
        buf_add(to, word.at, n);
        at += width(word.at);
        first = false;
        text += n + (text[n] == ' ');
    }
    buf_putc(to, '\n');
}

/* "  name            what it is" */
static void put_row(struct buf *to, const char *name, const char *says, size_t names)
{
    size_t at = 2 + width(name), column = 2 + names + 2;

    buf_printf(to, "  %s", name);
    if (at + 2 > column) {
        buf_putc(to, '\n');
        at = 0;
    }
    pad(to, column - at);
    wrap(to, says, column, column);
}

/* ---- all commands ---- */

static void put_usage(struct buf *to, const struct command *cmd)
{
    buf_printf(to, "%s%s%s", cmd->name, *cmd->args ? " " : "", cmd->args);
}

static size_t first_word(const char *name)
{
    return strcspn(name, " ");
}

static bool same_group(const struct command *a, const struct command *b)
{
    size_t n = first_word(a->name);

    return b->name && n == first_word(b->name) && memcmp(a->name, b->name, n) == 0;
}

static size_t names_width(void)
{
    size_t most = 0;

    for (const struct command *cmd = cli_commands; cmd->name; cmd++) {
        AUTO_BUF name = {};
        put_usage(&name, cmd);
        if (width(name.at) <= NAMES_MOST)
            most = MAX(most, width(name.at));
    }
    return most;
}

static void put_all(struct buf *to)
{
    size_t names = names_width();
    bool many_before = false;

    buf_puts(to,
             "Muster reads people from HR systems into a directory of its own: every run is a plan "
             "first,\nevery change can be explained, and taken back.\n\n"
             "usage: muster COMMAND [ARGUMENT …] [--OPTION …]\n"
             "       muster COMMAND --help\n\n");
    for (const struct command *cmd = cli_commands, *next; cmd->name; cmd = next) {
        for (next = cmd + 1; same_group(cmd, next); next++)
            ;
        bool many = next - cmd > 1;
        if (cmd != cli_commands && (many || many_before))
            buf_putc(to, '\n');
        for (int bare = 1; bare >= 0; bare--)       /* `plan` before `plan show` */
            for (const struct command *one = cmd; one < next; one++) {
                if ((strchr(one->name, ' ') == NULL) != bare)
                    continue;
                AUTO_BUF name = {};
                put_usage(&name, one);
                put_row(to, name.at, one->summary, names);
            }
        many_before = many;
    }
}

/* ---- options, one command ---- */

static void put_flag_name(struct buf *to, const struct flag *f)
{
    if (f->letter)
        buf_printf(to, "-%c, ", f->letter);
    buf_printf(to, "--%s%s%s%s", f->name, f->value ? " " : "", f->value ? f->value : "",
               f->kind == FLAG_MANY ? " …" : "");
}

static void put_flags(struct buf *to, const char *title, const struct flag *flags)
{
    size_t names = 0;

    for (const struct flag *f = flags; f && f->name; f++) {
        AUTO_BUF name = {};
        put_flag_name(&name, f);
        names = MAX(names, width(name.at));
    }
    if (names)
        buf_printf(to, "\n%s\n", title);
    for (const struct flag *f = flags; f && f->name; f++) {
        AUTO_BUF name = {};
        put_flag_name(&name, f);
        put_row(to, name.at, f->help, names);
    }
}

static void put_examples(struct buf *to, const char *command)
{
    const char *title = "\nFor example\n";

    for (const struct help_example *x = help_examples; x->command; x++) {
        if (!str_eq(x->command, command))
            continue;
        buf_printf(to, "%s  %s\n      %s\n", title, x->line, x->says);
        title = "";
    }
}

static void put_one(struct buf *to, const struct command *cmd)
{
    buf_puts(to, "usage: muster ");
    put_usage(to, cmd);
    buf_printf(to, "%s\n\n", cmd->flags ? " [--OPTION …]" : "");
    wrap(to, cmd->summary, 0, 0);
    put_flags(to, "Options", cmd->flags);
    put_flags(to, "Options of every command", cli_globals());
    put_examples(to, cmd->name);
}

void help_text(struct buf *to, const struct command *cmd)
{
    if (cmd) {
        put_one(to, cmd);
        return;
    }
    put_all(to);
    put_flags(to, "Options of every command", cli_globals());
    buf_puts(
        to,
        "\nThe exit status is 0 if all is done, 1 if a person must look at something, 2 for wrong "
        "use, 3 if\nit failed. `muster manual | man -l -` has the rest.\n");
}

void help_print(struct cli *c, const struct command *cmd)
{
    AUTO_BUF text = {};

    (void)c;
    help_text(&text, cmd);
    fwrite(text.at, 1, text.n, stdout);
    for (const struct command *more = cli_commands; cmd && more->name; more++)
        if (strncmp(more->name, cmd->name, strlen(cmd->name)) == 0 &&
            more->name[strlen(cmd->name)] == ' ')
            printf("\nSee also: muster %s %s\n", more->name, more->args);
}

bool help_group(struct cli *c, const char *word)
{
    AUTO_BUF rows = {};
    size_t n = strlen(word);

    for (const struct command *cmd = cli_commands; cmd->name; cmd++)
        if (strncmp(cmd->name, word, n) == 0 && (cmd->name[n] == ' ' || cmd->name[n] == '\0'))
            buf_printf(&rows, "muster %s %s\t%s\n", cmd->name, cmd->args, cmd->summary);
    if (rows.n == 0)
        return false;
    cli_table(c, &rows);
    puts("`muster COMMAND --help` says more of each.");
    return true;
}

void help_version(void)
{
    printf("muster %s\n", muster_version);
}
