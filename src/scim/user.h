/*
 * user.h — a person as a SCIM User, and back.
 *
 * A shape says for one workspace which directory attribute stands where in the resource; it is made once
 * from the schema and may be used by many threads. Of the lists with an entry that is an attribute of its
 * own (the work e-mail, the phone, the photo), that entry has no `value` where it is stored, so that whoever
 * changes the plain attribute changes both.
 */
#ifndef SCIM_USER_H
#define SCIM_USER_H

#include "people/person.h"
#include "scim/patch.h"

struct user_shape;

/* Lives in `a`, and refers to `s` and `as`. */
struct user_shape *user_shape_new(struct arena *a, const struct scim *s, const struct attrs *as);

struct user_ref { int64_t id; const char *shown; };     /* shown: NULL if there is no name */

struct user_view {
    int64_t id, version, created_at, updated_at;
    bool active;
    const char *external_id;        /* of the source that asks; NULL: none */
    const struct value *values;     /* sorted by attribute, as a person has them */
    size_t nvalues;
    struct user_ref manager;        /* id 0: none */
    const char *more;               /* additional managers, as one text; NULL: none */
    const struct user_ref *groups;
    size_t ngroups;
};

/* The whole resource as JSON. `base` is the address before "/Users". */
void user_write(struct arena *a, struct buf *to, const struct user_shape *s,
                const struct user_view *v, const char *base);

/*
 * What a clean resource (see body.h) says, sorted by attribute. ERR_INVALID for a list that is too long to be
 * kept. `manager` and `additional_managers` (joined by '\n') are references as written.
 */
enum err user_read(struct arena *a, const struct user_shape *s, yyjson_mut_val *resource,
                   struct value **says, size_t *n);

/* What a PATCH made different, or named although it is the same; a NULL text: no longer said. */
enum err user_read_change(struct arena *a, const struct user_shape *s, yyjson_mut_val *before,
                          yyjson_mut_val *after, const struct patch_named *named,
                          struct value **says, size_t *n);

/* "W/\"17\"": what the resource's meta.version and ETag say. */
const char *scim_etag(struct arena *a, int64_t version);

/* "2026-11-21T04:00:00.123Z" */
void scim_write_time(struct buf *to, int64_t ms);

/* {"resourceType":…,"created":…,"lastModified":…,"location":…,"version":…} */
struct scim_meta { const char *type, *endpoint; int64_t id, created_at, updated_at, version; };
void scim_write_meta(struct buf *to, const struct scim_meta *m, const char *base);

#endif
