/*
 * pinned.h — overrides: a value an admin pinned wins over every source until it expires.
 */
#ifndef SYNC_PINNED_H
#define SYNC_PINNED_H

#include "store/work.h"

struct pinned { int64_t person, expires; const char *attribute, *value, *author, *reason; };

enum err pinned_any(struct work *w, bool *any);
enum err pinned_of(struct work *w, const int64_t *people, size_t n, struct pinned **out,
                   size_t *count);                           /* not the expired */
enum err pinned_put(struct work *w, const struct pinned *p);    /* replaces */
enum err pinned_drop(struct work *w, int64_t person, const char *attribute, bool *was);

#endif
