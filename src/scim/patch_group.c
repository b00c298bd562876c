/* patch_group.c — what a PATCH does to the members of a group, as steps; see patch.h. Costs what is named. */
#include <ctype.h>

#include "base/str.h"
#include "scim/patch_parts.h"

static struct member_step *new_step(struct patching *p, enum member_step_kind kind)
{
    struct member_steps *m = p->group;

    ARENA_GROW(p->a, m->out->steps, m->out->n, m->steps_cap);
    m->ids_cap = 0;
    m->out->steps[m->out->n] = (struct member_step){ .kind = kind };
    return &m->out->steps[m->out->n++];
}

/* Neighbours of one kind are one step. */
static void name_member(struct patching *p, enum member_step_kind kind, const char *id)
{
    struct group_patch *out = p->group->out;
    struct member_step *step = out->n ? &out->steps[out->n - 1] : NULL;

    if (!step || step->kind != kind)
        step = new_step(p, kind);
    ARENA_GROW(p->a, step->ids, step->n, p->group->ids_cap);
    step->ids[step->n++] = id;
    out->named++;
}

void patch_member_out(struct patching *p, const char *id)
{
    name_member(p, MEMBERS_REMOVE, id);
}

static const char *skip_blanks(const char *s)
{
    while (isspace((unsigned char)*s))
        s++;
    return s;
}

/* Behind `word` in any case, or NULL. */
static const char *skip_word(const char *s, const char *word)
{
    size_t n = strlen(word);

    return s && strncasecmp(s, word, n) == 0 ? s + n : NULL;
}

/* A filter that says more than this is MEMBERS_FILTER; this one is a look-up, and is sent ten thousand times. */
bool patch_one_member(struct patching *p, const char *path, const char **id)
{
    const char *s = skip_word(skip_blanks(path), "members[");

    if (!s || !(s = skip_word(skip_blanks(s), "value")) || !isspace((unsigned char)*s))
        return false;
    s = skip_word(skip_blanks(s), "eq");
    if (!s || !isspace((unsigned char)*s) || *(s = skip_blanks(s)) != '"')
        return false;
    size_t n = strcspn(++s, "\"\\");
    if (n == 0 || s[n] != '"')
        return false;
    const char *end = skip_blanks(s + n + 1);
    if (*end != ']' || *skip_blanks(end + 1))
        return false;
    *id = arena_textn(p->a, s, n);
    return true;
}

static enum err read_member(yyjson_val *v, const char **id)
{
    size_t i, n;
    yyjson_val *key, *val, *value = yyjson_is_str(v) ? v : NULL;
    const char *type = NULL;

    yyjson_obj_foreach(v, i, n, key, val) {
        if (str_eq_nocase(yyjson_get_str(key), "value"))
            value = val;
        else if (str_eq_nocase(yyjson_get_str(key), "type"))
            type = yyjson_get_str(val);
    }
    if (type && str_eq_nocase(type, "Group"))
        return errf(ERR_INVALID, "groups in groups are not taken: a member is a User");
    *id = yyjson_get_str(value);
    if (str_empty(*id))
        return errf(ERR_INVALID, "members: each has a \"value\", the id of a User");
    if (v == value && (**id == '{' || **id == '['))
        return errf(ERR_USAGE,
                    "members is JSON within a text; send the list itself, without quotes");
    return OK;
}

static enum err name_members(struct patching *p, enum member_step_kind kind, yyjson_val *value)
{
    size_t i, n;
    yyjson_val *v;
    const char *id = NULL;

    if (!yyjson_is_arr(value)) {
        TRY(read_member(value, &id));
        name_member(p, kind, id);
        return OK;
    }
    yyjson_arr_foreach(value, i, n, v) {
        if (yyjson_is_null(v))
            continue;
        TRY(read_member(v, &id));
        name_member(p, kind, id);
    }
    return OK;
}

enum err patch_members(struct patching *p, enum patch_op op, const struct path *at,
                       yyjson_val *value)
{
    if (at->sub)
        return errf(ERR_MUTABILITY,
                    "%s of a member cannot be changed: remove the member and add another",
                    at->sub->name);
    if (op == PATCH_ADD)
        return patch_nothing(value) ? OK : name_members(p, MEMBERS_ADD, value);
    if (at->filter)
        new_step(p, MEMBERS_FILTER)->filter = at->filter;
    else if (op == PATCH_REPLACE || patch_nothing(value))
        new_step(p, MEMBERS_CLEAR);
    if (patch_nothing(value))
        return OK;
    if (op == PATCH_REPLACE)
        return name_members(p, MEMBERS_ADD, value);
    return at->filter ? OK : name_members(p, MEMBERS_REMOVE, value);
}
