/* test_filter.c — filters: FLT-01 to FLT-23, each row of requirements named in its table. */
#include "scim/filter.h"

#include "base/clock.h"
#include "base/str.h"
#include "support/scim.h"
#include "support/support.h"

static const char person[] =
    "{'schemas':['CORE','ENT','EXT'],'id':'abcDEF','externalId':'H-1','userName':'Ada@Example.com',"
    "'name':{'givenName':'Ada','familyName':'Lovelace'},'displayName':'a\\'b\\\\c','active':false,"
    "'title':'','nickName':'\\u00c9mile','profileUrl':'https://example.com/Ada',"
    "'emails':[{'value':'ada@work.example','type':'work','primary':true},"
    "{'value':'ada@home.example','type':'home'}],"
    "'addresses':[{'type':'work','locality':'London'}],'roles':[],"
    "'x509Certificates':[{'value':'QUJD'}],"
    "'groups':[{'value':'g1','display':'Engines','type':'direct'}],"
    "'meta':{'resourceType':'User','created':'2011-05-13T04:42:34Z',"
    "'lastModified':'2020-01-31T12:00:00Z','version':'W/\\'7\\''},"
    "'ENT':{'employeeNumber':'701984','department':'R&D','manager':{'value':'m1','displayName':'Bo'"
    "}},"
    "'EXT':{'birthday':'1990-12-10','size':12.5,'remote':true,'squad':'Blue',"
    "'additionalManagers':'m2@x, m3@x'}}";

/* Filters are written with ' for ", like the resource. */
struct finding { const char *id, *filter; bool fits; };

static const struct finding operators[] = {
    { "FLT-01", "userName eq 'ada@example.com'", true },
    { "FLT-01", "userName EQ 'ada@example.com'", true },
    { "FLT-01", "userName ne 'ada@example.com'", false },
    { "FLT-01", "userName Ne 'bo'", true },
    { "FLT-01", "userName co 'EXAMPLE'", true },
    { "FLT-01", "userName co 'nobody'", false },
    { "FLT-01", "userName sw 'ADA@'", true },
    { "FLT-01", "userName sw 'da@'", false },
    { "FLT-01", "userName ew '.com'", true },
    { "FLT-01", "userName ew '.co'", false },
    { "FLT-01", "USERNAME pr", true },
    { "FLT-01", "title pr", false },
    { "FLT-02", "userName pr or title pr and title pr", true },
    { "FLT-02", "(userName pr or title pr) and title pr", false },
    { "FLT-02", "title pr and title pr or userName pr", true },
    { "FLT-02", "not (title pr)", true },
    { "FLT-02", "NOT(userName pr) OR not(title pr)", true },
    { "FLT-02", "not (userName pr and not (title pr))", false },
    { "FLT-02", "((userName pr) and ((name pr)))", true },
    { "FLT-02", "  userName pr\t and\n name pr ", true },
};

static const struct finding items[] = {
    { "FLT-03", "emails[type eq 'work' and value co '@work']", true },
    { "FLT-03", "emails[type eq 'work' and value co '@home']", false },
    { "FLT-03", "emails[type eq 'home' and not (value co '@work')]", true },
    { "FLT-03", "emails[not (type eq 'work') and primary eq true]", false },
    { "FLT-03", "emails[(type eq 'x' or type eq 'home') and primary ne true]", true },
    { "FLT-03", "emails[primary pr]", true },
    { "FLT-03", "emails[ type eq 'work' ] and userName pr", true },
    { "FLT-03", "not (emails[type eq 'pager'])", true },
    { "FLT-03", "ims[value pr]", false },
    { "FLT-03", "name[givenName eq 'ada']", true },
    { "FLT-03", "addresses[locality eq 'london']", true },
    { "FLT-04", "emails.type eq 'home' and emails.value co '@work'", true },
    { "FLT-04", "emails.type eq 'pager'", false },
    { "FLT-04", "emails.type ne 'work'", true },
    { "FLT-04", "addresses.type ne 'work'", false },
    { "FLT-04", "emails.primary pr", true },
    { "FLT-05", "emails co '@home'", true },
    { "FLT-05", "emails eq 'ADA@HOME.EXAMPLE'", true },
    { "FLT-05", "groups eq 'g1'", true },
    { "FLT-05", "EXT:additionalManagers co 'm2@x'", true },
    { "FLT-06", "emails[type eq 'work'].value eq 'ada@work.example'", true },
    { "FLT-06", "emails[type eq 'work'].value eq 'ada@home.example'", false },
    { "FLT-06", "emails[type eq 'work' or type eq 'home'].value sw 'ada@h' and id pr", true },
    { "FLT-06", "emails[type eq 'work'].value ne 'ada@work.example'", false },
    { "FLT-06", "emails[type eq 'work'].value ne 'x'", true },
    { "FLT-06", "emails[type eq 'pager'].value ne 'x'", true },
    { "FLT-06", "emails[type eq 'pager'].value pr", false },
    { "FLT-06", "emails[type eq 'work'].primary pr", true },
    { "FLT-06", "emails[type eq 'home'].primary eq null", true },
    { "FLT-06", "emails[type eq 'home'].primary ne null", false },
    { "FLT-06", "emails[type eq 'work'].display eq null", true },
};

static const struct finding names[] = {
    { "FLT-07", "ENT:department eq 'r&d'", true },
    { "FLT-07", "ENT:department eq 'x'", false },
    { "FLT-07", "URN:IETF:params:scim:schemas:extension:enterPRISE:2.0:user:Department pr", true },
    { "FLT-07", "ENT:manager.value eq 'm1'", true },
    { "FLT-07", "ENT:manager.displayName co 'b'", true },
    { "FLT-07", "CORE:userName sw 'ada'", true },
    { "FLT-07", "CORE:emails[type eq 'work'].value co 'work'", true },
    { "FLT-07", "CORE:name.givenName eq 'ada'", true },
    { "FLT-07", "ENT pr", true },
    { "FLT-07", "EXT:squad eq 'blue'", true },
    { "FLT-08", "manager eq 'm1'", true },
    { "FLT-08", "manager.value eq 'm1'", true },
    { "FLT-08", "ENT.manager eq 'm1'", true },
    { "FLT-08", "department eq 'R&D'", true },
    { "FLT-08", "squad eq 'BLUE'", true },
    { "FLT-09", "id eq 'abcdef'", false },
    { "FLT-09", "id eq 'abcDEF'", true },
    { "FLT-09", "externalId eq 'h-1'", false },
    { "FLT-09", "externalId sw 'H'", true },
    { "FLT-09", "meta.version eq 'w/\\'7\\''", false },
    { "FLT-09", "meta.version eq 'W/\\'7\\''", true },
    { "FLT-09", "profileUrl co 'ada'", false },
    { "FLT-09", "nickName eq 'e\\u0301mile'", true },
    { "FLT-09", "nickName sw '\xc3\xa9M'", true },
};

static const struct finding values[] = {
    { "FLT-10", "active pr", true },
    { "FLT-10", "roles pr", false },
    { "FLT-10", "emails pr", true },
    { "FLT-10", "name pr", true },
    { "FLT-10", "name.middleName pr", false },
    { "FLT-10", "locale pr", false },
    { "FLT-11", "locale ne 'x'", true },
    { "FLT-11", "title ne 'x'", true },
    { "FLT-11", "locale eq 'x'", false },
    { "FLT-11", "locale co ''", false },
    { "FLT-11", "locale lt 'x'", false },
    { "FLT-11", "roles ne 'x'", true },
    { "FLT-11", "emails ne 'ada@work.example'", true },
    { "FLT-11", "not (emails eq 'ada@work.example')", false },
    { "FLT-12", "displayName eq 'a\\'b\\\\c'", true },
    { "FLT-12", "displayName eq '\\u0061\\'b\\\\c'", true },
    { "FLT-12", "locale eq null", true },
    { "FLT-12", "title eq null", true },
    { "FLT-12", "userName eq null", false },
    { "FLT-12", "userName ne null", true },
    { "FLT-12", "manager eq null", false },
    { "FLT-12", "emails eq null or roles ne null", false },
    { "FLT-12", "active eq false", true },
    { "FLT-12", "active eq true", false },
    { "FLT-12", "active ne true", true },
    { "FLT-12", "active eq 'False'", true },
    { "FLT-12", "emails[primary eq 'True'].value sw 'ada@w'", true },
    { "FLT-12", "emails.primary eq True", true },
    { "FLT-12", "remote eq true", true },
    { "FLT-12", "ENT:employeeNumber eq 701984", true },
};

static const struct finding orders[] = {
    { "FLT-13", "userName gt 'aaa' and userName lt 'ADB'", true },
    { "FLT-13", "userName ge 'ada@example.com' and userName le 'ADA@EXAMPLE.COM'", true },
    { "FLT-13", "userName gt 'ada@example.com'", false },
    { "FLT-13", "id lt 'abcdef'", true },
    { "FLT-13", "size eq 12.50", true },
    { "FLT-13", "size gt 9", true },
    { "FLT-13", "size lt 100", true },
    { "FLT-13", "size ge 12.5 and size le 1.25e1", true },
    { "FLT-13", "size gt -13", true },
    { "FLT-13", "size eq '12.5'", true },
    { "FLT-13", "size lt 12.49999999999999999999999999", false },
    { "FLT-14", "meta.lastModified eq '2020-01-31T12:00:00Z'", true },
    { "FLT-14", "meta.lastModified eq '2020-01-31T14:00:00.000+02:00'", true },
    { "FLT-14", "meta.lastModified gt '2020-01-31T13:59:59.123456789+02:00'", true },
    { "FLT-14", "meta.lastModified gt '2020-01-31T14:00:00.001+02:00'", false },
    { "FLT-14", "meta.lastModified lt '2020-01-31T07:00:01-05:00'", true },
    { "FLT-14", "meta.created ge '2011-05-13T04:42:34Z'", true },
    { "FLT-14", "meta.created le 2011-05-13T04:42:34Z", true },
    { "FLT-14", "meta.created ne '2011-05-13T04:42:34.5Z'", true },
    { "FLT-14", "birthday eq '1990-12-10'", true },
    { "FLT-14", "EXT:birthday gt '1990-12-10'", false },
    { "FLT-14", "EXT:birthday sw '1990-'", true },
    { "FLT-21", "meta.resourceType eq 'User'", true },
    { "FLT-21", "meta.resourceType eq 'Group'", false },
    { "FLT-22", "externalId eq H-1", true },
    { "FLT-22", "userName eq ada@example.com", true },
    { "FLT-22", "(externalId eq H-1)", true },
    { "FLT-22", "emails[type eq work]", true },
    { "FLT-23", "schemas eq 'ENT'", true },
    { "FLT-23", "schemas[value eq 'ENT']", true },
    { "FLT-23", "schemas eq 'urn:other'", false },
    { "FLT-23", "schemas co 'enterprise'", true },
    { "RES-16", "x509Certificates eq 'QUJD'", true },
    { "RES-16", "x509Certificates eq 'qujd'", false },
};

static void check_findings(const struct finding *cases, size_t n)
{
    AUTO(arena) *a = arena_new();
    const struct scim_resource *user = &scim_for_test(a)->user;
    yyjson_val *resource = scim_json(a, person);

    for (size_t i = 0; i < n; i++) {
        struct filter *f;
        print_message("%s %s\n", cases[i].id, cases[i].filter);
        assert_ok(filter_parse(a, user, scim_text(a, cases[i].filter), &f));
        assert_int_equal(filter_match(a, f, resource), cases[i].fits);
    }
}

static void finds_whom_it_is_about(void **state)
{
    (void)state;
    check_findings(operators, COUNT(operators));
    check_findings(items, COUNT(items));
    check_findings(names, COUNT(names));
    check_findings(values, COUNT(values));
    check_findings(orders, COUNT(orders));
}

static void members_are_found_by_value(void **state)
{
    (void)state;
    static const struct { const char *id, *filter; bool fits; } cases[] = {
        { "FLT-05", "members eq 'u1'", true },
        { "FLT-05", "members eq 'u3'", false },
        { "FLT-04", "members.value eq 'u2'", true },
        { "FLT-03", "members[value eq 'u2' and type eq 'User']", true },
        { "FLT-09", "members eq 'U1'", false },
        { "FLT-09", "displayName eq 'ENGINES'", true },
        { "FLT-21", "meta.resourceType eq 'Group' and members pr", true },
    };
    AUTO(arena) *a = arena_new();
    const struct scim_resource *group = &scim_for_test(a)->group;
    yyjson_val *resource = scim_json(a, "{'displayName':'Engines','meta':{'resourceType':'Group'},"
                                        "'members':[{'value':'u1'},{'value':'u2','type':'User'}]}");

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct filter *f;
        print_message("%s %s\n", cases[i].id, cases[i].filter);
        assert_ok(filter_parse(a, group, scim_text(a, cases[i].filter), &f));
        assert_int_equal(filter_match(a, f, resource), cases[i].fits);
    }
}

static const struct { const char *id, *filter, *part; } refused[] = {
    { "FLT-15", "nosuch eq 'x'", "column 1: a User has no attribute \"nosuch\"" },
    { "FLT-15", "usrName eq 'x'", "did you mean userName?" },
    { "FLT-15", "title pr and name.first eq 'x'", "column 14: name has no \"first\"" },
    { "FLT-15", "emails[kind eq 'x']", "column 8: emails has no 'kind'" },
    { "FLT-15", "emails[type eq 'x'].kind eq 'y'", "column 21: emails has no 'kind'" },
    { "FLT-15", "urn:other:User:x eq 'x'", "does not begin with a schema" },
    { "FLT-15", "members eq 'x'", "a User has no attribute" },
    { "FLT-20", "password eq 'x'", "a User has no attribute \"password\"" },
    { "FLT-16", "", "column 1: an attribute is expected, not the end" },
    { "FLT-16", "   ", "column 4: an attribute is expected" },
    { "FLT-16", "userName",
      "column 9: one of eq ne co sw ew gt ge lt le pr is expected, not the end" },
    { "FLT-16", "userName xx 'a'", "column 10: one of eq ne co" },
    { "FLT-16", "userName = 'a'", "column 10: one of eq ne co" },
    { "FLT-16", "userName eq", "column 12: a value" },
    { "FLT-16", "userName eq ", "column 13: a value" },
    { "FLT-16", "userName eq and title pr", "column 13: a value in double quotes" },
    { "FLT-16", "userName eq 'a", "column 13: this text has no closing quote" },
    { "FLT-16", "userName eq 'a\\'", "column 13: this text has no closing quote" },
    { "FLT-16", "userName eq '\\x'", "column 13: not JSON" },
    { "FLT-16", "userName eq '\\u0000'", "column 13: a text in this JSON has a NUL" },
    { "FLT-16", "userName eq 'a' 'b'", "column 17: `and`, `or` or the end is expected" },
    { "FLT-16", "userName eq 'a'b", "`and`, `or` or the end is expected, not 'b'" },
    { "FLT-16", "userName eq a b", "column 15: `and`, `or` or the end" },
    { "FLT-16", "userName pr and", "column 16: an attribute is expected, not the end" },
    { "FLT-16", "and userName pr", "column 1: a User has no attribute \"and\"" },
    { "FLT-16", "userName pr title pr", "column 13: `and`, `or` or the end" },
    { "FLT-16", "userName pr & title pr", "not '&'" },
    { "FLT-16", "(userName pr", "column 13: `and`, `or` or ) for the bracket of column 1" },
    { "FLT-16", "userName pr)", "not ')'" },
    { "FLT-16", "()", "column 2: an attribute is expected, not ')'" },
    { "FLT-16", "not userName pr", "column 5: a bracket after not is expected" },
    { "FLT-16", "not", "column 4: a bracket after not is expected, not the end" },
    { "FLT-16", "emails[", "column 8: an attribute is expected" },
    { "FLT-16", "emails[]", "column 8: an attribute is expected, not ']'" },
    { "FLT-16", "emails[type eq 'work'",
      "column 22: `and`, `or` or ] for the bracket of column 7" },
    { "FLT-16", "emails[type eq 'work')", "or ] for the bracket" },
    { "FLT-16", "emails[type eq 'work'].", "column 24: an attribute is expected" },
    { "FLT-16", "emails[type eq 'work'] eq 'x'", "column 24: `and`, `or` or the end" },
    { "FLT-16", "emails[emails[type pr]]", "emails has no 'emails'" },
    { "FLT-16", "emails[value[type pr]]", "square brackets do not stand in each other" },
    { "FLT-16", "emails.value[type pr]", "square brackets stand behind a list" },
    { "FLT-16", "title[value eq 'x']", "square brackets stand behind a list" },
    { "FLT-16", "ENT eq 'x'", "a schema can only be asked for with pr" },
    { "FLT-16", "name eq 'x'",
      "column 1: name has several parts; compare one of them, such as name.formatted" },
    { "FLT-16", "addresses co 'x'", "addresses has several parts" },
    { "FLT-16", "name.givenName.x eq 'x'", "goes too deep" },
    { "FLT-16", "\xff eq 'x'", "not UTF-8" },
    { "FLT-22", "userName eq \x27" "a b" "\x27 or", "an attribute is expected" },
    { "FLT-12", "userName co null", "column 13: null can only be compared with eq and ne" },
    { "FLT-12", "active eq 'perhaps'", "column 11: true or false is expected" },
    { "FLT-12", "active eq 1", "column 11: true or false is expected" },
    { "FLT-13", "active gt true", "true and false can only be compared with eq and ne" },
    { "FLT-13", "active co 'tr'", "true and false can only be compared with eq and ne" },
    { "FLT-13", "x509Certificates gt 'QQ=='", "binary values have no order" },
    { "FLT-13", "size eq 'many'", "a number is expected" },
    { "FLT-13", "size co 1", "numbers are compared with eq" },
    { "FLT-14", "meta.created gt 'yesterday'", "an instant is expected, for example" },
    { "FLT-14", "meta.created gt '2011-02-30T00:00:00Z'", "column 17: an instant" },
};

static void says_where_it_is_wrong(void **state)
{
    (void)state;
    AUTO(arena) *a = arena_new();
    const struct scim_resource *user = &scim_for_test(a)->user;

    for (size_t i = 0; i < COUNT(refused); i++) {
        struct filter *f;
        print_message("%s %s\n", refused[i].id, refused[i].filter);
        assert_err(filter_parse(a, user, scim_text(a, refused[i].filter), &f), ERR_FILTER,
                   refused[i].part);
    }
    struct filter *f;
    assert_err(filter_parse(a, user, "title eq 'x'", &f), ERR_FILTER, "in double quotes");
}

static const char *repeated(struct arena *a, const char *part, size_t n, const char *end)
{
    AUTO_BUF b = {};

    for (size_t i = 0; i < n; i++)
        buf_puts(&b, part);
    buf_puts(&b, end);
    return arena_textn(a, b.at, b.n);
}

/* FLT-18 */
static void has_limits(void **state)
{
    (void)state;
    AUTO(arena) *a = arena_new();
    const struct scim_resource *user = &scim_for_test(a)->user;
    const char *closing = repeated(a, ")", FILTER_DEPTH, "");
    struct filter *f;
    size_t at = 0;

    assert_ok(filter_parse(
        a, user, repeated(a, "(", FILTER_DEPTH, arena_printf(a, "id pr%s", closing)), &f));
    assert_true(filter_match(a, f, scim_json(a, "{'id':'x'}")));
    assert_err(filter_parse(a, user, repeated(a, "(", FILTER_DEPTH + 1, "id pr"), &f), ERR_FILTER,
               "more than 64 brackets");
    assert_err(filter_parse(a, user, repeated(a, "not (", FILTER_DEPTH + 1, "id pr"), &f),
               ERR_FILTER, "more than 64 brackets");
    assert_err(filter_parse(a, user, repeated(a, "(", 100000, ""), &f), ERR_FILTER, "8192 bytes");
    assert_err(filter_parse(a, user, repeated(a, "emails[", 1000, ""), &f), ERR_FILTER, "");
    assert_err(filter_parse_items(a, scim_attr_find(user->core->attrs, "emails", 6),
                                  repeated(a, "(", 100000, ""), &at, &f),
               ERR_FILTER, "8192 bytes");
    assert_err(filter_parse_items(a, scim_attr_find(user->core->attrs, "emails", 6),
                                  repeated(a, "(", 100, ""), &at, &f),
               ERR_FILTER, "more than 64 brackets");
    assert_ok(filter_parse(a, user, repeated(a, "id pr or ", FILTER_TERMS - 1, "id pr"), &f));
    assert_false(filter_match(a, f, scim_json(a, "{}")));
    assert_err(filter_parse(a, user, repeated(a, "id pr or ", FILTER_TERMS, "id pr"), &f),
               ERR_TOO_MANY, "at most 500");
}

/* FLT-20 */
static void what_is_never_told_finds_nobody(void **state)
{
    (void)state;
    AUTO(arena) *a = arena_new();
    struct filter *f;

    assert_err(filter_parse(a, &scim_odd, "id pr and secret eq \"1\"", &f), ERR_FILTER,
               "column 11: this attribute is never told");
    assert_err(filter_parse(a, &scim_odd, "secret pr", &f), ERR_FILTER, "never told");
}

/* What our own schemas have not: plain lists, whole numbers. */
static void finds_other_kinds_of_values(void **state)
{
    (void)state;
    static const struct { const char *id, *filter; bool fits; } cases[] = {
        { "FLT-05", "tags eq 'y'", true },
        { "FLT-05", "tags.value eq 'z'", false },
        { "FLT-03", "tags[value sw 'X']", true },
        { "FLT-03", "tags[value sw 'X' and value ew 'Y']", false },
        { "FLT-04", "tags sw 'X' and tags ew 'y'", true },
        { "FLT-03", "box[key eq 'k' and text pr]", true },
        { "FLT-13", "seats eq 9007199254740993", true },
        { "FLT-13", "seats eq 9007199254740992", false },
        { "FLT-13", "seats gt 9007199254740992 and seats lt 90071992547409930000000", true },
        { "FLT-13", "seats lt -5 or seats le 5", false },
    };
    AUTO(arena) *a = arena_new();
    yyjson_val *resource = scim_json(a, "{'tags':['x','Y'],'box':{'key':'K','text':'t'},"
                                        "'seats':9007199254740993}");

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct filter *f;
        print_message("%s %s\n", cases[i].id, cases[i].filter);
        assert_ok(filter_parse(a, &scim_odd, scim_text(a, cases[i].filter), &f));
        assert_int_equal(filter_match(a, f, resource), cases[i].fits);
    }
}

/* Keys as "attribute.sub=text", one after another. */
static const char *keys_of(struct arena *a, const struct filter *f)
{
    AUTO_BUF b = {};
    struct filter_key *keys;
    size_t n = filter_keys(a, f, &keys);

    for (size_t i = 0; i < n; i++)
        buf_printf(&b, "%s%s%s%s=%s", i ? " " : "", keys[i].attr->name, keys[i].sub ? "." : "",
                   keys[i].sub ? keys[i].sub->name : "", keys[i].text);
    return arena_textn(a, b.n ? b.at : "", b.n);
}

static void tells_what_an_index_can_answer(void **state)
{
    (void)state;
    static const struct { const char *id, *filter, *keys; } cases[] = {
        { "FLT-19", "userName eq 'Ada'", "userName=Ada" },
        { "FLT-19", "externalId eq 'H-1' and active eq true", "externalId=H-1" },
        { "FLT-19", "(id eq 'x') and (title pr and emails eq 'y')", "id=x emails.value=y" },
        { "FLT-19", "emails.value eq 'y'", "emails.value=y" },
        { "FLT-19", "emails[type eq 'work' and value eq 'y']", "emails.type=work emails.value=y" },
        { "FLT-06", "emails[type eq 'work'].value eq 'y'", "emails.type=work emails.value=y" },
        { "FLT-19", "ENT:manager eq 'm'", "manager.value=m" },
        { "FLT-19", "displayName eq 'x'", "displayName=x" },
        { "FLT-19", "userName eq 'x' or id eq 'y'", "" },
        { "FLT-19", "not (userName eq 'x')", "" },
        { "FLT-19", "userName ne 'x' and userName co 'y' and size eq 1", "" },
        { "FLT-12", "userName eq null", "" },
        { "FLT-06", "emails[type eq 'work'].value ne 'y'", "" },
        { "FLT-19", "emails[type eq 'work' or value eq 'y'].primary eq true", "" },
    };
    AUTO(arena) *a = arena_new();
    const struct scim *s = scim_for_test(a);
    struct filter_key *keys;
    struct filter *f;

    for (size_t i = 0; i < COUNT(cases); i++) {
        print_message("%s %s\n", cases[i].id, cases[i].filter);
        assert_ok(filter_parse(a, &s->user, scim_text(a, cases[i].filter), &f));
        assert_string_equal(keys_of(a, f), cases[i].keys);
    }
    assert_ok(filter_parse(a, &s->group, "members eq \"u1\"", &f));
    assert_string_equal(keys_of(a, f), "members.value=u1");
    assert_ok(filter_parse(a, &s->user, scim_text(a, "ENT:manager[value eq 'm']"), &f));
    assert_int_equal(filter_keys(a, f, &keys), 1);
    assert_string_equal(keys[0].schema->id, SCIM_ENTERPRISE);
}

/* CUR and sync clients ask for what changed since. */
static void tells_between_which_instants(void **state)
{
    (void)state;
    static const struct { const char *filter, *from, *to; } cases[] = {
        { "meta.lastModified gt '2020-01-31T14:00:00+02:00'", "2020-01-31T12:00:00Z", NULL },
        { "meta.lastModified ge '2020-01-01' and meta.lastModified lt '2021-01-01'",
          "2020-01-01", "2021-01-01" },
        { "meta.lastModified eq '2020-01-01' and id pr", "2020-01-01", "2020-01-01" },
        { "meta.lastModified gt '2020-01-01' and meta.lastModified gt '2020-02-01'", "2020-02-01",
          NULL },
        { "meta.lastModified gt '2020-01-01' or id pr", NULL, NULL },
        { "not (meta.lastModified gt '2020-01-01')", NULL, NULL },
        { "meta.lastModified ne '2020-01-01' and meta.lastModified pr", NULL, NULL },
        { "meta[lastModified le '2020-01-01']", NULL, "2020-01-01" },
        { "meta.created gt '2020-01-01'", NULL, NULL },
        { "ENT pr", NULL, NULL },
    };
    AUTO(arena) *a = arena_new();
    const struct scim_resource *user = &scim_for_test(a)->user;

    for (size_t i = 0; i < COUNT(cases); i++) {
        int64_t from = INT64_MIN, to = INT64_MAX, is_from, is_to;
        struct filter *f;
        print_message("FLT-14 %s\n", cases[i].filter);
        assert_ok(filter_parse(a, user, scim_text(a, cases[i].filter), &f));
        assert_true(!cases[i].from || time_parse(cases[i].from, &from));
        assert_true(!cases[i].to || time_parse(cases[i].to, &to));
        filter_modified(f, &is_from, &is_to);
        assert_true(is_from == from);
        assert_true(is_to == (cases[i].to ? to + 999 : to));
    }
}

static void tells_what_it_looks_at(void **state)
{
    (void)state;
    static const struct { const char *filter, *attribute; bool uses; } cases[] = {
        { "groups eq 'x'", "groups", true },
        { "groups[display eq 'x']", "groups", true },
        { "not (id pr or (title pr and groups.value pr))", "groups", true },
        { "groups eq null", "groups", true },
        { "title eq 'groups'", "groups", false },
        { "emails[display eq 'x']", "groups", false },
        { "ENT pr", "groups", false },
    };
    AUTO(arena) *a = arena_new();
    const struct scim_resource *user = &scim_for_test(a)->user;

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct filter *f;
        print_message("%s\n", cases[i].filter);
        assert_ok(filter_parse(a, user, scim_text(a, cases[i].filter), &f));
        assert_int_equal(filter_uses(f, cases[i].attribute), cases[i].uses);
    }
}

static void a_value_filter_ends_at_its_bracket(void **state)
{
    (void)state;
    AUTO(arena) *a = arena_new();
    const struct scim_resource *user = &scim_for_test(a)->user;
    const char *path = scim_text(a, "emails[type eq 'a]b' and primary eq 'True'].value");
    struct filter_term *terms;
    struct filter *f;
    size_t at = strlen("emails[");

    assert_ok(filter_parse_items(a, scim_attr_find(user->core->attrs, "emails", 6), path, &at, &f));
    assert_string_equal(path + at, ".value");
    assert_true(filter_match_item(a, f, scim_json(a, "{'type':'A]B','primary':true}")));
    assert_false(filter_match_item(a, f, scim_json(a, "{'type':'A]B'}")));
    assert_int_equal(filter_equals(a, f, &terms), 2);
    assert_string_equal(terms[0].sub->name, "type");
    assert_string_equal(yyjson_get_str(terms[0].value), "a]b");
    assert_string_equal(terms[1].sub->name, "primary");
    assert_true(yyjson_is_true(terms[1].value));
}

static void only_what_must_be_equal_makes_an_item(void **state)
{
    (void)state;
    static const struct { const char *filter; size_t n; } cases[] = {
        { "type eq 'work']", 1 },
        { "type eq 'work' and (value co 'x' and display eq 'y')]", 2 },
        { "type eq 'work' or type eq 'home']", 0 },
        { "not (type eq 'work')]", 0 },
        { "type eq null]", 0 },
        { "type ne 'work']", 0 },
    };
    AUTO(arena) *a = arena_new();
    const struct scim_attr *emails =
        scim_attr_find(scim_for_test(a)->user.core->attrs, "emails", 6);

    for (size_t i = 0; i < COUNT(cases); i++) {
        struct filter_term *terms;
        struct filter *f;
        size_t at = 0;
        print_message("PAT-14 %s\n", cases[i].filter);
        assert_ok(filter_parse_items(a, emails, scim_text(a, cases[i].filter), &at, &f));
        assert_int_equal(filter_equals(a, f, &terms), cases[i].n);
    }
}

static void an_item_without_parts_is_called_value(void **state)
{
    (void)state;
    AUTO(arena) *a = arena_new();
    const struct scim_attr *tags = scim_attr_find(scim_odd.core->attrs, "tags", 4);
    struct filter_term *terms;
    struct filter *f;
    size_t at = 0;

    assert_ok(filter_parse_items(a, tags, "value eq \"x\"]", &at, &f));
    assert_true(filter_match_item(a, f, yyjson_arr_get_first(scim_json(a, "['X']"))));
    assert_false(filter_match_item(a, f, yyjson_arr_get_first(scim_json(a, "['y']"))));
    assert_int_equal(filter_equals(a, f, &terms), 1);
    assert_null(terms[0].sub);
    at = 0;
    assert_err(filter_parse_items(a, tags, "type eq \"x\"]", &at, &f), ERR_FILTER,
               "tags has no 'type'");
}

/* A store asks for one filter and many resources: nothing stays behind. */
static void matching_leaves_nothing_in_the_arena(void **state)
{
    (void)state;
    AUTO(arena) *a = arena_new();
    struct filter *f;
    yyjson_val *resource = scim_json(a, person);

    assert_ok(filter_parse(a, &scim_for_test(a)->user, "emails co \"nobody\" or size gt 99", &f));
    size_t before = arena_size(a);
    for (int i = 0; i < 10000; i++)
        assert_false(filter_match(a, f, resource));
    assert_true(arena_size(a) <= before + KB(64));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(finds_whom_it_is_about),
        TEST(members_are_found_by_value),
        TEST(says_where_it_is_wrong),
        TEST(has_limits),
        TEST(what_is_never_told_finds_nobody),
        TEST(finds_other_kinds_of_values),
        TEST(tells_what_an_index_can_answer),
        TEST(tells_between_which_instants),
        TEST(tells_what_it_looks_at),
        TEST(a_value_filter_ends_at_its_bracket),
        TEST(only_what_must_be_equal_makes_an_item),
        TEST(an_item_without_parts_is_called_value),
        TEST(matching_leaves_nothing_in_the_arena),
    };

    return RUN_TESTS(tests);
}
