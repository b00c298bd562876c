/*
 * company.h — a small company whose HR system is a CSV file: tests of a sync say what HR answers and
 * what the directory is afterwards.
 *
 * There is one company a test; given_company() makes it. Every sync checks by itself that the tally
 * adds up and that the history tells the directory (see check_history()).
 */
#ifndef TESTS_COMPANY_H
#define TESTS_COMPANY_H

#include "people/history.h"
#include "people/link.h"
#include "people/team.h"
#include "support/support.h"
#include "sync/run.h"

/* A source `hr` of kind file. Its mapping reads columns named as the attributes, with these lines changed, separated by
 * newlines: "auto_reactivate: true" replaces the line of that key, "title.empty: keep" adds to a row,
 * "+custom.squad: squad" adds a row. NULL: nothing. */
void given_company(struct work *w, const char *settings);
void given_settings(const char *settings);      /* the same later on: a changed mapping */

void given_mapping(const char *source, const char *yaml);      /* a mapping of its own */

/* Another source, ranked after those that are there; sync_of() runs it. */
void given_source(const char *name, const char *settings);

/* What HR answers from now on, and a run. ended: the run's state afterwards. */
struct run *sync_csv(const char *csv);
struct run *sync_of(const char *source, const char *csv);
struct run *sync_with(const char *source, const char *csv, const struct sync_request *q,
                      enum err expected);
struct run *apply_held(const struct run *run, const int64_t *unticked, size_t n);
struct run *refuse(const struct run *run);
struct run *undo(const struct run *run, int64_t seq);   /* 0: all of it; never asks */

/* The last run's numbers; every counter not named is 0: counts("read 3, created 3"). */
struct run *the_last(void);
void counts(const char *expected);
bool found(const char *finding);                /* the last run has such a finding … */
const char *finding_text(const char *finding);  /* … and this is all it says, as JSON; "" if not */
bool tripped(const char *guard);
int64_t seq_of(const struct run *run, const char *who);         /* the row about that record; 0: none */
const struct run_row *row_of(const struct run *run, const char *record);

/* The directory. WHO is an e-mail, a user name or an anchor; the person must be there. */
int64_t the(const char *who);
bool nobody(const char *who);
const char *value(const char *who, const char *attribute);      /* "" for none */
const char *state(const char *who);
const char *manager(const char *who);           /* the manager's given name, "" if none */
const char *teams(const char *who);             /* names, sorted, joined by ", "; all owners */
struct link link_to(const char *source, const char *record);
int64_t rows_in(const char *table);
char *table_text(const char *table);            /* all of it, to compare before and after */

/* By hand, as an admin: attribute NULL text clears. */
enum err try_edit(int64_t person, const char *attribute, const char *text);
void edit(const char *who, const char *attribute, const char *text);
int64_t by_hand(const char *email, const char *given, const char *manager_id);
void protect(const char *who);

struct work *the_work(void);
struct attrs *the_attrs(void);
const struct source_row *the_source(const char *name);

/* Each person rebuilt from their applied rows is the person of the directory, attribute by attribute. */
void check_history(void);
void check_forest(void);                        /* nobody is in a circle of managers */

#endif
