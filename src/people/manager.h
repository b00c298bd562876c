/*
 * manager.h — who reports to whom: one manager each, no circles.
 */
#ifndef PEOPLE_MANAGER_H
#define PEOPLE_MANAGER_H

#include "people/person.h"

struct chain { int64_t *ids; size_t n; };

/* The chain above `id`, nearest first. Lives in w->mem. */
enum err manager_chain(struct work *w, int64_t id, struct chain *out);

/* ERR_CONFLICT if `manager` is `id`, or reports to `id` directly or through others. */
enum err manager_check(struct work *w, const struct attrs *as, int64_t id, int64_t manager);

enum err manager_of(struct work *w, int64_t id, int64_t *manager);      /* 0: none, or no such person */
enum err managers_version(struct work *w, int64_t *out);

#endif
