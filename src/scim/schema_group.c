/* schema_group.c — the Group of RFC 7643 §4.2, what every resource has (§3.1), and the schemas of discovery (§5–7). */
#include "scim/tables.h"

static const struct scim_attr meta_parts[] = {
    ROW("resourceType", STRING, "The name of the resource type", .exact = true,
        .mutability = SCIM_READ_ONLY),
    ROW("created", DATETIME, "When the resource was made", .mutability = SCIM_READ_ONLY),
    ROW("lastModified", DATETIME, "When the resource was changed last",
        .mutability = SCIM_READ_ONLY),
    ROW("location", REFERENCE, "Where the resource is", .exact = true, .mutability = SCIM_READ_ONLY,
        .references = WORDS("uri")),
    ROW("version", STRING, "The version of the resource: its ETag", .exact = true,
        .mutability = SCIM_READ_ONLY),
    {},
};

const struct scim_attr scim_common[] = {
    ROW("id", STRING, "The id of the resource, given by us", .exact = true,
        .mutability = SCIM_READ_ONLY, .returned = SCIM_ALWAYS, .uniqueness = SCIM_SERVER),
    ROW("externalId", STRING, "The id the client gave the resource", .exact = true,
        .uniqueness = SCIM_SERVER),
    ROW("schemas", REFERENCE, "The URNs of the schemas the resource has values of", .many = true,
        .mutability = SCIM_READ_ONLY, .returned = SCIM_ALWAYS, .references = WORDS("uri")),
    ROW("meta", COMPLEX, "What is known about the resource itself", .mutability = SCIM_READ_ONLY,
        .sub = meta_parts),
    {},
};

static const struct scim_attr member_parts[] = {
    ROW("value", STRING, "The id of the member", .exact = true, .mutability = SCIM_IMMUTABLE),
    ROW("$ref", REFERENCE, "Where the member is", .exact = true, .mutability = SCIM_IMMUTABLE,
        .references = WORDS("User")),
    ROW("type", STRING, "What the member is", .mutability = SCIM_IMMUTABLE,
        .canonical = WORDS("User")),
    ROW("display", STRING, "The name of the member", .mutability = SCIM_READ_ONLY),
    {},
};

static const struct scim_attr group_attrs[] = {
    ROW("displayName", STRING, "The name of the group", .required = true,
        .uniqueness = SCIM_SERVER),
    ROW("members", COMPLEX, "The people in the group", .many = true, .sub = member_parts),
    {},
};

const struct scim_schema scim_core_group = { SCIM_GROUP, "Group", "A team", group_attrs };

/* ---- discovery ---- */

#define READ .mutability = SCIM_READ_ONLY
#define SUPPORTED ROW("supported", BOOLEAN, "Whether it is offered", .required = true, READ)

static const struct scim_attr offer_parts[] = { SUPPORTED, {} };

static const struct scim_attr bulk_parts[] = {
    SUPPORTED,
    ROW("maxOperations", INTEGER, "The most operations of one request", .required = true, READ),
    ROW("maxPayloadSize", INTEGER, "The most bytes of one request", .required = true, READ),
    {},
};

static const struct scim_attr filter_parts[] = {
    SUPPORTED,
    ROW("maxResults", INTEGER, "The most resources of one answer", .required = true, READ),
    {},
};

static const struct scim_attr pagination_parts[] = {
    ROW("cursor", BOOLEAN, "Whether pages are offered by cursor", .required = true, READ),
    ROW("index", BOOLEAN, "Whether pages are offered by index", .required = true, READ),
    ROW("defaultPaginationMethod", STRING, "How pages are made if nothing is asked for", READ,
        .canonical = WORDS("cursor", "index")),
    ROW("defaultPageSize", INTEGER, "The resources of a page if nothing is asked for", READ),
    ROW("maxPageSize", INTEGER, "The most resources of a page", READ),
    ROW("cursorTimeout", INTEGER, "How many seconds a cursor can be used", READ),
    {},
};

static const struct scim_attr authentication_parts[] = {
    ROW("type", STRING, "The kind of authentication", .required = true, READ,
        .canonical = WORDS("oauth", "oauth2", "oauthbearertoken", "httpbasic", "httpdigest")),
    ROW("name", STRING, "What it is called", .required = true, READ),
    ROW("description", STRING, "How it works", .required = true, READ),
    ROW("specUri", REFERENCE, "Where it is specified", .exact = true, READ,
        .references = WORDS("external")),
    ROW("documentationUri", REFERENCE, "Where it is described", .exact = true, READ,
        .references = WORDS("external")),
    ROW("primary", BOOLEAN, "Whether this is the preferred one", READ),
    {},
};

#define OFFER(name, text) ROW(name, COMPLEX, text, .required = true, .sub = offer_parts, READ)

static const struct scim_attr config_attrs[] = {
    ROW("documentationUri", REFERENCE, "Where this service is described", .exact = true, READ,
        .references = WORDS("external")),
    OFFER("patch", "Changing parts of a resource"),
    ROW("bulk", COMPLEX, "Several changes in one request", .required = true, READ,
        .sub = bulk_parts),
    ROW("filter", COMPLEX, "Finding resources by their values", .required = true, READ,
        .sub = filter_parts),
    OFFER("changePassword", "Changing passwords"),
    OFFER("sort", "Answers in a wanted order"),
    OFFER("etag", "Versions of resources"),
    ROW("pagination", COMPLEX, "Answers in pages", READ, .sub = pagination_parts),
    ROW("authenticationSchemes", COMPLEX, "How clients say who they are", .many = true,
        .required = true, READ, .sub = authentication_parts),
    {},
};

static const struct scim_attr extension_parts[] = {
    ROW("schema", REFERENCE, "The URN of the extension", .required = true, .exact = true, READ,
        .references = WORDS("uri")),
    ROW("required", BOOLEAN, "Whether a resource must have it", .required = true, READ),
    {},
};

static const struct scim_attr type_attrs[] = {
    ROW("name", STRING, "The name of the resource type", .required = true, READ),
    ROW("description", STRING, "What it is", READ),
    ROW("endpoint", REFERENCE, "Its path below the base", .required = true, .exact = true, READ,
        .references = WORDS("uri")),
    ROW("schema", REFERENCE, "The URN of its schema", .required = true, .exact = true, READ,
        .references = WORDS("uri")),
    ROW("schemaExtensions", COMPLEX, "Its extensions", .many = true, READ, .sub = extension_parts),
    {},
};

/* RFC 7643 §7: what an attribute and a sub-attribute have in common. */
#define CHARACTERISTICS                                                                            \
    ROW("name", STRING, "The name of the attribute", .required = true, .exact = true, READ),       \
        ROW("type", STRING, "The type of its values", .required = true, READ,                      \
            .canonical = WORDS("string", "boolean", "decimal", "integer", "dateTime", "binary",    \
                               "reference", "complex")),                                           \
        ROW("multiValued", BOOLEAN, "Whether it has several values", .required = true, READ),      \
        ROW("description", STRING, "What it means", READ),                                         \
        ROW("required", BOOLEAN, "Whether a resource must have it", READ),                         \
        ROW("canonicalValues", STRING, "Values that are suggested", .many = true, .exact = true,   \
            READ),                                                                                 \
        ROW("caseExact", BOOLEAN, "Whether values are compared with case", READ),                  \
        ROW("mutability", STRING, "Who may change it", READ,                                       \
            .canonical = WORDS("readOnly", "readWrite", "immutable", "writeOnly")),                \
        ROW("returned", STRING, "When it is part of an answer", READ,                              \
            .canonical = WORDS("always", "never", "default", "request")),                          \
        ROW("uniqueness", STRING, "Among what a value is unique", READ,                            \
            .canonical = WORDS("none", "server", "global")),                                       \
        ROW("referenceTypes", STRING, "What a reference may point at", .many = true,               \
            .exact = true, READ)

static const struct scim_attr sub_parts[] = { CHARACTERISTICS, {} };

static const struct scim_attr attribute_parts[] = {
    CHARACTERISTICS,
    ROW("subAttributes", COMPLEX, "The parts of a complex one", .many = true, READ,
        .sub = sub_parts),
    {},
};

static const struct scim_attr schema_attrs[] = {
    ROW("name", STRING, "The name of the schema", .required = true, READ),
    ROW("description", STRING, "What it describes", READ),
    ROW("attributes", COMPLEX, "Its attributes", .many = true, .required = true, READ,
        .sub = attribute_parts),
    {},
};

#define CORE "urn:ietf:params:scim:schemas:core:2.0:"

static const struct scim_schema meta_schemas[] = {
    { CORE "ServiceProviderConfig", "ServiceProviderConfig", "What this service offers",
      config_attrs },
    { CORE "ResourceType", "ResourceType", "A kind of resources", type_attrs },
    { CORE "Schema", "Schema", "What resources consist of", schema_attrs },
};

const struct scim_schema *const scim_meta_schemas[] = { &meta_schemas[0], &meta_schemas[1],
                                                        &meta_schemas[2], NULL };
