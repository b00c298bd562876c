/* test_patch_group.c — PATCH of a group, read without its members. */
#include "base/clock.h"
#include "base/str.h"
#include "scim/patch.h"
#include "support/scim.h"
#include "support/support.h"

#define HEAD "{'schemas':['urn:ietf:params:scim:api:messages:2.0:PatchOp'],'Operations':"

static enum err apply_group(struct arena *a, yyjson_mut_val **resource, const char *operations,
                            struct group_patch *out)
{
    yyjson_mut_doc *doc = body_doc(a);

    *resource = scim_mutable(doc, a, "{'id':'gggg','displayName':'A'}");
    return patch_group(a, doc, &scim_for_test(a)->group, *resource,
                       scim_json(a, arena_printf(a, HEAD "%s}", operations)), out);
}

/* "+a,b -c 0 ?" for ADD a and b, REMOVE c, CLEAR, FILTER. */
static const char *steps_text(struct arena *a, const struct group_patch *g)
{
    AUTO_BUF b = {};

    for (size_t i = 0; i < g->n; i++) {
        buf_puts(&b, i ? " " : "");
        buf_putc(&b, "+-0?"[g->steps[i].kind]);
        assert_true((g->steps[i].kind == MEMBERS_FILTER) == (g->steps[i].filter != NULL));
        for (size_t k = 0; k < g->steps[i].n; k++)
            buf_printf(&b, "%s%s", k ? "," : "", g->steps[i].ids[k]);
    }
    return arena_text(a, b.at ? b.at : "");
}

static void members_become_steps(void **state)
{
    (void)state;
    static const struct {
        const char *id, *operations, *steps, *name;
        size_t named;
    } cases[] = {
        { "Entra adds", "[{'op':'Add','path':'members','value':[{'$ref':null,'value':'a'}]}]", "+a",
          "A", 1 },
        { "PAT-23 Entra removes",
          "[{'op':'Remove','path':'members','value':[{'$ref':null,'value':'a'}]}]", "-a", "A", 1 },
        { "PAT-23 by filter", "[{'op':'remove','path':'members[value eq \\'a\\']'}]", "-a", "A",
          1 },
        { "PAT-23 any case and blanks", "[{'op':'remove','path':' Members[ Value EQ  \\'a\\' ] '}]",
          "-a", "A", 1 },
        { "PAT-23 empty list clears", "[{'op':'remove','path':'members','value':[]}]", "0", "A",
          0 },
        { "PAT-21 all", "[{'op':'remove','path':'members'}]", "0", "A", 0 },
        { "neighbours are one step",
          "[{'op':'remove','path':'members[value eq "
          "\\'a\\']'},{'op':'remove','path':'members[value eq \\'b\\']'},"
          "{'op':'add','path':'members','value':[{'value':'c'},{'value':'d'}]},{'op':'add','path':'"
          "members','value':{'value':'e'}},"
          "{'op':'remove','path':'members','value':'c'}]",
          "-a,b +c,d,e -c", "A", 6 },
        { "a bare text", "[{'op':'add','path':'members','value':'string id 1'}]", "+string id 1",
          "A", 1 },
        { "bare texts", "[{'op':'add','path':'members','value':['a','b']}]", "+a,b", "A", 2 },
        { "Okta's full push",
          "[{'op':'replace','path':'members','value':[{'value':'a','display':'x'},{'value':'b'}]}]",
          "0 +a,b", "A", 2 },
        { "replace by none", "[{'op':'replace','path':'members','value':[]}]", "0", "A", 0 },
        { "GRP-09 Okta's rename", "[{'op':'replace','value':{'id':'gggg','displayName':'X'}}]", "",
          "X", 0 },
        { "GRP-09 members null", "[{'op':'replace','value':{'displayName':'X','members':null}}]",
          "", "X", 0 },
        { "GRP-10 rename", "[{'op':'Replace','path':'displayName','value':'X'}]", "", "X", 0 },
        { "no path", "[{'op':'add','value':{'members':[{'value':'a'}],'displayName':'X'}}]", "+a",
          "X", 1 },
        { "no path, replace", "[{'op':'replace','value':{'members':[{'value':'a'}]}}]", "0 +a", "A",
          1 },
        { "unknown in an item",
          "[{'op':'add','name':'addMember','path':'members','value':[{'displayName':'x','Value':'a'"
          ",'type':'User'}]}]",
          "+a", "A", 1 },
        { "a null among them", "[{'op':'add','path':'members','value':[null,{'value':'a'}]}]", "+a",
          "A", 1 },
        { "by another filter",
          "[{'op':'remove','path':'members[value eq \\'a\\' or value eq \\'b\\']'},{'op':'remove',"
          "'path':'members[value sw \\'x\\']'}]",
          "? ?", "A", 0 },
        { "with its URN",
          "[{'op':'add','path':'urn:ietf:params:scim:schemas:core:2.0:Group:members','value':'a'}]",
          "+a", "A", 1 },
        { "replace one by another",
          "[{'op':'replace','path':'members[value eq \\'a\\']','value':{'value':'b'}}]", "? +b",
          "A", 1 },
    };
    AUTO(arena) *a = arena_new();

    for (size_t i = 0; i < COUNT(cases); i++) {
        yyjson_mut_val *resource;
        struct group_patch g;
        print_message("%s\n", cases[i].id);
        assert_ok(apply_group(a, &resource, cases[i].operations, &g));
        assert_string_equal(steps_text(a, &g), cases[i].steps);
        assert_int_equal(g.named, cases[i].named);
        assert_string_equal(yyjson_mut_get_str(yyjson_mut_obj_get(resource, "displayName")),
                            cases[i].name);
        assert_null(yyjson_mut_obj_get(resource, "members"));
    }
}

static void refuses_what_members_cannot_be(void **state)
{
    (void)state;
    static const struct {
        const char *id, *operations;
        enum err err;
        const char *part;
    } cases[] = {
        { "GRP-12", "[{'op':'replace','path':'members[value eq \\'a\\'].display','value':'x'}]",
          ERR_MUTABILITY, "member" },
        { "GRP-12", "[{'op':'replace','path':'members[value eq \\'a\\'].value','value':'x'}]",
          ERR_MUTABILITY, "member" },
        { "GRP-12", "[{'op':'remove','path':'members[value eq \\'a\\'].type'}]", ERR_MUTABILITY,
          "member" },
        { "GRP-04", "[{'op':'add','path':'members','value':[{'value':'a','type':'Group'}]}]",
          ERR_INVALID, "groups in groups are not taken" },
        { "GRP-02", "[{'op':'add','path':'members','value':[{'display':'x'}]}]", ERR_INVALID,
          "has a \"value\"" },
        { "GRP-02", "[{'op':'add','path':'members','value':[7]}]", ERR_INVALID, "has a \"value\"" },
        { "GRP-02", "[{'op':'add','path':'members','value':[{'value':7}]}]", ERR_INVALID,
          "has a \"value\"" },
        { "PAT-34", "[{'op':'add','path':'members','value':'[{\\'value\\':\\'a\\'}]'}]", ERR_USAGE,
          "without quotes" },
        { "PAT-24", "[{'op':'remove','path':'displayName'}]", ERR_INVALID,
          "displayName is required" },
        { "PAT-25", "[{'op':'replace','path':'id','value':'x'}]", ERR_MUTABILITY, "id" },
        { "PAT-09", "[{'op':'replace','path':'userName','value':'x'}]", ERR_PATH,
          "a Group has no attribute" },
        { "PAT-08", "[{'op':'remove','path':'members[value eq \\'a\\'] x'}]", ERR_PATH,
          "should end" },
    };
    AUTO(arena) *a = arena_new();
    yyjson_mut_val *resource;
    struct group_patch g;

    for (size_t i = 0; i < COUNT(cases); i++) {
        print_message("%s %s\n", cases[i].id, cases[i].operations);
        assert_err(apply_group(a, &resource, cases[i].operations, &g), cases[i].err, cases[i].part);
    }
}

static void pat_35_ten_thousand_members_cost_what_they_name(void **state)
{
    (void)state;
    AUTO(arena) *a = arena_new();
    AUTO_BUF one_by_one = {}, at_once = {};
    yyjson_mut_val *resource;
    struct group_patch g;
    int64_t start = clock_tick();

    for (int i = 0; i < 10000; i++) {
        buf_printf(&one_by_one, "%c{'op':'remove','path':'members[value eq \\'m%d\\']'}",
                   i ? ',' : '[', i);
        buf_printf(&at_once, "%c{'value':'m%d'}", i ? ',' : '[', i);
    }
    buf_putc(&one_by_one, ']');
    buf_putc(&at_once, ']');
    assert_ok(apply_group(a, &resource, one_by_one.at, &g));
    assert_int_equal(g.n, 1);
    assert_int_equal(g.named, 10000);
    assert_string_equal(g.steps[0].ids[9999], "m9999");
    const char *operations =
        arena_printf(a, "[{'op':'add','path':'members','value':%s}]", at_once.at);
    assert_ok(apply_group(a, &resource, operations, &g));
    assert_int_equal(g.n, 1);
    assert_int_equal(g.named, 10000);
    assert_true(clock_tick() - start < 5 * 1000000);        /* with sanitizers, on a busy machine */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(members_become_steps),
        TEST(refuses_what_members_cannot_be),
        TEST(pat_35_ten_thousand_members_cost_what_they_name),
    };

    return RUN_TESTS(tests);
}
