/* test_scim_bulk.c — POST /Bulk: references forwards, backwards and in circles, and what happens when one fails. */
#include <stdlib.h>

#include "base/str.h"
#include "support/house.h"

#define BULK "{'schemas':['urn:ietf:params:scim:api:messages:2.0:BulkRequest'],"
#define PATCH_OP "'schemas':['urn:ietf:params:scim:api:messages:2.0:PatchOp']"

static struct reply bulk(struct house *h, struct arena *a, const char *operations)
{
    return asked(h, a, 200, "POST", "/Bulk",
                 arena_printf(a, BULK "'Operations':[%s]}", operations));
}

#define ADD_USER(id, more)                                                                         \
    "{'method':'POST','path':'/Users','bulkId':'" id "','data':{'userName':'" id "'" more "}}"
#define ADD_GROUP(id, members)                                                                     \
    "{'method':'POST','path':'/Groups','bulkId':'" id "','data':{'displayName':'" id               \
    "','members':[" members "]}}"
#define REF(id) "{'value':'bulkId:" id "'}"
#define MANAGER(id) ",'ENT':{'manager':{'value':'bulkId:" id "'}}"

/* "201 201 404": in the order of the request; BLK-10: as texts. */
static const char *statuses(struct arena *a, const struct reply *r)
{
    AUTO_BUF out = {};
    yyjson_val *one;
    size_t i, n;

    yyjson_arr_foreach(yyjson_obj_get(r->json, "Operations"), i, n, one)
        buf_printf(&out, "%s%s", i ? " " : "", json_text(one, "status"));
    return arena_text(a, out.at ? out.at : "");
}

static const char *location_at(struct arena *a, const struct reply *r, size_t i)
{
    return text_at(a, r, arena_printf(a, "/Operations/%zu/location", i));
}

static const char *id_at(struct arena *a, const struct reply *r, size_t i)
{
    const char *at = location_at(a, r, i);

    return at ? strrchr(at, '/') + 1 : NULL;
}

static size_t members(struct house *h, struct arena *a, const char *group)
{
    struct reply r = asked(h, a, 200, "GET", arena_printf(a, "/Groups/%s", group), NULL);

    return yyjson_arr_size(yyjson_obj_get(r.json, "members"));
}

static const char *manager(struct house *h, struct arena *a, const char *user)
{
    struct reply r = asked(h, a, 200, "GET", arena_printf(a, "/Users/%s", user), NULL);

    return text_at(a, &r,
                   "/urn:ietf:params:scim:schemas:extension:enterprise:2.0:User/manager/value");
}

static void BLK_03_references_lead_backwards_and_forwards(void **state)
{
    static const char *const orders[] = {
        ADD_USER("u1", "") "," ADD_USER("u2", "") "," ADD_GROUP("g", REF("u1") "," REF("u2")),
        ADD_GROUP("g", REF("u1") "," REF("u2")) "," ADD_USER("u1", "") "," ADD_USER("u2", ""),
        ADD_USER("u1", "") "," ADD_GROUP("g", REF("u1") "," REF("u2")) "," ADD_USER("u2", ""),
    };
    AUTO(arena) *a = arena_new();
    struct house h;

    open_house(*state, &h);
    for (size_t i = 0; i < COUNT(orders); i++) {
        struct reply r = bulk(&h, a, orders[i]);
        assert_string_equal(statuses(a, &r), "201 201 201");
        for (size_t k = 0; k < 3; k++)
            if (strstr(location_at(a, &r, k), "/Groups/"))
                assert_int_equal(members(&h, a, id_at(a, &r, k)), 2);
        for (size_t k = 0; k < 3; k++)          /* the next round makes them again */
            asked(&h, a, 204, "DELETE", strstr(location_at(a, &r, k), "/v2/") + 3, NULL);
    }
    close_house(&h);
}

static void BLK_03_a_manager_may_come_later(void **state)
{
    AUTO(arena) *a = arena_new();
    struct house h;

    open_house(*state, &h);
    struct reply r = bulk(&h, a, ADD_USER("u1", MANAGER("u2")) "," ADD_USER("u2", ""));
    assert_string_equal(statuses(a, &r), "201 201");
    assert_string_equal(manager(&h, a, id_at(a, &r, 0)), id_at(a, &r, 1));
    close_house(&h);
}

/* Whom the source deleted while another one speaks for them comes back as who they were, not with the id kept for them. */
static void BLK_03_references_to_somebody_who_comes_back(void **state)
{
    AUTO(arena) *a = arena_new();
    struct house h;

    open_house(*state, &h);
    const char *own = h.token, *other = token_of(&h, "other");
    struct reply r = asked(&h, a, 201, "POST", "/Users", "{'userName':'boss'}");
    const char *boss = text_at(a, &r, "/id"), *path = arena_printf(a, "/Users/%s", boss);
    h.token = other;
    asked(&h, a, 200, "PUT", path, "{'userName':'boss'}");
    h.token = own;
    asked(&h, a, 204, "DELETE", path, NULL);
    r = bulk(&h, a,
             ADD_USER("u1", MANAGER("boss")) "," ADD_USER("boss", "") "," ADD_USER(
                 "u2", MANAGER("boss")) "," ADD_GROUP("g", REF("boss")));
    assert_string_equal(statuses(a, &r), "201 201 201 201");
    assert_string_equal(id_at(a, &r, 1), boss);
    assert_string_equal(manager(&h, a, id_at(a, &r, 0)), boss);
    assert_string_equal(manager(&h, a, id_at(a, &r, 2)), boss);
    assert_int_equal(members(&h, a, id_at(a, &r, 3)), 1);
    close_house(&h);
}

static void BLK_03_paths_may_refer_to_what_comes_later(void **state)
{
    AUTO(arena) *a = arena_new();
    struct house h;

    open_house(*state, &h);
    struct reply r = bulk(
        &h, a,
        "{'method':'PATCH','path':'/Groups/bulkId:g','data':{" PATCH_OP
        ",'Operations':[{'op':'add','path':'members','value':[" REF("u2") "]}]}},"
        "{'method':'PATCH','path':'/Users/bulkId:u1','data':{" PATCH_OP
        ",'Operations':[{'op':'add','path':'title','value':'Cook'}]}}," ADD_GROUP("g", REF("u1"))
        "," ADD_USER("u1", "") "," ADD_USER("u2", ""));
    assert_string_equal(statuses(a, &r), "200 200 201 201 201");
    assert_int_equal(members(&h, a, id_at(a, &r, 2)), 2);
    struct reply user =
        asked(&h, a, 200, "GET", arena_printf(a, "/Users/%s", id_at(a, &r, 3)), NULL);
    assert_string_equal(text_at(a, &user, "/title"), "Cook");
    close_house(&h);
}

static void BLK_04_circles_are_opened(void **state)
{
    AUTO(arena) *a = arena_new();
    struct house h;

    open_house(*state, &h);
    struct reply r = bulk(&h, a, ADD_USER("u1", MANAGER("u2")) "," ADD_USER("u2", MANAGER("u1")));
    assert_string_equal(statuses(a, &r), "201 201");
    assert_true(!manager(&h, a, id_at(a, &r, 0)) != !manager(&h, a, id_at(a, &r, 1)));
    r = bulk(
        &h, a,
        ADD_GROUP("g1", REF("g2")) "," ADD_GROUP("g2", REF("g1")) "," ADD_GROUP("g3", REF("g3")));
    assert_string_equal(statuses(a, &r), "201 201 201");
    assert_int_equal(members(&h, a, id_at(a, &r, 0)), 0);
    close_house(&h);
}

static void BLK_05_what_nobody_makes_cannot_be_referred_to(void **state)
{
    static const struct { const char *operations, *statuses; } cases[] = {
        { ADD_GROUP("a1", REF("nobody")), "400" },
        { "{'method':'DELETE','path':'/Users/bulkId:nobody'}", "400" },
        { "{'method':'POST','path':'/Users','bulkId':'b1','data':{}}," ADD_GROUP("a2", REF("b1")),
          "400 400" },
        { ADD_GROUP("a3", REF("b2")) ",{'method':'POST','path':'/Users','bulkId':'b2','data':{}}",
          "400 400" },
        { ADD_USER("b3", "") "," ADD_USER("b3", ""), "201 400" },
        { "{'method':'POST','path':'/Users','data':{'userName':'b4'}}", "400" },
        { "{'method':'GET','path':'/Users'}", "400" },
        { "{'path':'/Users'}", "400" },
        { "{'method':'POST','path':'/Users/x','bulkId':'b5','data':{'userName':'b5'}}", "400" },
        { "{'method':'PUT','path':'/Users','data':{'userName':'b6'}}", "400" },
        { "{'method':'PUT','path':'/Toasters/aaaaaaaaaaaab','data':{}}", "400" },
        { "{'method':'PUT','path':'/Users/aaaaaaaaaaaab','data':{'userName':'b7'}}", "404" },
        { "{'method':'DELETE','path':'/Groups/nonsense'}", "404" },
        { "{'method':'POST','path':'/Users','bulkId':'b8'}", "400" },
        { "{'method':'POST','path':'/Users','bulkId':'b9','data':[1]}", "400" },
        { "7,null,'x',{}", "400 400 400 400" },
        { "", "" },
    };
    AUTO(arena) *a = arena_new();
    struct house h;

    open_house(*state, &h);
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct reply r = bulk(&h, a, cases[i].operations);
        print_message("%s\n", cases[i].operations);
        assert_string_equal(statuses(a, &r), cases[i].statuses);
        if (strcmp(cases[i].statuses, "400") == 0)      /* BLK-07 */
            assert_string_equal(text_at(a, &r, "/Operations/0/response/status"), "400");
    }
    close_house(&h);
}

static void BLK_06_it_stops_after_so_many_errors(void **state)
{
    static const char bad[] = "{'method':'DELETE','path':'/Users/aaaaaaaaaaaab'}";
    static const struct { const char *most, *statuses; } cases[] = {
        { "", "404 201 404 201" },
        { "'failOnErrors':1,", "404" },
        { "'failOnErrors':2,", "404 201 404" },
        { "'failOnErrors':3,", "404 201 404 201" },
        { "'failOnErrors':0,", "404 201 404 201" },
    };
    AUTO(arena) *a = arena_new();
    struct house h;

    open_house(*state, &h);
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *body = arena_printf(
            a,
            BULK "%s'Operations':[%s,{'method':'POST','path':'/Users','bulkId':'x','data':{"
                 "'userName':'x%zu'}},%s,{'method':'POST','path':'/Users','bulkId':'y','data':{"
                 "'userName':'y%zu'}}]}",
            cases[i].most, bad, i, bad, i);
        struct reply r = asked(&h, a, 200, "POST", "/Bulk", body);
        assert_string_equal(statuses(a, &r), cases[i].statuses);
    }
    struct reply r = asked(&h, a, 200, "POST", "/Bulk",
                           BULK "'failOnErrors':1,'Operations':[" ADD_USER(
                               "z", "") ",{'method':'NO','path':'/Users'}," ADD_USER("w", "") "]}");
    assert_string_equal(statuses(a, &r), "201 400");
    asked(&h, a, 400, "POST", "/Bulk", BULK "'failOnErrors':-1,'Operations':[]}");
    asked(&h, a, 400, "POST", "/Bulk", BULK "'failOnErrors':'1','Operations':[]}");
    asked(&h, a, 400, "POST", "/Bulk", "{'Operations':[]}");
    asked(&h, a, 400, "POST", "/Bulk", BULK "'Operations':{}}");
    close_house(&h);
}

static void BLK_09_a_version_is_held_against_the_one_there_is(void **state)
{
    AUTO(arena) *a = arena_new();
    struct house h;

    open_house(*state, &h);
    struct reply r = bulk(&h, a, ADD_USER("u1", ""));
    const char *id = id_at(a, &r, 0), *version = text_at(a, &r, "/Operations/0/version");
    const char *quoted = arena_printf(a, "W/\\'%.1s\\'", version + 3);
    AUTO_BUF both = {};
    for (int i = 0; i < 2; i++) {
        if (i)
            buf_putc(&both, ',');
        buf_printf(&both,
                   "{'method':'PUT','path':'/Users/%s','version':'%s','data':{'userName':'u1',"
                   "'title':'%d'}}",
                   id, quoted, i);
    }
    r = bulk(&h, a, both.at);
    assert_string_equal(statuses(a, &r), "200 412");
    close_house(&h);
}

/* BLK-08, and that as many references as fit are found quickly. */
static void many_operations_are_taken_or_refused(void **state)
{
    AUTO(arena) *a = arena_new();
    AUTO_BUF ops = {};
    struct house h;

    open_house(*state, &h);
    for (int i = 0; i < 1001; i++)
        buf_printf(&ops, "%s{'method':'DELETE','path':'/Users/aaaaaaaaaaaab'}", i ? "," : "");
    asked(&h, a, 413, "POST", "/Bulk", arena_printf(a, BULK "'Operations':[%s]}", ops.at));
    buf_clear(&ops);
    for (int i = 0; i < 300; i++)
        buf_printf(&ops,
                   "{'method':'POST','path':'/Users','bulkId':'m%d','data':{'userName':'m%d'}},", i,
                   i);
    buf_puts(
        &ops,
        "{'method':'POST','path':'/Groups','bulkId':'g','data':{'displayName':'g','members':[");
    for (int i = 0; i < 30000; i++)
        buf_printf(&ops, "%s{'value':'bulkId:m%d'}", i ? "," : "", i % 300);
    buf_puts(&ops, "]}}");
    struct reply r = bulk(&h, a, ops.at);
    assert_int_equal(members(&h, a, id_at(a, &r, 300)), 300);
    close_house(&h);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        BOTH_ENGINES(BLK_03_references_lead_backwards_and_forwards),
        BOTH_ENGINES(BLK_03_a_manager_may_come_later),
        BOTH_ENGINES(BLK_03_references_to_somebody_who_comes_back),
        BOTH_ENGINES(BLK_03_paths_may_refer_to_what_comes_later),
        BOTH_ENGINES(BLK_04_circles_are_opened),
        ON_SQLITE(BLK_05_what_nobody_makes_cannot_be_referred_to),
        ON_SQLITE(BLK_06_it_stops_after_so_many_errors),
        ON_SQLITE(BLK_09_a_version_is_held_against_the_one_there_is),
        ON_SQLITE(many_operations_are_taken_or_refused),
    };

    return RUN_TESTS(tests);
}
