/*
 * profile.h — a person together with the people and teams they name: what lists, exports and filters
 * look at. Names are looked up for a page of people at once.
 */
#ifndef PEOPLE_PROFILE_H
#define PEOPLE_PROFILE_H

#include "people/person.h"
#include "people/team.h"

struct asof;                        /* people/asof.h: the directory of a past day */

struct profile {
    const struct person *person;
    const struct person *manager;   /* NULL: none, or one who is not shown */
    const struct person **more;     /* additional managers */
    size_t nmore;
    const struct team **teams;      /* each once, by id; merges followed */
    size_t nteams;
};

/* `people` were loaded with LOAD_TEAMS; entries that are NULL or withdrawn give a profile without a
 * person. With `at` the people named are as they were then. Lives in w->mem. */
enum err profiles_make(struct work *w, const struct attrs *as, const struct teams *teams,
                       const struct asof *at, struct person *const *people, size_t n,
                       struct profile **out);

/* One person as they are now. ERR_NOT_FOUND for somebody withdrawn. */
enum err profile_load(struct work *w, const struct attrs *as, int64_t id, struct profile **out);

/* display_name, or "given family" where there is none; NULL if there is neither. Lives in `a`. */
const char *person_shown_name(struct arena *a, const struct person *p);

/* A stored value as people see it: who was never invited has the invite "none". */
const char *person_shown_value(const struct person *p, const char *attribute);

#endif
