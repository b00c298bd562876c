/*
 * history.h — runs and their rows: plan, history and, turned round, undo are one table.
 *
 * A row is written once, when it is planned. It is history when its number is at most the run's
 * applied_upto and it was not set aside. Runs of kind "scim" keep no counters: their rows are numbered by the clock
 * (an id less the run's) and counted when they are shown.
 */
#ifndef PEOPLE_HISTORY_H
#define PEOPLE_HISTORY_H

#include "people/apply.h"

/* fetching, planned, held, applying, applied, refused, superseded, interrupted, failed, undone */
struct run {
    int64_t id, source, started_at, finished_at, rows, applied_upto, basis, undoes, resumed;
    const char *kind;               /* "sync", "undo", "edit", "scim" */
    const char *state, *actor;
    const char *tally, *findings, *guards, *outcome;    /* JSON */
    const char *error;
    bool dry;
};

enum row_kind {
    ROW_CREATE = 1,
    ROW_LINK,
    ROW_UPDATE,
    ROW_DEACTIVATE,
    ROW_SUSPEND,
    ROW_REACTIVATE,
    ROW_TEAM,
    ROW_NOTE,                       /* only what the source said is remembered */
    ROW_WITHDRAW,
    ROW_RESTORE, /* undo of a create; and its release */
    ROW_MEMBER,                     /* in or out of a group: `record` is the group's id, which owns the membership */
    ROW_KINDS
};
const char *row_kind_name(enum row_kind k);

enum set_aside { ROW_GOES, ROW_STALE, ROW_CONFLICT, ROW_UNTICKED, ROW_KEPT };
const char *set_aside_name(enum set_aside s);

struct run_row {
    int64_t seq, person, digest;
    enum row_kind kind;
    enum set_aside aside;
    const char *record, *changes, *said, *reason;
};

enum err run_put(struct work *w, const struct run *r);          /* new, inside store_write() */
enum err run_update(struct work *w, const struct run *r);       /* everything but the watermark */
enum err run_advance(struct work *w, int64_t run, int64_t upto);
enum err run_load(struct work *w, int64_t id, struct run *out);         /* ERR_NOT_FOUND */
enum err runs_list(struct work *w, int64_t source, size_t most, struct run **out,
                   size_t *n); /* newest first; source 0: all */
enum err run_rows_drop(struct work *w, int64_t run);

enum err run_row_put(struct work *w, int64_t run, const struct run_row *row);
enum err run_row_rewrite(struct work *w, int64_t run,
                         const struct run_row *row);             /* until it is applied */
enum err run_row_drop(struct work *w, int64_t run, int64_t seq);                         /* while planning only */
enum err run_row_set_aside(struct work *w, int64_t run, int64_t seq, enum set_aside aside,
                           const char *reason);
enum err run_rows(struct work *w, int64_t run, int64_t after, int64_t upto, size_t most,
                  struct run_row **out, size_t *n);
/* The last ones up to a number, at most `most`, in the order of their numbers. */
enum err run_rows_last(struct work *w, int64_t run, int64_t upto, size_t most, struct run_row **out,
                       size_t *n);
enum err run_row_of_record(struct work *w, int64_t run, const char *record,
                           int64_t *person); /* 0: no row */
enum err run_rows_about(struct work *w, int64_t run, int64_t person, struct run_row **out,
                        size_t *n);
/* Those that went ahead and name this person in a change. Reads every row: for the rare case only. */
enum err run_rows_naming(struct work *w, int64_t run, int64_t upto, int64_t person,
                         struct run_row **out, size_t *n);
enum err run_rows_aside(struct work *w, int64_t run, enum row_kind kind, struct run_row **out,
                        size_t *n);
/* Of rows about records that were read: not of those whose record is missing. */
enum err run_rows_counts(struct work *w, int64_t run, int64_t counts[ROW_KINDS][ROW_KEPT + 1]);
/* Of every row, whatever became of it; *newest is the last number, 0 if there is none. */
enum err run_rows_kinds(struct work *w, int64_t run, int64_t counts[ROW_KINDS], int64_t *newest);
enum err run_row_load(struct work *w, int64_t run, int64_t seq, struct run_row *out);

/*
 * The applied rows about one person, newest first, with the run they belong to. Runs of kind "scim" stay open for an
 * hour: their rows are told at their own time, which is that of the id (run + number).
 */
struct past { struct run_row row; int64_t run, source, at; const char *kind, *actor; };
enum err history_of(struct work *w, int64_t person, size_t most, struct past **out, size_t *n);
int64_t past_owner(const struct past *p);       /* of the memberships its "teams" change is about */
/* Every applied row after an instant, newest first: any-date views turn them back. */
typedef enum err past_fn(void *arg, const struct past *p);
enum err history_since(struct work *w, int64_t after, past_fn *fn, void *arg);

/* Inside store_write(): a row of this hour's edit run, by w->actor, that counts as applied. It gets its number. */
enum err edit_row_put(struct work *w, struct run_row *row);

/*
 * One change by hand: a row of this hour's edit run, applied at once, in one transaction; references that
 * waited for this person heal. ERR_CONFLICT / ERR_STALE with the reason. With create a new person.
 */
enum err people_edit(struct work *w, const struct attrs *as, struct edit *e, enum row_kind kind,
                     const char *reason);

#endif
