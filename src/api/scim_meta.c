/* scim_meta.c — discovery (RFC 7644 §4), and the places the standard knows and we do not offer. */
#include "api/scim_serve.h"
#include "base/str.h"

static enum err no_filter(struct call *c)
{
    return call_query(c, "filter")
               ? errf(ERR_FORBIDDEN, "discovery takes no filter; read the whole list (RFC 7644 §4)")
               : OK;
}

/* Readable without a token: it says how to get one. */
static enum err get_config(struct call *c)
{
    struct scim_limits limits = { SCIM_BULK_OPERATIONS, SCIM_BULK_BYTES, SCIM_PAGE_MOST, SCIM_PAGE,
                                  SCIM_CURSOR_SECONDS };

    TRY(no_filter(c));
    c->type = scim_type;
    scim_write_config(&c->reply, &limits, scim_base(c));
    return OK;
}

static enum err get_types(struct call *c)
{
    struct scim_asker s;

    TRY(no_filter(c));
    TRY(scim_asker(c, true, &s));
    scim_write_types(&c->reply, s.space->scim, s.base);
    return OK;
}

static enum err get_one_type(struct call *c)
{
    struct scim_asker s;

    TRY(scim_asker(c, true, &s));
    return scim_write_type(&c->reply, s.space->scim, call_part(c, "name"), s.base);
}

static enum err get_schemas(struct call *c)
{
    struct scim_asker s;

    TRY(no_filter(c));
    TRY(scim_asker(c, true, &s));
    scim_write_schemas(&c->reply, s.space->scim, s.base);
    return OK;
}

static enum err get_one_schema(struct call *c)
{
    struct scim_asker s;

    TRY(scim_asker(c, true, &s));
    return scim_write_schema(&c->reply, s.space->scim, call_part(c, "urn"), s.base);
}

static enum err no_me(struct call *c)
{
    (void)c;
    return errf(ERR_UNSUPPORTED,
                "a SCIM token belongs to a source and not to a person: there is no /Me");
}

#define ME "/scim/v2/Me"

const struct route scim_meta_routes[] = {
    { GET, "/scim/v2/ServiceProviderConfig", 0, LANE_BARE, get_config, 0,
      "What this server can do" },
    { GET, "/scim/v2/ResourceTypes", SCOPE_SCIM, LANE_READ, get_types, 0,
      "The kinds of resources" },
    { GET, "/scim/v2/ResourceTypes/{name}", SCOPE_SCIM, LANE_READ, get_one_type, 0, "One of them" },
    { GET, "/scim/v2/Schemas", SCOPE_SCIM, LANE_READ, get_schemas, 0, "Their attributes" },
    { GET, "/scim/v2/Schemas/{urn}", SCOPE_SCIM, LANE_READ, get_one_schema, 0, "One schema" },
    { GET, ME, SCOPE_SCIM, LANE_READ, no_me, 0, "Not offered: 501" },
    { POST, ME, SCOPE_SCIM, LANE_READ, no_me, SCIM_USER_BYTES, "Not offered: 501" },
    { PUT, ME, SCOPE_SCIM, LANE_READ, no_me, SCIM_USER_BYTES, "Not offered: 501" },
    { PATCH, ME, SCOPE_SCIM, LANE_READ, no_me, SCIM_USER_BYTES, "Not offered: 501" },
    { DELETE, ME, SCOPE_SCIM, LANE_READ, no_me, 0, "Not offered: 501" },
    {},
};
