/*
 * tables.h — how the rows of the static schemas are written, and where they are; for scim/schema*.c only.
 */
#ifndef SCIM_TABLES_H
#define SCIM_TABLES_H

#include "scim/schema.h"

/* Left out means: single, optional, without case, readWrite, returned by default, not unique. */
#define ROW(n, t, text, ...)                                                                       \
    {                                                                                              \
        .name = (n), .type = SCIM_##t, .description = (text), __VA_ARGS__                          \
    }
/* SCIM has no type for a day. An example of the form says more to a client than a dateTime that is none. */
#define SCIM_DAY "2026-11-21"
#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

extern const struct scim_schema scim_core_user, scim_enterprise, scim_core_group;
extern const struct scim_attr
    scim_muster_attrs[]; /* the part of our extension that is the same everywhere */

/* ServiceProviderConfig, ResourceType and Schema: readable by URN, in no list. Ends with NULL. */
extern const struct scim_schema *const scim_meta_schemas[];

#endif
