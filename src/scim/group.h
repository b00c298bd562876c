/*
 * group.h — a group as a SCIM Group. Members are written one after another: there may be 100,000.
 */
#ifndef SCIM_GROUP_H
#define SCIM_GROUP_H

#include "scim/user.h"

struct group_view {
    int64_t id, version, created_at, updated_at;
    const char *name, *external_id;
};

/* Everything but the members; end with group_write_end(). */
void group_write_start(struct json_out *o, const struct group_view *v, const char *base);
void group_write_member(struct json_out *o, const struct user_ref *member, bool first,
                        const char *base);
void group_write_end(struct json_out *o, bool members);

/* What a clean resource says. Members are the texts of their `value`, in order. ERR_INVALID: a group as a member. */
struct group_said { const char *name, *external_id; const char **members; size_t n; };
enum err group_read(struct arena *a, yyjson_mut_val *resource, struct group_said *out);

#endif
