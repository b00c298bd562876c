/*
 * erase.h — a person and their values are gone for good: from the directory, the claims, the plans and
 * the history. The other way to write people; apply.c keeps what it changes, this does not.
 */
#ifndef PEOPLE_ERASE_H
#define PEOPLE_ERASE_H

#include "people/history.h"

/*
 * Their reports lose the manager, as changes in the history. What stays is the id, and a row of the edit
 * run saying that somebody was erased. *sources: how many sources still listed them (their next run
 * makes the person again unless the mapping excludes them). Outside of a transaction.
 */
enum err people_erase(struct work *w, const struct attrs *as, int64_t id, size_t *sources);

#endif
