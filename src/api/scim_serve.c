/* scim_serve.c — who asks, what came, and how errors are told: the edges all handlers of /scim/v2 share. */
#include <stdio.h>

#include "api/scim_serve.h"
#include "base/id.h"
#include "base/str.h"

const char scim_type[] = "application/scim+json";

/* The origin, without slashes at its end, and the path before "/Users". */
const char *scim_base(struct call *c)
{
    const struct api *api = c->context;
    const char *host = call_header(c, "Host"), *name = c->workspace_name;
    const char *parts[] = { api && api->public_url ? "" : "http://",
                            api && api->public_url ? api->public_url
                            : host                 ? host
                                                   : "localhost",
                            name ? "/w/" : "", name ? name : "", "/scim/v2" };
    size_t n[COUNT(parts)], all = 0;

    for (size_t i = 0; i < COUNT(parts); i++) {
        n[i] = strlen(parts[i]);
        while (i == 1 && n[i] && parts[i][n[i] - 1] == '/')
            n[i]--;
        all += n[i];
    }
    char *base = arena_alloc(c->work->mem, all + 1), *to = base;
    for (size_t i = 0; i < COUNT(parts); i++) {
        memcpy(to, parts[i], n[i]);
        to += n[i];
    }
    return base;
}

enum err scim_asker(struct call *c, bool at_once, struct scim_asker *out)
{
    const struct token *token = c->principal;

    *out = (struct scim_asker){ .w = c->work, .base = scim_base(c) };
    if (token) {
        out->source = token->source;
        out->token = token->id;
        out->token_name = token->name;
    }
    c->type = scim_type;
    return scim_space_get(c->work, at_once, &out->space);
}

/* Both media types, with or without parameters (RFC 7644 §3.8). */
static bool is_json(const char *type)
{
    static const char *const known[] = { "application/scim+json", "application/json" };

    for (size_t i = 0; i < COUNT(known); i++) {
        size_t n = strlen(known[i]);
        if (strlen(type) >= n && strncasecmp(type, known[i], n) == 0 &&
            (type[n] == '\0' || type[n] == ';' || type[n] == ' '))
            return true;
    }
    return false;
}

enum err scim_body(struct call *c, yyjson_val **out)
{
    const char *type = call_header(c, "Content-Type");

    if (type && !is_json(type))
        return errf(
            ERR_MEDIA,
            "the body is of type '%.80s'; application/scim+json and application/json are read",
            type);
    return body_read(c->work->mem, c->body, c->body_size, out);
}

enum err scim_id(const char *text, const char *what, int64_t *out)
{
    return id_read(text, out) ? OK
                              : errf(ERR_NOT_FOUND, "there is no %s with the id %.80s", what, text);
}

void scim_reply_headers(struct call *c, const struct scim_asker *s, const struct scim_op *op)
{
    struct arena *a = c->work->mem;

    c->status = op->status;
    if (op->version)
        call_header_add(c, "ETag", scim_etag(a, op->version));
    if (op->method == POST)
        call_header_add(c, "Location",
                        arena_printf(a, "%s/%s/%s", s->base,
                                     op->kind == SCIM_USERS ? "Users" : "Groups",
                                     id_text(op->made)));
}
