/*
 * path.h — attribute paths (RFC 7644 §3.5.2, figure 7; §3.10): `name`, `name.sub`, `emails[type eq "work"]`,
 * `emails[…].value`, each perhaps behind `urn:…:`; or the URN of an extension alone.
 *
 * Names are read without case; the longest known schema URN is the prefix, because URNs have dots and
 * colons themselves. What Entra sends is understood too: a dot instead of the last colon, an enterprise
 * attribute without its URN.
 */
#ifndef SCIM_PATH_H
#define SCIM_PATH_H

#include "scim/schema.h"

struct filter;

struct path {
    const struct scim_schema *schema;       /* NULL for the common attributes; an extension for its own */
    const struct scim_attr *attr;           /* NULL: the extension as a whole */
    const struct scim_attr *sub;            /* NULL: the attribute itself */
    const struct filter *filter;            /* NULL: none */
};

/* ERR_PATH says where and why; an attribute that no schema has is ERR_PATH too. Lives in `a`. */
enum err path_parse(struct arena *a, const struct scim_resource *r, const char *text,
                    struct path *out);

/* For filters and projections: reads the longest path at *at and moves on; no value filter. */
enum err path_read(struct arena *a, const struct scim_resource *r, const char *text, size_t *at,
                   struct path *out);

#endif
