/*
 * admit.c — who may ask: the scope of a route against the token that came with the request.
 */
#include "api/api.h"
#include "auth/token.h"
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
               : errf(ERR_NOT_FOUND, "there is no workspace '%s' for this token", c->workspace_name);
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
