/*
 * scim_write.c — one POST, PUT, PATCH or DELETE of a user or group: read, changed in memory, handed to the
 * directory as what the source says, and shown as it is then.
 */
#include "api/scim_serve.h"
#include "base/id.h"
#include "base/str.h"
#include "base/table.h"
#include "scim/items.h"
#include "sync/inbound.h"

static const char *const verbs[] = {
    [POST] = "POST", [PUT] = "PUT", [PATCH] = "PATCH", [DELETE] = "DELETE"
};

enum { DROP_SLICE = 500 };

static const struct scim_resource *type_of(const struct scim_asker *s, enum scim_kind kind)
{
    return kind == SCIM_USERS ? &s->space->scim->user : &s->space->scim->group;
}

enum err scim_op_prepare(const struct scim_asker *s, struct scim_op *op)
{
    if (op->method == DELETE)
        return OK;
    op->doc = body_doc(s->w->mem);
    if (op->method == PATCH)
        return OK;
    TRY(body_clean(op->doc, type_of(s, op->kind), op->body, &op->clean));
    return body_required(type_of(s, op->kind), op->clean);
}

bool scim_etag_matches(const char *header, int64_t version)
{
    char tag[32];
    size_t n = (size_t)snprintf(tag, sizeof tag, "\"%lld\"", (long long)version);

    for (const char *at = header; at && *at;) {
        at += strspn(at, " \t,");
        if (*at == '*')
            return true;
        if (str_starts(at, "W/"))
            at += 2;
        if (strncmp(at, tag, n) == 0)
            return true;
        at += strcspn(at, ",");
    }
    return false;
}

static enum err check_match(const struct scim_op *op, const char *what, int64_t version)
{
    if (!op->if_match || scim_etag_matches(op->if_match, version))
        return OK;
    return errf(ERR_STALE,
                "this %s has changed since: its version is W/\"%lld\" now; read it again", what,
                (long long)version);
}

static const char *reason_of(const struct scim_asker *s, const struct scim_op *op)
{
    return arena_printf(s->w->mem, "%s with token %s", verbs[op->method], s->token_name);
}

/* ---- users ---- */

/*
 * Other sources and admins may have written what no client could. What cannot be read as a client's is left out,
 * before and after alike: so it stays as it is, and everything else can be changed.
 */
static enum err clean_parts(const struct scim_asker *s, struct scim_op *op, yyjson_val *root,
                            yyjson_mut_val **out)
{
    yyjson_val *key, *val, *alone;
    yyjson_mut_val *clean;
    size_t i, n;

    *out = yyjson_mut_obj(op->doc);
    yyjson_obj_foreach(root, i, n, key, val) {
        AUTO_BUF text = {};
        struct json_out o = { .to = &text };
        json_open(&o, '{');
        json_key(&o, yyjson_get_str(key));
        json_val(&o, val);
        json_close(&o, '}');
        TRY(json_read_in(s->w->mem, text.at, text.n, &alone));
        if (body_clean(op->doc, &s->space->scim->user, alone, &clean) != OK)
            continue;
        yyjson_mut_val *name, *value;
        size_t k, m;
        yyjson_mut_obj_foreach(clean, k, m, name, value)
            item_put(op->doc, *out, yyjson_mut_get_str(name),
                     yyjson_mut_val_mut_copy(op->doc, value));
    }
    return OK;
}

/* As the client would get it, made clean again: what it can change. */
static enum err user_now(const struct scim_asker *s, struct scim_op *op, const struct user_view *v,
                         yyjson_mut_val **out)
{
    AUTO_BUF text = {};
    yyjson_val *root;

    user_write(s->w->mem, &text, s->space->shape, v, s->base);
    TRY(json_read_in(s->w->mem, text.at, text.n, &root));
    return body_clean(op->doc, &s->space->scim->user, root, out) == OK
               ? OK
               : clean_parts(s, op, root, out);
}

static enum err patch_user(const struct scim_asker *s, struct scim_op *op,
                           const struct user_view *v, struct inbound *in)
{
    yyjson_mut_val *before, *after;
    struct patch_named named = {};
    struct value *says;

    TRY(user_now(s, op, v, &before));
    after = yyjson_mut_val_mut_copy(op->doc, before);
    if (!after)
        die_of_memory(0);
    TRY(patch_apply(s->w->mem, op->doc, &s->space->scim->user, after, op->body, &named));
    TRY(body_required(&s->space->scim->user, after));
    TRY(user_read_change(s->w->mem, s->space->shape, before, after, &named, &says, &in->n));
    in->says = says;
    return OK;
}

static enum err show_user(const struct scim_asker *s, struct scim_op *op, int64_t id,
                          struct buf *reply)
{
    struct user_view v;

    TRY(scim_user_load(s, id, &v));
    op->made = id;
    op->version = v.version;
    return scim_user_put(s, &v, op->want, reply);
}

static enum err run_user(const struct scim_asker *s, struct scim_op *op, struct buf *reply)
{
    struct inbound in = { .source = s->source,
                          .attrs = s->space->attrs,
                          .whole = op->method != PATCH,
                          .reason = reason_of(s, op) };
    struct user_view v;
    struct value *says = NULL;

    if (op->method != POST) {
        TRY(scim_user_load(s, op->id, &v));
        TRY(check_match(op, "user", v.version));
        in.person = op->id;
    } else {
        in.fresh = op->id;
    }
    op->made = op->id;
    if (op->method == DELETE) {
        op->status = 204;
        return inbound_delete(s->w, &in);
    }
    if (op->method == PATCH) {
        TRY(patch_user(s, op, &v, &in));
    } else {
        TRY(user_read(s->w->mem, s->space->shape, op->clean, &says, &in.n));
        in.says = says;
    }
    TRY(inbound_person(s->w, &in));
    op->note = in.note;
    op->status = op->method == POST ? 201 : 200;
    return show_user(s, op, in.id, reply);
}

/* ---- groups ---- */

/* Who joins and who leaves, after all steps: the last word on somebody counts. */
struct members {
    struct table said;              /* person → JOINS or LEAVES */
    bool replaces;
    size_t skipped;                 /* what is no id of ours */
};
enum { JOINS = 1, LEAVES = 2 };

static void say(struct members *m, int64_t person, int64_t what)
{
    bool fresh;

    *table_put(&m->said, (uint64_t)person, what, &fresh) = what;
}

static void say_all(struct members *m, const char *const *ids, size_t n, int64_t what)
{
    int64_t id;

    for (size_t i = 0; i < n; i++) {
        if (id_read(ids[i], &id) && id)
            say(m, id, what);
        else
            m->skipped++;
    }
}

static yyjson_val *member_json(const struct scim_asker *s, const struct group_member *one)
{
    AUTO_BUF text = {};
    struct json_out o = { .to = &text };
    struct user_ref ref = { one->person, one->shown };
    yyjson_val *root;

    json_open(&o, '{');
    group_write_member(&o, &ref, true, s->base);
    group_write_end(&o, true);
    if (json_read_in(s->w->mem, text.at, text.n, &root) != OK)
        return NULL;
    return yyjson_arr_get_first(yyjson_obj_get(root, "members"));
}

/* Members whom a filter of another kind than `value eq` names: all have to be looked at. */
static enum err say_matching(const struct scim_asker *s, struct members *m, const struct group *g,
                             const struct filter *filter)
{
    enum { PAGE = 500 };
    struct group_member *page;
    int64_t after = 0;
    size_t n;

    do {
        TRY(group_members(s->w, g, after, PAGE, &page, &n));
        for (size_t i = 0; i < n; i++) {
            yyjson_val *one = member_json(s, &page[i]);
            if (one && filter_match_item(s->w->mem, filter, one))
                say(m, page[i].person, LEAVES);
        }
        after = n ? page[n - 1].person : after;
    } while (n == PAGE);
    return OK;
}

static enum err take_steps(const struct scim_asker *s, struct members *m, const struct group *g,
                           const struct group_patch *p)
{
    for (size_t i = 0; i < p->n; i++) {
        const struct member_step *step = &p->steps[i];
        switch (step->kind) {
        case MEMBERS_CLEAR:
            table_free(&m->said);
            m->said = (struct table){};
            m->replaces = true;
            break;
        case MEMBERS_ADD:
            say_all(m, step->ids, step->n, JOINS);
            break;
        case MEMBERS_REMOVE:
            say_all(m, step->ids, step->n, LEAVES);
            break;
        case MEMBERS_FILTER:
            TRY(say_matching(s, m, g, step->filter));
            break;
        }
    }
    return OK;
}

static void give_members(struct arena *a, const struct members *m, struct inbound_group *in)
{
    int64_t *add = NEW_ARRAY(a, int64_t, m->said.n + 1),
            *remove = NEW_ARRAY(a, int64_t, m->said.n + 1);

    for (size_t i = 0; i < m->said.cap; i++) {
        const struct table_slot *slot = &m->said.slots[i];
        if (slot->key && slot->value == JOINS)
            add[in->nadd++] = (int64_t)slot->key;
        else if (slot->key && !m->replaces)
            remove[in->nremove++] = (int64_t)slot->key;
    }
    in->add = add;
    in->remove = remove;
    in->replaces = m->replaces;
}

static enum err group_now(const struct scim_asker *s, struct scim_op *op, const struct group *g,
                          yyjson_mut_val **out)
{
    struct group_view v = {
        g->id, g->version, g->created_at, g->updated_at, g->name, g->external_id
    };
    AUTO_BUF text = {};
    struct json_out o = { .to = &text };
    yyjson_val *root;

    group_write_start(&o, &v, s->base);
    group_write_end(&o, false);
    TRY(json_read_in(s->w->mem, text.at, text.n, &root));
    return body_clean(op->doc, &s->space->scim->group, root, out);
}

static enum err patch_members(const struct scim_asker *s, struct scim_op *op, const struct group *g,
                              struct members *m, struct inbound_group *in)
{
    yyjson_mut_val *resource;
    struct group_patch patch = {};
    struct group_said said;

    TRY(group_now(s, op, g, &resource));
    TRY(patch_group(s->w->mem, op->doc, &s->space->scim->group, resource, op->body, &patch));
    TRY(body_required(&s->space->scim->group, resource));
    TRY(group_read(s->w->mem, resource, &said));
    in->name = said.name;
    in->external_id = said.external_id;
    in->sets_external_id = true;
    return take_steps(s, m, g, &patch);
}

/* Big groups are not sent back whole unless that is asked for. */
static enum err show_group(const struct scim_asker *s, struct scim_op *op, int64_t id,
                           struct buf *reply)
{
    const struct projection *want = op->want;
    struct projection *without = NULL;
    struct group g;
    size_t size = 0;

    TRY(group_load(s->w, s->source, id, &g));
    op->made = id;
    op->version = g.version;
    if (!op->asked)
        TRY(group_size(s->w, &g, (op->method == PATCH ? SCIM_GROUP_SHOWN : SCIM_PAGE_MOST) + 1,
                       &size));
    if (op->method == PATCH && size > SCIM_GROUP_SHOWN) {
        op->status = 204;
        return OK;
    }
    if (size > SCIM_PAGE_MOST && !want) {
        TRY(projection_parse(s->w->mem, &s->space->scim->group, NULL, "members", &without));
        want = without;
    }
    return scim_group_put(s, &g, want, reply);
}

static enum err run_group_with(const struct scim_asker *s, struct scim_op *op, struct members *m,
                               struct buf *reply)
{
    struct inbound_group in = { .source = s->source,
                                .attrs = s->space->attrs,
                                .reason = reason_of(s, op) };
    struct group_said said;
    struct group g;

    if (op->method != POST) {
        TRY(group_load(s->w, s->source, op->id, &g));
        TRY(check_match(op, "group", g.version));
        in.group = op->id;
    } else {
        in.fresh = op->id;
    }
    if (op->method == PATCH) {
        TRY(patch_members(s, op, &g, m, &in));
    } else {
        TRY(group_read(s->w->mem, op->clean, &said));
        in.name = said.name;
        in.external_id = said.external_id;
        in.sets_external_id = true;
        m->replaces = true;
        say_all(m, said.members, said.n, JOINS);
    }
    give_members(s->w->mem, m, &in);
    TRY(inbound_group(s->w, &in));
    if (in.skipped + m->skipped)
        op->note = arena_printf(s->w->mem, "%s left out: no such user here",
                                str_count(s->w->mem, (int64_t)(in.skipped + m->skipped),
                                          "member was", "members were"));
    op->status = op->method == POST ? 201 : 200;
    return show_group(s, op, in.id, reply);
}

static enum err run_group(const struct scim_asker *s, struct scim_op *op, struct buf *reply)
{
    struct members m = {};

    enum err e = run_group_with(s, op, &m, reply);
    table_free(&m.said);
    return e;
}

enum err scim_op_run(const struct scim_asker *s, struct scim_op *op, struct buf *reply)
{
    return op->kind == SCIM_USERS ? run_user(s, op, reply) : run_group(s, op, reply);
}

/* ---- deleting a group ---- */

struct dropping {
    const struct scim_asker *s;
    struct scim_op *op;
    bool done;
};

static enum err drop_slice(struct work *w, void *arg)
{
    struct dropping *d = arg;
    struct inbound_group in = { .source = d->s->source,
                                .attrs = d->s->space->attrs,
                                .group = d->op->id,
                                .reason = reason_of(d->s, d->op) };
    struct group g;

    TRY(group_load(w, d->s->source, d->op->id, &g));
    TRY(check_match(d->op, "group", g.version));
    return inbound_group_delete(w, &in, DROP_SLICE, &d->done);
}

enum err scim_group_drop(const struct scim_asker *s, struct scim_op *op)
{
    struct dropping d = { s, op, false };

    while (!d.done) {
        struct arena_mark mark = arena_mark(s->w->mem);
        TRY(store_write(s->w, drop_slice, &d));
        arena_reset(s->w->mem, mark);
        op->if_match = NULL;                    /* our own slices raise the version */
    }
    op->status = 204;
    op->made = op->id;
    return OK;
}
