/* test_patch.c — PATCH on a resource in memory: before, operations, after. */
#include "scim/patch.h"

#include "base/clock.h"
#include "base/str.h"
#include "support/scim.h"
#include "support/support.h"

#define HEAD "{'schemas':['urn:ietf:params:scim:api:messages:2.0:PatchOp'],'Operations':"

struct patched { const char *id, *before, *operations, *after; };

static enum err apply_to(struct arena *a, const struct scim_resource *r, yyjson_mut_val **resource,
                         const char *before, const char *operations)
{
    yyjson_mut_doc *doc = body_doc(a);
    struct patch_named named;

    *resource = scim_mutable(doc, a, before);
    return patch_apply(a, doc, r, *resource, scim_json(a, arena_printf(a, HEAD "%s}", operations)),
                       &named);
}

static enum err apply(struct arena *a, yyjson_mut_val **resource, const char *before,
                      const char *operations)
{
    return apply_to(a, &scim_for_test(a)->user, resource, before, operations);
}

static void check_rows(struct arena *a, const struct scim_resource *r, const struct patched *cases,
                       size_t n)
{
    for (size_t i = 0; i < n; i++) {
        yyjson_mut_val *resource;
        print_message("%s\n", cases[i].id);
        assert_ok(apply_to(a, r, &resource, cases[i].before, cases[i].operations));
        check_same_made(cases[i].id, a, resource, cases[i].after);
    }
}

static void check_table(const struct patched *cases, size_t n)
{
    AUTO(arena) *a = arena_new();

    check_rows(a, &scim_for_test(a)->user, cases, n);
}

#define WORK "{'type':'work','value':'w@x'}"
#define HOME "{'type':'home','value':'h@x'}"

static void add_sets_merges_and_appends(void **state)
{
    (void)state;
    static const struct patched cases[] = {
        { "PAT-02 op in any case", "{'title':'a'}", "[{'op':'ADD','path':'title','value':'b'}]",
          "{'title':'b'}" },
        { "PAT-03 in order", "{}",
          "[{'op':'add','path':'title','value':'b'},{'op':'remove','path':'title'}]", "{}" },
        { "PAT-03 on the result before", "{}",
          "[{'op':'add','path':'emails','value':[" WORK "]},{'op':'replace',"
          "'path':'emails[type eq \\'work\\'].value','value':'n@x'}]",
          "{'emails':[{'type':'work','value':'n@x'}]}" },
        { "PAT-10 no path", "{'name':{'givenName':'G'},'ENT':{'division':'D'},'emails':[" WORK "]}",
          "[{'op':'add','value':{'title':'T','name':{'familyName':'F'},'ENT':{'department':'R'},'"
          "emails':[" HOME "]}}]",
          "{'title':'T','name':{'givenName':'G','familyName':'F'},'ENT':{'division':'D','"
          "department':'R'},"
          "'emails':[" WORK "," HOME "]}" },
        { "PAT-11 appends", "{'emails':[" WORK "]}",
          "[{'op':'add','path':'emails','value':[" HOME "]}]", "{'emails':[" WORK "," HOME "]}" },
        { "PAT-11 identical", "{'emails':[" WORK "]}",
          "[{'op':'add','path':'emails','value':[" WORK "]}]", "{'emails':[" WORK "]}" },
        { "PAT-11 identical, many", "{'emails':[" WORK "]}",
          "[{'op':'add','path':'emails','value':[" WORK ",'a','b','c','d'"
          "," WORK "]}]",
          "{'emails':[" WORK ",{'value':'a'},{'value':'b'},{'value':'c'},{'value':'d'}]}" },
        { "PAT-12 single", "{'title':'a'}", "[{'op':'add','path':'title','value':'b'}]",
          "{'title':'b'}" },
        { "PAT-12 complex", "{'name':{'givenName':'G','familyName':'F'}}",
          "[{'op':'add','path':'name','value':{'givenName':'H'}}]",
          "{'name':{'givenName':'H','familyName':'F'}}" },
        { "PAT-13 one object", "{}", "[{'op':'add','path':'emails','value':" WORK "}]",
          "{'emails':[" WORK "]}" },
        { "PAT-14 filter without match", "{'emails':[" HOME "]}",
          "[{'op':'Add','path':'emails[type eq \\'work\\'].value','value':'w@x'}]",
          "{'emails':[" HOME "," WORK "]}" },
        { "PAT-14 nothing there at all", "{}",
          "[{'op':'Add','path':'phoneNumbers[type eq \\'mobile\\'].value','value':'+47'}]",
          "{'phoneNumbers':[{'type':'mobile','value':'+47'}]}" },
        { "PAT-14 primary", "{}",
          "[{'op':'Add','path':'roles[primary eq \\'True\\'].value','value':'boss'}]",
          "{'roles':[{'primary':true,'value':'boss'}]}" },
        { "PAT-14 more terms", "{}",
          "[{'op':'add','path':'addresses[type eq \\'work\\' and primary eq "
          "true].country','value':'NO'}]",
          "{'addresses':[{'type':'work','primary':true,'country':'NO'}]}" },
        { "PAT-14 a whole item", "{}",
          "[{'op':'add','path':'emails[type eq \\'work\\']','value':{'value':'w@x'}}]",
          "{'emails':[" WORK "]}" },
        { "PAT-14 with a not", "{}",
          "[{'op':'add','path':'emails[type eq \\'work\\' and not (value co "
          "\\'old\\')].value','value':'w@x'}]",
          "{'emails':[" WORK "]}" },
        { "add at a filter that matches", "{'emails':[" WORK "]}",
          "[{'op':'add','path':'emails[type eq \\'work\\']','value':{'display':'W'}}]",
          "{'emails':[{'type':'work','value':'w@x','display':'W'}]}" },
        { "add of nothing", "{'title':'T'}",
          "[{'op':'add','path':'title','value':null},{'op':'add','path':'emails','value':[]}]",
          "{'title':'T'}" },
        { "RES-12 flag as text", "{'active':true}",
          "[{'op':'Add','path':'active','value':'False'}]", "{'active':false}" },
        { "a plain text", "{}", "[{'op':'add','path':'emails','value':'w@x'}]",
          "{'emails':[{'value':'w@x'}]}" },
        { "sub of a list without filter", "{'emails':[" WORK "," HOME "]}",
          "[{'op':'add','path':'emails.display','value':'X'}]",
          "{'emails':[{'type':'work','value':'w@x','display':'X'},{'type':'home','value':'h@x','"
          "display':'X'}]}" },
        { "sub of a list that is not there", "{}",
          "[{'op':'add','path':'emails.value','value':'w@x'}]", "{'emails':[{'value':'w@x'}]}" },
        { "unknown keys in an operation", "{}",
          "[{'op':'add','name':'addTitle','path':'title','value':'T'}]", "{'title':'T'}" },
        { "keys in any case", "{}", "[{'Op':'add','PATH':'title','Value':'T'}]", "{'title':'T'}" },
        { "path null or empty", "{}",
          "[{'op':'add','path':null,'value':{'title':'T'}},{'op':'add','path':'','value':{'"
          "nickName':'N'}}]",
          "{'title':'T','nickName':'N'}" },
    };

    check_table(cases, COUNT(cases));
}

static void replace_puts_one_in_place_of_the_other(void **state)
{
    (void)state;
    static const struct patched cases[] = {
        { "PAT-15 no path", "{'title':'a','nickName':'n'}",
          "[{'op':'replace','value':{'title':'b'}}]", "{'title':'b','nickName':'n'}" },
        { "PAT-15 dotted and URN keys",
          "{'displayName':'A','name':{'givenName':'G','middleName':'M'},'ENT':{'division':'D'}}",
          "[{'op':'replace','value':{'displayName':'B','name.givenName':'K','name.familyName':'U','"
          "ENT:employeeNumber':'7'}}]",
          "{'displayName':'B','name':{'givenName':'K','middleName':'M','familyName':'U'},'ENT':{'"
          "division':'D','employeeNumber':'7'}}" },
        { "PAT-15 a filter in a key", "{'emails':[" WORK "," HOME "]}",
          "[{'op':'replace','value':{'emails[type eq \\'work\\'].value':'n@x'}}]",
          "{'emails':[{'type':'work','value':'n@x'}," HOME "]}" },
        { "PAT-15 dotted within an extension", "{}",
          "[{'op':'replace','value':{'ENT':{'manager.value':'26'}}}]",
          "{'ENT':{'manager':{'value':'26'}}}" },
        { "PAT-16 missing", "{}", "[{'op':'replace','path':'title','value':'b'}]",
          "{'title':'b'}" },
        { "PAT-17 the whole list", "{'emails':[" WORK "]}",
          "[{'op':'replace','path':'emails','value':[" HOME "]}]", "{'emails':[" HOME "]}" },
        { "PAT-17 by nothing", "{'emails':[" WORK "]}",
          "[{'op':'replace','path':'emails','value':[]}]", "{}" },
        { "PAT-18 every match", "{'emails':[" WORK ",{'type':'work','value':'v@x'}," HOME "]}",
          "[{'op':'replace','path':'emails[type eq \\'work\\'].display','value':'D'}]",
          "{'emails':[{'type':'work','value':'w@x','display':'D'},{'type':'work','value':'v@x','"
          "display':'D'}," HOME "]}" },
        { "PAT-18 whole items", "{'emails':[{'type':'work','value':'w@x','display':'D'}," HOME "]}",
          "[{'op':'replace','path':'emails[type eq \\'work\\']','value':{'value':'n@x'}}]",
          "{'emails':[{'type':'work','value':'n@x'}," HOME "]}" },
        { "PAT-18 RFC 7644 §3.5.2.3", "{'addresses':[{'type':'work','country':'NO','region':'R'}]}",
          "[{'op':'replace','path':'addresses[type eq "
          "\\'work\\']','value':{'type':'work','streetAddress':'911 Universal City Plaza',"
          "'country':'US','primary':true}}]",
          "{'addresses':[{'type':'work','streetAddress':'911 Universal City "
          "Plaza','country':'US','primary':true}]}" },
        { "PAT-18 only a mark", "{'emails':[" WORK "]}",
          "[{'op':'replace','path':'emails[type eq \\'work\\']','value':{'primary':true}}]",
          "{'emails':[{'type':'work','value':'w@x','primary':true}]}" },
        { "PAT-18 without match", "{}",
          "[{'op':'Replace','path':'emails[type eq \\'work\\'].value','value':'w@x'}]",
          "{'emails':[" WORK "]}" },
        { "PAT-19 complex", "{'name':{'givenName':'G','familyName':'F'}}",
          "[{'op':'replace','path':'name','value':{'givenName':'H'}}]",
          "{'name':{'givenName':'H','familyName':'F'}}" },
        { "PAT-19 null within", "{'name':{'givenName':'G','familyName':'F'}}",
          "[{'op':'replace','path':'name','value':{'givenName':null}}]",
          "{'name':{'familyName':'F'}}" },
        { "PAT-19 a sub-attribute", "{'name':{'givenName':'G','familyName':'F'}}",
          "[{'op':'replace','path':'name.familyName','value':'N'}]",
          "{'name':{'givenName':'G','familyName':'N'}}" },
        { "PAT-09 unknown in a value", "{}",
          "[{'op':'replace','value':{'adreses':1,'urn:x:y':{'z':1},'title':'T','name.x':'y'}}]",
          "{'title':'T'}" },
        { "PAT-25 Okta's id", "{'id':'aaaa','displayName':'A'}",
          "[{'op':'replace','value':{'id':'aaaa','displayName':'X','meta':{},"
          "'groups':[],'schemas':['CORE']}}]",
          "{'id':'aaaa','displayName':'X'}" },
        { "PAT-27 another primary",
          "{'emails':[{'value':'a','primary':true},{'value':'b','type':'home'}]}",
          "[{'op':'replace','path':'emails[type eq \\'home\\'].primary','value':true}]",
          "{'emails':[{'value':'a','primary':false},{'value':'b','type':'home','primary':true}]}" },
        { "PAT-27 added", "{'emails':[{'value':'a','primary':true}]}",
          "[{'op':'add','path':'emails','value':[{'value':'b','primary':true}]}]",
          "{'emails':[{'value':'a','primary':false},{'value':'b','primary':true}]}" },
        { "PAT-27 added many", "{'emails':[{'value':'a','primary':true}]}",
          "[{'op':'add','path':'emails','value':['x','y','z','q',{'value':'b','primary':true}]}]",
          "{'emails':[{'value':'a','primary':false},{'value':'x'},{'value':'y'},{'value':'z'},{'"
          "value':'q'},"
          "{'value':'b','primary':true}]}" },
        { "PAT-27 one that is there", "{'emails':[{'value':'a','primary':true},{'value':'b'}]}",
          "[{'op':'add','path':'emails','value':[{'value':'b','primary':true}]}]",
          "{'emails':[{'value':'a','primary':false},{'value':'b','primary':true}]}" },
        { "PAT-27 the primary's value", "{'emails':[{'value':'a','primary':true},{'value':'b'}]}",
          "[{'op':'Replace','path':'emails[primary eq true].value','value':'n'}]",
          "{'emails':[{'value':'n','primary':true},{'value':'b'}]}" },
        { "PAT-28 every operator", "{'emails':[" WORK "," HOME "]}",
          "[{'op':'replace','path':'emails[type eq \\'WORK\\' and not (value co "
          "\\'z\\')].value','value':'n@x'}]",
          "{'emails':[{'type':'work','value':'n@x'}," HOME "]}" },
    };

    check_table(cases, COUNT(cases));
}

static void replace_knows_managers_extensions_and_nothing(void **state)
{
    (void)state;
    static const struct patched cases[] = {
        { "PAT-32 a text",
          "{'ENT':{'manager':{'value':'25','$ref':'https://x/Users/25','displayName':'Al'}}}",
          "[{'op':'Add','path':'ENT:manager','value':'26'}]",
          "{'ENT':{'manager':{'value':'26'}}}" },
        { "PAT-32 an object", "{}",
          "[{'op':'Replace','path':'ENT:manager','value':{'value':'26'}}]",
          "{'ENT':{'manager':{'value':'26'}}}" },
        { "PAT-32 a list of one, without URN", "{}",
          "[{'op':'Add','path':'manager','value':[{'$ref':'http://x/Users/26','value':'26'}]}]",
          "{'ENT':{'manager':{'$ref':'http://x/Users/26','value':'26'}}}" },
        { "PAT-32 its value", "{}", "[{'op':'add','path':'ENT:manager.value','value':'26'}]",
          "{'ENT':{'manager':{'value':'26'}}}" },
        { "PAT-32 no path", "{'ENT':{'manager':{'value':'25','$ref':'r'}}}",
          "[{'op':'replace','value':{'ENT':{'manager':'26'}}}]",
          "{'ENT':{'manager':{'value':'26'}}}" },
        { "PAT-33 merges", "{'ENT':{'division':'D','department':'R'}}",
          "[{'op':'add','path':'ENT','value':{'department':'S'}}]",
          "{'ENT':{'division':'D','department':'S'}}" },
        { "PAT-33 replaces", "{'ENT':{'department':'R'}}",
          "[{'op':'replace','path':'ENT','value':{'department':'S'}}]",
          "{'ENT':{'department':'S'}}" },
        { "without a value", "{'title':'T'}", "[{'op':'replace','path':'title'}]", "{}" },
        { "by nothing at a filter", "{'emails':[" WORK "," HOME "]}",
          "[{'op':'Replace','path':'emails[type eq \\'work\\'].value','value':''}]",
          "{'emails':[" HOME "]}" },
        { "null in a value", "{'title':'T','emails':[" WORK "]}",
          "[{'op':'replace','value':{'title':null,'emails':null}}]", "{}" },
        { "two become the same", "{'emails':[" WORK ",{'type':'work','value':'v@x'}]}",
          "[{'op':'replace','path':'emails[value eq \\'v@x\\'].value','value':'w@x'}]",
          "{'emails':[" WORK "]}" },
        { "custom", "{}",
          "[{'op':'replace','path':'EXT:squad','value':'s'},{'op':'add','path':'EXT:size','value':"
          "3}]",
          "{'EXT':{'squad':'s','size':3}}" },
        { "additional managers as one text", "{}",
          "[{'op':'replace','path':'EXT:additionalManagers','value':'a@x,b@x'}]",
          "{'EXT':{'additionalManagers':'a@x,b@x'}}" },
        { "core URN", "{}",
          "[{'op':'replace','path':'CORE:title','value':'T'},{'op':'add','value':{'CORE:nickName':'"
          "N'}}]",
          "{'title':'T','nickName':'N'}" },
    };

    check_table(cases, COUNT(cases));
}

static void remove_takes_out_what_is_named(void **state)
{
    (void)state;
    static const struct patched cases[] = {
        { "PAT-21 single", "{'title':'T','nickName':'N'}", "[{'op':'Remove','path':'title'}]",
          "{'nickName':'N'}" },
        { "PAT-21 a list", "{'emails':[" WORK "]}", "[{'op':'remove','path':'emails'}]", "{}" },
        { "PAT-21 matches", "{'emails':[" WORK "," HOME "]}",
          "[{'op':'remove','path':'emails[type eq \\'work\\']'}]", "{'emails':[" HOME "]}" },
        { "PAT-21 sub of matches", "{'emails':[{'value':'a','type':'work','display':'D'}]}",
          "[{'op':'remove','path':'emails[type eq \\'work\\'].display'}]",
          "{'emails':[{'value':'a','type':'work'}]}" },
        { "PAT-21 value of matches",
          "{'emails':[{'value':'a','type':'work','display':'D'}," HOME "]}",
          "[{'op':'remove','path':'emails[type eq \\'work\\'].value'}]", "{'emails':[" HOME "]}" },
        { "PAT-21 sub of complex", "{'name':{'givenName':'G','familyName':'F'}}",
          "[{'op':'remove','path':'name.givenName'}]", "{'name':{'familyName':'F'}}" },
        { "PAT-21 last sub", "{'name':{'givenName':'G'}}",
          "[{'op':'remove','path':'name.givenName'}]", "{}" },
        { "PAT-21 country", "{'addresses':[{'type':'work','country':'NO'}]}",
          "[{'op':'remove','path':'addresses[type eq \\'work\\'].country'}]", "{}" },
        { "PAT-22 the last one", "{'emails':[" WORK "]}",
          "[{'op':'remove','path':'emails[type eq \\'work\\']'}]", "{}" },
        { "PAT-22 absent", "{}",
          "[{'op':'remove','path':'title'},{'op':'remove','path':'emails'},{'op':'remove','path':'"
          "name.givenName'},"
          "{'op':'remove','path':'ENT:manager'}]",
          "{}" },
        { "PAT-22 no match", "{'emails':[" HOME "]}",
          "[{'op':'remove','path':'emails[type eq \\'work\\']'},{'op':'remove',"
          "'path':'emails[type eq \\'work\\'].value'}]",
          "{'emails':[" HOME "]}" },
        { "PAT-23 a list of values", "{'emails':[" WORK "," HOME "]}",
          "[{'op':'Remove','path':'emails','value':[{'$ref':null,'value':'W@x'}]}]",
          "{'emails':[" HOME "]}" },
        { "PAT-23 another type", "{'emails':[" WORK "]}",
          "[{'op':'Remove','path':'emails','value':[{'type':'home','value':'w@x'}]}]",
          "{'emails':[" WORK "]}" },
        { "PAT-33 an extension", "{'title':'T','ENT':{'department':'R','manager':{'value':'26'}}}",
          "[{'op':'remove','path':'ENT'}]", "{'title':'T'}" },
        { "PAT-33 the last of an extension", "{'ENT':{'department':'R'}}",
          "[{'op':'remove','path':'ENT:department'}]", "{}" },
        { "manager", "{'ENT':{'manager':{'value':'26'},'division':'D'}}",
          "[{'op':'Remove','path':'ENT:manager'}]", "{'ENT':{'division':'D'}}" },
        { "manager.value", "{'ENT':{'manager':{'value':'26','$ref':'r','displayName':'X'}}}",
          "[{'op':'remove','path':'ENT:manager.value'}]", "{}" },
    };

    check_table(cases, COUNT(cases));
}

static void pat_29_plain_lists_call_their_items_value(void **state)
{
    (void)state;
    static const struct patched cases[] = {
        { "PAT-29 add", "{'tags':['a']}", "[{'op':'add','path':'tags','value':['b','a']}]",
          "{'tags':['a','b']}" },
        { "PAT-29 add one", "{}", "[{'op':'add','path':'tags','value':'b'}]", "{'tags':['b']}" },
        { "PAT-29 remove", "{'tags':['a','b']}",
          "[{'op':'remove','path':'tags[value eq \\'a\\']'}]", "{'tags':['b']}" },
        { "PAT-29 replace", "{'tags':['a','b']}",
          "[{'op':'replace','path':'tags[value eq \\'a\\']','value':'c'}]", "{'tags':['c','b']}" },
        { "PAT-29 replace what is not there", "{'tags':['a']}",
          "[{'op':'replace','path':'tags[value eq \\'x\\']','value':'c'}]", "{'tags':['a','c']}" },
        { "PAT-29 by its name", "{}", "[{'op':'add','path':'tags.value','value':'c'}]",
          "{'tags':['c']}" },
        { "PAT-23 a list of values", "{'tags':['a','b']}",
          "[{'op':'remove','path':'tags','value':['b']}]", "{'tags':['a']}" },
    };
    AUTO(arena) *a = arena_new();

    check_rows(a, &scim_odd, cases, COUNT(cases));
}

static void pat_26_immutable_is_set_once(void **state)
{
    (void)state;
    static const struct patched cases[] = {
        { "PAT-26 unset", "{}", "[{'op':'add','path':'badge','value':'7'}]", "{'badge':'7'}" },
        { "PAT-26 the same", "{'badge':'7'}", "[{'op':'replace','path':'badge','value':'7'}]",
          "{'badge':'7'}" },
        { "PAT-26 a part", "{'box':{'text':'t'}}",
          "[{'op':'add','path':'box','value':{'serial':'1'}}]",
          "{'box':{'text':'t','serial':'1'}}" },
    };
    static const struct { const char *before, *operations; } wrong[] = {
        { "{'badge':'7'}", "[{'op':'replace','path':'badge','value':'8'}]" },
        { "{'badge':'7'}", "[{'op':'replace','value':{'badge':'8'}}]" },
        { "{'badge':'7'}", "[{'op':'remove','path':'badge'}]" },
        { "{}",
          "[{'op':'add','path':'badge','value':'7'},{'op':'add','path':'badge','value':'8'}]" },
        { "{'box':{'serial':'1'}}", "[{'op':'replace','path':'box.serial','value':'2'}]" },
        { "{'box':{'serial':'1'}}", "[{'op':'replace','path':'box','value':{'serial':'2'}}]" },
        { "{'box':{'serial':'1'}}", "[{'op':'remove','path':'box.serial'}]" },
    };
    AUTO(arena) *a = arena_new();
    yyjson_mut_val *resource;

    check_rows(a, &scim_odd, cases, COUNT(cases));
    for (size_t i = 0; i < COUNT(wrong); i++)
        assert_err(apply_to(a, &scim_odd, &resource, wrong[i].before, wrong[i].operations),
                   ERR_MUTABILITY, "cannot be changed once it is set");
}

static void refuses_what_it_cannot_do(void **state)
{
    (void)state;
    static const struct {
        const char *id, *before, *operations;
        enum err err;
        const char *part;
    } cases[] = {
        { "PAT-01", "{}", "[]", ERR_USAGE, "Operations" },
        { "PAT-01", "{}", "{'op':'add'}", ERR_USAGE, "Operations" },
        { "PAT-01", "{}", "['add']", ERR_USAGE, "operation 1: an operation is an object" },
        { "PAT-02", "{}", "[{'op':'move','path':'title','value':'x'}]", ERR_USAGE, "not \"move\"" },
        { "PAT-02", "{}", "[{'path':'title','value':'x'}]", ERR_USAGE, "\"op\" is missing" },
        { "PAT-02", "{}", "[{'op':1}]", ERR_USAGE, "\"op\" is missing" },
        { "PAT-08", "{}", "[{'op':'add','path':'emails[type','value':'x'}]", ERR_FILTER,
          "operation 1" },
        { "PAT-08", "{}", "[{'op':'add','path':7,'value':'x'}]", ERR_PATH, "takes a text" },
        { "PAT-09", "{}",
          "[{'op':'add','path':'title','value':'x'},{'op':'add','path':'adreses','value':'x'}]",
          ERR_PATH, "operation 2: a User has no attribute \"adreses\"" },
        { "PAT-14", "{}",
          "[{'op':'replace','path':'emails[value co \\'x\\'].display','value':'x'}]", ERR_NO_TARGET,
          "emails" },
        { "PAT-14", "{}", "[{'op':'add','path':'emails[type ne \\'work\\'].value','value':'x'}]",
          ERR_NO_TARGET, "emails" },
        { "PAT-14", "{}",
          "[{'op':'add','path':'emails[type eq \\'a\\' or type eq \\'b\\'].value','value':'x'}]",
          ERR_NO_TARGET, "emails" },
        { "PAT-14", "{}",
          "[{'op':'add','path':'emails[type eq \\'a\\' and type eq \\'b\\'].value','value':'x'}]",
          ERR_NO_TARGET, "emails" },
        { "PAT-20", "{'title':'T'}", "[{'op':'remove'}]", ERR_NO_TARGET, "remove needs a path" },
        { "PAT-20", "{'title':'T'}", "[{'op':'remove','path':'CORE'}]", ERR_NO_TARGET,
          "as a whole" },
        { "PAT-24", "{'userName':'a'}", "[{'op':'remove','path':'userName'}]", ERR_INVALID,
          "userName is required" },
        { "PAT-24", "{'userName':'a'}", "[{'op':'replace','path':'userName','value':''}]",
          ERR_INVALID, "userName is required" },
        { "PAT-24", "{'userName':'a'}", "[{'op':'replace','value':{'userName':null}}]", ERR_INVALID,
          "userName is required" },
        { "PAT-25", "{}", "[{'op':'replace','path':'id','value':'x'}]", ERR_MUTABILITY, "id" },
        { "PAT-25", "{}", "[{'op':'add','path':'groups','value':[{'value':'x'}]}]", ERR_MUTABILITY,
          "groups" },
        { "PAT-25", "{}", "[{'op':'replace','path':'meta.created','value':'x'}]", ERR_MUTABILITY,
          "meta.created" },
        { "PAT-25", "{}", "[{'op':'add','path':'schemas','value':['x']}]", ERR_MUTABILITY,
          "schemas" },
        { "PAT-25", "{}", "[{'op':'remove','path':'groups[value eq \\'x\\']'}]", ERR_MUTABILITY,
          "groups" },
        { "ENT-03", "{}", "[{'op':'replace','path':'ENT:manager.displayName','value':'x'}]",
          ERR_MUTABILITY, "displayName" },
        { "PAT-25", "{'id':'aaaa'}", "[{'op':'replace','value':{'id':'bbbb'}}]", ERR_MUTABILITY,
          "cannot become bbbb" },
        { "PAT-30", "{}", "[{'op':'replace','path':'active','value':'perhaps'}]", ERR_INVALID,
          "active takes true or false" },
        { "PAT-30", "{}", "[{'op':'replace','path':'title','value':7}]", ERR_INVALID,
          "title takes a text" },
        { "PAT-30", "{}", "[{'op':'replace','path':'name','value':'x'}]", ERR_INVALID,
          "name takes an object" },
        { "PAT-30", "{}", "[{'op':'add','path':'emails[type eq \\'work\\'].value','value':7}]",
          ERR_INVALID, "emails: value takes a text" },
        { "PAT-30", "{}",
          "[{'op':'add','path':'emails[type eq "
          "\\'work\\']','value':[{'value':'a'},{'value':'b'}]}]",
          ERR_INVALID, "not a list" },
        { "PAT-34", "{}", "[{'op':'replace','value':'{\\'active\\':false}'}]", ERR_USAGE,
          "not one within quotes" },
        { "PAT-34", "{}", "[{'op':'replace','path':'name','value':'{\\'givenName\\':\\'x\\'}'}]",
          ERR_USAGE, "JSON within a text" },
        { "PAT-34", "{}", "[{'op':'replace','path':'ENT','value':'{\\'department\\':\\'x\\'}'}]",
          ERR_USAGE, "not one within quotes" },
        { "PAT-15", "{}", "[{'op':'replace','value':7}]", ERR_INVALID, "must be an object" },
        { "PAT-15", "{}", "[{'op':'replace'}]", ERR_INVALID, "must be an object" },
        { "add without value", "{}", "[{'op':'add','path':'title'}]", ERR_INVALID,
          "has a \"value\"" },
    };
    AUTO(arena) *a = arena_new();
    yyjson_mut_val *resource;

    for (size_t i = 0; i < COUNT(cases); i++) {
        print_message("%s %s\n", cases[i].id, cases[i].operations);
        assert_err(apply(a, &resource, cases[i].before, cases[i].operations), cases[i].err,
                   cases[i].part);
    }
}

static void pat_01_asks_for_the_message_it_is(void **state)
{
    (void)state;
    static const char *const bodies[] = {
        "{}",
        "{'Operations':[{'op':'add','path':'title','value':'x'}]}",
        "{'schemas':['CORE'],'Operations':[{'op':'add','path':'title','value':'x'}]}",
        "{'schemas':['urn:ietf:params:scim:api:messages:2.0:PatchOp']}",
    };
    AUTO(arena) *a = arena_new();
    yyjson_mut_doc *doc = body_doc(a);
    const struct scim_resource *user = &scim_for_test(a)->user;
    struct patch_named named;

    for (size_t i = 0; i < COUNT(bodies); i++)
        assert_err(patch_apply(a, doc, user, yyjson_mut_obj(doc), scim_json(a, bodies[i]), &named),
                   ERR_USAGE, "a PATCH has");
    assert_ok(patch_apply(
        a, doc, user, yyjson_mut_obj(doc),
        scim_json(a, "{'id':'x','SCHEMAS':['urn:ietf:params:scim:api:messages:2.0:patchop'],"
                     "'operations':[{'op':'add','path':'title','value':'x'}]}"),
        &named));
}

static void tells_which_attributes_were_named(void **state)
{
    (void)state;
    static const char *const wanted[] = { "title", "emails", "department", "externalId" };
    AUTO(arena) *a = arena_new();
    yyjson_mut_doc *doc = body_doc(a);
    struct patch_named named;

    assert_ok(patch_apply(a, doc, &scim_for_test(a)->user, yyjson_mut_obj(doc),
                          scim_json(a, HEAD "[{'op':'remove','path':'title'},{'op':'add','path':'"
                                            "emails[type eq \\'work\\'].value',"
                                            "'value':'x'},{'op':'replace','value':{'emails':[],'"
                                            "ENT:department':'R','externalId':'e',"
                                            "'groups':[]}}]}"),
                          &named));
    assert_int_equal(named.n, COUNT(wanted));
    for (size_t i = 0; i < named.n; i++)
        assert_string_equal(named.attrs[i]->name, wanted[i]);
}

static void pat_31_saying_the_same_changes_nothing(void **state)
{
    (void)state;
    const char *before = "{'userName':'a','title':'T','name':{'givenName':'G'},'emails':[" WORK
                         ",{'value':'b','primary':true}],"
                         "'ENT':{'department':'R','manager':{'value':'26','$ref':'r'}}}";
    const char *operations =
        "[{'op':'replace','path':'title','value':'T'},{'op':'add','path':'emails','value':[" WORK
        "]},{'op':'replace','value':"
        "{'name':{'givenName':'G'},'ENT':{'manager':{'value':'26'}}}},{'op':'replace','path':'"
        "emails[type eq \\'work\\'].value',"
        "'value':'w@x'},{'op':'add','path':'emails[value eq "
        "\\'b\\'].primary','value':'True'},{'op':'replace','path':'manager',"
        "'value':'26'},{'op':'remove','path':'nickName'},{'op':'remove','path':'emails[value eq "
        "\\'no\\']'}]";
    AUTO(arena) *a = arena_new();
    yyjson_mut_val *resource;

    assert_ok(apply(a, &resource, before, operations));
    check_same_made("PAT-31", a, resource, before);
}

static void pat_35_a_thousand_operations_take_no_second(void **state)
{
    (void)state;
    AUTO(arena) *a = arena_new();
    AUTO_BUF b = {};
    yyjson_mut_val *resource;
    int64_t start = clock_tick();

    buf_putc(&b, '[');
    for (int i = 0; i < 1000; i++)
        buf_printf(&b, "%s{'op':'add','path':'emails','value':[{'value':'e%d'}]}", i ? "," : "", i);
    buf_putc(&b, ']');
    assert_ok(apply(a, &resource, "{}", b.at));
    assert_int_equal(yyjson_mut_arr_size(yyjson_mut_obj_get(resource, "emails")), 1000);
    assert_true(clock_tick() - start < 5 * 1000000);        /* with sanitizers, on a busy machine */
    buf_clear(&b);
    buf_putc(&b, '[');
    for (int i = 0; i < PATCH_OPERATIONS + 1; i++)
        buf_printf(&b, "%s{'op':'remove','path':'title'}", i ? "," : "");
    buf_putc(&b, ']');
    assert_err(apply(a, &resource, "{}", b.at), ERR_TOO_MANY, "send at most 2000");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(add_sets_merges_and_appends),
        TEST(replace_puts_one_in_place_of_the_other),
        TEST(replace_knows_managers_extensions_and_nothing),
        TEST(remove_takes_out_what_is_named),
        TEST(pat_29_plain_lists_call_their_items_value),
        TEST(pat_26_immutable_is_set_once),
        TEST(refuses_what_it_cannot_do),
        TEST(pat_01_asks_for_the_message_it_is),
        TEST(tells_which_attributes_were_named),
        TEST(pat_31_saying_the_same_changes_nothing),
        TEST(pat_35_a_thousand_operations_take_no_second),
    };

    return RUN_TESTS(tests);
}
