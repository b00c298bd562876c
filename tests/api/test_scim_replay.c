/* test_scim_replay.c — a recorded request tried again: answered as it would be, and nothing is left behind. */
#include "api/scim.h"

#include <stdlib.h>

#include "api/scim_serve.h"
#include "base/id.h"
#include "base/str.h"
#include "support/company.h"
#include "support/scim.h"
#include "sync/inbound.h"

#define PATCH_OP(operations)                                                                       \
    "{'schemas':['urn:ietf:params:scim:api:messages:2.0:PatchOp'],'Operations':[" operations "]}"

struct place {
    struct work *w;
    int64_t source;
};

static void open_place(void **state, struct place *p)
{
    struct source_row row;

    scim_spaces_free();             /* of the store before */
    given_company(*state, NULL);
    *p = (struct place){ .w = *state };
    assert_ok(inbound_source(p->w, "scim", true, &row));
    p->source = row.id;
}

/* `path` behind /scim/v2; the status of the answer, whose JSON is *out (NULL: it has no body). */
static int tried(struct place *p, const char *method, const char *path, const char *body,
                 yyjson_val **out)
{
    const char *bytes = body ? scim_text(p->w->mem, body) : "";
    struct scim_request r = { .method = method,
                              .path = arena_printf(p->w->mem, "/scim/v2%s", path),
                              .body = bytes,
                              .body_size = strlen(bytes),
                              .source = p->source };
    AUTO_BUF answer = {};
    int status = 0;

    assert_ok(scim_dry_run(p->w, &r, &answer, &status));
    *out = NULL;
    if (answer.n)
        assert_ok(json_read_in(p->w->mem, answer.at, answer.n, out));
    return status;
}

static enum err refused(struct place *p, const char *method, const char *path)
{
    struct scim_request r = {
        .method = method, .path = path, .body = "{}", .body_size = 2, .source = p->source
    };
    AUTO_BUF answer = {};
    int status;

    return scim_dry_run(p->w, &r, &answer, &status);
}

static const char *everything(struct place *p)
{
    static const char *const tables[] = { "person",    "person_key", "team", "membership",
                                          "waiting",   "source",     "link", "claim",
                                          "pinned",    "held_back",  "run",  "run_row",
                                          "team_group" };
    AUTO_BUF all = {};

    for (size_t i = 0; i < COUNT(tables); i++)
        buf_printf(&all, "%s:\n%s\n", tables[i], table_text(tables[i]));
    return arena_text(p->w->mem, all.at);
}

/* ---- really ---- */

static enum err run_op(struct work *w, void *arg)
{
    void **both = arg;
    AUTO_BUF unseen = {};

    (void)w;
    return scim_op_run(both[0], both[1], &unseen);
}

static const char *made(struct place *p, enum scim_kind kind, const char *body)
{
    struct scim_asker s = { .w = p->w, .source = p->source, .token_name = "t", .base = "/scim/v2" };
    struct scim_op op = { .method = POST, .kind = kind, .body = scim_json(p->w->mem, body) };
    void *both[] = { &s, &op };

    assert_ok(scim_space_get(p->w, true, &s.space));
    assert_ok(scim_op_prepare(&s, &op));
    assert_ok(store_write(p->w, run_op, both));
    return arena_text(p->w->mem, id_text(op.made));
}

/* {user} and {group} stand for their ids. */
static const char *filled(struct arena *a, const char *text, const char *user, const char *group)
{
    AUTO_BUF out = {};

    while (*text) {
        bool is_user = str_starts(text, "{user}"), is_group = str_starts(text, "{group}");
        if (is_user || is_group) {
            buf_puts(&out, is_user ? user : group);
            text = strchr(text, '}') + 1;
        } else {
            buf_putc(&out, *text++);
        }
    }
    return arena_textn(a, out.at, out.n);
}

static void a_trial_answers_and_leaves_nothing(void **state)
{
    static const struct {
        const char *method, *path, *body;
        int status;
        const char *shows;
    } cases[] = {
        { "POST", "/Users",
          "{'userName':'new','ENT':{'manager':{'value':'ana'},'department':'Ops'}}", 201,
          "'userName':'new'" },
        { "POST", "/Users", "{'userName':'ANA'}", 409, "'scimType':'uniqueness'" },
        { "POST", "/Users", "{}", 400, "'scimType':'invalidValue'" },
        { "POST", "/Users", "{'userName':", 400, "'scimType':'invalidSyntax'" },
        { "PUT", "/Users/{user}", "{'userName':'ana','active':false}", 200, "'active':false" },
        { "PUT", "/Users/{user}", "{'userName':'other','title':'T'}", 200, "'title':'T'" },
        { "PATCH", "/Users/{user}", PATCH_OP("{'op':'replace','path':'title','value':'New'}"), 200,
          "'title':'New'" },
        { "PATCH", "/Users/{user}", PATCH_OP("{'op':'replace','path':'shoeSize','value':'4'}"), 400,
          "'scimType':'invalidPath'" },
        { "PATCH", "/Users/aaaaaaaaaaaab", PATCH_OP("{'op':'remove','path':'title'}"), 404,
          "'status':'404'" },
        { "DELETE", "/Users/{user}", NULL, 204, NULL },
        { "DELETE", "/Users/nonsense", NULL, 404, "no user" },
        { "POST", "/Groups", "{'displayName':'New','members':[{'value':'{user}'}]}", 201,
          "'displayName':'New'" },
        { "PUT", "/Groups/{group}", "{'displayName':'Renamed'}", 200, "'displayName':'Renamed'" },
        { "PATCH", "/Groups/{group}", PATCH_OP("{'op':'remove','path':'members'}"), 200,
          "'displayName':'Cooks'" },
    };
    struct place p;

    open_place(state, &p);
    struct arena *a = p.w->mem;
    const char *user = made(&p, SCIM_USERS, "{'userName':'ana','title':'Old'}");
    made(&p, SCIM_USERS, "{'userName':'waits','ENT':{'manager':{'value':'new'}}}");
    const char *group =
        made(&p, SCIM_GROUPS,
             arena_printf(a, "{'displayName':'Cooks','members':[{'value':'%s'}]}", user));
    const char *before = everything(&p);
    for (int round = 0; round < 2;
         round++) /* a trial is no reason for another answer to the next */
        for (size_t i = 0; i < COUNT(cases); i++) {
            const char *path = filled(a, cases[i].path, user, group);
            const char *body = cases[i].body ? filled(a, cases[i].body, user, group) : NULL;
            yyjson_val *answer;
            print_message("%s %s %s\n", cases[i].method, path, body ? body : "");
            assert_int_equal(tried(&p, cases[i].method, path, body, &answer), cases[i].status);
            if (cases[i].shows) {
                const char *text = yyjson_val_write(answer, YYJSON_WRITE_NOFLAG, NULL);
                assert_non_null(strstr(text, scim_text(a, cases[i].shows)));
                free((char *)text);
            } else {
                assert_null(answer);
            }
            assert_string_equal(everything(&p), before);
        }
    made(&p, SCIM_USERS, "{'userName':'real'}");    /* and the store writes on */
    assert_string_not_equal(everything(&p), before);
}

static void only_writes_of_one_thing_are_tried(void **state)
{
    static const struct { const char *method, *path; } cases[] = {
        { "GET", "/scim/v2/Users" },
        { "POST", "/scim/v2/Bulk" },
        { "POST", "/scim/v2/Users/.search" },
        { "POST", "/scim/v2/.search" },
        { "DELETE", "/scim/v2/Groups/aaaaaaaaaaaab" },
        { "PUT", "/scim/v2/Users" },
        { "POST", "/Users" },
        { "PATCH", "/scim/v2/Usersaurus/aaaaaaaaaaaab" },
        { "PATCH", "/scim/v2/Me" },
    };
    struct place p;

    open_place(state, &p);
    for (size_t i = 0; i < COUNT(cases); i++) {
        print_message("%s %s\n", cases[i].method, cases[i].path);
        assert_err(refused(&p, cases[i].method, cases[i].path), ERR_UNSUPPORTED, "");
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        BOTH_ENGINES(a_trial_answers_and_leaves_nothing),
        ON_SQLITE(only_writes_of_one_thing_are_tried),
    };
    int failed = RUN_TESTS(tests);

    scim_spaces_free();
    return failed;
}
