/* test_scim_users.c — users beside other sources: what those said stands in nobody's way. */
#include "api/scim_serve.h"
#include "base/id.h"
#include "base/str.h"
#include "support/house.h"
#include "support/people.h"
#include "support/scim.h"
#include "sync/inbound.h"

#define PATCH_OP(operations)                                                                       \
    "{'schemas':['urn:ietf:params:scim:api:messages:2.0:PatchOp'],'Operations':[" operations "]}"

struct noted {
    struct scim_asker s;
    struct scim_op op;
};

static enum err carry_out(struct work *w, void *arg)
{
    struct noted *n = arg;
    AUTO_BUF unseen = {};

    (void)w;
    return scim_op_run(&n->s, &n->op, &unseen);
}

/* A reference is a URI (RFC 7643 §2.3.7): others may have written anything, and the person can still be changed. */
static void a_link_that_is_no_uri_is_shown_as_one(void **state)
{
    AUTO(arena) *a = arena_new();
    struct house h;

    int64_t id = given_person(*state, "email=ana@x.test", "profile_url=the wiki\tpage",
                              "photo=ana garcía.jpg", NULL);
    open_house(*state, &h);
    const char *path = arena_printf(a, "/Users/%s", id_text(id));
    struct reply r = asked(&h, a, 200, "GET", path, NULL);
    assert_string_equal(text_at(a, &r, "/profileUrl"), "the%20wiki%09page");
    assert_string_equal(text_at(a, &r, "/photos/0/value"), "ana%20garcía.jpg");
    r = asked(&h, a, 200, "PATCH", path,
              PATCH_OP("{'op':'replace','path':'title','value':'Cook'}"));
    assert_string_equal(text_at(a, &r, "/title"), "Cook");
    assert_string_equal(person_text(the_person(*state, id), "photo"), "ana garcía.jpg");
    asked(&h, a, 200, "PUT", path, arena_textn(a, r.body, r.n));
    close_house(&h);
}

/* What others wrote into lists and dates, as the directory takes it. */
static void everything_the_directory_takes_can_be_patched(void **state)
{
    static const char *const pairs[] = {
        "title=\x01", "start_date=2026-02-28", "given_name= ", "phone=none yet", "locale=?",
        "timezone=Nowhere/City", "gender=…", "employee_number=0", "display_name=\"\\",
        "emails=[{\"value\":\"b@x.test\",\"primary\":true},{\"type\":\"work\"}]",
        "addresses=[{\"country\":\"Österreich\",\"type\":\"of old\"}]",
        "certificates=[{\"value\":\"not base64!\"}]",
        "roles=[{\"value\":\"a\",\"primary\":\"yes\"}]",
        "ims=[\"plain\"]",
        "emails=[\"c@x.test\"]",
        "phones=[]",
        "entitlements=[{}]",
        "addresses=[{\"floor\":3}]",
        "roles=[{\"value\":7}]",
    };
    AUTO(arena) *a = arena_new();
    struct house h;
    int64_t ids[COUNT(pairs)];

    for (size_t i = 0; i < COUNT(pairs); i++)
        ids[i] = given_person(*state, arena_printf(a, "email=p%zu@x.test", i), pairs[i], NULL);
    open_house(*state, &h);
    for (size_t i = 0; i < COUNT(pairs); i++) {
        const char *path = arena_printf(a, "/Users/%s", id_text(ids[i]));
        print_message("%s\n", pairs[i]);
        asked(&h, a, 200, "GET", path, NULL);
        asked(&h, a, 200, "PATCH", path,
              PATCH_OP("{'op':'replace','path':'nickName','value':'N'}"));
    }
    close_house(&h);
}

/* In a list and alone: those who are seen, in their order, then those who are waited for. */
static void additional_managers_are_named_alike_in_lists_and_alone(void **state)
{
    static const char *const wanted[] = { NULL,       "boss1@x.test", "boss2@x.test, boss1@x.test",
                                          "nobody@x", "boss3@x.test, nobody@x" };
    static const char *const sent[] = { "", "boss1@x.test", "boss2@x.test, boss1@x.test",
                                        "nobody@x", "nobody@x, boss3@x.test" };
    AUTO(arena) *a = arena_new();
    struct house h;

    open_house(*state, &h);
    for (int i = 0; i < 4; i++)
        asked(&h, a, 201, "POST", "/Users",
              arena_printf(a, "{'userName':'boss%d@x.test','emails':[{'value':'boss%d@x.test'}]}",
                           i, i));
    for (size_t i = 0; i < COUNT(sent); i++)
        asked(&h, a, 201, "POST", "/Users",
              arena_printf(a, "{'userName':'u%zu','EXT':{'additionalManagers':'%s'}}", i, sent[i]));
    struct reply all = asked(&h, a, 200, "GET", "/Users?filter=userName%20sw%20%22u%22", NULL);
    for (size_t i = 0; i < COUNT(sent); i++) {
        yyjson_val *one = at_pointer(a, all.json, arena_printf(a, "/Resources/%zu", i));
        struct reply alone =
            asked(&h, a, 200, "GET", arena_printf(a, "/Users/%s", json_text(one, "id")), NULL);
        assert_true(yyjson_equals(one, alone.json));
        const char *more =
            text_at(a, &alone,
                    "/urn:ietf:params:scim:schemas:extension:muster:2.0:User/additionalManagers");
        print_message("%s\n", more ? more : "");
        assert_true(str_eq(more, wanted[i]));
    }
    close_house(&h);
}

/* The request log keeps no values of people (SEC-11): what is noted about a write names nobody, except in quotes. */
static void what_is_noted_of_a_write_names_nobody(void **state)
{
    AUTO(arena) *a = arena_new();
    struct source_row source;
    const struct scim_space *space;
    struct work *w = *state;

    assert_ok(inbound_source(w, "scim", true, &source));
    int64_t boss = given_person(w, "email=boss@x.test", "given_name=Secret", NULL);
    int64_t other = given_person(w, "email=other@x.test", "given_name=Hidden", NULL);
    given_change(w, other, "manager", id_text(boss));
    scim_spaces_free();
    assert_ok(scim_space_get(w, true, &space));
    const int64_t managers[] = { boss, other };
    static const char *const says[] = { "nobody is their own manager", "circle" };
    for (size_t i = 0; i < COUNT(managers); i++) {
        struct noted n = {
            .s = { .w = w, .space = space, .source = source.id, .token_name = "t", .base = "" }
        };
        n.op = (struct scim_op){ .method = PATCH, .kind = SCIM_USERS, .id = boss };
        n.op.body =
            scim_json(a, arena_printf(a, PATCH_OP("{'op':'add','path':'ENT:manager','value':'%s'}"),
                                      id_text(managers[i])));
        assert_ok(scim_op_prepare(&n.s, &n.op));
        assert_ok(store_write(w, carry_out, &n));
        print_message("%s\n", n.op.note);
        assert_non_null(strstr(n.op.note, says[i]));
        assert_null(strstr(n.op.note, "Secret"));
        assert_null(strstr(n.op.note, "Hidden"));
        assert_null(strstr(n.op.note, "x.test"));
    }
    scim_spaces_free();
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        BOTH_ENGINES(a_link_that_is_no_uri_is_shown_as_one),
        BOTH_ENGINES(additional_managers_are_named_alike_in_lists_and_alone),
        ON_SQLITE(what_is_noted_of_a_write_names_nobody),
        ON_SQLITE(everything_the_directory_takes_can_be_patched),
    };

    return RUN_TESTS(tests);
}
