/* cli.c — reading the command line by the table, opening the store, speaking errors. */
#include "cli/cli.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/str.h"
#include "cli/help.h"
#include "people/workspace.h"

bool cli_stop;

static void on_signal(int number)
{
    (void)number;
    if (cli_stop)
        _exit(130);                 /* asked twice: now */
    cli_stop = true;
}

/* ---- flags ---- */

bool cli_has(const struct cli *c, const char *flag)
{
    return cli_value(c, flag) != NULL;
}

const char *cli_value(const struct cli *c, const char *flag)
{
    for (size_t i = c->ngiven; i-- > 0;)
        if (str_eq(c->given[i].flag->name, flag))
            return c->given[i].value;
    return NULL;
}

size_t cli_values(struct cli *c, const char *flag, char ***out)
{
    size_t n = 0;

    *out = NEW_ARRAY(c->mem, char *, c->ngiven + 1);
    for (size_t i = 0; i < c->ngiven; i++)
        if (str_eq(c->given[i].flag->name, flag))
            (*out)[n++] = (char *)c->given[i].value;
    return n;
}

static const struct flag globals[] = {
    { "store", FLAG_VALUE, "PATH|URL", "the store ($MUSTER_STORE, else ./muster.db)", 0 },
    { "workspace", FLAG_VALUE, "NAME", "the workspace (main)", 'w' },
    { "json", FLAG_SWITCH, NULL, "machine-readable output on standard output", 0 },
    { "help", FLAG_SWITCH, NULL, "this text", 'h' },
    { "version", FLAG_SWITCH, NULL, "the version", 0 },
    {},
};

const struct flag *cli_globals(void)
{
    return globals;
}

static const struct flag *find_in(const struct flag *flags, const char *name, size_t n, char letter)
{
    for (size_t i = 0; flags && flags[i].name; i++)
        if (letter ? flags[i].letter == letter
                   : name && strlen(flags[i].name) == n && memcmp(flags[i].name, name, n) == 0)
            return &flags[i];
    return NULL;
}

/* How many letters must be changed, at most 3. */
static int distance(const char *a, const char *b, int most)
{
    if (!*a || !*b)
        return (int)(strlen(a) + strlen(b));
    if (*a == *b)
        return distance(a + 1, b + 1, most);
    if (most == 0)
        return 1;
    int put = distance(a, b + 1, most - 1), drop = distance(a + 1, b, most - 1);
    int swap = distance(a + 1, b + 1, most - 1);
    return 1 + MIN(swap, MIN(put, drop));
}

static enum err unknown_flag(const struct command *cmd, const char *word)
{
    const struct flag *lists[] = { cmd ? cmd->flags : NULL, globals };

    for (size_t l = 0; l < COUNT(lists); l++)
        for (size_t i = 0; lists[l] && lists[l][i].name; i++)
            if (distance(word + 2, lists[l][i].name, 2) <= 2)
                return errf(ERR_USAGE, "%s has no option %s; did you mean --%s?",
                            cmd ? cmd->name : "muster", word, lists[l][i].name);
    return errf(ERR_USAGE, "%s has no option %s; see `muster %s --help`",
                cmd ? cmd->name : "muster", word, cmd ? cmd->name : "");
}

/* One word that starts with '-'; takes the next one as its value if it wants one. */
static enum err read_flag(struct cli *c, char **words, int n, int *at)
{
    const char *word = words[*at], *value = NULL, *eq = NULL;
    const struct flag *f;

    if (word[1] == '-') {
        eq = strchr(word, '=');
        size_t length = eq ? (size_t)(eq - word) - 2 : strlen(word) - 2;
        f = find_in(c->command ? c->command->flags : NULL, word + 2, length, 0);
        f = f ? f : find_in(globals, word + 2, length, 0);
    } else {
        f = find_in(c->command ? c->command->flags : NULL, NULL, 0, word[1]);
        f = f ? f : find_in(globals, NULL, 0, word[1]);
        eq = f && word[2] ? word + 1 : NULL;        /* -oFILE */
    }
    if (!f)
        return unknown_flag(c->command, word);
    if (f->kind == FLAG_SWITCH) {
        if (eq)
            return errf(ERR_USAGE, "--%s takes no value", f->name);
        value = "true";
    } else if (eq) {
        value = eq + 1;
    } else if (*at + 1 < n) {
        value = words[++*at];
    } else {
        return errf(ERR_USAGE, "--%s needs a value: %s", f->name, f->value);
    }
    c->given[c->ngiven].flag = f;
    c->given[c->ngiven++].value = value;
    return OK;
}

/* ---- commands ---- */

static const struct command *find_command(char **words, int n, int *used)
{
    for (const struct command *cmd = cli_commands; cmd->name; cmd++) {
        const char *blank = strchr(cmd->name, ' ');
        size_t first = blank ? (size_t)(blank - cmd->name) : strlen(cmd->name);
        if (n < 1 || strlen(words[0]) != first || memcmp(words[0], cmd->name, first) != 0)
            continue;
        if (blank && (n < 2 || !str_eq(words[1], blank + 1)))
            continue;
        *used = blank ? 2 : 1;
        return cmd;
    }
    return NULL;
}

static enum err unknown_command(struct cli *c, char **words, int n)
{
    const char *said = n > 1 ? arena_printf(c->mem, "%s %s", words[0], words[1]) : words[0];
    AUTO_BUF same = {};

    for (const struct command *cmd = cli_commands; cmd->name; cmd++) {
        if (distance(said, cmd->name, 2) <= 2 || distance(words[0], cmd->name, 2) <= 2)
            return errf(ERR_USAGE, "there is no command '%s'; did you mean `muster %s`?", said,
                        cmd->name);
        if (str_starts(cmd->name, arena_printf(c->mem, "%s ", words[0])))
            buf_printf(&same, "%s%s", same.n ? ", " : "", cmd->name);
    }
    if (same.n)
        return errf(ERR_USAGE, "`muster %s` needs one of: %s", words[0], same.at);
    return errf(ERR_USAGE, "there is no command '%s'; `muster --help` lists them", words[0]);
}

static bool wants_help(char **words, int n)
{
    for (int i = 0; i < n; i++)
        if (str_eq(words[i], "--help") || str_eq(words[i], "-h"))
            return true;
    return false;
}

static enum err read_words(struct cli *c, char **words, int n)
{
    int used = 0, plain = 0;
    char **rest = NEW_ARRAY(c->mem, char *, (size_t)n + 1);

    c->given = arena_alloc(c->mem, sizeof *c->given * ((size_t)n + 1));
    for (int i = 0; i < n; i++) {               /* global flags may stand before the command */
        if (words[i][0] != '-' || str_eq(words[i], "-"))
            rest[plain++] = words[i];
        else if (i + 1 < n && find_in(globals, words[i] + 2, strlen(words[i]) - 2, 0) &&
                 find_in(globals, words[i] + 2, strlen(words[i]) - 2, 0)->kind == FLAG_VALUE)
            i++;
        else if (str_eq(words[i], "-w"))
            i++;
        if (plain == 2)
            break;
    }
    c->command = find_command(rest, plain, &used);
    if (!c->command && plain == 1 && wants_help(words, n)) {
        c->group = rest[0];
        return OK;
    }
    if (!c->command && plain)
        return unknown_command(c, rest, plain);
    c->args = NEW_ARRAY(c->mem, char *, (size_t)n + 1);
    int skip = used;
    bool words_only = false;
    for (int i = 0; i < n; i++) {
        if (!words_only && str_eq(words[i], "--"))
            words_only = true;
        else if (!words_only && words[i][0] == '-' && words[i][1])
            TRY(read_flag(c, words, n, &i));
        else if (skip > 0)
            skip--;
        else
            c->args[c->nargs++] = words[i];
    }
    return OK;
}

static enum err check_args(struct cli *c)
{
    const struct command *cmd = c->command;

    if (c->nargs < cmd->least)
        return errf(ERR_USAGE, "something is missing: muster %s %s", cmd->name, cmd->args);
    if (cmd->most >= 0 && c->nargs > cmd->most)
        return errf(ERR_USAGE, "'%s' is too much: muster %s %s", c->args[cmd->most], cmd->name,
                    cmd->args);
    return OK;
}

/* ---- input ---- */

enum err cli_read(struct cli *c, const char *path, size_t max, const char **out)
{
    AUTO_BUF text = { .max = max };
    char part[8192];
    size_t n;
    FILE *f = str_eq(path, "-") ? stdin : fopen(path, "re");

    if (!f)
        return errf(ERR_USAGE, "cannot read %s: %m", path);
    enum err e = OK;
    while (e == OK && (n = fread(part, 1, sizeof part, f)) > 0)
        e = buf_take(&text, part, n);
    bool failed = ferror(f);
    if (f != stdin)
        fclose(f);
    TRY(e);
    if (failed)
        return errf(ERR_USAGE, "cannot read %s: %m", path);
    *out = arena_textn(c->mem, text.at ? text.at : "", text.n);
    return OK;
}

enum err cli_secret(struct cli *c, const char **out)
{
    const char *file = cli_value(c, "secret-file");

    *out = getenv("MUSTER_SECRET");
    if (file)
        TRY(cli_read(c, file, KB(64), out));
    if (*out)
        *out = str_trim(c->mem, *out);
    return OK;
}

/* ---- the whole ---- */

static enum err run_command(struct cli *c)
{
    static const struct actor actor = { "cli", NULL };
    const char *login = getenv("USER");
    struct actor *me = NEW(c->mem, struct actor);

    *me = actor;
    me->name = login && *login ? login : "somebody";
    TRY(check_args(c));
    c->store_url = cli_value(c, "store") ? cli_value(c, "store")
                   : getenv("MUSTER_STORE") ? getenv("MUSTER_STORE")
                                            : "muster.db";
    c->workspace = cli_value(c, "workspace") ? cli_value(c, "workspace") : "main";
    c->json = cli_has(c, "json");
    if (c->command->needs_store) {
        unsigned flags = str_eq(c->command->name, "serve") ? STORE_SERVE : 0;
        TRY(store_open(c->store_url, flags, &c->store));
        c->w = work_new(c->store, me);
        TRY(workspace_find(c->w, c->workspace, &c->w->workspace));
    }
    return c->command->run(c);
}

static int speak(const struct cli *c, enum err e)
{
    cli_progress_end();
    if (e == OK)
        return c->status;
    const struct err_row *row = err_row(e);
    if (c->json && !c->told) {
        AUTO_BUF text = {};
        struct json_out j = { &text };
        json_open(&j, '{');
        json_put(&j, "error", str_fold(c->mem, row->name));
        json_put(&j, "message", err_text());
        json_close(&j, '}');
        cli_print_json(&text);
    }
    fprintf(stderr, "muster: %s\n", err_text());
    log_debug("at %s", err_place());
    return row->exit;
}

static void catch_signals(void)
{
    struct sigaction act = { .sa_handler = on_signal };

    sigaction(SIGINT, &act, NULL);
    sigaction(SIGTERM, &act, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
}

int cli_main(int argc, char **argv)
{
    struct cli c = { .mem = arena_new() };
    int status;

    crypt_init();
    catch_signals();
    enum err e = read_words(&c, argv + 1, argc - 1);
    if (e == OK && c.group && !help_group(&c, c.group))
        e = unknown_command(&c, (char *[]){ (char *)c.group }, 1);
    if (e == OK && c.group) {
        status = 0;
    } else if (e == OK && cli_has(&c, "version")) {
        help_version();
        status = 0;
    } else if (e == OK && (cli_has(&c, "help") || !c.command)) {
        help_print(&c, c.command);
        status = c.command || cli_has(&c, "help") ? 0 : 2;
    } else {
        status = speak(&c, e == OK ? run_command(&c) : e);
    }
    work_free(c.w);
    store_free(c.store);
    arena_free(c.mem);
    if (fflush(stdout) != 0 && status == 0)
        status = 3;
    return status;
}
