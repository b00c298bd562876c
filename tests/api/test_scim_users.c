/* test_scim_users.c — users beside other sources: what those said stands in nobody's way. */
#include "base/id.h"
#include "base/str.h"
#include "support/house.h"
#include "support/people.h"

#define PATCH_OP(operations)                                                                       \
    "{'schemas':['urn:ietf:params:scim:api:messages:2.0:PatchOp'],'Operations':[" operations "]}"

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

int main(void)
{
    static const struct CMUnitTest tests[] = {
        BOTH_ENGINES(a_link_that_is_no_uri_is_shown_as_one),
        ON_SQLITE(everything_the_directory_takes_can_be_patched),
    };

    return RUN_TESTS(tests);
}
