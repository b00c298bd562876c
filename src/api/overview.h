/*
 * overview.h — how a workspace stands: what the status page, the metrics and doctor speak of.
 */
#ifndef API_OVERVIEW_H
#define API_OVERVIEW_H

#include "people/history.h"
#include "people/person.h"
#include "sync/connect.h"

struct source_now {
    struct source_row row;
    struct run last;                /* id 0: never */
    int64_t due_at;                 /* 0: not scheduled */
    int failures;                   /* in a row */
    bool running;
};

struct run_count { const char *kind, *state; int64_t runs, rows; };     /* rows that are history */

struct overview {
    const char *workspace;          /* its name */
    int64_t people[STATE_WITHDRAWN + 1];
    struct source_now *sources;     /* by rank */
    struct run_count *counts;
    size_t nsources, ncounts;
};

/* Of the workspace in `w`. */
enum err overview_load(struct work *w, struct overview *out);

/* Plans that wait for a person, newest first. */
enum err held_runs(struct work *w, struct run **out, size_t *n);

/* In one word: "ok", "failing", "paused", "attention" or "running". */
const char *source_state(const struct source_now *s);

/* How late its run is, in ms; 0 if it is not. */
int64_t source_late(const struct source_now *s, int64_t now);

/* ---- overview_sql.c ---- */

enum err overview_people(struct work *w, struct overview *out);
enum err overview_counts(struct work *w, struct overview *out);
enum err overview_job(struct work *w, struct source_now *s, int64_t now);
enum err overview_held(struct work *w, int64_t **ids, size_t *n);
enum err overview_name(struct work *w, const char **out);

#endif
