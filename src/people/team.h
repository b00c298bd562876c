/*
 * team.h — teams: manual (an admin's) and synced (a source's). Names keep their spelling.
 */
#ifndef PEOPLE_TEAM_H
#define PEOPLE_TEAM_H

#include "store/work.h"

enum team_kind { TEAM_MANUAL, TEAM_SYNCED };

struct team {
    int64_t id, source, merged, members;
    enum team_kind kind;
    const char *name, *source_key;
    bool fresh;                     /* planned, not yet in the store */
};

struct teams { struct team **all; size_t n, cap; };

enum err teams_load(struct work *w, struct teams **out);        /* without counts of members */
enum err teams_count(struct work *w, struct teams *t);          /* fills members */
struct team *team_by_name(const struct teams *t, const char *name);     /* exact spelling */
struct team *team_by_id(const struct teams *t, int64_t id);
struct team *team_meant(const struct teams *t, struct team *named);     /* follows merges */

/* One whose name differs only by case, spaces or punctuation; NULL if none. */
struct team *team_alike(struct arena *a, const struct teams *t, const char *name);

/* The team that an exactly so spelled name means, merges followed, without loading the others; id 0: none. */
enum err team_find(struct work *w, const char *name, struct team *out);
enum err team_load(struct work *w, int64_t id, struct team *out);       /* id 0 in *out: it is gone */

/* Did anybody join it by hand? */
enum err team_has_manual(struct work *w, int64_t id, bool *out);

/* What a row of kind ROW_TEAM says: {"name":[before, after]}; NULL before: made, NULL after: gone. */
const char *team_name_change(struct arena *a, const char *before, const char *after);

/* Inside store_write(). */
enum err team_put(struct work *w, const struct team *t);        /* new */
enum err team_rename(struct work *w, int64_t id, const char *name);
enum err team_merge(struct work *w, int64_t from, int64_t into);
enum err team_drop(struct work *w,
                   int64_t id); /* the undo of a creation, if nobody is in it and no group is it */

#endif
