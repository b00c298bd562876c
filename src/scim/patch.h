/*
 * patch.h — PATCH (RFC 7644 §3.5.2) on a resource in memory.
 *
 * Where RFC and clients disagree, Entra is followed when nobody else is hurt: requirements PAT-14, PAT-15, PAT-18
 * (a replace that finds no item makes one), PAT-23, PAT-32.
 */
#ifndef SCIM_PATCH_H
#define SCIM_PATCH_H

#include "scim/body.h"
#include "scim/filter.h"

/* A group may lose ten thousand members one operation each; that costs no more than naming them in one. */
enum { PATCH_OPERATIONS = 2000, PATCH_GROUP_OPERATIONS = 10000 };

/* Which attributes operations named, whether or not they changed anything. */
struct patch_named {
    const struct scim_attr **attrs;         /* top-level ones, each once */
    size_t n;
    const struct scim_attr **parts;         /* of those that are objects: which members */
    size_t nparts;
};

/*
 * `resource` (in `doc`, clean, without schemas and meta) is changed in place; on an error it is to be thrown
 * away. The result is as body_clean() leaves it. ERR_USAGE: no PatchOp; ERR_PATH, ERR_NO_TARGET, ERR_MUTABILITY,
 * ERR_INVALID, ERR_TOO_MANY.
 */
enum err patch_apply(struct arena *a, yyjson_mut_doc *doc, const struct scim_resource *r,
                     yyjson_mut_val *resource, yyjson_val *body, struct patch_named *named);

/*
 * A group's PATCH, read without its members: it costs what it names. Steps are to be carried out in order; the
 * simple attributes (displayName, externalId) are changed in `resource` as above.
 */
enum member_step_kind { MEMBERS_ADD, MEMBERS_REMOVE, MEMBERS_CLEAR, MEMBERS_FILTER };
struct member_step {
    enum member_step_kind kind;             /* a replace is CLEAR, then ADD */
    const char **ids;                       /* of ADD and REMOVE: `value`, as written */
    size_t n;
    const struct filter *filter;            /* of MEMBERS_FILTER: remove those who match */
};
struct group_patch {
    struct member_step *steps;
    size_t n, named;
}; /* named: ids in all */
enum err patch_group(struct arena *a, yyjson_mut_doc *doc, const struct scim_resource *r,
                     yyjson_mut_val *resource, yyjson_val *body, struct group_patch *out);

#endif
