/*
 * purge.h — plans that will never be carried out go after a while: nobody asks about them any more,
 * and a plan of everybody is as large as the directory.
 */
#ifndef SYNC_PURGE_H
#define SYNC_PURGE_H

#include "store/work.h"

/*
 * Drops the refused, superseded and only-planned runs of the workspace that ended before `before`,
 * with their rows, in short transactions. `stop` (may be NULL) ends it between two of them.
 */
enum err plans_purge(struct work *w, int64_t before, const bool *stop, int64_t *gone);

#endif
