/*
 * scim.h — what the suites of SCIM share: a schema with custom attributes, and JSON that reads well in C.
 *
 * In the texts given to these functions ' stands for ", ENT and EXT for the URNs of the Enterprise User and of
 * our extension, and CORE for that of the core User.
 */
#ifndef TESTS_SUPPORT_SCIM_H
#define TESTS_SUPPORT_SCIM_H

#include "scim/schema.h"

/* With custom.squad (text), custom.size (number) and custom.remote (flag). */
struct scim *scim_for_test(struct arena *a);
struct attrs *scim_attrs_for_test(struct arena *a);     /* the attributes it is made of */

/*
 * A resource type with one of each kind that ours have not: tags (a plain list), badge (immutable), secret
 * (writeOnly, never returned), extra (returned on request), box { serial (immutable), key (always), label (on
 * request), text }, seats (whole number).
 */
extern const struct scim_resource scim_odd;

/* The shorthands written out. */
const char *scim_text(struct arena *a, const char *shorthand);

/* The same, read. Fails the test if it is no JSON. */
yyjson_val *scim_json(struct arena *a, const char *shorthand);

/* An object made to be changed. */
yyjson_mut_val *scim_mutable(yyjson_mut_doc *doc, struct arena *a, const char *shorthand);

/* Both as text when they differ; `id` is what the test calls this case. */
void check_same_json(const char *id, struct arena *a, yyjson_val *is, const char *wanted);
void check_same_made(const char *id, struct arena *a, yyjson_mut_val *is, const char *wanted);

#endif
