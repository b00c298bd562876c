/*
 * patch_parts.h — what the files of PATCH share: patch.c reads operations, patch_change.c carries one out,
 * patch_items.c does so among the items of a list, patch_group.c collects what happens to members.
 */
#ifndef SCIM_PATCH_PARTS_H
#define SCIM_PATCH_PARTS_H

#include "scim/patch.h"

enum patch_op { PATCH_ADD, PATCH_REMOVE, PATCH_REPLACE };

struct member_steps { struct group_patch *out; size_t steps_cap, ids_cap; };

struct patching {
    struct arena *a;
    yyjson_mut_doc *doc;
    const struct scim_resource *r;
    yyjson_mut_val *resource;
    struct member_steps *group;             /* NULL: members are an attribute like any other */
    const struct scim_attr **named, **parts;
    size_t nnamed, named_cap, nparts, parts_cap;
};

/* Absent, null, "" or []: unassigned (RFC 7643 §2.5). */
bool patch_nothing(yyjson_val *value);

/* One operation at one path, whose attribute may be written. */
enum err patch_change(struct patching *p, enum patch_op op, const struct path *at,
                      yyjson_val *value);

/* The same where the path has a filter, or a sub-attribute of a list; `home` holds the list. */
enum err patch_items(struct patching *p, enum patch_op op, const struct path *at,
                     yyjson_mut_val *home, yyjson_val *value);

/* One sub-attribute of one item, and all that an object or a bare value says about an item. */
enum err patch_sub(struct patching *p, const struct scim_attr *attr, yyjson_mut_val *item,
                   const struct scim_attr *sub, yyjson_val *value);
enum err patch_object(struct patching *p, const struct scim_attr *attr, yyjson_mut_val *item,
                      yyjson_val *value);

/* `add` to a list without filter, and `remove` of those a value lists. */
enum err patch_append(struct patching *p, const struct scim_attr *attr, yyjson_mut_val *home,
                      yyjson_val *value);
enum err patch_remove_listed(struct patching *p, const struct scim_attr *attr, yyjson_mut_val *home,
                             yyjson_val *value);

/* Puts the list back, or takes it out if nothing is left in it. */
void patch_put_list(struct patching *p, yyjson_mut_val *home, const struct scim_attr *attr,
                    yyjson_mut_val *list);

/* members of a group, by step. The first reads `members[value eq "id"]` and nothing else. */
bool patch_one_member(struct patching *p, const char *path, const char **id);
void patch_member_out(struct patching *p, const char *id);
enum err patch_members(struct patching *p, enum patch_op op, const struct path *at,
                       yyjson_val *value);

#endif
