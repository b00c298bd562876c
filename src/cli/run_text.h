/* run_text.h — runs and plan rows as people and programs read them. */
#ifndef CLI_RUN_TEXT_H
#define CLI_RUN_TEXT_H

#include "cli/cli.h"
#include "people/history.h"
#include "people/link.h"

enum err run_print(struct cli *c, const struct run *run);               /* the tally */
enum err run_print_whole(struct cli *c, const struct run *run);         /* with guards and findings */
enum err run_print_rows(struct cli *c, const struct run *run);          /* every row of the plan */
enum err runs_print(struct cli *c, const struct run *runs, size_t n);

/* 0, or 1 if a person must act on this run. */
enum err run_status(struct cli *c, const struct run *run, int *status);

/* NDJSON, one row a line; a line deleted is a row ticked out. The values in it are not trusted. */
enum err run_write_file(struct cli *c, const struct run *run, const char *path);
enum err run_read_file(struct cli *c, const char *path, int64_t *run, int64_t **unticked,
                       size_t *n);

/* The name of a team that only exists in this plan. */
const char *planned_team(struct cli *c, const struct run *run, int64_t id);

/* Ends the holds of somebody who was never created: by record id, or by the e-mail in the held plan. */
enum err release_absent(struct cli *c, const char *who, int64_t *n);

#endif
