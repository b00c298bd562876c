/*
 * fuzz_filter.c — filters of any text, matched against resources.
 *
 * The first byte chooses the resource type (even: Group). What is refused is refused in words. What is read must
 * agree with its opposite, and a resource it finds must have what the keys and bounds told the store to look for.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "scim/filter.h"
#include "scim/instant.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

static const char person[] =
    "{\"schemas\":[\"" SCIM_USER "\",\"" SCIM_ENTERPRISE "\"],\"id\":\"a1\",\"externalId\":\"H-1\","
    "\"userName\":\"ada@example.com\",\"name\":{\"givenName\":\"Ada\"},\"active\":false,\"roles\":["
    "],"
    "\"emails\":[{\"value\":\"ada@example.com\",\"type\":\"work\",\"primary\":true},{\"value\":"
    "\"b\"}],"
    "\"meta\":{\"resourceType\":\"User\",\"lastModified\":\"2020-01-31T12:00:00Z\"},\"title\":"
    "\"\xc3\x89\","
    "\"" SCIM_ENTERPRISE "\":{\"department\":\"R\",\"manager\":{\"value\":\"m\"}},"
    "\"" SCIM_MUSTER "\":{\"size\":12.5,\"birthday\":\"1990-12-10T00:00:00Z\",\"squad\":\"Blue\"}}";
static const char group[] =
    "{\"id\":\"g1\",\"displayName\":\"Engines\",\"members\":[{\"value\":\"a1\"},{\"value\":\"a2\"}]"
    ","
    "\"meta\":{\"resourceType\":\"Group\",\"lastModified\":\"2020-01-31T12:00:00Z\"}}";

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

static void must(bool true_of_all)
{
    if (!true_of_all)
        abort();
}

/* A key, written as a filter, finds what the whole filter finds. */
static void check_key(struct arena *a, const struct scim_resource *r, const struct filter_key *key,
                      yyjson_val *resource)
{
    AUTO_BUF b = {};
    struct filter *f;

    if (key->schema)
        buf_printf(&b, "%s:", key->schema->id);
    buf_printf(&b, "%s%s%s eq ", key->attr->name, key->sub ? "." : "",
               key->sub ? key->sub->name : "");
    struct json_out j = { &b };
    json_str(&j, key->text);
    enum err e = filter_parse(a, r, b.at, &f);
    must(e == OK || b.n > FILTER_BYTES);
    must(e != OK || filter_match(a, f, resource));
}

static void check_found(struct arena *a, const struct scim_resource *r, const struct filter *f,
                        yyjson_val *resource)
{
    struct filter_key *keys;
    int64_t from, to, modified;
    size_t n = filter_keys(a, f, &keys);

    for (size_t i = 0; i < n; i++)
        check_key(a, r, &keys[i], resource);
    filter_modified(f, &from, &to);
    must(instant_parse("2020-01-31T12:00:00Z", &modified) && from <= modified && modified <= to);
}

/* What follows is read as a value path's too; only that it ends where it says. */
static void check_items(struct arena *a, const struct scim_resource *r, const char *text,
                        yyjson_val *resource)
{
    const char *name = r == &schema()->user ? "emails" : "members";
    struct filter_term *terms;
    struct filter *f;
    size_t at = 0;

    if (filter_parse_items(a, scim_attr_find(r->core->attrs, name, strlen(name)), text, &at, &f))
        return;
    must(at > 0 && at <= strlen(text) && text[at - 1] == ']');
    filter_match_item(a, f, yyjson_arr_get_first(yyjson_obj_get(resource, name)));
    filter_equals(a, f, &terms);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n)
{
    AUTO(arena) *a = arena_new();
    struct filter *f, *opposite;
    yyjson_val *resource;

    if (n < 1 || memchr(bytes, 0, n))
        return 0;
    bool user = bytes[0] % 2;
    const struct scim_resource *r = user ? &schema()->user : &schema()->group;
    const char *text = arena_textn(a, (const char *)bytes + 1, n - 1);
    must(json_read_in(a, user ? person : group, (user ? sizeof person : sizeof group) - 1,
                      &resource) == OK);

    check_items(a, r, text, resource);
    enum err e = filter_parse(a, r, text, &f);
    if (e != OK) {
        must((e == ERR_FILTER || e == ERR_TOO_MANY) && !str_empty(err_text()));
        return 0;
    }
    bool found = filter_match(a, f, resource);
    if (found)
        check_found(a, r, f, resource);
    filter_uses(f, "groups");
    if (filter_parse(a, r, arena_printf(a, "not (%s)", text), &opposite) == OK)
        must(filter_match(a, opposite, resource) != found);
    return 0;
}
