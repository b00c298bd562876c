/* help.h — what the table of commands says to people: --help, the man page, shell completion. */
#ifndef CLI_HELP_H
#define CLI_HELP_H

#include "base/buf.h"
#include "cli/cli.h"

enum { HELP_COLUMNS = 100 };

void help_version(void);
void help_print(struct cli *c, const struct command *cmd);      /* NULL: all commands */

/* The commands that begin with a word: `muster source --help`. False if there are none. */
bool help_group(struct cli *c, const char *word);

/* The same as text: of one command, or of all (NULL). */
void help_text(struct buf *to, const struct command *cmd);
void manual_text(struct buf *to, int64_t now);                  /* mdoc */
enum err completion_text(struct buf *to, const char *shell);    /* ERR_USAGE if it is not known */

/* Options every command knows; ends with an empty row. */
const struct flag *cli_globals(void);

/* What else steers the program; both end with an empty row. */
struct help_row { const char *name, *value, *help; };
extern const struct help_row help_variables[], help_files[];

/* A command to try, whole and with what it does; ends with an empty row. */
struct help_example { const char *command, *line, *says; };
extern const struct help_example help_examples[];

#endif
