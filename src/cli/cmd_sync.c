/* cmd_sync.c — sync, plan, apply, refuse, undo, release, runs: what a person does with runs. */
#include <stdlib.h>

#include "base/clock.h"
#include "base/id.h"
#include "base/str.h"
#include "cli/cli.h"
#include "cli/run_text.h"
#include "sync/held.h"
#include "sync/run.h"
#include "sync/tally.h"

#define CMD(name, function, ...) enum err function(struct cli *c);
#include "cli/commands.def"
#undef CMD

static struct sync_request request(struct cli *c)
{
    return (struct sync_request){ .stop = &cli_stop,
                                  .progress = cli_progress,
                                  .waiting = cli_waiting,
                                  .arg = c,
                                  .yes = cli_has(c, "yes"),
                                  .review = cli_has(c, "review"),
                                  .plan_only = cli_has(c, "dry-run") };
}

/* The tally, and the exit status it means. A failed run prints its tally too; its error is spoken. */
static enum err conclude(struct cli *c, enum err e, const struct run *run)
{
    const char *words = e == OK ? NULL : arena_text(c->mem, err_text());

    cli_progress_end();
    if (!run->id || !run->state)
        return e == OK ? OK : errf(e, "%s", words);
    TRY(run_print(c, run));
    c->told = c->json;
    TRY(run_status(c, run, &c->status));
    /* Bad data of the other side is a failed run, not wrong use of ours. */
    return e == OK ? OK : errf(err_row(e)->exit == 2 ? ERR_REMOTE : e, "%s", words);
}

enum err cmd_sync(struct cli *c)
{
    struct sync_request q = request(c);
    struct source_row source;
    struct run run = {};

    TRY(source_row_load(c->w, c->args[0], &source));
    return conclude(c, sync_run(c->w, &source, &q, &run), &run);
}

enum err cmd_plan(struct cli *c)
{
    struct sync_request q = request(c);
    struct source_row source;
    struct run run = {};
    const char *file = cli_value(c, "output");

    q.plan_only = true;
    TRY(source_row_load(c->w, c->args[0], &source));
    enum err e = sync_run(c->w, &source, &q, &run);
    if (e == OK && file)
        TRY(run_write_file(c, &run, file));
    if (e == OK && !c->json && !file)
        TRY(run_print_rows(c, &run));
    TRY(conclude(c, e, &run));
    c->status = 0;                              /* a plain plan is always 0 */
    if (!c->json && run.rows > 0)
        printf("Nothing was changed. `muster apply %s` carries this plan out.\n", id_text(run.id));
    return OK;
}

static enum err find_run(struct cli *c, const char *text, struct run *out)
{
    int64_t id;

    if (!id_read(text, &id))
        return errf(ERR_USAGE, "'%s' is no run; `muster runs` lists them", text);
    TRY(run_load(c->w, id, out));
    return runs_counted(c->w, out, 1);
}

enum err cmd_plan_show(struct cli *c)
{
    struct run run;

    TRY(find_run(c, c->args[0], &run));
    TRY(run_print_rows(c, &run));
    return c->json ? OK : run_print(c, &run);
}

enum err cmd_run_show(struct cli *c)
{
    struct run run;

    TRY(find_run(c, c->args[0], &run));
    return run_print_whole(c, &run);
}

enum err cmd_apply(struct cli *c)
{
    struct sync_request q = request(c);
    struct run run = {};
    int64_t id, *unticked = NULL;
    size_t n = 0;

    if (!id_read(c->args[0], &id))
        TRY(run_read_file(c, c->args[0], &id, &unticked, &n));
    return conclude(c, sync_apply(c->w, id, unticked, n, &q, &run), &run);
}

enum err cmd_refuse(struct cli *c)
{
    struct run run;
    int64_t id;

    if (!id_read(c->args[0], &id))
        return errf(ERR_USAGE, "'%s' is no run; `muster runs` lists them", c->args[0]);
    TRY(sync_refuse(c->w, id, &run));
    if (c->json)
        return run_print(c, &run);
    printf("Run %s is refused. What it would have done is held back while HR says the same; "
           "`muster release WHO` "
           "ends that.\n",
           id_text(run.id));
    return OK;
}

enum err cmd_undo(struct cli *c)
{
    struct sync_request q = request(c);
    struct run run = {};
    const char *dot = strchr(c->args[0], '.');
    const char *text =
        dot ? arena_textn(c->mem, c->args[0], (size_t)(dot - c->args[0])) : c->args[0];
    int64_t id, seq = 0;

    if (!id_read(text, &id) || (dot && (!str_number(dot + 1, &seq) || seq < 1)))
        return errf(
            ERR_USAGE,
            "'%s' is no run and no change; `muster runs` lists runs, a change is RUN.NUMBER",
            c->args[0]);
    return conclude(c, sync_undo(c->w, id, seq, &q, &run), &run);
}

enum err cmd_release(struct cli *c)
{
    const char *attribute = c->nargs == 2 ? c->args[1] : NULL;
    int64_t person, n;

    if (person_find(c->w, c->args[0], &person) == OK)
        TRY(held_release(c->w, person, attribute, &n));
    else
        TRY(release_absent(c, c->args[0], &n));
    if (c->json)
        printf("{\"released\":%lld}\n", (long long)n);
    else if (n)
        printf("%s released; the next run may do it again.\n",
               str_count(c->mem, n, "change is", "changes are"));
    else
        printf("Nothing of %s is held back.\n", c->args[0]);
    return OK;
}

enum err cmd_runs(struct cli *c)
{
    struct source_row source = {};
    struct run *runs;
    int64_t most = 20;
    size_t n;
    const char *limit = cli_value(c, "limit");

    if (limit && (!str_number(limit, &most) || most < 1))
        return errf(ERR_USAGE, "--limit takes a number from 1 on, not '%s'", limit);
    if (c->nargs)
        TRY(source_row_load(c->w, c->args[0], &source));
    TRY(runs_list(c->w, source.id, (size_t)MIN(most, 10000), &runs, &n));
    TRY(runs_counted(c->w, runs, n));
    return runs_print(c, runs, n);
}
