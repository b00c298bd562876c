/*
 * asof.h — the directory as it was: today's, with every applied row since then turned back.
 *
 * Costs memory for what changed since, not for the people. Somebody erased since is gone for good; a
 * team that was merged since is shown as the one it went into.
 */
#ifndef PEOPLE_ASOF_H
#define PEOPLE_ASOF_H

#include "people/history.h"
#include "people/team.h"

struct asof;

/* Reads the history after `instant` (ms). */
enum err asof_open(struct work *w, const struct attrs *as, int64_t instant, struct asof **out);
void asof_free(struct asof *t);
AUTO_FREE(asof)

/* Turns one person back: *p becomes a copy of how they were, or NULL if they were not there. */
void asof_turn(struct arena *a, const struct asof *t, struct person **p);

/* A page of people, with updated_at of then. */
enum err asof_people(struct work *w, const struct asof *t, struct person **people, size_t n);

/* The teams with the names they had. */
struct teams *asof_teams(const struct asof *t);

/*
 * The instant a person means by "2026-03-31" (the end of that day in the workspace's time zone) or by
 * "2026-03-31T12:00:00Z". ERR_USAGE for anything else.
 */
enum err asof_instant(struct work *w, const char *text, int64_t *out);

#endif
