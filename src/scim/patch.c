/* patch.c — the operations of a PATCH in their order; see patch.h. */
#include "scim/patch.h"

#include "base/str.h"
#include "scim/patch_parts.h"

#define PATCH_URN "urn:ietf:params:scim:api:messages:2.0:PatchOp"

struct operation {
    enum patch_op op;
    const char *path;                       /* NULL: none */
    yyjson_val *value;                      /* NULL: none */
};

static bool names_patch(yyjson_val *schemas)
{
    size_t i, n;
    yyjson_val *urn;

    yyjson_arr_foreach(schemas, i, n, urn)
        if (yyjson_is_str(urn) && str_eq_nocase(yyjson_get_str(urn), PATCH_URN))
            return true;
    return false;
}

static enum err read_operations(yyjson_val *body, size_t most, yyjson_val **out)
{
    *out = body_field(body, "Operations");
    if (!yyjson_is_obj(body) || !names_patch(body_field(body, "schemas")))
        return errf(ERR_USAGE, "a PATCH has \"schemas\": [\"" PATCH_URN "\"]");
    if (!yyjson_is_arr(*out) || yyjson_arr_size(*out) == 0)
        return errf(ERR_USAGE, "a PATCH has \"Operations\", a list with at least one of them");
    if (yyjson_arr_size(*out) > most)
        return errf(ERR_TOO_MANY, "%zu operations in one PATCH are too many; send at most %zu",
                    yyjson_arr_size(*out), most);
    return OK;
}

static enum err read_operation(yyjson_val *v, struct operation *out)
{
    static const char *const names[] = { "add", "remove", "replace" };
    yyjson_val *op = body_field(v, "op"), *path = body_field(v, "path");

    if (!yyjson_is_obj(v))
        return errf(ERR_USAGE, "an operation is an object with op, path and value");
    if (!yyjson_is_str(op))
        return errf(ERR_USAGE, "\"op\" is missing; it is add, remove or replace");
    for (size_t i = 0; i <= COUNT(names); i++) {
        if (i == COUNT(names))
            return errf(ERR_USAGE, "\"op\" is add, remove or replace, not \"%.50s\"",
                        yyjson_get_str(op));
        out->op = (enum patch_op)i;
        if (str_eq_nocase(yyjson_get_str(op), names[i]))
            break;
    }
    if (path && !yyjson_is_str(path) && !yyjson_is_null(path))
        return errf(ERR_PATH, "\"path\" takes a text");
    out->path = str_empty(yyjson_get_str(path)) ? NULL : yyjson_get_str(path);
    out->value = body_field(v, "value");
    if (out->op == PATCH_ADD && !out->value)
        return errf(ERR_INVALID, "an add has a \"value\"");
    return OK;
}

static void name_attr(struct patching *p, const struct scim_attr *attr)
{
    for (size_t i = 0; i < p->nnamed; i++)
        if (p->named[i] == attr)
            return;
    ARENA_GROW(p->a, p->named, p->nnamed, p->named_cap);
    p->named[p->nnamed++] = attr;
}

static void name_part(struct patching *p, const struct scim_attr *part)
{
    for (size_t i = 0; i < p->nparts; i++)
        if (p->parts[i] == part)
            return;
    ARENA_GROW(p->a, p->parts, p->nparts, p->parts_cap);
    p->parts[p->nparts++] = part;
}

/* Of an object its members: the one of the path, those of the value, or all. */
static void name_parts(struct patching *p, enum patch_op op, const struct path *at,
                       yyjson_val *value)
{
    bool all = !at->sub && (op == PATCH_REMOVE || !yyjson_is_obj(value));
    yyjson_val *key, *val;
    size_t i, n;

    if (at->attr->many || !at->attr->sub)
        return;
    for (const struct scim_attr *sub = at->attr->sub; sub->name; sub++)
        if (all || sub == at->sub)
            name_part(p, sub);
    if (all || at->sub)
        return;
    yyjson_obj_foreach(value, i, n, key, val) {
        const struct scim_attr *sub =
            scim_attr_find(at->attr->sub, yyjson_get_str(key), yyjson_get_len(key));
        if (sub)
            name_part(p, sub);
    }
}

static bool read_only(const struct path *at)
{
    return at->attr->mutability == SCIM_READ_ONLY || str_eq(at->attr->name, "schemas") ||
           (at->sub && at->sub->mutability == SCIM_READ_ONLY);
}

static bool is_members(const struct patching *p, const struct path *at)
{
    return p->group && at->schema == p->r->core && str_eq(at->attr->name, "members");
}

static enum err change(struct patching *p, enum patch_op op, const struct path *at,
                       yyjson_val *value)
{
    name_attr(p, at->attr);
    name_parts(p, op, at, value);
    return is_members(p, at) ? patch_members(p, op, at, value) : patch_change(p, op, at, value);
}

/* Okta renames a group with its own id among the values. */
static enum err ignore_read_only(struct patching *p, const struct path *at, yyjson_val *value)
{
    const char *id = yyjson_mut_get_str(yyjson_mut_obj_get(p->resource, "id"));

    if (str_eq(at->attr->name, "id") && id && yyjson_is_str(value) &&
        !str_eq(id, yyjson_get_str(value)))
        return errf(ERR_MUTABILITY, "the id is %s and cannot become %s", id, yyjson_get_str(value));
    return OK;
}

static enum err change_values(struct patching *p, enum patch_op op, const struct scim_schema *urn,
                              yyjson_val *object);

/* Whether it is worth parsing: what nobody knows is passed over, and no words are made for it. */
static bool is_known(const struct patching *p, const char *key)
{
    const struct scim_schema *s;
    size_t n = strcspn(key, ".[:");

    return key[n] == ':' || scim_find(p->r, key, n, &s);
}

/* One key of a value without path: a name, a path, or the URN of an extension. What nobody knows is passed over. */
static enum err change_key(struct patching *p, enum patch_op op, const struct scim_schema *urn,
                           const char *key, yyjson_val *value)
{
    const struct scim_schema *s = urn ? NULL : scim_schema_find(p->r, key, strlen(key));
    struct path at;

    if (s)
        return patch_nothing(value) ? OK : change_values(p, op, s, value);
    if (!urn && !is_known(p, key))
        return OK;
    enum err e = path_parse(p->a, p->r, urn ? arena_printf(p->a, "%s:%s", urn->id, key) : key, &at);
    if (e == ERR_PATH || (e == OK && !at.attr))
        return OK;
    TRY(e);
    if (read_only(&at))
        return ignore_read_only(p, &at, value);
    /* Members that are null beside other values are not meant: a rename must not empty a group (GRP-09). */
    if (is_members(p, &at) && (!value || yyjson_is_null(value)))
        return OK;
    return change(p, op, &at, value);
}

static enum err change_values(struct patching *p, enum patch_op op, const struct scim_schema *urn,
                              yyjson_val *object)
{
    size_t i, n;
    yyjson_val *key, *val;

    if (yyjson_is_str(object))
        return errf(
            ERR_USAGE,
            "the value is a text; without a path to one attribute it must be a JSON object, "
            "not one within quotes");
    if (!yyjson_is_obj(object))
        return errf(ERR_INVALID, "without a path to one attribute the value must be an object");
    yyjson_obj_foreach(object, i, n, key, val)
        TRY(change_key(p, op, urn, yyjson_get_str(key), val));
    return OK;
}

/* The path is a URN and no more: the extension as a whole. */
static enum err change_schema(struct patching *p, enum patch_op op, const struct scim_schema *s,
                              yyjson_val *value)
{
    if (op != PATCH_REMOVE && !(op == PATCH_REPLACE && patch_nothing(value)))
        return change_values(p, op, s, value);
    if (s == p->r->core)
        return errf(ERR_NO_TARGET, "remove needs the path of an attribute; %s as a whole cannot go",
                    s->id);
    for (const struct scim_attr *attr = s->attrs; attr->name; attr++) {
        struct path at = { .schema = s, .attr = attr };
        if (!read_only(&at))
            TRY(change(p, PATCH_REMOVE, &at, NULL));
    }
    return OK;
}

static enum err apply(struct patching *p, const struct operation *o)
{
    struct path at;
    const char *id;

    if (!o->path && o->op == PATCH_REMOVE)
        return errf(ERR_NO_TARGET, "remove needs a path");
    if (!o->path)
        return change_values(p, o->op, NULL, o->value);
    if (p->group && o->op == PATCH_REMOVE && patch_one_member(p, o->path, &id)) {
        patch_member_out(p, id);
        return OK;
    }
    TRY(path_parse(p->a, p->r, o->path, &at));
    if (!at.attr)
        return change_schema(p, o->op, at.schema, o->value);
    if (read_only(&at))
        return errf(ERR_MUTABILITY, "%s is kept by this server and cannot be changed", o->path);
    return change(p, o->op, &at, o->value);
}

static enum err apply_all(struct patching *p, yyjson_val *operations)
{
    size_t i, n;
    yyjson_val *v;

    yyjson_arr_foreach(operations, i, n, v) {
        struct operation o = {};
        enum err e = read_operation(v, &o);
        if (e == OK)
            e = apply(p, &o);
        if (e != OK)
            return err_in(e, "operation %zu: ", i + 1);
    }
    return OK;
}

enum err patch_apply(struct arena *a, yyjson_mut_doc *doc, const struct scim_resource *r,
                     yyjson_mut_val *resource, yyjson_val *body, struct patch_named *named)
{
    struct patching p = { .a = a, .doc = doc, .r = r, .resource = resource };
    yyjson_val *operations;

    TRY(read_operations(body, PATCH_OPERATIONS, &operations));
    TRY(apply_all(&p, operations));
    *named = (struct patch_named){ p.named, p.nnamed, p.parts, p.nparts };
    return OK;
}

enum err patch_group(struct arena *a, yyjson_mut_doc *doc, const struct scim_resource *r,
                     yyjson_mut_val *resource, yyjson_val *body, struct group_patch *out)
{
    struct member_steps steps = { .out = out };
    struct patching p = { .a = a, .doc = doc, .r = r, .resource = resource, .group = &steps };
    yyjson_val *operations;

    *out = (struct group_patch){};
    TRY(read_operations(body, PATCH_GROUP_OPERATIONS, &operations));
    return apply_all(&p, operations);
}
