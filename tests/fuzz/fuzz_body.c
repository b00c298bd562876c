/*
 * fuzz_body.c — request bodies of any bytes.
 *
 * What is taken is clean: cleaned again it stays as it is.
 */
#include <stdlib.h>

#include "base/err.h"
#include "base/str.h"
#include "scim/body.h"

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

static void clean_twice(struct arena *a, const struct scim_resource *r, yyjson_val *body)
{
    yyjson_mut_val *once, *again;
    yyjson_alc alc = json_alc(a);

    if (body_clean(body_doc(a), r, body, &once) != OK) {
        if (str_empty(err_text()))
            abort();
        return;
    }
    yyjson_val *copy = yyjson_doc_get_root(yyjson_mut_val_imut_copy(once, &alc));
    if (body_clean(body_doc(a), r, copy, &again) != OK || !yyjson_mut_equals(once, again))
        abort();
    IGNORE(body_required(r, once));         /* whether it is complete is not the question */
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    AUTO(arena) *a = arena_new();
    yyjson_val *body;

    if (body_read(a, (const char *)bytes, n, &body) != OK)
        return 0;
    clean_twice(a, &schema()->user, body);
    clean_twice(a, &schema()->group, body);
    return 0;
}
