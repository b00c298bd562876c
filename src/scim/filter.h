/*
 * filter.h — SCIM filters (RFC 7644 §3.4.2.2): parsed against a schema, matched against a resource.
 *
 * Both sides are pure: a resource is JSON as it would be sent. A store that can answer a part by index asks
 * filter_keys() for it and lets filter_match() decide about those it found.
 */
#ifndef SCIM_FILTER_H
#define SCIM_FILTER_H

#include "scim/path.h"

enum { FILTER_BYTES = 8192, FILTER_DEPTH = 64, FILTER_TERMS = 500 };

struct filter;

/*
 * ERR_FILTER with the column: unknown attribute, operator or value that does not fit the attribute's type
 * (gt on a boolean), syntax, too deep or too long. ERR_TOO_MANY over FILTER_TERMS. Not recursive without
 * bound. A string without quotes is taken as one where it can be nothing else (Entra's old examples).
 * An attribute that is never returned (password) is refused.
 */
enum err filter_parse(struct arena *a, const struct scim_resource *r, const char *text,
                      struct filter **out);

/* The filter of a value path, names relative to `attr`; ends at the closing bracket, *at moves behind it. */
enum err filter_parse_items(struct arena *a, const struct scim_attr *attr, const char *text,
                            size_t *at, struct filter **out);

/*
 * `resource` is a whole resource as rendered; `a` is scratch and is given back. A missing value: ne is true, all
 * else false. Of several values one has to fit, for ne too (RFC 7644 §3.4.2.2): `not (emails eq "x")` asks that
 * none is.
 */
bool filter_match(struct arena *a, const struct filter *f, yyjson_val *resource);

/* One item of a multi-valued attribute; a plain value is addressed as `value`. */
bool filter_match_item(struct arena *a, const struct filter *f, yyjson_val *item);

/*
 * What every match must be equal to: the `eq` terms of the outermost conjunction, for index look-ups. For
 * `emails[type eq "work" and value eq "x"]` and `emails[…].value eq "x"` too. An `or` of such keys on one attribute
 * is not one. Text as written, not folded. Only strings and references.
 */
struct filter_key {
    const struct scim_schema *schema;
    const struct scim_attr *attr, *sub;
    const char *text;
};
size_t filter_keys(struct arena *a, const struct filter *f, struct filter_key **out);

/* Is it one such term and no more? Whoever has that key matches. */
bool filter_is_key(const struct filter *f);

/*
 * For `lastModified` ranges: the outermost conjunction's bounds on meta.lastModified, in ms; INT64_MIN and INT64_MAX
 * if there are none. Both belong to the range, which may be wider than the filter by a second: that is what is shown.
 */
void filter_modified(const struct filter *f, int64_t *from, int64_t *to);

/* Does the filter look at this attribute at all ("members", "groups")? What it does not look at need not be loaded. */
bool filter_uses(const struct filter *f, const char *attribute);

/* The eq-terms of a value filter, for making the item that Entra expects (PAT-14). */
struct filter_term { const struct scim_attr *sub; yyjson_val *value; };
size_t filter_equals(struct arena *a, const struct filter *f, struct filter_term **out);

#endif
