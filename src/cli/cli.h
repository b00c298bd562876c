/*
 * cli.h — `muster <command>`: one table of commands, one function each.
 *
 * The table (commands.def) is read by the parser, --help, the man page, shell completion and the check
 * that the guide names every command.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdio.h>

#include "base/json.h"
#include "store/store.h"

enum flag_kind { FLAG_SWITCH, FLAG_VALUE, FLAG_MANY };

struct flag {
    const char *name;               /* "dry-run" */
    enum flag_kind kind;
    const char *value;              /* "FILE": what --help shows */
    const char *help;
    char letter;                    /* 'o', or 0 */
};

struct cli;

struct command {
    const char *name;               /* "source add" */
    const char *args;               /* "KIND", "NAME [FILE]": for --help */
    int least, most;                /* arguments; most -1: any number */
    const struct flag *flags;       /* ends with an empty row; may be NULL */
    enum err (*run)(struct cli *c);
    bool needs_store;
    const char *summary;
};
extern const struct command cli_commands[];     /* ends with an empty row */

/* The function of every row, each in its cmd_*.c. */
#define CMD(name, function, args, least, most, flags, store, summary)                              \
    enum err function(struct cli *c);
#include "cli/commands.def"
#undef CMD

struct cli {
    struct arena *mem;
    const struct command *command;
    const char *group;              /* `muster source --help`: no command, but the beginning of some */
    char **args;
    int nargs;
    const char *store_url, *workspace;
    bool json;
    struct store *store;
    struct work *w;                 /* workspace set, unless the command makes it */
    bool told;                      /* the outcome is on standard output already, error and all */
    int status;                     /* exit status when the command says OK: 0, or 1 = a person must act */
    struct { const struct flag *flag; const char *value; } *given;
    size_t ngiven;
};

/* The values of a flag. */
bool cli_has(const struct cli *c, const char *flag);
const char *cli_value(const struct cli *c, const char *flag);           /* the last one, or NULL */
size_t cli_values(struct cli *c, const char *flag, char ***out);

/* The secret of --secret-file or $MUSTER_SECRET, trimmed; NULL if neither is given. */
enum err cli_secret(struct cli *c, const char **out);

/* Reads a whole file ('-': standard input), at most `max` bytes, into c->mem. */
enum err cli_read(struct cli *c, const char *path, size_t max, const char **out);

int cli_main(int argc, char **argv);

/* Prints one JSON value and a newline on standard output. */
void cli_print_json(const struct buf *text);

/* A table on standard output: cells of a row separated by \t; columns are aligned. */
void cli_table(struct cli *c, const struct buf *rows);

/* A progress bar on standard error, if that is a terminal; finished with cli_progress_end(). */
void cli_progress(void *cli, const char *phase, int64_t done, int64_t of);
void cli_waiting(void *cli, int seconds, const char *why);
void cli_progress_end(void);

/* Set when SIGINT or SIGTERM came. */
extern bool cli_stop;

#endif
