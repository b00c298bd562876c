/* discovery.c — ServiceProviderConfig, ResourceTypes and Schemas as JSON (RFC 7643 §5–7, RFC 9865 §4). */
#include "scim/schema.h"

#include "base/str.h"
#include "scim/tables.h"

#define CORE "urn:ietf:params:scim:schemas:core:2.0:"
#define LIST "urn:ietf:params:scim:api:messages:2.0:ListResponse"

static const char *const types[] = {
    [SCIM_STRING] = "string",     [SCIM_BOOLEAN] = "boolean",     [SCIM_DECIMAL] = "decimal",
    [SCIM_INTEGER] = "integer",   [SCIM_DATETIME] = "dateTime",   [SCIM_BINARY] = "binary",
    [SCIM_REFERENCE] = "reference", [SCIM_COMPLEX] = "complex",
};
static const char *const mutabilities[] = {
    [SCIM_READ_WRITE] = "readWrite",
    [SCIM_READ_ONLY] = "readOnly",
    [SCIM_IMMUTABLE] = "immutable",
    [SCIM_WRITE_ONLY] = "writeOnly",
};
static const char *const returns[] = {
    [SCIM_DEFAULT] = "default",
    [SCIM_ALWAYS] = "always",
    [SCIM_NEVER] = "never",
    [SCIM_REQUEST] = "request",
};
static const char *const uniques[] = {
    [SCIM_NONE] = "none",
    [SCIM_SERVER] = "server",
    [SCIM_GLOBAL] = "global",
};

static void put_words(struct json_out *j, const char *key, const char *const *words)
{
    if (!words || !*words)
        return;
    json_key(j, key);
    json_open(j, '[');
    for (; *words; words++)
        json_str(j, *words);
    json_close(j, ']');
}

static void put_schema_of(struct json_out *j, const char *urn)
{
    put_words(j, "schemas", (const char *const[]){ urn, NULL });
}

/* `id` NULL: there is only one. */
static void put_meta(struct json_out *j, const char *type, const char *base, const char *path,
                     const char *id)
{
    AUTO_BUF location = {};

    buf_printf(&location, "%s/%s%s%s", base, path, id ? "/" : "", id ? id : "");
    json_key(j, "meta");
    json_open(j, '{');
    json_put(j, "resourceType", type);
    json_put(j, "location", location.at);
    json_close(j, '}');
}

static void open_list(struct json_out *j, int64_t n)
{
    json_open(j, '{');
    put_schema_of(j, LIST);
    json_put_num(j, "totalResults", n);
    json_put_num(j, "startIndex", 1);
    json_put_num(j, "itemsPerPage", n);
    json_key(j, "Resources");
    json_open(j, '[');
}

static void close_list(struct json_out *j)
{
    json_close(j, ']');
    json_close(j, '}');
}

/* ---- ServiceProviderConfig ---- */

/* Opens it, for what is to be said beyond that. */
static void open_offer(struct json_out *j, const char *what, bool supported)
{
    json_key(j, what);
    json_open(j, '{');
    json_put_bool(j, "supported", supported);
}

static void put_offer(struct json_out *j, const char *what, bool supported)
{
    open_offer(j, what, supported);
    json_close(j, '}');
}

static void put_pagination(struct json_out *j, const struct scim_limits *l)
{
    json_key(j, "pagination");
    json_open(j, '{');
    json_put_bool(j, "cursor", true);
    json_put_bool(j, "index", true);
    json_put(j, "defaultPaginationMethod", "index");
    json_put_num(j, "defaultPageSize", l->page);
    json_put_num(j, "maxPageSize", l->results);
    json_put_num(j, "cursorTimeout", l->cursor_seconds);
    json_close(j, '}');
}

static void put_authentication(struct json_out *j)
{
    json_key(j, "authenticationSchemes");
    json_open(j, '[');
    json_open(j, '{');
    json_put(j, "type", "oauthbearertoken");
    json_put(j, "name", "Bearer token");
    json_put(j, "description",
             "The header Authorization: Bearer TOKEN, with a token of the class scim");
    json_put(j, "specUri", "https://www.rfc-editor.org/rfc/rfc6750");
    json_put_bool(j, "primary", true);
    json_close(j, '}');
    json_close(j, ']');
}

void scim_write_config(struct buf *to, const struct scim_limits *l, const char *base)
{
    struct json_out j = { .to = to };

    json_open(&j, '{');
    put_schema_of(&j, CORE "ServiceProviderConfig");
    put_offer(&j, "patch", true);
    open_offer(&j, "bulk", true);
    json_put_num(&j, "maxOperations", l->bulk_operations);
    json_put_num(&j, "maxPayloadSize", l->bulk_bytes);
    json_close(&j, '}');
    open_offer(&j, "filter", true);
    json_put_num(&j, "maxResults", l->results);
    json_close(&j, '}');
    put_offer(&j, "changePassword", false);
    put_offer(&j, "sort", true);
    put_offer(&j, "etag", true);
    put_pagination(&j, l);
    put_authentication(&j);
    put_meta(&j, "ServiceProviderConfig", base, "ServiceProviderConfig", NULL);
    json_close(&j, '}');
}

/* ---- ResourceTypes ---- */

static void put_type(struct json_out *j, const struct scim_resource *r, const char *base)
{
    json_open(j, '{');
    put_schema_of(j, CORE "ResourceType");
    json_put(j, "id", r->name);
    json_put(j, "name", r->name);
    json_put(j, "description", r->description);
    json_put(j, "endpoint", r->endpoint);
    json_put(j, "schema", r->core->id);
    json_key(j, "schemaExtensions");
    json_open(j, '[');
    for (const struct scim_schema *const *x = r->extensions; *x; x++) {
        json_open(j, '{');
        json_put(j, "schema", (*x)->id);
        json_put_bool(j, "required", false);
        json_close(j, '}');
    }
    json_close(j, ']');
    put_meta(j, "ResourceType", base, "ResourceTypes", r->name);
    json_close(j, '}');
}

void scim_write_types(struct buf *to, const struct scim *s, const char *base)
{
    struct json_out j = { .to = to };

    open_list(&j, 2);
    put_type(&j, &s->user, base);
    put_type(&j, &s->group, base);
    close_list(&j);
}

enum err scim_write_type(struct buf *to, const struct scim *s, const char *name, const char *base)
{
    struct json_out j = { .to = to };

    if (str_eq_nocase(name, s->user.name))
        put_type(&j, &s->user, base);
    else if (str_eq_nocase(name, s->group.name))
        put_type(&j, &s->group, base);
    else
        return errf(ERR_NOT_FOUND, "there is no resource type '%s'; there are %s and %s", name,
                    s->user.name, s->group.name);
    return OK;
}

/* ---- Schemas ---- */

/* Deep as the table is, which is two steps. */
static void put_attributes(struct json_out *j, const char *key, const struct scim_attr *a)
{
    json_key(j, key);
    json_open(j, '[');
    for (; a->name; a++) {
        json_open(j, '{');
        json_put(j, "name", a->name);
        json_put(j, "type", types[a->type]);
        json_put_bool(j, "multiValued", a->many);
        json_put(j, "description", a->description);
        json_put_bool(j, "required", a->required);
        json_put_bool(j, "caseExact", a->exact);
        json_put(j, "mutability", mutabilities[a->mutability]);
        json_put(j, "returned", returns[a->returned]);
        json_put(j, "uniqueness", uniques[a->uniqueness]);
        put_words(j, "canonicalValues", a->canonical);
        put_words(j, "referenceTypes", a->references);
        if (a->sub)
            put_attributes(j, "subAttributes", a->sub);
        json_close(j, '}');
    }
    json_close(j, ']');
}

static void put_schema(struct json_out *j, const struct scim_schema *s, const char *base)
{
    json_open(j, '{');
    put_schema_of(j, CORE "Schema");
    json_put(j, "id", s->id);
    json_put(j, "name", s->name);
    json_put(j, "description", s->description);
    put_attributes(j, "attributes", s->attrs);
    put_meta(j, "Schema", base, "Schemas", s->id);
    json_close(j, '}');
}

static void put_schemas_of(struct json_out *j, const struct scim_resource *r, const char *base)
{
    put_schema(j, r->core, base);
    for (const struct scim_schema *const *x = r->extensions; *x; x++)
        put_schema(j, *x, base);
}

static int64_t count_schemas(const struct scim_resource *r)
{
    int64_t n = 1;

    while (r->extensions[n - 1])
        n++;
    return n;
}

/* Those resources have. The schemas of discovery itself are read one by one: in a list of what can be provisioned
 * clients would not know what to do with them. */
void scim_write_schemas(struct buf *to, const struct scim *s, const char *base)
{
    struct json_out j = { .to = to };

    open_list(&j, count_schemas(&s->user) + count_schemas(&s->group));
    put_schemas_of(&j, &s->user, base);
    put_schemas_of(&j, &s->group, base);
    close_list(&j);
}

enum err scim_write_schema(struct buf *to, const struct scim *s, const char *urn, const char *base)
{
    struct json_out j = { .to = to };
    const struct scim_schema *found = scim_schema_find(&s->user, urn, strlen(urn));

    if (!found)
        found = scim_schema_find(&s->group, urn, strlen(urn));
    for (const struct scim_schema *const *x = scim_meta_schemas; !found && *x; x++)
        if (str_eq_nocase((*x)->id, urn))
            found = *x;
    if (!found)
        return errf(ERR_NOT_FOUND, "there is no schema '%s'; /Schemas lists those there are", urn);
    put_schema(&j, found, base);
    return OK;
}
