/* group.c — see group.h. */
#include "scim/group.h"

#include "base/id.h"
#include "base/str.h"

void group_write_start(struct json_out *o, const struct group_view *v, const char *base)
{
    struct scim_meta meta = { "Group", "/Groups", v->id, v->created_at, v->updated_at, v->version };

    json_open(o, '{');
    json_key(o, "schemas");
    json_open(o, '[');
    json_str(o, SCIM_GROUP);
    json_close(o, ']');
    json_put(o, "id", id_text(v->id));
    if (v->external_id)
        json_put(o, "externalId", v->external_id);
    json_key(o, "meta");
    scim_write_meta(o->to, &meta, base);
    o->comma = true;
    json_put(o, "displayName", v->name);
}

void group_write_member(struct json_out *o, const struct user_ref *member, bool first,
                        const char *base)
{
    if (first) {
        json_key(o, "members");
        json_open(o, '[');
    }
    json_open(o, '{');
    json_put(o, "value", id_text(member->id));
    json_key(o, "$ref");
    buf_putc(o->to, '"');
    buf_puts(o->to, base);
    buf_puts(o->to, "/Users/");
    buf_puts(o->to, id_text(member->id));
    buf_putc(o->to, '"');
    o->comma = true;
    json_put(o, "type", "User");
    if (member->shown)
        json_put(o, "display", member->shown);
    json_close(o, '}');
}

void group_write_end(struct json_out *o, bool members)
{
    if (members)
        json_close(o, ']');
    json_close(o, '}');
}

enum err group_read(struct arena *a, yyjson_mut_val *resource, struct group_said *out)
{
    yyjson_mut_val *list = yyjson_mut_obj_get(resource, "members"), *one;
    size_t i, n;

    *out = (struct group_said){
        .name = yyjson_mut_get_str(yyjson_mut_obj_get(resource, "displayName")),
        .external_id = yyjson_mut_get_str(yyjson_mut_obj_get(resource, "externalId")),
        .members = NEW_ARRAY(a, const char *, yyjson_mut_arr_size(list) + 1),
    };
    yyjson_mut_arr_foreach(list, i, n, one) {
        const char *value = yyjson_mut_get_str(yyjson_mut_obj_get(one, "value"));
        const char *type = yyjson_mut_get_str(yyjson_mut_obj_get(one, "type"));
        if (type && str_eq_nocase(type, "Group"))
            return errf(ERR_INVALID, "members: groups in groups are not taken");
        if (value)
            out->members[out->n++] = value;
    }
    return OK;
}
