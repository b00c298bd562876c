/* test_body.c — what clients send, and what is made of it. */
#include "scim/body.h"

#include <stdlib.h>

#include "base/str.h"
#include "support/scim.h"
#include "support/support.h"

static enum err read_text(struct arena *a, const char *text)
{
    yyjson_val *root;

    return body_read(a, text, strlen(text), &root);
}

static void refuses_what_is_no_json_object(void **state)
{
    (void)state;
    static const struct { const char *id, *text, *part; } cases[] = {
        { "ERR-06", "", "empty" },
        { "ERR-06", "{", "not JSON" },
        { "ERR-06", "{\"a\":1,}", "not JSON" },
        { "ERR-06", "{\"a\":1} x", "not JSON" },
        { "ERR-06", "[]", "no object" },
        { "ERR-06", "\"x\"", "no object" },
        { "ERR-06", "null", "no object" },
        { "ERR-06", "{\"a\":1,\"a\":2}", "\"a\" is there twice" },
        { "ERR-06", "{\"x\":[{\"y\":{\"a\":1,\"a\":2}}]}", "\"a\" is there twice" },
        { "HTTP-04", "{\"a\":\"\xff\"}", "not JSON" },
        { "HTTP-04", "{\"a\":\"\xc0\x80\"}", "not JSON" },
        { "HTTP-04", "{\"a\":\"\\ud83d\"}", "not JSON" },
        { "HTTP-04", "{\"a\":\"\\ude00x\"}", "not JSON" },
        { "HTTP-04", "{\"a\":\"x\\u0000y\"}", "NUL" },
    };
    AUTO(arena) *a = arena_new();

    for (size_t i = 0; i < COUNT(cases); i++) {
        print_message("%s %zu\n", cases[i].id, i);
        assert_err(read_text(a, cases[i].text), ERR_USAGE, cases[i].part);
    }
    assert_ok(read_text(a, "\xef\xbb\xbf{\"a\":\"\\ud83d\\ude00\"}"));
    assert_ok(read_text(a, "{\"a\":\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[[[[\"}"));
}

static void res_28_refuses_what_is_too_deep(void **state)
{
    (void)state;
    AUTO(arena) *a = arena_new();
    AUTO_BUF b = {};

    buf_puts(&b, "{\"a\":");
    for (int i = 0; i < BODY_DEPTH - 1; i++)
        buf_putc(&b, '[');
    for (int i = 0; i < BODY_DEPTH - 1; i++)
        buf_putc(&b, ']');
    buf_putc(&b, '}');
    assert_ok(read_text(a, b.at));
    buf_clear(&b);
    buf_puts(&b, "{\"a\":");
    for (int i = 0; i < 100000; i++)
        buf_putc(&b, '[');
    assert_err(read_text(a, b.at), ERR_USAGE, "more than 32 levels deep");
}

static void finds_a_key_twice_among_many(void **state)
{
    (void)state;
    AUTO(arena) *a = arena_new();
    AUTO_BUF b = {};

    buf_putc(&b, '{');
    for (int i = 0; i < 20000; i++)
        buf_printf(&b, "%s\"key%d\":%d", i ? "," : "", i, i);
    size_t end = b.n;
    buf_putc(&b, '}');
    assert_ok(read_text(a, b.at));
    b.n = end;
    buf_puts(&b, ",\"key77\":1}");
    assert_err(read_text(a, b.at), ERR_USAGE, "is there twice");
}

static enum err clean(struct arena *a, const char *body, yyjson_mut_val **out)
{
    return body_clean(body_doc(a), &scim_for_test(a)->user, scim_json(a, body), out);
}

static void takes_what_clients_send(void **state)
{
    (void)state;
    static const struct {
        const char *id, *body, *clean;
    } cases[] = {
        { "HTTP-09 names in any case",
          "{'USERNAME':'a','Name':{'GivenName':'G'},'Emails':[{'Value':'a@x','Primary':true}]}",
          "{'userName':'a','name':{'givenName':'G'},'emails':[{'value':'a@x','primary':true}]}" },
        { "RES-01 id, RES-04 meta, CRT-03 groups",
          "{'id':'x','meta':{'created':'1999'},'groups':[],'userName':'a'}", "{'userName':'a'}" },
        { "RES-03 externalId stays", "{'externalId':'00u','userName':'a'}",
          "{'externalId':'00u','userName':'a'}" },
        { "RES-07 no schemas", "{'userName':'a'}", "{'userName':'a'}" },
        { "RES-07 schemas null", "{'schemas':null,'userName':'a'}", "{'userName':'a'}" },
        { "RES-07 schemas in other case",
          "{'Schemas':['urn:IETF:params:scim:schemas:core:2.0:user'],'userName':'a'}",
          "{'userName':'a'}" },
        { "RES-07 OneLogin's", "{'schemas':['urn:scim:schemas:core:1.0'],'userName':'a'}",
          "{'userName':'a'}" },
        { "RES-08 unknown URN",
          "{'schemas':['CORE','http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/"
          "2.0/Group'],'userName':'a'}",
          "{'userName':'a'}" },
        { "RES-08 unknown URN with data",
          "{'schemas':['CORE','urn:x:y'],'userName':'a','urn:x:y':{'z':1}}", "{'userName':'a'}" },
        { "RES-09 null, [], empty",
          "{'userName':'a','title':null,'roles':[],'emails':null,'nickName':'','name':[]}",
          "{'userName':'a'}" },
        { "RES-09 nulls within",
          "{'userName':'a','name':{'givenName':null},'emails':[null,{'type':'work','value':null},"
          "{'type':'home','value':''}]}",
          "{'userName':'a'}" },
        { "Okta middleName", "{'userName':'a','name':{'givenName':'G','middleName':''}}",
          "{'userName':'a','name':{'givenName':'G'}}" },
        { "RES-10 unknown",
          "{'userName':'a','adreses':[{'x':[1]}],'name':{'givenName':'G','x':{}}}",
          "{'userName':'a','name':{'givenName':'G'}}" },
        { "RES-12 flags as texts", "{'active':'True','emails':[{'value':'a@x','primary':'False'}]}",
          "{'active':true,'emails':[{'value':'a@x','primary':false}]}" },
        { "RES-12 flag", "{'active':false}", "{'active':false}" },
        { "RES-15 case is kept", "{'userName':'AdA','emails':[{'value':'Ada@X','type':'Work'}]}",
          "{'userName':'AdA','emails':[{'value':'Ada@X','type':'Work'}]}" },
        { "RES-17 two primaries",
          "{'emails':[{'value':'a','primary':true},{'value':'b','primary':true}]}",
          "{'emails':[{'value':'a','primary':true},{'value':'b','primary':false}]}" },
        { "RES-18 twice the same",
          "{'emails':[{'value':'a','type':'work'},{'value':'b'},{'value':'a','type':'Work',"
          "'primary':true}]}",
          "{'emails':[{'value':'a','type':'Work','primary':true},{'value':'b'}]}" },
        { "RES-18 twice the same, again and again", "{'roles':['a','a','a','b','b','a','b','c']}",
          "{'roles':[{'value':'a'},{'value':'b'},{'value':'c'}]}" },
        { "RES-18 same value, other type",
          "{'emails':[{'value':'a','type':'work'},{'value':'a','type':'home'}]}",
          "{'emails':[{'value':'a','type':'work'},{'value':'a','type':'home'}]}" },
        { "RES-18 types of our own", "{'emails':[{'value':'a','type':'boat'}]}",
          "{'emails':[{'value':'a','type':'boat'}]}" },
        { "RES-19 as sent", "{'phoneNumbers':[{'value':'55555555555','type':'mobile'}]}",
          "{'phoneNumbers':[{'value':'55555555555','type':'mobile'}]}" },
        { "RES-20 the rest of the core",
          "{'ims':[{'value':'x','type':'aim'}],'photos':[{'value':'https://p.example/F',"
          "'type':'photo'}],'entitlements':[{'value':'e'}],'roles':[{'value':'r'}],'addresses':[{'"
          "type':'work',"
          "'formatted':'1 "
          "Way\\nHere','country':'US','primary':true}],'x509Certificates':[{'value':'TUlJRA=='}]}",
          "{'ims':[{'value':'x','type':'aim'}],'photos':[{'value':'https://p.example/"
          "F','type':'photo'}],"
          "'entitlements':[{'value':'e'}],'roles':[{'value':'r'}],'addresses':[{'type':'work','"
          "formatted':"
          "'1 "
          "Way\\nHere','country':'US','primary':true}],'x509Certificates':[{'value':'TUlJRA=='}]"
          "}" },
        { "RES-21 url-safe", "{'x509Certificates':[{'value':'_-8'}]}",
          "{'x509Certificates':[{'value':'_-8'}]}" },
        { "RES-21 with line ends", "{'x509Certificates':[{'value':'TUlJ\\nRA==\\n'}]}",
          "{'x509Certificates':[{'value':'TUlJ\\nRA==\\n'}]}" },
        { "one object for a list", "{'emails':{'value':'a@x'}}", "{'emails':[{'value':'a@x'}]}" },
        { "plain texts for a list", "{'emails':['a@x','b@x']}",
          "{'emails':[{'value':'a@x'},{'value':'b@x'}]}" },
        { "one plain text", "{'emails':'a@x'}", "{'emails':[{'value':'a@x'}]}" },
        { "PAT-32 manager: text", "{'ENT':{'manager':'26'}}",
          "{'ENT':{'manager':{'value':'26'}}}" },
        { "PAT-32 manager: list",
          "{'ENT':{'manager':[{'$ref':'https://x/Users/26','value':'26'}]}}",
          "{'ENT':{'manager':{'$ref':'https://x/Users/26','value':'26'}}}" },
        { "ENT-03 manager.displayName", "{'ENT':{'manager':{'value':'26','displayName':'Bo'}}}",
          "{'ENT':{'manager':{'value':'26'}}}" },
        { "ENT-06 at the top", "{'userName':'a','department':'R','manager':'26','Division':null}",
          "{'userName':'a','ENT':{'department':'R','manager':{'value':'26'}}}" },
        { "ENT-06 the URN counts more", "{'ENT':{'department':'in'},'department':'out'}",
          "{'ENT':{'department':'in'}}" },
        { "extension URN in other case",
          "{'URN:ietf:params:scim:schemas:extension:Enterprise:2.0:User':{'Department':'R'}}",
          "{'ENT':{'department':'R'}}" },
        { "extension null", "{'userName':'a','ENT':null}", "{'userName':'a'}" },
        { "extension empty", "{'userName':'a','ENT':{'department':null}}", "{'userName':'a'}" },
        { "URN:name", "{'ENT:department':'R','CORE:title':'T'}",
          "{'ENT':{'department':'R'},'title':'T'}" },
        { "the core under its URN", "{'CORE':{'title':'T','externalId':'e'}}",
          "{'title':'T','externalId':'e'}" },
        { "additional managers as one text", "{'EXT':{'additionalManagers':'a@x, b@x'}}",
          "{'EXT':{'additionalManagers':'a@x, b@x'}}" },
        { "additional managers as a list", "{'EXT':{'additionalManagers':[{'value':'a@x'},'b@x']}}",
          "{'EXT':{'additionalManagers':'a@x, b@x'}}" },
        { "EXT-02 custom", "{'EXT':{'squad':'s','size':1.5,'remote':'true'}}",
          "{'EXT':{'squad':'s','size':1.5,'remote':true}}" },
        { "RES-05 dates", "{'EXT':{'startDate':'2026-11-21'}}",
          "{'EXT':{'startDate':'2026-11-21'}}" },
        { "RES-05 instants", "{'EXT':{'startDate':'2026-11-21T14:38:21.8617979-07:00'}}",
          "{'EXT':{'startDate':'2026-11-21T14:38:21.8617979-07:00'}}" },
        { "RES-16 password", "{'userName':'a','password':'t1meMa$heen'}", "{'userName':'a'}" },
    };
    AUTO(arena) *a = arena_new();

    for (size_t i = 0; i < COUNT(cases); i++) {
        yyjson_mut_val *out = NULL;
        print_message("%s\n", cases[i].id);
        assert_ok(clean(a, cases[i].body, &out));
        check_same_made(cases[i].id, a, out, cases[i].clean);
    }
}

static void refuses_what_could_be_misunderstood(void **state)
{
    (void)state;
    static const struct {
        const char *id, *body;
        enum err err;
        const char *part;
    } cases[] = {
        { "RES-07", "{'schemas':['urn:ietf:params:scim:schemas:core:2.0:Group']}", ERR_INVALID,
          "but this is a User" },
        { "RES-07", "{'schemas':'CORE'}", ERR_INVALID, "schemas takes a list" },
        { "RES-07", "{'schemas':[1]}", ERR_INVALID, "schemas takes a list" },
        { "RES-11", "{'userName':7}", ERR_INVALID, "userName takes a text, not a number" },
        { "RES-11", "{'userName':['x']}", ERR_INVALID, "userName takes a text, not a list" },
        { "RES-11", "{'userName':{}}", ERR_INVALID, "userName takes a text, not an object" },
        { "RES-11", "{'name':'x'}", ERR_INVALID, "name takes an object, not \"x\"" },
        { "RES-11", "{'name':[{'givenName':'a'},{'givenName':'b'}]}", ERR_INVALID,
          "name takes an object, not a list" },
        { "RES-11", "{'name':{'givenName':true}}", ERR_INVALID, "name.givenName takes a text" },
        { "RES-11", "{'emails':[{'value':7}]}", ERR_INVALID, "emails.value takes a text" },
        { "RES-11", "{'emails':[7]}", ERR_INVALID, "emails takes an object, not a number" },
        { "RES-11", "{'emails':[[{'value':'x'}]]}", ERR_INVALID,
          "emails takes an object, not a list" },
        { "RES-12", "{'active':'perhaps'}", ERR_INVALID,
          "active takes true or false, not \"perhaps\"" },
        { "RES-12", "{'active':1}", ERR_INVALID, "active takes true or false, not a number" },
        { "RES-21", "{'x509Certificates':[{'value':'not base64!'}]}", ERR_INVALID, "base64" },
        { "RES-21", "{'x509Certificates':[{'value':'TUlJRA='}]}", ERR_INVALID, "base64" },
        { "RES-21", "{'photos':[{'value':'no uri'}]}", ERR_INVALID, "photos.value takes a URI" },
        { "a reference that is none", "{'EXT':{'additionalManagers':[7]}}", ERR_INVALID,
          "additionalManagers takes a text" },
        { "EXT-02", "{'EXT':{'size':'12'}}", ERR_INVALID, "size takes a number" },
        { "EXT-02", "{'EXT':'x'}", ERR_INVALID, "takes an object with its attributes" },
        { "PAT-34", "{'emails':'[{\\'value\\':\\'a\\'}]'}", ERR_USAGE, "JSON within a text" },
    };
    AUTO(arena) *a = arena_new();

    for (size_t i = 0; i < COUNT(cases); i++) {
        yyjson_mut_val *out = NULL;
        print_message("%s %s\n", cases[i].id, cases[i].body);
        assert_err(clean(a, cases[i].body, &out), cases[i].err, cases[i].part);
    }
}

static void res_13_asks_for_what_is_required(void **state)
{
    (void)state;
    AUTO(arena) *a = arena_new();
    struct scim *s = scim_for_test(a);
    yyjson_mut_doc *doc = body_doc(a);

    assert_ok(body_required(&s->user, scim_mutable(doc, a, "{'userName':'a'}")));
    assert_err(body_required(&s->user, scim_mutable(doc, a, "{}")), ERR_INVALID,
               "userName is required");
    assert_err(body_required(&s->user, scim_mutable(doc, a, "{'userName':''}")), ERR_INVALID,
               "userName");
    assert_err(body_required(&s->user, scim_mutable(doc, a, "{'userName':'  '}")), ERR_INVALID,
               "userName");
    assert_err(body_required(&s->group, scim_mutable(doc, a, "{}")), ERR_INVALID,
               "displayName is required");
}

static void what_was_cleaned_stays_as_it_is(void **state)
{
    (void)state;
    const char *body =
        "{'userName':'a','active':'true','emails':[{'value':'a','primary':true},'b',{'value':'b',"
        "'primary':true}],'department':'R','ENT':{'manager':'26'}}";
    AUTO(arena) *a = arena_new();
    yyjson_mut_val *once, *twice;
    yyjson_alc alc = json_alc(a);

    assert_ok(clean(a, body, &once));
    yyjson_val *copy = yyjson_doc_get_root(yyjson_mut_val_imut_copy(once, &alc));
    assert_ok(body_clean(body_doc(a), &scim_for_test(a)->user, copy, &twice));
    assert_true(yyjson_mut_equals(once, twice));
}

/* Ten thousand members cost milliseconds, even if all are there twice. */
static void long_lists_are_not_compared_each_with_each(void **state)
{
    (void)state;
    AUTO(arena) *a = arena_new();
    AUTO_BUF b = {};
    yyjson_mut_val *out;
    yyjson_val *body;

    buf_puts(&b, "{\"roles\":[");
    for (int i = 0; i < 40000; i++)
        buf_printf(&b, "%s{\"value\":\"r%d\"}", i ? "," : "", i % 20000);
    buf_puts(&b, "]}");
    assert_ok(body_read(a, b.at, b.n, &body));
    assert_ok(body_clean(body_doc(a), &scim_for_test(a)->user, body, &out));
    assert_int_equal(yyjson_mut_arr_size(yyjson_mut_obj_get(out, "roles")), 20000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(refuses_what_is_no_json_object),      TEST(res_28_refuses_what_is_too_deep),
        TEST(finds_a_key_twice_among_many),        TEST(takes_what_clients_send),
        TEST(refuses_what_could_be_misunderstood), TEST(res_13_asks_for_what_is_required),
        TEST(what_was_cleaned_stays_as_it_is),     TEST(long_lists_are_not_compared_each_with_each),
    };

    return RUN_TESTS(tests);
}
