/*
 * names.h — the HR system's lists: which id is called what.
 *
 * Records hold "209192163" where people see "R&D". All lists are read first; finding a name is then
 * a search in a sorted list.
 */
#ifndef SOURCE_NAMES_H
#define SOURCE_NAMES_H

#include "base/arena.h"

struct names;
struct name_list;

struct names *names_new(struct arena *a);
/* Copies. The first name of an id counts. */
void names_add(struct names *ns, const char *list, const char *id, const char *name);
void names_sort(struct names *ns);                  /* once, before the first search */

/* NULL: no such list. */
const struct name_list *names_list(const struct names *ns, const char *list);

/* All lists as one. An id that two lists call differently is not in it. */
const struct name_list *names_any(const struct names *ns);

/* NULL if the list (NULL is fine) does not have the id. */
const char *name_find(const struct name_list *l, const char *id, size_t n);

#endif
