/* test_help.c — what the table of commands says: help, man page, completion. */
#include "cli/help.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/str.h"
#include "support/support.h"

static const struct command *command_named(const char *name)
{
    for (const struct command *cmd = cli_commands; cmd->name; cmd++)
        if (str_eq(cmd->name, name))
            return cmd;
    fail_msg("no command %s", name);
    return NULL;
}

static size_t longest_line(const char *text)
{
    size_t most = 0, n = 0;

    for (; *text; text++) {
        n = *text == '\n' ? 0 : n + (((unsigned char)*text & 0xc0) != 0x80);
        most = MAX(most, n);
    }
    return most;
}

static void no_line_of_help_is_longer_than_a_terminal(void **state)
{
    AUTO_BUF all = {};

    (void)state;
    help_text(&all, NULL);
    assert_in_range(longest_line(all.at), 60, HELP_COLUMNS);
    for (const struct command *cmd = cli_commands; cmd->name; cmd++) {
        AUTO_BUF one = {};
        help_text(&one, cmd);
        assert_in_range(longest_line(one.at), 20, HELP_COLUMNS);
    }
}

static void help_names_every_command_with_its_arguments(void **state)
{
    AUTO_BUF all = {};

    (void)state;
    help_text(&all, NULL);
    for (const struct command *cmd = cli_commands; cmd->name; cmd++) {
        AUTO_BUF usage = {};
        buf_printf(&usage, "\n  %s%s%s", cmd->name, *cmd->args ? " " : "", cmd->args);
        if (!strstr(all.at, usage.at))
            fail_msg("--help leaves out:%s", usage.at);
    }
}

static void the_bare_command_comes_before_its_companions(void **state)
{
    AUTO_BUF all = {};

    (void)state;
    help_text(&all, NULL);
    assert_true(strstr(all.at, "\n  plan NAME") < strstr(all.at, "\n  plan show RUN"));
}

static void help_of_a_command_has_its_options_and_examples(void **state)
{
    AUTO_BUF text = {};

    (void)state;
    help_text(&text, command_named("plan"));
    assert_non_null(strstr(text.at, "usage: muster plan NAME [--OPTION …]"));
    assert_non_null(strstr(text.at, "-o, --output FILE"));
    assert_non_null(strstr(text.at, "--store PATH|URL"));
    assert_non_null(strstr(text.at, "muster plan hibob -o plan.ndjson"));
}

static void every_example_belongs_to_a_command(void **state)
{
    (void)state;
    for (const struct help_example *x = help_examples; x->command; x++) {
        AUTO_BUF start = {};
        (void)command_named(x->command);
        buf_printf(&start, "muster %s", x->command);
        if (!strstr(x->line, start.at))
            fail_msg("the example '%s' does not show %s", x->line, x->command);
    }
}

/* ---- what other programs make of it ---- */

static char *file_of(const struct buf *text)
{
    char *path = strdup("/tmp/muster-help-XXXXXX");
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, text->at, text->n), (ssize_t)text->n);
    close(fd);
    return path;
}

/* What a shell command prints; %s is the file. It must succeed. */
static void run_over(const struct buf *text, const char *command, struct buf *out)
{
    char *path = file_of(text), part[4096];
    AUTO_BUF line = {};

    buf_printf(&line, "f=%s; %s", path, command);
    FILE *p = popen(line.at, "re");
    assert_non_null(p);
    for (size_t n; (n = fread(part, 1, sizeof part, p)) > 0;)
        buf_add(out, part, n);
    int status = pclose(p);
    unlink(path);
    free(path);
    if (status != 0)
        fail_msg("%s: status %d: %s", command, status, out->n ? out->at : "");
}

static void mandoc_finds_nothing_to_warn_of(void **state)
{
    AUTO_BUF page = {};
    AUTO_BUF out = {};

    (void)state;
    manual_text(&page, 1795219200000);
    run_over(&page, "mandoc -Tlint -Wwarning $f", &out);
    assert_int_equal(out.n, 0);
    run_over(&page, "mandoc -Tascii $f | col -b", &out);
    static const char *const titles[] = { "NAME",        "SYNOPSIS",    "DESCRIPTION",
                                          "COMMANDS",    "ENVIRONMENT", "FILES",
                                          "EXIT STATUS", "EXAMPLES",    "November 21, 2026" };
    for (size_t i = 0; i < COUNT(titles); i++)
        if (!strstr(out.at, titles[i]))
            fail_msg("the man page has no %s", titles[i]);
    assert_non_null(strstr(out.at, "source add KIND"));
    assert_non_null(strstr(out.at, "set [KEY [VALUE]]"));
    assert_non_null(strstr(out.at, "-o, --output FILE"));
}

static const struct { const char *typed, *offered; } completions[] = {
    { "muster \"\"", " sync " },
    { "muster sour", " source " },
    { "muster source \"\"", " remove " },
    { "muster -w other source ad", " add " },
    { "muster source add \"\"", " hibob " },
    { "muster sync \"\"", " acme beta " },
    { "muster mapping import be", " beta " },
    { "muster plan \"\"", " show acme beta " },
    { "muster plan be", " beta " },
    { "muster sync --dry", " --dry-run " },
    { "muster sync acme --y", " --yes " },
    { "muster sync --st", " --store " },
    { "muster export \"\"", " people teams history " },
    { "muster export people --format \"\"", " csv json ndjson " },
    { "muster completion z", " zsh " },
    { "muster team rename \"\"", "  " },
    { "muster --store $f", " $f " },
    { "muster mapping import acme $f", " $f " },
};

/* Types a line into bash: the words as COMP_WORDS, the cursor behind the last one. */
static void bash_offers_what_fits(void **state)
{
    AUTO_BUF script = {};

    (void)state;
    assert_ok(completion_text(&script, "bash"));
    for (size_t i = 0; i < COUNT(completions); i++) {
        AUTO_BUF line = {};
        AUTO_BUF out = {};
        buf_printf(&line,
                   "f=$f bash -c 'set -u; source \"$f\"; complete -p muster >/dev/null;"
                   " command() { echo "
                   "\"{\\\"id\\\":\\\"x\\\",\\\"name\\\":\\\"acme\\\",\\\"kind\\\":\\\"file\\\"}\";"
                   " echo \"{\\\"name\\\":\\\"beta\\\"}\"; };"
                   " COMP_WORDS=(%s); COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _muster;"
                   " echo \" ${COMPREPLY[*]-} \"; echo \"%s\"'",
                   completions[i].typed, completions[i].offered);
        run_over(&script, line.at, &out);
        char *end = strchr(out.at, '\n');
        *end = '\0';
        char *wanted = end + 1;
        wanted[strcspn(wanted, "\n")] = '\0';
        if (!strstr(out.at, wanted))
            fail_msg("'%s' offers '%s', not '%s'", completions[i].typed, out.at, wanted);
    }
}

static void zsh_gets_the_same_function_and_other_shells_a_word(void **state)
{
    AUTO_BUF script = {};

    (void)state;
    assert_ok(completion_text(&script, "zsh"));
    assert_true(str_starts(script.at, "#compdef muster\n"));
    assert_non_null(strstr(script.at, "complete -F _muster muster"));
    assert_err(completion_text(&script, "fish"), ERR_USAGE, "'fish'");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(no_line_of_help_is_longer_than_a_terminal),
        TEST(help_names_every_command_with_its_arguments),
        TEST(the_bare_command_comes_before_its_companions),
        TEST(help_of_a_command_has_its_options_and_examples),
        TEST(every_example_belongs_to_a_command),
        TEST(mandoc_finds_nothing_to_warn_of),
        TEST(bash_offers_what_fits),
        TEST(zsh_gets_the_same_function_and_other_shells_a_word),
    };

    return RUN_TESTS(tests);
}
