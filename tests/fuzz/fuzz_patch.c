/*
 * fuzz_patch.c — a resource, and a PATCH of it.
 *
 * The first line is the resource, the rest the body of the PATCH. What comes out is clean, as what went in was.
 * The same body is tried on a group.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "scim/patch.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static struct scim *schema(void)
{
    static const struct attr custom[] = {
        { "custom.remote", ATTR_FLAG, ATTR_CUSTOM, "Remote", NULL, 0 },
        { "custom.size", ATTR_NUMBER, ATTR_CUSTOM, "Size", NULL, 0 },
        { "custom.squad", ATTR_TEXT, ATTR_CUSTOM, "Squad", NULL, 0 },
    };
    static struct arena *a;
    static struct scim *s;

    if (!s) {
        a = arena_new();
        s = scim_new(a, attrs_with(a, custom, COUNT(custom)), NULL, 0);
    }
    return s;
}

static void check_clean(struct arena *a, const struct scim_resource *r, yyjson_mut_val *resource)
{
    yyjson_mut_val *again;
    yyjson_alc alc = json_alc(a);
    yyjson_val *copy = yyjson_doc_get_root(yyjson_mut_val_imut_copy(resource, &alc));

    if (body_clean(body_doc(a), r, copy, &again) != OK || !yyjson_mut_equals(resource, again))
        abort();
}

static void patch_a_group(struct arena *a, yyjson_val *body)
{
    yyjson_mut_doc *doc = body_doc(a);
    yyjson_mut_val *group = yyjson_mut_obj(doc);
    struct group_patch steps;
    size_t ids = 0;

    yyjson_mut_obj_add_str(doc, group, "displayName", "A");
    if (patch_group(a, doc, &schema()->group, group, body, &steps) != OK)
        return;
    for (size_t i = 0; i < steps.n; i++) {
        if ((steps.steps[i].kind == MEMBERS_FILTER) != (steps.steps[i].filter != NULL))
            abort();
        for (size_t k = 0; k < steps.steps[i].n; k++)
            if (str_empty(steps.steps[i].ids[k]))
                abort();
        ids += steps.steps[i].n;
    }
    if (ids != steps.named)
        abort();
    check_clean(a, &schema()->group, group);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    AUTO(arena) *a = arena_new();
    const char *text = (const char *)bytes, *line = n ? memchr(text, '\n', n) : NULL;
    const struct scim_resource *user = &schema()->user;
    yyjson_mut_doc *doc = body_doc(a);
    yyjson_val *before, *body;
    yyjson_mut_val *resource;
    struct patch_named named;

    if (!line || body_read(a, text, (size_t)(line - text), &before) != OK ||
        body_read(a, line + 1, n - (size_t)(line + 1 - text), &body) != OK ||
        body_clean(doc, user, before, &resource) != OK)
        return 0;
    if (patch_apply(a, doc, user, resource, body, &named) == OK)
        check_clean(a, user, resource);
    else if (str_empty(err_text()))
        abort();
    patch_a_group(a, body);
    return 0;
}
