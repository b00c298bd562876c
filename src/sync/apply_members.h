/*
 * apply_members.h — the rows of a batch that are about memberships of groups: each group owns its own.
 */
#ifndef SYNC_APPLY_MEMBERS_H
#define SYNC_APPLY_MEMBERS_H

#include "people/history.h"

/* Applies the edits (one a row) of kind ROW_MEMBER; groups of `source` that are gone make theirs stale. */
enum err apply_members(struct work *w, const struct attrs *as, int64_t source,
                       const struct run_row *rows, struct edit *edits, size_t n);

#endif
