/* scim_replay.c — see scim.h: the transaction is carried out as it would be, and then given up. */
#include "api/scim.h"

#include "api/scim_error.h"
#include "api/scim_serve.h"
#include "base/str.h"

struct trial {
    struct scim_asker asker;
    struct scim_op op;
    struct buf *answer;
    bool through;                   /* it went well: the error that ends the transaction is ours */
};

static bool is_of(const char *rest, const char *kind)
{
    return str_starts(rest, kind) && strchr("/", rest[strlen(kind)]);
}

static enum err read_target(struct trial *t, const struct scim_request *r)
{
    static const struct {
        const char *name;
        enum method method;
    } methods[] = { { "POST", POST }, { "PUT", PUT }, { "PATCH", PATCH }, { "DELETE", DELETE } };
    static const char base[] = "/scim/v2/";
    const char *rest = str_starts(r->path, base) ? r->path + strlen(base) : "", *id;
    bool known = false;

    for (size_t i = 0; i < COUNT(methods); i++)
        if (str_eq(r->method, methods[i].name)) {
            t->op.method = methods[i].method;
            known = true;
        }
    bool users = is_of(rest, "Users"), groups = is_of(rest, "Groups");
    id = strchr(rest, '/');
    if (!known || (!users && !groups) || (t->op.method == POST) != !id || (id && id[1] == '.'))
        return errf(ERR_UNSUPPORTED,
                    "%s %s is no write of one user or group; only those can be tried again",
                    r->method, r->path);
    t->op.kind = users ? SCIM_USERS : SCIM_GROUPS;
    return id ? scim_id(id + 1, users ? "user" : "group", &t->op.id) : OK;
}

static enum err try_it(struct work *w, void *arg)
{
    struct trial *t = arg;

    (void)w;
    buf_clear(t->answer);
    TRY(scim_op_run(&t->asker, &t->op, t->answer));
    t->through = true;
    return errf(ERR_STOPPED, "this was a trial; nothing was kept");
}

static enum err carry_out(struct trial *t, const struct scim_request *r)
{
    TRY(read_target(t, r));
    if (t->op.method == DELETE && t->op.kind == SCIM_GROUPS)
        return errf(ERR_UNSUPPORTED, "taking a group away is done in steps and cannot be tried");
    if (t->op.method != DELETE)
        TRY(body_read(t->asker.w->mem, r->body, r->body_size, &t->op.body));
    TRY(scim_op_prepare(&t->asker, &t->op));
    return store_write(t->asker.w, try_it, t);
}

enum err scim_dry_run(struct work *w, const struct scim_request *r, struct buf *answer, int *status)
{
    struct trial t = {
        .asker = { .w = w, .source = r->source, .token_name = "replay", .base = "/scim/v2" },
        .answer = answer,
    };
    struct json_out o = { .to = answer };

    TRY(scim_space_get(w, true, &t.asker.space));
    enum err e = carry_out(&t, r);
    if (t.through) {
        *status = t.op.status;
        return OK;
    }
    if (e == ERR_UNSUPPORTED || err_row(e)->http >= 500)
        return e;
    buf_clear(answer);
    scim_error_put(&o, e, 0);
    *status = err_row(e)->http;
    return OK;
}
