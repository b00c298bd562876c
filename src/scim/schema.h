/*
 * schema.h — what a SCIM resource consists of: RFC 7643 as tables.
 *
 * The core User and Group, the Enterprise User and our own extension are static; the workspace's custom
 * attributes become members of our extension. Discovery (/Schemas, /ResourceTypes), parsing, PATCH,
 * filters, projection and the user guide's check all read these rows.
 */
#ifndef SCIM_SCHEMA_H
#define SCIM_SCHEMA_H

#include "base/json.h"
#include "people/attr.h"

#define SCIM_USER "urn:ietf:params:scim:schemas:core:2.0:User"
#define SCIM_GROUP "urn:ietf:params:scim:schemas:core:2.0:Group"
#define SCIM_ENTERPRISE "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
#define SCIM_MUSTER "urn:ietf:params:scim:schemas:extension:muster:2.0:User"

/* RFC 7643 §7 */
enum scim_type {
    SCIM_STRING,
    SCIM_BOOLEAN,
    SCIM_DECIMAL,
    SCIM_INTEGER,
    SCIM_DATETIME,
    SCIM_BINARY,
    SCIM_REFERENCE,
    SCIM_COMPLEX
};
enum scim_mutability { SCIM_READ_WRITE, SCIM_READ_ONLY, SCIM_IMMUTABLE, SCIM_WRITE_ONLY };
enum scim_returned { SCIM_DEFAULT, SCIM_ALWAYS, SCIM_NEVER, SCIM_REQUEST };
enum scim_uniqueness { SCIM_NONE, SCIM_SERVER, SCIM_GLOBAL };

struct scim_attr {
    const char *name, *description;
    enum scim_type type;
    bool many, required, exact;     /* exact: caseExact */
    enum scim_mutability mutability;
    enum scim_returned returned;
    enum scim_uniqueness uniqueness;
    const char *const *canonical;   /* suggested values; ends with NULL; may be NULL */
    const char *const *references;  /* "User", "Group", "external", "uri"; ends with NULL */
    const struct scim_attr *sub;    /* of a complex one; ends with an empty row */
    const struct attr *custom;      /* an admin's attribute; NULL for all others */
    const char *attribute;          /* the directory's, by name; NULL: scim/user.c knows */
};

struct scim_schema {
    const char *id, *name, *description;
    const struct scim_attr *attrs;  /* ends with an empty row; without scim_common */
};

struct scim_resource {              /* a resource type */
    const char *name, *endpoint, *description;      /* "User", "/Users" */
    const struct scim_schema *core;
    const struct scim_schema *extensions[3];        /* ends with NULL */
};

/* The resource types of a workspace. */
struct scim {
    struct scim_resource user, group;
};

/* id, externalId, schemas, meta: part of every resource, in no schema (RFC 7643 §3.1). Ends with an empty row. */
extern const struct scim_attr scim_common[];

/*
 * Lives in `a`, and refers to `as`. `level` is announced only if there are levels, because it takes nothing
 * else; a custom attribute whose name is one of ours (without case) is called custom_NAME.
 */
struct scim *scim_new(struct arena *a, const struct attrs *as, const char *const *levels,
                      size_t nlevels);

/* By name without case, among `attrs` (ends with an empty row); NULL if there is none. */
const struct scim_attr *scim_attr_find(const struct scim_attr *attrs, const char *name, size_t n);

/* One attribute of a resource by its name without URN: the common ones, the core's, and, if no two
 * extensions have it, an extension's. *schema is NULL for common ones. */
const struct scim_attr *scim_find(const struct scim_resource *r, const char *name, size_t n,
                                  const struct scim_schema **schema);

/* The schema with this URN, compared without case; NULL if the resource has none such. */
const struct scim_schema *scim_schema_find(const struct scim_resource *r, const char *urn,
                                           size_t n);

/* Discovery (RFC 7643 §5–7), with meta.location below `base`. ERR_NOT_FOUND for what is not there. */
struct scim_limits { int64_t bulk_operations, bulk_bytes, results, page, cursor_seconds; };
void scim_write_config(struct buf *to, const struct scim_limits *l, const char *base);
void scim_write_types(struct buf *to, const struct scim *s, const char *base);
enum err scim_write_type(struct buf *to, const struct scim *s, const char *name, const char *base);
void scim_write_schemas(struct buf *to, const struct scim *s, const char *base);
enum err scim_write_schema(struct buf *to, const struct scim *s, const char *urn, const char *base);

#endif
