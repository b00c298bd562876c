/* test_project.c — attributes, excludedAttributes and sortBy. */
#include "scim/project.h"

#include <stdlib.h>

#include "base/str.h"
#include "support/scim.h"
#include "support/support.h"

#define PERSON                                                                                       \
    "{'schemas':['CORE','ENT'],'id':'i1','externalId':'e1','meta':{'resourceType':'User','"        \
    "version':"                                                                                    \
    "'v'},'userName':'a','name':{'givenName':'G','familyName':'F'},'active':true,'emails':[{'"     \
    "value':'"                                                                                     \
    "w@x','type':'work','primary':true},{'value':'h@x','type':'home'}],'ENT':{'department':'R',"      \
    "'manager':{'value':'26','displayName':'Bo'}}}"
#define ALWAYS "'schemas':['CORE','ENT'],'id':'i1'"

static void writes_what_is_wanted(void **state)
{
    (void)state;
    static const struct { const char *id, *attributes, *excluded, *written; } cases[] = {
        { "ATT-01 nothing asked", NULL, NULL, PERSON },
        { "ATT-01 empty", " , ", "", PERSON },
        { "ATT-01", "userName", NULL, "{" ALWAYS ",'userName':'a'}" },
        { "ATT-01 meta when asked", "meta", NULL,
          "{" ALWAYS ",'meta':{'resourceType':'User','version':'v'}}" },
        { "ATT-01 id", "id", NULL, "{" ALWAYS "}" },
        { "ATT-02", NULL, "name,emails,ENT,meta,externalId",
          "{" ALWAYS ",'userName':'a','active':true}" },
        { "ATT-02 never those always there", NULL,
          "id,schemas,name,emails,ENT,meta,externalId,active,userName", "{" ALWAYS "}" },
        { "ATT-03 sub", "name.givenName", NULL, "{" ALWAYS ",'name':{'givenName':'G'}}" },
        { "ATT-03 sub of a list", "emails.value", NULL,
          "{" ALWAYS ",'emails':[{'value':'w@x'},{'value':'h@x'}]}" },
        { "ATT-03 two subs", "emails.value,emails.type", NULL,
          "{" ALWAYS ",'emails':[{'value':'w@x','type':'work'},{'value':'h@x','type':'home'}]}" },
        { "ATT-03 sub and whole", "name.givenName,name", NULL,
          "{" ALWAYS ",'name':{'givenName':'G','familyName':'F'}}" },
        { "ATT-03 URN", "ENT:department", NULL, "{" ALWAYS ",'ENT':{'department':'R'}}" },
        { "ATT-03 without URN", "department", NULL, "{" ALWAYS ",'ENT':{'department':'R'}}" },
        { "ATT-03 URN and sub", "ENT:manager.value", NULL,
          "{" ALWAYS ",'ENT':{'manager':{'value':'26'}}}" },
        { "ATT-03 extension", "ENT", NULL,
          "{" ALWAYS ",'ENT':{'department':'R','manager':{'value':'26','displayName':'Bo'}}}" },
        { "ATT-03 core URN", "CORE:userName", NULL, "{" ALWAYS ",'userName':'a'}" },
        { "ATT-03 excluded sub", NULL, "name.givenName,emails,ENT,meta,externalId,active",
          "{" ALWAYS ",'userName':'a','name':{'familyName':'F'}}" },
        { "ATT-03 excluded in an extension", NULL,
          "ENT:department,emails,name,meta,externalId,active",
          "{" ALWAYS ",'userName':'a','ENT':{'manager':{'value':'26','displayName':'Bo'}}}" },
        { "ATT-03 all subs excluded", NULL,
          "name.givenName,name.familyName,emails,ENT,meta,externalId,active",
          "{" ALWAYS ",'userName':'a'}" },
        { "ATT-04 blanks, case", " USERNAME , Name.GIVENNAME ", NULL,
          "{" ALWAYS ",'userName':'a','name':{'givenName':'G'}}" },
        { "ATT-04 twice", "userName,username,,", NULL, "{" ALWAYS ",'userName':'a'}" },
        { "ATT-07 unknown", "nonsense,userName,urn:x:y,name.nope", NULL,
          "{" ALWAYS ",'userName':'a'}" },
        { "ATT-07 only unknown", "nonsense", NULL, "{" ALWAYS "}" },
        { "2.4 a filter", "emails[type eq 'work']", NULL,
          "{" ALWAYS ",'emails':[{'value':'w@x','type':'work','primary':true}]}" },
        { "2.4 a filter with a comma", "emails[value eq 'a,b'],userName", NULL,
          "{" ALWAYS ",'userName':'a'}" },
        { "2.4 a filter and a sub", "emails[type eq 'home'].value,userName", NULL,
          "{" ALWAYS ",'userName':'a','emails':[{'value':'h@x'}]}" },
        { "2.4 a filter excluded", NULL,
          "emails[type eq 'home'],ENT,name,meta,externalId,active,userName",
          "{" ALWAYS ",'emails':[{'value':'w@x','type':'work','primary':true}]}" },
    };
    AUTO(arena) *a = arena_new();
    const struct scim_resource *user = &scim_for_test(a)->user;
    yyjson_val *person = scim_json(a, PERSON);

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct projection *p;
        AUTO_BUF b = {};
        yyjson_val *out;
        print_message("%s\n", cases[i].id);
        assert_ok(projection_parse(a, user,
                                   cases[i].attributes ? scim_text(a, cases[i].attributes) : NULL,
                                   cases[i].excluded ? scim_text(a, cases[i].excluded) : NULL, &p));
        projection_write(&b, p, user, person);
        assert_ok(json_read_in(a, b.at, b.n, &out));
        check_same_json(cases[i].id, a, out, cases[i].written);
    }
}

static void att_05_refuses_both(void **state)
{
    (void)state;
    AUTO(arena) *a = arena_new();
    struct projection *p;

    assert_err(projection_parse(a, &scim_for_test(a)->user, "userName", "name", &p), ERR_INVALID,
               "not both");
    assert_ok(projection_parse(a, &scim_for_test(a)->user, "userName", "", &p));
    assert_err(projection_parse(a, &scim_for_test(a)->user, "emails[type", NULL, &p), ERR_FILTER,
               "");
}

static void att_08_tells_what_need_not_be_loaded(void **state)
{
    (void)state;
    AUTO(arena) *a = arena_new();
    struct scim *s = scim_for_test(a);
    struct projection *p;

    assert_true(projection_wants(NULL, "members"));
    assert_ok(projection_parse(a, &s->group, NULL, "members", &p));
    assert_false(projection_wants(p, "members"));
    assert_true(projection_wants(p, "displayName"));
    assert_ok(projection_parse(a, &s->group, NULL, "id,members.display", &p));
    assert_true(projection_wants(p, "members"));
    assert_true(projection_wants(p, "id"));
    assert_ok(projection_parse(a, &s->group, "displayName", NULL, &p));
    assert_false(projection_wants(p, "members"));
    assert_true(projection_wants(p, "displayName"));
    assert_true(projection_wants(p, "schemas"));
    assert_false(projection_wants(p, "meta"));
    assert_ok(projection_parse(a, &s->user, "manager.value", NULL, &p));
    assert_true(projection_wants(p, SCIM_ENTERPRISE));
    assert_true(projection_wants(p, "manager"));
    assert_false(projection_wants(p, "groups"));
    assert_false(projection_wants(p, SCIM_MUSTER));
    assert_ok(projection_parse(a, &s->user, "password", NULL, &p));
    assert_false(projection_wants(p, "password"));
}

static void res_16_the_password_is_never_written(void **state)
{
    (void)state;
    AUTO(arena) *a = arena_new();
    const struct scim_resource *user = &scim_for_test(a)->user;
    yyjson_val *person = scim_json(a, "{'id':'i','userName':'a','password':'secret'}");
    static const char *const asked[] = { NULL, "password", "password,userName", "CORE" };

    for (size_t i = 0; i < COUNT(asked); i++) {
        AUTO_BUF b = {};
        struct projection *p;
        assert_ok(projection_parse(a, user, asked[i] ? scim_text(a, asked[i]) : NULL, NULL, &p));
        projection_write(&b, p, user, person);
        assert_null(strstr(b.at, "secret"));
    }
}

static void res_24_each_is_returned_as_its_schema_says(void **state)
{
    (void)state;
    static const struct {
        const char *id, *attributes, *excluded, *written;
    } cases[] = {
        { "RES-24 nothing asked", NULL, NULL,
          "{'id':'i','box':{'serial':'1','key':'k','text':'t'},'tags':['a'],"
          "'seats':9007199254740993}" },
        { "ATT-06 on request", "extra", NULL, "{'id':'i','extra':'e'}" },
        { "ATT-06 the schema is not the attribute's name", "tags", NULL,
          "{'id':'i','tags':['a']}" },
        { "RES-24 never", "secret,tags", NULL, "{'id':'i','tags':['a']}" },
        { "RES-24 always, within", "box.text", NULL, "{'id':'i','box':{'key':'k','text':'t'}}" },
        { "RES-24 on request, within", "box.label", NULL,
          "{'id':'i','box':{'key':'k','label':'l'}}" },
        { "RES-24 always, excluded", NULL, "box.key,box.text,tags,seats",
          "{'id':'i','box':{'serial':'1','key':'k'}}" },
        { "a whole number", "seats", NULL, "{'id':'i','seats':9007199254740993}" },
        { "items of a plain list", "tags[value eq 'b']", NULL, "{'id':'i'}" },
    };
    AUTO(arena) *a = arena_new();
    yyjson_val *odd = scim_json(
        a,
        "{'id':'i','secret':'s','extra':'e','box':{'serial':'1','key':'k','label':'l','text':'t'},"
        "'tags':['a'],'seats':9007199254740993}");

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct projection *p;
        AUTO_BUF b = {};
        yyjson_val *out;
        print_message("%s\n", cases[i].id);
        assert_ok(projection_parse(a, &scim_odd,
                                   cases[i].attributes ? scim_text(a, cases[i].attributes) : NULL,
                                   cases[i].excluded, &p));
        projection_write(&b, p, &scim_odd, odd);
        assert_ok(json_read_in(a, b.at, b.n, &out));
        check_same_json(cases[i].id, a, out, cases[i].written);
    }
}

/* -1, 0, 1: how the first compares with the second. */
static int order(struct arena *a, const char *by, const char *one, const char *other)
{
    struct path p;
    size_t n, k;

    assert_ok(sort_parse(a, &scim_for_test(a)->user, by, &p));
    const char *x = sort_key(a, &p, scim_json(a, one), &n),
               *y = sort_key(a, &p, scim_json(a, other), &k);
    int c = n && k ? memcmp(x, y, MIN(n, k)) : 0;
    if (c == 0)
        c = (n > k) - (n < k);
    return (c > 0) - (c < 0);
}

static void srt_02_keys_compare_as_their_values_do(void **state)
{
    (void)state;
    static const struct { const char *id, *by, *less, *more; } cases[] = {
        { "text", "userName", "{'userName':'Ada'}", "{'userName':'bo'}" },
        { "text, prefix", "userName", "{'userName':'ad'}", "{'userName':'ADA'}" },
        { "exact", "externalId", "{'externalId':'B'}", "{'externalId':'a'}" },
        { "sub", "name.familyName", "{'name':{'familyName':'a'}}", "{'name':{'familyName':'b'}}" },
        { "name alone is formatted", "name", "{'name':{'formatted':'a'}}",
          "{'name':{'formatted':'b'}}" },
        { "primary", "emails", "{'emails':[{'value':'z'},{'value':'a','primary':true}]}",
          "{'emails':[{'value':'b'}]}" },
        { "first", "emails.value", "{'emails':[{'value':'a'},{'value':'z'}]}",
          "{'emails':[{'value':'b'},{'value':'a'}]}" },
        { "number", "size", "{'EXT':{'size':9}}", "{'EXT':{'size':10}}" },
        { "negative", "size", "{'EXT':{'size':-10}}", "{'EXT':{'size':-9.5}}" },
        { "around nought", "size", "{'EXT':{'size':-0.5}}", "{'EXT':{'size':0}}" },
        { "instant", "meta.lastModified", "{'meta':{'lastModified':'2026-01-01T02:00:00+02:00'}}",
          "{'meta':{'lastModified':'2026-01-01T00:00:00.5Z'}}" },
        { "flag", "active", "{'active':false}", "{'active':true}" },
        { "extension", "ENT:department", "{'ENT':{'department':'a'}}",
          "{'ENT':{'department':'b'}}" },
        { "manager", "manager", "{'ENT':{'manager':{'value':'1'}}}",
          "{'ENT':{'manager':{'value':'2'}}}" },
        { "missing", "title", "{}", "{'title':'a'}" },
    };
    AUTO(arena) *a = arena_new();

    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *by = scim_text(a, cases[i].by);
        print_message("%s\n", cases[i].id);
        assert_int_equal(order(a, by, cases[i].less, cases[i].more), -1);
        assert_int_equal(order(a, by, cases[i].more, cases[i].less), 1);
        assert_int_equal(order(a, by, cases[i].more, cases[i].more), 0);
    }
    assert_int_equal(order(a, "userName", "{'userName':'ADA'}", "{'userName':'ada'}"), 0);
    assert_int_equal(order(a, "meta.created", "{'meta':{'created':'2026-01-01T00:00:00Z'}}",
                           "{'meta':{'created':'2026-01-01T01:00:00.0000000+01:00'}}"), 0);
}

static void srt_01_refuses_what_has_no_order(void **state)
{
    (void)state;
    AUTO(arena) *a = arena_new();
    const struct scim_resource *user = &scim_for_test(a)->user;
    struct path p;

    assert_err(sort_parse(a, user, "nonsense", &p), ERR_PATH, "no attribute");
    assert_err(sort_parse(a, user, "password", &p), ERR_PATH, "no attribute");
    assert_err(sort_parse(a, user, "meta", &p), ERR_PATH, "meta has several parts");
    assert_err(sort_parse(a, user, SCIM_ENTERPRISE, &p), ERR_PATH, "is a schema");
    assert_err(sort_parse(a, user, "emails[type eq \"work\"]", &p), ERR_PATH, "without a filter");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(writes_what_is_wanted),
        TEST(att_05_refuses_both),
        TEST(att_08_tells_what_need_not_be_loaded),
        TEST(res_16_the_password_is_never_written),
        TEST(res_24_each_is_returned_as_its_schema_says),
        TEST(srt_02_keys_compare_as_their_values_do),
        TEST(srt_01_refuses_what_has_no_order),
    };

    return RUN_TESTS(tests);
}
