/* scim.c — see scim.h. */
#include "support/scim.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"
#include "support/support.h"

static const struct attr custom[] = {
    { "custom.remote", ATTR_FLAG, ATTR_CUSTOM, "Remote", NULL, 0 },
    { "custom.size", ATTR_NUMBER, ATTR_CUSTOM, "Size", NULL, 0 },
    { "custom.squad", ATTR_TEXT, ATTR_CUSTOM, "Squad", NULL, 0 },
};

struct attrs *scim_attrs_for_test(struct arena *a)
{
    return attrs_with(a, custom, COUNT(custom));
}

struct scim *scim_for_test(struct arena *a)
{
    return scim_new(a, scim_attrs_for_test(a), NULL, 0);
}

static const struct scim_attr box_parts[] = {
    { .name = "serial", .mutability = SCIM_IMMUTABLE },
    { .name = "key", .returned = SCIM_ALWAYS },
    { .name = "label", .returned = SCIM_REQUEST },
    { .name = "text" },
    {},
};

static const struct scim_attr odd_attrs[] = {
    { .name = "tags", .many = true },
    { .name = "badge", .mutability = SCIM_IMMUTABLE },
    { .name = "secret", .mutability = SCIM_WRITE_ONLY, .returned = SCIM_NEVER },
    { .name = "extra", .returned = SCIM_REQUEST },
    { .name = "box", .type = SCIM_COMPLEX, .sub = box_parts },
    { .name = "seats", .type = SCIM_INTEGER },
    {},
};

static const struct scim_schema odd_schema = { "urn:x:Odd", "Odd", "One of each", odd_attrs };
const struct scim_resource scim_odd = { .name = "Odd", .endpoint = "/Odds", .core = &odd_schema };

static const char *written_out(const char **s)
{
    static const struct { const char *word, *urn; } words[] = {
        { "ENT", SCIM_ENTERPRISE },
        { "EXT", SCIM_MUSTER },
        { "CORE", SCIM_USER },
    };

    for (size_t i = 0; i < COUNT(words); i++)
        if (str_starts(*s, words[i].word)) {
            *s += strlen(words[i].word);
            return words[i].urn;
        }
    return NULL;
}

const char *scim_text(struct arena *a, const char *shorthand)
{
    AUTO_BUF b = {};

    for (const char *s = shorthand; *s;) {
        const char *urn = written_out(&s);
        if (urn)
            buf_puts(&b, urn);
        else
            buf_putc(&b, *s == '\'' ? '"' : *s), s++;
    }
    return arena_textn(a, b.n ? b.at : "", b.n);
}

yyjson_val *scim_json(struct arena *a, const char *shorthand)
{
    const char *text = scim_text(a, shorthand);
    yyjson_val *root = NULL;

    assert_ok(json_read_in(a, text, strlen(text), &root));
    return root;
}

yyjson_mut_val *scim_mutable(yyjson_mut_doc *doc, struct arena *a, const char *shorthand)
{
    return yyjson_val_mut_copy(doc, scim_json(a, shorthand));
}

void check_same_json(const char *id, struct arena *a, yyjson_val *is, const char *wanted)
{
    yyjson_val *should = scim_json(a, wanted);

    if (yyjson_equals(is, should))
        return;
    char *seen = yyjson_val_write(is, YYJSON_WRITE_NOFLAG, NULL);
    print_error("%s\n  is     %s\n  wanted %s\n", id, seen, scim_text(a, wanted));
    free(seen);
    fail();
}

void check_same_made(const char *id, struct arena *a, yyjson_mut_val *is, const char *wanted)
{
    yyjson_alc alc = json_alc(a);

    check_same_json(id, a, yyjson_doc_get_root(yyjson_mut_val_imut_copy(is, &alc)), wanted);
}
