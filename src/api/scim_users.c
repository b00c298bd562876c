/*
 * scim_users.c — /scim/v2/Users and /scim/v2/Groups: a read is answered at once; a write is read and checked on
 * the connection's thread and carried out by the writer.
 */
#include "api/scim_serve.h"
#include "base/str.h"

/* A write on its way through the steps. */
struct writing {
    struct scim_asker asker;
    struct scim_op op;
};

static enum err read_projection(struct call *c, const struct scim_asker *s, enum scim_kind kind,
                                struct projection **out, bool *asked)
{
    const struct scim_resource *r =
        kind == SCIM_USERS ? &s->space->scim->user : &s->space->scim->group;
    const char *attributes = call_query_list(c, "attributes");

    *asked = attributes != NULL;
    return projection_parse(c->work->mem, r, attributes, call_query_list(c, "excludedAttributes"),
                            out);
}

/* True: the client has this version already. */
static bool not_modified(struct call *c, int64_t version)
{
    const char *have = call_header(c, "If-None-Match");

    call_header_add(c, "ETag", scim_etag(c->work->mem, version));
    if (!have || !scim_etag_matches(have, version))
        return false;
    c->status = 304;
    return true;
}

static enum err get_user(struct call *c)
{
    struct projection *want;
    struct scim_asker s;
    struct user_view v;
    int64_t id;
    bool asked;

    TRY(scim_asker(c, false, &s));
    TRY(read_projection(c, &s, SCIM_USERS, &want, &asked));
    TRY(scim_id(call_part(c, "id"), "user", &id));
    TRY(scim_user_load(&s, id, &v));
    return not_modified(c, v.version) ? OK : scim_user_put(&s, &v, want, &c->reply);
}

/* A long list of members is read out of the way of the short look-ups. */
static enum err put_group_later(struct call *c)
{
    struct writing *g = c->state;
    struct group group;

    TRY(group_load(c->work, g->asker.source, g->op.id, &group));
    call_header_add(c, "ETag", scim_etag(c->work->mem, group.version));
    c->type = scim_type;
    return scim_group_put(&g->asker, &group, g->op.want, &c->reply);
}

static enum err get_group(struct call *c)
{
    struct writing *g = NEW(c->work->mem, struct writing);
    struct projection *want;
    struct group group;
    size_t size = 0;
    bool asked;

    TRY(scim_asker(c, false, &g->asker));
    TRY(read_projection(c, &g->asker, SCIM_GROUPS, &want, &asked));
    TRY(scim_id(call_part(c, "id"), "group", &g->op.id));
    TRY(group_load(c->work, g->asker.source, g->op.id, &group));
    if (projection_wants(want, "members"))
        TRY(group_size(c->work, &group, SCIM_PAGE_MOST, &size));
    if (not_modified(c, group.version))
        return OK;
    if (size < SCIM_PAGE_MOST)
        return scim_group_put(&g->asker, &group, want, &c->reply);
    g->op.want = want;
    c->state = g;
    call_then(c, LANE_SCAN, put_group_later);
    return OK;
}

static enum err carry_out(struct call *c)
{
    struct writing *w = c->state;

    c->type = scim_type;
    TRY(scim_op_run(&w->asker, &w->op, &c->reply));
    c->note = w->op.note;
    scim_reply_headers(c, &w->asker, &w->op);
    return OK;
}

static enum err drop_group(struct call *c)
{
    struct writing *w = c->state;

    TRY(scim_group_drop(&w->asker, &w->op));
    c->status = w->op.status;
    return OK;
}

static enum err write_one(struct call *c, enum scim_kind kind)
{
    struct writing *w = NEW(c->work->mem, struct writing);
    struct scim_op *op = &w->op;
    struct projection *want;

    TRY(scim_asker(c, false, &w->asker));
    op->method = c->method;
    op->kind = kind;
    if (op->method != POST) {
        TRY(scim_id(call_part(c, "id"), kind == SCIM_USERS ? "user" : "group", &op->id));
        op->if_match = call_header(c, "If-Match");
    }
    if (op->method != DELETE) {
        TRY(read_projection(c, &w->asker, kind, &want, &op->asked));
        op->want = want;
        TRY(scim_body(c, &op->body));
        TRY(scim_op_prepare(&w->asker, op));
    }
    c->state = w;
    if (kind == SCIM_GROUPS && op->method == DELETE)
        call_then(c, LANE_SCAN, drop_group);
    else
        call_then(c, LANE_WRITE, carry_out);
    return OK;
}

static enum err write_user(struct call *c)
{
    return write_one(c, SCIM_USERS);
}

static enum err write_group(struct call *c)
{
    return write_one(c, SCIM_GROUPS);
}

/* ---- queries ---- */

struct asking {
    struct scim_asker asker;
    struct scim_query query;
    bool users, groups;
};

static enum err answer_query(struct call *c)
{
    struct asking *q = c->state;

    c->type = scim_type;
    return scim_query_run(&q->asker, &q->query, q->users, q->groups, &c->reply);
}

static enum err query(struct call *c, bool users, bool groups)
{
    struct asking *q = NEW(c->work->mem, struct asking);
    yyjson_val *body;

    TRY(scim_asker(c, false, &q->asker));
    q->users = users;
    q->groups = groups;
    if (c->method == POST) {
        TRY(scim_body(c, &body));
        TRY(scim_query_body(c->work->mem, body, &q->query));
    } else {
        TRY(scim_query_read(c, &q->query));
    }
    c->state = q;
    if (scim_query_is_quick(&q->asker, &q->query, users, groups))
        return answer_query(c);
    call_then(c, LANE_SCAN, answer_query);
    return OK;
}

static enum err query_users(struct call *c)
{
    return query(c, true, false);
}

static enum err query_groups(struct call *c)
{
    return query(c, false, true);
}

static enum err query_all(struct call *c)
{
    return query(c, true, true);
}

#define USERS "/scim/v2/Users"
#define GROUPS "/scim/v2/Groups"

const struct route scim_user_routes[] = {
    { GET, USERS "/{id}", SCOPE_SCIM, LANE_READ, get_user, 0, "One user" },
    { GET, USERS, SCOPE_SCIM, LANE_READ, query_users, 0, "List or search users" },
    { POST, USERS "/.search", SCOPE_SCIM, LANE_READ, query_users, SCIM_SEARCH_BYTES,
      "Search users with the filter in the body" },
    { POST, USERS, SCOPE_SCIM, LANE_READ, write_user, SCIM_USER_BYTES, "Add a user" },
    { PUT, USERS "/{id}", SCOPE_SCIM, LANE_READ, write_user, SCIM_USER_BYTES, "Replace a user" },
    { PATCH, USERS "/{id}", SCOPE_SCIM, LANE_READ, write_user, SCIM_USER_BYTES,
      "Change parts of a user" },
    { DELETE, USERS "/{id}", SCOPE_SCIM, LANE_READ, write_user, 0,
      "Take a user away: deactivated, and hidden from this source" },
    {},
};

const struct route scim_group_routes[] = {
    { GET, GROUPS "/{id}", SCOPE_SCIM, LANE_READ, get_group, 0, "One group" },
    { GET, GROUPS, SCOPE_SCIM, LANE_READ, query_groups, 0, "List or search groups" },
    { POST, GROUPS "/.search", SCOPE_SCIM, LANE_READ, query_groups, SCIM_SEARCH_BYTES,
      "Search groups with the filter in the body" },
    { POST, GROUPS, SCOPE_SCIM, LANE_READ, write_group, SCIM_GROUP_BYTES, "Add a group" },
    { PUT, GROUPS "/{id}", SCOPE_SCIM, LANE_READ, write_group, SCIM_GROUP_BYTES,
      "Replace a group and its members" },
    { PATCH, GROUPS "/{id}", SCOPE_SCIM, LANE_READ, write_group, SCIM_GROUP_BYTES,
      "Rename a group, add or remove members" },
    { DELETE, GROUPS "/{id}", SCOPE_SCIM, LANE_READ, write_group, 0,
      "Take a group away; its members stay" },
    { GET, "/scim/v2", SCOPE_SCIM, LANE_READ, query_all, 0, "Search users and groups" },
    { POST, "/scim/v2/.search", SCOPE_SCIM, LANE_READ, query_all, SCIM_SEARCH_BYTES,
      "Search users and groups with the filter in the body" },
    {},
};
