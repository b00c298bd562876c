/* test_path.c — attribute paths: PAT-06 to PAT-09, and what Entra sends. */
#include "scim/path.h"

#include "base/str.h"
#include "support/scim.h"
#include "support/support.h"

static void reads_every_form_of_a_path(void **state)
{
    (void)state;
    AUTO(arena) *a = arena_new();
    const struct scim_resource *user = &scim_for_test(a)->user;
    static const struct { const char *id, *path, *schema, *attr, *sub; bool filter; } cases[] = {
        { "PAT-06", "userName", SCIM_USER, "userName", NULL, false },
        { "PAT-06", "name.givenName", SCIM_USER, "name", "givenName", false },
        { "PAT-06", "emails[type eq 'work']", SCIM_USER, "emails", NULL, true },
        { "PAT-06", "emails[type eq 'work'].value", SCIM_USER, "emails", "value", true },
        { "PAT-06", "emails[type eq 'a]b'].value", SCIM_USER, "emails", "value", true },
        { "PAT-06", "  title  ", SCIM_USER, "title", NULL, false },
        { "PAT-28", "emails[type eq 'work' and not (value co 'x')]", SCIM_USER, "emails", NULL,
          true },
        { "HTTP-09", "NAME.GIVENNAME", SCIM_USER, "name", "givenName", false },
        { "HTTP-09", "Emails[Type EQ 'work'].Value", SCIM_USER, "emails", "value", true },
        { "PAT-07", "CORE:userName", SCIM_USER, "userName", NULL, false },
        { "PAT-07", "CORE:name.familyName", SCIM_USER, "name", "familyName", false },
        { "PAT-07", "CORE:emails[type eq 'work'].value", SCIM_USER, "emails", "value", true },
        { "PAT-07", "CORE:externalId", NULL, "externalId", NULL, false },
        { "PAT-07", "CORE", SCIM_USER, NULL, NULL, false },
        { "PAT-07", "ENT:department", SCIM_ENTERPRISE, "department", NULL, false },
        { "PAT-07", "ENT:manager.value", SCIM_ENTERPRISE, "manager", "value", false },
        { "PAT-07", "ENT:manager.$ref", SCIM_ENTERPRISE, "manager", "$ref", false },
        { "PAT-07", "ENT", SCIM_ENTERPRISE, NULL, NULL, false },
        { "PAT-07", "URN:IETF:params:scim:schemas:Extension:Enterprise:2.0:user:Department",
          SCIM_ENTERPRISE, "department", NULL, false },
        { "2.4", "ENT.manager", SCIM_ENTERPRISE, "manager", NULL, false },
        { "2.4", "ENT.manager.value", SCIM_ENTERPRISE, "manager", "value", false },
        { "2.3", "manager", SCIM_ENTERPRISE, "manager", NULL, false },
        { "2.3", "department", SCIM_ENTERPRISE, "department", NULL, false },
        { "2.3", "manager.value", SCIM_ENTERPRISE, "manager", "value", false },
        { "EXT-03", "EXT:squad", SCIM_MUSTER, "squad", NULL, false },
        { "EXT-03", "squad", SCIM_MUSTER, "squad", NULL, false },
        { "PAT-25", "meta.lastModified", NULL, "meta", "lastModified", false },
        { "PAT-06", "id", NULL, "id", NULL, false },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct path p;
        print_message("%s %s\n", cases[i].id, cases[i].path);
        assert_ok(path_parse(a, user, scim_text(a, cases[i].path), &p));
        assert_true(str_eq(p.schema ? p.schema->id : NULL, cases[i].schema));
        assert_true(str_eq(p.attr ? p.attr->name : NULL, cases[i].attr));
        assert_true(str_eq(p.sub ? p.sub->name : NULL, cases[i].sub));
        assert_true((p.filter != NULL) == cases[i].filter);
    }
}

static void says_what_is_wrong_with_a_path(void **state)
{
    (void)state;
    AUTO(arena) *a = arena_new();
    const struct scim_resource *user = &scim_for_test(a)->user;
    static const struct { const char *id, *path; enum err err; const char *part; } cases[] = {
        { "PAT-08", "", ERR_PATH, "empty" },
        { "PAT-08", "   ", ERR_PATH, "empty" },
        { "PAT-09", "usrName", ERR_PATH, "did you mean userName?" },
        { "PAT-09", "nonsense", ERR_PATH, "no attribute \"nonsense\"" },
        { "PAT-09", "name.given", ERR_PATH, "name has no \"given\"" },
        { "PAT-09", "name.givenNam", ERR_PATH, "did you mean givenName?" },
        { "PAT-09", "userName.value", ERR_PATH, "plain value" },
        { "PAT-09", "ENT:userName", ERR_PATH, "no attribute \"userName\"" },
        { "PAT-09", "urn:ietf:params:scim:schemas:extension:enterprize:2.0:User:department",
          ERR_PATH, "did you mean urn:ietf" },
        { "PAT-09", "ENTx:department", ERR_PATH, "does not begin with a schema" },
        { "PAT-07", "ENTdepartment", ERR_PATH, "does not begin with a schema" },
        { "PAT-06", "ENT:manager.value.more", ERR_PATH, "goes too deep" },
        { "PAT-06", "name.givenName.x", ERR_PATH, "goes too deep" },
        { "PAT-06", "emails[type eq 'work'].value.x", ERR_PATH, "goes too deep" },
        { "PAT-06", "emails.value[type eq 'work']", ERR_PATH, "no list" },
        { "PAT-06", "title[value eq 'x']", ERR_PATH, "no list" },
        { "PAT-06", "ENT[x eq 'y']", ERR_PATH, "no list" },
        { "PAT-08", "emails[type eq 'work']x", ERR_PATH, "should end" },
        { "PAT-08", "emails[type eq 'work'].", ERR_PATH, "missing behind the dot" },
        { "PAT-08", "emails[type eq 'work'].value]", ERR_PATH, "should end" },
        { "PAT-08", "emails.", ERR_PATH, "emails has no \"\"" },
        { "PAT-08", ".value", ERR_PATH, "no attribute \"\"" },
        { "PAT-08", "[type eq 'work']", ERR_PATH, "missing at column 1" },
        { "PAT-08", "emails[type eq 'work'", ERR_FILTER, "" },
        { "PAT-08", "emails[]", ERR_FILTER, "" },
        { "PAT-08", "emails[type work]", ERR_FILTER, "" },
        { "PAT-08", "emails[nothing eq 'work']", ERR_FILTER, "" },
        { "PAT-08", "userName title", ERR_PATH, "should end at column 9" },
        { "PAT-08", "/userName", ERR_PATH, "no attribute" },
    };

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct path p;
        print_message("%s %s\n", cases[i].id, cases[i].path);
        assert_err(path_parse(a, user, scim_text(a, cases[i].path), &p), cases[i].err,
                   cases[i].part);
    }
}

static void a_group_does_not_know_what_users_have(void **state)
{
    (void)state;
    AUTO(arena) *a = arena_new();
    const struct scim_resource *group = &scim_for_test(a)->group;
    struct path p;

    assert_ok(path_parse(a, group, "members[value eq \"x\"]", &p));
    assert_ok(path_parse(a, group, SCIM_GROUP ":displayName", &p));
    assert_err(path_parse(a, group, "userName", &p), ERR_PATH, "a Group has no attribute");
    assert_err(path_parse(a, group, SCIM_ENTERPRISE ":manager", &p), ERR_PATH, "that a Group has");
}

static void reads_on_from_where_it_is_told(void **state)
{
    (void)state;
    AUTO(arena) *a = arena_new();
    const struct scim_resource *user = &scim_for_test(a)->user;
    const char *text = "title pr and " SCIM_ENTERPRISE ":manager.value eq \"x\"";
    struct path p;
    size_t at = 0;

    assert_ok(path_read(a, user, text, &at, &p));
    assert_int_equal(at, 5);
    at = 13;
    assert_ok(path_read(a, user, text, &at, &p));
    assert_string_equal(p.sub->name, "value");
    assert_string_equal(text + at, " eq \"x\"");
    assert_err(path_read(a, user, text, &at, &p), ERR_PATH, "missing at column");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(reads_every_form_of_a_path),
        TEST(says_what_is_wrong_with_a_path),
        TEST(a_group_does_not_know_what_users_have),
        TEST(reads_on_from_where_it_is_told),
    };

    return RUN_TESTS(tests);
}
