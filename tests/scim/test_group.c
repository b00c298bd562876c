/* test_group.c — a group as JSON and back. */
#include "scim/group.h"

#include "base/id.h"
#include "base/str.h"
#include "support/scim.h"
#include "support/support.h"

#define BASE "https://m.example/scim/v2"

static const char *shown(struct arena *a, const struct group_view *v,
                         const struct user_ref *members, size_t n)
{
    AUTO_BUF text = {};
    struct json_out o = { .to = &text };

    group_write_start(&o, v, BASE);
    for (size_t i = 0; i < n; i++)
        group_write_member(&o, &members[i], i == 0, BASE);
    group_write_end(&o, n != 0);
    return arena_textn(a, text.at, text.n);
}

static void a_group_is_shown_with_its_members(void **state)
{
    static const struct user_ref members[] = { { 2, "Ana \"A\" García" }, { 3, NULL } };
    struct group_view v = {
        .id = 1, .version = 4, .updated_at = 1, .name = "Cooks", .external_id = "E"
    };
    AUTO(arena) *a = arena_new();
    yyjson_val *root;

    (void)state;
    const char *text = shown(a, &v, members, COUNT(members));
    assert_ok(json_read_in(a, text, strlen(text), &root));
    check_same_json(
        "group", a, root,
        "{'schemas':['urn:ietf:params:scim:schemas:core:2.0:Group'],'id':'aaaaaaaaaaaab','"
        "externalId'"
        ":'E','meta':{'resourceType':'Group','created':'1970-01-01T00:00:00.000Z','lastModified':"
        "'1970-01-01T00:00:00.001Z','location':'" BASE
        "/Groups/aaaaaaaaaaaab','version':'W/\\'4\\''},"
        "'displayName':'Cooks','members':[{'value':'aaaaaaaaaaaac','$ref':'" BASE
        "/Users/aaaaaaaaaaaac','type':'User','display':'Ana \\'A\\' García'},{'value':"
        "'aaaaaaaaaaaad','$ref':'" BASE "/Users/aaaaaaaaaaaad','type':'User'}]}");
}

static void an_empty_group_has_no_members_and_one_without_an_external_id_none(void **state)
{
    struct group_view v = { .id = 1, .version = 1, .name = "\n" };
    AUTO(arena) *a = arena_new();
    yyjson_val *root;

    (void)state;
    const char *text = shown(a, &v, NULL, 0);
    assert_ok(json_read_in(a, text, strlen(text), &root));
    assert_null(yyjson_obj_get(root, "members"));
    assert_null(yyjson_obj_get(root, "externalId"));
    assert_string_equal(json_text(root, "displayName"), "\n");
}

static enum err read_body(struct arena *a, const char *body, struct group_said *out)
{
    yyjson_mut_val *clean;

    TRY(body_clean(body_doc(a), &scim_for_test(a)->group, scim_json(a, body), &clean));
    return group_read(a, clean, out);
}

static void a_group_says_its_name_and_members(void **state)
{
    static const struct { const char *body, *name, *external_id, *members; } cases[] = {
        { "{'displayName':'Cooks'}", "Cooks", NULL, "" },
        { "{'displayName':'Cooks','externalId':'E','members':[{'value':'b'},{'value':'a'}]}",
          "Cooks", "E", "b a" },
        { "{'displayName':'Cooks','members':['b',{'value':'a','type':'User','display':'A'}]}",
          "Cooks", NULL, "b a" },
        { "{'DISPLAYNAME':'Cooks','Members':[{'Value':'b'}]}", "Cooks", NULL, "b" },
        { "{'displayName':'Cooks','members':[{'value':'b'},{'value':'b'}]}", "Cooks", NULL, "b" },
        { "{'displayName':'Cooks','members':[{'display':'B'},null,{'value':''}]}", "Cooks", NULL,
          "" },
        { "{'displayName':'Cooks','members':{'value':'b'}}", "Cooks", NULL, "b" },
        { "{'members':null}", NULL, NULL, "" },
    };
    AUTO(arena) *a = arena_new();

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct group_said said;
        AUTO_BUF members = {};
        print_message("%s\n", cases[i].body);
        assert_ok(read_body(a, cases[i].body, &said));
        for (size_t k = 0; k < said.n; k++)
            buf_printf(&members, "%s%s", k ? " " : "", said.members[k]);
        assert_true(str_eq(said.name, cases[i].name));
        assert_true(str_eq(said.external_id, cases[i].external_id));
        assert_string_equal(members.at ? members.at : "", cases[i].members);
    }
}

static void groups_in_groups_are_refused(void **state)
{
    AUTO(arena) *a = arena_new();
    struct group_said said;

    (void)state;
    assert_err(read_body(a, "{'displayName':'x','members':[{'value':'b','type':'group'}]}", &said),
               ERR_INVALID, "groups in groups are not taken");
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(a_group_is_shown_with_its_members),
        TEST(an_empty_group_has_no_members_and_one_without_an_external_id_none),
        TEST(a_group_says_its_name_and_members),
        TEST(groups_in_groups_are_refused),
    };

    return RUN_TESTS(tests);
}
