/*
 * project.h — attributes and excludedAttributes (RFC 7644 §3.4.2.5, §3.9), and sortBy.
 */
#ifndef SCIM_PROJECT_H
#define SCIM_PROJECT_H

#include "scim/path.h"

struct projection;

/*
 * From the two parameters' values (comma lists, blanks, any case; NULL: not given). *out is NULL when everything
 * that is returned by default is wanted. Both given: ERR_INVALID. Unknown names are ignored. A value filter in a
 * name (`emails[type eq "work"]`, seen in Microsoft's collection) selects items.
 */
enum err projection_parse(struct arena *a, const struct scim_resource *r, const char *attributes,
                          const char *excluded, struct projection **out);

/* Is this top-level attribute part of the answer? What is not need not be loaded. NULL projection: by `returned`. */
bool projection_wants(const struct projection *p, const char *attribute);

/* Writes the part of a whole resource that is wanted; `returned: always` ones always. */
void projection_write(struct buf *to, const struct projection *p, const struct scim_resource *r,
                      yyjson_val *resource);

/*
 * sortBy. The key of a resource as bytes that compare (memcmp, then length) in the wanted order: strings without
 * case unless exact, numbers and instants by value; multi-valued by the primary or first item. *n is 0 if there is no value.
 */
enum err sort_parse(struct arena *a, const struct scim_resource *r, const char *by,
                    struct path *out);
const char *sort_key(struct arena *a, const struct path *by, yyjson_val *resource, size_t *n);

#endif
