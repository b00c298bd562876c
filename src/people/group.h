/*
 * group.h — a source's groups: what it calls a group is a team of ours, and who it says is in there is a
 * membership that the group owns.
 *
 * Memberships of a group have its id as `owner`, so that two groups can be one team (merged, or joined by name)
 * without losing who is in which. The group's version counts its name, externalId and members.
 */
#ifndef PEOPLE_GROUP_H
#define PEOPLE_GROUP_H

#include "people/team.h"

struct group {
    int64_t id, source, team, version, created_at, updated_at;
    const char *name, *external_id;         /* as the source spells it; external_id may be NULL */
};

enum err group_load(struct work *w, int64_t source, int64_t id,
                    struct group *out); /* ERR_NOT_FOUND */
/* Compared without case, 0 if there is none. */
enum err group_by_name(struct work *w, int64_t source, const char *name, int64_t *id);
enum err group_by_external(struct work *w, int64_t source, const char *external_id, int64_t *id);
/* The next ones after an id, at most `most`. */
enum err groups_page(struct work *w, int64_t source, int64_t after, size_t most, struct group **out,
                     size_t *n);
enum err groups_count(struct work *w, int64_t source, int64_t *n);
/* The groups (of this source) somebody is in. */
enum err groups_of(struct work *w, int64_t source, int64_t person, struct group **out, size_t *n);

/* Members by id after `after`, with the name that is shown (NULL if there is none). */
struct group_member {
    int64_t person;
    const char *shown;
};
enum err group_members(struct work *w, const struct group *g, int64_t after, size_t most,
                       struct group_member **out, size_t *n);
enum err group_has(struct work *w, const struct group *g, const int64_t *people, size_t n,
                   bool *in);
enum err group_size(struct work *w, const struct group *g, size_t most,
                    size_t *n); /* counts up to `most` */

#endif
