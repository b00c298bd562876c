/*
 * admit.c — before and after the handlers: who may ask, how an error is told, what is remembered of it.
 */
#include "api/api.h"
#include "api/scim_error.h"
#include "api/scim_log.h"
#include "api/scim_serve.h"
#include "auth/token.h"
#include "base/id.h"
#include "base/str.h"
#include "http/server_sql.h"

/* The token is the workspace; an address that names another one names nothing. */
static enum err check_workspace(struct call *c, int64_t workspace)
{
    if (!c->workspace_name)
        return OK;
    TRY(server_workspace(c->work, c->workspace_name));
    return c->work->workspace == workspace
               ? OK
               : errf(ERR_NOT_FOUND, "there is no workspace '%s' for this token",
                      c->workspace_name);
}

static enum err admit_scim(struct call *c)
{
    struct token *token = NEW(c->work->mem, struct token);
    struct actor *actor = NEW(c->work->mem, struct actor);
    const char *header = call_header(c, "Authorization");

    if (*c->raw_query && call_query(c, "access_token"))
        return errf(ERR_USAGE, "a token in an address ends up in logs; send it as \"Authorization: "
                               "Bearer …\", and revoke this one");
    enum err e = token_check(c->work, header, token);
    if (e == ERR_DENIED && header) {
        struct err_saved words = err_save();
        TRY(throttle_failed(call_address(c), c->work->now));
        err_restore(&words);
    }
    TRY(e);
    TRY(token_is(token, TOKEN_SCIM));
    TRY(check_workspace(c, token->workspace));
    if (token->paused)                          /* 503: the client keeps what it has to say, and asks again */
        return errf(ERR_BUSY,
                    "this source is paused by an admin; `muster source resume` lets it in again");
    *actor = (struct actor){ "scim", token->name };
    c->work->workspace = token->workspace;
    c->work->actor = actor;
    c->principal = token;
    return OK;
}

enum err api_admit(struct call *c, const struct route *r)
{
    return r && r->scope == SCOPE_SCIM ? admit_scim(c) : OK;
}

/* Also when its address cannot be read. */
static bool is_scim(const struct call *c)
{
    const char *path = c->path ? c->path : c->target ? c->target : "";

    return str_starts(path, "/scim/") || str_eq(path, "/scim") ||
           (!c->path && str_starts(path, "/w/") && strstr(path, "/scim/"));
}

void api_tell(struct call *c, enum err e)
{
    struct json_out o = { .to = &c->reply };

    if (!is_scim(c)) {
        server_problem(c, e);
        return;
    }
    c->type = "application/scim+json";
    c->note = arena_text(c->work->mem, err_text());
    scim_error_put(&o, e, c->status);
}

void api_finished(struct call *c, int64_t us)
{
    static const char *const methods[] = {
        [GET] = "GET", [POST] = "POST", [PUT] = "PUT", [PATCH] = "PATCH", [DELETE] = "DELETE"
    };
    const struct api *api = c->context;
    const struct token *token = c->principal;
    int64_t id = 0;

    if (!token || !is_scim(c))
        return;
    if (c->method == POST && c->status == 201)
        scim_counts_changed(token->workspace, token->source, str_starts(c->path, "/scim/v2/Users"),
                            1);
    else if (c->method == DELETE || (c->method == POST && str_ends(c->path, "/Bulk")))
        scim_counts_changed(token->workspace, token->source, false, 0);
    if (!api->scim_log || !id_read(c->id, &id))
        return;
    struct scim_line line = {
        .id = id,
        .at = c->work->now,
        .us = us,
        .workspace = token->workspace,
        .source = token->source,
        .token = token->id,
        .token_name = token->name,
        .method = methods[c->method],
        .path =
            *c->raw_query ? arena_printf(c->work->mem, "%s?%s", c->path, c->raw_query) : c->path,
        .address = call_address(c),
        .agent = call_header(c, "User-Agent"),
        .detail = c->note,
        .status = c->status,
        .in = c->body_size,
        .out = c->sent,
    };
    scim_log_add(api->scim_log, &line, c->body, c->body_size);
}
