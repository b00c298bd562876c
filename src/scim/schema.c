/* schema.c — the schemas of a workspace: the static tables and its own attributes; looking names up. */
#include "scim/schema.h"

#include <strings.h>

#include "base/str.h"
#include "scim/tables.h"

static bool name_is(const char *name, const char *s, size_t n)
{
    return strncasecmp(name, s, n) == 0 && name[n] == '\0';
}

const struct scim_attr *scim_attr_find(const struct scim_attr *attrs, const char *name, size_t n)
{
    for (; attrs && attrs->name; attrs++)
        if (name_is(attrs->name, name, n))
            return attrs;
    return NULL;
}

const struct scim_attr *scim_find(const struct scim_resource *r, const char *name, size_t n,
                                  const struct scim_schema **schema)
{
    const struct scim_attr *found = scim_attr_find(scim_common, name, n);

    *schema = NULL;
    if (found)
        return found;
    *schema = r->core;
    found = scim_attr_find(r->core->attrs, name, n);
    for (const struct scim_schema *const *x = r->extensions; !found && *x; x++) {
        *schema = *x;
        found = scim_attr_find((*x)->attrs, name, n);
        for (const struct scim_schema *const *other = x + 1; found && *other; other++)
            if (scim_attr_find((*other)->attrs, name, n))
                return NULL;
    }
    return found;
}

const struct scim_schema *scim_schema_find(const struct scim_resource *r, const char *urn, size_t n)
{
    if (name_is(r->core->id, urn, n))
        return r->core;
    for (const struct scim_schema *const *x = r->extensions; *x; x++)
        if (name_is((*x)->id, urn, n))
            return *x;
    return NULL;
}

/* ---- the workspace's own ---- */

static bool is_ours(const char *name)
{
    size_t n = strlen(name);

    return scim_attr_find(scim_common, name, n) || scim_attr_find(scim_core_user.attrs, name, n) ||
           scim_attr_find(scim_enterprise.attrs, name, n) ||
           scim_attr_find(scim_muster_attrs, name, n);
}

/*
 * Clients write names without URN, so one of ours must stay the only one. custom_level gets another
 * prefix too, lest it meet level; whether both are there makes no difference to either.
 */
static const char *custom_name(struct arena *a, const struct attr *attr)
{
    static const char namespace[] = "custom.", prefix[] = "custom_";
    const char *name = attr->name, *bare;

    if (str_starts(name, namespace))
        name += strlen(namespace);
    for (bare = name; str_starts(bare, prefix);)
        bare += strlen(prefix);
    return is_ours(bare) ? arena_printf(a, "%s%s", prefix, name) : name;
}

static const char *const *word_list(struct arena *a, const char *const *words, size_t n)
{
    const char **list = NEW_ARRAY(a, const char *, n + 1);

    for (size_t i = 0; i < n; i++)
        list[i] = words[i];
    return list;
}

static const char *const days[] = { SCIM_DAY, NULL };

static struct scim_attr custom_attr(struct arena *a, const struct attr *attr)
{
    struct scim_attr x = {
        .name = custom_name(a, attr),
        .description = attr->label,
        .many = attr->flags & ATTR_MANY,
        .custom = attr,
        .attribute = attr->name,
    };

    switch (attr->type) {
    case ATTR_SELECT:
        x.canonical = word_list(a, attr->choices, attr->nchoices);
        x.exact = true;
        break;
    case ATTR_NUMBER:
        x.type = SCIM_DECIMAL;
        break;
    case ATTR_DATE:
        x.canonical = days;
        break;
    case ATTR_FLAG:
        x.type = SCIM_BOOLEAN;
        break;
    case ATTR_TEXT:
    case ATTR_PERSON:
    case ATTR_LIST:
    case ATTR_RECORD:
        break;
    }
    return x;
}

static const struct scim_schema *extension_new(struct arena *a, const struct attrs *as,
                                               const char *const *levels, size_t nlevels)
{
    struct scim_schema *s = NEW(a, struct scim_schema);
    struct scim_attr *attrs = NULL;
    size_t n = 0, cap = 0;

    for (const struct scim_attr *x = scim_muster_attrs; x->name; x++) {
        bool level = str_eq(x->attribute, "level");
        if (level && nlevels == 0)
            continue;
        ARENA_GROW(a, attrs, n, cap);
        attrs[n] = *x;
        if (level)
            attrs[n].canonical = word_list(a, levels, nlevels);
        n++;
    }
    for (size_t i = 0; i < as->n; i++) {
        if (!(as->all[i]->flags & ATTR_CUSTOM))
            continue;
        ARENA_GROW(a, attrs, n, cap);
        attrs[n++] = custom_attr(a, as->all[i]);
    }
    ARENA_GROW(a, attrs, n, cap);
    attrs[n] = (struct scim_attr){};
    *s = (struct scim_schema){ SCIM_MUSTER, "MusterUser",
                               "A person as Muster knows them beyond the standard", attrs };
    return s;
}

struct scim *scim_new(struct arena *a, const struct attrs *as, const char *const *levels,
                      size_t nlevels)
{
    struct scim *s = NEW(a, struct scim);

    s->user = (struct scim_resource){
        .name = "User",
        .endpoint = "/Users",
        .description = "A person",
        .core = &scim_core_user,
        .extensions = { &scim_enterprise, extension_new(a, as, levels, nlevels) },
    };
    s->group = (struct scim_resource){
        .name = "Group",
        .endpoint = "/Groups",
        .description = "A team",
        .core = &scim_core_group,
    };
    return s;
}
