/* scim_error.c — see scim_error.h. scimType only where the table of the RFC allows it: with 400, and 409. */
#include "api/scim_error.h"

void scim_error_put(struct json_out *o, enum err e, int status)
{
    const struct err_row *row = err_row(e);
    char text[8];

    if (!status)
        status = row->http;
    snprintf(text, sizeof text, "%d", status);
    json_open(o, '{');
    json_key(o, "schemas");
    json_open(o, '[');
    json_str(o, "urn:ietf:params:scim:api:messages:2.0:Error");
    json_close(o, ']');
    json_put(o, "status", text);
    if (row->scim && (status == 400 || status == 409))
        json_put(o, "scimType", row->scim);
    json_put(o, "detail", err_text());
    json_close(o, '}');
}
