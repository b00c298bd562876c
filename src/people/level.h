/* level.h — the workspace's levels: a list of names in an order. */
#ifndef PEOPLE_LEVEL_H
#define PEOPLE_LEVEL_H

#include "store/work.h"

enum err levels_load(struct work *w, const char *const **out, size_t *n);
enum err level_add(struct work *w, const char *name);           /* ERR_CONFLICT if it is there */
enum err level_remove(struct work *w, const char *name);        /* values that name it stay as text */

#endif
