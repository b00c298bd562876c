/*
 * cmd_completion.c — `muster completion bash|zsh`: the table of commands as a shell function.
 *
 * zsh reads the same function through its own bashcompinit. The words known of a command are told
 * by its arguments: NAME is a source, FILE a file, KIND a kind of source, a|b one of these.
 */
#include <ctype.h>

#include "base/str.h"
#include "cli/help.h"
#include "source/source.h"

static const char head[] =
    "# Completion for muster; made by `muster completion`.\n"
    "_muster_sources()\n"
    "{\n"
    "    command muster \"$@\" source list --json 2>/dev/null |\n"
    "        sed -n 's/^{[^{]*\"name\" *: *\"\\([^\"]*\\)\".*/\\1/p'\n"
    "}\n"
    "\n"
    "_muster()\n"
    "{\n"
    "    local cur=\"${COMP_WORDS[COMP_CWORD]}\" prev=\"\" value=\"\" choices=\"\" files=\"\" i\n"
    "    local -a plain opened\n"
    "    plain=()\n"
    "    opened=()\n"
    "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
    "        prev=\"${COMP_WORDS[i]}\"\n"
    "        if [ -n \"$value\" ]; then\n"
    "            case \"$value\" in --store | --workspace | -w) opened+=(\"$value\" \"$prev\") ;; "
    "esac\n"
    "            value=\"\"\n"
    "            continue\n"
    "        fi\n"
    "        case \"$prev\" in\n";

static const char middle[] =
    "            -*) ;;\n"
    "            *) plain+=(\"$prev\") ;;\n"
    "        esac\n"
    "    done\n"
    "    if [ -n \"$value\" ]; then\n"
    "        case \"$value\" in\n";

static const char tail[] =
    "    if [ \"$choices\" = \"<sources>\" ]; then\n"
    "        choices=\"$(_muster_sources \"${opened[@]}\")\"\n"
    "    fi\n"
    "    COMPREPLY=($(compgen -W \"$choices\" -- \"$cur\"))\n"
    "    if [ -n \"$files\" ]; then\n"
    "        COMPREPLY+=($(compgen -f -- \"$cur\"))\n"
    "    fi\n"
    "}\n"
    "complete -F _muster muster\n";

/* ---- what an argument or a value can be ---- */

static bool lower_words(const char *s)
{
    for (; *s; s++)
        if (!islower((unsigned char)*s) && *s != '|' && *s != '-')
            return false;
    return true;
}

static void put_kinds(struct buf *to)
{
    const struct source_type *const *types = source_types();

    for (size_t i = 0; types[i]; i++)
        buf_printf(to, "%s%s", i ? " " : "", types[i]->name);
}

/* Assignments of $choices or $files for "KIND", "NAME", "csv|json" …; nothing if nobody can know. */
static void put_choices(struct buf *to, const char *word)
{
    if (str_eq(word, "NAME")) {
        buf_puts(to, " choices='<sources>'");
    } else if (str_eq(word, "KIND")) {
        buf_puts(to, " choices='");
        put_kinds(to);
        buf_putc(to, '\'');
    } else if (strstr(word, "FILE") || strstr(word, "PATH")) {
        buf_puts(to, " files=1");
    } else if (lower_words(word)) {
        buf_puts(to, " choices='");
        for (; *word; word++)
            buf_putc(to, *word == '|' ? ' ' : *word);
        buf_putc(to, '\'');
    }
}

/* ---- options ---- */

/* Every option with a value once, although several commands may have it. */
static void each_valued(struct buf *to, void (*fn)(struct buf *to, const struct flag *f))
{
    for (const struct flag *f = cli_globals(); f->name; f++)
        if (f->kind != FLAG_SWITCH)
            fn(to, f);
    for (const struct command *cmd = cli_commands; cmd->name; cmd++)
        for (const struct flag *f = cmd->flags; f && f->name; f++) {
            bool seen = f->kind == FLAG_SWITCH;
            for (const struct command *b = cli_commands; b < cmd && !seen; b++)
                for (const struct flag *g = b->flags; g && g->name && !seen; g++)
                    seen = str_eq(g->name, f->name);
            if (!seen)
                fn(to, f);
        }
}

static void put_pattern(struct buf *to, const struct flag *f)
{
    buf_printf(to, "            --%s", f->name);
    if (f->letter)
        buf_printf(to, " | -%c", f->letter);
}

static void put_takes_value(struct buf *to, const struct flag *f)
{
    put_pattern(to, f);
    buf_puts(to, ") value=\"$prev\" ;;\n");
}

static void put_value_choices(struct buf *to, const struct flag *f)
{
    put_pattern(to, f);
    buf_puts(to, ")");
    if (!str_eq(f->value, "NAME"))      /* of an option it is a new name, or a workspace's */
        put_choices(to, f->value);
    buf_puts(to, " ;;\n");
}

static void put_flag_names(struct buf *to, const struct flag *flags)
{
    for (; flags && flags->name; flags++)
        buf_printf(to, " --%s", flags->name);
}

/* ---- commands ---- */

/* The first words, or the second words of one first word, each once. */
static void put_words(struct buf *to, const char *first)
{
    size_t n = first ? strlen(first) : 0;

    for (const struct command *cmd = cli_commands; cmd->name; cmd++) {
        size_t length = strcspn(cmd->name, " ");
        if (first) {
            if (cmd->name[length] && length == n && memcmp(cmd->name, first, n) == 0)
                buf_printf(to, " %s", cmd->name + length + 1);
            continue;
        }
        bool seen = false;
        for (const struct command *b = cli_commands; b < cmd && !seen; b++)
            seen = strcspn(b->name, " ") == length && memcmp(b->name, cmd->name, length) == 0;
        if (!seen)
            buf_printf(to, " %.*s", (int)length, cmd->name);
    }
}

/* One arm per argument: "mapping import", then "mapping import *" for the second. */
static void put_args(struct buf *to, const struct command *cmd)
{
    AUTO_BUF stars = {};
    const char *args = cmd->args;

    while (*args) {
        args += strspn(args, " []");
        size_t n = strcspn(args, " []");
        AUTO_BUF word = {};
        buf_add(&word, args, n);
        AUTO_BUF choices = {};
        put_choices(&choices, word.at);
        if (choices.n)
            buf_printf(to, "        '%s'%s)%s ;;\n", cmd->name, stars.n ? stars.at : "",
                       choices.at);
        buf_puts(&stars, "' '*");
        args += n;
        args += strspn(args, " []");
    }
}

static void put_plain(struct buf *to)
{
    buf_puts(to, "        '') choices='");
    put_words(to, NULL);
    buf_puts(to, "' ;;\n");
    for (const struct command *cmd = cli_commands; cmd->name; cmd++) {
        size_t n = strcspn(cmd->name, " ");
        bool seen = !cmd->name[n];
        for (const struct command *b = cli_commands; b < cmd && !seen; b++)
            seen = strncmp(b->name, cmd->name, n + 1) == 0;
        if (seen)
            continue;
        AUTO_BUF first = {};
        buf_add(&first, cmd->name, n);
        buf_printf(to, "        %s) choices='", first.at);
        put_words(to, first.at);
        buf_puts(to, "'");
        for (const struct command *b = cli_commands; b->name; b++)
            if (str_eq(b->name, first.at) &&
                str_eq(b->args, "NAME")) /* `plan` takes a source too */
                buf_puts(to, "\" $(_muster_sources \"${opened[@]}\")\"");
        buf_puts(to, " ;;\n");
    }
    for (const struct command *cmd = cli_commands; cmd->name; cmd++)
        put_args(to, cmd);
}

static void put_options(struct buf *to)
{
    for (const struct command *cmd = cli_commands; cmd->name; cmd++) {
        if (!cmd->flags)
            continue;
        buf_printf(to, "            '%s' | '%s '*) choices='", cmd->name, cmd->name);
        put_flag_names(to, cmd->flags);
        buf_puts(to, "' ;;\n");
    }
    buf_puts(to, "        esac\n        choices=\"$choices");
    put_flag_names(to, cli_globals());
    buf_puts(to, "\"\n");
}

static void put_bash(struct buf *to)
{
    buf_puts(to, head);
    each_valued(to, put_takes_value);
    buf_puts(to, middle);
    each_valued(to, put_value_choices);
    buf_puts(to, "        esac\n    elif [ \"${cur#-}\" != \"$cur\" ]; then\n"
                 "        case \"${plain[*]}\" in\n");
    put_options(to);
    buf_puts(to, "    else\n        case \"${plain[*]}\" in\n");
    put_plain(to);
    buf_puts(to, "        esac\n    fi\n");
    buf_puts(to, tail);
}

enum err completion_text(struct buf *to, const char *shell)
{
    if (!str_eq(shell, "bash") && !str_eq(shell, "zsh"))
        return errf(ERR_USAGE, "no completion for '%s'; there is one for bash and one for zsh",
                    shell);
    if (str_eq(shell, "zsh"))
        buf_puts(to, "#compdef muster\nautoload -U +X bashcompinit && bashcompinit\n");
    put_bash(to);
    return OK;
}

enum err cmd_completion(struct cli *c)
{
    AUTO_BUF text = {};

    TRY(completion_text(&text, c->args[0]));
    fwrite(text.at, 1, text.n, stdout);
    return OK;
}
