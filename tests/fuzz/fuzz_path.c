/*
 * fuzz_path.c — the path parser against any text.
 *
 * The first byte chooses the resource type. What is read names something; what is refused is refused in words.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "scim/path.h"
#include "scim/project.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static struct scim *schema(void)
{
    static const struct attr custom[] = {
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

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    AUTO(arena) *a = arena_new();
    struct projection *p;
    struct path at;
    size_t end = 0;

    if (n < 1 || !str_utf8((const char *)bytes + 1, n - 1))
        return 0;
    const struct scim_resource *r = bytes[0] % 2 ? &schema()->user : &schema()->group;
    const char *text = arena_textn(a, (const char *)bytes + 1, n - 1);

    if (path_parse(a, r, text, &at) == OK) {
        if (!at.attr && !at.schema)
            abort();
        if (at.sub && !at.attr)
            abort();
    } else if (str_empty(err_text())) {
        abort();
    }
    if (path_read(a, r, text, &end, &at) == OK && (end == 0 || end > n - 1))
        abort();
    IGNORE(projection_parse(a, r, text, NULL, &p));     /* the same texts, as a list of names */
    return 0;
}
