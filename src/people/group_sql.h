/*
 * group_sql.h — the writing half of the group table. Who is in a group is written by people_apply() alone:
 * memberships whose owner is the group.
 */
#ifndef PEOPLE_GROUP_SQL_H
#define PEOPLE_GROUP_SQL_H

#include "people/group.h"

/* Inside store_write(). ERR_CONFLICT if the name or the external id is another group's. */
enum err group_put(struct work *w, const struct group *g);              /* new */
enum err group_put_changed(struct work *w,
                           const struct group *g); /* name, external id, team, version */

/* Their members changed: the version rises, and updated_at is now. */
enum err groups_touch(struct work *w, const int64_t *ids, size_t n);
enum err group_drop(struct work *w, int64_t id);                        /* the members are out by then */

#endif
