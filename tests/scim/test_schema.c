/* test_schema.c — the tables say what RFC 7643 says; discovery says what the tables say: DIS-01 to DIS-12. */
#include "scim/schema.h"

#include "base/str.h"
#include "scim/tables.h"
#include "support/scim.h"
#include "support/support.h"

#define BASE "https://muster.example/scim/v2"
#define CONFIG "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"

static const char *const levels[] = { "Junior", "Senior" };
static const char *const colours[] = { "red", "Red" };

/* One of each type, and names that are ours already. Sorted, as attrs_load() gives them. */
static const struct attr custom[] = {
    { "custom.badge", ATTR_DATE, ATTR_CUSTOM, "Badge since", NULL, 0 },
    { "custom.colour", ATTR_SELECT, ATTR_CUSTOM, "Colour", colours, 2 },
    { "custom.custom_level", ATTR_TEXT, ATTR_CUSTOM, "Another one", NULL, 0 },
    { "custom.department", ATTR_TEXT, ATTR_CUSTOM, "A department", NULL, 0 },
    { "custom.level", ATTR_NUMBER, ATTR_CUSTOM, "Level of a game", NULL, 0 },
    { "custom.remote", ATTR_FLAG, ATTR_CUSTOM, "Remote", NULL, 0 },
    { "custom.squad", ATTR_TEXT, ATTR_CUSTOM, "Squad", NULL, 0 },
};

static struct scim *the_scim(struct arena *a)
{
    return scim_new(a, attrs_with(a, custom, COUNT(custom)), levels, COUNT(levels));
}

static const struct scim_attr *find(const struct scim_resource *r, const char *name)
{
    const struct scim_schema *schema;

    return scim_find(r, name, strlen(name), &schema);
}

static const struct scim_attr *ours(const struct scim *s, const char *name)
{
    return scim_attr_find(s->user.extensions[1]->attrs, name, strlen(name));
}

/* ---- the tables ---- */

static void custom_attributes_are_part_of_our_extension(void **state)
{
    (void)state;
    static const struct {
        const char *name, *attribute;
        enum scim_type type;
        bool exact;
    } cases[] = {
        { "badge", "custom.badge", SCIM_STRING, false },
        { "colour", "custom.colour", SCIM_STRING, true },
        { "custom_custom_level", "custom.custom_level", SCIM_STRING, false },
        { "custom_department", "custom.department", SCIM_STRING, false },
        { "custom_level", "custom.level", SCIM_DECIMAL, false },
        { "remote", "custom.remote", SCIM_BOOLEAN, false },
        { "squad", "custom.squad", SCIM_STRING, false },
    };
    AUTO(arena) *a = arena_new();
    const struct scim *s = the_scim(a);

    for (size_t i = 0; i < COUNT(cases); i++) {
        const struct scim_attr *attr = ours(s, cases[i].name);
        print_message("EXT-03 %s\n", cases[i].name);
        assert_non_null(attr);
        assert_string_equal(attr->attribute, cases[i].attribute);
        assert_string_equal(attr->custom->name, cases[i].attribute);
        assert_int_equal(attr->type, cases[i].type);
        assert_int_equal(attr->exact, cases[i].exact);
    }
    assert_string_equal(ours(s, "colour")->canonical[1], "Red");
    assert_null(ours(s, "colour")->canonical[2]);
    assert_null(ours(s, "title"));
}

static void check_attributes(const struct scim_attr *attrs)
{
    for (const struct scim_attr *x = attrs; x && x->name; x++) {
        const struct attr *attr = x->custom || !x->attribute ? NULL : attr_builtin(x->attribute);
        print_message("%s: %s\n", x->name, x->attribute ? x->attribute : "-");
        assert_true(attr || x->custom || !x->attribute);
        if (attr) {
            assert_int_equal(attr->type == ATTR_LIST, x->many);
            assert_int_equal(attr->type == ATTR_DATE,
                             x->canonical && str_eq(x->canonical[0], SCIM_DAY));
        }
        check_attributes(x->sub);
    }
}

/* A name that the directory has not would lose what clients write there. */
static void the_directory_has_every_attribute_that_is_named(void **state)
{
    (void)state;
    AUTO(arena) *a = arena_new();
    const struct scim *s = the_scim(a);

    check_attributes(s->user.core->attrs);
    check_attributes(s->user.extensions[0]->attrs);
    check_attributes(s->user.extensions[1]->attrs);
    check_attributes(s->group.core->attrs);
}

static void level_is_there_only_if_there_are_levels(void **state)
{
    (void)state;
    AUTO(arena) *a = arena_new();
    const struct scim *with = the_scim(a), *without = scim_for_test(a);

    assert_string_equal(ours(with, "level")->canonical[0], "Junior");
    assert_string_equal(ours(with, "level")->canonical[1], "Senior");
    assert_null(ours(with, "level")->canonical[2]);
    assert_null(ours(without, "level"));
    assert_non_null(ours(without, "location"));
}

static void a_name_without_urn_is_found_where_it_belongs(void **state)
{
    (void)state;
    static const struct { const char *id, *name, *schema, *attribute; } cases[] = {
        { "HTTP-09", "USERNAME", SCIM_USER, "user_name" },
        { "FLT-08", "department", SCIM_ENTERPRISE, "department" },
        { "FLT-08", "squad", SCIM_MUSTER, "custom.squad" },
        { "FLT-08", "startDate", SCIM_MUSTER, "start_date" },
        { "FLT-09", "externalid", NULL, NULL },
        { "FLT-05", "emails", SCIM_USER, "emails" },
        { "FLT-05", "phonenumbers", SCIM_USER, "phones" },
        { "FLT-05", "x509Certificates", SCIM_USER, "certificates" },
    };
    AUTO(arena) *a = arena_new();
    const struct scim *s = the_scim(a);
    const struct scim_schema *schema;

    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *name = cases[i].name;
        print_message("%s %s\n", cases[i].id, name);
        const struct scim_attr *attr = scim_find(&s->user, name, strlen(name), &schema);
        assert_non_null(attr);
        assert_true(str_eq(attr->attribute, cases[i].attribute));
        assert_true(str_eq(schema ? schema->id : NULL, cases[i].schema));
    }
    assert_null(find(&s->user, "password"));            /* RES-16: none is kept */
    assert_null(find(&s->user, "members"));
    assert_null(find(&s->group, "userName"));
    assert_null(scim_find(&s->user, "userNames", 9, &schema));
    assert_non_null(scim_find(&s->user, "userNames", 8, &schema));
}

static void a_name_in_two_extensions_is_nobodys(void **state)
{
    (void)state;
    static const struct scim_attr one[] = { { .name = "here" }, { .name = "both" }, {} };
    static const struct scim_attr two[] = { { .name = "both" }, { .name = "there" }, {} };
    static const struct scim_schema core = { "urn:x", "X", "", one + 2 },
                                    first = { "urn:x:1", "1", "", one },
                                    second = { "urn:x:2", "2", "", two };
    static const struct scim_resource r = { .name = "X",
                                            .core = &core,
                                            .extensions = { &first, &second } };

    assert_ptr_equal(find(&r, "here"), &one[0]);
    assert_ptr_equal(find(&r, "there"), &two[1]);
    assert_null(find(&r, "both"));
}

static void a_schema_is_found_by_its_urn(void **state)
{
    (void)state;
    AUTO(arena) *a = arena_new();
    const struct scim *s = the_scim(a);
    const char *urn = "URN:ietf:params:scim:schemas:core:2.0:USER";

    assert_ptr_equal(scim_schema_find(&s->user, urn, strlen(urn)), s->user.core);
    assert_ptr_equal(scim_schema_find(&s->user, SCIM_MUSTER, strlen(SCIM_MUSTER)),
                     s->user.extensions[1]);
    assert_null(scim_schema_find(&s->user, SCIM_MUSTER, strlen(SCIM_MUSTER) - 1));
    assert_null(scim_schema_find(&s->group, SCIM_ENTERPRISE, strlen(SCIM_ENTERPRISE)));
}

/* ---- discovery ---- */

static yyjson_val *read(struct arena *a, struct buf *b)
{
    yyjson_val *root = NULL;

    assert_ok(json_read_in(a, b->at, b->n, &root));
    assert_null(strstr(b->at, "null"));                 /* DIS-12 */
    return root;
}

static yyjson_val *at(yyjson_val *v, const char *pointer)
{
    yyjson_val *found = yyjson_ptr_get(v, pointer);

    if (!found)
        fail_msg("nothing at %s", pointer);
    return found;
}

static void assert_text(yyjson_val *v, const char *pointer, const char *text)
{
    assert_string_equal(yyjson_get_str(at(v, pointer)), text);
}

static const struct scim_limits limits = { 1000, 1048576, 500, 100, 3600 };

/* DIS-01, DIS-02, DIS-11, CUR-01 */
static void the_configuration_tells_what_is_offered(void **state)
{
    (void)state;
    AUTO(arena) *a = arena_new();
    AUTO_BUF b = {};

    scim_write_config(&b, &limits, BASE);
    yyjson_val *v = read(a, &b), *flag;
    static const struct { const char *what; bool is; } flags[] = {
        { "/patch/supported", true },  { "/bulk/supported", true },
        { "/filter/supported", true }, { "/changePassword/supported", false },
        { "/sort/supported", true },   { "/etag/supported", true },
        { "/pagination/cursor", true }, { "/pagination/index", true },
    };
    static const struct { const char *what; int64_t is; } numbers[] = {
        { "/bulk/maxOperations", 1000 },
        { "/bulk/maxPayloadSize", 1048576 },
        { "/filter/maxResults", 500 },
        { "/pagination/defaultPageSize", 100 },
        { "/pagination/maxPageSize", 500 },
        { "/pagination/cursorTimeout", 3600 },
    };

    assert_text(v, "/schemas/0", CONFIG);
    for (size_t i = 0; i < COUNT(flags); i++) {
        flag = at(v, flags[i].what);
        assert_true(yyjson_is_bool(flag));
        assert_int_equal(yyjson_get_bool(flag), flags[i].is);
    }
    for (size_t i = 0; i < COUNT(numbers); i++)
        assert_int_equal(yyjson_get_int(at(v, numbers[i].what)), numbers[i].is);
    assert_text(v, "/pagination/defaultPaginationMethod", "index");
    assert_text(v, "/authenticationSchemes/0/type", "oauthbearertoken");
    assert_true(yyjson_is_str(at(v, "/authenticationSchemes/0/name")));
    assert_true(yyjson_is_str(at(v, "/authenticationSchemes/0/description")));
    assert_text(v, "/meta/resourceType", "ServiceProviderConfig");
    assert_text(v, "/meta/location", BASE "/ServiceProviderConfig");
}

static void assert_list(yyjson_val *v, size_t n)
{
    assert_text(v, "/schemas/0", "urn:ietf:params:scim:api:messages:2.0:ListResponse");
    assert_int_equal(yyjson_get_uint(at(v, "/totalResults")), n);
    assert_int_equal(yyjson_get_uint(at(v, "/itemsPerPage")), n);
    assert_int_equal(yyjson_get_uint(at(v, "/startIndex")), 1);
    assert_int_equal(yyjson_arr_size(at(v, "/Resources")), n);
}

/* DIS-04 */
static void the_types_are_listed(void **state)
{
    (void)state;
    AUTO(arena) *a = arena_new();
    AUTO_BUF b = {};

    scim_write_types(&b, the_scim(a), BASE);
    yyjson_val *v = read(a, &b);
    assert_list(v, 2);
    check_same_json("DIS-04", a, at(v, "/Resources/0"),
                    "{'schemas':['urn:ietf:params:scim:schemas:core:2.0:ResourceType'],'id':'User',"
                    "'name':'User','description':'A person','endpoint':'/Users','schema':'CORE',"
                    "'schemaExtensions':[{'schema':'ENT','required':false},"
                    "{'schema':'EXT','required':false}],'meta':{'resourceType':'ResourceType',"
                    "'location':'https://muster.example/scim/v2/ResourceTypes/User'}}");
    assert_text(v, "/Resources/1/name", "Group");
    assert_text(v, "/Resources/1/endpoint", "/Groups");
    assert_int_equal(yyjson_arr_size(at(v, "/Resources/1/schemaExtensions")), 0);
}

/* DIS-05 */
static void one_type_can_be_read(void **state)
{
    (void)state;
    AUTO(arena) *a = arena_new();
    const struct scim *s = the_scim(a);
    AUTO_BUF b = {};

    assert_ok(scim_write_type(&b, s, "Group", BASE));
    assert_text(read(a, &b), "/meta/location", BASE "/ResourceTypes/Group");
    buf_clear(&b);
    assert_err(scim_write_type(&b, s, "Device", BASE), ERR_NOT_FOUND, "no resource type 'Device'");
    assert_int_equal(b.n, 0);
}

static bool is_one_of(yyjson_val *v, const char *words)
{
    const char *s = yyjson_get_str(v), *found = s ? strstr(words, s) : NULL;

    return found && (found == words || found[-1] == ' ') &&
           (found[strlen(s)] == ' ' || found[strlen(s)] == '\0');
}

/* DIS-06, DIS-12: nothing is left out, and every word is one of RFC 7643 §7. */
static void assert_complete(yyjson_val *attributes, int depth)
{
    static const char *const texts[] = { "name", "description" };
    static const char *const flags[] = { "multiValued", "required", "caseExact" };
    static const struct { const char *key, *words; } enums[] = {
        { "type", "string boolean decimal integer dateTime binary reference complex" },
        { "mutability", "readOnly readWrite immutable writeOnly" },
        { "returned", "always never default request" },
        { "uniqueness", "none server global" },
    };
    size_t i, n;
    yyjson_val *attr;

    assert_true(yyjson_arr_size(attributes) > 0 && depth < 3);
    yyjson_arr_foreach(attributes, i, n, attr) {
        for (size_t k = 0; k < COUNT(texts); k++)
            assert_true(yyjson_get_len(yyjson_obj_get(attr, texts[k])) > 0);
        for (size_t k = 0; k < COUNT(flags); k++)
            assert_true(yyjson_is_bool(yyjson_obj_get(attr, flags[k])));
        for (size_t k = 0; k < COUNT(enums); k++)
            assert_true(is_one_of(yyjson_obj_get(attr, enums[k].key), enums[k].words));
        bool complex = is_one_of(yyjson_obj_get(attr, "type"), "complex");
        bool reference = is_one_of(yyjson_obj_get(attr, "type"), "reference");
        assert_true(complex == (yyjson_obj_get(attr, "subAttributes") != NULL));
        assert_true(reference == (yyjson_obj_get(attr, "referenceTypes") != NULL));
        if (complex)
            assert_complete(yyjson_obj_get(attr, "subAttributes"), depth + 1);
    }
}

/* DIS-06, DIS-11 */
static void the_schemas_are_listed_whole(void **state)
{
    (void)state;
    static const char *const urns[] = { SCIM_USER, SCIM_ENTERPRISE, SCIM_MUSTER, SCIM_GROUP };
    AUTO(arena) *a = arena_new();
    AUTO_BUF b = {};

    scim_write_schemas(&b, the_scim(a), BASE);
    yyjson_val *v = read(a, &b);
    assert_list(v, COUNT(urns));
    for (size_t i = 0; i < COUNT(urns); i++) {
        yyjson_val *schema = yyjson_arr_get(at(v, "/Resources"), i);
        print_message("DIS-06 %s\n", urns[i]);
        assert_text(schema, "/id", urns[i]);
        assert_text(schema, "/schemas/0", "urn:ietf:params:scim:schemas:core:2.0:Schema");
        assert_text(schema, "/meta/resourceType", "Schema");
        assert_text(schema, "/meta/location", arena_printf(a, BASE "/Schemas/%s", urns[i]));
        assert_complete(at(schema, "/attributes"), 0);
    }
}

/* DIS-07, DIS-11 */
static void one_schema_can_be_read_in_any_case(void **state)
{
    (void)state;
    static const struct { const char *urn, *name; } cases[] = {
        { SCIM_USER, "User" },
        { "URN:IETF:PARAMS:SCIM:SCHEMAS:CORE:2.0:USER", "User" },
        { SCIM_ENTERPRISE, "EnterpriseUser" },
        { SCIM_MUSTER, "MusterUser" },
        { SCIM_GROUP, "Group" },
        { CONFIG, "ServiceProviderConfig" },
        { "urn:ietf:params:scim:schemas:core:2.0:resourcetype", "ResourceType" },
        { "urn:ietf:params:scim:schemas:core:2.0:Schema", "Schema" },
    };
    AUTO(arena) *a = arena_new();
    const struct scim *s = the_scim(a);
    AUTO_BUF b = {};

    for (size_t i = 0; i < COUNT(cases); i++) {
        print_message("DIS-07 %s\n", cases[i].urn);
        buf_clear(&b);
        assert_ok(scim_write_schema(&b, s, cases[i].urn, BASE));
        yyjson_val *v = read(a, &b);
        assert_text(v, "/name", cases[i].name);
        assert_complete(at(v, "/attributes"), 0);
    }
    buf_clear(&b);
    assert_err(scim_write_schema(&b, s, "urn:other", BASE), ERR_NOT_FOUND, "no schema 'urn:other'");
    assert_int_equal(b.n, 0);
}

/* What RFC 7643 §8.7.1 says of the attributes on which clients depend. */
static void characteristics_are_those_of_the_standard(void **state)
{
    (void)state;
    AUTO(arena) *a = arena_new();
    static const struct {
        const char *urn, *is;
    } cases[] = {
        { SCIM_USER, "{'name':'userName','type':'string','multiValued':false,'required':true,'"
                     "caseExact':false,"
                     "'mutability':'readWrite','returned':'default','uniqueness':'server'}" },
        { SCIM_USER, "{'name':'profileUrl','type':'reference','referenceTypes':['external']}" },
        { SCIM_USER, "{'name':'active','type':'boolean','required':true}" },
        { SCIM_USER,
          "{'name':'emails','type':'complex','multiValued':true,'mutability':'readWrite'}" },
        { SCIM_USER,
          "{'name':'groups','type':'complex','multiValued':true,'mutability':'readOnly'}" },
        { SCIM_ENTERPRISE, "{'name':'manager','type':'complex','multiValued':false}" },
        { SCIM_MUSTER, "{'name':'level','type':'string','canonicalValues':['Junior','Senior']}" },
        { SCIM_MUSTER, "{'name':'birthday','type':'string','canonicalValues':['2026-11-21']}" },
        { SCIM_MUSTER, "{'name':'additionalManagers','type':'string','multiValued':false}" },
        { SCIM_MUSTER,
          "{'name':'colour','type':'string','caseExact':true,'canonicalValues':['red','Red'],"
          "'description':'Colour'}" },
        { SCIM_MUSTER, "{'name':'custom_level','type':'decimal','description':'Level of a game'}" },
        { SCIM_GROUP,
          "{'name':'displayName','required':true,'uniqueness':'server','caseExact':false}" },
        { SCIM_GROUP,
          "{'name':'members','type':'complex','multiValued':true,'mutability':'readWrite'}" },
    };
    const struct scim *s = the_scim(a);

    for (size_t i = 0; i < COUNT(cases); i++) {
        AUTO_BUF b = {};
        size_t k, n;
        yyjson_val *attr, *key, *value, *found = NULL, *wanted = scim_json(a, cases[i].is);
        print_message("DIS-06 %s\n", cases[i].is);
        assert_ok(scim_write_schema(&b, s, cases[i].urn, BASE));
        yyjson_arr_foreach(at(read(a, &b), "/attributes"), k, n, attr)
            if (yyjson_equals(yyjson_obj_get(attr, "name"), yyjson_obj_get(wanted, "name")))
                found = attr;
        assert_non_null(found);
        yyjson_obj_foreach(wanted, k, n, key, value)
            assert_true(yyjson_equals(yyjson_obj_get(found, yyjson_get_str(key)), value));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(custom_attributes_are_part_of_our_extension),
        TEST(the_directory_has_every_attribute_that_is_named),
        TEST(level_is_there_only_if_there_are_levels),
        TEST(a_name_without_urn_is_found_where_it_belongs),
        TEST(a_name_in_two_extensions_is_nobodys),
        TEST(a_schema_is_found_by_its_urn),
        TEST(the_configuration_tells_what_is_offered),
        TEST(the_types_are_listed),
        TEST(one_type_can_be_read),
        TEST(the_schemas_are_listed_whole),
        TEST(one_schema_can_be_read_in_any_case),
        TEST(characteristics_are_those_of_the_standard),
    };

    return RUN_TESTS(tests);
}
