/* test_user.c — a person as a User and back: what is shown, what is said, and that the one follows from the other. */
#include "scim/user.h"

#include <stdlib.h>

#include "base/str.h"
#include "support/scim.h"
#include "support/support.h"

#define BASE "https://m.example/scim/v2"
#define HEAD "{'schemas':['urn:ietf:params:scim:api:messages:2.0:PatchOp'],'Operations':"

struct bench {
    struct arena *a;
    struct attrs *as;
    struct scim *scim;
    struct user_shape *shape;
};

static struct bench bench_in(struct arena *a)
{
    struct bench b = { .a = a, .as = scim_attrs_for_test(a) };

    b.scim = scim_new(a, b.as, NULL, 0);
    b.shape = user_shape_new(a, b.scim, b.as);
    return b;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct value *)a)->attr->name, ((const struct value *)b)->attr->name);
}

/* "email=a@x|emails=[{'type':'work'}]" as the values of an active person. */
static struct user_view view_of(const struct bench *b, const char *values)
{
    struct user_view v = { .id = 1, .version = 3, .active = true };
    struct value *list = NEW_ARRAY(b->a, struct value, 32);
    char *rest = (char *)scim_text(b->a, values);

    for (char *one; *values && (one = strsep(&rest, "|"));) {
        char *text = strchr(one, '=');
        assert_non_null(text);
        *text++ = '\0';
        list[v.nvalues++] = (struct value){ attr_find(b->as, one), text };
        assert_non_null(list[v.nvalues - 1].attr);
    }
    qsort(list, v.nvalues, sizeof *list, by_name);
    v.values = list;
    return v;
}

static yyjson_val *shown(const struct bench *b, const struct user_view *v)
{
    AUTO_BUF text = {};
    yyjson_val *root;

    user_write(b->a, &text, b->shape, v, BASE);
    assert_ok(json_read_in(b->a, text.at, text.n, &root));
    return root;
}

static const char *listed(const struct bench *b, const struct value *says, size_t n)
{
    AUTO_BUF text = {};

    for (size_t i = 0; i < n; i++)
        buf_printf(&text, "%s%s=%s", i ? "|" : "", says[i].attr->name,
                   says[i].text ? says[i].text : "(none)");
    return arena_textn(b->a, text.at ? text.at : "", text.n);
}

static enum err try_said(const struct bench *b, yyjson_val *body, struct value **says, size_t *n)
{
    yyjson_mut_val *clean;

    TRY(body_clean(body_doc(b->a), &b->scim->user, body, &clean));
    return user_read(b->a, b->shape, clean, says, n);
}

static const char *said(const struct bench *b, yyjson_val *body)
{
    struct value *says;
    size_t n;

    assert_ok(try_said(b, body, &says, &n));
    return listed(b, says, n);
}

/* ---- the whole person ---- */

static void a_person_with_everything_is_shown_in_the_order_of_the_schemas(void **state)
{
    AUTO(arena) *a = arena_new();
    struct bench b = bench_in(a);
    struct user_view v = view_of(&b, "user_name=ana|given_name=Ana|family_name=García|title=Chef|"
                                     "birthday=2000-02-29|department=Sales|custom.squad=blue|"
                                     "custom.size=4.5|custom.remote=true|locale=de-AT");
    struct user_ref in = { 7, "Cooks" };
    AUTO_BUF text = {};

    (void)state;
    v.external_id = "E1";
    v.manager = (struct user_ref){ 2, "Bo" };
    v.more = "cy@x, di@x";
    v.groups = &in;
    v.ngroups = 1;
    v.updated_at = 1500;
    user_write(a, &text, b.shape, &v, BASE);
    assert_string_equal(
        text.at,
        scim_text(
            a,
            "{'schemas':['CORE','ENT','EXT'],'id':'aaaaaaaaaaaab','externalId':'E1','meta':{"
            "'resourceType':'User','created':'1970-01-01T00:00:00.000Z','lastModified':'1970-01-"
            "01T00:00:01.500Z','location':'" BASE "/Users/aaaaaaaaaaaab','version':'W/\\'3\\''},"
            "'userName':'ana','name':{'familyName':'García','givenName':'Ana'},'title':'Chef',"
            "'locale':'de-AT','active':true,'groups':[{'value':'aaaaaaaaaaaah','$ref':'" BASE
            "/Groups/"
            "aaaaaaaaaaaah','display':'Cooks','type':'direct'}],'ENT':{'department':'Sales',"
            "'manager':{'value':'aaaaaaaaaaaac','$ref':'" BASE
            "/Users/aaaaaaaaaaaac','displayName':"
            "'Bo'}},'EXT':{'birthday':'2000-02-29','additionalManagers':'cy@x, di@x','remote':true,"
            "'size':4.5,'squad':'blue'}}"));
}

static void schemas_names_the_extensions_that_have_a_value(void **state)
{
    static const struct { const char *values, *wanted; } cases[] = {
        { "", "['CORE']" },
        { "title=Chef", "['CORE']" },
        { "department=Sales", "['CORE','ENT']" },
        { "custom.squad=blue", "['CORE','EXT']" },
        { "gender=f|cost_center=9", "['CORE','ENT','EXT']" },
    };
    AUTO(arena) *a = arena_new();
    struct bench b = bench_in(a);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct user_view v = view_of(&b, cases[i].values);
        check_same_json(cases[i].values, a, yyjson_obj_get(shown(&b, &v), "schemas"),
                        cases[i].wanted);
    }
}

static void references_alone_bring_their_extension(void **state)
{
    AUTO(arena) *a = arena_new();
    struct bench b = bench_in(a);
    struct user_view v = view_of(&b, "");

    (void)state;
    v.manager.id = 2;
    check_same_json("manager", a, yyjson_obj_get(shown(&b, &v), SCIM_ENTERPRISE),
                    "{'manager':{'value':'aaaaaaaaaaaac','$ref':'" BASE "/Users/aaaaaaaaaaaac'}}");
    v.manager.id = 0;
    v.more = "bo@x";
    check_same_json("more", a, yyjson_obj_get(shown(&b, &v), "schemas"), "['CORE','EXT']");
}

/* ---- lists with an entry that is a plain attribute ---- */

static const struct { const char *list, *plain, *shown, *type; } lists[] = {
    { "emails", "email", "emails", "work" },
    { "phones", "phone", "phoneNumbers", "work" },
    { "photos", "photo", "photos", "photo" },
};

/* PLAIN and LIST stand for the names of the attributes, KIND for the type of the plain one's entry. */
static const char *named(struct arena *a, size_t which, const char *text)
{
    static const char *const words[] = { "PLAIN", "LIST", "KIND" };
    const char *const names[] = { lists[which].plain, lists[which].list, lists[which].type };
    AUTO_BUF out = {};

    while (*text) {
        size_t i = 0;
        while (i < COUNT(words) && !str_starts(text, words[i]))
            i++;
        if (i < COUNT(words)) {
            buf_puts(&out, names[i]);
            text += strlen(words[i]);
        } else {
            buf_putc(&out, *text++);
        }
    }
    return arena_textn(a, out.at ? out.at : "", out.n);
}

static void the_plain_attribute_stands_in_its_list(void **state)
{
    /* same: what is shown says the same again */
    static const struct { const char *values, *wanted; bool same; } cases[] = {
        { "PLAIN=a", "[{'value':'a','type':'KIND','primary':true}]", true },
        { "PLAIN=a|LIST=[{'type':'KIND'}]", "[{'value':'a','type':'KIND'}]", true },
        { "PLAIN=a|LIST=[{}]", "[{'value':'a'}]", true },
        { "PLAIN=a|LIST=[{'type':'KIND'},{'value':'b','type':'home'}]",
          "[{'value':'a','type':'KIND'},{'value':'b','type':'home'}]", true },
        { "PLAIN=a|LIST=[{'value':'b','type':'home','primary':true},{'type':'KIND'}]",
          "[{'value':'b','type':'home','primary':true},{'value':'a','type':'KIND'}]", true },
        { "PLAIN=a|LIST=[{'type':'KIND','primary':true},{'value':'b','type':'KIND'}]",
          "[{'value':'a','type':'KIND','primary':true},{'value':'b','type':'KIND'}]", true },
        { "PLAIN=a|LIST=[{'type':'other','primary':true},{'value':'b','type':'home'}]",
          "[{'value':'a','type':'other','primary':true},{'value':'b','type':'home'}]", true },
        /* A list that another source said, without an entry for the plain attribute. */
        { "PLAIN=a|LIST=[{'value':'b','type':'home'}]",
          "[{'value':'a','type':'KIND','primary':true},{'value':'b','type':'home'}]", false },
        { "PLAIN=a|LIST=[{'value':'b','type':'home','primary':true}]",
          "[{'value':'a','type':'KIND'},{'value':'b','type':'home','primary':true}]", false },
        /* Nobody says the plain attribute any more. */
        { "LIST=[{'type':'KIND'},{'value':'b','type':'home'}]", "[{'value':'b','type':'home'}]",
          false },
        { "LIST=[{'value':'b','type':'home'}]", "[{'value':'b','type':'home'}]", false },
        { "LIST=[{'type':'KIND'}]", NULL, false },
    };
    AUTO(arena) *a = arena_new();
    struct bench b = bench_in(a);

    (void)state;
    for (size_t k = 0; k < COUNT(lists); k++)
        for (size_t i = 0; i < COUNT(cases); i++) {
            const char *values = named(a, k, cases[i].values);
            struct user_view v = view_of(&b, values);
            yyjson_val *root = shown(&b, &v), *list = yyjson_obj_get(root, lists[k].shown);
            if (cases[i].wanted)
                check_same_json(values, a, list, named(a, k, cases[i].wanted));
            else
                assert_null(list);
            if (cases[i].same)
                assert_string_equal(said(&b, root),
                                    arena_printf(a, "%s|state=active", scim_text(a, values)));
        }
}

/* Whoever reads a person and sends them back does not make another address the work e-mail. */
static void what_is_shown_keeps_the_plain_attribute_when_it_is_sent_back(void **state)
{
    static const char *const stored[] = {
        "[{'value':'b','type':'KIND','primary':true}]",
        "[{'value':'b','type':'KIND'},{'value':'c','type':'KIND','primary':true}]",
        "[{'value':'b','primary':true}]",
        "[{'value':'b'}]",
    };
    AUTO(arena) *a = arena_new();
    struct bench b = bench_in(a);

    (void)state;
    for (size_t k = 0; k < COUNT(lists); k++)
        for (size_t i = 0; i < COUNT(stored); i++) {
            const char *values = arena_printf(a, "PLAIN=a|LIST=%s", stored[i]);
            struct user_view v = view_of(&b, named(a, k, values));
            print_message("%s: %s\n", lists[k].list, stored[i]);
            assert_true(
                str_starts(said(&b, shown(&b, &v)), arena_printf(a, "%s=a|", lists[k].plain)));
        }
}

static void a_list_says_which_entry_is_the_plain_attribute(void **state)
{
    static const struct { const char *sent, *wanted; } cases[] = {
        { "[{'value':'a','type':'KIND','primary':true}]", "PLAIN=a" },
        { "[{'value':'a'}]", "PLAIN=a|LIST=[{}]" },
        { "[{'value':'a','type':'home'},{'value':'b','type':'KIND'}]",
          "PLAIN=b|LIST=[{'value':'a','type':'home'},{'type':'KIND'}]" },
        { "[{'value':'a','type':'home'},{'value':'b','type':'other','primary':true}]",
          "PLAIN=b|LIST=[{'value':'a','type':'home'},{'type':'other','primary':true}]" },
        { "[{'value':'a','type':'KIND'},{'value':'b','type':'KIND','primary':true}]",
          "PLAIN=b|LIST=[{'value':'a','type':'KIND'},{'type':'KIND','primary':true}]" },
        { "[{'value':'a','type':'home'},{'value':'b','type':'other'}]",
          "PLAIN=a|LIST=[{'type':'home'},{'value':'b','type':'other'}]" },
        /* An entry without a value is nobody's: it does not become a second one of the plain attribute. */
        { "[{'value':'a','type':'KIND'},{'type':'home','display':'At home'}]",
          "PLAIN=a|LIST=[{'type':'KIND'}]" },
        { "[{'type':'home','display':'At home'}]", "" },
        { "[{'type':'KIND'}]", "" },
        { "[]", "" },
    };
    AUTO(arena) *a = arena_new();
    struct bench b = bench_in(a);

    (void)state;
    for (size_t k = 0; k < COUNT(lists); k++)
        for (size_t i = 0; i < COUNT(cases); i++) {
            const char *sent = named(a, k, cases[i].sent);
            const char *wanted = scim_text(a, named(a, k, cases[i].wanted));
            print_message("%s %s\n", lists[k].shown, sent);
            assert_string_equal(
                said(&b, scim_json(a, arena_printf(a, "{'%s':%s}", lists[k].shown, sent))), wanted);
        }
}

static void a_list_that_cannot_be_kept_is_refused(void **state)
{
    AUTO(arena) *a = arena_new();
    struct bench b = bench_in(a);
    AUTO_BUF body = {};
    struct value *says;
    size_t n;

    (void)state;
    buf_puts(&body, "{'emails':[");
    for (int i = 0; i < 3000; i++)
        buf_printf(&body, "%s{'value':'mail-of-somebody-%d@example.com'}", i ? "," : "", i);
    buf_puts(&body, "]}");
    assert_err(try_said(&b, scim_json(a, body.at), &says, &n), ERR_INVALID,
               "emails: these 3000 entries are longer than the 60 KB");
}

/* ---- single values ---- */

static void values_are_read_as_the_directory_has_them(void **state)
{
    static const struct { const char *sent, *wanted; } cases[] = {
        { "{}", "" },
        { "{'active':false}", "state=deactivated" },
        { "{'active':'True'}", "state=active" },
        { "{'externalId':'E 1'}", "external_id=E 1" },
        { "{'externalId':''}", "" },
        { "{'title':''}", "" },
        { "{'title':null}", "" },
        { "{'name':{'givenName':'Ana','familyName':''}}", "given_name=Ana" },
        { "{'EXT':{'birthday':'2000-02-29'}}", "birthday=2000-02-29" },
        { "{'EXT':{'startDate':'2000-02-29T00:00:00Z'}}", "start_date=2000-02-29" },
        { "{'EXT':{'endDate':'2000-02-29T23:59:59.999+14:00'}}", "end_date=2000-02-29" },
        { "{'EXT':{'size':4.50,'remote':'False','squad':'blue'}}",
          "custom.remote=false|custom.size=4.5|custom.squad=blue" },
        { "{'ENT':{'manager':{'value':'bo@x','displayName':'Bo'}}}", "manager=bo@x" },
        { "{'ENT':{'manager':'bo@x'}}", "manager=bo@x" },
        { "{'ENT':{'manager':{'displayName':'Bo'}}}", "" },
        { "{'EXT':{'additionalManagers':'bo@x'}}", "additional_managers=bo@x" },
        { "{'EXT':{'additionalManagers':' bo@x ,, cy@x, '}}", "additional_managers=bo@x\ncy@x" },
        { "{'EXT':{'additionalManagers':' , '}}", "" },
        { "{'groups':[{'value':'aaaaaaaaaaaah'}],'id':'x','meta':{'version':'y'}}", "" },
    };
    AUTO(arena) *a = arena_new();
    struct bench b = bench_in(a);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        print_message("%s\n", cases[i].sent);
        assert_string_equal(said(&b, scim_json(a, cases[i].sent)), cases[i].wanted);
    }
}

/* ---- there and back ---- */

static const char *some(struct arena *a, const char *const *of, size_t n)
{
    return arena_text(a, of[(size_t)rand() % n]);
}

#define SOME(a, list) some(a, list, COUNT(list))

static const char *random_values(struct arena *a)
{
    static const char *const single[] = { "user_name", "given_name",   "family_name", "title",
                                          "locale",    "custom.squad", "department",  "location",
                                          "timezone",  "middle_name",  "gender" };
    static const char *const texts[] = { "a", "Zoë \\\"Z\\\"", "x=y", "line\nline", "…", "0" };
    static const char *const entries[] = { "", ",{\"value\":\"b\"}",
                                           ",{\"value\":\"c\",\"type\":\"home\"}",
                                           ",{\"value\":\"d\",\"display\":\"D\",\"type\":\"x\"}" };
    AUTO_BUF out = {};

    for (size_t i = 0; i < COUNT(single); i++)
        if (rand() % 2)
            buf_printf(&out, "%s%s=%s", out.n ? "|" : "", single[i], SOME(a, texts));
    for (size_t i = 0; i < COUNT(lists); i++) {
        if (rand() % 2)
            continue;
        buf_printf(&out, "%s%s=m", out.n ? "|" : "", lists[i].plain);
        const char *more = SOME(a, entries);
        if (*more || rand() % 2)
            buf_printf(&out, "|%s=[{\"type\":\"%s\"%s}%s%s]", lists[i].list, lists[i].type,
                       rand() % 2 && *more ? ",\"primary\":true" : "", more, SOME(a, entries));
    }
    if (rand() % 2)
        buf_printf(&out, "%sbirthday=1999-12-31", out.n ? "|" : "");
    if (rand() % 2)
        buf_printf(&out, "%scustom.remote=%s", out.n ? "|" : "", rand() % 2 ? "true" : "false");
    if (rand() % 2)
        buf_printf(&out, "%sroles=[{\"value\":\"cook\"}]", out.n ? "|" : "");
    return arena_textn(a, out.at ? out.at : "", out.n);
}

/* Twice the same entry is kept once: such lists are no fixed points, and are left out above by their values. */
static void what_is_shown_says_the_same_person(void **state)
{
    (void)state;
    srand(4);
    for (int i = 0; i < 500; i++) {
        AUTO(arena) *a = arena_new();
        struct bench b = bench_in(a);
        struct user_view v = view_of(&b, random_values(a));
        const char *first = said(&b, shown(&b, &v));
        struct value *says;
        size_t n;
        yyjson_mut_val *clean;

        assert_ok(body_clean(body_doc(a), &b.scim->user, shown(&b, &v), &clean));
        assert_ok(user_read(a, b.shape, clean, &says, &n));
        struct value *kept = NEW_ARRAY(a, struct value, n + 1);
        size_t m = 0;
        for (size_t k = 0; k < n; k++)
            if (!str_eq(says[k].attr->name, "state"))
                kept[m++] = says[k];
        struct user_view again = v;
        again.values = kept;
        again.nvalues = m;
        assert_string_equal(said(&b, shown(&b, &again)), first);
        for (size_t k = 0; k < v.nvalues; k++)
            if (v.values[k].attr->type != ATTR_LIST)
                assert_non_null(
                    strstr(arena_printf(a, "|%s|", first),
                           arena_printf(a, "|%s=%s|", v.values[k].attr->name, v.values[k].text)));
    }
}

/* ---- PATCH ---- */

#define NAME "{'name':{'givenName':'a','familyName':'b'}}"

static void a_change_says_what_was_named(void **state)
{
    static const struct { const char *before, *operations, *wanted; } cases[] = {
        { "{'title':'a'}", "[{'op':'replace','path':'title','value':'b'}]", "title=b" },
        { "{'title':'a'}", "[{'op':'replace','path':'title','value':'a'}]", "title=a" },
        { "{'title':'a','nickName':'n'}", "[{'op':'remove','path':'title'}]", "title=(none)" },
        { "{'nickName':'n'}", "[{'op':'remove','path':'title'}]", "title=(none)" },
        { "{'title':'a'}", "[{'op':'add','value':{'nickName':'n'}}]", "preferred_name=n" },
        { "{'active':true}", "[{'op':'Replace','path':'active','value':'False'}]",
          "state=deactivated" },
        { "{}", "[{'op':'replace','path':'externalId','value':'E'}]", "external_id=E" },
        { "{'ENT':{'department':'Sales','division':'D'}}",
          "[{'op':'replace','path':'ENT:department','value':'Ops'}]", "department=Ops" },
        { "{'ENT':{'manager':{'value':'bo@x'}}}", "[{'op':'remove','path':'ENT:manager'}]",
          "manager=(none)" },
        { "{}", "[{'op':'add','path':'ENT:manager','value':'bo@x'}]", "manager=bo@x" },
        { "{}", "[{'op':'add','path':'EXT:additionalManagers','value':'bo@x, cy@x'}]",
          "additional_managers=bo@x\ncy@x" },
        { NAME, "[{'op':'replace','path':'name.givenName','value':'a'}]", "given_name=a" },
        { NAME, "[{'op':'replace','path':'name','value':{'GivenName':'c','x':1}}]",
          "given_name=c" },
        { NAME, "[{'op':'add','value':{'name':{'familyName':'b'}}}]", "family_name=b" },
        { NAME, "[{'op':'replace','value':{'name.familyName':'b'}}]", "family_name=b" },
        { NAME, "[{'op':'remove','path':'name.middleName'}]", "middle_name=(none)" },
        { NAME, "[{'op':'remove','path':'name'}]",
          "family_name=(none)|formatted_name=(none)|given_name=(none)|honorific_prefix=(none)|"
          "honorific_suffix=(none)|middle_name=(none)" },
        { "{'ENT':{'manager':{'value':'bo@x'}}}",
          "[{'op':'replace','path':'ENT:manager.value','value':'bo@x'}]", "manager=bo@x" },
        { "{'emails':[{'value':'a','type':'work','primary':true}]}",
          "[{'op':'replace','path':'emails[type eq \\'work\\'].value','value':'b'}]",
          "email=b|emails=(none)" },
        { "{'emails':[{'value':'a','type':'work','primary':true}]}",
          "[{'op':'add','path':'emails','value':[{'value':'b','type':'home'}]}]",
          "email=a|emails=[{'type':'work','primary':true},{'value':'b','type':'home'}]" },
        { "{'emails':[{'value':'a','type':'work'},{'value':'b','type':'home'}]}",
          "[{'op':'remove','path':'emails[type eq \\'work\\']'}]",
          "email=b|emails=[{'type':'home'}]" },
        { "{'emails':[{'value':'a','type':'work'}]}", "[{'op':'remove','path':'emails'}]",
          "email=(none)|emails=(none)" },
    };
    AUTO(arena) *a = arena_new();
    struct bench b = bench_in(a);

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        yyjson_mut_doc *doc = body_doc(a);
        yyjson_mut_val *before = scim_mutable(doc, a, cases[i].before);
        yyjson_mut_val *after = yyjson_mut_val_mut_copy(doc, before);
        yyjson_val *body = scim_json(a, arena_printf(a, HEAD "%s}", cases[i].operations));
        struct patch_named names = {};
        struct value *says;
        size_t n;
        print_message("%s\n", cases[i].operations);
        assert_ok(patch_apply(a, doc, &b.scim->user, after, body, &names));
        assert_ok(user_read_change(a, b.shape, before, after, &names, &says, &n));
        assert_string_equal(listed(&b, says, n), scim_text(a, cases[i].wanted));
    }
}

static void versions_are_weak_tags_and_times_have_milliseconds(void **state)
{
    static const struct { int64_t ms; const char *wanted; } cases[] = {
        { 0, "1970-01-01T00:00:00.000Z" },
        { 951782399999, "2000-02-28T23:59:59.999Z" },
        { 951782400000, "2000-02-29T00:00:00.000Z" },
        { 1763731201005, "2025-11-21T13:20:01.005Z" },
    };
    AUTO(arena) *a = arena_new();

    (void)state;
    assert_string_equal(scim_etag(a, 17), "W/\"17\"");
    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO_BUF text = {};
        scim_write_time(&text, cases[i].ms);
        assert_string_equal(text.at, cases[i].wanted);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_person_with_everything_is_shown_in_the_order_of_the_schemas),
        TEST(schemas_names_the_extensions_that_have_a_value),
        TEST(references_alone_bring_their_extension),
        TEST(the_plain_attribute_stands_in_its_list),
        TEST(what_is_shown_keeps_the_plain_attribute_when_it_is_sent_back),
        TEST(a_list_says_which_entry_is_the_plain_attribute),
        TEST(a_list_that_cannot_be_kept_is_refused),
        TEST(values_are_read_as_the_directory_has_them),
        TEST(what_is_shown_says_the_same_person),
        TEST(a_change_says_what_was_named),
        TEST(versions_are_weak_tags_and_times_have_milliseconds),
    };

    return RUN_TESTS(tests);
}
