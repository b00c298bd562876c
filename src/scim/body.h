/*
 * body.h — what a client sent, made what the schema says: canonical names, types checked, the unknown left out.
 *
 * Tolerant where clients are sloppy and nothing is lost (requirements HTTP-09, RES-08 … RES-12, ENT-06): names in any
 * case, "True" for true, null and [] for absent, one object where a list is meant, an enterprise attribute at
 * the top. Strict where a value would be misunderstood.
 */
#ifndef SCIM_BODY_H
#define SCIM_BODY_H

#include "scim/schema.h"

/* The bytes of a request body: UTF-8, one JSON object, at most `BODY_DEPTH` deep, no key twice. ERR_USAGE (invalidSyntax) says where. Lives in `a`. */
enum { BODY_DEPTH = 32 };
enum err body_read(struct arena *a, const char *text, size_t n, yyjson_val **out);

/* A member by its name without case, the first of them; NULL if there is none. */
yyjson_val *body_field(yyjson_val *object, const char *name);

/* An empty document whose memory is the arena. What is made in it from a body refers to the body's texts. */
yyjson_mut_doc *body_doc(struct arena *a);

/*
 * A resource a client sent (POST, PUT), clean: only known attributes under their own names, extensions under their
 * URN, values of the declared types, readOnly ones dropped, nulls and empty ones dropped, at most one primary.
 * `schemas` is checked (RES-07: missing is tolerated, naming only other types is ERR_INVALID) and left out.
 * ERR_INVALID names the attribute. Required ones are not checked here: see body_required().
 */
enum err body_clean(yyjson_mut_doc *doc, const struct scim_resource *r, yyjson_val *body,
                    yyjson_mut_val **out);

/* One value for `attr` (or its `sub`), cleaned alike: for PATCH. *out NULL: unassigned. */
enum err body_clean_value(yyjson_mut_doc *doc, const struct scim_attr *attr, yyjson_val *value,
                          yyjson_mut_val **out);

/* ERR_INVALID for the first required attribute that is absent or empty. */
enum err body_required(const struct scim_resource *r, yyjson_mut_val *resource);

#endif
